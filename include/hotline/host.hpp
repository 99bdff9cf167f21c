// hotline::host: a hotline that runs.
#pragma once
#include "hotline/host/host.hpp"
#include "hotline/host/options.hpp"
