#include <gtest/gtest.h>

#include "hotline/audio/g711.hpp"
#include "hotline/audio/tones.hpp"
#include "sound.hpp"

using namespace hotline;
using namespace hotline::audio;
using namespace std::chrono_literals;

namespace {

struct Heard {
  std::string keys;
  std::vector<Duration> held;
};

Heard detect(const Samples& sound, std::size_t packet = 160) {
  Heard heard;
  DtmfDetector detector([&](char key, Duration held) {
    heard.keys += key;
    heard.held.push_back(held);
  });
  for (std::size_t at = 0; at < sound.size(); at += packet)
    detector.feed(SampleView(sound).subspan(at, std::min(packet, sound.size() - at)));
  detector.feed(Samples(800));
  return heard;
}

Samples through_a_law(Samples s) {
  for (auto& v : s) v = decode_g711(Law::a, encode_g711(Law::a, v));
  return s;
}

constexpr const char* kAll = "1234567890*#ABCD";

}  // namespace

TEST(Dtmf, EveryKeyIsHeardOnceInAnyPacketSize) {
  for (const std::size_t packet : {80u, 160u, 240u, 1000u}) EXPECT_EQ(detect(through_a_law(dtmf(kAll)), packet).keys, kAll);
}

// spandsp.h: a threshold above -99 is taken as it stands; -1 would be -1 dBm0 and hear nothing.
TEST(Dtmf, QuietKeysAreHeardToo) {
  Samples sound = dtmf(kAll);
  for (auto& s : sound) s = static_cast<std::int16_t>(s / 8);
  EXPECT_EQ(detect(sound).keys, kAll);
}

TEST(Dtmf, HeldIsMeasured) {
  const Heard heard = detect(dtmf("58", 400ms, 100ms));
  ASSERT_EQ(heard.keys, "58");
  for (const Duration held : heard.held) EXPECT_NEAR(static_cast<double>(held.count()) / 1e6, 400, 30);
}

TEST(Dtmf, TheSameKeyTwiceIsTwoKeys) { EXPECT_EQ(detect(dtmf("1122", 50ms, 50ms)).keys, "1122"); }

TEST(Dtmf, NoKeysInNoiseOrTones) {
  EXPECT_EQ(detect(test::noise(80000, 8000)).keys, "");
  EXPECT_EQ(detect(tone(770, 1s)).keys, "");
  EXPECT_EQ(detect(*special_information()).keys, "");
}

TEST(Dtmf, NoiseAtTwelveDecibelsDoesNoHarm) {
  Samples sound = dtmf("159D*0#A2", 70ms, 60ms);
  mix_into(sound, test::noise(sound.size(), static_cast<int>(rms(sound) / 4 * 1.7)));
  EXPECT_EQ(detect(sound).keys, "159D*0#A2");
}

TEST(Dtmf, ALostPacketInsideAKeyIsOneKey) {
  const Samples sound = dtmf("7", 200ms, 100ms);
  std::string keys;
  DtmfDetector detector([&](char key, Duration) { keys += key; });
  for (std::size_t at = 0; at < sound.size(); at += 160) {
    if (at == 800) detector.lost(160);
    else detector.feed(SampleView(sound).subspan(at, std::min<std::size_t>(160, sound.size() - at)));
  }
  detector.feed(Samples(800));
  EXPECT_EQ(keys, "7");
}

TEST(Dtmf, GeneratorTakesLettersPausesAndLongTexts) {
  EXPECT_EQ(detect(dtmf("a1,2w3 x4")).keys, "A1234");
  EXPECT_GE(length_of(dtmf("1,1").size()), 900ms);
  const std::string many(300, '5');
  EXPECT_EQ(detect(dtmf(many, 50ms, 50ms)).keys, many);
  EXPECT_TRUE(dtmf("").empty());
}
