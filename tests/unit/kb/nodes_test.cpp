// Several nodes on one database: what one commits, the others find at once, by reading only what changed.
#include <gtest/gtest.h>

#include <filesystem>

#include "hotline/kb/knowledge_base.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

const Time kNow = parse_time("2026-11-23T09:00:00+08:00").value();

Article article(const std::string& id, const std::string& title) {
  Article a;
  a.id = id;
  a.library = "qa";
  a.title = title;
  a.body = title + "，请带上身份证。";
  return a;
}

KnowledgeBase node(const std::string& url) { return KnowledgeBase::open(store::Database::open(url).value()).value(); }

std::string first(KnowledgeBase& kb, std::string_view question, Time at = kNow) {
  const Results found = kb.search(question, {}, at).value();
  return found.hits.empty() ? "" : found.hits.front().id;
}

void follow_each_other(const std::string& url) {
  KnowledgeBase a = node(url);
  KnowledgeBase b = node(url);
  std::vector<Article> stock;
  for (int i = 0; i < 60; ++i) stock.push_back(article("s" + std::to_string(i), "第" + std::to_string(i) + "号事项办理"));
  ASSERT_TRUE(a.put_all(stock, kNow, State::published).ok());
  EXPECT_EQ(b.search("事项办理", {}, kNow, {.limit = 100}).value().hits.size(), 60u);

  for (int i = 0; i < 12; ++i) {  // small segments, merged as they go
    KnowledgeBase& writer = i % 2 == 0 ? a : b;
    KnowledgeBase& reader = i % 2 == 0 ? b : a;
    const std::string id = "n" + std::to_string(i);
    ASSERT_TRUE(writer.put(article(id, "居住证签注" + std::to_string(i)), kNow, {.state = State::published}).ok());
    EXPECT_EQ(first(reader, "居住证签注" + std::to_string(i)), id);
  }
  // A new revision, an end, a synonym, a pin, a completion, a learned question: each is seen on the other node.
  Article changed = article("n3", "暂住登记续期");
  ASSERT_TRUE(a.put(changed, kNow + std::chrono::seconds(1), {.state = State::published}).ok());
  EXPECT_EQ(first(b, "暂住登记续期", kNow + std::chrono::seconds(2)), "n3");
  EXPECT_EQ(b.search("暂住登记续期", {}, kNow + std::chrono::seconds(2)).value().hits.front().revision, 2);
  EXPECT_FALSE(b.suggest("zzdj", {}, kNow + std::chrono::seconds(2)).value().empty());
  ASSERT_TRUE(a.put(article("late", "临时占道许可"), kNow, {.state = State::published}).ok());
  EXPECT_EQ(b.suggest("lszd", {}, kNow).value().at(0).article, "late");
  ASSERT_TRUE(a.withdraw("late", kNow + std::chrono::seconds(3)).ok());
  EXPECT_EQ(first(b, "\"临时占道许可\"", kNow + std::chrono::seconds(4)), "");
  const std::vector<Synonym> synonyms{{"暂住证", "居住证"}};
  ASSERT_TRUE(a.set_synonyms("", synonyms).ok());
  EXPECT_EQ(b.search("暂住证", {}, kNow).value().notes.size(), 1u);
  ASSERT_TRUE(b.pin("居住证签注", "n7", Pin::top).ok());
  EXPECT_EQ(first(a, "居住证签注"), "n7");
  const std::vector<Click> clicks{{"外地人落脚要办啥", "n5", "x", 2, kNow}, {"外地人落脚要办啥", "n5", "y", 2, kNow}};
  ASSERT_TRUE(a.replay(clicks).ok());
  EXPECT_EQ(a.learn(kNow).value(), 1u);
  EXPECT_EQ(first(b, "外地人落脚"), "n5");
  // Neither made its index again, and both are equal to the articles.
  ASSERT_TRUE(a.optimize().ok());
  ASSERT_TRUE(b.put(article("last", "最后一条"), kNow, {.state = State::published}).ok());
  EXPECT_EQ(first(a, "最后一条"), "last");
  for (KnowledgeBase* kb : {&a, &b}) {
    EXPECT_EQ(kb->rebuilt(), "");
    EXPECT_EQ(kb->verify().value().problems, std::vector<std::string>{});
  }
  // Made again on one node, it is made anew in the other's memory.
  ASSERT_TRUE(a.rebuild().ok());
  EXPECT_EQ(first(b, "暂住登记续期", kNow + std::chrono::seconds(2)), "n3");
  EXPECT_EQ(b.verify().value().problems, std::vector<std::string>{});
  EXPECT_FALSE(b.refresh().value());
}

}  // namespace

TEST(Nodes, FollowEachOtherOnOneFile) {
  const auto path = std::filesystem::temp_directory_path() / ("hotline_kb_nodes_" + std::to_string(getpid()) + ".db");
  std::filesystem::remove(path);
  follow_each_other(path.string());
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + tail);
}

TEST(Nodes, FollowEachOtherOnPostgres) {
  test::PrivatePostgres server;
  const std::string url = server.url();
  if (url.empty()) GTEST_SKIP() << server.why();
  follow_each_other(url);
}

// The log of changes is cut from time to time; who is further behind reads everything.
TEST(Nodes, CatchUpAfterALongAbsence) {
  const auto path = std::filesystem::temp_directory_path() / ("hotline_kb_behind_" + std::to_string(getpid()) + ".db");
  std::filesystem::remove(path);
  {
    auto db = store::Database::open(path.string()).value();
    KnowledgeBase a = KnowledgeBase::open(db).value();
    KnowledgeBase b = node(path.string());
    ASSERT_TRUE(a.put(article("one", "第一条"), kNow, {.state = State::published}).ok());
    EXPECT_EQ(first(b, "第一条"), "one");
    ASSERT_TRUE(db.write([](store::Transaction& t) -> Status {
      HOTLINE_TRY(t.post("UPDATE kb_meta SET value = value + 5 WHERE name = 'generation'"));
      HOTLINE_TRY(t.post("UPDATE kb_meta SET value = (SELECT value FROM kb_meta WHERE name = 'generation') WHERE name = 'changes_from'"));
      return t.post("DELETE FROM kb_change");
    }).ok());
    ASSERT_TRUE(a.put(article("two", "第二条"), kNow, {.state = State::published}).ok());
    EXPECT_EQ(first(b, "第二条"), "two");
    EXPECT_EQ(b.verify().value().problems, std::vector<std::string>{});
  }
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + tail);
}
