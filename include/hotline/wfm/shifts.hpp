// Shifts that cover a requirement: which, how many, how well they fit, and how far from the best possible they can be.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/wfm/staffing.hpp"

namespace hotline::wfm {

// One kind of shift in slots of the horizon. It covers its slots but for the breaks.
struct ShiftPattern {
  int start = 0;
  int length = 0;
  std::vector<std::pair<int, int>> breaks;  // offset from the start, length; sorted
  double cost = 0;                          // paid slots
  bool covers(int slot) const;
};

// What contracts allow, in slots.
struct ShiftRules {
  int slots_per_day = 96;
  int start_every = 1;
  int earliest_start = 0, latest_start = 96;  // of a day; a start at or after latest_start is not allowed
  std::vector<int> lengths = {16, 20, 24, 28, 32, 36};
  int break_length = 2;              // 0: none
  int break_from = 6, break_to = 0;  // offset of the break's earliest start; of its latest: length - break_to - break_length (0: as break_from)
  int break_every = 2;               // its grid
  int break_needed_from = 20;        // shifts shorter than this have no break
  bool break_paid = true;
  bool past_the_end = false;         // may a shift run past the horizon's end?
};
// Errors: invalid_argument; limit above 200,000 patterns.
Result<std::vector<ShiftPattern>> enumerate_shifts(const ShiftRules& rules, int slots);

// Minimise cost x count so that every slot has its requirement, a missing agent-slot costing `under_cost` (0: none may miss).
struct CoverProblem {
  std::span<const ShiftPattern> patterns;
  std::span<const double> required;  // by slot; fractions are rounded up
  double under_cost = 0;
  int most_shifts = 0;               // 0: as many as it takes
};
struct CoverOptions {
  double gap = 0.001;      // stop when proved this near to the best
  double seconds = 20;     // of CPU; a result that ran into it depends on the machine
  std::uint64_t seed = 1;  // of the own search
};
struct CoverSolution {
  std::vector<int> counts;   // by pattern
  double cost = 0;           // paid slots, and what is missing
  double bound = 0;          // no solution is cheaper than this
  std::vector<double> scheduled;  // by slot
  ScheduleFit fit;
  std::string solver;
  double gap() const { return cost > 0 ? (cost - bound) / cost : 0; }
  int shifts() const;
};

// A way to solve it. Confined.
class CoverSolver {
 public:
  virtual ~CoverSolver() = default;
  virtual std::string_view name() const = 0;
  // Errors: invalid_argument (a slot that nothing can cover), unavailable (no solution in time).
  virtual Result<CoverSolution> solve(const CoverProblem& problem, const CoverOptions& options) = 0;
};
// COIN-OR CBC; nullptr where this build has none.
std::unique_ptr<CoverSolver> cbc_solver();
// Ours: greedy, then ruin and recreate. Needs nothing; its bound is weaker.
std::unique_ptr<CoverSolver> own_solver();
// CBC where there is one, else ours.
Result<CoverSolution> cover(const CoverProblem& problem, const CoverOptions& options = {});

}  // namespace hotline::wfm
