#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "hotline/base/scenario.hpp"
#include "hotline/kb/command.hpp"

using namespace hotline;

// The same files run through C (tests/capi/kb_scenarios.c) and Python (tests/python/test_kb.py).
TEST(Scenario, EveryFile) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/tests/scenario/kb")) {
    if (entry.path().extension() != ".scn") continue;
    ++files;
    const Scenario scenario = load_scenario(entry.path().string()).value();
    kb::KnowledgeBase base = kb::KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value();
    std::vector<kb::Event> events;
    std::size_t next = 0;
    for (const ScenarioStep& step : scenario.steps) {
      const std::string where = entry.path().filename().string() + ":" + std::to_string(step.line);
      if (!step.expected) {
        events = kb::apply(base, Time{step.at}, step.verb, step.fields).value();
        next = 0;
      } else if (step.verb == "nothing") {
        EXPECT_EQ(next, events.size()) << where;
      } else {
        ASSERT_LT(next, events.size()) << where;
        const Node event = parse_document(events[next].json.empty() ? "{}" : events[next].json, "event").value();
        EXPECT_EQ(events[next].type, step.verb) << where;
        EXPECT_TRUE(matches(step.fields, event)) << where << ": " << events[next].json;
        ++next;
      }
    }
  }
  EXPECT_GE(files, 2);
}
