// Scenario files: stimuli and the events that must follow, with times, in plain text. The same file
// runs through C++, C and Python.
//
//   # Two agents, one caller: the longest idle is offered.
//   given acd/two_agents.yaml            (a definition, relative to the scenario's folder)
//   @0s     agent.ready {agent: a1}
//   @1s     contact.enqueue {contact: c1, queue: general}
//   @1s  => offer {contact: c1, agent: a1}
//   @1s  => nothing                      (no further event up to here)
//
// '@' is the time since the scenario's start; steps stand in order of time. A step is a stimulus;
// after "=>" it is an event that must come at that time, in this order, with at least these fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline {

struct ScenarioStep {
  Duration at{};
  bool expected = false;  // an event to come, not a stimulus
  std::string verb;       // "contact.enqueue", "offer", "nothing"
  Node fields;            // a mapping, perhaps empty
  std::uint32_t line = 0;
};

struct Scenario {
  std::string name;                // the first comment line
  std::vector<std::string> given;  // definitions, in order
  std::vector<ScenarioStep> steps;
};

// What a session under the caller's clock (sim, workflow) has told, as scenarios expect it.
struct SessionEvent {
  Duration at{};       // since the session's start
  std::string verb;
  std::string fields;  // a JSON object
};

// Errors: invalid_document with place.
Result<Scenario> parse_scenario(std::string_view text, std::string_view file);
// The same from a file. Errors: io, and as above.
Result<Scenario> load_scenario(const std::string& path);

// True when `event` (a mapping) has every field of `expected` with an equal value. Scalars compare by
// text, sequences item by item, mappings as subsets.
bool matches(const Node& expected, const Node& event);

}  // namespace hotline
