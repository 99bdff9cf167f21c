#include "kb/question.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "hotline/text/pinyin.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kLongestQuestion = 4096;  // bytes; what follows is not read
constexpr std::size_t kMostTerms = 512;
constexpr std::uint32_t kRare = 20;            // a bigram rarer than this may be misspelt by sound
constexpr std::size_t kSoundsPerBigram = 2;
constexpr std::uint32_t kMoreFrequent = 10;     // what replaces it is so many times as frequent

struct Quotes {
  std::string_view open, close;
};
constexpr Quotes kQuotes[] = {{"\"", "\""}, {"“", "”"}, {"「", "」"}, {"＂", "＂"}};

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::u32string trimmed(std::u32string_view text) {
  const auto punctuation = [](char32_t c) { return text::script_of(c) == text::Script::other; };
  while (!text.empty() && punctuation(text.front())) text.remove_prefix(1);
  while (!text.empty() && punctuation(text.back())) text.remove_suffix(1);
  return std::u32string(text);
}

bool latin(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c >= U'a' && c <= U'z'; });
}

}  // namespace

std::vector<WeightedTerm> Question::weighted() const {
  std::vector<WeightedTerm> out;
  out.reserve(terms.size());
  for (const QuestionTerm& t : terms) out.push_back({t.key, t.weight});
  return out;
}

Question split_question(std::string_view text) {
  Question q;
  if (text.size() > kLongestQuestion) {
    text = text.substr(0, kLongestQuestion);
    q.notes.emplace_back("the question was cut at 4096 bytes");
  }
  std::size_t at = 0;
  while (at < text.size()) {
    const Quotes* quotes = nullptr;
    for (const Quotes& candidate : kQuotes)
      if (text.substr(at).starts_with(candidate.open)) quotes = &candidate;
    if (quotes != nullptr) {
      const std::size_t begin = at + quotes->open.size();
      const std::size_t end = text.find(quotes->close, begin);
      if (end != text.npos) {
        std::string phrase(text.substr(begin, end - begin));
        q.free += ' ' + phrase + ' ';
        if (!text::fold(phrase).empty()) q.required.push_back(std::move(phrase));
        at = end + quotes->close.size();
        continue;
      }
    }
    const bool starts = at == 0 || blank(text[at - 1]);
    if (starts && text[at] == '-' && at + 1 < text.size() && !blank(text[at + 1]) && text[at + 1] != '-') {
      std::size_t end = at + 1;
      while (end < text.size() && !blank(text[end])) ++end;
      q.excluded.emplace_back(text.substr(at + 1, end - at - 1));
      at = end;
      continue;
    }
    q.free += text[at++];
  }
  q.number = document_number(q.free);
  return q;
}

