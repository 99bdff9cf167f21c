#include <gtest/gtest.h>

#include <algorithm>

#include "hotline/text/analysis.hpp"
#include "hotline/text/pinyin.hpp"

using namespace hotline::text;

namespace {

std::vector<std::string> tokens(std::string_view text, Stream stream, const std::vector<std::string>& terms = {}) {
  static Analyzer analyzer;
  analyzer.set_dictionary(terms);
  Analysis analysis;
  analyzer.analyse(text, analysis);
  std::vector<std::string> out;
  for (const Token& t : analysis.tokens)
    if (t.stream == stream)
      out.push_back(to_utf8(std::u32string_view(analysis.normal.text).substr(t.begin, t.end - t.begin)));
  return out;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST(Fold, WidthCaseAndTraditional) {
  EXPECT_EQ(fold("ＡＢＣ"), "abc");
  EXPECT_EQ(fold("勞動關係，怎麼辦？"), fold("劳动关系，怎么办？"));
  EXPECT_EQ(fold("Straße"), "strasse");
  EXPECT_EQ(fold("e\xCC\x81" "a"), fold("\xC3\xA9" "a"));
  EXPECT_EQ(fold("㎡"), "m2");
}

TEST(Fold, KeepsTheWayBack) {
  Normalised n;
  const std::string original = "查Straße勞";
  normalise(original, n);
  EXPECT_EQ(to_utf8(n.text), "查strasse劳");
  const auto whole = n.original(1, 8);
  EXPECT_EQ(original.substr(whole.begin, whole.end - whole.begin), "Straße");
  const auto half = n.original(5, 6);  // the first s of ß
  EXPECT_EQ(original.substr(half.begin, half.end - half.begin), "ß");
  const auto last = n.original(8, 9);
  EXPECT_EQ(original.substr(last.begin, last.end - last.begin), "勞");
  EXPECT_EQ(n.original(9, 20), (Normalised::Range{13, 13}));
}

TEST(Fold, AnyBytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  Normalised n;
  normalise(bytes, n);
  EXPECT_EQ(n.origin.size(), n.text.size() + 1);
  EXPECT_TRUE(std::is_sorted(n.origin.begin(), n.origin.end()));
  normalise("a" + std::string(5000, '\xCC') + "\x81", n);
  EXPECT_EQ(n.origin.back(), 5002u);
}

TEST(Analysis, ChineseGivesWordsBigramsUnigrams) {
  EXPECT_EQ(tokens("办理社保", Stream::unigram).size(), 4u);
  EXPECT_EQ(tokens("办理社保", Stream::bigram), (std::vector<std::string>{"办理", "理社", "社保"}));
  EXPECT_TRUE(has(tokens("办理社保", Stream::word), "办理"));
}

TEST(Analysis, LettersGluedToChineseAreFound) {  // tommy0103/obelisk#9
  EXPECT_TRUE(has(tokens("重跑gen后", Stream::word), "gen"));
}

TEST(Analysis, CodesWholeAndInParts) {  // MaxKB#6740
  const auto words = tokens("传感器-温度-TH01", Stream::word);
  EXPECT_TRUE(has(words, "th01"));
  EXPECT_TRUE(has(words, "th"));
  EXPECT_TRUE(has(words, "01"));
  Analyzer analyzer;
  Analysis a, b;
  analyzer.analyse("TH-01", a);
  analyzer.analyse("th01", b);
  EXPECT_TRUE(std::any_of(a.tokens.begin(), a.tokens.end(), [&](const Token& t) {
    return t.key == token_key(Stream::word, U"th01");
  }));
  EXPECT_TRUE(std::any_of(b.tokens.begin(), b.tokens.end(), [&](const Token& t) {
    return t.key == token_key(Stream::word, U"th01");
  }));
}

TEST(Analysis, LatinGrams) {
  EXPECT_EQ(tokens("card", Stream::gram).size(), 3u);
  EXPECT_EQ(tokens("a", Stream::gram).size(), 1u);
}

TEST(Analysis, OwnTerms) {
  EXPECT_TRUE(has(tokens("用粤省事办跨省通办", Stream::word, {"粤省事", "跨省通办"}), "粤省事"));
  EXPECT_TRUE(has(tokens("用粤省事办跨省通办", Stream::word, {"粤省事", "跨省通办"}), "跨省通办"));
  EXPECT_FALSE(has(tokens("用粤省事办跨省通办", Stream::word), "粤省事"));
}

TEST(Analysis, OtherScripts) {
  EXPECT_FALSE(tokens("การจดทะเบียน", Stream::word).empty());
  EXPECT_EQ(tokens("한국어", Stream::bigram).size(), 2u);
  EXPECT_EQ(tokens("カード", Stream::unigram).size(), 3u);
  EXPECT_TRUE(has(tokens("Паспорт", Stream::word), "паспорт"));
}

TEST(Pinyin, WordsDecide) {
  EXPECT_EQ(pinyin("中国银行"), "zhong guo yin hang");
  EXPECT_EQ(pinyin("会计"), "kuai ji");
  EXPECT_EQ(pinyin("重庆市长调查"), "chong qing shi zhang diao cha");
  EXPECT_EQ(pinyin("办ID卡"), "ban id ka");
  EXPECT_EQ(initials("社会保险"), "shbx");
}

TEST(Pinyin, RareReadingsStayOut) {  // simple#85 (超 read tiao), #177 (排 = bai)
  EXPECT_EQ(readings(U'超').size(), 1u);
  EXPECT_EQ(spelling(readings(U'超')[0]), "chao");
  EXPECT_EQ(readings(U'排').size(), 1u);
  EXPECT_EQ(spelling(readings(U'排')[0]), "pai");
}

TEST(Pinyin, Homophones) {
  EXPECT_TRUE(same_sound(U'变', U'便'));
  EXPECT_FALSE(same_sound(U'变', U'办'));
  const auto all = homophones(find_syllable("zhong"));
  EXPECT_NE(std::find(all.begin(), all.end(), U'中'), all.end());
  EXPECT_TRUE(readings(U'a').empty());
  EXPECT_EQ(find_syllable("xyz"), 0);
}
