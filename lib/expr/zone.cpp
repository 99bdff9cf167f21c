#include "expr/zone.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>

namespace hotline::expr {
namespace {

using namespace std::chrono;

constexpr const char* kFolders[] = {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/usr/share/lib/zoneinfo/"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

bool number(std::string_view& text, std::int64_t& value) {
  if (text.empty() || !is_digit(text.front())) return false;
  for (value = 0; !text.empty() && is_digit(text.front()) && value < 100'000; text.remove_prefix(1))
    value = value * 10 + (text.front() - '0');
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// [+-]hh[:mm[:ss]] of POSIX TZ.
bool clock(std::string_view& text, std::int64_t& seconds) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  std::int64_t part = 0;
  if (!number(text, part)) return false;
  seconds = part * 3600;
  for (const std::int64_t unit : {60, 1}) {
    if (!take(text, ':')) break;
    if (!number(text, part)) return false;
    seconds += part * unit;
  }
  if (negative) seconds = -seconds;
  return true;
}

bool abbreviation(std::string_view& text) {
  if (take(text, '<')) {
    const auto end = text.find('>');
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
    return true;
  }
  const std::size_t before = text.size();
  while (!text.empty() && ((text.front() | 32) >= 'a' && (text.front() | 32) <= 'z')) text.remove_prefix(1);
  return before - text.size() >= 3;
}

std::int64_t days_from_epoch(int y, int m, int d) {
  return sys_days{year{y} / month{static_cast<unsigned>(m)} / day{static_cast<unsigned>(d)}}.time_since_epoch().count();
}

}  // namespace

bool Zone::parse(std::string_view bytes) {
  const auto header = [&](std::size_t at) { return bytes.size() >= at + 44 && bytes.substr(at, 4) == "TZif"; };
  if (!header(0)) return false;
  const auto counts = [&](std::size_t at, std::int64_t (&c)[6]) {
    for (std::size_t i = 0; i < 6; ++i) c[i] = big_endian(bytes, at + 20 + 4 * i, 4);
    return std::all_of(c, c + 6, [](std::int64_t n) { return n >= 0 && n < 1'000'000; });
  };
  std::int64_t c[6];  // isutc, isstd, leap, time, type, char
  if (!counts(0, c)) return false;
  std::size_t at = 44;
  std::size_t width = 4;
  const char version = bytes[4];
  if (version >= '2') {  // version 1's block is skipped: the 64-bit one follows
    at += static_cast<std::size_t>(c[3] * 5 + c[4] * 6 + c[5] + c[2] * 8 + c[1] + c[0]);
    if (!header(at) || !counts(at, c)) return false;
    at += 44;
    width = 8;
  }
  const auto times = static_cast<std::size_t>(c[3]);
  const auto types = static_cast<std::size_t>(c[4]);
  const std::size_t indexes = at + times * width;
  const std::size_t records = indexes + times;
  const std::size_t end = records + types * 6 + static_cast<std::size_t>(c[5]) +
                          static_cast<std::size_t>(c[2]) * (width + 4) + static_cast<std::size_t>(c[1] + c[0]);
  if (types == 0 || end > bytes.size()) return false;
  first_ = big_endian(bytes, records, 4);
  for (std::size_t i = 0; i < times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[indexes + i]);
    if (type >= types) return false;
    changes_.push_back(big_endian(bytes, at + i * width, width));
    offsets_.push_back(big_endian(bytes, records + type * 6u, 4));
  }
  if (!std::is_sorted(changes_.begin(), changes_.end())) return false;
  if (width == 8 && end < bytes.size() && bytes[end] == '\n') {
    const std::string_view footer = bytes.substr(end + 1, bytes.find('\n', end + 1) - end - 1);
    if (!footer.empty() && !parse_footer(footer)) return false;
  }
  return true;
}

bool Zone::parse_footer(std::string_view text) {
  has_footer_ = true;
  if (!abbreviation(text) || !clock(text, standard_)) return false;
  standard_ = -standard_;  // POSIX counts west of Greenwich
  if (text.empty()) return true;
  has_summer_ = true;
  if (!abbreviation(text)) return false;
  summer_ = standard_ + 3600;
  if (!text.empty() && text.front() != ',') {
    if (!clock(text, summer_)) return false;
    summer_ = -summer_;
  }
  return take(text, ',') && parse_rule(text, begin_) && take(text, ',') && parse_rule(text, end_) && text.empty();
}

bool Zone::parse_rule(std::string_view& text, Rule& rule) {
  std::int64_t value = 0;
  if (take(text, 'M')) {
    std::int64_t week = 0;
    std::int64_t weekday = 0;
    if (!number(text, value) || !take(text, '.') || !number(text, week) || !take(text, '.') || !number(text, weekday))
      return false;
    if (value < 1 || value > 12 || week < 1 || week > 5 || weekday > 6) return false;
    rule.month = static_cast<int>(value);
    rule.week = static_cast<int>(week);
    rule.day = static_cast<int>(weekday);
  } else {
    rule.leap_days = !take(text, 'J');
    if (!number(text, value) || value > 366) return false;
    rule.julian = static_cast<int>(value);
  }
  return !take(text, '/') || clock(text, rule.time);
}

// Local seconds since the epoch at which the rule strikes in that year.
std::int64_t Zone::rule_seconds(const Rule& rule, int y) {
  std::int64_t days = 0;
  if (rule.julian >= 0) {
    days = days_from_epoch(y, 1, 1) + rule.julian;
    if (!rule.leap_days) days += (year{y}.is_leap() && rule.julian > 59 ? 1 : 0) - 1;
  } else {
    const std::int64_t first = days_from_epoch(y, rule.month, 1);
    const auto weekday_of_first = (first % 7 + 11) % 7;  // 1970-01-01 was a Thursday
    days = first + (rule.day - weekday_of_first + 7) % 7 + (rule.week - 1) * 7;
    const std::int64_t next = rule.month == 12 ? days_from_epoch(y + 1, 1, 1) : days_from_epoch(y, rule.month + 1, 1);
    if (days >= next) days -= 7;
  }
  return days * 86'400 + rule.time;
}

std::int64_t Zone::offset_by_rule(std::int64_t utc) const {
  if (!has_summer_) return standard_;
  const auto date = year_month_day{floor<days>(sys_seconds{seconds{utc + standard_}})};
  const int y = static_cast<int>(date.year());
  const std::int64_t begin = rule_seconds(begin_, y) - standard_;
  const std::int64_t end = rule_seconds(end_, y) - summer_;
  const bool summer = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  return summer ? summer_ : standard_;
}

std::int64_t Zone::offset(std::int64_t utc) const {
  if (changes_.empty()) return has_footer_ ? offset_by_rule(utc) : first_;
  if (utc >= changes_.back() && has_footer_) return offset_by_rule(utc);
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), utc);
  return after == changes_.begin() ? first_ : offsets_[static_cast<std::size_t>(after - changes_.begin()) - 1];
}

