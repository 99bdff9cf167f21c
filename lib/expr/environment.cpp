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

}  // namespace hotline::expr
