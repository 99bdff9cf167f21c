#include "expr/fold.hpp"

#include <algorithm>
#include <optional>

#include "expr/walk.hpp"
#include "expr/zone.hpp"

namespace hotline::expr {
namespace {

constexpr std::uint64_t kFoldingBudget = 100'000;  // for all constants of an expression together
constexpr std::uint32_t kNoLocal = 0xffffffff;

// What a subtree depends on.
struct Needs {
  bool input = false;             // variables or host functions
  std::uint32_t local = kNoLocal; // the outermost macro variable

  void add(const Needs& other) {
    input |= other.input;
    local = std::min(local, other.local);
  }
};

class Folder {
 public:
  Folder(Ast& ast, const Environment::Data& environment, const Limits& limits)
      : ast_(ast), environment_(environment), limits_(limits), budget_(kFoldingBudget) {}

  Status run(NodeId id, Needs& needs) {
    std::vector<NodeId> children = ast_.at(id).children;
    // has(a.b) asks about a; the field itself must stay.
    if (ast_.at(id).kind == Term::Kind::has && ast_.child(ast_.at(id), 0).kind == Term::Kind::field)
      children = ast_.child(ast_.at(id), 0).children;
    std::vector<Needs> parts(children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
      HOTLINE_TRY(run(children[i], parts[i]));
      needs.add(parts[i]);
    }
    AstNode& node = ast_.at(id);
    needs.input |= node.kind == Term::Kind::variable || node.builtin == Builtin::host;
    if (node.kind == Term::Kind::local) needs.local = std::min(needs.local, node.slot);
    if (node.kind == Term::Kind::comprehension && needs.local >= node.slot) needs.local = kNoLocal;
    if (node.kind == Term::Kind::literal) return {};
    HOTLINE_TRY(check_zone(node));
    if (!needs.input && needs.local == kNoLocal && !node.type.is_any()) return evaluate(id);
    simplify(id, parts, needs);
    return {};
  }

 private:
  Status evaluate(NodeId id) {
    WalkContext context{ast_, environment_, {}, limits_, budget_, {}};
    const Value value = walk(id, context);
    AstNode& node = ast_.at(id);
    if (!Access::failed(value) && look_at(value, budget_) && !budget_.spent()) {
      make_literal(node, value.own());
    } else if ((node.builtin == Builtin::to_timestamp || node.builtin == Builtin::to_duration) &&
               ast_.is_literal(node.children[0])) {
      return ast_.error(node.offset, "`" + print(ast_, id) + "` " + std::string(failure_text(Access::what(value))),
                        std::string(failure_remedy(Access::what(value))));
    }
    return {};
  }

  static void make_literal(AstNode& node, Value value) {
    node.kind = Term::Kind::literal;
    node.op = Op::none;
    node.builtin = Builtin::none;
    node.receiver = false;
    node.name.clear();
    node.children.clear();
    node.value = std::move(value);
  }

  // Parts of && || ?: may be known though the others are not.
  void simplify(NodeId id, const std::vector<Needs>& parts, Needs& needs) {
    const AstNode& node = ast_.at(id);
    if (node.kind != Term::Kind::call) return;
    if (node.op == Op::conditional && ast_.is_literal(node.children[0])) {
      const std::size_t branch = ast_.child(node, 0).value.as_bool() ? 1 : 2;
      if (become(id, node.children[branch])) needs = parts[branch];
    } else if (node.op == Op::logical_and || node.op == Op::logical_or) {
      chain(id);
      if (ast_.is_literal(id)) needs = Needs();
    }
  }

  bool become(NodeId id, NodeId other) {
    if (ast_.at(other).type != ast_.at(id).type) return false;
    AstNode copy = ast_.at(other);
    ast_.at(id) = std::move(copy);
    return true;
  }

