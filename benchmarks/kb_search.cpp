// kb.search, kb.index, kb.suggest beside SQLite's FTS5 in the same run: on a folder of questions with known answers where
// --data=FOLDER names one (docs/kb.md has the format), else on articles made up from a seed.
#include <filesystem>
#include <fstream>

#include "bench.hpp"
#include "kb_text.hpp"
#include "hotline/kb/eval.hpp"

using namespace hotline;

namespace {

std::string made_up(const std::string& folder, std::size_t documents) {
  std::filesystem::create_directories(folder);
  Random random(7);
  std::ofstream docs(folder + "/documents.jsonl"), queries(folder + "/queries.jsonl"), qrels(folder + "/qrels.tsv"), typed(folder + "/suggest.jsonl");
  for (std::size_t i = 0; i < documents; ++i) {
    const std::string title = bench::text(random, 6 + random.below(12));
    const std::string body = bench::text(random, 80 + random.below(160));
    docs << "{\"id\":\"d" << i << "\",\"title\":\"" << title << "\",\"body\":\"" << body << "\"}\n";
    if (i % (documents / 100) != 0) continue;
    queries << "{\"id\":\"q" << i << "\",\"text\":\"" << body.substr(60, 48) << "\"}\n";
    qrels << "q" << i << "\td" << i << "\t1\n";
    typed << "{\"id\":\"s" << i << "\",\"cls\":\"infix\",\"text\":\"" << title.substr(0, 9) << "\",\"relevant\":[\"d" << i << "\"]}\n";
  }
  return folder;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (!suite.wants("kb.")) return 0;
  const auto given = bench::option(argc, argv, "--data");
  const std::string own = (std::filesystem::temp_directory_path() / "hotline-kb-bench").string();
  const std::string folder = given ? *given : made_up(own, 4000);
  const auto report = kb::evaluate(folder);
  if (!given) std::filesystem::remove_all(own);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.error().text().c_str());
    return 1;
  }
  const kb::EvalEngine& ours = report->engines.front();
  for (const kb::EvalEngine& other : report->engines) {
    if (&other == &ours || other.scores.empty() || ours.scores.empty()) continue;
    if (suite.wants("kb.search")) {
      suite.report("kb.search.p50", ours.scores[0].p50_ms, "ms", other.name, other.scores[0].p50_ms, true);
      suite.report("kb.search.p99", ours.scores[0].p99_ms, "ms", other.name, other.scores[0].p99_ms, true);
      suite.report("kb.search.mrr10", ours.scores[0].mrr, "", other.name, other.scores[0].mrr);
    }
    if (suite.wants("kb.index")) {
      suite.report("kb.index.rate", ours.documents_per_second, "1/s", other.name, other.documents_per_second);
      suite.report("kb.index.size", ours.index_mb, "MB", other.name, other.index_mb, true);
    }
  }
  if (suite.wants("kb.suggest"))
    for (const kb::EvalSuggest& mine : report->suggestions)
      for (const kb::EvalSuggest& other : report->suggestions)
        if (mine.engine == "hotline" && other.engine != "hotline" && mine.cls == other.cls) {
          suite.report("kb.suggest." + mine.cls + ".success5", mine.success5, "", other.engine, other.success5);
          suite.report("kb.suggest." + mine.cls + ".p99", mine.p99_ms, "ms", other.engine, other.p99_ms, true);
        }
  return 0;
}
