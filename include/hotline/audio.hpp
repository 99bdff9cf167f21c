// Sound and telephones: everything of hotline::audio. docs/audio.md tells what is what.
#pragma once

#include "hotline/audio/align.hpp"
#include "hotline/audio/file.hpp"
#include "hotline/audio/g711.hpp"
#include "hotline/audio/pcm.hpp"
#include "hotline/audio/speech.hpp"
#include "hotline/audio/telephony.hpp"
#include "hotline/audio/tones.hpp"
