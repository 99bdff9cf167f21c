// How long it will take, honestly: quantiles, the number of observations behind them, and "unknown".
//
// Two estimators learn from the event stream: queue length with abandonment (sum over the places ahead of
// 1 / (served at once x rate + place x rate of giving up); Whitt, "Predicting queueing delays", Management Science 45,
// 1999) and delay history (waits of those who were answered last; Ibrahim and Whitt, "Real-time delay estimation based
// on delay history", M&SOM 11, 2009). Each learns for a queue as a whole and for each line of it: those who brought the
// same requirement along. "Served at once" is then the line's share of its agents' work. Each scores itself on every
// answered contact of a line; the best speaks there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hotline/acd/definition.hpp"
#include "hotline/acd/event.hpp"
#include "hotline/acd/router.hpp"

namespace hotline::acd {

struct WaitEstimate {
  std::optional<Duration> p50, p80;  // from now; empty: unknown
  std::uint32_t samples = 0;         // observations behind it
  bool from_history = false;
  bool of_line = false;              // from those with the same requirement, else from the queue as a whole
  Duration mean_error{};             // of this estimator's medians so far, absolute
};

// Confined.
class WaitEstimator {
 public:
  explicit WaitEstimator(const Definition& definition);
  void add(const Event& event);

  // For one who stands there and has waited so long; without a place: for one who would enter now.
  WaitEstimate estimate(QueueId queue, const Standing& standing = {}, Duration waited = {}) const;
  // Mean absolute error of the medians said at entry, from the queue as a whole.
  Duration error(QueueId queue) const;

 private:
  static constexpr std::size_t kKept = 64;
  struct Score {
    double error = 0;
    std::uint32_t count = 0;
    void add(double e) { ++count, error += (e - error) / (count < 50 ? count : 50); }
  };
  struct State {
    std::uint32_t waiting = 0, serving = 0;
    double serving_mean = 0;   // fades over about 30 answered
    double handling = 0;       // s, mean, fades
    std::uint32_t handled = 0;
    double waited = 0;         // s of waiting seen, fades, against
    double gave_up = 0;        //   how many gave up
    std::array<float, kKept> waits{};
    std::uint32_t next = 0, answered = 0;
    Score length, history;
  };
  struct Line : State {
    Score queue_length, queue_history;  // what the queue as a whole says of this line's
  };
  struct Pending {
    std::uint32_t queue = 0, line = 0;
    Time answered{};
    std::array<float, 4> said{-1, -1, -1, -1};  // medians at entry: line by length and history, queue by both
    bool waiting = false, serving = false;
  };
  struct Parts {
    double mean = -1, variance = 0;
  };
  static Parts by_length(const State& s, std::uint32_t position);
  static std::optional<std::pair<double, double>> by_history(const State& s, double waited);
  std::uint32_t line_of(std::uint32_t queue, std::uint32_t requirement);
  Pending& enter(const Event& e);
  void leave(Pending& p);
  bool served(Pending& p);
  template <class Do>
  void both(const Pending& p, Do&& act) {
    act(queues_[p.queue]), act(static_cast<State&>(lines_[p.line]));
  }

  std::vector<State> queues_;
  std::vector<Line> lines_;
  std::unordered_map<std::uint64_t, std::uint32_t> line_index_;  // queue << 16 | requirement
  std::unordered_map<std::uint64_t, Pending> open_;
};

// What may be said to one who waits, so that nothing said later contradicts it: places only get better, the time left
// never grows and never promises less than `floor`; nothing is said twice within `every`, nor while unknown.
struct AnnouncementRules {
  Duration every = std::chrono::seconds(30);
  Duration floor = std::chrono::seconds(30);     // "less than half a minute"
  Duration round_to = std::chrono::seconds(30);  // upwards
  Duration longest = std::chrono::minutes(30);   // beyond it only the place is said
};
struct Announcement {
  std::uint32_t position = 0;     // 0: do not say a place
  std::optional<Duration> wait;   // p80, rounded; empty: do not say a time
  std::optional<Duration> likely; // p50, rounded
};
// Confined; one for each contact that hears announcements.
class Announcer {
 public:
  explicit Announcer(AnnouncementRules rules = {}) : rules_(rules) {}
  // Empty: say nothing now.
  std::optional<Announcement> next(std::uint32_t position, const WaitEstimate& estimate, Time now);

 private:
  AnnouncementRules rules_;
  std::optional<Time> last_;
  std::uint32_t position_ = 0;
  std::optional<Time> until_;  // the moment that was promised
};

}  // namespace hotline::acd
