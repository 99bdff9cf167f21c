// A damaged segment is refused, or reads back to what encodes to the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kb/segment.hpp"

using namespace hotline::kb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string blob(reinterpret_cast<const char*>(data), size);
  (void)Segment::decode(blob);
  const std::string sealed = seal_segment(blob);  // with the checksum that a clever enemy would write
  const auto read = Segment::decode(sealed);
  if (read.ok() && !(*Segment::decode((*read)->encode()).value() == **read)) std::abort();
  return 0;
}
