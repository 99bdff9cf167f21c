#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "hotline/acd.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

Time at(Duration d) { return time_from_ns(1'700'000'000'000'000'000 / 3'600'000'000'000 * 3'600'000'000'000) + d; }

Definition centre(int agents) {
  Definition d;
  d.add_channel({.name = "voice"});
  d.add_skill("zh");
  d.add_site({.name = "city"});
  d.reasons = {{"lunch", true}};
  QueueDef q{.name = "q"};
  q.steps.push_back({Requirement::skill(SkillId{1})});
  q.wrap = WrapMode::timed;
  q.wrap_time = 10s;
  d.add_queue(q);
  for (int i = 0; i < agents; ++i) d.add_agent({.name = "a" + std::to_string(i), .site = SiteId{1}, .skills = {{SkillId{1}, 50}}});
  return d;
}

}  // namespace

TEST(Metrics, CountADayByHand) {
  Events events;
  Router router(centre(1), events);
  Metrics metrics(router.definition());
  const auto feed = [&] {
    for (const Event& e : events) metrics.add(e);
    Events copy = std::move(events);
    events.clear();
    return copy;
  };
  (void)router.login(AgentId{1}, at(0s)), (void)router.ready(AgentId{1}, at(60s));
  const auto one = *router.enqueue({.queue = QueueId{1}}, at(100s));
  (void)router.accept(feed().back().offer, at(103s));                     // answered after 3 s
  const auto two = *router.enqueue({.queue = QueueId{1}}, at(104s));
  const auto three = *router.enqueue({.queue = QueueId{1}}, at(105s));
  (void)router.abandon(three, at(107s));                                   // a short abandon
  const auto four = *router.enqueue({.queue = QueueId{1}}, at(108s));
  (void)router.abandon(four, at(138s));                                    // a real one
  (void)router.ended(one, at(203s));
  router.advance(at(213s));                                                // wrap-up ends, the next is offered
  (void)router.accept(feed().back().offer, at(214s));                      // answered after 110 s
  (void)router.ended(two, at(314s));
  router.advance(at(324s));
  feed();
  metrics.close(at(360s));
  const Tally t = metrics.queue(QueueId{1});
  EXPECT_EQ(t.offered, 4u);
  EXPECT_EQ(t.answered, 2u);
  EXPECT_EQ(t.abandoned, 2u);
  EXPECT_EQ(t.abandoned_short, 1u);
  EXPECT_EQ(t.in_target, 1u);
  EXPECT_DOUBLE_EQ(t.service_level(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(t.service_level_offered(), 0.25);
  EXPECT_DOUBLE_EQ(t.service_level_answered(), 0.5);
  EXPECT_DOUBLE_EQ(t.abandonment(), 0.5);
  EXPECT_DOUBLE_EQ(t.abandonment_without_short(), 1.0 / 3);
  EXPECT_EQ(t.wait_max, 110s);
  EXPECT_EQ(t.talk, 200s);
  EXPECT_EQ(t.wrap, 20s);
  EXPECT_EQ(metrics.skill(SkillId{1}, at(0s), 15min).answered, 2u);
  EXPECT_EQ(metrics.site(SiteId{1}, at(0s), 60min).answered, 2u);
  const AgentTally a = metrics.agent(AgentId{1});
  EXPECT_EQ(a.logged_in, 360s);
  EXPECT_EQ(a.not_ready, 60s);
  EXPECT_EQ(a.busy, 200s);
  EXPECT_EQ(a.wrap, 20s);
  EXPECT_DOUBLE_EQ(a.occupancy(), 220.0 / 300);
  EXPECT_DOUBLE_EQ(a.adherence(600s), 0.5);
  EXPECT_EQ(metrics.waiting(QueueId{1}), 0u);
  EXPECT_NE(metrics.queues_csv(30min).find(",q,4,2,2,1,0,"), std::string::npos) << metrics.queues_csv(30min);
}

TEST(Alarms, HaveHysteresisAndPatience) {
  Alarms alarms({{.name = "long queue", .measure = AlarmRule::Measure::waiting, .raise = 10, .clear = 5, .hold = 30s},
                 {.name = "level", .measure = AlarmRule::Measure::service_level, .raise = 0.7, .clear = 0.8}});
  Alarm a;
  EXPECT_FALSE(alarms.observe(0, 12, at(0s), a));
  EXPECT_FALSE(alarms.observe(0, 9, at(10s), a));    // fell back: the patience begins anew
  EXPECT_FALSE(alarms.observe(0, 12, at(20s), a));
  EXPECT_FALSE(alarms.observe(0, 12, at(49s), a));
  EXPECT_TRUE(alarms.observe(0, 11, at(50s), a));
  EXPECT_TRUE(a.raised);
  EXPECT_FALSE(alarms.observe(0, 7, at(60s), a));    // between the two: still raised
  EXPECT_TRUE(alarms.observe(0, 5, at(70s), a));
  EXPECT_FALSE(a.raised);
  EXPECT_TRUE(alarms.observe(1, 0.6, at(0s), a));
  EXPECT_FALSE(alarms.observe(1, 0.75, at(1s), a));
  EXPECT_TRUE(alarms.observe(1, 0.9, at(2s), a));
}

TEST(Announcer, NeverContradictsItself) {
  Announcer announcer;
  WaitEstimate e{.p50 = 100s, .p80 = 170s, .samples = 40};
  auto said = announcer.next(5, e, at(0s));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->position, 5u);
  EXPECT_EQ(*said->wait, 180s);
  EXPECT_FALSE(announcer.next(4, e, at(10s)));  // too soon
  e.p80 = 600s;                                 // things got worse: the place got worse too, the promise holds
  said = announcer.next(7, e, at(60s));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->position, 0u);
  EXPECT_EQ(*said->wait, 120s);
  EXPECT_FALSE(announcer.next(7, {}, at(120s)));  // unknown: silence
  said = announcer.next(2, {}, at(150s));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->position, 2u);
  EXPECT_FALSE(said->wait);
}

