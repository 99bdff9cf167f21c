// Search and permissions, on SQLite and PostgreSQL.
#include "hotline/ticket/search.hpp"

#include <gtest/gtest.h>

#include <set>

#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/exchange.hpp"
#include "hotline/ticket/text_command.hpp"
#include "small_city.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kUnits = R"(
version: 1
units: [{id: city}, {id: water, parent: city}, {id: depot, parent: water}, {id: roads, parent: city}]
catch_all: [{lead: city}]
)";

const Actor kAgent{"agent:1", {"agent"}, ""}, kNobody{"x", {}, ""}, kStatistics{"s", {"statistics"}, ""};
Actor unit(std::string id) { return {"officer:" + id, {"unit"}, id}; }

Service city(store::Database& db) {
  Service service = open_small(db);
  Diagnostics d("u.yaml");
  EXPECT_TRUE(service.publish(Catalogue::parse(kUnits, "u.yaml", d).value()).ok());
  return service;
}

Accepted add(Service& service, int n, std::string title, std::string category = "water", std::string complained = {}) {
  Intake in = complaint("c" + std::to_string(n), std::chrono::minutes(n));
  in.title = std::move(title);
  in.content = "内容" + std::to_string(n);
  in.category = std::move(category);
  in.complained_unit = std::move(complained);
  in.citizen = {"王" + std::to_string(n), "1380000000" + std::to_string(n % 10), "", "", ""};
  return service.intake(in).value();
}

void dispatch(Service& service, TicketId ticket, std::string lead) {
  Command c;
  c.at = at(1h);
  c.actor = kDispatcher;
  c.ticket = ticket;
  c.event = "dispatch";
  c.fields = "{\"lead\":\"" + lead + "\"}";
  EXPECT_TRUE(service.apply(c).ok());
}

std::size_t found(const Desk& desk, const Actor& viewer, const Query& query) {
  const auto page = desk.search(viewer, query);
  EXPECT_TRUE(page.ok()) << page.error().text();
  return page.ok() ? page->tickets.size() : 999;
}

