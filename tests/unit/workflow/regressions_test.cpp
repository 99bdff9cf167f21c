// Mistakes that users of other systems have reported: named after them, and kept out here.
#include "city.hpp"

namespace hotline::workflow::test {
namespace {

using std::chrono::hours;

Definition make(const std::string& yaml) {
  Diagnostics diagnostics("w.yaml");
  auto d = Definition::parse(yaml, "w.yaml", diagnostics);
  EXPECT_TRUE(d.ok()) << diagnostics.to_text();
  return d.value();
}

// Two clocks, pause and resume, one timer of every kind of `restore`.
const Definition& desk() {
  static const Definition d = make(R"(workflow: desk
roles: [agent]
calendars: [cn]
clocks:
  first: {term: 8wh, calendar: cn, alarms: [{at: 50%, raise: half}, {at: -2wh, raise: soon}, {at: due, raise: late}]}
  update: {term: 24wh, calendar: cn, alarms: [{at: due, raise: late}]}
  days: {term: 5wd, calendar: cn}
timers:
  fixed: {after: 10h, raise: tick}
  rest: {after: 10h, raise: tick, restore: remaining}
  again: {after: 10h, raise: tick, restore: restart}
  office: {after: 10h, raise: tick, working_hours: true}
regions:
  main:
    initial: OPEN
    states:
      OPEN: {owner: agent, timers: [fixed, rest, again, office], entry: [{start: [first, update, days]}]}
      HELD: {owner: agent}
      DONE: {final: true}
events: {answer: {}, update: {}, hold: {}, go_on: {}, extend: {fields: {days: int}}, finish: {}, half: {internal: true}, soon: {internal: true}, late: {internal: true}, tick: {internal: true}}
transitions:
  - {on: answer, from: OPEN, do: [{stop: first}]}
  - {on: update, from: OPEN, do: [{stop: update}, {start: update}]}
  - {on: hold, from: OPEN, to: HELD, do: [{pause: [first, update, days]}]}
  - {on: go_on, from: HELD, to: OPEN, max: 100, priority: 1, guard: 'false'}
  - {on: go_on, from: HELD, do: [{resume: [first, update, days]}]}
  - {on: extend, from: [OPEN, HELD], do: [{extend: days, amount: event.days}]}
  - {on: finish, from: [OPEN, HELD], to: DONE, do: [{stop: [first, update, days]}]}
  - {on: half, from: '*', do: [{emit: half}]}
  - {on: soon, from: '*', do: [{emit: soon}]}
  - {on: late, from: '*', do: [{emit: late}]}
  - {on: tick, from: '*', do: [{emit: tick}]}
)");
  return d;
}

TEST(Regression, Zammad5177UpdateClockDoesNotOverrideTheFirstResponseClock) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  const Time due = c.clock("first").due;
  c.go(at("2026-11-23T10:00:00"));
  EXPECT_EQ(c.send("update"), "");
  EXPECT_EQ(c.clock("first").due, due);
  EXPECT_GT(c.clock("update").due, due);
}

TEST(Regression, Zammad3140NoEscalationAfterTheAnswer) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  c.go(at("2026-11-23T10:00:00"));
  EXPECT_EQ(c.send("answer"), "");
  EXPECT_EQ(c.effects(Effect::Kind::cancel), "first@50% first@-2wh first@due");
  c.go(at("2026-11-24T18:00:00"));
  EXPECT_EQ(c.fired().find("late"), std::string::npos) << c.fired();
}

TEST(Regression, Zammad4432NoReminderAtMidnightOrAtWeekends) {
  Case c(desk(), at("2026-11-27T15:00:00"));  // a Friday; ten hours later it is Saturday, 01:00
  EXPECT_EQ(local(c.instance().timer(0, desk().root().timer("fixed")).at), "2026-11-28T01:00:00");
  EXPECT_EQ(local(c.instance().timer(0, desk().root().timer("office")).at), "2026-11-30T09:00:00");
}

TEST(Regression, Glpi4170EveryLevelOfReminderFiresNotOnlyTheFirst) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  c.go(at("2026-11-24T18:00:00"));
  EXPECT_NE(c.fired().find("half soon"), std::string::npos) << c.fired();
  EXPECT_NE(c.fired().find("first late"), std::string::npos) << c.fired();
}

