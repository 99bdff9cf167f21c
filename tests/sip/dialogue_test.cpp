// What switches do that telephones seldom do, word for word.
#include "raw.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

void answers(Host& host) {
  host.when([&host](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
}
bool says(const std::string& message, const std::string& part) { return message.find(part) != message.npos; }

}  // namespace

TEST(Dialogue, AReliableRingingIsAcknowledged) {
  Host host;
  Raw raw(host);
  raw.invite("Require: 100rel\r\n", raw.sdp());
  const std::string ringing = raw.next("SIP/2.0 180");
  const std::string number = Raw::header(ringing, "RSeq");
  ASSERT_FALSE(number.empty()) << ringing;
  raw.request("PRACK", 2, "RAck: " + number + " 1 INVITE\r\n");
  EXPECT_TRUE(says(raw.next("SIP/2.0 200"), "PRACK"));
  const LegId leg = host.next<event::Incoming>().leg;
  host->answer(leg);
  EXPECT_TRUE(says(raw.next("SIP/2.0 200"), "m=audio"));
  raw.ack();
  host.next<event::Answered>(leg);
  raw.request("BYE", 3);
  raw.next("SIP/2.0 200");
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
}

TEST(Dialogue, AnOptionWeDoNotKnowIsRefusedByName) {
  Host host;
  Raw raw(host);
  raw.invite("Require: a-thing-of-tomorrow\r\n", raw.sdp());
  EXPECT_TRUE(says(raw.next("SIP/2.0 420"), "a-thing-of-tomorrow"));
}

TEST(Dialogue, SessionTimersOfASwitchAreRefreshed) {
  Host host;
  answers(host);
  Raw raw(host);
  raw.invite("Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n", raw.sdp());
  const std::string answer = raw.next("SIP/2.0 200");
  const std::string expires = Raw::header(answer, "Session-Expires");
  EXPECT_TRUE(expires.empty() || says(expires, "uac")) << answer;
  raw.ack();
  const LegId leg = host.next<event::Answered>().leg;
  raw.request("INVITE", 2, "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n", raw.sdp());
  EXPECT_TRUE(says(raw.next("SIP/2.0 200"), "m=audio"));
  raw.ack(2);
  raw.request("UPDATE", 3, "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n");
  raw.next("SIP/2.0 200");
  EXPECT_EQ(host.count<event::Held>(leg), 0u);
  EXPECT_EQ(host.count<event::HungUp>(leg), 0u);
}

TEST(Dialogue, OptionsAreAnsweredInAndOutOfACall) {
  Host host;
  answers(host);
  Raw outside(host), raw(host);
  outside.request("OPTIONS", 1);
  const std::string able = outside.next("SIP/2.0 200");
  EXPECT_TRUE(says(Raw::header(able, "Allow"), "INVITE")) << able;
  raw.dial(host);
  raw.request("OPTIONS", 2);
  raw.next("SIP/2.0 200");
}

TEST(Dialogue, AMethodWeDoNotHaveIsRefused) {
  Host host;
  Raw raw(host);
  raw.request("SUBSCRIBE", 1, "Event: presence\r\n");
  const std::string answer = raw.next("SIP/2.0 4");
  EXPECT_TRUE(says(answer, "405") || says(answer, "489")) << answer;
}

TEST(Dialogue, ACancelThatComesTooLateChangesNothing) {
  Host host;
  answers(host);
  Raw raw(host);
  raw.invite("", raw.sdp());
  raw.next("SIP/2.0 200");
  raw.of_invite("CANCEL");
  raw.next("SIP/2.0 ");
  raw.ack();
  const LegId leg = host.next<event::Answered>().leg;
  raw.request("BYE", 2);
  raw.next("SIP/2.0 200");
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
}

TEST(Dialogue, BothHangUpAtOnce) {
  Host host;
  Raw raw(host);
  const LegId leg = raw.dial(host);
  host->hang_up(leg);
  const std::string bye = raw.next("BYE ");
  raw.request("BYE", 2);
  raw.answer(bye, "200 OK");
  raw.next("SIP/2.0 ");
  host.next<event::HungUp>(leg);
  EXPECT_EQ(host.count<event::HungUp>(leg), 1u);
  EXPECT_EQ(host->figures().live, 0u);
}

TEST(Dialogue, HoldInEveryOldAndNewWay) {
  Host host;
  Raw raw(host);
  const LegId leg = raw.dial(host);
  std::string old = raw.sdp();
  while (says(old, "127.0.0.1\r\nt=")) old.replace(old.find("127.0.0.1\r\nt="), 9, "0.0.0.0");
  int number = 1;
  for (const std::string& description : {raw.sdp("8 101", "a=sendonly\r\n"), raw.sdp("8 101", "a=inactive\r\n"), old}) {
    raw.request("INVITE", ++number, "", description);
    const std::string answer = raw.next("SIP/2.0 200");
    EXPECT_FALSE(says(answer, "a=sendrecv") && description != old) << answer;
    raw.ack(number);
    EXPECT_TRUE(host.next<event::Held>(leg).held);
    raw.request("INVITE", ++number, "", raw.sdp());
    EXPECT_TRUE(says(raw.next("SIP/2.0 200"), "a=sendrecv"));
    raw.ack(number);
    EXPECT_FALSE(host.next<event::Held>(leg).held);
  }
}

TEST(Dialogue, FaxAndPicturesAreDeclinedTheCallGoesOn) {
  Host host;
  Raw raw(host);
  const LegId leg = raw.dial(host);
  raw.request("INVITE", 2, "", "v=0\r\no=raw 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image 4000 udptl t38\r\n");
  raw.next("SIP/2.0 488");
  raw.ack(2);
  raw.key(101, 5, 16000);
  EXPECT_EQ(host.next<event::Digit>(leg).key, '5');
}

TEST(Dialogue, OfTwoSoundsThePlainOneIsTaken) {
  Host host;
  answers(host);
  Raw raw(host);
  // A telephone that offers SRTP first and plain RTP too: line by line, the first declined (RFC 3264, 6).
  raw.invite("", "v=0\r\no=raw 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n"
                 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nm=audio 4002 RTP/AVP 0 8\r\n");
  const std::string answer = raw.next("SIP/2.0 200");
  EXPECT_TRUE(says(answer, "m=audio 0 RTP/SAVP 8\r\nm=audio ")) << answer;
  EXPECT_TRUE(says(answer, "RTP/AVP 0\r\n")) << "the caller's first choice";
}

// ── calls that we make ──────────────────────────────────────────────────────────────────────────────────────────

TEST(Dialogue, TheAnswerMayComeBeforeTheAnswer) {
  Host host;
  Raw raw(host);
  const LegId leg = host->dial(raw.uri(), "12345", 20s);
  const std::string invite = raw.next("INVITE ");
  raw.answer(invite, "183 Session Progress", "there", "", raw.sdp());
  host.next<event::Ringing>(leg);
  raw.answer(invite, "200 OK");  // without a description: it was in the 183
  raw.next("ACK ");
  host.next<event::Answered>(leg);
  EXPECT_FALSE(raw.hear().empty());
}

TEST(Dialogue, OfTwoTelephonesThatAnswerOneIsKept) {
  Host host;
  Raw raw(host);
  const LegId leg = host->dial(raw.uri(), "12345", 20s);
  const std::string invite = raw.next("INVITE ");
  raw.answer(invite, "180 Ringing", "one");
  raw.answer(invite, "180 Ringing", "two");
  raw.answer(invite, "200 OK", "two", "", raw.sdp());
  raw.next("ACK ");
  host.next<event::Answered>(leg);
  raw.answer(invite, "200 OK", "one", "", raw.sdp());
  EXPECT_TRUE(says(raw.next("ACK "), "tag=one"));
  const std::string bye = raw.next("BYE ");
  EXPECT_TRUE(says(Raw::header(bye, "To"), "tag=one")) << bye;
  raw.answer(bye, "200 OK");
  EXPECT_EQ(host.count<event::HungUp>(leg), 0u) << "the other goes on";
}

TEST(Dialogue, AnAnswerThatCrossesOurGivingUpIsHungUp) {
  Host host;
  Raw raw(host);
  const LegId leg = host->dial(raw.uri(), "12345", 20s);
  const std::string invite = raw.next("INVITE ");
  raw.answer(invite, "180 Ringing");
  host.next<event::Ringing>(leg);
  host->hang_up(leg);
  const std::string cancel = raw.next("CANCEL ");
  raw.answer(invite, "200 OK", "there", "", raw.sdp());
  raw.answer(cancel, "481 Too late");
  raw.next("ACK ");
  raw.answer(raw.next("BYE "), "200 OK");
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
  EXPECT_EQ(host.count<event::Answered>(leg), 0u);
}

TEST(Dialogue, AnAnswerWithoutSoundEndsTheCall) {
  Host host;
  Raw raw(host);
  const LegId leg = host->dial(raw.uri(), "12345", 20s);
  const std::string invite = raw.next("INVITE ");
  raw.answer(invite, "200 OK");
  raw.next("ACK ");
  raw.answer(raw.next("BYE "), "200 OK");
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 488);
}

TEST(Dialogue, AMovedTelephoneIsFollowed) {
  Host host;
  Raw moved(host), raw(host);
  const LegId leg = host->dial(moved.uri(), "12345", 20s);
  moved.answer(moved.next("INVITE "), "302 Moved Temporarily", "there", "", "", raw.uri());
  moved.next("ACK ");
  const std::string invite = raw.next("INVITE ");
  EXPECT_TRUE(says(invite, "m=audio")) << invite;
  raw.answer(invite, "200 OK", "there", "", raw.sdp());
  raw.next("ACK ");
  host.next<event::Answered>(leg);
}

// ── sound ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Sound, KeysUnderAnyPayloadType) {
  Host host;
  for (const int type : {96, 97, 100, 127}) {
    Raw raw(host);
    const std::string number = std::to_string(type);
    const LegId leg = raw.dial(host, "8 " + number, "a=rtpmap:" + number + " telephone-event/8000\r\na=fmtp:" + number + " 0-16\r\n");
    raw.key(static_cast<std::uint8_t>(type), 11, 8000);
    EXPECT_EQ(host.next<event::Digit>(leg).key, '#');
    host->hang_up(leg);
  }
}

