// hotline::wfm: formulas, forecasts, staffing, shifts, rosters. See docs/wfm.md.
#pragma once

#include "hotline/wfm/calls.hpp"
#include "hotline/wfm/distribution.hpp"
#include "hotline/wfm/forecast.hpp"
#include "hotline/wfm/queueing.hpp"
#include "hotline/wfm/reference.hpp"
#include "hotline/wfm/roster.hpp"
#include "hotline/wfm/shifts.hpp"
#include "hotline/wfm/staffing.hpp"
