// Expressions: one language for branches, requirements, guards and filters. See docs/expr.md.
//
//   expr::Environment environment;
//   environment.declare("level", expr::Type::integer()).value();
//   environment.declare("contact.region", expr::Type::string()).value();
//   const auto program = expr::Program::compile("level >= 3 && contact.region in ['north', 'east']", environment).value();
//   const expr::Value slots[] = {4, "east"};
//   program.test(slots).value();  // true
#pragma once

#include "hotline/expr/program.hpp"
#include "hotline/expr/type.hpp"
#include "hotline/expr/value.hpp"
