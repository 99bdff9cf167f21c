// Every policy with its tie rules: one table for "which agent", one for "which contact". Agents stand in the author's order;
// ties go to the longest idle, then to the author's order; contacts' ties to the longest wait, then to who came first.
#include <gtest/gtest.h>

#include <algorithm>

#include "hotline/acd.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

Time at(Duration d) { return time_from_ns(1'700'000'000'000'000'000) + d; }

// What an agent has done before the contact in question comes.
struct Past {
  Duration signed_on;     // ready from then on
  std::vector<std::pair<Duration, Duration>> talks;  // from, to
};

// The agent who is offered a contact that comes at 1000 s. `agents`: their fields in the definition.
std::uint32_t chosen(const std::string& order, const std::vector<std::string>& agents, const std::vector<Past>& past, const std::string& queue = "",
                     const std::string& more = "") {
  std::string yaml = "acd: 1\nskills: {s: {weight: 2}, t: {}}\nteams: {one: {}, two: {}}\n" + more + "queues: {q: {agents: " + order + queue + "}, work: {auto_accept: true}}\nagents:\n";
  for (std::size_t i = 0; i < agents.size(); ++i) yaml += "  a" + std::to_string(i + 1) + ": {" + agents[i] + "}\n";
  Events events;
  Router router(parse_definition(yaml, "policy.yaml").value(), events);
  struct Step {
    Duration when;
    std::uint32_t agent;
    int what;  // 0 sign on, 1 talk begins, 2 talk ends
  };
  std::vector<Step> steps;
  for (std::uint32_t a = 0; a < past.size(); ++a) {
    steps.push_back({past[a].signed_on, a + 1, 0});
    for (const auto& [from, to] : past[a].talks) {
      steps.push_back({from, a + 1, 1});
      if (to < 1000s) steps.push_back({to, a + 1, 2});
    }
  }
  std::stable_sort(steps.begin(), steps.end(), [](auto& x, auto& y) { return x.when < y.when; });
  std::vector<ContactId> talk(past.size() + 1);
  for (const Step& s : steps) {
    const AgentId agent{s.agent};
    if (s.what == 0) {
      EXPECT_EQ(router.login(agent, at(s.when)), Outcome::done);
      EXPECT_EQ(router.ready(agent, at(s.when)), Outcome::done);
    } else if (s.what == 1) {
      // A contact that only this agent may take: pulled out of the queue.
      const auto only = router.require("agent.id == \"a" + std::to_string(s.agent) + "\"").value();
      talk[s.agent] = router.enqueue({.queue = QueueId{2}, .requires_ = only}, at(s.when)).value();
      EXPECT_EQ(router.contact(talk[s.agent])->state, ContactState::talking);
    } else {
      EXPECT_EQ(router.ended(talk[s.agent], at(s.when)), Outcome::done);
    }
  }
  events.clear();
  (void)router.enqueue({.queue = QueueId{1}}, at(1000s));
  EXPECT_TRUE(router.check().ok());
  for (const Event& e : events)
    if (e.type == EventType::offered) return e.agent.value;
  return 0;
}

}  // namespace

