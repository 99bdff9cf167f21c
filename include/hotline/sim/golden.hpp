// Reference files: models with exact (or published) values, run through formulas and through the simulator.
// The format is that of tests/data/sim/reference.json; docs/simulation.md explains each field.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/sim/simulation.hpp"

namespace hotline::sim {

struct GoldenEntry {
  std::string metric;        // "classes[0].p_wait"
  double value = 0;          // ours
  double expected = 0;
  double low = 0, high = 0;  // our 95 % interval; both = value for a formula
  double z = 0;              // distance in standard errors (of ours, and the reference's where it has one); 0 for a formula
  bool covered = false;      // the interval holds the expected value (formula: within the tolerance)
  bool holds = false;        // formula: within 1e-9; exact value: |z| <= 4; a published sample: |z| <= 3.5
};
struct GoldenCase {
  std::string id, family;
  std::string how;           // "formula", "simulated 4000000 contacts"
  std::string problem;       // why the case could not be run; empty otherwise
  std::vector<GoldenEntry> entries;
};
struct GoldenReport {
  std::vector<GoldenCase> cases;
  std::size_t formula_entries = 0, formula_held = 0;
  std::size_t simulated_entries = 0, simulated_covered = 0;
  double largest_z = 0;
  std::string largest_at;
  double coverage() const { return simulated_entries == 0 ? 1 : static_cast<double>(simulated_covered) / static_cast<double>(simulated_entries); }
  // A correct simulator covers 95 % on average: accepted from 0.95 - 2 sqrt(0.0475 / entries).
  double coverage_needed() const;
  bool accepted() const;
  std::string to_text() const;
  std::string to_json() const;
  std::string to_csv() const;
};

struct GoldenOptions {
  std::uint64_t seed = 1;
  double contacts = 4e6;     // simulated a case
  unsigned threads = 0;
  bool simulate_all = false; // also simulate the cases that a formula answers
  std::string only;          // ids that begin so
  std::function<void(std::size_t done, std::size_t of, const GoldenCase& last)> progress;
};

// The model of one case as the simulator runs it, and how long. Errors: invalid_definition, unsupported.
struct GoldenModel {
  Model model;
  Plan plan;
  bool terminating = false;  // whole days, replicated; else a steady state
};
Result<GoldenModel> golden_model(const Node& model, const GoldenOptions& options = {});

// Errors: invalid_definition where the file has no cases. A case that fails says so in `problem`.
Result<GoldenReport> run_golden(const Node& document, const GoldenOptions& options = {});

}  // namespace hotline::sim
