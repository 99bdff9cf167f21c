#include "kb/eval.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "hotline/base/json.hpp"

namespace hotline::kb {
namespace {

const Time kThen = time_from_ns(1'767'225'600'000'000'000);  // 2026-01-01: any time will do, as long as it is always the same

void forget(const std::string& path) {
  std::error_code code;
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail, code);
}

Searcher searcher(KnowledgeBase& kb, SearchOptions::Detail detail) {
  return [&kb, detail](const std::string& question) -> Result<std::vector<std::string>> {
    HOTLINE_ASSIGN(const Results found, kb.search(question, {}, kThen, {.detail = detail}));
    std::vector<std::string> ids;
    for (const Hit& h : found.hits) ids.push_back(h.id);
    return ids;
  };
}

Status ask(KnowledgeBase& kb, const EvalData& data, const EvalOptions& options, EvalEngine& out) {
  for (const auto& [name, questions] : data.sets) {
    const auto step = "asking " + out.name + " (" + name + ")";
    HOTLINE_ASSIGN(EvalScore score, score_set(name, questions, data, searcher(kb, SearchOptions::Detail::ids), [&](std::size_t done, std::size_t total) {
      if (options.progress && (done % 100 == 0 || done == total)) options.progress(step, done, total);
    }));
    out.scores.push_back(std::move(score));
  }
  return {};
}

Status suggest(KnowledgeBase& kb, const EvalData& data, std::vector<EvalSuggest>& out) {
  std::map<std::string, std::pair<EvalSuggest, std::vector<double>>> by_class;
  for (const EvalData::Typed& typed : data.typed) {
    auto& [row, seconds] = by_class[typed.cls];
    const double start = thread_seconds();
    HOTLINE_ASSIGN(const auto found, kb.suggest(typed.text, {}, kThen, 5));
    seconds.push_back(thread_seconds() - start);
    ++row.inputs;
    row.success5 += std::any_of(found.begin(), found.end(), [&](const Suggestion& s) { return std::find(typed.relevant.begin(), typed.relevant.end(), s.article) != typed.relevant.end(); }) ? 1 : 0;
  }
  for (auto& [cls, pair] : by_class) {
    EvalSuggest& row = pair.first;
    row.engine = "hotline";
    row.cls = cls;
    row.success5 /= static_cast<double>(std::max<std::size_t>(1, row.inputs));
    percentiles(pair.second, row.p50_ms, row.p99_ms);
    out.push_back(row);
  }
  return {};
}

// Every second question of the folder's lends its relevant documents as clicks of two agents; the others are asked
// before and after. Questions of the measured folder itself are never asked after they were clicked.
Result<EvalClicks> with_clicks(KnowledgeBase& kb, const EvalData& data, const EvalOptions& options) {
  HOTLINE_ASSIGN(const EvalData source, read_eval_data(options.clicks, 0));
  if (source.sets.empty() || data.sets.empty()) return Error(ErrorCode::invalid_argument, "there are no questions to replay", "the folder of --clicks needs queries.jsonl and qrels.tsv");
  EvalClicks out;
  std::vector<Click> clicks;
  std::unordered_map<std::string, bool> clicked, used;
  const auto& questions = source.sets.front().second;
  for (std::size_t i = 0; i < questions.size(); i += 2) {
    const auto relevant = source.relevant.find(questions[i].id);
    if (relevant == source.relevant.end()) continue;
    used[questions[i].text] = true;
    for (const auto& [document, grade] : relevant->second) {
      ++out.clicked;
      clicked[document] = true;
      for (const char* agent : {"a1", "a2"}) clicks.push_back({questions[i].text, document, agent, 2, kThen});
    }
  }
  struct Kept {
    const EvalQuestion* question;
    const Grades* relevant;
    bool seen;
  };
  std::vector<Kept> asked;
  for (const EvalQuestion& q : data.sets.front().second) {
    const auto relevant = data.relevant.find(q.id);
    if (relevant == data.relevant.end() || used.contains(q.text)) continue;
    const bool seen = std::any_of(relevant->second.begin(), relevant->second.end(), [&](const auto& r) { return clicked.contains(r.first); });
    asked.push_back({&q, &relevant->second, seen});
    ++(seen ? out.seen : out.unseen);
  }
  const Searcher search = searcher(kb, SearchOptions::Detail::ids);
  for (const bool after : {false, true}) {
    if (after) {
      if (options.progress) options.progress("learning from " + std::to_string(clicks.size()) + " clicks", 0, 1);
      HOTLINE_TRY(kb.replay(clicks));
      HOTLINE_ASSIGN([[maybe_unused]] const std::size_t changed, kb.learn(kThen));
    }
    for (const Kept& k : asked) {
      HOTLINE_ASSIGN(const auto found, search(k.question->text));
      double& sum = k.seen ? (after ? out.seen_after : out.seen_before) : (after ? out.unseen_after : out.unseen_before);
      sum += reciprocal_rank(found, *k.relevant) / static_cast<double>(k.seen ? out.seen : out.unseen);
    }
  }
  return out;
}

// Our engine, filled and asked.
Result<KnowledgeBase> measured(const EvalData& data, const EvalOptions& options, const std::string& path, Footprint footprint, EvalEngine& out) {
  out.name = footprint == Footprint::small ? "hotline, small footprint" : "hotline";
  {
    HOTLINE_ASSIGN(store::Database db, store::Database::open(path));
    HOTLINE_ASSIGN(KnowledgeBase kb, KnowledgeBase::open(std::move(db), options.ranking, {}, footprint));
    HOTLINE_ASSIGN([[maybe_unused]] const auto warm, kb.search("warm", {}, kThen));
    const double start = thread_seconds();
    HOTLINE_TRY(kb.put_all(data.documents, kThen, State::published, [&](std::uint64_t done, std::uint64_t total) {
      if (options.progress) options.progress("indexing with " + out.name, done, total);
    }));
    HOTLINE_TRY(kb.optimize());
    out.documents_per_second = static_cast<double>(data.documents.size()) / std::max(1e-9, thread_seconds() - start);
    out.index_mb = static_cast<double>(kb.statistics().bytes) / 1e6;
  }
  const double start = thread_seconds();
  HOTLINE_ASSIGN(store::Database db, store::Database::open(path));
  HOTLINE_ASSIGN(KnowledgeBase kb, KnowledgeBase::open(std::move(db), options.ranking));
  out.open_ms = 1e3 * (thread_seconds() - start);
  HOTLINE_TRY(ask(kb, data, options, out));
  return kb;
}

}  // namespace

