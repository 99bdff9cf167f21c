// What the ticket benchmarks share: a small workflow, tickets in numbers, callers, and what the disk does by itself.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench.hpp"
#include "hotline/ticket/service.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"

namespace bench {

using namespace hotline;
using namespace hotline::ticket;

// A transition with everything a real one has: state, event, a timer re-armed, an outbox row.
inline constexpr const char* kPingPong = R"(
workflow: ping
roles: [a]
fields: {category: string, level: string}
regions: {main: {states: {A: {owner: a, timers: t}, B: {owner: a, timers: t}, END: {final: true}}}}
timers: {t: {after: 1h, raise: tick}}
events: {go: {}, tick: {internal: true}, stop: {}}
transitions:
  - {on: go, from: A, to: B, loops: a benchmark, do: [{notify: moved}]}
  - {on: go, from: B, to: A, loops: a benchmark, do: [{notify: moved}]}
  - {on: tick, from: [A, B], loops: a benchmark, do: [{notify: late}]}
  - {on: stop, from: [A, B], to: END}
public_status: {A: {code: a, zh: a, en: a}, B: {code: b, zh: b, en: b}, END: {code: closed, zh: c, en: c}}
)";

struct Folder {
  std::string path = std::filesystem::temp_directory_path() / ("hotline_bench_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

inline Time start() { return *parse_time("2026-11-23T08:00:00+08:00"); }

inline Service open(const std::string& url) {
  Diagnostics d("ping");
  const auto definition = workflow::Definition::parse(kPingPong, "ping", d).value();
  return Service::open(store::Database::open(url).value(), {}, {&definition, 1}).value();
}

// The n-th complaint, n minutes after the start.
inline Intake intake(int n) {
  Intake in;
  in.at = start() + std::chrono::minutes(n);
  in.category = "c" + std::to_string(n % 50);
  in.area = "3702" + std::to_string(10 + n % 10);
  in.title = "第" + std::to_string(n) + "号诉求：路灯不亮";
  in.content = "市民反映附近道路路灯不亮，影响夜间出行，希望尽快维修。编号" + std::to_string(static_cast<long>(n) * 7919 % 10007);
  in.citizen.phone = "139" + std::to_string(10'000'000 + n);
  in.citizen.name = "市民" + std::to_string(n);
  return in;
}

inline std::vector<TicketId> make(Service& s, int n, int first = 0) {
  std::vector<std::thread> threads;
  std::vector<TicketId> ids(static_cast<std::size_t>(n));
  std::atomic<int> next{0};
  for (int k = 0; k < 64; ++k)
    threads.emplace_back([&] {
      for (int i; (i = next++) < n;) {
        const Intake in = intake(first + i);
        ids[static_cast<std::size_t>(i)] = s.intake(in).value().ticket;
      }
    });
  for (auto& t : threads) t.join();
  return ids;
}

// The n-th of a series in no order.
inline std::uint64_t mixed(int caller, long n) {
  std::uint64_t x = (static_cast<std::uint64_t>(caller) << 40 | static_cast<std::uint64_t>(n)) * 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
  return x ^ x >> 32;
}

// Command ids either begin with the time, as UUIDv7 does, or come in no order, as UUIDv4: their index takes a page a group or a
// page a command.
enum class Ids { by_time, random };
inline std::string id_of(Ids ids, int caller, long n) {
  char text[40];
  const std::uint64_t any = mixed(caller, n);
  std::snprintf(text, sizeof text, "%012lx-%016lx", ids == Ids::by_time ? static_cast<unsigned long>(n) : any >> 16, any);
  return text;
}

struct Run {
  double rate = 0, cpu = 0;  // a second; microseconds of processor time each
};

// Transitions a second of a thread for each of the tickets, always the same; or, where there are more than `callers`, each time on any
// of them. `round` makes the command ids unique.
inline Run transitions(Service& s, const std::vector<TicketId>& tickets, double seconds, Ids ids_are, long round, int callers = 0) {
  const bool any = callers > 0;
  if (!any) callers = static_cast<int>(tickets.size());
  std::atomic<bool> stop{false};
  std::atomic<long> done{0};
  std::vector<std::thread> threads;
  const double begin = wall_seconds(), cpu = cpu_seconds();
  for (int k = 0; k < callers; ++k)
    threads.emplace_back([&, k] {
      Command c;
      c.actor = {"agent:1", {"a"}, ""};
      c.ticket = tickets[static_cast<std::size_t>(k)];
      c.event = "go";
      for (long i = round * 1'000'000; !stop; ++i) {
        c.id = id_of(ids_are, k, i);
        if (any) c.ticket = tickets[mixed(k, i) % tickets.size()];
        c.at = start() + std::chrono::seconds(i);
        if (!s.apply(c).ok()) std::abort();
        ++done;
      }
    });
  while (wall_seconds() - begin < seconds) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop = true;
  for (auto& t : threads) t.join();
  return {static_cast<double>(done) / (wall_seconds() - begin), (cpu_seconds() - cpu) / static_cast<double>(done) * 1e6};
}

// What the disk does: 8 KiB written over and over in a file that has its size, and synced.
inline double fdatasync_rate(const std::string& folder, double seconds) {
  const std::string path = folder + "/sync";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  const std::string block(8192, 'x');
  for (int i = 0; i < 512; ++i) (void)!::pwrite(fd, block.data(), block.size(), i * 8192);
  ::fsync(fd);
  long n = 0;
  const double begin = wall_seconds();
  while (wall_seconds() - begin < seconds) {
    (void)!::pwrite(fd, block.data(), block.size(), n % 512 * 8192);
    ::fdatasync(fd);
    ++n;
  }
  const double rate = static_cast<double>(n) / (wall_seconds() - begin);
  ::close(fd);
  return rate;
}

inline double mean_ms(int n, const std::function<void(int)>& body) {
  const double begin = wall_seconds();
  for (int i = 0; i < n; ++i) body(i);
  return (wall_seconds() - begin) / n * 1e3;
}

}  // namespace bench
