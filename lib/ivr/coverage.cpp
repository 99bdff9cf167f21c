#include <algorithm>
#include <cstdio>

#include "hotline/base/json.hpp"
#include "hotline/ivr/callers.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {
namespace {

template <class Reached>
Coverage::Share share(const std::vector<std::string>& all, const Reached& reached) {
  Coverage::Share share;
  share.total = all.size();
  for (const std::string& one : all) {
    if (reached.contains(one)) ++share.reached;
    else share.missed.push_back(one);
  }
  return share;
}

template <class Set>
Coverage cover(const Flow& flow, const Set& nodes, const Set& exits, const Set& counters) {
  std::vector<std::string> all_nodes, all_exits, all_counters;
  for (const FlowNode& node : flow.program().nodes) {
    all_nodes.push_back(node.id);
    for (const Exit& exit : node.exits)
      if (exit.to != target::unwired) all_exits.push_back(node.id + "/" + exit.name);
    if (node.dialogues == 0) continue;
    for (const TraceKind kind : {TraceKind::no_input, TraceKind::no_match, TraceKind::exhausted})
      all_counters.push_back(node.id + "/" + std::string(to_string(kind)));
  }
  return {share(all_nodes, nodes), share(all_exits, exits), share(all_counters, counters)};
}

}  // namespace

Coverage coverage(const Flow& flow, std::span<const std::string> nodes, std::span<const std::string> exits, std::span<const std::string> counters) {
  using Set = std::set<std::string, std::less<>>;
  return cover(flow, Set(nodes.begin(), nodes.end()), Set(exits.begin(), exits.end()), Set(counters.begin(), counters.end()));
}

void CoverageMap::add(std::span<const Trace> trace) {
  const auto note = [](auto& set, const Trace& t, std::string_view what) {
    const std::string name = std::string(t.node) + "/" + std::string(what);
    if (!set.contains(name)) set.insert(name);
  };
  for (const Trace& t : trace) switch (t.kind) {
      case TraceKind::enter:
        if (!nodes_.contains(t.node)) nodes_.emplace(t.node);
        break;
      case TraceKind::leave: note(exits_, t, t.exit); break;
      case TraceKind::no_input:
      case TraceKind::no_match:
      case TraceKind::exhausted: note(counters_, t, to_string(t.kind)); break;
      default: break;
    }
}

void CoverageMap::add(const Rehearsal& call) {
  nodes_.insert(call.path().begin(), call.path().end());
  exits_.insert(call.exits().begin(), call.exits().end());
  counters_.insert(call.counters().begin(), call.counters().end());
}

Coverage CoverageMap::report() const { return cover(flow_, nodes_, exits_, counters_); }

std::string Coverage::to_text() const {
  std::string text, missed;
  const auto tell = [&](std::string_view name, const Share& share) {
    char percent[64];
    std::snprintf(percent, sizeof percent, " %.0f %% (%zu of %zu)", 100 * share.share(), share.reached, share.total);
    text += (text.empty() ? "" : ", ") + std::string(name) + percent;
    if (share.missed.empty()) return;
    missed += "missed " + std::string(name) + ":";
    for (std::size_t i = 0; i < share.missed.size() && i < 20; ++i) missed += " " + share.missed[i];
    missed += share.missed.size() > 20 ? " ...\n" : "\n";
  };
  tell("nodes", nodes);
  tell("exits", exits);
  tell("counters", counters);
  return text + "\n" + missed;
}

std::string Coverage::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  const auto tell = [&](std::string_view name, const Share& share) {
    json.key(name).begin_object().field("share", share.share()).field("reached", share.reached).field("total", share.total).key("missed").begin_array();
    for (const std::string& one : share.missed) json.value(one);
    json.end_array().end_object();
  };
  tell("nodes", nodes);
  tell("exits", exits);
  tell("counters", counters);
  json.end_object();
  return out;
}

}  // namespace hotline::ivr
