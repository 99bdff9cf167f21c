#include "hotline/wfm.h"

#include <algorithm>
#include <functional>

#include "guard.hpp"
#include "hotline/base/json.hpp"
#include "hotline/wfm.hpp"

using namespace hotline;
namespace w = hotline::wfm;

struct hl_performance {
  w::Performance value;
};

namespace {

w::Traffic traffic_of(double rate, double handling, double patience, long capacity) {
  w::Traffic t{rate, handling, patience > 0 ? patience : w::kPatient, {}};
  if (capacity >= 0) t.capacity = capacity;
  return t;
}

hl_status performance_of(hl_performance** out, hl_error** error, const std::function<Result<w::Performance>()>& make) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(const auto p, make());
    *out = new hl_performance{p};
    return {};
  });
}

Result<w::Distribution> distribution_of(const char* json, const char* what) {
  HOTLINE_TRY(capi::require(json, what));
  HOTLINE_ASSIGN(const Node node, parse_document(json, what));
  Diagnostics diagnostics(what);
  auto d = w::read_distribution(node, diagnostics, what);
  HOTLINE_TRY(diagnostics.status());
  return d;
}

Result<std::vector<w::Regressor>> regressors_of(const char* csv) {
  if (csv == nullptr) return std::vector<w::Regressor>();
  return w::read_regressors(csv, "regressors");
}

Result<w::Series> series_of(const char* csv, size_t size, const char* columns) {
  HOTLINE_ASSIGN(const auto map, w::parse_columns(columns != nullptr ? columns : ""));
  return w::read_counts({csv, size}, "counts", map);
}

std::string to_json(const w::CoverSolution& s, const std::vector<w::ShiftPattern>& patterns, int slots_per_day) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("slots_per_day", slots_per_day).field("cost", s.cost).field("bound", s.bound).field("gap", s.gap()).field("solver", s.solver);
  json.field("fit", s.fit.fit).field("over", s.fit.over).field("under", s.fit.under).key("shifts").begin_array();
  for (std::size_t j = 0; j < patterns.size(); ++j) {
    if (s.counts[j] == 0) continue;
    json.begin_object().field("start", patterns[j].start).field("length", patterns[j].length).field("cost", patterns[j].cost).field("count", s.counts[j]);
    json.key("breaks").begin_array();
    for (const auto& [from, length] : patterns[j].breaks) json.begin_array().value(from).value(length).end_array();
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace

extern "C" {

hl_status hl_erlang_b(double servers, double load, double* out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = 0;
    HOTLINE_ASSIGN(*out, w::erlang_b(servers, load));
    return {};
  });
}

hl_status hl_erlang_a(double rate, double handling, int servers, double patience, long capacity, double threshold, hl_performance** out, hl_error** error) {
  return performance_of(out, error, [&] { return w::erlang_a(traffic_of(rate, handling, patience, capacity), servers, threshold); });
}

hl_status hl_mmn_g(double rate, double handling, int servers, const char* patience, double threshold, hl_performance** out, hl_error** error) {
  return performance_of(out, error, [&]() -> Result<w::Performance> {
    HOTLINE_ASSIGN(const auto d, distribution_of(patience, "patience"));
    return w::mmn_g(rate, handling, servers, d, threshold);
  });
}

hl_status hl_mg1(double rate, const char* handling, hl_performance** out, hl_error** error) {
  return performance_of(out, error, [&]() -> Result<w::Performance> {
    HOTLINE_ASSIGN(const auto d, distribution_of(handling, "handling"));
    return w::mg1(rate, d);
  });
}

hl_status hl_priorities(const double* rates, size_t classes, double handling, int servers, double threshold, hl_performance** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(rates, "arrivals_per_s"));
    HOTLINE_TRY(capi::require(out, "out"));
    std::fill(out, out + classes, nullptr);
    HOTLINE_ASSIGN(const auto all, w::priorities({rates, classes}, handling, servers, threshold));
    for (size_t i = 0; i < classes; ++i) out[i] = new hl_performance{all[i]};
    return {};
  });
}

hl_status hl_performance_get(const hl_performance* performance, const char* name, double* out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(performance, "performance"));
    HOTLINE_TRY(capi::require(name, "name"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = 0;
    const w::Performance& p = performance->value;
    const std::pair<std::string_view, double> values[] = {
        {"sl_offered", p.sl_offered}, {"sl_excluding_short_abandons", p.sl_excluding_short_abandons}, {"sl_answered_only", p.sl_answered_only},
        {"p_wait", p.p_wait}, {"p_abandon", p.p_abandon}, {"p_blocked", p.p_blocked}, {"mean_wait_s", p.mean_wait_s},
        {"mean_queue", p.mean_queue}, {"occupancy", p.occupancy}, {"offered_load", p.offered_load}, {"p_abandon_within", p.p_abandon_within},
        {"p_served_within", p.p_served_within}, {"mean_wait_of_delayed_s", p.mean_wait_of_delayed_s}};
    for (const auto& value : values)
      if (value.first == name) {
        *out = value.second;
        return {};
      }
    return Error(ErrorCode::not_found, "a performance has no `" + std::string(name) + "`", "the names stand in hotline/wfm.h");
  });
}

