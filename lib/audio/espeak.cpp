#include <algorithm>

#include "hotline/audio/file.hpp"
#include "hotline/audio/speech.hpp"
#include "process.hpp"

namespace hotline::audio {

std::string Pronunciation::apply(std::string_view text) const {
  std::size_t longest = 0;
  for (const auto& [word, sound] : words_) longest = std::max(longest, word.size());
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t taken = 0;
    for (std::size_t n = std::min(longest, text.size() - at); n > 0; --n) {
      const auto found = words_.find(std::string(text.substr(at, n)));
      if (found == words_.end()) continue;
      out += ' ';
      out += found->second;
      out += ' ';
      taken = n;
      break;
    }
    if (taken == 0) out += text[at++];
    at += taken;
  }
  return out;
}

const Pronunciation& Pronunciation::mandarin() {
  static const Pronunciation table({
      {"重庆", "chong2qing4"},   {"重新", "chong2xin1"},     {"重复", "chong2fu4"},   {"重办", "chong2ban4"},
      {"重播", "chong2bo1"},     {"重听", "chong2ting1"},    {"银行", "yin2hang2"},   {"行长", "hang2zhang3"},
      {"行业", "hang2ye4"},      {"市长", "shi4zhang3"},     {"县长", "xian4zhang3"}, {"局长", "ju2zhang3"},
      {"班长", "ban1zhang3"},    {"校长", "xiao4zhang3"},    {"家长", "jia1zhang3"},  {"还款", "huan2kuan3"},
      {"退还", "tui4huan2"},     {"供暖", "gong1nuan3"},     {"供水", "gong1shui3"},  {"参差", "cen1ci1"},
      {"厦门", "xia4men2"},      {"六安", "lu4an1"},         {"台州", "tai1zhou1"},   {"长沙", "chang2sha1"},
      {"处长", "chu4zhang3"},    {"调解", "tiao2jie3"},      {"调查", "diao4cha2"},   {"音乐", "yin1yue4"},
      {"便宜", "pian2yi5"},      {"差额", "cha1e2"},         {"更正", "geng1zheng4"}, {"转账", "zhuan3zhang4"},
  });
  return table;
}

Result<Pcm> EspeakSynthesiser::say(const Speech& speech) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '_';
  };
  if (speech.voice.empty() || speech.voice[0] == '-' || !std::all_of(speech.voice.begin(), speech.voice.end(), plain))
    return Error(ErrorCode::invalid_argument, "`" + speech.voice + "` is not the name of a voice",
                 "see `" + options_.program + " --voices`");
  if (speech.text.size() > 10'000)
    return Error(ErrorCode::invalid_argument, "a prompt of " + std::to_string(speech.text.size()) + " bytes",
                 "cut it into sentences (at most 10,000 bytes)");
  const bool mandarin = speech.voice.starts_with("cmn") || speech.voice.starts_with("zh");
  const std::string text = mandarin ? options_.mandarin.apply(speech.text) : speech.text;
  const int rate = std::clamp(speech.words_per_minute, 80, 450);
  const std::vector<std::string> command{options_.program, "-v", speech.voice, "-a", std::to_string(options_.amplitude),
                                         "-s", std::to_string(rate), "-b", "1", "--stdin", "--stdout"};
  HOTLINE_ASSIGN(const ProcessOutput output, run_process(command, text, options_.timeout));
  if (output.exit_status != 0 || output.out.size() < 44)
    return Error(ErrorCode::invalid_argument,
                 "`" + options_.program + "` refused voice `" + speech.voice + "`: " + output.err.substr(0, 200),
                 "see `" + options_.program + " --voices`");
  return read_sound_bytes(output.out, options_.program);
}

}  // namespace hotline::audio
