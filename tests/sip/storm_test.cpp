// Hostile packets, while a real telephone is in a call: no harm is done, to the call or to us.
#include <arpa/inet.h>
#include <sys/socket.h>

#include "hotline/base/random.hpp"
#include "host.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

// A UDP socket of nobody in particular.
class Stranger {
 public:
  Stranger() {
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = loopback(0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Stranger() { ::close(fd_); }
  void send(std::uint16_t to, const std::string& text) {
    const sockaddr_in at = loopback(to);
    (void)::sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  }
  std::string receive() {
    char block[8192];
    const ssize_t n = ::recv(fd_, block, sizeof block, 0);
    return n > 0 ? std::string(block, static_cast<std::size_t>(n)) : "";
  }
  std::uint16_t port = 0;

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }
  int fd_ = -1;
};

std::uint16_t port_of(const Host& host) {
  const std::string address = host.address();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

std::string message(const std::string& method, std::uint16_t from, int n, const std::string& body, const std::string& more = {}) {
  const std::string id = std::to_string(n);
  return method + " sip:12345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + std::to_string(from) + ";branch=z9hG4bK" + id +
         "\r\nFrom: <sip:x@127.0.0.1>;tag=" + id + "\r\nTo: <sip:12345@127.0.0.1>\r\nCall-ID: storm" + id + "\r\nCSeq: 1 " + method +
         "\r\nContact: <sip:x@127.0.0.1:" + std::to_string(from) + ">\r\nMax-Forwards: 70\r\n" + more +
         (body.empty() ? "" : "Content-Type: application/sdp\r\n") + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST(Storm, OptionsAreAnswered) {
  Host host;
  Stranger stranger;
  stranger.send(port_of(host), message("OPTIONS", stranger.port, 1, ""));
  EXPECT_TRUE(stranger.receive().starts_with("SIP/2.0 200"));
}

TEST(Storm, MalformedMessagesAndSoundDoNoHarmToACall) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = BaresipPhone::start({.name = "citizen", .folder = folder / "citizen"}).value();
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  const audio::Pcm early = babble(40, 500ms), prompt = babble(41, 3s), speech = babble(42, 2s);
  host->play(leg, {{early, {}}}, 0);
  ASSERT_TRUE(citizen->hears(early, kPatience));
  host->play(leg, {{prompt, {}}}, 1);
  host->record(leg, {.path = folder / "r.wav", .beep = false});
  ASSERT_TRUE(citizen->say(speech).ok());

  Random random(99);
  Stranger strangers[3];
  const std::string good = message("INVITE", strangers[0].port, 0, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n");
  const std::uint16_t first = static_cast<std::uint16_t>(20000 + ::getpid() % 40 * 200);
  for (int i = 0; i < 3000; ++i) {
    Stranger& s = strangers[i % 3];
    // Broken SIP: bytes of a good INVITE changed, cut or doubled.
    std::string bad = good;
    for (int k = 0; k < 1 + i % 7; ++k) bad[random.below(bad.size())] = static_cast<char>(random.below(256));
    if (i % 5 == 0) bad.resize(random.below(bad.size()));
    if (i % 11 == 0) bad += bad;
    if (i % 4 == 0) s.send(port_of(host), bad);
    if (i % 40 == 0) s.send(port_of(host), message("INVITE", s.port, i, "v=0\r\nm=audio 99999 RTP/AVP 8\r\n"));
    if (i % 40 == 1) s.send(port_of(host), message("BYE", s.port, i, ""));
    if (i % 40 == 2) s.send(port_of(host), message("REFER", s.port, i, "", "Refer-To: <sip:evil@127.0.0.1>\r\n"));
    if (i % 40 == 3) s.send(port_of(host), message("INFO", s.port, i, "Signal=1"));
    if (i % 40 == 4) s.send(port_of(host), message("REGISTER", s.port, i, ""));
    if (i % 40 == 5) s.send(port_of(host), message("NOTIFY", s.port, i, "SIP/2.0 200 OK", "Event: refer\r\nSubscription-State: active\r\n"));
    // Sound and keys from strangers, well-formed and not, at all ports of the range's beginning.
    std::string rtp("\x80\x08", 2);
    rtp[1] = static_cast<char>(i % 2 == 0 ? 8 : 101);
    rtp += std::string(1, static_cast<char>(i >> 8)) + static_cast<char>(i) + std::string("\0\0\x10\0", 4) + "EVIL";
    rtp += i % 2 == 0 ? std::string(160, 'U') : std::string("\x05\x8a\x03\x20", 4);
    if (i % 6 == 0) rtp.resize(random.below(rtp.size()));
    for (int p = 0; p < 8; p += 2) s.send(static_cast<std::uint16_t>(first + p), rtp);
  }
  EXPECT_EQ(host.next<event::Played>(leg).play, 0u);
  EXPECT_TRUE(host.next<event::Played>(leg).complete);
  EXPECT_TRUE(citizen->hears(prompt, kPatience, 0.99));
  std::this_thread::sleep_for(500ms);
  host->stop_record(leg);
  host.next<event::Recorded>(leg);
  // The kernel drops what the storm makes too much for a socket's buffer, and may take a packet of ours with it.
  EXPECT_GE(audio::align(*speech, *audio::read_sound(folder / "r.wav").value()).correlation, 0.9);
  EXPECT_EQ(host.count<event::Digit>(leg), 0u);  // no stranger's key
  EXPECT_EQ(host.count<event::HungUp>(leg), 0u);
  ASSERT_TRUE(citizen->press("9").ok());
  EXPECT_EQ(host.next<event::Digit>(leg).key, '9');
}
