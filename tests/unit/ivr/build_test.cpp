// Flows written in C++ are the flows of the files.
#include <map>
#include <set>

#include "fixture.hpp"
#include "hotline/ivr/build.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;
using build::choice;
using build::list;
using build::words;

namespace {

// tests/scenario/ivr/every_node.yaml, word for word.
Result<Flow> every_node() {
  FlowBuilder f("every_node");
  f.set("title", "One node of every type").set("version", "3").set("languages", list("en-US", "zh-CN"));
  f.set("start", "begin").set("main", "menu").set("agent", "people");
  f.set("prompts", {{"en-US", {{"hello", "Hello."}, {"wait", "One moment."}, {"enter", "Your number, please."},
                               {"pick", {{"text", "For people press 1, for an enquiry 2, for a message 3, for a poll 4, to find somebody 5."}, {"barge_in", true}}}}},
                    {"zh-CN", {{"hello", "您好。"}, {"wait", "请稍候。"}, {"enter", "请输入号码。"},
                               {"pick", {{"text", "人工服务请按1，查询请按2，留言请按3，投票请按4，找人请按5。"}, {"barge_in", true}}}}}});
  f.set("calendars", {{"office", {{"timezone", "Asia/Shanghai"}, {"days", {{"work", list("09:00-17:00")}, {"off", list()}}},
                                  {"week", {{"mon", "work"}, {"tue", "work"}, {"wed", "work"}, {"thu", "work"}, {"fri", "work"}, {"sat", "off"}, {"sun", "off"}}}}}});
  f.set("variables", {{"number", "string"}, {"amount", {{"type", "double"}, {"default", 12.5}}}, {"rounds", {{"type", "int"}, {"default", 0}}},
                      {"message", "string"}, {"extension", "string"}, {"fax", "string"}, {"text", "string"}});
  NodesBuilder& store = f.define("store", {{"parameters", list("kind")}, {"returns", list("number")}, {"exits", list("lost")},
                                           {"variables", {{"kind", "string"}, {"number", "string"}}}, {"start", "file_it"}});
  store.ticket("file_it", {{"do", "create"}, {"arguments", {{"type", "kind"}, {"phone", "caller"}}}, {"store", {{"number", "number"}}},
                           {"holding", {{"text", {{"en-US", "One moment."}, {"zh-CN", "请稍候。"}}}}}, {"ok", "done"}, {"error", "sorry"}});
  store.give_back("done").give_back("sorry", {{"exit", "lost"}});

  f.start("begin", {{"next", "language"}});
  f.language("language", {{"from", "known_language"}, {"choices", {{"1", "en-US"}, {"2", "zh-CN"}}}, {"next", "hours"}});
  f.schedule("hours", {{"calendar", "office"}, {"open", "greet"}, {"closed", "night"}});
  f.go_to("night", {{"to", "greet"}});
  f.play("greet", {{"prompt", "hello"}, {"barge_in", false}, {"next", "breathe"}});
  f.pause("breathe", {{"for", 500ms}, {"next", "some"}});
  f.percent("some", {{"shares", list(build::Value{{"percent", 90}, {"to", "menu"}}, build::Value{{"percent", 10}, {"to", "tune"}, {"name", "new"}})}});
  f.music("tune", {{"music", "hello"}, {"for", 5s}, {"next", "menu"}});
  f.menu("menu", {{"name", "Main menu"},
                  {"prompt", list("pick", "pick")},
                  {"no_input", list("hotline.no_input")},
                  {"choices", {{"1", choice("people", "people")}, {"2", "number"}, {"3", "message"}, {"4", "poll"}, {"5", "find"}}},
                  {"first_digit_timeout", 6s},
                  {"max_attempts", 3},
                  {"global_keys", {{"#", "off"}}},
                  {"safe_point", true},
                  {"exhausted", "people"}});
  f.collect("number", {{"prompt", list("enter")}, {"store", "number"}, {"min", 8}, {"max", 8}, {"say", "ticket"}, {"confirm", true},
                       {"next", "look"}, {"exhausted", "people"}});
  f.query("look", {{"query", "account"}, {"arguments", {{"number", "number"}, {"ask", "1 + 2"}}}, {"store", {{"text", "answer"}}},
                   {"holding", "wait"}, {"limit", 8s}, {"ok", "known"}, {"empty", "again"}});
  f.loop("again", {{"max", 2}, {"body", "number"}, {"done", "people"}});
  f.branch("known", {{"cases", list(build::Value{{"when", "text == 'open'"}, {"to", "say_it"}, {"name", "open"}}, build::Value{{"when", "rounds > 1"}, {"to", "people"}})},
                     {"else", "count"}});
  f.set_variables("count", {{"set", {{"rounds", "rounds + 1"}}}, {"next", "say_it"}});
  f.announce_number("say_it", {{"prompt", "hello"}, {"value", "number"}, {"length", 8}, {"groups", list(4, 4)}, {"repeat", 2}, {"next", "advise"}});
  f.kb("advise", {{"do", "search"}, {"text", "text"}, {"store", {{"text", "text"}}}, {"holding", "wait"}, {"ok", "tell"}, {"empty", "people"}});
  f.notify("tell", {{"channel", "sms"}, {"template", "received"}, {"arguments", {{"number", "number"}, {"amount", "amount"}}}, {"next", "fax_out"}});
  f.fax_send("fax_out", {{"document", "guide"}, {"next", "fax_in"}, {"failed", "people"}});
  f.fax_receive("fax_in", {{"store", {{"fax", "file"}}}, {"next", "keep_fax"}, {"failed", "people"}});
  f.query("keep_fax", {{"query", "keep"}, {"arguments", {{"fax", "fax"}}}, {"holding", "wait"}, {"ok", "bye"}, {"empty", "bye"}});
  f.record("message", {{"prompt", "hello"}, {"store", "message"}, {"max", "90s"}, {"saved", "keep"}, {"cancelled", "menu"}, {"too_short", "menu"},
                       {"hangup_saved", "keep"}});
  f.subflow("keep", {{"flow", "store"}, {"arguments", {{"kind", "'letter'"}}}, {"store", {{"number", "number"}}}, {"next", "bye"}, {"exits", {{"lost", "people"}}}});
  f.survey("poll", {{"poll", "opinion"},
                    {"questions", list(build::Value{{"id", "q1"}, {"prompt", list("hello")}, {"answers", {{"1", "yes"}, {"2", "no"}}}},
                                       build::Value{{"prompt", list("hello")}, {"answers", "1-5"}})},
                    {"next", "bye"}});
  f.dial_by_name("find", {{"people", list(build::Value{{"name", "Wang Wei"}, {"spelling", "wangwei"}, {"extension", "8101"}})}, {"store", "extension"},
                          {"next", "dial"}, {"exhausted", "people"}});
  f.transfer("dial", {{"kind", "extension"}, {"number", "extension"}, {"ring", 25s}, {"busy", "people"}, {"no_answer", "people"}, {"failed", "people"}});
  f.queue("people", {{"queue", "general"}, {"skills", list("general")}, {"priority", 5}, {"music", "hello"}, {"callback_key", "1"}, {"callback", "later"},
                     {"overflow", "bye"}});
  f.callback("later", {{"queue", "general"}, {"next", "bye"}});
  f.error_handler("trouble", {{"scope", "flow"}, {"next", "people"}});
  f.hangup("bye", {{"prompt", "hello"}});
  return f.build();
}

}  // namespace

