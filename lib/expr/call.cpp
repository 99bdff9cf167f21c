// The standard functions.
#include <re2/re2.h>

#include <chrono>
#include <cmath>

#include "expr/convert.hpp"
#include "expr/operate.hpp"
#include "expr/zone.hpp"

namespace hotline::expr {
namespace {

Value fail(Failure what) { return Access::failure(what); }

template <class T>
Value or_fail(const std::optional<T>& value, Failure what) {
  return value ? Value(*value) : fail(what);
}

Value to_int(const Value& v) {
  switch (v.kind()) {
    case Kind::integer: return v;
    case Kind::natural:
      return v.as_uint() <= INT64_MAX ? Value(static_cast<std::int64_t>(v.as_uint())) : fail(Failure::overflow);
    case Kind::real:
      // Both ends are left out, as the specification has it: a double next to them may have been rounded there.
      return v.as_double() > -0x1p63 && v.as_double() < 0x1p63 ? Value(static_cast<std::int64_t>(v.as_double()))
                                                               : fail(Failure::overflow);
    case Kind::string: return or_fail(integer_from_string(v.as_string()), Failure::bad_number);
    case Kind::timestamp:
      return std::chrono::floor<std::chrono::seconds>(v.as_time()).time_since_epoch().count();
    default: return fail(Failure::wrong_type);
  }
}

Value to_uint(const Value& v) {
  switch (v.kind()) {
    case Kind::natural: return v;
    case Kind::integer: return v.as_int() >= 0 ? Value(static_cast<std::uint64_t>(v.as_int())) : fail(Failure::overflow);
    case Kind::real:
      return v.as_double() >= 0 && v.as_double() < 0x1p64 ? Value(static_cast<std::uint64_t>(v.as_double()))
                                                          : fail(Failure::overflow);
    case Kind::string: return or_fail(natural_from_string(v.as_string()), Failure::bad_number);
    default: return fail(Failure::wrong_type);
  }
}

Value to_double(const Value& v) {
  switch (v.kind()) {
    case Kind::real: return v;
    case Kind::integer: return static_cast<double>(v.as_int());
    case Kind::natural: return static_cast<double>(v.as_uint());
    case Kind::string: return or_fail(real_from_string(v.as_string()), Failure::bad_number);
    default: return fail(Failure::wrong_type);
  }
}

Value to_text(const Value& v) {
  switch (v.kind()) {
    case Kind::string: return v;
    case Kind::boolean: return Value::text(v.as_bool() ? "true" : "false");
    case Kind::integer: return Value::text(std::to_string(v.as_int()));
    case Kind::natural: return Value::text(std::to_string(v.as_uint()));
    case Kind::real: return Value::text(real_to_string(v.as_double()));
    case Kind::bytes: return is_utf8(v.as_bytes()) ? Value::text(v.as_bytes()) : fail(Failure::bad_encoding);
    case Kind::timestamp: return Value::text(hotline::to_string(v.as_time()));
    case Kind::duration: return Value::text(duration_to_string(v.as_duration()));
    default: return fail(Failure::wrong_type);
  }
}

Value to_timestamp(const Value& v) {
  switch (v.kind()) {
    case Kind::timestamp: return v;
    case Kind::integer: {
      std::int64_t ns = 0;
      return __builtin_mul_overflow(v.as_int(), std::int64_t{1'000'000'000}, &ns) ? fail(Failure::overflow)
                                                                                 : Value(time_from_ns(ns));
    }
    case Kind::string: {
      const auto time = parse_time(v.as_string());
      return time.ok() ? Value(*time) : fail(Failure::bad_time);
    }
    default: return fail(Failure::wrong_type);
  }
}

Value size_of(const Value& v) {
  switch (v.kind()) {
    case Kind::string: return static_cast<std::int64_t>(count_code_points(v.as_string()));
    case Kind::bytes:
    case Kind::list:
    case Kind::map: return static_cast<std::int64_t>(Access::size(v));
    default: return fail(Failure::wrong_type);
  }
}

Value duration_part(Builtin part, Duration d) {
  using namespace std::chrono;
  switch (part) {
    case Builtin::get_hours: return duration_cast<hours>(d).count();
    case Builtin::get_minutes: return duration_cast<minutes>(d).count();
    case Builtin::get_seconds: return duration_cast<seconds>(d).count();
    case Builtin::get_milliseconds: return duration_cast<milliseconds>(d % seconds(1)).count();
    default: return fail(Failure::wrong_type);
  }
}

// langdef.md: months, days of the month and of the year count from 0, getDate from 1, Sunday is 0.
Value time_part(Builtin part, Time moment, std::string_view zone) {
  using namespace std::chrono;
  const auto utc = floor<seconds>(moment);
  std::int64_t offset = 0;
  if (!zone_offset(zone, utc.time_since_epoch().count(), offset)) return fail(Failure::bad_zone);
  const auto local = utc + seconds(offset);
  const auto midnight = floor<days>(local);
  const year_month_day date{midnight};
  const hh_mm_ss clock{local - midnight};
  const auto number = [](auto n) { return Value(static_cast<std::int64_t>(n)); };
  switch (part) {
    case Builtin::get_full_year: return number(static_cast<int>(date.year()));
    case Builtin::get_month: return number(static_cast<unsigned>(date.month()) - 1);
    case Builtin::get_date: return number(static_cast<unsigned>(date.day()));
    case Builtin::get_day_of_month: return number(static_cast<unsigned>(date.day()) - 1);
    case Builtin::get_day_of_week: return number(weekday{midnight}.c_encoding());
    case Builtin::get_day_of_year: return number((midnight - sys_days{date.year() / January / 1}).count());
    case Builtin::get_hours: return number(clock.hours().count());
    case Builtin::get_minutes: return number(clock.minutes().count());
    case Builtin::get_seconds: return number(clock.seconds().count());
    case Builtin::get_milliseconds: return number(duration_cast<milliseconds>(moment - utc).count());
    default: return fail(Failure::wrong_type);
  }
}

Value text_test(Builtin function, const Value& a, const Value& b, Budget& budget) {
  if (a.kind() != Kind::string || b.kind() != Kind::string) return fail(Failure::wrong_type);
  if (!budget.spend(a.as_string().size() / 16)) return fail(Failure::budget);
  switch (function) {
    case Builtin::contains: return a.as_string().find(b.as_string()) != std::string_view::npos;
    case Builtin::starts_with: return a.as_string().starts_with(b.as_string());
    default: return a.as_string().ends_with(b.as_string());
  }
}

Value match_pattern(const Value& text, const Value& pattern, Budget& budget, const Limits& limits) {
  if (text.kind() != Kind::string || pattern.kind() != Kind::string) return fail(Failure::wrong_type);
  if (!budget.spend(100 + pattern.as_string().size() * 10)) return fail(Failure::budget);
  std::string problem;
  const Regex regex = compile_regex(pattern.as_string(), limits, problem);
  return regex ? match(text, *regex, budget) : fail(Failure::bad_pattern);
}

}  // namespace

void RegexDeleter::operator()(re2::RE2* regex) const { delete regex; }

Regex compile_regex(std::string_view pattern, const Limits& limits, std::string& problem) {
  if (pattern.size() > limits.regex_bytes) {
    problem = "it is longer than " + std::to_string(limits.regex_bytes) + " bytes";
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits.regex_memory);
  Regex regex(new re2::RE2(re2::StringPiece(pattern.data(), pattern.size()), options));
  if (regex->ok()) return regex;
  problem = regex->error();
  return nullptr;
}

Value match(const Value& text, const re2::RE2& regex, Budget& budget) {
  if (Access::failed(text)) return text;
  if (text.kind() != Kind::string) return fail(text.is_missing() ? Failure::missing : Failure::wrong_type);
  const std::string_view s = text.as_string();
  if (!budget.spend(1 + s.size() / 4)) return fail(Failure::budget);
  return re2::RE2::PartialMatch(re2::StringPiece(s.data(), s.size()), regex);
}

Value call(Builtin function, std::span<const Value> arguments, Budget& budget, const Limits& limits) {
  for (const Value& argument : arguments) {
    if (Access::failed(argument)) return argument;
    if (argument.is_missing()) return fail(Failure::missing);
  }
  const Value& v = arguments[0];
  if ((v.kind() == Kind::string || v.kind() == Kind::bytes) && !budget.spend(Access::size(v) / 16)) return fail(Failure::budget);
  switch (function) {
    case Builtin::size: return size_of(v);
    case Builtin::contains:
    case Builtin::starts_with:
    case Builtin::ends_with: return text_test(function, v, arguments[1], budget);
    case Builtin::matches: return match_pattern(v, arguments[1], budget, limits);
    case Builtin::to_bool:
      if (v.kind() == Kind::boolean) return v;
      return v.kind() == Kind::string ? or_fail(bool_from_string(v.as_string()), Failure::bad_bool) : fail(Failure::wrong_type);
    case Builtin::to_bytes:
      if (v.kind() == Kind::bytes) return v;
      return v.kind() == Kind::string ? Value::own_bytes(v.as_string()) : fail(Failure::wrong_type);
    case Builtin::to_double: return to_double(v);
    case Builtin::to_duration:
      if (v.kind() == Kind::duration) return v;
      return v.kind() == Kind::string ? or_fail(duration_from_string(v.as_string()), Failure::bad_duration)
                                      : fail(Failure::wrong_type);
    case Builtin::to_dyn: return v;
    case Builtin::to_int: return to_int(v);
    case Builtin::to_string: return to_text(v);
    case Builtin::to_timestamp: return to_timestamp(v);
    case Builtin::to_type: return Value::type(v.kind());
    case Builtin::to_uint: return to_uint(v);
    case Builtin::none:
    case Builtin::host: return fail(Failure::wrong_type);
    default: break;
  }
  if (v.kind() == Kind::duration && arguments.size() == 1) return duration_part(function, v.as_duration());
  if (v.kind() != Kind::timestamp) return fail(Failure::wrong_type);
  if (arguments.size() == 2 && arguments[1].kind() != Kind::string) return fail(Failure::wrong_type);
  return time_part(function, v.as_time(), arguments.size() == 2 ? arguments[1].as_string() : std::string_view());
}

}  // namespace hotline::expr
