#include "hotline/ivr/graph.hpp"

#include <algorithm>

#include "ivr/node_spec.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {
namespace {

struct Edge {
  std::string label;
  Index to;
  bool tree = false;
};
struct Box {
  int column = -1;
  double y = 0;
  std::vector<Edge> edges;
};

constexpr double kColumn = 250, kRow = 46, kWidth = 190, kHeight = 34, kMargin = 24;

std::string escape(std::string_view text, bool xml) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += xml ? "&amp;" : "#amp;";
    else if (c == '<') out += xml ? "&lt;" : "#lt;";
    else if (c == '>') out += xml ? "&gt;" : "#gt;";
    else if (c == '"') out += xml ? "&quot;" : "#quot;";
    else if (c == '\n') out += ' ';
    else if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
}

std::string clipped(std::string_view text, std::size_t width) {
  std::size_t columns = 0, i = 0;
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    const std::size_t wide = bytes >= 3 ? 2 : 1;
    if (columns + wide > width) return std::string(text.substr(0, i)) + "…";
    columns += wide;
    i += bytes;
  }
  return std::string(text);
}

bool is_choice(const FlowNode& node, const Exit& exit) {
  return node.type == NodeType::menu && (is_exact(exit.name) || exit.name[0] == '/' || exit.name == "else" ||
                                         std::any_of(node.choices_in.begin(), node.choices_in.end(), [&](const auto& c) { return c.first == exit.name; }));
}

std::string edge_label(const FlowNode& node, const Exit& exit) {
  if (exit.name == "next" || exit.name == "to") return "";
  if (!is_choice(node, exit)) return exit.name;
  for (const auto& [keys, name] : node.choices_in)
    if (keys == exit.name && !name.empty()) return keys + " " + name;
  return exit.name;
}

class Layout {
 public:
  Layout(const Program& p, const GraphOptions& options) : p_(p), options_(options), boxes_(p.nodes.size()) {
    for (Index i = 0; i < p.nodes.size(); ++i)
      for (const Exit& exit : p.nodes[i].exits) {
        if (exit.to == target::unwired && exit.optional) continue;
        const bool error = exit.name == "error" || exit.name == "timeout" || exit.name == "failed";
        if (error && !options.handlers) continue;
        boxes_[i].edges.push_back({edge_label(p.nodes[i], exit), exit.to, false});
      }
    for (Index i = 0; i < p.nodes.size(); ++i)
      if (p.nodes[i].type == NodeType::subflow && p.nodes[i].index_of_scope != kNone)
        boxes_[i].edges.push_back({"runs", p.scopes[p.nodes[i].index_of_scope].start, false});
    std::vector<bool> known(p.nodes.size());
    if (p.start < p.nodes.size()) grow(p.start, known);
    for (Index i = 0; i < p.nodes.size(); ++i)
      if (!known[i]) grow(i, known);
  }
  const Box& at(Index i) const { return boxes_[i]; }
  int columns() const { return columns_; }
  double height() const { return next_; }

 private:
  // A node stands right of the one that leads to it in the fewest steps.
  void grow(Index root, std::vector<bool>& known) {
    std::vector<Index> queue{root};
    known[root] = true;
    for (std::size_t at = 0; at < queue.size(); ++at)
      for (Edge& edge : boxes_[queue[at]].edges) {
        if (edge.to >= boxes_.size() || known[edge.to]) continue;
        known[edge.to] = true;
        edge.tree = true;
        queue.push_back(edge.to);
      }
    place(root, 0);
  }
  void place(Index i, int column) {
    if (i >= boxes_.size() || boxes_[i].column >= 0 || column > 200) return;
    Box& box = boxes_[i];
    box.column = column;
    columns_ = std::max(columns_, column + 1);
    double first = -1, last = -1;
    for (Edge& edge : box.edges) {
      if (!edge.tree) continue;
      place(edge.to, column + 1);
      if (first < 0) first = boxes_[edge.to].y;
      last = boxes_[edge.to].y;
    }
    const auto others = static_cast<double>(std::count_if(box.edges.begin(), box.edges.end(), [](const Edge& e) { return !e.tree; }));
    const double own = kRow + std::max(0.0, others) * 13;
    if (first < 0) {
      box.y = next_;
      next_ += own;
    } else {
      box.y = (first + last) / 2;
      next_ = std::max(next_, box.y + own);
    }
  }
  const Program& p_;
  const GraphOptions& options_;
  std::vector<Box> boxes_;
  int columns_ = 0;
  double next_ = 0;
};

