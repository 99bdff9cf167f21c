// A change on its way: what it adds to the index and takes from it.
#pragma once

#include "kb/impl.hpp"

namespace hotline::kb {

struct Planned {
  EntryId entry = 0;
  const Article* article = nullptr;
  const DocumentTerms* terms = nullptr;
  int number = 0;
  State state = State::draft;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

struct KnowledgeBase::Impl::Plan {
  std::vector<Planned> added;
  std::unordered_map<std::string_view, std::vector<std::size_t>> places;  // of an article in `added`
  std::vector<EntryId> removed;
  std::vector<std::pair<EntryId, std::int64_t>> ended;  // with the new end
  Meta meta;           // after the commit
  bool words = false;  // synonyms, pins, terms or learned questions changed
  std::shared_ptr<const Segment> segment;
  std::int64_t segment_id = 0;
  std::size_t first = 0;  // the parts from here on go into it
  bool moved = false;     // segments are others, their contents are not

  bool changes() const { return words || moved || !added.empty() || !removed.empty() || !ended.empty(); }
};

}  // namespace hotline::kb
