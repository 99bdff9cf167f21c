// Nodes: each field by its row in the table of node_spec.
#include <algorithm>

#include "ivr/loader.hpp"

namespace hotline::ivr {
namespace {

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(by), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// The keys of a telephone for a name in Latin letters: "wang wei" -> 9264934.
std::string spelled(std::string_view name) {
  static constexpr std::string_view kLetters = "22233344455566677778889999";
  std::string keys;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') keys += kLetters[static_cast<std::size_t>(c - 'a')];
    if (c >= 'A' && c <= 'Z') keys += kLetters[static_cast<std::size_t>(c - 'A')];
    if (c >= '0' && c <= '9') keys += c;
  }
  return keys;
}

}  // namespace

void Loader::read_node(const Raw& raw) {
  FlowNode& node = program_->nodes[raw.index];
  current_file_ = node.place.file;
  const std::string context = "node `" + node.id + "`";
  const Node* type = raw.node->find("type");
  const NodeSpec* spec = type ? find_node_spec(type->text()) : nullptr;
  if (spec == nullptr) {
    std::vector<std::string> names;
    for (const NodeSpec& s : node_specs()) names.emplace_back(s.name);
    const std::string near(type ? nearest(type->text(), names) : "");
    error("V101", type ? place(*type) : node.place,
          type ? context + " has the unknown type `" + type->text() + "`" : context + " has no type",
          near.empty() ? "write `type: menu` or another type of docs/ivr.md" : "did you mean `" + near + "`?", node.id);
    node.type = NodeType::hangup;
    return;
  }
  node.type = spec->type;
  Fields fields(*raw.node, diagnostics_, context);
  (void)fields.get("type");
  const auto take = [&](std::span<const FieldSpec> specs) {
    for (const FieldSpec& f : specs) {
      // Defaults that differ from zero.
      if (!f.otherwise.empty() && f.kind == FieldKind::integer) f.integer(node) = static_cast<int>(std::stoi(std::string(f.otherwise)));
      if (!f.otherwise.empty() && f.kind == FieldKind::boolean) f.boolean(node) = f.otherwise == "true";
      if (!f.otherwise.empty() && f.kind == FieldKind::one_of) f.text(node) = f.otherwise;
      if (!f.otherwise.empty() && f.kind == FieldKind::key) f.key(node) = f.otherwise == "off" ? 0 : f.otherwise[0];
      if (!f.otherwise.empty() && f.kind == FieldKind::duration)
        if (const auto d = parse_duration(f.otherwise)) f.duration(node) = *d;
      const Node* value = fields.get(f.name);
      if (value != nullptr) {
        read_field(node, f, *value, fields);
      } else if (f.kind == FieldKind::exit) {
        Exit unwired;
        unwired.name = f.name;
        unwired.place = node.place;
        unwired.optional = f.optional_exit;
        node.exits.push_back(std::move(unwired));
      } else if (f.required) {
        error(f.name == "exhausted" ? "V128" : "D004", node.place, context + " lacks `" + std::string(f.name) + "`",
              std::string(f.name) + ": " + std::string(f.note), node.id);
      }
    }
  };
  if (spec->type == NodeType::collect) node.say = text::SayAs::digits;
  take(spec->fields);
  if (spec->listens) {
    take(input_fields());
    if (node.type == NodeType::survey && node.key == '#') node.listening.term = 0;
    if (node.listening.first_digit < Duration::zero())
      node.listening.first_digit = node.type == NodeType::collect || node.type == NodeType::dial_by_name ? std::chrono::seconds(10) : std::chrono::seconds(5);
    if (node.listening.inter_digit < Duration::zero())
      node.listening.inter_digit = std::chrono::seconds(node.type == NodeType::collect && (node.operation == "id_card" || node.operation == "luhn") ? 5 : 3);
  }
  take(common_fields());
  fields.finish();
  if (node.type == NodeType::collect) {
    static constexpr std::pair<std::string_view, Check> kChecks[] = {
        {"none", Check::none}, {"luhn", Check::luhn}, {"id_card", Check::id_card}, {"date", Check::date}, {"phone", Check::phone}};
    for (const auto& [name, check] : kChecks)
      if (node.operation == name) node.check = check;
  }
}

