// Counter-based random numbers (Philox4x32-10; Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC'11): the n-th number of a stream is a pure function of
// (seed, stream, n). Streams are independent, so that a caller's patience does not change when
// the agents' service times are drawn differently (common random numbers).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace hotline {

// One block: 128 bits of counter and 64 bits of key give 128 random bits. Pure.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = 0xD2511F53ull * counter[0];
    const std::uint64_t p1 = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// A stream of numbers. Confined. Satisfies UniformRandomBitGenerator.
class Random {
 public:
  using result_type = std::uint64_t;
  constexpr explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, stream_(stream) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  constexpr result_type operator()() {
    if (left_ == 0) {
      block_ = philox4x32({static_cast<std::uint32_t>(index_), static_cast<std::uint32_t>(index_ >> 32),
                           static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
                          key_);
      ++index_;
      left_ = 2;
    }
    --left_;
    const int at = left_ == 1 ? 0 : 2;
    return block_[at] | static_cast<std::uint64_t>(block_[at + 1]) << 32;
  }

  // Uniform in [0, 1), 53 bits.
  constexpr double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  // Uniform in (0, 1]: safe to take the logarithm of.
  constexpr double uniform_positive() { return 1.0 - uniform(); }
  // Uniform in [0, bound) without bias (Lemire's multiplication with rejection); bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ typedef unsigned __int128 Wide;  // NOLINT: pedantic compilers take it only so
    const std::uint64_t floor = (0 - bound) % bound;
    for (;;) {
      const Wide product = static_cast<Wide>((*this)()) * bound;
      if (static_cast<std::uint64_t>(product) >= floor) return static_cast<std::uint64_t>(product >> 64);
    }
  }
  // Exponential with the given mean.
  double exponential(double mean) { return -mean * std::log(uniform_positive()); }

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t stream_;
  std::uint64_t index_ = 0;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
};

}  // namespace hotline
