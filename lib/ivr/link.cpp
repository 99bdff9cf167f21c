// Second pass: names become indices, listening nodes become automata, errors get their handlers.
#include <algorithm>

#include "ivr/hours.hpp"
#include "ivr/loader.hpp"

namespace hotline::ivr {
namespace {

std::vector<std::string> ids_of(const Program& program, const std::string& prefix) {
  std::vector<std::string> ids;
  for (const FlowNode& node : program.nodes)
    if (node.id.starts_with(prefix)) ids.push_back(node.id.substr(prefix.size()));
  return ids;
}

}  // namespace

Index Loader::resolve(const std::string& name, Index scope, const Place& at, const std::string& context) {
  static constexpr std::pair<std::string_view, Index> kWords[] = {
      {"hangup", target::hangup}, {"back", target::back},   {"main", target::main},
      {"repeat", target::repeat}, {"agent", target::agent}, {"return", target::give_back}};
  for (const auto& [word, to] : kWords) {
    if (name != word) continue;
    if (to == target::give_back && scope == 0) {
      error("V103", at, context + " leads to `return`, but the flow itself is no sub-flow", "write hangup, or a node", context);
      return target::unwired;
    }
    if (to == target::agent && program_->agent == kNone) {
      error("V103", at, context + " leads to `agent`, but the flow does not say where that is", "add `agent: node` to the flow", context);
      return target::unwired;
    }
    return to;
  }
  const std::string prefix = program_->scopes[scope].name.empty() ? "" : program_->scopes[scope].name + "/";
  const auto found = by_id_.find(prefix + name);
  if (found != by_id_.end()) return found->second;
  const std::string near(nearest(name, ids_of(*program_, prefix)));
  error("V103", at, context + " leads to `" + name + "`, which does not exist",
        near.empty() ? "write the id of a node of this flow, or hangup" : "did you mean `" + near + "`?", context);
  return target::unwired;
}

Index Loader::slot(const std::string& variable, Index scope_index, const Place& at, const std::string& context) {
  const Scope& scope = program_->scopes[scope_index];
  if (const auto found = scope.environment.slot(variable)) {
    const Index index = scope.slots[*found];
    if (!program_->variables[index].builtin || index == builtin::profile || index == builtin::language) return index;
    error("V131", at, context + " sets `" + variable + "`, which the engine keeps itself", "use a variable of your own", context);
    return kNone;
  }
  std::vector<std::string> names;
  for (const auto& v : scope.environment.variables()) names.push_back(v.name);
  const std::string near(nearest(variable, names));
  error("V131", at, context + " sets the variable `" + variable + "`, which is not declared",
        near.empty() ? "add it to `variables`, e.g. `" + variable + ": string`" : "did you mean `" + near + "`?", context);
  return kNone;
}

void Loader::link_stores(FlowNode& node) {
  const std::string context = "node `" + node.id + "`";
  if (!node.store_name.empty()) node.store = slot(node.store_name, node.scope, node.place, context);
  for (Assignment& a : node.stores) a.slot = slot(a.variable, node.scope, node.place, context);
  if (node.type == NodeType::set)
    for (Assignment& a : node.sets) a.slot = slot(a.variable, node.scope, node.place, context);
  if (node.calendar_name.empty()) return;
  for (Index i = 0; i < program_->calendars.size(); ++i)
    if (program_->calendars[i].name == node.calendar_name) node.calendar = i;
  if (node.calendar == kNone)
    error("V126", node.place, context + " goes by the calendar `" + node.calendar_name + "`, which the flow does not have",
          "add it to `calendars`", node.id);
}

void Loader::link() {
  Program& p = *program_;
  const auto find = [&](const std::string& id, std::string_view what) -> Index {
    if (id.empty()) return kNone;
    if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
    error("V103", root_place_, "`" + std::string(what) + "` names the node `" + id + "`, which does not exist", "write the id of a node", id);
    return kNone;
  };
  for (Scope& scope : p.scopes) {
    const std::string prefix = scope.name.empty() ? "" : scope.name + "/";
    if (!scope.start_name.empty()) scope.start = find(prefix + scope.start_name, "start");
    for (Index i = 0; scope.start == kNone && i < p.nodes.size(); ++i)
      if (p.nodes[i].type == NodeType::start && p.nodes[i].scope == static_cast<Index>(&scope - p.scopes.data())) scope.start = i;
    if (scope.start == kNone)
      error("V105", scope.place, scope.name.empty() ? "the flow does not say where it starts" : "the sub-flow `" + scope.name + "` does not say where it starts",
            "add `start: node`");
  }
  p.start = p.scopes[0].start;
  p.main = main_.empty() ? p.start : find(main_, "main");
  p.agent = find(agent_, "agent");
  p.on_hangup = find(on_hangup_, "on_hangup");
  p.on_error = find(on_error_, "on_error");
  for (const auto& [index, key, wanted, at] : late_keys_) {
    const Index scope = index == kNone ? 0 : p.nodes[index].scope;
    GlobalKey& entry = index == kNone ? flow_keys_[static_cast<std::size_t>(key)] : p.nodes[index].globals[static_cast<std::size_t>(key)];
    entry.to = resolve(wanted, scope, at, std::string("the global key `") + kKeyNames[static_cast<std::size_t>(key)] + "`");
    if (entry.to == target::unwired) entry.action = GlobalAction::none;
  }
  for (Index i = 0; i < p.nodes.size(); ++i) {
    FlowNode& node = p.nodes[i];
    current_file_ = node.place.file;
    for (Exit& exit : node.exits)
      if (!exit.wanted.empty()) exit.to = resolve(exit.wanted, node.scope, exit.place, "exit `" + exit.name + "` of node `" + node.id + "`");
    link_stores(node);
    if (node.type == NodeType::subflow) {
      const auto found = scope_by_name_.find(node.target);
      node.calendar = kNone;
      if (found == scope_by_name_.end() || found->second == 0)
        error("V110", node.place, "node `" + node.id + "` runs the sub-flow `" + node.target + "`, which does not exist", "add it to `subflows`", node.id);
      else node.index_of_scope = found->second;
    }
    hidden_variables(node);
    dialogues(node);
  }
  link_handlers();
}

// A loop's round, a poll's answers: kept in variables that expressions do not see, unless the author declared them.
void Loader::hidden_variables(FlowNode& node) {
  const auto hidden = [&](const std::string& name, expr::Kind kind) {
    VariableDef v;
    v.name = node.id + "#" + name;
    v.kind = kind;
    v.builtin = true;
    if (kind == expr::Kind::integer) v.initial = std::int64_t{0};
    program_->variables.push_back(std::move(v));
    return static_cast<Index>(program_->variables.size() - 1);
  };
  if (node.type == NodeType::loop) node.store = hidden("round", expr::Kind::integer);
  for (const Question& question : node.questions) {
    const Scope& scope = program_->scopes[node.scope];
    const auto declared = scope.environment.slot(question.id);
    node.stores.push_back({question.id, declared ? scope.slots[*declared] : hidden(question.id, expr::Kind::string), "", kNone});
  }
}

void Loader::link_handlers() {
  Program& p = *program_;
  const auto reach = [&](Index root, std::vector<bool>& seen) {
    std::vector<Index> stack{root};
    while (!stack.empty()) {
      const Index at = stack.back();
      stack.pop_back();
      if (at >= target::first_special || seen[at]) continue;
      seen[at] = true;
      for (const Exit& exit : p.nodes[at].exits) stack.push_back(exit.to);
    }
  };
  const auto assign = [&](std::string_view scope) {
    for (Index h = 0; h < p.nodes.size(); ++h) {
      const FlowNode& handler = p.nodes[h];
      if (handler.type != NodeType::error_handler || handler.operation != scope) continue;
      std::vector<bool> covered(p.nodes.size(), scope == "flow");
      for (const std::string& word : handler.words) {
        const Index root = resolve(word, handler.scope, handler.place, "node `" + handler.id + "`");
        if (root >= target::first_special) continue;
        if (scope == "node") {
          covered[root] = true;
          continue;
        }
        // A subtree: what is reached from the root but not from the start once the root is closed.
        std::vector<bool> below(p.nodes.size()), without(p.nodes.size());
        reach(root, below);
        without[root] = true;
        if (p.start != kNone && p.start != root) reach(p.start, without);
        without[root] = false;
        for (Index i = 0; i < p.nodes.size(); ++i)
          if (below[i] && !without[i]) covered[i] = true;
      }
      for (Index i = 0; i < p.nodes.size(); ++i)
        if (covered[i] && p.nodes[i].handler == kNone && i != h) p.nodes[i].handler = h;
    }
  };
  for (FlowNode& node : p.nodes)
    if (!node.on_error.empty()) {
      const Index to = resolve(node.on_error, node.scope, node.place, "`on_error` of node `" + node.id + "`");
      node.handler = to < target::first_special ? to : kNone;
    }
  assign("node");
  assign("subtree");
  assign("flow");
  if (p.on_error != kNone)
    for (Index i = 0; i < p.nodes.size(); ++i)
      if (p.nodes[i].handler == kNone && i != p.on_error) p.nodes[i].handler = p.on_error;
}

Dialogue& Loader::add_dialogue(FlowNode& node) {
  Program& p = *program_;
  if (node.dialogue == kNone) node.dialogue = static_cast<Index>(p.dialogues.size());
  ++node.dialogues;
  Dialogue& dialogue = p.dialogues.emplace_back();
  dialogue.node = by_id_[node.id];
  dialogue.listening = node.listening;
  if (dialogue.listening.no_input.empty()) dialogue.listening.no_input.push_back(builtin_prompt("hotline.no_input", node.scope));
  if (dialogue.listening.no_match.empty())
    dialogue.listening.no_match.push_back(builtin_prompt(node.type == NodeType::collect ? "hotline.wrong_entry" : "hotline.no_match", node.scope));
  dialogue.globals = flow_keys_;
  for (int i = 0; node.globals_given && i < kKeys; ++i)
    if (node.globals[static_cast<std::size_t>(i)].to != 0) dialogue.globals[static_cast<std::size_t>(i)] = node.globals[static_cast<std::size_t>(i)];
  if (p.agent == kNone)
    for (GlobalKey& key : dialogue.globals)
      if (key.action == GlobalAction::agent) key.action = GlobalAction::none;
  return dialogue;
}

void Loader::build(FlowNode& node, Dialogue& dialogue, int longest) {
  std::vector<DigitRule> rules;
  std::vector<Rule> kept;
  for (Rule& rule : dialogue.rules) {
    if (rule.keys == "else") {
      dialogue.otherwise = rule.exit;
      continue;
    }
    rules.push_back({rule.keys, is_exact(rule.keys) ? RuleKind::exact : RuleKind::pattern});
    kept.push_back(std::move(rule));
  }
  dialogue.rules = std::move(kept);
  if (rules.empty()) {
    error("V114", node.place, "node `" + node.id + "` offers no choice", "add choices: {\"1\": node}", node.id);
    dialogue.digits = DigitAutomaton::any_digits(1, 1);
    dialogue.rules.push_back({"", kNone, ""});
    return;
  }
  auto automaton = DigitAutomaton::build(rules, longest);
  if (!automaton) {
    error("V124", node.place, "node `" + node.id + "`: " + automaton.error().message(), automaton.error().remedy(), node.id);
    dialogue.digits = DigitAutomaton::any_digits(1, 1);
    return;
  }
  dialogue.digits = *std::move(automaton);
  dialogue.least = dialogue.digits.shortest();
  dialogue.most = dialogue.digits.longest();
  for (const DigitConflict& c : dialogue.digits.conflicts()) {
    const std::string& first = dialogue.rules[c.first].keys;
    const std::string& second = dialogue.rules[c.second].keys;
    if (!c.prefix)
      error("V111", node.place, "node `" + node.id + "`: `" + first + "` and `" + second + "` both match " + c.example, "make one of them more exact, or take it away", node.id);
    else if (node.type == NodeType::menu)
      warning("V169", node.place, "node `" + node.id + "`: `" + first + "` and `" + second + "` both exist: who keys `" + first + "` waits " +
                  hotline::to_string(dialogue.listening.inter_digit), "give the longer one another first key, or accept the wait", node.id);
  }
  for (const auto shadowed : dialogue.digits.shadowed())
    error("V112", node.place, "node `" + node.id + "`: `" + dialogue.rules[shadowed].keys + "` can never be chosen: more exact choices take all it matches",
          "take it away, or make it wider", node.id);
}

void Loader::yes_no_dialogue(FlowNode& node, std::string_view prompt_id, std::vector<Rule> rules, Index own_prompt) {
  Dialogue& dialogue = add_dialogue(node);
  dialogue.listening.prompts = {own_prompt != kNone ? own_prompt : builtin_prompt(prompt_id, node.scope)};
  dialogue.listening.first_digit = std::chrono::seconds(5);
  dialogue.listening.barge_in = true;
  dialogue.listening.max_no_input = dialogue.listening.max_no_match = 3;
  dialogue.listening.max_attempts = 6;
  dialogue.listening.no_match = {builtin_prompt("hotline.no_match", node.scope)};
  dialogue.listening.no_input = {builtin_prompt("hotline.no_input", node.scope)};
  dialogue.rules = std::move(rules);
  build(node, dialogue, 1);
}

void Loader::own_dialogue(FlowNode& node) {
  Dialogue& dialogue = add_dialogue(node);
  switch (node.type) {
    case NodeType::menu:
      dialogue.menu = true;
      for (Index i = 0; i < node.choices_in.size(); ++i) dialogue.rules.push_back({node.choices_in[i].first, i, node.choices_in[i].second});
      build(node, dialogue, 64);
      return;
    case NodeType::language:
      dialogue.menu = true;
      if (node.choices_in.empty())
        for (std::size_t i = 0; i < program_->languages.size() && i < 9; ++i)
          node.choices_in.emplace_back(std::string(1, static_cast<char>('1' + i)), program_->languages[i]);
      for (const auto& [key, language] : node.choices_in) {
        if (std::find(program_->languages.begin(), program_->languages.end(), language) == program_->languages.end())
          error("V118", node.place, "node `" + node.id + "` offers the language `" + language + "`, which the flow does not have", "add it to `languages`", node.id);
        dialogue.rules.push_back({key, 0, language});
      }
      if (dialogue.listening.prompts.empty()) dialogue.listening.prompts.push_back(builtin_prompt("hotline.language", node.scope));
      build(node, dialogue, 64);
      return;
    case NodeType::collect: {
      if (node.least > node.most)
        error("V115", node.place, "node `" + node.id + "`: min " + std::to_string(node.least) + " is greater than max " + std::to_string(node.most), "swap them", node.id);
      if (node.pattern.empty()) {
        dialogue.digits = DigitAutomaton::any_digits(node.least, std::max(node.least, node.most));
        dialogue.rules.push_back({"", kNone, ""});
      } else {
        dialogue.rules.push_back({node.pattern, kNone, ""});
        build(node, dialogue, node.most);
        if (dialogue.digits.longest() == 0)
          error("V116", node.place, "node `" + node.id + "`: the pattern needs more than " + std::to_string(node.most) + " digits", "raise max", node.id);
      }
      dialogue.least = std::max(node.least, dialogue.digits.shortest());
      dialogue.most = std::max(node.least, node.most);
      return;
    }
    case NodeType::dial_by_name:
      dialogue.digits = DigitAutomaton::any_digits(node.least, 32);
      dialogue.rules.push_back({"", kNone, ""});
      dialogue.least = node.least;
      dialogue.most = 32;
      if (dialogue.listening.prompts.empty()) dialogue.listening.prompts.push_back(builtin_prompt("hotline.spell_name", node.scope));
      return;
    default: return;
  }
}

void Loader::dialogues(FlowNode& node) {
  switch (node.type) {
    case NodeType::menu:
    case NodeType::language: own_dialogue(node); break;
    case NodeType::collect:
      own_dialogue(node);
      if (node.confirm) {
        if (node.second_prompt == kNone && node.store != kNone) {
          Node say = Node::mapping(node.place.line, node.place.column);
          say.insert(Node::scalar("say", false), Node::scalar(std::string(text::to_string(node.say)), false));
          say.insert(Node::scalar("value", false), Node::scalar(node.store_name, false, node.place.line, node.place.column));
          Node words = Node::sequence(node.place.line, node.place.column);
          words.append(Node::scalar("hotline.you_entered", false));
          words.append(std::move(say));
          words.append(Node::scalar("hotline.confirm", false));
          documents_.push_back(std::move(words));
          node.second_prompt = prompt(documents_.back(), node.scope, "the read-back of node `" + node.id + "`");
        }
        yes_no_dialogue(node, "hotline.confirm", {{"1", kNone, ""}, {"2", kNone, ""}}, node.second_prompt);
      }
      break;
    case NodeType::record:
      yes_no_dialogue(node, "hotline.review", {{"1", kNone, ""}, {"2", kNone, ""}, {"3", kNone, ""}}, node.second_prompt);
      break;
    case NodeType::survey:
      for (const Question& question : node.questions) {
        Dialogue& dialogue = add_dialogue(node);
        dialogue.listening.prompts = question.prompts;
        for (const auto& [key, name] : question.answers) dialogue.rules.push_back({key, kNone, name});
        if (node.key != 0) dialogue.rules.push_back({std::string(1, node.key), kNone, "skip"});
        build(node, dialogue, 64);
      }
      break;
    case NodeType::dial_by_name:
      own_dialogue(node);
      yes_no_dialogue(node, "hotline.yes_no", {{"1", kNone, ""}, {"2", kNone, ""}}, kNone);
      break;
    default: return;
  }
  for (Index d = 0; d < node.dialogues; ++d) check_globals(node, program_->dialogues[node.dialogue + d]);
}

// A choice may take over a global key, but not by accident: with the agent key, or with a key that edits.
void Loader::check_globals(const FlowNode& node, const Dialogue& dialogue) {
  for (const Rule& rule : dialogue.rules) {
    if (rule.keys.size() != 1 || node.type != NodeType::menu) continue;
    const GlobalKey& global = dialogue.globals[static_cast<std::size_t>(std::max(key_index(rule.keys[0]), 0))];
    const Index to = rule.exit < node.exits.size() ? node.exits[rule.exit].to : kNone;
    const bool agent_key = global.action == GlobalAction::agent && to != target::agent && to != program_->agent;
    if (agent_key)
      error("V113", node.place, "node `" + node.id + "`: the choice `" + rule.keys + "` hides the key for an agent",
            "choose another key, or write global_keys: {\"" + rule.keys + "\": off} to say that it is meant", node.id);
  }
}

}  // namespace hotline::ivr
