// The canonical form: the author's document with the keys of every node in the order of the tables.
#include <algorithm>

#include "hotline/base/json.hpp"
#include "ivr/node_spec.hpp"

namespace hotline::ivr {
namespace {

constexpr std::string_view kFlowKeys[] = {
    "flow", "id", "title", "version", "revised", "languages", "prompts", "start", "main", "agent", "on_error", "on_hangup", "call_limit",
    "dialled_languages", "global_keys", "profiles", "calendars", "variables", "parameters", "returns", "exits", "allow", "subflows", "nodes"};

// Sorted by the order given; what is not in it follows in the author's order.
std::vector<const Node::Entry*> ordered(const Node& mapping, const std::vector<std::string_view>& order) {
  std::vector<const Node::Entry*> entries;
  for (const auto& entry : mapping.entries()) entries.push_back(&entry);
  const auto rank = [&](const Node::Entry* e) { return std::find(order.begin(), order.end(), e->key.text()) - order.begin(); };
  std::stable_sort(entries.begin(), entries.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  return entries;
}

std::vector<std::string_view> node_order(const Node& node) {
  std::vector<std::string_view> order{"type", "name", "note", "tag"};
  const Node* type = node.find("type");
  const NodeSpec* spec = type ? find_node_spec(type->text()) : nullptr;
  if (spec != nullptr) {
    if (spec->listens) order.push_back("prompt");
    for (const FieldSpec& f : spec->fields) order.push_back(f.name);
    if (spec->listens)
      for (const FieldSpec& f : input_fields()) order.push_back(f.name);
  }
  for (const FieldSpec& f : common_fields()) order.push_back(f.name);
  return order;
}

void write(JsonWriter& json, const Node& node) { json.raw(node.to_json()); }

void write_flow(JsonWriter& json, const Node& flow) {
  json.begin_object();
  for (const auto* entry : ordered(flow, {std::begin(kFlowKeys), std::end(kFlowKeys)})) {
    json.key(entry->key.text());
    if (entry->key.text() == "nodes" && entry->value.is_mapping()) {
      json.begin_object();
      for (const auto& [id, node] : entry->value.entries()) {
        json.key(id.text()).begin_object();
        for (const auto* field : ordered(node, node_order(node))) write(json.key(field->key.text()), field->value);
        json.end_object();
      }
      json.end_object();
    } else if (entry->key.text() == "subflows" && entry->value.is_mapping()) {
      json.begin_object();
      for (const auto& [name, sub] : entry->value.entries()) {
        json.key(name.text());
        if (sub.is_mapping()) write_flow(json, sub);
        else write(json, sub);
      }
      json.end_object();
    } else {
      write(json, entry->value);
    }
  }
  json.end_object();
}

}  // namespace

std::string Flow::to_json() const {
  std::string out;
  JsonWriter json(out);
  write_flow(json, program_->source);
  return out;
}

}  // namespace hotline::ivr
