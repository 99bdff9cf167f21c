// Speech: what the voice is given.
#include <gtest/gtest.h>

#include "hotline/center/prompt_speech.hpp"

using namespace hotline;

namespace {
struct Listener : audio::Synthesiser {
  std::string heard;
  std::string name() const override { return "listener"; }
  Result<audio::Pcm> say(const audio::Speech& speech) override {
    heard += speech.text + "\n";
    return std::make_shared<const audio::Samples>(800, std::int16_t{1000});
  }
};
}  // namespace

TEST(Speech, DigitsOfWrittenSentencesAreSpokenAsPeopleDo) {
  const auto listener = std::make_shared<Listener>();
  audio::PromptCache cache("", std::make_shared<center::SpokenDigits>(listener));
  center::PromptSpeech speech(cache, {});
  (void)speech.render({{.language = "zh-CN", .text = "12345热线，请按1"}, {.language = "yue-HK", .text = "請按2"}, {.language = "en-US", .text = "Press 1"}});
  EXPECT_EQ(listener->heard, "幺二三四五热线，请按一\n請按二\nPress one\n");
}
TEST(Speech, RecordingsStandForTheSentenceAsItWasWritten) {
  const auto listener = std::make_shared<Listener>();
  audio::PromptCache cache("", std::make_shared<center::SpokenDigits>(listener));
  cache.replace("cmn-latn-pinyin", "请按1", std::make_shared<const audio::Samples>(1600, std::int16_t{2000}));
  center::PromptSpeech speech(cache, {});
  const auto clips = speech.render({{.language = "zh-CN", .text = "请按1"}});
  EXPECT_EQ(listener->heard, "");
  ASSERT_EQ(clips.size(), 1u);
  ASSERT_NE(clips[0].pcm, nullptr);
}
