// Clocks: folding a ledger, and what follows from it.
#pragma once

#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"
#include "hotline/workflow/instance.hpp"

namespace hotline::workflow {

inline const DayRule& rule_of(const ClockType& type, const Calendar& calendar) {
  return type.rule ? *type.rule : calendar.rule();
}

// The state after one more line. Lines that make no sense in the state (a pause of a stopped clock) change nothing.
void fold(ClockState& clock, const ClockEntry& entry, const ClockType& type, const Calendar& calendar);

// Time on the clock at `now`, pauses left out: working time where the term is of working time or days.
Duration elapsed(const ClockState& clock, const Calendar& calendar, Time now);

// When an alarm is to go off; Due::never where it is not.
Time alarm_time(const ClockState& clock, const ClockType& type, const Alarm& alarm, const Calendar& calendar);

}  // namespace hotline::workflow
