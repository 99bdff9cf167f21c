#include "sdp.hpp"

#include <algorithm>
#include <charconv>

namespace hotline::sip {
namespace {

using audio::Law;

constexpr std::size_t kMostBytes = 64 << 10, kMostMedia = 32, kMostFormats = 64;

std::string_view word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end);
  return out;
}

template <class T>
bool number(std::string_view text, T& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size();
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

struct Reader {
  Sdp sdp;
  std::string session_address;
  bool session_sends = true, session_receives = true;
  std::uint32_t line = 0;

  Error wrong(std::string what) const {
    return Error(ErrorCode::invalid_document, std::move(what), "send a description as in RFC 4566", {"sdp", line, 1});
  }

  Status connection(std::string_view value) {
    const auto net = word(value), type = word(value), address = word(value);
    if (net != "IN" || (type != "IP4" && type != "IP6") || address.empty()) return wrong("c= is not `IN IP4 address`");
    const std::string clean(address.substr(0, address.find('/')));
    (sdp.media.empty() ? session_address : sdp.media.back().address) = clean;
    return {};
  }

  Status media(std::string_view value) {
    if (sdp.media.size() >= kMostMedia) return Error(ErrorCode::limit, "more than 32 media lines", "send fewer");
    SdpMedia m;
    m.kind = word(value);
    std::string_view port = word(value);
    port = port.substr(0, port.find('/'));
    m.protocol = upper(word(value));
    if (m.kind.empty() || m.protocol.empty() || !number(port, m.port)) return wrong("m= is not `kind port protocol formats`");
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    m.formats_text = value;
    while (!value.empty()) {
      const std::string_view format = word(value);
      SdpFormat f;
      if (format.empty() || !number(format, f.payload_type) || f.payload_type < 0 || f.payload_type > 127) continue;
      if (m.formats.size() >= kMostFormats) return Error(ErrorCode::limit, "more than 64 formats", "send fewer");
      m.formats.push_back(f);
    }
    m.address = session_address;
    m.sends = session_sends;
    m.receives = session_receives;
    sdp.media.push_back(std::move(m));
    return {};
  }

  void direction(bool sends, bool receives) {
    (sdp.media.empty() ? session_sends : sdp.media.back().sends) = sends;
    (sdp.media.empty() ? session_receives : sdp.media.back().receives) = receives;
  }

  void attribute(std::string_view value) {
    if (value == "sendrecv") direction(true, true);
    else if (value == "sendonly") direction(true, false);
    else if (value == "recvonly") direction(false, true);
    else if (value == "inactive") direction(false, false);
    if (!value.starts_with("rtpmap:") || sdp.media.empty()) return;
    value.remove_prefix(7);
    int type = 0;
    if (!number(word(value), type)) return;
    const std::string_view encoding = word(value);
    const std::size_t slash = encoding.find('/');
    if (slash == std::string_view::npos) return;
    std::string_view clock = encoding.substr(slash + 1);
    clock = clock.substr(0, clock.find('/'));
    for (SdpFormat& f : sdp.media.back().formats)
      if (f.payload_type == type && number(clock, f.clock)) f.encoding = upper(encoding.substr(0, slash));
  }

  Status take(std::string_view text) {
    if (text.size() < 2 || text[1] != '=') return wrong("a line is not `letter=value`");
    const std::string_view value = text.substr(2);
    switch (text[0]) {
      case 'v': return value == "0" ? Status() : Status(wrong("the version is not 0"));
      case 'c': return connection(value);
      case 'm': return media(value);
      case 'a': attribute(value); break;
      default: break;
    }
    return {};
  }
};

std::optional<Law> law_of(const SdpFormat& f) {
  if (f.encoding.empty()) {
    if (f.payload_type == 0) return Law::mu;
    if (f.payload_type == 8) return Law::a;
    return {};
  }
  if (f.clock != audio::kSampleRate) return {};
  if (f.encoding == "PCMA") return Law::a;
  if (f.encoding == "PCMU") return Law::mu;
  return {};
}

std::string family(const std::string& address) { return address.find(':') == std::string::npos ? "IP4 " : "IP6 "; }

std::string head(const LocalMedia& local) {
  const std::string at = "IN " + family(local.address) + local.address;
  return "v=0\r\no=hotline " + std::to_string(local.session) + " " + std::to_string(local.version) + " " + at +
         "\r\ns=-\r\nc=" + at + "\r\nt=0 0\r\n";
}

std::string codec_lines(Law law, int type) {
  return "a=rtpmap:" + std::to_string(type) + (law == Law::a ? " PCMA" : " PCMU") + "/8000\r\n";
}
std::string event_lines(int type) {
  const std::string number = std::to_string(type);
  return "a=rtpmap:" + number + " telephone-event/8000\r\na=fmtp:" + number + " 0-15\r\n";
}

}  // namespace

