#include "expr/check.hpp"

#include <algorithm>

namespace hotline::expr {
namespace {

using K = Kind;

struct Signature {
  Op op;
  K left;
  K right;
  K result;
};

// langdef.md, "List of Standard Definitions": operators of two operands of given kinds.
constexpr Signature kArithmetic[] = {
    {Op::add, K::integer, K::integer, K::integer},
    {Op::add, K::natural, K::natural, K::natural},
    {Op::add, K::real, K::real, K::real},
    {Op::add, K::string, K::string, K::string},
    {Op::add, K::bytes, K::bytes, K::bytes},
    {Op::add, K::list, K::list, K::list},
    {Op::add, K::timestamp, K::duration, K::timestamp},
    {Op::add, K::duration, K::timestamp, K::timestamp},
    {Op::add, K::duration, K::duration, K::duration},
    {Op::subtract, K::integer, K::integer, K::integer},
    {Op::subtract, K::natural, K::natural, K::natural},
    {Op::subtract, K::real, K::real, K::real},
    {Op::subtract, K::timestamp, K::timestamp, K::duration},
    {Op::subtract, K::timestamp, K::duration, K::timestamp},
    {Op::subtract, K::duration, K::duration, K::duration},
    {Op::multiply, K::integer, K::integer, K::integer},
    {Op::multiply, K::natural, K::natural, K::natural},
    {Op::multiply, K::real, K::real, K::real},
    {Op::divide, K::integer, K::integer, K::integer},
    {Op::divide, K::natural, K::natural, K::natural},
    {Op::divide, K::real, K::real, K::real},
    {Op::modulo, K::integer, K::integer, K::integer},
    {Op::modulo, K::natural, K::natural, K::natural},
};

Type plain(K kind) {
  switch (kind) {
    case K::null: return Type::null();
    case K::boolean: return Type::boolean();
    case K::integer: return Type::integer();
    case K::natural: return Type::natural();
    case K::real: return Type::real();
    case K::string: return Type::string();
    case K::bytes: return Type::bytes();
    case K::timestamp: return Type::timestamp();
    case K::duration: return Type::duration();
    case K::type: return Type::type();
    default: return Type::any();
  }
}

bool admits(K wanted, const Type& given) { return wanted == K::any || given.is_any() || wanted == given.kind(); }

bool is_ordered(K kind) {
  switch (kind) {
    case K::boolean: case K::integer: case K::natural: case K::real: case K::string: case K::bytes:
    case K::timestamp: case K::duration: return true;
    default: return false;
  }
}

K type_name(std::string_view name) {
  if (name == "dyn" || name == "any") return K::missing;
  if (name == "google.protobuf.Timestamp") return K::timestamp;
  if (name == "google.protobuf.Duration") return K::duration;
  for (int k = static_cast<int>(K::null); k <= static_cast<int>(K::type); ++k)
    if (kind_name(static_cast<K>(k)) == name) return static_cast<K>(k);
  return K::missing;
}

class Checker {
 public:
  Checker(Ast& ast, const Environment::Data& environment, const Limits& limits)
      : ast_(ast), environment_(environment), limits_(limits) {}

  Status check(NodeId id) {
    switch (ast_.at(id).kind) {
      case Term::Kind::literal: return {};
      case Term::Kind::variable: return name(id);
      case Term::Kind::local: return {};
      case Term::Kind::field: return field(id);
      case Term::Kind::has: return has(id);
      case Term::Kind::call: return ast_.at(id).op == Op::function ? function(id) : operation(id);
      case Term::Kind::list: return list(id);
      case Term::Kind::map: return map(id);
      case Term::Kind::comprehension: return comprehension(id);
    }
    return {};
  }

 private:
  struct Local {
    std::string name;
    Type type;
  };

  Error error(const AstNode& node, std::string message, std::string remedy = {}) const {
    return ast_.error(node.offset, std::move(message), std::move(remedy));
  }
  const Type& type(NodeId id) const { return ast_.at(id).type; }
  std::string code(NodeId id) const {
    std::string text = print(ast_, id);
    if (text.size() > 60) {
      text.resize(57);
      while (!text.empty() && !is_utf8(text)) text.pop_back();
      text += "...";
    }
    return "`" + text + "`";
  }

  const Local* local(std::string_view name, std::uint32_t& index) const {
    for (std::size_t i = locals_.size(); i-- > 0;) {
      if (locals_[i].name != name) continue;
      index = static_cast<std::uint32_t>(i);
      return &locals_[i];
    }
    return nullptr;
  }

