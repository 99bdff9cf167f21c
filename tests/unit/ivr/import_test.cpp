// What comes over from other systems, and what is said to be lost.
#include <algorithm>
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
namespace {
bool lost(const Imported& imported, std::string_view what) {
  return std::any_of(imported.losses.begin(), imported.losses.end(), [&](const std::string& l) { return l.find(what) != l.npos; });
}
bool open(const Imported& imported, std::string_view what) { return std::find(imported.open.begin(), imported.open.end(), what) != imported.open.end(); }
}  // namespace

TEST(Import, StudioCarriesEveryVoiceWidget) {
  const Imported imported = bring(ImportFormat::studio, "studio_bakery.json");
  const auto examined = examine(imported.yaml, "imported");
  ASSERT_NE(examined.program, nullptr) << complaints(imported);
  for (const Diagnostic& d : examined.diagnostics.items())
    EXPECT_TRUE(d.severity != Severity::error || d.code == "V104" || d.code == "V106" || d.code == "V107" || d.code == "V128") << complaints(imported);
  // What its author left open is told under the source's names, by the importer and by check.
  for (const auto* way : {"who_is_it/fail", "choose/noMatch", "hours/audioComplete", "voicemail/noAudio", "sub/failed", "late/failedToEnqueue", "pay/providerError"})
    EXPECT_TRUE(open(imported, way)) << way;
  const std::string text = complaints(imported);
  for (const auto* way : {"`empty` of node `who_is_it`", "`else` of node `choose`", "`next` of node `hours`", "`too_short` of node `voicemail`", "`failed` of node `sub`", "`providerError` of node `pay`"})
    EXPECT_NE(text.find(std::string("exit ") + way + " leads nowhere"), std::string::npos) << way << text;
  // `main` has a meaning of its own here; machines still read the source's name.
  EXPECT_TRUE(std::any_of(examined.diagnostics.items().begin(), examined.diagnostics.items().end(), [](const Diagnostic& d) { return d.code == "V106" && d.subject == "main"; })) << text;
  for (const auto* loss : {"what follows incomingMessage", "filters of {{flow.variables.tries", "the instruction {% if x %}", "is_after_time", "capture-payments", "the sub-flow FW0", "the workflow WW0"})
    EXPECT_TRUE(lost(imported, loss)) << loss;
  // And it runs: the function's answer is said, the digits decide.
  Rehearsal c(Flow(examined.program), {.caller = "13800138000"}, monday(), [](const Action& action, Answer& answer) {
    if (action.kind == ActionKind::query) answer.fields = {{"first_name", std::string("Ann")}, {"shop", std::string("5551234")}};
    return action.kind == ActionKind::query;
  });
  c.listen();
  EXPECT_TRUE(c.hears("Hello Ann. Welcome back.")) << to_string(c.transcript());
  c.press("1");
  c.wait(1s);
  EXPECT_EQ(to_text(view(c.requests().back().arguments.empty() ? Value() : c.requests().back().arguments[0].value)), "external");
  EXPECT_EQ(c.requests().back().target, "5551234");
}
TEST(Import, ConnectFollowsQueuesAnswersAndShares) {
  const Imported imported = bring(ImportFormat::connect, "connect_clinic.json");
  const std::string text = complaints(imported);
  for (const auto* part : {"\"queue\": \"Reception\"", "\"query\": \"find-patient\"", "\"External_visits\": \"visits\"", "\"percent\":20", "\"else\": \"wrong\"", "\"max\": 8", "\"cancel_char\": \"off\"",
                           "Welcome back, {(has(Attributes_name)", "That was wrong."})
    EXPECT_NE(imported.yaml.find(part), std::string::npos) << part << imported.yaml;
  for (const auto* loss : {"`Clinic hours`", "ConnectParticipantWithLexBot", "TransferToFlow", "encryption", "its SSML"}) EXPECT_TRUE(lost(imported, loss)) << loss;
  EXPECT_NE(text.find("V106: node `lonely` is never reached"), std::string::npos) << text;
  EXPECT_EQ(examine(imported.yaml, "imported").diagnostics.error_count(), 2u) << "the calendar and the lonely action\n" << text;
}
TEST(Import, FreeswitchPhrasesWithinPhrasesAndApplications) {
  const Imported imported = bring(ImportFormat::freeswitch, "freeswitch_office.xml");
  for (const auto* part : {"\"file\":\"company.wav\"", "\"number\": \"key\"", "\"queue\": \"support\"", "Press 1 for {{people}.", "\"to\": \"hours\""})
    EXPECT_NE(imported.yaml.find(part), std::string::npos) << part << imported.yaml;
  for (const auto* loss : {"included files more/*.xml", "the phrase `office_long` within itself", "voicemail default", "menu-exit", "a second entry for 1", "exec-on-max-timeouts"})
    EXPECT_TRUE(lost(imported, loss)) << loss;
  EXPECT_TRUE(open(imported, "hours/exec-on-max-failures"));
  EXPECT_NE(complaints(imported).find("V106: node `forgotten` is never reached"), std::string::npos);
}
TEST(Import, VoiceXmlConditionsCountsAndInheritance) {
  const Imported imported = bring(ImportFormat::voicexml, "voicexml_library.xml");
  const auto examined = examine(imported.yaml, "imported");
  ASSERT_NE(examined.program, nullptr);
  EXPECT_TRUE(open(imported, "top/3"));
  EXPECT_EQ(examined.diagnostics.error_count(), 2u) << "the choice 3 and the hidden form\n" << complaints(imported);
  const auto renewing = [&](const std::string& card) {
    Rehearsal c = call(Flow(examined.program));
    c.press("1");
    c.press(card);
    c.wait(30s);
    return c;
  };
  Rehearsal nobody = renewing("00000000");
  EXPECT_TRUE(nobody.hears("That is nobody's card.")) << to_string(nobody.transcript());
  EXPECT_TRUE(renewing("7654321#").hears("Thank you, 7654321."));
  Rehearsal silent = call(Flow(examined.program));
  silent.wait(60s);
  EXPECT_TRUE(silent.hears("I heard nothing.")) << to_string(silent.transcript());
  EXPECT_TRUE(silent.hears("Still nothing.")) << to_string(silent.transcript());
  EXPECT_TRUE(silent.hears("Connecting you.")) << "three silences lead to people, as the document's handler says";
}
TEST(Import, OldEncodingsAndMarksAtTheStart) {
  EXPECT_TRUE(import_flow(ImportFormat::studio, "\xef\xbb\xbf{\"states\": []}", "x").ok());
  const auto latin = import_flow(ImportFormat::voicexml, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><vxml><form><block>Gr\xfc\xdf Gott</block></form></vxml>", "x");
  ASSERT_TRUE(latin.ok());
  EXPECT_NE(latin->yaml.find("Grüß Gott"), std::string::npos);
  EXPECT_TRUE(import_flow(ImportFormat::studio, R"({"definition": "{\"states\": []}"})", "x").ok()) << "as the API gives it";
}
TEST(Import, HostileFilesEnd) {
  std::string deep, wide = "<include><menus>", laughs = "<include><menu name=\"m\" greet-long=\"phrase:p0\"/><macros>", steps = "<vxml><form><block>";
  for (int i = 0; i < 5000; ++i) deep += "<a>";
  for (int i = 0; i < 3000; ++i) wide += "<menu name=\"m" + std::to_string(i) + "\"><entry action=\"menu-sub\" digits=\"1\" param=\"m0\"/></menu>";
  for (int i = 0; i < 40; ++i) {
    laughs += "<macro name=\"p" + std::to_string(i) + "\"><input><match>";
    for (int j = 0; j < 10; ++j) laughs += "<action function=\"phrase\" phrase=\"p" + std::to_string(i + 1) + "\"/><action function=\"play-file\" data=\"x\"/>";
    laughs += "</match></input></macro>";
  }
  for (int i = 0; i < 20'000; ++i) steps += "<assign name=\"a\" expr=\"'1'\"/>";
  EXPECT_FALSE(import_flow(ImportFormat::voicexml, deep, "x").ok());
  EXPECT_TRUE(import_flow(ImportFormat::freeswitch, wide + "</menus></include>", "x").ok());
  const auto laughed = import_flow(ImportFormat::freeswitch, laughs + "</macros></include>", "x");
  ASSERT_TRUE(laughed.ok());
  EXPECT_LT(laughed->yaml.size(), 100'000u);
  const auto stepped = import_flow(ImportFormat::voicexml, steps + "</block></form></vxml>", "x");
  ASSERT_TRUE(stepped.ok());
  EXPECT_TRUE(lost(*stepped, "1000th step"));
}
TEST(Import, WhatIsNoFlowIsRefusedWithItsPlace) {
  for (const auto format : {ImportFormat::studio, ImportFormat::freeswitch, ImportFormat::connect, ImportFormat::voicexml})
    for (const std::string_view text : {"", "{", "<a><b></a>", "[1]", "<vxml>&bad;</vxml>", "{\"modules\":[]}", "<menu"})
      EXPECT_FALSE(import_flow(format, text, "x").ok()) << text;
  EXPECT_EQ(parse_import_format("cisco").code(), ErrorCode::not_found);
}
