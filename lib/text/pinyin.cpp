#include "hotline/text/pinyin.hpp"

#include <algorithm>
#include <unordered_map>

#include "hotline/text/analysis.hpp"

namespace hotline::text {
namespace {

constexpr const char* kSyllables =
#include "syllables.inc"
    ;
constexpr const char* kPolyphones =
#include "polyphones.inc"
    ;
constexpr char32_t kFirst = 0x4E00;
constexpr char32_t kLast = 0x9FA5;
constexpr std::size_t kMostReadings = 4;
constexpr std::size_t kLongestWord = 8;

struct Entry {
  Syllable syllables[kMostReadings] = {};
  std::uint8_t count = 0;
};

struct Table {
  std::vector<std::string> spellings{""};
  std::unordered_map<std::string_view, Syllable> numbers;
  std::vector<Entry> entries = std::vector<Entry>(kLast - kFirst + 1);
  std::vector<std::vector<char32_t>> common{1};
  std::unordered_map<std::u32string, std::vector<Syllable>> words;
  std::vector<bool> begins = std::vector<bool>(kLast - kFirst + 1);  // a word of the list

  Table() {
    read_syllables();
    for (std::size_t i = 1; i < spellings.size(); ++i) numbers.emplace(spellings[i], static_cast<Syllable>(i));
    read_polyphones();
  }

  Entry* entry(char32_t c) { return c >= kFirst && c <= kLast ? &entries[c - kFirst] : nullptr; }

  static std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(separator), text.size());
      if (end > 0) parts.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
  }

  void read_syllables() {
    for (const std::string_view line : split(kSyllables, '\n')) {
      const std::size_t blank = line.find(' ');
      const std::size_t bar = line.find('|');
      const auto number = static_cast<Syllable>(spellings.size());
      spellings.emplace_back(line.substr(0, blank));
      const std::u32string usual = to_utf32(line.substr(blank + 1, bar - blank - 1));
      common.emplace_back(usual.begin(), usual.end());
      for (const char32_t c : usual + to_utf32(line.substr(bar + 1)))
        if (Entry* e = entry(c)) *e = {{number}, 1};
    }
  }

  void read_polyphones() {
    for (const std::string_view line : split(kPolyphones, '\n')) {
      const auto parts = split(line, ' ');
      const std::u32string word = to_utf32(parts[0]);
      std::vector<Syllable> sounds;
      for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto found = numbers.find(parts[i]);
        if (found != numbers.end()) sounds.push_back(found->second);
      }
      if (word.size() > 1) {
        if (sounds.size() != word.size() || entry(word[0]) == nullptr) continue;
        begins[word[0] - kFirst] = true;
        words.emplace(word, std::move(sounds));
      } else if (Entry* e = entry(word[0]); e != nullptr && !sounds.empty()) {
        replace(word[0], *e, sounds);
      }
    }
  }

  void replace(char32_t c, Entry& e, const std::vector<Syllable>& sounds) {
    if (e.count > 0) std::erase(common[e.syllables[0]], c);
    e.count = 0;
    for (const Syllable s : sounds) {
      if (e.count == kMostReadings) break;
      e.syllables[e.count++] = s;
      common[s].push_back(c);
    }
  }
};

Table& table() {
  static Table instance;
  return instance;
}

}  // namespace

std::string_view spelling(Syllable syllable) {
  const auto& all = table().spellings;
  return syllable < all.size() ? std::string_view(all[syllable]) : std::string_view();
}

Syllable find_syllable(std::string_view text) {
  const auto& numbers = table().numbers;
  const auto found = numbers.find(text);
  return found != numbers.end() ? found->second : Syllable{0};
}

Syllable syllable_count() { return static_cast<Syllable>(table().spellings.size() - 1); }

std::span<const Syllable> readings(char32_t c) {
  const Entry* e = table().entry(c);
  return e != nullptr ? std::span<const Syllable>(e->syllables, e->count) : std::span<const Syllable>();
}

bool same_sound(char32_t a, char32_t b) {
  for (const Syllable x : readings(a))
    for (const Syllable y : readings(b))
      if (x == y) return true;
  return false;
}

std::span<const char32_t> homophones(Syllable syllable) {
  const auto& common = table().common;
  return syllable < common.size() ? std::span<const char32_t>(common[syllable]) : std::span<const char32_t>();
}

void read_aloud(std::u32string_view folded, std::vector<Reading>& out) {
  out.clear();
  for (const char32_t c : folded) {
    const auto all = readings(c);
    out.push_back({all.empty() ? Syllable{0} : all[0], all});
  }
  const auto& words = table().words;
  std::u32string word;
  for (std::size_t i = 0; i + 1 < folded.size(); ++i) {
    if (out[i].all.empty() || !table().begins[folded[i] - kFirst]) continue;
    for (std::size_t length = std::min(kLongestWord, folded.size() - i); length >= 2; --length) {
      word.assign(folded.substr(i, length));
      const auto found = words.find(word);
      if (found == words.end()) continue;
      for (std::size_t k = 0; k < length; ++k) out[i + k].first = found->second[k];
      i += length - 1;
      break;
    }
  }
}

std::string pinyin(std::string_view text) {
  Normalised normal;
  normalise(text, normal);
  std::vector<Reading> sounds;
  read_aloud(normal.text, sounds);
  std::string out;
  bool spoken = false;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const bool now = sounds[i].first != 0;
    if (!out.empty() && (now || spoken) && out.back() != ' ') out += ' ';
    if (now) out += spelling(sounds[i].first);
    else out += to_utf8(std::u32string_view(normal.text).substr(i, 1));
    spoken = now;
  }
  return out;
}

std::string initials(std::string_view text) {
  Normalised normal;
  normalise(text, normal);
  std::vector<Reading> sounds;
  read_aloud(normal.text, sounds);
  std::string out;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    if (sounds[i].first != 0) out += spelling(sounds[i].first).front();
    else out += to_utf8(std::u32string_view(normal.text).substr(i, 1));
  }
  return out;
}

}  // namespace hotline::text
