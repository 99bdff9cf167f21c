#include <algorithm>
#include <map>
#include <set>

#include "hotline/base/json.hpp"
#include "hotline/workflow/scxml.hpp"
#include "workflow/scxml_flatten.hpp"
#include "workflow/scxml_xml.hpp"

namespace hotline::workflow {
namespace {

using Tree = ScxmlTree;
constexpr auto attribute = scxml_attribute;
constexpr auto words = scxml_words;
constexpr auto unsupported = scxml_unsupported;
constexpr auto local = scxml_local;

class Importer {
 public:
  explicit Importer(std::span<const std::string> events) { names_.insert(events.begin(), events.end()); }

  Result<std::string> convert(const Tree& document) {
    const auto root =
        std::find_if(document.begin(), document.end(), [](const auto& child) { return local(child.first) == "scxml"; });
    if (root == document.end()) return unsupported("no <scxml> element");
    HOTLINE_TRY(collect_names(root->second));
    std::vector<std::pair<std::string, const Tree*>> regions;
    const Tree* parallel = nullptr;
    for (const auto& [tag, child] : root->second) {
      const std::string name = local(tag);
      if (name == "parallel") parallel = &child;
      if (name == "datamodel" || name == "script") return unsupported("<" + name + ">");
    }
    if (parallel != nullptr) {
      for (const auto& [tag, child] : root->second)
        if (const std::string name = local(tag); name == "state" || name == "final")
          return unsupported("states beside the <parallel>");
      for (const auto& [tag, child] : *parallel) {
        if (local(tag) == "state")
          regions.emplace_back(attribute(child, "id"), &child);
        else if (local(tag) == "history" || local(tag) == "parallel" || local(tag) == "transition")
          return unsupported("<" + local(tag) + "> in <parallel>");
      }
    } else {
      regions.emplace_back("main", &root->second);
    }
    for (const auto& [id, tree] : regions) {
      const std::string region = identifier(id.empty() ? "region" : id);
      for (const auto& [tag, state] : *tree)
        if (local(tag) == "state" || local(tag) == "final") region_of_[attribute(state, "id")] = region;
    }
    JsonWriter json(out_);
    json.begin_object()
        .field("workflow", attribute(root->second, "name").empty() ? "scxml" : attribute(root->second, "name"))
        .field("profile", "chart");
    json.key("regions").begin_object();
    for (const auto& [id, tree] : regions) HOTLINE_TRY(write_region(json, id, *tree));
    json.end_object().key("events").begin_object();
    for (const std::string& name : names_) {
      json.key(event_id(name)).begin_object().key("label").begin_object().field("en", name).end_object().end_object();
    }
    json.end_object().key("transitions").begin_array();
    for (const auto& [id, tree] : regions) HOTLINE_TRY(write_transitions(json, *tree));
    json.end_array().end_object();
    return std::move(out_);
  }

  static std::string identifier(const std::string& name) {
    std::string out = name.empty() || (name[0] >= '0' && name[0] <= '9') ? "e_" : "";
    for (const char c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      out += plain ? c : '_';
    }
    static const std::set<std::string> reserved{
        "in",   "return",  "break",     "const", "continue", "else",  "for", "function", "if",    "import", "let",
        "loop", "package", "namespace", "void",  "var",      "while", "as",  "true",     "false", "null"};
    return reserved.contains(out) ? out + "_" : out;
  }

 private:
  // One name in expressions for each event: `a.b` and `a_b` are two.
  std::string event_id(const std::string& name) {
    auto& id = ids_[name];
    if (!id.empty()) return id;
    id = identifier(name);
    for (int n = 2; !taken_.insert(id).second; ++n) id = identifier(name) + "_" + std::to_string(n);
    return id;
  }

  Status collect_names(const Tree& t) {
    for (const auto& [tag, child] : t) {
      if (tag == "<xmlattr>") continue;
      const std::string name = local(tag);
      if (name == "raise" || name == "send") names_.insert(attribute(child, "event"));
      if (name == "transition")
        for (std::string d : words(attribute(child, "event"))) {
          while (d.ends_with(".*")) d.resize(d.size() - 2);
          if (d != "*") names_.insert(d);
        }
      if (name == "history" || name == "invoke" || name == "script" || name == "assign" || name == "if" ||
          name == "foreach" || name == "datamodel" || name == "donedata")
        return unsupported("<" + name + ">");
      if (name == "state" || name == "final") names_.insert("done.state." + attribute(child, "id"));
      HOTLINE_TRY(collect_names(child));
    }
    names_.erase("");
    return {};
  }

  static bool matches(const std::string& descriptor, const std::string& event) {
    if (descriptor == "*") return true;
    std::string d = descriptor;
    while (d.ends_with(".*")) d.resize(d.size() - 2);
    if (d.ends_with(".")) d.pop_back();
    return event == d || event.starts_with(d + ".");
  }

