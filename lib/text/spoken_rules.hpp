// The rules of each tongue, behind spoken.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hotline::text::spoken {

struct Script;  // characters of a Chinese tongue
const Script& mandarin();
const Script& cantonese();

namespace chinese {
// Whether a leading 2 is 两 (两百 个) or 二 (第二百).
enum class Two : std::uint8_t { liang, er };
void number(std::string& out, const Script& script, std::uint64_t n, Two two);
void digits(std::string& out, const Script& script, std::string_view digits);
void phone_digits(std::string& out, const Script& script, std::string_view digits);
void ordinal(std::string& out, const Script& script, std::uint64_t n);
void date(std::string& out, const Script& script, int year, int month, int day);
void time(std::string& out, const Script& script, int hour, int minute, int second);
void duration(std::string& out, const Script& script, std::int64_t seconds);
void money(std::string& out, const Script& script, std::uint64_t fen);
std::string_view minus(const Script& script);
std::string_view point(const Script& script);
}  // namespace chinese

namespace english {
void number(std::string& out, std::uint64_t n);
void digits(std::string& out, std::string_view digits);
void ordinal(std::string& out, std::uint64_t n);
void date(std::string& out, int year, int month, int day);
void time(std::string& out, int hour, int minute, int second);
void duration(std::string& out, std::int64_t seconds);
void money(std::string& out, std::uint64_t fen);
}  // namespace english

}  // namespace hotline::text::spoken
