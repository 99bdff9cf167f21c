// A flow: what a caller hears and may press, as data. See docs/ivr.md for the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"

namespace hotline::ivr {

struct Program;  // the compiled form, private

// Reads a file that a flow names (prompts, bindings, sub-flows), by its path relative to the flow.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

// Reads below a folder: what Flow::load uses where no reader is given.
FileReader files_below(std::string folder);

struct LoadOptions {
  std::string bindings;     // path of a bindings file: the names of queues, queries, extensions, people; may be empty
  FileReader read;          // empty: files beside the flow (load), none (parse)
  bool audio_files = false; // whether recorded prompt files must exist and be telephone sound (V119, V120)
  std::string today;        // "2026-11-22": warns of flows not revised for a year (V168); "" does not look
};

// A compiled flow. Immutable, any thread; copies share one object.
class Flow {
 public:
  // Reads, validates and compiles. Errors: io, invalid_document, invalid_definition (the first complaint, with place).
  static Result<Flow> load(const std::string& path, const LoadOptions& options = {});
  static Result<Flow> parse(std::string_view text, std::string_view file = "flow", const LoadOptions& options = {});

  const std::string& id() const;
  const std::string& title() const;
  const std::string& version() const;
  const std::vector<std::string>& languages() const;  // the first is the default
  std::size_t size() const;                           // nodes
  std::string_view node_id(std::size_t index) const;  // in the author's order
  // The index of a node, or size() where there is none of that id.
  std::size_t find(std::string_view node_id) const;
  // Warnings that loading gave, sorted.
  const Diagnostics& diagnostics() const;
  // Digest of everything that decides how calls run (not of comments, notes or key order): 16 hex digits.
  const std::string& fingerprint() const;
  // The flow in canonical JSON: fixed key order; formatting it again gives the same bytes.
  std::string to_json() const;

  const Program& program() const { return *program_; }
  explicit Flow(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

 private:
  std::shared_ptr<const Program> program_;
};

// A look at a flow that may be broken: every complaint, and the flow as far as it could be compiled
// (unwired exits end the call). For `hotline ivr check`, diagrams and editors.
struct Examined {
  Diagnostics diagnostics;
  std::shared_ptr<const Program> program;  // null where nothing could be compiled

  bool ok() const { return program != nullptr && !diagnostics.has_errors(); }
};
Examined examine(std::string_view text, std::string_view file = "flow", const LoadOptions& options = {});
// The same for a document that was read or made already.
Examined examine(const Node& document, std::string_view file = "flow", const LoadOptions& options = {});
// Errors: io. What is wrong inside the file is in the diagnostics.
Result<Examined> examine_file(const std::string& path, const LoadOptions& options = {});

}  // namespace hotline::ivr
