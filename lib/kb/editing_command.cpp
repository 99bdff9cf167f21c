// The editors' desk as text.
#include "hotline/base/json.hpp"
#include "hotline/kb/command.hpp"
#include "hotline/kb/editing.hpp"

namespace hotline::kb {
namespace {

std::string text(const Node& node, std::string_view name) {
  const Node* field = node.find(name);
  return field != nullptr && field->is_scalar() ? field->text() : std::string();
}

Editor editor_of(const Node& f) {
  Editor out;
  const Node* by = f.find("by");
  if (by == nullptr || !by->is_mapping()) return out;
  out.id = text(*by, "id");
  out.unit = text(*by, "unit");
  if (const Node* roles = by->find("roles"); roles != nullptr && roles->is_sequence())
    for (const Node& role : roles->items()) out.roles.push_back(role.text());
  return out;
}

Result<int> revision_of(const Node& f) {
  const Node* field = f.find("revision");
  const auto number = field != nullptr ? field->as_int() : std::nullopt;
  if (!number || *number < 1 || *number > 1'000'000'000)
    return Error(ErrorCode::invalid_argument, "`revision` is not a number from 1 on", "say which revision is meant");
  return static_cast<int>(*number);
}

void write_state(JsonWriter& json, const EditingState& s) {
  json.field("article", s.article).field("revision", s.revision).field("state", s.state).field("feedback", s.feedback);
  if (s.due) json.field("due", hotline::to_string(*s.due));
  json.field("overdue", s.overdue);
}

Event event_of(const EditingStep& step) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("accepted", step.accepted).field("refusal", step.refusal);
  write_state(json, step.state);
  json.key("effects").begin_array();
  for (const std::string& effect : step.effects) json.raw(effect);
  json.end_array().end_object();
  return {"step", std::move(out)};
}

Event event_of(const EditingState& state) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_state(json, state);
  json.end_object();
  return {"state", std::move(out)};
}

}  // namespace

Result<std::vector<Event>> apply(Editing& editing, Time at, std::string_view verb, const Node& f) {
  std::vector<Event> out;
  if (verb == "draft") {
    const Node* given = f.find("article");
    if (given == nullptr) return Error(ErrorCode::invalid_argument, "`article` is missing", "give its fields");
    HOTLINE_ASSIGN(Article article, article_from(*given));
    HOTLINE_ASSIGN(const EditingStep step, editing.draft(std::move(article), editor_of(f), at));
    out.push_back(event_of(step));
  } else if (verb == "act") {
    HOTLINE_ASSIGN(const int revision, revision_of(f));
    const Node* fields = f.find("fields");
    HOTLINE_ASSIGN(const EditingStep step, editing.act(text(f, "id"), revision, text(f, "event"), fields != nullptr ? *fields : Node::mapping(), editor_of(f), at));
    out.push_back(event_of(step));
  } else if (verb == "tick") {
    HOTLINE_ASSIGN(const auto steps, editing.tick(at));
    for (const EditingStep& step : steps) out.push_back(event_of(step));
  } else if (verb == "state") {
    HOTLINE_ASSIGN(const int revision, revision_of(f));
    HOTLINE_ASSIGN(const EditingState state, editing.state(text(f, "id"), revision));
    out.push_back(event_of(state));
  } else if (verb == "list") {
    HOTLINE_ASSIGN(const auto states, editing.list(text(f, "state")));
    for (const EditingState& state : states) out.push_back(event_of(state));
  } else if (verb == "history") {
    HOTLINE_ASSIGN(const int revision, revision_of(f));
    HOTLINE_ASSIGN(const auto records, editing.history(text(f, "id"), revision));
    for (const std::string& record : records) out.push_back({"record", record});
  } else {
    return Error(ErrorCode::invalid_argument, "there is no command `" + std::string(verb) + "`", "there are draft, act, tick, state, list, history");
  }
  return out;
}

}  // namespace hotline::kb
