// Passages of a body, and citations: what an answer was taken from, so that it can be shown as it was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::kb {

// A part of a body under its heading. Bytes of the body; the passages of a body follow one another without gaps.
struct Passage {
  std::string anchor;   // a name in the body: "第十二条", "材料", "fees"; "" for what stands before the first heading
  std::string heading;  // as it stands: "第十二条", "二、申请材料", "Fees"
  std::uint32_t begin = 0;
  std::uint32_t text = 0;  // where the text behind the heading begins: `begin` where they share a line
  std::uint32_t end = 0;

  bool operator==(const Passage&) const = default;
};

// Headings are lines of Markdown (`## Fees`, with an anchor of its own: `## Fees {#fees}`), articles and chapters of a law
// (第十二条 ...), numbered ones (二、申请材料) and labels of up to eight characters (材料：...) at the beginning of a line.
// An anchor is the heading's words without number, folded; one that is there already gets "-2". Any bytes do no harm.
std::vector<Passage> passages_of(std::string_view body);

// "guide-food@3#材料". Plain value.
struct Citation {
  std::string article;
  int revision = 0;    // 0: the latest
  std::string anchor;  // "": the whole article

  bool operator==(const Citation&) const = default;
};
std::string to_string(const Citation& citation);
// `id`, `id@3`, `id#anchor`, `id@3#anchor`; an id with a # needs its revision. Errors: invalid_argument (no id).
Result<Citation> citation_from(std::string_view text);

}  // namespace hotline::kb
