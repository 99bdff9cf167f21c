// Groups of equal agents, lanes of equal contacts, and who fits whom.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "acd/condition.hpp"
#include "acd/engine.hpp"

namespace hotline::acd {
namespace {


const Membership* membership(const Profile& profile, std::uint32_t queue) {
  for (const Membership& m : profile.queues)
    if (m.queue.value == queue + 1) return &m;
  return nullptr;
}

std::int64_t compose_rank(std::int32_t tier, std::uint32_t step, std::int64_t score) {
  return static_cast<std::int64_t>(tier) * (std::int64_t{1} << 40) + (static_cast<std::int64_t>(step) << 32) +
         std::clamp<std::int64_t>(score + (std::int64_t{1} << 31), 0, 0xffffffff);
}

}  // namespace

bool Engine::meets(const Requirement& requirement, const Profile& profile, std::uint32_t contact_site) const {
  if (requirement.tests.empty()) return true;
  std::array<bool, 64> small;
  std::vector<char> large;
  bool* stack = small.data();
  if (requirement.tests.size() > small.size()) {
    large.resize(requirement.tests.size());
    stack = reinterpret_cast<bool*>(large.data());
  }
  std::size_t top = 0;
  for (const auto& test : requirement.tests) {
    using Op = Requirement::Op;
    switch (test.op) {
      case Op::yes: stack[top++] = true; break;
      case Op::no: stack[top++] = false; break;
      case Op::skill_at_least:
        stack[top++] = test.id - 1 < profile.levels.size() && profile.levels[test.id - 1] >= test.level;
        break;
      case Op::site_is: stack[top++] = profile.site == test.id - 1; break;
      case Op::team_is: stack[top++] = profile.team == test.id - 1; break;
      case Op::agent_is: stack[top++] = profile.agent == test.id - 1; break;
      case Op::site_of_contact: stack[top++] = contact_site != kNil && profile.site == contact_site; break;
      case Op::both: --top; stack[top - 1] = stack[top - 1] && stack[top]; break;
      case Op::either: --top; stack[top - 1] = stack[top - 1] || stack[top]; break;
      case Op::negated: stack[top - 1] = !stack[top - 1]; break;
    }
  }
  return stack[0];
}

// Agents whom a requirement names stand alone in their group, so that groups answer for all their members.
void Engine::isolate(const Requirement& requirement) {
  for (const auto& test : requirement.tests) {
    site_matters_ = site_matters_ || test.op == Requirement::Op::site_of_contact;
    if (test.op != Requirement::Op::agent_is || named_[test.id - 1]) continue;
    const std::uint32_t agent = test.id - 1;
    named_[agent] = true;
    Agent& a = agents_[agent];
    if (a.group == kNil) continue;
    Group& old = groups_[a.group];
    if (old.members == 1) {
      old.profile.agent = agent;
      for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) fit(lane, a.group);
      continue;
    }
    const std::uint32_t in_pools = a.in_pools;
    leave_pools(agent, in_pools);
    --old.members;
    --old.in_state[static_cast<int>(a.shown)];
    for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane)
      if (test_bit(lanes_[lane].groups, a.group)) --lanes_[lane].possible;
    a.group = group_for(def_.agents[agent], agent);
    ++groups_[a.group].in_state[static_cast<int>(a.shown)];
    enter_pools(agent, in_pools);
  }
}

