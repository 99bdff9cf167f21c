// Life-cycles: enqueue, offer, accept, end, wrap-up end, all five events delivered, one core.
#include "acd_load.hpp"
#include "acd_rivals.hpp"
#include "bench.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace {

// The same calls by a scan over all agents, without offers, events, timers or statistics.
double scan_rate(std::uint32_t agents) {
  const Definition d = profiles_world(agents, 64);
  rivals::LinearScan scan;
  for (const AgentDef& a : d.agents) {
    std::uint64_t skills = 0;
    for (const SkillLevel& s : a.skills) skills |= std::uint64_t{1} << (s.skill.value - 1);
    scan.agents.push_back({skills, 0, true});
  }
  Random random(11);
  std::vector<int> talks;
  std::size_t head = 0;
  std::int64_t now = 0;
  return bench::rate([&](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const int a = scan.select(std::uint64_t{1} << random.below(64));
      if (a >= 0) scan.agents[static_cast<std::size_t>(a)].idle = false, talks.push_back(a);
      if (talks.size() - head > agents * 9 / 10 || a < 0) {
        auto& done = scan.agents[static_cast<std::size_t>(talks[head++])];
        done.idle = true, done.idle_since = ++now;
      }
      if (head > 1u << 20) talks.erase(talks.begin(), talks.begin() + static_cast<std::ptrdiff_t>(head)), head = 0;
    }
  }, 0.2);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  for (const std::uint32_t agents : {100u, 1000u, 10000u, 100000u}) {
    const std::string name = "acd.lifecycle." + std::to_string(agents);
    if (!suite.wants(name)) continue;
    Load load(profiles_world(agents, 64), agents * 9 / 10, 0);
    const double value = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) load.one();
    });
    suite.report(name, value, "1/s", "scan over all agents, no events", scan_rate(agents));
  }
  if (suite.wants("acd.adversarial.10000")) {
    std::vector<Requirement> needs;
    const Definition d = adversarial_world(10000, 64, needs);
    rivals::LinearScan scan;
    for (const AgentDef& a : d.agents) {
      std::uint64_t skills = 0;
      for (const SkillLevel& s : a.skills) skills |= std::uint64_t{1} << (s.skill.value - 1);
      scan.agents.push_back({skills, static_cast<std::int64_t>(scan.agents.size()), true});
    }
    Random random(3);
    const double baseline = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) bench::keep(scan.select(std::uint64_t{1} << random.below(64)));
    }, 0.2);
    Load load(d, 9000, 0, needs);
    const double value = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) load.one();
    });
    suite.report("acd.adversarial.10000", value, "1/s", "one-skill scan over all agents, no events", baseline);
  }
  if (suite.wants("acd.dispatch.100")) {
    // 100 agents, 200 waiting: our drain against the work of the polling SQL dispatcher's passes and the caller loops.
    rivals::SqlDispatcher sql(100);
    long clock = 0;
    int member = 0;
    for (int i = 0; i < 200; ++i) sql.join(member++, clock);
    const double sql_rate = bench::rate([&](std::size_t n) {
      for (std::size_t done = 0; done < n;) {
        const int matched = sql.pass(++clock);
        done += static_cast<std::size_t>(matched);
        sql.all_end(clock);
        for (int i = 0; i < matched; ++i) sql.join(member++, clock);
      }
    }, 0.2);
    rivals::CallerLoop loop;
    loop.members.resize(100);
    std::size_t looks = 0;
    const double loop_rate = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {  // 200 callers look once each; the first hundred find somebody
        const int m = loop.look(looks++ % 200);
        if (m >= 0) loop.members[static_cast<std::size_t>(m)].last_call = static_cast<std::int64_t>(looks);
        bench::keep(m);
      }
    }, 0.2) / 2;
    Load load(profiles_world(100, 4), 100, 200);
    const double value = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) load.one();
    });
    suite.report("acd.dispatch.100", value, "1/s", "polling SQL dispatcher, CPU only (no 100 ms pauses)", sql_rate);
    suite.report("acd.dispatch.100.callers", value, "1/s", "per-caller ring loop, CPU only (no 1 s pauses)", loop_rate);
  }
  return 0;
}
