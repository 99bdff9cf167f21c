// When an office is open: a working calendar, asked the way a schedule node asks.
#pragma once

#include <memory>
#include <string>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/workflow/calendar.hpp"

namespace hotline::ivr {

class Hours {
 public:
  enum class State : std::uint8_t { open, closed, holiday };
  explicit Hours(workflow::Calendar calendar) : calendar_(std::move(calendar)) {}

  State at(Time t) const {
    if (calendar_.is_working(t)) return State::open;
    const auto day = calendar_.day(calendar_.timezone().date_at(t));
    return day.exception && !day.workday ? State::holiday : State::closed;
  }
  const workflow::Calendar& calendar() const { return calendar_; }

 private:
  workflow::Calendar calendar_;
};

}  // namespace hotline::ivr
