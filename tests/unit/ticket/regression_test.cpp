// Mistakes of other systems, by name (issues of their trackers): none of them may come back here. Those about clocks and calendars are
// tested in workflow, merges and destinations in city_test.cpp, timers of several processes in crash_test.cpp.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/exchange.hpp"
#include "hotline/ticket/open311.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

struct File {
  std::string path = testing::TempDir() + "/regression_" + std::to_string(getpid()) + ".db";
  ~File() {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
};

}  // namespace

// camunda/camunda #6515: redeploying the same model re-armed its timers. StoneCypher/jssm #513: entry hooks ran again on restore.
// boost-ext/sml #547: no round trip of the current state.
TEST(Regression, Camunda6515Jssm513OpeningAgainChangesNothing) {
  const File file;
  std::string snapshot;
  Time due{};
  {
    Service s = open_small(store::Database::open(file.path).value());
    const auto a = s.intake(complaint("1")).value();
    ASSERT_TRUE(act(s, a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})").ok());
    snapshot = s.state_json(a.ticket).value();
    due = *s.next_timer().value();
  }
  Service s = open_small(store::Database::open(file.path).value());
  EXPECT_EQ(s.state_json(TicketId{1}).value(), snapshot);
  EXPECT_EQ(s.next_timer().value(), due);
  EXPECT_EQ(s.history(TicketId{1})->size(), 2u);
  EXPECT_EQ(s.claim_outbox(at(0min), 1min)->size(), 1u);
}

// A changed definition under the same version would make running tickets mean something else.
TEST(Regression, AnEditedDefinitionNeedsANewVersion) {
  auto db = store::Database::open("sqlite::memory:").value();
  (void)open_small(db);
  std::string text = kSmallLoop;
  text.replace(text.find("after: 24h"), 10, "after: 48h");
  Diagnostics d("small.yaml");
  const auto edited = workflow::Definition::parse(text, "small.yaml", d).value();
  EXPECT_EQ(Service::open(db, {}, {&edited, 1}).code(), ErrorCode::conflict);
}

// temporalio/temporal #1069: long histories were terminated.
TEST(Regression, Temporal1069LongHistoriesGoOn) {
  auto db = store::Database::open("sqlite::memory:").value();
  Service s = Service::open(db, {}).value();
  Intake in = complaint("1");
  in.actor = {"citizen", {"citizen"}, ""};
  const auto a = s.intake(in).value();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(act(s, a.ticket, "inform", {"agent:1", {"agent"}, ""}, std::chrono::minutes(i), R"({"text":"x"})").ok());
  EXPECT_EQ(s.history(a.ticket)->size(), 501u);
  EXPECT_TRUE(verify(db)->good());
}

// FixMyStreet SendDaemon: a crash between "processing" and the result left the row stuck; #3228: stale rows were retried for ever.
TEST(Regression, FixMyStreet3228ADeadCourierLosesItsLeaseAndAHopelessRowStops) {
  Service s = open_small(store::Database::open("sqlite::memory:").value());
  const auto a = s.intake(complaint("1")).value();
  ASSERT_TRUE(act(s, a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})").ok());
  const auto first = s.claim_outbox(at(0min), 1min).value();
  ASSERT_EQ(first.size(), 1u);
  const auto second = s.claim_outbox(at(2min), 1min).value();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].key, first[0].key) << "the consumer knows it by its key";
  EXPECT_TRUE(s.undelivered(second[0].id, "no such address", std::nullopt).ok());
  EXPECT_TRUE(s.claim_outbox(at(9999h), 1min)->empty());
}

// open311.github.io #61, fixmystreet PR #2167: "closed" was shown as "fixed", and every adapter invented statuses.
TEST(Regression, Open311Issue61ClosedIsNotFixed) {
  EXPECT_EQ(open311_status("rejected"), "closed");
  EXPECT_EQ(open311_status("replied"), "open");
  Service s = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  Intake in = complaint("1");
  in.actor = {"citizen", {"citizen"}, ""};
  in.title = "a <b> & \"c\"";
  const auto a = s.intake(in).value();
  ASSERT_TRUE(act(s, a.ticket, "refuse", {"agent:1", {"agent"}, ""}, 1min, R"({"reason":"decided","where_to_go":"court"})").ok());
  Open311 adapter(s, {});
  const std::string json = adapter.answer({"GET", "/requests/" + a.number + ".json", {}}, at(1h)).body;
  EXPECT_NE(json.find("\"status\":\"closed\",\"status_notes\":\"not accepted\""), std::string::npos) << json;
  const std::string xml = adapter.answer({"GET", "/requests/" + a.number + ".xml", {}}, at(1h)).body;
  EXPECT_NE(xml.find("a &lt;b&gt; &amp; &quot;c&quot;"), std::string::npos) << xml;
}

