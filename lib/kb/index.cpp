#include "kb/index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace hotline::kb {
namespace {

constexpr std::size_t kCachedFilters = 64;

void set(Bits& bits, std::size_t i) { bits[i / 64] |= std::uint64_t{1} << (i % 64); }
void reset(Bits& bits, std::size_t i) { bits[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
bool test(const Bits& bits, std::size_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }

}  // namespace

std::uint32_t Names::number(std::string_view name) {
  const auto [at, fresh] = numbers_.emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
  if (fresh) names_.emplace_back(name);
  return at->second;
}

std::uint32_t Names::find(std::string_view name) const {
  const auto found = numbers_.find(std::string(name));
  return found != numbers_.end() ? found->second : ~0u;
}

std::uint32_t Index::audience_bit(std::string_view audience) {
  const auto [at, fresh] = audiences_.emplace(names.number(audience), static_cast<int>(audiences_.size()));
  // The thirty-second audience and those after it share a bit: then a filter shows too much, never too little.
  return std::uint32_t{1} << std::min(at->second, 31);
}

void Index::count_in(const Part& part, std::size_t document, int sign) {
  for (std::size_t s = 0; s < kStreams; ++s) {
    const std::uint64_t length = decoded_length(part.segment->lengths(static_cast<Stream>(s))[document]);
    total_length_[s] = sign > 0 ? total_length_[s] + length : total_length_[s] - length;
  }
  live_ = sign > 0 ? live_ + 1 : live_ - 1;
  if (const std::uint32_t work = part.facts[document].work; work != 0) {
    if (works_.size() <= work) works_.resize(work + 1);
    works_[work] = sign > 0 ? works_[work] + 1 : works_[work] - 1;
    parts_of_works_ = sign > 0 ? parts_of_works_ + 1 : parts_of_works_ - 1;
  }
}

void Index::append(std::int64_t id, std::shared_ptr<const Segment> segment, std::vector<Facts> facts) {
  Part part{id, std::move(segment), std::move(facts), {}, 0};
  part.dead.assign(part.segment->size(), false);
  part.facts.resize(part.segment->size());
  for (std::size_t d = 0; d < part.facts.size(); ++d) {
    if (part.facts[d].entry == 0) {
      part.dead[d] = true;
      continue;
    }
    ++part.live;
    count_in(part, d, 1);
    know_article(part.facts[d].article, part.facts[d].entry);
  }
  parts_.push_back(std::move(part));
  cache_.clear();
}

void Index::replace_tail(std::size_t first, std::int64_t id, std::shared_ptr<const Segment> segment,
                         std::vector<Facts> facts) {
  while (parts_.size() > first) {
    forget(parts_.back());
    parts_.pop_back();
  }
  append(id, std::move(segment), std::move(facts));
}

void Index::join(const std::vector<Joined>& groups) {
  std::vector<Part> parts;
  std::size_t p = 0;
  for (const Joined& group : groups) {
    for (; p < group.begin; ++p) parts.push_back(std::move(parts_[p]));
    Part one{group.id, group.segment, {}, std::vector<bool>(group.segment->size()), group.segment->size()};
    for (; p < group.end; ++p)
      for (std::size_t d = 0; d < parts_[p].facts.size(); ++d)
        if (!parts_[p].dead[d]) one.facts.push_back(parts_[p].facts[d]);
    if (one.live > 0) parts.push_back(std::move(one));
  }
  for (; p < parts_.size(); ++p) parts.push_back(std::move(parts_[p]));
  parts_ = std::move(parts);
  cache_.clear();
}

void Index::arrange(const std::vector<Arranged>& wanted, const std::unordered_map<EntryId, Facts>& fresh) {
  std::vector<std::vector<Facts>> facts(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].segment == nullptr) continue;
    for (const EntryId entry : wanted[i].segment->entries()) {
      const auto known = fresh.find(entry);
      const Facts* kept = known != fresh.end() ? &known->second : this->facts(entry);
      facts[i].push_back(kept != nullptr ? *kept : Facts());
    }
  }
  std::vector<Part> old = std::exchange(parts_, {});
  std::vector<Part> kept;
  for (Part& part : old) {
    const bool stays = std::any_of(wanted.begin(), wanted.end(), [&](const Arranged& a) { return a.id == part.id && a.segment == nullptr; });
    if (stays) kept.push_back(std::move(part));
    else forget(part);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].segment != nullptr) {
      append(wanted[i].id, wanted[i].segment, std::move(facts[i]));
      continue;
    }
    const auto at = std::find_if(kept.begin(), kept.end(), [&](const Part& p) { return p.id == wanted[i].id; });
    if (at != kept.end()) parts_.push_back(std::move(*at));
  }
  cache_.clear();
}

void Index::forget(const Part& part) {
  for (std::size_t d = 0; d < part.facts.size(); ++d)
    if (!part.dead[d]) {
      count_in(part, d, -1);
      forget_article(part.facts[d].article, part.facts[d].entry);
    }
}

