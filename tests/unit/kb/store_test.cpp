#include <gtest/gtest.h>

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
  std::string path;
  explicit File(const std::string& name) : path((std::filesystem::temp_directory_path() / ("hotline_kb_" + name + ".db")).string()) { remove(); }
  ~File() { remove(); }
  void remove() const {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
  }
};

std::vector<Article> many(int n) {
  std::vector<Article> out;
  for (int i = 0; i < n; ++i) out.push_back(make("a" + std::to_string(i), "办事指南第" + std::to_string(i) + "条", "正文 number " + std::to_string(i)));
  return out;
}

KnowledgeBase open(const std::string& path) { return KnowledgeBase::open(store::Database::open(path).value()).value(); }

}  // namespace

TEST(Store, OpensAsItWas) {
  File file("reopen");
  {
    KnowledgeBase kb = open(file.path);
    kb.put_all(many(300), kNow, State::published).value();
    for (int i = 0; i < 40; ++i) kb.put(make("a" + std::to_string(i), "改过的指南" + std::to_string(i), "新正文"), kNow + std::chrono::hours(1), {.state = State::published}).value();
    kb.withdraw("a299", kNow + std::chrono::hours(1)).value();
    EXPECT_TRUE(kb.verify().value().problems.empty());
  }
  KnowledgeBase kb = open(file.path);
  EXPECT_EQ(kb.rebuilt(), "");
  const auto check = kb.verify().value();
  EXPECT_EQ(check.problems, std::vector<std::string>{});
  EXPECT_EQ(check.articles, 300u);
  EXPECT_EQ(check.entries, 340u);
  EXPECT_EQ(kb.search("改过的指南7", {}, kNow + std::chrono::hours(2)).value().hits.at(0).id, "a7");
  const auto before = kb.search("办事指南 第7条", {}, kNow).value();
  kb.optimize().value();
  EXPECT_EQ(kb.statistics().segments, 1u);
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  const auto after = kb.search("办事指南 第7条", {}, kNow).value();
  ASSERT_EQ(before.hits.size(), after.hits.size());
  EXPECT_EQ(before.hits[0].id, after.hits[0].id);
}

TEST(Store, ADamagedIndexIsMadeAgain) {
  File file("damaged");
  {
    KnowledgeBase kb = open(file.path);
    kb.put_all(many(50), kNow, State::published).value();
  }
  {
    store::Database db = store::Database::open(file.path).value();
    db.write([](store::Transaction& t) { return t.post("UPDATE kb_segment SET data = x'686c6b6231000102030405060708090a0b0c0d0e0f'"); }).value();
  }
  KnowledgeBase kb = open(file.path);
  EXPECT_NE(kb.rebuilt(), "");
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  EXPECT_EQ(kb.search("指南第7条", {}, kNow).value().hits.at(0).id, "a7");
}

TEST(Store, VerifyFindsWhatIsWrong) {
  File file("wrong");
  KnowledgeBase kb = open(file.path);
  kb.put_all(many(20), kNow, State::published).value();
  store::Database db = store::Database::open(file.path).value();
  db.write([](store::Transaction& t) { return t.post("UPDATE kb_revision SET body = 'other words' WHERE article = 'a3'"); }).value();
  db.write([](store::Transaction& t) { return t.post("DELETE FROM kb_entry WHERE article = 'a4'"); }).value();
  const auto check = kb.verify().value();
  EXPECT_EQ(check.problems.size(), 3u) << check.problems.size();
  kb.rebuild().value();
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
}