// zammad #2347, #983: merging what was merged before said "object already exists". #4176: the target did not say when it was touched last.
// fixmystreet PR #1873: a duplicate without its original.
TEST(Regression, Zammad2347MergesRepeatAndNameTheirTarget) {
  auto db = store::Database::open("sqlite::memory:").value();
  Service s = Service::open(db, {}).value();
  const Actor agent{"agent:1", {"agent"}, ""}, dispatcher{"agent:2", {"dispatcher"}, ""};
  std::vector<Accepted> all;
  for (int i = 0; i < 3; ++i) {
    Intake in = complaint(std::to_string(i));
    in.actor = {"citizen", {"citizen"}, ""};
    in.citizen.phone = "13800000000";
    in.place += std::to_string(i);
    all.push_back(s.intake(in).value());
  }
  const std::string into = "{\"into\":\"" + all[2].number + "\"}";
  EXPECT_EQ(act(s, all[0].ticket, "merge", agent, 1min).code(), ErrorCode::invalid_argument) << "into what?";
  for (int round = 0; round < 2; ++round) {
    const Duration when = std::chrono::minutes(2 + 4 * round);
    ASSERT_TRUE(act(s, all[0].ticket, "merge", agent, when, into).ok());
    ASSERT_TRUE(act(s, all[1].ticket, "merge", agent, when + 1min, into).ok()) << "of the same citizen";
    EXPECT_EQ(s.find(all[2].ticket)->updated_at, at(when + 1min));
    EXPECT_EQ(s.history(all[2].ticket)->back().type, "absorb");
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(act(s, all[i].ticket, "unmerge", dispatcher, when + 2min).ok());
  }
  EXPECT_TRUE(verify(db)->good());
}

// flowable #2354, Activiti #4697: one job that failed was never unlocked, and held up those behind it.
TEST(Regression, Flowable2354OneBrokenTicketDoesNotHoldUpTheTimersOfOthers) {
  auto db = store::Database::open("sqlite::memory:").value();
  const auto fill = [](Service& s) {
    for (int i = 0; i < 3; ++i) {
      const auto a = s.intake(complaint(std::to_string(i))).value();
      ASSERT_TRUE(act(s, a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})").ok());
    }
  };
  {
    Service s = open_small(db);
    fill(s);
  }
  ASSERT_TRUE(db.write([](store::Transaction& t) { return t.post("UPDATE ticket SET snapshot = ? WHERE id = 2", {store::Blob{"broken"}}); }).ok());
  Service s = open_small(db);
  EXPECT_EQ(s.fire_timers(at(2h)).value(), 2);
  const auto failing = s.failing_timers().value();
  ASSERT_EQ(failing.size(), 1u);
  EXPECT_EQ(failing[0].ticket, TicketId{2});
  for (const std::uint64_t id : {1, 3}) EXPECT_EQ(s.history(TicketId{id})->back().type, "timer:sign");
  EXPECT_FALSE(verify(db)->good()) << "and the broken one is found";
}

// glpi #2908, #4170: reminders for the time to own never fired.
TEST(Regression, Glpi2908TheTimeToOwnRemindsToo) {
  Service s = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  Intake in = complaint("1");
  in.actor = {"citizen", {"citizen"}, ""};
  const auto a = s.intake(in).value();
  ASSERT_TRUE(act(s, a.ticket, "submit", {"agent:1", {"agent"}, ""}, 1min).ok());
  EXPECT_GT(s.fire_timers(at(25h)).value(), 1);
  std::string sent;
  const auto items = s.claim_outbox(at(25h), 1min).value();
  for (const auto& item : items) sent += item.text_template + " ";
  EXPECT_NE(sent.find("dispatch_soon_due"), std::string::npos) << sent;
  EXPECT_NE(sent.find("dispatch_overdue"), std::string::npos) << sent;
}

// fixmystreet #1334: what waited to be sent was dropped when the report's state moved on.
TEST(Regression, FixMyStreet1334WhatWaitsIsSentThoughTheTicketMovedOn) {
  Service s = open_small(store::Database::open("sqlite::memory:").value());
  const auto a = s.intake(complaint("1")).value();
  ASSERT_TRUE(act(s, a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})").ok());
  ASSERT_TRUE(act(s, a.ticket, "sign", officer("water"), 1min).ok());
  ASSERT_TRUE(act(s, a.ticket, "reply", officer("water"), 2min, R"({"text":"ok"})").ok());
  ASSERT_TRUE(act(s, a.ticket, "visit_result", kVisitor, 3min, R"({"satisfaction":5})").ok());
  const auto items = s.claim_outbox(at(4min), 1min).value();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].text_template, "dispatched");
  EXPECT_EQ(items[1].text_template, "replied");
}

// basiltt/xstate-statemachine #107, #213: a timer that fired while the process ended was lost; kiegroup/jbpm #1847: or came twice after it.
TEST(Regression, Xstate107TimersDueWhileNobodyRanFireOnceAfterwards) {
  const File file;
  {
    Service s = open_small(store::Database::open(file.path).value());
    const auto a = s.intake(complaint("1")).value();
    ASSERT_TRUE(act(s, a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})").ok());
  }
  for (const int expected : {3, 0}) {
    Service s = open_small(store::Database::open(file.path).value());
    EXPECT_EQ(s.fire_timers(at(48h)).value(), expected);
  }
  Service s = open_small(store::Database::open(file.path).value());
  const auto history = s.history(TicketId{1}).value();
  EXPECT_EQ(std::count_if(history.begin(), history.end(), [](const auto& e) { return e.type.starts_with("timer:"); }), 3);
  EXPECT_NE(history[2].body.find("late_by"), std::string::npos) << "and says how late it is";
}

// A spreadsheet runs what begins with = (OWASP, "CSV injection").
TEST(Regression, ExportsHoldNoFormulas) {
  Service s = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  Intake in = complaint("1");
  in.actor = {"citizen", {"citizen"}, ""};
  in.title = "=cmd|' /C calc'!A0";
  ASSERT_TRUE(s.intake(in).ok());
  std::string csv;
  ASSERT_TRUE(export_log(s, "csv", [&](std::string_view part) { csv += part; }).ok());
  EXPECT_NE(csv.find("\"'=cmd"), std::string::npos);
}
