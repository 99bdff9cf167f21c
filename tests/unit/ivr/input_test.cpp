// Input and time-outs: the rules of VoiceXML 2.0, appendix D, and what users of other systems complained about.
#include "fixture.hpp"

#include "ivr/digits.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

std::string menu(std::string_view choices, std::string_view more = "") {
  return "flow: 1\nlanguages: [en-US]\nstart: m\nagent: a\non_error: gone\nnodes:\n"
         "  m:\n    type: menu\n    prompt: [{text: Long prompt}, {text: Short prompt}, {text: Help prompt}]\n    choices: {" +
         std::string(choices) + "}\n    exhausted: gone\n" + std::string(more) +
         "  one: {type: hangup, prompt: {text: one}}\n" +
         (choices.find("two") != choices.npos ? "  two: {type: hangup, prompt: {text: two}}\n" : "") +
         "  gone: {type: hangup, prompt: {text: gone}}\n"
         "  a: {type: queue, queue: q, overflow: gone}\n";
}
std::string collect(std::string_view more) {
  return "flow: 1\nlanguages: [en-US]\nstart: c\nvariables: {n: string}\nnodes:\n"
         "  c:\n    type: collect\n    prompt: {text: Number please}\n    store: n\n    next: done\n    exhausted: gone\n" +
         std::string(more) +
         "  done: {type: hangup, prompt: {text: \"got {n}\"}}\n  gone: {type: hangup, prompt: {text: gone}}\n";
}

}  // namespace

// VoiceXML 2.0 appendix D. Rows: the entry cannot end here, may end here, must end here; columns: no terminator set,
// terminator set and not keyed, terminator keyed.
TEST(VoiceXmlAppendixD, BeforeTheFirstKeyTheTimeoutRunsAfterThePrompt) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    first_digit_timeout: 7s\n")));
  EXPECT_EQ(h.session.phase(), Phase::prompting);
  h.played();
  EXPECT_EQ(h.until_deadline(), 7s);
  h.expire();
  EXPECT_EQ(h.engine.trace()[0].kind, TraceKind::no_input);
}
TEST(VoiceXmlAppendixD, CannotTerminateNoTermChar_InterDigitTimeoutIsNoMatch) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    term_char: \"off\"\n")));
  h.keys("12");
  EXPECT_EQ(h.until_deadline(), 3s);
  h.expire();
  EXPECT_EQ(h.engine.trace()[0].kind, TraceKind::no_match);
}
TEST(VoiceXmlAppendixD, CannotTerminateTermCharUnset_InterDigitTimeoutIsNoMatch) {
  Hand h(flow(collect("    min: 3\n    max: 5\n")));
  h.keys("12");
  h.expire();
  EXPECT_EQ(h.engine.trace()[0].kind, TraceKind::no_match);
}
TEST(VoiceXmlAppendixD, CannotTerminateTermCharKeyed_IsNoMatchAtOnce) {
  Hand h(flow(collect("    min: 3\n    max: 5\n")));
  h.keys("12#");
  EXPECT_EQ(h.engine.trace()[0].kind, TraceKind::no_match);
}
TEST(VoiceXmlAppendixD, MayTerminateNoTermChar_InterDigitTimeoutAccepts) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    term_char: \"off\"\n")));
  h.keys("123");
  EXPECT_EQ(h.session.phase(), Phase::collecting);
  EXPECT_EQ(h.until_deadline(), 3s);
  h.expire();
  EXPECT_EQ(h.text(), "got 123");
}
TEST(VoiceXmlAppendixD, MayTerminateTermCharNotKeyed_InterDigitTimeoutAccepts) {
  Hand h(flow(collect("    min: 3\n    max: 5\n")));
  h.keys("1234");
  h.expire();
  EXPECT_EQ(h.text(), "got 1234");
}
TEST(VoiceXmlAppendixD, MayTerminateTermCharKeyed_AcceptsAtOnceWithoutTheTerminator) {
  Hand h(flow(collect("    min: 3\n    max: 5\n")));
  h.keys("123#");
  EXPECT_EQ(h.text(), "got 123");
}
TEST(VoiceXmlAppendixD, MustTerminateNoTermChar_AcceptsAtOnce) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    term_char: \"off\"\n    term_timeout: 2s\n")));
  h.keys("12345");
  EXPECT_EQ(h.text(), "got 12345");
}
TEST(VoiceXmlAppendixD, MustTerminateTermTimeoutZero_AcceptsAtOnce) {
  Hand h(flow(collect("    min: 3\n    max: 5\n")));
  h.keys("12345");
  EXPECT_EQ(h.text(), "got 12345");
}
TEST(VoiceXmlAppendixD, MustTerminateTermTimeout_WaitsForTheTerminatorThenAccepts) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    term_timeout: 2s\n")));
  h.keys("12345");
  EXPECT_EQ(h.until_deadline(), 2s);
  h.expire();
  EXPECT_EQ(h.text(), "got 12345");
}
TEST(VoiceXmlAppendixD, MustTerminateTermTimeout_TheTerminatorEndsTheWait) {
  Hand h(flow(collect("    min: 3\n    max: 5\n    term_timeout: 2s\n")));
  h.keys("12345#");
  EXPECT_EQ(h.text(), "got 12345");
}

