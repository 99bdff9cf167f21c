// Tones of the telephone network, and keys as tones (DTMF).
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "hotline/audio/pcm.hpp"

namespace hotline::audio {

// Sum of up to two sines with 5 ms ramps (no clicks). Levels are amplitudes of each, 0 ... 32767.
Samples tone(double hz, Duration length, int amplitude = 8000, double second_hz = 0);

// The record beep: 1000 Hz, 250 ms.
Pcm beep();
// One period of the tones of China's network (GB/T 3380; ITU-T E.180 supplement 2): 450 Hz,
// ring-back 1 s on 4 s off, busy 0.35 s on 0.35 s off.
Pcm ring_back();
Pcm busy();
// Special information tone, 950, 1400, 1800 Hz, 330 ms each (ITU-T E.180): "this call cannot be completed".
Pcm special_information();

// Keys are 0-9, *, #, A-D (a-d too); 'w' or ',' is a pause of half a second; others are left out.
// ITU-T Q.23; on 100 ms, off 100 ms unless told.
Samples dtmf(std::string_view keys, Duration on = Duration{100'000'000}, Duration off = Duration{100'000'000});

// Finds keys in sound (spandsp; ITU-T Q.24). Not to be used where RFC 4733 is negotiated: every key would
// count twice. Confined.
class DtmfDetector {
 public:
  // Called once a key, at its end, with how long it was held.
  using Key = std::function<void(char key, Duration held)>;
  explicit DtmfDetector(Key key);
  DtmfDetector(DtmfDetector&&) noexcept;
  DtmfDetector& operator=(DtmfDetector&&) noexcept;
  ~DtmfDetector();

  void feed(SampleView samples);
  // A packet was lost: that many samples pass unheard, a key in progress goes on.
  void lost(std::size_t samples);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::audio
