// Numbers, dates, amounts and the like as they are spoken, written out in characters: for speech synthesis
// (which reads digits wrongly, above all in Chinese) and for choosing recorded clips. No ICU.
//
// Rules of Chinese: groups of four digits (万, 亿); one 零 for a run of inner zeros; 两 before 百 千 万 亿 as
// the leading digit, 二 before 十 and in the ones; telephone numbers digit by digit with 幺 for 1.
// The spoken forms append to `out`, which is never cleared. All functions are pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline::text {

enum class Tongue : std::uint8_t { mandarin, cantonese, english };

// "zh-CN", "zh", "cmn" -> mandarin; "yue", "yue-HK", "zh-HK", "zh-MO" -> cantonese; all others -> english.
Tongue tongue(std::string_view language);

// How a value is to be read.
enum class SayAs : std::uint8_t {
  text,      // as it stands
  number,    // cardinal: 102 -> 一百零二, "one hundred and two"; decimals too; |n| < 10^13
  digits,    // digit by digit with 一: 101 -> 一零一, "one zero one"
  ordinal,   // 3 -> 第三, "third"
  date,      // "2026-11-22" -> 二零二六年十一月二十二日, "November twenty-second, twenty twenty-six"
  time,      // "08:05" -> 八点零五分, "eight oh five a.m."
  duration,  // "90s", "1h30m" -> 一分三十秒, "one minute thirty seconds"
  money,     // yuan: "12.50" -> 十二元五角, "twelve yuan fifty fen"
  phone,     // grouped, 幺 for 1: 13800138000 -> 幺三八，零零幺三，八零零零
  ticket,    // grouped by four: 20261234 -> 二零二六，一二三四
  id_card,   // grouped 6-8-4, X as it is said
};
std::string_view to_string(SayAs kind);
// Errors: not_found with the nearest names.
Result<SayAs> parse_say_as(std::string_view name);

// Appends the spoken form. Errors: invalid_argument where the value is not of that kind ("abc" as a date).
Status speak(std::string& out, Tongue tongue, SayAs kind, std::string_view value);

// A written sentence with its digits written as they are spoken, each by what stands around it: 请按1, 12345热线, 2024年3月,
// 8:30, 2个, 30%, 13800138000. What a speech program reads rightly by itself stays. Appends; never fails.
void speak_text(std::string& out, Tongue tongue, std::string_view text);

// The single rules, for hosts that need no parsing.
void speak_number(std::string& out, Tongue tongue, std::int64_t number);
void speak_ordinal(std::string& out, Tongue tongue, std::int64_t number);
void speak_digits(std::string& out, Tongue tongue, std::string_view digits);
void speak_date(std::string& out, Tongue tongue, int year, int month, int day);  // year 0: not said
void speak_time(std::string& out, Tongue tongue, int hour, int minute);
void speak_duration(std::string& out, Tongue tongue, Duration duration);
void speak_money(std::string& out, Tongue tongue, std::int64_t fen);
// A count with its measure word: (2, "个") -> 两个, (12, "件") -> 十二件.
void speak_count(std::string& out, Tongue tongue, std::int64_t number, std::string_view measure);

}  // namespace hotline::text
