// The tree of an expression: parsed, then checked in place, then folded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/builtins.hpp"
#include "hotline/expr/program.hpp"

namespace hotline::expr {

using NodeId = std::uint32_t;
using Op = Term::Op;

struct AstNode {
  Term::Kind kind = Term::Kind::literal;
  Op op = Op::none;
  Builtin builtin = Builtin::none;
  bool receiver = false;       // written x.f(...)
  std::uint32_t offset = 0;    // of its place in the source, in bytes
  std::uint32_t height = 1;
  std::uint32_t slot = 0;
  std::uint32_t function = 0;  // of a host's function: its index in the environment
  std::string name;
  Value value;                 // owned
  Type type = Type::any();
  std::vector<NodeId> children;
};

struct Ast {
  std::string text;
  Place origin;
  std::vector<AstNode> nodes;
  NodeId root = 0;

  AstNode& at(NodeId id) { return nodes[id]; }
  const AstNode& at(NodeId id) const { return nodes[id]; }
  const AstNode& child(const AstNode& node, std::size_t i) const { return nodes[node.children[i]]; }
  bool is_literal(NodeId id) const { return nodes[id].kind == Term::Kind::literal; }

  // Line and column of an offset, moved by the origin.
  Place place(std::size_t offset) const;
  Error error(std::size_t offset, std::string message, std::string remedy = {}) const;
};

// The words no variable may be called (langdef.md, "Syntax"), and the literals.
bool is_reserved(std::string_view word);
bool is_identifier(std::string_view word);

std::string print(const Ast& ast, NodeId node);
std::string_view operator_text(Op op);

// Errors: invalid_expression.
Status parse(Ast& ast, const Limits& limits);

}  // namespace hotline::expr
