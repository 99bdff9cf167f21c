#pragma once

#include <string>

#include "hotline/base/result.hpp"

namespace hotline::ticket {

// Lays Pango markup out on A4 pages. The first line is centred; `created` is an ISO 8601 time. Errors: invalid_document, io.
Result<std::string> to_pdf(const std::string& markup, const std::string& title, const std::string& created, int signature);

}  // namespace hotline::ticket
