// Comparing sounds: did a telephone hear what was played?
#pragma once

#include <cstddef>

#include "hotline/audio/pcm.hpp"

namespace hotline::audio {

struct Alignment {
  std::size_t at = 0;      // the sample of `heard` where `reference` begins best
  double correlation = 0;  // normalised, -1 ... 1; 1 is the same sound, at whatever volume
};

// Finds `reference` inside `heard` by normalised cross-correlation over all positions where it fits
// (through the Fourier transform: a minute in ten takes a second or two). Correlation 0 where one of them
// is silent or `heard` is shorter than `reference`. Pure.
Alignment align(SampleView reference, SampleView heard);

// Power of the reference over the power of the difference, in dB, of two sounds that begin together (the
// longer one's rest is left out); 999 where they are equal.
double snr_db(SampleView reference, SampleView heard);

}  // namespace hotline::audio
