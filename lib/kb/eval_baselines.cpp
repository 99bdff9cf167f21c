#include <algorithm>
#include <filesystem>
#include <set>

#include "hotline/text/analysis.hpp"
#include "kb/eval.hpp"

namespace hotline::kb {
namespace {

// Cuts a text as a baseline's index sees it: tokens with blanks between them.
class Cutter {
 public:
  explicit Cutter(Baseline baseline) : baseline_(baseline) {}

  std::vector<std::string> terms(std::string_view text) {
    analyzer_.analyse(text, analysis_, baseline_ == Baseline::icu_words ? text::Cut::whole : text::Cut::without_dictionaries);
    std::vector<std::string> out;
    const std::u32string& folded = analysis_.normal.text;
    if (baseline_ == Baseline::unicode61 || baseline_ == Baseline::trigram) return raw_terms(folded);
    for (const text::Token& t : analysis_.tokens) {
      const auto first = text::script_of(folded[t.begin]);
      const bool alphabetic = first == text::Script::letter || first == text::Script::digit;
      const bool wanted = alphabetic ? t.stream == text::Stream::word && text::script_of(folded[t.end - 1]) == first
                          : t.stream == text::Stream::word ? baseline_ == Baseline::icu_words
                          : t.stream == text::Stream::bigram ? baseline_ != Baseline::icu_words
                                                             : t.stream == text::Stream::unigram && baseline_ == Baseline::uni_and_bigrams;
      if (wanted) out.push_back(text::to_utf8(std::u32string_view(folded).substr(t.begin, t.end - t.begin)));
    }
    return out;
  }

  std::string document(std::string_view text) {
    if (baseline_ == Baseline::unicode61 || baseline_ == Baseline::trigram) return std::string(text);
    std::string out;
    for (const std::string& term : terms(text)) out += term + " ";
    return out;
  }

  // Every term once, quoted, OR-ed.
  std::string query(std::string_view text) {
    std::string out;
    std::set<std::string> seen;
    for (const std::string& term : terms(text)) {
      if (!seen.insert(term).second || seen.size() > 512) continue;
      if (!out.empty()) out += " OR ";
      out += '"' + term + '"';
    }
    return out;
  }

 private:
  std::vector<std::string> raw_terms(const std::u32string& folded) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < folded.size();) {
      if (text::script_of(folded[i]) == text::Script::other) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < folded.size() && text::script_of(folded[end]) != text::Script::other) ++end;
      if (baseline_ == Baseline::unicode61) {
        out.push_back(text::to_utf8(std::u32string_view(folded).substr(i, end - i)));
      } else {
        for (std::size_t k = i; k + 3 <= end; ++k) out.push_back(text::to_utf8(std::u32string_view(folded).substr(k, 3)));
      }
      i = end;
    }
    return out;
  }

  Baseline baseline_;
  text::Analyzer analyzer_;
  text::Analysis analysis_;
};

void remove_database(const std::string& path) {
  std::error_code code;
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail, code);
}

}  // namespace

std::string_view name_of(Baseline baseline) {
  constexpr std::string_view kNames[] = {"FTS5 unicode61", "FTS5 trigram", "FTS5 ICU words", "FTS5 bigrams", "FTS5 uni- and bigrams"};
  return kNames[static_cast<std::size_t>(baseline)];
}