std::string colour(NodeType type) {
  const std::string_view group = node_spec(type).group;
  if (group == "speech") return "#e8f1fb";
  if (group == "input") return "#fff3d6";
  if (group == "data") return "#e9f6ea";
  if (group == "routing") return "#fde7e4";
  if (group == "out") return "#f1e9f8";
  return "#f2f2f2";
}

const GraphOptions::Heat* heat_of(const GraphOptions& options, const std::string& id) {
  for (const auto& heat : options.heat)
    if (heat.node == id) return &heat;
  return nullptr;
}

std::string number(double v) {
  std::string text = std::to_string(static_cast<long long>(v * 10));
  if (text.size() < 2) text.insert(0, "0");
  return text.substr(0, text.size() - 1) + "." + text.back();
}

}  // namespace

std::string to_svg(const Program& p, const GraphOptions& options) {
  const Layout layout(p, options);
  const double width = kMargin * 2 + layout.columns() * kColumn, height = kMargin * 2 + layout.height() + 24;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " + number(height) +
                    "\" font-family=\"Noto Sans CJK SC,WenQuanYi Micro Hei,sans-serif\" font-size=\"11\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"" + number(kMargin) + "\" y=\"22\" font-size=\"15\" font-weight=\"bold\">" +
                    escape(p.title, true) + "</text>\n";
  const auto x = [](const Box& box) { return kMargin + box.column * kColumn; };
  const auto y = [](const Box& box) { return kMargin + 18 + box.y; };
  for (Index i = 0; i < p.nodes.size(); ++i) {
    const Box& from = layout.at(i);
    double chip = y(from) + kHeight + 11;
    for (const Edge& edge : from.edges) {
      if (edge.tree) {
        const Box& to = layout.at(edge.to);
        const double x1 = x(from) + kWidth, y1 = y(from) + kHeight / 2, x2 = x(to), y2 = y(to) + kHeight / 2, middle = (x1 + x2) / 2;
        svg += "<path d=\"M" + number(x1) + " " + number(y1) + " C" + number(middle) + " " + number(y1) + " " + number(middle) + " " + number(y2) + " " +
               number(x2) + " " + number(y2) + "\" fill=\"none\" stroke=\"#8a94a0\"/>\n";
        if (!edge.label.empty())
          svg += "<text x=\"" + number(x2 - 4) + "\" y=\"" + number(y2 - 4) + "\" text-anchor=\"end\" fill=\"#345\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">" +
                 escape(clipped(edge.label, 16), true) + "</text>\n";
      } else {
        std::string where = target_name(p, edge.to);
        if (edge.to == target::unwired) where = "?";
        svg += "<text x=\"" + number(x(from) + 6) + "\" y=\"" + number(chip) + "\" font-size=\"9.5\" fill=\"" + (edge.to == target::unwired ? "#c00" : "#667") + "\">" +
               escape(clipped(edge.label.empty() ? "→ " + where : edge.label + " → " + where, 40), true) + "</text>\n";
        chip += 13;
      }
    }
  }
  for (Index i = 0; i < p.nodes.size(); ++i) {
    const FlowNode& node = p.nodes[i];
    const Box& box = layout.at(i);
    const auto* heat = heat_of(options, node.id);
    std::string fill = colour(node.type);
    if (heat != nullptr) {
      const int fade = 255 - static_cast<int>(std::clamp(heat->share, 0.0, 1.0) * 175);
      static constexpr char kHex[] = "0123456789abcdef";
      fill = std::string("#ff") + kHex[fade >> 4] + kHex[fade & 15] + kHex[fade >> 4] + kHex[fade & 15];
    }
    svg += "<g><rect x=\"" + number(x(box)) + "\" y=\"" + number(y(box)) + "\" width=\"" + number(kWidth) + "\" height=\"" + number(kHeight) + "\" rx=\"6\" fill=\"" + fill +
           "\" stroke=\"#556\"" + (i == p.start ? " stroke-width=\"2.2\"" : "") + "/><text x=\"" + number(x(box) + 8) + "\" y=\"" + number(y(box) + 14) +
           "\" font-weight=\"bold\">" + escape(clipped(node.name.empty() ? node.id : node.name, 27), true) + "</text><text x=\"" + number(x(box) + 8) + "\" y=\"" +
           number(y(box) + 28) + "\" font-size=\"9.5\" fill=\"#556\">" +
           escape(clipped(std::string(to_string(node.type)) + (node.name.empty() ? "" : " · " + node.id) + (heat != nullptr ? " · " + heat->label : ""), 34), true) + "</text></g>\n";
  }
  return svg + "</svg>\n";
}

