#ifdef HOTLINE_POSTGRES
#include <libpq-fe.h>
#include <poll.h>

#include <charconv>
#include <cstdlib>
#include <deque>
#include <thread>
#include <unordered_map>
#include <vector>

#include "store/connection.hpp"

namespace hotline::store {
namespace {

struct Clear {
  void operator()(PGresult* r) const { PQclear(r); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

// SQLSTATE to our codes; PostgreSQL 15, appendix A.
ErrorCode code_of(std::string_view state) {
  if (state == "23505") return ErrorCode::already_exists;
  if (state == "55P03" || state.starts_with("40")) return ErrorCode::busy;
  if (state == "08P01") return ErrorCode::invalid_argument;
  if (state == "57014") return ErrorCode::timed_out;
  if (state == "3D000") return ErrorCode::not_found;
  if (state == "42501" || state.starts_with("28")) return ErrorCode::denied;
  if (state == "53100" || state.starts_with("58")) return ErrorCode::io;
  if (state == "XX001" || state == "XX002") return ErrorCode::corrupt;
  if (state.starts_with("08") || state.starts_with("57")) return ErrorCode::unavailable;
  if (state.starts_with("53") || state.starts_with("54")) return ErrorCode::limit;
  if (state.starts_with("23") || state.starts_with("25")) return ErrorCode::conflict;
  if (state.starts_with("22") || state.starts_with("42")) return ErrorCode::invalid_argument;
  return ErrorCode::internal;
}

std::string first_line(std::string_view text) {
  if (text.starts_with("ERROR:  ")) text.remove_prefix(8);
  return std::string(text.substr(0, text.find('\n')));
}

constexpr Oid kBytea = 17, kBool = 16;

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(PGresult* r) : r_(r) {}
  void move_to(int row) {
    row_ = row;
    decoded_.clear();
  }
  std::size_t size() const override { return static_cast<std::size_t>(PQnfields(r_)); }
  bool is_null(std::size_t i) const override { return PQgetisnull(r_, row_, static_cast<int>(i)) != 0; }
  std::int64_t integer(std::size_t i) const override {
    const auto raw = value(i);
    if (PQftype(r_, static_cast<int>(i)) == kBool) return raw == "t";
    std::int64_t v = 0;
    std::from_chars(raw.data(), raw.data() + raw.size(), v);
    return v;
  }
  double number(std::size_t i) const override { return std::strtod(PQgetvalue(r_, row_, static_cast<int>(i)), nullptr); }
  std::string_view text(std::size_t i) const override { return value(i); }
  std::string_view bytes(std::size_t i) const override {
    const auto raw = value(i);
    if (PQftype(r_, static_cast<int>(i)) != kBytea || !raw.starts_with("\\x")) return raw;
    std::string& out = decoded_.emplace_back();
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t k = 2; k + 1 < raw.size(); k += 2) out += static_cast<char>(digit(raw[k]) << 4 | digit(raw[k + 1]));
    return out;
  }

 private:
  std::string_view value(std::size_t i) const {
    const int column = static_cast<int>(i);
    return {PQgetvalue(r_, row_, column), static_cast<std::size_t>(PQgetlength(r_, row_, column))};
  }
  PGresult* r_;
  int row_ = 0;
  mutable std::deque<std::string> decoded_;
};

// Binds in libpq's shape: text form, except bytes.
struct Parameters {
  explicit Parameters(Binds binds) {
    texts.reserve(binds.size());
    for (const Bind& b : binds) {
      int format = 0;
      bool null = false;
      texts.emplace_back();
      std::string& out = texts.back();
      if (const auto* i = std::get_if<std::int64_t>(&b.value())) {
        out = std::to_string(*i);
      } else if (const auto* d = std::get_if<double>(&b.value())) {
        char buffer[32];
        out.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, *d).ptr);
      } else if (const auto* s = std::get_if<std::string_view>(&b.value())) {
        out = *s;
        if (out.find('\0') != out.npos) has_nul = true;
      } else if (const auto* blob = std::get_if<Blob>(&b.value())) {
        out = blob->bytes;
        format = 1;
      } else {
        null = true;
      }
      values.push_back(null ? nullptr : out.c_str());
      lengths.push_back(static_cast<int>(out.size()));
      formats.push_back(format);
    }
  }
  std::vector<std::string> texts;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  bool has_nul = false;
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(PGconn* c, Duration busy_timeout) : c_(c), busy_timeout_(busy_timeout) {}
  ~PostgresConnection() override { PQfinish(c_); }

  Backend backend() const override { return Backend::postgres; }
  bool alive() const override { return !lost_ && PQstatus(c_) == CONNECTION_OK; }

