// A definition as its author wrote it: YAML or JSON read into a tree that remembers the places.
//
// Scalars keep their text and whether they were quoted. Types are asked for, never guessed: `no`,
// `010` and `12:30` stay what the author typed until a definition asks for a bool or a number
// (YAML 1.2 core schema: true/false, decimal numbers; no octal, no sexagesimal, no "Norway").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline {

// Confined; immutable once parsed.
class Node {
 public:
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  struct Entry;

  Node() = default;
  static Node null_at(std::uint32_t line, std::uint32_t column);
  static Node scalar(std::string text, bool quoted, std::uint32_t line = 0, std::uint32_t column = 0);
  static Node sequence(std::uint32_t line = 0, std::uint32_t column = 0);
  static Node mapping(std::uint32_t line = 0, std::uint32_t column = 0);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_scalar() const { return kind_ == Kind::scalar; }
  bool is_sequence() const { return kind_ == Kind::sequence; }
  bool is_mapping() const { return kind_ == Kind::mapping; }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }
  Place place(std::string_view file) const { return {std::string(file), line_, column_}; }

  // The scalar's text ("" for other kinds), and whether it stood in quotes (then it is a string).
  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }

  // Typed looks at a scalar; empty where it is not one of that type.
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_double() const;

  // Items of a sequence; empty for other kinds.
  std::span<const Node> items() const { return items_; }
  // Entries of a mapping in the author's order; empty for other kinds.
  std::span<const Entry> entries() const;
  // The value of a key of a mapping, or nullptr.
  const Node* find(std::string_view key) const;

  void append(Node item);                   // to a sequence
  void insert(Node key, Node value);        // to a mapping

  // Compact JSON, entries in the author's order; plain scalars as bool, null or number where they are one.
  std::string to_json() const;

 private:
  Kind kind_ = Kind::null;
  bool quoted_ = false;
  std::uint32_t line_ = 0;
  std::uint32_t column_ = 0;
  std::string text_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
};

struct Node::Entry {
  Node key;  // always a scalar
  Node value;
};

// All bytes of a file. Errors: io.
Result<std::string> read_file(const std::string& path);

// One document. `file` only names it in errors. JSON where the first character is '{' or '[', else
// YAML (one document; anchors and aliases are refused, tags too).
// Errors: invalid_document (with place) on bad syntax, a key twice, depth > 64, size > 64 MiB;
// invalid_encoding on bytes that are not UTF-8.
Result<Node> parse_document(std::string_view text, std::string_view file);
// The same from a file. Errors: io, and as above.
Result<Node> load_document(const std::string& path);

// Reads a mapping field by field, notes what is wrong, and in finish() every key nobody asked for
// (with the nearest known name). Keys that begin with "x-" are the author's own and pass.
//
//   Fields fields(node, diagnostics, "menu `main`");
//   auto timeout = fields.duration("first_digit_timeout", 5s);
//   auto name = fields.required_string("name");
//   fields.finish();
//
// Codes: D001 syntax, D002 unknown key, D003 wrong type, D004 missing, D005 out of range.
class Fields {
 public:
  Fields(const Node& node, Diagnostics& diagnostics, std::string context);

  const Node* get(std::string_view key);       // nullptr when absent or null
  const Node* required(std::string_view key);  // D004 when absent
  std::string string(std::string_view key, std::string otherwise = {});
  std::string required_string(std::string_view key);
  bool boolean(std::string_view key, bool otherwise);
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t low, std::int64_t high);
  double number(std::string_view key, double otherwise, double low, double high);
  Duration duration(std::string_view key, Duration otherwise);  // refuses negative
  // A scalar, or a sequence of scalars.
  std::vector<std::string> strings(std::string_view key);
  // One of the names; returns its index.
  std::size_t choice(std::string_view key, std::span<const std::string_view> names, std::size_t otherwise);

  void finish();
  const std::string& context() const { return context_; }
  const Node& node() const { return node_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  void complain(const Node& at, std::string code, std::string message, std::string remedy);

 private:
  const Node& node_;
  Diagnostics& diagnostics_;
  std::string context_;
  std::vector<std::string> known_;
};

// The candidate that the author may have meant (edit distance at most 2 and at most half of the word), or "".
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace hotline
