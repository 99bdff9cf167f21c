// One connection to a database: what SQLite and PostgreSQL each implement. Confined.
#pragma once

#include <memory>
#include <string>

#include "hotline/store/database.hpp"

namespace hotline::store {

enum class Begin : std::uint8_t { read, write };
// What became of a transaction whose connection broke while it was committing.
enum class Fate : std::uint8_t { committed, rolled_back, unknown };

class Connection {
 public:
  virtual ~Connection() = default;
  virtual Backend backend() const = 0;
  virtual Status query(std::string_view sql, Binds binds, FunctionRef<void(const Row&)> each) = 0;
  virtual Result<std::int64_t> execute(std::string_view sql, Binds binds) = 0;
  virtual Status post(std::string_view sql, Binds binds) = 0;
  virtual Status settle() = 0;

  virtual Status begin(Begin kind) = 0;
  virtual Status commit() = 0;
  virtual void rollback() = 0;
  virtual Status savepoint() = 0;
  virtual Status release() = 0;
  virtual Status rollback_to_savepoint() = 0;
  // Grows with everything written; so a command that was refused before it wrote needs no undoing.
  virtual std::uint64_t written() const = 0;
  // False once the whole transaction is gone, whatever was asked (disk full, connection lost).
  virtual bool in_transaction() const = 0;
  // False where the connection is lost and must be replaced.
  virtual bool alive() const = 0;
  // Names the transaction that is open, for fate(); "" where the back end needs none.
  virtual std::string transaction_name() = 0;
  virtual bool named() const = 0;  // asking for it costs no round trip
  virtual Fate fate(const std::string& transaction) = 0;

  virtual Status run_script(std::string_view sql) = 0;
  // Keeps other processes from migrating at the same time; inside a write transaction.
  virtual Status lock_migrations() = 0;
  virtual Status backup(const std::string& path, const std::function<void(std::uint64_t, std::uint64_t)>& progress) = 0;
  virtual Status check() = 0;
};

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Begin use, const Options& options);
Result<std::unique_ptr<Connection>> open_postgres(const std::string& url, Begin use, const Options& options);

// Replaces the words in braces, and for PostgreSQL `?` by $1, $2 ...; texts in quotes stay.
std::string translate(std::string_view sql, Backend backend);

}  // namespace hotline::store
