#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <memory>

#include "hotline/kb/import.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "unit/kb/articles.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

KnowledgeBase empty() { return KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value(); }

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

TEST(Search, ASentenceFindsItsAnswer) {  // Martian-Engineering/lossless-claw#219, zammad#1696: no AND
  KnowledgeBase kb = empty();
  publish(kb, make("a", "城乡居民基本医疗保险参保登记", "未就业居民可以到户籍所在地办理参保登记。"));
  publish(kb, make("b", "机动车驾驶证换证", "有效期满前九十日内申请换证。"));
  EXPECT_EQ(first(kb, "我没有工作，想给自己交一个医疗保险，请问要去哪里办理？"), "a");
}

TEST(Search, PartsOfWordsAreFound) {  // meilisearch#2499, #4874
  KnowledgeBase kb = empty();
  publish(kb, make("a", "安装简单的灯具", "简单说明"));
  publish(kb, make("b", "待处理工单", "列表"));
  EXPECT_EQ(first(kb, "简单"), "a");
  EXPECT_EQ(first(kb, "处理"), "b");
  EXPECT_EQ(first(kb, "待处理"), "b");
}

TEST(Search, LettersGluedToChinese) {  // tommy0103/obelisk#9
  KnowledgeBase kb = empty();
  publish(kb, make("a", "重跑gen后的检查", "步骤"));
  EXPECT_EQ(first(kb, "gen"), "a");
  EXPECT_EQ(first(kb, "GEN 检查"), "a");
}

TEST(Search, TheWholePhraseComesFirst) {  // FastGPT#2791, ipfs-search#103
  KnowledgeBase kb = empty();
  publish(kb, make("far", "上海的交通和大学", "上海 交通 大学 上海 交通 大学 海交 通大 上海市的交通，大学里的交通，上海大学。"));
  publish(kb, make("exact", "招生", std::string("上海交通大学") + "位于闵行区。这里还有许多别的话，让文章长一些，让它得分低一些，让它不靠分数也排在最前面。"));
  publish(kb, make("other", "上海大学", "上海大学"));
  EXPECT_EQ(first(kb, "上海交通大学"), "exact");
  EXPECT_EQ(ids(kb, "\"上海交通大学\""), std::vector<std::string>{"exact"});
  EXPECT_EQ(ids(kb, "“上海交通大学”"), std::vector<std::string>{"exact"});
}

TEST(Search, ExcludedWords) {
  KnowledgeBase kb = empty();
  publish(kb, make("card", "社保卡补办", "补办社保卡"));
  publish(kb, make("id", "身份证补办", "补办身份证"));
  EXPECT_EQ(ids(kb, "补办 -社保卡"), std::vector<std::string>{"id"});
  EXPECT_EQ(ids(kb, "补办 -\xE7\xA4").size(), 2u);  // half a character excludes nothing
}

TEST(Search, SoundsAreForSlipsOnly) {  // meilisearch#4075 (景点 = 经典), #3655 (不/布/部)
  KnowledgeBase kb = empty();
  publish(kb, make("sight", "旅游景点预约", "景点开放时间"));
  publish(kb, make("classic", "经典诵读活动", "经典作品"));
  EXPECT_EQ(ids(kb, "经典诵读"), std::vector<std::string>{"classic"});
  const auto all = ids(kb, "景点");
  EXPECT_EQ(all.front(), "sight");
}

