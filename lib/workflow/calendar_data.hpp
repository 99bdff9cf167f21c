// The compiled form of a calendar: one entry a day over 2000-01-01..2099-12-31 of local time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hotline/workflow/calendar.hpp"

namespace hotline::workflow {

struct Calendar::Data {
  struct Pattern {
    std::vector<Interval> intervals;
    std::uint32_t kind = 0;  // of spec.kinds
    bool workday = false;
  };
  struct Spot;

  CalendarSpec spec;
  std::string version;
  TimeZone zone = TimeZone::utc();
  std::int64_t fixed_offset = 0;
  std::int64_t origin = 0;  // days from 1970 to the first day of the tables

  std::vector<Pattern> patterns;
  std::vector<std::uint8_t> kind;              // pattern of each day
  std::vector<std::uint32_t> before;           // working seconds before each day; one more at the end
  std::vector<std::uint32_t> workdays_before;  // working days before each day; one more at the end
  std::vector<std::uint32_t> workday_index;    // the n-th working day's index
  std::vector<bool> shift_day;                 // days on which the zone's offset changes; empty where it never does
  std::vector<bool> known_year;                // first_year..
  std::map<std::int64_t, std::string> names;   // of days that an exception changed

  std::int64_t days() const { return static_cast<std::int64_t>(kind.size()); }
  bool workday(std::int64_t day) const { return patterns[kind[static_cast<std::size_t>(day)]].workday; }
  bool shifted(std::int64_t day) const { return !shift_day.empty() && shift_day[static_cast<std::size_t>(day)]; }
  bool known(int year) const {
    return year >= first_year && year <= last_year && known_year[static_cast<std::size_t>(year - first_year)];
  }
  bool provisional(std::int64_t day) const {
    // 400 years have 146097 days: the year of a day number, exact within a day of the turn of a year, then corrected.
    return !known(year_of(day));
  }
  static int year_of(std::int64_t day) {
    int year = first_year + static_cast<int>((day * 400 + 399) / 146097);
    if (day < first_day_of(year))
      --year;
    else if (day >= first_day_of(year + 1))
      ++year;
    return year;
  }
  // Days from 2000-01-01 to a year's first day (2000 and every fourth year of the tables are leap years).
  static std::int64_t first_day_of(int year) {
    const std::int64_t n = year - first_year;
    return n * 365 + (n + 3) / 4;
  }
  std::int64_t workday_at(std::int64_t rank) const {
    return rank >= 0 && rank < static_cast<std::int64_t>(workday_index.size())
               ? static_cast<std::int64_t>(workday_index[static_cast<std::size_t>(rank)])
               : -1;
  }
  Time end_of(std::int64_t day, const DayRule& rule) const {
    const auto& intervals = patterns[kind[static_cast<std::size_t>(day)]].intervals;
    return instant(day, rule.end == DayRule::End::midnight || intervals.empty() ? 86400 : intervals.back().end);
  }

  Spot spot(Time t) const;
  Time instant(std::int64_t day, std::int64_t second) const;
  std::int64_t within(std::int64_t day, std::int64_t ns, Time t) const;
  std::int64_t worked(Time t) const;
  Time reach(std::int64_t target) const;
  bool provisional_at(Time t) const;
};

}  // namespace hotline::workflow
