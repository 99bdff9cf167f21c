// The life of an offer: the only way in which a contact comes to an agent.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

std::uint32_t Engine::make_offer(std::uint32_t contact, std::uint32_t agent) {
  std::uint32_t at;
  if (free_offers_.empty()) {
    at = static_cast<std::uint32_t>(offers_.size());
    offers_.emplace_back();
  } else {
    at = free_offers_.back();
    free_offers_.pop_back();
  }
  Contact& c = contacts_[contact];
  Agent& a = agents_[agent];
  const QueueDef& def = def_.queues[c.queue];
  Queue& queue = queues_[c.queue];
  Offer& offer = offers_[at];
  offer = {id_of(contact).value, offer.generation + 1, contact, agent, c.offers, a.idle_since, false, Reason::none, {}};
  const bool first = c.offers == kNil;
  c.offers = at;
  ++c.offers_made;
  a.offer = at;
  a.last_offer = offer_id(at).value;
  ++a.load[c.channel];
  leave_pools(agent, a.in_pools);
  queue.last_agent = agent;
  if (def.pace.count() > 0) {
    queue.next_offer = later(now_, def.pace.count());
    wake_queue(c.queue, queue.next_offer);
  }
  if (def_.pace.count() > 0) {
    next_offer_ = later(now_, def_.pace.count());
    wake_queue(static_cast<std::uint32_t>(queues_.size()), next_offer_);
  }
  if (first) {
    c.state = ContactState::offered;
    ++queue.ringing;
    ++ringing_;
    c.until = def.ring_timeout.count() > 0 ? later(now_, def.ring_timeout.count()) : kForever;
    if (c.leave_at != kForever) c.until = std::min(c.until, std::max(now_ + 1, later(c.leave_at, def.ring_grace.count())));
    c.next_ring = def.fanout_every.count() > 0 && def.fanout > 1 ? later(now_, def.fanout_every.count()) : kForever;
    if (!def.auto_accept) set_timer(contact);
  }
  emit(EventType::offered, contact, agent, at, Reason::none, c.until == kForever ? 0 : c.until - now_);
  if (!def.auto_accept) show(agent);
  return at;
}

// One contact fewer rings: whom a limit held back may go on.
void Engine::stopped_ringing(std::uint32_t q) {
  const std::uint32_t most = def_.queues[q].max_ringing;
  if (most != 0 && queues_[q].ringing >= most) touch_queue(q);
  if (def_.max_ringing != 0 && ringing_ >= def_.max_ringing) touch_queue(static_cast<std::uint32_t>(queues_.size()));
  --queues_[q].ringing;
  --ringing_;
}

void Engine::drop_offer(std::uint32_t at, Reason reason) {
  Offer& offer = offers_[at];
  const std::uint32_t contact = offer.contact, agent = offer.agent;
  Contact& c = contacts_[contact];
  Agent& a = agents_[agent];
  emit(EventType::offer_ended, contact, agent, at, reason, 0);
  for (std::uint32_t* link = &c.offers; *link != kNil; link = &offers_[*link].next)
    if (*link == at) {
      *link = offer.next;
      break;
    }
  if (c.offers == kNil) stopped_ringing(c.queue);
  a.offer = kNil;
  --a.load[c.channel];
  offer.contact = kNil;
  offer.how = reason;
  free_offers_.push_back(at);
  show(agent);
  touch_agent(agent);
}

void Engine::drop_offers(std::uint32_t contact, Reason reason, std::uint32_t except) {
  for (std::uint32_t at = contacts_[contact].offers; at != kNil;) {
    const std::uint32_t next = offers_[at].next;
    if (at != except) {
      agents_[offers_[at].agent].idle_since = offers_[at].idle_before;  // not the agent's doing: the old place holds
      drop_offer(at, reason);
    }
    at = next;
  }
}

// The agent's side said no, or nothing. Excluded for this contact, and last in the order of the idle.
void Engine::missed(std::uint32_t at, HowRejected how, Reason reason) {
  const std::uint32_t contact = offers_[at].contact, agent = offers_[at].agent;
  Agent& a = agents_[agent];
  drop_offer(at, reason);
  exclude(contact, agent, later(now_, def_.queues[contacts_[contact].queue].exclude.count()));
  a.idle_since = now_;
  const Duration delay = how == HowRejected::busy          ? def_.delay_busy
                         : how == HowRejected::unreachable ? def_.delay_unreachable
                         : how == HowRejected::rejected    ? def_.delay_reject
                                                           : def_.delay_no_answer;
  if (delay.count() > 0) {
    a.blocked_until = later(now_, delay.count());
    set_agent_timer(agent);
  }
  if (how == HowRejected::unreachable) return;  // the line's fault, not the person's
  ++a.misses;
  if (how == HowRejected::no_answer) emit_agent(EventType::missed, agent, Reason::timed_out, a.misses);
  if (a.misses >= def_.misses && def_.misses > 0 && def_.if_missed == IfMissed::not_ready && a.mode == AgentState::ready) {
    if (a.contacts == kNil) {
      set_mode(agent, AgentState::not_ready, ReasonId{}, Reason::missed_too_often);
    } else {
      a.pending = AgentState::not_ready;
      a.pending_reason = ReasonId{};
    }
  }
}

