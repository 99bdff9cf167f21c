// A live call's journal: written, replayed to the same bytes, tried with another version, made a scenario, counted.
#include <fstream>

#include "fixture.hpp"
#include "hotline/base/scenario.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

constexpr std::string_view kFlow = R"(
flow: 1
id: pins
version: "1"
languages: [en-US]
start: m
agent: a
on_error: bye
variables: {n: string, pin: {type: string, secret: true}, reply: string, x: {type: int, default: 0}}
nodes:
  m: {type: menu, prompt: {text: Menu}, choices: {"1": look, "2": p, "3": r}, exhausted: bye, safe_point: true}
  look: {type: query, query: find, store: {reply: answer}, holding: {text: Wait}, ok: say, empty: m}
  say: {type: play, prompt: {text: "{reply}"}, next: m}
  p: {type: collect, prompt: {text: Pin}, min: 4, max: 4, store: pin, next: m, exhausted: bye}
  r: {type: record, prompt: {text: Speak}, store: n, saved: bye, cancelled: m, too_short: m, hangup_saved: bye}
  a: {type: queue, queue: general, prompt: {text: Hold}, overflow: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)";

struct Written {
  std::string text;
  Journal journal{[this](std::string_view line) { text += line; }};
};

std::string record_call(const Flow& f) {
  Written written;
  const Answers answers = [](const Action& action, Answer& answer) {
    if (action.target != "find") return false;
    answer.fields = {{"answer", std::string("it is \"done\"\n")}, {"count", std::int64_t{3}}, {"share", 0.25}, {"yes", true}};
    return true;
  };
  Rehearsal call(f, {.caller = "13800138000", .dialled = "12345", .seed = 0xfedcba9876543210, .variables = {{"x", std::int64_t{7}}}}, monday(), answers, &written.journal);
  call.press("8");
  call.press("1");
  call.wait(8s);
  call.press("3");
  call.say("words", 8s);
  call.press("1");
  call.finish();
  EXPECT_TRUE(call.ended());
  return written.text;
}

}  // namespace

TEST(Replay, TheSameFlowGivesTheSameBytes) {
  const Flow f = flow(kFlow);
  const std::string journal = record_call(f);
  const auto replayed = replay({&f, 1}, journal);
  ASSERT_TRUE(replayed.ok()) << replayed.error().text();
  EXPECT_TRUE(replayed->same()) << replayed->to_text();
  EXPECT_EQ(replayed->calls, 1u) << journal;
  EXPECT_GT(replayed->lines, 25u);
}

TEST(Replay, AnotherVersionTellsTheFirstDifferenceWithItsPlace) {
  const std::string journal = record_call(flow(kFlow));
  std::string changed(kFlow);
  changed.replace(changed.find("\"2\": p, \"3\": r"), 14, "\"2\": r, \"3\": p");
  const Flow next = flow(changed);
  const auto replayed = replay({&next, 1}, journal, "yesterday.jsonl");
  ASSERT_TRUE(replayed.ok());
  ASSERT_EQ(replayed->differences.size(), 1u) << journal;
  const ReplayDifference& d = replayed->differences[0];
  EXPECT_EQ(d.node, "r");
  EXPECT_EQ(d.call, "c1");
  EXPECT_NE(d.recorded.find("\"node.enter\",\"call\":\"c1\",\"node\":\"r\""), std::string::npos) << d.recorded;
  EXPECT_NE(d.replayed.find("\"node\":\"p\""), std::string::npos) << d.replayed;
  // The line is the place: the key before it was 3.
  std::size_t line = 1, at = 0;
  for (; line < d.line; ++line) at = journal.find('\n', at) + 1;
  EXPECT_NE(journal.find(d.recorded, at), std::string::npos);
  EXPECT_LT(journal.find(d.recorded, at), journal.find('\n', at));
}

TEST(Replay, WhatTheJournalLeavesOutOrAddsIsFound) {
  const Flow f = flow(kFlow);
  const std::string journal = record_call(f);
  std::string shorter = journal;
  const auto from = shorter.find("\"type\":\"play\"", shorter.find("node.no_match"));
  const auto begin = shorter.rfind('\n', from) + 1;
  shorter.erase(begin, shorter.find('\n', from) + 1 - begin);
  EXPECT_FALSE(replay({&f, 1}, shorter)->same());
  std::string longer = journal;
  longer.insert(begin, longer.substr(begin, longer.find('\n', from) + 1 - begin));
  EXPECT_FALSE(replay({&f, 1}, longer)->same());
}

TEST(Replay, BrokenJournalsAreRefusedWithTheirLine) {
  const Flow f = flow(kFlow);
  const std::string journal = record_call(f);
  const auto broken = replay({&f, 1}, journal + "{\"box\":\"ivr\",\n", "j");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.code(), ErrorCode::corrupt);
  EXPECT_GT(broken.error().place().line, 25u);
  EXPECT_EQ(replay({}, journal).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(replay({&f, 1}, "").code(), ErrorCode::not_found);
  EXPECT_TRUE(replay({&f, 1}, journal + "{\"seq\":99,\"torn")->same()) << "a torn last line is no damage";
}

TEST(Replay, SecretEntriesAreNotWrittenDown) {
  const Flow f = flow(kFlow);
  Written written;
  Rehearsal call(f, {.caller = "1"}, monday(), {}, &written.journal);
  call.press("2");
  call.press("4711");
  call.hang_up();
  EXPECT_EQ(written.text.find("4711"), std::string::npos);
  EXPECT_EQ(written.text.find("\"key\":\"7\""), std::string::npos) << written.text;
  const auto replayed = replay({&f, 1}, written.text);
  ASSERT_TRUE(replayed.ok());
  EXPECT_TRUE(replayed->same()) << replayed->to_text();
  EXPECT_EQ(replayed->skipped, 1u);
}

