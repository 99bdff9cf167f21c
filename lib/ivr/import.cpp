#include "ivr/import.hpp"

#include <algorithm>

#include "hotline/base/json.hpp"

namespace hotline::ivr {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxElements = 200'000;

// Old documents are often Latin-1 and say so.
std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) out += c;
    else out += static_cast<char>(0xc0 | byte >> 6), out += static_cast<char>(0x80 | (byte & 63));
  }
  return out;
}
bool says_latin1(std::string_view text) {
  const auto head = text.substr(0, std::min(text.find("?>"), std::min<std::size_t>(text.size(), 200)));
  for (const std::string_view name : {"ISO-8859-1", "iso-8859-1", "windows-1252", "Windows-1252", "latin1"})
    if (head.find(name) != head.npos) return true;
  return false;
}

class XmlReader {
 public:
  XmlReader(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  Result<Xml> document() {
    Xml root;
    HOTLINE_TRY(children(root, 0));
    if (at_ < text_.size()) return refuse("an end tag without a start");
    for (Xml& child : root.children)
      if (!child.name.empty()) return std::move(child);
    return refuse("no element");
  }

 private:
  Error refuse(std::string what) const {
    const auto line = static_cast<std::uint32_t>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n') + 1);
    return Error(ErrorCode::invalid_document, "this is no XML that can be read: " + std::move(what), "check it with an XML tool", Place{std::string(file_), line, 1});
  }
  bool skip_to(std::string_view end) {
    const auto found = text_.find(end, at_);
    if (found == text_.npos) return false;
    at_ = found + end.size();
    return true;
  }
  static bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
  }
  std::string name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && name_char(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  void spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  Result<std::string> decoded(std::string_view raw) const {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '&') {
        out += raw[i];
        continue;
      }
      const auto end = raw.find(';', i);
      if (end == raw.npos || end - i > 10) return refuse("an `&` that begins no entity");
      const std::string_view entity = raw.substr(i + 1, end - i - 1);
      if (entity == "amp") out += '&';
      else if (entity == "lt") out += '<';
      else if (entity == "gt") out += '>';
      else if (entity == "quot") out += '"';
      else if (entity == "apos") out += '\'';
      else if (entity.starts_with('#')) {
        std::uint32_t code = 0;
        const bool hex = entity.size() > 1 && entity[1] == 'x';
        for (const char c : entity.substr(hex ? 2 : 1)) {
          const int digit = c >= '0' && c <= '9' ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
          if (digit < 0) return refuse("a wrong character reference");
          code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
          if (code > 0x10ffff) return refuse("a wrong character reference");
        }
        if (code == 0 || (code >= 0xd800 && code < 0xe000)) return refuse("a wrong character reference");
        if (code < 0x80) out += static_cast<char>(code);
        else if (code < 0x800) out += static_cast<char>(0xc0 | code >> 6), out += static_cast<char>(0x80 | (code & 63));
        else if (code < 0x10000) out += static_cast<char>(0xe0 | code >> 12), out += static_cast<char>(0x80 | (code >> 6 & 63)), out += static_cast<char>(0x80 | (code & 63));
        else out += static_cast<char>(0xf0 | code >> 18), out += static_cast<char>(0x80 | (code >> 12 & 63)), out += static_cast<char>(0x80 | (code >> 6 & 63)), out += static_cast<char>(0x80 | (code & 63));
      } else {
        return refuse("the entity `" + std::string(entity) + "` is not known here");
      }
      i = end;
    }
    return out;
  }
  void add_text(Xml& parent, std::string text) {
    if (std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; })) return;
    Xml child;
    child.text = std::move(text);
    parent.children.push_back(std::move(child));
  }
  Status children(Xml& parent, int depth) {
    if (depth > kMaxDepth) return refuse("nested deeper than 100 elements");
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        const auto end = std::min(text_.find('<', at_), text_.size());
        HOTLINE_ASSIGN(std::string text, decoded(text_.substr(at_, end - at_)));
        at_ = end;
        add_text(parent, std::move(text));
        continue;
      }
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("<!--")) {
        if (!skip_to("-->")) return refuse("a comment that never ends");
      } else if (rest.starts_with("<![CDATA[")) {
        const std::size_t from = at_ + 9;
        if (!skip_to("]]>")) return refuse("a CDATA section that never ends");
        add_text(parent, std::string(text_.substr(from, at_ - 3 - from)));
      } else if (rest.starts_with("<?") || rest.starts_with("<!")) {
        if (!skip_to(">")) return refuse("a declaration that never ends");
      } else if (rest.starts_with("</")) {
        return {};
      } else {
        HOTLINE_TRY(element(parent, depth));
      }
    }
    return {};
  }
  Status element(Xml& parent, int depth) {
    if (++elements_ > kMaxElements) return refuse("more than 200,000 elements");
    Xml child;
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    counted_ = at_;
    child.line = line_;
    ++at_;
    child.name = name();
    if (child.name.empty()) return refuse("a `<` that begins no element");
    for (;;) {
      spaces();
      if (at_ >= text_.size()) return refuse("the tag <" + child.name + " never ends");
      if (text_[at_] == '>') {
        ++at_;
        break;
      }
      if (text_.substr(at_).starts_with("/>")) {
        at_ += 2;
        parent.children.push_back(std::move(child));
        return {};
      }
      const std::string key = name();
      spaces();
      if (key.empty() || at_ >= text_.size() || text_[at_] != '=') return refuse("a wrong attribute in <" + child.name + ">");
      ++at_;
      spaces();
      if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return refuse("an attribute without quotes in <" + child.name + ">");
      const char quote = text_[at_++];
      const auto end = text_.find(quote, at_);
      if (end == text_.npos) return refuse("an attribute that never ends in <" + child.name + ">");
      HOTLINE_ASSIGN(std::string value, decoded(text_.substr(at_, end - at_)));
      at_ = end + 1;
      child.attributes.emplace_back(key, std::move(value));
    }
    HOTLINE_TRY(children(child, depth + 1));
    if (at_ >= text_.size()) return refuse("<" + child.name + "> is never closed");
    at_ += 2;
    if (name() != child.name) return refuse("<" + child.name + "> is closed by another tag");
    spaces();
    if (at_ >= text_.size() || text_[at_] != '>') return refuse("a wrong end tag");
    ++at_;
    parent.children.push_back(std::move(child));
    return {};
  }

  std::string_view text_, file_;
  std::size_t at_ = 0, counted_ = 0, elements_ = 0;
  std::uint32_t line_ = 1;
};

