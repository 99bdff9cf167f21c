// FreeSWITCH menus with their phrase macros, and the key-driven part of VoiceXML 2.1.
#include <algorithm>
#include <map>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

bool number(std::string_view text) { return !text.empty() && text.size() < 9 && text.find_first_not_of("0123456789") == text.npos; }
std::string braced(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '{' ? "{{" : std::string(1, c);
  return out;
}
void find_all(const Xml& xml, std::string_view name, std::vector<const Xml*>& found) {
  for (const Xml& child : xml.children) {
    if (child.name == name) found.push_back(&child);
    find_all(child, name, found);
  }
}

class Freeswitch {
 public:
  Freeswitch(FlowMaker& maker, const Xml& root) : maker_(maker) {
    std::vector<const Xml*> macros, menus;
    find_all(root, "macro", macros);
    for (const Xml* macro : macros) macros_[macro->attribute("name")] = macro;
    find_all(root, "menu", menus);
    for (const Xml* menu : menus)
      if (maker_.has(menu->attribute("name"))) maker_.lose("menu `" + menu->attribute("name") + "` stands twice");
      else this->menu(*menu);
    if (!menus.empty()) {
      maker_.start(menus[0]->attribute("name"));
      maker_.main(menus[0]->attribute("name"));
    }
  }

