#include "jitter.hpp"

#include <algorithm>

namespace hotline::sip {
namespace {

constexpr int kPatience = 50;  // frames with too much in store before one is dropped

std::int32_t distance(std::uint32_t from, std::uint32_t to) { return static_cast<std::int32_t>(to - from); }

}  // namespace

void JitterBuffer::clear(std::uint32_t from, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) there_[(from + i) % kCapacity] = false;
}

void JitterBuffer::restart(std::uint32_t timestamp) {
  if (started_) ++figures_.restarts;
  there_.reset();
  started_ = true;
  next_ = timestamp - target_;
  newest_ = timestamp;
  behind_ = full_ = 0;
}

void JitterBuffer::put(std::uint32_t ssrc, std::uint32_t timestamp, Bytes payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  if (size == 0 || size > kCapacity / 4) return;
  ++figures_.packets;
  if (!started_ || ssrc != ssrc_) {
    ssrc_ = ssrc;
    restart(timestamp);
  }
  std::int32_t ahead = distance(next_, timestamp);
  if (ahead < 0 && distance(newest_, timestamp) >= 0 && ahead > -static_cast<std::int32_t>(kCapacity)) {
    // We played faster than it was sent: wait for it, and a little longer from now on.
    target_ = std::min(target_ + kFrame, most_);
    restart(timestamp);
    ahead = distance(next_, timestamp);
  } else if (ahead < 0 && ahead > -static_cast<std::int32_t>(kCapacity) && ++behind_ < 10) {
    ++figures_.late;
    return;
  } else if (ahead < 0 || ahead + size > kCapacity) {
    restart(timestamp);  // the sender's clock jumped
    ahead = distance(next_, timestamp);
  }
  behind_ = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t at = (timestamp + i) % kCapacity;
    bytes_[at] = payload[i];
    there_[at] = true;
  }
  if (distance(newest_, timestamp + size) > 0) newest_ = timestamp + size;
}

std::size_t JitterBuffer::get(std::span<std::uint8_t, kFrame> frame) {
  if (!started_) return 0;
  const std::int32_t stored = distance(next_, newest_);
  full_ = stored > static_cast<std::int32_t>(target_ + 5 * kFrame) ? full_ + 1 : 0;
  if (full_ > kPatience) {
    clear(next_, kFrame);
    next_ += kFrame;
    ++figures_.dropped_frames;
    full_ = 0;
  }
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < kFrame; ++i) {
    const std::uint32_t at = (next_ + i) % kCapacity;
    if (!there_[at]) continue;
    frame[i] = bytes_[at];
    there_[at] = false;
    ++found;
  }
  next_ += kFrame;
  // A sender that fell silent for long may come back with any timestamp.
  if (distance(newest_, next_) > static_cast<std::int32_t>(kCapacity)) started_ = false;
  return found;
}

}  // namespace hotline::sip
