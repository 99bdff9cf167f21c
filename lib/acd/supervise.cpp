// Supervisors' commands, and agents' who act on a named contact.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

Outcome Engine::push(ContactId id, AgentId agent) {
  const std::uint32_t at = slot_of(id), a = index_of(agent);
  if (at == kNil || a == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::waiting) return Outcome::wrong_state;
  if (!(free_channels(a) >> c.channel & 1)) return Outcome::no_capacity;
  leave_lane(at);
  const std::uint32_t offer = make_offer(at, a);
  if (def_.queues[c.queue].auto_accept) take(offer);
  else set_timer(at);
  settle();
  return Outcome::done;
}

Outcome Engine::pull(AgentId id, ContactId contact) {
  const Outcome pushed = push(contact, id);
  if (pushed != Outcome::done) return pushed;
  const std::uint32_t offer = agents_[index_of(id)].offer;
  if (offer != kNil && id_of(offers_[offer].contact) == contact && !offers_[offer].accepted) take(offer);
  settle();
  return Outcome::done;
}

// One step: the contact changes hands, the one who had it wraps up; the contact's id and clock go on.
Outcome Engine::transfer(ContactId id, AgentId to, TakeOverMode mode, Reason why, NoteId note) {
  const std::uint32_t at = slot_of(id), target = index_of(to);
  if (at == kNil || target == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::talking || c.agent == target) return Outcome::wrong_state;
  Agent& t = agents_[target];
  if (t.mode == AgentState::logged_out) return Outcome::wrong_state;
  if (mode == TakeOverMode::within_capacity && !(free_channels(target) >> c.channel & 1)) return Outcome::no_capacity;
  const std::uint32_t old = c.agent;
  Agent& o = agents_[old];
  leave_pools(old, o.in_pools);
  o.talk += now_ - c.marked;
  detach(at);
  ++t.load[c.channel];
  leave_pools(target, t.in_pools);
  pause_for(target, c.channel);
  attach(at, target);
  c.marked = now_;
  ++t.answered;
  emit(EventType::transferred, at, target, kNil, why, old + 1);
  events_->back().note = note;
  show(target);
  touch_agent(target);

  // The old agent's wrap-up is a contact of its own: it holds the units and ends by itself.
  const QueueDef& def = def_.queues[c.queue];
  std::int64_t length = def_.agents[old].wrap_time.count() >= 0 ? def_.agents[old].wrap_time.count() : def.wrap_time.count();
  if (def.wrap_cap.count() > 0) length = std::min(length, def.wrap_cap.count());
  if (def.wrap == WrapMode::none || length <= 0) {
    became_free(old);
  } else {
    const std::uint32_t rest = new_contact();
    Contact& w = contacts_[rest];
    const Contact& source = contacts_[at];
    w.tag = source.tag;
    w.seq = ++seq_;
    w.since = source.since;
    w.queue = source.queue;
    w.channel = source.channel;
    w.strict = source.strict;
    w.answered = source.answered;
    w.announced = true;
    ++o.load[w.channel];
    attach(rest, old);
    --o.talking;
    ++o.wrapping;
    w.state = ContactState::wrap;
    w.marked = now_;
    w.until = later(now_, length);
    emit(EventType::ended, rest, old, kNil, Reason::taken_over, now_ - w.answered);
    set_timer(rest);
    show(old);
    touch_agent(old);
  }
  settle();
  return Outcome::done;
}

Outcome Engine::release_agent(AgentId id) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  Agent& a = agents_[at];
  if (a.offer != kNil) {
    const std::uint32_t contact = offers_[a.offer].contact;
    const bool connecting = offers_[a.offer].accepted;
    drop_offer(a.offer, Reason::released);
    if (connecting) contacts_[contact].agent = kNil, contacts_[contact].state = ContactState::offered;
    if (contacts_[contact].state == ContactState::offered) back_to_waiting(contact);
  }
  while (a.contacts != kNil) {
    const std::uint32_t c = a.contacts;
    emit(EventType::released, c, at, kNil, Reason::released, now_ - contacts_[c].answered);
    detach(c);
    free_contact(c);
  }
  became_free(at);
  settle();
  return Outcome::done;
}

