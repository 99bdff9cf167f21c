#include <cstring>

#include "ticket/impl.hpp"
#include "ticket/outbox.hpp"

namespace hotline::ticket {
namespace {

constexpr Duration kMargin = std::chrono::hours(4);

// The root's fields that an intake fills, where the definition has them; `fields` has the author's own.
Result<std::vector<expr::Value>> start_values(const Definition& d, const Intake& in) {
  const auto& fields = d.root().fields;
  std::vector<expr::Value> values(fields.size());
  const auto set = [&](std::string_view name, expr::Value value) {
    const auto i = d.root().field(name);
    if (i != workflow::kNone && (fields[i].type == expr::Type::string() || fields[i].type.is_any())) values[i] = std::move(value);
  };
  set("channel", in.channel);
  set("kind", in.kind);
  set("category", in.category);
  set("area", in.area);
  set("level", in.level);
  set("title", in.title);
  set("place", in.place);
  set("complained_unit", in.complained_unit);
  set("new_facts", in.new_facts);
  if (in.fields.empty()) return values;
  HOTLINE_ASSIGN(const Node node, parse_document(in.fields, "fields"));
  for (const auto& entry : node.entries()) {
    const auto i = d.root().field(entry.key.text());
    if (i == workflow::kNone)
      return Error(ErrorCode::invalid_argument, "a ticket of " + to_text(d) + " has no field `" + entry.key.text() + "`", "see the definition's fields");
    auto value = expr::Value::from(entry.value, fields[i].type);
    if (!value.ok()) return value.error().within("field `" + entry.key.text() + "`");
    values[i] = *std::move(value);
  }
  return values;
}

std::string intake_json(const Intake& in, std::string_view records, std::string_view definition, std::int64_t calendars) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("definition", definition).field("calendars", calendars).key("records").begin_array().raw(records).end_array().key("intake").begin_object();
  json.field("channel", in.channel).field("kind", in.kind).field("category", in.category).field("area", in.area).field("level", in.level);
  json.field("title", in.title).field("content", in.content).field("place", in.place).field("secrecy", static_cast<int>(in.secrecy));
  json.field("complained_unit", in.complained_unit).field("new_facts", in.new_facts);
  json.end_object().key("attachments").begin_array();
  for (const auto& a : in.attachments) json.begin_object().field("kind", a.kind).field("sha256", a.sha256).field("name", a.name).end_object();
  json.end_array().end_object();
  return out;
}

Status check(const Intake& in) {
  const auto refuse = [](std::string what, std::string remedy) { return Error(ErrorCode::invalid_argument, std::move(what), std::move(remedy)); };
  if (in.channel.empty()) return refuse("an intake without a channel", "say how the citizen came: phone, ivr, web ...");
  if (in.content.size() > 1'000'000) return refuse("the content is longer than 1,000,000 bytes", "attach it as a document");
  for (const std::string* text : {&in.title, &in.content, &in.place, &in.category, &in.area, &in.citizen.name, &in.citizen.address})
    if (!is_utf8(*text)) return Error(ErrorCode::invalid_encoding, "an intake with a text that is not UTF-8", "convert it");
  for (const auto& a : in.attachments)
    if (a.sha256.size() != 64) return refuse("attachment `" + a.name + "` without its SHA-256", "keep it with Files::put first");
  return {};
}

Result<std::uint64_t> next(store::Transaction& t, std::string_view space) {
  HOTLINE_ASSIGN(const auto value, t.integer("INSERT INTO ticket_counter (space, next) VALUES (?, 1) ON CONFLICT (space) "
                                             "DO UPDATE SET next = ticket_counter.next + 1 RETURNING next",
                                             {space}));
  return static_cast<std::uint64_t>(*value - 1);
}

// A part must be done before the whole.
Result<std::optional<Time>> due_of(store::Transaction& t, const Intake& in) {
  if (in.due || !in.parent) return in.due;
  HOTLINE_ASSIGN(const auto whole, t.integer("SELECT due FROM ticket WHERE id = ? AND closed_at IS NULL", {in.parent.value}));
  if (!whole) return std::optional<Time>();
  return std::optional(time_from_ns(*whole) - kMargin);
}

}  // namespace

std::string digest_of(const Intake& in) {
  std::string all;
  const auto add = [&](std::string_view part) {
    const std::uint64_t size = part.size();
    all.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
  };
  for (const std::string* part : {&in.actor.id, &in.channel, &in.kind, &in.category, &in.area, &in.level, &in.title, &in.content, &in.place,
                                  &in.citizen.name, &in.citizen.phone, &in.citizen.id_number, &in.fields, &in.complained_unit, &in.new_facts})
    add(*part);
  for (const auto& a : in.attachments) add(a.sha256);
  if (in.due) add(to_string(*in.due));
  return sha256(all);
}

