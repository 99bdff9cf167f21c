#include "hotline/text/spoken.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace hotline;
using namespace hotline::text;

namespace {

struct Case {
  SayAs kind;
  std::string_view value, mandarin, cantonese, english;
};

std::string said(Tongue tongue, SayAs kind, std::string_view value) {
  std::string out;
  const Status status = speak(out, tongue, kind, value);
  return status.ok() ? out : "error: " + status.error().message();
}

void expect(const Case& c) {
  EXPECT_EQ(said(Tongue::mandarin, c.kind, c.value), c.mandarin) << c.value;
  EXPECT_EQ(said(Tongue::cantonese, c.kind, c.value), c.cantonese) << c.value;
  EXPECT_EQ(said(Tongue::english, c.kind, c.value), c.english) << c.value;
}

// A reader of Chinese numerals of its own, to check the writer on many numbers: it knows nothing of 两 or of where a
// zero stands, only what a character is worth.
std::int64_t read_chinese(std::string_view text) {
  std::int64_t total = 0, section = 0, digit = 0;
  static constexpr std::pair<std::string_view, int> kDigits[] = {{"零", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4},
                                                                 {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}};
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view c = text.substr(i, 3);
    bool is_digit = false;
    for (const auto& [name, value] : kDigits)
      if (c == name) digit = value, is_digit = true;
    if (is_digit) continue;
    const std::int64_t unit = c == "十" ? 10 : c == "百" ? 100 : c == "千" ? 1000 : 0;
    if (unit != 0) {
      section += (digit == 0 && unit == 10 ? 1 : digit) * unit;
      digit = 0;
    } else if (c == "万") {
      total += (section + digit) * 10000;
      section = digit = 0;
    } else {  // 亿
      total = (total + section + digit) * 100000000;
      section = digit = 0;
    }
  }
  return total + section + digit;
}

}  // namespace

