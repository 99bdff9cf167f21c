// The ranking index in memory: segments, the facts that filters ask, and scoring. Confined.
//
// Scoring is BM25 (Robertson and Zaragoza 2009), each stream with its own lengths, raw scores added, in whole numbers, so
// that no order of adding makes a difference; only the best k are exact, found with MaxScore over windows (Turtle and
// Flood 1995; the windows as in Lucene's MaxScoreBulkScorer).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hotline/kb/search.hpp"
#include "kb/impacts.hpp"
#include "kb/segment.hpp"

namespace hotline::kb {

// Names as numbers; 0 is "".
class Names {
 public:
  std::uint32_t number(std::string_view name);
  std::uint32_t find(std::string_view name) const;  // ~0 where it was never seen
  const std::string& name(std::uint32_t number) const { return names_[number]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_{""};
  std::unordered_map<std::string, std::uint32_t> numbers_{{"", 0}};
};

// What filters ask of an indexed revision.
struct Facts {
  EntryId entry = 0;
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  std::uint32_t article = 0;
  std::uint32_t revision = 0;
  std::uint32_t library = 0;
  std::uint32_t jurisdiction = 0;
  std::uint32_t department = 0;
  std::uint32_t catalogue = 0;
  std::uint32_t overlays = 0;
  std::uint32_t supersedes = 0;
  std::uint32_t work = 0;      // what its title is a part of
  std::uint32_t audience = 0;  // bits
  Kind kind = Kind::qa;
  State state = State::published;
  Channels channels = kEveryChannel;
  Overlay overlay = Overlay::add;

  bool operator==(const Facts&) const = default;
  bool valid_at(std::int64_t now) const { return state == State::published && from <= now && now < to; }
};

using Bits = std::vector<std::uint64_t>;

// Documents of each segment that pass.
struct Selection {
  std::vector<Bits> bits;
  std::size_t count = 0;
};

struct Passing {
  Selection own;      // valid, of this place or those it lies in
  Selection others;   // valid, of other places
  Selection invalid;  // not valid now
  std::unordered_map<std::uint32_t, std::uint32_t> replaced;  // article -> the one in force instead
  std::int64_t since = 0;  // holds for as_of in [since, until)
  std::int64_t until = 0;
};

struct WeightedTerm {
  std::uint64_t key = 0;
  float weight = 0;  // with idf and stream weight
};

struct Candidate {
  float score = 0;
  std::uint32_t part = 0;
  std::uint16_t document = 0;
  EntryId entry = 0;
};

// Terms looked up in every part, with whole-number weights. Good until the index changes.
struct Scoring {
  std::vector<std::uint32_t> weights;           // 0: does not count
  std::vector<std::vector<const Impact*>> parts;  // by part, then by term; null where it has none
  double unit = 0;                              // a score of 1 in these numbers
};

class Index {
 public:
  struct Part {
    std::int64_t id = 0;  // of its row
    std::shared_ptr<const Segment> segment;
    std::vector<Facts> facts;
    std::vector<bool> dead;
    std::size_t live = 0;
    Impacts impacts{};
  };

  Names names;
  Bm25 bm25;

  // A segment after all others. Facts in the order of its entries; those without facts (entry 0) are dead.
  void append(std::int64_t id, std::shared_ptr<const Segment> segment, std::vector<Facts> facts);
  // The parts from `first` on, made one.
  void replace_tail(std::size_t first, std::int64_t id, std::shared_ptr<const Segment> segment, std::vector<Facts> facts);
  // Groups of neighbouring parts, each now one part (or none, where the segment is empty).
  struct Joined {
    std::size_t begin = 0, end = 0;
    std::int64_t id = 0;
    std::shared_ptr<const Segment> segment;
  };
  void join(const std::vector<Joined>& groups);
  // The parts are these from now on, in this order. A part that is there already keeps its place in memory (`segment`
  // is empty); of a new one the facts are those at hand here, else what `fresh` has; entries without facts are dead.
  struct Arranged {
    std::int64_t id = 0;
    std::shared_ptr<const Segment> segment;
  };
  void arrange(const std::vector<Arranged>& parts, const std::unordered_map<EntryId, Facts>& fresh);
  // False where it is not there (any more).
  bool remove(EntryId entry);
  void end_at(EntryId entry, std::int64_t to);
  void clear();

  const std::vector<Part>& parts() const { return parts_; }
  std::size_t live() const { return live_; }
  const Facts* facts(EntryId entry) const;
  bool in(const Selection& selection, EntryId entry) const;
  // The entry with its whole score, if it is in the selection.
  bool find(EntryId entry, const Selection& selection, const Scoring& scoring, Candidate& out) const;
  std::size_t article_count() const { return by_article_.size(); }
  // True when the entry is live with exactly these terms and lengths.
  bool holds(EntryId entry, const DocumentTerms& terms) const;
  // Live entries of an article, oldest first.
  const std::vector<EntryId>& entries_of(std::uint32_t article) const;
  // Live entries whose titles are parts of one work.
  std::uint32_t work_size(std::uint32_t work) const { return work < works_.size() ? works_[work] : 0; }
  bool any_work() const { return parts_of_works_ > 0; }

  std::uint32_t document_frequency(std::uint64_t key) const;
  float idf(std::uint32_t document_frequency) const;
  float largest_idf() const { return idf(0); }

  const Passing& passing(const Filters& filters, std::int64_t as_of);
  Scoring scoring(const std::vector<WeightedTerm>& terms);
  // The best k, best first; equal scores: the older entry first.
  std::vector<Candidate> search(const Scoring& scoring, const Selection& among, std::size_t k);
  // What each term adds to a document.
  std::vector<float> contributions(const Scoring& scoring, const Candidate& hit) const;
  // Of `among`, those that have every key.
  Selection conjunction(const std::vector<std::uint64_t>& keys, const Selection& among) const;
  void subtract(Selection& from, const Selection& what) const;
  std::uint32_t audience_bit(std::string_view audience);

 private:
  bool locate(EntryId entry, std::size_t& part, std::size_t& document) const;
  void count_in(const Part& part, std::size_t document, int sign);
  void know_article(std::uint32_t article, EntryId entry);
  void forget_article(std::uint32_t article, EntryId entry);
  void forget(const Part& part);
  float score_of(const Scoring& scoring, std::size_t part, std::uint16_t document) const;
  void compile(const Filters& filters, std::int64_t as_of, Passing& out);

  std::vector<Part> parts_;
  std::size_t live_ = 0;
  std::array<std::uint64_t, kStreams> total_length_{};
  std::unordered_map<std::uint32_t, std::vector<EntryId>> by_article_;
  std::unordered_map<std::uint32_t, int> audiences_;
  std::vector<std::uint32_t> works_;  // by name, how many live entries
  std::size_t parts_of_works_ = 0;
  Norms norms_;
  std::vector<std::uint32_t> sums_;  // zeros between two searches
  struct Cached {
    Filters filters;
    std::unique_ptr<Passing> passing;
    std::uint64_t used = 0;
  };
  std::vector<Cached> cache_;
  std::uint64_t clock_ = 0;
};

}  // namespace hotline::kb