TEST(Sound, SixMenuKeysInABurstOfLoss) {
  Host host;
  Raw raw(host);
  const LegId leg = raw.dial(host);
  std::array<std::uint8_t, 4> payload;
  for (std::uint8_t code = 1; code <= 6; ++code) {
    // Of each key only one packet in the middle and one of the three ends arrive.
    write_event(payload, {code, false, 480});
    raw.rtp(101, code * 2000u, payload);
    raw.skip_sequence();
    write_event(payload, {code, true, 800});
    raw.rtp(101, code * 2000u, payload);
  }
  EXPECT_EQ(host.keys(6, leg), "123456");
}

namespace {

// What the host records of a call that sends `sound` in packets of `samples`, of which some are lost, late or doubled.
audio::Samples recorded(Host& host, const Folder& folder, const audio::Samples& sound, std::size_t samples, int lost_of_100, bool disordered) {
  Raw raw(host);
  const LegId leg = raw.dial(host, "8", "a=ptime:" + std::to_string(samples / 8) + "\r\n");
  host->record(leg, {.path = folder / "r.wav", .beep = false});
  Random random(3);
  std::vector<std::pair<std::uint32_t, std::vector<std::uint8_t>>> packets;
  for (std::size_t at = 0; at + samples <= sound.size(); at += samples) {
    std::vector<std::uint8_t> payload;
    for (std::size_t i = 0; i < samples; ++i) payload.push_back(audio::encode_g711(audio::Law::a, sound[at + i]));
    packets.emplace_back(at, std::move(payload));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < packets.size(); ++i) {
    std::this_thread::sleep_until(begin + std::chrono::microseconds(packets[i].first * 125));  // a telephone's own rhythm
    if (static_cast<int>(random.below(100)) < lost_of_100) {
      raw.skip_sequence();
      continue;
    }
    if (disordered && i % 7 == 3 && i + 1 < packets.size()) std::swap(packets[i].second, packets[i + 1].second), std::swap(packets[i].first, packets[i + 1].first);
    raw.rtp(8, packets[i].first, packets[i].second);
    if (i % 11 == 5) raw.rtp(8, packets[i].first, packets[i].second);
  }
  std::this_thread::sleep_for(600ms);
  host->stop_record(leg);
  host.next<event::Recorded>(leg);
  host->hang_up(leg);
  host.next<event::HungUp>(leg);
  return *audio::read_sound(folder / "r.wav").value();
}

}  // namespace

