#include "hotline/ticket/text_command.hpp"

#include "hotline/ticket/archive.hpp"
#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/search.hpp"
#include "hotline/ticket/sites.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

constexpr std::string_view kNoteClasses[] = {"state", "leader"};

// Reads the keys of a command; finish() refuses what nobody asked for.
class Reader {
 public:
  explicit Reader(const Node& node) : diagnostics_("command"), fields_(node, diagnostics_, "the command") {}
  std::string text(std::string_view key, std::string otherwise = {}) { return fields_.string(key, std::move(otherwise)); }
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t low = 0, std::int64_t high = INT64_MAX) {
    return fields_.integer(key, otherwise, low, high);
  }
  std::size_t choice(std::string_view key, std::span<const std::string_view> names, std::size_t otherwise) { return fields_.choice(key, names, otherwise); }
  Duration duration(std::string_view key, Duration otherwise) { return fields_.duration(key, otherwise); }
  std::string json(std::string_view key) {
    const Node* node = fields_.get(key);
    return node == nullptr ? std::string() : node->to_json();
  }
  const Node* get(std::string_view key) { return fields_.get(key); }
  std::vector<std::string> texts(std::string_view key) { return fields_.strings(key); }
  Actor actor() { return {text("actor"), texts("roles"), text("unit")}; }
  Status finish() {
    fields_.finish();
    if (!diagnostics_.has_errors()) return {};
    const Diagnostic& first = diagnostics_.items().front();
    return Error(ErrorCode::invalid_argument, first.message, first.remedy, first.place);
  }

 private:
  Diagnostics diagnostics_;
  Fields fields_;
};

struct Answers {
  std::string text;
  JsonWriter json{text};
  Answers() { json.begin_array(); }
  JsonWriter& begin(std::string_view type) { return json.begin_object().field("type", type); }
  void refuse(const Error& e) {
    begin("refused").field("error", error_name(e.code())).field("message", e.message()).field("remedy", e.remedy()).end_object();
  }
  void outcome(const Result<Outcome>& o) {
    if (!o.ok()) return refuse(o.error());
    begin("applied").field("ticket", o->ticket.value).field("version", o->version).field("state", o->state).field("repeated", o->repeated).end_object();
  }
  std::string finish() {
    json.end_array();
    return std::move(text);
  }
};

Result<TicketId> ticket_of(const Service& service, Reader& in) {
  const std::int64_t id = in.number("ticket", 0);
  const std::string number = in.text("number");
  if (id > 0) return TicketId{static_cast<std::uint64_t>(id)};
  if (number.empty()) return Error(ErrorCode::invalid_argument, "a command without `ticket` or `number`", "say which ticket");
  HOTLINE_ASSIGN(const Ticket ticket, service.find(number));
  return ticket.id;
}

Status intake(Service& service, Reader& in, Time at, Answers& out) {
  Intake intake;
  intake.command = in.text("command");
  intake.at = at;
  intake.actor = in.actor();
  for (auto [key, target] : {std::pair{"channel", &intake.channel}, {"kind", &intake.kind}, {"category", &intake.category}, {"area", &intake.area},
                             {"level", &intake.level}, {"title", &intake.title}, {"content", &intake.content}, {"place", &intake.place},
                             {"name", &intake.citizen.name}, {"phone", &intake.citizen.phone}, {"id_number", &intake.citizen.id_number},
                             {"address", &intake.citizen.address}, {"email", &intake.citizen.email}, {"new_facts", &intake.new_facts},
                             {"complained_unit", &intake.complained_unit}})
    *target = in.text(key, *target);
  intake.secrecy = static_cast<Secrecy>(in.number("secrecy", 0, 0, 3));
  intake.parent = TicketId{static_cast<std::uint64_t>(in.number("parent", 0))};
  intake.fields = in.json("fields");
  intake.facts = in.json("facts");
  if (const Node* list = in.get("attachments"))
    for (const Node& node : list->items()) {
      Reader a(node);
      intake.attachments.push_back({a.text("kind"), a.text("sha256"), a.text("name"), a.text("media_type"), static_cast<std::uint64_t>(a.number("size", 0))});
      HOTLINE_TRY(a.finish());
    }
  HOTLINE_TRY(in.finish());
  const auto made = service.intake(intake);
  if (!made.ok()) return out.refuse(made.error()), Status{};
  const auto row = service.find(made->ticket);
  out.begin("accepted").field("ticket", made->ticket.value).field("number", made->number).field("registry", made->registry);
  out.json.field("access_code", made->access_code).field("version", made->version).field("state", row.ok() ? row->state : "");
  out.json.field("repeated", made->repeated).end_object();
  return {};
}

