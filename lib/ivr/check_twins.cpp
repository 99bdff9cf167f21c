// Menus that do the same, with all that follows them: nodes of the same words whose exits lead to nodes of the same words.
// The coarsest such division is found by refining: first by content, then by the classes that the exits lead to.
#include <algorithm>
#include <map>

#include "ivr/check.hpp"
#include "ivr/node_spec.hpp"

namespace hotline::ivr {
namespace {

// What the author wrote about a node, but not where it leads nor what it is called.
std::string content(const Node& written, const NodeSpec& spec) {
  std::string text(spec.name);
  const auto kind_of = [&](std::string_view name) {
    for (const auto fields : {spec.fields, input_fields()})
      for (const FieldSpec& f : fields)
        if (f.name == name) return f.kind;
    return FieldKind::text;
  };
  std::map<std::string, const Node*> sorted;
  for (const auto& [key, value] : written.entries()) sorted[key.text()] = &value;
  for (const auto& [key, value] : sorted) {
    if (key == "name" || key == "note" || key == "tag" || key == "type" || key == "safe_point" || key.starts_with("x-")) continue;
    text += "\n" + key + "=";
    switch (kind_of(key)) {
      case FieldKind::exit: break;
      case FieldKind::choices:
      case FieldKind::named_exits:
        for (const auto& [choice, to] : value->entries()) text += choice.text() + ",";
        break;
      case FieldKind::cases:
      case FieldKind::shares:
        for (const Node& item : value->items())
          for (const auto* part : {"when", "percent"})
            if (const Node* said = item.find(part)) text += said->text() + ",";
        break;
      default: text += value->to_json();
    }
  }
  return text;
}

}  // namespace

void Checker::twins() {
  const Node* nodes = p_.source.find("nodes");
  if (nodes == nullptr || !nodes->is_mapping()) return;
  std::map<std::string, const Node*> written;
  for (const auto& [id, node] : nodes->entries()) written[id.text()] = &node;
  std::map<std::string, std::size_t> names;
  std::vector<std::size_t> classes(p_.nodes.size());
  std::vector<int> menus;
  for (Index i = 0; i < p_.nodes.size(); ++i) {
    const FlowNode& node = p_.nodes[i];
    const auto found = node.scope == 0 ? written.find(node.id) : written.end();
    // Nodes of sub-flows are alike only to themselves.
    const std::string text = found == written.end() ? "#" + node.id : content(*found->second, node_spec(node.type));
    classes[i] = names.emplace(text, names.size()).first->second;
    menus.resize(names.size());
    if (node.type == NodeType::menu) ++menus[classes[i]];
  }
  if (std::none_of(menus.begin(), menus.end(), [](int count) { return count > 1; })) return;
  for (std::size_t count = 0; count != names.size();) {
    count = names.size();
    names.clear();
    std::vector<std::size_t> finer(p_.nodes.size());
    for (Index i = 0; i < p_.nodes.size(); ++i) {
      std::string key = std::to_string(classes[i]);
      for (const Exit& exit : p_.nodes[i].exits)
        key += "|" + exit.name + ">" + (exit.to < p_.nodes.size() ? std::to_string(classes[exit.to]) : "x" + std::to_string(exit.to));
      finer[i] = names.emplace(std::move(key), names.size()).first->second;
    }
    classes = std::move(finer);
  }
  std::map<std::size_t, Index> first;
  for (Index i = 0; i < p_.nodes.size(); ++i) {
    if (p_.nodes[i].type != NodeType::menu || !reached_[i]) continue;
    const auto [entry, fresh] = first.emplace(classes[i], i);
    if (!fresh)
      warning("V156", p_.nodes[i], "menu `" + p_.nodes[i].id + "` does the same as `" + p_.nodes[entry->second].id + "`, with all that follows",
              "lead to one of them from both places");
  }
}

}  // namespace hotline::ivr
