// Any text: read as a definition, and where it is one, started and given every event and timer.
#include <cstddef>
#include <cstdint>

#include "hotline/workflow.hpp"

using namespace hotline;
using namespace hotline::workflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20000) return 0;
  Diagnostics diagnostics("fuzz");
  const auto d = Definition::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz", diagnostics);
  if (!d.ok()) return 0;
  (void)draw(*d, Diagram::svg), (void)draw(*d, Diagram::mermaid), (void)draw(*d, Diagram::dot);
  Decision now = start(*d, {}, {}, Time{}), next;
  for (int round = 0; round < 3; ++round)
    for (NodeId n = 0; n < now.next.nodes.size() && n < 8; ++n) {
      const Machine& m = d->machines()[now.next.nodes[n].machine];
      for (std::uint32_t e = 0; e < m.events.size() + m.timers.size(); ++e) {
        const bool timer = e >= m.events.size();
        const auto type = timer ? e - static_cast<std::uint32_t>(m.events.size()) : e;
        const Event event{timer ? Event::Kind::timer : Event::Kind::named,
                          n,
                          type,
                          timer ? now.next.timer(n, type).generation : 0,
                          {}};
        decide(*d, now.next, event, {{"a", "u", ~0ull}, {}, {}}, Time{std::chrono::hours{24 * 365 * round}}, next);
        if (next.accepted()) std::swap(now, next);
      }
    }
  std::string bytes;
  now.next.encode(*d, bytes);
  const auto back = Instance::decode(*d, bytes);
  const auto text = Instance::parse(*d, now.next.to_json(*d));
  if (!back.ok() || !(*back == now.next) || !text.ok()) __builtin_trap();
  return 0;
}
