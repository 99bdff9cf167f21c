// What users of other systems complained about, by repository and thread; the ones about menus are in input_test.cpp.
#include <map>
#include <set>

#include "fixture.hpp"
#include "hotline/ivr/import.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

std::string collects(std::string_view more) {
  return "flow: 1\nlanguages: [en-US]\nstart: c\nvariables: {n: string}\nnodes:\n"
         "  c:\n    type: collect\n    prompt: {text: Number please}\n    store: n\n    next: done\n    exhausted: gone\n" + std::string(more) +
         "  done: {type: hangup, prompt: {text: \"got {n}\"}}\n  gone: {type: hangup, prompt: {text: gone}}\n";
}

constexpr std::string_view kMenu = R"(
flow: 1
id: shop
languages: [en-US]
start: m
agent: desk
on_error: bye
nodes:
  m: {type: menu, prompt: {text: Press 1 or 2}, choices: {"1": desk, "2": bye}, exhausted: bye}
  desk: {type: queue, queue: desk, overflow: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)";

LoadOptions files(std::map<std::string, std::string> texts) {
  LoadOptions options;
  options.read = [texts = std::move(texts)](const std::string& path) -> Result<std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return Error(ErrorCode::io, "no file `" + path + "`", "write it");
    return found->second;
  };
  return options;
}

}  // namespace

