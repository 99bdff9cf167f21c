// What a session asks of its host. Everything is resolved: a host needs to know nothing of the flow.
// All views live until the engine's next step.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hotline/base/time.hpp"
#include "hotline/ivr/value.hpp"

namespace hotline::ivr {

// One piece of speech: a recorded file where there is one (`text` then says what it says, for logs and for
// hosts that lack the file), else a text to be synthesised with numbers, dates and amounts already written
// as they are spoken, else `silence`.
struct Part {
  std::string_view prompt;    // id of the prompt it comes from; "" for what was written into the node
  std::string_view language;  // BCP 47: "zh-CN", "yue-HK", "en-US"
  std::string_view text;
  std::string_view file;
  Duration silence{};
};

enum class ActionKind : std::uint8_t {
  play,          // speak `parts` one after the other; report Event::played(id). A new play replaces the old
  stop,          // stop speaking at once (the caller has pressed a key)
  record,        // record the caller; report Event::recorded(id, ...)
  stop_record,   // end recording `id` now; report it
  query,         // look up `target` with `arguments`; report Event::result(id, ...)
  ticket,        // `target`: create, lookup, supplement
  kb,            // `target`: search, read
  survey,        // store the answers (`arguments`) of poll `target`
  queue,         // put the caller into queue `target`; report answered, progress, result
  transfer,      // connect to `target`; argument `kind`: agent, extension, external
  callback,      // note that somebody shall call `target` back
  notify,        // send template `target`; arguments `channel` (sms, email, phone), `to`, and the template's
  fax_send,      // send document `target`; on this call, or to argument `to`
  fax_receive,   // receive a fax on this call; result fields `file`, `pages`
  cancel,        // request `id` is no longer wanted (leave the queue, give up the query)
  hangup,        // end the call; `target` is the cause: normal, error, limit, busy
};
std::string_view to_string(ActionKind kind);

struct Action {
  ActionKind kind = ActionKind::play;
  std::uint32_t id = 0;             // unique within the session; answers carry it
  std::string_view node;            // the node that asks
  std::string_view target;
  std::span<const Part> parts;      // play
  std::span<const Argument> arguments;
  bool barge_in = true;             // play: a key stops it (the engine says `stop`; for hosts that stop by themselves)
  bool repeat = false;              // play: over and over until stopped (music)
  bool beep = false;                // record: a tone first
  bool wait = true;                 // request: a result is expected; false: send and forget
  int rate_percent = 100;           // play: speed of speech; 80 for the easy profile
  int priority = 0;                 // queue: larger is more urgent
  Duration limit{};                 // record: longest; query: time-out; transfer: how long to ring
  Duration minimum{};               // record: shorter ones are not kept
  Duration silence{};               // record: this much silence ends it
  std::string_view keys;            // record: keys that end it ("#")
};

}  // namespace hotline::ivr
