#include "expr/convert.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace hotline::expr {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const char* last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (failed != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::int64_t unit_ns(std::string_view unit) {
  if (unit == "h") return 3'600'000'000'000;
  if (unit == "m") return 60'000'000'000;
  if (unit == "s") return 1'000'000'000;
  if (unit == "ms") return 1'000'000;
  if (unit == "us" || unit == "\xC2\xB5s" || unit == "\xCE\xBCs") return 1'000;
  if (unit == "ns") return 1;
  if (unit == "d") return 86'400'000'000'000;
  return 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Duration> duration_from_string(std::string_view text) {
  constexpr __int128 kMost = static_cast<__int128>(INT64_MAX) + 1;
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return Duration{0};
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    __int128 whole = 0;
    __int128 fraction = 0;
    __int128 scale = 1;
    std::size_t digits = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits)
      if ((whole = whole * 10 + (text.front() - '0')) > kMost) return std::nullopt;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
        if (scale >= 1'000'000'000'000'000) continue;  // below a nanosecond of a day
        fraction = fraction * 10 + (text.front() - '0');
        scale *= 10;
      }
    }
    if (digits == 0) return std::nullopt;
    const std::size_t length = std::min(text.find_first_of("0123456789."), text.size());
    const std::int64_t ns = unit_ns(text.substr(0, length));
    if (ns == 0) return std::nullopt;
    text.remove_prefix(length);
    total += whole * ns + fraction * ns / scale;
    if (total > kMost) return std::nullopt;
  }
  if (negative) total = -total;
  if (total > INT64_MAX) return std::nullopt;
  return Duration{static_cast<std::int64_t>(total)};
}

std::string duration_to_string(Duration d) {
  const bool negative = d.count() < 0;
  const auto ns = negative ? 0 - static_cast<std::uint64_t>(d.count()) : static_cast<std::uint64_t>(d.count());
  std::string text = (negative ? "-" : "") + std::to_string(ns / 1'000'000'000);
  if (const auto rest = ns % 1'000'000'000; rest != 0) {
    const std::string digits = std::to_string(rest);
    text += "." + std::string(9 - digits.size(), '0') + digits;
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "s";
}

std::string real_to_string(double v) {
  if (std::isnan(v)) return "nan";
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr};
}

std::optional<double> real_from_string(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (end != last || text.empty()) return std::nullopt;
  if (failed == std::errc::result_out_of_range) value = std::strtod(std::string(text).c_str(), nullptr);
  else if (failed != std::errc{}) return std::nullopt;
  // from_chars also reads nan(...), which nobody means.
  if (std::isnan(value) && text.find('(') != text.npos) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_from_string(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && is_digit(text[1])) text.remove_prefix(1);
  return number<std::int64_t>(text);
}

std::optional<std::uint64_t> natural_from_string(std::string_view text) { return number<std::uint64_t>(text); }

std::optional<bool> bool_from_string(std::string_view text) {
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "T", "1"})
    if (text == yes) return true;
  for (const std::string_view no : {"false", "False", "FALSE", "f", "F", "0"})
    if (text == no) return false;
  return std::nullopt;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : kBase64[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const auto digit = kBase64.find(c);
    if (digit == kBase64.npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if ((bits += 6) >= 8) out += static_cast<char>(group >> (bits -= 8) & 0xFF);
  }
  return out;
}

}  // namespace hotline::expr