TEST(SpokenNumbers, EveryAwkwardCase) {
  for (const Case& c : std::initializer_list<Case>{
           {SayAs::number, "0", "零", "零", "zero"},
           {SayAs::number, "2", "二", "二", "two"},
           {SayAs::number, "10", "十", "十", "ten"},
           {SayAs::number, "12", "十二", "十二", "twelve"},
           {SayAs::number, "20", "二十", "二十", "twenty"},
           {SayAs::number, "22", "二十二", "二十二", "twenty-two"},
           {SayAs::number, "100", "一百", "一百", "one hundred"},
           {SayAs::number, "102", "一百零二", "一百零二", "one hundred and two"},
           {SayAs::number, "110", "一百一十", "一百一十", "one hundred and ten"},
           {SayAs::number, "111", "一百一十一", "一百一十一", "one hundred and eleven"},
           {SayAs::number, "200", "两百", "兩百", "two hundred"},
           {SayAs::number, "222", "两百二十二", "兩百二十二", "two hundred and twenty-two"},
           {SayAs::number, "1001", "一千零一", "一千零一", "one thousand and one"},
           {SayAs::number, "1010", "一千零一十", "一千零一十", "one thousand and ten"},
           {SayAs::number, "1100", "一千一百", "一千一百", "one thousand one hundred"},
           {SayAs::number, "2002", "两千零二", "兩千零二", "two thousand and two"},
           {SayAs::number, "2222", "两千二百二十二", "兩千二百二十二", "two thousand two hundred and twenty-two"},
           {SayAs::number, "10000", "一万", "一萬", "ten thousand"},
           {SayAs::number, "10010", "一万零一十", "一萬零一十", "ten thousand and ten"},
           {SayAs::number, "12345", "一万二千三百四十五", "一萬二千三百四十五", "twelve thousand three hundred and forty-five"},
           {SayAs::number, "20000", "两万", "兩萬", "twenty thousand"},
           {SayAs::number, "20002", "两万零二", "兩萬零二", "twenty thousand and two"},
           {SayAs::number, "100000", "十万", "十萬", "one hundred thousand"},
           {SayAs::number, "101000", "十万一千", "十萬一千", "one hundred and one thousand"},
           {SayAs::number, "100200", "十万零二百", "十萬零二百", "one hundred thousand two hundred"},
           {SayAs::number, "120000", "十二万", "十二萬", "one hundred and twenty thousand"},
           {SayAs::number, "2000000", "两百万", "兩百萬", "two million"},
           {SayAs::number, "10000001", "一千万零一", "一千萬零一", "ten million and one"},
           {SayAs::number, "100000000", "一亿", "一億", "one hundred million"},
           {SayAs::number, "200000000", "两亿", "兩億", "two hundred million"},
           {SayAs::number, "100020000", "一亿零二万", "一億零二萬", "one hundred million twenty thousand"},
           {SayAs::number, "1000000000000", "一万亿", "一萬億", "one trillion"},
           {SayAs::number, "1000200000000", "一万零二亿", "一萬零二億", "one trillion two hundred million"},
           {SayAs::number, "9999999999999", "九万九千九百九十九亿九千九百九十九万九千九百九十九",
            "九萬九千九百九十九億九千九百九十九萬九千九百九十九",
            "nine trillion nine hundred and ninety-nine billion nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine"},
           {SayAs::number, "-5", "负五", "負五", "minus five"},
           {SayAs::number, "3.14", "三点一四", "三點一四", "three point one four"},
           {SayAs::number, "1,234.50", "一千二百三十四点五零", "一千二百三十四點五零", "one thousand two hundred and thirty-four point five zero"},
           {SayAs::digits, "101", "一零一", "一零一", "one zero one"},
           {SayAs::ordinal, "1", "第一", "第一", "first"},
           {SayAs::ordinal, "2", "第二", "第二", "second"},
           {SayAs::ordinal, "12", "第十二", "第十二", "twelfth"},
           {SayAs::ordinal, "20", "第二十", "第二十", "twentieth"},
           {SayAs::ordinal, "23", "第二十三", "第二十三", "twenty-third"},
           {SayAs::ordinal, "200", "第二百", "第二百", "two hundredth"},
           {SayAs::ordinal, "101", "第一百零一", "第一百零一", "one hundred and first"},
       })
    expect(c);
}

TEST(SpokenDates, AndTimes) {
  for (const Case& c : std::initializer_list<Case>{
           {SayAs::date, "2026-11-22", "二零二六年十一月二十二日", "二零二六年十一月二十二號", "November twenty-second, twenty twenty-six"},
           {SayAs::date, "20050102", "二零零五年一月二日", "二零零五年一月二號", "January second, two thousand and five"},
           {SayAs::date, "1900-10-10", "一九零零年十月十日", "一九零零年十月十號", "October tenth, nineteen hundred"},
           {SayAs::date, "1905-12-31", "一九零五年十二月三十一日", "一九零五年十二月三十一號", "December thirty-first, nineteen oh five"},
           {SayAs::date, "2024-02-29", "二零二四年二月二十九日", "二零二四年二月二十九號", "February twenty-ninth, twenty twenty-four"},
           {SayAs::date, "10-01", "十月一日", "十月一號", "October first"},
           {SayAs::date, "2026-11", "二零二六年十一月", "二零二六年十一月", "November twenty twenty-six"},
           {SayAs::time, "08:05", "八点零五分", "八點零五分", "eight oh five a.m."},
           {SayAs::time, "02:00", "两点整", "兩點正", "two a.m."},
           {SayAs::time, "12:00", "十二点整", "十二點正", "twelve noon"},
           {SayAs::time, "00:00", "零点整", "零點正", "twelve midnight"},
           {SayAs::time, "22:30", "二十二点三十分", "二十二點三十分", "ten thirty p.m."},
           {SayAs::time, "14:10:09", "十四点十分九秒", "十四點十分九秒", "two ten and nine seconds p.m."},
           {SayAs::duration, "90s", "一分三十秒", "一分三十秒", "one minute thirty seconds"},
           {SayAs::duration, "120", "两分钟", "兩分鐘", "two minutes"},
           {SayAs::duration, "1h30m", "一小时三十分钟", "一個鐘三十分鐘", "one hour thirty minutes"},
           {SayAs::duration, "2d", "两天", "兩日", "two days"},
           {SayAs::duration, "0s", "零秒", "零秒", "zero seconds"},
       })
    expect(c);
}