  // "a.b.c" where the node is names with dots between; "" where it is not. `global`: it began with a dot.
  std::string qualified(NodeId id, bool& global) const {
    const AstNode& node = ast_.at(id);
    if (node.kind == Term::Kind::variable) {
      global = node.name.starts_with('.');
      return global ? node.name.substr(1) : node.name;
    }
    if (node.kind != Term::Kind::field || !is_identifier(node.name)) return {};
    std::string front = qualified(node.children[0], global);
    return front.empty() ? front : front + "." + node.name;
  }

  // Makes the node a variable or a type's name, if it is one.
  bool resolve(NodeId id, const std::string& name) {
    AstNode& node = ast_.at(id);
    if (const auto slot = environment_.slots.find(name); slot != environment_.slots.end()) {
      node.kind = Term::Kind::variable;
      node.name = name;
      node.slot = slot->second;
      node.type = environment_.variables[node.slot].type;
      node.offset = front(id);
      node.children.clear();
      return true;
    }
    if (const K kind = type_name(name); kind != K::missing) {
      const std::uint32_t offset = front(id);
      node = AstNode();
      node.value = Value::type(kind);
      node.type = Type::type();
      node.offset = offset;
      return true;
    }
    return false;
  }
  std::uint32_t front(NodeId id) const {
    const AstNode& node = ast_.at(id);
    return node.kind == Term::Kind::field && !node.children.empty() ? front(node.children[0]) : node.offset;
  }

  Status name(NodeId id) {
    bool global = false;
    const std::string word = qualified(id, global);
    AstNode& node = ast_.at(id);
    std::uint32_t index = 0;
    if (const Local* found = global ? nullptr : local(word, index)) {
      node.kind = Term::Kind::local;
      node.slot = index;
      node.type = found->type;
      return {};
    }
    if (resolve(id, word)) return {};
    return undeclared(id, word);
  }

  Status undeclared(NodeId id, const std::string& word) const {
    std::vector<std::string> names;
    for (const Variable& variable : environment_.variables) names.push_back(variable.name);
    for (const Local& variable : locals_) names.push_back(variable.name);
    std::string remedy;
    if (const std::string_view near = nearest(word, names); !near.empty()) {
      remedy = "did you mean `" + std::string(near) + "`?";
    } else if (!names.empty()) {
      remedy = "declared are ";
      for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 8); ++i) remedy += (i ? ", " : "") + names[i];
      if (names.size() > 8) remedy += " ...";
      remedy += "; texts need quotes";
    } else {
      remedy = "no variables are declared here; texts need quotes";
    }
    return ast_.error(front(id), "`" + word + "` is not declared", remedy);
  }

  // The longest declared prefix of a.b.c is the variable; what follows are fields of its value.
  Status field(NodeId id) {
    bool global = false;
    const std::string path = qualified(id, global);
    std::uint32_t index = 0;
    if (!path.empty() && (global || local(path.substr(0, path.find('.')), index) == nullptr)) {
      if (resolve(id, path)) return {};
      bool known = false;
      for (std::size_t dot = path.rfind('.'); dot != path.npos && !known; dot = dot > 0 ? path.rfind('.', dot - 1) : path.npos) {
        const std::string prefix = path.substr(0, dot);
        known = environment_.slots.contains(prefix) || type_name(prefix) != K::missing;
      }
      if (!known) return undeclared(id, path);
    }
    const NodeId target = ast_.at(id).children[0];
    HOTLINE_TRY(check(target));
    AstNode& node = ast_.at(id);
    const Type& from = type(target);
    if (from.is_any()) return {};
    if (from.kind() == K::map && (from.key().is_any() || from.key().kind() == K::string)) {
      node.type = from.mapped();
      return {};
    }
    return no_field(node, target);
  }

  Status no_field(const AstNode& node, NodeId target) const {
    std::vector<std::string> candidates;
    const std::string front = print(ast_, target) + ".";
    for (const Variable& variable : environment_.variables)
      if (variable.name.starts_with(front)) candidates.push_back(variable.name.substr(front.size()));
    std::string remedy = "only maps have fields";
    if (const std::string_view near = nearest(node.name, candidates); !near.empty())
      remedy = "did you mean `" + front + std::string(near) + "`?";
    return error(node, code(target) + " of type " + to_string(type(target)) + " has no field `" + node.name + "`", remedy);
  }