std::uint32_t Engine::group_for(const AgentDef& def, std::uint32_t agent) {
  Profile profile;
  profile.levels.resize(def_.skills.size());
  for (const SkillLevel& s : def.skills) profile.levels[s.skill.value - 1] = s.level;
  profile.queues = def.queues;
  std::sort(profile.queues.begin(), profile.queues.end(), [](auto& a, auto& b) { return a.queue < b.queue; });
  profile.site = def.site.value - 1;
  profile.team = def.team.value - 1;
  profile.agent = named_[agent] ? agent : kNil;
  std::string key(profile.levels.begin(), profile.levels.end());
  const auto add = [&](const void* data, std::size_t size) { key.append(static_cast<const char*>(data), size); };
  add(&profile.site, 4), add(&profile.team, 4), add(&profile.agent, 4);
  for (const Membership& m : profile.queues) add(&m.queue.value, 4), add(&m.tier, 4), add(&m.weight, 8);
  const auto [found, is_new] = group_index_.try_emplace(std::move(key), static_cast<std::uint32_t>(groups_.size()));
  const std::uint32_t group = found->second;
  if (is_new) {
    groups_.emplace_back();
    for (std::size_t s = 0; s < profile.levels.size(); ++s) groups_[group].skills += profile.levels[s] > 0 && !def_.skills[s].is_attribute();
    groups_[group].profile = std::move(profile);
    for (Pool& pool : pools_) pool.groups.resize(groups_.size());
    for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) fit(lane, group);
  }
  ++groups_[group].members;
  for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane)
    if (test_bit(lanes_[lane].groups, group)) ++lanes_[lane].possible;
  return group;
}

// Decides whether `group` may serve `lane`, and at which rank.
void Engine::fit(std::uint32_t at, std::uint32_t g) {
  Lane& lane = lanes_[at];
  Group& group = groups_[g];
  const QueueDef& queue = def_.queues[lane.key.queue];
  const Membership* member = membership(group.profile, lane.key.queue);
  bool eligible = false;
  std::uint32_t step = 0;
  const Requirement* used = nullptr;
  const Requirement& own = requirements_[lane.key.requirement];
  if (lane.key.agent != kNil) {
    eligible = agents_[lane.key.agent].group == g;
  } else if (group.profile.queues.empty() || member != nullptr) {
    const bool own_met = meets(own, group.profile, lane.key.site);
    for (std::uint32_t i = 0; i < kMaxSteps - 1 && !eligible && own_met; ++i) {
      if (!(lane.key.steps >> i & 1)) continue;
      used = i < queue.steps.size() ? &queue.steps[i].requires_ : nullptr;
      eligible = used == nullptr || meets(*used, group.profile, lane.key.site);
      step = i;
    }
    if (!eligible && (lane.key.steps & kAnybody)) {
      eligible = true;
      used = nullptr;
      step = kMaxSteps - 1;
    }
  }
  const bool was = test_bit(lane.groups, g);
  if (!eligible) {
    if (was) clear_bit(lane.groups, g), clear_bit(group.lanes, at);
    if (was && lane.list.size() <= kShortList) lane.list.erase(std::remove(lane.list.begin(), lane.list.end(), g), lane.list.end());
    return;
  }
  set_bit(lane.groups, g);
  set_bit(group.lanes, at);
  if (!was && lane.list.size() <= kShortList) lane.list.insert(std::lower_bound(lane.list.begin(), lane.list.end(), g), g);

  std::int64_t score = 0;
  if (queue.agents == AgentOrder::fewest_skills) score = group.skills;
  if (queue.agents == AgentOrder::best_match) {
    double sum = 0;
    for (const Requirement* r : {used, &own})
      if (r != nullptr)
        for (const auto& test : r->tests)
          if (test.op == Requirement::Op::skill_at_least)
            sum += def_.skills[test.id - 1].weight * group.profile.levels[test.id - 1];
    score = -std::llround(sum * 64);
  }
  std::int32_t tier = member != nullptr ? member->tier : 1;
  if (eligible && lane.key.agent == kNil && step < queue.steps.size())
    for (const TeamTier& t : queue.steps[step].tiers)
      if (t.team.value - 1 == group.profile.team) tier = t.tier;
  const std::int64_t rank = compose_rank(tier, step, score);
  if (lane.rank.empty()) {
    if (rank == compose_rank(1, 0, 0)) return;
    lane.rank.assign(groups_.size(), compose_rank(1, 0, 0));
  }
  if (lane.rank.size() <= g) lane.rank.resize(g + 1, compose_rank(1, 0, 0));
  lane.rank[g] = rank;
}

