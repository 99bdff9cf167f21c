// Any text as an SCXML chart: read, run with a few events, and where it becomes a definition written again.
#include <cstddef>
#include <cstdint>

#include "hotline/workflow.hpp"

using namespace hotline;
using namespace hotline::workflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string events[] = {"e", "go", "a.b"};
  const auto run = run_scxml(text, "fuzz", events);
  if (run.ok() && run->steps.empty()) __builtin_trap();
  const auto d = import_scxml(text, "fuzz");
  if (d.ok()) (void)export_scxml(*d);
  return 0;
}
