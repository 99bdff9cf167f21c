// kb.scale: search among --articles=N made-up articles (8,000 by default; 60,000 and 1,000,000 are the goals' sizes), with
// and without a filter that one in a hundred passes, beside FTS5 over the same bigrams; how soon a change is found, and
// completion over --lines=N titles (8,000 by default, 50,000 is the goal's size) beside LIKE.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <vector>

#include "bench.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "kb_text.hpp"

using namespace hotline;

namespace {

const Time kNow = time_from_ns(1'767'225'600'000'000'000);
constexpr std::size_t kQuestions = 300;

struct Pair {
  double p50, p99;
};

Pair milliseconds(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<double> spent;
  for (std::size_t i = 0; i < count; ++i) {
    const double start = bench::cpu_seconds();
    body(i);
    spent.push_back(1e3 * (bench::cpu_seconds() - start));
  }
  std::sort(spent.begin(), spent.end());
  return {spent[spent.size() / 2], spent[spent.size() * 99 / 100]};
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 3 <= text.size(); i += 3) out.emplace_back(text.substr(i, 3));
  return out;
}

// Overlapping bigrams with `between` between them.
std::string bigrams(std::string_view text, std::string_view between, std::string_view quote) {
  std::string out;
  const auto all = characters(text);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (!out.empty()) out += between;
    out.append(quote).append(all[i]).append(all[i + 1]).append(quote);
  }
  return out;
}

std::size_t number(int argc, char** argv, std::string_view name, std::size_t otherwise) {
  const auto given = bench::option(argc, argv, name);
  return given ? std::max<std::size_t>(100, std::strtoull(given->c_str(), nullptr, 10)) : otherwise;
}

struct Bench {
  const bench::Suite& suite;
  std::size_t articles;
  std::vector<std::string> questions{};

  kb::Article article(Random& random, std::size_t i) const {
    kb::Article a;
    a.id = "d" + std::to_string(i);
    a.library = "made up";
    a.title = bench::text(random, 8 + random.below(10));
    a.body = bench::text(random, 80 + random.below(160));
    a.jurisdiction = i % 100 == 0 ? "110100" : "220100";
    return a;
  }

  void run(const std::string& path) {
    store::Database own = store::Database::open(path + ".db").value();
    store::Database other = store::Database::open(path + ".fts").value();
    kb::KnowledgeBase base = kb::KnowledgeBase::open(own).value();
    other.write([](store::Transaction& t) -> Status {
      HOTLINE_TRY(t.post("CREATE VIRTUAL TABLE t USING fts5(title, body, content=\'\', tokenize=\'unicode61\')"));
      return t.post("CREATE TABLE documents (id INTEGER PRIMARY KEY, place TEXT)");
    }).value();
    fill(base, other);
    const auto opened = milliseconds(1, [&](std::size_t) { bench::keep(kb::KnowledgeBase::open(store::Database::open(path + ".db").value()).value().rebuilt().size()); });
    suite.report("kb.scale.open", opened.p50, "ms", "the goal at 30,000 articles", 200, true);
    // The first question after the start also opens dictionaries and decides which articles are valid.
    const auto first = milliseconds(1, [&](std::size_t) { bench::keep(base.search(questions.back(), {}, kNow).value().hits.size()); });
    const auto plain = milliseconds(questions.size(), [&](std::size_t i) { bench::keep(base.search(questions[i], {}, kNow).value().hits.size()); });
    const auto narrow = milliseconds(questions.size(), [&](std::size_t i) { bench::keep(base.search(questions[i], {.jurisdiction = "110100"}, kNow).value().hits.size()); });
    // FTS5 is slow with many rows: a few questions are enough to see by how much.
    const std::size_t few = articles > 100'000 ? 5 : std::min<std::size_t>(60, questions.size());
    const auto ask = [&](std::size_t i, const char* sql) {
      const std::string query = bigrams(questions[i], " OR ", "\"");
      other.read([&](store::Transaction& t) { return t.query(sql, {query}, [](const store::Row&) {}); }).value();
    };
    const auto theirs = milliseconds(few, [&](std::size_t i) { ask(i, "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10"); });
    const auto filtered = milliseconds(few, [&](std::size_t i) {
      ask(i, "SELECT t.rowid FROM t JOIN documents d ON d.id = t.rowid WHERE t MATCH ? AND d.place = \'110100\' ORDER BY rank LIMIT 10");
    });
    suite.report("kb.scale.query.first", first.p50, "ms", "FTS5 bigrams, median", theirs.p50, true);
    suite.report("kb.scale.query.p50", plain.p50, "ms", "FTS5 bigrams", theirs.p50, true);
    suite.report("kb.scale.query.p99", plain.p99, "ms", "FTS5 bigrams", theirs.p99, true);
    suite.report("kb.scale.filter1%.p50", narrow.p50, "ms", "FTS5 bigrams, filtered", filtered.p50, true);
    suite.report("kb.scale.filter1%.p99", narrow.p99, "ms", "FTS5 bigrams, filtered", filtered.p99, true);
    suite.report("kb.scale.filter1%.own", narrow.p50, "ms", "without the filter", plain.p50, true);
    changes(base);
  }

