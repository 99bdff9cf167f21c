// What goes into a statement (Bind) and what comes out (Row). One small set of types on every back end:
// 64-bit integers, doubles, UTF-8 text, bytes and null. Booleans are 0 and 1, times are nanoseconds.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "hotline/base/time.hpp"

namespace hotline::store {

// Bytes, where a text is not meant. Does not own them.
struct Blob {
  std::string_view bytes;
};

// One value of a statement. Does not own text or bytes: they must live until the call returns.
class Bind {
 public:
  using Variant = std::variant<std::monostate, std::int64_t, double, std::string_view, Blob>;

  Bind(std::nullptr_t) {}  // NOLINT: implicit by design, as are all below
  template <std::integral T>
  Bind(T v) : value_(static_cast<std::int64_t>(v)) {}  // NOLINT
  Bind(double v) : value_(v) {}                        // NOLINT
  Bind(std::string_view v) : value_(v) {}              // NOLINT
  Bind(const std::string& v) : value_(std::string_view(v)) {}  // NOLINT
  Bind(const char* v) : value_(std::string_view(v)) {}         // NOLINT
  Bind(Blob v) : value_(v) {}                                  // NOLINT
  Bind(Time v) : value_(to_ns(v)) {}                           // NOLINT
  template <class T>
  Bind(const std::optional<T>& v) {  // NOLINT
    if (v) value_ = Bind(*v).value_;
  }

  const Variant& value() const { return value_; }

 private:
  Variant value_;
};

using Binds = std::span<const Bind>;

// The row that a query stands on. Texts and bytes live until the row's callback returns. Confined.
// Columns count from 0; an integer asked of a text that is none is 0, a text asked of a number is its decimal form.
class Row {
 public:
  virtual std::size_t size() const = 0;
  virtual bool is_null(std::size_t column) const = 0;
  virtual std::int64_t integer(std::size_t column) const = 0;
  virtual double number(std::size_t column) const = 0;
  virtual std::string_view text(std::size_t column) const = 0;
  virtual std::string_view bytes(std::size_t column) const = 0;

  Time time(std::size_t column) const { return time_from_ns(integer(column)); }
  std::optional<std::int64_t> maybe_integer(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
  }

 protected:
  ~Row() = default;
};

// A reference to anything callable; lives no longer than the call it is passed to.
template <class Signature>
class FunctionRef;
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& f)  // NOLINT
      : object_(const_cast<void*>(static_cast<const void*>(&f))), call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(static_cast<Args>(args)...);
        }) {}
  R operator()(Args... args) const { return call_(object_, static_cast<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace hotline::store
