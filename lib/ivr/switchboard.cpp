#include "hotline/ivr/switchboard.hpp"

#include <map>

#include "hotline/base/json.hpp"

namespace hotline::ivr {
namespace {

Value value_of(const Node& node) {
  if (node.is_null()) return {};
  if (node.quoted()) return node.text();
  if (const auto flag = node.as_bool()) return *flag;
  if (const auto whole = node.as_int()) return *whole;
  if (const auto real = node.as_double()) return *real;
  return node.text();
}

std::vector<Field> fields_of(const Node* node) {
  std::vector<Field> fields;
  if (node != nullptr)
    for (const auto& [key, value] : node->entries()) fields.push_back({key.text(), value.is_scalar() ? value_of(value) : Value(value.to_json())});
  return fields;
}

void write(JsonWriter& json, std::string_view key, const ValueView& value) {
  json.key(key);
  std::visit(
      [&](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) json.null();
        else json.value(v);
      },
      value);
}

}  // namespace

struct Switchboard::State {
  explicit State(Flow flow) : engine(std::move(flow)) {}
  struct Call {
    Session session;
    std::uint32_t play = 0, record = 0, request = 0;
  };
  Engine engine;
  std::map<std::string, Call, std::less<>> calls;

  void write_actions(const std::string& name, Call& call, std::span<const Action> actions, std::string& out) {
    for (const Action& action : actions) {
      if (action.kind == ActionKind::play) call.play = action.id;
      else if (action.kind == ActionKind::record) call.record = action.id;
      else if (action.kind >= ActionKind::query && action.kind <= ActionKind::fax_receive && action.wait) call.request = action.id;
      JsonWriter json(out);
      json.begin_object().field("type", to_string(action.kind)).field("call", name).field("id", action.id).field("node", action.node);
      if (!action.target.empty()) json.field("target", action.target);
      if (action.kind == ActionKind::play) {
        std::string text;
        for (const Part& part : action.parts) text += part.text;
        json.field("text", text).field("barge_in", action.barge_in);
        if (action.repeat) json.field("repeat", true);
        if (action.rate_percent != 100) json.field("rate", action.rate_percent);
        json.key("parts").begin_array();
        for (const Part& part : action.parts) {
          json.begin_object().field("language", part.language);
          if (!part.prompt.empty()) json.field("prompt", part.prompt);
          if (!part.text.empty()) json.field("text", part.text);
          if (!part.file.empty()) json.field("file", part.file);
          if (part.silence > Duration::zero()) json.field("silence", hotline::to_string(part.silence));
          json.end_object();
        }
        json.end_array();
      }
      if (action.kind == ActionKind::record)
        json.field("max", hotline::to_string(action.limit)).field("min", hotline::to_string(action.minimum)).field("keys", action.keys).field("beep", action.beep);
      if (action.priority != 0) json.field("priority", action.priority);
      if (!action.wait) json.field("wait", false);
      if (!action.arguments.empty()) {
        json.key("arguments").begin_object();
        for (const Argument& argument : action.arguments) write(json, argument.name, argument.value);
        json.end_object();
      }
      json.end_object();
      out += '\n';
    }
    if (call.session.ended()) {
      JsonWriter json(out);
      json.begin_object().field("type", "ended").field("call", name).field("ending", to_string(call.session.ending())).end_object();
      out += '\n';
    }
  }
};

Switchboard::Switchboard(Flow flow) : state_(std::make_unique<State>(std::move(flow))) {}
Switchboard::~Switchboard() = default;
Switchboard::Switchboard(Switchboard&&) noexcept = default;

Engine& Switchboard::engine() { return state_->engine; }
std::size_t Switchboard::calls() const { return state_->calls.size(); }
const Session* Switchboard::find(std::string_view call) const {
  const auto found = state_->calls.find(call);
  return found == state_->calls.end() ? nullptr : &found->second.session;
}

Time Switchboard::next_deadline() const {
  Time first = Time::max();
  for (const auto& [name, call] : state_->calls) first = std::min(first, call.session.deadline());
  return first;
}

std::string Switchboard::advance(Time now) {
  std::string out;
  for (int guard = 0; guard < 100'000; ++guard) {
    auto due = state_->calls.end();
    for (auto it = state_->calls.begin(); it != state_->calls.end(); ++it)
      if (it->second.session.deadline() <= now && (due == state_->calls.end() || it->second.session.deadline() < due->second.session.deadline())) due = it;
    if (due == state_->calls.end()) break;
    const Time at = due->second.session.deadline();
    state_->write_actions(due->first, due->second, state_->engine.step(due->second.session, Event::timer(), at), out);
    if (due->second.session.ended()) state_->calls.erase(due);
  }
  return out;
}

