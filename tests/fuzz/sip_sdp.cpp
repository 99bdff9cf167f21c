// Session descriptions from anybody: parsed, agreed on, answered; and the answer must be one that we can read.
#include <cstdlib>

#include "sip/sdp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::sip;
  const auto sdp = parse_sdp({reinterpret_cast<const char*>(data), size});
  if (!sdp.ok()) return 0;
  const auto agreed = agree(*sdp, {hotline::audio::Law::a, hotline::audio::Law::mu});
  if (!agreed) return 0;
  const auto again = parse_sdp(make_answer({"127.0.0.1", 20000, 1, 1}, *sdp, *agreed));
  if (!again.ok() || again->media.size() != sdp->media.size() || again->media[agreed->media].port != 20000) std::abort();
  return 0;
}