TEST(Policies, WhichAgentExactly) {
  const std::vector<std::string> plain = {"", "", ""};
  const Past early{0s, {}}, late{100s, {}};
  // longest_idle; ties: the author's order.
  EXPECT_EQ(chosen("longest_idle", plain, {{50s, {}}, {20s, {}}, {20s, {}}}), 2u);
  EXPECT_EQ(chosen("longest_idle", plain, {{0s, {{1s, 2s}}}, {0s, {{1s, 30s}}}, {0s, {{1s, 3s}}}}), 1u);
  // shortest_idle.
  EXPECT_EQ(chosen("shortest_idle", plain, {{50s, {}}, {70s, {}}, {70s, {}}}), 2u);
  // fewest_contacts: the number; then the longest idle; then the order.
  EXPECT_EQ(chosen("fewest_contacts", plain, {{0s, {{1s, 2s}, {3s, 4s}}}, {0s, {{5s, 900s}}}, {0s, {{1s, 2s}, {5s, 6s}}}}), 2u);
  EXPECT_EQ(chosen("fewest_contacts", plain, {{0s, {{1s, 50s}}}, {0s, {{1s, 40s}}}, {0s, {{1s, 40s}}}}), 2u);
  // In a window that fades, old contacts count less: ten long ago are fewer than two just now.
  EXPECT_EQ(chosen("fewest_contacts", {"", ""}, {{0s, {{900s, 901s}, {902s, 903s}}}, {0s, {{1s, 2s}, {3s, 4s}, {5s, 6s}, {7s, 8s}}}}, ", window: 60s"), 2u);
  EXPECT_EQ(chosen("fewest_contacts", {"", ""}, {{0s, {{900s, 901s}, {902s, 903s}}}, {0s, {{1s, 2s}, {3s, 4s}, {5s, 6s}, {7s, 8s}}}}), 1u);
  // least_talk: seconds of talk, not the number of talks.
  EXPECT_EQ(chosen("least_talk", plain, {{0s, {{1s, 60s}}}, {0s, {{1s, 11s}, {20s, 30s}, {40s, 50s}}}, {0s, {{1s, 100s}}}}), 2u);
  EXPECT_EQ(chosen("least_talk", plain, {{0s, {{50s, 60s}}}, {0s, {{40s, 50s}}}, {0s, {{40s, 50s}}}}), 2u);
  EXPECT_EQ(chosen("least_talk", {"", ""}, {{0s, {{800s, 990s}}}, {0s, {{1s, 300s}}}}, ", window: 30s"), 2u);
  // least_occupied: busy time; since sign-on without a window, faded with one.
  EXPECT_EQ(chosen("least_occupied", plain, {{0s, {{1s, 300s}}}, {0s, {{1s, 200s}}}, {0s, {{1s, 201s}}}}), 2u);
  EXPECT_EQ(chosen("least_occupied", {"", ""}, {{0s, {{900s, 990s}}}, {0s, {{1s, 200s}}}}, ", window: 60s"), 2u);
  // least_occupied_signon: the share of the time since sign-on, whatever the amount.
  EXPECT_EQ(chosen("least_occupied_signon", plain, {{900s, {{910s, 940s}}}, {0s, {{1s, 201s}}}, {900s, {{910s, 950s}}}}), 2u);  // 0.30, 0.20, 0.40
  EXPECT_EQ(chosen("least_occupied_signon", plain, {{0s, {{100s, 200s}}}, {0s, {{300s, 400s}}}, {0s, {{50s, 150s}}}}), 3u);     // equal: longest idle
  // linear and round_robin: the author's order; round_robin goes on after the last one chosen.
  EXPECT_EQ(chosen("linear", plain, {late, early, early}), 1u);
  EXPECT_EQ(chosen("round_robin", plain, {late, early, early}), 1u);
  // best_match: sum of weight x level over what the requirement names; then the longest idle.
  EXPECT_EQ(chosen("best_match", {"skills: {s: 40, t: 90}", "skills: {s: 60, t: 60}", "skills: {s: 60, t: 10}"}, {early, early, early}, ", requires: skill.s > 0 && skill.t > 0"), 2u);  // 170, 180, 130
  EXPECT_EQ(chosen("best_match", {"skills: {s: 50}", "skills: {s: 50}", "skills: {s: 50, t: 100}"}, {late, early, early}, ", requires: skill.s > 0"), 2u);  // t is not asked for
  // fewest_skills: the specialist; then the longest idle.
  EXPECT_EQ(chosen("fewest_skills", {"skills: [s, t]", "skills: [s]", "skills: [s]"}, {early, late, late}, ", requires: skill.s > 0"), 2u);
  // fastest: expected handling time, given or learned (a sixteenth of each new one); then the longest idle.
  EXPECT_EQ(chosen("fastest", {"handling_time: 90s", "handling_time: 60s", "handling_time: 60s"}, {early, late, early}), 3u);
  EXPECT_EQ(chosen("fastest", {"", "", ""}, {{0s, {{1s, 101s}}}, {0s, {{1s, 41s}}}, {0s, {{1s, 61s}}}}), 2u);
  // weighted_idle (RANKED): lowest tier, then idle x weight of the membership.
  EXPECT_EQ(chosen("weighted_idle", {"queues: {q: {weight: 1}, work: }", "queues: {q: {weight: 3}, work: }", "queues: {q: {tier: 2, weight: 99}, work: }"}, {{0s, {}}, {600s, {}}, {0s, {}}}), 2u);  // 1000, 1200
  EXPECT_EQ(chosen("weighted_idle", {"queues: {q: {weight: 1}, work: }", "queues: {q: {weight: 2}, work: }", "queues: [q, work]"}, {{0s, {}}, {600s, {}}, {0s, {}}}), 1u);  // 1000, 800, 1000
  // team_ratio (QUEUE-RATIO): (busy + 1) / (signed on x weight); of equal teams the longest idle.
  EXPECT_EQ(chosen("team_ratio", {"team: one", "team: one", "team: two", "team: two"}, {{0s, {{1s, 2s}}}, {0s, {{3s, 2000s}}}, {50s, {}}, {50s, {}}}), 3u);  // 2/2, 1/2
  EXPECT_EQ(chosen("team_ratio", {"team: one", "team: one", "team: two"}, {late, late, early}), 1u);                                                          // 1/2, 1/1
  EXPECT_EQ(chosen("team_ratio", {"team: one", "team: two"}, {late, early}), 2u);
  // weighted_random: never one of weight 0.
  EXPECT_EQ(chosen("weighted_random", {"weight: 0", "weight: 0", "weight: 1"}, {early, early, early}), 3u);
  // weights (WR): constant + a x wait + b x idle of the pair (team, queue); ties as ever.
  const std::string pairs = "rules: {}\n";
  EXPECT_EQ(chosen("weights", {"team: one", "team: two", "team: two"}, {{0s, {}}, {0s, {}}, {0s, {}}}, ", idle_factor: 1", pairs), 1u);
  // Tier before everything; an agent of tier 1 who has just got free goes before one idle for an hour.
  for (const char* order : {"longest_idle", "shortest_idle", "fewest_contacts", "least_talk", "least_occupied", "least_occupied_signon", "round_robin", "linear", "random",
                            "weighted_random", "fewest_skills", "best_match", "fastest", "weighted_idle", "team_ratio", "weights", "custom"})
    EXPECT_EQ(chosen(order, {"queues: {q: 2, work: 1}", "queues: {q: 1, work: 1}", "queues: {q: 3, work: 1}"}, {early, {0s, {{1s, 900s}}}, early}), 2u) << order;
}

