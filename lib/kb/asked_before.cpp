#include "kb/asked_before.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hotline::kb {
namespace {

// Where few articles have learned questions, what they lift pushes down others that had no chance to learn any.
constexpr double kLeastTrust = 0.27;

}  // namespace

void AskedBefore::clear() {
  questions_.clear();
  by_key_.clear();
  shared_.clear();
  articles_ = 0;
}

void AskedBefore::add(std::uint32_t article, std::string_view question, double weight, text::Analyzer& analyzer) {
  analyzer.analyse(question, analysis_);
  One one{article, static_cast<float>(std::clamp(weight, 0.0, 1.0)), std::string(question), {}};
  for (const bool unigrams : {false, true}) {
    if (!one.keys.empty()) break;
    for (const text::Token& t : analysis_.tokens)
      if (unigrams || t.stream != Stream::unigram) one.keys.push_back(t.key);
  }
  std::sort(one.keys.begin(), one.keys.end());
  one.keys.erase(std::unique(one.keys.begin(), one.keys.end()), one.keys.end());
  if (one.keys.empty()) return;
  for (const std::uint64_t key : one.keys) by_key_[key].push_back(static_cast<std::uint32_t>(questions_.size()));
  if (questions_.empty() || questions_.back().article != article) ++articles_;
  questions_.push_back(std::move(one));
  shared_.push_back(0);
}

float AskedBefore::weight_of(std::uint64_t key, const Ranking& ranking) const {
  constexpr double kPrior = 10;  // so many questions must say that a term is common
  const auto known = by_key_.find(key);
  const auto having = static_cast<double>(known != by_key_.end() ? known->second.size() : 0);
  const auto idf = static_cast<float>(std::log1p((static_cast<double>(questions_.size()) - having + kPrior) / (having + kPrior)));
  return stream_weight(ranking, stream_of(key)) * std::pow(idf, static_cast<float>(ranking.rarity));
}

// Likeness is the cosine of two sets of terms: what both have, by the geometric mean of what each has. So a long question
// gains nothing by its length. Terms weigh by their rarity among questions, where "how" and "what" are common, which they
// are not in articles.
std::vector<AskedBefore::Match> AskedBefore::find(const Question& asked, const Index& index, const Ranking& ranking) {
  std::vector<Match> out;
  if (questions_.empty() || ranking.learned <= 0 || asked.information <= 0) return out;
  std::vector<std::uint32_t> touched;
  float mass = 0;
  for (const QuestionTerm& term : asked.terms) {
    if (term.information <= 0) continue;
    const float weight = weight_of(term.key, ranking);
    mass += weight;
    const auto known = by_key_.find(term.key);
    if (known == by_key_.end() || weight <= 0) continue;
    for (const std::uint32_t q : known->second) {
      if (shared_[q] == 0) touched.push_back(q);
      shared_[q] += weight;
    }
  }
  const double covered = static_cast<double>(articles_) / static_cast<double>(std::max(articles_, index.article_count()));
  const auto trust = static_cast<float>(kLeastTrust + (1 - kLeastTrust) * covered);
  const auto floor = static_cast<float>(std::clamp(ranking.learned_floor * (1 - covered / 2), 0.0, 0.99));
  for (const std::uint32_t q : touched) {
    const float shared = std::exchange(shared_[q], 0.f);
    if (shared < floor * floor * mass) continue;  // then the cosine is below the floor too
    const One& one = questions_[q];
    float own = 0;
    for (const std::uint64_t key : one.keys) own += weight_of(key, ranking);
    const float likeness = std::min(1.f, shared / std::sqrt(own * mass));
    if (likeness <= floor) continue;
    const float support = one.weight * (likeness - floor) / (1 - floor);
    const Match match{one.article, q, support, support * trust};
    const auto at = std::find_if(out.begin(), out.end(), [&](const Match& m) { return m.article == one.article; });
    if (at == out.end()) out.push_back(match);
    else if (match.support > at->support) *at = match;
  }
  return out;
}

}  // namespace hotline::kb
