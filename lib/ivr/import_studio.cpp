// Twilio Studio: states with widgets, transitions by event.
#include <algorithm>
#include <map>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

std::string text_of(const Node* node) { return node != nullptr && node->is_scalar() ? node->text() : std::string(); }
std::span<const Node> items_of(const Node* node) { return node != nullptr ? node->items() : std::span<const Node>(); }
std::string trimmed(std::string text, std::string_view of = " \t\n\r") {
  text.erase(0, std::min(text.find_first_not_of(of), text.size()));
  text.erase(text.find_last_not_of(of) + 1);
  return text;
}
bool whole(const std::string& text) { return !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == text.npos; }

class Studio {
 public:
  Studio(FlowMaker& maker, const Node& states) : maker_(maker) {
    results(states, 0);
    for (const Node& state : states.items())
      if (state.is_mapping()) this->state(state);
  }

 private:
  // What later widgets read of earlier ones' answers: {{widgets.lookup.parsed.name}}.
  void results(const Node& node, int depth) {
    const std::string& text = node.text();
    for (std::size_t at = text.find("widgets."); at != text.npos; at = text.find("widgets.", at + 1)) {
      const auto dot = text.find('.', at + 8);
      const auto end = std::min(text.find_first_of(" }|,)\"'", at), text.size());
      if (dot == text.npos || dot > end) continue;
      answers_[text.substr(at + 8, dot - at - 8)].insert(text.substr(dot + 1, end - dot - 1));
    }
    if (depth > 60) return;
    for (const Node& item : node.items()) results(item, depth + 1);
    for (const auto& [key, value] : node.entries()) results(value, depth + 1);
  }

  void state(const Node& state) {
    state_ = &state;
    id_ = text_of(state.find("name"));
    where_ = "widget `" + id_ + "`: ";
    const std::string type = text_of(state.find("type"));
    using Do = void (Studio::*)();
    static const std::map<std::string_view, Do> kWidgets = {
        {"trigger", &Studio::trigger}, {"say-play", &Studio::say}, {"gather-input-on-call", &Studio::gather}, {"split-based-on", &Studio::split},
        {"set-variables", &Studio::variables}, {"run-function", &Studio::query}, {"make-http-request", &Studio::query}, {"run-subflow", &Studio::subflow},
        {"record-voicemail", &Studio::record}, {"connect-call-to", &Studio::connect}, {"enqueue-call", &Studio::enqueue}, {"send-to-flex", &Studio::enqueue},
        {"send-message", &Studio::message}};
    const auto found = kWidgets.find(type);
    if (found != kWidgets.end()) (this->*found->second)();
    else unknown(type);
    if (type != "trigger")
      for (const Node& t : items_of(state.find("transitions")))
        if (text_of(t.find("next")).empty()) maker_.left_open(id_ + "/" + text_of(t.find("event")));
  }

  std::string property(std::string_view key) const {
    const Node* properties = state_->find("properties");
    return properties ? text_of(properties->find(key)) : "";
  }
  std::string to(std::string_view event) const {
    for (const Node& t : items_of(state_->find("transitions")))
      if (text_of(t.find("event")) == event) return target(t);
    return "";
  }
  static std::string target(const Node& transition) {
    const std::string next = text_of(transition.find("next"));
    return next.empty() ? "" : FlowMaker::safe(next);
  }

