#include "sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace hotline::sip {

SocketPair::SocketPair(SocketPair&& o) noexcept
    : rtp_(std::exchange(o.rtp_, -1)), rtcp_(std::exchange(o.rtcp_, -1)), port_(o.port_) {}
SocketPair& SocketPair::operator=(SocketPair&& o) noexcept {
  close();
  rtp_ = std::exchange(o.rtp_, -1);
  rtcp_ = std::exchange(o.rtcp_, -1);
  port_ = o.port_;
  return *this;
}
void SocketPair::close() {
  if (rtp_ >= 0) ::close(std::exchange(rtp_, -1));
  if (rtcp_ >= 0) ::close(std::exchange(rtcp_, -1));
}

PortRange::PortRange(std::string address, std::uint16_t first, std::uint16_t last)
    : address_(std::move(address)), first_(static_cast<std::uint16_t>((first + 1) & ~1)), last_(last), next_(first_) {}

namespace {

int bound(const Address& at) {
  const int fd = ::socket(at.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (::bind(fd, at.get(), at.size) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Result<SocketPair> PortRange::open() {
  const auto at = Address::from(address_, 0);
  if (!at) return Error(ErrorCode::invalid_argument, "`" + address_ + "` is not an IP address", "give a number, as 127.0.0.1");
  const std::lock_guard lock(mutex_);
  for (int tries = (last_ - first_ + 1) / 2; tries > 0; --tries) {
    const std::uint16_t port = next_;
    next_ = static_cast<std::uint16_t>(next_ + 3 > last_ || next_ > 65000 ? first_ : next_ + 2);
    const int rtp = bound(at->with_port(port));
    if (rtp < 0) continue;
    const int rtcp = bound(at->with_port(static_cast<std::uint16_t>(port + 1)));
    if (rtcp >= 0) return SocketPair(rtp, rtcp, port);
    ::close(rtp);
  }
  return Error(ErrorCode::limit, "no RTP port is free from " + std::to_string(first_) + " to " + std::to_string(last_),
               "widen the range, or check that the address is one of this machine's");
}

std::size_t RtpReader::read(int fd) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts;
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {bytes_[i].data(), kLargest};
    messages[i].msg_hdr.msg_name = &from_[i].storage;
    messages[i].msg_hdr.msg_namelen = sizeof from_[i].storage;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int n = ::recvmmsg(fd, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (n <= 0) return 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    sizes_[i] = messages[i].msg_len;
    from_[i].size = messages[i].msg_hdr.msg_namelen;
  }
  return static_cast<std::size_t>(n);
}

}  // namespace hotline::sip
