// What the formulas share.
#pragma once

#include "hotline/wfm/queueing.hpp"

namespace hotline::wfm {

Status check_traffic(const Traffic& traffic, int servers, double threshold_s);
// Fills the three service levels from the probabilities.
void complete_service_levels(Performance& performance);

}  // namespace hotline::wfm
