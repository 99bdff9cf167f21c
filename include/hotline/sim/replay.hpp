// A day that was, through the router: the log's own arrivals and handling times against rosters read from the log.
#pragma once

#include <string>
#include <vector>

#include "hotline/sim/simulation.hpp"
#include "hotline/wfm/calls.hpp"

namespace hotline::sim {

struct ReplayOptions {
  std::uint64_t seed = 1;
  double threshold_s = 20;
  double slot_s = 900;             // an agent without a call for so long was away
  double head_start_s = 90;        // credited to priority calls ...
  std::int32_t priority = 2;       // ... from this priority on
  acd::AgentOrder agents = acd::AgentOrder::longest_idle;
  acd::ContactOrder contacts = acd::ContactOrder::first_come;
  std::uint32_t replications = 20; // handling is the log's; only the patience of those who were answered is drawn
};
struct ReplayDay {
  std::int32_t day = 0;
  double offered = 0, agents = 0;  // who took calls
  double logged_sl = 0, simulated_sl = 0;
  double logged_abandon = 0, simulated_abandon = 0;
  double logged_wait = 0, simulated_wait = 0;
  std::vector<double> logged_hourly_wait, simulated_hourly_wait;  // 24
};
struct Replay {
  std::vector<ReplayDay> days;
  double mean_patience_s = 0;      // censored exponential: total wait / hang-ups
  std::string to_text() const;
  std::string to_csv() const;
};

// Who was on duty is not in a log: an agent counts from the first to the last call of each stretch of work, and as
// away between two calls for as long as the next caller waited. Errors: invalid_argument.
Result<Replay> replay(const wfm::CallLog& log, const ReplayOptions& options = {}, unsigned threads = 0);

}  // namespace hotline::sim
