#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "store/connection.hpp"

namespace hotline::store {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* s) : s_(s) {}
  std::size_t size() const override { return static_cast<std::size_t>(sqlite3_column_count(s_)); }
  bool is_null(std::size_t i) const override { return sqlite3_column_type(s_, static_cast<int>(i)) == SQLITE_NULL; }
  std::int64_t integer(std::size_t i) const override { return sqlite3_column_int64(s_, static_cast<int>(i)); }
  double number(std::size_t i) const override { return sqlite3_column_double(s_, static_cast<int>(i)); }
  std::string_view text(std::size_t i) const override {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(s_, static_cast<int>(i)));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(s_, static_cast<int>(i)))};
  }
  std::string_view bytes(std::size_t i) const override {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(s_, static_cast<int>(i)));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(s_, static_cast<int>(i)))};
  }

 private:
  sqlite3_stmt* s_;
};

ErrorCode code_of(int rc) {
  switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return ErrorCode::already_exists;
    default: break;
  }
  switch (rc & 0xff) {
    case SQLITE_CONSTRAINT: return ErrorCode::conflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL: return ErrorCode::io;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return ErrorCode::limit;
    case SQLITE_AUTH:
    case SQLITE_PERM: return ErrorCode::denied;
    case SQLITE_INTERRUPT: return ErrorCode::timed_out;
    default: return ErrorCode::invalid_argument;
  }
}

