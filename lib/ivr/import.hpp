// What the importers share: a reader of XML, and a maker of flows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/ivr/import.hpp"

namespace hotline::ivr {

struct Xml {
  std::string name;  // "" for text
  std::string text;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Xml> children;
  std::uint32_t line = 0;

  std::string attribute(std::string_view key, std::string_view otherwise = "") const;
  const Xml* child(std::string_view name) const;
  std::string all_text() const;
};
// Elements, attributes, text, CDATA, the five entities and character references; comments, processing instructions
// and DOCTYPE are passed over, entities of the author's are refused. Errors: invalid_document with the line.
Result<Xml> parse_xml(std::string_view text, std::string_view file);

using Pairs = std::vector<std::pair<std::string, Node>>;

class FlowMaker {
 public:
  FlowMaker(std::string id, std::string title) : id_(std::move(id)), title_(std::move(title)) {}
  static Node word(std::string text) { return Node::scalar(std::move(text), true); }
  static Node map(Pairs pairs);
  static Node list(std::vector<Node> items);
  static Node words(std::string text) { return map({{"text", word(std::move(text))}}); }

  // An id that is free of the words with a meaning of their own.
  static std::string safe(std::string id);
  // What the other system has and this one has not: a sub-flow of that name, to be written, with the same ways out. Exits
  // whose target is empty stay unwired.
  using Ways = std::vector<std::pair<std::string, std::string>>;
  void placeholder(const std::string& id, const std::string& what, const Ways& ways);
  // "the widget's exit": left open in the source.
  void left_open(std::string what) { imported_.open.push_back(std::move(what)); }
  // Adds a node; empty exits are left out.
  void node(const std::string& id, std::string_view type, Pairs fields);
  static void exit(Pairs& fields, std::string_view name, const std::string& to);
  void variable(const std::string& name) { variables_.insert(name); }
  // The variable that stands for a name of the source: letters, digits and _, one variable a name.
  std::string variable_for(const std::string& path);
  static std::string identifier(std::string_view text);
  // A text with values in it, as prompts hold it and as an expression: "Hello {...}" and 'Hello ' + ...
  struct Piece {
    std::string words;  // or
    std::string variable;
  };
  static std::string prompt_of(const std::vector<Piece>& pieces);
  static std::string expression_of(const std::vector<Piece>& pieces);
  static std::string quoted(std::string_view text);
  // Whole seconds or milliseconds as a duration, "" where it is no such number.
  static std::string duration(std::string_view number, std::string_view unit);
  void lose(std::string what) {
    if (told_.insert(what).second) imported_.losses.push_back(std::move(what));
  }
  bool has(const std::string& id) const { return ids_.contains(safe(id)); }
  void start(std::string id) { start_ = safe(std::move(id)); }
  void main(std::string id) { main_ = safe(std::move(id)); }
  Imported finish();

 private:
  std::string id_, title_, start_, main_;
  Pairs nodes_, subflows_;
  std::set<std::string> ids_, variables_, told_;
  std::map<std::string, std::string> names_;
  Imported imported_;
};

Result<Imported> import_studio(std::string_view text, std::string_view file);
Result<Imported> import_connect(std::string_view text, std::string_view file);
Result<Imported> import_freeswitch(std::string_view text, std::string_view file);
Result<Imported> import_voicexml(std::string_view text, std::string_view file);

}  // namespace hotline::ivr
