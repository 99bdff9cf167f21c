// The shipped 12345 closed loop, whole, through the service.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/kpi.hpp"
#include "hotline/ticket/search.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kCatalogue = R"(
version: 1
units:
  - {id: city}
  - {id: water, parent: city, leader: "director:li"}
  - {id: depot, parent: water}
  - {id: roads, parent: city}
  - {id: shinan, parent: city}
rules:
  - {category: water, lead: water, assist: [roads]}
catch_all: [{lead: shinan}]
)";

class City : public testing::Test {
 protected:
  City() {
    const auto definition = workflow::Definition::load(HOTLINE_SOURCE_DIR "/data/workflows/city-12345.yaml").value();
    const auto calendar = workflow::Calendar::load(HOTLINE_SOURCE_DIR "/data/calendars/cn.yaml").value();
    service = std::make_unique<Service>(Service::open(db, {}, {&definition, 1}, {&calendar, 1}).value());
    Diagnostics d("c.yaml");
    EXPECT_TRUE(service->publish(Catalogue::parse(kCatalogue, "c.yaml", d).value()).ok());
  }

  Accepted intake(std::string id, Duration when = Duration{0}) {
    Intake in = complaint(std::move(id), when);
    in.actor = citizen;
    auto made = service->intake(in);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return made.ok() ? *made : Accepted{};
  }
  Result<Outcome> act(TicketId ticket, std::string event, Actor actor, Duration when, std::string fields = {}, std::string facts = {}) {
    return test::act(*service, ticket, std::move(event), std::move(actor), when, std::move(fields), std::move(facts));
  }
  std::string state(const Result<Outcome>& outcome) { return outcome.ok() ? outcome->state : outcome.error().text(); }

  store::Database db = store::Database::open("sqlite::memory:").value();
  std::unique_ptr<Service> service;
  Actor citizen{"citizen", {"citizen"}, ""}, agent{"agent:1", {"agent"}, ""}, dispatcher{"agent:2", {"dispatcher"}, ""},
      reviewer{"agent:3", {"reviewer"}, ""}, visitor{"agent:4", {"visitor"}, ""}, archivist{"agent:5", {"archivist"}, ""},
      water{"officer:w", {"unit"}, "water"}, roads{"officer:r", {"unit"}, "roads"};
};

}  // namespace

TEST_F(City, ClosesTheLoop) {
  const Accepted a = intake("call-1");
  EXPECT_EQ(service->public_status(a.number)->phrase, "已受理");
  EXPECT_EQ(state(act(a.ticket, "submit", agent, 1min)), "TRIAGE");
  EXPECT_EQ(service->responsible(a.ticket, at(1min))->lead, "water");
  EXPECT_EQ(state(act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["water","roads"],"lead":"water"})")), "DISPATCHED");
  EXPECT_EQ(state(act(a.ticket, "sign", water, 10min)), "HANDLING");
  EXPECT_EQ(state(act(a.ticket, "begin", water, 11min)), "HANDLING");
  EXPECT_EQ(state(act(a.ticket, "reply", water, 60min, R"({"public_text":"管道已修复","internal_text":"换管3米","contacted":true})")), "REPLIED");
  EXPECT_EQ(service->public_status(a.number)->reply, "") << "not reviewed yet";
  EXPECT_EQ(state(act(a.ticket, "review_pass", reviewer, 70min)), "VISIT");
  EXPECT_EQ(service->public_status(a.number)->reply, "管道已修复");
  EXPECT_EQ(state(act(a.ticket, "visit_result", visitor, 80min, R"({"contacted":true,"solved":true,"satisfaction":"satisfied"})")), "CLOSED");
  EXPECT_EQ(state(act(a.ticket, "archive", archivist, 90min)), "ARCHIVED");
  EXPECT_TRUE(verify(db)->good());
}

