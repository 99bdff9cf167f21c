#include <algorithm>
#include <cmath>
#include <string>

#include "hotline/wfm/queueing.hpp"
#include "model.hpp"
#include "special.hpp"

namespace hotline::wfm {
namespace {

constexpr double kNegligible = 1e-20;
constexpr std::size_t kLongestQueue = 20'000'000;

// 1/B of fewer than one server: a * integral of e^{-a t} (1 + t)^x dt.
double inverse_erlang_b_below_one(double servers, double load) {
  if (servers == 0) return 1;
  const auto f = [&](double u) { return std::exp(-u) * std::pow(1 + u / load, servers); };
  double sum = 0, low = 0;
  for (double high = std::min(1.0, load); low < 60; high *= 2) {
    sum += integrate(f, low, std::min(high, 60.0), 1e-15);
    low = std::min(high, 60.0);
  }
  return sum;
}

// P(V > T | j ahead) for j = 0, 1, ...: V is the time until j + 1 departures at rates n mu + i theta.
class LongWait {
 public:
  // `extra` is 0, or 1 for the same with n mu replaced by n mu + theta.
  LongWait(double n_mu, double theta, double threshold, int extra) {
    const double fading = -std::expm1(-theta * threshold);
    fading_ = fading;
    step_ = theta > 0 ? (n_mu / theta + extra) * fading : n_mu * threshold;
    log_term_ = -(n_mu + extra * theta) * threshold;
    if (log_term_ > -600) term_ = sum_ = std::exp(log_term_);
  }
  double value() const { return std::min(sum_, 1.0); }
  void advance() {
    const double ratio = (step_ + fading_ * j_) / (j_ + 1);
    j_ += 1;
    if (term_ > 0) {
      term_ *= ratio;
    } else {
      log_term_ += std::log(ratio);
      if (log_term_ <= -600) return;
      term_ = std::exp(log_term_);
    }
    sum_ += term_;
  }

