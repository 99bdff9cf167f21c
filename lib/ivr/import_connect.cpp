// Amazon Connect: actions with parameters, transitions by condition and error.
#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

std::string text_of(const Node* node) { return node != nullptr && node->is_scalar() ? node->text() : std::string(); }

class Connect {
 public:
  explicit Connect(FlowMaker& maker) : maker_(maker) {}

  void action(const Node& a) {
    const std::string id = text_of(a.find("Identifier")), type = text_of(a.find("Type"));
    const std::string where = "action `" + id + "`: ";
    static const Node kNothing = Node::mapping();
    const Node& p = a.find("Parameters") ? *a.find("Parameters") : kNothing;
    const Node& t = a.find("Transitions") ? *a.find("Transitions") : kNothing;
    const std::string next = target(text_of(t.find("NextAction")));
    Pairs f;
    if (type == "MessageParticipant" || type == "MessageParticipantIteratively") {
      f.emplace_back("prompt", prompt(p, where));
      FlowMaker::exit(f, "next", next);
      maker_.node(id, "play", std::move(f));
    } else if (type == "GetParticipantInput") {
      input(id, p, t, next, where);
    } else if (type == "DisconnectParticipant" || type == "EndFlowExecution") {
      maker_.node(id, "hangup", {});
    } else if (type == "TransferContactToQueue") {
      f.emplace_back("queue", FlowMaker::word("queue"));
      maker_.lose(where + "the queue is set by UpdateContactTargetQueue: name it here");
      FlowMaker::exit(f, "overflow", error(t, "QueueAtCapacity", error(t, "", "")));
      FlowMaker::exit(f, "error", error(t, "", ""));
      maker_.node(id, "queue", std::move(f));
    } else if (type == "InvokeLambdaFunction") {
      f.emplace_back("query", FlowMaker::word(text_of(p.find("LambdaFunctionARN")).empty() ? id : text_of(p.find("LambdaFunctionARN"))));
      const std::string failed = error(t, "", "");
      FlowMaker::exit(f, "ok", next);
      FlowMaker::exit(f, "empty", failed);
      FlowMaker::exit(f, "error", failed);
      FlowMaker::exit(f, "timeout", failed);
      maker_.lose(where + "the function is named by an installation's ARN: give it a name of your own in the bindings");
      maker_.node(id, "query", std::move(f));
    } else if (type == "CheckHoursOfOperation") {
      f.emplace_back("calendar", FlowMaker::word("office"));
      FlowMaker::exit(f, "open", condition(t, "True"));
      FlowMaker::exit(f, "closed", condition(t, "False"));
      maker_.lose(where + "the hours: add the calendar `office`");
      maker_.node(id, "schedule", std::move(f));
    } else if (type == "UpdateContactAttributes" || type == "UpdateContactTargetQueue" || type == "UpdateContactTextToSpeechVoice" ||
               type == "UpdateContactRecordingBehavior" || type == "UpdateFlowLoggingBehavior" || type == "UpdateContactEventHooks") {
      settings(id, type, p, next, where);
    } else if (type == "Compare") {
      compare(id, p, t, where);
    } else if (type == "Wait") {
      f.emplace_back("for", FlowMaker::word(text_of(p.find("TimeLimitSeconds")).empty() ? "1s" : text_of(p.find("TimeLimitSeconds")) + "s"));
      FlowMaker::exit(f, "next", condition(t, "WaitCompleted").empty() ? next : condition(t, "WaitCompleted"));
      maker_.node(id, "pause", std::move(f));
    } else if (type == "Loop") {
      f.emplace_back("max", Node::scalar(text_of(p.find("LoopCount")).empty() ? "1" : text_of(p.find("LoopCount")), false));
      FlowMaker::exit(f, "body", condition(t, "ContinueLooping"));
      FlowMaker::exit(f, "done", condition(t, "DoneLooping"));
      maker_.node(id, "loop", std::move(f));
    } else if (type == "TransferParticipantToThirdParty") {
      f.emplace_back("kind", FlowMaker::word("external"));
      f.emplace_back("to", FlowMaker::word(text_of(p.find("ThirdPartyPhoneNumber"))));
      const std::string failed = error(t, "", "");
      FlowMaker::exit(f, "answered", next);
      FlowMaker::exit(f, "busy", failed);
      FlowMaker::exit(f, "no_answer", failed);
      FlowMaker::exit(f, "failed", failed);
      maker_.node(id, "transfer", std::move(f));
    } else {
      maker_.lose(where + "actions of type `" + type + "` have no like here");
      FlowMaker::exit(f, "to", next);
      maker_.node(id, "goto", std::move(f));
    }
  }

