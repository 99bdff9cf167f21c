#include "workflow/run.hpp"

namespace hotline::workflow {
namespace {

using Status = ClockState::Status;
constexpr std::string_view kOps[] = {"start", "pause", "resume", "extend", "stop", "calendar"};

}  // namespace

const Calendar& Run::calendar(std::uint32_t index) const {
  static const Calendar around_the_clock = Calendar::always();
  return index < context_.calendars.size() ? context_.calendars[index] : around_the_clock;
}

Term Run::choose(const TermRule& rule, NodeId node) const {
  if (rule.by != kNone) {
    const expr::Value& value = s_.field(node, rule.by);
    if (value.kind() == expr::Kind::string)
      for (const TermRule::Choice& c : rule.choices)
        if (c.value == value.as_string()) return c.term;
  }
  return rule.otherwise;
}

bool Run::clock_action(const Frame& frame, const Action& action) {
  const ClockState& clock = s_.clock(frame.node, action.target);
  const ClockType& type = machine(frame.node).clocks[action.target];
  ClockEntry entry;
  entry.at = now_;
  switch (action.kind) {
    case Action::Kind::pause: entry.op = ClockEntry::Op::pause; break;
    case Action::Kind::resume: entry.op = ClockEntry::Op::resume; break;
    case Action::Kind::stop: entry.op = ClockEntry::Op::stop; break;
    default: entry.op = action.kind == Action::Kind::start ? ClockEntry::Op::start : ClockEntry::Op::extend;
  }
  const bool start = entry.op == ClockEntry::Op::start;
  if (start || entry.op == ClockEntry::Op::extend) {
    entry.term = action.has_term ? action.term : start ? choose(type.term, frame.node) : clock.term;
    if (action.amount) {
      if (start) entry.term = choose(type.term, frame.node);
      expr::Value amount;
      if (!evaluate(frame, *action.amount, amount)) return false;
      const bool days = amount.kind() == expr::Kind::integer;
      if (days && !entry.term.in_days()) entry.term.unit = Term::Unit::calendar_days;
      if (!days && entry.term.in_days()) entry.term.unit = Term::Unit::work_time;
      entry.term.amount = days ? amount.as_int() : amount.as_duration().count();
      if (days && (entry.term.amount > 36500 || entry.term.amount < -36500))
        return refuse(Refusal::Kind::invalid_field, action.name, action.place);
    }
  }
  const bool sensible =
      start || (entry.op == ClockEntry::Op::pause && clock.status == Status::running) ||
      (entry.op == ClockEntry::Op::resume && clock.status == Status::paused) ||
      (entry.op >= ClockEntry::Op::extend && (clock.status == Status::running || clock.status == Status::paused));
  if (sensible) book(frame.node, action.target, entry);
  return true;
}

void Run::book(NodeId node, std::uint32_t clock, const ClockEntry& entry) {
  const std::uint32_t slot = s_.nodes[node].clocks + clock;
  const ClockType& type = machine(node).clocks[clock];
  const ClockState before = s_.clocks[slot];
  fold(s_.clocks[slot], entry, type, calendar(type.calendar));
  s_.ledger.push_back({slot, entry});
  Effect& e = effect(Effect::Kind::clock, node, type.name);
  e.target = clock;
  e.detail = kOps[static_cast<int>(entry.op)];
  after_change(node, clock, before);
}

void Run::after_change(NodeId node, std::uint32_t clock, const ClockState& before) {
  const ClockState& after = s_.clock(node, clock);
  const bool live = after.status == Status::running || after.status == Status::paused;
  if (live && after.due != before.due) {
    Effect& e = effect(Effect::Kind::due_changed, node, machine(node).clocks[clock].name);
    e.target = clock;
    e.at = after.due;
  }
  set_alarms(node, clock, after.starts != before.starts);
}

void Run::set_alarms(NodeId node, std::uint32_t clock, bool restarted) {
  const ClockType& type = machine(node).clocks[clock];
  const ClockState& state = s_.clock(node, clock);
  for (const Alarm& alarm : type.alarms) {
    TimerState& timer = s_.timers[s_.nodes[node].timers + alarm.timer];
    if (restarted) timer.fired = false;
    const Calendar& days = calendar(type.calendar);
    Time at = alarm_time(state, type, alarm, days);
    if (at != Due::never && machine(node).timers[alarm.timer].working_hours) at = days.next_working(at);
    if (at == Due::never)
      disarm(node, alarm.timer);
    else if (timer.armed ? timer.at != at : !timer.fired || at > now_)
      arm(node, alarm.timer, at);
  }
}

void Run::arm(NodeId node, std::uint32_t timer, Time at) {
  TimerState& state = s_.timers[s_.nodes[node].timers + timer];
  state.armed = true;
  state.fired = false;
  ++state.generation;
  state.at = at;
  state.armed_at = now_;
  Effect& e = effect(Effect::Kind::arm, node, machine(node).timers[timer].name);
  e.target = timer;
  e.at = at;
  e.generation = state.generation;
}

void Run::arm_after(NodeId node, std::uint32_t timer) {
  const TimerType& type = machine(node).timers[timer];
  const Calendar& days = calendar(type.calendar);
  Time at = days.due(now_, choose(type.after, node)).at;
  if (type.working_hours && at != Due::never) at = days.next_working(at);
  if (at == Due::never)
    disarm(node, timer);
  else
    arm(node, timer, at);
}

void Run::disarm(NodeId node, std::uint32_t timer) {
  TimerState& state = s_.timers[s_.nodes[node].timers + timer];
  if (!state.armed) return;
  state.armed = false;
  Effect& e = effect(Effect::Kind::cancel, node, machine(node).timers[timer].name);
  e.target = timer;
  e.generation = state.generation;
}

void Run::note_overdue(NodeId node, std::uint32_t clock) {
  ClockState& state = s_.clocks[s_.nodes[node].clocks + clock];
  if (state.status != Status::running || state.overdue_at != Due::never || state.due == Due::never) return;
  state.overdue_at = state.due;
  ++state.overdue_count;
  Effect& e = effect(Effect::Kind::overdue, node, machine(node).clocks[clock].name);
  e.target = clock;
  e.at = state.due;
}

void Run::note_all_overdue() {
  for (NodeId n = 0; n < s_.nodes.size(); ++n)
    for (std::uint32_t c = 0; c < machine(n).clocks.size(); ++c)
      if (const ClockState& state = s_.clock(n, c); state.status == Status::running && now_ > state.due)
        note_overdue(n, c);
}

// The ledger once more, under the calendar of today. Facts stay: a missed due time was missed.
void Run::recompute(NodeId node, std::uint32_t clock) {
  const std::uint32_t slot = s_.nodes[node].clocks + clock;
  const ClockType& type = machine(node).clocks[clock];
  const ClockState before = s_.clocks[slot];
  if (before.status != Status::running && before.status != Status::paused) return;
  const Calendar& days = calendar(type.calendar);
  ClockState again;
  for (const Instance::Line& line : s_.ledger)
    if (line.clock == slot) fold(again, line.entry, type, days);
  again.overdue_count = before.overdue_count;
  again.overdue_at = before.overdue_at;
  if (again.due == before.due && again.paused == before.paused && again.provisional == before.provisional) return;
  if (type.favourable && again.overdue_at != Due::never && (again.due == Due::never || again.due >= now_)) {
    again.overdue_at = Due::never;
    --again.overdue_count;
  }
  s_.clocks[slot] = again;
  s_.ledger.push_back({slot, {ClockEntry::Op::calendar, now_, {}}});
  Effect& e = effect(Effect::Kind::clock, node, type.name);
  e.target = clock;
  e.detail = kOps[static_cast<int>(ClockEntry::Op::calendar)];
  after_change(node, clock, before);
}

}  // namespace hotline::workflow
