#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "hotline/sim/result.hpp"

namespace hotline::sim {
namespace {

constexpr int kFineBits = 5;  // 32 bins an octave
constexpr std::array<std::string_view, kCounts> kNames = {
    "offered", "blocked", "answered", "abandoned", "ivr_finished", "ivr_left", "queued", "within", "abandoned_within",
    "wait_s",  "wait_answered_s", "handling_s", "redials", "callbacks", "overflowed", "unfinished"};

std::size_t bin_of(std::uint64_t ms) {
  if (ms < (1u << kFineBits)) return static_cast<std::size_t>(ms);
  const int octave = std::bit_width(ms) - 1 - kFineBits;
  return (static_cast<std::size_t>(octave + 1) << kFineBits) + static_cast<std::size_t>((ms >> octave) - (1u << kFineBits));
}
double middle_of(std::size_t bin) {
  if (bin < (1u << kFineBits)) return static_cast<double>(bin);
  const auto octave = (bin >> kFineBits) - 1;
  const auto low = static_cast<double>((bin & ((1u << kFineBits) - 1)) + (1u << kFineBits));
  return std::ldexp(low + 0.5, static_cast<int>(octave)) - 0.5;
}

}  // namespace

std::string_view to_string(Count count) { return kNames[static_cast<std::size_t>(count)]; }

void WaitHistogram::add(std::int64_t wait_ns) {
  const std::size_t bin = wait_ns <= 0 ? 0 : bin_of(static_cast<std::uint64_t>(wait_ns) / 1'000'000);
  if (bin >= bins_.size()) bins_.resize(bin + 1);
  ++bins_[bin];
  ++total_;
  max_ = std::max(max_, wait_ns);
}

void WaitHistogram::merge(const WaitHistogram& other) {
  if (other.bins_.size() > bins_.size()) bins_.resize(other.bins_.size());
  for (std::size_t i = 0; i < other.bins_.size(); ++i) bins_[i] += other.bins_[i];
  total_ += other.total_;
  max_ = std::max(max_, other.max_);
}

double WaitHistogram::quantile_s(double q) const {
  if (total_ == 0) return 0;
  const double need = q * static_cast<double>(total_);
  double seen = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i)
    if ((seen += static_cast<double>(bins_[i])) >= need) return std::min(1e-3 * middle_of(i), max_s());
  return max_s();
}

double student_975(double degrees) {
  static constexpr double table[] = {12.706204736, 4.30265273, 3.182446305, 2.776445105, 2.570581836,
                                     2.446911851,  2.364624252, 2.306004135, 2.262157163, 2.228138852};
  if (!(degrees >= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (degrees <= 10) return table[static_cast<int>(degrees) - 1];
  const double z = 1.959963984540054, v = degrees, z2 = z * z;  // Abramowitz and Stegun 26.7.5
  return z + z * (z2 + 1) / (4 * v) + z * ((5 * z2 + 16) * z2 + 3) / (96 * v * v) + z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v);
}

std::size_t mser5(const std::vector<double>& values) {
  std::vector<double> fives;
  for (std::size_t i = 0; i + 5 <= values.size(); i += 5) fives.push_back((values[i] + values[i + 1] + values[i + 2] + values[i + 3] + values[i + 4]) / 5);
  double sum = 0, squares = 0, least = std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  for (std::size_t d = fives.size(); d-- > 0;) {  // from behind: the sums of what stays
    sum += fives[d];
    squares += fives[d] * fives[d];
    const auto n = static_cast<double>(fives.size() - d);
    if (2 * d > fives.size() || n < 2) continue;
    const double error = (squares - sum * sum / n) / (n * n);
    if (error <= least) least = error, best = d;
  }
  return 5 * best;
}

Estimate mean_of(const std::vector<double>& values) { return ratio_of(values, std::vector<double>(values.size(), 1.0)); }

Estimate ratio_of(const std::vector<double>& x, const std::vector<double>& y) {
  Estimate e;
  double sx = 0, sy = 0;
  for (const double v : x) sx += v;
  for (const double v : y) sy += v;
  e.rows = static_cast<std::uint32_t>(x.size());
  e.value = sy != 0 ? sx / sy : 0;
  if (x.size() < 2 || sy == 0) {
    e.half_width = e.standard_error = std::numeric_limits<double>::quiet_NaN();
    return e;
  }
  const auto n = static_cast<double>(x.size());
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) squares += (x[i] - e.value * y[i]) * (x[i] - e.value * y[i]);
  e.standard_deviation = std::sqrt(squares / (n - 1)) / (sy / n);
  e.standard_error = e.standard_deviation / std::sqrt(n);
  e.half_width = student_975(n - 1) * e.standard_error;
  return e;
}

}  // namespace hotline::sim
