// XML as both readers of SCXML want it.
#pragma once

#include <boost/property_tree/xml_parser.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/json.hpp"
#include "hotline/base/result.hpp"

namespace hotline::workflow {

using ScxmlTree = boost::property_tree::ptree;

inline std::string scxml_attribute(const ScxmlTree& t, const char* name) { return t.get<std::string>(std::string("<xmlattr>.") + name, ""); }

inline std::vector<std::string> scxml_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string w; in >> w;) out.push_back(w);
  return out;
}

inline Error scxml_unsupported(std::string what) {
  return Error(ErrorCode::unsupported, "SCXML: " + std::move(what), "charts without a data model are read: no data, scripts, invoke (docs/workflow.md)");
}

// The tag without a namespace's prefix.
inline std::string scxml_local(const std::string& tag) {
  const auto colon = tag.find(':');
  return colon == std::string::npos ? tag : tag.substr(colon + 1);
}

// Errors: limit, invalid_encoding, invalid_document with the line.
inline Result<ScxmlTree> read_scxml_tree(std::string_view text, std::string_view file) {
  if (text.size() > (1u << 20)) return Error(ErrorCode::limit, std::string(file) + ": more than 1 MiB", "split the chart");
  if (!is_utf8(text)) return Error(ErrorCode::invalid_encoding, std::string(file) + " is not UTF-8", "save it as UTF-8");
  ScxmlTree tree;
  try {
    std::istringstream in{std::string(text)};
    boost::property_tree::read_xml(in, tree, boost::property_tree::xml_parser::trim_whitespace | boost::property_tree::xml_parser::no_comments);
  } catch (const boost::property_tree::xml_parser_error& e) {
    return Error(ErrorCode::invalid_document, "not XML: " + e.message(), "check the tags before this place", {std::string(file), static_cast<std::uint32_t>(e.line()), 0});
  }
  return tree;
}

}  // namespace hotline::workflow
