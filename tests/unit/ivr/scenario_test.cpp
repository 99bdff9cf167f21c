// The scenario files of tests/scenario/ivr, run through C++ (tests/capi and tests/python run the same ones).
#include <deque>
#include <filesystem>
#include <sstream>

#include "fixture.hpp"
#include "hotline/base/scenario.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

TEST(Scenarios, AllOfThem) {
  const std::filesystem::path folder = std::string(HOTLINE_SOURCE_DIR) + "/tests/scenario/ivr";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".scn") continue;
    ++files;
    const auto scenario = load_scenario(entry.path().string());
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    auto loaded = Flow::load((folder / scenario->given[0]).string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().text();
    Switchboard board(*loaded);
    std::deque<Node> events;
    const auto take = [&](const std::string& lines) {
      std::istringstream in(lines);
      for (std::string line; std::getline(in, line);) events.push_back(parse_document(line, "event").value());
    };
    for (const ScenarioStep& step : scenario->steps) {
      const std::string where = entry.path().string() + ":" + std::to_string(step.line);
      const Time now = monday() + step.at;
      take(board.advance(now));
      if (!step.expected) {
        EXPECT_TRUE(events.empty()) << where << ": unexpected " << events.front().to_json();
        const auto done = board.apply(step.verb, step.fields, now);
        ASSERT_TRUE(done.ok()) << where << ": " << done.error().text();
        take(*done);
        continue;
      }
      if (step.verb == "nothing") {
        EXPECT_TRUE(events.empty()) << where;
        continue;
      }
      ASSERT_FALSE(events.empty()) << where << ": nothing happened";
      EXPECT_EQ(events.front().find("type")->text(), step.verb) << where;
      EXPECT_TRUE(matches(step.fields, events.front())) << where << ": " << events.front().to_json();
      events.pop_front();
    }
    EXPECT_TRUE(events.empty()) << entry.path();
  }
  EXPECT_GE(files, 2u);
}
