#include <algorithm>

#include "hotline/ticket/search.hpp"
#include "ticket/impl.hpp"
#include "ticket/policy.hpp"

namespace hotline::ticket {
namespace {

constexpr std::size_t kLongest = 64 * 1024;

std::vector<store::Bind> binds_of(TicketId ticket, const Predicate& p) {
  std::vector<store::Bind> binds{ticket.value};
  for (const auto& value : p.binds) binds.emplace_back(value);
  return binds;
}

Result<bool> holds(store::Transaction& t, TicketId ticket, const Predicate& p) {
  bool found = false;
  HOTLINE_TRY(t.query("SELECT 1 FROM ticket k WHERE k.id = ? AND " + p.sql, binds_of(ticket, p), [&](const store::Row&) { found = true; }));
  return found;
}

// The note that this command wrote before; 0: none.
Result<std::int64_t> written_before(store::Transaction& t, const Note& note, TicketId ticket, std::string_view command) {
  std::int64_t id = 0;
  bool same = false;
  HOTLINE_TRY(t.query("SELECT id, ticket, actor, unit, class, text FROM ticket_note WHERE command = ?", {command}, [&](const store::Row& row) {
    id = row.integer(0);
    same = row.integer(1) == static_cast<std::int64_t>(ticket.value) && row.text(2) == note.actor && row.text(3) == note.unit &&
           row.integer(4) == static_cast<int>(note.note_class) && row.text(5) == note.text;
  }));
  if (id != 0 && !same)
    return Error(ErrorCode::command_reused, "the command `" + std::string(command) + "` wrote another note", "give every note an id of its own");
  return id;
}

Result<std::int64_t> write(store::Transaction& t, const Note& note, TicketId ticket, std::string_view command) {
  std::string previous;
  std::uint64_t n = 1;
  HOTLINE_TRY(t.query("SELECT hash FROM ticket_note WHERE ticket = ? ORDER BY id", {ticket.value}, [&](const store::Row& row) {
    previous = row.bytes(0);
    ++n;
  }));
  const std::string hash = note_hash(previous, ticket, n, note.at, note.actor, note.unit, note.note_class, note.text, command);
  HOTLINE_TRY(t.post("INSERT INTO ticket_note (ticket, at, actor, unit, class, text, command, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                     {ticket.value, note.at, note.actor, note.unit, static_cast<int>(note.note_class), note.text,
                      command.empty() ? store::Bind(nullptr) : store::Bind(command), store::Blob{hash}}));
  HOTLINE_ASSIGN(const auto id, t.integer("SELECT max(id) FROM ticket_note WHERE ticket = ?", {ticket.value}));
  HOTLINE_TRY(index_note(t, id.value_or(0), note.text));
  HOTLINE_TRY(t.post("INSERT INTO ticket_note_unanchored (ticket) VALUES (?) ON CONFLICT (ticket) DO NOTHING", {ticket.value}));
  return id.value_or(0);
}

}  // namespace

std::string note_hash(std::string_view previous, TicketId ticket, std::uint64_t n, Time at, std::string_view actor, std::string_view unit,
                      NoteClass note_class, std::string_view text, std::string_view command) {
  return chain_hash(previous, ticket, n, {at, "note", actor, unit, command, text, {}, {}}, note_class == NoteClass::leader ? "leader" : "state");
}

Result<Desk::Noted> Desk::write_note(const Actor& author, TicketId ticket, NoteClass note_class, std::string_view text, Time now, std::string_view command) {
  if (text.empty() || text.size() > kLongest)
    return Error(ErrorCode::invalid_argument, text.empty() ? "a note without a text" : "a note above 64 KiB", "write a short text; longer papers are attachments");
  const Note note{0, now, author.id, author.unit, note_class, std::string(text)};
  Noted out;
  const Status status = service_.database().write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const bool seen, holds(t, ticket, may_see(policy_, author, now)));
    if (!seen) return invisible(ticket);
    HOTLINE_ASSIGN(const bool may, holds(t, ticket, may_read_notes(policy_, author, note_class, now)));
    if (!may) return Error(ErrorCode::denied, "notes of this class are not for this author", "ask a supervisor to write it");
    HOTLINE_ASSIGN(const auto finished, t.integer("SELECT finished FROM ticket WHERE id = ? {update}", {ticket.value}));
    if (!command.empty()) {
      HOTLINE_ASSIGN(out.note, written_before(t, note, ticket, command));
      out.repeated = out.note != 0;
      if (out.repeated) return {};
    }
    if (finished.value_or(0) != 0) return Error(ErrorCode::wrong_state, "the ticket is over: nothing is written beside it any more", "reopen it, or make a new one");
    HOTLINE_ASSIGN(out.note, write(t, note, ticket, command));
    return {};
  });
  if (!status.ok()) return status.error();
  return out;
}

Result<std::vector<Note>> Desk::notes(const Actor& viewer, TicketId ticket, Time now) {
  std::vector<Note> out;
  bool leader = false;
  const Status status = service_.database().write([&](store::Transaction& t) -> Status {
    out.clear();
    HOTLINE_ASSIGN(const bool seen, holds(t, ticket, may_see(policy_, viewer, now)));
    if (!seen) return invisible(ticket);
    const Predicate state = may_read_notes(policy_, viewer, NoteClass::state, now), leaders = may_read_notes(policy_, viewer, NoteClass::leader, now);
    auto binds = binds_of(ticket, state);
    for (const auto& value : leaders.binds) binds.emplace_back(value);
    HOTLINE_TRY(t.query("SELECT n.id, n.at, n.actor, n.unit, n.class, n.text FROM ticket_note n JOIN ticket k ON k.id = n.ticket WHERE n.ticket = ? AND "
                        "((n.class = 0 AND " + state.sql + ") OR (n.class = 1 AND " + leaders.sql + ")) ORDER BY n.id",
                        binds, [&](const store::Row& row) {
                          out.push_back({row.integer(0), row.time(1), std::string(row.text(2)), std::string(row.text(3)), static_cast<NoteClass>(row.integer(4)),
                                         std::string(row.text(5))});
                        }));
    leader = std::any_of(out.begin(), out.end(), [](const Note& n) { return n.note_class == NoteClass::leader; });
    return leader ? write_down(t, viewer, ticket, now, "leader notes") : Status{};
  });
  if (!status.ok()) return status.error();
  return out;
}

}  // namespace hotline::ticket
