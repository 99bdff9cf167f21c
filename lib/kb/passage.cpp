#include "hotline/kb/passage.hpp"

#include <algorithm>

#include "hotline/text/analysis.hpp"

namespace hotline::kb {
namespace {

constexpr std::size_t kLongestAnchor = 32;   // characters
constexpr std::size_t kLongestHeading = 40;  // of a numbered line
constexpr std::size_t kLongestLabel = 8;

bool blank(char32_t c) { return c == U' ' || c == U'\t' || c == U'\r' || c == U'　'; }
bool numeral(char32_t c) { return (c >= U'0' && c <= U'9') || std::u32string_view(U"〇零一二三四五六七八九十百千").find(c) != std::u32string_view::npos; }
bool one_of(char32_t c, std::u32string_view of) { return of.find(c) != of.npos; }

std::u32string_view trimmed(std::u32string_view s) {
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

std::string anchor_of(std::u32string_view words) {
  std::string folded = text::fold(text::to_utf8(words));
  std::u32string out;
  for (const char32_t c : text::to_utf32(folded)) {
    if (out.size() == kLongestAnchor) break;
    if (text::script_of(c) != text::Script::other && c != 0xFFFD) out += c;
    else if (!out.empty() && out.back() != U'-') out += U'-';
  }
  while (!out.empty() && out.back() == U'-') out.pop_back();
  return text::to_utf8(out);
}

struct Heading {
  std::u32string_view words;  // of the heading, as shown
  std::u32string_view name;   // what the anchor is made of
  bool own_line = false;      // nothing but the heading stands in its line
  bool anchor_given = false;
};

bool markdown(std::u32string_view line, Heading& out) {
  std::size_t marks = 0;
  while (marks < line.size() && line[marks] == U'#') ++marks;
  if (marks == 0 || marks > 6 || marks == line.size() || !blank(line[marks])) return false;
  std::u32string_view words = trimmed(line.substr(marks));
  out.name = words;
  if (const std::size_t brace = words.rfind(U"{#"); brace != words.npos && words.ends_with(U'}') && words.size() - brace > 3) {
    out.name = words.substr(brace + 2, words.size() - brace - 3);
    out.anchor_given = true;
    words = trimmed(words.substr(0, brace));
  }
  out.words = words.empty() ? out.name : words;
  out.own_line = true;
  return !out.words.empty();
}

// 第十二条 (the text follows in the line), 第二章 总则 (the line is the heading).
bool of_law(std::u32string_view line, Heading& out) {
  if (!line.starts_with(U'第')) return false;
  std::size_t end = 1;
  while (end < line.size() && numeral(line[end])) ++end;
  if (end == 1 || end >= line.size() || !one_of(line[end], U"条章节编")) return false;
  const bool part = line[end++] != U'条';
  if (end < line.size() && !blank(line[end]) && !one_of(line[end], U"：:")) return false;
  out.words = out.name = part && line.size() <= kLongestHeading ? line : line.substr(0, end);
  out.own_line = part && out.words.size() == line.size();
  return true;
}

// 二、申请材料
bool numbered(std::u32string_view line, Heading& out) {
  std::size_t end = 0;
  while (end < line.size() && numeral(line[end])) ++end;
  if (end == 0 || end >= line.size() || line[end] != U'、' || line.size() > kLongestHeading || one_of(line.back(), U"。；;")) return false;
  out.words = line;
  out.name = trimmed(line.substr(end + 1));
  out.own_line = true;
  return !out.name.empty();
}

// 材料：身份证
bool labelled(std::u32string_view line, Heading& out) {
  std::size_t end = 0;
  while (end < line.size() && end <= kLongestLabel && text::script_of(line[end]) == text::Script::han) ++end;
  if (end < 2 || end > kLongestLabel || end >= line.size() || !one_of(line[end], U"：:")) return false;
  out.words = out.name = line.substr(0, end);
  out.own_line = end + 1 == line.size();
  return true;
}

bool heading_of(std::u32string_view line, Heading& out) {
  out = {};
  return markdown(line, out) || of_law(line, out) || numbered(line, out) || labelled(line, out);
}

}  // namespace

std::vector<Passage> passages_of(std::string_view body) {
  std::vector<Passage> out;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    const std::size_t next = std::min(end + 1, body.size());
    const std::u32string line = text::to_utf32(body.substr(at, std::min<std::size_t>(end - at, 400)));
    Heading heading;
    if (heading_of(trimmed(line), heading)) {
      std::string anchor = anchor_of(heading.name);
      if (anchor.empty()) anchor = "passage";
      const auto taken = [&](const std::string& name) { return std::any_of(out.begin(), out.end(), [&](const Passage& p) { return p.anchor == name; }); };
      if (taken(anchor)) {
        int n = 2;
        while (taken(anchor + "-" + std::to_string(n))) ++n;
        anchor += "-" + std::to_string(n);
      }
      out.push_back({std::move(anchor), text::to_utf8(heading.words), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(heading.own_line ? next : at), 0});
    } else if (out.empty()) {
      out.push_back({});
    }
    at = next;
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i].end = i + 1 < out.size() ? out[i + 1].begin : static_cast<std::uint32_t>(body.size());
  return out;
}

std::string to_string(const Citation& c) {
  return c.article + (c.revision > 0 ? "@" + std::to_string(c.revision) : "") + (c.anchor.empty() ? "" : "#" + c.anchor);
}

Result<Citation> citation_from(std::string_view text) {
  Citation out;
  // The last @number that ends the text or stands before a #; else what is before the last #.
  std::size_t end = std::min(text.rfind('#'), text.size()), anchor = end;
  for (std::size_t at = text.rfind('@'); at != text.npos; at = at == 0 ? text.npos : text.rfind('@', at - 1)) {
    std::size_t digits = at + 1;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    const std::size_t count = digits - at - 1;
    if (count == 0 || count > 8 || text[at + 1] == '0' || (digits < text.size() && text[digits] != '#')) continue;
    out.revision = std::stoi(std::string(text.substr(at + 1, count)));
    end = at;
    anchor = digits;
    break;
  }
  out.article = text.substr(0, end);
  if (anchor < text.size()) out.anchor = text.substr(anchor + 1);
  if (out.article.empty()) return Error(ErrorCode::invalid_argument, "`" + std::string(text) + "` cites no article", "write id, id@revision or id@revision#passage");
  return out;
}

}  // namespace hotline::kb