 private:
  static std::string target(const std::string& id) { return id.empty() ? "" : FlowMaker::safe(id); }
  static std::string error(const Node& t, std::string_view kind, const std::string& otherwise) {
    const Node* errors = t.find("Errors");
    std::string any = otherwise;
    for (const Node& e : errors ? errors->items() : std::span<const Node>()) {
      const std::string to = target(text_of(e.find("NextAction")));
      if (!kind.empty() && text_of(e.find("ErrorType")) == kind) return to;
      if (text_of(e.find("ErrorType")) == "NoMatchingError") any = to;
    }
    return any;
  }
  static std::string operand(const Node& c) {
    const Node* inner = c.find("Condition");
    const Node* operands = inner ? inner->find("Operands") : nullptr;
    return operands && !operands->items().empty() ? operands->items()[0].text() : "";
  }
  static std::string condition(const Node& t, std::string_view value) {
    const Node* conditions = t.find("Conditions");
    for (const Node& c : conditions ? conditions->items() : std::span<const Node>())
      if (operand(c) == value) return target(text_of(c.find("NextAction")));
    return "";
  }
  Node prompt(const Node& p, const std::string& where) {
    std::string text = text_of(p.find("Text"));
    if (text.empty()) text = text_of(p.find("SSML"));
    if (text.empty() && p.find("PromptId")) {
      maker_.lose(where + "the recorded prompt " + text_of(p.find("PromptId")));
      return FlowMaker::map({{"file", FlowMaker::word(text_of(p.find("PromptId")))}, {"text", FlowMaker::word("")}});
    }
    std::string plain;  // attributes as $.Attributes.x stay as words and are told
    if (text.find("$.") != text.npos) maker_.lose(where + "values within the text: " + text);
    for (const char c : text) plain += c == '{' ? "{{" : std::string(1, c);
    return FlowMaker::words(plain);
  }
  void input(const std::string& id, const Node& p, const Node& t, const std::string& next, const std::string& where) {
    Pairs f;
    f.emplace_back("prompt", prompt(p, where));
    const std::string limit = text_of(p.find("InputTimeLimitSeconds"));
    if (!limit.empty()) f.emplace_back("first_digit_timeout", FlowMaker::word(limit + "s"));
    f.emplace_back("max_no_input", Node::scalar("1", false));
    f.emplace_back("max_no_match", Node::scalar("1", false));
    FlowMaker::exit(f, "exhausted", error(t, "InputTimeLimitExceeded", error(t, "", "")));
    const Node* conditions = t.find("Conditions");
    if (conditions != nullptr && !conditions->items().empty()) {
      Pairs choices;
      for (const Node& c : conditions->items()) {
        Pairs choice;
        FlowMaker::exit(choice, "to", target(text_of(c.find("NextAction"))));
        choices.emplace_back(operand(c), FlowMaker::map(std::move(choice)));
      }
      f.emplace_back("choices", FlowMaker::map(std::move(choices)));
      maker_.node(id, "menu", std::move(f));
      return;
    }
    const std::string name = FlowMaker::identifier("input_" + id);
    maker_.variable(name);
    f.emplace_back("store", FlowMaker::word(name));
    FlowMaker::exit(f, "next", next);
    maker_.node(id, "collect", std::move(f));
  }
  void settings(const std::string& id, const std::string& type, const Node& p, const std::string& next, const std::string& where) {
    Pairs f, sets;
    const Node* attributes = p.find("Attributes");
    for (const auto& [key, value] : attributes ? attributes->entries() : std::span<const Node::Entry>()) {
      const std::string name = FlowMaker::identifier(key.text());
      maker_.variable(name);
      std::string quoted = "'";
      for (const char c : value.text()) quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      sets.emplace_back(name, FlowMaker::word(quoted + "'"));
    }
    if (sets.empty()) {
      maker_.lose(where + "the setting " + type);
      FlowMaker::exit(f, "to", next);
      maker_.node(id, "goto", std::move(f));
      return;
    }
    f.emplace_back("set", FlowMaker::map(std::move(sets)));
    FlowMaker::exit(f, "next", next);
    maker_.node(id, "set", std::move(f));
  }
  void compare(const std::string& id, const Node& p, const Node& t, const std::string& where) {
    Pairs f;
    std::string value = text_of(p.find("ComparisonValue"));
    const std::string marks[] = {"$.Attributes.", "$.External.", "$.StoredCustomerInput"};
    for (const std::string& mark : marks)
      if (value.starts_with(mark)) value = mark == marks[2] ? "key" : value.substr(mark.size());
    const std::string name = value == "key" ? value : FlowMaker::identifier(value);
    if (name != "key") maker_.variable(name);
    std::vector<Node> cases;
    const Node* conditions = t.find("Conditions");
    for (const Node& c : conditions ? conditions->items() : std::span<const Node>()) {
      const Node* inner = c.find("Condition");
      const std::string op = inner ? text_of(inner->find("Operator")) : "";
      std::string quoted = "'";
      for (const char ch : operand(c)) quoted += ch == '\'' || ch == '\\' ? std::string("\\") + ch : std::string(1, ch);
      quoted += "'";
      std::string when = name + " == " + quoted;
      if (op == "TextContains") when = name + ".contains(" + quoted + ")";
      else if (op == "TextStartsWith") when = name + ".startsWith(" + quoted + ")";
      else if (op != "Equals") maker_.lose(where + "the operator " + op + " is taken as Equals");
      if (name != "key") when = "has(" + name + ") && " + when;
      Pairs one{{"when", FlowMaker::word(when)}};
      FlowMaker::exit(one, "to", target(text_of(c.find("NextAction"))));
      cases.push_back(FlowMaker::map(std::move(one)));
    }
    const std::string otherwise = error(t, "NoMatchingCondition", error(t, "", ""));
    if (cases.empty()) {
      FlowMaker::exit(f, "to", otherwise);
      maker_.node(id, "goto", std::move(f));
      return;
    }
    f.emplace_back("cases", FlowMaker::list(std::move(cases)));
    FlowMaker::exit(f, "else", otherwise);
    maker_.node(id, "branch", std::move(f));
  }
  FlowMaker& maker_;
};

}  // namespace

Result<Imported> import_connect(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node document, parse_document(text, file));
  const Node* actions = document.find("Actions");
  if (actions == nullptr || !actions->is_sequence())
    return Error(ErrorCode::invalid_document, "this is no Connect flow: it has no `Actions`",
                 document.find("modules") ? "this is the old format: save the flow again and export it" : "export the flow's JSON", Place{std::string(file)});
  FlowMaker maker("connect", "Connect flow");
  Connect connect(maker);
  for (const Node& action : actions->items())
    if (action.is_mapping()) connect.action(action);
  if (const Node* start = document.find("StartAction")) maker.start(start->text());
  return maker.finish();
}

}  // namespace hotline::ivr
