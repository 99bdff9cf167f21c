#include "hotline/workflow/instance.hpp"

#include <algorithm>

#include "workflow/definition_data.hpp"

namespace hotline::workflow {

std::string_view Instance::state(const Definition& d, NodeId node, std::string_view region) const {
  if (!exists(node)) return {};
  const Machine& m = d.machines()[nodes[node].machine];
  const std::uint32_t r = m.region(region);
  return r == kNone ? std::string_view() : std::string_view(m.regions[r].states[state(node, r)].name);
}

const expr::Value& Instance::field(const Definition& d, NodeId node, std::string_view name) const {
  static const expr::Value none;
  if (!exists(node)) return none;
  const std::uint32_t f = d.machines()[nodes[node].machine].field(name);
  return f == kNone ? none : field(node, f);
}

const ClockState* Instance::clock(const Definition& d, NodeId node, std::string_view name) const {
  if (!exists(node)) return nullptr;
  const std::uint32_t c = d.machines()[nodes[node].machine].clock(name);
  return c == kNone ? nullptr : &clock(node, c);
}

bool Instance::finished(const Definition& d) const {
  if (nodes.empty()) return false;
  bool any = false;
  for (std::uint32_t r = 0; r < d.root().regions.size(); ++r) {
    const Region& region = d.root().regions[r];
    if (std::none_of(region.states.begin(), region.states.end(), [](const State& s) { return s.final; })) continue;
    if (!region.states[state(0, r)].final) return false;
    any = true;
  }
  return any;
}

bool Instance::operator==(const Instance& o) const {
  return version == o.version && nodes == o.nodes && states == o.states && clocks == o.clocks && timers == o.timers &&
         counts == o.counts && ledger == o.ledger && fields.size() == o.fields.size() &&
         std::equal(fields.begin(), fields.end(), o.fields.begin(), [](const expr::Value& a, const expr::Value& b) {
           return (a.is_missing() && b.is_missing()) || (a.kind() == b.kind() && a == b);
         });
}

}  // namespace hotline::workflow
