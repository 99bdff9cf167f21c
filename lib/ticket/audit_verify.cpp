#include <sodium.h>

#include <map>

#include "hotline/base/document.hpp"
#include "hotline/ticket/audit.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

constexpr std::size_t kFindings = 100;

std::string anchor_hash(std::string_view previous, std::int64_t id, Time at, std::int64_t events, std::string_view root) {
  return sha256("hotline.ticket.anchor.1\n" + to_hex(previous) + "\n" + std::to_string(id) + "\n" + std::to_string(to_ns(at)) + "\n" +
                std::to_string(events) + "\n" + to_hex(root));
}

// SHA-256 over "ticket version hash" of events in the order of tickets and versions.
class RootHash {
 public:
  RootHash() { crypto_hash_sha256_init(&state_); }
  void add(std::int64_t ticket, std::int64_t version, std::string_view hash) {
    const std::string line = std::to_string(ticket) + " " + std::to_string(version) + " " + to_hex(hash) + "\n";
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(line.data()), line.size());
    ++events;
  }
  std::string finish() {
    std::string out(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256_final(&state_, reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }
  std::int64_t events = 0;

 private:
  crypto_hash_sha256_state state_;
};

struct SigningKey {
  unsigned char open[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
};

Result<SigningKey> signing_key(Service::Impl& impl) {
  std::string box;
  const std::string made = impl.vault.wrap(impl.vault.new_key());
  const Status status = impl.database.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("INSERT INTO ticket_meta (name, value) VALUES ('signing', ?) ON CONFLICT (name) DO NOTHING", {store::Blob{made}}));
    HOTLINE_TRY(t.query("SELECT value FROM ticket_meta WHERE name = 'signing'", {}, [&](const store::Row& row) { box = row.bytes(0); }));
    HOTLINE_ASSIGN(const DataKey seed, impl.vault.unwrap(box));
    SigningKey key;
    crypto_sign_seed_keypair(key.open, key.secret, seed.data());
    const std::string open(reinterpret_cast<const char*>(key.open), sizeof key.open);
    return t.post("INSERT INTO ticket_meta (name, value) VALUES ('signing.public', ?) ON CONFLICT (name) DO NOTHING", {store::Blob{open}});
  });
  if (!status.ok()) return status.error();
  HOTLINE_ASSIGN(const DataKey seed, impl.vault.unwrap(box));
  SigningKey key;
  crypto_sign_seed_keypair(key.open, key.secret, seed.data());
  return key;
}

using Calendars = std::function<std::vector<workflow::Calendar>(const Definition&)>;

struct Checker {
  store::Transaction& t;
  const Calendars& calendars;
  Verification out;
  std::map<std::string, Definition, std::less<>> definitions;

  void find(std::int64_t ticket, std::int64_t version, std::string what) {
    if (out.findings.size() < kFindings)
      out.findings.push_back({TicketId{static_cast<std::uint64_t>(ticket)}, static_cast<std::uint64_t>(version), std::move(what)});
  }

  Status check_ticket(std::int64_t id) {
    std::string head, snapshot, definition;
    std::int64_t version = 0;
    HOTLINE_TRY(t.query("SELECT head, snapshot, definition, version FROM ticket WHERE id = ?", {id}, [&](const store::Row& row) {
      head = row.bytes(0);
      snapshot = row.text(1);
      definition = row.text(2);
      version = row.integer(3);
    }));
    std::string previous;
    std::int64_t expected = 1;
    std::vector<std::string> records;
    HOTLINE_TRY(t.query("SELECT version, at, type, actor, unit, command, body, sealed, state, hash FROM ticket_event WHERE ticket = ? ORDER BY version",
                        {id}, [&](const store::Row& row) {
                          ++out.events;
                          if (row.integer(0) != expected) find(id, row.integer(0), "an event is missing before this one");
                          expected = row.integer(0) + 1;
                          const std::string type(row.text(2)), actor(row.text(3)), unit(row.text(4)), command(row.text(5)), body(row.text(6)),
                              sealed(row.bytes(7));
                          const Appended event{row.time(1), type, actor, unit, command, body, sealed, {}};
                          previous = chain_hash(previous, TicketId{static_cast<std::uint64_t>(id)}, static_cast<std::uint64_t>(row.integer(0)), event, row.text(8));
                          if (previous != row.bytes(9)) {
                            find(id, row.integer(0), "the event was changed");
                            previous = row.bytes(9);
                          }
                          records.push_back(body);
                        }));
    if (expected != version + 1 || previous != head) find(id, version, "the last events are missing");
    return replay(id, version, definition, snapshot, records);
  }

