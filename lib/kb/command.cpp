#include "hotline/kb/command.hpp"

#include <algorithm>
#include <array>

#include "hotline/base/json_object.hpp"

namespace hotline::kb {
namespace {

constexpr std::array<std::string_view, 7> kReports{"zero_results", "low_clicks", "hot_topics", "trails", "satisfaction", "review_due", "unused_synonyms"};

void write_marks(JsonWriter& json, std::string_view key, const std::vector<Mark>& marks) {
  json.key(key).begin_array();
  for (const Mark& m : marks) json.begin_object().field("kind", to_string(m.kind)).field("begin", m.begin).field("end", m.end).end_object();
  json.end_array();
}

void write_hit(JsonWriter& json, const Hit& h) {
  json.begin_object().field("id", h.id).field("revision", h.revision).field("library", h.library).field("kind", to_string(h.kind)).field("title", h.title);
  json.field("number", h.number).field("department", h.department).field("jurisdiction", h.jurisdiction).field("score", h.score).field("confidence", h.confidence);
  json.field("standing", to_string(h.standing)).field("pinned", h.pinned).field("other_region", h.other_region).field("phrase", h.phrase);
  json.field("superseded_by", h.superseded_by).field("spoken_answer", h.spoken_answer);
  if (h.reviewed_at) json.field("reviewed_at", hotline::to_string(*h.reviewed_at));
  write_marks(json, "title_marks", h.title_marks);
  json.field("citation", to_string(h.citation())).field("anchor", h.anchor).field("heading", h.heading).field("snippet", h.snippet);
  write_marks(json, "snippet_marks", h.snippet_marks);
  json.key("reasons").begin_array();
  for (const Reason& r : h.reasons) json.begin_object().field("term", r.term).field("stream", r.stream).field("expansion", r.expansion).field("score", r.score).end_object();
  json.end_array().end_object();
}

void write_revision(JsonWriter& json, const Revision& r) {
  json.field("revision", r.number).field("state", to_string(r.state)).field("changed_at", hotline::to_string(r.changed_at));
  if (r.from) json.field("from", hotline::to_string(*r.from));
  if (r.to) json.field("to", hotline::to_string(*r.to));
  json.key("article").raw(to_json(r.article));
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& t : texts) json.value(t);
  json.end_array();
}

std::string text(const Node& fields, std::string_view key, std::string otherwise = {}) {
  const Node* node = fields.find(key);
  return node != nullptr && node->is_scalar() ? node->text() : otherwise;
}

std::int64_t integer(const Node& fields, std::string_view key, std::int64_t otherwise) {
  const Node* node = fields.find(key);
  return node != nullptr ? node->as_int().value_or(otherwise) : otherwise;
}

std::vector<std::string> texts(const Node& fields, std::string_view key) {
  std::vector<std::string> out;
  const Node* node = fields.find(key);
  if (node == nullptr) return out;
  if (node->is_scalar() && !node->text().empty()) out.push_back(node->text());
  for (const Node& item : node->items()) out.push_back(item.text());
  return out;
}

Error wrong(std::string_view key, std::string_view what) {
  return Error(ErrorCode::invalid_definition, "`" + std::string(key) + "` must be " + std::string(what));
}

// One of the names; absent is the first.
template <std::size_t N>
Result<std::size_t> choice(const Node& fields, std::string_view key, const std::array<std::string_view, N>& names, std::size_t otherwise = 0) {
  const Node* node = fields.find(key);
  if (node == nullptr || node->is_null()) return otherwise;
  const auto at = std::find(names.begin(), names.end(), node->text());
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::string list;
  for (const auto name : names) list.append(list.empty() ? "" : ", ").append(name);
  return wrong(key, "one of " + list);
}

std::vector<Event> hits(const Results& found) {
  std::vector<Event> out;
  for (const Hit& h : found.hits) out.push_back({"hit", to_json(h)});
  if (out.empty()) out.push_back({"nothing_found", json_object([&](JsonWriter& json) { write_texts(json, "notes", found.notes); })});
  return out;
}

Result<SearchOptions> options_from(const Node& fields) {
  SearchOptions out;
  out.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(integer(fields, "limit", 10), 0, 1000));
  out.offset = static_cast<std::size_t>(std::clamp<std::int64_t>(integer(fields, "offset", 0), 0, 100000));
  HOTLINE_ASSIGN(const std::size_t detail, choice(fields, "detail", std::array<std::string_view, 3>{"ids", "marks", "explain"}, 1));
  out.detail = static_cast<SearchOptions::Detail>(detail);
  return out;
}

