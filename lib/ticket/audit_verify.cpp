#include <algorithm>
#include <map>

#include "hotline/base/document.hpp"
#include "hotline/ticket/audit.hpp"
#include "ticket/anchor.hpp"
#include "ticket/signing.hpp"

namespace hotline::ticket {
namespace {

constexpr std::size_t kFindings = 100;

struct Checker {
  store::Transaction& t;
  Verification out;
  std::map<std::string, Definition, std::less<>> definitions;
  std::map<std::int64_t, CalendarSet> calendars;

  void find(std::int64_t ticket, std::int64_t version, std::string what) {
    if (out.findings.size() < kFindings)
      out.findings.push_back({TicketId{static_cast<std::uint64_t>(ticket)}, static_cast<std::uint64_t>(version), std::move(what)});
  }

  Status check_ticket(std::int64_t id) {
    std::string head, snapshot, definition;
    std::int64_t version = 0, leaf_version = 0;
    std::string leaf_head;
    HOTLINE_TRY(t.query("SELECT version, head FROM ticket_anchor_leaf WHERE ticket = ? ORDER BY anchor DESC LIMIT 1", {id}, [&](const store::Row& row) {
      leaf_version = row.integer(0);
      leaf_head = row.bytes(1);
    }));
    HOTLINE_TRY(t.query("SELECT head, snapshot, definition, version FROM ticket WHERE id = ?", {id}, [&](const store::Row& row) {
      head = row.bytes(0);
      snapshot = row.bytes(1);
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
                          if (row.integer(0) == leaf_version && leaf_head != row.bytes(9)) find(id, leaf_version, "the anchor holds another event");
                          records.push_back(body);
                        }));
    if (expected != version + 1 || previous != head || version < leaf_version) find(id, version, "the last events are missing");
    out.not_anchored += static_cast<std::uint64_t>(std::max<std::int64_t>(0, version - leaf_version));
    HOTLINE_TRY(check_notes(id));
    return replay(id, version, definition, snapshot, records);
  }

  Status check_notes(std::int64_t id) {
    std::string previous, leaf_head;
    std::uint64_t n = 0;
    std::int64_t leaf_notes = 0;
    HOTLINE_TRY(t.query("SELECT notes, head FROM ticket_note_leaf WHERE ticket = ? ORDER BY anchor DESC LIMIT 1", {id}, [&](const store::Row& row) {
      leaf_notes = row.integer(0);
      leaf_head = row.bytes(1);
    }));
    HOTLINE_TRY(t.query("SELECT id, at, actor, unit, class, text, command, hash FROM ticket_note WHERE ticket = ? ORDER BY id", {id}, [&](const store::Row& row) {
      previous = note_hash(previous, TicketId{static_cast<std::uint64_t>(id)}, ++n, row.time(1), row.text(2), row.text(3), static_cast<NoteClass>(row.integer(4)),
                           row.text(5), row.text(6));
      if (static_cast<std::int64_t>(n) == leaf_notes && leaf_head != row.bytes(7)) find(id, 0, "the anchor holds another note than " + std::to_string(row.integer(0)));
      if (previous == row.bytes(7)) return;
      find(id, 0, "note " + std::to_string(row.integer(0)) + " was changed, or one before it is missing");
      previous = row.bytes(7);
    }));
    if (static_cast<std::int64_t>(n) < leaf_notes) find(id, 0, "the last notes are missing");
    return {};
  }

  Result<const Definition*> definition(const std::string& name) {
    auto found = definitions.find(name);
    if (found == definitions.end()) {
      const auto at = name.rfind('@');
      HOTLINE_ASSIGN(const auto source, t.text("SELECT source FROM ticket_definition WHERE id = ? AND version = CAST(? AS {int})",
                                               {std::string_view(name).substr(0, at), std::string_view(name).substr(at == name.npos ? name.size() : at + 1)}));
      if (!source) return Error(ErrorCode::not_found, "its definition " + name + " is missing");
      Diagnostics diagnostics(name);
      HOTLINE_ASSIGN(Definition parsed, Definition::parse(*source, name, diagnostics));
      found = definitions.emplace(name, std::move(parsed)).first;
    }
    return &found->second;
  }
  Result<std::vector<workflow::Calendar>> calendars_of(const Definition& d, std::int64_t revision) {
    auto found = calendars.find(revision);
    if (found == calendars.end()) {
      HOTLINE_ASSIGN(CalendarSet set, read_calendars(t, revision));
      found = calendars.emplace(revision, std::move(set)).first;
    }
    return pick(found->second, d);
  }

