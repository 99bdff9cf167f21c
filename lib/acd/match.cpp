// The fixpoint: whatever became matchable or free is looked at once, contacts before agents.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

void Engine::touch_contact(std::uint32_t at) {
  if (contacts_[at].pending) return;
  contacts_[at].pending = true;
  to_match_.push_back(at);
}
void Engine::touch_agent(std::uint32_t at) {
  // Who has less room than before must not be chosen meanwhile.
  if (agents_[at].in_pools != 0) leave_pools(at, agents_[at].in_pools & ~free_channels(at));
  if (agents_[at].queued) return;
  agents_[at].queued = true;
  to_feed_.push_back(at);
}

void Engine::touch_queue(std::uint32_t q) {
  const bool all = q == queues_.size();
  bool& pumping = all ? all_pumping_ : queues_[q].pumping;
  if (pumping) return;
  pumping = true;
  to_pump_.push_back(q);
}

void Engine::settle() {
  for (;;) {
    if (match_at_ < to_match_.size()) {
      const std::uint32_t at = to_match_[match_at_++];
      contacts_[at].pending = false;
      if (contacts_[at].state == ContactState::waiting && contacts_[at].lane == kNil) match(at);
    } else if (!to_dial_.empty()) {
      const std::uint32_t lane = to_dial_.back();
      to_dial_.pop_back();
      dial_ahead(lane);
    } else if (feed_at_ < to_feed_.size()) {
      const std::uint32_t at = to_feed_[feed_at_++];
      agents_[at].queued = false;
      feed(at);
    } else if (!to_pump_.empty()) {
      const std::uint32_t q = to_pump_.back();
      if (pump_one(q)) continue;  // again, when what it caused is settled
      const auto done = std::find(to_pump_.begin(), to_pump_.end(), q);
      to_pump_.erase(done);
      (q == queues_.size() ? all_pumping_ : queues_[q].pumping) = false;
    } else {
      break;
    }
  }
  to_match_.clear();
  to_feed_.clear();
  match_at_ = feed_at_ = 0;
}

// The pair was chosen: an offer, or first a call to the citizen. True: the agent still has the capacity.
bool Engine::give(std::uint32_t at, std::uint32_t agent) {
  if (dials_first(contacts_[at])) {
    dial(at);
    return true;
  }
  const bool automatic = def_.queues[contacts_[at].queue].auto_accept;
  const std::uint32_t offer = make_offer(at, agent);
  if (automatic) take(offer);
  return false;
}

// A contact that stands in no lane looks for agents; where there are none it waits.
void Engine::match(std::uint32_t at) {
  const std::uint32_t q = contacts_[at].queue;
  const QueueDef& def = def_.queues[q];
  if (!throttled(q) && !passed_over(contacts_[at])) {
    const std::uint32_t lane = lane_for(contacts_[at]);
    const std::uint32_t most = def.fanout_every.count() > 0 ? 1 : def.fanout;
    crossing_ = kForever;
    for (std::uint32_t n = 0; n < most; ++n) {
      const std::uint32_t agent = select_agent(at, lane);
      if (agent == kNil) break;
      if (give(at, agent) || def.auto_accept) return;
      if (throttled(q)) break;
    }
    wake_queue(q, crossing_);
  }
  if (contacts_[at].state == ContactState::waiting) enter_lane(at);
}

// An agent who gained capacity takes what waits; what is left of the capacity stands ready for those who come.
void Engine::feed(std::uint32_t agent) {
  Agent& a = agents_[agent];
  std::uint32_t open = free_channels(agent);
  if (const std::uint32_t gone = a.in_pools & ~open) leave_pools(agent, gone);
  while (open != 0) {
    const std::uint32_t at = select_contact(agent, open);
    if (at == kNil) break;
    leave_lane(at);
    (void)give(at, agent);
    open = free_channels(agent);
  }
  if (const std::uint32_t gone = a.in_pools & ~open) leave_pools(agent, gone);
  if (const std::uint32_t more = open & ~a.in_pools) {
    enter_pools(agent, more);
    // One more idle in the team: queues that must leave some idle may now take another.
    for (const std::uint32_t q : reserving_[a.team + 1])
      if (queues_[q].waiting > 0) touch_queue(q);
  }
}

// A queue (or all of them) that was held back goes on: the best of its contacts for whom there is an agent. False: no more.
bool Engine::pump_one(std::uint32_t q) {
  const bool all = q == queues_.size();
  if (all ? router_throttled() : throttled(q)) {
    const std::int64_t pace = std::max(next_offer_, all ? 0 : queues_[q].next_offer);
    if (pace > now_) wake_queue(q, pace);
    return false;
  }
  std::uint32_t best = kNil, chosen = kNil;
  crossing_ = kForever;
  const auto look = [&](std::uint32_t l) {
    const Lane& lane = lanes_[l];
    if (all && throttled(lane.key.queue)) return;
    for (std::uint32_t at = lane.waiting.first(); at != kNil; at = lane.waiting.next(contact_nodes_, at)) {
      if (best != kNil && !(contact_nodes_[at].key < contact_nodes_[best].key)) return;
      if (passed_over(contacts_[at])) continue;
      const std::uint32_t agent = select_agent(at, l);
      if (agent != kNil) best = at, chosen = agent;
      if (agent != kNil || contacts_[at].excluded == kNil) return;
    }
  };
  if (!all) {
    for (const std::uint32_t l : queue_lanes_[q]) look(l);
  } else {
    for (std::size_t w = 0; w < nonempty_.size(); ++w)
      for (std::uint64_t bits = nonempty_[w]; bits != 0; bits &= bits - 1)
        look(static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(bits)));
  }
  if (best == kNil) {
    wake_queue(q, crossing_);
    return false;
  }
  leave_lane(best);
  (void)give(best, chosen);
  return true;
}

}  // namespace hotline::acd
