// Values of expressions: 16 bytes, scalars inline, texts and collections borrowed or shared.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"
#include "hotline/base/time.hpp"
#include "hotline/expr/type.hpp"

namespace hotline::expr {

// A value. A Value made from a string_view, a const std::string & or a span borrows: what it looks at must live
// as long as the Value and every Value taken from it (as with string_view itself). own() makes a copy that stands
// alone. Values that own share immutable memory. Immutable, any thread, also when shared.
class Value {
 public:
  struct Entry;

  // Missing: a declared variable that has no value. has(x) is false, any other use is evaluation_failed.
  Value() noexcept : integer_(0) {}
  static Value missing() noexcept { return Value(); }
  static Value null() noexcept { return Value(Kind::null, 0, false); }

  template <std::same_as<bool> T>
  Value(T v) noexcept : kind_(Kind::boolean), integer_(v ? 1 : 0) {}  // NOLINT: implicit by design
  template <std::signed_integral T>
  Value(T v) noexcept : kind_(Kind::integer), integer_(v) {}  // NOLINT
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Value(T v) noexcept : kind_(Kind::natural), natural_(v) {}  // NOLINT
  template <std::floating_point T>
  Value(T v) noexcept : kind_(Kind::real), real_(v) {}  // NOLINT
  Value(Time v) noexcept : kind_(Kind::timestamp), integer_(to_ns(v)) {}      // NOLINT
  Value(Duration v) noexcept : kind_(Kind::duration), integer_(v.count()) {}  // NOLINT

  // Borrow (see above). Texts are at most 4 GiB; what is longer is cut.
  Value(std::string_view v) noexcept : Value(Kind::string, v) {}        // NOLINT
  Value(const char* v) noexcept : Value(std::string_view(v)) {}         // NOLINT
  Value(const std::string& v) noexcept : Value(std::string_view(v)) {}  // NOLINT
  static Value bytes(std::string_view v) noexcept { return Value(Kind::bytes, v); }
  static Value list(std::span<const Value> items) noexcept;

  // Own.
  Value(std::string&& v) : Value(text(v)) {}  // NOLINT: a temporary cannot be borrowed
  static Value text(std::string_view v);
  static Value own_bytes(std::string_view v);
  static Value own_list(std::vector<Value> items);
  // Keys are kept in order (false, true, numbers, strings). Errors: invalid_argument on a key that is not bool,
  // int, uint or string, or that stands twice (1 and 1u are the same key).
  static Result<Value> map(std::vector<Entry> entries);

  // The kind of a type: what type(x) gives.
  static Value type(Kind kind) noexcept { return Value(Kind::type, static_cast<std::int64_t>(kind), false); }
  // A host's thing, never owned.
  static Value object(const void* pointer) noexcept;

  // A JSON-like tree: null, bool, int, double, string, list, map with string keys; the type, where it is not any,
  // is asked for (then "2026-11-22T08:00:00Z" can be a timestamp, "1h" a duration, base64 bytes; null is missing
  // unless the type is any or null_type). Owns. Errors: invalid_argument, with the node's line and column.
  static Result<Value> from(const Node& node, const Type& type = Type::any());
  // The same from JSON text. Errors: invalid_document, invalid_argument.
  static Result<Value> from_json(std::string_view json, const Type& type = Type::any());

  Value(const Value& other) noexcept { take(other, true); }
  Value(Value&& other) noexcept {
    take(other, false);
    other.owned_ = false;
    other.kind_ = Kind::missing;
  }
  Value& operator=(const Value& other) noexcept {
    if (other.owned_) other.retain();
    if (owned_) release();
    take(other, false);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      if (owned_) release();
      take(other, false);
      other.owned_ = false;
      other.kind_ = Kind::missing;
    }
    return *this;
  }
  ~Value() {
    if (owned_) release();
  }

  Kind kind() const noexcept { return kind_; }
  bool is_missing() const noexcept { return kind_ == Kind::missing; }
  bool is_null() const noexcept { return kind_ == Kind::null; }

  // What is inside; false, 0, "" or nothing where the kind is another.
  bool as_bool() const noexcept { return kind_ == Kind::boolean && integer_ != 0; }
  std::int64_t as_int() const noexcept { return kind_ == Kind::integer ? integer_ : 0; }
  std::uint64_t as_uint() const noexcept { return kind_ == Kind::natural ? natural_ : 0; }
  double as_double() const noexcept { return kind_ == Kind::real ? real_ : 0; }
  std::string_view as_string() const noexcept {
    return kind_ == Kind::string ? std::string_view(text_, size_) : std::string_view();
  }
  std::string_view as_bytes() const noexcept {
    return kind_ == Kind::bytes ? std::string_view(text_, size_) : std::string_view();
  }
  Time as_time() const noexcept { return time_from_ns(kind_ == Kind::timestamp ? integer_ : 0); }
  Duration as_duration() const noexcept { return Duration{kind_ == Kind::duration ? integer_ : 0}; }
  std::span<const Value> items() const noexcept {
    return kind_ == Kind::list ? std::span<const Value>(items_, size_) : std::span<const Value>();
  }
  std::span<const Entry> entries() const noexcept;
  const void* as_object() const noexcept { return kind_ == Kind::object ? object_ : nullptr; }
  // The kind named by a type value; Kind::missing where it is none.
  Kind as_type() const noexcept { return kind_ == Kind::type ? static_cast<Kind>(integer_) : Kind::missing; }

  // The value of a key, or nullptr. Numbers are found by their value, whatever their kind.
  const Value* find(const Value& key) const noexcept;

  // A copy that borrows nothing (objects excepted).
  Value own() const;
  bool owned() const noexcept { return owned_; }

  // CEL's ==: numbers by value over kinds, NaN unequal to everything, collections by content (maps regardless of
  // order), different kinds unequal.
  friend bool operator==(const Value& a, const Value& b) noexcept;

  // As JSON: timestamps RFC 3339, durations "1.5s", bytes base64, missing null, keys of maps as strings.
  void write_json(JsonWriter& json) const;
  std::string to_json() const;

 private:
  friend struct Access;  // lib/expr: what a running program does with values
  Value(Kind kind, std::int64_t payload, bool owned) noexcept : kind_(kind), owned_(owned), integer_(payload) {}
  Value(Kind kind, std::string_view v) noexcept
      : kind_(kind), size_(v.size() < 0xffffffffu ? static_cast<std::uint32_t>(v.size()) : 0xffffffffu), text_(v.data()) {}
  void take(const Value& other, bool share) noexcept {
    kind_ = other.kind_;
    owned_ = other.owned_;
    size_ = other.size_;
    natural_ = other.natural_;
    if (share && owned_) retain();
  }
  void retain() const noexcept;
  void release() noexcept;

  Kind kind_ = Kind::missing;
  bool owned_ = false;
  std::uint32_t size_ = 0;
  union {
    std::int64_t integer_;
    std::uint64_t natural_;
    double real_;
    const char* text_;
    const Value* items_;
    const Entry* entries_;
    const void* object_;
  };
};

struct Value::Entry {
  Value key;
  Value value;
};

inline std::span<const Value::Entry> Value::entries() const noexcept {
  return kind_ == Kind::map ? std::span<const Entry>(entries_, size_) : std::span<const Entry>();
}

// As the language writes it: 1u, "a\n", [1, 2], {"k": 1.0}, timestamp("..."), duration("90s"), b"\x00".
std::string to_string(const Value& value);

}  // namespace hotline::expr