  void trigger() {
    Pairs f;
    std::string next = to("incomingCall");
    for (const auto* event : {"incomingMessage", "incomingConversationMessage"})
      if (!to(event).empty() && to(event) != next) maker_.lose(where_ + "what follows " + event + ": calls do not come that way");
    for (const auto* event : {"incomingRequest", "incomingParent"})
      if (next.empty()) next = to(event);
    FlowMaker::exit(f, "next", next);
    maker_.start(id_);
    maker_.node(id_, "start", std::move(f));
  }
  void say() {
    Pairs f{{"prompt", prompt()}};
    if (!property("digits").empty()) maker_.lose(where_ + "the tones " + property("digits"));
    FlowMaker::exit(f, "next", to("audioComplete"));
    maker_.node(id_, "play", std::move(f));
  }
  void query() {
    const std::string url = property("url");
    const bool function = text_of(state_->find("type")) == "run-function";
    Pairs f{{"query", FlowMaker::word(id_)}}, arguments, stores;
    if (!url.empty()) f.emplace_back("note", FlowMaker::word(url));
    const Node* properties = state_->find("properties");
    for (const Node& p : items_of(properties ? properties->find("parameters") : nullptr))
      if (!text_of(p.find("key")).empty()) arguments.emplace_back(text_of(p.find("key")), FlowMaker::word(FlowMaker::expression_of(pieces(text_of(p.find("value"))))));
    if (!arguments.empty()) f.emplace_back("arguments", FlowMaker::map(std::move(arguments)));
    for (const std::string& path : answers_[id_]) {
      const auto dot = path.rfind('.');
      stores.emplace_back(maker_.variable_for("widgets." + id_ + "." + path), FlowMaker::word(dot == path.npos ? path : path.substr(dot + 1)));
    }
    if (!stores.empty()) f.emplace_back("store", FlowMaker::map(std::move(stores)));
    const std::string failed = to(function ? "fail" : "failed");
    FlowMaker::exit(f, "ok", to("success"));
    for (const auto* exit : {"empty", "error", "timeout"}) FlowMaker::exit(f, exit, failed);
    maker_.lose(where_ + "the call of " + (url.empty() ? "a function" : url) + ": answer the query `" + id_ + "` in the host");
    maker_.node(id_, "query", std::move(f));
  }
  void subflow() {
    maker_.lose(where_ + "the sub-flow " + property("flow_sid") + " lies in another file: import it and put it in the place of the stub");
    maker_.placeholder(id_, "Studio sub-flow " + property("flow_sid"), {{"next", to("completed")}, {"failed", to("failed")}});
  }
  void connect() {
    const auto number = pieces(property("to"));
    Pairs f{{"kind", FlowMaker::word("external")}};
    if (number.size() == 1 && number[0].variable.empty()) f.emplace_back("to", FlowMaker::word(number[0].words));
    else if (!number.empty()) f.emplace_back("number", FlowMaker::word(FlowMaker::expression_of(number)));
    const std::string noun = property("noun"), ring = FlowMaker::duration(property("timeout"), "s");
    if (!noun.empty() && noun != "number" && noun != "client" && noun != "sip") maker_.lose(where_ + "connecting to a " + noun);
    if (!ring.empty()) f.emplace_back("ring", FlowMaker::word(ring));
    if (property("record") == "true") maker_.lose(where_ + "recording of the conversation: the host's");
    for (const auto* exit : {"answered", "busy", "no_answer"}) FlowMaker::exit(f, exit, to("callCompleted"));
    FlowMaker::exit(f, "failed", to("callCompleted"));
    maker_.node(id_, "transfer", std::move(f));
  }
  void enqueue() {
    const bool flex = text_of(state_->find("type")) == "send-to-flex";
    std::string name = property("queue_name");
    if (name.empty()) name = property("workflow_sid").empty() ? property("workflow") : property("workflow_sid");
    if (flex || property("queue_name").empty()) maker_.lose(where_ + "the workflow " + name + ": name a queue of yours");
    Pairs f{{"queue", FlowMaker::word(name.empty() ? "flex" : name)}};
    FlowMaker::exit(f, "answered", to("callComplete"));
    const std::string failed = to("failedToEnqueue").empty() ? to("callFailure") : to("failedToEnqueue");
    FlowMaker::exit(f, "overflow", failed);
    FlowMaker::exit(f, "error", to("callFailure").empty() ? failed : to("callFailure"));
    maker_.node(id_, "queue", std::move(f));
  }
  void message() {
    const auto recipient = pieces(property("to"));
    Pairs f{{"channel", FlowMaker::word("sms")}, {"template", FlowMaker::word(id_)}, {"note", FlowMaker::word(property("body"))}};
    if (!recipient.empty()) f.emplace_back("to", FlowMaker::word(FlowMaker::expression_of(recipient)));
    FlowMaker::exit(f, "next", to("sent"));
    FlowMaker::exit(f, "failed", to("failed"));
    maker_.lose(where_ + "the words of the message: make them the template `" + id_ + "`");
    maker_.node(id_, "notify", std::move(f));
  }
  void unknown(const std::string& type) {
    FlowMaker::Ways ways;
    bool first = true;
    for (const Node& t : items_of(state_->find("transitions"))) {
      std::string event = text_of(t.find("event"));
      if (!first && (event.empty() || event == "next")) event = "exit" + std::to_string(ways.size());
      ways.emplace_back(first ? "next" : event, target(t));
      first = false;
    }
    maker_.lose(where_ + "widgets of type `" + type + "` have no like here: write the sub-flow that stands in its place");
    maker_.placeholder(id_, "Studio widget " + type, ways);
  }

