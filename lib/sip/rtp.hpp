// RTP packets (RFC 3550), keys as telephone-events (RFC 4733), RTCP as far as it is polite. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "hotline/audio/pcm.hpp"

namespace hotline::sip {

using Bytes = std::span<const std::uint8_t>;

struct RtpPacket {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  Bytes payload;
};
constexpr std::size_t kRtpHeader = 12;
// Anything that is not a well-formed packet of version 2: empty.
std::optional<RtpPacket> parse_rtp(Bytes datagram);
// Header, then the payload; returns the datagram's size. `to` holds kRtpHeader + payload.
std::size_t write_rtp(std::span<std::uint8_t> to, const RtpPacket& packet);

struct TelephoneEvent {
  std::uint8_t code = 0;  // 0-9, 10 *, 11 #, 12-15 A-D
  bool end = false;
  std::uint16_t duration = 0;  // in samples
};
std::optional<TelephoneEvent> parse_event(Bytes payload);
void write_event(std::span<std::uint8_t, 4> to, const TelephoneEvent& event);
// 0 for codes that are no keys, -1 for keys that have no code.
char key_of(std::uint8_t code);
int code_of(char key);

// Packets of events -> keys, each once, at its end. A new key is a new timestamp; the end is sent three times
// and may be lost, in whole or in part. Confined.
class EventReceiver {
 public:
  struct Key {
    char key;
    Duration held;
  };
  std::optional<Key> take(std::uint32_t timestamp, const TelephoneEvent& event);
  // Time passes: a key whose end was lost ends after 120 ms without a packet.
  std::optional<Key> tick(std::size_t samples);

 private:
  std::optional<Key> end();
  bool down_ = false;
  bool any_ = false;
  std::uint32_t timestamp_ = 0;
  TelephoneEvent last_;
  std::size_t quiet_ = 0;
};

// A sender report with the source's canonical name (RFC 3550, 6.4.1 and 6.5), or BYE.
struct SenderReport {
  std::uint32_t ssrc = 0, rtp_timestamp = 0, packets = 0, bytes = 0;
  std::uint64_t ntp = 0;
};
std::size_t write_sender_report(std::span<std::uint8_t> to, const SenderReport& report, std::string_view name);
std::size_t write_bye(std::span<std::uint8_t> to, std::uint32_t ssrc);

}  // namespace hotline::sip
