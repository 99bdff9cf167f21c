#include "telephones/sipp.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "hotline/audio/g711.hpp"

namespace telephones {

using namespace hotline;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPcap = "/usr/share/sip-tester/";

std::string request(const std::string& method, const std::string& cseq, const std::string& more = {},
                    const std::string& body = {}) {
  const bool invite = method == "INVITE";
  std::string text = method + " sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n"
                     "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                     "From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]\n"
                     "To: <sip:[service]@[remote_ip]:[remote_port]>";
  if (!invite) text += "[peer_tag_param]";
  text += "\nCall-ID: [call_id]\nCSeq: " + cseq + " " + method +
          "\nContact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\n" + more + "Content-Length: [len]\n\n" + body;
  return "  <send" + std::string(method == "ACK" ? "" : " retrans=\"500\"") + "><![CDATA[\n" + text + "\n]]></send>\n";
}

}  // namespace

std::string SippCaller::scripted(const Script& script) {
  const std::string events = script.keys_as_events ? " 101" : "";
  std::string sdp =
      "v=0\no=sipp 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n"
      "m=audio [media_port] RTP/AVP 8" + events + "\na=rtpmap:8 PCMA/8000\n";
  if (script.keys_as_events) sdp += "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";
  const std::string type = "Content-Type: application/sdp\n";
  const auto with = [&](bool there) { return there ? type : std::string(); };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"caller\">\n" +
                    request("INVITE", "1", with(script.offers), script.offers ? sdp : "") +
                    "  <recv response=\"100\" optional=\"true\"/>\n  <recv response=\"180\" optional=\"true\"/>\n"
                    "  <recv response=\"200\" rtd=\"true\"/>\n" +
                    request("ACK", "1", with(!script.offers), script.offers ? "" : sdp);
  for (const std::string& step : script.steps) {
    std::istringstream words(step);
    std::string what, file, ms = "400";
    words >> what;
    if (what == "wait") {
      words >> ms;
      out += "  <pause milliseconds=\"" + ms + "\"/>\n";
      continue;
    }
    // sipp stops what plays when the next begins: each is given its time.
    if (what == "speech") file = std::string(kPcap) + "g711a.pcap";
    else if (what == "file") words >> file;
    else file = kPcap + ("dtmf_2833_" + (what == "#" ? "pound" : what == "*" ? "star" : what)) + ".pcap";
    if (what == "speech" || what == "file") words >> ms;
    out += "  <nop><action><exec play_pcap_audio=\"" + file + "\"/></action></nop>\n";
    out += "  <pause milliseconds=\"" + ms + "\"/>\n";
  }
  if (script.hangs_up) {
    out += request("BYE", "2") + "  <recv response=\"200\"/>\n";
  } else {
    out += "  <recv request=\"BYE\"/>\n  <send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n"
           "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n";
  }
  return out + "</scenario>\n";
}

// pcap (little-endian, Ethernet) of IPv4 UDP packets; sipp takes the payloads and their times.
Status SippCaller::write_pcap(const std::string& path, audio::SampleView sound, std::size_t packet) {
  std::string out;
  const auto put = [&](std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i));
  };
  const auto network = [&](std::uint64_t v, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(v >> (8 * i));
  };
  put(0xa1b2c3d4, 4);
  put(2, 2), put(4, 2), put(0, 4), put(0, 4), put(65535, 4), put(1, 4);
  std::uint16_t sequence = 0;
  for (std::size_t at = 0; at < sound.size(); at += packet) {
    const std::size_t n = std::min(packet, sound.size() - at), udp = 8 + 12 + n;
    const std::uint64_t us = at * 125;
    put(us / 1'000'000, 4), put(us % 1'000'000, 4), put(14 + 20 + udp, 4), put(14 + 20 + udp, 4);
    out.append(12, '\0');
    network(0x0800, 2);
    network(0x4500, 2), network(20 + udp, 2), network(0, 4), network(0x4011, 2), network(0, 2);
    network(0x7f000001, 4), network(0x7f000001, 4);
    network(4000, 2), network(4002, 2), network(udp, 2), network(0, 2);
    network(0x8008, 2), network(sequence++, 2), network(at, 4), network(0x5150, 4);
    for (const std::int16_t s : sound.subspan(at, n)) out += static_cast<char>(audio::encode_g711(audio::Law::a, s));
  }
  std::ofstream file(path, std::ios::binary);
  file << out;
  file.close();
  return file ? Status() : Status(Error(ErrorCode::io, "cannot write `" + path + "`"));
}

Result<SippCaller> SippCaller::start(Options options) {
  SippCaller caller;
  caller.options_ = std::move(options);
  Options& o = caller.options_;
  std::error_code problem;
  std::filesystem::create_directories(o.folder, problem);
  o.folder = std::filesystem::absolute(o.folder, problem).string();
  const std::uint16_t port = three_free_ports();
  std::vector<std::string> command{o.program, o.target, "-s", o.number, "-i", "127.0.0.1", "-p", std::to_string(port),
                                   "-m", std::to_string(o.calls), "-r", std::to_string(static_cast<int>(o.per_second)),
                                   "-l", std::to_string(o.at_once), "-nostdin", "-trace_stat", "-stf", "stat.csv", "-fd", "1",
                                   "-trace_err", "-error_file", "errors.log", "-timeout_error",
                                   "-mi", "127.0.0.1",
                                   "-mp", std::to_string(10000 + port % 2900 * 6)};
  if (o.scenario.empty()) {
    command.insert(command.end(), {"-sn", "uac", "-d", std::to_string(o.hold / 1ms)});
  } else {
    std::ofstream(o.folder + "/scenario.xml") << o.scenario;
    command.insert(command.end(), {"-sf", "scenario.xml"});
  }
  if (o.tcp) command.insert(command.end(), {"-t", "t1"});
  command.insert(command.end(), o.more.begin(), o.more.end());
  HOTLINE_ASSIGN(caller.program_, Program::start(command, o.folder, o.folder + "/log"));
  return caller;
}

Result<SippCaller::Figures> SippCaller::wait(Duration timeout) {
  const auto status = program_.wait(timeout);
  if (!status) return Error(ErrorCode::timed_out, "sipp did not end in " + to_string(timeout), "see " + options_.folder + "/errors.log");
  Figures figures;
  figures.exit_status = *status;
  std::ifstream file(options_.folder + "/stat.csv");
  std::string head, last;
  std::getline(file, head);
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  std::map<std::string, long> values;
  std::istringstream names(head), fields(last);
  for (std::string name, field; std::getline(names, name, ';') && std::getline(fields, field, ';');)
    values[name] = std::atol(field.c_str());
  figures.successful = values["SuccessfulCall(C)"];
  figures.failed = values["FailedCall(C)"];
  figures.retransmissions = values["Retransmissions(C)"];
  return figures;
}

}  // namespace telephones
