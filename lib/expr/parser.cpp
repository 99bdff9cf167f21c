#include <algorithm>
#include <array>

#include "expr/ast.hpp"
#include "expr/lexer.hpp"

namespace hotline::expr {
namespace {

constexpr std::array<std::string_view, 20> kReserved{
    "as",   "break",  "const", "continue", "else",    "false", "for",  "function",  "if",     "import",
    "in",   "let",    "loop",  "namespace", "null",   "package", "return", "true", "var", "while"};

struct Binary {
  std::string_view text;
  Op op;
  int strength;
};
constexpr std::array<Binary, 14> kBinary{{{"||", Op::logical_or, 1},
                                          {"&&", Op::logical_and, 2},
                                          {"==", Op::equal, 3},
                                          {"!=", Op::not_equal, 3},
                                          {"<", Op::less, 3},
                                          {"<=", Op::less_equal, 3},
                                          {">", Op::greater, 3},
                                          {">=", Op::greater_equal, 3},
                                          {"in", Op::in, 3},
                                          {"+", Op::add, 4},
                                          {"-", Op::subtract, 4},
                                          {"*", Op::multiply, 5},
                                          {"/", Op::divide, 5},
                                          {"%", Op::modulo, 5}}};

struct Macro {
  std::string_view name;
  Op op;
  std::size_t least;
  std::size_t most;
};
constexpr std::array<Macro, 6> kMacros{{{"all", Op::all, 2, 2},
                                        {"exists", Op::exists, 2, 2},
                                        {"exists_one", Op::exists_one, 2, 2},
                                        {"existsOne", Op::exists_one, 2, 2},
                                        {"map", Op::map, 2, 3},
                                        {"filter", Op::filter, 2, 2}}};

constexpr NodeId kNone = 0xffffffff;

// Recursive descent with operator strengths. A function that fails leaves error_ set and returns kNone.
class Parser {
 public:
  Parser(Ast& ast, const Limits& limits) : ast_(ast), limits_(limits), lexer_(ast.text) {}

  Status run() {
    if (!advance()) return *error_;
    const NodeId root = expression();
    if (root == kNone) return *error_;
    if (now_.token != Token::end) {
      fail(now_.offset, "unexpected " + shown() + " after the expression", "join parts with an operator such as && or +");
      return *error_;
    }
    ast_.root = root;
    return {};
  }

 private:
  NodeId fail(std::size_t offset, std::string message, std::string remedy = {}) {
    if (!error_) error_ = ast_.error(offset, std::move(message), std::move(remedy));
    return kNone;
  }
  std::string shown() const {
    return now_.token == Token::end ? "end" : "`" + std::string(now_.text.substr(0, 40)) + "`";
  }
  bool advance() {
    if (lexer_.next(now_)) return true;
    fail(lexer_.offset(), lexer_.message(), lexer_.remedy());
    return false;
  }
  bool at(std::string_view symbol) const { return now_.token == Token::symbol && now_.text == symbol; }
  // Takes the symbol if it is there; a lexical error behind it shows at the next look.
  bool take(std::string_view symbol) { return at(symbol) && advance(); }
  bool expect(std::string_view symbol, const char* remedy) {
    if (at(symbol)) return advance();
    fail(now_.offset, "expected `" + std::string(symbol) + "`, found " + shown(), remedy);
    return false;
  }

  NodeId add(AstNode node) {
    if (ast_.nodes.size() >= limits_.nodes)
      return fail(node.offset, "the expression has more than " + std::to_string(limits_.nodes) + " parts", "split it");
    for (const NodeId child : node.children) node.height = std::max(node.height, ast_.at(child).height + 1);
    if (node.height > limits_.depth) return too_deep(node.offset);
    ast_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }
  NodeId too_deep(std::size_t offset) {
    return fail(offset, "the expression is nested deeper than " + std::to_string(limits_.depth), "split it");
  }
  NodeId call(Op op, std::uint32_t offset, std::vector<NodeId> children) {
    AstNode node;
    node.kind = Term::Kind::call;
    node.op = op;
    node.offset = offset;
    node.children = std::move(children);
    return add(std::move(node));
  }
  NodeId literal(Value value, std::uint32_t offset, Type type) {
    AstNode node;
    node.value = std::move(value);
    node.offset = offset;
    node.type = std::move(type);
    return add(std::move(node));
  }

