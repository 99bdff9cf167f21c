#include <algorithm>
#include <map>

#include "hotline/base/json.hpp"
#include "workflow/scxml_chart.hpp"
#include "workflow/scxml_xml.hpp"

namespace hotline::workflow {
namespace {

using Tree = ScxmlTree;
using Kind = ScxmlNode::Kind;
constexpr auto attribute = scxml_attribute;
constexpr auto words = scxml_words;
constexpr auto unsupported = scxml_unsupported;
constexpr auto local = scxml_local;

// 'text' of an expression language, without its quotes.
std::string plain(std::string text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front()) text = text.substr(1, text.size() - 2);
  return text;
}

class Parser {
 public:
  Status node(const Tree& t, Kind kind, std::uint32_t parent, int depth) {
    if (depth > 64) return Error(ErrorCode::limit, "SCXML: nested deeper than 64", "split the chart");
    if (chart_.nodes.size() > 2000) return Error(ErrorCode::limit, "SCXML: more than 2000 states", "split the chart");
    const auto self = static_cast<std::uint32_t>(chart_.nodes.size());
    chart_.nodes.push_back({kind, attribute(t, "id"), parent, {}, {}, words(attribute(t, "initial")), {}, {}, {}, {}, {}});
    std::string& id = chart_.nodes[self].id;
    if (kind == Kind::root) id.clear();
    else if (id.empty()) id = "state" + std::to_string(self);
    if (!by_id_.emplace(id, self).second) return Error(ErrorCode::invalid_document, "SCXML: the id `" + id + "` stands twice", "give every state an id of its own");
    for (const auto& [tag, child] : t) HOTLINE_TRY(part(self, local(tag), child, depth));
    return {};
  }

  Result<ScxmlChart> finish() {
    for (ScxmlNode& n : chart_.nodes) {
      HOTLINE_TRY(resolve(n.initial_ids, n.initial, "initial of `" + n.id + "`"));
      for (ScxmlTransition& t : n.transitions) HOTLINE_TRY(resolve(t.target_ids, t.targets, "target of a transition from `" + n.id + "`"));
      if (n.compound() && n.initial.empty()) n.initial = {n.children.front()};
      if (n.is_history() && n.initial.empty()) return unsupported("the history `" + n.id + "` without a default");
    }
    if (chart_.nodes.front().children.empty()) return unsupported("no states");
    for (const ScxmlNode& n : chart_.nodes)
      if (!n.id.empty()) chart_.events.insert("done.state." + n.id);
    chart_.events.erase("");
    return std::move(chart_);
  }

  ScxmlChart chart_;

