// What users of other search engines complain about, each by the name of its thread. Those that are not here are in
// search_test.cpp, where the thread stands beside the test; docs/kb.md has the table.
#include <gtest/gtest.h>

#include <algorithm>

#include "hotline/kb/knowledge_base.hpp"
#include "unit/kb/articles.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

// Full and small: what is promised of both is asked of both.
class Complaint : public testing::TestWithParam<Footprint> {
 protected:
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value(), {}, {}, GetParam()).value();
  bool full() const { return GetParam() == Footprint::full; }

  void add(std::string id, std::string title, std::string body) { publish(kb, make(std::move(id), std::move(title), std::move(body))); }
  std::vector<std::string> ids(std::string_view question) {
    std::vector<std::string> out;
    const Results found = kb.search(question, {}, kNow).value();
    for (const Hit& h : found.hits) out.push_back(h.id);
    return out;
  }
  std::string first(std::string_view question) {
    const auto all = ids(question);
    return all.empty() ? "" : all.front();
  }
  static std::string marked(const std::string& text, const std::vector<Mark>& marks) {
    std::string out;
    for (const Mark& m : marks) out += "[" + text.substr(m.begin, m.end - m.begin) + "]";
    return out;
  }
};

std::string completed(KnowledgeBase& kb, std::string_view typed) {
  const auto found = kb.suggest(typed, {}, kNow).value();
  return found.empty() ? "" : found[0].article;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Kb, Complaint, testing::Values(Footprint::full, Footprint::small), [](const auto& one) { return std::string(one.param == Footprint::full ? "full" : "small"); });

// groue/GRDB.swift#413, thedotmack/claude-mem#3801, CherryHQ/stella#388, tgragnato/magnetico#594: the default finds no Chinese.
TEST_P(Complaint, ChineseIsFoundWithoutSettings) {
  add("memo", "关于开展城市更新试点工作的通知", "第三季度完成摸底调查。");
  add("other", "夜间施工管理", "噪声投诉");
  for (const char* question : {"城市更新", "试点工作", "摸底调查", "第三季度", "開展城市更新"}) EXPECT_EQ(first(question), "memo") << question;
}

// tommy0103/obelisk#9: letters glued to Chinese.
TEST_P(Complaint, LettersInsideChinese) {
  add("gen", "重跑gen后的检查", "步骤");
  add("app", "打开APP查看", "云川通App");
  EXPECT_EQ(first("重跑gen后"), "gen");
  EXPECT_EQ(first("gen"), "gen");
  EXPECT_EQ(first("app"), "app");
}

// MemTensor/MemOS#1961, bndct-devops/tome#207: words of two characters; ranked, not merely found.
TEST_P(Complaint, TwoCharactersAreRanked) {
  add("much", "社保", "社保卡、社保费、社保转移");
  add("little", "办事大厅的窗口分布与取号说明", "一楼有许多窗口，其中一个办理社保，其余办理户籍、出入境、税务和不动产登记。");
  EXPECT_EQ(ids("社保"), (std::vector<std::string>{"much", "little"}));
}

// Martian-Engineering/lossless-claw#219, 1Panel-dev/MaxKB#6676, zammad/zammad#1696: a sentence is not an AND.
TEST_P(Complaint, ASentenceIsNotAnAnd) {
  add("a", "城乡居民基本医疗保险参保登记", "未就业居民可以到户籍所在地办理参保登记。");
  add("b", "机动车驾驶证换证", "有效期满前九十日内申请换证。");
  EXPECT_EQ(first("你好，我想麻烦问一下，我没有工作，那我的医疗保险到底应该怎么去交呢，谢谢"), "a");
}

// meilisearch/meilisearch#2499, #4874, #2632, meilisearch/charabia#338, typesense/typesense#794, #800, #2085: a part of a word,
// in whatever way a dictionary would cut it; in Japanese and Korean too.
TEST_P(Complaint, PartsOfWords) {
  add("zh", "安装简单的灯具", "待处理工单列表。中华人民共和国劳动合同法。");
  add("ja", "東京特許許可局の手続き", "住民票の写しを請求する。");
  add("ko", "주민등록등본 발급", "전입신고를 합니다.");
  for (const char* part : {"简单", "处理", "共和国", "劳动", "合同法"}) EXPECT_EQ(first(part), "zh") << part;
  for (const char* part : {"特許", "許可局", "住民", "請求"}) EXPECT_EQ(first(part), "ja") << part;
  for (const char* part : {"등본", "등록", "전입"}) EXPECT_EQ(first(part), "ko") << part;
}

