// FreeSWITCH: the menus of ivr.conf.xml with their phrase macros.
#include <algorithm>
#include <map>

#include "ivr/import.hpp"

namespace hotline::ivr {
namespace {

constexpr std::size_t kMostParts = 200;    // of one phrase, however macros name each other
constexpr std::size_t kMostEntries = 1000; // of one menu

void find_all(const Xml& xml, std::string_view name, std::vector<const Xml*>& found) {
  for (const Xml& child : xml.children) {
    if (child.name == name) found.push_back(&child);
    find_all(child, name, found);
  }
}
bool number(std::string_view text) { return !FlowMaker::duration(text, "s").empty(); }

class Freeswitch {
 public:
  Freeswitch(FlowMaker& maker, const Xml& root) : maker_(maker) {
    std::vector<const Xml*> macros, menus, includes;
    find_all(root, "macro", macros);
    for (const Xml* macro : macros) macros_[macro->attribute("name")] = macro;
    find_all(root, "X-PRE-PROCESS", includes);
    for (const Xml* include : includes)
      if (include->attribute("cmd") == "include") maker_.lose("line " + std::to_string(include->line) + ": the included files " + include->attribute("data"));
    find_all(root, "menu", menus);
    for (const Xml* menu : menus) names_.insert(menu->attribute("name"));
    for (const Xml* menu : menus) {
      id_ = menu->attribute("name");
      where_ = "menu `" + id_ + "`: ";
      if (maker_.has(id_)) maker_.lose(where_ + "stands twice (line " + std::to_string(menu->line) + ")");
      else this->menu(*menu);
    }
    if (!menus.empty()) {
      maker_.start(menus[0]->attribute("name"));
      maker_.main(menus[0]->attribute("name"));
    }
  }

 private:
  Node sound(const std::string& text) {
    if (text.starts_with("say:")) {
      // say:engine:voice:words, or say:words
      std::string words = text.substr(4);
      const auto first = words.find(':'), second = first == words.npos ? first : words.find(':', first + 1);
      if (second != words.npos && words.find(' ') > second) words.erase(0, second + 1);
      return FlowMaker::words(FlowMaker::prompt_of({{words, ""}}));
    }
    if (text.starts_with("phrase:")) {
      const std::string name = text.substr(7, text.find(':', 7) == text.npos ? text.npos : text.find(':', 7) - 7);
      std::vector<Node> parts;
      if (!macros_.contains(name)) maker_.lose(where_ + "the phrase `" + name + "` is not in this file");
      std::vector<std::string> within;
      phrase(name, parts, within);
      if (parts.empty()) return FlowMaker::words(macros_.contains(name) ? "" : name);
      return FlowMaker::list(std::move(parts));
    }
    return file(text);
  }
  Node file(const std::string& path) {
    if (path.find("${") != path.npos) maker_.lose(where_ + "the setting within " + path);
    return FlowMaker::map({{"file", FlowMaker::word(path)}, {"text", FlowMaker::word("")}});
  }
  void phrase(const std::string& name, std::vector<Node>& parts, std::vector<std::string>& within) {
    const auto macro = macros_.find(name);
    if (macro == macros_.end() || parts.size() >= kMostParts) return;
    if (within.size() >= 16 || std::find(within.begin(), within.end(), name) != within.end()) return maker_.lose(where_ + "the phrase `" + name + "` within itself");
    within.push_back(name);
    speak(*macro->second, name, parts, within);
    within.pop_back();
  }
  void speak(const Xml& macro, const std::string& name, std::vector<Node>& parts, std::vector<std::string>& within) {
    std::vector<const Xml*> inputs, actions;
    find_all(macro, "input", inputs);
    if (inputs.size() > 1) maker_.lose(where_ + "all but the first input of the phrase `" + name + "`");
    if (inputs.empty()) return;
    if (const Xml* match = inputs[0]->child("match")) find_all(*match, "action", actions);
    for (const Xml* action : actions) {
      if (parts.size() >= kMostParts) return maker_.lose(where_ + "the rest of the phrase `" + name + "`: it has too many parts");
      const std::string function = action->attribute("function"), data = action->attribute("data");
      std::string pause;
      if (function == "sleep") pause = data;
      if (function == "execute" && data.starts_with("sleep(")) pause = data.substr(6, std::max<std::size_t>(data.size(), 7) - 7);
      if (function == "play-file" && data.find('$') == data.npos) parts.push_back(file(data));
      else if (function == "speak-text" && data.find('$') == data.npos) parts.push_back(FlowMaker::words(FlowMaker::prompt_of({{data, ""}})));
      else if (!FlowMaker::duration(pause, "ms").empty()) parts.push_back(FlowMaker::map({{"pause", FlowMaker::word(FlowMaker::duration(pause, "ms"))}}));
      else if (function == "phrase" && macros_.contains(action->attribute("phrase"))) phrase(action->attribute("phrase"), parts, within);
      else maker_.lose(where_ + "the phrase action " + function + " " + data);
    }
  }

