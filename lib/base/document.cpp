#include "hotline/base/document.hpp"

#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unordered_set>

#include "hotline/base/json.hpp"

namespace hotline {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxBytes = 64u << 20;

// Both parsers feed this; it keeps the stack of open containers and refuses what both must refuse.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view file) : file_(file) {}

  void open(Node node) {
    if (stack_.size() >= kMaxDepth) {
      refuse(node, "nested deeper than " + std::to_string(kMaxDepth) + " levels", "flatten it");
    }
    stack_.push_back({std::move(node), std::nullopt, {}});
  }
  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }
  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = stack_.back();
    if (level.node.is_sequence()) {
      level.node.append(std::move(node));
    } else if (!level.key) {
      if (!node.is_scalar()) refuse(node, "a key must be a plain word", "write key: value");
      if (!level.keys.insert(node.text()).second)
        refuse(node, "the key `" + node.text() + "` stands twice", "keep one of them");
      level.key = std::move(node);
    } else {
      level.node.insert(std::move(*level.key), std::move(node));
      level.key.reset();
    }
  }
  [[noreturn]] void refuse(const Node& at, std::string message, std::string remedy) const {
    throw Exception(Error(ErrorCode::invalid_document, std::move(message), std::move(remedy), at.place(file_)));
  }
  Node take() { return std::move(root_); }

 private:
  struct Level {
    Node node;
    std::optional<Node> key;
    std::unordered_set<std::string> keys;
  };
  std::string file_;
  std::vector<Level> stack_;
  Node root_;
};

class Yaml {
 public:
  Yaml(std::string_view text, std::string_view file) : text_(text), file_(file), tree_(file) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Yaml(const Yaml&) = delete;
  ~Yaml() { yaml_parser_delete(&parser_); }

  Node read() {
    for (int documents = 0;;) {
      struct Event {
        yaml_event_t is;
        ~Event() { yaml_event_delete(&is); }
      } event;
      if (yaml_parser_parse(&parser_, &event.is) == 0) refuse();
      const auto& data = event.is.data;
      const yaml_mark_t& mark = event.is.start_mark;
      switch (event.is.type) {
        case YAML_DOCUMENT_START_EVENT:
          if (++documents > 1) tree_.refuse(at(mark), "a second document begins here", "keep one document in a file (remove the `---`)");
          break;
        case YAML_SCALAR_EVENT: {
          check(mark, data.scalar.anchor, data.scalar.tag);
          std::string value(reinterpret_cast<const char*>(data.scalar.value), data.scalar.length);
          const bool quoted = data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
          if (!quoted && (value == "null" || value == "~" || value.empty())) tree_.add(Node::null_at(line(mark), column(mark)));
          else tree_.add(Node::scalar(std::move(value), quoted, line(mark), column(mark)));
          break;
        }
        case YAML_SEQUENCE_START_EVENT:
          check(mark, data.sequence_start.anchor, data.sequence_start.tag);
          tree_.open(Node::sequence(line(mark), column(mark)));
          break;
        case YAML_MAPPING_START_EVENT:
          check(mark, data.mapping_start.anchor, data.mapping_start.tag);
          tree_.open(Node::mapping(line(mark), column(mark)));
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: tree_.close(); break;
        case YAML_ALIAS_EVENT: tree_.refuse(at(mark), "aliases (*name) are not part of a definition", "write the value out");
        case YAML_STREAM_END_EVENT: return tree_.take();
        default: break;
      }
    }
  }