Result<Sdp> parse_sdp(std::string_view text) {
  if (text.size() > kMostBytes) return Error(ErrorCode::limit, "a description of over 64 KiB", "send a shorter one");
  Reader reader;
  while (!text.empty()) {
    ++reader.line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (reader.line == 1 && line != "v=0") return reader.wrong("the first line is not v=0");
    if (line.empty()) continue;
    HOTLINE_TRY(reader.take(line));
  }
  if (reader.line == 0) return reader.wrong("an empty description");
  return std::move(reader.sdp);
}

std::optional<Agreement> agree(const Sdp& remote, const std::vector<Law>& laws) {
  for (std::size_t i = 0; i < remote.media.size(); ++i) {
    const SdpMedia& m = remote.media[i];
    if (m.kind != "audio" || m.port == 0 || (m.protocol != "RTP/AVP" && m.protocol != "RTP/AVPF")) continue;
    Agreement a;
    bool found = false;
    for (const SdpFormat& f : m.formats) {
      const auto law = law_of(f);
      if (!found && law && std::find(laws.begin(), laws.end(), *law) != laws.end()) {
        found = true;
        a.law = *law;
        a.payload_type = static_cast<std::uint8_t>(f.payload_type);
      }
      if (a.event_type < 0 && f.encoding == "TELEPHONE-EVENT" && f.clock == audio::kSampleRate) a.event_type = f.payload_type;
    }
    if (!found) continue;
    a.media = i;
    a.address = m.address;
    a.port = m.port;
    const bool unreachable = m.address == "0.0.0.0" || m.address == "::";  // the hold of RFC 2543
    a.we_send = m.receives && !unreachable;
    a.we_receive = m.sends;
    return a;
  }
  return {};
}

std::string make_offer(const LocalMedia& local, const std::vector<Law>& laws) {
  std::string types, lines;
  for (const Law law : laws) {
    const int type = law == Law::a ? 8 : 0;
    types += " " + std::to_string(type);
    lines += codec_lines(law, type);
  }
  return head(local) + "m=audio " + std::to_string(local.port) + " RTP/AVP" + types + " " + std::to_string(kOurEventType) +
         "\r\n" + lines + event_lines(kOurEventType) + "a=ptime:20\r\na=sendrecv\r\n";
}

std::string make_answer(const LocalMedia& local, const Sdp& offer, const Agreement& agreement) {
  std::string out = head(local);
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const SdpMedia& m = offer.media[i];
    if (i != agreement.media) {
      out += "m=" + m.kind + " 0 " + m.protocol + " " + (m.formats_text.empty() ? "0" : m.formats_text) + "\r\n";
      continue;
    }
    const int type = agreement.payload_type;
    out += "m=audio " + std::to_string(local.port) + " " + m.protocol + " " + std::to_string(type);
    if (agreement.event_type >= 0) out += " " + std::to_string(agreement.event_type);
    out += "\r\n" + codec_lines(agreement.law, type);
    if (agreement.event_type >= 0) out += event_lines(agreement.event_type);
    out += "a=ptime:20\r\n";
    out += m.sends && m.receives ? "a=sendrecv\r\n" : m.sends ? "a=recvonly\r\n" : m.receives ? "a=sendonly\r\n" : "a=inactive\r\n";
  }
  return out;
}

}  // namespace hotline::sip
