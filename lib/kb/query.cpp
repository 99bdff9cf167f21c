// From a question to hits.
#include <algorithm>
#include <array>
#include <cmath>

#include "kb/asked_before.hpp"
#include "kb/marks.hpp"
#include "kb/small.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kReranked = 50;     // hits that an external ranker sees
constexpr std::size_t kMates = 100;       // candidates among which parts of one work find each other
constexpr std::size_t kSpare = 10;        // candidates beyond those asked for: pins, places and revisions move them
constexpr std::size_t kVerified = 64;     // texts read to find a whole phrase
constexpr std::size_t kRequired = 2048;   // texts read to find a quoted one

// Of the logistic: constant, share, margin. Fitted on every second question of the statutes and of the English set; on the
// others what was said to be 0.70 was right in 0.69, 0.92 in 0.88.
constexpr double kCertain[] = {-2.12, 2.66, 6.40};

enum class Tier : std::uint8_t { own, others, invalid };

struct Ranked {
  Candidate candidate;
  const Facts* facts = nullptr;
  Tier tier = Tier::own;
  int exact = 0;  // 3 document number, 2 the whole question in a title, 1 in the body
  double score = 0;
  double confidence = 0;
  bool pinned = false;
  const AskedBefore::Match* learned = nullptr;
};

// One search from beginning to end, in the transaction that reads the cards.
class Search {
 public:
  Search(KnowledgeBase::Impl& kb, store::Transaction& t, const Filters& filters, std::int64_t as_of, const SearchOptions& options)
      : kb_(kb), t_(t), filters_(filters), as_of_(as_of), options_(options) {
    if (kb.small()) small_.emplace(t, kb.index);
  }

  Result<Results> run(std::string_view text) {
    QuestionReader reader(kb_.index, kb_.read_analyzer, kb_.words, kb_.ranking, small_ ? &*small_ : nullptr);
    q_ = reader.read(text, filters_);
    if (small_) HOTLINE_TRY(Status(small_->status()));
    terms_ = q_.weighted();
    scoring_ = kb_.index.scoring(terms_);
    learned_ = kb_.asked_before->find(q_, kb_.index, kb_.ranking);
    const Passing& passing = kb_.index.passing(filters_, as_of_);
    replaced_ = &passing.replaced;
    HOTLINE_TRY(collect(passing.own, Tier::own));
    if (filters_.regions == Filters::Regions::also_others) HOTLINE_TRY(collect(passing.others, Tier::others));
    if (filters_.validity == Filters::Validity::any && filters_.channel == Channel::agent) HOTLINE_TRY(collect(passing.invalid, Tier::invalid));
    if (works()) lift_works();
    lift_learned();
    HOTLINE_TRY(pin(passing, text));
    order();
    return answer();
  }

 private:
  KnowledgeBase::Impl& kb_;
  store::Transaction& t_;
  const Filters& filters_;
  std::int64_t as_of_;
  const SearchOptions& options_;
  std::optional<small::Reader> small_;
  Question q_;
  std::vector<WeightedTerm> terms_;
  Scoring scoring_;
  std::vector<AskedBefore::Match> learned_;
  std::vector<Ranked> ranked_;
  std::vector<Ranked> recalled_;  // by learned questions alone
  const std::unordered_map<std::uint32_t, std::uint32_t>* replaced_ = nullptr;
  std::size_t considered_ = 0;

  bool works() const { return !small_ && kb_.ranking.work > 0 && kb_.index.any_work(); }
  std::size_t depth() const { return std::max(works() ? kMates : std::size_t{0}, options_.offset + options_.limit + kSpare); }

  static void each(const Selection& selection, const std::function<bool(std::size_t, std::size_t)>& visit) {
    for (std::size_t p = 0; p < selection.bits.size(); ++p)
      for (std::size_t d = 0; d < selection.bits[p].size() * 64; ++d)
        if ((selection.bits[p][d / 64] >> (d % 64) & 1) != 0 && !visit(p, d)) return;
  }

