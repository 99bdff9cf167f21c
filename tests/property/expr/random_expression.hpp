// Random well-typed expressions over a few variables, from a seed.
#pragma once

#include <string>
#include <vector>

#include "hotline/base/random.hpp"
#include "hotline/expr.hpp"

namespace hotline::expr::testing {

class RandomExpression {
 public:
  explicit RandomExpression(std::uint64_t seed) : random_(seed) {}

  static Environment environment() {
    Environment e;
    e.declare("i", Type::integer()).value();
    e.declare("j", Type::integer()).value();
    e.declare("u", Type::natural()).value();
    e.declare("d", Type::real()).value();
    e.declare("s", Type::string()).value();
    e.declare("agent.name", Type::string()).value();
    e.declare("t", Type::boolean()).value();
    e.declare("l", Type::list(Type::integer())).value();
    e.declare("m", Type::map(Type::string(), Type::integer())).value();
    e.declare("at", Type::timestamp()).value();
    e.declare("span", Type::duration()).value();
    e.declare("any", Type::any()).value();
    return e;
  }

  // Values for the slots of environment(), each missing now and then.
  std::vector<Value> slots() {
    std::vector<Value> v;
    const auto add = [&](Value value) { v.push_back(chance(8) ? Value() : std::move(value)); };
    add(integer_value());
    add(integer_value());
    add(static_cast<std::uint64_t>(integer_value()));
    add(static_cast<double>(integer_value()) / 4);
    add(Value::text(text_value()));
    add(Value::text(text_value()));
    add(chance(2));
    std::vector<Value> items;
    for (std::uint64_t n = below(4); n > 0; --n) items.emplace_back(integer_value());
    add(Value::own_list(items));
    std::vector<Value::Entry> entries;
    for (const char* key : {"a", "bc", "市"})
      if (chance(2)) entries.push_back({Value::text(key), integer_value()});
    add(Value::map(entries).value());
    add(time_from_ns(integer_value() / 16 * 7));
    add(Duration(integer_value() / 8 * 3));
    add(chance(2) ? Value(integer_value()) : chance(2) ? Value(Value::text(text_value())) : Value(chance(2)));
    return v;
  }

  std::string boolean(int depth) {
    if (depth <= 0) return pick({"true", "false", "t", "has(i)", "has(m.a)", "has(agent.name)", "dyn(t)"});
    switch (below(14)) {
      case 0: return "(" + boolean(depth - 1) + " && " + boolean(depth - 1) + ")";
      case 1: return "(" + boolean(depth - 1) + " || " + boolean(depth - 1) + ")";
      case 2: return "!" + boolean(depth - 1);
      case 3: return "(" + integer(depth - 1) + relation() + integer(depth - 1) + ")";
      case 4: return "(" + integer(depth - 1) + pick({" < ", " >= "}) + real(depth - 1) + ")";
      case 5: return "(" + text(depth - 1) + relation() + text(depth - 1) + ")";
      case 6: return "(" + integer(depth - 1) + " in " + list(depth - 1) + ")";
      case 7: return "(" + text(depth - 1) + " in " + pick({"m", "['a', 'bc', '']"}) + ")";
      case 8: return list(depth - 1) + pick({".all(", ".exists(", ".exists_one("}) + macro(depth, &RandomExpression::boolean) + ")";
      case 9: return text(depth - 1) + pick({".contains(", ".startsWith(", ".endsWith(", ".matches("}) + pick({"'a'", "'市'", "s"}) + ")";
      case 10: return "(" + boolean(depth - 1) + " ? " + boolean(depth - 1) + " : " + boolean(depth - 1) + ")";
      case 11: return "(" + moment(depth - 1) + relation() + moment(depth - 1) + ")";
      case 12: return "(any" + relation() + pick({integer(depth - 1), text(depth - 1)}) + ")";
      default: return "(" + list(depth - 1) + " == " + list(depth - 1) + ")";
    }
  }

