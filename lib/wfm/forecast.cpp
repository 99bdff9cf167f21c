#include "hotline/wfm/forecast.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace hotline::wfm {
namespace {

constexpr double kHalfLife = 60;    // days, of a day's weight in the regression
constexpr double kFollow = 0.1;     // of the level after each day
constexpr int kMonthWaves = 4;
constexpr int kYearWaves = 2;
constexpr int kProfileWeeks = 13;
constexpr std::size_t kLevels = 5;  // interval, half hour, hour, day, week
constexpr int kOrigins = 16;        // forecasts of the past that measure the spread

double median_of(std::vector<double> v) {
  if (v.empty()) return 0;
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  return *middle;
}

double quantile_of(std::vector<double> v, double q) {
  if (v.empty()) return 0;
  const auto at = std::min(v.size() - 1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(v.size() + 1))) - 1);
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(at), v.end());
  return v[at];
}

// Solves A x = b in place by Cholesky; A is symmetric, positive definite, n x n.
std::vector<double> solve(std::vector<double> a, std::vector<double> b, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k)
      for (std::size_t i = j; i < n; ++i) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    const double root = std::sqrt(std::max(a[j * n + j], 1e-12));
    for (std::size_t i = j; i < n; ++i) a[i * n + j] /= root;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

// The daily volumes: log(1 + volume) as weekday + waves of month and year + regressors.
class DayModel {
 public:
  DayModel(const Series& series, const std::vector<Regressor>& regressors, std::size_t most_days)
      : first_day_(series.first_day) {
    const std::size_t per_day = series.per_day();
    for (std::size_t d = 0; d < series.days(); ++d) {
      double sum = 0;
      for (std::size_t i = 0; i < per_day; ++i) sum += series.counts[d * per_day + i];
      logs_.push_back(std::log1p(sum));  // NaN where the day is not known
    }
    extra_.assign(regressors.size(), std::vector<double>(most_days, 0.0));
    for (std::size_t r = 0; r < regressors.size(); ++r)
      for (const auto& [day, value] : regressors[r].days) {
        const std::int64_t at = std::int64_t{day} - first_day_;
        if (at >= 0 && at < static_cast<std::int64_t>(most_days)) extra_[r][static_cast<std::size_t>(at)] = value;
      }
  }

  // Volumes of days [known, known + ahead) from days [0, known); also each known day's weight against outliers.
  std::vector<double> predict(std::size_t known, std::size_t ahead, std::vector<double>* trust = nullptr) const {
    const bool waves = known >= 28, years = known >= 730;
    const std::size_t n = 7 + (waves ? 2 * kMonthWaves : 0) + (years ? 2 * kYearWaves : 0) + extra_.size();
    std::vector<double> rows(known * n), weight(known), age(known), residual(known, 0.0);
    for (std::size_t d = 0; d < known; ++d) {
      features(d, waves, years, rows.data() + d * n);
      age[d] = std::isnan(logs_[d]) ? 0 : std::exp2(-static_cast<double>(known - 1 - d) / (years ? 12 * kHalfLife : kHalfLife));
      weight[d] = age[d];
    }
    double centre = 0, mass = 0, scale = 0;
    for (std::size_t d = 0; d < known; ++d)
      if (age[d] > 0) centre += logs_[d], mass += 1;
    centre = mass > 0 ? centre / mass : 0;
    std::vector<double> beta;
    for (int round = 0; round < 8; ++round) {
      beta = ridge(rows, weight, centre, known, n, waves, years);
      std::vector<double> sizes;
      for (std::size_t d = 0; d < known; ++d) {
        if (age[d] == 0) continue;
        residual[d] = logs_[d] - centre - dot(rows.data() + d * n, beta);
        sizes.push_back(std::abs(residual[d]));
      }
      scale = 1.4826 * median_of(sizes);
      for (std::size_t d = 0; d < known; ++d) {
        const double outlying = std::abs(residual[d]) > 0 ? std::min(1.0, 1.5 * scale / std::abs(residual[d])) : 1;
        weight[d] = age[d] * outlying * outlying;
      }
    }
    double level = 0;
    for (std::size_t d = 0; d < known; ++d)
      if (age[d] > 0) level += kFollow * (std::clamp(residual[d], -2 * scale, 2 * scale) - level);
    if (trust != nullptr) {
      trust->resize(known);
      for (std::size_t d = 0; d < known; ++d) (*trust)[d] = age[d] > 0 ? weight[d] / age[d] : 0;
    }
    std::vector<double> out(ahead), row(n);
    for (std::size_t d = 0; d < ahead; ++d) {
      features(known + d, waves, years, row.data());
      out[d] = std::max(0.0, std::expm1(std::min(50.0, centre + dot(row.data(), beta) + level)));
    }
    return out;
  }

