// Synonyms, pins, the agency's own terms.
#include <algorithm>

#include "hotline/base/json.hpp"
#include "kb/plan.hpp"

namespace hotline::kb {

Status KnowledgeBase::Impl::words_changed(store::FunctionRef<Status(store::Transaction&)> edit) {
  const std::lock_guard lock(writing);
  HOTLINE_TRY(commit([&](store::Transaction& t, Plan& plan) {
    plan.words = true;
    return edit(t);
  }));
  const std::lock_guard read_lock(reading);
  return db.read([&](store::Transaction& t) { return load_words(t); });
}

namespace {

Status check_synonym(const Synonym& s) {
  if (text::fold(s.from).empty() || text::fold(s.to).empty()) return Error(ErrorCode::invalid_argument, "a synonym needs both words");
  if (!is_utf8(s.from) || !is_utf8(s.to) || (s.from + s.to).find('\0') != std::string::npos)
    return Error(ErrorCode::invalid_encoding, "a synonym is not UTF-8");
  if (!(s.weight > 0 && s.weight <= 1))
    return Error(ErrorCode::invalid_argument, "synonym `" + s.from + "` has weight " + std::to_string(s.weight), "weights are above 0 and at most 1; 0.5 to 0.8 is usual");
  return {};
}

std::string list_of(std::span<const Synonym> synonyms) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const Synonym& s : synonyms)
    json.begin_object().field("from", s.from).field("to", s.to).field("weight", s.weight).field("way", s.way == Synonym::Way::both ? "both" : "one").end_object();
  json.end_array();
  return out;
}

Status keep_version(store::Transaction& t, std::string_view library, std::span<const Synonym> synonyms, const Signed& by) {
  HOTLINE_ASSIGN(const auto latest, t.integer("SELECT MAX(number) FROM kb_synonym_version WHERE library = ?", {library}));
  const std::string list = list_of(synonyms);
  return t.post("INSERT INTO kb_synonym_version (library, number, who, at, note, size, list) VALUES (?,?,?,?,?,?,?)",
                {library, latest.value_or(0) + 1, by.who, by.at, by.note, static_cast<std::int64_t>(synonyms.size()), list});
}

}  // namespace

Result<std::vector<Synonym>> KnowledgeBase::Impl::synonyms_in(store::Transaction& t, std::string_view library) {
  std::vector<Synonym> out;
  HOTLINE_TRY(t.query("SELECT word, other, weight, both_ways, used FROM kb_synonym WHERE library = ? ORDER BY word, other", {library}, [&](const store::Row& r) {
    out.push_back({std::string(r.text(0)), std::string(r.text(1)), r.number(2), r.integer(3) != 0 ? Synonym::Way::both : Synonym::Way::one, r.integer(4)});
  }));
  return out;
}

Status KnowledgeBase::set_synonyms(std::string_view library, std::span<const Synonym> synonyms, const Signed& by) {
  for (const Synonym& s : synonyms) HOTLINE_TRY(check_synonym(s));
  HOTLINE_TRY(impl_->keep_usage());
  return impl_->words_changed([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const std::vector<Synonym> before, impl_->synonyms_in(t, library));
    HOTLINE_ASSIGN(const auto versions, t.integer("SELECT COUNT(*) FROM kb_synonym_version WHERE library = ?", {library}));
    if (versions.value_or(0) == 0 && !before.empty()) HOTLINE_TRY(keep_version(t, library, before, {{}, {}, "before versions were kept"}));
    HOTLINE_TRY(t.post("DELETE FROM kb_synonym WHERE library = ?", {library}));
    for (const Synonym& s : synonyms) {
      const auto old = std::find_if(before.begin(), before.end(), [&](const Synonym& b) { return b.from == s.from && b.to == s.to; });
      HOTLINE_TRY(t.post("INSERT INTO kb_synonym (library, word, other, weight, both_ways, used) VALUES (?,?,?,?,?,?) ON CONFLICT (library, word, other) DO NOTHING",
                         {library, s.from, s.to, s.weight, s.way == Synonym::Way::both ? 1 : 0, old != before.end() ? old->used : 0}));
    }
    HOTLINE_ASSIGN(const std::vector<Synonym> after, impl_->synonyms_in(t, library));
    return keep_version(t, library, after, by);
  });
}

