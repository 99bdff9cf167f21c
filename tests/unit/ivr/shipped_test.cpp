// The two menus of the city, walked through as citizens would.
#include <map>
#include <set>

#include "fixture.hpp"
#include "ivr/node_spec.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

namespace {
const Flow& city() {
  static const Flow f = [] {
    auto loaded = Flow::load(shipped("12345.yaml"));
    EXPECT_TRUE(loaded.ok()) << loaded.error().text();
    return *loaded;
  }();
  return f;
}
const Flow& social() {
  static const Flow f = [] {
    auto loaded = Flow::load(shipped("12333.yaml"));
    EXPECT_TRUE(loaded.ok()) << loaded.error().text();
    return *loaded;
  }();
  return f;
}
Rehearsal chinese(Answers answers = {}, Time at = monday()) {
  return Rehearsal(city(), {.caller = "13800138000", .dialled = "12345", .language = "zh-CN"}, at, std::move(answers));
}
}  // namespace

TEST(Hotline12345, OneLeadsToAnAgent) {
  Rehearsal c = chinese();
  EXPECT_TRUE(c.hears("12345政务服务便民热线"));
  c.press("1");
  c.finish();
  ASSERT_FALSE(c.requests().empty());
  EXPECT_EQ(c.requests()[0].kind, ActionKind::queue);
  EXPECT_EQ(c.requests()[0].target, "general");
  EXPECT_TRUE(c.hears("非常满意请按5"));
  EXPECT_TRUE(c.ended());
}

TEST(Hotline12345, ComplaintByRecordingAnnouncesTheEightDigits) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("2");
  EXPECT_TRUE(c.hears("请在录音中说明"));
  c.say("路灯坏了", 8s);
  EXPECT_TRUE(c.listen());
  EXPECT_TRUE(c.hears("确认请按1，重听请按2，取消请按3"));
  c.press("2");
  EXPECT_TRUE(c.hears("recording-"));
  c.press("1");
  c.wait(30s);
  EXPECT_TRUE(c.hears("您的受理号是：二零二六，零零零一 … 二零二六，零零零一")) << to_string(c.transcript());
  bool filed = false, told = false;
  for (const auto& r : c.requests()) {
    filed = filed || (r.kind == ActionKind::ticket && r.target == "create");
    told = told || r.kind == ActionKind::notify;
  }
  EXPECT_TRUE(filed && told);
}

TEST(Hotline12345, ACancelledComplaintFilesNothing) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("2");
  c.say("算了");
  c.press("3");
  c.listen();
  EXPECT_TRUE(c.hears("录音已取消"));
  EXPECT_TRUE(c.requests().empty());
}

TEST(Hotline12345, HangingUpWhileSpeakingKeepsTheComplaint) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("2");
  c.listen();
  for (int i = 0; i < 60 && c.session().phase() != Phase::recording; ++i) c.wait(1s);
  c.wait(4s);
  c.hang_up();
  ASSERT_EQ(c.requests().size(), 2u) << to_string(c.transcript());
  EXPECT_EQ(c.requests()[0].kind, ActionKind::ticket);
  EXPECT_EQ(c.requests()[0].target, "create");
  EXPECT_TRUE(c.ended());
  EXPECT_EQ(c.session().ending(), Ending::hangup_by_caller);
}

TEST(Hotline12345, HangingUpDuringTheReviewKeepsTheComplaint) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("2");
  c.say("噪音扰民");
  c.listen();
  c.hang_up();
  ASSERT_FALSE(c.requests().empty());
  EXPECT_EQ(c.requests()[0].target, "create");
}

TEST(Hotline12345, EnquiryReadsTheNumberBackAndSaysTheReply) {
  const auto answers = [](const Action& action, Answer& answer) {
    if (action.kind != ActionKind::ticket || action.target != "lookup") return false;
    const bool known = std::get<std::string_view>(action.arguments[0].value) == "20260001";
    answer.outcome = known ? Outcome::ok : Outcome::empty;
    if (known) answer.fields = {{"state", std::string("closed")}, {"reply", std::string("路灯已修复")}};
    return true;
  };
  Rehearsal c = chinese(answers);
  c.press("2");
  c.press("3");
  EXPECT_TRUE(c.hears("请输入八位受理号"));
  c.press("99999999");
  EXPECT_TRUE(c.hears("您输入的是：九九九九，九九九九正确请按1")) << to_string(c.transcript());
  c.press("2");
  c.press("20260002");
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("没有查到这个受理号")) << to_string(c.transcript());
  c.press("20260001");
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("路灯已修复")) << to_string(c.transcript());
}

