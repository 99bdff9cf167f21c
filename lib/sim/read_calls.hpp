// The parts of an experiment that name a flow or a workflow.
#pragma once

#include <memory>

#include "hotline/sim/experiment.hpp"
#include "hotline/sim/tickets.hpp"
#include "hotline/sim/walk.hpp"

namespace hotline::sim {

// b's entries over a's; mappings merge, nothing (null) takes away, everything else replaces.
Node merged(const Node& a, const Node& b);

// `fields` are those of a stream's `ivr`. Null where something is wrong; the complaint is in the diagnostics.
std::shared_ptr<const Walk> read_walk(Fields& fields, const Node& flow, const acd::Definition& centre, const LoadText& load);
std::shared_ptr<const TicketWork> read_tickets(const std::string& name, const Node& node, const Model& model, Diagnostics& diagnostics, const LoadText& load);

}  // namespace hotline::sim
