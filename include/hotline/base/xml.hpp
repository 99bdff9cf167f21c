// Text inside of XML.
#pragma once

#include <string>
#include <string_view>

namespace hotline {

// Appends `text` as character data or an attribute's value: & < > " ' become entities, and what XML 1.0 (section 2.2) does not
// hold, control characters, is left out.
void append_xml(std::string& out, std::string_view text);
std::string xml_text(std::string_view text);

}  // namespace hotline
