// The kernel: decide(definition, state, event, context, now) -> decision. Pure: it reads no clock, draws no number,
// touches nothing but its arguments; the same arguments give the same bytes, so simulation, what-if, audit and
// recovery all run this one function.
//
// A decision runs to completion as in SCXML (W3C Recommendation, 2015): every region takes at most one transition for
// an event, all on the configuration before it; then transitions without an event and events raised on the way are
// taken until nothing more happens. All of it is accepted, or nothing is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/workflow/instance.hpp"

namespace hotline::workflow {

// Who acts.
struct Actor {
  std::string_view id;
  std::string_view unit;
  std::uint64_t roles = 0;  // bit n: Definition::roles()[n]
};

// What the kernel is told with an event beyond the event itself. Borrows.
struct Context {
  Actor actor;
  std::span<const expr::Value> facts;   // by Definition::facts(); those missing have their `initial` value
  std::span<const Calendar> calendars;  // by Definition::calendars(); where one is left out, around the clock in UTC
};

// An event for one node. Borrows.
struct Event {
  enum class Kind : std::uint8_t {
    named,             // `type` of the node's machine, with `fields`
    timer,             // timer `type` fires, `generation` as it was armed
    calendar_changed,  // due times are computed again with the context's calendars
  };
  Kind kind = Kind::named;
  NodeId node = 0;
  std::uint32_t type = kNone;
  std::uint32_t generation = 0;
  std::span<const expr::Value> fields;  // by EventType::fields; those left out at the end are missing
};

enum class Verdict : std::uint8_t {
  accepted,
  refused,  // why() says why; the state is unchanged
  stale,    // a timer of an older generation: nothing to do, nothing wrong
};

struct Refusal {
  enum class Kind : std::uint8_t {
    none,
    unknown_event,   // no such event, node or timer
    internal_event,  // only timers and the workflow itself raise it
    not_now,         // no transition from the present states
    denied,          // the actor has none of the roles
    guard,           // guards do not hold
    limit,           // taken as often as allowed
    requirement,     // `reason` says which
    invalid_field,   // `reason` names the event's field
    missing,         // a guard or action needs a value that is not there; `reason` tells
    runaway,         // more than kMaxSteps steps: the definition loops
  };
  Kind kind = Kind::none;
  std::string reason;  // a reason's code, or a name (see Kind)
  Place place;         // of the transition or requirement
};

struct Argument {
  std::string_view name;
  expr::Value value;
};

// What has happened or shall be done, in order. Names live as long as the Definition.
struct Effect {
  enum class Kind : std::uint8_t {
    entered,      // name: state, detail: region
    field_set,    // name: field; arguments[0]: its value
    clock,        // name: clock, detail: the operation
    due_changed,  // name: clock, at: due (Due::never: none)
    overdue,      // name: clock, at: the due time that was missed
    arm,          // name: timer, at, generation
    cancel,       // name: timer, generation
    notify,       // name: template, arguments
    emit,         // name: effect, arguments
    spawned,      // other: the new node, name: its machine; arguments: its fields
    joined,       // the node's children satisfy its rule
    raised,       // name: event, other: the node it went to
  };
  Kind kind{};
  NodeId node = 0;
  NodeId other = 0;
  std::uint32_t target = kNone;  // index of the clock, timer, field ...
  std::uint32_t generation = 0;
  std::string_view name;
  std::string_view detail;
  Time at{};
  std::uint32_t first_argument = 0;
  std::uint32_t arguments = 0;
};
std::string_view to_string(Effect::Kind kind);
std::string_view to_string(Verdict verdict);
std::string_view to_string(Refusal::Kind kind);

inline constexpr std::uint32_t kMaxSteps = 256;   // transitions in one decision
inline constexpr std::uint32_t kMaxNodes = 4096;  // tasks of one instance

// The answer. Confined; used again, it allocates nothing.
class Decision {
 public:
  Verdict verdict = Verdict::refused;
  Refusal refusal;
  Instance next;  // the state afterwards; equal to the state before unless accepted
  std::vector<Effect> effects;
  std::vector<Argument> arguments;

