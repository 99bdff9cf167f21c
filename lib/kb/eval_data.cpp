#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "hotline/kb/import.hpp"
#include "kb/eval.hpp"

namespace hotline::kb {
namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || at->is_null()) return {};
  if (at->is_string()) return at->get<std::string>();
  if (at->is_array()) {
    std::string all;
    for (const auto& item : *at) all += (all.empty() ? "" : "\n") + (item.is_string() ? item.get<std::string>() : item.dump());
    return all;
  }
  return at->dump();
}

// A record without a field that it must have is refused with its place.
Status each_line(const std::string& path, std::initializer_list<const char*> needed, const std::function<void(const nlohmann::json&)>& each) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    ++line;
    const std::string_view one = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (one.find_first_not_of(" \t\r") == one.npos) continue;
    const auto object = nlohmann::json::parse(one, nullptr, false);
    if (!object.is_object())
      return Error(ErrorCode::invalid_document, "a line is not a JSON object", "one object a line", Place{path, static_cast<std::uint32_t>(line), 1});
    for (const char* field : needed)
      if (!object.contains(field) || object[field].is_null())
        return Error(ErrorCode::invalid_document, "`" + std::string(field) + "` is missing", "docs/kb.md has the format", Place{path, static_cast<std::uint32_t>(line), 1});
    each(object);
  }
  return {};
}

std::string valid_text(std::string text) {
  std::erase(text, '\0');
  return text;
}

Article document(const nlohmann::json& object, std::size_t number) {
  Article a;
  a.id = text_of(object, "id");
  if (a.id.empty()) a.id = "document-" + std::to_string(number);
  a.library = "measured";
  a.title = valid_text(text_of(object, "title"));
  a.body = valid_text(text_of(object, "body"));
  for (const char* key : {"similar_questions", "questions"})
    if (object.contains(key) && object[key].is_array())
      for (const auto& q : object[key])
        if (q.is_string()) a.questions.push_back(valid_text(q.get<std::string>()));
  if (object.contains("keywords") && object["keywords"].is_array())
    for (const auto& k : object["keywords"])
      if (k.is_string()) a.keywords.push_back(valid_text(k.get<std::string>()));
  a.number = valid_text(text_of(object, "number"));
  if (a.title.empty() && a.body.empty()) a.title = a.id;
  return a;
}

std::vector<EvalQuestion> sampled(std::vector<EvalQuestion> all, std::size_t sample) {
  if (sample == 0 || all.size() <= sample) return all;
  std::vector<EvalQuestion> out;
  for (std::size_t i = 0; i < sample; ++i) out.push_back(std::move(all[i * all.size() / sample]));
  return out;
}

// question TAB document [TAB grade]; a grade of 0 is "not relevant", none is 1. What names no document is counted in a note.
Status read_relevant(const std::string& path, const std::set<std::string>& documents, EvalData& data) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  std::uint32_t number = 0;
  std::size_t unknown = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == line.npos) continue;
    const std::size_t first = line.find('\t');
    if (first == line.npos)
      return Error(ErrorCode::invalid_document, "a line has no tab", "write question <TAB> document <TAB> grade", Place{path, number, 1});
    const std::size_t second = std::min(line.find('\t', first + 1), line.size());
    double grade = 1;
    if (second < line.size()) {
      const char* begin = line.c_str() + second + 1;
      char* stop = nullptr;
      grade = std::strtod(begin, &stop);
      if (stop == begin && number == 1) continue;  // names of the columns
      if (stop == begin || !std::isfinite(grade) || grade > 100)
        return Error(ErrorCode::invalid_document, "`" + std::string(begin) + "` is no grade", "a number from 0 to 100", Place{path, number, static_cast<std::uint32_t>(second + 2)});
    }
    const std::string document = line.substr(first + 1, second - first - 1);
    if (!documents.contains(document)) ++unknown;
    if (grade > 0) data.relevant[line.substr(0, first)][document] = grade;
  }
  if (unknown > 0) data.notes.push_back(std::to_string(unknown) + " lines of qrels.tsv name a document that is not there; they count as never found");
  return {};
}

}  // namespace