// labring/FastGPT#2791, ipfs-search/ipfs-search#103: what has the words scattered does not stand before what has the phrase.
TEST_P(Complaint, ScatteredWordsStandBehindThePhrase) {
  add("scattered", "上海 交通 大学", "上海的交通，大学的上海，交通的大学。上海，交通，大学，上海，交通，大学。");
  add("phrase", "招生简章", "上海交通大学面向全国招生。为了让这篇文章更长，这里写了许多与问题没有关系的话，说了又说。");
  EXPECT_EQ(first("上海交通大学"), "phrase");
  EXPECT_EQ(ids("\"上海交通大学\""), std::vector<std::string>{"phrase"});
}

// meilisearch/meilisearch#4075, #3655: sounds are no part of the index.
TEST_P(Complaint, SameSoundsAreOtherWords) {
  add("sight", "旅游景点预约", "景点开放时间");
  add("classic", "经典诵读活动", "经典作品");
  add("not", "不予受理的情形", "不予受理");
  add("ministry", "部门职责", "部门分工");
  add("cloth", "布料检验", "布料");
  EXPECT_EQ(ids("经典诵读"), std::vector<std::string>{"classic"});
  EXPECT_EQ(first("景点"), "sight");
  EXPECT_EQ(ids("部门职责"), std::vector<std::string>{"ministry"});
  EXPECT_EQ(ids("布料检验"), std::vector<std::string>{"cloth"});
  EXPECT_EQ(ids("不予受理"), std::vector<std::string>{"not"});
}

// wangfenjin/simple#85, #177, infinilabs/analysis-pinyin#302: common readings, and those that a word decides.
TEST_P(Complaint, ReadingsThatNobodyUses) {
  add("super", "超市食品安全", "x");
  add("line", "排水许可", "x");
  add("bank", "银行网点查询", "x");
  add("account", "会计资格考试", "x");
  EXPECT_EQ(completed(kb, "chaoshi"), "super");
  EXPECT_EQ(completed(kb, "tiaoshi"), "");
  EXPECT_EQ(completed(kb, "paishui"), "line");
  EXPECT_EQ(completed(kb, "baishui"), "");
  EXPECT_EQ(completed(kb, "yinhang"), "bank");
  EXPECT_EQ(completed(kb, "kuaiji"), "account");
}

// 1Panel-dev/MaxKB#6609: pinyin and slips in the question itself. (A small index has neither, and says so.)
TEST_P(Complaint, PinyinAndSlips) {
  if (!full()) GTEST_SKIP() << "not promised of a small index";
  for (int i = 0; i < 12; ++i) add("zj" + std::to_string(i), "浙江省办事指南" + std::to_string(i), "浙江");
  add("gd", "广东省办事指南", "广东");
  EXPECT_EQ(first("zhejiang").substr(0, 2), "zj");
  EXPECT_EQ(first("浙将").substr(0, 2), "zj");
}

// 1Panel-dev/MaxKB#6740: codes.
TEST_P(Complaint, CodesAndModels) {
  add("a", "传感器-温度-TH01", "安装");
  add("b", "传感器-湿度-SD02", "安装");
  for (const char* question : {"传感器-温度-TH01", "th01", "TH-01"}) EXPECT_EQ(first(question), "a") << question;
}

// 1Panel-dev/MaxKB#1404: which words hit; #2289: no likeness above one; #2282: one common word is a hit, with no threshold to set.
TEST_P(Complaint, WhyAndHowSure) {
  add("a", "安全生产条例", "生产经营单位应当遵守。");
  for (int i = 0; i < 30; ++i) add("n" + std::to_string(i), "事项" + std::to_string(i), "安全提示");
  const auto found = kb.search("安全", {}, kNow, {.limit = 50, .detail = SearchOptions::Detail::explain}).value();
  EXPECT_EQ(found.hits.size(), 31u);
  for (const Hit& h : found.hits) {
    EXPECT_GT(h.confidence, 0);
    EXPECT_LE(h.confidence, 1);
    ASSERT_FALSE(h.reasons.empty());
    EXPECT_EQ(h.reasons[0].term, "安全");
    EXPECT_FALSE(h.title_marks.empty() && h.snippet_marks.empty());
  }
}

