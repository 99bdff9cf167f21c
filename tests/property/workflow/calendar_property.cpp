// Calendars against the day-by-day oracle, and the laws of adding and subtracting.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "hotline/base/random.hpp"
#include "hotline/workflow/calendar.hpp"

namespace hotline::workflow {
namespace {

using std::chrono::days;
using std::chrono::seconds;

int rounds(int normal) { return std::getenv("HOTLINE_NIGHTLY") != nullptr ? normal * 50 : normal; }

CalendarSpec random_spec(Random& random) {
  static constexpr const char* zones[] = {"Asia/Shanghai",    "UTC",           "+05:30",
                                          "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"};
  CalendarSpec spec;
  spec.id = "random";
  spec.timezone = zones[random.below(6)];
  for (const char* name : {"work", "off", "half", "odd"}) {
    DayKind kind;
    kind.name = name;
    std::int32_t at = 0;
    for (std::uint64_t n = kind.name == "off" ? 0 : random.below(4); n > 0; --n) {
      const auto begin = at + static_cast<std::int32_t>(random.below(20000)) + 1,
                 end = begin + static_cast<std::int32_t>(random.below(20000)) + 1;
      if (end > 86400) break;
      kind.intervals.push_back({begin, random.below(20) == 0 ? 86400 : end});
      at = kind.intervals.back().end;
      if (at == 86400) break;
    }
    kind.workday = !kind.intervals.empty() && random.below(8) != 0;
    spec.kinds.push_back(kind);
  }
  for (auto& day : spec.week) day = spec.kinds[random.below(4)].name;
  Publication p;
  for (int i = 0; i < 40; ++i) {
    const Date first = Date{std::chrono::year{2025} / 1 / 1} + days{random.below(700)};
    p.exceptions.push_back({first, first + days{random.below(6)}, spec.kinds[random.below(4)].name, ""});
  }
  spec.publications.push_back(p);
  return spec;
}

// The oracle: one day after the other, one interval after the other.
Duration slow_elapsed(const Calendar& c, Time a, Time b) {
  if (b < a) return -slow_elapsed(c, b, a);
  Duration sum{0};
  for (Date day = c.timezone().date_at(a) - days{1}; day <= c.timezone().date_at(b) + days{1}; day += days{1})
    for (const Interval& i : c.day(day).kind->intervals) {
      const Time from = std::max(a, c.timezone().to_time(day, i.begin)),
                 to = std::min(b, c.timezone().to_time(day, i.end));
      if (from < to) sum += to - from;
    }
  return sum;
}
Time slow_add_days(const Calendar& c, Time start, int n, const DayRule& rule) {
  Date day = c.timezone().date_at(start);
  const bool workday = c.is_workday(day);
  if (!workday && rule.off_day == DayRule::OffDay::next_work_day)
    while (!c.is_workday(day)) day += days{1};
  const bool early = !workday || start < c.timezone().to_time(day, rule.cutoff);
  const bool counts = rule.first == DayRule::First::before_cutoff && early &&
                      (workday || rule.off_day == DayRule::OffDay::next_work_day);
  int left = counts ? n - 1 : n;
  while (left > 0) {
    day += days{1};
    if (c.is_workday(day)) --left;
  }
  const auto& intervals = c.day(day).kind->intervals;
  return c.timezone().to_time(day,
                              rule.end == DayRule::End::midnight || intervals.empty() ? 86400 : intervals.back().end);
}

TEST(CalendarProperty, AgreesWithTheDayByDayOracle) {
  const std::uint64_t seed =
      std::getenv("HOTLINE_SEED") != nullptr ? std::strtoull(std::getenv("HOTLINE_SEED"), nullptr, 10) : 20261122;
  for (int round = 0; round < rounds(60); ++round) {
    SCOPED_TRACE("HOTLINE_SEED=" + std::to_string(seed) + " round " + std::to_string(round));
    Random random(seed, static_cast<std::uint64_t>(round));
    const Calendar c = Calendar::compile(random_spec(random)).value();
    const Time base = parse_time("2025-01-01T00:00:00Z").value();
    const bool ever = std::any_of(c.spec().week.begin(), c.spec().week.end(), [&](const std::string& name) {
      return std::any_of(c.spec().kinds.begin(), c.spec().kinds.end(),
                         [&](const DayKind& k) { return k.name == name && !k.intervals.empty() && k.workday; });
    });
    for (int i = 0; i < 60; ++i) {
      const Time a = base + Duration{random.below(700ull * 86400 * 1'000'000'000)},
                 b = a + seconds{random.below(40 * 86400)};
      ASSERT_EQ(c.elapsed(a, b), slow_elapsed(c, a, b))
          << to_string(a) << " " << to_string(b) << " " << c.spec().to_json();
      ASSERT_EQ(c.elapsed(b, a), -c.elapsed(a, b));
      const Time m = a + (b - a) / 3;
      ASSERT_EQ(c.elapsed(a, m) + c.elapsed(m, b), c.elapsed(a, b)) << "splitting a span changes nothing";
      const Due back = c.add_work(a, c.elapsed(a, b));
      ASSERT_LE(back.at, std::max(a, b)) << "the first such instant";
      ASSERT_EQ(c.elapsed(a, back.at), c.elapsed(a, b)) << "add(diff(a, b), a) is b up to time that is not worked";
      ASSERT_EQ(c.elapsed(back.at, b).count(), 0);
      if (!ever) continue;
      const int n = static_cast<int>(random.below(30)) + 1;
      DayRule rule;
      rule.first = static_cast<DayRule::First>(random.below(2));
      rule.off_day = static_cast<DayRule::OffDay>(random.below(2));
      rule.end = static_cast<DayRule::End>(random.below(2));
      rule.cutoff = static_cast<std::int32_t>(random.below(86401));
      if (c.timezone().fixed()) {
        ASSERT_EQ(c.add_work_days(a, n, rule).at, slow_add_days(c, a, n, rule))
            << to_string(a) << " " << n << " " << c.spec().to_json();
      }
      ASSERT_LE(c.add_work_days(a, n, rule).at, c.add_work_days(b, n, rule).at) << "monotone in the start";
      ASSERT_LT(c.add_work_days(a, n, rule).at, c.add_work_days(a, n + 1, rule).at) << "monotone in the days";
      ASSERT_LE(c.add_work(a, seconds{n}).at, c.add_work(a, seconds{n + 1}).at);
      const Time w = c.next_working(a);
      ASSERT_TRUE(w == Due::never || c.is_working(w));
      ASSERT_EQ(c.elapsed(a, w).count(), 0) << "nothing is worked before";
    }
  }
}

TEST(CalendarProperty, HostileTimesAndAmountsAnswer) {
  Random random(5);
  const Calendar c = Calendar::compile(random_spec(random)).value();
  const Time edges[] = {Time::min(),
                        Time::max(),
                        Time{},
                        parse_time("1999-12-31T23:59:59Z").value(),
                        parse_time("2099-12-31T23:59:59Z").value(),
                        parse_time("2100-01-02T00:00:00Z").value()};
  for (const Time a : edges)
    for (const std::int64_t n : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, INT64_MAX, INT64_MIN,
                                 std::int64_t{40000}, std::int64_t{-40000}}) {
      for (const Term::Unit unit :
           {Term::Unit::wall, Term::Unit::work_time, Term::Unit::work_days, Term::Unit::calendar_days})
        (void)c.due(a, {unit, n});
      for (const Time b : edges)
        (void)c.elapsed(a, b), (void)c.work_days_between(a, b), (void)c.is_working(a), (void)c.next_working(a);
    }
}

}  // namespace
}  // namespace hotline::workflow