TEST(Search, SameSoundingCharactersAndPinyin) {  // MaxKB#6609
  KnowledgeBase kb = empty();
  for (int i = 0; i < 8; ++i) publish(kb, make("zj" + std::to_string(i), "浙江省办事指南" + std::to_string(i), "浙江"));
  publish(kb, make("gd", "广东省办事指南", "广东"));
  EXPECT_EQ(first(kb, "浙将").substr(0, 2), "zj");
  EXPECT_EQ(first(kb, "zhejiang").substr(0, 2), "zj");
  const auto found = kb.search("浙将", {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  bool said = false;
  for (const Reason& r : found.hits.at(0).reasons) said = said || r.expansion == "same sound as 浙将";
  EXPECT_TRUE(said);
  ASSERT_FALSE(found.hits[0].title_marks.empty());
  EXPECT_EQ(found.hits[0].title_marks[0].kind, Mark::Kind::same_sound);
}

TEST(Search, TyposInEnglish) {
  KnowledgeBase kb = empty();
  publish(kb, make("a", "Renew a residence permit", "How to renew your residence permit"));
  publish(kb, make("b", "Driving licence", "Exchange a licence"));
  EXPECT_EQ(first(kb, "residense"), "a");
  EXPECT_EQ(first(kb, "licences"), "b");
}

TEST(Search, Codes) {  // MaxKB#6740
  KnowledgeBase kb = empty();
  publish(kb, make("a", "传感器-温度-TH01", "安装"));
  publish(kb, make("b", "传感器-湿度-SD02", "安装"));
  EXPECT_EQ(first(kb, "传感器-温度-TH01"), "a");
  EXPECT_EQ(first(kb, "th01"), "a");
  EXPECT_EQ(first(kb, "TH-01"), "a");
}

TEST(Search, DocumentNumbers) {
  KnowledgeBase kb = empty();
  Article a = make("doc", "关于印发办法的通知", "各部门");
  a.number = "国发〔2024〕5号";
  publish(kb, a);
  publish(kb, make("other", "国发 2024 5 号 2024 5 号 国发", "国发 2024"));
  for (const char* q : {"国发〔2024〕5号", "国发[2024]5号", "国发（2024）第5号", "請問國發［2024］5號的內容"}) EXPECT_EQ(first(kb, q), "doc") << q;
  EXPECT_EQ(document_number("国发【2024】 5 号"), "国发〔2024〕5号");
  EXPECT_EQ(document_number("2024年5号"), "");
}

TEST(Search, TraditionalCharactersAndTheirMarks) {  // neodb-social/neodb#346
  KnowledgeBase kb = empty();
  publish(kb, make("a", "勞動合同解除", "勞動者可以解除勞動合同。"));
  const auto found = kb.search("劳动合同", {}, kNow).value();
  ASSERT_EQ(found.hits.size(), 1u);
  const Mark m = found.hits[0].title_marks.at(0);
  EXPECT_EQ(found.hits[0].title.substr(m.begin, m.end - m.begin), "勞動合同");  // meilisearch#2091: one mark, whole
  EXPECT_EQ(ids(kb, "勞動合同"), ids(kb, "劳动合同"));
}

TEST(Search, OtherPlaces) {
  KnowledgeBase kb = empty();
  publish(kb, make("nation", "医保报销比例", "全国"));
  publish(kb, make("province", "医保报销比例", "全省", "440000"));
  publish(kb, make("city", "医保报销比例", "全市", "440100"));
  publish(kb, make("elsewhere", "医保报销比例", "外地", "330100"));
  Filters here{.jurisdiction = "440106"};
  EXPECT_EQ(ids(kb, "医保报销比例", here), (std::vector<std::string>{"city", "province", "nation"}));
  here.regions = Filters::Regions::also_others;
  EXPECT_EQ(ids(kb, "医保报销比例", here).back(), "elsewhere");
}

TEST(Search, CitiesReplaceProvinces) {  // D3
  KnowledgeBase kb = empty();
  publish(kb, make("base", "公租房申请条件", "全省", "440000"));
  Article city = make("city", "公租房申请条件", "本市", "440100");
  city.overlays = "base";
  city.overlay = Overlay::replace;
  publish(kb, city);
  EXPECT_EQ(ids(kb, "公租房", {.jurisdiction = "440100"}), std::vector<std::string>{"city"});
  EXPECT_EQ(ids(kb, "公租房", {.jurisdiction = "440300"}), std::vector<std::string>{"base"});
  EXPECT_EQ(ids(kb, "公租房", {.jurisdiction = "440000"}), std::vector<std::string>{"base"});
  kb.withdraw("city", kNow).value();
  EXPECT_EQ(ids(kb, "公租房", {.jurisdiction = "440100"}), std::vector<std::string>{"base"});
}

TEST(Search, ValidityIsEnforced) {  // keeweb#2181, sumo#3012
  KnowledgeBase kb = empty();
  Article old = make("old", "购房补贴", "补贴一万元");
  old.effective_to = kNow - std::chrono::hours(1);
  publish(kb, old);
  Article coming = make("coming", "购房补贴新政", "补贴两万元");
  coming.effective_from = kNow + std::chrono::hours(24);
  publish(kb, coming);
  kb.put(make("draft", "购房补贴草案", "讨论"), kNow).value();
  for (const Channel c : {Channel::citizen, Channel::ivr, Channel::agent}) EXPECT_TRUE(ids(kb, "购房补贴", {.channel = c}).empty());
  EXPECT_EQ(ids(kb, "购房补贴", {}, kNow + std::chrono::hours(24)), std::vector<std::string>{"coming"});
  EXPECT_EQ(ids(kb, "购房补贴", {}, kNow - std::chrono::hours(2)), std::vector<std::string>{"old"});
  const auto all = kb.search("购房补贴", {.validity = Filters::Validity::any}, kNow).value();
  ASSERT_EQ(all.hits.size(), 3u);
  for (const Hit& h : all.hits)
    EXPECT_EQ(h.standing, h.id == "old" ? Standing::expired : h.id == "coming" ? Standing::future : Standing::draft);
  EXPECT_TRUE(ids(kb, "购房补贴", {.channel = Channel::citizen, .validity = Filters::Validity::any}).empty());
}

TEST(Search, RevisionsFollowOneAnother) {
  KnowledgeBase kb = empty();
  Article a = make("a", "最低工资标准", "每月2300元");
  publish(kb, a);
  a.body = "每月2500元";
  const Time later = kNow + std::chrono::hours(48);
  kb.put(a, later, {.state = State::published}).value();
  const auto before = kb.search("最低工资", {}, kNow + std::chrono::hours(1)).value();
  const auto after = kb.search("最低工资", {}, later).value();
  ASSERT_EQ(before.hits.size(), 1u);
  ASSERT_EQ(after.hits.size(), 1u);
  EXPECT_EQ(before.hits[0].revision, 1);
  EXPECT_EQ(after.hits[0].revision, 2);
  EXPECT_EQ(kb.revision("a", 1).value().article.body, "每月2300元");  // a citation shows what was said then
  EXPECT_EQ(kb.put(a, later, {.expected_revision = 1}).code(), ErrorCode::version_mismatch);
}

TEST(Search, SupersededArticlesGiveWay) {
  KnowledgeBase kb = empty();
  publish(kb, make("v1", "落户办法", "旧办法"));
  Article v2 = make("v2", "落户办法（2026）", "新办法");
  v2.supersedes = "v1";
  v2.effective_from = kNow + std::chrono::hours(1);
  publish(kb, v2);
  EXPECT_EQ(ids(kb, "落户办法"), std::vector<std::string>{"v1"});
  const Time then = kNow + std::chrono::hours(2);
  EXPECT_EQ(ids(kb, "落户办法", {}, then), std::vector<std::string>{"v2"});
  const auto all = kb.search("落户办法", {.validity = Filters::Validity::any}, then).value();
  ASSERT_EQ(all.hits.size(), 2u);
  EXPECT_EQ(all.hits[1].superseded_by, "v2");
  EXPECT_EQ(all.hits[1].standing, Standing::expired);
}

TEST(Search, FiltersNeverLoseHits) {  // tobi/qmd#953: not top-N and then filtered
  KnowledgeBase kb = empty();
  std::vector<Article> many;
  for (int i = 0; i < 500; ++i) many.push_back(make("n" + std::to_string(i), "公积金 公积金 公积金", "公积金", "330000"));
  many.push_back(make("mine", "其他", "文末提到公积金。", "440100"));
  kb.put_all(many, kNow, State::published).value();
  EXPECT_EQ(ids(kb, "公积金", {.jurisdiction = "440100"}), std::vector<std::string>{"mine"});
  Article business = make("business", "开办企业", "企业开办");
  business.audience = {"business"};
  business.library = "guides";
  business.kind = Kind::guide;
  business.channels = static_cast<Channels>(Channel::agent);
  business.department = "市监局";
  business.catalogue = "企业/开办";
  publish(kb, business);
  EXPECT_EQ(ids(kb, "开办企业", {.audience = "business"}).size(), 1u);
  EXPECT_TRUE(ids(kb, "开办企业", {.audience = "citizen"}).empty());
  EXPECT_TRUE(ids(kb, "开办企业", {.channel = Channel::citizen}).empty());
  EXPECT_EQ(ids(kb, "开办企业", {.libraries = {"guides"}}).size(), 1u);
  EXPECT_TRUE(ids(kb, "开办企业", {.libraries = {"qa"}}).empty());
  EXPECT_EQ(ids(kb, "开办企业", {.kinds = {Kind::guide}, .department = "市监局", .catalogue = "企业"}).size(), 1u);
  EXPECT_TRUE(ids(kb, "开办企业", {.department = "公安局"}).empty());
}

TEST(Search, SynonymsWithReasons) {
  KnowledgeBase kb = empty();
  publish(kb, make("loan", "个人住房贷款", "住房贷款利率"));
  publish(kb, make("car", "汽车贷款", "购车"));
  const std::vector<Synonym> synonyms{{"房贷", "个人住房贷款"}, {"没用过的", "词"}};
  const auto trial = kb.try_synonyms("", synonyms, std::vector<std::string>{"房贷利率怎么算"}, {}, kNow).value();
  kb.set_synonyms("", synonyms).value();
  const auto found = kb.search("房贷", {}, kNow, {.detail = SearchOptions::Detail::explain}).value();
  ASSERT_FALSE(found.hits.empty());
  EXPECT_EQ(found.hits[0].id, "loan");
  EXPECT_FALSE(found.notes.empty());
  EXPECT_EQ(trial.at(0).after.at(0), "loan");
  const auto report = kb.report({.kind = ReportOptions::Kind::unused_synonyms}).value();
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].subject, "没用过的");
}

