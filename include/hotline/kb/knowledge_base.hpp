// The knowledge base: libraries of articles in a database, and the search over them.
//
//   auto db = store::Database::open("hotline.db").value();
//   auto kb = kb::KnowledgeBase::open(db).value();
//   kb.put(article, now, {.state = kb::State::published}).value();
//   auto found = kb.search("公积金怎么提取", {.jurisdiction = "440100"}, now).value();
//   auto spoken = kb.spoken_answer("公积金怎么提取", {.channel = kb::Channel::ivr}, now).value();
//
// The database keeps articles, their revisions, synonyms, pins, clicks and the segments of the index; the index and
// the completion of questions live in memory. An article and its place in the index are committed together. On a
// shared database every node holds its own copy and follows the others' commits with `refresh`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/kb/article.hpp"
#include "hotline/kb/learning.hpp"
#include "hotline/kb/search.hpp"
#include "hotline/store/database.hpp"

namespace hotline::kb {

// What is left of how the ranking can be set; the defaults are what docs/kb.md measures.
struct Ranking {
  // Weights of the streams, and how often a term counts (k1) and how much a long text is held against it (b).
  double word = 1.0, bigram = 1.0, unigram = 0.5, gram = 0.75;
  double k1 = 1.2, b = 0.9;
  double rarity = 1.1;   // exponent of idf
  // Parts of one work (articles of a law) stand together: a part is lifted by this share of the mean of its work's best
  // three. An article by itself is its own work.
  double work = 0.6;
  // A question that led to an article before lifts it by up to `learned` times the rarity of what is asked, as far as the
  // two resemble each other more than `learned_floor` (0..1). Where few articles have such questions, the lift is down to
  // 0.27 of it and the floor stands; where all have, none is pushed down for having none: the lift is whole, the floor
  // half. learned 0: they do not count.
  double learned = 1.5;
  double learned_floor = 0.35;
  double nearer = 0.03;  // for each step of jurisdiction that a hit is nearer to the asker
  // The IVR speaks an answer that is right with this probability (SpokenAnswer::confidence), if it has this share of the
  // question; it offers choices from a share of `choose_confidence` on.
  double speak_confidence = 0.75;
  double speak_share = 0.4;
  double choose_confidence = 0.25;
  // Expansions; 0 switches one off.
  double same_sound = 0.5;
  double typo = 0.6;
};

struct PutOptions {
  State state = State::draft;
  int expected_revision = -1;  // the latest one that the editor saw; -1: whatever it is
};

struct IndexStatistics {
  std::uint64_t articles = 0;   // with something in the index
  std::uint64_t entries = 0;    // indexed revisions
  std::uint64_t segments = 0;
  std::uint64_t terms = 0;      // summed over segments; a small index does not count them
  std::uint64_t postings = 0;
  std::uint64_t bytes = 0;      // of the segments in the database
  std::uint64_t generation = 0; // counts commits to the index, on all nodes
};

// What a citation names.
struct Cited {
  Revision revision;
  Passage passage;   // all of the body where the citation names none
  std::string text;  // of the passage
};

// What `verify` found. `problems` is empty when index and articles are equal.
struct Verification {
  std::uint64_t articles = 0;
  std::uint64_t entries = 0;
  std::vector<std::string> problems;
};

// Where the words of articles are kept. `full`: in our own index, in memory. `small`: in SQLite's FTS5 on the disk, as pairs of
// characters and Latin words; memory holds some hundred bytes an article. A small one has the same filters, places, times,
// overlays, quotes, exclusions, document numbers, phrases first, synonyms, pins and completion. What it has not: single
// characters out of the middle of words, misspelt or half words, same sounds, pinyin in questions, parts of one work
// together; its ranking is BM25 over the rarest terms of the question, its explanations give rarities.
enum class Footprint : std::uint8_t {
  as_kept,  // as the database has it; a new one is full
  full,
  small,    // not on PostgreSQL
};

using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Synchronised: any thread, any method. A handle: copies speak of the same knowledge base.
class KnowledgeBase {
 public:
  struct Impl;  // of the library

  // Makes the tables where they are missing. A segment that is damaged is not trusted: the index is made again from
  // the articles (see `rebuilt`), as it is where another footprint is asked for. Errors: those of store::Database;
  // unsupported (a small one on PostgreSQL).
  static Result<KnowledgeBase> open(store::Database database, const Ranking& ranking = {}, const Progress& progress = {},
                                    Footprint footprint = Footprint::as_kept);
  Footprint footprint() const;  // full or small
  // Why the index was made again when this was opened; "" where it was not.
  const std::string& rebuilt() const;

  // --- articles ---------------------------------------------------------------------------------------------------
  // Writes a new revision and returns its number. A published one ends the published one before it at its
  // effective_from (or now). Errors: invalid_argument (no id, not UTF-8, an interval that is empty, a field longer
  // than 1 MiB), version_mismatch.
  Result<int> put(const Article& article, Time now, const PutOptions& options = {});
  // Many at once, in transactions of a few thousand. All are checked before the first is written.
  Status put_all(std::span<const Article> articles, Time now, State state, const Progress& progress = {});
  // Publishes a revision that is there, a withdrawn one too. Errors: not_found.
  Status publish(std::string_view id, int revision, Time now);
  // The article ends now, in every search. Its revisions stay.
  Status withdraw(std::string_view id, Time now);

