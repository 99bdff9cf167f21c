// The sending half: letters are made from what the tables say, so nothing that happened can be forgotten by a crash.
#include "ticket/sites.hpp"

#include <algorithm>

#include "hotline/base/document.hpp"
#include "hotline/ticket/audit.hpp"

namespace hotline::ticket {
namespace {

Result<std::vector<std::string>> path_of(store::Transaction& t, TicketId ticket, const std::string& self) {
  std::vector<std::string> path;
  HOTLINE_TRY(t.query("SELECT path FROM ticket_link WHERE ticket = ? AND above = 1", {ticket.value}, [&](const store::Row& row) {
    const std::string text(row.text(0));
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      path.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }));
  path.push_back(self);
  return path;
}

struct Writer {
  const Service::Impl& impl;
  store::Transaction& t;
  const SigningKey& key;
  const Known& known;
  Time now;
  int limit;

  void begin(JsonWriter& json, std::string_view kind, std::string_view registry, std::uint32_t node) const {
    json.begin_object().field("kind", kind).field("at", to_string(now)).field("registry", registry).field("task", node);
  }

  // The ticket's due time or the assignment's, less the margin.
  static std::optional<Time> due_of(const Loaded& ticket, std::uint32_t node, Duration margin) {
    std::optional<Time> work, due = ticket.row.due;
    const auto& clocks = ticket.definition->machines()[ticket.instance.nodes[node].machine].clocks;
    for (std::uint32_t c = 0; c < clocks.size(); ++c) {
      const auto& clock = ticket.instance.clock(node, c);
      if (clocks[c].deadline && clock.status == workflow::ClockState::Status::running && clock.due != workflow::Due::never) work = std::min(work.value_or(clock.due), clock.due);
    }
    if (work) due = due ? std::min(*due, *work) : *work;
    return due ? std::optional(*due - margin) : std::nullopt;
  }

  Status refer(TicketId id, std::uint32_t node, const std::string& site, std::int64_t round) {
    const KnownPeer& peer = known.peers.at(site);
    HOTLINE_ASSIGN(const Loaded ticket, impl.load(t, id));
    const Ticket& k = ticket.row;
    const auto due = due_of(ticket, node, peer.margin);
    HOTLINE_ASSIGN(const auto path, path_of(t, id, known.self));
    std::string body;
    JsonWriter json(body);
    begin(json, "refer", k.registry, node);
    json.field("round", round);
    if (due) json.field("due", to_string(*due));
    json.key("path").begin_array();
    for (const auto& step : path) json.value(step);
    json.end_array().key("case").begin_object().field("channel", k.channel).field("kind", k.kind).field("category", k.category).field("area", k.area);
    json.field("level", k.level).field("title", k.title).field("content", k.content).field("place", k.place);
    json.field("secrecy", static_cast<int>(k.secrecy)).field("complained_unit", k.complained_unit).end_object();
    if (peer.people && ticket.citizen) {
      HOTLINE_ASSIGN(const auto citizen, impl.open_citizen(t, *ticket.citizen));
      if (citizen)
        json.key("citizen").begin_object().field("name", citizen->name).field("phone", citizen->phone).field("id_number", citizen->id_number)
            .field("address", citizen->address).field("email", citizen->email).end_object();
    }
    if (peer.people) HOTLINE_TRY(attachments(json, id));
    json.end_object();
    HOTLINE_TRY(t.post("INSERT INTO ticket_link (ticket, node, site, above, registry, task, round, version, due, state, path, is_open, seen) VALUES (?, ?, ?, 0, '', 0, ?, 0, ?, '', '', 1, ?) "
                       "ON CONFLICT (ticket, node, site) DO UPDATE SET round = excluded.round, version = 0, due = excluded.due, is_open = 1, seen = excluded.seen, refused_in = NULL",
                       {id.value, node, site, round, due, k.version}));
    return post_letter(t, key, known, site, id, body, now);
  }

