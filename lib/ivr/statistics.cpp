#include "hotline/ivr/statistics.hpp"

#include "hotline/base/json.hpp"

namespace hotline::ivr {

void Statistics::add(std::span<const Trace> trace) {
  for (const Trace& t : trace) {
    if (t.node.empty()) continue;
    auto found = nodes_.find(t.node);
    if (found == nodes_.end()) found = nodes_.emplace(std::string(t.node), NodeStatistics{}).first;
    NodeStatistics& n = found->second;
    switch (t.kind) {
      case TraceKind::enter: ++n.entries; break;
      case TraceKind::leave: {
        auto exit = n.exits.find(t.exit);
        if (exit == n.exits.end()) exit = n.exits.emplace(std::string(t.exit), 0).first;
        ++exit->second;
        if (t.exit == "agent key") ++n.zero_outs;
        if (t.exit != "repeat key") n.time += t.elapsed;
        break;
      }
      case TraceKind::no_input: ++n.no_input; break;
      case TraceKind::no_match: ++n.no_match; break;
      case TraceKind::exhausted: ++n.exhausted; break;
      case TraceKind::error: ++n.errors; break;
      case TraceKind::barge_in:
        ++n.barge_ins;
        n.barge_in_time += t.elapsed;
        break;
      case TraceKind::hangup:
        ++n.hangups;
        n.time += t.elapsed;
        break;
      default: break;
    }
  }
}

void Statistics::merge(const Statistics& other) {
  for (const auto& [id, more] : other.nodes_) {
    NodeStatistics& n = nodes_[id];
    n.entries += more.entries;
    n.hangups += more.hangups;
    n.no_input += more.no_input;
    n.no_match += more.no_match;
    n.exhausted += more.exhausted;
    n.errors += more.errors;
    n.zero_outs += more.zero_outs;
    n.barge_ins += more.barge_ins;
    n.barge_in_time += more.barge_in_time;
    n.time += more.time;
    for (const auto& [exit, count] : more.exits) n.exits[exit] += count;
  }
}

std::string Statistics::to_json() const {
  std::string out;
  JsonWriter json(out);
  const auto seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  json.begin_object().field("version", version_).key("nodes").begin_object();
  for (const auto& [id, n] : nodes_) {
    json.key(id).begin_object().field("entries", n.entries).field("hangups", n.hangups).field("no_input", n.no_input).field("no_match", n.no_match);
    json.field("exhausted", n.exhausted).field("errors", n.errors).field("zero_outs", n.zero_outs).field("barge_ins", n.barge_ins);
    json.field("barge_in_seconds", seconds(n.barge_in_time)).field("seconds", seconds(n.time)).key("exits").begin_object();
    for (const auto& [exit, count] : n.exits) json.field(exit, count);
    json.end_object().end_object();
  }
  json.end_object().end_object();
  return out;
}

}  // namespace hotline::ivr
