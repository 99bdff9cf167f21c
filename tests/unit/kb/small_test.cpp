// The small footprint: the words in SQLite's FTS5, everything else as ever.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "hotline/kb/import.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "support/postgres.hpp"
#include "unit/kb/articles.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

struct File {
  std::string path = (std::filesystem::temp_directory_path() / ("hotline_kb_small_" + std::to_string(getpid()) + ".db")).string();
  File() { remove(); }
  ~File() { remove(); }
  void remove() const {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
};

KnowledgeBase open(const std::string& path, Footprint footprint = Footprint::as_kept) {
  return KnowledgeBase::open(store::Database::open(path).value(), {}, {}, footprint).value();
}
KnowledgeBase empty() { return open("sqlite::memory:", Footprint::small); }

std::vector<std::string> ids(KnowledgeBase& kb, std::string_view question, const Filters& filters = {}, Time at = kNow) {
  std::vector<std::string> out;
  const Results found = kb.search(question, filters, at, {.limit = 1000}).value();
  for (const Hit& h : found.hits) out.push_back(h.id);
  return out;
}

std::vector<Article> city() { return load_articles(HOTLINE_SOURCE_DIR "/examples/city_hotline/data/kb").value().articles; }

}  // namespace

TEST(Small, FindsMarksAndExplains) {
  KnowledgeBase kb = empty();
  EXPECT_EQ(kb.footprint(), Footprint::small);
  publish(kb, make("fund", "住房公积金提取", "职工购买自住住房的，可以提取住房公积金。"));
  publish(kb, make("pension", "养老保险待遇", "达到法定退休年龄，按月领取基本养老金。"));
  publish(kb, make("permit", "Renew a residence permit", "TH-01"));
  const auto found = kb.search("公积金怎么提取", {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  ASSERT_EQ(found.hits.size(), 1u);
  EXPECT_EQ(found.hits[0].id, "fund");
  EXPECT_GT(found.confidence, 0.3);
  EXPECT_LE(found.confidence, 1);
  EXPECT_FALSE(found.hits[0].reasons.empty());
  const Mark m = found.hits[0].title_marks.at(0);
  EXPECT_EQ(found.hits[0].title.substr(m.begin, m.end - m.begin), "公积金提取");
  EXPECT_EQ(ids(kb, "residence"), std::vector<std::string>{"permit"});
  EXPECT_EQ(ids(kb, "th01"), std::vector<std::string>{"permit"});
  EXPECT_EQ(ids(kb, "養老保險"), std::vector<std::string>{"pension"});
  EXPECT_EQ(kb.suggest("zfgjj", {}, kNow).value().at(0).article, "fund");
  EXPECT_EQ(kb.search("火星", {}, kNow).value().confidence, 0);
  // What it has not, as its header says.
  EXPECT_TRUE(ids(kb, "residense").empty());
  EXPECT_TRUE(ids(kb, "养老宝线").size() <= 1);
}

TEST(Small, QuotesExclusionsNumbersAndPhrases) {
  KnowledgeBase kb = empty();
  publish(kb, make("far", "上海的交通和大学", "上海 交通 大学 上海 交通 大学 海交 通大"));
  publish(kb, make("exact", "招生", "上海交通大学位于闵行区。这里还有许多别的话，让文章长一些，不靠分数也排在最前面。"));
  Article doc = make("doc", "关于印发办法的通知", "各部门");
  doc.number = "国发〔2024〕5号";
  publish(kb, doc);
  publish(kb, make("other", "国发 2024 5 号 2024 5 号 国发", "国发 2024"));
  EXPECT_EQ(ids(kb, "上海交通大学").front(), "exact");
  EXPECT_EQ(ids(kb, "\"上海交通大学\""), std::vector<std::string>{"exact"});
  EXPECT_EQ(ids(kb, "上海 -闵行"), std::vector<std::string>{"far"});
  EXPECT_EQ(ids(kb, "上海 -闵"), std::vector<std::string>{"far"});  // one character, found by reading
  EXPECT_EQ(ids(kb, "国发[2024]第5号").front(), "doc");
  kb.set_synonyms("", std::vector<Synonym>{{"魔都", "上海"}}).value();
  EXPECT_FALSE(ids(kb, "魔都").empty());
  kb.pin("上海", "doc", Pin::top).value();
  EXPECT_EQ(ids(kb, "上海").front(), "doc");
}

// For every filter: what passes is what passes in a full index.
TEST(Small, HasTheSameFilters) {
  KnowledgeBase kb = empty();
  KnowledgeBase full = open("sqlite::memory:");
  std::vector<Article> stock = city();
  for (std::size_t i = 0; i < stock.size(); ++i) {
    stock[i].body += " 共有的话";
    if (i % 7 == 0) stock[i].effective_to = kNow - std::chrono::hours(1), stock[i].effective_from.reset();
    if (i % 11 == 0) stock[i].channels = static_cast<Channels>(Channel::agent);
  }
  for (KnowledgeBase* one : {&kb, &full}) one->put_all(stock, kNow - std::chrono::hours(48), State::published).value();
  std::vector<Filters> all{{}, {.channel = Channel::citizen}, {.channel = Channel::ivr, .jurisdiction = "990100"}, {.jurisdiction = "990200"}, {.jurisdiction = "990100", .regions = Filters::Regions::also_others},
                           {.libraries = {"guides"}}, {.kinds = {Kind::policy, Kind::guide}}, {.audience = "business"}, {.audience = "citizen"}, {.department = "省医疗保障局"}, {.catalogue = "社会保障"},
                           {.validity = Filters::Validity::any}};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const Time at : {kNow, kNow - std::chrono::hours(24)}) {
      auto small = ids(kb, "共有的话", all[i], at), large = ids(full, "共有的话", all[i], at);
      std::sort(small.begin(), small.end());
      std::sort(large.begin(), large.end());
      EXPECT_FALSE(large.empty()) << i;
      EXPECT_EQ(small, large) << "filters " << i;
    }
}

TEST(Small, FiltersNeverLoseHits) {
  KnowledgeBase kb = empty();
  std::vector<Article> many;
  for (int i = 0; i < 2000; ++i) {
    many.push_back(make("n" + std::to_string(i), "公积金 公积金 公积金", "公积金"));
    many.back().jurisdiction = "330000";
  }
  many.push_back(make("mine", "其他", "文末提到公积金。"));
  many.back().jurisdiction = "440100";
  kb.put_all(many, kNow, State::published).value();
  EXPECT_EQ(ids(kb, "公积金", {.jurisdiction = "440100"}), std::vector<std::string>{"mine"});
}

TEST(Small, AnswersMostOfWhatAFullOneDoes) {
  KnowledgeBase kb = empty();
  kb.put_all(city(), kNow, State::published).value();
  std::size_t asked = 0, found = 0;
  for (const Article& a : city())
    for (const std::string& question : a.questions) {
      if (!a.jurisdiction.empty() && a.jurisdiction != "990000") continue;
      ++asked;
      const auto answer = ids(kb, question, {.jurisdiction = "990000"});
      found += !answer.empty() && answer.front() == a.id ? 1 : 0;
    }
  EXPECT_GE(asked, 30u);
  EXPECT_GE(found * 10, asked * 9) << found << " of " << asked;
}

TEST(Small, RevisionsLearningAndVerification) {
  File file;
  {
    KnowledgeBase kb = open(file.path, Footprint::small);
    kb.put_all(city(), kNow, State::published).value();
    Article a = make("a", "最低工资标准", "每月2300元");
    publish(kb, a);
    a.body = "每月2500元";
    kb.put(a, kNow + std::chrono::hours(48), {.state = State::published}).value();
    publish(kb, make("gone", "临时占道许可", "占道"));
    kb.put(make("gone", "临时占道许可", "改过"), kNow, {.state = State::published}).value();  // takes the first one's place
    kb.withdraw("gone", kNow).value();
    EXPECT_TRUE(ids(kb, "\"临时占道许可\"").empty());
    EXPECT_EQ(kb.search("最低工资", {}, kNow + std::chrono::hours(49)).value().hits.at(0).revision, 2);
    kb.replay(std::vector<Click>{{"穷人福利咋弄", "a", "x", 2, kNow}, {"穷人福利咋弄", "a", "y", 2, kNow}}).value();
    EXPECT_EQ(kb.learn(kNow).value(), 1u);
    EXPECT_EQ(ids(kb, "穷人福利咋弄"), std::vector<std::string>{"a"});
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    kb.optimize().value();
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    EXPECT_GT(kb.statistics().bytes, 0u);
  }
  KnowledgeBase kb = open(file.path);
  EXPECT_EQ(kb.footprint(), Footprint::small);
  EXPECT_EQ(kb.rebuilt(), "");
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  KnowledgeBase other = open(file.path);  // another node
  publish(other, make("new", "无人机飞行登记", "登记"));
  EXPECT_EQ(ids(kb, "无人机飞行").at(0), "new");
  // A word in the table that no article has, and one that is missing, are both seen.
  store::Database db = store::Database::open(file.path).value();
  db.write([](store::Transaction& t) { return t.post("INSERT INTO kb_small (rowid, title, keywords, body) VALUES (1, 'stray', '', '')"); }).value();
  EXPECT_FALSE(kb.verify().value().problems.empty());
  kb.rebuild().value();
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
}

TEST(Small, ADamagedTableIsMadeAgain) {
  for (const char* damage : {"DELETE FROM kb_small_data WHERE id > 10", "DELETE FROM kb_small_docsize WHERE id % 2 = 0", "DROP TABLE kb_small", "UPDATE kb_small_data SET block = x'00010203'"}) {
    File file;
    {
      KnowledgeBase kb = open(file.path, Footprint::small);
      kb.put_all(city(), kNow, State::published).value();
    }
    sqlite3* raw = nullptr;  // the store would not let anybody write into FTS5's own tables
    ASSERT_EQ(sqlite3_open(file.path.c_str(), &raw), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(raw, damage, nullptr, nullptr, nullptr), SQLITE_OK) << damage;
    sqlite3_close(raw);
    KnowledgeBase kb = open(file.path);
    EXPECT_NE(kb.rebuilt(), "") << damage;
    EXPECT_EQ(kb.footprint(), Footprint::small);
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{}) << damage;
  }
}