  Result<std::vector<Candidate>> best(const std::vector<WeightedTerm>& terms, const Scoring& scoring, const Selection& among, std::size_t k) {
    if (small_) return small_->search(terms, among, k);
    return kb_.index.search(scoring, among, k);
  }

  Result<Selection> conjunction(const std::vector<std::uint64_t>& keys, const Selection& among) {
    if (small_) return small_->conjunction(keys, among);
    return kb_.index.conjunction(keys, among);
  }

  // The documents among `among` whose text has the phrase as it stands.
  Result<Selection> having(std::string_view phrase, const Selection& among) {
    const auto keys = phrase_keys(kb_.read_analyzer, phrase);
    HOTLINE_ASSIGN(const Selection possible, conjunction(keys, among));
    if (!small_ && keys.size() < 2 && text::to_utf32(phrase).size() <= 2) return possible;
    const std::string folded = text::fold(phrase);
    Selection out;
    for (const Bits& bits : possible.bits) out.bits.emplace_back(bits.size());
    std::size_t read = 0;
    Status status;
    each(possible, [&](std::size_t p, std::size_t d) {
      const auto card = kb_.card(t_, kb_.index.parts()[p].facts[d]);
      if (!card.ok()) return status = card.error(), false;
      if ((*card)->folded.find(folded) != std::string::npos) {
        out.bits[p][d / 64] |= std::uint64_t{1} << (d % 64);
        ++out.count;
      }
      if (++read < kRequired) return true;
      q_.notes.push_back("only the first " + std::to_string(kRequired) + " texts were read for \"" + std::string(phrase) + "\"");
      return false;
    });
    HOTLINE_TRY(status);
    return out;
  }

  Status collect(const Selection& passing, Tier tier) {
    const Selection* among = &passing;
    Selection narrowed;
    for (const std::string& phrase : q_.required) {
      HOTLINE_ASSIGN(narrowed, having(phrase, *among));
      among = &narrowed;
    }
    for (const std::string& word : q_.excluded) {
      HOTLINE_ASSIGN(const Selection without, having(word, *among));
      Selection rest = *among;
      kb_.index.subtract(rest, without);
      narrowed = std::move(rest);
      among = &narrowed;
    }
    HOTLINE_ASSIGN(const auto candidates, best(terms_, scoring_, *among, depth()));
    for (const Candidate& c : candidates) add(c, tier, 0);
    considered_ += among->count;
    recall(*among, tier);
    if (!q_.number.empty()) {
      HOTLINE_ASSIGN(const Selection numbered, conjunction({number_key(q_.number)}, *among));
      std::vector<WeightedTerm> terms = terms_;
      terms.push_back({number_key(q_.number), kb_.index.largest_idf()});
      if (numbered.count > 0) {
        HOTLINE_ASSIGN(const auto of_number, best(terms, kb_.index.scoring(terms), numbered, depth()));
        for (const Candidate& c : of_number) add(c, tier, 3);
      }
    }
    if (q_.phrase.empty()) return {};
    HOTLINE_ASSIGN(const Selection whole, conjunction(q_.phrase, *among));
    if (whole.count == 0) return {};
    const std::string folded = text::to_utf8(q_.folded);
    HOTLINE_ASSIGN(const auto with_phrase, best(terms_, scoring_, whole, kVerified));
    for (const Candidate& c : with_phrase) {
      HOTLINE_ASSIGN(const auto card, kb_.card(t_, kb_.index.parts()[c.part].facts[c.document]));
      if (card->folded_title.find(folded) != std::string::npos) add(c, tier, 2);
      else if (card->folded.find(folded) != std::string::npos) add(c, tier, 1);
    }
    return {};
  }

