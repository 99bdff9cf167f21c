// Erlang A with its service level, and the week's shifts.
#include <cmath>

#include "bench.hpp"
#include "hotline/wfm.hpp"

namespace {

using namespace hotline::wfm;

// The textbook way: the tagged caller's passage by uniformisation, a vector a jump.
double uniformised_service_level(double lambda, double handling, int n, double patience, double threshold) {
  const double mu = 1 / handling, theta = 1 / patience, n_mu = n * mu;
  const int room = 600;
  std::vector<double> weight(static_cast<std::size_t>(n + room));
  double total = 0, log_w = 0, top = -1e300;
  std::vector<double> logs;
  for (int k = 0; k < n + room; ++k) {
    logs.push_back(log_w);
    top = std::max(top, log_w);
    log_w += std::log(lambda / (std::min(k + 1, n) * mu + std::max(0, k + 1 - n) * theta));
  }
  for (std::size_t k = 0; k < weight.size(); ++k) total += weight[k] = std::exp(logs[k] - top);
  double served = 0;
  std::vector<double> now(static_cast<std::size_t>(room)), next(now.size());
  for (int k = 0; k < n; ++k) served += weight[static_cast<std::size_t>(k)] / total;
  for (int j = 0; j < room; ++j) now[static_cast<std::size_t>(j)] = weight[static_cast<std::size_t>(n + j)] / total;
  const double rate = n_mu + room * theta;
  double poisson = std::exp(-rate * threshold), tail = 1 - poisson;
  for (int m = 0; tail > 1e-13 && m < 5000; ++m) {
    served += tail * now[0] * n_mu / rate;
    for (std::size_t j = 0; j < now.size(); ++j) {
      const double down = n_mu + static_cast<double>(j) * theta, leave = down + theta;
      next[j] = now[j] * (1 - leave / rate) + (j + 1 < now.size() ? now[j + 1] * (n_mu + static_cast<double>(j + 1) * theta) / rate : 0);
    }
    now.swap(next);
    poisson *= rate * threshold / (m + 1);
    tail -= poisson;
  }
  return served;
}

// A week's need by quarter hours: two humps a day, quiet nights and Sundays.
std::vector<double> need(int slots, double size) {
  std::vector<double> out;
  for (int t = 0; t < slots; ++t) {
    const double hour = (t % 96) / 4.0;
    const double day = std::exp(-0.5 * std::pow((hour - 10.5) / 2.2, 2)) + 0.8 * std::exp(-0.5 * std::pow((hour - 15.5) / 2.5, 2));
    const double week = t / 96 == 6 ? 0.45 : t / 96 == 5 ? 0.7 : 1;
    out.push_back(std::round(size * week * day + 2));
  }
  return out;
}

CoverSolution schedule(CoverSolver& solver, int slots, const std::vector<double>& required, double gap, double seconds, double* spent) {
  ShiftRules rules;
  rules.start_every = 2;
  rules.break_every = 4;
  rules.lengths = {16, 20, 24, 28, 32, 36};
  const auto patterns = enumerate_shifts(rules, slots).value();
  const double start = bench::cpu_seconds();
  auto solution = solver.solve({patterns, required, 0, 0}, {gap, seconds, 1}).value();
  *spent = bench::cpu_seconds() - start;
  std::fprintf(stderr, "%s: %zu patterns, %d slots, cost %.0f, bound %.1f, gap %.3f %%, fit %.1f %%, %.2f CPU-s\n", solution.solver.c_str(), patterns.size(), slots,
               solution.cost, solution.bound, 100 * solution.gap(), 100 * solution.fit.fit, *spent);
  return solution;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (suite.wants("wfm.erlang_a")) {
    const double ours = bench::rate([](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) bench::keep(erlang_a({9.9 + 1e-9 * static_cast<double>(i), 100, 200, {}}, 1000, 20).value().sl_offered);
    });
    const double theirs = bench::rate([](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) bench::keep(uniformised_service_level(9.9, 100, 1000, 200, 20));
    });
    suite.report("wfm.erlang_a", 1e3 / ours, "ms (n = 1000)", "by uniformisation", 1e3 / theirs, true);
    const double difference = erlang_a({9.9, 100, 200, {}}, 1000, 20).value().sl_offered - uniformised_service_level(9.9, 100, 1000, 200, 20);
    if (std::abs(difference) > 1e-9) return std::fprintf(stderr, "the two disagree by %g\n", difference), 1;
  }
  if (suite.wants("wfm.week_schedule") || suite.wants("wfm.day_schedule")) {
    const auto cbc = cbc_solver();
    const auto own = own_solver();
    double spent = 0, own_spent = 0;
    for (const auto& [name, slots, gap, seconds] : {std::tuple("wfm.day_schedule", 96, 0.001, 10.0), std::tuple("wfm.week_schedule", 672, 0.005, 60.0)}) {
      if (!suite.wants(name)) continue;
      const auto required = need(slots, 60);
      const auto fallback = schedule(*own, slots, required, gap, seconds, &own_spent);
      if (cbc == nullptr) continue;
      const auto best = schedule(*cbc, slots, required, gap, seconds, &spent);
      suite.report(std::string(name) + ".cost", best.cost, "paid slots", "own solver", fallback.cost, true);
      suite.report(name, spent, "CPU-s", "own solver", own_spent, true);
    }
  }
  return 0;
}
