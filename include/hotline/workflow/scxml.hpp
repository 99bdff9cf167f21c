// SCXML (W3C Recommendation, 1 September 2015), with its run-to-completion semantics, for charts without a data model.
//
// Read: states, parallels, finals and histories, nested; onentry, onexit, initial; raise, send (to itself), cancel, log, if; transitions
// with event descriptors (prefixes and *), several targets, type internal, In() conditions, targetless and eventless ones.
// Flat states and one <parallel> of flat regions become regions of a definition; everything else is flattened: each reachable
// configuration is one state (at most 2000). Not read, by name: data models, scripts, invoke, foreach, donedata.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/workflow/definition.hpp"

namespace hotline::workflow {

// A chart as a definition (`profile: chart`: owners, bounds and ends are not asked for). Event descriptors are matched
// against the names that the chart raises or sends, and `events`.
// Errors: invalid_document (XML, with the line), unsupported, invalid_definition.
Result<Definition> import_scxml(std::string_view text, std::string_view file, std::span<const std::string> events = {});

// The root machine. Guards that SCXML's null data model cannot say are kept in the attribute hotline:guard.
std::string export_scxml(const Definition& definition);

struct ScxmlRun {
  std::vector<std::string> configuration;       // ids of the active atomic states, in document order
  std::vector<std::vector<std::string>> steps;  // configurations after the start and after every event
  std::vector<std::string> log;                 // what <log> said
  bool finished = false;                        // a top-level final was entered
};
// Starts the chart and gives it the events one after the other; sent events are delivered in the order of their time,
// delays pass in virtual time.
Result<ScxmlRun> run_scxml(std::string_view text, std::string_view file, std::span<const std::string> events);

}  // namespace hotline::workflow
