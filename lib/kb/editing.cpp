#include "hotline/kb/editing.hpp"

#include <algorithm>

#include "hotline/base/json.hpp"
#include "hotline/workflow/kernel.hpp"

namespace hotline::kb {
namespace {

constexpr store::Migration kSteps[] = {{1, R"(
CREATE TABLE kb_editing (article TEXT NOT NULL, revision {int} NOT NULL, state TEXT NOT NULL, final {int} NOT NULL, next_timer {int},
  instance TEXT NOT NULL, PRIMARY KEY (article, revision));
CREATE INDEX kb_editing_timer ON kb_editing (next_timer);
CREATE TABLE kb_editing_record (id {auto}, article TEXT NOT NULL, revision {int} NOT NULL, at {int} NOT NULL, record TEXT NOT NULL);
CREATE INDEX kb_editing_record_article ON kb_editing_record (article, revision);
)"}};

std::optional<Time> next_timer(const workflow::Instance& instance) {
  std::optional<Time> first;
  for (const workflow::TimerState& t : instance.timers)
    if (t.armed && (!first || t.at < *first)) first = t.at;
  return first;
}

}  // namespace

struct Editing::Impl {
  store::Database db;
  KnowledgeBase kb;
  workflow::Definition definition;
  std::vector<workflow::Calendar> calendars;

  EditingState state_of(const std::string& article, int revision, const workflow::Instance& instance) const {
    EditingState out{article, revision, std::string(instance.state(definition, 0, "main")), std::string(instance.state(definition, 0, "feedback")), {}, false};
    for (const workflow::ClockState& c : instance.clocks) {
      const bool runs = c.status == workflow::ClockState::Status::running && c.due != workflow::Due::never;
      if (runs && (!out.due || c.due < *out.due)) out.due = c.due;
      out.overdue = out.overdue || c.overdue_count > 0;
    }
    return out;
  }

  Result<workflow::Instance> read(std::string_view article, int revision) {
    std::optional<std::string> text;
    HOTLINE_TRY(db.read([&](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(text, t.text("SELECT instance FROM kb_editing WHERE article = ? AND revision = ?", {article, revision}));
      return {};
    }));
    if (!text) return Error(ErrorCode::not_found, "revision " + std::to_string(revision) + " of `" + std::string(article) + "` is not in editing", "begin with a draft");
    return workflow::Instance::parse(definition, *text);
  }

  Status write(const std::string& article, int revision, const workflow::Instance& instance, const std::string& record, Time now) {
    const auto timer = next_timer(instance);
    const std::string text = instance.to_json(definition);
    const std::string state(instance.state(definition, 0, "main"));
    return db.write([&](store::Transaction& t) -> Status {
      HOTLINE_TRY(t.post("INSERT INTO kb_editing (article, revision, state, final, next_timer, instance) VALUES (?,?,?,?,?,?) ON CONFLICT (article, revision) "
                         "DO UPDATE SET state = excluded.state, final = excluded.final, next_timer = excluded.next_timer, instance = excluded.instance",
                         {article, revision, state, instance.finished(definition) ? 1 : 0, timer, text}));
      return t.post("INSERT INTO kb_editing_record (article, revision, at, record) VALUES (?,?,?,?)", {article, revision, now, record});
    });
  }

  // Runs a record on a revision's state, does what it asks for, and writes it down. What the knowledge base does comes
  // first and can be done again, so a crash between the two is mended by asking again.
  Result<EditingStep> run(const std::string& article, int revision, const workflow::Instance& before, const workflow::Record& record, const std::string& text, Time now) {
    workflow::Decision decision;
    record.apply(definition, before, calendars, decision);
    EditingStep out;
    out.accepted = decision.accepted();
    if (!out.accepted) {
      out.refusal = decision.refusal.reason.empty() ? std::string(to_string(decision.refusal.kind)) : decision.refusal.reason;
      if (decision.verdict == workflow::Verdict::stale) out.refusal = "stale";
      out.state = state_of(article, revision, before);
      return out;
    }
    for (const workflow::Effect& e : decision.effects) {
      std::string json;
      decision.write_effect(e, json);
      out.effects.push_back(std::move(json));
      if (e.kind != workflow::Effect::Kind::emit) continue;
      if (e.name == "publish") {
        HOTLINE_TRY(kb.publish(article, revision, now));
        HOTLINE_TRY(supersede_before(article, revision, now));
      } else if (e.name == "unpublish" && !replaced(article, revision)) {
        const Status withdrawn = kb.withdraw(article, now);
        if (!withdrawn.ok() && withdrawn.error().code() != ErrorCode::not_found) return withdrawn.error();
      }
    }
    out.state = state_of(article, revision, decision.next);
    HOTLINE_TRY(write(article, revision, decision.next, text, now));
    return out;
  }