void write_yaml(std::string& out, const Node& node, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (node.is_scalar() || node.is_null()) {
    if (node.is_null()) out += " null\n";
    else {
      out += ' ';
      if (node.quoted()) append_json_string(out, node.text());
      else out += node.text();
      out += '\n';
    }
  } else if (node.is_sequence()) {
    out += '\n';
    for (const Node& item : node.items()) {
      out += indent + "-";
      if (item.is_scalar()) write_yaml(out, item, depth + 1);
      else out += " " + item.to_json() + "\n";
    }
  } else if (node.entries().empty()) {
    out += " {}\n";
  } else {
    out += '\n';
    for (const auto& [key, value] : node.entries()) {
      out += indent;
      append_json_string(out, key.text());
      out += ':';
      write_yaml(out, value, depth + 1);
    }
  }
}

}  // namespace

std::string Xml::attribute(std::string_view key, std::string_view otherwise) const {
  for (const auto& [name_of, value] : attributes)
    if (name_of == key) return value;
  return std::string(otherwise);
}
const Xml* Xml::child(std::string_view wanted) const {
  for (const Xml& c : children)
    if (c.name == wanted) return &c;
  return nullptr;
}
std::string Xml::all_text() const {
  std::string all;
  const auto add = [&](std::string_view more) {
    for (const char c : more) {
      const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      if (!space) all += c;
      else if (!all.empty() && all.back() != ' ') all += ' ';
    }
  };
  add(text);
  for (const Xml& c : children) add(c.all_text());
  return all;
}

Result<Xml> parse_xml(std::string_view text, std::string_view file) {
  if (text.size() > (16u << 20)) return Error(ErrorCode::limit, "the file is larger than 16 MiB", "split it");
  if (!is_utf8(text) && says_latin1(text)) {
    const std::string converted = from_latin1(text);
    return XmlReader(converted, file).document();
  }
  if (!is_utf8(text)) return Error(ErrorCode::invalid_encoding, "the file is not UTF-8", "convert it to UTF-8", Place{std::string(file)});
  return XmlReader(text, file).document();
}

Node FlowMaker::map(Pairs pairs) {
  Node node = Node::mapping();
  for (auto& [key, value] : pairs) node.insert(word(key), std::move(value));
  return node;
}
Node FlowMaker::list(std::vector<Node> items) {
  Node node = Node::sequence();
  for (Node& item : items) node.append(std::move(item));
  return node;
}

std::string FlowMaker::safe(std::string id) {
  static constexpr std::string_view kWords[] = {"hangup", "back", "main", "repeat", "agent", "return", "off", ""};
  if (std::find(std::begin(kWords), std::end(kWords), id) != std::end(kWords) || id.starts_with("x-")) id = "node_" + id;
  return id;
}
std::string FlowMaker::identifier(std::string_view text) {
  std::string out;
  for (const char c : text) out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, "v_");
  return out;
}
void FlowMaker::exit(Pairs& fields, std::string_view name, const std::string& to) {
  if (!to.empty()) fields.emplace_back(name, word(to));
}
void FlowMaker::node(const std::string& id, std::string_view type, Pairs fields) {
  const std::string own = safe(id);
  if (!ids_.insert(own).second) return lose("`" + own + "` stands twice: the second is left out");
  Pairs all{{"type", word(std::string(type))}};
  if (own != id) {
    lose("the name `" + id + "`: it has a meaning of its own, the node is called `" + own + "`");
    all.emplace_back("x-source", word(id));  // complaints name it as the source does
  }
  for (auto& field : fields)
    if (std::none_of(all.begin(), all.end(), [&](const auto& f) { return f.first == field.first; })) all.push_back(std::move(field));
  nodes_.emplace_back(own, map(std::move(all)));
}

