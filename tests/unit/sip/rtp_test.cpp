#include "sip/rtp.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "sip/jitter.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace std::chrono_literals;

namespace {

using Data = std::vector<std::uint8_t>;

Data packet(Data head, std::size_t payload) {
  head.resize(head.size() + payload, 7);
  return head;
}
const Data kHead{0x80, 0x88, 0x12, 0x34, 0, 0, 0, 160, 1, 2, 3, 4};

}  // namespace

TEST(Rtp, IsReadAndWritten) {
  const Data bytes = packet(kHead, 240);
  const auto p = parse_rtp(bytes).value();
  EXPECT_TRUE(p.marker);
  EXPECT_EQ(p.payload_type, 8);
  EXPECT_EQ(p.sequence, 0x1234);
  EXPECT_EQ(p.timestamp, 160u);
  EXPECT_EQ(p.ssrc, 0x01020304u);
  EXPECT_EQ(p.payload.size(), 240u);
  Data again(kRtpHeader + 240);
  EXPECT_EQ(write_rtp(again, p), again.size());
  EXPECT_EQ(again, bytes);
}

TEST(Rtp, PaddingExtensionsAndContributorsArePeeledOff) {
  Data padded = packet(kHead, 10);
  padded[0] |= 0x20;
  padded.back() = 4;
  EXPECT_EQ(parse_rtp(padded)->payload.size(), 6u);
  Data extended = kHead;
  extended[0] |= 0x12;  // extension, two contributors
  extended.resize(extended.size() + 8);
  const Data extension{0xbe, 0xde, 0, 1, 9, 9, 9, 9};
  extended.insert(extended.end(), extension.begin(), extension.end());
  EXPECT_EQ(parse_rtp(packet(extended, 5))->payload.size(), 5u);
}

TEST(Rtp, WhatIsNotRtpIsNothing) {
  EXPECT_FALSE(parse_rtp(Data{}));
  EXPECT_FALSE(parse_rtp(Data(11, 0x80)));
  Data version = packet(kHead, 4);
  version[0] = 0x40;
  EXPECT_FALSE(parse_rtp(version));
  Data padding = packet(kHead, 4);
  padding[0] |= 0x20;
  padding.back() = 200;
  EXPECT_FALSE(parse_rtp(padding));
  padding.back() = 0;
  EXPECT_FALSE(parse_rtp(padding));
  Data contributors = kHead;
  contributors[0] |= 0x0f;
  EXPECT_FALSE(parse_rtp(contributors));
  Data extension = kHead;
  extension[0] |= 0x10;
  extension.insert(extension.end(), {0, 0, 0xff, 0xff});
  EXPECT_FALSE(parse_rtp(extension));
}

TEST(Events, KeysHaveCodes) {
  for (const char key : std::string_view("0123456789*#ABCD")) EXPECT_EQ(key_of(static_cast<std::uint8_t>(code_of(key))), key);
  EXPECT_EQ(code_of('b'), 13);
  EXPECT_EQ(code_of('x'), -1);
  EXPECT_EQ(code_of('\0'), -1);
  EXPECT_EQ(key_of(16), '\0');
  std::array<std::uint8_t, 4> bytes;
  write_event(bytes, {11, true, 800});
  const auto e = parse_event(bytes).value();
  EXPECT_EQ(e.code, 11);
  EXPECT_TRUE(e.end);
  EXPECT_EQ(e.duration, 800);
  EXPECT_FALSE(parse_event(Bytes(bytes).first(3)));
}

TEST(Events, OneKeyIsReportedOnceHoweverManyPacketsTellOfIt) {
  EventReceiver receiver;
  for (std::uint16_t d = 160; d <= 800; d = static_cast<std::uint16_t>(d + 160)) EXPECT_FALSE(receiver.take(1000, {5, false, d}));
  const auto key = receiver.take(1000, {5, true, 960}).value();
  EXPECT_EQ(key.key, '5');
  EXPECT_EQ(key.held, 120ms);
  EXPECT_FALSE(receiver.take(1000, {5, true, 960}));
  EXPECT_FALSE(receiver.take(1000, {5, true, 960}));
  EXPECT_FALSE(receiver.take(1000, {5, false, 800}));  // late
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(receiver.tick(160));
}

TEST(Events, TheSameKeyAgainIsANewTimestamp) {
  EventReceiver receiver;
  EXPECT_EQ(receiver.take(1000, {1, true, 800})->key, '1');
  EXPECT_EQ(receiver.take(5000, {1, true, 800})->key, '1');
  EXPECT_FALSE(receiver.take(1000, {1, true, 800}));  // the first one's third end, reordered
}

TEST(Events, ALostEndIsNoLostKey) {
  EventReceiver receiver;
  EXPECT_FALSE(receiver.take(1000, {1, false, 160}));
  EXPECT_EQ(receiver.take(3000, {2, false, 160})->key, '1');
  int frames = 0;
  std::optional<EventReceiver::Key> key;
  while (!key && ++frames < 100) key = receiver.tick(160);
  EXPECT_EQ(key->key, '2');
  EXPECT_LE(frames, 8);
}

