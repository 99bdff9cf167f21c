// Proof by trying everything: every key, silence, answer and hang-up in every state that a call can be in.
#pragma once

#include <string>
#include <vector>

#include "hotline/ivr/callers.hpp"
#include "hotline/ivr/flow.hpp"
#include "hotline/base/time.hpp"

namespace hotline::ivr {

struct ExploreLimits {
  std::size_t states = 200'000;
};

struct ExploreProblem {
  std::string what;   // "stuck": no agent, saved message or goodbye can be reached; "error": the call breaks; "hangup": who
                      // hangs up there leaves a call that does not end
  std::string node;
  std::string keys;   // the shortest way there, as a caller would do it: "2 2 (silence) 1"
  std::string trail;  // the nodes on the way
};

struct Explored {
  std::size_t states = 0, transitions = 0;
  bool complete = true;              // false: the limit of states was reached
  std::size_t worst_steps = 0;       // most moves that the shortest way to an agent, a saved message or a goodbye takes
  std::string worst_node;            // where that way begins
  std::size_t silent_steps = 0;      // moves until a caller who never presses a key reaches one of these
  Duration silent_time{};            // and the time, speech included
  bool silent_ends = false;
  std::vector<ExploreProblem> problems;
  std::vector<std::string> visited;  // nodes
  std::vector<std::string> exits;    // "node/exit" taken
  Coverage coverage;                 // what of the flow was reached

  bool ok() const { return complete && problems.empty() && silent_ends; }
  std::string to_text() const;
  std::string to_json() const;
};

// Variables count where branches and loops read them; answers of the host take each exit, and each text that a
// branch compares with.
Explored explore(const Flow& flow, const ExploreLimits& limits = {});

}  // namespace hotline::ivr
