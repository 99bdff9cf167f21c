// Sessions as values, recordings that are never lost, guards, versions, notices.

#include "fixture.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {
constexpr std::string_view kRecord = R"(
flow: 1
languages: [en-US]
start: r
variables: {file: string, number: string}
on_error: sorry
nodes:
  r: {type: record, prompt: {text: Speak}, store: file, saved: keep, cancelled: bye, too_short: r, hangup_saved: keep}
  keep: {type: ticket, do: create, arguments: {recording: file}, store: {number: number}, holding: {text: Wait}, ok: tell}
  tell: {type: announce_number, value: number, next: bye}
  sorry: {type: hangup, prompt: {text: Sorry}}
  bye: {type: hangup, prompt: {text: Bye}}
)";
}  // namespace

TEST(Record, SilenceInTheReviewSaves) {
  Hand h(flow(kRecord));
  h.played();
  EXPECT_EQ(h.kinds(), "record");
  h.event(Event::recorded(h.last_request, "a.wav", 10s, RecordingEnd::silence));
  for (int i = 0; i < 3; ++i) {
    h.played();
    h.expire();
  }
  EXPECT_EQ(h.kinds(), "ticket");
  EXPECT_EQ(to_text(view(h.actions[0].arguments[0].value)), "a.wav");
}
TEST(Record, TooShortIsAskedAgain) {
  Hand h(flow(kRecord));
  h.played();
  h.event(Event::recorded(h.last_request, "a.wav", 1s, RecordingEnd::key));
  EXPECT_EQ(h.text(), "Speak");
}
TEST(Record, HangUpBeforeOrAfterTheRecordingIsReportedKeepsIt) {
  for (const bool hangup_first : {true, false}) {
    Hand h(flow(kRecord));
    h.played();
    const auto id = h.last_request;
    if (hangup_first) h.event(Event::hangup());
    h.event(Event::recorded(id, "a.wav", 5s, RecordingEnd::hangup));
    EXPECT_EQ(h.kinds(), "ticket");
    if (!hangup_first) h.event(Event::hangup());
    EXPECT_FALSE(h.session.ended());
    const std::vector<Field> fields{{"number", std::string("20260001")}};
    h.event(Event::result(h.last_request, Outcome::ok, fields));
    EXPECT_TRUE(h.session.ended());
    EXPECT_EQ(h.kinds(), "") << "nothing is said to nobody";
  }
}
TEST(Record, AHostThatForgetsTheRecordingDoesNotHoldTheSession) {
  Hand h(flow(kRecord));
  h.played();
  h.event(Event::hangup());
  h.expire();
  EXPECT_TRUE(h.session.ended());
}

