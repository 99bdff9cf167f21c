#pragma once

#include "ticket/impl.hpp"

namespace hotline::ticket {

// One row for a notify or emit effect; `n` counts those of one event.
Status post_outbox(store::Transaction& t, const Loaded& ticket, const workflow::Decision& decision, const workflow::Effect& effect, Time at, int n);

}  // namespace hotline::ticket
