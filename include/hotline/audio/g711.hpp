// G.711: A-law (Europe, China) and mu-law (North America, Japan). Source: ITU-T G.711 (11/88), tables 1 and 2.
#pragma once

#include <cstdint>
#include <span>

#include "hotline/audio/pcm.hpp"

namespace hotline::audio {

enum class Law : std::uint8_t { a, mu };

std::uint8_t encode_g711(Law law, std::int16_t sample);
std::int16_t decode_g711(Law law, std::uint8_t byte);
// As many as both sides hold.
void encode_g711(Law law, SampleView from, std::span<std::uint8_t> to);
void decode_g711(Law law, std::span<const std::uint8_t> from, std::span<std::int16_t> to);
// The byte that means silence: 0xD5 or 0xFF.
constexpr std::uint8_t g711_silence(Law law) { return law == Law::a ? 0xD5 : 0xFF; }

}  // namespace hotline::audio
