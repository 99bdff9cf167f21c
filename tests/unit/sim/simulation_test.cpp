#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "hotline/sim/simulation.hpp"
#include "hotline/wfm/queueing.hpp"

using namespace hotline;
using namespace hotline::sim;

namespace {

Distribution mean(double s) { return *Distribution::exponential(s); }

// One queue, one team.
Model pool(double rate, double handling, int agents, double patience) {
  Model m;
  m.centre.name = "pool";
  m.centre.channels.emplace_back().name = "voice";
  acd::QueueDef q;
  q.name = "general";
  q.auto_accept = true;
  const auto queue = m.centre.add_queue(q);
  const auto team = m.centre.add_team({.name = "team", .order = acd::ContactOrder::first_come, .serves = {queue}});
  for (int i = 0; i < agents; ++i) {
    acd::AgentDef a;
    a.name = "a" + std::to_string(i);
    a.team = team;
    a.queues = {{queue, 1, 1}};
    m.centre.add_agent(a);
  }
  Stream s;
  s.name = "calls";
  s.queue = queue;
  s.arrivals.per_s = {rate};
  s.handling = mean(handling);
  if (patience > 0) s.patience = mean(patience);
  m.streams.push_back(s);
  return m;
}

Plan steady(double duration, std::uint32_t replications = 1) {
  Plan p;
  p.seed = 20261122;
  p.warm_up_s = 2000;
  p.duration_s = duration;
  p.replications = replications;
  p.end = Plan::End::keep_running;
  return p;
}

double sum(const Report& r, Count c) {
  double total = 0;
  for (std::size_t s = 0; s < r.streams.size(); ++s) total += r.total(r.column(s, c));
  return total;
}

TEST(Simulation, OfferedIsWhatBecameOfThem) {
  Model m = pool(0.5, 100, 36, 60);
  m.trunks.push_back({"lines", 50, acd::kNoLimit});
  m.streams[0].trunk = 1;
  m.streams[0].redial = {0.4, mean(300), 2};
  m.streams[0].callback = {0.3, 20, 10};
  m.streams[0].ivr = {0.2, 0.05, mean(30), true};
  Plan p;
  p.duration_s = 20000;
  p.interval_s = 1000;
  const auto r = run(m, p, 1);
  ASSERT_TRUE(r.ok()) << r.error().text();
  const double offered = sum(*r, Count::offered);
  EXPECT_GT(offered, 9000);
  EXPECT_EQ(offered, sum(*r, Count::answered) + sum(*r, Count::abandoned) + sum(*r, Count::blocked) + sum(*r, Count::in_ivr_finished) +
                         sum(*r, Count::in_ivr_left) + sum(*r, Count::overflowed) + sum(*r, Count::unfinished));
  EXPECT_EQ(sum(*r, Count::unfinished), 0);
  for (const Count c : {Count::answered, Count::abandoned, Count::blocked, Count::in_ivr_finished, Count::in_ivr_left, Count::redials, Count::callbacks})
    EXPECT_GT(sum(*r, c), 0) << to_string(c);
}

TEST(Simulation, SamplePathIdentitiesHoldContactByContact) {
  Model m = pool(0.45, 100, 45, 80);
  m.streams.push_back(m.streams[0]);
  m.streams[1].name = "more";
  Plan p;
  p.duration_s = 30000;
  p.agent_statistics = true;
  m.streams[0].arrivals.per_s = m.streams[1].arrivals.per_s = {0.25};
  Simulation s(m, p);
  std::map<std::uint32_t, double> last_start;
  double waits = 0, talk = 0;
  std::size_t answered = 0, fcfs_broken = 0;
  double latest_arrival = -1;
  std::map<double, double> started;  // start of service -> arrival
  s.on_contact([&](const ContactRecord& c) {
    waits += c.wait_s;
    if (c.outcome != Count::answered) return;
    ++answered;
    talk += c.handling_s;
    fcfs_broken += c.arrival_s < latest_arrival;  // the callback comes at the start of service, in order
    latest_arrival = c.arrival_s;
    EXPECT_GE(c.arrival_s + c.wait_s, last_start[c.agent] - 1e-9);  // one contact at a time
    last_start[c.agent] = c.arrival_s + c.wait_s + c.handling_s;
  });
  double queue_time = 0, before = 0;
  std::uint32_t length = 0;
  while (s.run_until(before + 1.0)) {
    length = s.waiting(0);
    queue_time += length;
    before += 1.0;
  }
  const Report r = s.report();
  EXPECT_EQ(fcfs_broken, 0u);
  EXPECT_EQ(static_cast<double>(answered), sum(r, Count::answered));
  EXPECT_NEAR(waits, sum(r, Count::wait), 1e-6 * waits);
  EXPECT_NEAR(queue_time, waits, 0.03 * waits);  // integral of the queue, sampled each second
  double busy = 0, agents = 0;
  for (std::size_t i = 0; i < r.agents.size(); ++i) agents += r.total(r.agent_column(i, Work::busy));
  busy = r.total(r.team_column(0, Work::busy));
  EXPECT_NEAR(busy, agents, 1e-6 * busy);
  EXPECT_LE(busy, talk + 1e-6);
  EXPECT_NEAR(r.total(r.team_column(0, Work::on_duty)), 45 * 30000.0, 1e-3);
}

TEST(Simulation, MeetsErlangA) {
  const Model m = pool(0.8, 60, 50, 120);
  Plan p = steady(40000, 20);
  const auto r = run(m, p, 0);
  ASSERT_TRUE(r.ok());
  const auto exact = *wfm::erlang_a({0.8, 60, 120, {}}, 50, 20);
  const auto near = [&](const char* name, double value) {
    const auto e = *r->figure(std::string("calls.") + name);
    EXPECT_LT(std::abs(e.value - value), 4 * e.standard_error) << name;
    EXPECT_LT(e.standard_error, 0.05 * value) << name << ": too vague to say anything";
  };
  near("p_wait", exact.p_wait);
  near("p_abandon", exact.p_abandon);
  near("sl_offered", exact.sl_offered);
  near("sl_excluding_short_abandons", exact.sl_excluding_short_abandons);
  near("mean_wait_all_s", exact.mean_wait_s);
  near("mean_queue", exact.mean_queue);
  EXPECT_NEAR(r->figure("team.occupancy")->value, exact.occupancy, 0.01);
}

TEST(Simulation, WaitsOfTheDelayedAreExponentialInMMn) {
  const Model m = pool(0.45, 100, 50, 0);
  Plan p = steady(std::getenv("HOTLINE_NIGHTLY") != nullptr ? 4e6 : 4e5);
  Simulation s(m, p);
  std::vector<double> waits;
  int k = 0;
  s.on_contact([&](const ContactRecord& c) {
    if (c.wait_s > 0 && c.outcome == Count::answered && ++k % 40 == 0) waits.push_back(c.wait_s);  // thinned: waits follow each other
  });
  s.run();
  ASSERT_GT(waits.size(), 300u);
  std::sort(waits.begin(), waits.end());
  double d = 0;
  const auto n = static_cast<double>(waits.size());
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const double f = 1 - std::exp(-waits[i] * (50 / 100.0 - 0.45));
    d = std::max({d, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  EXPECT_LT(d * std::sqrt(n), 1.95) << "Kolmogorov-Smirnov, 0.1 % level";
}

TEST(Estimate, Mser5CutsTheWarmUp) {
  Model m = pool(0.95, 100, 100, 0);  // begins empty, ends with queues
  Plan p;
  p.duration_s = 60000;
  p.interval_s = 60;
  p.replications = 20;
  p.end = Plan::End::keep_running;
  const Report r = *run(m, p);
  std::vector<double> busy;
  for (std::size_t i = 0; i < r.intervals; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < r.replications; ++k) sum += r.at(k * r.intervals + i, r.team_column(0, Work::busy));
    busy.push_back(sum);
  }
  const std::size_t cut = mser5(busy);
  EXPECT_GE(cut, 5u);   // the first minutes are emptier: handling takes 100 s
  EXPECT_LT(cut, 250u);
  EXPECT_EQ(cut % 5, 0u);
  EXPECT_EQ(mser5(std::vector<double>(100, 3.0)), 0u);
  EXPECT_EQ(mser5({1, 2, 3}), 0u);
}

// An agent with two chats at once is two agents; chats of 50 units beside calls of 100 share the same people.
TEST(Simulation, ChannelsTakeTheirShareOfAnAgent) {
  Model m = pool(0.2, 100, 10, 80);
  m.centre.channels.push_back({.name = "chat", .units = 50});
  m.streams[0].channel = acd::ChannelId(2);
  const auto r = *run(m, steady(40000, 10));
  const auto exact = *wfm::erlang_a({0.2, 100, 80, {}}, 20, 20);
  const auto e = *r.figure("calls.p_abandon");
  EXPECT_NEAR(e.value, exact.p_abandon, 4 * e.standard_error);
  EXPECT_GT(exact.p_abandon, 0.05);
}

// Citizens of a site meet its agents only: two centres that do not know each other.
TEST(Simulation, SitesAndRequirementsPartTheCentre) {
  Model m = pool(0.1, 100, 22, 80);
  const auto east = m.centre.add_site({.name = "east", .parent = {}}), west = m.centre.add_site({.name = "west", .parent = {}});
  const auto yi = m.centre.add_skill("yi");
  for (std::size_t i = 0; i < 22; ++i) m.centre.agents[i].site = i < 9 ? east : west;
  for (std::size_t i = 9; i < 22; ++i) m.centre.agents[i].skills = {{yi, 80}};
  m.streams.push_back(m.streams[0]);
  m.streams[0].site = east;
  m.streams[0].requires_ = "agent.site == contact.site";
  m.streams[1].name = "yi speakers";
  m.streams[1].site = east;
  m.streams[1].requires_ = "skill.yi >= 50";
  const auto r = *run(m, steady(40000, 10));
  const auto near = [&](const char* name, int servers) {
    const auto exact = *wfm::erlang_a({0.1, 100, 80, {}}, servers, 20);
    const auto e = *r.figure(std::string(name) + ".mean_wait_all_s");
    EXPECT_NEAR(e.value, exact.mean_wait_s, 4 * e.standard_error) << name;
    EXPECT_LT(e.standard_error, 0.1 * exact.mean_wait_s);
  };
  near("calls", 9);
  near("yi speakers", 13);
  m.streams[1].requires_ = "skill.unknown >= 50";
  EXPECT_FALSE(run(m, steady(100)).ok());
}

// Queue overflow after a time: who is moved is served there and counted once.
TEST(Simulation, OverflowBetweenQueuesKeepsThePeople) {
  Model m = pool(0.3, 100, 26, 0);
  acd::QueueDef province;
  province.name = "province";
  province.auto_accept = true;
  const auto second = m.centre.add_queue(province);
  const auto team = m.centre.add_team({.name = "province", .order = acd::ContactOrder::first_come, .serves = {second}});
  for (int i = 0; i < 12; ++i) m.centre.add_agent({.name = "p" + std::to_string(i), .team = team, .queues = {{second, 1, 1}}});
  m.centre.queues[0].max_wait = std::chrono::seconds(30);
  acd::OverflowDef onwards;
  onwards.kind = acd::OverflowKind::queue;
  onwards.queue = second;
  m.centre.queues[0].overflow = {onwards};
  const auto r = *run(m, steady(20000));
  EXPECT_GT(r.total(r.share_column(0, 1)), 50);
  EXPECT_EQ(r.total(r.column(0, Count::offered)), r.total(r.column(0, Count::answered)));
  EXPECT_EQ(r.total(r.share_column(0, 0)) + r.total(r.share_column(0, 1)), r.total(r.column(0, Count::answered)));
}

// Lines: with as many lines as agents nobody waits (Erlang B); redials come back as the same people.
TEST(Simulation, TrunksBlockAsErlangBAndRedialsTryAgain) {
  Model m = pool(0.3, 100, 30, 0);
  m.trunks.push_back({"lines", 30, acd::kNoLimit});
  m.streams[0].trunk = 1;
  const auto r = *run(m, steady(40000, 10));
  const auto e = *r.figure("calls.p_blocked");
  EXPECT_NEAR(e.value, *wfm::erlang_b(30, 30), 4 * e.standard_error);
  EXPECT_EQ(r.total(r.column(0, Count::queued)), 0);
  // Who is blocked tries once more, always: everybody's second attempt is a redial.
  m.streams[0].redial = {1.0, mean(60), 1};
  const auto again = *run(m, steady(40000, 10));
  const double offered = again.total(again.column(0, Count::offered)), redials = again.total(again.column(0, Count::redials));
  const double blocked = again.total(again.column(0, Count::blocked));
  EXPECT_GT(redials, 0.1 * offered);
  EXPECT_LT(redials, blocked);
  EXPECT_GT(blocked / offered, *wfm::erlang_b(30, 30));
}

// Callbacks keep their place: nobody who asked for one hangs up, and the order is that of arrival.
TEST(Simulation, CallbacksKeepTheirPlace) {
  Model m = pool(0.35, 100, 30, 60);
  m.streams[0].callback = {1.0, 20, 10};
  Simulation s(m, steady(20000));
  double latest = -1;
  std::size_t late_hang_ups = 0, out_of_order = 0;
  s.on_contact([&](const ContactRecord& c) {
    late_hang_ups += c.outcome == Count::abandoned && c.wait_s > 20.001;
    if (c.outcome != Count::answered) return;
    out_of_order += c.arrival_s < latest;
    latest = c.arrival_s;
  });
  s.run();
  const Report r = s.report();
  EXPECT_GT(r.total(r.column(0, Count::callbacks)), 100);
  EXPECT_EQ(late_hang_ups, 0u);
  EXPECT_EQ(out_of_order, 0u);
}

// Handling times of agents and teams, and a sample instead of a formula, are the times that are simulated.
TEST(Simulation, HandlingByAgentAndEmpirical) {
  Model m = pool(0.1, 100, 2, 0);
  m.streams[0].handling = *Distribution::empirical({40, 60, 200});
  m.streams[0].mean_by_agent_s = {50, 200};  // the same shape, half as long and twice as long
  Plan p;
  p.duration_s = 30000;
  Simulation s(m, p);
  std::map<std::uint32_t, std::map<long, int>> seen;
  s.on_contact([&](const ContactRecord& c) { ++seen[c.agent][std::lround(c.handling_s)]; });
  s.run();
  for (const auto& [agent, factor] : {std::pair(1u, 0.5), {2u, 2.0}}) {
    ASSERT_EQ(seen[agent].size(), 3u);
    for (const double x : {40.0, 60.0, 200.0}) EXPECT_GT(seen[agent][std::lround(x * factor)], 30) << agent;
  }
}

TEST(Simulation, SameBytesForAnyNumberOfThreads) {
  const Model m = pool(0.5, 100, 45, 60);
  const Plan p = steady(5000, 8);
  const auto one = run(m, p, 1), two = run(m, p, 2), seven = run(m, p, 7);
  ASSERT_TRUE(one.ok() && two.ok() && seven.ok());
  EXPECT_EQ(one->to_json(), two->to_json());
  EXPECT_EQ(one->to_json(), seven->to_json());
  EXPECT_EQ(one->cells, seven->cells);
  Plan other = p;
  other.seed = 7;
  EXPECT_NE(run(m, other, 2)->cells, one->cells);
}

TEST(Simulation, ScalingTimeChangesNothingElse) {
  Model m = pool(0.5, 100, 45, 64), slow = pool(0.25, 200, 45, 128);
  Plan p = steady(8000), q = steady(16000);
  p.warm_up_s = 2000, q.warm_up_s = 4000, p.threshold_s = 16, q.threshold_s = 32;
  const auto a = *run(m, p, 1), b = *run(slow, q, 1);
  EXPECT_EQ(a.total(a.column(0, Count::answered)), b.total(b.column(0, Count::answered)));
  EXPECT_EQ(a.total(a.column(0, Count::within)), b.total(b.column(0, Count::within)));
  EXPECT_NEAR(2 * a.total(a.column(0, Count::wait)), b.total(b.column(0, Count::wait)), 1e-3);
}

TEST(Simulation, OneMoreAgentNeverLowersTheServiceLevel) {
  const Plan p = steady(8000, 10);
  const auto fewer = *run(pool(0.5, 100, 48, 60), p), more = *run(pool(0.5, 100, 49, 60), p);
  const auto d = *difference(fewer, more, "calls.sl_offered");
  EXPECT_GT(d.low(), 0);
  const auto unpaired = std::hypot(fewer.figure("calls.sl_offered")->standard_error, more.figure("calls.sl_offered")->standard_error);
  EXPECT_LT(d.standard_error, 0.5 * unpaired);  // common random numbers pay
}

TEST(Simulation, ShiftsBreaksAndStaffingDecideWhoIsThere) {
  Model m = pool(0.2, 100, 30, 60);
  Plan p;
  p.duration_s = 7200;
  p.interval_s = 1800;
  p.agent_statistics = true;
  for (std::uint32_t i = 1; i <= 30; ++i) m.shifts.push_back({acd::AgentId(i), 0, i <= 15 ? 3600.0 : 7200.0, {}});
  m.shifts[20].breaks_s = {{1800, 3600}};
  const auto r = *run(m, p, 1);
  EXPECT_NEAR(r.at(0, r.team_column(0, Work::on_duty)), 30 * 1800.0, 1);
  EXPECT_LT(r.at(1, r.team_column(0, Work::on_duty)), 30 * 1800.0 - 1000);
  EXPECT_LT(r.at(3, r.team_column(0, Work::on_duty)), 15 * 1800.0 + 2000);
  Model n = pool(0.2, 100, 30, 60);
  n.staffing.push_back({acd::TeamId(1), 1800, {10, 30, 20, 5}, false});
  const auto t = *run(n, p, 1);
  EXPECT_NEAR(t.at(0, t.team_column(0, Work::on_duty)), 10 * 1800.0, 1);
  EXPECT_NEAR(t.at(1, t.team_column(0, Work::on_duty)), 30 * 1800.0, 1);
  EXPECT_LT(t.at(3, t.team_column(0, Work::on_duty)), 12 * 1800.0);
}

TEST(Simulation, ATraceIsReplayedWithItsOwnTimes) {
  Model m = pool(0.2, 100, 1, 0);
  m.streams[0].arrivals.per_s.clear();
  m.streams[0].arrivals.trace = {{10, 30, -1, 0, 1}, {20, 30, -1, 0, 2}, {25, 30, 5, 0, 3}};
  Plan p;
  p.duration_s = 600;
  Simulation s(m, p);
  std::vector<ContactRecord> all;
  s.on_contact([&](const ContactRecord& c) { all.push_back(c); });
  s.run();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].outcome, Count::abandoned);
  EXPECT_EQ(all[1].row, 3u);
  EXPECT_NEAR(all[1].wait_s, 5, 1e-9);
  EXPECT_NEAR(all[2].wait_s, 20, 1e-9);
}

