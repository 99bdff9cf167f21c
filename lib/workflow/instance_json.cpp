// The canonical text of an instance. What is at its first value is left out.
#include <algorithm>
#include <array>

#include "hotline/workflow/instance.hpp"
#include "workflow/definition_data.hpp"

namespace hotline::workflow {
namespace {

constexpr std::array<std::string_view, 4> kStatus{"idle", "running", "paused", "stopped"};
constexpr std::array<std::string_view, 6> kOps{"start", "pause", "resume", "extend", "stop", "calendar"};
constexpr std::array<std::string_view, 4> kRules{"all", "lead", "first", "quorum"};

void write_clock_state(JsonWriter& json, const ClockState& c) {
  json.begin_object().field("status", kStatus[static_cast<std::size_t>(c.status)]).field("starts", c.starts);
  json.field("started", to_string(c.started)).field("term", to_string(c.term));
  if (c.extra.amount != 0) json.field("extra", to_string(c.extra));
  if (c.status == ClockState::Status::paused) json.field("paused_at", to_string(c.paused_at));
  if (c.status == ClockState::Status::stopped) json.field("stopped", to_string(c.stopped));
  if (c.paused != 0) json.field("paused", c.paused);
  if (c.paused_work.count() != 0) json.field("paused_work", c.paused_work.count());
  if (c.due != Due::never) json.field("due", to_string(c.due));
  if (c.provisional) json.field("provisional", true);
  if (c.overdue_at != Due::never) json.field("overdue_at", to_string(c.overdue_at));
  if (c.overdue_count != 0) json.field("overdue_count", c.overdue_count);
  json.end_object();
}

// Reads one value after another; the first thing that does not fit is kept.
class Reader {
 public:
  explicit Reader(const Definition& d) : d_(d) {}

  Result<Instance> read(const Node& root) {
    const Node* definition = root.find("definition");
    const Node* version = root.find("definition_version");
    if (definition == nullptr || version == nullptr) return broken(root, "not an instance");
    if (definition->text() != d_.id() || version->as_int() != d_.version())
      return Error(ErrorCode::version_mismatch,
                   "an instance of `" + definition->text() + "` version " + version->text() + ", not of `" + d_.id() +
                       "` version " + std::to_string(d_.version()),
                   "load that version's definition, or migrate the instance");
    s_.version = static_cast<std::uint64_t>(integer(root, "version", 0));
    const Node* nodes = root.find("nodes");
    if (nodes == nullptr || nodes->items().empty() || nodes->items().size() > 65536) return broken(root, "no nodes");
    for (const Node& node : nodes->items()) read_node(node);
    if (const Node* ledger = root.find("ledger"))
      for (const Node& line : ledger->items()) read_line(line);
    if (error_) return *error_;
    return std::move(s_);
  }

 private:
  Error broken(const Node& at, std::string what) const {
    return Error(ErrorCode::corrupt, "instance: " + std::move(what), "restore it from the log", at.place("instance"));
  }
  void fail(const Node& at, std::string what) {
    if (!error_) error_ = broken(at, std::move(what));
  }
  std::int64_t integer(const Node& in, std::string_view key, std::int64_t otherwise) {
    const Node* n = in.find(key);
    if (n == nullptr) return otherwise;
    const auto v = n->as_int();
    if (!v) fail(*n, std::string(key) + " is not a number");
    return v.value_or(otherwise);
  }
  std::uint32_t natural(const Node& in, std::string_view key, std::uint32_t otherwise = 0) {
    const std::int64_t v = integer(in, key, otherwise);
    if (v < 0 || v > 0xfffffffe) fail(in, std::string(key) + " is out of range");
    return static_cast<std::uint32_t>(v);
  }
  bool truth(const Node& in, std::string_view key) {
    const Node* n = in.find(key);
    return n != nullptr && n->as_bool().value_or(false);
  }
  Time time(const Node& in, std::string_view key, Time otherwise) {
    const Node* n = in.find(key);
    if (n == nullptr) return otherwise;
    const auto t = parse_time(n->text());
    if (!t.ok()) fail(*n, t.error().message());
    return t.ok() ? *t : otherwise;
  }
  Term term(const Node& in, std::string_view key) {
    const Node* n = in.find(key);
    if (n == nullptr) return {};
    const auto t = parse_term(n->text());
    if (!t.ok()) fail(*n, t.error().message());
    return t.ok() ? *t : Term{};
  }
  template <class Names>
  std::size_t choice(const Node& in, std::string_view key, const Names& names) {
    const Node* n = in.find(key);
    if (n == nullptr) return 0;
    const auto found = std::find(names.begin(), names.end(), n->text());
    if (found == names.end()) fail(*n, "unknown " + std::string(key) + " `" + n->text() + "`");
    return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
  }

