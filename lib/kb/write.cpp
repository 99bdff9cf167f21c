// Changes: article, entry and segment in one transaction, then the same in memory.
#include <algorithm>

#include "hotline/base/json.hpp"
#include "kb/plan.hpp"
#include "kb/small.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kInlineMerge = 4096;   // documents that a single change may move
constexpr std::size_t kBatch = 4096;
constexpr std::size_t kLongestField = 1 << 20;
constexpr int kAttempts = 16;
constexpr std::uint64_t kKeptChanges = 1000;

Status check_text(const Article& a, std::string_view name, const std::string& text) {
  const auto refuse = [&](std::string what, std::string remedy) {
    return Error(ErrorCode::invalid_argument, "article `" + a.id + "`: `" + std::string(name) + "` " + std::move(what), std::move(remedy));
  };
  if (text.size() > kLongestField) return refuse("is longer than 1 MiB", "split it into articles");
  if (!is_utf8(text)) return refuse("is not UTF-8", "convert it (Chinese files are often GB 18030)");
  if (text.find('\0') != text.npos) return refuse("holds a zero byte", "take it out");
  return {};
}

}  // namespace

Status check_article(const Article& a) {
  if (a.id.empty() || a.id.size() > 200) return Error(ErrorCode::invalid_argument, "an article's id is empty or longer than 200 bytes", "give it a short name of its own");
  for (const auto& [name, text] : {std::pair<std::string_view, const std::string*>{"id", &a.id}, {"library", &a.library},
        {"catalogue", &a.catalogue}, {"title", &a.title}, {"body", &a.body}, {"number", &a.number}, {"department", &a.department},
        {"jurisdiction", &a.jurisdiction}, {"supersedes", &a.supersedes}, {"overlays", &a.overlays},
        {"spoken_answer", &a.spoken_answer}, {"author", &a.author}})
    HOTLINE_TRY(check_text(a, name, *text));
  for (const auto& [name, list] : {std::pair<std::string_view, const std::vector<std::string>*>{"questions", &a.questions},
        {"keywords", &a.keywords}, {"audience", &a.audience}, {"attachments", &a.attachments}, {"credits", &a.credits}})
    for (const std::string& text : *list) HOTLINE_TRY(check_text(a, name, text));
  if (a.effective_from && a.effective_to && *a.effective_from >= *a.effective_to)
    return Error(ErrorCode::invalid_argument, "article `" + a.id + "` ends before it begins", "effective_to must be later than effective_from");
  return {};
}

namespace {

std::string rest_of(const Article& article) {
  Article rest = article;
  rest.title.clear();
  rest.body.clear();
  return to_json(rest);
}

std::int64_t or_else(const std::optional<Time>& t, std::int64_t otherwise) { return t ? to_ns(*t) : otherwise; }

Error stale() { return Error(ErrorCode::lost_race, "another node changed the index first"); }

}  // namespace

DocumentTerms KnowledgeBase::Impl::terms_of(const Article& a) {
  if (small()) return {};  // they are FTS5's
  TermCounter counter(write_analyzer);
  counter.add(a.title, FieldWeight::title);
  for (const std::string& q : a.questions) counter.add(q, FieldWeight::title);
  for (const std::string& k : a.keywords) counter.add(k, FieldWeight::keywords);
  counter.add(a.body, FieldWeight::body);
  std::string number = document_number(a.number);
  if (number.empty()) number = text::fold(a.number);
  if (!number.empty()) counter.add_key(number_key(number), FieldWeight::title);
  counter.add(a.number, FieldWeight::body);
  return counter.take();
}

Facts KnowledgeBase::Impl::facts_of(const Planned& p) {
  const Article& a = *p.article;
  FactRow row;
  row.facts = {.entry = p.entry, .from = p.from, .to = p.to, .revision = static_cast<std::uint32_t>(p.number), .kind = a.kind, .state = p.state, .channels = a.channels, .overlay = a.overlay};
  row.article = a.id;
  row.library = a.library;
  row.jurisdiction = a.jurisdiction;
  row.department = a.department;
  row.catalogue = a.catalogue;
  row.audience = joined(a.audience);
  row.overlays = a.overlays;
  row.supersedes = a.supersedes;
  row.work = work_of(a.title);
  return numbered(row);
}

