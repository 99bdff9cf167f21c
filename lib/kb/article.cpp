#include "hotline/kb/article.hpp"

#include <algorithm>
#include <array>

#include "hotline/base/json.hpp"
#include "hotline/text/analysis.hpp"

namespace hotline::kb {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"policy", "qa", "guide", "earlier"};
constexpr std::array<std::string_view, 3> kStates{"draft", "published", "withdrawn"};
constexpr std::array<std::string_view, 3> kChannels{"citizen", "agent", "ivr"};

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(key).begin_array();
  for (const std::string& t : texts) json.value(t);
  json.end_array();
}

Error wrong(const Node& at, std::string_view field, std::string_view what) {
  return Error(ErrorCode::invalid_definition, "`" + std::string(field) + "` " + std::string(what), {}, at.place(""));
}

Result<std::string> one_text(const Node& node, std::string_view field) {
  if (node.is_null()) return std::string();
  if (!node.is_scalar()) return wrong(node, field, "must be a text");
  return node.text();
}

Result<std::vector<std::string>> texts(const Node& node, std::string_view field) {
  std::vector<std::string> out;
  if (node.is_null()) return out;
  if (node.is_scalar()) {
    if (!node.text().empty()) out.push_back(node.text());
    return out;
  }
  if (!node.is_sequence()) return wrong(node, field, "must be a text or a list of texts");
  for (const Node& item : node.items()) {
    if (!item.is_scalar()) return wrong(item, field, "must hold texts only");
    if (!item.text().empty()) out.push_back(item.text());
  }
  return out;
}

Result<std::optional<Time>> moment(const Node& node, std::string_view field) {
  if (node.is_null() || node.text().empty()) return std::optional<Time>();
  std::string text = node.text();
  if (text.size() == 10) text += "T00:00:00+08:00";  // a date is a day in China
  const auto time = parse_time(text);
  if (!time.ok()) return wrong(node, field, "must be a date (2026-07-01) or a time (2026-07-01T08:00:00+08:00)");
  return std::optional<Time>(*time);
}

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? -1 : static_cast<int>(at - names.begin());
}

// Fields that are one text, by name.
constexpr std::pair<std::string_view, std::string Article::*> kTexts[] = {
    {"id", &Article::id},           {"library", &Article::library},           {"catalogue", &Article::catalogue},
    {"title", &Article::title},     {"body", &Article::body},                 {"number", &Article::number},
    {"author", &Article::author},   {"department", &Article::department},     {"jurisdiction", &Article::jurisdiction},
    {"overlays", &Article::overlays}, {"supersedes", &Article::supersedes},   {"spoken_answer", &Article::spoken_answer}};
constexpr std::pair<std::string_view, std::vector<std::string> Article::*> kLists[] = {
    {"questions", &Article::questions}, {"keywords", &Article::keywords}, {"audience", &Article::audience},
    {"attachments", &Article::attachments}, {"credits", &Article::credits}};
constexpr std::pair<std::string_view, std::optional<Time> Article::*> kTimes[] = {
    {"effective_from", &Article::effective_from}, {"effective_to", &Article::effective_to},
    {"reviewed_at", &Article::reviewed_at}, {"review_due", &Article::review_due}};

Status read_field(const std::string& key, const Node& value, Article& out, bool& known) {
  for (const auto& [name, member] : kTexts)
    if (key == name) {
      HOTLINE_ASSIGN(out.*member, one_text(value, key));
      return {};
    }
  for (const auto& [name, member] : kLists)
    if (key == name) {
      HOTLINE_ASSIGN(out.*member, texts(value, key));
      return {};
    }
  for (const auto& [name, member] : kTimes)
    if (key == name) {
      HOTLINE_ASSIGN(out.*member, moment(value, key));
      return {};
    }
  if (key == "kind") {
    const int kind = index_of(kKinds, value.text());
    if (kind < 0) return wrong(value, key, "must be policy, qa, guide or earlier");
    out.kind = static_cast<Kind>(kind);
  } else if (key == "overlay") {
    if (value.text() != "add" && value.text() != "replace") return wrong(value, key, "must be add or replace");
    out.overlay = value.text() == "add" ? Overlay::add : Overlay::replace;
  } else if (key == "channels") {
    HOTLINE_ASSIGN(const auto names, texts(value, key));
    out.channels = names.empty() ? kEveryChannel : Channels{0};
    for (const std::string& name : names) {
      const int channel = index_of(kChannels, name);
      if (channel < 0) return wrong(value, key, "must be of citizen, agent, ivr");
      out.channels = static_cast<Channels>(out.channels | 1 << channel);
    }
  } else {
    known = false;
  }
  return {};
}

}  // namespace