  void fill(kb::KnowledgeBase& base, store::Database& other) {
    Random random(7);
    double ours = 0, theirs = 0;
    std::size_t row = 0;
    for (std::size_t begin = 0; begin < articles; begin += 4096) {
      std::vector<kb::Article> batch;
      for (std::size_t i = begin; i < std::min(articles, begin + 4096); ++i) {
        batch.push_back(article(random, i));
        if (questions.size() < kQuestions && i % std::max<std::size_t>(1, articles / kQuestions) == 0) questions.push_back(batch.back().body.substr(60, 48));
      }
      double start = bench::cpu_seconds();
      base.put_all(batch, kNow, kb::State::published).value();
      ours += bench::cpu_seconds() - start;
      start = bench::cpu_seconds();
      other.write([&](store::Transaction& t) -> Status {
        std::size_t id = row;
        for (const kb::Article& a : batch) {
          ++id;
          HOTLINE_TRY(t.post("INSERT INTO documents (id, place) VALUES (?, ?)", {id, a.jurisdiction}));
          HOTLINE_TRY(t.post("INSERT INTO t (rowid, title, body) VALUES (?, ?, ?)", {id, bigrams(a.title, " ", ""), bigrams(a.body, " ", "")}));
        }
        return t.settle();
      }).value();
      theirs += bench::cpu_seconds() - start;
      row += batch.size();
      std::fprintf(stderr, "\r%zu of %zu articles%s", row, articles, row == articles ? "\n" : "");
    }
    base.optimize().value();
    suite.report("kb.scale.index", static_cast<double>(articles) / ours, "1/s", "FTS5 bigrams (index only, no texts kept)", static_cast<double>(articles) / theirs);
  }

  // From the call of `put` to a search that has it; the goal is 50 ms.
  void changes(kb::KnowledgeBase& base) {
    Random random(9);
    const auto spent = milliseconds(30, [&](std::size_t i) {
      kb::Article a = article(random, i);
      a.id = "new" + std::to_string(i);
      base.put(a, kNow, {.state = kb::State::published}).value();
      bench::keep(base.search(a.title, {}, kNow, {.limit = 1}).value().hits.size());
    });
    suite.report("kb.scale.change.p50", spent.p50, "ms", "the goal", 50, true);
    suite.report("kb.scale.change.p99", spent.p99, "ms", "the goal", 50, true);
  }
};

void completion(const bench::Suite& suite, std::size_t lines, const std::string& path) {
  store::Database db = store::Database::open(path + ".sug").value();
  kb::KnowledgeBase base = kb::KnowledgeBase::open(db).value();
  Random random(8);
  std::vector<kb::Article> all(lines);
  for (std::size_t i = 0; i < lines; ++i) {
    all[i].id = "s" + std::to_string(i);
    all[i].library = "made up";
    all[i].title = bench::text(random, 8 + random.below(10));
  }
  base.put_all(all, kNow, kb::State::published).value();
  db.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("CREATE TABLE plain (id INTEGER PRIMARY KEY, title TEXT)"));
    for (std::size_t i = 0; i < lines; ++i) HOTLINE_TRY(t.post("INSERT INTO plain (id, title) VALUES (?, ?)", {i + 1, all[i].title}));
    return t.settle();
  }).value();
  (void)base.suggest("a", {}, kNow).value();  // filled when it is asked first
  const auto typed = [&](std::size_t i) { return all[i * 37 % lines].title.substr(3, 6); };
  const auto ours = milliseconds(200, [&](std::size_t i) { bench::keep(base.suggest(typed(i), {}, kNow).value().size()); });
  const auto theirs = milliseconds(200, [&](std::size_t i) {
    db.read([&](store::Transaction& t) { return t.query("SELECT id FROM plain WHERE title LIKE ? LIMIT 8", {"%" + typed(i) + "%"}, [](const store::Row&) {}); }).value();
  });
  suite.report("kb.scale.suggest.p50", ours.p50, "ms", "LIKE", theirs.p50, true);
  suite.report("kb.scale.suggest.p99", ours.p99, "ms", "LIKE", theirs.p99, true);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (!suite.wants("kb.scale")) return 0;
  const auto folder = std::filesystem::temp_directory_path() / ("hotline-kb-scale-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  Bench{suite, number(argc, argv, "--articles", 8000)}.run((folder / "kb").string());
  completion(suite, number(argc, argv, "--lines", 8000), (folder / "kb").string());
  std::filesystem::remove_all(folder);
  return 0;
}
