// Every type of node runs, is entered and is left by each of its exits; what the easy profile and languages change.
#include <map>
#include <set>

#include "fixture.hpp"
#include "ivr/node_spec.hpp"
#include "ivr/program.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

// One flow with every type; the menu leads to each. `hub` is where all exits meet, so that a call can go through many.
constexpr std::string_view kAll = R"(
flow: 1
id: all
languages: [en-US, zh-CN]
start: begin
main: hub
agent: agents
on_error: sorry
variables: {n: string, file: string, x: {type: int, default: 0}, text: string, number: string, fax: string, who: string, a: string, b: string}
calendars: {office: {timezone: Asia/Shanghai, days: {work: ["09:00-17:00"], off: []}, week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: off, sun: off}}}
subflows:
  double:
    parameters: [v]
    returns: [r]
    exits: [big]
    variables: {v: int, r: int}
    start: work
    nodes:
      work: {type: set, set: {r: v * 2}, next: how}
      how: {type: branch, cases: [{when: r > 4, to: out_big}], else: out}
      out: {type: return}
      out_big: {type: return, exit: big}
nodes:
  begin: {type: start, next: lang}
  lang: {type: language, from: known_language, choices: {"1": en-US, "2": zh-CN}, next: hub, exhausted: hub}
  hub:
    type: menu
    prompt: {en-US: {text: Hub}, zh-CN: {text: 总菜单}}
    inter_digit_timeout: 1s
    choices: {"11": say, "12": announce, "13": silent, "14": tune, "21": ask, "22": speak, "23": poll, "24": name, "31": look, "32": file_it,
              "33": knowledge, "41": queue, "42": call, "43": hours, "44": ring_back, "51": sms, "52": send, "53": receive, "61": jump, "62": add,
              "63": loop, "64": sub, "65": lots, "66": broken, "67": emails}
    exhausted: bye
  say: {type: play, prompt: {en-US: {text: "Hello {x|number}"}, zh-CN: {text: "您好{x|number}"}}, next: hub}
  announce: {type: announce_number, value: "'20260001'", next: hub}
  silent: {type: pause, for: 3s, next: hub}
  tune: {type: music, music: {en-US: {text: la}, zh-CN: {text: 啦}}, for: 20s, next: hub}
  ask: {type: collect, prompt: {en-US: {text: Digits}, zh-CN: {text: 号码}}, min: 2, max: 4, store: n, confirm: true, next: hub, exhausted: hub}
  speak: {type: record, prompt: {en-US: {text: Speak}, zh-CN: {text: 请讲}}, store: file, saved: hub, cancelled: hub, too_short: hub, hangup_saved: file_it}
  poll:
    type: survey
    poll: p1
    questions: [{id: a, prompt: {en-US: {text: First}, zh-CN: {text: 第一}}, answers: 1-5}, {id: b, prompt: {en-US: {text: Second}, zh-CN: {text: 第二}}, answers: 1-3}]
    next: hub
  name: {type: dial_by_name, store: who, people: [{name: Ann, spelling: ann, extension: "101"}, {name: Bob, spelling: bob, extension: "102"}], next: hub, exhausted: hub}
  look: {type: query, query: balance, arguments: {n: n}, store: {text: words}, holding: {en-US: {text: Wait}, zh-CN: {text: 请稍候}}, ok: hub, empty: hub, error: hub, timeout: hub}
  file_it: {type: ticket, do: create, arguments: {file: file}, store: {number: number}, holding: {en-US: {text: Wait}, zh-CN: {text: 请稍候}}, ok: hub, empty: hub, error: hub, timeout: hub}
  knowledge: {type: kb, do: search, text: n, store: {text: text}, holding: {en-US: {text: Wait}, zh-CN: {text: 请稍候}}, ok: hub, empty: hub, error: hub, timeout: hub}
  queue: {type: queue, queue: general, music: {en-US: {text: la}, zh-CN: {text: 啦}}, announce: {en-US: {text: "Place {queue_position|number}"}, zh-CN: {text: "第{queue_position|number}位"}}, overflow_after: 5m, callback_key: "1", answered: hub, overflow: hub, callback: ring_back, error: hub}
  agents: {type: queue, queue: people, overflow: bye}
  call: {type: transfer, kind: external, to: "110", answered: hub, busy: hub, no_answer: hub, failed: hub}
  hours: {type: schedule, calendar: office, open: hub, closed: say}
  ring_back: {type: callback, queue: general, next: hub, error: hub}
  sms: {type: notify, channel: sms, template: thanks, arguments: {number: number}, next: hub}
  emails: {type: notify, channel: email, template: thanks, to: "'a@b.example'", wait: true, next: hub, failed: hub}
  send: {type: fax_send, document: form, prompt: {en-US: {text: Press start}, zh-CN: {text: 请按开始键}}, next: hub, failed: hub}
  receive: {type: fax_receive, prompt: {en-US: {text: Send now}, zh-CN: {text: 请发送}}, store: {fax: file}, next: got, failed: hub}
  got: {type: branch, cases: [{when: fax == "in.tif", to: hub}], else: bye}
  jump: {type: goto, to: add}
  add: {type: set, set: {x: x + 1}, next: hub}
  loop: {type: loop, max: 3, body: add_in_loop, done: hub}
  add_in_loop: {type: set, set: {x: x + 10}, next: loop}
  sub: {type: subflow, flow: double, arguments: {v: x}, store: {x: r}, next: hub, exits: {big: say}}
  lots: {type: percent, shares: [{percent: 50, to: hub}, {percent: 50, to: say}]}
  broken: {type: set, set: {x: 1 / (x - x)}, next: hub}
  sorry: {type: error_handler, scope: flow, next: sorry_words}
  sorry_words: {type: play, prompt: {en-US: {text: Sorry}, zh-CN: {text: 抱歉}}, next: hub}
  bye: {type: hangup, prompt: {en-US: {text: Bye}, zh-CN: {text: 再见}}}
)";

