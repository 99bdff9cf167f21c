#include "ivr/commands.hpp"

namespace hotline::ivr {
namespace {

std::string text_at(const Node& fields, std::string_view key) {
  const Node* node = fields.find(key);
  return node ? node->text() : std::string();
}

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

void write_fields(JsonWriter& json, std::string_view name, std::span<const Field> fields) {
  if (fields.empty()) return;
  json.key(name).begin_object();
  for (const Field& field : fields) write(json, field.name, view(field.value));
  json.end_object();
}

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.field(key, text);
}

}  // namespace

Start read_start(const Node& fields) {
  Start start{text_at(fields, "caller"), text_at(fields, "dialled"), text_at(fields, "language"), text_at(fields, "profile"), 0,
              fields_of(fields.find("variables"))};
  // A seed is any 64 bits: larger ones than JSON's integers are written as text.
  for (const char c : text_at(fields, "seed"))
    if (c >= '0' && c <= '9') start.seed = start.seed * 10 + static_cast<std::uint64_t>(c - '0');
  return start;
}

void write_start(JsonWriter& json, const Start& start) {
  write_text(json, "caller", start.caller);
  write_text(json, "dialled", start.dialled);
  write_text(json, "language", start.language);
  write_text(json, "profile", start.profile);
  if (start.seed != 0) json.field("seed", std::to_string(start.seed));
  write_fields(json, "variables", start.variables);
}

void NewestIds::note(const Action& action) {
  if (action.kind == ActionKind::play) play = action.id;
  else if (action.kind == ActionKind::record) record = action.id;
  else if (action.kind >= ActionKind::query && action.kind <= ActionKind::fax_receive && action.wait) request = action.id;
}

Status read_event(std::string_view verb, const Node& fields, const NewestIds& newest, ReadEvent& into) {
  const auto id = [&](std::uint32_t otherwise) {
    const Node* node = fields.find("id");
    const auto given = node ? node->as_int() : std::nullopt;
    return given && *given >= 0 ? static_cast<std::uint32_t>(*given) : otherwise;
  };
  into.fields = fields_of(fields.find("fields"));
  into.file = text_at(fields, "file");
  if (verb == "call.timer") {
    into.event = Event::timer();
  } else if (verb == "call.key") {
    const std::string key = text_at(fields, "key");
    if (key.size() != 1) return Error(ErrorCode::invalid_argument, "`" + key + "` is no key", "send one of 0-9 * # A-D at a time");
    into.event = Event::digit(key[0]);
  } else if (verb == "call.played") {
    into.event = Event::played(id(newest.play));
  } else if (verb == "call.recorded") {
    Duration length{};
    if (const std::string text = text_at(fields, "length"); !text.empty()) {
      HOTLINE_ASSIGN(length, parse_duration(text));
    }
    RecordingEnd end = RecordingEnd::key;
    for (const RecordingEnd e : {RecordingEnd::silence, RecordingEnd::limit, RecordingEnd::hangup, RecordingEnd::error})
      if (text_at(fields, "end") == to_string(e)) end = e;
    into.event = Event::recorded(id(newest.record), into.file, length, end);
  } else if (verb == "call.result") {
    const std::string name = text_at(fields, "outcome");
    HOTLINE_ASSIGN(const Outcome outcome, parse_outcome(name.empty() ? "ok" : name));
    into.event = Event::result(id(newest.request), outcome, into.fields);
  } else if (verb == "call.progress") {
    into.event = Event::progress(id(newest.request), into.fields);
    into.event.connected = text_at(fields, "connected") == "true";
  } else if (verb == "call.hangup") {
    into.event = Event::hangup();
  } else {
    return Error(ErrorCode::not_found, "there is no command `" + std::string(verb) + "`", "see hotline/ivr/switchboard.hpp for the list");
  }
  return {};
}

std::string verb_of(const Event& event) { return "call." + std::string(to_string(event.kind)); }

void write_event(JsonWriter& json, const Event& event) {
  switch (event.kind) {
    case EventKind::key: json.field("key", std::string_view(&event.key, 1)); return;
    case EventKind::played: json.field("id", event.id); return;
    case EventKind::recorded:
      json.field("id", event.id);
      write_text(json, "file", event.file);
      json.field("length", hotline::to_string(event.length)).field("end", to_string(event.end));
      return;
    case EventKind::result:
      json.field("id", event.id).field("outcome", to_string(event.outcome));
      write_fields(json, "fields", event.fields);
      return;
    case EventKind::progress:
      json.field("id", event.id);
      if (event.connected) json.field("connected", true);
      write_fields(json, "fields", event.fields);
      return;
    default: return;
  }
}

Result<Overlay> read_overlay(const Node& fields, Time now) {
  Overlay overlay{text_at(fields, "id"), text_at(fields, "node"), text_at(fields, "text"), fields_of(fields.find("texts")),
                  text_at(fields, "go_to"), text_at(fields, "exit"), now};
  if (const std::string from = text_at(fields, "from"); !from.empty()) {
    HOTLINE_ASSIGN(overlay.from, parse_time(from));
  }
  if (const std::string until = text_at(fields, "until"); !until.empty()) {
    HOTLINE_ASSIGN(overlay.until, parse_time(until));
  }
  return overlay;
}

void write_overlay(JsonWriter& json, const Overlay& overlay) {
  json.field("id", overlay.id).field("node", overlay.node);
  write_text(json, "text", overlay.text);
  write_fields(json, "texts", overlay.texts);
  write_text(json, "go_to", overlay.go_to);
  write_text(json, "exit", overlay.exit);
  json.field("from", hotline::to_string(overlay.from));
  if (overlay.until != Time::max()) json.field("until", hotline::to_string(overlay.until));
}

void write_action(JsonWriter& json, std::string_view call, const Action& action, PartsToo parts) {
  json.field("call", call).field("id", action.id).field("node", action.node);
  write_text(json, "target", action.target);
  if (action.kind == ActionKind::play) {
    std::string text;
    for (const Part& part : action.parts) text += part.text;
    json.field("text", text).field("barge_in", action.barge_in);
    if (action.repeat) json.field("repeat", true);
    if (action.rate_percent != 100) json.field("rate", action.rate_percent);
    if (parts == PartsToo::yes) {
      json.key("parts").begin_array();
      for (const Part& part : action.parts) {
        json.begin_object().field("language", part.language);
        write_text(json, "prompt", part.prompt);
        write_text(json, "text", part.text);
        write_text(json, "file", part.file);
        if (part.silence > Duration::zero()) json.field("silence", hotline::to_string(part.silence));
        json.end_object();
      }
      json.end_array();
    }
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
}

}  // namespace hotline::ivr
