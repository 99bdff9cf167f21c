// Calendar days and the levels of a forecast.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "hotline/wfm/forecast.hpp"

namespace hotline::wfm {
namespace {

constexpr std::array<std::string_view, 8> kLevels = {"minute", "interval", "half_hour", "hour", "day", "week", "month", "year"};

std::chrono::year_month_day date_of(std::int32_t day) { return std::chrono::sys_days(std::chrono::days(day)); }

// Does a new piece of the level begin on this day?
bool begins(Level level, std::int32_t day) {
  const auto date = date_of(day);
  switch (level) {
    case Level::week: return weekday_of(day) == 0;
    case Level::month: return static_cast<unsigned>(date.day()) == 1;
    case Level::year: return static_cast<unsigned>(date.day()) == 1 && static_cast<unsigned>(date.month()) == 1;
    default: return true;
  }
}

}  // namespace

Result<std::int32_t> parse_day(std::string_view text) {
  int y = 0;
  unsigned m = 0, d = 0;
  char more = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2u%c", &y, &m, &d, &more) == 3) {
    const std::chrono::year_month_day date{std::chrono::year(y), std::chrono::month(m), std::chrono::day(d)};
    if (date.ok()) return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
  }
  return Error(ErrorCode::invalid_argument, "`" + copy + "` is no day", "write YYYY-MM-DD");
}

std::string day_text(std::int32_t day) {
  const auto date = date_of(day);
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out;
}

int weekday_of(std::int32_t day) { return static_cast<int>(((day + 3) % 7 + 7) % 7); }

std::string_view to_string(Level level) { return kLevels[static_cast<std::size_t>(level)]; }
std::optional<Level> level_from(std::string_view name) {
  for (std::size_t i = 0; i < kLevels.size(); ++i)
    if (kLevels[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

std::vector<Quantity> Forecast::at(Level level) const {
  std::vector<Quantity> out;
  const std::size_t per_day = mean.per_day();
  std::size_t spread_at = level <= Level::interval ? 0 : std::min<std::size_t>(static_cast<std::size_t>(level) - 1, 4);
  const double spreads[] = {spread_interval, spread_half_hour, spread_hour, spread_day, spread_week};
  double seconds = level == Level::minute ? 60 : level == Level::half_hour ? 1800 : level == Level::hour ? 3600 : mean.interval_s;
  if (level < Level::day && seconds > mean.interval_s && std::fmod(seconds, mean.interval_s) != 0) seconds = mean.interval_s;
  if (level < Level::day && mean.interval_s >= 86400) seconds = level == Level::minute ? 60 : 86400;
  for (std::size_t i = 0; i < mean.counts.size(); ++i) {
    const auto day = mean.first_day + static_cast<std::int32_t>(i / per_day);
    const double start = static_cast<double>(i % per_day) * mean.interval_s;
    if (level >= Level::day) {
      if (out.empty() || (i % per_day == 0 && begins(level, day))) out.push_back({day, 0, 0, 0, 0, 0, 0, 0});
      out.back().seconds += mean.interval_s;
      out.back().mean += mean.counts[i];
    } else if (seconds < mean.interval_s) {
      const auto parts = static_cast<std::size_t>(mean.interval_s / seconds + 0.5);
      for (std::size_t k = 0; k < parts; ++k)
        out.push_back({day, start + static_cast<double>(k) * seconds, seconds, mean.counts[i] / static_cast<double>(parts), 0, 0, 0, 0});
    } else {
      if (out.empty() || std::fmod(start, seconds) == 0) out.push_back({day, start, 0, 0, 0, 0, 0, 0});
      out.back().seconds += mean.interval_s;
      out.back().mean += mean.counts[i];
    }
  }
  for (Quantity& q : out) {
    const double sd = std::sqrt(q.mean + spreads[spread_at] * spreads[spread_at] * q.mean * q.mean + 0.25);
    const auto reach = [&](double width, double& low, double& high) {
      low = std::max(0.0, q.mean - width * sd);
      high = q.mean + width * sd;
    };
    reach(reach80[spread_at], q.low80, q.high80);
    reach(reach95[spread_at], q.low95, q.high95);
  }
  return out;
}

std::string Forecast::to_csv(Level level) const {
  std::string out = "start,seconds,mean,low80,high80,low95,high95\n";
  char line[192];
  for (const Quantity& q : at(level)) {
    const int s = static_cast<int>(q.start_s);
    std::snprintf(line, sizeof line, "%sT%02d:%02d:%02d,%.0f,%.17g,%.6g,%.6g,%.6g,%.6g\n", day_text(q.day).c_str(), s / 3600, s / 60 % 60, s % 60,
                  q.seconds, q.mean, q.low80, q.high80, q.low95, q.high95);
    out += line;
  }
  return out;
}

}  // namespace hotline::wfm
