// What operators and standard functions do with values. A failed operand is the result; a new failure carries no
// place yet (Access::place). Nothing here throws or looks at the outside world, time zones excepted.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "expr/access.hpp"
#include "expr/ast.hpp"

namespace re2 {
class RE2;
}

namespace hotline::expr {

// Steps that an evaluation may still take.
class Budget {
 public:
  explicit Budget(std::uint64_t steps) : left_(steps) {}
  bool spend(std::uint64_t steps) {
    if (steps > left_) {
      left_ = 0;
      spent_ = true;
      return false;
    }
    left_ -= steps;
    return true;
  }
  bool spent() const { return spent_; }

 private:
  std::uint64_t left_;
  bool spent_ = false;
};

// Spends what it costs to look at all of a value, shared parts as often as they stand in it: a step for an item or
// 16 bytes. False where the budget ends.
bool look_at(const Value& v, Budget& budget);

// The operators of two strict operands: comparisons, in, arithmetic, index.
Value operate(Op op, const Value& a, const Value& b, Budget& budget);
// logical_not, negate.
Value operate(Op op, const Value& a);
// both sides of && (`decisive` false) or || (true), after langdef.md: the decisive value wins over failures.
Value absorb(bool decisive, const Value& a, const Value& b);

Value field(const Value& map, const Value& key);
Value has_field(const Value& map, const Value& key);

Value call(Builtin function, std::span<const Value> arguments, Budget& budget, const Limits& limits);
Value make_map(std::span<const Value> keys_and_values);

struct RegexDeleter {
  void operator()(re2::RE2* regex) const;
};
using Regex = std::unique_ptr<re2::RE2, RegexDeleter>;
// On failure the Regex is null and `problem` says why.
Regex compile_regex(std::string_view pattern, const Limits& limits, std::string& problem);
Value match(const Value& text, const re2::RE2& regex, Budget& budget);

// What a failure says, for people.
std::string_view failure_text(Failure failure);
std::string_view failure_remedy(Failure failure);

}  // namespace hotline::expr
