#ifdef HOTLINE_PAPERS
#include "ticket/paper.hpp"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <memory>

namespace hotline::ticket {
namespace {

// Points: A4 with margins of 2.5 cm.
constexpr double kWidth = 595.28, kHeight = 841.89, kMargin = 71;

template <class T, void (*Free)(T*)>
struct Free_ {
  void operator()(T* p) const { Free(p); }
};
void unref(PangoLayout* p) { g_object_unref(p); }

}  // namespace

Result<std::string> to_pdf(const std::string& markup, const std::string& title, const std::string& created, int signature) {
  if (pango_parse_markup(markup.data(), static_cast<int>(markup.size()), 0, nullptr, nullptr, nullptr, nullptr) == FALSE)
    return Error(ErrorCode::invalid_document, "the paper's template gives no valid Pango markup", "escape <, > and & in it");
  std::string out;
  const auto sink = [](void* closure, const unsigned char* data, unsigned int n) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), n);
    return CAIRO_STATUS_SUCCESS;
  };
  const std::unique_ptr<cairo_surface_t, Free_<cairo_surface_t, cairo_surface_destroy>> surface(
      cairo_pdf_surface_create_for_stream(sink, &out, kWidth, kHeight));
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, created.c_str());
  {
    const std::unique_ptr<cairo_t, Free_<cairo_t, cairo_destroy>> cairo(cairo_create(surface.get()));
    const std::unique_ptr<PangoLayout, Free_<PangoLayout, unref>> layout(pango_cairo_create_layout(cairo.get()));
    const std::unique_ptr<PangoFontDescription, Free_<PangoFontDescription, pango_font_description_free>> font(
        pango_font_description_from_string("Noto Sans CJK SC, WenQuanYi Micro Hei, Sans 11"));
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_width(layout.get(), static_cast<int>((kWidth - 2 * kMargin) * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_spacing(layout.get(), 4 * PANGO_SCALE);
    pango_layout_set_markup(layout.get(), markup.data(), static_cast<int>(markup.size()));
    double y = kMargin;
    const int lines = pango_layout_get_line_count(layout.get());
    const int last = markup.ends_with('\n') ? lines - 1 : lines;
    for (int i = 0; i < lines; ++i) {
      PangoLayoutLine* line = pango_layout_get_line_readonly(layout.get(), i);
      PangoRectangle box;
      pango_layout_line_get_extents(line, nullptr, &box);
      const double height = static_cast<double>(box.height) / PANGO_SCALE, width = static_cast<double>(box.width) / PANGO_SCALE;
      if (y + height > kHeight - kMargin) {
        cairo_show_page(cairo.get());
        y = kMargin;
      }
      // The heading in the middle, office and date to the right.
      const double x = i == 0 ? (kWidth - width) / 2 : i >= last - signature ? kWidth - kMargin - width : kMargin;
      cairo_move_to(cairo.get(), x, y - static_cast<double>(box.y) / PANGO_SCALE);
      pango_cairo_show_layout_line(cairo.get(), line);
      y += height + 4;
    }
    cairo_show_page(cairo.get());
  }
  cairo_surface_finish(surface.get());
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    return Error(ErrorCode::io, std::string("Cairo: ") + cairo_status_to_string(cairo_surface_status(surface.get())));
  return out;
}

}  // namespace hotline::ticket
#endif
