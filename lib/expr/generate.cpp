#include <algorithm>

#include "expr/code.hpp"

namespace hotline::expr {
namespace {

constexpr std::size_t kMaxInstructions = 0xffff;
constexpr std::size_t kLinear = 8;  // up to so many items a scan beats a search

class Generator {
 public:
  Generator(const Ast& ast, const Limits& limits, CodeBlock& out) : ast_(ast), limits_(limits), out_(out) {}

  Status run() {
    const Operand result = operand(ast_.root, 0);
    emit({Code::finish, 0, 0, result, 0, 0, ast_.root});
    if (error_) return *error_;
    if (out_.instructions.size() > kMaxInstructions || out_.registers > kIndex || out_.constants.size() > kIndex)
      return ast_.error(0, "the expression is too large", "split it");
    return {};
  }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(out_.instructions.size()); }
  std::uint32_t emit(Instruction instruction) {
    out_.instructions.push_back(instruction);
    return here() - 1;
  }
  void land(std::uint32_t at) { out_.instructions[at].to = here(); }
  void use(std::uint32_t reg) { out_.registers = std::max(out_.registers, reg + 1); }

  Operand constant(Value value) {
    out_.constants.push_back(std::move(value));
    return static_cast<Operand>(kConstant | ((out_.constants.size() - 1) & kIndex));
  }

  // Where the value of a node can be read: in place, or in `reg` after code that puts it there.
  Operand operand(NodeId id, std::uint32_t reg) {
    const AstNode& node = ast_.at(id);
    switch (node.kind) {
      case Term::Kind::literal: return constant(node.value);
      case Term::Kind::variable: return static_cast<Operand>(kSlot | node.slot);
      case Term::Kind::local: return static_cast<Operand>(variables_[node.slot]);
      default: into(id, reg); return static_cast<Operand>(reg);
    }
  }

  void into(NodeId id, std::uint32_t reg) {
    use(reg);
    const AstNode& node = ast_.at(id);
    const auto target = static_cast<std::uint16_t>(reg);
    switch (node.kind) {
      case Term::Kind::literal:
      case Term::Kind::variable:
      case Term::Kind::local: emit({Code::load, 0, target, operand(id, reg), 0, 0, id}); break;
      case Term::Kind::field:
        emit({Code::field, 0, target, operand(node.children[0], reg), constant(Value::text(node.name)), 0, id});
        break;
      case Term::Kind::has: has(node, id, reg); break;
      case Term::Kind::list:
      case Term::Kind::map: {
        const Code code = node.kind == Term::Kind::list ? Code::list : Code::map;
        arguments(node, reg);
        emit({code, 0, target, target, static_cast<Operand>(node.children.size()), 0, id});
        break;
      }
      case Term::Kind::comprehension: comprehension(node, id, reg); break;
      case Term::Kind::call: call(node, id, reg); break;
    }
  }

  void arguments(const AstNode& node, std::uint32_t reg) {
    for (std::size_t i = 0; i < node.children.size(); ++i) into(node.children[i], reg + static_cast<std::uint32_t>(i));
  }

  void has(const AstNode& node, NodeId id, std::uint32_t reg) {
    const AstNode& tested = ast_.child(node, 0);
    const auto target = static_cast<std::uint16_t>(reg);
    if (tested.kind == Term::Kind::variable) {
      emit({Code::has_slot, 0, target, static_cast<Operand>(kSlot | tested.slot), 0, 0, id});
    } else {
      const Operand map = operand(tested.children[0], reg);
      emit({Code::has_field, 0, target, map, constant(Value::text(tested.name)), 0, id});
    }
  }

  void call(const AstNode& node, NodeId id, std::uint32_t reg) {
    switch (node.op) {
      case Op::logical_and:
      case Op::logical_or: return logical(node, id, reg);
      case Op::conditional: return conditional(node, id, reg);
      case Op::function: return function(node, id, reg);
      case Op::logical_not:
      case Op::negate:
        emit({Code::unary, static_cast<std::uint8_t>(node.op), static_cast<std::uint16_t>(reg),
              operand(node.children[0], reg), 0, 0, id});
        return;
      default: return binary(node, id, reg);
    }
  }

  static Code code_of(Op op) {
    switch (op) {
      case Op::equal: return Code::equal;
      case Op::not_equal: return Code::not_equal;
      case Op::less: return Code::less;
      case Op::less_equal: return Code::less_equal;
      case Op::greater: return Code::greater;
      case Op::greater_equal: return Code::greater_equal;
      case Op::add: return Code::add;
      case Op::subtract: return Code::subtract;
      case Op::multiply: return Code::multiply;
      default: return Code::binary;
    }
  }

  void binary(const AstNode& node, NodeId id, std::uint32_t reg) {
    const auto target = static_cast<std::uint16_t>(reg);
    const Operand a = operand(node.children[0], reg);
    const AstNode& right = ast_.child(node, 1);
    if (node.op == Op::in && right.kind == Term::Kind::literal && right.value.kind() == Kind::list) {
      out_.sets.emplace_back(right.value);
      emit({Code::in_set, 0, target, a, 0, static_cast<std::uint32_t>(out_.sets.size() - 1), id});
      return;
    }
    const Operand b = operand(node.children[1], a == target ? reg + 1 : reg);
    emit({code_of(node.op), static_cast<std::uint8_t>(node.op), target, a, b, 0, id});
  }

