// One flow for every complaint: its code, its place, its remedy; the same as text, JSON and SARIF.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "fixture.hpp"
#include "hotline/ivr/schema.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {

struct Case {
  std::string_view code;
  std::string_view place;   // line:column
  std::string_view remedy;  // part of it
  std::string text;
};

// Six lines of head, the nodes, and where they lead.
std::string flow_of(std::string_view nodes, std::string_view more = "revised: \"2026-11-01\"", std::string_view languages = "[en-US]") {
  return "flow: 1\nlanguages: " + std::string(languages) + "\nstart: a\nagent: people\non_error: people\n" + std::string(more) + "\nnodes:\n" + std::string(nodes) +
         "\n  people: {type: queue, queue: general, overflow: bye, error: bye}\n  bye: {type: hangup}\n";
}
std::string menu(std::string_view choices, std::string_view more = "", std::string_view prompt = "Press 1, 2, 3, 4, 5, 6, 7, 8") {
  return "  a: {type: menu, prompt: {text: \"" + std::string(prompt) + "\"}, choices: {" + std::string(choices) + "}, exhausted: bye" + std::string(more) + "}";
}
std::string words(std::size_t letters) { return std::string(letters, 'o'); }  // about 14 a second

std::vector<Case> cases() {
  std::string deep;
  for (char c = 'a'; c < 'f'; ++c)
    deep += "  " + std::string(1, c) + ": {type: menu, prompt: {text: \"Press 1\"}, choices: {\"1\": " + (c == 'e' ? "people" : std::string(1, static_cast<char>(c + 1))) +
            "}, global_keys: {\"0\": \"off\"}, exhausted: bye}" + (c == 'e' ? "" : "\n");
  const std::string sub = "subflows: {s: {start: x, parameters: [p], returns: [r], exits: [lost], variables: {p: string, r: string}, nodes: {x: {type: set, set: {r: p}, next: y}, y: {type: return}}}}";
  return {
      {"V100", "1:1", "flow: 1", "flow: 2\nstart: a\nnodes: {a: {type: hangup}}\n"},
      {"V100", "2:8", "{type: ...}", "flow: 1\nnodes: []\n"},
      {"V101", "8:13", "did you mean `menu`?", flow_of("  a: {type: menue}")},
      {"V102", "8:3", "another id", flow_of("  back: {type: hangup}\n  a: {type: goto, to: bye}")},
      {"V103", "8:47", "did you mean `people`?", flow_of("  a: {type: play, prompt: {text: Hi}, next:   peple}")},
      {"V103", "1:1", "write the id of a node", flow_of("  a: {type: goto, to: bye}", "main: nowhere")},
      {"V104", "8:3", "write `next: node`", flow_of("  a: {type: play, prompt: {text: Hi}}")},
      {"V105", "1:1", "add `start: node`", "flow: 1\nlanguages: [en-US]\nnodes: {a: {type: hangup}}\n"},
      {"V106", "9:3", "take it away", flow_of("  a: {type: goto, to: bye}\n  lost: {type: hangup}")},
      {"V107", "6:3", "a queue, a transfer or hangup",
       "flow: 1\nlanguages: [en-US]\nstart: a\n\nnodes:\n  a: {type: menu, prompt: {text: Press 1}, choices: {\"1\": a}, exhausted: a}\n"},
      {"V108", "8:3", "`loop` with a maximum", flow_of("  a: {type: set, set: {language: \"'en-US'\"}, next: b}\n  b: {type: branch, cases: [{when: caller == '', to: a}], else: a}")},
      {"V109", "6:12", "take one of the calls away",
       flow_of("  a: {type: subflow, flow: s, next: bye}", "subflows: {s: {start: x, nodes: {x: {type: subflow, flow: s, next: y}, y: {type: return}}}}")},
      {"V110", "8:3", "add it to `subflows`", flow_of("  a: {type: subflow, flow: s, next: bye}")},
      {"V110", "8:3", "add it to `arguments`", flow_of("  a: {type: subflow, flow: s, exits: {lost: bye}, next: bye}", sub)},
      {"V110", "8:3", "sub-flow's `parameters`", flow_of("  a: {type: subflow, flow: s, arguments: {p: caller, q: caller}, exits: {lost: bye}, next: bye}", sub)},
      {"V110", "8:3", "add it to `exits`", flow_of("  a: {type: subflow, flow: s, arguments: {p: caller}, next: bye}", sub)},
      {"V110", "8:3", "use hangup or goto", flow_of("  a: {type: return}")},
      {"V111", "8:3", "more exact", flow_of(menu("\"1X\": people, \"X1\": bye"))},
      {"V112", "8:3", "make it wider", flow_of(menu("\"1\": people, \"2\": bye, \"[12]\": people"))},
      {"V113", "8:3", "global_keys: {\"0\": off}", flow_of(menu("\"1\": people, \"0\": bye", "", "Press 1 or 0"))},
      {"V114", "8:3", "add choices", flow_of(menu(""))},
      {"V114", "8:84", "answers: 1-5", flow_of("  a: {type: survey, poll: p, questions: [{prompt: {text: \"Well?\"}, answers:        {}}], next: bye}")},
      {"V115", "8:3", "swap them", flow_of("  a: {type: collect, prompt: {text: Number}, store: language, min: 8, max: 4, next: bye, exhausted: bye}")},
      {"V116", "8:3", "raise max", flow_of("  a: {type: collect, prompt: {text: Number}, store: language, pattern: XXXXX, max: 3, next: bye, exhausted: bye}")},
      {"V117", "8:29", "did you mean `hello`?", flow_of("  a: {type: play, prompt:   helo, next: bye}", "prompts: {en-US: {hello: Hi}}")},
      {"V117", "8:3", "add `prompt`", flow_of("  a: {type: menu, choices: {\"1\": people}, exhausted: bye}")},
      {"V118", "8:29", "add the text of that language", flow_of("  a: {type: play, prompt:   {en-US: Hi}, next: bye}", "title: x", "[en-US, zh-CN]")},
      {"V118", "8:29", "prompts of zh-CN", flow_of("  a: {type: play, prompt:   hello, next: bye}", "prompts: {en-US: {hello: Hi}}", "[en-US, zh-CN]")},
      {"V119", "8:35", "record it", flow_of("  a: {type: play, prompt: {file:  gone.wav}, next: bye}")},
      {"V120", "8:35", "convert it to 8 kHz", flow_of("  a: {type: play, prompt: {file:  mp3.wav}, next: bye}")},
      {"V120", "8:35", "mono", flow_of("  a: {type: play, prompt: {file:  stereo.wav}, next: bye}")},
      {"V121", "8:47", "choose another way", flow_of("  a: {type: play, prompt: {say: date, value:  hung_up}, next: bye}")},
      {"V121", "8:47", "number", flow_of("  a: {type: play, prompt: {say: numbr, value: caller}, next: bye}")},
      {"V122", "8:3", "give `x` a default", flow_of("  a: {type: play, prompt: {say: text, value: x}, next: bye}", "variables: {x: string}")},
      {"V123", "8:", "declared are", flow_of("  a: {type: branch, cases: [{when: nobody == 1, to: bye}], else: people}")},
      {"V124", "8:3", "", flow_of(menu("\"/[1/\": people"))},
      {"V125", "8:3", "take the case away", flow_of("  a: {type: branch, cases: [{when: 1 == 2, to: bye}], else: people}")},
      {"V125", "8:3", "take it away", flow_of("  a: {type: branch, cases: [{when: caller == '1', to: bye}, {when: caller == '1', to: people}], else: people}")},
      {"V126", "8:3", "add it to `calendars`", flow_of("  a: {type: schedule, calendar: office, open: people, closed: bye}")},
      {"V126", "6:16", "without overlap", flow_of("  a: {type: schedule, calendar: o, open: people, closed: bye}",
                                   "calendars: {o: {timezone: UTC, days: {work: [\"09:00-12:00\", \"11:00-13:00\"]}, week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: work, sun: work}}}")},
      {"V127", "10:3", "add it under `queues`", flow_of(menu("\"1\": people, \"2\": p2") + "\n  p2: {type: goto, to: people}")},
      {"V127", "8:3", "write `to` or `number`", flow_of("  a: {type: transfer, kind: external, busy: bye, no_answer: bye, failed: bye}")},
      {"V128", "8:3", "attempts are used up", flow_of("  a: {type: menu, prompt: {text: Press 1}, choices: {\"1\": people}}")},
      {"V129", "8:3", "mask it", flow_of("  a: {type: notify, channel: sms, template: t, arguments: {x: x}, next: bye}", "variables: {x: {type: string, secret: true, default: \"\"}}")},
      {"V129", "6:13", "let the host give it", flow_of("  a: {type: play, prompt: {say: text, value: password}, next: bye}", "variables: {password: {type: string, default: hunter2}}")},
      {"V129", "8:3", "confirm: false", flow_of("  a: {type: collect, prompt: {text: Number}, store: pin, confirm: true, next: b, exhausted: bye}\n  b: {type: query, query: q, arguments: {p: pin}, holding: {text: Wait}, ok: bye, empty: bye}",
                                                "variables: {pin: {type: string, secret: true}}")},
      {"V130", "8:3", "transfer to a queue", flow_of("  a: {type: transfer, kind: external, number: dialled, busy: bye, no_answer: bye, failed: bye}")},
      {"V131", "8:3", "did you mean `number`?", flow_of("  a: {type: collect, prompt: {text: Number}, store: numbr, next: b, exhausted: bye}\n  b: {type: play, prompt: {say: text, value: number}, next: bye}",
                                                       "variables: {number: {type: string, default: \"\"}}")},
      {"V131", "6:16", "string, int, double, bool", flow_of("  a: {type: goto, to: bye}", "variables: {n: number}")},
      {"V132", "8:3", "data and notice nodes only", flow_of("  a: {type: play, prompt: {text: Hi}, next: bye}", "on_hangup: a")},
      {"V133", "6:13", "working hours", flow_of("  a: {type: schedule, calendar: o, open: people, closed: bye}",
                                                "calendars: {o: {timezone: UTC, days: {work: [\"09:00-12:00\"]}, week: {mon: \"off\", tue: \"off\", wed: \"off\", thu: \"off\", fri: \"off\", sat: \"off\", sun: \"off\"}}}")},
      {"V134", "8:32", "100 %", flow_of("  a: {type: percent, shares:   [{percent: 40, to: bye}, {percent: 50, to: people}]}")},

      {"V151", "8:3", "group them", flow_of(menu("\"1\": people, \"2\": bye, \"3\": people, \"4\": bye, \"5\": people, \"6\": bye"))},
      {"V152", "8:3", "say the choices first", flow_of(menu("\"1\": people", "", words(400) + " Press 1"))},
      {"V153", "8:3", "`agent: node`", "flow: 1\nlanguages: [en-US]\nstart: a\n\n\n\nnodes:\n" + menu("\"1\": bye", "", "Press 1") + "\n  bye: {type: hangup}\n"},
      {"V154", "12:3", "nearer to the start", flow_of(deep)},
      {"V155", "9:3", "shorten the prompts", flow_of("  a: {type: play, prompt: {text: " + words(2000) + "}, next: people}")},
      {"V155", "9:3", "shorten the prompts", flow_of("  a: {type: menu, prompt: {text: Press 1 " + words(400) + "}, choices: {\"1\": people}, first_digit_timeout: 15s, exhausted: people}")},
      {"V156", "10:3", "lead to one of them", flow_of("  a: {type: menu, prompt: {text: \"Press 1 or 2\"}, choices: {\"1\": b, \"2\": c}, exhausted: bye}\n"
                                                     "  b: {type: menu, name: one, prompt: {text: Press 1}, choices: {\"1\": d}, exhausted: bye}\n"
                                                     "  c: {type: menu, name: two, prompt: {text: Press 1}, choices: {\"1\": e}, exhausted: bye}\n"
                                                     "  d: {type: play, prompt: {text: Hi}, next: bye}\n  e: {type: play, prompt: {text: Hi}, next: bye}")},
      {"V157", "8:3", "allow barge_in", flow_of("  a: {type: play, prompt: {text: " + words(250) + "}, barge_in: false, next: bye}")},
      {"V157", "8:3", "allow barge_in", flow_of(menu("\"1\": people", ", barge_in: false", "Press 1 " + words(250)))},
      {"V158", "8:3", "add it to the prompt", flow_of(menu("\"1\": people, \"2\": bye", "", "Press 1"))},
      {"V159", "8:3", "change the words", flow_of(menu("\"1\": people", "", "Press 1 or press 7"))},
      {"V160", "8:3", "say what was wrong", flow_of(menu("\"1\": people", ", no_input: sorry, no_match: sorry", "Press 1"), "prompts: {en-US: {sorry: Sorry}}")},
      {"V161", "8:3", "term_timeout: 0s", flow_of("  a: {type: collect, prompt: {text: Number}, store: language, min: 4, max: 4, term_timeout: 2s, next: bye, exhausted: bye}")},
      {"V162", "8:3", "review: true", flow_of("  a: {type: record, prompt: {text: Speak}, store: language, review: false, saved: bye, cancelled: bye, too_short: bye, hangup_saved: hangup}")},
      {"V163", "8:3", "add `holding`", flow_of("  a: {type: query, query: q, ok: bye, empty: bye}")},
      {"V164", "9:3", "translate them", flow_of("  a: {type: play, prompt: hello, next: l}\n  l: {type: language, prompt: hello, choices: {\"1\": zh-CN, \"2\": zh-HK}, next: bye}",
                                               "prompts: {zh-CN: {hello: 您好}}", "[zh-CN, zh-HK]")},
      {"V164", "6:18", "add it to `languages`", flow_of("  a: {type: goto, to: bye}", "prompts: {zh-CN: {hello: Hi}}")},
      {"V165", "6:26", "take it away", flow_of("  a: {type: goto, to: bye}", "prompts: {en-US: {hello: Hi}}")},
      {"V166", "6:13", "take it away", flow_of("  a: {type: goto, to: bye}", "variables: {x: string}")},
      {"V167", "8:3", "raise first_digit_timeout", flow_of(menu("\"1\": people", ", first_digit_timeout: 2s", "Press 1"))},
      {"V168", "6:10", "set `revised`", flow_of("  a: {type: goto, to: bye}", "revised: \"2025-10-01\"")},
      {"V169", "8:3", "another first key", flow_of(menu("\"1\": people, \"12\": bye", "", "Press 1 or 12"))},
      {"V170", "8:3", "correct the hours", flow_of("  a: {type: schedule, calendar: o, open: people, closed: bye}",
                                                   "calendars: {o: {timezone: UTC, days: {work: [\"00:00-24:00\"]}, week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: work, sun: work}}}")},
      {"V170", "8:3", "take the exit away", flow_of("  a: {type: schedule, calendar: o, open: people, closed: bye, holiday: bye}",
                                                    "calendars: {o: {timezone: UTC, days: {work: [\"09:00-12:00\"]}, week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: \"off\", sun: \"off\"}}}")},
      {"V171", "6:9", "say why", flow_of("  a: {type: goto, to: bye}", "allow: {V163: \"\"}")},
      {"V172", "9:3", "guard it with has(x)", flow_of(menu("\"1\": b, \"2\": c", "", "Press 1 or 2") + "\n  b: {type: play, prompt: {say: text, value: x}, next: bye}\n  c: {type: set, set: {x: caller}, next: b}",
                                                      "variables: {x: string}")},
      {"V173", "8:3", "this year's announcement", flow_of("  a: {type: schedule, calendar: o, open: people, closed: bye}",
                                                          "calendars: {o: {timezone: UTC, published_yearly: true, days: {work: [\"09:00-12:00\"]}, week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: \"off\", sun: \"off\"}}}")},
  };
}

