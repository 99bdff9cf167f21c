#include "bind.hpp"
#include "hotline/ivr.hpp"
#include "hotline/ivr/build.hpp"
#include "hotline/ivr/schema.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::python;

namespace {

py::object to_python(const ivr::ValueView& value) {
  switch (value.index()) {
    case 1: return py::bool_(std::get<bool>(value));
    case 2: return py::int_(std::get<std::int64_t>(value));
    case 3: return py::float_(std::get<double>(value));
    case 4: return py::str(std::string(std::get<std::string_view>(value)));
    default: return py::none();
  }
}

ivr::Value from_python(const py::handle& value) {
  if (value.is_none()) return {};
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::int_>(value)) return value.cast<std::int64_t>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  return py::str(value).cast<std::string>();
}

std::vector<ivr::Field> fields_of(const py::dict& dict) {
  std::vector<ivr::Field> fields;
  for (const auto& [key, value] : dict) fields.push_back({key.cast<std::string>(), from_python(value)});
  return fields;
}

// answer(kind, target, arguments) -> None | outcome | fields | (outcome, fields)
Answers answers_of(const py::object& answer) {
  if (answer.is_none()) return {};
  return [answer](const Action& action, Answer& into) {
    py::dict arguments;
    for (const Argument& a : action.arguments) arguments[py::str(std::string(a.name))] = to_python(a.value);
    py::object given = answer(std::string(to_string(action.kind)), std::string(action.target), arguments);
    if (given.is_none()) return false;
    into.outcome = action.kind == ActionKind::queue || action.kind == ActionKind::transfer ? Outcome::answered : Outcome::ok;
    if (py::isinstance<py::tuple>(given)) {
      into.outcome = unwrap(parse_outcome(given.cast<py::tuple>()[0].cast<std::string>()));
      into.fields = fields_of(given.cast<py::tuple>()[1].cast<py::dict>());
    } else if (py::isinstance<py::dict>(given)) {
      into.fields = fields_of(given.cast<py::dict>());
    } else {
      into.outcome = unwrap(parse_outcome(given.cast<std::string>()));
    }
    return true;
  };
}

struct PyExamined {
  Examined examined;
};

// A journal whose lines go to a Python function.
struct PyJournal {
  explicit PyJournal(py::function sink) : journal([sink = std::move(sink)](std::string_view line) { sink(std::string(line)); }) {}
  Journal journal;
};

GraphOptions graph_options(const py::dict& heat, bool handlers) {
  GraphOptions options;
  options.handlers = handlers;
  for (const auto& [node, value] : heat) {
    const auto pair = value.cast<py::tuple>();
    options.heat.push_back({node.cast<std::string>(), pair[0].cast<double>(), pair[1].cast<std::string>()});
  }
  return options;
}

build::Value json_value(const std::string& json) {
  const Node whole = unwrap(parse_document("[" + json + "]", "fields"));
  return build::Value(whole.items().front());
}

LoadOptions load_options(const std::string& bindings, bool audio_files, const std::string& today) {
  LoadOptions options;
  options.bindings = bindings;
  options.audio_files = audio_files;
  options.today = today;
  return options;
}

}  // namespace

