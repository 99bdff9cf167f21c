#include "rtp.hpp"

#include <algorithm>
#include <cstring>

namespace hotline::sip {
namespace {

constexpr std::string_view kKeys = "0123456789*#ABCD";
constexpr std::size_t kLostEnd = audio::kSampleRate * 120 / 1000;

std::uint16_t get16(Bytes b, std::size_t at) { return static_cast<std::uint16_t>(b[at] << 8 | b[at + 1]); }
std::uint32_t get32(Bytes b, std::size_t at) {
  return static_cast<std::uint32_t>(get16(b, at)) << 16 | get16(b, at + 2);
}
void put16(std::uint8_t* to, std::uint16_t v) {
  to[0] = static_cast<std::uint8_t>(v >> 8);
  to[1] = static_cast<std::uint8_t>(v);
}
void put32(std::uint8_t* to, std::uint32_t v) {
  put16(to, static_cast<std::uint16_t>(v >> 16));
  put16(to + 2, static_cast<std::uint16_t>(v));
}

}  // namespace

std::optional<RtpPacket> parse_rtp(Bytes d) {
  if (d.size() < kRtpHeader || d[0] >> 6 != 2) return {};
  std::size_t begin = kRtpHeader + std::size_t{4} * (d[0] & 0x0f);
  if ((d[0] & 0x10) != 0) {
    if (begin + 4 > d.size()) return {};
    begin += 4 + std::size_t{4} * get16(d, begin + 2);
  }
  std::size_t end = d.size();
  if ((d[0] & 0x20) != 0) {
    const std::size_t padding = d.back();
    if (padding == 0 || padding > end) return {};
    end -= padding;
  }
  if (begin > end) return {};
  return RtpPacket{(d[1] & 0x80) != 0, static_cast<std::uint8_t>(d[1] & 0x7f), get16(d, 2), get32(d, 4), get32(d, 8),
                   d.subspan(begin, end - begin)};
}

std::size_t write_rtp(std::span<std::uint8_t> to, const RtpPacket& p) {
  to[0] = 0x80;
  to[1] = static_cast<std::uint8_t>((p.marker ? 0x80 : 0) | p.payload_type);
  put16(&to[2], p.sequence);
  put32(&to[4], p.timestamp);
  put32(&to[8], p.ssrc);
  if (!p.payload.empty() && p.payload.data() != to.data() + kRtpHeader)
    std::memmove(to.data() + kRtpHeader, p.payload.data(), p.payload.size());
  return kRtpHeader + p.payload.size();
}

std::optional<TelephoneEvent> parse_event(Bytes p) {
  if (p.size() < 4) return {};
  return TelephoneEvent{p[0], (p[1] & 0x80) != 0, get16(p, 2)};
}
void write_event(std::span<std::uint8_t, 4> to, const TelephoneEvent& event) {
  to[0] = event.code;
  to[1] = static_cast<std::uint8_t>((event.end ? 0x80 : 0) | 10);  // -10 dBm0
  put16(&to[2], event.duration);
}
char key_of(std::uint8_t code) { return code < kKeys.size() ? kKeys[code] : '\0'; }
int code_of(char key) {
  if (key >= 'a' && key <= 'd') key = static_cast<char>(key - 'a' + 'A');
  const auto at = kKeys.find(key);
  return at == std::string_view::npos || key == '\0' ? -1 : static_cast<int>(at);
}

std::optional<EventReceiver::Key> EventReceiver::end() {
  if (!down_) return {};
  down_ = false;
  return Key{key_of(last_.code), audio::length_of(last_.duration)};
}

std::optional<EventReceiver::Key> EventReceiver::take(std::uint32_t timestamp, const TelephoneEvent& event) {
  if (key_of(event.code) == '\0') return {};
  const auto ahead = static_cast<std::int32_t>(timestamp - timestamp_);
  // An earlier key's packet that comes late, within ten seconds; beyond that the sender has a new clock.
  if (any_ && ahead < 0 && ahead > -10 * audio::kSampleRate) return {};
  std::optional<Key> finished;
  if (!any_ || ahead != 0) {
    finished = end();
    any_ = true;
    down_ = true;
    timestamp_ = timestamp;
    last_ = event;
  } else if (!down_) {
    return {};  // a repeated end
  }
  last_.duration = std::max(last_.duration, event.duration);
  quiet_ = 0;
  if (event.end && !finished) return end();
  // Both the lost end of the one before and the end of this one: this one ends at the next packet or tick.
  if (event.end) quiet_ = kLostEnd;
  return finished;
}

std::optional<EventReceiver::Key> EventReceiver::tick(std::size_t samples) {
  if (!down_) return {};
  quiet_ += samples;
  return quiet_ > kLostEnd ? end() : std::nullopt;
}

std::size_t write_sender_report(std::span<std::uint8_t> to, const SenderReport& r, std::string_view name) {
  name = name.substr(0, 200);
  std::uint8_t* p = to.data();
  p[0] = 0x80;
  p[1] = 200;
  put16(p + 2, 6);
  put32(p + 4, r.ssrc);
  put32(p + 8, static_cast<std::uint32_t>(r.ntp >> 32));
  put32(p + 12, static_cast<std::uint32_t>(r.ntp));
  put32(p + 16, r.rtp_timestamp);
  put32(p + 20, r.packets);
  put32(p + 24, r.bytes);
  p += 28;
  const std::size_t items = 2 + name.size() + 1, padded = (items + 3) / 4 * 4;
  p[0] = 0x81;
  p[1] = 202;
  put16(p + 2, static_cast<std::uint16_t>(1 + padded / 4));
  put32(p + 4, r.ssrc);
  std::memset(p + 8, 0, padded);
  p[8] = 1;
  p[9] = static_cast<std::uint8_t>(name.size());
  std::memcpy(p + 10, name.data(), name.size());
  return 28 + 8 + padded;
}

std::size_t write_bye(std::span<std::uint8_t> to, std::uint32_t ssrc) {
  to[0] = 0x80;  // an empty receiver report comes first
  to[1] = 201;
  put16(&to[2], 1);
  put32(&to[4], ssrc);
  to[8] = 0x81;
  to[9] = 203;
  put16(&to[10], 1);
  put32(&to[12], ssrc);
  return 16;
}

}  // namespace hotline::sip
