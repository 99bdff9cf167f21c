// Compiling and running expressions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/expr/type.hpp"
#include "hotline/expr/value.hpp"

namespace hotline::expr {

struct Source;  // lib/expr: a parsed, checked expression and its code

// A host's function: pure (same arguments, same value; no state, no clock) and safe on any thread. Arguments have
// the declared types. An Error, or a missing value, makes the evaluation fail there.
using Function = std::function<Result<Value>(std::span<const Value> arguments)>;

struct Variable {
  std::string name;  // "level" or, qualified, "contact.region"
  Type type;
};

// The names that expressions may use: variables, each with a slot (0, 1, 2 ... in the order of declaration), and
// functions. Caller-locked while it is filled, immutable (any thread) afterwards. Copies are cheap and independent.
class Environment {
 public:
  Environment();

  // Declares a variable and returns its slot. A dotted name is one variable; `a.b.c` in an expression means the
  // longest declared prefix, the rest being fields of its value. Errors: already_exists; invalid_argument where the
  // name is not identifiers with dots between, or is reserved.
  Result<std::uint32_t> declare(std::string_view name, Type type);

  // Declares name(arguments...) -> result. The same name may have several functions with different parameters; a
  // standard function of the same parameters cannot be replaced. `cost` is what a call counts against the budget
  // (a comparison counts 1). Errors: already_exists, invalid_argument.
  Status function(std::string_view name, std::vector<Type> parameters, Type result, Function body,
                  std::uint32_t cost = 10);
  // Declares receiver.name(arguments...): parameters[0] is the receiver.
  Status method(std::string_view name, std::vector<Type> parameters, Type result, Function body,
                std::uint32_t cost = 10);

  std::optional<std::uint32_t> slot(std::string_view name) const;
  std::span<const Variable> variables() const;  // by slot

  // Slots from a mapping of names to values (null: missing). A variable a.b is the key "a.b", or b within a.
  // Errors: invalid_argument on a value of another type, and on a key that is no variable (with the nearest).
  Result<std::vector<Value>> bind(const Node& values) const;

  struct Data;  // lib/expr
  const std::shared_ptr<const Data>& data() const { return data_; }

 private:
  Data& change();
  std::shared_ptr<const Data> data_;
};

// Bounds on what an author may write and on what it may cost. What exceeds them is refused when it is compiled,
// or, where only the input decides, fails when it is evaluated.
struct Limits {
  std::uint32_t source_bytes = 64 * 1024;
  std::uint32_t nodes = 10'000;
  std::uint32_t depth = 100;             // nesting of the expression
  std::uint32_t comprehension_depth = 4; // macros within macros
  std::uint32_t regex_bytes = 1'000;     // length of a pattern ...
  std::uint32_t regex_memory = 128 * 1024;  // ... and bytes of its compiled form (RE2 runs in linear time)
  std::uint64_t cost = 10'000'000;       // worst case estimated at compilation, collections taken to have
  std::uint32_t collection_size = 100;   //   ... this many items where their size is not known
  std::uint64_t budget = 1'000'000;      // steps of one evaluation: loop bodies, items and bytes looked at
};

struct Options {
  std::optional<Type> result;  // the type asked for; a dyn expression is then checked when evaluated
  Limits limits;
  // Where the expression's first character stands, for errors: the file, its line and column. Zero: errors count
  // lines and columns from the expression's own start.
  Place origin;
};

// A node of a checked expression, for those who analyse it (routing turns requirements into bit masks, validators
// look for branches that cannot be). Macros are comprehension nodes, constants are folded. A view: it lives as long
// as the Program it came from. Immutable, any thread.
class Term {
 public:
  enum class Kind : std::uint8_t {
    literal,        // value()
    variable,       // slot(), name()
    local,          // name(): the variable of a comprehension around it
    field,          // child(0).name()
    has,            // has(child(0)): child is a field, or a variable
    call,           // op(); name() of functions; children are the operands, a receiver first
    list,           // children are items
    map,            // children are key, value, key, value ...
    comprehension,  // op() is one of all .. filter; name() is the variable; children: range, [condition of a
                    // three-argument map], body
  };
  enum class Op : std::uint8_t {
    none,
    conditional,  // a ? b : c
    logical_or, logical_and, logical_not,
    equal, not_equal, less, less_equal, greater, greater_equal, in,
    add, subtract, multiply, divide, modulo, negate,
    index,        // a[b]
    all, exists, exists_one, map, filter,
    function,     // every other call: size, contains, int, a host's, ...
  };

  Kind kind() const;
  Op op() const;
  Type type() const;
  std::string_view name() const;  // "size", "startsWith", a variable, a field; "" where there is none
  const Value& value() const;     // of a literal; missing for others
  std::uint32_t slot() const;     // of a variable; 0 for others
  std::size_t size() const;       // children
  Term child(std::size_t index) const;
  Place place() const;            // of the operator or of the first character
  std::string text() const;       // printed again, with the parentheses it needs

 private:
  friend class Program;
  Term(const Source* source, std::uint32_t node) : source_(source), node_(node) {}
  const Source* source_;
  std::uint32_t node_;
};

// A compiled expression. Cheap to copy, immutable, any thread.
class Program {
 public:
  // Errors: invalid_expression, with place, message and remedy.
  static Result<Program> compile(std::string_view source, const Environment& environment, const Options& options = {});

  // slots[i] is the value of the variable with slot i; slots that are left out at the end are missing, and so may
  // be those that the expression does not use. The value may borrow from the slots and from the Program (own()).
  // Programs of scalars, of `in` with constant lists and of comprehensions over given lists allocate nothing.
  // Errors: evaluation_failed with place; limit where the budget is spent.
  Result<Value> evaluate(std::span<const Value> slots) const;
  // Of a program of type bool (or dyn). Errors as above.
  Result<bool> test(std::span<const Value> slots) const;

  const std::string& source() const;
  Type type() const;
  std::span<const std::uint32_t> slots() const;  // those the expression uses, ascending
  std::uint64_t cost() const;                    // the estimate that Limits::cost bounds
  bool is_constant() const;                      // no variable: evaluate({}) says it all
  Term root() const;

 private:
  explicit Program(std::shared_ptr<const Source> source) : source_(std::move(source)) {}
  std::shared_ptr<const Source> source_;
};

}  // namespace hotline::expr
