// The move to an archive (G10): copy, verify, delete. A crash in between leaves a ticket in both, and the next run goes on.
#include "hotline/ticket/archive.hpp"

#include <map>

#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

// Columns and their kinds: i numbers, t texts, b bytes.
struct Table {
  const char* name;
  const char* key;  // "… = ?" says which rows are a ticket's
  const char* columns;
  const char* kinds;
};
constexpr Table kTables[] = {
    {"ticket", "id",
     "id, number, registry, version, head, definition, calendars, snapshot, fields, state, finished, channel, kind, category, area, level, title, content, place, "
     "secrecy, unit, complained_unit, reply, due, overdue, created_at, updated_at, closed_at, citizen, access, dedupe, parent, merged_into, party_due",
     "ittibtibttittttttttitttiiiiiittiii"},
    {"ticket_event", "ticket", "ticket, version, at, type, actor, unit, state, command, digest, body, sealed, hash", "iiitttttbtbb"},
    {"ticket_assignment", "ticket", "ticket, node, parent, unit, lead, machine, state, counts, due, overdue, created_at, updated_at", "iiitittiiiii"},
    {"ticket_attachment", "ticket", "ticket, sha256, kind, name, media_type, size, version", "ittttii"},
    {"ticket_party", "ticket", "ticket, source, citizen, due", "iiii"},
    {"ticket_note", "ticket", "ticket, at, actor, unit, class, text, command, hash, id", "iittittbi"},
    {"ticket_reading", "ticket", "ticket, at, actor, what", "iitt"},
    {"ticket_outbox", "due IS NULL AND ticket", "ticket, key, channel, recipient, template, body, due, attempts, created_at, done_at, problem", "itttttiiiit"},
};

struct Cell {
  char kind = 'n';
  std::int64_t number = 0;
  std::string text;
  store::Bind bind() const {
    switch (kind) {
      case 'i': return number;
      case 't': return text;
      case 'b': return store::Blob{text};
      default: return nullptr;
    }
  }
};
using Line = std::vector<Cell>;

Result<std::vector<Line>> lines_of(store::Transaction& t, const Table& table, std::string_view where, std::initializer_list<store::Bind> binds) {
  std::vector<Line> out;
  const std::string sql = std::string("SELECT ") + table.columns + " FROM " + table.name + " " + std::string(where);
  HOTLINE_TRY(t.query(sql, binds, [&](const store::Row& row) {
    Line line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      Cell cell;
      if (!row.is_null(i)) {
        cell.kind = table.kinds[i];
        if (cell.kind == 'i') cell.number = row.integer(i);
        else cell.text = cell.kind == 'b' ? row.bytes(i) : row.text(i);
      }
      line.push_back(std::move(cell));
    }
    out.push_back(std::move(line));
  }));
  return out;
}

Status insert(store::Transaction& t, const Table& table, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    std::string marks;
    std::vector<store::Bind> binds;
    for (const Cell& cell : line) {
      marks += marks.empty() ? "?" : ", ?";
      binds.push_back(cell.bind());
    }
    HOTLINE_TRY(t.post(std::string("INSERT INTO ") + table.name + " (" + table.columns + ") VALUES (" + marks + ") ON CONFLICT DO NOTHING", binds));
  }
  return {};
}

// What every ticket needs: keys, definitions, calendars. An archive belongs to one database.
Status share(store::Database from, store::Database to) {
  static constexpr Table kShared[] = {{"ticket_meta", "name", "name, value", "tb"},
                                      {"ticket_definition", "id", "id, version, fingerprint, source", "titt"},
                                      {"ticket_calendars", "revision", "revision, fingerprint, source", "itt"}};
  for (const Table& table : kShared) {
    std::vector<Line> lines;
    HOTLINE_TRY(from.read([&](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(lines, lines_of(t, table, "", {}));
      return {};
    }));
    HOTLINE_TRY(to.write([&](store::Transaction& t) { return insert(t, table, lines); }));
  }
  const auto secret = [](store::Database db) -> Result<std::string> {
    std::string out;
    HOTLINE_TRY(db.read([&](store::Transaction& t) {
      return t.query("SELECT value FROM ticket_meta WHERE name = 'secret'", {}, [&](const store::Row& row) { out = row.bytes(0); });
    }));
    return out;
  };
  HOTLINE_ASSIGN(const std::string ours, secret(from));
  HOTLINE_ASSIGN(const std::string theirs, secret(to));
  if (ours != theirs) return Error(ErrorCode::conflict, "the archive belongs to another database", "give an empty one, or this database's own");
  return {};
}

