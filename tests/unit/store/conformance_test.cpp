// What every back end promises, tried on SQLite and on a private PostgreSQL alike.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "hotline/store.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::store;

namespace {

const std::initializer_list<Migration> kTables = {
    {1, "CREATE TABLE thing (id {id}, name TEXT UNIQUE, amount {int}, share {real}, body {bytes})"},
    {2, "CREATE TABLE account (id {id}, balance {int} NOT NULL CHECK (balance >= 0)); INSERT INTO account VALUES (1, 100), (2, 0)"}};

std::int64_t count(Database& db, std::string_view sql) {
  std::int64_t n = -1;
  const Status s = db.read([&](Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto v, t.integer(sql));
    n = v.value_or(0);
    return {};
  });
  EXPECT_TRUE(s.ok()) << s.error().text();
  return n;
}

void values_come_back(Database& db) {
  const std::string body("\0\x01\xff'\\x", 6);
  auto status = db.write([&](Transaction& t) -> Status {
    HOTLINE_TRY(t.post("INSERT INTO thing VALUES (?, ?, ?, ?, ?)", {1, "市长热线 ? {id}", INT64_MIN, 0.1, Blob{body}}));
    return t.post("INSERT INTO thing VALUES (?, ?, ?, ?, ?)", {2, nullptr, std::optional<int>{}, nullptr, nullptr});
  });
  ASSERT_TRUE(status.ok()) << status.error().text();
  int rows = 0;
  status = db.read([&](Transaction& t) {
    return t.query("SELECT id, name, amount, share, body, '?{id}' FROM thing ORDER BY id", {}, [&](const Row& row) {
      ++rows;
      EXPECT_EQ(row.size(), 6u);
      EXPECT_EQ(row.integer(0), rows);
      EXPECT_EQ(row.text(5), "?{id}");
      if (rows == 2) {
        for (std::size_t i = 1; i <= 4; ++i) EXPECT_TRUE(row.is_null(i));
        EXPECT_FALSE(row.maybe_integer(2).has_value());
        return;
      }
      EXPECT_EQ(row.text(1), "市长热线 ? {id}");
      EXPECT_EQ(row.integer(2), INT64_MIN);
      EXPECT_EQ(row.number(3), 0.1);
      EXPECT_EQ(row.bytes(4), body);
    });
  });
  EXPECT_TRUE(status.ok()) << status.error().text();
  EXPECT_EQ(rows, 2);
}

void a_refused_command_leaves_nothing(Database& db) {
  const auto status = db.write([](Transaction& t) -> Status {
    HOTLINE_TRY(t.post("INSERT INTO thing (id) VALUES (7)"));
    return Error(ErrorCode::wrong_state, "no");
  });
  EXPECT_EQ(status.code(), ErrorCode::wrong_state);
  EXPECT_EQ(count(db, "SELECT count(*) FROM thing"), 0);
}

