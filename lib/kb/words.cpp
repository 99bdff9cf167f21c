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

Status KnowledgeBase::set_synonyms(std::string_view library, std::span<const Synonym> synonyms) {
  for (const Synonym& s : synonyms) {
    if (text::fold(s.from).empty() || text::fold(s.to).empty()) return Error(ErrorCode::invalid_argument, "a synonym needs both words");
    if (!is_utf8(s.from) || !is_utf8(s.to) || (s.from + s.to).find('\0') != std::string::npos)
      return Error(ErrorCode::invalid_encoding, "a synonym is not UTF-8");
    if (!(s.weight > 0 && s.weight <= 1))
      return Error(ErrorCode::invalid_argument, "synonym `" + s.from + "` has weight " + std::to_string(s.weight), "weights are above 0 and at most 1; 0.5 to 0.8 is usual");
  }
  return impl_->words_changed([&](store::Transaction& t) -> Status {
    std::vector<std::pair<std::string, std::int64_t>> used;
    HOTLINE_TRY(t.query("SELECT word, other, used FROM kb_synonym WHERE library = ?", {library}, [&](const store::Row& r) {
      used.emplace_back(std::string(r.text(0)) + "\n" + std::string(r.text(1)), r.integer(2));
    }));
    HOTLINE_TRY(t.post("DELETE FROM kb_synonym WHERE library = ?", {library}));
    for (const Synonym& s : synonyms) {
      std::int64_t count = 0;
      for (const auto& [pair, n] : used)
        if (pair == s.from + "\n" + s.to) count = n;
      HOTLINE_TRY(t.post("INSERT INTO kb_synonym (library, word, other, weight, both_ways, used) VALUES (?,?,?,?,?,?) ON CONFLICT (library, word, other) DO NOTHING",
                         {library, s.from, s.to, s.weight, s.way == Synonym::Way::both ? 1 : 0, count}));
    }
    return {};
  });
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
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    out.clear();
    return t.query("SELECT word, other, weight, both_ways, used FROM kb_synonym WHERE library = ? ORDER BY word, other", {library}, [&](const store::Row& r) {
      out.push_back({std::string(r.text(0)), std::string(r.text(1)), r.number(2), r.integer(3) != 0 ? Synonym::Way::both : Synonym::Way::one, r.integer(4)});
    });
  }));
  return out;
}

Result<std::vector<SynonymTrial>> KnowledgeBase::try_synonyms(std::string_view library, std::span<const Synonym> synonyms, std::span<const std::string> questions,
                                                              const Filters& filters, Time as_of) {
  const std::lock_guard lock(impl_->reading);
  const Words now = impl_->words;
  Words then;
  then.pins = now.pins;
  for (const Words::Entry& e : now.synonyms)
    if (e.library != library && !e.turned) then.add(e.library, e.synonym);
  for (const Synonym& s : synonyms) then.add(library, s);
  std::vector<SynonymTrial> out;
  const Status status = impl_->db.read([&](store::Transaction& t) -> Status {
    out.clear();
    for (const std::string& question : questions) {
      SynonymTrial trial{question, {}, {}};
      for (const auto& [words, ids] : {std::pair{&now, &trial.before}, {static_cast<const Words*>(&then), &trial.after}}) {
        impl_->words = *words;
        HOTLINE_ASSIGN(const Results found, impl_->search(t, question, filters, as_of, {.detail = SearchOptions::Detail::ids}));
        for (const Hit& h : found.hits) ids->push_back(h.id);
      }
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