char Loader::read_key(const Node& value, const std::string& context) {
  const std::string& text = value.text();
  if (text == "off") return 0;
  if (text.size() == 1 && key_index(text[0]) >= 0) return text[0];
  error("D003", place(value), context + ": `" + text + "` is no key", "write one of 0-9 * # A-D in quotes, or off");
  return 0;
}

void Loader::read_field(FlowNode& node, const FieldSpec& spec, const Node& value, Fields& fields) {
  const std::string name(spec.name);
  const std::string context = "`" + name + "` of node `" + node.id + "`";
  const auto wrong = [&](std::string remedy) { error("D003", place(value), context + " is of the wrong kind", std::move(remedy), node.id); };
  switch (spec.kind) {
    case FieldKind::text:
    case FieldKind::word:
      if (!value.is_scalar() || (spec.kind == FieldKind::word && value.text().empty())) return wrong("write a word");
      spec.text(node) = value.text();
      return;
    case FieldKind::one_of: {
      const auto names = split(spec.names, '|');
      if (std::find(names.begin(), names.end(), value.text()) == names.end()) return wrong("write one of " + std::string(spec.names));
      spec.text(node) = value.text();
      return;
    }
    case FieldKind::expression: spec.index(node) = expression(value, node.scope); return;
    case FieldKind::prompt: spec.index(node) = prompt(value, node.scope, context); return;
    case FieldKind::ladder: {
      auto& list = spec.list(node);
      if (value.is_sequence())
        for (const Node& rung : value.items()) list.push_back(prompt(rung, node.scope, context));
      else list.push_back(prompt(value, node.scope, context));
      std::erase(list, kNone);
      return;
    }
    case FieldKind::exit: add_exit(node, name, value, spec.optional_exit); return;
    case FieldKind::duration: spec.duration(node) = fields.duration(spec.name, spec.duration(node)); return;
    case FieldKind::integer:
      spec.integer(node) = static_cast<int>(fields.integer(spec.name, spec.integer(node), spec.low, spec.high));
      return;
    case FieldKind::boolean: spec.boolean(node) = fields.boolean(spec.name, spec.boolean(node)); return;
    case FieldKind::key: spec.key(node) = read_key(value, context); return;
    case FieldKind::say_as: {
      const auto kind = text::parse_say_as(value.text());
      if (!kind) return error("V121", place(value), kind.error().message(), kind.error().remedy(), node.id);
      node.say = *kind;
      return;
    }
    case FieldKind::variable: node.store_name = value.text(); return;
    case FieldKind::words:
    case FieldKind::node_list:
    case FieldKind::numbers:
      if (value.is_scalar()) node.words.push_back(value.text());
      for (const Node& item : value.items()) node.words.push_back(item.text());
      return;
    case FieldKind::sets:
      if (!value.is_mapping()) return wrong("write variable: expression");
      for (const auto& [key, e] : value.entries())
        node.sets.push_back({key.text(), kNone, "", expression(e, node.scope)});
      return;
    case FieldKind::stores:
      if (!value.is_mapping()) return wrong("write variable: field of the answer");
      for (const auto& [key, field] : value.entries()) node.stores.push_back({key.text(), kNone, field.text(), kNone});
      return;
    case FieldKind::arguments:
      if (!value.is_mapping()) return wrong("write name: expression");
      for (const auto& [key, e] : value.entries()) node.arguments.push_back({key.text(), expression(e, node.scope)});
      return;
    case FieldKind::named_exits:
      if (!value.is_mapping()) return wrong("write exit: node");
      for (const auto& [key, to] : value.entries()) add_exit(node, key.text(), to);
      return;
    case FieldKind::choices: read_choices(node, value); return;
    case FieldKind::cases: read_cases(node, value, false); return;
    case FieldKind::shares: read_cases(node, value, true); return;
    case FieldKind::questions: read_questions(node, value); return;
    case FieldKind::people: read_people(node, value); return;
    case FieldKind::languages:
      if (!value.is_mapping()) return wrong("write key: language");
      for (const auto& [key, language] : value.entries()) node.choices_in.emplace_back(key.text(), language.text());
      return;
    case FieldKind::global_keys: {
      std::vector<std::pair<int, const Node*>> later;
      node.globals_given = true;
      for (auto& key : node.globals) key.to = 0;  // 0: as the flow has it
      read_global_keys(node.globals, value, node.scope, later);
      const Index index = by_id_[node.id];
      for (const auto& [key, wanted] : later) late_keys_.emplace_back(index, key, wanted->text(), place(*wanted));
      return;
    }
  }
}