TEST(SpokenMoney, PhonesAndTickets) {
  for (const Case& c : std::initializer_list<Case>{
           {SayAs::money, "12.50", "十二元五角", "十二蚊五毫", "twelve yuan fifty fen"},
           {SayAs::money, "100", "一百元整", "一百蚊正", "one hundred yuan"},
           {SayAs::money, "2", "两元整", "兩蚊正", "two yuan"},
           {SayAs::money, "0.05", "五分", "五仙", "five fen"},
           {SayAs::money, "10.05", "十元零五分", "十蚊零五仙", "ten yuan five fen"},
           {SayAs::money, "0.2", "两角", "兩毫", "twenty fen"},
           {SayAs::money, "1234567.89", "一百二十三万四千五百六十七元八角九分", "一百二十三萬四千五百六十七蚊八毫九仙",
            "one million two hundred and thirty-four thousand five hundred and sixty-seven yuan eighty-nine fen"},
           {SayAs::phone, "13800138000", "幺三八，零零幺三，八零零零", "一三八，零零一三，八零零零",
            "one three eight, zero zero one three, eight zero zero zero"},
           {SayAs::phone, "12345", "幺二三四五", "一二三四五", "one two three four five"},
           {SayAs::phone, "01062881234", "零幺零，六二八八，幺二三四", "零一零，六二八八，一二三四",
            "zero one zero, six two eight eight, one two three four"},
           {SayAs::phone, "0532-12345", "零五三二，幺二三四五", "零五三二，一二三四五", "zero five three two, one two three four five"},
           {SayAs::phone, "85551234", "八五五五，幺二三四", "八五五五，一二三四", "eight five five five, one two three four"},
           {SayAs::ticket, "20261234", "二零二六，一二三四", "二零二六，一二三四", "two zero two six, one two three four"},
           {SayAs::id_card, "11010119900307777X", "一一零一零一，一九九零零三零七，七七七X", "一一零一零一，一九九零零三零七，七七七X",
            "one one zero one zero one, one nine nine zero zero three zero seven, seven seven seven X"},
       })
    expect(c);
}

TEST(Spoken, CountsTakeTheirMeasureWord) {
  const auto count = [](Tongue tongue, std::int64_t n, std::string_view measure) {
    std::string out;
    speak_count(out, tongue, n, measure);
    return out;
  };
  EXPECT_EQ(count(Tongue::mandarin, 2, "个"), "两个");
  EXPECT_EQ(count(Tongue::mandarin, 12, "件"), "十二件");
  EXPECT_EQ(count(Tongue::cantonese, 2, "位"), "兩位");
  EXPECT_EQ(count(Tongue::english, 2, "callers"), "two callers");
}

