// A database that keeps what it acknowledged: SQLite embedded, or PostgreSQL shared by several nodes.
//
//   auto db = store::Database::open("hotline.db");                      // or "postgresql://..."
//   db->migrate("notes", {{1, "CREATE TABLE note (id {id}, body TEXT NOT NULL, picture {bytes})"}});
//   db->write([](store::Transaction& t) { return t.post("INSERT INTO note (body) VALUES (?)", {"hello"}); });
//   db->read([&](store::Transaction& t) {
//     return t.query("SELECT id, body FROM note WHERE id > ?", {0}, [&](const store::Row& row) { use(row.text(1)); });
//   });
//
// SQL: the subset that both understand. Values are `?`. Where the two differ, a word in braces stands for it:
//   {id}           INTEGER PRIMARY KEY        | BIGINT PRIMARY KEY
//   {auto}         an {id} that numbers itself, never reusing a number
//   {int} {real} {bytes}                       the column types of integer, number and bytes
//   {update} {skip_locked}                     "" | FOR UPDATE [SKIP LOCKED]
//   {clustered}    WITHOUT ROWID              | ""
// A statement is prepared once a connection, the first time its text is seen: pass literals.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/store/value.hpp"

namespace hotline::store {

enum class Backend : std::uint8_t { sqlite, postgres };

class Connection;  // private

// Statements inside one transaction. Confined to the function it is handed to.
// Errors of all of them: already_exists (a unique key is taken), conflict (another constraint), busy (locked, deadlock),
// unavailable (the connection is lost), io (disk), corrupt, denied, limit, invalid_argument (the SQL or its binds are wrong).
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;

  Backend backend() const;

  // Calls `each` for every row, in order. `each` may run other statements.
  Status query(std::string_view sql, Binds binds, FunctionRef<void(const Row&)> each);
  Status query(std::string_view sql, std::initializer_list<Bind> binds, FunctionRef<void(const Row&)> each) {
    return query(sql, Binds(binds.begin(), binds.size()), each);
  }
  // The first column of the first row; empty where there is no row or it is null.
  Result<std::optional<std::int64_t>> integer(std::string_view sql, std::initializer_list<Bind> binds = {});
  Result<std::optional<std::string>> text(std::string_view sql, std::initializer_list<Bind> binds = {});

  // Runs a statement and says how many rows it changed.
  Result<std::int64_t> execute(std::string_view sql, Binds binds);
  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Bind> binds = {}) {
    return execute(sql, Binds(binds.begin(), binds.size()));
  }
  // Runs a statement whose answer nobody needs at once. On PostgreSQL it travels with the next question, so that
  // many posts cost one round trip; its error is then the error of that question, or of the whole transaction.
  Status post(std::string_view sql, Binds binds);
  Status post(std::string_view sql, std::initializer_list<Bind> binds = {}) {
    return post(sql, Binds(binds.begin(), binds.size()));
  }
  // Waits for the answers of everything posted.
  Status settle();

 private:
  Connection& connection_;
};

// One step of a box's schema. Numbers count from 1 without holes; a step that was released is never edited.
struct Migration {
  int number = 0;
  std::string_view sql;  // statements separated by ';'
};

struct Options {
  Duration busy_timeout = std::chrono::seconds(10);  // how long a write waits for other processes
  std::size_t max_batch = 512;                       // commands that share one sync
  std::string vfs;                                   // SQLite: the name of a registered VFS; "" is the system's
};

// How often group commit shared a sync. `commands / commits` is the mean size of a group.
struct Counters {
  std::uint64_t commands = 0;  // handed to write
  std::uint64_t commits = 0;   // transactions that ended with a sync
  std::uint64_t refused = 0;   // commands that said no
  std::uint64_t retries = 0;   // groups that were run again (deadlock, lost connection)
};

// Synchronised. A handle: copies speak of the same database, which closes with the last of them.
class Database {
 public:
  // May run again where the group was rolled back (deadlock, connection lost): it must do nothing but speak to its
  // transaction and set results of its own. What it returns as an error rolls back what it did, and only that.
  using Command = std::function<Status(Transaction&)>;

  // `url`: a path or "sqlite:PATH", "sqlite::memory:" (this process only, not durable), "postgresql://..." (libpq's URLs).
  // Errors: io, corrupt (the file is no database), unavailable (no server), denied, unsupported (built without PostgreSQL).
  static Result<Database> open(const std::string& url, const Options& options = {});

  Backend backend() const;

  // Runs `command` in a transaction and returns when it is on the disk (WAL, synchronous=FULL), or was refused.
  // Commands of many threads share transactions and syncs; each has an answer of its own and is undone alone, and is
  // run in the order of arrival. Do not call write or read of the same database inside. Errors: what the command returned;
  // busy, io, unavailable, ... where nothing of it was done. An exception of the command comes out here.
  Status write(FunctionRef<Status(Transaction&)> command);
  // Several at once, from one thread; the answers in the same order.
  std::vector<Status> write_all(std::span<const Command> commands);

  // Runs `query` on a consistent snapshot; never waits for writers (except ":memory:"). Nothing it writes stays.
  Status read(FunctionRef<Status(Transaction&)> query);

  // Brings the tables of `box` to the last of the steps. Errors: unsupported (the database is newer than this program),
  // corrupt (a step that was applied reads differently now).
  Status migrate(std::string_view box, std::span<const Migration> steps);
  Status migrate(std::string_view box, std::initializer_list<Migration> steps) {
    return migrate(box, std::span<const Migration>(steps.begin(), steps.size()));
  }

  // Copies the database to a file while it is in use. `progress(done, total)` in pages; may be empty.
  // Errors: io; unsupported on PostgreSQL (use pg_basebackup or pg_dump).
  Status backup(const std::string& path, const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});
  // Reads the whole file and checks its structure, indexes and references. Errors: corrupt with what was found; unsupported
  // on PostgreSQL (use pg_amcheck).
  Status check();

  Counters counters() const;

 private:
  struct Impl;
  explicit Database(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace hotline::store
