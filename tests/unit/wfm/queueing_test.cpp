#include <gtest/gtest.h>

#include <cmath>

#include "hotline/wfm/queueing.hpp"
#include "hotline/wfm/reference.hpp"
#include "hotline/wfm/staffing.hpp"

using namespace hotline;
using namespace hotline::wfm;

namespace {

const std::string kReference = std::string(HOTLINE_SOURCE_DIR) + "/tests/data/sim/reference.json";

TEST(Reference, EveryCaseThatAFormulaCoversHoldsTo1e9) {
  const auto document = load_document(kReference);
  ASSERT_TRUE(document.ok()) << document.error().text();
  int covered = 0, entries = 0;
  for (const Node& c : document->find("cases")->items()) {
    const auto values = evaluate(c.find("family")->text(), *c.find("model"));
    ASSERT_TRUE(values.ok()) << c.find("id")->text() << ": " << values.error().text();
    if (!*values) continue;
    ++covered;
    for (const auto& [name, expected] : flatten(*c.find("expected"))) {
      const auto found = std::find_if((*values)->begin(), (*values)->end(), [&](const auto& v) { return v.first == name; });
      ASSERT_NE(found, (*values)->end()) << c.find("id")->text() << " has no " << name;
      EXPECT_NEAR(found->second, expected, 1e-9 * std::max(1.0, std::abs(expected))) << c.find("id")->text() << " " << name;
      ++entries;
    }
  }
  EXPECT_EQ(covered, 16);
  EXPECT_GT(entries, 120);
}

TEST(ErlangB, FractionalServersJoinTheWholeOnes) {
  EXPECT_NEAR(*erlang_b(10, 7), 0.07874088296957026, 1e-14);
  EXPECT_NEAR(*erlang_b(10 - 1e-7, 7), *erlang_b(10, 7), 1e-8);
  EXPECT_GT(*erlang_b(9.5, 7), *erlang_b(10, 7));
  EXPECT_LT(*erlang_b(9.5, 7), *erlang_b(9, 7));
  // 1/B(n, a) also solves the recursion between fractional numbers.
  const double low = 1 / *erlang_b(2.25, 3), high = 1 / *erlang_b(3.25, 3);
  EXPECT_NEAR(high, 1 + 3.25 / 3 * low, 1e-10);
  EXPECT_EQ(*erlang_b(100000, 90000) > 0, true);
  EXPECT_FALSE(erlang_b(-1, 3).ok());
}

TEST(ErlangA, FallsWithAgentsAndMeetsItsLimits) {
  double before = 0;
  for (int n = 5; n < 40; ++n) {
    const auto p = erlang_a({0.2, 100, 60, {}}, n, 20);
    ASSERT_TRUE(p.ok());
    EXPECT_GE(p->sl_offered, before);
    before = p->sl_offered;
    EXPECT_NEAR(p->mean_queue, 0.2 * p->mean_wait_s, 1e-12);                               // Little
    EXPECT_NEAR(p->occupancy * n, 0.2 * 100 * (1 - p->p_abandon), 1e-9);                   // flow of answered
  }
  const auto patient = erlang_a({0.2, 100, 1e9, {}}, 25, 20), c = erlang_c({0.2, 100, kPatient, {}}, 25, 20);
  EXPECT_NEAR(patient->sl_offered, c->sl_offered, 1e-6);
  EXPECT_NEAR(patient->mean_wait_s, c->mean_wait_s, 1e-4);
  const auto restless = erlang_a({0.2, 100, 1e-7, {}}, 25, 20);
  EXPECT_NEAR(restless->p_abandon, *erlang_b(25, 20), 1e-6);
  const auto room = erlang_a({0.2, 100, kPatient, 25}, 25, 20);
  EXPECT_NEAR(room->p_blocked, *erlang_b(25, 20), 1e-12);
}

TEST(ErlangA, OverloadAndGreatNumbersStayFinite) {
  const auto over = erlang_a({100, 100, 300, {}}, 1000, 20);
  ASSERT_TRUE(over.ok());
  EXPECT_NEAR(over->p_abandon, 0.9, 1e-9);
  EXPECT_GE(over->p_abandon_within, 0);
  EXPECT_GE(over->mean_wait_s, 0);
  const auto great = erlang_a({1000, 100, 200, {}}, 100000, 20);
  ASSERT_TRUE(great.ok());
  EXPECT_GT(great->sl_offered, 0.9);
  EXPECT_FALSE(erlang_a({1e9, 1e9, 1e9, {}}, 10, 20).ok());
}

TEST(ErlangC, AnUnstableQueueIsAnErrorAndNeverANegativeWait) {
  const auto p = erlang_c({0.2, 100, kPatient, {}}, 20, 20);
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.error().code(), ErrorCode::invalid_argument);
  EXPECT_NE(p.error().remedy().find("more than 20"), std::string::npos);
}