const Flow& all() {
  static const Flow f = flow(kAll);
  return f;
}

// What the host answers next.
struct Host {
  Answer answer;
  bool given = false;
  Answers answers() {
    return [this](const Action&, Answer& into) {
      if (given) into = answer;
      return given;
    };
  }
};

struct All {
  Host host;
  Rehearsal call;
  explicit All(Start start = {.caller = "13800138000", .dialled = "12345", .language = "en-US"}) : call(all(), std::move(start), monday(), host.answers()) {}
  bool left(std::string_view exit) const { return !call.exits().empty() && std::find(call.exits().begin(), call.exits().end(), exit) != call.exits().end(); }
  void answer(Outcome outcome, std::vector<Field> fields = {}) { host.given = true, host.answer.outcome = outcome, host.answer.fields = std::move(fields), host.answer.talk = 10s; }
  std::string text(std::string_view variable) const { return to_text(view(call.session().variable(variable))); }
};

}  // namespace

TEST(Nodes, EveryTypeIsInTheFlow) {
  std::set<NodeType> types;
  for (const FlowNode& node : all().program().nodes) types.insert(node.type);
  EXPECT_EQ(types.size(), kNodeTypes);
}

TEST(Nodes, SpeechAndFlow) {
  All a;
  a.call.press("11");
  EXPECT_TRUE(a.call.hears("Hello zero"));
  a.call.press("12");
  EXPECT_TRUE(a.call.hears("two zero two six, zero zero zero one"));
  a.call.press("13");
  a.call.wait(2900ms);
  EXPECT_EQ(a.call.session().node(), "silent");
  a.call.wait(200ms);
  EXPECT_EQ(a.call.session().node(), "hub");
  a.call.press("14");
  a.call.wait(19s);
  EXPECT_EQ(a.call.session().node(), "tune") << "music goes on";
  a.call.press_now("6");
  EXPECT_TRUE(a.left("tune/next")) << "a key ends it ...";
  EXPECT_EQ(a.call.session().typed(), "6") << "... and counts for the menu";
  a.call.press_now("1");
  EXPECT_TRUE(a.left("jump/to"));
  EXPECT_EQ(a.text("x"), "1");
  a.call.press("63");
  EXPECT_EQ(a.text("x"), "31");
  EXPECT_TRUE(a.left("loop/done"));
  a.call.press("64");
  EXPECT_EQ(a.text("x"), "62");
  EXPECT_TRUE(a.left("sub/big"));
  a.call.press("66");
  EXPECT_TRUE(a.call.hears("Sorry"));
  EXPECT_TRUE(a.left("sorry/next"));
  EXPECT_EQ(a.text("error_node"), "broken");
  a.call.press("43");
  EXPECT_TRUE(a.left("hours/open"));
}

