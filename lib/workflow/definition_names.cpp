#include <algorithm>

#include "workflow/definition_reader.hpp"

namespace hotline::workflow {

void DefinitionReader::complain(const Node& at, std::string_view code, std::string message, std::string remedy) {
  diagnostics_.error(std::string(code), std::move(message), std::move(remedy), place(at));
}

void DefinitionReader::unknown(const Node& at, std::string_view what, const std::vector<std::string>& known) {
  const std::string_view close = nearest(at.text(), known);
  std::string remedy;
  if (!close.empty()) {
    remedy = "did you mean `" + std::string(close) + "`?";
  } else if (known.empty()) {
    remedy = "none is declared";
  } else {
    remedy = "there are: ";
    for (std::size_t i = 0; i < known.size() && i < 12; ++i) remedy += (i ? ", " : "") + known[i];
    if (known.size() > 12) remedy += " …";
  }
  complain(at, "W101", "no " + std::string(what) + " `" + at.text() + "`", std::move(remedy));
}

bool DefinitionReader::good_name(const Node& at, std::string_view what) {
  const std::string& name = at.text();
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const bool good = !name.empty() && name.size() <= 64 && letter(name[0]) &&
                    std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
  if (!good)
    complain(at, "W102", "`" + name.substr(0, 80) + "` cannot name a " + std::string(what),
             "use letters, digits and _, a letter first: expressions mention it");
  return good;
}

Text DefinitionReader::read_text(const Node* node) {
  Text text;
  if (node == nullptr) return text;
  if (node->is_scalar()) {
    const bool ascii = std::all_of(node->text().begin(), node->text().end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 128; });
    (ascii ? text.en : text.zh) = node->text();
    return text;
  }
  Fields fields(*node, diagnostics_, "text");
  text.zh = fields.string("zh");
  text.en = fields.string("en");
  fields.finish();
  return text;
}

std::uint32_t DefinitionReader::read_role(const Node& node) {
  const auto found = std::find(data_.roles.begin(), data_.roles.end(), node.text());
  if (found == data_.roles.end()) {
    unknown(node, "role", data_.roles);
    return kNone;
  }
  return static_cast<std::uint32_t>(found - data_.roles.begin());
}

std::uint64_t DefinitionReader::read_roles(const Node* node) {
  std::uint64_t bits = 0;
  if (node == nullptr) return 0;
  const auto one = [&](const Node& item) {
    if (const std::uint32_t role = read_role(item); role < 64) bits |= std::uint64_t{1} << role;
  };
  if (node->is_scalar()) one(*node);
  for (const Node& item : node->items()) one(item);
  return bits;
}

std::uint32_t DefinitionReader::find_event(const Node& node, const Machine& m) {
  const std::uint32_t event = m.event(node.text());
  if (event == kNone) unknown(node, m.name.empty() ? "event" : "event of task `" + m.name + "`", names_of(m.events));
  return event;
}

std::optional<expr::Program> DefinitionReader::compile(const Node& node, const expr::Environment& environment,
                                                       std::optional<expr::Type> type) {
  if (!node.is_scalar()) {
    complain(node, "W103", "an expression must be a scalar", "write it in quotes");
    return std::nullopt;
  }
  expr::Options options;
  options.result = std::move(type);
  options.origin = place(node);
  if (node.quoted()) ++options.origin.column;
  auto program = expr::Program::compile(node.text(), environment, options);
  if (program.ok()) return *std::move(program);
  const Error& error = program.error();
  diagnostics_.error("W103", error.message(), error.remedy(), error.place().line ? error.place() : place(node));
  return std::nullopt;
}

}  // namespace hotline::workflow