TEST(Regression, Glpi5319MissedRemindersAreComputedAgainWhenTheDueTimeMoves) {
  Case c(city(), at("2026-11-23T09:00:00"));
  c.send("intake", R"({"channel":"phone","category":"complaint","level":"general"})", "agent:a1");
  c.send("submit", "{}", "agent:a1");
  c.send("dispatch", R"({"units":["water"],"lead":"water"})", "dispatcher:d1");
  c.send("sign", "{}", "unit:w1", 1);
  c.go(at("2026-12-11T16:00:00"));
  const std::uint32_t half = city().root().timer("statutory@50%");
  EXPECT_TRUE(c.instance().timer(0, half).fired);
  c.send("extend_req", R"({"days":15,"grounds":"施工","citizen_informed":true})", "unit:w1");
  c.send("extend_grant", "{}", "dispatcher:d1");
  EXPECT_EQ(local(c.clock("statutory").due), "2027-01-04T17:30:00");
  EXPECT_TRUE(c.instance().timer(0, half).armed) << "half of the new term is still to come";
  EXPECT_GT(c.instance().timer(0, half).at, c.now());
}

TEST(Regression, Glpi6902PendingTimeSurvivesAChangeOfTheTerm) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  EXPECT_EQ(c.send("hold"), "");
  c.go(at("2026-11-25T09:00:00"));
  EXPECT_EQ(c.send("go_on"), "");
  EXPECT_EQ(local(c.clock("days").due), "2026-12-02T17:30:00");
  EXPECT_EQ(c.send("extend", R"({"days":2})"), "");
  EXPECT_EQ(local(c.clock("days").due), "2026-12-04T17:30:00") << "two days of pause and two more";
}

TEST(Regression, FrappeHelpdesk2449HoldTimeIsAddedToTheDueTimeInWorkingTime) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  EXPECT_EQ(local(c.clock("first").due), "2026-11-24T10:00:00");
  c.go(at("2026-11-23T16:30:00"));
  c.send("hold");
  c.go(at("2026-11-24T10:00:00"));  // an hour before the close, the night, an hour of the morning
  c.send("go_on");
  EXPECT_EQ(local(c.clock("first").due), "2026-11-24T12:00:00");
}

TEST(Regression, PauseWithoutWorkingTimeChangesNothing) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  c.go(at("2026-11-23T12:10:00"));
  const Time due = c.clock("first").due;
  c.send("hold");
  c.go(at("2026-11-23T13:20:00"));  // lunch
  c.send("go_on");
  EXPECT_EQ(c.clock("first").due, due);
}

TEST(Regression, JbpmAndFlowableTimersFireOnceAndAStaleOneIsNothing) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  const std::uint32_t fixed = desk().root().timer("fixed");
  const Event fire{Event::Kind::timer, 0, fixed, c.instance().timer(0, fixed).generation, {}};
  const Context context{{}, {}, c.calendars()};
  const Decision once = decide(desk(), c.instance(), fire, context, at("2026-11-23T19:00:00"));
  ASSERT_TRUE(once.accepted());
  const Decision twice = decide(desk(), once.next, fire, context, at("2026-11-23T19:00:00"));
  EXPECT_EQ(twice.verdict, Verdict::stale) << "the lease ran out and somebody else fired it again";
  EXPECT_EQ(twice.next, once.next);
  const Decision early = decide(desk(), c.instance(), fire, context, at("2026-11-23T18:59:59"));
  EXPECT_EQ(early.refusal.kind, Refusal::Kind::not_now);
}

TEST(Regression, Camunda6515ReadingTheDefinitionAgainArmsNothing) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  Diagnostics diagnostics("again");
  const auto again = Definition::parse(desk().to_json(), "again", diagnostics);
  ASSERT_TRUE(again.ok()) << diagnostics.to_text();
  EXPECT_EQ(again->fingerprint(), desk().fingerprint());
  const auto restored = Instance::parse(*again, c.instance().to_json(desk()));
  ASSERT_TRUE(restored.ok());
  EXPECT_EQ(*restored, c.instance()) << "entry actions are not run again, generations stand";
}

TEST(Regression, XState5331RestoredTimersAreAbsoluteRemainingOrRestarted) {
  Case c(desk(), at("2026-11-23T09:00:00"));
  const Time stopped = at("2026-11-23T12:00:00"), now = at("2026-11-24T12:00:00");
  const Decision d = resume_timers(desk(), c.instance(), {{}, {}, c.calendars()}, stopped, now);
  const auto timer = [&](std::string_view name) { return d.next.timer(0, desk().root().timer(name)); };
  EXPECT_EQ(local(timer("fixed").at), "2026-11-23T19:00:00") << "overdue: fires at once, told late";
  EXPECT_EQ(local(timer("rest").at), "2026-11-24T19:00:00") << "seven hours were left";
  EXPECT_EQ(local(timer("again").at), "2026-11-24T22:00:00");
  EXPECT_EQ(timer("fixed").generation, 1u);
  EXPECT_EQ(timer("rest").generation, 2u);
}

