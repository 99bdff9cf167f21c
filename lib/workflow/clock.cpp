#include "workflow/clock.hpp"

#include <algorithm>

namespace hotline::workflow {
namespace {

using Status = ClockState::Status;

bool in_working_time(Term::Unit unit) { return unit == Term::Unit::work_time || unit == Term::Unit::work_days; }

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    return b < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  return sum;
}

void close_pause(ClockState& c, Time end, const Calendar& calendar) {
  end = std::max(end, c.paused_at);
  const Duration wall = end - c.paused_at;
  switch (c.term.unit) {
    case Term::Unit::wall: c.paused = add(c.paused, wall.count()); break;
    case Term::Unit::work_time: c.paused = add(c.paused, calendar.elapsed(c.paused_at, end).count()); break;
    case Term::Unit::work_days: c.paused = add(c.paused, calendar.work_days_between(c.paused_at, end)); break;
    case Term::Unit::calendar_days:
      c.paused = add(c.paused, (calendar.timezone().date_at(end) - calendar.timezone().date_at(c.paused_at)).count());
      break;
  }
  c.paused_work += in_working_time(c.term.unit) ? calendar.elapsed(c.paused_at, end) : wall;
  c.paused_at = {};
}

void compute_due(ClockState& c, const ClockType& type, const Calendar& calendar) {
  const DayRule& rule = rule_of(type, calendar);
  Due due = calendar.due(c.started, {c.term.unit, add(c.term.amount, c.paused)}, rule);
  if (c.extra.amount != 0 && due.at != Due::never) {
    const bool provisional = due.provisional;
    due = calendar.due(due.at, c.extra, rule);
    due.provisional |= provisional;
  }
  c.due = due.at;
  c.provisional = due.provisional;
}

}  // namespace

void fold(ClockState& c, const ClockEntry& e, const ClockType& type, const Calendar& calendar) {
  const bool live = c.status == Status::running || c.status == Status::paused;
  switch (e.op) {
    case ClockEntry::Op::start:
      c = ClockState{Status::running, false, c.starts + 1, c.overdue_count};
      c.started = e.at;
      c.term = e.term;
      break;
    case ClockEntry::Op::pause:
      if (c.status != Status::running) return;
      c.status = Status::paused;
      c.paused_at = e.at;
      c.due = Due::never;
      return;
    case ClockEntry::Op::resume:
      if (c.status != Status::paused) return;
      close_pause(c, e.at, calendar);
      c.status = Status::running;
      break;
    case ClockEntry::Op::extend:
      if (!live) return;
      if (e.term.unit == c.term.unit)
        c.term.amount = add(c.term.amount, e.term.amount);
      else
        c.extra = {e.term.unit, add(c.extra.unit == e.term.unit ? c.extra.amount : 0, e.term.amount)};
      break;
    case ClockEntry::Op::stop:
      if (!live) return;
      if (c.status == Status::paused) close_pause(c, e.at, calendar);
      compute_due(c, type, calendar);
      c.status = Status::stopped;
      c.stopped = e.at;
      return;
    case ClockEntry::Op::calendar: break;
  }
  if (c.status == Status::running) compute_due(c, type, calendar);
}

Duration elapsed(const ClockState& c, const Calendar& calendar, Time now) {
  if (c.status == Status::idle) return Duration{0};
  const Time end = c.status == Status::running ? now : c.status == Status::paused ? c.paused_at : c.stopped;
  const Duration gross = in_working_time(c.term.unit) ? calendar.elapsed(c.started, end) : end - c.started;
  return gross - c.paused_work;
}

Time alarm_time(const ClockState& c, const ClockType& type, const Alarm& alarm, const Calendar& calendar) {
  if (c.status != Status::running || c.due == Due::never) return Due::never;
  const DayRule& rule = rule_of(type, calendar);
  if (alarm.from == Alarm::From::due)
    return alarm.offset.amount == 0 ? c.due : calendar.due(c.due, alarm.offset, rule).at;
  if (alarm.from == Alarm::From::start) return calendar.due(c.started, alarm.offset, rule).at;
  // The share of the net time between start and due, pauses added.
  const bool work = in_working_time(c.term.unit);
  const Duration net = (work ? calendar.elapsed(c.started, c.due) : c.due - c.started) - c.paused_work;
  const auto share = static_cast<std::int64_t>(static_cast<__int128>(net.count()) * alarm.percent / 100);
  const Term term{work ? Term::Unit::work_time : Term::Unit::wall, add(share, c.paused_work.count())};
  return calendar.due(c.started, term, rule).at;
}

}  // namespace hotline::workflow
