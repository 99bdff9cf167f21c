#include "hotline/wfm/staffing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace hotline::wfm {
namespace {

constexpr std::array<std::string_view, 6> kGoals = {"sl_offered", "sl_excluding_short_abandons", "sl_answered_only",
                                                    "mean_wait",  "abandonment",                 "blocking"};

bool wants_more(Goal goal) { return goal <= Goal::sl_answered_only; }

// The performance with n agents; nothing where the queue would grow without bound.
Result<std::optional<Performance>> try_with(const Traffic& traffic, int n, double threshold_s) {
  if (std::isinf(traffic.patience_s) && !traffic.capacity && traffic.load() >= n) return std::optional<Performance>();
  Traffic t = traffic;
  if (t.capacity) t.capacity = std::max<long>(*t.capacity, n);
  HOTLINE_ASSIGN(Performance p, erlang_a(t, n, threshold_s));
  return std::optional<Performance>(p);
}

double interpolate(const Staffing& s, const Target& target) {
  if (s.servers <= 1 || s.one_less.offered_load == 0) return s.servers;
  const double have = value_of(s.one_less, target.goal), want = value_of(s.performance, target.goal);
  if (have == want) return s.servers;
  double part = (target.value - have) / (want - have);
  if (s.one_less.occupancy > target.max_occupancy)
    part = std::max(part, (s.one_less.occupancy - target.max_occupancy) / (s.one_less.occupancy - s.performance.occupancy));
  return s.servers - 1 + std::clamp(part, 0.0, 1.0);
}

}  // namespace

std::string_view to_string(Goal goal) { return kGoals[static_cast<std::size_t>(goal)]; }

std::optional<Goal> goal_from(std::string_view name) {
  if (name == "service_level") return Goal::sl_offered;
  if (name == "asa" || name == "asa_s" || name == "mean_wait_all_s") return Goal::mean_wait;
  if (name == "p_abandon") return Goal::abandonment;
  if (name == "p_blocked" || name == "p_block") return Goal::blocking;
  for (std::size_t i = 0; i < kGoals.size(); ++i)
    if (kGoals[i] == name) return static_cast<Goal>(i);
  return std::nullopt;
}

double value_of(const Performance& p, Goal goal) {
  switch (goal) {
    case Goal::sl_offered: return p.sl_offered;
    case Goal::sl_excluding_short_abandons: return p.sl_excluding_short_abandons;
    case Goal::sl_answered_only: return p.sl_answered_only;
    case Goal::mean_wait: return p.mean_wait_s;
    case Goal::abandonment: return p.p_abandon;
    case Goal::blocking: return p.p_blocked;
  }
  return 0;
}

bool meets(const Performance& p, const Target& target) {
  const double value = value_of(p, target.goal);
  return (wants_more(target.goal) ? value >= target.value : value <= target.value) && p.occupancy <= target.max_occupancy;
}

Result<Staffing> staff(const Traffic& traffic, const Target& target) {
  if (!(target.max_occupancy > 0) || !(target.shrinkage >= 0 && target.shrinkage < 1))
    return Error(ErrorCode::invalid_argument, "max_occupancy must be positive and shrinkage lie in [0, 1)", "check the target");
  if (wants_more(target.goal) ? !(target.value >= 0 && target.value < 1) : !(target.value > 0))
    return Error(ErrorCode::invalid_argument, "no number of agents reaches a target of " + std::to_string(target.value),
                 "a service level lies below 1, a wait, abandonment or blocking above 0");
  int low = 0, high = 1;
  for (;; low = high, high *= 2) {
    if (high > 10'000'000) return Error(ErrorCode::invalid_argument, "no number of agents up to 10,000,000 meets the target", "relax the target");
    HOTLINE_ASSIGN(const auto p, try_with(traffic, high, target.threshold_s));
    if (p && meets(*p, target)) break;
  }
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    HOTLINE_ASSIGN(const auto p, try_with(traffic, middle, target.threshold_s));
    (p && meets(*p, target) ? high : low) = middle;
  }
  Staffing s;
  s.servers = high;
  HOTLINE_ASSIGN(const auto at, try_with(traffic, high, target.threshold_s));
  s.performance = *at;
  if (low > 0) {
    HOTLINE_ASSIGN(const auto less, try_with(traffic, low, target.threshold_s));
    if (less) s.one_less = *less;
  }
  s.fractional = interpolate(s, target);
  s.paid = s.fractional / (1 - target.shrinkage);
  return s;
}

Result<int> lines_for_blocking(double load, double target) {
  if (!(load >= 0) || std::isinf(load) || !(target > 0 && target < 1))
    return Error(ErrorCode::invalid_argument, "load must be >= 0 and the target lie between 0 and 1", "check the numbers");
  double inverse = 1;
  int n = 0;
  for (; 1 / inverse > target; inverse = 1 + inverse * n / load)
    if (++n > 100'000'000) return Error(ErrorCode::limit, "more than 100 million lines", "check the load");
  return n;
}

Result<std::vector<Staffing>> staff_intervals(std::span<const Demand> demand, double interval_s, const Traffic& traffic,
                                              const Target& target, Method method) {
  if (!(interval_s > 0)) return Error(ErrorCode::invalid_argument, "the interval must be positive", "give seconds, e.g. 900");
  std::vector<Staffing> out;
  double load = 0;
  for (const Demand& d : demand) {
    if (!(d.arrivals >= 0)) return Error(ErrorCode::invalid_argument, "a demand is negative", "give expected counts");
    Traffic t = traffic;
    if (d.handling_s > 0) t.handling_s = d.handling_s;
    t.arrivals_per_s = d.arrivals / interval_s;
    if (method == Method::lagged && t.handling_s > 0) {
      const double goal = t.load(), before = load, ratio = interval_s / t.handling_s;
      load = goal + (before - goal) * std::exp(-ratio);
      const double mean = goal + (before - goal) * -std::expm1(-ratio) / ratio;
      t.arrivals_per_s = mean / t.handling_s;
    }
    if (t.arrivals_per_s * interval_s < 1e-6) {
      out.emplace_back();
      continue;
    }
    HOTLINE_ASSIGN(Staffing s, staff(t, target));
    out.push_back(s);
  }
  return out;
}

ScheduleFit schedule_fit(std::span<const double> required, std::span<const double> scheduled) {
  ScheduleFit f;
  for (std::size_t i = 0; i < required.size(); ++i) {
    const double have = i < scheduled.size() ? scheduled[i] : 0;
    f.required += required[i];
    f.over += std::max(0.0, have - required[i]);
    f.under += std::max(0.0, required[i] - have);
  }
  f.fit = f.required > 0 ? 1 - (f.over + f.under) / f.required : f.over > 0 ? 0 : 1;
  return f;
}

}  // namespace hotline::wfm
