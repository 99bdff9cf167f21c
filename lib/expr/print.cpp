// Expressions and values as text that parses back to the same.
#include <charconv>
#include <cmath>

#include "expr/access.hpp"
#include "expr/ast.hpp"
#include "expr/convert.hpp"

namespace hotline::expr {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_quoted(std::string& out, std::string_view text, bool bytes) {
  if (bytes) out += 'b';
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || (bytes && byte >= 0x80)) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_real(std::string& out, double v) {
  if (!std::isfinite(v)) {
    out += std::isnan(v) ? "double(\"nan\")" : v > 0 ? "double(\"inf\")" : "double(\"-inf\")";
    return;
  }
  const std::string number = real_to_string(v);
  out += number;
  if (number.find_first_of(".e") == number.npos) out += ".0";
}

void append_value(std::string& out, const Value& v) {
  switch (v.kind()) {
    case Kind::null: out += "null"; break;
    case Kind::boolean: out += v.as_bool() ? "true" : "false"; break;
    case Kind::integer: out += std::to_string(v.as_int()); break;
    case Kind::natural: out += std::to_string(v.as_uint()) + "u"; break;
    case Kind::real: append_real(out, v.as_double()); break;
    case Kind::string: append_quoted(out, v.as_string(), false); break;
    case Kind::bytes: append_quoted(out, v.as_bytes(), true); break;
    case Kind::timestamp: out += "timestamp(\"" + hotline::to_string(v.as_time()) + "\")"; break;
    case Kind::duration: out += "duration(\"" + duration_to_string(v.as_duration()) + "\")"; break;
    case Kind::type: out += kind_name(v.as_type()); break;
    case Kind::list: {
      out += '[';
      for (const Value& item : v.items()) {
        if (&item != v.items().data()) out += ", ";
        append_value(out, item);
      }
      out += ']';
      break;
    }
    case Kind::map: {
      out += '{';
      for (const Value::Entry& entry : v.entries()) {
        if (&entry != v.entries().data()) out += ", ";
        append_value(out, entry.key);
        out += ": ";
        append_value(out, entry.value);
      }
      out += '}';
      break;
    }
    default: out += kind_name(v.kind());
  }
}

constexpr int kUnary = 6;
constexpr int kMember = 7;

int strength(const AstNode& node) {
  if (node.kind == Term::Kind::literal) {
    const bool negative = (node.value.kind() == Kind::integer && node.value.as_int() < 0) ||
                          (node.value.kind() == Kind::real && std::signbit(node.value.as_double()));
    return negative ? kUnary : kMember;
  }
  if (node.kind != Term::Kind::call) return kMember;
  switch (node.op) {
    case Op::conditional: return 0;
    case Op::logical_or: return 1;
    case Op::logical_and: return 2;
    case Op::equal: case Op::not_equal: case Op::less: case Op::less_equal: case Op::greater:
    case Op::greater_equal: case Op::in: return 3;
    case Op::add: case Op::subtract: return 4;
    case Op::multiply: case Op::divide: case Op::modulo: return 5;
    case Op::logical_not: case Op::negate: return kUnary;
    default: return kMember;
  }
}

class Printer {
 public:
  explicit Printer(const Ast& ast) : ast_(ast) {}
  void print(NodeId id, int least, std::string& out) const {
    const AstNode& node = ast_.at(id);
    const bool parentheses = strength(node) < least;
    if (parentheses) out += '(';
    body(node, out);
    if (parentheses) out += ')';
  }

 private:
  void body(const AstNode& node, std::string& out) const {
    switch (node.kind) {
      case Term::Kind::literal: append_value(out, node.value); break;
      case Term::Kind::variable:
      case Term::Kind::local: out += node.name; break;
      case Term::Kind::field:
        print(node.children[0], kMember, out);
        out += '.';
        out += is_identifier(node.name) ? node.name : "`" + node.name + "`";
        break;
      case Term::Kind::has:
        out += "has(";
        print(node.children[0], 0, out);
        out += ')';
        break;
      case Term::Kind::call: call(node, out); break;
      case Term::Kind::list:
        out += '[';
        items(node, 0, out);
        out += ']';
        break;
      case Term::Kind::map:
        out += '{';
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
          if (i > 0) out += ", ";
          print(node.children[i], 0, out);
          out += ": ";
          print(node.children[i + 1], 0, out);
        }
        out += '}';
        break;
      case Term::Kind::comprehension:
        print(node.children[0], kMember, out);
        out += '.';
        out += operator_text(node.op);
        out += '(';
        out += node.name;
        out += ", ";
        items(node, 1, out);
        out += ')';
        break;
    }
  }
  void items(const AstNode& node, std::size_t from, std::string& out) const {
    for (std::size_t i = from; i < node.children.size(); ++i) {
      if (i > from) out += ", ";
      print(node.children[i], 0, out);
    }
  }
  void call(const AstNode& node, std::string& out) const {
    const int own = strength(node);
    switch (node.op) {
      case Op::function:
        if (node.receiver) {
          print(node.children[0], kMember, out);
          out += '.';
        }
        out += node.name;
        out += '(';
        items(node, node.receiver ? 1 : 0, out);
        out += ')';
        break;
      case Op::index:
        print(node.children[0], kMember, out);
        out += '[';
        print(node.children[1], 0, out);
        out += ']';
        break;
      case Op::conditional:
        print(node.children[0], 1, out);
        out += " ? ";
        print(node.children[1], 1, out);
        out += " : ";
        print(node.children[2], 0, out);
        break;
      case Op::logical_not:
      case Op::negate:
        out += operator_text(node.op);
        print(node.children[0], kUnary, out);
        break;
      default: {
        const bool chain = node.op == Op::logical_and || node.op == Op::logical_or;
        print(node.children[0], own, out);
        out += ' ';
        out += operator_text(node.op);
        out += ' ';
        print(node.children[1], chain ? own : own + 1, out);
      }
    }
  }
  const Ast& ast_;
};

}  // namespace

std::string to_string(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

std::string print(const Ast& ast, NodeId node) {
  std::string out;
  Printer(ast).print(node, 0, out);
  return out;
}

}  // namespace hotline::expr
