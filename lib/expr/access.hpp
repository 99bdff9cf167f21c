// What a running program may do with Values beyond their public face, and failures, which travel as values.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "hotline/expr/value.hpp"

namespace hotline::expr {

enum class Failure : std::uint8_t {
  none,
  missing,
  wrong_type,
  overflow,
  divide_by_zero,
  no_such_key,
  out_of_range,
  repeated_key,
  bad_key,
  bad_number,
  bad_bool,
  bad_time,
  bad_duration,
  bad_zone,
  bad_encoding,
  bad_pattern,
  budget,
};

// Errors are values of a hidden kind while an expression runs, so that && and || can drop them (langdef.md,
// "Logical Operators"). size_ is the node that failed.
struct Access {
  static constexpr Kind kFailure = static_cast<Kind>(0xff);
  static constexpr std::uint32_t kNowhere = 0xffffffff;

  static Value failure(Failure what) noexcept {
    Value v(kFailure, static_cast<std::int64_t>(what), false);
    v.size_ = kNowhere;
    return v;
  }
  // With a host's own message.
  static Value failure(std::string_view message);
  static bool failed(const Value& v) noexcept { return v.kind_ == kFailure; }
  static Failure what(const Value& v) noexcept {
    return v.owned_ ? Failure::none : static_cast<Failure>(v.integer_);
  }
  static const char* message(const Value& v) noexcept { return v.text_; }
  static std::uint32_t node(const Value& v) noexcept { return v.size_; }
  static void place(Value& v, std::uint32_t node) noexcept {
    if (v.kind_ == kFailure && v.size_ == kNowhere) v.size_ = node;
  }

  static Kind kind(const Value& v) noexcept { return v.kind_; }
  static std::int64_t integer(const Value& v) noexcept { return v.integer_; }
  static std::uint64_t natural(const Value& v) noexcept { return v.natural_; }
  static double real(const Value& v) noexcept { return v.real_; }
  static std::string_view text(const Value& v) noexcept { return {v.text_, v.size_}; }
  static std::uint32_t size(const Value& v) noexcept { return v.size_; }
  static const void* pointer(const Value& v) noexcept { return v.object_; }
  static void set(Value& v, bool b) noexcept {
    if (v.owned_) v.release();
    v.kind_ = Kind::boolean;
    v.owned_ = false;
    v.integer_ = b ? 1 : 0;
  }
  static void set(Value& v, std::int64_t i) noexcept {
    if (v.owned_) v.release();
    v.kind_ = Kind::integer;
    v.owned_ = false;
    v.integer_ = i;
  }
  // A copy that shares nothing: the original must outlive it.
  static void borrow(Value& to, const Value& from) noexcept {
    if (to.owned_) to.release();
    to.take(from, false);
    to.owned_ = false;
  }
};

// Numbers of any kinds by their exact values; unordered with NaN.
std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept;
inline bool is_number(Kind kind) { return kind == Kind::integer || kind == Kind::natural || kind == Kind::real; }

// Code points of well-formed UTF-8.
std::size_t count_code_points(std::string_view text) noexcept;

}  // namespace hotline::expr