TEST(Replay, NoticesVersionsMovesAndCrashesAreReplayedToo) {
  const Flow first = flow(kFlow);
  std::string text(kFlow);
  text.replace(text.find("version: \"1\""), 12, "version: \"2\"");
  text.replace(text.find("text: Menu"), 10, "text: Better menu");
  const Flow second = flow(text);
  Written written;
  Switchboard board(first);
  board.journal(&written.journal);
  Time now = monday();
  const auto apply = [&](std::string_view verb, std::string_view fields) {
    now += 1s;
    const auto done = board.apply(verb, fields, now);
    EXPECT_TRUE(done.ok()) << verb << ": " << (done.ok() ? "" : done.error().text());
    return done.ok() ? *done : std::string();
  };
  apply("call.start", R"({"call":"a"})");
  apply("notice.lay", R"({"id":"storm","node":"m","text":"Storm warning."})");
  apply("call.key", R"({"call":"a","key":"1"})");
  apply("call.result", R"({"call":"a","outcome":"empty"})");
  apply("call.played", R"({"call":"a"})");
  apply("notice.lift", R"({"id":"storm"})");
  board.publish(second, Migration{}, now);
  apply("call.start", R"({"call":"b"})");
  apply("call.key", R"({"call":"a","key":"1"})");
  const std::string stored = board.find("a")->serialise();
  EXPECT_EQ(board.find("a")->flow().fingerprint(), first.fingerprint());

  // The process dies; another one takes the journal and the session up.
  Switchboard after(second);
  after.publish(first, now);   // the version that the session runs; then the new one again
  after.publish(second, Migration{}, now);
  Journal journal([&](std::string_view line) { written.text += line; }, written.journal.next_seq());
  after.journal(&journal);
  JsonWriter(text = "").begin_object().field("call", "a").field("session", stored).end_object();
  ASSERT_TRUE(after.apply("call.restore", text, now).ok());
  EXPECT_NE(after.apply("call.resume", R"({"call":"a"})", now)->find("\"type\":\"query\""), std::string::npos);
  const auto moved = after.apply("call.result", R"({"call":"a","outcome":"empty"})", now + 1s);
  EXPECT_NE(moved->find("Better menu"), std::string::npos) << *moved;

  const Flow both[] = {first, second};
  const auto replayed = replay(both, written.text);
  ASSERT_TRUE(replayed.ok()) << replayed.error().text();
  EXPECT_TRUE(replayed->same()) << replayed->to_text();
  EXPECT_EQ(replayed->calls, 2u);

  const auto counted = read_statistics(written.text);
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->find("pins 1")->nodes().find("m")->second.entries, 2u);
  EXPECT_EQ(counted->find("pins 2")->nodes().find("m")->second.entries, 2u) << "the new call, and the one that moved";
}

TEST(Replay, AJournalBecomesAScenarioThatHolds) {
  const Flow f = flow(kFlow);
  const std::string journal = record_call(f);
  const auto text = to_scenario(journal, "c1", "pins.yaml");
  ASSERT_TRUE(text.ok()) << text.error().text();
  const auto scenario = parse_scenario(*text, "c1.scn");
  ASSERT_TRUE(scenario.ok()) << scenario.error().text() << *text;
  EXPECT_EQ(scenario->given, std::vector<std::string>{"pins.yaml"});
  Switchboard board(f);
  std::vector<std::string> events;
  std::size_t next = 0, checked = 0;
  const auto take = [&](const std::string& lines) {
    for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) events.push_back(lines.substr(at, lines.find('\n', at) - at));
  };
  for (const ScenarioStep& step : scenario->steps) {
    const Time now = monday() + step.at;
    if (!step.expected) {
      const auto done = board.apply(step.verb, step.fields, now);
      ASSERT_TRUE(done.ok()) << step.line << ": " << done.error().text();
      take(*done);
      continue;
    }
    take(board.advance(now));
    ASSERT_LT(next, events.size()) << step.line;
    const Node event = parse_document(events[next++], "event").value();
    EXPECT_EQ(event.find("type")->text(), step.verb) << step.line;
    EXPECT_TRUE(matches(step.fields, event)) << *text << step.line << events[next - 1];
    ++checked;
  }
  EXPECT_EQ(next, events.size());
  EXPECT_GT(checked, 12u);
  EXPECT_EQ(to_scenario(journal, "c9", "x").code(), ErrorCode::not_found);
}

TEST(Statistics, AJournalGivesTheSameCountsAsTheSwitchboard) {
  const Flow f = flow(kFlow);
  Written written;
  Switchboard board(f);
  board.journal(&written.journal);
  Time now = monday();
  for (int i = 0; i < 5; ++i) {
    const std::string call = R"({"call":"c)" + std::to_string(i) + "\"";
    ASSERT_TRUE(board.apply("call.start", call + "}", now += 1s).ok());
    ASSERT_TRUE(board.apply("call.key", call + R"(,"key":")" + std::string(1, "10381"[i]) + "\"}", now += 2s).ok());
    ASSERT_TRUE(board.apply("call.hangup", call + "}", now += 3s).ok());
  }
  const auto counted = read_statistics(written.text);
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->to_json(), board.statistics().to_json());
  const auto& menu = board.statistics().find("pins 1")->nodes().find("m")->second;
  EXPECT_EQ(menu.entries, 5u);
  EXPECT_EQ(menu.no_match, 1u);
  EXPECT_EQ(menu.zero_outs, 1u);
  EXPECT_EQ(menu.hangups, 1u);
}
