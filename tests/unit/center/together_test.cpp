// Consulting, conferences, handing over, supervisors on the line.
#include "fake.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;
using Join = audio::Telephony::Join;

std::string state_of(const fake::Centre& centre, const std::string& agent) {
  for (const auto& desk : centre.hotline->desks())
    if (desk.person->id == agent) return desk.state;
  return {};
}

TEST(Together, ConsultsAndComesBack) {
  fake::Centre centre;
  const auto talk = centre.talk();
  centre.hotline->consult("a801", "a802", centre.now).value();
  const auto third = centre.telephony.dialled.back();
  EXPECT_EQ(centre.telephony.legs[third].to, centre.hotline->setup().find("a802")->phone);
  EXPECT_FALSE(centre.telephony.legs[talk.citizen].bridged) << "the caller waits";
  EXPECT_EQ(centre.hotline->hand_over("a801", centre.now).code(), ErrorCode::wrong_state) << "it rings still";
  EXPECT_EQ(centre.hotline->consult("a801", "a803", centre.now).code(), ErrorCode::wrong_state);
  centre.telephony.up(third);
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[third].bridged, talk.agent);
  centre.hotline->retrieve("a801", centre.now).value();
  centre.run(1s);
  EXPECT_TRUE(centre.telephony.legs[third].down);
  EXPECT_EQ(centre.telephony.legs[talk.citizen].bridged, talk.agent);
}

TEST(Together, AColleagueWhoWasConsultedHasTheCaller) {
  fake::Centre centre;
  centre.hotline->sign_in("a802", centre.now).value();
  centre.hotline->not_ready("a802", "meeting", centre.now).value();
  const auto talk = centre.talk();
  centre.hotline->ready("a802", centre.now).value();
  centre.hotline->consult("a801", "a802", centre.now).value();
  const auto colleague = centre.telephony.dialled.back();
  centre.telephony.up(colleague);
  centre.run(1s);
  centre.hotline->hand_over("a801", centre.now).value();
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[talk.citizen].bridged, colleague) << centre.told();
  EXPECT_TRUE(centre.telephony.legs[talk.agent].down);
  EXPECT_EQ(state_of(centre, "a801"), "wrap");
  EXPECT_EQ(state_of(centre, "a802"), "busy");
  centre.hotline->wrap_up_done("a801", centre.now).value();
  EXPECT_EQ(state_of(centre, "a801"), "ready");
  EXPECT_TRUE(centre.hotline->record_case("a802", {.title = "路灯不亮", .category = "municipal"}, centre.now).ok());
  centre.telephony.down(talk.citizen);
  centre.run(15s);
  EXPECT_EQ(state_of(centre, "a802"), "wrap");
  centre.hotline->wrap_up_done("a802", centre.now).value();
  EXPECT_EQ(centre.hotline->live_calls(), 0u);
  EXPECT_EQ(centre.hotline->records().calls(Time{}, centre.now).value().at(0).agent, "a802");
}

TEST(Together, AnOutsideNumberThatWasConsultedHasTheCaller) {
  fake::Centre centre;
  const auto talk = centre.talk();
  centre.hotline->consult("a801", "sip:expert@test", centre.now).value();
  const auto expert = centre.telephony.dialled.back();
  centre.telephony.up(expert);
  centre.run(1s);
  centre.hotline->conference("a801", centre.now).value();
  EXPECT_EQ(centre.telephony.tables.back(), (std::pair{talk.agent, talk.citizen})) << "the caller comes to the table of the two";
  centre.hotline->hand_over("a801", centre.now).value();
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[talk.citizen].bridged, expert);
  EXPECT_TRUE(centre.telephony.legs[talk.agent].down);
  EXPECT_EQ(state_of(centre, "a801"), "wrap");
  centre.speech.said.clear();
  centre.telephony.down(expert);
  centre.run(5s);
  EXPECT_FALSE(centre.telephony.legs[talk.citizen].down);
  EXPECT_FALSE(centre.speech.said.empty()) << "the flow goes on: are you satisfied?";
}

TEST(Together, ATransferOutsideThatNobodyAnswersGoesBackToTheFlow) {
  fake::Centre centre;
  const auto talk = centre.talk();
  centre.hotline->transfer_outside("a801", "night_duty", centre.now).value();
  const auto outside = centre.telephony.dialled.back();
  EXPECT_EQ(centre.telephony.legs[outside].to, "sip:110@127.0.0.1:5099") << "an extension's name";
  EXPECT_EQ(state_of(centre, "a801"), "wrap");
  centre.speech.said.clear();
  centre.telephony.down(outside, 486);
  centre.run(5s);
  EXPECT_FALSE(centre.speech.said.empty());
  centre.telephony.down(talk.citizen);
  centre.run(15s);
  EXPECT_EQ(centre.hotline->live_calls(), 0u);
}

