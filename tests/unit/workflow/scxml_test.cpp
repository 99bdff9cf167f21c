// SCXML's run-to-completion rules on the kernel. The numbers are those of the W3C implementation report's tests that
// need no data model and no nested states; the charts say the same assertion in our own words: `pass` is reached.
#include <gtest/gtest.h>

#include "hotline/workflow.hpp"

namespace hotline::workflow {
namespace {

using Lines = std::vector<std::string>;

std::string chart(const std::string& attributes, const std::string& body) {
  return "<?xml version=\"1.0\"?>\n<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" "
         "datamodel=\"null\" " +
         attributes + ">" + body + "</scxml>";
}
const std::string kEnds = "<final id=\"pass\"/><final id=\"fail\"/>";
std::string fails(const std::string& event) { return "<transition event=\"" + event + "\" target=\"fail\"/>"; }
std::string goes(const std::string& event, const std::string& to) {
  return "<transition event=\"" + event + "\" target=\"" + to + "\"/>";
}

Lines end_of(const std::string& text, const Lines& events = {}) {
  const auto run = run_scxml(text, "test.scxml", events);
  return run.ok() ? run->configuration : Lines{run.error().text()};
}

TEST(Scxml, W3cTestsOfTheFlatSubset) {
  const std::pair<int, std::string> tests[] = {
      // Raised events are taken in the order in which they were raised.
      {144, chart("initial=\"s0\"", "<state id=\"s0\"><onentry><raise event=\"foo\"/><raise event=\"bar\"/></onentry>" +
                                        goes("foo", "s1") + fails("*") + "</state><state id=\"s1\">" +
                                        goes("bar", "pass") + fails("*") + "</state>" + kEnds)},
      // Without `initial` the first state in document order is entered.
      {355, chart("",
                  "<state id=\"s0\"><transition target=\"pass\"/></state><state id=\"s1\"><transition "
                  "target=\"fail\"/></state>" +
                      kEnds)},
      // Several onentry blocks run in document order.
      {375, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onentry><raise event=\"e1\"/></onentry><onentry><raise event=\"e2\"/></onentry>" +
                      goes("e1", "s1") + fails("*") + "</state><state id=\"s1\">" + goes("e2", "pass") + fails("*") +
                      "</state>" + kEnds)},
      // Several onexit blocks run in document order.
      {377, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onexit><raise event=\"e1\"/></onexit><onexit><raise "
                  "event=\"e2\"/></onexit><transition target=\"s1\"/></state><state id=\"s1\">" +
                      goes("e1", "s2") + fails("*") + "</state><state id=\"s2\">" + goes("e2", "pass") + fails("*") +
                      "</state>" + kEnds)},
      // The name of an event is matched.
      {396, chart("initial=\"s0\"", "<state id=\"s0\"><onentry><raise event=\"foo\"/></onentry>" + goes("foo", "pass") +
                                        fails("foo") + "</state>" + kEnds)},
      // Descriptors match by prefix, by token; a list of them by any.
      {399, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onentry><raise event=\"foo\"/></onentry>" + goes("foo bar", "s1") +
                      "</state><state id=\"s1\"><onentry><raise event=\"bar\"/></onentry>" + goes("foo bar", "s2") +
                      "</state><state id=\"s2\"><onentry><raise event=\"foo.zoo\"/></onentry>" + goes("foo bar", "s3") +
                      "</state><state id=\"s3\"><onentry><raise event=\"foos\"/></onentry>" + fails("foo") +
                      goes("foos", "s4") + "</state><state id=\"s4\"><onentry><raise event=\"foo.zoo\"/></onentry>" +
                      goes("foo.*", "s5") + "</state><state id=\"s5\"><onentry><raise event=\"foo\"/></onentry>" +
                      goes("*", "pass") + "</state>" + kEnds)},
      // Transitions without an event come before those with one.
      {419, chart("initial=\"s1\"",
                  "<state id=\"s1\"><onentry><raise event=\"internal\"/><send event=\"external\"/></onentry>" +
                      fails("*") + "<transition target=\"pass\"/></state>" + kEnds)},
      // Internal events come before external ones.
      {421, chart("initial=\"s1\"",
                  "<state id=\"s1\"><onentry><send event=\"external\"/><raise event=\"internal1\"/><raise "
                  "event=\"internal2\"/></onentry>" +
                      fails("external") + "<transition event=\"internal1\"/>" + goes("internal2", "pass") + "</state>" +
                      kEnds)},
      // Exit, transition and entry content run in this order.
      {404, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onexit><raise event=\"e1\"/></onexit><transition target=\"s1\"><raise "
                  "event=\"e2\"/></transition></state><state id=\"s1\"><onentry>"
                  "<raise event=\"e3\"/></onentry>" +
                      goes("e1", "s2") + fails("*") + "</state><state id=\"s2\">" + goes("e2", "s3") + fails("*") +
                      "</state><state id=\"s3\">" + goes("e3", "pass") + fails("*") + "</state>" + kEnds)},
      // A targetless transition leaves and enters nothing.
      {503, chart("initial=\"s1\"",
                  "<state id=\"s1\"><onentry><raise event=\"foo\"/></onentry><onexit><raise "
                  "event=\"left\"/></onexit><transition event=\"foo\"><raise event=\"bar\"/></transition>" +
                      fails("left") + goes("bar", "s2") + "</state><state id=\"s2\">" + goes("left", "pass") +
                      fails("foo") + "</state>" + kEnds)},
      // The first enabled transition in document order is taken.
      {407, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onentry><raise event=\"e\"/></onentry><transition event=\"e\" cond=\"In('s1')\" "
                  "target=\"fail\"/>" +
                      goes("e", "pass") + fails("e") + "</state><state id=\"s1\"/>" + kEnds)},
      // Sent events come in the order of their delays.
      {175, chart("initial=\"s0\"",
                  "<state id=\"s0\"><onentry><send event=\"event2\" delay=\"1s\"/><send event=\"event1\" "
                  "delay=\"500ms\"/></onentry>" +
                      goes("event1", "s1") + fails("event2") + "</state><state id=\"s1\">" + goes("event2", "pass") +
                      fails("*") + "</state>" + kEnds)},
      // <initial> with a transition.
      {413, chart("",
                  "<initial><transition target=\"s1\"/></initial><state id=\"s0\"><transition "
                  "target=\"fail\"/></state><state id=\"s1\"><transition target=\"pass\"/></state>" +
                      kEnds)},
  };
  for (const auto& [number, text] : tests) EXPECT_EQ(end_of(text), Lines{"pass"}) << "test " << number;
}

