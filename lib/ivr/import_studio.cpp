// Twilio Studio: states with widgets, transitions by event.
#include <algorithm>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

std::string text_of(const Node* node) { return node != nullptr && node->is_scalar() ? node->text() : std::string(); }
std::string property(const Node& state, std::string_view key) {
  const Node* properties = state.find("properties");
  return properties ? text_of(properties->find(key)) : "";
}

class Studio {
 public:
  explicit Studio(FlowMaker& maker) : maker_(maker) {}

  void state(const Node& state) {
    const std::string id = text_of(state.find("name")), type = text_of(state.find("type"));
    const std::string where = "widget `" + id + "`: ";
    Pairs f;
    if (type == "trigger") {
      maker_.start(id);
      FlowMaker::exit(f, "next", to(state, "incomingCall"));
      for (const auto* event : {"incomingMessage", "incomingConversationMessage", "incomingParent"})
        if (!to(state, event).empty()) maker_.lose(where + "the way of " + event);
      if (to(state, "incomingCall").empty()) FlowMaker::exit(f, "next", to(state, "incomingRequest"));
      maker_.node(id, "start", std::move(f));
    } else if (type == "say-play") {
      f.emplace_back("prompt", prompt(state));
      FlowMaker::exit(f, "next", to(state, "audioComplete"));
      maker_.node(id, "play", std::move(f));
    } else if (type == "gather-input-on-call") {
      gather(state, id, where);
    } else if (type == "split-based-on") {
      split(state, id, where);
    } else if (type == "set-variables") {
      variables(state, id);
    } else if (type == "run-function" || type == "make-http-request") {
      f.emplace_back("query", FlowMaker::word(id));
      if (!property(state, "url").empty()) f.emplace_back("note", FlowMaker::word(property(state, "url")));
      const std::string failed = to(state, type == "run-function" ? "fail" : "failed");
      FlowMaker::exit(f, "ok", to(state, "success"));
      FlowMaker::exit(f, "empty", failed);
      FlowMaker::exit(f, "error", failed);
      FlowMaker::exit(f, "timeout", failed);
      maker_.lose(where + "the call of " + (property(state, "url").empty() ? "a function" : property(state, "url")) + ": answer the query `" + id + "` in the host");
      maker_.node(id, "query", std::move(f));
    } else if (type == "run-subflow") {
      f.emplace_back("flow", FlowMaker::word(property(state, "flow_sid").empty() ? "subflow" : property(state, "flow_sid")));
      FlowMaker::exit(f, "next", to(state, "completed"));
      maker_.lose(where + "the sub-flow lies in another file: import it and add it to `subflows`");
      maker_.node(id, "subflow", std::move(f));
    } else if (type == "record-voicemail") {
      record(state, id);
    } else if (type == "connect-call-to") {
      f.emplace_back("kind", FlowMaker::word("external"));
      f.emplace_back("to", FlowMaker::word(property(state, "to")));
      if (!property(state, "timeout").empty()) f.emplace_back("ring", FlowMaker::word(property(state, "timeout") + "s"));
      const std::string done = to(state, "callCompleted");
      FlowMaker::exit(f, "answered", done);
      FlowMaker::exit(f, "busy", done);
      FlowMaker::exit(f, "no_answer", done);
      FlowMaker::exit(f, "failed", to(state, "hangup").empty() ? done : to(state, "hangup"));
      maker_.node(id, "transfer", std::move(f));
    } else if (type == "enqueue-call" || type == "send-to-flex") {
      f.emplace_back("queue", FlowMaker::word(property(state, "queue_name").empty() ? "flex" : property(state, "queue_name")));
      FlowMaker::exit(f, "answered", to(state, "callComplete"));
      const std::string failed = to(state, "failedToEnqueue").empty() ? to(state, "callFailure") : to(state, "failedToEnqueue");
      FlowMaker::exit(f, "overflow", failed);
      FlowMaker::exit(f, "error", failed);
      maker_.node(id, "queue", std::move(f));
    } else {
      maker_.lose(where + "widgets of type `" + type + "` have no like here");
      const Node* transitions = state.find("transitions");
      for (const Node& t : transitions ? transitions->items() : std::span<const Node>()) {
        if (text_of(t.find("next")).empty()) continue;
        FlowMaker::exit(f, "to", FlowMaker::safe(text_of(t.find("next"))));
        break;
      }
      maker_.node(id, "goto", std::move(f));
    }
  }

