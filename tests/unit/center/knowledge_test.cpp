// The knowledge base in use: spoken by the flow, sent by message, searched by agents; one text on every way.
#include "fake.hpp"
#include "hotline/center/command.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

kb::Article article(const std::string& id, const std::string& title) {
  kb::Article a;
  a.id = id;
  a.library = "qa";
  a.title = title;
  a.body = title + "：凭身份证到窗口办理，二十元。";
  a.spoken_answer = title + "，请带身份证到窗口办理。";
  a.jurisdiction = "990100";
  return a;
}

void publish(fake::Centre& centre, const kb::Article& a) { centre.hotline->knowledge().put(a, centre.now, {.state = kb::State::published}).value(); }

Node answer(fake::Centre& centre, std::string_view verb, const std::string& fields) {
  return parse_document(center::apply(*centre.hotline, verb, parse_document(fields, "fields").value(), centre.now).value(), "answer").value();
}

Node last_line(const std::string& path) {
  std::ifstream in(path);
  std::string line, last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  return parse_document(last.empty() ? "{}" : last, path).value();
}

std::string text(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr ? found->text() : std::string();
}

// D7: whoever asks by whatever way gets the same revision and the same text.
TEST(Knowledge, TheSameTextOnEveryChannel) {
  fake::Centre centre;
  publish(centre, article("same", "公租房 公积金"));
  kb::Article draft = article("same", "公租房 公积金");
  draft.body = "尚未审核的文字";
  draft.spoken_answer = "尚未审核的话";
  centre.hotline->knowledge().put(draft, centre.now).value();  // somebody is writing a new one: nobody is given that
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "243");
  centre.run(2s);
  EXPECT_NE(centre.speech.said.find(article("same", "公租房 公积金").spoken_answer), std::string::npos) << centre.speech.said;
  EXPECT_EQ(centre.speech.said.find("尚未审核"), std::string::npos);
  centre.press(leg, "2");
  centre.run(20s);
  const Node sms = last_line(centre.folder() + "/outbox/sms.jsonl");
  centre.press(leg, "4");  // other services: the automatic menu's advice again
  centre.telephony.down(leg);
  centre.run(15s);
  const auto again = centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  centre.press(again, "243");
  centre.run(2s);
  centre.press(again, "4");
  centre.run(5s);
  const Node mail = last_line(centre.folder() + "/outbox/email.jsonl");
  const std::string body = article("same", "公租房 公积金").body;
  for (const Node& sent : {sms, mail}) {
    EXPECT_EQ(text(sent, "article"), "same");
    EXPECT_EQ(text(sent, "text"), body);
    EXPECT_EQ(text(sent, "citation"), "same@1");
  }
  // The agent's screen and the public's search.
  const auto seen = centre.hotline->search("a801", "公租房 公积金", centre.now).value();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].id, "same");
  EXPECT_EQ(seen[0].revision, 1);
  for (const char* channel : {"agent", "citizen", "ivr"}) {
    const Node hit = *answer(centre, "knowledge.search", std::string(R"({"question": "公租房 公积金", "jurisdiction": "990100", "channel": ")") + channel + "\"}").find("events")->items()[0].find("fields");
    EXPECT_EQ(text(hit, "citation"), "same@1") << channel;
    const Node shown = *answer(centre, "knowledge.article.current", std::string(R"({"id": "same", "jurisdiction": "990100", "channel": ")") + channel + "\"}").find("events")->items()[0].find("fields");
    EXPECT_EQ(text(*shown.find("article"), "body"), body) << channel;
    EXPECT_EQ(text(*shown.find("article"), "spoken_answer"), seen[0].spoken_answer) << channel;
  }
}

// The machine does not guess between answers that are as good: it offers them.
TEST(Knowledge, TheFlowOffersChoices) {
  fake::Centre centre;
  publish(centre, article("one", "公租房的公积金提取"));
  publish(centre, article("two", "公租房与公积金贷款"));
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "243");
  centre.run(2s);
  ASSERT_NE(centre.speech.said.find("找到几项相近的内容"), std::string::npos) << centre.speech.said;
  const std::size_t first = centre.speech.said.find("公租房的公积金提取"), second = centre.speech.said.find("公租房与公积金贷款");
  ASSERT_NE(first, std::string::npos) << centre.speech.said;
  ASSERT_NE(second, std::string::npos) << centre.speech.said;
  centre.speech.said.clear();
  centre.press(leg, "2");
  centre.run(2s);
  EXPECT_NE(centre.speech.said.find(article("", first < second ? "公租房与公积金贷款" : "公租房的公积金提取").spoken_answer), std::string::npos) << centre.speech.said;
}

// An agent types while the citizen speaks: completion, hits with the passage that answers, tickets that were answered before.
TEST(Knowledge, AnAgentSearchesDuringACall) {
  fake::Centre centre;
  kb::Article guide = article("permit", "临江居住证补办");
  guide.body = "半年以上可以申领。\n材料：身份证和照片。\n收费：补办收工本费二十元。";
  publish(centre, guide);
  kb::Article earlier = article("ticket:1", "路灯不亮");
  earlier.kind = kb::Kind::earlier;
  earlier.body = "路灯不亮，已更换灯泡。";
  earlier.channels = static_cast<kb::Channels>(kb::Channel::agent);
  publish(centre, earlier);
  centre.talk();
  const Node typed = answer(centre, "knowledge.suggest", R"({"typed": "ljjzz", "jurisdiction": "990100"})");
  EXPECT_EQ(text(*typed.find("events")->items()[0].find("fields"), "article"), "permit");
  const Node found = answer(centre, "agent.search", R"({"agent": "a801", "question": "居住证补办收费"})");
  const Node& hit = found.find("hits")->items()[0];
  EXPECT_EQ(text(hit, "citation"), "permit@1#收费");
  EXPECT_EQ(text(hit, "heading"), "收费");
  const Node shown = answer(centre, "knowledge.article.show", R"({"citation": "permit@1#收费"})");
  EXPECT_EQ(text(*shown.find("events")->items()[0].find("fields"), "text"), "收费：补办收工本费二十元。");
  const Node like = answer(centre, "agent.similar", R"({"agent": "a801", "text": "门口的路灯不亮了"})");
  EXPECT_EQ(text(like.find("hits")->items()[0], "id"), "ticket:1");
  EXPECT_EQ(center::apply(*centre.hotline, "agent.similar", parse_document(R"({"agent": "nobody", "text": "x"})", "f").value(), centre.now).code(), ErrorCode::not_found);
}

// What has expired is read to nobody.
TEST(Knowledge, NothingExpiredIsRead) {
  fake::Centre centre;
  kb::Article old = article("old", "公租房 公积金");
  old.effective_to = centre.now + 1h;
  publish(centre, old);
  centre.run(2h);
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "243");
  centre.run(2s);
  EXPECT_EQ(centre.speech.said.find(old.spoken_answer), std::string::npos) << centre.speech.said;
}

}  // namespace
