#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <array>
#include <bitset>
#include <memory>

#include "hotline/text/analysis.hpp"

namespace hotline::text {
namespace {

constexpr std::size_t kPlane = 0x10000;

Script classify(UChar32 c) {
  if (u_isdigit(c)) return Script::digit;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &status);
  const auto type = u_charType(c);
  const bool letter = u_isalpha(c) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK;
  switch (script) {
    case USCRIPT_HAN: return letter || u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) ? Script::han : Script::other;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA: return letter ? Script::kana : Script::other;
    case USCRIPT_HANGUL: return letter ? Script::hangul : Script::other;
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR: return letter ? Script::dictionary : Script::other;
    default: break;
  }
  if (c == 0x30FC) return Script::kana;  // the long-vowel mark is common to both kana
  return letter ? Script::letter : Script::other;
}

// What single characters of the basic plane become, looked up instead of computed.
struct Tables {
  std::array<char16_t, kPlane> folded{};   // 0: not one character, ask ICU
  std::array<Script, kPlane> script{};
  std::array<char16_t, kPlane> simple{};
  std::bitset<kPlane> starts;              // no combining with what stands before
  const icu::Normalizer2* normalizer = nullptr;

  Tables() {
    UErrorCode status = U_ZERO_ERROR;
    normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
    for (std::size_t i = 0; i < kPlane; ++i) simple[i] = static_cast<char16_t>(i);
    fill_simple();
    for (UChar32 c = 0; c < static_cast<UChar32>(kPlane); ++c) {
      script[c] = U_IS_SURROGATE(c) ? Script::other : classify(c);
      starts[c] = normalizer == nullptr || normalizer->hasBoundaryBefore(c);
      if (c == 0 || U_IS_SURROGATE(c)) continue;
      if (normalizer == nullptr || normalizer->isInert(c)) {
        folded[c] = simple[c];
        continue;
      }
      status = U_ZERO_ERROR;
      const icu::UnicodeString one = normalizer->normalize(icu::UnicodeString(c), status);
      if (U_SUCCESS(status) && one.length() == 1) folded[c] = simple[one[0]];
    }
  }

  void fill_simple() {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> to_simple(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status));
    if (U_FAILURE(status) || to_simple == nullptr) return;
    icu::UnicodeString all;
    for (UChar32 c = 0x3400; c <= 0x9FFF; ++c) all.append(static_cast<char16_t>(c)).append(u'\n');
    const icu::UnicodeString before = all;
    to_simple->transliterate(all);
    if (all.length() != before.length()) return;
    for (int i = 0; i < all.length(); i += 2) simple[before[i]] = all[i];
  }
};

const Tables& tables() {
  static const Tables instance;
  return instance;
}

// The next code point; U+FFFD for a byte that is not UTF-8.
char32_t decode(const char* bytes, std::int32_t& at, std::int32_t size) {
  UChar32 c = 0;
  U8_NEXT(bytes, at, size, c);
  return c < 0 ? U'\xFFFD' : static_cast<char32_t>(c);
}

bool starts(const Tables& t, char32_t c) {
  if (c < 0x300) return true;
  return c < kPlane ? t.starts[c] : t.normalizer == nullptr || t.normalizer->hasBoundaryBefore(static_cast<UChar32>(c));
}

void append(Normalised& out, char32_t c, std::uint32_t origin) {
  out.text.push_back(c);
  out.origin.push_back(origin);
}

void append_segment(const Tables& t, const icu::UnicodeString& segment, std::uint32_t origin, Normalised& out) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString folded = t.normalizer != nullptr ? t.normalizer->normalize(segment, status) : segment;
  if (U_FAILURE(status)) return append(out, U'\xFFFD', origin);
  for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1))
    append(out, simplified(static_cast<char32_t>(folded.char32At(i))), origin);
}

}  // namespace

char32_t simplified(char32_t c) { return c < kPlane ? tables().simple[c] : c; }

Script script_of(char32_t c) {
  if (c < kPlane) return tables().script[c];
  return c <= 0x10FFFF ? classify(static_cast<UChar32>(c)) : Script::other;
}

void normalise(std::string_view original, Normalised& out) {
  const Tables& t = tables();
  out.text.clear();
  out.origin.clear();
  constexpr std::size_t kMost = 0x7FFFFFFF;
  if (original.size() > kMost) original = original.substr(0, kMost);
  const char* bytes = original.data();
  const auto size = static_cast<std::int32_t>(original.size());
  std::int32_t at = 0;
  std::int32_t here = 0;
  char32_t c = at < size ? decode(bytes, at, size) : 0;
  icu::UnicodeString segment;
  while (here < size) {
    std::int32_t next = at;
    char32_t following = at < size ? decode(bytes, at, size) : 0;
    const auto origin = static_cast<std::uint32_t>(here);
    if (next >= size || starts(t, following)) {
      if (c < kPlane && t.folded[c] != 0) append(out, t.folded[c], origin);
      else append_segment(t, icu::UnicodeString(static_cast<UChar32>(c)), origin, out);
    } else {
      segment.setTo(static_cast<UChar32>(c));
      constexpr std::int32_t kLongest = 256;  // a pile of marks longer than this is cut
      while (next < size && !starts(t, following) && segment.length() < kLongest) {
        segment.append(static_cast<UChar32>(following));
        next = at;
        following = at < size ? decode(bytes, at, size) : 0;
      }
      append_segment(t, segment, origin, out);
    }
    here = next;
    c = following;
  }
  out.origin.push_back(static_cast<std::uint32_t>(size));
}

Normalised::Range Normalised::original(std::uint32_t begin, std::uint32_t end) const {
  const auto last = static_cast<std::uint32_t>(origin.empty() ? 0 : origin.size() - 1);
  begin = std::min(begin, last);
  end = std::min(end, last);
  if (begin >= end) return origin.empty() ? Range{} : Range{origin[begin], origin[begin]};
  std::uint32_t after = end;
  while (after < last && origin[after] == origin[end - 1]) ++after;
  return {origin[begin], origin[after]};
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const char32_t c : text) {
    char buffer[4];
    std::int32_t length = 0;
    UBool bad = false;
    U8_APPEND(buffer, length, 4, static_cast<UChar32>(c), bad);
    if (bad) out += "\xEF\xBF\xBD";
    else out.append(buffer, static_cast<std::size_t>(length));
  }
  return out;
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 0x7FFFFFFF));
  for (std::int32_t at = 0; at < size;) out.push_back(decode(text.data(), at, size));
  return out;
}

std::string fold(std::string_view original) {
  Normalised normal;
  normalise(original, normal);
  return to_utf8(normal.text);
}

}  // namespace hotline::text
