// A centre without telephones: legs that the test moves, a clock that the test turns.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "hotline/center.hpp"

namespace fake {

using namespace hotline;
using namespace std::chrono_literals;

// Plays, records and rings in virtual time.
class Telephony : public audio::Telephony {
 public:
  struct Leg {
    std::string to;
    bool outgoing = false, up = false, down = false, recording = false;
    std::uint64_t play = 0;
    Time play_ends{};
    audio::RecordOptions record;
    Time record_began{};
    audio::LegId bridged;
  };

  void answer(audio::LegId leg) override { up(leg); }
  audio::LegId dial(const std::string& to, const std::string&, Duration) override {
    const audio::LegId leg{next_++};
    legs[leg].to = to;
    legs[leg].outgoing = true;
    dialled.push_back(leg);
    return leg;
  }
  void play(audio::LegId leg, std::vector<audio::Clip> clips, std::uint64_t token) override {
    Duration length{};
    for (const auto& clip : clips) length += clip.silence + (clip.pcm ? Duration{static_cast<std::int64_t>(clip.pcm->size()) * 125'000} : Duration{});
    legs[leg].play = token;
    legs[leg].play_ends = now + length;
  }
  void stop_play(audio::LegId leg) override {
    if (legs[leg].play != 0) events.push_back(audio::event::Played{leg, legs[leg].play, false, {}});
    legs[leg].play = 0;
  }
  void record(audio::LegId leg, audio::RecordOptions options) override {
    legs[leg].record = std::move(options);
    legs[leg].recording = true;
    legs[leg].record_began = now;
  }
  void stop_record(audio::LegId leg) override { end_record(leg, 'x'); }
  void record_call(audio::LegId leg, std::string path) override {
    std::ofstream(path) << "talk";
    legs[leg].record.path = std::move(path);
  }
  void bridge(audio::LegId a, audio::LegId b) override {
    legs[a].bridged = b;
    legs[b].bridged = a;
    tables.push_back({a, b});
  }
  void unbridge(audio::LegId leg) override {
    legs[legs[leg].bridged].bridged = {};
    legs[leg].bridged = {};
  }
  void join(audio::LegId supervisor, audio::LegId leg, Join mode) override { joins.push_back({supervisor, leg, mode}); }
  void send_digits(audio::LegId, std::string) override {}
  void transfer(audio::LegId, const std::string&) override {}
  void hang_up(audio::LegId leg, int status) override { down(leg, status); }

  audio::LegId ring_in(const std::string& from, const std::string& to) {
    const audio::LegId leg{next_++};
    legs[leg].to = to;
    events.push_back(audio::event::Incoming{leg, "sip:" + from + "@test", "sip:" + to + "@test", std::to_string(next_)});
    return leg;
  }
  void up(audio::LegId leg) {
    if (legs[leg].up || legs[leg].down) return;
    legs[leg].up = true;
    events.push_back(audio::event::Answered{leg});
  }
  void down(audio::LegId leg, int status = 200) {
    if (legs[leg].down) return;
    end_record(leg, 'h');
    legs[leg].down = true;
    events.push_back(audio::event::HungUp{leg, status, ""});
  }
  void key(audio::LegId leg, char key) {
    if (legs[leg].recording && legs[leg].record.terminators.find(key) != std::string::npos) return end_record(leg, key);
    events.push_back(audio::event::Digit{leg, key, audio::DigitSource::rfc4733, 100ms});
  }
  void end_record(audio::LegId leg, char by) {
    if (!legs[leg].recording) return;
    legs[leg].recording = false;
    std::ofstream(legs[leg].record.path) << "speech of leg " << leg.value;
    events.push_back(audio::event::Recorded{leg, legs[leg].record.path, now - legs[leg].record_began, by});
  }

  struct Joined {
    audio::LegId supervisor, leg;
    Join mode;
  };
  std::vector<Joined> joins;
  std::vector<std::pair<audio::LegId, audio::LegId>> tables;  // every bridge, in order
  std::map<audio::LegId, Leg> legs;
  std::vector<audio::LegId> dialled;
  std::deque<audio::TelephonyEvent> events;
  Time now{};

 private:
  std::uint64_t next_ = 1;
};

// A tenth of a second of sound for every character.
class Speech : public center::Speech {
 public:
  void prepare(std::vector<center::Utterance> pieces, Done done) override {
    std::vector<audio::Clip> clips;
    for (const auto& piece : pieces) {
      said += piece.text + "\n";
      clips.push_back({nullptr, piece.silence + 10ms * static_cast<int>(piece.text.size())});
    }
    done(std::move(clips));
  }
  std::string said;
};

// A centre of the reference city, in a folder of its own.
class Centre {
 public:
  // A Monday, ten in the morning in China, where nothing else is said.
  explicit Centre(std::string folder = {}, const char* start = "2026-11-23T02:00:00Z") {
    static int counter = 0;
    folder_ = folder.empty() ? (std::filesystem::temp_directory_path() / ("hotline-centre-" + std::to_string(::getpid()) + "-" + std::to_string(counter++))).string() : folder;
    std::filesystem::create_directories(folder_);
    now = parse_time(start).value();
    telephony.now = now;
    auto setup = center::load_setup(std::string(HOTLINE_SOURCE_DIR) + "/examples/city_hotline/data").value();
    center::World world{.telephony = telephony,
                        .speech = speech,
                        .database = store::Database::open(folder_ + "/hotline.db").value(),
                        .folder = folder_,
                        .post = [this](std::function<void()> work) { posted.push_back(std::move(work)); },
                        .journal = [this](std::string_view line) { journal += line; },
                        .notice = [this](const center::Notice& notice) { notices.push_back(notice); },
                        .address = [](const std::string& number) { return "sip:" + number + "@test"; }};
    hotline = center::Hotline::open(std::move(setup), std::move(world), now).value();
  }
  ~Centre() {
    hotline.reset();
    std::filesystem::remove_all(folder_);
  }

  // Turns the clock until `until`, handling everything that happens on the way.
  void run(Duration length) {
    const Time until = now + length;
    for (;;) {
      settle();
      Time next = until;
      if (const auto due = hotline->advance(now)) next = std::min(next, std::max(*due, now + 1ms));
      for (auto& [id, leg] : telephony.legs)
        if (leg.play != 0) next = std::min(next, std::max(leg.play_ends, now));
      if (posted.empty() && telephony.events.empty() && next >= until) break;
      set(std::max(next, now));
      for (auto& [id, leg] : telephony.legs)
        if (leg.play != 0 && leg.play_ends <= now) {
          const auto token = std::exchange(leg.play, 0);
          telephony.events.push_back(audio::event::Played{id, token, true, {}});
        }
    }
    set(until);
    settle();
  }
  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      while (!telephony.events.empty()) {
        const auto event = telephony.events.front();
        telephony.events.pop_front();
        hotline->handle(event, now);
        busy = true;
      }
      while (!posted.empty()) {
        auto work = std::move(posted.front());
        posted.pop_front();
        work();
        busy = true;
      }
      hotline->advance(now);
    }
  }
  void press(audio::LegId leg, std::string_view keys, Duration gap = 200ms) {
    for (const char key : keys) {
      telephony.key(leg, key);
      run(gap);
    }
  }
  // A citizen and an agent, who signs in for it, in conversation.
  struct Talk {
    audio::LegId citizen, agent;
  };
  Talk talk(const std::string& agent = "a801", const std::string& citizen = "13800138000") {
    hotline->sign_in(agent, now).value();
    const auto leg = telephony.ring_in(citizen, "12345");
    run(1s);
    press(leg, "1");
    run(1s);
    const auto desk = telephony.dialled.back();
    telephony.up(desk);
    run(3s);
    EXPECT_EQ(telephony.legs[leg].bridged, desk) << told();
    return {leg, desk};
  }
  bool noticed(std::string_view type) const {
    for (const auto& notice : notices)
      if (notice.type == type) return true;
    return false;
  }

  // Everything that was noticed, a line each: for messages of failing tests.
  std::string told() const {
    std::string all;
    for (const auto& notice : notices) all += notice.type + " " + notice.party + " " + notice.en + "\n";
    return all;
  }
  const std::string& folder() const { return folder_; }
  Telephony telephony;
  Speech speech;
  std::deque<std::function<void()>> posted;
  std::string journal;
  std::vector<center::Notice> notices;
  std::unique_ptr<center::Hotline> hotline;
  Time now{};

 private:
  void set(Time t) {
    now = t;
    telephony.now = t;
  }
  std::string folder_;
};

}  // namespace fake