// What was in force is kept: who changed it, when, why, and the way back.
TEST(Search, SynonymsHaveVersions) {
  KnowledgeBase kb = empty();
  publish(kb, make("loan", "个人住房贷款", "住房贷款利率"));
  publish(kb, make("card", "社会保障卡", "补办"));
  const std::vector<Synonym> first_list{{"房贷", "个人住房贷款", 0.6}}, second{{"红本本", "社会保障卡", 0.8, Synonym::Way::both}};
  kb.set_synonyms("", first_list, {"zhang", kNow, "first"}).value();
  kb.set_synonyms("", second, {"li", kNow + std::chrono::hours(1), "second"}).value();
  kb.set_synonyms("guides", first_list, {"zhang", kNow, ""}).value();
  EXPECT_EQ(first(kb, "红本本"), "card");
  const auto versions = kb.synonym_versions("").value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].by.who, "zhang");
  EXPECT_EQ(versions[1].by.at, kNow + std::chrono::hours(1));
  EXPECT_EQ(kb.synonym_versions("guides").value().size(), 1u);
  EXPECT_EQ(kb.synonyms_as_of("", 1).value().at(0).to, "个人住房贷款");
  EXPECT_EQ(kb.synonyms_as_of("", 2).value().at(0).way, Synonym::Way::both);
  EXPECT_EQ(kb.synonyms_as_of("", 9).code(), ErrorCode::not_found);
  kb.restore_synonyms("", 1, {"wang", kNow + std::chrono::hours(2), ""}).value();
  EXPECT_TRUE(ids(kb, "红本本").empty());
  EXPECT_EQ(first(kb, "房贷利率"), "loan");
  EXPECT_EQ(kb.synonym_versions("").value().at(2).by.note, "as in version 1");
  EXPECT_EQ(kb.restore_synonyms("", 7, {}).code(), ErrorCode::not_found);
  // A library's own synonym does nothing where other libraries are asked.
  kb.set_synonyms("", std::vector<Synonym>{}, {}).value();
  EXPECT_EQ(kb.search("房贷", {.libraries = {"qa"}}, kNow).value().notes, std::vector<std::string>{});
  EXPECT_EQ(kb.search("房贷", {.libraries = {"guides"}}, kNow).value().notes.at(0).substr(0, 15), "also looked for");
  // A change is tried against the questions that were saved, before it is made.
  kb.save_questions(std::vector<SavedQuestion>{{"红本本丢了", "card"}, {"房贷", ""}}).value();
  EXPECT_EQ(kb.save_questions(std::vector<SavedQuestion>{{"x", "nobody"}}).code(), ErrorCode::not_found);
  EXPECT_EQ(kb.saved_questions().value().size(), 2u);
  const auto trials = kb.try_synonyms("", second, {}, {}, kNow).value();
  ASSERT_EQ(trials.size(), 2u);
  const auto& trial = trials[0].expected == "card" ? trials[0] : trials[1];
  EXPECT_EQ(trial.place_before, 0);
  EXPECT_EQ(trial.place_after, 1);
  EXPECT_TRUE(ids(kb, "红本本丢了").empty());  // nothing was changed
  EXPECT_EQ(kb.try_synonyms("", std::vector<Synonym>{{"", "x"}}, {}, {}, kNow).code(), ErrorCode::invalid_argument);
}

