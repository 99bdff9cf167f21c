#include "hotline/acd/estimate.hpp"

#include <algorithm>
#include <cmath>

namespace hotline::acd {
namespace {

double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-9; }
Duration from_seconds(double s) { return Duration{static_cast<std::int64_t>(std::max(0.0, s) * 1e9)}; }

// Quantile of the gamma distribution with this mean and variance (Wilson and Hilferty, PNAS 17, 1931).
double gamma_quantile(double mean, double variance, double z) {
  if (variance <= 0) return mean;
  const double shape = mean * mean / variance;
  const double cube = 1 - 1 / (9 * shape) + z / (3 * std::sqrt(shape));
  return mean * std::max(0.0, cube * cube * cube);
}

}  // namespace

WaitEstimator::WaitEstimator(const Definition& definition) : queues_(definition.queues.size()) {}

WaitEstimator::Parts WaitEstimator::by_length(const State& s, std::uint32_t position) const {
  if (s.handled < 5 || s.handling <= 0 || s.serving_mean <= 0) return {};
  const double rate = std::max(1.0, s.serving_mean) / s.handling;
  const double leaving = s.waited > 0 ? s.gave_up / s.waited : 0;
  Parts p{0, 0};
  // Beyond 2,000 places the sum is an integral.
  const std::uint32_t exact = std::min<std::uint32_t>(position, 2000);
  for (std::uint32_t i = 0; i < exact; ++i) {
    const double r = rate + leaving * i;
    p.mean += 1 / r, p.variance += 1 / (r * r);
  }
  if (position > exact) {
    const double low = rate + leaving * exact, high = rate + leaving * position, n = position - exact;
    p.mean += leaving > 1e-12 ? std::log(high / low) / leaving : n / rate;
    p.variance += n / (low * high);
  }
  return p;
}

std::optional<std::pair<double, double>> WaitEstimator::by_history(const State& s, double waited) const {
  const std::size_t n = std::min<std::size_t>(s.answered, kKept);
  if (n < 5) return std::nullopt;
  // The latest ones say most: the last sixteen.
  std::array<float, 16> recent;
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(n, recent.size()); ++i) {
    const float w = s.waits[(s.next + kKept - 1 - i) % kKept];
    if (w > waited) recent[count++] = w;
  }
  if (count < 3) return std::nullopt;
  std::sort(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(count));
  return std::pair{recent[count / 2] - waited, recent[std::min(count - 1, count * 4 / 5)] - waited};
}

WaitEstimate WaitEstimator::estimate(QueueId queue, Time, std::uint32_t position, Duration waited) const {
  WaitEstimate e;
  if (queue.value - 1 >= queues_.size()) return e;
  const State& s = queues_[queue.value - 1];
  const Parts length = by_length(s, position != 0 ? position : s.waiting + 1);
  const auto history = by_history(s, seconds(waited));
  // History knows the waits of those who stood at the end; of one further ahead the length knows more.
  const bool at_the_end = position == 0 || position > s.waiting;
  const bool better = s.history.count >= 20 && s.length.count >= 20 && s.history.error < 0.9 * s.length.error;
  const bool use_history = history && (length.mean < 0 || (at_the_end && better));
  if (use_history) {
    e.p50 = from_seconds(history->first), e.p80 = from_seconds(history->second);
    e.samples = std::min<std::uint32_t>(s.answered, kKept), e.from_history = true, e.mean_error = from_seconds(s.history.error);
  } else if (length.mean >= 0) {
    e.p50 = from_seconds(gamma_quantile(length.mean, length.variance, 0)), e.p80 = from_seconds(gamma_quantile(length.mean, length.variance, 0.8416));
    e.samples = s.handled, e.mean_error = from_seconds(s.length.error);
  }
  return e;
}

Duration WaitEstimator::error(QueueId queue) const {
  if (queue.value - 1 >= queues_.size()) return {};
  const State& s = queues_[queue.value - 1];
  if (s.length.count == 0) return from_seconds(s.history.error);
  return from_seconds(s.history.count >= 20 ? std::min(s.length.error, s.history.error) : s.length.error);
}