TEST(Sound, PacketsOfTenThirtyAndSixtyMilliseconds) {
  const Folder folder;
  Host host;
  const audio::Samples sound = *babble(4, 1500ms);
  for (const std::size_t samples : {80u, 240u, 480u})
    EXPECT_GE(audio::align(audio::SampleView(sound).first(10000), recorded(host, folder, sound, samples, 0, false)).correlation, 0.99) << samples;
}

TEST(Sound, LossDisorderAndDoublesAreBornWithout) {
  const Folder folder;
  Host host;
  const audio::Samples sound = *babble(6, 3s);
  EXPECT_GE(audio::align(audio::SampleView(sound).first(22000), recorded(host, folder, sound, 160, 0, true)).correlation, 0.99) << "disorder and doubles lose nothing";
  EXPECT_GE(audio::align(audio::SampleView(sound).first(22000), recorded(host, folder, sound, 160, 5, true)).correlation, 0.9) << "one packet in twenty is lost";
}

TEST(Sound, ComfortNoiseAndReportsKeepALineAlive) {
  Host host({.silent_line = 1s});
  Raw talks(host), rests(host);
  const LegId resting = rests.dial(host, "8 13"), silent = talks.dial(host);
  const std::array<std::uint8_t, 1> noise{60};
  // Nothing at all is heard of the one; the other sends comfort noise (RFC 3389) of a payload type we did not agree to.
  for (std::uint32_t i = 1; host.count<event::HungUp>(silent) == 0 && i < 300; ++i) {
    rests.rtp(13, i * 800, noise);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(host.next<event::HungUp>(silent).status, 408);
  EXPECT_EQ(host.count<event::HungUp>(resting), 0u);
}

TEST(Sound, OverInternetProtocolSix) {
  Host host({.address = "::1"});
  Raw raw(host, "::1");
  const LegId leg = raw.dial(host);
  raw.key(101, 7, 8000);
  EXPECT_EQ(host.next<event::Digit>(leg).key, '7');
  Host other({.address = "::1"});
  answers(other);
  const LegId out = host->dial(other.number("12345"), "1001", 20s);
  host.next<event::Answered>(out);
  host->send_digits(out, "42");
  EXPECT_EQ(other.keys(2), "42");
}
