// Workflow definitions: statecharts with independent regions, clocks, timers and child tasks, written in YAML or
// JSON, checked as a whole, compiled once. A ticket's closed loop and an article's way to publication are both
// definitions; this box knows neither.
//
// The chart is a tree of machines: the root machine, and one machine for each kind of task that it (or a task) may
// spawn. Every machine has regions (each in exactly one state at any time), events, transitions, clocks, timers and
// fields of its own. docs/workflow.md describes the format; schemas/workflow.schema.json is its JSON Schema.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/expr/program.hpp"
#include "hotline/workflow/term.hpp"

namespace hotline::workflow {

inline constexpr std::uint32_t kNone = 0xffffffff;

// The same in Chinese and English; either may be empty.
struct Text {
  std::string zh;
  std::string en;
  bool operator==(const Text&) const = default;
};

// A typed value of an instance, of an event or of the host's facts.
struct Field {
  std::string name;
  expr::Type type = expr::Type::any();
  expr::Value initial;              // missing where none is given
  bool required = false;            // of an event: refused without it
  std::vector<std::string> one_of;  // of a string: refused if another; empty: anything
  std::string reasons;              // of a string: a group of reasons it must be one of; "" for none
  Text label;
};

// A refusable condition: the event is refused with `reason` unless `that` holds.
struct Requirement {
  expr::Program that;
  std::string reason;
  Place place;
};

struct Assignment {
  std::uint32_t field = 0;
  std::string name;
  expr::Program value;
};

// What a transition does. Declarative: state is changed by the kernel alone, and everything for the world leaves
// as an Effect.
struct Action {
  enum class Kind : std::uint8_t {
    set,     // assignments to fields of the node
    start,   // clock; from its beginning
    pause,   // clock
    resume,  // clock
    extend,  // clock, by `term` or by `amount`
    stop,    // clock
    arm,     // timer
    cancel,  // timer
    notify,  // template `name` with arguments
    emit,    // effect `name` with arguments, for the host
    spawn,   // task of machine `target`
    raise,   // event `name` to self, parent, root or children
    join,    // sets the join rule of the node
  };
  enum class To : std::uint8_t { self, parent, root, children };
  Kind kind{};
  To to = To::self;
  std::uint32_t target = kNone;  // clock, timer, machine or event, by kind
  std::string name;
  std::vector<Assignment> arguments;       // `field` is the index in the target machine of spawn and set
  std::optional<expr::Program> condition;  // `if`
  std::optional<expr::Program> amount;  // extend and start: days (int) or a duration, in the unit of the clock's term
  std::optional<expr::Program> each;    // spawn: one task an item
  std::optional<expr::Program> lead;    // spawn: whether the task is the lead
  std::optional<expr::Program> quorum;  // join
  std::optional<expr::Program> rule;    // join: a string that names the rule
  Term term;                            // extend and start, where there is no amount
  bool has_term = false;
  std::uint8_t join = 0;  // Join::Rule, where `rule` is empty
  Place place;
};

struct State {
  // What a task in this state means to its parent's join: still open, done, dropped out (returned, cancelled), or of
  // an earlier round and not asked any more.
  enum class Counts : std::uint8_t { open, done, dropped, past };
  std::string name;
  Text label;
  bool final = false;
  Counts counts = Counts::open;
  std::uint32_t owner = kNone;  // role
  std::vector<std::uint32_t> timers;
  std::vector<Action> entry;
  std::vector<Action> exit;
  Place place;
};

struct Region {
  std::string name;
  Text label;
  std::vector<State> states;
  std::uint32_t initial = 0;
  std::vector<std::uint32_t> guarded_by;  // roles without which no transition may lead to an earlier state
  Place place;

  std::uint32_t find(std::string_view state) const;  // kNone
};

struct EventType {
  std::string name;
  Text label;
  std::vector<Field> fields;
  std::uint64_t by = 0;   // bits of roles; 0: anybody
  bool internal = false;  // raised by timers, joins and actions only; refused from outside
  Place place;

