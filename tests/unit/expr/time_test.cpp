// Timestamps, durations, time zones.
#include "expr/zone.hpp"
#include "hotline/base/timezone.hpp"
#include "unit/expr/table.hpp"

namespace hotline::expr::testing {
namespace {

TEST(Times, Conversions) {
  check({
      {"timestamp('2026-11-22T08:00:00Z')", "timestamp(\"2026-11-22T08:00:00Z\")"},
      {"timestamp('2026-11-22T16:00:00+08:00')", "timestamp(\"2026-11-22T08:00:00Z\")"},
      {"timestamp('2026-11-22T08:00:00.123456789Z')", "timestamp(\"2026-11-22T08:00:00.123456789Z\")"},
      {"timestamp(0)", "timestamp(\"1970-01-01T00:00:00Z\")"},
      {"timestamp(-1)", "timestamp(\"1969-12-31T23:59:59Z\")"},
      {"timestamp(99999999999999)", "?leaves the range"},
      {"timestamp('tomorrow')", "?is not given a time"},
      {"timestamp('2026-02-30T00:00:00Z')", "?is not given a time"},
      {"timestamp(s)", "!is not given a time"},
      {"timestamp(at) == at", "true"},
      {"duration('90s')", "duration(\"90s\")"},
      {"duration('1h30m')", "duration(\"5400s\")"},
      {"duration('-1.5h')", "duration(\"-5400s\")"},
      {"duration('+1ms1us1ns')", "duration(\"0.001001001s\")"},
      {"duration('.5s')", "duration(\"0.5s\")"},
      {"duration('2d')", "duration(\"172800s\")"},
      {"duration('0')", "duration(\"0s\")"},
      {"duration('1')", "?is not given a duration"},
      {"duration('')", "?is not given a duration"},
      {"duration('1x')", "?is not given a duration"},
      {"duration('s')", "?is not given a duration"},
      {"duration('300000000h')", "?is not given a duration"},
      {"duration(s)", "!is not given a duration"},
      {"duration('9223372036.854775807s')", "duration(\"9223372036.854775807s\")"},
      {"duration('-9223372036.854775808s')", "duration(\"-9223372036.854775808s\")"},
  });
}

TEST(Times, Arithmetic) {
  check({
      {"at + span", "timestamp(\"2026-11-22T22:00:15.25Z\")"},
      {"span + at", "timestamp(\"2026-11-22T22:00:15.25Z\")"},
      {"at - span", "timestamp(\"2026-11-22T19:00:15.25Z\")"},
      {"at - timestamp('2026-11-22T20:30:00Z')", "duration(\"15.25s\")"},
      {"span + span", "duration(\"10800s\")"},
      {"span - duration('2h')", "duration(\"-1800s\")"},
      {"at + at", "?`+` cannot take (timestamp, timestamp)"},
      {"span - at", "?`-` cannot take (duration, timestamp)"},
      {"span * 2", "?`*` cannot take (duration, int)"},
      {"timestamp('2261-12-31T23:59:59Z') + duration('8760h')", "!leaves the range"},
      {"timestamp('1678-01-01T00:00:00Z') - timestamp('2261-01-01T00:00:00Z')", "!leaves the range"},
      {"dyn(at) - span < at", "true"},
      {"dyn(at) + at", "!cannot take"},
  });
}

TEST(Times, AccessorsInUtc) {
  check({
      {"at.getFullYear()", "2026"},
      {"at.getMonth()", "10"},
      {"at.getDate()", "22"},
      {"at.getDayOfMonth()", "21"},
      {"at.getDayOfWeek()", "0"},
      {"at.getDayOfYear()", "325"},
      {"at.getHours()", "20"},
      {"at.getMinutes()", "30"},
      {"at.getSeconds()", "15"},
      {"at.getMilliseconds()", "250"},
      {"timestamp('1969-12-31T23:59:59.5Z').getMilliseconds()", "500"},
      {"timestamp('1969-12-31T23:59:59.5Z').getFullYear()", "1969"},
      {"span.getHours()", "1"},
      {"span.getMinutes()", "90"},
      {"span.getSeconds()", "5400"},
      {"duration('123.321456789s').getMilliseconds()", "321"},
      {"duration('-90m').getHours()", "-1"},
      {"span.getDate()", "?`getDate` cannot take (duration)"},
      {"i.getHours()", "?`getHours` cannot take (int)"},
  });
}

TEST(Times, AccessorsInZones) {
  check({
      {"at.getHours('+08:00')", "4"},
      {"at.getDate('+08:00')", "23"},
      {"at.getHours('-02:30')", "18"},
      {"at.getHours('02:30')", "23"},
      {"at.getHours('UTC')", "20"},
      {"at.getHours('Asia/Shanghai')", "4"},
      {"at.getDayOfWeek('Asia/Shanghai')", "1"},
      {"at.getHours('America/New_York')", "15"},
      {"at.getHours('Asia/Kathmandu')", "2"},
      {"at.getMinutes('Asia/Kathmandu')", "15"},
      {"timestamp('2026-07-01T12:00:00Z').getHours('America/New_York')", "8"},
      {"timestamp('2026-07-01T12:00:00Z').getHours('Europe/London')", "13"},
      {"timestamp('2026-01-01T12:00:00Z').getHours('Australia/Sydney')", "23"},
      {"timestamp('2026-07-01T12:00:00Z').getHours('Australia/Sydney')", "22"},
      // Beyond the table: by the rule in the file's footer.
      {"timestamp('2100-07-01T12:00:00Z').getHours('America/New_York')", "8"},
      {"timestamp('2100-01-01T12:00:00Z').getHours('America/New_York')", "7"},
      // China had summer time in 1988.
      {"timestamp('1988-07-01T12:00:00Z').getHours('Asia/Shanghai')", "21"},
      {"at.getHours('Mars/Olympus')", "?there is no time zone \"Mars/Olympus\""},
      {"at.getHours('../../etc/passwd')", "?there is no time zone"},
      {"at.getHours('Asia')", "?there is no time zone"},
      {"at.getHours('Asia/')", "?there is no time zone"},
      {"at.getHours('tzdata.zi')", "?there is no time zone"},
      {"at.getHours('+25:00')", "?there is no time zone"},
      {"at.getHours(s)", "!unknown time zone"},
      {"at.getHours(1)", "?`getHours` cannot take (timestamp, int)"},
  });
}

TEST(Times, ZoneChangesAtTheSecond) {
  const auto offset = [](const char* text) {
    std::int64_t seconds = 0;
    EXPECT_TRUE(zone_offset("America/New_York", to_ns(parse_time(text).value()) / 1'000'000'000, seconds));
    return seconds;
  };
  EXPECT_EQ(offset("2026-03-08T06:59:59Z"), -5 * 3600);
  EXPECT_EQ(offset("2026-03-08T07:00:00Z"), -4 * 3600);
  EXPECT_EQ(offset("2026-11-01T05:59:59Z"), -4 * 3600);
  EXPECT_EQ(offset("2026-11-01T06:00:00Z"), -5 * 3600);
  EXPECT_EQ(offset("2090-03-12T06:59:59Z"), -5 * 3600);
  EXPECT_EQ(offset("2090-03-12T07:00:00Z"), -4 * 3600);
  EXPECT_EQ(offset("2260-03-11T06:59:59Z"), -5 * 3600);  // by the rule of the file's footer
  EXPECT_EQ(offset("2260-03-11T07:00:00Z"), -4 * 3600);
}

TEST(Times, BrokenZoneFilesAreRefused) {
  for (const std::string_view bytes : {"", "TZif", "TZif2", "nonsense and more nonsense that is longer than a header is"})
    EXPECT_EQ(TimeZone::parse(bytes, "broken").code(), ErrorCode::corrupt);
  EXPECT_EQ(TimeZone::parse("TZif2" + std::string(39, '\xff'), "huge").code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace hotline::expr::testing
