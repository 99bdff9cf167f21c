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
#include "kb/rerank.hpp"
#include "kb/suggest.hpp"

namespace hotline::kb {

// Raised when tokens change their meaning: an index made by another one is made again.
constexpr std::int64_t kAnalysis = 3;
constexpr std::int64_t kSmall = 1000;  // added to it where the postings are FTS5's (small.hpp)
constexpr std::size_t kRebuildBatch = 4096;
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

// A revision as hits show it, with its folded text for phrases.
struct Card {
  Article article;
  int number = 0;
  std::string folded_title;  // title and questions, a line each
  std::string folded;        // all of it
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
class AskedBefore;
// By article: questions with their weights, the weightiest first.
using LearnedQuestions = std::map<std::string, std::vector<std::pair<std::string, double>>>;

struct KnowledgeBase::Impl {
  store::Database db;
  Ranking ranking;
  std::string rebuilt;
  std::shared_ptr<RerankDesk> reranker;

  std::mutex writing;            // one writer a process; taken before `reading`
  text::Analyzer write_analyzer; // of the writer

  mutable std::mutex reading;    // index, caches, words
  text::Analyzer read_analyzer;
  Index index;
  Suggester suggester;           // filled when it is asked first
  bool suggesting = false;
  Cards cards;
  Words words;
  std::unique_ptr<AskedBefore> asked_before;  // filled when something is asked first
  bool learned = false;                       // it is
  // The counters of kb_meta as of the index in memory.
  struct Meta {
    std::uint64_t generation = 0;   // counts commits
    EntryId next_entry = 1;
    std::int64_t next_segment = 1;
    std::int64_t analysis = kAnalysis;
    std::int64_t epoch = 0;         // counts indexes made again
    std::int64_t words = 0;         // counts changes of synonyms, pins, terms, learned questions
    std::uint64_t changes_from = 0; // kb_change knows what came after this generation
  };
  Meta meta;                        // changed with both locks held
  bool small() const { return meta.analysis >= kSmall; }

  explicit Impl(store::Database database);
  ~Impl();

  // store.cpp
  Status migrate();
  Status load(const Progress& progress);
  Status load_words(store::Transaction& t);
  Result<std::shared_ptr<const Card>> card(store::Transaction& t, const Facts& facts);
  Status rebuild_locked(const Progress& progress) { return rebuild_locked(progress, meta.analysis); }  // `writing` held
  Status rebuild_locked(const Progress& progress, std::int64_t analysis);
  Status optimize_locked();
  Status load_suggestions(store::Transaction& t);
  Status load_learned(store::Transaction& t);

  // follow.cpp
  struct FactRow {  // facts before their names are numbers
    Facts facts;
    std::string article, library, jurisdiction, department, catalogue, audience, overlays, supersedes, work;
    void take(const store::Row& row);
  };
  struct News;
  Facts numbered(const FactRow& row);
  Status read_all_facts(store::Transaction& t, std::vector<Facts>& out);
  Result<Meta> read_meta(store::Transaction& t);
  Status read_lines(store::Transaction& t, std::string_view where, std::initializer_list<store::Bind> binds,
                    const std::function<void(EntryId, std::string_view)>& each);
  Status read_news(store::Transaction& t, News& news);
  Result<bool> refresh_locked();  // `writing` held

  // write.cpp
  struct Plan;
  Status commit(store::FunctionRef<Status(store::Transaction&, Plan&)> edit);
  Status write_segment(store::Transaction& t, Plan& plan);
  Status write_small(store::Transaction& t, Plan& plan);
  Status write_meta(store::Transaction& t, Plan& plan);
  void apply(Plan& plan);
  Facts facts_of(const Planned& planned);
  Result<bool> withdraw_in(store::Transaction& t, Plan& plan, std::string_view id, Time now);  // false where there is nothing to end
  Result<Article> article_in(store::Transaction& t, std::string_view article, int number);
  Status words_changed(store::FunctionRef<Status(store::Transaction&)> edit);
  Status keep_usage();
  Result<std::vector<Synonym>> synonyms_in(store::Transaction& t, std::string_view library);
  Status restore_in(store::Transaction& t, Plan& plan, const Revision& revision, const DocumentTerms& terms, bool latest);
  Status put_in(store::Transaction& t, Plan& plan, Prepared& item, Time now, int expected);
  DocumentTerms terms_of(const Article& article);

  // query.cpp, `reading` held
  Result<Results> search(store::Transaction& t, std::string_view question, const Filters& filters, Time as_of, const SearchOptions& options);
  Status read_current(store::FunctionRef<Status(store::Transaction&)> reader);  // takes the lock itself
};

Status check_article(const Article& article);
std::string joined(const std::vector<std::string>& lines);
std::vector<std::string> split_lines(std::string_view text);
// The key of a document number in the index.
std::uint64_t number_key(std::string_view number);

}  // namespace hotline::kb
