// What every box's bindings share.
#pragma once

#include <pybind11/chrono.h>
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace py = pybind11;

namespace hotline::python {

// Raises the Python exception of an error's class (errors.def), with code, message, remedy, file, line, column.
[[noreturn]] void raise(const Error& error);

template <class T>
T unwrap(Result<T> result) {
  if (!result.ok()) raise(result.error());
  return *std::move(result);
}
inline void unwrap(const Status& status) {
  if (!status.ok()) raise(status.error());
}

// In Python, times are float seconds since the epoch or datetime at the edges of the API (hotline.time
// helps), and integer nanoseconds inside: exact, and the same everywhere.
inline Time to_time(std::int64_t ns) { return time_from_ns(ns); }

}  // namespace hotline::python
