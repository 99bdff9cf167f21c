#include <gtest/gtest.h>

extern "C" {
#include <spandsp.h>
}

#undef min
#undef max

#include "hotline/audio/align.hpp"
#include "hotline/audio/g711.hpp"
#include "hotline/audio/pcm.hpp"
#include "hotline/audio/tones.hpp"
#include "sound.hpp"

using namespace hotline;
using namespace hotline::audio;
using namespace std::chrono_literals;

TEST(G711, EqualsSpandspOnEveryByteAndSample) {
  for (int b = 0; b < 256; ++b) {
    EXPECT_EQ(decode_g711(Law::a, static_cast<std::uint8_t>(b)), alaw_to_linear(static_cast<std::uint8_t>(b)));
    EXPECT_EQ(decode_g711(Law::mu, static_cast<std::uint8_t>(b)), ulaw_to_linear(static_cast<std::uint8_t>(b)));
  }
  for (int s = -32768; s < 32768; ++s) {
    const auto sample = static_cast<std::int16_t>(s);
    ASSERT_EQ(encode_g711(Law::a, sample), linear_to_alaw(s)) << s;
    ASSERT_EQ(decode_g711(Law::mu, encode_g711(Law::mu, sample)), ulaw_to_linear(linear_to_ulaw(s))) << s;
  }
}

TEST(G711, PassingOnLosesNothing) {
  for (const Law law : {Law::a, Law::mu})
    for (int b = 0; b < 256; ++b) {
      const std::int16_t once = decode_g711(law, static_cast<std::uint8_t>(b));
      EXPECT_EQ(decode_g711(law, encode_g711(law, once)), once);
    }
}

TEST(Pcm, MixingSaturatesOnceAtTheEnd) {
  const Samples loud(4, 30000), quiet(4, -30000), half(2, 5);
  Samples out(4);
  mix(out, std::vector<SampleView>{loud, loud, quiet});
  EXPECT_EQ(out, Samples(4, 30000));
  mix(out, std::vector<SampleView>{loud, loud});
  EXPECT_EQ(out, Samples(4, 32767));
  mix_into(out, half);
  EXPECT_EQ(out, (Samples{32767, 32767, 32767, 32767}));
  Samples low(1, -32768);
  mix_into(low, quiet);
  EXPECT_EQ(low[0], -32768);
}

TEST(Pcm, TrimKeepsTheMarginAndNothingOfSilence) {
  Samples s(8000);
  s[3000] = 400;
  s[4000] = -400;
  const SampleView kept = trim(s, 300, 10ms);
  EXPECT_EQ(kept.size(), 1001u + 160u);
  EXPECT_TRUE(trim(Samples(100, 299)).empty());
  EXPECT_TRUE(trim({}).empty());
  Samples edge(10, 500);
  EXPECT_EQ(trim(edge).size(), 10u);
}

TEST(Pcm, ConcatenationFadesWithoutSteps) {
  const Pcm a = make_pcm(Samples(800, 10000)), b = make_pcm(Samples(800, -10000));
  const Samples out = concatenate(std::vector<Pcm>{a, b, nullptr, make_pcm({})});
  EXPECT_EQ(out.size(), 1560u);
  int step = 0;
  for (std::size_t i = 1; i < out.size(); ++i) step = std::max(step, std::abs(out[i] - out[i - 1]));
  EXPECT_LE(step, 501);
  const Pcm tiny = make_pcm(Samples(10, 1));
  EXPECT_EQ(concatenate(std::vector<Pcm>{a, tiny, b}).size(), 1610u);
}

TEST(Pcm, SilenceIsMeasured) {
  SilenceDetector detector;
  detector.feed(Samples(8000));
  EXPECT_FALSE(detector.heard_anything());
  EXPECT_EQ(detector.silent_for(), 1s);
  detector.feed(test::noise(1600, 3000));
  EXPECT_TRUE(detector.heard_anything());
  EXPECT_EQ(detector.silent_for(), 0s);
  detector.feed(test::noise(4000, 50));
  EXPECT_EQ(detector.silent_for(), 500ms);
}

TEST(Align, FindsASoundAtItsPlaceAndItsVolume) {
  const Samples reference = test::noise(4000, 8000, 7);
  Samples heard = test::noise(40000, 200, 8);
  for (std::size_t i = 0; i < reference.size(); ++i) heard[12345 + i] = static_cast<std::int16_t>(heard[12345 + i] + reference[i] / 2);
  const Alignment found = align(reference, heard);
  EXPECT_EQ(found.at, 12345u);
  EXPECT_GT(found.correlation, 0.99);
}

TEST(Align, RefusesWhatIsNotThere) {
  const Samples reference = test::noise(4000, 8000, 7);
  EXPECT_LT(align(reference, test::noise(40000, 8000, 9)).correlation, 0.2);
  EXPECT_EQ(align(reference, Samples(40000)).correlation, 0);
  EXPECT_EQ(align(reference, Samples(100)).correlation, 0);
  EXPECT_EQ(align({}, reference).correlation, 0);
  Samples inverse = reference;
  for (auto& s : inverse) s = static_cast<std::int16_t>(-s);
  EXPECT_LT(align(reference, inverse).correlation, -0.99);
}

TEST(Tones, ChinaRingsAtFourHundredFiftyHertz) {
  EXPECT_EQ(length_of(ring_back()), 5s);
  EXPECT_EQ(length_of(busy()), 700ms);
  int crossings = 0;
  const Pcm ring = ring_back();
  for (std::size_t i = 1; i < 8000; ++i) crossings += ((*ring)[i - 1] < 0) != ((*ring)[i] < 0);
  EXPECT_NEAR(crossings, 900, 4);
  EXPECT_GT(peak(*special_information()), 5000);
}
