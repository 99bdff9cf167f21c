// Reading articles back, and keeping index and articles equal.
#include <algorithm>
#include <map>

#include "kb/plan.hpp"
#include "kb/small.hpp"

namespace hotline::kb {
namespace {

constexpr std::string_view kColumns = "SELECT number, state, changed_at, title, body, rest, effective_from, effective_to FROM kb_revision ";

Result<Revision> revision_of(const store::Row& row) {
  HOTLINE_ASSIGN(const Node node, parse_document(row.text(5), "article"));
  Revision out;
  HOTLINE_ASSIGN(out.article, article_from(node));
  out.article.title = std::string(row.text(3));
  out.article.body = std::string(row.text(4));
  out.number = static_cast<int>(row.integer(0));
  out.state = static_cast<State>(row.integer(1));
  out.changed_at = row.time(2);
  if (row.integer(6) != kAlways) out.from = row.time(6);
  if (row.integer(7) != kForever) out.to = row.time(7);
  return out;
}

Result<std::vector<Revision>> read_revisions(store::Database& db, std::string_view sql, std::initializer_list<store::Bind> binds) {
  std::vector<Revision> out;
  Status status;
  HOTLINE_TRY(db.read([&](store::Transaction& t) {
    out.clear();
    return t.query(sql, binds, [&](const store::Row& row) {
      auto one = revision_of(row);
      if (one.ok()) out.push_back(*std::move(one));
      else status = one.error();
    });
  }));
  HOTLINE_TRY(status);
  return out;
}

Error unknown(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no article `" + std::string(id) + "`");
}

// A revision that belongs in the index, by its row.
struct Wanted {
  std::string article;
  int number;
  State state;
  std::int64_t from, to;
};

Result<std::vector<Wanted>> wanted(store::Transaction& t) {
  std::vector<Wanted> out;
  std::optional<Wanted> latest;
  const auto flush = [&] {
    if (latest && latest->state == State::draft) out.push_back(*latest);
  };
  HOTLINE_TRY(t.query("SELECT article, number, state, effective_from, effective_to FROM kb_revision ORDER BY article, number", {},
                      [&](const store::Row& r) {
    Wanted w{std::string(r.text(0)), static_cast<int>(r.integer(1)), static_cast<State>(r.integer(2)), r.integer(3), r.integer(4)};
    if (latest && latest->article != w.article) flush();
    if (w.state == State::published && w.from < w.to) out.push_back(w);
    latest = std::move(w);
  }));
  flush();
  return out;
}

}  // namespace

Result<Revision> KnowledgeBase::article(std::string_view id) {
  HOTLINE_ASSIGN(auto found, read_revisions(impl_->db, std::string(kColumns) + "WHERE article = ? ORDER BY number DESC LIMIT 1", {id}));
  if (found.empty()) return unknown(id);
  return std::move(found.front());
}

Result<Revision> KnowledgeBase::revision(std::string_view id, int number) {
  HOTLINE_ASSIGN(auto found, read_revisions(impl_->db, std::string(kColumns) + "WHERE article = ? AND number = ?", {id, number}));
  if (found.empty()) return Error(ErrorCode::not_found, "article `" + std::string(id) + "` has no revision " + std::to_string(number));
  return std::move(found.front());
}

Result<std::vector<Revision>> KnowledgeBase::revisions(std::string_view id) {
  HOTLINE_ASSIGN(auto found, read_revisions(impl_->db, std::string(kColumns) + "WHERE article = ? ORDER BY number", {id}));
  if (found.empty()) return unknown(id);
  return found;
}

Status KnowledgeBase::each_revision(const std::function<Status(const Revision&)>& visit) {
  Status status;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    return t.query(std::string(kColumns) + "ORDER BY article, number", {}, [&](const store::Row& row) {
      if (!status.ok()) return;
      auto one = revision_of(row);
      status = one.ok() ? visit(*one) : Status(one.error());
    });
  }));
  return status;
}

