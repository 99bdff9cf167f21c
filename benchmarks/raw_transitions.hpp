// The statements of a ticket's transition by SQLite alone, nothing decided, encoded or hashed: what a service over it cannot beat.
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "hotline/store/database.hpp"

namespace bench {

// `group` transitions on as many tickets in one durable transaction.
class RawTransitions {
 public:
  RawTransitions(const std::string& path, int group) : group_(group) {
    sqlite3_open(path.c_str(), &db_);
    script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768");
    script("CREATE TABLE ticket (id INTEGER PRIMARY KEY, version INT, head BLOB, snapshot BLOB, fields TEXT, state TEXT, content TEXT, due INT, created_at INT);"
           "CREATE INDEX by_state ON ticket (state, created_at); CREATE INDEX by_due ON ticket (due);"
           "CREATE TABLE event (ticket INT, version INT, at INT, type TEXT, actor TEXT, state TEXT, command TEXT, digest BLOB, body TEXT, hash BLOB, PRIMARY KEY (ticket, version));"
           "CREATE UNIQUE INDEX event_command ON event (command);"
           "CREATE TABLE timer (ticket INT, node INT, timer TEXT, generation INT, due INT, PRIMARY KEY (ticket, node, timer)) WITHOUT ROWID;"
           "CREATE INDEX timer_due ON timer (due);"
           "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, ticket INT, key TEXT, channel TEXT, recipient TEXT, template TEXT, body TEXT, due INT, created_at INT);"
           "CREATE INDEX outbox_due ON outbox (due);"
           "CREATE TABLE unanchored (ticket INT PRIMARY KEY) WITHOUT ROWID");
    for (const char* sql :
         {"BEGIN IMMEDIATE", "COMMIT", "SELECT head FROM ticket WHERE id = ?1",
          "INSERT INTO timer VALUES (?1, 0, 't', ?2, ?2 + 3600) ON CONFLICT (ticket, node, timer) DO UPDATE SET generation = excluded.generation, due = excluded.due",
          "INSERT INTO outbox (ticket, key, channel, recipient, template, body, due, created_at) VALUES (?1, ?4, 'voice', 'citizen', 'moved', '{}', ?2, ?2)",
          "INSERT INTO unanchored VALUES (?1) ON CONFLICT DO NOTHING",
          "INSERT INTO event VALUES (?1, ?2, ?2, 'go', 'agent:1', ?6, ?4, zeroblob(32), ?5, zeroblob(32))",
          "UPDATE ticket SET version = ?2, head = zeroblob(32), snapshot = zeroblob(90), fields = '{}', state = ?6, due = ?2 + 3600 WHERE id = ?1"}) {
      sqlite3_stmt* s = nullptr;
      if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK) fail();
      statements_.push_back(s);
    }
    for (int k = 1; k <= group; ++k)
      script(("INSERT INTO ticket VALUES (" + std::to_string(k) + ", 0, zeroblob(32), zeroblob(90), '{}', 'A', '" + std::string(300, 'c') + "', 0, 0)").c_str());
  }
  RawTransitions(const RawTransitions&) = delete;
  ~RawTransitions() {
    for (sqlite3_stmt* s : statements_) sqlite3_finalize(s);
    sqlite3_close(db_);
  }

  // Transitions a second, and microseconds of processor time each.
  std::pair<double, double> run(double seconds) {
    const std::string body(230, 'x');
    long n = 0;
    const double begin = wall_seconds(), cpu = cpu_seconds();
    while (wall_seconds() - begin < seconds) {
      ++version_;
      step(0);
      for (int k = 1; k <= group_; ++k, ++n) {
        char text[48];
        std::snprintf(text, sizeof text, "%012lx-%016x", version_, static_cast<unsigned>(k) * 2654435761u);
        for (std::size_t i = 2; i < statements_.size(); ++i) {
          sqlite3_stmt* s = statements_[i];
          sqlite3_bind_int64(s, 1, k);
          const int values = sqlite3_bind_parameter_count(s);
          if (values >= 2) sqlite3_bind_int64(s, 2, version_);
          if (values >= 4) sqlite3_bind_text(s, 4, text, -1, SQLITE_STATIC);
          if (values >= 5) sqlite3_bind_text(s, 5, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
          if (values >= 6) sqlite3_bind_text(s, 6, version_ % 2 == 0 ? "A" : "B", 1, SQLITE_STATIC);
          step(i);
        }
      }
      step(1);
    }
    return {static_cast<double>(n) / (wall_seconds() - begin), (cpu_seconds() - cpu) / static_cast<double>(n) * 1e6};
  }

 private:
  void fail() {  // a baseline that fails is no baseline
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db_));
    std::abort();
  }
  void script(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  void step(std::size_t i) {
    int rc;
    while ((rc = sqlite3_step(statements_[i])) == SQLITE_ROW) {
    }
    if (rc != SQLITE_DONE) fail();
    sqlite3_reset(statements_[i]);
  }

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  int group_;
  long version_ = 0;
};

}  // namespace bench
