#pragma once

#include <map>
#include <string>
#include <vector>

#include "hotline/expr/program.hpp"

namespace hotline::expr {

struct HostFunction {
  std::string name;
  bool method = false;
  std::vector<Type> parameters;
  Type result = Type::any();
  Function body;
  std::uint32_t cost = 0;
};

struct Environment::Data {
  std::vector<Variable> variables;
  std::map<std::string, std::uint32_t, std::less<>> slots;
  std::vector<HostFunction> functions;
};

}  // namespace hotline::expr
