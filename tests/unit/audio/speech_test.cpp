#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "audio/process.hpp"
#include "hotline/audio/align.hpp"
#include "hotline/audio/file.hpp"
#include "hotline/audio/speech.hpp"
#include "hotline/audio/tones.hpp"
#include "sound.hpp"

using namespace hotline;
using namespace hotline::audio;
using namespace std::chrono_literals;

namespace {

// A synthesiser whose sound depends on the text, and that counts.
class Fake : public Synthesiser {
 public:
  std::string name() const override { return "fake"; }
  Result<Pcm> say(const Speech& speech) override {
    ++calls;
    if (speech.text == "bad") return Error(ErrorCode::invalid_argument, "bad");
    Samples s(400);
    const Samples t = test::noise(800, 9000, std::hash<std::string>{}(speech.text));
    s.insert(s.end(), t.begin(), t.end());
    s.resize(4000);
    return make_pcm(std::move(s));
  }
  std::atomic<int> calls{0};
};

bool have_espeak() {
  const auto version = run_process({"espeak-ng", "--version"}, "", 10s);
  return version.ok() && version->exit_status == 0;
}

}  // namespace

TEST(Process, PassesBytesAndStatus) {
  const std::string big(1 << 20, 'x');
  const auto cat = run_process({"cat"}, big, 10s).value();
  EXPECT_EQ(cat.out, big);
  EXPECT_EQ(cat.exit_status, 0);
  EXPECT_EQ(run_process({"false"}, "", 10s).value().exit_status, 1);
  EXPECT_EQ(run_process({"true"}, big, 10s).value().exit_status, 0);  // reads nothing: no SIGPIPE for us
  EXPECT_EQ(run_process({"/no/such/program"}, "", 10s).code(), ErrorCode::unsupported);
  EXPECT_EQ(run_process({"tail", "-f", "/dev/null"}, "", 50ms).code(), ErrorCode::timed_out);
  EXPECT_EQ(run_process({"cat", "/dev/zero"}, "", 10s, 100000).code(), ErrorCode::limit);
}

TEST(Pronunciation, TheLongestWordWins) {
  const Pronunciation words({{"银行", "yin2hang2"}, {"行长", "hang2zhang3"}, {"银行行长", "yin2hang2hang2zhang3"}});
  EXPECT_EQ(words.apply("找银行行长"), "找 yin2hang2hang2zhang3 ");
  EXPECT_EQ(words.apply("银行"), " yin2hang2 ");
  EXPECT_EQ(words.apply("你好"), "你好");
  EXPECT_NE(Pronunciation::mandarin().apply("重庆").find("chong2qing4"), std::string::npos);
}

TEST(PromptCache, MakesAPhraseOnceAndTrimsIt) {
  const test::Folder folder;
  auto fake = std::make_shared<Fake>();
  {
    PromptCache cache(folder.path(), fake);
    const Pcm a = cache.get({"v", "hello"}).value();
    EXPECT_NEAR(static_cast<double>(a->size()), 960, 40);
    EXPECT_EQ(cache.get({"v", "hello"}).value(), a);
    EXPECT_NE(cache.get({"v", "hello", 200}).value(), a);
    EXPECT_NE(*cache.get({"w", "other"}).value(), *a);
    EXPECT_EQ(fake->calls, 3);
  }
  PromptCache again(folder.path(), fake);
  EXPECT_TRUE(again.get({"v", "hello"}).ok());
  EXPECT_EQ(fake->calls, 3);
  EXPECT_EQ(again.figures().from_disk, 1u);
}

