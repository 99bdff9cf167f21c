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

// 4.2.22: what the host cannot do is refused.
TEST(Supervisors, OnlyWhatTheHostCanDo) {
  Centre c("rules: {monitor: [listen]}\nqueues: {q: {}}\nagents: {a1: {}, boss: {}}\n");
  c.ready();
  EXPECT_EQ(c.router.monitor(AgentId{1}, AgentId{2}, MonitorMode::listen, at(1s)), Outcome::done);
  EXPECT_EQ(c.router.monitor(AgentId{1}, AgentId{2}, MonitorMode::whisper, at(1s)), Outcome::denied);
}

// freeswitch#2540: agents stuck "Reserved" in ring-all with more than ten agents. Whatever ends the ringing frees them all.
TEST(Regression, FreeSwitch2540RingAllFreesThirtyAgents) {
  Centre c("queues: {q: {fanout: all, ring_timeout: 10s, exclude: 5s}}\nagents: {a1..a30: {}}\n");
  c.ready();
  const auto free_agents = [&] {
    int n = 0;
    for (std::uint32_t a = 1; a <= 30; ++a) n += c.router.agent(AgentId{a})->state == AgentState::ready;
    return n;
  };
  const auto one = c.call("q", 1s);
  EXPECT_EQ(free_agents(), 0);
  (void)c.router.accept(c.all(EventType::offered)[17].offer, at(2s));
  EXPECT_EQ(free_agents(), 29);
  (void)c.router.ended(one, at(3s));
  const auto two = c.call("q", 4s);
  c.router.advance(at(14s));  // nobody answers: all are free for a moment, and all are asked again (round again)
  EXPECT_EQ(c.router.contact(two)->state, ContactState::offered);
  (void)c.router.abandon(two, at(15s));
  EXPECT_EQ(free_agents(), 30);
}

// freeswitch#2901: ring-all calls the same agent twice and others never.
TEST(Regression, FreeSwitch2901RingAllRingsEachOnce) {
  Centre c("queues: {q: {fanout: all}}\nagents: {a1..a12: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  std::set<std::uint32_t> rung;
  for (const Event& e : c.all(EventType::offered)) EXPECT_TRUE(rung.insert(e.agent.value).second);
  EXPECT_EQ(rung.size(), 12u);
}

// freeswitch PR #800: a change of state during an offer made a fast loop of cancelling and inviting again.
TEST(Regression, FreeSwitchPr800StateChangeDuringAnOfferMakesNoLoop) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  for (int i = 0; i < 5; ++i) (void)c.router.ready(AgentId{1}, at(2s));  // says it again while it rings: nothing happens
  EXPECT_EQ(c.all(EventType::offered).size(), 1u);
  (void)c.router.not_ready(AgentId{1}, at(3s));
  c.router.advance(at(60s));
  EXPECT_EQ(c.all(EventType::offered).size(), 1u);
  EXPECT_EQ(c.all(EventType::offer_ended).size(), 1u);
}

// freeswitch#1973 (a member "Answered" for hours), #1062 (frozen between Trying and Receiving), #1641 (the dispatch thread hung):
// a lost word of the host leaves nothing behind that a release, or the ring timeout, does not end.
TEST(Regression, FreeSwitch1973NoGhosts) {
  Centre c("queues: {q: {confirm: true, ring_timeout: 10s, exclude: 0s}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  const auto ghost = c.call("q", 1s);
  (void)c.router.accept(c.events.back().offer, at(2s));  // neither connected nor failed is ever said
  c.router.advance(at(2s) + 5h);
  EXPECT_EQ(c.router.contact(ghost)->state, ContactState::connecting);
  const auto next = c.call("q", 6h);  // the others go on
  EXPECT_EQ(c.router.contact(next)->state, ContactState::offered);
  EXPECT_EQ(c.router.release(ghost, at(6h)), Outcome::done);
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::ready);
  c.router.advance(at(6h + 10s));  // the ring timeout gives the next to the one who is free now
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 1u);
}

