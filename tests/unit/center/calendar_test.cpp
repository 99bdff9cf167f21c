// The shipped calendar governs the hours of the hotline: public holidays, and Saturdays that are worked for them.
#include "fake.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

// What a caller hears first at that time, after the welcome.
std::string heard_at(const char* time) {
  fake::Centre centre({}, time);
  centre.telephony.ring_in("13800138000", "12345");
  centre.run(20s);
  return centre.speech.said;
}
bool says(const std::string& said, const char* text) { return said.find(text) != said.npos; }

TEST(Calendar, APublicHolidayOnAMondayIsClosed) {
  const std::string said = heard_at("2026-02-16T02:00:00Z");  // Monday of the Spring Festival
  EXPECT_TRUE(says(said, "假")) << said;
  EXPECT_FALSE(says(said, "人工服务请按1")) << said;
}

TEST(Calendar, TheMondayAfterItIsNot) {
  EXPECT_EQ(heard_at("2026-03-02T02:00:00Z"), heard_at("2026-11-23T02:00:00Z"));
}

TEST(Calendar, AMakeUpSaturdayIsWorkedAnOrdinaryOneIsNot) {
  EXPECT_EQ(heard_at("2026-02-28T02:00:00Z"), heard_at("2026-11-23T02:00:00Z")) << "worked for the Spring Festival";
  EXPECT_NE(heard_at("2026-03-07T02:00:00Z"), heard_at("2026-11-23T02:00:00Z"));
}

TEST(Calendar, TheNextOfficeMorningIsAWorkingOne) {
  const auto setup = center::load_setup(std::string(HOTLINE_SOURCE_DIR) + "/examples/city_hotline/data").value();
  const auto after = [&](const char* time) { return to_string(center::next_office_morning(setup, parse_time(time).value()).value()); };
  EXPECT_EQ(after("2026-02-13T02:00:00Z"), "2026-02-14T02:00:00Z") << "a Saturday that is worked";
  EXPECT_EQ(after("2026-02-14T02:00:00Z"), "2026-02-24T02:00:00Z") << "over the Spring Festival, its Mondays too";
  EXPECT_EQ(after("2026-11-20T02:00:00Z"), "2026-11-23T02:00:00Z") << "over a week-end";
  EXPECT_EQ(after("2026-11-22T17:00:00Z"), "2026-11-24T02:00:00Z") << "it is Monday already in China";
}

}  // namespace
