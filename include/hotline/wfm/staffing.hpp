// How many agents: inverse searches over the formulas, and requirements interval by interval.
// Pure functions, any thread.
#pragma once

#include <span>
#include <vector>

#include "hotline/wfm/queueing.hpp"

namespace hotline::wfm {

// What a target bounds. The first three want at least `value`, the others at most.
enum class Goal : std::uint8_t {
  sl_offered,
  sl_excluding_short_abandons,
  sl_answered_only,
  mean_wait,     // seconds
  abandonment,
  blocking,
};
std::string_view to_string(Goal goal);
// The names of to_string, and `service_level` for sl_offered.
std::optional<Goal> goal_from(std::string_view name);

struct Target {
  Goal goal = Goal::sl_offered;
  double value = 0.85;         // the 85 % within 30 s of public hotlines
  double threshold_s = 30;
  double max_occupancy = 1;    // agents are not kept busier than this
  double shrinkage = 0;        // share of paid time away from the phone: breaks, training, leave
};

struct Staffing {
  int servers = 0;             // fewest on the phone that meet the target
  double fractional = 0;       // the same where an agent may work part of the interval: linear between servers - 1 and servers
  double paid = 0;             // fractional / (1 - shrinkage)
  Performance performance;     // with `servers`
  Performance one_less;        // with one fewer; zeros where servers is 1 or the queue would grow without bound
};

double value_of(const Performance& performance, Goal goal);
// True where the performance meets goal and occupancy.
bool meets(const Performance& performance, const Target& target);

// Erlang A, C or M/M/n/K+M as the traffic says. Errors: invalid_argument (also a target that no number of agents meets).
Result<Staffing> staff(const Traffic& traffic, const Target& target);
// The fewest lines with blocking at most `target` (Erlang B). Errors: invalid_argument.
Result<int> lines_for_blocking(double load, double target);

// One interval of a day.
struct Demand {
  double arrivals = 0;    // expected in the interval
  double handling_s = 0;  // 0: the traffic's
};
enum class Method : std::uint8_t {
  sipp,    // each interval on its own, in steady state
  lagged,  // with the load that the interval really sees: m' = lambda - m / handling (infinite-server lag)
};
// Requirements of consecutive intervals. An interval without arrivals (and without lagging load) needs nobody.
// `traffic` gives handling, patience and capacity. Errors: invalid_argument.
Result<std::vector<Staffing>> staff_intervals(std::span<const Demand> demand, double interval_s, const Traffic& traffic,
                                              const Target& target, Method method = Method::lagged);

// sum |scheduled - required| against the required: the fit of section "schedule fit" of docs/wfm.md.
struct ScheduleFit {
  double fit = 1;    // 1 - (over + under) / required
  double over = 0;   // agent intervals scheduled beyond the need
  double under = 0;  // agent intervals missing
  double required = 0;
};
ScheduleFit schedule_fit(std::span<const double> required, std::span<const double> scheduled);

}  // namespace hotline::wfm
