#include <array>
#include <cstddef>
#include <memory>
#include <new>

#include "expr/code.hpp"
#include "expr/walk.hpp"

namespace hotline::expr {
namespace {

constexpr std::size_t kInline = 32;  // registers that need no allocation

// The registers of one run, missing at first.
class Registers {
 public:
  explicit Registers(std::size_t count) : count_(count) {
    if (count > kInline) heap_ = std::make_unique<std::byte[]>(count * sizeof(Value));
    first_ = reinterpret_cast<Value*>(heap_ ? heap_.get() : inline_);
    std::uninitialized_default_construct_n(first_, count);
  }
  ~Registers() { std::destroy_n(first_, count_); }
  Registers(const Registers&) = delete;
  Registers& operator=(const Registers&) = delete;
  Value* data() { return first_; }

 private:
  alignas(Value) std::byte inline_[kInline * sizeof(Value)];
  std::unique_ptr<std::byte[]> heap_;
  Value* first_;
  std::size_t count_;
};

Value fail(Failure what, NodeId node) {
  Value v = Access::failure(what);
  Access::place(v, node);
  return v;
}

Value not_a_bool(const Value& v, NodeId node) {
  if (Access::failed(v)) return v;
  return fail(v.is_missing() ? Failure::missing : Failure::wrong_type, node);
}

// Runs one program once.
class Machine {
 public:
  Machine(const Run& what, const Value* slots, Budget& budget)
      : code_(what.code), environment_(what.environment), limits_(what.limits), budget_(budget),
        registers_(what.code.registers), r_(registers_.data()) {
    bases_[0] = r_;
    bases_[1] = slots;
    bases_[2] = code_.constants.data();
  }

  Value run() {
    const Instruction* const first = code_.instructions.data();
    const Instruction* at = first;
    for (;;) {
      const Instruction& i = *at++;
      switch (i.code) {
        case Code::load: load(i); break;
        case Code::finish: return result(i);
        case Code::jump: at = first + i.to; break;
        case Code::jump_true:
          if (is(get(i.a), true)) at = first + i.to;
          break;
        case Code::jump_false:
          if (is(get(i.a), false)) at = first + i.to;
          break;
        case Code::join_and: join(i, false); break;
        case Code::join_or: join(i, true); break;
        case Code::branch: {
          const Value& condition = get(i.a);
          if (is(condition, true)) break;
          if (is(condition, false)) {
            at = first + i.to;
          } else {
            r_[i.target] = not_a_bool(condition, i.node);
            at = first + i.b;
          }
          break;
        }
        case Code::equal: compare(i, [](auto a, auto b) { return a == b; }); break;
        case Code::not_equal: compare(i, [](auto a, auto b) { return a != b; }); break;
        case Code::less: compare(i, [](auto a, auto b) { return a < b; }); break;
        case Code::less_equal: compare(i, [](auto a, auto b) { return a <= b; }); break;
        case Code::greater: compare(i, [](auto a, auto b) { return a > b; }); break;
        case Code::greater_equal: compare(i, [](auto a, auto b) { return a >= b; }); break;
        case Code::add:
          calculate(i, [](std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_add_overflow(a, b, r); });
          break;
        case Code::subtract:
          calculate(i, [](std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_sub_overflow(a, b, r); });
          break;
        case Code::multiply:
          calculate(i, [](std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_mul_overflow(a, b, r); });
          break;
        case Code::binary: slow(i); break;
        case Code::unary: put(i, operate(static_cast<Op>(i.sub), get(i.a))); break;
        case Code::in_set: {
          const Value& v = get(i.a);
          if (Access::failed(v) || v.is_missing()) put(i, v.is_missing() ? Access::failure(Failure::missing) : Value(v));
          else Access::set(r_[i.target], code_.sets[i.to].contains(v));
          break;
        }
        case Code::field: put(i, field(get(i.a), get(i.b))); break;
        case Code::has_field: put(i, has_field(get(i.a), get(i.b))); break;
        case Code::has_slot: Access::set(r_[i.target], !get(i.a).is_missing()); break;
        case Code::match: put(i, match(get(i.a), *code_.regexes[i.to], budget_)); break;
        case Code::call: put(i, call(static_cast<Builtin>(i.sub), {r_ + i.a, i.b}, budget_, limits_)); break;
        case Code::host: put(i, call_host(environment_.functions[i.to], {r_ + i.a, i.b}, budget_)); break;
        case Code::list: put(i, list(i)); break;
        case Code::map: put(i, make_map({r_ + i.a, i.b})); break;
        case Code::loop_begin:
          if (!loop_begin(i)) at = first + i.to;
          break;
        case Code::loop_next:
          if (!loop_next(i)) at = first + i.to;
          break;
        case Code::loop_only: {
          const Value& condition = get(i.a);
          if (is(condition, true)) break;
          at = first + i.to;
          if (is(condition, false)) break;
          r_[i.target] = not_a_bool(condition, i.node);
          at = first + i.b;
          break;
        }
        case Code::loop_step: at = first + (loop_step(i) ? i.to : i.b); break;
        case Code::loop_end: loop_end(i); break;
      }
    }
  }

 private:
  const Value& get(Operand operand) const { return bases_[operand >> 14][operand & kIndex]; }
  static bool is(const Value& v, bool which) { return v.kind() == Kind::boolean && (Access::integer(v) != 0) == which; }
  void put(const Instruction& i, Value&& v) {
    Access::place(v, i.node);
    r_[i.target] = std::move(v);
  }

