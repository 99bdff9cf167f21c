#include "hotline/kb/import.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <unordered_set>

#include "hotline/base/json.hpp"
#include "hotline/kb/command.hpp"
#include "kb/import_formats.hpp"

namespace hotline::kb {
namespace {

std::uint64_t digest(std::string_view text) {  // FNV-1a
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return h;
}

// Names that other systems' exports use.
std::string own_name(const std::string& name) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"type", "kind"}, {"dept", "department"}, {"similar_questions", "questions"}, {"content", "body"}, {"question", "title"}, {"answer", "body"}};
  for (const auto& [theirs, ours] : kNames)
    if (name == theirs) return std::string(ours);
  return name;
}

Node renamed(const Node& node) {
  Node out = Node::mapping(node.line(), node.column());
  for (const auto& entry : node.entries()) {
    std::string name = own_name(entry.key.text());
    if (name != entry.key.text() && node.find(name) != nullptr) name = entry.key.text();
    if (name == "kind" && entry.value.text() != "policy" && entry.value.text() != "qa" && entry.value.text() != "guide" && entry.value.text() != "earlier") continue;
    out.insert(Node::scalar(name, false, entry.key.line(), entry.key.column()), entry.value);
  }
  return out;
}

// Without blanks at their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!one.empty() && (one.back() == '\r' || one.back() == ' ')) one.remove_suffix(1);
    out.push_back(one);
  }
  return out;
}

}  // namespace

void Importer::record(const Node& node, std::uint32_t line) {
  ++out_.records;
  const Place place{std::string(file_), line, 1};
  if (!node.is_mapping()) return out_.report.error("K101", "a record is not an object", "write {\"title\": ..., \"body\": ...}", place);
  std::vector<std::string> ignored;
  auto article = article_from(renamed(node), &ignored);
  if (!article.ok()) return out_.report.error("K106", article.error().message(), article.error().remedy(), place);
  for (const std::string& name : ignored)
    if (warned_.insert(name).second) out_.report.warning("K103", "field `" + name + "` is unknown and left out", "see docs/kb.md for the names", place);
  keep(*std::move(article), node.find("kind") != nullptr, place);
}

void Importer::keep(Article article, bool has_kind, const Place& place) {
  if (article.title.empty() && article.body.empty())
    return out_.report.error("K102", "a record has neither title nor body", "give it a `title`", place, article.id);
  if (article.title.empty()) {
    out_.report.warning("K102", "a record has no title", "the first line of its body stands in", place, article.id);
    article.title = article.body.substr(0, article.body.find('\n'));
  }
  if (article.library.empty()) article.library = options_.library;
  if (!has_kind) article.kind = options_.kind;
  if (article.id.empty()) {
    char name[32];
    std::snprintf(name, sizeof name, "a%016llx", static_cast<unsigned long long>(digest(article.library + "\n" + article.jurisdiction + "\n" + article.title)));
    article.id = name;
    out_.report.warning("K105", "a record has no id", "`" + article.id + "` was made from its title", place, article.id);
  }
  if (!ids_.insert(article.id).second) return out_.report.error("K104", "id `" + article.id + "` is there twice", "ids must differ", place, article.id);
  out_.articles.push_back(std::move(article));
}

void Importer::json_lines(std::string_view text) {
  std::uint32_t line = 0;
  for (std::string_view one : lines_of(text)) {
    ++line;
    if (one.empty()) continue;
    const auto node = parse_document(one, file_);
    if (node.ok() && one.front() == '{') {
      record(*node, line);
    } else {
      ++out_.records;
      out_.report.error("K101", "a line is not a JSON object" + (node.ok() ? std::string() : ": " + node.error().message()), "one object a line", Place{std::string(file_), line, 1});
    }
  }
}

Result<Format> format_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const std::string_view ending = dot == path.npos ? std::string_view() : path.substr(dot + 1);
  if (ending == "jsonl" || ending == "json") return Format::json_lines;
  if (ending == "csv") return Format::csv;
  if (ending == "md" || ending == "markdown") return Format::markdown;
  if (ending == "html" || ending == "htm") return Format::html;
  return Error(ErrorCode::unsupported, "`" + std::string(path) + "` has an ending that is not known", "use .jsonl, .csv, .md or .html");
}

