// What a flow may say, made from the table that the loader itself reads by.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"

namespace hotline::ivr {

// JSON Schema 2020-12 of flow files (schemas/flow.schema.json is this text).
std::string flow_schema();
// The same as a page for people, in Markdown: every node, every field, its default.
std::string flow_reference();

// Every type of node, in the order of the reference.
struct NodeKind {
  std::string name;    // "menu"
  std::string fields;  // "prompt choices exhausted ...", in the order of the reference
};
std::vector<NodeKind> node_kinds();

// Every complaint of box ivr: a stable code and what it means. Place and remedy come with the complaint itself.
struct DiagnosticKind {
  std::string_view code;
  Severity severity;
  std::string_view meaning;
};
std::span<const DiagnosticKind> diagnostic_kinds();

}  // namespace hotline::ivr