Result<Accepted> Service::Impl::intake_in(store::Transaction& t, const Intake& in, const std::string& code) const {
  const std::string phone = normal_phone(in.citizen.phone);
  std::string dedupe;
  if (!phone.empty() && !in.category.empty()) dedupe = vault.blind("dedupe", phone + "\n" + in.category + "\n" + in.area + "\n" + in.place);
  if (!dedupe.empty() && in.new_facts.empty()) {
    HOTLINE_ASSIGN(const auto open, t.text("SELECT number FROM ticket WHERE dedupe = ? AND closed_at IS NULL AND merged_into IS NULL ORDER BY id LIMIT 1", {dedupe}));
    if (open)
      return Error(ErrorCode::already_exists, "the same caller, category and place has the open ticket " + *open,
                   "tell the citizen its state, or say what is new (`new_facts`) / 同一诉求正在办理，如有新情况请注明");
  }
  Loaded ticket;
  ticket.definition = definition_for(in.kind);
  const Definition& d = *ticket.definition;
  HOTLINE_ASSIGN(const std::uint64_t index, next(t, "acceptance"));
  const std::string day = local_date(timezone, in.at);
  HOTLINE_ASSIGN(const std::uint64_t of_day, next(t, "registry:" + day));
  Ticket& row = ticket.row;
  row.id = TicketId{index + 1};
  row.number = numbers.number(index);
  HOTLINE_ASSIGN(row.registry, registry_number(options.area, day, of_day));
  row.definition = to_text(d);
  row.channel = in.channel, row.kind = in.kind, row.category = in.category, row.area = in.area, row.level = in.level;
  row.title = in.title, row.content = in.content, row.place = in.place, row.secrecy = in.secrecy, row.complained_unit = in.complained_unit;
  row.parent = in.parent;
  row.created_at = in.at;
  HOTLINE_ASSIGN(const auto citizen, keep_citizen(t, in.citizen));
  ticket.citizen = citizen;
  HOTLINE_ASSIGN(ticket.calendars, latest_calendars(t));
  HOTLINE_ASSIGN(const auto due, due_of(t, in));
  if (const auto event = d.root().event("intake"); event == workflow::kNone || d.root().events[event].field("due") == workflow::kNone) ticket.party_due = due;
  HOTLINE_ASSIGN(const std::string records, begin(t, ticket, in, due));
  HOTLINE_TRY(append(t, ticket, {in.at, "intake", in.actor.id, in.actor.unit, in.command, intake_json(in, records, row.definition, ticket.calendars), {}, digest_of(in)}));
  const std::string access = code.empty() ? std::string() : vault.blind("access:" + row.number, code);
  HOTLINE_TRY(t.post(
      "INSERT INTO ticket (id, number, registry, version, head, definition, calendars, snapshot, fields, state, finished, channel, kind, category, area, level, title, "
      "content, place, secrecy, unit, complained_unit, reply, due, overdue, created_at, updated_at, closed_at, citizen, access, dedupe, parent, party_due) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id.value, row.number, row.registry, row.version, store::Blob{ticket.head}, row.definition, ticket.calendars, store::Blob{ticket.snapshot}, row.fields, row.state,
       ticket.instance.finished(d), row.channel, row.kind, row.category, row.area, row.level, row.title, row.content, row.place,
       static_cast<int>(row.secrecy), row.unit, row.complained_unit, row.reply, row.due, row.overdue, row.created_at, row.updated_at, row.closed_at,
       citizen, access.empty() ? store::Bind(nullptr) : store::Bind(access), dedupe.empty() ? store::Bind(nullptr) : store::Bind(dedupe),
       row.parent ? store::Bind(row.parent.value) : store::Bind(nullptr), ticket.party_due}));
  HOTLINE_TRY(keep_measures(t, ticket, nullptr, nullptr));
  HOTLINE_TRY(index_words(t, row.id, row.version, row.title + "\n" + row.content + "\n" + row.place));
  for (const auto& a : in.attachments) HOTLINE_TRY(keep_attachment(t, ticket, a));
  Accepted accepted{row.id, row.number, row.registry, code, row.version, false};
  ticket.access = access;
  recent_.keep(std::move(ticket));
  return accepted;
}