  // The state that the events give: each under the definition and the calendars that were in force for this ticket.
  struct Replayed {
    const Definition* definition = nullptr;
    workflow::Decision decision;
    std::vector<workflow::Calendar> calendars;
    std::int64_t revision = 0;
  };

  Status step(Replayed& r, const Node& body) {
    if (const Node* name = body.find("definition")) {
      HOTLINE_ASSIGN(const Definition* const next, definition(name->text()));
      if (r.definition != nullptr) {
        HOTLINE_ASSIGN(r.decision.next, workflow::migrate(*r.definition, *next, r.decision.next));
      }
      r.definition = next;
    }
    if (const Node* revision = body.find("calendars")) r.revision = revision->as_int().value_or(0);
    if (r.definition == nullptr) return Error(ErrorCode::corrupt, "the first event names no definition");
    if (body.find("calendars") != nullptr || body.find("definition") != nullptr) {
      HOTLINE_ASSIGN(r.calendars, calendars_of(*r.definition, r.revision));
    }
    const Node* list = body.find("records");
    for (const Node& item : list != nullptr ? list->items() : std::span<const Node>()) {
      HOTLINE_ASSIGN(const auto record, workflow::Record::parse(*r.definition, item, &r.decision.next));
      const workflow::Instance before = std::move(r.decision.next);
      record.apply(*r.definition, before, r.calendars, r.decision);
    }
    return {};
  }

  Status replay(std::int64_t id, std::int64_t version, const std::string& name, const std::string& snapshot, const std::vector<std::string>& bodies) {
    Replayed r;
    for (const std::string& body : bodies) {
      const auto node = parse_document(body, "event");
      const Status status = node.ok() ? step(r, *node) : Status(node.error());
      if (!status.ok()) return find(id, version, "an event cannot be replayed: " + status.error().message()), Status{};
    }
    if (r.definition == nullptr) return find(id, version, "it has no events"), Status{};
    std::string again;
    r.decision.next.encode(*r.definition, again);
    if (again != snapshot || to_text(*r.definition) != name) find(id, version, "replaying the events gives another state than the stored one");
    return {};
  }

  Status check_anchors() {
    std::map<std::int64_t, std::vector<std::string>> leaves;
    HOTLINE_TRY(t.query("SELECT anchor, ticket, version, head FROM ticket_anchor_leaf ORDER BY anchor, ticket", {}, [&](const store::Row& row) {
      leaves[row.integer(0)].push_back(leaf_hash(row.integer(1), row.integer(2), row.bytes(3)));
    }));
    HOTLINE_TRY(t.query("SELECT anchor, ticket, notes, head FROM ticket_note_leaf ORDER BY anchor, ticket", {}, [&](const store::Row& row) {
      leaves[row.integer(0)].push_back(note_leaf_hash(row.integer(1), row.integer(2), row.bytes(3)));
    }));
    std::string open, previous;
    HOTLINE_TRY(t.query("SELECT value FROM ticket_meta WHERE name = 'signing.public'", {}, [&](const store::Row& row) { open = row.bytes(0); }));
    std::int64_t expected = 1;
    HOTLINE_TRY(t.query("SELECT id, at, tickets, events, root, hash, signature FROM ticket_anchor ORDER BY id", {}, [&](const store::Row& row) {
      ++out.anchors;
      const AnchorRow anchor{row.integer(0), row.time(1), row.integer(2), row.integer(3), std::string(row.bytes(4))};
      if (anchor.id != expected) find(0, anchor.id, "an anchor is missing before this one");
      expected = anchor.id + 1;
      if (merkle_root(leaves[anchor.id]) != anchor.root) find(0, anchor.id, "its tickets were changed");
      const std::string hash = anchor_hash(previous, anchor);
      if (hash != row.bytes(5)) find(0, anchor.id, "the anchor was changed");
      if (!signed_by(row.bytes(6), row.bytes(5), open)) find(0, anchor.id, "its signature does not fit");
      previous = row.bytes(5);
    }));
    return t.query("SELECT DISTINCT ticket FROM ticket_anchor_leaf WHERE ticket NOT IN (SELECT id FROM ticket) AND ticket NOT IN (SELECT id FROM ticket_gone)", {},
                   [&](const store::Row& row) { find(row.integer(0), 0, "an anchor holds it, and the ticket is missing"); });
  }
};

}  // namespace

Result<Verification> verify(store::Database database, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  Verification result;
  const Status status = database.read([&](store::Transaction& t) -> Status {
    Checker checker{t, {}, {}, {}};
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
  return verify(service.database(), progress);
}

}  // namespace hotline::ticket