TEST(Hotline12345, AdviceIsSpokenAndSentOnRequest) {
  const auto answers = [](const Action& action, Answer& answer) {
    if (action.kind != ActionKind::kb) return false;
    answer.fields = {{"id", std::string("k1")}, {"title", std::string("居住证")}, {"text", std::string("请带身份证办理")}};
    return true;
  };
  Rehearsal c = chinese(answers);
  c.press("2");
  c.press("4");
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("居住证。请带身份证办理"));
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("资料已发送"));
  EXPECT_EQ(c.requests().back().kind, ActionKind::notify);
  EXPECT_EQ(c.requests().back().target, "article");
}

TEST(Hotline12345, AdviceGoesOutByFaxAndByMail) {
  bool fax_works = false;
  const auto answers = [&](const Action& action, Answer& answer) {
    if (action.kind == ActionKind::kb) answer.fields = {{"id", std::string("k1")}, {"title", std::string("居住证")}, {"text", std::string("请带身份证办理")}};
    if (action.kind == ActionKind::fax_send) answer.outcome = fax_works ? Outcome::ok : Outcome::error;
    return action.kind == ActionKind::kb || action.kind == ActionKind::fax_send;
  };
  const auto argument = [](const Rehearsal::Request& request, std::string_view name) {
    for (const Field& field : request.arguments)
      if (field.name == name) return to_text(view(field.value));
    return std::string("(none)");
  };
  Rehearsal c = chinese(answers);
  c.press("2");
  c.press("4");
  c.press("1");
  c.press("3");
  EXPECT_TRUE(c.listen());
  EXPECT_TRUE(c.hears("请在听到信号后按传真机的启动键")) << to_string(c.transcript());
  EXPECT_TRUE(c.hears("传真没有发送成功"));
  EXPECT_EQ(c.session().node(), "advice_more") << "another way is offered";
  fax_works = true;
  c.press("3");
  c.listen();
  EXPECT_TRUE(c.hears("资料已发送"));
  EXPECT_EQ(c.requests().back().kind, ActionKind::fax_send);
  EXPECT_EQ(c.requests().back().target, "article");
  EXPECT_EQ(argument(c.requests().back(), "article"), "k1");

  Rehearsal mail = chinese(answers);
  mail.press("2");
  mail.press("4");
  mail.press("3");
  mail.press("4");
  mail.listen();
  EXPECT_TRUE(mail.hears("资料已发送"));
  EXPECT_EQ(mail.requests().back().kind, ActionKind::notify);
  EXPECT_EQ(argument(mail.requests().back(), "channel"), "email");
  EXPECT_EQ(argument(mail.requests().back(), "article"), "k1");
}

TEST(Hotline12345, ALetterForTheMayorIsFiledAndNumbered) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("1");
  EXPECT_TRUE(c.hears("这里是市长信箱"));
  c.say("建议增设路灯", 8s);
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("感谢您的留言。您的受理号是：二零二六，零零零一 … 二零二六，零零零一")) << to_string(c.transcript());
  ASSERT_EQ(c.requests().size(), 1u);
  EXPECT_EQ(c.requests()[0].target, "create");
  std::map<std::string, std::string> arguments;
  for (const Field& field : c.requests()[0].arguments) arguments[field.name] = to_text(view(field.value));
  EXPECT_EQ(arguments["type"], "letter");
  EXPECT_EQ(arguments["to"], "mayor");
  EXPECT_NE(arguments["recording"], "");
}

TEST(Hotline12345, ThePollIsTallied) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("5");
  c.press("2");
  c.press("4");
  c.listen();
  ASSERT_EQ(c.requests().size(), 1u);
  EXPECT_EQ(c.requests()[0].kind, ActionKind::survey);
  EXPECT_EQ(to_text(view(c.requests()[0].arguments[0].value)), "partly");
  EXPECT_EQ(to_text(view(c.requests()[0].arguments[1].value)), "4");
}

TEST(Hotline12345, NightHolidayAndEmergency) {
  Rehearsal night = chinese({}, parse_time("2026-11-23T23:00:00+08:00").value());
  night.listen();
  EXPECT_TRUE(night.hears("现在是非工作时间"));
  Rehearsal holiday = chinese({}, parse_time("2026-10-01T10:00:00+08:00").value());
  holiday.listen();
  EXPECT_TRUE(holiday.hears("今天是节假日"));

  Engine engine(city());
  ASSERT_TRUE(engine.lay({.id = "flood", .node = "hours", .text = "台风红色预警。", .exit = "emergency"}).ok());
  Rehearsal c(engine, {.caller = "1", .language = "zh-CN"}, monday());
  c.wait(20s);
  EXPECT_TRUE(c.hears("台风红色预警。")) << to_string(c.transcript());
  c.press("1");
  c.wait(1s);
  EXPECT_EQ(c.requests()[0].target, "emergency");
  ASSERT_TRUE(engine.lift("flood").ok());
  EXPECT_EQ(engine.lift("flood").code(), ErrorCode::not_found);
}

