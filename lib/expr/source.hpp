#pragma once

#include "expr/ast.hpp"
#include "expr/code.hpp"
#include "expr/environment.hpp"

namespace hotline::expr {

// What Programs and Terms share. Immutable.
struct Source {
  Ast ast;
  CodeBlock code;
  Limits limits;
  std::optional<Type> result;
  std::shared_ptr<const Environment::Data> environment;
  std::vector<std::uint32_t> slots;
  std::uint32_t slot_count = 0;  // slots[i] < slot_count
  struct Check {
    std::uint32_t slot;
    Kind kind;
  };
  std::vector<Check> checks;  // of slots that are not dyn
  std::uint64_t cost = 0;
};

}  // namespace hotline::expr
