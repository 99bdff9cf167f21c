#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <unordered_set>

#include "hotline/text/analysis.hpp"

namespace hotline::text {
namespace {

std::uint64_t mix(std::uint64_t x) {  // splitmix64's finaliser (Steele, Lea, Flood 2014)
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ull;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBull;
  return x ^ x >> 31;
}

std::uint64_t with_stream(std::uint64_t hash, Stream stream) {
  return (hash & ~std::uint64_t{3}) | static_cast<std::uint64_t>(stream);
}

bool alphanumeric(Script s) { return s == Script::letter || s == Script::digit; }
bool east_asian(Script s) { return s == Script::han || s == Script::kana; }

// Characters that may stand inside a code or a word: TH-01, GB/T, don't, 3.5, a_b, x@y.
bool connects(char32_t c) {
  switch (c) {
    case U'-': case U'_': case U'.': case U'/': case U':': case U'\'': case U'&': case U'+': case U'#': case U'@':
    case U',': case U'\u2010': case U'\u2011': case U'\u2013': case U'\u2019': return true;
    default: return false;
  }
}

constexpr std::size_t kLongestWord = 64;  // a longer one is cut: nobody asks for it

}  // namespace

std::string_view to_string(Stream stream) {
  constexpr std::string_view kNames[] = {"word", "bigram", "unigram", "gram"};
  return kNames[static_cast<std::size_t>(stream)];
}

std::uint64_t token_key(Stream stream, std::u32string_view characters) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ull * (characters.size() + 1);
  for (const char32_t c : characters) hash = mix(hash ^ c) + 0x9E3779B97F4A7C15ull;
  return with_stream(mix(hash), stream);
}

struct Analyzer::State {
  std::unique_ptr<icu::BreakIterator> words;
  std::u16string buffer;
  std::vector<std::uint32_t> positions;  // position in the run of each UTF-16 unit
  std::unordered_set<std::u32string> terms;
  std::vector<std::size_t> term_lengths;  // longest first
  std::u32string scratch;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cuts;  // the words that ICU found in the run

