#include "ticket_runs.hpp"

#include <algorithm>

namespace hotline::sim {

using workflow::Effect;

namespace {
constexpr std::uint32_t kMostRefusals = 20;
constexpr std::uint32_t kMostSteps = 100'000;
}

void TicketRuns::open(Time now, std::uint32_t interval) {
  std::uint32_t id;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(tickets_.size());
    tickets_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Ticket& t = tickets_[id];
  ++t.life;
  t.opened = now;
  t.interval = interval;
  t.overdue = false;
  t.refusals = t.steps = 0;
  t.random = Random(random_(), 1);
  t.entries.clear();
  workflow::start(work_.definition, work_.start.fields(), {{}, {}, work_.calendars}, now, decision_);
  tell(t, TicketCount::opened);
  if (!decision_.accepted()) {
    tell(t, TicketCount::refused);
    free_.push_back(id);
    return;
  }
  measured_ += interval != kNoInterval;
  std::swap(t.instance, decision_.next);
  follow(id, now);
}

void TicketRuns::advance(Time now) {
  while (!agenda_.empty() && agenda_.top().at <= now) {
    const Item item = agenda_.top();
    agenda_.pop();
    if (tickets_[item.ticket].life == item.life) act(item, now);
  }
}

void TicketRuns::act(const Item& item, Time now) {
  Ticket& t = tickets_[item.ticket];
  if (++t.steps > kMostSteps) return;  // goes round in circles: stays open
  if (item.act == nullptr) {
    const workflow::Event timer{workflow::Event::Kind::timer, item.node, item.target, item.stamp, {}};
    workflow::decide(work_.definition, t.instance, timer, {{}, {}, work_.calendars}, now, decision_);
  } else {
    const std::uint32_t index = t.instance.nodes[item.node].states + item.state->region;
    if (t.instance.states[index] != item.state->state || t.entries[index] != item.stamp) return;  // it went on without this act
    workflow::Event event = item.act->record.event();
    event.node = item.node;
    workflow::decide(work_.definition, t.instance, event, item.act->record.context(work_.calendars), now, decision_);
    tell(t, decision_.accepted() ? TicketCount::acts : TicketCount::refused);
  }
  if (decision_.verdict == workflow::Verdict::refused && item.act != nullptr && ++t.refusals < kMostRefusals)
    return entered(item.ticket, item.node, t.instance.nodes[item.node].states + item.state->region, now);  // somebody tries something else
  if (!decision_.accepted()) return;
  t.refusals = 0;
  std::swap(t.instance, decision_.next);
  follow(item.ticket, now);
}

void TicketRuns::follow(std::uint32_t ticket, Time now) {
  Ticket& t = tickets_[ticket];
  t.entries.resize(t.instance.states.size(), 0);
  for (const Effect& e : decision_.effects) {
    if (e.kind == Effect::Kind::arm) agenda_.push({e.at, order_++, ticket, t.life, e.node, e.target, e.generation, nullptr, nullptr});
    const bool counts = work_.deadlines.empty() || std::find(work_.deadlines.begin(), work_.deadlines.end(), e.name) != work_.deadlines.end();
    if (e.kind == Effect::Kind::overdue && counts && !t.overdue) t.overdue = true, tell(t, TicketCount::overdue);
    if (e.kind != Effect::Kind::entered) continue;
    const workflow::NodeState& node = t.instance.nodes[e.node];
    const auto& regions = work_.definition.machines()[node.machine].regions;
    for (std::uint32_t r = 0; r < regions.size(); ++r)
      if (regions[r].name == e.detail && regions[r].states[t.instance.state(e.node, r)].name == e.name) entered(ticket, e.node, node.states + r, now);
  }
  const bool over = work_.closed.empty() ? t.instance.finished(work_.definition)
                                         : std::any_of(work_.closed.begin(), work_.closed.end(), [&](const auto& c) { return t.instance.state(0, c.first) == c.second; });
  if (!over) return;
  tell(t, TicketCount::closed);
  tell(t, TicketCount::open_time, 1e-9 * static_cast<double>((now - t.opened).count()));
  measured_ -= t.interval != kNoInterval;
  ++t.life;
  free_.push_back(ticket);
}

// One of the acts of the state, after its time.
void TicketRuns::entered(std::uint32_t ticket, std::uint32_t node, std::uint32_t state_index, Time now) {
  Ticket& t = tickets_[ticket];
  ++t.entries[state_index];
  const workflow::NodeState& at = t.instance.nodes[node];
  for (const TicketState& s : work_.states) {
    if (s.machine != at.machine || s.region != state_index - at.states || s.state != t.instance.states[state_index]) continue;
    double total = 0;
    for (const TicketAct& a : s.acts) total += a.weight;
    double u = t.random.uniform() * total;
    const TicketAct* chosen = nullptr;
    for (const TicketAct& a : s.acts)
      if (chosen = &a; (u -= a.weight) < 0) break;
    if (chosen == nullptr || chosen->after.kind() == wfm::Distribution::Kind::never) return;
    const Duration takes(static_cast<std::int64_t>(std::min(chosen->after.sample(t.random), 1e9) * 1e9));
    Time when = now + takes;
    if (chosen->working_time && !work_.calendars.empty()) when = work_.calendars.front().add_work(now, takes).at;
    agenda_.push({when, order_++, ticket, t.life, node, 0, t.entries[state_index], chosen, &s});
    return;
  }
}

}  // namespace hotline::sim
