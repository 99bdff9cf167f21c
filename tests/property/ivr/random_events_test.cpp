// A million random events, a hundred million with HOTLINE_NIGHTLY=1 (HOTLINE_EVENTS=n: as many), and no broken invariant.
#include <gtest/gtest.h>

#include <cstdlib>

#include "hotline/base/random.hpp"
#include "random_session.hpp"

using namespace hotline;
using namespace hotline::ivr::testing;

TEST(Session, RandomEventsBreakNoInvariant) {
  std::size_t events = std::getenv("HOTLINE_NIGHTLY") != nullptr ? 100'000'000 : 300'000;
  if (const char* given = std::getenv("HOTLINE_EVENTS")) events = static_cast<std::size_t>(std::atoll(given));
  const char* given_seed = std::getenv("HOTLINE_SEED");
  const std::uint64_t seed = given_seed != nullptr ? static_cast<std::uint64_t>(std::atoll(given_seed)) : 1;
  RecordProperty("seed", std::to_string(seed));
  Random random(seed);
  RandomSession call;
  std::size_t calls = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < events;) {
    call.begin(++calls);
    const std::size_t most = 8 + random.below(400);  // so that calls are seen young and old
    for (std::size_t k = 0; k < most && i < events && !call.ended(); ++k, ++i) {
      if (i % 4 == 0) bytes = random();
      call.event(static_cast<std::uint8_t>(bytes), static_cast<std::uint8_t>(bytes >> 8));
      bytes >>= 16;
    }
    call.event(0, 0);  // one more, perhaps after the end
  }
  EXPECT_GT(call.actions, events / 10);
  EXPECT_GT(call.migrations, events / 100'000) << "calls have moved between versions";
  std::printf("%zu events in %zu calls, seed %llu: %zu actions, %zu moves to another version\n", events, calls, static_cast<unsigned long long>(seed), call.actions,
              call.migrations);
}
