#include "hotline/center/records.hpp"

namespace hotline::center {
namespace {

constexpr store::Migration kMigrations[] = {
    {1, R"(
CREATE TABLE center_call (
  id {auto}, direction {int} NOT NULL, citizen TEXT NOT NULL, dialled TEXT NOT NULL, started {int} NOT NULL,
  ended {int} NOT NULL, outcome TEXT NOT NULL, queue TEXT NOT NULL, agent TEXT NOT NULL, waited {int} NOT NULL,
  talked {int} NOT NULL, recording TEXT NOT NULL, ticket TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX center_call_started ON center_call (started);
CREATE INDEX center_call_citizen ON center_call (citizen, started);
CREATE TABLE center_citizen (
  phone TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, profile TEXT NOT NULL,
  first_seen {int} NOT NULL, last_seen {int} NOT NULL, calls {int} NOT NULL);
CREATE TABLE center_vote (
  poll TEXT NOT NULL, question TEXT NOT NULL, voter TEXT NOT NULL, answer TEXT NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (poll, question, voter));
)"}};

constexpr std::string_view kColumns =
    "id, direction, citizen, dialled, started, ended, outcome, queue, agent, waited, talked, recording, ticket, language";

CallRecord read_call(const store::Row& row) {
  return {.id = row.integer(0),
          .direction = static_cast<Direction>(row.integer(1)),
          .citizen = std::string(row.text(2)),
          .dialled = std::string(row.text(3)),
          .started = row.time(4),
          .ended = row.time(5),
          .outcome = std::string(row.text(6)),
          .queue = std::string(row.text(7)),
          .agent = std::string(row.text(8)),
          .waited = Duration{row.integer(9)},
          .talked = Duration{row.integer(10)},
          .recording = std::string(row.text(11)),
          .ticket = std::string(row.text(12)),
          .language = std::string(row.text(13))};
}

}  // namespace

Result<Records> Records::open(store::Database database) {
  HOTLINE_TRY(database.migrate("center", kMigrations));
  return Records(std::move(database));
}

Result<std::int64_t> Records::add(const CallRecord& call) {
  std::int64_t id = 0;
  HOTLINE_TRY(database_.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto number,
                   t.integer("INSERT INTO center_call (direction, citizen, dialled, started, ended, outcome, queue, "
                             "agent, waited, talked, recording, ticket, language) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                             {static_cast<int>(call.direction), call.citizen, call.dialled, call.started, call.ended,
                              call.outcome, call.queue, call.agent, call.waited.count(), call.talked.count(),
                              call.recording, call.ticket, call.language}));
    id = number.value_or(0);
    if (call.citizen.empty()) return {};
    return t.post("INSERT INTO center_citizen (phone, name, language, profile, first_seen, last_seen, calls) "
                  "VALUES (?, '', ?, '', ?, ?, 1) ON CONFLICT (phone) DO UPDATE SET last_seen = excluded.last_seen, "
                  "calls = center_citizen.calls + 1",
                  {call.citizen, call.language, call.started, call.started});
  }));
  return id;
}

Result<std::vector<CallRecord>> Records::calls(Time from, Time until) {
  std::vector<CallRecord> found;
  static const std::string sql =
      "SELECT " + std::string(kColumns) + " FROM center_call WHERE started >= ? AND started < ? ORDER BY started, id";
  HOTLINE_TRY(database_.read([&](store::Transaction& t) {
    return t.query(sql, {from, until}, [&](const store::Row& row) { found.push_back(read_call(row)); });
  }));
  return found;
}

Result<std::vector<CallRecord>> Records::calls_of(const std::string& phone, std::int64_t limit) {
  std::vector<CallRecord> found;
  static const std::string sql =
      "SELECT " + std::string(kColumns) + " FROM center_call WHERE citizen = ? ORDER BY started DESC, id DESC LIMIT ?";
  HOTLINE_TRY(database_.read([&](store::Transaction& t) {
    return t.query(sql, {phone, limit}, [&](const store::Row& row) { found.push_back(read_call(row)); });
  }));
  return found;
}

Result<std::optional<Citizen>> Records::citizen(const std::string& phone) {
  std::optional<Citizen> found;
  HOTLINE_TRY(database_.read([&](store::Transaction& t) {
    return t.query("SELECT phone, name, language, profile, first_seen, last_seen, calls FROM center_citizen WHERE phone = ?",
                   {phone}, [&](const store::Row& row) {
                     found = Citizen{.phone = std::string(row.text(0)),
                                     .name = std::string(row.text(1)),
                                     .language = std::string(row.text(2)),
                                     .profile = std::string(row.text(3)),
                                     .first_seen = row.time(4),
                                     .last_seen = row.time(5),
                                     .calls = row.integer(6)};
                   });
  }));
  return found;
}

Status Records::put(const Citizen& citizen) {
  return database_.write([&](store::Transaction& t) {
    return t.post("INSERT INTO center_citizen (phone, name, language, profile, first_seen, last_seen, calls) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (phone) DO UPDATE SET name = excluded.name, "
                  "language = excluded.language, profile = excluded.profile",
                  {citizen.phone, citizen.name, citizen.language, citizen.profile, citizen.first_seen,
                   citizen.last_seen, citizen.calls});
  });
}

Status Records::vote(const std::string& poll, const std::string& question, const std::string& answer,
                     const std::string& voter, Time at) {
  return database_.write([&](store::Transaction& t) {
    return t.post("INSERT INTO center_vote (poll, question, voter, answer, at) VALUES (?, ?, ?, ?, ?) "
                  "ON CONFLICT (poll, question, voter) DO UPDATE SET answer = excluded.answer, at = excluded.at",
                  {poll, question, voter, answer, at});
  });
}

Result<std::vector<PollAnswer>> Records::tally(const std::string& poll) {
  std::vector<PollAnswer> found;
  HOTLINE_TRY(database_.read([&](store::Transaction& t) {
    return t.query("SELECT poll, question, answer, count(*) FROM center_vote WHERE poll = ? "
                   "GROUP BY poll, question, answer ORDER BY question, answer",
                   {poll}, [&](const store::Row& row) {
                     found.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                                      row.integer(3)});
                   });
  }));
  return found;
}

}  // namespace hotline::center
