// sip.calls: calls a second that are answered, play G.711 all the time, and are held two seconds; sipp calls, on
// the same processors. The rate is raised until a call fails or a message is sent twice, and the last clean rate
// counts. Baseline: sofia-sip answering the same calls without any sound, in the same run.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>

#include "bench.hpp"
#include "hotline/audio/tones.hpp"
#include "hotline/sip.hpp"
#include "telephones/sipp.hpp"

using namespace hotline;
using namespace std::chrono_literals;
namespace event = audio::event;

namespace {

constexpr auto kHold = 2s;
constexpr int kSeconds = 5;

// sofia-sip as it comes: its own media negotiation answers, no packet of sound is sent.
class Bare {
 public:
  Bare() : thread_([this] { run(); }) {
    port.wait(0);
  }
  ~Bare() {
    stop_ = true;
    thread_.join();
  }
  std::atomic<int> port{0};

 private:
  static void on_event(nua_event_t e, int, char const*, nua_t* nua, nua_magic_t* magic, nua_handle_t* handle, nua_hmagic_t*,
                       sip_t const*, tagi_t tags[]) {
    auto* self = reinterpret_cast<Bare*>(magic);
    if (e == nua_i_invite) nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(nua), SOATAG_USER_SDP_STR("m=audio 20000 RTP/AVP 8 0"), TAG_END());
    int state = 0;
    if (e == nua_i_state) {
      tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
      if (state == nua_callstate_terminated) nua_handle_destroy(handle);
    }
    if (e == nua_r_shutdown) self->down_ = true;
  }
  void run() {
    su_init();
    su_log_set_level(su_log_default, 0);
    su_root_t* root = su_root_create(nullptr);
    su_root_threading(root, 0);
    nua_t* nua = nullptr;
    int at = 0;
    for (at = 36000; nua == nullptr && at < 36900; ++at) {
      const std::string url = "sip:127.0.0.1:" + std::to_string(at);
      nua = nua_create(root, on_event, reinterpret_cast<nua_magic_t*>(this), NUTAG_URL(url.c_str()), NUTAG_AUTOANSWER(0), NUTAG_AUTOALERT(0), TAG_END());
    }
    port = at - 1;
    port.notify_all();
    bool asked = false;
    while (!down_) {
      su_root_step(root, 50);
      if (stop_ && !asked) nua_shutdown(nua), asked = true;
    }
    nua_destroy(nua);
    su_root_destroy(root);
    su_deinit();
  }
  std::atomic<bool> stop_{false};
  bool down_ = false;
  std::thread thread_;
};

struct Load {
  telephones::SippCaller::Figures figures;
  double cpu = 0;
};

Load load(const std::string& folder, const std::string& target, int rate) {
  const double before = bench::cpu_seconds();
  auto sipp = telephones::SippCaller::start({.folder = folder, .target = target, .calls = rate * kSeconds,
                                             .per_second = static_cast<double>(rate), .at_once = rate * 6, .hold = kHold}).value();
  auto figures = sipp.wait(120s);
  Load out;
  if (figures.ok()) out.figures = *figures;
  else out.figures.failed = -1;
  out.cpu = bench::cpu_seconds() - before;
  return out;
}

// The highest of the rates that went without a failed call and without a repeated message.
template <class Target>
double highest(const std::string& name, const std::string& folder, Target&& target, Duration (*worst)(void*), void* context) {
  double best = 0;
  for (const int rate : {50, 100, 150, 200, 300, 400, 500, 600, 800, 1000}) {
    const Load run = load(folder + "/" + name + std::to_string(rate), target(), rate);
    std::fprintf(stderr, "  %-8s %4d calls/s (%4d live): %5ld ok, %ld failed, %ld retransmissions, %.1f cpu-s", name.c_str(), rate,
                 rate * 2, run.figures.successful, run.figures.failed, run.figures.retransmissions, run.cpu);
    if (worst != nullptr) std::fprintf(stderr, ", worst tick so far %.1f ms", static_cast<double>(worst(context).count()) / 1e6);
    std::fputc('\n', stderr);
    if (run.figures.failed != 0 || run.figures.retransmissions != 0 || run.figures.successful != rate * kSeconds) break;
    best = rate;
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (!suite.wants("sip.calls")) return 0;
  if (!telephones::installed("sipp")) {
    std::fprintf(stderr, "sip.calls needs sipp (apt-get install sip-tester)\n");
    return 0;
  }
  const std::string folder = (std::filesystem::temp_directory_path() / ("hotline-bench-" + std::to_string(::getpid()))).string();
  double ours = 0, bare = 0;
  {
    sip::Endpoint* self = nullptr;
    const audio::Pcm sound = audio::make_pcm(audio::tone(440, 10s));
    auto endpoint = sip::Endpoint::start({.port = 0, .first_rtp_port = 40000, .last_rtp_port = 59999, .max_calls = 5000},
                                         [&](audio::TelephonyEvent e) {
                                           if (const auto* in = std::get_if<event::Incoming>(&e)) self->answer(in->leg);
                                           if (const auto* up = std::get_if<event::Answered>(&e)) self->play(up->leg, {{sound, {}}}, 1);
                                         }).value();
    self = endpoint.get();
    ours = highest("hotline", folder, [&] { return endpoint->uri().substr(4); },
                   [](void* e) { return static_cast<sip::Endpoint*>(e)->figures().worst_tick; }, self);
  }
  {
    Bare sofia;
    bare = highest("sofia", folder, [&] { return "127.0.0.1:" + std::to_string(sofia.port); }, nullptr, nullptr);
  }
  suite.report("sip.calls", ours, "calls/s held 2 s with RTP", "sofia-sip without sound", bare);
  std::filesystem::remove_all(folder);
}
