// What a KnowledgeBase is made of. Private.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "hotline/kb/knowledge_base.hpp"
#include "hotline/text/analysis.hpp"
#include "kb/index.hpp"
#include "kb/suggest.hpp"

namespace hotline::kb {

// A revision as hits show it, with its folded text for phrases.
struct Card {
  Article article;
  int number = 0;
  std::string folded_title;  // title and questions, a line each
  std::string folded;        // all of it
  std::string learned;       // chosen questions, a line each
};

// The revisions used last. Caller-locked.
class Cards {
 public:
  std::shared_ptr<const Card> find(EntryId entry);
  void put(EntryId entry, std::shared_ptr<const Card> card);
  void clear() { order_.clear(), by_entry_.clear(); }

 private:
  static constexpr std::size_t kMost = 4096;
  std::list<std::pair<EntryId, std::shared_ptr<const Card>>> order_;
  std::unordered_map<EntryId, decltype(order_)::iterator> by_entry_;
};

// Synonyms and pins, in memory.
struct Words {
  struct Entry {
    std::u32string from;  // folded
    std::string library;
    Synonym synonym;
    bool turned = false;  // the way back of a two-way one
    std::int64_t fired = 0;
  };
  std::vector<Entry> synonyms;
  std::unordered_map<char32_t, std::vector<std::size_t>> by_first;
  struct Pinned {
    std::string article;
    Pin pin;
  };
  std::unordered_map<std::string, std::vector<Pinned>> pins;  // by folded question
  void add(std::string_view library, const Synonym& synonym);
};

// One revision on its way into the index.
struct Prepared {
  Article article;
  int number = 0;
  State state = State::draft;
  DocumentTerms terms;
};

struct Planned;
// By article: questions with their weights, the weightiest first.
using LearnedQuestions = std::map<std::string, std::vector<std::pair<std::string, double>>>;

struct KnowledgeBase::Impl {
  store::Database db;
  Ranking ranking;
  std::string rebuilt;
  Reranker reranker;

  std::mutex writing;            // one writer a process; taken before `reading`
  text::Analyzer write_analyzer; // of the writer

  mutable std::mutex reading;    // index, caches, words
  text::Analyzer read_analyzer;
  Index index;
  Suggester suggester;           // filled when it is asked first
  bool suggesting = false;
  Cards cards;
  Words words;
  std::uint64_t generation = 0;
  EntryId next_entry = 1;
  std::int64_t next_segment = 1;

  explicit Impl(store::Database database) : db(std::move(database)) {}

  // store.cpp
  Status migrate();
  Status load(const Progress& progress);
  Status load_words(store::Transaction& t);
  Status read_facts(store::Transaction& t, std::string_view sql, std::initializer_list<store::Bind> binds,
                    const std::function<void(Facts&&)>& each);
  Result<std::shared_ptr<const Card>> card(store::Transaction& t, const Facts& facts);
  Result<bool> refresh_locked();  // `reading` held
  Status rebuild_locked(const Progress& progress);  // `writing` held
  Status optimize_locked();
  Status load_suggestions(store::Transaction& t);
  bool anything_learned = false;

  // write.cpp
  struct Plan;
  Status commit(store::FunctionRef<Status(store::Transaction&, Plan&)> edit);
  Status write_segment(store::Transaction& t, Plan& plan);
  void apply(Plan& plan);
  Facts facts_of(const Planned& planned);
  std::string learned_of(std::string_view article);
  Result<Article> article_in(store::Transaction& t, std::string_view article, int number);
  Status reindex(const std::vector<std::string>& articles, const LearnedQuestions& learned);  // `writing` held
  Status words_changed(store::FunctionRef<Status(store::Transaction&)> edit);
  Status keep_usage();
  Status put_in(store::Transaction& t, Plan& plan, Prepared& item, Time now, int expected);
  DocumentTerms terms_of(const Article& article, std::string_view learned);

  // query.cpp, `reading` held
  Result<Results> search(std::string_view question, const Filters& filters, Time as_of, const SearchOptions& options);
};

// Raised when tokens change their meaning: an index made by another one is made again.
constexpr std::int64_t kAnalysis = 1;
constexpr std::size_t kRebuildBatch = 4096;
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

std::string joined(const std::vector<std::string>& lines);
std::vector<std::string> split_lines(std::string_view text);
// The key of a document number in the index.
std::uint64_t number_key(std::string_view number);

}  // namespace hotline::kb