void write(Answers& out, const Ticket& k) {
  out.begin("ticket").field("ticket", k.id.value).field("number", k.number).field("registry", k.registry).field("version", k.version);
  out.json.field("definition", k.definition).field("state", k.state).field("channel", k.channel).field("kind", k.kind).field("category", k.category);
  out.json.field("area", k.area).field("level", k.level).field("title", k.title).field("content", k.content).field("place", k.place);
  out.json.field("secrecy", static_cast<int>(k.secrecy)).field("unit", k.unit).field("reply", k.reply).field("overdue", k.overdue);
  if (k.due) out.json.field("due", to_string(*k.due));
  out.json.field("created_at", to_string(k.created_at)).field("updated_at", to_string(k.updated_at));
  if (k.closed_at) out.json.field("closed_at", to_string(*k.closed_at));
  if (k.merged_into) out.json.field("merged_into", k.merged_into.value);
  if (k.citizen) out.json.field("name", k.citizen->name).field("phone", k.citizen->phone);
  out.json.end_object();
}

Status outbox(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  if (verb == "claim") {
    const Duration lease = in.duration("lease", std::chrono::minutes(5));
    const auto limit = static_cast<int>(in.number("limit", 100, 1, 10000));
    HOTLINE_TRY(in.finish());
    const auto items = service.claim_outbox(at, lease, limit);
    if (!items.ok()) return out.refuse(items.error()), Status{};
    for (const auto& i : *items) {
      out.begin("outbox").field("item", i.id).field("ticket", i.ticket.value).field("number", i.number).field("key", i.key).field("channel", i.channel);
      out.json.field("recipient", i.recipient).field("address", i.address).field("template", i.text_template).field("attempts", i.attempts);
      out.json.key("body").raw(i.body).end_object();
    }
    return {};
  }
  const std::int64_t item = in.number("item", 0);
  if (verb == "delivered") {
    HOTLINE_TRY(in.finish());
    const Status status = service.delivered(item, at);
    if (!status.ok()) out.refuse(status.error());
    return {};
  }
  if (verb != "undelivered") return Error(ErrorCode::not_found, "no command `outbox." + std::string(verb) + "`", "claim, delivered, undelivered");
  const std::string reason = in.text("reason");
  const Duration retry = in.duration("retry", Duration{0});
  HOTLINE_TRY(in.finish());
  const Status status = service.undelivered(item, reason, retry.count() > 0 ? std::optional(at + retry) : std::nullopt);
  if (!status.ok()) out.refuse(status.error());
  return {};
}

Status proof_of(Service& service, Reader& in, Answers& out) {
  static constexpr std::string_view kOf[] = {"events", "notes"};
  const auto id = ticket_of(service, in);
  const auto of = static_cast<Proof::Of>(in.choice("of", kOf, 0));
  HOTLINE_TRY(in.finish());
  const auto proof = id.ok() ? prove(service, *id, of) : Result<Proof>(id.error());
  if (!proof.ok()) return out.refuse(proof.error()), Status{};
  out.begin("proof").field("of", kOf[static_cast<std::size_t>(of)]).field("ticket", proof->ticket.value).field("version", proof->version).field("head", proof->head).field("tickets", proof->tickets);
  out.json.field("previous", proof->previous).field("anchor", proof->anchor.id).field("at", to_string(proof->anchor.at)).field("events", proof->anchor.events);
  out.json.field("hash", proof->anchor.hash).field("signature", proof->anchor.signature).key("path").begin_array();
  for (const ProofStep& step : proof->path)
    out.json.begin_object().field("side", step.side == ProofStep::Side::left ? "left" : "right").field("hash", step.hash).end_object();
  out.json.end_array().end_object();
  return {};
}