  Status query(std::string_view sql, Binds binds, FunctionRef<void(const Row&)> each) override {
    HOTLINE_ASSIGN(const ResultPtr result, ask(sql, binds));
    PostgresRow row(result.get());
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      row.move_to(i);
      each(row);
    }
    return {};
  }

  Result<std::int64_t> execute(std::string_view sql, Binds binds) override {
    HOTLINE_ASSIGN(const ResultPtr result, ask(sql, binds));
    return std::int64_t{std::strtoll(PQcmdTuples(result.get()), nullptr, 10)};
  }

  Status post(std::string_view sql, Binds binds) override {
    HOTLINE_TRY(send(sql, binds, Pending::Kind::statement));
    // Below what the socket's buffers hold of answers nobody has read.
    if (pending_.size() >= 256) return settle();
    return {};
  }

  Status settle() override {
    if (pending_.empty()) return {};
    const auto last = finish();
    if (!last.ok()) return last.error();
    return {};
  }

  Status begin(Begin kind) override {
    xact_.clear();
    open_ = true;
    if (kind == Begin::read) return send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}, Pending::Kind::statement);
    HOTLINE_TRY(send("BEGIN", {}, Pending::Kind::statement));
    return send("SELECT pg_current_xact_id()::text", {}, Pending::Kind::name);
  }
  Status commit() override {
    HOTLINE_TRY(send("COMMIT", {}, Pending::Kind::statement));
    HOTLINE_ASSIGN(const ResultPtr result, finish());
    open_ = false;
    // COMMIT of a failed transaction answers ROLLBACK, without an error.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
      return Error(ErrorCode::conflict, "the transaction had failed and was rolled back");
    return {};
  }
  void rollback() override {
    if (!open_) return;
    (void)settle();
    open_ = false;
    if (!alive()) return;
    if (send("ROLLBACK", {}, Pending::Kind::statement).ok()) (void)settle();
  }
  Status savepoint() override { return send("SAVEPOINT command", {}, Pending::Kind::statement); }
  Status release() override { return send("RELEASE SAVEPOINT command", {}, Pending::Kind::statement); }
  Status rollback_to_savepoint() override {
    (void)settle();
    HOTLINE_TRY(send("ROLLBACK TO SAVEPOINT command", {}, Pending::Kind::statement));
    HOTLINE_TRY(release());
    return settle();
  }
  std::uint64_t written() const override { return written_; }
  bool in_transaction() const override { return open_ && alive(); }
  std::string transaction_name() override {
    if (!named()) (void)settle();
    return xact_;
  }
  bool named() const override { return !xact_.empty(); }
  Fate fate(const std::string& transaction) override {
    if (transaction.empty()) return Fate::unknown;
    const Bind name[] = {transaction};
    for (Duration waited{}; waited < busy_timeout_; waited += std::chrono::milliseconds(20)) {
      std::string status;
      if (!query("SELECT pg_xact_status(CAST(? AS xid8))", name, [&](const Row& row) { status = row.text(0); }).ok())
        return Fate::unknown;
      if (status == "committed") return Fate::committed;
      if (status == "aborted") return Fate::rolled_back;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Fate::unknown;
  }

  Status run_script(std::string_view sql) override {
    HOTLINE_TRY(settle());
    PQexitPipelineMode(c_);
    const ResultPtr result(PQexec(c_, translate(sql, Backend::postgres).c_str()));
    PQenterPipelineMode(c_);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failed(result.get(), sql);
    return {};
  }
  Status lock_migrations() override {
    // The number only has to be the same in all versions: "hotline" in ASCII.
    return post("SELECT pg_advisory_xact_lock(29400000000000101)", {});
  }
  Status backup(const std::string&, const std::function<void(std::uint64_t, std::uint64_t)>&) override {
    return Error(ErrorCode::unsupported, "a PostgreSQL database is not backed up from here", "use pg_basebackup or pg_dump");
  }
  Status check() override {
    return Error(ErrorCode::unsupported, "a PostgreSQL database is not checked from here", "use pg_amcheck");
  }

 private:
  struct Pending {
    enum class Kind : std::uint8_t { prepare, statement, name };
    Kind kind;
    std::string sql;  // for errors, and to forget what could not be prepared
  };

  Error lost() {
    lost_ = true;
    return Error(ErrorCode::unavailable, "the connection to PostgreSQL is lost: " + first_line(PQerrorMessage(c_)),
                 "it is made again by the next command; see the server's log");
  }
  Error failed(const PGresult* r, std::string_view sql) {
    const char* state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char* severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (state == nullptr || severity == nullptr) return lost();
    if (std::string_view(severity) != "ERROR") lost_ = true;  // FATAL, PANIC
    return Error(code_of(state), "PostgreSQL: " + first_line(PQresultErrorMessage(r)) + " (" + state + ", in " + std::string(sql.substr(0, 120)) + ")");
  }

  Status send(std::string_view sql, Binds binds, Pending::Kind kind) {
    if (!sql.starts_with("SELECT") || sql.find("FOR UPDATE") != sql.npos) ++written_;  // a lock is held as well as a row is
    const std::string text(sql);
    auto found = names_.find(text);
    if (found == names_.end()) {
      found = names_.emplace(text, "h" + std::to_string(++last_name_)).first;
      const std::string translated = translate(sql, Backend::postgres);
      if (PQsendPrepare(c_, found->second.c_str(), translated.c_str(), 0, nullptr) == 0) {
        names_.erase(found);
        return lost();
      }
      pending_.push_back({Pending::Kind::prepare, text});
    }
    const Parameters p(binds);
    if (p.has_nul) return Error(ErrorCode::invalid_argument, "a text with a zero byte", "bind it as Blob");
    if (PQsendQueryPrepared(c_, found->second.c_str(), static_cast<int>(p.values.size()), p.values.data(), p.lengths.data(),
                            p.formats.data(), 0) == 0)
      return lost();
    pending_.push_back({kind, text});
    return {};
  }

  Result<ResultPtr> ask(std::string_view sql, Binds binds) {
    HOTLINE_TRY(send(sql, binds, Pending::Kind::statement));
    return finish();
  }

  // Sends what was posted and reads all answers; the last one is the result.
  Result<ResultPtr> finish() {
    if (PQpipelineSync(c_) == 0) {
      pending_.clear();
      return lost();
    }
    std::optional<Error> problem;
    ResultPtr last;
    for (const Pending& item : std::exchange(pending_, {})) {
      ResultPtr result(PQgetResult(c_));
      if (!result) {
        lost_ = true;
        return problem ? *problem : lost();
      }
      const auto status = PQresultStatus(result.get());
      while (ResultPtr more{PQgetResult(c_)}) {
      }
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (item.kind == Pending::Kind::name) xact_ = PQgetvalue(result.get(), 0, 0);
        last = std::move(result);
        continue;
      }
      ++written_;  // the transaction is aborted: only its end undoes that
      if (item.kind == Pending::Kind::prepare) names_.erase(item.sql);
      if (status != PGRES_PIPELINE_ABORTED && !problem) problem = failed(result.get(), item.sql);
      if (!alive()) return problem ? *problem : lost();
    }
    const ResultPtr sync(PQgetResult(c_));
    if (problem) return *problem;
    if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) return lost();
    return last;
  }

  PGconn* c_;
  Duration busy_timeout_;
  bool open_ = false;
  bool lost_ = false;  // libpq says so only when it meets the end of the socket
  std::uint64_t written_ = 0;
  std::string xact_;
  std::vector<Pending> pending_;
  std::unordered_map<std::string, std::string> names_;
  std::uint64_t last_name_ = 0;
};

}  // namespace

