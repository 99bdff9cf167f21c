// What is simulated: a centre as the router knows it, who calls, and who works when. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hotline/acd/definition.hpp"
#include "hotline/base/diagnostic.hpp"
#include "hotline/wfm/distribution.hpp"

namespace hotline::sim {

using wfm::Distribution;
struct Walk;        // hotline/sim/walk.hpp
struct TicketWork;  // hotline/sim/tickets.hpp

// One contact of a trace. Negative times are drawn from the stream's distributions.
struct TraceContact {
  double at_s = 0;          // since the start
  double handling_s = -1;
  double patience_s = -1;
  std::int32_t priority = 0;
  std::uint32_t row = 0;    // the caller's own number
};

// When contacts arrive: rates that may change by period (and then repeat, where asked), or a trace.
struct Arrivals {
  std::vector<double> per_s;     // one rate a period; a single one is constant
  double period_s = 0;           // 0: the single rate for ever
  bool repeat = false;           // start again after the last period; otherwise nobody comes any more
  // A day's luck: all rates of a day are multiplied by one gamma factor with mean 1 (0: none). Streams of one
  // `busyness_group` share their factor.
  double busyness_scv = 0;
  std::uint32_t busyness_group = 0;
  double busyness_every_s = 86400;
  std::vector<TraceContact> trace;  // sorted by at_s; not empty: used instead of the rates
};

struct Redial {
  double chance = 0;               // of those who hung up or were blocked
  Distribution delay;
  std::uint32_t at_most = 3;       // further attempts
};
struct Callback {
  double chance = 0;               // of those who still wait after `after_s`: hang up and keep the place
  double after_s = 60;
  double dial_s = 15;              // the agent dials
};
struct Ivr {                       // before the queue
  double finish = 0;               // share that is served without an agent
  double hang_up = 0;              // share that leaves in the menu
  Distribution time;               // spent there by everybody; only where finish + hang_up > 0 or always_s > 0
  bool used = false;
  // A real flow, run by the IVR engine call by call; the shares above then do not count.
  std::shared_ptr<const Walk> walk;
};

// A kind of contact: where it goes, how long it takes, how long it waits.
struct Stream {
  std::string name;
  acd::QueueId queue;                       // of a flow's callers: where the flow names none
  std::int32_t priority = 0;
  acd::ChannelId channel;                   // 0: the queue's
  acd::SiteId site;                         // the citizen's
  std::string requires_;                    // of the agent, beside the queue's: "skill.yi >= 50"; "": nothing
  Arrivals arrivals;
  Distribution handling;                    // its mean is the default
  std::vector<double> mean_by_agent_s;      // by agent id - 1; 0 or absent: the default
  std::vector<double> mean_by_period_s;     // by period (of arrivals.period_s) in which the talk begins; absent: the default
  Distribution patience = Distribution::never();
  std::vector<double> patience_by_period_s;
  Distribution wrap_up = Distribution::never();  // never: the router's rules; else drawn and then finished
  Redial redial;
  Callback callback;
  Ivr ivr;
  std::uint32_t trunk = 0;                  // 1-based; 0: none
};

// Lines that several streams share. A contact that finds `lines` in use, or would be the waiting one too many, is blocked.
struct Trunk {
  std::string name;
  std::uint32_t lines = acd::kNoLimit;      // in the centre at once: menu, waiting, talking
  std::uint32_t waiting = acd::kNoLimit;    // waiting at once
};

// Somebody works from..to, but not during the breaks. Times since the start.
struct Shift {
  acd::AgentId agent;
  double from_s = 0;
  double to_s = 0;
  std::vector<std::pair<double, double>> breaks_s;  // from, to
};
// So many of a team are on duty in each period. Those who are surplus finish their contact first; the idle leave first.
struct Staffing {
  acd::TeamId team;
  double period_s = 1800;
  std::vector<std::uint32_t> agents;        // one number a period
  bool repeat = false;
};

struct Model {
  acd::Definition centre;
  std::vector<Stream> streams;
  std::vector<Trunk> trunks;
  std::vector<Shift> shifts;
  std::vector<Staffing> staffing;
  std::vector<std::shared_ptr<const TicketWork>> tickets;
  // Agents without shift, whose team has no staffing, work all the time.
  Time start = time_from_ns(1767571200'000000000);  // 2026-01-05T00:00:00Z, a Monday
  Distribution pick_up = Distribution::never();     // ring until answered (queues without auto_accept); never: at once
  double miss_chance = 0;                           // an offer rings out

  // Everything that would make a simulation meaningless. Codes S1xx (docs/simulation.md), and the router's A1xx.
  void validate(Diagnostics& diagnostics) const;
};

// How long, how often, what is measured.
struct Plan {
  std::uint64_t seed = 1;
  double warm_up_s = 0;          // contacts that arrive in it are not counted
  double duration_s = 86400;     // measured, after the warm-up
  double interval_s = 0;         // statistics by interval; 0: one interval
  double threshold_s = 20;       // service level
  std::uint32_t replications = 1;
  // What happens at the end: arrivals stop and the queue drains (a day), or they go on unmeasured until all measured
  // contacts are done (a steady state). drain_measured: as drain, and the last interval lasts until the centre is empty.
  enum class End : std::uint8_t { drain, keep_running, drain_measured } end = End::drain;
  bool agent_statistics = false;
};

}  // namespace hotline::sim
