// Types of expressions. The language is a subset of the Common Expression Language (CEL,
// https://github.com/google/cel-spec, doc/langdef.md) with its types, operators and rules.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"

namespace hotline::expr {

// What a type or a value is, without its parameters. The order is part of no interface.
enum class Kind : std::uint8_t {
  missing,    // no value: a declared variable that was not given one (values only)
  any,        // dyn: known only when evaluated (types only)
  null,
  boolean,
  integer,    // int: 64 bits, signed
  natural,    // uint: 64 bits, unsigned
  real,       // double: IEEE 754 binary64
  string,     // UTF-8
  bytes,
  timestamp,  // nanoseconds since the epoch, 1677-09-21 to 2262-04-11
  duration,   // nanoseconds
  list,
  map,        // keys: bool, int, uint, string
  type,       // the value of type(x)
  object,     // a host's own thing, opened only by the host's functions
};

// "int", "list", "null_type": the name the language has for it.
std::string_view kind_name(Kind kind);

// A type. Immutable, cheap to copy, any thread.
class Type {
 public:
  static Type any() { return Type(Kind::any); }
  static Type null() { return Type(Kind::null); }
  static Type boolean() { return Type(Kind::boolean); }
  static Type integer() { return Type(Kind::integer); }
  static Type natural() { return Type(Kind::natural); }
  static Type real() { return Type(Kind::real); }
  static Type string() { return Type(Kind::string); }
  static Type bytes() { return Type(Kind::bytes); }
  static Type timestamp() { return Type(Kind::timestamp); }
  static Type duration() { return Type(Kind::duration); }
  static Type type() { return Type(Kind::type); }
  static Type list(Type item);
  static Type map(Type key, Type value);
  // A host's own kind of thing, such as "ticket"; equal to another of the same name only.
  static Type object(std::string name);

  // Reads what to_string writes: "bool", "int", "uint", "double", "string", "bytes", "null_type", "timestamp",
  // "duration", "type", "dyn", "list(int)", "map(string, dyn)"; "list" and "map" alone are of dyn. Objects have no
  // text that is read. Errors: invalid_argument.
  static Result<Type> parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_any() const { return kind_ == Kind::any; }
  bool is_numeric() const { return kind_ == Kind::integer || kind_ == Kind::natural || kind_ == Kind::real; }
  // The item of a list, the key and the value of a map; any() for other types.
  const Type& item() const;
  const Type& key() const;
  const Type& mapped() const { return item(); }
  // The name of an object type; "" for others.
  std::string_view object_name() const;

  bool operator==(const Type& other) const;

 private:
  struct Parameters;
  explicit Type(Kind kind) : kind_(kind) {}
  Kind kind_;
  std::shared_ptr<const Parameters> parameters_;
};

std::string to_string(const Type& type);

}  // namespace hotline::expr
