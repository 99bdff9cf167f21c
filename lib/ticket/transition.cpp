// A command on a ticket: load, decide, append, project. All inside one transaction.
#include <algorithm>
#include <array>

#include "hotline/base/document.hpp"
#include "ticket/impl.hpp"
#include "ticket/outbox.hpp"

namespace hotline::ticket {

using workflow::Decision;
using workflow::Effect;
using workflow::kNone;
using workflow::NodeId;

namespace {

bool is_open(const Definition& d, const workflow::Instance& i, NodeId node) {
  const auto& machine = d.machines()[i.nodes[node].machine];
  return machine.regions[0].states[i.state(node, 0)].counts == workflow::State::Counts::open;
}

std::string_view key_of(const Definition& d, const workflow::Instance& i, NodeId node) {
  const auto key = d.machines()[i.nodes[node].machine].key;
  return key == kNone ? std::string_view() : i.field(node, key).as_string();
}

// The node that a command speaks of. Errors: not_found.
Result<NodeId> target_of(const Loaded& ticket, const Command& command) {
  const Definition& d = *ticket.definition;
  const auto knows = [&](NodeId node) { return d.machines()[ticket.instance.nodes[node].machine].event(command.event) != kNone; };
  if (command.task) {
    if (!ticket.instance.exists(*command.task))
      return Error(ErrorCode::not_found, "ticket " + ticket.row.number + " has no assignment " + std::to_string(*command.task));
    return *command.task;
  }
  const auto count = static_cast<NodeId>(ticket.instance.nodes.size());
  std::optional<NodeId> closed, other;
  for (NodeId node = count; node-- > 1;) {
    if (!knows(node)) continue;
    const bool own = !command.actor.unit.empty() && key_of(d, ticket.instance, node) == command.actor.unit;
    if (own && is_open(d, ticket.instance, node)) return node;
    if (own && !closed) closed = node;
    if (is_open(d, ticket.instance, node) && !other) other = node;
  }
  if (knows(0)) return NodeId{0};
  if (closed) return *closed;
  if (other) return *other;
  for (const auto& machine : d.machines())
    if (machine.event(command.event) != kNone)
      return Error(ErrorCode::wrong_state, "ticket " + ticket.row.number + " has no assignment for `" + command.event + "`", "dispatch it first");
  std::vector<std::string> names;
  for (const auto& machine : d.machines())
    for (const auto& type : machine.events)
      if (!type.internal) names.push_back(type.name);
  const auto near = nearest(command.event, names);
  return Error(ErrorCode::not_found, "`" + command.event + "` is no event of " + to_text(d),
               near.empty() ? "`hotline workflow graph FILE` draws them" : "did you mean `" + std::string(near) + "`?");
}

Result<std::vector<expr::Value>> values_of(std::span<const workflow::Field> fields, std::string_view json, std::string_view event) {
  std::vector<expr::Value> values(fields.size());
  if (json.empty()) return values;
  HOTLINE_ASSIGN(const Node node, parse_document(json, "fields"));
  if (!node.is_mapping()) return Error(ErrorCode::invalid_argument, "the fields of `" + std::string(event) + "` are no JSON object", "write {\"name\": value}");
  for (const auto& entry : node.entries()) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == entry.key.text(); });
    if (found == fields.end()) {
      std::vector<std::string> names;
      for (const auto& f : fields) names.push_back(f.name);
      const auto near = nearest(entry.key.text(), names);
      return Error(ErrorCode::invalid_argument, "`" + std::string(event) + "` has no field `" + entry.key.text() + "`",
                   near.empty() ? "leave it out" : "did you mean `" + std::string(near) + "`?");
    }
    auto value = expr::Value::from(entry.value, found->type);
    if (!value.ok()) return value.error().within("field `" + found->name + "` of `" + std::string(event) + "`");
    values[static_cast<std::size_t>(found - fields.begin())] = *std::move(value);
  }
  return values;
}

