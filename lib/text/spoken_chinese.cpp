#include "text/spoken_rules.hpp"

namespace hotline::text::spoken {

struct Script {
  std::string_view digit[10];
  std::string_view one_in_phone;
  std::string_view two, ten, hundred, thousand, ten_thousand, hundred_million;
  std::string_view point, minus, ordinal;
  std::string_view year, month, day, hour_of_day, minute_of_hour, sharp;
  std::string_view days, hours, minutes, minutes_before_seconds, seconds;
  std::string_view yuan, jiao, fen, exactly;
};

const Script& mandarin() {
  static constexpr Script script{
      {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "幺",
      "两", "十", "百", "千", "万", "亿", "点", "负", "第", "年", "月", "日", "点", "分", "整",
      "天", "小时", "分钟", "分", "秒", "元", "角", "分", "整"};
  return script;
}

const Script& cantonese() {
  static constexpr Script script{
      {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "一",
      "兩", "十", "百", "千", "萬", "億", "點", "負", "第", "年", "月", "號", "點", "分", "正",
      "日", "個鐘", "分鐘", "分", "秒", "蚊", "毫", "仙", "正"};
  return script;
}

namespace chinese {
namespace {

constexpr std::uint64_t kWan = 10'000, kYi = 100'000'000;

// 1..9999. `first` where the number begins here: then 十 needs no 一, and a leading 2 may be 两.
void group(std::string& out, const Script& s, unsigned n, bool first, Two two) {
  const unsigned places[] = {n / 1000, n / 100 % 10, n / 10 % 10, n % 10};
  const std::string_view units[] = {s.thousand, s.hundred, s.ten, ""};
  bool begun = false, gap = false;
  for (int i = 0; i < 4; ++i) {
    const unsigned d = places[i];
    if (d == 0) {
      gap = begun;
      continue;
    }
    if (gap) out += s.digit[0];
    gap = false;
    const bool leading = first && !begun;
    if (d == 2 && leading && two == Two::liang && i < 2) out += s.two;
    else if (!(d == 1 && leading && i == 2)) out += s.digit[d];
    out += units[i];
    begun = true;
  }
}

void below_yi(std::string& out, const Script& s, std::uint64_t n, bool first, Two two) {
  const auto high = static_cast<unsigned>(n / kWan), low = static_cast<unsigned>(n % kWan);
  if (high > 0) {
    if (high == 2 && first && two == Two::liang) out += s.two;
    else group(out, s, high, first, two);
    out += s.ten_thousand;
  }
  if (low == 0) return;
  if (high > 0 && low < 1000) out += s.digit[0];
  group(out, s, low, first && high == 0, two);
}

}  // namespace

void number(std::string& out, const Script& s, std::uint64_t n, Two two) {
  if (n == 0) {
    out += s.digit[0];
    return;
  }
  const std::uint64_t high = n / kYi, low = n % kYi;
  if (high > 0) {
    if (high == 2 && two == Two::liang) out += s.two;
    else below_yi(out, s, high, true, two);
    out += s.hundred_million;
  }
  if (low == 0) return;
  if (high > 0 && low < kYi / 10) out += s.digit[0];
  below_yi(out, s, low, high == 0, two);
}

void digits(std::string& out, const Script& s, std::string_view text) {
  for (const char c : text) {
    if (c >= '0' && c <= '9') out += s.digit[static_cast<std::size_t>(c - '0')];
    else out += c;
  }
}

void phone_digits(std::string& out, const Script& s, std::string_view text) {
  for (const char c : text) {
    if (c == '1') out += s.one_in_phone;
    else if (c >= '0' && c <= '9') out += s.digit[static_cast<std::size_t>(c - '0')];
    else out += c;
  }
}

void ordinal(std::string& out, const Script& s, std::uint64_t n) {
  out += s.ordinal;
  number(out, s, n, Two::er);
}

void date(std::string& out, const Script& s, int year, int month, int day) {
  if (year != 0) {
    digits(out, s, std::to_string(year));
    out += s.year;
  }
  if (month != 0) {
    number(out, s, static_cast<std::uint64_t>(month), Two::er);
    out += s.month;
  }
  if (day != 0) {
    number(out, s, static_cast<std::uint64_t>(day), Two::er);
    out += s.day;
  }
}

namespace {
void counted(std::string& out, const Script& s, std::uint64_t n) {
  if (n == 2) out += s.two;
  else number(out, s, n, Two::liang);
}
}  // namespace

void time(std::string& out, const Script& s, int hour, int minute, int second) {
  counted(out, s, static_cast<std::uint64_t>(hour));
  out += s.hour_of_day;
  if (minute == 0 && second == 0) {
    out += s.sharp;
    return;
  }
  if (minute < 10) out += s.digit[0];
  if (minute > 0) number(out, s, static_cast<std::uint64_t>(minute), Two::er);
  out += s.minute_of_hour;
  if (second == 0) return;
  number(out, s, static_cast<std::uint64_t>(second), Two::er);
  out += s.seconds;
}

void duration(std::string& out, const Script& s, std::int64_t total) {
  const auto n = static_cast<std::uint64_t>(total);
  const std::uint64_t days = n / 86400, hours = n / 3600 % 24, minutes = n / 60 % 60, seconds = n % 60;
  if (days > 0) counted(out, s, days), out += s.days;
  if (hours > 0) counted(out, s, hours), out += s.hours;
  if (minutes > 0) counted(out, s, minutes), out += seconds > 0 ? s.minutes_before_seconds : s.minutes;
  if (seconds > 0 || n == 0) counted(out, s, seconds), out += s.seconds;
}

void money(std::string& out, const Script& s, std::uint64_t fen) {
  const std::uint64_t yuan = fen / 100, jiao = fen / 10 % 10, cents = fen % 10;
  if (yuan > 0 || fen == 0) {
    counted(out, s, yuan);
    out += s.yuan;
  }
  if (jiao == 0 && cents == 0) {
    if (yuan > 0) out += s.exactly;
    return;
  }
  if (jiao > 0) {
    out += jiao == 2 && yuan == 0 ? s.two : s.digit[jiao];
    out += s.jiao;
  } else if (yuan > 0) {
    out += s.digit[0];
  }
  if (cents > 0) {
    out += cents == 2 && yuan == 0 && jiao == 0 ? s.two : s.digit[cents];
    out += s.fen;
  }
}

std::string_view minus(const Script& s) { return s.minus; }
std::string_view point(const Script& s) { return s.point; }

}  // namespace chinese
}  // namespace hotline::text::spoken