Status audit(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  if (verb == "prove") return proof_of(service, in, out);
  HOTLINE_TRY(in.finish());
  if (verb == "anchor") {
    HOTLINE_ASSIGN(const Anchor a, anchor(service, at));
    out.begin("anchor").field("id", a.id).field("events", a.events).field("hash", a.hash).field("signature", a.signature).end_object();
    return {};
  }
  if (verb == "hourly") {
    HOTLINE_ASSIGN(const Anchor a, anchor_hourly(service, at));
    if (a.events > 0) out.begin("anchor").field("id", a.id).field("events", a.events).field("hash", a.hash).field("signature", a.signature).end_object();
    return {};
  }
  if (verb == "key") {
    HOTLINE_ASSIGN(const std::string key, public_key(service));
    out.begin("key").field("public_key", key).end_object();
    return {};
  }
  if (verb != "verify") return Error(ErrorCode::not_found, "no command `audit." + std::string(verb) + "`", "anchor, hourly, key, prove, verify");
  HOTLINE_ASSIGN(const Verification v, verify(service));
  out.begin("verified").field("tickets", v.tickets).field("events", v.events).field("anchors", v.anchors).field("not_anchored", v.not_anchored);
  out.json.key("findings").begin_array();
  for (const auto& f : v.findings) out.json.begin_object().field("ticket", f.ticket.value).field("version", f.version).field("what", f.what).end_object();
  out.json.end_array().end_object();
  return {};
}

Status look(Service& service, std::string_view verb, Reader& in, Answers& out) {
  if (verb == "status") {
    const std::string number = in.text("number"), language = in.text("language", "zh");
    HOTLINE_TRY(in.finish());
    const auto s = service.public_status(number, language);
    if (!s.ok()) return out.refuse(s.error()), Status{};
    out.begin("status").field("number", s->number).field("state", s->state).field("phrase", s->phrase).field("reply", s->reply);
    if (s->due) out.json.field("due", to_string(*s->due));
    out.json.field("version", s->version).end_object();
    return {};
  }
  const auto id = ticket_of(service, in);
  HOTLINE_TRY(in.finish());
  if (!id.ok()) return out.refuse(id.error()), Status{};
  if (verb == "find") {
    const auto row = service.find(*id);
    if (row.ok()) write(out, *row);
    else out.refuse(row.error());
    return {};
  }
  const auto events = service.history(*id);
  if (!events.ok()) return out.refuse(events.error()), Status{};
  for (const auto& e : *events)
    out.begin("event").field("version", e.version).field("at", to_string(e.at)).field("event", e.type).field("actor", e.actor).field("unit", e.unit)
        .field("state", e.state).field("hash", e.hash).end_object();
  return {};
}

// The fields of an event; `into: "#7"` names the ticket with that id, for those who do not know its number.
Result<std::string> fields_of(const Service& service, Reader& in) {
  const Node* fields = in.get("fields");
  const Node* into = fields != nullptr ? fields->find("into") : nullptr;
  if (into == nullptr || !into->text().starts_with('#')) return in.json("fields");
  const auto target = service.find(TicketId{std::strtoull(into->text().c_str() + 1, nullptr, 10)});
  std::string json;
  JsonWriter out(json);
  out.begin_object();
  for (const auto& [key, value] : fields->entries()) {
    if (key.text() == "into") out.field("into", target.ok() ? target->number : into->text());
    else out.key(key.text()).raw(value.to_json());
  }
  out.end_object();
  return json;
}

Status on_ticket(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  Command command;
  const auto id = ticket_of(service, in);
  command.id = in.text("command");
  command.at = at;
  command.actor = in.actor();
  if (verb == "attach") {
    const Attachment a{in.text("kind"), in.text("sha256"), in.text("name"), in.text("media_type"), static_cast<std::uint64_t>(in.number("size", 0))};
    HOTLINE_TRY(in.finish());
    if (!id.ok()) return out.refuse(id.error()), Status{};
    command.ticket = *id;
    out.outcome(service.attach(command, a));
    return {};
  }
  if (verb == "forget") {
    HOTLINE_TRY(in.finish());
    if (!id.ok()) return out.refuse(id.error()), Status{};
    const Status status = service.forget_citizen(*id, command.actor, at);
    if (status.ok()) out.begin("forgotten").field("ticket", id->value).end_object();
    else out.refuse(status.error());
    return {};
  }
  if (verb == "migrate") {
    HOTLINE_TRY(in.finish());
    if (id.ok()) out.outcome(service.migrate(*id, command.actor, at));
    else out.refuse(id.error());
    return {};
  }
  command.event = verb;
  HOTLINE_ASSIGN(command.fields, fields_of(service, in));
  command.facts = in.json("facts");
  if (const auto version = in.number("version", 0); version > 0) command.expected_version = static_cast<std::uint64_t>(version);
  if (const auto task = in.number("task", -1, -1, UINT32_MAX); task >= 0) command.task = static_cast<std::uint32_t>(task);
  HOTLINE_TRY(in.finish());
  if (!id.ok()) return out.refuse(id.error()), Status{};
  command.ticket = *id;
  out.outcome(service.apply(command));
  return {};
}

