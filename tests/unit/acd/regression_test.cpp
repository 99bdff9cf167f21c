// Where the guarantees of others end, and what their users complain about (repository#thread): each is a test here.
#include <gtest/gtest.h>

#include <set>

#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

Time at(Duration d) { return time_from_ns(1'700'000'000'000'000'000) + d; }

struct Centre {
  Events events;
  Router router;
  explicit Centre(const std::string& yaml) : router(parse_definition("acd: 1\n" + yaml, "centre.yaml").value(), events) {}
  void ready(Duration t = 0s) {
    for (std::uint32_t a = 1; a <= router.definition().agents.size(); ++a) (void)router.login(AgentId{a}, at(t)), (void)router.ready(AgentId{a}, at(t));
    events.clear();
  }
  ContactId call(const char* queue, Duration t, std::uint64_t tag = 0, std::int32_t priority = 0) {
    return router.enqueue({.queue = router.definition().find_queue(queue), .tag = tag, .priority = priority}, at(t)).value();
  }
  std::vector<Event> all(EventType type) const {
    std::vector<Event> found;
    for (const Event& e : events)
      if (e.type == type) found.push_back(e);
    return found;
  }
  ~Centre() { EXPECT_TRUE(router.check().ok()) << router.check().error().text(); }
};

}  // namespace

// asterisk#176: two agents of a ring-all answered and both acknowledged. One accept wins, whatever the order.
TEST(Regression, Asterisk176OneCallOneAgent) {
  Centre c("queues: {q: {fanout: all}}\nagents: {a1..a5: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  const auto offers = c.all(EventType::offered);
  ASSERT_EQ(offers.size(), 5u);
  int won = 0;
  for (const Event& e : offers) won += c.router.accept(e.offer, at(2s)) == Outcome::done;
  EXPECT_EQ(won, 1);
  EXPECT_EQ(c.router.accept(offers[4].offer, at(3s)), Outcome::lost_race);
}

// OpenACD#5, FreeSWITCH reserve-agents=false: a burst must not pick the same best agent for every call.
TEST(Regression, OpenAcd5ABurstSpreads) {
  Centre c("queues: {q: {}}\nagents: {a1..a20: {}}\n");
  c.ready();
  for (int i = 0; i < 20; ++i) (void)c.call("q", 1s);
  std::set<std::uint32_t> agents;
  for (const Event& e : c.all(EventType::offered)) EXPECT_TRUE(agents.insert(e.agent.value).second);
  EXPECT_EQ(agents.size(), 20u);
}

// asterisk#108: order over queues that share agents is the order of arrival.
TEST(Regression, Asterisk108FirstComeOverQueues) {
  Centre c("queues: {q1: {}, q2: {}, q3: {}}\nagents: {a1: {}}\n");
  for (int i = 0; i < 30; ++i) (void)c.call(("q" + std::to_string(1 + (i * 7) % 3)).c_str(), std::chrono::seconds(i), static_cast<std::uint64_t>(i + 1));
  c.ready(100s);
  std::uint64_t expected = 0;
  (void)c.router.not_ready(AgentId{1}, at(100s)), c.events.clear(), (void)c.router.ready(AgentId{1}, at(101s));
  for (int i = 0; i < 30; ++i) {
    const Event offer = c.all(EventType::offered).back();
    EXPECT_EQ(offer.tag, ++expected);
    c.events.clear();
    (void)c.router.accept(offer.offer, at(102s)), (void)c.router.ended(offer.contact, at(102s));
  }
}

// Twilio: strict priority starves. Ours overtakes by at most points x boost, whatever keeps coming.
TEST(Regression, StarvationHasABound) {
  Centre c("queues: {q: {key: boost, boost: 60s}}\nagents: {a1: {}}\n");
  c.ready();
  Duration t = 1s;
  (void)c.call("q", t, 1);
  Event talk = c.all(EventType::offered).back();
  (void)c.router.accept(talk.offer, at(t));
  (void)c.call("q", t, 777);  // an ordinary caller, and then nothing but priority 2
  bool served = false;
  for (int i = 0; i < 60 && !served; ++i) {
    t += 5s;
    (void)c.call("q", t, 2, 2);
    c.events.clear();
    (void)c.router.ended(talk.contact, at(t));
    talk = c.all(EventType::offered).back();
    (void)c.router.accept(talk.offer, at(t));
    served = talk.tag == 777;
  }
  EXPECT_TRUE(served);
  EXPECT_LE(t, 1s + 2 * 60s + 10s);
}

// FreeSWITCH resets calls_answered on every change to Available: toggling a break must not make "fewest calls".
TEST(Regression, FreeSwitchBreaksDoNotResetCounters) {
  Centre c("queues: {q: {agents: fewest_contacts}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  for (int i = 0; i < 2; ++i) {  // a1 takes two, a2 none
    (void)c.router.not_ready(AgentId{2}, at(1s));
    (void)c.call("q", 2s);
    const Event e = c.all(EventType::offered).back();
    ASSERT_EQ(e.agent.value, 1u);
    (void)c.router.accept(e.offer, at(3s)), (void)c.router.ended(e.contact, at(4s));
    (void)c.router.ready(AgentId{2}, at(5s));
  }
  for (int i = 0; i < 5; ++i) (void)c.router.not_ready(AgentId{1}, at(6s)), (void)c.router.ready(AgentId{1}, at(7s));
  (void)c.call("q", 8s);
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 2u);
}

