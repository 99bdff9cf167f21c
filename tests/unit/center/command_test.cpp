// The centre as text: every verb answers, and what is not understood does nothing.
#include "hotline/center/command.hpp"

#include "fake.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

Result<std::string> apply(fake::Centre& centre, std::string_view verb, std::string_view fields = "{}") {
  return center::apply(*centre.hotline, verb, parse_document(fields, "fields").value(), centre.now);
}
Node answer(fake::Centre& centre, std::string_view verb, std::string_view fields = "{}") {
  const auto said = apply(centre, verb, fields);
  EXPECT_TRUE(said.ok()) << verb << ": " << said.error().text();
  return said.ok() ? parse_document(*said, "answer").value() : Node();
}
std::string at(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found == nullptr ? "(none)" : found->text();
}

TEST(Command, AConversationFromSignInToTheScreen) {
  fake::Centre centre;
  answer(centre, "agent.sign_in", R"({"agent":"a801"})");
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "1");
  centre.run(1s);
  EXPECT_EQ(at(answer(centre, "queues").find("queues")->items()[0], "ringing"), "1");
  centre.telephony.up(centre.telephony.dialled.at(0));
  centre.run(3s);
  EXPECT_EQ(at(answer(centre, "desks").find("agents")->items()[0], "citizen"), "13800138000");
  answer(centre, "agent.hold", R"({"agent":"a801"})");
  answer(centre, "agent.retrieve", R"({"agent":"a801"})");
  EXPECT_EQ(answer(centre, "agent.screen", R"({"agent":"a801"})").find("calls")->items().size(), 0u);
  EXPECT_GT(answer(centre, "agent.search", R"({"agent":"a801","question":"公积金怎么提取"})").find("hits")->items().size(), 0u);
  const std::string number = at(answer(centre, "agent.record_case", R"({"agent":"a801","title":"路灯不亮","category":"municipal","urgent":true})"), "number");
  EXPECT_EQ(number.size(), 8u);
  EXPECT_EQ(at(answer(centre, "ticket.find", R"({"number":")" + number + "\"}").find("events")->items()[0], "level"), "emergency");
  answer(centre, "agent.hang_up", R"({"agent":"a801"})");
  answer(centre, "agent.wrap_up_done", R"({"agent":"a801"})");
  centre.telephony.down(leg);
  centre.run(15s);
  const Node calls = answer(centre, "calls", R"({"citizen":"13800138000"})");
  EXPECT_EQ(at(calls.find("calls")->items()[0], "ticket"), number);
  EXPECT_EQ(at(*answer(centre, "citizen", R"({"phone":"13800138000"})").find("citizen"), "calls"), "1");
  EXPECT_TRUE(answer(centre, "citizen", R"({"phone":"1"})").find("citizen")->is_null());
}

TEST(Command, ANoticeIsLaidOverAFlowForAWhile) {
  fake::Centre centre;
  EXPECT_TRUE(answer(centre, "flow.reload").find("changed")->items().empty());
  answer(centre, "notice.lay", R"({"flow":"flows/12345.yaml","id":"storm","text":"台风红色预警","texts":{"en-US":"Red alert"},"for":"1h"})");
  const auto called = [&](const char* from) {
    centre.speech.said.clear();
    const auto leg = centre.telephony.ring_in(from, "12345");
    centre.run(1s);
    centre.telephony.down(leg);
    centre.run(1s);
    return centre.speech.said.find("台风红色预警") != std::string::npos;
  };
  EXPECT_TRUE(called("13800138000"));
  centre.run(1h);
  EXPECT_FALSE(called("13800138001")) << "its hour is over";
  answer(centre, "notice.lay", R"({"flow":"flows/12345.yaml","id":"storm","text":"台风红色预警"})");
  EXPECT_TRUE(called("13800138002"));
  answer(centre, "notice.lift", R"({"flow":"flows/12345.yaml","id":"storm"})");
  EXPECT_FALSE(called("13800138003"));
  EXPECT_EQ(apply(centre, "notice.lay", R"({"flow":"flows/none.yaml","id":"x","text":"x"})").code(), ErrorCode::not_found);
  EXPECT_EQ(apply(centre, "notice.lay", R"({"flow":"flows/12345.yaml","id":"x"})").code(), ErrorCode::invalid_definition);
}

TEST(Command, KnowledgePollsAndCallsOut) {
  fake::Centre centre;
  EXPECT_GT(answer(centre, "knowledge.search", R"({"question":"公积金"})").find("events")->items().size(), 0u);
  EXPECT_TRUE(answer(centre, "poll", R"({"poll":"city_2026"})").find("answers")->items().empty());
  answer(centre, "call.place", R"({"to":"13800138000","flow":"flows/reply.yaml","variables":{"number":"12345678","reply":"已修好"}})");
  EXPECT_EQ(centre.telephony.legs[centre.telephony.dialled.at(0)].to, "sip:13800138000@test");
  EXPECT_EQ(apply(centre, "call.place", R"({"to":"1","flow":"nowhere.yaml"})").code(), ErrorCode::not_found);
}

TEST(Command, WhatIsNotUnderstoodDoesNothing) {
  fake::Centre centre;
  EXPECT_EQ(apply(centre, "agent.sing_in").error().remedy(), "did you mean `agent.sign_in`?");
  EXPECT_EQ(apply(centre, "agent.sign_in").code(), ErrorCode::invalid_definition);
  EXPECT_EQ(apply(centre, "agent.sign_in", R"({"agent":"a801","when":"now"})").code(), ErrorCode::invalid_definition);
  EXPECT_EQ(apply(centre, "agent.sign_in", "[1]").code(), ErrorCode::invalid_argument);
  EXPECT_EQ(apply(centre, "agent.sign_in", R"({"agent":"nobody"})").code(), ErrorCode::not_found);
  EXPECT_EQ(apply(centre, "agent.transfer", R"({"agent":"a801"})").code(), ErrorCode::invalid_argument);
  EXPECT_FALSE(apply(centre, "calls", R"({"from":"yesterday"})").ok());
  EXPECT_FALSE(apply(centre, "ticket.find", R"({"number":5})").value().find("refused") == std::string::npos);
  for (const auto& desk : centre.hotline->desks()) EXPECT_EQ(desk.state, "logged_out");
}

}  // namespace