// What stands in for a word never weighs more than the word: the text that says what was asked comes first.
TEST(Search, SynonymsDoNotOutrankTheWordItself) {
  KnowledgeBase kb = empty();
  publish(kb, make("other", "个人住房商业性贷款业务", "个人住房商业性贷款业务，个人住房商业性贷款业务。"));
  publish(kb, make("own", "提前还房贷的手续", "银行网点。"));
  for (int i = 0; i < 30; ++i) publish(kb, make("n" + std::to_string(i), "事项" + std::to_string(i), "别的内容，房贷以外的事。"));
  kb.set_synonyms("", std::vector<Synonym>{{"房贷", "个人住房商业性贷款业务", 0.8}}).value();
  EXPECT_EQ(first(kb, "提前还房贷"), "own");
  EXPECT_EQ(first(kb, "房贷手续"), "own");
}

TEST(Search, PinsAndBuried) {
  KnowledgeBase kb = empty();
  publish(kb, make("a", "台风停课通知", "台风停课"));
  publish(kb, make("b", "防汛值班", "值班电话"));
  kb.pin("台风停课", "b", Pin::top).value();
  EXPECT_EQ(ids(kb, "台风停课"), (std::vector<std::string>{"b", "a"}));
  kb.pin("台风停课", "a", Pin::bury).value();
  EXPECT_EQ(ids(kb, "台风停课"), std::vector<std::string>{"b"});
  kb.pin("台风停课", "a", Pin::none).value();
  EXPECT_EQ(ids(kb, "台风停课").size(), 2u);
  EXPECT_EQ(kb.pin("x", "nobody", Pin::top).code(), ErrorCode::not_found);
}

