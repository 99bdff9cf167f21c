// Tokens (langdef.md, "Syntax").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"

namespace hotline::expr {

enum class Token : std::uint8_t { end, identifier, quoted_identifier, integer, natural, real, string, bytes, symbol };

struct Lexeme {
  Token token = Token::end;
  std::string_view text;   // as written; of a symbol: "&&"
  std::uint32_t offset = 0;
  std::string content;     // of string and bytes: decoded; of quoted_identifier: without the backquotes
  std::uint64_t integer = 0;
  double real = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}
  // On failure message() and remedy() say what is wrong at offset().
  bool next(Lexeme& out);
  const std::string& message() const { return message_; }
  const std::string& remedy() const { return remedy_; }
  std::size_t offset() const { return at_; }

 private:
  bool fail(std::size_t at, std::string message, std::string remedy = {});
  void skip_blanks();
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool number(Lexeme& out);
  std::size_t string_prefix() const;
  bool string(Lexeme& out, std::size_t prefix);
  bool escape(std::string& content, bool bytes);
  bool symbol(Lexeme& out);

  std::string_view source_;
  std::size_t at_ = 0;
  std::string message_;
  std::string remedy_;
};

}  // namespace hotline::expr
