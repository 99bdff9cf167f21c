#pragma once

#include <string>

#include "hotline/base/document.hpp"

namespace hotline::workflow {

// A document with `extends: other.yaml` laid over that other one (relative to its folder): mappings are merged key by
// key, everything else is replaced; a null takes the key away. Errors: as load_document; limit after 8 layers.
Result<Node> load_layers(const std::string& path);

}  // namespace hotline::workflow