  NodeId expression() {
    if (++depth_ > limits_.depth) return too_deep(now_.offset);
    NodeId result = binary(1);
    if (result != kNone && at("?")) {
      const std::uint32_t offset = now_.offset;
      if (!advance()) return kNone;
      const NodeId yes = binary(1);
      if (yes == kNone || !expect(":", "a ? b : c needs both branches")) return kNone;
      const NodeId no = expression();
      if (no == kNone) return kNone;
      result = call(Op::conditional, offset, {result, yes, no});
    }
    --depth_;
    return error_ ? kNone : result;
  }

  const Binary* operator_here() const {
    if (now_.token != Token::symbol && !(now_.token == Token::identifier && now_.text == "in")) return nullptr;
    for (const Binary& candidate : kBinary)
      if (candidate.text == now_.text) return &candidate;
    return nullptr;
  }

  NodeId binary(int strength) {
    if (strength > 5) return unary();
    NodeId left = binary(strength + 1);
    if (strength <= 2) return chain(left, strength);
    while (left != kNone && !error_) {
      const Binary* op = operator_here();
      if (op == nullptr || op->strength != strength) return left;
      const std::uint32_t offset = now_.offset;
      if (!advance()) return kNone;
      const NodeId right = binary(strength + 1);
      if (right == kNone) return kNone;
      left = call(op->op, offset, {left, right});
    }
    return kNone;
  }

  // a && b && c ... becomes a balanced tree: && and || are associative, and long chains stay shallow.
  NodeId chain(NodeId first, int strength) {
    std::vector<NodeId> parts{first};
    std::vector<std::uint32_t> offsets;
    Op kind = Op::none;
    while (parts.back() != kNone && !error_) {
      const Binary* op = operator_here();
      if (op == nullptr || op->strength != strength) return balance(kind, parts, offsets, 0, parts.size());
      kind = op->op;
      offsets.push_back(now_.offset);
      if (!advance()) return kNone;
      parts.push_back(binary(strength + 1));
    }
    return kNone;
  }
  NodeId balance(Op op, const std::vector<NodeId>& parts, const std::vector<std::uint32_t>& offsets, std::size_t from,
                 std::size_t to) {
    if (to - from == 1) return parts[from];
    const std::size_t middle = from + (to - from + 1) / 2;
    const NodeId left = balance(op, parts, offsets, from, middle);
    const NodeId right = balance(op, parts, offsets, middle, to);
    if (left == kNone || right == kNone) return kNone;
    return call(op, offsets[middle - 1], {left, right});
  }

  NodeId unary() {
    if (!at("!") && !at("-")) return member();
    if (++depth_ > limits_.depth) return too_deep(now_.offset);
    const bool minus = at("-");
    const std::uint32_t offset = now_.offset;
    if (!advance()) return kNone;
    NodeId result = kNone;
    if (minus && (now_.token == Token::integer || now_.token == Token::real)) {
      result = negative_literal(offset);
    } else {
      const NodeId operand = unary();
      if (operand != kNone) result = call(minus ? Op::negate : Op::logical_not, offset, {operand});
    }
    --depth_;
    return result;
  }

  // -9223372036854775808 has no positive twin, so the sign belongs to the literal.
  NodeId negative_literal(std::uint32_t offset) {
    if (now_.token == Token::real) {
      const double value = now_.real;
      if (!advance()) return kNone;
      return suffixes(literal(-value, offset, Type::real()));
    }
    const std::uint64_t magnitude = now_.integer;
    if (magnitude > std::uint64_t{1} << 63) return too_large();
    if (!advance()) return kNone;
    return suffixes(literal(static_cast<std::int64_t>(0 - magnitude), offset, Type::integer()));
  }
  NodeId too_large() {
    return fail(now_.offset, "this number does not fit into an int", "write it as a uint (" + std::string(now_.text) + "u) or a double");
  }

  NodeId member() { return suffixes(primary()); }

  NodeId suffixes(NodeId target) {
    while (target != kNone && !error_) {
      const std::uint32_t offset = now_.offset;
      if (take(".")) {
        target = selection(target);
      } else if (take("[")) {
        const NodeId index = expression();
        if (index == kNone || !expect("]", "close the index")) return kNone;
        target = call(Op::index, offset, {target, index});
      } else {
        return error_ ? kNone : target;
      }
    }
    return kNone;
  }

