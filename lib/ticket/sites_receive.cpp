// The receiving half. What a letter asks for is done by commands whose ids are made of its number, then it is written down and
// answered: where that breaks off, the letter comes again and the commands answer as they did.
#include <algorithm>

#include "hotline/base/document.hpp"
#include "ticket/sites.hpp"

namespace hotline::ticket {
namespace {

// A refusal is an answer; anything else (a lock, a full disk) is no reason to bother the other site.
bool is_refusal(const Error& e) {
  switch (error_class(e.code())) {
    case ErrorClass::invalid:
    case ErrorClass::not_found:
    case ErrorClass::conflict:
    case ErrorClass::denied:
    case ErrorClass::limit: return true;
    default: return false;
  }
}

// The fields of a letter, each as the event of a definition wants it.
using Offers = std::vector<std::pair<std::string_view, std::string>>;  // name, JSON

std::string quoted(std::string_view text) {
  std::string out;
  JsonWriter(out).value(text);
  return out;
}

struct Reader {
  Service service;
  const Known& known;
  const Envelope& envelope;
  const Node& body;
  Time now;

  Service::Impl& impl = service.impl();
  Diagnostics diagnostics{"letter"};
  Fields fields{body, diagnostics, "the letter"};
  std::string actor = "site:" + envelope.from;
  std::string command = actor + ":" + std::to_string(envelope.number);
  TicketId ticket{};
  std::string refusal{};                    // why it is not taken
  std::vector<std::string> done{};          // events of the workflow that came of it
  std::optional<std::uint32_t> assignment{};  // of ours
  std::string settled{};                    // SQL that closes the link; "" for none

  Actor who(const Definition& d) const { return {actor, {d.roles().begin(), d.roles().end()}, {}}; }

  Result<DefinitionPtr> definition() const {
    DefinitionPtr out;
    HOTLINE_TRY(store::Database(impl.database).read([&](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(const auto name, t.text("SELECT definition FROM ticket WHERE id = ?", {ticket.value}));
      if (!name) return impl.gone_or_missing(t, ticket);
      HOTLINE_ASSIGN(out, impl.definition(t, *name));
      return {};
    }));
    return out;
  }

  // An event that the definition may have and that may be possible now: `done` says whether it was accepted.
  Status raise(std::string_view name, const Offers& offers = {}, const std::string& facts = {}) {
    HOTLINE_ASSIGN(const auto d, definition());
    const workflow::EventType* type = nullptr;
    for (std::size_t m = assignment ? 1 : 0; m < (assignment ? d->machines().size() : 1); ++m)
      if (const auto e = d->machines()[m].event(name); type == nullptr && e != workflow::kNone && !d->machines()[m].events[e].internal) type = &d->machines()[m].events[e];
    if (type == nullptr) return {};
    Command c{command + ":" + std::string(name), now, who(*d), ticket, std::string(name), {}, facts, {}, assignment ? assignment : std::optional<std::uint32_t>(0)};
    JsonWriter json(c.fields);
    json.begin_object();
    for (const auto& [field, value] : offers) {
      const auto i = type->field(field);
      if (i == workflow::kNone) continue;
      const auto& reasons = type->fields[i].reasons;
      const auto known_reason = std::find_if(d->reasons().begin(), d->reasons().end(), [&](const auto& r) { return r.group == reasons; });
      json.key(field).raw(reasons.empty() || known_reason == d->reasons().end() ? value : quoted(known_reason->code));
    }
    json.end_object();
    const auto outcome = service.apply(c);
    if (outcome.ok()) done.emplace_back(name);
    else if (!is_refusal(outcome.error())) return outcome.error();
    return {};
  }

