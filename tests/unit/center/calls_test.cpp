// Calls through the whole centre, without telephones, on a virtual clock.
#include "fake.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

std::string accepted(const fake::Centre& centre) {
  std::string number;
  for (const auto& notice : centre.notices)
    if (notice.type == "ticket.accepted") number = notice.party;
  return number;
}

TEST(Centre, TakesAComplaintByRecording) {
  fake::Centre centre;
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "22");
  centre.run(60s);
  ASSERT_TRUE(centre.telephony.legs[leg].recording) << centre.speech.said;
  centre.press(leg, "#");
  centre.run(2s);
  centre.press(leg, "1");
  const std::string number = accepted(centre);
  ASSERT_EQ(number.size(), 8u) << centre.told();
  const auto ticket = centre.hotline->tickets().find(number).value();
  const auto attachments = centre.hotline->tickets().attachments(ticket.id).value();
  ASSERT_EQ(attachments.size(), 1u);
  EXPECT_EQ(ticket.citizen->phone, "13800138000");
  centre.telephony.down(leg);
  centre.run(15s);
  EXPECT_EQ(centre.hotline->live_calls(), 0u);
  EXPECT_EQ(centre.hotline->records().calls(Time{}, centre.now + 1h).value().size(), 1u);
}

TEST(Centre, TellsTheStateOfATicket) {
  fake::Centre centre;
  auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "22");
  centre.run(60s);
  centre.press(leg, "#1");
  const std::string number = accepted(centre);
  centre.telephony.down(leg);
  centre.run(15s);
  centre.speech.said.clear();
  leg = centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  centre.press(leg, "23");
  centre.press(leg, number);
  centre.run(1s);
  centre.press(leg, "1");
  centre.run(2s);
  EXPECT_TRUE(centre.noticed("ticket.enquiry"));
  EXPECT_NE(centre.speech.said.find("您的投诉"), std::string::npos) << centre.speech.said;
}

TEST(Centre, ConnectsTheLongestIdleAgent) {
  fake::Centre centre;
  centre.hotline->sign_in("a801", centre.now).value();
  centre.run(10s);
  centre.hotline->sign_in("a802", centre.now).value();
  centre.run(10s);
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "1");
  centre.run(1s);
  ASSERT_EQ(centre.telephony.dialled.size(), 1u) << centre.speech.said;
  const auto desk = centre.telephony.dialled[0];
  EXPECT_EQ(centre.telephony.legs[desk].to, centre.hotline->setup().find("a801")->phone);
  centre.telephony.up(desk);
  centre.run(5s);
  EXPECT_EQ(centre.telephony.legs[leg].bridged, desk);
  const auto number = centre.hotline->record_case("a801", {.title = "路灯不亮", .text = "清泉街路灯不亮", .category = "municipal"}, centre.now);
  ASSERT_TRUE(number.ok()) << number.error().text();
  EXPECT_FALSE(centre.hotline->search("a801", "公积金怎么提取", centre.now).value().empty());
  centre.telephony.down(desk);
  centre.run(1s);
  EXPECT_TRUE(centre.noticed("talked"));
  EXPECT_FALSE(centre.telephony.legs[leg].down) << "the citizen is asked for an opinion";
  centre.hotline->wrap_up_done("a801", centre.now).value();
  centre.telephony.down(leg);
  centre.run(15s);
  EXPECT_EQ(centre.hotline->live_calls(), 0u);
}

TEST(Centre, AnUnansweredTelephoneGoesToTheNextAgent) {
  fake::Centre centre;
  centre.hotline->sign_in("a801", centre.now).value();
  centre.hotline->sign_in("a802", centre.now).value();
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "1");
  centre.run(20s);
  ASSERT_EQ(centre.telephony.dialled.size(), 2u);
  EXPECT_TRUE(centre.telephony.legs[centre.telephony.dialled[0]].down);
  centre.telephony.up(centre.telephony.dialled[1]);
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[leg].bridged, centre.telephony.dialled[1]);
}

// The citizen hangs up after every number of seconds: nothing stays behind.
TEST(Centre, SurvivesAHangUpAtAnyMoment) {
  fake::Centre centre;
  centre.hotline->sign_in("a801", centre.now).value();
  for (int moment = 0; moment < 60; ++moment) {
    for (const char* keys : {"1", "22", "23", "24", "25", "21"}) {
      const auto leg = centre.telephony.ring_in("13800138000", "12345");
      centre.run(500ms);
      centre.press(leg, keys);
      centre.run(moment * 700ms);
      centre.telephony.down(leg);
      centre.run(100ms);
      for (const auto& [id, desk] : centre.telephony.legs) EXPECT_FALSE(id != leg && desk.outgoing && desk.up && !desk.down);
      (void)centre.hotline->wrap_up_done("a801", centre.now);
    }
  }
  centre.run(30s);
  EXPECT_EQ(centre.hotline->live_calls(), 0u);
  EXPECT_EQ(centre.hotline->waiting_calls(), 0u);
}

TEST(Centre, ACallToAnUnknownNumberIsRefused) {
  fake::Centre centre;
  const auto leg = centre.telephony.ring_in("13800138000", "99999");
  centre.run(1s);
  EXPECT_TRUE(centre.telephony.legs[leg].down);
}

TEST(Centre, CallsTheCitizenForTheReturnVisit) {
  fake::Centre centre;
  auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "22");
  centre.run(60s);
  centre.press(leg, "#1");
  const std::string number = accepted(centre);
  centre.telephony.down(leg);
  centre.run(15s);
  const auto act = [&](const char* event, const char* role, const char* unit, const char* fields) {
    const auto ticket = centre.hotline->tickets().find(number).value();
    const auto done = centre.hotline->tickets().apply({.at = centre.now, .actor = {std::string(role) + ":t", {role}, unit}, .ticket = ticket.id, .event = event, .fields = fields});
    ASSERT_TRUE(done.ok()) << event << ": " << done.error().text();
  };
  act("submit", "agent", "", "");
  act("dispatch", "dispatcher", "", R"({"units":["lighting"],"lead":"lighting"})");
  act("sign", "unit", "lighting", "");
  act("reply", "unit", "lighting", R"({"public_text":"修好了","internal_text":"","contacted":true})");
  act("review_pass", "reviewer", "", "");
  centre.hotline->visit(number, centre.now).value();
  ASSERT_FALSE(centre.telephony.dialled.empty());
  const auto citizen = centre.telephony.dialled.back();
  centre.telephony.up(citizen);
  centre.run(20s);
  centre.press(citizen, "1");
  centre.run(5s);
  centre.press(citizen, "2");
  centre.run(5s);
  EXPECT_EQ(centre.hotline->tickets().find(number)->state, "CLOSED") << centre.speech.said;
  const auto earlier = centre.hotline->knowledge().similar("录音 修好了", {}, centre.now).value();  // an answer for the next like it
  ASSERT_FALSE(earlier.hits.empty());
  EXPECT_EQ(earlier.hits[0].id, "ticket:" + number);
}

}  // namespace
