// hotline::ticket: the durable ticket service.
#pragma once
#include "hotline/ticket/number.hpp"
#include "hotline/ticket/service.hpp"
#include "hotline/ticket/types.hpp"
