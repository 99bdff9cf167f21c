// What the importers share: a reader of XML, and a maker of flows.
#pragma once

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
  // Adds a node; empty exits are left out.
  void node(const std::string& id, std::string_view type, Pairs fields);
  static void exit(Pairs& fields, std::string_view name, const std::string& to);
  void variable(const std::string& name) { variables_.insert(name); }
  static std::string identifier(std::string_view text);
  void lose(std::string what) { imported_.losses.push_back(std::move(what)); }
  bool has(const std::string& id) const { return ids_.contains(safe(id)); }
  void start(std::string id) { start_ = safe(std::move(id)); }
  void main(std::string id) { main_ = safe(std::move(id)); }
  Imported finish();

 private:
  std::string id_, title_, start_, main_;
  Pairs nodes_;
  std::set<std::string> ids_, variables_;
  Imported imported_;
};

Result<Imported> import_studio(std::string_view text, std::string_view file);
Result<Imported> import_connect(std::string_view text, std::string_view file);
Result<Imported> import_freeswitch(std::string_view text, std::string_view file);
Result<Imported> import_voicexml(std::string_view text, std::string_view file);

}  // namespace hotline::ivr
