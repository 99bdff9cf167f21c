// Everything of box ivr: flows, sessions and the engine that runs them.
#pragma once

#include "hotline/ivr/action.hpp"
#include "hotline/ivr/build.hpp"
#include "hotline/ivr/call_journal.hpp"
#include "hotline/ivr/callers.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/event.hpp"
#include "hotline/ivr/explore.hpp"
#include "hotline/ivr/flow.hpp"
#include "hotline/ivr/graph.hpp"
#include "hotline/ivr/import.hpp"
#include "hotline/ivr/rehearsal.hpp"
#include "hotline/ivr/session.hpp"
#include "hotline/ivr/statistics.hpp"
#include "hotline/ivr/switchboard.hpp"
#include "hotline/ivr/value.hpp"
