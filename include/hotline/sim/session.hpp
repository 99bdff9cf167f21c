// One replication under a clock that the caller moves: what scenario files drive through C++, C and Python.
//
// Command: push {queue, team}    the queue's longest waiting contact to the team's longest idle agent (for queues and teams
//                                whose rule is `custom`, where nobody else matches)
// Events, each at its time: answered {stream, agent, waited, handling} · abandoned, blocked, overflowed, ivr_finished,
// ivr_left {stream, waited}
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/scenario.hpp"
#include "hotline/sim/experiment.hpp"

namespace hotline::sim {

// Confined.
class Session {
 public:
  // Throws Exception (invalid_argument) where there is no such variant.
  explicit Session(Experiment experiment, std::size_t variant = 0, std::uint32_t replication = 0);
  ~Session();
  Session(Session&&) noexcept;

  // Lets everything happen up to and at `at` after the start.
  void advance(Duration at);
  // advance(at), then the command. Errors: not_found (verb, queue, team), wrong_state (nobody waits, nobody is idle).
  Status apply(Duration at, std::string_view verb, const Node& fields);
  Status apply(Duration at, std::string_view verb, std::string_view json);

  // What has happened since the last call.
  std::vector<SessionEvent> take_events();
  Report report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::sim
