#include "hotline/workflow/calendar.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace hotline::workflow {
namespace {

Time at(std::string_view local) { return parse_time(std::string(local) + "+08:00").value(); }
std::string local(Time t) {
  std::string text = to_string(t + std::chrono::hours{8});
  text.pop_back();
  return text;
}
Date day(std::string_view text) { return parse_date(text).value(); }
const std::string kChina = std::string(HOTLINE_SOURCE_DIR) + "/data/calendars/cn.yaml";

const Calendar& china() {
  static const Calendar calendar = Calendar::load(kChina).value();
  return calendar;
}
Calendar make(std::string_view yaml) {
  Diagnostics diagnostics("test.yaml");
  auto spec = CalendarSpec::parse(yaml, "test.yaml", diagnostics);
  EXPECT_TRUE(spec.ok()) << diagnostics.to_text();
  return Calendar::compile(spec.value()).value();
}

TEST(Calendar, ZendeskBiz103HolidaysAndMakeUpDaysOf2026) {
  EXPECT_FALSE(china().is_workday(day("2026-02-16")));
  EXPECT_EQ(china().day(day("2026-02-16")).name, "春节");
  EXPECT_TRUE(china().is_workday(day("2026-02-14"))) << "a Saturday that is worked";
  EXPECT_TRUE(china().is_workday(day("2026-09-20"))) << "a Sunday that is worked";
  EXPECT_FALSE(china().is_workday(day("2026-09-19")));
  EXPECT_TRUE(china().is_workday(day("2026-11-23")));
}

TEST(Calendar, WorkingDaysCountFromTheDayAfter) {
  EXPECT_EQ(local(china().add_work_days(at("2026-11-23T10:00:00"), 3).at), "2026-11-26T17:30:00");
  EXPECT_EQ(local(china().add_work_days(at("2026-02-13T10:00:00"), 1).at), "2026-02-14T17:30:00");
  EXPECT_EQ(local(china().add_work_days(at("2026-02-13T10:00:00"), 2).at), "2026-02-24T17:30:00");
  // Received on a day off: received at the next working day's start.
  EXPECT_EQ(local(china().add_work_days(at("2026-02-17T10:00:00"), 1).at), "2026-02-25T17:30:00");
  DayRule civil;
  civil.off_day = DayRule::OffDay::as_it_is;
  EXPECT_EQ(local(china().add_work_days(at("2026-02-17T10:00:00"), 1, civil).at), "2026-02-24T17:30:00");
  DayRule cutoff;
  cutoff.first = DayRule::First::before_cutoff;
  EXPECT_EQ(local(china().add_work_days(at("2026-11-23T10:00:00"), 1, cutoff).at), "2026-11-23T17:30:00");
  EXPECT_EQ(local(china().add_work_days(at("2026-11-23T12:00:00"), 1, cutoff).at), "2026-11-24T17:30:00");
  DayRule midnight;
  midnight.end = DayRule::End::midnight;
  EXPECT_EQ(local(china().add_work_days(at("2026-11-23T10:00:00"), 1, midnight).at), "2026-11-25T00:00:00");
}

TEST(Calendar, Jmix790OneDayIsNotTwentyFourBusinessHours) {  // jmix #790
  const Time start = at("2026-11-23T09:00:00");
  EXPECT_EQ(local(china().due(start, parse_term("1wd").value()).at), "2026-11-24T17:30:00");
  EXPECT_EQ(local(china().due(start, parse_term("24wh").value()).at), "2026-11-26T12:00:00");
  EXPECT_EQ(local(china().due(start, parse_term("24h").value()).at), "2026-11-24T09:00:00");
  EXPECT_FALSE(parse_term("1d").ok());
  EXPECT_FALSE(parse_term("P1D").ok());
}

TEST(Calendar, FrappeHelpdesk2212WorkingTimeSkipsLunchAndNight) {  // frappe/helpdesk: one interval a weekday
  EXPECT_EQ(local(china().add_work(at("2026-11-23T11:30:00"), std::chrono::hours{1}).at), "2026-11-23T14:00:00");
  EXPECT_EQ(local(china().add_work(at("2026-11-23T11:00:00"), std::chrono::hours{1}).at), "2026-11-23T12:00:00");
  EXPECT_EQ(local(china().add_work(at("2026-11-27T17:00:00"), std::chrono::hours{1}).at), "2026-11-30T09:30:00");
  EXPECT_EQ(local(china().add_work(at("2026-11-23T14:00:00"), -std::chrono::hours{1}).at), "2026-11-23T11:30:00");
  EXPECT_EQ(china().elapsed(at("2026-11-23T11:30:00"), at("2026-11-23T14:00:00")), std::chrono::hours{1});
  EXPECT_EQ(china().elapsed(at("2026-11-23T14:00:00"), at("2026-11-23T11:30:00")), -std::chrono::hours{1});
}

TEST(Calendar, Zammad4432NoReminderAtMidnightOrAtWeekends) {  // zammad #4432
  EXPECT_EQ(local(china().next_working(at("2026-11-21T00:00:00"))), "2026-11-23T09:00:00");
  EXPECT_EQ(local(china().next_working(at("2026-11-23T12:30:00"))), "2026-11-23T13:30:00");
  EXPECT_EQ(local(china().next_working(at("2026-11-23T15:00:00"))), "2026-11-23T15:00:00");
}

TEST(Calendar, TheAnnouncementOf27January2020MovesPromisedDays) {
  const Time start = at("2020-01-22T10:00:00");
  const Calendar before = china().as_of(at("2020-01-26T00:00:00"));
  EXPECT_EQ(local(before.add_work_days(start, 2).at), "2020-01-31T17:30:00");
  EXPECT_EQ(local(china().add_work_days(start, 2).at), "2020-02-03T17:30:00");
  EXPECT_NE(before.version(), china().version());
  const Calendar early = china().as_of(at("2019-01-01T00:00:00"));
  EXPECT_TRUE(early.is_workday(day("2019-05-02")));
  EXPECT_FALSE(china().is_workday(day("2019-05-02")));
}

TEST(Calendar, UnknownYearsAreProvisional) {
  EXPECT_TRUE(china().is_known(2026));
  EXPECT_FALSE(china().is_known(2027));
  EXPECT_FALSE(china().add_work_days(at("2026-12-28T10:00:00"), 2).provisional);
  EXPECT_TRUE(china().add_work_days(at("2026-12-28T10:00:00"), 8).provisional);
}

TEST(Calendar, Glpi15429SeveralSegmentsAndAroundTheClock) {  // glpi #15429, #687: 24/7 and several segments
  const Calendar always = Calendar::always(TimeZone::find("Asia/Shanghai").value());
  const Time start = at("2026-11-21T23:00:00");
  EXPECT_EQ(always.add_work(start, std::chrono::hours{25}).at, start + std::chrono::hours{25});
  EXPECT_EQ(always.elapsed(start, start + std::chrono::hours{77}), std::chrono::hours{77});
  EXPECT_EQ(always.next_working(start), start);
  const Calendar three = make("calendar: three\ndays: {work: ['00:00-01:00', '08:00-09:00', '23:00-24:00']}");
  EXPECT_EQ(local(three.add_work(at("2026-11-23T23:30:00"), std::chrono::hours{1}).at), "2026-11-24T00:30:00");
}

TEST(Calendar, NothingIsEverWorked) {
  const Calendar never = make("calendar: never\ndays: {work: []}");
  EXPECT_EQ(never.add_work(at("2026-11-23T10:00:00"), std::chrono::hours{1}).at, Due::never);
  EXPECT_EQ(never.add_work_days(at("2026-11-23T10:00:00"), 1).at, Due::never);
  EXPECT_EQ(never.next_working(at("2026-11-23T10:00:00")), Due::never);
  EXPECT_EQ(never.elapsed(Time::min(), Time::max()), Duration{0});
}

TEST(Calendar, OverlaysWinOverWhatIsBelow) {
  Diagnostics diagnostics("overlay.yaml");
  auto spec = CalendarSpec::load(kChina).value();
  const std::string overlay = R"(
overlay: pudong-typhoon
days: {morning: {hours: ["09:00-12:00"], workday: false}}
exceptions:
  - {name: 台风, off: [2026-08-03..2026-08-04]}
  - {name: 值班, morning: [2026-08-08]}
)";
  ASSERT_TRUE(spec.overlay(overlay, "overlay.yaml", diagnostics).ok()) << diagnostics.to_text();
  const Calendar c = Calendar::compile(spec).value();
  EXPECT_FALSE(c.is_workday(day("2026-08-03")));
  EXPECT_FALSE(c.is_workday(day("2026-08-08"))) << "a duty morning gives time but no working day";
  EXPECT_TRUE(c.is_working(at("2026-08-08T09:30:00")));
  EXPECT_TRUE(c.is_workday(day("2026-02-14")));
}

