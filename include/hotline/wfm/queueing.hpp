// Queueing formulas: Erlang B, C and A, M/M/n/K+M, M/M/n+G, M/G/1, priorities, and the time-varying M(t)/M/n(t)+M.
// Pure functions, any thread. Seconds; rates per second. No approximation unless a function says so.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/wfm/distribution.hpp"

namespace hotline::wfm {

inline constexpr double kPatient = std::numeric_limits<double>::infinity();

// The traffic of one queue with exponential gaps, handling times and patience.
struct Traffic {
  double arrivals_per_s = 0;
  double handling_s = 0;            // mean handling time: talk and wrap-up
  double patience_s = kPatient;     // mean patience; kPatient: nobody hangs up
  std::optional<long> capacity;     // contacts in service and waiting together; none: unlimited

  double load() const { return arrivals_per_s * handling_s; }  // erlangs
};

// What a queue in steady state does. Probabilities refer to offered contacts unless said otherwise.
struct Performance {
  double offered_load = 0;
  double p_wait = 0;               // queued, not answered at once
  double p_abandon = 0;            // hung up while waiting
  double p_blocked = 0;            // found the room full
  double mean_queue = 0;
  double mean_wait_s = 0;          // of all that were not blocked, those who hung up included until they did (ASA where nobody does)
  double mean_wait_of_delayed_s = 0;
  double occupancy = 0;            // busy agent time / agent time
  double p_served_within = 0;      // answered within the threshold
  double p_abandon_within = 0;     // hung up within the threshold
  // The three service levels; they differ in what the answers within the threshold are divided by.
  double sl_offered = 0;                    // by all offered
  double sl_excluding_short_abandons = 0;   // by offered - blocked - abandoned within the threshold
  double sl_answered_only = 0;              // by answered
};

// Blocking probability of M/M/n/n. `servers` may be fractional (the analytic continuation of Jagerman, "Some
// properties of the Erlang loss function", BSTJ 53 (1974)). Errors: invalid_argument.
Result<double> erlang_b(double servers, double load);

// M/M/n. Errors: invalid_argument; also where servers <= load, since the queue would grow without bound.
Result<Performance> erlang_c(const Traffic& traffic, int servers, double threshold_s);

// M/M/n/K+M in all its forms: patience and capacity as `traffic` says (both absent: erlang_c). Exact service levels by the
// distribution of the time until the contacts ahead have left: e^{-theta V} of a pure death process is beta
// distributed. Errors: invalid_argument; limit where the queue would be longer than 20 million.
Result<Performance> erlang_a(const Traffic& traffic, int servers, double threshold_s);

// M/M/n+G: patience of any distribution (S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers:
// many-server asymptotics of the M/M/n+G queue", Queueing Systems 51 (2005)). Errors: invalid_argument.
Result<Performance> mmn_g(double arrivals_per_s, double handling_s, int servers, const Distribution& patience,
                          double threshold_s);

// M/G/1 (Pollaczek and Khinchine): waits and occupancy; the service levels stay 0. Errors: invalid_argument.
Result<Performance> mg1(double arrivals_per_s, const Distribution& handling);

// M/M/n with non-preemptive priorities and one handling time; arrivals_per_s[0] is the highest class.
// Means: A. Cobham (1954), O. Kella and U. Yechiali (1985); service levels by first passage of M/M/1, uniformised.
// Errors: invalid_argument; also where the load reaches the servers.
Result<std::vector<Performance>> priorities(std::span<const double> arrivals_per_s, double handling_s, int servers,
                                            double threshold_s);

// One period of a time-varying queue.
struct Period {
  double duration_s = 0;
  double arrivals_per_s = 0;
  int servers = 0;
};
struct PeriodPerformance {
  double arrivals = 0;   // expected counts in the period
  double abandons = 0;
  double served = 0;     // ended in the period
  double mean_queue = 0; // averages over the period
  double mean_busy = 0;
  double end_mean_queue = 0;
  double end_mean_busy = 0;
};
// M(t)/M/n(t)+M from an empty start: Kolmogorov's equations by uniformisation. Where servers leave, min(N, n) are busy.
// Errors: invalid_argument.
Result<std::vector<PeriodPerformance>> time_varying(std::span<const Period> periods, double handling_s,
                                                    double patience_s);

}  // namespace hotline::wfm
