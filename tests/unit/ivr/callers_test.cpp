// Callers made up by the machine: coverage, random calls, shortening, load.
#include "fixture.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

constexpr std::string_view kSmall = R"(
flow: 1
id: small
languages: [en-US]
start: m
agent: a
on_error: bye
nodes:
  m: {type: menu, prompt: {text: Menu}, choices: {"1": a, "2": bye}, exhausted: bye}
  a: {type: queue, queue: general, overflow: bye, error: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)";

}  // namespace

TEST(Coverage, CountsNodesExitsAndCounters) {
  const Flow f = flow(kSmall);
  CoverageMap map(f);
  EXPECT_EQ(map.report().nodes.share(), 0);
  Rehearsal one = call(f);
  one.press("8");
  one.press("2");
  one.finish();
  map.add(one);
  const Coverage c = map.report();
  EXPECT_EQ(c.nodes.reached, 2u);
  EXPECT_EQ(c.nodes.missed, std::vector<std::string>{"a"});
  EXPECT_EQ(c.counters.total, 3u);
  EXPECT_EQ(c.counters.missed, (std::vector<std::string>{"m/no_input", "m/exhausted"}));
  EXPECT_EQ(c.exits.reached, 1u);
  EXPECT_NE(c.to_text().find("counters 33 % (1 of 3)"), std::string::npos) << c.to_text();
}

TEST(RandomCallers, SeeTheWholeOfASmallFlow) {
  const CallersReport report = random_callers(flow(kSmall), {.calls = 400, .seed = 3});
  EXPECT_FALSE(report.failed) << report.to_text();
  EXPECT_EQ(report.coverage.nodes.share(), 1) << report.to_text();
  EXPECT_EQ(report.coverage.counters.share(), 1) << report.to_text();
  EXPECT_EQ(report.coverage.exits.share(), 1) << report.to_text();
  EXPECT_EQ(report.to_json(), random_callers(flow(kSmall), {.calls = 400, .seed = 3}).to_json()) << "the same seed, the same calls";
}

TEST(RandomCallers, AFailingCallIsMadeShort) {
  // Only who asks for the third page twice and gets an empty answer meets the fault.
  const CallersReport report = random_callers(flow(R"(
flow: 1
languages: [en-US]
start: m
variables: {n: {type: int, default: 0}}
nodes:
  m: {type: menu, prompt: {text: Menu}, choices: {"1": m2, "2": bye}, exhausted: bye}
  m2: {type: menu, prompt: {text: More}, choices: {"3": q, "4": m}, exhausted: bye}
  q: {type: query, query: x, holding: {text: Wait}, ok: m, empty: count, error: m, timeout: m}
  count: {type: set, set: {n: n + 1}, next: check}
  check: {type: branch, cases: [{when: n == 2, to: broken}], else: m}
  broken: {type: hangup, cause: error, prompt: {text: Sorry}}
  bye: {type: hangup, prompt: {text: Bye}}
)"), {.calls = 20'000, .seed = 1, .moves = 40});
  ASSERT_TRUE(report.failed) << report.to_text();
  EXPECT_EQ(report.why, "error");
  const std::vector<std::string> moves(report.script.begin(), report.script.end() - 2);
  EXPECT_EQ(report.script.size(), 6u) << report.to_text();
  for (const std::string& move : moves) EXPECT_TRUE(move.find('1') != move.npos || move.find('3') != move.npos) << move;
  EXPECT_EQ(report.script[4], "1=empty") << "the answers that matter, by number";
  EXPECT_EQ(report.script[5], "2=empty");
  EXPECT_NE(report.transcript.find("Sorry"), std::string::npos);
}

TEST(RandomCallers, FindNoBreakageInTheShippedFlows) {
  for (const char* file : {"12345.yaml", "12333.yaml"}) {
    const CallersReport report = random_callers(Flow::load(shipped(file)).value(), {.calls = 300, .seed = 7});
    EXPECT_FALSE(report.failed) << report.to_text();
    EXPECT_GT(report.coverage.nodes.share(), 0.8) << report.to_text();
    for (const std::string& missed : report.coverage.exits.missed) EXPECT_NE(missed, "hours/closed") << "some call at night";
  }
}

TEST(CallLoad, ManyCallsAtOnceAndANewVersionMeanwhile) {
  const Flow f = flow(kSmall);
  Engine engine(f);
  CallLoad load(engine, {.calls_per_second = 50, .live = 500, .seed = 1, .from = monday()});
  load.run(monday() + 2min);
  EXPECT_EQ(load.counts().peak, 500u);
  EXPECT_GT(load.counts().turned_away, 0u);
  EXPECT_GT(load.counts().endings.at("hangup_by_caller"), 10u);
  std::string changed(kSmall);
  changed.replace(changed.find("text: Menu"), 10, "text: News");
  engine.publish(flow(changed));
  load.run(monday() + 30min);
  EXPECT_GT(load.counts().calls, 2000u);
  Engine again(f);
  CallLoad same(again, {.calls_per_second = 50, .live = 500, .seed = 1, .from = monday()});
  same.run(monday() + 2min);
  CallLoad other(again, {.calls_per_second = 50, .live = 500, .seed = 2, .from = monday()});
  other.run(monday() + 2min);
  EXPECT_NE(same.to_json(), other.to_json());
}

TEST(Slots, HoldEveryKindAndTextsOfAnyLength) {
  Slots slots;
  slots.reset(4);
  EXPECT_EQ(slots.bytes(), 64u);
  for (std::size_t length = 0; length < 60; ++length) {
    const std::string text(length, static_cast<char>('a' + length % 26));
    slots.set(length % 4, std::string_view(text));
    EXPECT_EQ(slots.text(length % 4), text);
  }
  slots.set(0, std::string_view("a text that does not fit inside"));
  slots.set(0, slots.text(0).substr(2));
  EXPECT_EQ(slots.text(0), "text that does not fit inside");
  slots.set(0, slots.text(0).substr(0, 4));
  EXPECT_EQ(slots.text(0), "text");
  slots.set(1, std::int64_t{-5});
  slots.set(2, 2.5);
  slots.set(3, true);
  const Slots copied = slots;
  slots.reset(2);
  EXPECT_EQ(std::get<std::string_view>(copied.get(0)), "text");
  EXPECT_EQ(std::get<std::int64_t>(copied.get(1)), -5);
  EXPECT_EQ(std::get<double>(copied.get(2)), 2.5);
  EXPECT_EQ(std::get<bool>(copied.get(3)), true);
}