void two_nodes(const std::string& url) {
  KnowledgeBase one = open(url);
  KnowledgeBase two = open(url);
  one.put(make("x", "夜间施工噪声", "投诉"), kNow, {.state = State::published}).value();
  EXPECT_TRUE(two.refresh().value());
  EXPECT_FALSE(two.refresh().value());
  EXPECT_EQ(two.search("施工噪声", {}, kNow).value().hits.size(), 1u);
  two.put(make("y", "夜间施工许可", "办理"), kNow, {.state = State::published}).value();
  one.put(make("z", "夜间施工时间", "规定"), kNow, {.state = State::published}).value();  // takes in the other's first
  EXPECT_EQ(one.search("夜间施工", {}, kNow).value().hits.size(), 3u);
  EXPECT_EQ(one.verify().value().problems, std::vector<std::string>{});
  one.set_synonyms("", std::vector<Synonym>{{"吵", "噪声"}}).value();
  two.refresh().value();
  EXPECT_FALSE(two.search("太吵", {}, kNow).value().hits.empty());
  EXPECT_EQ(two.verify().value().problems, std::vector<std::string>{});
  two.withdraw("z", kNow + std::chrono::hours(1)).value();
  EXPECT_TRUE(one.refresh().value());
  EXPECT_EQ(one.search("夜间施工", {}, kNow + std::chrono::hours(2)).value().hits.size(), 2u);
  const auto shown = one.search("太吵", {}, kNow).value();
  for (const char* agent : {"a", "b"}) one.chose(one.asked("太吵", shown, agent, Channel::agent, kNow).value(), "x", kNow).value();
  EXPECT_EQ(two.learn(kNow).value(), 1u);
  using Kind = ReportOptions::Kind;
  for (const Kind kind : {Kind::zero_results, Kind::low_clicks, Kind::hot_topics, Kind::trails, Kind::satisfaction, Kind::review_due, Kind::unused_synonyms})
    EXPECT_TRUE(one.report({.kind = kind}).ok()) << static_cast<int>(kind);
  one.optimize().value();
  two.refresh().value();
  EXPECT_EQ(two.verify().value().problems, std::vector<std::string>{});
  EXPECT_EQ(two.statistics().segments, 1u);
}

TEST(Store, TwoNodesSeeEachOther) {
  File file("nodes");
  two_nodes(file.path);
}

TEST(Store, TwoNodesOnPostgreSql) {
  test::PrivatePostgres server;
  const std::string url = server.url();
  if (url.empty()) GTEST_SKIP() << server.why();
  two_nodes(url);
}

