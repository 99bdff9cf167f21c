// What makes an anchor and what checks it share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hotline/base/time.hpp"

namespace hotline::ticket {

struct AnchorRow {
  std::int64_t id = 0;
  Time at{};
  std::int64_t tickets = 0, events = 0;
  std::string root;
};

std::string leaf_hash(std::int64_t ticket, std::int64_t version, std::string_view head);
std::string note_leaf_hash(std::int64_t ticket, std::int64_t notes, std::string_view head);
std::string merkle_root(std::span<const std::string> leaves);
std::string anchor_hash(std::string_view previous, const AnchorRow& anchor);

}  // namespace hotline::ticket