  // Of ours, that the letter speaks of. Errors: not_found.
  Status find(std::string_view sql, std::initializer_list<store::Bind> binds) {
    HOTLINE_TRY(impl.database.read([&](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(const auto id, t.integer(sql, binds));
      if (id) ticket = TicketId{static_cast<std::uint64_t>(*id)};
      return {};
    }));
    if (ticket) return {};
    return Error(ErrorCode::not_found, "a letter of `" + envelope.from + "` about a case that is not here", "it is taken when the case has come: send it again");
  }
  Status find_ours() {  // a case that they have of us
    const std::string registry = fields.required_string("registry");
    assignment = static_cast<std::uint32_t>(fields.integer("task", 0, 0, UINT32_MAX));
    return find("SELECT k.id FROM ticket k JOIN ticket_link l ON l.ticket = k.id AND l.above = 0 AND l.site = ? AND l.node = ? WHERE k.registry = ?",
                {envelope.from, *assignment, registry});
  }
  Status find_theirs() {  // a case that we have of them
    const std::string registry = fields.required_string("registry");
    return find("SELECT ticket FROM ticket_link WHERE site = ? AND registry = ? AND above = 1 AND task = ? ORDER BY round DESC LIMIT 1",
                {envelope.from, registry, fields.integer("task", 0, 0, UINT32_MAX)});
  }

  std::optional<Time> time(std::string_view name) {
    const std::string text = fields.string(name);
    const auto at = parse_time(text);
    return at.ok() ? std::optional(*at) : std::nullopt;
  }

  Status refer();
  Status progress();
  Status notice();
  Status term();
  Status recall();
  Status receipt();
  Status record(store::Transaction& t, std::string_view kind);
  Status note(store::Transaction& t, std::string_view kind);
};

Status Reader::refer() {
  Intake in;
  in.command = command;
  in.at = now;
  const std::string registry = fields.required_string("registry");
  std::vector<std::string> path = fields.strings("path");
  const Node* content = fields.required("case");
  if (content == nullptr) return diagnostics.status();
  Fields part(*content, diagnostics, "the case");
  for (auto [name, target] : {std::pair{"channel", &in.channel}, {"kind", &in.kind}, {"category", &in.category}, {"area", &in.area}, {"level", &in.level},
                              {"title", &in.title}, {"content", &in.content}, {"place", &in.place}, {"complained_unit", &in.complained_unit}})
    *target = part.string(name);
  in.secrecy = static_cast<Secrecy>(part.integer("secrecy", 0, 0, 3));
  if (const Node* person = fields.get("citizen")) {
    Fields c(*person, diagnostics, "the citizen");
    in.citizen = {c.string("name"), c.string("phone"), c.string("id_number"), c.string("address"), c.string("email")};
  }
  if (const Node* list = fields.get("attachments"))
    for (const Node& item : list->items()) {
      Fields a(item, diagnostics, "an attachment");
      in.attachments.push_back({a.string("kind"), a.string("sha256"), a.string("name"), a.string("media_type"), static_cast<std::uint64_t>(a.integer("size", 0, 0, INT64_MAX))});
    }
  HOTLINE_TRY(diagnostics.status());
  in.due = time("due");
  in.new_facts = envelope.from + " " + registry;
  // A second round about the same case is a ticket of its own, linked to the first.
  HOTLINE_TRY(impl.database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto before, t.integer("SELECT ticket FROM ticket_link WHERE site = ? AND registry = ? AND above = 1 AND task = ? ORDER BY round DESC LIMIT 1",
                                                {envelope.from, registry, fields.integer("task", 0, 0, UINT32_MAX)}));
    if (before) in.parent = TicketId{static_cast<std::uint64_t>(*before)};
    return {};
  }));
  in.actor = who(*impl.definition_for(in.kind));
  if (std::find(path.begin(), path.end(), known.self) != path.end() || path.size() > kMostHops) {
    refusal = "it was here before: " + known.self;
    return {};
  }
  const auto accepted = service.intake(in);
  if (accepted.ok()) ticket = accepted->ticket;
  else if (is_refusal(accepted.error())) refusal = accepted.error().message();
  else return accepted.error();
  return {};
}

