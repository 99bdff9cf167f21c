#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "kb/index.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kWindow = 2048;
constexpr std::uint32_t kWorthAFloor = 4096;  // documents of a part for which a floor is looked for first
constexpr std::uint32_t kSampled = 4096;      // postings read for it
constexpr std::size_t kFew = 16;              // candidates for which a list is looked into rather than read
constexpr double kMostSum = 2e9;              // of all that a document can get

struct Best {
  std::uint32_t sum = 0;
  std::uint32_t part = 0;
  std::uint16_t document = 0;
  EntryId entry = 0;
};

bool better(const Best& a, const Best& b) { return a.sum != b.sum ? a.sum > b.sum : a.entry < b.entry; }

struct Cursor {
  const Impact* impact = nullptr;
  const std::uint16_t* documents = nullptr;
  const std::uint8_t* codes = nullptr;
  std::uint32_t size = 0;
  std::uint32_t at = 0;
  std::uint32_t weight = 0;
  std::uint32_t most = 0;

  // Moves to the first posting at or after `document`, galloping.
  void seek(std::uint32_t document) {
    std::uint32_t step = 1;
    std::uint32_t low = at;
    while (low + step < size && documents[low + step] < document) {
      low += step;
      step *= 2;
    }
    const auto* end = documents + std::min(size, low + step + 1);
    at = static_cast<std::uint32_t>(std::lower_bound(documents + low, end, document) - documents);
  }
};

// What some terms can add together, at most, by class of document.
struct Reach {
  std::array<std::uint32_t, kClasses> of{};
  std::uint32_t most = 0;
};

bool in(const Bits& bits, std::uint32_t d) { return (bits[d / 64] >> (d % 64) & 1) != 0; }

// The best k of one part after another.
class PartSearch {
 public:
  PartSearch(std::size_t k, std::vector<std::uint32_t>& sums) : k_(k), sums_(sums) {}

  void run(std::uint32_t part, const Segment& segment, const Scoring& scoring, const std::uint8_t* classes, const Bits& among) {
    if (!open(scoring, part)) return;
    classes_ = classes;
    const auto size = static_cast<std::uint32_t>(segment.size());
    if (sums_.size() < size) sums_.resize(size);
    floor_ = best_.size() == k_ ? best_.front().sum : size >= kWorthAFloor ? likely_floor(among) : 0;
    for (std::uint32_t begin = 0; begin < size; begin += kWindow) {
      const std::uint32_t end = std::min<std::uint32_t>(size, begin + kWindow);
      if (std::all_of(among.begin() + begin / 64, among.begin() + (end + 63) / 64, [](std::uint64_t w) { return w == 0; })) continue;
      if (best_.size() == k_) floor_ = std::max(floor_, best_.front().sum);
      std::size_t optional = 0;  // the first cursors cannot lift a document to the floor by themselves
      while (optional < cursors_.size() && reach_[optional + 1].most < floor_) ++optional;
      if (optional == cursors_.size()) return;
      std::fill(window_, window_ + (end - begin), 0);
      for (std::size_t c = optional; c < cursors_.size(); ++c) add(cursors_[c], begin, end);
      gather(among, begin, end, reach_[optional]);
      for (std::size_t c = optional; c-- > 0 && opened_ > 0;) finish(cursors_[c], reach_[c], begin, end);
      for (std::size_t i = 0; i < opened_; ++i) keep({window_[open_[i] - begin], part, open_[i], segment.entry(open_[i])});
    }
  }

  std::vector<Best> take() {
    std::sort_heap(best_.begin(), best_.end(), better);
    return std::move(best_);
  }

 private:
  bool open(const Scoring& scoring, std::uint32_t part) {
    cursors_.clear();
    const auto& impacts = scoring.parts[part];
    for (std::size_t t = 0; t < impacts.size(); ++t) {
      const Impact* impact = impacts[t];
      if (impact == nullptr || scoring.weights[t] == 0) continue;
      cursors_.push_back({impact, impact->list.documents, impact->codes.get(), impact->list.size, 0, scoring.weights[t], scoring.weights[t] * impact->most});
    }
    std::sort(cursors_.begin(), cursors_.end(), [](const Cursor& a, const Cursor& b) { return a.most < b.most; });
    reach_.assign(cursors_.size() + 1, {});
    for (std::size_t i = 0; i < cursors_.size(); ++i)
      for (std::size_t c = 0; c < kClasses; ++c) {
        reach_[i + 1].of[c] = reach_[i].of[c] + cursors_[i].weight * cursors_[i].impact->most_of[c];
        reach_[i + 1].most = std::max(reach_[i + 1].most, reach_[i + 1].of[c]);
      }
    return !cursors_.empty();
  }

