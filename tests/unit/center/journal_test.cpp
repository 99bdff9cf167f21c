// The centre's journal: its calls replay byte by byte against the flows that ran, and feed statistics and the heat map.
#include "fake.hpp"
#include "hotline/ivr.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

std::vector<ivr::Flow> flows_of(const center::Setup& setup) {
  ivr::LoadOptions options;
  if (!setup.bindings.empty()) options.bindings = setup.path(setup.bindings);
  std::vector<std::string> paths{setup.reply_flow, setup.visit_flow};
  for (const auto& [number, path] : setup.flows) paths.push_back(path);
  std::vector<ivr::Flow> flows;
  for (const std::string& path : paths) flows.push_back(ivr::Flow::load(setup.path(path), options).value());
  return flows;
}

TEST(Centre, ItsJournalReplaysByteByByteAndCountsAsItself) {
  fake::Centre centre;
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "22");
  centre.run(60s);
  centre.press(leg, "#");
  centre.run(2s);
  centre.press(leg, "1");
  centre.run(10s);
  const auto second = centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  centre.press(second, "23");
  centre.press(second, "99999999");
  centre.run(1s);
  centre.press(second, "1");
  centre.run(5s);
  centre.telephony.down(leg);
  centre.telephony.down(second);
  centre.run(30s);

  const auto flows = flows_of(centre.hotline->setup());
  const auto replayed = ivr::replay(flows, centre.journal);
  ASSERT_TRUE(replayed.ok()) << replayed.error().text();
  EXPECT_TRUE(replayed->same()) << replayed->to_text();
  EXPECT_EQ(replayed->calls, 2u);
  EXPECT_GT(replayed->lines, 40u);

  const auto counted = ivr::read_statistics(centre.journal);
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->to_json(), centre.hotline->flow_statistics().to_json());
  const auto main_flow = std::find_if(flows.begin(), flows.end(), [](const ivr::Flow& f) { return f.id() == "city_12345"; });
  ASSERT_NE(main_flow, flows.end());
  const auto* statistics = counted->find(ivr::StatisticsByVersion::name_of(*main_flow));
  ASSERT_NE(statistics, nullptr) << counted->to_json();
  EXPECT_EQ(statistics->nodes().at("automatic_menu").entries, 2u) << counted->to_json();

  const auto scenario = ivr::to_scenario(centre.journal, "1", "12345.yaml");
  ASSERT_TRUE(scenario.ok());
  EXPECT_NE(scenario->find("call.recorded"), std::string::npos);
}

}  // namespace