Result<EvalEngine> run_baseline(Baseline baseline, const EvalData& data, const std::string& path, const EvalOptions& options) {
  EvalEngine out;
  out.name = name_of(baseline);
  remove_database(path);
  HOTLINE_ASSIGN(store::Database db, store::Database::open(path));
  Cutter cutter(baseline);
  const std::string create = std::string("CREATE VIRTUAL TABLE t USING fts5(title, body, content='', tokenize='") + (baseline == Baseline::trigram ? "trigram" : "unicode61") + "')";
  HOTLINE_TRY(db.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post(create));
    return t.post("CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, title TEXT, body TEXT)");  // a knowledge base keeps its texts
  }));
  const double start = thread_seconds();
  std::size_t row = 0;
  while (row < data.documents.size()) {
    const std::size_t end = std::min(data.documents.size(), row + 4096);
    HOTLINE_TRY(db.write([&](store::Transaction& t) -> Status {
      for (std::size_t i = row; i < end; ++i) {
        const Article& a = data.documents[i];
        std::string title = a.title;
        for (const std::string& q : a.questions) title += "\n" + q;
        HOTLINE_TRY(t.post("INSERT INTO documents (id, name, title, body) VALUES (?, ?, ?, ?)", {i + 1, a.id, a.title, a.body}));
        HOTLINE_TRY(t.post("INSERT INTO t (rowid, title, body) VALUES (?, ?, ?)", {i + 1, cutter.document(title), cutter.document(a.body)}));
      }
      return t.settle();
    }));
    row = end;
    if (options.progress) options.progress("indexing with " + out.name, row, data.documents.size());
  }
  out.documents_per_second = static_cast<double>(data.documents.size()) / std::max(1e-9, thread_seconds() - start);
  HOTLINE_TRY(db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto bytes, t.integer("SELECT SUM(LENGTH(block)) FROM t_data"));
    out.index_mb = static_cast<double>(bytes.value_or(0)) / 1e6;
    return {};
  }));
  const Searcher search = [&](const std::string& question) -> Result<std::vector<std::string>> {
    std::vector<std::string> found;
    const std::string query = cutter.query(question);
    if (query.empty()) return found;
    HOTLINE_TRY(db.read([&](store::Transaction& t) {
      return t.query("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", {query}, [&](const store::Row& r) {
        found.push_back(data.documents[static_cast<std::size_t>(r.integer(0) - 1)].id);
      });
    }));
    return found;
  };
  for (const auto& [name, questions] : data.sets) {
    if (name != "clean" && options.baselines != EvalOptions::Baselines::all) continue;
    HOTLINE_ASSIGN(EvalScore score, score_set(name, questions, data, search, [&](std::size_t done, std::size_t total) {
      if (options.progress && (done % 50 == 0 || done == total)) options.progress("asking " + out.name, done, total);
    }));
    out.scores.push_back(std::move(score));
  }
  remove_database(path);
  return out;
}

Status suggest_baselines(const EvalData& data, const std::string& path, std::vector<EvalSuggest>& out) {
  remove_database(path);
  HOTLINE_ASSIGN(store::Database db, store::Database::open(path));
  HOTLINE_TRY(db.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("CREATE VIRTUAL TABLE t USING fts5(title, content='', prefix='1 2 3')"));
    HOTLINE_TRY(t.post("CREATE TABLE plain (id INTEGER PRIMARY KEY, title TEXT)"));
    for (std::size_t i = 0; i < data.documents.size(); ++i) {
      HOTLINE_TRY(t.post("INSERT INTO t (rowid, title) VALUES (?, ?)", {i + 1, data.documents[i].title}));
      HOTLINE_TRY(t.post("INSERT INTO plain (id, title) VALUES (?, ?)", {i + 1, data.documents[i].title}));
    }
    return t.settle();
  }));
  for (const bool like : {false, true}) {
    std::map<std::string, std::pair<EvalSuggest, std::vector<double>>> by_class;
    for (const EvalData::Typed& typed : data.typed) {
      auto& [row, seconds] = by_class[typed.cls];
      std::string pattern;
      for (const char c : typed.text)
        if (like ? c != '%' && c != '_' : c != '"') pattern += c;
      pattern = like ? "%" + pattern + "%" : "\"" + pattern + "\" *";
      bool hit = false;
      const double start = thread_seconds();
      HOTLINE_TRY(db.read([&](store::Transaction& t) {
        return t.query(like ? "SELECT id FROM plain WHERE title LIKE ? LIMIT 5" : "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 5", {pattern}, [&](const store::Row& r) {
          const std::string& id = data.documents[static_cast<std::size_t>(r.integer(0) - 1)].id;
          hit = hit || std::find(typed.relevant.begin(), typed.relevant.end(), id) != typed.relevant.end();
        });
      }));
      seconds.push_back(thread_seconds() - start);
      ++row.inputs;
      row.success5 += hit ? 1 : 0;
    }
    for (auto& [cls, pair] : by_class) {
      EvalSuggest& row = pair.first;
      row.engine = like ? "LIKE" : "FTS5 prefix";
      row.cls = cls;
      row.success5 /= static_cast<double>(std::max<std::size_t>(1, row.inputs));
      percentiles(pair.second, row.p50_ms, row.p99_ms);
      out.push_back(row);
    }
  }
  remove_database(path);
  return {};
}

}  // namespace hotline::kb