// In a node's table `to` 1 marks a key that the node speaks of itself.
void Loader::read_global_keys(GlobalKeys& keys, const Node& value, Index, std::vector<std::pair<int, const Node*>>& later) {
  for (const auto& [key, action] : value.entries()) {
    const int index = key.text().size() == 1 ? key_index(key.text()[0]) : -1;
    if (index < 0) {
      error("D003", place(key), "`" + key.text() + "` is no key", "write one of 0-9 * # A-D in quotes");
      continue;
    }
    GlobalKey& entry = keys[static_cast<std::size_t>(index)];
    static constexpr std::pair<std::string_view, GlobalAction> kActions[] = {
        {"off", GlobalAction::none}, {"agent", GlobalAction::agent}, {"back", GlobalAction::back},
        {"repeat", GlobalAction::repeat}, {"main", GlobalAction::main}};
    const auto found = std::find_if(std::begin(kActions), std::end(kActions),
                                    [&word = action.text()](const auto& a) { return a.first == word; });
    entry.to = 1;
    if (found != std::end(kActions)) {
      entry.action = found->second;
    } else {
      entry.action = GlobalAction::go_to;
      later.emplace_back(index, &action);
    }
  }
}

void Loader::add_exit(FlowNode& node, std::string name, const Node& value, bool optional) {
  Exit exit;
  exit.name = std::move(name);
  exit.place = place(value);
  exit.optional = optional;
  if (value.is_scalar()) exit.wanted = value.text();
  else if (!value.is_null()) error("D003", place(value), "the exit `" + exit.name + "` of node `" + node.id + "` names no node", "write the id of a node", node.id);
  node.exits.push_back(std::move(exit));
}

void Loader::read_choices(FlowNode& node, const Node& value) {
  if (!value.is_mapping()) return error("D003", place(value), "the choices of `" + node.id + "` are no mapping", "write \"1\": node", node.id);
  for (const auto& [key, to] : value.entries()) {
    if (key.text().starts_with("x-")) continue;
    if (to.is_mapping()) {
      Fields fields(to, diagnostics_, "choice `" + key.text() + "` of node `" + node.id + "`");
      const Node* where = fields.get("to");
      const std::string label = fields.string("name");
      fields.finish();
      if (where == nullptr) {
        Exit unwired;
        unwired.place = place(to);
        node.exits.push_back(std::move(unwired));
      } else {
        add_exit(node, "", *where);
      }
      node.choices_in.emplace_back(key.text(), label);
    } else {
      add_exit(node, "", to);
      node.choices_in.emplace_back(key.text(), "");
    }
    node.exits.back().name = key.text();
  }
}

