#include <algorithm>
#include <cmath>

#include "model.hpp"
#include "special.hpp"

namespace hotline::wfm {
namespace {

// The building blocks of M/M/n+G: integrals of exp(lambda H(x) - n mu x) over the virtual wait x, all scaled by
// exp(-shift) so that nothing overflows.
struct Blocks {
  double j = 0;         // integral of 1
  double j_h = 0;       // of H(x), the expected wait of somebody who is offered x
  double within = 0;    // up to the threshold
  double served = 0;    // of survival(x) up to the threshold
};

class OfferedWait {
 public:
  OfferedWait(double lambda, double n_mu, const Distribution& patience) : lambda_(lambda), n_mu_(n_mu), patience_(patience) {
    peak_ = 0;
    if (lambda * patience.survival(0) > n_mu) {  // the exponent is concave: climb, then bisect
      double low = 0, high = 1;
      while (lambda * patience.survival(high) > n_mu && high < 1e12) low = high, high *= 2;
      for (int i = 0; i < 200; ++i) {
        const double middle = 0.5 * (low + high);
        (lambda * patience.survival(middle) > n_mu ? low : high) = middle;
      }
      peak_ = low;
    }
    shift_ = exponent(peak_);
    end_ = std::max(peak_, 1 / n_mu_);
    while (exponent(end_) - shift_ > -60 && end_ < 1e13) end_ *= 1.5;
  }
  double shift() const { return shift_; }
  double peak() const { return peak_; }

  Blocks blocks(double threshold) const {
    std::vector<double> cuts = patience_.corners();
    cuts.push_back(threshold);
    cuts.push_back(peak_);
    for (double x = 0.25 / n_mu_; x < end_; x *= 2) cuts.push_back(peak_ + x), cuts.push_back(peak_ - x);
    cuts.push_back(end_);
    std::erase_if(cuts, [&](double x) { return !(x > 0 && x <= end_); });
    std::sort(cuts.begin(), cuts.end());
    Blocks b;
    double low = 0;
    for (const double high : cuts) {
      if (high <= low) continue;
      const double density = part(low, high, [](double) { return 1.0; });
      b.j += density;
      b.j_h += part(low, high, [&](double x) { return patience_.integrated_survival(x); });
      if (high <= threshold) {
        b.within += density;
        b.served += part(low, high, [&](double x) { return patience_.survival(x); });
      }
      low = high;
    }
    return b;
  }

 private:
  double exponent(double x) const { return lambda_ * patience_.integrated_survival(x) - n_mu_ * x; }
  template <class F>
  double part(double low, double high, const F& f) const {
    const double size = std::max(1e-300, (high - low) * std::max(std::abs(f(low)), std::abs(f(high))));
    return integrate([&](double x) { return f(x) * std::exp(exponent(x) - shift_); }, low, high, 1e-14 * size, 18);
  }

  double lambda_, n_mu_, shift_ = 0, peak_ = 0, end_ = 0;
  const Distribution& patience_;
};

}  // namespace

Result<Performance> mmn_g(double lambda, double handling_s, int servers, const Distribution& patience, double threshold_s) {
  const Traffic traffic{lambda, handling_s, kPatient, {}};
  HOTLINE_TRY(check_traffic(traffic, servers, threshold_s));
  if (patience.kind() == Distribution::Kind::never) return erlang_c(traffic, servers, threshold_s);
  if (patience.kind() == Distribution::Kind::exponential)
    return erlang_a({lambda, handling_s, patience.mean(), {}}, servers, threshold_s);
  const double n_mu = servers / handling_s;
  const OfferedWait wait(lambda, n_mu, patience);
  const Blocks b = wait.blocks(threshold_s);
  HOTLINE_ASSIGN(const double blocked, erlang_b(servers - 1, traffic.load()));
  const double scale = std::exp(-wait.shift());  // 0 where the queue never empties: then nobody finds an idle agent
  const double idle = scale == 0 ? 0 : scale / blocked;
  const double norm = idle + lambda * b.j;
  Performance p;
  p.offered_load = traffic.load();
  p.p_wait = lambda * b.j / norm;
  p.p_abandon = std::max(0.0, (scale + (lambda - n_mu) * b.j) / norm);
  p.mean_wait_s = lambda * b.j_h / norm;
  p.mean_queue = lambda * p.mean_wait_s;
  p.mean_wait_of_delayed_s = p.p_wait > 0 ? p.mean_wait_s / p.p_wait : 0;
  p.occupancy = lambda * (1 - p.p_abandon) / n_mu;
  const double later = lambda * (b.j - b.within) / norm;  // offered more than the threshold
  p.p_served_within = idle / norm + lambda * b.served / norm;
  p.p_abandon_within = (1 - patience.survival(threshold_s)) * later + lambda * (b.within - b.served) / norm;
  complete_service_levels(p);
  return p;
}

Result<Performance> mg1(double lambda, const Distribution& handling) {
  HOTLINE_TRY(check_traffic({lambda, handling.mean(), kPatient, {}}, 1, 0));
  const double load = lambda * handling.mean();
  if (load >= 1)
    return Error(ErrorCode::invalid_argument, "one agent cannot carry " + std::to_string(load) + " erlangs",
                 "give fewer arrivals or a shorter handling time");
  Performance p;
  p.offered_load = p.p_wait = p.occupancy = load;
  p.mean_wait_s = load * handling.mean() * (1 + handling.scv()) / (2 * (1 - load));
  p.mean_wait_of_delayed_s = p.mean_wait_s / load;
  p.mean_queue = lambda * p.mean_wait_s;
  return p;
}

}  // namespace hotline::wfm
