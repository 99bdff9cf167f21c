// Mistakes of other job executors, by name: a timer that fails, a restart, an outage.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hotline/ticket/audit.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

// Its timer copies a field that may be missing.
constexpr const char* kFragile = R"(
workflow: fragile
version: 1
roles: [clerk]
fields: {note: string, copy: string}
regions: {main: {states: {OPEN: {owner: clerk, timers: [look]}, LOOKED: {owner: clerk}, END: {final: true}}}}
timers: {look: {after: 1h, raise: look}}
events: {look: {internal: true}, write: {by: clerk, fields: {note: string}}, end: {by: clerk}}
transitions:
  - {on: look, from: OPEN, to: LOOKED, do: [{set: {copy: "note + '!'"}}]}
  - {on: write, from: OPEN, do: [{set: {note: event.note}}]}
  - {on: end, from: [OPEN, LOOKED], to: END}
public_status: {OPEN: {code: accepted, zh: 受理, en: accepted}, LOOKED: {code: handling, zh: 办理, en: handled}, END: {code: closed, zh: 办结, en: closed}}
)";

struct File {
  std::string path = testing::TempDir() + "/timers_" + std::to_string(getpid()) + ".db";
  ~File() {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
};

std::string last_event(Service& s, TicketId ticket) {
  const auto events = s.history(ticket).value();
  return events.back().type + " " + events.back().body;
}

}  // namespace

// flowable #2354: a timer whose job threw stayed locked for ever; #3848 and Activiti #4697: jobs did not go on afterwards.
TEST(Timers, OneThatFailsIsTriedAgainAndHoldsNobodyUp) {
  Diagnostics d("fragile");
  const auto definition = workflow::Definition::parse(kFragile, "fragile", d);
  ASSERT_TRUE(definition.ok()) << d.to_text();
  auto db = store::Database::open(":memory:").value();
  Service s = Service::open(db, {}, {&*definition, 1}).value();
  const Actor clerk{"clerk:1", {"clerk"}, ""};
  const TicketId broken = s.intake(complaint("1")).value().ticket, whole = s.intake(complaint("2", 1min)).value().ticket;
  ASSERT_TRUE(act(s, whole, "write", clerk, 2min, R"({"note":"好"})").ok());

  // One at a time: the one that cannot fire is due first, and makes way.
  EXPECT_EQ(s.fire_timers(at(2h), 1).value(), 0);
  EXPECT_EQ(s.fire_timers(at(2h), 1).value(), 1);
  EXPECT_EQ(s.find(whole)->state, "LOOKED");
  EXPECT_EQ(s.find(broken)->state, "OPEN");
  EXPECT_EQ(s.history(broken)->size(), 1u) << "nothing of it happened";
  auto failing = s.failing_timers().value();
  ASSERT_EQ(failing.size(), 1u);
  EXPECT_EQ(failing[0].ticket, broken);
  EXPECT_EQ(failing[0].timer, "look");
  EXPECT_EQ(failing[0].attempts, 1);
  EXPECT_FALSE(failing[0].problem.empty());
  EXPECT_EQ(s.next_timer().value(), at(2h + 1min));
  EXPECT_EQ(s.fire_timers(at(2h + 30s)).value(), 0);
  EXPECT_EQ(s.failing_timers()->at(0).attempts, 1) << "not before its time";
  EXPECT_EQ(s.fire_timers(at(2h + 1min)).value(), 0);
  EXPECT_EQ(s.next_timer().value(), at(2h + 3min)) << "later and later";
  int told = 0;
  const auto outbox = s.claim_outbox(at(3h), 1min).value();
  for (const auto& item : outbox) told += item.text_template == "timer_failed" && item.recipient == "role:supervisor";
  EXPECT_EQ(told, 1) << "once, not at every attempt";

  ASSERT_TRUE(act(s, broken, "write", clerk, 3h, R"({"note":"补"})").ok());
  EXPECT_EQ(s.fire_timers(at(4h)).value(), 1);
  EXPECT_EQ(s.find(broken)->state, "LOOKED");
  EXPECT_NE(last_event(s, broken).find("\"late_by\":\"3h\""), std::string::npos) << "by the time it was first due: " << last_event(s, broken);
  EXPECT_TRUE(s.failing_timers()->empty());
  const auto verified = verify(db).value();
  EXPECT_TRUE(verified.good()) << verified.findings[0].what;
}

// Activiti #4697, jbpm #2037: after a restart timers were lost, or came in any order.
TEST(Timers, ARestartedProcessFiresWhatWasDueOnceInDueOrder) {
  const File file;
  std::vector<TicketId> ids;
  {
    Service s = open_small(store::Database::open(file.path).value());
    for (int i = 0; i < 3; ++i) ids.push_back(s.intake(complaint(std::to_string(i))).value().ticket);
    for (int i = 0; i < 3; ++i)  // the last one is due first
      ASSERT_TRUE(act(s, ids[static_cast<std::size_t>(i)], "dispatch", kDispatcher, 20min - i * 10min, R"({"lead":"water"})").ok());
  }
  auto db = store::Database::open(file.path).value();
  Service s = open_small(db);
  const char* const late[] = {"1h", "50m", "40m"};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(s.fire_timers(at(3h), 1).value(), 1);
    const std::string event = last_event(s, ids[static_cast<std::size_t>(2 - i)]);
    EXPECT_TRUE(event.starts_with("timer:sign ")) << event;
    EXPECT_NE(event.find("\"late_by\":\"" + std::string(late[i])), std::string::npos) << event;
  }
  EXPECT_EQ(s.fire_timers(at(3h)).value(), 0) << "once";
  EXPECT_TRUE(verify(db)->good());
}
