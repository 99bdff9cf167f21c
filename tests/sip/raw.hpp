// A telephone made of two sockets: it says and hears SIP and RTP word for word, so that a test can do what well-behaved
// telephones do seldom and switches do daily.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "host.hpp"
#include "sip/address.hpp"
#include "sip/rtp.hpp"

namespace hotline::sip::test {

// A UDP socket that answers whoever spoke last.
class Socket {
 public:
  explicit Socket(const std::string& host) {
    const auto any = Address::from(host, 0).value();
    fd_ = ::socket(any.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(fd_, any.get(), any.size), 0);
    Address bound;
    bound.size = sizeof bound.storage;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size);
    port_ = bound.port();
  }
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  std::uint16_t port() const { return port_; }
  void send(const Address& to, const void* data, std::size_t size) { (void)::sendto(fd_, data, size, 0, to.get(), to.size); }
  // The next datagram, "" where none comes in time.
  std::string receive(Duration patience, Address* from = nullptr) {
    pollfd in{fd_, POLLIN, 0};
    if (::poll(&in, 1, static_cast<int>(patience / 1ms)) <= 0) return {};
    std::string out(4096, '\0');
    Address sender;
    sender.size = sizeof sender.storage;
    const auto n = ::recvfrom(fd_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&sender.storage), &sender.size);
    out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (from != nullptr) *from = sender;
    return out;
  }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

class Raw {
 public:
  explicit Raw(Host& host, const std::string& local = "127.0.0.1")
      : local_(local), line_(local), sound_(local), target_(host.address()),
        to_(Address::from(local, static_cast<std::uint16_t>(std::stoi(target_.substr(target_.rfind(':') + 1)))).value()) {}

  std::string uri() const { return "sip:raw@" + bracketed() + ":" + std::to_string(line_.port()); }

  // A description of this telephone's sound; `formats` as "8 101", `lines` ended by "\r\n".
  std::string sdp(const std::string& formats = "8 101", const std::string& lines = "a=rtpmap:101 telephone-event/8000\r\n") const {
    const std::string at = std::string("IN ") + (local_.find(':') == local_.npos ? "IP4 " : "IP6 ") + local_;
    return "v=0\r\no=raw 1 1 " + at + "\r\ns=-\r\nc=" + at + "\r\nt=0 0\r\nm=audio " + std::to_string(sound_.port()) + " RTP/AVP " + formats + "\r\n" + lines;
  }

  // A request of the dialogue that invite() began; headers ended by "\r\n".
  void request(const std::string& method, int number, const std::string& headers = "", const std::string& body = "", const std::string& branch = "") {
    say(method + " sip:12345@" + target_ + " SIP/2.0\r\nVia: SIP/2.0/UDP " + bracketed() + ":" + std::to_string(line_.port()) +
        ";branch=z9hG4bK" + (branch.empty() ? method + std::to_string(number) + call_ : branch) + "\r\nFrom: <" + uri() + ">;tag=raw\r\nTo: <sip:12345@" + target_ +
        ">" + (tag_.empty() ? "" : ";tag=" + tag_) + "\r\nCall-ID: " + call_ + "\r\nCSeq: " + std::to_string(number) + " " + method +
        "\r\nContact: <" + uri() + ">\r\nMax-Forwards: 70\r\n" + headers + with(body));
  }
  void invite(const std::string& headers, const std::string& body) {
    request("INVITE", 1, headers, body, "invite" + call_);
  }
  void ack(int number = 1, const std::string& body = "") { request("ACK", number, "", body); }
  // Of a CANCEL, or the ACK of a refusal: the INVITE's own branch.
  void of_invite(const std::string& method) { request(method, 1, "", "", "invite" + call_); }

