// Holding, transferring, registering, supervising, and calls that come to nothing.
#include "host.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

auto phone(const Folder& folder, const std::string& name, BaresipPhone::Answer answer = BaresipPhone::Answer::automatic) {
  return BaresipPhone::start({.name = name, .folder = folder / name, .answer = answer}).value();
}

}  // namespace

TEST(Features, TonesInTheSoundAreIgnoredWhereEventsAreSpoken) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->record(leg, {.path = folder / "r.wav", .beep = false});
  const audio::Pcm tones = audio::make_pcm(audio::dtmf("555"));
  ASSERT_TRUE(citizen->say(tones).ok());
  std::this_thread::sleep_for(1s);
  ASSERT_TRUE(citizen->press("7").ok());
  EXPECT_EQ(host.next<event::Digit>().key, '7');
  EXPECT_EQ(host.count<event::Digit>(), 1u);
  host->stop_record(leg);
  host.next<event::Recorded>();
  EXPECT_GT(audio::align(*tones, *audio::read_sound(folder / "r.wav").value()).correlation, 0.8);  // they were there
}

TEST(Features, OurKeysAreHeardByTheTelephone) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->send_digits(leg, "42#");
  for (const char* key : {"4", "2", "#"}) {
    BaresipPhone::Event e;
    ASSERT_TRUE(citizen->wait("CALL_DTMF_START", kPatience, &e));
    EXPECT_EQ(e.text, key);
  }
}

TEST(Features, HoldIsTold) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  const audio::Pcm before = babble(20, 1s), after = babble(21, 1s);
  host->play(leg, {{before, {}}}, 1);
  EXPECT_TRUE(citizen->hears(before, kPatience, 0.98));
  ASSERT_TRUE(citizen->hold().ok());
  EXPECT_TRUE(host.next<event::Held>(leg).held);
  ASSERT_TRUE(citizen->resume().ok());
  EXPECT_FALSE(host.next<event::Held>(leg).held);
  // (baresip 1.0 decodes nothing after its own re-INVITE; what it says still comes.)
  host->record(leg, {.path = folder / "r.wav", .beep = false});
  ASSERT_TRUE(citizen->say(after).ok());
  std::this_thread::sleep_for(1500ms);
  host->stop_record(leg);
  host.next<event::Recorded>(leg);
  EXPECT_GE(audio::align(*after, *audio::read_sound(folder / "r.wav").value()).correlation, 0.97);
}

TEST(Features, TransferHandsTheCallerToAnotherTelephone) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen"), office = phone(folder, "office");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->transfer(leg, office->uri());
  EXPECT_TRUE(office->wait("CALL_ESTABLISHED", kPatience));
  const auto done = host.next<event::Transferred>(leg);
  EXPECT_TRUE(done.ok);
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
}

TEST(Features, ATransferToNobodyIsToldAndTheCallGoesOn) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->transfer(leg, "nobody");
  EXPECT_EQ(host.next<event::Transferred>(leg).status, 404);
  ASSERT_TRUE(citizen->press("1").ok());
  EXPECT_EQ(host.keys(1), "1");
}

TEST(Features, ATelephoneMayAskForATransfer) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto agent = phone(folder, "agent");
  const LegId leg = host->dial(agent->uri(), "12345", 20s);
  host.next<event::Answered>(leg);
  ASSERT_TRUE(agent->transfer("sip:office@127.0.0.1:5999").ok());
  const auto asked = host.next<event::TransferAsked>(leg);
  EXPECT_EQ(asked.to, "sip:office@127.0.0.1:5999");
}

TEST(Features, AgentsTelephonesRegisterAndAreDialledByName) {
  NEEDS("baresip");
  const Folder folder;
  Host host({.users = {{"1001", "secret"}}});
  const auto start = [&](const std::string& name, const std::string& password) {
    return BaresipPhone::start({.name = name, .folder = folder / (name + password), .registrar = host.address(),
                                .password = password}).value();
  };
  auto wrong = start("1001", "guess"), nobody = start("1002", "secret");
  ASSERT_TRUE(wrong->logs("401 Unauthorized", kPatience));
  ASSERT_TRUE(nobody->logs("401 Unauthorized", kPatience));
  EXPECT_TRUE(host->registrations().empty());
  auto agent = start("1001", "secret");
  ASSERT_TRUE(agent->logs("200 OK", kPatience));
  ASSERT_EQ(host->registrations().size(), 1u);
  EXPECT_EQ(host->registrations()[0].user, "1001");
  const LegId leg = host->dial("1001", "12345", 20s);
  host.next<event::Answered>(leg);
  EXPECT_EQ(host.next<event::HungUp>(host->dial("1002", "12345", 20s)).status, 404);
}