// Starts the workflow; where it has an event `intake`, that too. Returns the records.
Result<std::string> Service::Impl::begin(store::Transaction& t, Loaded& ticket, const Intake& in, const std::optional<Time>& due) const {
  const Definition& d = *ticket.definition;
  HOTLINE_ASSIGN(const auto values, start_values(d, in));
  HOTLINE_ASSIGN(const auto calendars, calendars_of(t, d, ticket.calendars));
  const workflow::Context context{kernel_actor(d, in.actor), {}, calendars};
  workflow::Decision decision = workflow::start(d, values, context, in.at);
  if (!decision.accepted()) return refusal_error(d, decision.refusal, "intake", "new");
  std::string records = workflow::Record::start_json(d, values, context, in.at);
  HOTLINE_TRY(project(t, ticket, decision, in.at));
  Command command;
  command.at = in.at;
  command.actor = in.actor;
  command.task = 0;
  const auto event = d.root().event("intake");
  if (event != workflow::kNone) {
    command.event = "intake";
    command.facts = in.facts;
    JsonWriter json(command.fields);
    json.begin_object();
    const auto give = [&](std::string_view name, const std::string& value) {
      if (!value.empty() && d.root().events[event].field(name) != workflow::kNone) json.field(name, value);
    };
    give("channel", in.channel);
    give("category", in.category);
    give("level", in.level);
    give("area", in.area);
    if (due) give("due", to_string(*due));
    json.end_object();
    HOTLINE_ASSIGN(const std::string record, decide(t, ticket, command));
    records += "," + record;
  }
  // Whoever takes it in may guard it; the workflow's region says so from the first event on.
  const auto region = d.root().region("secrecy");
  if (in.secrecy == Secrecy::open || region == workflow::kNone) return records;
  const auto level = static_cast<std::size_t>(in.secrecy);
  if (d.root().event("raise_secrecy") == workflow::kNone || level >= d.root().regions[region].states.size())
    return Error(ErrorCode::unsupported, to_text(d) + " has a region `secrecy` and no event `raise_secrecy` to this level", "add one to the definition");
  command.event = "raise_secrecy";
  command.actor.roles = {"agent", "secrecy_officer"};
  command.facts.clear();
  command.fields.clear();
  JsonWriter(command.fields).begin_object().field("to", d.root().regions[region].states[level].name).end_object();
  HOTLINE_ASSIGN(const std::string record, decide(t, ticket, command));
  return records + "," + record;
}

Status keep_attachment(store::Transaction& t, const Loaded& ticket, const Attachment& a) {
  return t.post("INSERT INTO ticket_attachment (ticket, sha256, kind, name, media_type, size, version) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (ticket, sha256) DO NOTHING",
                {ticket.row.id.value, a.sha256, a.kind, a.name, a.media_type, a.size, ticket.row.version});
}

Result<Accepted> Service::intake(const Intake& intake) {
  HOTLINE_TRY(check(intake));
  const std::string code = intake.citizen.empty() ? std::string() : impl_->vault.access_code();
  Accepted accepted;
  const Status status = impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(accepted, impl_->intake_in(t, intake, code));
    return {};
  });
  if (status.ok()) return accepted;
  auto before = impl_->outcome_of(intake.command, digest_of(intake), status.error());
  if (!before.ok()) return before.error();
  HOTLINE_ASSIGN(const Ticket ticket, find(before->ticket));
  // The code was told once and is not known any more; who lost it is helped by an agent.
  return Accepted{ticket.id, ticket.number, ticket.registry, {}, before->version, true};
}

Result<Outcome> Service::attach(const Command& command, const Attachment& attachment) {
  if (attachment.sha256.size() != 64) return Error(ErrorCode::invalid_argument, "an attachment without its SHA-256", "keep it with Files::put first");
  Outcome outcome;
  const Status status = impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(Loaded ticket, impl_->load(t, command.ticket));
    outcome = {ticket.row.id, ticket.row.version, ticket.row.state, true};
    HOTLINE_ASSIGN(const auto known, t.integer("SELECT 1 FROM ticket_attachment WHERE ticket = ? AND sha256 = ?", {command.ticket.value, attachment.sha256}));
    if (known) return {};
    std::string body;
    JsonWriter(body).begin_object().key("attachment").begin_object().field("kind", attachment.kind).field("sha256", attachment.sha256)
        .field("name", attachment.name).field("media_type", attachment.media_type).field("size", attachment.size).end_object().end_object();
    HOTLINE_TRY(impl_->append(t, ticket, {command.at, "attach", command.actor.id, command.actor.unit, command.id, body, {}, sha256(attachment.sha256)}));
    HOTLINE_TRY(keep_attachment(t, ticket, attachment));
    HOTLINE_TRY(impl_->save(t, ticket));
    outcome = {ticket.row.id, ticket.row.version, ticket.row.state, false};
    return {};
  });
  if (status.ok()) return outcome;
  return impl_->outcome_of(command.id, sha256(attachment.sha256), status.error());
}

}  // namespace hotline::ticket
