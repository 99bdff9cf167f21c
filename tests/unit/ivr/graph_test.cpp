// Pictures of flows: everything is on them, nothing lies on anything else.
#include "fixture.hpp"
#include "ivr/import.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {
struct Drawn {
  double x, y, width, height;
};
void collect(const Xml& xml, std::vector<Drawn>& boxes, std::string& words) {
  if (xml.name == "rect" && !xml.attribute("rx").empty())
    boxes.push_back({std::stod(xml.attribute("x")), std::stod(xml.attribute("y")), std::stod(xml.attribute("width")), std::stod(xml.attribute("height"))});
  if (xml.name == "text") words += xml.all_text() + "\n";
  for (const Xml& child : xml.children) collect(child, boxes, words);
}
}  // namespace

TEST(Graph, BoxesDoNotOverlapAndKeysAreOnTheWays) {
  for (const auto* name : {"12345.yaml", "12333.yaml", "visit.yaml", "reply.yaml"}) {
    const auto flow_of = Flow::load(shipped(name));
    ASSERT_TRUE(flow_of.ok());
    const std::string svg = to_svg(flow_of->program());
    const auto xml = parse_xml(svg, name);
    ASSERT_TRUE(xml.ok()) << xml.error().text();
    std::vector<Drawn> boxes;
    std::string words;
    collect(*xml, boxes, words);
    EXPECT_EQ(boxes.size(), flow_of->size()) << name;
    double width = 0, height = 0;
    ASSERT_EQ(std::sscanf(xml->attribute("viewBox").c_str(), "0 0 %lf %lf", &width, &height), 2);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const Drawn& a = boxes[i];
      EXPECT_TRUE(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height) << name;
      for (std::size_t j = i + 1; j < boxes.size(); ++j) {
        const Drawn& b = boxes[j];
        EXPECT_FALSE(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height) << name << ": box " << i << " lies on box " << j;
      }
    }
    EXPECT_LT(width / height, 2.0) << name << " fits no page";
    EXPECT_LT(height / width, 2.0) << name << " fits no page";
    EXPECT_EQ(to_svg(Flow::load(shipped(name))->program()), svg) << "the same flow, the same picture";
  }
  const std::string city = to_svg(Flow::load(shipped("12345.yaml"))->program());
  for (const auto* way : {"1 agent", "2 automatic service", "3 complaint enquiry", "5 opinion poll", "2 by short message"})
    EXPECT_NE(city.find(std::string(">") + way), std::string::npos) << way;
}
TEST(Graph, HeatColoursWhereCallersAreLost) {
  const Flow f = *Flow::load(shipped("12345.yaml"));
  GraphOptions options;
  options.heat.push_back({"main_menu", 1.0, "42 lost"});
  EXPECT_NE(to_svg(f.program(), options).find("42 lost"), std::string::npos);
  EXPECT_NE(to_svg(f.program(), options).find("#ff5050"), std::string::npos);
}
TEST(Graph, LongWaysAreDrawnQuickly) {
  std::string text = "flow: 1\nlanguages: [en-US]\nstart: n0\nnodes:\n";
  for (int i = 0; i < 4'000; ++i) text += "  n" + std::to_string(i) + ": {type: pause, next: " + (i + 1 < 4'000 ? "n" + std::to_string(i + 1) : "hangup") + "}\n";
  const auto examined = examine(text, "long");
  ASSERT_NE(examined.program, nullptr);
  EXPECT_GT(to_svg(*examined.program).size(), 1'000'000u);
}
TEST(Graph, MermaidAndDotQuoteWhatTheyMust) {
  const Flow f = flow("flow: 1\nlanguages: [en-US]\nstart: a\nagent: p\non_error: p\nnodes:\n  a: {type: menu, name: 'Say \"hi\" <&>', prompt: {text: Press 1}, choices: {\"1\": {to: p, name: 'to \"P\" \\ x'}}, exhausted: p}\n"
                      "  p: {type: queue, queue: q, overflow: hangup, error: hangup}\n");
  EXPECT_NE(to_dot(f.program()).find("Say \\\"hi\\\""), std::string::npos);
  EXPECT_NE(to_mermaid(f.program()).find("Say #quot;hi#quot; #lt;#amp;#gt;"), std::string::npos);
  EXPECT_TRUE(parse_xml(to_svg(f.program()), "svg").ok());
}
