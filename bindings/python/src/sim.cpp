#include "hotline/sim.hpp"

#include <pybind11/numpy.h>

#include "bind.hpp"

using namespace hotline;
using namespace hotline::python;
namespace s = hotline::sim;

namespace {

py::tuple to_tuple(const s::Estimate& e) { return py::make_tuple(e.value, e.low(), e.high(), e.standard_error, e.rows); }

// A simulation with the Python functions that decide in it.
struct Run {
  std::shared_ptr<s::Experiment> experiment;  // outlives the simulation, which refers to its model
  std::exception_ptr failure;
  std::vector<s::ContactRecord> records;
  std::unique_ptr<s::Simulation> simulation;

  template <class F>
  void go(F&& body) {
    body();
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

struct Chooser {
  py::function function;
  Run* run;
};

std::int64_t choose_agent(void* context, acd::ContactCandidate contact, std::span<const acd::AgentCandidate> agents, Time now) {
  auto* chooser = static_cast<Chooser*>(context);
  const py::gil_scoped_acquire gil;
  try {
    py::list list;
    for (const auto& a : agents)
      list.append(py::make_tuple(a.agent.value, a.team.value, a.tier, 1e-9 * static_cast<double>((now - a.idle_since).count()), a.answered));
    return chooser->function(py::make_tuple(contact.queue.value, contact.priority, 1e-9 * static_cast<double>((now - contact.since).count())), list).cast<std::int64_t>();
  } catch (...) {
    if (!chooser->run->failure) chooser->run->failure = std::current_exception();
    return -1;
  }
}

std::int64_t choose_contact(void* context, acd::AgentCandidate agent, std::span<const acd::ContactCandidate> contacts, Time now) {
  auto* chooser = static_cast<Chooser*>(context);
  const py::gil_scoped_acquire gil;
  try {
    py::list list;
    for (const auto& c : contacts)
      list.append(py::make_tuple(c.queue.value, c.priority, 1e-9 * static_cast<double>((now - c.since).count()), c.queue_length));
    return chooser->function(py::make_tuple(agent.agent.value, agent.team.value), list).cast<std::int64_t>();
  } catch (...) {
    if (!chooser->run->failure) chooser->run->failure = std::current_exception();
    return -1;
  }
}

// Python policies of a run: name of queue or team -> function.
struct PolicySet {
  std::vector<std::unique_ptr<Chooser>> kept;
  s::Policies policies;
};

PolicySet policies_of(const acd::Definition& centre, const std::map<std::string, py::function>& agents,
                      const std::map<std::string, py::function>& contacts, Run* run) {
  PolicySet out;
  for (const auto& [name, f] : agents) {
    const auto queue = centre.find_queue(name);
    if (!queue) raise(Error(ErrorCode::not_found, "there is no queue `" + name + "`", "name a queue of the centre"));
    out.kept.push_back(std::make_unique<Chooser>(Chooser{f, run}));
    out.policies.agents.emplace_back(queue, acd::AgentChooser{choose_agent, out.kept.back().get()});
  }
  for (const auto& [name, f] : contacts) {
    const auto team = centre.find_team(name);
    if (!team) raise(Error(ErrorCode::not_found, "there is no team `" + name + "`", "name a team of the centre"));
    out.kept.push_back(std::make_unique<Chooser>(Chooser{f, run}));
    out.policies.contacts.emplace_back(team, acd::ContactChooser{choose_contact, out.kept.back().get()});
  }
  return out;
}

struct PyRun : Run {
  PolicySet set;
};

std::unique_ptr<PyRun> start(const std::shared_ptr<s::Experiment>& experiment, std::size_t variant, std::uint32_t replication,
                             const std::map<std::string, py::function>& agents, const std::map<std::string, py::function>& contacts) {
  if (variant >= experiment->variants.size()) raise(Error(ErrorCode::not_found, "no such variant", "variants count from 0"));
  const s::Variant& v = experiment->variants[variant];
  auto run = std::make_unique<PyRun>();
  run->experiment = experiment;
  run->set = policies_of(v.model.centre, agents, contacts, run.get());
  run->go([&] {
    run->simulation = std::make_unique<s::Simulation>(v.model, v.plan, replication, v.has_snapshot ? &v.snapshot : nullptr, &run->set.policies);
  });
  return run;
}

void bind_report(py::module_& m) {
  using namespace py::literals;
  py::class_<s::Report>(m, "Report", "What a run counted: rows (replication, interval) x columns.")
      .def_readonly("streams", &s::Report::streams)
      .def_readonly("teams", &s::Report::teams)
      .def_readonly("agents", &s::Report::agents)
      .def_readonly("tickets", &s::Report::tickets)
      .def_readonly("replications", &s::Report::replications)
      .def_readonly("intervals", &s::Report::intervals)
      .def_readonly("interval_s", &s::Report::interval_s)
      .def_readonly("contacts", &s::Report::contacts)
      .def_property_readonly("columns", &s::Report::column_names)
      .def_property_readonly("cells", [](const s::Report& r) {
        const std::vector<py::ssize_t> shape{r.replications, r.intervals, static_cast<py::ssize_t>(r.width())};
        return py::array_t<double>(shape, r.cells.data());
      }, "Array (replication, interval, column).")
      .def("figure", [](const s::Report& r, std::string_view name) { return to_tuple(unwrap(r.figure(name))); }, "name"_a, "(value, low, high, standard error, rows)")
      .def_property_readonly("figure_names", &s::Report::figure_names)
      .def("wait_quantile", [](const s::Report& r, std::size_t stream, double q) { return r.waits.at(stream).quantile_s(q); }, "stream"_a, "q"_a)
      .def("to_csv", &s::Report::to_csv)
      .def("to_json", &s::Report::to_json)
      .def("to_text", &s::Report::to_text);
  m.def("mser5", &s::mser5, "values"_a, "Leading values to leave out as warm-up (MSER-5).");
  m.def("difference", [](const s::Report& a, const s::Report& b, std::string_view figure) { return to_tuple(unwrap(s::difference(a, b, figure))); },
        "a"_a, "b"_a, "figure"_a, "b - a of a figure, paired.");
}

void bind_experiment(py::module_& m) {
  using namespace py::literals;
  py::class_<s::Experiment, std::shared_ptr<s::Experiment>>(m, "Experiment")
      .def_readonly("name", &s::Experiment::name)
      .def_property_readonly("variants", [](const s::Experiment& e) {
        std::vector<std::string> names;
        for (const auto& v : e.variants) names.push_back(v.name);
        return names;
      })
      .def("queues", [](const s::Experiment& e) {
        std::vector<std::string> names;
        for (const auto& q : e.variants.at(0).model.centre.queues) names.push_back(q.name);
        return names;
      })
      .def("teams", [](const s::Experiment& e) {
        std::vector<std::string> names;
        for (const auto& t : e.variants.at(0).model.centre.teams) names.push_back(t.name);
        return names;
      })
      .def("run", [](const s::Experiment& e, unsigned threads, const py::object& progress) {
        s::Comparison c;
        {
          py::gil_scoped_release release;
          std::function<void(const std::string&, std::uint32_t, std::uint32_t)> tell;
          if (!progress.is_none())
            tell = [&](const std::string& name, std::uint32_t done, std::uint32_t of) {
              const py::gil_scoped_acquire gil;
              progress(name, done, of);
            };
          c = unwrap(s::run_experiment(e, threads, tell));
        }
        return c;
      }, "threads"_a = 0, "progress"_a = py::none())
      .def("staff_teams", [](const s::Experiment& e, std::vector<std::uint32_t> agents, std::vector<double> targets, const std::string& figure,
                             std::vector<double> costs, unsigned threads, std::uint32_t most) {
        s::TeamStaffing r;
        {
          py::gil_scoped_release release;
          r = unwrap(s::staff_teams(e.variants.at(0).model, e.variants.at(0).plan, {figure, targets, costs, most}, std::move(agents), threads));
        }
        return py::dict("agents"_a = r.agents, "levels"_a = r.levels, "met"_a = r.met, "simulations"_a = r.simulations, "report"_a = r.report);
      }, "agents"_a, "targets"_a, "figure"_a = "sl_offered", "costs"_a = std::vector<double>(), "threads"_a = 0, "most_simulations"_a = 200)
      .def("run_with", [](const std::shared_ptr<s::Experiment>& e, std::size_t variant, const std::map<std::string, py::function>& agents,
                          const std::map<std::string, py::function>& contacts) {
        // Functions of Python decide: one replication after the other.
        const auto& plan = e->variants.at(variant).plan;
        s::Report all;
        for (std::uint32_t r = 0; r < plan.replications; ++r) {
          const auto run = start(e, variant, r, agents, contacts);
          run->go([&] { run->simulation->run(); });
          s::Report one = run->simulation->report();
          if (r == 0) all = one;
          else {
            all.cells.insert(all.cells.end(), one.cells.begin(), one.cells.end());
            for (std::size_t i = 0; i < all.waits.size(); ++i) all.waits[i].merge(one.waits[i]);
            all.contacts += one.contacts;
            all.decisions += one.decisions;
            ++all.replications;
          }
          if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        }
        return all;
      }, "variant"_a, "agent_choosers"_a, "contact_choosers"_a);
  py::class_<s::Comparison>(m, "Comparison")
      .def_property_readonly("names", [](const s::Comparison& c) {
        std::vector<std::string> names;
        for (const auto& o : c.outcomes) names.push_back(o.name);
        return names;
      })
      .def("report", [](const s::Comparison& c, std::size_t i) { return c.outcomes.at(i).report; }, "index"_a)
      .def("to_text", &s::Comparison::to_text)
      .def("to_json", &s::Comparison::to_json);
  m.def("parse_experiment", [](std::string_view text, std::string_view file) { return std::make_shared<s::Experiment>(unwrap(s::parse_experiment(text, file))); },
        "text"_a, "file"_a = "experiment");
  m.def("load_experiment", [](const std::string& path) { return std::make_shared<s::Experiment>(unwrap(s::load_experiment(path))); }, "path"_a);
}

void bind_simulation(py::module_& m) {
  using namespace py::literals;
  py::class_<PyRun>(m, "Simulation", "One replication, step by step.")
      .def(py::init(&start), "experiment"_a, "variant"_a = 0, "replication"_a = 0, "agent_choosers"_a = std::map<std::string, py::function>(),
           "contact_choosers"_a = std::map<std::string, py::function>())
      .def("record", [](PyRun& r) { r.simulation->on_contact([&r](const s::ContactRecord& c) { r.records.push_back(c); }); },
           "Keep each finished contact (see contacts()).")
      .def("contacts", [](const PyRun& r) {
        py::array_t<double> out(std::vector<py::ssize_t>{static_cast<py::ssize_t>(r.records.size()), 7});
        auto view = out.mutable_unchecked<2>();
        for (py::ssize_t i = 0; i < static_cast<py::ssize_t>(r.records.size()); ++i) {
          const auto& c = r.records[static_cast<std::size_t>(i)];
          const double row[] = {static_cast<double>(c.stream), static_cast<double>(c.agent), c.arrival_s, c.wait_s, c.handling_s,
                                static_cast<double>(c.outcome), static_cast<double>(c.row)};
          for (int k = 0; k < 7; ++k) view(i, k) = row[k];
        }
        return out;
      }, "Array: stream, agent, arrival_s, wait_s, handling_s, outcome (2 answered, 3 abandoned, 1 blocked), row.")
      .def("run", [](PyRun& r) { r.go([&] { r.simulation->run(); }); })
      .def("run_until", [](PyRun& r, double seconds) {
        bool on = false;
        r.go([&] { on = r.simulation->run_until(seconds); });
        return on;
      }, "seconds"_a)
      .def("run_until_choice", [](PyRun& r) {
        bool on = false;
        r.go([&] { on = r.simulation->run_until_choice(); });
        return on;
      })
      .def("push", [](PyRun& r, std::size_t queue, std::size_t team) { return std::string(acd::to_string(r.simulation->push(queue, team))); }, "queue"_a, "team"_a)
      .def_property_readonly("now", [](const PyRun& r) { return r.simulation->now_s(); })
      .def("waiting", [](const PyRun& r, std::size_t queue) { return r.simulation->waiting(queue); }, "queue"_a)
      .def("longest_wait", [](const PyRun& r, std::size_t queue) { return r.simulation->longest_wait_s(queue); }, "queue"_a)
      .def("idle", [](const PyRun& r, std::size_t team) { return r.simulation->idle(team); }, "team"_a)
      .def("possible", [](const PyRun& r, std::size_t queue, std::size_t team) { return r.simulation->possible(queue, team); }, "queue"_a, "team"_a)
      .def("step", [](PyRun& r, double seconds) { return r.simulation->run_until(r.simulation->now_s() + seconds); }, "seconds"_a)
      .def("report", [](const PyRun& r) { return r.simulation->report(); });
}

void bind_session(py::module_& m) {
  using namespace py::literals;
  py::class_<s::Session>(m, "Session", "One replication under a clock that the caller moves; times in ns since the start.")
      .def(py::init([](const std::shared_ptr<s::Experiment>& e, std::size_t variant, std::uint32_t replication) { return s::Session(*e, variant, replication); }),
           "experiment"_a, "variant"_a = 0, "replication"_a = 0)
      .def("apply", [](s::Session& x, std::int64_t at, std::string_view verb, std::string_view fields) { unwrap(x.apply(Duration{at}, verb, fields)); },
           "at"_a, "verb"_a, "fields"_a = "{}")
      .def("advance", [](s::Session& x, std::int64_t at) {
             const py::gil_scoped_release release;
             x.advance(Duration{at});
           }, "at"_a)
      .def("take_events", [](s::Session& x) {
        py::list out;
        for (const auto& e : x.take_events()) out.append(py::make_tuple(e.at.count(), e.verb, e.fields));
        return out;
      })
      .def("report", &s::Session::report);
}

void bind_files(py::module_& m) {
  using namespace py::literals;
  py::class_<s::GoldenReport>(m, "GoldenReport")
      .def_property_readonly("accepted", &s::GoldenReport::accepted)
      .def_property_readonly("coverage", &s::GoldenReport::coverage)
      .def_readonly("largest_z", &s::GoldenReport::largest_z)
      .def("to_text", &s::GoldenReport::to_text)
      .def("to_csv", &s::GoldenReport::to_csv)
      .def("to_json", &s::GoldenReport::to_json);
  m.def("golden", [](const std::string& path, double contacts, std::uint64_t seed, unsigned threads, const std::string& only, bool simulate_all, const py::object& progress) {
          s::GoldenOptions options;
          options.contacts = contacts, options.seed = seed, options.threads = threads, options.only = only, options.simulate_all = simulate_all;
          if (!progress.is_none())
            options.progress = [&](std::size_t done, std::size_t of, const s::GoldenCase& last) {
              const py::gil_scoped_acquire gil;
              progress(done, of, last.id);
            };
          py::gil_scoped_release release;
          return unwrap(s::run_golden(unwrap(load_document(path)), options));
        }, "path"_a, "contacts"_a = 4e6, "seed"_a = 1, "threads"_a = 0, "only"_a = "", "simulate_all"_a = false, "progress"_a = py::none());
  py::class_<s::Replay>(m, "Replay")
      .def_readonly("mean_patience_s", &s::Replay::mean_patience_s)
      .def_property_readonly("days", [](const s::Replay& r) {
        py::list out;
        for (const auto& d : r.days)
          out.append(py::dict("day"_a = wfm::day_text(d.day), "offered"_a = d.offered, "agents"_a = d.agents, "logged_sl"_a = d.logged_sl,
                              "simulated_sl"_a = d.simulated_sl, "logged_abandon"_a = d.logged_abandon, "simulated_abandon"_a = d.simulated_abandon,
                              "logged_wait"_a = d.logged_wait, "simulated_wait"_a = d.simulated_wait, "logged_hourly_wait"_a = d.logged_hourly_wait,
                              "simulated_hourly_wait"_a = d.simulated_hourly_wait));
        return out;
      })
      .def("to_text", &s::Replay::to_text)
      .def("to_csv", &s::Replay::to_csv);
  m.def("replay", [](std::string_view csv, std::string_view file, std::string_view columns, double threshold, double slot, std::uint32_t replications, std::uint64_t seed) {
          s::ReplayOptions options;
          options.threshold_s = threshold, options.slot_s = slot, options.replications = replications, options.seed = seed;
          py::gil_scoped_release release;
          return unwrap(s::replay(unwrap(wfm::read_calls(csv, file, unwrap(wfm::parse_columns(columns)))), options));
        }, "csv"_a, "file"_a = "calls", "columns"_a = "", "threshold_s"_a = 20.0, "slot_s"_a = 900.0, "replications"_a = 20, "seed"_a = 1);
}

}  // namespace

void bind_sim(py::module_& module) {
  bind_report(module);
  bind_experiment(module);
  bind_simulation(module);
  bind_session(module);
  bind_files(module);
}