using Copy = std::vector<std::vector<Line>>;  // a table each

Result<Copy> read_whole(store::Database db, TicketId ticket) {
  Copy copy;
  HOTLINE_TRY(db.read([&](store::Transaction& t) -> Status {
    for (const Table& table : kTables) {
      HOTLINE_ASSIGN(auto lines, lines_of(t, table, std::string("WHERE ") + table.key + " = ? ORDER BY 1, 2", {ticket.value}));
      copy.push_back(std::move(lines));
    }
    return {};
  }));
  return copy;
}

// The chain of what lies in the archive, computed from its events, ends in the head of the ticket.
Status check_copy(store::Database to, TicketId ticket, std::string_view head) {
  std::string chain;
  HOTLINE_TRY(to.read([&](store::Transaction& t) {
    return t.query("SELECT version, at, type, actor, unit, command, body, sealed, state FROM ticket_event WHERE ticket = ? ORDER BY version", {ticket.value},
                   [&](const store::Row& row) {
                     const std::string type(row.text(2)), actor(row.text(3)), unit(row.text(4)), command(row.text(5)), body(row.text(6)), sealed(row.bytes(7));
                     const Appended event{row.time(1), type, actor, unit, command, body, sealed, {}};
                     chain = chain_hash(chain, ticket, static_cast<std::uint64_t>(row.integer(0)), event, row.text(8));
                   });
  }));
  if (chain == head) return {};
  return Error(ErrorCode::corrupt, "the copy of ticket id " + std::to_string(ticket.value) + " in the archive is not whole", "it was not deleted; check both databases");
}

Status copy_citizen(store::Database from, store::Database to, TicketId ticket) {
  static constexpr Table kCitizen{"ticket_citizen", "id", "id, phone, name, id_number, key_box, profile", "itttbb"};
  std::vector<Line> lines;
  HOTLINE_TRY(from.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(lines, lines_of(t, kCitizen, "WHERE id = (SELECT citizen FROM ticket WHERE id = ?) OR id IN (SELECT citizen FROM ticket_party WHERE ticket = ?)",
                                   {ticket.value, ticket.value}));
    return {};
  }));
  return to.write([&](store::Transaction& t) { return insert(t, kCitizen, lines); });
}

Status remove(store::Database from, TicketId ticket, std::int64_t version, Time at) {
  return from.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto now, t.integer("SELECT version FROM ticket WHERE id = ? {update}", {ticket.value}));
    if (!now) return {};
    if (*now != version) return Error(ErrorCode::version_mismatch, "ticket id " + std::to_string(ticket.value) + " changed while it was archived", "try again");
    HOTLINE_TRY(t.post("INSERT INTO ticket_gone (id, number, registry, version, head, at) SELECT id, number, registry, version, head, CAST(? AS {int}) FROM ticket WHERE id = ?",
                       {at, ticket.value}));
    for (const Table& table : kTables) HOTLINE_TRY(t.post(std::string("DELETE FROM ") + table.name + " WHERE " + table.key + " = ?", {ticket.value}));
    HOTLINE_TRY(t.post("DELETE FROM ticket_unanchored WHERE ticket = ?", {ticket.value}));
    return t.post("DELETE FROM ticket_access WHERE ticket = ?", {ticket.value});
  });
}