  // The k-th best sum over some of the terms: the heaviest, and then, for those who have most of these, the commonest.
  // No document among the best has less.
  std::uint32_t likely_floor(const Bits& among) {
    std::vector<std::uint16_t> touched;
    std::uint32_t read = 0;
    for (std::size_t c = cursors_.size(); c-- > 0 && read < kSampled;) {
      const Cursor& cursor = cursors_[c];
      if (cursor.impact->by_document) continue;
      read += cursor.size;
      for (std::uint32_t i = 0; i < cursor.size; ++i) {
        const std::uint16_t d = cursor.documents[i];
        if (sums_[d] == 0 && in(among, d)) touched.push_back(d);
        sums_[d] += cursor.weight * cursor.codes[i];
      }
    }
    std::uint32_t floor = 0;
    if (touched.size() >= k_) {
      std::vector<std::pair<std::uint32_t, std::uint16_t>> tried;
      for (const std::uint16_t d : touched) tried.emplace_back(sums_[d], d);
      if (tried.size() > 2 * k_) {
        std::nth_element(tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(2 * k_), tried.end(), std::greater<>());
        tried.resize(2 * k_);
      }
      for (const Cursor& cursor : cursors_)
        if (cursor.impact->by_document)
          for (auto& [sum, d] : tried) sum += cursor.weight * cursor.codes[d];
      std::nth_element(tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(k_ - 1), tried.end(), std::greater<>());
      floor = tried[k_ - 1].first;
    }
    std::fill(sums_.begin(), sums_.end(), 0);
    return floor;
  }

  void add(Cursor& cursor, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t weight = cursor.weight;
    if (cursor.impact->by_document) {
      for (std::uint32_t d = begin; d < end; ++d) window_[d - begin] += weight * cursor.codes[d];
      return;
    }
    if (cursor.at < cursor.size && cursor.documents[cursor.at] < begin) cursor.seek(begin);
    std::uint32_t i = cursor.at;
    for (; i < cursor.size && cursor.documents[i] < end; ++i) window_[cursor.documents[i] - begin] += weight * cursor.codes[i];
    cursor.at = i;
  }

  // What a document needs to have before `reach`, by class.
  std::array<std::uint32_t, kClasses> needed(const Reach& reach) const {
    std::array<std::uint32_t, kClasses> need;
    for (std::size_t c = 0; c < kClasses; ++c) need[c] = floor_ > reach.of[c] ? floor_ - reach.of[c] : 1;
    return need;
  }

  void gather(const Bits& among, std::uint32_t begin, std::uint32_t end, const Reach& reach) {
    const auto need = needed(reach);
    std::size_t kept = 0;
    for (std::uint32_t w = begin / 64; w < (end + 63) / 64; ++w) {
      const std::uint64_t word = among[w];
      if (word == 0) continue;
      const std::uint32_t last = std::min(end, w * 64 + 64);
      for (std::uint32_t d = w * 64; d < last; ++d) {
        open_[kept] = static_cast<std::uint16_t>(d);
        kept += (word >> (d % 64) & 1) & (window_[d - begin] >= need[classes_[d]] ? 1u : 0u);
      }
    }
    opened_ = kept;
  }

  void finish(Cursor& cursor, const Reach& reach, std::uint32_t begin, std::uint32_t end) {
    const auto need = needed(reach);
    const std::uint32_t weight = cursor.weight;
    std::size_t kept = 0;
    const auto keep_if_enough = [&](std::uint16_t d, std::uint32_t sum) {
      open_[kept] = d;
      kept += sum >= need[classes_[d]] ? 1u : 0u;
    };
    if (cursor.impact->by_document) {
      for (std::size_t i = 0; i < opened_; ++i) {
        const std::uint16_t d = open_[i];
        keep_if_enough(d, window_[d - begin] += weight * cursor.codes[d]);
      }
    } else if (opened_ > kFew) {
      add(cursor, begin, end);
      for (std::size_t i = 0; i < opened_; ++i) keep_if_enough(open_[i], window_[open_[i] - begin]);
    } else {
      for (std::size_t i = 0; i < opened_; ++i) {
        const std::uint16_t d = open_[i];
        if (cursor.at < cursor.size && cursor.documents[cursor.at] < d) cursor.seek(d);
        if (cursor.at < cursor.size && cursor.documents[cursor.at] == d) window_[d - begin] += weight * cursor.codes[cursor.at];
        keep_if_enough(d, window_[d - begin]);
      }
    }
    opened_ = kept;
  }

