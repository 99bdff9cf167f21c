// A switch that is not ours between us and the telephones: kamailio, which routes, registers, asks for passwords, forks.
#include <fstream>
#include <thread>

#include "raw.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

class Kamailio {
 public:
  explicit Kamailio(const Folder& folder) : port_(telephones::three_free_ports()) {
    std::filesystem::create_directories(folder / "kamailio");
    const std::string file = folder / "kamailio/kamailio.cfg";
    std::ofstream(file) << "#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nlisten=udp:" << address() << R"(
loadmodule "kex"
loadmodule "tm"
loadmodule "sl"
loadmodule "rr"
loadmodule "pv"
loadmodule "maxfwd"
loadmodule "usrloc"
loadmodule "registrar"
loadmodule "textops"
loadmodule "siputils"
loadmodule "auth"
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not here"); exit;
  }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("switch", "secret", "0")) { www_challenge("switch", "1"); exit; }
    save("location"); exit;
  }
  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("switch", "secret", "0")) { proxy_challenge("switch", "1"); exit; }
    consume_credentials();
    record_route();
    if ($rU == "12345") $rU = "hotline";
    if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
    t_relay();
  }
}
)";
    program_ = telephones::Program::start({"/usr/sbin/kamailio", "-f", file, "-DD", "-E", "-m", "32", "-M", "4", "-w", folder / "kamailio", "-Y", folder / "kamailio"},
                                          folder / "kamailio", folder / "kamailio/log").value();
    wait_until_it_listens();
  }
  static bool installed() { return std::filesystem::exists("/usr/sbin/kamailio"); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  EndpointOptions trunk(const std::string& password = "secret") const {
    EndpointOptions options;
    options.gateway = "sip:" + address();
    options.gateway_user = "hotline";
    options.gateway_password = password;
    options.gateway_register = true;
    return options;
  }

 private:
  // Until it answers anything (a request without a dialogue is not here).
  void wait_until_it_listens() {
    Socket probe("127.0.0.1");
    const std::string at = "127.0.0.1:" + std::to_string(probe.port());
    const std::string request = "BYE sip:x@" + address() + " SIP/2.0\r\nVia: SIP/2.0/UDP " + at + ";branch=z9hG4bKprobe\r\nFrom: <sip:x@" + at + ">;tag=1\r\nTo: <sip:x@" +
                                address() + ">;tag=2\r\nCall-ID: probe\r\nCSeq: 1 BYE\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n";
    const auto to = Address::from("127.0.0.1", port_).value();
    const auto end = std::chrono::steady_clock::now() + kPatience;
    do probe.send(to, request.data(), request.size());
    while (probe.receive(100ms).empty() && std::chrono::steady_clock::now() < end && program_.running());
  }

  std::uint16_t port_;
  telephones::Program program_;
};

#define NEEDS_SWITCH()                                                    \
  NEEDS("baresip");                                                       \
  if (!Kamailio::installed()) GTEST_SKIP() << "kamailio is not installed"

bool registers(Host& host) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!host->figures().registered && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(50ms);
  return host->figures().registered;
}

auto extension(const Folder& folder, const Kamailio& kamailio, const std::string& name, const std::string& where,
               BaresipPhone::Answer answer = BaresipPhone::Answer::automatic) {
  auto phone = BaresipPhone::start({.name = name, .folder = folder / where, .answer = answer, .registrar = kamailio.address(), .password = "secret"}).value();
  EXPECT_TRUE(phone->logs("200 OK", kPatience));
  return phone;
}

}  // namespace

TEST(Switch, CallsComeInOverATrunkThatWeRegisteredAt) {
  NEEDS_SWITCH();
  const Folder folder;
  const Kamailio kamailio(folder);
  Host host(kamailio.trunk());
  ASSERT_TRUE(registers(host));
  auto citizen = extension(folder, kamailio, "1001", "citizen");
  ASSERT_TRUE(citizen->dial("sip:12345@" + kamailio.address()).ok());
  const auto incoming = host.next<event::Incoming>();
  EXPECT_EQ(incoming.from, "1001");
  EXPECT_EQ(incoming.to, "12345") << "what was dialled, not the name that we registered";
  host->answer(incoming.leg);
  host.next<event::Answered>(incoming.leg);
  const audio::Pcm prompt = babble(11, 2s);
  host->play(incoming.leg, {{prompt, {}}}, 1);
  EXPECT_TRUE(citizen->hears(prompt, kPatience, 0.97));
  ASSERT_TRUE(citizen->press("42").ok());
  EXPECT_EQ(host.keys(2), "42");
  host->hang_up(incoming.leg);  // over the route that the switch recorded
  EXPECT_TRUE(citizen->wait("CALL_CLOSED", kPatience));
}

TEST(Switch, CallsGoOutWithAPasswordAndTheFirstTelephoneToAnswerHasThem) {
  NEEDS_SWITCH();
  const Folder folder;
  const Kamailio kamailio(folder);
  Host host(kamailio.trunk());
  ASSERT_TRUE(registers(host));
  auto desk = extension(folder, kamailio, "801", "desk", BaresipPhone::Answer::by_hand);
  auto mobile = extension(folder, kamailio, "801", "mobile", BaresipPhone::Answer::by_hand);
  const LegId leg = host->dial("801", "13800138000", 20s);
  host.next<event::Ringing>(leg);
  ASSERT_TRUE(desk->wait("CALL_INCOMING", kPatience) && mobile->wait("CALL_INCOMING", kPatience));
  ASSERT_TRUE(mobile->accept().ok());
  host.next<event::Answered>(leg);
  EXPECT_TRUE(desk->wait("CALL_CLOSED", kPatience)) << "the other one stops ringing";
  ASSERT_TRUE(mobile->press("7").ok());
  EXPECT_EQ(host.keys(1, leg), "7");
  ASSERT_TRUE(mobile->hang_up().ok());
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
  EXPECT_EQ(host.next<event::HungUp>(host->dial("999", "12345", 20s)).status, 404);
}

TEST(Switch, AWrongPasswordIsNoRegistrationAndNoCall) {
  NEEDS_SWITCH();
  const Folder folder;
  const Kamailio kamailio(folder);
  Host host(kamailio.trunk("guess"));
  EXPECT_EQ(host.next<event::HungUp>(host->dial("801", "12345", 20s)).status, 407);
  EXPECT_FALSE(host->figures().registered);
}

// The same without a switch: one endpoint is the registrar of the other.
TEST(Trunk, RegistersAtAnotherEndpointAndIsDialledThere) {
  Host exchange({.users = {{"hotline", "secret"}}});
  EndpointOptions options;
  options.gateway = "sip:" + exchange.address();
  options.gateway_user = "hotline";
  options.gateway_password = "secret";
  options.gateway_register = true;
  Host host(options);
  ASSERT_TRUE(registers(host));
  ASSERT_EQ(exchange->registrations().size(), 1u);
  const LegId out = exchange->dial("hotline", "13800138000", 20s);
  EXPECT_EQ(host.next<event::Incoming>().from, "13800138000");
  exchange->hang_up(out);
  host.stop();
  EXPECT_TRUE(exchange->registrations().empty()) << "a stopped endpoint is not rung";
}
