// Session descriptions (RFC 4566) as far as telephones use them, and what two of them agree on (RFC 3264).
// Pure: bytes in, values out; hostile input gives an error, never more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/audio/g711.hpp"
#include "hotline/base/result.hpp"

namespace hotline::sip {

struct SdpFormat {
  int payload_type = 0;
  std::string encoding;  // upper case, "" where there is no rtpmap
  int clock = 0;
};

struct SdpMedia {
  std::string kind;      // "audio"
  std::uint16_t port = 0;
  std::string protocol;  // "RTP/AVP"
  std::string formats_text;
  std::vector<SdpFormat> formats;
  std::string address;   // its own or the session's; may be a name, or ""
  bool sends = true, receives = true;  // as the writer of the description sees it
};

struct Sdp {
  std::vector<SdpMedia> media;
};

// Errors: invalid_document with the line; limit (over 64 KiB, 32 media, 64 formats each).
Result<Sdp> parse_sdp(std::string_view text);

// What the two sides will speak. `event_type` is the remote's payload type of telephone-event, -1 for none.
struct Agreement {
  std::size_t media = 0;  // which m= line
  audio::Law law = audio::Law::a;
  std::uint8_t payload_type = 8;
  int event_type = -1;
  std::string address;
  std::uint16_t port = 0;
  bool we_send = true, we_receive = true;  // false: held
};
// The remote's first choice among `laws`. Nothing in common: empty (-> 488).
std::optional<Agreement> agree(const Sdp& remote, const std::vector<audio::Law>& laws);

struct LocalMedia {
  std::string address;
  std::uint16_t port = 0;
  std::uint64_t session = 1;
  std::uint64_t version = 1;  // grows with each description that differs
};
constexpr int kOurEventType = 101;
std::string make_offer(const LocalMedia& local, const std::vector<audio::Law>& laws);
// Answers line by line: what was not chosen gets port 0 (RFC 3264, 6).
std::string make_answer(const LocalMedia& local, const Sdp& offer, const Agreement& agreement);

}  // namespace hotline::sip
