// Reads a document into a Program. Everything that is wrong becomes a diagnostic; what can be kept is kept.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "ivr/node_spec.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {

class Loader {
 public:
  Loader(std::string file, const LoadOptions& options);
  // Null where the document is no flow at all.
  std::shared_ptr<const Program> load(const Node& document);
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  struct Raw {  // a node as it was read, before its fields are looked at
    const Node* node;
    Index index;
  };
  struct Text {  // where a prompt id's text stands
    const Node* node;
    const std::string* file;
  };

  // loader.cpp: the flow's own keys
  void header(Fields& fields);
  void variables(const Node* node, Index scope);
  Index declare(Index scope, std::string plain, expr::Type type, Value initial, Place place, bool builtin);
  void collect_nodes(const Node& node, Index scope, std::vector<Raw>& raws);
  void subflows(const Node* node, std::vector<Raw>& raws);
  void calendars(const Node* node);
  void profiles(const Node* node);
  void bindings();
  void allowances(const Node* node);
  Index open_scope(std::string name, Place place);

  // load_prompts.cpp
  void catalogue(const Node* node);
  void catalogue_file(const std::string& language, const std::string& path);
  void catalogue_entries(const std::string& language, const Node& entries, const std::string& file);
  Index prompt(const Node& node, Index scope, const std::string& context);
  Index catalogue_prompt(const std::string& id, Index scope, const Node& at);
  bool parts(const Node& node, Index scope, std::uint16_t language, const std::string& file, Index prompt_id,
             PromptVariant& into, int depth);
  bool piece_text(const std::string& text, const Node& at, const std::string& file, Index scope, std::uint16_t language,
                  Index prompt_id, const std::string& audio, PromptVariant& into);
  const Text* find_text(const std::string& id, std::uint16_t language, std::uint16_t* found) const;
  Index prompt_id(const std::string& id);

  // load_node.cpp
  void read_node(const Raw& raw);
  void read_field(FlowNode& node, const FieldSpec& spec, const Node& value, Fields& fields);
  void read_choices(FlowNode& node, const Node& value);
  void read_cases(FlowNode& node, const Node& value, bool shares);
  void read_questions(FlowNode& node, const Node& value);
  void read_people(FlowNode& node, const Node& value);
  void read_global_keys(GlobalKeys& keys, const Node& value, Index scope, std::vector<std::pair<int, const Node*>>& later);
  void add_exit(FlowNode& node, std::string name, const Node& value, bool optional = false);
  char read_key(const Node& value, const std::string& context);
  Index expression(const Node& value, Index scope, std::string_view wanted = {});
  Index expression(const std::string& source, Place place, Index scope, std::string_view wanted = {});

  // link.cpp: names to indices, listening nodes to automata
  void link();
  Index resolve(const std::string& name, Index scope, const Place& place, const std::string& context);
  Index slot(const std::string& variable, Index scope, const Place& place, const std::string& context);
  void link_stores(FlowNode& node);
  void hidden_variables(FlowNode& node);
  void link_handlers();
  void dialogues(FlowNode& node);
  Dialogue& add_dialogue(FlowNode& node);
  void own_dialogue(FlowNode& node);
  void yes_no_dialogue(FlowNode& node, std::string_view builtin_prompt, std::vector<Rule> rules, Index own_prompt);
  void build(FlowNode& node, Dialogue& dialogue, int longest);
  void check_globals(const FlowNode& node, const Dialogue& dialogue);
  Index builtin_prompt(std::string_view id, Index scope);

  void error(std::string code, const Place& place, std::string message, std::string remedy, std::string subject = {});
  void warning(std::string code, const Place& place, std::string message, std::string remedy, std::string subject = {});
  Place place(const Node& node) const { return node.place(current_file_); }
  Result<std::string> read(const std::string& path);
  std::string shown(const std::string& path) const;
  Result<const Node*> document(const std::string& path);
  std::string fingerprint(const Node& document) const;

  std::string file_, current_file_;
  LoadOptions options_;
  Diagnostics diagnostics_;
  std::shared_ptr<Program> program_;
  std::map<std::string, std::map<std::string, Text>> catalogue_;  // id -> language -> text
  std::map<std::pair<std::string, Index>, Index> prompts_;        // (id, scope) -> compiled
  std::map<std::string, Index> prompt_index_;
  std::set<std::string> used_prompts_;
  std::deque<Node> documents_;  // those read beside the flow; nodes point into them
  std::deque<std::string> files_;
  std::unordered_map<std::string, Index> by_id_;
  std::map<std::string, Index> scope_by_name_;
  GlobalKeys flow_keys_{};
  std::map<Index, GlobalKeys> node_keys_;
  std::vector<std::tuple<Index, int, std::string, Place>> late_keys_;  // node (or kNone), key, wanted node
  std::string start_, main_, agent_, on_hangup_, on_error_;
  Place root_place_;
  friend struct LoaderAccess;
};

}  // namespace hotline::ivr