// As PQconnectdb, but silent from the first byte: libpq prints notices unless told otherwise.
static PGconn* connect_silently(const std::string& url) {
  PGconn* c = PQconnectStart(url.c_str());
  if (c == nullptr || PQstatus(c) == CONNECTION_BAD) return c;
  PQsetNoticeProcessor(c, [](void*, const char*) {}, nullptr);
  for (PostgresPollingStatusType wanted = PGRES_POLLING_WRITING; wanted != PGRES_POLLING_OK; wanted = PQconnectPoll(c)) {
    if (wanted == PGRES_POLLING_FAILED) break;
    pollfd ready{PQsocket(c), static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    ::poll(&ready, 1, 10'000);
  }
  return c;
}

Result<std::unique_ptr<Connection>> open_postgres(const std::string& url, Begin, const Options& options) {
  PGconn* raw = connect_silently(url);
  auto connection = std::make_unique<PostgresConnection>(raw, options.busy_timeout);
  if (!connection->alive())
    return Error(ErrorCode::unavailable, "cannot reach PostgreSQL: " + first_line(PQerrorMessage(raw)), "check the URL and that the server runs");
  PQsetClientEncoding(raw, "UTF8");
  PQenterPipelineMode(raw);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options.busy_timeout).count();
  HOTLINE_TRY(connection->run_script(
      "SET lock_timeout = " + std::to_string(ms) + "; SELECT set_config('synchronous_commit', "
      "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"));
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace hotline::store
#endif