TEST(Search, AReranker) {
  KnowledgeBase kb = empty();
  publish(kb, make("a", "停车费标准", "停车"));
  publish(kb, make("b", "停车场备案", "停车场"));
  const auto before = ids(kb, "停车");
  constexpr auto kAmple = std::chrono::minutes(5);
  kb.set_reranker([](const std::string&, const std::vector<Hit>& hits) {
    std::vector<double> scores;
    for (const Hit& h : hits) scores.push_back(h.id == "b" ? 2 : 1);
    return scores;
  }, kAmple);
  EXPECT_EQ(ids(kb, "停车").size(), before.size());
  for (const auto& say : {std::vector<double>(), std::vector<double>(99, 1.0), std::vector<double>(2, std::nan(""))}) {
    kb.set_reranker([say](const std::string&, const std::vector<Hit>&) { return say; }, kAmple);
    EXPECT_EQ(ids(kb, "停车"), before);
  }
  kb.set_reranker([](const std::string&, const std::vector<Hit>&) -> std::vector<double> { throw 1; }, kAmple);
  EXPECT_EQ(ids(kb, "停车"), before);
  // One that never answers costs its budget once, and nothing while it is busy.
  auto never = std::make_shared<std::promise<void>>();
  kb.set_reranker([never](const std::string&, const std::vector<Hit>& hits) {
    never->get_future().wait();
    return std::vector<double>(hits.size(), 1.0);
  }, std::chrono::milliseconds(1));
  EXPECT_EQ(ids(kb, "停车"), before);
  EXPECT_EQ(ids(kb, "停车"), before);
  never->set_value();
}

TEST(Search, PartsOfOneWorkStandTogether) {
  EXPECT_EQ(work_of("城市道路管理条例第三十五条"), "城市道路管理条例");
  EXPECT_EQ(work_of("居住证办理指南（二）"), "居住证办理指南");
  EXPECT_EQ(work_of("Terms of use 12"), "terms of use");
  EXPECT_EQ(work_of("第三十五条"), "");
  EXPECT_EQ(work_of("公积金怎么提取"), "");
  EXPECT_EQ(work_of("一"), "");
  KnowledgeBase kb = empty();
  publish(kb, make("r1", "养犬管理条例第一条", "犬只登记由公安机关办理。"));
  publish(kb, make("r2", "养犬管理条例第二条", "携犬出户应当束犬链。"));
  publish(kb, make("r3", "养犬管理条例第三条", "罚款二百元，由公安机关处罚。"));
  publish(kb, make("o1", "户外广告管理办法第三条", "罚款二百元，由城管部门处罚。"));
  publish(kb, make("o2", "户外广告管理办法第四条", "申请设置广告。"));
  publish(kb, make("o3", "户外广告管理办法第五条", "拆除广告。"));
  const auto found = ids(kb, "犬只登记公安，罚款二百元");
  const auto at = [&](const char* id) { return std::find(found.begin(), found.end(), id) - found.begin(); };
  EXPECT_LT(at("r3"), at("o1"));
}

