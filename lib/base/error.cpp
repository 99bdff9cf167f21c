#include "hotline/base/error.hpp"

namespace hotline {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return "ok";
#define HOTLINE_ERROR_CLASS(name, number, python_class, python_builtin, text) \
  case ErrorCode::name: return #name;
#include "hotline/base/errors.def"
#define HOTLINE_ERROR(name, class_name, detail, text) \
  case ErrorCode::name: return #name;
#include "hotline/base/errors.def"
  }
  return "unknown";
}

std::string to_string(const Place& place) {
  std::string text = place.file;
  if (place.line == 0) return text;
  text += (text.empty() ? "line " : ":") + std::to_string(place.line);
  if (place.column != 0) text += ':' + std::to_string(place.column);
  return text;
}

Error::Error(ErrorCode code, std::string message, std::string remedy, Place place)
    : code_(code),
      detail_(std::make_shared<const Detail>(Detail{std::move(message), std::move(remedy), std::move(place)})) {}

std::string Error::text() const {
  std::string text = to_string(place());
  if (!text.empty()) text += ": ";
  text += message();
  if (!remedy().empty()) text += "; " + remedy();
  return text;
}

Error Error::within(std::string_view context) const {
  return Error(code_, std::string(context) + ": " + message(), remedy(), place());
}

Error Error::at(Place place) const { return Error(code_, message(), remedy(), std::move(place)); }

}  // namespace hotline
