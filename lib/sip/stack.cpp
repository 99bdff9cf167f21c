#include "stack.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <sofia-sip/su_log.h>

#include <chrono>

namespace hotline::sip {

using namespace std::chrono_literals;
using audio::LegId;
using Clock = std::chrono::steady_clock;

namespace {

// The library never prints: sofia-sip does, unless told otherwise.
void say_nothing(void*, char const*, va_list) {}

// `port`, or where it is 0 any, if it can be had for UDP and TCP now; else 0. sofia-sip asks the same, but what it
// allocated until the answer is no it never frees.
std::uint16_t free_port(const std::string& host, std::uint16_t port) {
  for (int tries = 0; tries < (port == 0 ? 50 : 1); ++tries) {
    auto at = Address::from(host, port);
    if (!at) return 0;
    const int udp = ::socket(at->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int tcp = ::socket(at->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;  // a connection that just ended does not hold its port
    ::setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    std::uint16_t found = 0;
    if (::bind(udp, at->get(), at->size) == 0) {
      Address got;
      got.size = sizeof got.storage;
      ::getsockname(udp, reinterpret_cast<sockaddr*>(&got.storage), &got.size);
      if (::bind(tcp, got.get(), got.size) == 0) found = got.port();
    }
    ::close(udp);
    ::close(tcp);
    if (found != 0) return found;
  }
  return 0;
}

}  // namespace

Stack::Stack(EndpointOptions options, Sink sink)
    : options_(std::move(options)), dispatcher_(std::move(sink)),
      ports_(options_.address, options_.first_rtp_port, options_.last_rtp_port), registrar_(options_.users, options_.realm) {
  media_ = std::make_unique<Media>();
  media_->shared().emit = [this](audio::TelephonyEvent event) { dispatcher_.push(std::move(event)); };
  media_->shared().silent = [this](LegId leg) {
    post([this, leg] {
      if (Call* call = find(leg)) hang_up(*call, 408);
    });
  };
  media_->shared().jitter = static_cast<std::uint32_t>(audio::samples_in(options_.jitter));
  media_->shared().silent_frames = static_cast<std::uint64_t>(options_.silent_line / 20ms);
}

Status Stack::start() {
  if (!Address::from(options_.address, 0))
    return Error(ErrorCode::invalid_argument, "`" + options_.address + "` is not an IP address", "give a number, as 127.0.0.1");
  if (options_.laws.empty()) return Error(ErrorCode::invalid_argument, "no codec is given", "name A-law, mu-law or both");
  { HOTLINE_ASSIGN(const SocketPair probe, ports_.open()); }
  const bool six = options_.address.find(':') != std::string::npos;
  const std::string host = "sip:" + (six ? "[" + options_.address + "]" : options_.address) + ":";
  const std::uint16_t port = free_port(options_.address, options_.port);
  uri_ = host + std::to_string(port != 0 ? port : options_.port);
  const Error taken(ErrorCode::unavailable, "cannot listen on " + uri_, "is the port taken, or the address not this machine's?");
  if (port == 0) return taken;
  options_.port = port;
  wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<int> started{0};
  thread_ = std::thread([&] { run(started); });
  started.wait(0);
  if (started == 1) return {};
  thread_.join();
  return taken;
}

Stack::~Stack() {
  stop();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

void Stack::stop() {
  if (thread_.joinable()) {
    stopping_ = true;
    post([] {});
    thread_.join();
  }
  if (media_) worst_tick_ = media_->worst_tick();
  media_.reset();  // closes sessions, finishes recordings
  calls_.clear();
  over_.clear();
  dispatcher_.stop();
}

void Stack::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_fd_, &one, sizeof one);
}

void Stack::work() {
  std::uint64_t count = 0;
  (void)!::read(wake_fd_, &count, sizeof count);
  std::vector<std::function<void()>> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(posted_);
  }
  for (auto& one : now) one();
}

void Stack::run(std::atomic<int>& started) {
  su_init();
  for (su_log_t* log : {su_log_default, su_log_global}) {
    su_log_set_level(log, 0);
    su_log_redirect(log, say_nothing, nullptr);
  }
  root_ = su_root_create(this);
  su_root_threading(root_, 0);
  const std::string agent = options_.user_agent;
  std::string allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, INFO";
  if (registrar_.enabled()) allow += ", REGISTER";
  nua_ = nua_create(root_, on_event, this, NUTAG_URL(uri_.c_str()), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOANSWER(0),
                    NUTAG_AUTOALERT(0), NUTAG_SESSION_TIMER(0), SIPTAG_ALLOW_STR(allow.c_str()),
                    // One tag a method: joining lists reads beyond their end (sofia-sip of 2011).
                    NUTAG_APPL_METHOD("REFER"), NUTAG_APPL_METHOD("INFO"), NUTAG_APPL_METHOD("REGISTER"),
                    SIPTAG_USER_AGENT_STR(agent.c_str()), TAG_END());
  if (nua_ == nullptr) {
    su_root_destroy(root_);
    su_deinit();
    started = 2;
    started.notify_all();
    return;
  }
  register_at_gateway();
  su_wait_t wait[1];
  su_wait_create(wait, wake_fd_, SU_WAIT_IN);
  const int registered = su_root_register(
      root_, wait, [](Stack* self, su_wait_t*, su_wakeup_arg_t*) { return self->work(), 0; }, nullptr, 0);
  started = 1;
  started.notify_all();
  auto next = Clock::now();
  while (!stop_now()) {
    su_root_step(root_, 100);
    if (Clock::now() < next) continue;
    next = Clock::now() + 100ms;
    every_tenth();
  }
  work();
  if (trunk_ != nullptr) nua_handle_destroy(trunk_);
  su_root_deregister(root_, registered);
  nua_destroy(nua_);
  su_root_destroy(root_);
  su_deinit();
}

// First the legs are hung up; dialogues whose peer does not answer are given a second; then the stack closes.
bool Stack::stop_now() {
  if (!stopping_) return false;
  if (stop_by_ == Clock::time_point{}) {
    stop_by_ = Clock::now() + 1s;
    while (!calls_.empty()) hang_up(*calls_.begin()->second, 480);
  }
  if (!over_.empty() && Clock::now() < stop_by_) return false;
  while (!over_.empty()) drop(*over_.begin()->first);
  static constexpr auto kNever = Clock::time_point::max();
  if (stop_by_ != kNever) {
    // A gateway that never took us need not be told; sofia-sip would wait half a minute for its word.
    if (trunk_ != nullptr && !registered_) nua_handle_destroy(std::exchange(trunk_, nullptr));
    nua_shutdown(nua_);
  }
  stop_by_ = kNever;
  return shutdown_done_;
}

void Stack::every_tenth() {
  const auto now = Clock::now();
  if (trunk_again_ < now) register_at_gateway();
  std::vector<Call*> unanswered;
  for (const auto& [leg, call] : calls_)
    if (call->phase == Phase::ringing_there && call->ring_until < now) unanswered.push_back(call.get());
  for (Call* call : unanswered) hang_up(*call, 408);
}

Call* Stack::find(LegId leg) {
  const auto found = calls_.find(leg);
  return found == calls_.end() ? nullptr : found->second.get();
}

Endpoint::Figures Stack::figures() const {
  return {incoming_, outgoing_, refused_, live_, registered_, media_ ? media_->worst_tick() : worst_tick_};
}

void Stack::on_event(nua_event_t event, int status, char const* phrase, nua_t*, Stack* self,
                               nua_handle_t* handle, Call* call, sip_t const* sip, tagi_t tags[]) {
  switch (event) {
    case nua_i_invite:
      if (call == nullptr) self->incoming(handle, sip);
      else self->offered_again(*call, sip);
      break;
    case nua_i_ack:
      if (call != nullptr) self->acknowledged(*call, sip);
      break;
    case nua_r_invite:
      if (call != nullptr) self->invite_answered(*call, status, phrase, sip);
      break;
    case nua_i_bye:
      if (call != nullptr) self->finish(*call, 200, "the party hung up");
      break;
    case nua_i_cancel:
      if (call != nullptr) self->finish(*call, 487, "the party gave up");
      break;
    case nua_i_state: {
      int state = nua_callstate_init;
      tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
      if (call != nullptr) self->state_changed(*call, state);
      break;
    }
    case nua_i_info: self->info(handle, call, sip); break;
    case nua_i_refer: self->asked_to_transfer(handle, call, sip); break;
    case nua_i_notify:
      if (call != nullptr) self->notified(*call, sip);
      break;
    case nua_r_refer:
      if (call != nullptr && call->transferring && status >= 300) {
        call->transferring = false;
        self->dispatcher_.push(audio::event::Transferred{call->leg, false, status});
      }
      break;
    case nua_r_register: self->registered(status, sip); break;
    case nua_i_register: self->registers(handle, sip); break;
    case nua_r_shutdown: self->shutdown_done_ = status >= 200; break;
    default: break;
  }
}

}  // namespace hotline::sip
