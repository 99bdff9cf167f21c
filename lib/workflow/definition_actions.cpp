#include <algorithm>

#include "workflow/definition_reader.hpp"

namespace hotline::workflow {
namespace {

constexpr std::pair<std::string_view, Action::Kind> kVerbs[] = {
    {"set", Action::Kind::set},       {"start", Action::Kind::start},   {"pause", Action::Kind::pause},
    {"resume", Action::Kind::resume}, {"extend", Action::Kind::extend}, {"stop", Action::Kind::stop},
    {"arm", Action::Kind::arm},       {"cancel", Action::Kind::cancel}, {"notify", Action::Kind::notify},
    {"emit", Action::Kind::emit},     {"spawn", Action::Kind::spawn},   {"raise", Action::Kind::raise},
    {"join", Action::Kind::join}};
constexpr std::array<std::string_view, 4> kRules{"all", "lead", "first", "quorum"};
constexpr std::array<std::string_view, 4> kTargets{"self", "parent", "root", "children"};

}  // namespace

std::vector<Action> DefinitionReader::read_actions(const Node* node, const expr::Environment& environment) {
  std::vector<Action> out;
  if (node == nullptr) return out;
  if (node->is_mapping())
    read_action(*node, environment, out);
  else if (!node->is_sequence())
    complain(*node, "W104", "actions must be a list", "write [{start: clock}, {notify: template}]");
  for (const Node& item : node->items()) read_action(item, environment, out);
  return out;
}

void DefinitionReader::read_action(const Node& node, const expr::Environment& environment, std::vector<Action>& out) {
  const Node* value = nullptr;
  std::string_view verb;
  Action action;
  for (const auto& [name, kind] : kVerbs) {
    const Node* found = node.find(name);
    if (found == nullptr) continue;
    if (value != nullptr)
      return complain(node, "W104", "one action is both `" + std::string(verb) + "` and `" + std::string(name) + "`",
                      "make two items of it");
    value = found;
    verb = name;
    action.kind = kind;
  }
  if (value == nullptr) {
    std::string names;
    for (const auto& [name, kind] : kVerbs) names += (names.empty() ? "" : ", ") + std::string(name);
    return complain(node, "W104", "an action without a verb", "use one of " + names);
  }
  action.place = place(node);
  Fields fields(node, diagnostics_, "action `" + std::string(verb) + "`");
  fields.get(verb);
  if (const Node* condition = fields.get("if"))
    action.condition = compile(*condition, environment, expr::Type::boolean());
  if (read_verb(fields, verb, *value, environment, std::move(action), out)) fields.finish();
}

std::vector<Assignment> DefinitionReader::read_arguments(const Node* node, const expr::Environment& environment,
                                                         const std::vector<Field>* fields, std::string_view what) {
  std::vector<Assignment> out;
  if (node == nullptr) return out;
  if (!node->is_mapping()) complain(*node, "W104", "values must be a mapping", "write {name: expression}");
  for (const auto& [key, value] : node->entries()) {
    std::uint32_t index = 0;
    std::optional<expr::Type> type;
    if (fields != nullptr) {
      const std::string& wanted = key.text();
      const auto found = std::find_if(fields->begin(), fields->end(), [&](const Field& f) { return f.name == wanted; });
      if (found == fields->end()) {
        unknown(key, what, names_of(*fields));
        continue;
      }
      index = static_cast<std::uint32_t>(found - fields->begin());
      type = found->type;
    }
    if (auto program = compile(value, environment, type)) out.push_back({index, key.text(), *std::move(program)});
  }
  return out;
}

bool DefinitionReader::read_verb(Fields& fields, std::string_view verb, const Node& value,
                                 const expr::Environment& environment, Action action, std::vector<Action>& out) {
  using Kind = Action::Kind;
  const Machine& m = machine();
  const auto each_name = [&](auto find, std::string_view what, const std::vector<std::string>& known) {
    const auto one = [&](const Node& item) {
      action.target = find(item.text());
      action.name = item.text();
      if (action.target == kNone)
        unknown(item, what, known);
      else
        out.push_back(action);
    };
    if (value.is_scalar()) one(value);
    for (const Node& item : value.items()) one(item);
  };
  switch (action.kind) {
    case Kind::set:
      action.arguments = read_arguments(&value, environment, &m.fields, "field");
      out.push_back(std::move(action));
      return true;
    case Kind::start:
    case Kind::extend:
      if (const Node* term = fields.get("by")) {
        action.term = read_term(*term, fields.context());
        action.has_term = true;
      }
      if (const Node* amount = fields.get("amount")) action.amount = compile(*amount, environment, std::nullopt);
      if (action.amount && action.amount->type().kind() != expr::Kind::integer &&
          action.amount->type().kind() != expr::Kind::duration)
        complain(*fields.get("amount"), "W104", "an amount must be days (int) or a duration",
                 "write event.days, or duration(\"2h\")");
      if (action.kind == Kind::extend && !action.has_term && !action.amount)
        complain(value, "W104", "extend by how much?", "add `by: 5wd` or `amount: event.days`");
      [[fallthrough]];
    case Kind::pause:
    case Kind::resume:
    case Kind::stop:
      each_name([&](std::string_view n) { return m.clock(n); }, "clock", names_of(m.clocks));
      return true;
    case Kind::arm:
    case Kind::cancel:
      each_name([&](std::string_view n) { return m.timer(n); }, "timer", names_of(m.timers));
      return true;
    case Kind::notify:
    case Kind::emit:
      action.name = value.text();
      if (action.name.empty()) complain(value, "W104", std::string(verb) + " what?", "name it");
      action.arguments = read_arguments(fields.get("with"), environment, nullptr, "");
      if (const Node* to = fields.get("to"))
        if (auto program = compile(*to, environment, std::nullopt))
          action.arguments.push_back({0, "to", *std::move(program)});
      out.push_back(std::move(action));
      return true;
    case Kind::spawn: {
      action.name = value.text();
      for (std::uint32_t i = 1; i < data_.machines.size(); ++i)
        if (data_.machines[i].name == action.name) action.target = i;
      if (action.target == kNone) {
        auto known = names_of(data_.machines);
        known.erase(known.begin());
        unknown(value, "task", known);
        return false;
      }
      expr::Environment inner = environment;
      if (const Node* each = fields.get("each")) {
        action.each = compile(*each, environment, std::nullopt);
        if (action.each) {
          const expr::Type& list = action.each->type();
          if (list.kind() != expr::Kind::list)
            complain(*each, "W104", "`each` must be a list", "give a list, or leave it out");
          else if (!inner.declare("item", list.item()).ok() || !inner.declare("index", expr::Type::integer()).ok())
            complain(*each, "W102", "`item` and `index` are taken", "rename the fields");
        }
      }
      if (const Node* lead = fields.get("lead")) action.lead = compile(*lead, inner, expr::Type::boolean());
      action.arguments =
          read_arguments(fields.get("with"), inner, &data_.machines[action.target].fields, "field of the task");
      out.push_back(std::move(action));
      return true;
    }
    case Kind::raise: {
      action.to = static_cast<Action::To>(fields.choice("to", kTargets, 0));
      action.name = value.text();
      const Machine& target = action.to == Action::To::root ? data_.machines.front() : m;
      if (action.to == Action::To::self || action.to == Action::To::root) {
        action.target = find_event(value, target);
        if (action.target == kNone) return false;
        action.arguments =
            read_arguments(fields.get("with"), environment, &target.events[action.target].fields, "field of the event");
      } else {  // the machine is known when it happens
        action.arguments = read_arguments(fields.get("with"), environment, nullptr, "");
        bool known = false;
        std::vector<std::string> all;
        for (const Machine& other : data_.machines)
          for (const EventType& e : other.events) known |= e.name == action.name, all.push_back(e.name);
        if (!known) unknown(value, "event", all);
      }
      out.push_back(std::move(action));
      return true;
    }
    case Kind::join: {
      if (value.is_mapping()) {
        Fields inner(value, diagnostics_, "join");
        if (const Node* by = inner.required("by")) action.rule = compile(*by, environment, expr::Type::string());
        inner.finish();
      } else {
        const auto found = std::find(kRules.begin(), kRules.end(), value.text());
        if (found == kRules.end())
          complain(value, "W104", "no join rule `" + value.text() + "`", "use all, lead, first or quorum");
        else
          action.join = static_cast<std::uint8_t>(found - kRules.begin());
      }
      if (const Node* quorum = fields.get("quorum"))
        action.quorum = compile(*quorum, environment, expr::Type::integer());
      if (action.join == 3 && !action.quorum) complain(value, "W104", "a quorum of how many?", "add `quorum: 2`");
      out.push_back(std::move(action));
      return true;
    }
  }
  return true;
}

}  // namespace hotline::workflow