TEST(GeneralPatience, AgreesWithErlangAWhereThePatienceIsExponentialInDisguise) {
  const auto a = erlang_a({0.5, 100, 60, {}}, 48, 20);
  for (const Distribution& d : {*Distribution::gamma(60, 1), *Distribution::weibull(60, 1), *Distribution::hyperexponential({1, 2}, {60, 60})}) {
    const auto g = mmn_g(0.5, 100, 48, d, 20);
    ASSERT_TRUE(g.ok());
    EXPECT_NEAR(g->p_abandon, a->p_abandon, 1e-9);
    EXPECT_NEAR(g->mean_wait_s, a->mean_wait_s, 1e-9);
    EXPECT_NEAR(g->sl_offered, a->sl_offered, 1e-9);
    EXPECT_NEAR(g->p_abandon_within, a->p_abandon_within, 1e-9);
  }
}

TEST(GeneralPatience, LittleAndFlowHoldForEveryDistribution) {
  for (const Distribution& d : {*Distribution::uniform(0, 120), *Distribution::uniform(20, 90), *Distribution::deterministic(45),
                                *Distribution::lognormal(60, 1.5), *Distribution::gamma(60, 0.5), *Distribution::weibull(60, 0.7),
                                *Distribution::empirical({10, 20, 20, 90, 200})}) {
    for (const int n : {20, 48, 60}) {
      const auto p = mmn_g(0.5, 100, n, d, 20);
      ASSERT_TRUE(p.ok());
      EXPECT_NEAR(p->mean_queue, 0.5 * p->mean_wait_s, 1e-9);
      EXPECT_GE(p->p_abandon, 0);
      EXPECT_LE(p->p_abandon, p->p_wait);
      EXPECT_LE(p->p_served_within + p->p_abandon_within, 1 + 1e-9);
      EXPECT_LE(p->occupancy, 1 + 1e-9);
    }
  }
}

TEST(Priorities, TheClassesTogetherAreThePool) {
  const double rates[] = {0.05, 0.1, 0.08};
  const auto classes = priorities(rates, 60, 16, 30);
  ASSERT_TRUE(classes.ok());
  double queue = 0;
  for (const auto& c : *classes) queue += c.mean_queue;
  EXPECT_NEAR(queue, erlang_c({0.23, 60, kPatient, {}}, 16, 30)->mean_queue, 1e-10);
  const double one[] = {0.23};
  EXPECT_NEAR((*priorities(one, 60, 16, 30))[0].sl_offered, erlang_c({0.23, 60, kPatient, {}}, 16, 30)->sl_offered, 1e-12);
}

TEST(TimeVarying, ALongDayReachesTheSteadyState) {
  const Period day[] = {{50000, 0.12, 18}, {1000, 0.12, 18}};
  const auto r = time_varying(day, 180, 90);
  ASSERT_TRUE(r.ok());
  const auto a = erlang_a({0.12, 180, 90, {}}, 18, 30);
  EXPECT_NEAR((*r)[1].mean_queue, a->mean_queue, 1e-8);
  EXPECT_NEAR((*r)[1].mean_busy, a->occupancy * 18, 1e-8);
}

TEST(Staffing, TheFewestThatMeetTheTargetAndAFractionBetween) {
  Target target;
  const Traffic traffic{0.2222222222222222, 210, 150, {}};
  const auto s = staff(traffic, target);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->servers, 48);
  EXPECT_GT(s->fractional, 47);
  EXPECT_LE(s->fractional, 48);
  target.max_occupancy = 0.8;
  EXPECT_LE(staff(traffic, target)->performance.occupancy, 0.8);
  target.value = 1;
  EXPECT_FALSE(staff(traffic, target).ok());
}