TEST(Search, SpokenAnswers) {
  KnowledgeBase kb = empty();
  Article a = make("fund", "住房公积金提取条件", "购买住房可以提取。");
  a.spoken_answer = "购买自住住房，可以提取公积金。";
  publish(kb, a);
  Article b = make("card", "社会保障卡补办", "遗失可以补办。");
  b.spoken_answer = "请带身份证到银行网点补办。";
  publish(kb, b);
  const auto sure = kb.spoken_answer("住房公积金提取条件", {}, kNow).value();
  EXPECT_EQ(sure.action, SpokenAnswer::Action::speak);
  EXPECT_EQ(sure.answer->id, "fund");
  const auto none = kb.spoken_answer("今天天气怎么样", {}, kNow).value();
  EXPECT_EQ(none.action, SpokenAnswer::Action::agent);
  Article silent = make("silent", "契税税率", "百分之三");
  publish(kb, silent);
  EXPECT_EQ(kb.spoken_answer("契税税率", {}, kNow).value().action, SpokenAnswer::Action::agent);
}

// The sample city: what it has is spoken or offered, what it has not is never spoken.
TEST(Search, SpeaksOnlyWhatItKnows) {
  KnowledgeBase kb = empty();
  const Imported stock = load_articles(HOTLINE_SOURCE_DIR "/examples/city_hotline/data/kb").value();
  ASSERT_GE(stock.articles.size(), 60u);
  kb.put_all(stock.articles, kNow, State::published).value();
  for (const char* question : {"今天天气怎么样", "附近哪里有好吃的火锅", "怎么给手机换壁纸", "昨天的球赛谁赢了", "我想听一首歌", "去火星要多久", "how do I bake bread", "帮我写一首诗"})
    EXPECT_NE(kb.spoken_answer(question, {.jurisdiction = "990100"}, kNow).value().action, SpokenAnswer::Action::speak) << question;
  std::size_t spoken = 0, asked = 0;
  for (const Article& a : stock.articles) {
    if (a.spoken_answer.empty() || a.questions.empty() || !(a.jurisdiction.empty() || a.jurisdiction == "990000")) continue;
    ++asked;
    const auto answer = kb.spoken_answer(a.questions.front(), {.jurisdiction = "990200"}, kNow).value();
    spoken += answer.action == SpokenAnswer::Action::speak ? 1 : 0;
  }
  EXPECT_GE(spoken * 4, asked * 3) << spoken << " of " << asked;
}

TEST(Search, EarlierTickets) {
  KnowledgeBase kb = empty();
  Article t = make("T20260001", "小区垃圾未清运", "已协调环卫部门当日清运。");
  t.kind = Kind::earlier;
  t.channels = static_cast<Channels>(Channel::agent);
  publish(kb, t);
  EXPECT_TRUE(ids(kb, "垃圾没有清运").empty());
  EXPECT_EQ(kb.similar("我们小区的垃圾三天没有清运了", {}, kNow).value().hits.at(0).id, "T20260001");
}

TEST(Search, NothingSaysSo) {
  KnowledgeBase kb = empty();
  publish(kb, make("a", "社保", "社保"));
  for (const char* q : {"", "   ", "？！", "zzzzqqqq", "-社保", "\"\"", "\""}) {
    const auto found = kb.search(q, {}, kNow).value();
    EXPECT_TRUE(found.hits.empty()) << q;
    EXPECT_EQ(found.confidence, 0) << q;
    EXPECT_FALSE(found.notes.empty()) << q;
  }
}

TEST(Suggest, EveryWayOfTyping) {
  KnowledgeBase kb = empty();
  publish(kb, make("a", "社会保障卡申领", "x"));
  publish(kb, make("b", "中国银行贷款", "x"));
  const auto one = [&](const char* typed) {
    const auto found = kb.suggest(typed, {}, kNow).value();
    return found.empty() ? std::string() : found[0].article;
  };
  for (const char* typed : {"社会", "保障卡", "shehui", "shehuibaoz", "shbz", "社huibz", "射会保障", "bzk", "社会 保障"}) EXPECT_EQ(one(typed), "a") << typed;
  for (const char* typed : {"yinhang", "zgyh", "银hang", "zhongguoyinh"}) EXPECT_EQ(one(typed), "b") << typed;
  EXPECT_EQ(one("qqq"), "");
  EXPECT_EQ(one(""), "");
  const auto found = kb.suggest("baozhang", {}, kNow).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].text.substr(found[0].marks[0].begin, found[0].marks[0].end - found[0].marks[0].begin), "保障");
}
