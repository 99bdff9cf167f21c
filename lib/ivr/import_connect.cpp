// Amazon Connect: actions with parameters, transitions by condition and error (flow language of 2019-10-30).
#include <algorithm>
#include <cstdlib>
#include <map>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

std::string text_of(const Node* node) { return node != nullptr && node->is_scalar() ? node->text() : std::string(); }
std::span<const Node> items_of(const Node* node) { return node != nullptr ? node->items() : std::span<const Node>(); }
const Node& child(const Node& node, std::string_view key) {
  static const Node kNothing = Node::mapping();
  const Node* found = node.find(key);
  return found != nullptr ? *found : kNothing;
}
std::string target(const std::string& id) { return id.empty() ? "" : FlowMaker::safe(id); }

class Connect {
 public:
  Connect(FlowMaker& maker, const Node& document) : maker_(maker), metadata_(child(child(document, "Metadata"), "ActionMetadata")) {
    const auto actions = items_of(document.find("Actions"));
    externals(document, 0);
    for (const Node& action : actions) {
      const std::string id = text_of(action.find("Identifier"));
      by_id_.emplace(id, &action);
      for (const std::string& to : ways(action)) before_[to].push_back(id);
    }
    for (const Node& action : actions)
      if (action.is_mapping()) this->action(action);
  }

 private:
  // Fields of a function's answer that the flow reads: $.External.name.
  void externals(const Node& node, int depth) {
    const std::string& text = node.text();
    for (std::size_t at = text.find("$.External."); at != text.npos; at = text.find("$.External.", at + 1))
      if (externals_.size() < 200) externals_.insert(text.substr(at + 11, name_end(text, at + 11) - at - 11));
    if (depth > 60) return;
    for (const Node& item : node.items()) externals(item, depth + 1);
    for (const auto& [key, value] : node.entries()) externals(value, depth + 1);
  }
  static std::size_t name_end(const std::string& text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_' || text[at] == '-' || (text[at] == '.' && at + 1 < text.size() && std::isalnum(static_cast<unsigned char>(text[at + 1]))))) ++at;
    return at;
  }
  static std::vector<std::string> ways(const Node& action) {
    const Node& t = child(action, "Transitions");
    std::vector<std::string> to{text_of(t.find("NextAction"))};
    for (const auto* list : {"Conditions", "Errors"})
      for (const Node& way : items_of(t.find(list))) to.push_back(text_of(way.find("NextAction")));
    std::erase(to, "");
    return to;
  }
  // What people call a resource: the console keeps that beside the ARN.
  std::string called(const std::string& id, std::string_view parameter, const std::string& otherwise) const {
    const Node& parameters = child(child(metadata_, id), "parameters");
    const std::string shown = text_of(child(parameters, parameter).find("displayName"));
    if (!shown.empty()) return shown;
    const auto slash = otherwise.rfind('/');
    return slash == otherwise.npos ? otherwise : otherwise.substr(slash + 1);
  }

  void action(const Node& a) {
    id_ = text_of(a.find("Identifier"));
    where_ = "action `" + id_ + "`: ";
    p_ = &child(a, "Parameters");
    t_ = &child(a, "Transitions");
    next_ = target(text_of(t_->find("NextAction")));
    const std::string type = text_of(a.find("Type"));
    using Do = void (Connect::*)();
    static const std::map<std::string_view, Do> kActions = {
        {"MessageParticipant", &Connect::message}, {"MessageParticipantIteratively", &Connect::message}, {"GetParticipantInput", &Connect::input},
        {"DisconnectParticipant", &Connect::end}, {"EndFlowExecution", &Connect::end}, {"EndFlowModuleExecution", &Connect::end},
        {"TransferContactToQueue", &Connect::queue}, {"DequeueContactAndTransferToQueue", &Connect::queue}, {"InvokeLambdaFunction", &Connect::lambda},
        {"CheckHoursOfOperation", &Connect::hours}, {"Compare", &Connect::compare}, {"Wait", &Connect::wait}, {"Loop", &Connect::loop},
        {"TransferParticipantToThirdParty", &Connect::transfer}, {"DistributeByPercentage", &Connect::distribute}, {"CreateCallbackContact", &Connect::callback},
        {"UpdateContactAttributes", &Connect::attributes}, {"UpdateFlowAttributes", &Connect::attributes}};
    const auto found = kActions.find(type);
    if (found != kActions.end()) (this->*found->second)();
    else if (type.starts_with("Update") || type == "TagContact" || type == "UnTagContact") setting(type);
    else unknown(type);
    for (const auto* list : {"Conditions", "Errors"})
      for (const Node& way : items_of(t_->find(list)))
        if (text_of(way.find("NextAction")).empty()) maker_.left_open(id_ + "/" + (way.find("ErrorType") ? text_of(way.find("ErrorType")) : operand(way)));
    if (ways(a).empty() && type != "DisconnectParticipant" && !type.starts_with("End")) maker_.left_open(id_ + "/NextAction");
  }

