// What is said where a flow brings no words of its own. A prompt file may define the same ids.
#pragma once

#include <string_view>

namespace hotline::ivr {

struct BuiltinPrompt {
  std::string_view id, mandarin, cantonese, english;
};
constexpr BuiltinPrompt kBuiltinPrompts[] = {
    {"hotline.no_input", "抱歉，没有听到您的按键。", "對唔住，聽唔到您嘅按鍵。", "Sorry, I did not notice a key."},
    {"hotline.no_match", "抱歉，您的按键有误。", "對唔住，您嘅按鍵唔正確。", "Sorry, that is not a valid choice."},
    {"hotline.wrong_entry", "抱歉，您输入的号码有误。", "對唔住，您輸入嘅號碼唔正確。", "Sorry, that number is not valid."},
    {"hotline.you_entered", "您输入的是：", "您輸入嘅係：", "You entered:"},
    {"hotline.confirm", "正确请按1，重新输入请按2。", "正確請按1，重新輸入請按2。", "If this is right, press 1. To enter it again, press 2."},
    {"hotline.review", "确认请按1，重听请按2，取消请按3。", "確認請按1，重聽請按2，取消請按3。",
     "To confirm, press 1. To listen again, press 2. To cancel, press 3."},
    {"hotline.language", "普通话请按1。For English, press 2.", "廣東話請按1。For English, press 2.", "普通话请按1。For English, press 2."},
    {"hotline.spell_name", "请用按键输入姓名的拼音，按井号键结束。", "請用按鍵輸入姓名拼音，按井字鍵結束。",
     "Please spell the name on your keypad, then press the pound key."},
    {"hotline.person_is", "是：", "係：", "Is it:"},
    {"hotline.yes_no", "是请按1，不是请按2。", "係請按1，唔係請按2。", "If yes, press 1. If no, press 2."},
    {"hotline.agent_key", "转人工服务请按0。", "轉駁專人服務請按0。", "For a person, press 0."},
};

}  // namespace hotline::ivr
