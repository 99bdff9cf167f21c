// The router: contacts and agents go in, offers come out. It reads no clock, starts no thread and does no I/O.
//
//   acd::Events events;
//   acd::Router router(definition, events);
//   router.login(agent, now); router.ready(agent, now);
//   auto contact = router.enqueue({.queue = general}, now);
//   // events: offered(contact, agent, offer)
//   router.accept(offer, now); ... router.ended(contact, now); router.wrap_up_done(contact, now);
//   // and between commands, not later than next_deadline():
//   router.advance(now);
//
// Only two things make it look for a match: a contact becomes matchable, an agent gains capacity (a timer may be the
// cause of either). The work of a trigger depends on the groups and lanes that are eligible, not on how many wait:
// agents of equal profile are one group, contacts of equal needs one lane, both kept in order as they change.
//
// Time never runs backwards: a command with an earlier `now` is taken at the latest time seen. Timers that are due at
// or before `now` fire before the command. Confined.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/acd/definition.hpp"
#include "hotline/acd/event.hpp"
#include "hotline/acd/explain.hpp"
#include "hotline/acd/ids.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"
#include "hotline/base/result.hpp"

namespace hotline::acd {

// How a command ended. A refusal is a value: nothing changed, and nothing was emitted.
enum class Outcome : std::uint8_t {
  done,
  unknown,      // no such contact, agent, queue or offer (any more)
  wrong_state,  // not in a state that allows it
  lost_race,    // another agent's accept came first
  expired,      // the offer timed out or was revoked
  no_capacity,  // the agent has no room for it
  denied,       // a rule forbids it (break balance, host capability)
  limit,        // a bound was reached
  reused,       // a command's id was used before with another body
};
std::string_view to_string(Outcome outcome);
// done is ok; others name the thing in `what`.
Status to_status(Outcome outcome, std::string_view what);

enum class AgentState : std::uint8_t { logged_out, not_ready, ready, offered, busy, wrap };
// held: a callback that is not due yet, or whose citizen is being dialled; it has its key and stands in no line.
enum class ContactState : std::uint8_t { none, waiting, offered, connecting, talking, paused, wrap, held };
enum class HowRejected : std::uint8_t { rejected, busy, unreachable, no_answer };
enum class LogoutMode : std::uint8_t { when_free, hard };
enum class MonitorMode : std::uint8_t { listen, whisper, barge };
enum class TakeOverMode : std::uint8_t { within_capacity, forced };
std::string_view to_string(AgentState state);
std::string_view to_string(ContactState state);
std::string_view to_string(MonitorMode mode);

inline constexpr Duration kDefaultDuration{-1};  // the queue's

// Who commanded it and why, for the audit: done commands emit `commanded`. by 0: nobody is named, nothing is said.
struct Audit {
  AgentId by;
  NoteId note;
};

// When a citizen wants to be called back. Times that are not set (epoch) bind nothing.
struct CallbackTimes {
  Time from{};   // not before
  Time until{};  // not after: then it ends by the overflow chain, with Reason::callback_window
  Time due{};    // citizen_first: dial at the latest now, such as at the wait that was announced
};

struct Enqueue {
  QueueId queue;
  std::uint64_t tag = 0;             // the host's number, repeated in every event
  std::int32_t priority = 0;         // points (KeyRule::boost)
  std::int32_t strict_class = std::numeric_limits<std::int32_t>::min();  // the queue's
  RequirementId requires_{};         // beside the queue's steps
  ChannelId channel{};               // 0: the queue's
  SiteId site{};                     // the citizen's, for requirements that say contact.site
  Time since{};                      // counts as waiting since; epoch: now. Never later than now
  Duration max_wait = kDefaultDuration;
  AgentId prefer{};                  // a sticky agent ...
  Duration prefer_wait{};            // ... exclusively for so long
  bool prefer_must_be_ready = false; // ... and only if ready now
  bool callback = false;             // the citizen is not on the line: keeps a place all the same
  Duration wrap_time = kDefaultDuration;
};

struct ContactView {
  ContactId id;
  QueueId queue;
  std::uint64_t tag = 0;
  ContactState state{};
  ChannelId channel;
  AgentId agent;  // while talking or in wrap-up
  std::int32_t priority = 0;
  std::int32_t strict_class = 0;
  std::uint32_t step = 0;
  std::uint32_t offers = 0;
  bool callback = false;
  Time since{};
  Time answered{};
};
// Where a waiting contact stands: 1 = next. Zeros: nowhere yet.
struct Standing {
  std::uint32_t position = 0;  // among all who compete for an agent who may also take this one, whatever their queue
  std::uint32_t in_queue = 0;
  std::uint32_t in_line = 0;   // among those of the queue who brought the same requirement along
  RequirementId requirement;
};
struct AgentView {
  AgentId id;
  AgentState state{};
  AgentState pending{};  // other than `state`: where it goes when the last contact ends
  ReasonId reason;
  std::uint32_t units_used = 0;
  std::uint32_t contacts = 0;
  std::uint32_t misses = 0;
  Time idle_since{};
  std::uint64_t answered = 0;
  Duration busy{}, logged_in{}, talk{}, on_break{}, break_today{};  // since sign-on
};
struct QueueView {
  QueueId id;
  std::uint32_t waiting = 0;  // callbacks included
  std::uint32_t ringing = 0;
  std::uint32_t callbacks = 0;
  std::optional<Time> longest_since;
  bool open = true;
  bool draining = false;
};

class Engine;

class Router {
 public:
  // `events` must outlive the router; it is only appended to. The definition must be valid (Definition::validate).
  // Errors of create: invalid_definition.
  static Result<Router> create(Definition definition, Events& events);
  Router(Definition definition, Events& events);  // throws Exception
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // Fires what is due at or before now.
  void advance(Time now);
  // When advance must be called next; empty: nothing is pending.
  std::optional<Time> next_deadline() const;