TEST(Scxml, ParallelRegionsTakeOneTransitionEachForOneEvent) {
  const std::string text = chart("", R"x(<parallel id="p">
    <state id="left" initial="a"><state id="a"><transition event="go" target="b"/></state><state id="b"><transition event="go" target="c"/></state><final id="c"/></state>
    <state id="right" initial="x"><state id="x"><transition event="go" cond="In('a')" target="y"/><transition event="done.state.left" target="z"/></state>
      <state id="y"><transition event="done.state.left" target="z"/></state><state id="z"/></state>
  </parallel>)x");
  EXPECT_EQ(end_of(text, {"go"}), (Lines{"b", "y"})) << "both conditions look at the configuration before";
  EXPECT_EQ(end_of(text, {"go", "go"}), (Lines{"c", "z"})) << "a region's final raises done.state";
  EXPECT_EQ(end_of(text, {"nothing"}), (Lines{"a", "x"})) << "an event that nobody waits for is dropped";
}

TEST(Scxml, WhatIsNotReadIsNamed) {
  const auto code = [](const std::string& text) { return import_scxml(text, "x.scxml").code(); };
  EXPECT_EQ(code("<scxml><state"), ErrorCode::invalid_document);
  EXPECT_EQ(code(chart("", "<state id=\"a\"><invoke/></state>")), ErrorCode::unsupported);
  EXPECT_EQ(code(chart("", "<state id=\"a\"><state id=\"a\"/></state>")), ErrorCode::invalid_document);
  EXPECT_EQ(code(chart("", "<state id=\"a\"><state id=\"b\"/><transition cond=\"x == 1\" target=\"b\"/></state>")), ErrorCode::unsupported);
  EXPECT_EQ(code(chart("", "<datamodel><data id=\"x\"/></datamodel><state id=\"a\"/>")), ErrorCode::unsupported);
  EXPECT_EQ(code(chart("", "<state id=\"a\"><history id=\"h\"/></state>")), ErrorCode::unsupported);
  EXPECT_EQ(code(chart("", "<state id=\"a\"><transition event=\"e\" target=\"nowhere\"/></state>")),
            ErrorCode::unsupported);
  EXPECT_EQ(
      run_scxml(
          chart("",
                "<state id=\"a\"><transition target=\"b\"/></state><state id=\"b\"><transition target=\"a\"/></state>"),
          "x", {})
          .code(),
      ErrorCode::limit);
}

