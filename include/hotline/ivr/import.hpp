// Flows of other systems, brought over with a list of what could not be carried.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::ivr {

enum class ImportFormat : std::uint8_t {
  studio,      // Twilio Studio flow JSON (voice widgets)
  freeswitch,  // ivr.conf.xml menus and phrase macros
  connect,     // Amazon Connect flow JSON ("Actions")
  voicexml,    // VoiceXML 2.1: menus, digit fields, record, transfer, goto
};
// "studio", "freeswitch", "connect", "voicexml". Errors: not_found.
Result<ImportFormat> parse_import_format(std::string_view name);

struct Imported {
  std::string yaml;                 // a flow; node ids are those of the source
  std::vector<std::string> losses;  // "widget `x`: speech recognition"
  std::vector<std::string> open;    // "x/timeout": ways out that the source leaves open, under its own names
};

// Never invents what the source leaves open: exits without a target stay unwired and unreachable nodes stay, so that
// `check` reports them. Errors: invalid_document, with place where known.
Result<Imported> import_flow(ImportFormat format, std::string_view text, std::string_view file);

}  // namespace hotline::ivr
