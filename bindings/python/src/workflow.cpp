#include "hotline/workflow.hpp"

#include "bind.hpp"

using namespace hotline;
using namespace hotline::python;
using namespace hotline::workflow;

namespace {

// An instance with its definition and its calendars: what Python holds.
struct Run {
  Definition definition;
  std::vector<Calendar> calendars;
  Instance instance;
};

std::string decide_json(Run& run, std::string_view record) {
  const Record r = unwrap(Record::parse(run.definition, record, &run.instance));
  if (r.is_start()) raise(Error(ErrorCode::wrong_state, "the instance has started", "send an event"));
  Decision d;
  {
    py::gil_scoped_release release;
    r.apply(run.definition, run.instance, run.calendars, d);
  }
  const std::string out = d.to_json();
  if (d.accepted()) run.instance = std::move(d.next);
  return out;
}

CalendarSpec parsed(std::string_view text, std::string_view file) {
  Diagnostics diagnostics{std::string(file)};
  return unwrap(CalendarSpec::parse(text, file, diagnostics));
}

Calendar derived(const Calendar& calendar, const std::function<Status(CalendarSpec&)>& change) {
  CalendarSpec spec = calendar.spec();
  unwrap(change(spec));
  return unwrap(Calendar::compile(spec));
}

Diagram diagram_of(std::string_view format) {
  if (format == "svg") return Diagram::svg;
  if (format == "mermaid") return Diagram::mermaid;
  if (format == "dot") return Diagram::dot;
  raise(
      Error(ErrorCode::invalid_argument, "no diagram format `" + std::string(format) + "`", "use svg, mermaid or dot"));
}

}  // namespace

