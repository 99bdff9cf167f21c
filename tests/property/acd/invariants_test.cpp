// Section 4.2.21 of the design after every step, in random worlds. A failure prints the seed that repeats it:
//   HOTLINE_SEED=123 ./property_acd --gtest_filter=Invariants.*
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <unordered_map>

#include "property/acd/random_world.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace {

bool nightly() { return std::getenv("HOTLINE_NIGHTLY") != nullptr; }
// The same worlds in every normal run, new ones every night.
std::uint64_t seed_of_run() {
  if (const char* text = std::getenv("HOTLINE_SEED")) return std::strtoull(text, nullptr, 10);
  return nightly() ? std::random_device{}() : 1;
}

// What the events alone promise: every offer ends once, at most one accept at a time, a contact ends once.
class Promises {
 public:
  std::string add(const Event& e) {
    const auto fail = [&](const char* what) { return std::string(what) + " at " + std::string(to_string(e.type)); };
    switch (e.type) {
      case EventType::offered:
        if (offers_[e.offer.value]++ != 0) return fail("an offer id twice");
        ++open_;
        break;
      case EventType::offer_ended:
        if (offers_[e.offer.value]++ != 1 && !accepted_.count(e.offer.value)) return fail("an offer ended twice");
        accepted_.erase(e.offer.value);
        --open_;
        break;
      case EventType::accepted:
        if (offers_[e.offer.value]++ != 1) return fail("an ended offer was accepted");
        accepted_[e.offer.value] = true;
        break;
      case EventType::wrap_ended: case EventType::abandoned: case EventType::overflowed: case EventType::withdrawn: case EventType::released:
      case EventType::refused:
        if (gone_[e.contact.value]++ != 0) return fail("a contact ended twice");
        break;
      default: break;
    }
    if (e.at < last_) return fail("time ran backwards");
    last_ = e.at;
    return {};
  }

 private:
  std::unordered_map<std::uint64_t, int> offers_, gone_;
  std::unordered_map<std::uint64_t, bool> accepted_;
  std::int64_t open_ = 0;
  Time last_{};
};

std::string run(std::uint64_t seed, int steps, std::string* hash = nullptr) {
  RandomWorld world(seed);
  Diagnostics diagnostics;
  world.definition.validate(diagnostics);
  if (diagnostics.has_errors()) return "definition: " + diagnostics.to_text();
  Events events;
  Router router(world.definition, events);
  Promises promises;
  std::uint64_t h = 1469598103934665603ull;
  for (std::uint32_t a = 1; a <= world.definition.agents.size(); ++a) (void)router.login(AgentId{a}, world.now), (void)router.ready(AgentId{a}, world.now);
  for (int i = 0; i < steps; ++i) {
    events.clear();
    world.step(router);
    for (const Event& e : events) {
      if (auto broken = promises.add(e); !broken.empty()) return "seed " + std::to_string(seed) + " step " + std::to_string(i) + ": " + broken;
      for (const std::uint64_t word : {static_cast<std::uint64_t>(to_ns(e.at)), e.contact.value, e.offer.value, static_cast<std::uint64_t>(e.agent.value),
                                       static_cast<std::uint64_t>(e.type), static_cast<std::uint64_t>(e.value)})
        h = (h ^ word) * 1099511628211ull;
    }
    if (const Status sound = router.check(); !sound.ok()) return "seed " + std::to_string(seed) + " step " + std::to_string(i) + ": " + sound.error().text();
    if (const auto next = router.next_deadline(); next && *next <= router.now()) return "seed " + std::to_string(seed) + ": a deadline was missed";
    world.keep(events);
  }
  if (hash != nullptr) *hash = std::to_string(h);
  return {};
}

}  // namespace

TEST(Invariants, HoldAfterEveryStepInRandomWorlds) {
  const std::uint64_t base = seed_of_run();
  const bool one = std::getenv("HOTLINE_SEED") != nullptr;
  std::printf("seed %llu\n", static_cast<unsigned long long>(base));
  const int worlds = one ? 1 : nightly() ? 200000 : 2000;
  // A citizen who rang in while others were dialled waited beside a free agent.
  EXPECT_EQ(run(1884341127, 500), "");
  EXPECT_EQ(run(3674879815, 500), "");
  for (int w = 0; w < worlds; ++w) ASSERT_EQ(run(base + static_cast<std::uint64_t>(w), 500), "");
}

TEST(Invariants, SameSeedSameBytes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::string first, again;
    ASSERT_EQ(run(seed, 500, &first), "");
    ASSERT_EQ(run(seed, 500, &again), "");
    EXPECT_EQ(first, again);
  }
}
