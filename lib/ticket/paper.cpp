#ifdef HOTLINE_PAPERS
#include "ticket/paper.hpp"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <memory>
#include <span>

namespace hotline::ticket {
namespace {

// Points: A4, margins as official papers have them, left wider than right.
constexpr double kWidth = 595.28, kHeight = 841.89, kLeft = 79, kRight = 74, kTop = 88, kBottom = 85;
constexpr double kText = kWidth - kLeft - kRight;
constexpr double kPad = 5;  // inside of a table's cell
constexpr const char* kFont = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, Sans";

template <auto Free>
struct Deleter {
  void operator()(auto* p) const { Free(p); }
};
using Layout = std::unique_ptr<PangoLayout, Deleter<[](PangoLayout* p) { g_object_unref(p); }>>;
using Font = std::unique_ptr<PangoFontDescription, Deleter<pango_font_description_free>>;
using Surface = std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Deleter<cairo_destroy>>;

enum class Weight : std::uint8_t { normal, bold };

struct Cell {
  double x = 0, width = 0;
  std::string text;
};

// A pen on a sheet: what does not fit goes on on the next.
class Sheet {
 public:
  Sheet(cairo_t* cairo, const std::string& footer, int pages) : cairo_(cairo), footer_(footer), pages_(pages) { cairo_set_line_width(cairo_, 0.5); }

  void gap(double height) { y_ += height; }

  void paragraph(const std::string& text, double size, PangoAlignment align = PANGO_ALIGN_LEFT, Weight weight = Weight::normal, double indent = 0) {
    const Layout layout = lay(text, kText, size, weight);
    pango_layout_set_alignment(layout.get(), align);
    pango_layout_set_indent(layout.get(), static_cast<int>(indent * PANGO_SCALE));
    const int lines = pango_layout_get_line_count(layout.get());
    for (int i = 0; i < lines; ++i) {
      PangoRectangle box;
      pango_layout_line_get_extents(pango_layout_get_line_readonly(layout.get(), i), nullptr, &box);
      room(points(box.height));
      const double slack = kText - points(box.width);
      const double x = align == PANGO_ALIGN_CENTER ? slack / 2 : align == PANGO_ALIGN_RIGHT ? slack : i == 0 ? indent : 0;
      show(layout.get(), i, kLeft + x, y_);
      y_ += points(box.height) + 3;
    }
  }

  // One row of a table; a cell longer than the sheet is cut at its lines and goes on.
  void row(std::span<const Cell> cells, double size) {
    std::vector<Layout> layouts;
    std::vector<int> next(cells.size(), 0);
    for (const Cell& cell : cells) layouts.push_back(lay(cell.text, cell.width - 2 * kPad, size, Weight::normal));
    for (bool more = true; more;) {
      more = false;
      const double line = line_height(size) + 2 * kPad;
      room(line);
      const double top = y_;
      double bottom = top + line;
      for (std::size_t c = 0; c < cells.size(); ++c) {
        double y = top + kPad;
        for (const int lines = pango_layout_get_line_count(layouts[c].get()); next[c] < lines; ++next[c]) {
          PangoRectangle box;
          pango_layout_line_get_extents(pango_layout_get_line_readonly(layouts[c].get(), next[c]), nullptr, &box);
          if (y + points(box.height) + kPad > kHeight - kBottom) {
            more = true;
            break;
          }
          show(layouts[c].get(), next[c], cells[c].x + kPad, y);
          y += points(box.height) + 2;
        }
        bottom = std::max(bottom, y + kPad - 2);
      }
      for (const Cell& cell : cells) {
        cairo_rectangle(cairo_, cell.x, top, cell.width, bottom - top);
        cairo_stroke(cairo_);
      }
      y_ = bottom;
      if (more) turn();
    }
  }

  // What stands together is not torn apart where a fresh sheet can hold it.
  void keep(double height) {
    if (y_ + height > kHeight - kBottom && y_ > kTop) turn();
  }

  int end() {
    number();
    cairo_show_page(cairo_);
    return page_;
  }

 private:
  static double points(int pango) { return static_cast<double>(pango) / PANGO_SCALE; }
  static double line_height(double size) { return size * 1.35; }