TEST(Store, RefusesWhatItCannotKeep) {
  KnowledgeBase kb = open("sqlite::memory:");
  EXPECT_EQ(kb.put(make("", "t", "b"), kNow).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(kb.put(make("a", "\xFF", "b"), kNow).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(kb.put(make("a", std::string("a\0b", 3), "b"), kNow).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(kb.put(make("a", "t", std::string(2 << 20, 'x')), kNow).code(), ErrorCode::invalid_argument);
  Article a = make("a", "t", "b");
  a.effective_from = kNow;
  a.effective_to = kNow;
  EXPECT_EQ(kb.put(a, kNow).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(kb.article("a").code(), ErrorCode::not_found);
  EXPECT_EQ(kb.withdraw("a", kNow).code(), ErrorCode::not_found);
}

TEST(Store, TheSameArticleTwiceInOneBatch) {
  KnowledgeBase kb = open("sqlite::memory:");
  const std::vector<Article> batch{make("a", "旧标题", "旧"), make("a", "新标题", "新")};
  kb.put_all(batch, kNow, State::published).value();
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  EXPECT_EQ(kb.search("标题", {}, kNow).value().hits.at(0).title, "新标题");
}

// A popular article shares a word with every question; what nobody chose must not sink for that.
TEST(Learning, WeakLikenessMovesNothing) {
  KnowledgeBase kb = open("sqlite::memory:");
  std::vector<Article> articles{make("popular", "公积金提取", "提取住房公积金的条件"), make("quiet", "社保卡挂失", "社保卡丢了怎么办理挂失")};
  for (int i = 0; i < 20; ++i) articles.push_back(make("a" + std::to_string(i), "事项" + std::to_string(i), "别的内容" + std::to_string(i)));
  kb.put_all(articles, kNow, State::published).value();
  const std::string question = "社保卡丢了怎么挂失";
  const auto before = kb.search(question, {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  ASSERT_EQ(before.hits.at(0).id, "quiet");
  std::vector<Click> clicks;
  for (const char* asked : {"买房取钱怎么办", "租房取钱怎么办", "退休了怎么把钱取出来", "社保卡里的公积金怎么取"})
    for (const char* agent : {"a1", "a2"}) clicks.push_back({asked, "popular", agent, 2, kNow});
  kb.replay(clicks).value();
  EXPECT_EQ(kb.learn(kNow).value(), 1u);
  const auto after = kb.search(question, {}, kNow).value();
  ASSERT_EQ(after.hits.size(), before.hits.size());
  for (std::size_t i = 0; i < after.hits.size(); ++i) {
    EXPECT_EQ(after.hits[i].id, before.hits[i].id);
    EXPECT_EQ(after.hits[i].score, before.hits[i].score);
  }
  const auto again = kb.search("租房取钱怎么办", {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  ASSERT_EQ(again.hits.at(0).id, "popular");
  EXPECT_TRUE(std::any_of(again.hits[0].reasons.begin(), again.hits[0].reasons.end(),
                          [](const Reason& r) { return r.stream == "learned" && r.term == "租房取钱怎么办" && r.score > 0; }));
  // What must and must not occur is asked of the article, not of the questions that led there.
  const auto required = kb.search("租房取钱怎么办 \"挂失\"", {}, kNow).value();
  ASSERT_EQ(required.hits.size(), 1u);
  EXPECT_EQ(required.hits[0].id, "quiet");
  const auto excluded = kb.search("租房取钱怎么办 -公积金", {}, kNow).value();
  for (const Hit& h : excluded.hits) EXPECT_NE(h.id, "popular");
  // What choices weigh halves in 90 days.
  EXPECT_EQ(kb.learn(kNow + std::chrono::hours(24 * 210)).value(), 1u);
  const auto later = kb.search("租房取钱怎么办", {}, kNow).value();
  ASSERT_EQ(later.hits.at(0).id, "popular");
  EXPECT_LT(later.hits[0].score, again.hits[0].score);
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
}

TEST(Learning, ChosenQuestionsLeadThere) {
  KnowledgeBase kb = open("sqlite::memory:");
  kb.put_all(std::vector<Article>{make("rent", "租赁住房补贴发放办法", "符合条件的新就业职工"), make("other", "其他", "别的")}, kNow, State::published).value();
  const std::string question = "打工的租不起房有没有钱领";
  const auto shown = kb.search(question, {}, kNow).value();
  for (const char* agent : {"a1", "a2"}) {
    const auto asking = kb.asked(question, shown, agent, Channel::agent, kNow).value();
    kb.chose(asking, "rent", kNow).value();
    kb.solved(asking, true, kNow).value();
  }
  EXPECT_EQ(kb.learn(kNow).value(), 1u);
  EXPECT_EQ(kb.learn(kNow).value(), 0u);
  EXPECT_EQ(kb.search("打工的有没有钱领", {}, kNow).value().hits.at(0).id, "rent");
  EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
  EXPECT_EQ(kb.learn(kNow + std::chrono::hours(24 * 365 * 5)).value(), 1u);  // forgotten again
  const auto trails = kb.report({.kind = ReportOptions::Kind::trails}).value();
  ASSERT_EQ(trails.rows.size(), 1u);
  EXPECT_EQ(trails.rows[0].text, "rent");
  EXPECT_EQ(kb.report({.kind = ReportOptions::Kind::hot_topics}).value().rows.at(0).count, 2);
  EXPECT_EQ(kb.chose(999, "rent", kNow).code(), ErrorCode::not_found);
}

TEST(Learning, PersonalDataStaysOut) {
  EXPECT_EQ(without_personal_data("我叫张三,电话138 0013 8000"), "我叫#,电话#");
  EXPECT_EQ(without_personal_data("你好，我叫欧阳小明我想问公积金"), "你好，我叫#我想问公积金");
  EXPECT_EQ(without_personal_data("王女士反映楼上漏水"), "#女士反映楼上漏水");
  EXPECT_EQ(without_personal_data("李建国先生的社保卡"), "#先生的社保卡");
  EXPECT_EQ(without_personal_data("黄河路施工噪声"), "黄河路施工噪声");
  EXPECT_EQ(without_personal_data("本人想办居住证"), "本人想办居住证");
  EXPECT_EQ(without_personal_data("my name is John Smith and I moved"), "my name is # and I moved");
  EXPECT_EQ(without_personal_data("Mr. Lee asks"), "Mr. # asks");
  EXPECT_EQ(without_personal_data("mail zhang.san@example.com now"), "mail # now");
  EXPECT_EQ(without_personal_data("身份证44010619900101123X号"), "身份证#号");
  EXPECT_EQ(without_personal_data("5号线"), "5号线");
  KnowledgeBase kb = open("sqlite::memory:");
  const auto shown = kb.search("x", {}, kNow).value();
  kb.asked("我的电话13800138000查不到", shown, "a", Channel::agent, kNow).value();
  EXPECT_EQ(kb.report({}).value().rows.at(0).subject, "我的电话#查不到");
}

TEST(Learning, OpinionsAndReviews) {
  KnowledgeBase kb = open("sqlite::memory:");
  Article a = make("a", "t", "b");
  a.review_due = kNow + std::chrono::hours(1);
  kb.put(a, kNow, {.state = State::published}).value();
  kb.rate("a", "agent", 2, "过时了", kNow).value();
  EXPECT_EQ(kb.rate("a", "agent", 6, "", kNow).code(), ErrorCode::invalid_argument);
  const auto report = kb.report({.kind = ReportOptions::Kind::satisfaction}).value();
  EXPECT_EQ(report.rows.at(0).value, 2);
  EXPECT_EQ(report.rows.at(0).text, "过时了");
  EXPECT_EQ(kb.report({.kind = ReportOptions::Kind::review_due, .from = kNow, .to = kNow + std::chrono::hours(2)}).value().rows.size(), 1u);
}

TEST(Import, EveryFormatAndItsReport) {
  const auto csv = read_articles("id,title,body,keywords\na1,\"标题,一\",\"两行\n正文\",甲|乙\nbroken\n,无号,正文,\n1,2,3,4,5\n", Format::csv, "x.csv").value();
  ASSERT_EQ(csv.articles.size(), 2u);
  EXPECT_EQ(csv.articles[0].title, "标题,一");
  EXPECT_EQ(csv.articles[0].keywords.size(), 2u);
  EXPECT_EQ(csv.records, 4u);
  EXPECT_EQ(csv.report.error_count(), 2u);
  const auto lines = read_articles("{\"id\":\"j\",\"title\":\"t\",\"dept\":\"d\",\"shoe\":1}\n{\"id\":\"j\",\"title\":\"t\"}\n[1]\nnot json\n", Format::json_lines, "x.jsonl").value();
  ASSERT_EQ(lines.articles.size(), 1u);
  EXPECT_EQ(lines.articles[0].department, "d");
  EXPECT_EQ(lines.report.error_count(), 3u);
  const auto markdown = read_articles("---\nid: m1\nkeywords: [甲]\neffective_from: 2026-01-01\n---\n# 标题\n\n正文\n\n---\nid: m2\n---\n# 第二\n文\n", Format::markdown, "x.md").value();
  ASSERT_EQ(markdown.articles.size(), 2u);
  EXPECT_EQ(markdown.articles[0].body, "正文");
  EXPECT_EQ(markdown.articles[1].title, "第二");
  const auto html = read_articles("<html><head><title>页</title><meta name=\"id\" content=\"h1\"><style>p{}</style></head><body><h1>标&amp;题</h1><p>第一段</p><script>x</script><p>第二段&#20013;</p></body></html>", Format::html, "x.html").value();
  ASSERT_EQ(html.articles.size(), 1u);
  EXPECT_EQ(html.articles[0].title, "标&题");
  EXPECT_EQ(html.articles[0].body, "第一段\n第二段中");
  EXPECT_EQ(read_articles("\xB0\xEC", Format::csv, "gbk.csv").code(), ErrorCode::invalid_encoding);
  for (const Format f : {Format::json_lines, Format::csv, Format::markdown}) {
    const auto again = read_articles(write_articles(markdown.articles, f).value(), f, "again").value();
    EXPECT_EQ(again.articles, markdown.articles);
    EXPECT_FALSE(again.report.has_errors());
  }
}

// A revision that is over before it begins ends the one before it and is found by nobody; a rebuilt index agrees.
TEST(Store, ARevisionThatIsOverBeforeItBegins) {
  for (const Footprint footprint : {Footprint::full, Footprint::small}) {
    KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value(), {}, {}, footprint).value();
    kb.put(make("a", "台风停课", "停课"), kNow - std::chrono::hours(48), {.state = State::published}).value();
    Article over = make("a", "台风停课", "已经结束");
    over.effective_to = kNow - std::chrono::hours(1);
    kb.put(over, kNow, {.state = State::published}).value();
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    EXPECT_TRUE(kb.search("台风停课", {}, kNow).value().hits.empty());
    EXPECT_EQ(kb.search("台风停课", {}, kNow - std::chrono::hours(2)).value().hits.size(), 1u);
    kb.put_all(std::vector<Article>{over, make("a", "台风停课", "新的"), over}, kNow, State::published).value();
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    const auto before = kb.search("台风停课", {.validity = Filters::Validity::any}, kNow).value().hits.size();
    kb.rebuild().value();
    EXPECT_EQ(kb.search("台风停课", {.validity = Filters::Validity::any}, kNow).value().hits.size(), before);
  }
}

// Written and read again, articles are the same to the last byte, whatever is in them.
TEST(Import, WhatIsWrittenIsReadAgain) {
  std::vector<Article> all;
  Article full = make("full", "标题", "第一段\n\n第二段");
  full.kind = Kind::guide;
  full.catalogue = "社会保障/社保卡";
  full.questions = {"怎么办", "有 | 竖线", "反斜\\杠\\|"};
  full.keywords = {"甲", "a,b", "\"引号\""};
  full.number = "国发〔2024〕5号";
  full.department = "医保局";
  full.jurisdiction = "440100";
  full.audience = {"citizen", "business"};
  full.channels = static_cast<Channels>(Channel::agent);
  full.effective_from = kNow;
  full.effective_to = kNow + std::chrono::hours(24);
  full.reviewed_at = kNow + std::chrono::nanoseconds(1);
  full.review_due = kNow + std::chrono::hours(48);
  full.supersedes = "old";
  full.overlays = "base";
  full.overlay = Overlay::replace;
  full.attachments = {"form.pdf"};
  full.spoken_answer = "请说：\"好\"";
  full.author = "zhang";
  full.credits = {"li", "wang"};
  all.push_back(full);
  const char* bodies[] = {"", "# 像标题\n正文", "---\nid: other\n---\n# 假的\n", "  前后有空白  ", "行尾\r\n换行", "\n\n空行在前", "逗号,\"引号\"\n", "tab\there", "\u2028\u0085\uFEFF\u007f 怪字符", "key: value\n- list", "{\"json\": [1]}", "a|b\\|c", "`code` {#x} ## y"};
  int n = 0;
  for (const char* body : bodies)
    for (const char* title : {"标题", "# 井号", " 空白 ", "---", "a: b", "第一行\n第二行"}) all.push_back(make("n" + std::to_string(n++), title, body));
  for (const Format format : {Format::json_lines, Format::csv, Format::markdown}) {
    const auto again = read_articles(write_articles(all, format).value(), format, "again").value();
    EXPECT_EQ(again.report.items().size(), 0u) << again.report.to_json();
    ASSERT_EQ(again.articles.size(), all.size()) << static_cast<int>(format);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(again.articles[i], all[i]) << static_cast<int>(format) << ": " << to_json(all[i]) << " became " << to_json(again.articles[i]);
  }
  EXPECT_EQ(write_articles(all, Format::html).code(), ErrorCode::unsupported);
}

TEST(Import, HeadingsOfPagesBecomeAnchors) {
  const auto page = read_articles("<html><body><h1>居住证</h1><h2 id=fees>收费标准</h2><p>二十元</p><h3>材料</h3>身份证</body></html>", Format::html, "x.html").value();
  ASSERT_EQ(page.articles.size(), 1u);
  EXPECT_EQ(page.articles[0].body, "## 收费标准 {#fees}\n二十元\n## 材料\n身份证");
}

TEST(Import, SaysWhatItCannotRead) {
  EXPECT_EQ(load_articles("/nowhere/at/all.jsonl").code(), ErrorCode::io);
  EXPECT_EQ(load_articles("/nowhere/without_ending").code(), ErrorCode::io);
  EXPECT_EQ(load_articles(HOTLINE_SOURCE_DIR "/CMakeLists.txt").code(), ErrorCode::unsupported);
  EXPECT_EQ(load_articles(HOTLINE_SOURCE_DIR "/tests/unit/kb").code(), ErrorCode::io);  // a folder without articles
  const auto hostile = read_articles("id,title,id\nx,y,z\n\"open quote,1\n", Format::csv, "x.csv");
  ASSERT_TRUE(hostile.ok());
  for (const Diagnostic& d : hostile->report.items()) EXPECT_GT(d.place.line, 0u) << d.code;
  const auto deep = read_articles(std::string(100000, '[') + "\n" + std::string(100000, '{') + "\n{\"id\":\"ok\",\"title\":\"t\"}\n", Format::json_lines, "x.jsonl").value();
  EXPECT_EQ(deep.articles.size(), 1u);
  EXPECT_EQ(deep.report.error_count(), 2u);
  EXPECT_EQ(deep.records, 3u);
}

// With their history: numbers, states, times, withdrawals; the copy answers as the original does at any time.
TEST(Import, HistoriesAreTakenOver) {
  KnowledgeBase kb = open("sqlite::memory:");
  kb.put_all(many(20), kNow, State::published).value();
  for (int i = 0; i < 5; ++i) kb.put(make("a" + std::to_string(i), "改过的指南" + std::to_string(i), "新正文"), kNow + std::chrono::hours(5), {.state = State::published}).value();
  kb.put(make("a1", "草稿", "没有发布"), kNow + std::chrono::hours(6)).value();
  kb.put(make("only", "只有草稿", "没有发布")  , kNow).value();
  kb.withdraw("a2", kNow + std::chrono::hours(7)).value();
  kb.withdraw("a19", kNow).value();
  std::vector<Revision> history;
  kb.each_revision([&](const Revision& r) { return history.push_back(r), Status(); }).value();
  const std::string text = write_history(history);
  const auto read = read_history(text, "history.jsonl").value();
  EXPECT_EQ(read, history);
  KnowledgeBase copy = open("sqlite::memory:");
  copy.restore(read).value();
  EXPECT_EQ(copy.verify().value().problems, std::vector<std::string>{});
  std::vector<Revision> again;
  copy.each_revision([&](const Revision& r) { return again.push_back(r), Status(); }).value();
  EXPECT_EQ(again, history);
  for (const int hours : {0, 4, 6, 8})
    for (const Filters::Validity validity : {Filters::Validity::valid, Filters::Validity::any}) {
      std::vector<std::string> found[2];
      for (int i = 0; i < 2; ++i) {
        const Results results = (i == 0 ? kb : copy).search("指南 正文 草稿", {.validity = validity}, kNow + std::chrono::hours(hours), {.limit = 100}).value();
        for (const Hit& h : results.hits) found[i].push_back(h.id + "@" + std::to_string(h.revision) + std::string(to_string(h.standing)));
        std::sort(found[i].begin(), found[i].end());
      }
      EXPECT_EQ(found[0], found[1]) << hours;
      EXPECT_FALSE(found[0].empty());
    }
  EXPECT_EQ(copy.restore(read).code(), ErrorCode::already_exists);
  for (const char* wrong : {"not json", "{}", "{\"revision\":0,\"state\":\"draft\",\"article\":{\"id\":\"x\"}}", "{\"revision\":1,\"state\":\"lost\",\"article\":{\"id\":\"x\"}}"}) {
    const auto refused = read_history(std::string("\n") + wrong, "h.jsonl");
    EXPECT_EQ(refused.code(), ErrorCode::invalid_document);
    EXPECT_NE(refused.error().text().find("h.jsonl:2"), std::string::npos) << refused.error().text();
  }
}

// Every byte of every segment matters: whichever is flipped, the index is made again and nothing is lost.
TEST(Store, EveryFlippedByteIsSeen) {
  File file("flipped");
  {
    KnowledgeBase kb = open(file.path);
    kb.put_all(many(12), kNow, State::published).value();
    for (int i = 0; i < 3; ++i) kb.put(make("b" + std::to_string(i), "另一段", "文字"), kNow, {.state = State::published}).value();
  }
  store::Database db = store::Database::open(file.path).value();
  std::vector<std::pair<std::int64_t, std::string>> segments;
  db.read([&](store::Transaction& t) { return t.query("SELECT id, data FROM kb_segment", {}, [&](const store::Row& r) { segments.emplace_back(r.integer(0), std::string(r.bytes(1))); }); }).value();
  ASSERT_GE(segments.size(), 1u);
  const auto write = [&](std::int64_t id, const std::string& data) {
    db.write([&](store::Transaction& t) { return t.post("UPDATE kb_segment SET data = ? WHERE id = ?", {store::Blob{data}, id}); }).value();
  };
  std::size_t tried = 0;
  const std::size_t size = segments.front().second.size();
  for (std::size_t at = 0; at < size; at += std::max<std::size_t>(1, size / 60)) {
    // Each opening makes the index again; what is flipped next is a byte of that one.
    std::int64_t id = 0;
    std::string data;
    db.read([&](store::Transaction& t) { return t.query("SELECT id, data FROM kb_segment ORDER BY id LIMIT 1", {}, [&](const store::Row& r) { id = r.integer(0), data = std::string(r.bytes(1)); }); }).value();
    ASSERT_LT(at, data.size());
    data[at] = static_cast<char>(data[at] ^ (1 << at % 8));
    write(id, data);
    KnowledgeBase kb = open(file.path);
    EXPECT_NE(kb.rebuilt(), "") << "byte " << at;
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{});
    EXPECT_EQ(kb.search("指南第7条", {}, kNow).value().hits.at(0).id, "a7");
    ++tried;
  }
  EXPECT_GE(tried, 30u);
  // The columns beside the blob: a segment that is not there, one twice, places that are wrong.
  for (const char* damage : {"DELETE FROM kb_segment", "UPDATE kb_segment SET data = x''", "UPDATE kb_segment SET first = first + 1000000, size = 0", "UPDATE kb_segment SET data = (SELECT data || data FROM kb_segment)"}) {
    db.write([&](store::Transaction& t) { return t.post(damage); }).value();
    KnowledgeBase kb = open(file.path);
    EXPECT_EQ(kb.verify().value().problems, std::vector<std::string>{}) << damage;
    EXPECT_EQ(kb.search("指南第7条", {}, kNow).value().hits.at(0).id, "a7") << damage;
  }
}
