#include "expr/operate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hotline::expr {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Value fail(Failure what) { return Access::failure(what); }
Value fail_type(const Value& a, const Value& b) {
  return fail(a.is_missing() || b.is_missing() ? Failure::missing : Failure::wrong_type);
}
Value fail_type(const Value& a) { return fail(a.is_missing() ? Failure::missing : Failure::wrong_type); }

Value calculate(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool over = false;
  switch (op) {
    case Op::add: over = __builtin_add_overflow(a, b, &result); break;
    case Op::subtract: over = __builtin_sub_overflow(a, b, &result); break;
    case Op::multiply: over = __builtin_mul_overflow(a, b, &result); break;
    default:
      if (b == 0) return fail(Failure::divide_by_zero);
      if (a == kMin && b == -1) return fail(Failure::overflow);
      result = op == Op::divide ? a / b : a % b;
  }
  return over ? fail(Failure::overflow) : Value(result);
}

Value calculate(Op op, std::uint64_t a, std::uint64_t b) {
  std::uint64_t result = 0;
  bool over = false;
  switch (op) {
    case Op::add: over = __builtin_add_overflow(a, b, &result); break;
    case Op::subtract: over = __builtin_sub_overflow(a, b, &result); break;
    case Op::multiply: over = __builtin_mul_overflow(a, b, &result); break;
    default:
      if (b == 0) return fail(Failure::divide_by_zero);
      result = op == Op::divide ? a / b : a % b;
  }
  return over ? fail(Failure::overflow) : Value(result);
}

Value calculate(Op op, double a, double b) {
  switch (op) {
    case Op::add: return a + b;
    case Op::subtract: return a - b;
    case Op::multiply: return a * b;
    case Op::divide: return a / b;
    default: return fail(Failure::wrong_type);
  }
}

// timestamp and duration, both nanoseconds in 64 bits.
Value calculate_time(Op op, const Value& a, const Value& b) {
  const bool left = a.kind() == Kind::timestamp;
  const bool right = b.kind() == Kind::timestamp;
  if (op == Op::add ? left && right : op != Op::subtract || (right && !left)) return fail(Failure::wrong_type);
  std::int64_t ns = 0;
  const bool over = op == Op::add ? __builtin_add_overflow(Access::integer(a), Access::integer(b), &ns)
                                  : __builtin_sub_overflow(Access::integer(a), Access::integer(b), &ns);
  if (over) return fail(Failure::overflow);
  const bool moment = op == Op::add ? left || right : left && !right;
  return moment ? Value(time_from_ns(ns)) : Value(Duration{ns});
}

Value join_text(const Value& a, const Value& b, Budget& budget) {
  const std::string_view left = Access::text(a);
  const std::string_view right = Access::text(b);
  if (!budget.spend((left.size() + right.size()) / 16)) return fail(Failure::budget);
  std::string both;
  both.reserve(left.size() + right.size());
  both.append(left).append(right);
  return a.kind() == Kind::string ? Value::text(both) : Value::own_bytes(both);
}

Value join_lists(const Value& a, const Value& b, Budget& budget) {
  if (!budget.spend(a.items().size() + b.items().size())) return fail(Failure::budget);
  std::vector<Value> both;
  both.reserve(a.items().size() + b.items().size());
  both.insert(both.end(), a.items().begin(), a.items().end());
  both.insert(both.end(), b.items().begin(), b.items().end());
  return Value::own_list(std::move(both));
}

bool is_time(Kind kind) { return kind == Kind::timestamp || kind == Kind::duration; }

Value arithmetic(Op op, const Value& a, const Value& b, Budget& budget) {
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::integer: return calculate(op, a.as_int(), b.as_int());
      case Kind::natural: return calculate(op, a.as_uint(), b.as_uint());
      case Kind::real: return calculate(op, a.as_double(), b.as_double());
      case Kind::string:
      case Kind::bytes:
        if (op == Op::add) return join_text(a, b, budget);
        break;
      case Kind::list:
        if (op == Op::add) return join_lists(a, b, budget);
        break;
      default: break;
    }
  }
  if (is_time(a.kind()) && is_time(b.kind())) return calculate_time(op, a, b);
  return fail_type(a, b);
}