TEST(Hotline12345, BackRepeatMainAndAgentWorkEverywhere) {
  Rehearsal c = chinese();
  c.press("2");
  c.press("4");
  EXPECT_EQ(c.session().node(), "advice_menu");
  c.press("*");
  EXPECT_EQ(c.session().node(), "automatic_menu");
  c.press("#");
  EXPECT_EQ(c.session().node(), "main_menu");
  c.said();
  c.press("9");
  EXPECT_TRUE(c.hears("人工服务请按1"));
  c.press("0");
  c.wait(1s);
  EXPECT_EQ(c.requests()[0].kind, ActionKind::queue);
}

TEST(Hotline12345, EasyProfileIsSlowerAndMorePatient) {
  Rehearsal c = chinese();
  c.press("3");
  EXPECT_TRUE(c.hears("已为您放慢语速"));
  c.listen();
  EXPECT_EQ(to_text(view(c.session().variable("profile"))), "easy");
}

TEST(Hotline12345, EnglishCallersAreServedInEnglish) {
  Rehearsal c(city(), {.caller = "1", .language = "en-US"}, monday());
  c.listen();
  EXPECT_TRUE(c.hears("Hello, this is the city service hotline."));
  c.press("2");
  c.press("2");
  c.say("The lamp is broken");
  c.press("1");
  c.wait(30s);
  EXPECT_TRUE(c.hears("two zero two six, zero zero zero one")) << to_string(c.transcript());
}

TEST(Hotline12333, MessagesFaxAccountAndExtension) {
  const auto answers = [](const Action& action, Answer& answer) {
    if (action.kind == ActionKind::query) answer.fields = {{"balance", std::string("1234.50")}, {"as_of", std::string("2026-10-31")}};
    return action.kind == ActionKind::query;
  };
  Rehearsal c(social(), {.caller = "1"}, monday(), answers);
  EXPECT_TRUE(c.hears("中文服务请按1"));
  c.press("1");
  c.press("2");
  c.press("2");
  c.say("服务很好");
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("您的编号是：二零二六，零零零一")) << to_string(c.transcript());
  c.press("1");
  c.press("4");
  c.press("11010519491231002*");
  c.listen();
  EXPECT_TRUE(c.hears("您的个人账户余额是一千二百三十四元五角，截至二零二六年十月三十一日")) << to_string(c.transcript());
  c.press("5");
  c.press("9264#");  // wang
  EXPECT_TRUE(c.hears("王伟是请按1")) << to_string(c.transcript());
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("王芳")) << to_string(c.transcript());
  c.press("1");
  c.wait(10s);
  EXPECT_EQ(c.requests().back().kind, ActionKind::transfer);
  EXPECT_EQ(c.requests().back().target, "8102");
}

TEST(Hotline12333, FaxesGoOutAndComeIn) {
  bool works = false;
  const auto answers = [&](const Action& action, Answer& answer) {
    if (action.kind != ActionKind::fax_send && action.kind != ActionKind::fax_receive) return false;
    answer.outcome = works ? Outcome::ok : Outcome::error;
    if (works && action.kind == ActionKind::fax_receive) answer.fields = {{"file", std::string("fax-0001.tif")}};
    return true;
  };
  Rehearsal c(social(), {.caller = "02088880000", .dialled = "12333", .language = "zh-CN"}, monday(), answers);
  c.press("2");
  c.press("4");
  EXPECT_TRUE(c.hears("接收办事指南传真请按1"));
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("传真没有发送成功")) << to_string(c.transcript());
  EXPECT_EQ(c.session().node(), "fax_menu");
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("传真没有发送成功")) << to_string(c.transcript());
  works = true;
  c.press("1");
  c.listen();
  EXPECT_EQ(c.requests().back().kind, ActionKind::fax_send);
  EXPECT_EQ(c.requests().back().target, "guide");
  EXPECT_EQ(c.session().node(), "automatic_menu");
  c.press("4");
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("请按传真机的启动键发送"));
  EXPECT_TRUE(c.hears("已收到您的传真")) << to_string(c.transcript());
  EXPECT_EQ(c.requests().back().kind, ActionKind::ticket);
  std::map<std::string, std::string> arguments;
  for (const Field& field : c.requests().back().arguments) arguments[field.name] = to_text(view(field.value));
  EXPECT_EQ(arguments["type"], "fax");
  EXPECT_EQ(arguments["fax"], "fax-0001.tif");
  EXPECT_EQ(arguments["phone"], "02088880000");
}

