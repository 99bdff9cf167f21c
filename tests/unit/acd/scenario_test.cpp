#include "unit/acd/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

using namespace hotline;

class AcdScenario : public testing::TestWithParam<std::string> {};

TEST_P(AcdScenario, Holds) { EXPECT_EQ(acd::run_scenario(GetParam()), ""); }

static std::vector<std::string> files() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/tests/scenario/acd"))
    if (entry.path().extension() == ".scn") all.push_back(entry.path().string());
  std::sort(all.begin(), all.end());
  return all;
}
INSTANTIATE_TEST_SUITE_P(Files, AcdScenario, testing::ValuesIn(files()), [](const auto& file) {
  std::string name = std::filesystem::path(file.param).stem().string();
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});