using Events = std::vector<Event>;

Result<Events> put(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Article article, article_from(f));
  PutOptions options;
  HOTLINE_ASSIGN(const std::size_t state, choice(f, "state", std::array<std::string_view, 2>{"draft", "published"}));
  options.state = static_cast<State>(state);
  options.expected_revision = static_cast<int>(integer(f, "expected_revision", -1));
  HOTLINE_ASSIGN(const int revision, kb.put(article, at, options));
  return Events{{"article.kept", json_object([&](JsonWriter& json) { json.field("id", article.id).field("revision", revision); })}};
}

Result<Events> show(KnowledgeBase& kb, const Node& f) {
  HOTLINE_ASSIGN(const Citation citation, citation_from(text(f, "citation")));
  HOTLINE_ASSIGN(const Cited found, kb.cited(citation));
  return Events{{"article", to_json(found)}};
}

Result<Events> current(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const Revision found, kb.current(text(f, "id"), filters, at));
  return Events{{"article", to_json(found)}};
}

Result<Events> search(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const SearchOptions options, options_from(f));
  HOTLINE_ASSIGN(const Results found, kb.search(text(f, "question"), filters, at, options));
  return hits(found);
}

Result<Events> speak(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const SpokenAnswer answer, kb.spoken_answer(text(f, "question"), filters, at));
  if (answer.action == SpokenAnswer::Action::speak) return Events{{"speak", to_json(*answer.answer)}};
  return Events{{answer.action == SpokenAnswer::Action::choose ? "choose" : "agent", to_json(answer)}};
}

Result<Events> suggest(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const auto found, kb.suggest(text(f, "typed"), filters, at, static_cast<std::size_t>(std::clamp<std::int64_t>(integer(f, "limit", 8), 0, 100))));
  Events out;
  for (const Suggestion& s : found) out.push_back({"suggestion", to_json(s)});
  return out;
}

Result<Events> ask(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const SearchOptions options, options_from(f));
  HOTLINE_ASSIGN(const Results found, kb.search(text(f, "question"), filters, at, options));
  HOTLINE_ASSIGN(const std::int64_t asking, kb.asked(text(f, "question"), found, text(f, "agent"), filters.channel, at));
  Events out{{"asked", json_object([&](JsonWriter& json) { json.field("asking", asking); })}};
  for (Event& e : hits(found)) out.push_back(std::move(e));
  return out;
}

std::vector<Synonym> synonyms_from(const Node& f) {
  std::vector<Synonym> list;
  if (const Node* items = f.find("synonyms"))
    for (const Node& item : items->items()) {
      Synonym s{text(item, "from"), text(item, "to")};
      if (const Node* weight = item.find("weight")) s.weight = weight->as_double().value_or(0);
      if (text(item, "way") == "both") s.way = Synonym::Way::both;
      list.push_back(std::move(s));
    }
  return list;
}

Result<Events> list_synonyms(KnowledgeBase& kb, const Node& f) {
  const auto version = static_cast<int>(integer(f, "version", 0));
  HOTLINE_ASSIGN(const auto list, version == 0 ? kb.synonyms(text(f, "library")) : kb.synonyms_as_of(text(f, "library"), version));
  Events out;
  for (const Synonym& s : list)
    out.push_back({"synonym", json_object([&](JsonWriter& json) {
                     json.field("from", s.from).field("to", s.to).field("weight", s.weight).field("way", s.way == Synonym::Way::both ? "both" : "one").field("used", s.used);
                   })});
  return out;
}

Result<Events> synonym_history(KnowledgeBase& kb, const Node& f) {
  HOTLINE_ASSIGN(const auto versions, kb.synonym_versions(text(f, "library")));
  Events out;
  for (const SynonymVersion& v : versions)
    out.push_back({"version", json_object([&](JsonWriter& json) {
                     json.field("version", v.number).field("who", v.by.who).field("at", hotline::to_string(v.by.at)).field("note", v.by.note).field("synonyms", v.size);
                   })});
  return out;
}

Result<Events> try_synonyms(KnowledgeBase& kb, Time at, const Node& f) {
  HOTLINE_ASSIGN(const Filters filters, filters_from(f));
  HOTLINE_ASSIGN(const auto trials, kb.try_synonyms(text(f, "library"), synonyms_from(f), texts(f, "questions"), filters, at));
  Events out;
  for (const SynonymTrial& trial : trials)
    out.push_back({"trial", json_object([&](JsonWriter& json) {
                     json.field("question", trial.question).field("expected", trial.expected).field("place_before", trial.place_before).field("place_after", trial.place_after);
                     write_texts(json, "before", trial.before);
                     write_texts(json, "after", trial.after);
                   })});
  return out;
}

