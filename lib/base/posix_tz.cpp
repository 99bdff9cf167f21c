#include "base/posix_tz.hpp"

#include <algorithm>
#include <chrono>

namespace hotline {
namespace {

struct Reader {
  std::string_view text;
  bool take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  bool number(int& out, int low, int high) {
    std::size_t n = 0;
    int v = 0;
    while (n < text.size() && n < 4 && text[n] >= '0' && text[n] <= '9') v = v * 10 + (text[n++] - '0');
    if (n == 0 || v < low || v > high) return false;
    text.remove_prefix(n);
    out = v;
    return true;
  }
  bool name() {
    std::size_t n = 0;
    if (take('<')) {
      n = text.find('>');
      if (n == text.npos) return false;
      text.remove_prefix(n + 1);
      return true;
    }
    while (n < text.size() && ((text[n] >= 'A' && text[n] <= 'Z') || (text[n] >= 'a' && text[n] <= 'z'))) ++n;
    text.remove_prefix(n);
    return n >= 3;
  }
  // [+-]hh[:mm[:ss]]
  bool clock(std::int64_t& out) {
    const int sign = take('-') ? -1 : (take('+'), 1);
    int h = 0, m = 0, s = 0;
    if (!number(h, 0, 167)) return false;
    if (take(':') && !number(m, 0, 59)) return false;
    if (take(':') && !number(s, 0, 59)) return false;
    out = sign * (h * 3600LL + m * 60LL + s);
    return true;
  }
  bool day(PosixTz::Day& d) {
    using Form = PosixTz::Day::Form;
    if (take('M')) {
      if (!number(d.month, 1, 12) || !take('.') || !number(d.week, 1, 5) || !take('.') || !number(d.weekday, 0, 6))
        return false;
    } else if (take('J')) {
      d.form = Form::julian;
      if (!number(d.day, 1, 365)) return false;
    } else {
      d.form = Form::zero_based;
      if (!number(d.day, 0, 365)) return false;
    }
    return !take('/') || clock(d.time);
  }
};

// Days since the epoch on which the shift stands in a year.
std::int64_t day_of(const PosixTz::Day& d, int year) {
  using namespace std::chrono;
  using Form = PosixTz::Day::Form;
  const std::chrono::year y{year};
  const std::int64_t new_year = sys_days{y / January / 1}.time_since_epoch().count();
  if (d.form == Form::zero_based) return new_year + d.day;
  if (d.form == Form::julian) return new_year + d.day - 1 + (y.is_leap() && d.day >= 60 ? 1 : 0);
  const auto month = std::chrono::month{static_cast<unsigned>(d.month)};
  const auto weekday = std::chrono::weekday{static_cast<unsigned>(d.weekday)};
  if (d.week == 5) return sys_days{y / month / weekday[last]}.time_since_epoch().count();
  return sys_days{y / month / weekday[static_cast<unsigned>(d.week)]}.time_since_epoch().count();
}

}  // namespace

std::optional<PosixTz> PosixTz::parse(std::string_view text) {
  Reader in{text};
  PosixTz tz;
  std::int64_t west = 0;
  if (!in.name() || !in.clock(west)) return std::nullopt;
  tz.standard = static_cast<std::int32_t>(-west);
  tz.summer = tz.standard;
  if (in.text.empty()) return tz;
  if (!in.name()) return std::nullopt;
  tz.has_summer = true;
  tz.summer = tz.standard + 3600;
  if (!in.text.empty() && in.text.front() != ',') {
    if (!in.clock(west)) return std::nullopt;
    tz.summer = static_cast<std::int32_t>(-west);
  }
  if (!in.take(',') || !in.day(tz.begin) || !in.take(',') || !in.day(tz.end) || !in.text.empty()) return std::nullopt;
  return tz;
}

std::vector<std::pair<std::int64_t, std::int32_t>> PosixTz::shifts(int year) const {
  if (!has_summer) return {};
  std::vector<std::pair<std::int64_t, std::int32_t>> out{{day_of(begin, year) * 86400 + begin.time - standard, summer},
                                                         {day_of(end, year) * 86400 + end.time - summer, standard}};
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace hotline
