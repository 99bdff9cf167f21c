#include <array>

#include "hotline/acd/router.hpp"

namespace hotline::acd {
namespace {

template <class Enum, std::size_t N>
std::string_view name_of(Enum value, const std::array<std::string_view, N>& names) {
  const auto i = static_cast<std::size_t>(value);
  return i < N ? names[i] : std::string_view("unknown");
}

constexpr auto kEvents = std::to_array<std::string_view>(
    {"queued", "refused", "offered", "offer_ended", "accepted", "connected", "ended", "wrap_extended", "wrap_ended",
     "released", "abandoned", "overflowed", "moved", "stepped", "reprioritised", "withdrawn", "requeued",
     "became_callback", "callback_due", "callback_failed", "returned", "limited", "interrupted", "resumed", "transferred", "logged_in", "logged_out", "ready",
     "not_ready", "pending", "missed", "lost", "break_exceeded", "help_requested", "monitoring", "monitor_ended",
     "commanded", "drained", "definition_changed"});
static_assert(kEvents.size() == static_cast<std::size_t>(EventType::definition_changed) + 1);
constexpr auto kReasons = std::to_array<std::string_view>(
    {"none", "rejected", "timed_out", "busy", "unreachable", "connect_failed", "answered_elsewhere", "abandoned",
     "withdrawn", "agent_left", "expired", "restarted", "taken_over", "moved", "released", "full", "closed", "nobody",
     "unsatisfiable", "draining", "max_wait", "max_offers", "last_step", "left_empty", "by_agent", "by_supervisor",
     "by_system", "missed_too_often", "lost", "callback_failed", "callback_window"});
static_assert(kReasons.size() == static_cast<std::size_t>(Reason::callback_window) + 1);
constexpr auto kCommands = std::to_array<std::string_view>(
    {"force_ready", "force_not_ready", "force_logout", "pull", "push", "transfer", "prioritise", "move", "withdraw", "release",
     "requeue", "release_agent", "drain", "undrain"});
static_assert(kCommands.size() == static_cast<std::size_t>(SupervisorCommand::undrain) + 1);
constexpr auto kAgentOrders = std::to_array<std::string_view>(
    {"longest_idle", "shortest_idle", "fewest_contacts", "least_talk", "least_occupied", "least_occupied_signon",
     "round_robin", "linear", "random", "weighted_random", "best_match", "fewest_skills", "fastest", "weighted_idle",
     "team_ratio", "weights", "custom"});
static_assert(kAgentOrders.size() == static_cast<std::size_t>(AgentOrder::custom) + 1);
constexpr auto kContactOrders = std::to_array<std::string_view>(
    {"first_come", "listed", "weighted_wait", "longest_queue", "queue_ratio", "urgency", "gcmu", "aging", "weights", "custom"});
static_assert(kContactOrders.size() == static_cast<std::size_t>(ContactOrder::custom) + 1);
constexpr auto kKeyRules = std::to_array<std::string_view>({"arrival", "boost", "deadline"});
constexpr auto kAgentStates = std::to_array<std::string_view>({"logged_out", "not_ready", "ready", "offered", "busy", "wrap"});
constexpr auto kContactStates =
    std::to_array<std::string_view>({"none", "waiting", "offered", "connecting", "talking", "paused", "wrap", "held"});
constexpr auto kMonitorModes = std::to_array<std::string_view>({"listen", "whisper", "barge"});
constexpr auto kOutcomes = std::to_array<std::string_view>(
    {"done", "unknown", "wrong_state", "lost_race", "expired", "no_capacity", "denied", "limit", "reused"});

}  // namespace

std::string_view to_string(EventType type) { return name_of(type, kEvents); }
std::string_view to_string(Reason reason) { return name_of(reason, kReasons); }
std::string_view to_string(SupervisorCommand command) { return name_of(command, kCommands); }
std::string_view to_string(AgentOrder order) { return name_of(order, kAgentOrders); }
std::string_view to_string(ContactOrder order) { return name_of(order, kContactOrders); }
std::string_view to_string(KeyRule rule) { return name_of(rule, kKeyRules); }
std::string_view to_string(AgentState state) { return name_of(state, kAgentStates); }
std::string_view to_string(ContactState state) { return name_of(state, kContactStates); }
std::string_view to_string(MonitorMode mode) { return name_of(mode, kMonitorModes); }
std::string_view to_string(Outcome outcome) { return name_of(outcome, kOutcomes); }

Status to_status(Outcome outcome, std::string_view what) {
  const std::string thing(what);
  switch (outcome) {
    case Outcome::done: return {};
    case Outcome::unknown: return Error(ErrorCode::not_found, thing + " does not exist (any more)", "look at the last events");
    case Outcome::wrong_state: return Error(ErrorCode::wrong_state, thing + " is in a state that refuses this", "ask for its state first");
    case Outcome::lost_race: return Error(ErrorCode::lost_race, thing + ": another agent was first", "wait for the next offer");
    case Outcome::expired: return Error(ErrorCode::closed, thing + " has ended", "wait for the next offer");
    case Outcome::no_capacity: return Error(ErrorCode::busy, thing + ": the agent has no room", "wait until something ends, or force it");
    case Outcome::denied: return Error(ErrorCode::denied, thing + ": a rule forbids it", "see the rules of the definition");
    case Outcome::reused: return Error(ErrorCode::command_reused, thing + ": the command's id was used with other fields", "give every command its own id");
    case Outcome::limit: return Error(ErrorCode::limit, thing + ": a bound was reached", "see the limits of the queue");
  }
  return Error(ErrorCode::internal, thing, "please report it");
}

}  // namespace hotline::acd