  bool accepted() const { return verdict == Verdict::accepted; }
  std::span<const Argument> arguments_of(const Effect& e) const {
    return std::span(arguments).subspan(e.first_argument, e.arguments);
  }
  // One effect as a JSON object: {"effect":"entered","node":0,"name":"HANDLING","region":"main"}.
  void write_effect(const Effect& effect, std::string& out) const;
  // {"verdict":…,"reason":…,"effects":[…]}; without the state.
  std::string to_json() const;

  struct Work;  // lib/workflow: what decide needs while it runs
  Decision();
  Decision(Decision&&) noexcept;
  Decision& operator=(Decision&&) noexcept;
  ~Decision();
  Work& work() { return *work_; }

 private:
  std::unique_ptr<Work> work_;
};

// A new instance in its initial states, entry actions done, at version 0. `fields` initialise the root's by index.
// verdict is accepted, or refused where an entry action cannot be evaluated.
void start(const Definition& definition, std::span<const expr::Value> fields, const Context& context, Time now,
           Decision& out);
Decision start(const Definition& definition, std::span<const expr::Value> fields, const Context& context, Time now);

// `state` and `out.next` may not be the same object.
void decide(const Definition& definition, const Instance& state, const Event& event, const Context& context, Time now,
            Decision& out);
Decision decide(const Definition& definition, const Instance& state, const Event& event, const Context& context,
                Time now);

// After an outage from `stopped` to `now`: timers that are `remaining` move on by its length, those that are `restart`
// begin again, absolute ones stay. The decision's effects re-arm them.
Decision resume_timers(const Definition& definition, const Instance& state, const Context& context, Time stopped,
                       Time now);

// An event with all that decide needs, as a journal keeps it:
//   {"at":…,"node":2,"task":"assignment","event":"sign","fields":{…},"actor":{"id":…,"unit":…,"roles":[…]},"facts":{…}}
// `"timer":"sign","generation":2` or `"calendar_changed":true` stand in the place of `event` in the other kinds;
// `"start":true` begins an instance. Node 0 has no task. Confined.
class Record {
 public:
  // `before` tells what task a node is where the text does not; may be null.
  // Errors: invalid_argument (unknown name, wrong type), invalid_document.
  static Result<Record> parse(const Definition& definition, std::string_view json, const Instance* before = nullptr);
  static Result<Record> parse(const Definition& definition, const Node& node, const Instance* before = nullptr);
  static std::string to_json(const Definition& definition, const Instance& before, const Event& event,
                             const Context& context, Time at);
  static std::string start_json(const Definition& definition, std::span<const expr::Value> fields,
                                const Context& context, Time at);

  bool is_start() const { return is_start_; }
  Time at() const { return at_; }
  // Borrow from this record.
  Event event() const;
  Context context(std::span<const Calendar> calendars = {}) const;
  std::span<const expr::Value> fields() const { return fields_; }
  // Runs it on a state: start or decide. A record of another kind of task is refused as unknown_event.
  void apply(const Definition& definition, const Instance& before, std::span<const Calendar> calendars,
             Decision& out) const;

 private:
  bool is_start_ = false;
  Time at_{};
  Event event_;
  std::uint32_t machine_ = 0;
  std::string actor_id_, actor_unit_;
  std::uint64_t roles_ = 0;
  std::vector<expr::Value> fields_, facts_;
};

// Runs records, the first of which must be a start; refused ones leave the state as it is.
// Errors: invalid_argument where there is no start.
Result<Instance> replay(const Definition& definition, std::span<const Record> records,
                        std::span<const Calendar> calendars);

// Every state of the older version must have a successor (W120). Errors: invalid_definition.
Status check_migration(const Definition& from, const Definition& to, Diagnostics& diagnostics);

// Carries an instance over to a newer version of its definition by the map that the newer one gives for the older.
// Fields, clocks, timers and counts keep their values by name; what is new begins at its initial value.
// Errors: invalid_definition where the map leaves a state of the instance without a successor.
Result<Instance> migrate(const Definition& from, const Definition& to, const Instance& instance);

}  // namespace hotline::workflow
