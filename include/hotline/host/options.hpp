// What a running hotline is made of: a city's definitions, a folder, a telephone line.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "hotline/base/document.hpp"
#include "hotline/center/hotline.hpp"
#include "hotline/sip/endpoint.hpp"

namespace hotline::host {

struct Options {
  std::string data;      // folder of city.yaml and what it names
  std::string folder;    // where everything that happens is kept; made where it is missing
  std::string database;  // a path or postgresql://...; "": hotline.db of the folder
  std::string prompts;   // folder of synthesised speech, which several hosts may share; "": prompts of the folder
  sip::EndpointOptions line;
  std::string citizens;  // where a citizen's number rings: "sip:{number}@192.0.2.1"; "": the hotline calls nobody
  std::map<std::string, std::string> telephones;  // agent -> address, instead of city.yaml's
  std::optional<Time> clock;                      // the virtual clock begins here; empty: the system's time
  std::optional<int> open311;                     // port of Open311 on the loopback interface, 0: any; empty: none. city.yaml names its services
  bool office_hours = false;                      // ... or on the next working morning of the city's calendar

  // ── in C++ only ──
  std::function<std::string(const std::string& number)> address;  // instead of `citizens`; "" where nobody answers
  // Each on the hotline's thread; must be quick.
  std::function<void(const center::Notice&)> notice;
  // All that is said, as text and as sound, before it is played. On the voice's thread.
  std::function<void(const std::string& text, const std::vector<audio::Clip>& sound)> spoken;
};

// From a definition; paths are relative to `base` (the definition's folder):
//   data: city                   citizens: "sip:{number}@192.0.2.1"
//   folder: run                  telephones: {a801: "sip:801@192.0.2.20"}
//   database: ...  prompts: ...  clock: "2026-11-23T02:00:00Z", or office_hours: the city's next working morning
//   open311: 8311
//   line: {address: 127.0.0.1, port: 5060, ...}           as sip::read_endpoint_options
// `data` and `folder` are required. Errors: invalid_definition with place (codes D002, D003, D004, D005).
Result<Options> read_options(const Node& node, const std::string& base = "", std::string_view file = "host");
// A file that holds such a definition. Errors: io, invalid_document, and as above.
Result<Options> load_options(const std::string& path);

}  // namespace hotline::host