TEST(Together, TheTransferKeyOfATelephoneIsObeyed) {
  for (const auto& [asked, leads] : {std::pair{"sip:802@host", "sip:802@127.0.0.1:5082"}, {"sip:13900139000@host", "sip:13900139000@host"}}) {
    fake::Centre centre;
    centre.hotline->sign_in("a802", centre.now).value();
    centre.hotline->not_ready("a802", "", centre.now).value();
    const auto talk = centre.talk();
    centre.hotline->ready("a802", centre.now).value();
    centre.telephony.events.push_back(audio::event::TransferAsked{talk.agent, asked});
    centre.run(2s);
    EXPECT_EQ(centre.telephony.legs[centre.telephony.dialled.back()].to, leads) << centre.told();
    EXPECT_TRUE(centre.telephony.legs[talk.agent].down);
  }
}

TEST(Together, ASupervisorListensWhispersAndTakesOver) {
  fake::Centre centre;
  const auto talk = centre.talk();
  centre.hotline->sign_in("s900", centre.now).value();
  EXPECT_EQ(centre.hotline->take_over("s900", "a801", centre.now).code(), ErrorCode::wrong_state) << "monitor first";
  centre.hotline->monitor("s900", "a801", Join::listen, centre.now).value();
  const auto ear = centre.telephony.dialled.back();
  EXPECT_EQ(centre.telephony.legs[ear].to, centre.hotline->setup().find("s900")->phone) << "the telephone rings";
  EXPECT_TRUE(centre.telephony.joins.empty());
  centre.telephony.up(ear);
  centre.run(1s);
  centre.hotline->monitor("s900", "a801", Join::whisper, centre.now).value();
  ASSERT_EQ(centre.telephony.joins.size(), 2u);
  EXPECT_EQ(centre.telephony.joins[1].supervisor, ear);
  EXPECT_EQ(centre.telephony.joins[1].leg, talk.agent) << "the agent hears it, not the citizen";
  EXPECT_EQ(centre.telephony.joins[1].mode, Join::whisper);
  centre.hotline->take_over("s900", "a801", centre.now).value();
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[talk.citizen].bridged, ear) << centre.told();
  EXPECT_TRUE(centre.telephony.legs[talk.agent].down);
  EXPECT_EQ(state_of(centre, "a801"), "wrap");
  EXPECT_EQ(state_of(centre, "s900"), "busy");
}

TEST(Together, ASupervisorFollowsFromCallToCallUntilTheEnd) {
  fake::Centre centre;
  auto talk = centre.talk();
  centre.hotline->monitor("s900", "a801", Join::listen, centre.now).value();
  const auto ear = centre.telephony.dialled.back();
  centre.telephony.up(ear);
  centre.run(1s);
  centre.telephony.down(talk.citizen);
  centre.run(1s);
  centre.hotline->wrap_up_done("a801", centre.now).value();
  EXPECT_FALSE(centre.telephony.legs[ear].down);
  const auto next = centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  centre.press(next, "1");
  centre.run(1s);
  centre.telephony.up(centre.telephony.dialled.back());
  centre.run(2s);
  ASSERT_EQ(centre.telephony.joins.size(), 2u);
  EXPECT_EQ(centre.telephony.joins[1].leg, centre.telephony.dialled.back());
  centre.hotline->stop_monitor("s900", "a801", centre.now).value();
  centre.run(1s);
  EXPECT_TRUE(centre.telephony.legs[ear].down);
  EXPECT_FALSE(centre.telephony.legs[next].down);
}

// Whoever hangs up, whenever: nothing stays behind.
TEST(Together, AnybodyMayHangUpAtAnyMoment) {
  for (int who = 0; who < 3; ++who) {
    for (int moment = 0; moment < 5; ++moment) {
      fake::Centre centre;
      const auto talk = centre.talk();
      audio::LegId third;
      const auto go = [&](int step) {
        if (step == 1) centre.hotline->consult("a801", "a802", centre.now).value(), third = centre.telephony.dialled.back();
        if (step == 2) centre.telephony.up(third);
        if (step == 3) (void)centre.hotline->conference("a801", centre.now);
        if (step == 4) (void)centre.hotline->hand_over("a801", centre.now);
        centre.run(500ms);
      };
      for (int step = 1; step <= moment; ++step) go(step);
      const auto leg = who == 0 ? talk.citizen : who == 1 ? talk.agent : third;
      if (leg) centre.telephony.down(leg);
      for (int step = moment + 1; step <= 4; ++step) {
        if (step == 1) (void)centre.hotline->consult("a801", "a802", centre.now);
        if (step == 2 && third) centre.telephony.up(third);
        if (step == 3) (void)centre.hotline->conference("a801", centre.now);
        if (step == 4) (void)centre.hotline->hand_over("a801", centre.now);
        centre.run(500ms);
      }
      centre.telephony.down(talk.citizen);
      centre.run(20s);
      EXPECT_EQ(centre.hotline->live_calls(), 0u) << who << " at " << moment;
      for (const auto& [id, one] : centre.telephony.legs) EXPECT_TRUE(one.down || id == audio::LegId{}) << "leg " << id.value << ": " << who << " at " << moment << "\n" << centre.told();
    }
  }
}

}  // namespace