 private:
  static double dot(const double* row, const std::vector<double>& beta) {
    double sum = 0;
    for (std::size_t i = 0; i < beta.size(); ++i) sum += row[i] * beta[i];
    return sum;
  }
  void features(std::size_t d, bool waves, bool years, double* row) const {
    const std::int32_t day = first_day_ + static_cast<std::int32_t>(d);
    for (int k = 0; k < 7; ++k) *row++ = weekday_of(day) == k ? 1 : 0;
    const auto add = [&](double position, int most) {
      for (int h = 1; h <= most; ++h) *row++ = std::cos(2 * M_PI * h * position), *row++ = std::sin(2 * M_PI * h * position);
    };
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    const auto last = static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day());
    if (waves) add((static_cast<unsigned>(date.day()) - 1.0) / last, kMonthWaves);
    if (years) add((std::chrono::sys_days(date) - std::chrono::sys_days(date.year() / 1 / 1)).count() / 365.25, kYearWaves);
    for (const auto& r : extra_) *row++ = d < r.size() ? r[d] : 0;
  }
  std::vector<double> ridge(const std::vector<double>& rows, const std::vector<double>& weight, double centre, std::size_t known,
                            std::size_t n, bool waves, bool years) const {
    std::vector<double> a(n * n, 0.0), b(n, 0.0);
    for (std::size_t d = 0; d < known; ++d) {
      if (weight[d] == 0) continue;
      const double* row = rows.data() + d * n;
      const double y = weight[d] * (logs_[d] - centre);
      for (std::size_t i = 0; i < n; ++i) {
        if (row[i] == 0) continue;
        b[i] += row[i] * y;
        for (std::size_t j = 0; j <= i; ++j) a[i * n + j] += weight[d] * row[i] * row[j];
      }
    }
    const std::size_t month_end = 7 + (waves ? 2 * kMonthWaves : 0), year_end = month_end + (years ? 2 * kYearWaves : 0);
    for (std::size_t i = 0; i < n; ++i) {
      a[i * n + i] += i < 7 ? 1e-3 : i < year_end ? 2 : 0.05;
      for (std::size_t j = i + 1; j < n; ++j) a[i * n + j] = a[j * n + i];
    }
    return solve(std::move(a), std::move(b), n);
  }

  std::int32_t first_day_;
  std::vector<double> logs_;
  std::vector<std::vector<double>> extra_;
};

// How a weekday's volume lies in its day: the last weeks' same weekdays, outlying days counting less, smoothed where
// the intervals are short.
std::vector<double> profile_of(const Series& s, std::size_t known, int weekday, const std::vector<double>& trust) {
  const std::size_t per_day = s.per_day();
  std::vector<double> sum(per_day, 0.0), smooth(per_day, 0.0);
  double weight = 1;
  int used = 0;
  for (std::size_t d = known; d-- > 0 && used < kProfileWeeks;) {
    if (weekday_of(s.first_day + static_cast<std::int32_t>(d)) != weekday) continue;
    ++used;
    weight *= 0.93;
    if (trust[d] == 0) continue;
    for (std::size_t i = 0; i < per_day; ++i) sum[i] += weight * trust[d] * s.counts[d * per_day + i];
  }
  const int reach = s.interval_s < 86400 ? static_cast<int>(std::lround(1200 / s.interval_s)) : 0;
  double total = 0;
  for (std::size_t i = 0; i < per_day; ++i) {
    double norm = 0;
    for (int k = -reach; k <= reach; ++k) {
      const auto at = static_cast<std::int64_t>(i) + k;
      if (at < 0 || at >= static_cast<std::int64_t>(per_day)) continue;
      const double part = reach + 1 - std::abs(k);
      smooth[i] += part * sum[static_cast<std::size_t>(at)];
      norm += part;
    }
    smooth[i] /= norm;
    total += smooth[i];
  }
  for (double& x : smooth) x = total > 0 ? x / total : 1.0 / static_cast<double>(per_day);
  return smooth;
}

std::vector<double> predict_intervals(const Series& s, const DayModel& model, std::size_t known, std::size_t ahead) {
  std::vector<double> trust;
  const auto volumes = model.predict(known, ahead, &trust);
  std::vector<std::vector<double>> profiles;
  for (int k = 0; k < 7; ++k) profiles.push_back(profile_of(s, known, k, trust));
  std::vector<double> out;
  for (std::size_t d = 0; d < ahead; ++d)
    for (const double share : profiles[static_cast<std::size_t>(weekday_of(s.first_day + static_cast<std::int32_t>(known + d)))])
      out.push_back(volumes[d] * share);
  return out;
}

