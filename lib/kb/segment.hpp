// A segment: the postings of up to 65,536 documents, never changed once made. In memory plain arrays; on disk one
// blob of deltas with a checksum.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "kb/terms.hpp"

namespace hotline::kb {

using EntryId = std::uint64_t;  // one indexed revision; grows, never used again
constexpr std::size_t kSegmentDocuments = 65536;

struct Postings {
  const std::uint16_t* documents = nullptr;
  const std::uint8_t* counts = nullptr;
  std::uint32_t size = 0;
  std::uint32_t key = 0;  // the place of its key in the segment
};

class Segment {
 public:
  std::size_t size() const { return entries_.size(); }
  EntryId entry(std::size_t document) const { return entries_[document]; }
  const std::vector<EntryId>& entries() const { return entries_; }
  const std::uint8_t* lengths(Stream stream) const { return lengths_[static_cast<std::size_t>(stream)].data(); }
  Postings find(std::uint64_t key) const;
  std::size_t key_count() const { return keys_.size(); }
  std::uint64_t key(std::size_t i) const { return keys_[i]; }
  Postings at(std::size_t i) const { return {documents_.data() + starts_[i], counts_.data() + starts_[i], starts_[i + 1] - starts_[i], static_cast<std::uint32_t>(i)}; }
  std::size_t posting_count() const { return documents_.size(); }
  bool operator==(const Segment& other) const {
    return entries_ == other.entries_ && lengths_ == other.lengths_ && keys_ == other.keys_ && starts_ == other.starts_ &&
           documents_ == other.documents_ && counts_ == other.counts_;
  }
  // How many terms a document has, found the slow way.
  std::size_t term_count(std::size_t document) const;

  std::string encode() const;
  // Errors: corrupt. Never trusts a byte.
  static Result<std::shared_ptr<const Segment>> decode(std::string_view blob);

 private:
  friend class SegmentBuilder;
  friend std::shared_ptr<const Segment> merge(std::span<const Segment* const>, std::span<const std::vector<bool>* const>);
  void index_keys();

  std::vector<EntryId> entries_;  // ascending
  std::array<std::vector<std::uint8_t>, kStreams> lengths_;
  std::vector<std::uint64_t> keys_;  // ascending; they are hashes, so their head tells where to look
  std::vector<std::uint32_t> directory_;
  int shift_ = 63;
  // A bit for each eighth of a directory's slot: most keys that are asked for are not here, and this is small enough to
  // stay near.
  static constexpr int kFiner = 3;
  std::vector<std::uint8_t> present_;
  std::uint8_t presence(std::uint64_t key) const { return static_cast<std::uint8_t>(1u << (key >> (shift_ - kFiner) & 7)); }
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint16_t> documents_;
  std::vector<std::uint8_t> counts_;
  mutable std::vector<std::uint32_t> term_counts_;  // made for verification only, by one thread
};

// The bytes with their checksum behind them.
std::string seal_segment(std::string bytes);

class SegmentBuilder {
 public:
  // Entries ascend. At most kSegmentDocuments.
  void add(EntryId entry, const DocumentTerms& terms);
  std::size_t size() const { return entries_.size(); }
  std::shared_ptr<const Segment> build();

 private:
  struct Item {
    std::uint32_t term;
    std::uint16_t document;
    std::uint8_t count;
  };
  std::uint32_t number(std::uint64_t key);
  void grow();
  std::vector<EntryId> entries_;
  std::array<std::vector<std::uint8_t>, kStreams> lengths_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> table_;  // open addressing into keys_; 0 is free, else number + 1
  std::vector<Item> items_;
};

// One segment of the documents of several, in their order, without those marked dead. A missing list is all alive.
std::shared_ptr<const Segment> merge(std::span<const Segment* const> segments,
                                     std::span<const std::vector<bool>* const> dead);

}  // namespace hotline::kb
