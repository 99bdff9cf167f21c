// Runs sessions: event in, actions out. No I/O, no clock, no chance of its own.
//
//   Engine engine(flow);
//   Session session = engine.open();
//   for (const Action& a : engine.start(session, {.caller = "13800138000"}, now)) host.perform(a);
//   ... on every key, end of a prompt, answer, and at session.deadline():
//   for (const Action& a : engine.step(session, Event::digit('1'), now)) host.perform(a);
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "hotline/ivr/action.hpp"
#include "hotline/ivr/event.hpp"
#include "hotline/ivr/flow.hpp"
#include "hotline/ivr/session.hpp"

namespace hotline::ivr {

// What happened inside a step, for coverage, statistics and logs.
enum class TraceKind : std::uint8_t {
  enter,      // node entered
  leave,      // node left by `exit`
  choice,     // input accepted: `detail` is what was keyed
  no_input,
  no_match,   // `detail` is what was keyed
  exhausted,  // `detail`: no_input, no_match or attempts
  barge_in,   // a key stopped a prompt; `at` tells how far into it
  overlay,    // an emergency notice was laid over the node; `detail` is its id
  error,      // `detail` says what went wrong
  hangup,     // the caller hung up
  ended,      // `detail` is the Ending
  migrated,   // moved to another version; `detail` is its version
};
std::string_view to_string(TraceKind kind);
struct Trace {
  TraceKind kind = TraceKind::enter;
  std::string_view node;
  std::string_view exit;
  std::string_view detail;
  Duration elapsed{};  // since the node was entered
};

// A notice or closure laid over nodes of running flows, without publishing anything.
struct Overlay {
  std::string id;           // for the audit log
  std::string node;         // id of the node that it is laid over; "*": the start of every call
  std::string text;         // spoken before the node, in every language unless `texts` has one
  std::vector<Field> texts; // language -> text
  std::string go_to;        // node to go to instead (closure); "" goes on with the node
  std::string exit;         // or: leave the node by this exit at once, e.g. `emergency` of a schedule node
  Time from{};
  Time until{Time::max()};
};

// How sessions of an older version move to a newer one: at nodes marked `safe_point`, old id -> new id.
struct Migration {
  std::vector<std::pair<std::string, std::string>> nodes;  // ids not listed keep their name
};

// Confined; owns the buffers that actions point into. Make one a thread; flows are shared.
class Engine {
 public:
  explicit Engine(Flow flow);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // The version that new sessions get.
  const Flow& flow() const;
  Session open() const { return Session(flow()); }

  std::span<const Action> start(Session& session, const Start& start, Time now);
  // Never fails: what cannot be done leads to the flow's error exits, and events that no longer matter are ignored.
  std::span<const Action> step(Session& session, const Event& event, Time now);
  // After a crash: says the current prompt again from its start and sends the open request again.
  std::span<const Action> resume(Session& session, Time now);
  // What happened in the last step.
  std::span<const Trace> trace() const;

  // New sessions run `next`; with a migration, running ones of the same flow id move at their next safe point.
  void publish(Flow next);
  void publish(Flow next, Migration migration);

  // Lays, replaces or lifts a notice. Errors: not_found where the node does not exist.
  Status lay(Overlay overlay);
  Status lift(std::string_view overlay_id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::ivr
