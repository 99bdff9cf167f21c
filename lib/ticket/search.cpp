#include "hotline/ticket/search.hpp"

#include <algorithm>

#include "ticket/impl.hpp"
#include "ticket/policy.hpp"
#include "ticket/words.hpp"

namespace hotline::ticket {
namespace {

std::string columns_of_k() {
  std::string out, all = kTicketColumns;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find(", ", at), all.size());
    out += (out.empty() ? "k." : ", k.") + all.substr(at, end - at);
    at = end + 2;
  }
  return out;
}

// Conditions, each with the values of its `?`. Values are kept as texts and numbers of their own until the statement ran.
class Conditions {
 public:
  explicit Conditions(store::Backend backend) : backend_(backend) {}
  void add(std::string sql) { sql_ += (sql_.empty() ? "" : " AND ") + std::move(sql); }
  void add(std::string sql, std::string value) {
    add(std::move(sql));
    value_of(std::move(value));
  }
  void add(std::string sql, std::int64_t value) {
    add(std::move(sql));
    values_.emplace_back(value);
  }
  void value_of(std::string value) { values_.emplace_back(std::move(value)); }
  store::Backend backend() const { return backend_; }
  const std::string& sql() const { return sql_; }
  std::vector<store::Bind> binds() const {
    std::vector<store::Bind> out;
    for (const auto& v : values_) {
      if (const auto* text = std::get_if<std::string>(&v)) out.emplace_back(*text);
      else out.emplace_back(std::get<std::int64_t>(v));
    }
    return out;
  }

 private:
  store::Backend backend_;
  std::string sql_;
  std::vector<std::variant<std::string, std::int64_t>> values_;
};

Status add_conditions(Conditions& c, const Service::Impl& impl, const Query& q) {
  if (!q.number.empty()) c.add(q.number.size() == 21 ? "k.registry = ?" : "k.number = ?", q.number);
  const auto person = [&](const char* column, std::string_view what, const std::string& text) {
    if (!text.empty())
      c.add(std::string("(k.citizen IN (SELECT id FROM ticket_citizen WHERE ") + column + " = ?) OR k.id IN (SELECT p.ticket FROM ticket_party p "
            "JOIN ticket_citizen z ON z.id = p.citizen WHERE z." + column + " = ?))", impl.vault.blind(what, text)),
          c.value_of(impl.vault.blind(what, text));
  };
  person("phone", "phone", normal_phone(q.phone));
  person("name", "name", q.name);
  person("id_number", "id_number", q.id_number);
  if (!q.states.empty()) {
    std::string marks;
    for (std::size_t i = 0; i < q.states.size(); ++i) marks += i == 0 ? "?" : ", ?";
    c.add("k.state IN (" + marks + ")");
    for (const auto& state : q.states) c.value_of(state);
  }
  // A range of an index instead of LIKE.
  if (!q.category.empty()) {
    c.add("(k.category = ? OR (k.category >= ? AND k.category < ?))", q.category);
    c.value_of(q.category + ".");
    c.value_of(q.category + "/");
  }
  if (!q.area.empty()) {
    c.add("k.area >= ? AND k.area < ?", q.area);
    c.value_of(q.area + ":");
  }
  const auto equal = [&](const char* column, const std::string& value) {
    if (!value.empty()) c.add(std::string("k.") + column + " = ?", value);
  };
  equal("channel", q.channel);
  equal("kind", q.kind);
  equal("level", q.level);
  if (!q.unit.empty()) c.add("k.id IN (SELECT ticket FROM ticket_assignment WHERE unit = ?)", q.unit);
  if (!q.actor.empty()) c.add("EXISTS (SELECT 1 FROM ticket_event e WHERE e.ticket = k.id AND e.actor = ?)", q.actor);
  if (q.created_from) c.add("k.created_at >= ?", to_ns(*q.created_from));
  if (q.created_to) c.add("k.created_at < ?", to_ns(*q.created_to));
  if (q.due_before) c.add("k.due < ?", to_ns(*q.due_before));
  if (q.open) c.add(*q.open ? "k.closed_at IS NULL" : "k.closed_at IS NOT NULL");
  if (q.overdue) c.add("k.overdue = ?", *q.overdue ? 1 : 0);
  for (const auto& [name, value] : q.fields) {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != name.npos)
      return Error(ErrorCode::invalid_argument, "`" + name + "` is no name of a field", "see the definition's fields");
    if (c.backend() == store::Backend::sqlite) c.add("CAST(json_extract(k.fields, '$." + name + "') AS TEXT) = ?", value);
    else c.add("(CAST(k.fields AS json) ->> '" + name + "') = ?", value);
  }
  return {};
}

}  // namespace

std::string match_of(const std::vector<std::string>& words, store::Backend backend) {
  std::string out;
  for (const auto& word : words) {
    std::string quoted;
    const char quote = backend == store::Backend::sqlite ? '"' : '\'';
    for (const char c : word) quoted += c == quote ? std::string(2, quote) : std::string(1, c);
    if (!out.empty()) out += backend == store::Backend::sqlite ? " AND " : " & ";
    out += quote + quoted + quote;
  }
  return out;
}

