// Entries that only distribute, and the limit of the emergency class.
#include <algorithm>

#include "acd/engine.hpp"
#include "hotline/base/random.hpp"

namespace hotline::acd {

// Expected delay, in seconds, of one who entered the queue now: 0 where somebody is free, else the places before it by the rate
// of those who are signed on for it.
double Engine::delay(std::uint32_t q) {
  const QueueDef& def = def_.queues[q];
  const std::uint32_t lane = queues_[q].lane;
  const std::uint32_t free = present(lane, kPresentReady);
  if (free > queues_[q].waiting + queues_[q].ringing) return 0;
  const double agents = std::max<std::uint32_t>(1, logged_in(lane));
  return (queues_[q].waiting + 1.0) * static_cast<double>(def.service_time.count()) * 1e-9 / agents;
}

std::uint32_t Engine::distribute(std::uint32_t q, std::uint64_t seq) {
  const DistributeDef& def = def_.queues[q].distribute;
  if (def.to.empty()) return q;
  std::uint32_t best = kNil;
  double best_delay = 0, total = 0;
  std::vector<std::pair<std::uint32_t, double>> shares;
  bool somebody_free = false;
  for (const auto& [id, weight] : def.to) {
    const std::uint32_t to = id.value - 1;
    const QueueDef& target = def_.queues[to];
    const bool open = target.calendar == 0 || def_.calendars[target.calendar - 1].is_open(time_from_ns(now_));
    if (weight <= 0 || !open || queues_[to].draining || queues_[to].waiting >= target.max_waiting) continue;
    const double wait = delay(to);
    if (best == kNil || wait / weight < best_delay) best = to, best_delay = wait / weight;
    if (wait == 0 && !somebody_free) somebody_free = true, shares.clear(), total = 0;
    if (somebody_free && wait > 0) continue;
    const double share = somebody_free ? weight : weight / wait;
    shares.push_back({to, share});
    total += share;
  }
  if (best == kNil) return def.to.front().first.value - 1;  // all are shut: the first says so
  if (def.rule == DistributeRule::least_delay) return best;
  const auto r = philox4x32({static_cast<std::uint32_t>(seq), static_cast<std::uint32_t>(seq >> 32), 0x64697374u, 0},
                            {static_cast<std::uint32_t>(def_.seed), static_cast<std::uint32_t>(def_.seed >> 32)});
  double left = static_cast<double>((r[0] | static_cast<std::uint64_t>(r[1]) << 32) >> 11) * 0x1.0p-53 * total;
  for (const auto& [to, share] : shares)
    if ((left -= share) < 0) return to;
  return shares.back().first;
}

// The allowance fills evenly (GCRA, ITU-T I.371): emergency_at_ is when it will be whole again.
void Engine::limit_emergency(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (def_.emergency_most == 0 || c.strict < def_.emergency_class) return;
  const std::int64_t one = def_.emergency_per.count() / def_.emergency_most;
  const std::int64_t whole = later(std::max(emergency_at_, now_), one);
  if (whole - now_ <= def_.emergency_per.count()) {
    emergency_at_ = whole;
    return;
  }
  const std::int32_t asked = c.strict;
  c.strict = def_.emergency_class - 1;
  emit(EventType::limited, at, kNil, kNil, Reason::none, asked);
}

}  // namespace hotline::acd
