#include "hotline/audio/g711.hpp"

#include <algorithm>
#include <array>

namespace hotline::audio {
namespace {

constexpr std::int16_t expand_a(std::uint8_t byte) {
  const int code = byte ^ 0x55;
  const int segment = (code >> 4) & 7;
  int magnitude = ((code & 0x0f) << 4) + 8;
  if (segment >= 1) magnitude += 0x100;
  if (segment > 1) magnitude <<= segment - 1;
  return static_cast<std::int16_t>((code & 0x80) != 0 ? magnitude : -magnitude);
}

constexpr std::int16_t expand_mu(std::uint8_t byte) {
  const int code = ~byte & 0xff;
  const int magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return static_cast<std::int16_t>((code & 0x80) != 0 ? -magnitude : magnitude);
}

constexpr std::uint8_t compress_a(int sample) {
  const int sign = sample >= 0 ? 0x80 : 0;
  const int magnitude = sample >= 0 ? sample : -sample - 1;
  int segment = 0;
  while (segment < 7 && magnitude >= (0x100 << segment)) ++segment;
  const int mantissa = (segment < 2 ? magnitude >> 4 : magnitude >> (segment + 3)) & 0x0f;
  return static_cast<std::uint8_t>((sign | segment << 4 | mantissa) ^ 0x55);
}

constexpr std::uint8_t compress_mu(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, 32635) + 0x84;
  int segment = 0;
  while (segment < 7 && magnitude >= (0x100 << segment)) ++segment;
  return static_cast<std::uint8_t>(~(sign | segment << 4 | ((magnitude >> (segment + 3)) & 0x0f)));
}

struct Tables {
  std::array<std::int16_t, 256> expand[2];
  std::array<std::uint8_t, 65536> compress[2];
  Tables() {
    for (int i = 0; i < 256; ++i) {
      expand[0][static_cast<std::size_t>(i)] = expand_a(static_cast<std::uint8_t>(i));
      expand[1][static_cast<std::size_t>(i)] = expand_mu(static_cast<std::uint8_t>(i));
    }
    for (int i = -32768; i < 32768; ++i) {
      compress[0][static_cast<std::uint16_t>(i)] = compress_a(i);
      compress[1][static_cast<std::uint16_t>(i)] = compress_mu(i);
    }
  }
};

const Tables& tables() {
  static const Tables instance;
  return instance;
}

}  // namespace

std::uint8_t encode_g711(Law law, std::int16_t sample) {
  return tables().compress[static_cast<int>(law)][static_cast<std::uint16_t>(sample)];
}
std::int16_t decode_g711(Law law, std::uint8_t byte) { return tables().expand[static_cast<int>(law)][byte]; }

void encode_g711(Law law, SampleView from, std::span<std::uint8_t> to) {
  const auto& table = tables().compress[static_cast<int>(law)];
  const std::size_t n = std::min(from.size(), to.size());
  for (std::size_t i = 0; i < n; ++i) to[i] = table[static_cast<std::uint16_t>(from[i])];
}
void decode_g711(Law law, std::span<const std::uint8_t> from, std::span<std::int16_t> to) {
  const auto& table = tables().expand[static_cast<int>(law)];
  const std::size_t n = std::min(from.size(), to.size());
  for (std::size_t i = 0; i < n; ++i) to[i] = table[from[i]];
}

}  // namespace hotline::audio