Result<std::vector<SynonymVersion>> KnowledgeBase::synonym_versions(std::string_view library) {
  std::vector<SynonymVersion> out;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    out.clear();
    return t.query("SELECT number, who, at, note, size FROM kb_synonym_version WHERE library = ? ORDER BY number", {library}, [&](const store::Row& r) {
      out.push_back({static_cast<int>(r.integer(0)), {std::string(r.text(1)), r.time(2), std::string(r.text(3))}, static_cast<std::size_t>(r.integer(4))});
    });
  }));
  return out;
}

Result<std::vector<Synonym>> KnowledgeBase::synonyms_as_of(std::string_view library, int version) {
  std::optional<std::string> list;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(list, t.text("SELECT list FROM kb_synonym_version WHERE library = ? AND number = ?", {library, version}));
    return {};
  }));
  if (!list) return Error(ErrorCode::not_found, "the synonyms of `" + std::string(library) + "` have no version " + std::to_string(version), "`hotline kb synonyms DB --history` lists them");
  HOTLINE_ASSIGN(const Node node, parse_document(*list, "synonyms"));
  std::vector<Synonym> out;
  for (const Node& item : node.items()) {
    Synonym s;
    if (const Node* f = item.find("from")) s.from = f->text();
    if (const Node* f = item.find("to")) s.to = f->text();
    if (const Node* f = item.find("weight")) s.weight = f->as_double().value_or(s.weight);
    if (const Node* f = item.find("way")) s.way = f->text() == "both" ? Synonym::Way::both : Synonym::Way::one;
    out.push_back(std::move(s));
  }
  return out;
}

Status KnowledgeBase::restore_synonyms(std::string_view library, int version, const Signed& by) {
  HOTLINE_ASSIGN(const std::vector<Synonym> then, synonyms_as_of(library, version));
  Signed with_note = by;
  if (with_note.note.empty()) with_note.note = "as in version " + std::to_string(version);
  return set_synonyms(library, then, with_note);
}

Status KnowledgeBase::save_questions(std::span<const SavedQuestion> questions) {
  for (const SavedQuestion& q : questions) {
    if (q.question.empty() || !is_utf8(q.question) || q.question.find('\0') != std::string::npos) return Error(ErrorCode::invalid_argument, "a saved question is empty or not UTF-8");
    if (!q.article.empty()) HOTLINE_TRY(article(q.article));
  }
  return impl_->db.write([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("DELETE FROM kb_saved_question"));
    for (const SavedQuestion& q : questions)
      HOTLINE_TRY(t.post("INSERT INTO kb_saved_question (question, article) VALUES (?,?) ON CONFLICT (question) DO NOTHING", {q.question, q.article}));
    return t.settle();
  });
}

Result<std::vector<SavedQuestion>> KnowledgeBase::saved_questions() {
  std::vector<SavedQuestion> out;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    out.clear();
    return t.query("SELECT question, article FROM kb_saved_question ORDER BY question", {}, [&](const store::Row& r) { out.push_back({std::string(r.text(0)), std::string(r.text(1))}); });
  }));
  return out;
}

// How often each fired, from memory to the table.
Status KnowledgeBase::Impl::keep_usage() {
  std::vector<std::tuple<std::string, Synonym, std::int64_t>> fired;
  {
    const std::lock_guard lock(reading);
    for (Words::Entry& e : words.synonyms) {
      if (e.fired == 0) continue;
      Synonym s = e.synonym;
      if (e.turned) std::swap(s.from, s.to);
      fired.emplace_back(e.library, s, std::exchange(e.fired, 0));
    }
  }
  if (fired.empty()) return {};
  return db.write([&](store::Transaction& t) -> Status {
    for (const auto& [library, s, n] : fired)
      HOTLINE_TRY(t.post("UPDATE kb_synonym SET used = used + ? WHERE library = ? AND word = ? AND other = ?", {n, library, s.from, s.to}));
    return t.settle();
  });
}