std::string_view to_string(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(State state) { return kStates[static_cast<std::size_t>(state)]; }

std::string to_json(const Article& a) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, member] : kTexts) {
    if (!(a.*member).empty()) json.field(name, a.*member);
    if (name == "library") json.field("kind", to_string(a.kind));
  }
  for (const auto& [name, member] : kLists) write_texts(json, name, a.*member);
  for (const auto& [name, member] : kTimes)
    if (a.*member) json.field(name, hotline::to_string(*(a.*member)));
  if (a.overlay == Overlay::replace) json.field("overlay", "replace");
  if (a.channels != kEveryChannel) {
    json.key("channels").begin_array();
    for (std::size_t i = 0; i < kChannels.size(); ++i)
      if ((a.channels >> i & 1) != 0) json.value(kChannels[i]);
    json.end_array();
  }
  json.end_object();
  return out;
}

Result<Article> article_from(const Node& node, std::vector<std::string>* ignored) {
  if (!node.is_mapping()) return wrong(node, "article", "must be an object with fields");
  Article out;
  for (const auto& entry : node.entries()) {
    bool known = true;
    HOTLINE_TRY(read_field(entry.key.text(), entry.value, out, known));
    if (!known && ignored != nullptr) ignored->push_back(entry.key.text());
  }
  return out;
}

std::string_view jurisdiction_stem(std::string_view code) {
  while (code.size() >= 2 && code.ends_with("00")) code.remove_suffix(2);
  return code;
}

std::vector<std::string> jurisdiction_line(std::string_view code) {
  std::vector<std::string> out;
  std::string_view stem = jurisdiction_stem(code);
  while (!stem.empty()) {
    std::string full(stem);
    full.append(full.size() < 6 ? 6 - full.size() : 0, '0');
    out.push_back(std::move(full));
    stem.remove_suffix(std::min<std::size_t>(2, stem.size()));
  }
  out.emplace_back();
  return out;
}

std::string work_of(std::string_view title) {
  text::Normalised normal;
  text::normalise(title, normal);
  std::u32string_view s = normal.text;
  const auto numeral = [](char32_t c) {
    return (c >= U'0' && c <= U'9') || std::u32string_view(U"〇零一二三四五六七八九十百千").find(c) != std::u32string_view::npos;
  };
  const auto blank = [](char32_t c) { return text::script_of(c) == text::Script::other; };
  // 第三十五条, 第2章 ... with whatever follows it.
  for (std::size_t at = s.rfind(U'第'); at != s.npos; at = at == 0 ? s.npos : s.rfind(U'第', at - 1)) {
    std::size_t end = at + 1;
    while (end < s.size() && numeral(s[end])) ++end;
    if (end == at + 1 || end >= s.size() || std::u32string_view(U"条章节款编项回期部卷篇").find(s[end]) == s.npos) continue;
    s = s.substr(0, at);
    while (!s.empty() && blank(s.back())) s.remove_suffix(1);
    return s.size() < 2 ? std::string() : text::to_utf8(s);
  }
  std::size_t end = s.size();
  bool numbered = false;
  while (end > 0 && (numeral(s[end - 1]) || blank(s[end - 1]))) numbered = numeral(s[--end]) || numbered;
  return numbered && end >= 2 ? text::to_utf8(s.substr(0, end)) : std::string();
}

std::string document_number(std::string_view text) {
  text::Normalised normal;
  text::normalise(text, normal);
  const std::u32string& s = normal.text;
  const auto digit = [&](std::size_t i) { return i < s.size() && s[i] >= U'0' && s[i] <= U'9'; };
  const auto bracket = [&](std::size_t i, std::u32string_view of) { return i < s.size() && of.find(s[i]) != std::u32string_view::npos; };
  const auto blanks = [&](std::size_t& i) {
    while (i < s.size() && s[i] == U' ') ++i;
  };
  for (std::size_t at = 0; at < s.size(); ++at) {
    if (!bracket(at, U"〔[(【﹝<〈《")) continue;
    std::size_t i = at + 1;
    if (!(digit(i) && digit(i + 1) && digit(i + 2) && digit(i + 3)) || !bracket(i + 4, U"〕])】﹞>〉》")) continue;
    const std::size_t year = i;
    i += 5;
    blanks(i);
    if (i < s.size() && s[i] == U'第') ++i;
    const std::size_t first = i;
    while (digit(i) && i - first < 9) ++i;
    const std::size_t last = i;
    blanks(i);
    if (last == first || i >= s.size() || s[i] != U'号') continue;
    std::size_t head = at;
    while (head > 0 && s[head - 1] == U' ') --head;
    const std::size_t end = head;
    while (head > 0 && end - head < 16 && text::script_of(s[head - 1]) == text::Script::han) --head;
    if (head == end) continue;
    return text::to_utf8(s.substr(head, end - head)) + "〔" + text::to_utf8(s.substr(year, 4)) + "〕" +
           text::to_utf8(s.substr(first, last - first)) + "号";
  }
  return {};
}

}  // namespace hotline::kb