  Status attachments(JsonWriter& json, TicketId id) {
    json.key("attachments").begin_array();
    HOTLINE_TRY(t.query("SELECT kind, sha256, name, media_type, size FROM ticket_attachment WHERE ticket = ? ORDER BY sha256", {id.value}, [&](const store::Row& row) {
      json.begin_object().field("kind", row.text(0)).field("sha256", row.text(1)).field("name", row.text(2)).field("media_type", row.text(3)).field("size", row.integer(4)).end_object();
    }));
    json.end_array();
    return {};
  }

  struct Case {
    TicketId ticket;
    std::uint32_t node;
    std::string site, registry;
    std::int64_t round = 0;
    std::optional<Time> told{};
    bool over = false, again = false;
  };

  // Assignments of units that stand for another site, and are not there yet; also those that came back to be done again.
  Status new_cases() {
    std::vector<Case> found;
    HOTLINE_TRY(t.query("SELECT a.ticket, a.node, p.site, coalesce(l.round, 0) FROM ticket_site p JOIN ticket_assignment a ON a.unit = p.unit AND a.counts = 0 "
                        "JOIN ticket k ON k.id = a.ticket AND k.closed_at IS NULL LEFT JOIN ticket_link l ON l.ticket = a.ticket AND l.node = a.node AND l.site = p.site "
                        "WHERE p.unit <> '' AND (l.ticket IS NULL OR l.is_open = 0) ORDER BY a.ticket, a.node LIMIT ?",
                        {limit}, [&](const store::Row& row) {
                          found.push_back({TicketId{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint32_t>(row.integer(1)), std::string(row.text(2)), {}, row.integer(3) + 1});
                        }));
    for (const Case& c : found) HOTLINE_TRY(refer(c.ticket, c.node, c.site, c.round));
    return {};
  }

  // Below us: a due time that moved, a case that is wanted no more, one that they refused and should have after all.
  Status changed_cases() {
    std::vector<Case> found;
    HOTLINE_TRY(t.query("SELECT l.ticket, l.node, l.site, k.registry, l.round, l.due, a.counts > 1 OR k.closed_at IS NOT NULL, l.refused_in IS NOT NULL AND l.refused_in <> a.state "
                        "FROM ticket_link l JOIN ticket k ON k.id = l.ticket JOIN ticket_assignment a ON a.ticket = l.ticket AND a.node = l.node "
                        "WHERE l.is_open = 1 AND l.above = 0 AND k.version > l.seen ORDER BY l.ticket, l.node LIMIT ?",
                        {limit}, [&](const store::Row& row) {
                          found.push_back({TicketId{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint32_t>(row.integer(1)), std::string(row.text(2)),
                                           std::string(row.text(3)), row.integer(4), row.is_null(5) ? std::nullopt : std::optional(row.time(5)), row.integer(6) != 0, row.integer(7) != 0});
                        }));
    for (const Case& c : found) {
      if (!known.peers.contains(c.site)) continue;
      HOTLINE_ASSIGN(const Loaded ticket, impl.load(t, c.ticket));
      const auto due = due_of(ticket, c.node, known.peers.at(c.site).margin);
      if (c.over) HOTLINE_TRY(tell(c, "recall", std::nullopt));
      else if (c.again) HOTLINE_TRY(refer(c.ticket, c.node, c.site, c.round + 1));
      else if (due && due != c.told) HOTLINE_TRY(tell(c, "term", due));
      HOTLINE_TRY(t.post("UPDATE ticket_link SET seen = ? WHERE ticket = ? AND node = ? AND site = ?", {ticket.row.version, c.ticket.value, c.node, c.site}));
    }
    return {};
  }

  Status tell(const Case& c, std::string_view kind, const std::optional<Time>& due) {
    std::string body;
    JsonWriter json(body);
    begin(json, kind, c.registry, c.node);
    if (due) json.field("due", to_string(*due));
    json.end_object();
    HOTLINE_TRY(t.post("UPDATE ticket_link SET is_open = ?, due = ? WHERE ticket = ? AND node = ? AND site = ?", {c.over ? 0 : 1, due, c.ticket.value, c.node, c.site}));
    return post_letter(t, key, known, c.site, c.ticket, body, now);
  }

  // Messages of the workflow to such a unit go the same way; "you have a new assignment" is the case itself.
  Status notices() {
    struct Notice {
      std::int64_t id;
      TicketId ticket;
      std::string site, name, body, registry;
      std::uint32_t node;
    };
    std::vector<Notice> found;
    HOTLINE_TRY(t.query("SELECT o.id, o.ticket, l.site, o.template, o.body, k.registry, l.node FROM ticket_site p JOIN ticket_outbox o ON o.recipient = 'unit:' || p.unit AND o.due <= ? "
                        "JOIN ticket_link l ON l.ticket = o.ticket AND l.site = p.site AND l.above = 0 JOIN ticket k ON k.id = o.ticket WHERE p.unit <> '' ORDER BY o.id LIMIT ?",
                        {now, limit}, [&](const store::Row& row) {
                          found.push_back({row.integer(0), TicketId{static_cast<std::uint64_t>(row.integer(1))}, std::string(row.text(2)), std::string(row.text(3)),
                                           std::string(row.text(4)), std::string(row.text(5)), static_cast<std::uint32_t>(row.integer(6))});
                        }));
    for (const Notice& n : found) {
      HOTLINE_ASSIGN(const auto taken, t.execute("UPDATE ticket_outbox SET due = NULL, done_at = ? WHERE id = ? AND due IS NOT NULL", {now, n.id}));
      if (taken == 0 || n.name == "dispatched" || n.name == "arbitrated") continue;
      std::string body;
      JsonWriter json(body);
      begin(json, "notice", n.registry, n.node);
      json.field("template", n.name).key("body").raw(n.body).end_object();
      HOTLINE_TRY(post_letter(t, key, known, n.site, n.ticket, body, now));
    }
    return {};
  }

  // Above us: how our part stands.
  Status progress() {
    std::vector<Case> found;
    HOTLINE_TRY(t.query("SELECT l.ticket, l.task, l.site, l.registry, l.round FROM ticket_link l JOIN ticket k ON k.id = l.ticket AND k.version > l.version "
                        "WHERE l.is_open = 1 AND l.above = 1 ORDER BY l.ticket LIMIT ?",
                        {limit}, [&](const store::Row& row) {
                          Case c{TicketId{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint32_t>(row.integer(1)), std::string(row.text(2)), std::string(row.text(3)), row.integer(4)};
                          found.push_back(std::move(c));
                        }));
    for (const Case& c : found) {
      HOTLINE_ASSIGN(const Loaded ticket, impl.load(t, c.ticket));
      const auto* status = ticket.definition->public_status(ticket.instance.state(0, 0));
      const std::string code = status != nullptr ? status->code : ticket.row.closed_at ? "closed" : "handling";
      const bool told = code != "accepted" && code != "handling";  // a reply is the citizen's once it is reviewed
      std::string body;
      JsonWriter json(body);
      begin(json, "progress", c.registry, c.node);
      json.field("round", c.round).field("own_registry", ticket.row.registry).field("version", ticket.row.version).field("head", to_hex(ticket.head));
      json.field("state", code).field("phrase_zh", status != nullptr ? status->phrase.zh : code).field("phrase_en", status != nullptr ? status->phrase.en : code);
      json.field("reply", told ? ticket.row.reply : "");
      if (ticket.row.due) json.field("due", to_string(*ticket.row.due));
      json.field("overdue", ticket.row.overdue).end_object();
      HOTLINE_TRY(t.post("UPDATE ticket_link SET version = ?, state = ?, is_open = ? WHERE ticket = ? AND above = 1",
                         {ticket.row.version, code, ticket.instance.finished(*ticket.definition) ? 0 : 1, c.ticket.value}));
      if (known.peers.contains(c.site)) HOTLINE_TRY(post_letter(t, key, known, c.site, c.ticket, body, now));
    }
    return {};
  }
};

Status name_check(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 128 && is_utf8(name) && name.find_first_of("\n\r\t ") == name.npos;
  if (good) return {};
  return Error(ErrorCode::invalid_argument, "`" + std::string(name) + "` is no name of a site", "one word, like city.example");
}

}  // namespace

std::span<const store::Migration> sites_schema() {
  static constexpr store::Migration kSteps[] = {{1, R"sql(
CREATE TABLE ticket_site (
  site TEXT PRIMARY KEY, unit TEXT NOT NULL, public_key {bytes} NOT NULL, margin {int} NOT NULL, people {int} NOT NULL) {clustered};
CREATE INDEX ticket_site_unit ON ticket_site (unit);
CREATE TABLE ticket_link (
  ticket {int} NOT NULL, node {int} NOT NULL, site TEXT NOT NULL,
  above {int} NOT NULL,       -- 1: it came from there
  registry TEXT NOT NULL, task {int} NOT NULL,  -- theirs
  round {int} NOT NULL, version {int} NOT NULL, due {int}, state TEXT NOT NULL, path TEXT NOT NULL, is_open {int} NOT NULL,
  seen {int} NOT NULL,        -- our version at the last look
  refused_in TEXT,            -- state of the assignment when they had refused it
  PRIMARY KEY (ticket, node, site)) {clustered};
CREATE INDEX ticket_link_open ON ticket_link (above, ticket) WHERE is_open = 1;
CREATE INDEX ticket_link_registry ON ticket_link (site, registry);
CREATE TABLE ticket_letter (
  id {auto}, site TEXT NOT NULL, number {int} NOT NULL, ticket {int} NOT NULL, letter TEXT NOT NULL,
  due {int}, attempts {int} NOT NULL, created_at {int} NOT NULL, done_at {int}, problem TEXT);
CREATE UNIQUE INDEX ticket_letter_number ON ticket_letter (site, number);
CREATE INDEX ticket_letter_due ON ticket_letter (due) WHERE due IS NOT NULL;
CREATE TABLE ticket_received (
  site TEXT NOT NULL, number {int} NOT NULL, digest {bytes} NOT NULL, kind TEXT NOT NULL, ticket {int} NOT NULL, taken {int} NOT NULL, answer TEXT NOT NULL,
  at {int} NOT NULL, PRIMARY KEY (site, number)) {clustered};
)sql"}};
  return kSteps;
}

Result<Known> known_sites(store::Transaction& t) {
  Known out;
  HOTLINE_TRY(t.query("SELECT value FROM ticket_meta WHERE name = 'site'", {}, [&](const store::Row& row) { out.self = row.bytes(0); }));
  if (out.self.empty()) return Error(ErrorCode::wrong_state, "this database is no site yet", "join() first: say its name and its peers");
  HOTLINE_TRY(t.query("SELECT site, unit, public_key, margin, people FROM ticket_site", {}, [&](const store::Row& row) {
    out.peers[std::string(row.text(0))] = {std::string(row.text(1)), std::string(row.bytes(2)), Duration{row.integer(3)}, row.integer(4) != 0};
  }));
  return out;
}

Status post_letter(store::Transaction& t, const SigningKey& key, const Known& known, const std::string& site, TicketId ticket, std::string_view body, Time now) {
  HOTLINE_ASSIGN(const auto next, t.integer("INSERT INTO ticket_counter (space, next) VALUES (?, 2) ON CONFLICT (space) DO UPDATE SET next = ticket_counter.next + 1 RETURNING next",
                                            {"letter:" + site}));
  HOTLINE_ASSIGN(const Envelope e, write_envelope(key, known.peers.at(site).key, known.self, site, *next - 1, false, body));
  return t.post("INSERT INTO ticket_letter (site, number, ticket, letter, due, attempts, created_at) VALUES (?, ?, ?, ?, ?, 0, ?)",
                {site, e.number, ticket.value, to_text(e), now, now});
}

Result<SiteOptions> SiteOptions::parse(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node node, parse_document(text, file));
  Diagnostics diagnostics{std::string(file)};
  Fields fields(node, diagnostics, "the sites");
  SiteOptions out;
  out.site = fields.required_string("site");
  static constexpr std::string_view kPeople[] = {"withheld", "told"};
  if (const Node* list = fields.get("peers"))
    for (const Node& item : list->items()) {
      Fields peer(item, diagnostics, "a peer");
      Peer p;
      p.site = peer.required_string("site"), p.unit = peer.string("unit"), p.public_key = peer.required_string("key");
      p.margin = peer.duration("margin", p.margin);
      p.people = static_cast<Peer::People>(peer.choice("people", kPeople, 0));
      peer.finish();
      out.peers.push_back(std::move(p));
    }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return out;
}

Result<std::string> Sites::join(const SiteOptions& options) {
  Service::Impl& impl = service_.impl();
  HOTLINE_TRY(name_check(options.site));
  std::vector<std::string> keys;
  for (const Peer& peer : options.peers) {
    HOTLINE_TRY(name_check(peer.site));
    if (peer.site == options.site) return Error(ErrorCode::invalid_argument, "`" + peer.site + "` is our own name", "a peer is another site");
    HOTLINE_ASSIGN(std::string key, bytes_of(peer.public_key, crypto_sign_PUBLICKEYBYTES, "public key of " + peer.site));
    HOTLINE_ASSIGN(const SigningKey own, signing_key(impl));
    if (const auto tried = write_envelope(own, key, options.site, peer.site, 1, false, ""); !tried.ok()) return tried.error();
    keys.push_back(std::move(key));
  }
  HOTLINE_TRY(impl.database.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("INSERT INTO ticket_meta (name, value) VALUES ('site', ?) ON CONFLICT (name) DO NOTHING", {store::Blob{options.site}}));
    HOTLINE_ASSIGN(const Known known, known_sites(t));
    if (known.self != options.site)
      return Error(ErrorCode::conflict, "this database is the site `" + known.self + "` already", "its letters are signed with that name: keep it");
    HOTLINE_TRY(t.post("DELETE FROM ticket_site"));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Peer& p = options.peers[i];
      HOTLINE_TRY(t.post("INSERT INTO ticket_site (site, unit, public_key, margin, people) VALUES (?, ?, ?, ?, ?)",
                         {p.site, p.unit, store::Blob{keys[i]}, p.margin.count(), p.people == Peer::People::told ? 1 : 0}));
    }
    return {};
  }));
  return public_key(service_);
}

