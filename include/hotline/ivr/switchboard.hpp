// Many calls over one engine, driven by text: verbs and JSON in, events as JSON lines out. What scenario files,
// the C ABI, Python's Switchboard.apply and journals speak.
//
//   call.start   {call, caller, dialled, language, profile, seed, variables}
//   call.key     {call, key}            call.played {call, id}        call.timer {call}
//   call.recorded {call, id, file, length, end}
//   call.result  {call, id, outcome, fields}      call.progress {call, id, connected, fields}
//   call.hangup  {call}                 call.resume {call}            call.restore {call, session}
//   notice.lay   {id, node, text, texts, go_to, exit, from, until}    notice.lift {id}
//
// Left out, `id` means the newest play, recording or request of the call. Events are the actions' kinds:
//   play {call, id, node, text, parts, barge_in}, record, query, ticket, queue, ... hangup, and ended {call, ending}
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/journal.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/statistics.hpp"

namespace hotline::ivr {

// Confined.
class Switchboard {
 public:
  explicit Switchboard(Flow flow);
  ~Switchboard();
  Switchboard(Switchboard&&) noexcept;

  // Does one command at `now`; deadlines that lie before are struck first, in order. Returns the events, a JSON object a line.
  // Errors: not_found (call, verb), already_exists (call), invalid_argument (fields), corrupt (call.restore).
  Result<std::string> apply(std::string_view verb, const Node& fields, Time now);
  Result<std::string> apply(std::string_view verb, std::string_view fields_json, Time now);
  // Lets every deadline up to `now` strike.
  std::string advance(Time now);
  Time next_deadline() const;  // Time::max() for none
  std::size_t calls() const;
  const Session* find(std::string_view call) const;
  Engine& engine();

  // New calls run `next`; running ones stay on theirs, or move at safe points with a migration. call.restore finds a
  // session's version among all that were published here.
  void publish(Flow next, Time now);
  void publish(Flow next, Migration migration, Time now);
  // From now on everything is also written as lines of a journal (call_journal.hpp). It must outlive the switchboard.
  void journal(Journal* journal);
  // Of all calls so far, by version.
  const StatisticsByVersion& statistics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::ivr
