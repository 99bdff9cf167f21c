// Any bytes as a flow of another system: it is brought over or refused, and what comes out can be examined.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hotline/ivr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::ivr;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const ImportFormat format : {ImportFormat::studio, ImportFormat::freeswitch, ImportFormat::connect, ImportFormat::voicexml}) {
    const auto imported = import_flow(format, text, "fuzz");
    if (imported) (void)examine(imported->yaml, "imported");
  }
  return 0;
}