// An entry that fits nothing was called invalid, and then connected, or the caller was thrown out.
TEST(Complaints, Fusionpbx654AndDjangopbx22_AnInvalidEntryNeitherConnectsNorHangsUp) {
  const Flow f = flow(R"(
flow: 1
languages: [en-US]
start: m
on_error: bye
nodes:
  m: {type: menu, prompt: {text: Menu}, choices: {"1": bye, "2XX": dial}, exhausted: bye}
  dial: {type: transfer, kind: extension, to: "200", busy: bye, no_answer: bye, failed: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)");
  Hand h(f);
  h.keys("29#");
  EXPECT_EQ(h.text(), "Sorry, that is not a valid choice.Menu");
  EXPECT_EQ(h.session.node(), "m");
  h.pass(1s);
  h.keys("299");
  EXPECT_EQ(h.kinds(), "transfer");
}

// Callers waited after the last digit, because nobody could say how long an entry is.
TEST(Complaints, Ivozprovider182And16_AnEntryOfFullLengthIsTakenWithoutWaiting) {
  Hand h(flow(collects("    min: 4\n    max: 4\n")));
  h.keys("4711");
  EXPECT_EQ(h.text(), "got 4711");
}

// The time-out for the whole entry cut callers who were still typing.
TEST(Complaints, Jambonz1306_TheTimeBetweenDigitsOverrulesTheTimeForTheFirst) {
  Hand h(flow(collects("    min: 8\n    max: 8\n    first_digit_timeout: 5s\n    inter_digit_timeout: 3s\n")));
  h.played();
  for (const char key : std::string_view("12345678")) {
    h.pass(2900ms);
    h.timer();  // an eager host's clock strikes too early
    h.key(key);
  }
  EXPECT_EQ(h.text(), "got 12345678") << "23 s after the prompt";
}

// Barge-in flags combined wrongly with the inter-digit time, and with listening during the prompt.
TEST(Complaints, Jambonz282_WithoutBargeInTheInterDigitTimeStillCounts) {
  Hand h(flow(collects("    min: 2\n    max: 4\n    barge_in: false\n    inter_digit_timeout: 3s\n")));
  h.keys("12");
  EXPECT_EQ(h.kinds(), "") << "the prompt goes on";
  h.pass(10s);
  h.played();
  EXPECT_EQ(h.until_deadline(), 3s) << "two digits are there; more may come";
  h.pass(1s);
  h.key('3');
  EXPECT_EQ(h.until_deadline(), 3s);
  h.expire();
  EXPECT_EQ(h.text(), "got 123");
}
TEST(Complaints, Jambonz382_TheKeyThatStopsThePromptIsTheFirstOfTheEntry) {
  Hand h(flow(collects("    min: 3\n    max: 3\n")));
  h.key('7');
  EXPECT_EQ(h.kinds(), "stop");
  h.keys("89");
  EXPECT_EQ(h.text(), "got 789");
}

// A plan shows the whole JSON as changed because of white space and the order of keys.
TEST(Complaints, TwilioStudio31_WhiteSpaceAndKeyOrderAreNoChange) {
  const Flow a = flow(kMenu);
  const Flow b = Flow::parse(R"({"nodes": {"m": {"exhausted": "bye", "choices": {"1": "desk", "2": "bye"},
      "prompt": {"text": "Press 1 or 2"}, "type": "menu"}, "desk": {"overflow": "bye", "queue": "desk", "type": "queue"},
      "bye": {"prompt": {"text": "Bye"}, "type": "hangup"}},
    "on_error": "bye", "agent": "desk", "start": "m", "languages": ["en-US"], "id": "shop", "flow": 1})").value();
  EXPECT_EQ(a.to_json(), b.to_json());
  EXPECT_EQ(a.fingerprint(), b.fingerprint());
  EXPECT_EQ(Flow::parse(a.to_json()).value().to_json(), a.to_json());
}
// The same widget ten times, a loop of fifteen rounds, 2,000 widgets: the product's limits.
TEST(Complaints, TwilioStudioFaq_AMenuMayBeComeBackToAndALoopMayBeLong) {
  Hand h(flow(R"(
flow: 1
languages: [en-US]
start: m
variables: {x: {type: int, default: 0}}
nodes:
  m: {type: menu, prompt: {text: "At {x}"}, choices: {"1": loop, "2": bye}, exhausted: bye}
  loop: {type: loop, max: 40, body: add, done: m}
  add: {type: set, set: {x: x + 1}, next: loop}
  bye: {type: hangup}
)"));
  for (int i = 0; i < 11; ++i) {
    h.pass(1s);
    h.key('1');
  }
  EXPECT_EQ(h.text(), "At 440");
  EXPECT_FALSE(h.session.ended());
}

// Flows full of identifiers of one installation: nothing can be carried from staging to production.
TEST(Complaints, Connect718_TheSameFlowRunsInTwoInstallations) {
  for (const char* id : {"arn:staging:queue/1", "arn:production:queue/9"}) {
    LoadOptions options = files({{"bindings.yaml", std::string("queues: {desk: \"") + id + "\"}\n"}});
    options.bindings = "bindings.yaml";
    const auto loaded = Flow::parse(kMenu, "shop.yaml", options);
    ASSERT_TRUE(loaded.ok()) << loaded.error().text();
    EXPECT_EQ(loaded->to_json(), flow(kMenu).to_json()) << "the flow itself names no installation";
  }
  LoadOptions lacking = files({{"bindings.yaml", "queues: {other: x}\n"}});
  lacking.bindings = "bindings.yaml";
  const auto refused = Flow::parse(kMenu, "shop.yaml", lacking);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().text().find("V127"), std::string::npos);
  EXPECT_NE(refused.error().text().find("desk"), std::string::npos);
}
// One huge JSON: a change of one block must be a change of one place.
TEST(Complaints, ConnectTerraform33697_AChangeOfOneNodeChangesOnePlace) {
  const std::string before = flow(kMenu).to_json();
  std::string changed(kMenu);
  changed.replace(changed.find("text: Bye"), 9, "text: See you");
  const std::string after = flow(changed).to_json();
  const auto first = std::mismatch(before.begin(), before.end(), after.begin()).first - before.begin();
  EXPECT_GT(first, static_cast<std::ptrdiff_t>(before.find("\"bye\":{"))) << "everything before the node is the same";
  EXPECT_EQ(before.substr(before.find('}', static_cast<std::size_t>(first))), after.substr(after.find('}', static_cast<std::size_t>(first))));
}
// Validation at creation forced an order of deployment: the queue first, then the flow.
TEST(Complaints, ConnectTerraform47185_AFlowIsCheckedBeforeItsQueuesExist) {
  EXPECT_TRUE(Flow::parse(kMenu, "shop.yaml").ok());
}
// Sample flows that no longer import, with a message that helps nobody.
TEST(Complaints, Connect229And35_AnUnknownBlockIsNamedAndTheRestImported) {
  const auto imported = import_flow(ImportFormat::connect, R"({"Version": "2019-10-30", "StartAction": "a", "Actions": [
    {"Identifier": "a", "Type": "MessageParticipant", "Parameters": {"Text": "Hello"}, "Transitions": {"NextAction": "b", "Errors": [], "Conditions": []}},
    {"Identifier": "b", "Type": "InvokeQuantumOracle", "Parameters": {}, "Transitions": {"NextAction": "c", "Errors": [], "Conditions": []}},
    {"Identifier": "c", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}}]})", "sample.json");
  ASSERT_TRUE(imported.ok()) << imported.error().text();
  EXPECT_NE(imported->yaml.find("Hello"), std::string::npos);
  std::string losses;
  for (const std::string& loss : imported->losses) losses += loss + "\n";
  EXPECT_NE(losses.find("InvokeQuantumOracle"), std::string::npos) << losses;
  EXPECT_NE(losses.find("b"), std::string::npos) << losses;
}