Result<Revision> KnowledgeBase::current(std::string_view id, Filters filters, Time as_of) {
  filters.validity = Filters::Validity::valid;
  if (filters.kinds.empty()) filters.kinds = {Kind::policy, Kind::qa, Kind::guide, Kind::earlier};
  int number = 0;
  HOTLINE_TRY(impl_->read_current([&](store::Transaction&) -> Status {
    Index& index = impl_->index;
    const Passing& passing = index.passing(filters, to_ns(as_of));
    number = 0;
    if (const std::uint32_t article = index.names.find(id); article != ~std::uint32_t{0})
      for (const EntryId entry : index.entries_of(article))
        if (index.in(passing.own, entry)) number = static_cast<int>(index.facts(entry)->revision);
    return {};
  }));
  if (number == 0) return Error(ErrorCode::not_found, "there is no article `" + std::string(id) + "` that is valid here and then", "see its state with `hotline kb show`");
  return revision(id, number);
}

Result<Cited> KnowledgeBase::cited(const Citation& citation) {
  Cited out;
  HOTLINE_ASSIGN(out.revision, citation.revision == 0 ? article(citation.article) : revision(citation.article, citation.revision));
  const std::string& body = out.revision.article.body;
  out.passage.end = static_cast<std::uint32_t>(body.size());
  std::string anchors;
  bool found = citation.anchor.empty();
  if (!found)
    for (const Passage& p : passages_of(body)) {
      if (p.anchor == citation.anchor) out.passage = p, found = true;
      anchors += (anchors.empty() || p.anchor.empty() ? "" : ", ") + p.anchor;
    }
  if (!found)
    return Error(ErrorCode::not_found, "revision " + std::to_string(out.revision.number) + " of `" + citation.article + "` has no passage `" + citation.anchor + "`",
                 anchors.empty() ? "it has no headings" : "there are " + anchors);
  out.text = body.substr(out.passage.begin, out.passage.end - out.passage.begin);
  return out;
}

Status KnowledgeBase::each(const std::function<Status(const Revision&)>& visit) {
  Status status;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    return t.query("SELECT number, state, changed_at, title, body, rest, effective_from, effective_to FROM kb_revision r WHERE number = "
                   "(SELECT MAX(number) FROM kb_revision x WHERE x.article = r.article) ORDER BY article", {}, [&](const store::Row& row) {
      if (!status.ok()) return;
      auto one = revision_of(row);
      status = one.ok() ? visit(*one) : Status(one.error());
    });
  }));
  return status;
}

Result<Article> KnowledgeBase::Impl::article_in(store::Transaction& t, std::string_view article, int number) {
  std::optional<Article> out;
  Status status = unknown(article);
  HOTLINE_TRY(t.query("SELECT number, state, changed_at, title, body, rest, effective_from, effective_to FROM kb_revision WHERE article = ? AND number = ?", {article, number},
                      [&](const store::Row& row) {
    auto one = revision_of(row);
    status = one.ok() ? Status() : Status(one.error());
    if (one.ok()) out = std::move(one->article);
  }));
  HOTLINE_TRY(status);
  return *std::move(out);
}

