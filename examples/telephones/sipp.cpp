#include "telephones/sipp.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

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

std::string SippCaller::scripted(const std::vector<std::string>& steps, bool hangs_up) {
  const std::string sdp =
      "v=0\no=sipp 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n"
      "m=audio [media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"caller\">\n" +
                    request("INVITE", "1", "Content-Type: application/sdp\n", sdp) +
                    "  <recv response=\"100\" optional=\"true\"/>\n  <recv response=\"180\" optional=\"true\"/>\n"
                    "  <recv response=\"200\" rtd=\"true\"/>\n" + request("ACK", "1");
  for (const std::string& step : steps) {
    std::string file, ms;
    if (step.starts_with("wait ")) {
      out += "  <pause milliseconds=\"" + step.substr(5) + "\"/>\n";
      continue;
    }
    // sipp stops what plays when the next begins: each is given its time.
    if (step == "speech") file = "g711a.pcap", ms = "8500";
    else if (step == "#") file = "dtmf_2833_pound.pcap", ms = "400";
    else if (step == "*") file = "dtmf_2833_star.pcap", ms = "400";
    else file = "dtmf_2833_" + step + ".pcap", ms = "400";
    out += "  <nop><action><exec play_pcap_audio=\"" + std::string(kPcap) + file + "\"/></action></nop>\n";
    out += "  <pause milliseconds=\"" + ms + "\"/>\n";
  }
  if (hangs_up) {
    out += request("BYE", "2") + "  <recv response=\"200\"/>\n";
  } else {
    out += "  <recv request=\"BYE\"/>\n  <send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n"
           "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n";
  }
  return out + "</scenario>\n";
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
                                   "-min_rtp_port", std::to_string(33000 + port % 2500 * 2)};
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
