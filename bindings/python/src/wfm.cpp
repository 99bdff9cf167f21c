#include "hotline/wfm.hpp"

#include <pybind11/numpy.h>

#include "bind.hpp"

using namespace hotline;
using namespace hotline::python;
namespace w = hotline::wfm;

namespace {

py::dict to_dict(const w::Performance& p) {
  py::dict d;
  const auto put = [&](const char* name, double value) { d[name] = value; };
  put("offered_load", p.offered_load);
  put("p_wait", p.p_wait);
  put("p_abandon", p.p_abandon);
  put("p_blocked", p.p_blocked);
  put("mean_queue", p.mean_queue);
  put("mean_wait_s", p.mean_wait_s);
  put("mean_wait_of_delayed_s", p.mean_wait_of_delayed_s);
  put("occupancy", p.occupancy);
  put("p_served_within", p.p_served_within);
  put("p_abandon_within", p.p_abandon_within);
  put("sl_offered", p.sl_offered);
  put("sl_excluding_short_abandons", p.sl_excluding_short_abandons);
  put("sl_answered_only", p.sl_answered_only);
  return d;
}

py::dict to_dict(const w::Staffing& s) {
  py::dict d;
  d["servers"] = s.servers;
  d["fractional"] = s.fractional;
  d["paid"] = s.paid;
  d["performance"] = to_dict(s.performance);
  d["one_less"] = to_dict(s.one_less);
  return d;
}

w::Traffic traffic_of(double rate, double handling, std::optional<double> patience, std::optional<long> capacity) {
  return {rate, handling, patience.value_or(w::kPatient), capacity};
}

w::Target target_of(double value, double threshold, std::string_view metric, double max_occupancy, double shrinkage) {
  const auto goal = w::goal_from(metric);
  if (!goal) raise(Error(ErrorCode::invalid_argument, "unknown metric `" + std::string(metric) + "`", "sl_offered, sl_excluding_short_abandons, sl_answered_only, mean_wait, abandonment, blocking"));
  return {*goal, value, threshold, max_occupancy, shrinkage};
}

w::Distribution distribution_of(const std::string& text) {
  Diagnostics diagnostics("distribution");
  const Node node = text.starts_with("{") ? unwrap(parse_document(text, "distribution")) : Node::scalar(text, false);
  auto d = w::read_distribution(node, diagnostics, "distribution");
  unwrap(diagnostics.status());
  return d;
}

// By shape: the constructor from a count takes the strides from numpy's descriptor, whose layout numpy 2 changed.
py::array_t<double> array_of(const std::vector<double>& v) { return py::array_t<double>(std::vector<py::ssize_t>{static_cast<py::ssize_t>(v.size())}, v.data()); }

std::vector<w::Regressor> regressors_of(const std::map<std::string, std::map<std::string, double>>& given) {
  std::vector<w::Regressor> out;
  for (const auto& [name, days] : given) {
    out.push_back({name, {}});
    for (const auto& [day, value] : days) out.back().days.emplace_back(unwrap(w::parse_day(day)), value);
  }
  return out;
}

void bind_formulas(py::module_& m) {
  using namespace py::literals;
  m.def("erlang_b", [](double servers, double load) { return unwrap(w::erlang_b(servers, load)); }, "servers"_a, "load"_a,
        "Blocking probability; servers may be fractional.");
  m.def("erlang_c", [](double rate, double handling, int servers, double threshold) {
          return to_dict(unwrap(w::erlang_c(traffic_of(rate, handling, {}, {}), servers, threshold)));
        }, "arrivals_per_s"_a, "handling_s"_a, "servers"_a, "threshold_s"_a = 20.0);
  m.def("erlang_a", [](double rate, double handling, int servers, std::optional<double> patience, double threshold, std::optional<long> capacity) {
          return to_dict(unwrap(w::erlang_a(traffic_of(rate, handling, patience, capacity), servers, threshold)));
        }, "arrivals_per_s"_a, "handling_s"_a, "servers"_a, "patience_s"_a = py::none(), "threshold_s"_a = 20.0, "capacity"_a = py::none(),
        "M/M/n/K+M: exact, with all three service levels.");
  m.def("mmn_g", [](double rate, double handling, int servers, const std::string& patience, double threshold) {
          return to_dict(unwrap(w::mmn_g(rate, handling, servers, distribution_of(patience), threshold)));
        }, "arrivals_per_s"_a, "handling_s"_a, "servers"_a, "patience"_a, "threshold_s"_a = 20.0, "Patience of any distribution, as JSON.");
  m.def("mg1", [](double rate, const std::string& handling) { return to_dict(unwrap(w::mg1(rate, distribution_of(handling)))); },
        "arrivals_per_s"_a, "handling"_a);
  m.def("priorities", [](const std::vector<double>& rates, double handling, int servers, double threshold) {
          py::list out;
          for (const auto& p : unwrap(w::priorities(rates, handling, servers, threshold))) out.append(to_dict(p));
          return out;
        }, "arrivals_per_s"_a, "handling_s"_a, "servers"_a, "threshold_s"_a = 20.0);
  m.def("time_varying", [](const std::vector<std::tuple<double, double, int>>& periods, double handling, std::optional<double> patience) {
          std::vector<w::Period> in;
          for (const auto& [duration, rate, servers] : periods) in.push_back({duration, rate, servers});
          py::list out;
          for (const auto& r : unwrap(w::time_varying(in, handling, patience.value_or(w::kPatient))))
            out.append(py::dict("arrivals"_a = r.arrivals, "abandons"_a = r.abandons, "served"_a = r.served, "mean_queue"_a = r.mean_queue,
                                "mean_busy"_a = r.mean_busy, "end_mean_queue"_a = r.end_mean_queue, "end_mean_busy"_a = r.end_mean_busy));
          return out;
        }, "periods"_a, "handling_s"_a, "patience_s"_a = py::none(), "periods: (duration_s, arrivals_per_s, servers).");
  m.def("staff", [](double rate, double handling, std::optional<double> patience, double target, double threshold, std::string_view metric,
                    double max_occupancy, double shrinkage, std::optional<long> capacity) {
          return to_dict(unwrap(w::staff(traffic_of(rate, handling, patience, capacity), target_of(target, threshold, metric, max_occupancy, shrinkage))));
        }, "arrivals_per_s"_a, "handling_s"_a, "patience_s"_a = py::none(), "target"_a = 0.85, "threshold_s"_a = 30.0, "metric"_a = "sl_offered",
        "max_occupancy"_a = 1.0, "shrinkage"_a = 0.0, "capacity"_a = py::none());
  m.def("staff_intervals", [](const std::vector<double>& counts, double interval, double handling, std::optional<double> patience, double target,
                              double threshold, std::string_view metric, double max_occupancy, double shrinkage, bool lagged) {
          std::vector<w::Demand> demand;
          for (const double c : counts) demand.push_back({c, 0});
          py::list out;
          for (const auto& s : unwrap(w::staff_intervals(demand, interval, traffic_of(0, handling, patience, {}),
                                                         target_of(target, threshold, metric, max_occupancy, shrinkage),
                                                         lagged ? w::Method::lagged : w::Method::sipp)))
            out.append(to_dict(s));
          return out;
        }, "counts"_a, "interval_s"_a, "handling_s"_a, "patience_s"_a = py::none(), "target"_a = 0.85, "threshold_s"_a = 30.0,
        "metric"_a = "sl_offered", "max_occupancy"_a = 1.0, "shrinkage"_a = 0.0, "lagged"_a = true);
  m.def("lines_for_blocking", [](double load, double target) { return unwrap(w::lines_for_blocking(load, target)); }, "load"_a, "target"_a);
  m.def("schedule_fit", [](const std::vector<double>& required, const std::vector<double>& scheduled) {
          const auto f = w::schedule_fit(required, scheduled);
          return py::dict("fit"_a = f.fit, "over"_a = f.over, "under"_a = f.under, "required"_a = f.required);
        }, "required"_a, "scheduled"_a);
}

void bind_forecasts(py::module_& m) {
  using namespace py::literals;
  py::class_<w::Series>(m, "Series", "Counts of consecutive intervals of local time.")
      .def(py::init([](const std::string& first_day, double interval_s, const std::vector<double>& counts) {
             return w::Series{unwrap(w::parse_day(first_day)), interval_s, counts};
           }), "first_day"_a, "interval_s"_a, "counts"_a)
      .def_property_readonly("first_day", [](const w::Series& s) { return w::day_text(s.first_day); })
      .def_readonly("interval_s", &w::Series::interval_s)
      .def_property_readonly("counts", [](const w::Series& s) { return array_of(s.counts); })
      .def_property_readonly("days", &w::Series::days)
      .def("coarser", [](const w::Series& s, double interval_s) { return unwrap(w::coarser(s, interval_s)); }, "interval_s"_a);
  m.def("read_counts", [](std::string_view csv, std::string_view file, std::string_view columns, double interval_s) {
          return unwrap(w::read_counts(csv, file, unwrap(w::parse_columns(columns)), interval_s));
        }, "csv"_a, "file"_a = "counts", "columns"_a = "", "interval_s"_a = 1800.0);
  py::class_<w::Forecast>(m, "Forecast")
      .def_readonly("mean", &w::Forecast::mean)
      .def("at", [](const w::Forecast& f, std::string_view level) {
             const auto l = w::level_from(level);
             if (!l) raise(Error(ErrorCode::invalid_argument, "no level `" + std::string(level) + "`", "minute, interval, half_hour, hour, day, week, month, year"));
             py::list out;
             for (const auto& q : f.at(*l)) out.append(py::make_tuple(w::day_text(q.day), q.start_s, q.seconds, q.mean, q.low80, q.high80, q.low95, q.high95));
             return out;
           }, "level"_a, "(day, start_s, seconds, mean, low80, high80, low95, high95) of each piece.");
  m.def("forecast", [](const w::Series& s, int days, const std::map<std::string, std::map<std::string, double>>& regressors) {
          const auto r = regressors_of(regressors);
          py::gil_scoped_release release;
          return unwrap(w::forecast(s, days, r));
        }, "history"_a, "days"_a, "regressors"_a = std::map<std::string, std::map<std::string, double>>());
  m.def("backtest", [](const w::Series& s, const std::map<std::string, std::map<std::string, double>>& regressors, int horizon, int warm_up) {
          py::list out;
          for (const auto& x : unwrap(w::backtest(s, regressors_of(regressors), horizon, warm_up)))
            out.append(py::dict("level"_a = std::string(w::to_string(x.level)), "mean_count"_a = x.mean_count, "floor"_a = x.floor, "wape"_a = x.wape,
                                "mean_of_4"_a = x.mean_of_4, "last_week"_a = x.last_week, "skill"_a = x.skill(), "coverage80"_a = x.coverage80,
                                "coverage95"_a = x.coverage95, "count"_a = x.count));
          return out;
        }, "history"_a, "regressors"_a = std::map<std::string, std::map<std::string, double>>(), "horizon_days"_a = 7, "warm_up_days"_a = 56);
}

void bind_shifts(py::module_& m) {
  using namespace py::literals;
  py::class_<w::ShiftPattern>(m, "ShiftPattern")
      .def(py::init([](int start, int length, std::vector<std::pair<int, int>> breaks, double cost) {
             return w::ShiftPattern{start, length, std::move(breaks), cost};
           }), "start"_a, "length"_a, "breaks"_a, "cost"_a)
      .def_readonly("start", &w::ShiftPattern::start)
      .def_readonly("length", &w::ShiftPattern::length)
      .def_readonly("breaks", &w::ShiftPattern::breaks)
      .def_readonly("cost", &w::ShiftPattern::cost)
      .def("covers", &w::ShiftPattern::covers, "slot"_a);
  m.def("enumerate_shifts", [](int slots, std::vector<int> lengths, int slots_per_day, int start_every, int earliest_start, int latest_start,
                               int break_length, int break_from, int break_to, int break_every, int break_needed_from, bool break_paid) {
          w::ShiftRules r;
          r.slots_per_day = slots_per_day, r.start_every = start_every, r.earliest_start = earliest_start, r.latest_start = latest_start;
          r.lengths = std::move(lengths), r.break_length = break_length, r.break_from = break_from, r.break_to = break_to, r.break_every = break_every;
          r.break_needed_from = break_needed_from, r.break_paid = break_paid;
          return unwrap(w::enumerate_shifts(r, slots));
        }, "slots"_a, "lengths"_a = std::vector<int>{16, 20, 24, 28, 32, 36}, "slots_per_day"_a = 96, "start_every"_a = 1, "earliest_start"_a = 0,
        "latest_start"_a = 96, "break_length"_a = 2, "break_from"_a = 6, "break_to"_a = 0, "break_every"_a = 2, "break_needed_from"_a = 20, "break_paid"_a = true);
  m.def("cover", [](const std::vector<w::ShiftPattern>& patterns, const std::vector<double>& required, double under_cost, double gap, double seconds,
                    const std::string& solver, std::uint64_t seed) {
          const w::CoverProblem problem{patterns, required, under_cost, 0};
          w::CoverSolution s;
          {
            py::gil_scoped_release release;
            if (solver == "own") s = unwrap(w::own_solver()->solve(problem, {gap, seconds, seed}));
            else s = unwrap(w::cover(problem, {gap, seconds, seed}));
          }
          return py::dict("counts"_a = s.counts, "cost"_a = s.cost, "bound"_a = s.bound, "gap"_a = s.gap(), "scheduled"_a = array_of(s.scheduled),
                          "fit"_a = s.fit.fit, "over"_a = s.fit.over, "under"_a = s.fit.under, "required"_a = s.fit.required, "shifts"_a = s.shifts(), "solver"_a = s.solver);
        }, "patterns"_a, "required"_a, "under_cost"_a = 0.0, "gap"_a = 0.001, "seconds"_a = 20.0, "solver"_a = "", "seed"_a = 1);
  py::class_<w::Person>(m, "Person")
      .def(py::init<>())
      .def_readwrite("name", &w::Person::name)
      .def_readwrite("skills", &w::Person::skills)
      .def_readwrite("most_hours_a_week", &w::Person::most_hours_a_week)
      .def_readwrite("wanted_hours_a_week", &w::Person::wanted_hours_a_week)
      .def_readwrite("most_days_a_week", &w::Person::most_days_a_week)
      .def_readwrite("rest_hours", &w::Person::rest_hours)
      .def_readwrite("days_off", &w::Person::days_off)
      .def_readwrite("wished_days_off", &w::Person::wished_days_off)
      .def_readwrite("earliest_hour", &w::Person::earliest_hour)
      .def_readwrite("latest_hour", &w::Person::latest_hour)
      .def_readwrite("wished_from", &w::Person::wished_from)
      .def_readwrite("wished_to", &w::Person::wished_to)
      .def_readwrite("wished_break_from", &w::Person::wished_break_from)
      .def_readwrite("wished_break_to", &w::Person::wished_break_to);
  m.def("assign", [](const std::vector<w::Person>& people, const std::vector<std::tuple<int, w::ShiftPattern, std::string>>& demand, double slot_hours,
                     std::uint64_t seed, int rounds) {
          std::vector<w::ShiftDemand> in;
          for (const auto& [day, pattern, skill] : demand) in.push_back({day, pattern, skill});
          const auto r = unwrap(w::assign(people, in, {slot_hours, seed, rounds}));
          return py::dict("person_of"_a = r.person_of, "hours"_a = r.hours, "unfilled"_a = r.unfilled, "wishes"_a = r.wishes,
                          "wishes_granted"_a = r.wishes_granted, "violations"_a = r.violations);
        }, "people"_a, "demand"_a, "slot_hours"_a = 0.25, "seed"_a = 1, "rounds"_a = 20000, "demand: (day, pattern, skill).");
}

}  // namespace

void bind_wfm(py::module_& module) {
  bind_formulas(module);
  bind_forecasts(module);
  bind_shifts(module);
}