TEST(Regression, CalendarPublishedAfterThePromiseMovesTheDueTimeButNotTheFact) {
  const Calendar before = china().as_of(at("2020-01-26T00:00:00"));
  Case c(desk(), at("2020-01-21T10:00:00"), {before});
  EXPECT_EQ(local(c.clock("days").due), "2020-02-03T17:30:00");
  c.go(at("2020-01-27T12:00:00"));
  c.calendars({china()});
  EXPECT_EQ(local(c.clock("days").due), "2020-02-05T17:30:00");
  EXPECT_EQ(c.effects(Effect::Kind::due_changed), "update days");

  Case late(desk(), at("2020-01-15T10:00:00"), {before});
  late.go(at("2020-02-01T18:00:00"));
  late.calendars({china()});
  EXPECT_EQ(late.clock("days").overdue_count, 1u) << "what was missed was missed";
}

TEST(Regression, AnUnknownYearIsProvisionalAndComputedAgainWhenPublished) {
  Case c(desk(), at("2026-12-28T10:00:00"));
  EXPECT_TRUE(c.clock("days").provisional);
  EXPECT_EQ(local(c.clock("days").due), "2027-01-04T17:30:00");
  auto spec = china().spec();
  ASSERT_TRUE(spec.add_holiday_json(R"({"year":2027,"days":[{"name":"元旦","date":"2027-01-01","isOffDay":true}]})",
                                    "2027", at("2026-12-30T00:00:00"))
                  .ok());
  c.go(at("2026-12-30T12:00:00"));
  c.calendars({Calendar::compile(spec).value()});
  EXPECT_FALSE(c.clock("days").provisional);
  EXPECT_EQ(local(c.clock("days").due), "2027-01-05T17:30:00");
}

TEST(Regression, TemporalLongCasesKeepTheirHistoryOutOfTheState) {
  Case c = dispatched();
  for (int i = 0; i < 300; ++i) ASSERT_EQ(c.send("inform", R"({"text":"进展"})", "agent:a1"), "");
  const std::size_t bytes = c.instance().to_json(city()).size();
  for (int i = 0; i < 300; ++i) ASSERT_EQ(c.send("inform", R"({"text":"进展"})", "agent:a1"), "");
  EXPECT_LT(c.instance().to_json(city()).size(), bytes + 16) << "the state does not grow with the log";
}

TEST(Regression, ADefinitionThatLoopsIsStoppedNotHung) {
  Definition loop = make(R"(workflow: loop
roles: [a]
regions: {main: {initial: A, states: {A: {owner: a}, Z: {final: true}}}}
events: {go: {}, again: {internal: true}, end: {}}
transitions:
  - {on: go, from: A, do: [{raise: again}]}
  - {on: again, from: A, do: [{raise: again}]}
  - {on: end, from: A, to: Z}
)");
  const Instance first = start(loop, {}, {}, Time{}).next;
  const Decision d = decide(loop, first, {Event::Kind::named, 0, loop.root().event("go"), 0, {}}, {}, Time{});
  EXPECT_EQ(d.refusal.kind, Refusal::Kind::runaway);
  EXPECT_EQ(d.next, first);
}

TEST(Regression, AMissingValueRefusesAndNamesItself) {
  Definition d = make(R"(workflow: missing
roles: [a]
fields: {n: int}
regions: {main: {initial: A, states: {A: {owner: a}, Z: {final: true}}}}
events: {go: {}}
transitions: [{on: go, from: A, to: Z, guard: n > 1}]
)");
  const Decision out = decide(d, start(d, {}, {}, Time{}).next, {Event::Kind::named, 0, 0, 0, {}}, {}, Time{});
  EXPECT_EQ(out.refusal.kind, Refusal::Kind::missing);
  EXPECT_NE(out.refusal.reason.find("n"), std::string::npos) << out.refusal.reason;
}

TEST(Regression, Flowable3629AnUnknownCalendarIsToldWhenTheDefinitionIsRead) {
  Diagnostics diagnostics("w.yaml");
  const auto d = Definition::parse(R"(workflow: w
roles: [a]
calendars: [city]
clocks: {c: {term: 1wd, calendar: citty}}
regions: {main: {initial: A, states: {A: {owner: a}, Z: {final: true}}}}
events: {end: {}}
transitions: [{on: end, from: A, to: Z}]
)",
                                   "w.yaml", diagnostics);
  ASSERT_FALSE(d.ok());
  EXPECT_NE(diagnostics.to_text().find("no calendar `citty` (did you mean `city`?)"), std::string::npos)
      << diagnostics.to_text();
}

