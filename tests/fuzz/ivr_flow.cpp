// Any bytes as a flow: it loads or it complains; what loads survives checks, pictures and a call.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hotline/ivr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline::ivr;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Examined examined = examine(text, "fuzz");
  if (examined.program == nullptr) return 0;
  (void)to_svg(*examined.program);
  (void)to_mermaid(*examined.program);
  (void)to_menu_card(*examined.program);
  const Flow flow(examined.program);
  if (flow.to_json().empty()) std::abort();
  Rehearsal call(flow, {.caller = "1"}, hotline::time_from_ns(0));
  call.press("1");
  call.press("2");
  call.hang_up();
  return 0;
}