Result<EvalReport> evaluate(const std::string& folder, const EvalOptions& options) {
  EvalReport report;
  report.folder = folder;
  HOTLINE_ASSIGN(const EvalData data, read_eval_data(folder, options.sample));
  report.documents = data.documents.size();
  report.notes = data.notes;
  std::error_code code;
  const std::string scratch = options.scratch.empty() ? std::filesystem::temp_directory_path(code).string() : options.scratch;
  const std::string path = scratch + "/hotline-eval-" + std::to_string(getpid()) + ".db";
  forget(path);
  EvalEngine engine;
  HOTLINE_ASSIGN(KnowledgeBase kb, measured(data, options, path, Footprint::full, engine));
  if (!data.sets.empty()) {
    HOTLINE_ASSIGN(EvalScore marked, score_set("clean, with marks and passages", data.sets.front().second, data, searcher(kb, SearchOptions::Detail::marks), {}));
    engine.scores.push_back(std::move(marked));
  }
  report.engines.push_back(std::move(engine));
  if (!data.typed.empty()) HOTLINE_TRY(suggest(kb, data, report.suggestions));
  if (options.baselines != EvalOptions::Baselines::none) {
    if (!data.sets.empty()) {
      EvalEngine small;
      HOTLINE_ASSIGN([[maybe_unused]] const KnowledgeBase base, measured(data, options, path + ".small", Footprint::small, small));
      report.engines.push_back(std::move(small));
      forget(path + ".small");
    }
    if (!data.sets.empty())
      for (const Baseline baseline : kBaselines) {
        HOTLINE_ASSIGN(EvalEngine row, run_baseline(baseline, data, path + ".fts", options));
        report.engines.push_back(std::move(row));
      }
    if (!data.typed.empty()) HOTLINE_TRY(suggest_baselines(data, path + ".fts", report.suggestions));
  }
  if (!options.clicks.empty()) {
    HOTLINE_ASSIGN(report.clicks, with_clicks(kb, data, options));
  }
  forget(path);
  return report;
}

