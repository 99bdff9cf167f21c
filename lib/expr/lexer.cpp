#include "expr/lexer.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace hotline::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

}  // namespace

bool Lexer::fail(std::size_t at, std::string message, std::string remedy) {
  at_ = at;
  message_ = std::move(message);
  remedy_ = std::move(remedy);
  return false;
}

void Lexer::skip_blanks() {
  for (;;) {
    const char c = peek();
    if (at_ < source_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      while (at_ < source_.size() && peek() != '\n') ++at_;
    } else {
      return;
    }
  }
}

bool Lexer::next(Lexeme& out) {
  skip_blanks();
  out.offset = static_cast<std::uint32_t>(at_);
  out.content.clear();
  if (at_ >= source_.size()) {
    out.token = Token::end;
    out.text = {};
    return true;
  }
  const std::size_t start = at_;
  const char c = peek();
  bool ok = true;
  if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) {
    ok = string(out, prefix);
  } else if (is_letter(c)) {
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    out.token = Token::identifier;
  } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
    ok = number(out);
  } else if (c == '`') {
    const std::size_t end = source_.find('`', at_ + 1);
    if (end == std::string_view::npos || end == at_ + 1) return fail(start, "a name in backquotes has no end", "close it with `");
    out.token = Token::quoted_identifier;
    out.content = source_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  } else {
    ok = symbol(out);
  }
  if (ok) out.text = source_.substr(start, at_ - start);
  return ok;
}

bool Lexer::symbol(Lexeme& out) {
  for (const std::string_view two : {"&&", "||", "==", "!=", "<=", ">="}) {
    if (source_.substr(at_, 2) == two) {
      at_ += 2;
      out.token = Token::symbol;
      return true;
    }
  }
  if (std::string_view("()[]{}.,:?!<>+-*/%").find(peek()) == std::string_view::npos) {
    const char c = peek();
    if (c == '=') return fail(at_, "`=` is not an operator", "compare with ==");
    if (c == '&' || c == '|') return fail(at_, std::string("`") + c + "` is not an operator", std::string("write ") + c + c);
    if (static_cast<unsigned char>(c) >= 0x80)
      return fail(at_, "a character that may stand only in a string", "put text in quotes; names have letters, digits and _ only");
    return fail(at_, "an unexpected character", "remove it");
  }
  ++at_;
  out.token = Token::symbol;
  return true;
}

bool Lexer::number(Lexeme& out) {
  const std::size_t start = at_;
  out.token = Token::integer;
  int base = 10;
  std::size_t digits = start;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && hex_digit(peek(2)) >= 0) {
    base = 16;
    digits = at_ += 2;
    while (hex_digit(peek()) >= 0) ++at_;
  } else {
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) {
      out.token = Token::real;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
      out.token = Token::real;
      at_ += sign;
      while (is_digit(peek())) ++at_;
    }
  }
  const char* first = source_.data() + digits;
  const char* last = source_.data() + at_;
  if (out.token == Token::real) {
    const auto [end, failed] = std::from_chars(first, last, out.real);
    // Too large or too small for a double: infinity or zero, as strtod has it.
    if (failed == std::errc::result_out_of_range) out.real = std::strtod(std::string(first, last).c_str(), nullptr);
    if (std::isinf(out.real)) return fail(start, "this number is too large for a double");
  } else {
    const auto [end, failed] = std::from_chars(first, last, out.integer, base);
    if (failed != std::errc{}) return fail(start, "this number does not fit into 64 bits", "write it as a double: 1e20");
    if (peek() == 'u' || peek() == 'U') {
      ++at_;
      out.token = Token::natural;
    }
  }
  if (is_letter(peek()) || is_digit(peek()))
    return fail(start, "a number runs into a letter", "durations are written duration(\"90s\"), uints 3u");
  return true;
}

// How many letters (r, b) stand before the quote, or npos where no string begins here.
std::size_t Lexer::string_prefix() const {
  std::size_t length = 0;
  bool raw = false;
  bool bytes = false;
  for (;; ++length) {
    const char c = peek(length);
    if (c == '"' || c == '\'') return length;
    if ((c == 'r' || c == 'R') && !raw) raw = true;
    else if ((c == 'b' || c == 'B') && !bytes) bytes = true;
    else return std::string_view::npos;
  }
}

bool Lexer::string(Lexeme& out, std::size_t prefix) {
  const std::size_t start = at_;
  const std::string_view letters = source_.substr(at_, prefix);
  const bool raw = letters.find_first_of("rR") != letters.npos;
  const bool bytes = letters.find_first_of("bB") != letters.npos;
  out.token = bytes ? Token::bytes : Token::string;
  at_ += prefix;
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  at_ += triple ? 3 : 1;
  for (;;) {
    if (at_ >= source_.size()) return fail(start, "a string has no end", std::string("close it with ") + (triple ? std::string(3, quote) : std::string(1, quote)));
    const char c = peek();
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
      at_ += triple ? 3 : 1;
      return true;
    }
    if (!triple && (c == '\n' || c == '\r'))
      return fail(start, "a string ends with its line", "write \\n, or use triple quotes");
    if (c == '\\' && !raw) {
      if (!escape(out.content, bytes)) return false;
    } else {
      if (c == '\\' && at_ + 1 < source_.size()) {  // raw: a quote after a backslash does not end it
        out.content += c;
        ++at_;
        if (!triple && (peek() == '\n' || peek() == '\r')) continue;
      }
      out.content += peek();
      ++at_;
    }
  }
}

bool Lexer::escape(std::string& content, bool bytes) {
  const std::size_t start = at_++;
  const char c = peek();
  ++at_;
  constexpr std::string_view kFrom = "abfnrtv\\?\"'`";
  constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\?\"'`";
  if (const auto simple = kFrom.find(c); simple != kFrom.npos && c != '\0') {
    content += kTo[simple];
    return true;
  }
  std::uint32_t code = 0;
  if (c >= '0' && c <= '3') {
    code = static_cast<std::uint32_t>(c - '0');
    for (int i = 0; i < 2; ++i, ++at_) {
      if (peek() < '0' || peek() > '7') return fail(start, "\\ and a digit want three octal digits", "write \\x41 or \\101");
      code = code * 8 + static_cast<std::uint32_t>(peek() - '0');
    }
  } else {
    const int digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) return fail(start, "an unknown escape in a string", "write \\\\ for a backslash, or a raw string r\"...\"");
    if (bytes && digits != 2) return fail(start, "bytes have no \\u escapes", "write \\x.. for each byte");
    for (int i = 0; i < digits; ++i, ++at_) {
      const int digit = hex_digit(peek());
      if (digit < 0) return fail(start, "an escape has too few hexadecimal digits", "write \\x41, \\u0041 or \\U00000041");
      code = code << 4 | static_cast<std::uint32_t>(digit);
    }
  }
  if (bytes) {
    content += static_cast<char>(code);
    return true;
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return fail(start, "an escape is no Unicode character");
  append_utf8(content, code);
  return true;
}

}  // namespace hotline::expr
