// hotline::center: a whole hotline over the engines.
#pragma once
#include "hotline/center/command.hpp"
#include "hotline/center/hotline.hpp"
#include "hotline/center/loop.hpp"
#include "hotline/center/prompt_speech.hpp"
#include "hotline/center/records.hpp"
#include "hotline/center/setup.hpp"
#include "hotline/center/speech.hpp"
