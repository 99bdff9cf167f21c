// Real telephones, real sound: sipp.
#include "host.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

SippCaller::Figures run(Host& host, const std::string& folder, const SippCaller::Script& script) {
  return SippCaller::start({.folder = folder, .target = host.address(), .scenario = SippCaller::scripted(script)})
      .value().wait(kPatience).value();
}

// A scenario with an INVITE of our choice, and what must come.
std::string invite(const std::string& sdp, const std::string& rest, const std::string& ringing = "<recv response=\"180\" optional=\"true\"/>\n") {
  return "<?xml version=\"1.0\" ?>\n<scenario name=\"x\">\n<send retrans=\"500\"><![CDATA[\n"
         "INVITE sip:12345@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
         "From: <sip:sipp@[local_ip]>;tag=[call_number]\nTo: <sip:12345@[remote_ip]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n"
         "Contact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\nContent-Type: application/sdp\nContent-Length: [len]\n\n" +
         sdp + "\n]]></send>\n<recv response=\"100\" optional=\"true\"/>\n" + ringing + rest + "</scenario>\n";
}
std::string ack(const std::string& method = "ACK", const std::string& branch = "[branch]", const std::string& to_tag = "[peer_tag_param]") {
  return "<send><![CDATA[\n" + method + " sip:12345@[remote_ip]:[remote_port] SIP/2.0\n"
         "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=" + branch + "\n"
         "From: <sip:sipp@[local_ip]>;tag=[call_number]\nTo: <sip:12345@[remote_ip]>" + to_tag + "\nCall-ID: [call_id]\n"
         "CSeq: 1 " + method + "\nMax-Forwards: 70\nContent-Length: 0\n\n]]></send>\n";
}
std::string recv(int status) { return "<recv response=\"" + std::to_string(status) + "\"/>\n"; }

const std::string kHead = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n";

}  // namespace

// Its packets are 30 ms long, and its keys have payload type 101.
TEST(Sipp, SpeechAndKeysInPacketsOfThirtyMilliseconds) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* up = std::get_if<event::Answered>(&e)) host->record(up->leg, {.path = folder / "r.wav", .beep = false});
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  EXPECT_EQ(run(host, folder / "sipp", {{"speech 2500", "1", "*", "#", "wait 300"}}).exit_status, 0);
  EXPECT_EQ(host.keys(3), "1*#");
  EXPECT_EQ(host.count<event::Digit>(), 3u);
  const auto recorded = host.next<event::Recorded>();
  EXPECT_EQ(recorded.ended_by, 'h');
  const audio::Pcm sound = audio::read_sound(folder / "r.wav").value();
  EXPECT_GT(audio::length_of(sound), 3s);
  EXPECT_GT(audio::rms(audio::SampleView(*sound).subspan(8000, 8000)), 300);
  EXPECT_EQ(host.next<event::HungUp>().status, 200);
}

TEST(Sipp, KeysInTheSoundCountWhereNoEventsAreSpoken) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  std::filesystem::create_directories(folder / "sipp");
  audio::Samples keys(1600);
  const audio::Samples tones = audio::dtmf("2580*", 100ms, 100ms);
  keys.insert(keys.end(), tones.begin(), tones.end());
  keys.resize(keys.size() + 1600);
  ASSERT_TRUE(SippCaller::write_pcap(folder / "sipp/keys.pcap", keys, 240).ok());
  EXPECT_EQ(run(host, folder / "sipp", {.steps = {"file keys.pcap 2000"}, .keys_as_events = false}).exit_status, 0);
  EXPECT_EQ(host.keys(5), "2580*");
  for (const auto& e : host.all())
    if (const auto* digit = std::get_if<event::Digit>(&e)) { EXPECT_EQ(digit->source, audio::DigitSource::inband); }
}

TEST(Sipp, WhatASippHearsMayBeSpokenByUsAnyWay) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
    if (const auto* up = std::get_if<event::Answered>(&e)) host->record(up->leg, {.path = folder / "r.wav", .beep = false});
  });
  std::filesystem::create_directories(folder / "sipp");
  const audio::Pcm speech = babble(5, 2s);
  ASSERT_TRUE(SippCaller::write_pcap(folder / "sipp/speech.pcap", *speech, 80).ok());  // 10 ms packets
  EXPECT_EQ(run(host, folder / "sipp", {.steps = {"wait 200", "file speech.pcap 2600"}}).exit_status, 0);
  host.next<event::Recorded>();
  EXPECT_GE(audio::align(audio::SampleView(*speech).subspan(800), *audio::read_sound(folder / "r.wav").value()).correlation, 0.99);
}

