#pragma once

#include "hotline/audio.h"
#include "hotline/audio/pcm.hpp"

struct hl_sound {
  hotline::audio::Pcm pcm;
};