TEST(Builder, EveryNodeIsThatOfTheFile) {
  const auto file = Flow::load(std::string(HOTLINE_SOURCE_DIR) + "/tests/scenario/ivr/every_node.yaml");
  ASSERT_TRUE(file.ok()) << file.error().text();
  const auto built = every_node();
  ASSERT_TRUE(built.ok()) << built.error().text();
  EXPECT_EQ(built->to_json(), file->to_json());
  EXPECT_EQ(built->fingerprint(), file->fingerprint());
  std::set<std::string> types;
  const auto document = parse_document(built->to_json(), "x");
  for (const auto& [id, node] : document->find("nodes")->entries()) types.insert(node.find("type")->text());
  types.insert("return");  // in the sub-flow, with ticket
  types.insert("ticket");
  EXPECT_EQ(types.size(), 30u) << "a type is missing from every_node.yaml";
}

TEST(Builder, ABuiltFlowRuns) {
  const auto built = every_node();
  ASSERT_TRUE(built.ok());
  Rehearsal c = call(*built);
  c.press("2");
  EXPECT_TRUE(c.listen() && c.hears("人工服务请按1")) << to_string(c.transcript());
  c.press("3");
  c.say("The lamp is broken");
  c.press("1");
  c.finish();
  ASSERT_FALSE(c.requests().empty());
  EXPECT_EQ(c.requests()[0].kind, ActionKind::ticket) << to_string(c.transcript());
}

