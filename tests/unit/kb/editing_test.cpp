#include <gtest/gtest.h>

#include "hotline/kb/editing.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

const Time kNow = parse_time("2026-11-23T09:00:00+08:00").value();
const Editor kAuthor{"zhang", "hotline", {"author"}};
const Editor kDepartment{"li", "医保局", {"department"}};
const Editor kSigner{"wang", "center", {"signer"}};
const Editor kEditor{"zhao", "center", {"editor"}};

struct Desk {
  store::Database db = store::Database::open("sqlite::memory:").value();
  KnowledgeBase kb = KnowledgeBase::open(db).value();
  Editing editing = Editing::open(kb, workflow::Definition::load(HOTLINE_SOURCE_DIR "/data/workflows/article.yaml").value(),
                                  {workflow::Calendar::load(HOTLINE_SOURCE_DIR "/data/calendars/cn.yaml").value()}).value();

  Article article() const {
    Article a;
    a.id = "refer";
    a.library = "qa";
    a.title = "异地就医备案";
    a.body = "可以在线上备案。";
    a.department = "医保局";
    return a;
  }
  EditingStep act(int revision, std::string_view event, const Editor& who, Time now, const char* fields = "{}") {
    return editing.act("refer", revision, event, parse_document(fields, "fields").value(), who, now).value();
  }
  std::size_t found(Time at) { return kb.search("异地就医备案", {.channel = Channel::citizen}, at).value().hits.size(); }
};

}  // namespace

TEST(Editing, FromDraftToPublication) {
  Desk desk;
  const auto draft = desk.editing.draft(desk.article(), kAuthor, kNow).value();
  ASSERT_TRUE(draft.accepted);
  EXPECT_EQ(draft.state.state, "DRAFT");
  EXPECT_EQ(desk.found(kNow), 0u);
  EXPECT_TRUE(desk.act(1, "submit", kAuthor, kNow, R"({"urgency": "urgent", "department": "医保局"})").accepted);
  EXPECT_EQ(desk.act(1, "publish", kEditor, kNow).accepted, false);
  const auto own = desk.act(1, "pass", {"zhang", "", {"department"}}, kNow);
  EXPECT_FALSE(own.accepted);
  EXPECT_EQ(own.refusal, "own_review");
  EXPECT_TRUE(desk.act(1, "pass", kDepartment, kNow).accepted);
  const auto signed_off = desk.act(1, "sign", kSigner, kNow);
  ASSERT_TRUE(signed_off.accepted);
  EXPECT_EQ(*signed_off.state.due, kNow + std::chrono::hours(1));  // urgent: within the hour
  EXPECT_EQ(desk.found(kNow), 0u);
  const auto published = desk.act(1, "publish", kEditor, kNow + std::chrono::minutes(30));
  ASSERT_TRUE(published.accepted);
  EXPECT_EQ(published.state.state, "PUBLISHED");
  EXPECT_EQ(desk.found(kNow + std::chrono::minutes(31)), 1u);
  EXPECT_EQ(desk.kb.verify().value().problems, std::vector<std::string>{});
  EXPECT_EQ(desk.editing.history("refer", 1).value().size(), 5u);
  EXPECT_TRUE(desk.act(1, "withdraw", kEditor, kNow + std::chrono::hours(2), R"({"note": "x"})").accepted);
  EXPECT_EQ(desk.found(kNow + std::chrono::hours(3)), 0u);
}

TEST(Editing, TheClockIsKept) {
  Desk desk;
  desk.editing.draft(desk.article(), kAuthor, kNow).value();
  desk.act(1, "submit", kAuthor, kNow, R"({"urgency": "normal", "department": "医保局"})");
  desk.act(1, "pass", kDepartment, kNow);
  const auto step = desk.act(1, "sign", kSigner, kNow);
  EXPECT_EQ(*step.state.due, kNow + std::chrono::hours(24));
  EXPECT_EQ(desk.editing.tick(kNow + std::chrono::hours(1)).value().size(), 0u);
  const auto fired = desk.editing.tick(kNow + std::chrono::hours(25)).value();
  ASSERT_EQ(fired.size(), 2u);  // soon, and late
  EXPECT_TRUE(fired.back().state.overdue);
  EXPECT_EQ(desk.editing.list("SIGNED").value().size(), 1u);
}

TEST(Editing, ACorrectionIsCreditedAndReplaces) {
  Desk desk;
  const auto run = [&](int revision, Time at) {
    desk.act(revision, "submit", kAuthor, at, R"({"urgency": "normal", "department": "医保局"})");
    desk.act(revision, "pass", kDepartment, at);
    desk.act(revision, "sign", kSigner, at);
    return desk.act(revision, "publish", kEditor, at);
  };
  desk.editing.draft(desk.article(), kAuthor, kNow).value();
  EXPECT_TRUE(run(1, kNow).accepted);
  const auto flagged = desk.act(1, "flag", {"agent7", "", {"author"}}, kNow, R"({"note": "电话变了", "urgency": "urgent"})");
  EXPECT_TRUE(flagged.accepted) << flagged.refusal;
  Article better = desk.kb.article("refer").value().article;
  better.body = "可以在线上备案，电话12393。";
  const Time later = kNow + std::chrono::hours(3);
  const auto correction = desk.editing.draft(better, {"agent7", "", {"author"}}, later).value();
  EXPECT_EQ(correction.state.revision, 2);
  EXPECT_EQ(desk.kb.article("refer").value().article.credits, std::vector<std::string>{"agent7"});
  EXPECT_EQ(desk.found(later), 1u);  // the old one stays until the new one is out
  EXPECT_TRUE(run(2, later).accepted);
  EXPECT_EQ(desk.editing.state("refer", 1).value().state, "SUPERSEDED");
  const auto now = desk.kb.search("异地就医备案", {}, later).value();
  ASSERT_EQ(now.hits.size(), 1u);
  EXPECT_EQ(now.hits[0].revision, 2);
}
