#include <gtest/gtest.h>

#include "hotline/expr.hpp"

namespace hotline::expr {
namespace {

TEST(Program, RunsWhatTheHeaderShows) {
  Environment environment;
  environment.declare("level", Type::integer()).value();
  environment.declare("contact.region", Type::string()).value();
  const auto program = Program::compile("level >= 3 && contact.region in ['north', 'east']", environment).value();
  const Value yes[] = {4, "east"};
  const Value no[] = {4, "west"};
  EXPECT_TRUE(program.test(yes).value());
  EXPECT_FALSE(program.test(no).value());
  EXPECT_EQ(program.slots().size(), 2u);
  EXPECT_EQ(program.root().text(), "level >= 3 && contact.region in [\"north\", \"east\"]");
}

TEST(Program, NamesTheVariableThatIsMissing) {
  Environment environment;
  environment.declare("level", Type::integer()).value();
  const auto program = Program::compile("1 + level >= 3", environment).value();
  const auto result = program.evaluate({});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.code(), ErrorCode::evaluation_failed);
  EXPECT_EQ(result.error().text(), "line 1:5: `level` has no value; give it a value, or ask has(...) first");
}

}  // namespace
}  // namespace hotline::expr