  Status replay(std::int64_t id, std::int64_t version, const std::string& name, const std::string& snapshot, const std::vector<std::string>& bodies) {
    auto found = definitions.find(name);
    if (found == definitions.end()) {
      std::optional<std::string> source;
      const auto at = name.rfind('@');
      HOTLINE_TRY(t.query("SELECT source FROM ticket_definition WHERE id = ? AND version = CAST(? AS {int})",
                          {std::string_view(name).substr(0, at), std::string_view(name).substr(at == name.npos ? name.size() : at + 1)},
                          [&](const store::Row& row) { source = row.text(0); }));
      if (!source) return find(id, version, "its definition " + name + " is missing"), Status{};
      Diagnostics diagnostics(name);
      HOTLINE_ASSIGN(Definition parsed, Definition::parse(*source, name, diagnostics));
      found = definitions.emplace(name, std::move(parsed)).first;
    }
    std::vector<workflow::Record> records;
    for (const std::string& body : bodies) {
      const auto node = parse_document(body, "event");
      if (!node.ok()) return find(id, version, "an event cannot be read: " + node.error().message()), Status{};
      const Node* list = node->find("records");
      for (const Node& item : list != nullptr ? list->items() : std::span<const Node>()) {
        auto record = workflow::Record::parse(found->second, item);
        if (!record.ok()) return find(id, version, "an event cannot be replayed: " + record.error().message()), Status{};
        records.push_back(*std::move(record));
      }
    }
    const auto again = workflow::replay(found->second, records, calendars(found->second));
    if (!again.ok()) return find(id, version, "the events cannot be replayed: " + again.error().message()), Status{};
    if (again->to_json(found->second) != snapshot) find(id, version, "replaying the events gives another state than the stored one");
    return {};
  }

  Status check_anchors() {
    std::map<std::int64_t, RootHash> roots;
    HOTLINE_TRY(t.query("SELECT anchor, ticket, version, hash FROM ticket_event ORDER BY ticket, version", {}, [&](const store::Row& row) {
      if (row.is_null(0)) ++out.not_anchored;
      else roots[row.integer(0)].add(row.integer(1), row.integer(2), row.bytes(3));
    }));
    std::string open, previous;
    HOTLINE_TRY(t.query("SELECT value FROM ticket_meta WHERE name = 'signing.public'", {}, [&](const store::Row& row) { open = row.bytes(0); }));
    std::int64_t expected = 1;
    HOTLINE_TRY(t.query("SELECT id, at, events, root, hash, signature FROM ticket_anchor ORDER BY id", {}, [&](const store::Row& row) {
      ++out.anchors;
      const std::int64_t id = row.integer(0);
      if (id != expected) find(0, id, "an anchor is missing before this one");
      expected = id + 1;
      RootHash& root = roots[id];
      if (root.events != row.integer(2)) find(0, id, "of its " + std::to_string(row.integer(2)) + " events, " + std::to_string(root.events) + " are there");
      if (root.finish() != row.bytes(3)) find(0, id, "its events were changed");
      const std::string hash = anchor_hash(previous, id, row.time(1), row.integer(2), row.bytes(3));
      if (hash != row.bytes(4)) find(0, id, "the anchor was changed");
      const auto raw = [](std::string_view b) { return reinterpret_cast<const unsigned char*>(b.data()); };
      if (open.size() != crypto_sign_PUBLICKEYBYTES || row.bytes(5).size() != crypto_sign_BYTES ||
          crypto_sign_verify_detached(raw(row.bytes(5)), raw(row.bytes(4)), row.bytes(4).size(), raw(open)) != 0)
        find(0, id, "its signature does not fit");
      previous = row.bytes(4);
    }));
    return {};
  }
};

}  // namespace

