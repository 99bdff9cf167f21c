// What the router says. Small plain records; names and sentences are made from them where they are wanted.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "hotline/acd/ids.hpp"
#include "hotline/base/time.hpp"

namespace hotline::acd {

enum class EventType : std::uint8_t {
  // contacts; `value` in brackets
  queued,          // entered a queue and was not offered at once [priority]
  refused,         // did not enter: full, closed, nobody could ever take it [0]
  offered,         // the router proposes the contact to the agent [ring timeout, ns; 0: none]
  offer_ended,     // without being accepted; reason says how [0]
  accepted,        // the agent took it; talks now, or is being connected where the queue confirms [waited, ns]
  connected,       // media stands (queues that confirm) [waited, ns]
  ended,           // media ended for this agent; wrap-up begins [talked, ns]
  wrap_extended,   // [new length, ns]
  wrap_ended,      // the contact is finished [wrapped up, ns]
  released,        // finished without wrap-up, or by force [talked, ns]
  abandoned,       // the citizen left while waiting [waited, ns]
  overflowed,      // left the router by its queue's overflow chain [OverflowKind << 32 | index of the target]
  moved,           // to another queue, with its key [old queue's id]
  stepped,         // a later step of its requirement is open now [step, from 0]
  reprioritised,   // [new priority]
  withdrawn,       // taken out by a supervisor or the host [waited, ns]
  requeued,        // back in the queue at its key [0]
  became_callback, // the citizen hung up and keeps the place [the moment from which to call back, ns; 0: in turn]
  callback_due,    // dial the citizen now [attempts made before]
  callback_failed, // dialled in vain; the place stays until the attempts are used up [attempts]
  returned,        // a callback's citizen is on the line again [0]
  limited,         // entered one class lower than asked: the limit of the emergency class [the class asked for]
  interrupted,     // paused for a contact that may interrupt it [0]
  resumed,         // [paused, ns]
  transferred,     // from one agent to another in one step; the agent is the new one [old agent's id]
  // agents
  logged_in,       // [0]
  logged_out,      // [logged in, ns]
  ready,           // [0]
  not_ready,       // [reason's id]
  pending,         // will leave the ready state when the last contact ends [AgentState]
  missed,          // an offer rang out: the person's miss [misses in a row]
  lost,            // heartbeat gone [0]
  break_exceeded,  // the day's break balance is used up [overdrawn, ns]
  help_requested,  // [0]
  // supervisors; agent is the supervisor
  monitoring,      // [MonitorMode << 32 | watched agent's id]
  monitor_ended,   // [watched agent's id]
  commanded,       // a supervisor's command was carried out [SupervisorCommand << 32 | the agent's id, 0: none]
  // queues
  drained,         // a draining queue is empty [0]
  definition_changed,  // [version]
};

enum class SupervisorCommand : std::uint8_t {
  force_ready, force_not_ready, force_logout, pull, push, transfer, prioritise, move, withdraw, release, requeue,
  release_agent, drain, undrain,
};
std::string_view to_string(SupervisorCommand command);

enum class Reason : std::uint8_t {
  none,
  rejected, timed_out, busy, unreachable, connect_failed,          // how an offer ended: the agent's side
  answered_elsewhere, abandoned, withdrawn, agent_left, expired, restarted, taken_over, moved, released,  // the other side
  full, closed, nobody, unsatisfiable, draining,                   // why a contact was refused or overflowed
  max_wait, max_offers, last_step, left_empty,
  by_agent, by_supervisor, by_system, missed_too_often, lost,      // who changed an agent
  callback_failed, callback_window,                                // why a callback ended
};

struct Event {
  Time at{};
  ContactId contact;
  OfferId offer;
  std::uint64_t tag = 0;  // the host's own number for the contact (Enqueue::tag)
  std::int64_t value = 0;
  AgentId agent;
  QueueId queue;
  EventType type{};
  Reason reason{};
  std::uint16_t requirement = 0;  // RequirementId of what the contact brought along; 0: nothing
  NoteId note;  // of commanded, monitoring, monitor_ended, transferred: why, in the supervisor's words (Router::note_text)
};
static_assert(sizeof(Event) <= 56);

// Where a router puts its events: the host empties it between commands and may keep its capacity.
using Events = std::vector<Event>;

std::string_view to_string(EventType type);  // "offer_ended"
std::string_view to_string(Reason reason);   // "answered_elsewhere"

}  // namespace hotline::acd