TEST(Events, ALostEndAndThenOnlyAnEndAreTwoKeys) {
  EventReceiver receiver;
  EXPECT_FALSE(receiver.take(1000, {1, false, 160}));
  EXPECT_EQ(receiver.take(3000, {2, true, 800})->key, '1');
  EXPECT_EQ(receiver.take(3000, {2, true, 800})->key, '2');
  EXPECT_FALSE(receiver.take(3000, {2, true, 800}));
}

TEST(Events, OtherEventsAndWrappedClocksDoNoHarm) {
  EventReceiver receiver;
  EXPECT_FALSE(receiver.take(1000, {200, true, 800}));
  EXPECT_EQ(receiver.take(0xffffff00u, {1, true, 800})->key, '1');
  EXPECT_EQ(receiver.take(0x00000400u, {2, true, 800})->key, '2');
  EXPECT_EQ(receiver.take(0x80000000u, {3, true, 800})->key, '3');  // the sender began anew
}

namespace {

struct Player {
  JitterBuffer buffer;
  std::uint32_t sent = 5000;
  std::uint8_t value = 0;
  // A packet of `size` samples, each with the next value.
  void send(std::uint32_t size, std::uint32_t ssrc = 1) {
    buffer.put(ssrc, sent, make(size));
    sent += size;
  }
  Data make(std::uint32_t size) {
    Data d(size);
    for (auto& b : d) b = value++;
    return d;
  }
  Data play(int frames) {
    Data out;
    for (int i = 0; i < frames; ++i) {
      std::array<std::uint8_t, 160> frame;
      frame.fill(0xD5);
      buffer.get(frame);
      out.insert(out.end(), frame.begin(), frame.end());
    }
    return out;
  }
};

// How many steps in `data` are not "the next value", outside the filling.
int breaks(const Data& data) {
  int n = 0;
  for (std::size_t i = 1; i < data.size(); ++i) n += static_cast<std::uint8_t>(data[i] - data[i - 1]) != 1;
  return n;
}

}  // namespace

TEST(Jitter, AnyPacketSizeComesOutInFrames) {
  for (const std::uint32_t size : {80u, 160u, 240u, 320u, 33u}) {
    Player p;
    for (int i = 0; i < 12; ++i) p.send(size);
    const Data out = p.play(3 + static_cast<int>(12 * size / 160));
    const Data sound(out.begin() + 480, out.begin() + 480 + static_cast<std::ptrdiff_t>(12 * size / 160 * 160));
    EXPECT_EQ(breaks(sound), 0) << size;
    EXPECT_EQ(sound[0], 0) << size;
  }
}

TEST(Jitter, OrderAndRepetitionDoNotMatter) {
  Player p;
  const Data a = p.make(160), b = p.make(160), c = p.make(160);
  p.buffer.put(1, 1000, a);
  p.buffer.put(1, 1320, c);
  p.buffer.put(1, 1160, b);
  p.buffer.put(1, 1160, b);
  const Data out = p.play(6);
  EXPECT_EQ(breaks(Data(out.begin() + 480, out.end())), 0);
}

TEST(Jitter, ALostPacketLeavesItsPlaceEmpty) {
  Player p;
  p.send(160);
  p.sent += 160;
  p.send(160);
  p.play(3);
  std::array<std::uint8_t, 160> frame;
  EXPECT_EQ(p.buffer.get(frame), 160u);
  EXPECT_EQ(p.buffer.get(frame), 0u);
  EXPECT_EQ(p.buffer.get(frame), 160u);
}

TEST(Jitter, ASlowSenderIsWaitedForAndAFastOneCaughtUpWith) {
  Player p;
  for (int i = 0; i < 5; ++i) p.send(160);
  p.play(20);  // it fell behind
  for (int i = 0; i < 8; ++i) p.send(160);
  const Data out = p.play(12);
  EXPECT_EQ(std::count(out.begin(), out.end(), 0xD5) < 900, true);
  EXPECT_EQ(p.buffer.figures().restarts, 1u);
  for (int i = 0; i < 30; ++i) p.send(160);
  for (int i = 0; i < 200; ++i) {
    p.send(160);
    p.play(1);
  }
  EXPECT_GE(p.buffer.figures().dropped_frames, 3u);
}

TEST(Jitter, JumpsAndNewStreamsBeginAnew) {
  Player p;
  p.send(160);
  p.sent += 1'000'000;
  p.send(160);
  EXPECT_EQ(p.buffer.figures().restarts, 1u);
  p.send(160, 2);
  EXPECT_EQ(p.buffer.figures().restarts, 2u);
  p.sent -= 500'000;
  p.send(160, 2);
  EXPECT_EQ(p.buffer.figures().restarts, 3u);
  p.buffer.put(2, p.sent, Data(5000));  // larger than any packet of sound
  p.buffer.put(2, p.sent, {});
  EXPECT_EQ(p.buffer.figures().packets, 4u);
}

TEST(Rtcp, ReportsAreWellFormed) {
  std::array<std::uint8_t, 256> bytes;
  const std::size_t size = write_sender_report(bytes, {1, 2, 3, 4, 5}, "hotline");
  EXPECT_EQ(size % 4, 0u);
  EXPECT_EQ(bytes[1], 200);
  EXPECT_EQ(bytes[28 + 1], 202);
  EXPECT_EQ((bytes[3] + 1) * 4 + (bytes[31] + 1) * 4, static_cast<int>(size));
  EXPECT_EQ(write_bye(bytes, 7), 16u);
}