Status save_questions(KnowledgeBase& kb, const Node& f) {
  std::vector<SavedQuestion> list;
  if (const Node* items = f.find("questions"))
    for (const Node& item : items->items()) list.push_back(item.is_mapping() ? SavedQuestion{text(item, "question"), text(item, "article")} : SavedQuestion{item.text(), {}});
  return kb.save_questions(list);
}

Result<Events> saved_questions(KnowledgeBase& kb) {
  HOTLINE_ASSIGN(const auto list, kb.saved_questions());
  Events out;
  for (const SavedQuestion& q : list)
    out.push_back({"question", json_object([&](JsonWriter& json) { json.field("question", q.question).field("article", q.article); })});
  return out;
}

Result<Events> quiet(Status status) {
  HOTLINE_TRY(std::move(status));
  return Events{};
}

}  // namespace

Result<Filters> filters_from(const Node& node) {
  Filters out;
  constexpr std::array<std::string_view, 3> kChannels{"citizen", "agent", "ivr"};
  HOTLINE_ASSIGN(const std::size_t channel, choice(node, "channel", kChannels, 1));
  out.channel = static_cast<Channel>(1 << channel);
  out.jurisdiction = text(node, "jurisdiction");
  out.libraries = texts(node, "libraries");
  constexpr std::array<std::string_view, 4> kKinds{"policy", "qa", "guide", "earlier"};
  for (const std::string& name : texts(node, "kinds")) {
    const auto at = std::find(kKinds.begin(), kKinds.end(), name);
    if (at == kKinds.end()) return wrong("kinds", "of policy, qa, guide, earlier");
    out.kinds.push_back(static_cast<Kind>(at - kKinds.begin()));
  }
  out.audience = text(node, "audience");
  out.department = text(node, "department");
  out.catalogue = text(node, "catalogue");
  HOTLINE_ASSIGN(const std::size_t regions, choice(node, "regions", std::array<std::string_view, 2>{"own", "also_others"}));
  out.regions = static_cast<Filters::Regions>(regions);
  HOTLINE_ASSIGN(const std::size_t validity, choice(node, "validity", std::array<std::string_view, 2>{"valid", "any"}));
  out.validity = static_cast<Filters::Validity>(validity);
  return out;
}

Result<std::vector<Event>> apply(KnowledgeBase& kb, Time at, std::string_view verb, const Node& f) {
  if (verb == "article.put") return put(kb, at, f);
  if (verb == "article.publish") return quiet(kb.publish(text(f, "id"), static_cast<int>(integer(f, "revision", 1)), at));
  if (verb == "article.withdraw") return quiet(kb.withdraw(text(f, "id"), at));
  if (verb == "article.rate") return quiet(kb.rate(text(f, "id"), text(f, "agent"), static_cast<int>(integer(f, "stars", 0)), text(f, "remark"), at));
  if (verb == "article.show") return show(kb, f);
  if (verb == "article.current") return current(kb, at, f);
  if (verb == "article.pin") {
    HOTLINE_ASSIGN(const std::size_t pin, choice(f, "pin", std::array<std::string_view, 3>{"none", "top", "bury"}, 1));
    return quiet(kb.pin(text(f, "question"), text(f, "id"), static_cast<Pin>(pin)));
  }
  const Signed by{text(f, "by"), at, text(f, "note")};
  if (verb == "synonyms.set") return quiet(kb.set_synonyms(text(f, "library"), synonyms_from(f), by));
  if (verb == "synonyms.restore") return quiet(kb.restore_synonyms(text(f, "library"), static_cast<int>(integer(f, "version", 0)), by));
  if (verb == "synonyms.list") return list_synonyms(kb, f);
  if (verb == "synonyms.history") return synonym_history(kb, f);
  if (verb == "synonyms.try") return try_synonyms(kb, at, f);
  if (verb == "questions.save") return quiet(save_questions(kb, f));
  if (verb == "questions.list") return saved_questions(kb);
  if (verb == "search") return search(kb, at, f);
  if (verb == "speak") return speak(kb, at, f);
  if (verb == "suggest") return suggest(kb, at, f);
  if (verb == "similar") {
    HOTLINE_ASSIGN(const Filters filters, filters_from(f));
    HOTLINE_ASSIGN(const Results found, kb.similar(text(f, "text"), filters, at, static_cast<std::size_t>(std::clamp<std::int64_t>(integer(f, "limit", 5), 0, 100))));
    return hits(found);
  }
  if (verb == "ask") return ask(kb, at, f);
  if (verb == "choose") return quiet(kb.chose(integer(f, "asking", 0), text(f, "id"), at));
  if (verb == "solved") return quiet(kb.solved(integer(f, "asking", 0), text(f, "yes", "true") == "true", at));
  if (verb == "learn") {
    HOTLINE_ASSIGN(const std::size_t articles, kb.learn(at));
    return Events{{"learned", json_object([&](JsonWriter& json) { json.field("articles", articles); })}};
  }
  if (verb == "verify") {
    HOTLINE_ASSIGN(const Verification v, kb.verify());
    return Events{{"verified", to_json(v)}};
  }
  if (verb == "refresh") {
    HOTLINE_ASSIGN([[maybe_unused]] const bool changed, kb.refresh());
    return Events{};
  }
  if (verb == "optimize") return quiet(kb.optimize());
  return Error(ErrorCode::invalid_argument, "there is no command `" + std::string(verb) + "`", "see hotline/kb/command.hpp for the list");
}