  // --- contacts -------------------------------------------------------------------------------------------
  // Errors: not_found (queue), invalid_argument; closed, limit, or unavailable where the queue does not take it (a
  // `refused` event says why, unless its overflow took it). A requirement that no defined agent can meet is refused
  // with invalid_expression and Reason::unsatisfiable.
  Result<ContactId> enqueue(const Enqueue& request, Time now);
  // The same requirement gives the same id. Errors: invalid_expression (text), limit.
  Result<RequirementId> require(const Requirement& requirement);
  Result<RequirementId> require(std::string_view expression);
  Outcome abandon(ContactId contact, Time now);   // the citizen hung up, in whatever state
  Outcome accept(OfferId offer, Time now);
  Outcome reject(OfferId offer, Time now, HowRejected how = HowRejected::rejected);
  Outcome connected(ContactId contact, Time now);       // queues that confirm
  Outcome connect_failed(ContactId contact, Time now);  // the contact goes back to its place
  Outcome ended(ContactId contact, Time now);           // media ended for the agent: wrap-up begins
  Outcome wrap_up_done(ContactId contact, Time now);
  Outcome extend_wrap_up(ContactId contact, Duration by, Time now);
  Outcome requeue(ContactId contact, QueueId queue, Time now, Audit audit = {});  // back to waiting with its key; queue 0: its own
  Outcome to_callback(ContactId contact, Time now, CallbackTimes times = {});  // waiting: hangs up and keeps the place
  Outcome returned(ContactId contact, Time now);        // a callback's citizen is on the line
  Outcome callback_failed(ContactId contact, Time now); // nobody answered: again after QueueDef::callback.retry
  Outcome prioritise(ContactId contact, std::int32_t priority, Time now, Audit audit = {});
  Outcome move(ContactId contact, QueueId queue, Time now, Audit audit = {});  // waiting: to another queue, key kept
  Outcome withdraw(ContactId contact, Time now, Audit audit = {});
  Outcome release(ContactId contact, Time now, Audit audit = {});  // always succeeds for a known contact: gone, agent freed

  // --- agents ---------------------------------------------------------------------------------------------
  Outcome login(AgentId agent, Time now);
  Outcome logout(AgentId agent, Time now, LogoutMode mode = LogoutMode::when_free);
  Outcome ready(AgentId agent, Time now);
  Outcome not_ready(AgentId agent, Time now, ReasonId reason = {});  // deferred while busy
  Outcome lost(AgentId agent, Time now);                // heartbeat gone: not ready, offers revoked
  Outcome release_agent(AgentId agent, Time now, Audit audit = {});  // always succeeds: everything taken from the agent
  Outcome pull(AgentId agent, ContactId contact, Time now, Audit audit = {});  // the agent takes a waiting contact
  Outcome push(ContactId contact, AgentId agent, Time now, Audit audit = {});  // offered to this agent whatever the order
  Outcome transfer(ContactId contact, AgentId to, Time now, TakeOverMode mode = TakeOverMode::within_capacity, Audit audit = {});
  Outcome request_help(AgentId agent, Time now);

