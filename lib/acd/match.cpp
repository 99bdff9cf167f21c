// The fixpoint: whatever became matchable or free is looked at once, contacts before agents.
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

void Engine::settle() {
  while (match_at_ < to_match_.size() || feed_at_ < to_feed_.size()) {
    if (match_at_ < to_match_.size()) {
      const std::uint32_t at = to_match_[match_at_++];
      contacts_[at].pending = false;
      if (contacts_[at].state == ContactState::waiting && contacts_[at].lane == kNil) match(at);
    } else {
      const std::uint32_t at = to_feed_[feed_at_++];
      agents_[at].queued = false;
      feed(at);
    }
  }
  to_match_.clear();
  to_feed_.clear();
  match_at_ = feed_at_ = 0;
}

// A contact that stands in no lane looks for agents; where there are none it waits.
void Engine::match(std::uint32_t at) {
  const std::uint32_t q = contacts_[at].queue;
  const QueueDef& def = def_.queues[q];
  if (!throttled(q)) {
    const std::uint32_t lane = lane_for(contacts_[at]);
    const std::uint32_t most = def.fanout_every.count() > 0 ? 1 : def.fanout;
    for (std::uint32_t n = 0; n < most; ++n) {
      const std::uint32_t agent = select_agent(at, lane);
      if (agent == kNil) break;
      const std::uint32_t offer = make_offer(at, agent);
      if (def.auto_accept) {
        take(offer);
        return;
      }
      if (throttled(q)) break;
    }
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
    const bool automatic = def_.queues[contacts_[at].queue].auto_accept;
    const std::uint32_t offer = make_offer(at, agent);
    if (automatic) take(offer);
    open = free_channels(agent);
  }
  if (const std::uint32_t gone = a.in_pools & ~open) leave_pools(agent, gone);
  if (const std::uint32_t more = open & ~a.in_pools) {
    enter_pools(agent, more);
    // One more idle in the team: queues that must leave some idle may now take another.
    for (const std::uint32_t q : reserving_[a.team + 1])
      if (queues_[q].waiting > 0) pump(q);
  }
}

// A queue that was held back (pace, ringing at once) goes on.
void Engine::pump(std::uint32_t q) {
  while (!throttled(q)) {
    std::uint32_t best = kNil, chosen = kNil;
    for (const std::uint32_t l : queue_lanes_[q]) {
      const Lane& lane = lanes_[l];
      for (std::uint32_t at = lane.waiting.first(); at != kNil; at = lane.waiting.next(contact_nodes_, at)) {
        if (best != kNil && !(contact_nodes_[at].key < contact_nodes_[best].key)) break;
        const std::uint32_t agent = select_agent(at, l);
        if (agent != kNil) best = at, chosen = agent;
        if (agent != kNil || contacts_[at].excluded == kNil) break;
      }
    }
    if (best == kNil) return;
    leave_lane(best);
    const std::uint32_t offer = make_offer(best, chosen);
    if (def_.queues[q].auto_accept) take(offer);
    settle();
  }
}

}  // namespace hotline::acd
