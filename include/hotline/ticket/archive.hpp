// Old tickets leave the working database for an archive with the same tables: copied, verified by their chain, then deleted (G10).
#pragma once

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// Moves finished tickets that were closed before `closed_before`, whose messages are delivered and whose log is anchored, oldest
// first, at most `limit`; returns how many. The number stays taken: asking for it says that the ticket is closed and archived,
// and since when. The archive is opened like any database (Service::open, with the same master key) to search and to verify it;
// forgetting a citizen must be done in both. Interrupted at any point, the next call goes on. Key figures stay with the working
// database. Errors: conflict (`archive` belongs to another database), corrupt (the copy did not verify: nothing was deleted).
Result<int> archive(Service& service, store::Database archive, Time closed_before, Time now, int limit = 1000);

// The way back for one ticket, copied, verified and then deleted in the archive: where a court asks, or it should be read and
// searched with the others. Interrupted at any point, call it again. Errors: not_found, conflict, corrupt, as above.
Status restore(Service& service, store::Database archive, TicketId ticket);

}  // namespace hotline::ticket
