// What a definition's reader or validator has to say: stable code, place, message, remedy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline {

enum class Severity : std::uint8_t { note, warning, error };
std::string_view to_string(Severity severity);

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     // stable: "V012"; its meaning is in the docs of the box
  std::string message;  // names the thing
  std::string remedy;   // what to do
  Place place;
  std::string subject;  // id of the node, state, queue ... it speaks of; may be empty
};

// A list that grows while a definition is read. Confined.
class Diagnostics {
 public:
  // `file` names the document in places given without one.
  explicit Diagnostics(std::string file = {}) : file_(std::move(file)) {}

  void add(Diagnostic diagnostic);
  void error(std::string code, std::string message, std::string remedy = {}, Place place = {},
             std::string subject = {});
  void warning(std::string code, std::string message, std::string remedy = {}, Place place = {},
               std::string subject = {});

  const std::vector<Diagnostic>& items() const { return items_; }
  const std::string& file() const { return file_; }
  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  // By place, then code: the order in which they are printed.
  void sort();

  // "file:line:col: error V012: message (remedy)", a line each.
  std::string to_text() const;
  // A JSON array of objects.
  std::string to_json() const;
  // SARIF 2.1.0 (OASIS), for code hosts and editors.
  std::string to_sarif(std::string_view tool) const;
  // ok(), or invalid_definition with the first error, its place, and how many more there are.
  Status status() const;

 private:
  std::string file_;
  std::vector<Diagnostic> items_;
  std::size_t errors_ = 0;
};

}  // namespace hotline