 private:
  using Maker = std::string (RandomExpression::*)(int);

  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }
  std::int64_t integer_value() {
    switch (below(8)) {
      case 0: return INT64_MAX;
      case 1: return INT64_MIN;
      default: return static_cast<std::int64_t>(below(12)) - 4;
    }
  }
  std::string text_value() { return pick({"", "a", "bc", "市民", "a\n\"'\\", "12"}); }
  std::string relation() { return pick({" == ", " != ", " < ", " <= ", " > ", " >= "}); }

  // "x, body": in the body x is an int.
  std::string macro(int depth, Maker body) {
    const std::string name(1, static_cast<char>('w' + below(3)));
    locals_.push_back(name);
    std::string text = name + ", " + (this->*body)(depth - 1);
    locals_.pop_back();
    return text;
  }

  std::string integer(int depth) {
    if (depth <= 0) {
      if (!locals_.empty() && chance(2)) return pick(locals_);
      return pick({"i", "j", "0", "1", "-1", "-9223372036854775808", "9223372036854775807", "m.a", "l[0]", "3"});
    }
    switch (below(11)) {
      case 0: return "(" + integer(depth - 1) + " + " + integer(depth - 1) + ")";
      case 1: return "(" + integer(depth - 1) + " - " + integer(depth - 1) + ")";
      case 2: return "(" + integer(depth - 1) + " * " + integer(depth - 1) + ")";
      case 3: return "(" + integer(depth - 1) + " / " + integer(depth - 1) + ")";
      case 4: return "(" + integer(depth - 1) + " % " + integer(depth - 1) + ")";
      case 5: return "-" + integer(depth - 1);
      case 6: return "size(" + pick({text(depth - 1), list(depth - 1), "m"}) + ")";
      case 7: return list(depth - 1) + "[" + integer(depth - 1) + "]";
      case 8: return "int(" + pick({text(depth - 1), real(depth - 1), "u", "at"}) + ")";
      case 9: return "(" + boolean(depth - 1) + " ? " + integer(depth - 1) + " : " + integer(depth - 1) + ")";
      default: return moment(depth - 1) + pick({".getHours()", ".getDayOfWeek('Asia/Shanghai')", ".getFullYear('-03:00')"});
    }
  }

  std::string real(int depth) {
    if (depth <= 0) return pick({"d", "0.5", "-2.0", "1e300"});
    switch (below(3)) {
      case 0: return "(" + real(depth - 1) + pick({" + ", " - ", " * ", " / "}) + real(depth - 1) + ")";
      case 1: return "double(" + integer(depth - 1) + ")";
      default: return "-" + real(depth - 1);
    }
  }

  std::string text(int depth) {
    if (depth <= 0) return pick({"s", "agent.name", "'a'", "'市'", "''", R"("q\"\\\n")"});
    switch (below(4)) {
      case 0: return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
      case 1: return "string(" + pick({integer(depth - 1), real(depth - 1), boolean(depth - 1), "span", "at"}) + ")";
      case 2: return "(" + boolean(depth - 1) + " ? " + text(depth - 1) + " : " + text(depth - 1) + ")";
      default: return text(depth - 1);
    }
  }

  std::string list(int depth) {
    if (depth <= 0) return pick({"l", "[]", "[1, 2, 3]", "[i]"});
    switch (below(5)) {
      case 0: return "(" + list(depth - 1) + " + " + list(depth - 1) + ")";
      case 1: return list(depth - 1) + ".map(" + macro(depth, &RandomExpression::integer) + ")";
      case 2: return list(depth - 1) + ".filter(" + macro(depth, &RandomExpression::boolean) + ")";
      case 3: return "[" + integer(depth - 1) + ", " + integer(depth - 1) + "]";
      default: {
        const std::string range = list(depth - 1);
        locals_.push_back("x");
        std::string all = range + ".map(x, " + boolean(depth - 1) + ", " + integer(depth - 1) + ")";
        locals_.pop_back();
        return all;
      }
    }
  }

  std::string moment(int depth) {
    if (depth <= 0) return pick({"at", "timestamp('2026-11-22T08:00:00Z')"});
    return "(" + moment(depth - 1) + pick({" + ", " - "}) + pick({"span", "duration('90m')"}) + ")";
  }

  Random random_;
  std::vector<std::string> locals_;
};

}  // namespace hotline::expr::testing