std::string EvalReport::to_text() const {
  std::string out = folder + ": " + std::to_string(documents) + " documents\n";
  char line[256];
  if (!engines.empty()) {
    std::snprintf(line, sizeof line, "%-24s %-32s %6s %8s %9s %8s %9s %9s %8s %9s\n", "engine", "questions", "MRR@10", "Recall@1", "Recall@10", "nDCG@10", "p50 ms", "p99 ms", "docs/s", "index MB");
    out += line;
  }
  for (const EvalEngine& e : engines)
    for (const EvalScore& s : e.scores) {
      std::snprintf(line, sizeof line, "%-24s %-32s %6.3f %8.3f %9.3f %8.3f %9.3f %9.3f %8.0f %9.2f\n", e.name.c_str(), (s.set + " (" + std::to_string(s.questions) + ")").c_str(), s.mrr, s.recall1, s.recall10, s.ndcg10, s.p50_ms, s.p99_ms, e.documents_per_second, e.index_mb);
      out += line;
    }
  for (const EvalEngine& e : engines)
    if (e.open_ms > 0) {
      std::snprintf(line, sizeof line, "%s opens in %.0f ms\n", e.name.c_str(), e.open_ms);
      out += line;
    }
  if (!suggestions.empty()) {
    std::snprintf(line, sizeof line, "%-24s %-32s %9s %9s %9s\n", "completion", "inputs", "success@5", "p50 ms", "p99 ms");
    out += line;
  }
  for (const EvalSuggest& s : suggestions) {
    std::snprintf(line, sizeof line, "%-24s %-32s %9.3f %9.3f %9.3f\n", s.engine.c_str(), (s.cls + " (" + std::to_string(s.inputs) + ")").c_str(), s.success5, s.p50_ms, s.p99_ms);
    out += line;
  }
  if (clicks) {
    std::snprintf(line, sizeof line, "clicks: %zu pairs; MRR@10 of %zu other questions with clicked answers %.3f -> %.3f, of %zu without %.3f -> %.3f\n", clicks->clicked, clicks->seen, clicks->seen_before,
                  clicks->seen_after, clicks->unseen, clicks->unseen_before, clicks->unseen_after);
    out += line;
  }
  for (const std::string& note : notes) out += "note: " + note + "\n";
  return out;
}

std::string EvalReport::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("folder", folder).field("documents", documents);
  json.key("engines").begin_array();
  for (const EvalEngine& e : engines) {
    json.begin_object().field("name", e.name).field("documents_per_second", e.documents_per_second).field("index_mb", e.index_mb);
    if (e.open_ms > 0) json.field("open_ms", e.open_ms);
    json.key("scores").begin_array();
    for (const EvalScore& s : e.scores)
      json.begin_object().field("set", s.set).field("questions", s.questions).field("mrr10", s.mrr).field("recall1", s.recall1).field("recall10", s.recall10).field("ndcg10", s.ndcg10).field("p50_ms", s.p50_ms).field("p99_ms", s.p99_ms).end_object();
    json.end_array().end_object();
  }
  json.end_array();
  json.key("suggest").begin_array();
  for (const EvalSuggest& s : suggestions)
    json.begin_object().field("engine", s.engine).field("class", s.cls).field("inputs", s.inputs).field("success5", s.success5).field("p50_ms", s.p50_ms).field("p99_ms", s.p99_ms).end_object();
  json.end_array();
  if (clicks) {
    json.key("clicks").begin_object().field("pairs", clicks->clicked).field("seen", clicks->seen).field("seen_before", clicks->seen_before).field("seen_after", clicks->seen_after);
    json.field("unseen", clicks->unseen).field("unseen_before", clicks->unseen_before).field("unseen_after", clicks->unseen_after).end_object();
  }
  json.key("notes").begin_array();
  for (const std::string& note : notes) json.value(note);
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::kb