TEST(Small, ThereAndBackAgain) {
  File file;
  open(file.path).put_all(city(), kNow, State::published).value();
  KnowledgeBase elsewhere = open(file.path);  // a node that does not know yet
  {
    KnowledgeBase kb = open(file.path, Footprint::small);
    EXPECT_EQ(kb.rebuilt(), "the search index was a full one");
    EXPECT_FALSE(ids(kb, "公积金").empty());
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    EXPECT_FALSE(ids(elsewhere, "公积金").empty());
    EXPECT_EQ(elsewhere.footprint(), Footprint::small);
  }
  KnowledgeBase kb = open(file.path, Footprint::full);
  EXPECT_EQ(kb.footprint(), Footprint::full);
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  // A node that prepared its text for the other footprint is told, and tries again.
  EXPECT_EQ(elsewhere.put(make("late", "迟到的文章", "内容"), kNow, {.state = State::published}).code(), ErrorCode::busy);
  publish(elsewhere, make("late", "迟到的文章", "内容"));
  EXPECT_EQ(ids(kb, "迟到的文章").at(0), "late");
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
}

TEST(Small, NotOnPostgres) {
  test::PrivatePostgres server;
  const std::string url = server.url();
  if (url.empty()) GTEST_SKIP() << server.why();
  EXPECT_EQ(KnowledgeBase::open(store::Database::open(url).value(), {}, {}, Footprint::small).code(), ErrorCode::unsupported);
  EXPECT_TRUE(KnowledgeBase::open(store::Database::open(url).value()).ok());
}
