// What a backlog costs: throughput and latency with many waiting, memory, the log, recovery, the estimates.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include "acd_load.hpp"
#include "acd_rivals.hpp"
#include "bench.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace {

double steady(std::uint32_t agents, std::uint32_t waiting) {
  Load load(profiles_world(agents, 64), agents, waiting);
  return bench::rate([&](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) load.one();
  });
}

void latency(const bench::Suite& suite) {
  Load load(profiles_world(1000, 64), 1000, 100'000);
  std::vector<double> times;
  for (int i = 0; i < 200'000; ++i) {
    const auto start = std::chrono::steady_clock::now();
    load.one();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double q) { return times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))] * 1e6; };
  suite.report("acd.offer_p99", at(0.99), "us", "target of the design", 20, true);
  suite.report("acd.offer_p999", at(0.999), "us", "target of the design", 200, true);
}

void memory(const bench::Suite& suite) {
  const auto used = [] { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); };
  Events events;
  const Definition few = profiles_world(1000, 64), many = profiles_world(101'000, 64);
  const double start = used();
  Router small(few, events);
  const double one = used() - start;
  Router big(many, events);
  suite.report("acd.bytes_per_agent", (used() - start - 2 * one) / 100'000, "B", "target of the design", 512, true);
  const double before = used();
  for (int i = 0; i < 1'000'000; ++i) {
    (void)big.enqueue({.queue = QueueId{1 + static_cast<std::uint32_t>(i % 64)}}, time_from_ns(1'700'000'000'000'000'000 + i));
    events.clear();
  }
  suite.report("acd.bytes_per_contact", (used() - before) / 1'000'000, "B", "target of the design", 256, true);
}

// What the disk itself takes: 99th percentile of appending 20 kB and fdatasync once a millisecond, in ms.
double sync_p99(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  const std::string block(20'000, 'x');
  std::vector<double> times;
  for (const double start = bench::wall_seconds(); bench::wall_seconds() - start < 1.5;) {
    const double t = bench::wall_seconds();
    if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) break;
    times.push_back(bench::wall_seconds() - t);
    while (bench::wall_seconds() - t < 0.001) {
    }
  }
  ::close(fd);
  ::unlink(path.c_str());
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[times.size() * 99 / 100] * 1e3;
}

void journal(const bench::Suite& suite) {
  const std::string path = (std::filesystem::temp_directory_path() / ("bench_acd_" + std::to_string(::getpid()))).string();
  Events events;
  {
    auto log = Log::open(path).value();
    auto router = log.recover(profiles_world(1000, 64), events).value();
    const auto run = [&](const Command& c) {
      (void)log.append(c);
      return execute(router, c);
    };
    std::int64_t now = 1'700'000'000'000'000'000;
    for (std::uint32_t a = 1; a <= 1000; ++a) run({.verb = Verb::login, .at = now, .agent = a}), run({.verb = Verb::ready, .at = now, .agent = a});
    Random random(1);
    const auto one = [&] {
      now += 1'000'000;
      events.clear();
      const Done entered = run(to_command({.queue = QueueId{1 + static_cast<std::uint32_t>(random.below(64))}}, time_from_ns(now)));
      if (!events.empty() && events.back().type == EventType::offered) run({.verb = Verb::accept, .at = now, .contact = events.back().offer.value});
      run({.verb = Verb::ended, .at = now + 1, .contact = entered.contact.value});
    };
    // As many as it carries, a group commit each millisecond.
    const double start = bench::wall_seconds();
    double batch = start;
    std::size_t done = 0;
    for (double t = start; t - start < 1.5; t = bench::wall_seconds()) {
      one(), ++done;
      if (t - batch < 0.001) continue;
      (void)log.sync();
      batch = bench::wall_seconds();
    }
    (void)log.sync();
    const double rate = static_cast<double>(done) / (bench::wall_seconds() - start);
    // 50,000 a second, evenly: from the moment when one should come until it is on the disk.
    std::vector<double> acks;
    const double paced = bench::wall_seconds();
    batch = paced;
    std::vector<double> open;
    for (double t = paced; t - paced < 2; t = bench::wall_seconds()) {
      for (double due; (due = paced + static_cast<double>(acks.size() + open.size()) / 50'000) <= t; open.push_back(due)) one();
      if (t - batch < 0.001) continue;
      (void)log.sync();
      batch = bench::wall_seconds();
      for (const double due : open) acks.push_back(batch - due);
      open.clear();
    }
    std::sort(acks.begin(), acks.end());
    const double bare = sync_p99(path + ".bare");
    suite.report("acd.journal", rate, "1/s", "target of the design", 50'000);
    suite.report("acd.journal_ack_p99", acks.empty() ? 0 : acks[acks.size() * 99 / 100] * 1e3, "ms", "p99 of a bare append of 20 kB + fdatasync each ms, same run", bare, true);
  }
  {
    auto log = Log::open(path).value();
    Recovered what;
    const double start = bench::cpu_seconds();
    auto router = log.recover(profiles_world(1000, 64), events, &what).value();
    suite.report("acd.recovery", static_cast<double>(what.commands) / (bench::cpu_seconds() - start), "commands/s", "target of the design", 1'000'000);
  }
  std::filesystem::remove(path);
  Load load(profiles_world(1000, 64), 1000, 100'000);
  const std::string state = load.router().save();
  const double start = bench::wall_seconds();
  Router other(profiles_world(1000, 64), events);
  const bool good = other.restore(state).ok();
  suite.report("acd.recovery.100000_waiting", good ? bench::wall_seconds() - start : 1e9, "s", "target of the design", 1, true);
}

// The mean absolute error of the median said at entry, over those who waited and were answered. Beside it: the fading
// mean of past holds + 30 s (app_queue's announcement, at entry), and mean talk x queued / signed on (call_center's).
struct Stream {
  QueueId queue;
  RequirementId needs;
  double low, high;  // arrivals a second; they take turns every 5,000 arrivals
};
struct Errors {
  double ours = 0, fading = 0, talk = 0;
};
Errors estimates(Router& router, Events& events, const std::vector<Stream>& streams) {
  const std::size_t agents = router.definition().agents.size();
  WaitEstimator estimator(router.definition());
  Random random(77);
  std::int64_t now = 1'700'000'000'000'000'000;
  for (std::uint32_t a = 1; a <= agents; ++a) (void)router.login(AgentId{a}, time_from_ns(now)), (void)router.ready(AgentId{a}, time_from_ns(now));
  struct Later {
    std::int64_t at;
    int kind;  // 0 arrival, 1 end, 2 patience
    ContactId contact;
    std::size_t stream;
    bool operator<(const Later& o) const { return at > o.at; }
  };
  std::vector<Later> heap;
  const auto push = [&](Later l) { heap.push_back(l), std::push_heap(heap.begin(), heap.end()); };
  struct Said {
    double ours = -1, fading = -1, talk = -1;
  };
  std::unordered_map<std::uint64_t, Said> said;
  struct Rival {  // what those two know: a queue, no requirement
    double hold = 0, talk = 0;
    std::size_t talks = 0;
  };
  std::vector<Rival> rivals(router.definition().queues.size());
  Errors errors;
  std::size_t scored = 0;
  const auto ns = [](double s) { return static_cast<std::int64_t>(s * 1e9); };
  for (std::size_t i = 0; i < streams.size(); ++i) push({now, 0, {}, i});
  for (int arrivals = 0; arrivals < 60'000;) {
    std::pop_heap(heap.begin(), heap.end());
    const Later next = heap.back();
    heap.pop_back();
    now = next.at;
    events.clear();
    if (next.kind == 0) {
      ++arrivals;
      const Stream& stream = streams[next.stream];
      const Rival& rival = rivals[stream.queue.value - 1];
      const WaitEstimate e = estimator.estimate(stream.queue, {.requirement = stream.needs});
      const auto queued = static_cast<double>(router.queue(stream.queue)->waiting);
      const auto id = router.enqueue({.queue = stream.queue, .requires_ = stream.needs}, time_from_ns(now));
      if (router.contact(*id)->state == ContactState::waiting) {
        if (e.p50 && rival.talks > 100)
          said[id->value] = {static_cast<double>(e.p50->count()) * 1e-9, rival.hold + 30, rival.talk / static_cast<double>(rival.talks) * (queued + 1) / static_cast<double>(agents)};
        push({now + ns(random.exponential(200)), 2, *id, 0});
      }
      push({now + ns(random.exponential(1 / ((arrivals / 5000) % 2 == 0 ? stream.low : stream.high))), 0, {}, next.stream});
    } else if (next.kind == 1) {
      (void)router.ended(next.contact, time_from_ns(now));
    } else if (const auto view = router.contact(next.contact); view && view->state == ContactState::waiting) {
      (void)router.abandon(next.contact, time_from_ns(now));
    }
    for (std::size_t seen = 0; seen < events.size(); ++seen) {
      const Event e = events[seen];
      estimator.add(e);
      if (e.type != EventType::accepted) continue;
      const double waited = static_cast<double>(e.value) * 1e-9;
      if (const auto s = said.find(e.contact.value); s != said.end()) {
        errors.ours += std::abs(s->second.ours - waited), errors.fading += std::abs(s->second.fading - waited), errors.talk += std::abs(s->second.talk - waited);
        ++scored;
        said.erase(s);
      }
      Rival& rival = rivals[e.queue.value - 1];
      rival.hold = (3 * rival.hold + waited) / 4;
      const double talk = random.exponential(90);
      rival.talk += talk, ++rival.talks;
      push({now + ns(talk), 1, e.contact, 0});
    }
  }
  const double n = std::max<double>(1, static_cast<double>(scored));
  return {errors.ours / n, errors.fading / n, errors.talk / n};
}

void estimates(const bench::Suite& suite) {
  const auto report = [&](const std::string& name, const Errors& e) {
    suite.report(name, e.ours, "s", "fading mean of holds + 30 s (app_queue as described)", e.fading, true);
    suite.report(name + ".talk", e.ours, "s", "mean talk x queued / signed on (call_center as described)", e.talk, true);
  };
  Events events;
  const auto agents = [](Definition& d, int n, std::vector<SkillLevel> skills, std::vector<Membership> queues = {}) {
    for (int i = 0; i < n; ++i) d.add_agent({.name = "a" + std::to_string(d.agents.size()), .skills = skills, .queues = queues});
  };
  {  // M/M/50+M, steps between 95 % and 122 % of what 50 agents of 90 s carry
    Definition d;
    d.add_channel({.name = "voice"});
    d.add_queue({.name = "q", .auto_accept = true});
    agents(d, 50, {});
    Router router(d, events);
    report("acd.ewt", estimates(router, events, {{QueueId{1}, {}, 0.53, 0.68}}));
  }
  {  // one queue, one in eight needs a skill that few have
    Definition d;
    d.add_channel({.name = "voice"});
    d.add_queue({.name = "q", .auto_accept = true});
    const SkillId yi = d.add_skill("yi");
    agents(d, 42, {}), agents(d, 8, {{yi, 80}});
    Router router(d, events);
    report("acd.ewt.skills", estimates(router, events, {{QueueId{1}, {}, 0.45, 0.53}, {QueueId{1}, router.require("skill.yi >= 50").value(), 0.05, 0.08}}));
  }
  {  // two queues, a third of the agents serve both
    Definition d;
    d.add_channel({.name = "voice"});
    d.add_queue({.name = "general", .auto_accept = true}), d.add_queue({.name = "pension", .auto_accept = true});
    agents(d, 20, {}, {{.queue = QueueId{1}}}), agents(d, 14, {}, {{.queue = QueueId{2}}}), agents(d, 16, {}, {{.queue = QueueId{1}}, {.queue = QueueId{2}}});
    Router router(d, events);
    report("acd.ewt.shared", estimates(router, events, {{QueueId{1}, {}, 0.28, 0.38}, {QueueId{2}, {}, 0.25, 0.3}}));
  }
}

// ns a life-cycle against the number of agents and of those who wait: the claim is a flat table.
void table(const bench::Suite& suite) {
  double first = 0;
  for (const std::uint32_t agents : {100u, 1000u, 10'000u, 100'000u})
    for (const std::uint32_t waiting : {100u, 10'000u, 1'000'000u}) {
      Load load(profiles_world(agents, 64), agents, waiting);
      const double rate = bench::rate([&](std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) load.one();
      }, 0.15);
      if (first == 0) first = 1e9 / rate;
      suite.report("acd.table." + std::to_string(agents) + "_agents." + std::to_string(waiting) + "_waiting", 1e9 / rate, "ns", "100 agents, 100 waiting", first, true);
    }
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (suite.wants("acd.table")) table(suite);
  if (suite.wants("acd.backlog")) {
    const double few = steady(1000, 100);
    for (const std::uint32_t waiting : {10'000u, 1'000'000u}) suite.report("acd.backlog." + std::to_string(waiting), steady(1000, waiting), "1/s", "the same with 100 waiting", few);
    const double many = steady(1000, 1'000'000);
    suite.report("acd.backlog_ratio", few / many, "x slower", "target of the design", 1.5, true);
  }
  if (suite.wants("acd.offer_p99")) latency(suite);
  if (suite.wants("acd.bytes_per_agent")) memory(suite);
  if (suite.wants("acd.journal") || suite.wants("acd.recovery")) journal(suite);
  if (suite.wants("acd.ewt")) estimates(suite);
  return 0;
}