TEST(Spoken, DigitsWithinWrittenSentences) {
  const auto said_of = [](Tongue tongue, std::string_view text) {
    std::string out;
    speak_text(out, tongue, text);
    return out;
  };
  for (const auto& [written, spoken] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"请按1，人工服务请按0", "请按一，人工服务请按零"},
           {"欢迎致电12345政务热线", "欢迎致电幺二三四五政务热线"},
           {"12333热线", "幺二三三三热线"},
           {"请拨打110或120", "请拨打幺幺零或幺二零"},
           {"2024年3月15日", "二零二四年三月十五日"},
           {"2024年共12件，其中2件未办结", "二零二四年共十二件，其中两件未办结"},
           {"办公时间9:00至17:30", "办公时间九点整至十七点三十分"},
           {"截至2026-11-22", "截至二零二六年十一月二十二日"},
           {"手机13800138000", "手机幺三八，零零幺三，八零零零"},
           {"满意率98.5%", "满意率百分之九十八点五"},
           {"收费2元，押金100元", "收费两元，押金一百元"},
           {"共1,234人", "共一千二百三十四人"},
           {"第2次", "第二次"},
           {"22个工作日", "二十二个工作日"},
           {"200个", "两百个"},
           {"A4纸，5G网络", "A4纸，五G网络"},
           {"等待0分钟", "等待零分钟"},
           {"没有数字", "没有数字"},
           {"0532-12345", "零五三二，幺二三四五"},
           {"选项1,2,3", "选项一,二,三"},
           {"第12条", "第十二条"},
           {"1,2345", "一,两千三百四十五"},
           {"99999999999999999999", "九九九，九九九九，九九九九，九九九九，九九九九，九"}})
    EXPECT_EQ(said_of(Tongue::mandarin, written), spoken) << written;
  EXPECT_EQ(said_of(Tongue::cantonese, "請按1，共2個"), "請按一，共兩個");
  for (const auto& [written, spoken] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"Press 1 for 12345.", "Press one for one two three four five."},
           {"You have 3 letters and 1,250 points.", "You have 3 letters and 1,250 points."},
           {"Open from 9:00 to 17:30.", "Open from nine a.m. to five thirty p.m.."},
           {"Room B12, floor 2", "Room B12, floor 2"}})
    EXPECT_EQ(said_of(Tongue::english, written), spoken) << written;
}

TEST(Spoken, RefusesWhatIsNotOfTheKind) {
  for (const auto& [kind, value] : std::initializer_list<std::pair<SayAs, std::string_view>>{
           {SayAs::number, "abc"}, {SayAs::number, ""}, {SayAs::number, "1.2.3"}, {SayAs::number, "12345678901234"},
           {SayAs::date, "2026-13-01"}, {SayAs::date, "2026-02-30"}, {SayAs::date, "tomorrow"}, {SayAs::time, "25:00"},
           {SayAs::time, "8"}, {SayAs::money, "1.234"}, {SayAs::phone, "call me"}, {SayAs::ticket, "12a"}, {SayAs::id_card, "123"},
           {SayAs::duration, "-5s"}, {SayAs::ordinal, "-1"}})
    for (const Tongue tongue : {Tongue::mandarin, Tongue::cantonese, Tongue::english}) {
      std::string out = "kept";
      EXPECT_FALSE(speak(out, tongue, kind, value).ok()) << value;
      EXPECT_EQ(out, "kept");
    }
  EXPECT_FALSE(parse_say_as("numbr").ok());
  EXPECT_NE(parse_say_as("numbr").error().remedy().find("number"), std::string::npos);
}

TEST(Spoken, ChineseNumbersReadBackToThemselves) {
  std::string out;
  const auto same = [&](std::int64_t n) {
    out.clear();
    speak_number(out, Tongue::mandarin, n);
    ASSERT_EQ(read_chinese(out), n) << out;
    ASSERT_EQ(out.find("零零"), std::string::npos) << out;
  };
  for (std::int64_t n = 0; n < 200'000; ++n) same(n);
  for (std::int64_t n = 0; n <= 1'000'000'000; n += 7919) same(n);
  for (std::int64_t n = 1; n < 10'000'000'000'000; n *= 10)
    for (std::int64_t d = -2; d <= 2; ++d) same(std::max<std::int64_t>(0, n + d));
}

TEST(Spoken, TonguesOfLanguages) {
  EXPECT_EQ(tongue("zh-CN"), Tongue::mandarin);
  EXPECT_EQ(tongue("cmn"), Tongue::mandarin);
  EXPECT_EQ(tongue("yue-HK"), Tongue::cantonese);
  EXPECT_EQ(tongue("zh-HK"), Tongue::cantonese);
  EXPECT_EQ(tongue("en-GB"), Tongue::english);
}
