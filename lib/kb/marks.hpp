// Where a question's terms stand in a text, and the passage that answers best. Private.
#pragma once

#include "kb/question.hpp"

namespace hotline::kb {

class Marker {
 public:
  Marker(const Question& question, text::Analyzer& analyzer);
  // Maximal runs of what matched, in bytes of `original`.
  std::vector<Mark> marks(std::string_view original);
  // Some 120 characters with the most of the question, out of one passage, cut at sentences where it can be. `where` has no
  // anchor if nothing of the question is in the text.
  std::string passage(std::string_view original, std::vector<Mark>& marks, Passage& where);

 private:
  struct Found {
    std::uint32_t begin, end;  // positions
    Mark::Kind kind;
    float information;
  };
  std::vector<Found> find(std::string_view original);
  std::vector<Mark> merged(const std::vector<Found>& found) const;
  std::uint32_t position(std::uint32_t byte) const;

  struct Meaning {
    Mark::Kind kind;
    float information;
  };
  std::unordered_map<std::uint64_t, Meaning> keys_;
  bool single_ = false;  // the question is one character
  text::Analyzer& analyzer_;
  text::Analysis analysis_;
};

}  // namespace hotline::kb
