#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hotline::workflow {

struct SvgRegion {
  struct Box {
    std::string label;
    bool final = false;
  };
  struct Edge {
    std::uint32_t from, to;
    std::string label;
  };
  std::string title;
  std::uint32_t initial = 0;
  std::vector<Box> boxes;
  std::vector<Edge> edges;
};

// Layers by distance from the initial state; forward edges run between the boxes, backward ones below them.
std::string draw_svg(const std::string& title, const std::vector<SvgRegion>& regions);

}  // namespace hotline::workflow
