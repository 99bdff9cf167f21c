#include <gtest/gtest.h>

#include <algorithm>

#include "hotline/kb/knowledge_base.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

const Time kNow = parse_time("2026-11-22T08:00:00+08:00").value();

KnowledgeBase empty() { return KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value(); }

Article make(std::string id, std::string title, std::string body, std::string jurisdiction = "") {
  Article a;
  a.id = std::move(id);
  a.library = "qa";
  a.title = std::move(title);
  a.body = std::move(body);
  a.jurisdiction = std::move(jurisdiction);
  return a;
}

void publish(KnowledgeBase& kb, const Article& a) { kb.put(a, kNow, {.state = State::published}).value(); }

std::vector<std::string> ids(KnowledgeBase& kb, std::string_view question, const Filters& filters = {}, Time at = kNow) {
  std::vector<std::string> out;
  const Results found = kb.search(question, filters, at).value();
  for (const Hit& h : found.hits) out.push_back(h.id);
  return out;
}

std::string first(KnowledgeBase& kb, std::string_view question) {
  const auto all = ids(kb, question);
  return all.empty() ? "" : all.front();
}

}  // namespace

TEST(Search, FindsAndExplains) {
  KnowledgeBase kb = empty();
  publish(kb, make("fund", "住房公积金提取", "职工购买自住住房的，可以提取住房公积金。"));
  publish(kb, make("pension", "养老保险待遇", "达到法定退休年龄，按月领取基本养老金。"));
  const auto found = kb.search("公积金怎么提取", {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  ASSERT_FALSE(found.hits.empty());
  EXPECT_EQ(found.hits[0].id, "fund");
  EXPECT_GT(found.confidence, 0.3);
  EXPECT_LE(found.confidence, 1.0);  // MaxKB#2289
  EXPECT_FALSE(found.hits[0].reasons.empty());  // MaxKB#1404
  ASSERT_FALSE(found.hits[0].title_marks.empty());
  const Mark m = found.hits[0].title_marks[0];
  EXPECT_EQ(found.hits[0].title.substr(m.begin, m.end - m.begin), "公积金提取");
}

TEST(Search, TwoCharactersAreEnough) {  // MemTensor/MemOS#1961
  KnowledgeBase kb = empty();
  publish(kb, make("a", "社保卡补办", "遗失后到银行网点补办。"));
  EXPECT_EQ(first(kb, "社保"), "a");
  EXPECT_EQ(first(kb, "补"), "a");
}
