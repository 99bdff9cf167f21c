// A session under the caller's clock as C sees it: its events come one by one, the texts of the last one stay.
#pragma once

#include <cstdint>
#include <deque>

#include "guard.hpp"
#include "hotline/base/scenario.hpp"

namespace hotline::capi {

template <class S>
struct SessionHandle {
  S session;
  std::deque<SessionEvent> events = {};
  SessionEvent current = {};
};

template <class S>
hl_status apply(SessionHandle<S>* handle, std::int64_t at, const char* verb, const char* fields, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(handle, "session"));
    return handle->session.apply(Duration{at}, verb != nullptr ? verb : "", fields != nullptr ? fields : "");
  });
}

template <class S>
hl_status advance(SessionHandle<S>* handle, std::int64_t at, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(handle, "session"));
    handle->session.advance(Duration{at});
    return {};
  });
}

// 0: no more events.
template <class S>
int next(SessionHandle<S>* handle, std::int64_t* at, const char** verb, const char** fields) {
  if (handle == nullptr) return 0;
  try {
    for (auto& e : handle->session.take_events()) handle->events.push_back(std::move(e));
  } catch (...) {
    return 0;
  }
  if (handle->events.empty()) return 0;
  handle->current = std::move(handle->events.front());
  handle->events.pop_front();
  if (at != nullptr) *at = handle->current.at.count();
  if (verb != nullptr) *verb = handle->current.verb.c_str();
  if (fields != nullptr) *fields = handle->current.fields.c_str();
  return 1;
}

}  // namespace hotline::capi