TEST(Hotline12333, AdviceIsSpokenAndTheMailboxKeepsALetter) {
  const auto answers = [](const Action& action, Answer& answer) {
    if (action.kind == ActionKind::kb) answer.fields = {{"title", std::string("医保")}, {"text", std::string("请持社保卡就医")}};
    return action.kind == ActionKind::kb;
  };
  Rehearsal c(social(), {.caller = "1", .language = "zh-CN"}, monday(), answers);
  c.press("3");
  EXPECT_TRUE(c.hears("已为您放慢语速"));
  EXPECT_EQ(to_text(view(c.session().variable("profile"))), "easy");
  c.press("2");
  c.press("1");
  c.press("1");
  EXPECT_TRUE(c.hears("养老保险由单位和个人共同缴纳"));
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("医保。请持社保卡就医")) << to_string(c.transcript());
  c.press("*");
  c.press("2");
  c.say("我有话说");
  c.press("1");
  c.listen();
  EXPECT_TRUE(c.hears("已收到，您的编号是")) << to_string(c.transcript());
  EXPECT_EQ(to_text(view(c.requests().back().arguments[0].value)), "letter");
}

TEST(Hotline12333, NightHolidayAndEmergency) {
  const auto at = [](std::string_view time) {
    Rehearsal c(social(), {.caller = "1", .language = "zh-CN"}, parse_time(time).value());
    c.listen();
    return c;
  };
  EXPECT_EQ(at("2026-11-23T23:00:00+08:00").session().node(), "automatic_menu");
  EXPECT_TRUE(at("2026-10-01T10:00:00+08:00").hears("今天是节假日"));
  Engine engine(social());
  ASSERT_TRUE(engine.lay({.id = "flood", .node = "hours", .text = "因台风暂停人工服务。", .exit = "emergency"}).ok());
  Rehearsal c(engine, {.caller = "1", .language = "zh-CN"}, monday());
  c.listen();
  EXPECT_TRUE(c.hears("因台风暂停人工服务。"));
  EXPECT_EQ(c.session().node(), "automatic_menu");
}

namespace {
std::string example(const std::string& name) { return std::string(HOTLINE_SOURCE_DIR) + "/examples/flows/" + name; }
}  // namespace

TEST(ExampleFlows, EveryKindOfNodeIsShown) {
  std::set<std::string_view> shown;
  for (const std::string& file : {shipped("12345.yaml"), shipped("12333.yaml"), shipped("reply.yaml"), shipped("visit.yaml"), example("service_hall.yaml")}) {
    const Flow f = Flow::load(file).value();
    EXPECT_EQ(f.diagnostics().to_text(), "") << file;
    for (const FlowNode& node : f.program().nodes) shown.insert(to_string(node.type));
  }
  for (const NodeSpec& spec : node_specs()) EXPECT_TRUE(shown.contains(spec.name)) << spec.name << " is in no flow";
}

TEST(ExampleFlows, TheServiceHallTellsItsQueueAndAsksOneCallerInFive) {
  const Flow hall = Flow::load(example("service_hall.yaml")).value();
  const Explored proof = explore(hall);
  EXPECT_TRUE(proof.ok()) << proof.to_text();
  EXPECT_EQ(proof.coverage.exits.share(), 1) << "both shares are tried: " << proof.to_text();
  const auto answers = [](const Action& action, Answer& answer) {
    if (action.kind == ActionKind::query) answer.fields = {{"people", std::string("12")}};
    return action.kind == ActionKind::query;
  };
  int asked = 0;
  for (std::uint64_t caller = 0; caller < 500; ++caller) {
    Rehearsal c(hall, {.caller = "1", .language = "zh-CN", .seed = caller}, monday(), answers);
    c.press("1");
    c.listen();
    ASSERT_TRUE(c.hears("现在有十二人在排队")) << to_string(c.transcript());
    asked += c.hears("这个查询对您有用吗");
  }
  EXPECT_NEAR(asked, 100, 35);  // four standard deviations

  Outcome outcome = Outcome::empty;
  Rehearsal c(hall, {.caller = "1", .language = "zh-CN"}, monday(), [&](const Action& action, Answer& answer) {
    answer.outcome = outcome;
    return action.kind == ActionKind::query;
  });
  c.press("2");
  c.listen();
  EXPECT_TRUE(c.hears("该大厅现在不开放。")) << to_string(c.transcript());
  EXPECT_EQ(c.session().node(), "halls");
  EXPECT_EQ(c.path(), (std::vector<std::string>{"begin", "welcome", "breath", "halls", "west", "please_hold", "waiting", "unknown", "again", "halls"}));
  outcome = Outcome::error;
  c.press("2");
  c.finish();
  EXPECT_TRUE(c.hears("暂时查不到，为您转接人工服务")) << to_string(c.transcript());
  EXPECT_EQ(c.requests().back().kind, ActionKind::queue);
}
