// The tables, and the way from them into memory.
#include <algorithm>

#include "kb/asked_before.hpp"
#include "kb/small.hpp"

namespace hotline::kb {
namespace {

constexpr store::Migration kSteps[] = {{1, R"(
CREATE TABLE kb_meta (name TEXT PRIMARY KEY, value {int} NOT NULL);
CREATE TABLE kb_revision (article TEXT NOT NULL, number {int} NOT NULL, state {int} NOT NULL, changed_at {int} NOT NULL,
  effective_from {int} NOT NULL, effective_to {int} NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, rest TEXT NOT NULL,
  PRIMARY KEY (article, number));
CREATE TABLE kb_entry (entry {id}, article TEXT NOT NULL, number {int} NOT NULL, state {int} NOT NULL, kind {int} NOT NULL,
  channels {int} NOT NULL, overlay {int} NOT NULL, effective_from {int} NOT NULL, effective_to {int} NOT NULL,
  library TEXT NOT NULL, jurisdiction TEXT NOT NULL, department TEXT NOT NULL, catalogue TEXT NOT NULL,
  audience TEXT NOT NULL, overlays TEXT NOT NULL, supersedes TEXT NOT NULL);
CREATE INDEX kb_entry_article ON kb_entry (article);
CREATE TABLE kb_segment (id {id}, first {int} NOT NULL, size {int} NOT NULL, data {bytes} NOT NULL);
CREATE TABLE kb_change (generation {int} NOT NULL, entry {int} NOT NULL, what {int} NOT NULL, PRIMARY KEY (generation, entry));
CREATE TABLE kb_synonym (library TEXT NOT NULL, word TEXT NOT NULL, other TEXT NOT NULL, weight {real} NOT NULL,
  both_ways {int} NOT NULL, used {int} NOT NULL, PRIMARY KEY (library, word, other));
CREATE TABLE kb_term (term TEXT PRIMARY KEY);
CREATE TABLE kb_pin (question TEXT NOT NULL, article TEXT NOT NULL, pin {int} NOT NULL, PRIMARY KEY (question, article));
CREATE TABLE kb_asking (id {auto}, at {int} NOT NULL, question TEXT NOT NULL, folded TEXT NOT NULL, agent TEXT NOT NULL,
  channel {int} NOT NULL, shown TEXT NOT NULL, confidence {real} NOT NULL, solved {int});
CREATE INDEX kb_asking_at ON kb_asking (at);
CREATE TABLE kb_choice (id {auto}, asking {int} NOT NULL, article TEXT NOT NULL, place {int} NOT NULL, at {int} NOT NULL);
CREATE INDEX kb_choice_asking ON kb_choice (asking);
CREATE TABLE kb_rating (id {auto}, article TEXT NOT NULL, agent TEXT NOT NULL, stars {int} NOT NULL, remark TEXT NOT NULL, at {int} NOT NULL);
CREATE TABLE kb_learned (article TEXT NOT NULL, question TEXT NOT NULL, weight {real} NOT NULL, PRIMARY KEY (article, question));
)"},
                                      {2, "ALTER TABLE kb_entry ADD COLUMN work TEXT NOT NULL DEFAULT ''"},
                                      {3, R"(
CREATE TABLE kb_synonym_version (library TEXT NOT NULL, number {int} NOT NULL, who TEXT NOT NULL, at {int} NOT NULL, note TEXT NOT NULL,
  size {int} NOT NULL, list TEXT NOT NULL, PRIMARY KEY (library, number));
CREATE TABLE kb_saved_question (question TEXT PRIMARY KEY, article TEXT NOT NULL);
)"}};

}  // namespace

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::uint64_t number_key(std::string_view number) {
  return text::token_key(Stream::word, U"\uE000" + text::to_utf32(number));
}

std::shared_ptr<const Card> Cards::find(EntryId entry) {
  const auto found = by_entry_.find(entry);
  if (found == by_entry_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->second;
}

void Cards::put(EntryId entry, std::shared_ptr<const Card> card) {
  if (by_entry_.contains(entry)) return;
  order_.emplace_front(entry, std::move(card));
  by_entry_[entry] = order_.begin();
  if (order_.size() <= kMost) return;
  by_entry_.erase(order_.back().first);
  order_.pop_back();
}

void Words::add(std::string_view library, const Synonym& synonym) {
  const auto one = [&](const Synonym& s, bool turned) {
    Entry entry{text::to_utf32(text::fold(s.from)), std::string(library), s, turned, 0};
    if (entry.from.empty()) return;
    by_first[entry.from.front()].push_back(synonyms.size());
    synonyms.push_back(std::move(entry));
  };
  one(synonym, false);
  if (synonym.way == Synonym::Way::one) return;
  Synonym back = synonym;
  std::swap(back.from, back.to);
  one(back, true);
}

KnowledgeBase::Impl::Impl(store::Database database) : db(std::move(database)), asked_before(std::make_unique<AskedBefore>()) {}
KnowledgeBase::Impl::~Impl() = default;

Status KnowledgeBase::Impl::migrate() { return db.migrate("kb", kSteps); }

Status KnowledgeBase::Impl::load_words(store::Transaction& t) {
  words = {};
  HOTLINE_TRY(t.query("SELECT library, word, other, weight, both_ways, used FROM kb_synonym ORDER BY library, word, other", {},
                      [&](const store::Row& row) {
                        Synonym s{std::string(row.text(1)), std::string(row.text(2)), row.number(3),
                                  row.integer(4) != 0 ? Synonym::Way::both : Synonym::Way::one, row.integer(5)};
                        words.add(row.text(0), s);
                      }));
  HOTLINE_TRY(t.query("SELECT question, article, pin FROM kb_pin ORDER BY question, article", {}, [&](const store::Row& row) {
    words.pins[std::string(row.text(0))].push_back({std::string(row.text(1)), static_cast<Pin>(row.integer(2))});
  }));
  std::vector<std::string> terms;
  HOTLINE_TRY(t.query("SELECT term FROM kb_term ORDER BY term", {},
                      [&](const store::Row& row) { terms.emplace_back(row.text(0)); }));
  learned = false;
  suggesting = false;  // popular questions may be others now
  read_analyzer.set_dictionary(terms);
  write_analyzer.set_dictionary(terms);
  return {};
}

Status KnowledgeBase::Impl::load(const Progress& progress) {
  index.clear();
  suggester.clear();
  suggesting = false;
  cards.clear();
  return db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(meta, read_meta(t));
    HOTLINE_TRY(load_words(t));
    if (meta.analysis % kSmall != kAnalysis)
      return Error(ErrorCode::corrupt, "the search index was made by another version", "it is made again");
    std::vector<Facts> all;
    HOTLINE_TRY(read_all_facts(t, all));
    std::size_t used = 0;
    Status decoded;
    HOTLINE_TRY(t.query("SELECT id, data FROM kb_segment ORDER BY first, id", {}, [&](const store::Row& row) {
      if (!decoded.ok()) return;
      auto segment = Segment::decode(row.bytes(1));
      if (!segment.ok()) {
        decoded = segment.error();
        return;
      }
      std::vector<Facts> facts((*segment)->size());
      for (std::size_t d = 0; d < facts.size(); ++d) {
        const EntryId entry = (*segment)->entry(d);
        const auto at = std::lower_bound(all.begin(), all.end(), entry, [](const Facts& f, EntryId e) { return f.entry < e; });
        if (at == all.end() || at->entry != entry) continue;
        facts[d] = *at;
        ++used;
      }
      index.append(row.integer(0), *std::move(segment), std::move(facts));
      if (progress) progress(used, all.size());
    }));
    HOTLINE_TRY(decoded);
    if (used != all.size())
      return Error(ErrorCode::corrupt, "the search index lacks " + std::to_string(all.size() - used) + " entries", "it is made again");
    return {};
  });
}

Status KnowledgeBase::Impl::load_suggestions(store::Transaction& t) {
  suggester.clear();
  suggesting = true;
  HOTLINE_TRY(read_lines(t, "", {}, [&](EntryId entry, std::string_view text) { suggester.add(entry, text, 0); }));
  HOTLINE_TRY(t.query("SELECT article, question, weight FROM kb_learned ORDER BY article, question", {}, [&](const store::Row& row) {
    for (const EntryId entry : index.entries_of(index.names.number(row.text(0))))
      suggester.add(entry, row.text(1), static_cast<float>(row.number(2)));
  }));
  return {};
}

Status KnowledgeBase::Impl::load_learned(store::Transaction& t) {
  if (learned) return {};
  asked_before->clear();
  HOTLINE_TRY(t.query("SELECT article, question, weight FROM kb_learned ORDER BY article, question", {}, [&](const store::Row& row) {
    asked_before->add(index.names.number(row.text(0)), row.text(1), row.number(2), read_analyzer);
  }));
  learned = true;
  return {};
}

Result<std::shared_ptr<const Card>> KnowledgeBase::Impl::card(store::Transaction& t, const Facts& facts) {
  if (auto kept = cards.find(facts.entry)) return kept;
  auto made = std::make_shared<Card>();
  bool found = false;
  Status parsed;
  HOTLINE_TRY(t.query("SELECT rest, title, body FROM kb_revision WHERE article = ? AND number = ?",
                      {std::string_view(index.names.name(facts.article)), facts.revision}, [&](const store::Row& row) {
    const auto node = parse_document(row.text(0), "article");
    if (!node.ok()) return void(parsed = node.error());
    auto article = article_from(*node);
    if (!article.ok()) return void(parsed = article.error());
    made->article = *std::move(article);
    made->article.title = std::string(row.text(1));
    made->article.body = std::string(row.text(2));
    found = true;
  }));
  HOTLINE_TRY(parsed);
  if (!found)
    return Error(ErrorCode::corrupt, "the index names an article that is not there: `" + index.names.name(facts.article) + "`",
                 "run `hotline kb verify`");
  made->number = static_cast<int>(facts.revision);
  made->folded_title = text::fold(made->article.title);
  for (const std::string& q : made->article.questions) made->folded_title += "\n" + text::fold(q);
  made->folded = made->folded_title + "\n" + text::fold(made->article.body) + "\n" + text::fold(joined(made->article.keywords));
  cards.put(facts.entry, made);
  return std::shared_ptr<const Card>(std::move(made));
}

Result<KnowledgeBase> KnowledgeBase::open(store::Database database, const Ranking& ranking, const Progress& progress, Footprint footprint) {
  auto impl = std::make_shared<Impl>(std::move(database));
  impl->ranking = ranking;
  impl->index.bm25.k1.fill(static_cast<float>(ranking.k1));
  impl->index.bm25.b.fill(static_cast<float>(ranking.b));
  HOTLINE_TRY(impl->migrate());
  HOTLINE_TRY(impl->db.write([](store::Transaction& t) -> Status {
    for (const auto& [name, value] : {std::pair{"generation", std::int64_t{0}}, {"next_entry", std::int64_t{1}},
                                      {"next_segment", std::int64_t{1}}, {"analysis", kAnalysis}, {"epoch", std::int64_t{0}},
                                      {"words", std::int64_t{0}}, {"changes_from", std::int64_t{0}}})
      HOTLINE_TRY(t.post("INSERT INTO kb_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", {name, value}));
    return {};
  }));
  Status loaded = impl->load(progress);
  if (loaded.ok() && impl->small()) loaded = impl->db.write([&](store::Transaction& t) { return small::check(t, impl->index.live()); });
  if (!loaded.ok() && loaded.code() != ErrorCode::corrupt) return loaded.error();
  const bool small = footprint == Footprint::as_kept ? impl->small() : footprint == Footprint::small;
  if (!loaded.ok()) impl->rebuilt = loaded.error().message();
  else if (small != impl->small()) impl->rebuilt = small ? "the search index was a full one" : "the search index was a small one";
  if (impl->rebuilt.empty()) return KnowledgeBase(std::move(impl));
  const bool fresh = loaded.ok() && impl->index.live() == 0;
  {
    const std::lock_guard writing(impl->writing);
    HOTLINE_TRY(impl->rebuild_locked(progress, small ? kAnalysis + kSmall : kAnalysis));
  }
  if (fresh) impl->rebuilt.clear();  // there was nothing to make again
  return KnowledgeBase(std::move(impl));
}

const std::string& KnowledgeBase::rebuilt() const { return impl_->rebuilt; }

Footprint KnowledgeBase::footprint() const {
  const std::lock_guard lock(impl_->reading);
  return impl_->small() ? Footprint::small : Footprint::full;
}

}  // namespace hotline::kb