TEST(Simulation, AWhatIfBeginsWhereTheLiveCentreStands) {
  const Model m = pool(0.5, 100, 3, 0);
  acd::Events events;
  acd::Router live(m.centre, events);
  const Time t0 = m.start;
  std::vector<acd::ContactId> contacts;
  for (std::uint32_t i = 1; i <= 3; ++i) live.login(acd::AgentId(i), t0), live.ready(acd::AgentId(i), t0);
  for (int i = 0; i < 10; ++i) {
    acd::Enqueue e;
    e.queue = acd::QueueId(1);
    contacts.push_back(*live.enqueue(e, t0 + std::chrono::seconds(i)));
  }
  const Snapshot snapshot = take_snapshot(live, contacts, m, t0 + std::chrono::seconds(60));
  EXPECT_EQ(snapshot.waiting.size(), 7u);
  EXPECT_EQ(snapshot.talking.size(), 3u);
  EXPECT_NEAR(snapshot.waiting[0].since_s, 57, 1e-6);
  Model more = m;
  more.streams[0].arrivals.per_s = {0.001};
  Plan p;
  p.duration_s = 3600;
  Simulation s(more, p, 0, &snapshot);
  EXPECT_EQ(s.waiting(0), 7u);
  EXPECT_EQ(s.idle(0), 0u);
  s.run();
  EXPECT_GE(s.report().total(s.report().column(0, Count::answered)), 7);
}

TEST(Simulation, AModelThatCannotBeSaysWhy) {
  Model m = pool(0.5, 100, 3, 0);
  m.streams[0].queue = acd::QueueId(9);
  m.shifts.push_back({acd::AgentId(1), 10, 5, {}});
  const auto r = run(m, steady(100));
  ASSERT_FALSE(r.ok());
  Diagnostics d;
  m.validate(d);
  EXPECT_EQ(d.error_count(), 2u);
  EXPECT_NE(d.to_text().find("S106"), std::string::npos);
  Plan p = steady(100);
  p.duration_s = -1;
  EXPECT_FALSE(run(pool(0.5, 100, 3, 0), p).ok());
}

}  // namespace