TEST(Query, HoldingPromptThenTimeout) {
  Hand h(flow(R"(
flow: 1
languages: [en-US]
start: q
nodes:
  q: {type: query, query: balance, holding: {text: Wait}, ok: a, empty: b, error: c, timeout: d}
  a: {type: hangup, prompt: {text: ok}}
  b: {type: hangup, prompt: {text: empty}}
  c: {type: hangup, prompt: {text: error}}
  d: {type: hangup, prompt: {text: timeout}}
)"));
  EXPECT_EQ(h.kinds(), "query");
  EXPECT_EQ(h.until_deadline(), 2s);
  h.expire();
  EXPECT_EQ(h.text(), "Wait");
  h.expire();
  EXPECT_EQ(h.kinds(), "stop cancel play");
  EXPECT_EQ(h.text(), "timeout");
}

TEST(Flow, LoopsSubflowsBranchesAndPercent) {
  Hand h(flow(R"(
flow: 1
languages: [en-US]
start: s
variables: {n: {type: int, default: 0}, out: int}
subflows:
  add:
    parameters: [a]
    returns: [b]
    variables: {a: int, b: int}
    start: x
    nodes:
      x: {type: set, set: {b: a + 10}, next: y}
      y: {type: return}
nodes:
  s: {type: loop, max: 3, body: up, done: sub}
  up: {type: set, set: {n: n + 1}, next: s}
  sub: {type: subflow, flow: add, arguments: {a: n}, store: {out: b}, next: split}
  split: {type: percent, shares: [{percent: 100, to: check}, {percent: 0, to: bye}]}
  check: {type: branch, cases: [{when: out == 13, to: good}], else: bye}
  good: {type: hangup, prompt: {text: "{out|number}"}}
  bye: {type: hangup}
)"));
  EXPECT_EQ(h.text(), "thirteen");
}

TEST(Flow, ErrorsGoToTheirHandlers) {
  Hand h(flow(R"(
flow: 1
languages: [en-US]
start: s
variables: {n: {type: int, default: 0}}
nodes:
  s: {type: set, set: {n: 1 / n}, next: bye}
  oops: {type: error_handler, scope: flow, next: told}
  told: {type: hangup, prompt: {text: "error in {error_node}"}}
  bye: {type: hangup}
)"));
  EXPECT_EQ(h.text(), "error in s");
}

TEST(Session, StoredAndRestoredGoesOnTheSame) {
  auto loaded = Flow::load(shipped("12345.yaml"));
  ASSERT_TRUE(loaded.ok());
  Hand h(*loaded, {.caller = "13800138000"});
  h.played();
  h.keys("2");
  const std::string stored = h.session.serialise();
  auto restored = Session::restore(*loaded, stored);
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  EXPECT_EQ(restored->serialise(), stored);
  Hand other(*loaded);
  other.session = *restored;
  other.now = h.now;
  const auto again = other.engine.resume(other.session, other.now);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].kind, ActionKind::play) << "the prompt is said from its start";
  for (const std::string_view broken : {"", "{}", "{\"flow\":\"x\"}"}) EXPECT_FALSE(Session::restore(*loaded, broken).ok());
  EXPECT_EQ(Session::restore(flow(kRecord), stored).code(), ErrorCode::version_mismatch);
}

TEST(Session, IsSmall) {
  EXPECT_LE(sizeof(Session), 512u);
}

TEST(Versions, RunningCallsMoveOnlyAtSafePoints) {
  const auto version = [](std::string_view text, bool safe) {
    return flow("flow: 1\nid: v\nlanguages: [en-US]\nstart: a\nnodes:\n  a: {type: menu, prompt: {text: First}, choices: {\"1\": b}, exhausted: hangup}\n"
                "  b: {type: menu, " + std::string(safe ? "safe_point: true, " : "") + "prompt: {text: " + std::string(text) + "}, choices: {\"1\": a}, exhausted: hangup}\n");
  };
  Engine engine(version("Old", true));
  Session s = engine.open();
  engine.start(s, {}, monday());
  engine.publish(version("New", true), {});
  const auto actions = engine.step(s, Event::digit('1'), monday() + 1s);
  EXPECT_EQ(actions.back().parts[0].text, "New");
  Engine other(version("Old", false));
  Session t = other.open();
  other.start(t, {}, monday());
  other.publish(version("New", false), {});
  EXPECT_EQ(other.step(t, Event::digit('1'), monday() + 1s).back().parts[0].text, "Old");
}

TEST(Guards, ACallHasALimitAndSoHaveSteps) {
  Hand h(flow("flow: 1\nlanguages: [en-US]\nstart: a\ncall_limit: 5m\non_error: late\nnodes:\n"
              "  a: {type: menu, prompt: {text: First}, choices: {\"1\": a}, exhausted: hangup}\n  late: {type: hangup, prompt: {text: Too long}}\n"));
  h.pass(5min);
  h.timer();
  EXPECT_EQ(h.text(), "Too long");
}

TEST(Explore, ProvesTheShippedFlow12333) {
  const Explored social = explore(Flow::load(shipped("12333.yaml")).value());
  EXPECT_TRUE(social.ok()) << social.to_text();
  EXPECT_EQ(social.coverage.nodes.share(), 1) << "night and holidays too: " << social.to_text();
  EXPECT_LT(social.states, 10'000u) << "states that only grow tell of something that is never undone";
}

TEST(Explore, ProvesTheShippedFlow12345) {
  const Explored city = explore(Flow::load(shipped("12345.yaml")).value());
  EXPECT_TRUE(city.ok()) << city.to_text();
}

TEST(Explore, FindsATrapAndTheKeysThatLeadThere) {
  const Explored trap = explore(flow(R"(
flow: 1
languages: [en-US]
start: m
variables: {x: string, flag: {type: bool, default: false}}
nodes:
  m: {type: menu, prompt: {text: Press 1 or 2}, choices: {"1": {to: bye}, "2": {to: trap}}, exhausted: bye}
  trap: {type: menu, prompt: {text: Press 1}, choices: {"1": trap}, exhausted: check, global_keys: {"*": "off", "#": "off"}}
  check: {type: branch, cases: [{when: flag, to: bye}], else: trap}
  bye: {type: hangup, prompt: {text: Bye}}
)"));
  ASSERT_FALSE(trap.problems.empty()) << trap.to_text();
  EXPECT_EQ(trap.problems[0].what, "stuck");
  EXPECT_EQ(trap.problems[0].keys, "2");
}

TEST(Subflows, KeysThatLeadOutOfThemEndThem) {
  const Flow f = flow(R"(
flow: 1
languages: [en-US]
start: m
agent: a
on_error: bye
subflows:
  s:
    start: inner
    nodes:
      inner: {type: menu, prompt: {text: Inner}, choices: {"1": done, "2": deeper}, exhausted: done}
      deeper: {type: menu, prompt: {text: Deeper}, choices: {"1": done}, exhausted: done}
      done: {type: return}
nodes:
  m: {type: menu, prompt: {text: Menu}, choices: {"1": sub, "2": bye}, exhausted: bye}
  sub: {type: subflow, flow: s, next: after}
  after: {type: menu, prompt: {text: After}, choices: {"1": bye}, exhausted: bye}
  a: {type: queue, queue: general, overflow: bye, error: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)");
  Rehearsal c = call(f);
  for (int round = 0; round < 40; ++round) {  // more often than sub-flows may be nested
    c.press("1");
    EXPECT_EQ(c.session().node(), "s/inner");
    c.press("*");
    ASSERT_EQ(c.session().node(), "m") << round;
  }
  c.press("1");
  c.press("2");
  c.press("*");
  EXPECT_EQ(c.session().node(), "s/inner") << "inside, back leads to the menu before";
  c.press("1");
  c.listen();
  EXPECT_EQ(c.session().node(), "after");
  c.press("*");
  EXPECT_EQ(c.session().node(), "m") << "a sub-flow that was left is not entered from behind";
}
