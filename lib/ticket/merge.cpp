// Two tickets become one: the source points to the target, the target knows whom else it answers.
#include "ticket/impl.hpp"

namespace hotline::ticket {

Result<TicketId> Service::Impl::by_number(store::Transaction& t, std::string_view number) const {
  HOTLINE_ASSIGN(const auto id, t.integer("SELECT id FROM ticket WHERE number = ?", {number}));
  if (!id) return Error(ErrorCode::not_found, "there is no ticket " + std::string(number), "check the number");
  return TicketId{static_cast<std::uint64_t>(*id)};
}

// In the order of ids, whoever merges into whom: two that merge in opposite directions wait for each other in one order.
Status Service::Impl::lock_both(store::Transaction& t, TicketId a, TicketId b) const {
  return t.query("SELECT id FROM ticket WHERE id = ? OR id = ? ORDER BY id {update}", {a.value, b.value}, [](const store::Row&) {});
}

Result<bool> Service::Impl::merge_allowed(store::Transaction& t, const Loaded& source, std::string_view into) const {
  const auto target = by_number(t, into);
  if (!target.ok()) return target.error();
  bool allowed = false;
  HOTLINE_TRY(t.query("SELECT merged_into, closed_at, secrecy FROM ticket WHERE id = ?", {target->value}, [&](const store::Row& row) {
    allowed = *target != source.row.id && row.is_null(0) && row.is_null(1) && row.integer(2) >= static_cast<int>(source.row.secrecy);
  }));
  return allowed;
}

// After the workflow accepted: the pointer, the parties, the strictest due time, and a line in both histories.
Status Service::Impl::merged(store::Transaction& t, Loaded& source, std::string_view into, std::optional<Time> due, const Command& command) const {
  HOTLINE_ASSIGN(const TicketId id, by_number(t, into));
  source.row.merged_into = id;
  HOTLINE_ASSIGN(Loaded target, load(t, id));
  HOTLINE_TRY(t.post("INSERT INTO ticket_party (ticket, source, citizen, due) VALUES (?, ?, ?, ?) ON CONFLICT (ticket, source) DO NOTHING",
                     {id.value, source.row.id.value, source.citizen, due}));
  // Who was merged into the source before follows it.
  HOTLINE_TRY(t.post("UPDATE ticket SET merged_into = ? WHERE merged_into = ?", {id.value, source.row.id.value}));
  if (due && (!target.party_due || *due < *target.party_due)) target.party_due = due;
  if (due && (!target.row.due || *due < *target.row.due)) target.row.due = due;
  std::string body;
  JsonWriter(body).begin_object().field("absorbed", source.row.number).end_object();
  HOTLINE_TRY(append(t, target, {command.at, "absorb", command.actor.id, command.actor.unit, {}, body, {}, {}}));
  return save(t, target);
}

Status Service::Impl::unmerged(store::Transaction& t, Loaded& source, const Command& command) const {
  const TicketId id = source.row.merged_into;
  source.row.merged_into = {};
  if (!id) return {};
  HOTLINE_TRY(t.post("DELETE FROM ticket_party WHERE ticket = ? AND source = ?", {id.value, source.row.id.value}));
  HOTLINE_ASSIGN(Loaded target, load(t, id));
  HOTLINE_ASSIGN(const auto strictest, t.integer("SELECT min(due) FROM ticket_party WHERE ticket = ?", {id.value}));
  target.party_due = strictest ? std::optional(time_from_ns(*strictest)) : std::nullopt;
  std::string body;
  JsonWriter(body).begin_object().field("released", source.row.number).end_object();
  HOTLINE_TRY(append(t, target, {command.at, "release", command.actor.id, command.actor.unit, {}, body, {}, {}}));
  return save(t, target);
}

}  // namespace hotline::ticket
