// Measures search on a folder of questions with known answers, beside SQLite's FTS5 in the same run.
//
//   documents.jsonl   {"id", "title", "body", any other article field}
//   queries.jsonl     {"id", "text"}; further queries_<name>.jsonl: the same questions, asked another way
//   qrels.tsv         question <TAB> document <TAB> grade
//   suggest.jsonl     {"id", "cls", "text", "relevant": [document]}
// Each file but documents.jsonl may be missing. MRR@10, Recall@1, Recall@10 (share of the relevant documents among the
// first 1 and 10), nDCG@10 (Jaervelin and Kekaelaeinen 2002) are means over questions with at least one relevant document.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hotline/kb/knowledge_base.hpp"

namespace hotline::kb {

struct EvalOptions {
  std::string clicks;        // a folder whose relevant pairs are replayed as clicks; "" for none
  std::string scratch;       // where databases are written; "" is the system's folder for such things
  Ranking ranking;
  std::size_t sample = 0;    // only so many questions, spread evenly; 0 is all
  enum class Baselines : std::uint8_t { all, clean, none } baselines = Baselines::clean;  // clean: only on queries.jsonl
  std::function<void(const std::string& step, std::size_t done, std::size_t total)> progress;
};

struct EvalScore {
  std::string set;     // "clean", or the name in queries_<name>.jsonl
  std::size_t questions = 0;
  double mrr = 0, recall1 = 0, recall10 = 0, ndcg10 = 0;
  double p50_ms = 0, p99_ms = 0;  // CPU time of the searching thread
};

struct EvalEngine {
  std::string name;  // "hotline", "hotline with clicks", "FTS5 bigrams" ...
  double documents_per_second = 0;  // CPU time; analysis, index and database together
  double index_mb = 0;
  double open_ms = 0;               // hotline only
  std::vector<EvalScore> scores;
};

struct EvalSuggest {
  std::string engine;
  std::string cls;
  std::size_t inputs = 0;
  double success5 = 0;  // a relevant document among the first five
  double p50_ms = 0, p99_ms = 0;
};

// What clicks on half of the questions do to the other half.
struct EvalClicks {
  std::size_t clicked = 0;                         // pairs that were replayed
  std::size_t seen = 0, unseen = 0;                // questions whose answers were clicked by others, or were not
  double seen_before = 0, seen_after = 0;          // MRR@10
  double unseen_before = 0, unseen_after = 0;
};

struct EvalReport {
  std::string folder;
  std::size_t documents = 0;
  std::vector<EvalEngine> engines;
  std::vector<EvalSuggest> suggestions;
  std::optional<EvalClicks> clicks;
  std::vector<std::string> notes;
  std::string to_text() const;
  std::string to_json() const;
};

// Errors: io (no documents.jsonl), invalid_document with the line.
Result<EvalReport> evaluate(const std::string& folder, const EvalOptions& options = {});

}  // namespace hotline::kb
