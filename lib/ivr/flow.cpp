#include "hotline/ivr/flow.hpp"

#include <filesystem>
#include <map>

#include "ivr/loader.hpp"

namespace hotline::ivr {
namespace {

LoadOptions beside(const std::string& path, const LoadOptions& options) {
  LoadOptions own = options;
  if (!own.read) own.read = files_below(std::filesystem::path(path).parent_path().string());
  return own;
}

}  // namespace

FileReader files_below(std::string folder) {
  return [folder = std::filesystem::path(std::move(folder))](const std::string& name) { return read_file((folder / name).string()); };
}

void check(Program& program, Diagnostics& diagnostics);  // check.cpp

namespace {
// Nodes that an import had to call otherwise keep the source's name (`x-source`); machines are told that one.
Diagnostics by_source(const Node& document, const Diagnostics& found) {
  std::map<std::string, std::string> names;
  if (const Node* nodes = document.find("nodes"))
    for (const auto& [id, node] : nodes->entries())
      if (const Node* source = node.find("x-source")) names[id.text()] = source->text();
  if (names.empty()) return found;
  Diagnostics renamed(found.file());
  for (Diagnostic d : found.items()) {
    if (const auto name = names.find(d.subject); name != names.end()) d.subject = name->second;
    renamed.add(std::move(d));
  }
  return renamed;
}
}  // namespace

Examined examine(std::string_view text, std::string_view file, const LoadOptions& options) {
  const auto document = parse_document(text, file);
  if (document) return examine(*document, file, options);
  Examined result{Diagnostics(std::string(file)), nullptr};
  result.diagnostics.error("D001", document.error().message(), document.error().remedy(), document.error().place());
  return result;
}

Examined examine(const Node& document, std::string_view file, const LoadOptions& options) {
  Examined result{Diagnostics(std::string(file)), nullptr};
  Loader loader(std::string(file), options);
  auto program = std::const_pointer_cast<Program>(loader.load(document));
  if (program != nullptr) {
    check(*program, loader.diagnostics());
    loader.diagnostics().sort();
    program->diagnostics = by_source(document, loader.diagnostics());
  }
  result.diagnostics = program != nullptr ? program->diagnostics : loader.diagnostics();
  // Half a flow cannot run: without a start, or with expressions and automata that were not built.
  result.program = program != nullptr && program->start != kNone ? program : nullptr;
  return result;
}

Result<Examined> examine_file(const std::string& path, const LoadOptions& options) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  return examine(text, path, beside(path, options));
}

Result<Flow> Flow::parse(std::string_view text, std::string_view file, const LoadOptions& options) {
  auto examined = examine(text, file, options);
  HOTLINE_TRY(examined.diagnostics.status());
  if (examined.program == nullptr) return Error(ErrorCode::invalid_definition, "`" + std::string(file) + "` is no flow", "begin it with `flow: 1`");
  return Flow(std::move(examined.program));
}

Result<Flow> Flow::load(const std::string& path, const LoadOptions& options) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  return parse(text, path, beside(path, options));
}

const std::string& Flow::id() const { return program_->id; }
const std::string& Flow::title() const { return program_->title; }
const std::string& Flow::version() const { return program_->version; }
const std::vector<std::string>& Flow::languages() const { return program_->languages; }
std::size_t Flow::size() const { return program_->nodes.size(); }
std::string_view Flow::node_id(std::size_t index) const { return program_->nodes[index].id; }
std::size_t Flow::find(std::string_view id) const {
  const Index found = program_->find(id);
  return found == kNone ? size() : found;
}
const Diagnostics& Flow::diagnostics() const { return program_->diagnostics; }
const std::string& Flow::fingerprint() const { return program_->fingerprint; }

}  // namespace hotline::ivr
