// The closed loop through the service, on SQLite and PostgreSQL alike (G1 to G8 of docs/ticket.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "hotline/ticket/audit.hpp"
#include "small_city.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

Outcome must(const Result<Outcome>& outcome) {
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().text());
  return outcome.ok() ? *outcome : Outcome{};
}

Command command(std::string id, TicketId ticket, std::string event, Actor actor, Duration when, std::string fields = {}) {
  Command c;
  c.id = std::move(id);
  c.at = at(when);
  c.actor = std::move(actor);
  c.ticket = ticket;
  c.event = std::move(event);
  c.fields = std::move(fields);
  return c;
}

void the_loop_closes(store::Database& db) {
  Service tickets = open_small(db);
  Intake in = complaint("call-1");
  in.citizen = {"王女士", "+86 138 0000 0000", "370202199001010000", "延安路12号", ""};
  in.attachments = {{"recording", std::string(64, 'a'), "call.wav", "audio/wav", 16000}};
  const Accepted accepted = tickets.intake(in).value();
  EXPECT_EQ(accepted.number.size(), 8u);
  EXPECT_TRUE(accepted.registry.starts_with("00000020261122000000"));
  EXPECT_EQ(accepted.access_code.size(), 6u);
  EXPECT_EQ(accepted.version, 1u);
  EXPECT_EQ(tickets.public_status(accepted.number, "zh").value().phrase, "您的诉求已受理。");

  const TicketId id = accepted.ticket;
  const Outcome sent = must(tickets.apply(command("c2", id, "dispatch", kDispatcher, 10min, R"({"lead":"water","assist":["roads"]})")));
  EXPECT_EQ(sent.state, "HANDLING");
  EXPECT_EQ(sent.version, 2u);
  must(tickets.apply(command("c3", id, "sign", officer("water"), 20min)));
  must(tickets.apply(command("c4", id, "sign", officer("roads"), 21min)));
  must(tickets.apply(command("c5", id, "reply", officer("roads"), 30min, R"({"text":"路面已恢复"})")));
  EXPECT_EQ(tickets.public_status(accepted.number, "en").value().state, "handling");
  EXPECT_EQ(must(tickets.apply(command("c6", id, "reply", officer("water"), 40min, R"({"text":"已抢修"})"))).state, "VISIT");
  EXPECT_EQ(must(tickets.apply(command("c7", id, "visit_result", kVisitor, 50min, R"({"satisfaction":5})"))).state, "CLOSED");
  EXPECT_EQ(tickets.next_timer().value(), at(50min + 24h));
  EXPECT_EQ(tickets.fire_timers(at(50min + 24h)).value(), 1);
  const Ticket closed = tickets.find(accepted.number).value();
  EXPECT_EQ(closed.state, "ARCHIVED");
  EXPECT_EQ(closed.unit, "water");
  EXPECT_EQ(closed.citizen->name, "王女士");
  EXPECT_FALSE(closed.overdue);
  EXPECT_EQ(closed.closed_at, at(50min));
  EXPECT_EQ(tickets.find(accepted.registry).value().id, id);
  EXPECT_EQ(tickets.attachments(id).value(), in.attachments);

  const auto events = tickets.history(id).value();
  EXPECT_EQ(events.size(), 8u);
  EXPECT_EQ(events.back().type, "timer:keep");
  for (const auto& e : events) EXPECT_EQ(e.body.find("138"), std::string::npos) << "personal data in an open event";
  const auto checked = verify(db).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
}

