#include "workflow/svg.hpp"

#include <algorithm>
#include <cstdlib>

#include "hotline/base/xml.hpp"

namespace hotline::workflow {
namespace {

constexpr int kWidth = 130, kHeight = 36, kGapX = 150, kGapY = 46, kMargin = 24;

std::string text_at(int x, int y, std::string_view text, std::string_view style) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" " + std::string(style) + ">" +
         xml_text(text) + "</text>\n";
}

struct Layout {
  std::vector<int> layer, row;
  int layers = 0, rows = 0;
};

Layout place(const SvgRegion& r) {
  Layout l;
  const std::size_t n = r.boxes.size();
  l.layer.assign(n, -1);
  l.row.assign(n, 0);
  std::vector<std::uint32_t> queue{r.initial};
  l.layer[r.initial] = 0;
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (const auto& e : r.edges)
      if (e.from == queue[i] && l.layer[e.to] < 0) l.layer[e.to] = l.layer[e.from] + 1, queue.push_back(e.to);
  for (int& layer : l.layer) layer = std::max(layer, 0);
  std::vector<int> used;
  for (std::size_t i = 0; i < n; ++i) {
    if (static_cast<int>(used.size()) <= l.layer[i]) used.resize(static_cast<std::size_t>(l.layer[i]) + 1);
    l.row[i] = used[static_cast<std::size_t>(l.layer[i])]++;
    l.rows = std::max(l.rows, l.row[i] + 1);
  }
  l.layers = static_cast<int>(used.size());
  return l;
}

struct Point {
  int x, y;
};

// Neighbours are joined by a curve or a line. Everything else leaves to the right, runs down between two columns, along a lane of
// its own below all boxes, and up between two columns: no line runs behind a box.
std::string edge(const SvgRegion::Edge& e, Point from, Point to, int below, int& lane) {
  const auto p = [](int x, int y) { return std::to_string(x) + " " + std::to_string(y); };
  constexpr int kColumn = kWidth + kGapX, kRow = kHeight + kGapY;
  std::string path;
  Point label{};
  if (e.from == e.to) {
    path = "M " + p(from.x + 40, from.y) + " c -10 -26, 50 -26, 40 0";
    label = {from.x + 65, from.y - 22};
  } else if (to.x == from.x + kColumn) {
    const int x1 = from.x + kWidth, y1 = from.y + kHeight / 2, x2 = to.x, y2 = to.y + kHeight / 2, dx = (x2 - x1) / 2;
    path = "M " + p(x1, y1) + " C " + p(x1 + dx, y1) + ", " + p(x2 - dx, y2) + ", " + p(x2, y2);
    label = {(x1 + x2) / 2, (y1 + y2) / 2 - 5};
  } else if (to.x == from.x && std::abs(to.y - from.y) == kRow) {
    const int down = to.y > from.y ? 1 : 0, x = from.x + kWidth / 2 + (down ? -20 : 20);
    path = "M " + p(x, from.y + (down ? kHeight : 0)) + " L " + p(x, to.y + (down ? 0 : kHeight));
    label = {x + (down ? -4 : 4), (from.y + to.y + kHeight) / 2 + (down ? -4 : 8)};
  } else {
    const int y = below + 16 * lane, aside = 10 + lane % 10 * 5;
    ++lane;
    const int x1 = from.x + kWidth, y1 = from.y + kHeight * 3 / 4, x2 = to.x, y2 = to.y + kHeight * 3 / 4;
    path = "M " + p(x1, y1) + " H " + std::to_string(x1 + aside) + " V " + std::to_string(y) + " H " + std::to_string(x2 - (6 + lane % 10)) + " V " +
           std::to_string(y2) + " H " + std::to_string(x2);
    label = {(x1 + x2) / 2, y - 3};
  }
  return "<path d=\"" + path + "\" class=\"e\" marker-end=\"url(#a)\"/>\n" + text_at(label.x, label.y, e.label, "class=\"l\"");
}

}  // namespace

std::string draw_svg(const std::string& title, const std::vector<SvgRegion>& regions) {
  std::string body;
  int y = 56, width = 400;
  for (const SvgRegion& r : regions) {
    const Layout l = place(r);
    std::vector<Point> at;
    for (std::size_t i = 0; i < r.boxes.size(); ++i)
      at.push_back({kMargin + 16 + l.layer[i] * (kWidth + kGapX), y + 44 + l.row[i] * (kHeight + kGapY)});
    const int below = y + 44 + l.rows * (kHeight + kGapY) - 14;
    std::string inner;
    int lane = 0;
    for (const auto& e : r.edges) inner += edge(e, at[e.from], at[e.to], below, lane);
    for (std::size_t i = 0; i < r.boxes.size(); ++i) {
      const std::string where = "x=\"" + std::to_string(at[i].x) + "\" y=\"" + std::to_string(at[i].y) + "\"";
      inner += "<rect " + where + " width=\"" + std::to_string(kWidth) + "\" height=\"" + std::to_string(kHeight) +
               "\" rx=\"8\" class=\"" +
               (r.boxes[i].final ? "f"
                : i == r.initial ? "i"
                                 : "s") +
               "\"/>\n";
      inner += text_at(at[i].x + kWidth / 2, at[i].y + kHeight / 2 + 5, r.boxes[i].label, "class=\"t\"");
    }
    const int high = below - y + 16 * lane + 12, wide = std::max(340, 32 + l.layers * (kWidth + kGapX) - kGapX + 60);
    width = std::max(width, wide + 2 * kMargin);
    body += "<rect x=\"" + std::to_string(kMargin) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
            std::to_string(wide) + "\" height=\"" + std::to_string(high) + "\" class=\"r\"/>\n";
    body += text_at(kMargin + 12, y + 22, r.title, "class=\"h\"") + inner;
    y += high + 20;
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(width) + "\" height=\"" +
         std::to_string(y) +
         "\" font-family=\"Noto Sans CJK SC, Noto Sans, sans-serif\">\n"
         "<style>.r{fill:#fafafa;stroke:#bbb}.s{fill:#fff;stroke:#357}.i{fill:#e8f1fb;stroke:#357;stroke-width:2}"
         ".f{fill:#eef7ee;stroke:#383;stroke-width:3}.e{fill:none;stroke:#888;stroke-linejoin:round}.t{font-size:13px;text-anchor:middle}"
         ".l{font-size:10px;text-anchor:middle;fill:#444;paint-order:stroke;stroke:#fafafa;stroke-width:3px}.h{font-size:14px;font-weight:bold;fill:#333}</style>\n"
         "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
         "orient=\"auto\">"
         "<path d=\"M0 0L8 4L0 8z\" fill=\"#888\"/></marker></defs>\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"#fff\"/>\n" +
         text_at(kMargin, 34, title, "font-size=\"18\" font-weight=\"bold\"") + body + "</svg>\n";
}

}  // namespace hotline::workflow
