// Experiments as files: a centre, who calls, who works, what is measured, and variants to compare.
// docs/simulation.md shows the file; schemas/experiment.schema.json describes it; codes S1xx.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/sim/simulation.hpp"

namespace hotline::sim {

struct Variant {
  std::string name;
  Model model;
  Plan plan;
  Snapshot snapshot;          // only where has_snapshot
  bool has_snapshot = false;
};
struct Experiment {
  std::string name;
  std::vector<Variant> variants;  // the first is the base
};

// Reads and validates. `load` gives the text of a file that the experiment names (a centre, a trace), relative to it.
// Errors: invalid_document, invalid_definition; all complaints are in `diagnostics`.
using LoadText = std::function<Result<std::string>(const std::string& path)>;
Result<Experiment> read_experiment(const Node& document, Diagnostics& diagnostics, const LoadText& load = {});
Result<Experiment> parse_experiment(std::string_view text, std::string_view file, Diagnostics* diagnostics = nullptr, const LoadText& load = {});
// Files are looked for beside the experiment's. Errors: io, and as above.
Result<Experiment> load_experiment(const std::string& path, Diagnostics* diagnostics = nullptr);

struct Outcome {
  std::string name;
  Report report;
};
struct Comparison {
  std::string name;
  std::vector<Outcome> outcomes;
  // A table of every variant, then the paired differences to the first with their intervals.
  std::string to_text() const;
  std::string to_json() const;
};
Result<Comparison> run_experiment(const Experiment& experiment, unsigned threads = 0,
                                  const std::function<void(const std::string& variant, std::uint32_t done, std::uint32_t of)>& progress = {});

// How many of each team, at the least cost, so that every stream's figure reaches its target in the simulation: starts
// from `agents`, adds where a stream is short, then takes away what can go; the same random numbers throughout.
struct TeamStaffing {
  std::vector<std::uint32_t> agents;    // by team
  std::vector<double> levels;           // by stream
  Report report;
  std::uint32_t simulations = 0;
  bool met = false;
};
struct StaffingTarget {
  std::string figure = "sl_offered";
  std::vector<double> values;           // by stream; one: for all
  std::vector<double> costs;            // by team; empty: alike
  std::uint32_t most_simulations = 200;
};
// The model must define as many agents of each team as may ever be wanted. Errors: invalid_argument.
Result<TeamStaffing> staff_teams(const Model& model, const Plan& plan, const StaffingTarget& target,
                                 std::vector<std::uint32_t> agents, unsigned threads = 0);

}  // namespace hotline::sim