NoteClass class_of(Reader& in) { return static_cast<NoteClass>(in.choice("class", kNoteClasses, 0)); }

Status notes(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  Desk desk(service);
  const auto id = ticket_of(service, in);
  const Actor actor = in.actor();
  if (verb == "notes") {
    HOTLINE_TRY(in.finish());
    const auto list = id.ok() ? desk.notes(actor, *id, at) : Result<std::vector<Note>>(id.error());
    if (!list.ok()) return out.refuse(list.error()), Status{};
    for (const Note& n : *list)
      out.begin("note").field("note", n.id).field("at", to_string(n.at)).field("actor", n.actor).field("unit", n.unit)
          .field("class", kNoteClasses[static_cast<std::size_t>(n.note_class)]).field("text", n.text).end_object();
    return {};
  }
  const NoteClass note_class = class_of(in);
  const std::string text = in.text("text"), command = in.text("command");
  HOTLINE_TRY(in.finish());
  const auto noted = id.ok() ? desk.write_note(actor, *id, note_class, text, at, command) : Result<Desk::Noted>(id.error());
  if (!noted.ok()) return out.refuse(noted.error()), Status{};
  out.begin("noted").field("ticket", id->value).field("note", noted->note).field("repeated", noted->repeated).end_object();
  return {};
}

Status search(Service& service, Reader& in, Answers& out) {
  Query q;
  const Actor actor = {in.text("actor"), in.texts("roles"), in.text("viewer_unit")};
  for (auto [key, target] : {std::pair{"text", &q.text}, {"note", &q.note}, {"number", &q.number}, {"phone", &q.phone}, {"name", &q.name},
                             {"category", &q.category}, {"area", &q.area}, {"unit", &q.unit}, {"channel", &q.channel}, {"kind", &q.kind},
                             {"level", &q.level}, {"after", &q.after}})
    *target = in.text(key);
  q.states = in.texts("states");
  q.limit = static_cast<int>(in.number("limit", q.limit, 1, 500));
  HOTLINE_TRY(in.finish());
  const auto page = Desk(service).search(actor, q);
  if (!page.ok()) return out.refuse(page.error()), Status{};
  for (const Ticket& ticket : page->tickets) write(out, ticket);
  if (!page->next.empty()) out.begin("next").field("after", page->next).end_object();
  return {};
}

Status archiving(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  const std::string url = in.text("archive");
  const auto id = verb == "restore" ? Result<TicketId>(TicketId{static_cast<std::uint64_t>(in.number("ticket", 0))}) : Result<TicketId>(TicketId{});
  const std::string before = in.text("closed_before");
  const auto limit = static_cast<int>(in.number("limit", 1000, 1, 1'000'000));
  HOTLINE_TRY(in.finish());
  if (verb != "move" && verb != "restore") return Error(ErrorCode::not_found, "no command `archive." + std::string(verb) + "`", "move, restore");
  if (url.empty()) return Error(ErrorCode::invalid_argument, "`archive` is missing", "name the archive's database: a path or postgresql://...");
  auto database = store::Database::open(url);
  if (!database.ok()) return out.refuse(database.error()), Status{};
  if (verb == "restore") {
    const Status status = restore(service, *database, *id);
    if (status.ok()) out.begin("restored").field("ticket", id->value).end_object();
    else out.refuse(status.error());
    return {};
  }
  HOTLINE_ASSIGN(const Time closed_before, parse_time(before));
  const auto count = archive(service, *database, closed_before, at, limit);
  if (count.ok()) out.begin("archived").field("count", *count).end_object();
  else out.refuse(count.error());
  return {};
}

