// Any bytes as a flow of another system: it is brought over or refused, and what comes out can be examined.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "hotline/ivr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::ivr;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const ImportFormat format : {ImportFormat::studio, ImportFormat::freeswitch, ImportFormat::connect, ImportFormat::voicexml}) {
    const auto imported = import_flow(format, text, "fuzz");
    if (!imported) continue;
    // Whatever it was: what is written is a flow that can be read.
    const Examined examined = examine(imported->yaml, "imported");
    for (const auto& complaint : examined.diagnostics.items())
      if (complaint.code == "D001" || complaint.code == "V100" || complaint.code == "V101" || complaint.code == "V102") {
        std::fprintf(stderr, "%s\n%s\n", complaint.message.c_str(), imported->yaml.c_str());
        std::abort();
      }
  }
  return 0;
}
