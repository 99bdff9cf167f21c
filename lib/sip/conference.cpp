#include "conference.hpp"

#include <algorithm>

namespace hotline::sip {

using audio::LegId;

void Conference::join(LegId leg, Role role, LegId target) {
  const std::lock_guard lock(mutex_);
  for (const auto& m : members_)
    if (m->leg == leg) {
      m->role = role;
      m->target = target;
      return;
    }
  auto member = std::make_unique<Member>();
  member->leg = leg;
  member->role = role;
  member->target = target;
  members_.push_back(std::move(member));
}

void Conference::leave(LegId leg) {
  const std::lock_guard lock(mutex_);
  std::erase_if(members_, [&](const auto& m) { return m->leg == leg; });
  for (const auto& m : members_) std::erase_if(m->read, [&](const auto& r) { return r.first == leg; });
}

bool Conference::empty() const {
  const std::lock_guard lock(mutex_);
  return members_.empty();
}

bool Conference::hears(const Member& listener, const Member& speaker) {
  switch (speaker.role) {
    case Role::listen: return false;
    case Role::whisper: return speaker.target == listener.leg;
    case Role::party:
    case Role::barge: return true;
  }
  return false;
}

std::uint64_t* Conference::position(Member& listener, const Member& speaker) {
  for (auto& [leg, at] : listener.read)
    if (leg == speaker.leg) return &at;
  // Heard from the next frame on, so that one is always in reserve: two pacers never tick at quite the same moment.
  listener.read.emplace_back(speaker.leg, speaker.written - 1);
  return nullptr;
}

void Conference::exchange(LegId me, audio::SampleView said, std::span<std::int16_t, kFrame> heard) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m->leg == me; });
  if (found == members_.end()) return;
  Member& self = **found;
  auto& slot = self.said[self.written % kRing];
  slot.fill(0);
  std::copy_n(said.begin(), std::min(said.size(), kFrame), slot.begin());
  ++self.written;
  std::array<audio::SampleView, 16> sources;
  std::size_t count = 0;
  for (const auto& other : members_) {
    if (other.get() == &self || other->written == 0) continue;
    std::uint64_t* const position_there = position(self, *other);
    if (position_there == nullptr) continue;
    std::uint64_t& at = *position_there;
    if (other->written - at > kRing / 2) at = other->written - 1;
    if (at >= other->written) continue;
    const auto& frame = other->said[at++ % kRing];
    if (hears(self, *other) && count < sources.size()) sources[count++] = frame;
  }
  audio::mix(heard, std::span(sources).first(count));
}

}  // namespace hotline::sip