Result<Anchor> anchor(Service& service, Time at) {
  Service::Impl& impl = service.impl();
  HOTLINE_ASSIGN(const SigningKey key, signing_key(impl));
  Anchor made;
  const Status status = impl.database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto last, t.integer("SELECT max(id) FROM ticket_anchor"));
    std::string previous;
    HOTLINE_TRY(t.query("SELECT hash FROM ticket_anchor WHERE id = ?", {last.value_or(0)}, [&](const store::Row& row) { previous = row.bytes(0); }));
    made = Anchor{last.value_or(0) + 1, at, 0, {}, {}};
    RootHash root;
    HOTLINE_TRY(t.query("SELECT ticket, version, hash FROM ticket_event WHERE anchor IS NULL ORDER BY ticket, version {update}", {},
                        [&](const store::Row& row) { root.add(row.integer(0), row.integer(1), row.bytes(2)); }));
    made.events = root.events;
    if (root.events == 0) return {};
    const std::string value = root.finish(), hash = anchor_hash(previous, made.id, at, made.events, value);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<const unsigned char*>(hash.data()), hash.size(), key.secret);
    HOTLINE_ASSIGN(const auto marked, t.execute("UPDATE ticket_event SET anchor = ? WHERE anchor IS NULL", {made.id}));
    if (marked != made.events) return Error(ErrorCode::busy, "events were added while the anchor was made", "try again");
    made.hash = to_hex(hash);
    made.signature = to_hex(signature);
    return t.post("INSERT INTO ticket_anchor (id, at, events, root, hash, signature) VALUES (?, ?, ?, ?, ?, ?)",
                  {made.id, at, made.events, store::Blob{value}, store::Blob{hash}, store::Blob{signature}});
  });
  if (!status.ok()) return status.error();
  return made;
}

Result<std::string> public_key(Service& service) {
  HOTLINE_ASSIGN(const SigningKey key, signing_key(service.impl()));
  return to_hex({reinterpret_cast<const char*>(key.open), sizeof key.open});
}

static Result<Verification> verify_with(store::Database database, const Calendars& calendars, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  Verification result;
  const Status status = database.read([&](store::Transaction& t) -> Status {
    Checker checker{t, calendars, {}, {}};
    std::vector<std::int64_t> ids;
    HOTLINE_TRY(t.query("SELECT id FROM ticket ORDER BY id", {}, [&](const store::Row& row) { ids.push_back(row.integer(0)); }));
    for (const std::int64_t id : ids) {
      HOTLINE_TRY(checker.check_ticket(id));
      ++checker.out.tickets;
      if (progress && (checker.out.tickets % 256 == 0 || checker.out.tickets == ids.size())) progress(checker.out.tickets, ids.size());
    }
    HOTLINE_ASSIGN(const auto orphan, t.integer("SELECT ticket FROM ticket_event WHERE ticket NOT IN (SELECT id FROM ticket) LIMIT 1"));
    if (orphan) checker.find(*orphan, 0, "the ticket is missing, its events are there");
    HOTLINE_TRY(checker.check_anchors());
    result = std::move(checker.out);
    return {};
  });
  if (!status.ok()) return status.error();
  return result;
}

Result<Verification> verify(Service& service, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return verify_with(service.database(), [&](const Definition& d) { return service.impl().calendars_of(d); }, progress);
}

Result<Verification> verify(store::Database database, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  HOTLINE_ASSIGN(const auto china, shipped_calendar());
  HOTLINE_ASSIGN(const auto zone, workflow::TimeZone::find("Asia/Shanghai"));
  const auto calendars = [&](const Definition& d) {
    std::vector<workflow::Calendar> out;
    for (const std::string& name : d.calendars()) out.push_back(name == china.id() ? china : workflow::Calendar::always(zone));
    return out;
  };
  return verify_with(std::move(database), calendars, progress);
}

}  // namespace hotline::ticket