  // The next message that begins so ("SIP/2.0 200", "BYE "); the To tag of the first answer is kept. Others are dropped.
  std::string next(const std::string& begin, Duration patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::string dropped;
    while (std::chrono::steady_clock::now() < end) {
      std::string message = line_.receive(patience);
      if (!message.starts_with(begin)) {
        dropped += message.substr(0, message.find('\r')) + "\n";
        continue;
      }
      if (begin.starts_with("SIP/2.0") && tag_.empty()) {
        const std::string to = header(message, "To");
        if (const auto at = to.find(";tag="); at != to.npos) tag_ = to.substr(at + 5, to.find(';', at + 5) - at - 5);
      }
      return message;
    }
    ADD_FAILURE() << "nothing began with " << begin << " but\n" << dropped;
    return {};
  }
  static std::string header(const std::string& message, const std::string& name) {
    const auto at = message.find("\r\n" + name + ": ");
    if (at == message.npos) return {};
    const auto from = at + name.size() + 4;
    return message.substr(from, message.find("\r\n", from) - from);
  }
  static std::string body(const std::string& message) {
    const auto at = message.find("\r\n\r\n");
    return at == message.npos ? "" : message.substr(at + 4);
  }

  // Answers a request of the host.
  void answer(const std::string& request, const std::string& status, const std::string& tag = "there", const std::string& headers = "",
              const std::string& body = "", const std::string& contact = "") {
    std::string to = header(request, "To");
    if (to.find(";tag=") == to.npos && !status.starts_with("100")) to += ";tag=" + tag;
    std::string vias;
    for (std::size_t at = 0; (at = request.find("\r\nVia: ", at)) != request.npos; ++at)
      vias += request.substr(at + 2, request.find("\r\n", at + 2) - at - 2) + "\r\n";
    say("SIP/2.0 " + status + "\r\n" + vias + "From: " + header(request, "From") + "\r\nTo: " + to + "\r\nCall-ID: " + header(request, "Call-ID") +
        "\r\nCSeq: " + header(request, "CSeq") + "\r\nContact: <" + (contact.empty() ? uri() : contact) + ">\r\n" + headers + with(body));
  }

  // A call that is up, both ways.
  LegId dial(Host& host, const std::string& formats = "8 101", const std::string& lines = "a=rtpmap:101 telephone-event/8000\r\n") {
    invite("", sdp(formats, lines));
    const LegId leg = host.next<event::Incoming>().leg;
    host->answer(leg);
    next("SIP/2.0 200");
    ack();
    host.next<event::Answered>(leg);
    Address from;
    EXPECT_FALSE(sound_.receive(kPatience, &from).empty()) << "the host says nothing";
    media_ = from;
    return leg;
  }

  // One RTP packet to the host.
  void rtp(std::uint8_t type, std::uint32_t timestamp, Bytes payload, bool marker = false) {
    std::vector<std::uint8_t> bytes(kRtpHeader + payload.size());
    write_rtp(bytes, {marker, type, sequence_++, timestamp, 0x5150, payload});
    sound_.send(media_, bytes.data(), bytes.size());
  }
  void skip_sequence() { ++sequence_; }
  std::string hear(Address* from = nullptr) { return sound_.receive(kPatience, from); }
  // A key, as RFC 4733 has it, from its first packet to its three last ones.
  void key(std::uint8_t type, std::uint8_t code, std::uint32_t timestamp) {
    std::array<std::uint8_t, 4> payload;
    for (std::uint16_t duration = 160; duration <= 800; duration = static_cast<std::uint16_t>(duration + 160)) {
      write_event(payload, {code, duration == 800, duration});
      for (int copy = 0; copy < (duration == 800 ? 3 : 1); ++copy) rtp(type, timestamp, payload, duration == 160);
    }
  }

 private:
  std::string bracketed() const { return local_.find(':') == local_.npos ? local_ : "[" + local_ + "]"; }
  void say(const std::string& message) { line_.send(to_, message.data(), message.size()); }
  static std::string with(const std::string& body) {
    return (body.empty() ? "" : "Content-Type: application/sdp\r\n") + ("Content-Length: " + std::to_string(body.size())) + "\r\n\r\n" + body;
  }

  std::string local_;
  Socket line_, sound_;
  std::string target_;
  Address to_, media_;
  std::string call_ = "raw-" + std::to_string(::getpid()) + "-" + std::to_string(++calls_);
  std::string tag_;
  std::uint16_t sequence_ = 1;
  inline static int calls_ = 0;
};

}  // namespace hotline::sip::test
