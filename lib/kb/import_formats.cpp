#include "kb/import_formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hotline/base/json.hpp"

namespace hotline::kb {
namespace {

// --- CSV (RFC 4180) ----------------------------------------------------------------------------------------------
bool next_row(std::string_view& text, std::vector<std::string>& row, std::uint32_t& lines) {
  row.clear();
  lines = 0;
  if (text.empty()) return false;
  std::string cell;
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++lines;
    if (quoted) {
      if (c != '"') cell += c;
      else if (i + 1 < text.size() && text[i + 1] == '"') cell += '"', ++i;
      else quoted = false;
    } else if (c == '"' && cell.empty()) {
      quoted = true;
    } else if (c == ',') {
      row.push_back(std::move(cell));
      cell.clear();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r') {
      cell += c;
    }
  }
  row.push_back(std::move(cell));
  text.remove_prefix(std::min(i, text.size()));
  return true;
}

bool is_list(std::string_view field) {
  constexpr std::array<std::string_view, 7> kLists{"questions", "similar_questions", "keywords", "audience", "channels", "attachments", "credits"};
  return std::find(kLists.begin(), kLists.end(), field) != kLists.end();
}

Node cell_node(const std::string& name, std::string_view cell) {
  if (!is_list(name)) return Node::scalar(std::string(cell), true);
  Node list = Node::sequence();
  std::string item;
  const auto keep = [&] {
    if (!item.empty()) list.append(Node::scalar(std::exchange(item, {}), true));
  };
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const bool escaped = cell[i] == '\\' && i + 1 < cell.size() && (cell[i + 1] == '|' || cell[i + 1] == '\\');
    if (escaped) item += cell[++i];
    else if (cell[i] == '|') keep();
    else item += cell[i];
  }
  keep();
  return list;
}

// --- Markdown ----------------------------------------------------------------------------------------------------
struct Line {
  std::string_view text;  // without its end
  std::uint32_t number;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back({line, ++number});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void trim(std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  const auto last = text.find_last_not_of(" \t\r\n");
  text = first == text.npos ? std::string() : text.substr(first, last - first + 1);
}

// --- HTML --------------------------------------------------------------------------------------------------------
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

void append_utf8(std::string& out, unsigned long c) {
  if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

std::string unescaped(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
      {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}, {"ldquo", "“"}, {"rdquo", "”"}, {"mdash", "—"}, {"hellip", "…"}, {"middot", "·"}};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.find(';', i) : text.npos;
    if (end == text.npos || end - i > 10) {
      out += text[i];
      continue;
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    if (name.size() > 1 && name[0] == '#') {
      const bool hex = name[1] == 'x' || name[1] == 'X';
      append_utf8(out, std::strtoul(std::string(name.substr(hex ? 2 : 1)).c_str(), nullptr, hex ? 16 : 10));
      i = end;
      continue;
    }
    const auto known = std::find_if(std::begin(kNamed), std::end(kNamed), [&](const auto& n) { return n.first == name; });
    if (known == std::end(kNamed)) {
      out += text[i];
      continue;
    }
    out += known->second;
    i = end;
  }
  return out;
}

std::string attribute(std::string_view tag, std::string_view name) {
  const std::string folded = lower(tag);
  for (std::size_t at = folded.find(name); at != folded.npos; at = folded.find(name, at + 1)) {
    std::size_t i = at + name.size();
    if (at == 0 || (folded[at - 1] != ' ' && folded[at - 1] != '\n' && folded[at - 1] != '\t') || i >= tag.size() || tag[i] != '=') continue;
    ++i;
    if (i >= tag.size()) return {};
    const char quote = tag[i];
    if (quote != '"' && quote != '\'') return std::string(tag.substr(i, tag.find_first_of(" \t\n/>", i) - i));
    const std::size_t end = tag.find(quote, i + 1);
    return unescaped(tag.substr(i + 1, (end == tag.npos ? tag.size() : end) - i - 1));
  }
  return {};
}

bool breaks(std::string_view tag) {
  constexpr std::array<std::string_view, 16> kBlocks{"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "section", "article"};
  return std::find(kBlocks.begin(), kBlocks.end(), tag) != kBlocks.end();
}

// Blank lines and blanks in a row become one.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\r';
    if (c == '\n') {
      while (!out.empty() && out.back() == ' ') out.pop_back();
      if (!out.empty() && out.back() != '\n') out += '\n';
    } else if (space) {
      if (!out.empty() && out.back() != ' ' && out.back() != '\n') out += ' ';
    } else {
      out += c;
    }
  }
  trim(out);
  return out;
}

}  // namespace