namespace {

Status index_row(store::Transaction& t, const std::string& table, std::int64_t id, std::string_view text) {
  auto words = words_of(text, false);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  if (words.empty()) return {};
  std::string joined;
  for (const auto& word : words) joined += (joined.empty() ? "" : " ") + word;
  return t.post("INSERT INTO " + table + (t.backend() == store::Backend::sqlite ? " (rowid, words) VALUES (?, ?)"
                                                                                : " (id, words) VALUES (?, array_to_tsvector(string_to_array(?, ' '))) ON CONFLICT DO NOTHING"),
                {id, joined});
}

}  // namespace

Status index_words(store::Transaction& t, TicketId ticket, std::uint64_t version, std::string_view text) {
  return index_row(t, "ticket_text", static_cast<std::int64_t>(ticket.value << 16 | std::min<std::uint64_t>(version, 0xffff)), text);
}

Status index_note(store::Transaction& t, std::int64_t note, std::string_view text) { return index_row(t, "ticket_note_text", note, text); }

namespace {

// A class at a time: its notes, where the viewer may read them.
bool add_note_condition(Conditions& c, const Policy& policy, const Actor& viewer, const std::string& text) {
  const auto words = words_of(text, true);
  if (words.empty()) return false;
  const bool sqlite = c.backend() == store::Backend::sqlite;
  std::string sql;
  std::vector<std::string> values;
  for (const NoteClass one : {NoteClass::state, NoteClass::leader}) {
    const Predicate may = may_read_notes(policy, viewer, one, Time::max());
    sql += (sql.empty() ? "((" : " OR (") + may.sql + " AND k.id IN (SELECT n.ticket FROM ticket_note_text g JOIN ticket_note n ON n.id = " +
           (sqlite ? "g.rowid WHERE g.ticket_note_text MATCH ?" : "g.id WHERE g.words @@ CAST(? AS tsquery)") +
           " AND n.class = " + std::to_string(static_cast<int>(one)) + "))";
    values.insert(values.end(), may.binds.begin(), may.binds.end());
    values.push_back(match_of(words, c.backend()));
  }
  c.add(sql + ")");
  for (auto& value : values) c.value_of(std::move(value));
  return true;
}

}  // namespace

Desk::Desk(Service service) : service_(std::move(service)), policy_(service_.impl().policy) {}

Result<Page> Desk::search(const Actor& viewer, const Query& query) const {
  const auto& impl = service_.impl();
  const auto backend = service_.database().backend();
  const bool sqlite = backend == store::Backend::sqlite;
  if (query.limit < 1 || query.limit > 500) return Error(ErrorCode::invalid_argument, "a page has 1 to 500 tickets", "give `limit` in that range");
  Conditions c(backend);
  const auto words = words_of(query.text, true);
  if (!query.text.empty() && words.empty()) return Page{};
  const bool by_text = !words.empty();
  // The pages of a text go by the index's own order: newest tickets first.
  const std::string key = by_text ? (sqlite ? "f.rowid" : "f.id") : "k.id";
  if (by_text) c.add(sqlite ? "f.ticket_text MATCH ?" : "f.words @@ CAST(? AS tsquery)", match_of(words, backend));
  const Predicate seen = may_see(policy_, viewer, Time::max());
  c.add(seen.sql);
  for (const auto& value : seen.binds) c.value_of(value);
  HOTLINE_TRY(add_conditions(c, impl, query));
  if (!query.note.empty() && !add_note_condition(c, policy_, viewer, query.note)) return Page{};
  if (!query.after.empty()) {
    const std::int64_t after = std::strtoll(query.after.c_str(), nullptr, 10);
    c.add(key + " < ?", after);
  }
  static const std::string kColumns = columns_of_k();
  const std::string from = by_text ? std::string("ticket_text f JOIN ticket k ON k.id = ") + (sqlite ? "f.rowid >> 16" : "f.id >> 16") : "ticket k";
  const std::string sql = "SELECT " + kColumns + ", " + key + " FROM " + from + " WHERE " + c.sql() + " ORDER BY " + key + " DESC LIMIT " +
                          std::to_string(query.limit + 1);
  Page page;
  std::int64_t last = 0;
  bool more = false;
  HOTLINE_TRY(service_.database().read([&](store::Transaction& t) {
    return t.query(sql, c.binds(), [&](const store::Row& row) {
      Ticket ticket = read_ticket(row);
      if (!page.tickets.empty() && page.tickets.back().id == ticket.id) {
        last = row.integer(row.size() - 1);
        return;
      }
      if (page.tickets.size() == static_cast<std::size_t>(query.limit)) return void(more = true);
      last = row.integer(row.size() - 1);
      page.tickets.push_back(std::move(ticket));
    });
  }));
  // A text found twice in one ticket fills two rows: a page may then be short without being the last.
  if (more || (by_text && page.tickets.size() == static_cast<std::size_t>(query.limit))) page.next = std::to_string(last);
  return page;
}