  Layout lay(const std::string& text, double width, double size, Weight weight) const {
    Layout layout(pango_cairo_create_layout(cairo_));
    const Font font(pango_font_description_from_string(kFont));
    pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
    if (weight == Weight::bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
  }

  void show(PangoLayout* layout, int line, double x, double y) {
    PangoLayoutLine* const drawn = pango_layout_get_line_readonly(layout, line);
    PangoRectangle box;
    pango_layout_line_get_extents(drawn, nullptr, &box);
    cairo_move_to(cairo_, x, y - points(box.y));
    pango_cairo_show_layout_line(cairo_, drawn);
  }

  void room(double height) {
    if (y_ + height > kHeight - kBottom) turn();
  }
  void turn() {
    number();
    cairo_show_page(cairo_);
    ++page_;
    y_ = kTop;
  }
  void number() {
    const Layout layout = lay(footer_ + "    " + std::to_string(page_) + " / " + std::to_string(pages_), kText, 9, Weight::normal);
    PangoRectangle box;
    pango_layout_get_extents(layout.get(), nullptr, &box);
    show(layout.get(), 0, kLeft + (kText - points(box.width)) / 2, kHeight - kBottom + 30);
  }

  cairo_t* cairo_;
  std::string footer_;
  int pages_;
  int page_ = 1;
  double y_ = kTop;
};

int draw(cairo_t* cairo, const Paper& paper, int pages) {
  Sheet sheet(cairo, paper.heading + " " + paper.number, pages);
  sheet.paragraph(paper.heading, 21, PANGO_ALIGN_CENTER, Weight::bold);
  sheet.gap(18);
  if (!paper.salutation.empty()) {
    sheet.paragraph(paper.salutation, 12.5);
    sheet.gap(4);
    sheet.paragraph(paper.opening, 12.5, PANGO_ALIGN_LEFT, Weight::normal, 25);
    sheet.gap(10);
  }
  constexpr double kLabel = 96;
  for (const auto& [label, value] : paper.rows) sheet.row(std::array{Cell{kLeft, kLabel, label}, Cell{kLeft + kLabel, kText - kLabel, value}}, 11);
  if (!paper.history_label.empty()) {
    sheet.gap(16);
    sheet.keep(70);
    sheet.paragraph(paper.history_label, 13, PANGO_ALIGN_LEFT, Weight::bold);
    sheet.gap(4);
    constexpr std::array kColumns{106.0, 116.0, 120.0};
    for (const auto& event : paper.events) {
      std::array<Cell, 4> cells;
      double x = kLeft;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const double width = i < kColumns.size() ? kColumns[i] : kLeft + kText - x;
        cells[i] = {x, width, event[i]};
        x += width;
      }
      sheet.row(cells, 9.5);
    }
  }
  if (!paper.salutation.empty()) {
    sheet.keep(130);
    sheet.gap(14);
    sheet.paragraph(paper.closing, 12.5, PANGO_ALIGN_LEFT, Weight::normal, 25);
    sheet.gap(42);
    sheet.paragraph(paper.office, 12.5, PANGO_ALIGN_RIGHT);
    sheet.paragraph(paper.date, 12.5, PANGO_ALIGN_RIGHT);
  }
  return sheet.end();
}

}  // namespace

Result<std::string> to_pdf(const Paper& paper) {
  std::string out;
  const auto sink = [](void* closure, const unsigned char* data, unsigned int n) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), n);
    return CAIRO_STATUS_SUCCESS;
  };
  // The first pass only counts the pages.
  int pages = 0;
  for (const bool counting : {true, false}) {
    out.clear();
    const Surface surface(cairo_pdf_surface_create_for_stream(sink, &out, kWidth, kHeight));
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, (paper.heading + " " + paper.number).c_str());
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, paper.created.c_str());
    {
      const Cairo cairo(cairo_create(surface.get()));
      const int drawn = draw(cairo.get(), paper, pages);
      if (counting) pages = drawn;
    }
    cairo_surface_finish(surface.get());
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
      return Error(ErrorCode::io, std::string("Cairo: ") + cairo_status_to_string(cairo_surface_status(surface.get())));
  }
  return out;
}

}  // namespace hotline::ticket
#endif
