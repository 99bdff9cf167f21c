// The invariants, checked from the outside in: slow, and independent of the bookkeeping that it checks.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

Error broken(std::string what) { return Error(ErrorCode::internal, "the router's state is broken: " + what, "please report it"); }
std::string number(std::uint32_t i) { return std::to_string(i); }

}  // namespace

Status Engine::check() const {
  std::uint32_t waiting = 0, freed = 0, ringing = 0;
  std::vector<std::uint32_t> queue_waiting(queues_.size()), queue_ringing(queues_.size()), queue_dialling(queues_.size());
  std::vector<std::array<std::uint16_t, kMaxChannels>> load(agents_.size());
  for (auto& l : load) l.fill(0);
  for (std::uint32_t at = 0; at < contacts_.size(); ++at) {
    const Contact& c = contacts_[at];
    switch (c.state) {
      case ContactState::none: ++freed; break;
      case ContactState::waiting:
        if (c.lane == kNil || !contact_nodes_[at].linked()) return broken("contact " + number(at) + " waits in no lane");
        if (c.offers != kNil) return broken("contact " + number(at) + " waits and is offered");
        ++waiting, ++queue_waiting[c.queue];
        break;
      case ContactState::offered:
      case ContactState::connecting: {
        if (c.offers == kNil) return broken("contact " + number(at) + " is offered to nobody");
        ++queue_ringing[c.queue], ++ringing;
        std::uint32_t accepted = 0;
        for (std::uint32_t o = c.offers; o != kNil; o = offers_[o].next) {
          if (offers_[o].contact != at || agents_[offers_[o].agent].offer != o) return broken("offer " + number(o) + " is one-sided");
          accepted += offers_[o].accepted;
          ++load[offers_[o].agent][c.channel];
        }
        if (accepted != (c.state == ContactState::connecting ? 1u : 0u)) return broken("contact " + number(at) + " has " + number(accepted) + " accepted offers");
        if (c.state == ContactState::offered && timers_.at(timer_of_contact(at)) < now_) return broken("offer of contact " + number(at) + " is overdue");
        break;
      }
      case ContactState::held:
        if (c.promise == kNil || !c.callback || c.offers != kNil || c.agent != kNil) return broken("contact " + number(at) + " is held without a promise");
        queue_dialling[c.queue] += promises_[c.promise].dialling;
        break;
      default:
        if (c.agent == kNil) return broken("contact " + number(at) + " has nobody");
        ++load[c.agent][c.channel];
    }
    if (c.state != ContactState::waiting && c.lane != kNil) return broken("contact " + number(at) + " is in a lane");
  }
  if (freed != free_contacts_.size()) return broken("free contacts are miscounted");
  if (ringing != ringing_) return broken("ringing contacts are miscounted");
  if (waiting != waiting_) return broken("waiting contacts are miscounted");
  for (std::uint32_t q = 0; q < queues_.size(); ++q)
    if (queues_[q].waiting != queue_waiting[q] || queues_[q].ringing != queue_ringing[q] || queues_[q].dialling != queue_dialling[q]) return broken("queue " + number(q) + " is miscounted");

  for (std::uint32_t at = 0; at < agents_.size(); ++at) {
    const Agent& a = agents_[at];
    if (a.load != load[at]) return broken("agent " + number(at) + " carries what nobody gave");
    std::uint32_t talking = 0, wrapping = 0, paused = 0;
    for (std::uint32_t c = a.contacts; c != kNil; c = contacts_[c].next) {
      if (contacts_[c].agent != at) return broken("contact " + number(c) + " is with somebody else");
      talking += contacts_[c].state == ContactState::talking;
      wrapping += contacts_[c].state == ContactState::wrap;
      paused += contacts_[c].state == ContactState::paused;
    }
    if (talking != a.talking || wrapping != a.wrapping || paused != a.paused) return broken("agent " + number(at) + "'s contacts are miscounted");
    if (a.mode == AgentState::logged_out && (a.contacts != kNil || a.offer != kNil)) return broken("agent " + number(at) + " is out and has work");
    if (a.in_pools != free_channels(at)) return broken("agent " + number(at) + " is free for " + number(free_channels(at)) + " and listed for " + number(a.in_pools));
    for (const Pool& pool : pools_) {
      const bool in = a.in_pools >> pool.channel & 1;
      if (pool.nodes[at].linked() != in) return broken("agent " + number(at) + " is not where it is free");
      if (in && pool.nodes[at].key != pool_key(pool, at)) return broken("agent " + number(at) + " stands at an old place");
    }
    if (a.in_pools == 0) continue;
    // Work conserving: nobody free while somebody waits whom they may take.
    const Group& group = groups_[a.group];
    for (std::uint32_t l = 0; l < lanes_.size(); ++l) {
      const Lane& lane = lanes_[l];
      if (lane.waiting.empty() || !test_bit(group.lanes, l) || !(a.in_pools >> lane.key.channel & 1)) continue;
      if ((lane.key.agent != kNil && lane.key.agent != at) || throttled(lane.key.queue)) continue;
      const QueueDef& def = def_.queues[lane.key.queue];
      const ContactOrder order = a.team == kNil ? def_.order : def_.teams[a.team].order;
      if (def.agents == AgentOrder::custom || order == ContactOrder::custom) continue;
      for (std::uint32_t c = lane.waiting.first(); c != kNil; c = lane.waiting.next(contact_nodes_, c)) {
        if (passed_over(contacts_[c]) || excludes(contacts_[c], at)) continue;
        if (!weight_allows(contacts_[c], at)) break;  // the head of a line speaks for it
        if (lane.reserved && !reserve_allows(queues_[lane.key.queue], def, contacts_[c], a.team, pools_[lane.pool], 0)) continue;
        return broken("agent " + number(at) + " is idle while contact " + number(c) + " waits");
      }
    }
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) {
    const Lane& lane = lanes_[l];
    if (test_bit(nonempty_, l) == lane.waiting.empty()) return broken("lane " + number(l) + " is marked wrongly");
    std::uint32_t before = kNil, count = 0;
    for (std::uint32_t c = lane.waiting.first(); c != kNil; before = c, c = lane.waiting.next(contact_nodes_, c)) {
      if (before != kNil && !(contact_nodes_[before].key < contact_nodes_[c].key)) return broken("lane " + number(l) + " is out of order");
      if (contacts_[c].lane != l) return broken("contact " + number(c) + " is in another lane");
      if (contact_nodes_[c].key != contact_key(contacts_[c])) return broken("contact " + number(c) + " stands at an old key");
      ++count;
    }
    if (count != lane.waiting.size(contact_nodes_)) return broken("lane " + number(l) + " miscounts");
  }
  return {};
}

}  // namespace hotline::acd
