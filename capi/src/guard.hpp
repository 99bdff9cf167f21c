// The one barrier between C++ and C: no exception leaves, every failure becomes a status and an hl_error.
#pragma once

#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "hotline/base.h"
#include "hotline/base/result.hpp"

struct hl_error {
  hotline::Error error;
  std::string text;
};

struct hl_text {
  std::string text;
};

namespace hotline::capi {

inline hl_status report(const Error& problem, hl_error** error) {
  if (error != nullptr) *error = new (std::nothrow) hl_error{problem, problem.text()};
  return static_cast<hl_status>(problem.code());
}

// Runs `body`, which returns Status, and turns what it returns or throws into a status.
template <class Body>
hl_status guard(hl_error** error, Body&& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    const Status status = body();
    return status.ok() ? HL_OK : report(status.error(), error);
  } catch (const Exception& problem) {
    return report(problem.error(), error);
  } catch (const std::bad_alloc&) {
    return static_cast<hl_status>(ErrorCode::limit);
  } catch (const std::exception& problem) {
    return report(Error(ErrorCode::internal, problem.what(), "please report it"), error);
  } catch (...) {
    return report(Error(ErrorCode::internal, "an unknown exception", "please report it"), error);
  }
}

inline Status require(const void* argument, const char* name) {
  if (argument != nullptr) return {};
  return Error(ErrorCode::invalid_argument, std::string(name) + " is NULL", "pass a valid pointer");
}

// For getters that cannot fail: an object or a fallback for NULL.
inline const char* or_empty(const std::string* text) { return text != nullptr ? text->c_str() : ""; }

}  // namespace hotline::capi