// How many own intervals make one of the level; 0 where the level does not exist for the series.
std::size_t width_of(const Series& s, std::size_t level) {
  const double seconds[] = {s.interval_s, 1800, 3600, 86400, 7 * 86400.0};
  const double ratio = seconds[level] / s.interval_s;
  return ratio < 1 || ratio != std::floor(ratio) ? 0 : static_cast<std::size_t>(ratio);
}

std::vector<double> add_up(const double* values, std::size_t n, std::size_t width) {
  std::vector<double> out;
  for (std::size_t i = 0; i + width <= n; i += width) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += values[i + k];
    out.push_back(sum);
  }
  return out;
}

// Errors of earlier forecasts at one level: the spread beside Poisson noise, and how far the intervals must reach.
class Spread {
 public:
  void add(double actual, double forecast) {
    if (std::isnan(actual)) return;
    errors_.emplace_back(actual, forecast);
  }
  std::size_t size() const { return errors_.size(); }
  // sd = sqrt(f + relative^2 f^2 + 1/4); the reaches are quantiles of |error| / sd.
  void settle(double& relative, double& reach80, double& reach95) const {
    double above = 0, below = 0;
    std::vector<double> sizes;
    for (const auto& [a, f] : errors_) {
      above += std::min((a - f) * (a - f), 9 * (f + 0.04 * f * f)) - f;
      below += f * f;
    }
    relative = below > 0 ? std::sqrt(std::max(0.0, above / below)) : 0;
    for (const auto& [a, f] : errors_) sizes.push_back(std::abs(a - f) / std::sqrt(f + relative * relative * f * f + 0.25));
    reach80 = sizes.size() < 10 ? 1.2816 : quantile_of(sizes, 0.80);
    reach95 = sizes.size() < 20 ? 1.96 : quantile_of(sizes, 0.95);
    if (sizes.size() < 40) reach95 = std::max(reach95, 1.96);
  }

 private:
  std::vector<std::pair<double, double>> errors_;
};

void note_errors(const Series& s, std::size_t origin, const std::vector<double>& predicted, std::array<Spread, kLevels>& spreads) {
  const double* actual = s.counts.data() + origin * s.per_day();
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::size_t width = width_of(s, level);
    if (width == 0) continue;
    const auto a = add_up(actual, predicted.size(), width), f = add_up(predicted.data(), predicted.size(), width);
    for (std::size_t i = 0; i < a.size(); ++i) spreads[level].add(a[i], f[i]);
  }
}

void settle(Forecast& f, const std::array<Spread, kLevels>& spreads) {
  double* relative[] = {&f.spread_interval, &f.spread_half_hour, &f.spread_hour, &f.spread_day, &f.spread_week};
  for (std::size_t level = 0; level < kLevels; ++level) spreads[level].settle(*relative[level], f.reach80[level], f.reach95[level]);
}

Status check(const Series& s) {
  if (!(s.interval_s >= 60) || s.interval_s > 86400 || std::fmod(86400, s.interval_s) != 0)
    return Error(ErrorCode::invalid_argument, "an interval of " + std::to_string(s.interval_s) + " s does not divide a day", "give 60 to 86400 seconds that divide a day, e.g. 1800");
  if (s.days() < 14)
    return Error(ErrorCode::invalid_argument, "the history has " + std::to_string(s.days()) + " whole days", "give two weeks at least; four make the baselines possible");
  for (const double c : s.counts)
    if (c < 0 || std::isinf(c)) return Error(ErrorCode::invalid_argument, "a count is negative or infinite", "leave unknown counts empty");
  return {};
}

// Mean absolute deviation of a Poisson variable around its mean (de Moivre's formula, as Crow 1958 gives it).
double poisson_deviation(double m) {
  if (m <= 0) return 0;
  const double k = std::floor(m);
  return 2 * std::exp((k + 1) * std::log(m) - m - std::lgamma(k + 1));
}

}  // namespace

Result<Forecast> forecast(const Series& history, std::int32_t days_ahead, const std::vector<Regressor>& regressors) {
  HOTLINE_TRY(check(history));
  if (days_ahead < 1 || days_ahead > 3660)
    return Error(ErrorCode::invalid_argument, "days_ahead is " + std::to_string(days_ahead), "give 1 to 3660 days");
  Series s = history;
  const std::size_t known = s.days();
  s.counts.resize(known * s.per_day());
  const DayModel model(s, regressors, known + static_cast<std::size_t>(days_ahead));
  Forecast f;
  f.mean.first_day = s.first_day + static_cast<std::int32_t>(known);
  f.mean.interval_s = s.interval_s;
  f.mean.counts = predict_intervals(s, model, known, static_cast<std::size_t>(days_ahead));
  std::array<Spread, kLevels> spreads;
  for (int k = kOrigins; k >= 1; --k)
    if (known >= static_cast<std::size_t>(7 * k) + 21) {
      const std::size_t origin = known - static_cast<std::size_t>(7 * k);
      note_errors(s, origin, predict_intervals(s, model, origin, 7), spreads);
    }
  settle(f, spreads);
  return f;
}

