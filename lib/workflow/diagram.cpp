#include "hotline/workflow/diagram.hpp"

#include <algorithm>
#include <map>

#include "workflow/svg.hpp"

namespace hotline::workflow {
namespace {

std::string label_of(const State& s, Language language) {
  const std::string& first = language == Language::zh ? s.label.zh : s.label.en;
  return first.empty() ? s.name : first;
}

std::string label_of(const Machine& m, const Transition& t, Language language) {
  std::string out = "always";
  if (t.event != kNone) {
    const EventType& e = m.events[t.event];
    const std::string& text = language == Language::zh ? e.label.zh : e.label.en;
    out = text.empty() ? e.name : text;
  }
  if (t.max != 0) out += " ≤" + std::to_string(t.max);
  return out;
}

// Edges between two states with their labels joined.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> edges_of(const Machine& m, std::uint32_t region,
                                                                        Language language) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> edges;
  for (const Transition& t : m.transitions) {
    if (t.region != region || t.to == kNone) continue;
    for (const std::uint32_t from : t.from) {
      std::string& label = edges[{from, t.to}];
      const std::string one = label_of(m, t, language);
      if (label.find(one) == std::string::npos) label += (label.empty() ? "" : " / ") + one;
    }
  }
  return edges;
}

std::string escape_dot(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string mermaid(const Definition& d, Language language) {
  std::string out = "stateDiagram-v2\n";
  std::uint32_t number = 0;
  for (const Machine& m : d.machines())
    for (std::uint32_t r = 0; r < m.regions.size(); ++r) {
      const Region& region = m.regions[r];
      const std::string prefix = "r" + std::to_string(number++) + "_";
      out += "  state \"" + (m.name.empty() ? "" : m.name + "・") + region.name + "\" as " + prefix + " {\n";
      for (std::uint32_t s = 0; s < region.states.size(); ++s)
        out += "    state \"" + label_of(region.states[s], language) + "\" as " + prefix + std::to_string(s) + "\n";
      out += "    [*] --> " + prefix + std::to_string(region.initial) + "\n";
      for (const auto& [edge, label] : edges_of(m, r, language)) {
        std::string safe = label;
        std::replace(safe.begin(), safe.end(), ':', ' ');
        out += "    " + prefix + std::to_string(edge.first) + " --> " + prefix + std::to_string(edge.second) + " : " +
               safe + "\n";
      }
      for (std::uint32_t s = 0; s < region.states.size(); ++s)
        if (region.states[s].final) out += "    " + prefix + std::to_string(s) + " --> [*]\n";
      out += "  }\n";
    }
  return out;
}

std::string dot(const Definition& d, Language language) {
  std::string out =
      "digraph \"" + escape_dot(d.id()) + "\" {\n  rankdir=LR; node [shape=box, style=rounded]; compound=true;\n";
  std::uint32_t number = 0;
  for (const Machine& m : d.machines())
    for (std::uint32_t r = 0; r < m.regions.size(); ++r) {
      const Region& region = m.regions[r];
      const std::string prefix = "r" + std::to_string(number) + "_";
      out += "  subgraph cluster_" + std::to_string(number++) + " {\n    label=\"" +
             escape_dot((m.name.empty() ? "" : m.name + "・") + region.name) + "\";\n";
      for (std::uint32_t s = 0; s < region.states.size(); ++s)
        out += "    " + prefix + std::to_string(s) + " [label=\"" + escape_dot(label_of(region.states[s], language)) +
               "\"" + (region.states[s].final ? ", peripheries=2" : "") + (s == region.initial ? ", penwidth=2" : "") +
               "];\n";
      for (const auto& [edge, label] : edges_of(m, r, language))
        out += "    " + prefix + std::to_string(edge.first) + " -> " + prefix + std::to_string(edge.second) +
               " [label=\"" + escape_dot(label) + "\"];\n";
      out += "  }\n";
    }
  return out + "}\n";
}

std::string svg(const Definition& d, Language language) {
  std::vector<SvgRegion> regions;
  for (const Machine& m : d.machines())
    for (std::uint32_t r = 0; r < m.regions.size(); ++r) {
      SvgRegion region;
      const Text& text = m.regions[r].label;
      const std::string& name = language == Language::zh ? text.zh : text.en;
      region.title = (m.name.empty() ? "" : m.name + " · ") + (name.empty() ? m.regions[r].name : name);
      region.initial = m.regions[r].initial;
      for (const State& s : m.regions[r].states) region.boxes.push_back({label_of(s, language), s.final});
      for (const auto& [edge, label] : edges_of(m, r, language))
        region.edges.push_back({edge.first, edge.second, label});
      regions.push_back(std::move(region));
    }
  const std::string& name = language == Language::zh ? d.name().zh : d.name().en;
  return draw_svg(name.empty() ? d.id() : name, regions);
}

}  // namespace

std::string draw(const Definition& definition, Diagram diagram, Language language) {
  if (diagram == Diagram::mermaid) return mermaid(definition, language);
  return diagram == Diagram::dot ? dot(definition, language) : svg(definition, language);
}

}  // namespace hotline::workflow
