#include <algorithm>
#include <bit>
#include <cmath>

#include "kb/index.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kWindow = 2048;
constexpr std::size_t kCounts = 32;  // half units told apart; above it nothing changes any more

bool better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.entry < b.entry;
}

struct Cursor {
  Postings list;
  std::uint32_t at = 0;
  float weight = 0;
  float most = 0;  // upper bound of what it adds
  const float* norms = nullptr;
  const std::uint8_t* lengths = nullptr;

  float score(std::uint32_t i) const {
    const std::uint16_t d = list.documents[i];
    return weight * norms[std::min<std::size_t>(list.counts[i], kCounts - 1) * 256 + lengths[d]];
  }
  // Moves to the first posting at or after `document`, galloping.
  void seek(std::uint32_t document) {
    std::uint32_t step = 1;
    std::uint32_t low = at;
    while (low + step < list.size && list.documents[low + step] < document) {
      low += step;
      step *= 2;
    }
    const auto* end = list.documents + std::min(list.size, low + step + 1);
    at = static_cast<std::uint32_t>(std::lower_bound(list.documents + low, end, document) - list.documents);
  }
};

}  // namespace

void Index::refresh_norms() {
  if (norms_fresh_) return;
  norms_fresh_ = true;
  ++norms_version_;
  norms_.resize(kStreams * kCounts * 256);
  for (std::size_t s = 0; s < kStreams; ++s) {
    const double mean = live_ > 0 ? std::max(1.0, static_cast<double>(total_length_[s]) / static_cast<double>(live_)) : 1.0;
    const double k1 = bm25.k1[s];
    const double b = bm25.b[s];
    for (std::size_t n = 0; n < kCounts; ++n)
      for (std::size_t l = 0; l < 256; ++l) {
        const double count = static_cast<double>(n) / 2;
        const double norm = k1 * (1 - b + b * decoded_length(static_cast<std::uint8_t>(l)) / mean);
        norms_[(s * kCounts + n) * 256 + l] = n == 0 ? 0.f : static_cast<float>(count * (k1 + 1) / (count + norm));
      }
  }
}

// The most that a posting of the list adds: found by looking at all of them once, and kept while the norms are the same.
float Index::most_of(Part& part, const Postings& list, Stream stream) const {
  if (part.most_of != norms_version_ || part.most.size() != part.segment->key_count()) {
    part.most.assign(part.segment->key_count(), 0.f);
    part.most_of = norms_version_;
  }
  float& most = part.most[list.key];
  if (most > 0) return most;
  const float* norms = &norms_[static_cast<std::size_t>(stream) * kCounts * 256];
  const std::uint8_t* lengths = part.segment->lengths(stream);
  for (std::uint32_t i = 0; i < list.size; ++i)
    most = std::max(most, norms[std::min<std::size_t>(list.counts[i], kCounts - 1) * 256 + lengths[list.documents[i]]]);
  return most;
}