void a_command_id_answers_once(store::Database& db) {
  Service tickets = open_small(db);
  const Accepted a = tickets.intake(complaint("i1")).value();
  const Accepted again = tickets.intake(complaint("i1")).value();
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.number, a.number);
  Intake other = complaint("i1");
  other.title = "another";
  EXPECT_EQ(tickets.intake(other).code(), ErrorCode::command_reused);

  const Command c = command("d1", a.ticket, "dispatch", kDispatcher, 1min, R"({"lead":"water"})");
  const Outcome first = must(tickets.apply(c));
  const Outcome second = must(tickets.apply(c));
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.version, second.version);
  Command changed = c;
  changed.fields = R"({"lead":"roads"})";
  EXPECT_EQ(tickets.apply(changed).code(), ErrorCode::command_reused);
  // One that is possible twice is still done once.
  const Command urge = command("u1", a.ticket, "urge", kDispatcher, 2min);
  EXPECT_FALSE(must(tickets.apply(urge)).repeated);
  EXPECT_TRUE(must(tickets.apply(urge)).repeated);
  EXPECT_EQ(tickets.history(a.ticket)->size(), 3u);
}

void refusals_say_why_and_change_nothing(store::Database& db) {
  Service tickets = open_small(db);
  const Accepted a = tickets.intake(complaint("i1")).value();
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "visit_result", kVisitor, 1min, R"({"satisfaction":1})")).code(), ErrorCode::wrong_state);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "dispatch", kVisitor, 1min, R"({"lead":"water"})")).code(), ErrorCode::denied);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "dispatch", kDispatcher, 1min)).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "dispatch", kDispatcher, 1min, R"({"leed":"water"})")).error().remedy(), "did you mean `lead`?");
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "dispatch", kDispatcher, 1min, "{")).code(), ErrorCode::invalid_document);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "archive", kDispatcher, 1min)).code(), ErrorCode::denied);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "fly", kDispatcher, 1min)).code(), ErrorCode::not_found);
  EXPECT_EQ(tickets.apply(command("x", TicketId{99}, "dispatch", kDispatcher, 1min)).code(), ErrorCode::not_found);
  EXPECT_EQ(tickets.apply(command("x", a.ticket, "sign", officer("water"), 1min)).code(), ErrorCode::wrong_state);
  Command stale = command("x", a.ticket, "urge", kDispatcher, 1min);
  stale.expected_version = 7;
  EXPECT_EQ(tickets.apply(stale).code(), ErrorCode::version_mismatch);
  stale.expected_version = 1;
  EXPECT_TRUE(tickets.apply(stale).ok());
  EXPECT_TRUE(tickets.apply(command("", a.ticket, "urge", kDispatcher, 1min)).ok());
  EXPECT_EQ(tickets.apply(command("", a.ticket, "urge", kDispatcher, 1min)).code(), ErrorCode::limit);
  EXPECT_EQ(tickets.history(a.ticket)->size(), 3u);
}

void repetitions_are_recognised(store::Database& db) {
  Service tickets = open_small(db);
  Intake first = complaint("i1");
  first.citizen.phone = "13800000000";
  const Accepted a = tickets.intake(first).value();
  Intake second = complaint("i2");
  second.citizen.phone = "+86-138-0000-0000";
  const auto refused = tickets.intake(second);
  EXPECT_EQ(refused.code(), ErrorCode::already_exists);
  EXPECT_NE(refused.error().message().find(a.number), std::string::npos);
  second.new_facts = "now the cellar is flooded";
  EXPECT_TRUE(tickets.intake(second).ok());
  Intake elsewhere = complaint("i3");
  elsewhere.citizen.phone = "13800000000";
  elsewhere.place = "other street";
  EXPECT_TRUE(tickets.intake(elsewhere).ok());
}

