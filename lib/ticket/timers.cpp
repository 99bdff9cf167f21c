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
  if (decision.verdict == workflow::Verdict::refused) return refusal_error(d, decision.refusal, timer, ticket.row.state);
  if (!decision.accepted()) return false;
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("records").begin_array().raw(workflow::Record::to_json(d, ticket.instance, event, context, now)).end_array();
  json.field("late_by", to_string(now - ticket.instance.timer(event.node, event.type).at)).end_object();
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

// The row keeps the right to fire; the due time that was missed stands in the ticket's own state.
Status Service::Impl::postpone_in(store::Transaction& t, TicketId id, std::int64_t node, const std::string& timer, std::int64_t generation, const Error& problem,
                                  Time now) const {
  HOTLINE_ASSIGN(const auto attempts, t.integer("SELECT attempts FROM ticket_timer WHERE ticket = ? AND node = ? AND timer = ? AND generation = ? {update}",
                                                {id.value, node, timer, generation}));
  if (!attempts) return {};
  const Duration wait = std::min<Duration>(std::chrono::minutes(1) * (std::int64_t{1} << std::min<std::int64_t>(*attempts, 6)), std::chrono::hours(1));
  HOTLINE_TRY(t.post("UPDATE ticket_timer SET due = ?, attempts = attempts + 1, problem = ? WHERE ticket = ? AND node = ? AND timer = ?",
                     {now + wait, problem.message(), id.value, node, timer}));
  if (*attempts > 0) return {};
  HOTLINE_ASSIGN(const auto number, t.text("SELECT number FROM ticket WHERE id = ?", {id.value}));
  const std::string key = number.value_or("") + ":timer:" + std::to_string(node) + ":" + timer + ":" + std::to_string(generation);
  std::string body;
  JsonWriter(body).begin_object().field("timer", timer).field("problem", problem.message()).end_object();
  return t.post("INSERT INTO ticket_outbox (ticket, key, channel, recipient, template, body, due, attempts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                {id.value, key, "screen", "role:supervisor", "timer_failed", body, now, now});
}

namespace {

// Of the database, not of the timer: nothing was lost, and the next call begins again.
bool is_outage(ErrorCode code) { return code == ErrorCode::busy || code == ErrorCode::unavailable || code == ErrorCode::io || code == ErrorCode::limit; }

struct Due {
  TicketId ticket;
  std::int64_t node, generation;
  std::string timer;
  bool fired = false;
};

}  // namespace

Result<std::vector<FailingTimer>> Service::failing_timers(int limit) const {
  std::vector<FailingTimer> out;
  HOTLINE_TRY(impl_->database.read([&](store::Transaction& t) {
    return t.query("SELECT ticket, node, timer, attempts, problem, due FROM ticket_timer WHERE attempts > 0 ORDER BY ticket, node, timer LIMIT ?", {limit},
                   [&](const store::Row& row) {
                     out.push_back({TicketId{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint32_t>(row.integer(1)), std::string(row.text(2)),
                                    static_cast<int>(row.integer(3)), std::string(row.text(4)), row.time(5)});
                   });
  }));
  return out;
}

Result<int> Service::fire_timers(Time now, int limit) {
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
      try {
        HOTLINE_ASSIGN(item.fired, impl_->fire_in(t, item.ticket, item.node, item.timer, item.generation, now));
        return {};
      } catch (const std::exception& e) {
        return Error(ErrorCode::internal, e.what());
      }
    });
  int fired = 0;
  const auto answers = impl_->database.write_all(commands);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Due& item = due[i];
    fired += answers[i].ok() && item.fired ? 1 : 0;
    if (answers[i].ok()) continue;
    const Error& problem = answers[i].error();
    if (is_outage(problem.code())) return problem.within("timer `" + item.timer + "` of ticket id " + std::to_string(item.ticket.value));
    HOTLINE_TRY(impl_->database.write(
        [&](store::Transaction& t) { return impl_->postpone_in(t, item.ticket, item.node, item.timer, item.generation, problem, now); }));
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