LoadOptions options_of(std::string_view code) {
  LoadOptions options;
  options.today = "2026-11-22";
  options.audio_files = true;
  if (code == "V127") options.bindings = "names.yaml";
  options.read = [](const std::string& path) -> Result<std::string> {
    if (path == "names.yaml") return std::string("queues: [other]\nskills: []\n");
    if (path == "mp3.wav") return std::string("ID3 not a wave");
    if (path == "stereo.wav") {
      std::string wav("RIFF....WAVEfmt ................................", 48);
      wav[22] = 2;
      wav[24] = 0x44;
      wav[25] = static_cast<char>(0xac);
      wav[26] = wav[27] = 0;
      return wav;
    }
    return Error(ErrorCode::io, "there is no `" + path + "`");
  };
  return options;
}

}  // namespace

TEST(Check, EveryComplaintHasItsPlaceAndRemedy) {
  std::set<std::string_view> seen;
  for (const Case& c : cases()) {
    const Examined examined = examine(c.text, "test.yaml", options_of(c.code));
    const auto& items = examined.diagnostics.items();
    const auto is_it = [&](const Diagnostic& d) {
      const std::string at = std::to_string(d.place.line) + ":" + std::to_string(d.place.column);
      return d.code == c.code && (at == c.place || (c.place.ends_with(':') && at.starts_with(c.place))) && d.remedy.find(c.remedy) != std::string::npos;
    };
    const auto found = std::find_if(items.begin(), items.end(), is_it);
    if (found == items.end()) {
      ADD_FAILURE() << c.code << " at " << c.place << " with `" << c.remedy << "` is not among\n" << examined.diagnostics.to_text() << c.text;
      continue;
    }
    seen.insert(c.code);
    const auto kinds = diagnostic_kinds();
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const DiagnosticKind& k) { return k.code == c.code; });
    ASSERT_NE(kind, kinds.end()) << c.code;
    EXPECT_EQ(found->severity, kind->severity) << c.code;
    EXPECT_FALSE(found->remedy.empty()) << c.code;
    // Nothing else may be wrong with it: a complaint that pulls others along hides itself.
    EXPECT_TRUE(found->severity == Severity::error || !examined.diagnostics.has_errors()) << c.code << "\n" << examined.diagnostics.to_text();
  }
  for (const DiagnosticKind& kind : diagnostic_kinds()) EXPECT_TRUE(seen.contains(kind.code)) << kind.code << " has no case here";
}