  void load(const Instruction& i) {
    const Value& from = get(i.a);
    if (from.is_missing()) r_[i.target] = fail(Failure::missing, i.node);
    else if (i.a < kSlot) r_[i.target] = from;
    else Access::borrow(r_[i.target], from);  // slots and constants outlive the run
  }

  Value result(const Instruction& i) {
    if (i.a < kSlot) return std::move(r_[i.a]);
    const Value& v = get(i.a);
    return v.is_missing() ? fail(Failure::missing, i.node) : v;
  }

  void slow(const Instruction& i) { put(i, operate(static_cast<Op>(i.sub), get(i.a), get(i.b), budget_)); }

  template <class Test>
  void compare(const Instruction& i, Test test) {
    const Value& a = get(i.a);
    const Value& b = get(i.b);
    if (a.kind() != b.kind()) return slow(i);
    switch (a.kind()) {
      case Kind::integer:
      case Kind::timestamp:
      case Kind::duration: return Access::set(r_[i.target], test(Access::integer(a), Access::integer(b)));
      case Kind::real: return Access::set(r_[i.target], test(Access::real(a), Access::real(b)));
      default: return slow(i);
    }
  }

  template <class Over>
  void calculate(const Instruction& i, Over over) {
    const Value& a = get(i.a);
    const Value& b = get(i.b);
    std::int64_t sum = 0;
    if (a.kind() == Kind::integer && b.kind() == Kind::integer && !over(a.as_int(), b.as_int(), &sum))
      return Access::set(r_[i.target], sum);
    slow(i);
  }

  void join(const Instruction& i, bool decisive) {
    const Value& a = get(i.a);
    const Value& b = get(i.b);
    if (a.kind() == Kind::boolean && b.kind() == Kind::boolean)  // the first was not decisive, or we had jumped
      return Access::set(r_[i.target], b.as_bool());
    put(i, absorb(decisive, a, b));
  }

  Value list(const Instruction& i) {
    std::vector<Value> items;
    items.reserve(i.b);
    for (std::size_t k = 0; k < i.b; ++k) {
      Value& item = r_[i.a + k];
      if (Access::failed(item)) return std::move(item);
      items.push_back(std::move(item));
    }
    return Value::own_list(std::move(items));
  }

  bool loop_begin(const Instruction& i) {
    const Value& range = r_[i.target + 1];
    if (range.kind() != Kind::list && range.kind() != Kind::map) {
      r_[i.target] = Access::failed(range) ? range : fail(range.is_missing() ? Failure::missing : Failure::wrong_type, i.node);
      return false;
    }
    const Op op = static_cast<Op>(i.sub);
    if (op == Op::all || op == Op::exists) Access::set(r_[i.target], op == Op::all);
    else Access::set(r_[i.target], std::int64_t{0});
    Access::set(r_[i.target + 2], std::int64_t{0});
    if (op == Op::map || op == Op::filter) lists_.emplace_back();
    return true;
  }

  bool loop_next(const Instruction& i) {
    const Value& range = r_[i.target + 1];
    const std::int64_t position = Access::integer(r_[i.target + 2]);
    if (position >= static_cast<std::int64_t>(Access::size(range))) return false;
    if (!budget_.spend(i.b)) {
      r_[i.target] = fail(Failure::budget, i.node);
      return false;
    }
    const auto index = static_cast<std::size_t>(position);
    r_[i.target + 3] = range.kind() == Kind::list ? range.items()[index] : range.entries()[index].key;
    Access::set(r_[i.target + 2], position + 1);
    return true;
  }

  // True to go on.
  bool loop_step(const Instruction& i) {
    const Value& body = get(i.a);
    Value& result = r_[i.target];
    const Op op = static_cast<Op>(i.sub);
    switch (op) {
      case Op::all:
      case Op::exists:
        if (is(body, op == Op::exists)) {
          Access::set(result, op == Op::exists);
          return false;
        }
        if (body.kind() != Kind::boolean && !Access::failed(result)) result = not_a_bool(body, i.node);
        return true;
      case Op::map:
        if (Access::failed(body) || body.is_missing()) {
          result = body.is_missing() ? fail(Failure::missing, i.node) : body;
          return false;
        }
        lists_.back().push_back(body);
        return true;
      default:
        if (body.kind() != Kind::boolean) {
          result = not_a_bool(body, i.node);
          return false;
        }
        if (!body.as_bool()) return true;
        if (op == Op::filter) lists_.back().push_back(r_[i.target + 3]);
        else Access::set(result, Access::integer(result) + 1);
        return true;
    }
  }

  void loop_end(const Instruction& i) {
    Value& result = r_[i.target];
    const Op op = static_cast<Op>(i.sub);
    if (op == Op::exists_one && !Access::failed(result)) Access::set(result, Access::integer(result) == 1);
    if (op != Op::map && op != Op::filter) return;
    if (!Access::failed(result)) result = Value::own_list(std::move(lists_.back()));
    lists_.pop_back();
  }

  const CodeBlock& code_;
  const Environment::Data& environment_;
  const Limits& limits_;
  Budget& budget_;
  Registers registers_;
  Value* r_;
  std::array<const Value*, 3> bases_{};
  std::vector<std::vector<Value>> lists_;
};

}  // namespace

Value run(const Run& what, const Value* slots, Budget& budget) { return Machine(what, slots, budget).run(); }

}  // namespace hotline::expr