// freeswitch#889: one blocked query blocks everything; #1674, #3091, opensips#2944: a shared database as the queue. The engine does no I/O:
// the only thing that can wait is Log::sync, which is the host's call. What is left to test: the whole life of a contact allocates and asks nothing outside.
TEST(Regression, FreeSwitch889NothingToWaitFor) {
  Centre c("queues: {q: {auto_accept: true}}\nagents: {a1: {}}\n");
  c.ready();
  for (int i = 0; i < 1000; ++i) {
    const auto contact = c.call("q", 1s);
    ASSERT_EQ(c.router.ended(contact, at(1s)), Outcome::done);  // no time passes
  }
  EXPECT_EQ(c.router.now(), at(1s));
}

// opensips#3123: agents locked "incall" for ever above 60 calls a minute with 100 agents. A burst of lost, doubled and late words.
TEST(Regression, OpenSips3123ThousandCallsAMinuteLeaveNobodyLocked) {
  Centre c("queues: {q: {ring_timeout: 5s, wrap_up: 2s}}\nagents: {a1..a100: {}}\nrules: {misses: 0}\n");
  c.ready();
  Random random(3123);
  std::vector<ContactId> all;
  for (int i = 0; i < 3000; ++i) {
    const Duration t = 1s + i * 60ms;
    all.push_back(c.call("q", t));
    const Events now = c.events;
    c.events.clear();
    for (const Event& e : now)
      if (e.type == EventType::offered && random.below(3) > 0) (void)c.router.accept(e.offer, at(t)), (void)c.router.accept(e.offer, at(t));
    const ContactId any = all[random.below(all.size())];
    if (random.below(4) > 0) (void)c.router.ended(any, at(t)), (void)c.router.ended(any, at(t));
    else (void)c.router.abandon(any, at(t));
  }
  for (const ContactId id : all) (void)c.router.release(id, at(300s));
  c.router.advance(at(400s));
  for (std::uint32_t a = 1; a <= 100; ++a) EXPECT_EQ(c.router.agent(AgentId{a})->state, AgentState::ready) << a;
}

// opensips#2530: the agent stays busy after a lost BYE.
TEST(Regression, OpenSips2530LostByeAgentIsReleased) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  (void)c.router.accept(c.events.back().offer, at(2s));
  EXPECT_EQ(c.router.release_agent(AgentId{1}, at(9h)), Outcome::done);
  (void)c.call("q", 9h + 1s);
  EXPECT_EQ(c.events.back().type, EventType::offered);
}

