#include "sip/sdp.hpp"

#include <gtest/gtest.h>

using namespace hotline;
using namespace hotline::sip;
using audio::Law;

namespace {

const std::vector<Law> kBoth{Law::a, Law::mu};

std::string offer(const std::string& media, const std::string& address = "192.0.2.9") {
  return "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" + media;
}
Agreement agreed(const std::string& media) { return agree(parse_sdp(offer(media)).value(), kBoth).value(); }

}  // namespace

TEST(Sdp, TheRemotesFirstChoiceIsTaken) {
  const Agreement mu = agreed("m=audio 4000 RTP/AVP 0 8\r\n");
  EXPECT_EQ(mu.law, Law::mu);
  EXPECT_EQ(mu.payload_type, 0);
  EXPECT_EQ(mu.event_type, -1);
  EXPECT_EQ(mu.port, 4000);
  EXPECT_EQ(mu.address, "192.0.2.9");
  const Agreement a = agreed("m=audio 4000 RTP/AVP 18 97 0\r\na=rtpmap:97 pcma/8000\r\n");
  EXPECT_EQ(a.law, Law::a);
  EXPECT_EQ(a.payload_type, 97);
}

// Assuming 101 makes a deaf telephone of every peer that uses 96.
TEST(Sdp, TheEventsPayloadTypeIsTheRemotes) {
  EXPECT_EQ(agreed("m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n").event_type, 96);
  EXPECT_EQ(agreed("m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/48000\r\n").event_type, -1);
  const std::string sdp = offer("m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n");
  const Sdp remote = parse_sdp(sdp).value();
  const std::string answer = make_answer({"127.0.0.1", 20000, 1, 1}, remote, *agree(remote, kBoth));
  EXPECT_NE(answer.find("m=audio 20000 RTP/AVP 8 96\r\n"), std::string::npos);
  EXPECT_NE(answer.find("a=rtpmap:96 telephone-event/8000"), std::string::npos);
}

TEST(Sdp, NothingInCommonIsNoAgreement) {
  const auto none = [](const std::string& media) { return !agree(parse_sdp(offer(media)).value(), kBoth); };
  EXPECT_TRUE(none("m=audio 4000 RTP/AVP 18 3\r\na=rtpmap:18 G729/8000\r\n"));
  EXPECT_TRUE(none("m=audio 4000 RTP/SAVP 8\r\n"));
  EXPECT_TRUE(none("m=audio 0 RTP/AVP 8\r\n"));
  EXPECT_TRUE(none("m=video 4000 RTP/AVP 8\r\n"));
  EXPECT_TRUE(none("m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/16000\r\n"));
  EXPECT_TRUE(none(""));
  EXPECT_FALSE(agree(parse_sdp(offer("m=audio 4000 RTP/AVP 0\r\n")).value(), {Law::a}));
}

TEST(Sdp, HoldInEveryWriting) {
  EXPECT_TRUE(agreed("m=audio 4000 RTP/AVP 8\r\n").we_send);
  const Agreement only = agreed("m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n");
  EXPECT_FALSE(only.we_send);
  EXPECT_TRUE(only.we_receive);
  EXPECT_FALSE(agreed("a=inactive\r\nm=audio 4000 RTP/AVP 8\r\n").we_receive);
  EXPECT_FALSE(agreed("m=audio 4000 RTP/AVP 8\r\nc=IN IP4 0.0.0.0\r\n").we_send);
  const Sdp held = parse_sdp(offer("m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n")).value();
  EXPECT_NE(make_answer({"127.0.0.1", 1, 1, 1}, held, *agree(held, kBoth)).find("a=recvonly"), std::string::npos);
}

TEST(Sdp, OtherMediaAreDeclinedInTheirPlace) {
  const Sdp remote = parse_sdp(offer("m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8\r\nm=audio 4002 RTP/AVP 0\r\n")).value();
  const std::string answer = make_answer({"127.0.0.1", 20000, 1, 1}, remote, *agree(remote, kBoth));
  const auto video = answer.find("m=video 0 RTP/AVP 31"), audio = answer.find("m=audio 20000"), second = answer.find("m=audio 0 ");
  ASSERT_NE(video, std::string::npos);
  EXPECT_LT(video, audio);
  EXPECT_LT(audio, second);
}

TEST(Sdp, OurOwnIsReadBack) {
  const Sdp own = parse_sdp(make_offer({"127.0.0.1", 20002, 5, 2}, kBoth)).value();
  const Agreement a = *agree(own, kBoth);
  EXPECT_EQ(a.law, Law::a);
  EXPECT_EQ(a.event_type, kOurEventType);
  EXPECT_EQ(a.port, 20002);
  const Sdp six = parse_sdp(make_offer({"::1", 20002, 5, 2}, kBoth)).value();
  EXPECT_EQ(six.media[0].address, "::1");
}

TEST(Sdp, WrongDescriptionsAreNamedByLine) {
  EXPECT_EQ(parse_sdp("").code(), ErrorCode::invalid_document);
  EXPECT_EQ(parse_sdp("hello").code(), ErrorCode::invalid_document);
  EXPECT_EQ(parse_sdp("v=1\r\n").code(), ErrorCode::invalid_document);
  const auto port = parse_sdp("v=0\r\ns=-\r\nm=audio 70000 RTP/AVP 8\r\n");
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().place().line, 3u);
  EXPECT_FALSE(parse_sdp("v=0\r\nm=audio\r\n").ok());
  EXPECT_FALSE(parse_sdp("v=0\r\nc=IN\r\n").ok());
  EXPECT_FALSE(parse_sdp("v=0\r\nnonsense\r\n").ok());
  EXPECT_EQ(parse_sdp("v=0\r\n" + std::string(70000, 'a')).code(), ErrorCode::limit);
  std::string many = "v=0\r\n";
  for (int i = 0; i < 40; ++i) many += "m=audio 1 RTP/AVP 8\r\n";
  EXPECT_EQ(parse_sdp(many).code(), ErrorCode::limit);
  EXPECT_TRUE(parse_sdp("v=0\nm=audio 4000/2 rtp/avp 8 x 999 -1\n").ok());
}
