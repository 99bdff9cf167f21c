// A child process works on tickets and is killed at a random point; its parent knows what the child was told was done. Nothing
// acknowledged may be missing, nothing may be there twice, and every chain must hold. A second test kills at writes and syncs:
// a VFS that lets the n-th write or sync through only in part, and then ends the process on the spot.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "hotline/base/random.hpp"
#include "hotline/ticket/audit.hpp"
#include "small_city.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

int runs(int normal, int nightly) { return std::getenv("HOTLINE_NIGHTLY") != nullptr ? nightly : normal; }

// What the child says on the pipe after an acknowledgement.
struct Told {
  char what;  // i: intake n is done; d: dispatch of n is done; t: timers fired
  std::int32_t n;
};

Command dispatch_of(TicketId ticket, std::string id) {
  Command c;
  c.id = std::move(id);
  c.at = at(0min);
  c.actor = kDispatcher;
  c.ticket = ticket;
  c.event = "dispatch";
  c.fields = R"({"lead":"water"})";
  return c;
}

// The life of a child: `callers` threads, whose commands share syncs.
void work(const std::string& path, int pipe, std::int32_t first, int callers, const store::Options& options) {
  auto db = store::Database::open(path, options);
  if (!db.ok()) _exit(0);  // the crash came while opening
  const workflow::Definition d = small_loop();
  auto service = Service::open(*db, {}, {&d, 1});
  if (!service.ok()) _exit(0);
  const auto tell = [&](char what, std::int32_t n) {
    const Told told{what, n};
    if (::write(pipe, &told, sizeof told) != sizeof told) _exit(1);
  };
  std::atomic<std::int32_t> next{first};
  const auto call = [&] {
    for (std::int32_t n; (n = next++) < first + 30;) {
      const auto accepted = service->intake(complaint("i" + std::to_string(n), std::chrono::minutes(n)));
      if (!accepted.ok()) _exit(0);
      tell('i', n);
      Command c = dispatch_of(accepted->ticket, "d" + std::to_string(n));
      c.at = at(std::chrono::minutes(n));
      if (!service->apply(c).ok()) _exit(0);
      tell('d', n);
      if (n % 7 == 0) {
        if (!service->fire_timers(at(std::chrono::minutes(n) + 2h)).ok()) _exit(0);
      }
    }
  };
  std::vector<std::thread> others;
  for (int k = 1; k < callers; ++k) others.emplace_back(call);
  call();
  for (auto& thread : others) thread.join();
  _exit(0);
}

struct Seen {
  std::set<std::int32_t> intakes, dispatches;
  void add(Told told) { (told.what == 'i' ? intakes : dispatches).insert(told.n); }
};

void read_all(int pipe, Seen& seen) {
  Told told;
  while (::read(pipe, &told, sizeof told) == sizeof told) seen.add(told);
}

struct Sums {
  std::int64_t timers = 0, fired = 0, dispatched = 0;
};
Sums sums_of(store::Database& db) {
  Sums sums;
  EXPECT_TRUE(db.read([&](store::Transaction& t) -> Status {
                  HOTLINE_ASSIGN(const auto a, t.integer("SELECT count(*) FROM ticket_timer"));
                  HOTLINE_ASSIGN(const auto b, t.integer("SELECT count(*) FROM ticket_event WHERE type LIKE 'timer:%'"));
                  HOTLINE_ASSIGN(const auto c, t.integer("SELECT count(*) FROM ticket_event WHERE type = 'dispatch'"));
                  sums = {*a, *b, *c};
                  return {};
                }).ok());
  return sums;
}

// Everything that was acknowledged is there once.
void check(const std::string& url, const Seen& seen) {
  auto db = store::Database::open(url).value();
  if (db.backend() == store::Backend::sqlite) {
    ASSERT_TRUE(db.check().ok());
  }
  Service service = open_small(db);
  const auto verified = verify(db).value();
  ASSERT_TRUE(verified.good()) << verified.findings[0].what;
  std::map<std::string, int> commands;
  ASSERT_TRUE(db.read([&](store::Transaction& t) {
                  return t.query("SELECT command FROM ticket_event WHERE command IS NOT NULL", {}, [&](const store::Row& row) { ++commands[std::string(row.text(0))]; });
                }).ok());
  const Sums sums = sums_of(db);
  for (const auto n : seen.intakes) EXPECT_EQ(commands["i" + std::to_string(n)], 1) << "an acknowledged intake is lost or doubled";
  for (const auto n : seen.dispatches) EXPECT_EQ(commands["d" + std::to_string(n)], 1) << "an acknowledged dispatch is lost or doubled";
  // A dispatch arms three timers; each is still there or has fired, once.
  EXPECT_EQ(sums.timers + sums.fired, 3 * sums.dispatched) << "a timer is lost or fired twice";
}