// kazoo PR #6609: logged out for ever after no-answers. Not ready, with the cause; ready again by one word, the count anew.
TEST(Regression, KazooPr6609MissesDoNotLogOut) {
  Centre c("queues: {q: {ring_timeout: 5s, exclude: 0s}}\nrules: {misses: 2}\nagents: {a1: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  c.router.advance(at(30s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::not_ready);
  EXPECT_EQ(c.all(EventType::not_ready).back().reason, Reason::missed_too_often);
  EXPECT_EQ(c.router.ready(AgentId{1}, at(40s)), Outcome::done);
  EXPECT_EQ(c.router.agent(AgentId{1})->misses, 0u);
  EXPECT_EQ(c.events.back().type, EventType::offered);
}

// kazoo PR #2689: the state breaks with several simultaneous calls of one agent.
TEST(Regression, KazooPr2689SeveralContactsOneState) {
  Centre c("channels: {chat: {units: 30, max: 3}}\nqueues: {q: {auto_accept: true, wrap_up: 10s}}\nagents: {a1: {}}\n");
  c.ready();
  const auto one = c.call("q", 1s), two = c.call("q", 2s), three = c.call("q", 3s);
  (void)c.router.ended(two, at(4s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::busy);
  (void)c.router.ended(one, at(5s)), (void)c.router.ended(three, at(6s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::wrap);
  c.router.advance(at(15s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::wrap);
  c.router.advance(at(16s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::ready);
}

// OpenACD#6: registering again during an offer counted as a ring failure; "n in a row" and "wait before retry" were asked for.
TEST(Regression, OpenAcd6ReRegisteringIsNoMiss) {
  Centre c("queues: {q: {ring_timeout: 5s, exclude: 0s}}\nrules: {misses: 3, delay_no_answer: 20s}\nagents: {a1: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.lost(AgentId{1}, at(2s)), (void)c.router.ready(AgentId{1}, at(3s));
  EXPECT_EQ(c.router.agent(AgentId{1})->misses, 0u);
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::offered);
  c.router.advance(at(8s));                               // rings out: one, and a rest of 20 s
  EXPECT_EQ(c.router.agent(AgentId{1})->misses, 1u);
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::waiting);
  c.router.advance(at(28s));
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::offered);
  (void)c.router.accept(c.all(EventType::offered).back().offer, at(29s));  // an answer: in a row no more
  EXPECT_EQ(c.router.agent(AgentId{1})->misses, 0u);
}

// asterisk#1561: a heavier queue holds an agent back whom its caller may not even use.
TEST(Regression, Asterisk1561WeightHoldsNobodyBackInVain) {
  Centre c("skills: [yi]\nqueues: {heavy: {weight: 10, requires: skill.yi > 0}, light: {}}\nagents: {a1: {}}\n");
  (void)c.call("heavy", 1s, 1);
  (void)c.call("light", 2s, 2);
  c.ready(3s);
  (void)c.router.not_ready(AgentId{1}, at(4s)), (void)c.router.ready(AgentId{1}, at(4s));
  EXPECT_EQ(c.all(EventType::offered).back().tag, 2u);
}

// asterisk#1691 / PR #1693: somebody who joins at position 1 stops all offers.
TEST(Regression, Asterisk1691JoiningAheadStopsNothing) {
  Centre c("queues: {q: {key: boost}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  (void)c.call("q", 1s, 1), (void)c.call("q", 2s, 2);
  const auto third = c.call("q", 3s, 3);
  (void)c.call("q", 4s, 4, 10);                            // joins ahead of all
  EXPECT_EQ(c.router.position(third).value(), 2u);
  const auto offers = c.all(EventType::offered);
  (void)c.router.accept(offers[0].offer, at(5s)), (void)c.router.accept(offers[1].offer, at(5s));
  (void)c.router.ended(offers[0].contact, at(6s)), (void)c.router.ended(offers[1].contact, at(6s));
  const auto after = c.all(EventType::offered);
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(after[2].tag, 4u);
  EXPECT_EQ(after[3].tag, 3u);
}

// freeswitch#2511: the eighth caller was served first and nobody could say why.
TEST(Regression, FreeSwitch2511EveryOrderIsExplained) {
  Centre c("skills: [yi]\nqueues: {q: {key: boost, boost: 60s}}\nagents: {a1: {}, a2: {skills: [yi]}}\n");
  const auto yi = c.router.require("skill.yi > 0").value();
  const auto first = c.router.enqueue({.queue = QueueId{1}, .requires_ = yi}, at(0s)).value();
  const auto second = c.call("q", 1s);
  const auto eighth = c.call("q", 8s, 8, 1);
  (void)c.router.login(AgentId{1}, at(9s));
  EXPECT_EQ(c.router.explain(first, AgentId{1}).why, Why::requirement);
  EXPECT_EQ(c.router.explain(second, AgentId{1}).why, Why::not_ready);
  (void)c.router.ready(AgentId{1}, at(10s));
  EXPECT_EQ(c.all(EventType::offered).back().tag, 8u);
  EXPECT_EQ(c.router.explain(eighth, AgentId{1}).why, Why::offered);
  EXPECT_EQ(c.router.explain(second, AgentId{1}).why, Why::has_offer);
  EXPECT_NE(c.router.explain(first).sentence.find("place"), std::string::npos);
}

// opensips#2886: a reject ended the caller's call instead of trying the next agent.
TEST(Regression, OpenSips2886RejectKeepsTheCaller) {
  Centre c("queues: {q: {}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.reject(c.events.back().offer, at(2s), HowRejected::busy);
  ASSERT_TRUE(c.router.contact(contact));
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 2u);
}

// asterisk#607: an attended transfer reset "lastcall". The idle time of who transferred begins at the transfer, of the other at the end.
TEST(Regression, Asterisk607TransferKeepsTheOrderOfIdle) {
  Centre c("queues: {q: {}}\nagents: {a1: {}, a2: {}, a3: {}}\n");
  c.ready();
  (void)c.router.not_ready(AgentId{3}, at(1s));
  const auto contact = c.call("q", 2s);
  (void)c.router.accept(c.events.back().offer, at(3s));
  ASSERT_EQ(c.router.transfer(contact, AgentId{2}, at(10s)), Outcome::done);
  EXPECT_EQ(c.router.agent(AgentId{1})->idle_since, at(10s));
  (void)c.router.ended(contact, at(20s));
  EXPECT_EQ(c.router.agent(AgentId{2})->idle_since, at(20s));
  (void)c.call("q", 21s);
  EXPECT_EQ(c.all(EventType::offered).back().agent.value, 1u);
}

// asterisk PR #1377 (closed): wrap-up should be a state that can be seen.
TEST(Regression, AsteriskPr1377WrapUpIsVisible) {
  Centre c("queues: {q: {wrap_up: 10s}}\nagents: {a1: {}}\n");
  c.ready();
  const auto contact = c.call("q", 1s);
  (void)c.router.accept(c.events.back().offer, at(2s)), (void)c.router.ended(contact, at(3s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::wrap);
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::wrap);
  EXPECT_EQ(c.all(EventType::ended).size(), 1u);
}

// asterisk#1007: add a member paused. Signed on is not ready until the agent says so.
TEST(Regression, Asterisk1007SignedOnIsNotReady) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  (void)c.call("q", 0s);
  (void)c.router.login(AgentId{1}, at(1s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::not_ready);
  EXPECT_TRUE(c.all(EventType::offered).empty());
}

// asterisk#395: the reason of a pause was lost. It stands in the event and in the view as long as the pause lasts.
TEST(Regression, Asterisk395ReasonIsKept) {
  Centre c("reasons: {training: , lunch: }\nqueues: {q: {}}\nagents: {a1: {}}\n");
  c.ready();
  (void)c.router.not_ready(AgentId{1}, at(1s), ReasonId{1});
  (void)c.router.lost(AgentId{1}, at(2s));
  EXPECT_EQ(c.router.agent(AgentId{1})->reason.value, 1u);
  (void)c.router.not_ready(AgentId{1}, at(3s), ReasonId{2});
  EXPECT_EQ(c.router.agent(AgentId{1})->reason.value, 2u);
  EXPECT_EQ(c.all(EventType::not_ready).back().value, 2);
}

// FreePBX/issue-tracker#816: pause after N misses, with the rules of the count spelled out: in a row; an answer, a word of being ready and
// a sign-on begin anew; unreachable never counts.
TEST(Regression, FreePbx816CountOfMisses) {
  Centre c("queues: {q: {ring_timeout: 5s, exclude: 0s}}\nrules: {misses: 3, delay_unreachable: 0s}\nagents: {a1: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  const auto misses = [&] { return c.router.agent(AgentId{1})->misses; };
  c.router.advance(at(11s));  // two
  EXPECT_EQ(misses(), 2u);
  (void)c.router.reject(c.all(EventType::offered).back().offer, at(12s), HowRejected::unreachable);
  EXPECT_EQ(misses(), 2u);
  (void)c.router.not_ready(AgentId{1}, at(13s)), (void)c.router.ready(AgentId{1}, at(14s));
  EXPECT_EQ(misses(), 0u);
  c.router.advance(at(24s));
  EXPECT_EQ(misses(), 2u);
  const Event last = c.all(EventType::offered).back();
  (void)c.router.accept(last.offer, at(25s));
  EXPECT_EQ(misses(), 0u);
  (void)c.router.ended(last.contact, at(26s));
  (void)c.call("q", 27s);
  c.router.advance(at(42s) - 1ns);
  EXPECT_EQ(misses(), 2u);
  c.router.advance(at(42s));
  EXPECT_EQ(c.router.agent(AgentId{1})->state, AgentState::not_ready);
}

// fusionpbx#2455: the place; asterisk#1386: "only if better" never spoke at all.
TEST(Regression, Asterisk1386OnlyIfBetterSpeaks) {
  Announcer announcer;
  const WaitEstimate unknown;
  ASSERT_TRUE(announcer.next(4, unknown, at(0s)));
  EXPECT_FALSE(announcer.next(4, unknown, at(40s)));   // no better
  EXPECT_FALSE(announcer.next(5, unknown, at(80s)));   // worse
  const auto better = announcer.next(3, unknown, at(120s));
  ASSERT_TRUE(better);
  EXPECT_EQ(better->position, 3u);
}

// asterisk#1568: announcements to the head caller delay the offer; #543: a key pressed during one is lost. They are advice here, never a state:
// who hears one is offered at the same instant.
TEST(Regression, Asterisk1568AnnouncementsDelayNothing) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  const auto contact = c.call("q", 1s);
  Announcer announcer;
  EXPECT_TRUE(announcer.next(c.router.position(contact).value(), {}, at(2s)));
  (void)c.router.login(AgentId{1}, at(2s)), (void)c.router.ready(AgentId{1}, at(2s));
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::offered);
  EXPECT_EQ(c.all(EventType::offered).back().at, at(2s));
}

// MicrosoftDocs/OfficeDocs-SkypeForBusiness#9902: leaving and coming back loses the place. `since` brings the earlier moment along.
TEST(Regression, OfficeDocs9902ComingBackKeepsThePlace) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  const auto gone = c.call("q", 1s);
  (void)c.call("q", 10s);
  (void)c.router.abandon(gone, at(20s));
  const auto back = c.router.enqueue({.queue = QueueId{1}, .since = at(1s)}, at(30s)).value();
  EXPECT_EQ(c.router.position(back).value(), 1u);
}

// Genesys forum: a bullseye ring jumped from 1 to 3. Steps open one by one, at their times, while it rings as well.
TEST(Regression, GenesysBullseyeOpensRingByRing) {
  Centre c("skills: [a, b, c]\nqueues: {q: {ring_timeout: 60s, steps: [{requires: skill.a > 0, wait: 10s}, {requires: skill.b > 0, wait: 10s}, {requires: skill.c > 0}]}}\n"
           "agents: {a1: {skills: [a]}, a2: {skills: [b]}, a3: {skills: [c]}}\n");
  const auto contact = c.call("q", 0s);
  c.router.advance(at(9s));
  EXPECT_EQ(c.router.contact(contact)->step, 0u);
  c.router.advance(at(10s));
  EXPECT_EQ(c.router.contact(contact)->step, 1u);
  c.router.advance(at(19s));
  EXPECT_EQ(c.router.contact(contact)->step, 1u);
  c.router.advance(at(20s));
  EXPECT_EQ(c.router.contact(contact)->step, 2u);
  c.ready(25s);
  EXPECT_EQ(c.router.contact(contact)->state, ContactState::offered);
}

// fusionpbx#1322 and PR #6515: callbacks as a daemon of its own beside the queue. Here they are entries of it.
TEST(Regression, FusionPbx1322CallbackIsAnEntryOfTheQueue) {
  Centre c("queues: {q: {}}\nagents: {a1: {}}\n");
  const auto first = c.call("q", 1s, 1);
  (void)c.call("q", 2s, 2);
  (void)c.router.to_callback(first, at(3s));
  EXPECT_EQ(c.router.queue(QueueId{1})->waiting, 2u);
  (void)c.router.login(AgentId{1}, at(4s)), (void)c.router.ready(AgentId{1}, at(4s));
  EXPECT_EQ(c.all(EventType::offered).back().tag, 1u);
}

// opensips#2944: reload is all or nothing. A refused definition changes nothing; an accepted one loses nobody.
TEST(Regression, OpenSips2944ReloadUnderTraffic) {
  Centre c("queues: {q: {}, r: {}}\nagents: {a1: {}}\n");
  const auto in_q = c.call("q", 1s), in_r = c.call("r", 2s);
  const auto without_r = parse_definition("acd: 1\nqueues: {q: {}}\nagents: {a1: {}}\n", "new.yaml").value();
  EXPECT_EQ(c.router.redefine(without_r, at(3s)).code(), ErrorCode::wrong_state);
  EXPECT_TRUE(c.router.contact(in_q) && c.router.contact(in_r));
  const auto more = parse_definition("acd: 1\nqueues: {s: {}, r: {}, q: {}}\nagents: {a9: {}, a1: {}}\n", "new.yaml").value();
  ASSERT_TRUE(c.router.redefine(more, at(4s)).ok());
  EXPECT_EQ(c.router.contact(in_q)->queue, c.router.definition().find_queue("q"));
  EXPECT_EQ(c.router.position(in_r).value(), 2u);
}

// An exclusion of an agent whom a new definition no longer has.
TEST(Regression, RedefineForgetsExcludedAgents) {
  Centre c("rules: {misses: 0}\nqueues: {q: {exclude: 1h, ring_timeout: 5s}}\nagents: {a1: {}, a2: {}}\n");
  c.ready();
  (void)c.call("q", 1s);
  (void)c.router.reject(c.events.back().offer, at(2s));
  ASSERT_TRUE(c.router.redefine(parse_definition("acd: 1\nrules: {misses: 0}\nqueues: {q: {exclude: 1h, ring_timeout: 5s}}\nagents: {a2: {}}\n", "new.yaml").value(), at(3s)).ok());
  c.router.advance(at(20s));
  EXPECT_EQ(c.router.waiting() + c.router.queue(QueueId{1})->ringing, 1u);
}

// asterisk#686: an external strategy; jambonz#357, #1363 and RestComm#1115: priority, and an event that tells who got whom.
TEST(Regression, Asterisk686ExternalStrategy) {
  Centre c("queues: {q: {agents: custom}}\nagents: {a1: {}, a2: {}, a3: {}}\n");
  c.ready();
  c.router.set_agent_chooser(QueueId{1}, {[](void*, ContactCandidate contact, std::span<const AgentCandidate> agents, Time) { return static_cast<std::int64_t>(contact.tag % agents.size()); }, nullptr});
  (void)c.call("q", 1s, 4);
  EXPECT_EQ(c.events.back().agent.value, 2u);
  (void)c.router.accept(c.events.back().offer, at(2s));
  EXPECT_EQ(c.events.back().type, EventType::accepted);
  EXPECT_EQ(c.events.back().agent.value, 2u);
  EXPECT_EQ(c.events.back().tag, 4u);
}

// wazo-platform/asterisk PRs #157, #158, #188: deadlocks of several queues' locks. There is one thread and no lock; other threads post into the
// inbox, which has one (Inbox.TakesFromManyThreads runs under the thread sanitizer). freeswitch#2458: load climbs at 20 calls a second: acd.lifecycle.
TEST(Regression, Wazo157OneDoorForOtherThreads) {
  Inbox inbox(2);
  EXPECT_TRUE(inbox.post({}) && inbox.post({}));
  EXPECT_FALSE(inbox.post({}));  // full: felt where it comes from, nobody waits
  std::vector<Command> batch;
  EXPECT_EQ(inbox.take(batch), 2u);
  EXPECT_TRUE(inbox.post({}));
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
