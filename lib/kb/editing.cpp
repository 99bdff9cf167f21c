#include "hotline/kb/editing.hpp"

#include <algorithm>
#include <deque>

#include "hotline/base/json.hpp"
#include "hotline/workflow/kernel.hpp"
#include "kb/plan.hpp"

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
  using Base = KnowledgeBase::Impl;
  std::shared_ptr<Base> base;
  workflow::Definition definition;
  std::vector<workflow::Calendar> calendars;

  // One transaction: what it changes in the index, and the texts that the index is made from until it ends.
  struct Work {
    store::Transaction& t;
    Base::Plan& plan;
    std::deque<Prepared>& items;
    Time now;
  };

  Result<EditingStep> in_transaction(Time now, store::FunctionRef<Result<EditingStep>(Work&)> body) {
    const std::lock_guard lock(base->writing);
    std::deque<Prepared> items;
    EditingStep out;
    HOTLINE_TRY(base->commit([&](store::Transaction& t, Base::Plan& plan) -> Status {
      items.clear();
      Work work{t, plan, items, now};
      HOTLINE_ASSIGN(out, body(work));
      return {};
    }));
    return out;
  }

  EditingState state_of(const std::string& article, int revision, const workflow::Instance& instance) const {
    EditingState out{article, revision, std::string(instance.state(definition, 0, "main")), std::string(instance.state(definition, 0, "feedback")), {}, false};
    for (const workflow::ClockState& c : instance.clocks) {
      const bool runs = c.status == workflow::ClockState::Status::running && c.due != workflow::Due::never;
      if (runs && (!out.due || c.due < *out.due)) out.due = c.due;
      out.overdue = out.overdue || c.overdue_count > 0;
    }
    return out;
  }

  Result<workflow::Instance> read(store::Transaction& t, std::string_view article, int revision) const {
    HOTLINE_ASSIGN(const auto text, t.text("SELECT instance FROM kb_editing WHERE article = ? AND revision = ?", {article, revision}));
    if (!text) return Error(ErrorCode::not_found, "revision " + std::to_string(revision) + " of `" + std::string(article) + "` is not in editing", "begin with a draft");
    return workflow::Instance::parse(definition, *text);
  }

  Status write(Work& w, const std::string& article, int revision, const workflow::Instance& instance, const std::string& record) const {
    const auto timer = next_timer(instance);
    const std::string text = instance.to_json(definition);
    const std::string state(instance.state(definition, 0, "main"));
    HOTLINE_TRY(w.t.post("INSERT INTO kb_editing (article, revision, state, final, next_timer, instance) VALUES (?,?,?,?,?,?) ON CONFLICT (article, revision) "
                         "DO UPDATE SET state = excluded.state, final = excluded.final, next_timer = excluded.next_timer, instance = excluded.instance",
                         {article, revision, state, instance.finished(definition) ? 1 : 0, timer, text}));
    HOTLINE_TRY(w.t.post("INSERT INTO kb_editing_record (article, revision, at, record) VALUES (?,?,?,?)", {article, revision, w.now, record}));
    return w.t.settle();
  }

  // Runs a record on a revision's state, does what it asks for, and writes it down: all of it or nothing.
  Result<EditingStep> run(Work& w, const std::string& article, int revision, const workflow::Instance& before, const workflow::Record& record, const std::string& text) {
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
        HOTLINE_TRY(publish(w, article, revision));
        HOTLINE_TRY(supersede_before(w, article, revision));
      } else if (e.name == "unpublish") {
        HOTLINE_TRY(unpublish(w, article, revision));
      }
    }
    out.state = state_of(article, revision, decision.next);
    HOTLINE_TRY(write(w, article, revision, decision.next, text));
    return out;
  }

  Status publish(Work& w, const std::string& article, int revision) {
    HOTLINE_ASSIGN(Article kept, base->article_in(w.t, article, revision));
    w.items.push_back({std::move(kept), revision, State::published, {}});
    w.items.back().terms = base->terms_of(w.items.back().article);
    return base->put_in(w.t, w.plan, w.items.back(), w.now, -1);
  }

  // Where a later revision of the article is published, ending this one ends nothing.
  Status unpublish(Work& w, const std::string& article, int revision) {
    HOTLINE_ASSIGN(const auto later, w.t.integer("SELECT COUNT(*) FROM kb_revision WHERE article = ? AND number > ? AND state = 1", {article, revision}));
    if (later.value_or(0) > 0) return {};
    HOTLINE_ASSIGN([[maybe_unused]] const bool known, base->withdraw_in(w.t, w.plan, article, w.now));
    return {};
  }

  // Revisions published before are superseded where the definition knows the event.
  Status supersede_before(Work& w, const std::string& article, int revision) {
    if (definition.machines().front().event("supersede") == workflow::kNone) return {};
    std::vector<int> earlier;
    HOTLINE_TRY(w.t.query("SELECT revision FROM kb_editing WHERE article = ? AND revision < ? AND final = 0 AND state = 'PUBLISHED' ORDER BY revision", {article, revision},
                          [&](const store::Row& r) { earlier.push_back(static_cast<int>(r.integer(0))); }));
    for (const int number : earlier) {
      std::string record;
      JsonWriter json(record);
      json.begin_object().field("at", hotline::to_string(w.now)).field("node", 0).field("event", "supersede");
      json.key("actor").begin_object().field("id", "").field("unit", "").key("roles").begin_array().value("editor").end_array().end_object().end_object();
      HOTLINE_ASSIGN(const workflow::Instance before, read(w.t, article, number));
      HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(definition, record, &before));
      HOTLINE_ASSIGN([[maybe_unused]] const EditingStep step, run(w, article, number, before, parsed, record));
    }
    return {};
  }

  // The timer of this revision that falls due first.
  Result<EditingStep> fire(Work& w, const std::string& article, int revision) {
    HOTLINE_ASSIGN(const workflow::Instance before, read(w.t, article, revision));
    const auto& types = definition.machines()[before.nodes.front().machine].timers;
    std::size_t first = types.size();
    for (std::size_t i = 0; i < types.size(); ++i) {
      const workflow::TimerState& t = before.timer(0, static_cast<std::uint32_t>(i));
      if (t.armed && (first == types.size() || t.at < before.timer(0, static_cast<std::uint32_t>(first)).at)) first = i;
    }
    if (first == types.size()) return Error(ErrorCode::corrupt, "`" + article + "` has a due timer that its state does not know");
    std::string record;
    JsonWriter json(record);
    const workflow::TimerState& timer = before.timer(0, static_cast<std::uint32_t>(first));
    json.begin_object().field("at", hotline::to_string(std::max(w.now, timer.at))).field("node", 0).field("timer", types[first].name).field("generation", timer.generation).end_object();
    HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(definition, record, &before));
    HOTLINE_ASSIGN(EditingStep step, run(w, article, revision, before, parsed, record));
    if (!step.accepted) return Error(ErrorCode::wrong_state, "the timer `" + types[first].name + "` of `" + article + "` was refused: " + step.refusal, "the workflow needs a transition for it");
    return step;
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

