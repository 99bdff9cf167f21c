// Key figures: definitions as versioned data, counted as tickets move, and every figure can list its tickets.
//
// A figure has a numerator and a denominator, both expressions (bool or int) over one ticket (data/kpi/standard.yaml). They
// are evaluated in the transaction that moves the ticket, before and after, and the difference is stored; so a month of a
// million tickets is one range of an index, and what a report says is what the log says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

enum class PeriodUnit : std::uint8_t { day, week, month, quarter, year };  // weeks begin on Monday
enum class GroupBy : std::uint8_t { none, unit, category, area, channel };
enum class Part : std::uint8_t { numerator, denominator, rest };  // rest: in the denominator, not in the numerator

// Half open.
struct Period {
  Time first{}, last{};
  bool operator==(const Period&) const = default;
};

struct KpiInfo {
  std::string name, label_zh, label_en;
  std::string period;  // intake, close or due: which day a ticket counts for
  std::int64_t version = 0;
};

struct Figure {
  std::string group;  // "" without a grouping
  Period period;
  std::int64_t numerator = 0, denominator = 0;
  bool suppressed = false;  // fewer than `suppress_below` tickets: the numbers are hidden
  std::int64_t workdays = 0;  // in the period, by the newest calendar `cn`

  std::optional<double> rate() const { return denominator == 0 ? std::nullopt : std::optional(static_cast<double>(numerator) / static_cast<double>(denominator)); }
};

// From one period to another, empty where there is nothing to compare with: of the rate in percentage points, of the numerator
// relatively, and of the numerator a working day, because holidays such as the Spring Festival move between months.
struct Change {
  std::optional<double> rate_points, numerator, numerator_a_workday;
};
Change change(const Figure& now, const Figure& then);

struct Comparison {
  Figure now, before, year_before;  // 环比, 同比: the same length one period and one year earlier
};

class Kpis {
 public:
  explicit Kpis(Service service) : service_(std::move(service)) {}

  std::vector<KpiInfo> list() const;
  // The period of `unit` that holds `at`, in the service's time zone; `step` periods later (or earlier).
  Period period(PeriodUnit unit, Time at, int step = 0) const;

  // Errors: not_found (no such figure).
  Result<std::vector<Figure>> figures(const std::string& kpi, const Period& period, GroupBy by = GroupBy::none, std::int64_t suppress_below = 0) const;
  Result<std::vector<Figure>> series(const std::string& kpi, PeriodUnit unit, Time first, int count) const;
  Result<Comparison> compare(const std::string& kpi, PeriodUnit unit, Time at) const;
  // The tickets behind a figure in the order of their time; the page after the ticket `after`, which was the last of the page before.
  // Errors: not_found (no such figure); conflict (`after` no longer counts: begin again).
  Result<std::vector<TicketId>> drill_down(const std::string& kpi, const Period& period, Part part, TicketId after = {}, int limit = 100,
                                           GroupBy by = GroupBy::none, std::string_view group = {}) const;

  // Writes a figure down as published at `at`. Where an earlier one said otherwise, this is its restatement: a new revision,
  // never an edit. Returns the revision (1: the first).
  Result<int> publish(const std::string& kpi, const Period& period, Time at);

  // Counts everything again, as after a new version of a definition. Returns the number of tickets.
  Result<std::uint64_t> recount(const std::function<void(std::uint64_t)>& progress = {});

 private:
  Service service_;
};

}  // namespace hotline::ticket
