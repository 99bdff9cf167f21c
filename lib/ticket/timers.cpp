#include "ticket/impl.hpp"

namespace hotline::ticket {

// The row is the right to fire: it is checked and deleted in the transaction that moves the ticket, so that of several
// processes one fires, and a crash before the commit leaves it due.
Result<bool> Service::Impl::fire_in(store::Transaction& t, TicketId id, std::int64_t node, const std::string& timer, std::int64_t generation,
                                    Time now) const {
  HOTLINE_ASSIGN(Loaded ticket, load(t, id));
  HOTLINE_ASSIGN(const auto due, t.integer("DELETE FROM ticket_timer WHERE ticket = ? AND node = ? AND timer = ? AND generation = ? RETURNING due",
                                           {id.value, node, timer, generation}));
  if (!due) return false;
  const Definition& d = *ticket.definition;
  workflow::Event event;
  event.kind = workflow::Event::Kind::timer;
  event.node = static_cast<workflow::NodeId>(node);
  event.generation = static_cast<std::uint32_t>(generation);
  if (!ticket.instance.exists(event.node)) return false;
  event.type = d.machines()[ticket.instance.nodes[event.node].machine].timer(timer);
  if (event.type == workflow::kNone) return false;
  Command command;
  command.at = now;
  command.actor.id = "timer";
  command.ticket = id;
  command.event = timer;
  HOTLINE_ASSIGN(const auto facts, facts_of(*this, t, ticket, command, nullptr, {}));
  HOTLINE_ASSIGN(const auto calendars, calendars_of(t, d, ticket.calendars));
  const workflow::Context context{{"timer", {}, 0}, facts, calendars};
  workflow::Decision decision = workflow::decide(d, ticket.instance, event, context, now);
  if (!decision.accepted()) return false;
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("records").begin_array().raw(workflow::Record::to_json(d, ticket.instance, event, context, now)).end_array();
  json.field("late_by", to_string(now - time_from_ns(*due))).end_object();
  const Places before = places_of(ticket);
  const auto measured = measure(ticket);
  HOTLINE_TRY(project(t, ticket, decision, now));
  HOTLINE_TRY(keep_measures(t, ticket, &measured, &before));
  const std::string type = "timer:" + timer;
  HOTLINE_TRY(append(t, ticket, {now, type, "timer", {}, {}, body, {}, {}}));
  HOTLINE_TRY(save(t, ticket, &before));
  recent_.keep(std::move(ticket));
  return true;
}

Result<int> Service::fire_timers(Time now, int limit) {
  struct Due {
    TicketId ticket;
    std::int64_t node, generation;
    std::string timer;
    bool fired = false;
  };
  for (auto moved = adopt_calendars(now);; moved = adopt_calendars(now)) {
    if (!moved.ok()) return moved.error();
    if (*moved == 0) break;
  }
  std::vector<Due> due;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) {
    return t.query("SELECT ticket, node, timer, generation FROM ticket_timer WHERE due <= ? ORDER BY due, ticket, node LIMIT ?", {now, limit},
                   [&](const store::Row& row) {
                     due.push_back({TicketId{static_cast<std::uint64_t>(row.integer(0))}, row.integer(1), row.integer(3), std::string(row.text(2))});
                   });
  }));
  std::vector<store::Database::Command> commands;
  commands.reserve(due.size());
  for (Due& item : due)
    commands.push_back([&, this](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(item.fired, impl_->fire_in(t, item.ticket, item.node, item.timer, item.generation, now));
      return {};
    });
  int fired = 0;
  const auto answers = impl_->database.write_all(commands);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) return answers[i].error().within("timer `" + due[i].timer + "` of ticket id " + std::to_string(due[i].ticket.value));
    fired += due[i].fired ? 1 : 0;
  }
  return fired;
}

Result<std::optional<Time>> Service::next_timer() const {
  std::optional<Time> next;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto due, t.integer("SELECT min(due) FROM ticket_timer"));
    if (due) next = time_from_ns(*due);
    return {};
  }));
  return next;
}

}  // namespace hotline::ticket