Result<Editing> Editing::open(KnowledgeBase kb, workflow::Definition definition, std::vector<workflow::Calendar> calendars) {
  if (definition.machines().front().region("main") == workflow::kNone)
    return Error(ErrorCode::invalid_argument, "workflow `" + definition.id() + "` has no region `main`", "data/workflows/article.yaml shows one");
  HOTLINE_TRY(kb.impl_->db.migrate("kb_editing", kSteps));
  std::vector<workflow::Calendar> ordered;
  for (const auto& id : definition.calendars()) {
    const auto given = std::find_if(calendars.begin(), calendars.end(), [&](const workflow::Calendar& c) { return c.id() == id; });
    ordered.push_back(given != calendars.end() ? *given : workflow::Calendar::always());
  }
  return Editing(std::make_shared<Impl>(Impl{kb.impl_, std::move(definition), std::move(ordered)}));
}

Result<EditingStep> Editing::draft(Article article, const Editor& author, Time now) {
  if (article.author.empty()) article.author = author.id;
  const bool correction = article.author != author.id && std::find(article.credits.begin(), article.credits.end(), author.id) == article.credits.end();
  if (correction) article.credits.push_back(author.id);
  HOTLINE_TRY(check_article(article));
  std::string record;
  JsonWriter json(record);
  json.begin_object().field("at", hotline::to_string(now)).field("start", true).key("actor").begin_object().field("id", author.id).field("unit", author.unit).key("roles").begin_array();
  for (const std::string& role : author.roles) json.value(role);
  json.end_array().end_object().end_object();
  HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(impl_->definition, record));
  return impl_->in_transaction(now, [&](Impl::Work& w) -> Result<EditingStep> {
    w.items.push_back({article, 0, State::draft, impl_->base->terms_of(article)});
    HOTLINE_TRY(impl_->base->put_in(w.t, w.plan, w.items.back(), now, -1));
    return impl_->run(w, article.id, w.items.back().number, workflow::Instance(), parsed, record);
  });
}