// Complaints (design page, section 3).
TEST(Complaints, Freeswitch1550_OneAndTwoDigitChoicesStandTogether) {
  const Flow f = flow(menu("\"1\": one, \"20\": two, \"30\": gone"));
  Hand h(f);
  h.keys("1");
  EXPECT_EQ(h.text(), "one") << "a unique choice is taken at once";
  Hand two(f);
  two.keys("20");
  EXPECT_EQ(two.text(), "two");
}
TEST(Complaints, Freeswitch1550_AnAmbiguousChoiceWaitsAndIsReported) {
  const Flow f = flow(menu("\"1\": one, \"12\": two"));
  EXPECT_NE(f.diagnostics().to_text().find("V169"), std::string::npos);
  Hand h(f);
  h.keys("1");
  EXPECT_EQ(h.session.phase(), Phase::collecting);
  h.expire();
  EXPECT_EQ(h.text(), "one");
  Hand two(f);
  two.keys("12");
  EXPECT_EQ(two.text(), "two");
}
TEST(Complaints, Freepbx604_NoWaitForThePoundKey) {
  Hand h(flow(menu("\"1\": one, \"2\": two")));
  h.keys("2");
  EXPECT_EQ(h.text(), "two");
}
TEST(Complaints, Fusionpbx515_AttemptsAreBoundedHoweverTheyAreMixed) {
  Hand h(flow(menu("\"1\": one, \"2\": two")));
  for (int i = 0; i < 4; ++i) {
    if (h.session.node() != "m") break;
    if (i % 2 == 0) h.keys("7");
    else {
      h.played();
      h.expire();
    }
    h.pass(1s);
  }
  EXPECT_EQ(h.session.node(), "gone");
}
TEST(Complaints, Fusionpbx1990_AnExtensionPatternDoesNotTakeAMenuChoice) {
  const Flow f = flow(menu("\"1\": one, \"8XXX\": two"));
  Hand h(f);
  h.keys("1");
  EXPECT_EQ(h.text(), "one");
  Hand extension(f);
  extension.keys("8123");
  EXPECT_EQ(extension.text(), "two");
}
TEST(Complaints, Ivozprovider275_SilenceAndWrongKeysAreCountedAndAnsweredApart) {
  Hand h(flow(menu("\"1\": one", "    no_input: [{text: Are you there}, {text: Still there}]\n    no_match: [{text: Wrong key}]\n")));
  h.played();
  h.expire();
  EXPECT_EQ(h.text(), "Are you thereShort prompt");
  h.pass(1s);
  h.keys("5");
  EXPECT_EQ(h.text(), "Wrong keyHelp prompt");
  h.played();
  h.expire();
  EXPECT_EQ(h.text(), "Still thereHelp prompt");
}
TEST(Complaints, Rapidpro132AndRestcomm1660_SilenceIsAskedAgainAndThenLeadsOn) {
  Hand h(flow(menu("\"1\": one")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(h.session.node(), "m");
    h.played();
    h.expire();
  }
  EXPECT_EQ(h.session.node(), "gone");
  EXPECT_EQ(h.session.ending(), Ending::none) << "not disconnected";
}
TEST(Complaints, Jambonz534_WhoIsStillTypingIsNotCutOff) {
  Hand h(flow(collect("    max: 20\n    first_digit_timeout: 5s\n    inter_digit_timeout: 3s\n")));
  for (int i = 0; i < 10; ++i) {
    h.key(static_cast<char>('0' + i));
    h.pass(2900ms);
  }
  EXPECT_EQ(h.session.typed().size(), 10u);
}
TEST(Complaints, Asterisk1397_TimersAreSetPerNode) {
  Hand h(flow(collect("    max: 20\n    inter_digit_timeout: 1s\n")));
  h.keys("5");
  EXPECT_EQ(h.until_deadline(), 1s);
}
TEST(Complaints, Floweditor1034_ExitsThatCannotFireAreErrors) {
  const auto examined = examine(menu("\"1\": one", "    hangup: two\n"));
  EXPECT_NE(examined.diagnostics.to_text().find("D002"), std::string::npos);
}

TEST(Input, BargeInStopsThePromptAndCounts) {
  Hand h(flow(menu("\"1\": one")));
  h.keys("1");
  EXPECT_EQ(h.kinds(), "stop play");
}
TEST(Input, WithoutBargeInKeysAreKeptForAfterwards) {
  Hand h(flow(menu("\"1\": one, \"2\": two", "    barge_in: false\n")));
  h.keys("2");
  EXPECT_EQ(h.kinds(), "");
  h.played();
  EXPECT_EQ(h.text(), "two");
}
TEST(Input, KeysTypedAheadAnswerTheNextMenusWithoutTheirPrompts) {
  auto loaded = Flow::load(shipped("12345.yaml"));
  ASSERT_TRUE(loaded.ok());
  Hand h(*loaded, {.caller = "1"});
  h.keys("25");
  EXPECT_EQ(h.session.node(), "poll");
  EXPECT_EQ(h.kinds(), "stop play");
}
TEST(Input, TheSameKeyWithinFortyMillisecondsIsOne) {
  Hand h(flow(collect("    max: 4\n")));
  h.key('1');
  h.pass(30ms);
  h.key('1');
  EXPECT_EQ(h.session.typed(), "1");
  h.pass(60ms);
  h.key('1');
  EXPECT_EQ(h.session.typed(), "11");
}
TEST(Input, TheCancelKeyErasesAndAsksAgainShort) {
  Hand h(flow(collect("    max: 4\n")));
  h.keys("12*");
  EXPECT_EQ(h.session.typed(), "");
  EXPECT_EQ(h.text(), "Number please");
  h.keys("3456");
  EXPECT_EQ(h.text(), "got 3456");
}
TEST(Input, ConfirmReadsBackAndGivesUpAfterItsTries) {
  Hand h(flow(collect("    max: 2\n    min: 2\n    confirm: true\n")));
  for (int i = 0; i < 3; ++i) {
    h.keys("12");
    EXPECT_EQ(h.text(), "You entered:one twoIf this is right, press 1. To enter it again, press 2.");
    h.keys("2");
  }
  EXPECT_EQ(h.text(), "gone");
}
TEST(Input, ChecksRefuseNumbersThatCannotBe) {
  Hand h(flow(collect("    max: 18\n    min: 18\n    check: luhn\n")));
  h.keys("123456789012345678");
  EXPECT_EQ(h.session.node(), "c");
  Hand date(flow(collect("    min: 8\n    max: 8\n    check: date\n")));
  date.keys("20260230");
  EXPECT_EQ(date.session.node(), "c");
  date.keys("20260228");
  EXPECT_EQ(date.text(), "got 20260228");
}
TEST(Input, TheEasyProfileWaitsLongerAndSpeaksSlower) {
  Hand h(flow(menu("\"1\": one")), {.profile = "easy"});
  EXPECT_EQ(h.actions[0].rate, 80);
  h.played();
  EXPECT_EQ(h.until_deadline(), 10s);
}

TEST(Digits, PatternsAndTheirConflicts) {
  const auto build = [](std::vector<std::string> rules) {
    std::vector<DigitRule> list;
    for (auto& r : rules) list.push_back({r, is_exact(r) ? RuleKind::exact : RuleKind::pattern});
    return DigitAutomaton::build(list);
  };
  auto a = build({"1", "8XX", "80Z", "/9[0-9]{2,3}/"});
  ASSERT_TRUE(a.ok()) << a.error().text();
  const auto rule = [&](std::string_view keys) {
    std::uint16_t at = DigitAutomaton::kStart;
    for (const char k : keys) at = a->next(at, k);
    return static_cast<int>(a->at(at).rule) - 1;
  };
  EXPECT_EQ(rule("1"), 0);
  EXPECT_EQ(rule("812"), 1);
  EXPECT_EQ(rule("805"), 2) << "the narrower pattern wins";
  EXPECT_EQ(rule("912"), 3);
  EXPECT_EQ(rule("9123"), 3);
  EXPECT_EQ(rule("2"), -1);
  auto clash = build({"1X", "X2"});
  ASSERT_TRUE(clash.ok());
  ASSERT_EQ(clash->conflicts().size(), 1u);
  EXPECT_EQ(clash->conflicts()[0].example, "12");
  EXPECT_FALSE(build({"/(/"}).ok());
  EXPECT_FALSE(build({"hello"}).ok());
  EXPECT_FALSE(build({"/[12]*1[12]{14}/"}).ok());
}
