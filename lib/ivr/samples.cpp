#include "ivr/samples.hpp"

namespace hotline::ivr {
namespace {

void literals(const expr::Term& term, std::set<std::string>& texts) {
  if (term.kind() == expr::Term::Kind::literal && term.value().kind() == expr::Kind::string) texts.emplace(term.value().as_string());
  for (std::size_t i = 0; i < term.size(); ++i) literals(term.child(i), texts);
}

std::string_view example(Check check) {
  switch (check) {
    case Check::luhn: return "79927398713";
    case Check::id_card: return "11010519491231002*";
    case Check::date: return "20260101";
    case Check::phone: return "13800138000";
    default: return "";
  }
}

}  // namespace

std::string valid_entry(const FlowNode& node, Index part, const Dialogue& d, Random& random) {
  std::string keys;
  if (node.type == NodeType::collect && part == 0 && node.check != Check::none && random.below(4) != 0) keys = example(node.check);
  if (node.type == NodeType::dial_by_name && part == 0 && !node.people.empty()) keys = node.people[random.below(node.people.size())].keys;
  std::uint16_t state = DigitAutomaton::kStart;
  for (const char key : keys) state = state == DigitAutomaton::kDead ? state : d.digits.next(state, key);
  while (static_cast<int>(keys.size()) < d.most && state != DigitAutomaton::kDead) {
    const DigitState& at = d.digits.at(state);
    if (at.rule != 0 && static_cast<int>(keys.size()) >= d.least && (!at.more || random.below(3) == 0)) break;
    char options[kKeys];
    std::size_t count = 0;
    for (std::size_t k = 0; k < kKeys; ++k)
      if (at.next[k] != DigitAutomaton::kDead) options[count++] = kKeyNames[k];
    if (count == 0) break;
    keys += options[random.below(count)];
    state = d.digits.next(state, keys.back());
  }
  if (state != DigitAutomaton::kDead && d.digits.at(state).more && d.listening.term != 0) keys += d.listening.term;
  return keys;
}

std::vector<std::string> compared_texts(const Program& program) {
  std::set<std::string> texts{"20260001"};
  for (const Expression& e : program.expressions)
    if (e.program) literals(e.program->root(), texts);
  return {texts.begin(), texts.end()};
}

Answer any_answer(const Program& program, const Action& action, const std::vector<std::string>& texts, Random& random) {
  static constexpr Outcome kData[] = {Outcome::ok, Outcome::ok, Outcome::ok, Outcome::empty, Outcome::error, Outcome::timeout};
  static constexpr Outcome kQueue[] = {Outcome::answered, Outcome::answered, Outcome::timeout, Outcome::full, Outcome::closed, Outcome::error};
  static constexpr Outcome kTransfer[] = {Outcome::answered, Outcome::busy, Outcome::no_answer, Outcome::failed};
  static constexpr Outcome kOther[] = {Outcome::ok, Outcome::ok, Outcome::error};
  const auto pick = [&](const auto& outcomes) { return outcomes[random.below(std::size(outcomes))]; };
  Answer answer;
  switch (action.kind) {
    case ActionKind::query:
    case ActionKind::ticket:
    case ActionKind::kb: answer.outcome = pick(kData); break;
    case ActionKind::queue: answer.outcome = pick(kQueue); break;
    case ActionKind::transfer: answer.outcome = pick(kTransfer); break;
    default: answer.outcome = pick(kOther);
  }
  answer.after = std::chrono::milliseconds(200 + random.below(4000));
  if (const Index node = program.find(action.node); node != kNone)
    for (const Assignment& store : program.nodes[node].stores) {
      // As a host would: a text that the flow knows, or a number where the variable is one.
      const bool text = store.slot >= program.variables.size() || program.variables[store.slot].kind == expr::Kind::string;
      answer.fields.push_back({store.field, text ? Value(texts[random.below(texts.size())]) : Value(static_cast<std::int64_t>(random.below(5)))});
    }
  return answer;
}

}  // namespace hotline::ivr
