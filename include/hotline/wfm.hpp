// hotline::wfm: forecasts, staffing, shifts. See docs/wfm.md.
#pragma once

#include "hotline/wfm/distribution.hpp"
#include "hotline/wfm/queueing.hpp"
#include "hotline/wfm/reference.hpp"
#include "hotline/wfm/staffing.hpp"
