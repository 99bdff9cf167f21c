// Local wall time of a place, from the system's tz database (RFC 9636, TZif) and nothing else: no ICU,
// no environment variable, no wall clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline {

// A day on somebody's wall calendar, without a zone.
using Date = std::chrono::local_days;

// "2026-11-22". Errors: invalid_argument.
Result<Date> parse_date(std::string_view text);
std::string to_string(Date date);

// Immutable; copies share.
class TimeZone {
 public:
  // "Asia/Shanghai" (looked up below $TZDIR-like folders /usr/share/zoneinfo and /usr/lib/zoneinfo), "UTC",
  // or a fixed offset "+08:00". Asia/Shanghai needs no database: then it is +08:00 always.
  // Errors: not_found (no such zone, or no database), corrupt (not TZif).
  static Result<TimeZone> find(std::string_view id);
  // From the bytes of a TZif file. Errors: corrupt.
  static Result<TimeZone> parse(std::string_view tzif, std::string_view id);
  static TimeZone utc();

  const std::string& id() const;
  // Seconds east of Greenwich at an instant.
  std::int32_t offset_at(Time t) const;
  // The one offset of 2000..2099, where there is only one.
  bool fixed() const;
  // Instant of a wall time. A wall time that a shift leaves out is moved on by the gap; of one that comes twice,
  // the first.
  Time to_time(Date date, std::int64_t second_of_day) const;
  Date date_at(Time t) const;

 private:
  struct Data;
  explicit TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

}  // namespace hotline
