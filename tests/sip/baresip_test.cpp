// Real telephones, real sound: baresip.
#include "host.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

TEST(Baresip, HearsThePromptAndItsKeysAreHeard) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto phone = BaresipPhone::start({.name = "citizen", .folder = folder / "citizen"}).value();
  ASSERT_TRUE(phone->dial(host.number("12345")).ok());
  const auto call = host.next<event::Incoming>();
  EXPECT_EQ(call.from, "citizen");
  EXPECT_EQ(call.to, "12345");
  host->answer(call.leg);
  host.next<event::Answered>(call.leg);
  const audio::Pcm prompt = babble(1, 3s);
  host->play(call.leg, {{prompt, {}}}, 7);
  const auto played = host.next<event::Played>(call.leg);
  EXPECT_EQ(played.play, 7u);
  EXPECT_TRUE(played.complete);
  EXPECT_EQ(played.position, 3s);
  EXPECT_TRUE(phone->hears(prompt, kPatience, 0.99));
  ASSERT_TRUE(phone->press("12*0#").ok());
  EXPECT_EQ(host.keys(5), "12*0#");
  EXPECT_EQ(host.count<event::Digit>(), 5u);
  ASSERT_TRUE(phone->hang_up().ok());
  const auto end = host.next<event::HungUp>(call.leg);
  EXPECT_EQ(end.status, 200);
  const audio::Alignment whole = audio::align(*prompt, phone->heard());
  EXPECT_GE(whole.correlation, 0.99);
}

TEST(Baresip, IsRecordedUntilTheHash) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto phone = BaresipPhone::start({.name = "citizen", .folder = folder / "citizen"}).value();
  ASSERT_TRUE(phone->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->record(leg, {.path = folder / "complaint.wav", .terminators = "#"});
  ASSERT_TRUE(phone->hears(audio::beep(), kPatience));
  const audio::Pcm speech = babble(2, 3s);
  ASSERT_TRUE(phone->say(speech).ok());
  std::this_thread::sleep_for(3300ms);  // the citizen speaks that long
  ASSERT_TRUE(phone->press("#").ok());
  const auto recorded = host.next<event::Recorded>(leg);
  EXPECT_EQ(recorded.ended_by, '#');
  EXPECT_EQ(host.count<event::Digit>(), 0u);
  const audio::Pcm kept = audio::read_sound(folder / "complaint.wav").value();
  EXPECT_EQ(audio::length_of(kept), recorded.length);
  EXPECT_GE(audio::align(*speech, *kept).correlation, 0.99);
  host->hang_up(leg);
  EXPECT_TRUE(phone->wait("CALL_CLOSED", kPatience));
}

TEST(Baresip, TwoTelephonesHearEachOtherThroughTheBridge) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = BaresipPhone::start({.name = "citizen", .folder = folder / "citizen"}).value();
  auto agent = BaresipPhone::start({.name = "agent", .folder = folder / "agent", .codecs = "PCMU/8000/1"}).value();
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId a = host.answer();
  const LegId b = host->dial(agent->uri(), "12345", 20s);
  host.next<event::Ringing>(b);
  host.next<event::Answered>(b);
  host->record_call(a, folder / "call.wav");
  host->bridge(a, b);
  const audio::Pcm question = babble(3, 2s), answer = babble(4, 2s);
  ASSERT_TRUE(citizen->say(question).ok());
  EXPECT_TRUE(agent->hears(question, kPatience, 0.98));
  ASSERT_TRUE(agent->say(answer).ok());
  EXPECT_TRUE(citizen->hears(answer, kPatience, 0.98));
  ASSERT_TRUE(agent->hang_up().ok());
  EXPECT_EQ(host.next<event::HungUp>(b).status, 200);
  host->hang_up(a);
  EXPECT_EQ(host.next<event::HungUp>(a).leg, a);
  const audio::Pcm call = audio::read_sound(folder / "call.wav").value();
  EXPECT_GE(audio::align(*question, *call).correlation, 0.97);
  EXPECT_GE(audio::align(*answer, *call).correlation, 0.97);
}