// A shim over the system's VFS: counts writes, truncations and syncs, and at the chosen one writes half and ends the process.
struct Shim {
  static inline sqlite3_vfs* real = nullptr;
  static inline long left = -1;
  struct File {
    sqlite3_file base;
    sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static sqlite3_file* in(sqlite3_file* f) { return reinterpret_cast<File*>(f)->inner(); }
  static bool now() { return left >= 0 && left-- == 0; }
  static int write(sqlite3_file* f, const void* data, int n, sqlite3_int64 at) {
    if (now()) {
      (void)in(f)->pMethods->xWrite(in(f), data, n / 2, at);
      _exit(9);
    }
    return in(f)->pMethods->xWrite(in(f), data, n, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 n) {
    if (now()) _exit(9);
    return in(f)->pMethods->xTruncate(in(f), n);
  }
  static int sync(sqlite3_file* f, int flags) {
    if (now()) _exit(9);
    return in(f)->pMethods->xSync(in(f), flags);
  }
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
    static const sqlite3_io_methods methods = {
        3, [](sqlite3_file* x) { return in(x)->pMethods->xClose(in(x)); },
        [](sqlite3_file* x, void* d, int n, sqlite3_int64 at) { return in(x)->pMethods->xRead(in(x), d, n, at); }, write, truncate, sync,
        [](sqlite3_file* x, sqlite3_int64* n) { return in(x)->pMethods->xFileSize(in(x), n); },
        [](sqlite3_file* x, int l) { return in(x)->pMethods->xLock(in(x), l); }, [](sqlite3_file* x, int l) { return in(x)->pMethods->xUnlock(in(x), l); },
        [](sqlite3_file* x, int* r) { return in(x)->pMethods->xCheckReservedLock(in(x), r); },
        [](sqlite3_file* x, int op, void* a) { return in(x)->pMethods->xFileControl(in(x), op, a); },
        [](sqlite3_file* x) { return in(x)->pMethods->xSectorSize(in(x)); },
        [](sqlite3_file* x) { return in(x)->pMethods->xDeviceCharacteristics(in(x)); },
        [](sqlite3_file* x, int p, int n, int e, void volatile** m) { return in(x)->pMethods->xShmMap(in(x), p, n, e, m); },
        [](sqlite3_file* x, int o, int n, int l) { return in(x)->pMethods->xShmLock(in(x), o, n, l); },
        [](sqlite3_file* x) { in(x)->pMethods->xShmBarrier(in(x)); }, [](sqlite3_file* x, int d) { return in(x)->pMethods->xShmUnmap(in(x), d); },
        [](sqlite3_file*, sqlite3_int64, int, void** p) { *p = nullptr; return SQLITE_OK; }, [](sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }};
    const int rc = real->xOpen(real, name, in(f), flags, out);
    f->pMethods = in(f)->pMethods != nullptr ? &methods : nullptr;
    return rc;
  }
  static void install() {
    static sqlite3_vfs shim;
    real = sqlite3_vfs_find(nullptr);
    shim = *real;
    shim.zName = "crashing";
    shim.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
    shim.pNext = nullptr;
    shim.xOpen = open;
    sqlite3_vfs_register(&shim, 0);
  }
};

// In memory where the system has such a place: a process that ends leaves as much there as on a disk, and dies hundreds of times a second.
struct Folder {
  std::string path = (::access("/dev/shm", W_OK) == 0 ? std::string("/dev/shm") : testing::TempDir()) + "/crash_" + std::to_string(getpid());
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

// One child after another on the same file, so that each starts from what the last one's death left.
int ended_by_shim = 0;

// Says how many commands were acknowledged.
std::size_t campaign(int kills, std::uint64_t seed, const std::function<void(int child_round, Random& random)>& prepare_child,
              const std::function<void(pid_t, int pipe, Seen&, Random&)>& kill_child, const store::Options& options) {
  Folder folder;
  std::size_t acknowledged = 0;
  Random random(seed);
  std::int32_t next = 0;
  for (int round = 0; round < kills;) {
    const std::string path = folder.path + "/" + std::to_string(round) + ".db";
    Seen seen;
    for (int life = 0; life < 10 && round < kills; ++life, ++round) {
      int ends[2];
      if (pipe(ends) != 0) throw std::runtime_error("no pipe");
      const pid_t child = fork();
      if (child == 0) {
        ::close(ends[0]);
        prepare_child(round, random);
        work(path, ends[1], next, round % 2 == 0 ? 1 : 4, options);
      }
      ::close(ends[1]);
      kill_child(child, ends[0], seen, random);
      read_all(ends[0], seen);
      ::close(ends[0]);
      int status = 0;
      waitpid(child, &status, 0);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 9) ++ended_by_shim;
      next += 30;
      (void)random();
    }
    check(path, seen);
    if (testing::Test::HasFailure()) {
      std::printf("seed %llu, round %d\n", static_cast<unsigned long long>(seed), round);
      return acknowledged;
    }
    acknowledged += seen.intakes.size() + seen.dispatches.size();
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
  return acknowledged;
}

// Tables that every child would make anew.
void warm_up() { (void)open_small(store::Database::open(":memory:").value()).intake(complaint("warm")); }

}  // namespace

TEST(Crash, KilledAtRandomMoments) {
  warm_up();
  const std::size_t acknowledged = campaign(
      runs(100, 3000), 20261122, [](int, Random&) {},
      // After some of its acknowledgements, of which there are 60, and a moment; or while it opens the database.
      [](pid_t child, int pipe, Seen& seen, Random& random) {
        const auto wanted = random.below(60);
        Told told;
        for (std::uint64_t n = 0; n < wanted && ::read(pipe, &told, sizeof told) == sizeof told; ++n) seen.add(told);
        usleep(static_cast<useconds_t>(random.below(wanted == 0 ? 20'000 : 1'000)));
        ::kill(child, SIGKILL);
      },
      {});
  EXPECT_GT(acknowledged, 0u) << "every child was killed before its first acknowledgement: the test would show nothing";
}

TEST(Crash, EndedAtTheNthWriteOrSync) {
  Shim::install();
  warm_up();
  store::Options options;
  options.vfs = "crashing";
  campaign(
      runs(220, 7000), 7, [](int, Random& random) { Shim::left = static_cast<long>(random.below(400)); }, [](pid_t, int, Seen&, Random&) {}, options);
  EXPECT_GT(ended_by_shim, runs(220, 7000) / 4) << "too few children met their write: the test would show nothing";
}

namespace {

// Several processes on one database: each timer fires in one of them.
void fire_together(const std::string& url) {
  constexpr int kTickets = 40;
  {
    Service service = open_small(store::Database::open(url).value());
    for (int n = 0; n < kTickets; ++n) {
      const auto a = service.intake(complaint("i" + std::to_string(n))).value();
      ASSERT_TRUE(service.apply(dispatch_of(a.ticket, "d" + std::to_string(n))).ok());
    }
  }
  std::vector<pid_t> children;
  for (int k = 0; k < 3; ++k) {
    const pid_t child = fork();
    if (child == 0) {
      Service service = open_small(store::Database::open(url).value());
      for (int i = 0; i < 40; ++i)
        if (!service.fire_timers(at(24h), 7).ok()) _exit(1);
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  auto db = store::Database::open(url).value();
  const Sums sums = sums_of(db);
  EXPECT_EQ(sums.fired, 3 * kTickets);
  EXPECT_EQ(sums.timers, 0);
  EXPECT_TRUE(verify(db)->good());
}

}  // namespace

TEST(Crash, TwoProcessesFireEachTimerOnce) {
  Folder folder;
  fire_together(folder.path + "/two.db");
}

TEST(Crash, TwoProcessesFireEachTimerOnceOnPostgres) {
  hotline::test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  fire_together(server.url());
}

// Back ends are ended while transitions run and timers fire: what was acknowledged is there once, and every timer is accounted for.
TEST(Crash, KilledBackEndsLoseNoTransitionAndNoTimer) {
  hotline::test::PrivatePostgres server;
  if (!server.why().empty()) GTEST_SKIP() << server.why();
  const std::string url = server.url();
  auto db = store::Database::open(url).value(), killer = store::Database::open(url).value();
  Service service = open_small(db);
  const int rounds = runs(12, 400);
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{0};
  int kills = 0;
  std::thread hunt([&] {
    for (int seen = 0; !stop; std::this_thread::yield()) {
      if (acknowledged < seen + 6) continue;
      seen = acknowledged;
      ++kills;
      (void)killer.read([](store::Transaction& t) {
        return t.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() "
                       "AND query NOT LIKE '%pg_terminate%'",
                       {}, [](const store::Row&) {});
      });
    }
  });
  std::vector<Seen> seen(3);
  std::vector<std::thread> callers;
  for (int k = 0; k < 3; ++k)
    callers.emplace_back([&, k] {
      for (int i = 0; i < rounds; ++i) {
        const int n = k * 10'000 + i;
        // A caller that hears an error asks again with the same id.
        Result<Accepted> accepted = Error(ErrorCode::internal, "");
        for (int tries = 0; tries < 5 && !accepted.ok(); ++tries) accepted = service.intake(complaint("i" + std::to_string(n), std::chrono::minutes(n)));
        if (!accepted.ok()) continue;
        seen[static_cast<std::size_t>(k)].intakes.insert(n);
        ++acknowledged;
        Result<Outcome> sent = Error(ErrorCode::internal, "");
        for (int tries = 0; tries < 5 && !sent.ok(); ++tries) sent = service.apply(dispatch_of(accepted->ticket, "d" + std::to_string(n)));
        if (sent.ok()) seen[static_cast<std::size_t>(k)].dispatches.insert(n), ++acknowledged;
        if (i % 4 == 0) (void)service.fire_timers(at(2h), 5);
      }
    });
  for (auto& caller : callers) caller.join();
  stop = true;
  hunt.join();
  EXPECT_GT(kills, 0);
  Seen all;
  for (Seen& one : seen) all.intakes.merge(one.intakes), all.dispatches.merge(one.dispatches);
  EXPECT_EQ(all.dispatches.size(), static_cast<std::size_t>(3 * rounds)) << "a killed back end costs a retry, not a command";
  check(url, all);
}
