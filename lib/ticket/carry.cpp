// Older tickets under newer rules: calendars that were published meanwhile, and newer versions of a definition.
#include "ticket/impl.hpp"

namespace hotline::ticket {

Status Service::Impl::adopt_in(store::Transaction& t, TicketId id, std::int64_t revision, Time now) const {
  HOTLINE_ASSIGN(Loaded ticket, load(t, id));
  if (ticket.calendars >= revision) return {};
  ticket.calendars = revision;
  const Definition& d = *ticket.definition;
  workflow::Event event;
  event.kind = workflow::Event::Kind::calendar_changed;
  HOTLINE_ASSIGN(const auto calendars, calendars_of(t, d, revision));
  const workflow::Context context{{"calendar", {}, 0}, {}, calendars};
  workflow::Decision decision;
  if (!d.calendars().empty()) workflow::decide(d, ticket.instance, event, context, now, decision);
  if (!decision.accepted()) return t.post("UPDATE ticket SET calendars = ? WHERE id = ?", {revision, id.value});
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("calendars", revision).key("records").begin_array();
  json.raw(workflow::Record::to_json(d, ticket.instance, event, context, now)).end_array().end_object();
  const Places before = places_of(ticket);
  const auto measured = measure(ticket);
  HOTLINE_TRY(project(t, ticket, decision, now));
  HOTLINE_TRY(keep_measures(t, ticket, &measured, &before));
  HOTLINE_TRY(append(t, ticket, {now, "calendars", "calendar", {}, {}, body, {}, {}}));
  return save(t, ticket);
}

Result<int> Service::adopt_calendars(Time now, int limit) {
  std::vector<TicketId> ids;
  std::int64_t revision = 0;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(revision, latest_calendars(t));
    return t.query("SELECT id FROM ticket WHERE closed_at IS NULL AND calendars < ? ORDER BY calendars, id LIMIT ?", {revision, limit},
                   [&](const store::Row& row) { ids.push_back(TicketId{static_cast<std::uint64_t>(row.integer(0))}); });
  }));
  std::vector<store::Database::Command> commands;
  for (const TicketId id : ids) commands.push_back([=, this](store::Transaction& t) { return impl_->adopt_in(t, id, revision, now); });
  for (const Status& answer : impl_->database.write_all(commands)) HOTLINE_TRY(answer);
  return static_cast<int>(ids.size());
}

Result<Outcome> Service::Impl::migrate_in(store::Transaction& t, TicketId id, const Actor& actor, Time at) const {
  HOTLINE_ASSIGN(Loaded ticket, load(t, id));
  const DefinitionPtr* to = nullptr;
  for (const auto& d : definitions)
    if (d->id() == ticket.definition->id() && (to == nullptr || d->version() > (*to)->version())) to = &d;
  if (to == nullptr || (*to)->version() <= ticket.definition->version()) return Outcome{id, ticket.row.version, ticket.row.state, true};
  const Places before = places_of(ticket);
  HOTLINE_ASSIGN(ticket.instance, workflow::migrate(*ticket.definition, **to, ticket.instance));
  const std::string from = ticket.row.definition;
  ticket.definition = *to;
  ticket.row.definition = to_text(**to);
  HOTLINE_TRY(project_again(t, ticket, at));
  HOTLINE_TRY(keep_measures(t, ticket, nullptr, &before));
  std::string body;
  JsonWriter(body).begin_object().field("definition", ticket.row.definition).field("from", from).field("calendars", ticket.calendars).end_object();
  HOTLINE_TRY(append(t, ticket, {at, "migrate", actor.id, actor.unit, {}, body, {}, {}}));
  HOTLINE_TRY(save(t, ticket));
  return Outcome{id, ticket.row.version, ticket.row.state, false};
}

Result<Outcome> Service::migrate(TicketId ticket, const Actor& actor, Time at) {
  Outcome out;
  const Status status = impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(out, impl_->migrate_in(t, ticket, actor, at));
    return {};
  });
  if (!status.ok()) return status.error();
  return out;
}

Result<std::string> Service::state_json(TicketId ticket) const {
  std::string out;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) -> Status {
    std::string name, snapshot;
    HOTLINE_TRY(t.query("SELECT definition, snapshot FROM ticket WHERE id = ?", {ticket.value}, [&](const store::Row& row) {
      name = row.text(0);
      snapshot = row.bytes(1);
    }));
    if (name.empty()) return impl_->gone_or_missing(t, ticket);
    HOTLINE_ASSIGN(const auto d, impl_->definition(t, name));
    HOTLINE_ASSIGN(const auto instance, workflow::Instance::decode(*d, snapshot));
    out = instance.to_json(*d);
    return {};
  }));
  return out;
}

}  // namespace hotline::ticket
