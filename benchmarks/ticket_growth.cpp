// ticket.growth: what 10^4, 10^5, 10^6 tickets cost a command, a query and the timers; 10^7 with HOTLINE_BENCH_TICKETS=10000000.
// The service takes in one ticket and moves it twice; SQL multiplies its rows (with numbers, people, times and places of their own,
// without words for full-text search), because a load of 10^7 by commands would measure nothing but patience. Files lie in TMPDIR.
#include <sqlite3.h>

#include <chrono>

#include "hotline/ticket/kpi.hpp"
#include "hotline/ticket/search.hpp"
#include "ticket/impl.hpp"
#include "ticket_load.hpp"

using namespace bench;

namespace {

std::string phone_of(std::int64_t n) { return "139" + std::to_string(10'000'000 + n); }

// The service's own functions, for SQL.
void functions(sqlite3* db, const Service::Impl* impl) {
  const auto text = [](sqlite3_context* c, const std::string& s) { sqlite3_result_text(c, s.data(), static_cast<int>(s.size()), SQLITE_TRANSIENT); };
  static const auto kText = text;
  const auto self = const_cast<void*>(static_cast<const void*>(impl));
  const auto number = [](sqlite3_context* c, int, sqlite3_value** v) {
    kText(c, static_cast<const Service::Impl*>(sqlite3_user_data(c))->numbers.number(static_cast<std::uint64_t>(sqlite3_value_int64(v[0]))));
  };
  const auto phone = [](sqlite3_context* c, int, sqlite3_value** v) {
    kText(c, static_cast<const Service::Impl*>(sqlite3_user_data(c))->vault.blind("phone", phone_of(sqlite3_value_int64(v[0]))));
  };
  sqlite3_create_function(db, "acceptance_number", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, self, number, nullptr, nullptr);
  sqlite3_create_function(db, "blind_phone", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, self, phone, nullptr, nullptr);
}

void run(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  std::abort();
}

constexpr std::int64_t kMinute = 60'000'000'000;

// Tickets `first`+1 to `last`, a minute apart back from the pattern's, each a copy of the ticket 1. At 10^7 they span 19 years.
void multiply(const std::string& path, const Service::Impl& impl, std::int64_t first, std::int64_t last) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  functions(db, &impl);
  // The file is not yet anybody's: nothing is lost that could not be made again.
  run(db, "PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=100000; PRAGMA foreign_keys=OFF");
  constexpr std::int64_t kStep = 250'000;
  const auto shift = [](const char* column) { return std::string(column) + " - n * " + std::to_string(kMinute); };
  for (std::int64_t from = first; from < last; from += kStep) {
    const std::int64_t to = std::min(from + kStep, last);
    run(db, "BEGIN; CREATE TEMP TABLE seq AS WITH RECURSIVE s(n) AS (SELECT " + std::to_string(from) + " UNION ALL SELECT n + 1 FROM s WHERE n + 1 < " +
                std::to_string(to) + ") SELECT n FROM s");
    run(db, "INSERT OR IGNORE INTO ticket_citizen (id, phone) SELECT n + 1, blind_phone(n) FROM seq");
    run(db, "INSERT INTO ticket (id, number, registry, version, head, definition, calendars, snapshot, fields, state, finished, channel, kind, category, area, level, title, "
            "content, place, secrecy, unit, complained_unit, reply, due, overdue, created_at, updated_at, closed_at, citizen) "
            "SELECT n + 1, acceptance_number(n), printf('370200%08d%06d', n / 1000, n % 1000), version, head, definition, calendars, snapshot, fields, state, finished, "
            "channel, kind, 'c' || (n % 50), '3702' || (10 + n % 10), level, title, content, place, secrecy, unit, complained_unit, reply, " +
                shift("due") + ", overdue, " + shift("created_at") + ", " + shift("updated_at") + ", closed_at, n + 1 FROM ticket, seq WHERE id = 1");
    run(db, "INSERT INTO ticket_event (ticket, version, at, type, actor, unit, state, command, digest, body, hash) SELECT n + 1, version, " + shift("at") +
                ", type, actor, unit, state, printf('%012x-%x', n, version), digest, body, hash FROM seq, ticket_event WHERE ticket = 1");
    run(db, "INSERT INTO ticket_timer (ticket, node, timer, generation, due) SELECT n + 1, node, timer, generation, due + n * " + std::to_string(kMinute) +
                " FROM ticket_timer, seq WHERE ticket = 1");
    run(db, "INSERT INTO ticket_outbox (ticket, key, channel, recipient, template, body, due, attempts, created_at, done_at) SELECT n + 1, acceptance_number(n) || "
            "substr(key, 9), channel, recipient, template, body, NULL, 1, " + shift("created_at") + ", " + shift("created_at") + " FROM ticket_outbox, seq WHERE ticket = 1");
    run(db, "INSERT INTO ticket_measure (kpi, ticket, at, num, den, unit, category, area, channel) SELECT kpi, n + 1, CASE at WHEN 0 THEN 0 ELSE " + shift("at") +
                " END, num, den, unit, 'c' || (n % 50), '3702' || (10 + n % 10), channel FROM ticket_measure, seq WHERE ticket = 1");
    run(db, "DROP TABLE seq; COMMIT");
    std::fprintf(stderr, "\r%lld tickets", static_cast<long long>(to));
  }
  std::fprintf(stderr, "\n");
  run(db, "UPDATE ticket_counter SET next = " + std::to_string(last) + " WHERE space = 'acceptance'; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize");
  sqlite3_close(db);
}

