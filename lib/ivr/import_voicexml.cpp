// The key-driven part of VoiceXML 2.1: menus, fields of digits, recordings, transfers; forms as their items in order.
// Conditions and values are carried as far as they compare and join texts.
#include <algorithm>
#include <map>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

constexpr std::size_t kMostChoices = 1000;
constexpr int kMostSteps = 1000;  // of executable content, in one document

bool number(std::string_view text) { return !FlowMaker::duration(text, "s").empty(); }
std::string time(const std::string& text, const std::string& otherwise) {
  const auto digits = text.find_first_not_of("0123456789.");
  if (text.empty() || digits == 0 || text.size() > 8 || std::count(text.begin(), text.end(), '.') > 1 || text[0] == '.') return otherwise;
  const std::string unit = digits == text.npos ? "s" : text.substr(digits);
  return (unit == "s" || unit == "ms") && text[digits == text.npos ? text.size() - 1 : digits - 1] != '.' ? text.substr(0, digits) + unit : otherwise;
}

class VoiceXml {
 public:
  VoiceXml(FlowMaker& maker, const Xml& root) : maker_(maker) {
    std::size_t count = 0;
    std::vector<std::pair<const Xml*, std::string>> dialogs;
    for (const Xml& child : root.children) {
      if (child.name == "form" || child.name == "menu") {
        std::string id = child.attribute("id");
        if (id.empty()) id = "dialog" + std::to_string(++count);
        dialogs.emplace_back(&child, id);
      } else if (child.name == "property") {
        properties_.push_back(&child);
      } else if (child.name == "var") {
        declare(child, "the document: ");
      } else if (child.name == "noinput" || child.name == "nomatch" || child.name == "catch") {
        handlers_.push_back(&child);
      } else if (!child.name.empty() && child.name != "meta" && child.name != "metadata") {
        maker_.lose("line " + std::to_string(child.line) + ": <" + child.name + "> of the document");
      }
    }
    for (const auto& [dialog, id] : dialogs) dialog->name == "menu" ? menu(*dialog, id) : form(*dialog, id);
    if (!dialogs.empty()) maker_.start(dialogs[0].second);
  }