  void logical(const AstNode& node, NodeId id, std::uint32_t reg) {
    const bool both = node.op == Op::logical_and;
    const auto target = static_cast<std::uint16_t>(reg);
    into(node.children[0], reg);
    const std::uint32_t skip = emit({both ? Code::jump_false : Code::jump_true, 0, 0, target, 0, 0, id});
    const Operand b = operand(node.children[1], reg + 1);
    emit({both ? Code::join_and : Code::join_or, 0, target, target, b, 0, id});
    land(skip);
  }

  void conditional(const AstNode& node, NodeId id, std::uint32_t reg) {
    const auto target = static_cast<std::uint16_t>(reg);
    const Operand condition = operand(node.children[0], reg);
    const std::uint32_t branch = emit({Code::branch, 0, target, condition, 0, 0, id});
    into(node.children[1], reg);
    const std::uint32_t over = emit({Code::jump, 0, 0, 0, 0, 0, id});
    land(branch);
    into(node.children[2], reg);
    land(over);
    out_.instructions[branch].b = static_cast<Operand>(here());
  }

  void function(const AstNode& node, NodeId id, std::uint32_t reg) {
    const auto target = static_cast<std::uint16_t>(reg);
    if (node.builtin == Builtin::matches && ast_.child(node, 1).kind == Term::Kind::literal) {
      const AstNode& pattern = ast_.child(node, 1);
      std::string problem;
      Regex regex = compile_regex(pattern.value.as_string(), limits_, problem);
      if (!regex && !error_)
        error_ = ast_.error(pattern.offset, "the pattern " + to_string(pattern.value) + " cannot be used: " + problem,
                            "patterns are RE2's (no look-around, no back references); a backslash is written r\"\\d\"");
      out_.regexes.push_back(std::move(regex));
      emit({Code::match, 0, target, operand(node.children[0], reg), 0, static_cast<std::uint32_t>(out_.regexes.size() - 1), id});
      return;
    }
    arguments(node, reg);
    const auto count = static_cast<Operand>(node.children.size());
    if (node.builtin == Builtin::host) emit({Code::host, 0, target, target, count, node.function, id});
    else emit({Code::call, static_cast<std::uint8_t>(node.builtin), target, target, count, 0, id});
  }

  void comprehension(const AstNode& node, NodeId id, std::uint32_t reg) {
    const auto target = static_cast<std::uint16_t>(reg);
    const auto sub = static_cast<std::uint8_t>(node.op);
    into(node.children[0], reg + 1);
    use(reg + 3);
    if (variables_.size() <= node.slot) variables_.resize(node.slot + 1);
    variables_[node.slot] = reg + 3;
    const std::uint32_t begin = emit({Code::loop_begin, sub, target, 0, 0, 0, id});
    const std::uint32_t next = emit({Code::loop_next, sub, target, 0, 0, 0, id});
    std::uint32_t only = 0;
    if (node.children.size() == 3) {
      const Operand condition = operand(node.children[1], reg + 4);
      only = emit({Code::loop_only, sub, target, condition, 0, next, id});
    }
    const Operand body = operand(node.children.back(), reg + 4);
    const std::uint32_t step = emit({Code::loop_step, sub, target, body, 0, next, id});
    land(next);
    out_.instructions[next].b = static_cast<Operand>(std::min<std::uint32_t>(step - next, 0xffff));
    if (only != 0) out_.instructions[only].b = static_cast<Operand>(here());
    out_.instructions[step].b = static_cast<Operand>(here());
    emit({Code::loop_end, sub, target, 0, 0, 0, id});
    land(begin);
  }

  const Ast& ast_;
  const Limits& limits_;
  CodeBlock& out_;
  std::vector<std::uint32_t> variables_;  // the register of each macro variable
  std::optional<Error> error_;
};

bool shorter_or_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

ConstantSet::ConstantSet(Value list) : list_(std::move(list)), kind_(Kind::any) {
  const auto items = list_.items();
  const auto all = [&](Kind kind) {
    return !items.empty() && std::ranges::all_of(items, [&](const Value& v) { return v.kind() == kind; });
  };
  if (all(Kind::string)) {
    kind_ = Kind::string;
    for (const Value& item : items) texts_.push_back(item.as_string());
    std::ranges::sort(texts_, shorter_or_before);
  } else if (all(Kind::integer)) {
    kind_ = Kind::integer;
    for (const Value& item : items) integers_.push_back(item.as_int());
    std::ranges::sort(integers_);
  }
}

bool ConstantSet::contains(const Value& v) const {
  if (v.kind() == kind_ && kind_ == Kind::string) {
    const std::string_view text = v.as_string();
    if (texts_.size() > kLinear) return std::ranges::binary_search(texts_, text, shorter_or_before);
    return std::ranges::find(texts_, text) != texts_.end();
  }
  if (v.kind() == kind_ && kind_ == Kind::integer) {
    if (integers_.size() > kLinear) return std::ranges::binary_search(integers_, v.as_int());
    return std::ranges::find(integers_, v.as_int()) != integers_.end();
  }
  return std::ranges::find(list_.items(), v) != list_.items().end();
}

Status generate(const Ast& ast, const Limits& limits, CodeBlock& out) { return Generator(ast, limits, out).run(); }

}  // namespace hotline::expr
