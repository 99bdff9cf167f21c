#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hotline/workflow/definition.hpp"

namespace hotline::workflow {

// One region whose states are the chart's configurations; a state's label lists its active atomic states, an event's label is
// the event's own name. Errors: as ScxmlChart::parse; unsupported (a condition), limit (too many configurations).
Result<Definition> flatten_scxml(std::string_view text, std::string_view file, std::span<const std::string> events);

}  // namespace hotline::workflow
