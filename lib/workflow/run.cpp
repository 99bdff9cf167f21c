#include "workflow/run.hpp"

#include <algorithm>

namespace hotline::workflow {

void Run::reset(const Instance* before) {
  out_.verdict = Verdict::refused;
  out_.refusal.kind = Refusal::Kind::none;
  out_.refusal.reason.clear();
  out_.effects.clear();
  out_.arguments.clear();
  work_.queue.clear();
  steps_ = 0;
  if (before != nullptr) s_ = *before;
}

bool Run::refuse(Refusal::Kind kind, std::string_view reason, const Place& place) {
  out_.refusal.kind = kind;
  out_.refusal.reason = reason;
  out_.refusal.place = place;
  return false;
}

void Run::finish(const Instance* before, bool accepted) {
  if (accepted) {
    ++s_.version;
    out_.verdict = Verdict::accepted;
    return;
  }
  out_.effects.clear();
  out_.arguments.clear();
  if (before != nullptr) s_ = *before;
}

void Run::start(std::span<const expr::Value> fields) {
  s_ = Instance{};
  reset(nullptr);
  add_node(0, 0);
  const Machine& root = d_.machines.front();
  bool good =
      check_fields(EventType{.fields = root.fields}, fields.subspan(0, std::min(fields.size(), root.fields.size())));
  for (std::size_t f = 0; good && f < fields.size() && f < root.fields.size(); ++f)
    if (!fields[f].is_missing()) s_.fields[f] = fields[f].own();
  good = good && enter_initial(0) && settle();
  finish(nullptr, good);
  s_.version = 0;
}

void Run::decide(const Instance& before, const Event& event) {
  reset(&before);
  bool good = false;
  if (event.kind == Event::Kind::calendar_changed) {
    good = calendar_changed();
  } else if (!s_.exists(event.node)) {
    refuse(Refusal::Kind::unknown_event, "node " + std::to_string(event.node));
  } else if (event.kind == Event::Kind::timer) {
    good = timer(event);
    if (out_.verdict == Verdict::stale) return;
  } else {
    good = named(event);
  }
  finish(&before, good && settle());
}

bool Run::named(const Event& event) {
  const Machine& m = machine(event.node);
  if (event.type >= m.events.size()) return refuse(Refusal::Kind::unknown_event, "event");
  const EventType& type = m.events[event.type];
  if (finished()) return refuse(Refusal::Kind::not_now, type.name);
  if (type.internal) return refuse(Refusal::Kind::internal_event, type.name);
  if (type.by != 0 && (type.by & context_.actor.roles) == 0)
    return refuse(Refusal::Kind::denied, type.name, type.place);
  if (!check_fields(type, event.fields)) return false;
  note_all_overdue();
  const Frame frame{event.node, event.fields, static_cast<std::uint32_t>(type.fields.size())};
  return step(frame, event.type, false);
}

bool Run::timer(const Event& event) {
  const Machine& m = machine(event.node);
  if (event.type >= m.timers.size()) return refuse(Refusal::Kind::unknown_event, "timer");
  const std::uint32_t slot = s_.nodes[event.node].timers + event.type;
  TimerState& state = s_.timers[slot];
  if (finished() || !state.armed || state.generation != event.generation) {
    out_.verdict = Verdict::stale;
    return false;
  }
  if (now_ < state.at) return refuse(Refusal::Kind::not_now, m.timers[event.type].name);
  state.armed = false;
  state.fired = true;
  note_all_overdue();
  const TimerType& type = m.timers[event.type];
  if (type.clock != kNone && s_.clock(event.node, type.clock).due <= now_) note_overdue(event.node, type.clock);
  const Frame frame{event.node, {}, static_cast<std::uint32_t>(m.events[type.event].fields.size())};
  // A timer whose event nothing answers in this state is used up all the same: it must not come back for ever.
  if (step(frame, type.event, true)) return true;
  using Kind = Refusal::Kind;
  const Kind kind = out_.refusal.kind;
  return kind == Kind::not_now || kind == Kind::guard || kind == Kind::limit || kind == Kind::requirement;
}

bool Run::check_fields(const EventType& type, std::span<const expr::Value> fields) {
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const Field& f = type.fields[i];
    if (i >= fields.size() || fields[i].is_missing()) {
      if (f.required) return refuse(Refusal::Kind::invalid_field, f.name);
      continue;
    }
    if (!f.type.is_any() && fields[i].kind() != f.type.kind()) return refuse(Refusal::Kind::invalid_field, f.name);
    if (!f.one_of.empty() && std::find(f.one_of.begin(), f.one_of.end(), fields[i].as_string()) == f.one_of.end())
      return refuse(Refusal::Kind::invalid_field, f.name);
    if (!f.reasons.empty() && std::none_of(d_.reasons.begin(), d_.reasons.end(), [&](const Reason& r) {
          return r.group == f.reasons && r.code == fields[i].as_string();
        }))
      return refuse(Refusal::Kind::invalid_field, f.name);
  }
  if (fields.size() > type.fields.size()) return refuse(Refusal::Kind::invalid_field, "more fields than declared");
  return true;
}