void WaitEstimator::add(const Event& e) {
  if (e.queue.value - 1 >= queues_.size() || !e.contact) return;
  State& s = queues_[e.queue.value - 1];
  const auto stop_waiting = [&](Pending& p) {
    if (p.waiting) --queues_[p.queue].waiting;
    p.waiting = false;
  };
  switch (e.type) {
    case EventType::queued: {
      Pending& p = open_[e.contact.value];
      if (p.waiting) return;
      p = {e.queue.value - 1, e.at, {}, -1, -1, true, false};
      const Parts length = by_length(s, s.waiting + 1);
      if (length.mean >= 0) p.by_length = static_cast<float>(gamma_quantile(length.mean, length.variance, 0));
      if (const auto history = by_history(s, 0)) p.by_history = static_cast<float>(history->first);
      ++s.waiting;
      break;
    }
    case EventType::moved: {
      Pending& p = open_[e.contact.value];
      stop_waiting(p);
      p = {e.queue.value - 1, e.at, {}, -1, -1, true, false};
      ++s.waiting;
      break;
    }
    case EventType::requeued: {
      Pending& p = open_[e.contact.value];
      if (p.serving) --s.serving, p.serving = false;
      if (!p.waiting) p.waiting = true, p.queue = e.queue.value - 1, ++s.waiting;
      break;
    }
    case EventType::callback_due:
    case EventType::callback_failed: {  // out of the line for a while
      const auto p = open_.find(e.contact.value);
      if (p == open_.end()) return;
      stop_waiting(p->second);
      if (p->second.serving) --s.serving, p->second.serving = false;
      break;
    }
    case EventType::accepted: {
      Pending& p = open_[e.contact.value];
      const double waited = seconds(Duration{e.value});
      const bool waited_really = p.waiting;
      stop_waiting(p);
      p.queue = e.queue.value - 1;
      p.answered = e.at;
      if (!p.serving) p.serving = true, ++s.serving;
      s.serving_mean += (s.serving - s.serving_mean) / 30;
      s.waited = s.waited * 0.995 + waited, s.gave_up *= 0.995;
      if (!waited_really) return;
      s.waits[s.next] = static_cast<float>(waited);
      s.next = (s.next + 1) % kKept;
      ++s.answered;
      if (p.by_length >= 0) s.length.add(std::abs(p.by_length - waited));
      if (p.by_history >= 0) s.history.add(std::abs(p.by_history - waited));
      break;
    }
    case EventType::abandoned:
    case EventType::withdrawn:
    case EventType::overflowed: {
      const auto p = open_.find(e.contact.value);
      const double waited = e.type == EventType::overflowed ? 0 : seconds(Duration{e.value});
      s.waited = s.waited * 0.995 + waited, s.gave_up = s.gave_up * 0.995 + (e.type == EventType::abandoned ? 1 : 0);
      if (p == open_.end()) return;
      stop_waiting(p->second);
      open_.erase(p);
      break;
    }
    case EventType::wrap_ended:
    case EventType::released: {
      const auto p = open_.find(e.contact.value);
      if (p == open_.end()) return;
      stop_waiting(p->second);
      if (p->second.serving) {
        --s.serving;
        ++s.handled;
        s.handling += (seconds(e.at - p->second.answered) - s.handling) / std::min<std::uint32_t>(s.handled, 100);
      }
      open_.erase(p);
      break;
    }
    default: break;
  }
}

std::optional<Announcement> Announcer::next(std::uint32_t position, const WaitEstimate& estimate, Time now) {
  if (last_ && now - *last_ < rules_.every) return std::nullopt;
  Announcement a;
  if (position != 0 && (position_ == 0 || position < position_)) a.position = position;
  if (estimate.p80 && estimate.p50) {
    const auto round_up = [&](Duration d) {
      const std::int64_t unit = std::max<std::int64_t>(1, rules_.round_to.count());
      return std::max(rules_.floor, Duration{(d.count() + unit - 1) / unit * unit});
    };
    Duration wait = round_up(*estimate.p80);
    // What was promised holds: not later than then, unless that moment has come.
    if (until_ && now + wait > *until_) wait = std::max(rules_.floor, Duration{*until_ - now});
    if (wait <= rules_.longest && (!until_ || now + wait <= *until_)) {
      a.wait = wait;
      a.likely = std::min(wait, round_up(*estimate.p50));
    }
  }
  if (a.position == 0 && !a.wait) return std::nullopt;
  if (a.position != 0) position_ = a.position;
  if (a.wait) until_ = now + *a.wait;
  last_ = now;
  return a;
}

}  // namespace hotline::acd
