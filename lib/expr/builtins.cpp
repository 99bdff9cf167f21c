#include "expr/builtins.hpp"

namespace hotline::expr {
namespace {

using B = Builtin;
using K = Kind;
constexpr K kNo = Kind::missing;

// langdef.md, "List of Standard Definitions".
constexpr Overload kFunctions[] = {
    {"size", B::size, false, 1, {K::string, kNo}, K::integer},
    {"size", B::size, false, 1, {K::bytes, kNo}, K::integer},
    {"size", B::size, false, 1, {K::list, kNo}, K::integer},
    {"size", B::size, false, 1, {K::map, kNo}, K::integer},
    {"size", B::size, true, 1, {K::string, kNo}, K::integer},
    {"size", B::size, true, 1, {K::bytes, kNo}, K::integer},
    {"size", B::size, true, 1, {K::list, kNo}, K::integer},
    {"size", B::size, true, 1, {K::map, kNo}, K::integer},
    {"contains", B::contains, true, 2, {K::string, K::string}, K::boolean},
    {"startsWith", B::starts_with, true, 2, {K::string, K::string}, K::boolean},
    {"endsWith", B::ends_with, true, 2, {K::string, K::string}, K::boolean},
    {"matches", B::matches, true, 2, {K::string, K::string}, K::boolean},
    {"matches", B::matches, false, 2, {K::string, K::string}, K::boolean},

    {"bool", B::to_bool, false, 1, {K::boolean, kNo}, K::boolean},
    {"bool", B::to_bool, false, 1, {K::string, kNo}, K::boolean},
    {"bytes", B::to_bytes, false, 1, {K::bytes, kNo}, K::bytes},
    {"bytes", B::to_bytes, false, 1, {K::string, kNo}, K::bytes},
    {"double", B::to_double, false, 1, {K::real, kNo}, K::real},
    {"double", B::to_double, false, 1, {K::integer, kNo}, K::real},
    {"double", B::to_double, false, 1, {K::natural, kNo}, K::real},
    {"double", B::to_double, false, 1, {K::string, kNo}, K::real},
    {"duration", B::to_duration, false, 1, {K::duration, kNo}, K::duration},
    {"duration", B::to_duration, false, 1, {K::string, kNo}, K::duration},
    {"dyn", B::to_dyn, false, 1, {K::any, kNo}, K::any},
    {"int", B::to_int, false, 1, {K::integer, kNo}, K::integer},
    {"int", B::to_int, false, 1, {K::natural, kNo}, K::integer},
    {"int", B::to_int, false, 1, {K::real, kNo}, K::integer},
    {"int", B::to_int, false, 1, {K::string, kNo}, K::integer},
    {"int", B::to_int, false, 1, {K::timestamp, kNo}, K::integer},
    {"string", B::to_string, false, 1, {K::string, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::boolean, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::integer, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::natural, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::real, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::bytes, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::timestamp, kNo}, K::string},
    {"string", B::to_string, false, 1, {K::duration, kNo}, K::string},
    {"timestamp", B::to_timestamp, false, 1, {K::timestamp, kNo}, K::timestamp},
    {"timestamp", B::to_timestamp, false, 1, {K::string, kNo}, K::timestamp},
    {"timestamp", B::to_timestamp, false, 1, {K::integer, kNo}, K::timestamp},
    {"type", B::to_type, false, 1, {K::any, kNo}, K::type},
    {"uint", B::to_uint, false, 1, {K::natural, kNo}, K::natural},
    {"uint", B::to_uint, false, 1, {K::integer, kNo}, K::natural},
    {"uint", B::to_uint, false, 1, {K::real, kNo}, K::natural},
    {"uint", B::to_uint, false, 1, {K::string, kNo}, K::natural},

#define HOTLINE_ACCESSOR(name, builtin)                                       \
  {name, builtin, true, 1, {K::timestamp, kNo}, K::integer},                  \
      {name, builtin, true, 2, {K::timestamp, K::string}, K::integer}
    HOTLINE_ACCESSOR("getDate", B::get_date),
    HOTLINE_ACCESSOR("getDayOfMonth", B::get_day_of_month),
    HOTLINE_ACCESSOR("getDayOfWeek", B::get_day_of_week),
    HOTLINE_ACCESSOR("getDayOfYear", B::get_day_of_year),
    HOTLINE_ACCESSOR("getFullYear", B::get_full_year),
    HOTLINE_ACCESSOR("getHours", B::get_hours),
    HOTLINE_ACCESSOR("getMilliseconds", B::get_milliseconds),
    HOTLINE_ACCESSOR("getMinutes", B::get_minutes),
    HOTLINE_ACCESSOR("getMonth", B::get_month),
    HOTLINE_ACCESSOR("getSeconds", B::get_seconds),
#undef HOTLINE_ACCESSOR
    {"getHours", B::get_hours, true, 1, {K::duration, kNo}, K::integer},
    {"getMilliseconds", B::get_milliseconds, true, 1, {K::duration, kNo}, K::integer},
    {"getMinutes", B::get_minutes, true, 1, {K::duration, kNo}, K::integer},
    {"getSeconds", B::get_seconds, true, 1, {K::duration, kNo}, K::integer},
};

}  // namespace

std::span<const Overload> standard_functions() { return kFunctions; }

}  // namespace hotline::expr
