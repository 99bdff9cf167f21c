// Commands about contacts.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

Error not_here(const char* what, std::uint64_t id) {
  return Error(ErrorCode::not_found, std::string("there is no ") + what + " " + std::to_string(id), "use an id that the router gave");
}

}  // namespace

Result<RequirementId> Engine::require(const Requirement& requirement) {
  if (requirement.is_everybody()) return RequirementId{};
  for (const auto& test : requirement.tests) {
    using Op = Requirement::Op;
    const std::size_t bound = test.op == Op::skill_at_least ? def_.skills.size()
                              : test.op == Op::site_is      ? def_.sites.size()
                              : test.op == Op::team_is      ? def_.teams.size()
                              : test.op == Op::agent_is     ? def_.agents.size()
                                                            : std::size_t{kNil};
    if (bound != kNil && test.id - 1 >= bound) return not_here("skill, site, team or agent", test.id);
  }
  std::string key;
  for (const auto& test : requirement.tests) {
    key += static_cast<char>(test.op), key += static_cast<char>(test.level);
    key.append(reinterpret_cast<const char*>(&test.id), 4);
  }
  const auto [found, is_new] = requirement_index_.try_emplace(std::move(key), static_cast<std::uint32_t>(requirements_.size()));
  if (is_new) {
    if (requirements_.size() >= 65536) {
      requirement_index_.erase(found);
      return Error(ErrorCode::limit, "65536 different requirements are in use", "let contacts share requirements");
    }
    isolate(requirement);
    requirements_.push_back(requirement);
  }
  return RequirementId{found->second};
}

Result<ContactId> Engine::enqueue(const Enqueue& request) {
  if (request.queue.value - 1 >= queues_.size()) return not_here("queue", request.queue.value);
  const std::uint32_t q = distribute(request.queue.value - 1, seq_ + 1);
  const QueueDef& def = def_.queues[q];
  if (request.requires_.value >= requirements_.size()) return not_here("requirement", request.requires_.value);
  if (request.channel.value > def_.channels.size()) return not_here("channel", request.channel.value);
  if (request.site.value > def_.sites.size()) return not_here("site", request.site.value);
  if (request.prefer.value > agents_.size()) return not_here("agent", request.prefer.value);

  const std::uint32_t at = new_contact();
  Contact& c = contacts_[at];
  c.tag = request.tag;
  c.seq = ++seq_;
  c.since = to_ns(request.since) != 0 ? std::min(to_ns(request.since), now_) : now_;
  c.priority = request.priority;
  c.queue = q;
  c.strict = request.strict_class == std::numeric_limits<std::int32_t>::min() ? def.strict_class : request.strict_class;
  c.requirement = request.requires_.value;
  c.channel = static_cast<std::uint8_t>(request.channel ? request.channel.value - 1 : def.channel.value - 1);
  c.wrap_time = request.wrap_time.count();
  if (request.site && site_matters_) c.site = request.site.value - 1;
  c.state = ContactState::waiting;
  if (request.prefer && request.prefer_wait.count() > 0) {
    const Agent& a = agents_[request.prefer.value - 1];
    if (a.mode != AgentState::logged_out && (!request.prefer_must_be_ready || a.mode == AgentState::ready)) {
      c.prefer = request.prefer.value - 1;
      c.sticky = true;
      c.step_at = later(now_, request.prefer_wait.count());
    }
  }
  const ContactId id = id_of(at);
  if (!next_name_.empty()) {
    if (free_names_.empty()) free_names_.push_back(static_cast<std::uint32_t>(names_.size())), names_.emplace_back();
    c.name = free_names_.back();
    free_names_.pop_back();
    names_[c.name] = next_name_;
    by_name_[next_name_] = at;
  }
  const std::int64_t max_wait = request.max_wait.count() >= 0 ? request.max_wait.count() : def.max_wait.count();

  Reason why = Reason::none;
  if (queues_[q].draining) why = Reason::draining;
  else if (def.calendar != 0 && !def_.calendars[def.calendar - 1].is_open(time_from_ns(now_))) why = Reason::closed;
  else if (queues_[q].waiting >= def.max_waiting) why = Reason::full;
  if (request.callback) promise(at, {});
  if (why == Reason::none) {
    limit_emergency(at);
    enter_queue(at, q, max_wait);
    const std::uint32_t lane = lane_for(contacts_[at]);
    if (contacts_[at].requirement != 0 && !possible(contacts_[at])) why = Reason::unsatisfiable;
    else if (def.join != 0 && contacts_[at].state == ContactState::waiting && present(lane, def.join) == 0) why = Reason::nobody;
  }
  if (why == Reason::unsatisfiable) {
    emit(EventType::refused, at, kNil, kNil, why, 0);
    const std::string text = requirements_[contacts_[at].requirement].text;
    free_contact(at);
    return Error(ErrorCode::invalid_expression, "no agent of the definition can meet the requirement `" + text + "` in queue `" + def.name + "`",
                 "ask for less, or give agents these skills");
  }
  if (why != Reason::none) {
    if (def.overflow.empty()) {
      emit(EventType::refused, at, kNil, kNil, why, 0);
      free_contact(at);
      const ErrorCode code = why == Reason::full ? ErrorCode::limit : why == Reason::nobody ? ErrorCode::unavailable : ErrorCode::closed;
      return Error(code, "queue `" + def.name + "` takes nobody now: " + std::string(to_string(why)), "give it an overflow, or try later");
    }
    overflow(at, why);
  } else if (contacts_[at].state == ContactState::waiting) {
    const std::int64_t from = request.callback ? may_dial_from(at, now_) : now_;
    if (from > now_) {
      contacts_[at].announced = true;
      emit(EventType::queued, at, kNil, kNil, Reason::none, contacts_[at].priority);
      emit(EventType::became_callback, at, kNil, kNil, Reason::none, from);
      hold(at, from);
    } else {
      touch_contact(at);
    }
  }
  settle();
  return id;
}