void fields_and_words(store::Database& db) {
  Service service = city(db);
  Desk desk(service, Policy::standard());
  const Accepted a = add(service, 1, "水管爆裂", "water.pipe"), b = add(service, 2, "路灯不亮 LED", "light");
  dispatch(service, a.ticket, "water");
  EXPECT_EQ(found(desk, kAgent, {}), 2u);
  EXPECT_EQ(found(desk, kAgent, {.text = "水管"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.text = "管爆裂"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.text = "灯"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.text = "路燈"}), 1u) << "traditional characters";
  EXPECT_EQ(found(desk, kAgent, {.text = "led"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.text = "水管 路灯"}), 0u);
  EXPECT_EQ(found(desk, kAgent, {.text = "'\"*^()-"}), 0u);
  EXPECT_EQ(found(desk, kAgent, {.number = b.number}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.number = b.registry}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.phone = "+86 138-0000-0001"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.name = "王2"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.states = {"HANDLING", "CLOSED"}}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.category = "water"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.category = "wat"}), 0u);
  EXPECT_EQ(found(desk, kAgent, {.area = "3702"}), 2u);
  EXPECT_EQ(found(desk, kAgent, {.unit = "water"}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.created_from = at(2min)}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.due_before = at(24h)}), 1u);
  EXPECT_EQ(found(desk, kAgent, {.open = false}), 0u);
  EXPECT_EQ(found(desk, kAgent, {.fields = {{"level", "general"}}}), 2u);
  EXPECT_EQ(desk.search(kAgent, {.fields = {{"x') OR 1=1 --", "y"}}}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(found(desk, kAgent, {.text = "水管", .category = "'; DROP TABLE ticket; --"}), 0u);
}

void pages_hold_everything_once(store::Database& db) {
  Service service = city(db);
  Desk desk(service, Policy::standard());
  for (int i = 0; i < 23; ++i) add(service, i, "噪音扰民" + std::to_string(i), "noise" + std::to_string(i));
  for (const char* text : {"", "噪音"}) {
    std::set<std::uint64_t> seen;
    Query query{.text = text, .limit = 5};
    int pages = 0;
    do {
      const Page page = desk.search(kAgent, query).value();
      for (const auto& t : page.tickets) EXPECT_TRUE(seen.insert(t.id.value).second);
      query.after = page.next;
    } while (!query.after.empty() && ++pages < 20);
    EXPECT_EQ(seen.size(), 23u);
  }
}

void who_sees_what(store::Database& db) {
  Service service = city(db);
  Desk desk(service, Policy::standard());
  const Accepted a = add(service, 1, "一"), b = add(service, 2, "二"), c = add(service, 3, "三", "water", "water");
  dispatch(service, a.ticket, "depot");
  dispatch(service, b.ticket, "roads");
  dispatch(service, c.ticket, "depot");
  EXPECT_EQ(found(desk, kNobody, {}), 0u) << "the default is nothing";
  EXPECT_EQ(found(desk, unit("depot"), {}), 2u);
  EXPECT_EQ(found(desk, unit("water"), {}), 2u) << "a unit sees what units below it handle";
  EXPECT_EQ(found(desk, unit("roads"), {}), 1u);
  EXPECT_EQ(found(desk, unit("city"), {}), 3u);
  EXPECT_EQ(found(desk, unit("%"), {}), 0u);
  EXPECT_EQ(desk.read(unit("roads"), a.ticket, at(2h)).code(), ErrorCode::not_found);
  EXPECT_EQ(desk.read(unit("depot"), a.ticket, at(2h))->citizen->name, "王1");
  EXPECT_FALSE(desk.read(unit("depot"), c.ticket, at(2h))->citizen.has_value()) << "below the unit complained about";
  EXPECT_FALSE(desk.read(kStatistics, a.ticket, at(2h))->citizen.has_value());
  EXPECT_EQ(desk.recordings(unit("depot"), a.ticket, at(2h)).code(), ErrorCode::denied);
  EXPECT_TRUE(desk.recordings(kAgent, a.ticket, at(2h)).ok());
  const auto readings = desk.readings(a.ticket).value();
  ASSERT_EQ(readings.size(), 2u) << "who looked is written down";
  EXPECT_EQ(readings[0].what, "identity");
}

void glass_breaks_with_a_reason_and_an_alarm(store::Database& db) {
  Service service = city(db);
  Desk desk(service, Policy::standard());
  const Accepted a = add(service, 1, "一");
  const Actor officer = unit("roads");
  EXPECT_EQ(desk.break_glass(officer, a.ticket, "", at(2h), at(3h)).code(), ErrorCode::invalid_argument);
  EXPECT_TRUE(desk.break_glass(officer, a.ticket, "煤气泄漏，须立即联系", at(2h), at(3h)).ok());
  EXPECT_TRUE(desk.read(officer, a.ticket, at(2h))->citizen.has_value());
  EXPECT_EQ(desk.read(officer, a.ticket, at(3h)).code(), ErrorCode::not_found);
  EXPECT_EQ(service.history(a.ticket)->back().type, "break_glass");
  const auto alarms = service.claim_outbox(at(2h), 1min).value();
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].recipient, "role:supervisor");
}

