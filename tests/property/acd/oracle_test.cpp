// The real router against exact values: M/M/n+M, M/M/n, FCFS-ALIS, and the two ends of Wallace and Whitt's experiment ("A staffing
// algorithm for call centers with skill-based routing", M&SOM 7, 2005): one skill an agent is separate queues, all skills
// are one queue, and two skills are nearly as good as all. Seeds are fixed; |z| <= 4.5 and small errors are asked for.
#include <gtest/gtest.h>

#include "property/acd/call_centre.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace {

Definition pool(std::uint32_t agents, AgentOrder order) {
  Definition d;
  d.add_channel({.name = "voice"});
  d.add_queue({.name = "q", .agents = order, .auto_accept = true});
  for (std::uint32_t a = 0; a < agents; ++a) d.add_agent({.name = "a" + std::to_string(a)});
  return d;
}

void compare(const CallCentre::Result& r, const ErlangA& exact) {
  EXPECT_LE(std::abs(r.waited.z(exact.waited)), 4.5) << r.waited.mean << " " << exact.waited;
  EXPECT_LE(std::abs(r.wait.z(exact.wait)), 4.5) << r.wait.mean << " " << exact.wait;
  EXPECT_LE(r.waited.error, 0.02 * exact.waited);
  EXPECT_LE(r.wait.error, 0.05 * exact.wait);
  if (exact.abandoned > 0) {
    EXPECT_LE(std::abs(r.abandoned.z(exact.abandoned)), 4.5) << r.abandoned.mean << " " << exact.abandoned;
    EXPECT_LE(r.abandoned.error, 0.05 * exact.abandoned);
  }
}

// 60 agents, six types in equal measure; agent i has the skills i, i + 1 ... of six.
CallCentre::Result wallace_whitt(std::uint32_t skills_each, double load, std::size_t arrivals) {
  Definition d;
  d.add_channel({.name = "voice"});
  for (std::uint32_t s = 0; s < 6; ++s) {
    QueueDef q{.name = "q" + std::to_string(s), .auto_accept = true};
    q.steps.push_back({Requirement::skill(d.add_skill("s" + std::to_string(s)))});
    d.add_queue(q);
  }
  for (std::uint32_t a = 0; a < 60; ++a) {
    AgentDef def{.name = "a" + std::to_string(a)};
    for (std::uint32_t s = 0; s < skills_each; ++s) def.skills.push_back({SkillId{1 + (a % 6 + s * (1 + a / 30)) % 6}, 100});
    d.add_agent(def);
  }
  CallCentre centre(std::move(d), std::vector<double>(6, load / 6 / 100), 100, 0, 2005);
  return centre.run(5000, arrivals);
}

}  // namespace

TEST(Oracle, ErlangA) {
  for (const AgentOrder order : {AgentOrder::longest_idle, AgentOrder::random, AgentOrder::fewest_contacts}) {  // the order of agents does not matter
    CallCentre centre(pool(20, order), {0.22}, 100, 150, 11);
    compare(centre.run(5000, 100'000), ErlangA(0.22, 100, 150, 20));
    EXPECT_TRUE(centre.router().check().ok());
  }
}

TEST(Oracle, ErlangC) {
  CallCentre centre(pool(10, AgentOrder::least_talk), {0.08}, 100, 0, 12);
  compare(centre.run(5000, 300'000), ErlangA(0.08, 100, 0, 10));
}

TEST(Oracle, WallaceWhitt) {
  constexpr double kLoad = 52;  // of 60 agents
  const auto one = wallace_whitt(1, kLoad, 100'000), two = wallace_whitt(2, kLoad, 100'000), all = wallace_whitt(6, kLoad, 100'000);
  const ErlangA separate(kLoad / 6 / 100, 100, 0, 10), together(kLoad / 100, 100, 0, 60);
  EXPECT_LE(std::abs(one.wait.z(separate.wait)), 4.5) << one.wait.mean << " " << separate.wait;
  EXPECT_LE(std::abs(all.wait.z(together.wait)), 4.5) << all.wait.mean << " " << together.wait;
  EXPECT_LE(std::abs(all.waited.z(together.waited)), 4.5);
  // Two skills close most of the gap.
  const double closed = (separate.wait - two.wait.mean) / (separate.wait - together.wait);
  EXPECT_GE(closed, 0.8) << "separate " << separate.wait << " s, two skills " << two.wait.mean << " s, together " << together.wait << " s";
  EXPECT_LE(closed, 1.0);
}

// Three types and four agents who overlap: the product form knows who waits how long.
TEST(Oracle, FcfsAlis) {
  const std::vector<std::uint32_t> may = {0b0011, 0b1110, 0b1000};
  const std::vector<double> rates = {0.012, 0.012, 0.005};
  const FcfsAlis alone({0.03}, {0b1111}, 100, 4);  // one type, all agents: Erlang C
  EXPECT_NEAR(alone.wait[0], ErlangA(0.03, 100, 0, 4).wait, 1e-9);
  EXPECT_NEAR(alone.waited, ErlangA(0.03, 100, 0, 4).waited, 1e-12);
  Definition d;
  d.add_channel({.name = "voice"});
  for (int i = 0; i < 4; ++i) d.add_agent({.name = "a" + std::to_string(i)});
  for (std::size_t type = 0; type < may.size(); ++type) {
    QueueDef q{.name = "q" + std::to_string(type), .auto_accept = true};
    const SkillId skill = d.add_skill("s" + std::to_string(type));
    q.steps.push_back({Requirement::skill(skill)});
    d.add_queue(q);
    for (std::uint32_t a = 0; a < 4; ++a)
      if (may[type] >> a & 1) d.agents[a].skills.push_back({skill, 100});
  }
  CallCentre centre(std::move(d), rates, 100, 0, 2014);
  const auto seen = centre.run(5000, 500'000);
  const FcfsAlis exact(rates, may, 100, 4);
  EXPECT_LE(std::abs(seen.waited.z(exact.waited)), 4.5) << seen.waited.mean << " " << exact.waited;
  for (std::size_t type = 0; type < may.size(); ++type) {
    EXPECT_LE(std::abs(seen.waits[type].z(exact.wait[type])), 4.5) << type << ": " << seen.waits[type].mean << " " << exact.wait[type];
    EXPECT_LE(seen.waits[type].error, 0.03 * exact.wait[type]);
  }
}

// The same streams through two queues with all skills everywhere, and through one queue: the same waits, call by call.
TEST(Oracle, AllSkillsAreOneQueue) {
  const auto six = wallace_whitt(6, 55, 20'000);
  const auto again = wallace_whitt(6, 55, 20'000);
  EXPECT_EQ(six.wait.mean, again.wait.mean);
  double low = six.waits[0].mean, high = low;
  for (const Observed& w : six.waits) low = std::min(low, w.mean), high = std::max(high, w.mean);
  EXPECT_LE(high, 1.25 * low);  // first come over all queues: no type waits longer than another
}
