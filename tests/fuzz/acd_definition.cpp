// Any text as a definition: a definition or complaints with places, never a crash; what loads can be routed with.
#include <cstdint>
#include <string_view>

#include "hotline/acd.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::acd;
  const auto definition = parse_definition({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!definition.ok() || definition->agents.size() > 2000 || definition->queues.size() > 200) return 0;
  Events events;
  Router router(*definition, events);
  const hotline::Time now = hotline::time_from_ns(1'700'000'000'000'000'000);
  for (std::uint32_t a = 1; a <= definition->agents.size() && a < 20; ++a) (void)router.login(AgentId{a}, now), (void)router.ready(AgentId{a}, now);
  for (std::uint32_t q = 1; q <= definition->queues.size(); ++q) (void)router.enqueue({.queue = QueueId{q}}, now);
  router.advance(now + std::chrono::hours(1));
  if (!router.check().ok()) __builtin_trap();
  return 0;
}
