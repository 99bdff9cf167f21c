// Gathers the box `workflow`: statecharts with clocks and calendars, pure and deterministic.
#pragma once

#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"
#include "hotline/workflow/diagram.hpp"
#include "hotline/workflow/instance.hpp"
#include "hotline/workflow/kernel.hpp"
#include "hotline/workflow/scxml.hpp"
#include "hotline/workflow/session.hpp"
#include "hotline/workflow/term.hpp"