Status sites(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  Sites sites(service);
  if (verb == "join") {
    SiteOptions options;
    options.site = in.text("site");
    if (const Node* list = in.get("peers"))
      for (const Node& node : list->items()) {
        static constexpr std::string_view kPeople[] = {"withheld", "told"};
        Reader p(node);
        options.peers.push_back({p.text("site"), p.text("unit"), p.text("key"), p.duration("margin", std::chrono::hours(4)), static_cast<Peer::People>(p.choice("people", kPeople, 0))});
        HOTLINE_TRY(p.finish());
      }
    HOTLINE_TRY(in.finish());
    const auto key = sites.join(options);
    if (!key.ok()) return out.refuse(key.error()), Status{};
    out.begin("joined").field("site", options.site).field("public_key", *key).end_object();
    return {};
  }
  if (verb == "letters") {
    const Duration lease = in.duration("lease", std::chrono::minutes(5));
    const auto limit = static_cast<int>(in.number("limit", 100, 1, 10000));
    HOTLINE_TRY(in.finish());
    const auto letters = sites.letters(at, lease, limit);
    if (!letters.ok()) return out.refuse(letters.error()), Status{};
    for (const Letter& l : *letters) out.begin("letter").field("site", l.site).field("number", l.number).field("attempts", l.attempts).field("text", l.text).end_object();
    return {};
  }
  if (verb == "receive") {
    const std::string text = in.text("text");
    HOTLINE_TRY(in.finish());
    const auto got = sites.receive(text, at);
    if (!got.ok()) return out.refuse(got.error()), Status{};
    out.begin("received").field("kind", got->kind).field("ticket", got->ticket.value).field("repeated", got->repeated).field("taken", got->taken).field("receipt", got->receipt).end_object();
    return {};
  }
  if (verb != "links") return Error(ErrorCode::not_found, "no command `sites." + std::string(verb) + "`", "join, letters, receive, links");
  const auto id = ticket_of(service, in);
  HOTLINE_TRY(in.finish());
  const auto links = id.ok() ? sites.links(*id) : Result<std::vector<SiteLink>>(id.error());
  if (!links.ok()) return out.refuse(links.error()), Status{};
  for (const SiteLink& l : *links)
    out.begin("link").field("ticket", l.ticket.value).field("side", l.side == SiteLink::Side::above ? "above" : "below").field("site", l.site)
        .field("registry", l.registry).field("state", l.state).field("task", l.task).field("open", l.open).end_object();
  return {};
}

Status run(Service& service, std::string_view verb, Reader& in, Time at, Answers& out) {
  const auto dot = verb.find('.');
  const std::string_view head = verb.substr(0, dot), tail = dot == verb.npos ? std::string_view() : verb.substr(dot + 1);
  if (head == "outbox") return outbox(service, tail, in, at, out);
  if (head == "audit") return audit(service, tail, in, at, out);
  if (head == "archive") return archiving(service, tail, in, at, out);
  if (head == "sites") return sites(service, tail, in, at, out);
  if (verb == "timers.fire") {
    const auto limit = static_cast<int>(in.number("limit", 1000, 1, 1'000'000));
    HOTLINE_TRY(in.finish());
    HOTLINE_ASSIGN(const int count, service.fire_timers(at, limit));
    out.begin("fired").field("count", count).end_object();
    return {};
  }
  if (verb == "calendars.adopt") {
    const auto limit = static_cast<int>(in.number("limit", 1000, 1, 1'000'000));
    HOTLINE_TRY(in.finish());
    HOTLINE_ASSIGN(const int count, service.adopt_calendars(at, limit));
    out.begin("adopted").field("count", count).end_object();
    return {};
  }
  if (head != "ticket" || tail.empty())
    return Error(ErrorCode::not_found, "no command `" + std::string(verb) + "`", "ticket.*, timers.fire, calendars.adopt, outbox.*, audit.*, archive.*, sites.*");
  if (tail == "intake") return intake(service, in, at, out);
  if (tail == "note" || tail == "notes") return notes(service, tail, in, at, out);
  if (tail == "search") return search(service, in, out);
  if (tail == "status" || tail == "find" || tail == "history") return look(service, tail, in, out);
  return on_ticket(service, tail, in, at, out);
}

}  // namespace

Result<std::string> apply_text(Service& service, std::string_view verb, const Node& fields, Time at) {
  if (!fields.is_mapping()) return Error(ErrorCode::invalid_argument, "the fields of a command are no object", "write {\"ticket\": 1}");
  Reader in(fields);
  Answers out;
  HOTLINE_TRY(run(service, verb, in, at, out));
  return out.finish();
}

Result<std::string> apply_text(Service& service, std::string_view verb, std::string_view json, Time at) {
  HOTLINE_ASSIGN(const Node node, parse_document(json.empty() ? "{}" : json, "command"));
  return apply_text(service, verb, node, at);
}

}  // namespace hotline::ticket