 private:
  static std::uint32_t line(const yaml_mark_t& mark) { return static_cast<std::uint32_t>(mark.line + 1); }
  static std::uint32_t column(const yaml_mark_t& mark) { return static_cast<std::uint32_t>(mark.column + 1); }
  static Node at(const yaml_mark_t& mark) { return Node::null_at(line(mark), column(mark)); }
  void check(const yaml_mark_t& mark, const yaml_char_t* anchor, const yaml_char_t* tag) const {
    if (anchor != nullptr) tree_.refuse(at(mark), "anchors (&name) are not part of a definition", "write the value out");
    const std::string_view named = tag == nullptr ? "" : reinterpret_cast<const char*>(tag);
    if (!named.empty() && named != "!")
      tree_.refuse(at(mark), "the tag `" + std::string(named) + "` is not part of a definition", "leave the tag out");
  }
  [[noreturn]] void refuse() const {
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    std::string what = "not YAML: " + std::string(parser_.problem == nullptr ? "unreadable" : parser_.problem);
    if (parser_.error == YAML_READER_ERROR) {  // a character that may not stand in YAML: only its offset is known
      const std::string_view before = text_.substr(0, std::min(parser_.problem_offset, text_.size()));
      const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
      throw Exception(Error(ErrorCode::invalid_document, std::move(what), "remove the character", Place{file_, lines + 1, static_cast<std::uint32_t>(before.size() - (before.rfind('\n') + 1)) + 1}));
    }
    if (parser_.context != nullptr) what += ", " + std::string(parser_.context) + " that begins in line " + std::to_string(line(parser_.context_mark));
    throw Exception(Error(ErrorCode::invalid_document, std::move(what), "check indentation, colons and quotes here",
                          Place{file_, line(parser_.problem_mark), column(parser_.problem_mark)}));
  }

  yaml_parser_t parser_;
  std::string_view text_;
  std::string file_;
  TreeBuilder tree_;
};

// Counts what nlohmann's lexer has consumed, so that its events get a place.
struct Cursor {
  std::uint32_t line = 1;
  std::uint32_t column = 0;
};
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Cursor* cursor) : at_(at), cursor_(cursor) {}
  const char& operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (cursor_ != nullptr) {
      if (*at_ == '\n') {
        ++cursor_->line;
        cursor_->column = 0;
      } else if ((static_cast<unsigned char>(*at_) & 0xC0) != 0x80) {
        ++cursor_->column;
      }
    }
    ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Cursor* cursor_;
};

class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonEvents(TreeBuilder& tree, const Cursor& cursor, std::string_view file)
      : tree_(tree), cursor_(cursor), file_(file) {}

  bool null() override { return add(Node::null_at(cursor_.line, start(4))); }
  bool boolean(bool v) override { return plain(v ? "true" : "false"); }
  bool number_integer(std::int64_t v) override { return plain(std::to_string(v)); }
  bool number_unsigned(std::uint64_t v) override { return plain(std::to_string(v)); }
  bool number_float(double, const std::string& text) override { return plain(text); }
  bool string(std::string& v) override {
    return add(Node::scalar(v, true, cursor_.line, start(code_points(v) + 2)));
  }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return tree_.open(Node::mapping(cursor_.line, start(1))), true; }
  bool key(std::string& v) override { return string(v); }
  bool end_object() override { return tree_.close(), true; }
  bool start_array(std::size_t) override { return tree_.open(Node::sequence(cursor_.line, start(1))), true; }
  bool end_array() override { return tree_.close(), true; }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::json::exception&) override {
    throw Exception(Error(ErrorCode::invalid_document, "not JSON: unexpected `" + token.substr(0, 40) + "`",
                          "check commas, quotes and brackets before this place",
                          Place{file_, cursor_.line, std::max(1u, cursor_.column)}));
  }

 private:
  static std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  }
  // The lexer has read the token (and for numbers one character more).
  std::uint32_t start(std::size_t length) const {
    return cursor_.column >= length ? static_cast<std::uint32_t>(cursor_.column - length + 1) : 1;
  }
  bool plain(std::string text) {
    const auto column = start(text.size());
    return add(Node::scalar(std::move(text), false, cursor_.line, column));
  }
  bool add(Node node) { return tree_.add(std::move(node)), true; }

  TreeBuilder& tree_;
  const Cursor& cursor_;
  std::string file_;
};

Result<Node> parse_json(std::string_view text, std::string_view file) {
  TreeBuilder tree(file);
  Cursor cursor;
  JsonEvents events(tree, cursor, file);
  nlohmann::json::sax_parse(CountingIterator(text.data(), &cursor),
                            CountingIterator(text.data() + text.size(), nullptr), &events);
  return tree.take();
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view kind_name(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a single value";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::mapping: return "a mapping";
  }
  return "";
}

}  // namespace

