#pragma once

#include <string_view>

#include "hotline/expr/program.hpp"

namespace hotline::acd {

// Of StepDef::consider_if. Errors: invalid_expression.
Result<expr::Program> compile_condition(std::string_view text);

}  // namespace hotline::acd
