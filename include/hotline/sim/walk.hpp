// Callers in a real flow: what they press, how long they think, what the host answers. The flow itself is run by
// ivr::Engine, the same code that answers the telephone; what it says takes as long as it would be spoken.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hotline/acd/definition.hpp"
#include "hotline/ivr/rehearsal.hpp"
#include "hotline/wfm/distribution.hpp"

namespace hotline::sim {

// What somebody does when the flow listens: keys one after the other ("20260001#"), "" for nothing, "hang_up".
struct KeyChoice {
  std::string keys;
  double weight = 1;
};
// Callers who know beforehand what they will press, time after time.
struct Script {
  double share = 0;                // of all callers
  std::vector<std::string> keys;   // as KeyChoice::keys; after the last one they choose by node
};
// What the host answers to a request of the flow (query, ticket, kb, transfer, ...), by its target; "*": any.
struct HostAnswer {
  std::string target;
  double weight = 1;               // among those of the same target
  ivr::Answer answer;
};

// Immutable once the simulation runs.
struct Walk {
  explicit Walk(ivr::Flow f) : flow(std::move(f)) {}

  ivr::Flow flow;
  std::vector<Script> scripts;
  std::vector<std::pair<std::string, std::vector<KeyChoice>>> keys;  // by node; "*": any other
  wfm::Distribution think = *wfm::Distribution::exponential(2);      // from the end of the prompt to the first key
  double knows = 0;                                                  // share who count from its beginning instead
  wfm::Distribution message = *wfm::Distribution::exponential(20);   // spoken after a tone
  std::vector<std::pair<std::string, acd::QueueId>> queues;          // the flow's name -> queue; absent: of the same name, else the stream's
  std::vector<HostAnswer> answers;                                   // absent: ivr::default_answer
  std::string dialled, language;
};

}  // namespace hotline::sim