Node Node::null_at(std::uint32_t line, std::uint32_t column) {
  Node node;
  node.line_ = line;
  node.column_ = column;
  return node;
}
Node Node::scalar(std::string text, bool quoted, std::uint32_t line, std::uint32_t column) {
  Node node = null_at(line, column);
  node.kind_ = Kind::scalar;
  node.text_ = std::move(text);
  node.quoted_ = quoted;
  return node;
}
Node Node::sequence(std::uint32_t line, std::uint32_t column) {
  Node node = null_at(line, column);
  node.kind_ = Kind::sequence;
  return node;
}
Node Node::mapping(std::uint32_t line, std::uint32_t column) {
  Node node = null_at(line, column);
  node.kind_ = Kind::mapping;
  return node;
}

std::optional<bool> Node::as_bool() const {
  if (!is_scalar() || quoted_) return std::nullopt;
  if (text_ == "true") return true;
  if (text_ == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> Node::as_int() const {
  if (!is_scalar() || quoted_ || text_.empty()) return std::nullopt;
  const bool leading_zero = text_.size() > 1 && text_[0] == '0';
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (leading_zero || failed != std::errc{} || end != text_.data() + text_.size()) return std::nullopt;
  return value;
}

std::optional<double> Node::as_double() const {
  if (!is_scalar() || quoted_ || text_.empty()) return std::nullopt;
  double value = 0;
  const auto [end, failed] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (failed != std::errc{} || end != text_.data() + text_.size()) return std::nullopt;
  const char first = text_[0] == '-' && text_.size() > 1 ? text_[1] : text_[0];
  if (first < '0' || first > '9') return std::nullopt;
  return value;
}

std::span<const Node::Entry> Node::entries() const { return entries_; }

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries_)
    if (entry.key.text() == key) return &entry.value;
  return nullptr;
}

void Node::append(Node item) { items_.push_back(std::move(item)); }
void Node::insert(Node key, Node value) { entries_.push_back({std::move(key), std::move(value)}); }

namespace {
void write_json(const Node& node, JsonWriter& json) {
  switch (node.kind()) {
    case Node::Kind::null: json.null(); return;
    case Node::Kind::scalar:
      if (const auto flag = node.as_bool()) json.value(*flag);
      else if (const auto number = node.as_int()) json.value(*number);
      else if (const auto real = node.as_double(); real && node.text().find_first_of(".eE") != std::string::npos)
        json.value(*real);
      else json.value(node.text());
      return;
    case Node::Kind::sequence:
      json.begin_array();
      for (const Node& item : node.items()) write_json(item, json);
      json.end_array();
      return;
    case Node::Kind::mapping:
      json.begin_object();
      for (const Node::Entry& entry : node.entries()) {
        json.key(entry.key.text());
        write_json(entry.value, json);
      }
      json.end_object();
      return;
  }
}
}  // namespace

std::string Node::to_json() const {
  std::string out;
  JsonWriter json(out);
  write_json(*this, json);
  return out;
}

Result<Node> parse_document(std::string_view text, std::string_view file) {
  if (text.size() > kMaxBytes)
    return Error(ErrorCode::invalid_document, "larger than 64 MiB", "split it", Place{std::string(file), 0, 0});
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) {
    std::uint32_t line = 1;
    for (std::string_view rest = text; !rest.empty(); ++line) {
      const auto end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      if (!is_utf8(rest.substr(0, end))) break;
      rest.remove_prefix(end);
    }
    return Error(ErrorCode::invalid_encoding, "not UTF-8", "save the file as UTF-8", Place{std::string(file), line, 0});
  }
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool json = first != text.npos && (text[first] == '{' || text[first] == '[');
  try {
    return json ? parse_json(text, file) : Yaml(text, file).read();
  } catch (const Exception& refused) {
    return refused.error();
  }
}

Result<std::string> read_file(const std::string& path) {
  const auto failed = [&] { return Error(ErrorCode::io, "cannot read `" + path + "`", "check that the file exists and may be read"); };
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) return failed();  // a stream would open it
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return failed();
  std::ostringstream text;
  text << stream.rdbuf();  // "fails" where there is nothing
  if (stream.bad()) return failed();
  return std::move(text).str();
}

Result<Node> load_document(const std::string& path) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  return parse_document(text, path);
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string_view best;
  std::size_t best_distance = std::min<std::size_t>(3, word.size() / 2 + 1);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

