// Validation as a graph: wiring, reach, cycles, sub-flows, names of the installation.
#include "ivr/check.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <cstdlib>
#include <map>
#include <set>

#include "ivr/hours.hpp"
#include "ivr/node_spec.hpp"

namespace hotline::ivr {

void check(Program& program, Diagnostics& diagnostics) { Checker(program, diagnostics).run(); }

void Checker::run() {
  if (p_.nodes.empty() || p_.start == kNone) return;
  wiring();
  reachability();
  idle_cycles();
  subflows();
  bindings();
  hangup_path();
  transfers();
  schedules();
  variables_set();
  expressions();
  secrets();
  say_types();
  menus();
  listening();
  times();
  unused();
  twins();
  languages();
}

bool Checker::allowed(const std::string& code, const std::string& node) const {
  return std::any_of(p_.allowed.begin(), p_.allowed.end(), [&](const auto& a) { return a.first == code || a.first == code + " " + node; });
}
void Checker::error(std::string code, const FlowNode& node, std::string message, std::string remedy) {
  if (!allowed(code, node.id)) d_.error(std::move(code), std::move(message), std::move(remedy), node.place, node.id);
}
void Checker::warning(std::string code, const FlowNode& node, std::string message, std::string remedy) {
  if (!allowed(code, node.id)) d_.warning(std::move(code), std::move(message), std::move(remedy), node.place, node.id);
}

bool Checker::waits(const FlowNode& node) const {
  switch (node.type) {
    case NodeType::menu: case NodeType::collect: case NodeType::record: case NodeType::survey: case NodeType::dial_by_name:
    case NodeType::language: case NodeType::queue: case NodeType::transfer: case NodeType::fax_send: case NodeType::fax_receive: return true;
    default: return false;
  }
}

std::vector<Index> Checker::successors(Index index, bool with_globals) const {
  const FlowNode& node = p_.nodes[index];
  std::vector<Index> to;
  const auto add = [&](Index target_index) {
    if (target_index < p_.nodes.size()) to.push_back(target_index);
    else if (target_index == target::main && p_.main != kNone) to.push_back(p_.main);
    else if (target_index == target::agent && p_.agent != kNone) to.push_back(p_.agent);
    else if (target_index == target::repeat) to.push_back(index);
  };
  for (const Exit& exit : node.exits) add(exit.to);
  if (node.handler != kNone) to.push_back(node.handler);
  if (node.type == NodeType::subflow && node.index_of_scope != kNone) add(p_.scopes[node.index_of_scope].start);
  if (with_globals && node.dialogue != kNone)
    for (const GlobalKey& key : p_.dialogues[node.dialogue].globals) {
      if (key.action == GlobalAction::agent) add(p_.agent);
      if (key.action == GlobalAction::main) add(p_.main);
      if (key.action == GlobalAction::go_to) add(key.to);
    }
  return to;
}

void Checker::wiring() {
  for (const FlowNode& node : p_.nodes)
    for (const Exit& exit : node.exits) {
      if (exit.to != target::unwired || !exit.wanted.empty()) continue;
      const bool falls = exit.optional && (exit.name == "error" || exit.name == "timeout" || exit.name == "empty");
      if (exit.optional && (!falls || node.handler != kNone)) continue;
      error(exit.name == "exhausted" ? "V128" : "V104", node, "exit `" + exit.name + "` of node `" + node.id + "` leads nowhere",
            exit.name == "exhausted" ? "say what happens when the attempts are used up: a node, agent or hangup"
            : exit.optional         ? "wire it, or give the flow an `on_error` node"
                                    : "write `" + exit.name + ": node`, or hangup");
    }
}

void Checker::reachability() {
  reached_.assign(p_.nodes.size(), false);
  std::vector<Index> stack{p_.start};
  for (const Index root : {p_.on_hangup, p_.on_error})
    if (root != kNone) stack.push_back(root);
  while (!stack.empty()) {
    const Index at = stack.back();
    stack.pop_back();
    if (reached_[at]) continue;
    reached_[at] = true;
    for (const Index to : successors(at, true)) stack.push_back(to);
  }
  for (Index i = 0; i < p_.nodes.size(); ++i)
    if (!reached_[i] && p_.nodes[i].type != NodeType::error_handler)
      error("V106", p_.nodes[i], "node `" + p_.nodes[i].id + "` is never reached", "lead an exit to it, or take it away");
  // Backwards from where calls end well: hang-up, an agent, a saved message, the end of a sub-flow.
  std::vector<std::vector<Index>> from(p_.nodes.size());
  std::vector<bool> ends(p_.nodes.size());
  stack.clear();
  for (Index i = 0; i < p_.nodes.size(); ++i) {
    const FlowNode& node = p_.nodes[i];
    for (const Index to : successors(i, true)) from[to].push_back(i);
    bool terminal = node.type == NodeType::hangup || node.type == NodeType::queue || node.type == NodeType::transfer ||
                    node.type == NodeType::give_back;
    for (const Exit& exit : node.exits)
      terminal = terminal || exit.to == target::hangup || exit.to == target::give_back || (exit.to == target::agent && p_.agent != kNone);
    if (terminal) stack.push_back(i);
  }
  while (!stack.empty()) {
    const Index at = stack.back();
    stack.pop_back();
    if (ends[at]) continue;
    ends[at] = true;
    for (const Index before : from[at]) stack.push_back(before);
  }
  for (Index i = 0; i < p_.nodes.size(); ++i)
    if (!ends[i] && reached_[i])
      error("V107", p_.nodes[i], "from node `" + p_.nodes[i].id + "` no caller ever reaches an agent or the end of the call",
            "lead one of the exits that follow to a queue, a transfer or hangup");
}

// Cycles without a caller's input, a wait or a counter would spin until the engine's guard stops them.
void Checker::idle_cycles() {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph graph(p_.nodes.size());
  const auto spins = [&](const FlowNode& n) {
    return !waits(n) && n.type != NodeType::loop && n.type != NodeType::pause && n.type != NodeType::music;
  };
  std::vector<bool> self(p_.nodes.size());
  for (Index i = 0; i < p_.nodes.size(); ++i) {
    if (!spins(p_.nodes[i])) continue;
    for (const Exit& exit : p_.nodes[i].exits) {
      const Index to = exit.to == target::main ? p_.main : exit.to == target::repeat ? i : exit.to;
      if (to >= p_.nodes.size() || !spins(p_.nodes[to])) continue;
      boost::add_edge(i, to, graph);
      if (to == i) self[i] = true;
    }
  }
  std::vector<int> component(p_.nodes.size());
  const int count = p_.nodes.empty() ? 0 : boost::strong_components(graph, component.data());
  std::vector<std::vector<Index>> members(static_cast<std::size_t>(count));
  for (Index i = 0; i < p_.nodes.size(); ++i) members[static_cast<std::size_t>(component[i])].push_back(i);
  for (const auto& cycle : members) {
    if (cycle.empty() || (cycle.size() == 1 && !self[cycle[0]])) continue;
    std::string names;
    for (const Index i : cycle) names += (names.empty() ? "`" : ", `") + p_.nodes[i].id + "`";
    error("V108", p_.nodes[cycle[0]], "the nodes " + names + " go round without the caller or a counter having a say",
          "put a `loop` with a maximum, or a menu, into the circle");
  }
}

void Checker::subflows() {
  std::vector<std::vector<Index>> calls(p_.scopes.size());
  for (const FlowNode& node : p_.nodes)
    if (node.type == NodeType::subflow && node.index_of_scope != kNone) calls[node.scope].push_back(node.index_of_scope);
  for (Index s = 1; s < p_.scopes.size(); ++s) {
    std::vector<bool> seen(p_.scopes.size());
    std::vector<Index> stack = calls[s];
    while (!stack.empty()) {
      const Index at = stack.back();
      stack.pop_back();
      if (at == s) {
        d_.error("V109", "the sub-flow `" + p_.scopes[s].name + "` runs itself", "take one of the calls away", p_.scopes[s].place, p_.scopes[s].name);
        break;
      }
      if (seen[at]) continue;
      seen[at] = true;
      stack.insert(stack.end(), calls[at].begin(), calls[at].end());
    }
  }
  for (const FlowNode& node : p_.nodes) {
    if (node.type == NodeType::give_back && node.scope != 0 && !node.operation.empty() && node.operation != "next") {
      const auto& exits = p_.scopes[node.scope].exits;
      if (std::find(exits.begin(), exits.end(), node.operation) == exits.end())
        error("V110", node, "node `" + node.id + "` returns by `" + node.operation + "`, which its sub-flow does not declare",
              "add it to the sub-flow's `exits`");
    }
    if (node.type == NodeType::give_back && node.scope == 0)
      error("V110", node, "node `" + node.id + "` returns, but stands in no sub-flow", "use hangup or goto");
    if (node.type != NodeType::subflow || node.index_of_scope == kNone) continue;
    const Scope& scope = p_.scopes[node.index_of_scope];
    const auto has = [](const std::vector<std::string>& list, const std::string& name) { return std::find(list.begin(), list.end(), name) != list.end(); };
    for (const NamedExpression& a : node.arguments)
      if (!has(scope.parameters, a.name))
        error("V110", node, "node `" + node.id + "` gives `" + a.name + "`, which the sub-flow does not take", "add it to the sub-flow's `parameters`");
    for (const std::string& wanted : scope.parameters)
      if (std::none_of(node.arguments.begin(), node.arguments.end(), [&](const auto& a) { return a.name == wanted; }))
        error("V110", node, "node `" + node.id + "` does not give `" + wanted + "`, which the sub-flow takes", "add it to `arguments`");
    for (const Assignment& store : node.stores)
      if (!has(scope.returns, store.field))
        error("V110", node, "node `" + node.id + "` stores `" + store.field + "`, which the sub-flow does not return", "add it to the sub-flow's `returns`");
    for (const std::string& exit : scope.exits)
      if (std::none_of(node.exits.begin(), node.exits.end(), [&](const Exit& e) { return e.name == exit; }))
        error("V110", node, "node `" + node.id + "` does not wire the sub-flow's exit `" + exit + "`", "add it to `exits`");
    for (const Exit& exit : node.exits)
      if (exit.name != "next" && !has(scope.exits, exit.name))
        error("V110", node, "node `" + node.id + "` wires `" + exit.name + "`, which the sub-flow does not declare", "add it to the sub-flow's `exits`");
  }
}

void Checker::bindings() {
  if (!p_.bindings.given) return;
  const auto known = [&](std::string_view kind, const std::string& name, const FlowNode& node, std::string_view what) {
    for (const auto& [list, names] : p_.bindings.kinds) {
      if (list != kind) continue;
      for (const auto& entry : names)
        if (entry.first == name) return;
    }
    error("V127", node, "node `" + node.id + "` names the " + std::string(what) + " `" + name + "`, which " + p_.bindings.file + " does not have",
          "add it under `" + std::string(kind) + "`");
  };
  for (const FlowNode& node : p_.nodes) switch (node.type) {
      case NodeType::queue:
        known("queues", node.target, node, "queue");
        for (const std::string& skill : node.words) known("skills", skill, node, "skill");
        break;
      case NodeType::callback:
        if (!node.target.empty()) known("queues", node.target, node, "queue");
        break;
      case NodeType::query: known("queries", node.target, node, "query"); break;
      case NodeType::notify: known("templates", node.target, node, "template"); break;
      case NodeType::survey: known("polls", node.target, node, "poll"); break;
      case NodeType::transfer:
        if (!node.target.empty() && node.operation == "extension") known("extensions", node.target, node, "extension");
        break;
      default: break;
    }
}

// After the caller has hung up only nodes that need nobody to listen may run.
void Checker::hangup_path() {
  if (p_.on_hangup == kNone) return;
  std::vector<bool> seen(p_.nodes.size());
  std::vector<Index> stack{p_.on_hangup};
  while (!stack.empty()) {
    const Index at = stack.back();
    stack.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    if (!node_spec(p_.nodes[at].type).data) {
      error("V132", p_.nodes[at], "node `" + p_.nodes[at].id + "` needs a caller, but is reached after the hang-up", "use data and notice nodes only");
      continue;
    }
    for (const Exit& exit : p_.nodes[at].exits)
      if (exit.to < p_.nodes.size()) stack.push_back(exit.to);
  }
}

void Checker::transfers() {
  for (const FlowNode& node : p_.nodes) {
    if (node.type != NodeType::transfer) continue;
    const auto& own = p_.bindings.own_numbers;
    const bool dialled = std::any_of(p_.dialled_languages.begin(), p_.dialled_languages.end(), [&](const auto& n) { return n.first == node.target; });
    const bool own_value = node.value != kNone && p_.expressions[node.value].source == "dialled";
    if (own_value || dialled || std::find(own.begin(), own.end(), node.target) != own.end())
      error("V130", node, "node `" + node.id + "` transfers to this hotline's own number", "transfer to a queue, or use goto");
    if (node.target.empty() && node.value == kNone) error("V127", node, "node `" + node.id + "` does not say whom to connect to", "write `to` or `number`");
  }
}

// A schedule whose calendar makes one of its exits impossible.
void Checker::schedules() {
  std::set<Index> told;
  for (const FlowNode& node : p_.nodes) {
    if (node.type != NodeType::schedule || node.calendar == kNone) continue;
    const CalendarDef& def = p_.calendars[node.calendar];
    const workflow::Calendar& calendar = def.hours->calendar();
    const auto year = p_.today.size() == 10 ? std::atoi(p_.today.c_str()) : 2000;
    const auto new_year = [&](int y) { return calendar.timezone().to_time(std::chrono::local_days(std::chrono::year(y) / 1 / 1), 0); };
    const Time from = new_year(year), until = new_year(p_.today.size() == 10 ? year + 1 : 2099);
    const Duration open = calendar.elapsed(from, until);
    if (open <= Duration::zero() && told.insert(node.calendar).second)
      d_.error("V133", "the calendar `" + def.name + "` never opens", "give its week working hours", def.place, def.name);
    if (open >= until - from)
      warning("V170", node, "node `" + node.id + "` never takes `closed`: the calendar `" + def.name + "` is always open", "take the schedule away, or correct the hours");
    bool days_off = false;
    for (const auto& publication : calendar.spec().publications) days_off = days_off || !publication.exceptions.empty();
    const bool wired = std::any_of(node.exits.begin(), node.exits.end(), [](const Exit& e) { return e.name == "holiday" && e.to != target::unwired; });
    if (wired && !days_off)
      warning("V170", node, "node `" + node.id + "` never takes `holiday`: the calendar `" + def.name + "` has no holidays", "add them to the calendar, or take the exit away");
    if (p_.today.size() == 10 && !calendar.is_known(year))
      warning("V173", node, "the calendar `" + def.name + "` has no holidays published for " + std::to_string(year), "add this year's announcement");
  }
}

}  // namespace hotline::ivr