// opensips#2974: always the first agent of the list. And asterisk rrmemory: the order breaks above 1,000 members.
TEST(Regression, OpenSips2974RoundRobinOver1500Agents) {
  Centre c("queues: {q: {agents: round_robin}}\nagents: {a1..a1500: {}}\n");
  c.ready();
  for (std::uint32_t i = 0; i < 3000; ++i) {
    c.events.clear();
    (void)c.call("q", 1s);
    const Event e = c.events.at(0);
    ASSERT_EQ(e.agent.value, i % 1500 + 1);
    (void)c.router.accept(e.offer, at(1s)), (void)c.router.ended(e.contact, at(1s));
  }
}

// app_queue leastrecent: after 11.6 idle days a penalty-1 member beats penalty 0. A tier is a tier.
TEST(Regression, AsteriskLeastRecentTiersHoldForMonths) {
  Centre c("queues: {q: {}}\nagents: {backup: {queues: {q: 2}}, regular: {queues: {q: 1}}}\n");
  (void)c.router.login(AgentId{1}, at(0s)), (void)c.router.ready(AgentId{1}, at(0s));
  (void)c.router.login(AgentId{2}, at(90 * 24h)), (void)c.router.ready(AgentId{2}, at(90 * 24h));
  (void)c.call("q", 90 * 24h + 1s);
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 2u);
}

// app_queue is_our_turn: a caller at the head whom nobody there can serve holds back those who could be served.
TEST(Regression, AsteriskHeadOfLineDoesNotBlock) {
  Centre c("skills: [yi]\nqueues: {q: {}}\nagents: {a1: {}, speaker: {skills: [yi]}}\n");
  const auto need = c.router.require("skill.yi > 0").value();
  (void)c.router.enqueue({.queue = QueueId{1}, .tag = 1, .requires_ = need}, at(0s));
  (void)c.call("q", 1s, 2);
  (void)c.router.login(AgentId{1}, at(2s)), (void)c.router.ready(AgentId{1}, at(2s));
  EXPECT_EQ(c.all(EventType::offered).back().tag, 2u);
}

// freeswitch#1973, opensips#3123, #2530: ghosts. What is stuck can always be released, and the agent works on.
TEST(Regression, OpenSips2530ReleaseAlwaysWorks) {
  Centre c("queues: {q: {confirm: true}}\nagents: {a1: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.accept(c.events.back().offer, at(2s));  // and the host never says connected
  EXPECT_EQ(c.router.release_agent(AgentId{1}, at(3s)), Outcome::done);
  EXPECT_EQ(c.router.release(contact, at(3s)), Outcome::done);
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::ready);
}

// freeswitch#2529: a call to the agent goes on after the caller hung up. Abandon revokes every offer at once.
TEST(Regression, FreeSwitch2529NoZombieOffers) {
  Centre c("queues: {q: {fanout: all}}\nagents: {a1..a3: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.abandon(contact, at(2s));
  EXPECT_EQ(c.all(EventType::offer_ended).size(), 3u);
  for (std::uint32_t a = 1; a <= 3; ++a) EXPECT_EQ(c.router.agent(AgentId{a})->state, AgentState::ready);
}

// freeswitch#1216: top-down stopped when the last agent of the list was unavailable.
TEST(Regression, FreeSwitch1216TopDownGoesOn) {
  Centre c("queues: {q: {agents: linear}}\nagents: {a1: {}, a2: {}, a3: {}}\n");
  c.ready();
  (void)c.router.not_ready(AgentId{3}, at(1s)), (void)c.router.not_ready(AgentId{1}, at(1s));
  (void)c.call("q", 2s);
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 2u);
}

