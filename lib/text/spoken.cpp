#include "hotline/text/spoken.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "hotline/base/document.hpp"
#include "text/spoken_rules.hpp"

namespace hotline::text {
namespace {

constexpr std::string_view kKinds[] = {"text", "number", "digits", "ordinal", "date", "time", "duration", "money", "phone", "ticket", "id_card"};
constexpr std::int64_t kLargest = 9'999'999'999'999;

const spoken::Script& script(Tongue tongue) { return tongue == Tongue::cantonese ? spoken::cantonese() : spoken::mandarin(); }
std::string_view comma(Tongue tongue) { return tongue == Tongue::english ? ", " : "，"; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}
// "-12", "1,234", "12.50": sign, whole part, fraction's digits.
struct Decimal {
  bool negative = false;
  std::uint64_t whole = 0;
  std::string_view fraction;
};
std::optional<Decimal> decimal(std::string_view text, std::string& without_commas) {
  without_commas.clear();
  for (const char c : text)
    if (c != ',') without_commas += c;
  std::string_view rest = without_commas;
  Decimal d;
  if (rest.starts_with('-') || rest.starts_with('+')) {
    d.negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  const auto dot = rest.find('.');
  const std::string_view integer = rest.substr(0, dot);
  if (dot != rest.npos) d.fraction = rest.substr(dot + 1);
  if (!all_digits(integer) || integer.size() > 13 || (dot != rest.npos && !all_digits(d.fraction))) return std::nullopt;
  d.whole = static_cast<std::uint64_t>(*whole(integer));
  return d;
}

Error refuse(SayAs kind, std::string_view value) {
  static constexpr std::string_view kExamples[] = {"", "1234.5", "0123", "3", "2026-11-22", "08:05", "1h30m", "12.50", "13800138000", "20261234", "110101199003077777"};
  return Error(ErrorCode::invalid_argument, "`" + std::string(value) + "` cannot be said as " + std::string(to_string(kind)),
               "give it as `" + std::string(kExamples[static_cast<std::size_t>(kind)]) + "`");
}

void say_groups(std::string& out, Tongue tongue, std::string_view digits, std::initializer_list<std::size_t> sizes, bool phone) {
  auto size = sizes.begin();
  bool first = true;
  while (!digits.empty()) {
    const std::size_t n = std::min(*size, digits.size());
    if (size + 1 != sizes.end()) ++size;
    if (!first) out += comma(tongue);
    first = false;
    if (tongue == Tongue::english) spoken::english::digits(out, digits.substr(0, n));
    else if (phone) spoken::chinese::phone_digits(out, script(tongue), digits.substr(0, n));
    else spoken::chinese::digits(out, script(tongue), digits.substr(0, n));
    digits.remove_prefix(n);
  }
}

Status say_phone(std::string& out, Tongue tongue, std::string_view value) {
  std::string digits;
  bool own_groups = false;
  for (const char c : value) {
    if (c >= '0' && c <= '9') digits += c;
    else if (c == '-' || c == ' ' || c == '(' || c == ')') own_groups = own_groups || !digits.empty();
    else if (c == '+' && digits.empty()) continue;
    else return refuse(SayAs::phone, value);
  }
  if (digits.empty() || digits.size() > 20) return refuse(SayAs::phone, value);
  if (own_groups) {
    std::size_t from = 0;
    bool first = true;
    while (from < value.size()) {
      const auto begin = value.find_first_of("0123456789", from);
      if (begin == value.npos) break;
      const auto end = std::min(value.find_first_not_of("0123456789", begin), value.size());
      if (!first) out += comma(tongue);
      first = false;
      const std::string_view part = value.substr(begin, end - begin);
      if (part.size() > 5) say_groups(out, tongue, part, {part.size() == 7 ? 3u : part.size() == 11 ? 3u : 4u, 4}, true);
      else say_groups(out, tongue, part, {5}, true);
      from = end;
    }
    return {};
  }
  const std::size_t n = digits.size();
  if (n <= 5) say_groups(out, tongue, digits, {5}, true);
  else if (n == 6) say_groups(out, tongue, digits, {3, 3}, true);
  else if (n == 7) say_groups(out, tongue, digits, {3, 4}, true);
  else if (n == 8) say_groups(out, tongue, digits, {4, 4}, true);
  else if (n == 11 && digits[0] == '1') say_groups(out, tongue, digits, {3, 4, 4}, true);
  else if (digits[0] == '0' && (digits[1] == '1' || digits[1] == '2')) say_groups(out, tongue, digits, {3, 4, 4}, true);
  else if (digits[0] == '0') say_groups(out, tongue, digits, {4, n == 11 ? 3u : 4u, 4}, true);
  else if (n == 10) say_groups(out, tongue, digits, {3, 3, 4}, true);
  else say_groups(out, tongue, digits, {3, 4, 4}, true);
  return {};
}

// "2026-11-22", "20261122", "2026-11", "11-22".
std::optional<std::array<int, 3>> parse_date(std::string_view text) {
  std::array<int, 3> parts{};
  if (text.size() == 8 && all_digits(text)) {
    parts = {static_cast<int>(*whole(text.substr(0, 4))), static_cast<int>(*whole(text.substr(4, 2))), static_cast<int>(*whole(text.substr(6)))};
  } else {
    if (const auto time = text.find('T'); time != text.npos) text = text.substr(0, time);
    std::size_t count = 0;
    int numbers[3] = {};
    while (count < 3 && !text.empty()) {
      const auto end = std::min(text.find_first_of("-/."), text.size());
      const std::string_view part = text.substr(0, end);
      if (!all_digits(part) || part.size() > 4) return std::nullopt;
      numbers[count++] = static_cast<int>(*whole(part));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!text.empty()) return std::nullopt;
    if (count == 3) parts = {numbers[0], numbers[1], numbers[2]};
    else if (count == 2 && numbers[0] > 31) parts = {numbers[0], numbers[1], 0};
    else if (count == 2) parts = {0, numbers[0], numbers[1]};
    else return std::nullopt;
  }
  static constexpr int kDays[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (parts[1] < 1 || parts[1] > 12 || parts[2] < 0 || parts[2] > kDays[parts[1]]) return std::nullopt;
  return parts;
}

Status say_number(std::string& out, Tongue tongue, std::string_view value) {
  std::string buffer;
  const auto d = decimal(value, buffer);
  if (!d) return refuse(SayAs::number, value);
  if (d->negative) out += tongue == Tongue::english ? "minus " : spoken::chinese::minus(script(tongue));
  if (tongue == Tongue::english) spoken::english::number(out, d->whole);
  else spoken::chinese::number(out, script(tongue), d->whole, spoken::chinese::Two::liang);
  if (d->fraction.empty()) return {};
  out += tongue == Tongue::english ? " point " : spoken::chinese::point(script(tongue));
  speak_digits(out, tongue, d->fraction);
  return {};
}

}  // namespace

Tongue tongue(std::string_view language) {
  const std::string_view base = language.substr(0, language.find('-'));
  if (base == "yue" || language == "zh-HK" || language == "zh-MO") return Tongue::cantonese;
  if (base == "zh" || base == "cmn") return Tongue::mandarin;
  return Tongue::english;
}

std::string_view to_string(SayAs kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<SayAs> parse_say_as(std::string_view name) {
  if (name == "ticket8") return SayAs::ticket;
  for (std::size_t i = 0; i < std::size(kKinds); ++i)
    if (kKinds[i] == name) return static_cast<SayAs>(i);
  const std::vector<std::string> kinds(std::begin(kKinds), std::end(kKinds));
  const std::string_view near = nearest(name, kinds);
  return Error(ErrorCode::not_found, "nothing can be said as `" + std::string(name) + "`",
               near.empty() ? "use text, number, digits, ordinal, date, time, duration, money, phone, ticket or id_card"
                            : "did you mean `" + std::string(near) + "`?");
}

void speak_number(std::string& out, Tongue tongue, std::int64_t n) {
  const bool negative = n < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  if (negative) out += tongue == Tongue::english ? "minus " : spoken::chinese::minus(script(tongue));
  if (size > static_cast<std::uint64_t>(kLargest)) return speak_digits(out, tongue, std::to_string(size));
  if (tongue == Tongue::english) spoken::english::number(out, size);
  else spoken::chinese::number(out, script(tongue), size, spoken::chinese::Two::liang);
}

void speak_ordinal(std::string& out, Tongue tongue, std::int64_t n) {
  if (n < 0 || n > kLargest) return speak_number(out, tongue, n);
  if (tongue == Tongue::english) spoken::english::ordinal(out, static_cast<std::uint64_t>(n));
  else spoken::chinese::ordinal(out, script(tongue), static_cast<std::uint64_t>(n));
}

void speak_digits(std::string& out, Tongue tongue, std::string_view digits) {
  if (tongue == Tongue::english) spoken::english::digits(out, digits);
  else spoken::chinese::digits(out, script(tongue), digits);
}

void speak_date(std::string& out, Tongue tongue, int year, int month, int day) {
  if (month < 0 || month > 12 || day < 0 || day > 31 || year < 0) return;
  if (tongue == Tongue::english) spoken::english::date(out, year, month, day);
  else spoken::chinese::date(out, script(tongue), year, month, day);
}

void speak_time(std::string& out, Tongue tongue, int hour, int minute) {
  if (tongue == Tongue::english) spoken::english::time(out, hour, minute, 0);
  else spoken::chinese::time(out, script(tongue), hour, minute, 0);
}

void speak_duration(std::string& out, Tongue tongue, Duration duration) {
  const std::int64_t seconds = std::max<std::int64_t>(0, std::chrono::round<std::chrono::seconds>(duration).count());
  if (tongue == Tongue::english) spoken::english::duration(out, seconds);
  else spoken::chinese::duration(out, script(tongue), seconds);
}

void speak_money(std::string& out, Tongue tongue, std::int64_t fen) {
  if (fen < 0) out += tongue == Tongue::english ? "minus " : spoken::chinese::minus(script(tongue));
  const std::uint64_t size = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
  if (tongue == Tongue::english) spoken::english::money(out, size);
  else spoken::chinese::money(out, script(tongue), size);
}

void speak_count(std::string& out, Tongue tongue, std::int64_t number, std::string_view measure) {
  if (tongue != Tongue::english && number == 2) out += tongue == Tongue::cantonese ? "兩" : "两";
  else speak_number(out, tongue, number);
  if (tongue == Tongue::english) out += ' ';
  out += measure;
}

Status speak(std::string& out, Tongue tongue, SayAs kind, std::string_view value) {
  switch (kind) {
    case SayAs::text: out += value; return {};
    case SayAs::number: return say_number(out, tongue, value);
    case SayAs::digits:
      if (value.empty() || value.size() > 64) return refuse(kind, value);
      speak_digits(out, tongue, value);
      return {};
    case SayAs::ordinal: {
      const auto n = whole(value);
      if (!n || *n < 0 || *n > kLargest) return refuse(kind, value);
      speak_ordinal(out, tongue, *n);
      return {};
    }
    case SayAs::date: {
      const auto d = parse_date(value);
      if (!d) return refuse(kind, value);
      speak_date(out, tongue, (*d)[0], (*d)[1], (*d)[2]);
      return {};
    }
    case SayAs::time: {
      if (const auto t = value.find('T'); t != value.npos) value.remove_prefix(t + 1);
      const auto colon = value.find(':');
      if (colon == value.npos) return refuse(kind, value);
      const auto hour = whole(value.substr(0, colon));
      const auto minute = whole(value.substr(colon + 1, 2));
      auto second = std::optional<std::int64_t>(0);
      if (value.size() > colon + 3) second = value[colon + 3] == ':' ? whole(value.substr(colon + 4, 2)) : std::nullopt;
      if (!hour || !minute || !second || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 || *second > 59)
        return refuse(kind, value);
      if (tongue == Tongue::english) spoken::english::time(out, static_cast<int>(*hour), static_cast<int>(*minute), static_cast<int>(*second));
      else spoken::chinese::time(out, script(tongue), static_cast<int>(*hour), static_cast<int>(*minute), static_cast<int>(*second));
      return {};
    }
    case SayAs::duration: {
      if (const auto seconds = whole(value); seconds && *seconds >= 0) {
        speak_duration(out, tongue, std::chrono::seconds(std::min<std::int64_t>(*seconds, 1'000'000'000)));
        return {};
      }
      const auto d = parse_duration(value);
      if (!d || *d < Duration::zero()) return refuse(kind, value);
      speak_duration(out, tongue, *d);
      return {};
    }
    case SayAs::money: {
      std::string buffer;
      const auto d = decimal(value, buffer);
      if (!d || d->fraction.size() > 2) return refuse(kind, value);
      std::int64_t fen = static_cast<std::int64_t>(d->whole) * 100;
      if (d->fraction.size() > 0) fen += (d->fraction[0] - '0') * 10;
      if (d->fraction.size() > 1) fen += d->fraction[1] - '0';
      speak_money(out, tongue, d->negative ? -fen : fen);
      return {};
    }
    case SayAs::phone: return say_phone(out, tongue, value);
    case SayAs::ticket:
      if (!all_digits(value) || value.size() > 32) return refuse(kind, value);
      say_groups(out, tongue, value, {4}, false);
      return {};
    case SayAs::id_card: {
      const bool x = value.size() == 18 && (value.back() == 'X' || value.back() == 'x' || value.back() == '*');
      std::string digits(value);
      if (x) digits.back() = '0';
      if (!all_digits(digits) || (value.size() != 18 && value.size() != 15)) return refuse(kind, value);
      if (x) digits.back() = 'X';
      if (value.size() == 18) say_groups(out, tongue, digits, {6, 8, 4}, false);
      else say_groups(out, tongue, digits, {6, 6, 3}, false);
      return {};
    }
  }
  return refuse(kind, value);
}

}  // namespace hotline::text