  // --- supervisors (an agent of the definition acts; who, when and why stand in the event) -------------------
  // A text for Event::note; the same text gives the same id. The last 65,536 texts are kept.
  NoteId note(std::string_view text);
  std::string_view note_text(NoteId note) const;  // "" where there is none (any more)
  Outcome force_ready(AgentId agent, AgentId by, Time now, NoteId note = {});
  Outcome force_not_ready(AgentId agent, AgentId by, Time now, ReasonId reason = {}, NoteId note = {});
  Outcome force_logout(AgentId agent, AgentId by, Time now, LogoutMode mode, NoteId note = {});
  Outcome monitor(AgentId agent, AgentId by, MonitorMode mode, Time now, NoteId note = {});  // follows to the next contact
  Outcome stop_monitor(AgentId agent, AgentId by, Time now, NoteId note = {});
  Outcome take_over(ContactId contact, AgentId by, Time now, TakeOverMode mode = TakeOverMode::within_capacity, NoteId note = {});
  Outcome drain(QueueId queue, Time now, Audit audit = {});    // no new contacts; those that wait are served
  Outcome undrain(QueueId queue, Time now, Audit audit = {});

  // --- policies of the host -------------------------------------------------------------------------------
  void set_agent_chooser(QueueId queue, AgentChooser chooser);      // AgentOrder::custom of that queue
  void set_contact_chooser(TeamId team, ContactChooser chooser);    // ContactOrder::custom; team 0: without a team

  // --- looking --------------------------------------------------------------------------------------------
  std::optional<ContactView> contact(ContactId id) const;
  std::optional<AgentView> agent(AgentId id) const;
  std::optional<QueueView> queue(QueueId id) const;
  // 1 = next. Counts waiting contacts, callbacks included, that compete for an agent who may also take this one.
  // Errors: not_found, wrong_state.
  Result<std::uint32_t> position(ContactId id) const;
  Result<Standing> standing(ContactId id) const;
  // Why this agent does (not) get this contact now; why the contact still waits. O(agents) for the latter.
  Explanation explain(ContactId contact, AgentId agent) const;
  ContactExplanation explain(ContactId contact) const;
  std::uint32_t waiting() const;
  Time now() const;
  const Definition& definition() const;

  // Changes queues, agents and rules while contacts wait. What existed keeps its id by name; what is gone must have
  // no contact left. Nothing changes where it is refused. Errors: invalid_definition, wrong_state.
  Status redefine(Definition definition, Time now);

  // --- text -----------------------------------------------------------------------------------------------
  // A command as a verb and fields ("contact.enqueue", {contact: c1, queue: general}); contacts have names then.
  // With a field `id` the command is idempotent: the same id and body again does nothing and succeeds; another body
  // is command_reused. Errors: invalid_argument (place: the field), not_found, conflict classes.
  Status apply(std::string_view verb, const Node& fields, Time now);
  // The event's fields in the same form, names instead of ids: {"contact":"c1","agent":"a1", ...}.
  void write(const Event& event, JsonWriter& json) const;
  std::string_view contact_name(ContactId id) const;
  ContactId find_contact(std::string_view name) const;
  OfferId find_offer(ContactId contact, AgentId agent) const;

  // The whole state as bytes, for the same definition and the same build; restore is for a router that has done
  // nothing yet. Errors: corrupt, version_mismatch.
  std::string save() const;
  Status restore(std::string_view bytes);
  // After a crash: pending offers are void (Reason::restarted), contacts that talked wait Definition::reclaim for
  // the host to say reclaim(), else they are released; those who waited keep their places.
  void restarted(Time now);
  Outcome reclaim(ContactId contact, Time now);
  // Another place for events.
  void redirect(Events& events);

  // Checks every invariant of the inner state; ok() or internal with what is broken. Slow: for tests.
  Status check() const;

 private:
  friend struct CommandAccess;  // command.cpp: ids of commands that were carried out
  explicit Router(std::unique_ptr<Engine> engine);
  Status apply_once(std::string_view verb, const Node& body, Time now);
  std::unique_ptr<Engine> engine_;
};

}  // namespace hotline::acd
