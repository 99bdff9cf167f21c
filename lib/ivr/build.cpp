#include "hotline/ivr/build.hpp"

#include <algorithm>
#include <charconv>

#include "ivr/program.hpp"

namespace hotline::ivr {
namespace build {

Value::Value(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  node_ = Node::scalar(std::string(text, end), false);
}
Value::Value(std::initializer_list<Entry> entries) : node_(Node::mapping()) {
  for (const Entry& entry : entries) node_.insert(Node::scalar(entry.key, true), entry.value.node());
}
Value Value::list(std::initializer_list<Value> items) {
  Node node = Node::sequence();
  for (const Value& item : items) node.append(item.node());
  return Value(std::move(node));
}

}  // namespace build

namespace {

// Calls lie this many lines apart, so that the lines within one expression do not reach the next.
constexpr std::uint32_t kStride = 1024;

Node moved(const Node& node, std::uint32_t line) {
  switch (node.kind()) {
    case Node::Kind::scalar: return Node::scalar(node.text(), node.quoted(), line, 1);
    case Node::Kind::sequence: {
      Node items = Node::sequence(line, 1);
      for (const Node& item : node.items()) items.append(moved(item, line));
      return items;
    }
    case Node::Kind::mapping: {
      Node entries = Node::mapping(line, 1);
      for (const auto& [key, value] : node.entries()) entries.insert(moved(key, line), moved(value, line));
      return entries;
    }
    default: return Node::null_at(line, 1);
  }
}

}  // namespace

std::uint32_t NodesBuilder::Calls::add(At at) {
  places.push_back({std::string(at.file), at.line});
  return static_cast<std::uint32_t>(places.size()) * kStride;
}
void NodesBuilder::Calls::complain(std::uint32_t line, std::string code, std::string message, std::string remedy, std::string node) {
  complaints.push_back({Severity::error, std::move(code), std::move(message), std::move(remedy), {"", line, 0}, std::move(node)});
}
void NodesBuilder::Calls::restore(hotline::Place& place) const {
  const std::size_t call = place.line / kStride;
  if (call == 0 || call > places.size()) return;
  place = {places[call - 1].file, places[call - 1].line, 0};
}

NodesBuilder& NodesBuilder::node(std::string_view type, std::string id, const build::Value& fields, At at) {
  const std::uint32_t line = calls_->add(at);
  if (nodes_.find(id) != nullptr) {
    calls_->complain(line, "V102", "the node `" + id + "` is added twice", "give one of them another id", id);
    return *this;
  }
  Node whole = Node::mapping(line, 1);
  whole.insert(Node::scalar("type", false, line, 1), Node::scalar(std::string(type), false, line, 1));
  for (const auto& [key, value] : fields.node().entries()) {
    if (whole.find(key.text()) == nullptr) whole.insert(moved(key, line), moved(value, line));
    else calls_->complain(line, "D001", "`" + key.text() + "` of node `" + id + "` is given twice", "take one of them away", id);
  }
  nodes_.insert(Node::scalar(std::move(id), true, line, 1), std::move(whole));
  return *this;
}

FlowBuilder::FlowBuilder(std::string id, At at) : NodesBuilder(std::make_shared<Calls>()) {
  const std::uint32_t line = calls_->add(at);
  keys_.push_back({"flow", Node::scalar("1", false, line, 1)});
  keys_.push_back({"id", Node::scalar(std::move(id), true, line, 1)});
}

FlowBuilder& FlowBuilder::set(std::string_view key, const build::Value& value, At at) {
  Node own = moved(value.node(), calls_->add(at));
  const auto known = std::find_if(keys_.begin(), keys_.end(), [&](const Keyed& k) { return k.key == key; });
  if (known != keys_.end()) known->value = std::move(own);
  else keys_.push_back({std::string(key), std::move(own)});
  return *this;
}

NodesBuilder& FlowBuilder::define(std::string_view name, const build::Value& keys, At at) {
  const std::uint32_t line = calls_->add(at);
  return subflows_.emplace_back(calls_, std::string(name), line, moved(keys.node(), line));
}

Node FlowBuilder::document() const {
  const std::uint32_t line = kStride;
  Node root = Node::mapping(line, 1);
  for (const Keyed& k : keys_) root.insert(Node::scalar(k.key, true, k.value.line(), 1), k.value);
  if (!subflows_.empty()) {
    Node all = Node::mapping(line, 1);
    for (const Subflow& sub : subflows_) {
      Node one = sub.keys;
      one.insert(Node::scalar("nodes", true, sub.call, 1), sub.nodes_);
      all.insert(Node::scalar(sub.name, true, sub.call, 1), std::move(one));
    }
    root.insert(Node::scalar("subflows", true, line, 1), std::move(all));
  }
  root.insert(Node::scalar("nodes", true, line, 1), nodes_);
  return root;
}

Examined FlowBuilder::examine(const LoadOptions& options) const {
  Examined examined = ivr::examine(document(), calls_->places.front().file, options);
  Diagnostics restored(calls_->places.front().file);
  std::vector<Diagnostic> all = calls_->complaints;
  all.insert(all.end(), examined.diagnostics.items().begin(), examined.diagnostics.items().end());
  for (Diagnostic& d : all) {
    calls_->restore(d.place);
    restored.add(std::move(d));
  }
  examined.diagnostics = restored;
  if (examined.program != nullptr) {
    auto program = std::make_shared<Program>(*examined.program);
    program->diagnostics = std::move(restored);
    examined.program = std::move(program);
  }
  return examined;
}

Result<Flow> FlowBuilder::build(const LoadOptions& options) const {
  Examined examined = examine(options);
  HOTLINE_TRY(examined.diagnostics.status());
  return Flow(std::move(examined.program));
}

}  // namespace hotline::ivr
