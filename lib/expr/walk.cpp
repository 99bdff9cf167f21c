#include "expr/walk.hpp"

namespace hotline::expr {
namespace {

Value placed(Value v, NodeId id) {
  Access::place(v, id);
  return v;
}

Value fail(Failure what, NodeId id) { return placed(Access::failure(what), id); }

bool is_bool(const Value& v, bool which) { return v.kind() == Kind::boolean && v.as_bool() == which; }

Value not_a_bool(const Value& v, NodeId id) {
  if (Access::failed(v)) return v;
  return fail(v.is_missing() ? Failure::missing : Failure::wrong_type, id);
}

Value logical(const AstNode& node, NodeId id, WalkContext& context) {
  const bool decisive = node.op == Op::logical_or;
  Value a = walk(node.children[0], context);
  if (is_bool(a, decisive)) return a;
  return placed(absorb(decisive, a, walk(node.children[1], context)), id);
}

Value conditional(const AstNode& node, NodeId id, WalkContext& context) {
  const Value condition = walk(node.children[0], context);
  if (condition.kind() != Kind::boolean) return not_a_bool(condition, id);
  return walk(node.children[condition.as_bool() ? 1 : 2], context);
}

Value function(const AstNode& node, NodeId id, WalkContext& context) {
  std::vector<Value> arguments;
  for (const NodeId child : node.children) arguments.push_back(walk(child, context));
  if (node.builtin == Builtin::host)
    return placed(call_host(context.environment.functions[node.function], arguments, context.budget), id);
  return placed(call(node.builtin, arguments, context.budget, context.limits), id);
}

Value has(const AstNode& node, NodeId id, WalkContext& context) {
  const AstNode& tested = context.ast.at(node.children[0]);
  if (tested.kind == Term::Kind::variable)
    return tested.slot < context.slots.size() && !context.slots[tested.slot].is_missing();
  return placed(has_field(walk(tested.children[0], context), Value(tested.name)), id);
}

Value collection(const AstNode& node, NodeId id, WalkContext& context) {
  std::vector<Value> items;
  for (const NodeId child : node.children) {
    items.push_back(walk(child, context));
    if (Access::failed(items.back())) return items.back();
  }
  return node.kind == Term::Kind::list ? Value::own_list(std::move(items)) : placed(make_map(items), id);
}

// One step of a macro: false where the loop ends.
struct Loop {
  Op op;
  NodeId id;
  Value result;
  std::int64_t count = 0;
  std::vector<Value> items;

  bool step(const Value& body, const Value& item) {
    switch (op) {
      case Op::all:
      case Op::exists:
        if (is_bool(body, op == Op::exists)) {
          result = body;
          return false;
        }
        if (body.kind() != Kind::boolean && !Access::failed(result)) result = not_a_bool(body, id);
        return true;
      case Op::map:
        if (Access::failed(body)) break;
        items.push_back(body);
        return true;
      default:
        if (body.kind() != Kind::boolean) {
          result = not_a_bool(body, id);
          return false;
        }
        if (body.as_bool() && op == Op::filter) items.push_back(item);
        if (body.as_bool()) ++count;
        return true;
    }
    result = body;
    return false;
  }
  Value end() {
    if (Access::failed(result)) return result;
    if (op == Op::exists_one) return count == 1;
    return op == Op::all || op == Op::exists ? result : Value::own_list(std::move(items));
  }
};

Value comprehension(const AstNode& node, NodeId id, WalkContext& context) {
  const Value range = walk(node.children[0], context);
  if (Access::failed(range)) return range;
  if (range.kind() != Kind::list && range.kind() != Kind::map)
    return fail(range.is_missing() ? Failure::missing : Failure::wrong_type, id);
  const std::size_t size = Access::size(range);
  Loop loop{node.op, id, Value(node.op == Op::all), 0, {}};
  if (context.locals.size() <= node.slot) context.locals.resize(node.slot + 1);
  for (std::size_t i = 0; i < size; ++i) {
    if (!context.budget.spend(1)) return fail(Failure::budget, id);
    const Value item = range.kind() == Kind::list ? range.items()[i] : range.entries()[i].key;
    context.locals[node.slot] = item;
    if (node.children.size() == 3) {
      const Value chosen = walk(node.children[1], context);
      if (chosen.kind() != Kind::boolean) return not_a_bool(chosen, id);
      if (!chosen.as_bool()) continue;
    }
    if (!loop.step(walk(node.children.back(), context), item)) break;
  }
  return loop.end();
}

}  // namespace

Value call_host(const HostFunction& function, std::span<const Value> arguments, Budget& budget) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (Access::failed(arguments[i])) return arguments[i];
    if (arguments[i].is_missing()) return Access::failure(Failure::missing);
    const Type& wanted = function.parameters[i];
    if (!wanted.is_any() && wanted.kind() != arguments[i].kind()) return Access::failure(Failure::wrong_type);
  }
  if (!budget.spend(function.cost)) return Access::failure(Failure::budget);
  auto result = function.body(arguments);
  if (!result.ok()) return Access::failure(result.error().message());
  if (result->is_missing()) return Access::failure(Failure::missing);
  if (!function.result.is_any() && function.result.kind() != result->kind()) return Access::failure(Failure::wrong_type);
  return *std::move(result);
}

Value walk(NodeId id, WalkContext& context) {
  const AstNode& node = context.ast.at(id);
  switch (node.kind) {
    case Term::Kind::literal: return node.value;
    case Term::Kind::variable:
      if (node.slot >= context.slots.size() || context.slots[node.slot].is_missing()) return fail(Failure::missing, id);
      return context.slots[node.slot];
    case Term::Kind::local: return context.locals[node.slot];
    case Term::Kind::field: return placed(field(walk(node.children[0], context), Value(node.name)), id);
    case Term::Kind::has: return has(node, id, context);
    case Term::Kind::list:
    case Term::Kind::map: return collection(node, id, context);
    case Term::Kind::comprehension: return comprehension(node, id, context);
    case Term::Kind::call: break;
  }
  switch (node.op) {
    case Op::logical_and:
    case Op::logical_or: return logical(node, id, context);
    case Op::conditional: return conditional(node, id, context);
    case Op::function: return function(node, id, context);
    case Op::logical_not:
    case Op::negate: return placed(operate(node.op, walk(node.children[0], context)), id);
    default: {
      const Value a = walk(node.children[0], context);
      return placed(operate(node.op, a, walk(node.children[1], context), context.budget), id);
    }
  }
}

}  // namespace hotline::expr
