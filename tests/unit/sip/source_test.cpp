#include <gtest/gtest.h>

#include "sip/address.hpp"
#include "sip/conference.hpp"
#include "sip/sockets.hpp"

using namespace hotline;
using namespace hotline::sip;
using audio::LegId;
using Verdict = SourceGuard::Verdict;

namespace {

Address at(const std::string& host, std::uint16_t port) { return Address::from(host, port).value(); }

}  // namespace

TEST(Address, NumbersOnly) {
  EXPECT_EQ(at("192.0.2.1", 7).port(), 7);
  EXPECT_TRUE(at("::1", 7) == at("::1", 7));
  EXPECT_FALSE(at("::1", 7) == at("192.0.2.1", 7));
  EXPECT_FALSE(Address::from("example.org", 7));
  EXPECT_FALSE(Address::from("", 7));
  EXPECT_EQ(at("::1", 7).with_port(9).port(), 9);
}

TEST(Source, TheDescriptionsAddressIsBelievedAtOnce) {
  SourceGuard guard;
  guard.expect(at("192.0.2.1", 4000));
  EXPECT_EQ(guard.judge(at("192.0.2.1", 4000), 1, 1), Verdict::accept);
  EXPECT_EQ(guard.judge(at("192.0.2.66", 4000), 1, 2), Verdict::drop);
  for (std::uint16_t s = 3; s < 200; ++s) EXPECT_EQ(guard.judge(at("192.0.2.66", 4000), 9, s), Verdict::drop);
  EXPECT_TRUE(guard.target() == at("192.0.2.1", 4000));
}

TEST(Source, ATelephoneBehindANatIsLearntAfterFourPackets) {
  SourceGuard guard;
  guard.expect(at("10.0.0.5", 4000));
  EXPECT_TRUE(guard.target() == at("10.0.0.5", 4000));
  EXPECT_EQ(guard.judge(at("192.0.2.1", 61000), 1, 1), Verdict::wait);
  EXPECT_EQ(guard.judge(at("192.0.2.1", 61000), 1, 2), Verdict::wait);
  EXPECT_EQ(guard.judge(at("192.0.2.1", 61000), 1, 4), Verdict::wait);
  EXPECT_EQ(guard.judge(at("192.0.2.1", 61000), 1, 5), Verdict::accept);
  EXPECT_TRUE(guard.target() == at("192.0.2.1", 61000));
}