  NodeId selection(NodeId target) {
    if (error_) return kNone;
    AstNode node;
    node.offset = now_.offset;
    node.name = now_.token == Token::quoted_identifier ? now_.content : std::string(now_.text);
    const bool quoted = now_.token == Token::quoted_identifier;
    if (!quoted && now_.token != Token::identifier)
      return fail(now_.offset, "expected a name after `.`, found " + shown(), "write a field, as in agent.level");
    if (!quoted && (node.name == "in" || node.name == "true" || node.name == "false" || node.name == "null"))
      return fail(now_.offset, "`" + node.name + "` cannot be a field", "write it as [\"" + node.name + "\"]");
    if (!advance()) return kNone;
    if (!quoted && at("(")) return method(target, std::move(node));
    node.kind = Term::Kind::field;
    node.children = {target};
    return add(std::move(node));
  }

  NodeId method(NodeId target, AstNode node) {
    std::vector<NodeId> arguments;
    if (!list_of(arguments, "(", ")")) return kNone;
    for (const Macro& macro : kMacros) {
      if (macro.name != node.name) continue;
      if (arguments.size() >= macro.least && arguments.size() <= macro.most)
        return comprehension(target, macro, std::move(node), arguments);
      return fail(node.offset, "the macro " + node.name + "() takes a name and what to do with it",
                  "write list." + node.name + "(x, " + (macro.op == Op::map ? "value)" : "condition)"));
    }
    node.kind = Term::Kind::call;
    node.op = Op::function;
    node.receiver = true;
    node.children = {target};
    node.children.insert(node.children.end(), arguments.begin(), arguments.end());
    return add(std::move(node));
  }

  NodeId comprehension(NodeId range, const Macro& macro, AstNode node, const std::vector<NodeId>& arguments) {
    const AstNode& variable = ast_.at(arguments[0]);
    if (variable.kind != Term::Kind::variable || variable.name.starts_with('.'))
      return fail(variable.offset, "the first argument of " + node.name + "() must be a name",
                  "write list." + node.name + "(x, ...)");
    node.kind = Term::Kind::comprehension;
    node.op = macro.op;
    node.name = variable.name;
    node.children = {range};
    node.children.insert(node.children.end(), arguments.begin() + 1, arguments.end());
    return add(std::move(node));
  }

  // "(a, b)" or "[a, b,]": the opening symbol stands here.
  bool list_of(std::vector<NodeId>& items, std::string_view open, std::string_view close) {
    if (!expect(open, "")) return false;
    while (!at(close)) {
      const NodeId item = expression();
      if (item == kNone) return false;
      items.push_back(item);
      if (at(close)) break;
      const bool trailing = close == "]";
      if (!expect(",", close == ")" ? "separate arguments with , and close with )" : "separate items with , and close with ]"))
        return false;
      if (at(close) && !trailing) {
        fail(now_.offset, "an argument is missing before `)`", "remove the comma");
        return false;
      }
    }
    return advance();
  }

  NodeId primary() {
    if (error_) return kNone;
    const std::uint32_t offset = now_.offset;
    switch (now_.token) {
      case Token::identifier: return identifier(false);
      case Token::integer:
        if (now_.integer > static_cast<std::uint64_t>(INT64_MAX)) return too_large();
        return literal_here(static_cast<std::int64_t>(now_.integer), Type::integer());
      case Token::natural: return literal_here(now_.integer, Type::natural());
      case Token::real: return literal_here(now_.real, Type::real());
      case Token::string: return literal_here(Value::text(now_.content), Type::string());
      case Token::bytes: return literal_here(Value::own_bytes(now_.content), Type::bytes());
      case Token::quoted_identifier:
        return fail(offset, "a name in backquotes may stand only after `.`", "write it without backquotes");
      case Token::end: return fail(offset, "the expression ends where a value was expected", "complete it");
      case Token::symbol: break;
    }
    if (take("(")) {
      const NodeId inner = expression();
      if (inner == kNone || !expect(")", "close the parenthesis")) return kNone;
      return inner;
    }
    if (at("[")) {
      AstNode node;
      node.kind = Term::Kind::list;
      node.offset = offset;
      if (!list_of(node.children, "[", "]")) return kNone;
      return add(std::move(node));
    }
    if (at("{")) return map_literal();
    if (take(".")) {
      if (now_.token == Token::identifier) return identifier(true);
      return fail(now_.offset, "expected a name after `.`, found " + shown());
    }
    return fail(offset, "expected a value, found " + shown(), "write a literal, a variable, a list or ( ... )");
  }