Result<EvalData> read_eval_data(const std::string& folder, std::size_t sample) {
  namespace fs = std::filesystem;
  EvalData data;
  std::set<std::string> ids;
  std::size_t twice = 0;
  HOTLINE_TRY(each_line(folder + "/documents.jsonl", {}, [&](const nlohmann::json& object) {
    Article a = document(object, data.documents.size() + 1);
    if (ids.insert(a.id).second) data.documents.push_back(std::move(a));
    else ++twice;
  }));
  if (twice > 0) data.notes.push_back(std::to_string(twice) + " documents whose id was there already were left out");
  std::vector<std::string> files;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("queries") && name.ends_with(".jsonl")) files.push_back(name);
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.size() != b.size() && (a == "queries.jsonl" || b == "queries.jsonl") ? a == "queries.jsonl" : a < b; });
  for (const std::string& file : files) {
    std::vector<EvalQuestion> questions;
    HOTLINE_TRY(each_line(folder + "/" + file, {"id", "text"}, [&](const nlohmann::json& object) { questions.push_back({text_of(object, "id"), text_of(object, "text")}); }));
    const std::string name = file == "queries.jsonl" ? "clean" : file.substr(8, file.size() - 14);
    data.sets.emplace_back(name, sampled(std::move(questions), sample));
  }
  if (fs::exists(folder + "/qrels.tsv", code)) {
    HOTLINE_TRY(read_relevant(folder + "/qrels.tsv", ids, data));
  }
  if (fs::exists(folder + "/suggest.jsonl", code))
    HOTLINE_TRY(each_line(folder + "/suggest.jsonl", {"text"}, [&](const nlohmann::json& object) {
      EvalData::Typed typed{text_of(object, "cls"), text_of(object, "text"), {}};
      if (object.contains("relevant"))
        for (const auto& id : object["relevant"])
          if (id.is_string()) typed.relevant.push_back(id.get<std::string>());
      data.typed.push_back(std::move(typed));
    }));
  return data;
}

double reciprocal_rank(const std::vector<std::string>& found, const Grades& relevant) {
  for (std::size_t i = 0; i < found.size() && i < 10; ++i)
    if (relevant.contains(found[i])) return 1.0 / static_cast<double>(i + 1);
  return 0;
}

void percentiles(std::vector<double> seconds, double& p50_ms, double& p99_ms) {
  if (seconds.empty()) return;
  std::sort(seconds.begin(), seconds.end());
  p50_ms = 1e3 * seconds[(seconds.size() - 1) / 2];
  p99_ms = 1e3 * seconds[static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(seconds.size()))) - 1];
}

Result<EvalScore> score_set(const std::string& name, const std::vector<EvalQuestion>& questions, const EvalData& data, const Searcher& search,
                            const std::function<void(std::size_t, std::size_t)>& progress) {
  EvalScore out{name};
  std::vector<double> seconds;
  std::size_t done = 0;
  for (const EvalQuestion& q : questions) {
    const double start = thread_seconds();
    HOTLINE_ASSIGN(const auto found, search(q.text));
    seconds.push_back(thread_seconds() - start);
    if (progress) progress(++done, questions.size());
    const auto at = data.relevant.find(q.id);
    if (at == data.relevant.end() || at->second.empty()) continue;
    const Grades& relevant = at->second;
    ++out.questions;
    out.mrr += reciprocal_rank(found, relevant);
    double first = 0, ten = 0, gain = 0, ideal = 0;
    for (std::size_t i = 0; i < found.size() && i < 10; ++i) {
      const auto grade = relevant.find(found[i]);
      if (grade == relevant.end()) continue;
      if (i == 0) first = 1;
      ten += 1;
      gain += (std::exp2(grade->second) - 1) / std::log2(static_cast<double>(i) + 2);
    }
    std::vector<double> grades;
    for (const auto& [id, grade] : relevant) grades.push_back(grade);
    std::sort(grades.begin(), grades.end(), std::greater<>());
    for (std::size_t i = 0; i < grades.size() && i < 10; ++i) ideal += (std::exp2(grades[i]) - 1) / std::log2(static_cast<double>(i) + 2);
    out.recall1 += first / static_cast<double>(relevant.size());
    out.recall10 += ten / static_cast<double>(relevant.size());
    out.ndcg10 += gain / ideal;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, out.questions));
  out.mrr /= n;
  out.recall1 /= n;
  out.recall10 /= n;
  out.ndcg10 /= n;
  percentiles(std::move(seconds), out.p50_ms, out.p99_ms);
  return out;
}

}  // namespace hotline::kb
