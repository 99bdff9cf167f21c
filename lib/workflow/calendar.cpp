#include "hotline/workflow/calendar.hpp"

#include <algorithm>
#include <cstdio>

#include "workflow/calendar_data.hpp"

namespace hotline::workflow {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

// Where an instant stands: its local day (index into the tables) and the nanoseconds since that day's midnight.
struct Calendar::Data::Spot {
  std::int64_t day;
  std::int64_t ns;
};

Calendar::Data::Spot Calendar::Data::spot(Time t) const {
  std::int64_t offset = fixed_offset;
  if (!zone.fixed()) offset = zone.offset_at(t);
  const std::int64_t seconds = floor_div(to_ns(t), kSecond);
  const std::int64_t rest = to_ns(t) % kSecond, fraction = rest < 0 ? rest + kSecond : rest;
  const std::int64_t wall = seconds + offset - origin * kDay;
  const std::int64_t day = floor_div(wall, kDay);
  return {day, (wall - day * kDay) * kSecond + fraction};
}

Time Calendar::Data::instant(std::int64_t day, std::int64_t second) const {
  if (zone.fixed()) return time_from_ns(((origin + day) * kDay + second - fixed_offset) * kSecond);
  return zone.to_time(Date{std::chrono::days{origin + day}}, second);
}

// Working nanoseconds of a day before the instant that stands `ns` after its midnight.
std::int64_t Calendar::Data::within(std::int64_t day, std::int64_t ns, Time t) const {
  const Pattern& pattern = patterns[kind[static_cast<std::size_t>(day)]];
  std::int64_t sum = 0;
  if (shifted(day)) {  // the wall clock jumps on this day: measure in real time
    for (const Interval& i : pattern.intervals) {
      const Time begin = instant(day, i.begin), end = std::max(begin, instant(day, i.end));
      sum += (std::clamp(t, begin, end) - begin).count();
    }
    return sum;
  }
  for (const Interval& i : pattern.intervals) {
    const std::int64_t begin = i.begin * kSecond;
    if (ns <= begin) break;
    sum += std::min(ns, i.end * kSecond) - begin;
  }
  return sum;
}

// Working nanoseconds since the first day of the tables.
std::int64_t Calendar::Data::worked(Time t) const {
  const Spot s = spot(t);
  if (s.day < 0) return 0;
  if (s.day >= days()) return before.back() * kSecond;
  return before[static_cast<std::size_t>(s.day)] * kSecond + within(s.day, s.ns, t);
}

// The first instant at which `target` nanoseconds have been worked; never where the tables end before.
Time Calendar::Data::reach(std::int64_t target) const {
  if (target < 0 || target > before.back() * kSecond) return Due::never;
  // The day whose working time contains it: before[day] < target <= before[day + 1].
  const std::uint32_t seconds = static_cast<std::uint32_t>((target + kSecond - 1) / kSecond);
  const auto at = std::lower_bound(before.begin(), before.end(), seconds);
  const std::int64_t day = std::max<std::int64_t>(0, at - before.begin() - 1);
  std::int64_t left = target - before[static_cast<std::size_t>(day)] * kSecond;
  for (const Interval& i : patterns[kind[static_cast<std::size_t>(day)]].intervals) {
    if (shifted(day)) {
      const Time begin = instant(day, i.begin), end = std::max(begin, instant(day, i.end));
      if (left <= (end - begin).count()) return begin + Duration{left};
      left -= (end - begin).count();
    } else {
      const std::int64_t length = (i.end - i.begin) * kSecond;
      if (left <= length) return instant(day, i.begin) + Duration{left};
      left -= length;
    }
  }
  return Due::never;
}

bool Calendar::Data::provisional_at(Time t) const {
  const std::int64_t day = spot(t).day;
  return day < 0 || day >= days() || provisional(day);
}

const CalendarSpec& Calendar::spec() const { return data_->spec; }
const std::string& Calendar::id() const { return data_->spec.id; }
const TimeZone& Calendar::timezone() const { return data_->zone; }
const std::string& Calendar::version() const { return data_->version; }
const DayRule& Calendar::rule() const { return data_->spec.rule; }

Calendar::Day Calendar::day(Date date) const {
  const std::int64_t index = date.time_since_epoch().count() - data_->origin;
  if (index < 0 || index >= data_->days()) return {};
  const auto i = static_cast<std::size_t>(index);
  Day day;
  day.kind = &data_->spec.kinds[data_->patterns[data_->kind[i]].kind];
  day.workday = data_->workday(index);
  day.provisional = data_->provisional(index);
  if (const auto name = data_->names.find(index); name != data_->names.end()) {
    day.exception = true;
    day.name = name->second;
  }
  return day;
}

bool Calendar::is_workday(Date date) const {
  const std::int64_t index = date.time_since_epoch().count() - data_->origin;
  return index >= 0 && index < data_->days() && data_->workday(index);
}

bool Calendar::is_known(int year) const { return data_->known(year); }

bool Calendar::is_working(Time t) const {
  const auto s = data_->spot(t);
  if (s.day < 0 || s.day >= data_->days()) return false;
  for (const Interval& i : data_->patterns[data_->kind[static_cast<std::size_t>(s.day)]].intervals)
    if (data_->instant(s.day, i.begin) <= t && t < data_->instant(s.day, i.end)) return true;
  return false;
}

Duration Calendar::elapsed(Time a, Time b) const { return Duration{data_->worked(b) - data_->worked(a)}; }

Due Calendar::add_work(Time start, Duration work) const {
  if (work.count() == 0) return {start, data_->provisional_at(start)};
  const std::int64_t here = data_->worked(start);
  if (work.count() > 0) {
    if (work.count() > data_->before.back() * kSecond - here || data_->spot(start).day < 0) return {};
    const Time at = data_->reach(here + work.count());
    return {at, at == Due::never || data_->provisional_at(at)};
  }
  if (here + work.count() < 0 || data_->spot(start).day >= data_->days()) return {};
  // Backwards the last instant is asked for: where the work ends with an interval, the next one's start.
  const Time at = next_working(data_->reach(here + work.count()));
  return {at, data_->provisional_at(at)};
}

Time Calendar::next_working(Time t) const {
  auto s = data_->spot(t);
  if (s.day < 0 || s.day >= data_->days()) return t;
  for (const Interval& i : data_->patterns[data_->kind[static_cast<std::size_t>(s.day)]].intervals) {
    if (t < data_->instant(s.day, i.begin)) return data_->instant(s.day, i.begin);
    if (t < data_->instant(s.day, i.end)) return t;
  }
  // The next day with working time: where the prefix sum grows again.
  const auto& before = data_->before;
  const auto next =
      std::upper_bound(before.begin() + s.day + 1, before.end(), before[static_cast<std::size_t>(s.day + 1)]);
  if (next == before.end()) return Due::never;
  const std::int64_t day = next - before.begin() - 1;
  return data_->instant(day, data_->patterns[data_->kind[static_cast<std::size_t>(day)]].intervals.front().begin);
}

Due Calendar::add_work_days(Time start, std::int64_t n, const DayRule& rule) const {
  auto s = data_->spot(start);
  if (s.day < 0 || s.day >= data_->days() || n > data_->days() || n < -data_->days()) return {};
  if (n < 1) {  // n working days earlier, same time of day
    if (n == 0) return {start, data_->provisional(s.day)};
    const std::int64_t day = data_->workday_at(data_->workdays_before[static_cast<std::size_t>(s.day)] + n);
    if (day < 0) return {};
    return {data_->instant(day, s.ns / kSecond) + Duration{s.ns % kSecond}, data_->provisional(day)};
  }
  std::int64_t rank = data_->workdays_before[static_cast<std::size_t>(s.day)];  // working days before this day
  if (data_->workday(s.day)) {
    const bool counts = rule.first == DayRule::First::before_cutoff && s.ns < rule.cutoff * kSecond;
    rank += counts ? 0 : 1;
  } else if (rule.off_day == DayRule::OffDay::next_work_day) {
    // Received at the next working day's start, which counts only where the rule counts start days.
    rank += rule.first == DayRule::First::before_cutoff && rule.cutoff > 0 ? 0 : 1;
  }
  const std::int64_t day = data_->workday_at(rank + n - 1);
  if (day < 0) return {};
  return {data_->end_of(day, rule), data_->provisional(day)};
}

Due Calendar::add_calendar_days(Time start, std::int64_t n, const DayRule& rule) const {
  const auto s = data_->spot(start);
  if (n > data_->days() || n < -data_->days()) return {};
  std::int64_t day = s.day + n;
  if (n > 0 && rule.first == DayRule::First::before_cutoff && s.ns < rule.cutoff * kSecond) --day;
  if (s.day < 0 || s.day >= data_->days() || day < 0 || day >= data_->days()) return {};
  if (n < 1) return {data_->instant(day, s.ns / kSecond) + Duration{s.ns % kSecond}, data_->provisional(day)};
  DayRule end = rule;
  if (!data_->workday(day)) end.end = DayRule::End::midnight;
  return {data_->end_of(day, end), data_->provisional(day)};
}

std::int64_t Calendar::work_days_between(Time a, Time b) const {
  const auto rank = [&](Time t) -> std::int64_t {
    const std::int64_t day = std::clamp<std::int64_t>(data_->spot(t).day + 1, 0, data_->days());
    return data_->workdays_before[static_cast<std::size_t>(day)];
  };
  return rank(b) - rank(a);
}

Due Calendar::due(Time start, const Term& term, const DayRule& rule) const {
  switch (term.unit) {
    case Term::Unit::work_time: return add_work(start, term.duration());
    case Term::Unit::work_days: return add_work_days(start, term.amount, rule);
    case Term::Unit::calendar_days: return add_calendar_days(start, term.amount, rule);
    case Term::Unit::wall: break;
  }
  std::int64_t at = 0;
  if (__builtin_add_overflow(to_ns(start), term.amount, &at)) return {};
  return {time_from_ns(at), false};
}

}  // namespace hotline::workflow
