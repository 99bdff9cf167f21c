#pragma once

#include <string>
#include <vector>

#include "hotline/workflow/definition.hpp"
#include "workflow/scope.hpp"

namespace hotline::workflow {

// Transitions of one event in one region and state, in the order in which they are tried.
struct Candidates {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct MachineIndex {
  // [event][region][state], flat; the last "event" is the spontaneous one.
  std::vector<Candidates> table;
  std::vector<std::uint32_t> order;          // indices of transitions
  std::vector<std::uint32_t> region_offset;  // of a region's states in a row
  std::uint32_t row = 0;                     // states of all regions
  std::vector<bool> can_end;                 // regions with a final state
  bool spontaneous = false;
  std::uint32_t states = 0, fields = 0, clocks = 0, timers = 0, counts = 0;  // sizes of a node's parts

  Candidates at(std::uint32_t event, std::uint32_t region, std::uint32_t state) const {
    return table[event * row + region_offset[region] + state];
  }
};

struct Definition::Data {
  std::string id;
  std::int64_t version = 1;
  bool chart = false;  // `profile: chart`: a plain statechart, without owners, bounds and ends
  Text name;
  std::string fingerprint;
  std::string json;
  std::string file;
  std::vector<std::string> roles, levels, calendars;
  std::vector<Reason> reasons;
  std::vector<Field> facts;
  std::vector<Machine> machines;
  std::vector<PublicStatus> public_statuses;
  std::vector<std::uint32_t> public_by_state;  // of the root's first region; kNone
  std::vector<Kpi> kpis;
  std::vector<Migration> migrations;

  std::vector<Scope> scopes;          // a machine each
  std::vector<MachineIndex> indices;  // a machine each

  void build_indices();
};

// Hard errors and warnings of a definition whose names and expressions are all right.
void validate(const Definition::Data& definition, Diagnostics& diagnostics);

}  // namespace hotline::workflow