  // True where a later revision of the article is published: then ending this one ends nothing.
  bool replaced(std::string_view article, int revision) {
    const auto all = kb.revisions(article);
    return all.ok() && std::any_of(all->begin(), all->end(), [&](const Revision& r) { return r.number > revision && r.state == State::published; });
  }

  // Revisions published before are superseded where the definition knows the event.
  Status supersede_before(const std::string& article, int revision, Time now) {
    if (definition.machines().front().event("supersede") == workflow::kNone) return {};
    std::vector<int> earlier;
    HOTLINE_TRY(db.read([&](store::Transaction& t) {
      earlier.clear();
      return t.query("SELECT revision FROM kb_editing WHERE article = ? AND revision < ? AND final = 0 AND state = 'PUBLISHED' ORDER BY revision", {article, revision},
                     [&](const store::Row& r) { earlier.push_back(static_cast<int>(r.integer(0))); });
    }));
    for (const int number : earlier) {
      std::string record;
      JsonWriter json(record);
      json.begin_object().field("at", hotline::to_string(now)).field("node", 0).field("event", "supersede");
      json.key("actor").begin_object().field("id", "").field("unit", "").key("roles").begin_array().value("editor").end_array().end_object().end_object();
      HOTLINE_ASSIGN(const workflow::Instance before, read(article, number));
      HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(definition, record, &before));
      HOTLINE_ASSIGN([[maybe_unused]] const EditingStep step, run(article, number, before, parsed, record, now));
    }
    return {};
  }

  std::string record_json(std::string_view event, const Node& fields, const Editor& who, const Article& article, Time now) const {
    std::string record;
    JsonWriter json(record);
    json.begin_object().field("at", hotline::to_string(now)).field("node", 0).field("event", event);
    if (fields.is_mapping() && !fields.entries().empty()) json.key("fields").raw(fields.to_json());
    json.key("actor").begin_object().field("id", who.id).field("unit", who.unit).key("roles").begin_array();
    for (const std::string& role : who.roles) json.value(role);
    json.end_array().end_object();
    json.key("facts").begin_object();
    for (const workflow::Field& fact : definition.facts()) {
      if (fact.name == "complete") json.field("complete", !article.title.empty() && !article.body.empty() && !article.department.empty());
      if (fact.name == "expired") json.field("expired", article.effective_to && *article.effective_to <= now);
    }
    json.end_object().end_object();
    return record;
  }
};

Result<Editing> Editing::open(store::Database database, KnowledgeBase kb, workflow::Definition definition, std::vector<workflow::Calendar> calendars) {
  if (definition.machines().front().region("main") == workflow::kNone)
    return Error(ErrorCode::invalid_argument, "workflow `" + definition.id() + "` has no region `main`", "data/workflows/article.yaml shows one");
  HOTLINE_TRY(database.migrate("kb_editing", kSteps));
  std::vector<workflow::Calendar> ordered;
  for (const auto& id : definition.calendars()) {
    const auto given = std::find_if(calendars.begin(), calendars.end(), [&](const workflow::Calendar& c) { return c.id() == id; });
    ordered.push_back(given != calendars.end() ? *given : workflow::Calendar::always());
  }
  return Editing(std::make_shared<Impl>(Impl{std::move(database), std::move(kb), std::move(definition), std::move(ordered)}));
}

Result<EditingStep> Editing::draft(Article article, const Editor& author, Time now) {
  if (article.author.empty()) article.author = author.id;
  const bool correction = article.author != author.id && std::find(article.credits.begin(), article.credits.end(), author.id) == article.credits.end();
  if (correction) article.credits.push_back(author.id);
  HOTLINE_ASSIGN(const int revision, impl_->kb.put(article, now, {.state = State::draft}));
  std::string record;
  JsonWriter json(record);
  json.begin_object().field("at", hotline::to_string(now)).field("start", true).key("actor").begin_object().field("id", author.id).field("unit", author.unit).key("roles").begin_array();
  for (const std::string& role : author.roles) json.value(role);
  json.end_array().end_object().end_object();
  HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(impl_->definition, record));
  return impl_->run(article.id, revision, workflow::Instance(), parsed, record, now);
}

