// Personal data in what people ask: struck out before anything is kept.
#include <algorithm>
#include <array>

#include "hotline/kb/learning.hpp"
#include "hotline/text/analysis.hpp"

namespace hotline::kb {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool mail(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-' || c == '+'; }

std::string without_numbers(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && mail(text[end])) ++end;
    if (end > i && end < text.size() && text[end] == '@') {
      ++end;
      while (end < text.size() && mail(text[end])) ++end;
      out += '#';
      i = end;
      continue;
    }
    // Digits of a number may be parted by blanks or hyphens: 138 0013 8000.
    end = i;
    std::size_t digits = 0;
    while (end < text.size() && (digit(text[end]) || (digits > 0 && (text[end] == ' ' || text[end] == '-') && end + 1 < text.size() && digit(text[end + 1])))) {
      digits += digit(text[end]) ? 1 : 0;
      ++end;
    }
    if (digits >= 3) {
      out += '#';
      i = end;
      if (i < text.size() && (text[i] == 'X' || text[i] == 'x') && digits == 17) ++i;  // the last place of an identity number
      continue;
    }
    out += text[i++];
  }
  return out;
}

// The surnames of nine in ten people (Ministry of Public Security, report on names of 2020, the first 100), and common
// ones of two characters.
constexpr std::u32string_view kSurnames =
    U"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎闫雷龙段史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤";
constexpr std::array<std::u32string_view, 6> kDoubleSurnames{U"欧阳", U"上官", U"司马", U"诸葛", U"东方", U"司徒"};
// What stands before a name, and what stands behind one.
constexpr std::array<std::u32string_view, 13> kBefore{U"我叫", U"我的名字是", U"我的名字叫", U"名字叫", U"名叫", U"姓名是", U"姓名为", U"姓名:", U"姓名：", U"姓名", U"联系人", U"当事人", U"本人"};
constexpr std::array<std::u32string_view, 10> kBehind{U"先生", U"女士", U"小姐", U"同志", U"老师", U"师傅", U"大爷", U"大妈", U"阿姨", U"律师"};
constexpr std::u32string_view kNoName = U"的我你他她它在是住电手今身想要和于年月有没不来去说问被把因了就也都跟与同系为，,。.;；!！?？、:： 　";

// How many characters at `at` are a surname; 0 for none.
std::size_t surname(std::u32string_view s, std::size_t at) {
  for (const auto two : kDoubleSurnames)
    if (s.substr(at).starts_with(two)) return 2;
  return at < s.size() && kSurnames.find(s[at]) != s.npos ? 1 : 0;
}

bool of_a_name(char32_t c) { return text::script_of(c) == text::Script::han && kNoName.find(c) == kNoName.npos; }

bool latin(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }
bool capital(char32_t c) { return c >= U'A' && c <= U'Z'; }

// Where the name that begins at `at` ends; `at` where none does. One without a word before it needs one behind it.
std::size_t name_end(std::u32string_view s, std::size_t at, bool announced) {
  const std::size_t family = surname(s, at);
  if (family == 0) return at;
  std::size_t end = at + family;
  for (std::size_t given = 0; given <= 2; ++given) {
    for (const auto title : kBehind)
      if (s.substr(end).starts_with(title)) return end;
    if (given == 2 || end >= s.size() || !of_a_name(s[end])) break;
    ++end;
  }
  return announced && end > at + family ? end : at;
}

std::size_t after_word(std::u32string_view s, std::size_t at) {
  for (const auto word : kBefore)
    if (s.substr(at).starts_with(word)) return at + word.size();
  return at;
}

// "My name is John Smith", "Mr. Smith": the capitalised words that follow.
std::size_t english_start(std::u32string_view s, std::size_t at) {
  if (at > 0 && latin(s[at - 1])) return at;
  for (const std::u32string_view word : {U"my name is ", U"My name is ", U"name: ", U"Name: ", U"Mr ", U"Mr. ", U"Mrs ", U"Mrs. ", U"Ms ", U"Ms. ", U"Miss ", U"Dr ", U"Dr. "})
    if (s.substr(at).starts_with(word)) return at + word.size();
  return at;
}

std::size_t english_end(std::u32string_view s, std::size_t at) {
  std::size_t end = at;
  for (int words = 0; words < 3 && end < s.size() && capital(s[end]); ++words) {
    while (end < s.size() && (latin(s[end]) || s[end] == U'-' || s[end] == U'\'')) ++end;
    if (end + 1 >= s.size() || s[end] != U' ' || !capital(s[end + 1])) break;
    ++end;
  }
  return end;
}

}  // namespace

std::string without_personal_data(std::string_view text) {
  const std::u32string all = text::to_utf32(without_numbers(text));
  const std::u32string_view s = all;
  std::u32string out;
  for (std::size_t i = 0; i < s.size();) {
    std::size_t name = after_word(s, i);
    std::size_t end = name_end(s, name, name > i);
    if (end == name) {
      name = english_start(s, i);
      end = name > i ? english_end(s, name) : name;
    }
    if (end > name) {
      out.append(s.substr(i, name - i)).push_back(U'#');
      i = end;
    } else {
      out.push_back(s[i++]);
    }
  }
  return text::to_utf8(out);
}

}  // namespace hotline::kb
