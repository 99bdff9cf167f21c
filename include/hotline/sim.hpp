// hotline::sim: the production router on a virtual clock. See docs/simulation.md.
#pragma once

#include "hotline/sim/experiment.hpp"
#include "hotline/sim/golden.hpp"
#include "hotline/sim/model.hpp"
#include "hotline/sim/replay.hpp"
#include "hotline/sim/result.hpp"
#include "hotline/sim/session.hpp"
#include "hotline/sim/simulation.hpp"
#include "hotline/sim/tickets.hpp"
#include "hotline/sim/walk.hpp"