// 1Panel-dev/MaxKB#314: what every question says decides nothing.
TEST_P(Complaint, BoilerplateOfQuestions) {
  for (int i = 0; i < 30; ++i) add("n" + std::to_string(i), "请问如何办理事项" + std::to_string(i), "请问需要什么材料，请问如何办理。");
  add("dog", "养犬登记", "带犬只免疫证明。");
  EXPECT_EQ(first("请问如何办理养犬登记，请问需要什么材料"), "dog");
}

// meilisearch/meilisearch#2091: the whole word is marked, once; neodb-social/neodb#346: in the characters that stand there;
// typesense/typesense#977: Korean.
TEST_P(Complaint, MarksAreWhole) {
  add("a", "勞動合同解除", "x");
  add("ko", "주민등록등본 발급", "x");
  add("en", "Residence permits", "x");
  const auto title = [&](const char* question) {
    const auto hit = kb.search(question, {}, kNow).value().hits.at(0);
    return marked(hit.title, hit.title_marks);
  };
  EXPECT_EQ(title("劳动合同"), "[勞動合同]");
  EXPECT_EQ(title("劳动合同解除"), "[勞動合同解除]");
  EXPECT_EQ(title("주민등록등본"), "[주민등록등본]");
  EXPECT_EQ(title("등록"), "[등록]");
  EXPECT_EQ(title("permits"), "[permits]");
}

// typesense/typesense#2774: no language to choose; one text in three languages.
TEST_P(Complaint, LanguagesInOneText) {
  add("mix", "Wi-Fi 密码 パスワード 변경", "重置 router 之后输入新密码。");
  add("other", "夜间施工", "noise");
  for (const char* question : {"密码", "パスワード", "변경", "router", "WIFI 密码", "重置router"}) EXPECT_EQ(first(question), "mix") << question;
}

// tobi/qmd#455, #953, DeusData/codebase-memory-mcp#301: a filter is part of the search, and loses nothing.
TEST_P(Complaint, FiltersArePartOfTheSearch) {
  std::vector<Article> many;
  for (int i = 0; i < 300; ++i) {
    Article a;
    a.id = "n" + std::to_string(i);
    a.library = i == 299 ? "guides" : "qa";
    a.title = i == 299 ? "其他" : "公积金 公积金";
    a.body = "文末提到公积金。";
    many.push_back(std::move(a));
  }
  kb.put_all(many, kNow, State::published).value();
  const auto found = kb.search("公积金", {.libraries = {"guides"}}, kNow, {.limit = 1}).value();
  ASSERT_EQ(found.hits.size(), 1u);
  EXPECT_EQ(found.hits[0].id, "n299");
}

// zammad/zammad#2848: how old an answer is; mozilla/kitsune#3518, keeweb/keeweb#2181, mozilla/sumo#3012: what has run out is gone
// from that moment, without a job that sweeps.
TEST_P(Complaint, StaleAnswers) {
  Article a;
  a.id = "old";
  a.library = "qa";
  a.title = "购房补贴";
  a.reviewed_at = kNow - std::chrono::hours(24 * 30);
  a.effective_to = kNow + std::chrono::hours(24 * 240);  // eight months
  kb.put(a, kNow, {.state = State::published}).value();
  const auto at = [&](Time time, Filters filters) { return kb.search("购房补贴", filters, time).value().hits; };
  ASSERT_EQ(at(kNow, {}).size(), 1u);
  EXPECT_EQ(at(kNow, {})[0].reviewed_at, a.reviewed_at);
  for (const Channel c : {Channel::citizen, Channel::ivr, Channel::agent}) {
    EXPECT_EQ(at(*a.effective_to - std::chrono::nanoseconds(1), {.channel = c}).size(), 1u);
    EXPECT_TRUE(at(*a.effective_to, {.channel = c}).empty());
    EXPECT_EQ(at(*a.effective_to, {.channel = c, .validity = Filters::Validity::any}).size(), c == Channel::agent ? 1u : 0u);
  }
}
