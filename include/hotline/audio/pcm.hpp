// Sound inside hotline: 16-bit linear samples, 8 kHz, mono.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hotline/base/time.hpp"

namespace hotline::audio {

constexpr int kSampleRate = 8000;

using Samples = std::vector<std::int16_t>;
using SampleView = std::span<const std::int16_t>;
// Immutable and shared: one prompt plays to a thousand callers from one memory.
using Pcm = std::shared_ptr<const Samples>;

inline Pcm make_pcm(Samples samples) { return std::make_shared<const Samples>(std::move(samples)); }

constexpr Duration length_of(std::size_t samples) {
  return Duration{static_cast<std::int64_t>(samples) * (1'000'000'000 / kSampleRate)};
}
inline Duration length_of(const Pcm& pcm) { return length_of(pcm ? pcm->size() : 0); }
// Rounds down; 0 for a negative duration.
constexpr std::size_t samples_in(Duration d) {
  return d.count() <= 0 ? 0 : static_cast<std::size_t>(d.count() / (1'000'000'000 / kSampleRate));
}

// Root mean square (0 ... 32768; 0 for no samples), and the largest magnitude.
double rms(SampleView samples);
int peak(SampleView samples);

// Without leading and trailing samples below `threshold`, save `margin` on both sides.
// Nothing above the threshold: empty.
SampleView trim(SampleView samples, int threshold = 300, Duration margin = Duration{10'000'000});

// One after the other, joined by a linear cross-fade, so that no join clicks. Clips shorter than two
// fades are joined without one.
Samples concatenate(std::span<const Pcm> clips, Duration fade = Duration{5'000'000});

// into += other * gain, saturated at the ends of the range. `other` may be shorter.
void mix_into(std::span<std::int16_t> into, SampleView other, double gain = 1.0);
// The sum of all sources with saturation once, at the end: the order of sources does not matter.
void mix(std::span<std::int16_t> into, std::span<const SampleView> sources);

// Tells speech from silence by the energy of 20 ms windows. Confined.
class SilenceDetector {
 public:
  // `threshold` is an rms value; 180 is about -45 dB below full scale: above the noise of a quiet line.
  explicit SilenceDetector(double threshold = 180) : threshold_(threshold) {}
  void feed(SampleView samples);
  // How long it has been silent now, and whether anything was ever heard.
  Duration silent_for() const { return length_of(silent_); }
  bool heard_anything() const { return heard_; }

 private:
  static constexpr std::size_t kWindow = 160;
  double threshold_;
  double sum_ = 0;
  std::size_t in_window_ = 0;
  std::size_t silent_ = 0;
  bool heard_ = false;
};

}  // namespace hotline::audio
