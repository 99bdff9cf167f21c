// One instance under a clock that the caller moves: what simulations, scenarios, `hotline workflow simulate` and the
// tests of all three faces drive. Commands and events are texts.
//
// Commands (fields in parentheses are optional):
//   start     {(at), (fields)}                                  `at` is the wall time of the session's start
//   send      {event, (node), (fields), (actor), (roles), (unit), (facts)}
//   calendars {files}                                            published anew: due times are computed again
// Events, each with `at`:
//   entered {node, region, name} refused {refusal, reason} overdue {name} due_changed {name, at_due} notify {name,
//   with} emit {name, with} spawned {name, to, with} joined {node} fired {name, late}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/scenario.hpp"
#include "hotline/workflow/kernel.hpp"

namespace hotline::workflow {

// Confined.
class Session {
 public:
  // calendars by Definition::calendars(); those left out are around the clock.
  explicit Session(Definition definition, std::vector<Calendar> calendars = {});

  // Moves time on to `at` after the session's start, firing the timers on the way, each at its own time.
  void advance(Duration at);
  // advance(at), then the command. A refusal by the workflow is an event, not an error.
  // Errors: invalid_argument (verb, name, type).
  Status apply(Duration at, std::string_view verb, const Node& fields);
  Status apply(Duration at, std::string_view verb, std::string_view json);

  // What has happened since the last call.
  std::vector<SessionEvent> take_events();

  const Definition& definition() const { return definition_; }
  const Instance& instance() const { return now_.next; }
  Time now() const { return time_; }
  // When the next timer fires; Due::never.
  Time next_timer() const;

 private:
  struct Next {
    NodeId node = 0;
    std::uint32_t timer = kNone;
    Time at = Due::never;
  };
  Next next() const;
  void tell(const Decision& decision);
  void happened(std::string_view verb, std::string fields) {
    events_.push_back({time_ - origin_, std::string(verb), std::move(fields)});
  }

  Definition definition_;
  std::vector<Calendar> calendars_;
  Time origin_{};
  Time time_{};
  bool started_ = false;
  Decision now_, next_;
  std::vector<SessionEvent> events_;
};

}  // namespace hotline::workflow
