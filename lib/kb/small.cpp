#include "kb/small.hpp"

#include <algorithm>
#include <array>

#include "kb/impl.hpp"

namespace hotline::kb::small {
namespace {

constexpr std::size_t kRarest = 3;           // so many terms are looked for however common they are ...
constexpr std::uint32_t kCommon = 500;       // ... others only if at most so many articles have them,
constexpr std::uint32_t kCommonShare = 20;   // or one in so many
constexpr std::size_t kMostTerms = 64;
constexpr std::size_t kColumns = 3;

// Forty bits of a key, as a word of the table.
constexpr std::size_t kWord = 8;
void append_word(std::string& out, std::uint64_t key) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t bits = key >> 24;
  for (std::size_t i = 0; i < kWord; ++i, bits >>= 5) out += kDigits[bits & 31];
}

struct Columns {
  std::array<std::string, kColumns> words;  // title, keywords, body
};

void append_text(std::string& out, text::Analyzer& analyzer, text::Analysis& analysis, std::string_view text) {
  analyzer.analyse(text, analysis, text::Cut::without_dictionaries);
  keep_only(analysis);
  for (const text::Token& token : analysis.tokens) {
    append_word(out, token.key);
    out += ' ';
  }
}

Columns columns_of(text::Analyzer& analyzer, const Article& a) {
  Columns out;
  text::Analysis analysis;
  append_text(out.words[0], analyzer, analysis, a.title);
  for (const std::string& question : a.questions) append_text(out.words[0], analyzer, analysis, question);
  if (std::string number = document_number(a.number); !a.number.empty()) {
    append_word(out.words[0], number_key(number.empty() ? text::fold(a.number) : number));
    out.words[0] += ' ';
    append_text(out.words[2], analyzer, analysis, a.number);
  }
  for (const std::string& keyword : a.keywords) append_text(out.words[1], analyzer, analysis, keyword);
  append_text(out.words[2], analyzer, analysis, a.body);
  return out;
}

std::uint64_t mixed(std::string_view word, std::uint64_t column) {  // FNV-1a, finished as in splitmix64
  std::uint64_t h = 0xcbf29ce484222325ull + column;
  for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
  return h ^ (h >> 31);
}

// The sum of a row's column sizes: numbers of seven bits a byte, the highest first (SQLite's varint; sizes are short).
std::int64_t words_in(std::string_view sizes) {
  std::int64_t sum = 0, number = 0;
  for (const char c : sizes) {
    number = (number << 7 & 0xffffffff) | (c & 0x7f);
    if ((c & 0x80) != 0) continue;
    sum += number;
    number = 0;
  }
  return sum;
}

}  // namespace

void keep_only(text::Analysis& analysis) {
  std::vector<bool> paired(analysis.normal.text.size() + 1, false);
  for (const text::Token& t : analysis.tokens)
    if (t.stream == Stream::bigram) paired[t.begin] = paired[t.begin + 1] = true;
  std::erase_if(analysis.tokens, [&](const text::Token& t) {
    if (t.stream == Stream::bigram) return false;
    if (t.stream == Stream::unigram) return paired[t.begin] == true;
    const auto script = text::script_of(analysis.normal.text[t.begin]);
    return t.stream != Stream::word || (script != text::Script::letter && script != text::Script::digit);
  });
}

Status create(store::Transaction& t) {
  if (t.backend() != store::Backend::sqlite)
    return Error(ErrorCode::unsupported, "a small search index is SQLite's FTS5, which PostgreSQL has not", "open the knowledge base with the full footprint");
  for (const std::string_view sql : {"DROP TABLE IF EXISTS kb_small_terms", "DROP TABLE IF EXISTS kb_small_instances", "DROP TABLE IF EXISTS kb_small",
                                     "CREATE VIRTUAL TABLE kb_small USING fts5(title, keywords, body, content='', tokenize='ascii')",
                                     "CREATE VIRTUAL TABLE kb_small_terms USING fts5vocab('kb_small', 'row')",
                                     "CREATE VIRTUAL TABLE kb_small_instances USING fts5vocab('kb_small', 'instance')",
                                     "INSERT INTO kb_small (kb_small, rank) VALUES ('rank', 'bm25(2.0, 1.5, 1.0)')"})
    if (const auto done = t.execute(sql); !done.ok())
      return done.code() == ErrorCode::invalid_argument
                 ? Error(ErrorCode::unsupported, "this SQLite has no FTS5: " + done.error().message(), "open the knowledge base with the full footprint")
                 : done.error();
  return {};
}

Status add(store::Transaction& t, text::Analyzer& analyzer, EntryId entry, const Article& article) {
  const Columns c = columns_of(analyzer, article);
  return t.post("INSERT INTO kb_small (rowid, title, keywords, body) VALUES (?, ?, ?, ?)", {entry, c.words[0], c.words[1], c.words[2]});
}

Status remove(store::Transaction& t, text::Analyzer& analyzer, EntryId entry, const Article& article) {
  const Columns c = columns_of(analyzer, article);
  return t.post("INSERT INTO kb_small (kb_small, rowid, title, keywords, body) VALUES ('delete', ?, ?, ?, ?)", {entry, c.words[0], c.words[1], c.words[2]});
}

Status optimize(store::Transaction& t) { return t.post("INSERT INTO kb_small (kb_small) VALUES ('optimize')"); }

