// The standard functions that are written as calls.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hotline/expr/type.hpp"

namespace hotline::expr {

enum class Builtin : std::uint8_t {
  none, host,
  size, contains, starts_with, ends_with, matches,
  to_bool, to_bytes, to_double, to_duration, to_dyn, to_int, to_string, to_timestamp, to_type, to_uint,
  get_date, get_day_of_month, get_day_of_week, get_day_of_year, get_full_year, get_hours, get_milliseconds,
  get_minutes, get_month, get_seconds,
};

// Kind::list and Kind::map stand for any of them, Kind::any for everything.
struct Overload {
  std::string_view name;
  Builtin builtin;
  bool method;  // x.f(y), not f(x, y)
  std::uint8_t count;
  Kind parameters[2];
  Kind result;
};
std::span<const Overload> standard_functions();

}  // namespace hotline::expr