 private:
  static std::string to(const Node& state, std::string_view event) {
    const Node* transitions = state.find("transitions");
    if (transitions != nullptr)
      for (const Node& t : transitions->items())
        if (text_of(t.find("event")) == event) {
          const std::string next = text_of(t.find("next"));
          return next.empty() ? "" : FlowMaker::safe(next);
        }
    return "";
  }

  // {{widgets.gather.Digits}}, {{flow.variables.x}}, {{trigger.call.From}} -> a variable's name; "" for others.
  std::string variable(std::string path) {
    path.erase(0, path.find_first_not_of(" {"));
    path.erase(path.find_last_not_of(" }") + 1);
    if (path == "trigger.call.From" || path == "contact.channel.address") return "caller";
    if (path == "trigger.call.To") return "dialled";
    if (path.starts_with("flow.variables.")) path = path.substr(15);
    else if (path.starts_with("widgets.")) path = path.substr(8);
    else return "";
    const std::string name = FlowMaker::identifier(path);
    maker_.variable(name);
    return name;
  }
  std::string templated(const std::string& text, const std::string& where) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.compare(i, 2, "{{") != 0) {
        out += text[i] == '{' ? "{{" : std::string(1, text[i]);
        continue;
      }
      const auto end = text.find("}}", i);
      if (end == text.npos) break;
      const std::string name = variable(text.substr(i + 2, end - i - 2));
      if (name.empty()) maker_.lose(where + "the value " + text.substr(i, end + 2 - i));
      else out += "{has(" + name + ") ? " + name + " : ''}";
      i = end + 1;
    }
    return out;
  }
  Node prompt(const Node& state) {
    const std::string say = property(state, "say"), play = property(state, "play");
    if (!play.empty()) return FlowMaker::map({{"file", FlowMaker::word(play)}, {"text", FlowMaker::word("")}});
    return FlowMaker::words(templated(say, "widget `" + text_of(state.find("name")) + "`: "));
  }
  void gather(const Node& state, const std::string& id, const std::string& where) {
    Pairs f;
    f.emplace_back("prompt", prompt(state));
    const std::string name = FlowMaker::identifier(id + ".Digits");
    maker_.variable(name);
    f.emplace_back("store", FlowMaker::word(name));
    const std::string digits = property(state, "number_of_digits"), timeout = property(state, "timeout"), finish = property(state, "finish_on_key");
    if (!digits.empty() && digits.find_first_not_of("0123456789") == digits.npos && digits.size() <= 2) f.emplace_back("max", Node::scalar(digits, false));
    if (!timeout.empty() && timeout.find_first_not_of("0123456789") == timeout.npos) {
      f.emplace_back("first_digit_timeout", FlowMaker::word(timeout + "s"));
      f.emplace_back("inter_digit_timeout", FlowMaker::word(timeout + "s"));
    }
    if (finish.size() == 1) f.emplace_back("term_char", FlowMaker::word(finish));
    FlowMaker::exit(f, "next", to(state, "keypress"));
    FlowMaker::exit(f, "exhausted", to(state, "timeout"));
    const std::string loop = property(state, "loop");
    f.emplace_back("max_no_input", Node::scalar(loop.size() == 1 && loop[0] > '0' ? loop : "1", false));
    if (!to(state, "speech").empty()) maker_.lose(where + "speech recognition");
    maker_.node(id, "collect", std::move(f));
  }
  static std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "'";
  }
  void split(const Node& state, const std::string& id, const std::string& where) {
    Pairs f;
    std::vector<Node> cases;
    const std::string input = variable(property(state, "input"));
    const Node* transitions = state.find("transitions");
    for (const Node& t : transitions ? transitions->items() : std::span<const Node>()) {
      const Node* conditions = t.find("conditions");
      if (text_of(t.find("event")) == "noMatch" || conditions == nullptr) continue;
      std::string when;
      for (const Node& c : conditions->items()) {
        const std::string type = text_of(c.find("type")), value = text_of(c.find("value"));
        const Node* arguments = c.find("arguments");
        std::string v = arguments && !arguments->items().empty() ? variable(arguments->items()[0].text()) : input;
        if (v.empty()) {
          maker_.lose(where + "a condition on " + (arguments && !arguments->items().empty() ? arguments->items()[0].text() : "nothing"));
          continue;
        }
        std::string one;
        if (type == "equal_to") one = v + " == " + quoted(value);
        else if (type == "not_equal_to") one = v + " != " + quoted(value);
        else if (type == "contains") one = v + ".contains(" + quoted(value) + ")";
        else if (type == "starts_with") one = v + ".startsWith(" + quoted(value) + ")";
        else if (type == "regex") one = v + ".matches(" + quoted(value) + ")";
        else if (type == "is_blank") one = v + " == ''";
        else if (type == "is_not_blank") one = v + " != ''";
        else if (type == "matches_any_of") {
          std::size_t from = 0;
          while (from <= value.size()) {
            const auto end = std::min(value.find(',', from), value.size());
            std::string item = value.substr(from, end - from);
            item.erase(0, item.find_first_not_of(' '));
            one += (one.empty() ? v + " in [" : ", ") + quoted(item);
            from = end + 1;
          }
          one += "]";
        } else if (type == "less_than") one = "double(" + v + ") < double(" + quoted(value) + ")";
        else if (type == "greater_than") one = "double(" + v + ") > double(" + quoted(value) + ")";
        else {
          maker_.lose(where + "a condition of type `" + type + "`");
          continue;
        }
        one = v == "caller" || v == "dialled" ? one : "has(" + v + ") && " + one;
        when += (when.empty() ? "" : " && ") + one;
      }
      if (when.empty()) continue;
      Pairs c{{"when", FlowMaker::word(when)}};
      const std::string next = text_of(t.find("next"));
      if (!next.empty()) c.emplace_back("to", FlowMaker::word(FlowMaker::safe(next)));
      cases.push_back(FlowMaker::map(std::move(c)));
    }
    if (cases.empty()) {
      FlowMaker::exit(f, "to", to(state, "noMatch"));
      maker_.node(id, "goto", std::move(f));
      return;
    }
    f.emplace_back("cases", FlowMaker::list(std::move(cases)));
    FlowMaker::exit(f, "else", to(state, "noMatch"));
    maker_.node(id, "branch", std::move(f));
  }
  void variables(const Node& state, const std::string& id) {
    Pairs f, sets;
    const Node* properties = state.find("properties");
    const Node* list = properties ? properties->find("variables") : nullptr;
    for (const Node& v : list ? list->items() : std::span<const Node>()) {
      const std::string name = FlowMaker::identifier(text_of(v.find("key"))), value = text_of(v.find("value"));
      maker_.variable(name);
      const std::string other = value.find("{{") != value.npos ? variable(value) : "";
      sets.emplace_back(name, FlowMaker::word(other.empty() ? quoted(value) : "has(" + other + ") ? " + other + " : ''"));
    }
    f.emplace_back("set", FlowMaker::map(std::move(sets)));
    FlowMaker::exit(f, "next", to(state, "next"));
    maker_.node(id, "set", std::move(f));
  }
  void record(const Node& state, const std::string& id) {
    Pairs f;
    const std::string name = FlowMaker::identifier(id + ".Recording");
    maker_.variable(name);
    f.emplace_back("store", FlowMaker::word(name));
    f.emplace_back("review", Node::scalar("false", false));
    const std::string most = property(state, "max_length"), silence = property(state, "timeout");
    if (!most.empty() && most.find_first_not_of("0123456789") == most.npos) f.emplace_back("max", FlowMaker::word(most + "s"));
    if (!silence.empty() && silence.find_first_not_of("0123456789") == silence.npos) f.emplace_back("silence", FlowMaker::word(silence + "s"));
    FlowMaker::exit(f, "saved", to(state, "recordingComplete"));
    FlowMaker::exit(f, "cancelled", to(state, "recordingComplete"));
    FlowMaker::exit(f, "too_short", to(state, "noAudio"));
    FlowMaker::exit(f, "hangup_saved", to(state, "hangup").empty() ? "hangup" : to(state, "hangup"));
    FlowMaker::exit(f, "error", "hangup");
    maker_.node(id, "record", std::move(f));
  }
  FlowMaker& maker_;
};

}  // namespace

Result<Imported> import_studio(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node document, parse_document(text, file));
  const Node* definition = document.find("definition") ? document.find("definition") : &document;
  const Node* states = definition->find("states");
  if (states == nullptr || !states->is_sequence())
    return Error(ErrorCode::invalid_document, "this is no Studio flow: it has no `states`", "export the flow's JSON definition", Place{std::string(file)});
  FlowMaker maker("studio", definition->find("description") ? definition->find("description")->text() : "Studio flow");
  Studio studio(maker);
  for (const Node& state : states->items())
    if (state.is_mapping()) studio.state(state);
  if (const Node* start = definition->find("initial_state")) maker.start(start->text());
  return maker.finish();
}

}  // namespace hotline::ivr