TEST(WaitEstimator, SaysUnknownThenLearns) {
  Events events;
  Router router(centre(2), events);
  WaitEstimator estimator(router.definition());
  EXPECT_FALSE(estimator.estimate(QueueId{1}).p50);
  for (std::uint32_t a = 1; a <= 2; ++a) (void)router.login(AgentId{a}, at(0s)), (void)router.ready(AgentId{a}, at(0s));
  // A steady overload: 2 agents, 100 s each, a call every 40 s.
  std::vector<std::pair<Time, ContactId>> talks;
  std::size_t seen = 0;
  for (int s = 0; s < 40000; ++s) {
    const Time now = at(std::chrono::seconds(s));
    router.advance(now);
    for (std::size_t i = 0; i < talks.size();)
      if (talks[i].first <= now) (void)router.ended(talks[i].second, now), talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(i));
      else ++i;
    if (s % 40 == 0 && router.waiting() < 30) (void)router.enqueue({.queue = QueueId{1}}, now);
    for (; seen < events.size(); ++seen) {
      const Event e = events[seen];
      if (e.type == EventType::offered) (void)router.accept(e.offer, now), talks.push_back({now + 90s, e.contact});
    }
    for (const Event& e : events) estimator.add(e);
    events.clear();
    seen = 0;
  }
  const auto e = estimator.estimate(QueueId{1}, {.in_queue = 10, .in_line = 10});
  ASSERT_TRUE(e.p50);
  EXPECT_GT(e.samples, 20u);
  EXPECT_NEAR(static_cast<double>(e.p50->count()) * 1e-9, 10 * 50, 120);  // ten places of 50 s
  EXPECT_LE(*e.p50, *e.p80);
}

// Of two who wait in one queue the one who needs a rare skill waits ten times as long, and is told so.
TEST(WaitEstimator, KnowsTheLinesOfAQueueApart) {
  Events events;
  Definition d = centre(2);
  const SkillId yi = d.add_skill("yi"), yue = d.add_skill("yue");
  d.agents[0].skills.push_back({yi, 50}), d.agents[1].skills.push_back({yue, 50});
  Router router(d, events);
  const RequirementId slow = router.require("skill.yi > 0").value(), quick = router.require("skill.yue > 0").value();
  WaitEstimator estimator(router.definition());
  for (std::uint32_t a = 1; a <= 2; ++a) (void)router.login(AgentId{a}, at(0s)), (void)router.ready(AgentId{a}, at(0s));
  std::vector<std::pair<Time, ContactId>> talks;
  for (int s = 0; s < 40000; ++s) {
    const Time now = at(std::chrono::seconds(s));
    router.advance(now);
    for (std::size_t i = 0; i < talks.size();)
      if (talks[i].first <= now) (void)router.ended(talks[i].second, now), talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(i));
      else ++i;
    for (const auto& [need, every] : {std::pair(slow, 300), std::pair(quick, 30)})
      if (s % every == 0 && router.waiting() < 20) (void)router.enqueue({.queue = QueueId{1}, .requires_ = need}, now);
    for (std::size_t seen = 0; seen < events.size(); ++seen) {
      const Event e = events[seen];
      if (e.type == EventType::offered) (void)router.accept(e.offer, now), talks.push_back({now + (e.requirement == slow.value ? 300s : 30s), e.contact});
    }
    for (const Event& e : events) estimator.add(e);
    events.clear();
  }
  const auto rare = estimator.estimate(QueueId{1}, {.in_queue = 2, .in_line = 2, .requirement = slow});
  const auto common = estimator.estimate(QueueId{1}, {.in_queue = 2, .in_line = 2, .requirement = quick});
  ASSERT_TRUE(rare.p50 && common.p50);
  EXPECT_TRUE(rare.of_line && common.of_line);
  EXPECT_GT(*rare.p50, *common.p50 * 5);
}