Outcome Engine::request_help(AgentId id) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  if (agents_[at].mode == AgentState::logged_out) return Outcome::wrong_state;
  const std::uint32_t contact = agents_[at].contacts;
  emit(EventType::help_requested, contact, at, kNil, Reason::by_agent, 0);
  return Outcome::done;
}

Outcome Engine::monitor(AgentId id, AgentId by, MonitorMode mode, NoteId note) {
  const std::uint32_t at = index_of(id), who = index_of(by);
  if (at == kNil || who == kNil) return Outcome::unknown;
  if (!(def_.monitor_modes >> static_cast<int>(mode) & 1)) return Outcome::denied;
  if (at == who || agents_[at].mode == AgentState::logged_out) return Outcome::wrong_state;
  auto& watches = agents_[at].watches;
  for (const Watch& w : watches)
    if (w.by != who && mode != MonitorMode::listen && w.mode != MonitorMode::listen) return Outcome::limit;
  auto mine = std::find_if(watches.begin(), watches.end(), [&](const Watch& w) { return w.by == who; });
  if (mine == watches.end()) watches.push_back({who, mode, {}});
  else mine->mode = mode;
  emit(EventType::monitoring, agents_[at].contacts, who, kNil, Reason::by_supervisor,
       static_cast<std::int64_t>(mode) << 32 | id.value);
  events_->back().note = note;
  return Outcome::done;
}

Outcome Engine::stop_monitor(AgentId id, AgentId by, NoteId note) {
  const std::uint32_t at = index_of(id), who = index_of(by);
  if (at == kNil || who == kNil) return Outcome::unknown;
  auto& watches = agents_[at].watches;
  const auto mine = std::find_if(watches.begin(), watches.end(), [&](const Watch& w) { return w.by == who; });
  if (mine == watches.end()) return Outcome::wrong_state;
  watches.erase(mine);
  emit(EventType::monitor_ended, agents_[at].contacts, who, kNil, Reason::by_supervisor, id.value);
  events_->back().note = note;
  return Outcome::done;
}

NoteId Engine::note(std::string_view text) {
  constexpr std::uint32_t kKept = 65536;
  if (text.empty()) return {};
  const auto [found, is_new] = note_index_.try_emplace(std::string(text), last_note_ + 1);
  if (!is_new) return NoteId{found->second};
  const std::uint32_t slot = last_note_++ % kKept;
  if (slot < notes_.size()) {
    note_index_.erase(notes_[slot]);
    notes_[slot] = text;
  } else {
    notes_.emplace_back(text);
  }
  return NoteId{last_note_};
}

std::string_view Engine::note_text(NoteId id) const {
  if (id.value == 0 || id.value > last_note_ || last_note_ - id.value >= notes_.size()) return {};
  return notes_[(id.value - 1) % 65536];
}

Outcome Engine::drain(QueueId id) {
  if (id.value - 1 >= queues_.size()) return Outcome::unknown;
  Queue& queue = queues_[id.value - 1];
  if (queue.draining) return Outcome::wrong_state;
  queue.draining = true;
  if (queue.waiting == 0) {
    Event e;
    e.at = time_from_ns(now_), e.type = EventType::drained, e.queue = id;
    events_->push_back(e);
  }
  return Outcome::done;
}

Outcome Engine::undrain(QueueId id) {
  if (id.value - 1 >= queues_.size()) return Outcome::unknown;
  if (!queues_[id.value - 1].draining) return Outcome::wrong_state;
  queues_[id.value - 1].draining = false;
  return Outcome::done;
}

}  // namespace hotline::acd