Result<ReportOptions::Kind> report_kind(std::string_view name) {
  const auto at = std::find(kReports.begin(), kReports.end(), name);
  if (at != kReports.end()) return static_cast<ReportOptions::Kind>(at - kReports.begin());
  return Error(ErrorCode::invalid_argument, "there is no report `" + std::string(name) + "`", "there are zero_results, low_clicks, hot_topics, trails, satisfaction, review_due, unused_synonyms");
}

std::string to_json(const Hit& hit) {
  std::string out;
  JsonWriter json(out);
  write_hit(json, hit);
  return out;
}

std::string to_json(const Results& r) {
  return json_object([&](JsonWriter& json) {
    json.field("confidence", r.confidence).field("considered", r.considered);
    write_texts(json, "notes", r.notes);
    json.key("hits").begin_array();
    for (const Hit& h : r.hits) write_hit(json, h);
    json.end_array();
  });
}

std::string to_json(const SpokenAnswer& a) {
  constexpr std::string_view kActions[] = {"speak", "choose", "agent"};
  return json_object([&](JsonWriter& json) {
    json.field("action", kActions[static_cast<std::size_t>(a.action)]).field("confidence", a.confidence).field("margin", a.margin);
    json.key("answer");
    if (a.answer) write_hit(json, *a.answer);
    else json.null();
    json.key("choices").begin_array();
    for (const Hit& h : a.choices) write_hit(json, h);
    json.end_array();
  });
}

std::string to_json(const Suggestion& s) {
  return json_object([&](JsonWriter& json) {
    json.field("text", s.text).field("article", s.article).field("score", s.score);
    write_marks(json, "marks", s.marks);
  });
}

std::string to_json(const Revision& r) {
  return json_object([&](JsonWriter& json) {
    write_revision(json, r);
  });
}

std::string to_json(const Cited& c) {
  return json_object([&](JsonWriter& json) {
    const Revision& r = c.revision;
    json.field("citation", to_string(Citation{r.article.id, r.number, c.passage.anchor})).field("anchor", c.passage.anchor).field("heading", c.passage.heading).field("text", c.text);
    write_revision(json, r);
  });
}

std::string to_json(const Report& r) {
  return json_object([&](JsonWriter& json) {
    json.field("report", kReports[static_cast<std::size_t>(r.options.kind)]).key("rows").begin_array();
    for (const ReportRow& row : r.rows)
      json.begin_object().field("subject", row.subject).field("text", row.text).field("value", row.value).field("count", row.count).field("previous", row.previous).end_object();
    json.end_array();
  });
}

std::string to_json(const Verification& v) {
  return json_object([&](JsonWriter& json) {
    json.field("articles", v.articles).field("entries", v.entries);
    write_texts(json, "problems", v.problems);
  });
}

std::string to_json(const IndexStatistics& s) {
  return json_object([&](JsonWriter& json) {
    json.field("articles", s.articles).field("entries", s.entries).field("segments", s.segments).field("terms", s.terms).field("postings", s.postings);
    json.field("bytes", s.bytes).field("generation", s.generation);
  });
}

}  // namespace hotline::kb