  NodeId literal_here(Value value, Type type) {
    const std::uint32_t offset = now_.offset;
    if (!advance()) return kNone;
    return literal(std::move(value), offset, std::move(type));
  }

  NodeId map_literal() {
    AstNode node;
    node.kind = Term::Kind::map;
    node.offset = now_.offset;
    if (!advance()) return kNone;
    while (!at("}")) {
      const NodeId key = expression();
      if (key == kNone || !expect(":", "write entries as key: value; keys that are texts need quotes")) return kNone;
      const NodeId value = expression();
      if (value == kNone) return kNone;
      node.children.push_back(key);
      node.children.push_back(value);
      if (!at("}") && !expect(",", "separate entries with , and close with }")) return kNone;
    }
    if (!advance()) return kNone;
    return add(std::move(node));
  }

  NodeId identifier(bool global) {
    const std::uint32_t offset = now_.offset;
    const std::string word(now_.text);
    if (!advance()) return kNone;
    if (!global) {
      if (word == "true" || word == "false") return literal(word == "true", offset, Type::boolean());
      if (word == "null") return literal(Value::null(), offset, Type::null());
    }
    if (is_reserved(word))
      return fail(offset, "`" + word + "` is a reserved word", word == "in" ? "write value in list" : "choose another name");
    AstNode node;
    node.offset = offset;
    node.name = global ? "." + word : word;
    if (at("(")) {
      if (!list_of(node.children, "(", ")")) return kNone;
      if (word == "has" && !global) return has(std::move(node));
      node.kind = Term::Kind::call;
      node.op = Op::function;
      return add(std::move(node));
    }
    if (at("{")) return fail(now_.offset, "messages `" + word + "{...}` are not part of this language", "write a map: {\"key\": value}");
    node.kind = Term::Kind::variable;
    return add(std::move(node));
  }

  NodeId has(AstNode node) {
    if (node.children.size() != 1 || (ast_.at(node.children[0]).kind != Term::Kind::field &&
                                      ast_.at(node.children[0]).kind != Term::Kind::variable))
      return fail(node.offset, "has() takes a variable or a field", "write has(contact.region)");
    node.kind = Term::Kind::has;
    node.name.clear();
    return add(std::move(node));
  }

  Ast& ast_;
  const Limits& limits_;
  Lexer lexer_;
  Lexeme now_;
  std::uint32_t depth_ = 0;
  std::optional<Error> error_;
};

}  // namespace

bool is_reserved(std::string_view word) {
  return word == "void" || std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

bool is_identifier(std::string_view word) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !word.empty() && letter(word.front()) &&
         std::all_of(word.begin(), word.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string_view operator_text(Op op) {
  for (const Binary& binary : kBinary)
    if (binary.op == op) return binary.text;
  switch (op) {
    case Op::conditional: return "?:";
    case Op::logical_not: return "!";
    case Op::negate: return "-";
    case Op::index: return "[]";
    case Op::all: return "all";
    case Op::exists: return "exists";
    case Op::exists_one: return "exists_one";
    case Op::map: return "map";
    case Op::filter: return "filter";
    default: return "";
  }
}

Status parse(Ast& ast, const Limits& limits) {
  if (ast.text.size() > limits.source_bytes)
    return ast.error(0, "the expression is longer than " + std::to_string(limits.source_bytes) + " bytes", "split it");
  if (!is_utf8(ast.text)) return ast.error(0, "the expression is not UTF-8", "save it as UTF-8");
  ast.nodes.reserve(ast.text.size() / 4 + 4);
  return Parser(ast, limits).run();
}

Place Ast::place(std::size_t offset) const {
  Place place{origin.file, 1, 1};
  const std::string_view before = std::string_view(text).substr(0, offset);
  place.line += static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n');
  for (const char c : before.substr(start == before.npos ? 0 : start + 1))
    place.column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  if (place.line == 1 && origin.column > 0) place.column += origin.column - 1;
  if (origin.line > 0) place.line += origin.line - 1;
  return place;
}

Error Ast::error(std::size_t offset, std::string message, std::string remedy) const {
  return Error(ErrorCode::invalid_expression, std::move(message), std::move(remedy), place(offset));
}

}  // namespace hotline::expr