  // {{widgets.gather.Digits}}, {{flow.variables.x}}, {{trigger.call.From}} -> a variable's name; "" for others.
  std::string variable(std::string path) {
    path = trimmed(std::move(path), " {}\t\n");
    if (path.find('|') != path.npos) {
      maker_.lose(where_ + "the filters of {{" + path + "}}");
      path = trimmed(path.substr(0, path.find('|')));
    }
    if (path == "trigger.call.From" || path == "trigger.call.Caller" || path == "contact.channel.address") return "caller";
    if (path == "trigger.call.To" || path == "trigger.call.Called" || path == "flow.channel.address") return "dialled";
    if (path.find_first_of(" ()[]'\"") != path.npos) return "";
    // One recording has several names in Studio.
    for (const std::string_view end : {".RecordingUrl", ".RecordingSid"})
      if (path.ends_with(end)) path = path.substr(0, path.size() - end.size()) + ".Recording";
    if (!path.starts_with("flow.variables.") && !path.starts_with("widgets.") && !path.starts_with("flow.data.") && !path.starts_with("trigger.request.") && !path.starts_with("trigger.parent.")) return "";
    return maker_.variable_for(path);
  }
  std::vector<FlowMaker::Piece> pieces(const std::string& text) {
    std::vector<FlowMaker::Piece> found;
    std::string words;
    const auto flush = [&] {
      if (!words.empty()) found.push_back({words, ""});
      words.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool value = text.compare(i, 2, "{{") == 0, tag = text.compare(i, 2, "{%") == 0;
      if (!value && !tag) {
        words += text[i];
        continue;
      }
      const auto end = text.find(value ? "}}" : "%}", i + 2);
      if (end == text.npos) {
        words += text.substr(i);
        break;
      }
      const std::string inside = text.substr(i, end + 2 - i), name = value ? variable(inside) : "";
      if (name.empty()) {
        maker_.lose(where_ + (value ? "the value " : "the instruction ") + inside);
      } else {
        flush();
        found.push_back({"", name});
      }
      i = end + 1;
    }
    flush();
    return found;
  }
  Node prompt() {
    const std::string play = property("play");
    if (!play.empty()) return FlowMaker::map({{"file", FlowMaker::word(play)}, {"text", FlowMaker::word("")}});
    return FlowMaker::words(FlowMaker::prompt_of(pieces(property("say"))));
  }
  void gather() {
    Pairs f{{"prompt", prompt()}, {"store", FlowMaker::word(maker_.variable_for("widgets." + id_ + ".Digits"))}};
    const std::string digits = property("number_of_digits"), finish = property("finish_on_key"), loop = property("loop");
    const std::string timeout = FlowMaker::duration(property("timeout"), "s");
    if (whole(digits) && std::stoi(digits) >= 1 && std::stoi(digits) <= 64) f.emplace_back("max", Node::scalar(digits, false));
    else if (!digits.empty()) maker_.lose(where_ + "number_of_digits " + digits);
    if (!timeout.empty()) {
      f.emplace_back("first_digit_timeout", FlowMaker::word(timeout));
      f.emplace_back("inter_digit_timeout", FlowMaker::word(timeout));
    }
    if (finish.size() == 1 && std::string_view("0123456789*#").find(finish[0]) != std::string_view::npos) f.emplace_back("term_char", FlowMaker::word(finish));
    FlowMaker::exit(f, "next", to("keypress"));
    FlowMaker::exit(f, "exhausted", to("timeout"));
    f.emplace_back("max_no_input", Node::scalar(loop.size() == 1 && loop[0] > '0' && loop[0] <= '9' ? loop : "1", false));
    if (!to("speech").empty() || !property("speech_model").empty()) maker_.lose(where_ + "speech recognition");
    maker_.node(id_, "collect", std::move(f));
  }
  // A condition as an expression; "" where it cannot be carried.
  std::string condition(const Node& c, const std::string& input) {
    const std::string type = text_of(c.find("type"));
    const auto arguments = items_of(c.find("arguments"));
    const std::string v = arguments.empty() ? input : variable(arguments[0].text());
    if (v.empty()) {
      maker_.lose(where_ + "a condition on " + (arguments.empty() ? "nothing" : arguments[0].text()));
      return "";
    }
    const auto compared = pieces(text_of(c.find("value")));
    const std::string value = FlowMaker::expression_of(compared);
    const std::string number = compared.size() == 1 && compared[0].variable.empty() ? trimmed(compared[0].words) : "";
    const auto any_of = [&] {
      std::string all;
      const std::string list = text_of(c.find("value"));
      for (std::size_t from = 0; from <= list.size();) {
        const auto end = std::min(list.find(',', from), list.size());
        all += (all.empty() ? "" : ", ") + FlowMaker::quoted(trimmed(list.substr(from, end - from)));
        from = end + 1;
      }
      return v + " in [" + all + "]";
    };
    std::string one;
    if (type == "equal_to") one = v + " == " + value;
    else if (type == "not_equal_to") one = v + " != " + value;
    else if (type == "contains") one = v + ".contains(" + value + ")";
    else if (type == "does_not_contain") one = "!" + v + ".contains(" + value + ")";
    else if (type == "starts_with") one = v + ".startsWith(" + value + ")";
    else if (type == "does_not_start_with") one = "!" + v + ".startsWith(" + value + ")";
    else if (type == "regex" && compared.size() == 1 && compared[0].variable.empty()) one = v + ".matches(" + value + ")";
    else if (type == "is_blank") return v == "caller" || v == "dialled" ? v + " == ''" : "!has(" + v + ") || " + v + " == ''";
    else if (type == "is_not_blank") one = v + " != ''";
    else if (type == "matches_any_of") one = any_of();
    else if (type == "does_not_match_any_of") one = "!(" + any_of() + ")";
    else if ((type == "less_than" || type == "greater_than") && !number.empty() && number.find_first_not_of("0123456789.-") == number.npos && number.find_first_of("0123456789") != number.npos)
      one = v + ".matches('^-?[0-9]+([.][0-9]+)?$') && double(" + v + ") " + (type == "less_than" ? "<" : ">") + " double('" + number + "')";
    else {
      maker_.lose(where_ + "a condition of type `" + type + "`");
      return "";
    }
    return v == "caller" || v == "dialled" ? one : "has(" + v + ") && " + one;
  }
  void split() {
    Pairs f;
    std::vector<Node> cases;
    const std::string input = variable(property("input"));
    for (const Node& t : items_of(state_->find("transitions"))) {
      const Node* conditions = t.find("conditions");
      if (text_of(t.find("event")) == "noMatch" || conditions == nullptr) continue;
      std::string when, name;
      bool all = !conditions->items().empty();
      for (const Node& c : conditions->items()) {
        const std::string one = condition(c, input);
        all = all && !one.empty();
        when += (when.empty() ? "(" : " && (") + one + ")";
        if (name.empty()) name = text_of(c.find("friendly_name"));
      }
      if (!all) when = "caller == 'to be written'";  // keeps the way, takes nobody along it
      Pairs one{{"when", FlowMaker::word(when)}};
      if (!name.empty()) one.emplace_back("name", FlowMaker::word(name));
      if (!target(t).empty()) one.emplace_back("to", FlowMaker::word(target(t)));
      cases.push_back(FlowMaker::map(std::move(one)));
    }
    if (cases.empty()) {
      FlowMaker::exit(f, "to", to("noMatch"));
      return maker_.node(id_, "goto", std::move(f));
    }
    f.emplace_back("cases", FlowMaker::list(std::move(cases)));
    FlowMaker::exit(f, "else", to("noMatch"));
    maker_.node(id_, "branch", std::move(f));
  }
  void variables() {
    Pairs f, sets;
    const Node* properties = state_->find("properties");
    for (const Node& v : items_of(properties ? properties->find("variables") : nullptr)) {
      if (text_of(v.find("key")).empty()) continue;
      const std::string name = maker_.variable_for("flow.variables." + text_of(v.find("key")));
      if (std::none_of(sets.begin(), sets.end(), [&](const auto& s) { return s.first == name; }))
        sets.emplace_back(name, FlowMaker::word(FlowMaker::expression_of(pieces(text_of(v.find("value"))))));
    }
    if (sets.empty()) {
      FlowMaker::exit(f, "to", to("next"));
      return maker_.node(id_, "goto", std::move(f));
    }
    f.emplace_back("set", FlowMaker::map(std::move(sets)));
    FlowMaker::exit(f, "next", to("next"));
    maker_.node(id_, "set", std::move(f));
  }
  void record() {
    Pairs f{{"store", FlowMaker::word(maker_.variable_for("widgets." + id_ + ".Recording"))}, {"review", Node::scalar("false", false)}};
    const std::string most = FlowMaker::duration(property("max_length"), "s"), silence = FlowMaker::duration(property("timeout"), "s");
    if (!most.empty()) f.emplace_back("max", FlowMaker::word(most));
    if (!silence.empty()) f.emplace_back("silence", FlowMaker::word(silence));
    if (property("play_beep") == "false") f.emplace_back("beep", Node::scalar("false", false));
    if (property("transcribe") == "true") maker_.lose(where_ + "transcription: the host's");
    FlowMaker::exit(f, "saved", to("recordingComplete"));
    FlowMaker::exit(f, "cancelled", "hangup");  // without a review nobody cancels
    FlowMaker::exit(f, "too_short", to("noAudio"));
    FlowMaker::exit(f, "hangup_saved", to("hangup").empty() ? "hangup" : to("hangup"));
    FlowMaker::exit(f, "error", "hangup");
    maker_.node(id_, "record", std::move(f));
  }

  FlowMaker& maker_;
  std::map<std::string, std::set<std::string>> answers_;  // widget -> what others read of it
  const Node* state_ = nullptr;
  std::string id_, where_;
};

}  // namespace

Result<Imported> import_studio(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node document, parse_document(text, file));
  const Node* definition = document.find("definition") ? document.find("definition") : &document;
  // The API gives the definition as a text within JSON.
  if (definition->is_scalar() && definition != &document && definition->text().starts_with("{")) return import_studio(definition->text(), file);
  const Node* states = definition->find("states");
  if (states == nullptr || !states->is_sequence())
    return Error(ErrorCode::invalid_document, "this is no Studio flow: it has no `states`", "export the flow's JSON definition", Place{std::string(file)});
  const std::string description = text_of(definition->find("description"));
  FlowMaker maker("studio", description.empty() ? "Studio flow" : description);
  Studio(maker, *states);
  if (const std::string start = text_of(definition->find("initial_state")); !start.empty()) maker.start(start);
  return maker.finish();
}

}  // namespace hotline::ivr
