// Any text compiles or is refused with a place; what compiles runs within its budget, and what is printed settles. The first byte chooses the inputs.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../property/expr/random_expression.hpp"

using namespace hotline;
using namespace hotline::expr;

namespace {
void must(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment environment = expr::testing::RandomExpression::environment();
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Options options;
  options.limits.budget = 20'000;
  options.limits.regex_memory = 16 * 1024;
  const auto program = Program::compile(text, environment, options);
  if (!program.ok()) {
    must(program.code() == ErrorCode::invalid_expression);
    must(program.error().place().line > 0 && program.error().place().column > 0);
    return 0;
  }
  const std::vector<Value> slots = expr::testing::RandomExpression(data[0]).slots();
  const auto value = program->evaluate(slots);
  must(value.ok() || value.code() == ErrorCode::evaluation_failed || value.code() == ErrorCode::limit);
  if (value.ok()) {
    must(value->own() == *value || to_string(*value).find("nan") != std::string::npos);
    must(is_utf8(value->to_json()));
  }
  const std::string printed = program->root().text();
  const auto again = Program::compile(printed, environment, options);
  if (!again.ok()) return 0;  // what was within a limit may print longer and leave it
  const auto third = Program::compile(again->root().text(), environment, options);
  must(!third.ok() || third->root().text() == again->root().text());
  return 0;
}
