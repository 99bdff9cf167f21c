#include "hotline/base/xml.hpp"

namespace hotline {

void append_xml(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r') out += c;
    }
  }
}

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  append_xml(out, text);
  return out;
}

}  // namespace hotline
