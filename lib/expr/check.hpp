// Resolves names and gives every node its type.
#pragma once

#include "expr/ast.hpp"
#include "expr/environment.hpp"

namespace hotline::expr {

// Errors: invalid_expression.
Status check(Ast& ast, const Environment::Data& environment, const Limits& limits);

// Whether a value of one type may stand where the other is asked for, as far as is known (dyn: perhaps).
bool compatible(const Type& a, const Type& b);
// The type that both have: their own where equal, else dyn where either is.
Type join(const Type& a, const Type& b);

}  // namespace hotline::expr
