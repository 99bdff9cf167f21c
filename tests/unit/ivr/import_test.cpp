// What comes over from other systems, and what is said to be lost.
#include <fstream>
#include <sstream>

#include "fixture.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {
Imported bring(ImportFormat format, const std::string& name) {
  std::ifstream file(std::string(HOTLINE_SOURCE_DIR) + "/tests/fuzz/corpus/ivr_import/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  auto imported = import_flow(format, text.str(), name);
  EXPECT_TRUE(imported.ok()) << imported.error().text();
  return *imported;
}
std::string complaints(const Imported& imported) { return examine(imported.yaml, "imported").diagnostics.to_text(); }
}  // namespace

TEST(Import, StudioKeepsWhatItsAuthorLeftOpen) {
  const Imported imported = bring(ImportFormat::studio, "studio");
  const std::string text = complaints(imported);
  EXPECT_NE(text.find("V106: node `lost` is never reached"), std::string::npos) << text << imported.yaml;
  EXPECT_NE(text.find("V104: exit `else` of node `split` leads nowhere"), std::string::npos) << text;
  EXPECT_NE(text.find("V128: exit `exhausted` of node `gather` leads nowhere"), std::string::npos) << text;
  EXPECT_EQ(text.find("D002"), std::string::npos) << text;
  EXPECT_EQ(text.find("V123"), std::string::npos) << text;
}
TEST(Import, FreeswitchMenusPhrasesAndPatterns) {
  const Imported imported = bring(ImportFormat::freeswitch, "freeswitch");
  const std::string text = complaints(imported);
  EXPECT_NE(imported.yaml.find("/(10[01][0-9])/"), std::string::npos) << imported.yaml;
  EXPECT_NE(text.find("V128"), std::string::npos) << "FreeSWITCH says nothing about what follows the last failure";
  EXPECT_EQ(text.find("D002"), std::string::npos) << text;
  EXPECT_EQ(text.find("V103"), std::string::npos) << text;
}
TEST(Import, ConnectRunsAsItIs) {
  const Imported imported = bring(ImportFormat::connect, "connect");
  auto parsed = Flow::parse(imported.yaml, "imported");
  ASSERT_TRUE(parsed.ok()) << complaints(imported) << imported.yaml;
  Rehearsal c = call(*parsed);
  c.press("1");
  c.finish();
  EXPECT_EQ(c.session().ending(), Ending::hangup_by_flow);
}
TEST(Import, VoiceXmlMenusFieldsAndRecordings) {
  const Imported imported = bring(ImportFormat::voicexml, "voicexml");
  const auto examined = examine(imported.yaml, "imported");
  ASSERT_NE(examined.program, nullptr) << complaints(imported);
  EXPECT_EQ(examined.diagnostics.error_count(), 1u) << complaints(imported);
  EXPECT_NE(complaints(imported).find("V128: exit `exhausted` of node `num`"), std::string::npos) << "VoiceXML asks for ever";
  Rehearsal c = call(Flow(examined.program));
  EXPECT_TRUE(c.hears("Press 1 or 2"));
  c.press("1");
  EXPECT_TRUE(c.hears("Four digits"));
  c.press("1234");
  c.say("hello");
  c.finish();
  EXPECT_TRUE(c.hears("Bye"));
}
TEST(Import, WhatIsNoFlowIsRefusedWithItsPlace) {
  for (const auto format : {ImportFormat::studio, ImportFormat::freeswitch, ImportFormat::connect, ImportFormat::voicexml})
    for (const std::string_view text : {"", "{", "<a><b></a>", "[1]", "<vxml>&bad;</vxml>", "{\"modules\":[]}", "<menu"})
      EXPECT_FALSE(import_flow(format, text, "x").ok()) << text;
  EXPECT_EQ(parse_import_format("cisco").code(), ErrorCode::not_found);
}