TEST(Policies, WeightsOfPairs) {
  const auto of = [](const std::string& weights_one, const std::string& weights_two) {
    const std::string yaml = "acd: 1\nteams: {one: {weights: {q: {" + weights_one + "}}}, two: {weights: {q: {" + weights_two +
                             "}}}}\nqueues: {q: {agents: weights}}\nagents: {a1: {team: one}, a2: {team: two}}\n";
    Events events;
    Router router(parse_definition(yaml, "weights.yaml").value(), events);
    for (std::uint32_t a = 1; a <= 2; ++a) (void)router.login(AgentId{a}, at(0s)), (void)router.ready(AgentId{a}, at(a * 100s));
    events.clear();
    (void)router.enqueue({.queue = QueueId{1}}, at(300s));
    return events.at(0).agent.value;
  };
  EXPECT_EQ(of("constant: 0", "constant: 1"), 2u);
  EXPECT_EQ(of("idle_factor: 1", "idle_factor: 1"), 1u);                  // 200, 100
  EXPECT_EQ(of("idle_factor: 1", "idle_factor: 1, constant: 101"), 2u);   // 200, 201
  EXPECT_EQ(of("idle_factor: 1", "idle_factor: 1, constant: 100"), 1u);   // equal: longest idle
}

// Steps may carry tiers of their own (STAGED), and the contact's class.
TEST(Policies, TiersOfAStep) {
  Events events;
  Router router(parse_definition("acd: 1\nteams: {one: , two: }\nqueues: {q: {steps: [{requires: 'agent.id == \"nobody\"', wait: 10s}, {mode: replace, tiers: {one: 2, two: 1}, class: 3}]}}\n"
                                 "agents: {a1: {team: one}, a2: {team: two}, nobody: }\n", "tiers.yaml").value(), events);
  for (std::uint32_t a = 1; a <= 2; ++a) (void)router.login(AgentId{a}, at(0s)), (void)router.ready(AgentId{a}, at(0s));
  const auto contact = router.enqueue({.queue = QueueId{1}}, at(1s)).value();
  router.advance(at(11s));
  EXPECT_EQ(events.back().agent.value, 2u);
  EXPECT_EQ(router.contact(contact)->strict_class, 3);
}

