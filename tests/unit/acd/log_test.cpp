#include "hotline/acd/log.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

Time at(std::int64_t ms) { return time_from_ns(1'700'000'000'000'000'000 + ms * 1'000'000); }

Definition centre() {
  Definition d;
  d.add_channel({.name = "voice"});
  d.add_skill("zh");
  d.add_queue({.name = "q"});
  for (int i = 0; i < 5; ++i) d.add_agent({.name = "a" + std::to_string(i), .skills = {{SkillId{1}, 50}}});
  return d;
}

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("hotline_acd_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return path / "acd.log"; }
};

}  // namespace

TEST(Log, AfterKillMinusNineEverybodyKeepsThePlace) {
  Folder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {  // the centre that dies: it syncs, then writes half a record, then waits to be killed
    Events events;
    auto log = Log::open(folder.file()).value();
    auto router = log.recover(centre(), events).value();
    const auto run = [&](Command c) {
      (void)log.append(c);
      return execute(router, c);
    };
    for (std::uint32_t a = 1; a <= 2; ++a) run({.verb = Verb::login, .at = to_ns(at(0)), .agent = a}), run({.verb = Verb::ready, .at = to_ns(at(0)), .agent = a});
    for (int i = 0; i < 10; ++i) run(to_command({.queue = QueueId{1}, .tag = static_cast<std::uint64_t>(100 + i)}, at(10 + i)));
    for (const Event& e : Events(events))  // the first is talking, the second rings
      if (e.type == EventType::offered && e.tag == 100) run({.verb = Verb::accept, .at = to_ns(at(30)), .contact = e.offer.value});
    (void)log.sync();
    std::ofstream(folder.file(), std::ios::app | std::ios::binary) << "ACD1 half a rec";
    (void)!::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  Events events;
  auto log = Log::open(folder.file()).value();
  Recovered what;
  auto router = log.recover(centre(), events, &what).value();
  EXPECT_EQ(what.commands, 4u + 10u + 1u);
  EXPECT_GT(what.cut, 0u);
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(router.queue(QueueId{1})->waiting, 8u);
  const Command again{.verb = Verb::restarted, .at = to_ns(at(1000))};
  (void)log.append(again);
  execute(router, again);
  // The one that rang is offered anew, first of all; nobody is offered twice.
  std::vector<std::uint64_t> offered;
  for (const Event& e : events)
    if (e.type == EventType::offered) offered.push_back(e.tag);
  EXPECT_EQ(offered, std::vector<std::uint64_t>{101});
  EXPECT_EQ(events.front().type, EventType::offer_ended);
  EXPECT_EQ(events.front().reason, Reason::restarted);
  // The one who talked is released when the host stays silent.
  events.clear();
  router.advance(at(1000) + 2min);
  bool released = false;
  for (const Event& e : events) released = released || (e.type == EventType::released && e.tag == 100 && e.reason == Reason::restarted);
  EXPECT_TRUE(released);
  EXPECT_TRUE(router.check().ok());
}

TEST(Log, SnapshotAndTailMakeTheSameState) {
  Folder folder;
  Events events;
  auto log = Log::open(folder.file()).value();
  auto router = log.recover(centre(), events).value();
  const auto run = [&](Command c) {
    (void)log.append(c);
    return execute(router, c);
  };
  ASSERT_TRUE(log.append_requirement("skill.zh >= 20").ok());
  const auto need = router.require("skill.zh >= 20").value();
  for (int i = 0; i < 50; ++i) {
    run(to_command({.queue = QueueId{1}, .tag = static_cast<std::uint64_t>(i), .requires_ = i % 2 ? need : RequirementId{}}, at(i)));
    if (i == 30) {
      ASSERT_TRUE(log.snapshot(router).ok());
    }
  }
  ASSERT_TRUE(log.sync().ok());
  Events other_events;
  auto other_log = Log::open(folder.file()).value();
  Recovered what;
  auto other = other_log.recover(centre(), other_events, &what).value();
  EXPECT_TRUE(what.from_snapshot);
  EXPECT_EQ(what.commands, 19u);
  EXPECT_EQ(other.save(), router.save());
  Definition changed = centre();
  changed.version = 2;
  EXPECT_EQ(Log::open(folder.file()).value().recover(changed, other_events).code(), ErrorCode::version_mismatch);
}

// Every command is idempotent by its client's id: in the running router, after a snapshot, after recovery.
TEST(Log, ClientIdsHoldThroughSnapshotAndRecovery) {
  Folder folder;
  Command enter = to_command({.queue = QueueId{1}, .tag = 7}, at(1));
  enter.id = 0x1234567890abcdef;
  ContactId first;
  {
    Events events;
    auto log = Log::open(folder.file()).value();
    auto router = log.recover(centre(), events).value();
    (void)log.append(enter);
    first = execute(router, enter).contact;
    ASSERT_TRUE(first);
    Command again = enter;
    again.at = to_ns(at(5));  // the client tries once more, later
    EXPECT_EQ(execute(router, again).contact, first);
    again.queue = 2;
    EXPECT_EQ(execute(router, again).outcome, Outcome::reused);
    EXPECT_EQ(router.waiting(), 1u);
    const auto text = [&](const char* verb, const std::string& json, std::int64_t ms) {
      (void)log.append(verb, json, at(ms));
      return router.apply(verb, *parse_document(json, "command"), at(ms)).ok();
    };
    EXPECT_TRUE(text("contact.enqueue", R"({"id":"k1","contact":"王女士","queue":"q"})", 10));
    ASSERT_TRUE(log.snapshot(router).ok());
    EXPECT_TRUE(text("contact.withdraw", R"({"id":"k2","contact":"王女士","by":"a4","note":"已解决 solved"})", 20));
    EXPECT_FALSE(text("contact.withdraw", R"({"id":"k3","contact":"nobody"})", 21));  // refused now, refused again
    ASSERT_TRUE(log.sync().ok());
  }
  Events events;
  auto log = Log::open(folder.file()).value();
  Recovered what;
  auto router = log.recover(centre(), events, &what).value();
  EXPECT_TRUE(what.from_snapshot);
  EXPECT_EQ(what.commands, 2u);
  EXPECT_EQ(execute(router, enter).contact, first);
  EXPECT_EQ(router.waiting(), 1u);
  const auto apply = [&](const std::string& json, const char* verb) { return router.apply(verb, *parse_document(json, "command"), at(99)); };
  EXPECT_TRUE(apply(R"({"id":"k2","contact":"王女士","by":"a4","note":"已解决 solved"})", "contact.withdraw").ok());
  EXPECT_EQ(apply(R"({"id":"k2","contact":"王女士","by":"a4","note":"other"})", "contact.withdraw").code(), ErrorCode::command_reused);
  EXPECT_TRUE(apply(R"({"id":"k1","contact":"王女士","queue":"q"})", "contact.enqueue").ok());
  EXPECT_FALSE(router.find_contact("王女士"));  // done before, not done again
  EXPECT_TRUE(events.empty());
}

// The last 65,536 ids are known, older ones are forgotten one by one.
TEST(Log, IdsAreForgottenInOrder) {
  Events events;
  Router router(centre(), events);
  Command login{.verb = Verb::login, .at = to_ns(at(0)), .agent = 1, .id = 1};
  EXPECT_EQ(execute(router, login).outcome, Outcome::done);
  Command ready{.verb = Verb::ready, .at = to_ns(at(0)), .agent = 1};
  Command rest{.verb = Verb::not_ready, .at = to_ns(at(0)), .agent = 1};
  for (std::uint64_t i = 0; i < 65535; ++i) {
    Command& c = i % 2 == 0 ? ready : rest;
    c.id = 100 + i * 0x9E3779B97F4A7C15ull;
    ASSERT_EQ(execute(router, c).outcome, Outcome::done);
    events.clear();
  }
  EXPECT_EQ(execute(router, login).outcome, Outcome::done);  // still known: nothing happens
  EXPECT_TRUE(events.empty());
  rest.id = 3;
  ASSERT_EQ(execute(router, rest).outcome, Outcome::done);
  EXPECT_EQ(execute(router, login).outcome, Outcome::wrong_state);  // forgotten: tried again
}

// A crash between the snapshot and the cut of the log: what the snapshot holds is not done twice.
TEST(Log, CrashBetweenSnapshotAndCutDoesNothingTwice) {
  Folder folder;
  std::string before;
  Events events;
  auto log = Log::open(folder.file()).value();
  auto router = log.recover(centre(), events).value();
  for (int i = 0; i < 5; ++i) {
    const Command c = to_command({.queue = QueueId{1}, .tag = static_cast<std::uint64_t>(i)}, at(i));
    (void)log.append(c);
    execute(router, c);
  }
  ASSERT_TRUE(log.sync().ok());
  std::filesystem::copy_file(folder.file(), folder.file() + ".old");
  ASSERT_TRUE(log.snapshot(router).ok());
  std::filesystem::rename(folder.file() + ".old", folder.file());
  Events others;
  auto second = Log::open(folder.file()).value();
  Recovered what;
  auto other = second.recover(centre(), others, &what).value();
  EXPECT_EQ(what.commands, 0u);
  EXPECT_EQ(other.waiting(), 5u);
  EXPECT_EQ(other.save(), router.save());
}

// Without its snapshot a log that begins later is refused, not taken for the whole.
TEST(Log, ALogWithoutItsSnapshotIsRefused) {
  Folder folder;
  Events events;
  auto log = Log::open(folder.file()).value();
  auto router = log.recover(centre(), events).value();
  const Command c = to_command({.queue = QueueId{1}}, at(1));
  (void)log.append(c);
  execute(router, c);
  ASSERT_TRUE(log.snapshot(router).ok());
  std::filesystem::remove(folder.file() + ".snapshot");
  EXPECT_EQ(Log::open(folder.file()).value().recover(centre(), events).code(), ErrorCode::corrupt);
}

// Policies of the host took part in what happened: they are there again before anything is replayed.
TEST(Log, CustomPoliciesAreReplayed) {
  Folder folder;
  Definition d = centre();
  d.queues[0].agents = AgentOrder::custom;
  const auto last = [](void*, ContactCandidate, std::span<const AgentCandidate> agents, Time) { return static_cast<std::int64_t>(agents.size()) - 1; };
  const auto prepare = [&](Router& r) { r.set_agent_chooser(QueueId{1}, {last, nullptr}); };
  Events events;
  auto log = Log::open(folder.file()).value();
  auto router = log.recover(d, events, nullptr, prepare).value();
  const auto run = [&](const Command& c) { (void)log.append(c), execute(router, c); };
  for (std::uint32_t a = 1; a <= 5; ++a) run({.verb = Verb::login, .at = to_ns(at(0)), .agent = a}), run({.verb = Verb::ready, .at = to_ns(at(a)), .agent = a});
  run(to_command({.queue = QueueId{1}}, at(10)));
  EXPECT_EQ(events.back().agent.value, 5u);
  ASSERT_TRUE(log.sync().ok());
  Events others;
  auto other = Log::open(folder.file()).value().recover(d, others, nullptr, prepare).value();
  EXPECT_EQ(other.agent(AgentId{5})->state, AgentState::offered);
  EXPECT_EQ(other.save(), router.save());
}

// A definition changed under the running router: the log goes on with the new one.
TEST(Log, RedefineTakesASnapshot) {
  Folder folder;
  Events events;
  auto log = Log::open(folder.file()).value();
  auto router = log.recover(centre(), events).value();
  const Command c = to_command({.queue = QueueId{1}}, at(1));
  (void)log.append(c);
  execute(router, c);
  Definition next = centre();
  next.version = 2;
  next.add_queue({.name = "r"});
  ASSERT_TRUE(log.redefine(router, next, at(2)).ok());
  const Command d = to_command({.queue = QueueId{2}}, at(3));
  (void)log.append(d);
  execute(router, d);
  ASSERT_TRUE(log.sync().ok());
  Events others;
  auto other = Log::open(folder.file()).value().recover(next, others).value();
  EXPECT_EQ(other.waiting(), 2u);
  EXPECT_EQ(other.save(), router.save());
}