TEST(Nodes, SharesOfCallersFollowTheSeedAndThePercentages) {
  std::size_t first = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Engine engine(all());
    Session session = engine.open();
    engine.start(session, {.language = "en-US", .seed = seed}, monday());
    engine.step(session, Event::digit('6'), monday() + 1s);
    engine.step(session, Event::digit('5'), monday() + 2s);
    first += session.node() == "hub";
  }
  EXPECT_GT(first, 150u);
  EXPECT_LT(first, 250u);
}

TEST(Nodes, ScheduleOutOfHours) {
  Rehearsal night(all(), {.language = "en-US"}, monday() + 12h);
  night.press("43");
  EXPECT_TRUE(night.hears("Hello"));
}

TEST(Nodes, Input) {
  All a;
  a.call.press("21");
  a.call.press("1234");
  EXPECT_TRUE(a.call.hears("one two three four"));
  a.call.press("1");
  EXPECT_EQ(a.text("n"), "1234");
  a.call.press("22");
  a.call.say("words", 8s);
  a.call.press("2");
  EXPECT_TRUE(a.call.hears("recording-"));
  a.call.press("1");
  EXPECT_TRUE(a.left("speak/saved"));
  a.call.press("22");
  a.call.say("words", 8s);
  a.call.press("3");
  EXPECT_TRUE(a.left("speak/cancelled"));
  a.call.press("22");
  a.call.say("w", 500ms);
  EXPECT_TRUE(a.left("speak/too_short"));
  a.call.press("23");
  a.call.press("4");
  a.call.press("#");
  const auto& sent = a.call.requests().back();
  EXPECT_EQ(sent.kind, ActionKind::survey);
  EXPECT_EQ(to_text(view(sent.arguments[0].value)), "4");
  EXPECT_EQ(to_text(view(sent.arguments[1].value)), "") << "skipped";
  a.call.press("24");
  a.call.press("266#");
  EXPECT_TRUE(a.call.hears("Ann"));
  a.call.press("1");
  EXPECT_EQ(a.text("who"), "101");
}

TEST(Nodes, DataNodesTakeEveryExit) {
  const std::pair<const char*, const char*> nodes[] = {{"31", "look"}, {"32", "file_it"}, {"33", "knowledge"}};
  for (const auto& [keys, node] : nodes)
    for (const Outcome outcome : {Outcome::ok, Outcome::empty, Outcome::error, Outcome::timeout}) {
      All a;
      a.answer(outcome, {{"words", std::string("found")}, {"text", std::string("found")}, {"number", std::string("20260001")}});
      a.call.press(keys);
      a.call.wait(1s);
      EXPECT_TRUE(a.left(std::string(node) + "/" + std::string(to_string(outcome)))) << node;
    }
}

TEST(Nodes, AQueryThatTakesLongHoldsTheCallerAndThenTimesOut) {
  All a;
  a.answer(Outcome::ok);
  a.host.answer.after = 1min;
  a.call.press("31");
  a.call.said();
  a.call.wait(1900ms);
  EXPECT_EQ(a.call.said(), "") << "nothing in the first two seconds";
  a.call.wait(200ms);
  EXPECT_EQ(a.call.said(), "Wait");
  a.call.wait(8s);
  EXPECT_TRUE(a.left("look/timeout"));
  const auto& lines = a.call.transcript();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const auto& l) { return l.what == "cancel" && l.node == "look"; })) << "the host is told";
  a.call.wait(2min);
  EXPECT_EQ(a.text("text"), "") << "a late answer does nothing";
}

