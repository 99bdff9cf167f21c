// Errors as values. See docs/conventions.md, "Errors".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hotline {

// The low byte is the class, the bytes above it the detail; the table is errors.def.
// The numbers are part of the ABI: C's hl_status has the same values.
enum class ErrorClass : std::uint8_t {
#define HOTLINE_ERROR_CLASS(name, number, python_class, python_builtin, text) name = number,
#include "hotline/base/errors.def"
};

enum class ErrorCode : std::int32_t {
  ok = 0,
#define HOTLINE_ERROR_CLASS(name, number, python_class, python_builtin, text) name = number,
#include "hotline/base/errors.def"
#define HOTLINE_ERROR(name, class_name, detail, text) \
  name = ((detail) << 8) | static_cast<std::int32_t>(ErrorClass::class_name),
#include "hotline/base/errors.def"
};

constexpr ErrorClass error_class(ErrorCode code) {
  return static_cast<ErrorClass>(static_cast<std::int32_t>(code) & 0xff);
}

// "invalid_definition"; "ok" for ok, "unknown" for a number that is not in the table.
std::string_view error_name(ErrorCode code);

// A place in a text that a person wrote. Lines and columns count from 1; 0 means unknown.
// Columns count Unicode code points.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool operator==(const Place&) const = default;
};

// "flows/main.yaml:12:7", "flows/main.yaml" or "" where nothing is known.
std::string to_string(const Place& place);

// What went wrong, where, and what to do. Cheap to copy. Immutable, any thread.
class [[nodiscard]] Error {
 public:
  // message names the thing that failed; remedy says what to do about it (may be empty).
  Error(ErrorCode code, std::string message, std::string remedy = {}, Place place = {});

  ErrorCode code() const { return code_; }
  const std::string& message() const { return detail_->message; }
  const std::string& remedy() const { return detail_->remedy; }
  const Place& place() const { return detail_->place; }

  // "place: message; remedy"
  std::string text() const;

  // The same error, told from one level further out: "context: message".
  Error within(std::string_view context) const;
  Error at(Place place) const;

 private:
  struct Detail {
    std::string message;
    std::string remedy;
    Place place;
  };
  ErrorCode code_;
  std::shared_ptr<const Detail> detail_;
};

}  // namespace hotline