const Zone* find_zone(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const Zone>, std::less<>> zones;
  const auto plain = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  if (name.empty() || name.size() > 64 || !plain(name.front()) ||
      !std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || is_digit(c) || c == '_' || c == '/' || c == '-' || c == '+'; }))
    return nullptr;
  const std::lock_guard lock(mutex);
  if (const auto known = zones.find(name); known != zones.end()) return known->second.get();
  for (const char* folder : kFolders) {
    const std::filesystem::path path(folder + std::string(name));
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) continue;
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    auto zone = std::make_unique<Zone>();
    if (!zone->parse(bytes)) continue;
    return zones.emplace(name, std::move(zone)).first->second.get();
  }
  return nullptr;
}

bool zone_offset(std::string_view name, std::int64_t utc, std::int64_t& seconds) {
  seconds = 0;
  if (name.empty() || name == "UTC" || name == "Z" || name == "GMT") return true;
  if (is_digit(name.front()) || name.front() == '+' || name.front() == '-') {
    std::string_view rest = name;
    const bool negative = take(rest, '-');
    if (!negative) take(rest, '+');
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!number(rest, hours) || !take(rest, ':') || !number(rest, minutes) || !rest.empty() || hours > 23 || minutes > 59)
      return false;
    seconds = (hours * 60 + minutes) * (negative ? -60 : 60);
    return true;
  }
  const Zone* zone = find_zone(name);
  if (zone == nullptr) return false;
  seconds = zone->offset(utc);
  return true;
}

}  // namespace hotline::expr
