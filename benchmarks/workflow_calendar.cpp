// calendar.add, calendar.difference: adding and subtracting working time against walking day by day.
#include "bench.hpp"
#include "hotline/base/random.hpp"
#include "hotline/workflow/calendar.hpp"

using namespace hotline;
using namespace hotline::workflow;

namespace {

// The baseline: what most engines do, a loop over days.
Time walk_days(const Calendar& c, Time start, int n) {
  Date day = c.timezone().date_at(start);
  for (int left = n; left > 0;) {
    day += std::chrono::days{1};
    if (c.is_workday(day)) --left;
  }
  return c.timezone().to_time(day, c.day(day).kind->intervals.back().end);
}
Time walk_work(const Calendar& c, Time start, Duration left) {
  for (Date day = c.timezone().date_at(start);; day += std::chrono::days{1})
    for (const Interval& i : c.day(day).kind->intervals) {
      const Time from = std::max(start, c.timezone().to_time(day, i.begin)), to = c.timezone().to_time(day, i.end);
      if (from >= to) continue;
      if (left <= to - from) return from + left;
      left -= to - from;
    }
}
Duration walk_elapsed(const Calendar& c, Time a, Time b) {
  Duration sum{0};
  for (Date day = c.timezone().date_at(a); day <= c.timezone().date_at(b); day += std::chrono::days{1})
    for (const Interval& i : c.day(day).kind->intervals) {
      const Time from = std::max(a, c.timezone().to_time(day, i.begin)),
                 to = std::min(b, c.timezone().to_time(day, i.end));
      if (from < to) sum += to - from;
    }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  if (!suite.wants("calendar")) return 0;
  auto spec = CalendarSpec{};
  spec.id = "bench";
  spec.kinds = {{"work", {{9 * 3600, 12 * 3600}, {13 * 3600, 18 * 3600}}, true}, {"off", {}, false}};
  const Calendar c = Calendar::compile(spec).value();
  Random random(7);
  std::vector<Time> starts;
  const Time base = parse_time("2024-01-01T00:00:00Z").value();
  for (int i = 0; i < 4096; ++i) starts.push_back(base + std::chrono::seconds{random.below(3 * 365 * 86400)});
  const auto measure = [&](auto&& one) {
    return bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i)
        bench::keep(one(starts[i & 4095], starts[(i * 7 + 1) & 4095], static_cast<int>(i % 30) + 1));
    });
  };
  suite.report("calendar.add.days", measure([&](Time a, Time, int n) { return c.add_work_days(a, n); }), "1/s",
               "day by day", measure([&](Time a, Time, int n) { return walk_days(c, a, n); }));
  suite.report("calendar.add",
               measure([&](Time a, Time, int n) { return c.add_work(a, std::chrono::hours{n * 8}); }), "1/s",
               "day by day", measure([&](Time a, Time, int n) { return walk_work(c, a, std::chrono::hours{n * 8}); }));
  suite.report("calendar.difference", measure([&](Time a, Time b, int) { return c.elapsed(a, b); }), "1/s",
               "day by day",
               measure([&](Time a, Time b, int) { return walk_elapsed(c, std::min(a, b), std::max(a, b)); }));
}