Value ordered(Op op, std::partial_ordering order) {
  switch (op) {
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;
  }
}

Value compare(Op op, const Value& a, const Value& b, Budget& budget) {
  if (is_number(a.kind()) && is_number(b.kind())) return ordered(op, compare_numbers(a, b));
  if (a.kind() != b.kind()) return fail_type(a, b);
  switch (a.kind()) {
    case Kind::boolean:
    case Kind::timestamp:
    case Kind::duration: return ordered(op, Access::integer(a) <=> Access::integer(b));
    case Kind::string:
    case Kind::bytes:
      if (!budget.spend(std::min(Access::size(a), Access::size(b)) / 16)) return fail(Failure::budget);
      return ordered(op, Access::text(a) <=> Access::text(b));
    default: return fail_type(a, b);
  }
}

Value contains(const Value& a, const Value& b, Budget& budget) {
  if (b.kind() == Kind::map) return b.find(a) != nullptr;
  if (b.kind() != Kind::list) return fail_type(b);
  if (!look_at(b, budget)) return fail(Failure::budget);
  return std::ranges::find(b.items(), a) != b.items().end();
}

// The whole number that a numeric index is; -1 where it is none.
std::int64_t whole(const Value& v) {
  switch (v.kind()) {
    case Kind::integer: return v.as_int();
    case Kind::natural: return v.as_uint() <= INT64_MAX ? static_cast<std::int64_t>(v.as_uint()) : -1;
    case Kind::real:
      return v.as_double() == std::trunc(v.as_double()) && std::fabs(v.as_double()) < 0x1p53
                 ? static_cast<std::int64_t>(v.as_double())
                 : -1;
    default: return -1;
  }
}

Value at_index(const Value& a, const Value& b) {
  if (a.kind() == Kind::map) {
    const Value* found = a.find(b);
    return found != nullptr ? *found : fail(b.is_missing() ? Failure::missing : Failure::no_such_key);
  }
  if (a.kind() != Kind::list || !is_number(b.kind())) return fail_type(a, b);
  const std::int64_t index = whole(b);
  if (index < 0 || static_cast<std::uint64_t>(index) >= a.items().size()) return fail(Failure::out_of_range);
  return a.items()[static_cast<std::size_t>(index)];
}

}  // namespace

bool look_at(const Value& v, Budget& budget) {
  const auto inner = [&](const Value& item) { return item.kind() < Kind::string || look_at(item, budget); };
  switch (v.kind()) {
    case Kind::string:
    case Kind::bytes: return budget.spend(Access::size(v) / 16);
    case Kind::list: return budget.spend(v.items().size()) && std::ranges::all_of(v.items(), inner);
    case Kind::map:
      return budget.spend(2 * v.entries().size()) &&
             std::ranges::all_of(v.entries(), [&](const Value::Entry& entry) { return inner(entry.key) && inner(entry.value); });
    default: return true;
  }
}

