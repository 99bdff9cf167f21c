#pragma once

#include "ticket/impl.hpp"

namespace hotline::ticket {

// Rows for a notify or emit effect; `n` counts those of one event.
Status post_outbox(store::Transaction& t, const Loaded& ticket, const workflow::Decision& decision, const workflow::Effect& effect, Time at, int& n);
// The unit's leader is called into a conference with the ticket on the screen (emergencies).
Status post_enforcement(store::Transaction& t, const Loaded& ticket, std::string_view unit, std::string_view leader, Time at, int& n);

}  // namespace hotline::ticket
