#include "hotline/base/time.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace hotline {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
// Longest names first where one begins another ("ms" before "m").
constexpr std::array<Unit, 7> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"d", 86'400'000'000'000}}};

Error bad_duration(std::string_view text) {
  return Error(ErrorCode::invalid_argument, "`" + std::string(text) + "` is not a duration",
               "write a number with its unit, such as 90s, 1h30m, 500ms or 2d");
}

Error bad_time(std::string_view text) {
  return Error(ErrorCode::invalid_argument, "`" + std::string(text) + "` is not a time",
               "write it as 2026-11-22T08:00:00Z or 2026-11-22T16:00:00+08:00");
}

// Reads exactly `count` digits at the front.
bool digits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool literal(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

void append_fixed(std::string& out, std::int64_t value, int width) {
  std::string number = std::to_string(value);
  out.append(static_cast<std::size_t>(std::max<std::int64_t>(0, width - static_cast<int>(number.size()))), '0');
  out += number;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  if (rest.empty()) return bad_duration(text);
  __int128 total = 0;
  while (!rest.empty()) {
    std::int64_t whole = 0;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), whole);
    if (failed != std::errc{} || whole < 0 || *rest.data() == '-') return bad_duration(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      std::size_t count = 0;
      while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        if (++count > 9) return bad_duration(text);
        fraction = fraction * 10 + (rest.front() - '0');
        scale *= 10;
        rest.remove_prefix(1);
      }
      if (count == 0) return bad_duration(text);
    }
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (rest.starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (unit == nullptr) return bad_duration(text);
    rest.remove_prefix(unit->name.size());
    const __int128 part = static_cast<__int128>(fraction) * unit->ns;
    if (part % scale != 0) return bad_duration(text);
    total += static_cast<__int128>(whole) * unit->ns + part / scale;
    if (total > std::numeric_limits<std::int64_t>::max()) return bad_duration(text);
  }
  const auto ns = static_cast<std::int64_t>(total);
  return Duration{negative ? -ns : ns};
}

std::string to_string(Duration d) {
  if (d.count() == 0) return "0s";
  std::string text;
  std::uint64_t left = static_cast<std::uint64_t>(d.count());
  if (d.count() < 0) {
    text = "-";
    left = 0 - left;
  }
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend() && left > 0; ++unit) {
    const auto count = left / static_cast<std::uint64_t>(unit->ns);
    if (count == 0) continue;
    text += std::to_string(count);
    text += unit->name;
    left %= static_cast<std::uint64_t>(unit->ns);
  }
  return text;
}

Result<Time> parse_time(std::string_view text) {
  using namespace std::chrono;
  std::string_view rest = text;
  int year_number, month_number, day_number, hour, minute, second;
  if (!digits(rest, 4, year_number) || !literal(rest, "-") || !digits(rest, 2, month_number) ||
      !literal(rest, "-") || !digits(rest, 2, day_number) || !literal(rest, "Tt ") || !digits(rest, 2, hour) ||
      !literal(rest, ":") || !digits(rest, 2, minute) || !literal(rest, ":") || !digits(rest, 2, second))
    return bad_time(text);
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return bad_time(text);
  std::int64_t ns = 0;
  if (literal(rest, ".")) {
    std::int64_t unit = 100'000'000;
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return bad_time(text);
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; unit /= 10, rest.remove_prefix(1)) {
      if (unit == 0) return bad_time(text);
      ns += (rest.front() - '0') * unit;
    }
  }
  int offset = 0;
  if (!literal(rest, "Zz")) {
    int offset_hour, offset_minute;
    const bool west = !rest.empty() && rest.front() == '-';
    if (!literal(rest, "+-") || !digits(rest, 2, offset_hour) || !literal(rest, ":") ||
        !digits(rest, 2, offset_minute) || offset_hour > 23 || offset_minute > 59)
      return bad_time(text);
    offset = (offset_hour * 60 + offset_minute) * (west ? -1 : 1);
  }
  // Years whose nanoseconds do not fit into 64 bits are refused.
  if (!rest.empty() || year_number < 1678 || year_number > 2261) return bad_time(text);
  const auto moment = sys_days{date} + hours{hour} + minutes{minute - offset} + seconds{second};
  return Time{moment} + Duration{ns};
}

std::string to_string(Time t) {
  using namespace std::chrono;
  // In seconds: the midnight before the first instant has no nanoseconds in 64 bits.
  const auto ns = to_ns(t);
  const auto fraction = (ns % 1'000'000'000 + 1'000'000'000) % 1'000'000'000;
  const sys_seconds moment{seconds{ns / 1'000'000'000 - (ns % 1'000'000'000 < 0 ? 1 : 0)}};
  const auto midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss clock{moment - midnight};
  std::string text;
  append_fixed(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_fixed(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_fixed(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_fixed(text, clock.hours().count(), 2);
  text += ':';
  append_fixed(text, clock.minutes().count(), 2);
  text += ':';
  append_fixed(text, clock.seconds().count(), 2);
  if (fraction != 0) {
    text += '.';
    append_fixed(text, fraction, 9);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + 'Z';
}

}  // namespace hotline