std::uint32_t Engine::lane_for(const LaneKey& key) {
  const auto [found, is_new] = lane_index_.try_emplace(key, static_cast<std::uint32_t>(lanes_.size()));
  if (!is_new) return found->second;
  const std::uint32_t at = found->second;
  Lane& lane = lanes_.emplace_back();
  lane.key = key;
  const QueueDef& queue = def_.queues[key.queue];
  lane.pool = pool_for(key.channel, queue.agents, queue.window.count());
  lane.reserved = !queue.reserves.empty();
  queue_lanes_[key.queue].push_back(at);
  set_bit(nonempty_, at);
  clear_bit(nonempty_, at);
  if (key.agent != kNil) {
    fit(at, agents_[key.agent].group);
    lanes_[at].possible = 1;
    return at;
  }
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    fit(at, g);
    if (test_bit(lanes_[at].groups, g)) lanes_[at].possible += groups_[g].members;
  }
  return at;
}

std::uint32_t Engine::lane_for(const Contact& c) {
  const Queue& queue = queues_[c.queue];
  const QueueDef& def = def_.queues[c.queue];
  if (c.sticky) return lane_for(LaneKey{c.queue, 0, 0, c.prefer, c.strict, c.channel});
  if (queue.lane != kNil && c.site == kNil && c.requirement == 0 && c.steps == queue.first_steps && c.strict == def.strict_class &&
      c.channel == def.channel.value - 1)
    return queue.lane;
  return lane_for(key_for(c, c.steps));
}

std::uint32_t Engine::logged_in(std::uint32_t at) const {
  const Lane& lane = lanes_[at];
  if (lane.key.agent != kNil) return agents_[lane.key.agent].mode != AgentState::logged_out;
  std::uint32_t sum = 0;
  for (std::uint32_t w = 0; w < lane.groups.size(); ++w)
    for (std::uint64_t bits = lane.groups[w]; bits != 0; bits &= bits - 1)
      sum += groups_[w * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits))].logged_in();
  return sum;
}

std::uint32_t Engine::present(std::uint32_t at, std::uint8_t mask) const {
  const Lane& lane = lanes_[at];
  const auto count = [&](const auto& in_state) {
    const auto of = [&](AgentState s) { return in_state[static_cast<std::size_t>(s)]; };
    return (mask & kPresentReady ? of(AgentState::ready) + of(AgentState::offered) : 0u) +
           (mask & kPresentBusy ? of(AgentState::busy) : 0u) + (mask & kPresentWrap ? of(AgentState::wrap) : 0u) +
           (mask & kPresentNotReady ? of(AgentState::not_ready) : 0u);
  };
  if (lane.key.agent != kNil) {
    std::array<std::uint32_t, 6> one{};
    one[static_cast<std::size_t>(agents_[lane.key.agent].shown)] = 1;
    return count(one);
  }
  std::uint32_t sum = 0;
  for (std::uint32_t w = 0; w < lane.groups.size(); ++w)
    for (std::uint64_t bits = lane.groups[w]; bits != 0; bits &= bits - 1)
      sum += count(groups_[w * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits))].in_state);
  return sum;
}

std::uint32_t Engine::pool_for(std::uint32_t channel, AgentOrder order, std::int64_t window) {
  PoolKey key = PoolKey::idle;
  switch (order) {
    case AgentOrder::shortest_idle: key = PoolKey::recent; break;
    case AgentOrder::fewest_contacts: key = PoolKey::contacts; break;
    case AgentOrder::least_talk: key = PoolKey::talk; break;
    case AgentOrder::least_occupied: key = PoolKey::occupied; break;
    case AgentOrder::round_robin:
    case AgentOrder::linear:
    case AgentOrder::random: key = PoolKey::index; break;
    case AgentOrder::fastest: key = PoolKey::handling; break;
    default: break;
  }
  const bool fades = key == PoolKey::contacts || key == PoolKey::talk || key == PoolKey::occupied;
  if (!fades) window = 0;
  for (std::uint32_t i : channel_pools_[channel])
    if (pools_[i].key == key && pools_[i].window == window) return i;
  const auto at = static_cast<std::uint32_t>(pools_.size());
  Pool& pool = pools_.emplace_back();
  pool.channel = channel;
  pool.key = key;
  pool.window = window;
  pool.nodes.resize(agents_.size());
  pool.groups.resize(groups_.size());
  pool.team_idle.resize(def_.teams.size() + 1);
  if (fades) pool.faded.resize(agents_.size()), pool.faded_at.resize(agents_.size(), now_);
  channel_pools_[channel].push_back(at);
  for (std::uint32_t a = 0; a < agents_.size(); ++a)
    if (agents_[a].in_pools >> channel & 1) {
      agents_[a].in_pools &= ~(1u << channel);
      enter_pools(a, 1u << channel);
    }
  return at;
}

