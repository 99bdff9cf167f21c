// hotline::base: errors, ids, time, random numbers, definitions, journal.
#pragma once
#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/error.hpp"
#include "hotline/base/id.hpp"
#include "hotline/base/journal.hpp"
#include "hotline/base/json.hpp"
#include "hotline/base/random.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/scenario.hpp"
#include "hotline/base/time.hpp"