  Status write_region(JsonWriter& json, const std::string& id, const Tree& tree) {
    std::string initial = attribute(tree, "initial"), states;
    JsonWriter list(states);
    list.begin_object();
    for (const auto& [tag, child] : tree) {
      const std::string name = local(tag), state = attribute(child, "id");
      if (name == "initial") {
        for (const auto& [inner, transition] : child)
          if (local(inner) == "transition") initial = attribute(transition, "target");
      }
      if (name != "state" && name != "final") continue;
      if (state.empty()) return unsupported("a state without id");
      if (initial.empty()) initial = state;
      for (const auto& [inner, nested] : child)
        if (const std::string n = local(inner); n == "state" || n == "parallel" || n == "final")
          return unsupported("state `" + state + "` has states inside");
      list.key(state).begin_object();
      if (name == "final") list.field("final", true);
      for (const auto& [key, where] : {std::pair{"entry", "onentry"}, std::pair{"exit", "onexit"}}) {
        list.key(key).begin_array();
        for (const auto& [inner, block] : child)
          if (local(inner) == where) HOTLINE_TRY(write_content(list, block));
        if (name == "final" && std::string_view(key) == "entry" && id != "main")
          list.begin_object().field("raise", event_id("done.state." + id)).end_object();
        list.end_array();
      }
      list.end_object();
    }
    list.end_object();
    if (initial.empty()) return unsupported("no states");
    json.key(identifier(id.empty() ? "region" : id))
        .begin_object()
        .field("initial", initial)
        .key("states")
        .raw(states)
        .end_object();
    if (id != "main") names_.insert("done.state." + id);
    return {};
  }

  Status write_content(JsonWriter& json, const Tree& block) {
    for (const auto& [tag, action] : block) {
      const std::string name = local(tag);
      if (name == "raise" || (name == "send" && attribute(action, "target") == "#_internal")) {
        json.begin_object().field("raise", event_id(attribute(action, "event"))).end_object();
      } else if (name == "send") {
        json.begin_object().field("emit", "send").key("with").begin_object();
        std::string event, delay;
        append_json_string(event, attribute(action, "event"));
        append_json_string(delay, attribute(action, "delay").empty() ? "0s" : attribute(action, "delay"));
        json.field("event", event).field("delay", delay).end_object().end_object();
      } else if (name == "log") {
        std::string text;
        append_json_string(text, attribute(action, "label") + attribute(action, "expr"));
        json.begin_object()
            .field("emit", "log")
            .key("with")
            .begin_object()
            .field("text", text)
            .end_object()
            .end_object();
      } else if (name != "<xmlattr>" && name != "<xmlcomment>" && name != "cancel") {
        return unsupported("<" + name + ">");
      }
    }
    return {};
  }

  // In('s') becomes a comparison; everything else must already be an expression (true, false, !, &&, ||).
  std::string condition(const std::string& cond) const {
    std::string out;
    for (std::size_t i = 0; i < cond.size();) {
      if (cond.compare(i, 3, "In(") == 0) {
        const auto close = cond.find(')', i);
        std::string id = close == std::string::npos ? "" : cond.substr(i + 3, close - i - 3);
        std::erase_if(id, [](char c) { return c == '\'' || c == '"' || c == ' '; });
        const auto region = region_of_.find(id);
        out += region == region_of_.end() ? "false" : "(state." + region->second + " == \"" + id + "\")";
        i = close == std::string::npos ? cond.size() : close + 1;
      } else {
        out += cond[i++];
      }
    }
    return out;
  }

  Status write_transitions(JsonWriter& json, const Tree& tree) {
    for (const auto& [tag, state] : tree) {
      if (local(tag) != "state") continue;
      int priority = 1000;
      const std::string id = attribute(state, "id");
      for (const auto& [inner, t] : state) {
        if (local(inner) != "transition") continue;
        const std::string target = attribute(t, "target"), cond = attribute(t, "cond");
        if (!target.empty() && region_of_.contains(target) && region_of_.at(target) != region_of_.at(id))
          return unsupported("a transition from `" + id + "` into another region");
        if (!target.empty() && !region_of_.contains(target))
          return unsupported("a transition to `" + target + "`, which is no flat state");
        std::string actions;
        JsonWriter list(actions);
        list.begin_array();
        HOTLINE_TRY(write_content(list, t));
        list.end_array();
        const auto one = [&](const std::string& event) {
          json.begin_object();
          if (event.empty())
            json.field("always", true);
          else
            json.field("on", event_id(event));
          json.field("region", region_of_.at(id)).field("from", id);
          if (!target.empty()) json.field("to", target);
          if (!cond.empty()) json.field("guard", condition(cond));
          json.field("priority", priority).key("do").raw(actions).end_object();
        };
        const auto descriptors = words(attribute(t, "event"));
        if (descriptors.empty()) one("");
        for (const std::string& name : names_)
          if (std::any_of(descriptors.begin(), descriptors.end(),
                          [&](const std::string& d) { return matches(d, name); }))
            one(name);
        --priority;  // document order
      }
    }
    return {};
  }

  std::string out_;
  std::set<std::string> names_, taken_;
  std::map<std::string, std::string> ids_;  // of events
  std::map<std::string, std::string> region_of_;
};

}  // namespace

Result<Definition> import_scxml(std::string_view text, std::string_view file, std::span<const std::string> events) {
  HOTLINE_ASSIGN(const Tree tree, read_scxml_tree(text, file));
  auto json = Importer(events).convert(tree);
  if (json.code() == ErrorCode::unsupported) return flatten_scxml(text, file, events);  // says what it cannot read either
  if (!json.ok()) return json.error().at({std::string(file), 0, 0});
  Diagnostics diagnostics{std::string(file)};
  return Definition::parse(*json, file, diagnostics);
}

}  // namespace hotline::workflow
