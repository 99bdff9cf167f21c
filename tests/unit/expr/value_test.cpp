// Values, types and environments by themselves.
#include "hotline/expr/value.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "hotline/expr.hpp"

namespace hotline::expr {
namespace {

TEST(Values, KeepWhatTheyAreGiven) {
  EXPECT_EQ(Value(7).as_int(), 7);
  EXPECT_EQ(Value(7u).as_uint(), 7u);
  EXPECT_EQ(Value(7).as_uint(), 0u);
  EXPECT_EQ(Value(true).kind(), Kind::boolean);
  EXPECT_EQ(Value(2.5f).as_double(), 2.5);
  EXPECT_EQ(Value("abc").as_string(), "abc");
  EXPECT_EQ(Value(std::string("abc")).as_string(), "abc");
  EXPECT_TRUE(Value().is_missing());
  EXPECT_TRUE(Value::null().is_null());
  EXPECT_EQ(Value(parse_time("1970-01-01T00:00:01Z").value()).as_time(), time_from_ns(1'000'000'000));
  const int thing = 0;
  EXPECT_EQ(Value::object(&thing).as_object(), &thing);
}

TEST(Values, BorrowOrOwn) {
  const std::string text = "long enough to stand on the heap, in any case";
  const Value borrowed = text;
  EXPECT_FALSE(borrowed.owned());
  EXPECT_EQ(borrowed.as_string().data(), text.data());
  const Value owned = borrowed.own();
  EXPECT_TRUE(owned.owned());
  EXPECT_EQ(owned, borrowed);
  Value copy = owned;
  EXPECT_EQ(copy.as_string().data(), owned.as_string().data());
  Value& same = copy;
  copy = same;
  EXPECT_EQ(copy, owned);
  Value moved = std::move(copy);
  EXPECT_EQ(moved, owned);
  const Value list = Value::own_list({Value(text), 1, Value::own_list({Value(text)})});
  const Value alone = list.own();
  EXPECT_NE(alone.items()[0].as_string().data(), text.data());
  EXPECT_EQ(alone, list);
  const Value map = Value::map({{Value(text), Value(text)}}).value();
  EXPECT_TRUE(map.own().entries()[0].key.owned());
  const Value items[] = {1, 2};
  EXPECT_EQ(Value::list(items).items().data(), items);
  EXPECT_EQ(Value::list(items), Value::own_list({1, 2}));
}

TEST(Values, MapsAreSortedAndSearched) {
  const Value map = Value::map({{"b", 1}, {2, 2}, {"a", 3}, {true, 4}, {1u, 5}}).value();
  EXPECT_EQ(to_string(map), R"({true: 4, 1u: 5, 2: 2, "a": 3, "b": 1})");
  EXPECT_EQ(map.find(2.0)->as_int(), 2);
  EXPECT_EQ(map.find(1)->as_int(), 5);
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(map.find(Value::null()), nullptr);
  EXPECT_EQ(map.find(std::numeric_limits<double>::quiet_NaN()), nullptr);
  EXPECT_EQ(Value::map({{1, 1}, {1u, 2}}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(Value::map({{1.5, 1}}).code(), ErrorCode::invalid_argument);
}

TEST(Values, GoToJsonAndBack) {
  const Value v = Value::map({{"i", 1},
                              {"d", 1.0},
                              {"t", "q\"市"},
                              {"l", Value::own_list({true, Value::null(), Value()})},
                              {"at", parse_time("2026-11-22T08:00:00Z").value()},
                              {"span", parse_duration("90s").value()},
                              {"b", Value::bytes("\xff\x00")},
                              {"k", Value::type(Kind::integer)}})
                      .value();
  EXPECT_EQ(v.to_json(), R"({"at":"2026-11-22T08:00:00Z","b":"/w==","d":1.0,"i":1,"k":"int","l":[true,null,null],"span":"90s","t":"q\"市"})");
  EXPECT_EQ(to_string(Value::from_json(R"({"a":[1,-2.5,"x",true,null],"n":{"k":"1"}})").value()),
            R"({"a": [1, -2.5, "x", true, null], "n": {"k": "1"}})");
  const auto typed = [](const char* json, const char* type) {
    const auto value = Value::from_json(json, Type::parse(type).value());
    return value.ok() ? to_string(*value) : "error: " + value.error().text();
  };
  EXPECT_EQ(typed("\"2026-11-22T08:00:00Z\"", "timestamp"), "timestamp(\"2026-11-22T08:00:00Z\")");
  EXPECT_EQ(typed("\"1h\"", "duration"), "duration(\"3600s\")");
  EXPECT_EQ(typed("7", "uint"), "7u");
  EXPECT_EQ(typed("7", "double"), "7.0");
  EXPECT_EQ(typed("\"/w==\"", "bytes"), "b\"\\xff\"");
  EXPECT_EQ(typed("{\"1\":[\"x\"]}", "map(int, list(string))"), "{1: [\"x\"]}");
  EXPECT_EQ(typed("null", "int"), "missing");
  EXPECT_EQ(typed("null", "dyn"), "null");
  EXPECT_EQ(typed("\"7\"", "int"), "error: line 1:1: `\"7\"` is no int; give a value of that type");
  EXPECT_EQ(typed("[1, true]", "list(int)"), "error: line 1:5: `true` is no int; give a value of that type");
  EXPECT_EQ(typed("-1", "uint"), "error: line 1:1: `-1` is no uint; give a value of that type");
}

TEST(Types, ReadAndPrint) {
  for (const char* text : {"bool", "int", "uint", "double", "string", "bytes", "null_type", "timestamp", "duration", "dyn",
                           "type", "list(int)", "map(string, list(dyn))"})
    EXPECT_EQ(to_string(Type::parse(text).value()), text);
  EXPECT_EQ(Type::parse("list").value(), Type::list(Type::any()));
  EXPECT_EQ(Type::parse(" map( int ,bool ) ").value(), Type::map(Type::integer(), Type::boolean()));
  EXPECT_NE(Type::list(Type::integer()), Type::list(Type::string()));
  EXPECT_NE(Type::object("ticket"), Type::object("agent"));
  for (const char* text : {"", "integer", "list(", "list()", "list(int", "map(int)", "int int", "list(int))"})
    EXPECT_EQ(Type::parse(text).code(), ErrorCode::invalid_argument) << text;
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "list(";
  EXPECT_FALSE(Type::parse(deep).ok());
}

TEST(Environments, RefuseWhatCannotBeAName) {
  Environment e;
  EXPECT_EQ(e.declare("level", Type::integer()).value(), 0u);
  EXPECT_EQ(e.declare("a.b", Type::integer()).value(), 1u);
  EXPECT_EQ(e.declare("level", Type::integer()).code(), ErrorCode::already_exists);
  for (const char* name : {"", "1a", "a-b", "a..b", ".a", "a.", "for", "a.in", "市"})
    EXPECT_EQ(e.declare(name, Type::integer()).code(), ErrorCode::invalid_argument) << name;
  EXPECT_EQ(e.slot("a.b"), 1u);
  EXPECT_EQ(e.slot("a"), std::nullopt);
  Environment copy = e;
  copy.declare("other", Type::any()).value();
  EXPECT_EQ(e.variables().size(), 2u);
}

TEST(Environments, BindValuesByName) {
  Environment e;
  e.declare("level", Type::integer()).value();
  e.declare("contact.region", Type::string()).value();
  e.declare("contact.since", Type::timestamp()).value();
  const auto bind = [&](const char* json) { return e.bind(parse_document(json, "vars").value()); };
  const auto slots = bind(R"({"level": 4, "contact": {"region": "east"}})").value();
  EXPECT_EQ(slots[0].as_int(), 4);
  EXPECT_EQ(slots[1].as_string(), "east");
  EXPECT_TRUE(slots[2].is_missing());
  EXPECT_EQ(bind(R"({"contact.region": "west"})").value()[1].as_string(), "west");
  EXPECT_EQ(bind(R"({"levle": 4})").error().text(), "line 1:2: `levle` is not a declared variable; did you mean `level`?");
  EXPECT_NE(bind(R"({"level": "x"})").error().text().find("the variable `level`"), std::string::npos);
  EXPECT_FALSE(bind("[1]").ok());
}

TEST(Environments, HostFunctionsAreCalledWithWhatTheyDeclare) {
  struct Ticket {
    int age;
  };
  Environment e;
  e.declare("ticket", Type::object("ticket")).value();
  e.declare("any", Type::any()).value();
  const auto age = [](std::span<const Value> a) -> Result<Value> {
    return Value(static_cast<const Ticket*>(a[0].as_object())->age);
  };
  e.method("age", {Type::object("ticket")}, Type::integer(), age).value();
  e.function("clamp", {Type::integer(), Type::integer()}, Type::integer(), [](std::span<const Value> a) -> Result<Value> {
     if (a[1].as_int() < 0) return Error(ErrorCode::invalid_argument, "the bound is negative");
     return std::min(a[0].as_int(), a[1].as_int());
   }).value();
  e.function("math.twice", {Type::integer()}, Type::integer(),
             [](std::span<const Value> a) -> Result<Value> { return a[0].as_int() * 2; }).value();
  e.function("nothing", {}, Type::integer(), [](std::span<const Value>) -> Result<Value> { return Value(); }).value();
  e.function("lies", {}, Type::integer(), [](std::span<const Value>) -> Result<Value> { return Value("x"); }).value();
  const Ticket ticket{40};
  const Value slots[] = {Value::object(&ticket), "text"};
  const auto run = [&](const char* text) {
    const auto program = Program::compile(text, e);
    if (!program.ok()) return "?" + program.error().text();
    const auto value = program->evaluate(slots);
    return value.ok() ? to_string(*value) : "!" + value.error().text();
  };
  EXPECT_EQ(run("ticket.age() > 30"), "true");
  EXPECT_EQ(run("clamp(ticket.age(), 7)"), "7");
  EXPECT_EQ(run("math.twice(21)"), "42");
  EXPECT_EQ(run("clamp(1, -1)"), "!line 1:1: `clamp(1, -1)` failed: the bound is negative");
  EXPECT_EQ(run("nothing() == 1 || true"), "true");
  EXPECT_EQ(run("nothing()"), "!line 1:1: `nothing()` has no value; give it a value, or ask has(...) first");
  EXPECT_EQ(run("lies()"), "!line 1:1: `lies()` cannot take values of these types; convert, or ask type(...) first");
  EXPECT_EQ(run("clamp(any, 1)"), "!line 1:1: `clamp(any, 1)` cannot take values of these types; convert, or ask type(...) first");
  EXPECT_EQ(run("clamp('a', 1)"), "?line 1:1: `clamp` cannot take (string, int); there are clamp(int, int) -> int");
  EXPECT_EQ(run("clam(1, 1)"), "?line 1:1: there is no function `clam`; did you mean `clamp`?");
  const auto again = [](std::span<const Value>) -> Result<Value> { return 1; };
  EXPECT_EQ(e.function("clamp", {Type::integer(), Type::integer()}, Type::integer(), again).code(), ErrorCode::already_exists);
  EXPECT_EQ(e.function("size", {Type::string()}, Type::integer(), again).code(), ErrorCode::already_exists);
  EXPECT_EQ(e.function("a b", {}, Type::integer(), again).code(), ErrorCode::invalid_argument);
}

TEST(Programs, SayWhatTheyUse) {
  Environment e;
  e.declare("a", Type::integer()).value();
  e.declare("b", Type::integer()).value();
  e.declare("c", Type::string()).value();
  const auto program = Program::compile("c == 'x' && a > 1", e).value();
  EXPECT_EQ(std::vector<std::uint32_t>(program.slots().begin(), program.slots().end()), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(program.type(), Type::boolean());
  EXPECT_FALSE(program.is_constant());
  EXPECT_TRUE(Program::compile("1 + 1", e).value().is_constant());
  const Value wrong[] = {Value("x"), 1, Value("x")};
  EXPECT_EQ(program.test(wrong).error().text(),
            "line 1:13: `a` is int, but was given string; give it a value of its type, or leave it out");
  Options options;
  options.result = Type::boolean();
  EXPECT_EQ(Program::compile("a + 1", e, options).error().text(),
            "line 1:3: the expression is int, but must be bool; compare it with something");
}

TEST(Programs, ShowTheirTree) {
  Environment e;
  e.declare("agent.level", Type::integer()).value();
  e.declare("skills", Type::list(Type::string())).value();
  const auto program = Program::compile("agent.level >= 2 + 1 && skills.exists(s, s == 'zh')", e).value();
  const Term root = program.root();
  ASSERT_EQ(root.op(), Term::Op::logical_and);
  const Term level = root.child(0);
  EXPECT_EQ(level.op(), Term::Op::greater_equal);
  EXPECT_EQ(level.child(0).kind(), Term::Kind::variable);
  EXPECT_EQ(level.child(0).slot(), 0u);
  EXPECT_EQ(level.child(0).name(), "agent.level");
  EXPECT_EQ(level.child(1).value().as_int(), 3);
  EXPECT_EQ(level.place().column, 13u);
  const Term exists = root.child(1);
  EXPECT_EQ(exists.kind(), Term::Kind::comprehension);
  EXPECT_EQ(exists.op(), Term::Op::exists);
  EXPECT_EQ(exists.name(), "s");
  EXPECT_EQ(exists.size(), 2u);
  EXPECT_EQ(exists.child(1).child(0).kind(), Term::Kind::local);
  EXPECT_EQ(exists.text(), "skills.exists(s, s == \"zh\")");
}

TEST(Programs, RunOnManyThreadsAtOnce) {
  Environment e;
  e.declare("s", Type::string()).value();
  e.declare("l", Type::list(Type::string())).value();
  e.declare("at", Type::timestamp()).value();
  const auto program = Program::compile(
      "l.filter(x, x != s).map(x, x + '!').size() + at.getHours('Asia/Shanghai') + (s.matches('^[a-c]$') ? 1 : 0)", e).value();
  const std::vector<Value> slots{Value::text("b"), Value::own_list({Value::text("a"), Value::text("b")}), Time{}};
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 1'000; ++k) good += program.evaluate(slots).value().as_int() == 1 + 8 + 1;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4'000);
}

TEST(Programs, ResultsMayOutliveSlotsOnceOwned) {
  Environment e;
  e.declare("s", Type::string()).value();
  Value kept;
  {
    const std::string text = "only for a while, but long enough for the heap";
    const Value slots[] = {text};
    kept = Program::compile("[s, s + '!', 'constant']", e).value().evaluate(slots).value().own();
  }
  EXPECT_EQ(kept.items()[1].as_string(), "only for a while, but long enough for the heap!");
  EXPECT_EQ(kept.items()[2].as_string(), "constant");
}

}  // namespace
}  // namespace hotline::expr
