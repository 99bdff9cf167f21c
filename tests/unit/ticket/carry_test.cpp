// Tickets under newer calendars and newer definitions, proofs from anchors, and the move to an archive.
#include <gtest/gtest.h>

#include "hotline/ticket/archive.hpp"
#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/search.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPermit = R"(
workflow: permit
version: 1
roles: [a]
calendars: [local]
regions: {main: {states: {OPEN: {owner: a, entry: [{start: term}]}, WAIT: {owner: a}, END: {final: true}}}}
clocks: {term: {term: 3wd, calendar: local, alarms: [{at: due, raise: late}]}}
events: {hold: {}, go: {}, late: {internal: true}}
transitions:
  - {on: hold, from: OPEN, to: WAIT}
  - {on: go, from: [OPEN, WAIT], to: END, do: [{stop: term}]}
  - {on: late, from: [OPEN, WAIT], do: [{notify: late}]}
public_status: {OPEN: {code: a, zh: a, en: a}, WAIT: {code: a, zh: a, en: a}, END: {code: closed, zh: c, en: c}}
)";

workflow::Definition parse(std::string_view text) {
  Diagnostics d("permit.yaml");
  auto parsed = workflow::Definition::parse(text, "permit.yaml", d);
  if (!parsed.ok()) throw Exception(Error(ErrorCode::invalid_definition, d.to_text()));
  return *std::move(parsed);
}

workflow::Calendar local(const std::string& days) {
  Diagnostics d("local.yaml");
  const auto spec = workflow::CalendarSpec::parse("calendar: local\ntimezone: Asia/Shanghai\nexceptions: [" + days + "]\n", "local.yaml", d).value();
  return workflow::Calendar::compile(spec).value();
}

}  // namespace

// The State Council's paper of 27 January 2020 changed days that had been promised: due times move, with an event that says so.
TEST(Carry, APublishedCalendarMovesOpenTicketsAndTheChainHolds) {
  auto db = store::Database::open("sqlite::memory:").value();
  const auto definition = parse(kPermit);
  const auto before = local(""), after = local("{name: holiday, off: [2026-11-24]}");
  TicketId open, closed;
  Time due{};
  {
    Service s = Service::open(db, {}, {&definition, 1}, {&before, 1}).value();
    open = s.intake(complaint("1")).value().ticket;
    closed = s.intake(complaint("2")).value().ticket;
    ASSERT_TRUE(act(s, closed, "go", {"x", {"a"}, ""}, 1h).ok());
    due = *s.find(open)->due;
    EXPECT_EQ(s.adopt_calendars(at(2h)).value(), 0);
  }
  Service s = Service::open(db, {}, {&definition, 1}, {&after, 1}).value();
  EXPECT_EQ(s.find(open)->due, due) << "nothing moves behind anybody's back";
  EXPECT_EQ(s.fire_timers(at(3h)).value(), 0);
  EXPECT_EQ(*s.find(open)->due, due + 24h);
  EXPECT_EQ(s.next_timer().value(), due + 24h);
  EXPECT_EQ(s.history(open)->back().type, "calendars");
  EXPECT_EQ(s.history(closed)->size(), 2u);
  EXPECT_EQ(s.adopt_calendars(at(4h)).value(), 0);
  // A process that still has the old calendar changes nothing.
  (void)Service::open(db, {}, {&definition, 1}, {&before, 1}).value();
  EXPECT_EQ(s.adopt_calendars(at(5h)).value(), 0);
  ASSERT_TRUE(act(s, open, "hold", {"x", {"a"}, ""}, 6h).ok());
  const auto checked = verify(db).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
}

// camunda #6515: redeploying re-armed timers; a migration keeps clocks and timers by name, and a replay goes through it.
TEST(Carry, AMigratedTicketKeepsItsClocks) {
  auto db = store::Database::open("sqlite::memory:").value();
  const auto one = parse(kPermit);
  std::string text = kPermit;
  text.replace(text.find("version: 1"), 10, "version: 2");
  for (std::size_t i; (i = text.find("OPEN")) != text.npos;) text.replace(i, 4, "BUSY");
  const auto two = parse(text + "migrate_from: {1: {main: {OPEN: BUSY, WAIT: WAIT, END: END}}}\n");
  TicketId id;
  std::optional<Time> timer;
  {
    Service s = Service::open(db, {}, {&one, 1}).value();
    id = s.intake(complaint("1")).value().ticket;
    timer = s.next_timer().value();
  }
  const workflow::Definition both[] = {one, two};
  Service s = Service::open(db, {}, both).value();
  EXPECT_EQ(s.find(id)->definition, "permit@1");
  EXPECT_EQ(s.migrate(id, {"admin", {}, ""}, at(1h)).value().state, "BUSY");
  EXPECT_TRUE(s.migrate(id, {"admin", {}, ""}, at(1h)).value().repeated);
  EXPECT_EQ(s.find(id)->definition, "permit@2");
  EXPECT_EQ(s.next_timer().value(), timer);
  EXPECT_EQ(s.fire_timers(*timer).value(), 1);
  ASSERT_TRUE(act(s, id, "go", {"x", {"a"}, ""}, 999h).ok());
  const auto checked = verify(db).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
}