void Engine::build() {
  agents_.resize(def_.agents.size());
  named_.assign(def_.agents.size(), false);
  queues_.resize(def_.queues.size());
  queue_lanes_.resize(def_.queues.size());
  team_choosers_.resize(def_.teams.size() + 1);
  team_counts_.resize(def_.teams.size() + 1);
  reserving_.resize(def_.teams.size() + 1);
  for (std::uint32_t q = 0; q < queues_.size(); ++q)
    for (const ReserveDef& r : def_.queues[q].reserves) reserving_[r.team.value].push_back(q);
  weights_matter_ = def_.order == ContactOrder::weights;
  for (const TeamDef& team : def_.teams) weights_matter_ = weights_matter_ || team.order == ContactOrder::weights;
  bool pairs = weights_matter_;
  for (const QueueDef& queue : def_.queues) pairs = pairs || queue.agents == AgentOrder::weights;
  if (pairs) {
    for (std::size_t team = 0; team <= def_.teams.size(); ++team)
      for (const QueueDef& queue : def_.queues) pairs_.push_back({queue.constant, queue.factor, queue.idle_factor});
    for (std::size_t team = 0; team < def_.teams.size(); ++team)
      for (const PairWeight& w : def_.teams[team].weights) pairs_[(team + 1) * queues_.size() + w.queue.value - 1] = {w.constant, w.factor, w.idle_factor};
  }
  for (const QueueDef& queue : def_.queues) {
    auto& conditions = conditions_.emplace_back(queue.steps.size());
    for (std::size_t i = 0; i < queue.steps.size(); ++i)
      if (!queue.steps[i].consider_if.empty()) conditions[i] = compile_condition(queue.steps[i].consider_if).value();
  }
  for (const QueueDef& queue : def_.queues)
    for (const StepDef& step : queue.steps) site_matters_ = site_matters_ || step.consider_if.find("contact.site") != std::string::npos;
  requirements_.emplace_back();
  timers_.resize(3 * std::max(agents_.size(), queues_.size()) + 3);
  for (const QueueDef& queue : def_.queues)
    for (const StepDef& step : queue.steps) isolate(step.requires_);
  for (std::uint32_t c = 0; c < def_.channels.size(); ++c)
    for (const ChannelId by : def_.channels[c].interrupted_by) interrupts_[by.value - 1] |= 1u << c;
  for (std::uint32_t a = 0; a < agents_.size(); ++a) {
    Agent& agent = agents_[a];
    const AgentDef& def = def_.agents[a];
    agent.team = def.team.value - 1;
    agent.site = def.site.value - 1;
    agent.units = def.units;
    agent.handling = def.handling_time.count();
    agent.group = group_for(def, a);
    ++groups_[agent.group].in_state[0];
  }
  for (std::uint32_t q = 0; q < queues_.size(); ++q) {
    const QueueDef& def = def_.queues[q];
    presence_matters_ = presence_matters_ || def.stay != 0;
    queues_[q].lane = lane_for(LaneKey{q, 0, queues_[q].first_steps, kNil, def.strict_class, def.channel.value - 1});
  }
}

}  // namespace hotline::acd
