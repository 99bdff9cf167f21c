// Reads a definition in two passes: names first, then what refers to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workflow/definition_data.hpp"

namespace hotline::workflow {

class DefinitionReader {
 public:
  DefinitionReader(Definition::Data& data, Diagnostics& diagnostics) : data_(data), diagnostics_(diagnostics) {}
  void read(const Node& root);

 private:
  // First pass (definition_reader.cpp).
  void read_head(Fields& fields);
  void read_reasons(const Node& node);
  void declare_machine(Fields& fields, const Node& node, std::string name);
  std::vector<Field> read_fields(const Node* node, std::string_view what, bool of_event);
  Field read_field(const Node& key, const Node& value, std::string_view what, bool of_event);
  void check_sizes(const Node& node, const Machine& machine);
  void declare_regions(const Node& node, Machine& machine);
  void declare_events(const Node& node, Machine& machine);
  void read_public(const Node& node);
  void read_kpis(const Node& node);
  void read_migrations(const Node& node);

  // Second pass (definition_parts.cpp): what refers to names.
  void compile_machine(const Node& node, std::uint32_t index);
  void compile_states(const Node& regions);
  void compile_clock(const Node& key, const Node& node, ClockType& clock);
  void compile_alarm(const Node& node, ClockType& clock, std::uint32_t clock_index);
  void compile_timer(const Node& node, TimerType& timer);
  void compile_transition(const Node& node);
  void read_from(const Node& node, const Node* region, Transition& transition);
  void read_requirements(const Node& node, Transition& transition, const expr::Environment& environment);
  TermRule read_term_rule(const Node& node, std::string_view what);
  Term read_term(const Node& node, std::string_view what);
  std::uint32_t read_calendar(const Node& node);

  // Actions (definition_actions.cpp).
  std::vector<Action> read_actions(const Node* node, const expr::Environment& environment);
  void read_action(const Node& node, const expr::Environment& environment, std::vector<Action>& out);
  std::vector<Assignment> read_arguments(const Node* node, const expr::Environment& environment,
                                         const std::vector<Field>* fields, std::string_view what);
  bool read_verb(Fields& fields, std::string_view verb, const Node& value, const expr::Environment& environment,
                 Action action, std::vector<Action>& out);

  // Names and complaints (definition_names.cpp).
  void complain(const Node& at, std::string_view code, std::string message, std::string remedy);
  void unknown(const Node& at, std::string_view what, const std::vector<std::string>& known);
  bool good_name(const Node& at, std::string_view what);
  Text read_text(const Node* node);
  std::uint64_t read_roles(const Node* node);
  std::uint32_t read_role(const Node& node);
  std::uint32_t find_event(const Node& node, const Machine& machine);
  std::optional<expr::Program> compile(const Node& node, const expr::Environment& environment,
                                       std::optional<expr::Type> type);
  Machine& machine() { return data_.machines[current_]; }
  Place place(const Node& node) const { return node.place(diagnostics_.file()); }

  Definition::Data& data_;
  Diagnostics& diagnostics_;
  std::uint32_t current_ = 0;
  bool oversized_ = false;
  std::vector<std::optional<expr::Environment>> environments_;  // of the current machine's events
  std::vector<const Node*> sources_;                            // of the machines
};

// Names of the items of a vector of things with names.
template <class T>
std::vector<std::string> names_of(const std::vector<T>& items) {
  std::vector<std::string> names;
  for (const T& item : items) names.push_back(item.name);
  return names;
}

}  // namespace hotline::workflow
