#include "bind.hpp"
#include "hotline/base/error.hpp"
#include "hotline/base/scenario.hpp"

namespace hotline::python {
namespace {

struct Classes {
  PyObject* root = nullptr;
  PyObject* by_class[256] = {};
};
Classes classes;

}  // namespace

void raise(const Error& error) {
  const py::gil_scoped_acquire gil;  // it may have been given away for a long work
  PyObject* type = classes.by_class[static_cast<std::size_t>(error_class(error.code()))];
  if (type == nullptr) type = classes.root;
  py::object exception = py::reinterpret_borrow<py::object>(type)(error.text());
  exception.attr("code") = std::string(error_name(error.code()));
  exception.attr("message") = error.message();
  exception.attr("remedy") = error.remedy();
  exception.attr("file") = error.place().file;
  exception.attr("line") = error.place().line;
  exception.attr("column") = error.place().column;
  PyErr_SetObject(type, exception.ptr());
  throw py::error_already_set();
}

}  // namespace hotline::python

using namespace hotline;

void bind_base(py::module_& module) {
  using namespace hotline::python;
  const auto make = [&](const char* name, py::tuple bases, const char* doc) {
    py::dict members;
    members["__doc__"] = doc;
    members["__module__"] = "hotline";
    members["__str__"] = py::reinterpret_borrow<py::object>(PyExc_BaseException).attr("__str__");  // KeyError would quote the text
    py::object type = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(&PyType_Type))(name, bases, members);
    module.attr(name) = type;
    return type.release().ptr();
  };
  classes.root = make("Error", py::make_tuple(py::reinterpret_borrow<py::object>(PyExc_Exception)),
                      "Root of everything that hotline raises: code, message, remedy, file, line, column.");
  const auto root = py::reinterpret_borrow<py::object>(classes.root);
#define HOTLINE_ERROR_CLASS(name, number, python_class, python_builtin, text) \
  classes.by_class[number] =                                                  \
      make(#python_class, py::make_tuple(root, py::reinterpret_borrow<py::object>(PyExc_##python_builtin)), text);
#include "hotline/base/errors.def"

  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Exception& problem) {
      try {
        raise(problem.error());
      } catch (py::error_already_set& set) {
        set.restore();
      }
    }
  });

  py::dict codes;
  codes["ok"] = 0;
#define HOTLINE_ERROR_CLASS(name, number, python_class, python_builtin, text) codes[#name] = number;
#include "hotline/base/errors.def"
#define HOTLINE_ERROR(name, class_name, detail, text) codes[#name] = static_cast<int>(ErrorCode::name);
#include "hotline/base/errors.def"
  module.attr("codes") = codes;

  module.def("parse_duration", [](std::string_view text) { return unwrap(parse_duration(text)).count(); },
             py::arg("text"), "\"1h30m\" -> nanoseconds.");
  module.def("format_duration", [](std::int64_t ns) { return to_string(Duration{ns}); }, py::arg("ns"));
  module.def("parse_time", [](std::string_view text) { return to_ns(unwrap(parse_time(text))); }, py::arg("text"),
             "RFC 3339 -> nanoseconds since the epoch.");
  module.def("format_time", [](std::int64_t ns) { return to_string(to_time(ns)); }, py::arg("ns"));

  module.def(
      "parse_scenario",
      [](std::string_view text, std::string_view file) {
        const Scenario scenario = unwrap(parse_scenario(text, file));
        py::list steps;
        for (const ScenarioStep& step : scenario.steps)
          steps.append(py::make_tuple(step.at.count(), step.expected, step.verb, step.fields.to_json(), step.line));
        return py::make_tuple(scenario.name, scenario.given, steps);
      },
      py::arg("text"), py::arg("file") = "scenario");
  module.def(
      "matches",
      [](std::string_view expected, std::string_view event) { return matches(unwrap(parse_document(expected, "expected")), unwrap(parse_document(event, "event"))); },
      py::arg("expected"), py::arg("event"), "Whether the event (JSON) has every field that is expected (JSON).");
}
