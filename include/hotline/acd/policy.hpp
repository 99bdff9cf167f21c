// The rules of choice. Ties are never left open: longest idle, then the agent defined first; longest waiting, then
// the contact that came first.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hotline/acd/ids.hpp"
#include "hotline/base/time.hpp"

namespace hotline::acd {

// Contact -> agent: among the eligible agents of the lowest tier (and of the earliest step), the next one is ...
enum class AgentOrder : std::uint8_t {
  longest_idle,            // LISF, LIA: idle since the earliest time
  shortest_idle,           // MISF: idle since the latest time
  fewest_contacts,         // answered fewest (since sign-on, or in a window that fades)
  least_talk,              // has talked least (the same)
  least_occupied,          // smallest share of busy time in a window that fades; breaks neither help nor harm
  least_occupied_signon,   // smallest busy / (busy + idle) since sign-on: exact, looks at each idle candidate
  round_robin,             // the next in the author's order after the last one chosen for the queue
  linear,                  // the first in the author's order ("top down")
  random,                  // each alike
  weighted_random,         // in proportion to the agents' weights
  best_match,              // largest sum of level x weight over the skills that the requirement names, then longest idle
  fewest_skills,           // specialists first ("least skilled sufficient"), then longest idle
  fastest,                 // smallest expected handling time, then longest idle
  weighted_idle,           // RANKED: largest idle time x weight of (team, queue)
  team_ratio,              // QUEUE-RATIO: smallest (busy + 1) / (logged in x weight) of the team, then longest idle
  weights,                 // WR: largest weight of the pair (TeamDef::weights)
  custom,                  // the host's function
};

// Agent -> contact: among the contacts at the head of each queue that this agent may take, the next one is ...
enum class ContactOrder : std::uint8_t {
  first_come,      // FCFS-ALL by the static key (class, time of arrival less boosts, number)
  listed,          // PRIORITY: by the team's list of queues, first come inside
  weighted_wait,   // largest queue weight x wait
  longest_queue,   // LQF: of the queue with most waiting (ties: listed, then first come)
  queue_ratio,     // FQR: of the queue with the largest length - share x all waiting
  urgency,         // largest wait / target of the queue
  gcmu,            // largest weight x wait x service rate (G-c-mu with quadratic costs)
  aging,           // the class rises by one level each `aging` of waiting; then first come
  weights,         // WR: largest constant + a x wait + b x agent's idle time of the pair; see TeamDef::weights
  custom,          // the host's function
};

// The static key of a contact inside its class.
enum class KeyRule : std::uint8_t {
  arrival,   // first in, first out
  boost,     // arrival - priority x boost: one point is worth `boost` of waiting
  deadline,  // arrival + service-level target (earliest deadline first)
};

std::string_view to_string(AgentOrder order);
std::string_view to_string(ContactOrder order);
std::string_view to_string(KeyRule rule);

// What a custom policy sees of a candidate.
struct AgentCandidate {
  AgentId agent;
  TeamId team;
  std::int32_t tier = 0;
  Time idle_since{};
  std::uint64_t answered = 0;
  Duration busy{};  // since sign-on
};
struct ContactCandidate {
  ContactId contact;
  QueueId queue;
  std::uint64_t tag = 0;
  std::int32_t priority = 0;
  Time since{};
  std::uint32_t queue_length = 0;
};

// Returns the index of the chosen one, or a negative number for "none now" (the router asks again at the next
// trigger). Candidates stand in the default order (longest idle; first come). Must be a pure function of what it is
// given for replays to repeat; must not call the router.
struct AgentChooser {
  std::int64_t (*choose)(void* context, ContactCandidate contact, std::span<const AgentCandidate> agents, Time now) = nullptr;
  void* context = nullptr;
};
struct ContactChooser {
  std::int64_t (*choose)(void* context, AgentCandidate agent, std::span<const ContactCandidate> contacts, Time now) = nullptr;
  void* context = nullptr;
};

}  // namespace hotline::acd
