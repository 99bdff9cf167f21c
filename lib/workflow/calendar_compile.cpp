#include <algorithm>
#include <cstdio>

#include "workflow/calendar_data.hpp"

namespace hotline::workflow {
namespace {

std::string digest(std::string_view text) {  // FNV-1a, 64 bits: tells versions apart, proves nothing
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(h));
  return out;
}

Error unknown_kind(const CalendarSpec& spec, std::string_view kind) {
  std::string names;
  for (const DayKind& k : spec.kinds) names += (names.empty() ? "" : ", ") + k.name;
  return Error(ErrorCode::invalid_definition, "calendar `" + spec.id + "`: no kind of day `" + std::string(kind) + "`",
               "declare it under `days`; there are: " + names);
}

}  // namespace

Result<Calendar> Calendar::compile(const CalendarSpec& spec) {
  auto data = std::make_shared<Data>();
  data->spec = spec;
  data->version = digest(spec.to_json());
  HOTLINE_ASSIGN(data->zone, TimeZone::find(spec.timezone));
  if (data->zone.fixed()) data->fixed_offset = data->zone.offset_at(time_from_ns(1'500'000'000'000'000'000));
  data->origin = Date{std::chrono::year{first_year} / 1 / 1}.time_since_epoch().count();
  const auto days = static_cast<std::size_t>(Data::first_day_of(last_year + 1));

  if (spec.kinds.size() > 200)
    return Error(ErrorCode::limit, "calendar `" + spec.id + "` has more than 200 kinds of day", "merge some");
  for (std::size_t i = 0; i < spec.kinds.size(); ++i)
    data->patterns.push_back({spec.kinds[i].intervals, static_cast<std::uint32_t>(i), spec.kinds[i].workday});
  const auto kind_index = [&](std::string_view name) -> int {
    for (std::size_t i = 0; i < spec.kinds.size(); ++i)
      if (spec.kinds[i].name == name) return static_cast<int>(i);
    return -1;
  };
  std::array<std::uint8_t, 7> week{};
  for (std::size_t d = 0; d < 7; ++d) {
    const int k = kind_index(spec.week[d].empty() ? (d < 5 ? "work" : "off") : spec.week[d]);
    if (k < 0) return unknown_kind(spec, spec.week[d]);
    week[d] = static_cast<std::uint8_t>(k);
  }
  data->kind.resize(days);
  for (std::size_t d = 0; d < days; ++d) data->kind[d] = week[(d + 5) % 7];  // 2000-01-01 was a Saturday

  data->known_year.assign(last_year - first_year + 1, !spec.published_yearly);
  std::vector<const Publication*> order;
  for (const Publication& p : spec.publications) order.push_back(&p);
  std::stable_sort(order.begin(), order.end(), [](const Publication* a, const Publication* b) {
    return a->layer != b->layer ? a->layer < b->layer : a->published_at < b->published_at;
  });
  for (const Publication* p : order) {
    for (const int year : p->years)
      if (year >= first_year && year <= last_year) data->known_year[static_cast<std::size_t>(year - first_year)] = true;
    for (const DayException& e : p->exceptions) {
      const int k = kind_index(e.kind);
      if (k < 0) return unknown_kind(spec, e.kind);
      const std::int64_t first = std::max<std::int64_t>(0, e.first.time_since_epoch().count() - data->origin);
      const std::int64_t last =
          std::min<std::int64_t>(static_cast<std::int64_t>(days) - 1, e.last.time_since_epoch().count() - data->origin);
      for (std::int64_t d = first; d <= last; ++d) {
        data->kind[static_cast<std::size_t>(d)] = static_cast<std::uint8_t>(k);
        data->names[d] = e.name;
      }
    }
  }

  if (!data->zone.fixed()) {
    data->shift_day.resize(days);
    for (std::size_t d = 0; d < days; ++d) {
      const auto day = static_cast<std::int64_t>(d);
      const Time begin = data->instant(day, 0), end = data->instant(day, 86400);
      data->shift_day[d] = end - begin != std::chrono::hours{24} ||
                           data->zone.offset_at(begin) != data->zone.offset_at(end - std::chrono::seconds{1});
    }
  }
  std::uint32_t seconds = 0, workdays = 0;
  for (std::size_t d = 0; d < days; ++d) {
    const auto day = static_cast<std::int64_t>(d);
    data->before.push_back(seconds);
    data->workdays_before.push_back(workdays);
    if (data->workday(day)) {
      data->workday_index.push_back(static_cast<std::uint32_t>(d));
      ++workdays;
    }
    for (const Interval& i : data->patterns[data->kind[d]].intervals) {
      if (data->shifted(day)) {
        const Time begin = data->instant(day, i.begin), end = std::max(begin, data->instant(day, i.end));
        seconds += static_cast<std::uint32_t>((end - begin) / std::chrono::seconds{1});
      } else {
        seconds += static_cast<std::uint32_t>(i.end - i.begin);
      }
    }
  }
  data->before.push_back(seconds);
  data->workdays_before.push_back(workdays);
  return Calendar(std::move(data));
}

Calendar Calendar::as_of(Time t) const {
  CalendarSpec spec = data_->spec;
  std::erase_if(spec.publications, [&](const Publication& p) { return p.published_at > t; });
  return *compile(spec);  // a part of what has compiled compiles
}

Calendar Calendar::always(const TimeZone& zone) {
  CalendarSpec spec;
  spec.id = "always";
  spec.timezone = zone.id();
  spec.kinds = {{"work", {{0, 86400}}, true}, {"off", {}, false}};
  spec.week.fill("work");
  spec.rule.end = DayRule::End::midnight;
  auto calendar = compile(spec);
  if (calendar.ok()) return *std::move(calendar);
  spec.timezone = "UTC";  // a zone made from bytes has no name to be found by
  return *compile(spec);
}

Result<Calendar> Calendar::load(const std::string& path) {
  HOTLINE_ASSIGN(const CalendarSpec spec, CalendarSpec::load(path));
  return compile(spec);
}

}  // namespace hotline::workflow
