// What a run counted, and what follows from it.
//
// A run is a table: one row a (replication, interval), one column a counter. Every figure is a ratio of sums of
// columns, so that its confidence interval follows from the rows (ratio estimator).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::sim {

// Columns of a stream. Counts and seconds; attributed to the interval of arrival.
enum class Count : std::uint8_t {
  offered,
  blocked,
  answered,
  abandoned,
  in_ivr_finished,    // served without an agent
  in_ivr_left,
  queued,             // not answered at once (and not blocked)
  within,             // answered within the threshold
  abandoned_within,
  wait,               // seconds, of answered and abandoned
  wait_answered,      // seconds
  handling,           // seconds
  redials,            // offered again by the same citizens (part of offered)
  callbacks,
  overflowed,         // left by the queue's overflow
  unfinished,         // still there when the run ended
};
inline constexpr std::size_t kCounts = 16;
std::string_view to_string(Count count);
// Columns of a team (and of an agent): seconds busy, seconds on duty, contacts answered.
enum class Work : std::uint8_t { busy, on_duty, answered };
inline constexpr std::size_t kWorks = 3;
// Columns of a kind of ticket, attributed to the interval of the contact.
enum class TicketCount : std::uint8_t {
  opened,
  closed,     // in a final state
  overdue,    // missed a deadline at least once
  open_time,  // seconds from intake to the end, of those closed
  acts,       // accepted
  refused,    // acts that the workflow refused: the behaviour does not fit the definition
};
inline constexpr std::size_t kTicketCounts = 6;

// Log-linear counts of waits in milliseconds: quantiles within 1.6 %.
class WaitHistogram {
 public:
  void add(std::int64_t wait_ns);
  void merge(const WaitHistogram& other);
  double quantile_s(double q) const;
  std::uint64_t count() const { return total_; }
  double max_s() const { return 1e-9 * static_cast<double>(max_); }

 private:
  std::vector<std::uint64_t> bins_ = std::vector<std::uint64_t>(1);
  std::uint64_t total_ = 0;
  std::int64_t max_ = 0;
};

// A number with its 95 % confidence interval (Student's t over the rows). half_width is NaN where there is one row only.
struct Estimate {
  double value = 0;
  double half_width = 0;
  double standard_error = 0;
  double standard_deviation = 0;  // between rows
  std::uint32_t rows = 0;
  double low() const { return value - half_width; }
  double high() const { return value + half_width; }
};
// Two-sided 97.5 % quantile of Student's t.
double student_975(double degrees);
Estimate mean_of(const std::vector<double>& values);
// Sum of x over sum of y.
Estimate ratio_of(const std::vector<double>& x, const std::vector<double>& y);

// Where the warm-up ends: the number of leading values to leave out by MSER-5 (K. P. White, "An effective truncation heuristic
// for bias reduction in simulation output", Simulation 69 (1997)): the cut that makes the standard error of the means of five
// smallest; a multiple of 5, at most half of the values.
std::size_t mser5(const std::vector<double>& values);

// The table. Immutable once made.
class Report {
 public:
  std::vector<std::string> streams, teams, agents;  // names; agents only where they were counted
  std::vector<std::string> tickets;                 // kinds of tickets, where there are any
  std::uint32_t replications = 0, intervals = 0;
  double interval_s = 0;
  double threshold_s = 0;
  std::vector<double> cells;  // rows x width()
  std::vector<WaitHistogram> waits;  // by stream, all rows
  std::uint64_t contacts = 0;        // simulated, warm-up included
  std::uint64_t decisions = 0;       // contacts that the router gave to an agent

  std::size_t width() const { return streams.size() * (kCounts + teams.size()) + (teams.size() + agents.size()) * kWorks + tickets.size() * kTicketCounts; }
  std::size_t rows() const { return std::size_t{replications} * intervals; }
  std::size_t column(std::size_t stream, Count count) const { return stream * kCounts + static_cast<std::size_t>(count); }
  std::size_t share_column(std::size_t stream, std::size_t team) const { return streams.size() * kCounts + stream * teams.size() + team; }
  std::size_t team_column(std::size_t team, Work work) const { return streams.size() * (kCounts + teams.size()) + team * kWorks + static_cast<std::size_t>(work); }
  std::size_t agent_column(std::size_t agent, Work work) const { return team_column(teams.size(), Work::busy) + agent * kWorks + static_cast<std::size_t>(work); }
  std::size_t ticket_column(std::size_t kind, TicketCount what) const { return team_column(teams.size() + agents.size(), Work::busy) + kind * kTicketCounts + static_cast<std::size_t>(what); }
  double at(std::size_t row, std::size_t column) const { return cells[row * width() + column]; }
  std::vector<std::string> column_names() const;

  // One value a row; summed over intervals first where `by_replication`.
  std::vector<double> values(std::size_t column) const;
  // Sum over several columns, rows = replications where there are several, else intervals (batch means).
  std::vector<double> batches(const std::vector<std::size_t>& columns) const;
  double total(std::size_t column) const;

  // Named figures: "all.sl_offered", "<stream>.p_wait", "<stream>.share.<team>", "<team>.occupancy", "<agent>.occupancy",
  // "<ticket>.opened", "<ticket>.p_overdue".
  // p_wait p_abandon p_blocked mean_queue mean_wait_all_s asa_s sl_offered sl_excluding_short_abandons
  // sl_answered_only p_abandon_within_T offered answered abandoned; of tickets: opened closed refused p_closed p_overdue mean_open_s. Errors: not_found.
  Result<Estimate> figure(std::string_view name) const;
  Estimate figure_of(const std::vector<std::size_t>& streams_, std::string_view name, bool* known) const;
  std::vector<std::string> figure_names() const;

  // Per interval and stream: all figures that managers read, a CSV line each (mean over replications).
  std::string to_csv() const;
  std::string to_json() const;   // figures with intervals of confidence
  std::string to_text() const;   // the same as a table
};

}  // namespace hotline::sim