Status Reader::progress() {
  HOTLINE_TRY(find_ours());
  const auto version = fields.integer("version", 0, 0, INT64_MAX), round = fields.integer("round", 1, 0, INT64_MAX);
  const std::string state = fields.required_string("state"), reply = fields.string("reply"), phrase = fields.string("phrase_zh");
  HOTLINE_TRY(diagnostics.status());
  bool newer = false;
  HOTLINE_TRY(impl.database.read([&](store::Transaction& t) {
    return t.query("SELECT version, round, is_open FROM ticket_link WHERE ticket = ? AND node = ? AND site = ?", {ticket.value, *assignment, envelope.from},
                   [&](const store::Row& row) { newer = row.integer(2) != 0 && row.integer(1) == round && row.integer(0) < version; });
  }));
  if (!newer) return {};
  HOTLINE_TRY(raise("sign"));
  if (state == "handling") HOTLINE_TRY(raise("begin"));
  if (state == "rejected" || state == "withdrawn") {
    HOTLINE_TRY(raise("return_req", {{"reason", quoted(phrase)}, {"basis", quoted(reply.empty() ? phrase : reply)}}));
    settled = "refused_in = (SELECT state FROM ticket_assignment a WHERE a.ticket = ticket_link.ticket AND a.node = ticket_link.node)";
  } else if (state == "replied" || state == "answered" || state == "closed") {
    const std::string text = quoted(reply.empty() ? phrase : reply);
    HOTLINE_TRY(raise("reply", {{"public_text", text}, {"text", text}, {"internal_text", quoted(envelope.from)}, {"contacted", "true"}}));
    if (!done.empty() && done.back() == "reply") settled = "is_open = 0";
  }
  return {};
}

Status Reader::notice() {
  HOTLINE_TRY(find_theirs());
  const std::string name = fields.required_string("template");
  const std::string grounds = quoted(envelope.from + ": " + name);
  if (name == "supervised") return raise("supervise", {{"grounds", grounds}});
  if (name == "escalated") return raise("escalate", {{"grounds", grounds}});
  return raise("urge");
}

Status Reader::term() {
  HOTLINE_TRY(find_theirs());
  const auto due = time("due");
  if (!due) return Error(ErrorCode::invalid_document, "a letter about a new term without `due`", "give a time");
  HOTLINE_TRY(raise("superior_term", {{"due", quoted(to_string(*due))}}));
  settled = "due = " + std::to_string(to_ns(*due));
  return {};
}

Status Reader::recall() {
  HOTLINE_TRY(find_theirs());
  return raise("withdraw", {}, R"({"authenticated":true})");
}

// What became of one of our letters.
Status Reader::receipt() {
  const bool taken = fields.boolean("taken", true);
  const std::string registry = fields.string("registry"), message = fields.string("message");
  bool referral = false, open = false;
  HOTLINE_TRY(impl.database.read([&](store::Transaction& t) {
    return t.query("SELECT ticket, done_at FROM ticket_letter WHERE site = ? AND number = ?", {envelope.from, envelope.number},
                   [&](const store::Row& row) {
                     ticket = TicketId{static_cast<std::uint64_t>(row.integer(0))};
                     open = row.is_null(1);
                   });
  }));
  if (!ticket) return Error(ErrorCode::not_found, "a receipt for a letter that was never sent", "it belongs to another database");
  referral = fields.boolean("referral", false);
  assignment = static_cast<std::uint32_t>(fields.integer("task", 0, 0, UINT32_MAX));
  HOTLINE_TRY(diagnostics.status());
  if (!open) return {};
  if (referral && taken) HOTLINE_TRY(raise("sign"));
  if (referral && !taken) HOTLINE_TRY(raise("return_req", {{"reason", quoted(message)}, {"basis", quoted(message)}}));
  return impl.database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto changed, t.execute("UPDATE ticket_letter SET due = NULL, done_at = ?, problem = ? WHERE site = ? AND number = ? AND done_at IS NULL",
                                                 {now, taken ? store::Bind(nullptr) : store::Bind(message), envelope.from, envelope.number}));
    if (changed == 0 || !referral) return {};
    HOTLINE_TRY(t.post("UPDATE ticket_link SET registry = ?, state = ?, refused_in = " +
                           std::string(taken ? "NULL" : "(SELECT state FROM ticket_assignment a WHERE a.ticket = ticket_link.ticket AND a.node = ticket_link.node)") +
                           " WHERE ticket = ? AND node = ? AND site = ?",
                       {registry, taken ? "accepted" : "refused", ticket.value, *assignment, envelope.from}));
    return note(t, taken ? "referred" : "referral_refused");
  });
}