TEST(Check, CodesOfTheSourcesTheTableAndTheDocsAreTheSame) {
  std::set<std::string> in_sources;
  for (const auto* file : {"check", "check_speech", "check_twins", "check_values", "link", "load_node", "load_prompts", "loader", "build"}) {
    std::ifstream stream(std::string(HOTLINE_SOURCE_DIR) + "/lib/ivr/" + file + ".cpp");
    std::ostringstream text;
    text << stream.rdbuf();
    const std::string all = text.str();
    for (std::size_t at = all.find("\"V1"); at != all.npos; at = all.find("\"V1", at + 1)) in_sources.insert(all.substr(at + 1, 4));
  }
  std::ifstream page(std::string(HOTLINE_SOURCE_DIR) + "/docs/ivr.md");
  std::ostringstream words_of_page;
  words_of_page << page.rdbuf();
  std::set<std::string> in_table;
  for (const DiagnosticKind& kind : diagnostic_kinds()) {
    in_table.insert(std::string(kind.code));
    EXPECT_NE(words_of_page.str().find(kind.code), std::string::npos) << kind.code << " is not in docs/ivr.md";
    EXPECT_NE(flow_reference().find("| " + std::string(kind.code) + " |"), std::string::npos);
  }
  EXPECT_EQ(in_sources, in_table);
}