void hl_performance_free(hl_performance* performance) { delete performance; }

hl_status hl_staff(double rate, double handling, double patience, const char* metric, double target, double threshold, int* servers, double* fractional, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(servers, "servers"));
    *servers = 0;
    if (fractional != nullptr) *fractional = 0;
    const auto goal = w::goal_from(metric != nullptr ? metric : "sl_offered");
    if (!goal) return Error(ErrorCode::invalid_argument, "unknown metric `" + std::string(metric) + "`", "the names stand in hotline/wfm.h");
    HOTLINE_ASSIGN(const auto s, w::staff(traffic_of(rate, handling, patience, -1), {*goal, target, threshold, 1, 0}));
    *servers = s.servers;
    if (fractional != nullptr) *fractional = s.fractional;
    return {};
  });
}

hl_status hl_lines_for_blocking(double load, double target, int* out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = 0;
    HOTLINE_ASSIGN(*out, w::lines_for_blocking(load, target));
    return {};
  });
}

hl_status hl_staff_intervals(const double* counts, size_t intervals, double interval, double handling, double patience, const char* metric, double target,
                             double threshold, double max_occupancy, int* agents, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(counts, "counts"));
    HOTLINE_TRY(capi::require(agents, "agents"));
    const auto goal = w::goal_from(metric != nullptr ? metric : "sl_offered");
    if (!goal) return Error(ErrorCode::invalid_argument, "unknown metric `" + std::string(metric) + "`", "the names stand in hotline/wfm.h");
    std::vector<w::Demand> demand;
    for (size_t i = 0; i < intervals; ++i) demand.push_back({counts[i], 0});
    HOTLINE_ASSIGN(const auto found, w::staff_intervals(demand, interval, traffic_of(0, handling, patience, -1), {*goal, target, threshold, max_occupancy, 0}));
    for (size_t i = 0; i < intervals; ++i) agents[i] = found[i].servers;
    return {};
  });
}

hl_status hl_forecast(const char* csv, size_t size, const char* columns, const char* regressors, int days, const char* level, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(csv, "csv"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    const auto at = w::level_from(level != nullptr ? level : "day");
    if (!at) return Error(ErrorCode::invalid_argument, "no level `" + std::string(level) + "`", "minute, interval, half_hour, hour, day, week, month, year");
    HOTLINE_ASSIGN(const auto series, series_of(csv, size, columns));
    HOTLINE_ASSIGN(const auto known, regressors_of(regressors));
    HOTLINE_ASSIGN(const auto f, w::forecast(series, days, known));
    *out = new hl_text{f.to_csv(*at)};
    return {};
  });
}

hl_status hl_backtest(const char* csv, size_t size, const char* columns, const char* regressors, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(csv, "csv"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(const auto series, series_of(csv, size, columns));
    HOTLINE_ASSIGN(const auto known, regressors_of(regressors));
    HOTLINE_ASSIGN(const auto scores, w::backtest(series, known));
    *out = new hl_text{w::to_text(scores)};
    return {};
  });
}

hl_status hl_schedule(const double* required, size_t slots, int slots_per_day, const int* lengths, size_t length_count, double gap, double seconds,
                      hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(required, "required"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    w::ShiftRules rules;
    rules.slots_per_day = slots_per_day;
    rules.latest_start = slots_per_day;
    if (lengths != nullptr) rules.lengths.assign(lengths, lengths + length_count);
    HOTLINE_ASSIGN(const auto patterns, w::enumerate_shifts(rules, static_cast<int>(std::min<size_t>(slots, 1'000'000))));
    HOTLINE_ASSIGN(const auto solution, w::cover({patterns, {required, slots}, 0, 0}, {gap, seconds, 1}));
    *out = new hl_text{to_json(solution, patterns, slots_per_day)};
    return {};
  });
}

hl_status hl_schedule_fit(const double* required, const double* scheduled, size_t slots, double* fit, double* over, double* under, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(required, "required"));
    HOTLINE_TRY(capi::require(scheduled, "scheduled"));
    HOTLINE_TRY(capi::require(fit, "fit"));
    const w::ScheduleFit f = w::schedule_fit({required, slots}, {scheduled, slots});
    *fit = f.fit;
    if (over != nullptr) *over = f.over;
    if (under != nullptr) *under = f.under;
    return {};
  });
}

hl_status hl_roster(const char* people, const char* schedule, uint64_t seed, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(people, "people"));
    HOTLINE_TRY(capi::require(schedule, "schedule"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(const Node listed, parse_document(people, "people"));
    HOTLINE_ASSIGN(const Node planned, parse_document(schedule, "schedule"));
    w::RosterRules rules;
    rules.seed = seed;
    HOTLINE_ASSIGN(const auto who, w::read_people(listed));
    HOTLINE_ASSIGN(const auto demand, w::read_shifts(planned, rules));
    HOTLINE_ASSIGN(const auto roster, w::assign(who, demand, rules));
    *out = new hl_text{w::to_json(roster, who, demand, rules)};
    return {};
  });
}

}  // extern "C"
