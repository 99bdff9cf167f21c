#include "kb/suggest.hpp"

#include <algorithm>

namespace hotline::kb {
namespace {

constexpr std::size_t kLongestLine = 200;
constexpr std::size_t kLongestTyped = 48;
// What it costs to stand for a character by its sound, by its initial, by a same-sounding one.
constexpr float kSound = 0.05f, kInitial = 0.12f, kSame = 0.3f;

// ü is written v, and typed as v or u.
bool types(char32_t typed, char sound) { return typed == static_cast<char32_t>(sound) || (sound == 'v' && typed == U'u'); }
bool letter(char32_t c) { return c >= U'a' && c <= U'z'; }

}  // namespace

void Suggester::clear() { *this = {}; }

// Where a match can begin: at a character, or at the first letter of one of its sounds.
void Suggester::places_of(const Line& line, std::uint32_t number) {
  for (std::uint32_t i = 0; i < line.size; ++i) {
    const Unit& unit = units_[line.begin + i];
    if (text::script_of(unit.character) == text::Script::other) continue;
    by_first_[unit.character].push_back({number, i});
    char32_t seen[3] = {};
    for (std::size_t s = 0; s < 3 && unit.sounds[s] != 0; ++s) {
      const auto first = static_cast<char32_t>(text::spelling(unit.sounds[s]).front());
      if (std::find(seen, seen + s, first) != seen + s) continue;
      seen[s] = first;
      by_first_[first].push_back({number, i});
    }
  }
}

void Suggester::add(EntryId entry, std::string_view original, float popularity) {
  text::Normalised normal;
  text::normalise(original, normal);
  if (normal.text.empty()) return;
  if (normal.text.size() > kLongestLine) normal.text.resize(kLongestLine);
  std::vector<text::Reading> sounds;
  text::read_aloud(normal.text, sounds);
  Line line{entry, popularity, static_cast<std::uint32_t>(units_.size()), static_cast<std::uint32_t>(normal.text.size()), std::string(original)};
  for (std::size_t i = 0; i < normal.text.size(); ++i) {
    Unit unit{normal.text[i], {}};
    std::size_t n = 0;
    if (sounds[i].first != 0) unit.sounds[n++] = sounds[i].first;
    for (const text::Syllable s : sounds[i].all)
      if (n < 3 && s != sounds[i].first) unit.sounds[n++] = s;
    units_.push_back(unit);
  }
  const auto number = static_cast<std::uint32_t>(lines_.size());
  by_entry_[entry].push_back(number);
  places_of(line, number);
  lines_.push_back(std::move(line));
}

void Suggester::remove(EntryId entry) {
  const auto found = by_entry_.find(entry);
  if (found == by_entry_.end()) return;
  for (const std::uint32_t number : found->second) lines_[number].entry = 0;
  dead_ += found->second.size();
  by_entry_.erase(found);
  if (dead_ < 1024 || dead_ * 2 < lines_.size()) return;
  auto old = std::move(lines_);
  *this = {};
  for (const Line& line : old)
    if (line.entry != 0) add(line.entry, line.original, line.popularity);
}

// Depth first over the ways to read what was typed; the cheapest wins. A path is at most as long as the typed text,
// and each step has few choices, so the budget is only for hostile lines.
std::uint32_t Suggester::match(const Line& line, std::uint32_t at, std::u32string_view typed, bool by_sound, float& cost) const {
  struct Step {
    std::uint32_t unit;
    std::uint32_t used;
    float cost;
  };
  Step stack[128];
  std::size_t depth = 0;
  stack[depth++] = {at, 0, 0.f};
  std::uint32_t best = 0;
  cost = 1e9f;
  int budget = 512;
  const auto push = [&](std::uint32_t unit, std::uint32_t used, float c) {
    if (depth < std::size(stack) && c < cost) stack[depth++] = {unit, used, c};
  };
  while (depth > 0 && budget-- > 0) {
    const Step s = stack[--depth];
    if (s.used >= typed.size()) {
      if (s.cost < cost) cost = s.cost, best = s.unit;
      continue;
    }
    if (s.unit >= line.size) continue;
    const Unit& unit = units_[line.begin + s.unit];
    const char32_t c = typed[s.used];
    if (unit.character == c) push(s.unit + 1, s.used + 1, s.cost);
    else if (text::script_of(unit.character) == text::Script::other && s.unit > at) push(s.unit + 1, s.used, s.cost + 0.01f);
    if (letter(c) && unit.sounds[0] != 0) {
      for (std::size_t i = 0; i < 3 && unit.sounds[i] != 0; ++i) {
        const std::string_view sound = text::spelling(unit.sounds[i]);
        const float rare = i == 0 ? 0.f : 0.05f;
        std::size_t same = 0;
        while (same < sound.size() && s.used + same < typed.size() && types(typed[s.used + same], sound[same])) ++same;
        if (same == 0) continue;
        if (same == sound.size() || s.used + same == typed.size())
          push(s.unit + 1, s.used + static_cast<std::uint32_t>(same), s.cost + rare + (same == sound.size() ? kSound : kSound + 0.02f));
        if (same > 1 || sound.size() > 1) push(s.unit + 1, s.used + 1, s.cost + rare + kInitial);
        if (same >= 2 && sound[1] == 'h') push(s.unit + 1, s.used + 2, s.cost + rare + kInitial);
      }
    } else if (by_sound && unit.character != c) {
      const auto sounds = text::readings(c);
      const bool same = std::any_of(sounds.begin(), sounds.end(), [&](text::Syllable x) { return std::find(unit.sounds, unit.sounds + 3, x) != unit.sounds + 3; });
      if (same) push(s.unit + 1, s.used + 1, s.cost + kSame);
    }
  }
  return best;
}

void Suggester::gather(std::u32string_view typed, bool by_sound, const std::function<bool(EntryId)>& passes, std::vector<Match>& out) const {
  std::vector<char32_t> firsts{typed[0]};
  if (by_sound)
    for (const text::Syllable s : text::readings(typed[0])) {
      const auto first = static_cast<char32_t>(text::spelling(s).front());
      if (std::find(firsts.begin(), firsts.end(), first) == firsts.end()) firsts.push_back(first);
    }
  for (const char32_t first : firsts) {
    const auto places = by_first_.find(first);
    if (places == by_first_.end()) continue;
    for (const Place& place : places->second) {
      const Line& line = lines_[place.line];
      if (line.entry == 0) continue;
      float cost = 0;
      const std::uint32_t end = match(line, place.at, typed, by_sound, cost);
      if (end == 0 || !passes(line.entry)) continue;
      // Earlier in the line, then asked more often, then shorter.
      const float score = 1.f / (1.f + cost) + 0.25f / (1.f + static_cast<float>(place.at)) +
                          0.1f * std::min(line.popularity, 10.f) / 10.f + 0.2f * static_cast<float>(end - place.at) / static_cast<float>(line.size);
      out.push_back({place.line, place.at, end, score, by_sound});
    }
  }
}

std::vector<Suggester::Match> Suggester::find(std::string_view typed, std::size_t limit, const std::function<bool(EntryId)>& passes) {
  text::Normalised normal;
  text::normalise(typed.substr(0, 4096), normal);
  std::u32string key;
  for (const char32_t c : normal.text)
    if (text::script_of(c) != text::Script::other && key.size() < kLongestTyped) key.push_back(c);
  std::vector<Match> found;
  if (key.empty() || limit == 0) return found;
  gather(key, false, passes, found);
  if (found.size() < std::min<std::size_t>(limit, 3)) gather(key, true, passes, found);
  const auto better = [&](const Match& a, const Match& b) { return a.score != b.score ? a.score > b.score : a.line < b.line; };
  std::sort(found.begin(), found.end(), better);
  std::vector<Match> out;
  std::unordered_map<EntryId, bool> seen;
  for (const Match& m : found) {
    if (out.size() == limit) break;
    if (seen.emplace(lines_[m.line].entry, true).second) out.push_back(m);
  }
  return out;
}

Mark Suggester::mark(const Match& m) const {
  text::Normalised normal;
  text::normalise(lines_[m.line].original, normal);
  const auto range = normal.original(m.begin, m.end);
  return {m.same_sound ? Mark::Kind::same_sound : Mark::Kind::exact, range.begin, range.end};
}

}  // namespace hotline::kb
