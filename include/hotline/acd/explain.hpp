// Why (not) now: for a contact and an agent, as data and as a sentence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/acd/ids.hpp"
#include "hotline/base/json.hpp"

namespace hotline::acd {

enum class Why : std::uint8_t {
  offered,            // it is offered to the agent at this moment
  serving,            // the agent has it
  first_choice,       // would be offered now (only while a policy of the host holds back)
  not_logged_in, not_ready, pending, delayed, has_offer, no_capacity,   // the agent's side
  not_member, requirement, later_step, sticky_elsewhere, excluded, reserved,  // the two do not fit, or not yet
  others_first,       // other contacts of this agent's come first
  throttled,          // the queue's pace or its number of ringing offers
  policy,             // a host's policy, or a weight below zero
  calling_back,       // the citizen is being dialled, or the time agreed for it has not come
  not_waiting,        // the contact does not wait
  unknown,            // no such contact or agent
};
std::string_view to_string(Why why);

struct Explanation {
  Why why = Why::unknown;
  std::uint32_t before = 0;  // of others_first: how many of this agent's contacts stand before it
  std::string sentence;
};

// For a contact over all agents: how many for each cause.
struct ContactExplanation {
  std::uint32_t position = 0;  // 0: does not wait
  std::vector<std::pair<Why, std::uint32_t>> agents;  // most first
  std::string sentence;
  void write(JsonWriter& json) const;
};

}  // namespace hotline::acd
