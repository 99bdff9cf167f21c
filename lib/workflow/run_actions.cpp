#include <algorithm>

#include "workflow/run.hpp"

namespace hotline::workflow {
namespace {

constexpr std::uint32_t kMaxDepth = 32;

}  // namespace

NodeId Run::add_node(std::uint32_t machine_index, NodeId parent) {
  const MachineIndex& sizes = d_.indices[machine_index];
  NodeState node;
  node.machine = machine_index;
  node.parent = parent;
  node.depth = s_.nodes.empty() ? 0 : s_.nodes[parent].depth + 1;
  node.states = static_cast<std::uint32_t>(s_.states.size());
  node.fields = static_cast<std::uint32_t>(s_.fields.size());
  node.clocks = static_cast<std::uint32_t>(s_.clocks.size());
  node.timers = static_cast<std::uint32_t>(s_.timers.size());
  node.counts = static_cast<std::uint32_t>(s_.counts.size());
  for (const Region& r : d_.machines[machine_index].regions) s_.states.push_back(r.initial);
  for (const Field& f : d_.machines[machine_index].fields) s_.fields.push_back(f.initial);
  s_.clocks.resize(s_.clocks.size() + sizes.clocks);
  s_.timers.resize(s_.timers.size() + sizes.timers);
  s_.counts.resize(s_.counts.size() + sizes.counts);
  s_.nodes.push_back(node);
  return static_cast<NodeId>(s_.nodes.size() - 1);
}

bool Run::enter_initial(NodeId node) {
  for (std::uint32_t r = 0; r < machine(node).regions.size(); ++r)
    if (!enter(node, r, machine(node).regions[r].initial)) return false;
  return true;
}

bool Run::enter(NodeId node, std::uint32_t region, std::uint32_t state) {
  const Region& where = machine(node).regions[region];
  s_.states[s_.nodes[node].states + region] = state;
  Effect& e = effect(Effect::Kind::entered, node, where.states[state].name);
  e.detail = where.name;
  e.target = state;
  for (const std::uint32_t timer : where.states[state].timers) arm_after(node, timer);
  return perform({node, {}, 0}, where.states[state].entry);
}

bool Run::leave(NodeId node, std::uint32_t region) {
  const State& state = machine(node).regions[region].states[s_.state(node, region)];
  for (const std::uint32_t timer : state.timers) disarm(node, timer);
  return perform({node, {}, 0}, state.exit);
}

bool Run::perform(const Frame& frame, const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (action.condition) {
      bool holds = false;
      if (!test(frame, *action.condition, holds)) return false;
      if (!holds) continue;
    }
    if (!perform(frame, action)) return false;
  }
  return true;
}

bool Run::arguments(const Frame& frame, const Action& action, Effect& e) {
  const std::size_t at = static_cast<std::size_t>(&e - out_.effects.data());
  for (const Assignment& a : action.arguments) {
    expr::Value value;
    if (!evaluate(frame, a.value, value)) return false;
    out_.arguments.push_back({a.name, value.own()});
  }
  out_.effects[at].arguments = static_cast<std::uint32_t>(action.arguments.size());
  return true;
}

bool Run::perform(const Frame& frame, const Action& action) {
  switch (action.kind) {
    case Action::Kind::set:
      for (const Assignment& a : action.arguments) {
        expr::Value value;
        if (!evaluate(frame, a.value, value)) return false;
        const Field& field = machine(frame.node).fields[a.field];
        if (!field.one_of.empty() &&
            std::find(field.one_of.begin(), field.one_of.end(), value.as_string()) == field.one_of.end())
          return refuse(Refusal::Kind::invalid_field, field.name, action.place);
        expr::Value& slot = s_.fields[s_.nodes[frame.node].fields + a.field];
        slot = value.own();
        Effect& e = effect(Effect::Kind::field_set, frame.node, field.name);
        e.target = a.field;
        e.arguments = 1;
        out_.arguments.push_back({field.name, slot});
      }
      return true;
    case Action::Kind::start:
    case Action::Kind::pause:
    case Action::Kind::resume:
    case Action::Kind::extend:
    case Action::Kind::stop: return clock_action(frame, action);
    case Action::Kind::arm: arm_after(frame.node, action.target); return true;
    case Action::Kind::cancel: disarm(frame.node, action.target); return true;
    case Action::Kind::notify: return arguments(frame, action, effect(Effect::Kind::notify, frame.node, action.name));
    case Action::Kind::emit: return arguments(frame, action, effect(Effect::Kind::emit, frame.node, action.name));
    case Action::Kind::spawn: return spawn(frame, action);
    case Action::Kind::raise: return raise(frame, action);
    case Action::Kind::join: return set_join(frame, action);
  }
  return true;
}

