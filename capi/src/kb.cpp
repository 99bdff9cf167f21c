#include "hotline/kb.h"

#include <memory>
#include <sstream>

#include "guard.hpp"
#include "hotline/kb/command.hpp"
#include "hotline/kb/editing.hpp"
#include "hotline/kb/import.hpp"

using namespace hotline;

struct hl_kb {
  kb::KnowledgeBase kb;
};
struct hl_editing {
  kb::Editing editing;
};

namespace {

Result<Node> fields_of(const char* json) {
  if (json == nullptr || *json == '\0') return Node::mapping();
  HOTLINE_ASSIGN(Node node, parse_document(json, "fields"));
  if (!node.is_mapping()) return Error(ErrorCode::invalid_argument, "the fields are not a JSON object");
  return node;
}

void give(hl_text** out, std::string text) { *out = new hl_text{std::move(text)}; }

std::string array_of(const std::vector<kb::Event>& events) {
  std::string json = "[";
  for (const kb::Event& e : events)
    json += (json.size() > 1 ? ",{\"type\":\"" : "{\"type\":\"") + e.type + "\"" + (e.json.size() > 2 ? "," + e.json.substr(1) : "}");
  return json + "]";
}

template <class Body>
hl_status with(hl_kb* handle, hl_text** out, hl_error** error, Body&& body) {
  if (out != nullptr) *out = nullptr;
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(handle, "kb"));
    return body(handle->kb);
  });
}

hl_status open_as(const char* url, kb::Footprint footprint, hl_kb** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(url, "url"));
    HOTLINE_ASSIGN(store::Database db, store::Database::open(url));
    HOTLINE_ASSIGN(kb::KnowledgeBase opened, kb::KnowledgeBase::open(std::move(db), {}, {}, footprint));
    *out = new hl_kb{std::move(opened)};
    return {};
  });
}

}  // namespace

extern "C" {

hl_status hl_kb_open(const char* url, hl_kb** out, hl_error** error) { return open_as(url, kb::Footprint::as_kept, out, error); }

hl_status hl_kb_open_footprint(const char* url, int small, hl_kb** out, hl_error** error) {
  return open_as(url, small != 0 ? kb::Footprint::small : kb::Footprint::full, out, error);
}

void hl_kb_free(hl_kb* handle) { delete handle; }

hl_status hl_kb_put(hl_kb* handle, const char* article, int state, int64_t now, int32_t* revision, hl_error** error) {
  if (revision != nullptr) *revision = 0;
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(article, "article"));
    if (state != 0 && state != 1) return Error(ErrorCode::invalid_argument, "state is neither 0 (draft) nor 1 (published)");
    HOTLINE_ASSIGN(const Node node, fields_of(article));
    HOTLINE_ASSIGN(const kb::Article read, kb::article_from(node));
    HOTLINE_ASSIGN(const int number, base.put(read, time_from_ns(now), {.state = static_cast<kb::State>(state)}));
    if (revision != nullptr) *revision = number;
    return {};
  });
}

hl_status hl_kb_publish(hl_kb* handle, const char* id, int32_t revision, int64_t now, hl_error** error) {
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(id, "id"));
    return base.publish(id, revision, time_from_ns(now));
  });
}

hl_status hl_kb_withdraw(hl_kb* handle, const char* id, int64_t now, hl_error** error) {
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(id, "id"));
    return base.withdraw(id, time_from_ns(now));
  });
}

hl_status hl_kb_article(hl_kb* handle, const char* id, int32_t revision, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(id, "id"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const kb::Revision found, revision == 0 ? base.article(id) : base.revision(id, revision));
    give(out, kb::to_json(found));
    return {};
  });
}

hl_status hl_kb_import(hl_kb* handle, const char* path, const char* library, int64_t now, hl_text** report, hl_error** error) {
  return with(handle, report, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    kb::ImportOptions options;
    if (library != nullptr) options.library = library;
    HOTLINE_ASSIGN(const kb::Imported read, kb::load_articles(path, options));
    HOTLINE_TRY(base.put_all(read.articles, time_from_ns(now), kb::State::published));
    if (report != nullptr) give(report, read.report.to_json());
    return {};
  });
}

hl_status hl_kb_search(hl_kb* handle, const char* question, size_t size, const char* filters, int64_t as_of, size_t limit, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(question, "question"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const Node node, fields_of(filters));
    HOTLINE_ASSIGN(const kb::Filters read, kb::filters_from(node));
    HOTLINE_ASSIGN(const kb::Results found, base.search({question, size}, read, time_from_ns(as_of), {.limit = limit, .detail = kb::SearchOptions::Detail::explain}));
    give(out, kb::to_json(found));
    return {};
  });
}

