// A contact with its agent: talking, paused, wrapped up, gone.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

std::uint32_t Engine::new_contact() {
  std::uint32_t at;
  if (free_contacts_.empty()) {
    at = static_cast<std::uint32_t>(contacts_.size());
    contacts_.emplace_back();
    contact_nodes_.emplace_back();
    timers_.resize(timer_of_contact(at) + 1);
  } else {
    at = free_contacts_.back();
    free_contacts_.pop_back();
  }
  Contact& c = contacts_[at];
  const std::uint32_t generation = c.generation + 1;
  c = Contact{};
  c.generation = generation;
  return at;
}

void Engine::free_contact(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (c.excluded != kNil) forget_exclusions(at);
  forget_promise(at);
  timers_.set(timer_of_contact(at), kForever);
  if (c.name != kNil) {
    by_name_.erase(names_[c.name]);
    gone_names_.push_back({id_of(at), std::move(names_[c.name])});
    free_names_.push_back(c.name);
    c.name = kNil;
  }
  c.state = ContactState::none;
  free_contacts_.push_back(at);
}

// Talking begins; the channel's units were taken by the offer.
void Engine::attach(std::uint32_t contact, std::uint32_t agent) {
  Contact& c = contacts_[contact];
  Agent& a = agents_[agent];
  c.agent = agent;
  c.previous = kNil;
  c.next = a.contacts;
  if (c.next != kNil) contacts_[c.next].previous = contact;
  if (a.contacts == kNil) {
    a.busy_since = now_;
  }
  a.contacts = contact;
  ++a.talking;
}

// Off the agent's list and load, in whatever state; the caller says what becomes of the agent.
void Engine::detach(std::uint32_t contact) {
  Contact& c = contacts_[contact];
  Agent& a = agents_[c.agent];
  if (c.previous != kNil) contacts_[c.previous].next = c.next;
  else a.contacts = c.next;
  if (c.next != kNil) contacts_[c.next].previous = c.previous;
  c.next = c.previous = kNil;
  if (c.state == ContactState::talking) --a.talking;
  else if (c.state == ContactState::paused) --a.paused;
  else if (c.state == ContactState::wrap) --a.wrapping;
  --a.load[c.channel];
  if (a.contacts == kNil) {
    a.busy += now_ - a.busy_since;
    fade_in(PoolKey::occupied, c.agent, static_cast<double>(now_ - a.busy_since));
  }
  c.agent = kNil;
}

void Engine::became_free(std::uint32_t agent) {
  Agent& a = agents_[agent];
  leave_pools(agent, a.in_pools);  // its place in their orders changes
  a.idle_since = now_;
  if (a.paused > 0) resume_paused(agent);
  if (a.contacts == kNil && a.pending != AgentState::ready) apply_pending(agent);
  show(agent);
  touch_agent(agent);
}

// Contacts that this channel may interrupt are paused when the agent has no room for all.
void Engine::pause_for(std::uint32_t agent, std::uint32_t channel) {
  if (interrupts_[channel] == 0) return;
  Agent& a = agents_[agent];
  std::uint32_t used = 0;
  for (std::uint32_t c = 0; c < def_.channels.size(); ++c) used += a.load[c] * def_.channels[c].units;
  for (std::uint32_t at = a.contacts; at != kNil && used > a.units; at = contacts_[at].next) {
    Contact& c = contacts_[at];
    if (c.state != ContactState::talking || !(interrupts_[channel] >> c.channel & 1)) continue;
    used -= def_.channels[c.channel].units;
    c.state = ContactState::paused;
    a.talk += now_ - c.marked;
    c.marked = now_;
    --a.talking;
    ++a.paused;
    emit(EventType::interrupted, at, agent, kNil, Reason::none, 0);
  }
}

