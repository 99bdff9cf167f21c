// Tokens and literals: langdef.md, "Syntax".
#include "unit/expr/table.hpp"

namespace hotline::expr::testing {
namespace {

TEST(Literals, Numbers) {
  check({
      {"0", "0"},
      {"42", "42"},
      {"0x2A", "42"},
      {"0X2a", "42"},
      {"-0x10", "-16"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "?does not fit into an int"},
      {"-9223372036854775809", "?does not fit into an int"},
      {"99999999999999999999", "?does not fit into 64 bits"},
      {"18446744073709551615u", "18446744073709551615u"},
      {"18446744073709551616u", "?does not fit"},
      {"3U", "3u"},
      {"0xFFu", "255u"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1e3", "1000.0"},
      {"1E-2", "0.01"},
      {"1.5e+2", "150.0"},
      {"1e400", "?too large for a double"},
      {"1e-400", "0.0"},
      {"5e-324", "5e-324"},
      {"1.", "?expected a name after `.`"},
      {"12ab", "?a number runs into a letter"},
      {"3.2.1", "?"},
      {"0x", "?runs into a letter"},
      {"1_000", "?runs into a letter"},
      {"90s", "?durations are written"},
  });
}

TEST(Literals, Strings) {
  check({
      {R"("")", R"("")"},
      {R"('')", R"("")"},
      {R"('a"b')", R"("a\"b")"},
      {R"("a'b")", R"("a'b")"},
      {R"('\a\b\f\n\r\t\v\\\?\"\'\`')", R"("\x07\x08\x0c\n\x0d\x09\x0b\\?\"'`")"},
      {R"('\x41\u0042\U00000043\104')", R"("ABCD")"},
      {R"('\u5e02\u6c11')", R"("市民")"},
      {R"('\xff' == '\u00ff')", "true"},
      {R"('\U0001F4DE'.size())", "1"},
      {R"('市民热线')", R"("市民热线")"},
      {R"(r'\d+')", R"("\\d+")"},
      {R"(R"\n")", R"("\\n")"},
      {"'''two\nlines'''", R"("two\nlines")"},
      {"\"\"\"a\"b\"\"c\"\"\"", R"("a\"b\"\"c")"},
      {"r'''\\d\n'''", R"("\\d\n")"},
      {"''''a'''", R"("'a")"},
      {"'a\nb'", "?a string ends with its line"},
      {"'abc", "?a string has no end"},
      {"'''abc''", "?a string has no end"},
      {R"('\q')", "?unknown escape"},
      {R"('\x4')", "?too few hexadecimal digits"},
      {R"('\ud800')", "?no Unicode character"},
      {R"('\U00110000')", "?no Unicode character"},
      {R"('\18')", "?octal"},
      {R"('\400')", "?unknown escape"},
      {"'\\", "?"},
  });
}

TEST(Literals, Bytes) {
  check({
      {R"(b'abc')", R"(b"abc")"},
      {R"(b'\xff\000')", R"(b"\xff\x00")"},
      {R"(b'ÿ')", R"(b"\xc3\xbf")"},
      {R"(b'ÿ' == b'\303\277')", "true"},
      {R"(rb'\d')", R"(b"\\d")"},
      {R"(Br'\d')", R"(b"\\d")"},
      {R"(b'''a
b''')", R"(b"a\nb")"},
      {R"(b'\u0041')", "?bytes have no \\u escapes"},
      {R"(bb'a')", "?"},
  });
}

TEST(Literals, OthersAndCollections) {
  check({
      {"true", "true"},
      {"false", "false"},
      {"null", "null"},
      {"[]", "[]"},
      {"[1, 2, 3]", "[1, 2, 3]"},
      {"[1, 2,]", "[1, 2]"},
      {"[,]", "?expected a value"},
      {"[1, 'a', 2.0]", R"([1, "a", 2.0])"},
      {"[[1], []]", "[[1], []]"},
      {"{}", "{}"},
      {"{'b': 1, 'a': 2}", R"({"a": 2, "b": 1})"},
      {"{1: 'x', 2: 'y',}", R"({1: "x", 2: "y"})"},
      {"{true: 1, 1u: 2, 'k': 3}", R"({true: 1, 1u: 2, "k": 3})"},
      {"{'a': 1, 'a': 2}", "!has a key twice"},
      {"{1: 1, 1u: 2}", "!has a key twice"},
      {"{1.5: 1}", "?a key of a map cannot be double"},
      {"{null: 1}", "?a key of a map cannot be null_type"},
      {"{dyn(1.5): 1}", "!has a key that is not"},
      {"{'a'}", "?expected `:`"},
  });
}

TEST(Syntax, BlanksCommentsAndPlaces) {
  check({
      {" 1 +\t2\n* 3 ", "7"},
      {"1 // one\n+ 2 // two", "3"},
      {"// nothing\n", "?the expression ends where a value was expected"},
      {"", "?the expression ends where a value was expected"},
      {"1 +", "?line 1:4: the expression ends"},
      {"(1", "?expected `)`, found end"},
      {"1)", "?unexpected `)`"},
      {"1 2", "?unexpected `2`"},
      {"1 = 2", "?compare with =="},
      {"t & f", "?write &&"},
      {"t | f", "?write ||"},
      {"i @ 2", "?unexpected character"},
      {"市 == 1", "?a character that may stand only in a string"},
      {"[1 2]", "?expected `,`"},
      {"size(1,)", "?an argument is missing"},
      {"i ? 1", "?expected `:`"},
      {"'市民' +\n  zz", "?line 2:3: `zz` is not declared"},
      {"'市民' + zz", "?line 1:8: `zz` is not declared"},
  });
}

TEST(Syntax, ReservedWordsAndNames) {
  check({
      {"for", "?reserved word"},
      {"package.x", "?reserved word"},
      {"in", "?reserved word"},
      {"tree.in", "?cannot be a field"},
      {"{'for': 1}.for", "1"},
      {"{'a-b': 1}.`a-b`", "1"},
      {"`a`", "?may stand only after"},
      {"Point{x: 1}", "?are not part of this language"},
      {".i", "7"},
      {".agent.level", "4"},
      {"[1].map(i, .i)", "[7]"},
      {"[1].map(i, i)", "[1]"},
  });
}

TEST(Syntax, PlacesMoveWithTheOrigin) {
  Options options;
  options.origin = {"flow.yaml", 12, 9};
  EXPECT_EQ(outcome(World(), "i + weekday", options), "?flow.yaml:12:13: `weekday` is not declared; declared are i, j, u, d, s, zh, b, t ...; texts need quotes");
  EXPECT_TRUE(outcome(World(), "i +\n zz", options).starts_with("?flow.yaml:13:2: "));
  EXPECT_TRUE(outcome(World(), "i / 0", options).starts_with("!flow.yaml:12:11: "));
}

TEST(Syntax, DepthAndSizeAreBounded) {
  const World world;
  const std::string deep = std::string(5'000, '(') + "1" + std::string(5'000, ')');
  EXPECT_NE(outcome(world, deep.c_str()).find("nested deeper than 100"), std::string::npos);
  const std::string nots = std::string(100'000, '!') + "t";
  EXPECT_NE(outcome(world, nots.c_str()).find("longer than 65536 bytes"), std::string::npos);
  EXPECT_NE(outcome(world, nots.substr(90'000).c_str()).find("nested deeper"), std::string::npos);
  std::string wide = "t";
  for (int i = 0; i < 2'000; ++i) wide += " && t";
  EXPECT_EQ(outcome(world, wide.c_str()), "true");
  std::string sum = "i";
  for (int i = 0; i < 200; ++i) sum += "+i";
  EXPECT_NE(outcome(world, sum.c_str()).find("nested deeper"), std::string::npos);
  std::string many = "[1";
  for (int i = 0; i < 20'000; ++i) many += ",i";
  EXPECT_NE(outcome(world, (many + "]").c_str()).find("more than 10000 parts"), std::string::npos);
}

}  // namespace
}  // namespace hotline::expr::testing
