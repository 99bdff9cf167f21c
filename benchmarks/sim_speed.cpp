// Simulated calls per CPU second: the production router with full statistics, beside SimPy (a process-based simulator
// without a router) on the same centre in the same run.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "bench.hpp"
#include "hotline/sim/simulation.hpp"

namespace {

using namespace hotline;
using namespace hotline::sim;

// Teams for pairs of queues: primary first, then secondary, longest idle inside.
Model skills(const std::vector<double>& rates, const std::vector<std::pair<int, int>>& groups, int each, double handling, double patience) {
  Model m;
  m.centre.name = "bench";
  m.centre.channels.emplace_back().name = "voice";
  for (std::size_t q = 0; q < rates.size(); ++q) {
    acd::QueueDef def;
    def.name = "q" + std::to_string(q);
    def.auto_accept = true;
    const auto id = m.centre.add_queue(def);
    Stream s;
    s.name = def.name;
    s.queue = id;
    s.arrivals.per_s = {rates[q]};
    s.handling = *Distribution::exponential(handling);
    s.patience = *Distribution::exponential(patience);
    m.streams.push_back(std::move(s));
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    acd::TeamDef t;
    t.name = "g" + std::to_string(g);
    t.order = acd::ContactOrder::listed;
    const acd::QueueId first(static_cast<std::uint32_t>(groups[g].first + 1)), second(static_cast<std::uint32_t>(groups[g].second + 1));
    t.serves = {first};
    if (first != second) t.serves.push_back(second);
    const auto team = m.centre.add_team(t);
    for (int i = 0; i < each; ++i) {
      acd::AgentDef a;
      a.name = "a" + std::to_string(m.centre.agents.size());
      a.team = team;
      a.queues = {{first, 1, 1}};
      if (first != second) a.queues.push_back({second, 2, 1});
      m.centre.add_agent(std::move(a));
    }
  }
  return m;
}

Plan plan_of(double duration, std::uint32_t replications = 1) {
  Plan p;
  p.warm_up_s = 2000;
  p.duration_s = duration;
  p.replications = replications;
  p.end = Plan::End::keep_running;
  return p;
}

double calls_per_cpu_second(const Model& model, double duration) {
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const double start = bench::cpu_seconds();
    const auto report = run(model, plan_of(duration), 1).value();
    best = std::max(best, static_cast<double>(report.contacts) / (bench::cpu_seconds() - start));
  }
  return best;
}

// SimPy's calls per CPU second; NaN where there is no Python with SimPy.
double simpy(const char* what, int calls) {
  const char* python = std::getenv("HOTLINE_BENCH_PYTHON");
  const std::string command = std::string(python != nullptr ? python : HOTLINE_BENCH_PYTHON) + " " HOTLINE_BENCH_FOLDER "/baseline/simpy_calls.py " + what + " " +
                              std::to_string(calls) + " 2>/dev/null";
  double value = NAN;
  if (std::FILE* pipe = popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%lf", &value) != 1) value = NAN;
    pclose(pipe);
  }
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  std::vector<std::pair<int, int>> pairs, ring;
  for (int a = 0; a < 6; ++a)
    for (int b = 0; b < 6; ++b)
      if (a != b) pairs.emplace_back(a, b);
  for (int q = 0; q < 50; ++q)
    for (int k = 0; k < 2; ++k) ring.emplace_back(q, (q + 1 + k) % 50);
  const Model pool = skills({1.0}, {{0, 0}}, 100, 100, 200);
  const Model six = skills({0.25, 0.2, 0.15, 0.15, 0.1, 0.1}, pairs, 3, 90, 150);
  const Model thousand = skills(std::vector<double>(50, 1000 / 90.0 / 50), ring, 10, 90, 150);
  if (suite.wants("sim.mm100")) suite.report("sim.mm100", calls_per_cpu_second(pool, 1e6), "calls/CPU-s", "SimPy", simpy("mm100", 100000));
  double six_rate = 0;
  if (suite.wants("sim.six_skills") || suite.wants("sim.thousand_agents")) six_rate = calls_per_cpu_second(six, 1e6);
  if (suite.wants("sim.six_skills")) suite.report("sim.six_skills", six_rate, "calls/CPU-s", "SimPy", simpy("six_skills", 60000));
  if (suite.wants("sim.thousand_agents")) {
    const double rate = calls_per_cpu_second(thousand, 1e5);
    suite.report("sim.thousand_agents", rate, "calls/CPU-s", "SimPy", simpy("thousand_agents", 60000));
    suite.report("sim.thousand_agents.slower", six_rate / rate, "x a call", "the 90-agent case", 1, true);
  }
  if (suite.wants("sim.speedup")) {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const auto wall = [&](unsigned threads) {
      const double start = bench::wall_seconds();
      bench::keep(run(pool, plan_of(5e4, 16), threads).value().contacts);
      return bench::wall_seconds() - start;
    };
    double one = 1e300, many = 1e300;  // in turn, the best of five: whatever else the machine does hits both
    for (int i = 0; i < 5; ++i) one = std::min(one, wall(1)), many = std::min(many, wall(cores));
    suite.report("sim.speedup", one / many, "x", std::to_string(cores) + " cores", cores);
  }
  return 0;
}