// The text for the citizen: of a unit's reply, or of an answer given at once. The lead's stands before an assistant's.
void take_reply(const Decision& decision, const Effect& e, const workflow::Instance& now, Ticket& row) {
  if (e.name != "reply" && e.name != "answer") return;
  const bool lead = e.node == 0 || now.nodes[e.node].lead;
  for (const auto& argument : decision.arguments_of(e))
    if ((argument.name == "public_text" || argument.name == "text") && (lead || row.reply.empty())) row.reply = argument.value.as_string();
}

}  // namespace

std::string to_text(const Definition& d) { return d.id() + "@" + std::to_string(d.version()); }

workflow::Actor kernel_actor(const Definition& d, const Actor& actor) {
  workflow::Actor out{actor.id, actor.unit, 0};
  for (const std::string& role : actor.roles) {
    const auto index = d.role(role);
    if (index != kNone && index < 64) out.roles |= std::uint64_t{1} << index;
  }
  return out;
}

Error refusal_error(const Definition& d, const workflow::Refusal& refusal, std::string_view event, std::string_view state) {
  using Kind = workflow::Refusal::Kind;
  const auto text = d.reason(refusal.reason);
  const std::string why = text.en.empty() ? refusal.reason : text.en;
  const std::string also = text.zh.empty() ? std::string() : text.zh;
  const std::string head = "`" + std::string(event) + "` in state " + std::string(state);
  switch (refusal.kind) {
    case Kind::unknown_event: return Error(ErrorCode::not_found, head + ": no such event", "see the definition " + to_text(d));
    case Kind::internal_event: return Error(ErrorCode::denied, head + ": only the workflow itself raises it");
    case Kind::not_now: return Error(ErrorCode::wrong_state, head + " is not possible", also);
    case Kind::denied: return Error(ErrorCode::denied, head + " is not for this actor", also);
    case Kind::limit: return Error(ErrorCode::limit, head + " was done as often as allowed" + (why.empty() ? "" : ": " + why), also);
    case Kind::invalid_field: return Error(ErrorCode::invalid_argument, head + ": field " + why, also);
    case Kind::missing: return Error(ErrorCode::invalid_argument, head + " needs " + why, also);
    case Kind::runaway: return Error(ErrorCode::internal, head + ": the definition " + to_text(d) + " loops");
    case Kind::guard:
    case Kind::requirement:
    case Kind::none: break;
  }
  return Error(ErrorCode::conflict, head + " is refused" + (why.empty() ? "" : ": " + why), also);
}

Result<Loaded> Service::Impl::load(store::Transaction& t, TicketId ticket) const {
  static const std::string kSql =
      std::string("SELECT ") + kTicketColumns + ", head, citizen, access, snapshot, calendars, party_due FROM ticket WHERE id = ? {update}";
  if (auto recent = recent_.take(ticket)) {
    bool same = false;
    HOTLINE_TRY(t.query("SELECT head, calendars, party_due, merged_into FROM ticket WHERE id = ? {update}", {ticket.value}, [&](const store::Row& row) {
      same = row.bytes(0) == recent->head && row.integer(1) == recent->calendars &&
             row.maybe_integer(2) == (recent->party_due ? std::optional(to_ns(*recent->party_due)) : std::nullopt) &&
             static_cast<std::uint64_t>(row.integer(3)) == recent->row.merged_into.value;
    }));
    if (same) return *std::move(recent);
  }
  Loaded out;
  bool found = false;
  HOTLINE_TRY(t.query(kSql, {ticket.value}, [&](const store::Row& row) {
    found = true;
    out.row = read_ticket(row);
    std::size_t i = row.size() - 6;
    out.head = row.bytes(i++);
    out.citizen = row.maybe_integer(i++);
    out.access = row.text(i++);
    out.snapshot = row.bytes(i++);
    out.calendars = row.integer(i++);
    if (const auto due = row.maybe_integer(i)) out.party_due = time_from_ns(*due);
  }));
  if (!found) return gone_or_missing(t, ticket);
  HOTLINE_ASSIGN(out.definition, definition(t, out.row.definition));
  HOTLINE_ASSIGN(out.instance, workflow::Instance::decode(*out.definition, out.snapshot));
  return out;
}

