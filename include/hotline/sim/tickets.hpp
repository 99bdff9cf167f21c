// Tickets that contacts leave behind: workflow::decide(), the kernel under every ticket, on the virtual clock. What people
// do is drawn: as soon as a ticket (or one of its tasks) enters a state, one of the acts of that state is chosen by
// weight and comes after its handling time. Deadlines, reminders and refusals are the definition's own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hotline/sim/result.hpp"
#include "hotline/wfm/distribution.hpp"
#include "hotline/workflow/kernel.hpp"

namespace hotline::sim {

struct TicketAct {
  double weight = 1;
  wfm::Distribution after;          // handling time; never: nobody does anything
  bool working_time = false;        // it passes during the hours of the definition's first calendar only
  workflow::Record record;          // the event, its fields and who acts
};
struct TicketState {
  std::uint32_t machine = 0, region = 0, state = 0;
  std::vector<TicketAct> acts;
};

// Immutable once the simulation runs.
struct TicketWork {
  explicit TicketWork(workflow::Definition d) : definition(std::move(d)) {}

  std::string name;
  workflow::Definition definition;
  std::vector<workflow::Calendar> calendars;                 // by Definition::calendars()
  workflow::Record start;                                    // the intake: its fields
  std::vector<TicketState> states;
  std::vector<std::pair<std::size_t, double>> from;          // stream, share of its answered contacts that leave one
  std::vector<std::size_t> from_flow;                        // streams whose flow creates them (`ticket` nodes)
  std::vector<std::pair<std::uint32_t, std::uint32_t>> closed;  // region, state of the root that end it; none: as the definition says
  std::vector<std::string> deadlines;                        // clocks that count as missed; empty: any
  double follow_s = 30 * 86400.0;                            // after the end of arrivals; what is open then stays open
};

}  // namespace hotline::sim
