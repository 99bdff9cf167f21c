// What a guard says about single values: enough to prove that two guards exclude each other, or that one never holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hotline/expr/program.hpp"

namespace hotline::workflow {

// One value under a conjunction: the interval and the sets it must lie in.
struct ValueFacts {
  std::string what;  // the operand as text: "event.to", "rounds"
  std::optional<std::vector<expr::Value>> one_of;
  std::vector<expr::Value> none_of;
  std::optional<std::int64_t> low, high;  // integers, inclusive
  std::optional<bool> present;            // has()
};

// A conjunction; what is not understood is left out, so it may hold less often than it says.
using Conjunction = std::vector<ValueFacts>;

// A guard as alternatives; nullopt where it has too many.
std::optional<std::vector<Conjunction>> alternatives(const expr::Term& guard);

// True only where no value at all can satisfy it.
bool contradictory(const Conjunction& facts);
bool disjoint(const expr::Program& a, const expr::Program& b);
bool never_holds(const expr::Program& guard);
// The bound of `count.<event> < n` (or `root.count.…`) among the guard's conjuncts; the variable's name, or "".
std::string bounded_count(const expr::Program& guard);

}  // namespace hotline::workflow