TEST(Nodes, RoutingNodesTakeEveryExit) {
  const std::pair<Outcome, const char*> transfers[] = {{Outcome::answered, "call/answered"}, {Outcome::busy, "call/busy"}, {Outcome::no_answer, "call/no_answer"}, {Outcome::failed, "call/failed"}};
  for (const auto& [outcome, exit] : transfers) {
    All a;
    a.answer(outcome);
    a.call.press("42");
    a.call.wait(20s);
    EXPECT_TRUE(a.left(exit)) << exit;
    EXPECT_EQ(to_text(view(a.call.requests()[0].arguments[0].value)), "external");
  }
  const std::pair<Outcome, const char*> queues[] = {{Outcome::answered, "queue/answered"}, {Outcome::full, "queue/overflow"}, {Outcome::closed, "queue/overflow"}, {Outcome::error, "queue/error"}};
  for (const auto& [outcome, exit] : queues) {
    All a;
    a.answer(outcome);
    a.call.press("41");
    a.call.wait(20s);
    EXPECT_TRUE(a.left(exit)) << exit;
  }
  All waits;
  waits.answer(Outcome::answered);
  waits.host.answer.after = 10min;
  waits.call.press("41");
  waits.call.wait(61s);
  EXPECT_TRUE(waits.call.hears("Place"));
  waits.host.given = false;
  waits.call.press_now("1");
  waits.call.wait(1s);
  EXPECT_TRUE(waits.left("queue/callback"));
  EXPECT_TRUE(waits.left("ring_back/next"));
  All patient;
  patient.answer(Outcome::answered);
  patient.host.answer.after = 10min;
  patient.call.press("41");
  patient.call.wait(301s);
  EXPECT_TRUE(patient.left("queue/overflow"));
}

TEST(Nodes, OutNodes) {
  All a;
  a.call.press("51");
  EXPECT_TRUE(a.left("sms/next"));
  EXPECT_EQ(to_text(view(a.call.requests()[0].arguments[1].value)), "13800138000") << "the caller, where nobody is named";
  a.answer(Outcome::failed);
  a.call.press("67");
  a.call.wait(1s);
  EXPECT_TRUE(a.left("emails/failed"));
  a.call.press("52");
  a.call.wait(20s);
  EXPECT_TRUE(a.left("send/failed"));
  a.answer(Outcome::ok);
  a.call.press("52");
  a.call.wait(20s);
  EXPECT_TRUE(a.left("send/next"));
}

TEST(Nodes, AFaxIsReceivedAndItsFileKept) {
  All a;
  a.answer(Outcome::ok, {{"file", std::string("in.tif")}, {"pages", std::int64_t{2}}});
  a.call.press("53");
  EXPECT_TRUE(a.call.requests().empty()) << "first the words";
  a.call.wait(10s);
  EXPECT_TRUE(a.call.all_said().find("Send now") != std::string::npos);
  EXPECT_EQ(a.call.requests()[0].kind, ActionKind::fax_receive);
  EXPECT_TRUE(a.left("receive/next"));
  EXPECT_EQ(a.text("fax"), "in.tif");
  EXPECT_TRUE(a.left("got/fax == \"in.tif\""));
  All silent;
  silent.answer(Outcome::ok);
  silent.host.answer.after = 20min;
  silent.call.press("53");
  silent.call.wait(310s);
  EXPECT_TRUE(silent.left("receive/failed"));
}

TEST(Language, ByKeyByRecordAndByDefault) {
  All by_key({.caller = "1"});
  by_key.call.press("2");
  EXPECT_TRUE(by_key.call.hears("总菜单"));
  All by_record({.language = "zh-CN"});
  EXPECT_TRUE(by_record.call.hears("总菜单"));
  EXPECT_TRUE(by_record.left("lang/next"));
  by_record.call.press("11");
  EXPECT_TRUE(by_record.call.hears("您好零")) << "numbers are said in the caller's language";
}