namespace {

// The tag of the contact that an agent who gets ready at 100 s is offered: 1 of queue q, 2 of queue r. Both lines by arrival.
struct Line {
  std::string fields;
  std::vector<Duration> arrivals;
};
std::uint64_t taken(const std::string& order, const Line& q, const Line& r, Duration first_look = 100s) {
  const std::string yaml = "acd: 1\nteams: {t: {order: " + order + ", serves: [r, q]}}\nqueues: {q: {" + q.fields + "}, r: {" + r.fields + "}}\nagents: {a1: {team: t}}\n";
  Events events;
  Router router(parse_definition(yaml, "order.yaml").value(), events);
  std::vector<std::pair<Duration, std::uint32_t>> all;
  for (const Duration d : q.arrivals) all.push_back({d, 1});
  for (const Duration d : r.arrivals) all.push_back({d, 2});
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.first < b.first; });
  for (const auto& [when, queue] : all) (void)router.enqueue({.queue = QueueId{queue}, .tag = queue}, at(when));
  (void)router.login(AgentId{1}, at(first_look)), (void)router.ready(AgentId{1}, at(first_look));
  EXPECT_TRUE(router.check().ok());
  return events.back().type == EventType::offered ? events.back().tag : 0;
}

}  // namespace

TEST(Policies, WhichContactExactly) {
  EXPECT_EQ(taken("first_come", {"", {10s}}, {"", {11s}}), 1u);
  EXPECT_EQ(taken("first_come", {"", {11s}}, {"", {10s}}), 2u);
  EXPECT_EQ(taken("first_come", {"", {10s}}, {"", {10s}}), 1u);                       // who came first
  EXPECT_EQ(taken("first_come", {"", {10s}}, {"head_start: 20s", {20s}}), 2u);
  EXPECT_EQ(taken("first_come", {"", {10s}}, {"head_start: 10s", {20s}}), 1u);        // equal: who came first
  EXPECT_EQ(taken("first_come", {"", {10s}}, {"weight: 1", {90s}}), 2u);
  EXPECT_EQ(taken("first_come", {"class: 1", {99s}}, {"weight: 9", {1s}}), 1u);       // class before weight
  EXPECT_EQ(taken("first_come", {"key: deadline, target: 60s", {10s}}, {"key: deadline, target: 20s", {49s}}), 2u);  // due at 70, at 69
  EXPECT_EQ(taken("listed", {"", {1s, 2s, 3s}}, {"", {99s}}), 2u);
  EXPECT_EQ(taken("weighted_wait", {"factor: 1", {10s}}, {"factor: 2", {56s}}), 1u);  // 90, 88
  EXPECT_EQ(taken("weighted_wait", {"factor: 1", {10s}}, {"factor: 2", {54s}}), 2u);  // 90, 92
  EXPECT_EQ(taken("weighted_wait", {"factor: 1", {10s}}, {"factor: 2", {55s}}), 1u);  // equal: longest wait
  EXPECT_EQ(taken("longest_queue", {"", {1s, 2s, 3s}}, {"", {1s, 2s}}), 1u);
  EXPECT_EQ(taken("longest_queue", {"", {1s, 2s}}, {"", {3s, 4s}}), 2u);              // equal: the list
  EXPECT_EQ(taken("queue_ratio", {"share: 0.7", {1s, 2s, 3s}}, {"share: 0.3", {1s, 2s}}), 2u);  // 3 - 3.5, 2 - 1.5
  EXPECT_EQ(taken("queue_ratio", {"share: 0.5", {1s, 2s, 3s}}, {"share: 0.5", {1s, 2s}}), 1u);
  EXPECT_EQ(taken("urgency", {"target: 60s", {10s}}, {"target: 10s", {86s}}), 1u);    // 1.5, 1.4
  EXPECT_EQ(taken("urgency", {"target: 60s", {10s}}, {"target: 10s", {84s}}), 2u);    // 1.5, 1.6
  EXPECT_EQ(taken("gcmu", {"service_time: 60s", {10s}}, {"service_time: 30s", {56s}}), 1u);  // 1.5, 1.47
  EXPECT_EQ(taken("gcmu", {"service_time: 60s", {10s}}, {"service_time: 30s", {54s}}), 2u);  // 1.5, 1.53
  EXPECT_EQ(taken("aging", {"aging: 50s", {10s}}, {"aging: 20s", {59s}}), 2u);        // one level, two levels
  EXPECT_EQ(taken("aging", {"aging: 50s", {40s}}, {"aging: 20s", {75s}}), 1u);        // one level each: first come
  EXPECT_EQ(taken("weights", {"constant: 10", {10s}}, {"constant: 0, factor: 2", {51s}}), 1u);  // 100, 98
  EXPECT_EQ(taken("weights", {"constant: 10", {10s}}, {"constant: 0, factor: 2", {49s}}), 2u);  // 100, 102
  EXPECT_EQ(taken("weights", {"constant: -91", {10s}}, {"constant: -51", {50s}}), 0u);          // both below zero
  EXPECT_EQ(taken("custom", {"", {10s}}, {"", {9s}}), 2u);                            // without a function: first come
}