// The oldest first, in whatever order they come.
void Index::know_article(std::uint32_t article, EntryId entry) {
  std::vector<EntryId>& entries = by_article_[article];
  entries.insert(std::upper_bound(entries.begin(), entries.end(), entry), entry);
}

void Index::forget_article(std::uint32_t article, EntryId entry) {
  const auto found = by_article_.find(article);
  if (found == by_article_.end()) return;
  std::erase(found->second, entry);
  if (found->second.empty()) by_article_.erase(found);
}

bool Index::locate(EntryId entry, std::size_t& part, std::size_t& document) const {
  for (std::size_t p = parts_.size(); p-- > 0;) {
    const auto& entries = parts_[p].segment->entries();
    if (entries.empty() || entries.front() > entry || entries.back() < entry) continue;
    const auto at = std::lower_bound(entries.begin(), entries.end(), entry);
    if (at == entries.end() || *at != entry) continue;
    part = p;
    document = static_cast<std::size_t>(at - entries.begin());
    return !parts_[p].dead[document];
  }
  return false;
}

bool Index::remove(EntryId entry) {
  std::size_t p = 0, d = 0;
  if (!locate(entry, p, d)) return false;
  Part& part = parts_[p];
  count_in(part, d, -1);
  part.dead[d] = true;
  --part.live;
  forget_article(part.facts[d].article, entry);
  cache_.clear();
  return true;
}

void Index::end_at(EntryId entry, std::int64_t to) {
  std::size_t p = 0, d = 0;
  if (!locate(entry, p, d)) return;
  parts_[p].facts[d].to = to;
  cache_.clear();
}

void Index::clear() {
  parts_.clear();
  by_article_.clear();
  works_.clear();
  parts_of_works_ = 0;
  cache_.clear();
  total_length_ = {};
  live_ = 0;
}

const Facts* Index::facts(EntryId entry) const {
  std::size_t p = 0, d = 0;
  return locate(entry, p, d) ? &parts_[p].facts[d] : nullptr;
}

bool Index::in(const Selection& selection, EntryId entry) const {
  std::size_t p = 0, d = 0;
  return locate(entry, p, d) && test(selection.bits[p], d);
}

bool Index::holds(EntryId entry, const DocumentTerms& terms) const {
  std::size_t p = 0, d = 0;
  if (!locate(entry, p, d)) return false;
  const Segment& segment = *parts_[p].segment;
  for (std::size_t s = 0; s < kStreams; ++s)
    if (segment.lengths(static_cast<Stream>(s))[d] != length_code(terms.length[s])) return false;
  for (const TermCount& t : terms.terms) {
    const Postings list = segment.find(t.key);
    const auto* end = list.documents + list.size;
    const auto* at = std::lower_bound(list.documents, end, d);
    if (at == end || *at != d || list.counts[at - list.documents] != t.count) return false;
  }
  return segment.term_count(d) == terms.terms.size();
}

const std::vector<EntryId>& Index::entries_of(std::uint32_t article) const {
  static const std::vector<EntryId> none;
  const auto found = by_article_.find(article);
  return found != by_article_.end() ? found->second : none;
}

std::uint32_t Index::document_frequency(std::uint64_t key) const {
  std::uint32_t sum = 0;
  for (const Part& part : parts_) sum += part.segment->find(key).size;
  return sum;
}

float Index::idf(std::uint32_t df) const {
  const double n = static_cast<double>(live_);
  const double d = std::min<double>(df, n);
  return static_cast<float>(std::log1p((n - d + 0.5) / (d + 0.5)));
}

// --- filters -----------------------------------------------------------------------------------------------------

const Passing& Index::passing(const Filters& filters, std::int64_t as_of) {
  ++clock_;
  for (Cached& c : cache_)
    if (c.filters == filters) {
      if (as_of < c.passing->since || as_of >= c.passing->until) compile(filters, as_of, *c.passing);
      c.used = clock_;
      return *c.passing;
    }
  if (cache_.size() >= kCachedFilters)
    cache_.erase(std::min_element(cache_.begin(), cache_.end(), [](const auto& a, const auto& b) { return a.used < b.used; }));
  cache_.push_back({filters, std::make_unique<Passing>(), clock_});
  compile(filters, as_of, *cache_.back().passing);
  return *cache_.back().passing;
}

