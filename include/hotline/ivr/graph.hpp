// Flows as pictures: one source, three formats, the same layout for the same flow.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hotline/ivr/flow.hpp"

namespace hotline::ivr {

struct GraphOptions {
  // Colours nodes by a number 0..1 (callers lost there, for example) and writes `label` under them.
  struct Heat {
    std::string node;
    double share = 0;
    std::string label;
  };
  std::vector<Heat> heat;
  bool handlers = false;  // draw error exits too
};

std::string to_svg(const Program& program, const GraphOptions& options = {});
std::string to_mermaid(const Program& program, const GraphOptions& options = {});
std::string to_dot(const Program& program, const GraphOptions& options = {});
// The menus as a card to print: what is pressed where.
std::string to_menu_card(const Program& program);

}  // namespace hotline::ivr
