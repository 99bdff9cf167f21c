// Any bytes as a file of articles in any format, and as a history; what is read is written in every format and read again
// to the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hotline/kb/import.hpp"

using namespace hotline::kb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Format format : {Format::json_lines, Format::csv, Format::markdown, Format::html}) {
    const auto read = read_articles(text, format, "fuzz");
    if (!read.ok()) continue;
    for (const Format other : {Format::json_lines, Format::csv, Format::markdown}) {
      const auto written = write_articles(read->articles, other);
      if (!written.ok()) std::abort();
      const auto again = read_articles(*written, other, "again");
      if (!again.ok() || again->articles != read->articles) std::abort();
    }
  }
  if (const auto history = read_history(text, "fuzz"); history.ok()) {
    const auto again = read_history(write_history(*history), "again");
    if (!again.ok() || *again != *history) std::abort();
  }
  return 0;
}
