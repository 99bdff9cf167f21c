// Citizens who are called back: they keep their key; what is agreed with them stands in a promise.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

void Engine::promise(std::uint32_t at, const CallbackTimes& times) {
  std::uint32_t slot;
  if (free_promises_.empty()) {
    slot = static_cast<std::uint32_t>(promises_.size());
    promises_.emplace_back();
  } else {
    slot = free_promises_.back();
    free_promises_.pop_back();
  }
  const auto or_never = [](Time t) { return to_ns(t) != 0 ? to_ns(t) : kForever; };
  promises_[slot] = {to_ns(times.from), or_never(times.until), or_never(times.due), 0, 0};
  Contact& c = contacts_[at];
  c.promise = slot;
  c.callback = true;
  c.leave_at = promises_[slot].until;
}

void Engine::forget_promise(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (c.promise == kNil) return;
  stop_dialling(at);
  free_promises_.push_back(c.promise);
  c.promise = kNil;
}

void Engine::stop_dialling(std::uint32_t at) {
  const Contact& c = contacts_[at];
  if (promises_[c.promise].dialling == 0) return;
  promises_[c.promise].dialling = 0;
  --queues_[c.queue].dialling;
  touch_queue(c.queue);  // for the next citizen
}

// The first moment from `at` on when the citizen may be dialled.
std::int64_t Engine::may_dial_from(std::uint32_t at, std::int64_t from) const {
  const Contact& c = contacts_[at];
  from = std::max(from, promises_[c.promise].from);
  const std::uint32_t calendar = def_.queues[c.queue].callback.calendar;
  if (calendar == 0) return from;
  const auto open = def_.calendars[calendar - 1].next_open(time_from_ns(from));
  return open ? to_ns(*open) : kForever;
}

bool Engine::dials_first(const Contact& c) const {
  return c.callback && def_.queues[c.queue].callback.mode == CallbackMode::citizen_first;
}

// Out of the line until then, with the key.
void Engine::hold(std::uint32_t at, std::int64_t until) {
  Contact& c = contacts_[at];
  leave_lane(at);
  c.state = ContactState::held;
  c.until = until;
  set_timer(at);
}

// citizen_first, and the turn has come.
void Engine::dial(std::uint32_t at) {
  Contact& c = contacts_[at];
  Promise& p = promises_[c.promise];
  p.dialling = 1;
  ++queues_[c.queue].dialling;
  p.due = kForever;
  hold(at, later(now_, def_.queues[c.queue].callback.answer_within.count()));
  emit(EventType::callback_due, at, kNil, kNil, Reason::none, p.attempts);
}

// The first few of a line are dialled before an agent is free.
void Engine::dial_ahead(std::uint32_t l) {
  const CallbackDef& def = def_.queues[lanes_[l].key.queue].callback;
  std::uint32_t at = lanes_[l].waiting.first();
  for (std::uint32_t before = 0; at != kNil && before < def.ahead; ++before) {
    const std::uint32_t next = lanes_[l].waiting.next(contact_nodes_, at);
    if (contacts_[at].callback && !passed_over(contacts_[at])) dial(at);
    at = next;
  }
}

void Engine::on_held(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (promises_[c.promise].dialling != 0) {
    if (c.until <= now_) in_vain(at, kNil);
    else set_timer(at);
  } else if (c.leave_at <= now_) {
    overflow(at, Reason::callback_window);
  } else {
    c.state = ContactState::waiting;
    c.until = kForever;
    touch_contact(at);
  }
  settle();
}

// One attempt more; then again later, or no more.
void Engine::in_vain(std::uint32_t at, std::uint32_t agent) {
  Contact& c = contacts_[at];
  Promise& p = promises_[c.promise];
  const CallbackDef& def = def_.queues[c.queue].callback;
  stop_dialling(at);
  ++p.attempts;
  emit(EventType::callback_failed, at, agent, kNil, Reason::none, p.attempts);
  if (p.attempts >= def.attempts) {
    c.state = ContactState::waiting;
    overflow(at, Reason::callback_failed);
    return;
  }
  const std::int64_t again = may_dial_from(at, later(now_, def.retry.count()));
  if (again >= p.until) {
    c.state = ContactState::waiting;
    overflow(at, Reason::callback_window);
    return;
  }
  hold(at, again);
}

Outcome Engine::to_callback(ContactId id, const CallbackTimes& times) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.callback || (c.state != ContactState::waiting && c.state != ContactState::offered)) return Outcome::wrong_state;
  if (to_ns(times.until) != 0 && to_ns(times.until) <= std::max(now_, to_ns(times.from))) return Outcome::limit;
  if (c.lane != kNil) ++queues_[c.queue].callbacks;
  promise(at, times);
  const std::int64_t from = may_dial_from(at, now_);
  emit(EventType::became_callback, at, kNil, kNil, Reason::none, from > now_ ? from : 0);
  if (from > now_ || (c.state == ContactState::offered && dials_first(c))) {
    drop_offers(at, Reason::moved);
    if (c.state == ContactState::offered) c.state = ContactState::waiting;
    if (from > now_) hold(at, from);
    else dial(at);
  } else if (c.lane != kNil) {
    set_timer(at);
    touch_callbacks(c.lane);
  }
  settle();
  return Outcome::done;
}

Outcome Engine::returned(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (!c.callback) return Outcome::wrong_state;
  if (c.lane != kNil) --queues_[c.queue].callbacks;
  c.callback = false;
  forget_promise(at);
  emit(EventType::returned, at, c.agent, kNil, Reason::none, 0);
  c.leave_at = kForever;
  if (c.state == ContactState::held) {
    c.state = ContactState::waiting;
    c.until = kForever;
  }
  if (c.state == ContactState::waiting) {
    if (c.lane == kNil) touch_contact(at);
    else touch_queue(c.queue);  // it is passed over no more
    settle();
  }
  return Outcome::done;
}

Outcome Engine::callback_failed(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (!c.callback) return Outcome::wrong_state;
  if (c.state == ContactState::held && promises_[c.promise].dialling != 0) {
    in_vain(at, kNil);
  } else if (c.state == ContactState::talking || c.state == ContactState::paused) {
    const std::uint32_t agent = c.agent;
    if (c.state == ContactState::talking) agents_[agent].talk += now_ - c.marked;
    detach(at);
    in_vain(at, agent);
    became_free(agent);
  } else {
    return Outcome::wrong_state;
  }
  settle();
  return Outcome::done;
}

}  // namespace hotline::acd
