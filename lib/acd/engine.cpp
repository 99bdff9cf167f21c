#include "acd/engine.hpp"

#include <algorithm>

namespace hotline::acd {

Engine::Engine(Definition definition, Events& events) : def_(std::move(definition)), events_(&events) {
  now_ = 0;
  build();
}

void Engine::emit(EventType type, std::uint32_t contact, std::uint32_t agent, std::uint32_t offer, Reason reason,
                  std::int64_t value) {
  Event& e = events_->emplace_back();
  e.at = time_from_ns(now_);
  if (contact != kNil) {
    const Contact& c = contacts_[contact];
    e.contact = id_of(contact);
    e.tag = c.tag;
    e.queue = QueueId{c.queue + 1};
    e.requirement = static_cast<std::uint16_t>(c.requirement);
  }
  if (offer != kNil) e.offer = offer_id(offer);
  e.agent = AgentId{agent + 1};
  e.type = type;
  e.reason = reason;
  e.value = value;
}

void Engine::emit_agent(EventType type, std::uint32_t agent, Reason reason, std::int64_t value) {
  emit(type, kNil, agent, kNil, reason, value);
}

void Engine::advance(std::int64_t now) {
  while (timers_.next() <= now) {
    now_ = std::max(now_, timers_.next());
    const std::uint32_t owner = timers_.next_owner();
    timers_.set(owner, kForever);
    if (owner % 3 == 0) on_contact_timer(owner / 3);
    else if (owner % 3 == 1) on_agent_timer(owner / 3);
    else touch_queue(owner / 3), settle();
  }
  now_ = std::max(now_, now);
}

// Ids of commands are kept for the last 65536.
void Engine::remember(std::string id, std::string body) {
  constexpr std::size_t kKept = 65536;
  if (command_ring_.size() < kKept) {
    command_ring_.push_back(id);
  } else {
    commands_.erase(command_ring_[command_at_]);
    command_ring_[command_at_] = id;
    command_at_ = (command_at_ + 1) % kKept;
  }
  commands_[std::move(id)] = std::move(body);
}


std::optional<ContactView> Engine::view(ContactId id) const {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return std::nullopt;
  const Contact& c = contacts_[at];
  ContactView v;
  v.id = id, v.queue = QueueId{c.queue + 1}, v.tag = c.tag, v.state = c.state;
  v.channel = ChannelId{c.channel + 1u}, v.agent = AgentId{c.agent + 1};
  v.priority = c.priority, v.strict_class = c.strict, v.step = c.steps & kAnybody || c.steps == 0 ? c.step : 31u - static_cast<std::uint32_t>(__builtin_clz(c.steps)), v.offers = c.offers_made, v.callback = c.callback;
  v.since = time_from_ns(c.since), v.answered = time_from_ns(c.answered);
  return v;
}

std::optional<AgentView> Engine::view(AgentId id) const {
  const std::uint32_t at = index_of(id);
  if (at == kNil) return std::nullopt;
  const Agent& a = agents_[at];
  AgentView v;
  v.id = id, v.state = a.shown;
  v.pending = a.pending == AgentState::ready ? a.shown : a.pending;
  v.reason = a.reason, v.misses = a.misses, v.idle_since = time_from_ns(a.idle_since), v.answered = a.answered;
  for (std::size_t c = 0; c < def_.channels.size(); ++c) {
    v.units_used += a.load[c] * def_.channels[c].units;
    v.contacts += a.load[c];
  }
  const bool in = a.mode != AgentState::logged_out;
  v.busy = Duration{a.busy + (a.contacts != kNil ? now_ - a.busy_since : 0)};
  v.logged_in = Duration{in ? now_ - a.signed_on : 0};
  v.talk = Duration{a.talk};
  v.on_break = Duration{a.on_break + (a.mode == AgentState::not_ready ? now_ - a.not_ready_since : 0)};
  v.break_today = Duration{def_.break_balance.count() - break_left(at)};
  return v;
}

std::optional<QueueView> Engine::view(QueueId id) const {
  const std::uint32_t q = id.value - 1;
  if (q >= queues_.size()) return std::nullopt;
  QueueView v;
  const QueueDef& def = def_.queues[q];
  v.id = id, v.waiting = queues_[q].waiting, v.ringing = queues_[q].ringing, v.callbacks = queues_[q].callbacks;
  v.draining = queues_[q].draining;
  v.open = def.calendar == 0 || def_.calendars[def.calendar - 1].is_open(time_from_ns(now_));
  for (const std::uint32_t l : queue_lanes_[q]) {
    const Tree& tree = lanes_[l].waiting;
    for (std::uint32_t at = tree.first(); at != kNil; at = tree.next(contact_nodes_, at)) {
      const Time since = time_from_ns(contacts_[at].since);
      if (!v.longest_since || since < *v.longest_since) v.longest_since = since;
      if (def.key == KeyRule::arrival) break;
    }
  }
  return v;
}

}  // namespace hotline::acd
