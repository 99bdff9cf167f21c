#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "hotline/base/random.hpp"
#include "hotline/wfm.hpp"

using namespace hotline;
using namespace hotline::wfm;

namespace {

// Half a year of half hours: weekdays, a swing in the month, a day's luck, Poisson noise, and three holidays.
Series made_up(std::uint64_t seed, int days = 182, const std::vector<int>& holidays = {}) {
  Series s{*parse_day("2026-01-05"), 1800, {}};
  Random random(seed);
  const auto poisson = [&](double m) {
    double t = random.exponential(1);
    int n = 0;
    while (t < m) t += random.exponential(1), ++n;
    return static_cast<double>(n);
  };
  for (int d = 0; d < days; ++d) {
    const double luck = Distribution::gamma(1, 0.01)->sample(random), month = 1 + 0.25 * std::cos(2 * M_PI * (d % 30) / 30.0);
    const double weekday = d % 7 == 6 ? 0.2 : d % 7 == 5 ? 0.5 : 1;
    const double holiday = std::find(holidays.begin(), holidays.end(), d) != holidays.end() ? 0.3 : 1;
    for (int i = 0; i < 48; ++i) {
      const double hour = i / 2.0, shape = std::exp(-0.5 * std::pow((hour - 11) / 3, 2));
      s.counts.push_back(poisson(60 * luck * month * weekday * holiday * shape));
    }
  }
  return s;
}

TEST(Forecast, EveryLevelIsTheSumOfTheLevelBelow) {
  const auto f = forecast(made_up(1), 400);
  ASSERT_TRUE(f.ok()) << f.error().text();
  const auto total = [&](Level level) {
    double sum = 0;
    for (const auto& q : f->at(level)) sum += q.mean;
    return sum;
  };
  const double all = total(Level::interval);
  for (const Level level : {Level::minute, Level::half_hour, Level::hour, Level::day, Level::week, Level::month, Level::year})
    EXPECT_NEAR(total(level), all, 1e-9 * all) << to_string(level);
  const auto hours = f->at(Level::hour), days = f->at(Level::day), months = f->at(Level::month), minutes = f->at(Level::minute);
  EXPECT_EQ(days.size(), 400u);
  EXPECT_EQ(hours.size(), 9600u);
  EXPECT_EQ(minutes.size(), 400u * 1440);
  for (std::size_t d = 0; d < days.size(); ++d) {
    double sum = 0;
    for (std::size_t h = 0; h < 24; ++h) sum += hours[d * 24 + h].mean;
    EXPECT_NEAR(sum, days[d].mean, 1e-9 * (1 + sum));
  }
  for (const auto& q : months) {
    EXPECT_LE(q.low95, q.low80);
    EXPECT_LT(q.low80, q.mean);
    EXPECT_LT(q.mean, q.high80);
    EXPECT_LE(q.high80, q.high95);
  }
  EXPECT_EQ(day_text(f->at(Level::year).at(1).day), "2027-01-01");
}

TEST(Forecast, BeatsTheMeanOfFourAndKnowsItsErrors) {
  const auto scores = backtest(made_up(2));
  ASSERT_TRUE(scores.ok()) << scores.error().text();
  ASSERT_EQ(scores->size(), 4u);
  double most = 0;
  for (const auto& s : *scores) {
    EXPECT_GE(s.skill(), 0) << to_string(s.level);
    EXPECT_GT(s.wape, 0.9 * s.floor) << to_string(s.level) << ": nobody beats chance";
    EXPECT_NEAR(s.coverage95, 0.95, s.level == Level::week ? 0.2 : 0.05) << to_string(s.level);
    most = std::max(most, s.skill());
  }
  EXPECT_GE(most, 0.10);
}

TEST(Forecast, AKnownHolidayIsForeseen) {
  const std::vector<int> holidays = {20, 48, 77, 101, 130, 184};
  const Series s = made_up(3, 182, holidays);
  Regressor holiday{"holiday", {}};
  for (const int d : holidays) holiday.days.emplace_back(s.first_day + d, 1);
  const auto with = forecast(s, 7, {holiday}), without = forecast(s, 7);
  const double seen = with->at(Level::day)[2].mean, unseen = without->at(Level::day)[2].mean;
  EXPECT_LT(seen, 0.55 * unseen);
  EXPECT_NEAR(with->at(Level::day)[1].mean, without->at(Level::day)[1].mean, 0.1 * unseen);
}

TEST(Forecast, RefusesWhatItCannotDo) {
  EXPECT_FALSE(forecast(made_up(1, 10), 7).ok());
  EXPECT_FALSE(forecast(made_up(1, 60), 0).ok());
  Series odd = made_up(1, 60);
  odd.interval_s = 1700;
  EXPECT_FALSE(forecast(odd, 7).ok());
  Series unknown = made_up(1, 60);
  for (int i = 0; i < 96; ++i) unknown.counts[480 + static_cast<std::size_t>(i)] = NAN;  // two days not known
  const auto f = forecast(unknown, 7);
  ASSERT_TRUE(f.ok());
  for (const double x : f->mean.counts) EXPECT_TRUE(std::isfinite(x));
}

TEST(Calls, ReadsLogsAndCountsOfAnyShape) {
  const char* log = "when,prio,kind,w,talk,end,who\n2026-01-05 08:00:01,2,PS,10,60,AGENT,\"Zhang, San\"\n2026-01-05 08:00:00,0,PS,5,0,HANG,\n";
  const auto calls = read_calls(log, "log.csv", *parse_columns("time=when,priority=prio,service=kind,wait=w,handling=talk,outcome=end,agent=who"));
  ASSERT_TRUE(calls.ok()) << calls.error().text();
  ASSERT_EQ(calls->calls.size(), 2u);
  EXPECT_FALSE(calls->calls[0].answered);
  EXPECT_EQ(calls->calls[1].agent, "Zhang, San");
  const auto counted = read_counts("time\n2026-01-05T08:00:01\n2026-01-05T08:10:00\n2026-01-06T00:00:00\n", "c.csv");
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->counts[16], 2);
  EXPECT_EQ(counted->days(), 2u);
  const auto broken = read_counts("time,count\n2026-01-05T08:00:00,x\n", "c.csv");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().place().line, 2u);
  EXPECT_FALSE(read_counts("a,b\n1,2\n", "c.csv").ok());
  EXPECT_FALSE(read_calls(log, "log.csv", *parse_columns("time=nosuch")).ok());
}

