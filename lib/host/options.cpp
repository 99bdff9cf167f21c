#include "hotline/host/options.hpp"

#include <filesystem>

namespace hotline::host {
namespace {

// Relative to the definition's folder; addresses of servers stay.
std::string placed(const std::string& base, const std::string& path) {
  if (path.empty() || base.empty() || path.find("://") != path.npos) return path;
  return (std::filesystem::path(base) / path).lexically_normal().string();
}

void read_telephones(Fields& fields, Options& options) {
  const Node* node = fields.get("telephones");
  if (node == nullptr) return;
  if (!node->is_mapping()) return fields.complain(*node, "D003", "`telephones` is not a mapping", "write {a801: \"sip:801@192.0.2.20\"}");
  for (const Node::Entry& entry : node->entries()) options.telephones[entry.key.text()] = entry.value.text();
}

}  // namespace

Result<Options> read_options(const Node& node, const std::string& base, std::string_view file) {
  if (!node.is_mapping())
    return Error(ErrorCode::invalid_definition, "a host's options are not a mapping", "write {data: city, folder: run}", node.place(file));
  Diagnostics diagnostics{std::string(file)};
  Fields fields(node, diagnostics, "the host");
  Options options;
  options.data = placed(base, fields.required_string("data"));
  options.folder = placed(base, fields.required_string("folder"));
  options.database = placed(base, fields.string("database"));
  options.prompts = placed(base, fields.string("prompts"));
  options.citizens = fields.string("citizens");
  if (!options.citizens.empty() && options.citizens.find("{number}") == options.citizens.npos)
    fields.complain(*fields.get("citizens"), "D005", "`citizens` has no place for the number", "write \"sip:{number}@192.0.2.1\"");
  read_telephones(fields, options);
  if (const std::string clock = fields.string("clock"); clock == "office_hours") {
    options.office_hours = true;
  } else if (!clock.empty()) {
    const auto time = parse_time(clock);
    if (time.ok()) options.clock = *time;
    else fields.complain(*fields.get("clock"), "D005", time.error().message(), "write \"2026-11-23T02:00:00Z\", or office_hours");
  }
  if (fields.get("open311") != nullptr) options.open311 = static_cast<int>(fields.integer("open311", 0, 0, 65535));
  if (const Node* line = fields.get("line")) {
    HOTLINE_ASSIGN(options.line, sip::read_endpoint_options(*line, file));
  }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return options;
}

Result<Options> load_options(const std::string& path) {
  HOTLINE_ASSIGN(const Node node, load_document(path));
  return read_options(node, std::filesystem::path(path).parent_path().string(), path);
}

}  // namespace hotline::host
