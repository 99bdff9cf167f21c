// The signalling thread: sofia-sip's event loop, the calls, and the queue by which others reach them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "dispatcher.hpp"
#include "hotline/sip/endpoint.hpp"
#include "media.hpp"
#include "registrar.hpp"

struct nua_handle_s;
namespace hotline::sip {
struct Call;
}
#define NUA_MAGIC_T hotline::sip::Stack
#define NUA_HMAGIC_T hotline::sip::Call
#define SU_ROOT_MAGIC_T hotline::sip::Stack
#define SU_TIMER_ARG_T void

namespace hotline::sip {

// The last event of a leg. Kept by the call, its session and its recordings: sent when the last lets go.
struct Ending {
  audio::LegId leg;
  int status = 200;
  std::string reason;
  Dispatcher* out = nullptr;
  ~Ending() { out->push(audio::event::HungUp{leg, status, reason}); }
};

enum class Phase : std::uint8_t { ringing_here, ringing_there, up, over };

// Confined to the signalling thread.
struct Call {
  audio::LegId leg;
  nua_handle_s* handle = nullptr;
  Phase phase = Phase::ringing_here;
  bool outgoing = false;
  bool answered_event = false;
  bool offer_is_ours = false;  // the remote's next description answers ours
  bool transferring = false;
  bool held = false;
  bool tried_password = false;
  std::shared_ptr<Session> session;
  Pacer* pacer = nullptr;
  std::shared_ptr<Ending> ending;
  std::shared_ptr<Conference> conference;
  LocalMedia local;
  std::optional<Sdp> offer;  // of the INVITE that waits for our answer
  std::optional<Agreement> agreement;
  std::optional<Agreement> early;  // from a description that came before the answer
  std::chrono::steady_clock::time_point ring_until = std::chrono::steady_clock::time_point::max();
};

}  // namespace hotline::sip

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_tag_io.h>
#include <sofia-sip/su_wait.h>

namespace hotline::sip {

class Stack {
 public:
  using Sink = audio::Telephony::Sink;
  using Join = audio::Telephony::Join;
  using Registration = Endpoint::Registration;
  using Figures = Endpoint::Figures;

  Stack(EndpointOptions options, Sink sink);
  ~Stack();
  Status start();
  void stop();

  void post(std::function<void()> work);
  audio::LegId new_leg() { return audio::LegId{++last_leg_}; }
  const std::string& uri() const { return uri_; }
  std::vector<Registration> registrations() const { return registrar_.list(); }
  Figures figures() const;

  // In the signalling thread.
  Call* find(audio::LegId leg);
  template <class Work>
  void in_session(audio::LegId leg, Work work) {
    if (Call* call = find(leg)) in_session(*call, std::move(work));
  }
  template <class Work>
  void in_session(Call& call, Work work) {
    call.pacer->post([session = call.session, work = std::move(work)]() mutable { work(*session); });
  }
  void answer(Call& call);
  void dial(audio::LegId leg, const std::string& to, const std::string& caller_id, Duration ring_timeout);
  void bridge(audio::LegId a, audio::LegId b);
  void unbridge(audio::LegId leg);
  void join(audio::LegId supervisor, audio::LegId leg, Join mode);
  void transfer(Call& call, const std::string& to);
  void hang_up(Call& call, int status);

 private:
  static void on_event(nua_event_t event, int status, char const* phrase, nua_t* nua, Stack* self, nua_handle_t* handle,
                       Call* call, sip_t const* sip, tagi_t tags[]);
  void run(std::atomic<int>& started);
  void work();
  void every_tenth();
  bool stop_now();

  // calls.cpp
  void incoming(nua_handle_t* handle, sip_t const* sip);
  void offered_again(Call& call, sip_t const* sip);
  void acknowledged(Call& call, sip_t const* sip);
  void invite_answered(Call& call, int status, char const* phrase, sip_t const* sip);
  void authenticate(Call& call, sip_t const* sip, int status, char const* phrase);
  void state_changed(Call& call, int state);
  void info(nua_handle_t* handle, Call* call, sip_t const* sip);
  void asked_to_transfer(nua_handle_t* handle, Call* call, sip_t const* sip);
  void notified(Call& call, sip_t const* sip);
  void registers(nua_handle_t* handle, sip_t const* sip);
  // trunk.cpp: our registration at the gateway
  void register_at_gateway();
  void registered(int status, sip_t const* sip);
  std::string secret_for(sip_t const* sip, int status) const;  // "": we have none, or nothing is asked

  bool open_session(Call& call);
  void apply(Call& call, const Agreement& agreement);
  void up(Call& call);
  void finish(Call& call, int status, std::string reason);
  void drop(Call& call);  // nothing of it remains
  void refuse(nua_handle_t* handle, int status, const char* phrase);
  std::shared_ptr<Conference> conference_of(Call& call);
  void seat(Call& call, const std::shared_ptr<Conference>& conference, Conference::Role role, audio::LegId target);
  std::string reachable(const std::string& to) const;

  EndpointOptions options_;
  Dispatcher dispatcher_;
  PortRange ports_;
  Registrar registrar_;
  std::string uri_;
  std::atomic<std::uint64_t> last_leg_{0};
  std::atomic<std::uint64_t> incoming_{0}, outgoing_{0}, refused_{0};
  std::atomic<std::size_t> live_{0};
  std::atomic<bool> registered_{false};
  nua_handle_t* trunk_ = nullptr;
  bool trunk_password_tried_ = false;
  std::chrono::steady_clock::time_point trunk_again_ = std::chrono::steady_clock::time_point::max();

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  int wake_fd_ = -1;
  std::atomic<bool> stopping_{false};
  bool shutdown_done_ = false;
  std::chrono::steady_clock::time_point stop_by_{};

  su_root_t* root_ = nullptr;
  nua_t* nua_ = nullptr;
  std::unordered_map<audio::LegId, std::unique_ptr<Call>> calls_;  // live ones, by leg
  std::unordered_map<Call*, std::unique_ptr<Call>> over_;          // waiting for the end of their dialogue
  std::unique_ptr<Media> media_;
  Duration worst_tick_{};
  std::thread thread_;
};

}  // namespace hotline::sip