  void add(const Candidate& c, Tier tier, int exact) {
    for (Ranked& r : ranked_)
      if (r.candidate.entry == c.entry) {
        r.exact = std::max(r.exact, exact);
        return;
      }
    ranked_.push_back(ranked(c, tier, exact));
  }

  Ranked ranked(const Candidate& c, Tier tier, int exact) const {
    const Facts* facts = &kb_.index.parts()[c.part].facts[c.document];
    return {c, facts, tier, exact, c.score * nearness(*facts), 0, false, nullptr};
  }

  double nearness(const Facts& facts) const {
    if (filters_.jurisdiction.empty()) return 1;
    return 1 + kb_.ranking.nearer * static_cast<double>(jurisdiction_stem(kb_.index.names.name(facts.jurisdiction)).size()) / 2;
  }

  void recall(const Selection& among, Tier tier) {
    Candidate c;
    for (const AskedBefore::Match& match : learned_)
      for (const EntryId entry : kb_.index.entries_of(match.article))
        if (kb_.index.find(entry, among, scoring_, c)) recalled_.push_back(ranked(c, tier, 0));
  }

  // Learned questions lift what they led to, by as much as they resemble this one; nothing else moves.
  void lift_learned() {
    for (const Ranked& r : recalled_)
      if (std::none_of(ranked_.begin(), ranked_.end(), [&](const Ranked& known) { return known.candidate.entry == r.candidate.entry; })) ranked_.push_back(r);
    for (const AskedBefore::Match& match : learned_)
      for (Ranked& r : ranked_) {
        if (r.facts->article != match.article) continue;
        r.learned = &match;
        r.score += lift(r);
      }
  }

  double lift(const Ranked& r) const { return kb_.ranking.learned * q_.information * r.learned->lift * nearness(*r.facts); }

  // A work's score is the mean of its three best parts. Parts that are no candidates have no more than the last
  // candidate, and are taken to have that.
  void lift_works() {
    constexpr std::size_t kBest = 3;
    struct Work {
      std::uint32_t work;
      std::array<double, kBest> best;
      std::size_t found;
    };
    std::vector<Work> found;
    double least = std::numeric_limits<double>::max();
    for (const Ranked& r : ranked_) {
      least = std::min(least, r.score);
      if (r.facts->work == 0) continue;
      auto at = std::find_if(found.begin(), found.end(), [&](const Work& w) { return w.work == r.facts->work; });
      if (at == found.end()) at = found.insert(at, {r.facts->work, {}, 0});
      double score = r.score;
      for (std::size_t i = 0; i < kBest; ++i)
        if (score > at->best[i]) std::swap(score, at->best[i]);
      ++at->found;
    }
    for (Ranked& r : ranked_) {
      double lift = r.score;
      const auto at = std::find_if(found.begin(), found.end(), [&](const Work& w) { return w.work == r.facts->work; });
      if (at != found.end()) {
        const std::size_t size = std::min<std::size_t>(kBest, kb_.index.work_size(r.facts->work));
        lift = 0;
        for (std::size_t i = 0; i < size; ++i) lift += i < at->found ? at->best[i] : least;
        lift /= static_cast<double>(std::max<std::size_t>(1, size));
      }
      r.score = (r.score + kb_.ranking.work * lift) / (1 + kb_.ranking.work);
    }
  }

  Status pin(const Passing& passing, std::string_view text) {
    const auto pins = kb_.words.pins.find(text::fold(text));
    if (pins == kb_.words.pins.end()) return {};
    for (const auto& [article, pin] : pins->second) {
      const std::uint32_t number = kb_.index.names.find(article);
      if (pin == Pin::bury) {
        std::erase_if(ranked_, [&](const Ranked& r) { return r.facts->article == number; });
        continue;
      }
      bool there = false;
      for (Ranked& r : ranked_)
        if (r.facts->article == number && r.tier != Tier::invalid) there = r.pinned = true;
      if (there) continue;
      each(passing.own, [&](std::size_t p, std::size_t d) {
        const Facts& f = kb_.index.parts()[p].facts[d];
        if (f.article != number) return true;
        add({0, static_cast<std::uint32_t>(p), static_cast<std::uint16_t>(d), f.entry}, Tier::own, 0);
        ranked_.back().pinned = true;
        return false;
      });
    }
    return {};
  }

