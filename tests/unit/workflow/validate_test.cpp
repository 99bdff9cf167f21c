// Every hard error and warning, each by the smallest definition that has it.
#include <gtest/gtest.h>

#include "hotline/workflow.hpp"

namespace hotline::workflow {
namespace {

struct Checked {
  bool good = false;
  std::string codes;
  std::string text;
};

Checked check(std::string_view yaml) {
  Diagnostics diagnostics("w.yaml");
  const auto d = Definition::parse(yaml, "w.yaml", diagnostics);
  Checked out{d.ok(), "", diagnostics.to_text()};
  if (!d.ok() && diagnostics.items().empty()) out.text = d.error().text();
  for (const Diagnostic& x : diagnostics.items()) {
    out.codes += (out.codes.empty() ? "" : " ") + x.code;
    EXPECT_FALSE(x.remedy.empty()) << x.message;
  }
  return out;
}

const std::string kHead = "workflow: w\nroles: [a, b]\n";

TEST(Validate, ASoundDefinitionHasNoComplaint) {
  const auto c = check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {by: a}}
transitions: [{on: go, from: A, to: B}]
)");
  EXPECT_TRUE(c.good) << c.text;
  EXPECT_EQ(c.codes, "");
}

TEST(Validate, UnknownNamesAreToldWithTheNearest) {
  const auto c = check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: ab}, B: {final: true}}}}
events: {finish: {}}
transitions: [{on: finnish, from: A, to: B}]
)");
  EXPECT_EQ(c.codes, "W101 W101");
  EXPECT_NE(c.text.find("did you mean `finish`?"), std::string::npos) << c.text;
}

TEST(Validate, UnreachableState) {
  const auto c =
      check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}, C: {owner: a}}}}
events: {go: {}}
transitions: [{on: go, from: [A, C], to: B}]
)");
  EXPECT_EQ(c.codes, "W110") << c.text;
}

TEST(Validate, AGuardThatLooksAtAnotherRegionMakesAStateUnreachable) {
  const auto c = check(kHead + R"(regions:
  main: {initial: A, states: {A: {owner: a}, B: {owner: a}, Z: {final: true}}}
  side: {initial: off, states: {off: {owner: a}, on: {owner: a}}}
events: {go: {}, turn: {}, end: {}}
transitions:
  - {on: go, from: A, to: B, guard: 'state.side == "never"'}
  - {on: turn, region: side, from: off, to: on}
  - {on: end, from: [A, B], to: Z}
)");
  EXPECT_EQ(c.codes, "W110") << c.text;
}

TEST(Validate, DeadEndWithThePathToIt) {
  const auto c =
      check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, Z: {final: true}}}}
events: {go: {}, end: {}}
transitions: [{on: go, from: A, to: B}, {on: end, from: A, to: Z}]
)");
  EXPECT_EQ(c.codes, "W111");
  EXPECT_NE(c.text.find("come there by: go"), std::string::npos) << c.text;
}

TEST(Validate, NobodyMovesItOn) {
  EXPECT_EQ(check(kHead + R"(regions: {main: {initial: A, states: {A: {}, B: {final: true}}}}
events: {go: {}}
transitions: [{on: go, from: A, to: B}]
)")
                .codes,
            "W112");
}

TEST(Validate, CyclesNeedABound) {
  const std::string rest = R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: b}, C: {final: true}}}}
events: {send: {}, give_back: {}, end: {}}
transitions:
  - {on: send, from: A, to: B}
  - {on: end, from: B, to: C}
)";
  const auto c = check(kHead + rest + "  - {on: give_back, from: B, to: A}\n");
  EXPECT_EQ(c.codes, "W113");
  EXPECT_NE(c.text.find("A -send-> B -give_back-> A"), std::string::npos) << c.text;
  EXPECT_EQ(check(kHead + rest + "  - {on: give_back, from: B, to: A, max: 2}\n").codes, "");
  EXPECT_EQ(check(kHead + rest + "  - {on: give_back, from: B, to: A, guard: count.give_back < 2}\n").codes, "");
  EXPECT_EQ(check(kHead + rest + "  - {on: give_back, from: B, to: A, loops: until it is right}\n").codes, "");
}

TEST(Validate, OverlappingGuardsNeedPriority) {
  const std::string rest = R"(fields: {n: {type: int, initial: 0}, s: {type: string, initial: x}}
regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}, C: {final: true}}}}
events: {go: {fields: {to: string}}}
transitions:
)";
  const auto two = [&](const std::string& one, const std::string& other) {
    return check(kHead + rest + "  - {on: go, from: A, to: B, " + one + "}\n  - {on: go, from: A, to: C, " + other +
                 "}\n")
        .codes;
  };
  EXPECT_EQ(two("guard: n > 1", "guard: n > 2"), "W114");
  EXPECT_EQ(two("guard: n > 2", "guard: n <= 2"), "");
  EXPECT_EQ(two("guard: event.to == \"b\"", "guard: event.to == \"c\""), "");
  EXPECT_EQ(two("guard: 'event.to in [\"b\", \"d\"]'", "guard: '!(event.to in [\"b\", \"d\"])'"), "");
  EXPECT_EQ(two("guard: event.to == \"b\"", "guard: event.to != s"), "W114");
  EXPECT_EQ(two("guard: n > 1, priority: 1", "guard: n > 2"), "");
  EXPECT_EQ(two("guard: n > 1", "otherwise: true"), "");
}

