#include "text/spoken_rules.hpp"

namespace hotline::text::spoken::english {
namespace {

constexpr std::string_view kOnes[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
                                      "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
                                      "seventeen", "eighteen", "nineteen"};
constexpr std::string_view kTens[] = {"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::string_view kOrdinals[] = {"zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
                                          "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
                                          "seventeenth", "eighteenth", "nineteenth"};
constexpr std::string_view kMonths[] = {"", "January", "February", "March", "April", "May", "June", "July", "August",
                                        "September", "October", "November", "December"};
constexpr struct { std::uint64_t size; std::string_view name; } kScales[] = {
    {1'000'000'000'000, "trillion"}, {1'000'000'000, "billion"}, {1'000'000, "million"}, {1'000, "thousand"}};

void below_hundred(std::string& out, unsigned n) {
  if (n < 20) {
    out += kOnes[n];
    return;
  }
  out += kTens[n / 10];
  if (n % 10 != 0) out += '-', out += kOnes[n % 10];
}

void below_thousand(std::string& out, unsigned n) {
  if (n >= 100) {
    out += kOnes[n / 100];
    out += " hundred";
    n %= 100;
    if (n == 0) return;
    out += " and ";
  }
  below_hundred(out, n);
}

void counted(std::string& out, std::uint64_t n, std::string_view one) {
  if (!out.empty() && out.back() != ' ') out += ' ';
  number(out, n);
  out += ' ';
  out += one;
  if (n != 1) out += 's';
}

}  // namespace

void number(std::string& out, std::uint64_t n) {
  if (n == 0) {
    out += kOnes[0];
    return;
  }
  bool begun = false;
  for (const auto& [size, name] : kScales) {
    if (n < size) continue;
    if (begun) out += ' ';
    number(out, n / size);
    out += ' ';
    out += name;
    n %= size;
    begun = true;
  }
  if (n == 0) return;
  if (begun) out += n < 100 ? " and " : " ";
  below_thousand(out, static_cast<unsigned>(n));
}

void digits(std::string& out, std::string_view text) {
  bool first = true;
  for (const char c : text) {
    if (!first) out += ' ';
    first = false;
    if (c >= '0' && c <= '9') out += kOnes[static_cast<std::size_t>(c - '0')];
    else out += c;
  }
}

void ordinal(std::string& out, std::uint64_t n) {
  const std::uint64_t last = n % 100;
  if (n - last > 0) {
    number(out, n - last);
    if (last == 0) {
      out += "th";
      return;
    }
    out += " and ";
  }
  if (last < 20) {
    out += kOrdinals[last];
  } else if (last % 10 == 0) {
    out += kTens[last / 10].substr(0, kTens[last / 10].size() - 1);
    out += "ieth";
  } else {
    out += kTens[last / 10];
    out += '-';
    out += kOrdinals[last % 10];
  }
}

namespace {
void year_words(std::string& out, int year) {
  const auto high = static_cast<unsigned>(year / 100), low = static_cast<unsigned>(year % 100);
  if (year < 1000 || year > 9999 || (high % 10 == 0 && low < 10)) return number(out, static_cast<std::uint64_t>(year));
  below_hundred(out, high);
  out += ' ';
  if (low == 0) {
    out += "hundred";
  } else {
    if (low < 10) out += "oh ";
    below_hundred(out, low);
  }
}
}  // namespace

void date(std::string& out, int year, int month, int day) {
  if (month != 0) out += kMonths[month];
  if (day != 0) {
    if (month != 0) out += ' ';
    ordinal(out, static_cast<std::uint64_t>(day));
  }
  if (year != 0) {
    if (day != 0) out += ", ";
    else if (month != 0) out += ' ';
    year_words(out, year);
  }
}

void time(std::string& out, int hour, int minute, int second) {
  if (minute == 0 && second == 0 && hour % 12 == 0) {
    out += hour == 12 ? "twelve noon" : "twelve midnight";
    return;
  }
  below_hundred(out, static_cast<unsigned>(hour % 12 == 0 ? 12 : hour % 12));
  if (minute > 0 || second > 0) {
    out += ' ';
    if (minute < 10) out += "oh ";
    below_hundred(out, static_cast<unsigned>(minute));
  }
  if (second > 0) {
    out += " and ";
    below_hundred(out, static_cast<unsigned>(second));
    out += second == 1 ? " second" : " seconds";
  }
  out += hour < 12 ? " a.m." : " p.m.";
}

void duration(std::string& all, std::int64_t total) {
  const auto n = static_cast<std::uint64_t>(total);
  std::string out;
  if (n / 86400 > 0) counted(out, n / 86400, "day");
  if (n / 3600 % 24 > 0) counted(out, n / 3600 % 24, "hour");
  if (n / 60 % 60 > 0) counted(out, n / 60 % 60, "minute");
  if (n % 60 > 0 || n == 0) counted(out, n % 60, "second");
  all += out;
}

void money(std::string& out, std::uint64_t fen) {
  if (fen >= 100 || fen == 0) {
    number(out, fen / 100);
    out += " yuan";
    if (fen % 100 > 0) out += ' ';
  }
  if (fen % 100 > 0) {
    number(out, fen % 100);
    out += " fen";
  }
}

}  // namespace hotline::text::spoken::english
