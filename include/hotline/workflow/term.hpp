// Terms: the typed lengths of deadlines. Four kinds that are never mixed, because "one day" on a business
// calendar has been read as 24 business hours by more than one engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline::workflow {

using hotline::to_string;

struct Term {
  enum class Unit : std::uint8_t {
    wall,           // elapsed time: "2h", "90m"
    work_time,      // elapsed working time: "8wh", "30wm"
    work_days,      // working days of the calendar: "5wd"
    calendar_days,  // days of the wall calendar: "15cd"
  };
  Unit unit = Unit::wall;
  std::int64_t amount = 0;  // nanoseconds for the first two, days for the others; may be negative

  static Term wall(Duration d) { return {Unit::wall, d.count()}; }
  static Term work_time(Duration d) { return {Unit::work_time, d.count()}; }
  static Term work_days(std::int64_t n) { return {Unit::work_days, n}; }
  static Term calendar_days(std::int64_t n) { return {Unit::calendar_days, n}; }

  bool in_days() const { return unit >= Unit::work_days; }
  Duration duration() const { return Duration{amount}; }
  bool operator==(const Term&) const = default;
};

// "2h" "1h30m" (wall), "8wh" "30wm" (working time), "5wd" (working days), "15cd" (calendar days), each with an
// optional sign. "5d" is refused: it does not say which days are meant. Errors: invalid_argument.
Result<Term> parse_term(std::string_view text);
std::string to_string(Term term);

// How days are counted. The default is the common rule of Chinese administrative practice: the day of receipt
// does not count (次日起算), receipt on a day off is receipt at the next working day's start, and the term ends
// with the last day's close of business.
struct DayRule {
  enum class First : std::uint8_t {
    next_day,       // counting begins the day after
    before_cutoff,  // the start day counts if the start is before `cutoff`
  };
  enum class OffDay : std::uint8_t {
    next_work_day,  // a start on a day off is a start at the next working day's start
    as_it_is,       // a start on a day off: the next working day is the first (as Civil Code article 201)
  };
  enum class End : std::uint8_t {
    close,     // the end of the last day's last interval (24:00 where that day has none)
    midnight,  // 24:00 of the last day
  };
  First first = First::next_day;
  OffDay off_day = OffDay::next_work_day;
  End end = End::close;
  std::int32_t cutoff = 12 * 3600;  // second of the day, for before_cutoff

  bool operator==(const DayRule&) const = default;
};

}  // namespace hotline::workflow
