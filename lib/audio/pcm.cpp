#include "hotline/audio/pcm.hpp"

#include <algorithm>
#include <cmath>

namespace hotline::audio {
namespace {

std::int16_t saturate(double v) { return static_cast<std::int16_t>(std::lrint(std::clamp(v, -32768.0, 32767.0))); }
std::int16_t saturate(std::int32_t v) { return static_cast<std::int16_t>(std::clamp(v, -32768, 32767)); }

}  // namespace

double rms(SampleView samples) {
  if (samples.empty()) return 0;
  double sum = 0;
  for (const int s : samples) sum += static_cast<double>(s) * s;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

int peak(SampleView samples) {
  int highest = 0;
  for (const int s : samples) highest = std::max(highest, std::abs(s));
  return highest;
}

SampleView trim(SampleView samples, int threshold, Duration margin) {
  const auto loud = [&](std::int16_t s) { return std::abs(static_cast<int>(s)) >= threshold; };
  const auto first = std::find_if(samples.begin(), samples.end(), loud);
  if (first == samples.end()) return {};
  const auto last = std::find_if(samples.rbegin(), samples.rend(), loud);
  const auto keep = samples_in(margin);
  const auto begin = static_cast<std::size_t>(first - samples.begin());
  const auto end = static_cast<std::size_t>(samples.rend() - last);
  const std::size_t from = begin > keep ? begin - keep : 0;
  return samples.subspan(from, std::min(samples.size(), end + keep) - from);
}

Samples concatenate(std::span<const Pcm> clips, Duration fade) {
  Samples out;
  std::size_t total = 0;
  for (const Pcm& clip : clips) total += clip ? clip->size() : 0;
  out.reserve(total);
  const std::size_t wanted = samples_in(fade);
  std::size_t previous = 0;
  for (const Pcm& clip : clips) {
    if (!clip || clip->empty()) continue;
    const std::size_t overlap = clip->size() >= 2 * wanted && previous >= 2 * wanted ? wanted : 0;
    for (std::size_t i = 0; i < overlap; ++i) {
      std::int16_t& at = out[out.size() - overlap + i];
      const double t = (static_cast<double>(i) + 0.5) / static_cast<double>(overlap);
      at = saturate(at * (1 - t) + (*clip)[i] * t);
    }
    out.insert(out.end(), clip->begin() + static_cast<std::ptrdiff_t>(overlap), clip->end());
    previous = clip->size();
  }
  return out;
}

void mix_into(std::span<std::int16_t> into, SampleView other, double gain) {
  const std::size_t n = std::min(into.size(), other.size());
  if (gain == 1.0) {
    for (std::size_t i = 0; i < n; ++i) into[i] = saturate(static_cast<std::int32_t>(into[i]) + other[i]);
  } else {
    for (std::size_t i = 0; i < n; ++i) into[i] = saturate(into[i] + other[i] * gain);
  }
}

void mix(std::span<std::int16_t> into, std::span<const SampleView> sources) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    std::int32_t sum = 0;
    for (const SampleView& source : sources)
      if (i < source.size()) sum += source[i];
    into[i] = saturate(sum);
  }
}

void SilenceDetector::feed(SampleView samples) {
  for (const int s : samples) {
    sum_ += static_cast<double>(s) * s;
    if (++in_window_ < kWindow) continue;
    if (std::sqrt(sum_ / kWindow) < threshold_) {
      silent_ += kWindow;
    } else {
      silent_ = 0;
      heard_ = true;
    }
    sum_ = 0;
    in_window_ = 0;
  }
}

}  // namespace hotline::audio