  Status has(NodeId id) {
    const NodeId target = ast_.at(id).children[0];
    HOTLINE_TRY(check(target));
    const AstNode& tested = ast_.at(target);
    if (tested.kind != Term::Kind::field && tested.kind != Term::Kind::variable)
      return error(ast_.at(id), "has() takes a declared variable or a field", "write has(contact.region)");
    ast_.at(id).type = Type::boolean();
    return {};
  }

  Status wants_bool(NodeId id, const std::string& what) const {
    if (admits(K::boolean, type(id))) return {};
    return error(ast_.at(id), what + " must be a bool, but " + code(id) + " is " + to_string(type(id)), "compare it with something");
  }

  Status no_operator(NodeId id) const {
    const AstNode& node = ast_.at(id);
    std::string types;
    for (const NodeId child : node.children) types += (types.empty() ? "" : ", ") + to_string(type(child));
    const Type& a = type(node.children[0]);
    const Type& b = type(node.children.back());
    std::string remedy = "both sides must have the same type";
    const auto says = [](K kind) { return std::string(kind_name(kind)); };
    if (node.children.size() == 1) remedy = node.op == Op::logical_not ? "! takes a bool" : "- takes an int or a double";
    else if (node.op == Op::in) remedy = "write value in [list] or key in map, of the same type";
    else if (node.op == Op::index) remedy = "index a list with an int, a map with a key";
    else if (a.kind() == K::null || b.kind() == K::null) remedy = "to ask whether there is a value write has(x)";
    else if (a.is_numeric() && b.is_numeric()) remedy = "convert one side: " + says(a.kind()) + "(...) or " + says(b.kind()) + "(...)";
    else if (a.kind() == K::string && is_ordered(b.kind())) remedy = "convert the left side with " + says(b.kind()) + "(...)";
    else if (b.kind() == K::string && is_ordered(a.kind()) && ast_.at(node.children[1]).kind == Term::Kind::literal)
      remedy = "write the right side as " + says(a.kind()) + (a.kind() == K::timestamp || a.kind() == K::duration ? "(\"...\")" : ", without quotes");
    return error(node, "`" + std::string(operator_text(node.op)) + "` cannot take (" + types + ")", remedy);
  }

  Status operation(NodeId id) {
    const std::vector<NodeId> children = ast_.at(id).children;
    for (const NodeId child : children) HOTLINE_TRY(check(child));
    AstNode& node = ast_.at(id);
    const Type& a = type(children[0]);
    const Type& b = type(children.back());
    node.type = Type::boolean();
    switch (node.op) {
      case Op::logical_and:
      case Op::logical_or:
        for (const NodeId child : children) HOTLINE_TRY(wants_bool(child, "each side of " + std::string(operator_text(node.op))));
        return {};
      case Op::logical_not: return admits(K::boolean, a) ? Status() : no_operator(id);
      case Op::negate:
        node.type = a;
        return admits(K::integer, a) || a.kind() == K::real ? Status() : no_operator(id);
      case Op::conditional: return conditional(id);
      case Op::equal:
      case Op::not_equal: return compatible(a, b) ? Status() : no_operator(id);
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal: {
        const bool fits = (a.is_any() && b.is_any()) || (a.is_any() && is_ordered(b.kind())) ||
                          (b.is_any() && is_ordered(a.kind())) || (a.is_numeric() && b.is_numeric()) ||
                          (a.kind() == b.kind() && is_ordered(a.kind()));
        return fits ? Status() : no_operator(id);
      }
      case Op::in:
        if (b.is_any()) return {};
        if (b.kind() == K::list && compatible(a, b.item())) return {};
        if (b.kind() == K::map && compatible(a, b.key())) return {};
        return no_operator(id);
      case Op::index:
        node.type = a.item();
        if (a.is_any()) return {};
        if (a.kind() == K::list && admits(K::integer, b)) return {};
        if (a.kind() == K::map && compatible(a.key(), b)) return {};
        return no_operator(id);
      default: return arithmetic(id);
    }
  }

  Status conditional(NodeId id) {
    AstNode& node = ast_.at(id);
    HOTLINE_TRY(wants_bool(node.children[0], "the condition of ?:"));
    const Type& yes = type(node.children[1]);
    const Type& no = type(node.children[2]);
    if (!compatible(yes, no))
      return error(node, "the branches of ?: have different types, " + to_string(yes) + " and " + to_string(no),
                   "convert one of them, or write dyn(...)");
    node.type = join(yes, no);
    return {};
  }

