#include "hotline/expr.hpp"

#include <vector>

#include "bind.hpp"

using namespace hotline;
using namespace hotline::python;
using expr::Kind;
using expr::Type;
using expr::Value;

namespace {

constexpr int kMaxNesting = 64;

// datetime and timedelta count microseconds; what is finer is cut off.
struct Clock {
  py::object datetime = py::module_::import("datetime").attr("datetime");
  py::object timedelta = py::module_::import("datetime").attr("timedelta");
  py::object utc = py::module_::import("datetime").attr("timezone").attr("utc");
  py::object epoch = datetime(1970, 1, 1, 0, 0, 0, 0, utc);
};
const Clock& datetimes() {
  static const Clock* const clock = new Clock();  // outlives the interpreter's teardown
  return *clock;
}

[[noreturn]] void refuse(const py::handle& value, const Type& type, const std::string& remedy = {}) {
  raise(Error(ErrorCode::invalid_argument,
              "a " + std::string(py::str(py::type::of(value).attr("__name__"))) + " is no " + to_string(type),
              remedy.empty() ? "give a value of that type" : remedy));
}

Duration to_duration(const py::handle& delta) {
  const auto days = delta.attr("days").cast<std::int64_t>();
  const auto seconds = delta.attr("seconds").cast<std::int64_t>();
  const auto micros = delta.attr("microseconds").cast<std::int64_t>();
  const __int128 ns = ((static_cast<__int128>(days) * 86'400 + seconds) * 1'000'000 + micros) * 1'000;
  if (ns > INT64_MAX || ns < INT64_MIN)
    raise(Error(ErrorCode::invalid_argument, "this time does not fit into 64 bits of nanoseconds", "use 1678 to 2261"));
  return Duration{static_cast<std::int64_t>(ns)};
}

Value from_integer(const py::handle& given, const Type& type) {
  int over = 0;
  const long long number = PyLong_AsLongLongAndOverflow(given.ptr(), &over);
  if (type.kind() == Kind::real) {
    const double real = PyLong_AsDouble(given.ptr());
    if (real == -1.0 && PyErr_Occurred()) throw py::error_already_set();
    return real;
  }
  const bool wants_natural = type.kind() == Kind::natural || (type.is_any() && over > 0);
  if (wants_natural && (over > 0 || number >= 0)) {
    const unsigned long long natural = PyLong_AsUnsignedLongLong(given.ptr());
    if (!PyErr_Occurred()) return static_cast<std::uint64_t>(natural);
    PyErr_Clear();
  }
  if (over != 0 || type.kind() == Kind::natural) refuse(given, type, "it is out of range");
  if (type.kind() == Kind::timestamp) return time_from_ns(number);
  if (type.kind() == Kind::duration) return Duration{number};
  if (!type.is_any() && type.kind() != Kind::integer) refuse(given, type);
  return static_cast<std::int64_t>(number);
}

Value from_python(const py::handle& given, const Type& type, int depth = 0);

Value from_sequence(const py::handle& given, const Type& type, int depth) {
  if (!type.is_any() && type.kind() != Kind::list) refuse(given, type);
  std::vector<Value> items;
  for (const py::handle item : given) items.push_back(from_python(item, type.item(), depth + 1));
  return Value::own_list(std::move(items));
}

Value from_dict(const py::handle& given, const Type& type, int depth) {
  if (!type.is_any() && type.kind() != Kind::map) refuse(given, type);
  std::vector<Value::Entry> entries;
  for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(given))
    entries.push_back({from_python(key, type.key(), depth + 1), from_python(value, type.mapped(), depth + 1)});
  return unwrap(Value::map(std::move(entries)));
}

Value from_text(const py::handle& given, const Type& type) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(given.ptr(), &size);
  if (data == nullptr) throw py::error_already_set();
  const std::string_view text(data, static_cast<std::size_t>(size));
  if (type.is_any() || type.kind() == Kind::string) return Value::text(text);
  if (type.kind() == Kind::timestamp) return unwrap(parse_time(text));
  if (type.kind() == Kind::duration) return unwrap(parse_duration(text));
  refuse(given, type);
}

Value from_python(const py::handle& given, const Type& type, int depth) {
  if (depth > kMaxNesting) raise(Error(ErrorCode::limit, "a value is nested too deeply", "flatten it"));
  PyObject* const p = given.ptr();
  if (given.is_none()) return type.is_any() || type.kind() == Kind::null ? Value::null() : Value();
  if (PyBool_Check(p)) {
    if (!type.is_any() && type.kind() != Kind::boolean) refuse(given, type);
    return p == Py_True;
  }
  if (PyLong_Check(p)) return from_integer(given, type);
  if (PyUnicode_Check(p)) return from_text(given, type);
  if (PyFloat_Check(p)) {
    if (!type.is_any() && type.kind() != Kind::real) refuse(given, type);
    return PyFloat_AsDouble(p);
  }
  if (PyBytes_Check(p)) {
    if (!type.is_any() && type.kind() != Kind::bytes) refuse(given, type);
    return Value::own_bytes({PyBytes_AS_STRING(p), static_cast<std::size_t>(PyBytes_GET_SIZE(p))});
  }
  if (PyDict_Check(p)) return from_dict(given, type, depth);
  if (PyList_Check(p) || PyTuple_Check(p) || PyAnySet_Check(p)) return from_sequence(given, type, depth);
  const Clock& clock = datetimes();
  if (py::isinstance(given, clock.datetime)) {
    if (!type.is_any() && type.kind() != Kind::timestamp) refuse(given, type);
    if (given.attr("tzinfo").is_none()) refuse(given, Type::timestamp(), "give it a time zone: tzinfo=timezone.utc");
    return Time{to_duration(given - clock.epoch)};
  }
  if (py::isinstance(given, clock.timedelta)) {
    if (!type.is_any() && type.kind() != Kind::duration) refuse(given, type);
    return to_duration(given);
  }
  // numpy's numbers and the like
  if (PyIndex_Check(p)) return from_integer(py::reinterpret_steal<py::object>(PyNumber_Index(p)), type);
  refuse(given, type, "give a bool, int, float, str, bytes, datetime, timedelta, list, dict or None");
}

py::object delta(std::int64_t ns) {
  using namespace std::chrono;
  const auto micros = floor<microseconds>(nanoseconds(ns)).count();
  return datetimes().timedelta(0, 0, micros);
}

py::object to_python(const Value& v) {
  switch (v.kind()) {
    case Kind::boolean: return py::bool_(v.as_bool());
    case Kind::integer: return py::int_(v.as_int());
    case Kind::natural: return py::int_(v.as_uint());
    case Kind::real: return py::float_(v.as_double());
    case Kind::string: return py::str(v.as_string().data(), v.as_string().size());
    case Kind::bytes: return py::bytes(v.as_bytes().data(), v.as_bytes().size());
    case Kind::timestamp: return datetimes().epoch + delta(to_ns(v.as_time()));
    case Kind::duration: return delta(v.as_duration().count());
    case Kind::type: return py::str(std::string(kind_name(v.as_type())));
    case Kind::list: {
      py::list list(v.items().size());
      for (std::size_t i = 0; i < v.items().size(); ++i) list[i] = to_python(v.items()[i]);
      return list;
    }
    case Kind::map: {
      py::dict dict;
      for (const Value::Entry& entry : v.entries()) dict[to_python(entry.key)] = to_python(entry.value);
      return dict;
    }
    default: return py::none();
  }
}

struct Compiled {
  expr::Environment environment;
  expr::Program program;
};

// The value of a dotted name: its own key, or a path through dicts. Null where there is none.
py::object find_path(const py::dict& values, const std::string& name) {
  if (values.contains(name)) return values[name.c_str()];
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::string front = name.substr(0, dot);
    if (!values.contains(front)) continue;
    const py::object inner = values[front.c_str()];
    if (!py::isinstance<py::dict>(inner)) continue;
    if (py::object found = find_path(inner, name.substr(dot + 1))) return found;
  }
  return {};
}