hl_status hl_kb_spoken_answer(hl_kb* handle, const char* question, size_t size, const char* filters, int64_t as_of, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(question, "question"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const Node node, fields_of(filters));
    HOTLINE_ASSIGN(const kb::Filters read, kb::filters_from(node));
    HOTLINE_ASSIGN(const kb::SpokenAnswer answer, base.spoken_answer({question, size}, read, time_from_ns(as_of)));
    give(out, kb::to_json(answer));
    return {};
  });
}

hl_status hl_kb_suggest(hl_kb* handle, const char* typed, size_t size, const char* filters, int64_t as_of, size_t limit, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(typed, "typed"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const Node node, fields_of(filters));
    HOTLINE_ASSIGN(const kb::Filters read, kb::filters_from(node));
    HOTLINE_ASSIGN(const auto found, base.suggest({typed, size}, read, time_from_ns(as_of), limit));
    std::string json = "[";
    for (const kb::Suggestion& s : found) json += (json.size() > 1 ? "," : "") + kb::to_json(s);
    give(out, json + "]");
    return {};
  });
}

hl_status hl_kb_set_reranker(hl_kb* handle, hl_kb_rerank_fn rerank, void* user, int64_t budget_ns, hl_error** error) {
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    if (rerank == nullptr) {
      base.set_reranker({});
      return {};
    }
    base.set_reranker([rerank, user](const std::string& question, const std::vector<kb::Hit>& hits) {
      std::string json = "[";
      for (const kb::Hit& h : hits) json += (json.size() > 1 ? "," : "") + kb::to_json(h);
      json += "]";
      std::vector<double> scores(hits.size(), 0.0);
      if (rerank(question.c_str(), json.c_str(), scores.data(), scores.size(), user) == 0) scores.clear();
      return scores;
    }, Duration(budget_ns));
    return {};
  });
}

hl_status hl_kb_refresh(hl_kb* handle, int* changed, hl_error** error) {
  if (changed != nullptr) *changed = 0;
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_ASSIGN(const bool something, base.refresh());
    if (changed != nullptr) *changed = something ? 1 : 0;
    return {};
  });
}

hl_status hl_kb_verify(hl_kb* handle, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const kb::Verification found, base.verify());
    give(out, kb::to_json(found));
    return {};
  });
}

hl_status hl_kb_rebuild(hl_kb* handle, hl_error** error) {
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) { return base.rebuild(); });
}

hl_status hl_kb_report(hl_kb* handle, const char* kind, int64_t from, int64_t to, size_t limit, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(kind, "kind"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const auto which, kb::report_kind(kind));
    HOTLINE_ASSIGN(const kb::Report report, base.report({which, time_from_ns(from), time_from_ns(to), limit}));
    give(out, kb::to_json(report));
    return {};
  });
}

hl_status hl_kb_apply(hl_kb* handle, int64_t at, const char* verb, const char* fields, hl_text** out, hl_error** error) {
  return with(handle, out, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(verb, "verb"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const Node node, fields_of(fields));
    HOTLINE_ASSIGN(const auto events, kb::apply(base, time_from_ns(at), verb, node));
    give(out, array_of(events));
    return {};
  });
}

hl_status hl_editing_open(hl_kb* handle, const char* workflow, const char* calendars, hl_editing** out, hl_error** error) {
  if (out != nullptr) *out = nullptr;
  return with(handle, nullptr, error, [&](kb::KnowledgeBase& base) -> Status {
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(workflow::Definition definition, workflow::Definition::load(workflow));
    std::vector<workflow::Calendar> known;
    std::istringstream paths(calendars != nullptr ? calendars : "");
    for (std::string path; std::getline(paths, path);) {
      if (path.empty()) continue;
      HOTLINE_ASSIGN(workflow::Calendar calendar, workflow::Calendar::load(path));
      known.push_back(std::move(calendar));
    }
    HOTLINE_ASSIGN(kb::Editing editing, kb::Editing::open(base, std::move(definition), std::move(known)));
    *out = new hl_editing{std::move(editing)};
    return {};
  });
}

void hl_editing_free(hl_editing* handle) { delete handle; }

hl_status hl_editing_apply(hl_editing* handle, int64_t at, const char* verb, const char* fields, hl_text** out, hl_error** error) {
  if (out != nullptr) *out = nullptr;
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(handle, "editing"));
    HOTLINE_TRY(capi::require(verb, "verb"));
    HOTLINE_TRY(capi::require(out, "out"));
    HOTLINE_ASSIGN(const Node node, fields_of(fields));
    HOTLINE_ASSIGN(const auto events, kb::apply(handle->editing, time_from_ns(at), verb, node));
    give(out, array_of(events));
    return {};
  });
}

}  // extern "C"
