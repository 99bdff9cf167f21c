#include "address.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace hotline::sip {
namespace {

const sockaddr_in& v4(const Address& a) { return reinterpret_cast<const sockaddr_in&>(a.storage); }
const sockaddr_in6& v6(const Address& a) { return reinterpret_cast<const sockaddr_in6&>(a.storage); }
constexpr int kPacketsToBelieve = 4;
constexpr int kSilenceToMove = 100;  // frames: 2 s

}  // namespace

std::optional<Address> Address::from(const std::string& host, std::uint16_t port) {
  Address a;
  auto& four = reinterpret_cast<sockaddr_in&>(a.storage);
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    a.size = sizeof four;
    return a;
  }
  auto& six = reinterpret_cast<sockaddr_in6&>(a.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    a.size = sizeof six;
    return a;
  }
  return {};
}

bool Address::same_host(const Address& o) const {
  if (storage.ss_family != o.storage.ss_family) return false;
  if (storage.ss_family == AF_INET) return v4(*this).sin_addr.s_addr == v4(o).sin_addr.s_addr;
  return std::memcmp(&v6(*this).sin6_addr, &v6(o).sin6_addr, sizeof(in6_addr)) == 0;
}
std::uint16_t Address::port() const {
  return ntohs(storage.ss_family == AF_INET6 ? v6(*this).sin6_port : v4(*this).sin_port);
}
bool Address::operator==(const Address& o) const { return same_host(o) && port() == o.port(); }
Address Address::with_port(std::uint16_t port) const {
  Address out = *this;
  if (storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6&>(out.storage).sin6_port = htons(port);
  else reinterpret_cast<sockaddr_in&>(out.storage).sin_port = htons(port);
  return out;
}

void SourceGuard::expect(const Address& from_sdp) {
  // The same offer again (a session refresh) teaches nothing new.
  if (expected_ && from_sdp && expected_ == from_sdp) return;
  expected_ = from_sdp;
  known_ = false;
  candidates_ = {};
  quiet_ = 0;
}

SourceGuard::Verdict SourceGuard::probation(const Address& from, std::uint32_t ssrc, std::uint16_t sequence) {
  Candidate* mine = &candidates_[0];
  for (Candidate& c : candidates_) {
    if (c.in_a_row > 0 && c.from == from && c.ssrc == ssrc) {
      mine = &c;
      break;
    }
    if (c.heard < mine->heard) mine = &c;
  }
  const bool follows = mine->in_a_row > 0 && mine->from == from && mine->ssrc == ssrc &&
                       static_cast<std::uint16_t>(sequence - mine->sequence - 1) < 8;
  *mine = {from, ssrc, sequence, follows ? mine->in_a_row + 1 : 1, ++count_};
  if (mine->in_a_row < kPacketsToBelieve) return Verdict::wait;
  source_ = from;
  known_ = true;
  quiet_ = 0;
  candidates_ = {};
  return Verdict::accept;
}

SourceGuard::Verdict SourceGuard::judge(const Address& from, std::uint32_t ssrc, std::uint16_t sequence) {
  if (known_ && from == source_) {
    quiet_ = 0;
    return Verdict::accept;
  }
  if (expected_ && from == expected_) {
    source_ = from;
    known_ = true;
    quiet_ = 0;
    return Verdict::accept;
  }
  if (!known_) return probation(from, ssrc, sequence);
  if (quiet_ > kSilenceToMove && from.same_host(source_)) return probation(from, ssrc, sequence);
  return Verdict::drop;
}

void SourceGuard::tick() {
  if (quiet_ < 1'000'000) ++quiet_;
}

}  // namespace hotline::sip
