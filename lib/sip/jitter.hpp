// Packets in whatever order, size and rhythm -> 20 ms frames in even time.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>

#include "rtp.hpp"

namespace hotline::sip {

// Holds G.711 bytes by their RTP timestamp, one second at most. Confined; allocates nothing.
class JitterBuffer {
 public:
  static constexpr std::uint32_t kCapacity = 8192;
  static constexpr std::uint32_t kFrame = 160;
  // `delay` in samples, at most half the capacity.
  explicit JitterBuffer(std::uint32_t delay = 3 * kFrame)
      : target_(delay < kCapacity / 2 ? delay : kCapacity / 2), most_(target_ + 10 * kFrame) {}

  void put(std::uint32_t ssrc, std::uint32_t timestamp, Bytes payload);
  // The next frame; returns how many of its samples were there (the others are left as they are).
  std::size_t get(std::span<std::uint8_t, kFrame> frame);
  // Forgets everything: a new stream begins with the next packet.
  void reset() { started_ = false; }

  struct Figures {
    std::uint64_t packets = 0, late = 0, restarts = 0, dropped_frames = 0;
  };
  const Figures& figures() const { return figures_; }

 private:
  void restart(std::uint32_t timestamp);
  void clear(std::uint32_t from, std::uint32_t count);
  std::array<std::uint8_t, kCapacity> bytes_{};
  std::bitset<kCapacity> there_;
  bool started_ = false;
  std::uint32_t ssrc_ = 0;
  std::uint32_t next_ = 0;    // timestamp of the next sample to be played
  std::uint32_t newest_ = 0;  // one after the newest sample held
  std::uint32_t target_, most_;
  int behind_ = 0;  // late packets in a row
  int full_ = 0;    // frames in a row with more than enough in store
  Figures figures_;
};

}  // namespace hotline::sip
