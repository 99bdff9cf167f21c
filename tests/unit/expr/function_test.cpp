// Standard functions, macros, conversions: langdef.md, "Macros" and "List of Standard Definitions".
#include "unit/expr/table.hpp"

namespace hotline::expr::testing {
namespace {

TEST(Functions, Size) {
  check({
      {"size('hello')", "5"},
      {"'hello'.size()", "5"},
      {"size(zh)", "4"},
      {"'\\U0001F4DE!'.size()", "2"},
      {"size('')", "0"},
      {"size(b)", "3"},
      {"b'ÿ'.size()", "2"},
      {"size([1, 2])", "2"},
      {"ints.size()", "3"},
      {"size(ages)", "2"},
      {"{}.size()", "0"},
      {"size(anys)", "3"},
      {"size(any)", "!cannot take"},
      {"size(1)", "?`size` cannot take (int); there are size(string) -> int; size(bytes) -> int"},
      {"i.size()", "?`size` cannot take (int); there are string.size() -> int"},
      {"size()", "?`size` cannot take ()"},
  });
}

TEST(Functions, Texts) {
  check({
      {"s.contains('ell')", "true"},
      {"s.contains('')", "true"},
      {"s.contains('x')", "false"},
      {"s.startsWith('he')", "true"},
      {"s.startsWith('hello!')", "false"},
      {"s.endsWith('llo')", "true"},
      {"zh.endsWith('热线')", "true"},
      {"zh.contains('民热')", "true"},
      {"contains(s, 'x')", "?write x.contains(...)"},
      {"s.contain('x')", "?there is no function `contain`"},
      {"s.contains(1)", "?`contains` cannot take (string, int)"},
      {"any.contains('x')", "!cannot take"},
      {"s.matches('^h.*o$')", "true"},
      {"s.matches('l+')", "true"},
      {"matches(s, '^l')", "false"},
      {"s.matches('')", "true"},
      {"zh.matches('^.{4}$')", "true"},
      {"zh.matches(r'^\\p{Han}+$')", "true"},
      {"'13800138000'.matches(r'^1\\d{10}$')", "true"},
      {"s.matches('(')", "?cannot be used: missing )"},
      {"s.matches(r'(a)\\1')", "?patterns are RE2's"},
      {"s.matches('(?=a)')", "?cannot be used"},
      {"s.matches(s)", "true"},
      {"s.matches('(' + s)", "!no regular expression"},
      {"s.matches('((a{1,100}){1,100}){1,100}')", "?cannot be used"},
  });
  Options options;
  options.limits.regex_bytes = 4;
  check({{"s.matches('12345')", "?longer than 4 bytes"}, {"s.matches(s)", "!no regular expression"}}, World(), options);
}

TEST(Functions, ToNumbers) {
  check({
      {"int(7u)", "7"},
      {"int(18446744073709551615u)", "!leaves the range"},
      {"int(2.9)", "2"},
      {"int(-2.9)", "-2"},
      {"int(1e99)", "!leaves the range"},
      {"int(9223372036854775808.0)", "!leaves the range"},
      {"int(-9223372036854775808.0)", "!leaves the range"},
      {"int(double('nan'))", "!leaves the range"},
      {"int('42')", "42"},
      {"int('-42')", "-42"},
      {"int('+42')", "42"},
      {"int('4.2')", "!is not given a number"},
      {"int(' 42')", "!is not given a number"},
      {"int('')", "!is not given a number"},
      {"int('9223372036854775808')", "!is not given a number"},
      {"int(timestamp('1970-01-01T00:01:40Z'))", "100"},
      {"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"},
      {"int(true)", "?`int` cannot take (bool)"},
      {"int(any)", "7"},
      {"uint(7)", "7u"},
      {"uint(-1)", "!leaves the range"},
      {"uint(3.9)", "3u"},
      {"uint(-0.5)", "!leaves the range"},
      {"uint(18446744073709551616.0)", "!leaves the range"},
      {"uint('5')", "5u"},
      {"uint('-5')", "!is not given a number"},
      {"double(7)", "7.0"},
      {"double(7u)", "7.0"},
      {"double('2.5')", "2.5"},
      {"double('-1e3')", "-1000.0"},
      {"double('+1')", "1.0"},
      {"double('inf')", "double(\"inf\")"},
      {"double('1e999')", "double(\"inf\")"},
      {"double('x')", "!is not given a number"},
      {"double('')", "!is not given a number"},
      {"double('nan(7)')", "!is not given a number"},
      {"bool('true')", "true"},
      {"bool('False')", "false"},
      {"bool('1')", "true"},
      {"bool('yes')", "!is not given true or false"},
      {"bool(t)", "true"},
      {"bool(1)", "?`bool` cannot take (int)"},
  });
}

TEST(Functions, ToTexts) {
  check({
      {"string(42)", "\"42\""},
      {"string(42u)", "\"42\""},
      {"string(-2.5)", "\"-2.5\""},
      {"string(6.02214e23)", "\"6.02214e+23\""},
      {"string(1.0)", "\"1\""},
      {"string(true)", "\"true\""},
      {"string(b'abc')", "\"abc\""},
      {"string(b'\\xff')", "!not UTF-8"},
      {"string(s)", "\"hello\""},
      {"string(at)", "\"2026-11-22T20:30:15.25Z\""},
      {"string(duration('1h30m'))", "\"5400s\""},
      {"string(duration('-1500ms'))", "\"-1.5s\""},
      {"string(null)", "?`string` cannot take"},
      {"string(ints)", "?`string` cannot take"},
      {"bytes('ÿ')", R"(b"\xc3\xbf")"},
      {"bytes(b'x')", "b\"x\""},
  });
}

TEST(Functions, TypesAndDyn) {
  check({
      {"type(1)", "int"},
      {"type(1) == int", "true"},
      {"type(1u) == uint && type(1.0) == double", "true"},
      {"type('') == string && type(b'') == bytes", "true"},
      {"type(null) == null_type && type(true) == bool", "true"},
      {"type([]) == list && type({}) == map", "true"},
      {"type([1]) == type(['a'])", "true"},
      {"type(at) == timestamp && type(span) == duration", "true"},
      {"type(at) == google.protobuf.Timestamp", "true"},
      {"type(span) == google.protobuf.Duration", "true"},
      {"type(type(1)) == type", "true"},
      {"type(int) == type", "true"},
      {"type(any) == int", "true"},
      {"type(anys[1]) == string", "true"},
      {"type(1) == 'int'", "?`==` cannot take (type, string)"},
      {"dyn(1) + 1", "2"},
      {"dyn('a') + 1", "!cannot take"},
      {"dyn(s).size()", "5"},
      {"type(gone)", "!`gone` has no value"},
  });
}

TEST(Macros, AllExistsAndExistsOne) {
  check({
      {"ints.all(x, x > 0)", "true"},
      {"ints.all(x, x > 1)", "false"},
      {"empty.all(x, x > 1)", "true"},
      {"ints.exists(x, x == 2)", "true"},
      {"ints.exists(x, x == 9)", "false"},
      {"empty.exists(x, true)", "false"},
      {"ints.exists_one(x, x == 2)", "true"},
      {"ints.exists_one(x, x > 1)", "false"},
      {"ints.existsOne(x, x > 2)", "true"},
      {"empty.exists_one(x, true)", "false"},
      {"ages.all(k, ages[k] > 20)", "true"},
      {"ages.exists(k, k == 'bob')", "true"},
      // Errors in the body are dropped where another item decides.
      {"[0, 1].exists(x, 1/x == 1)", "true"},
      {"[1, 0].exists(x, 1/x == 1)", "true"},
      {"[0, 2].exists(x, 1/x == 1)", "!divides by zero"},
      {"[0, 2].all(x, 1/x == 1)", "false"},
      {"[0, 1].all(x, 1/x == 1)", "!divides by zero"},
      {"[0, 1].exists_one(x, 1/x == 1)", "!divides by zero"},
      {"anys.exists(x, x == 'two')", "true"},
      {"ints.all(x, x)", "?the condition of all() must be a bool"},
      {"ints.all(1, true)", "?must be a name"},
      {"ints.all(x.y, true)", "?must be a name"},
      {"ints.all(x)", "?takes a name and what to do with it"},
      {"i.all(x, true)", "?goes over a list or a map, but `i` is int"},
      {"any.all(x, true)", "!cannot take"},
      {"anys.all(x, x)", "!cannot take"},
      {"ints.all(x, y > 0)", "?`y` is not declared"},
      {"(1/0 == 0 ? ints : ints).all(x, true)", "!divides by zero"},
  });
}

TEST(Macros, MapAndFilter) {
  check({
      {"ints.map(x, x * 2)", "[2, 4, 6]"},
      {"ints.map(x, x > 1, x * 2)", "[4, 6]"},
      {"ints.map(x, string(x))", R"(["1", "2", "3"])"},
      {"ints.filter(x, x % 2 == 1)", "[1, 3]"},
      {"empty.map(x, 1/0)", "[]"},
      {"ages.map(k, ages[k])", "[30, 25]"},
      {"ages.filter(k, ages[k] < 30)", R"(["bob"])"},
      {"ints.map(x, 1/(x - 2))", "!divides by zero"},
      {"ints.filter(x, 1/(x - 2) == 1)", "!divides by zero"},
      {"ints.map(x, ints.map(y, x * y))", "[[1, 2, 3], [2, 4, 6], [3, 6, 9]]"},
      {"ints.map(x, ints.filter(y, y > x).size())", "[2, 1, 0]"},
      {"ints.map(x, ints.map(x, x))", "[[1, 2, 3], [1, 2, 3], [1, 2, 3]]"},
      {"ints.map(x, x).map(x, x + 1).filter(x, x > 2)", "[3, 4]"},
      {"[string(i) + '!', 'b'].filter(x, x.size() > 1)[0]", "\"7!\""},
      {"ints.map(x, [x, x])[1]", "[2, 2]"},
      {"ints.filter(x, has(gone))", "[]"},
      {"ints.map(x, {'v': x}).exists(m, m.v == 2)", "true"},
      {"texts.map(x, x + x) == ['aa', 'bb', 'cc']", "true"},
      {"ints.map(x, x, x)", "?the condition of map() must be a bool"},
      {"ints.filter(x, x > 1, x)", "?takes a name and what to do with it"},
      {"ints.map(x, ints.map(y, ints.map(z, ints.map(a, ints.map(c, 1)))))", "?macros are nested deeper than 4"},
      {"[1].map(x, t ? x : 1/0)", "[1]"},
      {"[[1, 2], [3]].map(l, l.map(x, x + i))", "[[8, 9], [10]]"},
  });
}

TEST(Cost, IsBoundedBeforeAndDuring) {
  Options options;
  options.limits.cost = 1'000;
  check({{"ints.all(x, ints.all(y, x + y > 0))", "?may take"}, {"[1,2].all(x, x > i)", "false"}}, World(), options);
  World world;
  std::vector<Value> many(10'000, Value(1));
  world.add("many", Type::list(Type::integer()), Value::own_list(many));
  Options little;
  little.limits.budget = 5'000;
  check({{"many.all(x, x > 0)", "!took more than 5000 steps"},
         {"many.all(x, x > 0) || true", "true"},
         {"t || many.all(x, x > 0)", "true"},
         {"many.all(x, x > 0) || t", "!took more than 5000 steps"},
         {"many == many + [1]", "!took more than 5000 steps"},
         {"2 in many", "!took more than 5000 steps"},
         {"many.exists(x, x == 1)", "true"}},
        world, little);
  check({{"many.all(x, many.all(y, x + y > 0))", "!took more than 1000000 steps"}}, world);
}

// A thousand references to a thousand references to ...: small in memory, endless when looked at.
TEST(Cost, CountsSharedParts) {
  std::string thousand = "x";
  for (int i = 1; i < 1'000; ++i) thousand += ",x";
  const std::string bomb = "[[[ints].map(x,[" + thousand + "])].map(x,[" + thousand + "])].map(x,[" + thousand + "])";
  const World world;
  EXPECT_NE(outcome(world, bomb.c_str()).find("!"), std::string::npos);
  EXPECT_NE(outcome(world, bomb.c_str()).find("steps"), std::string::npos);
  EXPECT_NE(outcome(world, (bomb + " == " + bomb).c_str()).find("steps"), std::string::npos);
  EXPECT_NE(outcome(world, ("dyn(3) in " + bomb).c_str()).find("steps"), std::string::npos);
  std::string constant = bomb;
  constant.replace(constant.find("ints"), 4, "[1]");
  EXPECT_NE(outcome(world, constant.c_str()).find("steps"), std::string::npos);
}

TEST(Functions, UnknownNames) {
  check({
      {"foo(1)", "?there is no function `foo`"},
      {"i.foo()", "?there is no function `foo`"},
      {"siez('a')", "?did you mean `size`?"},
      {"s.startWith('a')", "?did you mean `startsWith`?"},
      {"ints.exist(x, x > 1)", "?"},
      {"'a'.int()", "?write int(x, ...)"},
  });
}

}  // namespace
}  // namespace hotline::expr::testing
