#include "workflow/layers.hpp"

namespace hotline::workflow {
namespace {

Node merge(const Node& below, const Node& above) {
  if (!below.is_mapping() || !above.is_mapping()) return above;
  Node out = Node::mapping(above.line(), above.column());
  for (const auto& [key, value] : below.entries()) {
    const Node* over = above.find(key.text());
    if (over == nullptr)
      out.insert(key, value);
    else if (!over->is_null())
      out.insert(key, merge(value, *over));
  }
  for (const auto& [key, value] : above.entries())
    if (below.find(key.text()) == nullptr) out.insert(key, value);
  return out;
}

Node without(const Node& node, std::string_view left_out) {
  Node out = Node::mapping(node.line(), node.column());
  for (const auto& [key, value] : node.entries())
    if (key.text() != left_out) out.insert(key, value);
  return out;
}

Result<Node> load(const std::string& path, int layers) {
  HOTLINE_ASSIGN(Node node, load_document(path));
  const Node* extends = node.find("extends");
  if (extends == nullptr) return node;
  if (layers == 0)
    return Error(ErrorCode::limit, "`" + path + "`: more than 8 layers of `extends`", "is there a circle?",
                 extends->place(path));
  const auto slash = path.rfind('/');
  const std::string base = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + extends->text();
  auto below = load(base, layers - 1);
  if (!below.ok()) return below.error().within("extended by " + path);
  return merge(*below, without(node, "extends"));
}

}  // namespace

Result<Node> load_layers(const std::string& path) { return load(path, 8); }

}  // namespace hotline::workflow