  void order() {
    std::sort(ranked_.begin(), ranked_.end(), [](const Ranked& a, const Ranked& b) {
      if (a.pinned != b.pinned) return a.pinned;
      if (a.tier != b.tier) return a.tier < b.tier;
      if (a.exact != b.exact) return a.exact > b.exact;
      if (a.score != b.score) return a.score > b.score;
      return a.candidate.entry < b.candidate.entry;
    });
    // One hit for an article: its best revision.
    std::vector<std::uint32_t> seen;
    std::erase_if(ranked_, [&](const Ranked& r) {
      if (std::find(seen.begin(), seen.end(), r.facts->article) != seen.end()) return true;
      seen.push_back(r.facts->article);
      return false;
    });
  }

  double confidence(const Ranked& r, const std::vector<float>& adds) const {
    if (r.exact == 3) return 1;
    if (q_.information <= 0) return 0;
    std::vector<double> share(q_.terms.size(), 0);
    for (std::size_t i = 0; i < q_.terms.size(); ++i) {
      if (adds[i] <= 0) continue;
      const QuestionTerm& t = q_.terms[i];
      if (t.stands_for < 0) share[i] = std::max(share[i], t.expansion.empty() ? 1.0 : 0.0);
      else share[static_cast<std::size_t>(t.stands_for)] = std::max(share[static_cast<std::size_t>(t.stands_for)], t.weight > 0 ? 0.7 : 0.0);
    }
    double sum = 0;
    for (std::size_t i = 0; i < q_.terms.size(); ++i) sum += share[i] * q_.terms[i].information;
    const double by_text = std::min(1.0, sum / q_.information);
    return r.learned != nullptr ? std::max(by_text, static_cast<double>(r.learned->support)) : by_text;
  }

  std::vector<Reason> reasons(const Ranked& r, const std::vector<float>& adds) const {
    std::vector<Reason> out;
    if (r.exact == 3) out.push_back({q_.number, "number", "", 0});
    if (r.exact == 1 || r.exact == 2) out.push_back({text::to_utf8(q_.folded), "phrase", "", 0});
    for (std::size_t i = 0; i < q_.terms.size(); ++i)
      if (adds[i] > 0) {
        const QuestionTerm& t = q_.terms[i];
        out.push_back({text::to_utf8(t.text), std::string(to_string(stream_of(t.key))), t.expansion, adds[i]});
      }
    if (r.learned != nullptr) out.push_back({kb_.asked_before->text(r.learned->question), "learned", "", lift(r)});
    std::sort(out.begin(), out.end(), [](const Reason& a, const Reason& b) { return a.score > b.score; });
    return out;
  }

  Result<std::vector<float>> contributions(const Ranked& r) {
    if (!small_) return kb_.index.contributions(scoring_, r.candidate);
    HOTLINE_ASSIGN(const auto card, kb_.card(t_, *r.facts));
    return small::Reader::contributions(terms_, kb_.read_analyzer, card->article);
  }

  Standing standing(const Facts& f) const {
    if (f.state == State::draft) return Standing::draft;
    if (f.state == State::withdrawn) return Standing::withdrawn;
    if (as_of_ < f.from) return Standing::future;
    return as_of_ >= f.to || replaced_->contains(f.article) ? Standing::expired : Standing::valid;
  }