TEST(Validate, DeadGuardIsAWarning) {
  const auto c = check(kHead + R"(fields: {n: {type: int, initial: 0}}
regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {}, stay: {}}
transitions:
  - {on: go, from: A, to: B}
  - {on: stay, from: A, guard: n > 3 && n < 3}
)");
  EXPECT_TRUE(c.good);
  EXPECT_EQ(c.codes, "W150") << c.text;
}

TEST(Validate, TimersNeedAHandler) {
  EXPECT_EQ(check(kHead + R"(timers: {t: {after: 1h, raise: late}}
regions: {main: {initial: A, states: {A: {timers: t}, B: {owner: a}, C: {final: true}}}}
events: {late: {internal: true}, go: {}}
transitions: [{on: go, from: A, to: B}, {on: late, from: B, to: C}]
)")
                .codes,
            "W115");
}

TEST(Validate, ClocksAreStoppedAndNotStartedTwice) {
  const std::string rest = R"(clocks: {c: {term: 1h}}
regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, C: {final: true}}}}
events: {go: {}, end: {}}
transitions:
  - {on: go, from: A, to: B, do: [{start: c}]}
)";
  const auto never = check(kHead + rest + "  - {on: end, from: B, to: C}\n");
  EXPECT_EQ(never.codes, "W116");
  EXPECT_NE(never.text.find("come there by: go, end"), std::string::npos) << never.text;
  EXPECT_EQ(check(kHead + rest + "  - {on: end, from: B, to: C, do: [{start: c}, {stop: c}]}\n").codes, "W116");
  EXPECT_EQ(check(kHead + rest + "  - {on: end, from: B, to: C, do: [{stop: c}]}\n").codes, "");
  EXPECT_EQ(check(kHead + rest +
                  "  - {on: end, from: B, to: C, do: [{start: c, if: 'clock.c.status != \"running\"'}, {stop: c}]}\n")
                .codes,
            "");
}

TEST(Validate, ForkWithoutJoin) {
  const std::string rest = R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, C: {final: true}}}}
events: {go: {}, done: {}}
transitions:
  - {on: go, from: A, to: B, do: [{spawn: job}]}
  - {on: done, from: B, to: C}
tasks:
  job:
    regions: {main: {initial: X, states: {X: {owner: b}, Y: {final: true}}}}
    events: {finish: {}}
    transitions: [{on: finish, from: X, to: Y}]
)";
  EXPECT_EQ(check(kHead + rest).codes, "W117");
  EXPECT_EQ(check(kHead + "on_join: done\n" + rest).codes, "");
}

TEST(Validate, SecrecyIsNotLoweredWithoutTheRight) {
  const std::string rest = R"(regions:
  main: {initial: A, states: {A: {owner: a}, Z: {final: true}}}
  secrecy: {initial: public, guarded_by: b, states: {public: {owner: a}, sealed: {owner: b}}}
events: {end: {}, up: {}, down: {}}
transitions:
  - {on: end, from: A, to: Z}
  - {on: up, from: public, to: sealed}
)";
  EXPECT_EQ(check(kHead + rest + "  - {on: down, from: sealed, to: public, max: 1}\n").codes, "W118");
  EXPECT_EQ(check(kHead + rest + "  - {on: down, from: sealed, to: public, max: 1, by: [a, b]}\n").codes, "W118");
  EXPECT_EQ(check(kHead + rest + "  - {on: down, from: sealed, to: public, max: 1, by: b}\n").codes, "");
}

TEST(Validate, PublicPhrasesMigrationsAndLoopsWithoutEvents) {
  const std::string rest = R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {}}
transitions:
  - {on: go, from: A, to: B}
)";
  EXPECT_EQ(check(kHead + rest + "public_status: {A: {zh: 办理中}}\n").codes, "W119");
  EXPECT_EQ(check(kHead + rest + "version: 2\nmigrate_from: {1: {main: {OLD: GONE}}}\n").codes, "W101");
  EXPECT_EQ(check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, C: {final: true}}}}
events: {go: {}}
transitions: [{always: true, from: A, to: B}, {always: true, from: B, to: A}, {on: go, from: A, to: C}]
)")
                .codes,
            "W122");
}