TEST(Standing, CountsTheQueueTheLineAndTheCompetitors) {
  Events events;
  Definition d = centre(2);
  d.add_queue({.name = "other"});
  const SkillId yi = d.add_skill("yi");
  d.agents[0].skills.push_back({yi, 50});
  Router router(d, events);
  const RequirementId need = router.require("skill.yi > 0").value();
  std::vector<ContactId> ids;
  for (const auto& [queue, requirement] : {std::pair(1u, RequirementId{}), std::pair(1u, need), std::pair(2u, RequirementId{}), std::pair(1u, RequirementId{}), std::pair(1u, need)})
    ids.push_back(*router.enqueue({.queue = QueueId{queue}, .requires_ = requirement}, at(std::chrono::seconds(ids.size()))));
  const Standing last = router.standing(ids[4]).value();
  EXPECT_EQ(last.position, 5u);
  EXPECT_EQ(last.in_queue, 4u);
  EXPECT_EQ(last.in_line, 2u);
  EXPECT_EQ(last.requirement.value, need.value);
  EXPECT_EQ(router.standing(ids[0])->in_line, 1u);
  EXPECT_EQ(router.position(ids[4]).value(), 5u);
}

TEST(Explain, NamesTheCause) {
  Events events;
  Definition d = centre(2);
  d.agents[1].skills.clear();
  Router router(d, events);
  const auto contact = *router.enqueue({.queue = QueueId{1}}, at(0s));
  EXPECT_EQ(router.explain(contact, AgentId{1}).why, Why::not_logged_in);
  (void)router.login(AgentId{1}, at(1s)), (void)router.login(AgentId{2}, at(1s));
  (void)router.not_ready(AgentId{1}, at(1s), ReasonId{1});
  EXPECT_EQ(router.explain(contact, AgentId{1}).why, Why::not_ready);
  EXPECT_NE(router.explain(contact, AgentId{1}).sentence.find("lunch"), std::string::npos);
  EXPECT_EQ(router.explain(contact, AgentId{2}).why, Why::requirement);
  const auto all = router.explain(contact);
  EXPECT_EQ(all.position, 1u);
  EXPECT_EQ(all.agents.size(), 2u);
  (void)router.ready(AgentId{1}, at(2s));
  EXPECT_EQ(router.explain(contact, AgentId{1}).why, Why::offered);
  const auto second = *router.enqueue({.queue = QueueId{1}}, at(3s));
  EXPECT_EQ(router.explain(second, AgentId{1}).why, Why::has_offer);
  EXPECT_EQ(router.explain(ContactId{999}, AgentId{1}).why, Why::unknown);
}

// Many threads post, one routes: nothing is lost, the order of each thread holds (run under TSan).
TEST(Inbox, TakesFromManyThreads) {
  Inbox inbox(1 << 20);
  constexpr int kThreads = 4, kEach = 20000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Command c = to_command({.queue = QueueId{1}, .tag = static_cast<std::uint64_t>(t) << 32 | static_cast<std::uint64_t>(i + 1)}, at(0s));
        while (!inbox.post(c)) std::this_thread::yield();
      }
    });
  Events events;
  Router router(centre(1), events);
  std::vector<Command> batch;
  std::vector<std::uint64_t> next(kThreads, 1);
  int taken = 0;
  while (taken < kThreads * kEach) {
    inbox.wait(batch);
    for (const Command& c : batch) {
      EXPECT_EQ(c.contact & 0xffffffff, next[c.contact >> 32]++);
      EXPECT_EQ(execute(router, c).outcome, Outcome::done);
      ++taken;
    }
    events.clear();
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(router.waiting(), static_cast<std::uint32_t>(kThreads * kEach));
  inbox.close();
  EXPECT_FALSE(inbox.post({}));
}
