// tests/scenario/workflow/*.scn through C++; C (capi/workflow_scenario.c) and Python run the same files.
#include "hotline/base/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "hotline/workflow.hpp"

namespace hotline::workflow {
namespace {

// "" where it holds. An expected event must come at its time and in its order; others may come between.
std::string run(const std::filesystem::path& path) {
  const Scenario scenario = load_scenario(path.string()).value();
  std::vector<Calendar> calendars;
  for (std::size_t i = 1; i < scenario.given.size(); ++i)
    calendars.push_back(Calendar::load((path.parent_path() / scenario.given[i]).string()).value());
  Session session(Definition::load((path.parent_path() / scenario.given[0]).string()).value(), calendars);
  std::vector<SessionEvent> events;
  std::size_t next = 0;
  for (const ScenarioStep& step : scenario.steps) {
    const std::string line = path.filename().string() + ":" + std::to_string(step.line) + ": ";
    if (!step.expected) {
      const Status status = session.apply(step.at, step.verb, step.fields);
      if (!status.ok()) return line + status.error().text();
    } else {
      session.advance(step.at);
    }
    for (auto& e : session.take_events()) events.push_back(std::move(e));
    if (!step.expected) continue;
    const auto fits = [&](const SessionEvent& e) {
      return e.at == step.at &&
             (step.verb == "nothing" ||
              (e.verb == step.verb && matches(step.fields, parse_document(e.fields, "event").value())));
    };
    const auto found = std::find_if(events.begin() + static_cast<std::ptrdiff_t>(next), events.end(), fits);
    if (step.verb == "nothing") {
      if (found != events.end()) return line + "something happened: " + found->verb + " " + found->fields;
      continue;
    }
    if (found == events.end()) {
      std::string seen;
      for (std::size_t i = next; i < events.size(); ++i)
        seen += "\n  @" + to_string(events[i].at) + " " + events[i].verb + " " + events[i].fields;
      return line + "did not come: " + step.verb + " " + step.fields.to_json() + "; came:" + seen;
    }
    next = static_cast<std::size_t>(found - events.begin()) + 1;
  }
  return "";
}

TEST(Scenario, EveryFileHolds) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/tests/scenario/workflow")) {
    if (entry.path().extension() != ".scn") continue;
    ++files;
    EXPECT_EQ(run(entry.path()), "");
  }
  EXPECT_GE(files, 3);
}

TEST(Diagram, ShowsEveryState) {
  const auto d = Definition::load(HOTLINE_SOURCE_DIR "/data/workflows/city-12345.yaml").value();
  for (const Diagram kind : {Diagram::mermaid, Diagram::dot, Diagram::svg}) {
    const std::string picture = draw(d, kind, Language::en);
    for (const State& s : d.root().regions[0].states) EXPECT_NE(picture.find(s.label.en), std::string::npos) << s.name;
    EXPECT_NE(draw(d, kind).find("待派单"), std::string::npos);
  }
}

TEST(Instance, BytesAndJsonAreTheSameInstance) {
  const auto d = Definition::load(HOTLINE_SOURCE_DIR "/data/workflows/city-12345.yaml").value();
  Session s(d, {Calendar::load(HOTLINE_SOURCE_DIR "/data/calendars/cn.yaml").value()});
  ASSERT_TRUE(s.apply(Duration{0}, "start", R"({"at":"2026-11-23T02:00:00Z"})").ok());
  ASSERT_TRUE(
      s.apply(Duration{0}, "send",
              R"({"event":"intake","roles":"agent","fields":{"channel":"web","category":"噪音","level":"general"}})")
          .ok());
  ASSERT_TRUE(s.apply(Duration{0}, "send", R"({"event":"submit","roles":"agent"})").ok());
  ASSERT_TRUE(s.apply(Duration{0}, "send",
                      R"({"event":"dispatch","roles":"dispatcher","fields":{"units":["a","b"],"lead":"a"}})")
                  .ok());
  s.advance(std::chrono::hours{1000});
  std::string bytes;
  s.instance().encode(d, bytes);
  const auto back = Instance::decode(d, bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(*back, s.instance());
  EXPECT_EQ(back->to_json(d), s.instance().to_json(d));
  EXPECT_LT(bytes.size(), s.instance().to_json(d).size() / 4);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(Instance::decode(d, std::string_view(bytes).substr(0, cut)).ok()) << cut;
}

}  // namespace
}  // namespace hotline::workflow