  void keep(const Best& candidate) {
    if (best_.size() == k_) {
      if (!better(candidate, best_.front())) return;
      std::pop_heap(best_.begin(), best_.end(), better);
      best_.back() = candidate;
    } else {
      best_.push_back(candidate);
    }
    std::push_heap(best_.begin(), best_.end(), better);
  }

  std::size_t k_;
  std::vector<std::uint32_t>& sums_;
  std::vector<Best> best_;
  std::vector<Cursor> cursors_;
  std::vector<Reach> reach_;  // of the first so many cursors
  const std::uint8_t* classes_ = nullptr;
  std::uint16_t open_[kWindow];
  std::size_t opened_ = 0;
  std::uint32_t floor_ = 0;
  std::uint32_t window_[kWindow];
};

}  // namespace

Scoring Index::scoring(const std::vector<WeightedTerm>& terms) {
  norms_.set(bm25, total_length_, live_);
  Scoring out;
  double most = 0;
  for (const WeightedTerm& term : terms) most += std::max(0.f, term.weight) * (bm25.k1[static_cast<std::size_t>(stream_of(term.key))] + 1);
  const double scale = most > 0 ? kMostSum / 255 / most : 0;
  out.unit = 255 * scale;
  for (const WeightedTerm& term : terms)
    out.weights.push_back(term.weight > 0 ? static_cast<std::uint32_t>(std::max(1.0, term.weight * (bm25.k1[static_cast<std::size_t>(stream_of(term.key))] + 1) * scale)) : 0);
  for (Part& part : parts_) {
    auto& impacts = out.parts.emplace_back();
    impacts.reserve(terms.size());
    for (const WeightedTerm& term : terms) impacts.push_back(term.weight > 0 ? part.impacts.find(*part.segment, term.key, norms_) : nullptr);
  }
  return out;
}

std::vector<Candidate> Index::search(const Scoring& scoring, const Selection& among, std::size_t k) {
  std::vector<Candidate> out;
  if (k == 0 || among.count == 0) return out;
  PartSearch search(k, sums_);
  for (std::uint32_t p = 0; p < parts_.size(); ++p) search.run(p, *parts_[p].segment, scoring, parts_[p].impacts.classes(), among.bits[p]);
  for (const Best& b : search.take()) out.push_back({static_cast<float>(b.sum / scoring.unit), b.part, b.document, b.entry});
  return out;
}

float Index::score_of(const Scoring& scoring, std::size_t part, std::uint16_t document) const {
  std::uint32_t sum = 0;
  const auto& impacts = scoring.parts[part];
  for (std::size_t t = 0; t < impacts.size(); ++t)
    if (impacts[t] != nullptr) sum += scoring.weights[t] * impacts[t]->of(document);
  return static_cast<float>(sum / scoring.unit);
}

bool Index::find(EntryId entry, const Selection& selection, const Scoring& scoring, Candidate& out) const {
  std::size_t p = 0, d = 0;
  if (!locate(entry, p, d) || (selection.bits[p][d / 64] >> (d % 64) & 1) == 0) return false;
  out = {score_of(scoring, p, static_cast<std::uint16_t>(d)), static_cast<std::uint32_t>(p), static_cast<std::uint16_t>(d), entry};
  return true;
}

std::vector<float> Index::contributions(const Scoring& scoring, const Candidate& hit) const {
  std::vector<float> out;
  const auto& impacts = scoring.parts[hit.part];
  for (std::size_t t = 0; t < impacts.size(); ++t)
    out.push_back(impacts[t] != nullptr ? static_cast<float>(scoring.weights[t] * impacts[t]->of(hit.document) / scoring.unit) : 0.f);
  return out;
}

}  // namespace hotline::kb
