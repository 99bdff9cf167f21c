// Passages of bodies, what hits and citations name of them.
#include <gtest/gtest.h>

#include "hotline/kb/command.hpp"
#include "hotline/kb/knowledge_base.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

const Time kNow = parse_time("2026-11-22T08:00:00+08:00").value();

std::vector<std::string> anchors(std::string_view body) {
  std::vector<std::string> out;
  for (const Passage& p : passages_of(body)) out.push_back(p.anchor);
  return out;
}

using Names = std::vector<std::string>;

Article permit() {
  Article a;
  a.id = "permit";
  a.library = "guides";
  a.title = "居住证办理";
  a.body = "在本市居住半年以上的，可以申领居住证。\n## 申请材料\n身份证、照片和租房合同。\n## 收费\n首次办理不收费，补办收工本费二十元。\n## How to renew {#renew}\nRenew online before it expires.\n";
  return a;
}

}  // namespace

TEST(Passages, HeadingsOfManyKinds) {
  EXPECT_EQ(anchors("开头\n## 申请材料\n身份证\n# Fees and taxes\nfree\n## Fees {#fees}\n"), (Names{"", "申请材料", "fees-and-taxes", "fees"}));
  EXPECT_EQ(anchors("第一章 总则\n第一条 为了规范。\n第二条　适用本市。\n第十二条之外不算\n"), (Names{"第一章-总则", "第一条", "第二条"}));
  EXPECT_EQ(anchors("一、申请条件\n年满十六。\n二、申请材料\n身份证\n三、这一行是一句话，所以不是标题。\n"), (Names{"申请条件", "申请材料"}));
  EXPECT_EQ(anchors("材料：身份证。\n流程：网上。\n材料：照片\n注意事项等等都在这里写明：多\n"), (Names{"材料", "流程", "材料-2"}));
  EXPECT_EQ(anchors("没有标题的正文。\n第二行。"), Names{""});
  EXPECT_EQ(anchors(""), Names{});
  EXPECT_EQ(anchors("#标签不是标题\n####### seven\n##\n"), Names{""});
  const std::string body = "第一条 为了规范。\n## 标题\n\xff\xfe坏字节\n";
  std::uint32_t at = 0;
  for (const Passage& p : passages_of(body)) {  // one after the other, nothing left out
    EXPECT_EQ(p.begin, at);
    EXPECT_LE(p.begin, p.text);
    EXPECT_LE(p.text, p.end);
    at = p.end;
  }
  EXPECT_EQ(at, body.size());
}

TEST(Passages, AHitNamesThePassageThatAnswers) {
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value();
  kb.put(permit(), kNow, {.state = State::published}).value();
  const auto hit = [&](std::string_view question) { return kb.search(question, {}, kNow).value().hits.at(0); };
  const Hit fees = hit("居住证补办收费多少钱");
  EXPECT_EQ(fees.anchor, "收费");
  EXPECT_EQ(fees.heading, "收费");
  EXPECT_EQ(fees.snippet, "首次办理不收费，补办收工本费二十元。");
  ASSERT_FALSE(fees.snippet_marks.empty());
  for (const Mark& m : fees.snippet_marks) EXPECT_LE(m.end, fees.snippet.size());
  EXPECT_EQ(hit("居住证要带照片和租房合同吗").anchor, "申请材料");
  EXPECT_EQ(hit("renew online").anchor, "renew");
  EXPECT_EQ(hit("居住半年").anchor, "");
  EXPECT_EQ(to_string(fees.citation()), "permit@1#收费");
  // The screen and the citizen see the same passage, and a later revision does not change what was cited.
  Article changed = permit();
  changed.body = "## 收费\n一律免费。\n";
  kb.put(changed, kNow, {.state = State::published}).value();
  const Cited then = kb.cited(fees.citation()).value();
  EXPECT_EQ(then.text, "## 收费\n首次办理不收费，补办收工本费二十元。\n");
  EXPECT_EQ(kb.cited({"permit", 0, "收费"}).value().text, "## 收费\n一律免费。\n");
  EXPECT_EQ(kb.cited({"permit", 2, ""}).value().text, changed.body);
  const auto none = kb.cited({"permit", 2, "申请材料"});
  EXPECT_EQ(none.code(), ErrorCode::not_found);
  EXPECT_NE(none.error().remedy().find("收费"), std::string::npos);
  const auto shown = kb::apply(kb, kNow, "article.show", parse_document(R"({"citation": "permit@1#收费"})", "f").value()).value();
  EXPECT_NE(shown.at(0).json.find("工本费二十元"), std::string::npos);
}

TEST(Passages, CitationsAreWrittenAndRead) {
  for (const Citation& c : {Citation{"a", 0, ""}, {"a", 12, ""}, {"a", 3, "第十二条"}, {"ticket:2026@x", 3, "fees"}, {"mail@home", 0, ""}, {"a#b", 2, "c"}, {"a#b", 2, ""}, {"x@1#y", 2, ""}})
    EXPECT_EQ(citation_from(to_string(c)).value(), c) << to_string(c);
  EXPECT_EQ(citation_from("").code(), ErrorCode::invalid_argument);
  EXPECT_EQ(citation_from("@3#x").code(), ErrorCode::invalid_argument);
  EXPECT_EQ(citation_from("a@99999999999").value().article, "a@99999999999");
  EXPECT_EQ(citation_from("a@0").value().article, "a@0");
  EXPECT_EQ(citation_from("a@3#").value(), (Citation{"a", 3, ""}));
}

// What a channel may be given of an article that it knows by id: never a draft, nothing expired, the city's own.
TEST(Passages, TheCurrentRevision) {
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value();
  Article a = permit();
  a.effective_to = kNow + std::chrono::hours(24);
  kb.put(a, kNow, {.state = State::published}).value();
  a.body = "草稿";
  kb.put(a, kNow).value();
  EXPECT_EQ(kb.current("permit", {.channel = Channel::ivr}, kNow).value().number, 1);
  EXPECT_EQ(kb.current("permit", {.channel = Channel::ivr}, kNow + std::chrono::hours(25)).code(), ErrorCode::not_found);
  EXPECT_EQ(kb.current("nobody", {}, kNow).code(), ErrorCode::not_found);
  Article inside = permit();
  inside.id = "inside";
  inside.channels = static_cast<Channels>(Channel::agent);
  kb.put(inside, kNow, {.state = State::published}).value();
  EXPECT_EQ(kb.current("inside", {.channel = Channel::citizen}, kNow).code(), ErrorCode::not_found);
  EXPECT_TRUE(kb.current("inside", {.channel = Channel::agent}, kNow).ok());
}
