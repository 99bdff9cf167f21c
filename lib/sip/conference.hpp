// Who hears whom. The members' sessions may be paced by different threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "hotline/audio/telephony.hpp"

namespace hotline::sip {

// Synchronised. A conversation of a few legs: parties hear each other and whoever barges in; whom a whisperer
// speaks to hears the whisperer too; nobody hears a listener.
class Conference {
 public:
  static constexpr std::size_t kFrame = 160;
  enum class Role : std::uint8_t { party, listen, whisper, barge };

  // Joins, or changes the role. `target` is whom a whisperer speaks to.
  void join(audio::LegId leg, Role role, audio::LegId target = {});
  void leave(audio::LegId leg);
  bool empty() const;

  // Once a frame by each member: what it says, and what it hears.
  void exchange(audio::LegId me, audio::SampleView said, std::span<std::int16_t, kFrame> heard);

 private:
  static constexpr std::size_t kRing = 8;
  struct Member {
    audio::LegId leg;
    Role role;
    audio::LegId target;
    std::array<std::array<std::int16_t, kFrame>, kRing> said;
    std::uint64_t written = 0;
    std::vector<std::pair<audio::LegId, std::uint64_t>> read;  // how far this member heard each other one
  };
  static bool hears(const Member& listener, const Member& speaker);
  static std::uint64_t* position(Member& listener, const Member& speaker);
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace hotline::sip