void constraints_are_told_apart(Database& db) {
  const auto insert = [](Transaction& t) { return t.post("INSERT INTO thing (id, name) VALUES (1, 'a')"); };
  EXPECT_TRUE(db.write(insert).ok());
  EXPECT_EQ(db.write(insert).code(), ErrorCode::already_exists);
  EXPECT_EQ(db.write([](Transaction& t) { return t.post("INSERT INTO thing (id, name) VALUES (2, 'a')"); }).code(), ErrorCode::already_exists);
  EXPECT_EQ(db.write([](Transaction& t) { return t.post("UPDATE account SET balance = -1"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(db.write([](Transaction& t) { return t.post("SELEC"); }).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(db.write([](Transaction& t) { return t.post("INSERT INTO thing (id) VALUES (?)", {1, 2}); }).code(), ErrorCode::invalid_argument);
  EXPECT_TRUE(db.write([](Transaction& t) { return t.post("INSERT INTO thing (id) VALUES (5)"); }).ok());
}

void a_group_answers_each_for_itself(Database& db) {
  std::vector<Database::Command> commands;
  for (int i = 0; i < 9; ++i)
    commands.push_back([i](Transaction& t) -> Status {
      HOTLINE_TRY(t.post("INSERT INTO thing (id, name) VALUES (?, ?)", {i, i == 5 ? std::string("3") : std::to_string(i)}));
      if (i % 3 == 1) return Error(ErrorCode::wrong_state, "not " + std::to_string(i));
      return {};
    });
  const auto before = db.counters();
  const auto answers = db.write_all(commands);
  ASSERT_EQ(answers.size(), 9u);
  for (int i = 0; i < 9; ++i) {
    SCOPED_TRACE(i);
    if (i == 5) EXPECT_EQ(answers[5].code(), ErrorCode::already_exists);
    else EXPECT_EQ(answers[i].code(), i % 3 == 1 ? ErrorCode::wrong_state : ErrorCode::ok);
  }
  EXPECT_EQ(count(db, "SELECT count(*) FROM thing"), 5);
  const auto after = db.counters();
  EXPECT_EQ(after.commands - before.commands, 9u);
  EXPECT_EQ(after.commits - before.commits, 1u) << "nine commands, one sync";
  EXPECT_EQ(after.refused - before.refused, 4u);
}

void threads_share_and_lose_nothing(Database& db) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0}, poor{0};
  for (int k = 0; k < 8; ++k)
    threads.emplace_back([&, k] {
      for (int i = 0; i < 50; ++i) {
        const auto status = db.write([&](Transaction& t) -> Status {
          HOTLINE_ASSIGN(const auto balance, t.integer("SELECT balance FROM account WHERE id = 1 {update}"));
          if (*balance == 0) return Error(ErrorCode::conflict, "empty");
          HOTLINE_TRY(t.post("UPDATE account SET balance = ? WHERE id = 1", {*balance - 1}));
          HOTLINE_TRY(t.post("UPDATE account SET balance = balance + 1 WHERE id = 2"));
          return t.post("INSERT INTO thing (id) VALUES (?)", {k * 1000 + i});
        });
        ++(status.ok() ? good : poor);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 100);
  EXPECT_EQ(poor, 300);
  EXPECT_EQ(count(db, "SELECT balance FROM account WHERE id = 2"), 100);
  EXPECT_EQ(count(db, "SELECT count(*) FROM thing"), 100);
}

void an_exception_comes_out_and_undoes(Database& db) {
  EXPECT_THROW((void)db.write([](Transaction& t) -> Status {
    HOTLINE_TRY(t.post("INSERT INTO thing (id) VALUES (1)"));
    throw std::runtime_error("ouch");
  }),
               std::runtime_error);
  EXPECT_EQ(count(db, "SELECT count(*) FROM thing"), 0);
}

void reading_writes_nothing(Database& db) {
  (void)db.read([](Transaction& t) {
    (void)t.post("INSERT INTO thing (id) VALUES (1)");
    return t.settle();
  });
  EXPECT_EQ(count(db, "SELECT count(*) FROM thing"), 0);
}

void queries_nest(Database& db) {
  EXPECT_TRUE(db.write([](Transaction& t) { return t.post("INSERT INTO thing (id) VALUES (1), (2), (3)"); }).ok());
  int pairs = 0;
  const auto all = "SELECT id FROM thing";
  EXPECT_TRUE(db.read([&](Transaction& t) {
                  return t.query(all, {}, [&](const Row&) { EXPECT_TRUE(t.query(all, {}, [&](const Row&) { ++pairs; }).ok()); });
                }).ok());
  EXPECT_EQ(pairs, 9);
}

void migrations_go_forward_only(Database& db) {
  EXPECT_TRUE(db.migrate("test", kTables).ok()) << "a second time is nothing";
  EXPECT_EQ(db.migrate("test", {{1, "CREATE TABLE thing (id {id})"}}).code(), ErrorCode::unsupported);
  EXPECT_EQ(db.migrate("test", {{1, "x"}, {2, "y"}}).code(), ErrorCode::corrupt);
  EXPECT_EQ(db.migrate("other", {{2, "x"}}).code(), ErrorCode::invalid_argument);
  EXPECT_FALSE(db.migrate("other", {{1, "CREATE TABLE fresh (id {id})"}, {2, "not sql"}}).ok());
  EXPECT_FALSE(db.read([](Transaction& t) { return t.query("SELECT * FROM fresh", {}, [](const Row&) {}); }).ok())
      << "a failed migration leaves nothing";
}

void numbers_are_never_reused(Database& db) {
  EXPECT_TRUE(db.migrate("auto", {{1, "CREATE TABLE ticker (id {auto}, x {int})"}}).ok());
  std::int64_t first = 0, second = 0;
  const auto next = [&](std::int64_t& id) {
    return db.write([&](Transaction& t) -> Status {
      HOTLINE_ASSIGN(const auto made, t.integer("INSERT INTO ticker (x) VALUES (1) RETURNING id"));
      id = *made;
      return {};
    });
  };
  EXPECT_TRUE(next(first).ok());
  EXPECT_TRUE(db.write([](Transaction& t) { return t.post("DELETE FROM ticker"); }).ok());
  EXPECT_TRUE(next(second).ok());
  EXPECT_GT(second, first);
}

struct Case {
  const char* name;
  void (*run)(Database&);
};
#define CASE(name) Case{#name, name}
const Case kCases[] = {CASE(values_come_back), CASE(a_refused_command_leaves_nothing), CASE(constraints_are_told_apart),
                       CASE(a_group_answers_each_for_itself), CASE(threads_share_and_lose_nothing), CASE(an_exception_comes_out_and_undoes),
                       CASE(reading_writes_nothing), CASE(queries_nest), CASE(migrations_go_forward_only), CASE(numbers_are_never_reused)};

void run_all(const std::function<std::string()>& fresh) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    auto db = Database::open(fresh());
    ASSERT_TRUE(db.ok()) << db.error().text();
    const auto migrated = db->migrate("test", kTables);
    ASSERT_TRUE(migrated.ok()) << migrated.error().text();
    c.run(*db);
  }
}

}  // namespace

TEST(Conformance, SqliteInAFile) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("store_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  int n = 0;
  run_all([&] { return (folder / (std::to_string(++n) + ".db")).string(); });
  std::filesystem::remove_all(folder);
}

TEST(Conformance, SqliteInMemory) {
  run_all([] { return "sqlite::memory:"; });
}

TEST(Conformance, Postgres) {
  test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  run_all([&] { return server.url(); });
}

TEST(Postgres, KilledBackEndsLoseNothingAndDoubleNothing) {
  test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  const std::string url = server.url();
  auto db = Database::open(url);
  ASSERT_TRUE(db.ok()) << db.error().text();
  auto killer = Database::open(url);
  ASSERT_TRUE(killer.ok());
  ASSERT_TRUE(db->migrate("test", kTables).ok());
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{0};
  int kills = 0;
  std::thread hunt([&] {
    for (int seen = 0; !stop; std::this_thread::yield()) {
      if (acknowledged < seen + 8) continue;
      seen = acknowledged;
      ++kills;
      (void)killer->read([](Transaction& t) {
        return t.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() "
                       "AND query NOT LIKE '%pg_terminate%'",
                       {}, [](const Row&) {});
      });
    }
  });
  std::vector<std::thread> callers;
  for (int k = 0; k < 4; ++k)
    callers.emplace_back([&, k] {
      for (int i = 0; i < 40; ++i)
        if (db->write([&](Transaction& t) -> Status {
                HOTLINE_TRY(t.post("INSERT INTO thing (id) VALUES (?)", {k * 1000 + i}));
                return t.post("UPDATE account SET balance = balance + 1 WHERE id = 2");
              }).ok())
          ++acknowledged;
    });
  for (auto& caller : callers) caller.join();
  stop = true;
  hunt.join();
  EXPECT_GT(kills, 0);
  EXPECT_EQ(acknowledged, 160) << "a killed back end costs a retry, not a command";
  EXPECT_EQ(count(*killer, "SELECT count(*) FROM thing"), acknowledged);
  EXPECT_EQ(count(*killer, "SELECT balance FROM account WHERE id = 2"), acknowledged);
}
