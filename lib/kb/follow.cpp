// What other nodes and processes committed, taken in by the change log: only what changed is read.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "kb/plan.hpp"

namespace hotline::kb {
namespace {

constexpr std::string_view kColumns =
    "SELECT entry, article, number, state, kind, channels, overlay, effective_from, effective_to, library, jurisdiction, "
    "department, catalogue, audience, overlays, supersedes, work FROM kb_entry ";

struct Line {
  EntryId entry;
  std::string text;
};

}  // namespace

struct KnowledgeBase::Impl::News {
  Meta meta;
  bool nothing = false;
  bool everything = false;  // the index was made again, or the log does not reach back far enough
  bool words = false;
  std::vector<EntryId> removed;
  std::vector<FactRow> facts;  // of what was added or ended
  std::vector<Index::Arranged> parts;
  std::vector<Line> lines;  // for completion
};

void KnowledgeBase::Impl::FactRow::take(const store::Row& row) {
  facts.entry = static_cast<EntryId>(row.integer(0));
  article = row.text(1);
  facts.revision = static_cast<std::uint32_t>(row.integer(2));
  facts.state = static_cast<State>(row.integer(3));
  facts.kind = static_cast<Kind>(row.integer(4) & 3);
  facts.channels = static_cast<Channels>(row.integer(5));
  facts.overlay = static_cast<Overlay>(row.integer(6));
  facts.from = row.integer(7);
  facts.to = row.integer(8);
  library = row.text(9);
  jurisdiction = row.text(10);
  department = row.text(11);
  catalogue = row.text(12);
  audience = row.text(13);
  overlays = row.text(14);
  supersedes = row.text(15);
  work = row.text(16);
}

Facts KnowledgeBase::Impl::numbered(const FactRow& row) {
  Facts f = row.facts;
  f.article = index.names.number(row.article);
  f.library = index.names.number(row.library);
  f.jurisdiction = index.names.number(row.jurisdiction);
  f.department = index.names.number(row.department);
  f.catalogue = index.names.number(row.catalogue);
  f.overlays = index.names.number(row.overlays);
  f.supersedes = index.names.number(row.supersedes);
  f.work = index.names.number(row.work);
  f.audience = 0;
  if (!row.audience.empty())
    for (const std::string& audience : split_lines(row.audience)) f.audience |= index.audience_bit(audience);
  return f;
}

Status KnowledgeBase::Impl::read_all_facts(store::Transaction& t, std::vector<Facts>& out) {
  FactRow one;
  return t.query(std::string(kColumns) + "ORDER BY entry", {}, [&](const store::Row& row) {
    one.take(row);
    out.push_back(numbered(one));
  });
}

Result<KnowledgeBase::Impl::Meta> KnowledgeBase::Impl::read_meta(store::Transaction& t) {
  Meta out;
  HOTLINE_TRY(t.query("SELECT name, value FROM kb_meta", {}, [&](const store::Row& row) {
    const std::string_view name = row.text(0);
    const std::int64_t value = row.integer(1);
    if (name == "generation") out.generation = static_cast<std::uint64_t>(value);
    if (name == "next_entry") out.next_entry = static_cast<EntryId>(value);
    if (name == "next_segment") out.next_segment = value;
    if (name == "analysis") out.analysis = value;
    if (name == "epoch") out.epoch = value;
    if (name == "words") out.words = value;
    if (name == "changes_from") out.changes_from = static_cast<std::uint64_t>(value);
  }));
  return out;
}

Status KnowledgeBase::Impl::read_lines(store::Transaction& t, std::string_view where, std::initializer_list<store::Bind> binds,
                                       const std::function<void(EntryId, std::string_view)>& each) {
  return t.query("SELECT e.entry, r.title, r.rest FROM kb_entry e JOIN kb_revision r ON r.article = e.article AND r.number = e.number "
                 "WHERE e.kind <> 3 " + std::string(where) + " ORDER BY e.entry", binds, [&](const store::Row& row) {
    const auto entry = static_cast<EntryId>(row.integer(0));
    each(entry, row.text(1));
    if (row.text(2).find("\"questions\"") == std::string_view::npos) return;
    const auto rest = nlohmann::json::parse(row.text(2), nullptr, false);
    if (!rest.is_object() || !rest.contains("questions")) return;
    for (const auto& q : rest["questions"])
      if (q.is_string()) each(entry, q.get_ref<const std::string&>());
  });
}

Status KnowledgeBase::Impl::read_news(store::Transaction& t, News& news) {
  news = {};
  HOTLINE_ASSIGN(news.meta, read_meta(t));
  const auto since = static_cast<std::int64_t>(meta.generation);
  news.nothing = news.meta.generation == meta.generation;
  news.words = news.meta.words != meta.words;
  news.everything = news.meta.epoch != meta.epoch || news.meta.changes_from > meta.generation;
  if (news.nothing || news.everything) return {};
  HOTLINE_TRY(t.query("SELECT entry FROM kb_change WHERE generation > ? AND what = 0 ORDER BY generation, entry", {since}, [&](const store::Row& row) {
    news.removed.push_back(static_cast<EntryId>(row.integer(0)));
  }));
  HOTLINE_TRY(t.query(std::string(kColumns) + "WHERE entry IN (SELECT entry FROM kb_change WHERE generation > ? AND what <> 0) ORDER BY entry", {since},
                      [&](const store::Row& row) { news.facts.emplace_back().take(row); }));
  HOTLINE_TRY(read_lines(t, "AND e.entry IN (SELECT entry FROM kb_change WHERE generation > ? AND what = 1)", {since},
                         [&](EntryId entry, std::string_view text) { news.lines.push_back({entry, std::string(text)}); }));
  HOTLINE_TRY(t.query("SELECT id FROM kb_segment ORDER BY first, id", {}, [&](const store::Row& row) { news.parts.push_back({row.integer(0), nullptr}); }));
  for (Index::Arranged& part : news.parts) {
    const auto& known = index.parts();
    if (std::any_of(known.begin(), known.end(), [&](const Index::Part& p) { return p.id == part.id; })) continue;
    Status decoded = Error(ErrorCode::corrupt, "a segment of the search index is not there");
    HOTLINE_TRY(t.query("SELECT data FROM kb_segment WHERE id = ?", {part.id}, [&](const store::Row& row) {
      auto segment = Segment::decode(row.bytes(0));
      decoded = segment.ok() ? Status() : Status(segment.error());
      if (segment.ok()) part.segment = *std::move(segment);
    }));
    HOTLINE_TRY(decoded);
  }
  return {};
}

// `writing` is held, so nobody else changes the index; readers wait only while it is changed in memory.
Result<bool> KnowledgeBase::Impl::refresh_locked() {
  News news;
  HOTLINE_TRY(db.read([&](store::Transaction& t) { return read_news(t, news); }));
  if (news.nothing) return false;
  const std::lock_guard lock(reading);
  if (news.everything) {
    HOTLINE_TRY(load({}));
    return true;
  }
  std::unordered_map<EntryId, Facts> fresh;
  for (const FactRow& row : news.facts) {
    const Facts facts = numbered(row);
    if (index.facts(facts.entry) != nullptr) index.end_at(facts.entry, facts.to);
    fresh.emplace(facts.entry, facts);
  }
  for (const EntryId entry : news.removed) {
    index.remove(entry);
    suggester.remove(entry);
  }
  index.arrange(news.parts, fresh);
  if (suggesting)
    for (const Line& line : news.lines) suggester.add(line.entry, line.text, 0);
  meta = news.meta;
  if (news.words) HOTLINE_TRY(db.read([&](store::Transaction& t) { return load_words(t); }));
  return true;
}

Result<bool> KnowledgeBase::refresh() {
  const std::lock_guard writing(impl_->writing);
  return impl_->refresh_locked();
}

}  // namespace hotline::kb