// The same for a small index.
Status KnowledgeBase::Impl::write_small(store::Transaction& t, Plan& plan) {
  if (!small()) return {};
  for (const EntryId entry : plan.removed) {
    std::string article;
    int number = 0;
    HOTLINE_TRY(t.query("SELECT article, number FROM kb_entry WHERE entry = ?", {entry}, [&](const store::Row& row) {
      article = row.text(0);
      number = static_cast<int>(row.integer(1));
    }));
    HOTLINE_ASSIGN(const Article old, article_in(t, article, number));
    HOTLINE_TRY(small::remove(t, write_analyzer, entry, old));
  }
  for (const Planned& p : plan.added)
    if (p.article != nullptr) HOTLINE_TRY(small::add(t, write_analyzer, p.entry, *p.article));
  return {};
}

Status KnowledgeBase::Impl::write_segment(store::Transaction& t, Plan& plan) {
  HOTLINE_TRY(write_small(t, plan));
  for (const EntryId entry : plan.removed) {
    HOTLINE_TRY(t.post("DELETE FROM kb_entry WHERE entry = ?", {entry}));
    HOTLINE_TRY(t.post("INSERT INTO kb_change (generation, entry, what) VALUES (?, ?, 0)", {plan.meta.generation, entry}));
  }
  for (const auto& [entry, to] : plan.ended) {
    HOTLINE_TRY(t.post("UPDATE kb_entry SET effective_to = ? WHERE entry = ?", {to, entry}));
    HOTLINE_TRY(t.post("INSERT INTO kb_change (generation, entry, what) VALUES (?, ?, 2)", {plan.meta.generation, entry}));
  }
  std::erase_if(plan.added, [](const Planned& p) { return p.article == nullptr; });
  if (plan.added.empty()) return {};
  SegmentBuilder builder;
  for (const Planned& p : plan.added) {
    const Article& a = *p.article;
    HOTLINE_TRY(t.post("INSERT INTO kb_entry (entry, article, number, state, kind, channels, overlay, effective_from, effective_to, library, "
                       "jurisdiction, department, catalogue, audience, overlays, supersedes, work) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                       {p.entry, a.id, p.number, static_cast<int>(p.state), static_cast<int>(a.kind), a.channels, static_cast<int>(a.overlay),
                        p.from, p.to, a.library, a.jurisdiction, a.department, a.catalogue, joined(a.audience), a.overlays, a.supersedes, work_of(a.title)}));
    HOTLINE_TRY(t.post("INSERT INTO kb_change (generation, entry, what) VALUES (?, ?, 1)", {plan.meta.generation, p.entry}));
    builder.add(p.entry, *p.terms);
  }
  plan.segment = builder.build();
  // A tail of segments no larger than what has been gathered goes into the new one, like carries in a binary counter.
  const auto& parts = index.parts();
  std::size_t gathered = plan.added.size();
  plan.first = parts.size();
  while (plan.first > 0) {
    const Index::Part& part = parts[plan.first - 1];
    if (part.live > gathered || part.live + gathered > kInlineMerge) break;
    gathered += part.live;
    --plan.first;
  }
  if (plan.first < parts.size()) {
    std::vector<const Segment*> segments;
    std::vector<std::vector<bool>> dead;
    for (std::size_t p = plan.first; p < parts.size(); ++p) {
      segments.push_back(parts[p].segment.get());
      dead.push_back(parts[p].dead);
      const auto& entries = parts[p].segment->entries();
      for (const EntryId entry : plan.removed) {
        const auto at = std::lower_bound(entries.begin(), entries.end(), entry);
        if (at != entries.end() && *at == entry) dead.back()[static_cast<std::size_t>(at - entries.begin())] = true;
      }
      HOTLINE_TRY(t.post("DELETE FROM kb_segment WHERE id = ?", {parts[p].id}));
    }
    segments.push_back(plan.segment.get());
    std::vector<const std::vector<bool>*> marks;
    for (const auto& d : dead) marks.push_back(&d);
    marks.push_back(nullptr);
    plan.segment = merge(segments, marks);
  }
  plan.segment_id = plan.meta.next_segment++;
  const std::string blob = plan.segment->encode();
  return t.post("INSERT INTO kb_segment (id, first, size, data) VALUES (?, ?, ?, ?)",
                {plan.segment_id, plan.segment->entry(0), plan.segment->size(), store::Blob{blob}});
}