// Nested states, histories and conflicts; the numbers as above.
TEST(Scxml, W3cTestsWithNestedStates) {
  const auto leaf = [](const std::string& id, const std::string& inside) { return "<state id=\"" + id + "\">" + inside + "</state>"; };
  const std::pair<int, std::string> tests[] = {
      // <initial> chooses among nested states, several levels down.
      {364, chart("initial=\"s1\"", "<state id=\"s1\" initial=\"s11p112 s11p122\">" + fails("late") + "<parallel id=\"s11p1\"><state id=\"s11p11\" initial=\"s11p111\">"
                  "<state id=\"s11p111\"/><state id=\"s11p112\"><onentry><raise event=\"in\"/></onentry></state></state><state id=\"s11p12\" initial=\"s11p121\">"
                  "<state id=\"s11p121\"/><state id=\"s11p122\"><transition event=\"in\" target=\"pass\"/></state></state></parallel></state>" + kEnds)},
      // A history's default, then what it remembers: shallow and deep.
      {387, chart("initial=\"s3\"", "<state id=\"s0\" initial=\"s01\"><transition event=\"enteringS011\" target=\"s4\"/>" + fails("*") +
                  "<history type=\"shallow\" id=\"h\"><transition target=\"s01\"/></history><history type=\"deep\" id=\"d\"><transition target=\"s022\"/></history>"
                  "<state id=\"s01\" initial=\"s011\"><state id=\"s011\"><onentry><raise event=\"enteringS011\"/></onentry></state><state id=\"s012\"/></state>"
                  "<state id=\"s02\" initial=\"s021\"><state id=\"s021\"/><state id=\"s022\"><transition target=\"pass\"/></state></state></state>"
                  "<state id=\"s3\"><transition target=\"h\"/></state><state id=\"s4\"><transition cond=\"true\" target=\"d2\"/></state><state id=\"d2\"><transition target=\"s022\"/></state>" + kEnds)},
      // The innermost transition wins; an event that no child takes is the parent's.
      {403, chart("initial=\"s0\"", "<state id=\"s0\" initial=\"s01\"><onentry><raise event=\"e1\"/></onentry>" + fails("e1") + goes("e2", "pass") +
                  leaf("s01", goes("e1", "s02")) + leaf("s02", "<onentry><raise event=\"e2\"/></onentry><transition event=\"e1\" target=\"fail\"/><transition event=\"e2\" cond=\"In('s01')\" target=\"fail\"/>") +
                  "</state>" + kEnds)},
      // Children are left before their parents, and in reverse document order.
      {405, chart("initial=\"s0\"", "<state id=\"s0\" initial=\"p\"><parallel id=\"p\"><onexit><raise event=\"e3\"/></onexit><transition target=\"s1\"/><state id=\"a\"><onexit><raise event=\"e2\"/></onexit></state>"
                  "<state id=\"b\"><onexit><raise event=\"e1\"/></onexit></state></parallel></state>" + leaf("s1", goes("e1", "s2") + fails("*")) + leaf("s2", goes("e2", "s3") + fails("*")) +
                  leaf("s3", goes("e3", "pass") + fails("*")) + kEnds)},
      // The state is active while its onentry runs, and not yet what comes after it.
      {411, chart("initial=\"s0\"", "<state id=\"s0\" initial=\"s01\"><onentry><if cond=\"In('s01')\"><raise event=\"event1\"/></if></onentry>" + fails("event1") + goes("event2", "pass") +
                  leaf("s01", "<onentry><if cond=\"In('s01') &amp;&amp; In('s0')\"><raise event=\"event2\"/><else/><raise event=\"event1\"/></if></onentry>") + "</state>" + kEnds)},
      // done.state of a compound state, and of a parallel once all its regions are done.
      {416, chart("initial=\"s1\"", "<state id=\"s1\" initial=\"s11\"><state id=\"s11\" initial=\"s111\">" + goes("done.state.s11", "s2") + "<state id=\"s111\"><transition target=\"s11f\"/></state><final id=\"s11f\"/></state></state>"
                  "<state id=\"s2\" initial=\"p\">" + goes("done.state.p", "pass") + fails("done.state.s2") + "<parallel id=\"p\"><state id=\"q\" initial=\"q1\"><state id=\"q1\"><transition target=\"qf\"/></state><final id=\"qf\"/></state>"
                  "<state id=\"r\" initial=\"r1\"><state id=\"r1\"><transition event=\"done.state.q\" target=\"rf\"/></state><final id=\"rf\"/></state></parallel></state>" + kEnds)},
      // An internal transition to a child does not leave the parent; an external one does.
      {505, chart("initial=\"s1\"", "<state id=\"s1\" initial=\"s11\"><onexit><raise event=\"left\"/></onexit><onentry><raise event=\"foo\"/></onentry><transition type=\"internal\" event=\"foo\" target=\"s12\"/>" + fails("left") +
                  leaf("s11", "") + leaf("s12", "<onentry><raise event=\"bar\"/></onentry>" + goes("bar", "pass")) + "</state>" + kEnds)},
      // Of two that cannot both be taken, the one of the deeper source, else the first in document order.
      {579, chart("initial=\"p\"", "<parallel id=\"p\"><onentry><raise event=\"e\"/></onentry><state id=\"a\">" + goes("e", "pass") + "</state><state id=\"b\">" + fails("e") + "</state></parallel>" + kEnds)},
      // A cancelled event does not come; a later one does. A target that does not exist is an error and ends the block.
      {208, chart("initial=\"s0\"", "<state id=\"s0\"><onentry><send id=\"x\" event=\"event1\" delay=\"1s\"/><send event=\"event2\" delay=\"1.5s\"/><cancel sendid=\"x\"/></onentry>" +
                  goes("event2", "s1") + fails("*") + "</state><state id=\"s1\"><onentry><send event=\"no\" target=\"nowhere\"/><raise event=\"after\"/></onentry>" + goes("error.execution", "pass") + fails("*") + "</state>" + kEnds)},
  };
  for (const auto& [number, text] : tests) EXPECT_EQ(end_of(text), Lines{"pass"}) << "test " << number;
}