TEST(PromptCache, ErrorsAreTheSynthesisersAndNotKept) {
  auto fake = std::make_shared<Fake>();
  PromptCache cache("", fake);
  EXPECT_EQ(cache.get({"v", "bad"}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(cache.get({"v", "bad"}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(fake->calls, 2);
  PromptCache nowhere("/proc/none/such", fake);
  EXPECT_TRUE(nowhere.get({"v", "x"}).ok());
}

TEST(PromptCache, ADamagedFileIsMadeAgain) {
  const test::Folder folder;
  auto fake = std::make_shared<Fake>();
  { ASSERT_TRUE(PromptCache(folder.path(), fake).get({"v", "hello"}).ok()); }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) std::ofstream(entry.path()) << "RIFF";
  EXPECT_TRUE(PromptCache(folder.path(), fake).get({"v", "hello"}).ok());
  EXPECT_EQ(fake->calls, 2);
  EXPECT_TRUE(PromptCache(folder.path(), fake).get({"v", "hello"}).ok());
  EXPECT_EQ(fake->calls, 2);
}

TEST(PromptCache, ForgetsTheLongestUnused) {
  auto fake = std::make_shared<Fake>();
  PromptCache cache("", fake, 5000);
  ASSERT_TRUE(cache.get({"v", "one"}).ok());
  ASSERT_TRUE(cache.get({"v", "two"}).ok());
  ASSERT_TRUE(cache.get({"v", "one"}).ok());
  ASSERT_TRUE(cache.get({"v", "three"}).ok());  // "two" goes
  ASSERT_TRUE(cache.get({"v", "one"}).ok());
  EXPECT_EQ(fake->calls, 3);
  ASSERT_TRUE(cache.get({"v", "two"}).ok());
  EXPECT_EQ(fake->calls, 4);
}

TEST(PromptCache, ManyThreadsOnePhraseOneSynthesis) {
  const test::Folder folder;
  auto fake = std::make_shared<Fake>();
  PromptCache cache(folder.path(), fake);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) EXPECT_TRUE(cache.get({"v", std::to_string(k)}).ok());
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(fake->calls, 20);
}

TEST(PromptCache, SeveralProcessesKilledAtAnyMomentLeaveWholeFiles) {
  const test::Folder folder;
  for (int round = 0; round < 6; ++round) {
    std::vector<pid_t> children;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    for (int c = 0; c < 2; ++c) {
      const pid_t child = ::fork();
      if (child == 0) {
        PromptCache cache(folder.path(), std::make_shared<Fake>());
        for (int k = 0;; ++k) {
          if (!cache.get({"v", std::to_string(round) + "/" + std::to_string(k % 40)}).ok()) ::_Exit(1);
          if (::write(ready[1], "x", 1) != 1) ::_Exit(0);
        }
      }
      children.push_back(child);
    }
    ::close(ready[1]);
    char c;
    for (int n = 0; n < 10 + 7 * round; ++n) ASSERT_EQ(::read(ready[0], &c, 1), 1);
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
    }
    ::close(ready[0]);
  }
  int whole = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    if (entry.path().extension() == ".wav") {
      EXPECT_NEAR(static_cast<double>(read_sound(entry.path()).value()->size()), 960, 40) << entry.path();
      ++whole;
    }
  EXPECT_GT(whole, 10);
}

TEST(PromptCache, RecordedFilesTakeThePlaceOfText) {
  const test::Folder folder;
  ASSERT_TRUE(write_sound(folder / "welcome.wav", tone(500, 300ms)).ok());
  std::ofstream(folder / "recorded.yaml") << "zh:\n  您好: welcome.wav\n";
  auto fake = std::make_shared<Fake>();
  PromptCache cache("", fake);
  ASSERT_TRUE(cache.load_recordings(folder / "recorded.yaml").ok());
  EXPECT_EQ(length_of(cache.get({"zh", "您好"}).value()), 300ms);
  EXPECT_EQ(length_of(cache.get({"zh", "您好", 300}).value()), 300ms);
  EXPECT_EQ(fake->calls, 0);
  std::ofstream(folder / "bad.yaml") << "zh:\n  再见: none.wav\n";
  const auto bad = cache.load_recordings(folder / "bad.yaml");
  EXPECT_EQ(bad.code(), ErrorCode::not_found);
  EXPECT_EQ(bad.error().place().line, 2u);
}

TEST(Espeak, SpeaksChineseAndEnglishWithoutClipping) {
  if (!have_espeak()) GTEST_SKIP() << "espeak-ng is not installed";
  EspeakSynthesiser speaker;
  for (const Speech& speech : {Speech{"cmn-latn-pinyin", "您好，欢迎致电一二三四五热线。"}, Speech{"yue", "您好"},
                               Speech{"en", "Welcome to the hotline."}}) {
    const Pcm sound = speaker.say(speech).value();
    EXPECT_GT(length_of(sound), 300ms) << speech.voice;
    EXPECT_GT(rms(*sound), 500) << speech.voice;
    EXPECT_LT(peak(*sound), 32767) << speech.voice;
  }
}

// The voice `cmn` reads many characters as English letters: the same text takes far longer there.
TEST(Espeak, PinyinAndCharactersSoundTheSame) {
  if (!have_espeak()) GTEST_SKIP() << "espeak-ng is not installed";
  EspeakSynthesiser speaker;
  const Pcm by_table = speaker.say({"cmn-latn-pinyin", "重庆"}).value();
  const Pcm by_hand = speaker.say({"cmn-latn-pinyin", " chong2qing4 "}).value();
  EXPECT_EQ(*by_table, *by_hand);
}

TEST(Espeak, RefusesWhatIsNotAVoiceOrTooLong) {
  EspeakSynthesiser speaker;
  EXPECT_EQ(speaker.say({"--help", "x"}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(speaker.say({"en; rm", "x"}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(speaker.say({"en", std::string(20000, 'x')}).code(), ErrorCode::invalid_argument);
  if (have_espeak()) { EXPECT_FALSE(speaker.say({"klingon-not-there", "x"}).ok()); }
  EXPECT_EQ(EspeakSynthesiser({.program = "no-such-speaker"}).say({"en", "x"}).code(), ErrorCode::unsupported);
  EspeakSynthesiser hostile;
  if (have_espeak()) { EXPECT_TRUE(hostile.say({"en", "-w /tmp/hotline-owned --help \"; $(touch x)"}).ok()); }
}