// The log of changes is kept for the last kKeptChanges commits or more; a node further behind reads everything.
Status KnowledgeBase::Impl::write_meta(store::Transaction& t, Plan& plan) {
  Meta& m = plan.meta;
  if (plan.words) ++m.words;
  if (m.generation > m.changes_from + 2 * kKeptChanges) {
    m.changes_from = m.generation - kKeptChanges;
    HOTLINE_TRY(t.post("DELETE FROM kb_change WHERE generation <= ?", {m.changes_from}));
    HOTLINE_TRY(t.post("UPDATE kb_meta SET value = ? WHERE name = 'changes_from'", {m.changes_from}));
  }
  if (plan.words) HOTLINE_TRY(t.post("UPDATE kb_meta SET value = ? WHERE name = 'words'", {m.words}));
  for (const auto& [name, value] : {std::pair{"generation", static_cast<std::int64_t>(m.generation)},
                                    {"next_entry", static_cast<std::int64_t>(m.next_entry)}, {"next_segment", m.next_segment}})
    HOTLINE_TRY(t.post("UPDATE kb_meta SET value = ? WHERE name = ?", {value, name}));
  return {};
}

Status KnowledgeBase::Impl::commit(store::FunctionRef<Status(store::Transaction&, Plan&)> edit) {
  Plan plan;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool behind = false;
    const Status done = db.write([&](store::Transaction& t) -> Status {
      plan = {};
      behind = false;
      HOTLINE_ASSIGN(const auto latest, t.integer("SELECT value FROM kb_meta WHERE name = 'generation' {update}"));
      if (static_cast<std::uint64_t>(latest.value_or(0)) != meta.generation) {
        behind = true;
        return stale();
      }
      plan.meta = meta;
      ++plan.meta.generation;
      HOTLINE_TRY(edit(t, plan));
      if (!plan.changes()) return t.settle();
      HOTLINE_TRY(write_segment(t, plan));
      HOTLINE_TRY(write_meta(t, plan));
      return t.settle();
    });
    if (behind) {
      const bool was_small = small();
      HOTLINE_ASSIGN([[maybe_unused]] const bool changed, refresh_locked());
      if (small() != was_small) return Error(ErrorCode::busy, "another node changed the footprint of the search index", "try again");
      continue;
    }
    HOTLINE_TRY(done);
    if (!plan.changes()) return {};
    const std::lock_guard lock(reading);
    apply(plan);
    return {};
  }
  return Error(ErrorCode::busy, "other nodes keep changing the knowledge base", "try again");
}

void KnowledgeBase::Impl::apply(Plan& plan) {
  meta = plan.meta;
  for (const EntryId entry : plan.removed) {
    index.remove(entry);
    if (suggesting) suggester.remove(entry);
  }
  for (const auto& [entry, to] : plan.ended) index.end_at(entry, to);
  if (plan.segment == nullptr) return;
  std::vector<Facts> facts(plan.segment->size());
  for (std::size_t d = 0; d < facts.size(); ++d)
    if (const Facts* old = index.facts(plan.segment->entry(d))) facts[d] = *old;
  std::size_t d = facts.size() - plan.added.size();
  for (const Planned& p : plan.added) {
    facts[d++] = facts_of(p);
    if (suggesting && p.article->kind != Kind::earlier) {
      suggester.add(p.entry, p.article->title, 0);
      for (const std::string& q : p.article->questions) suggester.add(p.entry, q, 0);
    }
  }
  index.replace_tail(plan.first, plan.segment_id, plan.segment, std::move(facts));
}