// Picks at most one transition a region; false (and why) where there is none at all.
bool Run::select(const Frame& frame, std::uint32_t event, bool trusted) {
  const Machine& m = machine(frame.node);
  const MachineIndex& table = index(frame.node);
  const NodeState& node = s_.nodes[frame.node];
  work_.selected.clear();
  const Transition* best = nullptr;
  Refusal::Kind why = Refusal::Kind::not_now;
  for (std::uint32_t r = 0; r < m.regions.size(); ++r) {
    const Candidates c = table.at(event, r, s_.states[node.states + r]);
    for (std::uint32_t i = 0; i < c.count; ++i) {
      const Transition& t = m.transitions[table.order[c.first + i]];
      Refusal::Kind against = Refusal::Kind::none;
      if (!trusted && t.by != 0 && (t.by & context_.actor.roles) == 0)
        against = Refusal::Kind::denied;
      else if (t.max != 0 && s_.counts[node.counts + t.counter] >= t.max)
        against = Refusal::Kind::limit;
      else if (t.guard) {
        bool holds = false;
        if (!test(frame, *t.guard, holds)) return false;
        if (!holds) against = Refusal::Kind::guard;
      }
      if (against == Refusal::Kind::none) {
        work_.selected.push_back(&t);
        break;
      }
      // The most telling complaint: a bound or a guard with a reason, else the first.
      if (best == nullptr || (best->guard_reason.empty() && !t.guard_reason.empty())) best = &t, why = against;
    }
  }
  if (!work_.selected.empty()) return true;
  const std::string_view name = event < m.events.size() ? std::string_view(m.events[event].name) : "always";
  if (best == nullptr) return refuse(Refusal::Kind::not_now, name);
  return refuse(why, best->guard_reason.empty() ? name : best->guard_reason, best->place);
}

bool Run::take(const Frame& frame) {
  // `selected` is used again by what the actions raise only later, from the queue.
  const auto selected = work_.selected;
  for (const Transition* t : selected)
    for (const Requirement& r : t->require) {
      bool holds = false;
      if (!test(frame, r.that, holds)) return false;
      if (!holds) return refuse(Refusal::Kind::requirement, r.reason, r.place);
    }
  for (auto t = selected.rbegin(); t != selected.rend(); ++t)
    if ((*t)->to != kNone && !leave(frame.node, (*t)->region)) return false;
  for (const Transition* t : selected) {
    if (t->counter != kNone) ++s_.counts[s_.nodes[frame.node].counts + t->counter];
    if (!perform(frame, t->actions)) return false;
  }
  bool moved = false;
  for (const Transition* t : selected) {
    if (t->to == kNone) continue;
    moved |= t->region == 0;
    if (!enter(frame.node, t->region, t->to)) return false;
  }
  if (moved && frame.node != 0) check_join(s_.nodes[frame.node].parent, counts_as(frame.node));
  return true;
}

// Every region of the root that can end has ended: nothing happens any more, as in SCXML.
bool Run::finished() const {
  bool any = false;
  const Machine& root = d_.machines.front();
  for (std::uint32_t r = 0; r < root.regions.size(); ++r) {
    if (!d_.indices[0].can_end[r]) continue;
    if (!root.regions[r].states[s_.states[r]].final) return false;
    any = true;
  }
  return any;
}

