#include "hotline/audio/tones.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

extern "C" {
#include <spandsp.h>
}
#undef min  // macros of spandsp.h
#undef max
#undef lrint

namespace hotline::audio {
namespace {

constexpr Duration ms(std::int64_t n) { return Duration{n * 1'000'000}; }

Samples pause(Duration d) { return Samples(samples_in(d)); }

void append(Samples& to, const Samples& more) { to.insert(to.end(), more.begin(), more.end()); }

struct TransmitterFree {
  void operator()(dtmf_tx_state_t* s) const { dtmf_tx_free(s); }
};

void append_keys(Samples& out, std::string_view keys, Duration on, Duration off) {
  std::unique_ptr<dtmf_tx_state_t, TransmitterFree> tx(dtmf_tx_init(nullptr));
  dtmf_tx_set_timing(tx.get(), static_cast<int>(on.count() / 1'000'000), static_cast<int>(off.count() / 1'000'000));
  std::int16_t block[160];
  while (!keys.empty()) {
    const std::string_view now = keys.substr(0, 100);
    keys.remove_prefix(now.size());
    dtmf_tx_put(tx.get(), now.data(), static_cast<int>(now.size()));
    while (const int n = dtmf_tx(tx.get(), block, 160)) out.insert(out.end(), block, block + n);
  }
}

}  // namespace

Samples tone(double hz, Duration length, int amplitude, double second_hz) {
  const std::size_t n = samples_in(length), ramp = std::min<std::size_t>(kSampleRate / 200, n / 2);
  Samples out(n);
  const double step = 2 * std::numbers::pi / kSampleRate;
  for (std::size_t i = 0; i < n; ++i) {
    const auto t = static_cast<double>(i);
    double v = std::sin(step * hz * t);
    if (second_hz > 0) v += std::sin(step * second_hz * t);
    const std::size_t edge = std::min(i, n - 1 - i);
    const double gain = edge < ramp ? static_cast<double>(edge) / static_cast<double>(ramp) : 1.0;
    out[i] = static_cast<std::int16_t>(std::lrint(std::clamp(v * amplitude * gain, -32767.0, 32767.0)));
  }
  return out;
}

Pcm beep() {
  static const Pcm one = make_pcm(tone(1000, ms(250)));
  return one;
}
Pcm ring_back() {
  static const Pcm one = [] {
    Samples s = tone(450, ms(1000), 6000);
    append(s, pause(ms(4000)));
    return make_pcm(std::move(s));
  }();
  return one;
}
Pcm busy() {
  static const Pcm one = [] {
    Samples s = tone(450, ms(350), 6000);
    append(s, pause(ms(350)));
    return make_pcm(std::move(s));
  }();
  return one;
}
Pcm special_information() {
  static const Pcm one = [] {
    Samples s;
    for (const double hz : {950.0, 1400.0, 1800.0}) append(s, tone(hz, ms(330), 6000));
    append(s, pause(ms(1000)));
    return make_pcm(std::move(s));
  }();
  return one;
}

Samples dtmf(std::string_view keys, Duration on, Duration off) {
  on = std::clamp(on, ms(20), ms(10'000));
  off = std::clamp(off, ms(20), ms(10'000));
  Samples out;
  std::string run;
  const auto flush = [&] {
    append_keys(out, run, on, off);
    run.clear();
  };
  for (char key : keys) {
    if (key >= 'a' && key <= 'd') key = static_cast<char>(key - 'a' + 'A');
    if (key == 'w' || key == ',') {
      flush();
      append(out, pause(ms(500)));
    } else if (std::string_view("0123456789*#ABCD").find(key) != std::string_view::npos) {
      run += key;
    }
  }
  flush();
  return out;
}

struct DtmfDetector::State {
  Key key;
  dtmf_rx_state_t* rx = nullptr;
  char down = 0;
  std::uint64_t now = 0;    // samples fed before the present call
  std::uint64_t since = 0;

  ~State() {
    if (rx != nullptr) dtmf_rx_free(rx);
  }
  // The detector reports at the end of its own blocks of 102 samples; `now` is the start of what is being fed.
  static void changed(void* user, int code, int, int) {
    auto& self = *static_cast<State*>(user);
    const char was = self.down;
    if (was != 0 && code != was) {
      self.down = 0;
      self.key(was, length_of(static_cast<std::size_t>(self.now - self.since)));
    }
    if (code != 0 && code != was) {
      self.down = static_cast<char>(code);
      self.since = self.now;
    }
  }
};

DtmfDetector::DtmfDetector(Key key) : state_(std::make_unique<State>()) {
  state_->key = std::move(key);
  state_->rx = dtmf_rx_init(nullptr, nullptr, nullptr);
  dtmf_rx_set_realtime_callback(state_->rx, State::changed, state_.get());
  // Negative twists leave them as they are; the threshold is left alone only from -99 down (-1 would be
  // -1 dBm0, and nothing would ever be detected).
  dtmf_rx_parms(state_->rx, 0, -1, -1, -99);
}
DtmfDetector::DtmfDetector(DtmfDetector&&) noexcept = default;
DtmfDetector& DtmfDetector::operator=(DtmfDetector&&) noexcept = default;
DtmfDetector::~DtmfDetector() = default;

void DtmfDetector::feed(SampleView samples) {
  // In steps of half a block, so that `held` is right to 6 ms.
  while (!samples.empty()) {
    const std::size_t n = std::min<std::size_t>(samples.size(), 51);
    dtmf_rx(state_->rx, samples.data(), static_cast<int>(n));
    state_->now += n;
    samples = samples.subspan(n);
  }
}
void DtmfDetector::lost(std::size_t samples) {
  dtmf_rx_fillin(state_->rx, static_cast<int>(std::min<std::size_t>(samples, 8000)));
  state_->now += samples;
}

}  // namespace hotline::audio