namespace {

struct Sight {
  bool visible = false, identity = false, recordings = false;
};

Result<Sight> sight_of(store::Transaction& t, const Policy& policy, const Actor& viewer, TicketId ticket, Time now) {
  const auto visible = [&](const Policy& p) -> Result<bool> {
    const Predicate seen = may_see(p, viewer, now);
    std::vector<store::Bind> binds{ticket.value};
    for (const auto& value : seen.binds) binds.emplace_back(value);
    bool found = false;
    HOTLINE_TRY(t.query("SELECT 1 FROM ticket k WHERE k.id = ? AND " + seen.sql, binds, [&](const store::Row&) { found = true; }));
    return found;
  };
  Sight sight;
  HOTLINE_ASSIGN(sight.visible, visible(policy));
  if (!sight.visible) return sight;
  Policy with;
  std::copy_if(policy.grants.begin(), policy.grants.end(), std::back_inserter(with.grants), [](const Grant& g) { return g.identity; });
  HOTLINE_ASSIGN(sight.identity, visible(with));
  with.grants.clear();
  std::copy_if(policy.grants.begin(), policy.grants.end(), std::back_inserter(with.grants), [](const Grant& g) { return g.recordings; });
  HOTLINE_ASSIGN(sight.recordings, visible(with));
  const Predicate fair = not_complained_about(viewer);
  std::vector<store::Bind> binds{ticket.value};
  for (const auto& value : fair.binds) binds.emplace_back(value);
  bool unconcerned = false;
  HOTLINE_TRY(t.query("SELECT 1 FROM ticket k WHERE k.id = ? AND " + fair.sql, binds, [&](const store::Row&) { unconcerned = true; }));
  if (!unconcerned) sight.identity = sight.recordings = false;
  return sight;
}

}  // namespace

Status write_down(store::Transaction& t, const Actor& viewer, TicketId ticket, Time now, std::string_view what) {
  return t.post("INSERT INTO ticket_reading (ticket, at, actor, what) VALUES (?, ?, ?, ?)", {ticket.value, now, viewer.id, what});
}

Error invisible(TicketId ticket) { return Error(ErrorCode::not_found, "there is no ticket with id " + std::to_string(ticket.value) + " for you to see"); }

Result<Ticket> Desk::read(const Actor& viewer, TicketId ticket, Time now) {
  HOTLINE_ASSIGN(Ticket row, service_.find(ticket));
  Sight sight;
  const auto look = [&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(sight, sight_of(t, policy_, viewer, ticket, now));
    return {};
  };
  HOTLINE_TRY(service_.database().read(look));
  if (!sight.visible) return invisible(ticket);
  if (!sight.identity) row.citizen.reset();
  if (row.citizen || row.secrecy != Secrecy::open)
    HOTLINE_TRY(service_.database().write([&](store::Transaction& t) { return write_down(t, viewer, ticket, now, row.citizen ? "identity" : "ticket"); }));
  return row;
}

Result<std::vector<Attachment>> Desk::recordings(const Actor& viewer, TicketId ticket, Time now) {
  Sight sight;
  const Status status = service_.database().write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(sight, sight_of(t, policy_, viewer, ticket, now));
    if (!sight.visible) return invisible(ticket);
    if (!sight.recordings) return Error(ErrorCode::denied, "the recordings of this ticket are not for this viewer", "ask a supervisor");
    return write_down(t, viewer, ticket, now, "recordings");
  });
  if (!status.ok()) return status.error();
  return service_.attachments(ticket);
}

Status Desk::break_glass(const Actor& viewer, TicketId ticket, std::string_view reason, Time now, Time until) {
  if (reason.empty()) return Error(ErrorCode::invalid_argument, "breaking the glass needs a reason", "say why this cannot wait");
  return service_.database().write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(Loaded loaded, service_.impl().load(t, ticket));
    HOTLINE_TRY(t.post("INSERT INTO ticket_access (ticket, actor, until, reason) VALUES (?, ?, ?, ?) ON CONFLICT (ticket, actor) DO UPDATE SET "
                       "until = excluded.until, reason = excluded.reason",
                       {ticket.value, viewer.id, until, reason}));
    std::string body;
    JsonWriter(body).begin_object().field("reason", reason).field("until", to_string(until)).end_object();
    HOTLINE_TRY(service_.impl().append(t, loaded, {now, "break_glass", viewer.id, viewer.unit, {}, body, {}, {}}));
    HOTLINE_TRY(t.post("INSERT INTO ticket_outbox (ticket, key, channel, recipient, template, body, due, attempts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                       {ticket.value, loaded.row.number + ":" + std::to_string(loaded.row.version) + ":glass", "screen", "role:supervisor", "break_glass", body, now, now}));
    return service_.impl().save(t, loaded);
  });
}

Result<std::vector<Desk::Reading>> Desk::readings(TicketId ticket) const {
  std::vector<Reading> out;
  HOTLINE_TRY(service_.database().read([&](store::Transaction& t) {
    return t.query("SELECT at, actor, what FROM ticket_reading WHERE ticket = ? ORDER BY id", {ticket.value},
                   [&](const store::Row& row) { out.push_back({row.time(0), std::string(row.text(1)), std::string(row.text(2))}); });
  }));
  return out;
}

}  // namespace hotline::ticket