  // a && true && (b && c) is a && b && c; a && false is false. What is left stays a balanced tree, so that any two
  // ways to write a chain end as the same one.
  void chain(NodeId id) {
    const Op op = ast_.at(id).op;
    const bool decisive = op == Op::logical_or;
    std::vector<NodeId> leaves;
    std::vector<NodeId> inner;
    collect(id, op, leaves, inner);
    std::optional<NodeId> neutral;
    std::vector<NodeId> kept;
    for (const NodeId leaf : leaves) {
      if (!ast_.is_literal(leaf)) {
        kept.push_back(leaf);
      } else if (ast_.at(leaf).value.as_bool() == decisive) {
        return make_literal(ast_.at(id), decisive);
      } else {
        neutral = leaf;
      }
    }
    if (kept.empty()) return make_literal(ast_.at(id), !decisive);
    if (kept.size() == 1) {
      if (become(id, kept[0])) return;
      kept.push_back(*neutral);  // a dyn must still be seen to be a bool
    }
    std::size_t used = 1;
    balance(id, kept, 0, kept.size(), inner, used);
  }
  void collect(NodeId id, Op op, std::vector<NodeId>& leaves, std::vector<NodeId>& inner) const {
    const AstNode& node = ast_.at(id);
    if (node.kind != Term::Kind::call || node.op != op) return leaves.push_back(id);
    inner.push_back(id);
    for (const NodeId child : node.children) collect(child, op, leaves, inner);
  }
  void balance(NodeId id, const std::vector<NodeId>& leaves, std::size_t from, std::size_t to,
               const std::vector<NodeId>& inner, std::size_t& used) {
    const std::size_t middle = from + (to - from + 1) / 2;
    const NodeId left = middle - from > 1 ? inner[used++] : leaves[from];
    if (middle - from > 1) balance(left, leaves, from, middle, inner, used);
    const NodeId right = to - middle > 1 ? inner[used++] : leaves[middle];
    if (to - middle > 1) balance(right, leaves, middle, to, inner, used);
    ast_.at(id).children = {left, right};
  }

  Status check_zone(const AstNode& node) const {
    if (node.builtin < Builtin::get_date || node.children.size() != 2) return {};
    const AstNode& zone = ast_.child(node, 1);
    std::int64_t offset = 0;
    if (zone.kind != Term::Kind::literal || zone_offset(zone.value.as_string(), 0, offset)) return {};
    return ast_.error(zone.offset, "there is no time zone " + to_string(zone.value),
                      std::string(failure_remedy(Failure::bad_zone)));
  }

  Ast& ast_;
  const Environment::Data& environment_;
  const Limits& limits_;
  Budget budget_;
};

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a + b < a ? UINT64_MAX : a + b; }
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::uint64_t items_of(const Ast& ast, const Limits& limits, NodeId id) {
  const AstNode& node = ast.at(id);
  switch (node.kind) {
    case Term::Kind::literal: return Access::size(node.value);
    case Term::Kind::list: return node.children.size();
    case Term::Kind::map: return node.children.size() / 2;
    case Term::Kind::comprehension: return items_of(ast, limits, node.children[0]);
    case Term::Kind::call:
      if (node.op == Op::add) return plus(items_of(ast, limits, node.children[0]), items_of(ast, limits, node.children[1]));
      if (node.op == Op::conditional)
        return std::max(items_of(ast, limits, node.children[1]), items_of(ast, limits, node.children[2]));
      break;
    default: break;
  }
  return limits.collection_size;
}

}  // namespace

Status fold(Ast& ast, const Environment::Data& environment, const Limits& limits) {
  Needs needs;
  return Folder(ast, environment, limits).run(ast.root, needs);
}

std::uint64_t estimate(const Ast& ast, const Environment::Data& environment, const Limits& limits, NodeId id) {
  const AstNode& node = ast.at(id);
  if (node.kind == Term::Kind::literal || node.kind == Term::Kind::variable || node.kind == Term::Kind::local) return 0;
  std::uint64_t cost = 1;
  if (node.builtin == Builtin::host) cost = environment.functions[node.function].cost;
  if (node.builtin == Builtin::matches) cost = ast.is_literal(node.children.back()) ? 10 : 1'000;
  if (node.op == Op::in && !ast.is_literal(node.children[1])) cost = items_of(ast, limits, node.children[1]);
  if (node.kind != Term::Kind::comprehension) {
    for (const NodeId child : node.children) cost = plus(cost, estimate(ast, environment, limits, child));
    return cost;
  }
  std::uint64_t body = 1;
  for (std::size_t i = 1; i < node.children.size(); ++i)
    body = plus(body, estimate(ast, environment, limits, node.children[i]));
  return plus(estimate(ast, environment, limits, node.children[0]),
              plus(cost, times(items_of(ast, limits, node.children[0]), body)));
}

}  // namespace hotline::expr
