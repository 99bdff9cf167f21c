#include <gtest/gtest.h>

#include <filesystem>

#include "hotline/base/scenario.hpp"
#include "hotline/ticket/open.hpp"
#include "hotline/ticket/text_command.hpp"

using namespace hotline;
using namespace hotline::ticket;

namespace {

void play(Service& service, const std::string& path) {
  SCOPED_TRACE(path);
  const Scenario scenario = load_scenario(path).value();
  ASSERT_FALSE(scenario.steps.empty());
  const Time start = *parse_time("2026-11-23T08:00:00+08:00");
  Node answers = Node::sequence();
  std::size_t next = 0;
  for (const ScenarioStep& step : scenario.steps) {
    SCOPED_TRACE("line " + std::to_string(step.line));
    if (!step.expected) {
      const auto events = apply_text(service, step.verb, step.fields, start + step.at);
      ASSERT_TRUE(events.ok()) << events.error().text();
      answers = parse_document(*events, "events").value();
      next = 0;
      continue;
    }
    if (step.verb == "nothing") {
      EXPECT_EQ(next, answers.items().size());
      continue;
    }
    ASSERT_LT(next, answers.items().size());
    const Node& event = answers.items()[next++];
    EXPECT_EQ(event.find("type")->text(), step.verb) << event.to_json();
    EXPECT_TRUE(matches(step.fields, event)) << event.to_json();
  }
}

}  // namespace

TEST(Scenarios, OfTickets) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/tests/scenario/ticket")) {
    if (entry.path().extension() != ".scn") continue;
    ++files;
    auto service = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
    play(service, entry.path().string());
  }
  EXPECT_GE(files, 10);
}

// The recipe of docs/ticket.md.
TEST(Scenarios, OfAWorkflowOfOnesOwn) {
  const std::string folder = HOTLINE_SOURCE_DIR "/examples/own_workflow/";
  auto service = open_service("sqlite::memory:", "workflow: " + folder + "tree.yaml").value();
  play(service, folder + "tree.scn");
}

TEST(TextCommands, SayWhatIsWrong) {
  auto service = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  EXPECT_EQ(apply_text(service, "fly", "{}", {}).code(), ErrorCode::not_found);
  EXPECT_EQ(apply_text(service, "ticket.find", "{\"numbr\":\"1\"}", {}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(apply_text(service, "ticket.find", "[1]", {}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(apply_text(service, "ticket.find", "{", {}).code(), ErrorCode::invalid_document);
  EXPECT_NE(apply_text(service, "ticket.find", "{\"ticket\":7}", {}).value().find("refused"), std::string::npos);
}
