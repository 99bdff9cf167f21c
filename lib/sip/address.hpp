// A socket address, IPv4 or IPv6, and who may send us sound.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace hotline::sip {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  // Numbers only ("192.0.2.1", "::1"); names give nothing.
  static std::optional<Address> from(const std::string& host, std::uint16_t port);
  explicit operator bool() const { return size != 0; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool same_host(const Address& other) const;
  bool operator==(const Address& other) const;
  std::uint16_t port() const;
  Address with_port(std::uint16_t port) const;
};

// Where sound may come from, and where ours goes. The SDP's address is believed at once. Another sender (a
// telephone behind a NAT) is believed after four packets in a row, unless the SDP's address has been heard;
// from then on everybody else is a stranger, whose packets are dropped, and a sender that moves keeps its host.
// Confined.
class SourceGuard {
 public:
  void expect(const Address& from_sdp);
  enum class Verdict : std::uint8_t { accept, wait, drop };
  Verdict judge(const Address& from, std::uint32_t ssrc, std::uint16_t sequence);
  // Where to send: the source once it is known, else the SDP's address.
  const Address& target() const { return known_ ? source_ : expected_; }
  void tick();  // once a frame

 private:
  struct Candidate {
    Address from;
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    int in_a_row = 0;
    std::uint64_t heard = 0;
  };
  Verdict probation(const Address& from, std::uint32_t ssrc, std::uint16_t sequence);
  Address expected_, source_;
  std::array<Candidate, 8> candidates_;  // several, so that a storm does not keep the right one out
  std::uint64_t count_ = 0;
  bool known_ = false;
  int quiet_ = 0;  // frames since the source was heard
};

}  // namespace hotline::sip
