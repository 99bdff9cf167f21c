// Any bytes as a GeoReport request: a line each for the method, the path, and parameters name=value. The answer is JSON or XML.
#include <cstddef>
#include <cstdint>

#include "hotline/base/document.hpp"
#include "hotline/ticket/open311.hpp"

using namespace hotline;
using namespace hotline::ticket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  static Service service = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  static Open311 adapter(service, Open311Options::parse("keys: [k]\nservices: [{code: light, attributes: [{code: P}]}]", "o").value());
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string out(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
  };
  HttpRequest request;
  request.method = line();
  request.path = line();
  while (!text.empty()) {
    const std::string one = line();
    const auto equals = std::min(one.find('='), one.size());
    request.parameters.emplace(one.substr(0, equals), one.substr(std::min(equals + 1, one.size())));
  }
  const HttpAnswer answer = adapter.answer(request, time_from_ns(1'795'000'000'000'000'000));
  if (answer.status >= 500) __builtin_trap();
  if (answer.type.starts_with("application/json") && !parse_document(answer.body, "answer").ok()) __builtin_trap();
  return 0;
}