Value operate(Op op, const Value& a, const Value& b, Budget& budget) {
  if (Access::failed(a)) return a;
  if (Access::failed(b)) return b;
  switch (op) {
    case Op::equal:
    case Op::not_equal: {
      if (a.is_missing() || b.is_missing()) return fail(Failure::missing);
      const bool deep = a.kind() >= Kind::string && a.kind() == b.kind();
      if (deep && !look_at(Access::size(a) < Access::size(b) ? a : b, budget)) return fail(Failure::budget);
      return (a == b) == (op == Op::equal);
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: return compare(op, a, b, budget);
    case Op::in: return a.is_missing() ? fail(Failure::missing) : contains(a, b, budget);
    case Op::index: return at_index(a, b);
    default: return arithmetic(op, a, b, budget);
  }
}

Value operate(Op op, const Value& a) {
  if (Access::failed(a)) return a;
  if (op == Op::logical_not) return a.kind() == Kind::boolean ? Value(!a.as_bool()) : fail_type(a);
  if (a.kind() == Kind::real) return -a.as_double();
  if (a.kind() != Kind::integer) return fail_type(a);
  return a.as_int() == kMin ? fail(Failure::overflow) : Value(-a.as_int());
}

Value absorb(bool decisive, const Value& a, const Value& b) {
  const auto decides = [&](const Value& v) { return v.kind() == Kind::boolean && v.as_bool() == decisive; };
  if (decides(a) || decides(b)) return decisive;
  for (const Value* v : {&a, &b}) {
    if (Access::failed(*v)) return *v;
    if (v->kind() != Kind::boolean) return fail_type(*v);
  }
  return !decisive;
}

Value field(const Value& map, const Value& key) {
  if (Access::failed(map)) return map;
  if (map.kind() != Kind::map) return fail_type(map);
  const Value* found = map.find(key);
  return found != nullptr ? *found : fail(Failure::no_such_key);
}

Value has_field(const Value& map, const Value& key) {
  if (Access::failed(map)) return map;
  if (map.kind() != Kind::map) return fail_type(map);
  const Value* found = map.find(key);
  return found != nullptr && !found->is_missing();
}

Value make_map(std::span<const Value> keys_and_values) {
  std::vector<Value::Entry> entries;
  entries.reserve(keys_and_values.size() / 2);
  for (std::size_t i = 0; i + 1 < keys_and_values.size(); i += 2) {
    for (std::size_t k = i; k < i + 2; ++k)
      if (Access::failed(keys_and_values[k])) return keys_and_values[k];
    if (keys_and_values[i].is_missing() || keys_and_values[i + 1].is_missing()) return fail(Failure::missing);
    switch (keys_and_values[i].kind()) {
      case Kind::boolean: case Kind::integer: case Kind::natural: case Kind::string: break;
      default: return fail(Failure::bad_key);
    }
    entries.push_back({keys_and_values[i], keys_and_values[i + 1]});
  }
  auto map = Value::map(std::move(entries));
  return map.ok() ? *std::move(map) : fail(Failure::repeated_key);
}

std::string_view failure_text(Failure failure) {
  switch (failure) {
    case Failure::none: return "failed";
    case Failure::missing: return "has no value";
    case Failure::wrong_type: return "cannot take values of these types";
    case Failure::overflow: return "leaves the range of its type";
    case Failure::divide_by_zero: return "divides by zero";
    case Failure::no_such_key: return "finds no such key";
    case Failure::out_of_range: return "is outside the list";
    case Failure::repeated_key: return "has a key twice";
    case Failure::bad_key: return "has a key that is not a bool, int, uint or string";
    case Failure::bad_number: return "is not given a number";
    case Failure::bad_bool: return "is not given true or false";
    case Failure::bad_time: return "is not given a time of the form 2026-11-22T08:00:00Z between 1678 and 2261";
    case Failure::bad_duration: return "is not given a duration such as 90s or 1h30m";
    case Failure::bad_zone: return "is given an unknown time zone";
    case Failure::bad_encoding: return "is given bytes that are not UTF-8";
    case Failure::bad_pattern: return "is given a pattern that is no regular expression";
    case Failure::budget: return "takes too many steps";
  }
  return "failed";
}

std::string_view failure_remedy(Failure failure) {
  switch (failure) {
    case Failure::missing: return "give it a value, or ask has(...) first";
    case Failure::wrong_type: return "convert, or ask type(...) first";
    case Failure::divide_by_zero: return "test the divisor first";
    case Failure::no_such_key: return "ask has(map.key) or key in map first";
    case Failure::out_of_range: return "ask size(list) first";
    case Failure::bad_zone: return "write a name such as Asia/Shanghai, or an offset such as +08:00";
    case Failure::budget: return "look at less, or raise Limits::budget";
    default: return "";
  }
}

}  // namespace hotline::expr
