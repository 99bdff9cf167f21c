#include "hotline/ivr/schema.hpp"

#include "hotline/base/json.hpp"
#include "ivr/node_spec.hpp"

namespace hotline::ivr {
namespace {

std::string_view kind_name(FieldKind kind) {
  switch (kind) {
    case FieldKind::text: return "text";
    case FieldKind::word: return "name";
    case FieldKind::expression: return "expression";
    case FieldKind::prompt: return "prompt";
    case FieldKind::ladder: return "prompt, or a list: first, second, further attempts";
    case FieldKind::exit: return "node";
    case FieldKind::duration: return "duration";
    case FieldKind::integer: return "whole number";
    case FieldKind::boolean: return "true or false";
    case FieldKind::key: return "key or off";
    case FieldKind::say_as: return "way to say it";
    case FieldKind::variable: return "variable";
    case FieldKind::one_of: return "one of";
    default: return "see note";
  }
}

void write_field(JsonWriter& json, const FieldSpec& f) {
  json.key(f.name).begin_object();
  switch (f.kind) {
    case FieldKind::integer: json.field("type", "integer").field("minimum", f.low).field("maximum", f.high); break;
    case FieldKind::boolean: json.field("type", "boolean"); break;
    case FieldKind::duration: json.field("type", "string").field("pattern", "^([0-9.]+(ns|us|ms|s|m|h|d))+$|^0$"); break;
    case FieldKind::key: json.field("type", "string").field("pattern", "^([0-9*#A-D]|off)$"); break;
    case FieldKind::one_of: {
      json.key("enum").begin_array();
      std::string_view names = f.names;
      while (!names.empty()) {
        const auto end = std::min(names.find('|'), names.size());
        json.value(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
      }
      json.end_array();
      break;
    }
    case FieldKind::text:
    case FieldKind::word:
    case FieldKind::exit:
    case FieldKind::variable:
    case FieldKind::say_as: json.field("type", "string"); break;
    case FieldKind::expression: json.key("type").begin_array().value("string").value("number").value("boolean").end_array(); break;
    case FieldKind::sets:
    case FieldKind::stores:
    case FieldKind::arguments:
    case FieldKind::choices:
    case FieldKind::languages:
    case FieldKind::global_keys:
    case FieldKind::named_exits: json.field("type", "object"); break;
    case FieldKind::cases:
    case FieldKind::shares:
    case FieldKind::questions:
    case FieldKind::people: json.field("type", "array"); break;
    default: break;
  }
  json.field("description", f.note).end_object();
}

template <class Do>
void each_field(const NodeSpec& spec, Do&& act) {
  for (const FieldSpec& f : spec.fields) act(f);
  if (spec.listens)
    for (const FieldSpec& f : input_fields()) act(f);
  for (const FieldSpec& f : common_fields()) act(f);
}

}  // namespace

std::string flow_schema() {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("$schema", "https://json-schema.org/draft/2020-12/schema").field("title", "hotline flow").field("type", "object");
  json.key("required").begin_array().value("flow").value("nodes").end_array();
  json.key("properties").begin_object();
  json.key("flow").begin_object().field("const", 1).end_object();
  for (const char* key : {"id", "title", "version", "revised", "start", "main", "agent", "on_error", "on_hangup", "call_limit"})
    json.key(key).begin_object().key("type").begin_array().value("string").value("number").end_array().end_object();
  json.key("languages").begin_object().field("type", "array").end_object();
  json.key("prompts").begin_object().key("type").begin_array().value("string").value("object").end_array().end_object();
  for (const char* key : {"dialled_languages", "global_keys", "profiles", "calendars", "variables", "allow", "subflows"})
    json.key(key).begin_object().field("type", "object").end_object();
  json.key("nodes").begin_object().field("type", "object").key("additionalProperties").begin_object().field("$ref", "#/$defs/node").end_object().end_object();
  json.end_object().key("patternProperties").begin_object().key("^x-").raw("true").end_object().field("additionalProperties", false);
  json.key("$defs").begin_object().key("node").begin_object().key("oneOf").begin_array();
  for (const NodeSpec& spec : node_specs()) {
    json.begin_object().field("type", "object").field("description", spec.note);
    json.key("required").begin_array().value("type");
    each_field(spec, [&](const FieldSpec& f) {
      if (f.required && f.kind != FieldKind::exit) json.value(f.name);
    });
    json.end_array().key("properties").begin_object().key("type").begin_object().field("const", spec.name).end_object();
    each_field(spec, [&](const FieldSpec& f) { write_field(json, f); });
    json.end_object().key("patternProperties").begin_object().key("^x-").raw("true").end_object().field("additionalProperties", false).end_object();
  }
  json.end_array().end_object().end_object().end_object();
  return out + "\n";
}

std::string flow_reference() {
  std::string out = "# Nodes of a flow\n\nMade from the loader's own table: `hotline ivr schema --markdown`.\n";
  const auto table = [&](std::span<const FieldSpec> fields) {
    out += "\n| field | is | default | |\n|---|---|---|---|\n";
    for (const FieldSpec& f : fields) {
      std::string names(f.names);
      for (std::size_t at = 0; (at = names.find('|', at)) != names.npos; at += 2) names.replace(at, 1, ", ");
      out += "| `" + std::string(f.name) + "` | " + std::string(f.kind == FieldKind::one_of ? names : kind_name(f.kind)) + " | " +
             (f.required && f.kind != FieldKind::exit ? "required" : f.kind == FieldKind::exit && !f.optional_exit ? "must be wired" : std::string(f.otherwise)) +
             " | " + std::string(f.note) + " |\n";
    }
  };
  std::string_view group;
  for (const NodeSpec& spec : node_specs()) {
    if (spec.group != group) out += "\n## " + std::string(group = spec.group) + "\n";
    out += "\n### " + std::string(spec.name) + "\n" + std::string(spec.note) + (spec.listens ? "; takes the input fields too" : "") +
           (spec.data ? "; may run after the caller has hung up" : "") + "\n";
    table(spec.fields);
  }
  out += "\n## Input fields\n";
  table(input_fields());
  out += "\n## Fields of every node\n";
  table(common_fields());
  out += "\n## Diagnostics\n\nEach comes with its place and a remedy. `allow: {\"V151 main_menu\": \"why\"}` lets one stay.\n\n| code | | |\n|---|---|---|\n";
  for (const DiagnosticKind& kind : diagnostic_kinds())
    out += "| " + std::string(kind.code) + " | " + std::string(hotline::to_string(kind.severity)) + " | " + std::string(kind.meaning) + " |\n";
  return out;
}

std::vector<NodeKind> node_kinds() {
  std::vector<NodeKind> kinds;
  for (const NodeSpec& spec : node_specs()) {
    NodeKind& kind = kinds.emplace_back(NodeKind{std::string(spec.name), ""});
    each_field(spec, [&](const FieldSpec& f) { kind.fields += (kind.fields.empty() ? "" : " ") + std::string(f.name); });
  }
  return kinds;
}

}  // namespace hotline::ivr