TEST_F(City, OnlyCompetentUnitsWithoutReason) {
  const Accepted a = intake("call-1");
  (void)act(a.ticket, "submit", agent, 1min);
  EXPECT_EQ(act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["shinan"],"lead":"shinan"})").code(), ErrorCode::ok) << "the catch-all is always competent";
  const Accepted b = intake("call-2");
  (void)act(b.ticket, "submit", agent, 1min);
  EXPECT_EQ(act(b.ticket, "dispatch", dispatcher, 5min, R"({"units":["city"],"lead":"city"})").code(), ErrorCode::conflict);
  EXPECT_TRUE(act(b.ticket, "dispatch", dispatcher, 5min, R"({"units":["city"],"lead":"city","override":"市长批示"})").ok());
}

TEST_F(City, TheUnitComplainedAboutDoesNotGetIt) {
  Intake in = complaint("call-1");
  in.actor = citizen;
  in.complained_unit = "water";
  const Accepted a = service->intake(in).value();
  (void)act(a.ticket, "submit", agent, 1min);
  EXPECT_EQ(act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["water"],"lead":"water"})").code(), ErrorCode::conflict);
  EXPECT_EQ(act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["depot"],"lead":"depot"})").code(), ErrorCode::conflict) << "nor a unit below it";
  EXPECT_TRUE(act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["roads"],"lead":"roads"})").ok());
}

TEST_F(City, EmergenciesCallTheLeader) {
  Intake in = complaint("call-1");
  in.actor = citizen;
  in.level = "emergency";
  const Accepted a = service->intake(in).value();
  (void)act(a.ticket, "submit", agent, 1min);
  EXPECT_TRUE(act(a.ticket, "dispatch", dispatcher, 2min, R"({"units":["water"],"lead":"water"})").ok());
  const auto items = service->claim_outbox(at(2min), 1min).value();
  bool called = false;
  for (const auto& item : items) called = called || (item.channel == "conference" && item.recipient == "leader:director:li");
  EXPECT_TRUE(called);
}

// zammad #1216: two agents merge in opposite directions; both ended merged and nobody answered.
TEST_F(City, Zammad1216OppositeMergesEndWithOneOpenTicket) {
  const Accepted a = intake("call-1"), b = intake("call-2");
  const std::string into_b = "{\"into\":\"" + b.number + "\"}", into_a = "{\"into\":\"" + a.number + "\"}";
  EXPECT_EQ(state(act(a.ticket, "merge", agent, 1min, into_b)), "MERGED");
  EXPECT_EQ(act(b.ticket, "merge", agent, 1min, into_a).code(), ErrorCode::conflict);
  EXPECT_EQ(act(b.ticket, "merge", agent, 1min, into_b).code(), ErrorCode::conflict) << "into itself";
  EXPECT_EQ(act(b.ticket, "merge", agent, 1min, R"({"into":"00000000"})").code(), ErrorCode::not_found);
  // The source's number answers with the target's state; the merge is in both histories (zammad #2469).
  (void)act(b.ticket, "submit", agent, 2min);
  EXPECT_EQ(service->public_status(a.number)->phrase, service->public_status(b.number)->phrase);
  const auto events = service->history(b.ticket).value();
  EXPECT_EQ(events[1].type, "absorb");
  // Undone, both are as before.
  EXPECT_EQ(state(act(a.ticket, "unmerge", dispatcher, 3min)), "TRIAGE");
  EXPECT_FALSE(service->find(a.ticket)->merged_into);
  EXPECT_EQ(service->history(b.ticket)->back().type, "release");
  // Merged again (zammad #983).
  EXPECT_EQ(state(act(a.ticket, "merge", agent, 4min, into_b)), "MERGED");
  EXPECT_TRUE(verify(db)->good());
}

