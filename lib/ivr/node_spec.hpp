// What each type of node may say: one table for the loader, the formatter, the JSON Schema and the reference.
#pragma once

#include <span>
#include <string_view>

#include "ivr/program.hpp"

namespace hotline::ivr {

enum class FieldKind : std::uint8_t {
  text, word, expression, prompt, ladder, exit, duration, integer, boolean, key, say_as, variable, one_of, words,
  sets, stores, arguments, choices, cases, shares, questions, people, languages, global_keys, node_list, named_exits,
  numbers,
};

struct FieldSpec {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  bool required = false;
  std::string_view otherwise;  // default, as an author would write it
  std::string_view note;
  // Where the value goes; which one is set follows from the kind.
  std::string& (*text)(FlowNode&) = nullptr;
  Index& (*index)(FlowNode&) = nullptr;
  std::vector<Index>& (*list)(FlowNode&) = nullptr;
  Duration& (*duration)(FlowNode&) = nullptr;
  int& (*integer)(FlowNode&) = nullptr;
  bool& (*boolean)(FlowNode&) = nullptr;
  char& (*key)(FlowNode&) = nullptr;
  int low = 0, high = 0;
  std::string_view names;  // one_of: "a|b|c"
  bool optional_exit = false;  // exit: unwired is no fault, errors fall to the handlers
};

struct NodeSpec {
  NodeType type;
  std::string_view name;
  std::string_view group;
  std::string_view note;
  std::span<const FieldSpec> fields;
  bool listens = false;  // has the input fields as well
  bool data = false;     // may run after the caller has hung up
};

std::span<const NodeSpec> node_specs();
const NodeSpec& node_spec(NodeType type);
const NodeSpec* find_node_spec(std::string_view name);
std::span<const FieldSpec> common_fields();
std::span<const FieldSpec> input_fields();

}  // namespace hotline::ivr
