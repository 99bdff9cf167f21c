// Time is passed in: nanoseconds since 1970-01-01T00:00:00Z. Nothing in hotline reads a clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"

namespace hotline {

using Duration = std::chrono::nanoseconds;
using Time = std::chrono::sys_time<Duration>;

constexpr Time time_from_ns(std::int64_t ns) { return Time{Duration{ns}}; }
constexpr std::int64_t to_ns(Time t) { return t.time_since_epoch().count(); }

// Durations in definitions carry their unit: "90s", "1h30m", "500ms", "2d" (d = 24 h), "1.5s".
// Units: ns us ms s m h d. "0" alone is allowed. Refuses overflow, no unit, and blanks.
Result<Duration> parse_duration(std::string_view text);
// The shortest form that parse_duration reads back to the same value: "1h30m", "500ms", "0s".
std::string to_string(Duration d);

// RFC 3339 with 'Z' or an offset, up to nine digits of seconds' fraction.
Result<Time> parse_time(std::string_view text);
// RFC 3339 in UTC; the fraction is as long as it needs to be: "2026-11-22T08:00:00.25Z".
std::string to_string(Time t);

}  // namespace hotline