// A line in the ticket's chain that says what came.
Status Reader::note(store::Transaction& t, std::string_view kind) {
  HOTLINE_ASSIGN(Loaded loaded, impl.load(t, ticket));
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("site", envelope.from).field("number", envelope.number).field("letter", to_hex(digest_of(envelope)));
  for (const std::string_view name : {"registry", "own_registry", "round", "state", "phrase_zh", "phrase_en", "reply", "version", "head", "due", "template", "message"})
    if (const Node* value = body.find(name)) json.key(name).raw(value->to_json());
  json.key("events").begin_array();
  for (const std::string& event : done) json.value(event);
  json.end_array().end_object();
  if (kind == "term" && done.empty()) {
    if (loaded.row.due == loaded.party_due) loaded.row.due = time("due");
    loaded.party_due = time("due");
  }
  HOTLINE_TRY(impl.append(t, loaded, {now, "site." + std::string(kind), actor, {}, {}, text, {}, {}}));
  return impl.save(t, loaded);
}

Status Reader::record(store::Transaction& t, std::string_view kind) {
  std::string answer;
  if (ticket) {
    HOTLINE_TRY(note(t, kind));
    HOTLINE_ASSIGN(const auto registry, t.text("SELECT registry FROM ticket WHERE id = ?", {ticket.value}));
    answer = *registry;
  }
  if (kind == "refer" && ticket) {
    std::string path;
    for (const std::string& step : fields.strings("path")) path += step + "\n";
    HOTLINE_TRY(t.post("INSERT INTO ticket_link (ticket, node, site, above, registry, task, round, version, due, state, path, is_open, seen) VALUES (?, 0, ?, 1, ?, ?, ?, 0, ?, '', ?, 1, 0) "
                       "ON CONFLICT (ticket, node, site) DO NOTHING",
                       {ticket.value, envelope.from, fields.string("registry"), fields.integer("task", 0, 0, UINT32_MAX), fields.integer("round", 1, 0, INT64_MAX), time("due"), path}));
  }
  if (kind == "progress")
    HOTLINE_TRY(t.post("UPDATE ticket_link SET registry = ?, version = ?, state = ? WHERE ticket = ? AND node = ? AND site = ? AND version < ? AND round = ?",
                       {fields.string("own_registry"), fields.integer("version", 0, 0, INT64_MAX), fields.string("state"), ticket.value, *assignment, envelope.from,
                        fields.integer("version", 0, 0, INT64_MAX), fields.integer("round", 1, 0, INT64_MAX)}));
  if (!settled.empty())
    HOTLINE_TRY(t.post("UPDATE ticket_link SET " + settled + " WHERE ticket = ? AND node = ? AND site = ?", {ticket.value, assignment.value_or(0), envelope.from}));
  return t.post("INSERT INTO ticket_received (site, number, digest, kind, ticket, taken, answer, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                {envelope.from, envelope.number, store::Blob{digest_of(envelope)}, kind, ticket.value, refusal.empty() ? 1 : 0, refusal.empty() ? answer : refusal, now});
}

struct Before {
  bool known = false, same = false, taken = true;
  std::string kind, answer;
  TicketId ticket;
};

Result<Before> received_before(store::Database db, const Envelope& e) {
  Before out;
  HOTLINE_TRY(db.read([&](store::Transaction& t) {
    return t.query("SELECT digest, kind, ticket, taken, answer FROM ticket_received WHERE site = ? AND number = ?", {e.from, e.number}, [&](const store::Row& row) {
      out = {true, row.bytes(0) == digest_of(e), row.integer(3) != 0, std::string(row.text(1)), std::string(row.text(4)), TicketId{static_cast<std::uint64_t>(row.integer(2))}};
    });
  }));
  if (out.known && !out.same)
    return Error(ErrorCode::command_reused, "letter " + std::to_string(e.number) + " of `" + e.from + "` came before with another content",
                 "that site lost its counter: was an old backup restored there?");
  return out;
}

Result<std::string> receipt_for(const SigningKey& key, const Known& known, const Envelope& e, const Before& b, std::int64_t task) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("kind", "receipt").field("taken", b.taken).field("referral", b.kind == "refer").field("task", task);
  json.field("registry", b.taken ? b.answer : "").field("message", b.taken ? "" : b.answer).end_object();
  HOTLINE_ASSIGN(const Envelope answer, write_envelope(key, known.peers.find(e.from)->second.key, known.self, e.from, e.number, true, body));
  return to_text(answer);
}

}  // namespace