Status Service::Impl::append(store::Transaction& t, Loaded& ticket, const Appended& event) const {
  ++ticket.row.version;
  ticket.row.updated_at = event.at;
  ticket.head = chain_hash(ticket.head, ticket.row.id, ticket.row.version, event, ticket.row.state);
  const auto bytes = [](std::string_view b) { return b.empty() ? store::Bind(nullptr) : store::Bind(store::Blob{b}); };
  HOTLINE_TRY(t.post("INSERT INTO ticket_unanchored (ticket) VALUES (?) ON CONFLICT (ticket) DO NOTHING", {ticket.row.id.value}));
  return t.post("INSERT INTO ticket_event (ticket, version, at, type, actor, unit, state, command, digest, body, sealed, hash) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                {ticket.row.id.value, ticket.row.version, event.at, event.type, event.actor, event.unit, ticket.row.state,
                 event.command.empty() ? store::Bind(nullptr) : store::Bind(event.command), bytes(event.digest), event.body, bytes(event.sealed),
                 store::Blob{ticket.head}});
}

Places places_of(const Loaded& ticket) {
  const Ticket& r = ticket.row;
  return {r.state, r.unit, r.category, r.area, r.definition, ticket.instance.finished(*ticket.definition), r.due, r.closed_at, r.merged_into, ticket.calendars};
}

// An index costs a page for every column of it that is named in an UPDATE, changed or not: so each group of columns is named only
// where it changed.
Status Service::Impl::save(store::Transaction& t, const Loaded& ticket, const Places* before) const {
  enum : unsigned { state = 1, load = 2, category = 4, rest = 8, all = 15 };
  static const auto kSql = [] {
    std::array<std::string, all + 1> sql;
    for (unsigned groups = 0; groups <= all; ++groups)
      sql[groups] = std::string("UPDATE ticket SET version = ?, head = ?, snapshot = ?, fields = ?, secrecy = ?, level = ?, reply = ?, overdue = ?, updated_at = ?, "
                                "party_due = ?, area = ?") +
                    (groups & state ? ", state = ?" : "") + (groups & load ? ", unit = ?, finished = ?, due = ?" : "") +
                    (groups & category ? ", category = ?" : "") + (groups & rest ? ", closed_at = ?, merged_into = ?, definition = ?, calendars = ?" : "") + " WHERE id = ?";
    return sql;
  }();
  const Ticket& r = ticket.row;
  const Places now = places_of(ticket);
  unsigned groups = all;
  if (before != nullptr) {
    groups = before->state != now.state ? state : 0u;
    if (std::tie(before->unit, before->finished, before->due) != std::tie(now.unit, now.finished, now.due)) groups |= load;
    if (before->category != now.category) groups |= category;
    const auto others = [](const Places& p) { return std::tie(p.closed_at, p.merged_into, p.definition, p.calendars); };
    if (others(*before) != others(now)) groups |= rest;
  }
  std::vector<store::Bind> binds{r.version, store::Blob{ticket.head}, store::Blob{ticket.snapshot}, r.fields, static_cast<int>(r.secrecy), r.level, r.reply,
                                 r.overdue, r.updated_at, ticket.party_due, r.area};
  binds.reserve(binds.size() + 10);
  if (groups & state) binds.emplace_back(now.state);
  if (groups & load) binds.insert(binds.end(), {now.unit, now.finished, now.due});
  if (groups & category) binds.emplace_back(now.category);
  if (groups & rest)
    binds.insert(binds.end(), {now.closed_at, now.merged_into ? store::Bind(now.merged_into.value) : store::Bind(nullptr), now.definition, now.calendars});
  binds.emplace_back(r.id.value);
  return t.post(kSql[groups], binds);
}

