#include <algorithm>

#include "hotline/workflow/kernel.hpp"
#include "workflow/definition_data.hpp"

namespace hotline::workflow {
namespace {

Error wrong(const Node& at, std::string message, std::string remedy = {}) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(remedy), at.place("record"));
}

Status read_values(const Node* node, std::span<const Field> fields, std::string_view what,
                   std::vector<expr::Value>& out) {
  if (node == nullptr) return {};
  out.resize(fields.size());
  for (const auto& [key, value] : node->entries()) {
    const std::string& wanted = key.text();
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == wanted; });
    if (found == fields.end()) {
      std::vector<std::string> names;
      for (const Field& f : fields) names.push_back(f.name);
      const std::string_view close = nearest(key.text(), names);
      return wrong(key, "no " + std::string(what) + " `" + key.text() + "`",
                   close.empty() ? "" : "did you mean `" + std::string(close) + "`?");
    }
    auto v = expr::Value::from(value, found->type);
    if (!v.ok()) return v.error().within(key.text());
    out[static_cast<std::size_t>(found - fields.begin())] = v->own();
  }
  return {};
}

void write_values(JsonWriter& json, std::string_view key, std::span<const Field> fields,
                  std::span<const expr::Value> values) {
  json.key(key).begin_object();
  for (std::size_t i = 0; i < values.size() && i < fields.size(); ++i) {
    if (values[i].is_missing()) continue;
    json.key(fields[i].name);
    values[i].write_json(json);
  }
  json.end_object();
}

void write_context(JsonWriter& json, const Definition& d, const Context& context) {
  json.key("actor")
      .begin_object()
      .field("id", context.actor.id)
      .field("unit", context.actor.unit)
      .key("roles")
      .begin_array();
  for (std::size_t r = 0; r < d.roles().size(); ++r)
    if (context.actor.roles >> r & 1) json.value(d.roles()[r]);
  json.end_array().end_object();
  write_values(json, "facts", d.facts(), context.facts);
}

}  // namespace

std::string Record::to_json(const Definition& d, const Instance& before, const Event& event, const Context& context,
                            Time at) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("at", to_string(at));
  if (event.kind == Event::Kind::calendar_changed) {
    json.field("calendar_changed", true);
  } else {
    const Machine& m = d.machines()[before.exists(event.node) ? before.nodes[event.node].machine : 0];
    json.field("node", event.node);
    if (!m.name.empty()) json.field("task", m.name);
    if (event.kind == Event::Kind::timer) {
      json.field("timer", event.type < m.timers.size() ? m.timers[event.type].name : "")
          .field("generation", event.generation);
    } else if (event.type < m.events.size()) {
      json.field("event", m.events[event.type].name);
      write_values(json, "fields", m.events[event.type].fields, event.fields);
    }
  }
  write_context(json, d, context);
  json.end_object();
  return out;
}

std::string Record::start_json(const Definition& d, std::span<const expr::Value> fields, const Context& context,
                               Time at) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("at", to_string(at)).field("start", true);
  write_values(json, "fields", d.root().fields, fields);
  write_context(json, d, context);
  json.end_object();
  return out;
}

Result<Record> Record::parse(const Definition& d, std::string_view json, const Instance* before) {
  HOTLINE_ASSIGN(const Node root, parse_document(json, "record"));
  return parse(d, root, before);
}