TEST(Language, ATextThatIsMissingIsSaidInTheDefaultLanguage) {
  // `check` calls it an error; a flow that is tried out nevertheless says the text of the default language.
  const auto examined = examine(R"(
flow: 1
languages: [zh-CN, en-US]
start: p
nodes:
  p: {type: play, prompt: {zh-CN: {text: 您好}}, next: bye}
  bye: {type: hangup, prompt: {zh-CN: {text: 再见}, en-US: {text: Bye}}}
)");
  EXPECT_FALSE(examined.ok());
  ASSERT_NE(examined.program, nullptr);
  Engine engine{Flow(examined.program)};
  Session session = engine.open();
  const auto actions = engine.start(session, {.language = "en-US"}, monday());
  ASSERT_FALSE(actions.empty());
  EXPECT_EQ(actions[0].parts[0].text, "您好");
  EXPECT_EQ(actions[0].parts[0].language, "zh-CN") << "and the voice is of that language";
  // A language of the same family comes first.
  Rehearsal regional(flow(R"(
flow: 1
languages: [zh-CN, zh-TW]
start: p
prompts: {zh-CN: {hello: 您好}}
nodes:
  p: {type: play, prompt: hello, next: bye}
  bye: {type: hangup}
)"), {.language = "zh-TW"}, monday());
  EXPECT_TRUE(regional.hears("您好"));
}

TEST(EasyProfile, ChoicesAreRepeatedAndTheAgentKeyIsAddedAndSaid) {
  const Flow f = flow(R"(
flow: 1
languages: [zh-CN]
start: m
agent: a
on_error: bye
global_keys: {"0": "off"}
nodes:
  m: {type: menu, prompt: {text: 咨询请按1，投诉请按2。}, choices: {"1": c, "2": a}, exhausted: bye}
  c: {type: collect, prompt: {text: 请输入号码。}, store: n, next: bye, exhausted: bye}
  a: {type: queue, queue: q, overflow: bye}
  bye: {type: hangup, prompt: {text: "再见{n}"}}
variables: {n: string}
)");
  Hand plain(f);
  EXPECT_EQ(plain.text(), "咨询请按1，投诉请按2。");
  plain.key('0');
  EXPECT_EQ(plain.session.node(), "m") << "the flow has switched it off";
  Hand easy(f, {.profile = "easy"});
  EXPECT_EQ(easy.text(), "咨询请按1，投诉请按2。转人工服务请按0。()咨询请按1，投诉请按2。转人工服务请按0。") << "() is a silence";
  EXPECT_EQ(easy.actions[0].rate, 80);
  easy.key('1');
  EXPECT_EQ(easy.text(), "请输入号码。") << "digits are not choices, and 0 is one of them";
  Hand person(f, {.profile = "easy"});
  person.key('0');
  EXPECT_EQ(person.session.node(), "a");
}

TEST(EasyProfile, AFlowMaySetItsOwn) {
  const Flow f = flow(R"(
flow: 1
languages: [en-US]
start: m
agent: a
on_error: bye
profiles: {calm: {timeouts_percent: 300, rate_percent: 90, more_attempts: 0, repeat_choices: false, agent_key: false}}
nodes:
  m: {type: menu, prompt: {text: "Press 1."}, choices: {"1": bye}, exhausted: bye}
  a: {type: queue, queue: q, overflow: bye}
  bye: {type: hangup, prompt: {text: Bye}}
)");
  Hand calm(f, {.profile = "calm"});
  EXPECT_EQ(calm.text(), "Press 1.");
  EXPECT_EQ(calm.actions[0].rate, 90);
  calm.played();
  EXPECT_EQ(calm.until_deadline(), 15s);
  Hand easy(f, {.profile = "easy"});
  EXPECT_EQ(easy.text(), "Press 1.For a person, press 0.()Press 1.For a person, press 0.");
}