// More of them, each in our own words; those that need a data model, another session or a web server are not here.
TEST(Scxml, W3cTestsOfOrderAndQueues) {
  const auto state = [](const std::string& id, const std::string& inside, const std::string& attributes = "") {
    return "<state id=\"" + id + "\" " + attributes + ">" + inside + "</state>";
  };
  const auto raise = [](const std::string& event) { return "<raise event=\"" + event + "\"/>"; };
  const auto entry = [](const std::string& inside) { return "<onentry>" + inside + "</onentry>"; };
  const auto leave = [](const std::string& inside) { return "<onexit>" + inside + "</onexit>"; };
  const auto now = [](const std::string& to) { return "<transition target=\"" + to + "\"/>"; };
  const std::pair<int, std::string> tests[] = {
      // Content runs in document order.
      {158, chart("initial=\"s0\"", state("s0", entry(raise("event1") + raise("event2")) + goes("event1", "s1") + fails("*")) + state("s1", goes("event2", "pass") + fails("*")) + kEnds)},
      // A delayed event comes after one that was sent later without delay.
      {185, chart("initial=\"s0\"", state("s0", entry("<send event=\"event2\" delay=\"1s\"/><send event=\"event1\"/>") + goes("event1", "s1") + fails("*")) + state("s1", goes("event2", "pass") + fails("*")) + kEnds)},
      // What is sent to #_internal comes before what is sent outside.
      {189, chart("initial=\"s0\"", state("s0", entry("<send event=\"event2\"/><send event=\"event1\" target=\"#_internal\"/>") + goes("event1", "pass") + fails("event2")) + kEnds)},
      // A kind of sending that nobody knows is an error; SCXML's own is none.
      {199, chart("initial=\"s0\"", state("s0", entry("<send type=\"pigeon\" event=\"event1\"/><send event=\"timeout\"/>") + goes("error.execution", "pass") + fails("*")) + kEnds)},
      {200, chart("initial=\"s0\"", state("s0", entry("<send type=\"http://www.w3.org/TR/scxml/#SCXMLEventProcessor\" event=\"event1\"/><send event=\"timeout\"/>") + goes("event1", "pass") + fails("*")) + kEnds)},
      // In() is true in a region beside this one.
      {310, chart("initial=\"p\"", "<parallel id=\"p\">" + state("s0", "<transition cond=\"In('s1')\" target=\"pass\"/><transition target=\"fail\"/>") + state("s1", "") + "</parallel>" + kEnds)},
      // A final's own content runs before its done event is there.
      {372, chart("initial=\"s0\"", state("s0", "<final id=\"f\">" + entry(raise("in")) + leave(raise("out")) + "</final>" + goes("in", "s1") + fails("*"), "initial=\"f\"") +
                  state("s1", goes("done.state.s0", "s2") + fails("*")) + state("s2", goes("out", "pass") + fails("*")) + kEnds)},
      // An event of an error stands in the internal queue, before what was sent before it; its name matches like any.
      {401, chart("initial=\"s0\"", state("s0", entry("<send event=\"external\"/><send event=\"x\" target=\"nowhere\"/>") + fails("external") + goes("error", "pass")) + kEnds)},
      {402, chart("initial=\"s0\"", state("s0", entry(raise("first") + "<send event=\"x\" target=\"nowhere\"/>") + goes("first", "s1") + fails("*")) + state("s1", goes("error.execution", "pass") + fails("*")) + kEnds)},
      // Parents are entered before children, children in document order, all after the transition's content.
      {406, chart("initial=\"s0\"", state("s0", "<transition target=\"p\">" + raise("e1") + "</transition>") + "<parallel id=\"p\">" + entry(raise("e2")) + state("a", entry(raise("e3"))) + state("b", entry(raise("e4"))) +
                  "<transition event=\"e1\" target=\"t1\"/><transition event=\"*\" target=\"fail\"/></parallel>" + state("t1", goes("e2", "t2") + fails("*")) + state("t2", goes("e3", "t3") + fails("*")) + state("t3", goes("e4", "pass") + fails("*")) + kEnds)},
      // A child that was left is not active any more while its parent's onexit runs.
      {409, chart("initial=\"s0\"", state("s0", leave("<if cond=\"In('s01')\">" + raise("wrong") + "<else/>" + raise("right") + "</if>") + now("s1") + state("s01", ""), "initial=\"s01\"") + state("s1", goes("right", "pass") + fails("*")) + kEnds)},
      // The content of <initial> runs after the parent's onentry and before the child's.
      {412, chart("initial=\"s0\"", state("s0", entry(raise("e1")) + "<initial><transition target=\"s01\">" + raise("e2") + "</transition></initial>" + goes("e1", "s1") + fails("*") + state("s01", entry(raise("e3")))) +
                  state("s1", goes("e2", "s2") + fails("*")) + state("s2", goes("e3", "pass") + fails("*")) + kEnds)},
      // External events that nobody waits for are dropped until one fits.
      {423, chart("initial=\"s0\"", state("s0", entry("<send event=\"e1\"/><send event=\"e2\" delay=\"1s\"/>" + raise("in")) + goes("in", "s1") + fails("*")) + state("s1", goes("e2", "pass")) + kEnds)},
      // An external transition to a descendant leaves its source and everything in it.
      {504, chart("initial=\"s1\"", state("s1", entry(raise("in")) + leave(raise("out1")) + goes("in", "p") +
                  "<parallel id=\"p\">" + leave(raise("outp")) + state("a", leave(raise("outa"))) + state("b", leave(raise("outb")) + goes("in", "a")) + "</parallel>" + goes("outb", "s2") + fails("out1"), "initial=\"p\"") +
                  state("s2", goes("outa", "s3") + fails("*")) + state("s3", goes("outp", "s4") + fails("*")) + state("s4", goes("*", "pass")) + kEnds)},
      // An internal transition to what is no descendant is an external one.
      {506, chart("initial=\"s1\"", state("s1", entry(raise("foo")) + leave(raise("left")) + "<transition type=\"internal\" event=\"foo\" target=\"s2\"/>" + state("s11", ""), "initial=\"s11\"") + state("s2", goes("left", "pass") + fails("*")) + kEnds)},
      // So is one whose source is a parallel.
      {533, chart("initial=\"p\"", "<parallel id=\"p\">" + leave(raise("left")) + "<transition type=\"internal\" event=\"foo\" target=\"a1\"/>" + goes("left", "pass") + fails("stayed") + state("a", entry(raise("foo")) + state("a1", ""), "initial=\"a1\"") +
                  state("b", "") + "</parallel>" + kEnds)},
      // done.state of a parallel comes when all its regions are in a final, and not before.
      {570, chart("initial=\"p\"", "<parallel id=\"p\">" + goes("done.state.p", "pass") + state("a", state("a1", goes("e1", "af")) + "<final id=\"af\"/>", "initial=\"a1\"") +
                  state("b", entry(raise("e1") + raise("e2")) + state("b1", goes("e2", "bf") + "<transition event=\"done.state.p\" target=\"fail\"/>") + "<final id=\"bf\"/>", "initial=\"b1\"") + "</parallel>" + kEnds)},
      // `initial` may name several descendants in parallel regions.
      {576, chart("initial=\"a2 b2\"", state("s0", entry("<send event=\"timeout\"/>") + fails("timeout") + "<parallel id=\"p\">" + state("a", state("a1", "") + state("a2", entry(raise("there"))), "initial=\"a1\"") +
                  state("b", state("b1", "") + state("b2", goes("there", "pass")), "initial=\"b1\"") + "</parallel>") + kEnds)},
      // A history is never part of the configuration.
      {580, chart("initial=\"s0\"", state("s0", "<history id=\"h\"><transition target=\"s01\"/></history>" + state("s01", "<transition cond=\"In('h')\" target=\"fail\"/><transition event=\"go\" target=\"s1\"/>" + entry(raise("go"))), "initial=\"h\"") +
                  state("s1", "<transition cond=\"In('h')\" target=\"fail\"/>" + now("pass")) + kEnds)},
  };
  for (const auto& [number, text] : tests) EXPECT_EQ(end_of(text), Lines{"pass"}) << "test " << number;
}