  void read_node(const Node& node) {
    NodeState state;
    const Node* task = node.find("task");
    state.machine = task != nullptr ? d_.machine(task->text()) : 0;
    state.parent = natural(node, "parent");
    if (state.machine == kNone ||
        (s_.nodes.empty() ? state.machine != 0 : state.machine == 0 || state.parent >= s_.nodes.size()))
      return fail(node, "a node out of place");
    state.depth = s_.nodes.empty() ? 0 : s_.nodes[state.parent].depth + 1;
    state.lead = truth(node, "lead");
    state.joined = truth(node, "joined");
    state.join.rule = static_cast<Join::Rule>(choice(node, "join", kRules));
    state.join.quorum = natural(node, "quorum");
    const Machine& m = d_.machines()[state.machine];
    const MachineIndex& sizes = d_.data().indices[state.machine];
    state.states = static_cast<std::uint32_t>(s_.states.size());
    state.fields = static_cast<std::uint32_t>(s_.fields.size());
    state.clocks = static_cast<std::uint32_t>(s_.clocks.size());
    state.timers = static_cast<std::uint32_t>(s_.timers.size());
    state.counts = static_cast<std::uint32_t>(s_.counts.size());
    s_.clocks.resize(s_.clocks.size() + sizes.clocks);
    s_.timers.resize(s_.timers.size() + sizes.timers);
    s_.counts.resize(s_.counts.size() + sizes.counts);
    const Node* states = node.find("states");
    for (const Region& r : m.regions) {
      const Node* name = states != nullptr ? states->find(r.name) : nullptr;
      const std::uint32_t found = name != nullptr ? r.find(name->text()) : kNone;
      if (found == kNone) fail(node, "no state of region `" + r.name + "`");
      s_.states.push_back(found == kNone ? 0 : found);
    }
    const Node* fields = node.find("fields");
    for (const Field& f : m.fields) {
      const Node* value = fields != nullptr ? fields->find(f.name) : nullptr;
      if (value == nullptr) {
        s_.fields.emplace_back();
        continue;
      }
      auto v = expr::Value::from(*value, f.type);
      if (!v.ok()) fail(*value, v.error().message());
      s_.fields.push_back(v.ok() ? *std::move(v) : expr::Value());
    }
    read_parts(node, state, m);
    s_.nodes.push_back(state);
  }

  void read_parts(const Node& node, const NodeState& state, const Machine& m) {
    if (const Node* clocks = node.find("clocks"))
      for (const auto& [name, value] : clocks->entries()) {
        const std::uint32_t c = m.clock(name.text());
        if (c == kNone)
          fail(name, "unknown clock `" + name.text() + "`");
        else
          read_clock(value, s_.clocks[state.clocks + c]);
      }
    if (const Node* timers = node.find("timers"))
      for (const auto& [name, value] : timers->entries()) {
        const std::uint32_t t = m.timer(name.text());
        if (t == kNone) {
          fail(name, "unknown timer `" + name.text() + "`");
          continue;
        }
        TimerState& timer = s_.timers[state.timers + t];
        timer.armed = truth(value, "armed");
        timer.fired = truth(value, "fired");
        timer.generation = natural(value, "generation");
        timer.at = time(value, "at", Time{});
        timer.armed_at = time(value, "armed_at", Time{});
      }
    if (const Node* counts = node.find("counts"))
      for (const auto& [name, value] : counts->entries()) {
        const std::uint32_t e = m.event(name.text());
        if (e == kNone)
          fail(name, "unknown event `" + name.text() + "`");
        else
          s_.counts[state.counts + e] = static_cast<std::uint32_t>(value.as_int().value_or(0));
      }
    if (const Node* taken = node.find("taken")) {
      if (taken->items().size() != m.counters) return fail(*taken, "counters do not fit");
      for (std::size_t i = 0; i < m.counters; ++i)
        s_.counts[state.counts + m.events.size() + i] =
            static_cast<std::uint32_t>(taken->items()[i].as_int().value_or(0));
    }
  }

  void read_clock(const Node& in, ClockState& c) {
    c.status = static_cast<ClockState::Status>(choice(in, "status", kStatus));
    c.starts = natural(in, "starts");
    c.started = time(in, "started", Time{});
    c.term = term(in, "term");
    c.extra = term(in, "extra");
    c.paused_at = time(in, "paused_at", Time{});
    c.stopped = time(in, "stopped", Time{});
    c.paused = integer(in, "paused", 0);
    c.paused_work = Duration{integer(in, "paused_work", 0)};
    c.due = time(in, "due", Due::never);
    c.provisional = truth(in, "provisional");
    c.overdue_at = time(in, "overdue_at", Due::never);
    c.overdue_count = natural(in, "overdue_count");
  }