 private:
  void declare(const Xml& var, const std::string& where) {
    if (var.attribute("name").empty()) return;
    maker_.variable_for(var.attribute("name"));
    if (!var.attribute("expr").empty() && var.attribute("expr") != "''" && var.attribute("expr") != "undefined")
      maker_.lose(where + "the first value of " + var.attribute("name") + ": " + var.attribute("expr"));
  }
  std::string target(const Xml& xml, const std::string& where) {
    const std::string next = xml.attribute("next"), item = xml.attribute("nextitem");
    if (next.starts_with('#') && next.size() > 1) return FlowMaker::safe(next.substr(1));
    if (!item.empty()) return FlowMaker::safe(first_item_ == item ? form_ : form_ + "/" + item);
    const std::string other = next + xml.attribute("expr") + xml.attribute("expritem");
    if (!other.empty()) maker_.lose(where + "the way to another document: " + other);
    return "";
  }
  // field$.x, names with dots: the variable of the first name.
  std::string variable(std::string name) {
    for (const std::string_view scope : {"application.", "document.", "dialog.", "session."})
      if (name.starts_with(scope)) name.erase(0, scope.size());
    if (name == "connection.remote.uri" || name == "telephone.ani") return "caller";
    if (name == "connection.local.uri" || name == "telephone.dnis") return "dialled";
    return maker_.variable_for(name);
  }
  static bool name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '.'; }
  // Texts and names joined by +; false for anything else.
  bool pieces(const std::string& source, std::vector<FlowMaker::Piece>& into) {
    std::size_t i = 0;
    const auto blank = [&] { while (i < source.size() && (source[i] == ' ' || source[i] == '\t' || source[i] == '\n' || source[i] == '\r')) ++i; };
    for (bool first = true;; first = false) {
      blank();
      if (i >= source.size()) return !first || into.empty();
      if (!first) {
        if (source[i] != '+') return false;
        ++i;
        blank();
      }
      if (i >= source.size()) return false;
      const std::size_t from = i;
      if (source[i] == '\'' || source[i] == '"') {
        const auto end = source.find(source[i], i + 1);
        if (end == source.npos || source.substr(i, end - i).find('\\') != std::string::npos) return false;
        into.push_back({source.substr(i + 1, end - i - 1), ""});
        i = end + 1;
      } else {
        while (i < source.size() && name_char(source[i])) ++i;
        if (i == from) return false;
        const std::string word = source.substr(from, i - from);
        if (word.find_first_not_of("0123456789.") == word.npos) into.push_back({word, ""});
        else if (word == "undefined" || word == "null") into.push_back({"", ""});
        else into.push_back({"", variable(word)});
      }
    }
  }
  // a == 'x' && b != 'y', joined by && or ||; "" where it cannot be carried.
  std::string condition(const std::string& source) {
    std::string out;
    std::size_t from = 0;
    while (from <= source.size()) {
      std::size_t at = from;
      while (at < source.size() && source.compare(at, 2, "&&") != 0 && source.compare(at, 2, "||") != 0) {
        if (source[at] == '\'' || source[at] == '"') at = std::min(source.find(source[at], at + 1), source.size() - 1);
        ++at;
      }
      at = std::min(at, source.size());
      const std::string one = comparison(source.substr(from, at - from));
      if (one.empty()) return "";
      out += "(" + one + ")";
      if (at >= source.size()) break;
      out += " " + source.substr(at, 2) + " ";
      from = at + 2;
    }
    return out;
  }
  std::string comparison(const std::string& source) {
    static constexpr std::pair<std::string_view, std::string_view> kSigns[] = {{"===", "=="}, {"!==", "!="}, {"==", "=="}, {"!=", "!="}, {"<=", "<="}, {">=", ">="}, {"<", "<"}, {">", ">"}};
    std::size_t at = 0;
    for (; at < source.size(); ++at) {
      if (source[at] == '\'' || source[at] == '"') at = std::min(source.find(source[at], at + 1), source.size() - 1);
      for (const auto& [sign, ours] : kSigns) {
        if (source.compare(at, sign.size(), sign) != 0) continue;
        std::vector<FlowMaker::Piece> left, right;
        if (!pieces(source.substr(0, at), left) || !pieces(source.substr(at + sign.size()), right) || left.empty() || right.empty()) return "";
        const std::string a = FlowMaker::expression_of(left), b = FlowMaker::expression_of(right);
        if (ours == "==" || ours == "!=") return a + " " + std::string(ours) + " " + b;
        const std::string digits = "^-?[0-9]+([.][0-9]+)?$";
        return "(" + a + ").matches('" + digits + "') && (" + b + ").matches('" + digits + "') && double(" + a + ") " + std::string(ours) + " double(" + b + ")";
      }
    }
    return "";
  }

  // Texts, recordings and values of a prompt or of anything that speaks.
  void speech(const Xml& xml, std::vector<Node>& parts, const std::string& where, int depth = 0) {
    std::string text;
    const auto flush = [&] {
      if (text.find_first_not_of(" ") != text.npos) parts.push_back(FlowMaker::words(FlowMaker::prompt_of({{text, ""}})));
      text.clear();
    };
    for (const Xml& c : xml.children) {
      if (c.name.empty()) {
        text += (text.empty() ? "" : " ") + c.all_text();
      } else if (c.name == "audio") {
        flush();
        std::string src = c.attribute("src");
        if (src.empty()) src = c.attribute("expr");
        const std::string words = c.all_text();
        if (!src.empty()) parts.push_back(FlowMaker::map({{"file", FlowMaker::word(src)}, {"text", FlowMaker::word(FlowMaker::prompt_of({{words, ""}}))}}));
        else if (!words.empty()) parts.push_back(FlowMaker::words(FlowMaker::prompt_of({{words, ""}})));
      } else if (c.name == "break") {
        flush();
        parts.push_back(FlowMaker::map({{"pause", FlowMaker::word(time(c.attribute("time"), "500ms"))}}));
      } else if (c.name == "value") {
        flush();
        std::vector<FlowMaker::Piece> found;
        if (pieces(c.attribute("expr"), found)) parts.push_back(FlowMaker::words(FlowMaker::prompt_of(found)));
        else maker_.lose(where + "the value " + c.attribute("expr"));
      } else if (c.name == "enumerate") {
        maker_.lose(where + "<enumerate>: say the choices in words");
      } else if (c.name == "say-as") {
        flush();
        const std::string as = c.attribute("interpret-as") + c.attribute("type");
        std::vector<FlowMaker::Piece> found;
        const Xml* value = c.child("value");
        if (value != nullptr && pieces(value->attribute("expr"), found))
          parts.push_back(FlowMaker::map({{"say", FlowMaker::word(as.find("digits") != as.npos ? "digits" : as.find("date") != as.npos ? "date" : as.find("currency") != as.npos ? "money" : as.find("number") != as.npos || as.find("cardinal") != as.npos ? "number" : "text")},
                                          {"value", FlowMaker::word(FlowMaker::expression_of(found))}}));
        else speech(c, parts, where, depth + 1);
      } else if (c.name == "prompt" || c.name == "emphasis" || c.name == "voice" || c.name == "prosody" || c.name == "p" || c.name == "s" || c.name == "sub" || c.name == "paragraph" || c.name == "sentence") {
        flush();
        if (depth < 20) speech(c, parts, where, depth + 1);
      }
    }
    flush();
  }
  Node words(const Xml& xml, const std::string& where) {
    std::vector<Node> parts;
    speech(xml, parts, where);
    if (parts.empty()) return FlowMaker::words("");
    return parts.size() == 1 ? std::move(parts[0]) : FlowMaker::list(std::move(parts));
  }

  void property(const Xml& p, Pairs& f) {
    const std::string name = p.attribute("name"), value = p.attribute("value");
    if (name == "timeout") f.emplace_back("first_digit_timeout", FlowMaker::word(time(value, "5s")));
    if (name == "interdigittimeout") f.emplace_back("inter_digit_timeout", FlowMaker::word(time(value, "3s")));
    if (name == "termtimeout") f.emplace_back("term_timeout", FlowMaker::word(time(value, "0s")));
    if (name == "termchar") f.emplace_back("term_char", FlowMaker::word(value.size() == 1 && std::string_view("0123456789*#ABCD").find(value[0]) != std::string_view::npos ? value : "off"));
    if (name == "bargein" && value == "false") f.emplace_back("barge_in", Node::scalar("false", false));
  }
  // Prompts by `count`, what is said on silence and mistakes, and where too many lead.
  void asking(const Xml& item, Pairs& f, const std::string& where) {
    std::map<int, std::vector<Node>> ladder, silence, mistake;
    std::string last;
    int worst = 0;
    const auto count_of = [](const Xml& x) { return number(x.attribute("count")) ? std::clamp(std::stoi(x.attribute("count")), 1, 20) : 1; };
    const auto handler = [&](const Xml& c) {
      const std::string event = c.name == "catch" ? c.attribute("event") : c.name;
      const bool on_silence = event.find("noinput") != event.npos, on_mistake = event.find("nomatch") != event.npos;
      if (!on_silence && !on_mistake) return maker_.lose(where + "<" + c.name + " event=\"" + c.attribute("event") + "\">");
      const Xml* go = c.child("goto");
      const std::string to = go ? target(*go, where) : c.child("exit") || c.child("disconnect") ? "hangup" : "";
      if (!to.empty()) {
        if (!last.empty() && last != to) maker_.lose(where + "silence and mistakes that lead to different places: " + last + ", " + to);
        if (last.empty()) last = to;
        worst = worst == 0 ? count_of(c) : std::min(worst, count_of(c));
        return;
      }
      for (auto* rungs : {on_silence ? &silence : nullptr, on_mistake ? &mistake : nullptr})
        if (rungs != nullptr && !rungs->contains(count_of(c))) speech(c, (*rungs)[count_of(c)], where);
    };
    for (const Xml& c : item.children) {
      if (c.name == "prompt") {
        if (!c.attribute("cond").empty()) maker_.lose(where + "the condition of a prompt: " + c.attribute("cond"));
        speech(c, ladder[count_of(c)], where);
        if (!c.attribute("timeout").empty()) f.emplace_back("first_digit_timeout", FlowMaker::word(time(c.attribute("timeout"), "5s")));
        if (c.attribute("bargein") == "false") f.emplace_back("barge_in", Node::scalar("false", false));
      }
      if (c.name == "noinput" || c.name == "nomatch" || c.name == "catch") handler(c);
      if (c.name == "help" || c.name == "error" || c.name == "link") maker_.lose(where + "<" + c.name + ">");
      if (c.name == "property") property(c, f);
    }
    // What the field says without <prompt> is its first prompt.
    Xml loose;
    for (const Xml& c : item.children)
      if (c.name.empty() || c.name == "audio" || c.name == "value" || c.name == "enumerate") loose.children.push_back(c);
    if (!loose.children.empty() && item.name != "menu" && !ladder.contains(1)) speech(loose, ladder[1], where);
    for (const Xml* c : handlers_)
      if (last.empty() || (silence.empty() && mistake.empty())) handler(*c);
    for (const Xml* p : properties_) property(*p, f);  // the item's own come first and win
    const auto rungs = [&](std::string_view name, std::map<int, std::vector<Node>>& by_count) {
      std::vector<Node> list;
      for (auto& [count, parts] : by_count)
        list.push_back(parts.empty() ? FlowMaker::words("") : parts.size() == 1 ? std::move(parts[0]) : FlowMaker::list(std::move(parts)));
      if (!list.empty()) f.emplace_back(name, FlowMaker::list(std::move(list)));
    };
    rungs("prompt", ladder);
    rungs("no_input", silence);
    rungs("no_match", mistake);
    if (worst > 0)
      for (const auto* count : {"max_no_input", "max_no_match"}) f.emplace_back(count, Node::scalar(std::to_string(worst), false));
    FlowMaker::exit(f, "exhausted", last);
    if (last.empty()) maker_.left_open(where.substr(0, where.size() - 2) + "/noinput");
  }
  void menu(const Xml& m, const std::string& id) {
    const std::string where = "menu `" + id + "`: ";
    form_ = id;
    Pairs f, choices;
    asking(m, f, where);
    std::size_t next = 0;
    for (const Xml& c : m.children) {
      if (c.name != "choice" || choices.size() >= kMostChoices) continue;
      ++next;
      std::string key = c.attribute("dtmf");
      if (key.empty() && m.attribute("dtmf") == "true" && next < 10) key = std::to_string(next);
      std::erase(key, ' ');
      if (key.empty()) {
        maker_.lose(where + "the spoken choice " + c.all_text());
        continue;
      }
      if (!c.attribute("event").empty()) maker_.lose(where + "the event " + c.attribute("event") + " of choice " + key);
      Pairs choice;
      FlowMaker::exit(choice, "to", target(c, where));
      if (choice.empty()) maker_.left_open(id + "/" + key);
      if (!c.all_text().empty()) choice.emplace_back("name", FlowMaker::word(c.all_text()));
      if (std::none_of(choices.begin(), choices.end(), [&](const auto& o) { return o.first == key; })) choices.emplace_back(key, FlowMaker::map(std::move(choice)));
      else maker_.lose(where + "a second choice for " + key);
    }
    f.emplace_back("choices", FlowMaker::map(std::move(choices)));
    maker_.node(id, "menu", std::move(f));
  }

  // A form is its items one after the other; the first carries the form's id.
  void form(const Xml& form_xml, const std::string& id) {
    form_ = id;
    const std::string where = "form `" + id + "`: ";
    std::vector<const Xml*> items;
    filled_ = nullptr;
    for (const Xml& c : form_xml.children) {
      if (c.name == "block" || c.name == "field" || c.name == "record" || c.name == "transfer" || c.name == "subdialog") items.push_back(&c);
      else if (c.name == "filled") filled_ = &c;
      else if (c.name == "var") declare(c, where);
      else if (!c.name.empty() && c.name != "property" && c.name != "noinput" && c.name != "nomatch" && c.name != "catch") maker_.lose(where + "<" + c.name + ">");
      if (c.name == "field" && !c.attribute("cond").empty()) maker_.lose(where + "the condition " + c.attribute("cond"));
    }
    first_item_ = items.empty() ? "" : items[0]->attribute("name");
    const auto name = [&](std::size_t i) {
      if (i >= items.size()) return std::string();
      return i == 0 ? id : id + "/" + items[i]->attribute("name", std::to_string(i));
    };
    const auto outer = handlers_.size(), outer_properties = properties_.size();
    for (const Xml& c : form_xml.children) {
      if (c.name == "noinput" || c.name == "nomatch" || c.name == "catch") handlers_.push_back(&c);
      if (c.name == "property") properties_.push_back(&c);
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      last_item_ = i + 1 == items.size();
      item(*items[i], name(i), name(i + 1), where);
    }
    handlers_.resize(outer);
    properties_.resize(outer_properties);
    if (items.empty()) maker_.node(id, "hangup", {});
  }
  // Where an item leads: by its <filled>, by the form's after the last item, else to the next item.
  std::string after(const Xml& xml, const std::string& id, const std::string& otherwise, const std::string& where) {
    const std::string next = otherwise.empty() ? "hangup" : FlowMaker::safe(otherwise);
    const Xml* doing = xml.name == "block" ? &xml : xml.child("filled");
    if (doing == nullptr && last_item_) doing = filled_;
    return doing == nullptr ? next : steps(*doing, 0, id, next, where, 0);
  }
  // Executable content from child `at` on, as nodes; returns the first of them.
  std::string steps(const Xml& doing, std::size_t at, const std::string& id, const std::string& next, const std::string& where, int depth) {
    const bool block = doing.name == "block";
    for (; at < doing.children.size(); ++at) {
      const Xml& c = doing.children[at];
      if (c.name == "goto") {
        const std::string to = target(c, where);
        if (to.empty()) maker_.left_open(id + "/goto");
        return to;
      }
      if (c.name == "exit" || c.name == "disconnect" || c.name == "return") return "hangup";
      if (c.name == "submit") {
        maker_.lose(where + "<submit> to " + c.attribute("next") + c.attribute("expr") + ": answer a query in the host");
        return next;
      }
      if (count_ >= kMostSteps) {
        maker_.lose(where + "what follows the " + std::to_string(kMostSteps) + "th step of the document");
        return next;
      }
      const std::string own = id + "/then" + std::to_string(++count_);
      if (c.name == "if" && depth < 10) return branch(c, own, steps(doing, at + 1, id, next, where, depth), where, depth);
      if (c.name == "assign" && !c.attribute("name").empty()) {
        std::vector<FlowMaker::Piece> found;
        if (!pieces(c.attribute("expr"), found)) {
          maker_.lose(where + "the value " + c.attribute("expr"));
          continue;
        }
        Pairs f{{"set", FlowMaker::map({{variable(c.attribute("name")), FlowMaker::word(FlowMaker::expression_of(found))}})}};
        FlowMaker::exit(f, "next", steps(doing, at + 1, id, next, where, depth));
        maker_.node(own, "set", std::move(f));
        return FlowMaker::safe(own);
      }
      if (!block && (c.name == "prompt" || c.name == "audio" || c.name.empty())) {
        Xml one;
        one.children.push_back(c);
        Pairs f{{"prompt", words(one, where)}};
        FlowMaker::exit(f, "next", steps(doing, at + 1, id, next, where, depth));
        maker_.node(own, "play", std::move(f));
        return FlowMaker::safe(own);
      }
      if (c.name == "clear" || c.name == "reprompt" || c.name == "throw" || c.name == "script" || c.name == "data" || c.name == "foreach") maker_.lose(where + "<" + c.name + ">");
      if (c.name == "var") declare(c, where);
    }
    return next;
  }
  std::string branch(const Xml& xml, const std::string& id, const std::string& rest, const std::string& where, int depth) {
    std::vector<Node> cases;
    std::string otherwise = rest;
    std::string cond = xml.attribute("cond");
    bool is_else = false;
    Xml body{"filled", "", {}, {}, 0};
    const auto close = [&] {
      const std::string to = steps(body, 0, id, rest, where, depth + 1);
      body.children.clear();
      if (is_else) {
        otherwise = to;
        return;
      }
      std::string when = condition(cond);
      if (when.empty()) {
        maker_.lose(where + "the condition " + cond);
        when = "caller == " + FlowMaker::quoted("to be written: " + cond);
      }
      Pairs one{{"when", FlowMaker::word(when)}};
      FlowMaker::exit(one, "to", to);
      cases.push_back(FlowMaker::map(std::move(one)));
    };
    for (const Xml& c : xml.children) {
      if (c.name == "elseif" || c.name == "else") {
        close();
        cond = c.attribute("cond");
        is_else = c.name == "else";
      } else {
        body.children.push_back(c);
      }
    }
    close();
    Pairs f{{"cases", FlowMaker::list(std::move(cases))}};
    FlowMaker::exit(f, "else", otherwise);
    maker_.node(id, "branch", std::move(f));
    return FlowMaker::safe(id);
  }

  void item(const Xml& xml, const std::string& id, const std::string& next, const std::string& where) {
    Pairs f;
    if (xml.name == "block") {
      std::vector<Node> parts;
      speech(xml, parts, where);
      const std::string then = after(xml, id, next, where);
      if (parts.empty()) {
        FlowMaker::exit(f, "to", then);
        return maker_.node(id, "goto", std::move(f));
      }
      f.emplace_back("prompt", parts.size() == 1 ? std::move(parts[0]) : FlowMaker::list(std::move(parts)));
      FlowMaker::exit(f, "next", then);
      return maker_.node(id, "play", std::move(f));
    }
    const std::string variable_name = maker_.variable_for(xml.attribute("name", id));
    if (xml.name == "subdialog") {
      maker_.lose(where + "the sub-dialog " + xml.attribute("src") + ": write the sub-flow that stands in its place");
      return maker_.placeholder(id, "VoiceXML sub-dialog " + xml.attribute("src"), {{"next", after(xml, id, next, where)}});
    }
    if (xml.name == "transfer") {
      std::string to = xml.attribute("dest");
      if (const auto colon = to.find(':'); colon != to.npos) to = to.substr(colon + 1);
      f.emplace_back("kind", FlowMaker::word("external"));
      std::vector<FlowMaker::Piece> computed;
      if (!to.empty()) f.emplace_back("to", FlowMaker::word(to));
      else if (pieces(xml.attribute("destexpr"), computed) && !computed.empty()) f.emplace_back("number", FlowMaker::word(FlowMaker::expression_of(computed)));
      if (!xml.attribute("connecttimeout").empty()) f.emplace_back("ring", FlowMaker::word(time(xml.attribute("connecttimeout"), "20s")));
      std::vector<Node> parts;
      for (const Xml& c : xml.children)
        if (c.name == "prompt") speech(c, parts, where);
      if (!parts.empty()) f.emplace_back("prompt", FlowMaker::list(std::move(parts)));
      const std::string then = after(xml, id, next, where);
      const Xml* filled = xml.child("filled");
      for (const auto& [exit, result] : {std::pair<const char*, const char*>{"answered", "far_end_disconnect"}, {"busy", "busy"}, {"no_answer", "noanswer"}, {"failed", "unknown"}}) {
        if (filled == nullptr || filled->child("if") == nullptr) {
          FlowMaker::exit(f, exit, then);
          continue;
        }
        // What became of it is the item's value, and somebody asks for that.
        Pairs set{{"set", FlowMaker::map({{variable_name, FlowMaker::word(FlowMaker::quoted(result))}})}};
        FlowMaker::exit(set, "next", then);
        maker_.node(id + "/" + exit, "set", std::move(set));
        FlowMaker::exit(f, exit, FlowMaker::safe(id + "/" + exit));
      }
      return maker_.node(id, "transfer", std::move(f));
    }
    asking(xml, f, where);
    f.emplace_back("store", FlowMaker::word(variable_name));
    const std::string then = after(xml, id, next, where);
    if (xml.name == "record") {
      std::erase_if(f, [](const auto& field) { return field.first == "exhausted" || field.first.starts_with("max_no"); });
      f.emplace_back("review", Node::scalar("false", false));
      if (!xml.attribute("maxtime").empty()) f.emplace_back("max", FlowMaker::word(time(xml.attribute("maxtime"), "180s")));
      if (!xml.attribute("finalsilence").empty()) f.emplace_back("silence", FlowMaker::word(time(xml.attribute("finalsilence"), "5s")));
      f.emplace_back("beep", Node::scalar(xml.attribute("beep") == "true" ? "true" : "false", false));
      for (const auto* exit : {"saved", "cancelled", "too_short"}) FlowMaker::exit(f, exit, then);
      for (const auto* exit : {"hangup_saved", "error"}) FlowMaker::exit(f, exit, "hangup");
      return maker_.node(id, "record", std::move(f));
    }
    digits(xml, f, where);
    FlowMaker::exit(f, "next", then);
    maker_.node(id, "collect", std::move(f));
  }
  // What a field takes: options, a built-in type, a grammar of keys.
  void digits(const Xml& xml, Pairs& f, const std::string& where) {
    std::string pattern;
    std::size_t options = 0;
    const auto also = [&](std::string keys) {
      std::erase(keys, ' ');
      if (keys.empty() || keys.find_first_not_of("0123456789*#ABCD") != keys.npos || ++options > 200) return false;
      pattern += pattern.empty() ? "/" : "|";
      for (const char c : keys) pattern += c == '*' ? std::string("[*]") : std::string(1, c);
      return true;
    };
    for (const Xml& c : xml.children)
      if (c.name == "option") (void)also(c.attribute("dtmf"));
    std::string type = xml.attribute("type");
    for (const Xml& c : xml.children) {
      if (c.name != "grammar") continue;
      const std::string src = c.attribute("src");
      if (src.starts_with("builtin:dtmf/")) type = src.substr(13);
      else if (src.starts_with("builtin:")) type = type.empty() ? src.substr(src.find('/') == src.npos ? src.size() : src.find('/') + 1) : type;
      else if (c.attribute("mode") == "dtmf" && one_of(c, also, 0)) continue;
      else maker_.lose(where + "a grammar" + (src.empty() ? " (line " + std::to_string(c.line) + ")" : " " + src) + ": give `pattern`");
    }
    if (!pattern.empty()) f.emplace_back("pattern", FlowMaker::word(pattern + "/"));
    const auto facet = [&](std::string_view key) {
      const auto at = type.find(std::string(key) + "=");
      if (at == type.npos || (at > 0 && type[at - 1] != '?' && type[at - 1] != ';')) return std::string();
      const auto from = at + key.size() + 1, end = type.find_first_not_of("0123456789", from);
      const std::string value = type.substr(from, end == type.npos ? end : end - from);
      return number(value) && value.size() <= 2 && std::stoi(value) >= 1 && std::stoi(value) <= 64 ? value : std::string();
    };
    if (type.starts_with("boolean")) {
      f.emplace_back("pattern", FlowMaker::word("/[12]/"));
      maker_.lose(where + "the type boolean: 1 and 2 come as digits");
    } else if (type.starts_with("date")) {
      f.emplace_back("check", FlowMaker::word("date"));
    } else if (type.starts_with("phone")) {
      f.emplace_back("check", FlowMaker::word("phone"));
    } else if (!type.empty() && !type.starts_with("digits") && !type.starts_with("number")) {
      maker_.lose(where + "the type " + type);
    }
    const std::string length = facet("length"), least = facet("minlength"), most = facet("maxlength");
    if (!length.empty()) f.emplace_back("min", Node::scalar(length, false)), f.emplace_back("max", Node::scalar(length, false));
    if (!least.empty()) f.emplace_back("min", Node::scalar(least, false));
    if (!most.empty()) f.emplace_back("max", Node::scalar(most, false));
    else if (!least.empty() && std::stoi(least) > 20) f.emplace_back("max", Node::scalar("64", false));
  }
  // <one-of><item>1</item>...: keys; false where the grammar is anything else.
  template <class Also>
  bool one_of(const Xml& grammar, const Also& also, int depth) {
    bool any = false;
    for (const Xml& c : grammar.children) {
      if (c.name == "item" && c.attributes.empty()) {
        Xml words{"", "", {}, {}, 0};
        for (const Xml& w : c.children)
          if (w.name.empty()) words.children.push_back(w);
          else if (w.name != "tag") return false;
        if (!also(words.all_text())) return false;
        any = true;
      } else if ((c.name == "rule" || c.name == "one-of") && depth < 6) {
        if (!one_of(c, also, depth + 1)) return false;
        any = true;
      } else if (c.name.empty()) {
        return false;
      }
    }
    return any;
  }

  FlowMaker& maker_;
  std::vector<const Xml*> handlers_, properties_;  // of the document, then of the form
  const Xml* filled_ = nullptr;
  bool last_item_ = false;
  std::string form_, first_item_;
  int count_ = 0;
};

}  // namespace

Result<Imported> import_voicexml(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Xml root, parse_xml(text, file));
  if (root.name != "vxml") return Error(ErrorCode::invalid_document, "this is no VoiceXML: it begins with <" + root.name + ">", "give a <vxml> document", Place{std::string(file)});
  FlowMaker maker("voicexml", "VoiceXML document");
  VoiceXml(maker, root);
  return maker.finish();
}

}  // namespace hotline::ivr
