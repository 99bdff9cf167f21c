#include <algorithm>

#include "workflow/run.hpp"

namespace hotline::workflow {
namespace {

constexpr std::string_view kClockStatus[] = {"idle", "running", "paused", "stopped"};

}  // namespace

State::Counts Run::counts_as(NodeId node) const {
  const Machine& m = machine(node);
  return m.regions[0].states[s_.state(node, 0)].counts;
}

expr::Value Run::list_of(const Frame& frame, Source source) {
  std::vector<expr::Value> items;
  const auto add_key = [&](NodeId n) {
    const Machine& m = machine(n);
    if (m.key != kNone && s_.field(n, m.key).kind() == expr::Kind::string) items.push_back(s_.field(n, m.key));
  };
  switch (source) {
    case Source::actor_roles:
      for (std::size_t r = 0; r < d_.roles.size(); ++r)
        if (context_.actor.roles >> r & 1) items.emplace_back(std::string_view(d_.roles[r]));
      break;
    case Source::path:
      for (NodeId n = frame.node;; n = s_.nodes[n].parent) {
        add_key(n);
        if (n == 0) break;
      }
      std::reverse(items.begin(), items.end());
      break;
    case Source::siblings:
    case Source::children_keys: {
      const NodeId parent = source == Source::siblings ? s_.nodes[frame.node].parent : frame.node;
      for (NodeId n = 1; n < s_.nodes.size(); ++n)
        if (s_.nodes[n].parent == parent && n != frame.node && counts_as(n) < State::Counts::dropped) add_key(n);
      break;
    }
    default: break;
  }
  return expr::Value::own_list(std::move(items));
}

expr::Value Run::look(const Frame& frame, const Slot& slot) {
  const NodeState& node = s_.nodes[frame.node];
  const Machine& m = machine(frame.node);
  const auto children = [&](auto&& want) {
    std::int64_t n = 0;
    for (NodeId c = 1; c < s_.nodes.size(); ++c)
      if (s_.nodes[c].parent == frame.node && want(counts_as(c))) ++n;
    return expr::Value(n);
  };
  const auto clock = [&]() -> const ClockState& { return s_.clock(frame.node, slot.index); };
  switch (slot.source) {
    case Source::field: return s_.fields[node.fields + slot.index];
    case Source::fact:
      return slot.index < context_.facts.size() && !context_.facts[slot.index].is_missing()
                 ? context_.facts[slot.index]
                 : d_.facts[slot.index].initial;
    case Source::state: return std::string_view(m.regions[slot.index].states[s_.states[node.states + slot.index]].name);
    case Source::count: return static_cast<std::int64_t>(s_.counts[node.counts + slot.index]);
    case Source::clock_elapsed: return elapsed(clock(), calendar(m.clocks[slot.index].calendar), now_);
    case Source::clock_due: return clock().due == Due::never ? expr::Value() : expr::Value(clock().due);
    case Source::clock_overdue:
      return clock().overdue_at != Due::never || (clock().status == ClockState::Status::running && now_ > clock().due);
    case Source::clock_status: return kClockStatus[static_cast<int>(clock().status)];
    case Source::clock_overdues: return static_cast<std::int64_t>(clock().overdue_count);
    case Source::root_field: return s_.fields[slot.index];
    case Source::root_state:
      return std::string_view(d_.machines[0].regions[slot.index].states[s_.states[slot.index]].name);
    case Source::root_count: return static_cast<std::int64_t>(s_.counts[slot.index]);
    case Source::actor_id: return context_.actor.id;
    case Source::actor_unit: return context_.actor.unit;
    case Source::now: return now_;
    case Source::depth: return static_cast<std::int64_t>(node.depth);
    case Source::lead: return node.lead;
    case Source::task: return static_cast<std::int64_t>(frame.node);
    case Source::actor_roles:
    case Source::path:
    case Source::siblings:
    case Source::children_keys: return list_of(frame, slot.source);
    case Source::children_total: return children([](State::Counts) { return true; });
    case Source::children_open: return children([](State::Counts c) { return c == State::Counts::open; });
    case Source::children_done: return children([](State::Counts c) { return c == State::Counts::done; });
    case Source::children_dropped: return children([](State::Counts c) { return c == State::Counts::dropped; });
    case Source::joined: return node.joined;
    case Source::calendar_working: return calendar(0).is_working(now_);
    case Source::calendar_workday: return calendar(0).is_workday(calendar(0).timezone().date_at(now_));
  }
  return {};
}

void Run::fill(const Frame& frame, const expr::Program& program) {
  const auto& slots = d_.scopes[s_.nodes[frame.node].machine].slots;
  for (const std::uint32_t slot : program.slots()) {
    if (slot >= work_.slots.size()) work_.slots.resize(slot + 16);
    expr::Value& value = work_.slots[slot];
    if (slot < slots.size()) {
      value = look(frame, slots[slot]);
    } else if (const std::size_t e = slot - slots.size(); e < frame.event_fields) {
      value = e < frame.event.size() ? frame.event[e] : expr::Value();
    } else {
      value = e == frame.event_fields && frame.item != nullptr ? *frame.item : expr::Value(frame.index);
    }
  }
}

bool Run::evaluate(const Frame& frame, const expr::Program& program, expr::Value& out) {
  fill(frame, program);
  auto value = program.evaluate(work_.slots);
  if (!value.ok()) return refuse(Refusal::Kind::missing, value.error().message(), value.error().place());
  out = *std::move(value);
  return true;
}

bool Run::test(const Frame& frame, const expr::Program& program, bool& out) {
  fill(frame, program);
  const auto value = program.test(work_.slots);
  if (!value.ok()) return refuse(Refusal::Kind::missing, value.error().message(), value.error().place());
  out = *value;
  return true;
}

}  // namespace hotline::workflow
