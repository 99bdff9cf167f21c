// Completion of what is being typed, over titles, other ways to ask, and popular questions. Confined.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/kb/search.hpp"
#include "hotline/text/analysis.hpp"
#include "hotline/text/pinyin.hpp"
#include "kb/segment.hpp"

namespace hotline::kb {

// Each character of a line can be typed as itself, as its pinyin, as the initial of it, and the last one as the
// beginning of its pinyin. A typed text is matched from any character on.
class Suggester {
 public:
  struct Match {
    std::uint32_t line = 0;
    std::uint32_t begin = 0;  // positions in the folded line
    std::uint32_t end = 0;
    float score = 0;
    bool same_sound = false;
  };

  void clear();
  void add(EntryId entry, std::string_view line, float popularity);
  void remove(EntryId entry);
  std::size_t size() const { return lines_.size() - dead_; }

  // The best lines that `passes` allows, best first, each entry once.
  std::vector<Match> find(std::string_view typed, std::size_t limit, const std::function<bool(EntryId)>& passes);

  EntryId entry(const Match& m) const { return lines_[m.line].entry; }
  const std::string& text(const Match& m) const { return lines_[m.line].original; }
  Mark mark(const Match& m) const;

 private:
  struct Line {
    EntryId entry = 0;
    float popularity = 0;
    std::uint32_t begin = 0;  // in units_
    std::uint32_t size = 0;
    std::string original;
  };
  struct Unit {
    char32_t character = 0;
    text::Syllable sounds[3] = {};  // the reading here first
  };
  struct Place {
    std::uint32_t line = 0;
    std::uint32_t at = 0;
  };
  // The typed text consumed from `at` with unit `u` on; the units used, or 0.
  std::uint32_t match(const Line& line, std::uint32_t at, std::u32string_view typed, bool by_sound, float& cost) const;
  void gather(std::u32string_view typed, bool by_sound, const std::function<bool(EntryId)>& passes, std::vector<Match>& out) const;
  void places_of(const Line& line, std::uint32_t number);

  std::vector<Line> lines_;
  std::vector<Unit> units_;
  std::size_t dead_ = 0;
  std::unordered_map<char32_t, std::vector<Place>> by_first_;     // by character, and by first letter of a sound
  std::unordered_map<EntryId, std::vector<std::uint32_t>> by_entry_;
};

}  // namespace hotline::kb