namespace {

std::string fields_json(const Definition& d, const workflow::Instance& i) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (std::uint32_t f = 0; f < d.root().fields.size(); ++f) {
    const expr::Value& value = i.field(0, f);
    if (value.is_missing()) continue;
    json.key(d.root().fields[f].name);
    value.write_json(json);
  }
  json.end_object();
  return out;
}

std::optional<Time> sooner(std::optional<Time> a, Time b) { return b != workflow::Due::never && (!a || b < *a) ? b : a; }

// What the row shows of the workflow's state.
void take_state(Loaded& ticket, Time at) {
  const Definition& d = *ticket.definition;
  const workflow::Instance& i = ticket.instance;
  Ticket& row = ticket.row;
  const workflow::State& main = d.root().regions[0].states[i.state(0, 0)];
  row.state = main.name;
  ticket.snapshot.clear();
  i.encode(d, ticket.snapshot);
  const auto* status = d.public_status(i.state(0, 0));
  const bool over = main.final || main.counts != workflow::State::Counts::open || (status != nullptr && status->code == "closed");
  if (over && !row.closed_at) row.closed_at = at;
  if (!over) row.closed_at.reset();
  row.due.reset();
  for (NodeId node = 0; node < i.nodes.size(); ++node) {
    const auto& types = d.machines()[i.nodes[node].machine].clocks;
    for (std::uint32_t c = 0; c < types.size(); ++c) {
      if (!types[c].deadline) continue;
      const auto& clock = i.clock(node, c);
      row.overdue = row.overdue || clock.overdue_count > 0;
      if (clock.status == workflow::ClockState::Status::running) row.due = sooner(row.due, clock.due);
    }
  }
  if (ticket.party_due && !over) row.due = sooner(row.due, *ticket.party_due);
  std::optional<NodeId> lead;
  for (NodeId node = 1; node < i.nodes.size(); ++node)
    if (i.nodes[node].parent == 0 && i.nodes[node].lead && (is_open(d, i, node) || !lead || !is_open(d, i, *lead))) lead = node;
  if (lead) row.unit = key_of(d, i, *lead);
  take_fields(d, i, row);
}

}  // namespace

Status Service::Impl::write_assignment(store::Transaction& t, const Loaded& ticket, NodeId node, Time at) const {
  const Definition& d = *ticket.definition;
  const workflow::Instance& i = ticket.instance;
  const auto& machine = d.machines()[i.nodes[node].machine];
  const auto& state = machine.regions[0].states[i.state(node, 0)];
  std::optional<Time> due;
  bool overdue = false;
  for (std::uint32_t c = 0; c < machine.clocks.size(); ++c) {
    if (!machine.clocks[c].deadline) continue;
    const auto& clock = i.clock(node, c);
    overdue = overdue || clock.overdue_count > 0;
    if (clock.status == workflow::ClockState::Status::running) due = sooner(due, clock.due);
  }
  return t.post("INSERT INTO ticket_assignment (ticket, node, parent, unit, lead, machine, state, counts, due, overdue, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ticket, node) DO UPDATE SET lead = excluded.lead, state = excluded.state, "
                "counts = excluded.counts, due = excluded.due, overdue = excluded.overdue, updated_at = excluded.updated_at",
                {ticket.row.id.value, node, i.nodes[node].parent, key_of(d, i, node), i.nodes[node].lead, machine.name, state.name,
                 static_cast<int>(state.counts), due, overdue, at, at});
}

// A timer that is cancelled and armed on one way keeps its row. `effects` begin with the cancelling.
static bool armed_again(std::span<const Effect> effects) {
  const Effect& off = effects.front();
  return std::any_of(effects.begin(), effects.end(), [&](const Effect& e) { return e.kind == Effect::Kind::arm && e.node == off.node && e.name == off.name; });
}

