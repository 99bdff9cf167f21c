// Agents: signing on and off, breaks, what is pending, what a state means for their offers.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {
constexpr std::int64_t kDay = 24ll * 3600 * 1000000000;
}

// Brings the shown state, its counts and the presence rules up to date.
void Engine::show(std::uint32_t at) {
  Agent& a = agents_[at];
  AgentState state = a.mode;
  if (a.talking + a.paused > 0) state = AgentState::busy;
  else if (a.wrapping > 0) state = AgentState::wrap;
  else if (a.offer != kNil) state = AgentState::offered;
  if (state == a.shown) return;
  Group& group = groups_[a.group];
  --group.in_state[static_cast<std::size_t>(a.shown)];
  ++group.in_state[static_cast<std::size_t>(state)];
  a.shown = state;
  check_presence(a.group);
}

void Engine::set_agent_timer(std::uint32_t at) {
  const Agent& a = agents_[at];
  std::int64_t next = a.blocked_until > now_ ? a.blocked_until : kForever;
  if (a.break_since != 0 && def_.break_balance.count() > 0) {
    const std::int64_t left = break_left(at);
    if (left > 0) next = std::min(next, later(now_, left));
  }
  timers_.set(timer_of_agent(at), next);
}

void Engine::on_agent_timer(std::uint32_t at) {
  Agent& a = agents_[at];
  if (a.break_since != 0 && def_.break_balance.count() > 0 && break_left(at) <= 0)
    emit_agent(EventType::break_exceeded, at, Reason::none, -break_left(at));
  set_agent_timer(at);
  touch_agent(at);
  settle();
}

std::int64_t Engine::break_left(std::uint32_t at) const {
  const Agent& a = agents_[at];
  const std::int64_t day = (now_ + def_.utc_offset.count()) / kDay;
  const std::int64_t day_start = day * kDay - def_.utc_offset.count();
  std::int64_t used = a.break_day == day ? a.break_today : 0;
  if (a.break_since != 0) used += now_ - std::max(a.break_since, day_start);
  return def_.break_balance.count() - used;
}

void Engine::begin_break(std::uint32_t at) {
  Agent& a = agents_[at];
  if (a.break_since == 0) a.break_since = now_;
}

void Engine::end_break(std::uint32_t at) {
  Agent& a = agents_[at];
  if (a.break_since == 0) return;
  const std::int64_t day = (now_ + def_.utc_offset.count()) / kDay;
  const std::int64_t day_start = day * kDay - def_.utc_offset.count();
  if (a.break_day != day) a.break_today = 0;
  a.break_day = day;
  a.break_today += now_ - std::max(a.break_since, day_start);
  a.break_since = 0;
}

// The one place where an agent signs on or off, becomes ready or not ready.
void Engine::set_mode(std::uint32_t at, AgentState mode, ReasonId reason, Reason why) {
  Agent& a = agents_[at];
  const AgentState old = a.mode;
  a.pending = AgentState::ready;
  if (old == AgentState::ready && mode != AgentState::ready) {
    a.idle_spent = def_.break_rule == IdleRule::freeze && a.contacts == kNil ? now_ - a.idle_since : 0;
  }
  if (old == AgentState::not_ready) {
    a.on_break += now_ - a.not_ready_since;
    end_break(at);
  }
  const bool was_in = old != AgentState::logged_out, is_in = mode != AgentState::logged_out;
  if (was_in != is_in) {
    TeamCount& count = team_counts_[a.team + 1];
    is_in ? ++count.logged_in : --count.logged_in;
  }
  a.mode = mode;
  a.reason = mode == AgentState::not_ready ? reason : ReasonId{};
  switch (mode) {
    case AgentState::logged_out:
      a.misses = 0;
      emit_agent(EventType::logged_out, at, why, now_ - a.signed_on);
      break;
    case AgentState::not_ready:
      a.not_ready_since = now_;
      if (reason && def_.reasons[reason.value - 1].is_break) begin_break(at);
      if (was_in) emit_agent(EventType::not_ready, at, why, reason.value);
      break;
    case AgentState::ready:
      if (old != AgentState::ready) {
        if (def_.break_rule == IdleRule::freeze) a.idle_since = now_ - a.idle_spent;
        if (def_.break_rule == IdleRule::reset) a.idle_since = now_;
        a.idle_spent = 0;
      }
      a.misses = 0;
      emit_agent(EventType::ready, at, why, 0);
      break;
    default: break;
  }
  set_agent_timer(at);
  if (mode != AgentState::ready && a.offer != kNil && a.mode != AgentState::ready) {
    const std::uint32_t contact = offers_[a.offer].contact;
    const bool connecting = offers_[a.offer].accepted;
    drop_offer(a.offer, Reason::agent_left);
    if (connecting) contacts_[contact].agent = kNil, contacts_[contact].state = ContactState::offered;
    if (contacts_[contact].state == ContactState::offered) back_to_waiting(contact);
  }
  show(at);
  touch_agent(at);
}