bool Run::step(const Frame& frame, std::uint32_t event, bool trusted) {
  if (++steps_ > kMaxSteps) return refuse(Refusal::Kind::runaway, machine(frame.node).events[event].name);
  if (!select(frame, event, trusted)) return false;
  ++s_.counts[s_.nodes[frame.node].counts + event];
  return take(frame);
}

// One transition without an event, of the first node that has one ready.
bool Run::spontaneous(bool& moved) {
  moved = false;
  for (NodeId n = 0; n < s_.nodes.size() && !moved; ++n) {
    if (!index(n).spontaneous) continue;
    const Frame frame{n, {}, 0};
    out_.refusal.kind = Refusal::Kind::none;
    if (select(frame, static_cast<std::uint32_t>(machine(n).events.size()), true)) {
      if (++steps_ > kMaxSteps) return refuse(Refusal::Kind::runaway, "always");
      if (!take(frame)) return false;
      moved = true;
    } else if (out_.refusal.kind == Refusal::Kind::missing) {
      return false;
    }
  }
  return true;
}

bool Run::settle() {
  std::size_t next = 0;
  for (;;) {
    bool moved = false;
    if (!spontaneous(moved)) return false;
    if (moved) continue;
    if (next == work_.queue.size()) break;
    const Decision::Work::Raised raised = std::move(work_.queue[next++]);
    const Machine& m = machine(raised.node);
    const Frame frame{raised.node, raised.fields, static_cast<std::uint32_t>(m.events[raised.event].fields.size())};
    if (step(frame, raised.event, true)) continue;
    // Nobody waits for it: it is gone, as in SCXML. Anything else refuses the whole decision.
    const auto kind = out_.refusal.kind;
    if (kind != Refusal::Kind::not_now && kind != Refusal::Kind::guard && kind != Refusal::Kind::limit) return false;
  }
  out_.refusal.kind = Refusal::Kind::none;
  out_.refusal.reason.clear();
  return true;
}

bool Run::calendar_changed() {
  note_all_overdue();
  for (NodeId n = 0; n < s_.nodes.size(); ++n)
    for (std::uint32_t c = 0; c < machine(n).clocks.size(); ++c) recompute(n, c);
  return true;
}

void Run::resume(const Instance& before, Time stopped) {
  reset(&before);
  for (NodeId n = 0; n < s_.nodes.size(); ++n)
    for (std::uint32_t t = 0; t < machine(n).timers.size(); ++t) {
      const TimerState state = s_.timer(n, t);
      const TimerType& type = machine(n).timers[t];
      if (!state.armed || type.restore == TimerType::Restore::absolute || now_ <= stopped) continue;
      if (type.restore == TimerType::Restore::restart)
        arm_after(n, t);
      else
        arm(n, t, state.at <= stopped ? now_ : state.at + (now_ - stopped));
    }
  finish(&before, true);
}

Decision::Decision() : work_(std::make_unique<Work>()) {}
Decision::Decision(Decision&&) noexcept = default;
Decision& Decision::operator=(Decision&&) noexcept = default;
Decision::~Decision() = default;

void start(const Definition& definition, std::span<const expr::Value> fields, const Context& context, Time now,
           Decision& out) {
  Run(definition, context, now, out).start(fields);
}
Decision start(const Definition& definition, std::span<const expr::Value> fields, const Context& context, Time now) {
  Decision out;
  start(definition, fields, context, now, out);
  return out;
}
void decide(const Definition& definition, const Instance& state, const Event& event, const Context& context, Time now,
            Decision& out) {
  Run(definition, context, now, out).decide(state, event);
}
Decision decide(const Definition& definition, const Instance& state, const Event& event, const Context& context,
                Time now) {
  Decision out;
  decide(definition, state, event, context, now, out);
  return out;
}
Decision resume_timers(const Definition& definition, const Instance& state, const Context& context, Time stopped,
                       Time now) {
  Decision out;
  Run(definition, context, now, out).resume(state, stopped);
  return out;
}

}  // namespace hotline::workflow