  void read_line(const Node& in) {
    Instance::Line line;
    const std::uint32_t node = natural(in, "node");
    const Node* clock = in.find("clock");
    if (node >= s_.nodes.size() || clock == nullptr) return fail(in, "a ledger line of no node");
    const std::uint32_t c = d_.machines()[s_.nodes[node].machine].clock(clock->text());
    if (c == kNone) return fail(*clock, "unknown clock `" + clock->text() + "`");
    line.clock = s_.nodes[node].clocks + c;
    line.entry.op = static_cast<ClockEntry::Op>(choice(in, "op", kOps));
    line.entry.at = time(in, "at", Time{});
    line.entry.term = term(in, "term");
    s_.ledger.push_back(line);
  }

  const Definition& d_;
  Instance s_;
  std::optional<Error> error_;
};

void write_node(JsonWriter& json, const Definition& d, const Instance& s, NodeId id) {
  const NodeState& n = s.nodes[id];
  const Machine& m = d.machines()[n.machine];
  json.begin_object();
  if (id != 0) json.field("task", m.name).field("parent", n.parent);
  if (n.lead) json.field("lead", true);
  if (n.join.rule != Join::Rule::all) json.field("join", kRules[static_cast<std::size_t>(n.join.rule)]);
  if (n.join.quorum != 0) json.field("quorum", n.join.quorum);
  if (n.joined) json.field("joined", true);
  json.key("states").begin_object();
  for (std::uint32_t r = 0; r < m.regions.size(); ++r)
    json.field(m.regions[r].name, m.regions[r].states[s.state(id, r)].name);
  json.end_object().key("fields").begin_object();
  for (std::uint32_t f = 0; f < m.fields.size(); ++f)
    if (const expr::Value& v = s.field(id, f); !v.is_missing()) {
      json.key(m.fields[f].name);
      v.write_json(json);
    }
  json.end_object().key("clocks").begin_object();
  for (std::uint32_t c = 0; c < m.clocks.size(); ++c)
    if (const ClockState& clock = s.clock(id, c); clock.starts != 0) {
      json.key(m.clocks[c].name);
      write_clock_state(json, clock);
    }
  json.end_object().key("timers").begin_object();
  for (std::uint32_t t = 0; t < m.timers.size(); ++t) {
    const TimerState& timer = s.timer(id, t);
    if (timer.generation == 0) continue;
    json.key(m.timers[t].name).begin_object();
    if (timer.armed) json.field("armed", true);
    if (timer.fired) json.field("fired", true);
    json.field("generation", timer.generation)
        .field("at", to_string(timer.at))
        .field("armed_at", to_string(timer.armed_at))
        .end_object();
  }
  json.end_object().key("counts").begin_object();
  for (std::uint32_t e = 0; e < m.events.size(); ++e)
    if (s.count(id, e) != 0) json.field(m.events[e].name, s.count(id, e));
  json.end_object();
  if (m.counters != 0) {
    json.key("taken").begin_array();
    for (std::uint32_t i = 0; i < m.counters; ++i) json.value(s.counts[n.counts + m.events.size() + i]);
    json.end_array();
  }
  json.end_object();
}

}  // namespace

void Instance::write(const Definition& d, std::string& out) const {
  JsonWriter json(out);
  json.begin_object().field("definition", d.id()).field("definition_version", d.version()).field("version", version);
  json.key("nodes").begin_array();
  for (NodeId n = 0; n < nodes.size(); ++n) write_node(json, d, *this, n);
  json.end_array().key("ledger").begin_array();
  for (const Line& line : ledger) {
    NodeId n = static_cast<NodeId>(nodes.size());
    while (n-- > 0)
      if (nodes[n].clocks <= line.clock && !d.machines()[nodes[n].machine].clocks.empty()) break;
    json.begin_object().field("node", n).field(
        "clock", d.machines()[nodes[n].machine].clocks[line.clock - nodes[n].clocks].name);
    json.field("op", kOps[static_cast<std::size_t>(line.entry.op)]).field("at", to_string(line.entry.at));
    if (line.entry.op == ClockEntry::Op::start || line.entry.op == ClockEntry::Op::extend)
      json.field("term", to_string(line.entry.term));
    json.end_object();
  }
  json.end_array().end_object();
}

std::string Instance::to_json(const Definition& d) const {
  std::string out;
  write(d, out);
  return out;
}

Result<Instance> Instance::parse(const Definition& d, std::string_view json) {
  HOTLINE_ASSIGN(const Node root, parse_document(json, "instance"));
  return Reader(d).read(root);
}

}  // namespace hotline::workflow
