// A small event-driven call centre around the real router: Poisson arrivals of some types (one queue each), exponential
// talks and patience. For comparison with exact formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

namespace hotline::acd {

struct Observed {
  double mean = 0, error = 0;  // of batch means: the standard error
  double z(double exact) const { return (mean - exact) / error; }
};

class CallCentre {
 public:
  struct Result {
    Observed waited;      // share of those who found nobody free
    Observed abandoned;   // share
    Observed wait;        // mean seconds, of all who came, whether they gave up or not
    std::vector<Observed> waits;  // the same by type
  };
  // Rates per second of each queue of the definition (auto_accept), mean talk and patience in seconds (patience 0: endless).
  CallCentre(Definition definition, std::vector<double> rates, double talk, double patience, std::uint64_t seed)
      : router_(std::move(definition), events_), rates_(std::move(rates)), talk_(talk), patience_(patience), random_(seed) {
    for (std::uint32_t a = 1; a <= router_.definition().agents.size(); ++a) (void)router_.login(AgentId{a}, time_from_ns(now_)), (void)router_.ready(AgentId{a}, time_from_ns(now_));
  }

  Result run(std::size_t warm_up, std::size_t arrivals, std::size_t batches = 50) {
    for (std::uint32_t q = 0; q < rates_.size(); ++q) push(random_.exponential(1 / rates_[q]), 0, {}, q);
    std::vector<double> waited(batches), gone(batches), wait(batches);
    std::vector<std::vector<double>> by_type(rates_.size(), std::vector<double>(batches)), of_type = by_type;
    std::size_t came = 0;
    const std::size_t each = arrivals / batches;
    // What is in one batch belongs to the batch of the arrival.
    const auto batch_of = [&](std::uint64_t tag) { return tag < warm_up ? batches : (tag - warm_up) / each; };
    const auto seen = [&](const Event& e) {
      const std::size_t b = batch_of(e.tag);
      if (b >= batches) return;
      const double s = static_cast<double>(e.value) * 1e-9;
      wait[b] += s, by_type[e.queue.value - 1][b] += s, of_type[e.queue.value - 1][b] += 1;
      if (e.type == EventType::abandoned) gone[b] += 1;
    };
    while (came < warm_up + each * batches || router_.waiting() > 0) {
      std::pop_heap(heap_.begin(), heap_.end());
      const Later next = heap_.back();
      heap_.pop_back();
      now_ = next.at;
      const Time now = time_from_ns(now_);
      events_.clear();
      if (next.kind == 0) {
        if (came >= warm_up + each * batches) continue;
        const auto id = router_.enqueue({.queue = QueueId{next.queue + 1}, .tag = came}, now).value();
        const bool waits = router_.contact(id)->state == ContactState::waiting;
        if (const std::size_t b = batch_of(came); b < batches && waits) waited[b] += 1;
        if (waits && patience_ > 0) push(random_.exponential(patience_), 2, id, 0);
        ++came;
        push(random_.exponential(1 / rates_[next.queue]), 0, {}, next.queue);
      } else if (next.kind == 1) {
        (void)router_.ended(next.contact, now);
      } else if (const auto view = router_.contact(next.contact); view && view->state == ContactState::waiting) {
        (void)router_.abandon(next.contact, now);
      }
      for (std::size_t i = 0; i < events_.size(); ++i) {
        const Event e = events_[i];
        if (e.type == EventType::accepted) seen(e), push(random_.exponential(talk_), 1, e.contact, 0);
        if (e.type == EventType::abandoned) seen(e);
      }
    }
    Result r;
    const auto observe = [&](std::vector<double>& sums) {
      Observed o;
      for (double& s : sums) s /= static_cast<double>(each);
      for (const double s : sums) o.mean += s / static_cast<double>(batches);
      double variance = 0;
      for (const double s : sums) variance += (s - o.mean) * (s - o.mean) / static_cast<double>(batches - 1);
      o.error = std::sqrt(variance / static_cast<double>(batches));
      return o;
    };
    r.waited = observe(waited), r.abandoned = observe(gone), r.wait = observe(wait);
    for (std::size_t q = 0; q < rates_.size(); ++q) {
      for (std::size_t b = 0; b < batches; ++b) by_type[q][b] *= static_cast<double>(each) / std::max(1.0, of_type[q][b]);
      r.waits.push_back(observe(by_type[q]));
    }
    return r;
  }
  Router& router() { return router_; }

