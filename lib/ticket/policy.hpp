#pragma once

#include <string>
#include <vector>

#include "hotline/ticket/search.hpp"

namespace hotline::ticket {

// A condition over `ticket k`, with texts for its `?`.
struct Predicate {
  std::string sql;
  std::vector<std::string> binds;
};
Predicate may_see(const Policy& policy, const Actor& viewer, Time now);
// That the viewer is neither of the unit complained about nor of one below it.
Predicate not_complained_about(const Actor& viewer);
// The ticket is there, and its notes of this class are for the viewer.
Predicate may_read_notes(const Policy& policy, const Actor& viewer, NoteClass note_class, Time now);

Error invisible(TicketId ticket);
Status write_down(store::Transaction& t, const Actor& viewer, TicketId ticket, Time now, std::string_view what);
// The words of a question in the dialect of the full-text index.
std::string match_of(const std::vector<std::string>& words, store::Backend backend);

}  // namespace hotline::ticket