  Status arithmetic(NodeId id) {
    AstNode& node = ast_.at(id);
    const Type& a = type(node.children[0]);
    const Type& b = type(node.children[1]);
    std::optional<Type> result;
    for (const Signature& s : kArithmetic) {
      if (s.op != node.op || !admits(s.left, a) || !admits(s.right, b)) continue;
      const Type one = s.result == K::list ? joined_lists(node) : plain(s.result);
      result = !result || *result == one ? one : Type::any();
    }
    if (!result) return no_operator(id);
    node.type = *result;
    return {};
  }

  // [] is a list of whatever the other side is.
  Type joined_lists(const AstNode& node) const {
    const AstNode& a = ast_.child(node, 0);
    const AstNode& b = ast_.child(node, 1);
    const auto is_empty = [](const AstNode& n) { return n.kind == Term::Kind::list && n.children.empty(); };
    if (a.type.kind() != K::list || b.type.kind() != K::list) return Type::list(Type::any());
    return is_empty(a) ? b.type : is_empty(b) ? a.type : join(a.type, b.type);
  }

  Status function(NodeId id) {
    std::string name = ast_.at(id).name;
    if (name.starts_with('.')) name.erase(0, 1);
    const std::vector<NodeId> children = ast_.at(id).children;
    if (ast_.at(id).receiver) {  // a.b.f(x) may be a function whose name has dots
      bool global = false;
      const std::string front = qualified(children[0], global);
      const std::string whole = front + "." + name;
      const auto is_whole = [&](const HostFunction& f) { return !f.method && f.name == whole; };
      if (!front.empty() && std::ranges::any_of(environment_.functions, is_whole)) {
        AstNode& node = ast_.at(id);
        node.receiver = false;
        node.name = whole;
        node.children.erase(node.children.begin());
        node.offset = this->front(children[0]);
        return function(id);
      }
    }
    for (const NodeId child : children) HOTLINE_TRY(check(child));
    AstNode& node = ast_.at(id);
    node.name = name;
    return overload(node);
  }

  Status overload(AstNode& node) {
    std::optional<Type> result;
    const auto found = [&](const Type& one) { result = !result || *result == one ? one : Type::any(); };
    for (const Overload& o : standard_functions()) {
      if (o.name != node.name || o.method != node.receiver || o.count != node.children.size()) continue;
      bool fits = true;
      for (std::size_t i = 0; i < o.count; ++i) fits &= admits(o.parameters[i], type(node.children[i]));
      if (!fits) continue;
      node.builtin = o.builtin;
      found(plain(o.result));
    }
    if (result) {
      node.type = *result;
      return {};
    }
    for (std::size_t i = 0; i < environment_.functions.size(); ++i) {
      const HostFunction& f = environment_.functions[i];
      if (f.name != node.name || f.method != node.receiver || f.parameters.size() != node.children.size()) continue;
      bool fits = true;
      for (std::size_t k = 0; k < f.parameters.size(); ++k) fits &= compatible(f.parameters[k], type(node.children[k]));
      if (!fits) continue;
      if (result) return error(node, "`" + node.name + "` has several forms that fit", "convert the dyn arguments");
      node.builtin = Builtin::host;
      node.function = static_cast<std::uint32_t>(i);
      found(f.result);
    }
    if (!result) return no_function(node);
    node.type = *result;
    return {};
  }

  Status no_function(const AstNode& node) const {
    std::vector<std::string> names;
    std::string forms;
    std::string other;
    const auto note = [&](std::string_view name, bool method, const std::string& parameters, const std::string& result) {
      names.emplace_back(name);
      if (name == node.name && method == node.receiver && forms.size() < 160)
        forms += (forms.empty() ? "there are " : "; ") + parameters + " -> " + result;
      else if (name == node.name)
        other = method ? "write x." + node.name + "(...)" : "write " + node.name + "(x, ...)";
    };
    // "string.contains(string)", "size(list)"
    const auto form = [&](bool method, std::size_t count, auto&& text) {
      std::string all = (method ? std::string(text(0)) + "." : std::string()) + node.name + "(";
      for (std::size_t i = method ? 1 : 0; i < count; ++i) all += (all.back() == '(' ? "" : ", ") + std::string(text(i));
      return all + ")";
    };
    for (const Overload& o : standard_functions())
      note(o.name, o.method, form(o.method, o.count, [&](std::size_t i) { return kind_name(o.parameters[i]); }),
           std::string(kind_name(o.result)));
    for (const HostFunction& f : environment_.functions)
      note(f.name, f.method, form(f.method, f.parameters.size(), [&](std::size_t i) { return to_string(f.parameters[i]); }),
           to_string(f.result));
    if (forms.empty()) forms = other;
    if (forms.empty()) {
      for (const char* macro : {"all", "exists", "exists_one", "map", "filter", "has"}) names.emplace_back(macro);
      const std::string_view near = nearest(node.name, names);
      if (near == node.name) return error(node, "`" + node.name + "` is a macro over a list", "write list." + node.name + "(x, ...)");
      return error(node, "there is no function `" + node.name + "`",
                   near.empty() ? "docs/expr.md lists the functions" : "did you mean `" + std::string(near) + "`?");
    }
    std::string types;
    for (const NodeId child : node.children) types += (types.empty() ? "" : ", ") + to_string(type(child));
    return error(node, "`" + node.name + "` cannot take (" + types + ")", forms);
  }

