// The simulator against Markov chains solved exactly: every rule of the reference format, with or without a case of its own.
#include <gtest/gtest.h>

#include <cstdlib>

#include "hotline/base/json.hpp"
#include "hotline/sim/golden.hpp"
#include "unit/sim/ctmc.hpp"

using namespace hotline;

namespace {

double contacts() { return std::getenv("HOTLINE_NIGHTLY") != nullptr ? 8e6 : 3e5; }

std::string list(const std::vector<double>& v) {
  std::string out = "[";
  for (std::size_t i = 0; i < v.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, v[i] > 0 ? "%.17g" : "null", v[i]);
    out += (i > 0 ? "," : "") + std::string(v[i] == 0 ? "0" : number);
  }
  return out + "]";
}
std::string list(const std::vector<int>& v) { return list(std::vector<double>(v.begin(), v.end())); }

// Runs one case of the reference format: at most 4 standard errors each. The entries of a case hang together, so that coverage
// says something over several cases only.
std::pair<std::size_t, std::size_t> covered;  // of
void check(const std::string& id, const std::string& model, const std::string& expected) {
  const std::string text = "{\"cases\":[{\"id\":\"" + id + "\",\"family\":\"chain\",\"model\":" + model + ",\"expected\":" + expected + "}]}";
  const auto document = parse_document(text, "case.json");
  EXPECT_TRUE(document.ok()) << text;
  sim::GoldenOptions options;
  options.contacts = contacts();
  static std::uint64_t seed = 7;
  options.seed = ++seed;  // cases of one seed meet the same people
  const auto report = sim::run_golden(*document, options);
  EXPECT_TRUE(report.ok());
  for (const auto& c : report->cases) {
    EXPECT_EQ(c.problem, "") << id;
    EXPECT_EQ(c.how.find("not understood"), std::string::npos) << c.how;
    for (const auto& e : c.entries) EXPECT_TRUE(e.holds) << id << "\n" << report->to_text();
  }
  covered.first += report->simulated_covered;
  covered.second += report->simulated_entries;
}

ctmc::Pools pools() {
  ctmc::Pools m;
  m.lambda = {0.030, 0.026};
  m.patience = {60, 80};
  m.agents = {3, 3};
  m.handling = {{100, 130}, {140, 115}};
  m.preference = {{0, 1}, {1, 0}};
  m.order = {{0, 1}, {1, 0}};
  m.room = 14;
  return m;
}

std::string model_of(const ctmc::Pools& m) {
  std::string handling = "[", preference = "[", order = "[", reserve = "{";
  for (std::size_t c = 0; c < m.lambda.size(); ++c) handling += (c > 0 ? "," : "") + list(m.handling[c]), preference += (c > 0 ? "," : "") + list(m.preference[c]);
  for (std::size_t p = 0; p < m.agents.size(); ++p) order += std::string(p > 0 ? "," : "") + (m.longest_queue ? "[\"LQF\"," + list(m.order[p]) + "]" : list(m.order[p]));
  for (const auto& [who, k] : m.reserve)
    reserve += (reserve.size() > 1 ? "," : "") + std::string("\"") + std::to_string(who.first) + "," + std::to_string(who.second) + "\":" + std::to_string(k);
  return "{\"lambda_per_s\":" + list(m.lambda) + ",\"mean_patience_s\":" + list(m.patience) + ",\"pool_agents\":" + list(m.agents) + ",\"aht_s_class_by_pool\":" + handling +
         "],\"class_pool_preference\":" + preference + "],\"pool_class_order\":" + order + "],\"threshold_reserve\":" + reserve + "}}";
}

std::string expected_of(const ctmc::PoolNumbers& n) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("classes").begin_array();
  for (const auto& c : n.classes) {
    json.begin_object().field("p_wait", c.p_wait).field("p_abandon", c.p_abandon).field("mean_queue", c.mean_queue).field("mean_wait_all_s", c.mean_wait).key("share_by_pool").begin_array();
    for (const double s : c.share) json.value(s);
    json.end_array().end_object();
  }
  json.end_array().key("pools").begin_array();
  for (const double o : n.occupancy) json.begin_object().field("occupancy", o).end_object();
  json.end_array().end_object();
  return out;
}