void Index::search_part(std::size_t p, const std::vector<WeightedTerm>& terms, const Bits& among, std::size_t k,
                        std::vector<Candidate>& heap) {
  const Segment& segment = *parts_[p].segment;
  std::vector<Cursor> cursors;
  cursors.reserve(terms.size());
  for (const WeightedTerm& term : terms) {
    const Postings list = segment.find(term.key);
    if (list.size == 0 || term.weight <= 0) continue;
    const Stream stream = stream_of(term.key);
    const auto s = static_cast<std::size_t>(stream);
    cursors.push_back({list, 0, term.weight, term.weight * most_of(parts_[p], list, stream), &norms_[s * kCounts * 256], segment.lengths(stream)});
  }
  if (cursors.empty()) return;
  std::sort(cursors.begin(), cursors.end(), [](const Cursor& a, const Cursor& b) { return a.most < b.most; });
  std::vector<float> reach(cursors.size() + 1, 0.f);  // what the first i can add together
  for (std::size_t i = 0; i < cursors.size(); ++i) reach[i + 1] = reach[i] + cursors[i].most;

  float scores[kWindow];
  std::vector<std::uint16_t> open;
  const auto size = static_cast<std::uint32_t>(segment.size());
  for (std::uint32_t begin = 0; begin < size; begin += kWindow) {
    const std::uint32_t end = std::min<std::uint32_t>(size, begin + kWindow);
    const std::size_t first_word = begin / 64;
    const std::size_t last_word = (end + 63) / 64;
    if (std::all_of(among.begin() + static_cast<std::ptrdiff_t>(first_word), among.begin() + static_cast<std::ptrdiff_t>(last_word),
                    [](std::uint64_t w) { return w == 0; }))
      continue;
    const float floor = heap.size() == k ? heap.front().score : 0.f;
    std::size_t optional = 0;  // the first cursors cannot lift a document above the floor by themselves
    while (optional < cursors.size() && reach[optional + 1] < floor) ++optional;
    if (optional == cursors.size()) return;
    std::fill(scores, scores + (end - begin), 0.f);
    for (std::size_t c = optional; c < cursors.size(); ++c) {
      Cursor& cursor = cursors[c];
      if (cursor.at < cursor.list.size && cursor.list.documents[cursor.at] < begin) cursor.seek(begin);
      std::uint32_t i = cursor.at;
      for (; i < cursor.list.size && cursor.list.documents[i] < end; ++i)
        scores[cursor.list.documents[i] - begin] += cursor.score(i);
      cursor.at = i;
    }
    const float need = floor - reach[optional];
    open.clear();
    for (std::size_t w = first_word; w < last_word; ++w)
      for (std::uint64_t word = among[w]; word != 0; word &= word - 1) {
        const auto d = static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
        const float score = scores[d - begin];
        if (score > 0 && score >= need) open.push_back(static_cast<std::uint16_t>(d));
      }
    for (std::size_t c = optional; c-- > 0 && !open.empty();) {
      Cursor& cursor = cursors[c];
      std::size_t kept = 0;
      for (const std::uint16_t d : open) {
        if (cursor.at < cursor.list.size && cursor.list.documents[cursor.at] < d) cursor.seek(d);
        float& score = scores[d - begin];
        if (cursor.at < cursor.list.size && cursor.list.documents[cursor.at] == d) score += cursor.score(cursor.at);
        if (score + reach[c] * 1.0001f >= floor) open[kept++] = d;
      }
      open.resize(kept);
    }
    for (const std::uint16_t d : open) {
      const Candidate candidate{scores[d - begin], static_cast<std::uint32_t>(p), d, segment.entry(d)};
      if (heap.size() < k) {
        heap.push_back(candidate);
        std::push_heap(heap.begin(), heap.end(), better);
      } else if (better(candidate, heap.front())) {
        std::pop_heap(heap.begin(), heap.end(), better);
        heap.back() = candidate;
        std::push_heap(heap.begin(), heap.end(), better);
      }
    }
  }
}

std::vector<Candidate> Index::search(const std::vector<WeightedTerm>& terms, const Selection& among, std::size_t k) {
  std::vector<Candidate> heap;
  if (k == 0 || among.count == 0) return heap;
  refresh_norms();
  for (std::size_t p = 0; p < parts_.size(); ++p) search_part(p, terms, among.bits[p], k, heap);
  std::sort_heap(heap.begin(), heap.end(), better);
  return heap;
}

bool Index::find(EntryId entry, const Selection& selection, const std::vector<WeightedTerm>& terms, Candidate& out) {
  std::size_t p = 0, d = 0;
  if (!locate(entry, p, d) || (selection.bits[p][d / 64] >> (d % 64) & 1) == 0) return false;
  out = {0, static_cast<std::uint32_t>(p), static_cast<std::uint16_t>(d), entry};
  for (const float add : contributions(terms, out)) out.score += add;
  return true;
}

std::vector<float> Index::contributions(const std::vector<WeightedTerm>& terms, const Candidate& hit) {
  refresh_norms();
  const Segment& segment = *parts_[hit.part].segment;
  std::vector<float> out;
  for (const WeightedTerm& term : terms) {
    const Postings list = segment.find(term.key);
    const auto* end = list.documents + list.size;
    const auto* at = std::lower_bound(list.documents, end, hit.document);
    float add = 0;
    if (at != end && *at == hit.document) {
      const Stream stream = stream_of(term.key);
      const auto count = std::min<std::size_t>(list.counts[at - list.documents], kCounts - 1);
      add = term.weight * norms_[(static_cast<std::size_t>(stream) * kCounts + count) * 256 + segment.lengths(stream)[hit.document]];
    }
    out.push_back(add);
  }
  return out;
}

}  // namespace hotline::kb
