// The readers of each format. Private.
#pragma once

#include <unordered_set>

#include "hotline/kb/import.hpp"

namespace hotline::kb {

class Importer {
 public:
  Importer(std::string_view file, const ImportOptions& options) : file_(file), options_(options) { out_.report = Diagnostics(std::string(file)); }
  void json_lines(std::string_view text);
  void csv(std::string_view text);
  void markdown(std::string_view text);
  void html(std::string_view text);
  Imported take() { return std::move(out_); }

 private:
  void record(const Node& node, std::uint32_t line);
  void keep(Article article, bool has_kind, const Place& place);
  std::string_view file_;
  const ImportOptions& options_;
  Imported out_;
  std::unordered_set<std::string> ids_;
  std::unordered_set<std::string> warned_;
};

}  // namespace hotline::kb