void Importer::csv(std::string_view text) {
  std::vector<std::string> names, row;
  std::uint32_t lines = 0, line = 1;
  if (!next_row(text, names, lines)) return;
  for (std::string& name : names) trim(name);
  for (line += lines; next_row(text, row, lines); line += lines) {
    if (row.size() == 1 && row[0].empty()) continue;
    if (row.size() > names.size()) {
      ++out_.records;
      out_.report.error("K101", "a row has " + std::to_string(row.size()) + " cells, the first row names " + std::to_string(names.size()), "put texts with commas into quotes", Place{std::string(file_), line, 1});
      continue;
    }
    Node node = Node::mapping(line, 1);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!row[i].empty()) node.insert(Node::scalar(names[i], false, line, 1), cell_node(names[i], row[i]));
    record(node, line);
  }
}

void Importer::markdown(std::string_view text) {
  const auto lines = lines_of(text);
  std::size_t i = 0;
  while (i < lines.size()) {
    std::string head, title, body;
    const std::uint32_t first = lines[i].number;
    if (lines[i].text == "---") {
      for (++i; i < lines.size() && lines[i].text != "---"; ++i) head.append(lines[i].text).append("\n");
      ++i;
    }
    for (; i < lines.size(); ++i) {
      // A new head: "---" with a field after it.
      if (lines[i].text == "---" && i + 1 < lines.size() && lines[i + 1].text.find(':') != std::string_view::npos && !lines[i + 1].text.starts_with(' ')) break;
      if (title.empty() && body.empty() && lines[i].text.starts_with("# ")) title = lines[i].text.substr(2);
      else if (!lines[i].text.empty() || !body.empty()) body.append(lines[i].text).append("\n");
    }
    trim(body);
    trim(title);
    if (head.empty() && title.empty() && body.empty()) continue;
    const auto node = parse_document(head.empty() ? "{}" : head, file_);
    if (!node.ok() || !(node->is_mapping() || node->is_null())) {
      ++out_.records;
      out_.report.error("K101", "the head of an article cannot be read" + (node.ok() ? std::string() : ": " + node.error().message()), "write `name: value` lines between two lines of ---", Place{std::string(file_), first, 1});
      continue;
    }
    Node whole = node->is_mapping() ? *node : Node::mapping(first, 1);
    if (!title.empty() && whole.find("title") == nullptr) whole.insert(Node::scalar("title", false), Node::scalar(title, true));
    if (!body.empty() && whole.find("body") == nullptr) whole.insert(Node::scalar("body", false), Node::scalar(body, true));
    record(whole, first);
  }
}

void Importer::html(std::string_view text) {
  std::string title, heading, body, skipping, anchor;
  std::string* into = &body;
  Node node = Node::mapping(1, 1);
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '<') {
      const std::size_t end = std::min(text.find('<', i), text.size());
      if (skipping.empty()) *into += unescaped(text.substr(i, end - i));
      i = end;
      continue;
    }
    if (text.substr(i).starts_with("<!--")) {
      const std::size_t end = text.find("-->", i);
      i = end == text.npos ? text.size() : end + 3;
      continue;
    }
    const std::size_t end = std::min(text.find('>', i), text.size());
    const std::string_view inside = text.substr(i + 1, end - i - 1);
    i = std::min(end + 1, text.size());
    const bool closing = inside.starts_with('/');
    const std::string_view rest = closing ? inside.substr(1) : inside;
    const std::string tag = lower(rest.substr(0, rest.find_first_of(" \t\r\n/>")));
    if (!skipping.empty()) {
      if (closing && tag == skipping) skipping.clear();
      continue;
    }
    if (!closing && (tag == "script" || tag == "style" || tag == "noscript") && !inside.ends_with('/')) skipping = tag;
    if (tag == "title") into = closing ? &body : &title;
    if (tag == "h1") into = closing || !heading.empty() ? &body : &heading;
    if (tag == "meta" && !closing) {
      const std::string name = attribute(inside, "name");
      const std::string content = attribute(inside, "content");
      if (name != "viewport" && name != "generator" && !name.empty() && node.find(name) == nullptr)
        node.insert(Node::scalar(name, false, 1, 1), cell_node(name, content));
    }
    if (breaks(tag)) *into += '\n';
    if (tag.size() == 2 && tag[0] == 'h' && tag[1] >= '2' && tag[1] <= '6') {  // a heading stays one, so that passages have anchors
      if (!closing) *into += "## ", anchor = attribute(inside, "id");
      else if (const std::string named = std::exchange(anchor, {}); !named.empty()) into->insert(into->size() - 1, " {#" + named + "}");
    }
  }
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty() && node.find(name) == nullptr) node.insert(Node::scalar(name, false, 1, 1), Node::scalar(std::move(value), true));
  };
  add("title", tidy(heading.empty() ? title : heading));
  add("body", tidy(body));
  record(node, 1);
}