  // The latest revision. Errors: not_found.
  Result<Revision> article(std::string_view id);
  Result<Revision> revision(std::string_view id, int number);
  Result<std::vector<Revision>> revisions(std::string_view id);
  // The revision that a search with these filters has at this time: what a channel may be given. Errors: not_found.
  Result<Revision> current(std::string_view id, Filters filters, Time as_of);
  // What a citation names, as it was: the revision, and the text of its passage. Errors: not_found (with the passages
  // that there are).
  Result<Cited> cited(const Citation& citation);
  // The latest revision of every article, by id. Stops with the first error that `each` returns.
  Status each(const std::function<Status(const Revision&)>& each);

  // Every revision, by id and number. Same rule.
  Status each_revision(const std::function<Status(const Revision&)>& each);
  // Takes in whole articles with their history, as each_revision gave them: numbers, states and times stay what they were.
  // Errors: already_exists (an article of that id), invalid_argument (numbers that do not grow, and those of put).
  Status restore(std::span<const Revision> revisions, const Progress& progress = {});

  // --- search -----------------------------------------------------------------------------------------------------
  // Any bytes are a question. "quoted" must occur as it stands, -word must not. Errors: those of the database.
  Result<Results> search(std::string_view question, const Filters& filters, Time as_of, const SearchOptions& options = {});
  // What an IVR should do with a question; searches as Channel::ivr whatever the filters say.
  Result<SpokenAnswer> spoken_answer(std::string_view question, Filters filters, Time as_of);
  // Completes what is being typed: characters, pinyin, initials, or all of them mixed; same-sounding characters where
  // nothing else is found.
  Result<std::vector<Suggestion>> suggest(std::string_view typed, const Filters& filters, Time as_of, std::size_t limit = 8);
  // Tickets that were answered before and read like this text (kind `earlier`).
  Result<Results> similar(std::string_view text, Filters filters, Time as_of, std::size_t limit = 5);
  // Called for a search with marks, while no lock is held, on a thread of its own: where it has not answered within
  // `budget`, or is still busy with an earlier question, the order stays. An empty function takes it away.
  void set_reranker(Reranker reranker, Duration budget = std::chrono::milliseconds(200));

  // --- words ------------------------------------------------------------------------------------------------------
  // Replaces the synonyms of a library ("" is all libraries). In force at once; what was in force is kept as a version.
  Status set_synonyms(std::string_view library, std::span<const Synonym> synonyms, const Signed& by = {});
  // The latest last. The present list is the latest version.
  Result<std::vector<SynonymVersion>> synonym_versions(std::string_view library);
  // Errors: not_found.
  Result<std::vector<Synonym>> synonyms_as_of(std::string_view library, int version);
  // Makes an earlier version the present one, as a new version. Errors: not_found.
  Status restore_synonyms(std::string_view library, int version, const Signed& by);
  Result<std::vector<Synonym>> synonyms(std::string_view library);
  // The questions that changes are tried against. Replaces those that were there. Errors: not_found (an article).
  Status save_questions(std::span<const SavedQuestion> questions);
  Result<std::vector<SavedQuestion>> saved_questions();
  // What a change would do, before it is made: the first ten of each question, before and after. Without questions, those
  // that were saved.
  Result<std::vector<SynonymTrial>> try_synonyms(std::string_view library, std::span<const Synonym> synonyms,
                                                 std::span<const std::string> questions, const Filters& filters, Time as_of);
  // The agency's own terms, which the dictionaries do not know. The index is made again.
  Status set_dictionary(std::span<const std::string> terms, const Progress& progress = {});

  // --- learning ---------------------------------------------------------------------------------------------------
  // Notes a question with what was shown; the number is for `chose`, `solved` and `rate`. Numbers, mail
  // addresses and names are struck out before anything is kept (without_personal_data).
  Result<std::int64_t> asked(std::string_view question, const Results& shown, std::string_view agent, Channel channel, Time now);
  Status chose(std::int64_t asking, std::string_view article, Time now);
  Status solved(std::int64_t asking, bool yes, Time now);  // NOLINT: a plain answer
  // Opinion of an article, 1 (bad) to 5, with a remark.
  Status rate(std::string_view article, std::string_view agent, int stars, std::string_view remark, Time now);
  // Many choices at once, from another system's log or for a measurement.
  Status replay(std::span<const Click> clicks);
  // Takes chosen questions into the articles that they led to. Returns how many articles changed. Call it now and then.
  Result<std::size_t> learn(Time now, const LearnOptions& options = {});
  // Editors lift an article for a question to the top, or keep it out. `none` takes that back.
  Status pin(std::string_view question, std::string_view article, Pin pin);

  Result<Report> report(const ReportOptions& options);

  // --- the index --------------------------------------------------------------------------------------------------
  IndexStatistics statistics() const;
  // Takes in what other nodes committed. True when there was something. Cheap where there is nothing.
  Result<bool> refresh();
  // Makes few large segments of many small ones. For quiet hours.
  Status optimize();
  // Compares index and articles, both ways, to the last term.
  Result<Verification> verify(const Progress& progress = {});
  // Makes the index again from the articles.
  Status rebuild(const Progress& progress = {});

 private:
  friend class Editing;  // its steps change articles and their workflow in one transaction
  explicit KnowledgeBase(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace hotline::kb
