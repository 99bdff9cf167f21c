#include "hotline/ticket/catalogue.hpp"

#include <gtest/gtest.h>

using namespace hotline;
using namespace hotline::ticket;

namespace {

constexpr const char* kText = R"(
version: 3
from: 2026-01-01T00:00:00+08:00
units:
  - {id: city, name: {zh: 市政府, en: City}, level: city}
  - {id: water, name: 水务集团, parent: city}
  - {id: depot, parent: water}
  - {id: housing, parent: city}
  - {id: police, parent: city}
  - {id: shinan, parent: city, level: county}
rules:
  - {category: water, lead: water}
  - {category: noise, lead: police}
  - {category: noise.building, area: "370202", lead: housing, assist: [police]}
catch_all:
  - {area: "370202", lead: shinan}
  - {lead: city}
)";

std::string complaint(std::string_view text) {
  Diagnostics d("c.yaml");
  const auto c = Catalogue::parse(text, "c.yaml", d);
  return c.ok() ? "" : c.error().text();
}

}  // namespace

TEST(Catalogue, TheMostSpecificRuleWins) {
  Diagnostics d("c.yaml");
  const auto c = Catalogue::parse(kText, "c.yaml", d).value();
  EXPECT_EQ(c.match("water.pipe", "370202").lead, "water");
  EXPECT_EQ(c.match("noise.building", "370202").lead, "housing");
  EXPECT_EQ(c.match("noise.building", "370203").lead, "police");
  EXPECT_EQ(c.match("noise.building.night", "370202001").lead, "housing");
  EXPECT_EQ(c.match("waterfall", "370203").lead, "city") << "`water` is no prefix of the word `waterfall`";
  EXPECT_EQ(c.match("dogs", "370202").lead, "shinan");
  EXPECT_TRUE(c.match("dogs", "").catch_all);
  EXPECT_EQ(c.version(), 3);
}

TEST(Catalogue, KnowsWhoIsCompetent) {
  Diagnostics d("c.yaml");
  const auto c = Catalogue::parse(kText, "c.yaml", d).value();
  EXPECT_TRUE(c.competent("depot", "water", "370203")) << "a unit below the named one";
  EXPECT_TRUE(c.competent("police", "noise.building", "370202"));
  EXPECT_EQ(c.unit("depot")->path, "/city/water/depot/");
  EXPECT_TRUE(c.within("depot", "city"));
  EXPECT_FALSE(c.within("city", "depot"));
}

TEST(Catalogue, SaysWhatIsWrongAndWhere) {
  EXPECT_NE(complaint("units: [{id: a}]\ncatch_all: [{lead: b}]").find("T101"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a}]\ncatch_all: [{lead: b}]").find("c.yaml:2:"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a}, {id: a}]\ncatch_all: [{lead: a}]").find("T102"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a, parent: b}, {id: b, parent: a}]\ncatch_all: [{lead: a}]").find("T103"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a}]\nrules: [{category: x, lead: a}, {category: x, lead: a}]\ncatch_all: [{lead: a}]").find("T104"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a}]\ncatch_all: [{area: '37', lead: a}]").find("T105"), std::string::npos);
  EXPECT_NE(complaint("units: [{id: a, colour: red}]\ncatch_all: [{lead: a}]").find("D002"), std::string::npos);
}
