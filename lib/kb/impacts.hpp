// What each posting adds to a score, in a byte, found when a term is first asked for and kept while the norms are the
// same. Private.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "kb/segment.hpp"

namespace hotline::kb {

struct Bm25 {
  std::array<float, kStreams> k1{1.2f, 1.2f, 1.2f, 1.2f};
  std::array<float, kStreams> b{0.75f, 0.75f, 0.75f, 0.75f};
};

// BM25 without idf, as a table: by stream, count and length, in 255ths of its limit (k1 + 1).
class Norms {
 public:
  static constexpr std::size_t kCounts = 32;  // half units told apart; above it nothing changes any more
  // The means are rounded as lengths are, so that few changes of the index change any norm.
  void set(const Bm25& bm25, const std::array<std::uint64_t, kStreams>& total_length, std::size_t documents);
  // By count and length: [count * 256 + length].
  const std::uint8_t* codes(Stream stream) const { return &codes_[static_cast<std::size_t>(stream) * kCounts * 256]; }
  std::uint64_t version() const { return version_; }

 private:
  std::array<std::uint8_t, kStreams> means_{};
  std::vector<std::uint8_t> codes_;
  std::uint64_t version_ = 0;  // 0: never set
};

// Documents of about one length: what a posting adds depends on it, so the most that one of a class adds is a good bound.
constexpr std::size_t kClasses = 16;

struct Impact {
  Postings list;
  std::unique_ptr<std::uint8_t[]> codes;  // 0 is none
  bool by_document = false;               // a byte for every document, else for every posting
  std::uint8_t most = 0;
  std::array<std::uint8_t, kClasses> most_of{};  // by class
  Stream stream = Stream::word;

  // Of a document, 0 where it does not have the term.
  std::uint8_t of(std::uint16_t document) const;
};

class Impacts {
 public:
  // Null where no document has it. Stays where it is until the norms change.
  const Impact* find(const Segment& segment, std::uint64_t key, const Norms& norms);
  // By document. Known once anything was found.
  const std::uint8_t* classes() const { return classes_.data(); }

 private:
  void classify(const Segment& segment);
  std::vector<std::uint8_t> classes_;
  std::unordered_map<std::uint32_t, Impact> by_key_;
  std::uint64_t norms_ = 0;  // their version
};

}  // namespace hotline::kb