std::string_view remedy_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::busy: return "another process holds the database; try again";
    case ErrorCode::corrupt: return "restore the last backup; `PRAGMA integrity_check` says what is damaged";
    case ErrorCode::io: return "check the disk's free space, the folder and its permissions";
    default: return "";
  }
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  ~SqliteConnection() override {
    statements_.clear();
    sqlite3_close_v2(db_);
  }

  Backend backend() const override { return Backend::sqlite; }

  Status query(std::string_view sql, Binds binds, FunctionRef<void(const Row&)> each) override {
    HOTLINE_ASSIGN(Use use, prepare(sql));
    HOTLINE_TRY(bind(use.get(), binds));
    const SqliteRow row(use.get());
    int rc;
    while ((rc = sqlite3_step(use.get())) == SQLITE_ROW) each(row);
    if (rc != SQLITE_DONE) return failed(rc, sql);
    return {};
  }

  Result<std::int64_t> execute(std::string_view sql, Binds binds) override {
    HOTLINE_ASSIGN(Use use, prepare(sql));
    HOTLINE_TRY(bind(use.get(), binds));
    int rc;
    while ((rc = sqlite3_step(use.get())) == SQLITE_ROW) {
    }
    if (rc != SQLITE_DONE) return failed(rc, sql);
    return sqlite3_changes64(db_);
  }

  Status post(std::string_view sql, Binds binds) override {
    const auto changed = execute(sql, binds);
    if (!changed.ok()) return changed.error();
    return {};
  }
  Status settle() override { return {}; }

  Status begin(Begin kind) override { return post(kind == Begin::write ? "BEGIN IMMEDIATE" : "BEGIN", {}); }
  Status commit() override {
    reserve_log();
    return post("COMMIT", {});
  }
  // Counts the log's frames, and takes over the checkpoints from SQLite's own hook.
  void watch_log() {
    sqlite3_wal_hook(
        db_,
        [](void* self, sqlite3* db, const char* name, int frames) {
          static_cast<SqliteConnection*>(self)->log_frames_ = frames;
          if (frames >= kCheckpoint) sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
          return SQLITE_OK;
        },
        this);
  }
  void rollback() override {
    if (in_transaction()) (void)post("ROLLBACK", {});
  }
  Status savepoint() override { return post("SAVEPOINT command", {}); }
  Status release() override { return post("RELEASE command", {}); }
  Status rollback_to_savepoint() override {
    HOTLINE_TRY(post("ROLLBACK TO command", {}));
    return release();
  }
  std::uint64_t written() const override { return written_; }
  bool in_transaction() const override { return sqlite3_get_autocommit(db_) == 0; }
  bool alive() const override { return true; }
  std::string transaction_name() override { return {}; }
  bool named() const override { return true; }
  Fate fate(const std::string&) override { return Fate::rolled_back; }

  Status run_script(std::string_view sql) override {
    const std::string text = translate(sql, Backend::sqlite);
    const int rc = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return failed(rc, sql);
    return {};
  }
  Status lock_migrations() override { return {}; }

  Status backup(const std::string& path, const std::function<void(std::uint64_t, std::uint64_t)>& progress) override {
    sqlite3* raw = nullptr;
    int rc = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> target(raw, sqlite3_close);
    const auto refuse = [&](int code) {
      return Error(code_of(code), "cannot back up to `" + path + "`: " + sqlite3_errstr(code),
                   "check the folder, its permissions and the free space");
    };
    if (rc != SQLITE_OK) return refuse(rc);
    sqlite3_backup* copy = sqlite3_backup_init(raw, "main", db_, "main");
    if (copy == nullptr) return refuse(sqlite3_extended_errcode(raw));
    do {
      rc = sqlite3_backup_step(copy, 256);
      const auto total = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copy));
      if (progress) progress(total - static_cast<std::uint64_t>(sqlite3_backup_remaining(copy)), total);
      if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) sqlite3_sleep(1);
    } while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
    const int end = sqlite3_backup_finish(copy);
    if (rc != SQLITE_DONE) return refuse(rc);
    if (end != SQLITE_OK) return refuse(end);
    return {};
  }

  Status check() override {
    std::string found;
    const auto note = [&](const Row& row) {
      if (row.text(0) != "ok") found += (found.empty() ? "" : "; ") + std::string(row.text(0));
    };
    HOTLINE_TRY(query("PRAGMA integrity_check(20)", {}, note));
    HOTLINE_TRY(query("PRAGMA foreign_key_check", {}, [&](const Row& row) {
      found += (found.empty() ? "" : "; ") + ("a row of " + std::string(row.text(0)) + " points to none of " + std::string(row.text(2)));
    }));
    if (!found.empty()) return Error(ErrorCode::corrupt, "`" + path_ + "` is damaged: " + found, std::string(remedy_of(ErrorCode::corrupt)));
    return {};
  }

  Error failed(int rc, std::string_view sql) const {
    const int extended = rc == SQLITE_OK ? rc : sqlite3_extended_errcode(db_);
    const ErrorCode code = code_of(extended == SQLITE_OK ? rc : extended);
    return Error(code, "`" + path_ + "`: " + sqlite3_errmsg(db_) + " (in " + std::string(sql.substr(0, 120)) + ")",
                 std::string(remedy_of(code)));
  }

 private:
  static constexpr int kCheckpoint = 4000;
  static constexpr sqlite3_int64 kAhead = 256 << 10, kLeast = 512 << 10, kMost = 4 << 20;

  // A sync of a file that grew costs the file system a commit of its own, about as much again. So the log grows rarely and by
  // much: zeros after its last frame are no frames. Only who writes does this, so nobody else appends meanwhile; where it
  // fails, the log grows as it would have.
  void reserve_log() {
    sqlite3_file* log = nullptr;
    sqlite3_int64 size = 0;
    if (log_frames_ < 0 || sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK) return;
    if (log == nullptr || log->pMethods == nullptr || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return;
    const sqlite3_int64 used = 32 + sqlite3_int64{log_frames_} * (4096 + 24);
    if (used + kAhead <= size || size >= sqlite3_int64{kCheckpoint} * (4096 + 24)) return;
    const std::string zeros(static_cast<std::size_t>(std::clamp(size, kLeast, kMost)), '\0');
    (void)log->pMethods->xWrite(log, zeros.data(), static_cast<int>(zeros.size()), size);
  }

  // A prepared statement in use. Comes from the cache, or is made anew while the cached one is busy.
  class Use {
   public:
    Use(sqlite3_stmt* s, bool* busy) : s_(s), busy_(busy) { *busy_ = true; }
    explicit Use(StatementPtr own) : s_(own.get()), own_(std::move(own)) {}
    Use(Use&& o) noexcept : s_(std::exchange(o.s_, nullptr)), busy_(o.busy_), own_(std::move(o.own_)) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
      if (s_ == nullptr) return;
      sqlite3_reset(s_);
      sqlite3_clear_bindings(s_);
      if (busy_ != nullptr) *busy_ = false;
    }
    sqlite3_stmt* get() const { return s_; }

   private:
    sqlite3_stmt* s_;
    bool* busy_ = nullptr;
    StatementPtr own_;
  };
  struct Cached {
    StatementPtr statement;
    bool busy = false;
  };

  Result<StatementPtr> compile(std::string_view sql) {
    const std::string text = translate(sql, Backend::sqlite);
    sqlite3_stmt* raw = nullptr;
    const int rc = sqlite3_prepare_v3(db_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (rc != SQLITE_OK) return failed(rc, sql);
    if (raw == nullptr) return Error(ErrorCode::invalid_argument, "an empty statement");
    return StatementPtr(raw);
  }

  Result<Use> prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      HOTLINE_ASSIGN(auto made, compile(sql));
      found = statements_.emplace(std::string(sql), Cached{std::move(made)}).first;
    }
    if (sqlite3_stmt_readonly(found->second.statement.get()) == 0) ++written_;
    if (!found->second.busy) return Use(found->second.statement.get(), &found->second.busy);
    HOTLINE_ASSIGN(auto extra, compile(sql));
    return Use(std::move(extra));
  }

  Status bind(sqlite3_stmt* s, Binds binds) {
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(s)) != binds.size())
      return Error(ErrorCode::invalid_argument,
                   "a statement with " + std::to_string(sqlite3_bind_parameter_count(s)) + " values was given " +
                       std::to_string(binds.size()),
                   std::string("see ") + sqlite3_sql(s));
    int i = 0;
    for (const Bind& b : binds) {
      ++i;
      const int rc = std::visit(
          [&](const auto& v) {
            using V = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<V, std::monostate>) return sqlite3_bind_null(s, i);
            else if constexpr (std::is_same_v<V, std::int64_t>) return sqlite3_bind_int64(s, i, v);
            else if constexpr (std::is_same_v<V, double>) return sqlite3_bind_double(s, i, v);
            else if constexpr (std::is_same_v<V, std::string_view>)
              return sqlite3_bind_text64(s, i, v.data() ? v.data() : "", v.size(), SQLITE_STATIC, SQLITE_UTF8);
            else return sqlite3_bind_blob64(s, i, v.bytes.data() ? v.bytes.data() : "", v.bytes.size(), SQLITE_STATIC);
          },
          b.value());
      if (rc != SQLITE_OK) return failed(rc, sqlite3_sql(s));
    }
    return {};
  }

  sqlite3* db_;
  std::string path_;
  std::uint64_t written_ = 0;
  int log_frames_ = -1;  // unknown before the first commit
  std::unordered_map<std::string, Cached, TextHash, std::equal_to<>> statements_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Begin use, const Options& options) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int rc = sqlite3_open_v2(path.c_str(), &db, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  auto connection = std::make_unique<SqliteConnection>(db, path);
  if (rc != SQLITE_OK) return connection->failed(rc, "open").within("cannot open the database");
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options.busy_timeout).count()));
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  HOTLINE_TRY(connection->run_script(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-32768; PRAGMA cell_size_check=ON"));
  if (use == Begin::read && path != ":memory:") HOTLINE_TRY(connection->run_script("PRAGMA query_only=ON"));
  if (use == Begin::write && path != ":memory:") connection->watch_log();
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace hotline::store
