// UDP sockets for RTP (even port) and RTCP (the next one), and reading many datagrams at once.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "address.hpp"
#include "hotline/base/result.hpp"

namespace hotline::sip {

class SocketPair {
 public:
  SocketPair() = default;
  SocketPair(int rtp, int rtcp, std::uint16_t port) : rtp_(rtp), rtcp_(rtcp), port_(port) {}
  SocketPair(SocketPair&& other) noexcept;
  SocketPair& operator=(SocketPair&& other) noexcept;
  ~SocketPair() { close(); }
  void close();
  int rtp() const { return rtp_; }
  int rtcp() const { return rtcp_; }
  std::uint16_t port() const { return port_; }

 private:
  int rtp_ = -1, rtcp_ = -1;
  std::uint16_t port_ = 0;
};

// Hands out ports of a range in turn, so that a port rests after its call. Synchronised.
class PortRange {
 public:
  PortRange(std::string address, std::uint16_t first, std::uint16_t last);
  // Errors: limit (all ports taken), io (no such local address).
  Result<SocketPair> open();

 private:
  std::string address_;
  std::uint16_t first_, last_;
  std::mutex mutex_;
  std::uint16_t next_;
};

// The buffers of one pacer. Confined.
class RtpReader {
 public:
  static constexpr std::size_t kBatch = 16, kLargest = 2048;
  template <class Take>
  void drain(int fd, Take&& take) {
    // At most a few batches: a storm at one call must not hold up the others.
    for (int round = 0; round < 4; ++round) {
      const std::size_t n = read(fd);
      for (std::size_t i = 0; i < n; ++i) take(std::span<const std::uint8_t>(bytes_[i].data(), sizes_[i]), from_[i]);
      if (n < kBatch) return;
    }
  }

 private:
  std::size_t read(int fd);
  std::array<std::array<std::uint8_t, kLargest>, kBatch> bytes_;
  std::array<std::size_t, kBatch> sizes_{};
  std::array<Address, kBatch> from_;
};

}  // namespace hotline::sip
