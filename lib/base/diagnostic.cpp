#include "hotline/base/diagnostic.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "hotline/base/json.hpp"

namespace hotline {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "";
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.place.file.empty()) diagnostic.place.file = file_;
  if (diagnostic.severity == Severity::error) ++errors_;
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string code, std::string message, std::string remedy, Place place, std::string subject) {
  add({Severity::error, std::move(code), std::move(message), std::move(remedy), std::move(place), std::move(subject)});
}

void Diagnostics::warning(std::string code, std::string message, std::string remedy, Place place,
                          std::string subject) {
  add({Severity::warning, std::move(code), std::move(message), std::move(remedy), std::move(place),
       std::move(subject)});
}

void Diagnostics::sort() {
  const auto key = [](const Diagnostic& d) { return std::tie(d.place.file, d.place.line, d.place.column, d.code); };
  std::stable_sort(items_.begin(), items_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

std::string Diagnostics::to_text() const {
  std::string text;
  for (const Diagnostic& d : items_) {
    const std::string place = to_string(d.place);
    if (!place.empty()) text += place + ": ";
    text += std::string(to_string(d.severity)) + ' ' + d.code + ": " + d.message;
    if (!d.remedy.empty()) text += " (" + d.remedy + ')';
    text += '\n';
  }
  return text;
}

std::string Diagnostics::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const Diagnostic& d : items_) {
    json.begin_object()
        .field("severity", to_string(d.severity))
        .field("code", d.code)
        .field("message", d.message)
        .field("remedy", d.remedy)
        .field("file", d.place.file)
        .field("line", d.place.line)
        .field("column", d.place.column)
        .field("subject", d.subject)
        .end_object();
  }
  json.end_array();
  return out;
}

namespace {
// A path as a relative reference of RFC 3986.
std::string uri(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) out += c;
    else (out += '%', out += kHex[byte >> 4], out += kHex[byte & 15]);
  }
  return out;
}
}  // namespace

std::string Diagnostics::to_sarif(std::string_view tool) const {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .field("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
      .field("version", "2.1.0")
      .key("runs")
      .begin_array()
      .begin_object();
  json.key("tool").begin_object().key("driver").begin_object().field("name", tool).key("rules").begin_array();
  std::set<std::string> rules;
  for (const Diagnostic& d : items_) rules.insert(d.code);
  for (const std::string& rule : rules) json.begin_object().field("id", rule).end_object();
  json.end_array().end_object().end_object();
  json.key("results").begin_array();
  for (const Diagnostic& d : items_) {
    json.begin_object().field("ruleId", d.code).field("level", to_string(d.severity));
    json.key("message").begin_object().field("text", d.remedy.empty() ? d.message : d.message + " (" + d.remedy + ")");
    json.end_object().key("locations").begin_array();
    if (!d.place.file.empty()) {
      json.begin_object().key("physicalLocation").begin_object();
      json.key("artifactLocation").begin_object().field("uri", uri(d.place.file)).end_object();
      if (d.place.line > 0) {
        json.key("region").begin_object().field("startLine", d.place.line);
        if (d.place.column > 0) json.field("startColumn", d.place.column);
        json.end_object();
      }
      json.end_object().end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object().end_array().end_object();
  return out;
}

Status Diagnostics::status() const {
  const auto first =
      std::find_if(items_.begin(), items_.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
  if (first == items_.end()) return {};
  std::string message = first->code + ": " + first->message;
  if (errors_ > 1) message += " (and " + std::to_string(errors_ - 1) + " more)";
  return Error(ErrorCode::invalid_definition, std::move(message), first->remedy, first->place);
}

}  // namespace hotline