void timers_remind_and_fire_once(store::Database& db) {
  Service tickets = open_small(db);
  const Accepted a = tickets.intake(complaint("i1")).value();
  must(tickets.apply(command("d", a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})")));
  EXPECT_EQ(tickets.next_timer().value(), at(2h));
  EXPECT_EQ(tickets.fire_timers(at(2h)).value(), 1);  // auto_sign
  EXPECT_EQ(tickets.fire_timers(at(2h)).value(), 0);
  EXPECT_EQ(tickets.fire_timers(at(10h)).value(), 2);  // after an outage: reminder and overdue, in order
  const auto events = tickets.history(a.ticket).value();
  EXPECT_EQ(events[3].type, "timer:handling@-1h");
  EXPECT_NE(events[3].body.find("\"late_by\":\"6h\""), std::string::npos) << events[3].body;
  EXPECT_EQ(events[4].type, "timer:handling@due");
  EXPECT_TRUE(tickets.find(a.ticket)->overdue);
  const auto out = tickets.claim_outbox(at(10h), 1min).value();
  std::vector<std::string> templates;
  for (const auto& item : out) templates.push_back(item.text_template);
  EXPECT_EQ(templates, (std::vector<std::string>{"dispatched", "reminder", "alarm"}));
}

void the_outbox_is_leased_and_retried(store::Database& db) {
  Service tickets = open_small(db);
  Intake in = complaint("i1");
  in.citizen.phone = "13800000000";
  const Accepted a = tickets.intake(in).value();
  must(tickets.apply(command("d", a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})")));
  auto items = tickets.claim_outbox(at(0min), 5min).value();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].channel, "voice") << "who called is called back";
  EXPECT_EQ(items[0].address, "13800000000");
  EXPECT_EQ(items[0].key, a.number + ":2:0");
  EXPECT_TRUE(tickets.claim_outbox(at(1min), 5min)->empty()) << "leased";
  items = tickets.claim_outbox(at(6min), 5min).value();
  ASSERT_EQ(items.size(), 1u) << "who took it died";
  EXPECT_EQ(items[0].attempts, 2);
  EXPECT_TRUE(tickets.undelivered(items[0].id, "no answer", at(30min)).ok());
  EXPECT_TRUE(tickets.claim_outbox(at(20min), 5min)->empty());
  items = tickets.claim_outbox(at(30min), 5min).value();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_TRUE(tickets.delivered(items[0].id, at(31min)).ok());
  EXPECT_TRUE(tickets.claim_outbox(at(999h), 5min)->empty());
  EXPECT_EQ(tickets.undelivered(items[0].id, "late news", at(40min)).code(), ErrorCode::not_found);
  EXPECT_EQ(tickets.delivered(12345, at(31min)).code(), ErrorCode::not_found);
}

void mistyped_numbers_and_wrong_codes(store::Database& db) {
  Service tickets = open_small(db);
  Intake in = complaint("i1");
  in.citizen.phone = "13800000000";
  const Accepted a = tickets.intake(in).value();
  std::string bad = a.number;
  bad[3] = bad[3] == '9' ? '0' : static_cast<char>(bad[3] + 1);
  EXPECT_EQ(tickets.public_status(bad).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(tickets.public_status("").code(), ErrorCode::invalid_argument);
  EXPECT_EQ(tickets.public_status(AcceptanceNumbers({1}).number(77)).code(), ErrorCode::not_found);
  EXPECT_TRUE(tickets.public_status_with_code(a.number, a.access_code, "13800000000", at(0min)).ok());
  const std::string wrong = a.access_code == "000000" ? "000001" : "000000";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tickets.public_status_with_code(a.number, wrong, "caller", at(0min)).code(), ErrorCode::denied);
  EXPECT_EQ(tickets.public_status_with_code(a.number, a.access_code, "caller", at(1min)).code(), ErrorCode::limit);
  EXPECT_TRUE(tickets.public_status_with_code(a.number, a.access_code, "other", at(1min)).ok());
  EXPECT_TRUE(tickets.public_status_with_code(a.number, a.access_code, "caller", at(61min)).ok());
}

void a_forgotten_citizen_is_gone_and_the_chain_holds(store::Database& db) {
  Service tickets = open_small(db);
  Intake in = complaint("i1");
  in.citizen = {"王女士", "13800000000", "", "", ""};
  const Accepted a = tickets.intake(in).value();
  EXPECT_GT(anchor(tickets, at(1h))->events, 0);
  EXPECT_TRUE(tickets.forget_citizen(a.ticket, {"officer:archive", {}, ""}, at(2h)).ok());
  EXPECT_FALSE(tickets.find(a.ticket)->citizen.has_value());
  EXPECT_TRUE(anchor(tickets, at(3h)).ok());
  EXPECT_EQ(anchor(tickets, at(4h))->events, 0);
  const auto checked = verify(db).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
  EXPECT_EQ(checked.anchors, 2u);
  EXPECT_EQ(checked.not_anchored, 0u);
}