 private:
  Node sound(const std::string& text, const std::string& where) {
    if (text.starts_with("say:")) return FlowMaker::words(braced(text.substr(4)));
    if (text.starts_with("phrase:")) {
      const std::string name = text.substr(7, text.find(':', 7) - 7);
      const auto macro = macros_.find(name);
      if (macro != macros_.end()) return phrase(*macro->second, where);
      maker_.lose(where + "the phrase `" + name + "` is not in this file");
      return FlowMaker::words(name);
    }
    return FlowMaker::map({{"file", FlowMaker::word(text)}, {"text", FlowMaker::word("")}});
  }
  Node phrase(const Xml& macro, const std::string& where) {
    std::vector<const Xml*> actions;
    std::vector<Node> parts;
    if (const Xml* input = macro.child("input"))
      if (const Xml* match = input->child("match")) find_all(*match, "action", actions);
    for (const Xml* action : actions) {
      const std::string function = action->attribute("function"), data = action->attribute("data");
      if (function == "play-file") parts.push_back(FlowMaker::map({{"file", FlowMaker::word(data)}, {"text", FlowMaker::word("")}}));
      else if (function == "speak-text") parts.push_back(FlowMaker::words(braced(data)));
      else if (function == "execute" && data.starts_with("sleep(") && number(data.substr(6, data.size() - 7)))
        parts.push_back(FlowMaker::map({{"pause", FlowMaker::word(data.substr(6, data.size() - 7) + "ms")}}));
      else maker_.lose(where + "the phrase action " + function + " " + data);
    }
    if (parts.empty()) return FlowMaker::words("");
    return FlowMaker::list(std::move(parts));
  }
  void menu(const Xml& m) {
    const std::string id = m.attribute("name"), where = "menu `" + id + "`: ";
    Pairs f;
    std::vector<Node> ladder;
    for (const auto* key : {"greet-long", "greet-short"})
      if (!m.attribute(key).empty()) ladder.push_back(sound(m.attribute(key), where));
    if (!ladder.empty()) f.emplace_back("prompt", FlowMaker::list(std::move(ladder)));
    if (!m.attribute("invalid-sound").empty()) f.emplace_back("invalid_sound", sound(m.attribute("invalid-sound"), where));
    if (number(m.attribute("timeout"))) f.emplace_back("first_digit_timeout", FlowMaker::word(m.attribute("timeout") + "ms"));
    if (number(m.attribute("inter-digit-timeout"))) f.emplace_back("inter_digit_timeout", FlowMaker::word(m.attribute("inter-digit-timeout") + "ms"));
    for (const auto& [from, to] : {std::pair<const char*, const char*>{"max-failures", "max_no_match"}, {"max-timeouts", "max_no_input"}})
      if (number(m.attribute(from)) && m.attribute(from) != "0") f.emplace_back(to, Node::scalar(m.attribute(from), false));
    for (const auto* key : {"confirm-macro", "confirm-key", "exit-sound", "tts-engine", "tts-voice", "pin"})
      if (!m.attribute(key).empty()) maker_.lose(where + key + " " + m.attribute(key));
    Pairs choices;
    std::size_t count = 0;
    for (const Xml& entry : m.children) {
      if (entry.name != "entry") continue;
      std::string digits = entry.attribute("digits");
      if (digits.size() > 2 && digits.front() == '/') {
        digits.erase(std::remove(digits.begin(), digits.end(), '^'), digits.end());
        digits.erase(std::remove(digits.begin(), digits.end(), '$'), digits.end());
      }
      const std::string action = entry.attribute("action"), param = entry.attribute("param");
      const std::string own = id + "/" + std::to_string(++count);
      std::string to;
      if (action == "menu-sub") to = FlowMaker::safe(param);
      else if (action == "menu-back") to = "back";
      else if (action == "menu-top") to = "main";
      else if (action == "menu-exit") to = "hangup";
      else to = leaf(own, action, param, id, where);
      if (std::any_of(choices.begin(), choices.end(), [&](const auto& c) { return c.first == digits; })) {
        maker_.lose(where + "a second entry for " + digits + " (" + action + " " + param + ")");
        continue;
      }
      choices.emplace_back(digits, FlowMaker::map({{"to", FlowMaker::word(to)}}));
    }
    f.emplace_back("choices", FlowMaker::map(std::move(choices)));
    if (const std::string last = m.attribute("exec-on-max-failures"); !last.empty()) {
      const auto space = last.find(' ');
      FlowMaker::exit(f, "exhausted", leaf(id + "/exhausted", "menu-exec-app", last.substr(0, space) + (space == last.npos ? "" : last.substr(space)), id, where));
    }
    maker_.node(id, "menu", std::move(f));
  }
  std::string leaf(const std::string& id, const std::string& action, const std::string& param, const std::string& menu, const std::string& where) {
    const auto space = param.find(' ');
    const std::string application = action == "menu-exec-app" ? param.substr(0, space) : action;
    const std::string data = space == param.npos ? "" : param.substr(space + 1);
    Pairs f;
    if (action == "menu-play-sound" || application == "playback") {
      f.emplace_back("prompt", sound(action == "menu-play-sound" ? param : data, where));
      FlowMaker::exit(f, "next", FlowMaker::safe(menu));
      maker_.node(id, "play", std::move(f));
    } else if (application == "transfer" || application == "bridge") {
      f.emplace_back("kind", FlowMaker::word(application == "transfer" ? "extension" : "external"));
      f.emplace_back("to", FlowMaker::word(data.substr(0, data.find(' '))));
      for (const auto* exit : {"busy", "no_answer", "failed"}) FlowMaker::exit(f, exit, FlowMaker::safe(menu));
      maker_.node(id, "transfer", std::move(f));
    } else if (application == "hangup") {
      maker_.node(id, "hangup", {});
    } else {
      maker_.lose(where + "the application " + param);
      f.emplace_back("query", FlowMaker::word(application.empty() ? "application" : application));
      for (const auto* exit : {"ok", "empty", "error", "timeout"}) FlowMaker::exit(f, exit, FlowMaker::safe(menu));
      maker_.node(id, "query", std::move(f));
    }
    return FlowMaker::safe(id);
  }
  FlowMaker& maker_;
  std::map<std::string, const Xml*> macros_;
};

class VoiceXml {
 public:
  VoiceXml(FlowMaker& maker, const Xml& root) : maker_(maker) {
    std::size_t count = 0;
    std::string first;
    std::vector<std::pair<const Xml*, std::string>> dialogs;
    for (const Xml& child : root.children) {
      if (child.name != "form" && child.name != "menu") {
        if (!child.name.empty() && child.name != "meta" && child.name != "catch" && child.name != "noinput" && child.name != "nomatch")
          maker_.lose("<" + child.name + "> of the document");
        continue;
      }
      std::string id = child.attribute("id");
      if (id.empty()) id = "dialog" + std::to_string(++count);
      if (first.empty()) first = id;
      dialogs.emplace_back(&child, id);
    }
    for (const auto& [dialog, id] : dialogs) dialog->name == "menu" ? menu(*dialog, id) : form(*dialog, id);
    if (!first.empty()) maker_.start(first);
  }