// osTicket #5379: a merge bricked the ticket. zammad PR #4176: what the merged one promised was lost. The strictest due time stays
// through the next transitions, and goes with the ticket that brought it.
TEST_F(City, OsTicket5379AMergedTicketGoesOnAndKeepsTheStrictestDueTime) {
  const Accepted loose = intake("call-1");
  Intake in = complaint("call-2");
  in.actor = citizen;
  in.level = "emergency";
  const Accepted strict = service->intake(in).value();
  const Time early = *service->find(strict.ticket)->due, late = *service->find(loose.ticket)->due;
  ASSERT_LT(early, late);
  EXPECT_EQ(state(act(strict.ticket, "merge", agent, 1min, "{\"into\":\"" + loose.number + "\"}")), "MERGED");
  EXPECT_EQ(service->find(loose.ticket)->due, early);
  EXPECT_EQ(state(act(loose.ticket, "submit", agent, 2min)), "TRIAGE");
  EXPECT_EQ(service->find(loose.ticket)->due, early);
  EXPECT_EQ(state(act(strict.ticket, "unmerge", dispatcher, 3min)), "TRIAGE");
  EXPECT_TRUE(act(loose.ticket, "inform", agent, 4min, R"({"text":"x"})").ok());
  EXPECT_EQ(service->find(loose.ticket)->due, late);
  EXPECT_TRUE(verify(db)->good());
}

TEST_F(City, AChainOfMergesAnswersWithTheLast) {
  const Accepted a = intake("1"), b = intake("2"), c = intake("3");
  (void)act(a.ticket, "merge", agent, 1min, "{\"into\":\"" + b.number + "\"}");
  (void)act(b.ticket, "merge", agent, 1min, "{\"into\":\"" + c.number + "\"}");
  (void)act(c.ticket, "submit", agent, 2min);
  EXPECT_EQ(service->public_status(a.number)->phrase, "已受理，正在确定承办单位");
  EXPECT_EQ(service->find(a.ticket)->merged_into, c.ticket);
}

// fixmystreet #3168: one success marked all destinations as sent.
TEST_F(City, FixMyStreet3168EveryDestinationIsDeliveredOnItsOwn) {
  const Accepted a = intake("call-1");
  (void)act(a.ticket, "submit", agent, 1min);
  (void)act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["water","roads"],"lead":"water"})");
  std::vector<OutboxItem> sent;
  const auto claimed = service->claim_outbox(at(5min), 1min).value();
  for (const auto& item : claimed)
    if (item.text_template == "dispatched") sent.push_back(item);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].recipient, "unit:water");
  EXPECT_EQ(sent[1].recipient, "unit:roads");
  EXPECT_TRUE(service->delivered(sent[0].id, at(5min)).ok());
  const auto again = service->claim_outbox(at(10min), 1min).value();
  EXPECT_TRUE(std::any_of(again.begin(), again.end(), [](const auto& i) { return i.recipient == "unit:roads" && i.text_template == "dispatched"; }));
  EXPECT_FALSE(std::any_of(again.begin(), again.end(), [](const auto& i) { return i.recipient == "unit:water" && i.text_template == "dispatched"; }));
}

TEST_F(City, SecretTextsStaySecret) {
  Intake in = complaint("call-1");
  in.actor = citizen;
  in.citizen = {"王美丽女士", "13800000000", "", "", ""};
  const Accepted a = service->intake(in).value();
  EXPECT_TRUE(act(a.ticket, "raise_secrecy", agent, 1min, R"({"to":"identity_hidden"})").ok());
  EXPECT_EQ(service->find(a.ticket)->secrecy, Secrecy::identity);
  (void)act(a.ticket, "submit", agent, 1min);
  (void)act(a.ticket, "dispatch", dispatcher, 5min, R"({"units":["water"],"lead":"water"})");
  (void)act(a.ticket, "sign", water, 6min);
  EXPECT_EQ(act(a.ticket, "reply", water, 7min, R"({"public_text":"已联系王美丽女士","internal_text":"","contacted":true})").code(), ErrorCode::conflict);
  EXPECT_TRUE(act(a.ticket, "reply", water, 7min, R"({"public_text":"已联系来电人","internal_text":"","contacted":true})").ok());
}

TEST_F(City, AWithdrawalNeedsTheCitizen) {
  const Accepted a = intake("call-1");
  EXPECT_EQ(act(a.ticket, "withdraw", citizen, 1min).code(), ErrorCode::conflict);
  EXPECT_EQ(state(act(a.ticket, "withdraw", citizen, 1min, {}, R"({"authenticated":true})")), "WITHDRAWN");
  EXPECT_EQ(service->public_status(a.number)->state, "withdrawn");
}

