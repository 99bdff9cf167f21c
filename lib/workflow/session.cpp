#include "hotline/workflow/session.hpp"

#include <algorithm>

namespace hotline::workflow {
namespace {

constexpr int kMaxFirings = 100'000;  // of one advance: a timer that arms itself again at once is cut off

Error wrong(const Node& at, std::string message, std::string remedy = {}) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(remedy), at.place("command"));
}

void copy(JsonWriter& json, const Node& from, std::string_view key, std::string_view as) {
  if (const Node* value = from.find(key)) json.key(as).raw(value->to_json());
}

}  // namespace

Session::Session(Definition definition, std::vector<Calendar> calendars)
    : definition_(std::move(definition)), calendars_(std::move(calendars)) {}

Session::Next Session::next() const {
  Next first;
  const Instance& s = now_.next;
  for (NodeId n = 0; n < s.nodes.size(); ++n)
    for (std::uint32_t t = 0; t < definition_.machines()[s.nodes[n].machine].timers.size(); ++t)
      if (const TimerState& timer = s.timer(n, t); timer.armed && timer.at < first.at) first = {n, t, timer.at};
  return first;
}

Time Session::next_timer() const { return next().at; }

void Session::advance(Duration at) {
  const Time target = origin_ + at;
  for (int i = 0; i < kMaxFirings; ++i) {
    const Next timer = next();
    if (timer.timer == kNone || timer.at > target) break;
    const Time late = time_;
    time_ = std::max(time_, timer.at);
    const Event event{
        Event::Kind::timer, timer.node, timer.timer, now_.next.timer(timer.node, timer.timer).generation, {}};
    decide(definition_, now_.next, event, {{}, {}, calendars_}, time_, next_);
    std::string fields;
    JsonWriter json(fields);
    json.begin_object().field("node", timer.node);
    json.field("name", definition_.machines()[now_.next.nodes[timer.node].machine].timers[timer.timer].name);
    if (late > timer.at) json.field("late", to_string(Duration{late - timer.at}));
    json.end_object();
    happened("fired", fields);
    tell(next_);
    if (next_.verdict == Verdict::stale || next_.verdict == Verdict::refused) break;
    std::swap(now_, next_);
  }
  time_ = std::max(time_, target);
}

void Session::tell(const Decision& d) {
  if (d.verdict == Verdict::refused) {
    std::string fields;
    JsonWriter json(fields);
    json.begin_object().field("refusal", to_string(d.refusal.kind)).field("reason", d.refusal.reason);
    const Text text = definition_.reason(d.refusal.reason);
    if (!text.zh.empty()) json.field("zh", text.zh);
    if (!text.en.empty()) json.field("en", text.en);
    json.end_object();
    return happened("refused", fields);
  }
  using Kind = Effect::Kind;
  for (const Effect& e : d.effects) {
    if (e.kind == Kind::arm || e.kind == Kind::cancel || e.kind == Kind::field_set || e.kind == Kind::clock ||
        e.kind == Kind::raised)
      continue;
    std::string fields;
    d.write_effect(e, fields);
    happened(to_string(e.kind), fields);
  }
}

Status Session::apply(Duration at, std::string_view verb, std::string_view json) {
  HOTLINE_ASSIGN(const Node node, parse_document(json.empty() ? "{}" : json, "command"));
  return apply(at, verb, node);
}

Status Session::apply(Duration at, std::string_view verb, const Node& fields) {
  std::string text;
  JsonWriter json(text);
  if (verb == "start") {
    if (started_) return wrong(fields, "the session has started", "open another one");
    if (const Node* begin = fields.find("at")) {
      HOTLINE_ASSIGN(const Time t, parse_time(begin->text()));
      origin_ = t - at;
    }
    time_ = origin_ + at;
    json.begin_object().field("start", true);
    copy(json, fields, "fields", "fields");
    copy(json, fields, "facts", "facts");
    json.field("at", to_string(time_)).end_object();
    HOTLINE_ASSIGN(const Record record, Record::parse(definition_, text));
    record.apply(definition_, now_.next, calendars_, next_);
    tell(next_);
    if (!next_.accepted()) return {};
    std::swap(now_, next_);
    started_ = true;
    return {};
  }
  if (!started_) return wrong(fields, "`" + std::string(verb) + "` before `start`", "begin with start {}");
  advance(at);
  if (verb == "send") {
    json.begin_object().field("at", to_string(time_));
    for (const char* key : {"event", "node", "fields", "facts"}) copy(json, fields, key, key);
    json.key("actor").begin_object();
    copy(json, fields, "actor", "id");
    copy(json, fields, "unit", "unit");
    json.key("roles").begin_array();
    if (const Node* roles = fields.find("roles")) {
      if (roles->is_scalar()) json.value(roles->text());
      for (const Node& role : roles->items()) json.value(role.text());
    }
    json.end_array().end_object().end_object();
    HOTLINE_ASSIGN(const Record record, Record::parse(definition_, text, &now_.next));
    record.apply(definition_, now_.next, calendars_, next_);
  } else if (verb == "calendars") {
    std::vector<Calendar> calendars;
    if (const Node* files = fields.find("files"))
      for (const Node& file : files->items()) {
        HOTLINE_ASSIGN(auto calendar, Calendar::load(file.text()));
        calendars.push_back(std::move(calendar));
      }
    calendars_ = std::move(calendars);
    decide(definition_, now_.next, {Event::Kind::calendar_changed, 0, kNone, 0, {}}, {{}, {}, calendars_}, time_,
           next_);
  } else {
    return wrong(fields, "no command `" + std::string(verb.substr(0, 40)) + "`", "there are: start, send, calendars");
  }
  tell(next_);
  if (next_.accepted()) std::swap(now_, next_);
  return {};
}

std::vector<SessionEvent> Session::take_events() {
  std::vector<SessionEvent> out;
  out.swap(events_);
  return out;
}

}  // namespace hotline::workflow