 private:
  Status resolve(const std::vector<std::string>& ids, std::vector<std::uint32_t>& out, const std::string& what) {
    for (const std::string& id : ids) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end() || id.empty()) return unsupported(what + ": there is no state `" + id + "`");
      out.push_back(found->second);
    }
    return {};
  }

  Status part(std::uint32_t self, const std::string& tag, const Tree& t, int depth) {
    static const std::map<std::string, Kind> kinds{{"state", Kind::state}, {"parallel", Kind::parallel}, {"final", Kind::final}};
    if (const auto found = kinds.find(tag); found != kinds.end()) {
      chart_.nodes[self].children.push_back(static_cast<std::uint32_t>(chart_.nodes.size()));
      return node(t, found->second, self, depth + 1);
    }
    if (tag == "history") {
      chart_.nodes[self].histories.push_back(static_cast<std::uint32_t>(chart_.nodes.size()));
      return node(t, attribute(t, "type") == "deep" ? Kind::deep_history : Kind::history, self, depth + 1);
    }
    if (tag == "onentry" || tag == "onexit") {
      ScxmlBlock actions;
      HOTLINE_TRY(block(t, actions, 0));
      (tag == "onentry" ? chart_.nodes[self].entry : chart_.nodes[self].exit).push_back(std::move(actions));
      return {};
    }
    if (tag == "transition") return transition(self, t);
    if (tag == "initial") {
      for (const auto& [inner, child] : t)
        if (local(inner) == "transition") {
          chart_.nodes[self].initial_ids = words(attribute(child, "target"));
          HOTLINE_TRY(block(child, chart_.nodes[self].initial_actions, 0));
        }
      return {};
    }
    if (tag == "datamodel" && t.empty()) return {};
    if (tag == "<xmlattr>" || tag == "<xmlcomment>" || tag == "<xmltext>") return {};
    return unsupported("<" + tag + ">");
  }

  Status transition(std::uint32_t self, const Tree& t) {
    ScxmlNode& n = chart_.nodes[self];
    if (n.is_history()) {
      n.initial_ids = words(attribute(t, "target"));
      return block(t, n.initial_actions, 0);
    }
    ScxmlTransition out;
    out.source = self;
    for (std::string d : words(attribute(t, "event"))) {
      while (d.ends_with(".*")) d.resize(d.size() - 2);
      if (d.ends_with(".")) d.pop_back();
      if (d != "*") chart_.events.insert(d);
      out.events.push_back(d);
    }
    out.condition = attribute(t, "cond");
    out.target_ids = words(attribute(t, "target"));
    out.internal = attribute(t, "type") == "internal";
    HOTLINE_TRY(block(t, out.actions, 0));
    chart_.nodes[self].transitions.push_back(std::move(out));
    return {};
  }

  Status block(const Tree& t, ScxmlBlock& out, int depth) {
    if (depth > 16) return Error(ErrorCode::limit, "SCXML: <if> nested deeper than 16", "split it");
    for (const auto& [name, child] : t) {
      const std::string tag = local(name);
      ScxmlAction a;
      if (tag == "raise" || (tag == "send" && attribute(child, "target") == "#_internal")) {
        a.kind = ScxmlAction::Kind::raise;
        a.event = attribute(child, "event").empty() ? plain(attribute(child, "eventexpr")) : attribute(child, "event");
      } else if (tag == "send") {
        send(child, a);
      } else if (tag == "cancel") {
        a.kind = ScxmlAction::Kind::cancel;
        a.id = attribute(child, "sendid").empty() ? plain(attribute(child, "sendidexpr")) : attribute(child, "sendid");
      } else if (tag == "log") {
        a.kind = ScxmlAction::Kind::log;
        const std::string label = attribute(child, "label"), text = plain(attribute(child, "expr"));
        a.text = label + (label.empty() || text.empty() ? "" : ": ") + text;
      } else if (tag == "if") {
        HOTLINE_TRY(choose(child, a, depth));
      } else if (tag == "<xmlattr>" || tag == "<xmlcomment>") {
        continue;
      } else {
        return unsupported("<" + tag + ">");
      }
      if (a.kind == ScxmlAction::Kind::raise || a.kind == ScxmlAction::Kind::send) chart_.events.insert(a.event);
      if (a.fails) chart_.events.insert("error.execution");
      out.push_back(std::move(a));
    }
    return {};
  }

  void send(const Tree& t, ScxmlAction& a) {
    a.kind = ScxmlAction::Kind::send;
    a.event = attribute(t, "event").empty() ? plain(attribute(t, "eventexpr")) : attribute(t, "event");
    a.delay = attribute(t, "delay").empty() ? plain(attribute(t, "delayexpr")) : attribute(t, "delay");
    if (a.delay.empty()) a.delay = "0s";
    if (a.delay.starts_with('.')) a.delay = "0" + a.delay;
    a.id = attribute(t, "id");
    // To itself by the SCXML processor, or nowhere that is known here.
    const std::string type = attribute(t, "type"), target = attribute(t, "target");
    const bool ours = type.empty() || type == "scxml" || type.starts_with("http://www.w3.org/TR/scxml/#SCXMLEventProcessor");
    a.fails = !ours || !(target.empty() || target == "#_self");
  }

  Status choose(const Tree& t, ScxmlAction& a, int depth) {
    a.kind = ScxmlAction::Kind::choose;
    std::string condition = attribute(t, "cond");
    Tree part;
    const auto close = [&]() -> Status {
      ScxmlAction::Branch branch{condition, {}};
      HOTLINE_TRY(block(part, branch.actions, depth + 1));
      a.branches.push_back(std::move(branch));
      part.clear();
      return {};
    };
    for (const auto& child : t) {
      const std::string tag = local(child.first);
      if (tag != "elseif" && tag != "else") {
        if (tag != "<xmlattr>") part.push_back(child);
        continue;
      }
      HOTLINE_TRY(close());
      condition = tag == "else" ? "" : attribute(child.second, "cond");
    }
    return close();
  }

  std::map<std::string, std::uint32_t> by_id_;
};

}  // namespace

Result<ScxmlChart> ScxmlChart::parse(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Tree tree, read_scxml_tree(text, file));
  const auto root = std::find_if(tree.begin(), tree.end(), [](const auto& child) { return local(child.first) == "scxml"; });
  if (root == tree.end()) return unsupported("no <scxml> element").at({std::string(file), 0, 0});
  Parser parser;
  parser.chart_.name = attribute(root->second, "name");
  if (const Status read = parser.node(root->second, Kind::root, kNowhere, 0); !read.ok()) return read.error().at({std::string(file), 0, 0});
  auto chart = parser.finish();
  if (!chart.ok()) return chart.error().at({std::string(file), 0, 0});
  return chart;
}

}  // namespace hotline::workflow
