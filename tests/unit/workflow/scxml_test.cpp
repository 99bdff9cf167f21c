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
  EXPECT_EQ(code(chart("", "<state id=\"a\"><state id=\"b\"/></state>")), ErrorCode::unsupported);
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