TEST(Builder, ComplaintsNameTheCall) {
  FlowBuilder f("broken");
  f.set("languages", list("en-US")).set("start", "ask");
  const int line = __LINE__ + 1;
  f.menu("ask", {{"prompt", words("Press 1")}, {"choices", {{"1", "goodby"}}}, {"exhausted", "goodbye"}, {"max_attemps", 3}});
  f.hangup("goodbye", {{"prompt", words("Bye")}});
  f.hangup("goodbye");
  const Examined examined = f.examine();
  EXPECT_FALSE(examined.ok());
  std::map<std::string, Diagnostic> by_code;
  for (const Diagnostic& d : examined.diagnostics.items()) by_code[d.code] = d;
  ASSERT_TRUE(by_code.contains("V103") && by_code.contains("D002") && by_code.contains("V102")) << examined.diagnostics.to_text();
  EXPECT_EQ(by_code["V103"].place.line, static_cast<std::uint32_t>(line));
  EXPECT_NE(by_code["V103"].place.file.find("build_test.cpp"), std::string::npos);
  EXPECT_EQ(by_code["V103"].remedy, "did you mean `goodbye`?");
  EXPECT_EQ(by_code["D002"].place.line, static_cast<std::uint32_t>(line));
  EXPECT_EQ(by_code["V102"].place.line, static_cast<std::uint32_t>(line + 2));
  const auto refused = f.build();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.code(), ErrorCode::invalid_definition);
}

TEST(Builder, ExpressionsOfSeveralLinesStayWithTheirCall) {
  FlowBuilder f("lines");
  f.set("languages", list("en-US")).set("start", "ask").set("agent", "people").set("on_error", "people");
  const int line = __LINE__ + 1;
  f.branch("ask", {{"cases", list(build::Value{{"when", "caller ==\n\n'1' &&\n nobody"}, {"to", "people"}})}, {"else", "people"}});
  f.queue("people", {{"queue", "general"}, {"overflow", "hangup"}, {"error", "hangup"}});
  const Examined examined = f.examine();
  ASSERT_EQ(examined.diagnostics.error_count(), 1u) << examined.diagnostics.to_text();
  EXPECT_EQ(examined.diagnostics.items()[0].code, "V123");
  EXPECT_EQ(examined.diagnostics.items()[0].place.line, static_cast<std::uint32_t>(line));
}

TEST(Builder, NodesOfOtherFilesKeepTheirFile) {
  FlowBuilder f("two");
  f.set("languages", list("en-US")).set("start", "a");
  f.node("play", "a", {{"prompt", words("Hi")}, {"next", "nowhere"}}, {"menus/common.cpp", 7});
  EXPECT_EQ(f.examine().diagnostics.items()[0].place, (Place{"menus/common.cpp", 7, 0}));
}
