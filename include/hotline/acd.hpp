// The ACD box: routing by skill, priority and load. docs/acd.md.
#pragma once

#include "hotline/acd/command.hpp"
#include "hotline/acd/definition.hpp"
#include "hotline/acd/estimate.hpp"
#include "hotline/acd/event.hpp"
#include "hotline/acd/explain.hpp"
#include "hotline/acd/figures.hpp"
#include "hotline/acd/ids.hpp"
#include "hotline/acd/inbox.hpp"
#include "hotline/acd/log.hpp"
#include "hotline/acd/metrics.hpp"
#include "hotline/acd/policy.hpp"
#include "hotline/acd/requirement.hpp"
#include "hotline/acd/router.hpp"
