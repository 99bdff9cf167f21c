// Lines of "seconds verb {fields}" against a small centre: every line is done or refused, and the state stays whole.
#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/acd.hpp"
#include "hotline/base/document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline;
  static const acd::Definition definition =
      acd::parse_definition(
          "acd: 1\nchannels: {voice: {}, chat: {units: 30, max: 3}}\nskills: [zh, en]\nreasons: {lunch: {break: true}}\n"
          "queues:\n  q: {requires: skill.zh > 0, ring_timeout: 5s, wrap_up: 3s}\n  r: {fanout: 3, confirm: true, max_wait: 9s, overflow: [{queue: q}, callback]}\n"
          "  c: {channel: chat, steps: [{requires: skill.en > 50, wait: 4s}, {wait: 2s}], after_last: anybody}\n"
          "agents: {a: {skills: {zh: 50}}, b: {skills: {zh: 90, en: 60}}, d: {}}\n",
          "fuzz")
          .value();
  acd::Events events;
  acd::Router router(definition, events);
  Time now = time_from_ns(1'700'000'000'000'000'000);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (int line = 0; !text.empty() && line < 200; ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!one.empty() && one[0] >= '0' && one[0] <= '9') now += std::chrono::seconds(one[0] - '0'), one.remove_prefix(1);
    const auto space = one.find(' ');
    const auto fields = parse_document(space == one.npos ? "{}" : one.substr(space + 1), "line");
    if (fields.ok()) (void)router.apply(one.substr(0, space), *fields, now);
    if (!router.check().ok()) __builtin_trap();
    for (const acd::Event& e : events) {
      std::string out;
      JsonWriter json(out);
      json.begin_object();
      router.write(e, json);
      json.end_object();
    }
    events.clear();
  }
  return 0;
}
