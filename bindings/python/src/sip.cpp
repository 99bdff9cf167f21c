#include "hotline/sip.hpp"

#include "bind.hpp"
#include "hotline/base/document.hpp"

using namespace hotline;
using audio::LegId;
using hotline::python::raise;
using hotline::python::unwrap;

namespace {

// Events reach Python as dicts, in the endpoint's thread, with the interpreter's lock held for each.
class PyEndpoint {
 public:
  PyEndpoint(const std::string& options, py::function sink) : sink_(std::move(sink)) {
    sip::EndpointOptions chosen;
    if (!options.empty()) chosen = unwrap(sip::read_endpoint_options(unwrap(parse_document(options, "endpoint"))));
    auto started = [&] {
      const py::gil_scoped_release release;
      return sip::Endpoint::start(std::move(chosen), [this](const audio::TelephonyEvent& e) { deliver(e); });
    }();
    endpoint_ = unwrap(std::move(started));
  }
  ~PyEndpoint() { stop(); }
  void stop() {
    if (!endpoint_ || stopped_) return;
    stopped_ = true;
    const py::gil_scoped_release release;
    endpoint_->stop();
  }
  sip::Endpoint& get() { return *endpoint_; }

 private:
  void deliver(const audio::TelephonyEvent& e) {
    const py::gil_scoped_acquire lock;
    try {
      sink_(py::module_::import("json").attr("loads")(audio::to_json(e)));
    } catch (py::error_already_set& problem) {
      problem.discard_as_unraisable("hotline.sip.Endpoint");
    }
  }
  py::function sink_;
  std::unique_ptr<sip::Endpoint> endpoint_;
  bool stopped_ = false;
};

sip::Endpoint::Join mode_of(const std::string& mode) {
  if (mode == "listen") return sip::Endpoint::Join::listen;
  if (mode == "whisper") return sip::Endpoint::Join::whisper;
  if (mode == "barge") return sip::Endpoint::Join::barge;
  raise(Error(ErrorCode::invalid_argument, "`" + mode + "` is no way to join", "use listen, whisper or barge"));
}

audio::Pcm samples_of(const py::buffer& sound) {
  const py::buffer_info info = sound.request();
  if (info.ndim != 1 || info.itemsize != 2 || info.strides[0] != 2)
    raise(Error(ErrorCode::invalid_argument, "a sound is a row of 16-bit integers", "give hotline.audio.Sound or numpy.int16"));
  const auto* data = static_cast<const std::int16_t*>(info.ptr);
  return audio::make_pcm(audio::Samples(data, data + info.shape[0]));
}

}  // namespace

void bind_sip(py::module_& module) {
  py::class_<PyEndpoint>(module, "Endpoint")
      .def(py::init<const std::string&, py::function>(), py::arg("options"), py::arg("sink"))
      .def("stop", &PyEndpoint::stop)
      .def_property_readonly("uri", [](PyEndpoint& e) { return e.get().uri(); })
      .def_property_readonly("registrations", [](PyEndpoint& e) {
        py::dict out;
        for (const auto& r : e.get().registrations()) out[py::str(r.user)] = r.contact;
        return out;
      })
      .def_property_readonly("figures", [](PyEndpoint& e) {
        const auto f = e.get().figures();
        py::dict out;
        out["incoming"] = f.incoming;
        out["outgoing"] = f.outgoing;
        out["refused"] = f.refused;
        out["live"] = f.live;
        out["worst_tick_ns"] = f.worst_tick.count();
        return out;
      })
      .def("answer", [](PyEndpoint& e, std::uint64_t leg) { e.get().answer(LegId{leg}); }, py::arg("leg"))
      .def("dial", [](PyEndpoint& e, const std::string& to, const std::string& caller_id, std::int64_t ring_timeout) {
        return e.get().dial(to, caller_id, Duration{ring_timeout}).value;
      }, py::arg("to"), py::arg("caller_id"), py::arg("ring_timeout_ns"))
      .def("play", [](PyEndpoint& e, std::uint64_t leg, const std::vector<py::buffer>& sounds, std::uint64_t play) {
        std::vector<audio::Clip> clips;
        for (const py::buffer& s : sounds) clips.push_back({samples_of(s), {}});
        e.get().play(LegId{leg}, std::move(clips), play);
      }, py::arg("leg"), py::arg("sounds"), py::arg("play"))
      .def("stop_play", [](PyEndpoint& e, std::uint64_t leg) { e.get().stop_play(LegId{leg}); }, py::arg("leg"))
      .def("record", [](PyEndpoint& e, std::uint64_t leg, const std::string& path, std::int64_t max, std::int64_t end_silence,
                        const std::string& terminators, bool beep) {
        e.get().record(LegId{leg}, {path, Duration{max}, Duration{end_silence}, terminators, beep});
      }, py::arg("leg"), py::arg("path"), py::arg("max_ns"), py::arg("end_silence_ns"), py::arg("terminators"), py::arg("beep"))
      .def("stop_record", [](PyEndpoint& e, std::uint64_t leg) { e.get().stop_record(LegId{leg}); }, py::arg("leg"))
      .def("record_call", [](PyEndpoint& e, std::uint64_t leg, const std::string& path) { e.get().record_call(LegId{leg}, path); },
           py::arg("leg"), py::arg("path"))
      .def("bridge", [](PyEndpoint& e, std::uint64_t a, std::uint64_t b) { e.get().bridge(LegId{a}, LegId{b}); }, py::arg("a"), py::arg("b"))
      .def("unbridge", [](PyEndpoint& e, std::uint64_t leg) { e.get().unbridge(LegId{leg}); }, py::arg("leg"))
      .def("join", [](PyEndpoint& e, std::uint64_t supervisor, std::uint64_t leg, const std::string& mode) {
        e.get().join(LegId{supervisor}, LegId{leg}, mode_of(mode));
      }, py::arg("supervisor"), py::arg("leg"), py::arg("mode"))
      .def("send_digits", [](PyEndpoint& e, std::uint64_t leg, const std::string& digits) { e.get().send_digits(LegId{leg}, digits); },
           py::arg("leg"), py::arg("digits"))
      .def("transfer", [](PyEndpoint& e, std::uint64_t leg, const std::string& to) { e.get().transfer(LegId{leg}, to); },
           py::arg("leg"), py::arg("to"))
      .def("hang_up", [](PyEndpoint& e, std::uint64_t leg, int status) { e.get().hang_up(LegId{leg}, status); },
           py::arg("leg"), py::arg("status"));
}
