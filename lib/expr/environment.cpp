#include "expr/environment.hpp"

#include <algorithm>

#include "expr/ast.hpp"

namespace hotline::expr {
namespace {

constexpr std::size_t kMaxVariables = 16'000;  // operands of the code are 14 bits wide

bool is_dotted_name(std::string_view name) {
  for (;;) {
    const std::size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    if (!is_identifier(part) || is_reserved(part)) return false;
    if (dot == name.npos) return true;
    name.remove_prefix(dot + 1);
  }
}

Error bad_name(std::string_view name) {
  return Error(ErrorCode::invalid_argument, "`" + std::string(name) + "` cannot be a name in expressions",
               "use letters, digits and _, with dots between, and no reserved word");
}

Status declare_function(Environment::Data& data, HostFunction function) {
  if (!is_dotted_name(function.name) || (function.method && function.name.find('.') != std::string::npos))
    return bad_name(function.name);
  if (!function.body || (function.method && function.parameters.empty()))
    return Error(ErrorCode::invalid_argument, "the function `" + function.name + "` has no " +
                     (function.body ? "receiver" : "body"), "pass it");
  const auto taken = [&](bool method, std::size_t count, auto&& kind) {
    if (method != function.method || count != function.parameters.size()) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (kind(i) != function.parameters[i].kind()) return false;
    return true;
  };
  bool exists = function.name == "has";
  for (const Overload& o : standard_functions())
    exists |= o.name == function.name && taken(o.method, o.count, [&](std::size_t i) { return o.parameters[i]; });
  for (const HostFunction& o : data.functions)
    exists |= o.name == function.name && o.parameters == function.parameters && o.method == function.method;
  if (exists)
    return Error(ErrorCode::already_exists, "a function `" + function.name + "` with these parameters exists",
                 "choose another name");
  data.functions.push_back(std::move(function));
  return {};
}

// The value of a dotted name: its own key, or a path through mappings.
const Node* find_path(const Node& values, std::string_view name) {
  if (const Node* own = values.find(name)) return own;
  for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    const Node* inner = values.find(name.substr(0, dot));
    if (inner == nullptr || inner->kind() != Node::Kind::mapping) continue;
    if (const Node* found = find_path(*inner, name.substr(dot + 1))) return found;
  }
  return nullptr;
}

Status known_keys(const Environment::Data& data, const Node& values) {
  for (const Node::Entry& entry : values.entries()) {
    const std::string& key = entry.key.text();
    const auto fits = [&](const Variable& v) { return v.name == key || v.name.starts_with(key + "."); };
    if (std::ranges::any_of(data.variables, fits)) continue;
    std::vector<std::string> names;
    for (const Variable& variable : data.variables) names.push_back(variable.name);
    const std::string_view near = nearest(key, names);
    return Error(ErrorCode::invalid_argument, "`" + key + "` is not a declared variable",
                 near.empty() ? "declare it, or leave it out" : "did you mean `" + std::string(near) + "`?",
                 entry.key.place({}));
  }
  return {};
}

}  // namespace

Environment::Environment() : data_(std::make_shared<Data>()) {}

// Programs and copies share the data: it is copied before it changes.
Environment::Data& Environment::change() {
  if (data_.use_count() > 1) data_ = std::make_shared<Data>(*data_);
  return const_cast<Data&>(*data_);
}

Result<std::uint32_t> Environment::declare(std::string_view name, Type type) {
  if (!is_dotted_name(name)) return bad_name(name);
  if (slot(name))
    return Error(ErrorCode::already_exists, "the variable `" + std::string(name) + "` is declared already", "declare it once");
  if (data_->variables.size() >= kMaxVariables)
    return Error(ErrorCode::limit, "too many variables", "at most " + std::to_string(kMaxVariables));
  Data& data = change();
  const auto slot = static_cast<std::uint32_t>(data.variables.size());
  data.slots.emplace(name, slot);
  data.variables.push_back({std::string(name), std::move(type)});
  return slot;
}

Status Environment::function(std::string_view name, std::vector<Type> parameters, Type result, Function body,
                             std::uint32_t cost) {
  return declare_function(change(), {std::string(name), false, std::move(parameters), std::move(result), std::move(body), cost});
}

Status Environment::method(std::string_view name, std::vector<Type> parameters, Type result, Function body,
                           std::uint32_t cost) {
  return declare_function(change(), {std::string(name), true, std::move(parameters), std::move(result), std::move(body), cost});
}

std::optional<std::uint32_t> Environment::slot(std::string_view name) const {
  const auto found = data_->slots.find(name);
  if (found == data_->slots.end()) return std::nullopt;
  return found->second;
}

std::span<const Variable> Environment::variables() const { return data_->variables; }

Result<std::vector<Value>> Environment::bind(const Node& values) const {
  if (values.kind() != Node::Kind::mapping && !values.is_null())
    return Error(ErrorCode::invalid_argument, "variables are given as a mapping of names to values",
                 "write {\"name\": value}", values.place({}));
  HOTLINE_TRY(known_keys(*data_, values));
  std::vector<Value> slots(data_->variables.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Variable& variable = data_->variables[i];
    const Node* node = find_path(values, variable.name);
    if (node == nullptr) continue;
    auto value = Value::from(*node, variable.type);
    if (!value.ok()) return value.error().within("the variable `" + variable.name + "`");
    slots[i] = *std::move(value);
  }
  return slots;
}

}  // namespace hotline::expr