// FreePBX/issue-tracker#40: keeps ringing the same agent. opensips#2886: a reject ended the caller's call.
TEST(Regression, FreePbx40AnotherAgentAfterAReject) {
  Centre c("queues: {q: {exclude: 60s}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.reject(c.events.back().offer, at(2s));
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 2u);
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::offered);
}

// asterisk#1006, opensips#2679: wrap-ups cut short with several queues, or all ending with the last one.
TEST(Regression, Asterisk1006WrapUpsRunIndependently) {
  Centre c("channels: {chat: {units: 30, max: 3}}\nqueues: {q: {wrap_up: 30s, auto_accept: true}, r: {wrap_up: 10s, auto_accept: true}}\nagents: {a1: {}}\n");
  c.ready();
  const auto one = c.call("q", 1s), two = c.call("r", 2s);
  (void)c.router.ended(one, at(10s)), (void)c.router.ended(two, at(15s));
  c.router.advance(at(24s));
  EXPECT_TRUE(c.router.contact(one) && c.router.contact(two));
  c.router.advance(at(25s));
  EXPECT_TRUE(c.router.contact(one) && !c.router.contact(two));
  c.router.advance(at(40s));
  EXPECT_FALSE(c.router.contact(one));
}

// asterisk#1557: one answers and hangs up at once: the others go on ringing where the queue confirms.
TEST(Regression, Asterisk1557OthersGoOnRinging) {
  Centre c("queues: {q: {fanout: all, confirm: true, ring_timeout: 20s}}\nagents: {a1..a3: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  const auto offers = c.all(EventType::offered);
  (void)c.router.accept(offers[0].offer, at(2s));
  (void)c.router.connect_failed(contact, at(3s));
  EXPECT_EQ(c.router.accept(offers[1].offer, at(4s)), Outcome::done);
  EXPECT_EQ(c.router.connected(contact, at(5s)), Outcome::done);
  EXPECT_EQ(c.router.agent(AgentId{3})->state, AgentState::ready);
}

// asterisk#1691: somebody who joins at position 1 stops all offers; #1637: priority ignored over queues.
TEST(Regression, Asterisk1637PriorityOverQueues) {
  Centre c("queues: {q: {key: boost}, r: {key: boost}}\nagents: {a1: {}}\n");
  (void)c.call("q", 0s, 1);
  (void)c.call("r", 10s, 2, 1);
  const auto third = c.call("q", 20s, 3);
  EXPECT_EQ(c.router.position(third).value(), 3u);
  c.ready(30s);
  (void)c.router.not_ready(AgentId{1}, at(31s)), (void)c.router.ready(AgentId{1}, at(31s));
  EXPECT_EQ(c.all(EventType::offered).back().tag, 2u);
}

// 4.2.18: the place among those who compete for the same agents; callbacks count, other languages do not.
TEST(Position, CountsCompetitorsOnly) {
  Centre c("skills: [zh, en]\nqueues: {zh: {requires: skill.zh > 0}, en: {requires: skill.en > 0}, both: {}}\nagents: {a: {skills: [zh]}, b: {skills: [en]}}\n");
  (void)c.call("zh", 1s), (void)c.call("en", 2s);
  const auto callback = c.call("zh", 3s);
  (void)c.router.to_callback(callback, at(3s));
  const auto third = c.call("zh", 4s), any = c.call("both", 5s);
  EXPECT_EQ(c.router.position(callback).value(), 2u);
  EXPECT_EQ(c.router.position(third).value(), 3u);
  EXPECT_EQ(c.router.position(any).value(), 5u);
}

// Every contact order picks what its rule says, among the heads of two queues.
TEST(Policies, EveryContactOrder) {
  const auto chosen = [](const std::string& order, const std::string& q, const std::string& r, int in_q, int in_r, Duration head_start_of_r) {
    Centre c("rules: {order: " + order + "}\nteams: {t: {order: " + order + ", serves: [r, q]}}\nqueues: {q: {" + q + "}, r: {" + r + "}}\nagents: {a1: {team: t}}\n");
    for (int i = 0; i < in_q; ++i) (void)c.call("q", 10s + i * 1s, 1);
    for (int i = 0; i < in_r; ++i) (void)c.call("r", 10s - head_start_of_r + i * 1s + 100ms, 2);
    (void)c.router.login(AgentId{1}, at(100s)), (void)c.router.ready(AgentId{1}, at(100s));
    return c.all(EventType::offered).empty() ? 0 : c.all(EventType::offered).back().tag;
  };
  EXPECT_EQ(chosen("first_come", "", "", 1, 3, 0s), 1u);
  EXPECT_EQ(chosen("listed", "", "", 3, 1, 0s), 2u);
  EXPECT_EQ(chosen("weighted_wait", "factor: 1", "factor: 2", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("longest_queue", "", "", 1, 3, 0s), 2u);
  EXPECT_EQ(chosen("longest_queue", "", "", 3, 1, 0s), 1u);
  EXPECT_EQ(chosen("queue_ratio", "share: 0.9", "share: 0.1", 3, 2, 0s), 2u);
  EXPECT_EQ(chosen("urgency", "target: 60s", "target: 10s", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("gcmu", "service_time: 60s", "service_time: 30s", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("aging", "aging: 1h", "aging: 10s", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("weights", "constant: 0", "constant: 50", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("weights", "constant: -1000", "constant: -1000", 1, 1, 0s), 0u);
  EXPECT_EQ(chosen("first_come", "", "weight: 1", 1, 1, 0s), 2u);
  EXPECT_EQ(chosen("first_come", "", "head_start: 90s", 1, 1, 0s), 2u);
}

// Every agent order likewise; agents: a1 idle longest, a2 has answered least, a3 is quick and specialised.
TEST(Policies, EveryAgentOrder) {
  const auto chosen = [](const std::string& order) {
    Centre c("skills: [s, t]\nqueues: {q: {agents: " + order + ", requires: skill.s > 0}}\n"
             "agents: {a1: {skills: {s: 10, t: 9}, queues: {q: {weight: 1}}, weight: 0}, a2: {skills: {s: 20, t: 9}, queues: {q: {weight: 50}}, weight: 0}, "
             "a3: {skills: {s: 90}, queues: {q: {weight: 1}}, handling_time: 1s}}\n");
    for (std::uint32_t a = 1; a <= 3; ++a) (void)c.router.login(AgentId{a}, at(a * 1s)), (void)c.router.ready(AgentId{a}, at(a * 1s));
    for (const std::uint32_t a : {1u, 3u}) {  // they answer one each; a1 talks 20 s, a3 30 s
      const auto contact = c.call("q", 0s);
      if (c.router.contact(contact)->state == ContactState::offered) {
        const auto offered = c.all(EventType::offered).back();
        if (offered.agent.value != a) (void)c.router.withdraw(contact, at(5s));
        else (void)c.router.accept(offered.offer, at(5s));
      }
    }
    c.router.advance(at(200s));
    for (std::uint32_t a = 1; a <= 3; ++a) (void)c.router.release_agent(AgentId{a}, at(200s + a * 1s));
    c.events.clear();
    (void)c.call("q", 300s);
    return c.all(EventType::offered).empty() ? 0u : c.all(EventType::offered).back().agent.value;
  };
  EXPECT_EQ(chosen("longest_idle"), 1u);
  EXPECT_EQ(chosen("shortest_idle"), 3u);
  EXPECT_EQ(chosen("linear"), 1u);
  EXPECT_EQ(chosen("best_match"), 3u);
  EXPECT_EQ(chosen("fewest_skills"), 3u);
  EXPECT_EQ(chosen("weighted_random"), 3u);  // the others have weight 0
  EXPECT_EQ(chosen("weighted_idle"), 2u);
  for (const char* order : {"fewest_contacts", "least_talk", "least_occupied", "least_occupied_signon", "random", "team_ratio", "fastest", "custom"}) EXPECT_NE(chosen(order), 0u) << order;
}

// 4.2.22: what the host cannot do is refused.
TEST(Supervisors, OnlyWhatTheHostCanDo) {
  Centre c("rules: {monitor: [listen]}\nqueues: {q: {}}\nagents: {a1: {}, boss: {}}\n");
  c.ready();
  EXPECT_EQ(c.router.monitor(AgentId{1}, AgentId{2}, MonitorMode::listen, at(1s)), Outcome::done);
  EXPECT_EQ(c.router.monitor(AgentId{1}, AgentId{2}, MonitorMode::whisper, at(1s)), Outcome::denied);
}

// Uniform, and the same for the same seed.
TEST(Policies, RandomIsUniform) {
  Centre c("queues: {q: {agents: random}}\nagents: {a1..a4: {}}\n");
  c.ready();
  std::array<int, 5> count{};
  for (int i = 0; i < 8000; ++i) {
    c.events.clear();
    (void)c.call("q", 1s);
    const Event e = c.events.at(0);
    ++count[e.agent.value];
    (void)c.router.withdraw(e.contact, at(1s));
  }
  for (int a = 1; a <= 4; ++a) EXPECT_NEAR(count[static_cast<std::size_t>(a)], 2000, 5 * 39);  // five standard deviations
}