  State() {
    UErrorCode status = U_ZERO_ERROR;
    words.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) words.reset();
  }

  void emit(Analysis& out, Stream stream, std::uint32_t begin, std::uint32_t end, std::u32string_view characters) const {
    out.tokens.push_back({stream, begin, end, token_key(stream, characters)});
  }

  void word(Analysis& out, std::uint32_t begin, std::uint32_t end, std::u32string_view characters) const {
    if (characters.size() > kLongestWord) characters = characters.substr(0, kLongestWord);
    emit(out, Stream::word, begin, end, characters);
  }

  void grams(Analysis& out, std::uint32_t begin, std::uint32_t end) {
    const std::u32string_view body = std::u32string_view(out.normal.text).substr(begin, std::min<std::size_t>(end - begin, kLongestWord));
    scratch.assign(1, U'^').append(body).push_back(U'$');
    if (scratch.size() <= 4) return emit(out, Stream::gram, begin, end, scratch);
    for (std::size_t i = 0; i + 4 <= scratch.size(); ++i)
      emit(out, Stream::gram, begin, end, std::u32string_view(scratch).substr(i, 4));
  }

  // A run of letters, digits and what connects them: each piece, and the whole where there are several.
  std::uint32_t code(Analysis& out, std::uint32_t begin) {
    const std::u32string& text = out.normal.text;
    const auto size = static_cast<std::uint32_t>(text.size());
    std::u32string whole;
    std::uint32_t at = begin;
    int pieces = 0;
    while (at < size) {
      const Script kind = script_of(text[at]);
      std::uint32_t end = at + 1;
      while (end < size && script_of(text[end]) == kind) ++end;
      const bool ending = at > begin && end - at <= 2 && (text[at - 1] == U'\'' || text[at - 1] == U'\u2019');
      if (!ending) {
        word(out, at, end, std::u32string_view(text).substr(at, end - at));
        if (kind == Script::letter) grams(out, at, end);
      }
      whole.append(text, at, end - at);
      ++pieces;
      at = end;
      if (at < size && alphanumeric(script_of(text[at]))) continue;
      if (at + 1 >= size || !connects(text[at]) || !alphanumeric(script_of(text[at + 1]))) break;
      const bool decimal = text[at] == U'.' && script_of(text[at - 1]) == Script::digit && script_of(text[at + 1]) == Script::digit;
      if (decimal) whole.push_back(U'.');
      ++at;
    }
    if (pieces > 1) word(out, begin, at, whole);
    return at;
  }

  void segment(Analysis& out, std::uint32_t begin, std::uint32_t end) {
    const std::u32string& text = out.normal.text;
    cuts.clear();
    if (words == nullptr) return;
    buffer.clear();
    positions.clear();
    for (std::uint32_t i = begin; i < end; ++i) {
      const char32_t c = text[i];
      positions.push_back(i);
      if (c < 0x10000) {
        buffer.push_back(static_cast<char16_t>(c));
      } else {
        buffer.push_back(static_cast<char16_t>(0xD7C0 + (c >> 10)));
        buffer.push_back(static_cast<char16_t>(0xDC00 | (c & 0x3FF)));
        positions.push_back(i);
      }
    }
    positions.push_back(end);
    UErrorCode status = U_ZERO_ERROR;
    UText units = UTEXT_INITIALIZER;
    utext_openUChars(&units, buffer.data(), static_cast<std::int64_t>(buffer.size()), &status);
    words->setText(&units, status);
    if (U_SUCCESS(status)) {
      std::int32_t from = words->first();
      for (std::int32_t to = words->next(); to != icu::BreakIterator::DONE; from = to, to = words->next()) {
        const std::uint32_t b = positions[static_cast<std::size_t>(from)];
        const std::uint32_t e = positions[static_cast<std::size_t>(to)];
        if (b >= e) continue;
        word(out, b, e, std::u32string_view(text).substr(b, e - b));
        cuts.emplace_back(b, e);
      }
    }
    utext_close(&units);
  }

  void own_terms(Analysis& out, std::uint32_t begin, std::uint32_t end) {
    if (terms.empty()) return;
    for (std::uint32_t i = begin; i < end; ++i)
      for (const std::size_t length : term_lengths) {
        if (length > end - i) continue;
        scratch.assign(out.normal.text, i, length);
        if (!terms.contains(scratch)) continue;
        const std::pair cut{i, i + static_cast<std::uint32_t>(length)};
        if (!std::binary_search(cuts.begin(), cuts.end(), cut)) word(out, cut.first, cut.second, scratch);
        break;
      }
  }

  void dense(Analysis& out, std::uint32_t begin, std::uint32_t end, Cut cut) {
    if (cut == Cut::whole) {
      segment(out, begin, end);
      own_terms(out, begin, end);
    }
    const std::u32string_view text = out.normal.text;
    for (std::uint32_t i = begin; i < end; ++i) {
      emit(out, Stream::unigram, i, i + 1, text.substr(i, 1));
      if (i + 1 < end) emit(out, Stream::bigram, i, i + 2, text.substr(i, 2));
    }
  }
};

Analyzer::Analyzer() : state_(std::make_unique<State>()) {}
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;
Analyzer::~Analyzer() = default;

void Analyzer::set_dictionary(const std::vector<std::string>& terms) {
  state_->terms.clear();
  state_->term_lengths.clear();
  Normalised normal;
  for (const std::string& term : terms) {
    normalise(term, normal);
    if (normal.text.size() < 2 || normal.text.size() > kLongestWord) continue;
    state_->terms.insert(normal.text);
    state_->term_lengths.push_back(normal.text.size());
  }
  auto& lengths = state_->term_lengths;
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
}

void Analyzer::analyse(std::string_view original, Analysis& out, Cut cut) {
  normalise(original, out.normal);
  out.tokens.clear();
  const std::u32string& text = out.normal.text;
  const auto size = static_cast<std::uint32_t>(text.size());
  for (std::uint32_t at = 0; at < size;) {
    const Script kind = script_of(text[at]);
    if (kind == Script::other) {
      ++at;
    } else if (alphanumeric(kind)) {
      at = state_->code(out, at);
    } else {
      std::uint32_t end = at + 1;
      while (end < size && (script_of(text[end]) == kind || (east_asian(kind) && east_asian(script_of(text[end]))))) ++end;
      state_->dense(out, at, end, cut);
      at = end;
    }
  }
}

}  // namespace hotline::text