// --- and back ----------------------------------------------------------------------------------------------------
namespace {

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string text_of(const Node& node) {
  if (!node.is_sequence()) return node.text();
  std::string out;
  for (const Node& item : node.items()) {
    if (!out.empty()) out += '|';
    for (const char c : item.text()) {
      if (c == '|' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

// A value of a head: JSON, and what YAML takes for the end of a line or leaves out is escaped.
std::string head_value(const Node& value) {
  std::string out;
  const std::string json = value.to_json();
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = std::string_view(json).substr(i);
    const auto c = static_cast<unsigned char>(json[i]);
    const auto second = static_cast<unsigned char>(rest.size() > 1 ? rest[1] : 0);
    char code[8];
    if (c == 0x7f) out += "\\u007f";
    else if (c == 0xC2 && second >= 0x80 && second < 0xA0) std::snprintf(code, sizeof code, "\\u%04x", second), out += code, ++i;
    else if (rest.starts_with("\u2028")) out += "\\u2028", i += 2;
    else if (rest.starts_with("\u2029")) out += "\\u2029", i += 2;
    else if (rest.starts_with("\uFEFF")) out += "\\ufeff", i += 2;
    else if (rest.starts_with("\xEF\xBF\xBE")) out += "\\ufffe", i += 2;
    else if (rest.starts_with("\xEF\xBF\xBF")) out += "\\uffff", i += 2;
    else out += json[i];
  }
  return out;
}

// Title and body as people write them; where that would be read as something else, they stand in the head.
std::string as_markdown(const Article& a, const Node& node) {
  for (const bool plain : {true, false}) {
    std::string out = "---\n";
    for (const auto& entry : node.entries())
      if (!plain || (entry.key.text() != "title" && entry.key.text() != "body")) out += entry.key.text() + ": " + head_value(entry.value) + "\n";
    out += "---\n";
    if (plain) out += "# " + a.title + "\n\n" + a.body + "\n\n";
    if (!plain) return out + "\n";
    const ImportOptions options;
    Importer again("again", options);
    again.markdown(out);
    const Imported read = again.take();
    if (read.articles.size() == 1 && read.articles[0] == a) return out;
  }
  return {};
}

}  // namespace

Result<std::string> write_articles(const std::vector<Article>& articles, Format format) {
  if (format == Format::html) return Error(ErrorCode::unsupported, "articles are not exported as HTML", "use jsonl, csv or md");
  constexpr std::array<std::string_view, 24> kColumns{"id", "library", "kind", "catalogue", "title", "questions", "body", "keywords", "number", "department", "jurisdiction",
      "audience", "channels", "effective_from", "effective_to", "reviewed_at", "review_due", "supersedes", "overlays", "overlay", "attachments", "spoken_answer", "author", "credits"};
  std::string out;
  if (format == Format::csv) {
    for (const auto name : kColumns) out.append(name).append(name == kColumns.back() ? "\n" : ",");
  }
  for (const Article& a : articles) {
    if (format == Format::json_lines) {
      out += to_json(a) + "\n";
      continue;
    }
    HOTLINE_ASSIGN(const Node node, parse_document(to_json(a), "article"));
    if (format == Format::markdown) {
      out += as_markdown(a, node);
      continue;
    }
    if (format == Format::csv) {
      for (const auto name : kColumns) {
        const Node* value = node.find(name);
        out += (value != nullptr ? csv_cell(text_of(*value)) : "") + (name == kColumns.back() ? "\n" : ",");
      }
    }
  }
  return out;
}

}  // namespace hotline::kb
