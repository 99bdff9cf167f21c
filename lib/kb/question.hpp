// A question, read: its terms with weights, what stands in for them, what must and must not occur.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kb/impl.hpp"
#include "kb/small.hpp"

namespace hotline::kb {

struct QuestionTerm {
  std::uint64_t key = 0;
  std::u32string text;
  float weight = 0;       // with idf, for scoring
  float information = 0;  // for confidence; 0: does not count
  Mark::Kind kind = Mark::Kind::exact;
  std::string expansion;  // "" for what was asked
  int stands_for = -1;    // the term that this one stands in for
};

struct Question {
  std::string free;                   // what is left without quotes and exclusions
  std::vector<std::string> required;  // quoted
  std::vector<std::string> excluded;
  std::string number;                 // document number, folded
  std::u32string folded;              // of `free`, without punctuation at its ends
  std::vector<QuestionTerm> terms;
  std::vector<std::uint64_t> phrase;  // keys that a text with the whole question has; empty: no phrase
  float information = 0;              // of all terms
  std::vector<std::string> notes;

  std::vector<WeightedTerm> weighted() const;
};

// The outer form only: quotes, exclusions, document number.
Question split_question(std::string_view text);

float stream_weight(const Ranking& ranking, Stream stream);

// With terms, against an index.
class QuestionReader {
 public:
  // `small` is nullptr for a full index.
  QuestionReader(Index& index, text::Analyzer& analyzer, Words& words, const Ranking& ranking, small::Reader* small = nullptr)
      : index_(index), analyzer_(analyzer), words_(words), ranking_(ranking), small_(small) {}
  Question read(std::string_view text, const Filters& filters);

 private:
  void add_terms(Question& q);
  void add_synonyms(Question& q, const Filters& filters);
  void add_same_sounds(Question& q);
  void add_pinyin(Question& q, std::size_t term);
  void add_typos(Question& q);
  void add(Question& q, Stream stream, std::u32string_view text, float factor, Mark::Kind kind, std::string why, int stands_for);
  float weight_of(Stream stream, std::uint32_t document_frequency) const;
  void analyse(std::string_view text);
  std::uint32_t frequency(std::uint64_t key) { return small_ != nullptr ? small_->frequency(key) : index_.document_frequency(key); }

  Index& index_;
  text::Analyzer& analyzer_;
  Words& words_;
  const Ranking& ranking_;
  small::Reader* small_;
  text::Analysis analysis_;
};

// Keys that every text holding `phrase` has, or none where the phrase is a single token.
std::vector<std::uint64_t> phrase_keys(text::Analyzer& analyzer, std::string_view phrase);

}  // namespace hotline::kb