TEST(Carry, AProofOfOneTicketNeedsNoDatabase) {
  auto db = store::Database::open("sqlite::memory:").value();
  Service s = open_small(db);
  std::vector<TicketId> ids;
  for (int i = 0; i < 11; ++i) ids.push_back(s.intake(complaint("i" + std::to_string(i))).value().ticket);
  EXPECT_EQ(prove(s, ids[0]).code(), ErrorCode::not_found);
  EXPECT_EQ(anchor_hourly(s, at(1h)).value().events, 11);
  ASSERT_TRUE(act(s, ids[3], "dispatch", kDispatcher, 1h, R"({"lead":"water"})").ok());
  EXPECT_EQ(anchor_hourly(s, at(1h + 10min)).value().events, 0) << "once an hour";
  EXPECT_EQ(anchor_hourly(s, at(2h)).value().events, 1);
  const std::string key = public_key(s).value();
  for (const TicketId id : ids) {
    Proof proof = prove(s, id).value();
    EXPECT_TRUE(check(proof, key).ok());
    EXPECT_EQ(proof.head, s.history(id)->at(proof.version - 1).hash);
    proof.head[5] = proof.head[5] == 'a' ? 'b' : 'a';
    EXPECT_EQ(check(proof, key).code(), ErrorCode::corrupt);
    proof.head.pop_back();
    EXPECT_EQ(check(proof, key).code(), ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(verify(db)->good());
}

// A note leaves no trace in the ticket's own chain; the anchors hold its chain all the same.
TEST(Carry, ANoteCutOffTheEndIsNoticedByTheAnchor) {
  auto db = store::Database::open("sqlite::memory:").value();
  Service s = open_small(db);
  const auto id = s.intake(complaint("1")).value().ticket;
  const Actor boss{"boss", {"supervisor"}, ""};
  for (const char* text : {"first", "second"}) ASSERT_TRUE(Desk(s).write_note(boss, id, NoteClass::state, text, at(1h)).ok());
  EXPECT_EQ(prove(s, id, Proof::Of::notes).code(), ErrorCode::not_found);
  EXPECT_EQ(anchor(s, at(1h))->events, 3);
  ASSERT_TRUE(Desk(s).write_note(boss, id, NoteClass::leader, "third", at(2h)).ok());
  EXPECT_EQ(anchor_hourly(s, at(2h))->events, 1) << "a note alone is worth an anchor";
  Proof proof = prove(s, id, Proof::Of::notes).value();
  EXPECT_EQ(proof.version, 3u);
  const std::string key = public_key(s).value();
  EXPECT_TRUE(check(proof, key).ok());
  proof.of = Proof::Of::events;
  EXPECT_EQ(check(proof, key).code(), ErrorCode::corrupt) << "a proof of notes is none of events";
  EXPECT_TRUE(verify(db)->good());
  ASSERT_TRUE(db.write([](store::Transaction& t) { return t.post("DELETE FROM ticket_note WHERE text = 'third'"); }).ok());
  const auto found = verify(db).value();
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].what, "the last notes are missing");
}

