// Constants are worked out once, when an expression is compiled.
#pragma once

#include "expr/ast.hpp"
#include "expr/environment.hpp"

namespace hotline::expr {

// Errors: invalid_expression on a constant text that is no time, duration or time zone though it is used as one.
Status fold(Ast& ast, const Environment::Data& environment, const Limits& limits);

// The worst case of a node's work, collections of unknown size taken to have limits.collection_size items.
std::uint64_t estimate(const Ast& ast, const Environment::Data& environment, const Limits& limits, NodeId id);

}  // namespace hotline::expr
