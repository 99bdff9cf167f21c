// Any text as a calendar, as an overlay, as iCalendar, as holiday JSON, as a time zone and as a term.
#include <cstddef>
#include <cstdint>

#include "hotline/workflow.hpp"

using namespace hotline;
using namespace hotline::workflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 20000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  CalendarSpec spec;
  spec.id = "fuzz";
  spec.kinds = {{"work", {{9 * 3600, 17 * 3600}}, true}, {"off", {}, false}};
  Diagnostics diagnostics("fuzz");
  switch (data[0] % 6) {
    case 0: {
      auto parsed = CalendarSpec::parse(text, "fuzz", diagnostics);
      if (!parsed.ok()) return 0;
      spec = *std::move(parsed);
      break;
    }
    case 1:
      if (!spec.overlay(text, "fuzz", diagnostics).ok()) return 0;
      break;
    case 2:
      if (!spec.add_icalendar(text, "fuzz", Time{}).ok()) return 0;
      break;
    case 3:
      if (!spec.add_holiday_json(text, "fuzz", Time{}).ok()) return 0;
      break;
    case 4:
      if (const auto zone = TimeZone::parse(text, "fuzz"); zone.ok())
        (void)zone->offset_at(Time{}), (void)zone->to_time(Date{}, 0);
      return 0;
    default:
      if (const auto term = parse_term(text); term.ok() && parse_term(to_string(*term)).value() != *term)
        __builtin_trap();
      return 0;
  }
  const auto c = Calendar::compile(spec);
  if (!c.ok()) return 0;
  const Time t = time_from_ns(1'795'000'000'000'000'000);
  const Due due = c->add_work(t, std::chrono::hours{50});
  if (due.at != Due::never && c->elapsed(t, due.at) != std::chrono::hours{50}) __builtin_trap();
  (void)c->add_work_days(t, 30), (void)c->add_work_days(t, -30), (void)c->next_working(t);
  return 0;
}
