// What others read: logs for process mining (XES, IEEE 1849), CSV and JSON lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// Writes every event (xes, jsonl) or every ticket (csv, tickets.jsonl; import_csv and import_jsonl read them) piece by piece, oldest first,
// without personal data. Errors: invalid_argument (no such format).
Status export_log(const Service& service, std::string_view format, const std::function<void(std::string_view)>& write);

// Takes in requests as such CSV has them: columns by name (created_date, complaint_type, descriptor, incident_address, ...,
// or category, title, content, place, area, channel, kind, level); others are left out. Returns how many tickets were made; the
// row's own number is the command id, so that a second import changes nothing. A row without a date came `now`. The ' that guards
// a formula in our own export is taken off again. Errors: invalid_document with the line.
Result<std::uint64_t> import_csv(Service& service, std::string_view csv, std::string_view file, const Actor& actor, Time now);

// The same from JSON lines: an object a line, keys by the same names; `number` or another key column makes a second import
// change nothing. Errors: invalid_document with the line.
Result<std::uint64_t> import_jsonl(Service& service, std::string_view lines, std::string_view file, const Actor& actor, Time now);

// GeoReport v2 (hotline/ticket/open311.hpp): "open" or "closed" of a state's public code.
std::string_view open311_status(std::string_view public_state);

}  // namespace hotline::ticket