TEST_F(City, FiguresFollowTheLogAndListTheirTickets) {
  Kpis kpis(*service);
  std::vector<Accepted> all;
  for (int i = 0; i < 4; ++i) all.push_back(intake("c" + std::to_string(i), std::chrono::hours(i)));
  (void)act(all[0].ticket, "refuse", agent, 5h, R"({"reason":"decided","where_to_go":"court"})");
  const Period day = kpis.period(PeriodUnit::day, at(0h));
  EXPECT_EQ(day.first, *parse_time("2026-11-22T00:00:00+08:00"));
  auto received = kpis.figures("received", day).value();
  EXPECT_EQ(received[0].numerator, 3);
  EXPECT_EQ(received[0].denominator, 4);
  (void)act(all[1].ticket, "merge", agent, 6h, "{\"into\":\"" + all[2].number + "\"}");
  EXPECT_EQ(kpis.figures("received", day).value()[0].numerator, 2);
  EXPECT_EQ(kpis.figures("received_with_merged", day).value()[0].numerator, 3);
  EXPECT_EQ(kpis.drill_down("received", day, Part::numerator).value(), (std::vector<TicketId>{all[2].ticket, all[3].ticket}));
  EXPECT_EQ(kpis.drill_down("received", day, Part::numerator, {}, 1).value(), std::vector<TicketId>{all[2].ticket});
  EXPECT_EQ(kpis.drill_down("received", day, Part::numerator, all[2].ticket).value(), std::vector<TicketId>{all[3].ticket});
  EXPECT_EQ(kpis.drill_down("received", day, Part::numerator, TicketId{999'999}).error().code(), ErrorCode::conflict);
  EXPECT_EQ(kpis.drill_down("received", day, Part::rest).value(), (std::vector<TicketId>{all[0].ticket, all[1].ticket}));

  const auto close = [&](const Accepted& a, const char* satisfaction, Duration when) {
    (void)act(a.ticket, "submit", agent, when);
    (void)act(a.ticket, "dispatch", dispatcher, when, R"({"units":["water"],"lead":"water"})");
    (void)act(a.ticket, "sign", water, when);
    (void)act(a.ticket, "reply", water, when, R"({"public_text":"ok","internal_text":"","contacted":true})");
    (void)act(a.ticket, "review_pass", reviewer, when);
    EXPECT_TRUE(act(a.ticket, "visit_result", visitor, when, std::string("{\"contacted\":true,\"satisfaction\":\"") + satisfaction + "\"}").ok());
  };
  close(all[2], "satisfied", 24h);
  close(all[3], "dissatisfied", 24h);  // handled again, not yet assessed
  const Period next = kpis.period(PeriodUnit::day, at(24h));
  const auto satisfied = kpis.figures("satisfaction_rate", next, GroupBy::unit).value();
  ASSERT_EQ(satisfied.size(), 1u);
  EXPECT_EQ(satisfied[0].group, "water");
  EXPECT_EQ(satisfied[0].numerator, 1);
  EXPECT_EQ(satisfied[0].denominator, 1);
  EXPECT_TRUE(kpis.figures("satisfaction_rate", next, GroupBy::unit, 5).value()[0].suppressed);
  EXPECT_EQ(kpis.publish("satisfaction_rate", next, at(48h)).value(), 1);
  EXPECT_EQ(kpis.publish("satisfaction_rate", next, at(49h)).value(), 1) << "the same again is no restatement";
  const auto compared = kpis.compare("received", PeriodUnit::month, at(0h)).value();
  EXPECT_EQ(compared.now.denominator, 4);
  EXPECT_EQ(compared.before.denominator, 0);
  EXPECT_EQ(compared.now.workdays, 21) << "November 2026";
  EXPECT_EQ(change(compared.now, compared.before).numerator, std::nullopt) << "nothing to compare with";
  Figure now{"", {}, 30, 40, false, 20}, then{"", {}, 20, 40, false, 16};
  EXPECT_DOUBLE_EQ(*change(now, then).rate_points, 25);
  EXPECT_DOUBLE_EQ(*change(now, then).numerator, 0.5);
  EXPECT_DOUBLE_EQ(*change(now, then).numerator_a_workday, 0.2);
  EXPECT_EQ(kpis.figures("city-12345.satisfaction", next).value()[0].numerator, 1) << "the definition's own figures";
  EXPECT_EQ(kpis.figures("nonsense", day).code(), ErrorCode::not_found);
  // Counted again from the stored states, everything is the same.
  const auto before = kpis.series("received", PeriodUnit::day, at(0h), 3).value();
  EXPECT_EQ(kpis.recount().value(), 4u);
  const auto after = kpis.series("received", PeriodUnit::day, at(0h), 3).value();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(before[i].numerator, after[i].numerator);
}

TEST_F(City, LateTicketsDoNotHideFromTheOnTimeRate) {
  Kpis kpis(*service);
  const Accepted a = intake("c");
  (void)act(a.ticket, "submit", agent, 1h);
  (void)act(a.ticket, "dispatch", dispatcher, 1h, R"({"units":["water"],"lead":"water"})");
  const Time due = *service->find(a.ticket)->due;
  EXPECT_GT(due, at(24h));
  while (service->next_timer().value() && *service->next_timer().value() < at(24h * 60)) ASSERT_TRUE(service->fire_timers(*service->next_timer().value()).ok());
  EXPECT_TRUE(service->find(a.ticket)->overdue);
  const auto year = kpis.figures("on_time_rate", kpis.period(PeriodUnit::year, at(0h))).value();
  EXPECT_EQ(year[0].numerator, 0);
  EXPECT_EQ(year[0].denominator, 1) << "open and overdue counts";
}

// The time to return an assignment, to object, to be suspended: it runs out, and nobody is late.
TEST_F(City, OnlyDeadlinesMakeATicketLate) {
  const Accepted a = intake("c");
  (void)act(a.ticket, "submit", agent, 1min);
  (void)act(a.ticket, "dispatch", dispatcher, 2min, R"({"units":["water"],"lead":"water"})");
  EXPECT_EQ(service->find(a.ticket)->due, at(2min) + 168h) << "the service's term, not the window for returning it";
  (void)act(a.ticket, "sign", water, 3min);
  ASSERT_TRUE(service->fire_timers(at(100h)).ok());
  EXPECT_FALSE(service->find(a.ticket)->overdue);
  (void)act(a.ticket, "reply", water, 101h, R"({"public_text":"ok","internal_text":"","contacted":true})");
  (void)act(a.ticket, "review_pass", reviewer, 102h);
  (void)act(a.ticket, "visit_result", visitor, 103h, R"({"contacted":true,"satisfaction":"satisfied"})");
  EXPECT_FALSE(service->find(a.ticket)->due);
  ASSERT_TRUE(service->fire_timers(at(24h * 40)).ok());
  EXPECT_EQ(service->find(a.ticket)->state, "CLOSED");
  EXPECT_FALSE(service->find(a.ticket)->overdue) << "the time to object is over";
}

TEST_F(City, PeriodsFollowTheCalendar) {
  Kpis kpis(*service);
  const Time t = *parse_time("2026-12-31T23:30:00+08:00");
  EXPECT_EQ(kpis.period(PeriodUnit::week, t).first, *parse_time("2026-12-28T00:00:00+08:00"));
  EXPECT_EQ(kpis.period(PeriodUnit::month, t, 1).first, *parse_time("2027-01-01T00:00:00+08:00"));
  EXPECT_EQ(kpis.period(PeriodUnit::quarter, t).first, *parse_time("2026-10-01T00:00:00+08:00"));
  EXPECT_EQ(kpis.period(PeriodUnit::year, t, -1).first, *parse_time("2025-01-01T00:00:00+08:00"));
  EXPECT_EQ(kpis.period(PeriodUnit::day, t).last, *parse_time("2027-01-01T00:00:00+08:00"));
}