// Writes a whole ticket and proves it by its chain.
Status write_whole(store::Database to, TicketId ticket, const Copy& copy) {
  HOTLINE_TRY(to.write([&](store::Transaction& t) -> Status {
    // A half copy of an earlier run is written anew.
    for (std::size_t i = std::size(kTables); i-- > 0;)
      HOTLINE_TRY(t.post(std::string("DELETE FROM ") + kTables[i].name + " WHERE " + kTables[i].key + " = ?", {ticket.value}));
    for (std::size_t i = 0; i < std::size(kTables); ++i) HOTLINE_TRY(insert(t, kTables[i], copy[i]));
    for (std::size_t i = 0; i < std::size(kTables); ++i)
      if (kTables[i].name == std::string_view("ticket_note"))
        for (const Line& note : copy[i]) HOTLINE_TRY(index_note(t, note[8].number, note[5].text));
    const Line& row = copy[0][0];
    return index_words(t, ticket, 1, row[16].text + "\n" + row[17].text + "\n" + row[18].text + "\n" + row[22].text);
  }));
  return check_copy(to, ticket, copy[0][0][4].text);
}

Status move(store::Database from, store::Database to, TicketId ticket, Time at) {
  HOTLINE_ASSIGN(const Copy copy, read_whole(from, ticket));
  if (copy[0].empty()) return {};
  HOTLINE_TRY(copy_citizen(from, to, ticket));
  HOTLINE_TRY(write_whole(to, ticket, copy));
  return remove(from, ticket, copy[0][0][3].number, at);
}

}  // namespace

Result<int> archive(Service& service, store::Database target, Time closed_before, Time now, int limit) {
  store::Database from = service.database();
  HOTLINE_TRY(target.migrate("ticket", schema()));
  HOTLINE_TRY(target.migrate("ticket_text", text_schema(target.backend())));
  HOTLINE_TRY(share(from, target));
  std::vector<TicketId> ids;
  HOTLINE_TRY(from.read([&](store::Transaction& t) {
    return t.query("SELECT id FROM ticket k WHERE finished = 1 AND closed_at < ? AND NOT EXISTS (SELECT 1 FROM ticket_timer x WHERE x.ticket = k.id) AND id NOT IN "
                   "(SELECT ticket FROM ticket_outbox WHERE due IS NOT NULL) AND NOT EXISTS "
                   "(SELECT 1 FROM ticket_unanchored u WHERE u.ticket = k.id) AND NOT EXISTS (SELECT 1 FROM ticket_note_unanchored u WHERE u.ticket = k.id) ORDER BY id LIMIT ?",
                   {closed_before, limit}, [&](const store::Row& row) { ids.push_back(TicketId{static_cast<std::uint64_t>(row.integer(0))}); });
  }));
  for (const TicketId id : ids) HOTLINE_TRY(move(from, target, id, now));
  return static_cast<int>(ids.size());
}

Status restore(Service& service, store::Database source, TicketId ticket) {
  store::Database to = service.database();
  HOTLINE_TRY(source.migrate("ticket", schema()));
  HOTLINE_TRY(source.migrate("ticket_text", text_schema(source.backend())));
  HOTLINE_TRY(share(to, source));
  HOTLINE_ASSIGN(const Copy copy, read_whole(source, ticket));
  if (copy[0].empty()) return Error(ErrorCode::not_found, "ticket id " + std::to_string(ticket.value) + " is not in this archive", "it may lie in another one");
  HOTLINE_TRY(write_whole(to, ticket, copy));
  HOTLINE_TRY(to.write([&](store::Transaction& t) { return t.post("DELETE FROM ticket_gone WHERE id = ?", {ticket.value}); }));
  return source.write([&](store::Transaction& t) -> Status {
    for (const Table& table : kTables) HOTLINE_TRY(t.post(std::string("DELETE FROM ") + table.name + " WHERE " + table.key + " = ?", {ticket.value}));
    return {};
  });
}

Error Service::Impl::gone_or_missing(store::Transaction& t, TicketId ticket) const {
  std::optional<Time> at;
  (void)t.query("SELECT at FROM ticket_gone WHERE id = ?", {ticket.value}, [&](const store::Row& row) { at = row.time(0); });
  if (!at) return Error(ErrorCode::not_found, "there is no ticket with id " + std::to_string(ticket.value));
  return Error(ErrorCode::not_found, "ticket id " + std::to_string(ticket.value) + " was moved to the archive on " + to_string(*at), "open the archive's database");
}

}  // namespace hotline::ticket
