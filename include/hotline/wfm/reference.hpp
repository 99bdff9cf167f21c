// Models written down as data (docs/wfm.md, "Reference files"), and what the formulas say of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"

namespace hotline::wfm {

// "classes[0].p_wait" and its value.
using Metrics = std::vector<std::pair<std::string, double>>;

// The numbers of a JSON tree in the same form, in the author's order.
Metrics flatten(const Node& node);

// Every metric that a formula gives for the model; nothing where no formula is exact (then it is simulated).
// Errors: invalid_definition on a model that makes no sense.
Result<std::optional<Metrics>> evaluate(std::string_view family, const Node& model);

}  // namespace hotline::wfm