  Result<Results> answer() {
    Results out;
    out.notes = q_.notes;
    out.considered = considered_;
    const std::size_t last = std::min(ranked_.size(), options_.offset + options_.limit);
    Marker marker(q_, kb_.read_analyzer);
    for (std::size_t i = options_.offset; i < last; ++i) {
      const Ranked& r = ranked_[i];
      HOTLINE_ASSIGN(const auto adds, contributions(r));
      Hit hit;
      hit.id = kb_.index.names.name(r.facts->article);
      hit.revision = static_cast<int>(r.facts->revision);
      hit.score = r.score;
      hit.confidence = confidence(r, adds);
      hit.pinned = r.pinned;
      hit.phrase = r.exact > 0;
      hit.other_region = r.tier == Tier::others;
      hit.standing = r.tier == Tier::invalid ? standing(*r.facts) : Standing::valid;
      hit.kind = r.facts->kind;
      hit.library = kb_.index.names.name(r.facts->library);
      hit.department = kb_.index.names.name(r.facts->department);
      hit.jurisdiction = kb_.index.names.name(r.facts->jurisdiction);
      if (const auto by = replaced_->find(r.facts->article); by != replaced_->end()) hit.superseded_by = kb_.index.names.name(by->second);
      if (options_.detail != SearchOptions::Detail::ids) {
        HOTLINE_ASSIGN(const auto card, kb_.card(t_, *r.facts));
        hit.title = card->article.title;
        hit.number = card->article.number;
        hit.spoken_answer = card->article.spoken_answer;
        hit.reviewed_at = card->article.reviewed_at;
        hit.title_marks = marker.marks(hit.title);
        Passage where;
        hit.snippet = marker.passage(card->article.body, hit.snippet_marks, where);
        hit.anchor = std::move(where.anchor);
        hit.heading = std::move(where.heading);
      }
      if (options_.detail == SearchOptions::Detail::explain) hit.reasons = reasons(r, adds);
      out.hits.push_back(std::move(hit));
    }
    if (out.hits.empty()) out.notes.emplace_back("nothing found");
    else out.confidence = out.hits.front().confidence;
    return out;
  }
};

}  // namespace