TEST(Carry, TheArchiveTakesWhatIsOverAndTheNumberStillAnswers) {
  auto db = store::Database::open("sqlite::memory:").value(), old = store::Database::open("sqlite::memory:").value();
  Service s = open_small(db);
  Intake in = complaint("1");
  in.citizen = {"王女士", "13800000000", "", "", ""};
  const auto a = s.intake(in).value();
  const auto b = s.intake(complaint("2")).value();
  const auto run = [&](std::string event, Actor actor, std::string fields) { ASSERT_TRUE(act(s, a.ticket, std::move(event), std::move(actor), 1h, std::move(fields)).ok()); };
  run("dispatch", kDispatcher, R"({"lead":"water"})");
  run("sign", officer("water"), "");
  run("reply", officer("water"), R"({"text":"修好了"})");
  ASSERT_TRUE(Desk(s).write_note({"boss", {"supervisor"}, ""}, a.ticket, NoteClass::leader, "请市长阅", at(1h)).ok());
  run("visit_result", kVisitor, R"({"satisfaction":5})");
  EXPECT_EQ(s.fire_timers(at(48h)).value(), 1);
  EXPECT_EQ(archive(s, old, at(72h), at(72h)).value(), 0) << "messages wait, no anchor holds it";
  const auto items = s.claim_outbox(at(49h), 1h).value();
  for (const auto& item : items) ASSERT_TRUE(s.delivered(item.id, at(49h)).ok());
  ASSERT_TRUE(anchor(s, at(50h)).ok());
  EXPECT_EQ(archive(s, old, at(72h), at(72h)).value(), 1);
  EXPECT_EQ(archive(s, old, at(72h), at(72h)).value(), 0);
  EXPECT_EQ(s.find(a.number).code(), ErrorCode::not_found);
  EXPECT_NE(s.find(a.ticket).error().message().find("archive"), std::string::npos);
  EXPECT_EQ(s.public_status(a.number, "en").value().state, "closed");
  EXPECT_TRUE(s.find(b.number).ok());
  auto checked = verify(db).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
  Service reader = open_small(old);
  EXPECT_EQ(reader.find(a.number)->citizen->name, "王女士");
  EXPECT_EQ(reader.history(a.ticket)->size(), 6u);
  checked = verify(old).value();
  EXPECT_TRUE(checked.good()) << checked.findings[0].what;
  const auto notes = Desk(reader).notes({"boss", {"supervisor"}, ""}, a.ticket, at(80h)).value();
  ASSERT_EQ(notes.size(), 1u) << "notes travel with it";
  EXPECT_EQ(notes[0].text, "请市长阅");
  const std::string key = public_key(s).value();
  EXPECT_TRUE(check(prove(s, a.ticket).value(), key).ok()) << "proofs stay with the anchors";
  EXPECT_TRUE(check(prove(s, a.ticket, Proof::Of::notes).value(), key).ok());
  // And back.
  EXPECT_EQ(restore(s, old, TicketId{99}).code(), ErrorCode::not_found);
  ASSERT_TRUE(restore(s, old, a.ticket).ok());
  EXPECT_EQ(s.find(a.number)->citizen->name, "王女士");
  EXPECT_EQ(Desk(s).notes({"boss", {"supervisor"}, ""}, a.ticket, at(80h))->size(), 1u);
  EXPECT_EQ(reader.find(a.number).code(), ErrorCode::not_found);
  EXPECT_TRUE(verify(db)->good() && verify(old)->good());
  EXPECT_EQ(archive(s, old, at(72h), at(81h)).value(), 1) << "as often as you like";
  EXPECT_TRUE(verify(db)->good() && verify(old)->good());
  // Another database's archive is refused.
  auto other = store::Database::open("sqlite::memory:").value();
  Service stranger = open_small(other);
  EXPECT_EQ(archive(stranger, old, at(72h), at(72h)).code(), ErrorCode::conflict);
}

// A crash after the copy and before the deletion: the next run writes the copy anew and deletes.
TEST(Carry, AnInterruptedArchiveRunGoesOn) {
  auto db = store::Database::open("sqlite::memory:").value(), old = store::Database::open("sqlite::memory:").value();
  const auto definition = parse(kPermit);
  Service s = Service::open(db, {}, {&definition, 1}).value();
  const auto id = s.intake(complaint("1")).value().ticket;
  ASSERT_TRUE(act(s, id, "go", {"x", {"a"}, ""}, 1h).ok());
  ASSERT_TRUE(anchor(s, at(2h)).ok());
  ASSERT_EQ(archive(s, old, at(1h), at(3h)).value(), 0);  // makes the archive's tables
  ASSERT_TRUE(old.write([&](store::Transaction& t) {
                   return t.post("INSERT INTO ticket_event (ticket, version, at, type, actor, unit, state, body, hash) VALUES (?, 1, 0, 'half', '', '', '', '', ?)",
                                 {id.value, store::Blob{"x"}});
                 }).ok());
  EXPECT_EQ(archive(s, old, at(2h), at(3h)).value(), 1);
  EXPECT_TRUE(verify(old)->good());
}