  std::uint32_t field(std::string_view name) const;  // kNone
};

struct Transition {
  std::uint32_t event = kNone;  // kNone: taken by itself as soon as its guard holds
  std::uint32_t region = 0;
  std::vector<std::uint32_t> from;
  std::uint32_t to = kNone;   // kNone: stays, without leaving and entering
  std::int32_t priority = 0;  // higher first; equal ones must exclude each other
  std::uint32_t max = 0;      // times that one node may take it; 0: no bound
  std::uint64_t by = 0;
  std::optional<expr::Program> guard;
  std::vector<Requirement> require;
  std::vector<Action> actions;
  std::uint32_t counter = kNone;  // index of its `max` counter
  std::string loops;              // why a cycle through it needs no bound; "" where it does
  std::string guard_reason;       // why the event is refused where only this guard stands against it
  Place place;
};

// Raises an event some time after the clock's start or around its due time.
struct Alarm {
  enum class From : std::uint8_t { due, start, percent };
  From from = From::due;
  Term offset;                // due, start
  std::uint32_t percent = 0;  // percent
  std::uint32_t timer = kNone;
};

// A term, or one chosen by the value of a field.
struct TermRule {
  struct Choice {
    std::string value;
    Term term;
  };
  Term otherwise;
  std::uint32_t by = kNone;  // field of the machine
  std::vector<Choice> choices;
};

struct ClockType {
  std::string name;
  Text label;
  std::uint32_t calendar = 0;  // of Definition::calendars()
  TermRule term;
  std::optional<DayRule> rule;  // else the calendar's
  bool deadline = true;         // false: time in which something may be done; that it is over is nobody's lateness
  bool favourable = false;      // a calendar change may take back an overdue fact
  std::vector<Alarm> alarms;
  Place place;
};

struct TimerType {
  enum class Restore : std::uint8_t { absolute, remaining, restart };  // what an outage does to it
  std::string name;
  TermRule after;
  std::uint32_t calendar = 0;
  std::uint32_t event = kNone;
  std::uint32_t clock = kNone;  // the alarm's clock
  bool working_hours = false;   // moved on to the next working instant
  Restore restore = Restore::absolute;
  Place place;
};

struct Machine {
  std::string name;  // "" for the root
  Text label;
  std::vector<Field> fields;
  std::vector<Region> regions;
  std::vector<EventType> events;
  std::vector<Transition> transitions;
  std::vector<ClockType> clocks;
  std::vector<TimerType> timers;
  std::uint32_t key = kNone;      // the field that names a task ("unit")
  std::uint32_t on_join = kNone;  // events
  std::uint32_t on_empty = kNone;
  std::uint32_t counters = 0;

  std::uint32_t field(std::string_view name) const;  // each kNone where there is none
  std::uint32_t event(std::string_view name) const;
  std::uint32_t region(std::string_view name) const;
  std::uint32_t clock(std::string_view name) const;
  std::uint32_t timer(std::string_view name) const;
};

struct Reason {
  std::string group;
  std::string code;
  Text text;
};

// What the citizen hears of a state of the root's first region.
struct PublicStatus {
  std::string state;
  std::string code;  // several states may share one
  Text phrase;
};

// Key figures, as data: the workflow box keeps them, whoever holds the log counts.
struct Kpi {
  std::string name;
  Text label;
  std::string numerator;
  std::string denominator;
  std::string period;  // intake, close or due
  std::string clock;   // whose due time counts, for `due`
  Place place;
};

struct Migration {
  struct Rename {
    std::string machine;  // "" for the root
    std::string region;
    std::string from;
    std::string to;
  };
  std::int64_t version = 0;  // the version it comes from
  std::vector<Rename> states;
};

// Immutable; copies share; any thread.
class Definition {
 public:
  // Reads, compiles and validates. All complaints go to `diagnostics` (W1xx, D0xx; warnings too).
  // Errors: invalid_document, invalid_definition.
  static Result<Definition> parse(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  static Result<Definition> parse(const Node& root, std::string_view file, Diagnostics& diagnostics);
  // From a file, which may say `extends: other.yaml`: it is then laid over that one, mapping by mapping.
  static Result<Definition> load(const std::string& path);
  static Result<Definition> load(const std::string& path, Diagnostics& diagnostics);

  const std::string& id() const;
  std::int64_t version() const;
  const Text& name() const;
  const std::string& fingerprint() const;  // hexadecimal; equal for equal text
  std::span<const std::string> roles() const;
  std::span<const std::string> levels() const;
  std::span<const std::string> calendars() const;
  std::span<const Reason> reasons() const;
  std::span<const Field> facts() const;       // what the host must know about an event
  std::span<const Machine> machines() const;  // [0] is the root
  const Machine& root() const { return machines().front(); }
  std::span<const PublicStatus> public_statuses() const;
  std::span<const Kpi> kpis() const;
  std::span<const Migration> migrations() const;

  std::uint32_t role(std::string_view name) const;     // kNone
  std::uint32_t machine(std::string_view name) const;  // kNone
  std::uint32_t fact(std::string_view name) const;     // kNone
  // The reason's text; its code where the definition has none.
  Text reason(std::string_view code) const;
  // Of a state of the root's first region; nullptr where the definition has no phrase.
  const PublicStatus* public_status(std::uint32_t state) const;
  bool is_chart() const;  // `profile: chart`
  // The source as compact JSON.
  const std::string& to_json() const;

  struct Data;  // lib/workflow
  const Data& data() const { return *data_; }

 private:
  explicit Definition(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

}  // namespace hotline::workflow