TEST(Sipp, LateOfferIsAnsweredWithOursAndPlays) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  EXPECT_EQ(run(host, folder / "sipp", {.steps = {"7", "wait 300"}, .offers = false}).exit_status, 0);
  EXPECT_EQ(host.keys(1), "7");
}

// Both sofia-sip and libre, left to themselves, answer 200 with `m=audio 0`.
TEST(Sipp, NoCommonCodecIs488) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  const auto offer = [&](const std::string& media, int status) {
    return SippCaller::start({.folder = folder / "sipp", .target = host.address(),
                              .scenario = invite(kHead + media, recv(status) + ack("ACK", "[branch-4]"))})
        .value().wait(kPatience).value().exit_status;
  };
  EXPECT_EQ(offer("m=audio 4000 RTP/AVP 18\na=rtpmap:18 G729/8000", 488), 0);
  EXPECT_EQ(offer("m=audio 4000 RTP/SAVP 8", 488), 0);
  EXPECT_EQ(offer("m=video 4000 RTP/AVP 31", 488), 0);
  EXPECT_EQ(offer("m=nonsense", 400), 0);
  EXPECT_EQ(host->figures().refused, 4u);
  EXPECT_EQ(host->figures().live, 0u);
  EXPECT_EQ(host.count<event::Incoming>(), 0u);
}

TEST(Sipp, TheHostMayRefuse) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->hang_up(in->leg, 486);
  });
  EXPECT_EQ(SippCaller::start({.folder = folder / "sipp", .target = host.address(),
                               .scenario = invite(kHead + "m=audio 4000 RTP/AVP 8", recv(486) + ack("ACK", "[branch-4]"))})
                .value().wait(kPatience).value().exit_status, 0);
  EXPECT_EQ(host.next<event::HungUp>().status, 486);
}

TEST(Sipp, TheCallerGivesUpWhileItRings) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  const std::string cancel = ack("CANCEL", "[branch-4]", "");
  EXPECT_EQ(SippCaller::start({.folder = folder / "sipp", .target = host.address(),
                               .scenario = invite(kHead + "m=audio 4000 RTP/AVP 8",
                                                  "<pause milliseconds=\"100\"/>\n" + cancel + recv(200) + recv(487) +
                                                      ack("ACK", "[branch-7]"), recv(180))})
                .value().wait(kPatience).value().exit_status, 0);
  EXPECT_EQ(host.next<event::HungUp>(host.next<event::Incoming>().leg).status, 487);
}

TEST(Sipp, KeysByInfo) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  const auto info = [](const std::string& number, const std::string& type, const std::string& body) {
    return "<send><![CDATA[\nINFO sip:12345@[remote_ip]:[remote_port] SIP/2.0\n"
           "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: <sip:sipp@[local_ip]>;tag=[call_number]\n"
           "To: <sip:12345@[remote_ip]>[peer_tag_param]\nCall-ID: [call_id]\nCSeq: " + number + " INFO\nMax-Forwards: 70\n"
           "Content-Type: application/" + type + "\nContent-Length: [len]\n\n" + body + "\n]]></send>\n" + recv(200);
  };
  EXPECT_EQ(SippCaller::start({.folder = folder / "sipp", .target = host.address(),
                               .scenario = invite(kHead + "m=audio 4000 RTP/AVP 8",
                                                  recv(200) + ack() + info("2", "dtmf-relay", "Signal=5\nDuration=160") +
                                                      info("3", "dtmf", "#") + info("4", "dtmf-relay", "nothing") +
                                                      "<send><![CDATA[\nBYE sip:12345@[remote_ip]:[remote_port] SIP/2.0\n"
                                                      "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                                                      "From: <sip:sipp@[local_ip]>;tag=[call_number]\nTo: <sip:12345@[remote_ip]>[peer_tag_param]\n"
                                                      "Call-ID: [call_id]\nCSeq: 5 BYE\nMax-Forwards: 70\nContent-Length: 0\n\n]]></send>\n" + recv(200))})
                .value().wait(kPatience).value().exit_status, 0);
  const auto five = host.next<event::Digit>(), hash = host.next<event::Digit>();
  EXPECT_EQ(five.key, '5');
  EXPECT_EQ(five.source, audio::DigitSource::sip_info);
  EXPECT_EQ(five.held, 160ms);
  EXPECT_EQ(hash.key, '#');
  host.next<event::HungUp>();
  EXPECT_EQ(host.count<event::Digit>(), 2u);
}