// The chain itself: the reference file's exact N-model.
TEST(Exact, TheChainGivesThePublishedNModel) {
  ctmc::Pools m;
  m.lambda = {0.05, 0.04};
  m.patience = {90, 90};
  m.agents = {6, 5};
  m.handling = {{120, 140}, {0, 130}};
  m.preference = {{0, 1}, {1}};
  m.order = {{0}, {1, 0}};
  m.room = 30;
  const auto n = ctmc::PoolChain(m).solve();
  EXPECT_NEAR(n.classes[0].p_wait, 0.3695315265742945, 1e-8);
  EXPECT_NEAR(n.classes[1].p_abandon, 0.2754936060645236, 1e-8);
  EXPECT_NEAR(n.occupancy[1], 0.9055655319696889, 1e-8);
}

TEST(Exact, PoolsByOrderLongestQueueAndReserves) {
  ctmc::Pools m = pools();
  check("x order", model_of(m), expected_of(ctmc::PoolChain(m).solve()));
  m.longest_queue = true;
  const auto longest = ctmc::PoolChain(m).solve();
  check("x longest queue", model_of(m), expected_of(longest));
  m.longest_queue = false;
  m.reserve = {{{0, 1}, 1}, {{1, 0}, 2}};
  const auto reserved = ctmc::PoolChain(m).solve();
  check("x reserves", model_of(m), expected_of(reserved));
  m.longest_queue = true;
  m.reserve = {{{0, 1}, 1}};
  check("x longest queue and reserves", model_of(m), expected_of(ctmc::PoolChain(m).solve()));
  EXPECT_GT(std::abs(longest.classes[0].p_wait - reserved.classes[0].p_wait), 0.01);  // the rules do differ
  EXPECT_GE(covered.first, 0.75 * static_cast<double>(covered.second));
}

TEST(Exact, AgentsByEveryRule) {
  using Rule = ctmc::Agents::Rule;
  std::vector<double> first_occupancy;
  covered = {};
  for (const auto& [rule, name] : {std::pair(Rule::longest_idle, "LISF"), {Rule::most_recently_idle, "MISF"}, {Rule::random, "RANDOM"}, {Rule::fastest, "FASTEST"}, {Rule::fewest_skills, "FEWESTSKILLS"}}) {
    for (const bool longest_queue : {false, true}) {
      ctmc::Agents m;
      m.rule = rule;
      m.lambda = {0.011, 0.009};
      m.patience = {90, 110};
      m.handling = {150, 100, 120, 140};
      m.skills = {{0, 1}, {0}, {0, 1}, {1}};
      m.longest_queue = longest_queue;
      m.room = 5;
      const auto n = ctmc::AgentChain(m).solve();
      std::string skills = "[";
      for (const auto& s : m.skills) skills += (skills.size() > 1 ? "," : "") + list(s);
      const std::string model = "{\"lambda_per_s\":" + list(m.lambda) + ",\"mean_patience_s\":" + list(m.patience) + ",\"agent_aht_s\":" + list(m.handling) + ",\"agent_skills\":" + skills +
                                "],\"waiting_room\":5,\"agent_selection\":\"" + name + "\",\"queue\":\"" + (longest_queue ? "LQF, ties by the lower class" : "global FCFS over skills of freed agent") + "\"}";
      std::string expected;
      JsonWriter json(expected);
      json.begin_object().key("classes").begin_array();
      for (std::size_t c = 0; c < 2; ++c)
        json.begin_object().field("p_wait", n.p_wait[c]).field("p_blocked", n.p_blocked[c]).field("p_abandon", n.p_abandon[c]).field("mean_queue", n.mean_queue[c]).end_object();
      json.end_array().key("agent_occupancy").begin_array();
      for (const double o : n.occupancy) json.value(o);
      json.end_array().end_object();
      check(std::string(name) + (longest_queue ? " longest queue" : ""), model, expected);
      if (!longest_queue) first_occupancy.push_back(n.occupancy[0]);
    }
  }
  EXPECT_GE(covered.first, 0.85 * static_cast<double>(covered.second)) << covered.first << " of " << covered.second;
  for (std::size_t i = 1; i < first_occupancy.size(); ++i) EXPECT_GT(std::abs(first_occupancy[i] - first_occupancy[0]), 1e-4);
}