Fields::Fields(const Node& node, Diagnostics& diagnostics, std::string context)
    : node_(node), diagnostics_(diagnostics), context_(std::move(context)) {
  if (!node.is_mapping())
    complain(node, "D003", "must be a mapping, not " + std::string(kind_name(node)), "write key: value lines");
}

void Fields::complain(const Node& at, std::string code, std::string message, std::string remedy) {
  diagnostics_.error(std::move(code), context_ + ": " + std::move(message), std::move(remedy),
                     at.place(diagnostics_.file()));
}

const Node* Fields::get(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

const Node* Fields::required(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr && node_.is_mapping())
    complain(node_, "D004", "`" + std::string(key) + "` is missing", "add `" + std::string(key) + ":`");
  return value;
}

std::string Fields::string(std::string_view key, std::string otherwise) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  if (value->is_scalar()) return value->text();
  complain(*value, "D003", "`" + std::string(key) + "` must be text, not " + std::string(kind_name(*value)), "write one value");
  return otherwise;
}

std::string Fields::required_string(std::string_view key) {
  return required(key) != nullptr ? string(key) : std::string();
}

bool Fields::boolean(std::string_view key, bool otherwise) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  if (const auto flag = value->as_bool()) return *flag;
  complain(*value, "D003", "`" + std::string(key) + "` must be true or false", "write true or false, without quotes");
  return otherwise;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  const auto number = value->as_int();
  if (!number) {
    complain(*value, "D003", "`" + std::string(key) + "` must be a whole number", "write digits only, without quotes");
    return otherwise;
  }
  if (*number < low || *number > high) {
    complain(*value, "D005", "`" + std::string(key) + "` is " + std::to_string(*number),
             "it must lie between " + std::to_string(low) + " and " + std::to_string(high));
    return otherwise;
  }
  return *number;
}

double Fields::number(std::string_view key, double otherwise, double low, double high) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  const auto number = value->as_double();
  if (!number) {
    complain(*value, "D003", "`" + std::string(key) + "` must be a number", "write digits, without quotes");
    return otherwise;
  }
  if (!(*number >= low && *number <= high)) {
    std::string range;
    JsonWriter json(range);
    json.begin_array().value(low).value(high).end_array();
    complain(*value, "D005", "`" + std::string(key) + "` is " + value->text(), "it must lie within " + range);
    return otherwise;
  }
  return *number;
}

Duration Fields::duration(std::string_view key, Duration otherwise) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  const auto parsed = parse_duration(value->text());
  if (parsed && *parsed >= Duration{0}) return *parsed;
  complain(*value, "D003", "`" + std::string(key) + "` is not a duration: `" + value->text() + "`",
           "write a number with its unit, such as 90s, 1h30m or 500ms");
  return otherwise;
}

std::vector<std::string> Fields::strings(std::string_view key) {
  const Node* value = get(key);
  std::vector<std::string> result;
  if (value == nullptr) return result;
  if (value->is_scalar()) return {value->text()};
  for (const Node& item : value->items()) {
    if (item.is_scalar()) result.push_back(item.text());
    else complain(item, "D003", "an item of `" + std::string(key) + "` must be text", "write one value");
  }
  if (value->is_mapping()) complain(*value, "D003", "`" + std::string(key) + "` must be a list", "write [a, b]");
  return result;
}

std::size_t Fields::choice(std::string_view key, std::span<const std::string_view> names, std::size_t otherwise) {
  const Node* value = get(key);
  if (value == nullptr) return otherwise;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (value->is_scalar() && value->text() == names[i]) return i;
  std::string all;
  for (const auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  complain(*value, "D005", "`" + std::string(key) + "` is `" + value->text() + "`", "use one of: " + all);
  return otherwise;
}

void Fields::finish() {
  for (const Node::Entry& entry : node_.entries()) {
    const std::string& key = entry.key.text();
    if (key.starts_with("x-") || std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto meant = nearest(key, known_);
    complain(entry.key, "D002", "unknown key `" + key + "`",
             meant.empty() ? "remove it, or begin it with `x-` if it is your own"
                           : "did you mean `" + std::string(meant) + "`?");
  }
}

}  // namespace hotline