void refuse_unknown(const expr::Environment& environment, const py::dict& values) {
  for (const auto& [key, value] : values) {
    if (!PyUnicode_Check(key.ptr())) raise(Error(ErrorCode::invalid_argument, "names of variables are str", "use str keys"));
    const auto name = key.cast<std::string>();
    bool known = environment.slot(name).has_value();
    std::vector<std::string> names;
    for (const expr::Variable& variable : environment.variables()) {
      known = known || variable.name.starts_with(name + ".");
      names.push_back(variable.name);
    }
    if (known) continue;
    const std::string_view near = nearest(name, names);
    raise(Error(ErrorCode::invalid_argument, "`" + name + "` is not a declared variable",
                near.empty() ? "declare it, or leave it out" : "did you mean `" + std::string(near) + "`?"));
  }
}

std::vector<Value> bind(const Compiled& compiled, const py::object& values, const py::kwargs& named) {
  const auto variables = compiled.environment.variables();
  std::vector<Value> slots(variables.size());
  const auto fill = [&](const py::dict& given) {
    refuse_unknown(compiled.environment, given);
    for (const std::uint32_t slot : compiled.program.slots()) {
      const py::object found = find_path(given, variables[slot].name);
      if (!found) continue;
      slots[slot] = from_python(found, variables[slot].type);
    }
  };
  if (!values.is_none()) {
    if (!py::isinstance<py::dict>(values))
      raise(Error(ErrorCode::invalid_argument, "variables are given as a dict or by name", "write {\"name\": value}"));
    fill(values);
  }
  fill(named);
  return slots;
}

