#include <gtest/gtest.h>

#include "hotline/sim/experiment.hpp"
#include "hotline/sim/replay.hpp"

using namespace hotline;
using namespace hotline::sim;

namespace {

const char* kTwo = R"(experiment: two
replications: 6
duration: 2h
warm_up: 10m
centre:
  queues:
    a: {auto_accept: true}
    b: {auto_accept: true}
crew:
  one: {agents: 8, queues: {a: 1}}
  both: {agents: 6, queues: {b: 1, a: 2}, order: listed, serves: [b, a]}
streams:
  a: {arrivals: {per_hour: 160}, handling: 200s, patience: 100s}
  b: {arrivals: {per_hour: 60, busyness: 0.05}, handling: {dist: lognormal, mean: 220s, scv: 1.2}, handling_by_team: {both: 230s}, patience: never}
variants:
  more:
    crew: {one: {agents: 12}}
  apart:
    crew: {both: {queues: {a: null}, serves: [b]}}
)";

TEST(Experiment, VariantsDifferInWhatTheySayAndAreComparedPaired) {
  const auto e = parse_experiment(kTwo, "two.yaml");
  ASSERT_TRUE(e.ok()) << e.error().text();
  ASSERT_EQ(e->variants.size(), 3u);
  EXPECT_EQ(e->variants[1].model.centre.agents.size(), 18u);
  EXPECT_EQ(e->variants[2].model.centre.agents.back().queues.size(), 1u);
  const auto c = run_experiment(*e, 2);
  ASSERT_TRUE(c.ok()) << c.error().text();
  const auto d = difference(c->outcomes[0].report, c->outcomes[1].report, "a.sl_offered");
  EXPECT_GT(d->low(), 0);
  EXPECT_NE(c->to_text().find("more minus base"), std::string::npos);
  EXPECT_FALSE(c->outcomes[0].report.figure("nobody.sl_offered").ok());
  EXPECT_EQ(run_experiment(*e, 1)->to_json(), c->to_json());
}

TEST(Experiment, ComplaintsHavePlaceAndRemedy) {
  for (const auto& [from, to, code] : {std::tuple("queues: {a: 1}", "queues: {z: 1}", ""), {"per_hour: 160", "per_hour: -3", "S103"}, {"handling: 200s", "handling: 200", "S101"},
                                       {"streams:", "streems:", "D002"}, {"handling_by_team: {both", "handling_by_team: {nobody", "S106"}, {"duration: 2h", "duration: 2", "D003"}}) {
    std::string text = kTwo;
    text.replace(text.find(from), std::string(from).size(), to);
    Diagnostics d("two.yaml");
    const auto e = parse_experiment(text, "two.yaml", &d);
    EXPECT_FALSE(e.ok()) << to;
    EXPECT_NE(d.to_text().find(code), std::string::npos) << d.to_text();
    EXPECT_NE(d.to_text().find("two.yaml:"), std::string::npos) << d.to_text();
  }
}

TEST(Experiment, TeamsAreStaffedBySimulation) {
  std::string text = kTwo;
  text = text.substr(0, text.find("variants:"));
  text.replace(text.find("agents: 8"), 9, "agents: 30");
  text.replace(text.find("agents: 6"), 9, "agents: 30");
  const auto e = parse_experiment(text, "two.yaml");
  ASSERT_TRUE(e.ok()) << e.error().text();
  const auto s = staff_teams(e->variants[0].model, e->variants[0].plan, {"sl_offered", {0.85}, {}, 120}, {4, 3});
  ASSERT_TRUE(s.ok()) << s.error().text();
  EXPECT_TRUE(s->met);
  for (const double level : s->levels) EXPECT_GE(level, 0.85);
  EXPECT_LT(s->agents[0] + s->agents[1], 22u);
  EXPECT_GT(s->agents[0] + s->agents[1], 13u);  // the load alone is 12.6
}

TEST(Experiment, EverySkillEverywhereIsOnePoolCallByCall) {
  const auto text = [](const char* queues, const char* order) {
    return std::string("experiment: x\nduration: 3h\nreplications: 1\ncentre: {queues: {a: {auto_accept: true}, b: {auto_accept: true}}}\ncrew: {all: {agents: 9, queues: ") +
           queues + ", order: " + order + "}}\nstreams:\n  a: {arrivals: {per_hour: 90}, handling: 180s, patience: 90s}\n  b: {arrivals: {per_hour: 80}, handling: 180s, patience: 90s, queue: " +
           (std::string(queues) == "{a: 1}" ? "a" : "b") + "}\n";
  };
  const auto records = [&](const std::string& t) {
    const auto e = parse_experiment(t, "x.yaml");
    EXPECT_TRUE(e.ok()) << e.error().text();
    Simulation s(e->variants[0].model, e->variants[0].plan);
    std::vector<std::pair<double, double>> out;
    s.on_contact([&](const ContactRecord& c) { out.emplace_back(c.arrival_s, c.wait_s); });
    s.run();
    return out;
  };
  const auto two_queues = records(text("{a: 1, b: 1}", "first_come")), one_queue = records(text("{a: 1}", "first_come"));
  ASSERT_GT(two_queues.size(), 400u);
  EXPECT_EQ(two_queues, one_queue);
}

TEST(Experiment, ANewNameChangesNothing) {
  std::string renamed = kTwo;
  for (std::size_t at; (at = renamed.find("both")) != std::string::npos;) renamed.replace(at, 4, "pair");
  const auto a = run_experiment(*parse_experiment(kTwo, "a"), 1), b = run_experiment(*parse_experiment(renamed, "a"), 1);
  EXPECT_EQ(a->outcomes[0].report.cells, b->outcomes[0].report.cells);
}

TEST(Replay, ALogOfOneQuietDayIsReproduced) {
  std::string csv = "arrival_ts,priority,wait_s,outcome,service_s,agent\n";
  for (int i = 0; i < 60; ++i) {
    char line[96];
    std::snprintf(line, sizeof line, "2026-01-05T%02d:%02d:00,0,0,AGENT,40,a%d\n", 8 + i / 30, i * 2 % 60, i % 2);
    csv += line;
  }
  const auto r = replay(*wfm::read_calls(csv, "log.csv"));
  ASSERT_TRUE(r.ok()) << r.error().text();
  ASSERT_EQ(r->days.size(), 1u);
  EXPECT_EQ(r->days[0].offered, 60);
  EXPECT_DOUBLE_EQ(r->days[0].logged_sl, 1);
  EXPECT_GT(r->days[0].simulated_sl, 0.95);
  EXPECT_FALSE(replay({}).ok());
}

}  // namespace
