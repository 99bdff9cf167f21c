// Working calendars: a base week, exceptions in both directions (a holiday; a Sunday that is worked), overlays of
// regions, units and emergencies, all with the date on which they were published.
//
//   CalendarSpec   what the author wrote: editable, mergeable, not yet usable
//   Calendar       compiled: prefix sums over 2000..2099, so that adding and subtracting working time cost
//                  one binary search at most, however long the span
//
// A year for which nothing was published yet is provisional: answered from the base week, and said so.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/timezone.hpp"
#include "hotline/workflow/term.hpp"

namespace hotline::workflow {

using hotline::to_string;

// Seconds of the local day, half open; end up to 86400.
struct Interval {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  bool operator==(const Interval&) const = default;
};

// A named pattern of a day. A day with intervals is a working day unless it says otherwise (a Saturday duty
// morning may give working time without counting as a working day).
struct DayKind {
  std::string name;
  std::vector<Interval> intervals;
  bool workday = false;
  bool operator==(const DayKind&) const = default;
};

struct DayException {
  Date first{};
  Date last{};       // inclusive
  std::string kind;  // a DayKind's name
  std::string name;  // "春节"; may be empty
};

// What one announcement changed. Later announcements win over earlier ones, a layer's over the layers below.
struct Publication {
  Time published_at{};
  std::string source;      // where to check it
  std::vector<int> years;  // years that this announcement settles
  std::vector<DayException> exceptions;
  int layer = 0;  // 0 the calendar itself, 1.. its overlays
};

struct CalendarSpec {
  std::string id;
  std::string name;
  std::string timezone = "Asia/Shanghai";
  std::vector<DayKind> kinds;         // "work" and "off" are always there
  std::array<std::string, 7> week{};  // Monday first: names of kinds
  bool published_yearly = false;      // years without a publication are provisional
  DayRule rule;
  std::vector<Publication> publications;

  // YAML or JSON (docs/workflow.md, "Calendars"). Codes: C1xx and D0xx.
  // Errors: invalid_document, invalid_definition (all complaints are in `diagnostics`).
  static Result<CalendarSpec> parse(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  static Result<CalendarSpec> load(const std::string& path);

  // Lays an overlay's kinds and publications on top (its week and zone too, where it gives them).
  Status overlay(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // The common holiday JSON {"year": 2026, "days": [{"name", "date", "isOffDay"}]}, the days of one year.
  // Errors: invalid_document, invalid_definition.
  Status add_holiday_json(std::string_view text, std::string_view file, Time published_at);
  // iCalendar (RFC 5545) all-day VEVENTs: a day off each, or a day worked where CATEGORIES, the summary's end
  // or X-HOTLINE-KIND says so (班, 补班, work). RRULE is refused except FREQ=YEARLY with COUNT or UNTIL.
  // Errors: invalid_document with the line, limit.
  Status add_icalendar(std::string_view text, std::string_view file, Time published_at);

  std::string to_json() const;
};

// A deadline. `never` where the calendar holds no such instant up to 2099.
struct Due {
  static constexpr Time never = Time::max();
  Time at = never;
  bool provisional = false;  // rests on a year that nobody has published yet
  bool operator==(const Due&) const = default;
};

// Immutable; copies share. All spans are exact; nothing is rounded.
class Calendar {
 public:
  static constexpr int first_year = 2000;
  static constexpr int last_year = 2099;

  // Errors: invalid_definition, not_found (time zone).
  static Result<Calendar> compile(const CalendarSpec& spec);
  static Result<Calendar> load(const std::string& path);
  // 24 hours a day, every day: the calendar of emergencies and of hotlines that never close.
  static Calendar always(const TimeZone& zone = TimeZone::utc());

  // The calendar as it was known at `t`: without what was published later.
  Calendar as_of(Time t) const;
  const CalendarSpec& spec() const;
  const std::string& id() const;
  const TimeZone& timezone() const;
  // Equal for equal content: hexadecimal digest of the spec's canonical text.
  const std::string& version() const;
  const DayRule& rule() const;

  struct Day {
    const DayKind* kind = nullptr;
    std::string_view name;  // the exception's ("春节"), or ""
    bool workday = false;
    bool exception = false;
    bool provisional = false;
  };
  Day day(Date date) const;  // outside of 2000..2099: kind is null
  bool is_workday(Date date) const;
  bool is_working(Time t) const;
  bool is_known(int year) const;

  // Working time between two instants; negative when b < a.
  Duration elapsed(Time a, Time b) const;
  // The first instant at which `work` of working time has passed since `start` (the last one before it, for
  // negative work): a term that ends with the day ends at the close, not at the next morning.
  Due add_work(Time start, Duration work) const;
  // The end of the n-th working day (n >= 1) under the rule; n < 1 steps back: n working days before the start's
  // day, at the same time of day.
  Due add_work_days(Time start, std::int64_t n, const DayRule& rule) const;
  Due add_work_days(Time start, std::int64_t n) const { return add_work_days(start, n, rule()); }
  Due add_calendar_days(Time start, std::int64_t n, const DayRule& rule) const;
  // Working days that begin in (date of a, date of b]; negative when b < a.
  std::int64_t work_days_between(Time a, Time b) const;
  // Any term.
  Due due(Time start, const Term& term, const DayRule& rule) const;
  Due due(Time start, const Term& term) const { return due(start, term, rule()); }
  // `t` itself in working time, else the next working instant: no reminder at midnight.
  Time next_working(Time t) const;

 private:
  struct Data;
  explicit Calendar(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

}  // namespace hotline::workflow
