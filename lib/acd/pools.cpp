// Who is free, in the order of each policy that is in use.
#include <cmath>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

constexpr std::size_t kManyGroups = 64;  // from here on everybody stands in one order as well

}  // namespace

std::uint32_t Engine::free_channels(std::uint32_t at) const {
  const Agent& a = agents_[at];
  if (a.mode != AgentState::ready || a.pending != AgentState::ready || a.offer != kNil || a.blocked_until > now_) return 0;
  std::uint32_t used[kMaxChannels], total = 0, mask = 0;
  const auto channels = static_cast<std::uint32_t>(def_.channels.size());
  for (std::uint32_t c = 0; c < channels; ++c) total += used[c] = a.load[c] * def_.channels[c].units;
  for (std::uint32_t c = 0; c < channels; ++c) {
    std::uint32_t mine = total;
    for (std::uint32_t other = 0; interrupts_[c] >> other != 0; ++other)
      if (interrupts_[c] >> other & 1) mine -= used[other];
    const ChannelDef& def = def_.channels[c];
    if (mine + def.units <= a.units && a.load[c] < def.max) mask |= 1u << c;
  }
  return mask;
}

Key Engine::pool_key(const Pool& pool, std::uint32_t at) const {
  const Agent& a = agents_[at];
  const auto faded = [&](double plain) -> std::int64_t {
    if (pool.window == 0) return static_cast<std::int64_t>(plain);
    if (pool.faded[at] <= 0) return std::numeric_limits<std::int64_t>::min();
    // All sums fade alike, so their order stands still: log2(sum) + time / half-life.
    const double score = std::log2(pool.faded[at]) + static_cast<double>(pool.faded_at[at]) / static_cast<double>(pool.window);
    return std::llround(score * 1048576.0);
  };
  switch (pool.key) {
    case PoolKey::idle: return {a.idle_since, 0, at};
    case PoolKey::recent: return {-a.idle_since, 0, at};
    case PoolKey::contacts: return {faded(static_cast<double>(a.answered)), a.idle_since, at};
    case PoolKey::talk: return {faded(static_cast<double>(a.talk)), a.idle_since, at};
    case PoolKey::occupied: return {faded(static_cast<double>(a.busy)), a.idle_since, at};
    case PoolKey::index: return {0, 0, at};
    case PoolKey::handling: return {a.handling, a.idle_since, at};
  }
  return {};
}

void Engine::fade_in(PoolKey key, std::uint32_t at, double amount) {
  for (Pool& pool : pools_) {
    if (pool.key != key || pool.window == 0) continue;
    const double passed = static_cast<double>(now_ - pool.faded_at[at]) / static_cast<double>(pool.window);
    pool.faded[at] = pool.faded[at] * std::exp2(-passed) + amount;
    pool.faded_at[at] = now_;
  }
}

void Engine::enter_pools(std::uint32_t at, std::uint32_t channels) {
  Agent& a = agents_[at];
  a.in_pools |= channels;
  for (std::uint32_t c = 0; channels >> c != 0; ++c) {
    if (!(channels >> c & 1)) continue;
    for (const std::uint32_t p : channel_pools_[c]) {
      Pool& pool = pools_[p];
      if (pool.nodes[at].linked()) continue;
      const Key key = pool_key(pool, at);
      if (pool.groups[a.group].empty()) set_bit(pool.idle, a.group);
      pool.groups[a.group].insert(pool.nodes, at, key);
      ++pool.team_idle[a.team + 1];
      ++pool.count;
      if (groups_.size() > kManyGroups) {
        if (pool.all_nodes.empty()) pool.all_nodes.resize(agents_.size());
        pool.all.insert(pool.all_nodes, at, key);
      }
    }
  }
}

void Engine::leave_pools(std::uint32_t at, std::uint32_t channels) {
  Agent& a = agents_[at];
  a.in_pools &= ~channels;
  for (std::uint32_t c = 0; channels >> c != 0; ++c) {
    if (!(channels >> c & 1)) continue;
    for (const std::uint32_t p : channel_pools_[c]) {
      Pool& pool = pools_[p];
      if (!pool.nodes[at].linked()) continue;
      pool.groups[a.group].erase(pool.nodes, at);
      if (pool.groups[a.group].empty()) clear_bit(pool.idle, a.group);
      --pool.team_idle[a.team + 1];
      --pool.count;
      if (!pool.all_nodes.empty() && pool.all_nodes[at].linked()) pool.all.erase(pool.all_nodes, at);
    }
  }
}

}  // namespace hotline::acd
