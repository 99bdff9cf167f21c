// tests/scenario/sim/*.scn through C++; C (capi/sim_scenarios.c) and Python run the same files.
#include "hotline/base/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "hotline/sim/session.hpp"

using namespace hotline;

namespace {

// "" where it holds.
std::string run(const std::filesystem::path& path) {
  const Scenario scenario = load_scenario(path.string()).value();
  sim::Session session(sim::load_experiment((path.parent_path() / scenario.given.at(0)).string()).value());
  std::vector<SessionEvent> events;
  std::size_t next = 0;
  for (const ScenarioStep& step : scenario.steps) {
    const std::string line = path.filename().string() + ":" + std::to_string(step.line) + ": ";
    if (step.expected) session.advance(step.at);
    else if (const Status status = session.apply(step.at, step.verb, step.fields); !status.ok()) return line + status.error().text();
    for (auto& e : session.take_events()) events.push_back(std::move(e));
    if (!step.expected) continue;
    if (step.verb == "nothing") {
      if (next < events.size()) return line + "something happened: " + events[next].verb + " " + events[next].fields;
      continue;
    }
    if (next == events.size()) return line + "did not come: " + step.verb;
    const auto& e = events[next++];
    if (e.at != step.at || e.verb != step.verb || !matches(step.fields, parse_document(e.fields, "event").value()))
      return line + "came: @" + to_string(e.at) + " " + e.verb + " " + e.fields;
  }
  return next == events.size() ? "" : "more came: " + events[next].verb + " " + events[next].fields;
}

TEST(Scenario, EveryFileHolds) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/tests/scenario/sim")) {
    if (entry.path().extension() != ".scn") continue;
    ++files;
    EXPECT_EQ(run(entry.path()), "");
  }
  EXPECT_GE(files, 2);
}

TEST(Scenario, ACommandThatCannotBeSaysWhy) {
  sim::Session s(sim::load_experiment(HOTLINE_SOURCE_DIR "/tests/scenario/sim/given/judge.yaml").value());
  EXPECT_EQ(s.apply(Duration{}, "pull", "{}").error().code(), ErrorCode::not_found);
  EXPECT_EQ(s.apply(Duration{}, "push", R"({"queue":"x","team":"desk"})").error().code(), ErrorCode::not_found);
  EXPECT_EQ(s.apply(Duration{}, "push", R"({"queue":"general","team":"desk"})").error().code(), ErrorCode::wrong_state);
  EXPECT_FALSE(s.apply(Duration{}, "push", "{}").ok());
  EXPECT_THROW(sim::Session(sim::Experiment(), 3), Exception);
}

}  // namespace