Result<std::vector<Letter>> Sites::letters(Time now, Duration lease, int limit) {
  Service::Impl& impl = service_.impl();
  HOTLINE_ASSIGN(const SigningKey key, signing_key(impl));
  std::vector<Letter> out;
  const Status status = impl.database.write([&](store::Transaction& t) -> Status {
    out.clear();
    HOTLINE_ASSIGN(const Known known, known_sites(t));
    Writer writer{impl, t, key, known, now, limit};
    HOTLINE_TRY(writer.new_cases());
    HOTLINE_TRY(writer.notices());
    HOTLINE_TRY(writer.changed_cases());
    HOTLINE_TRY(writer.progress());
    std::vector<std::int64_t> ids;
    HOTLINE_TRY(t.query("SELECT id, site, number, letter, attempts FROM ticket_letter WHERE due <= ? ORDER BY id LIMIT ?", {now, limit}, [&](const store::Row& row) {
      ids.push_back(row.integer(0));
      out.push_back({std::string(row.text(1)), row.integer(2), std::string(row.text(3)), static_cast<int>(row.integer(4)) + 1});
    }));
    for (const auto id : ids) HOTLINE_TRY(t.post("UPDATE ticket_letter SET due = ?, attempts = attempts + 1 WHERE id = ?", {now + lease, id}));
    return {};
  });
  if (!status.ok()) return status.error();
  return out;
}

Result<std::vector<SiteLink>> Sites::links(TicketId ticket) const {
  std::vector<SiteLink> out;
  HOTLINE_TRY(service_.database().read([&](store::Transaction& t) -> Status {
    if (!known_sites(t).ok()) return {};
    return t.query("SELECT node, site, above, registry, state, is_open FROM ticket_link WHERE ticket = ? ORDER BY node, site", {ticket.value}, [&](const store::Row& row) {
      out.push_back({ticket, row.integer(2) != 0 ? SiteLink::Side::above : SiteLink::Side::below, std::string(row.text(1)), std::string(row.text(3)), std::string(row.text(4)),
                     static_cast<std::uint32_t>(row.integer(0)), row.integer(5) != 0});
    });
  }));
  return out;
}

}  // namespace hotline::ticket