 private:
  struct Later {
    std::int64_t at;
    int kind;  // 0 arrival, 1 end of a talk, 2 patience
    ContactId contact;
    std::uint32_t queue;
    bool operator<(const Later& o) const { return at > o.at; }
  };
  void push(double in, int kind, ContactId contact, std::uint32_t queue) {
    heap_.push_back({now_ + static_cast<std::int64_t>(in * 1e9), kind, contact, queue});
    std::push_heap(heap_.begin(), heap_.end());
  }
  Events events_;
  Router router_;
  std::vector<double> rates_;
  double talk_, patience_;
  Random random_;
  std::int64_t now_ = 1'700'000'000'000'000'000;
  std::vector<Later> heap_;
};

// M/M/n+M (Erlang A; patience 0: Erlang C), exactly, from the balance equations of the birth-and-death chain.
struct ErlangA {
  double waited = 0, abandoned = 0, wait = 0;
  ErlangA(double rate, double talk, double patience, int agents) {
    std::vector<double> p = {1};
    double total = 1;
    const double giving_up = patience > 0 ? 1 / patience : 0;
    for (int k = 1; k < 20000; ++k) {
      const double leave = std::min(k, agents) / talk + std::max(0, k - agents) * giving_up;
      p.push_back(p.back() * rate / leave);
      total += p.back();
      if (k > agents && p.back() < 1e-18 * total) break;
    }
    double queue = 0;
    for (std::size_t k = 0; k < p.size(); ++k) {
      const double share = p[k] / total;
      if (static_cast<int>(k) >= agents) waited += share, queue += share * static_cast<double>(static_cast<int>(k) - agents);
    }
    abandoned = queue * giving_up / rate;
    wait = queue / rate;  // Little
  }
};

// First come first served, agents idle the longest first, types and agents as in a bipartite graph: exact, by the product
// form of Adan and Weiss ("A skill based parallel service system under FCFS-ALIS", Stochastic Systems 4, 2014). Summed over
// all orders of the agents, so for a few agents only.
struct FcfsAlis {
  double waited = 0;               // share of those who found nobody free
  std::vector<double> wait;        // mean seconds by type
  // Rates a second by type; may[type] is a bit set of agents.
  FcfsAlis(const std::vector<double>& rates, const std::vector<std::uint32_t>& may, double talk, std::uint32_t agents) : wait(rates.size()) {
    const auto rate_of = [&](auto&& wanted) {
      double sum = 0;
      for (std::size_t c = 0; c < rates.size(); ++c) sum += wanted(may[c]) ? rates[c] : 0;
      return sum;
    };
    std::vector<std::uint32_t> order(agents);
    std::iota(order.begin(), order.end(), 0u);
    const double all = std::accumulate(rates.begin(), rates.end(), 0.0);
    double total = 0;
    do {
      for (std::uint32_t busy = 0; busy <= agents; ++busy) {
        // The first `busy` work, those between two of them wait who can be served by nobody but the ones before.
        double weight = 1;
        std::vector<double> waiting(rates.size());
        std::uint32_t set = 0;
        for (std::uint32_t j = 0; j < busy; ++j) {
          set |= 1u << order[j];
          const double served = (j + 1) / talk, stuck = rate_of([&](std::uint32_t m) { return (m & ~set) == 0; });
          weight /= served - stuck;
          for (std::size_t c = 0; c < rates.size(); ++c)
            if ((may[c] & ~set) == 0) waiting[c] += rates[c] / (served - stuck);
        }
        const std::uint32_t working = set;
        set = 0;
        for (std::uint32_t j = agents; j-- > busy;) {
          set |= 1u << order[j];
          weight /= rate_of([&](std::uint32_t m) { return (m & set) != 0; });
        }
        total += weight;
        waited += weight * rate_of([&](std::uint32_t m) { return (m & ~working) == 0; }) / all;
        for (std::size_t c = 0; c < rates.size(); ++c) wait[c] += weight * waiting[c] / rates[c];  // Little
      }
    } while (std::next_permutation(order.begin(), order.end()));
    waited /= total;
    for (double& w : wait) w /= total;
  }
};

}  // namespace hotline::acd
