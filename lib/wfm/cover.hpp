// What the cover solvers share.
#pragma once

#include "hotline/wfm/shifts.hpp"

namespace hotline::wfm {

Status check_problem(const CoverProblem& problem);
CoverSolution finish(const CoverProblem& problem, std::vector<int> counts, double bound, std::string solver);

}  // namespace hotline::wfm
