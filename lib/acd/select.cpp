// The two choices: the agent for a contact, the contact for an agent.
#include <algorithm>
#include <cmath>

#include "acd/engine.hpp"
#include "hotline/base/random.hpp"

namespace hotline::acd {
namespace {

double uniform(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  const auto r = philox4x32({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32),
                             static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(b >> 32)},
                            {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  const std::uint64_t bits = r[0] | static_cast<std::uint64_t>(r[1]) << 32;
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

}  // namespace

bool Engine::excludes(const Contact& contact, std::uint32_t agent) const {
  for (std::uint32_t i = contact.excluded; i != kNil; i = exclusions_[i].next)
    if (exclusions_[i].agent == agent && exclusions_[i].until > now_) return true;
  return false;
}

bool Engine::reserve_allows(const Queue&, const QueueDef& def, const Contact& contact, std::uint32_t team,
                            const Pool& pool, std::uint32_t more) const {
  if (contact.strict >= def.reserve_exempt_class) return true;
  for (const ReserveDef& r : def.reserves)
    if (r.team.value - 1 == team && pool.team_idle[team + 1] + more <= r.keep) return false;
  return true;
}

bool Engine::throttled(std::uint32_t q) const {
  const QueueDef& def = def_.queues[q];
  return (def.max_ringing != 0 && queues_[q].ringing >= def.max_ringing) || queues_[q].next_offer > now_ || router_throttled();
}

bool Engine::weight_allows(const Contact& contact, std::uint32_t agent) const {
  const Agent& a = agents_[agent];
  if (!weighted(a.team)) return true;
  const Pair& p = pair(a.team, contact.queue);
  const double weight = p.at(static_cast<double>(now_ - contact.since) * 1e-9, static_cast<double>(now_ - a.idle_since) * 1e-9);
  if (weight >= 0) return true;
  if (const double slope = p.factor + p.idle; slope > 0) {
    // Not earlier than it will be zero, and later than now: so that the timer brings it about.
    const double wait = std::ceil(-weight / slope * 1e9);
    crossing_ = std::min(crossing_, later(now_, wait < 9e18 ? std::max<std::int64_t>(1, static_cast<std::int64_t>(wait)) : kForever));
  }
  return false;
}

// The candidates of one choice, group by group.
struct Engine::Scan {
  const Engine& engine;
  const Contact& contact;
  const Lane& lane;
  const Pool& pool;
  const Queue& queue;
  const QueueDef& def;

  bool checking() const { return contact.excluded != kNil || lane.key.agent != kNil || engine.weights_matter_; }
  bool group_allowed(std::uint32_t g) const {
    return !lane.reserved || engine.reserve_allows(queue, def, contact, engine.groups_[g].profile.team, pool, 0);
  }
  bool allowed(std::uint32_t agent) const {
    return !(contact.excluded != kNil && engine.excludes(contact, agent)) && (lane.key.agent == kNil || lane.key.agent == agent) &&
           (!engine.weights_matter_ || engine.weight_allows(contact, agent));
  }
  std::int64_t rank(std::uint32_t g) const { return lane.rank.empty() ? 0 : lane.rank[g]; }
  // The first member of the group who may be asked.
  std::uint32_t head(std::uint32_t g) const {
    const Tree& tree = pool.groups[g];
    std::uint32_t agent = tree.first();
    if (!checking()) return agent;
    while (agent != kNil && !allowed(agent)) agent = tree.next(pool.nodes, agent);
    return agent;
  }
  template <class Visit>
  void groups(Visit&& visit) const {
    if (lane.list.size() <= kShortList) {
      for (const std::uint32_t g : lane.list)
        if (!pool.groups[g].empty() && group_allowed(g)) visit(g);
      return;
    }
    const std::size_t words = std::min(lane.groups.size(), pool.idle.size());
    for (std::size_t w = 0; w < words; ++w)
      for (std::uint64_t bits = lane.groups[w] & pool.idle[w]; bits != 0; bits &= bits - 1) {
        const auto g = static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(bits));
        if (group_allowed(g)) visit(g);
      }
  }
  template <class Visit>
  void agents(Visit&& visit) const {
    groups([&](std::uint32_t g) {
      const Tree& tree = pool.groups[g];
      for (std::uint32_t a = tree.first(); a != kNil; a = tree.next(pool.nodes, a))
        if (allowed(a)) visit(g, a);
    });
  }

  // Smallest (rank, key).
  std::uint32_t first() const {
    if (lane.rank.empty() && !lane.reserved && lane.list.size() > kShortList && !pool.all.empty()) {
      // Many groups: the common order of all free agents soon meets one who fits, or few fit.
      std::uint32_t agent = pool.all.first();
      for (int looked = 0; agent != kNil && looked < 64; ++looked, agent = pool.all.next(pool.all_nodes, agent))
        if (test_bit(lane.groups, engine.agents_[agent].group) && allowed(agent)) return agent;
      if (agent == kNil) return kNil;
    }
    std::uint32_t best = kNil;
    std::int64_t best_rank = 0;
    groups([&](std::uint32_t g) {
      const std::int64_t r = rank(g);
      if (best != kNil && r > best_rank) return;
      const std::uint32_t agent = head(g);
      if (agent == kNil) return;
      if (best == kNil || r < best_rank || pool.nodes[agent].key < pool.nodes[best].key) best = agent, best_rank = r;
    });
    return best;
  }

  // The lowest rank that anybody has, for the choices that then treat all of it alike.
  std::int64_t lowest_rank() const {
    std::int64_t best = kForever;
    if (lane.rank.empty()) return 0;
    groups([&](std::uint32_t g) {
      if (rank(g) < best && head(g) != kNil) best = rank(g);
    });
    return best;
  }

  // Largest score of (group, agent); ties: the pool's order.
  template <class Score>
  std::uint32_t best_scored(Score&& score) const {
    const std::int64_t r = lowest_rank();
    std::uint32_t best = kNil;
    double best_score = 0;
    agents([&](std::uint32_t g, std::uint32_t a) {
      if (rank(g) != r) return;
      const double s = score(g, a);
      if (best == kNil || s > best_score || (s == best_score && pool.nodes[a].key < pool.nodes[best].key))
        best = a, best_score = s;
    });
    return best;
  }
  // The same where only the first of each group can be best.
  template <class Score>
  std::uint32_t best_head(Score&& score) const {
    const std::int64_t r = lowest_rank();
    std::uint32_t best = kNil;
    double best_score = 0;
    groups([&](std::uint32_t g) {
      const std::uint32_t a = rank(g) == r ? head(g) : kNil;
      if (a == kNil) return;
      const double s = score(g, a);
      if (best == kNil || s > best_score || (s == best_score && pool.nodes[a].key < pool.nodes[best].key))
        best = a, best_score = s;
    });
    return best;
  }

  std::uint32_t random() const {
    const std::int64_t r = lowest_rank();
    if (checking()) {
      return best_scored([&](std::uint32_t, std::uint32_t a) { return uniform(engine.def_.seed, contact.seq, a); });
    }
    std::uint64_t total = 0;
    groups([&](std::uint32_t g) { total += rank(g) == r ? pool.groups[g].size(pool.nodes) : 0; });
    if (total == 0) return kNil;
    auto left = static_cast<std::uint64_t>(uniform(engine.def_.seed, contact.seq, contact.offers_made) *
                                           static_cast<double>(total));
    std::uint32_t chosen = kNil;
    groups([&](std::uint32_t g) {
      if (chosen != kNil || rank(g) != r) return;
      const std::uint32_t size = pool.groups[g].size(pool.nodes);
      if (left < size) chosen = pool.groups[g].select(pool.nodes, static_cast<std::uint32_t>(left));
      else left -= size;
    });
    return chosen;
  }

  std::uint32_t round_robin() const {
    const std::int64_t r = lowest_rank();
    const std::uint64_t after = queue.last_agent == kNil ? 0 : queue.last_agent + 1;
    std::uint32_t best = kNil, wrapped = kNil;
    groups([&](std::uint32_t g) {
      if (rank(g) != r) return;
      const Tree& tree = pool.groups[g];
      std::uint32_t a = tree.lower_bound(pool.nodes, Key{0, 0, after});
      while (a != kNil && !allowed(a)) a = tree.next(pool.nodes, a);
      if (a != kNil && a < best) best = a;
      const std::uint32_t from_start = head(g);
      if (from_start != kNil && from_start < wrapped) wrapped = from_start;
    });
    return best != kNil ? best : wrapped;
  }

  double weight(std::uint32_t g) const {
    for (const Membership& m : engine.groups_[g].profile.queues)
      if (m.queue.value - 1 == contact.queue) return m.weight;
    return 1;
  }

  // -(busy + 1) / (logged in x weight) of the team.
  double team_ratio(std::uint32_t g) const {
    const std::uint32_t team = engine.groups_[g].profile.team;
    const TeamCount& count = engine.team_counts_[team + 1];
    const std::uint32_t working = count.logged_in > pool.team_idle[team + 1] ? count.logged_in - pool.team_idle[team + 1] : 0;
    return -(working + 1.0) / std::max(1e-9, count.logged_in * weight(g));
  }

  double occupancy(std::uint32_t agent) const {
    const Agent& a = engine.agents_[agent];
    const double present = static_cast<double>(engine.now_ - a.signed_on - a.on_break);
    return present > 0 ? static_cast<double>(a.busy) / present : 0;
  }

  std::uint32_t custom() const {
    if (queue.chooser.choose == nullptr) return first();
    std::vector<std::pair<std::pair<std::int64_t, Key>, std::uint32_t>> order;
    agents([&](std::uint32_t g, std::uint32_t a) { order.push_back({{rank(g), pool.nodes[a].key}, a}); });
    if (order.empty()) return kNil;
    std::sort(order.begin(), order.end());
    std::vector<AgentCandidate> list;
    for (const auto& [key, agent] : order) {
      const Agent& a = engine.agents_[agent];
      list.push_back({AgentId{agent + 1}, TeamId{a.team + 1}, static_cast<std::int32_t>(key.first >> 40),
                      time_from_ns(a.idle_since), a.answered, Duration{a.busy}});
    }
    const ContactCandidate wanted{engine.id_of(static_cast<std::uint32_t>(&contact - engine.contacts_.data())),
                                  QueueId{contact.queue + 1}, contact.tag, contact.priority,
                                  time_from_ns(contact.since), queue.waiting};
    const std::int64_t chosen = queue.chooser.choose(queue.chooser.context, wanted, list, time_from_ns(engine.now_));
    return chosen >= 0 && chosen < static_cast<std::int64_t>(order.size()) ? order[static_cast<std::size_t>(chosen)].second
                                                                            : kNil;
  }
};

std::uint32_t Engine::select_agent(std::uint32_t at, std::uint32_t lane_at) {
  const Contact& contact = contacts_[at];
  const Lane& lane = lanes_[lane_at];
  const Pool& pool = pools_[lane.pool];
  if (pool.count == 0) return kNil;
  const QueueDef& def = def_.queues[contact.queue];
  const Scan scan{*this, contact, lane, pool, queues_[contact.queue], def};
  const auto idle = [&](std::uint32_t a) { return static_cast<double>(now_ - agents_[a].idle_since); };
  switch (def.agents) {
    case AgentOrder::random: return scan.random();
    case AgentOrder::round_robin: return scan.round_robin();
    case AgentOrder::custom: return scan.custom();
    case AgentOrder::weighted_random:  // Efraimidis and Spirakis: the largest u^(1/weight)
      return scan.best_scored([&](std::uint32_t, std::uint32_t a) {
        const double weight = def_.agents[a].weight;
        return weight > 0 ? std::log(uniform(def_.seed, contact.seq, a) + 0x1.0p-60) / weight : -1e300;
      });
    case AgentOrder::weighted_idle:
      return scan.best_head([&](std::uint32_t g, std::uint32_t a) { return scan.weight(g) * idle(a); });
    case AgentOrder::weights:
      return scan.best_head([&](std::uint32_t g, std::uint32_t a) {
        return pair(groups_[g].profile.team, contact.queue).at(static_cast<double>(now_ - contact.since) * 1e-9, idle(a) * 1e-9);
      });
    case AgentOrder::team_ratio: return scan.best_head([&](std::uint32_t g, std::uint32_t) { return scan.team_ratio(g); });
    case AgentOrder::least_occupied_signon:
      return scan.best_scored([&](std::uint32_t, std::uint32_t a) { return -scan.occupancy(a); });
    default: return scan.first();
  }
}

std::uint32_t Engine::head(const Lane& lane, std::uint32_t agent) const {
  std::uint32_t at = lane.waiting.first();
  while (at != kNil && (passed_over(contacts_[at]) || (contacts_[at].excluded != kNil && excludes(contacts_[at], agent))))
    at = lane.waiting.next(contact_nodes_, at);
  return at;
}

std::uint32_t Engine::select_contact(std::uint32_t agent, std::uint32_t channels) {
  const Agent& a = agents_[agent];
  const Group& group = groups_[a.group];
  const ContactOrder order = a.team == kNil ? def_.order : def_.teams[a.team].order;
  const std::vector<QueueId>* listed = a.team == kNil ? nullptr : &def_.teams[a.team].serves;
  const double idle = static_cast<double>(now_ - a.idle_since) * 1e-9;
  const std::size_t words = std::min(group.lanes.size(), nonempty_.size());
  std::vector<std::pair<Key, std::uint32_t>> offered;  // for the host's function only

  std::uint32_t best = kNil;
  std::int32_t best_class = 0, best_weight = 0;
  double best_score = 0;
  for (std::size_t w = 0; w < words; ++w) {
    for (std::uint64_t bits = group.lanes[w] & nonempty_[w]; bits != 0; bits &= bits - 1) {
      const Lane& lane = lanes_[w * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))];
      const std::uint32_t q = lane.key.queue;
      if (!(channels >> lane.key.channel & 1) || (lane.key.agent != kNil && lane.key.agent != agent) || throttled(q)) continue;
      const std::uint32_t at = head(lane, agent);
      if (at == kNil) continue;
      const Contact& c = contacts_[at];
      const QueueDef& def = def_.queues[q];
      if (lane.reserved) {
        const Pool& pool = pools_[lane.pool];
        if (!reserve_allows(queues_[q], def, c, a.team, pool, pool.nodes[agent].linked() ? 0 : 1)) continue;
      }
      const double wait = static_cast<double>(now_ - c.since + def.head_start.count()) * 1e-9;
      double score = 0;
      std::int32_t strict = c.strict;
      switch (order) {
        case ContactOrder::first_come: break;
        case ContactOrder::listed: break;
        case ContactOrder::weighted_wait: score = def.factor * wait; break;
        case ContactOrder::longest_queue: score = queues_[q].waiting; break;
        case ContactOrder::queue_ratio: score = queues_[q].waiting - def.share * waiting_; break;
        case ContactOrder::urgency: score = wait / std::max(1e-9, static_cast<double>(def.target.count()) * 1e-9); break;
        case ContactOrder::gcmu:
          score = def.factor * wait / std::max(1e-9, static_cast<double>(def.service_time.count()) * 1e-9);
          break;
        case ContactOrder::aging:
          if (def.aging.count() > 0) strict += static_cast<std::int32_t>(std::min<std::int64_t>((now_ - c.since) / def.aging.count(), 1 << 20));
          break;
        case ContactOrder::weights:
          crossing_ = kForever;
          if (!weight_allows(c, agent)) {
            if (!explaining_) wake_queue(q, crossing_);
            continue;
          }
          score = pair(a.team, q).at(static_cast<double>(now_ - c.since) * 1e-9, idle);
          break;
        case ContactOrder::custom: offered.push_back({contact_nodes_[at].key, at}); continue;
      }
      if (order == ContactOrder::listed || order == ContactOrder::longest_queue) {
        double place = listed != nullptr ? static_cast<double>(listed->size()) : 0;
        if (listed != nullptr)
          for (std::size_t i = 0; i < listed->size(); ++i)
            if ((*listed)[i].value - 1 == q) place = static_cast<double>(i);
        score = order == ContactOrder::listed ? -place : score - place * 1e-6;
      }
      const bool better = best == kNil || strict > best_class ||
                          (strict == best_class &&
                           (def.weight > best_weight ||
                            (def.weight == best_weight &&
                             (score > best_score ||
                              (score == best_score && contact_nodes_[at].key < contact_nodes_[best].key)))));
      if (better) best = at, best_class = strict, best_weight = def.weight, best_score = score;
    }
  }
  const ContactChooser& chooser = team_choosers_[a.team + 1];
  if (offered.empty()) return best;
  std::sort(offered.begin(), offered.end());
  if (chooser.choose == nullptr) return offered.front().second;
  std::vector<ContactCandidate> list;
  for (const auto& [key, at] : offered) {
    const Contact& c = contacts_[at];
    list.push_back({id_of(at), QueueId{c.queue + 1}, c.tag, c.priority, time_from_ns(c.since), queues_[c.queue].waiting});
  }
  const AgentCandidate self{AgentId{agent + 1}, TeamId{a.team + 1}, 1, time_from_ns(a.idle_since), a.answered, Duration{a.busy}};
  const std::int64_t chosen = chooser.choose(chooser.context, self, list, time_from_ns(now_));
  return chosen >= 0 && chosen < static_cast<std::int64_t>(list.size()) ? offered[static_cast<std::size_t>(chosen)].second : kNil;
}

}  // namespace hotline::acd