  std::string error(std::string_view kind, const std::string& otherwise) const {
    std::string any = otherwise;
    for (const Node& e : items_of(t_->find("Errors"))) {
      const std::string to = target(text_of(e.find("NextAction")));
      if (!kind.empty() && text_of(e.find("ErrorType")) == kind) return to;
      if (text_of(e.find("ErrorType")) == "NoMatchingError") any = to;
    }
    return any;
  }
  std::string error() const { return error("", ""); }
  static std::string operand(const Node& c) {
    const auto operands = items_of(child(c, "Condition").find("Operands"));
    return operands.empty() ? "" : operands[0].text();
  }
  std::string condition(std::string_view value) const {
    for (const Node& c : items_of(t_->find("Conditions")))
      if (operand(c) == value) return target(text_of(c.find("NextAction")));
    return "";
  }
  std::string parameter(std::string_view key) const { return text_of(p_->find(key)); }

  // $.Attributes.x, $.External.x, $.StoredCustomerInput, $.CustomerEndpoint.Address; "" for others.
  std::string variable(const std::string& path) {
    if (path == "$.StoredCustomerInput") return "key";
    if (path == "$.CustomerEndpoint.Address") return "caller";
    if (path == "$.SystemEndpoint.Address") return "dialled";
    for (const std::string_view mark : {"$.Attributes.", "$.FlowAttributes.", "$.External."})
      if (path.starts_with(mark) && path.size() > mark.size()) return maker_.variable_for((mark == "$.External." ? "External." : "Attributes.") + path.substr(mark.size()));
    return "";
  }
  std::vector<FlowMaker::Piece> pieces(const std::string& text) {
    std::vector<FlowMaker::Piece> found;
    std::string words;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.compare(i, 2, "$.") != 0) {
        words += text[i];
        continue;
      }
      const std::size_t end = name_end(text, i + 2);
      const std::string path = text.substr(i, end - i), name = variable(path);
      if (name.empty()) {
        maker_.lose(where_ + "the value " + path);
      } else {
        if (!words.empty()) found.push_back({words, ""});
        words.clear();
        found.push_back({"", name});
      }
      i = end - 1;
    }
    if (!words.empty()) found.push_back({words, ""});
    return found;
  }
  Node prompt(const Node& p) {
    std::string text = text_of(p.find("Text"));
    if (text.empty() && !text_of(p.find("SSML")).empty()) {
      bool tag = false;
      for (const char c : text_of(p.find("SSML"))) {
        if (c == '<') tag = true;
        else if (c == '>') tag = false;
        else if (!tag) text += c;
      }
      maker_.lose(where_ + "the marks within its SSML");
    }
    std::string file = text_of(p.find("PromptId"));
    if (file.empty()) file = text_of(child(p, "Media").find("Uri"));
    if (text.empty() && !file.empty()) {
      const std::string name = called(id_, "PromptId", file);
      maker_.lose(where_ + "the recorded prompt " + file);
      return FlowMaker::map({{"file", FlowMaker::word(name)}, {"text", FlowMaker::word("")}});
    }
    return FlowMaker::words(FlowMaker::prompt_of(pieces(text)));
  }

  void message() {
    const auto messages = items_of(p_->find("Messages"));
    std::vector<Node> parts;
    for (const Node& m : messages) parts.push_back(prompt(m));
    Pairs f{{"prompt", parts.empty() ? prompt(*p_) : FlowMaker::list(std::move(parts))}};
    FlowMaker::exit(f, "next", next_);
    maker_.node(id_, "play", std::move(f));
  }
  void end() { maker_.node(id_, "hangup", {}); }
  void queue() {
    std::string name = parameter("QueueId").empty() ? "" : called(id_, "QueueId", parameter("QueueId"));
    if (name.empty()) name = queue_before();
    if (name.empty()) {
      name = "queue";
      maker_.lose(where_ + "the queue is not set on one way only: name it");
    }
    Pairs f{{"queue", FlowMaker::word(name)}};
    FlowMaker::exit(f, "overflow", error("QueueAtCapacity", error()));
    FlowMaker::exit(f, "error", error());
    maker_.node(id_, "queue", std::move(f));
  }
  // The queue that was set last on the ways to this action; "" where they differ.
  std::string queue_before() {
    std::set<std::string> seen{id_}, names;
    std::vector<std::string> work{id_};
    while (!work.empty() && --searches_left_ > 0) {
      const std::string at = work.back();
      work.pop_back();
      const auto from = before_.find(at);
      if (from == before_.end()) continue;
      for (const std::string& id : from->second) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end() || !seen.insert(id).second) continue;
        const Node& parameters = child(*found->second, "Parameters");
        if (text_of(found->second->find("Type")) == "UpdateContactTargetQueue") names.insert(called(id, "QueueId", text_of(parameters.find("QueueId"))));
        else work.push_back(id);
      }
    }
    return names.size() == 1 ? *names.begin() : "";
  }
  void lambda() {
    const std::string arn = parameter("LambdaFunctionARN");
    std::string name = called(id_, "LambdaFunctionARN", arn);
    if (const auto colon = name.rfind(":function:"); colon != name.npos) name = name.substr(colon + 10);
    Pairs f{{"query", FlowMaker::word(name.empty() ? id_ : name)}}, arguments, stores;
    for (const auto& [key, value] : child(*p_, "LambdaInvocationAttributes").entries())
      arguments.emplace_back(key.text(), FlowMaker::word(FlowMaker::expression_of(pieces(value.text()))));
    if (!arguments.empty()) f.emplace_back("arguments", FlowMaker::map(std::move(arguments)));
    for (const std::string& field : externals_)
      if (!field.empty()) stores.emplace_back(maker_.variable_for("External." + field), FlowMaker::word(field));
    if (!stores.empty()) f.emplace_back("store", FlowMaker::map(std::move(stores)));
    if (const std::string limit = FlowMaker::duration(parameter("InvocationTimeLimitSeconds"), "s"); !limit.empty()) f.emplace_back("limit", FlowMaker::word(limit));
    FlowMaker::exit(f, "ok", next_);
    for (const auto* exit : {"empty", "error", "timeout"}) FlowMaker::exit(f, exit, error());
    maker_.lose(where_ + "the function " + arn + ": answer the query `" + (name.empty() ? id_ : name) + "` in the host");
    maker_.node(id_, "query", std::move(f));
  }
  void hours() {
    Pairs f{{"calendar", FlowMaker::word("office")}};
    FlowMaker::exit(f, "open", condition("True"));
    FlowMaker::exit(f, "closed", condition("False"));
    const std::string name = called(id_, "HoursOfOperationId", parameter("HoursOfOperationId"));
    maker_.lose(where_ + "the hours" + (name.empty() ? "" : " `" + name + "`") + ": add the calendar `office`");
    maker_.node(id_, "schedule", std::move(f));
  }
  void wait() {
    const std::string length = FlowMaker::duration(parameter("TimeLimitSeconds"), "s");
    Pairs f{{"for", FlowMaker::word(length.empty() ? "1s" : length)}};
    FlowMaker::exit(f, "next", condition("WaitCompleted").empty() ? next_ : condition("WaitCompleted"));
    maker_.node(id_, "pause", std::move(f));
  }
  void loop() {
    const std::string count = parameter("LoopCount");
    const bool good = FlowMaker::duration(count, "").size() == count.size() && !count.empty() && count.size() < 5 && std::atoi(count.c_str()) >= 1 && std::atoi(count.c_str()) <= 1000;
    if (!good) maker_.lose(where_ + "the count " + count);
    Pairs f{{"max", Node::scalar(good ? count : "1", false)}};
    FlowMaker::exit(f, "body", condition("ContinueLooping"));
    FlowMaker::exit(f, "done", condition("DoneLooping"));
    maker_.node(id_, "loop", std::move(f));
  }
  void transfer() {
    const auto number = pieces(parameter("ThirdPartyPhoneNumber"));
    Pairs f{{"kind", FlowMaker::word("external")}};
    if (number.size() == 1 && number[0].variable.empty()) f.emplace_back("to", FlowMaker::word(number[0].words));
    else if (!number.empty()) f.emplace_back("number", FlowMaker::word(FlowMaker::expression_of(number)));
    if (const std::string ring = FlowMaker::duration(parameter("ThirdPartyConnectionTimeLimitSeconds"), "s"); !ring.empty()) f.emplace_back("ring", FlowMaker::word(ring));
    FlowMaker::exit(f, "answered", next_);
    FlowMaker::exit(f, "busy", error("ConnectionTimeLimitExceeded", error("CallFailed", error())));
    FlowMaker::exit(f, "no_answer", error("ConnectionTimeLimitExceeded", error()));
    FlowMaker::exit(f, "failed", error("CallFailed", error()));
    maker_.node(id_, "transfer", std::move(f));
  }
  // Thresholds of one draw from 1 to 100, each a case for what lies below it.
  void distribute() {
    std::vector<Node> shares;
    int below = 0;
    const auto share = [&](int percent, const std::string& to) {
      Pairs one{{"percent", Node::scalar(std::to_string(percent), false)}};
      FlowMaker::exit(one, "to", to);
      shares.push_back(FlowMaker::map(std::move(one)));
    };
    for (const Node& c : items_of(t_->find("Conditions"))) {
      const int until = std::clamp(std::atoi(operand(c).substr(0, 4).c_str()), below, 100);
      share(until - below, target(text_of(c.find("NextAction"))));
      below = until;
    }
    if (below < 100) share(100 - below, error("NoMatchingCondition", next_));
    maker_.node(id_, "percent", {{"shares", FlowMaker::list(std::move(shares))}});
  }
  void callback() {
    std::string name = parameter("QueueId").empty() ? queue_before() : called(id_, "QueueId", parameter("QueueId"));
    Pairs f{{"queue", FlowMaker::word(name.empty() ? "queue" : name)}};
    FlowMaker::exit(f, "next", next_);
    FlowMaker::exit(f, "error", error());
    maker_.node(id_, "callback", std::move(f));
  }

  void input() {
    Pairs f{{"prompt", prompt(*p_)}};
    if (const std::string limit = FlowMaker::duration(parameter("InputTimeLimitSeconds"), "s"); !limit.empty()) f.emplace_back("first_digit_timeout", FlowMaker::word(limit));
    const Node& dtmf = child(*p_, "DTMFConfiguration");
    if (const std::string between = FlowMaker::duration(text_of(dtmf.find("InterdigitTimeLimitSeconds")), "s"); !between.empty()) f.emplace_back("inter_digit_timeout", FlowMaker::word(between));
    const std::string end = text_of(dtmf.find("InputTerminationSequence"));
    if (end.size() == 1 && std::string_view("0123456789*#").find(end[0]) != std::string_view::npos) f.emplace_back("term_char", FlowMaker::word(end));
    else if (!end.empty()) maker_.lose(where_ + "the ending " + end + " of more than one key");
    if (text_of(dtmf.find("DisableCancelKey")) == "True" || text_of(dtmf.find("DisableCancelKey")) == "true") f.emplace_back("cancel_char", FlowMaker::word("off"));
    for (const auto* count : {"max_no_input", "max_no_match"}) f.emplace_back(count, Node::scalar("1", false));
    if (p_->find("InputEncryption") != nullptr) maker_.lose(where_ + "encryption of the entry");
    const std::string silent = error("InputTimeLimitExceeded", error()), wrong = error("NoMatchingCondition", error());
    if (!silent.empty() && !wrong.empty() && silent != wrong) maker_.lose(where_ + "silence and wrong entries lead to different actions: `exhausted` takes that of silence, `else` that of wrong entries");
    FlowMaker::exit(f, "exhausted", silent);
    const auto conditions = items_of(t_->find("Conditions"));
    if (!conditions.empty()) {
      Pairs choices;
      for (const Node& c : conditions) {
        const std::string keys = operand(c);
        if (keys.empty() || std::any_of(choices.begin(), choices.end(), [&](const auto& o) { return o.first == keys; })) {
          maker_.lose(where_ + "a second way for `" + keys + "`");
          continue;
        }
        Pairs choice;
        FlowMaker::exit(choice, "to", target(text_of(c.find("NextAction"))));
        choices.emplace_back(keys, FlowMaker::map(std::move(choice)));
        if (choices.size() >= 1000) break;
      }
      if (!wrong.empty() && wrong != silent) choices.emplace_back("else", FlowMaker::word(wrong));
      f.emplace_back("choices", FlowMaker::map(std::move(choices)));
      return maker_.node(id_, "menu", std::move(f));
    }
    const std::string most = text_of(child(child(*p_, "InputValidation"), "CustomValidation").find("MaximumLength"));
    if (!FlowMaker::duration(most, "").empty() && std::atoi(most.c_str()) >= 1 && std::atoi(most.c_str()) <= 64) f.emplace_back("max", Node::scalar(most, false));
    if (child(*p_, "InputValidation").find("PhoneNumberValidation") != nullptr) f.emplace_back("check", FlowMaker::word("phone"));
    f.emplace_back("store", FlowMaker::word(maker_.variable_for("input." + id_)));
    FlowMaker::exit(f, "next", next_);
    maker_.node(id_, "collect", std::move(f));
  }
  void setting(const std::string& type) {
    // The queue that a transfer takes is found from there.
    if (type != "UpdateContactTargetQueue" || p_->find("QueueId") == nullptr) maker_.lose(where_ + "the setting " + type);
    Pairs f{{"note", FlowMaker::word(type == "UpdateContactTargetQueue" ? type + " " + called(id_, "QueueId", parameter("QueueId")) : type)}};
    FlowMaker::exit(f, "to", next_);
    maker_.node(id_, "goto", std::move(f));
  }
  void attributes() {
    Pairs f, sets;
    const Node& given = p_->find("FlowAttributes") != nullptr ? child(*p_, "FlowAttributes") : child(*p_, "Attributes");
    for (const auto& [key, value] : given.entries()) {
      const std::string text = value.is_mapping() ? text_of(value.find("Value")) : value.text();
      const std::string name = maker_.variable_for("Attributes." + key.text());
      if (std::none_of(sets.begin(), sets.end(), [&](const auto& s) { return s.first == name; }))
        sets.emplace_back(name, FlowMaker::word(FlowMaker::expression_of(pieces(text))));
    }
    if (sets.empty()) return setting("UpdateContactAttributes");
    f.emplace_back("set", FlowMaker::map(std::move(sets)));
    FlowMaker::exit(f, "next", next_);
    maker_.node(id_, "set", std::move(f));
  }
  void compare() {
    const std::string value = parameter("ComparisonValue"), name = variable(value);
    if (name.empty()) maker_.lose(where_ + "a comparison of " + value);
    std::vector<Node> cases;
    for (const Node& c : items_of(t_->find("Conditions"))) {
      const std::string op = text_of(child(c, "Condition").find("Operator")), quoted = FlowMaker::quoted(operand(c));
      const bool number = operand(c).find_first_not_of("0123456789.-") == std::string::npos && operand(c).find_first_of("0123456789") != std::string::npos;
      static const std::map<std::string_view, std::string_view> kNumbers = {
          {"NumberLessThan", "<"}, {"NumberLessOrEqualTo", "<="}, {"NumberGreaterThan", ">"}, {"NumberGreaterOrEqualTo", ">="}, {"NumberEquals", "=="}};
      std::string when = name + " == " + quoted;
      if (op == "TextContains") when = name + ".contains(" + quoted + ")";
      else if (op == "TextStartsWith") when = name + ".startsWith(" + quoted + ")";
      else if (op == "TextEndsWith") when = name + ".endsWith(" + quoted + ")";
      else if (const auto sign = kNumbers.find(op); sign != kNumbers.end() && number)
        when = name + ".matches('^-?[0-9]+([.][0-9]+)?$') && double(" + name + ") " + std::string(sign->second) + " double(" + quoted + ")";
      else if (op != "Equals") maker_.lose(where_ + "the operator " + op + " is taken as Equals");
      if (name.empty()) when = "caller == " + FlowMaker::quoted("to be written: " + value + " " + op + " " + operand(c));
      else if (name != "key" && name != "caller" && name != "dialled") when = "has(" + name + ") && " + when;
      Pairs one{{"when", FlowMaker::word(when)}, {"name", FlowMaker::word(operand(c))}};
      FlowMaker::exit(one, "to", target(text_of(c.find("NextAction"))));
      cases.push_back(FlowMaker::map(std::move(one)));
    }
    const std::string otherwise = error("NoMatchingCondition", error());
    Pairs f;
    if (cases.empty()) {
      FlowMaker::exit(f, "to", otherwise);
      return maker_.node(id_, "goto", std::move(f));
    }
    f.emplace_back("cases", FlowMaker::list(std::move(cases)));
    FlowMaker::exit(f, "else", otherwise);
    maker_.node(id_, "branch", std::move(f));
  }
  void unknown(const std::string& type) {
    FlowMaker::Ways ways;
    const auto add = [&](std::string name, const std::string& to) {
      if (ways.empty()) name = "next";
      if (name.empty() || (name == "next" && !ways.empty())) name = "exit" + std::to_string(ways.size());
      if (std::none_of(ways.begin(), ways.end(), [&](const auto& w) { return w.first == name; })) ways.emplace_back(name, to);
    };
    if (!next_.empty()) add("next", next_);
    for (const Node& c : items_of(t_->find("Conditions"))) add(operand(c), target(text_of(c.find("NextAction"))));
    for (const Node& e : items_of(t_->find("Errors"))) add(text_of(e.find("ErrorType")), target(text_of(e.find("NextAction"))));
    if (ways.empty() && (type == "TransferToFlow" || type.starts_with("Transfer"))) add("next", "hangup");
    std::string which;
    for (const auto* key : {"ContactFlowId", "FlowModuleId", "MetricType"})
      if (!parameter(key).empty()) which = " " + called(id_, key, parameter(key));
    maker_.lose(where_ + "actions of type `" + type + "`" + which + " have no like here: write the sub-flow that stands in its place");
    maker_.placeholder(id_, "Connect action " + type + which, ways);
  }

  FlowMaker& maker_;
  const Node& metadata_;
  std::map<std::string, const Node*> by_id_;
  std::map<std::string, std::vector<std::string>> before_;
  std::set<std::string> externals_;
  int searches_left_ = 1'000'000;  // whatever the file holds, this ends
  const Node* p_ = nullptr;
  const Node* t_ = nullptr;
  std::string id_, where_, next_;
};

}  // namespace

Result<Imported> import_connect(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node document, parse_document(text, file));
  const Node* inner = document.find("Content");  // as the API's describe-contact-flow gives it
  if (inner == nullptr && document.find("ContactFlow") != nullptr) inner = document.find("ContactFlow")->find("Content");
  if (inner != nullptr && inner->is_scalar() && inner->text().starts_with("{")) return import_connect(inner->text(), file);
  const Node* actions = document.find("Actions");
  if (actions == nullptr || !actions->is_sequence())
    return Error(ErrorCode::invalid_document, "this is no Connect flow: it has no `Actions`",
                 document.find("modules") ? "this is the old format: save the flow again and export it" : "export the flow's JSON", Place{std::string(file)});
  const std::string name = text_of(child(document, "Metadata").find("name"));
  FlowMaker maker("connect", name.empty() ? "Connect flow" : name);
  Connect(maker, document);
  if (const std::string start = text_of(document.find("StartAction")); !start.empty()) maker.start(start);
  return maker.finish();
}

}  // namespace hotline::ivr