// Brings the columns, assignments, timers and the outbox to what the decision made.
Status Service::Impl::project(store::Transaction& t, Loaded& ticket, Decision& decision, Time at) const {
  const Definition& d = *ticket.definition;
  const auto own = static_cast<std::ptrdiff_t>(d.root().fields.size());  // the root's stand first
  const bool told = !ticket.row.fields.empty() && std::equal(ticket.instance.fields.begin(), ticket.instance.fields.begin() + own, decision.next.fields.begin());
  ticket.instance = std::move(decision.next);
  Ticket& row = ticket.row;
  take_state(ticket, at);
  if (!told) row.fields = fields_json(d, ticket.instance);
  std::vector<bool> touched(ticket.instance.nodes.size());
  HOTLINE_ASSIGN(const auto responsible, row.level == "emergency" ? catalogue(t, at) : std::shared_ptr<const Catalogue>());
  for (const Effect& e : decision.effects) {
    if (e.node < touched.size()) touched[e.node] = true;
    switch (e.kind) {
      case Effect::Kind::spawned: {
        touched[e.other] = true;
        const Unit* unit = responsible ? responsible->unit(key_of(d, ticket.instance, e.other)) : nullptr;
        if (unit != nullptr && !unit->leader.empty()) HOTLINE_TRY(post_enforcement(t, ticket, unit->id, unit->leader, at, ticket.outgoing));
        break;
      }
      case Effect::Kind::arm: HOTLINE_TRY(write_timer(t, row.id, e.node, e.name, e.generation, e.at)); break;
      case Effect::Kind::cancel:
        if (armed_again(std::span(decision.effects).subspan(static_cast<std::size_t>(&e - decision.effects.data())))) break;
        HOTLINE_TRY(t.post("DELETE FROM ticket_timer WHERE ticket = ? AND node = ? AND timer = ?", {row.id.value, e.node, e.name}));
        break;
      case Effect::Kind::notify:
      case Effect::Kind::emit:
        take_reply(decision, e, ticket.instance, row);
        HOTLINE_TRY(post_outbox(t, ticket, decision, e, at, ticket.outgoing));
        break;
      default: break;
    }
  }
  for (NodeId node = 1; node < touched.size(); ++node)
    if (touched[node]) HOTLINE_TRY(write_assignment(t, ticket, node, at));
  return {};
}

// The same from the state alone, after a migration: timers and assignments may have other names now.
Status Service::Impl::project_again(store::Transaction& t, Loaded& ticket, Time at) const {
  take_state(ticket, at);
  const Definition& d = *ticket.definition;
  const workflow::Instance& i = ticket.instance;
  ticket.row.fields = fields_json(d, i);
  HOTLINE_TRY(t.post("DELETE FROM ticket_timer WHERE ticket = ?", {ticket.row.id.value}));
  for (NodeId node = 0; node < i.nodes.size(); ++node) {
    const auto& machine = d.machines()[i.nodes[node].machine];
    for (std::uint32_t n = 0; n < machine.timers.size(); ++n)
      if (const auto& timer = i.timer(node, n); timer.armed)
        HOTLINE_TRY(write_timer(t, ticket.row.id, node, machine.timers[n].name, timer.generation, timer.at));
    if (node > 0) HOTLINE_TRY(write_assignment(t, ticket, node, at));
  }
  return {};
}

Status Service::Impl::write_timer(store::Transaction& t, TicketId ticket, NodeId node, std::string_view timer, std::uint32_t generation, Time due) const {
  return t.post("INSERT INTO ticket_timer (ticket, node, timer, generation, due) VALUES (?, ?, ?, ?, ?) ON CONFLICT (ticket, node, timer) "
                "DO UPDATE SET generation = excluded.generation, due = excluded.due, attempts = 0, problem = NULL",
                {ticket.value, node, timer, generation, due});
}