void Index::compile(const Filters& filters, std::int64_t as_of, Passing& out) {
  out = {};
  out.since = std::numeric_limits<std::int64_t>::min();
  out.until = std::numeric_limits<std::int64_t>::max();
  const auto boundary = [&](std::int64_t t) {
    if (t <= as_of) out.since = std::max(out.since, t);
    else out.until = std::min(out.until, t);
  };
  // What each name means for this filter, decided once a name.
  enum class Place : std::uint8_t { other, own };
  const std::string_view here = jurisdiction_stem(filters.jurisdiction);
  std::vector<Place> place(names.size(), Place::own);
  std::vector<bool> in_catalogue(names.size(), true), in_library(names.size(), filters.libraries.empty());
  for (std::uint32_t n = 0; n < names.size(); ++n) {
    if (!here.empty() && !here.starts_with(jurisdiction_stem(names.name(n)))) place[n] = Place::other;
    if (!filters.catalogue.empty()) in_catalogue[n] = names.name(n).starts_with(filters.catalogue);
  }
  for (const std::string& library : filters.libraries)
    if (const auto n = names.find(library); n < names.size()) in_library[n] = true;
  unsigned kinds = filters.kinds.empty() ? ~(1u << static_cast<unsigned>(Kind::earlier)) : 0;
  for (const Kind kind : filters.kinds) kinds |= 1u << static_cast<unsigned>(kind);
  const auto known_audience = audiences_.find(names.find(filters.audience));
  const std::uint32_t audience = filters.audience.empty()                ? ~0u
                                 : known_audience == audiences_.end() ? 0u
                                                                      : std::uint32_t{1} << std::min(known_audience->second, 31);
  const std::uint32_t department = filters.department.empty() ? 0 : names.find(filters.department);
  const auto channel = static_cast<Channels>(filters.channel);
  const bool any = filters.channel == Channel::agent && filters.validity == Filters::Validity::any;
  const bool others = filters.regions == Filters::Regions::also_others;

  for (Selection* s : {&out.own, &out.others, &out.invalid})
    for (const Part& part : parts_) s->bits.emplace_back((part.facts.size() + 63) / 64);
  std::vector<const Facts*> standing_in;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    for (std::size_t d = 0; d < part.facts.size(); ++d) {
      if (part.dead[d]) continue;
      const Facts& f = part.facts[d];
      if (f.state == State::published) boundary(f.from), boundary(f.to);
      if ((f.channels & channel) == 0 || (kinds >> static_cast<unsigned>(f.kind) & 1) == 0 || !in_library[f.library] ||
          !in_catalogue[f.catalogue] || (f.audience != 0 && (f.audience & audience) == 0) ||
          (department != 0 && f.department != department))
        continue;
      const bool own = place[f.jurisdiction] == Place::own;
      if (!own && !others) continue;
      if (!f.valid_at(as_of)) {
        if (any) set(out.invalid.bits[p], d);
        continue;
      }
      set(own ? out.own.bits[p] : out.others.bits[p], d);
      const bool replaces = f.overlays != 0 && f.overlay == Overlay::replace && own && !here.empty();
      if (replaces || f.supersedes != 0) standing_in.push_back(&f);
    }
  }
  for (const Facts* f : standing_in)
    for (const std::uint32_t old : {f->supersedes, f->overlay == Overlay::replace && !here.empty() ? f->overlays : 0}) {
      if (old == 0 || old == f->article) continue;
      out.replaced[old] = f->article;
      for (const EntryId entry : entries_of(old)) {
        std::size_t p = 0, d = 0;
        if (!locate(entry, p, d)) continue;
        const bool was = test(out.own.bits[p], d) || test(out.others.bits[p], d);
        reset(out.own.bits[p], d);
        reset(out.others.bits[p], d);
        if (was && any) set(out.invalid.bits[p], d);
      }
    }
  for (Selection* s : {&out.own, &out.others, &out.invalid})
    for (const Bits& bits : s->bits)
      for (const std::uint64_t word : bits) s->count += static_cast<std::size_t>(std::popcount(word));
}

Selection Index::conjunction(const std::vector<std::uint64_t>& keys, const Selection& among) const {
  Selection out;
  std::vector<Postings> lists;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    Bits& bits = out.bits.emplace_back(among.bits[p].size());
    lists.clear();
    for (const std::uint64_t key : keys) lists.push_back(parts_[p].segment->find(key));
    std::sort(lists.begin(), lists.end(), [](const Postings& a, const Postings& b) { return a.size < b.size; });
    if (lists.empty()) continue;
    for (std::uint32_t i = 0; i < lists[0].size; ++i) {
      const std::uint16_t d = lists[0].documents[i];
      if (!test(among.bits[p], d)) continue;
      const bool all = std::all_of(lists.begin() + 1, lists.end(), [&](const Postings& list) {
        return std::binary_search(list.documents, list.documents + list.size, d);
      });
      if (!all) continue;
      set(bits, d);
      ++out.count;
    }
  }
  return out;
}

void Index::subtract(Selection& from, const Selection& what) const {
  from.count = 0;
  for (std::size_t p = 0; p < from.bits.size(); ++p)
    for (std::size_t w = 0; w < from.bits[p].size(); ++w) {
      from.bits[p][w] &= ~what.bits[p][w];
      from.count += static_cast<std::size_t>(std::popcount(from.bits[p][w]));
    }
}

}  // namespace hotline::kb