void notes_are_for_their_class(store::Database& db) {
  Service service = city(db);
  Desk desk(service);
  const Actor supervisor{"sup", {"supervisor"}, ""}, officer = unit("depot");
  const Accepted a = add(service, 1, "一"), b = add(service, 2, "二", "water", "water");
  dispatch(service, a.ticket, "depot");
  dispatch(service, b.ticket, "depot");
  const Ticket before = service.find(a.ticket).value();
  const auto wrote = [&](const Actor& author, TicketId ticket, NoteClass c, const char* text, const char* command = "") {
    return desk.write_note(author, ticket, c, text, at(2h), command);
  };
  ASSERT_TRUE(wrote(officer, a.ticket, NoteClass::state, "已联系施工队", "n1").ok());
  ASSERT_TRUE(wrote(supervisor, a.ticket, NoteClass::leader, "市长批示：今晚必须恢复供水", "n2").ok());
  ASSERT_TRUE(wrote(supervisor, b.ticket, NoteClass::state, "举报人在自来水公司工作", "n3").ok());
  EXPECT_TRUE(wrote(officer, a.ticket, NoteClass::state, "已联系施工队", "n1")->repeated);
  EXPECT_EQ(wrote(officer, a.ticket, NoteClass::state, "别的", "n1").code(), ErrorCode::command_reused);
  EXPECT_EQ(wrote(officer, a.ticket, NoteClass::leader, "我说了算").code(), ErrorCode::denied);
  EXPECT_EQ(wrote(unit("roads"), a.ticket, NoteClass::state, "看不见").code(), ErrorCode::not_found);
  EXPECT_EQ(wrote(officer, a.ticket, NoteClass::state, "").code(), ErrorCode::invalid_argument);

  const auto read = [&](const Actor& viewer, TicketId ticket) { return desk.notes(viewer, ticket, at(3h)).value(); };
  ASSERT_EQ(read(supervisor, a.ticket).size(), 2u);
  EXPECT_EQ(read(supervisor, a.ticket)[1].text, "市长批示：今晚必须恢复供水");
  ASSERT_EQ(read(officer, a.ticket).size(), 1u) << "the leader's note is not for the unit";
  EXPECT_EQ(read(officer, a.ticket)[0].note_class, NoteClass::state);
  EXPECT_EQ(read(officer, b.ticket).size(), 0u) << "below the unit complained about";
  EXPECT_EQ(read(kStatistics, a.ticket).size(), 0u);
  EXPECT_EQ(desk.notes(unit("roads"), a.ticket, at(3h)).code(), ErrorCode::not_found);
  EXPECT_EQ(desk.readings(a.ticket)->back().what, "leader notes") << "who read it is written down";

  EXPECT_EQ(found(desk, supervisor, {.note = "市长"}), 1u);
  EXPECT_EQ(found(desk, officer, {.note = "市长"}), 0u) << "not even that it is there";
  EXPECT_EQ(found(desk, officer, {.note = "施工队"}), 1u);
  EXPECT_EQ(found(desk, officer, {.note = "举报人"}), 0u);
  EXPECT_EQ(found(desk, kStatistics, {.note = "施工队"}), 0u);
  EXPECT_EQ(found(desk, supervisor, {.text = "市长"}), 0u) << "the ticket's own text has no notes in it";
  const Ticket after = service.find(a.ticket).value();
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.updated_at, before.updated_at);
  std::string log;
  for (const char* format : {"csv", "jsonl", "xes"}) ASSERT_TRUE(export_log(service, format, [&](std::string_view part) { log += part; }).ok());
  EXPECT_EQ(log.find("批示"), log.npos);

  const auto said = apply_text(service, "ticket.notes", R"({"ticket":)" + std::to_string(a.ticket.value) + R"(,"actor":"o","roles":["unit"],"unit":"depot"})", at(3h));
  EXPECT_NE(said->find("施工队"), said->npos);
  EXPECT_EQ(said->find("批示"), said->npos);
  const auto search = [&](const char* role) { return *apply_text(service, "ticket.search", R"({"actor":"o","note":"市长","roles":[")" + std::string(role) + "\"]}", at(3h)); };
  EXPECT_EQ(search("agent"), "[]");
  EXPECT_NE(search("leader").find(a.number), std::string::npos);

  EXPECT_TRUE(verify(service)->findings.empty());
  ASSERT_TRUE(db.write([](store::Transaction& t) { return t.post("UPDATE ticket_note SET text = '明天再说' WHERE command = 'n2'"); }).ok());
  const auto findings = verify(service)->findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].ticket, a.ticket);
}

void the_policy_of_the_options_is_used(store::Database& db) {
  const workflow::Definition d = small_loop();
  Options options;
  options.policy = "roles: {agent: {scope: all, leader_notes: true}}";
  Service service = Service::open(db, options, {&d, 1}).value();
  Desk desk(service);
  const Accepted a = add(service, 1, "一");
  EXPECT_EQ(desk.write_note(kAgent, a.ticket, NoteClass::state, "x", at(1h)).code(), ErrorCode::denied);
  EXPECT_TRUE(desk.write_note(kAgent, a.ticket, NoteClass::leader, "x", at(1h)).ok());
  EXPECT_EQ(desk.notes({"s", {"supervisor"}, ""}, a.ticket, at(1h)).code(), ErrorCode::not_found);
}