std::string to_mermaid(const Program& p, const GraphOptions& options) {
  std::string text = "flowchart LR\n";
  const auto id = [](Index i) { return "n" + std::to_string(i); };
  for (Index i = 0; i < p.nodes.size(); ++i) {
    const FlowNode& node = p.nodes[i];
    const bool asks = node_spec(node.type).listens;
    text += "  " + id(i) + (asks ? "{{\"" : "[\"") + escape(node.name.empty() ? node.id : node.name, false) + "\"" + (asks ? "}}" : "]") + "\n";
  }
  for (Index i = 0; i < p.nodes.size(); ++i)
    for (const Exit& exit : p.nodes[i].exits) {
      if (exit.to == target::unwired) continue;
      if (!options.handlers && (exit.name == "error" || exit.name == "timeout")) continue;
      const std::string label = edge_label(p.nodes[i], exit);
      text += "  " + id(i) + (label.empty() ? " --> " : " -->|\"" + escape(label, false) + "\"| ") +
              (exit.to < p.nodes.size() ? id(exit.to) : "t" + std::to_string(target::unwired - exit.to) + "([\"" + target_name(p, exit.to) + "\"])") + "\n";
    }
  return text;
}

std::string to_dot(const Program& p, const GraphOptions& options) {
  const auto quoted = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  };
  std::string text = "digraph " + quoted(p.id) + " {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontsize=10];\n  edge [fontsize=9];\n";
  for (const FlowNode& node : p.nodes)
    text += "  " + quoted(node.id) + " [label=" + quoted(node.name.empty() ? node.id : node.name) + ", fillcolor=" + quoted(colour(node.type)) + "];\n";
  for (const FlowNode& node : p.nodes)
    for (const Exit& exit : node.exits) {
      if (exit.to == target::unwired) continue;
      if (!options.handlers && (exit.name == "error" || exit.name == "timeout")) continue;
      const std::string label = edge_label(node, exit);
      text += "  " + quoted(node.id) + " -> " + quoted(target_name(p, exit.to)) + (label.empty() ? "" : " [label=" + quoted(label) + "]") + ";\n";
    }
  return text + "}\n";
}

std::string to_menu_card(const Program& p) {
  std::string text = p.title + "\n";
  std::vector<bool> seen(p.nodes.size());
  const auto walk = [&](auto&& self, Index i, int depth) -> void {
    if (i >= p.nodes.size() || seen[i] || depth > 8) return;
    seen[i] = true;
    const FlowNode& node = p.nodes[i];
    if (node.type == NodeType::menu) {
      for (const Exit& exit : node.exits) {
        if (!is_choice(node, exit)) continue;
        const std::string label = edge_label(node, exit);
        text += std::string(static_cast<std::size_t>(depth) * 4, ' ') + exit.name + "  " +
                (label == exit.name ? target_name(p, exit.to) : label.substr(exit.name.size() + 1)) + "\n";
        self(self, exit.to, depth + 1);
      }
      return;
    }
    if (node_spec(node.type).group == "routing" && node.type != NodeType::schedule) return;
    for (const Exit& exit : node.exits)
      if (exit.name != "exhausted" && exit.name != "error") self(self, exit.to, depth);
  };
  walk(walk, p.start, 0);
  return text;
}

}  // namespace hotline::ivr