void bind_workflow(py::module_& module) {
  py::class_<Calendar>(module, "Calendar")
      .def_static(
          "load", [](const std::string& path) { return unwrap(Calendar::load(path)); }, py::arg("path"))
      .def_static(
          "parse",
          [](std::string_view text, std::string_view file) { return unwrap(Calendar::compile(parsed(text, file))); },
          py::arg("text"), py::arg("file") = "calendar")
      .def_static(
          "always", [](std::string_view zone) { return Calendar::always(unwrap(TimeZone::find(zone))); },
          py::arg("timezone") = "UTC")
      .def("with_holidays",
           [](const Calendar& c, std::string_view text, std::int64_t at) {
             return derived(c, [&](CalendarSpec& s) { return s.add_holiday_json(text, "holidays", to_time(at)); });
           })
      .def("with_icalendar",
           [](const Calendar& c, std::string_view text, std::int64_t at) {
             return derived(c, [&](CalendarSpec& s) { return s.add_icalendar(text, "icalendar", to_time(at)); });
           })
      .def("with_overlay",
           [](const Calendar& c, std::string_view text) {
             return derived(c, [&](CalendarSpec& s) {
               Diagnostics diagnostics("overlay");
               return s.overlay(text, "overlay", diagnostics);
             });
           })
      .def("as_of", [](const Calendar& c, std::int64_t at) { return c.as_of(to_time(at)); })
      .def_property_readonly("id", &Calendar::id)
      .def_property_readonly("version", &Calendar::version)
      .def_property_readonly("timezone", [](const Calendar& c) { return c.timezone().id(); })
      .def("to_json", [](const Calendar& c) { return c.spec().to_json(); })
      .def("due",
           [](const Calendar& c, std::int64_t start, std::string_view term) {
             const Due d = c.due(to_time(start), unwrap(parse_term(term)));
             return py::make_tuple(d.at == Due::never ? py::object(py::none()) : py::object(py::int_(to_ns(d.at))),
                                   d.provisional);
           })
      .def("elapsed",
           [](const Calendar& c, std::int64_t a, std::int64_t b) { return c.elapsed(to_time(a), to_time(b)).count(); })
      .def("work_days_between", [](const Calendar& c, std::int64_t a,
                                   std::int64_t b) { return c.work_days_between(to_time(a), to_time(b)); })
      .def("is_working", [](const Calendar& c, std::int64_t t) { return c.is_working(to_time(t)); })
      .def("next_working",
           [](const Calendar& c, std::int64_t t) {
             const Time next = c.next_working(to_time(t));
             return next == Due::never ? py::object(py::none()) : py::object(py::int_(to_ns(next)));
           })
      .def("is_workday",
           [](const Calendar& c, std::string_view date) { return c.is_workday(unwrap(parse_date(date))); })
      .def("is_known", &Calendar::is_known)
      .def("offset", [](const Calendar& c, std::int64_t t) { return c.timezone().offset_at(to_time(t)); })
      .def("day", [](const Calendar& c, std::string_view date) {
        const Calendar::Day d = c.day(unwrap(parse_date(date)));
        py::dict out;
        out["kind"] = d.kind == nullptr ? py::object(py::none()) : py::object(py::str(d.kind->name));
        out["name"] = std::string(d.name);
        out["workday"] = d.workday;
        out["exception"] = d.exception;
        out["provisional"] = d.provisional;
        return out;
      });

  py::class_<Definition>(module, "Definition")
      .def_static(
          "load", [](const std::string& path) { return unwrap(Definition::load(path)); }, py::arg("path"))
      .def_static(
          "parse",
          [](std::string_view text, std::string_view file) {
            Diagnostics diagnostics{std::string(file)};
            return unwrap(Definition::parse(text, file, diagnostics));
          },
          py::arg("text"), py::arg("file") = "workflow")
      .def_property_readonly("id", &Definition::id)
      .def_property_readonly("version", &Definition::version)
      .def_property_readonly("fingerprint", &Definition::fingerprint)
      .def_property_readonly(
          "roles", [](const Definition& d) { return std::vector<std::string>(d.roles().begin(), d.roles().end()); })
      .def_property_readonly(
          "calendars",
          [](const Definition& d) { return std::vector<std::string>(d.calendars().begin(), d.calendars().end()); })
      .def_property_readonly("regions",
                             [](const Definition& d) {
                               py::dict out;
                               for (const Region& r : d.root().regions) {
                                 py::list states;
                                 for (const State& s : r.states) states.append(s.name);
                                 out[py::str(r.name)] = states;
                               }
                               return out;
                             })
      .def_property_readonly("events",
                             [](const Definition& d) {
                               std::vector<std::string> out;
                               for (const EventType& e : d.root().events)
                                 if (!e.internal) out.push_back(e.name);
                               return out;
                             })
      .def("public_status",
           [](const Definition& d, std::string_view state) -> py::object {
             const PublicStatus* s = d.public_status(d.root().regions.front().find(state));
             if (s == nullptr) return py::none();
             py::dict out;
             out["code"] = s->code;
             out["zh"] = s->phrase.zh;
             out["en"] = s->phrase.en;
             return out;
           })
      .def("to_json", &Definition::to_json)
      .def(
          "draw",
          [](const Definition& d, std::string_view format, std::string_view language) {
            return draw(d, diagram_of(format), language == "en" ? Language::en : Language::zh);
          },
          py::arg("format") = "svg", py::arg("language") = "zh");

  module.def("check", [](const std::string& path) {
    Diagnostics diagnostics(path);
    const auto d = Definition::load(path, diagnostics);
    if (!d.ok() && !diagnostics.has_errors()) raise(d.error());
    return py::make_tuple(diagnostics.to_json(), diagnostics.to_text(), d.ok());
  });
  module.def("check_migration", [](const Definition& from, const Definition& to) {
    Diagnostics diagnostics(to.id());
    (void)check_migration(from, to, diagnostics).ok();
    return diagnostics.to_text();
  });
  module.def("parse_term", [](std::string_view text) { return to_string(unwrap(parse_term(text))); });

  module.def(
      "import_scxml", [](std::string_view text, std::string_view file) { return unwrap(import_scxml(text, file)); },
      py::arg("text"), py::arg("file") = "chart.scxml");
  module.def("export_scxml", &export_scxml);
  module.def(
      "run_scxml",
      [](std::string_view text, const std::vector<std::string>& events, std::string_view file) {
        const ScxmlRun run = unwrap(run_scxml(text, file, events));
        py::dict out;
        out["configuration"] = run.configuration;
        out["steps"] = run.steps;
        out["log"] = run.log;
        out["finished"] = run.finished;
        return out;
      },
      py::arg("text"), py::arg("events") = std::vector<std::string>{}, py::arg("file") = "chart.scxml");

  py::class_<Run>(module, "Instance")
      .def(py::init([](const Definition& definition, std::vector<Calendar> calendars, std::string_view record) {
        const Record r = unwrap(Record::parse(definition, record));
        Decision d;
        r.apply(definition, {}, calendars, d);
        if (!d.accepted())
          raise(Error(ErrorCode::wrong_state, "the start is refused: " + d.refusal.reason, "check the fields"));
        return Run{definition, std::move(calendars), std::move(d.next)};
      }))
      .def_static("restore",
                  [](const Definition& definition, std::vector<Calendar> calendars, std::string_view json) {
                    return Run{definition, std::move(calendars), unwrap(Instance::parse(definition, json))};
                  })
      .def("decide", &decide_json)
      .def(
          "state",
          [](const Run& r, std::string_view region, NodeId node) {
            return std::string(r.instance.state(r.definition, node, region));
          },
          py::arg("region") = "main", py::arg("node") = 0)
      .def("to_json", [](const Run& r) { return r.instance.to_json(r.definition); })
      .def_property_readonly("version", [](const Run& r) { return r.instance.version; })
      .def_property_readonly("finished", [](const Run& r) { return r.instance.finished(r.definition); });

  py::class_<Session>(module, "Session")
      .def(py::init<Definition, std::vector<Calendar>>(), py::arg("definition"),
           py::arg("calendars") = std::vector<Calendar>{})
      .def("apply", [](Session& s, std::int64_t at, std::string_view verb,
                       std::string_view fields) { unwrap(s.apply(Duration{at}, verb, fields)); })
      .def("advance",
           [](Session& s, std::int64_t at) {
             py::gil_scoped_release release;
             s.advance(Duration{at});
           })
      .def("take_events",
           [](Session& s) {
             py::list out;
             for (const auto& e : s.take_events()) out.append(py::make_tuple(e.at.count(), e.verb, e.fields));
             return out;
           })
      .def(
          "state",
          [](const Session& s, std::string_view region, NodeId node) {
            return std::string(s.instance().state(s.definition(), node, region));
          },
          py::arg("region") = "main", py::arg("node") = 0)
      .def("to_json", [](const Session& s) { return s.instance().to_json(s.definition()); })
      .def_property_readonly("now", [](const Session& s) { return to_ns(s.now()); })
      .def_property_readonly("next_timer", [](const Session& s) {
        return s.next_timer() == Due::never ? py::object(py::none()) : py::object(py::int_(to_ns(s.next_timer())));
      });
}