TEST(Check, AllowLetsOneStayAndOnlyThat) {
  const std::string text = flow_of(menu("\"1\": people, \"2\": bye", "", "Press 1"), "allow: {\"V158 a\": \"two is for staff\"}");
  EXPECT_EQ(examine(text, "t").diagnostics.to_text().find("V158"), std::string::npos);
  const std::string other = flow_of(menu("\"1\": people, \"2\": bye", "", "Press 1"), "allow: {\"V158 b\": \"two is for staff\"}");
  EXPECT_NE(examine(other, "t").diagnostics.to_text().find("V158"), std::string::npos);
}

TEST(Check, SaysTheSameAsTextJsonAndSarif) {
  const Examined examined = examine(flow_of(menu("\"1\": peple, \"2\": bye", "", "Press 1")), "menus/main menu.yaml");
  ASSERT_EQ(examined.diagnostics.items().size(), 2u) << examined.diagnostics.to_text();
  EXPECT_NE(examined.diagnostics.to_text().find("menus/main menu.yaml:8:61: error V103: "), std::string::npos) << examined.diagnostics.to_text();
  const Node json = parse_document(examined.diagnostics.to_json(), "json").value();
  ASSERT_EQ(json.items().size(), 2u);
  const Node sarif = parse_document(examined.diagnostics.to_sarif("hotline ivr check"), "sarif").value();
  EXPECT_EQ(sarif.find("version")->text(), "2.1.0");
  ASSERT_NE(sarif.find("$schema"), nullptr);
  const Node& run = sarif.find("runs")->items()[0];
  const Node& driver = *run.find("tool")->find("driver");
  EXPECT_EQ(driver.find("name")->text(), "hotline ivr check");
  std::set<std::string> rules;
  for (const Node& rule : driver.find("rules")->items()) rules.insert(rule.find("id")->text());
  ASSERT_EQ(run.find("results")->items().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const Node& plain = json.items()[i];
    const Node& result = run.find("results")->items()[i];
    EXPECT_EQ(result.find("ruleId")->text(), plain.find("code")->text());
    EXPECT_TRUE(rules.contains(result.find("ruleId")->text()));
    EXPECT_EQ(result.find("level")->text(), plain.find("severity")->text());
    EXPECT_NE(result.find("message")->find("text")->text().find(plain.find("message")->text()), std::string::npos);
    const Node& location = *result.find("locations")->items()[0].find("physicalLocation");
    EXPECT_EQ(location.find("artifactLocation")->find("uri")->text(), "menus/main%20menu.yaml");  // RFC 3986
    EXPECT_EQ(location.find("region")->find("startLine")->text(), plain.find("line")->text());
    EXPECT_EQ(location.find("region")->find("startColumn")->text(), plain.find("column")->text());
  }
}
