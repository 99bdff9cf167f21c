#include <cmath>
#include <numeric>

#include "model.hpp"

namespace hotline::wfm {
namespace {

// P(W > T | W > 0) of a class that finds geometrically many of its own class and above ahead (ratio `own`), and is
// overtaken at rate `above`, while contacts leave at rate `n_mu`: first passage to 0 of a birth-death walk.
double passage_beyond(double own, double above, double n_mu, double threshold) {
  const double rate = above + n_mu, jumps = rate * threshold;
  const double up = above / rate, down = n_mu / rate;
  const auto most = static_cast<std::size_t>(jumps + 12 * std::sqrt(jumps + 1) + 60);
  std::vector<double> now, next;
  double weight = 1 - own;
  for (; weight > 1e-18 && now.size() < 2'000'000; weight *= own) now.push_back(weight);
  now.resize(now.size() + most + 1);
  next.resize(now.size());
  double log_poisson = -jumps, sum = 0, mass = 1, accounted = 0;
  for (std::size_t m = 0; m <= most; ++m) {
    const double poisson = std::exp(log_poisson);
    sum += poisson * mass;
    accounted += poisson;
    if (accounted > 1 - 1e-15 && static_cast<double>(m) > jumps) break;
    mass -= now[0] * down;
    for (std::size_t i = 0; i < now.size(); ++i)
      next[i] = (i > 0 ? now[i - 1] * up : 0) + (i + 1 < now.size() ? now[i + 1] * down : 0);
    now.swap(next);
    log_poisson += std::log(jumps) - std::log(static_cast<double>(m + 1));
  }
  return std::min(1.0, sum);
}

}  // namespace

Result<std::vector<Performance>> priorities(std::span<const double> rates, double handling_s, int servers, double threshold_s) {
  if (rates.empty()) return Error(ErrorCode::invalid_argument, "no class was given", "give one arrival rate a class, the highest first");
  for (const double r : rates)
    if (!(r > 0)) return Error(ErrorCode::invalid_argument, "a class has no arrivals", "leave the class out");
  const double all = std::accumulate(rates.begin(), rates.end(), 0.0);
  HOTLINE_ASSIGN(const Performance pooled, erlang_c({all, handling_s, kPatient, {}}, servers, threshold_s));
  const double n_mu = servers / handling_s;
  std::vector<Performance> out;
  double above = 0;
  for (const double rate : rates) {
    const double upto = above + rate;
    Performance p;
    p.offered_load = rate * handling_s;
    p.p_wait = pooled.p_wait;
    p.occupancy = pooled.occupancy;
    p.mean_wait_of_delayed_s = 1 / (n_mu * (1 - above / n_mu) * (1 - upto / n_mu));
    p.mean_wait_s = p.p_wait * p.mean_wait_of_delayed_s;
    p.mean_queue = rate * p.mean_wait_s;
    const double beyond = threshold_s == 0 ? 1 : passage_beyond(upto / n_mu, above, n_mu, threshold_s);
    p.p_served_within = 1 - p.p_wait * beyond;
    complete_service_levels(p);
    out.push_back(p);
    above = upto;
  }
  return out;
}

}  // namespace hotline::wfm