Result<std::vector<LevelScore>> backtest(const Series& history, const std::vector<Regressor>& regressors, std::int32_t horizon_days,
                                         std::int32_t warm_up_days) {
  HOTLINE_TRY(check(history));
  Series s = history;
  const std::size_t days = s.days(), per_day = s.per_day();
  const auto first = static_cast<std::size_t>(std::max(28, warm_up_days)), ahead = static_cast<std::size_t>(std::max(1, horizon_days));
  if (days < first + ahead)
    return Error(ErrorCode::invalid_argument, "the history has " + std::to_string(days) + " days", "a back-test needs " + std::to_string(first + ahead) + " at least");
  s.counts.resize(days * per_day);
  const DayModel model(s, regressors, days);
  std::array<Spread, kLevels> spreads;
  std::array<LevelScore, kLevels> scores;
  std::array<double, kLevels> sum{};
  for (std::size_t origin = 28; origin + ahead <= days; origin += 7) {
    const auto predicted = predict_intervals(s, model, origin, ahead);
    std::vector<double> week, four;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      const std::size_t back = ((i / per_day) / 7 + 1) * 7;  // the last known same weekday
      const double* at = s.counts.data() + origin * per_day + i;
      const auto ago = [&](std::size_t days_ago) { return *(at - static_cast<std::ptrdiff_t>(days_ago * per_day)); };
      week.push_back(ago(back));
      double mean = 0;
      for (std::size_t k = 0; k < 4; ++k) mean += back + 7 * k <= origin + i / per_day ? ago(back + 7 * k) : ago(back);
      four.push_back(mean / 4);
    }
    if (origin >= first) {
      Forecast f;
      f.mean.interval_s = s.interval_s;
      f.mean.counts = predicted;
      settle(f, spreads);
      const double spread[] = {f.spread_interval, f.spread_half_hour, f.spread_hour, f.spread_day, f.spread_week};
      for (std::size_t level = 0; level < kLevels; ++level) {
        const std::size_t width = width_of(s, level), n = predicted.size();
        if (width == 0 || (level > 0 && width == 1)) continue;
        const auto a = add_up(s.counts.data() + origin * per_day, n, width), p = add_up(predicted.data(), n, width);
        const auto w = add_up(week.data(), n, width), m = add_up(four.data(), n, width);
        LevelScore& score = scores[level];
        for (std::size_t i = 0; i < a.size(); ++i) {
          if (std::isnan(a[i]) || std::isnan(w[i]) || std::isnan(m[i])) continue;
          score.wape += std::abs(a[i] - p[i]);
          score.last_week += std::abs(a[i] - w[i]);
          score.mean_of_4 += std::abs(a[i] - m[i]);
          score.floor += poisson_deviation(p[i]);
          const double sd = std::sqrt(p[i] + spread[level] * spread[level] * p[i] * p[i] + 0.25);
          score.coverage80 += std::abs(a[i] - p[i]) <= f.reach80[level] * sd;
          score.coverage95 += std::abs(a[i] - p[i]) <= f.reach95[level] * sd;
          sum[level] += a[i];
          ++score.count;
        }
      }
    }
    note_errors(s, origin, predicted, spreads);
  }
  std::vector<LevelScore> out;
  for (std::size_t level = 0; level < kLevels; ++level) {
    LevelScore& score = scores[level];
    if (score.count == 0 || sum[level] <= 0) continue;
    const auto n = static_cast<double>(score.count);
    score.level = static_cast<Level>(level + 1);
    score.mean_count = sum[level] / n;
    for (double* x : {&score.wape, &score.last_week, &score.mean_of_4, &score.floor}) *x /= sum[level];
    score.coverage80 /= n;
    score.coverage95 /= n;
    out.push_back(score);
  }
  return out;
}

std::string to_text(const std::vector<LevelScore>& scores) {
  std::string out = "level        mean count    floor  forecast  mean of 4  last week   skill  in 80 %  in 95 %\n";
  char line[160];
  for (const LevelScore& s : scores) {
    std::snprintf(line, sizeof line, "%-10s %12.1f  %6.1f%%   %6.1f%%    %6.1f%%    %6.1f%%  %5.1f%%   %5.1f%%   %5.1f%%\n",
                  std::string(to_string(s.level)).c_str(), s.mean_count, 100 * s.floor, 100 * s.wape, 100 * s.mean_of_4, 100 * s.last_week,
                  100 * s.skill(), 100 * s.coverage80, 100 * s.coverage95);
    out += line;
  }
  return out;
}

}  // namespace hotline::wfm
