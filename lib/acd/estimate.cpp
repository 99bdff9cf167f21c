#include "hotline/acd/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

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

std::uint64_t line_key(std::uint32_t queue, std::uint32_t requirement) { return std::uint64_t{queue} << 16 | requirement; }

// Who speaks: the first, until another one has erred clearly less.
template <class Candidate>
void consider(std::optional<Candidate>& best, const Candidate& other) {
  constexpr std::uint32_t kEnough = 20;
  if (!best || (best->score->count >= kEnough && other.score->count >= kEnough && other.score->error < 0.9 * best->score->error)) best = other;
}

}  // namespace

WaitEstimator::WaitEstimator(const Definition& definition) : queues_(definition.queues.size()) {}

WaitEstimator::Parts WaitEstimator::by_length(const State& s, std::uint32_t position) {
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

std::optional<std::pair<double, double>> WaitEstimator::by_history(const State& s, double waited) {
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

WaitEstimate WaitEstimator::estimate(QueueId queue, const Standing& standing, Duration waited) const {
  WaitEstimate e;
  if (queue.value - 1 >= queues_.size()) return e;
  const State& whole = queues_[queue.value - 1];
  const auto found = line_index_.find(line_key(queue.value - 1, standing.requirement.value));
  const Line* line = found == line_index_.end() ? nullptr : &lines_[found->second];

  struct Candidate {
    double p50, p80;
    const State* from;
    const Score* score;
    bool history;
  };
  std::optional<Candidate> best;
  const auto length = [&](const State* s, std::uint32_t place, const Score* score) {
    if (s == nullptr) return;
    const Parts parts = by_length(*s, place != 0 ? place : s->waiting + 1);
    if (parts.mean >= 0) consider(best, Candidate{gamma_quantile(parts.mean, parts.variance, 0), gamma_quantile(parts.mean, parts.variance, 0.8416), s, score, false});
  };
  const auto history = [&](const State* s, std::uint32_t place, const Score* score) {
    // It knows the waits of those who stood at the end; of one further ahead the length knows more.
    if (s == nullptr || (best && place != 0 && place <= s->waiting)) return;
    if (const auto parts = by_history(*s, seconds(waited))) consider(best, Candidate{parts->first, parts->second, s, score, true});
  };
  // Until it is known who errs less: the line, and its length.
  length(line, standing.in_line, line == nullptr ? nullptr : &line->length);
  length(&whole, standing.in_queue, line == nullptr ? &whole.length : &line->queue_length);
  history(line, standing.in_line, line == nullptr ? nullptr : &line->history);
  history(&whole, standing.in_queue, line == nullptr ? &whole.history : &line->queue_history);
  if (!best) return e;
  e.p50 = from_seconds(best->p50), e.p80 = from_seconds(best->p80);
  e.samples = best->history ? std::min<std::uint32_t>(best->from->answered, kKept) : best->from->handled;
  e.from_history = best->history, e.of_line = best->from == line;
  e.mean_error = from_seconds(best->score->error);
  return e;
}

Duration WaitEstimator::error(QueueId queue) const {
  if (queue.value - 1 >= queues_.size()) return {};
  const State& s = queues_[queue.value - 1];
  if (s.length.count == 0) return from_seconds(s.history.error);
  return from_seconds(s.history.count >= 20 ? std::min(s.length.error, s.history.error) : s.length.error);
}

std::uint32_t WaitEstimator::line_of(std::uint32_t queue, std::uint32_t requirement) {
  const auto [found, is_new] = line_index_.try_emplace(line_key(queue, requirement), static_cast<std::uint32_t>(lines_.size()));
  if (is_new) lines_.emplace_back();
  return found->second;
}

WaitEstimator::Pending& WaitEstimator::enter(const Event& e) {
  Pending& p = open_[e.contact.value];
  if (p.waiting) leave(p);
  const bool serving = p.serving;
  p = {};
  p.queue = e.queue.value - 1, p.line = line_of(p.queue, e.requirement), p.waiting = true, p.serving = serving;
  both(p, [](State& s) { ++s.waiting; });
  return p;
}
void WaitEstimator::leave(Pending& p) {
  if (p.waiting) both(p, [](State& s) { --s.waiting; });
  p.waiting = false;
}
bool WaitEstimator::served(Pending& p) {
  if (!p.serving) return false;
  both(p, [](State& s) { --s.serving; });
  p.serving = false;
  return true;
}

void WaitEstimator::add(const Event& e) {
  if (e.queue.value - 1 >= queues_.size() || !e.contact) return;
  const auto open = open_.find(e.contact.value);
  switch (e.type) {
    case EventType::queued: {
      if (open != open_.end() && open->second.waiting) return;
      Pending& p = enter(e);
      std::size_t i = 0;
      for (const State* s : {static_cast<const State*>(&lines_[p.line]), static_cast<const State*>(&queues_[p.queue])}) {
        const Parts length = by_length(*s, s->waiting);
        if (length.mean >= 0) p.said[i] = static_cast<float>(gamma_quantile(length.mean, length.variance, 0));
        if (const auto history = by_history(*s, 0)) p.said[i + 1] = static_cast<float>(history->first);
        i += 2;
      }
      break;
    }
    case EventType::moved: enter(e); break;
    case EventType::requeued:
      if (open != open_.end()) (void)served(open->second);
      if (open == open_.end() || !open->second.waiting) enter(e);
      break;
    case EventType::callback_due:
    case EventType::callback_failed:  // out of the line for a while
      if (open == open_.end()) return;
      leave(open->second), (void)served(open->second);
      break;
    case EventType::accepted: {
      Pending& p = open_[e.contact.value];
      const double waited = seconds(Duration{e.value});
      const bool waited_really = p.waiting, again = p.serving;
      leave(p);
      if (again) (void)served(p);
      p.queue = e.queue.value - 1, p.line = line_of(p.queue, e.requirement);
      p.answered = e.at, p.serving = true;
      both(p, [&](State& s) {
        ++s.serving;
        s.serving_mean += (s.serving - s.serving_mean) / 30;
        s.waited = s.waited * 0.995 + waited, s.gave_up *= 0.995;
        if (!waited_really) return;
        s.waits[s.next] = static_cast<float>(waited);
        s.next = (s.next + 1) % kKept;
        ++s.answered;
      });
      if (!waited_really) return;
      Line& line = lines_[p.line];
      State& whole = queues_[p.queue];
      const auto score = [&](std::size_t i, std::initializer_list<Score*> of) {
        if (p.said[i] >= 0)
          for (Score* s : of) s->add(std::abs(p.said[i] - waited));
      };
      score(0, {&line.length}), score(1, {&line.history});
      score(2, {&whole.length, &line.queue_length}), score(3, {&whole.history, &line.queue_history});
      break;
    }
    case EventType::abandoned:
    case EventType::withdrawn:
    case EventType::overflowed: {
      const double waited = e.type == EventType::overflowed ? 0 : seconds(Duration{e.value});
      const Pending unknown{.queue = e.queue.value - 1, .line = line_of(e.queue.value - 1, e.requirement)};
      both(open == open_.end() ? unknown : open->second,
           [&](State& s) { s.waited = s.waited * 0.995 + waited, s.gave_up = s.gave_up * 0.995 + (e.type == EventType::abandoned ? 1 : 0); });
      if (open == open_.end()) return;
      leave(open->second);
      open_.erase(open);
      break;
    }
    case EventType::wrap_ended:
    case EventType::released: {
      if (open == open_.end()) return;
      Pending& p = open->second;
      leave(p);
      if (served(p))
        both(p, [&](State& s) {
          ++s.handled;
          s.handling += (seconds(e.at - p.answered) - s.handling) / std::min<std::uint32_t>(s.handled, 100);
        });
      open_.erase(open);
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