Result<Imported> read_articles(std::string_view text, Format format, std::string_view file, const ImportOptions& options) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) return Error(ErrorCode::invalid_encoding, "`" + std::string(file) + "` is not UTF-8", "convert it: iconv -f GB18030 -t UTF-8", Place{std::string(file), 0, 0});
  Importer importer(file, options);
  switch (format) {
    case Format::json_lines: importer.json_lines(text); break;
    case Format::csv: importer.csv(text); break;
    case Format::markdown: importer.markdown(text); break;
    case Format::html: importer.html(text); break;
  }
  return importer.take();
}

Result<Imported> load_articles(const std::string& path, const ImportOptions& options) {
  namespace fs = std::filesystem;
  std::error_code code;
  std::vector<std::string> files;
  if (!fs::exists(path, code)) return Error(ErrorCode::io, "there is no file or folder `" + path + "`", "name a .jsonl, .csv, .md or .html file, or a folder of them");
  if (fs::is_directory(path, code)) {
    for (const auto& entry : fs::directory_iterator(path, code))
      if (entry.is_regular_file() && format_of(entry.path().string()).ok()) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    if (files.empty()) return Error(ErrorCode::io, "folder `" + path + "` has no file of articles", "articles are read from .jsonl, .csv, .md and .html");
  } else {
    files.push_back(path);
  }
  Imported all;
  std::unordered_set<std::string> ids;
  for (const std::string& file : files) {
    HOTLINE_ASSIGN(const Format format, format_of(file));
    HOTLINE_ASSIGN(const std::string text, read_file(file));
    HOTLINE_ASSIGN(Imported one, read_articles(text, format, file, options));
    all.records += one.records;
    for (const Diagnostic& d : one.report.items()) all.report.add(d);
    for (Article& a : one.articles) {
      if (ids.insert(a.id).second) all.articles.push_back(std::move(a));
      else all.report.error("K104", "id `" + a.id + "` is there twice", "ids must differ between files too", Place{file, 0, 0}, a.id);
    }
  }
  return all;
}

std::string write_history(const std::vector<Revision>& revisions) {
  std::string out;
  for (const Revision& r : revisions) out += to_json(r) + "\n";
  return out;
}

Result<std::vector<Revision>> read_history(std::string_view text, std::string_view file) {
  std::vector<Revision> out;
  std::uint32_t line = 0;
  for (std::string_view one : lines_of(text)) {
    ++line;
    if (one.empty()) continue;
    const auto wrong = [&](std::string what) {
      return Error(ErrorCode::invalid_document, std::move(what), "a line is {\"revision\": 1, \"state\": \"published\", \"changed_at\": ..., \"article\": {...}}", Place{std::string(file), line, 1});
    };
    const auto node = parse_document(one, file);
    if (!node.ok() || !node->is_mapping()) return wrong("a line is not a JSON object" + (node.ok() ? std::string() : ": " + node.error().message()));
    const auto field = [&](std::string_view name) { return node->find(name) != nullptr ? node->find(name)->text() : std::string(); };
    const auto moment = [&](std::string_view name) -> Result<std::optional<Time>> {
      if (field(name).empty()) return std::optional<Time>();
      HOTLINE_ASSIGN(const Time time, parse_time(field(name)));
      return std::optional<Time>(time);
    };
    Revision r;
    const Node* article = node->find("article");
    const Node* number = node->find("revision");
    auto read = article != nullptr ? article_from(*article) : Result<Article>(wrong("`article` is missing"));
    if (!read.ok()) return wrong(read.error().message());
    r.article = *std::move(read);
    r.number = static_cast<int>(number != nullptr ? std::clamp<std::int64_t>(number->as_int().value_or(0), 0, 1'000'000'000) : 0);
    if (r.number < 1) return wrong("`revision` is not a number from 1 on");
    const std::string state = field("state");
    if (state != "draft" && state != "published" && state != "withdrawn") return wrong("`state` must be draft, published or withdrawn");
    r.state = state == "draft" ? State::draft : state == "published" ? State::published : State::withdrawn;
    const auto changed = moment("changed_at"), from = moment("from"), to = moment("to");
    for (const auto* time : {&changed, &from, &to})
      if (!time->ok()) return wrong(time->error().message());
    r.changed_at = changed->value_or(Time{});
    r.from = *from;
    r.to = *to;
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace hotline::kb
