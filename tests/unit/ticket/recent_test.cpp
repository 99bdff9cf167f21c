// A service remembers tickets as it left them. Whoever else writes them, and whatever is rolled back, is noticed.
#include <gtest/gtest.h>

#include <filesystem>

#include "hotline/ticket/audit.hpp"
#include "small_city.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

Command command(TicketId ticket, std::string id, std::string event, Actor actor = {"x", {}, ""}, std::string fields = {}) {
  Command c;
  c.id = std::move(id);
  c.at = at(5min);
  c.actor = std::move(actor);
  c.ticket = ticket;
  c.event = std::move(event);
  c.fields = std::move(fields);
  return c;
}

// Two services on connections of their own take turns on one ticket.
void taking_turns(const std::string& url) {
  auto db = store::Database::open(url).value();
  Service here = open_small(db), there = open_small(store::Database::open(url).value());
  const TicketId id = here.intake(complaint("turns")).value().ticket;
  EXPECT_EQ(there.apply(command(id, "t1", "dispatch", kDispatcher, R"({"lead":"water"})"))->version, 2u);
  EXPECT_EQ(here.apply(command(id, "t2", "sign", officer("water")))->version, 3u);
  EXPECT_EQ(there.apply(command(id, "t3", "urge"))->version, 4u);
  EXPECT_EQ(here.apply(command(id, "t4", "urge"))->version, 5u);
  EXPECT_EQ(there.apply(command(id, "t5", "urge")).error().code(), ErrorCode::limit);
  EXPECT_EQ(there.apply(command(id, "t6", "reply", officer("water"), R"({"text":"好了"})"))->state, "VISIT");
  EXPECT_EQ(here.apply(command(id, "t7", "visit_result", kVisitor, R"({"satisfaction":5})"))->state, "CLOSED");
  EXPECT_EQ(there.fire_timers(at(48h)).value(), 1);
  EXPECT_EQ(here.find(id)->state, "ARCHIVED");
  const auto verified = verify(db).value();
  EXPECT_TRUE(verified.good()) << verified.findings[0].what;
}

// One of a group is refused after it wrote (its id was used), so that all are run again: what the first try left is worth nothing.
void undone_in_a_group(const std::string& url) {
  auto db = store::Database::open(url).value();
  Service s = open_small(db);
  const TicketId a = s.intake(complaint("undone a")).value().ticket, b = s.intake(complaint("undone b")).value().ticket;
  ASSERT_TRUE(s.apply(command(b, "used", "urge")).ok());
  const std::vector<Command> group{command(a, "g1", "dispatch", kDispatcher, R"({"lead":"water"})"), command(a, "used", "urge"),
                                   command(a, "g2", "sign", officer("water")), command(b, "g3", "urge"), command(b, "g4", "urge")};
  const auto answers = s.apply_all(group);
  EXPECT_EQ(answers[0]->version, 2u);
  EXPECT_EQ(answers[1].error().code(), ErrorCode::command_reused);
  EXPECT_EQ(answers[2]->version, 3u);
  EXPECT_EQ(answers[3]->version, 3u);
  EXPECT_EQ(answers[4].error().code(), ErrorCode::limit);
  EXPECT_EQ(s.apply(command(a, "g5", "urge"))->version, 4u);
  const auto verified = verify(db).value();
  EXPECT_TRUE(verified.good()) << verified.findings[0].what;
}

}  // namespace

TEST(Recent, OnSqlite) {
  for (const auto test : {taking_turns, undone_in_a_group}) {
    const std::string path = testing::TempDir() + "/recent_" + std::to_string(getpid()) + ".db";
    test(path);
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
}

TEST(Recent, OnPostgres) {
  hotline::test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  taking_turns(server.url());
  undone_in_a_group(server.url());
}
