// Digits within a written sentence, told apart by what stands around them.
#include <algorithm>

#include "hotline/text/spoken.hpp"

namespace hotline::text {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool starts(std::string_view text, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(), [&](std::string_view one) { return text.starts_with(one); });
}
bool ends(std::string_view text, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(), [&](std::string_view one) { return text.ends_with(one); });
}
std::string_view run(std::string_view text, std::string_view of) { return text.substr(0, std::min(text.find_first_not_of(of), text.size())); }

// One number and what belongs to it: how much of `rest` was said; 0 where it is no number to be said otherwise.
class Reader {
 public:
  Reader(std::string& out, Tongue tongue) : out_(out), tongue_(tongue) {}

  std::size_t chinese(std::string_view before, std::string_view rest) {
    const std::string_view digits = run(rest, "0123456789");
    const std::string_view after = rest.substr(digits.size());
    if (digits.size() == 4 && starts(after, {"年"})) return one_by_one(digits);
    if (ends(before, {"第"})) {
      std::string ordinal;
      if (!speak(ordinal, tongue_, SayAs::ordinal, digits).ok()) return one_by_one(digits);
      out_ += ordinal.substr(std::string_view("第").size());
      return digits.size();
    }
    if (const std::size_t used = date_or_time(rest)) return used;
    if (ends(before, {"按", "拨", "拨打", "號", "号", "键", "鍵", "键入", "输入", "輸入", "致电", "致電", "转", "轉", "热线", "熱線", "电话", "電話"}) && !measured(after)) return phone(rest, digits);
    if (starts(after, {"热线", "熱線", "专线", "平台", "键", "鍵", "转", "电话"}) || digits[0] == '0' || digits.size() >= 7 ||
        (digits.size() >= 5 && !measured(after)) || (digits.size() == 3 && starts(digits, {"110", "119", "120", "122"}) && !measured(after)))
      return digits == "0" ? kind(SayAs::number, digits) : phone(rest, digits);
    return amount(digits, rest);
  }
  std::size_t english(std::string_view before, std::string_view rest) {
    const std::string_view digits = run(rest, "0123456789");
    if (const std::size_t used = date_or_time(rest)) return used;
    const bool called = ends(before, {"press ", "Press ", "dial ", "Dial ", "key ", "call ", "Call ", "number ", "hotline "});
    if (digits.size() < 5 && !called && digits[0] != '0') return 0;  // voices read these rightly
    if (run(rest, "0123456789,").size() > digits.size() && !called) return 0;
    return phone(rest, digits);
  }

 private:
  bool measured(std::string_view after) const {
    return starts(after, {"个", "個", "位", "件", "次", "天", "小时", "小時", "分钟", "分鐘", "条", "條", "点", "點", "元", "周", "週", "名", "家", "层", "層", "种", "種", "份", "倍", "万", "萬", "千",
                          "百", "亿", "億", "岁", "歲", "秒", "块", "塊", "项", "項", "级", "級", "页", "頁", "人", "户", "日", "月", "年", "期", "%", "％", "."});
  }
  std::size_t kind(SayAs as, std::string_view value) {
    const std::size_t size = out_.size();
    if (speak(out_, tongue_, as, value).ok()) return value.size();
    out_.resize(size);
    return 0;
  }
  std::size_t one_by_one(std::string_view digits) {
    speak_digits(out_, tongue_, digits);
    return digits.size();
  }
  std::size_t phone(std::string_view rest, std::string_view digits) {
    std::string_view whole = run(rest, "0123456789-");
    while (whole.ends_with('-')) whole.remove_suffix(1);
    if (digits.size() == 1) return kind(SayAs::digits, digits);  // a key: 按一, never 按幺
    if (whole.size() > digits.size()) if (const std::size_t used = kind(SayAs::phone, whole)) return used;
    if (const std::size_t used = kind(SayAs::phone, digits)) return used;
    return one_by_one(digits);
  }
  std::size_t date_or_time(std::string_view rest) {
    const std::string_view date = run(rest, "0123456789-"), time = run(rest, "0123456789:");
    if (date.size() == 10 && date[4] == '-' && date[7] == '-') return kind(SayAs::date, date);
    if ((time.size() == 4 || time.size() == 5) && time[time.size() - 3] == ':') return kind(SayAs::time, time);
    return 0;
  }
  // 1,234,567
  static bool grouped(std::string_view whole) {
    if (whole.find(',') == whole.npos) return true;
    if (whole.find(',') > 3 || whole.find(',') == 0) return false;
    for (std::size_t at = whole.find(','); at < whole.size(); at += 4)
      if (whole[at] != ',' || at + 4 > whole.size() || run(whole.substr(at + 1, 3), "0123456789").size() != 3) return false;
    return true;
  }
  std::size_t amount(std::string_view digits, std::string_view rest) {
    std::string_view value = run(rest, "0123456789.,");
    while (ends(value, {".", ","})) value.remove_suffix(1);
    if (!grouped(value.substr(0, value.find('.')))) value = digits;  // a list: 1,2,3
    const std::string_view after = rest.substr(value.size());
    if (starts(after, {"%", "％"})) {
      out_ += "百分之";
      if (kind(SayAs::number, value) == 0) return 0;
      return value.size() + (after.starts_with('%') ? 1 : std::string_view("％").size());
    }
    if (value == "2" && starts(after, {"个", "個", "位", "件", "次", "天", "小时", "小時", "分钟", "分鐘", "条", "條", "元", "周", "週", "名", "家", "层", "層", "种", "種", "份", "倍", "万", "萬", "千", "亿", "億", "岁", "歲", "块", "塊", "项", "項", "人", "户", "点", "點", "年"})) {
      out_ += tongue_ == Tongue::cantonese ? "兩" : "两";
      return value.size();
    }
    if (const std::size_t used = kind(SayAs::number, value)) return used;
    return one_by_one(digits);
  }
  std::string& out_;
  Tongue tongue_;
};

}  // namespace

void speak_text(std::string& out, Tongue tongue, std::string_view text) {
  Reader reader(out, tongue);
  for (std::size_t i = 0; i < text.size();) {
    // Digits within a word of Latin letters ("A4", "5G") are the voice's.
    const bool in_word = i > 0 && ((text[i - 1] >= 'a' && text[i - 1] <= 'z') || (text[i - 1] >= 'A' && text[i - 1] <= 'Z'));
    if (!digit(text[i]) || in_word) {
      const bool number_of_word = digit(text[i]);
      do out += text[i++];
      while (number_of_word && i < text.size() && digit(text[i]));
      continue;
    }
    const std::string_view before = text.substr(0, i), rest = text.substr(i);
    const std::size_t used = tongue == Tongue::english ? reader.english(before, rest) : reader.chinese(before, rest);
    if (used == 0) {
      const std::string_view digits = run(rest, "0123456789,.");
      out += digits;
      i += digits.size();
    } else {
      i += used;
    }
  }
}

}  // namespace hotline::text
