// Validation of values: variables set before they are read, branches that cannot be, secrets, say-as.
#include <algorithm>

#include "ivr/check.hpp"

namespace hotline::ivr {
namespace {

// Expressions guard their own reads with has(x).
bool guards(const expr::Term& term, std::string_view name) {
  if (term.kind() == expr::Term::Kind::has && term.size() > 0 && term.child(0).name() == name) return true;
  for (std::size_t i = 0; i < term.size(); ++i)
    if (guards(term.child(i), name)) return true;
  return false;
}

void reads_of(const Program& p, const FlowNode& node, std::vector<std::pair<Index, Index>>& reads) {
  const auto expression = [&](Index e) {
    if (e < p.expressions.size())
      for (const auto& [unused, slot] : p.expressions[e].reads) reads.emplace_back(slot, e);
  };
  const auto prompt = [&](Index i) {
    if (i >= p.prompts.size()) return;
    for (const PromptVariant& variant : p.prompts[i].variants)
      for (const Segment& segment : variant.segments)
        for (const Piece& piece : segment.pieces) expression(piece.expression);
  };
  expression(node.value);
  if (node.type == NodeType::fax_send) expression(node.store);
  for (const Case& c : node.cases) expression(c.expression);
  for (const Assignment& a : node.sets) expression(a.expression);
  for (const NamedExpression& a : node.arguments) expression(a.expression);
  prompt(node.prompt);
  if (node.type != NodeType::collect) prompt(node.second_prompt);
  for (const Index i : node.listening.prompts) prompt(i);
}

}  // namespace

// Forward, for each node: the variables that are set on every path to it. What is read without that may be empty.
void Checker::variables_set() {
  const std::size_t n = p_.nodes.size(), v = p_.variables.size();
  std::vector<std::vector<bool>> before(n);
  std::vector<bool> first(v);
  for (Index i = 0; i < v; ++i) first[i] = p_.variables[i].builtin || p_.variables[i].initial.index() != 0;
  for (const Scope& scope : p_.scopes)
    for (const std::string& parameter : scope.parameters)
      if (const auto slot = scope.environment.slot(parameter)) first[scope.slots[*slot]] = true;
  std::vector<Index> work{p_.start};
  before[p_.start] = first;
  if (p_.on_hangup != kNone) before[p_.on_hangup] = first, work.push_back(p_.on_hangup);
  const auto flow_into = [&](Index to, const std::vector<bool>& set) {
    if (to >= n) return;
    if (before[to].empty()) {
      before[to] = set;
      work.push_back(to);
      return;
    }
    bool changed = false;
    for (std::size_t i = 0; i < v; ++i)
      if (before[to][i] && !set[i]) before[to][i] = false, changed = true;
    if (changed) work.push_back(to);
  };
  while (!work.empty()) {
    const Index at = work.back();
    work.pop_back();
    const FlowNode& node = p_.nodes[at];
    std::vector<bool> good = before[at];
    for (const Assignment& a : node.sets)
      if (node.type == NodeType::set && a.slot < v) good[a.slot] = true;
    std::vector<bool> other = good;
    for (const Assignment& a : node.stores)
      if (a.slot < v) good[a.slot] = true;
    if (node.store < v && node.type != NodeType::fax_send) good[node.store] = true;
    // What the caller entered is there on the good exits; after failures it is as before.
    for (const Exit& exit : node.exits) {
      const bool bad = exit.name == "exhausted" || exit.name == "error" || exit.name == "timeout" || exit.name == "empty" ||
                       exit.name == "failed" || exit.name == "cancelled" || exit.name == "too_short";
      const Index to = exit.to == target::main ? p_.main : exit.to == target::agent ? p_.agent : exit.to;
      flow_into(to, bad ? other : good);
    }
    if (node.handler != kNone) flow_into(node.handler, other);
    if (node.type == NodeType::subflow && node.index_of_scope != kNone) flow_into(p_.scopes[node.index_of_scope].start, other);
    if (node.dialogue != kNone)
      for (const GlobalKey& key : p_.dialogues[node.dialogue].globals) {
        if (key.action == GlobalAction::agent) flow_into(p_.agent, other);
        if (key.action == GlobalAction::main) flow_into(p_.main, other);
        if (key.action == GlobalAction::go_to) flow_into(key.to, other);
      }
  }
  for (Index i = 0; i < n; ++i) {
    if (before[i].empty()) continue;
    std::vector<std::pair<Index, Index>> reads;
    reads_of(p_, p_.nodes[i], reads);
    std::vector<Index> told;
    for (const auto& [slot, e] : reads) {
      if (before[i][slot] || std::find(told.begin(), told.end(), slot) != told.end()) continue;
      if (p_.expressions[e].program && guards(p_.expressions[e].program->root(), p_.variables[slot].plain)) continue;
      told.push_back(slot);
      // Where no node at all sets it, it can only be empty; else it depends on the path.
      bool ever = false;
      for (const FlowNode& node : p_.nodes) {
        ever = ever || node.store == slot;
        for (const Assignment& a : node.sets) ever = ever || a.slot == slot;
        for (const Assignment& a : node.stores) ever = ever || a.slot == slot;
      }
      const std::string& name = p_.variables[slot].plain;
      const std::string remedy = "give `" + name + "` a default, set it before, or guard it with has(" + name + ")";
      if (!ever) error("V122", p_.nodes[i], "node `" + p_.nodes[i].id + "` reads `" + name + "`, which nothing sets", remedy);
      else warning("V172", p_.nodes[i], "node `" + p_.nodes[i].id + "` reads `" + name + "`, which is not set on every path to it", remedy);
    }
  }
}

void Checker::expressions() {
  for (const FlowNode& node : p_.nodes) {
    if (node.type != NodeType::branch) continue;
    for (std::size_t i = 0; i < node.cases.size(); ++i) {
      const Index e = node.cases[i].expression;
      if (e >= p_.expressions.size() || !p_.expressions[e].program) continue;
      const expr::Program& program = *p_.expressions[e].program;
      if (program.is_constant())
        if (const auto v = program.evaluate({}))
          error("V125", node, "`" + program.source() + "` in node `" + node.id + "` is always " + (v->as_bool() ? "true" : "false"),
                v->as_bool() ? "what follows it can never happen: take it away" : "take the case away");
      for (std::size_t j = 0; j < i; ++j) {
        const Index earlier = node.cases[j].expression;
        if (earlier < p_.expressions.size() && p_.expressions[earlier].source == program.source())
          error("V125", node, "`" + program.source() + "` stands twice in node `" + node.id + "`: the second never holds", "take it away");
      }
    }
  }
}

void Checker::secrets() {
  for (const FlowNode& node : p_.nodes) {
    std::vector<Index> outward;
    if (node.type == NodeType::notify || node.type == NodeType::fax_send)
      for (const NamedExpression& a : node.arguments) outward.push_back(a.expression);
    for (const Index e : outward)
      if (e < p_.expressions.size())
        for (const auto& [unused, slot] : p_.expressions[e].reads)
          if (p_.variables[slot].secret)
            error("V129", node, "node `" + node.id + "` sends the secret `" + p_.variables[slot].plain + "` out in clear text", "leave it out, or mask it");
    if (node.type == NodeType::collect && node.confirm && node.store < p_.variables.size() && p_.variables[node.store].secret)
      error("V129", node, "node `" + node.id + "` reads the secret `" + node.store_name + "` back aloud", "set confirm: false");
  }
  for (const VariableDef& variable : p_.variables) {
    const auto has = [&](std::string_view word) { return variable.plain.find(word) != std::string::npos; };
    const auto* text = std::get_if<std::string>(&variable.initial);
    if ((has("password") || has("secret") || has("token") || has("api_key")) && text != nullptr && !text->empty())
      d_.error("V129", "the variable `" + variable.plain + "` holds a secret in clear text", "let the host give it with the call", variable.place, variable.plain);
  }
}

void Checker::say_types() {
  for (const Prompt& prompt : p_.prompts)
    for (const PromptVariant& variant : prompt.variants)
      for (const Segment& segment : variant.segments)
        for (const Piece& piece : segment.pieces) {
          if (piece.kind != Piece::Kind::say || piece.expression >= p_.expressions.size() || !p_.expressions[piece.expression].program) continue;
          const Expression& e = p_.expressions[piece.expression];
          const expr::Kind kind = e.program->type().kind();
          using text::SayAs;
          const bool whole_only = piece.say == SayAs::ordinal || piece.say == SayAs::ticket || piece.say == SayAs::phone || piece.say == SayAs::digits;
          const bool wrong = (kind == expr::Kind::boolean && piece.say != SayAs::text) || (kind == expr::Kind::real && whole_only) ||
                             (kind == expr::Kind::integer && (piece.say == SayAs::time || piece.say == SayAs::id_card)) ||
                             (kind == expr::Kind::duration && piece.say != SayAs::duration && piece.say != SayAs::text) ||
                             (kind == expr::Kind::timestamp && piece.say != SayAs::date && piece.say != SayAs::time && piece.say != SayAs::text);
          if (wrong)
            d_.error("V121", "`" + e.source + "` is " + hotline::expr::to_string(e.program->type()) + " and cannot be said as " + std::string(text::to_string(piece.say)),
                     "choose another way to say it", e.place, prompt.name);
        }
}

}  // namespace hotline::ivr
