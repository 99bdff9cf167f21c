// The rule at the end of a TZif file: POSIX.1-2017 section 8.3, TZ, with RFC 9636's wider hours.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hotline {

struct PosixTz {
  struct Day {
    enum class Form : std::uint8_t { month_week, julian, zero_based } form = Form::month_week;
    int month = 1, week = 1, weekday = 0, day = 0;
    std::int64_t time = 2 * 3600;
  };
  std::int32_t standard = 0, summer = 0;  // seconds east
  bool has_summer = false;
  Day begin, end;

  static std::optional<PosixTz> parse(std::string_view text);
  // Shifts of a year in order: (instant, offset from then on). One of no effect where there is no summer time.
  std::vector<std::pair<std::int64_t, std::int32_t>> shifts(int year) const;
};

}  // namespace hotline