 private:
  double fading_ = 0, step_ = 0, log_term_ = 0, term_ = 0, sum_ = 0, j_ = 0;
};

struct Weights {
  double idle = 0;            // weight of all states with an idle server
  double busy_servers = 0;    // sum of weight x busy servers over those states
  std::vector<double> queue;  // weight of n + j in the system
};

// Stationary weights, from the likeliest queue length outwards so that nothing overflows.
Result<Weights> stationary(const Traffic& t, int servers) {
  const double n_mu = servers / t.handling_s, theta = 1 / t.patience_s;
  const double lambda = t.arrivals_per_s;
  const double room = t.capacity ? static_cast<double>(*t.capacity - servers) : 1e300;
  double peak = 0;
  if (lambda > n_mu) peak = theta > 0 ? std::floor((lambda - n_mu) / theta) : room;
  peak = std::clamp(peak, 0.0, room);
  if (peak > static_cast<double>(kLongestQueue))
    return Error(ErrorCode::limit, "the queue would hold about " + std::to_string(peak) + " contacts",
                 "give fewer arrivals, more agents or less patience");
  const auto start = static_cast<std::size_t>(peak);
  Weights w;
  w.queue.assign(start + 1, 0);
  w.queue[start] = 1;
  for (std::size_t j = start; j-- > 0;)
    w.queue[j] = w.queue[j + 1] * (n_mu + static_cast<double>(j + 1) * theta) / lambda;
  for (std::size_t j = start + 1; static_cast<double>(j) <= room; ++j) {
    const double next = w.queue.back() * lambda / (n_mu + static_cast<double>(j) * theta);
    if (next < kNegligible) break;
    if (j > kLongestQueue)
      return Error(ErrorCode::limit, "the queue has no practical bound", "give a capacity, or less patience");
    w.queue.push_back(next);
  }
  double weight = w.queue[0];
  const double load = t.load();
  for (int k = servers; k > 0 && weight > 0; --k) {
    weight *= k / load;
    w.idle += weight;
    w.busy_servers += weight * (k - 1);
    if (weight < kNegligible * w.idle && k < load) break;
  }
  return w;
}

}  // namespace

Status check_traffic(const Traffic& t, int servers, double threshold_s) {
  const auto bad = [](std::string message, std::string remedy) {
    return Error(ErrorCode::invalid_argument, std::move(message), std::move(remedy));
  };
  if (!(t.arrivals_per_s > 0) || std::isinf(t.arrivals_per_s)) return bad("arrivals_per_s must be positive and finite", "give a rate, e.g. calls per hour / 3600");
  if (!(t.handling_s > 0) || std::isinf(t.handling_s)) return bad("handling_s must be positive and finite", "give the mean handling time in seconds");
  if (!(t.patience_s > 0)) return bad("patience_s must be positive", "give the mean patience in seconds, or infinity");
  if (servers < 1 || servers > 10'000'000) return bad("servers must lie between 1 and 10,000,000", "give the number of agents");
  if (t.capacity && *t.capacity < servers) return bad("the capacity is smaller than the number of servers", "count contacts in service and waiting together");
  if (!(threshold_s >= 0) || std::isinf(threshold_s)) return bad("the threshold must be >= 0 and finite", "give seconds, e.g. 20");
  return {};
}

void complete_service_levels(Performance& p) {
  const double answered = 1 - p.p_abandon - p.p_blocked;
  const double lasting = 1 - p.p_abandon_within - p.p_blocked;
  p.sl_offered = p.p_served_within;
  p.sl_excluding_short_abandons = lasting > 0 ? std::min(1.0, p.p_served_within / lasting) : 0;
  p.sl_answered_only = answered > 0 ? std::min(1.0, p.p_served_within / answered) : 0;
}

Result<double> erlang_b(double servers, double load) {
  if (!(servers >= 0) || servers > 1e9)
    return Error(ErrorCode::invalid_argument, "servers must lie between 0 and 1e9", "give the number of lines");
  if (!(load >= 0) || std::isinf(load))
    return Error(ErrorCode::invalid_argument, "the load must be >= 0 and finite", "load = arrivals per second x handling seconds");
  if (load == 0) return servers == 0 ? 1.0 : 0.0;
  const double fraction = servers - std::floor(servers);
  double inverse = inverse_erlang_b_below_one(fraction, load);
  for (double k = fraction + 1; k <= servers + 1e-9; k += 1) inverse = 1 + inverse * k / load;
  return 1 / inverse;
}

Result<Performance> erlang_c(const Traffic& t, int servers, double threshold_s) {
  HOTLINE_TRY(check_traffic(t, servers, threshold_s));
  const double load = t.load();
  if (load >= servers)
    return Error(ErrorCode::invalid_argument,
                 std::to_string(servers) + " agents cannot carry " + std::to_string(load) + " erlangs: the queue would grow without bound",
                 "give more than " + std::to_string(static_cast<long>(std::floor(load))) + " agents, or a patience (Erlang A)");
  HOTLINE_ASSIGN(const double blocked, erlang_b(servers, load));
  Performance p;
  p.offered_load = load;
  p.p_wait = servers * blocked / (servers - load * (1 - blocked));
  p.mean_wait_of_delayed_s = t.handling_s / (servers - load);
  p.mean_wait_s = p.p_wait * p.mean_wait_of_delayed_s;
  p.mean_queue = t.arrivals_per_s * p.mean_wait_s;
  p.occupancy = load / servers;
  p.p_served_within = 1 - p.p_wait * std::exp(-(servers - load) * threshold_s / t.handling_s);
  complete_service_levels(p);
  return p;
}

Result<Performance> erlang_a(const Traffic& t, int servers, double threshold_s) {
  HOTLINE_TRY(check_traffic(t, servers, threshold_s));
  if (std::isinf(t.patience_s) && !t.capacity) return erlang_c(t, servers, threshold_s);
  HOTLINE_ASSIGN(const Weights w, stationary(t, servers));
  const double n_mu = servers / t.handling_s, theta = 1 / t.patience_s;
  const std::size_t room = t.capacity ? static_cast<std::size_t>(*t.capacity - servers) : w.queue.size() + 1;
  LongWait others(n_mu, theta, threshold_s, 0), own(n_mu, theta, threshold_s, 1);
  const double still_patient = std::exp(-theta * threshold_s);
  double total = w.idle, waiting = 0, queue = 0, served = w.idle, gave_up = 0;
  for (std::size_t j = 0; j < w.queue.size(); ++j) {
    const double weight = w.queue[j];
    total += weight;
    queue += weight * static_cast<double>(j);
    if (j < room) {
      waiting += weight;
      const double by_service = n_mu / (n_mu + static_cast<double>(j + 1) * theta) * (1 - own.value());
      served += weight * by_service;
      gave_up += weight * (1 - still_patient * others.value() - by_service);
    }
    others.advance();
    own.advance();
  }
  Performance p;
  p.offered_load = t.load();
  p.p_wait = waiting / total;
  p.p_blocked = w.queue.size() > room ? w.queue[room] / total : 0;
  p.mean_queue = queue / total;
  p.p_abandon = theta * p.mean_queue / t.arrivals_per_s;
  p.mean_wait_s = p.mean_queue / (t.arrivals_per_s * (1 - p.p_blocked));
  p.mean_wait_of_delayed_s = p.p_wait > 0 ? p.mean_queue / (t.arrivals_per_s * p.p_wait) : 0;
  p.occupancy = (w.busy_servers + (total - w.idle) * servers) / total / servers;
  p.p_served_within = served / total;
  p.p_abandon_within = std::max(0.0, gave_up / total);
  complete_service_levels(p);
  return p;
}

}  // namespace hotline::wfm
