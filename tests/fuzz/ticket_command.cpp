// Lines of "verb json" against a service in memory: whatever they say, each gets an answer, and the log verifies.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/text_command.hpp"

using namespace hotline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  auto service = ticket::Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Time now = *parse_time("2026-11-23T08:00:00+08:00");
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto space = std::min(line.find(' '), line.size());
    (void)ticket::apply_text(service, line.substr(0, space), line.substr(space), now);
    now += std::chrono::hours(1);
  }
  const auto checked = ticket::verify(service);
  if (!checked.ok() || !checked->good()) std::abort();
  return 0;
}
