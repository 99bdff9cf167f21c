// The production router on a virtual clock.
//
//   sim::Simulation simulation(model, plan, /*replication=*/0);
//   simulation.run();
//   report = simulation.report();
//
// or, for many replications on many threads with the same bytes whatever their number,
//
//   auto report = sim::run(model, plan, threads);
//
// Every stream draws gaps, handling, patience and choices from random streams of its own, one draw a contact, so that
// the k-th contact of a stream is the same person under every policy (common random numbers).
#pragma once

#include <functional>
#include <memory>

#include "hotline/acd/router.hpp"
#include "hotline/sim/model.hpp"
#include "hotline/sim/result.hpp"

namespace hotline::sim {

// What the world looked like at one moment: the beginning of a what-if.
struct Snapshot {
  struct Waiting {
    std::size_t stream = 0;
    double since_s = 0;       // waited already
    std::int32_t priority = 0;
  };
  struct Talking {
    acd::AgentId agent;
    std::size_t stream = 0;
    double since_s = 0;       // talked already
  };
  Time at{};
  std::vector<Waiting> waiting;         // in the order in which they came
  std::vector<Talking> talking;
  std::vector<acd::AgentId> on_duty;    // logged in and ready or busy; empty: as shifts and staffing say
};
// Reads a live router: `contacts` are those that the host knows; stream k is the first that feeds the contact's queue.
Snapshot take_snapshot(const acd::Router& router, std::span<const acd::ContactId> contacts, const Model& model, Time now);

// One finished contact, for those who want each of them. Seconds since the start.
struct ContactRecord {
  std::uint32_t stream = 0;
  std::uint32_t agent = 0;      // id, 0: none
  double arrival_s = 0;
  double wait_s = 0;
  double handling_s = 0;
  Count outcome{};              // answered, abandoned, blocked, overflowed, in_ivr_finished, in_ivr_left
  std::uint32_t row = 0;        // of the trace
};

// Choosers of the host, set on every router that a run makes.
struct Policies {
  std::vector<std::pair<acd::QueueId, acd::AgentChooser>> agents;
  std::vector<std::pair<acd::TeamId, acd::ContactChooser>> contacts;
};

// One replication. Confined.
class Simulation {
 public:
  // Throws Exception (invalid_definition) where the model is not valid. The model must outlive the simulation.
  Simulation(const Model& model, const Plan& plan, std::uint32_t replication = 0, const Snapshot* snapshot = nullptr,
             const Policies* policies = nullptr);
  ~Simulation();
  Simulation(Simulation&&) noexcept;

  void on_contact(std::function<void(const ContactRecord&)> callback);
  void run();
  // Runs up to `seconds` since the start; false when the run is over.
  bool run_until(double seconds);
  // Runs on until an idle agent and a contact stand there that nobody matched (policies that answer "none now");
  // false when the run is over. For learned routing: then push() decides.
  bool run_until_choice();
  double now_s() const;

  acd::Router& router();
  std::uint32_t waiting(std::size_t queue) const;        // by queue id - 1
  double longest_wait_s(std::size_t queue) const;        // 0 where nobody waits
  std::uint32_t idle(std::size_t team) const;            // by team id - 1
  // Somebody waits in the queue, and an idle agent of the team serves it (ids - 1).
  bool possible(std::size_t queue, std::size_t team) const;
  // Gives the longest waiting contact of the queue to the longest idle agent of the team (ids - 1).
  acd::Outcome push(std::size_t queue, std::size_t team);
  Report report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Progress {
  std::function<void(std::uint32_t done, std::uint32_t of)> report;  // from one thread at a time
};
// All replications on `threads` threads (0: as many as there are cores). Errors: invalid_definition, invalid_argument.
Result<Report> run(const Model& model, const Plan& plan, unsigned threads = 0, const Snapshot* snapshot = nullptr,
                   const Progress& progress = {});

// The difference b - a of a figure of two reports with the same seed and shape, paired row by row.
Result<Estimate> difference(const Report& a, const Report& b, std::string_view figure);

}  // namespace hotline::sim
