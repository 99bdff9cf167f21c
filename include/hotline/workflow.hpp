// Gathers the box `workflow`: statecharts with clocks and calendars, pure and deterministic.
#pragma once

#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/term.hpp"
#include "hotline/workflow/timezone.hpp"
