// A table of expressions and what they must give:
//   "3"            the value, as to_string prints it
//   "!by zero"     evaluation_failed (or limit) whose text has these words
//   "?declared"    invalid_expression whose text has these words
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hotline/expr.hpp"

namespace hotline::expr::testing {

struct Case {
  const char* expression;
  const char* result;
};

// Variables of every type, and their values.
struct World {
  Environment environment;
  std::vector<Value> slots;

  World() {
    add("i", Type::integer(), 7);
    add("j", Type::integer(), -3);
    add("u", Type::natural(), 7u);
    add("d", Type::real(), 2.5);
    add("s", Type::string(), "hello");
    add("zh", Type::string(), "市民热线");
    add("b", Type::bytes(), Value::bytes(std::string_view("a\0b", 3)));
    add("t", Type::boolean(), true);
    add("f", Type::boolean(), false);
    add("none", Type::null(), Value::null());
    add("at", Type::timestamp(), parse_time("2026-11-22T20:30:15.25Z").value());
    add("span", Type::duration(), parse_duration("1h30m").value());
    add("ints", Type::list(Type::integer()), Value::own_list({1, 2, 3}));
    add("texts", Type::list(Type::string()), Value::own_list({"a", "b", "c"}));
    add("empty", Type::list(Type::integer()), Value::own_list({}));
    add("ages", Type::map(Type::string(), Type::integer()), Value::map({{"ann", 30}, {"bob", 25}}).value());
    add("byid", Type::map(Type::integer(), Type::string()), Value::map({{1, "one"}, {2, "two"}}).value());
    add("any", Type::any(), 7);
    add("anys", Type::any(), Value::own_list({1, "two", 3.0}));
    add("tree", Type::any(), Value::from_json(R"({"a":{"b":[10,20]},"n":null})").value());
    add("agent.level", Type::integer(), 4);
    add("agent.skills", Type::list(Type::string()), Value::own_list({"zh", "en"}));
    add("agent", Type::map(Type::string(), Type::string()), Value::map({{"name", "Li"}}).value());
    add("contact.citizen.vip", Type::boolean(), true);
    add("gone", Type::integer(), Value());
    add("gone_flag", Type::boolean(), Value());
    add("gone_map", Type::map(Type::string(), Type::integer()), Value());
  }
  void add(const char* name, Type type, Value value) {
    environment.declare(name, std::move(type)).value();
    slots.push_back(std::move(value));
  }
};

inline std::string outcome(const World& world, const char* expression, const Options& options = {}) {
  const auto program = Program::compile(expression, world.environment, options);
  if (!program.ok()) return (program.code() == ErrorCode::invalid_expression ? "?" : "code?") + program.error().text();
  const auto value = program->evaluate(world.slots);
  if (value.ok()) return to_string(*value);
  const bool known = value.code() == ErrorCode::evaluation_failed || value.code() == ErrorCode::limit;
  return (known ? "!" : "code!") + value.error().text();
}

inline void check(const std::vector<Case>& table, const World& world = World(), const Options& options = {}) {
  for (const Case& one : table) {
    const std::string got = outcome(world, one.expression, options);
    const std::string want = one.result;
    if (want.starts_with('!') || want.starts_with('?')) {
      EXPECT_EQ(got.front(), want.front()) << one.expression << "\n  gave " << got;
      EXPECT_NE(got.find(want.substr(1)), std::string::npos) << one.expression << "\n  gave " << got << "\n  without " << want;
    } else {
      EXPECT_EQ(got, want) << one.expression;
    }
  }
}

}  // namespace hotline::expr::testing
