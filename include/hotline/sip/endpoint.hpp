// A SIP endpoint: answers and makes calls with G.711 sound, as hotline::audio::Telephony.
//
// Signalling is sofia-sip's; session descriptions, RTP, keys and the mixing of voices are our own. It faces a
// switch or a session border controller, not the open Internet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hotline/audio/g711.hpp"
#include "hotline/audio/telephony.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"

namespace hotline::sip {

class Stack;  // the signalling thread

struct EndpointOptions {
  std::string address = "127.0.0.1";  // an IP address of this machine; others reach us there
  std::uint16_t port = 5060;          // UDP and TCP; 0 takes a free one
  std::uint16_t first_rtp_port = 20000, last_rtp_port = 29999;
  std::vector<audio::Law> laws{audio::Law::a, audio::Law::mu};  // what we speak, best first
  Duration silent_line{60'000'000'000};  // a call of which nothing is heard for so long is ended; 0: never
  // How long sound is kept back at least to even out the network's rhythm; grows by itself to 200 ms more.
  Duration jitter{60'000'000};
  std::size_t max_calls = 2000;          // more are refused with 486
  std::string user_agent = "hotline";
  // Telephones that may register: user -> password. Empty: nobody registers.
  std::map<std::string, std::string> users;
  std::string realm = "hotline";
  // Where numbers are dialled that nobody registered: "sip:192.0.2.1:5060", with credentials where it asks.
  std::string gateway, gateway_user, gateway_password;
  // Registers there as gateway_user and keeps it up: a trunk that sends calls to whoever has registered. What such a
  // call was dialled as is then read from its To.
  bool gateway_register = false;
};

// From a definition; nothing is required:
//   address: 127.0.0.1            codecs: [pcma, pcmu]      users: {"1001": secret}     gateway: sip:192.0.2.1
//   port: 5060                    silent_line: 60s          realm: hotline              gateway_user: ...
//   rtp_ports: [20000, 29999]     jitter: 60ms              user_agent: hotline         gateway_password: ...
//   max_calls: 2000               gateway_register: true
// Errors: invalid_definition with place (codes D002, D003, D005).
Result<EndpointOptions> read_endpoint_options(const Node& node, std::string_view file = "endpoint");

// Legs end by HungUp with these statuses of SIP, among others: 200 normal, 408 no answer in time, 480 or 486
// busy, 487 given up before the answer, 488 no common codec, 404 nobody of that name.
//
// dial(to) takes a SIP address ("sip:1001@192.0.2.7:5062"), a registered user ("1001") or a number for the
// gateway. bridge(a, b) joins b to a's conversation: bridging a third leg makes a conference. A play on a bridged
// leg is mixed into what it hears. Digits come at the key's end. transfer() ends the leg where it succeeds.
//
// Synchronised. Events come from one thread of the endpoint; commands may be given inside the sink. The sink
// must not destroy the endpoint.
class Endpoint : public audio::Telephony {
 public:
  // Errors: invalid_argument (address), unavailable (the port is taken), io.
  static Result<std::unique_ptr<Endpoint>> start(EndpointOptions options, Sink sink);
  // stop(), where that was not called.
  ~Endpoint() override;
  // Ends all legs with their events; no event comes afterwards, and commands do nothing. Call it before the pointer
  // by which the sink reaches the endpoint goes. Not inside the sink; once, and no other call beside it.
  void stop();

  // "sip:127.0.0.1:5060"
  std::string uri() const;
  struct Registration {
    std::string user, contact;
  };
  std::vector<Registration> registrations() const;
  struct Figures {
    std::uint64_t incoming = 0, outgoing = 0, refused = 0;
    std::size_t live = 0;
    bool registered = false;  // at the gateway
    Duration worst_tick{};  // the longest time that a pacer took for its 20 ms
  };
  Figures figures() const;

  void answer(audio::LegId leg) override;
  audio::LegId dial(const std::string& to, const std::string& caller_id, Duration ring_timeout) override;
  void play(audio::LegId leg, std::vector<audio::Clip> clips, std::uint64_t play) override;
  void stop_play(audio::LegId leg) override;
  void record(audio::LegId leg, audio::RecordOptions options) override;
  void stop_record(audio::LegId leg) override;
  void record_call(audio::LegId leg, std::string path) override;
  void bridge(audio::LegId a, audio::LegId b) override;
  void unbridge(audio::LegId leg) override;
  void join(audio::LegId supervisor, audio::LegId leg, Join mode) override;
  void send_digits(audio::LegId leg, std::string digits) override;
  void transfer(audio::LegId leg, const std::string& to) override;
  void hang_up(audio::LegId leg, int status = 200) override;

 private:
  explicit Endpoint(std::unique_ptr<Stack> stack);
  std::unique_ptr<Stack> stack_;
};

}  // namespace hotline::sip
