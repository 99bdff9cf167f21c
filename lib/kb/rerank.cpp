#include "kb/rerank.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <utility>

namespace hotline::kb {
namespace {

constexpr double kFusion = 60;  // of reciprocal ranks

}  // namespace

struct RerankDesk::Shared {
  enum class Stage : std::uint8_t { idle, asked, answered, closed };
  Reranker reranker;
  std::mutex mutex;
  std::condition_variable changed;
  Stage stage = Stage::idle;
  std::uint64_t number = 0;  // of the question; an answer that comes too late belongs to nobody
  std::string question;
  std::vector<Hit> hits;
  std::vector<double> scores;

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return stage == Stage::asked || stage == Stage::closed; });
      if (stage == Stage::closed) return;
      const std::string asked = std::move(question);
      const std::vector<Hit> seen = std::move(hits);
      lock.unlock();
      std::vector<double> given;
      try {
        given = reranker(asked, seen);
      } catch (...) {  // a ranker that fails has no say
      }
      lock.lock();
      if (stage == Stage::closed) return;
      scores = std::move(given);
      stage = Stage::answered;
      changed.notify_all();
    }
  }
};

RerankDesk::RerankDesk(Reranker reranker, Duration budget) : shared_(std::make_shared<Shared>()), budget_(budget) {
  shared_->reranker = std::move(reranker);
  std::thread([shared = shared_] { shared->work(); }).detach();
}

RerankDesk::~RerankDesk() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stage = Shared::Stage::closed;
  shared_->changed.notify_all();
}

std::vector<double> RerankDesk::ask(const std::string& question, const std::vector<Hit>& hits) {
  Shared& s = *shared_;
  std::unique_lock lock(s.mutex);
  if (s.stage == Shared::Stage::asked) return {};
  s.question = question;
  s.hits = hits;
  s.stage = Shared::Stage::asked;
  const std::uint64_t mine = ++s.number;
  s.changed.notify_all();
  const bool answered = s.changed.wait_for(lock, budget_, [&] { return s.number != mine || s.stage == Shared::Stage::answered; });
  return answered && s.number == mine ? std::exchange(s.scores, {}) : std::vector<double>();
}

void RerankDesk::order(const std::string& question, std::vector<Hit>& hits) {
  if (hits.empty()) return;
  std::vector<double> scores = ask(question, hits);
  if (scores.size() != hits.size()) return;
  for (double& score : scores)
    if (std::isnan(score)) score = -std::numeric_limits<double>::infinity();
  std::vector<std::size_t> theirs(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) theirs[i] = i;
  std::vector<std::size_t> order = theirs;
  std::stable_sort(theirs.begin(), theirs.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<double> fused(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    fused[i] += 1 / (kFusion + static_cast<double>(i) + 1);
    fused[theirs[i]] += 1 / (kFusion + static_cast<double>(i) + 1);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return fused[a] > fused[b]; });
  std::vector<Hit> out;
  for (const std::size_t i : order) out.push_back(std::move(hits[i]));
  hits = std::move(out);
}

}  // namespace hotline::kb
