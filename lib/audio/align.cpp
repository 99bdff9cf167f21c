#include "hotline/audio/align.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace hotline::audio {
namespace {

using Complex = std::complex<double>;

// Radix-2, in place; the inverse is unscaled.
void transform(std::vector<Complex>& data, double sign) {
  const std::size_t n = data.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(data[i], data[j]);
  }
  std::vector<Complex> turns(n / 2);
  for (std::size_t i = 0; i < n / 2; ++i)
    turns[i] = std::polar(1.0, sign * 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
  for (std::size_t length = 2; length <= n; length <<= 1) {
    const std::size_t half = length / 2, step = n / length;
    for (std::size_t start = 0; start < n; start += length)
      for (std::size_t k = 0; k < half; ++k) {
        const Complex a = data[start + k], t = data[start + k + half], w = turns[k * step];
        const Complex b(t.real() * w.real() - t.imag() * w.imag(), t.real() * w.imag() + t.imag() * w.real());
        data[start + k] = a + b;
        data[start + k + half] = a - b;
      }
  }
}

double energy(SampleView samples) {
  double sum = 0;
  for (const int s : samples) sum += static_cast<double>(s) * s;
  return sum;
}

}  // namespace

Alignment align(SampleView reference, SampleView heard) {
  Alignment best;
  const double reference_energy = energy(reference);
  if (reference.empty() || heard.size() < reference.size() || reference_energy == 0) return best;
  // Both real signals in one transform: heard as the real, the reference as the imaginary part.
  const std::size_t n = std::bit_ceil(heard.size() + reference.size());
  std::vector<Complex> data(n);
  for (std::size_t i = 0; i < heard.size(); ++i) data[i].real(heard[i]);
  for (std::size_t i = 0; i < reference.size(); ++i) data[i].imag(reference[i]);
  transform(data, -1);
  std::vector<Complex> product(n);
  for (std::size_t k = 0; k < n; ++k) {
    const Complex z = data[k], mirror = std::conj(data[(n - k) & (n - 1)]);
    const Complex h = (z + mirror) * 0.5, r = (z - mirror) * Complex(0, -0.5);
    product[k] = h * std::conj(r);
  }
  transform(product, 1);
  const std::size_t places = heard.size() - reference.size() + 1;
  double window = energy(heard.first(reference.size()));
  const double quiet = static_cast<double>(reference.size());  // rms 1: nothing to compare with
  best.correlation = -2;
  for (std::size_t at = 0; at < places; ++at) {
    const double dot = product[at].real() / static_cast<double>(n);
    const double value = window < quiet ? 0 : dot / std::sqrt(window * reference_energy);
    if (value > best.correlation) best = {at, value};
    if (at + 1 < places) {
      const double out = heard[at], in = heard[at + reference.size()];
      window += in * in - out * out;
    }
  }
  best.correlation = std::clamp(best.correlation, -1.0, 1.0);
  return best;
}

double snr_db(SampleView reference, SampleView heard) {
  const std::size_t n = std::min(reference.size(), heard.size());
  double signal = 0, noise = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double r = reference[i], d = r - heard[i];
    signal += r * r;
    noise += d * d;
  }
  return noise == 0 ? 999 : 10 * std::log10(std::max(signal, 1e-9) / noise);
}

}  // namespace hotline::audio