bool Run::spawn(const Frame& frame, const Action& action) {
  expr::Value list;
  if (action.each && !evaluate(frame, *action.each, list)) return false;
  list = list.own();
  const std::size_t times = action.each ? list.items().size() : 1;
  if (s_.nodes.size() + times > kMaxNodes || s_.nodes[frame.node].depth + 1 > kMaxDepth)
    return refuse(Refusal::Kind::runaway, action.name, action.place);
  for (std::size_t i = 0; i < times; ++i) {
    Frame inner = frame;
    if (action.each) {
      inner.item = &list.items()[i];
      inner.index = static_cast<std::int64_t>(i);
    }
    bool lead = times == 1 || i == 0;
    if (action.lead && !test(inner, *action.lead, lead)) return false;
    std::vector<std::pair<std::uint32_t, expr::Value>> values;
    for (const Assignment& a : action.arguments) {
      expr::Value value;
      if (!evaluate(inner, a.value, value)) return false;
      const Field& field = d_.machines[action.target].fields[a.field];
      if (!field.one_of.empty() &&
          std::find(field.one_of.begin(), field.one_of.end(), value.as_string()) == field.one_of.end())
        return refuse(Refusal::Kind::invalid_field, field.name, action.place);
      values.emplace_back(a.field, value.own());
    }
    const NodeId child = add_node(action.target, frame.node);
    s_.nodes[child].lead = lead;
    Effect& e = effect(Effect::Kind::spawned, frame.node, d_.machines[action.target].name);
    e.other = child;
    e.arguments = static_cast<std::uint32_t>(values.size());
    for (auto& [field, value] : values) {
      s_.fields[s_.nodes[child].fields + field] = value;
      out_.arguments.push_back({d_.machines[action.target].fields[field].name, std::move(value)});
    }
    if (!enter_initial(child)) return false;
  }
  s_.nodes[frame.node].joined = false;
  return true;
}

bool Run::raise(const Frame& frame, const Action& action) {
  const auto post = [&](NodeId node) {
    const Machine& m = machine(node);
    const std::uint32_t event =
        action.to == Action::To::self || action.to == Action::To::root ? action.target : m.event(action.name);
    if (event == kNone) return true;
    if (work_.queue.size() > kMaxNodes) return refuse(Refusal::Kind::runaway, action.name, action.place);
    Decision::Work::Raised raised{node, event, {}};
    raised.fields.resize(m.events[event].fields.size());
    for (const Assignment& a : action.arguments) {
      const std::uint32_t field = m.events[event].field(a.name);
      if (field != kNone) {
        expr::Value value;
        if (!evaluate(frame, a.value, value)) return false;
        raised.fields[field] = value.own();
      }
    }
    if (!check_fields(m.events[event], raised.fields)) return false;
    effect(Effect::Kind::raised, frame.node, action.name).other = node;
    work_.queue.push_back(std::move(raised));
    return true;
  };
  switch (action.to) {
    case Action::To::self: return post(frame.node);
    case Action::To::root: return post(0);
    case Action::To::parent: return post(s_.nodes[frame.node].parent);
    case Action::To::children: break;
  }
  for (NodeId n = 1; n < s_.nodes.size(); ++n)
    if (s_.nodes[n].parent == frame.node && counts_as(n) < State::Counts::dropped && !post(n)) return false;
  return true;
}

bool Run::set_join(const Frame& frame, const Action& action) {
  static constexpr std::string_view rules[] = {"all", "lead", "first", "quorum"};
  Join join{static_cast<Join::Rule>(action.join), 0};
  if (action.rule) {
    expr::Value name;
    if (!evaluate(frame, *action.rule, name)) return false;
    const auto found = std::find(std::begin(rules), std::end(rules), name.as_string());
    if (found == std::end(rules)) return refuse(Refusal::Kind::invalid_field, "join", action.place);
    join.rule = static_cast<Join::Rule>(found - std::begin(rules));
  }
  if (action.quorum) {
    expr::Value quorum;
    if (!evaluate(frame, *action.quorum, quorum)) return false;
    if (quorum.as_int() < 1 || quorum.as_int() > kMaxNodes)
      return refuse(Refusal::Kind::invalid_field, "quorum", action.place);
    join.quorum = static_cast<std::uint32_t>(quorum.as_int());
  } else if (join.rule == Join::Rule::quorum) {
    return refuse(Refusal::Kind::invalid_field, "quorum", action.place);
  }
  s_.nodes[frame.node].join = join;
  return true;
}

// Whether the children of a node satisfy its rule now; the node is told when they begin to.
void Run::check_join(NodeId node, State::Counts moved_to) {
  std::uint32_t open = 0, done = 0;
  bool lead = false;
  for (NodeId n = 1; n < s_.nodes.size(); ++n) {
    if (s_.nodes[n].parent != node) continue;
    const State::Counts counts = counts_as(n);
    open += counts == State::Counts::open;
    done += counts == State::Counts::done;
    lead |= counts == State::Counts::done && s_.nodes[n].lead;
  }
  NodeState& parent = s_.nodes[node];
  const Machine& m = machine(node);
  bool joined = false;
  switch (parent.join.rule) {
    case Join::Rule::all: joined = open == 0 && done > 0; break;
    case Join::Rule::lead: joined = lead; break;
    case Join::Rule::first: joined = done > 0; break;
    case Join::Rule::quorum: joined = done >= parent.join.quorum; break;
  }
  const bool now_joined = joined && !parent.joined;
  parent.joined = joined;
  if (now_joined) {
    effect(Effect::Kind::joined, node, {});
    if (m.on_join != kNone) work_.queue.push_back({node, m.on_join, {}});
  }
  if (moved_to == State::Counts::dropped && open == 0 && done == 0 && m.on_empty != kNone)
    work_.queue.push_back({node, m.on_empty, {}});
}

}  // namespace hotline::workflow