 private:
  std::string target(const Xml& xml, const std::string& where) {
    const std::string next = xml.attribute("next", xml.attribute("expr").empty() ? "" : "#");
    if (next.starts_with('#') && next.size() > 1) return FlowMaker::safe(next.substr(1));
    if (!next.empty() || !xml.attribute("expritem").empty()) maker_.lose(where + "the way to another document: " + next + xml.attribute("expr"));
    if (!xml.attribute("nextitem").empty()) return FlowMaker::safe(form_ + "/" + xml.attribute("nextitem"));
    return "";
  }
  Node words(const Xml& prompt, const std::string& where) {
    std::vector<Node> parts;
    std::string text;
    const auto flush = [&] {
      if (!text.empty()) parts.push_back(FlowMaker::words(braced(text)));
      text.clear();
    };
    for (const Xml& c : prompt.children) {
      if (c.name.empty()) text += Xml{"", c.text, {}, {}, 0}.all_text();
      else if (c.name == "audio") {
        flush();
        parts.push_back(FlowMaker::map({{"file", FlowMaker::word(c.attribute("src"))}, {"text", FlowMaker::word(braced(c.all_text()))}}));
      } else if (c.name == "break") {
        flush();
        parts.push_back(FlowMaker::map({{"pause", FlowMaker::word(time(c.attribute("time"), "500ms"))}}));
      } else if (c.name == "value") {
        flush();
        maker_.variable(FlowMaker::identifier(c.attribute("expr")));
        parts.push_back(FlowMaker::words("{has(" + FlowMaker::identifier(c.attribute("expr")) + ") ? " + FlowMaker::identifier(c.attribute("expr")) + " : ''}"));
      } else if (c.name == "enumerate") {
        maker_.lose(where + "<enumerate>");
      } else {
        text += c.all_text();
      }
    }
    flush();
    if (parts.empty()) return FlowMaker::words("");
    return FlowMaker::list(std::move(parts));
  }
  static std::string time(const std::string& text, const std::string& otherwise) {
    const auto digits = text.find_first_not_of("0123456789.");
    if (text.empty() || digits == 0) return otherwise;
    const std::string unit = digits == text.npos ? "s" : text.substr(digits);
    return unit == "s" || unit == "ms" ? text.substr(0, digits) + unit : otherwise;
  }
  // Prompts by `count`, what is said on silence and mistakes, and where too many lead.
  void asking(const Xml& item, Pairs& f, const std::string& where) {
    std::vector<Node> ladder, silence, mistake;
    std::string last;
    std::string worst;
    for (const Xml& c : item.children) {
      if (c.name == "prompt") {
        ladder.push_back(words(c, where));
        if (!c.attribute("timeout").empty() && ladder.size() == 1) f.emplace_back("first_digit_timeout", FlowMaker::word(time(c.attribute("timeout"), "5s")));
        if (c.attribute("bargein") == "false") f.emplace_back("barge_in", Node::scalar("false", false));
      }
      if (c.name == "noinput" || c.name == "nomatch" || c.name == "catch") {
        const Xml* go = c.child("goto");
        const std::string to = go ? target(*go, where) : c.child("exit") || c.child("disconnect") ? "hangup" : "";
        if (!to.empty()) {
          last = to;
          worst = c.attribute("count", "1");
        } else if (c.name == "noinput") {
          silence.push_back(words(c, where));
        } else if (c.name == "nomatch") {
          mistake.push_back(words(c, where));
        } else {
          maker_.lose(where + "<catch event=\"" + c.attribute("event") + "\">");
        }
      }
      if (c.name == "property" && c.attribute("name") == "timeout") f.emplace_back("first_digit_timeout", FlowMaker::word(time(c.attribute("value"), "5s")));
      if (c.name == "property" && c.attribute("name") == "interdigittimeout") f.emplace_back("inter_digit_timeout", FlowMaker::word(time(c.attribute("value"), "3s")));
      if (c.name == "property" && c.attribute("name") == "termchar" && c.attribute("value").size() == 1) f.emplace_back("term_char", FlowMaker::word(c.attribute("value")));
    }
    if (!ladder.empty()) f.emplace_back("prompt", FlowMaker::list(std::move(ladder)));
    if (!silence.empty()) f.emplace_back("no_input", FlowMaker::list(std::move(silence)));
    if (!mistake.empty()) f.emplace_back("no_match", FlowMaker::list(std::move(mistake)));
    if (number(worst) && worst != "0" && worst.size() < 2) {
      f.emplace_back("max_no_input", Node::scalar(worst, false));
      f.emplace_back("max_no_match", Node::scalar(worst, false));
    }
    FlowMaker::exit(f, "exhausted", last);
  }
  void menu(const Xml& m, const std::string& id) {
    const std::string where = "menu `" + id + "`: ";
    Pairs f, choices;
    asking(m, f, where);
    std::size_t next = 0;
    for (const Xml& c : m.children) {
      if (c.name != "choice") continue;
      ++next;
      std::string key = c.attribute("dtmf");
      if (key.empty() && m.attribute("dtmf") == "true" && next < 10) key = std::to_string(next);
      key.erase(std::remove(key.begin(), key.end(), ' '), key.end());
      if (key.empty()) {
        maker_.lose(where + "the spoken choice " + c.all_text());
        continue;
      }
      Pairs choice;
      FlowMaker::exit(choice, "to", target(c, where));
      if (!c.all_text().empty()) choice.emplace_back("name", FlowMaker::word(c.all_text()));
      if (std::none_of(choices.begin(), choices.end(), [&](const auto& o) { return o.first == key; })) choices.emplace_back(key, FlowMaker::map(std::move(choice)));
    }
    f.emplace_back("choices", FlowMaker::map(std::move(choices)));
    maker_.node(id, "menu", std::move(f));
  }
  // A form is its items one after the other; the first carries the form's id.
  void form(const Xml& form_xml, const std::string& id) {
    form_ = id;
    std::vector<const Xml*> items;
    for (const Xml& c : form_xml.children) {
      if (c.name == "block" || c.name == "field" || c.name == "record" || c.name == "transfer" || c.name == "subdialog") items.push_back(&c);
      else if (!c.name.empty() && c.name != "filled") maker_.lose("form `" + id + "`: <" + c.name + ">");
    }
    const auto name = [&](std::size_t i) {
      if (i >= items.size()) return std::string();
      return i == 0 ? id : id + "/" + items[i]->attribute("name", std::to_string(i));
    };
    for (std::size_t i = 0; i < items.size(); ++i) item(*items[i], name(i), name(i + 1), "form `" + id + "`: ");
    if (items.empty()) maker_.node(id, "hangup", {});
  }
  std::string after(const Xml& xml, const std::string& otherwise, const std::string& where) {
    const Xml* filled = xml.name == "block" ? &xml : xml.child("filled");
    if (filled == nullptr) return otherwise.empty() ? "hangup" : FlowMaker::safe(otherwise);
    if (filled->child("if")) maker_.lose(where + "<if> in <filled>: wire it with a branch");
    if (const Xml* go = filled->child("goto")) return target(*go, where);
    if (filled->child("exit") || filled->child("disconnect")) return "hangup";
    if (const Xml* submit = filled->child("submit")) maker_.lose(where + "<submit> to " + submit->attribute("next"));
    return otherwise.empty() ? "hangup" : FlowMaker::safe(otherwise);
  }
  void item(const Xml& xml, const std::string& id, const std::string& next, const std::string& where) {
    Pairs f;
    const std::string variable = FlowMaker::identifier(xml.attribute("name", id));
    if (xml.name == "block") {
      std::vector<Node> parts;
      for (const Xml& c : xml.children)
        if (c.name == "prompt" || c.name == "audio") parts.push_back(words(c.name == "prompt" ? c : Xml{"", "", {}, {c}, 0}, where));
      std::string loose;
      for (const Xml& c : xml.children)
        if (c.name.empty()) loose += c.all_text();
      if (!loose.empty()) parts.push_back(FlowMaker::words(braced(loose)));
      if (parts.empty()) {
        FlowMaker::exit(f, "to", after(xml, next, where));
        return maker_.node(id, "goto", std::move(f));
      }
      f.emplace_back("prompt", parts.size() == 1 ? std::move(parts[0]) : FlowMaker::list(std::move(parts)));
      FlowMaker::exit(f, "next", after(xml, next, where));
      return maker_.node(id, "play", std::move(f));
    }
    maker_.variable(variable);
    if (xml.name == "subdialog") {
      maker_.lose(where + "the sub-dialog " + xml.attribute("src"));
      f.emplace_back("flow", FlowMaker::word(xml.attribute("src", "subdialog")));
      FlowMaker::exit(f, "next", after(xml, next, where));
      return maker_.node(id, "subflow", std::move(f));
    }
    if (xml.name == "transfer") {
      std::string to = xml.attribute("dest");
      if (const auto colon = to.find(':'); colon != to.npos) to = to.substr(colon + 1);
      f.emplace_back("kind", FlowMaker::word("external"));
      f.emplace_back("to", FlowMaker::word(to));
      const std::string then = after(xml, next, where);
      for (const auto* exit : {"answered", "busy", "no_answer", "failed"}) FlowMaker::exit(f, exit, then);
      return maker_.node(id, "transfer", std::move(f));
    }
    asking(xml, f, where);
    f.emplace_back("store", FlowMaker::word(variable));
    const std::string then = after(xml, next, where);
    if (xml.name == "record") {
      std::erase_if(f, [](const auto& field) { return field.first == "exhausted" || field.first.starts_with("max_no"); });
      f.emplace_back("review", Node::scalar("false", false));
      if (!xml.attribute("maxtime").empty()) f.emplace_back("max", FlowMaker::word(time(xml.attribute("maxtime"), "180s")));
      if (!xml.attribute("finalsilence").empty()) f.emplace_back("silence", FlowMaker::word(time(xml.attribute("finalsilence"), "5s")));
      f.emplace_back("beep", Node::scalar(xml.attribute("beep") == "true" ? "true" : "false", false));
      for (const auto* exit : {"saved", "cancelled", "too_short"}) FlowMaker::exit(f, exit, then);
      FlowMaker::exit(f, "hangup_saved", "hangup");
      FlowMaker::exit(f, "error", "hangup");
      return maker_.node(id, "record", std::move(f));
    }
    std::string pattern;
    for (const Xml& c : xml.children)
      if (c.name == "option" && !c.attribute("dtmf").empty()) pattern += (pattern.empty() ? "/" : "|") + c.attribute("dtmf");
    std::erase(pattern, ' ');
    if (!pattern.empty()) f.emplace_back("pattern", FlowMaker::word(pattern + "/"));
    const std::string type = xml.attribute("type");
    const auto facet = [&](std::string_view key) {
      const auto at = type.find(std::string(key) + "=");
      return at == type.npos ? "" : type.substr(at + key.size() + 1, type.find_first_not_of("0123456789", at + key.size() + 1) - at - key.size() - 1);
    };
    const std::string length = facet("?length"), least = facet("minlength"), most = facet("maxlength");
    if (number(length)) f.emplace_back("min", Node::scalar(length, false)), f.emplace_back("max", Node::scalar(length, false));
    if (number(least)) f.emplace_back("min", Node::scalar(least, false));
    if (number(most)) f.emplace_back("max", Node::scalar(most, false));
    if (xml.child("grammar")) maker_.lose(where + "a grammar: give `pattern`");
    FlowMaker::exit(f, "next", then);
    maker_.node(id, "collect", std::move(f));
  }
  FlowMaker& maker_;
  std::string form_;
};

}  // namespace

Result<Imported> import_freeswitch(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Xml root, parse_xml(text, file));
  std::vector<const Xml*> menus;
  find_all(root, "menu", menus);
  if (menus.empty() && root.name != "menu")
    return Error(ErrorCode::invalid_document, "this file has no <menu>", "give ivr.conf.xml or a file of menus", Place{std::string(file)});
  FlowMaker maker("freeswitch", "FreeSWITCH menus");
  if (root.name == "menu") {
    Xml around;
    around.children.push_back(root);
    Freeswitch(maker, around);
  } else {
    Freeswitch(maker, root);
  }
  return maker.finish();
}

Result<Imported> import_voicexml(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Xml root, parse_xml(text, file));
  if (root.name != "vxml") return Error(ErrorCode::invalid_document, "this is no VoiceXML: it begins with <" + root.name + ">", "give a <vxml> document", Place{std::string(file)});
  FlowMaker maker("voicexml", "VoiceXML document");
  VoiceXml(maker, root);
  return maker.finish();
}

}  // namespace hotline::ivr
