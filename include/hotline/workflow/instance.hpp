// The state of one run of a definition: a plain value. Copy it, compare it, write it down, read it back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/json.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"

namespace hotline::workflow {

// 0 is the root; tasks are numbered from 1 in the order of their spawning, for ever.
using NodeId = std::uint32_t;

struct Join {
  enum class Rule : std::uint8_t { all, lead, first, quorum };
  Rule rule = Rule::all;
  std::uint32_t quorum = 0;
  bool operator==(const Join&) const = default;
};

// One machine at work. The vectors of Instance hold its parts from these indices on.
struct NodeState {
  std::uint32_t machine = 0;
  NodeId parent = 0;
  std::uint32_t states = 0;  // one a region
  std::uint32_t fields = 0;  // one a field
  std::uint32_t clocks = 0;
  std::uint32_t timers = 0;
  std::uint32_t counts = 0;  // one an event (times accepted), then one a bounded transition
  std::uint32_t depth = 0;
  Join join;
  bool lead = false;
  bool joined = false;
  bool operator==(const NodeState&) const = default;
};

// One line of a clock's ledger.
struct ClockEntry {
  enum class Op : std::uint8_t { start, pause, resume, extend, stop, calendar };
  Op op{};
  Time at{};
  Term term;  // of start and extend
  bool operator==(const ClockEntry&) const = default;
};

// A clock as its ledger and its calendar make it: never edited, always folded.
struct ClockState {
  enum class Status : std::uint8_t { idle, running, paused, stopped };
  Status status = Status::idle;
  bool provisional = false;  // the due time rests on an unpublished year
  std::uint32_t starts = 0;
  std::uint32_t overdue_count = 0;  // of all its starts: facts, they never go down
  Time started{};
  Time paused_at{};
  Time stopped{};
  Term term;                // with extensions in its own unit
  Term extra;               // extensions in another unit, counted from there
  std::int64_t paused = 0;  // closed pauses, in the term's unit
  Duration paused_work{};   // the same as working time (as elapsed time for wall and calendar days)
  Time due = Due::never;
  Time overdue_at = Due::never;  // the due time that was missed, once it was
  bool operator==(const ClockState&) const = default;
};

struct TimerState {
  bool armed = false;
  bool fired = false;
  std::uint32_t generation = 0;
  Time at{};
  Time armed_at{};
  bool operator==(const TimerState&) const = default;
};

// Confined. Equal instances have equal bytes.
class Instance {
 public:
  std::uint64_t version = 0;  // accepted decisions so far
  std::vector<NodeState> nodes;
  std::vector<std::uint32_t> states;
  std::vector<expr::Value> fields;
  std::vector<ClockState> clocks;
  std::vector<TimerState> timers;
  std::vector<std::uint32_t> counts;
  struct Line {
    std::uint32_t clock = 0;  // index into `clocks`
    ClockEntry entry;
    bool operator==(const Line&) const = default;
  };
  std::vector<Line> ledger;

  bool exists(NodeId node) const { return node < nodes.size(); }
  std::uint32_t state(NodeId node, std::uint32_t region) const { return states[nodes[node].states + region]; }
  const expr::Value& field(NodeId node, std::uint32_t f) const { return fields[nodes[node].fields + f]; }
  const ClockState& clock(NodeId node, std::uint32_t c) const { return clocks[nodes[node].clocks + c]; }
  const TimerState& timer(NodeId node, std::uint32_t t) const { return timers[nodes[node].timers + t]; }
  std::uint32_t count(NodeId node, std::uint32_t event) const { return counts[nodes[node].counts + event]; }
  // By name; "" or missing where there is none.
  std::string_view state(const Definition& definition, NodeId node, std::string_view region) const;
  const expr::Value& field(const Definition& definition, NodeId node, std::string_view name) const;
  const ClockState* clock(const Definition& definition, NodeId node, std::string_view name) const;
  // True where every region of the root whose states include a final one is in a final state.
  bool finished(const Definition& definition) const;

  bool operator==(const Instance& other) const;

  // Canonical JSON with names: equal instances give equal bytes.
  std::string to_json(const Definition& definition) const;
  void write(const Definition& definition, std::string& out) const;
  // Errors: invalid_document, corrupt (names what does not fit), version_mismatch (of another definition).
  static Result<Instance> parse(const Definition& definition, std::string_view json);

  // Canonical bytes by index: many times faster, but bound to one text of one definition (its fingerprint is inside).
  void encode(const Definition& definition, std::string& out) const;
  // Errors: corrupt, version_mismatch (another definition).
  static Result<Instance> decode(const Definition& definition, std::string_view bytes);
};

}  // namespace hotline::workflow