TEST(Calendar, SummerTimeIsMeasuredInRealHours) {
  const Calendar c = make(
      "calendar: ny\ntimezone: America/New_York\ndays: {work: ['00:00-24:00']}\n"
      "week: {mon: work, tue: work, wed: work, thu: work, fri: work, sat: work, sun: work}\n");
  const auto utc = [](std::string_view text) { return parse_time(text).value(); };
  // 2026-03-08: 02:00 EST becomes 03:00 EDT, a day of 23 hours; 2026-11-01 has 25.
  EXPECT_EQ(c.elapsed(utc("2026-03-08T05:00:00Z"), utc("2026-03-09T04:00:00Z")), std::chrono::hours{23});
  EXPECT_EQ(c.elapsed(utc("2026-11-01T04:00:00Z"), utc("2026-11-02T05:00:00Z")), std::chrono::hours{25});
  EXPECT_EQ(c.add_work(utc("2026-03-08T05:00:00Z"), std::chrono::hours{10}).at, utc("2026-03-08T15:00:00Z"));
  // After the table's last shift the rule at the file's end speaks.
  EXPECT_EQ(c.timezone().offset_at(utc("2090-07-01T00:00:00Z")), -4 * 3600);
  EXPECT_EQ(c.timezone().offset_at(utc("2090-12-01T00:00:00Z")), -5 * 3600);
}