// WR: at the very moment when the weight is no longer below zero, by a timer; whatever happened in between.
TEST(Policies, WeightsCrossZeroAtTheMoment) {
  Events events;
  Router router(parse_definition("acd: 1\nrules: {order: weights}\nqueues: {q: {constant: -30, factor: 2, idle_factor: 1}, r: {constant: -1000}}\nagents: {a1: , a2: }\n", "wr.yaml").value(), events);
  (void)router.login(AgentId{1}, at(0s)), (void)router.ready(AgentId{1}, at(0s));
  (void)router.login(AgentId{2}, at(6s)), (void)router.ready(AgentId{2}, at(6s));
  (void)router.enqueue({.queue = QueueId{1}, .tag = 1}, at(12s));  // -30 + 2 (t - 12) + t = 0 at 18 s with a1
  (void)router.enqueue({.queue = QueueId{2}, .tag = 2}, at(12s));
  ASSERT_TRUE(router.next_deadline());
  EXPECT_EQ(*router.next_deadline(), at(18s));
  router.advance(at(18s) - 1ns);
  EXPECT_NE(events.back().type, EventType::offered);
  (void)router.not_ready(AgentId{1}, at(18s) - 1ns);                // the one whom it was about leaves: a2 alone, at 20 s
  router.advance(at(20s) - 1ns);
  EXPECT_NE(events.back().type, EventType::offered);
  router.advance(at(20s));
  ASSERT_EQ(events.back().type, EventType::offered);
  EXPECT_EQ(events.back().agent.value, 2u);
  EXPECT_EQ(events.back().tag, 1u);
  EXPECT_TRUE(router.check().ok());
}
