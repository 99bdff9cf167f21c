// Result<T>: a value or an Error. Use ok()/error(), or value(), which throws hotline::Exception.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "hotline/base/error.hpp"

namespace hotline {

// What value() throws for callers who like exceptions.
class Exception : public std::exception {
 public:
  explicit Exception(Error error) : error_(std::move(error)), text_(error_.text()) {}
  const char* what() const noexcept override { return text_.c_str(); }
  const Error& error() const { return error_; }

 private:
  Error error_;
  std::string text_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class U>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             std::is_convertible_v<U &&, T>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only when ok(); otherwise undefined.
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Only when !ok().
  const Error& error() const { return *std::get_if<1>(&state_); }
  ErrorCode code() const { return ok() ? ErrorCode::ok : error().code(); }

  // Throws Exception when there is none.
  T& value() & { return check(), **this; }
  const T& value() const& { return check(), **this; }
  T&& value() && { return check(), *std::move(*this); }
  T value_or(T other) && { return ok() ? *std::move(*this) : std::move(other); }

 private:
  void check() const {
    if (!ok()) throw Exception(error());
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}  // NOLINT
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *std::get_if<1>(&state_); }
  ErrorCode code() const { return ok() ? ErrorCode::ok : error().code(); }
  void value() const {
    if (!ok()) throw Exception(error());
  }

 private:
  std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

// Leaves the function with the error of `expression`, or goes on.
#define HOTLINE_TRY(...) HOTLINE_TRY_2(HOTLINE_CONCAT(hotline_status_, __COUNTER__), (__VA_ARGS__))
#define HOTLINE_TRY_2(name, expression)               \
  do {                                                \
    if (auto name = expression; !name.ok())           \
      return name.error();                            \
  } while (false)

// HOTLINE_ASSIGN(auto x, f()): x is the value of f(), or the function is left with its error.
#define HOTLINE_CONCAT_2(a, b) a##b
#define HOTLINE_CONCAT(a, b) HOTLINE_CONCAT_2(a, b)
#define HOTLINE_ASSIGN(target, expression) HOTLINE_ASSIGN_2(HOTLINE_CONCAT(hotline_result_, __LINE__), target, expression)
#define HOTLINE_ASSIGN_2(name, target, expression) \
  auto name = (expression);                        \
  if (!name.ok()) return name.error();             \
  target = *std::move(name)

}  // namespace hotline
