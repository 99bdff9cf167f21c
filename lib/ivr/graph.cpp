#include "hotline/ivr/graph.hpp"

#include <algorithm>

#include "hotline/base/xml.hpp"
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
  double height = 0;  // of all that hangs on it
  double above = 0;   // of the straight way from here to where it divides or stops
  double fan = 0;     // of what stands side by side there
  Index last = kNone; // there
  std::vector<Edge> edges;
};

constexpr double kColumn = 328, kRow = 46, kWidth = 190, kHeight = 34, kMargin = 24, kLine = 13;

// A label of the picture is one line.
std::string svg_text(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return xml_text(line);
}

std::string mermaid_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "#amp;";
    else if (c == '<') out += "#lt;";
    else if (c == '>') out += "#gt;";
    else if (c == '"') out += "#quot;";
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
        if (exit.optional && (exit.name == "error" || exit.name == "timeout") && !options.handlers) continue;
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
    for (std::size_t at = queue.size(); at-- > 0;) measure(queue[at]);
    place(root, 0, next_);
    next_ += boxes_[root].height;
  }
  // A node with one successor of its own stands above it; several stand side by side to the right. So a way that goes
  // straight on costs no width, and the picture keeps to a page.
  std::vector<Index> children(const Box& box) const {
    std::vector<Index> found;
    for (const Edge& edge : box.edges)
      if (edge.tree) found.push_back(edge.to);
    return found;
  }
  double own_height(const Box& box) const {
    return kRow + kLine * static_cast<double>(std::count_if(box.edges.begin(), box.edges.end(), [](const Edge& e) { return !e.tree; }));
  }
  double fan_height(Index i) const {
    double height = 0;
    for (const Index child : children(boxes_[i])) height += boxes_[child].height;
    return std::max(own_height(boxes_[i]), height);
  }
  void measure(Index i) {
    Box& box = boxes_[i];
    const auto next = children(box);
    box.last = next.size() == 1 ? boxes_[next[0]].last : i;
    box.above = next.size() == 1 ? own_height(box) + boxes_[next[0]].above : 0;
    box.fan = next.size() == 1 ? boxes_[next[0]].fan : fan_height(i);
    box.height = box.fan + std::max(0.0, box.above - (box.fan - own_height(boxes_[box.last])) / 2);
  }
  void place(Index root, int column_of_root, double top_of_root) {
    struct Work {
      Index node;
      int column;
      double top;
    };
    std::vector<Work> work{{root, column_of_root, top_of_root}};
    while (!work.empty()) {
      auto [i, column, top] = work.back();
      work.pop_back();
      const Index last = boxes_[i].last;
      const double above = boxes_[i].above, middle = (boxes_[i].fan - own_height(boxes_[last])) / 2;
      double at = top + std::max(0.0, above - middle);  // where the fan begins
      double y = at + middle - above;
      columns_ = std::max(columns_, column + 1);
      for (;; i = children(boxes_[i])[0]) {
        boxes_[i].column = column;
        boxes_[i].y = y;
        y += own_height(boxes_[i]);
        if (i == last) break;
      }
      for (const Index child : children(boxes_[last])) {
        work.push_back({child, column + 1, at});
        at += boxes_[child].height;
      }
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
                    svg_text(p.title) + "</text>\n";
  const auto x = [](const Box& box) { return kMargin + box.column * kColumn; };
  const auto y = [](const Box& box) { return kMargin + 18 + box.y; };
  for (Index i = 0; i < p.nodes.size(); ++i) {
    const Box& from = layout.at(i);
    double chip = y(from) + kHeight + 11;
    for (const Edge& edge : from.edges) {
      if (edge.tree) {
        const Box& to = layout.at(edge.to);
        if (to.column == from.column) {
          const double down = x(from) + kWidth - 16;
          svg += "<path d=\"M" + number(down) + " " + number(y(from) + kHeight) + " V" + number(y(to)) + "\" stroke=\"#8a94a0\"/>\n";
          if (!edge.label.empty())
            svg += "<text x=\"" + number(down - 4) + "\" text-anchor=\"end\" y=\"" + number(y(to) - 3) + "\" font-size=\"9.5\" fill=\"#345\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">" + svg_text(clipped(edge.label, 18)) + "</text>\n";
          continue;
        }
        const double x1 = x(from) + kWidth, y1 = y(from) + kHeight / 2, x2 = x(to), y2 = y(to) + kHeight / 2, bend = x1 + 24;
        svg += "<path d=\"M" + number(x1) + " " + number(y1) + " C" + number(bend) + " " + number(y1) + " " + number(x1) + " " + number(y2) + " " + number(bend) + " " + number(y2) + " H" +
               number(x2) + "\" fill=\"none\" stroke=\"#8a94a0\"/>\n";
        if (!edge.label.empty())
          svg += "<text x=\"" + number(bend + 2) + "\" y=\"" + number(y2 - 4) + "\" fill=\"#345\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">" +
                 svg_text(clipped(edge.label, 19)) + "</text>\n";
      } else {
        std::string where = target_name(p, edge.to);
        if (edge.to == target::unwired) where = "?";
        svg += "<text x=\"" + number(x(from) + 6) + "\" y=\"" + number(chip) + "\" font-size=\"9.5\" fill=\"" + (edge.to == target::unwired ? "#c00" : "#667") + "\">" +
               svg_text(clipped(edge.label.empty() ? "→ " + where : edge.label + " → " + where, 34)) + "</text>\n";
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
           "\" font-weight=\"bold\">" + svg_text(clipped(node.name.empty() ? node.id : node.name, 27)) + "</text><text x=\"" + number(x(box) + 8) + "\" y=\"" +
           number(y(box) + 28) + "\" font-size=\"9.5\" fill=\"#556\">" +
           svg_text(clipped(std::string(to_string(node.type)) + (i == p.on_error ? " · on_error" : i == p.on_hangup ? " · on_hangup" : "") + (node.name.empty() ? "" : " · " + node.id) + (heat != nullptr ? " · " + heat->label : ""), 34)) + "</text></g>\n";
  }
  return svg + "</svg>\n";
}

std::string to_mermaid(const Program& p, const GraphOptions& options) {
  std::string text = "flowchart LR\n";
  const auto id = [](Index i) { return "n" + std::to_string(i); };
  for (Index i = 0; i < p.nodes.size(); ++i) {
    const FlowNode& node = p.nodes[i];
    const bool asks = node_spec(node.type).listens;
    text += "  " + id(i) + (asks ? "{{\"" : "[\"") + mermaid_text(node.name.empty() ? node.id : node.name) + "\"" + (asks ? "}}" : "]") + "\n";
  }
  for (Index i = 0; i < p.nodes.size(); ++i)
    for (const Exit& exit : p.nodes[i].exits) {
      if (exit.to == target::unwired) continue;
      if (!options.handlers && (exit.name == "error" || exit.name == "timeout")) continue;
      const std::string label = edge_label(p.nodes[i], exit);
      text += "  " + id(i) + (label.empty() ? " --> " : " -->|\"" + mermaid_text(label) + "\"| ") +
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