Status check(store::Transaction& t, std::size_t entries) {
  const auto damaged = [](std::string_view why) {
    return Error(ErrorCode::corrupt, "the small search index is damaged: " + std::string(why), "it is made again");
  };
  const auto sound = t.execute("INSERT INTO kb_small (kb_small) VALUES ('integrity-check')");
  if (!sound.ok()) return damaged(sound.error().message());
  std::size_t kept = 0;
  std::int64_t words = 0;
  const Status sizes = t.query("SELECT sz FROM kb_small_docsize", {}, [&](const store::Row& row) {
    ++kept;
    words += words_in(row.bytes(0));
  });
  if (!sizes.ok()) return damaged(sizes.error().message());
  if (kept != entries) return damaged("it has " + std::to_string(kept) + " of " + std::to_string(entries) + " entries");
  const auto found = t.integer("SELECT SUM(cnt) FROM kb_small_terms");
  if (!found.ok()) return damaged(found.error().message());
  if (found->value_or(0) != words) return damaged("it has " + std::to_string(found->value_or(0)) + " of " + std::to_string(words) + " words");
  return {};
}

Result<std::uint64_t> bytes(store::Transaction& t) {
  HOTLINE_ASSIGN(const auto sum, t.integer("SELECT SUM(LENGTH(block)) FROM kb_small_data"));
  return static_cast<std::uint64_t>(sum.value_or(0));
}

Status digests(store::Transaction& t, std::unordered_map<EntryId, std::uint64_t>& out) {
  out.clear();
  HOTLINE_TRY(t.query("SELECT id FROM kb_small_docsize", {}, [&](const store::Row& row) { out[static_cast<EntryId>(row.integer(0))] = 0; }));
  return t.query("SELECT doc, col, term FROM kb_small_instances", {}, [&](const store::Row& row) {
    const std::string_view column = row.text(1);
    out[static_cast<EntryId>(row.integer(0))] += mixed(row.text(2), column == "title" ? 0 : column == "keywords" ? 1 : 2);
  });
}

std::uint64_t digest(text::Analyzer& analyzer, const Article& article) {
  const Columns c = columns_of(analyzer, article);
  std::uint64_t out = 0;
  for (std::size_t column = 0; column < kColumns; ++column)
    for (std::size_t at = 0; at < c.words[column].size(); at += kWord + 1) out += mixed(std::string_view(c.words[column]).substr(at, kWord), column);
  return out;
}

std::uint32_t Reader::frequency(std::uint64_t key) {
  const auto [at, fresh] = frequencies_.emplace(key, 0);
  if (!fresh || !status_.ok()) return at->second;
  std::string word;
  append_word(word, key);
  const auto found = t_.integer("SELECT doc FROM kb_small_terms WHERE term = ?", {word});
  if (found.ok()) at->second = static_cast<std::uint32_t>(found->value_or(0));
  else status_ = found.error();
  return at->second;
}

// FTS5 ranks every row that matches; what it costs is what the commonest terms bring, which say the least.
Result<std::vector<Candidate>> Reader::search(const std::vector<WeightedTerm>& terms, const Selection& among, std::size_t k) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> by_frequency;
  for (const WeightedTerm& term : terms)
    if (const std::uint32_t df = frequency(term.key); df > 0) by_frequency.emplace_back(df, term.key);
  HOTLINE_TRY(Status(status_));
  std::sort(by_frequency.begin(), by_frequency.end());
  std::string query;
  std::size_t kept = 0;
  for (const auto& [df, key] : by_frequency) {
    if (kept == kMostTerms || (kept >= kRarest && df > std::max<std::size_t>(kCommon, index_.live() / kCommonShare))) break;
    query += kept++ > 0 ? " OR " : "";
    append_word(query, key);
  }
  std::vector<Candidate> out;
  if (query.empty() || among.count == 0 || k == 0) return out;
  // Filters are asked of the rows in their order: first of as many as usually do, then of all.
  for (const std::int64_t most : {static_cast<std::int64_t>(8 * k + 64), std::int64_t{-1}}) {
    std::int64_t rows = 0;
    out.clear();
    HOTLINE_TRY(t_.query("SELECT rowid, rank FROM kb_small WHERE kb_small MATCH ? ORDER BY rank LIMIT ?", {query, most}, [&](const store::Row& row) {
      ++rows;
      Candidate c;
      if (out.size() == k || !index_.find(static_cast<EntryId>(row.integer(0)), among, none_, c)) return;
      c.score = static_cast<float>(-row.number(1));
      out.push_back(c);
    }));
    if (out.size() == k || rows < most) break;
  }
  return out;
}

Result<Selection> Reader::conjunction(const std::vector<std::uint64_t>& keys, const Selection& among) {
  std::string query;
  Selection out;
  for (const Bits& bits : among.bits) out.bits.emplace_back(bits.size());
  for (const std::uint64_t key : keys) {
    if (stream_of(key) == Stream::unigram) continue;  // kept only where it stands alone, so it says nothing
    if (frequency(key) == 0) return out;
    query += query.empty() ? "" : " AND ";
    append_word(query, key);
  }
  HOTLINE_TRY(Status(status_));
  if (query.empty()) return among;
  HOTLINE_TRY(t_.query("SELECT rowid FROM kb_small WHERE kb_small MATCH ?", {query}, [&](const store::Row& row) {
    Candidate c;
    if (!index_.find(static_cast<EntryId>(row.integer(0)), among, none_, c)) return;
    out.bits[c.part][c.document / 64] |= std::uint64_t{1} << (c.document % 64);
    ++out.count;
  }));
  return out;
}

std::vector<float> Reader::contributions(const std::vector<WeightedTerm>& terms, text::Analyzer& analyzer, const Article& article) {
  const Columns c = columns_of(analyzer, article);
  std::vector<float> out;
  std::string word;
  for (const WeightedTerm& term : terms) {
    word.clear();
    append_word(word, term.key);
    const bool has = std::any_of(c.words.begin(), c.words.end(), [&](const std::string& words) { return words.find(word) != words.npos; });
    out.push_back(has ? term.weight : 0);
  }
  return out;
}

}  // namespace hotline::kb::small