TEST(Validate, ATaskWithMoreTimeThanItsParent) {
  const auto c = check(kHead + R"(on_join: done
clocks: {ours: {term: 24h}}
regions: {main: {initial: A, states: {A: {owner: a}, B: {owner: a}, C: {final: true}}}}
events: {go: {}, done: {internal: true}}
transitions:
  - {on: go, from: A, to: B, do: [{start: ours}, {spawn: job}]}
  - {on: done, from: B, to: C, do: [{stop: ours}]}
tasks:
  job:
    clocks: {theirs: {term: 48h}}
    regions: {main: {initial: X, states: {X: {owner: b, entry: [{start: theirs}]}, Y: {final: true}}}}
    events: {finish: {}}
    transitions: [{on: finish, from: X, to: Y, do: [{stop: theirs}]}]
)");
  EXPECT_TRUE(c.good) << c.text;
  EXPECT_EQ(c.codes, "W151");
}

TEST(Validate, ExpressionsAreCheckedWithTheirPlace) {
  const auto c = check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {fields: {n: int}}}
transitions: [{on: go, from: A, to: B, guard: event.m > 1}]
)");
  EXPECT_EQ(c.codes, "W103");
  EXPECT_NE(c.text.find("w.yaml:5:"), std::string::npos) << c.text;
  EXPECT_EQ(check(kHead + R"(regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {fields: {n: int}}}
transitions: [{on: go, from: A, to: B, guard: event.n + 1}]
)")
                .codes,
            "W103")
      << "a guard must be true or false";
}

TEST(Validate, NonsenseIsRefusedNotCrashed) {
  for (const char* text : {"workflow: w", "workflow: w\nevents: {go: {}}\ntransitions: [{on: go, from: A, to: B}]",
                           "[]", "3", "workflow: w\nregions: {main: 1}\ntransitions: [{on: 3, from: '*', to: A}]",
                           "workflow: w\nregions: {main: {states: []}}\nclocks: 3\ntimers: [x]\ntasks: {t: 1}"}) {
    const auto c = check(text);
    EXPECT_FALSE(c.good) << text;
    EXPECT_NE(c.codes, "") << text;
  }
  std::string many = "workflow: w\nregions: {main: {initial: A, states: {A: {final: true}}}}\nevents:\n";
  for (int i = 0; i < 501; ++i) many += "  e" + std::to_string(i) + ": {}\n";
  EXPECT_EQ(check(many).codes, "W102");
}

TEST(Validate, EveryPresetIsSound) {
  for (const char* name :
       {"city-12345", "beijing-like", "city-5-15", "bureau-3-13", "hotline-12333", "simple-311", "article"}) {
    const std::string path = std::string(HOTLINE_SOURCE_DIR) + "/data/workflows/" + name + ".yaml";
    Diagnostics diagnostics(path);
    const auto d = Definition::load(path, diagnostics);
    ASSERT_TRUE(d.ok()) << d.error().text();
    EXPECT_EQ(d->id(), name);
    EXPECT_EQ(diagnostics.to_text(), "");
  }
}

TEST(Migration, MustCoverEveryState) {
  const auto load = [](const std::string& text) {
    Diagnostics diagnostics("w.yaml");
    return Definition::parse(text, "w.yaml", diagnostics).value();
  };
  const auto old = load(kHead + R"(fields: {n: {type: int, initial: 7}}
regions: {main: {initial: A, states: {A: {owner: a}, B: {final: true}}}}
events: {go: {}}
transitions: [{on: go, from: A, to: B}]
)");
  const std::string next = kHead + R"(version: 2
fields: {n: {type: int, initial: 9}, m: {type: int, initial: 1}}
regions: {main: {initial: START, states: {START: {owner: a}, B: {final: true}}}}
events: {go: {}}
transitions: [{on: go, from: START, to: B}]
)";
  Diagnostics partial("w.yaml");
  const auto incomplete = load(next + "migrate_from: {1: {}}\n");
  EXPECT_FALSE(check_migration(old, incomplete, partial).ok());
  const Instance before = start(old, {}, {}, Time{}).next;
  EXPECT_FALSE(migrate(old, incomplete, before).ok());
  Diagnostics whole("w.yaml");
  const auto complete = load(next + "migrate_from: {1: {main: {A: START}}}\n");
  EXPECT_TRUE(check_migration(old, complete, whole).ok());
  const auto after = migrate(old, complete, before);
  ASSERT_TRUE(after.ok()) << after.error().text();
  EXPECT_EQ(after->state(complete, 0, "main"), "START");
  EXPECT_EQ(after->field(complete, 0, "n").as_int(), 7);
  EXPECT_EQ(after->field(complete, 0, "m").as_int(), 1);
  EXPECT_EQ(Instance::parse(complete, before.to_json(old)).code(), ErrorCode::version_mismatch);
}

}  // namespace
}  // namespace hotline::workflow