Result<std::string> Switchboard::apply(std::string_view verb, std::string_view fields_json, Time now) {
  HOTLINE_ASSIGN(const Node fields, parse_document(fields_json.empty() ? "{}" : fields_json, "command"));
  return apply(verb, fields, now);
}

Result<std::string> Switchboard::apply(std::string_view verb, const Node& fields, Time now) {
  std::string out = advance(now);
  const auto text = [&](std::string_view key) {
    const Node* node = fields.find(key);
    return node ? node->text() : std::string();
  };
  const auto time = [&](std::string_view key, Time otherwise) -> Result<Time> {
    if (text(key).empty()) return otherwise;
    return parse_time(text(key));
  };
  if (verb == "notice.lay") {
    Overlay overlay{text("id"), text("node"), text("text"), {}, text("go_to"), text("exit"), now};
    HOTLINE_ASSIGN(overlay.from, time("from", now));
    HOTLINE_ASSIGN(overlay.until, time("until", Time::max()));
    overlay.texts = fields_of(fields.find("texts"));
    HOTLINE_TRY(state_->engine.lay(std::move(overlay)));
    return out;
  }
  if (verb == "notice.lift") {
    HOTLINE_TRY(state_->engine.lift(text("id")));
    return out;
  }
  const std::string name = text("call");
  if (name.empty()) return Error(ErrorCode::invalid_argument, "`" + std::string(verb) + "` needs a `call`", "name the call, e.g. {call: c1}");
  auto found = state_->calls.find(name);
  if (verb == "call.start" || verb == "call.restore") {
    if (found != state_->calls.end()) return Error(ErrorCode::already_exists, "the call `" + name + "` exists", "choose another name");
    Session session = state_->engine.open();
    if (verb == "call.restore") {
      HOTLINE_ASSIGN(session, Session::restore(state_->engine.flow(), text("session")));
      state_->calls.emplace(name, State::Call{std::move(session)});
      return out;
    }
    const Node* seed = fields.find("seed");
    Start start{text("caller"), text("dialled"), text("language"), text("profile"), seed && seed->as_int() ? static_cast<std::uint64_t>(*seed->as_int()) : 0, fields_of(fields.find("variables"))};
    auto& call = state_->calls.emplace(name, State::Call{std::move(session)}).first->second;
    state_->write_actions(name, call, state_->engine.start(call.session, start, now), out);
    if (call.session.ended()) state_->calls.erase(name);
    return out;
  }
  if (found == state_->calls.end()) return Error(ErrorCode::not_found, "there is no call `" + name + "`", "start it with call.start");
  State::Call& call = found->second;
  const auto id = [&](std::uint32_t newest) {
    const Node* node = fields.find("id");
    const auto given = node ? node->as_int() : std::nullopt;
    return given && *given >= 0 ? static_cast<std::uint32_t>(*given) : newest;
  };
  const std::vector<Field> data = fields_of(fields.find("fields"));
  const std::string file = text("file");
  Event event = Event::timer();
  if (verb == "call.key") {
    const std::string key = text("key");
    if (key.size() != 1) return Error(ErrorCode::invalid_argument, "`" + key + "` is no key", "send one of 0-9 * # A-D at a time");
    event = Event::digit(key[0]);
  } else if (verb == "call.played") {
    event = Event::played(id(call.play));
  } else if (verb == "call.recorded") {
    Duration length{};
    if (!text("length").empty()) {
      HOTLINE_ASSIGN(length, parse_duration(text("length")));
    }
    RecordingEnd end = RecordingEnd::key;
    for (const RecordingEnd e : {RecordingEnd::silence, RecordingEnd::limit, RecordingEnd::hangup, RecordingEnd::error})
      if (text("end") == to_string(e)) end = e;
    event = Event::recorded(id(call.record), file, length, end);
  } else if (verb == "call.result") {
    HOTLINE_ASSIGN(const Outcome outcome, parse_outcome(text("outcome").empty() ? "ok" : text("outcome")));
    event = Event::result(id(call.request), outcome, data);
  } else if (verb == "call.progress") {
    event = Event::progress(id(call.request), data);
    event.connected = text("connected") == "true";
  } else if (verb == "call.hangup") {
    event = Event::hangup();
  } else if (verb == "call.resume") {
    state_->write_actions(name, call, state_->engine.resume(call.session, now), out);
    return out;
  } else if (verb != "call.timer") {
    return Error(ErrorCode::not_found, "there is no command `" + std::string(verb) + "`", "see hotline/ivr/switchboard.hpp for the list");
  }
  state_->write_actions(name, call, state_->engine.step(call.session, event, now), out);
  if (call.session.ended()) state_->calls.erase(found);
  return out;
}

}  // namespace hotline::ivr