Result<EditingStep> Editing::act(std::string_view article, int revision, std::string_view event, const Node& fields, const Editor& who, Time now) {
  HOTLINE_ASSIGN(const workflow::Instance before, impl_->read(article, revision));
  HOTLINE_ASSIGN(const Revision kept, impl_->kb.revision(article, revision));
  const std::string record = impl_->record_json(event, fields, who, kept.article, now);
  HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(impl_->definition, record, &before));
  return impl_->run(std::string(article), revision, before, parsed, record, now);
}

Result<std::optional<Time>> Editing::next_due() {
  std::optional<std::int64_t> first;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(first, t.integer("SELECT MIN(next_timer) FROM kb_editing"));
    return {};
  }));
  return first ? std::optional<Time>(time_from_ns(*first)) : std::nullopt;
}

Result<std::vector<EditingStep>> Editing::tick(Time now) {
  std::vector<EditingStep> out;
  constexpr int kMost = 100000;  // a definition whose timers re-arm themselves at once would never end
  for (int n = 0; n < kMost; ++n) {
    std::string article;
    int revision = 0;
    HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
      article.clear();
      return t.query("SELECT article, revision FROM kb_editing WHERE next_timer <= ? ORDER BY next_timer, article, revision LIMIT 1", {now}, [&](const store::Row& r) {
        article = r.text(0);
        revision = static_cast<int>(r.integer(1));
      });
    }));
    if (article.empty()) return out;
    HOTLINE_ASSIGN(const workflow::Instance before, impl_->read(article, revision));
    const auto& types = impl_->definition.machines()[before.nodes.front().machine].timers;
    std::size_t first = types.size();
    for (std::size_t i = 0; i < types.size(); ++i) {
      const workflow::TimerState& t = before.timer(0, static_cast<std::uint32_t>(i));
      if (t.armed && (first == types.size() || t.at < before.timer(0, static_cast<std::uint32_t>(first)).at)) first = i;
    }
    if (first == types.size()) return Error(ErrorCode::corrupt, "`" + article + "` has a due timer that its state does not know");
    std::string record;
    JsonWriter json(record);
    const workflow::TimerState& timer = before.timer(0, static_cast<std::uint32_t>(first));
    json.begin_object().field("at", hotline::to_string(std::max(now, timer.at))).field("node", 0).field("timer", types[first].name).field("generation", timer.generation).end_object();
    HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(impl_->definition, record, &before));
    HOTLINE_ASSIGN(EditingStep step, impl_->run(article, revision, before, parsed, record, now));
    if (!step.accepted) return Error(ErrorCode::wrong_state, "the timer `" + types[first].name + "` of `" + article + "` was refused: " + step.refusal, "the workflow needs a transition for it");
    out.push_back(std::move(step));
  }
  return Error(ErrorCode::limit, "timers of the workflow `" + impl_->definition.id() + "` fall due again and again");
}

Result<EditingState> Editing::state(std::string_view article, int revision) {
  HOTLINE_ASSIGN(const workflow::Instance instance, impl_->read(article, revision));
  return impl_->state_of(std::string(article), revision, instance);
}

Result<std::vector<EditingState>> Editing::list(std::string_view state) {
  std::vector<std::pair<std::string, int>> keys;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    keys.clear();
    return t.query("SELECT article, revision FROM kb_editing WHERE (? = '' AND final = 0) OR state = ? ORDER BY article, revision", {state, state},
                   [&](const store::Row& r) { keys.emplace_back(std::string(r.text(0)), static_cast<int>(r.integer(1))); });
  }));
  std::vector<EditingState> out;
  for (const auto& [article, revision] : keys) {
    HOTLINE_ASSIGN(EditingState one, this->state(article, revision));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<std::string>> Editing::history(std::string_view article, int revision) {
  std::vector<std::string> out;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) {
    out.clear();
    return t.query("SELECT record FROM kb_editing_record WHERE article = ? AND revision = ? ORDER BY id", {article, revision}, [&](const store::Row& r) { out.emplace_back(r.text(0)); });
  }));
  return out;
}

}  // namespace hotline::kb
