// What the measurement reads and counts. Private.
#pragma once

#include <ctime>
#include <map>
#include <unordered_map>

#include "hotline/kb/eval.hpp"

namespace hotline::kb {

struct EvalQuestion {
  std::string id;
  std::string text;
};
using Grades = std::unordered_map<std::string, double>;  // document -> grade

struct EvalData {
  std::vector<Article> documents;
  std::vector<std::pair<std::string, std::vector<EvalQuestion>>> sets;  // clean first
  std::unordered_map<std::string, Grades> relevant;                     // question -> documents
  struct Typed {
    std::string cls, text;
    std::vector<std::string> relevant;
  };
  std::vector<Typed> typed;
  std::vector<std::string> notes;
};
Result<EvalData> read_eval_data(const std::string& folder, std::size_t sample);

inline double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

using Searcher = std::function<Result<std::vector<std::string>>(const std::string& question)>;
Result<EvalScore> score_set(const std::string& name, const std::vector<EvalQuestion>& questions, const EvalData& data, const Searcher& search,
                            const std::function<void(std::size_t, std::size_t)>& progress);
double reciprocal_rank(const std::vector<std::string>& found, const Grades& relevant);
void percentiles(std::vector<double> seconds, double& p50_ms, double& p99_ms);

// SQLite's own full-text index, fed with words that are cut in one of five ways.
enum class Baseline : std::uint8_t { unicode61, trigram, icu_words, bigrams, uni_and_bigrams };
constexpr Baseline kBaselines[] = {Baseline::unicode61, Baseline::trigram, Baseline::icu_words, Baseline::bigrams, Baseline::uni_and_bigrams};
std::string_view name_of(Baseline baseline);
Result<EvalEngine> run_baseline(Baseline baseline, const EvalData& data, const std::string& path, const EvalOptions& options);
Status suggest_baselines(const EvalData& data, const std::string& path, std::vector<EvalSuggest>& out);

}  // namespace hotline::kb