// Everything anew, in transactions of a few thousand; readers keep the old index until the end.
Status KnowledgeBase::Impl::rebuild_locked(const Progress& progress, std::int64_t analysis) {
  std::vector<Wanted> all;
  HOTLINE_TRY(db.write([&](store::Transaction& t) -> Status {
    for (const std::string_view sql : {"DELETE FROM kb_entry", "DELETE FROM kb_segment", "DELETE FROM kb_change"}) HOTLINE_TRY(t.post(sql));
    HOTLINE_TRY(t.post("UPDATE kb_meta SET value = value + 1 WHERE name = 'generation' OR name = 'epoch'"));
    HOTLINE_TRY(t.post("UPDATE kb_meta SET value = ? WHERE name = 'analysis'", {analysis}));
    if (analysis == kAnalysis + kSmall) HOTLINE_TRY(small::create(t));
    else if (small()) for (const std::string_view sql : {"DROP TABLE kb_small_terms", "DROP TABLE kb_small_instances", "DROP TABLE kb_small"}) HOTLINE_TRY(t.post(sql));
    HOTLINE_ASSIGN(all, wanted(t));
    return t.settle();
  }));
  {
    const std::lock_guard lock(reading);
    HOTLINE_TRY(load({}));
  }
  for (std::size_t begin = 0; begin < all.size(); begin += kRebuildBatch) {
    const std::size_t end = std::min(all.size(), begin + kRebuildBatch);
    std::vector<Prepared> items(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      HOTLINE_ASSIGN(auto found, read_revisions(db, std::string(kColumns) + "WHERE article = ? AND number = ?", {all[i].article, all[i].number}));
      if (found.empty()) continue;
      Prepared& item = items[i - begin];
      item.article = std::move(found.front().article);
      item.terms = terms_of(item.article);
    }
    HOTLINE_TRY(commit([&](store::Transaction&, Plan& plan) -> Status {
      for (std::size_t i = begin; i < end; ++i) {
        const Prepared& item = items[i - begin];
        plan.added.push_back({plan.meta.next_entry++, &item.article, &item.terms, all[i].number, all[i].state, all[i].from, all[i].to});
      }
      return {};
    }));
    if (progress) progress(end, all.size());
  }
  return {};
}

Status KnowledgeBase::rebuild(const Progress& progress) {
  const std::lock_guard lock(impl_->writing);
  return impl_->rebuild_locked(progress);
}

Status KnowledgeBase::optimize() {
  const std::lock_guard lock(impl_->writing);
  return impl_->optimize_locked();
}

// Neighbouring segments are joined as long as they fit into one.
Status KnowledgeBase::Impl::optimize_locked() {
  const auto& parts = index.parts();
  const auto find_groups = [&] {
    std::vector<std::pair<std::size_t, std::size_t>> groups;
    for (std::size_t p = 0; p < parts.size();) {
      std::size_t live = parts[p].live;
      std::size_t end = p + 1;
      while (end < parts.size() && live + parts[end].live <= kSegmentDocuments) live += parts[end++].live;
      if (end - p > 1 || parts[p].live < parts[p].segment->size()) groups.emplace_back(p, end);
      p = end;
    }
    return groups;
  };
  if (small()) HOTLINE_TRY(db.write([](store::Transaction& t) { return small::optimize(t); }));
  if (find_groups().empty()) return {};
  std::vector<Index::Joined> joined;
  HOTLINE_TRY(commit([&](store::Transaction& t, Plan& plan) -> Status {
    joined.clear();
    plan.moved = true;
    const auto groups = find_groups();  // another node may have changed them
    for (const auto& [begin, end] : groups) {
      std::vector<const Segment*> segments;
      std::vector<const std::vector<bool>*> dead;
      for (std::size_t p = begin; p < end; ++p) {
        segments.push_back(parts[p].segment.get());
        dead.push_back(&parts[p].dead);
        HOTLINE_TRY(t.post("DELETE FROM kb_segment WHERE id = ?", {parts[p].id}));
      }
      const auto merged = merge(segments, dead);
      joined.push_back({begin, end, plan.meta.next_segment, merged});
      if (merged->size() == 0) continue;
      const std::string blob = merged->encode();
      HOTLINE_TRY(t.post("INSERT INTO kb_segment (id, first, size, data) VALUES (?, ?, ?, ?)",
                         {plan.meta.next_segment++, merged->entry(0), merged->size(), store::Blob{blob}}));
      HOTLINE_TRY(t.settle());
    }
    return {};
  }));
  const std::lock_guard lock(reading);
  index.join(joined);
  return {};
}

IndexStatistics KnowledgeBase::statistics() const {
  IndexStatistics out;
  const std::lock_guard lock(impl_->reading);
  for (const Index::Part& part : impl_->index.parts()) {
    ++out.segments;
    out.entries += part.live;
    out.terms += part.segment->key_count();
    out.postings += part.segment->posting_count();
  }
  out.articles = impl_->index.article_count();
  out.generation = impl_->meta.generation;
  (void)impl_->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto bytes, t.integer("SELECT SUM(LENGTH(data)) FROM kb_segment"));
    out.bytes = static_cast<std::uint64_t>(bytes.value_or(0));
    if (!impl_->small()) return {};
    HOTLINE_ASSIGN(const std::uint64_t more, small::bytes(t));
    out.bytes += more;
    return {};
  });
  return out;
}

