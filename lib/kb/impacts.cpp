#include "kb/impacts.hpp"

#include <algorithm>
#include <cmath>

namespace hotline::kb {
namespace {

constexpr std::uint32_t kDense = 8;  // a list of more than an eighth of the documents is kept by document

}  // namespace

void Norms::set(const Bm25& bm25, const std::array<std::uint64_t, kStreams>& total_length, std::size_t documents) {
  std::array<std::uint8_t, kStreams> means{};
  for (std::size_t s = 0; s < kStreams; ++s) means[s] = length_code(static_cast<std::uint32_t>(total_length[s] / std::max<std::size_t>(1, documents)));
  if (version_ > 0 && means == means_) return;
  ++version_;
  means_ = means;
  codes_.resize(kStreams * kCounts * 256);
  for (std::size_t s = 0; s < kStreams; ++s) {
    const double mean = std::max(1.0, static_cast<double>(decoded_length(means[s])));
    const double k1 = bm25.k1[s];
    const double b = bm25.b[s];
    for (std::size_t n = 1; n < kCounts; ++n)
      for (std::size_t l = 0; l < 256; ++l) {
        const double count = static_cast<double>(n) / 2;
        const double norm = k1 * (1 - b + b * decoded_length(static_cast<std::uint8_t>(l)) / mean);
        codes_[(s * kCounts + n) * 256 + l] = static_cast<std::uint8_t>(std::max(1.0, std::round(255 * count / (count + norm))));
      }
  }
}

std::uint8_t Impact::of(std::uint16_t document) const {
  if (by_document) return codes[document];
  const auto* end = list.documents + list.size;
  const auto* at = std::lower_bound(list.documents, end, document);
  return at != end && *at == document ? codes[static_cast<std::size_t>(at - list.documents)] : std::uint8_t{0};
}

// Sixteen classes of about as many documents each, the shortest first, by the stream in which they are longest.
void Impacts::classify(const Segment& segment) {
  classes_.resize(segment.size());
  std::array<std::size_t, 256> having{};
  for (std::size_t d = 0; d < classes_.size(); ++d) {
    for (std::size_t s = 0; s < kStreams; ++s) classes_[d] = std::max(classes_[d], segment.lengths(static_cast<Stream>(s))[d]);
    ++having[classes_[d]];
  }
  std::array<std::uint8_t, 256> class_of{};
  std::size_t shorter = 0;
  for (std::size_t length = 0; length < having.size(); ++length) {
    class_of[length] = static_cast<std::uint8_t>(std::min(kClasses - 1, shorter * kClasses / classes_.size()));
    shorter += having[length];
  }
  for (std::uint8_t& c : classes_) c = class_of[c];
}

const Impact* Impacts::find(const Segment& segment, std::uint64_t key, const Norms& norms) {
  if (norms_ != norms.version()) {
    by_key_.clear();
    norms_ = norms.version();
  }
  const Postings list = segment.find(key);
  if (list.size == 0) return nullptr;
  if (classes_.empty()) classify(segment);
  Impact& impact = by_key_[list.key];
  if (impact.codes != nullptr) return &impact;
  impact.list = list;
  impact.stream = stream_of(key);
  impact.by_document = list.size > segment.size() / kDense;
  impact.codes = std::make_unique<std::uint8_t[]>(impact.by_document ? segment.size() : list.size);
  const std::uint8_t* lengths = segment.lengths(impact.stream);
  const std::uint8_t* codes = norms.codes(impact.stream);
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const std::uint16_t d = list.documents[i];
    const std::uint8_t code = codes[std::min<std::size_t>(list.counts[i], Norms::kCounts - 1) * 256 + lengths[d]];
    impact.codes[impact.by_document ? d : i] = code;
    std::uint8_t& most = impact.most_of[classes_[d]];
    if (code > most) most = code;
  }
  impact.most = *std::max_element(impact.most_of.begin(), impact.most_of.end());
  return &impact;
}

}  // namespace hotline::kb