// Whether any agent of the definition, logged in or not, could ever take it, at whatever step.
bool Engine::possible(const Contact& c) {
  const QueueDef& def = def_.queues[c.queue];
  if (def.after_last == AfterLast::anybody || def.after_last == AfterLast::overflow) return true;
  const auto steps = static_cast<std::uint32_t>(std::max<std::size_t>(1, def.steps.size()));
  for (std::uint32_t i = 0; i < steps; ++i)
    if (lanes_[lane_for(key_for(c, 1u << i))].possible > 0) return true;
  return false;
}

Outcome Engine::abandon(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  switch (c.state) {
    case ContactState::waiting:
    case ContactState::held:
    case ContactState::offered:
    case ContactState::connecting: {
      leave_lane(at);
      emit(EventType::abandoned, at, kNil, kNil, Reason::abandoned, now_ - c.since);
      drop_offers(at, Reason::abandoned);
      free_contact(at);
      break;
    }
    case ContactState::talking:
    case ContactState::paused: begin_wrap(at); break;
    default: return Outcome::wrong_state;
  }
  settle();
  return Outcome::done;
}

Outcome Engine::withdraw(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::waiting && c.state != ContactState::offered && c.state != ContactState::held) return Outcome::wrong_state;
  leave_lane(at);
  emit(EventType::withdrawn, at, kNil, kNil, Reason::withdrawn, now_ - c.since);
  drop_offers(at, Reason::withdrawn);
  free_contact(at);
  settle();
  return Outcome::done;
}

Outcome Engine::release(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  leave_lane(at);
  const std::uint32_t agent = c.agent;
  const bool held = c.state == ContactState::talking || c.state == ContactState::paused || c.state == ContactState::wrap;
  emit(EventType::released, at, held ? agent : kNil, kNil, Reason::released, c.answered != 0 ? now_ - c.answered : 0);
  drop_offers(at, Reason::released);
  if (held) {
    detach(at);
    free_contact(at);
    became_free(agent);
  } else {
    free_contact(at);
  }
  settle();
  return Outcome::done;
}

Outcome Engine::requeue(ContactId id, QueueId queue) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil || queue.value > queues_.size()) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::talking && c.state != ContactState::paused) return Outcome::wrong_state;
  const std::uint32_t agent = c.agent;
  agents_[agent].talk += c.state == ContactState::talking ? now_ - c.marked : 0;
  detach(at);
  c.state = ContactState::waiting;
  c.until = kForever;
  if (queue && queue.value - 1 != c.queue) enter_queue(at, queue.value - 1, def_.queues[queue.value - 1].max_wait.count());
  exclude(at, agent, later(now_, def_.queues[c.queue].exclude.count()));
  emit(EventType::requeued, at, agent, kNil, Reason::by_agent, 0);
  c.announced = true;
  touch_contact(at);
  became_free(agent);
  settle();
  return Outcome::done;
}

Outcome Engine::prioritise(ContactId id, std::int32_t priority) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::waiting && c.state != ContactState::offered && c.state != ContactState::held) return Outcome::wrong_state;
  c.priority = priority;
  emit(EventType::reprioritised, at, kNil, kNil, Reason::none, priority);
  if (c.lane != kNil) {
    Lane& lane = lanes_[c.lane];
    lane.waiting.erase(contact_nodes_, at);
    lane.waiting.insert(contact_nodes_, at, contact_key(c));
  }
  return Outcome::done;
}

Outcome Engine::move(ContactId id, QueueId queue) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil || queue.value - 1 >= queues_.size()) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::waiting) return Outcome::wrong_state;
  leave_lane(at);
  const std::uint32_t from = c.queue, to = distribute(queue.value - 1, c.seq);
  if (c.strict == def_.queues[from].strict_class) c.strict = def_.queues[to].strict_class;
  c.sticky = false;
  enter_queue(at, to, def_.queues[to].max_wait.count());
  emit(EventType::moved, at, kNil, kNil, Reason::by_supervisor, from + 1);
  if (contacts_[at].state == ContactState::waiting) touch_contact(at);
  settle();
  return Outcome::done;
}

Result<Standing> Engine::standing(ContactId id) const {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return not_here("contact", id.value);
  const Contact& c = contacts_[at];
  if (c.lane == kNil) return Error(ErrorCode::wrong_state, "the contact does not wait", "ask while it waits");
  const Lane& mine = lanes_[c.lane];
  const Key key = contact_nodes_[at].key;
  Standing s{.position = 1, .in_queue = 1, .in_line = 1, .requirement = RequirementId{c.requirement}};
  for (std::size_t w = 0; w < nonempty_.size(); ++w)
    for (std::uint64_t bits = nonempty_[w]; bits != 0; bits &= bits - 1) {
      const Lane& other = lanes_[w * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))];
      const bool same_queue = other.key.queue == c.queue;
      const std::size_t words = std::min(other.groups.size(), mine.groups.size());
      bool shared = &other == &mine;
      for (std::size_t i = 0; i < words && !shared; ++i) shared = (other.groups[i] & mine.groups[i]) != 0;
      if (!shared && !same_queue) continue;
      const std::uint32_t before = other.waiting.rank(contact_nodes_, key);
      if (shared) s.position += before;
      if (same_queue) s.in_queue += before;
      if (same_queue && other.key.requirement == c.requirement) s.in_line += before;
    }
  return s;
}

}  // namespace hotline::acd
