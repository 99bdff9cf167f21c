#include <gtest/gtest.h>

#include "acd/timers.hpp"
#include "acd/tree.hpp"
#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

Time at(Duration d) { return time_from_ns(1'700'000'000'000'000'000) + d; }

Definition plain(int agents) {
  Definition d;
  d.add_channel({.name = "voice"});
  d.add_queue({.name = "general"});
  for (int i = 0; i < agents; ++i) d.add_agent({.name = "a" + std::to_string(i + 1)});
  return d;
}

struct Bench {
  Events events;
  Router router;
  explicit Bench(Definition d) : router(std::move(d), events) {}
  void all_ready(Duration t = 0s) {
    for (std::uint32_t a = 1; a <= router.definition().agents.size(); ++a) {
      EXPECT_EQ(router.login(AgentId{a}, at(t)), Outcome::done);
      EXPECT_EQ(router.ready(AgentId{a}, at(t)), Outcome::done);
    }
    events.clear();
  }
  const Event* last(EventType type) const {
    for (auto e = events.rbegin(); e != events.rend(); ++e)
      if (e->type == type) return &*e;
    return nullptr;
  }
  ~Bench() { EXPECT_TRUE(router.check().ok()) << router.check().error().text(); }
};

}  // namespace

TEST(Tree, KeepsOrderAndRanks) {
  TreeNodes nodes(1000);
  Tree tree;
  std::vector<std::pair<Key, std::uint32_t>> model;
  Random random(7);
  for (int step = 0; step < 20000; ++step) {
    const auto i = static_cast<std::uint32_t>(random.below(1000));
    if (nodes[i].linked()) {
      tree.erase(nodes, i);
      model.erase(std::find_if(model.begin(), model.end(), [&](auto& m) { return m.second == i; }));
    } else {
      const Key key{static_cast<std::int64_t>(random.below(50)), 0, i};
      tree.insert(nodes, i, key);
      model.insert(std::lower_bound(model.begin(), model.end(), std::pair{key, i}), {key, i});
    }
    ASSERT_EQ(tree.size(nodes), model.size());
    if (model.empty()) continue;
    ASSERT_EQ(tree.first(), model.front().second);
    ASSERT_EQ(tree.last(), model.back().second);
    const auto r = static_cast<std::uint32_t>(random.below(model.size()));
    ASSERT_EQ(tree.select(nodes, r), model[r].second);
    ASSERT_EQ(tree.rank(nodes, model[r].first), r);
    ASSERT_EQ(tree.next(nodes, model[r].second), r + 1 < model.size() ? model[r + 1].second : kNil);
    const Key key{static_cast<std::int64_t>(random.below(50)), 0, random.below(1000)};
    const auto found = std::lower_bound(model.begin(), model.end(), std::pair{key, 0u}, [](auto& a, auto& b) { return a.first < b.first; });
    ASSERT_EQ(tree.lower_bound(nodes, key), found == model.end() ? kNil : found->second);
  }
}

TEST(Timers, FireInOrder) {
  Timers timers;
  timers.resize(100);
  Random random(3);
  std::vector<std::int64_t> model(100, Timers::kNever);
  for (int step = 0; step < 20000; ++step) {
    const auto i = static_cast<std::uint32_t>(random.below(100));
    model[i] = random.below(4) == 0 ? Timers::kNever : static_cast<std::int64_t>(random.below(1000));
    timers.set(i, model[i]);
    ASSERT_EQ(timers.at(i), model[i]);
    ASSERT_EQ(timers.next(), *std::min_element(model.begin(), model.end()));
  }
}

TEST(Router, ALifeCycleIsFiveEvents) {
  Bench b(plain(1));
  b.all_ready();
  const auto contact = b.router.enqueue({.queue = QueueId{1}, .tag = 42}, at(1s));
  ASSERT_TRUE(contact.ok());
  ASSERT_EQ(b.events.size(), 1u);
  EXPECT_EQ(b.events[0].type, EventType::offered);
  EXPECT_EQ(b.events[0].tag, 42u);
  EXPECT_EQ(b.router.accept(b.events[0].offer, at(2s)), Outcome::done);
  EXPECT_EQ(b.router.contact(*contact)->state, ContactState::talking);
  EXPECT_EQ(b.router.ended(*contact, at(62s)), Outcome::done);
  EXPECT_FALSE(b.router.contact(*contact));
  EXPECT_EQ(b.router.agent(AgentId{1})->state, AgentState::ready);
  EXPECT_EQ(b.router.agent(AgentId{1})->busy, 60s);
}

