// Toneless pinyin of Chinese characters and words: what people type when they know the sound.
//
// Readings of single characters: Unicode CLDR's Han-Latin (as in ICU 72), with our own list of characters of
// several common readings and of words that decide between them (银行 hang, 会计 kuai). Rare readings are left
// out on purpose: every reading that nobody uses costs precision.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::text {

// A syllable ("zhong"), numbered from 1; 0 is none.
using Syllable = std::uint16_t;

std::string_view spelling(Syllable syllable);
// 0 where the spelling is no syllable of Mandarin. ü is written v.
Syllable find_syllable(std::string_view spelling);
Syllable syllable_count();

// The readings of a (simplified) character, the commonest first; empty for what is not Han. Lives for ever.
std::span<const Syllable> readings(char32_t c);
// True when the two have a common reading.
bool same_sound(char32_t a, char32_t b);
// Characters (of the common 7,000 or so) whose readings contain the syllable. Lives for ever.
std::span<const char32_t> homophones(Syllable syllable);

// Readings of each character of a folded text in its context: the word-level reading first, then the other
// common ones. One entry for each character, empty where it is not Han.
struct Reading {
  Syllable first = 0;
  std::span<const Syllable> all;  // contains `first`
};
void read_aloud(std::u32string_view folded, std::vector<Reading>& out);

// "中国银行" -> "zhong guo yin hang"; what is not Han stays.
std::string pinyin(std::string_view text);
// "中国银行" -> "zgyh".
std::string initials(std::string_view text);

}  // namespace hotline::text