TEST(Regression, Camunda1155EveryClockHasItsOwnCalendar) {
  const Definition d = make(R"(workflow: two
roles: [a]
calendars: [cn, shift]
clocks:
  office: {term: 8wh, calendar: cn}
  shift: {term: 8wh, calendar: shift}
regions: {main: {initial: A, states: {A: {owner: a, entry: [{start: [office, shift]}]}, Z: {final: true}}}}
events: {end: {}}
transitions: [{on: end, from: A, to: Z, do: [{stop: [office, shift]}]}]
)");
  Case c(d, at("2026-11-23T15:30:00"), {china(), Calendar::always(TimeZone::find("Asia/Shanghai").value())});
  EXPECT_EQ(local(c.clock("office").due), "2026-11-24T16:30:00");
  EXPECT_EQ(local(c.clock("shift").due), "2026-11-23T23:30:00");
}

TEST(Regression, Open311ClosedSaysWhy) {
  const Definition d = Definition::load(data("workflows/simple-311.yaml")).value();
  Case c(d, at("2026-11-23T09:00:00"));
  EXPECT_EQ(c.send("close", "{}", "clerk"), "invalid_field reason");
  EXPECT_EQ(c.send("close", R"({"reason":"done"})", "clerk"), "invalid_field reason");
  EXPECT_EQ(c.send("close", R"({"reason":"not_found"})", "clerk"), "");
  EXPECT_EQ(c.instance().field(d, 0, "closing").as_string(), "not_found");
}

TEST(Regression, Sml547StatesGoOutAndComeBackByName) {
  Case c = dispatched();
  const std::string json = c.instance().to_json(city());
  EXPECT_NE(json.find(R"("states":{"main":"DISPATCHED")"), std::string::npos) << json;
  std::string renamed = json;
  renamed.replace(renamed.find("DISPATCHED"), 10, "SOMEWHERE!");
  const auto broken = Instance::parse(city(), renamed);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.code(), ErrorCode::corrupt);
}

TEST(Join, QuorumFirstAndLead) {
  const std::string text = R"(workflow: join
roles: [a]
fields: {rule: {type: string, initial: all}, k: {type: int, initial: 2}}
on_join: enough
on_empty: nobody
regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, Z: {final: true}, X: {final: true}}}}
events: {fork: {fields: {rule: string}}, enough: {internal: true}, nobody: {internal: true}}
transitions:
  - {on: fork, from: A, to: B, do: [{join: {by: event.rule}, quorum: '2'}, {spawn: job, each: '["x", "y", "z"]', lead: item == "y", with: {who: item}}]}
  - {on: enough, from: B, to: Z}
  - {on: nobody, from: B, to: X}
tasks:
  job:
    key: who
    fields: {who: string}
    regions: {main: {initial: W, states: {W: {owner: a}, D: {final: true}, N: {final: true, counts: dropped}}}}
    events: {done: {}, drop: {}}
    transitions: [{on: done, from: W, to: D}, {on: drop, from: W, to: N}]
)";
  const Definition d = make(text);
  const auto run = [&](const std::string& rule, std::vector<std::pair<std::string, NodeId>> steps) {
    Case c(d, at("2026-11-23T09:00:00"));
    EXPECT_EQ(c.send("fork", "{\"rule\":\"" + rule + "\"}"), "");
    std::string states;
    for (const auto& [event, node] : steps) {
      EXPECT_EQ(c.send(event, "{}", "", node), "");
      states += c.state();
    }
    return states;
  };
  EXPECT_EQ(run("all", {{"done", 1}, {"done", 2}, {"done", 3}}), "BBZ");
  EXPECT_EQ(run("all", {{"done", 1}, {"drop", 2}, {"done", 3}}), "BBZ");
  EXPECT_EQ(run("first", {{"drop", 1}, {"done", 3}}), "BZ");
  EXPECT_EQ(run("lead", {{"done", 1}, {"done", 2}}), "BZ");
  EXPECT_EQ(run("quorum", {{"done", 3}, {"done", 1}}), "BZ");
  EXPECT_EQ(run("all", {{"drop", 1}, {"drop", 2}, {"drop", 3}}), "BBX");
}

}  // namespace
}  // namespace hotline::workflow::test
