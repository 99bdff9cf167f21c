// sip.calls: calls a second that are answered, play G.711 all the time, and are held two seconds; sipp calls, on the same
// processors. The rate is doubled until a call fails or a message is sent twice, then tried once half-way; the highest
// clean rate counts. Baseline: sipp's own answerer, which sends no sound, in the same run. Under a minute in all.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>

#include "bench.hpp"
#include "hotline/audio/tones.hpp"
#include "hotline/sip.hpp"
#include "telephones/sipp.hpp"

using namespace hotline;
using namespace std::chrono_literals;
namespace event = audio::event;

namespace {

constexpr auto kHold = 2s;
constexpr int kSeconds = 2;       // of calling, at each rate
constexpr auto kPatience = 10s;   // a rate that takes longer is not held
constexpr double kBudget = 26;    // seconds for each of the two

struct Target {
  std::string name, folder, address;
  std::function<std::string()> more;  // for the eye
};

// No call failed, no message was repeated, every call was made.
bool clean(const Target& target, int rate) {
  auto sipp = telephones::SippCaller::start({.folder = target.folder + "/" + target.name + std::to_string(rate), .target = target.address,
                                             .calls = rate * kSeconds, .per_second = static_cast<double>(rate), .at_once = rate * 6,
                                             .hold = kHold}).value();
  const auto figures = sipp.wait(kPatience);
  const telephones::SippCaller::Figures run = figures.ok() ? *figures : telephones::SippCaller::Figures{};
  const bool good = figures.ok() && run.failed == 0 && run.retransmissions == 0 && run.successful == rate * kSeconds;
  std::fprintf(stderr, "  %-8s %4d calls/s (%4d live): %5ld ok, %ld failed, %ld retransmissions%s%s\n", target.name.c_str(), rate, rate * 2, run.successful,
               run.failed, run.retransmissions, figures.ok() ? "" : ", did not end in time", target.more ? target.more().c_str() : "");
  return good;
}

int highest(const Target& target) {
  const double began = bench::wall_seconds();
  const auto time_left = [&] { return bench::wall_seconds() - began < kBudget - 6; };
  int good = 0, bad = 0;
  for (int rate = 50; bad == 0 && rate <= 1600 && time_left(); rate *= 2) (clean(target, rate) ? good : bad) = rate;
  if (good > 0 && bad > 0 && time_left() && clean(target, (good + bad) / 2)) good = (good + bad) / 2;
  return good;
}

int ours(const std::string& folder) {
  sip::Endpoint* self = nullptr;
  const audio::Pcm sound = audio::make_pcm(audio::tone(440, 10s));
  auto endpoint = sip::Endpoint::start({.port = 0, .first_rtp_port = 40000, .last_rtp_port = 59999, .max_calls = 5000},
                                       [&](audio::TelephonyEvent e) {
                                         if (const auto* in = std::get_if<event::Incoming>(&e)) self->answer(in->leg);
                                         if (const auto* up = std::get_if<event::Answered>(&e)) self->play(up->leg, {{sound, {}}}, 1);
                                       }).value();
  self = endpoint.get();
  const int rate = highest({"hotline", folder, endpoint->uri().substr(4), [&] {
                              return ", worst tick so far " + std::to_string(endpoint->figures().worst_tick / 1ms) + " ms";
                            }});
  endpoint->stop();
  return rate;
}

int baseline(const std::string& folder) {
  std::filesystem::create_directories(folder + "/uas");
  const std::string port = std::to_string(telephones::three_free_ports());
  const auto uas = telephones::Program::start({"sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", port, "-nostdin"}, folder + "/uas", folder + "/uas/log");
  if (!uas.ok()) return 0;
  return highest({"sipp uas", folder, "127.0.0.1:" + port, nullptr});
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
  const int value = ours(folder), beside = baseline(folder);
  suite.report("sip.calls", value, "calls/s held 2 s with RTP", "sipp's own answerer, no sound", beside);
  std::filesystem::remove_all(folder);
}