// What one city writes, another reads: the requests are the same, in both formats.
void tickets_go_round(store::Database& db) {
  Service service = city(db);
  add(service, 1, "水管\n\"爆裂\", ok", "water.pipe"), add(service, 2, "=SUM(A1)+'x", "light");
  const auto all = [](Service& s, const char* format) {
    std::string out;
    EXPECT_TRUE(export_log(s, format, [&](std::string_view part) { out += part; }).ok());
    return out;
  };
  const std::string csv = all(service, "csv"), lines = all(service, "tickets.jsonl");
  const Actor importer{"import", {"agent"}, ""};
  for (const bool json : {false, true}) {
    auto memory = store::Database::open("sqlite::memory:").value();
    Service other = open_small(memory);
    const auto import = [&] { return json ? import_jsonl(other, lines, "t.jsonl", importer, at(9h)) : import_csv(other, csv, "t.csv", importer, at(9h)); };
    ASSERT_EQ(import().value(), 2u);
    EXPECT_EQ(import().value(), 0u);
    for (const std::uint64_t id : {1, 2}) {
      const Ticket a = service.find(TicketId{id}).value(), b = other.find(TicketId{id}).value();
      EXPECT_EQ(std::tie(a.title, a.content, a.category, a.place, a.area, a.created_at), std::tie(b.title, b.content, b.category, b.place, b.area, b.created_at));
    }
    const auto wrong = import_jsonl(other, "{\"title\":\"x\"}\n[1]\n", "t.jsonl", importer, at(9h));
    ASSERT_EQ(wrong.code(), ErrorCode::invalid_document);
    EXPECT_NE(wrong.error().text().find("t.jsonl:2"), std::string::npos) << wrong.error().text();
    EXPECT_EQ(other.find(TicketId{3})->created_at, at(9h)) << "a line without a date came now";
  }
  EXPECT_NE(csv.find(",\"'=SUM(A1)+'x\","), std::string::npos) << "no spreadsheet computes it";
  // What a spreadsheet writes: a mark at the beginning, texts that only look like a guard.
  auto memory = store::Database::open("sqlite::memory:").value();
  Service other = open_small(memory);
  ASSERT_EQ(import_csv(other, "\xEF\xBB\xBFnumber,title,content,created_at,channel\n1,'=1+1,'twas,,PHONE\n2,''=x,-5,2026-01-02T03:04:05Z,kiosk\n", "x.csv", importer, at(9h)).value(), 2u);
  const Ticket first = other.find(TicketId{1}).value(), second = other.find(TicketId{2}).value();
  EXPECT_EQ(std::tie(first.title, first.content, first.channel), std::tuple("=1+1", "'twas", "phone"));
  EXPECT_EQ(std::tie(second.title, second.content, second.channel), std::tuple("'=x", "-5", "web"));
  EXPECT_EQ(first.created_at, at(9h));
  EXPECT_EQ(to_string(second.created_at), "2026-01-02T03:04:05Z");
  const auto undated = import_csv(other, "title,created_at\nx,yesterday\n", "x.csv", importer, at(9h));
  ASSERT_FALSE(undated.ok());
  EXPECT_NE(undated.error().text().find("x.csv:2"), std::string::npos) << undated.error().text();
}

struct Case {
  const char* name;
  void (*run)(store::Database&);
};
#define CASE(name) Case{#name, name}
const Case kCases[] = {CASE(fields_and_words), CASE(pages_hold_everything_once), CASE(who_sees_what), CASE(glass_breaks_with_a_reason_and_an_alarm),
                       CASE(notes_are_for_their_class), CASE(the_policy_of_the_options_is_used),
                       CASE(tickets_go_round)};

}  // namespace

TEST(Search, OnSqlite) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    auto db = store::Database::open("sqlite::memory:").value();
    c.run(db);
  }
}

TEST(Search, OnPostgres) {
  hotline::test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    auto db = store::Database::open(server.url()).value();
    c.run(db);
  }
}