void FlowMaker::placeholder(const std::string& id, const std::string& what, const Ways& ways) {
  std::string name = identifier(id);
  while (std::any_of(subflows_.begin(), subflows_.end(), [&](const auto& s) { return s.first == name; })) name += "_";
  std::vector<Node> exits;
  Pairs fields{{"flow", word(name)}, {"note", word(what)}}, wired;
  for (const auto& [way, to] : ways) {
    Node where = to.empty() ? Node::null_at(0, 0) : word(to);
    if (way == "next") {
      if (!to.empty()) fields.emplace_back("next", std::move(where));
    } else {
      exits.push_back(word(way));
      wired.emplace_back(way, std::move(where));
    }
  }
  if (!wired.empty()) fields.emplace_back("exits", map(std::move(wired)));
  Pairs sub{{"start", word("todo")}};
  if (!exits.empty()) sub.emplace_back("exits", list(std::move(exits)));
  sub.emplace_back("nodes", map({{"todo", map({{"type", word("return")}, {"note", word("to be written: " + what)}})}}));
  subflows_.emplace_back(name, map(std::move(sub)));
  node(id, "subflow", std::move(fields));
}

std::string FlowMaker::variable_for(const std::string& path) {
  const auto known = names_.find(path);
  if (known != names_.end()) return known->second;
  std::string name = identifier(path);
  static constexpr std::string_view kTaken[] = {"caller", "dialled", "language", "profile", "key", "recording", "recording_seconds", "error", "error_node",
                                                "queue_position", "queue_wait", "hung_up", "known_language", "now", "true", "false", "null", "in", "has", "size", "int",
                                                "uint", "double", "string", "bool", "bytes", "list", "map", "type", "duration", "timestamp", "matches", "as", "break", "const",
                                                "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"};
  if (std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken)) name += "_";
  while (variables_.contains(name)) name += "_";
  variables_.insert(name);
  return names_[path] = name;
}

std::string FlowMaker::quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
    else out += ' ';
  }
  return out + "'";
}
namespace {
std::string read_of(const std::string& variable) {
  return variable == "caller" || variable == "dialled" || variable == "key" ? variable : "(has(" + variable + ") ? " + variable + " : '')";
}
}  // namespace
std::string FlowMaker::prompt_of(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) {
    if (!piece.variable.empty()) out += "{" + read_of(piece.variable) + "}";
    for (const char c : piece.words) out += c == '{' ? "{{" : std::string(1, c);
  }
  return out;
}
std::string FlowMaker::expression_of(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces)
    out += (out.empty() ? "" : " + ") + (piece.variable.empty() ? quoted(piece.words) : read_of(piece.variable));
  return out.empty() ? "''" : out;
}
std::string FlowMaker::duration(std::string_view number, std::string_view unit) {
  if (number.empty() || number.size() > 7 || number.find_first_not_of("0123456789") != number.npos) return "";
  return std::string(number) + std::string(unit);
}

Imported FlowMaker::finish() {
  Pairs flow{{"flow", Node::scalar("1", false)}, {"id", word(identifier(id_))}, {"title", word(title_)}, {"languages", list({word("en-US")})}};
  if (!start_.empty()) flow.emplace_back("start", word(start_));
  if (!main_.empty()) flow.emplace_back("main", word(main_));
  if (!variables_.empty()) {
    Pairs variables;
    for (const std::string& v : variables_) variables.emplace_back(v, word("string"));
    flow.emplace_back("variables", map(std::move(variables)));
  }
  if (!subflows_.empty()) flow.emplace_back("subflows", map(std::move(subflows_)));
  flow.emplace_back("nodes", map(std::move(nodes_)));
  for (const std::string& loss : imported_.losses) {
    std::string line = loss;
    std::replace(line.begin(), line.end(), '\n', ' ');
    imported_.yaml += "# not carried: " + line + "\n";
  }
  std::string body;
  write_yaml(body, map(std::move(flow)), 0);
  imported_.yaml += body.substr(1);
  return std::move(imported_);
}

Result<ImportFormat> parse_import_format(std::string_view name) {
  if (name == "studio") return ImportFormat::studio;
  if (name == "freeswitch") return ImportFormat::freeswitch;
  if (name == "connect") return ImportFormat::connect;
  if (name == "voicexml") return ImportFormat::voicexml;
  return Error(ErrorCode::not_found, "flows of `" + std::string(name) + "` cannot be imported", "use studio, freeswitch, connect or voicexml");
}

Result<Imported> import_flow(ImportFormat format, std::string_view text, std::string_view file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  switch (format) {
    case ImportFormat::studio: return import_studio(text, file);
    case ImportFormat::connect: return import_connect(text, file);
    case ImportFormat::freeswitch: return import_freeswitch(text, file);
    case ImportFormat::voicexml: return import_voicexml(text, file);
  }
  return Error(ErrorCode::invalid_argument, "no such format");
}

}  // namespace hotline::ivr
