// The small footprint: what articles say is kept by SQLite's FTS5 on the disk, cut into bigrams beforehand; memory holds
// only the facts that filters ask. Private.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "hotline/store/database.hpp"
#include "kb/index.hpp"

namespace hotline::kb::small {

// Of a text's tokens those that are kept: bigrams, words of letters and digits, characters that stand alone.
void keep_only(text::Analysis& analysis);

// Makes the table anew, empty. Errors: unsupported (not SQLite, or SQLite without FTS5).
Status create(store::Transaction& t);
Status add(store::Transaction& t, text::Analyzer& analyzer, EntryId entry, const Article& article);
// `article` is the one that was added.
Status remove(store::Transaction& t, text::Analyzer& analyzer, EntryId entry, const Article& article);
Status optimize(store::Transaction& t);
// Errors: corrupt, where FTS5 finds its table damaged, or it has not so many entries and as many words as they had.
Status check(store::Transaction& t, std::size_t entries);
Result<std::uint64_t> bytes(store::Transaction& t);
// A digest of each entry's terms, as they are in the table, and as they should be. For verification.
Status digests(store::Transaction& t, std::unordered_map<EntryId, std::uint64_t>& out);
std::uint64_t digest(text::Analyzer& analyzer, const Article& article);

// One search. Confined.
class Reader {
 public:
  Reader(store::Transaction& t, Index& index) : t_(t), index_(index), none_(index.scoring({})) {}
  // 0 where it fails; `status` says so.
  std::uint32_t frequency(std::uint64_t key);
  const Status& status() const { return status_; }
  // As Index has them. The commonest terms are not looked for.
  Result<std::vector<Candidate>> search(const std::vector<WeightedTerm>& terms, const Selection& among, std::size_t k);
  Result<Selection> conjunction(const std::vector<std::uint64_t>& keys, const Selection& among);
  // The weights of the terms that an article has.
  static std::vector<float> contributions(const std::vector<WeightedTerm>& terms, text::Analyzer& analyzer, const Article& article);

 private:
  store::Transaction& t_;
  Index& index_;
  Scoring none_;
  Status status_;
  std::unordered_map<std::uint64_t, std::uint32_t> frequencies_;
};

}  // namespace hotline::kb::small