TEST(Calendar, HolidayJsonAndICalendarAgree) {
  auto spec = CalendarSpec::load(kChina).value();
  auto twin = spec;
  const std::string json = R"({"year": 2030, "papers": ["https://example.org/p"], "days": [
    {"name": "春节", "date": "2030-02-02", "isOffDay": false}, {"name": "春节", "date": "2030-02-04", "isOffDay": true},
    {"name": "春节", "date": "2030-02-05", "isOffDay": true}]})";
  ASSERT_TRUE(spec.add_holiday_json(json, "2030.json", at("2029-11-01T00:00:00")).ok());
  const std::string ics =
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20300202\r\nSUMMARY:春节 "
      "补班\r\nEND:VEVENT\r\n"
      "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20300204\r\nDTEND;VALUE=DATE:20300\r\n "
      "206\r\nSUMMARY:春节\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  const Status status = twin.add_icalendar(ics, "2030.ics", at("2029-11-01T00:00:00"));
  ASSERT_TRUE(status.ok()) << status.error().text();
  const Calendar a = Calendar::compile(spec).value(), b = Calendar::compile(twin).value();
  for (Date d = day("2030-01-01"); d < day("2031-01-01"); d += std::chrono::days{1})
    EXPECT_EQ(a.is_workday(d), b.is_workday(d)) << to_string(d);
  EXPECT_TRUE(a.is_workday(day("2030-02-02")));
  EXPECT_FALSE(a.is_workday(day("2030-02-05")));
  EXPECT_TRUE(a.is_known(2030));
}

TEST(Calendar, ComplaintsHaveCodeAndPlace) {
  Diagnostics diagnostics("bad.yaml");
  const auto spec = CalendarSpec::parse(
      "calendar: bad\ndays:\n  work: ['20:00-08:00']\n  late: ['9-5']\nweek: {mon: holiday}\nexceptions: [{off: "
      "2026-02-30}]\n",
      "bad.yaml", diagnostics);
  ASSERT_FALSE(spec.ok());
  std::string codes;
  for (const Diagnostic& d : diagnostics.items()) codes += d.code + "@" + std::to_string(d.place.line) + " ";
  EXPECT_EQ(codes, "C103@3 C102@4 C105@5 C107@6 ");
}

TEST(Term, WritesWhatItReads) {
  for (const char* text : {"2h", "90m", "8wh", "30wm", "5wd", "15cd", "-1wd", "-30m", "45s", "7ns"})
    EXPECT_EQ(to_string(parse_term(text).value()), text);
  for (const char* text : {"", "5", "5d", "1.5wd", "wd", "--1wd", "5w", "99999wd", "1h2wd", "w8h5"})
    EXPECT_FALSE(parse_term(text).ok()) << text;
}

}  // namespace
}  // namespace hotline::workflow