Result<Received> Sites::receive(std::string_view text, Time now) {
  Service::Impl& impl = service_.impl();
  HOTLINE_ASSIGN(const Envelope e, read_envelope(text));
  Known known;
  HOTLINE_TRY(impl.database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(known, known_sites(t));
    return {};
  }));
  const auto peer = known.peers.find(e.from);
  if (e.to != known.self) return Error(ErrorCode::denied, "a letter for `" + e.to + "`, and we are `" + known.self + "`", "carry it there");
  if (peer == known.peers.end()) return Error(ErrorCode::denied, "a letter of `" + e.from + "`, who is no peer of ours", "join() with its name and public key");
  HOTLINE_ASSIGN(const SigningKey key, signing_key(impl));
  HOTLINE_ASSIGN(const std::string opened, open_envelope(key, peer->second.key, e));
  HOTLINE_ASSIGN(const Node body, parse_document(opened, "letter"));
  Reader reader{service_, known, e, body, now};
  const std::string kind = reader.fields.required_string("kind");
  if ((kind == "receipt") != e.receipt) return Error(ErrorCode::invalid_document, "a letter that says it is a receipt, or the other way round", "give it as it was sent");
  if (e.receipt) {
    HOTLINE_TRY(reader.receipt());
    return Received{{}, kind, reader.ticket, false, reader.fields.boolean("taken", true)};
  }
  const std::int64_t task = reader.fields.integer("task", 0, 0, UINT32_MAX);
  HOTLINE_ASSIGN(Before before, received_before(impl.database, e));
  const bool repeated = before.known;
  if (!repeated) {
    using Step = Status (Reader::*)();
    static constexpr std::pair<std::string_view, Step> kSteps[] = {{"refer", &Reader::refer}, {"progress", &Reader::progress}, {"notice", &Reader::notice},
                                                                   {"term", &Reader::term}, {"recall", &Reader::recall}};
    const auto step = std::find_if(std::begin(kSteps), std::end(kSteps), [&](const auto& s) { return s.first == kind; });
    if (step == std::end(kSteps)) return Error(ErrorCode::unsupported, "a letter of the kind `" + kind + "`", "it comes from a newer program: update this one");
    HOTLINE_TRY((reader.*step->second)());
    const Status status = impl.database.write([&](store::Transaction& t) { return reader.record(t, kind); });
    if (!status.ok() && status.code() != ErrorCode::already_exists) return status.error();  // it came twice at once
    HOTLINE_ASSIGN(before, received_before(impl.database, e));
  }
  HOTLINE_ASSIGN(std::string receipt, receipt_for(key, known, e, before, task));
  return Received{std::move(receipt), before.kind, before.ticket, repeated, before.taken};
}

}  // namespace hotline::ticket