// Every revision that belongs in the index is there once, with the terms and the facts that its text gives today, and
// nothing else is; what is in memory is what is in the database.
Result<Verification> KnowledgeBase::verify(const Progress& progress) {
  constexpr std::size_t kMostProblems = 100;
  const std::lock_guard writing(impl_->writing);
  Impl& kb = *impl_;
  HOTLINE_ASSIGN([[maybe_unused]] const bool fresh, kb.refresh_locked());
  const std::lock_guard reading(impl_->reading);
  Verification out;
  const auto problem = [&](std::string text) {
    if (out.problems.size() < kMostProblems) out.problems.push_back(std::move(text));
  };
  std::vector<Wanted> all;
  std::map<std::pair<std::string, int>, EntryId> entries;
  std::vector<std::shared_ptr<const Segment>> stored;
  std::unordered_map<EntryId, std::uint64_t> digests;  // of a small index
  HOTLINE_TRY(kb.db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(all, wanted(t));
    HOTLINE_TRY(t.query("SELECT entry, article, number FROM kb_entry ORDER BY entry", {}, [&](const store::Row& r) {
      const bool once = entries.emplace(std::pair{std::string(r.text(1)), static_cast<int>(r.integer(2))}, static_cast<EntryId>(r.integer(0))).second;
      if (!once) problem("revision " + std::to_string(r.integer(2)) + " of `" + std::string(r.text(1)) + "` is in the index twice");
    }));
    if (kb.small()) HOTLINE_TRY(small::digests(t, digests));
    return t.query("SELECT data FROM kb_segment ORDER BY first, id", {}, [&](const store::Row& r) {
      auto segment = Segment::decode(r.bytes(0));
      if (segment.ok()) stored.push_back(*std::move(segment));
      else problem(segment.error().message());
    });
  }));
  out.entries = entries.size();
  if (stored.size() != kb.index.parts().size()) problem("memory has other segments than the database");
  else
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (!(*stored[i] == *kb.index.parts()[i].segment)) problem("segment " + std::to_string(i) + " differs in memory");
  std::uint64_t done = 0;
  std::string last;
  for (const Wanted& w : all) {
    if (w.article != last) ++out.articles, last = w.article;
    const auto name = "revision " + std::to_string(w.number) + " of `" + w.article + "`";
    const auto at = entries.find({w.article, w.number});
    if (at == entries.end()) {
      problem(name + " is not in the index");
      continue;
    }
    const EntryId entry = at->second;
    entries.erase(at);
    HOTLINE_ASSIGN(auto found, read_revisions(kb.db, std::string(kColumns) + "WHERE article = ? AND number = ?", {w.article, w.number}));
    if (found.empty()) continue;
    const DocumentTerms terms = kb.terms_of(found.front().article);
    const auto kept = digests.find(entry);
    const bool equal = kb.small() ? kept != digests.end() && kept->second == small::digest(kb.write_analyzer, found.front().article) : kb.index.holds(entry, terms);
    if (!equal) problem("the terms of " + name + " differ from its text");
    if (kept != digests.end()) digests.erase(kept);
    const Facts* facts = kb.index.facts(entry);
    const Planned planned{entry, &found.front().article, nullptr, w.number, w.state, w.from, w.to};
    if (facts == nullptr || !(*facts == kb.facts_of(planned))) problem("the facts of " + name + " differ from its fields");
    if (progress && ++done % 1000 == 0) progress(done, all.size());
  }
  for (const auto& [key, entry] : entries) problem("the index has revision " + std::to_string(key.second) + " of `" + key.first + "`, which should not be there");
  for (const auto& [entry, digest] : digests) problem("the small index has entry " + std::to_string(entry) + ", which should not be there");
  if (kb.index.live() != out.entries) problem("memory has " + std::to_string(kb.index.live()) + " entries, the database " + std::to_string(out.entries));
  return out;
}

}  // namespace hotline::kb
