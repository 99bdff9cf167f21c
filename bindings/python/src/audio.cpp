#include "hotline/audio.hpp"

#include "bind.hpp"

using namespace hotline;
using namespace hotline::audio;
using hotline::python::unwrap;

namespace {

struct Sound {
  Pcm pcm;
};

Pcm from_buffer(const py::buffer& samples) {
  const py::buffer_info info = samples.request();
  if (info.ndim != 1 || info.itemsize != 2 || info.strides[0] != 2)
    hotline::python::raise(Error(ErrorCode::invalid_argument, "samples are not a row of 16-bit integers",
                                 "give numpy.int16 or array('h'), one channel, 8 kHz"));
  const auto* data = static_cast<const std::int16_t*>(info.ptr);
  return make_pcm(Samples(data, data + info.shape[0]));
}

FileFormat format_of(const std::string& name) {
  if (name == "wav") return FileFormat::wav_pcm16;
  if (name == "alaw") return FileFormat::wav_alaw;
  if (name == "flac") return FileFormat::flac;
  if (name == "opus") return FileFormat::opus;
  hotline::python::raise(Error(ErrorCode::invalid_argument, "`" + name + "` is not a format", "use wav, alaw, flac or opus"));
}

using Release = py::call_guard<py::gil_scoped_release>;

}  // namespace

void bind_audio(py::module_& module) {
  py::class_<Sound>(module, "Sound", py::buffer_protocol(), "16-bit samples, 8 kHz, one channel. Immutable; numpy.asarray(sound) shares it.")
      .def(py::init([](const py::buffer& samples) { return Sound{from_buffer(samples)}; }), py::arg("samples"))
      .def_buffer([](Sound& s) {
        return py::buffer_info(const_cast<std::int16_t*>(s.pcm->data()), static_cast<py::ssize_t>(s.pcm->size()), true);
      })
      .def("__len__", [](const Sound& s) { return s.pcm->size(); })
      .def_property_readonly("length_ns", [](const Sound& s) { return length_of(s.pcm).count(); })
      .def_property_readonly("rms", [](const Sound& s) { return rms(*s.pcm); })
      .def_property_readonly("peak", [](const Sound& s) { return peak(*s.pcm); })
      .def("write", [](const Sound& s, const std::string& path, const std::string& format) {
        const FileFormat as = format_of(format);
        Status status;
        {
          const py::gil_scoped_release release;
          status = write_sound(path, *s.pcm, as);
        }
        unwrap(status);
      }, py::arg("path"), py::arg("format") = "wav")
      .def("keys", [](const Sound& s) {
        std::string keys;
        DtmfDetector detector([&](char key, Duration) { keys += key; });
        detector.feed(*s.pcm);
        detector.feed(Samples(800));
        return keys;
      }, "The keys that are heard in it.");

  module.def("read", [](const std::string& path) {
    Result<Pcm> sound = [&] {
      const py::gil_scoped_release release;
      return read_sound(path);
    }();
    return Sound{unwrap(std::move(sound))};
  }, py::arg("path"));
  module.def("keys", [](const std::string& keys) { return Sound{make_pcm(dtmf(keys))}; }, py::arg("keys"), "Keys as tones.");
  module.def("tone", [](const std::string& name) {
    if (name == "beep") return Sound{beep()};
    if (name == "ring_back") return Sound{ring_back()};
    if (name == "busy") return Sound{busy()};
    if (name == "special_information") return Sound{special_information()};
    hotline::python::raise(Error(ErrorCode::not_found, "no tone is called `" + name + "`",
                                 "use beep, ring_back, busy or special_information"));
  }, py::arg("name"));
  module.def("join", [](const std::vector<Sound>& sounds) {
    std::vector<Pcm> clips;
    for (const Sound& s : sounds) clips.push_back(s.pcm);
    return Sound{make_pcm(concatenate(clips))};
  }, py::arg("sounds"), "One after the other, with cross-fades of 5 ms.");
  module.def("align", [](const Sound& reference, const Sound& heard) {
    Alignment found;
    {
      const py::gil_scoped_release release;
      found = align(*reference.pcm, *heard.pcm);
    }
    return py::make_tuple(found.at, found.correlation);
  }, py::arg("reference"), py::arg("heard"), "(sample, correlation) of the best place of `reference` in `heard`.");
  module.def("archive", [](const std::string& recording, const std::string& to, const std::string& format) {
    const FileFormat as = format_of(format);
    auto figures = [&] {
      const py::gil_scoped_release release;
      return archive(recording, to, as);
    }();
    const ArchiveFigures f = unwrap(std::move(figures));
    py::dict out;
    out["bytes_before"] = f.bytes_before;
    out["bytes_after"] = f.bytes_after;
    out["length_ns"] = f.length.count();
    out["snr_db"] = f.snr_db;
    return out;
  }, py::arg("recording"), py::arg("to"), py::arg("format") = "flac");

  py::class_<PromptCache>(module, "Prompts", "Text to sound by espeak-ng, made once and kept.")
      .def(py::init([](const std::string& folder) {
        return std::make_unique<PromptCache>(folder, std::make_shared<EspeakSynthesiser>());
      }), py::arg("folder") = "")
      .def("get", [](PromptCache& cache, const std::string& text, const std::string& voice, int words_per_minute) {
        Result<Pcm> sound = [&] {
          const py::gil_scoped_release release;
          return cache.get({voice, text, words_per_minute});
        }();
        return Sound{unwrap(std::move(sound))};
      }, py::arg("text"), py::arg("voice") = "cmn-latn-pinyin", py::arg("words_per_minute") = 175)
      .def("replace", [](PromptCache& cache, const std::string& voice, const std::string& text, const Sound& sound) {
        cache.replace(voice, text, sound.pcm);
      }, py::arg("voice"), py::arg("text"), py::arg("sound"))
      .def("load_recordings", [](PromptCache& cache, const std::string& path) { unwrap(cache.load_recordings(path)); }, py::arg("path"));

  py::class_<Recorder>(module, "Recorder", "Records to WAV A-law; the file plays up to the last append at any moment.")
      .def(py::init([](const std::string& path) { return unwrap(Recorder::create(path)); }), py::arg("path"))
      .def("append", [](Recorder& r, const py::buffer& samples) { unwrap(r.append(*from_buffer(samples))); }, py::arg("samples"))
      .def("finish", [](Recorder& r) { unwrap(r.finish()); })
      .def_property_readonly("length_ns", [](const Recorder& r) { return r.length().count(); })
      .def("__enter__", [](Recorder& r) -> Recorder& { return r; }, py::return_value_policy::reference_internal)
      .def("__exit__", [](Recorder& r, const py::args&) { unwrap(r.finish()); });
}
