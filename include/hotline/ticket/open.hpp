// Opening a service from files and a URL, as the command line, C and Python do.
#pragma once

#include <string>
#include <string_view>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// `options`: a JSON or YAML mapping, or "": workflow, catalogue, calendar, policy, sites (files), key (a file; made where it is missing),
// area, timezone. Errors: of each file, with its place; io; unavailable.
Result<Service> open_service(const std::string& url, std::string_view options = {});

}  // namespace hotline::ticket