std::vector<std::uint64_t> phrase_keys(text::Analyzer& analyzer, std::string_view phrase) {
  text::Analysis analysis;
  analyzer.analyse(phrase, analysis);
  std::vector<std::uint64_t> keys;
  bool dense = false;
  for (const text::Token& t : analysis.tokens) dense = dense || t.stream == Stream::bigram;
  for (const text::Token& t : analysis.tokens) {
    const auto first = text::script_of(analysis.normal.text[t.begin]);
    const bool alphabetic = first == text::Script::letter || first == text::Script::digit;
    const bool part = alphabetic && t.stream == Stream::word && text::script_of(analysis.normal.text[t.end - 1]) == first;
    if (t.stream == Stream::bigram || part || (!dense && t.stream == Stream::unigram)) keys.push_back(t.key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

float stream_weight(const Ranking& ranking, Stream stream) {
  const double weights[] = {ranking.word, ranking.bigram, ranking.unigram, ranking.gram};
  return static_cast<float>(weights[static_cast<std::size_t>(stream)]);
}

float QuestionReader::weight_of(Stream stream, std::uint32_t df) const {
  return stream_weight(ranking_, stream) * std::pow(index_.idf(df), static_cast<float>(ranking_.rarity));
}

void QuestionReader::analyse(std::string_view text) {
  analyzer_.analyse(text, analysis_, small_ != nullptr ? text::Cut::without_dictionaries : text::Cut::whole);
  if (small_ != nullptr) small::keep_only(analysis_);
}

Question QuestionReader::read(std::string_view text, const Filters& filters) {
  Question q = split_question(text);
  add_terms(q);
  add_synonyms(q, filters);
  if (small_ != nullptr) return q;
  if (ranking_.same_sound > 0) add_same_sounds(q);
  if (ranking_.typo > 0) add_typos(q);
  return q;
}

void QuestionReader::add_terms(Question& q) {
  analyse(q.free);
  q.folded = trimmed(analysis_.normal.text);
  std::unordered_map<std::uint64_t, std::size_t> seen;
  for (const text::Token& t : analysis_.tokens) {
    if (const auto known = seen.find(t.key); known != seen.end()) {
      QuestionTerm& term = q.terms[known->second];
      term.weight += term.information > 0 ? term.information : 0;
      continue;
    }
    if (q.terms.size() == kMostTerms) break;
    seen.emplace(t.key, q.terms.size());
    const float weight = weight_of(t.stream, frequency(t.key));
    q.terms.push_back({t.key, analysis_.normal.text.substr(t.begin, t.end - t.begin), weight, t.stream == Stream::unigram ? 0 : weight,
                       Mark::Kind::exact, {}, -1});
  }
  for (const QuestionTerm& t : q.terms) q.information += t.information;
  if (q.information == 0)
    for (QuestionTerm& t : q.terms) q.information += t.information = t.weight;
  if (q.folded.size() >= 2 && q.folded.size() <= 64) q.phrase = phrase_keys(analyzer_, q.free);
  if (q.phrase.size() < 2) q.phrase.clear();
}

void QuestionReader::add(Question& q, Stream stream, std::u32string_view text, float factor, Mark::Kind kind, std::string why, int stands_for) {
  const std::uint64_t key = text::token_key(stream, text);
  for (const QuestionTerm& t : q.terms)
    if (t.key == key) return;
  const std::uint32_t df = frequency(key);
  if (df == 0 || q.terms.size() >= 2 * kMostTerms) return;
  float weight = weight_of(stream, df);
  // What stands in for a term never counts for more than the term itself would.
  if (stands_for >= 0) weight = std::min(weight, q.terms[static_cast<std::size_t>(stands_for)].weight);
  q.terms.push_back({key, std::u32string(text), factor * weight, 0, kind, std::move(why), stands_for});
}

void QuestionReader::add_synonyms(Question& q, const Filters& filters) {
  const std::u32string folded = q.folded;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const auto first = words_.by_first.find(folded[i]);
    if (first == words_.by_first.end()) continue;
    for (const std::size_t number : first->second) {
      Words::Entry& entry = words_.synonyms[number];
      if (folded.compare(i, entry.from.size(), entry.from) != 0) continue;
      if (!entry.library.empty() && !filters.libraries.empty() &&
          std::find(filters.libraries.begin(), filters.libraries.end(), entry.library) == filters.libraries.end())
        continue;
      const auto letter = [&](std::size_t p) { return p < folded.size() && text::script_of(folded[p]) == text::Script::letter; };
      if (letter(i) && ((i > 0 && letter(i - 1)) || letter(i + entry.from.size()))) continue;
      ++entry.fired;
      const std::string why = "synonym of " + entry.synonym.from;
      // All of what stands in weighs no more than what it stands in for.
      float asked = 0, instead = 0;
      for (const QuestionTerm& t : q.terms)
        if (t.kind == Mark::Kind::exact && entry.from.find(t.text) != entry.from.npos) asked += t.weight;
      const std::size_t before = q.terms.size();
      analyse(entry.synonym.to);
      for (const text::Token& t : analysis_.tokens)
        add(q, t.stream, std::u32string_view(analysis_.normal.text).substr(t.begin, t.end - t.begin),
            static_cast<float>(entry.synonym.weight), Mark::Kind::synonym, why, -1);
      for (std::size_t n = before; n < q.terms.size(); ++n) instead += q.terms[n].weight;
      if (const float most = static_cast<float>(entry.synonym.weight) * asked; instead > most)
        for (std::size_t n = before; n < q.terms.size(); ++n) q.terms[n].weight *= most / instead;
      q.notes.push_back("also looked for " + entry.synonym.to + " (" + why + ")");
    }
  }
}

// For a rare bigram, bigrams of the same sound that differ in one character and are much more frequent.
void QuestionReader::add_same_sounds(Question& q) {
  const std::size_t asked = q.terms.size();
  for (std::size_t i = 0; i < asked; ++i) {
    if (stream_of(q.terms[i].key) != Stream::bigram || q.terms[i].kind != Mark::Kind::exact || q.terms[i].text.size() != 2) continue;
    const std::uint32_t df = index_.document_frequency(q.terms[i].key);
    if (df > kRare) continue;
    struct Other {
      std::uint32_t df;
      std::u32string text;
    };
    std::vector<Other> others;
    for (std::size_t place = 0; place < 2; ++place) {
      std::u32string text = q.terms[i].text;
      const char32_t own = text[place];
      for (const text::Syllable s : text::readings(own))
        for (const char32_t c : text::homophones(s)) {
          if (c == own) continue;
          text[place] = c;
          const std::uint32_t found = index_.document_frequency(text::token_key(Stream::bigram, text));
          if (found > kMoreFrequent * df && found > 1) others.push_back({found, text});
        }
    }
    std::sort(others.begin(), others.end(), [](const Other& a, const Other& b) { return a.df != b.df ? a.df > b.df : a.text < b.text; });
    for (std::size_t n = 0; n < std::min(kSoundsPerBigram, others.size()); ++n) {
      const std::string why = "same sound as " + text::to_utf8(q.terms[i].text);
      for (const Stream stream : {Stream::bigram, Stream::word})
        add(q, stream, others[n].text, static_cast<float>(ranking_.same_sound), Mark::Kind::same_sound, why, static_cast<int>(i));
    }
  }
}

// Words that the index does not have: one slip of the keyboard away from one that it has, or pinyin.
void QuestionReader::add_typos(Question& q) {
  const std::size_t asked = q.terms.size();
  for (std::size_t i = 0; i < asked; ++i) {
    const QuestionTerm& term = q.terms[i];
    if (stream_of(term.key) != Stream::word || term.text.size() < 4 || term.text.size() > 20 || !latin(term.text) || !term.expansion.empty()) continue;
    if (index_.document_frequency(term.key) > 0) continue;
    const std::u32string word = term.text;
    std::u32string best;
    std::uint32_t most = 0;
    const auto consider = [&](const std::u32string& other) {
      const std::uint32_t df = index_.document_frequency(text::token_key(Stream::word, other));
      if (df > most) most = df, best = other;
    };
    for (std::size_t p = 0; p <= word.size(); ++p) {
      if (p < word.size()) consider(word.substr(0, p) + word.substr(p + 1));
      if (p + 1 < word.size()) {
        std::u32string swapped = word;
        std::swap(swapped[p], swapped[p + 1]);
        consider(swapped);
      }
      for (char32_t c = U'a'; c <= U'z'; ++c) {
        consider(word.substr(0, p) + c + word.substr(p));
        if (p < word.size()) consider(word.substr(0, p) + c + word.substr(p + 1));
      }
    }
    if (most > 0) {
      add(q, Stream::word, best, static_cast<float>(ranking_.typo), Mark::Kind::similar, "similar to " + text::to_utf8(word), static_cast<int>(i));
    } else {
      add_pinyin(q, i);
    }
  }
}

void QuestionReader::add_pinyin(Question& q, std::size_t term) {
  const std::string word = text::to_utf8(q.terms[term].text);
  // The longest syllables first, going back where the rest cannot be read.
  std::vector<text::Syllable> sounds;
  const std::function<bool(std::size_t)> split = [&](std::size_t at) {
    if (at == word.size()) return true;
    for (std::size_t length = std::min<std::size_t>(6, word.size() - at); length > 0; --length) {
      const text::Syllable s = text::find_syllable(std::string_view(word).substr(at, length));
      if (s == 0) continue;
      sounds.push_back(s);
      if (split(at + length)) return true;
      sounds.pop_back();
    }
    return false;
  };
  if (!split(0) || sounds.size() < 2 || sounds.size() > 6) return;
  for (std::size_t i = 0; i + 1 < sounds.size(); ++i) {
    std::vector<std::pair<std::uint32_t, std::u32string>> found;
    for (const char32_t a : text::homophones(sounds[i]))
      for (const char32_t b : text::homophones(sounds[i + 1])) {
        const std::u32string pair{a, b};
        if (const std::uint32_t df = index_.document_frequency(text::token_key(Stream::bigram, pair)); df > 0) found.emplace_back(df, pair);
      }
    std::sort(found.begin(), found.end(), [](const auto& x, const auto& y) { return x.first != y.first ? x.first > y.first : x.second < y.second; });
    for (std::size_t n = 0; n < std::min<std::size_t>(3, found.size()); ++n)
      for (const Stream stream : {Stream::bigram, Stream::word})
        add(q, stream, found[n].second, static_cast<float>(ranking_.typo), Mark::Kind::same_sound, "sounds like " + word, static_cast<int>(term));
  }
}

}  // namespace hotline::kb
