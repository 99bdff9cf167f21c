// Writes compact JSON into a string that the caller owns: no tree, no allocation beyond the string.
// Reading JSON is Node's work (document.hpp) or nlohmann-json's.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace hotline {

// Commas are placed by the writer. Numbers print in their shortest exact form, so equal input gives
// equal bytes; NaN and infinities become null. Bytes that are not UTF-8 are written as U+FFFD. Confined.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already JSON
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool v);
  JsonWriter& value(double v);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& value(T v) {
    if constexpr (std::is_signed_v<T>) return integer(static_cast<std::int64_t>(v));
    else return natural(static_cast<std::uint64_t>(v));
  }
  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

 private:
  JsonWriter& integer(std::int64_t v);
  JsonWriter& natural(std::uint64_t v);
  void separate();
  std::string& out_;
  bool comma_ = false;
};

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

// True when all of it is well-formed UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace hotline