TEST(Staffing, LaggedLoadFollowsTheArrivals) {
  const Demand day[] = {{0, 0}, {90, 0}, {90, 0}, {0, 0}};
  Traffic traffic;
  traffic.handling_s = 600;
  traffic.patience_s = 120;
  const auto lagged = staff_intervals(day, 900, traffic, {}, Method::lagged), sipp = staff_intervals(day, 900, traffic, {}, Method::sipp);
  ASSERT_TRUE(lagged.ok() && sipp.ok());
  EXPECT_EQ((*lagged)[0].servers, 0);
  EXPECT_LT((*lagged)[1].servers, (*sipp)[1].servers);
  EXPECT_GT((*lagged)[3].servers, 0);
  EXPECT_EQ((*sipp)[3].servers, 0);
}

TEST(ScheduleFit, CountsOverAndUnder) {
  const double need[] = {10, 10, 10}, have[] = {11, 10, 8};
  const auto f = schedule_fit(need, have);
  EXPECT_DOUBLE_EQ(f.fit, 0.9);
  EXPECT_DOUBLE_EQ(f.over, 1);
  EXPECT_DOUBLE_EQ(f.under, 2);
}

TEST(Distribution, MomentsSurvivalAndSamplesAgree) {
  for (const Distribution& d : {*Distribution::exponential(60), *Distribution::uniform(10, 50), *Distribution::lognormal(60, 1.5), *Distribution::gamma(60, 0.4),
                                *Distribution::gamma(60, 2.5), *Distribution::weibull(60, 1.7), *Distribution::hyperexponential({0.3, 0.7}, {10, 80}),
                                *Distribution::empirical({1, 5, 5, 9}), Distribution(*Distribution::gamma(10, 0.5)).scaled_to(70)}) {
    Random random(7, 3);
    double sum = 0, squares = 0, beyond = 0;
    const int n = 200000;
    for (int i = 0; i < n; ++i) {
      const double x = d.sample(random);
      sum += x;
      squares += x * x;
      beyond += x > d.mean();
    }
    const double mean = sum / n, sd = d.mean() * std::sqrt(d.scv());
    EXPECT_NEAR(mean, d.mean(), 5 * sd / std::sqrt(n)) << d.to_json();
    EXPECT_NEAR(squares / n / mean / mean - 1, d.scv(), 0.15 * d.scv() + 0.01) << d.to_json();
    EXPECT_NEAR(beyond / n, d.survival(d.mean()), 0.006) << d.to_json();
    EXPECT_NEAR(d.integrated_survival(1e7), d.mean(), 1e-4 * d.mean()) << d.to_json();
    const double h = 1e-4, x = 0.7 * d.mean() + 0.123;
    EXPECT_NEAR((d.integrated_survival(x + h) - d.integrated_survival(x - h)) / (2 * h), d.survival(x), 1e-5) << d.to_json();
  }
}

TEST(Distribution, ReadsDefinitionsAndSaysWhatIsWrong) {
  Diagnostics diagnostics("exp.yaml");
  const auto good = parse_document("a: 150s\nb: {dist: lognormal, mean: 2m30s, scv: 1.2}\nc: never\nd: {dist: uniform, upper_s: 60}\n", "exp.yaml");
  ASSERT_TRUE(good.ok()) << good.error().text();
  EXPECT_DOUBLE_EQ(read_distribution(*good->find("a"), diagnostics, "a").mean(), 150);
  EXPECT_DOUBLE_EQ(read_distribution(*good->find("b"), diagnostics, "b").mean(), 150);
  EXPECT_EQ(read_distribution(*good->find("c"), diagnostics, "c").kind(), Distribution::Kind::never);
  EXPECT_DOUBLE_EQ(read_distribution(*good->find("d"), diagnostics, "d").mean(), 30);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.to_text();
  const auto bad = parse_document("dist: lognormall\nmean: 150s\n", "exp.yaml");
  ASSERT_TRUE(bad.ok());
  read_distribution(*bad, diagnostics, "service of `general`");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_NE(diagnostics.to_text().find("exp.yaml:1"), std::string::npos);
}

}  // namespace
