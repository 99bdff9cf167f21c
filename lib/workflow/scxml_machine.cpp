#include "workflow/scxml_machine.hpp"

#include <algorithm>

#include "hotline/expr/program.hpp"

namespace hotline::workflow {
namespace {

using Kind = ScxmlNode::Kind;

bool matches(const std::string& descriptor, const std::string& event) {
  return descriptor == "*" || event == descriptor || event.starts_with(descriptor + ".");
}

}  // namespace

bool ScxmlMachine::below(std::uint32_t s, std::uint32_t above) const {
  for (s = c_.nodes[s].parent; s != kNowhere; s = c_.nodes[s].parent)
    if (s == above) return true;
  return false;
}

std::vector<std::uint32_t> ScxmlMachine::ancestors(std::uint32_t s, std::uint32_t until) const {
  std::vector<std::uint32_t> out;
  for (s = c_.nodes[s].parent; s != kNowhere && s != until; s = c_.nodes[s].parent) out.push_back(s);
  return out;
}

std::vector<std::uint32_t> ScxmlMachine::effective(const std::vector<std::uint32_t>& targets) const {
  std::vector<std::uint32_t> out;
  for (const std::uint32_t s : targets) {
    if (!c_.nodes[s].is_history()) {
      out.push_back(s);
      continue;
    }
    const auto kept = now_.history.find(s);
    const auto more = kept != now_.history.end() ? kept->second : effective(c_.nodes[s].initial);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

std::uint32_t ScxmlMachine::domain(const ScxmlTransition& t) const {
  const auto targets = effective(t.targets);
  if (targets.empty()) return kNowhere;
  const auto all_below = [&](std::uint32_t s) { return std::all_of(targets.begin(), targets.end(), [&](std::uint32_t x) { return below(x, s); }); };
  if (t.internal && c_.nodes[t.source].compound() && all_below(t.source)) return t.source;
  for (const std::uint32_t s : ancestors(t.source, kNowhere))
    if (c_.nodes[s].compound() && all_below(s)) return s;
  return 0;
}

ScxmlMachine::Set ScxmlMachine::exit_set(const ScxmlTransition& t) const {
  Set out;
  const std::uint32_t top = t.targets.empty() ? kNowhere : domain(t);
  if (top == kNowhere) return out;
  for (const std::uint32_t s : now_.configuration)
    if (below(s, top)) out.insert(s);
  return out;
}

bool ScxmlMachine::in_final(std::uint32_t s) const {
  const ScxmlNode& n = c_.nodes[s];
  if (n.kind == Kind::parallel) return std::all_of(n.children.begin(), n.children.end(), [&](std::uint32_t x) { return in_final(x); });
  return std::any_of(n.children.begin(), n.children.end(), [&](std::uint32_t x) { return c_.nodes[x].kind == Kind::final && now_.configuration.contains(x); });
}

void ScxmlMachine::add_parallel(std::uint32_t s, Entry& e) const {
  for (const std::uint32_t child : c_.nodes[s].children)
    if (std::none_of(e.states.begin(), e.states.end(), [&](std::uint32_t x) { return below(x, child); })) add_descendants(child, e);
}

void ScxmlMachine::add_descendants(std::uint32_t s, Entry& e) const {
  const ScxmlNode& n = c_.nodes[s];
  const auto go_to = [&](const std::vector<std::uint32_t>& targets, std::uint32_t until) {
    for (const std::uint32_t x : targets) add_descendants(x, e);
    for (const std::uint32_t x : targets) add_ancestors(x, until, e);
  };
  if (n.is_history()) {
    const auto kept = now_.history.find(s);
    if (kept == now_.history.end()) e.histories[n.parent] = &n.initial_actions;
    return go_to(kept != now_.history.end() ? kept->second : n.initial, n.parent);
  }
  e.states.insert(s);
  if (n.compound()) {
    e.defaults.insert(s);
    go_to(n.initial, s);
  } else if (n.kind == Kind::parallel) {
    add_parallel(s, e);
  }
}

void ScxmlMachine::add_ancestors(std::uint32_t s, std::uint32_t until, Entry& e) const {
  for (const std::uint32_t x : ancestors(s, until)) {
    if (x == 0) continue;
    e.states.insert(x);
    if (c_.nodes[x].kind == Kind::parallel) add_parallel(x, e);
  }
}

// In('s') is known; what is left must be an expression of true, false, !, && and ||.
Result<bool> ScxmlMachine::holds(const std::string& condition) const {
  if (condition.empty()) return true;
  std::string text;
  for (std::size_t i = 0; i < condition.size();) {
    if (condition.compare(i, 3, "In(") != 0) {
      text += condition[i++];
      continue;
    }
    const auto close = std::min(condition.find(')', i), condition.size());
    std::string id = condition.substr(i + 3, close - i - 3);
    std::erase_if(id, [](char c) { return c == '\'' || c == '"' || c == ' '; });
    const bool in = std::any_of(now_.configuration.begin(), now_.configuration.end(), [&](std::uint32_t s) { return c_.nodes[s].id == id; });
    text += in ? "true" : "false";
    i = close + 1;
  }
  const expr::Environment none;
  const auto program = expr::Program::compile(text, none);
  const auto value = program.ok() ? program->evaluate({}) : Result<expr::Value>(program.error());
  if (!value.ok() || value->kind() != expr::Kind::boolean)
    return Error(ErrorCode::unsupported, "SCXML: the condition `" + condition + "`", "without a data model a condition is made of In('state'), true, false, !, && and ||");
  return value->as_bool();
}

Status ScxmlMachine::run(const ScxmlBlock& block, ScxmlBlock& done) const {
  for (const ScxmlAction& a : block) {
    if (a.fails) {
      ScxmlAction error;
      error.kind = ScxmlAction::Kind::raise;
      error.event = "error.execution";
      done.push_back(std::move(error));
      return {};
    }
    if (a.kind != ScxmlAction::Kind::choose) {
      done.push_back(a);
      continue;
    }
    for (const auto& branch : a.branches) {
      HOTLINE_ASSIGN(const bool taken, holds(branch.condition));
      if (!taken) continue;
      HOTLINE_TRY(run(branch.actions, done));
      break;
    }
  }
  return {};
}

Status ScxmlMachine::exit(const std::vector<const ScxmlTransition*>& transitions, ScxmlBlock& done) {
  Set leaving;
  for (const ScxmlTransition* t : transitions) leaving.merge(exit_set(*t));
  for (const std::uint32_t s : leaving)
    for (const std::uint32_t h : c_.nodes[s].histories) {
      auto& kept = now_.history[h];
      kept.clear();
      for (const std::uint32_t x : now_.configuration)
        if (c_.nodes[h].kind == Kind::deep_history ? c_.nodes[x].atomic() && below(x, s) : c_.nodes[x].parent == s) kept.push_back(x);
    }
  for (auto s = leaving.rbegin(); s != leaving.rend(); ++s) {
    for (const ScxmlBlock& block : c_.nodes[*s].exit) HOTLINE_TRY(run(block, done));
    now_.configuration.erase(*s);
  }
  return {};
}

Status ScxmlMachine::enter(const Entry& e, ScxmlBlock& done) {
  const auto raise = [&](std::uint32_t s) {
    ScxmlAction a;
    a.kind = ScxmlAction::Kind::raise;
    a.event = "done.state." + c_.nodes[s].id;
    done.push_back(std::move(a));
  };
  for (const std::uint32_t s : e.states) {
    const ScxmlNode& n = c_.nodes[s];
    now_.configuration.insert(s);
    for (const ScxmlBlock& block : n.entry) HOTLINE_TRY(run(block, done));
    if (e.defaults.contains(s)) HOTLINE_TRY(run(n.initial_actions, done));
    if (const auto found = e.histories.find(s); found != e.histories.end()) HOTLINE_TRY(run(*found->second, done));
    if (n.kind != Kind::final) continue;
    if (n.parent == 0) {
      now_.finished = true;
      continue;
    }
    raise(n.parent);
    const std::uint32_t above = c_.nodes[n.parent].parent;
    if (above != kNowhere && c_.nodes[above].kind == Kind::parallel && in_final(above)) raise(above);
  }
  return {};
}

Result<ScxmlSpot> ScxmlMachine::start(ScxmlBlock& done) {
  now_ = {};
  Entry e;
  for (const std::uint32_t s : c_.nodes[0].initial) add_descendants(s, e);
  for (const std::uint32_t s : c_.nodes[0].initial) add_ancestors(s, 0, e);
  HOTLINE_TRY(run(c_.nodes[0].initial_actions, done));
  HOTLINE_TRY(enter(e, done));
  return now_;
}

Result<std::vector<const ScxmlTransition*>> ScxmlMachine::select(const ScxmlSpot& at, const std::string& event) {
  now_ = at;
  std::vector<const ScxmlTransition*> enabled, out;
  const auto first_of = [&](std::uint32_t s) -> Result<const ScxmlTransition*> {
    for (const ScxmlTransition& t : c_.nodes[s].transitions) {
      if (t.events.empty() != event.empty()) continue;
      if (!event.empty() && std::none_of(t.events.begin(), t.events.end(), [&](const auto& d) { return matches(d, event); })) continue;
      HOTLINE_ASSIGN(const bool good, holds(t.condition));
      if (good) return &t;
    }
    return static_cast<const ScxmlTransition*>(nullptr);
  };
  for (const std::uint32_t leaf : now_.configuration) {
    if (!c_.nodes[leaf].atomic()) continue;
    for (std::uint32_t s = leaf; s != kNowhere; s = c_.nodes[s].parent) {
      HOTLINE_ASSIGN(const ScxmlTransition* const t, first_of(s));
      if (t == nullptr) continue;
      if (std::find(enabled.begin(), enabled.end(), t) == enabled.end()) enabled.push_back(t);
      break;
    }
  }
  for (const ScxmlTransition* one : enabled) {
    const Set mine = exit_set(*one);
    std::vector<const ScxmlTransition*> beaten;
    bool preempted = false;
    for (const ScxmlTransition* other : out) {
      const Set theirs = exit_set(*other);
      if (std::none_of(mine.begin(), mine.end(), [&](std::uint32_t s) { return theirs.contains(s); })) continue;
      if (below(one->source, other->source)) beaten.push_back(other);
      else preempted = true;
      if (preempted) break;
    }
    if (preempted) continue;
    std::erase_if(out, [&](const auto* t) { return std::find(beaten.begin(), beaten.end(), t) != beaten.end(); });
    out.push_back(one);
  }
  return out;
}

Result<ScxmlSpot> ScxmlMachine::step(const ScxmlSpot& at, const std::vector<const ScxmlTransition*>& transitions, ScxmlBlock& done) {
  now_ = at;
  HOTLINE_TRY(exit(transitions, done));
  for (const ScxmlTransition* t : transitions) HOTLINE_TRY(run(t->actions, done));
  Entry e;
  for (const ScxmlTransition* t : transitions) {
    if (t->targets.empty()) continue;
    for (const std::uint32_t s : t->targets) add_descendants(s, e);
    const std::uint32_t top = domain(*t);
    for (const std::uint32_t s : effective(t->targets)) add_ancestors(s, top, e);
  }
  HOTLINE_TRY(enter(e, done));
  return now_;
}

}  // namespace hotline::workflow
