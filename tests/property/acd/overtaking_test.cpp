// The printed bound: who came later is offered before one who waits in the same queue only by priority, and then by less
// than the difference of points x boost. Random worlds, after every offer.
#include <gtest/gtest.h>

#include <map>

#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

TEST(Overtaking, StaysWithinTheBound) {
  constexpr Duration kBoost = 10s;
  std::uint64_t offers = 0, overtakes = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Definition d;
    d.add_channel({.name = "voice"});
    d.misses = 0;
    for (int i = 0; i < 3; ++i) d.add_skill("s" + std::to_string(i));
    for (std::uint32_t i = 0; i < 3; ++i) {
      QueueDef q{.name = "q" + std::to_string(i), .key = KeyRule::boost, .boost = kBoost, .ring_timeout = 6s, .exclude = 0s};
      q.steps.push_back({Requirement::skill(SkillId{i + 1}, static_cast<std::uint8_t>(1 + random.below(60)))});
      q.agents = static_cast<AgentOrder>(random.below(14));
      d.add_queue(q);
    }
    for (int i = 0; i < 6; ++i) {
      AgentDef a{.name = "a" + std::to_string(i)};
      for (std::uint32_t s = 1; s <= 3; ++s)
        if (random.below(2) == 0) a.skills.push_back({SkillId{s}, static_cast<std::uint8_t>(1 + random.below(100))});
      d.add_agent(a);
    }
    Events events;
    Router router(d, events);
    Time now = time_from_ns(1'700'000'000'000'000'000);
    for (std::uint32_t a = 1; a <= 6; ++a) (void)router.login(AgentId{a}, now), (void)router.ready(AgentId{a}, now);
    struct Waiting {
      std::uint32_t queue;
      Time since;
      std::int32_t priority;
    };
    std::map<std::uint64_t, Waiting> waiting;  // by contact, as the events tell
    std::map<std::uint64_t, Waiting> known;
    std::vector<OfferId> open;
    std::vector<ContactId> talking;
    for (int i = 0; i < 1500; ++i) {
      if (random.below(3) == 0) now += std::chrono::seconds(random.below(4));
      events.clear();
      const auto any = [&](auto& list) { return list[random.below(list.size())]; };
      switch (random.below(8)) {
        case 0: case 1: case 2: {
          const auto queue = static_cast<std::uint32_t>(1 + random.below(3));
          const auto priority = static_cast<std::int32_t>(random.below(4));
          router.advance(now);
          (void)router.enqueue({.queue = QueueId{queue}, .tag = 1u + static_cast<std::uint64_t>(i), .priority = priority}, now);
          for (const Event& e : events)
            if (e.tag == 1u + static_cast<std::uint64_t>(i)) known[e.contact.value] = {queue, now, priority};
          break;
        }
        case 3: case 4: if (!open.empty()) (void)router.accept(any(open), now); break;
        case 5: if (!open.empty()) (void)router.reject(any(open), now); break;
        case 6: if (!talking.empty()) (void)router.ended(any(talking), now); break;
        default: if (!talking.empty()) (void)router.requeue(any(talking), {}, now); break;
      }
      for (const Event& e : events) {
        const std::uint64_t id = e.contact.value;
        if (e.type == EventType::offered) {
          waiting.erase(id);
          open.push_back(e.offer);
          ++offers;
          const Waiting& x = known.at(id);
          for (const auto& [other, y] : waiting) {
            if (y.queue != x.queue || y.since >= x.since) continue;
            ++overtakes;
            ASSERT_LE(x.since - y.since, (x.priority - y.priority) * kBoost) << "seed " << seed << " step " << i;
          }
        } else if (e.type == EventType::queued || e.type == EventType::requeued) {
          waiting[id] = known.at(id);
        } else if (e.type == EventType::accepted) {
          talking.push_back(e.contact);
        } else if (e.type == EventType::abandoned) {
          waiting.erase(id);
        }
      }
    }
    ASSERT_TRUE(router.check().ok());
  }
  EXPECT_GT(offers, 10'000u);
  EXPECT_GT(overtakes, 100u);  // the test is not empty: there were some
}