// Where a formula and the simulator can both answer: uniform patience, finite rooms, lognormal service, priorities.
TEST(Exact, FormulasAndTheSimulatorAgree) {
  const char* cases[] = {
      R"({"lambda_per_s":0.5,"aht_s":100,"servers":48,"patience":{"dist":"uniform","upper_s":90}})",
      R"({"lambda_per_s":0.3,"aht_s":120,"servers":30,"mean_patience_s":100,"waiting_room":6,"sl_threshold_s":20})",
      R"({"lambda_per_s":0.006,"servers":1,"service":{"dist":"lognormal","mean_s":120,"scv":1.5}})",
      R"({"lambda_per_s":[0.02,0.03],"aht_s":150,"servers":10,"sl_threshold_s":20})",
      R"({"lambda_per_s":0.5,"aht_s":100,"servers":52,"patience":{"dist":"lognormal","mean_s":90,"scv":1.2},"sl_threshold_s":15})",
  };
  for (const char* model : cases) {
    const bool two = std::string(model).find('[') != std::string::npos, one_server = std::string(model).find("\"servers\":1,") != std::string::npos;
    std::string expected = two ? R"({"classes":[{"p_wait":0,"mean_wait_s":0,"service_level":0},{"p_wait":0,"mean_wait_s":0,"service_level":0}]})"
                           : one_server ? R"({"p_wait":0,"mean_wait_s":0,"mean_queue":0,"occupancy":0})"
                                        : R"({"p_wait":0,"p_abandon":0,"p_blocked":0,"mean_wait_all_s":0,"mean_queue":0,"occupancy":0})";
    sim::GoldenOptions options;
    options.contacts = 2 * contacts();
    options.simulate_all = true;
    const std::string text = "{\"cases\":[{\"id\":\"x\",\"family\":\"any\",\"model\":" + std::string(model) + ",\"expected\":" + expected + "}]}";
    const auto report = *sim::run_golden(*parse_document(text, "x"), options);
    ASSERT_EQ(report.cases.size(), 1u);
    ASSERT_EQ(report.cases[0].problem, "") << model;
    const auto& entries = report.cases[0].entries;  // simulated first, then by formula
    ASSERT_EQ(entries.size() % 2, 0u);
    const std::size_t half = entries.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const auto &simulated = entries[i], &exact = entries[half + i];
      ASSERT_EQ(simulated.metric, exact.metric);
      const double error = (simulated.high - simulated.low) / 2 / 1.998;  // Student's t of 63 degrees
      EXPECT_LE(std::abs(simulated.value - exact.value), 4 * error + 1e-12) << model << " " << simulated.metric << " " << simulated.value << " " << exact.value;
    }
  }
}

TEST(Exact, WordsListsAndFieldsThatNobodyKnows) {
  const auto run = [](const std::string& model) {
    sim::GoldenOptions options;
    options.contacts = 2e4;
    const auto document = parse_document("{\"cases\":[{\"id\":\"x\",\"family\":\"any\",\"model\":" + model + ",\"expected\":{\"p_wait\":0.5}}]}", "x");
    return sim::run_golden(*document, options)->cases.at(0);
  };
  EXPECT_EQ(run(R"({"lambda_per_s":0.1,"aht_s":100,"servers":9,"mean_patience_s":100,"service":"exponential"})").how, "formula");
  const auto words = run(R"({"lambda_per_s":0.1,"aht_s":100,"servers":9,"mean_patience_s":100,"service":"lognormal, scv 2.0"})");
  const auto mapping = run(R"({"lambda_per_s":0.1,"aht_s":100,"servers":9,"mean_patience_s":100,"service":{"dist":"lognormal","scv":2}})");
  ASSERT_EQ(words.problem, "");
  EXPECT_EQ(words.entries[0].value, mapping.entries[0].value);
  EXPECT_EQ(run(R"({"lambda_per_s":[0.05,0.05],"aht_s":100,"servers":9,"patience":[{"dist":"uniform","upper_s":90},{"dist":"deterministic","upper_s":60}]})").problem, "");
  EXPECT_NE(run(R"({"lambda_per_s":0.1,"aht_s":100,"servers":9,"service":"zeta"})").problem, "");
  EXPECT_NE(run(R"({"lambda_per_s":0.1,"aht_s":100,"servers":9,"service":"lognormal"})").problem, "");
  EXPECT_NE(run(R"({"lambda_per_s":[0.1],"aht_s":100,"pool_agents":[9],"colour":"red"})").how.find("not understood: colour"), std::string::npos);
}

}  // namespace