TEST(Source, StrangersBetweenDoNotKeepTheRightOneOut) {
  SourceGuard guard;
  guard.expect(at("10.0.0.5", 4000));
  int accepted = 0;
  std::uint16_t stranger = 1;
  for (std::uint16_t s = 1; s <= 4; ++s) {
    accepted += guard.judge(at("192.0.2.1", 61000), 1, s) == Verdict::accept;
    for (int i = 0; i < 6; ++i) accepted += guard.judge(at("198.51.100.7", ++stranger), 7, 77) == Verdict::accept;
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_TRUE(guard.target() == at("192.0.2.1", 61000));
}

TEST(Source, OnlyItsOwnHostMayMoveAndOnlyAfterSilence) {
  SourceGuard guard;
  guard.expect(at("192.0.2.1", 4000));
  EXPECT_EQ(guard.judge(at("192.0.2.1", 4000), 1, 1), Verdict::accept);
  for (std::uint16_t s = 2; s < 20; ++s) EXPECT_EQ(guard.judge(at("192.0.2.1", 5000), 1, s), Verdict::drop);
  for (int i = 0; i < 200; ++i) guard.tick();
  for (std::uint16_t s = 2; s < 20; ++s) EXPECT_EQ(guard.judge(at("192.0.2.66", 5000), 1, s), Verdict::drop);
  Verdict last = Verdict::drop;
  for (std::uint16_t s = 20; s < 24; ++s) last = guard.judge(at("192.0.2.1", 5000), 1, s);
  EXPECT_EQ(last, Verdict::accept);
  guard.expect(at("192.0.2.9", 6000));  // a new description
  EXPECT_TRUE(guard.target() == at("192.0.2.9", 6000));
}

TEST(Ports, ArePairsAndRunOut) {
  const std::uint16_t first = 28400;
  PortRange range("127.0.0.1", first, first + 7);
  std::vector<SocketPair> held;
  for (;;) {
    auto pair = range.open();
    if (!pair.ok()) {
      EXPECT_EQ(pair.code(), ErrorCode::limit);
      break;
    }
    EXPECT_EQ(pair->port() % 2, 0);
    EXPECT_GE(pair->port(), first);
    EXPECT_LE(pair->port() + 1, first + 7);
    held.push_back(*std::move(pair));
  }
  EXPECT_LE(held.size(), 4u);
  EXPECT_GE(held.size(), 1u);
  held.clear();
  EXPECT_TRUE(range.open().ok());
  EXPECT_EQ(PortRange("not-an-ip", 1, 2).open().code(), ErrorCode::invalid_argument);
}

namespace {

using Frame = std::array<std::int16_t, Conference::kFrame>;

// What each of `legs` hears when leg n says n * 100, after a few frames.
std::vector<int> hear(Conference& conference, const std::vector<LegId>& legs) {
  std::vector<int> out(legs.size());
  for (int round = 0; round < 4; ++round)
    for (std::size_t i = 0; i < legs.size(); ++i) {
      Frame said, heard{};
      said.fill(static_cast<std::int16_t>(legs[i].value * 100));
      conference.exchange(legs[i], said, heard);
      out[i] = heard[0];
    }
  return out;
}

}  // namespace

TEST(Conference, PartiesHearEachOtherAndNotThemselves) {
  Conference conference;
  const std::vector<LegId> legs{LegId{1}, LegId{2}, LegId{4}};
  for (const LegId leg : legs) conference.join(leg, Conference::Role::party);
  EXPECT_EQ(hear(conference, legs), (std::vector<int>{600, 500, 300}));
  conference.leave(LegId{4});
  EXPECT_EQ(hear(conference, {LegId{1}, LegId{2}}), (std::vector<int>{200, 100}));
}

TEST(Conference, SupervisorsListenWhisperAndBarge) {
  Conference conference;
  const LegId citizen{1}, agent{2}, supervisor{4};
  conference.join(citizen, Conference::Role::party);
  conference.join(agent, Conference::Role::party);
  const std::vector<LegId> legs{citizen, agent, supervisor};
  conference.join(supervisor, Conference::Role::listen, agent);
  EXPECT_EQ(hear(conference, legs), (std::vector<int>{200, 100, 300}));
  conference.join(supervisor, Conference::Role::whisper, agent);
  EXPECT_EQ(hear(conference, legs), (std::vector<int>{200, 500, 300}));
  conference.join(supervisor, Conference::Role::barge, agent);
  EXPECT_EQ(hear(conference, legs), (std::vector<int>{600, 500, 300}));
}

TEST(Conference, EveryFrameIsHeardOnceWhoeverTicksFirst) {
  Conference conference;
  conference.join(LegId{1}, Conference::Role::party);
  conference.join(LegId{2}, Conference::Role::party);
  std::vector<int> heard_by_two;
  for (int i = 1; i <= 50; ++i) {
    Frame said, heard{};
    const auto one = [&] {
      said.fill(static_cast<std::int16_t>(i));
      conference.exchange(LegId{1}, said, heard);
    };
    if (i % 3 != 0) one();  // the order changes, as it does between two pacers
    Frame silent{}, out{};
    conference.exchange(LegId{2}, silent, out);
    if (i > 2) heard_by_two.push_back(out[0]);
    if (i % 3 == 0) one();
  }
  for (std::size_t i = 1; i < heard_by_two.size(); ++i) EXPECT_EQ(heard_by_two[i], heard_by_two[i - 1] + 1);
}