void Engine::apply_pending(std::uint32_t at) {
  Agent& a = agents_[at];
  const AgentState to = a.pending;
  set_mode(at, to, a.pending_reason, a.pending_why);
}

Outcome Engine::login(AgentId id) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  Agent& a = agents_[at];
  if (a.mode != AgentState::logged_out) return Outcome::wrong_state;
  a.signed_on = a.idle_since = now_;
  a.busy = a.talk = a.on_break = a.idle_spent = 0;
  a.answered = 0;
  emit_agent(EventType::logged_in, at, Reason::by_agent, 0);
  set_mode(at, AgentState::not_ready, ReasonId{}, Reason::by_agent);
  settle();
  return Outcome::done;
}

Outcome Engine::ready(AgentId id, Reason why) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  Agent& a = agents_[at];
  if (a.mode == AgentState::logged_out) return Outcome::wrong_state;
  if (a.mode == AgentState::ready && a.pending == AgentState::ready) return Outcome::wrong_state;
  a.pending = AgentState::ready;
  a.blocked_until = 0;
  if (a.mode == AgentState::ready) {
    touch_agent(at);
  } else {
    set_mode(at, AgentState::ready, ReasonId{}, why);
  }
  settle();
  return Outcome::done;
}

Outcome Engine::not_ready(AgentId id, ReasonId reason, Reason why) {
  const std::uint32_t at = index_of(id);
  if (at == kNil || reason.value > def_.reasons.size()) return Outcome::unknown;
  Agent& a = agents_[at];
  if (a.mode == AgentState::logged_out) return Outcome::wrong_state;
  const bool is_break = reason && def_.reasons[reason.value - 1].is_break;
  if (is_break && def_.break_balance.count() > 0 && why == Reason::by_agent && break_left(at) <= 0) return Outcome::denied;
  if (a.mode == AgentState::ready && a.contacts != kNil) {
    a.pending = AgentState::not_ready;
    a.pending_reason = reason;
    a.pending_why = why;
    emit_agent(EventType::pending, at, why, static_cast<std::int64_t>(AgentState::not_ready));
    touch_agent(at);
  } else {
    set_mode(at, AgentState::not_ready, reason, why);
  }
  settle();
  return Outcome::done;
}

Outcome Engine::logout(AgentId id, LogoutMode mode, Reason why) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  Agent& a = agents_[at];
  if (a.mode == AgentState::logged_out) return Outcome::wrong_state;
  if (a.contacts != kNil && mode == LogoutMode::when_free) {
    a.pending = AgentState::logged_out;
    a.pending_why = why;
    emit_agent(EventType::pending, at, why, static_cast<std::int64_t>(AgentState::logged_out));
    touch_agent(at);
    settle();
    return Outcome::done;
  }
  // Hard: those who were talking go back to their place, one class higher.
  for (std::uint32_t c = a.contacts; c != kNil;) {
    const std::uint32_t next = contacts_[c].next;
    const bool live = contacts_[c].state != ContactState::wrap;
    if (!live) emit(EventType::wrap_ended, c, at, kNil, Reason::agent_left, now_ - contacts_[c].marked);
    detach(c);
    if (live) {
      Contact& contact = contacts_[c];
      if (contact.strict < std::numeric_limits<std::int32_t>::max()) ++contact.strict;
      contact.state = ContactState::waiting;
      contact.until = kForever;
      timers_.set(timer_of_contact(c), kForever);
      emit(EventType::requeued, c, at, kNil, Reason::agent_left, 0);
      contact.announced = true;
      touch_contact(c);
    } else {
      free_contact(c);
    }
    c = next;
  }
  set_mode(at, AgentState::logged_out, ReasonId{}, why);
  settle();
  return Outcome::done;
}

Outcome Engine::lost(AgentId id) {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return Outcome::unknown;
  if (agents_[at].mode == AgentState::logged_out) return Outcome::wrong_state;
  emit_agent(EventType::lost, at, Reason::lost, 0);
  if (agents_[at].mode == AgentState::ready) set_mode(at, AgentState::not_ready, ReasonId{}, Reason::lost);
  settle();
  return Outcome::done;
}

}  // namespace hotline::acd