// The revision's row, the ends of those before it, and what of the article is in the index from now on.
Status KnowledgeBase::Impl::put_in(store::Transaction& t, Plan& plan, Prepared& item, Time now, int expected) {
  const Article& a = item.article;
  struct Known {
    int number;
    State state;
    std::int64_t from, to;
  };
  std::vector<Known> known;
  HOTLINE_TRY(t.query("SELECT number, state, effective_from, effective_to FROM kb_revision WHERE article = ? ORDER BY number", {a.id},
                      [&](const store::Row& r) {
                        known.push_back({static_cast<int>(r.integer(0)), static_cast<State>(r.integer(1)), r.integer(2), r.integer(3)});
                      }));
  const int latest = known.empty() ? 0 : known.back().number;
  if (expected >= 0 && expected != latest)
    return Error(ErrorCode::version_mismatch, "article `" + a.id + "` is at revision " + std::to_string(latest) + ", not " + std::to_string(expected),
                 "read it again and repeat the change");
  const bool publishing = item.number != 0;  // an existing revision is published
  if (!publishing) item.number = latest + 1;
  const bool before = std::any_of(known.begin(), known.end(), [&](const Known& k) { return k.state == State::published; });
  const std::int64_t from = or_else(a.effective_from, before ? to_ns(now) : kAlways);
  const std::int64_t to = or_else(a.effective_to, kForever);
  std::vector<std::pair<EntryId, int>> entries;
  HOTLINE_TRY(t.query("SELECT entry, number FROM kb_entry WHERE article = ?", {a.id}, [&](const store::Row& r) {
    entries.emplace_back(static_cast<EntryId>(r.integer(0)), static_cast<int>(r.integer(1)));
  }));
  const auto drop = [&](int number) {
    for (const auto& [entry, n] : entries)
      if (n == number) plan.removed.push_back(entry);
  };
  for (const Known& k : known) {
    const bool newer_draft = k.state == State::draft && k.number == latest && k.number > item.number;
    if (newer_draft) continue;
    if (k.number == item.number || k.state != State::published) {
      drop(k.number);
      continue;
    }
    if (item.state != State::published || k.to <= from) continue;
    if (k.from >= from) drop(k.number);
    else
      for (const auto& [entry, n] : entries)
        if (n == k.number) plan.ended.emplace_back(entry, from);
    HOTLINE_TRY(t.post("UPDATE kb_revision SET effective_to = ? WHERE article = ? AND number = ?", {from, a.id, k.number}));
  }
  if (publishing)
    HOTLINE_TRY(t.post("UPDATE kb_revision SET state = ?, changed_at = ?, effective_from = ?, effective_to = ? WHERE article = ? AND number = ?",
                       {static_cast<int>(item.state), now, from, to, a.id, item.number}));
  else
    HOTLINE_TRY(t.post("INSERT INTO kb_revision (article, number, state, changed_at, effective_from, effective_to, title, body, rest) "
                       "VALUES (?,?,?,?,?,?,?,?,?)",
                       {a.id, item.number, static_cast<int>(item.state), now, from, to, a.title, a.body, rest_of(a)}));
  std::vector<std::size_t>& places = plan.places[a.id];
  for (const std::size_t earlier : places) {  // several times in one batch
    Planned& p = plan.added[earlier];
    if (p.state != State::published || p.from >= from) p.article = nullptr;
    else if (item.state == State::published) p.to = std::min(p.to, from);
  }
  if (item.state == State::published && from >= to) return {};  // over before it began: nobody finds it
  places.push_back(plan.added.size());
  plan.added.push_back({plan.meta.next_entry++, &item.article, &item.terms, item.number, item.state, from, to});
  return {};
}

// A revision as it was, with no regard to others.
Status KnowledgeBase::Impl::restore_in(store::Transaction& t, Plan& plan, const Revision& r, const DocumentTerms& terms, bool latest) {
  const Article& a = r.article;
  const std::int64_t from = or_else(r.from, kAlways), to = or_else(r.to, kForever);
  HOTLINE_TRY(t.post("INSERT INTO kb_revision (article, number, state, changed_at, effective_from, effective_to, title, body, rest) VALUES (?,?,?,?,?,?,?,?,?)",
                     {a.id, r.number, static_cast<int>(r.state), r.changed_at, from, to, a.title, a.body, rest_of(a)}));
  const bool found = r.state == State::published ? from < to : latest && r.state == State::draft;
  if (found) plan.added.push_back({plan.meta.next_entry++, &a, &terms, r.number, r.state, from, to});
  return {};
}

