#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hotline/base.hpp"

using namespace hotline;
using namespace std::chrono_literals;

TEST(Philox, GivesThePublishedAnswers) {
  // Known answers of Random123 1.09 (kat_vectors, philox4x32 10).
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, StreamsAreIndependentAndRepeat) {
  Random a(7, 1), again(7, 1), other(7, 2);
  const auto first = a();
  EXPECT_EQ(first, again());
  EXPECT_NE(first, other());
  for (int i = 0; i < 1000; ++i) EXPECT_LT(a.below(10), 10u);
}

TEST(Durations, ReadAndWriteTheSame) {
  for (const char* text : {"90s", "1h30m", "500ms", "2d", "1ns", "0s", "1d2h3m4s5ms6us7ns"}) {
    const auto d = parse_duration(text);
    ASSERT_TRUE(d.ok()) << text;
    EXPECT_EQ(*parse_duration(to_string(*d)), *d);
  }
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("-2s"), -2s);
  EXPECT_EQ(to_string(Duration{90s}), "1m30s");
  for (const char* text : {"", "5", "s", "1 s", "--1s", "1.s", "1.0000000001s", "99999999999d", "1x", "-"})
    EXPECT_FALSE(parse_duration(text).ok()) << text;
}

TEST(Times, ReadAndWriteRfc3339) {
  EXPECT_EQ(to_string(*parse_time("2026-11-22T16:00:00.250+08:00")), "2026-11-22T08:00:00.25Z");
  EXPECT_EQ(to_string(*parse_time("1969-12-31T23:59:59.999999999Z")), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(to_string(Time::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(to_string(Time::max()), "2262-04-11T23:47:16.854775807Z");
  for (const char* text : {"", "2026-02-30T00:00:00Z", "2026-11-22", "2026-11-22T25:00:00Z", "2026-11-22T00:00:00", "9999-01-01T00:00:00Z"})
    EXPECT_FALSE(parse_time(text).ok()) << text;
}

TEST(Errors, EveryCodeHasANameAndItsClass) {
  EXPECT_EQ(error_name(ErrorCode::invalid_definition), "invalid_definition");
  EXPECT_EQ(error_class(ErrorCode::invalid_definition), ErrorClass::invalid);
  EXPECT_EQ(error_name(static_cast<ErrorCode>(9999)), "unknown");
  const Error error(ErrorCode::io, "cannot read `x`", "check it", {"f.yaml", 3, 4});
  EXPECT_EQ(error.text(), "f.yaml:3:4: cannot read `x`; check it");
}

TEST(Results, ThrowOnValueWhenAsked) {
  Result<int> bad = Error(ErrorCode::not_found, "nobody");
  EXPECT_THROW(bad.value(), Exception);
  Result<std::string> good = "text";
  EXPECT_EQ(good.value(), "text");
}

TEST(Documents, KnowTheirPlaces) {
  const auto node = parse_document("a: 1\nlist:\n  - x\n  - {k: \"v\"}\n", "f.yaml");
  ASSERT_TRUE(node.ok());
  const Node* list = node->find("list");
  EXPECT_EQ(list->items()[1].find("k")->line(), 4u);
  EXPECT_EQ(list->items()[1].find("k")->column(), 9u);
  EXPECT_EQ(node->to_json(), R"({"a":1,"list":["x",{"k":"v"}]})");
}

TEST(Documents, JsonHasPlacesToo) {
  const auto node = parse_document("{\n \"a\": [1, true, null, \"x\", 1.5]\n}", "f.json");
  ASSERT_TRUE(node.ok()) << node.error().text();
  EXPECT_EQ(node->find("a")->line(), 2u);
  EXPECT_EQ(node->find("a")->column(), 7u);
  EXPECT_EQ(node->to_json(), R"({"a":[1,true,null,"x",1.5]})");
}

TEST(Documents, DoNotGuess) {
  const auto node = parse_document("norway: no\noctal: 010\ntime: 12:30\nquoted: \"1\"\n", "f.yaml");
  ASSERT_TRUE(node.ok());
  EXPECT_FALSE(node->find("norway")->as_bool());
  EXPECT_FALSE(node->find("octal")->as_int());
  EXPECT_FALSE(node->find("time")->as_int());
  EXPECT_FALSE(node->find("quoted")->as_int());
}

TEST(Documents, RefuseWhatIsNotADefinition) {
  const std::pair<const char*, ErrorCode> cases[] = {
      {"a: 1\na: 2\n", ErrorCode::invalid_document},   {"a: &x 1\nb: *x\n", ErrorCode::invalid_document},
      {"a: [1\n", ErrorCode::invalid_document},        {"{\"a\": 1,}", ErrorCode::invalid_document},
      {"{\"a\":1,\"a\":2}", ErrorCode::invalid_document}, {"a: !!python/object x\n", ErrorCode::invalid_document},
      {"a: 1\n---\nb: 2\n", ErrorCode::invalid_document}, {"a: \xff\n", ErrorCode::invalid_encoding},
  };
  for (const auto& [text, code] : cases) {
    const auto node = parse_document(text, "f");
    ASSERT_FALSE(node.ok()) << text;
    EXPECT_EQ(node.code(), code) << text;
    EXPECT_GT(node.error().place().line, 0u) << text;
  }
  EXPECT_FALSE(parse_document(std::string(100000, '['), "f").ok());
  EXPECT_FALSE(parse_document("[" + std::string(100000, '\n'), "f").ok());
}

TEST(Fields, ReportEverythingAtOnce) {
  const auto node = parse_document("timeout: 5\nprompts: [a, b]\nnmae: x\nx-mine: 1\ncount: 99\n", "menu.yaml");
  Diagnostics diagnostics("menu.yaml");
  Fields fields(*node, diagnostics, "menu `main`");
  fields.duration("timeout", 5s);
  fields.required_string("name");
  fields.integer("count", 3, 1, 10);
  EXPECT_EQ(fields.strings("prompts"), (std::vector<std::string>{"a", "b"}));
  fields.finish();
  diagnostics.sort();
  ASSERT_EQ(diagnostics.items().size(), 4u);
  EXPECT_NE(diagnostics.to_text().find("menu.yaml:3:1: error D002: menu `main`: unknown key `nmae` (did you mean `name`?)"),
            std::string::npos)
      << diagnostics.to_text();
  EXPECT_EQ(diagnostics.status().code(), ErrorCode::invalid_definition);
  EXPECT_TRUE(parse_document(diagnostics.to_sarif("hotline"), "sarif").ok());
}

TEST(Json, EscapesAndMends) {
  std::string out;
  JsonWriter(out).begin_array().value("a\"\n\x01\xff中").value(0.1).value(1.0 / 0.0).end_array();
  EXPECT_EQ(out, "[\"a\\\"\\n\\u0001\xEF\xBF\xBD中\",0.1,null]");
}

TEST(Journals, AreReadBackAndTornTailsAreCut) {
  const auto path = std::filesystem::temp_directory_path() / ("hotline_journal_" + std::to_string(::getpid()));
  std::filesystem::remove(path);
  {
    auto file = JournalFile::open(path).value();
    Journal journal([&](std::string_view line) { file.append(line).value(); }, file.next_seq());
    journal.write(time_from_ns(0), "acd", "offer", [](JsonWriter& json) { json.field("contact", "c1"); });
    file.sync().value();
  }
  std::ofstream(path, std::ios::app) << "{\"seq\":2,\"at";
  {
    auto file = JournalFile::open(path).value();
    EXPECT_EQ(file.next_seq(), 2u);
  }
  std::ifstream stream(path);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(text, "{\"seq\":1,\"at\":\"1970-01-01T00:00:00Z\",\"box\":\"acd\",\"type\":\"offer\",\"contact\":\"c1\"}\n");
  EXPECT_EQ(read_journal(text)->at(0).fields.find("contact")->text(), "c1");
  EXPECT_EQ(read_journal("nonsense\n").code(), ErrorCode::corrupt);
  std::filesystem::remove(path);
}

TEST(Scenarios, ParseAndMatch) {
  const auto scenario = parse_scenario(
      "# one caller\ngiven two.yaml\n@0s agent.ready {agent: a1}\n@1s => offer {contact: c1, agent: a1}\n@1s => nothing\n", "s.scn");
  ASSERT_TRUE(scenario.ok()) << scenario.error().text();
  EXPECT_EQ(scenario->name, "one caller");
  ASSERT_EQ(scenario->steps.size(), 3u);
  const auto event = parse_document(R"({"type":"offer","agent":"a1","contact":"c1"})", "e");
  EXPECT_TRUE(matches(scenario->steps[1].fields, *event));
  EXPECT_FALSE(matches(scenario->steps[0].fields, Node()));
  EXPECT_FALSE(parse_scenario("@2s a\n@1s b\n", "s").ok());
  EXPECT_FALSE(parse_scenario("hello\n", "s").ok());
}
