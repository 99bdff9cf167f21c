#include <sodium.h>

#include "ticket/impl.hpp"

namespace hotline::ticket {

const char* const kTicketColumns =
    "id, number, registry, version, definition, state, fields, channel, kind, category, area, level, title, content, place, secrecy, unit, "
    "complained_unit, reply, due, overdue, created_at, updated_at, closed_at, parent, merged_into";

Ticket read_ticket(const store::Row& row) {
  Ticket k;
  std::size_t i = 0;
  const auto text = [&] { return std::string(row.text(i++)); };
  const auto id = [&] { return TicketId{static_cast<std::uint64_t>(row.integer(i++))}; };
  const auto maybe_time = [&]() -> std::optional<Time> {
    const auto v = row.maybe_integer(i++);
    return v ? std::optional(time_from_ns(*v)) : std::nullopt;
  };
  k.id = id();
  k.number = text();
  k.registry = text();
  k.version = static_cast<std::uint64_t>(row.integer(i++));
  k.definition = text();
  k.state = text();
  k.fields = text();
  k.channel = text();
  k.kind = text();
  k.category = text();
  k.area = text();
  k.level = text();
  k.title = text();
  k.content = text();
  k.place = text();
  k.secrecy = static_cast<Secrecy>(row.integer(i++));
  k.unit = text();
  k.complained_unit = text();
  k.reply = text();
  k.due = maybe_time();
  k.overdue = row.integer(i++) != 0;
  k.created_at = row.time(i++);
  k.updated_at = row.time(i++);
  k.closed_at = maybe_time();
  k.parent = id();
  k.merged_into = id();
  return k;
}

namespace {

Error moved_or_missing(store::Transaction& t, std::string_view where, const store::Bind& value, const std::string& what) {
  std::optional<Time> at;
  (void)t.query("SELECT at FROM ticket_gone WHERE " + std::string(where), {value}, [&](const store::Row& row) { at = row.time(0); });
  if (!at) return Error(ErrorCode::not_found, "there is no ticket " + what, "check the number");
  return Error(ErrorCode::not_found, "ticket " + what + " was moved to the archive on " + to_string(*at), "open the archive's database");
}

// What the citizen hears of a ticket that lies in the archive.
Result<std::optional<PublicStatus>> archived(store::Database database, std::string_view number, std::string_view language) {
  std::optional<PublicStatus> out;
  HOTLINE_TRY(database.read([&](store::Transaction& t) {
    return t.query("SELECT at, version FROM ticket_gone WHERE number = ?", {number}, [&](const store::Row& row) {
      out.emplace();
      out->number = number;
      out->state = "closed";
      out->phrase = language.starts_with("en") ? "closed and archived" : "已办结归档";
      out->updated_at = row.time(0);
      out->version = static_cast<std::uint64_t>(row.integer(1));
    });
  }));
  return out;
}

Result<Ticket> select(const Service::Impl& impl, std::string_view where, const store::Bind& value, const std::string& what) {
  const std::string sql = std::string("SELECT ") + kTicketColumns + ", citizen FROM ticket WHERE " + std::string(where);
  Ticket ticket;
  const Status status = store::Database(impl.database).read([&](store::Transaction& t) -> Status {
    std::optional<std::int64_t> citizen;
    HOTLINE_TRY(t.query(sql, {value}, [&](const store::Row& row) {
      ticket = read_ticket(row);
      citizen = row.maybe_integer(row.size() - 1);
    }));
    if (!ticket.id) return moved_or_missing(t, where, value, what);
    if (!citizen) return {};
    HOTLINE_ASSIGN(ticket.citizen, impl.open_citizen(t, *citizen));
    return {};
  });
  if (!status.ok()) return status.error();
  return ticket;
}

// The ticket that answers for this one: its target, where it was merged.
Result<Ticket> answering(const Service& service, std::string_view number) {
  HOTLINE_TRY(check_acceptance_number(number));
  HOTLINE_ASSIGN(Ticket ticket, service.find(number));
  for (int hops = 0; ticket.merged_into && hops < 16; ++hops) {
    HOTLINE_ASSIGN(ticket, service.find(ticket.merged_into));
  }
  return ticket;
}

}  // namespace

Result<Ticket> Service::find(TicketId id) const { return select(*impl_, "id = ?", id.value, "with id " + std::to_string(id.value)); }

Result<Ticket> Service::find(std::string_view number) const {
  if (number.size() == 21) {
    HOTLINE_TRY(check_registry_number(number));
    return select(*impl_, "registry = ?", number, std::string(number));
  }
  HOTLINE_TRY(check_acceptance_number(number));
  return select(*impl_, "number = ?", number, std::string(number));
}

Result<PublicStatus> Service::public_status(std::string_view number, std::string_view language) const {
  const auto answer = answering(*this, number);
  if (!answer.ok()) {
    HOTLINE_ASSIGN(auto gone, archived(impl_->database, number, language));
    if (gone) return *std::move(gone);
    return answer.error();
  }
  const Ticket& ticket = *answer;
  DefinitionPtr definition;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(definition, impl_->definition(t, ticket.definition));
    return {};
  }));
  PublicStatus out;
  out.number = number;
  out.reply = ticket.reply;
  out.due = ticket.due;
  out.updated_at = ticket.updated_at;
  out.version = ticket.version;
  const auto* status = definition->public_status(definition->root().regions[0].find(ticket.state));
  out.state = status != nullptr && !status->code.empty() ? status->code : ticket.state;
  if (status != nullptr) out.phrase = language.starts_with("en") ? status->phrase.en : status->phrase.zh;
  if (out.phrase.empty()) out.phrase = ticket.state;
  if (out.state == "handling" || out.state == "accepted") out.reply.clear();  // not reviewed yet
  return out;
}