Result<Outcome> Service::Impl::apply_in(store::Transaction& t, const Command& command, std::string_view digest) const {
  const bool merging = command.event == "merge";
  if (merging) {
    HOTLINE_ASSIGN(const Node fields, parse_document(command.fields.empty() ? "{}" : command.fields, "fields"));
    if (const Node* into = fields.find("into"))
      if (const auto target = by_number(t, into->text()); target.ok()) HOTLINE_TRY(lock_both(t, command.ticket, *target));
  }
  HOTLINE_ASSIGN(Loaded ticket, load(t, command.ticket));
  if (command.expected_version && *command.expected_version != ticket.row.version)
    return Error(ErrorCode::version_mismatch,
                 "ticket " + ticket.row.number + " is at version " + std::to_string(ticket.row.version) + ", not " +
                     std::to_string(*command.expected_version),
                 "read it again and decide anew");
  const Places before = places_of(ticket);
  const std::string reply_before = ticket.row.reply;
  const auto measured = measure(ticket);
  HOTLINE_ASSIGN(const std::string record, decide(t, ticket, command));
  if (merging) HOTLINE_TRY(merged(t, ticket, ticket.instance.field(*ticket.definition, 0, "merged_into").as_string(), before.due, command));
  if (command.event == "unmerge") HOTLINE_TRY(unmerged(t, ticket, command));
  const std::string body = "{\"records\":[" + record + "]}";
  HOTLINE_TRY(append(t, ticket, {command.at, command.event, command.actor.id, command.actor.unit, command.id, body, {}, std::string(digest)}));
  HOTLINE_TRY(keep_measures(t, ticket, &measured, &before));
  if (ticket.row.reply != reply_before) HOTLINE_TRY(index_words(t, ticket.row.id, ticket.row.version, ticket.row.reply));
  HOTLINE_TRY(save(t, ticket, &before));
  Outcome outcome{ticket.row.id, ticket.row.version, ticket.row.state, false};
  recent_.keep(std::move(ticket));
  return outcome;
}

// Lets the workflow decide, takes over what it decided, and returns the record of it.
Result<std::string> Service::Impl::decide(store::Transaction& t, Loaded& ticket, const Command& command) const {
  const Definition& d = *ticket.definition;
  HOTLINE_ASSIGN(const NodeId node, target_of(ticket, command));
  const auto& machine = d.machines()[ticket.instance.nodes[node].machine];
  workflow::Event event;
  event.node = node;
  event.type = machine.event(command.event);
  if (event.type == kNone) return Error(ErrorCode::not_found, "`" + command.event + "` is no event of this assignment");
  const auto& type = machine.events[event.type];
  HOTLINE_ASSIGN(const auto fields, values_of(type.fields, command.fields, command.event));
  event.fields = fields;
  HOTLINE_ASSIGN(const auto facts, facts_of(*this, t, ticket, command, &type, fields));
  HOTLINE_ASSIGN(const auto calendars, calendars_of(t, d, ticket.calendars));
  const workflow::Context context{kernel_actor(d, command.actor), facts, calendars};
  Decision decision = workflow::decide(d, ticket.instance, event, context, command.at);
  if (!decision.accepted()) return refusal_error(d, decision.refusal, command.event, ticket.row.state);
  const std::string record = workflow::Record::to_json(d, ticket.instance, event, context, command.at);
  HOTLINE_TRY(project(t, ticket, decision, command.at));
  return record;
}

// Was this command answered before? Asked only where it was refused, so that the ordinary way pays nothing for it.
Result<Outcome> Service::Impl::outcome_of(std::string_view command, std::string_view digest, const Error& refusal) const {
  if (command.empty()) return refusal;
  Outcome out;
  bool same = false;
  HOTLINE_TRY(store::Database(database).read([&](store::Transaction& t) {
    return t.query("SELECT ticket, version, state, digest FROM ticket_event WHERE command = ?", {command}, [&](const store::Row& row) {
      out = {TicketId{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint64_t>(row.integer(1)), std::string(row.text(2)), true};
      same = row.bytes(3) == digest;
    });
  }));
  if (!out.ticket) return refusal;
  if (!same)
    return Error(ErrorCode::command_reused, "the command id `" + std::string(command) + "` was used for something else", "give every command an id of its own");
  return out;
}

}  // namespace hotline::ticket