double intakes(Service& s, double seconds, std::int64_t& people) {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> next{people};
  std::vector<std::thread> threads;
  const double begin = wall_seconds();
  for (int k = 0; k < 64; ++k)
    threads.emplace_back([&] {
      while (!stop) {
        const auto n = next++;
        Intake in = intake(static_cast<int>(n % 1'000'000));
        in.citizen.phone = phone_of(n);
        in.at = start();
        if (!s.intake(in).ok()) std::abort();
      }
    });
  while (wall_seconds() - begin < seconds) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop = true;
  for (auto& t : threads) t.join();
  const double rate = static_cast<double>(next - people) / (wall_seconds() - begin);
  people = next;
  return rate;
}

void measure(const Suite& suite, Service& s, std::int64_t size, std::int64_t& people, long round, const std::string& folder) {
  const std::string at = "." + std::to_string(size);
  std::vector<TicketId> all;
  for (std::int64_t i = 1; i <= size; ++i) all.push_back(TicketId{static_cast<std::uint64_t>(i)});
  const Desk desk(s, Policy::standard());
  const Kpis kpis(s);
  const Actor agent{"a", {"supervisor"}, ""};
  const auto ticket = [&](int i) { return all[mixed(i, round) % all.size()]; };
  std::vector<std::string> numbers;
  for (int i = 0; i < 200; ++i) numbers.push_back(s.find(ticket(i))->number);
  suite.report("ticket.growth.number" + at, mean_ms(200, [&](int i) { keep(s.find(numbers[static_cast<std::size_t>(i)]).ok()); }), "ms", "1 ms", 1, true);
  suite.report("ticket.growth.phone" + at,
               mean_ms(200, [&](int i) { keep(desk.search(agent, {.phone = phone_of(static_cast<std::int64_t>(ticket(1000 + i).value) - 1)})->tickets.size()); }), "ms",
               "1 ms", 1, true);
  const Period month = kpis.period(PeriodUnit::month, start(), -1), year = kpis.period(PeriodUnit::year, start());
  suite.report("ticket.growth.kpi_month" + at, mean_ms(5, [&](int) { keep(kpis.figures("received", month).ok()); }), "ms", "2 s", 2000, true);
  suite.report("ticket.growth.kpi_all" + at,
               mean_ms(2, [&](int) { keep(kpis.figures("received", {Time{}, Time::max()}).ok()); }), "ms", "2 s", 2000, true);
  suite.report("ticket.growth.drill_down" + at, mean_ms(20, [&](int i) { keep(kpis.drill_down("received", year, Part::denominator, ticket(i)).ok()); }), "ms",
               "50 ms", 50, true);
  const double sync = fdatasync_rate(folder, 1);
  const Run moved = transitions(s, all, 2, Ids::by_time, 1000 + round, 64);
  suite.report("ticket.growth.transition" + at, moved.rate, "1/s", "fdatasync", sync);
  suite.report("ticket.growth.transition_cpu" + at, moved.cpu, "us", "2 ms, a sync of 500 a second", 2000, true);
  suite.report("ticket.growth.intake" + at, intakes(s, 2, people), "1/s", "fdatasync", sync);
  // The timers of the pattern are due a minute apart: half of them by then.
  const Time due = start() + std::chrono::minutes(size / 2);
  const double begin = wall_seconds();
  const int first = s.fire_timers(due, 1).value();
  const double first_ms = (wall_seconds() - begin) * 1e3;
  int fired = first;
  while (fired < 4000)
    if (const int more = s.fire_timers(due, 1000).value(); more > 0) fired += more;
    else break;
  suite.report("ticket.growth.timer_first" + at, first_ms, "ms", "1 s", 1000, true);
  suite.report("ticket.growth.timers" + at, fired / (wall_seconds() - begin), "1/s", "100,000 in 10 s", 10'000);
  suite.report("ticket.growth.file" + at, static_cast<double>(std::filesystem::file_size(folder + "/growth.db")) / static_cast<double>(size), "bytes a ticket", "1,000", 1000, true);
}

}  // namespace

int main(int argc, char** argv) {
  const Suite suite(argc, argv);
  if (!suite.wants("ticket.growth")) return 0;
  const Folder folder;
  const std::string path = folder.path + "/growth.db";
  const char* wish = std::getenv("HOTLINE_BENCH_TICKETS");
  const std::int64_t most = wish != nullptr ? std::atoll(wish) : 1'000'000;
  std::int64_t there = 1, people = 100'000'000;
  {
    Service s = open(path);
    Intake in = intake(0);
    in.at = start();
    const TicketId pattern = s.intake(in)->ticket;
    Command c;
    c.actor = {"agent:1", {"a"}, ""};
    c.ticket = pattern;
    c.event = "go";
    c.at = start();
    for (int i = 0; i < 2; ++i) (void)s.apply(c).value();
  }
  long round = 0;
  for (std::int64_t size = 10'000; size <= most; size *= 10, ++round) {
    Service s = open(path);
    multiply(path, s.impl(), there, size);
    const std::int64_t before = size;
    measure(suite, s, size, people, round, folder.path);
    // What the measurement took in is left out of the count; the next tickets come after it.
    there = before;
    (void)s.database().read([&](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(const auto last, t.integer("SELECT max(id) FROM ticket"));
      there = *last;
      return {};
    });
  }
}
