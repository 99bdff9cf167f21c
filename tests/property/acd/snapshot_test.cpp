// A router made from a snapshot goes on exactly as the one it was taken of.
#include <gtest/gtest.h>

#include "property/acd/random_world.hpp"

using namespace hotline;
using namespace hotline::acd;

TEST(Snapshot, GoesOnTheSame) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomWorld world(seed);
    Events events;
    Router router(world.definition, events);
    for (std::uint32_t a = 1; a <= world.definition.agents.size(); ++a) (void)router.login(AgentId{a}, world.now), (void)router.ready(AgentId{a}, world.now);
    for (int i = 0; i < 200; ++i) {
      events.clear();
      world.step(router);
      world.keep(events);
    }
    Events other_events;
    Router other(world.definition, other_events);
    const std::string bytes = router.save();
    const Status restored = other.restore(bytes);
    ASSERT_TRUE(restored.ok()) << "seed " << seed << ": " << restored.error().text();
    RandomWorld twin = world;
    for (int i = 0; i < 200; ++i) {
      events.clear();
      other_events.clear();
      world.step(router);
      twin.step(other);
      ASSERT_EQ(events.size(), other_events.size()) << "seed " << seed << " step " << i;
      for (std::size_t e = 0; e < events.size(); ++e) {
        ASSERT_EQ(events[e].type, other_events[e].type) << "seed " << seed << " step " << i;
        ASSERT_EQ(events[e].contact, other_events[e].contact);
        ASSERT_EQ(events[e].agent, other_events[e].agent) << "seed " << seed << " step " << i;
        ASSERT_EQ(events[e].offer, other_events[e].offer);
        ASSERT_EQ(events[e].value, other_events[e].value);
      }
      world.keep(events);
      twin.keep(other_events);
    }
    // Damage is noticed or harmless, never a crash.
    for (int i = 0; i < 20; ++i) {
      std::string damaged = bytes;
      damaged.resize(world.random.below(bytes.size()));
      Events ignored;
      Router third(world.definition, ignored);
      EXPECT_FALSE(third.restore(damaged).ok());
    }
  }
}
