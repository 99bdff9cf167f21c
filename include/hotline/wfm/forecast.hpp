// Forecasts of contacts: from the minute to the year, with sums that agree, intervals that say how sure they are, and
// back-tests that put every error beside two simple rules and beside the error that chance alone would make.
// Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::wfm {

// Counts of consecutive intervals of local time, from midnight of `first_day`. NaN: not known. An interval divides a day.
struct Series {
  std::int32_t first_day = 0;  // days since 1970-01-01
  double interval_s = 1800;
  std::vector<double> counts;
  std::size_t per_day() const { return static_cast<std::size_t>(86400 / interval_s + 0.5); }
  std::size_t days() const { return counts.size() / per_day(); }
};

// "1999-08-01" <-> days since 1970-01-01. Errors: invalid_argument.
Result<std::int32_t> parse_day(std::string_view text);
std::string day_text(std::int32_t day);
// 0 = Monday.
int weekday_of(std::int32_t day);

// Something known about days, past and future: a holiday (value 1), a campaign's size, a billing day.
struct Regressor {
  std::string name;
  std::vector<std::pair<std::int32_t, double>> days;
};

struct Quantity {  // one interval of a level
  std::int32_t day = 0;     // its first day
  double start_s = 0;       // within the day
  double seconds = 0;
  double mean = 0;
  double low80 = 0, high80 = 0, low95 = 0, high95 = 0;
};
enum class Level : std::uint8_t { minute, interval, half_hour, hour, day, week, month, year };
std::string_view to_string(Level level);
std::optional<Level> level_from(std::string_view name);

// What is to come. Every level is the sum of the level below it, to the last bit of a double's rounding (1e-9). Immutable.
class Forecast {
 public:
  Series mean;                           // the finest level
  double spread_interval = 0, spread_half_hour = 0, spread_hour = 0, spread_day = 0, spread_week = 0;  // relative, beside Poisson noise
  double reach80[5] = {}, reach95[5] = {};  // half-widths in standard deviations, by level from interval to week

  // ISO weeks begin on Monday; weeks, months and years may be cut off at the ends. `interval` is the series' own.
  std::vector<Quantity> at(Level level) const;
  std::string to_csv(Level level) const;
};

// Robust regression of daily volumes (weekday, place in the month, place in the year from two years of data on,
// regressors) by iteratively reweighted ridge, older days fading; times a level that follows the recent errors; times
// the weekday's profile. Intervals by the errors of the last weeks' own forecasts.
// Errors: invalid_argument (fewer than two weeks, an interval that does not divide a day, more than ten years ahead).
Result<Forecast> forecast(const Series& history, std::int32_t days_ahead, const std::vector<Regressor>& regressors = {});

struct LevelScore {
  Level level{};
  double mean_count = 0;
  double wape = 0;        // sum |error| / sum of counts
  double last_week = 0;   // the same weekday a week ago
  double mean_of_4 = 0;   // mean of the same weekday over four weeks
  double floor = 0;       // of a perfect forecast of the rate: Poisson noise
  double coverage80 = 0, coverage95 = 0;
  std::size_t count = 0;
  double skill() const { return mean_of_4 > 0 ? 1 - wape / mean_of_4 : 0; }
};
// Forecasts `horizon_days` ahead from every 7th day after the first `warm_up_days` (28 at least).
// Errors: invalid_argument where the history is too short.
Result<std::vector<LevelScore>> backtest(const Series& history, const std::vector<Regressor>& regressors = {},
                                         std::int32_t horizon_days = 7, std::int32_t warm_up_days = 56);
std::string to_text(const std::vector<LevelScore>& scores);

}  // namespace hotline::wfm