Status KnowledgeBase::restore(std::span<const Revision> revisions, const Progress& progress) {
  const auto last_of = [&](std::size_t i) { return i + 1 == revisions.size() || revisions[i + 1].article.id != revisions[i].article.id; };
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    const Revision& r = revisions[i];
    HOTLINE_TRY(check_article(r.article));
    const int before = i > 0 && !last_of(i - 1) ? revisions[i - 1].number : 0;
    if (r.number <= before) return Error(ErrorCode::invalid_argument, "revision " + std::to_string(r.number) + " of `" + r.article.id + "` stands behind " + std::to_string(before), "revisions of an article stand together, in their order");
  }
  for (std::size_t begin = 0; begin < revisions.size();) {
    std::size_t end = std::min(begin + kBatch, revisions.size());
    while (!last_of(end - 1)) ++end;
    const std::lock_guard lock(impl_->writing);
    std::vector<DocumentTerms> terms;
    terms.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) terms.push_back(impl_->terms_of(revisions[i].article));
    HOTLINE_TRY(impl_->commit([&](store::Transaction& t, Impl::Plan& plan) -> Status {
      for (std::size_t i = begin; i < end; ++i) {
        if (i == begin || last_of(i - 1)) {
          HOTLINE_ASSIGN(const auto known, t.integer("SELECT COUNT(*) FROM kb_revision WHERE article = ?", {revisions[i].article.id}));
          if (known.value_or(0) > 0) return Error(ErrorCode::already_exists, "article `" + revisions[i].article.id + "` is there already", "restore into an empty knowledge base");
        }
        HOTLINE_TRY(impl_->restore_in(t, plan, revisions[i], terms[i - begin], last_of(i)));
        HOTLINE_TRY(t.settle());
      }
      return {};
    }));
    if (progress) progress(end, revisions.size());
    begin = end;
  }
  return {};
}

Result<int> KnowledgeBase::put(const Article& article, Time now, const PutOptions& options) {
  HOTLINE_TRY(check_article(article));
  const std::lock_guard lock(impl_->writing);
  Prepared item{article, 0, options.state, impl_->terms_of(article)};
  HOTLINE_TRY(impl_->commit([&](store::Transaction& t, Impl::Plan& plan) -> Status {
    item.number = 0;
    return impl_->put_in(t, plan, item, now, options.expected_revision);
  }));
  return item.number;
}

Status KnowledgeBase::put_all(std::span<const Article> articles, Time now, State state, const Progress& progress) {
  for (const Article& a : articles) HOTLINE_TRY(check_article(a));
  for (std::size_t begin = 0; begin < articles.size(); begin += kBatch) {
    const std::lock_guard lock(impl_->writing);
    const std::size_t end = std::min(articles.size(), begin + kBatch);
    std::vector<Prepared> items;
    items.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i)
      items.push_back({articles[i], 0, state, impl_->terms_of(articles[i])});
    HOTLINE_TRY(impl_->commit([&](store::Transaction& t, Impl::Plan& plan) -> Status {
      for (Prepared& item : items) {
        item.number = 0;
        HOTLINE_TRY(impl_->put_in(t, plan, item, now, -1));
        HOTLINE_TRY(t.settle());
      }
      return {};
    }));
    if (progress) progress(end, articles.size());
  }
  return {};
}

Status KnowledgeBase::publish(std::string_view id, int revision, Time now) {
  HOTLINE_ASSIGN(Revision kept, this->revision(id, revision));
  const std::lock_guard lock(impl_->writing);
  Prepared item{kept.article, revision, State::published, impl_->terms_of(kept.article)};
  return impl_->commit([&](store::Transaction& t, Impl::Plan& plan) { return impl_->put_in(t, plan, item, now, -1); });
}

Result<bool> KnowledgeBase::Impl::withdraw_in(store::Transaction& t, Plan& plan, std::string_view id, Time now) {
  bool found = false;
  HOTLINE_TRY(t.query("SELECT entry, state, effective_from, effective_to FROM kb_entry WHERE article = ?", {id}, [&](const store::Row& r) {
    found = true;
    const auto entry = static_cast<EntryId>(r.integer(0));
    if (static_cast<State>(r.integer(1)) != State::published || r.integer(2) >= to_ns(now)) plan.removed.push_back(entry);
    else if (r.integer(3) > to_ns(now)) plan.ended.emplace_back(entry, to_ns(now));
  }));
  HOTLINE_ASSIGN(const auto changed, t.execute("UPDATE kb_revision SET effective_to = ? WHERE article = ? AND state = 1 AND effective_to > ?", {now, id, now}));
  HOTLINE_TRY(t.post("UPDATE kb_revision SET state = 2 WHERE article = ? AND (state = 0 OR effective_from >= effective_to)", {id}));
  return found || changed > 0;
}

Status KnowledgeBase::withdraw(std::string_view id, Time now) {
  const std::lock_guard lock(impl_->writing);
  return impl_->commit([&](store::Transaction& t, Impl::Plan& plan) -> Status {
    HOTLINE_ASSIGN(const bool known, impl_->withdraw_in(t, plan, id, now));
    if (!known) return Error(ErrorCode::not_found, "there is no article `" + std::string(id) + "` to withdraw");
    return {};
  });
}

}  // namespace hotline::kb