Compiled compile(const std::string& source, const py::object& environment, const py::object& result,
                 const std::optional<std::uint64_t>& budget) {
  expr::Options options;
  if (!result.is_none()) options.result = unwrap(Type::parse(result.cast<std::string>()));
  if (budget) options.limits.budget = *budget;
  expr::Environment names;
  if (py::isinstance<expr::Environment>(environment)) {
    names = environment.cast<expr::Environment>();
  } else if (!environment.is_none()) {
    for (const auto& [name, type] : environment.cast<py::dict>())
      unwrap(names.declare(name.cast<std::string>(), unwrap(Type::parse(type.cast<std::string>()))));
  }
  return {names, unwrap(expr::Program::compile(source, names, options))};
}

}  // namespace

void bind_expr(py::module_& module) {
  py::class_<expr::Environment>(module, "Environment", "Declared variables: a dict of names to types, kept in order.")
      .def(py::init([](const py::object& variables) {
             expr::Environment environment;
             if (!variables.is_none())
               for (const auto& [name, type] : variables.cast<py::dict>())
                 unwrap(environment.declare(name.cast<std::string>(), unwrap(Type::parse(type.cast<std::string>()))));
             return environment;
           }),
           py::arg("variables") = py::none())
      .def("declare", [](expr::Environment& e, const std::string& name, const std::string& type) {
             return unwrap(e.declare(name, unwrap(Type::parse(type))));
           }, py::arg("name"), py::arg("type"), "Declares a variable and returns its slot.")
      .def_property_readonly("variables", [](const expr::Environment& e) {
        py::dict all;
        for (const expr::Variable& variable : e.variables()) all[py::str(variable.name)] = to_string(variable.type);
        return all;
      }, "Names and types, in order.")
      .def("__repr__", [](py::object self) { return py::str("Environment({!r})").format(self.attr("variables")); });

  py::class_<Compiled>(module, "Program", "A compiled expression. Immutable: share it between threads.")
      .def(py::init(&compile), py::arg("source"), py::arg("environment") = py::none(), py::kw_only(),
           py::arg("result") = py::none(), py::arg("budget") = py::none())
      .def("evaluate", [](const Compiled& c, const py::object& values, const py::kwargs& named) {
             const std::vector<Value> slots = bind(c, values, named);
             return to_python(unwrap(c.program.evaluate(slots)));
           }, py::arg("values") = py::none(), py::pos_only(), "The value; variables from a dict, by name, or both.")
      .def("test", [](const Compiled& c, const py::object& values, const py::kwargs& named) {
             const std::vector<Value> slots = bind(c, values, named);
             return unwrap(c.program.test(slots));
           }, py::arg("values") = py::none(), py::pos_only(), "As evaluate, of a bool.")
      .def("to_json", [](const Compiled& c, const py::object& values, const py::kwargs& named) {
             const std::vector<Value> slots = bind(c, values, named);
             return unwrap(c.program.evaluate(slots)).to_json();
           }, py::arg("values") = py::none(), py::pos_only(), "The value as JSON.")
      .def_property_readonly("source", [](const Compiled& c) { return c.program.source(); })
      .def_property_readonly("type", [](const Compiled& c) { return to_string(c.program.type()); })
      .def_property_readonly("cost", [](const Compiled& c) { return c.program.cost(); }, "The worst case, in steps.")
      .def_property_readonly("variables", [](const Compiled& c) {
        py::list names;
        for (const std::uint32_t slot : c.program.slots()) names.append(c.environment.variables()[slot].name);
        return names;
      }, "The variables that the expression uses.")
      .def("__str__", [](const Compiled& c) { return c.program.root().text(); })
      .def("__repr__", [](const Compiled& c) { return py::str("Program({!r})").format(c.program.source()); });
}