void edits_are_found(store::Database& db) {
  Service tickets = open_small(db);
  const Accepted a = tickets.intake(complaint("i1")).value();
  const Accepted b = tickets.intake(complaint("i2")).value();
  must(tickets.apply(command("d", a.ticket, "dispatch", kDispatcher, 0min, R"({"lead":"water"})")));
  EXPECT_TRUE(anchor(tickets, at(1h)).ok());
  const auto found_after = [&](std::string_view sql) {
    // What an administrator with full rights might do; undone by running it in a read, which keeps nothing, is not enough: on a copy.
    EXPECT_TRUE(db.write([&](store::Transaction& t) { return t.post(sql); }).ok()) << sql;
    const auto checked = verify(db).value();
    return checked.findings.size();
  };
  EXPECT_TRUE(verify(db)->good());
  EXPECT_GT(found_after("UPDATE ticket_event SET actor = 'somebody' WHERE version = 2"), 0u);
  EXPECT_TRUE(db.write([&](store::Transaction& t) { return t.post("UPDATE ticket_event SET actor = 'agent:1' WHERE version = 2"); }).ok());
  EXPECT_TRUE(verify(db)->good());
  EXPECT_GT(found_after("UPDATE ticket_anchor SET at = at + 1"), 0u);
  EXPECT_TRUE(db.write([&](store::Transaction& t) { return t.post("UPDATE ticket_anchor SET at = at - 1"); }).ok());
  EXPECT_TRUE(verify(db)->good());
  // A whole ticket gone without a trace but the anchor.
  EXPECT_TRUE(db.write([&](store::Transaction& t) -> Status {
                  HOTLINE_TRY(t.post("DELETE FROM ticket_event WHERE ticket = ?", {b.ticket.value}));
                  return t.post("DELETE FROM ticket WHERE id = ?", {b.ticket.value});
                }).ok());
  EXPECT_FALSE(verify(db)->good());
}

void threads_make_different_numbers(store::Database& db) {
  Service tickets = open_small(db);
  std::vector<std::thread> threads;
  std::vector<std::vector<Accepted>> made(8);
  for (int k = 0; k < 8; ++k)
    threads.emplace_back([&, k] {
      for (int i = 0; i < 20; ++i) made[k].push_back(tickets.intake(complaint("i" + std::to_string(k) + "-" + std::to_string(i))).value());
    });
  for (auto& t : threads) t.join();
  std::set<std::string> numbers, registries;
  for (const auto& list : made)
    for (const auto& a : list) {
      numbers.insert(a.number);
      registries.insert(a.registry);
    }
  EXPECT_EQ(numbers.size(), 160u);
  EXPECT_EQ(registries.size(), 160u);
  EXPECT_TRUE(verify(db)->good());
}

struct Case {
  const char* name;
  void (*run)(store::Database&);
};
#define CASE(name) Case{#name, name}
const Case kCases[] = {CASE(the_loop_closes), CASE(a_command_id_answers_once), CASE(refusals_say_why_and_change_nothing),
                       CASE(repetitions_are_recognised), CASE(timers_remind_and_fire_once), CASE(the_outbox_is_leased_and_retried),
                       CASE(mistyped_numbers_and_wrong_codes), CASE(a_forgotten_citizen_is_gone_and_the_chain_holds), CASE(edits_are_found),
                       CASE(threads_make_different_numbers)};

template <class Fresh>
void run_all(Fresh&& fresh) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    auto db = store::Database::open(fresh());
    ASSERT_TRUE(db.ok()) << db.error().text();
    c.run(*db);
  }
}

}  // namespace

TEST(Tickets, OnSqlite) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("tickets_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  int n = 0;
  run_all([&] { return (folder / (std::to_string(++n) + ".db")).string(); });
  std::filesystem::remove_all(folder);
}

TEST(Tickets, OnPostgres) {
  hotline::test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  run_all([&] { return server.url(); });
}
