// A plain walk over the tree: what the compiled form must agree with. Folds constants, checks the compiler in the
// property tests, and is the baseline of the benchmark.
#pragma once

#include <span>

#include "expr/ast.hpp"
#include "expr/environment.hpp"
#include "expr/operate.hpp"

namespace hotline::expr {

struct WalkContext {
  const Ast& ast;
  const Environment::Data& environment;
  std::span<const Value> slots;
  const Limits& limits;
  Budget& budget;
  std::vector<Value> locals;
};

// The value, or a failure.
Value walk(NodeId id, WalkContext& context);

// Calls a host's function after looking at the kinds of its arguments.
Value call_host(const HostFunction& function, std::span<const Value> arguments, Budget& budget);

}  // namespace hotline::expr
