// An endpoint under test, and its events in the order they came.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <vector>

#include "hotline/audio.hpp"
#include "hotline/sip.hpp"
#include "telephones/baresip.hpp"
#include "telephones/sipp.hpp"
#include "unit/audio/sound.hpp"

namespace hotline::sip::test {

using namespace std::chrono_literals;
using audio::LegId;
namespace event = audio::event;
using audio::test::Folder;
using telephones::BaresipPhone;
using telephones::SippCaller;

// Nothing waits for a time: everything waits for an event, and this is when a test gives up.
constexpr auto kPatience = 15s;

class Host {
 public:
  explicit Host(EndpointOptions options = {}) {
    options.port = 0;
    options.jitter = 300ms;  // tests share their processors
    if (options.first_rtp_port == 20000) options.first_rtp_port = static_cast<std::uint16_t>(20000 + ::getpid() % 40 * 200);
    endpoint_ = Endpoint::start(std::move(options), [this](audio::TelephonyEvent e) {
                  const std::lock_guard lock(mutex_);
                  if (on_event_) on_event_(e);
                  events_.push_back({std::move(e), false});
                  changed_.notify_all();
                }).value();
  }

  Endpoint* operator->() { return endpoint_.get(); }
  std::string address() const { return endpoint_->uri().substr(4); }
  std::string number(const std::string& n) const { return "sip:" + n + "@" + address(); }

  // The next event of that kind (of that leg) that was not taken yet; fails the test after kPatience.
  template <class E>
  E next(LegId leg = {}) {
    std::unique_lock lock(mutex_);
    E out{};
    const bool came = changed_.wait_for(lock, kPatience, [&] {
      for (auto& [e, taken] : events_) {
        const E* wanted = std::get_if<E>(&e);
        if (wanted == nullptr || taken || (leg && wanted->leg != leg)) continue;
        taken = true;
        out = *wanted;
        return true;
      }
      return false;
    });
    EXPECT_TRUE(came) << "no event " << typeid(E).name();
    return out;
  }
  template <class E>
  std::size_t count(LegId leg = {}) {
    const std::lock_guard lock(mutex_);
    std::size_t n = 0;
    for (const auto& [e, taken] : events_)
      if (const E* one = std::get_if<E>(&e); one != nullptr && (!leg || one->leg == leg)) ++n;
    return n;
  }
  // Answers the next incoming call and waits until its sound is up.
  LegId answer() {
    const LegId leg = next<event::Incoming>().leg;
    endpoint_->answer(leg);
    next<event::Answered>(leg);
    return leg;
  }
  std::string keys(std::size_t n, LegId leg = {}) {
    std::string out;
    while (out.size() < n && !::testing::Test::HasFailure()) out += next<event::Digit>(leg).key;
    return out;
  }
  void stop() { endpoint_->stop(); }
  ~Host() { stop(); }
  std::vector<audio::TelephonyEvent> all() {
    const std::lock_guard lock(mutex_);
    std::vector<audio::TelephonyEvent> out;
    for (const auto& [e, taken] : events_) out.push_back(e);
    return out;
  }

  // What to do at each event; called with the lock held: commands only.
  void when(std::function<void(const audio::TelephonyEvent&)> handler) {
    const std::lock_guard lock(mutex_);
    on_event_ = std::move(handler);
  }

 private:
  std::function<void(const audio::TelephonyEvent&)> on_event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<audio::TelephonyEvent, bool>> events_;
  std::unique_ptr<Endpoint> endpoint_;
};

#define NEEDS(program) \
  if (!telephones::installed(program)) GTEST_SKIP() << program << " is not installed"

// Speech-like sound, different for each seed: tones that wander, with pauses. No two parts of it are alike.
inline audio::Pcm babble(std::uint64_t seed, Duration length) {
  Random random(seed);
  audio::Samples out;
  while (out.size() < audio::samples_in(length)) {
    const auto part = audio::tone(150 + 500 * random.uniform(), Duration{40'000'000 + static_cast<std::int64_t>(random.below(120'000'000))},
                                  4000, 700 + 1500 * random.uniform());
    out.insert(out.end(), part.begin(), part.end());
    out.resize(out.size() + random.below(300));
  }
  out.resize(audio::samples_in(length));
  return audio::make_pcm(std::move(out));
}

}  // namespace hotline::sip::test