void Engine::resume_paused(std::uint32_t agent) {
  Agent& a = agents_[agent];
  std::uint32_t used = 0;
  for (std::uint32_t c = 0; c < def_.channels.size(); ++c) used += a.load[c] * def_.channels[c].units;
  for (std::uint32_t at = a.contacts; at != kNil; at = contacts_[at].next)
    if (contacts_[at].state == ContactState::paused) used -= def_.channels[contacts_[at].channel].units;
  for (std::uint32_t at = a.contacts; at != kNil; at = contacts_[at].next) {
    Contact& c = contacts_[at];
    if (c.state != ContactState::paused || used + def_.channels[c.channel].units > a.units) continue;
    used += def_.channels[c.channel].units;
    c.state = ContactState::talking;
    const std::int64_t paused = now_ - c.marked;
    c.marked = now_;
    --a.paused;
    ++a.talking;
    emit(EventType::resumed, at, agent, kNil, Reason::none, paused);
  }
}

void Engine::begin_wrap(std::uint32_t at) {
  Contact& c = contacts_[at];
  const std::uint32_t agent = c.agent;
  Agent& a = agents_[agent];
  const QueueDef& def = def_.queues[c.queue];
  const std::int64_t talked = now_ - c.answered;
  leave_pools(agent, a.in_pools);
  const std::int64_t stretch = c.state == ContactState::talking ? now_ - c.marked : 0;
  a.talk += stretch;
  fade_in(PoolKey::talk, agent, static_cast<double>(stretch));
  emit(EventType::ended, at, agent, kNil, Reason::none, talked);

  std::int64_t length = c.wrap_time >= 0 ? c.wrap_time : def_.agents[agent].wrap_time.count();
  if (length < 0) length = def.wrap_time.count();
  if (def.wrap_cap.count() > 0) length = std::min(length, def.wrap_cap.count());
  const bool open_end = def.wrap == WrapMode::until_released || def.wrap == WrapMode::optional;
  const bool none = def.wrap == WrapMode::none ? c.wrap_time <= 0 : (length == 0 && !open_end);
  if (c.state == ContactState::talking) --a.talking;
  else --a.paused;
  ++a.wrapping;
  c.state = ContactState::wrap;
  c.marked = now_;
  if (none) {
    end_wrap(at);
    return;
  }
  c.until = length > 0 ? later(now_, length) : kForever;
  set_timer(at);
  show(agent);
  touch_agent(agent);
}

void Engine::end_wrap(std::uint32_t at) {
  Contact& c = contacts_[at];
  const std::uint32_t agent = c.agent;
  Agent& a = agents_[agent];
  emit(EventType::wrap_ended, at, agent, kNil, Reason::none, now_ - c.marked);
  if (def_.agents[agent].handling_time.count() == 0) {
    const std::int64_t handled = now_ - c.answered;
    a.handling = a.handling == 0 ? handled : a.handling + (handled - a.handling) / 16;
  }
  detach(at);
  free_contact(at);
  became_free(agent);
}

Outcome Engine::ended(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  if (contacts_[at].state != ContactState::talking && contacts_[at].state != ContactState::paused) return Outcome::wrong_state;
  begin_wrap(at);
  settle();
  return Outcome::done;
}

Outcome Engine::wrap_up_done(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  if (contacts_[at].state != ContactState::wrap) return Outcome::wrong_state;
  end_wrap(at);
  settle();
  return Outcome::done;
}

Outcome Engine::extend_wrap_up(ContactId id, std::int64_t by) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::wrap || c.until == kForever || by <= 0) return Outcome::wrong_state;
  const QueueDef& def = def_.queues[c.queue];
  if (c.extensions >= def.wrap_extensions) return Outcome::limit;
  ++c.extensions;
  c.until = later(c.until, by);
  if (def.wrap_cap.count() > 0) c.until = std::min(c.until, later(c.marked, def.wrap_cap.count()));
  set_timer(at);
  emit(EventType::wrap_extended, at, c.agent, kNil, Reason::none, c.until - c.marked);
  return Outcome::done;
}

}  // namespace hotline::acd
