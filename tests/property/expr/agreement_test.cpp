// Random expressions: the compiled form gives what a walk over the unfolded tree gives, and what is printed
// parses back to the same. HOTLINE_NIGHTLY=1 runs many more.
#include <gtest/gtest.h>

#include <cstdlib>

#include "expr/check.hpp"
#include "expr/walk.hpp"
#include "property/expr/random_expression.hpp"

namespace hotline::expr::testing {
namespace {

std::uint64_t rounds() { return std::getenv("HOTLINE_NIGHTLY") != nullptr ? 1'000'000 : 10'000; }

Limits wide() {
  Limits limits;
  limits.comprehension_depth = 16;
  limits.cost = UINT64_MAX;
  limits.budget = 200'000;
  return limits;
}

std::string walked(const std::string& text, const Environment& environment, std::span<const Value> slots, bool& spent) {
  Ast ast;
  ast.text = text;
  const Limits limits = wide();
  parse(ast, limits).value();
  check(ast, *environment.data(), limits).value();
  Budget budget(limits.budget);
  WalkContext context{ast, *environment.data(), slots, limits, budget, {}};
  const Value value = walk(ast.root, context);
  spent = budget.spent();
  return Access::failed(value) ? "error" : to_string(value);
}

TEST(Agreement, CompiledEqualsWalkedAndPrintsBack) {
  const Environment environment = RandomExpression::environment();
  Options options;
  options.limits = wide();
  std::size_t values = 0;
  std::size_t errors = 0;
  std::size_t reprinted = 0;
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomExpression random(seed);
    const std::string text = random.boolean(1 + static_cast<int>(seed % 4));
    const auto program = Program::compile(text, environment, options);
    ASSERT_TRUE(program.ok()) << text << "\n" << program.error().text();

    const std::string printed = program->root().text();
    const auto again = Program::compile(printed, environment, options);
    ASSERT_TRUE(again.ok()) << text << "\n" << printed << "\n" << again.error().text();
    // What is printed may be known better than what was written ([1, 2] + [] is a list of dyn, [1, 2] one of int),
    // and so fold further, once.
    const std::string settled = again->root().text();
    const auto third = Program::compile(settled, environment, options);
    ASSERT_TRUE(third.ok() && third->root().text() == settled) << text << "\n" << printed << "\n" << settled;
    reprinted += settled != printed;

    for (int k = 0; k < 3; ++k) {
      const std::vector<Value> slots = random.slots();
      bool spent = false;
      const std::string expected = walked(text, environment, slots, spent);
      const auto got = program->evaluate(slots);
      if (spent || got.code() == ErrorCode::limit) continue;
      ASSERT_EQ(got.ok() ? to_string(*got) : "error", expected) << text << "\n" << (got.ok() ? "" : got.error().text());
      const auto reread = again->evaluate(slots);
      ASSERT_EQ(reread.ok() ? to_string(*reread) : "error", expected) << text << "\n" << printed;
      ++(got.ok() ? values : errors);
    }
  }
  // Both outcomes are really seen.
  EXPECT_GT(values, rounds() / 2);
  EXPECT_GT(errors, rounds() / 10);
  EXPECT_LT(reprinted, rounds() / 100);
}

}  // namespace
}  // namespace hotline::expr::testing
