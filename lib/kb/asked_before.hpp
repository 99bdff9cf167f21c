// Questions that led to an article before: a field of its own, compared with a question as a whole. Private.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "kb/question.hpp"

namespace hotline::kb {

// Confined.
class AskedBefore {
 public:
  struct Match {
    std::uint32_t article = 0;
    std::uint32_t question = 0;  // the one that resembles most
    float support = 0;           // 0..1: how much more than the floor, by what the choices weigh
    float lift = 0;              // the same, less where few articles have questions
  };
  void clear();
  // An article's questions one after another.
  void add(std::uint32_t article, std::string_view question, double weight, text::Analyzer& analyzer);
  // Articles with a question that resembles this one more than the floor.
  std::vector<Match> find(const Question& asked, const Index& index, const Ranking& ranking);
  const std::string& text(std::uint32_t question) const { return questions_[question].text; }

 private:
  struct One {
    std::uint32_t article = 0;
    float weight = 0;
    std::string text;
    std::vector<std::uint64_t> keys;
  };
  float weight_of(std::uint64_t key, const Ranking& ranking) const;

  std::vector<One> questions_;
  std::size_t articles_ = 0;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_key_;
  std::vector<float> shared_;  // by question; zeros between two calls
  text::Analysis analysis_;
};

}  // namespace hotline::kb
