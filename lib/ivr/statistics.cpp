#include "hotline/ivr/statistics.hpp"

#include "hotline/base/journal.hpp"
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

std::string StatisticsByVersion::name_of(const Flow& flow) {
  return flow.id() + " " + (flow.version().empty() ? flow.fingerprint() : flow.version());
}

void StatisticsByVersion::add(const std::string& version, const Trace& trace) {
  auto found = versions_.find(version);
  if (found == versions_.end()) found = versions_.emplace(version, Statistics(version)).first;
  found->second.add({&trace, 1});
}

void StatisticsByVersion::add(const Flow& before, const Session& session, std::span<const Trace> trace) {
  if (trace.empty()) return;
  std::string version = name_of(before);
  for (const Trace& t : trace) {
    if (t.kind == TraceKind::migrated) version = name_of(session.flow());
    add(version, t);
  }
}

void StatisticsByVersion::merge(const StatisticsByVersion& other) {
  for (const auto& [version, more] : other.versions_) versions_.try_emplace(version, Statistics(version)).first->second.merge(more);
}

const Statistics* StatisticsByVersion::find(std::string_view version) const {
  const auto found = versions_.find(version);
  return found == versions_.end() ? nullptr : &found->second;
}

std::string StatisticsByVersion::to_json() const {
  std::string out = "[";
  for (const auto& [version, statistics] : versions_) out += (out.size() > 1 ? "," : "") + statistics.to_json();
  return out + "]";
}

Result<StatisticsByVersion> read_statistics(std::string_view journal, std::string_view file) {
  static constexpr TraceKind kKinds[] = {TraceKind::enter, TraceKind::leave, TraceKind::no_input, TraceKind::no_match, TraceKind::exhausted,
                                         TraceKind::barge_in, TraceKind::error, TraceKind::hangup, TraceKind::migrated};
  StatisticsByVersion statistics;
  std::map<std::string, std::string> version_of;  // by call
  HOTLINE_ASSIGN(const auto records, read_journal(journal, file));
  for (const JournalRecord& record : records) {
    if (record.box != "ivr") continue;
    const auto text = [&](std::string_view key) {
      const Node* node = record.fields.find(key);
      return node ? node->text() : std::string();
    };
    if (record.type == "call.start" || record.type == "node.migrated")
      version_of[text("call")] = text("flow") + " " + (text("version").empty() ? text("fingerprint") : text("version"));
    if (!record.type.starts_with("node.")) continue;
    const auto version = version_of.find(text("call"));
    if (version == version_of.end()) continue;
    const std::string node = text("node"), exit = text("exit");
    const auto elapsed = parse_duration(text("elapsed").empty() ? "0s" : text("elapsed"));
    for (const TraceKind kind : kKinds)
      if (record.type.substr(5) == to_string(kind)) statistics.add(version->second, {kind, node, exit, {}, elapsed ? *elapsed : Duration{}});
  }
  return statistics;
}

}  // namespace hotline::ivr