Result<PublicStatus> Service::public_status_with_code(std::string_view number, std::string_view code, std::string_view caller, Time now,
                                                      std::string_view language) {
  constexpr int kTries = 5;
  const std::int64_t hour = to_ns(now) / std::chrono::nanoseconds(std::chrono::hours(1)).count();
  HOTLINE_TRY(check_acceptance_number(number));
  HOTLINE_ASSIGN(const Ticket ticket, find(number));
  std::int64_t tries = 0;
  std::string access;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto known, t.integer("SELECT tries FROM ticket_try WHERE caller = ? AND hour = ?", {caller, hour}));
    tries = known.value_or(0);
    HOTLINE_ASSIGN(const auto hash, t.text("SELECT access FROM ticket WHERE id = ?", {ticket.id.value}));
    access = hash.value_or("");
    return {};
  }));
  if (tries >= kTries) return Error(ErrorCode::limit, "too many wrong access codes", "try again in an hour, or ask an agent");
  const std::string given = impl_->vault.blind("access:" + ticket.number, code);
  if (given.size() == access.size() && sodium_memcmp(given.data(), access.data(), given.size()) == 0) return public_status(number, language);
  HOTLINE_TRY(impl_->database.write([&](store::Transaction& t) {
    return t.post("INSERT INTO ticket_try (caller, hour, tries) VALUES (?, ?, 1) ON CONFLICT (caller) DO UPDATE SET "
                  "tries = CASE ticket_try.hour WHEN excluded.hour THEN ticket_try.tries + 1 ELSE 1 END, hour = excluded.hour",
                  {caller, hour});
  }));
  return Error(ErrorCode::denied, "this access code is wrong", "it is the six digits told with the number");
}

Result<std::vector<EventRecord>> Service::history(TicketId ticket) const {
  std::vector<EventRecord> events;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) {
    return t.query("SELECT version, at, type, actor, unit, command, body, hash, state FROM ticket_event WHERE ticket = ? ORDER BY version", {ticket.value},
                   [&](const store::Row& row) {
                     EventRecord e;
                     e.ticket = ticket;
                     e.version = static_cast<std::uint64_t>(row.integer(0));
                     e.at = row.time(1);
                     e.type = row.text(2);
                     e.actor = row.text(3);
                     e.unit = row.text(4);
                     e.command = row.text(5);
                     e.body = row.text(6);
                     e.hash = to_hex(row.bytes(7));
                     e.state = row.text(8);
                     events.push_back(std::move(e));
                   });
  }));
  if (events.empty()) return Error(ErrorCode::not_found, "there is no ticket with id " + std::to_string(ticket.value));
  return events;
}

Result<std::vector<Attachment>> Service::attachments(TicketId ticket) const {
  std::vector<Attachment> out;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) {
    return t.query("SELECT kind, sha256, name, media_type, size FROM ticket_attachment WHERE ticket = ? ORDER BY version, sha256", {ticket.value},
                   [&](const store::Row& row) {
                     out.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)),
                                    static_cast<std::uint64_t>(row.integer(4))});
                   });
  }));
  return out;
}

}  // namespace hotline::ticket