std::vector<double> day_need() {
  std::vector<double> need;
  for (int t = 0; t < 96; ++t) need.push_back(std::round(2 + 25 * std::exp(-0.5 * std::pow((t - 44) / 14.0, 2))));
  return need;
}

TEST(Shifts, CbcProvesItsCoverAndOursIsNear) {
  ShiftRules rules;
  rules.start_every = 2;
  rules.break_every = 4;
  const auto patterns = enumerate_shifts(rules, 96);
  ASSERT_TRUE(patterns.ok());
  const auto need = day_need();
  const auto ours = own_solver()->solve({*patterns, need, 0, 0}, {});
  ASSERT_TRUE(ours.ok()) << ours.error().text();
  for (std::size_t t = 0; t < need.size(); ++t) EXPECT_GE(ours->scheduled[t], need[t]);
  EXPECT_LE(ours->bound, ours->cost);
  if (const auto cbc = cbc_solver()) {
    const auto best = cbc->solve({*patterns, need, 0, 0}, {});
    ASSERT_TRUE(best.ok()) << best.error().text();
    for (std::size_t t = 0; t < need.size(); ++t) EXPECT_GE(best->scheduled[t], need[t]);
    EXPECT_LE(best->gap(), 0.001);
    EXPECT_LE(best->cost, ours->cost);
    EXPECT_LE(ours->cost, 1.05 * best->cost);
    EXPECT_GE(best->fit.fit, 0.9);
  }
}

TEST(Shifts, ASlotThatNothingCoversIsNamed) {
  ShiftRules rules;
  rules.earliest_start = 40;
  rules.latest_start = 41;
  const auto patterns = enumerate_shifts(rules, 96);
  const std::vector<double> need(96, 1);
  const auto s = cover({*patterns, need, 0, 0});
  ASSERT_FALSE(s.ok());
  EXPECT_NE(s.error().message().find("slot 0"), std::string::npos);
  const auto with_gaps = cover({*patterns, need, 3, 0});
  ASSERT_TRUE(with_gaps.ok()) << with_gaps.error().text();
  EXPECT_GT(with_gaps->fit.under, 0);
}

TEST(Roster, KeepsEveryRuleAndMostWishes) {
  std::vector<Person> people;
  for (int i = 0; i < 24; ++i) {
    Person p;
    p.name = "p" + std::to_string(i);
    p.skills = {i % 3 == 0 ? "fax" : "voice", "voice"};
    if (i % 4 == 0) p.wished_days_off = {i % 7};
    if (i % 5 == 0) p.days_off = {(i + 2) % 7};
    if (i % 6 == 0) p.latest_hour = 18;
    people.push_back(p);
  }
  std::vector<ShiftDemand> demand;
  for (int day = 0; day < 7; ++day)
    for (int k = 0; k < (day < 5 ? 15 : 6); ++k) {
      ShiftPattern s{32 + 4 * (k % 4), 32, {{14, 2}}, 32};
      if (k == 14) s.start = 60;  // ends at 23:00; the next morning's early shift is then too near
      demand.push_back({day, s, k == 0 ? "fax" : ""});
    }
  const auto r = assign(people, demand);
  ASSERT_TRUE(r.ok());
  EXPECT_TRUE(r->violations.empty()) << r->violations[0];
  EXPECT_EQ(r->unfilled, 0);
  EXPECT_GE(r->wishes_granted, r->wishes * 6 / 10);
  EXPECT_EQ(assign(people, demand)->person_of, r->person_of);
  // The checker is not blind: two shifts of one person on one day.
  auto twice = r->person_of;
  twice[1] = twice[0];
  EXPECT_FALSE(check_roster(people, demand, twice, {}).empty());
}

TEST(Roster, SaysWhoIsMissing) {
  std::vector<Person> people(1);
  people[0].name = "only";
  const ShiftPattern s{32, 32, {}, 32};
  const auto r = assign(people, {{0, s, ""}, {0, s, ""}, {1, s, "english"}});
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->unfilled, 2);
}

}  // namespace