  Status list(NodeId id) {
    const std::vector<NodeId> children = ast_.at(id).children;
    std::optional<Type> item;
    for (const NodeId child : children) {
      HOTLINE_TRY(check(child));
      item = item ? join(*item, type(child)) : type(child);
    }
    ast_.at(id).type = Type::list(item.value_or(Type::any()));
    return {};
  }

  Status map(NodeId id) {
    const std::vector<NodeId> children = ast_.at(id).children;
    std::optional<Type> types[2];
    for (std::size_t i = 0; i < children.size(); ++i) {
      HOTLINE_TRY(check(children[i]));
      auto& one = types[i % 2];
      const Type& given = type(children[i]);
      one = one ? join(*one, given) : given;
      if (i % 2 == 1) continue;
      const bool key = given.is_any() || given.kind() == K::string || given.kind() == K::boolean ||
                       given.kind() == K::integer || given.kind() == K::natural;
      if (!key) return error(ast_.at(children[i]), "a key of a map cannot be " + to_string(given), "use a string, an int, a uint or a bool");
    }
    ast_.at(id).type = Type::map(types[0].value_or(Type::any()), types[1].value_or(Type::any()));
    return {};
  }

  Status comprehension(NodeId id) {
    const std::vector<NodeId> children = ast_.at(id).children;
    const std::string macro(operator_text(ast_.at(id).op));
    HOTLINE_TRY(check(children[0]));
    const Type range = type(children[0]);
    if (!range.is_any() && range.kind() != K::list && range.kind() != K::map)
      return error(ast_.at(children[0]), macro + "() goes over a list or a map, but " + code(children[0]) + " is " + to_string(range));
    if (locals_.size() >= limits_.comprehension_depth)
      return error(ast_.at(id), "macros are nested deeper than " + std::to_string(limits_.comprehension_depth), "split the expression");
    const Type item = range.kind() == K::map ? range.key() : range.item();
    locals_.push_back({ast_.at(id).name, item});
    ast_.at(id).slot = static_cast<std::uint32_t>(locals_.size() - 1);
    for (std::size_t i = 1; i < children.size(); ++i) {
      HOTLINE_TRY(check(children[i]));
      const bool condition = ast_.at(id).op != Op::map || i + 1 < children.size();
      if (condition) HOTLINE_TRY(wants_bool(children[i], "the condition of " + macro + "()"));
    }
    locals_.pop_back();
    AstNode& node = ast_.at(id);
    if (node.op == Op::map) node.type = Type::list(type(children.back()));
    else if (node.op == Op::filter) node.type = Type::list(item);
    else node.type = Type::boolean();
    return {};
  }

  Ast& ast_;
  const Environment::Data& environment_;
  const Limits& limits_;
  std::vector<Local> locals_;
};

}  // namespace

bool compatible(const Type& a, const Type& b) {
  if (a.is_any() || b.is_any()) return true;
  if (a.kind() != b.kind()) return false;
  if (a.kind() == K::list) return compatible(a.item(), b.item());
  if (a.kind() == K::map) return compatible(a.key(), b.key()) && compatible(a.mapped(), b.mapped());
  return a == b;
}

Type join(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.kind() == b.kind() && compatible(a, b)) {
    if (a.kind() == K::list) return Type::list(join(a.item(), b.item()));
    if (a.kind() == K::map) return Type::map(join(a.key(), b.key()), join(a.mapped(), b.mapped()));
  }
  return Type::any();
}

Status check(Ast& ast, const Environment::Data& environment, const Limits& limits) {
  return Checker(ast, environment, limits).check(ast.root);
}

}  // namespace hotline::expr
