// Pictures of a definition: one box of states a region, tasks below.
#pragma once

#include <string>

#include "hotline/workflow/definition.hpp"

namespace hotline::workflow {

enum class Diagram : std::uint8_t { mermaid, dot, svg };
enum class Language : std::uint8_t { zh, en };

// Mermaid stateDiagram-v2, Graphviz DOT, or a finished SVG that needs no other program.
std::string draw(const Definition& definition, Diagram diagram, Language language = Language::zh);

}  // namespace hotline::workflow