TEST(Scxml, AHistoryRemembers) {
  const std::string text = chart("initial=\"on\"", R"x(<state id="on" initial="a"><history id="h"><transition target="a"/></history><history id="d" type="deep"><transition target="a"/></history>
    <transition event="off" target="off"/><state id="a"><transition event="next" target="b"/></state>
    <state id="b" initial="b1"><state id="b1"><transition event="next" target="b2"/></state><state id="b2"/></state></state>
    <state id="off"><transition event="shallow" target="h"/><transition event="deep" target="d"/></state>)x");
  EXPECT_EQ(end_of(text, {"off", "shallow"}), Lines{"a"});
  EXPECT_EQ(end_of(text, {"next", "next", "off", "shallow"}), Lines{"b1"});
  EXPECT_EQ(end_of(text, {"next", "next", "off", "deep"}), Lines{"b2"});
  EXPECT_TRUE(import_scxml(text, "h.scxml").ok()) << "flattened: a definition like any other";
}

TEST(Scxml, WhatIsWrittenReadsBack) {
  const std::string text = chart("initial=\"a\" name=\"round\"",
                                 "<state id=\"a\"><onentry><raise event=\"x.y\"/></onentry>" + goes("x.y", "b") +
                                     "</state><state id=\"b\">" + goes("stop", "c") + "</state><final id=\"c\"/>");
  const auto d = import_scxml(text, "a.scxml");
  ASSERT_TRUE(d.ok()) << d.error().text();
  const std::string again = export_scxml(*d);
  EXPECT_EQ(end_of(again, {}), Lines{"b"}) << again;
  EXPECT_EQ(end_of(again, {"stop"}), Lines{"c"}) << again;
  const auto city = Definition::load(HOTLINE_SOURCE_DIR "/data/workflows/city-12345.yaml").value();
  EXPECT_NE(export_scxml(city).find("<parallel id=\"root\">"), std::string::npos);
}

}  // namespace
}  // namespace hotline::workflow