  void menu(const Xml& m) {
    Pairs f;
    std::vector<Node> ladder;
    for (const auto* key : {"greet-long", "greet-short"})
      if (!m.attribute(key).empty()) ladder.push_back(sound(m.attribute(key)));
    if (!ladder.empty()) f.emplace_back("prompt", FlowMaker::list(std::move(ladder)));
    if (!m.attribute("invalid-sound").empty()) f.emplace_back("invalid_sound", sound(m.attribute("invalid-sound")));
    for (const auto& [from, to] : {std::pair<const char*, const char*>{"timeout", "first_digit_timeout"}, {"inter-digit-timeout", "inter_digit_timeout"}})
      if (number(m.attribute(from))) f.emplace_back(to, FlowMaker::word(FlowMaker::duration(m.attribute(from), "ms")));
    for (const auto& [from, to] : {std::pair<const char*, const char*>{"max-failures", "max_no_match"}, {"max-timeouts", "max_no_input"}})
      if (number(m.attribute(from)) && m.attribute(from).size() <= 2 && m.attribute(from) != "0")
        f.emplace_back(to, Node::scalar(std::to_string(std::clamp(std::stoi(m.attribute(from)), 1, 20)), false));
    for (const auto* key : {"confirm-macro", "confirm-key", "exit-sound", "transfer-sound", "tts-engine", "tts-voice", "pin", "pin-file"})
      if (!m.attribute(key).empty()) maker_.lose(where_ + key + " " + m.attribute(key));
    Pairs choices;
    std::size_t count = 0;
    for (const Xml& entry : m.children) {
      if (entry.name != "entry") continue;
      if (++count > kMostEntries) {
        maker_.lose(where_ + "the entries from the " + std::to_string(kMostEntries) + "th on");
        break;
      }
      std::string digits = entry.attribute("digits");
      if (digits.size() > 2 && digits.front() == '/') std::erase_if(digits, [](char c) { return c == '^' || c == '$'; });
      if (std::any_of(choices.begin(), choices.end(), [&](const auto& c) { return c.first == digits; })) {
        maker_.lose(where_ + "a second entry for " + digits + " (" + entry.attribute("action") + " " + entry.attribute("param") + ")");
        continue;
      }
      const std::string to = entry_target(entry, id_ + "/" + std::to_string(count));
      choices.emplace_back(digits, FlowMaker::map({{"to", FlowMaker::word(to)}}));
    }
    f.emplace_back("choices", FlowMaker::map(std::move(choices)));
    const std::string failures = m.attribute("exec-on-max-failures"), timeouts = m.attribute("exec-on-max-timeouts");
    if (!failures.empty() && !timeouts.empty() && failures != timeouts) maker_.lose(where_ + "exec-on-max-timeouts " + timeouts + ": silence ends as mistakes do");
    const std::string last = failures.empty() ? timeouts : failures;
    if (last.empty()) maker_.left_open(id_ + "/exec-on-max-failures");
    else FlowMaker::exit(f, "exhausted", application(id_ + "/exhausted", last));
    maker_.node(id_, "menu", std::move(f));
  }
  std::string entry_target(const Xml& entry, const std::string& own) {
    const std::string action = entry.attribute("action"), param = entry.attribute("param");
    if (action == "menu-sub") return FlowMaker::safe(param);
    if (action == "menu-back") return "back";
    if (action == "menu-top") return "main";
    if (action == "menu-exit") {
      maker_.lose(where_ + "what the dialplan does after the menu (menu-exit)");
      return "hangup";
    }
    if (action == "menu-play-sound") {
      Pairs f{{"prompt", sound(param)}};
      FlowMaker::exit(f, "next", FlowMaker::safe(id_));
      maker_.node(own, "play", std::move(f));
      return FlowMaker::safe(own);
    }
    if (action != "menu-exec-app" && action != "menu-exec-api") maker_.lose(where_ + "the action " + action);
    return application(own, action == "menu-exec-app" ? param : action + " " + param);
  }
  // An application of the dialplan, as the node that does the like.
  std::string application(const std::string& own, const std::string& text) {
    const auto space = text.find_first_of(" \t");
    const std::string name = text.substr(0, space), data = space == text.npos ? "" : text.substr(std::min(text.find_first_not_of(" \t", space), text.size()));
    Pairs f;
    if (name == "ivr" && names_.contains(data)) return FlowMaker::safe(data);
    if (name == "playback" || name == "speak" || name == "say") {
      f.emplace_back("prompt", name == "playback" ? sound(data) : FlowMaker::words(FlowMaker::prompt_of({{data.substr(data.rfind('|') == data.npos ? 0 : data.rfind('|') + 1), ""}})));
      FlowMaker::exit(f, "next", FlowMaker::safe(id_));
      maker_.node(own, "play", std::move(f));
    } else if (name == "transfer" || name == "bridge") {
      const std::string to = data.substr(0, data.find(' '));
      f.emplace_back("kind", FlowMaker::word(name == "transfer" ? "extension" : "external"));
      // $1 is what a pattern of this menu matched.
      if (to == "$1") f.emplace_back("number", FlowMaker::word("key"));
      else f.emplace_back("to", FlowMaker::word(to));
      if (to.find('$') != to.npos && to != "$1") maker_.lose(where_ + "the setting within " + to);
      if (name == "transfer" && data.find(' ') != data.npos) maker_.lose(where_ + "the dialplan and context of `transfer " + data + "`");
      for (const auto* exit : {"busy", "no_answer", "failed"}) FlowMaker::exit(f, exit, FlowMaker::safe(id_));
      maker_.node(own, "transfer", std::move(f));
    } else if (name == "fifo" || name == "callcenter") {
      f.emplace_back("queue", FlowMaker::word(data.substr(0, data.find(' '))));
      for (const auto* exit : {"overflow", "error"}) FlowMaker::exit(f, exit, FlowMaker::safe(id_));
      maker_.node(own, "queue", std::move(f));
    } else if (name == "sleep" && !FlowMaker::duration(data, "ms").empty()) {
      f.emplace_back("for", FlowMaker::word(FlowMaker::duration(data, "ms")));
      FlowMaker::exit(f, "next", FlowMaker::safe(id_));
      maker_.node(own, "pause", std::move(f));
    } else if (name == "hangup") {
      maker_.node(own, "hangup", {});
    } else {
      maker_.lose(where_ + "the application " + text + ": write the sub-flow that stands in its place");
      maker_.placeholder(own, "FreeSWITCH " + text, {{"next", FlowMaker::safe(id_)}});
    }
    return FlowMaker::safe(own);
  }

  FlowMaker& maker_;
  std::map<std::string, const Xml*> macros_;
  std::set<std::string> names_;
  std::string id_, where_;
};

}  // namespace

Result<Imported> import_freeswitch(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(Xml root, parse_xml(text, file));
  Xml around;
  around.children.push_back(std::move(root));
  std::vector<const Xml*> menus;
  find_all(around, "menu", menus);
  if (menus.empty()) return Error(ErrorCode::invalid_document, "this file has no <menu>", "give ivr.conf.xml or a file of menus", Place{std::string(file)});
  FlowMaker maker("freeswitch", "FreeSWITCH menus");
  Freeswitch(maker, around);
  return maker.finish();
}

}  // namespace hotline::ivr
