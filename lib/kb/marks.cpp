#include "kb/marks.hpp"

#include <algorithm>

namespace hotline::kb {
namespace {

constexpr std::size_t kPassage = 120;

bool ends_sentence(char32_t c) {
  return c == U'\n' || c == U'。' || c == U';' || c == U'!' || c == U'?' || c == U'；' || c == U'！' || c == U'？';
}

}  // namespace

Marker::Marker(const Question& question, text::Analyzer& analyzer) : single_(question.folded.size() == 1), analyzer_(analyzer) {
  for (const QuestionTerm& t : question.terms)
    keys_.emplace(t.key, Meaning{t.kind, t.information > 0 ? t.information : t.weight});
}

std::vector<Marker::Found> Marker::find(std::string_view original) {
  analyzer_.analyse(original, analysis_, text::Cut::without_dictionaries);
  std::vector<Found> out;
  std::uint32_t grams = 0, hits = 0;  // of the word at hand
  for (std::size_t i = 0; i < analysis_.tokens.size(); ++i) {
    const text::Token& t = analysis_.tokens[i];
    const auto known = keys_.find(t.key);
    if (t.stream == Stream::gram) {
      ++grams;
      hits += known != keys_.end() ? 1 : 0;
      const bool last = i + 1 == analysis_.tokens.size() || analysis_.tokens[i + 1].stream != Stream::gram || analysis_.tokens[i + 1].begin != t.begin;
      if (!last) continue;
      const bool exact = !out.empty() && out.back().begin == t.begin && out.back().end == t.end;
      if (!exact && grams >= 3 && hits * 2 >= grams) out.push_back({t.begin, t.end, Mark::Kind::similar, 1.f});
      grams = hits = 0;
      continue;
    }
    if (known == keys_.end() || (t.stream == Stream::unigram && !single_)) continue;
    out.push_back({t.begin, t.end, known->second.kind, known->second.information});
  }
  return out;
}

std::vector<Mark> Marker::merged(const std::vector<Found>& found) const {
  const auto size = analysis_.normal.text.size();
  std::vector<std::uint8_t> kind(size, 255);
  for (const Found& f : found)
    for (std::uint32_t i = f.begin; i < f.end && i < size; ++i) kind[i] = std::min(kind[i], static_cast<std::uint8_t>(f.kind));
  std::vector<Mark> out;
  for (std::uint32_t i = 0; i < size;) {
    if (kind[i] == 255) {
      ++i;
      continue;
    }
    std::uint32_t end = i + 1;
    while (end < size && kind[end] == kind[i]) ++end;
    const auto range = analysis_.normal.original(i, end);
    if (range.begin < range.end) out.push_back({static_cast<Mark::Kind>(kind[i]), range.begin, range.end});
    i = end;
  }
  return out;
}

std::vector<Mark> Marker::marks(std::string_view original) { return merged(find(original)); }

// The first position that comes from this byte or a later one.
std::uint32_t Marker::position(std::uint32_t byte) const {
  const auto& origin = analysis_.normal.origin;
  const auto at = static_cast<std::size_t>(std::lower_bound(origin.begin(), origin.end(), byte) - origin.begin());
  return static_cast<std::uint32_t>(std::min(at, analysis_.normal.text.size()));
}

std::string Marker::passage(std::string_view original, std::vector<Mark>& marks, Passage& where) {
  marks.clear();
  where = {};
  std::vector<Found> found = find(original);
  const std::u32string& text = analysis_.normal.text;
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.begin < b.begin; });
  struct Part {
    std::size_t begin, text, end;  // positions
  };
  const std::vector<Passage> passages = passages_of(original);
  std::vector<Part> parts;
  for (const Passage& p : passages) parts.push_back({position(p.begin), position(p.text), position(p.end)});
  if (parts.empty()) parts.push_back({0, 0, text.size()});
  // The window with the most information, slid from match to match; it ends where its passage does.
  std::size_t best = 0, last = 0, part = 0, part_of_best = 0;
  float sum = 0, most = -1;
  for (std::size_t first = 0; first < found.size(); ++first) {
    while (part + 1 < parts.size() && found[first].begin >= parts[part].end) ++part;
    const std::size_t limit = std::min<std::size_t>(found[first].begin + kPassage, parts[part].end);
    while (last < found.size() && found[last].end <= limit) sum += found[last++].information;
    if (sum > most) most = sum, best = first, part_of_best = part;
    if (last > first) sum -= found[first].information;
    else last = first + 1;
  }
  Part within = parts[part_of_best];
  if (within.text < within.end) within.begin = within.text;
  if (!found.empty() && part_of_best < passages.size()) where = passages[part_of_best];
  std::size_t begin = found.empty() ? within.begin : std::max<std::size_t>(found[best].begin, within.begin);
  const std::size_t earliest = std::max(within.begin, begin > 40 ? begin - 40 : 0);
  std::size_t start = begin;
  while (start > earliest && !ends_sentence(text[start - 1])) --start;
  begin = start > earliest || start == within.begin || ends_sentence(text[start - 1]) ? start : begin;
  std::size_t end = std::min(within.end, begin + kPassage);
  for (std::size_t i = end; end - begin == kPassage && i > begin + kPassage / 2; --i)
    if (ends_sentence(text[i - 1])) {
      end = i;
      break;
    }
  while (end > begin && text[end - 1] == U'\n') --end;
  const auto range = analysis_.normal.original(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
  for (Mark m : merged(found)) {
    if (m.end <= range.begin || m.begin >= range.end) continue;
    marks.push_back({m.kind, std::max(m.begin, range.begin) - range.begin, std::min(m.end, range.end) - range.begin});
  }
  return std::string(original.substr(range.begin, range.end - range.begin));
}

}  // namespace hotline::kb
