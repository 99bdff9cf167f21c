// The inner state of one replication.
#pragma once

#include <span>
#include <vector>

#include "arrivals.hpp"
#include "heap.hpp"
#include "hotline/acd/router.hpp"
#include "hotline/sim/simulation.hpp"
#include "ticket_runs.hpp"
#include "walkers.hpp"

namespace hotline::sim {

inline constexpr std::uint32_t kNone = 0xffffffffu;
inline constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

// Seconds to ns; beyond the horizon of 292 years it is for ever.
inline std::int64_t ns_of(double seconds) { return seconds < 9.2e9 ? static_cast<std::int64_t>(seconds * 1e9 + 0.5) : kForever; }
inline double seconds_of(std::int64_t ns) { return 1e-9 * static_cast<double>(ns); }

enum class Phase : std::uint8_t { free, menu, waiting, ringing, talking, wrapping, after, away };  // after: in the flow, behind the talk

// One citizen.
struct Slot {
  std::int64_t arrival = 0;    // ns; at the trunk
  std::int64_t entered = 0;    // ns; in the queue
  std::int64_t deadline = kForever;  // patience
  std::int64_t answered = 0;
  std::int64_t call_due = kForever;
  acd::ContactId contact;
  acd::OfferId offer;
  acd::QueueId queue;
  std::uint32_t call = kNone;  // in the stream's flow
  std::int32_t priority = 0;   // given by the flow
  double handling_s = 0;       // of an agent of mean 1
  double patience_s = 0;
  double waited_s = -1;        // a callback's wait on the line
  std::uint32_t stream = 0;
  std::uint32_t row = 0;       // of the trace
  std::uint32_t interval = kNone;
  std::uint32_t agent = 0;
  std::uint32_t next = kNone, previous = kNone;  // in the queue's list, or in the list of free slots
  std::uint8_t attempts = 0;
  Phase phase = Phase::free;
  bool queued = false;
  bool fixed_handling = false; // handling_s is the time itself
  bool callback = false;
  bool refused = false;        // met a full queue
};

// An agent comes, goes or pauses; or a team changes its number.
struct Change {
  enum class Kind : std::uint8_t { come, go, pause, resume, number } kind;
  double at_s;
  std::uint32_t who;      // agent, or index of the staffing
  std::uint32_t period;   // of the staffing
};

struct StreamState {
  ArrivalProcess arrivals;
  Random handling, patience, choice, menu;
  std::size_t traced = 0;  // next of the trace
  double unit = 1;         // 1 / mean of the handling distribution
  acd::RequirementId requires_{};
};

struct AgentWork {
  std::int64_t busy_since = 0;
  std::int64_t idle_since = 0;
  std::uint32_t team = 0;      // index
  std::uint32_t active = 0;    // contacts
  bool scheduled = false;
  bool on_duty = false;        // scheduled, or still busy
};
struct TeamWork {
  std::int64_t since = 0;      // of the last change
  std::uint32_t busy = 0, on_duty = 0;
  double busy_s = 0, on_duty_s = 0;  // in the present interval
  std::uint64_t answered = 0;
};
struct QueueList {
  std::uint32_t head = kNone, tail = kNone, length = 0;
};

struct Simulation::State {
  State(const Model& m, const Plan& p, std::uint32_t replication, const Snapshot* snapshot, const Policies* policies);

  // --- simulation.cpp: what happens
  bool step(std::int64_t limit);
  void happen(Entry entry);
  void next_arrival(std::uint32_t stream, bool first);
  void arrive(std::uint32_t stream, std::uint8_t attempts, const TraceContact* traced);
  void admit(std::uint32_t slot);
  void enter_queue(std::uint32_t slot);
  void give_up(std::uint32_t slot);
  void pump();
  void on_event(const acd::Event& event);
  void start_talking(std::uint32_t slot, acd::AgentId agent);
  void talk_ended(std::uint32_t slot);
  void agent_freed(std::uint32_t agent);
  void refuse(std::uint32_t slot);
  void leave(std::uint32_t slot, Count outcome);
  void maybe_redial(std::uint32_t slot);

  // --- calls.cpp: flows and tickets
  void begin_call(std::uint32_t slot);
  void carry_on(std::uint32_t slot);
  void call_ended(std::uint32_t slot, bool by_caller);
  void drop_call(std::uint32_t slot);
  void call_due(std::uint32_t slot, std::int64_t at);
  void queue_is_full(std::uint32_t slot);
  void hang_up(std::uint32_t slot);
  void leave_tickets(std::uint32_t slot);
  void open_tickets(std::uint32_t slot, std::uint32_t of_flow);
  void tally_tickets();
  bool finished() const;
  std::uint32_t allocate();
  void release(std::uint32_t slot);
  void link(std::uint32_t slot);
  void unlink(std::uint32_t slot);
  bool choice_waits() const;
  bool serves(std::uint32_t agent, std::uint32_t queue) const;  // by membership

  // --- staff.cpp: who works
  void plan_staff(const Snapshot* snapshot);
  void change_staff(std::uint32_t index);
  void come(std::uint32_t agent);
  void go(std::uint32_t agent);
  void set_number(std::uint32_t staffing, std::uint32_t number);
  void schedule(std::uint32_t agent, bool on);
  void settle(TeamWork& team);
  void flush_work();
  void begin_from(const Snapshot& snapshot);

  Time time() const { return model.start + Duration(now); }
  double* row(std::uint32_t which) { return cells.data() + std::size_t{which} * width; }
  void count(const Slot& slot, Count what, double by = 1) {
    if (slot.interval != kNone) row(slot.interval)[slot.stream * kCounts + static_cast<std::size_t>(what)] += by;
  }

  const Model& model;
  Plan plan;
  std::uint32_t replication;
  acd::Events events;
  acd::Router router;
  EventList list;
  std::int64_t now = 0;
  std::int64_t threshold = 0, end = 0, hard_end = 0;
  std::uint32_t interval = kNone;  // of the statistics; kNone: not measured
  std::uint32_t intervals = 1;

  std::vector<StreamState> streams;
  std::vector<Slot> slots;
  std::uint32_t free = kNone;
  std::vector<QueueList> queues;
  std::vector<AgentWork> agents;
  std::vector<TeamWork> teams;
  std::vector<std::uint32_t> lines_used, lines_waiting;
  std::vector<Change> timetable;
  Random pick_up;
  std::vector<std::unique_ptr<Walkers>> walkers;   // by stream; null: no flow
  std::vector<TicketRuns> tickets;
  std::uint64_t in_system = 0, away = 0, measured_open = 0, contacts = 0, decisions = 0;
  bool arrivals_open = true;
  bool over = false;

  std::size_t width = 0, teams_at = 0, agents_at = 0, shares_at = 0, tickets_at = 0;
  std::vector<double> cells;
  std::vector<WaitHistogram> waits;
  std::function<void(const ContactRecord&)> on_contact;
};

}  // namespace hotline::sim
