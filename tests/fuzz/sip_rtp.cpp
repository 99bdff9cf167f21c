// Datagrams from anybody: the input is a row of packets (a length byte, then that many bytes), with a tick between.
#include "sip/address.hpp"
#include "sip/jitter.hpp"
#include "sip/rtp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::sip;
  JitterBuffer jitter;
  EventReceiver events;
  SourceGuard guard;
  std::array<std::uint8_t, 160> frame{};
  Bytes rest(data, size);
  while (!rest.empty()) {
    const std::size_t n = std::min<std::size_t>(rest[0], rest.size() - 1);
    if (const auto packet = parse_rtp(rest.subspan(1, n))) {
      const auto from = Address::from("127.0.0.1", packet->sequence);
      (void)guard.judge(*from, packet->ssrc, packet->sequence);
      jitter.put(packet->ssrc, packet->timestamp, packet->payload);
      if (const auto event = parse_event(packet->payload)) (void)events.take(packet->timestamp, *event);
    }
    jitter.get(frame);
    guard.tick();
    (void)events.tick(160);
    rest = rest.subspan(1 + n);
  }
  return 0;
}