std::string_view to_string(Mark::Kind kind) {
  constexpr std::string_view kNames[] = {"exact", "synonym", "same_sound", "similar"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Standing standing) {
  constexpr std::string_view kNames[] = {"valid", "expired", "future", "draft", "withdrawn"};
  return kNames[static_cast<std::size_t>(standing)];
}

Result<Results> KnowledgeBase::Impl::search(store::Transaction& t, std::string_view question, const Filters& filters, Time as_of, const SearchOptions& options) {
  HOTLINE_TRY(load_learned(t));
  return Search(*this, t, filters, to_ns(as_of), options).run(question);
}

// Runs a reader on an index that has everything that was committed before: if the database is ahead of memory, what it
// has is taken in first. A writer of this process that is under way does that itself, and is not waited for.
Status KnowledgeBase::Impl::read_current(store::FunctionRef<Status(store::Transaction&)> reader) {
  for (const bool last : {false, true}) {
    bool behind = false;
    {
      const std::lock_guard lock(reading);
      HOTLINE_TRY(db.read([&](store::Transaction& t) -> Status {
        behind = false;
        if (!last) {
          HOTLINE_ASSIGN(const auto latest, t.integer("SELECT value FROM kb_meta WHERE name = 'generation'"));
          behind = static_cast<std::uint64_t>(latest.value_or(0)) != meta.generation;
        }
        return behind ? Status() : reader(t);
      }));
    }
    if (!behind) break;
    const std::unique_lock writer(writing, std::try_to_lock);
    if (!writer.owns_lock()) continue;
    HOTLINE_ASSIGN([[maybe_unused]] const bool changed, refresh_locked());
  }
  return {};
}

Result<Results> KnowledgeBase::search(std::string_view question, const Filters& filters, Time as_of, const SearchOptions& options) {
  Results out;
  std::shared_ptr<RerankDesk> reranker;
  HOTLINE_TRY(impl_->read_current([&](store::Transaction& t) -> Status {
    SearchOptions wanted = options;
    reranker = options.detail != SearchOptions::Detail::ids ? impl_->reranker : nullptr;
    if (reranker != nullptr) wanted.limit = std::max(kReranked, options.offset + options.limit), wanted.offset = 0;
    HOTLINE_ASSIGN(out, impl_->search(t, question, filters, as_of, wanted));
    return {};
  }));
  if (reranker == nullptr) return out;
  reranker->order(split_question(question).free, out.hits);
  out.hits.erase(out.hits.begin(), out.hits.begin() + static_cast<std::ptrdiff_t>(std::min(options.offset, out.hits.size())));
  if (out.hits.size() > options.limit) out.hits.resize(options.limit);
  out.confidence = out.hits.empty() ? 0 : out.hits.front().confidence;
  return out;
}

Result<Results> KnowledgeBase::similar(std::string_view text, Filters filters, Time as_of, std::size_t limit) {
  filters.channel = Channel::agent;
  filters.kinds = {Kind::earlier};
  return search(text, filters, as_of, {.limit = limit});
}

Result<SpokenAnswer> KnowledgeBase::spoken_answer(std::string_view question, Filters filters, Time as_of) {
  filters.channel = Channel::ivr;
  filters.validity = Filters::Validity::valid;
  filters.regions = Filters::Regions::own;
  HOTLINE_ASSIGN(Results found, search(question, filters, as_of, {.limit = 8}));
  SpokenAnswer out;
  std::erase_if(found.hits, [](const Hit& h) { return h.spoken_answer.empty(); });
  if (found.hits.empty()) return out;
  const Ranking& r = impl_->ranking;
  const Hit& first = found.hits.front();
  const bool sure = first.phrase || first.pinned;
  const double share = first.pinned ? 1 : first.confidence;
  out.margin = found.hits.size() < 2 || sure ? 1 : std::clamp((first.score - found.hits[1].score) / std::max(first.score, 1e-9), 0.0, 1.0);
  out.confidence = 1 / (1 + std::exp(-(kCertain[0] + kCertain[1] * share + kCertain[2] * out.margin)));
  // The questions it was fitted on all have an answer; one that shares little with what is asked is none.
  if (share < r.speak_share) out.confidence *= share / r.speak_share;
  if (share >= r.speak_share && out.confidence >= r.speak_confidence) {
    out.action = SpokenAnswer::Action::speak;
    out.answer = first;
  } else if (first.confidence >= r.choose_confidence) {
    out.action = SpokenAnswer::Action::choose;
    found.hits.resize(std::min<std::size_t>(3, found.hits.size()));
    out.choices = std::move(found.hits);
  }
  return out;
}

Result<std::vector<Suggestion>> KnowledgeBase::suggest(std::string_view typed, const Filters& filters, Time as_of, std::size_t limit) {
  std::vector<Suggestion> out;
  HOTLINE_TRY(impl_->read_current([&](store::Transaction& t) -> Status {
    if (!impl_->suggesting) HOTLINE_TRY(impl_->load_suggestions(t));
    const Passing& passing = impl_->index.passing(filters, to_ns(as_of));
    out.clear();
    for (const auto& m : impl_->suggester.find(typed, limit, [&](EntryId entry) { return impl_->index.in(passing.own, entry); })) {
      const Facts* facts = impl_->index.facts(impl_->suggester.entry(m));
      out.push_back({impl_->suggester.text(m), facts != nullptr ? impl_->index.names.name(facts->article) : "", m.score, {impl_->suggester.mark(m)}});
    }
    return {};
  }));
  return out;
}

void KnowledgeBase::set_reranker(Reranker reranker, Duration budget) {
  auto desk = reranker ? std::make_shared<RerankDesk>(std::move(reranker), budget) : nullptr;
  const std::lock_guard lock(impl_->reading);
  impl_->reranker.swap(desk);
}

}  // namespace hotline::kb
