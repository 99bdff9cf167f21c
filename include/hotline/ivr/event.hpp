// What the host tells a session. Plain values; texts are borrowed for the time of the step.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"
#include "hotline/ivr/value.hpp"

namespace hotline::ivr {

// How a request ended. A node takes the exit of that name where it has one, else `error`.
enum class Outcome : std::uint8_t {
  ok,         // query, ticket, kb, notify, fax, callback, survey: done
  empty,      // query, ticket, kb: nothing of that kind exists
  error,      // the host could not do it
  timeout,    // the host gave up waiting (the engine has its own timers too)
  answered,   // queue, transfer: the conversation took place and is over; the caller is still there
  busy,       // transfer
  no_answer,  // transfer
  failed,     // transfer, fax, notify
  full,       // queue: no room
  closed,     // queue: nobody is signed in
};
std::string_view to_string(Outcome outcome);
Result<Outcome> parse_outcome(std::string_view name);

enum class RecordingEnd : std::uint8_t { key, silence, limit, hangup, error };
std::string_view to_string(RecordingEnd end);

enum class EventKind : std::uint8_t { played, key, timer, recorded, result, progress, hangup };
std::string_view to_string(EventKind kind);

// Events that answer an action carry its `id`; one for an action that is no longer current is ignored,
// so a host need not worry about crossing messages.
struct Event {
  EventKind kind = EventKind::timer;
  char key = 0;                       // 0-9 * # A-D
  std::uint32_t id = 0;               // of the action that is answered
  Outcome outcome = Outcome::ok;      // result
  RecordingEnd end = RecordingEnd::key;
  bool connected = false;             // progress: an agent or the called party has answered
  std::string_view file{};            // recorded: where the recording lies
  Duration length{};                  // recorded: how long it is
  std::span<const Field> fields{};    // result, progress: the answer's data (position, wait, state, text ...)

  // All prompts of play action `id` have been heard to their end.
  static Event played(std::uint32_t id) { return {.kind = EventKind::played, .id = id}; }
  // A telephone key.
  static Event digit(char key) { return {.kind = EventKind::key, .key = key}; }
  // Session::deadline() has come.
  static Event timer() { return {.kind = EventKind::timer}; }
  static Event recorded(std::uint32_t id, std::string_view file, Duration length, RecordingEnd end) {
    return {.kind = EventKind::recorded, .id = id, .end = end, .file = file, .length = length};
  }
  // A request (query, ticket, kb, queue, transfer ...) is over.
  static Event result(std::uint32_t id, Outcome outcome, std::span<const Field> fields = {}) {
    return {.kind = EventKind::result, .id = id, .outcome = outcome, .fields = fields};
  }
  // A queue or transfer has news: fields `position` and `wait` (seconds), if known.
  static Event progress(std::uint32_t id, std::span<const Field> fields = {}) {
    return {.kind = EventKind::progress, .id = id, .fields = fields};
  }
  // Somebody answered: the session stays silent until result(answered), or the caller hangs up.
  static Event answered(std::uint32_t id) { return {.kind = EventKind::progress, .id = id, .connected = true}; }
  // The caller has hung up. Where a recording was running, send recorded(..., RecordingEnd::hangup) too, before
  // or after: what was said is kept.
  static Event hangup() { return {.kind = EventKind::hangup}; }
};

}  // namespace hotline::ivr