void bind_ivr(py::module_& module) {
  py::class_<PyExamined>(module, "Examined", "A flow that may be broken, with every complaint.")
      .def_property_readonly("ok", [](const PyExamined& e) { return e.examined.ok(); })
      .def_property_readonly("errors", [](const PyExamined& e) { return e.examined.diagnostics.error_count(); })
      .def("to_text", [](const PyExamined& e) { return e.examined.diagnostics.to_text(); })
      .def("to_json", [](const PyExamined& e) { return e.examined.diagnostics.to_json(); })
      .def("to_sarif", [](const PyExamined& e) { return e.examined.diagnostics.to_sarif("hotline ivr check"); })
      .def("flow", [](const PyExamined& e) -> py::object {
        return e.examined.program ? py::cast(Flow(e.examined.program)) : py::none();
      }, "The flow as far as it could be compiled, or None.");

  py::class_<Flow>(module, "Flow", "A compiled flow: immutable, shared by all calls.")
      .def_static("load", [](const std::string& path, const std::string& bindings) { return unwrap(Flow::load(path, load_options(bindings, false, ""))); },
                  py::arg("path"), py::arg("bindings") = "")
      .def_static("parse", [](const std::string& text, const std::string& file) { return unwrap(Flow::parse(text, file)); }, py::arg("text"), py::arg("file") = "flow")
      .def_property_readonly("id", &Flow::id)
      .def_property_readonly("title", &Flow::title)
      .def_property_readonly("version", &Flow::version)
      .def_property_readonly("languages", &Flow::languages)
      .def_property_readonly("fingerprint", &Flow::fingerprint)
      .def_property_readonly("nodes", [](const Flow& f) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < f.size(); ++i) ids.emplace_back(f.node_id(i));
        return ids;
      })
      .def("__len__", &Flow::size)
      .def("to_json", &Flow::to_json)
      .def("warnings_text", [](const Flow& f) { return f.diagnostics().to_text(); })
      .def("warnings_json", [](const Flow& f) { return f.diagnostics().to_json(); })
      .def("to_svg", [](const Flow& f, const py::dict& heat, bool handlers) { return to_svg(f.program(), graph_options(heat, handlers)); }, py::arg("heat") = py::dict(), py::arg("handlers") = false)
      .def("to_mermaid", [](const Flow& f) { return to_mermaid(f.program()); })
      .def("to_dot", [](const Flow& f) { return to_dot(f.program()); })
      .def("menu_card", [](const Flow& f) { return to_menu_card(f.program()); });

  module.def("node_types", [] {
    std::vector<std::pair<std::string, std::string>> types;
    for (const NodeKind& t : node_kinds()) types.emplace_back(t.name, t.fields);
    return types;
  }, "Every type of node with its fields.");
  const auto called = [](const std::string& file, std::uint32_t line) { return build::At{file, line}; };
  py::class_<NodesBuilder>(module, "NodesBuilder")
      .def("node", [called](NodesBuilder& b, const std::string& type, const std::string& id, const std::string& fields, const std::string& file, std::uint32_t line) {
        b.node(type, id, json_value(fields), called(file, line));
      });
  py::class_<FlowBuilder, NodesBuilder>(module, "FlowBuilder", "Makes the document that a file would be read into; fields travel as JSON.")
      .def(py::init([called](const std::string& id, const std::string& file, std::uint32_t line) { return std::make_unique<FlowBuilder>(id, called(file, line)); }))
      .def("set", [called](FlowBuilder& b, const std::string& key, const std::string& value, const std::string& file, std::uint32_t line) { b.set(key, json_value(value), called(file, line)); })
      .def("define", [called](FlowBuilder& b, const std::string& name, const std::string& keys, const std::string& file, std::uint32_t line) -> NodesBuilder& {
        return b.define(name, json_value(keys), called(file, line));
      }, py::return_value_policy::reference_internal)
      .def("to_json", &FlowBuilder::to_json)
      .def("examine", [](const FlowBuilder& b, const std::string& folder, const std::string& bindings) {
        LoadOptions options = load_options(bindings, false, "");
        options.read = files_below(folder);
        return PyExamined{b.examine(options)};
      }, py::arg("folder") = "", py::arg("bindings") = "")
      .def("build", [](const FlowBuilder& b, const std::string& folder, const std::string& bindings) {
        LoadOptions options = load_options(bindings, false, "");
        options.read = files_below(folder);
        return unwrap(b.build(options));
      }, py::arg("folder") = "", py::arg("bindings") = "");

  module.def("examine", [](const std::string& path, const std::string& bindings, bool audio_files, const std::string& today) {
    return PyExamined{unwrap(examine_file(path, load_options(bindings, audio_files, today)))};
  }, py::arg("path"), py::arg("bindings") = "", py::arg("audio_files") = false, py::arg("today") = "");
  module.def("examine_text", [](const std::string& text, const std::string& file) { return PyExamined{examine(text, file)}; }, py::arg("text"), py::arg("file") = "flow");
  module.def("explore", [](const Flow& flow, std::size_t states) {
    Explored explored;
    {
      py::gil_scoped_release release;
      explored = explore(flow, {states});
    }
    return py::make_tuple(explored.ok(), explored.to_text(), explored.to_json());
  }, py::arg("flow"), py::arg("states") = 200'000);

  module.def("flow_schema", &flow_schema);
  module.def("flow_reference", &flow_reference);
  module.def("import_flow", [](const std::string& format, const std::string& text, const std::string& file) {
    const Imported imported = unwrap(import_flow(unwrap(parse_import_format(format)), text, file));
    return py::make_tuple(imported.yaml, imported.losses, imported.open);
  }, py::arg("format"), py::arg("text"), py::arg("file") = "flow");

  py::class_<PyJournal>(module, "Journal", "Hands journal lines to a function.").def(py::init<py::function>(), py::arg("sink"));

  py::class_<Rehearsal>(module, "Rehearsal", "A call on a virtual clock.")
      .def(py::init([](const Flow& flow, std::int64_t at, const std::string& caller, const std::string& dialled, const std::string& language,
                       const std::string& profile, std::uint64_t seed, const py::dict& variables, const py::object& answer, PyJournal* journal) {
             return Rehearsal(flow, {caller, dialled, language, profile, seed, fields_of(variables)}, to_time(at), answers_of(answer),
                              journal == nullptr ? nullptr : &journal->journal);
           }),
           py::keep_alive<1, 11>(),
           py::arg("flow"), py::arg("at"), py::arg("caller") = "", py::arg("dialled") = "", py::arg("language") = "", py::arg("profile") = "",
           py::arg("seed") = 0, py::arg("variables") = py::dict(), py::arg("answer") = py::none(), py::arg("journal") = nullptr)
      .def("press", &Rehearsal::press)
      .def("press_now", &Rehearsal::press_now)
      .def("say", [](Rehearsal& r, const std::string& words, std::int64_t length, bool end_with_key) { r.say(words, Duration{length}, end_with_key); })
      .def("wait", [](Rehearsal& r, std::int64_t ns) { r.wait(Duration{ns}); })
      .def("listen", &Rehearsal::listen)
      .def("hang_up", &Rehearsal::hang_up)
      .def("finish", &Rehearsal::finish)
      .def("said", &Rehearsal::said)
      .def("all_said", &Rehearsal::all_said)
      .def("hears", [](Rehearsal& r, const std::string& words) { return r.hears(words); })
      .def_property_readonly("ended", &Rehearsal::ended)
      .def_property_readonly("ending", [](const Rehearsal& r) { return std::string(to_string(r.session().ending())); })
      .def_property_readonly("node", [](const Rehearsal& r) { return std::string(r.session().node()); })
      .def_property_readonly("phase", [](const Rehearsal& r) { return std::string(to_string(r.session().phase())); })
      .def_property_readonly("now", [](const Rehearsal& r) { return to_ns(r.now()); })
      .def("variable", [](const Rehearsal& r, const std::string& name) { return to_python(view(r.session().variable(name))); })
      .def_property_readonly("path", &Rehearsal::path)
      .def_property_readonly("exits", &Rehearsal::exits)
      .def_property_readonly("counters", &Rehearsal::counters)
      .def_property_readonly("requests", [](const Rehearsal& r) {
        py::list list;
        for (const auto& request : r.requests()) {
          py::dict arguments;
          for (const Field& f : request.arguments) arguments[py::str(f.name)] = to_python(view(f.value));
          list.append(py::make_tuple(std::string(to_string(request.kind)), request.node, request.target, arguments));
        }
        return list;
      })
      .def_property_readonly("transcript", [](const Rehearsal& r) {
        static constexpr const char* kWho[] = {"flow", "caller", "host", "event"};
        py::list list;
        for (const TranscriptLine& line : r.transcript())
          list.append(py::make_tuple(line.at.count(), kWho[static_cast<int>(line.who)], line.what, line.node, line.text));
        return list;
      })
      .def("__str__", [](const Rehearsal& r) { return to_string(r.transcript()); });

  py::class_<Switchboard>(module, "Switchboard", "Many calls over one engine, driven by text commands.")
      .def(py::init<Flow>())
      .def("apply", [](Switchboard& s, const std::string& verb, const std::string& fields, std::int64_t now) { return unwrap(s.apply(verb, std::string_view(fields), to_time(now))); },
           py::arg("verb"), py::arg("fields"), py::arg("now"))
      .def("advance", [](Switchboard& s, std::int64_t now) { return s.advance(to_time(now)); })
      .def("publish", [](Switchboard& s, const Flow& flow, const std::optional<std::map<std::string, std::string>>& moves, std::int64_t now) {
        if (moves) s.publish(flow, Migration{{moves->begin(), moves->end()}}, to_time(now));
        else s.publish(flow, to_time(now));
      }, py::arg("flow"), py::arg("moves"), py::arg("now"))
      .def("journal", [](Switchboard& s, PyJournal* journal) { s.journal(journal == nullptr ? nullptr : &journal->journal); }, py::keep_alive<1, 2>())
      .def("statistics", [](const Switchboard& s) { return s.statistics().to_json(); })
      .def("version", [](const Switchboard& s, const std::string& call) -> py::object {
        const Session* session = s.find(call);
        return session ? py::object(py::str(StatisticsByVersion::name_of(session->flow()))) : py::none();
      })
      .def_property_readonly("next_deadline", [](const Switchboard& s) -> py::object {
        const Time t = s.next_deadline();
        return t == Time::max() ? py::none() : py::object(py::int_(to_ns(t)));
      })
      .def("__len__", &Switchboard::calls)
      .def("serialise", [](const Switchboard& s, const std::string& call) -> py::object {
        const Session* session = s.find(call);
        return session ? py::object(py::str(session->serialise())) : py::none();
      });

  module.def("replay", [](const std::vector<Flow>& flows, const std::string& journal, const std::string& file) {
    const Replayed replayed = unwrap([&] {
      py::gil_scoped_release release;
      return replay(flows, journal, file);
    }());
    return py::make_tuple(replayed.same(), replayed.to_text(), replayed.to_json());
  }, py::arg("flows"), py::arg("journal"), py::arg("file") = "journal");
  module.def("to_scenario", [](const std::string& journal, const std::string& call, const std::string& given) { return unwrap(to_scenario(journal, call, given)); },
             py::arg("journal"), py::arg("call"), py::arg("given"));
  module.def("read_statistics", [](const std::string& journal, const std::string& file) { return unwrap(read_statistics(journal, file)).to_json(); },
             py::arg("journal"), py::arg("file") = "journal");
  module.def("coverage", [](const Flow& flow, const std::vector<std::string>& nodes, const std::vector<std::string>& exits, const std::vector<std::string>& counters) {
    return coverage(flow, nodes, exits, counters).to_json();
  }, py::arg("flow"), py::arg("nodes"), py::arg("exits"), py::arg("counters"));
  module.def("random_callers", [](const Flow& flow, std::size_t calls, std::uint64_t seed, std::size_t moves) {
    py::gil_scoped_release release;
    return random_callers(flow, {.calls = calls, .seed = seed, .moves = moves}).to_json();
  }, py::arg("flow"), py::arg("calls") = 1000, py::arg("seed") = 1, py::arg("moves") = 25);
  module.def("load_calls", [](const Flow& flow, double calls_per_second, std::size_t live, std::int64_t duration, std::uint64_t seed, std::int64_t at) {
    py::gil_scoped_release release;
    Engine engine(flow);
    CallLoad load(engine, {.calls_per_second = calls_per_second, .live = live, .seed = seed, .from = to_time(at)});
    load.run(to_time(at) + Duration{duration});
    return load.to_json();
  }, py::arg("flow"), py::arg("calls_per_second"), py::arg("live"), py::arg("duration"), py::arg("seed"), py::arg("at"));
}