TEST(Router, StaleIdsAreRefusedWithoutHarm) {
  Bench b(plain(2));
  b.all_ready();
  const auto contact = *b.router.enqueue({.queue = QueueId{1}}, at(1s));
  const OfferId offer = b.events[0].offer;
  EXPECT_EQ(b.router.accept(OfferId{}, at(1s)), Outcome::unknown);
  EXPECT_EQ(b.router.accept(OfferId{~0ull}, at(1s)), Outcome::unknown);
  EXPECT_EQ(b.router.abandon(contact, at(2s)), Outcome::done);
  EXPECT_EQ(b.router.accept(offer, at(3s)), Outcome::expired);
  EXPECT_EQ(b.router.abandon(contact, at(3s)), Outcome::unknown);
  EXPECT_EQ(b.router.ended(contact, at(3s)), Outcome::unknown);
  const auto next = *b.router.enqueue({.queue = QueueId{1}}, at(4s));
  EXPECT_NE(next, contact);
  EXPECT_FALSE(b.router.enqueue({.queue = QueueId{9}}, at(4s)).ok());
  EXPECT_EQ(b.router.login(AgentId{99}, at(4s)), Outcome::unknown);
}

TEST(Router, SkillsAndTiersDecide) {
  Definition d;
  d.add_channel({.name = "voice"});
  const auto zh = d.add_skill("mandarin"), pension = d.add_skill("pension");
  QueueDef q{.name = "pension"};
  q.steps.push_back({Requirement::skill(zh, 50) && Requirement::skill(pension, 60), 30s});
  q.steps.push_back({Requirement::skill(zh, 50)});
  const auto queue = d.add_queue(q);
  d.add_agent({.name = "generalist", .skills = {{zh, 90}}});
  d.add_agent({.name = "beginner", .skills = {{zh, 90}, {pension, 20}}});
  d.add_agent({.name = "expert2", .skills = {{zh, 60}, {pension, 90}}, .queues = {{queue, 2}}});
  d.add_agent({.name = "expert1", .skills = {{zh, 60}, {pension, 90}}, .queues = {{queue, 1}}});
  Bench b(d);
  b.all_ready();
  auto contact = *b.router.enqueue({.queue = queue}, at(1s));
  EXPECT_EQ(b.events.back().agent, AgentId{4});
  contact = *b.router.enqueue({.queue = queue}, at(1s));
  EXPECT_EQ(b.events.back().agent, AgentId{3});
  contact = *b.router.enqueue({.queue = queue}, at(1s));
  EXPECT_EQ(b.events.back().type, EventType::queued);
  EXPECT_EQ(b.router.position(contact).value(), 1u);
  EXPECT_EQ(*b.router.next_deadline(), at(21s));  // the rings, then the step at 31 s
}

TEST(Router, AnImpossibleRequirementIsSaidAtOnce) {
  Definition d = plain(1);
  const auto rare = d.add_skill("tibetan");
  Bench b(d);
  b.all_ready();
  const auto id = b.router.require(Requirement::skill(rare));
  ASSERT_TRUE(id.ok());
  const auto refused = b.router.enqueue({.queue = QueueId{1}, .requires_ = *id}, at(1s));
  EXPECT_EQ(refused.code(), ErrorCode::invalid_expression);
  EXPECT_EQ(b.events.back().reason, Reason::unsatisfiable);
}

TEST(Definitions, AreReadAndComplainedAbout) {
  Diagnostics diagnostics;
  EXPECT_TRUE(parse_definition("acd: 1\nqueues: {q: {agents: round_robin}}\nagents: {a1..a30: {}}\n", "f.yaml", &diagnostics).ok());
  const auto bad = parse_definition(
      "acd: 1\nskills: [mandarin]\nqueues:\n  q: {agents: longest, requires: {mandrin: 50}}\n  r: {overflow: {queue: s}}\n  s: {overflow: {queue: r}}\n", "f.yaml", &diagnostics);
  EXPECT_FALSE(bad.ok());
  const std::string text = diagnostics.to_text();
  EXPECT_NE(text.find("f.yaml:4:15: error D005"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean `mandarin`"), std::string::npos) << text;
  const auto loop = parse_definition("acd: 1\nqueues:\n  r: {overflow: {queue: s}}\n  s: {overflow: {queue: r}}\n", "f.yaml", &diagnostics);
  EXPECT_NE(diagnostics.to_text().find("A112"), std::string::npos) << diagnostics.to_text();
}