Result<Record> Record::parse(const Definition& d, const Node& root, const Instance* before) {
  if (!root.is_mapping()) return wrong(root, "a record must be an object");
  Record r;
  if (const Node* at = root.find("at")) {
    HOTLINE_ASSIGN(r.at_, parse_time(at->text()));
  }
  if (const Node* node = root.find("node")) {
    const auto n = node->as_int();
    if (!n || *n < 0 || *n >= kMaxNodes) return wrong(*node, "`" + node->text() + "` is not a node");
    r.event_.node = static_cast<NodeId>(*n);
  }
  if (const Node* task = root.find("task")) {
    r.machine_ = d.machine(task->text());
    if (r.machine_ == kNone) return wrong(*task, "no task `" + task->text() + "`");
  } else if (before != nullptr && before->exists(r.event_.node)) {
    r.machine_ = before->nodes[r.event_.node].machine;
  } else if (r.event_.node != 0) {
    return wrong(root, "node " + std::to_string(r.event_.node) + " of what task?", "add \"task\"");
  }
  const Machine& m = d.machines()[r.machine_];
  const auto named = [&](const Node& at, std::uint32_t found, std::string_view what,
                         const std::vector<std::string>& names) -> Status {
    r.event_.type = found;
    if (found != kNone) return {};
    const std::string_view close = nearest(at.text(), names);
    return wrong(at, "no " + std::string(what) + " `" + at.text() + "`",
                 close.empty() ? "" : "did you mean `" + std::string(close) + "`?");
  };
  std::vector<std::string> names;
  if (const Node* start = root.find("start"); start != nullptr && start->as_bool().value_or(false)) {
    r.is_start_ = true;
    HOTLINE_TRY(read_values(root.find("fields"), m.fields, "field", r.fields_));
  } else if (root.find("calendar_changed") != nullptr) {
    r.event_.kind = Event::Kind::calendar_changed;
  } else if (const Node* timer = root.find("timer")) {
    for (const TimerType& t : m.timers) names.push_back(t.name);
    HOTLINE_TRY(named(*timer, m.timer(timer->text()), "timer", names));
    r.event_.kind = Event::Kind::timer;
    if (const Node* generation = root.find("generation"))
      r.event_.generation = static_cast<std::uint32_t>(generation->as_int().value_or(0));
  } else if (const Node* event = root.find("event")) {
    for (const EventType& e : m.events) names.push_back(e.name);
    HOTLINE_TRY(named(*event, m.event(event->text()), "event", names));
    HOTLINE_TRY(read_values(root.find("fields"), m.events[r.event_.type].fields, "field of the event", r.fields_));
  } else {
    return wrong(root, "a record without `start`, `event`, `timer` or `calendar_changed`");
  }
  if (const Node* actor = root.find("actor")) {
    if (const Node* id = actor->find("id")) r.actor_id_ = id->text();
    if (const Node* unit = actor->find("unit")) r.actor_unit_ = unit->text();
    if (const Node* roles = actor->find("roles"))
      for (const Node& role : roles->items()) {
        const std::uint32_t index = d.role(role.text());
        if (index == kNone) return wrong(role, "no role `" + role.text() + "`");
        r.roles_ |= std::uint64_t{1} << index;
      }
  }
  HOTLINE_TRY(read_values(root.find("facts"), d.facts(), "fact", r.facts_));
  return r;
}

Event Record::event() const {
  Event event = event_;
  event.fields = fields_;
  return event;
}

Context Record::context(std::span<const Calendar> calendars) const {
  return {{actor_id_, actor_unit_, roles_}, facts_, calendars};
}

void Record::apply(const Definition& d, const Instance& before, std::span<const Calendar> calendars,
                   Decision& out) const {
  if (is_start_) return start(d, fields_, context(calendars), at_, out);
  Event e = event();
  if (e.kind != Event::Kind::calendar_changed && before.exists(e.node) && before.nodes[e.node].machine != machine_)
    e.type = kNone;
  decide(d, before, e, context(calendars), at_, out);
}

Result<Instance> replay(const Definition& d, std::span<const Record> records, std::span<const Calendar> calendars) {
  if (records.empty() || !records.front().is_start())
    return Error(ErrorCode::invalid_argument, "a log that does not begin with a start", "give the whole log");
  Decision now, next;
  for (const Record& r : records) {
    r.apply(d, now.next, calendars, next);
    if (r.is_start() && !next.accepted())
      return Error(ErrorCode::invalid_argument, "the start is refused: " + next.refusal.reason);
    std::swap(now, next);
  }
  return std::move(now.next);
}

}  // namespace hotline::workflow
