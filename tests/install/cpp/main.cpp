#include <cstdio>

#include "hotline/acd.hpp"
#include "hotline/expr.hpp"

int main() {
  hotline::expr::Environment names;
  names.declare("level", hotline::expr::Type::integer()).value();
  const auto program = hotline::expr::Program::compile("level >= 3", names).value();
  const hotline::expr::Value slots[] = {4};
  const bool good = program.test(slots).value();
  std::puts(good ? "ok" : "not ok");
  return good ? 0 : 1;
}
