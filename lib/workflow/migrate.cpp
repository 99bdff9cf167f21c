#include <algorithm>

#include "hotline/workflow/kernel.hpp"
#include "workflow/definition_data.hpp"

namespace hotline::workflow {
namespace {

// The state's name in the newer version.
std::string_view successor(const Migration* map, const Machine& m, const Region& region, const std::string& state) {
  if (map != nullptr)
    for (const Migration::Rename& r : map->states)
      if (r.machine == m.name && r.region == region.name && r.from == state) return r.to;
  return state;
}

}  // namespace

Result<Instance> migrate(const Definition& from, const Definition& to, const Instance& old) {
  if (from.id() != to.id())
    return Error(ErrorCode::invalid_argument, "`" + from.id() + "` is not an older version of `" + to.id() + "`",
                 "migrate within one workflow");
  const Migration* map = nullptr;
  for (const Migration& m : to.migrations())
    if (m.version == from.version()) map = &m;
  if (map == nullptr && from.version() != to.version())
    return Error(ErrorCode::invalid_definition,
                 "W120 `" + to.id() + "` has no migration from version " + std::to_string(from.version()),
                 "add `migrate_from: {" + std::to_string(from.version()) + ": {}}`");
  Instance s;
  s.version = old.version;
  std::vector<std::uint32_t> clock_of(old.clocks.size(), kNone);
  for (NodeId n = 0; n < old.nodes.size(); ++n) {
    NodeState node = old.nodes[n];
    const Machine& was = from.machines()[node.machine];
    node.machine = to.machine(was.name);
    if (node.machine == kNone)
      return Error(ErrorCode::invalid_definition, "W120 task `" + was.name + "` does not exist any more",
                   "keep it until the last instance is closed");
    const Machine& is = to.machines()[node.machine];
    const MachineIndex& sizes = to.data().indices[node.machine];
    node.states = static_cast<std::uint32_t>(s.states.size());
    node.fields = static_cast<std::uint32_t>(s.fields.size());
    node.clocks = static_cast<std::uint32_t>(s.clocks.size());
    node.timers = static_cast<std::uint32_t>(s.timers.size());
    node.counts = static_cast<std::uint32_t>(s.counts.size());
    s.clocks.resize(s.clocks.size() + sizes.clocks);
    s.timers.resize(s.timers.size() + sizes.timers);
    s.counts.resize(s.counts.size() + sizes.counts);
    for (const Region& region : is.regions) {
      const std::uint32_t r = was.region(region.name);
      if (r == kNone) {
        s.states.push_back(region.initial);
        continue;
      }
      const std::string& state = was.regions[r].states[old.state(n, r)].name;
      const std::uint32_t next = region.find(successor(map, is, region, state));
      if (next == kNone)
        return Error(ErrorCode::invalid_definition,
                     "W120 state `" + state + "` of region `" + region.name + "` has no successor in version " +
                         std::to_string(to.version()),
                     "map it under `migrate_from`");
      s.states.push_back(next);
    }
    for (const Field& f : is.fields) {
      const std::uint32_t i = was.field(f.name);
      s.fields.push_back(i != kNone && was.fields[i].type == f.type ? old.field(n, i) : f.initial);
    }
    for (std::uint32_t c = 0; c < is.clocks.size(); ++c)
      if (const std::uint32_t i = was.clock(is.clocks[c].name); i != kNone) {
        s.clocks[node.clocks + c] = old.clock(n, i);
        clock_of[old.nodes[n].clocks + i] = node.clocks + c;
      }
    for (std::uint32_t t = 0; t < is.timers.size(); ++t)
      if (const std::uint32_t i = was.timer(is.timers[t].name); i != kNone) s.timers[node.timers + t] = old.timer(n, i);
    for (std::uint32_t e = 0; e < is.events.size(); ++e)
      if (const std::uint32_t i = was.event(is.events[e].name); i != kNone) s.counts[node.counts + e] = old.count(n, i);
    s.nodes.push_back(node);
  }
  for (const Instance::Line& line : old.ledger)
    if (clock_of[line.clock] != kNone) s.ledger.push_back({clock_of[line.clock], line.entry});
  return s;
}

Status check_migration(const Definition& from, const Definition& to, Diagnostics& diagnostics) {
  const Migration* map = nullptr;
  for (const Migration& m : to.migrations())
    if (m.version == from.version()) map = &m;
  if (map == nullptr)
    diagnostics.error("W120", "no migration from version " + std::to_string(from.version()),
                      "add `migrate_from: {" + std::to_string(from.version()) + ": {}}`");
  for (const Machine& was : from.machines()) {
    const std::uint32_t m = to.machine(was.name);
    if (m == kNone) {
      diagnostics.error("W120", "task `" + was.name + "` does not exist any more",
                        "keep it until the last instance is closed");
      continue;
    }
    const Machine& is = to.machines()[m];
    for (const Region& region : was.regions) {
      const std::uint32_t r = is.region(region.name);
      if (r == kNone) continue;  // a region that is gone takes its states with it
      for (const State& state : region.states)
        if (is.regions[r].find(successor(map, is, is.regions[r], state.name)) == kNone)
          diagnostics.error("W120", "state `" + state.name + "` of region `" + region.name + "` has no successor",
                            "map it under `migrate_from`", is.regions[r].place, state.name);
    }
  }
  return diagnostics.status();
}

}  // namespace hotline::workflow