void Loader::read_cases(FlowNode& node, const Node& value, bool shares) {
  int sum = 0;
  for (const Node& item : value.items()) {
    Fields fields(item, diagnostics_, "a case of node `" + node.id + "`");
    Case c;
    std::string name;
    if (shares) {
      c.percent = static_cast<int>(fields.integer("percent", 0, 0, 100));
      sum += c.percent;
      name = std::to_string(c.percent) + "%";
    } else if (const Node* when = fields.required("when")) {
      c.expression = expression(*when, node.scope, "bool");
      name = when->text();
    }
    const std::string label = fields.string("name");
    if (!label.empty()) name = label;
    const Node* to = fields.get("to");
    fields.finish();
    c.exit = static_cast<Index>(node.exits.size());
    if (to != nullptr) {
      add_exit(node, name, *to);
    } else {
      Exit unwired;
      unwired.name = name;
      unwired.place = place(item);
      node.exits.push_back(std::move(unwired));
    }
    node.cases.push_back(c);
  }
  if (node.cases.empty())
    error("D004", place(value), "node `" + node.id + "` has no case", shares ? "write - {percent: 50, to: node}" : "write - {when: expression, to: node}", node.id);
  if (shares && !node.cases.empty() && sum != 100)
    error("V134", place(value), "the shares of node `" + node.id + "` are " + std::to_string(sum) + " % together", "let them be 100 %", node.id);
}

void Loader::read_questions(FlowNode& node, const Node& value) {
  for (const Node& item : value.items()) {
    Fields fields(item, diagnostics_, "a question of node `" + node.id + "`");
    Question question;
    question.place = place(item);
    question.id = fields.string("id", "q" + std::to_string(node.questions.size() + 1));
    if (const Node* asked = fields.required("prompt")) {
      if (asked->is_sequence())
        for (const Node& rung : asked->items()) question.prompts.push_back(prompt(rung, node.scope, fields.context()));
      else question.prompts.push_back(prompt(*asked, node.scope, fields.context()));
    }
    std::erase(question.prompts, kNone);
    if (const Node* answers = fields.required("answers")) {
      if (answers->is_scalar() && answers->text().size() == 3 && answers->text()[1] == '-')
        for (char c = answers->text()[0]; c <= answers->text()[2] && c > 0; ++c) question.answers.emplace_back(std::string(1, c), std::string(1, c));
      for (const auto& [key, name] : answers->entries()) question.answers.emplace_back(key.text(), name.text());
      if (question.answers.empty())
        error("V114", place(*answers), "a question of node `" + node.id + "` has no answers", "write answers: 1-5, or {\"1\": yes, \"2\": no}", node.id);
    }
    fields.finish();
    node.questions.push_back(std::move(question));
  }
  if (node.questions.empty() || node.questions.size() > 60)
    error("V114", place(value), "node `" + node.id + "` needs 1 to 60 questions", "write a list of {id, prompt, answers}", node.id);
}

void Loader::read_people(FlowNode& node, const Node& value) {
  for (const Node& item : value.items()) {
    Fields fields(item, diagnostics_, "a person of node `" + node.id + "`");
    Person person;
    person.name = fields.required_string("name");
    person.extension = fields.required_string("extension");
    person.keys = spelled(fields.string("spelling", person.name));
    fields.finish();
    if (person.keys.empty() || person.keys.size() > 32)
      error("D004", place(item), "`" + person.name + "` cannot be spelled on a telephone", "give a `spelling` in Latin letters", node.id);
    else node.people.push_back(std::move(person));
  }
}

Index Loader::expression(const Node& value, Index scope, std::string_view wanted) {
  if (!value.is_scalar()) {
    error("V123", place(value), "an expression is a text", "write it in one line");
    return kNone;
  }
  return expression(value.text(), place(value), scope, wanted);
}

Index Loader::expression(const std::string& source, Place at, Index scope_index, std::string_view wanted) {
  const Scope& scope = program_->scopes[scope_index];
  Expression compiled;
  compiled.source = source;
  compiled.place = at;
  expr::Options options;
  options.origin = at;
  if (wanted == "bool") options.result = expr::Type::boolean();
  auto program = expr::Program::compile(source, scope.environment, options);
  if (program) {
    for (const Index read_slot : program->slots()) compiled.reads.emplace_back(read_slot, scope.slots[read_slot]);
    compiled.program = *std::move(program);
  } else {
    const Error& problem = program.error();
    error("V123", problem.place().line ? problem.place() : at, "in `" + source + "`: " + problem.message(), problem.remedy());
  }
  program_->expressions.push_back(std::move(compiled));
  return static_cast<Index>(program_->expressions.size() - 1);
}

}  // namespace hotline::ivr