namespace {

// Plays, records and bridges every call at once, so that a hang-up at any moment meets something going on.
void busy_host(Host& host, const Folder& folder) {
  auto previous = std::make_shared<LegId>();
  const audio::Pcm sound = babble(9, 1s);
  host.when([&host, &folder, sound, previous](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) {
      host->answer(in->leg);
      host->play(in->leg, {{sound, {}}, {nullptr, 100ms}}, 1);
      host->record(in->leg, {.path = folder / (std::to_string(in->leg.value) + ".wav"), .beep = in->leg.value % 2 == 0});
      if (in->leg.value % 3 == 0) host->record_call(in->leg, folder / (std::to_string(in->leg.value) + "-all.wav"));
    }
    if (const auto* up = std::get_if<event::Answered>(&e)) {
      host->play(up->leg, {{sound, {}}}, 2);
      if (*previous && up->leg.value % 2 == 0) host->bridge(*previous, up->leg);
      if (up->leg.value % 5 == 0) host->stop_play(up->leg);
      if (up->leg.value % 7 == 0) host->hang_up(up->leg);
      *previous = up->leg;
    }
    if (const auto* played = std::get_if<event::Played>(&e)) host->play(played->leg, {{sound, {}}}, 3);
  });
}

// Each leg that came ended once, and nothing came of it afterwards.
void expect_all_ended(Host& host) {
  std::map<std::uint64_t, int> ended;
  for (const auto& e : host.all()) {
    const std::uint64_t leg = std::visit([](const auto& one) { return one.leg.value; }, e);
    EXPECT_EQ(ended[leg], 0) << "leg " << leg << " lives after its end";
    if (std::get_if<event::HungUp>(&e) != nullptr) ++ended[leg];
  }
  for (const auto& [leg, n] : ended) EXPECT_EQ(n, 1) << "leg " << leg;
}

std::size_t open_files() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

}  // namespace

TEST(Sipp, CallersWhoHangUpAtEveryMomentLeaveNothingBehind) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  busy_host(host, folder);
  const std::size_t before = open_files();
  for (const int hold : {0, 3, 30, 300}) {
    auto sipp = SippCaller::start({.folder = folder / ("sipp" + std::to_string(hold)), .target = host.address(), .calls = 40,
                                   .per_second = 40, .at_once = 40, .hold = std::chrono::milliseconds(hold)}).value();
    (void)sipp.wait(kPatience);  // calls that we hung up first count as failed there
  }
  for (int i = 0; i < 160; ++i) host.next<event::HungUp>();
  EXPECT_EQ(host->figures().incoming, 160u);
  EXPECT_EQ(host->figures().live, 0u);
  expect_all_ended(host);
  // sofia-sip may hold a socket of its own; the calls' sockets and files are closed.
  EXPECT_LE(open_files(), before + 4);
  host.stop();
  expect_all_ended(host);
}

TEST(Sipp, TheEndpointMayGoInTheMiddleOfEverything) {
  NEEDS("sipp");
  const Folder folder;
  for (int round = 0; round < 2; ++round) {
    Host host;
    busy_host(host, folder);
    auto sipp = SippCaller::start({.folder = folder / ("sipp" + std::to_string(round)), .target = host.address(), .calls = 30,
                                   .per_second = 100, .at_once = 30, .hold = 20s}).value();
    for (int i = 0; i < 15; ++i) host.next<event::Answered>();
    host.stop();
    EXPECT_EQ(host.count<event::HungUp>(), host.count<event::Incoming>());
    expect_all_ended(host);
  }
}

TEST(Sipp, TcpCarriesCallsToo) {
  NEEDS("sipp");
  const Folder folder;
  Host host;
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  const auto figures = SippCaller::start({.folder = folder / "sipp", .target = host.address(), .calls = 50, .per_second = 50,
                                          .at_once = 50, .hold = 200ms, .tcp = true}).value().wait(kPatience).value();
  EXPECT_EQ(figures.successful, 50);
  EXPECT_EQ(figures.failed, 0);
}

TEST(Sipp, MoreCallsThanAllowedHearBusy) {
  NEEDS("sipp");
  const Folder folder;
  Host host({.max_calls = 5});
  host.when([&](const audio::TelephonyEvent& e) {
    if (const auto* in = std::get_if<event::Incoming>(&e)) host->answer(in->leg);
  });
  const auto figures = SippCaller::start({.folder = folder / "sipp", .target = host.address(), .calls = 12, .per_second = 100,
                                          .at_once = 12, .hold = 1500ms}).value().wait(kPatience).value();
  EXPECT_EQ(figures.successful, 5);
  EXPECT_EQ(figures.failed, 7);
  EXPECT_EQ(host->figures().refused, 7u);
}