// "Cannot read properties of undefined (reading 'refId')"; "publish failed" without a word why.
TEST(Complaints, Genesys1068AndBlueprint7_ABrokenReferenceIsToldWithNodePlaceAndRemedy) {
  std::string broken(kMenu);
  broken.replace(broken.find("\"1\": desk"), 9, "\"1\": desc");
  const auto refused = Flow::parse(broken, "shop.yaml");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().place().line, 9u);
  EXPECT_EQ(refused.error().place().file, "shop.yaml");
  EXPECT_NE(refused.error().message().find("desc"), std::string::npos) << refused.error().text();
  EXPECT_NE(refused.error().text().find("did you mean `desk`?"), std::string::npos) << refused.error().text();
}
// Publishing again without a change made a new version each time, up to a thousand.
TEST(Complaints, Genesys336_PublishingWithoutAChangeMovesNobody) {
  std::string safe(kMenu);
  safe.replace(safe.find("{type: menu,"), 12, "{type: menu, note: x, safe_point: true,");
  std::string noted = safe;
  noted.replace(noted.find("note: x"), 7, "note: another note");
  const Flow first = flow(safe), second = flow(noted);
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  Engine engine(first);
  engine.publish(second, {});
  Session session(first);
  engine.start(session, {}, monday());
  for (const Trace& t : engine.trace()) EXPECT_NE(t.kind, TraceKind::migrated);
}
// One file of everything could not be split.
TEST(Complaints, Genesys1593_AFlowMayLieInSeveralFiles) {
  const LoadOptions options = files({{"hours.yaml", "flow: 1\nstart: s\nnodes:\n  s: {type: play, prompt: greeting, next: r}\n  r: {type: return}\n"},
                                     {"en.yaml", "greeting: Good morning\nbye: Bye\n"}});
  const auto loaded = Flow::parse(R"(
flow: 1
languages: [en-US]
prompts: {en-US: en.yaml}
start: a
subflows: {hours: hours.yaml}
nodes:
  a: {type: subflow, flow: hours, next: b}
  b: {type: hangup, prompt: bye}
)", "main.yaml", options);
  if (!loaded) {
    FAIL() << examine(R"(flow: 1)", "x").diagnostics.to_text() << loaded.error().text();
  }
  Rehearsal call(*loaded, {}, monday());
  EXPECT_TRUE(call.hears("Good morning"));
}
// The export left things out.
TEST(Complaints, Genesys2192_AnExportLoadsToTheSameFlow) {
  for (const char* file : {"12345.yaml", "12333.yaml"}) {
    const Flow f = Flow::load(shipped(file)).value();
    LoadOptions options;
    options.read = files_below(shipped(""));
    const auto again = Flow::parse(f.to_json(), shipped(file), options);
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(again->fingerprint(), f.fingerprint());
    EXPECT_EQ(again->size(), f.size());
  }
}
// Names with spaces and underscores fell on the same identifier.
TEST(Complaints, Genesys821_NamesDoNotCollide) {
  const Flow f = flow(R"(
flow: 1
languages: [en-US]
start: tax_office
nodes:
  tax_office: {type: play, name: tax office, prompt: {text: one}, next: tax-office}
  tax-office: {type: play, name: tax office, prompt: {text: two}, next: tax office}
  tax office: {type: hangup, name: tax office, prompt: {text: three}}
)");
  EXPECT_EQ(f.size(), 3u);
  EXPECT_EQ(std::set<std::size_t>({f.find("tax_office"), f.find("tax-office"), f.find("tax office")}).size(), 3u);
}

// No tone and no timers of its own for each collector.
TEST(Complaints, Asterisk1493And1396_EveryCollectorHasItsOwnTonesAndTimers) {
  const Flow f = flow(R"(
flow: 1
languages: [en-US]
start: c
variables: {n: string}
nodes:
  c: {type: collect, prompt: {text: Number, file: prompt-tone.wav}, invalid_sound: {text: beep, file: error-tone.wav}, store: n, min: 2, max: 3,
      first_digit_timeout: 7s, inter_digit_timeout: 1500ms, next: bye, exhausted: bye}
  bye: {type: hangup, prompt: {text: "{n}"}}
)");
  Engine engine(f);
  Session session = engine.open();
  EXPECT_EQ(engine.start(session, {}, monday())[0].parts[0].file, "prompt-tone.wav");
  engine.step(session, Event::played(1), monday());
  EXPECT_EQ(session.deadline() - monday(), 7s);
  engine.step(session, Event::digit('1'), monday());
  EXPECT_EQ(session.deadline() - monday(), 1500ms);
  const auto again = engine.step(session, Event::timer(), monday() + 1500ms);
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again.back().parts[0].file, "error-tone.wav");
}
// Three or four seconds between the key and the answer.
TEST(Complaints, AeapSpeechToText9_AUniqueKeyIsAnsweredInTheSameStep) {
  Hand h(flow(kMenu));
  h.played();
  h.pass(1s);
  h.key('2');
  EXPECT_EQ(h.text(), "Bye");
}
