// Definitions change on a running router; nobody is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "property/acd/random_world.hpp"

using namespace hotline;
using namespace hotline::acd;

TEST(Redefine, LosesNobody) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    RandomWorld world(seed), other(seed + 100000);
    Events events;
    Router router(world.definition, events);
    for (std::uint32_t a = 1; a <= world.definition.agents.size(); ++a) (void)router.login(AgentId{a}, world.now), (void)router.ready(AgentId{a}, world.now);
    std::set<std::uint64_t> here;
    const auto follow = [&] {
      for (const Event& e : events) {
        if (e.type == EventType::queued || e.type == EventType::offered) here.insert(e.contact.value);
        if (e.type == EventType::wrap_ended || e.type == EventType::abandoned || e.type == EventType::overflowed || e.type == EventType::withdrawn || e.type == EventType::released)
          here.erase(e.contact.value);
      }
      world.keep(events);
      events.clear();
    };
    for (int i = 0; i < 150; ++i) {
      world.step(router);
      follow();
      if (i % 30 != 29) continue;
      Definition next = (i / 30) % 2 == 0 ? other.definition : world.definition;
      next.version = static_cast<std::uint32_t>(i);
      std::reverse(next.agents.begin(), next.agents.end());  // the numbers move
      const Status changed = router.redefine(next, world.now);
      follow();
      ASSERT_TRUE(router.check().ok()) << "seed " << seed << " step " << i << ": " << router.check().error().text();
      ASSERT_TRUE(changed.ok() || changed.code() == ErrorCode::wrong_state) << changed.error().text();
      for (const std::uint64_t id : here) ASSERT_TRUE(router.contact(ContactId{id})) << "seed " << seed << " lost " << id;
      world.definition = router.definition();
    }
  }
}
