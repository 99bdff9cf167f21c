// The compiled form: instructions over registers, input slots and constants.
#pragma once

#include <cstdint>
#include <vector>

#include "expr/ast.hpp"
#include "expr/environment.hpp"
#include "expr/operate.hpp"

namespace hotline::expr {

// An operand names a register, an input slot or a constant: two bits say which.
using Operand = std::uint16_t;
enum : Operand { kRegister = 0, kSlot = 1 << 14, kConstant = 2 << 14, kIndex = (1 << 14) - 1 };

enum class Code : std::uint8_t {
  load,         // target = a
  finish,       // the value is a
  jump,         // to
  jump_true,    // to, where a is true
  jump_false,   // to, where a is false
  join_and,     // target = a && b, both known
  join_or,
  branch,       // a true: on; false: to; else target = its failure, to b
  equal, not_equal, less, less_equal, greater, greater_equal,  // target = a ? b
  add, subtract, multiply,
  binary,       // target = a (op) b
  unary,        // target = (op) a
  in_set,       // target = a in sets[to]
  field,        // target = a.b
  has_field,    // target = has(a.b)
  has_slot,     // target = has(a)
  match,        // target = a.matches(regexes[to])
  call,         // target = builtin(b registers from a)
  host,         // target = functions[to](b registers from a)
  list,         // target = [b registers from a]
  map,          // target = {b registers from a}
  // A macro at register r keeps its result there, the range in r+1, the position in r+2, the variable in r+3.
  loop_begin,   // no range: target = failure, to
  loop_next,    // no more: to; b is the cost of one round
  loop_only,    // a false: to; no bool: target = failure, to b
  loop_step,    // takes a into the result; to goes on, b leaves
  loop_end,
};

struct Instruction {
  Code code{};
  std::uint8_t sub = 0;      // Op or Builtin
  std::uint16_t target = 0;  // register
  Operand a = 0;
  Operand b = 0;
  std::uint32_t to = 0;
  NodeId node = 0;
};
static_assert(sizeof(Instruction) == 16);

// A constant list that is searched: texts and ints have their own ways.
class ConstantSet {
 public:
  explicit ConstantSet(Value list);
  bool contains(const Value& v) const;

 private:
  Value list_;
  Kind kind_;  // of all items, or any
  std::vector<std::string_view> texts_;
  std::vector<std::int64_t> integers_;
};

struct CodeBlock {
  std::vector<Instruction> instructions;
  std::vector<Value> constants;
  std::vector<ConstantSet> sets;
  std::vector<Regex> regexes;
  std::uint32_t registers = 1;
};

// Errors: invalid_expression on a constant pattern that is no regular expression.
Status generate(const Ast& ast, const Limits& limits, CodeBlock& out);

struct Run {
  const CodeBlock& code;
  const Environment::Data& environment;
  const Limits& limits;
};
// The value, or a failure. slots covers every slot that the code names.
Value run(const Run& what, const Value* slots, Budget& budget);

}  // namespace hotline::expr
