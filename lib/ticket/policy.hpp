#pragma once

#include <string>
#include <vector>

#include "hotline/ticket/search.hpp"

namespace hotline::ticket {

// A condition over `ticket k`, with texts for its `?`.
struct Predicate {
  std::string sql;
  std::vector<std::string> binds;
};
Predicate may_see(const Policy& policy, const Actor& viewer, Time now);

}  // namespace hotline::ticket
