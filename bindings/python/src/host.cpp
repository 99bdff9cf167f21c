#include "hotline/host.hpp"

#include "bind.hpp"

using namespace hotline;
using hotline::python::raise;
using hotline::python::unwrap;

namespace {

// The interpreter's lock is let go wherever the hotline is waited for.
template <class Work>
auto unlocked(Work&& work) {
  const py::gil_scoped_release release;
  return work();
}

std::unique_ptr<host::Host> start(Result<host::Options> options) {
  if (!options.ok()) raise(options.error());
  return unwrap(unlocked([&] { return host::Host::start(*std::move(options)); }));
}

// Python answers with a dict of texts, None (nothing exists), or by raising.
ivr::Outcome ask(const py::function& answer, const std::map<std::string, std::string>& arguments, std::vector<ivr::Field>& fields) {
  const py::gil_scoped_acquire lock;
  try {
    const py::object given = answer(arguments);
    if (given.is_none()) return ivr::Outcome::empty;
    for (const auto& [name, value] : py::cast<py::dict>(given)) fields.push_back({py::cast<std::string>(py::str(name)), py::cast<std::string>(py::str(value))});
    return ivr::Outcome::ok;
  } catch (py::error_already_set& problem) {
    problem.discard_as_unraisable("hotline.host.Host.answer_query");
  } catch (const py::cast_error&) {
  }
  return ivr::Outcome::error;
}

// Functions of Python live until no interpreter is needed any more: dropped with the lock held.
std::shared_ptr<py::function> kept(py::function function) {
  return {new py::function(std::move(function)), [](py::function* f) {
            const py::gil_scoped_acquire lock;
            delete f;
          }};
}

struct PyHost {
  explicit PyHost(std::unique_ptr<host::Host> h) : host(std::move(h)) {}
  ~PyHost() {
    unlocked([&] { host.reset(); });
  }
  std::unique_ptr<host::Host> host;
};

}  // namespace

void bind_host(py::module_& module) {
  py::class_<PyHost>(module, "Host")
      .def(py::init([](const std::string& options) {
             return std::make_unique<PyHost>(start(host::read_options(unwrap(parse_document(options, "host")))));
           }), py::arg("options"))
      .def_static("load", [](const std::string& path) { return std::make_unique<PyHost>(start(host::load_options(path))); }, py::arg("path"))
      .def("stop", [](PyHost& h) { unlocked([&] { h.host->stop(); }); })
      .def_property_readonly("uri", [](const PyHost& h) { return h.host->uri(); })
      .def_property_readonly("port", [](const PyHost& h) { return h.host->port(); })
      .def_property_readonly("open311_port", [](const PyHost& h) { return h.host->open311_port(); })
      .def_property_readonly("folder", [](const PyHost& h) { return h.host->folder(); })
      .def("apply", [](PyHost& h, const std::string& verb, const std::string& fields) {
             return unwrap(unlocked([&] { return h.host->apply(verb, fields); }));
           }, py::arg("verb"), py::arg("fields") = "")
      .def("next_event", [](PyHost& h, std::int64_t timeout) { return unlocked([&] { return h.host->next_event(Duration{timeout}); }); },
           py::arg("timeout_ns"))
      .def("answer_query", [](PyHost& h, const std::string& name, py::function answer) {
             auto held = kept(std::move(answer));
             unlocked([&] {
               h.host->answer_query(name, [held](const auto& arguments, auto& fields) { return ask(*held, arguments, fields); });
             });
           }, py::arg("name"), py::arg("answer"));
}
