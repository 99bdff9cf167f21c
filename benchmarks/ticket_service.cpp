// Durable transitions beside what the disk and the databases do by themselves, in the same run and folder.
// HOTLINE_BENCH_TICKETS=N sets the number of tickets for queries (20,000; the table of docs/ticket.md goes to 10^6).
#ifdef HOTLINE_POSTGRES
#include <libpq-fe.h>
#endif

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "bench.hpp"
#include "hotline/ticket/kpi.hpp"
#include "hotline/ticket/search.hpp"
#include "hotline/ticket/service.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"
#include "raw_transitions.hpp"
#include "ticket_load.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace bench;
using bench::wall_seconds;

namespace {

#ifdef HOTLINE_POSTGRES
// The five statements of a transition (the ticket, its timer, the outbox, the event, the ticket again), prepared and sent one by one,
// each caller on a connection of its own.
double one_by_one(const std::string& url, const std::vector<TicketId>& tickets, double seconds, long round) {
  std::atomic<bool> stop{false};
  std::atomic<long> done{0};
  std::vector<std::thread> threads;
  const double begin = wall_seconds();
  for (std::size_t k = 0; k < tickets.size(); ++k)
    threads.emplace_back([&, k] {
      PGconn* c = PQconnectdb(url.c_str());
      const auto check = [&](PGresult* result) {
        const auto status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {  // a baseline that fails is no baseline
          std::fprintf(stderr, "%s", PQerrorMessage(c));
          std::abort();
        }
        PQclear(result);
      };
      static constexpr const char* kStatements[] = {
          "SELECT * FROM ticket WHERE id = $1 FOR UPDATE",
          "INSERT INTO ticket_timer (ticket, node, timer, generation, due) VALUES ($1, 0, 't', $2, $2) ON CONFLICT (ticket, node, timer) "
          "DO UPDATE SET generation = excluded.generation, due = excluded.due",
          "INSERT INTO ticket_outbox (ticket, key, channel, recipient, template, body, due, attempts, created_at) "
          "VALUES ($1, 'key', 'voice', 'citizen', 'moved', '{}', $2, 0, $2)",
          "INSERT INTO ticket_event (ticket, version, at, type, actor, unit, state, command, body, hash) VALUES ($1, $2, 0, 'go', 'a', '', 'A', $3, $4, 'h')",
          "UPDATE ticket SET version = $2, snapshot = 's', fields = '{}', state = 'A', due = $2 WHERE id = $1"};
      int n = 0;
      for (const char* sql : kStatements) check(PQprepare(c, ("p" + std::to_string(n++)).c_str(), sql, 0, nullptr));
      const std::string id = std::to_string(tickets[k].value), body(230, 'x');
      for (long i = 1'000'000 * (round + 1); !stop; ++i) {
        const std::string version = std::to_string(i), command = "raw-" + id + "-" + version;
        const char* const values[] = {id.c_str(), version.c_str(), command.c_str(), body.c_str()};
        check(PQexec(c, "BEGIN"));
        constexpr int kValues[] = {1, 2, 2, 4, 2};
        for (int q = 0; q < 5; ++q) check(PQexecPrepared(c, ("p" + std::to_string(q)).c_str(), kValues[q], values, nullptr, nullptr, 0));
        check(PQexec(c, "COMMIT"));
        ++done;
      }
      PQfinish(c);
    });
  while (wall_seconds() - begin < seconds) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop = true;
  for (auto& t : threads) t.join();
  return static_cast<double>(done) / (wall_seconds() - begin);
}
#endif

// Measured in turns of a third of a second, because a disk that others use as well changes by the second.
constexpr int kSlices = 5;
constexpr double kSlice = 0.35;

void durable(const Suite& suite, const std::string& name, int callers, const std::string& folder) {
  Service ordered = open(folder + "/" + name + ".db"), random = open(folder + "/" + name + ".random.db");
  RawTransitions raw(folder + "/" + name + ".raw.db", callers);
  const auto tickets = make(ordered, callers), others = make(random, callers);
  double sync = 0, statements = 0, statements_cpu = 0;
  Run mine, unordered;
  for (int i = 0; i < kSlices; ++i) {
    sync += fdatasync_rate(folder, kSlice) / kSlices;
    const Run one = transitions(ordered, tickets, kSlice, Ids::by_time, i), two = transitions(random, others, kSlice, Ids::random, i);
    mine.rate += one.rate / kSlices, mine.cpu += one.cpu / kSlices;
    unordered.rate += two.rate / kSlices, unordered.cpu += two.cpu / kSlices;
    const auto [rate, cpu] = raw.run(kSlice);
    statements += rate / kSlices, statements_cpu += cpu / kSlices;
  }
  suite.report(name, mine.rate, "1/s", "fdatasync", sync);
  suite.report(name + ".random_ids", unordered.rate, "1/s", "fdatasync", sync);
  suite.report(name + ".raw", mine.rate, "1/s", "the same statements by SQLite alone", statements);
  suite.report(name + ".cpu", mine.cpu, "us", "the same statements by SQLite alone", statements_cpu, true);
  const auto counters = ordered.database().counters();
  suite.report(name + ".group", static_cast<double>(counters.commands) / static_cast<double>(counters.commits), "commands a sync", "callers", callers);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  const Folder folder;

  for (const int callers : {1, 16, 64})
    if (const std::string name = "ticket.sqlite." + std::to_string(callers); suite.wants(name)) durable(suite, name, callers, folder.path);

#ifdef HOTLINE_POSTGRES
  if (suite.wants("ticket.postgres.1") || suite.wants("ticket.postgres.64")) {
    hotline::test::PrivatePostgres server;
    if (server.why().empty()) {
      server.stop();
      server.start("-c max_connections=200");  // with fsync
      for (const int callers : {1, 16, 64}) {
        const std::string url = server.url();
        Service s = open(url);
        const auto mine = make(s, callers), others = make(s, callers, 1000);
        double rate = 0, baseline = 0;
        for (int i = 0; i < kSlices; ++i) {
          rate += transitions(s, mine, kSlice, Ids::by_time, callers * 100 + i).rate / kSlices;
          baseline += one_by_one(url, others, kSlice, i) / kSlices;
        }
        suite.report("ticket.postgres." + std::to_string(callers), rate, "1/s", "five statements one by one", baseline);
      }
    }
  }
#endif

  if (suite.wants("ticket.timers_due")) {
    constexpr int kDue = 20'000;
    Service s = open(folder.path + "/timers.db");
    make(s, kDue);
    const Time late = start() + std::chrono::hours(24 * 365);
    const double begin = wall_seconds();
    int fired = s.fire_timers(late, 1).value();
    const double first = wall_seconds() - begin;
    while (fired < kDue) fired += s.fire_timers(late, 2000).value();
    const double spent = wall_seconds() - begin;
    suite.report("ticket.timers_due", kDue / spent, "1/s", "100,000 in 10 s", 10'000);
    suite.report("ticket.timers_first", first * 1e3, "ms", "1 s", 1000, true);
  }

  if (suite.wants("ticket.query")) {
    const char* wish = std::getenv("HOTLINE_BENCH_TICKETS");
    const int most = wish != nullptr ? std::atoi(wish) : 20'000;
    Service s = open(folder.path + "/query.db");
    Desk desk(s, Policy::standard());
    const Actor agent{"a", {"agent"}, ""};
    std::vector<TicketId> ids;
    for (int size = 10'000; size <= most; size = size * 2 <= most || size == most ? size * 2 : most) {
      const auto more = make(s, size - static_cast<int>(ids.size()), static_cast<int>(ids.size()));
      ids.insert(ids.end(), more.begin(), more.end());
      const std::string at = "." + std::to_string(size);
      std::vector<std::string> numbers;
      for (int i = 0; i < 200; ++i) numbers.push_back(s.find(ids[static_cast<std::size_t>(i) * ids.size() / 200])->number);
      suite.report("ticket.query.number" + at, mean_ms(200, [&](int i) { (void)s.find(numbers[static_cast<std::size_t>(i)]); }), "ms", "1 ms", 1, true);
      suite.report("ticket.query.phone" + at,
                   mean_ms(200, [&](int i) { (void)desk.search(agent, {.phone = "139" + std::to_string(10000000 + i * 37)}); }), "ms", "1 ms", 1, true);
      suite.report("ticket.query.words" + at,
                   mean_ms(100, [&](int i) { (void)desk.search(agent, {.text = "编号" + std::to_string(i * 7919 % 10007)}); }), "ms", "50 ms", 50, true);
      const Kpis kpis(s);
      const Period year = kpis.period(PeriodUnit::year, start());
      suite.report("ticket.query.kpi" + at, mean_ms(5, [&](int) { (void)kpis.figures("received", year); }), "ms", "2 s", 2000, true);
      suite.report("ticket.query.drill_down" + at, mean_ms(50, [&](int) { (void)kpis.drill_down("received", year, Part::denominator, ids[ids.size() / 2]); }),
                   "ms", "50 ms", 50, true);
    }
  }
}