TEST(Features, CallsThatComeToNothing) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto agent = phone(folder, "agent", BaresipPhone::Answer::by_hand);
  const LegId refused = host->dial(agent->uri(), "12345", 20s);
  host.next<event::Ringing>(refused);
  ASSERT_TRUE(agent->hang_up().ok());
  EXPECT_GE(host.next<event::HungUp>(refused).status, 400);
  const LegId unanswered = host->dial(agent->uri(), "12345", 300ms);
  EXPECT_EQ(host.next<event::HungUp>(unanswered).status, 408);
  EXPECT_TRUE(agent->wait("CALL_CLOSED", kPatience));
  const LegId given_up = host->dial(agent->uri(), "12345", 20s);
  host.next<event::Ringing>(given_up);
  host->hang_up(given_up);
  host.next<event::HungUp>(given_up);
  for (const std::string to : {"sip:", "sip:a b", "sip:x@\r\nEvil: 1", "", "nobody", "sip:[::::", "http://x"})
    EXPECT_GE(host.next<event::HungUp>(host->dial(to, "12345", 1s)).status, 400) << to;
  EXPECT_EQ(host->figures().live, 0u);
}

TEST(Features, TheAgentAnswersByHand) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto agent = phone(folder, "agent", BaresipPhone::Answer::by_hand);
  const LegId leg = host->dial(agent->uri(), "citizen \"x\" <y>", 20s);
  host.next<event::Ringing>(leg);
  ASSERT_TRUE(agent->wait("CALL_INCOMING", kPatience));
  EXPECT_EQ(host.count<event::Answered>(leg), 0u);
  ASSERT_TRUE(agent->accept().ok());
  host.next<event::Answered>(leg);
}

TEST(Features, ASupervisorListensWhispersAndBarges) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen"), agent = phone(folder, "agent"), supervisor = phone(folder, "supervisor");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId c = host.answer();
  const LegId a = host->dial(agent->uri(), "12345", 20s), s = host->dial(supervisor->uri(), "12345", 20s);
  host.next<event::Answered>(a);
  host.next<event::Answered>(s);
  host->bridge(c, a);
  host->join(s, a, Endpoint::Join::listen);
  const audio::Pcm question = babble(31, 1500ms), hint = babble(32, 1500ms), all = babble(33, 1500ms);
  ASSERT_TRUE(citizen->say(question).ok());
  EXPECT_TRUE(supervisor->hears(question, kPatience, 0.97));
  EXPECT_TRUE(agent->hears(question, kPatience, 0.97));
  host->join(s, a, Endpoint::Join::whisper);
  ASSERT_TRUE(supervisor->say(hint).ok());
  EXPECT_TRUE(agent->hears(hint, kPatience, 0.97));
  host->join(s, a, Endpoint::Join::barge);
  ASSERT_TRUE(supervisor->say(all).ok());
  EXPECT_TRUE(citizen->hears(all, kPatience, 0.97));
  EXPECT_LT(audio::align(*hint, citizen->heard()).correlation, 0.3);  // the whisper was the agent's alone
}

TEST(Features, ASilentLineIsEnded) {
  NEEDS("sipp");
  const Folder folder;
  Host host({.silent_line = 400ms});
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  auto sipp = SippCaller::start({.folder = folder / "sipp", .target = host.address(),
                                 .scenario = SippCaller::scripted({.steps = {}, .hangs_up = false})}).value();
  EXPECT_EQ(host.next<event::HungUp>().status, 408);
  EXPECT_EQ(sipp.wait(kPatience).value().exit_status, 0);
}

TEST(Features, RecordingsEndBySilenceLengthAndError) {
  NEEDS("baresip");
  const Folder folder;
  Host host;
  auto citizen = phone(folder, "citizen");
  ASSERT_TRUE(citizen->dial(host.number("12345")).ok());
  const LegId leg = host.answer();
  host->record(leg, {.path = folder / "s.wav", .end_silence = 300ms, .beep = false});
  EXPECT_EQ(host.next<event::Recorded>(leg).ended_by, 's');
  host->record(leg, {.path = folder / "m.wav", .max = 200ms, .beep = false});
  const auto full = host.next<event::Recorded>(leg);
  EXPECT_EQ(full.ended_by, 'm');
  EXPECT_EQ(full.length, 200ms);
  host->record(leg, {.path = folder / "no/such/folder.wav", .beep = false});
  EXPECT_EQ(host.next<event::Recorded>(leg).ended_by, 'e');
  host->record(leg, {.path = folder / "x.wav"});
  host->stop_record(leg);
  EXPECT_EQ(host.next<event::Recorded>(leg).ended_by, 'x');
}

TEST(Features, APortIsTakenOnce) {
  Host host;
  const auto second = Endpoint::start({.port = static_cast<std::uint16_t>(std::stoi(host.address().substr(host.address().rfind(':') + 1)))},
                                      [](audio::TelephonyEvent) {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.code(), ErrorCode::unavailable);
  EXPECT_FALSE(Endpoint::start({.address = "example.org"}, [](audio::TelephonyEvent) {}).ok());
}