// All offers of the contact are gone: it stands at its key again.
void Engine::back_to_waiting(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (c.offers != kNil) {
    set_timer(at);
    return;
  }
  c.state = ContactState::waiting;
  c.until = c.next_ring = kForever;
  emit(EventType::requeued, at, kNil, kNil, Reason::none, 0);
  c.announced = true;
  const QueueDef& def = def_.queues[c.queue];
  if (c.leave_at <= now_) {
    overflow(at, c.callback ? Reason::callback_window : Reason::max_wait);
    return;
  }
  if (def.max_offers != 0 && c.offers_made >= def.max_offers && !def.overflow.empty()) {
    overflow(at, Reason::max_offers);
    return;
  }
  while (c.step_at <= now_ && c.state == ContactState::waiting) {  // time went on while it rang
    if (c.sticky) begin_steps(at);
    else if (!open_next_step(at)) break;
  }
  if (contacts_[at].state != ContactState::waiting) return;
  std::uint32_t tried = 0;
  for (std::uint32_t i = c.excluded; i != kNil; i = exclusions_[i].next)
    tried += exclusions_[i].until > now_ && exclusions_[i].agent != kNil && agents_[exclusions_[i].agent].mode != AgentState::logged_out;
  if (tried > 0 && tried >= logged_in(lane_for(c))) forget_exclusions(at);  // everybody was asked: round again
  touch_contact(at);
}

// The agent takes it.
void Engine::take(std::uint32_t at) {
  const std::uint32_t contact = offers_[at].contact, agent = offers_[at].agent;
  Contact& c = contacts_[contact];
  Agent& a = agents_[agent];
  const QueueDef& def = def_.queues[c.queue];
  emit(EventType::accepted, contact, agent, at, Reason::none, now_ - c.since);
  a.misses = 0;
  if (def.confirm) {
    offers_[at].accepted = true;
    c.state = ContactState::connecting;
    c.agent = agent;
    timers_.set(timer_of_contact(contact), kForever);
    return;
  }
  confirm(contact, at);
}

void Engine::confirm(std::uint32_t contact, std::uint32_t at) {
  Contact& c = contacts_[contact];
  const std::uint32_t agent = offers_[at].agent;
  Agent& a = agents_[agent];
  if (offers_[at].next != kNil || c.offers != at) drop_offers(contact, Reason::answered_elsewhere, at);
  stopped_ringing(c.queue);
  c.offers = kNil;
  a.offer = kNil;
  offers_[at].contact = kNil;
  free_offers_.push_back(at);
  if (c.excluded != kNil) forget_exclusions(contact);
  c.until = kForever;
  timers_.set(timer_of_contact(contact), kForever);
  pause_for(agent, c.channel);
  attach(contact, agent);
  c.state = ContactState::talking;
  c.answered = c.marked = now_;
  ++a.answered;
  fade_in(PoolKey::contacts, agent, 1);
  a.idle_since = now_;
  show(agent);
  touch_agent(agent);
}

Outcome Engine::accept(OfferId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) {
    const auto slot = static_cast<std::uint32_t>(id.value) - 1;
    if (slot >= offers_.size() || id.value >> 32 > offers_[slot].generation) return Outcome::unknown;
    const bool latest = offers_[slot].generation == id.value >> 32;
    return latest && offers_[slot].how == Reason::answered_elsewhere ? Outcome::lost_race : Outcome::expired;
  }
  Offer& offer = offers_[at];
  if (offer.accepted) return Outcome::wrong_state;
  if (contacts_[offer.contact].state == ContactState::connecting) return Outcome::lost_race;
  take(at);
  settle();
  return Outcome::done;
}

Outcome Engine::reject(OfferId id, HowRejected how) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::expired;
  if (offers_[at].accepted) return Outcome::wrong_state;
  const std::uint32_t contact = offers_[at].contact;
  const Reason reason = how == HowRejected::rejected      ? Reason::rejected
                        : how == HowRejected::busy        ? Reason::busy
                        : how == HowRejected::unreachable ? Reason::unreachable
                                                          : Reason::timed_out;
  missed(at, how, reason);
  if (contacts_[contact].state == ContactState::offered) back_to_waiting(contact);
  settle();
  return Outcome::done;
}

Outcome Engine::connected(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  if (contacts_[at].state != ContactState::connecting) return Outcome::wrong_state;
  for (std::uint32_t o = contacts_[at].offers; o != kNil; o = offers_[o].next) {
    if (!offers_[o].accepted) continue;
    confirm(at, o);
    break;
  }
  emit(EventType::connected, at, contacts_[at].agent, kNil, Reason::none, now_ - contacts_[at].since);
  settle();
  return Outcome::done;
}

Outcome Engine::connect_failed(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::connecting) return Outcome::wrong_state;
  for (std::uint32_t o = c.offers; o != kNil; o = offers_[o].next) {
    if (!offers_[o].accepted) continue;
    const std::uint32_t agent = offers_[o].agent;
    const std::int64_t before = offers_[o].idle_before;
    drop_offer(o, Reason::connect_failed);
    agents_[agent].idle_since = before;
    exclude(at, agent, later(now_, def_.queues[c.queue].exclude.count()));
    break;
  }
  c.agent = kNil;
  c.state = ContactState::offered;
  back_to_waiting(at);
  settle();
  return Outcome::done;
}

}  // namespace hotline::acd
