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
