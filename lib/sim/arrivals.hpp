// One stream's arrival times and draws.
#pragma once

#include <cmath>
#include <limits>

#include "hotline/base/random.hpp"
#include "hotline/sim/model.hpp"

namespace hotline::sim {

// Independent random streams by purpose, number and replication.
enum class Purpose : std::uint64_t { gaps = 1, handling, patience, choice, menu, busyness, pick_up, residual, router, tickets, leaves_ticket };
inline Random substream(std::uint64_t seed, Purpose purpose, std::uint64_t number, std::uint32_t replication) {
  return Random(seed, static_cast<std::uint64_t>(purpose) << 56 | (number & 0xffffff) << 32 | replication);
}

// A Poisson process with piecewise constant rates by inversion: unit-rate gaps, used up by rate x time. Confined.
class ArrivalProcess {
 public:
  ArrivalProcess(const Arrivals& arrivals, std::uint64_t seed, std::uint64_t number, std::uint32_t replication)
      : arrivals_(&arrivals), seed_(seed), replication_(replication), gaps_(substream(seed, Purpose::gaps, number, replication)) {}

  // The next arrival in seconds since the start; infinity when there is none.
  double next() {
    if (arrivals_->per_s.empty()) return kNever;
    double need = -std::log(gaps_.uniform_positive());
    if (arrivals_->period_s <= 0 && arrivals_->busyness_scv <= 0) {
      const double rate = arrivals_->per_s[0];
      return at_ = rate > 0 ? at_ + need / rate : kNever;
    }
    if (at_ == kNever) return kNever;
    for (;;) {
      const double end = piece_end();
      const double rate = rate_at_piece();
      if (rate < 0) return at_ = kNever;
      const double room = rate * (end - at_);
      if (need < room) return at_ += need / rate;
      need -= room;
      at_ = end;
      ++steps_;
    }
  }

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  double piece_end() {
    const double period = arrivals_->period_s > 0 ? arrivals_->period_s : kNever;
    const double every = arrivals_->busyness_scv > 0 ? arrivals_->busyness_every_s : kNever;
    return std::min(next_multiple(period), next_multiple(every));
  }
  double next_multiple(double of) const {
    if (of == kNever) return kNever;
    const double next = (std::floor(at_ / of * (1 + 1e-15)) + 1) * of;
    return next > at_ ? next : next + of;
  }
  // Negative after the last period.
  double rate_at_piece() {
    std::size_t period = arrivals_->period_s > 0 ? static_cast<std::size_t>(at_ / arrivals_->period_s * (1 + 1e-15)) : 0;
    if (period >= arrivals_->per_s.size()) {
      if (!arrivals_->repeat) return -1;
      period %= arrivals_->per_s.size();
    }
    return arrivals_->per_s[period] * busyness();
  }
  double busyness() {
    if (arrivals_->busyness_scv <= 0) return 1;
    const auto day = static_cast<std::uint64_t>(at_ / arrivals_->busyness_every_s * (1 + 1e-15));
    if (day != day_ || factor_ < 0) {
      day_ = day;
      Random random = substream(seed_, Purpose::busyness, (std::uint64_t{arrivals_->busyness_group} * 100003 + day) & 0xffffff, replication_);
      const auto gamma = wfm::Distribution::gamma(1, arrivals_->busyness_scv);
      factor_ = gamma.ok() ? gamma->sample(random) : 1;
    }
    return factor_;
  }

  const Arrivals* arrivals_;
  std::uint64_t seed_;
  std::uint32_t replication_;
  Random gaps_;
  double at_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t day_ = 0;
  double factor_ = -1;
};

}  // namespace hotline::sim