Result<EditingStep> Editing::act(std::string_view article, int revision, std::string_view event, const Node& fields, const Editor& who, Time now) {
  return impl_->in_transaction(now, [&](Impl::Work& w) -> Result<EditingStep> {
    HOTLINE_ASSIGN(const workflow::Instance before, impl_->read(w.t, article, revision));
    HOTLINE_ASSIGN(const Article kept, impl_->base->article_in(w.t, article, revision));
    const std::string record = impl_->record_json(event, fields, who, kept, now);
    HOTLINE_ASSIGN(const workflow::Record parsed, workflow::Record::parse(impl_->definition, record, &before));
    return impl_->run(w, std::string(article), revision, before, parsed, record);
  });
}

Result<std::optional<Time>> Editing::next_due() {
  std::optional<std::int64_t> first;
  HOTLINE_TRY(impl_->base->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(first, t.integer("SELECT MIN(next_timer) FROM kb_editing"));
    return {};
  }));
  return first ? std::optional<Time>(time_from_ns(*first)) : std::nullopt;
}

Result<std::vector<EditingStep>> Editing::tick(Time now) {
  std::vector<EditingStep> out;
  constexpr int kMost = 100000;  // a definition whose timers re-arm themselves at once would never end
  for (int n = 0; n < kMost; ++n) {
    bool fired = false;
    HOTLINE_ASSIGN(EditingStep step, impl_->in_transaction(now, [&](Impl::Work& w) -> Result<EditingStep> {
      std::string article;
      int revision = 0;
      HOTLINE_TRY(w.t.query("SELECT article, revision FROM kb_editing WHERE next_timer <= ? ORDER BY next_timer, article, revision LIMIT 1", {now}, [&](const store::Row& r) {
        article = r.text(0);
        revision = static_cast<int>(r.integer(1));
      }));
      fired = !article.empty();
      return fired ? impl_->fire(w, article, revision) : EditingStep();
    }));
    if (!fired) return out;
    out.push_back(std::move(step));
  }
  return Error(ErrorCode::limit, "timers of the workflow `" + impl_->definition.id() + "` fall due again and again");
}

Result<EditingState> Editing::state(std::string_view article, int revision) {
  EditingState out;
  HOTLINE_TRY(impl_->base->db.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const workflow::Instance instance, impl_->read(t, article, revision));
    out = impl_->state_of(std::string(article), revision, instance);
    return {};
  }));
  return out;
}

Result<std::vector<EditingState>> Editing::list(std::string_view state) {
  std::vector<EditingState> out;
  HOTLINE_TRY(impl_->base->db.read([&](store::Transaction& t) -> Status {
    out.clear();
    std::vector<std::pair<std::string, int>> keys;
    HOTLINE_TRY(t.query("SELECT article, revision FROM kb_editing WHERE (? = '' AND final = 0) OR state = ? ORDER BY article, revision", {state, state},
                        [&](const store::Row& r) { keys.emplace_back(std::string(r.text(0)), static_cast<int>(r.integer(1))); }));
    for (const auto& [article, revision] : keys) {
      HOTLINE_ASSIGN(const workflow::Instance instance, impl_->read(t, article, revision));
      out.push_back(impl_->state_of(article, revision, instance));
    }
    return {};
  }));
  return out;
}

Result<std::vector<std::string>> Editing::history(std::string_view article, int revision) {
  std::vector<std::string> out;
  HOTLINE_TRY(impl_->base->db.read([&](store::Transaction& t) {
    out.clear();
    return t.query("SELECT record FROM kb_editing_record WHERE article = ? AND revision = ? ORDER BY id", {article, revision}, [&](const store::Row& r) { out.emplace_back(r.text(0)); });
  }));
  return out;
}

}  // namespace hotline::kb
