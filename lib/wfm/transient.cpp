#include <algorithm>
#include <cmath>

#include "model.hpp"

namespace hotline::wfm {
namespace {

// The number in system of M/M/n+M, as probabilities that move through time.
class Walk {
 public:
  Walk(std::size_t states) : now_(states, 0.0), next_(states), integral_(states) { now_[0] = 1; }

  // Moves on by one period; returns the integral of the probabilities over it in integral().
  void advance(const Period& p, double mu, double theta) {
    std::fill(integral_.begin(), integral_.end(), 0.0);
    const double top = static_cast<double>(now_.size() - 1);
    const double busy = std::min<double>(p.servers, top);
    const double rate = p.arrivals_per_s + busy * mu + std::max(0.0, top - p.servers) * theta + 1e-12;
    const int steps = std::max(1, static_cast<int>(std::ceil(rate * p.duration_s / 200)));
    for (int i = 0; i < steps; ++i) step(p, mu, theta, rate, p.duration_s / steps);
  }
  const std::vector<double>& now() const { return now_; }
  const std::vector<double>& integral() const { return integral_; }

 private:
  void step(const Period& p, double mu, double theta, double rate, double time) {
    std::vector<double> result(now_.size(), 0.0);
    double poisson = std::exp(-rate * time), accounted = 0;
    for (int m = 0;; ++m) {
      accounted += poisson;
      const double tail = std::max(0.0, 1 - accounted);
      for (std::size_t k = 0; k < now_.size(); ++k) {
        result[k] += poisson * now_[k];
        integral_[k] += tail / rate * now_[k];
      }
      if (tail < 1e-16 || m > 2000) break;
      jump(p, mu, theta, rate);
      poisson *= rate * time / (m + 1);
    }
    now_ = std::move(result);
  }
  void jump(const Period& p, double mu, double theta, double rate) {
    std::fill(next_.begin(), next_.end(), 0.0);
    for (std::size_t k = 0; k < now_.size(); ++k) {
      const auto in = static_cast<double>(k), n = static_cast<double>(p.servers);
      const double down = (std::min(in, n) * mu + std::max(0.0, in - n) * theta) / rate;
      const double up = k + 1 < now_.size() ? p.arrivals_per_s / rate : 0;
      next_[k] += now_[k] * (1 - up - down);
      if (k > 0) next_[k - 1] += now_[k] * down;
      if (k + 1 < now_.size()) next_[k + 1] += now_[k] * up;
    }
    now_.swap(next_);
  }
  std::vector<double> now_, next_, integral_;
};

// So many states that more would not matter: where no server worked, patience alone would hold about lambda / theta.
std::size_t enough_states(std::span<const Period> periods, double handling_s, double patience_s) {
  double most = 1, arrived = 0;
  for (const Period& p : periods) {
    arrived += p.arrivals_per_s * p.duration_s;
    most = std::max(most, p.arrivals_per_s * std::max(handling_s, patience_s));
  }
  most = std::min(most, arrived);
  return static_cast<std::size_t>(most + 12 * std::sqrt(most) + 60);
}

}  // namespace

Result<std::vector<PeriodPerformance>> time_varying(std::span<const Period> periods, double handling_s, double patience_s) {
  if (!(handling_s > 0) || std::isinf(handling_s) || !(patience_s > 0))
    return Error(ErrorCode::invalid_argument, "handling and patience must be positive", "give means in seconds");
  for (const Period& p : periods)
    if (!(p.duration_s > 0) || !(p.arrivals_per_s >= 0) || p.servers < 0 || std::isinf(p.duration_s) || std::isinf(p.arrivals_per_s))
      return Error(ErrorCode::invalid_argument, "a period has no length, or a negative rate or number of servers", "check the periods");
  const double mu = 1 / handling_s, theta = std::isinf(patience_s) ? 0 : 1 / patience_s;
  const std::size_t states = enough_states(periods, handling_s, patience_s);
  if (states > 200'000)
    return Error(ErrorCode::limit, "the model would need " + std::to_string(states) + " states", "simulate it instead (hotline sim run)");
  Walk walk(states);
  std::vector<PeriodPerformance> out;
  for (const Period& p : periods) {
    walk.advance(p, mu, theta);
    PeriodPerformance r;
    r.arrivals = p.arrivals_per_s * p.duration_s;
    for (std::size_t k = 0; k < states; ++k) {
      const double busy = std::min<double>(static_cast<double>(k), p.servers), queue = static_cast<double>(k) - busy;
      r.mean_queue += walk.integral()[k] * queue / p.duration_s;
      r.mean_busy += walk.integral()[k] * busy / p.duration_s;
      r.end_mean_queue += walk.now()[k] * queue;
      r.end_mean_busy += walk.now()[k] * busy;
    }
    r.abandons = theta * r.mean_queue * p.duration_s;
    r.served = mu * r.mean_busy * p.duration_s;
    out.push_back(r);
  }
  return out;
}

}  // namespace hotline::wfm