Result<std::vector<Synonym>> KnowledgeBase::synonyms(std::string_view library) {
  HOTLINE_TRY(impl_->keep_usage());
  std::vector<Synonym> out;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(out, impl_->synonyms_in(t, library));
    return {};
  }));
  return out;
}

Result<std::vector<SynonymTrial>> KnowledgeBase::try_synonyms(std::string_view library, std::span<const Synonym> synonyms, std::span<const std::string> questions,
                                                              const Filters& filters, Time as_of) {
  for (const Synonym& s : synonyms) HOTLINE_TRY(check_synonym(s));
  std::vector<SavedQuestion> asked;
  for (const std::string& question : questions) asked.push_back({question, {}});
  if (asked.empty()) {
    HOTLINE_ASSIGN(asked, saved_questions());
  }
  HOTLINE_ASSIGN([[maybe_unused]] const bool changed, refresh());
  const std::lock_guard lock(impl_->reading);
  const Words now = impl_->words;
  Words then;
  then.pins = now.pins;
  for (const Words::Entry& e : now.synonyms)
    if (e.library != library && !e.turned) then.add(e.library, e.synonym);
  for (const Synonym& s : synonyms) then.add(library, s);
  const auto place = [](const std::vector<std::string>& ids, const std::string& id) {
    const auto at = std::find(ids.begin(), ids.end(), id);
    return at == ids.end() ? 0 : static_cast<int>(at - ids.begin()) + 1;
  };
  std::vector<SynonymTrial> out;
  const Status status = impl_->db.read([&](store::Transaction& t) -> Status {
    out.clear();
    for (const auto& [question, expected] : asked) {
      SynonymTrial trial;
      trial.question = question;
      trial.expected = expected;
      for (const auto& [words, ids] : {std::pair{&now, &trial.before}, {static_cast<const Words*>(&then), &trial.after}}) {
        impl_->words = *words;
        HOTLINE_ASSIGN(const Results found, impl_->search(t, question, filters, as_of, {.detail = SearchOptions::Detail::ids}));
        for (const Hit& h : found.hits) ids->push_back(h.id);
      }
      if (!expected.empty()) trial.place_before = place(trial.before, expected), trial.place_after = place(trial.after, expected);
      out.push_back(std::move(trial));
    }
    return {};
  });
  impl_->words = now;
  HOTLINE_TRY(status);
  return out;
}

Status KnowledgeBase::pin(std::string_view question, std::string_view article, Pin pin) {
  const std::string folded = text::fold(question);
  if (folded.empty() || folded.find('\0') != std::string::npos) return Error(ErrorCode::invalid_argument, "a pin needs a question");
  HOTLINE_ASSIGN([[maybe_unused]] const Revision known, this->article(article));
  return impl_->words_changed([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("DELETE FROM kb_pin WHERE question = ? AND article = ?", {folded, article}));
    if (pin == Pin::none) return {};
    return t.post("INSERT INTO kb_pin (question, article, pin) VALUES (?,?,?)", {folded, article, static_cast<int>(pin)});
  });
}

Status KnowledgeBase::set_dictionary(std::span<const std::string> terms, const Progress& progress) {
  for (const std::string& term : terms)
    if (!is_utf8(term) || term.find('\0') != std::string::npos) return Error(ErrorCode::invalid_encoding, "a term of the dictionary is not UTF-8");
  HOTLINE_TRY(impl_->words_changed([&](store::Transaction& t) -> Status {
    HOTLINE_TRY(t.post("DELETE FROM kb_term"));
    for (const std::string& term : terms) HOTLINE_TRY(t.post("INSERT INTO kb_term (term) VALUES (?) ON CONFLICT (term) DO NOTHING", {term}));
    return {};
  }));
  const std::lock_guard lock(impl_->writing);
  return impl_->rebuild_locked(progress);
}

}  // namespace hotline::kb
