#include "city.hpp"

namespace hotline::workflow::test {
namespace {

TEST(City, TheClosedLoopFromIntakeToArchive) {
  Case c = dispatched();
  EXPECT_EQ(c.state(), "DISPATCHED");
  EXPECT_EQ(c.send("sign", "{}", "unit:w1", 1), "");
  EXPECT_EQ(c.state(), "HANDLING") << "the lead has signed";
  EXPECT_EQ(c.send("sign", "{}", "unit:r1", 2), "");
  EXPECT_EQ(c.send("reply", kReply, "unit:r1", 2), "");
  EXPECT_EQ(c.state(), "HANDLING") << "lead-only: the joint unit's reply is not enough";
  EXPECT_EQ(c.send("reply", kReply, "unit:w1", 1), "");
  EXPECT_EQ(c.state(), "REPLIED");
  EXPECT_EQ(c.send("review_pass", "{}", "reviewer:w1"), "requirement own_reply");
  EXPECT_EQ(c.send("review_pass", "{}", "reviewer:v1"), "");
  EXPECT_EQ(c.state(), "VISIT");
  EXPECT_EQ(c.state("main", 1), "ACCEPTED");
  EXPECT_EQ(c.clock("statutory").status, ClockState::Status::stopped);
  EXPECT_EQ(c.clock("statutory").overdue_count, 0u);
  EXPECT_EQ(c.send("visit_result", R"({"contacted":true,"solved":true,"satisfaction":"satisfied"})", "visitor:x"), "");
  EXPECT_EQ(c.state(), "CLOSED");
  c.go(at("2027-01-10T00:00:00"));
  EXPECT_EQ(c.send("archive", "{}", "archivist:z"), "");
  EXPECT_TRUE(c.instance().finished(city()));
}

TEST(City, TheClockStartsAtDispatchNotAtSigning) {
  Case c = dispatched("2026-11-23T10:00:00");
  EXPECT_EQ(local(c.clock("statutory").due), "2026-12-14T17:30:00");
  EXPECT_EQ(local(c.clock("service").due), "2026-11-30T10:00:00");
  c.go(at("2026-11-24T18:00:00"));
  EXPECT_EQ(c.state("main", 1), "SIGNED") << "signed for a silent unit";
  EXPECT_TRUE(c.instance().field(city(), 1, "signed_late").as_bool());
  EXPECT_EQ(local(c.clock("statutory").due), "2026-12-14T17:30:00");
}

TEST(City, ReturnsAreBoundedAndEndInArbitration) {
  Case c = dispatched();
  const std::string why = R"({"reason":"not_my_duty","basis":"三定方案第四条"})";
  EXPECT_EQ(c.send("return_req", R"({"reason":"too_hard","basis":"x"})", "unit:w1", 1), "invalid_field reason");
  for (NodeId lead : {1u, 3u}) {
    EXPECT_EQ(c.send("return_req", why, "unit:w1", lead), "");
    EXPECT_EQ(c.state("pending"), "return");
    EXPECT_EQ(c.send("return_grant", "{}", "dispatcher:d1", lead), "");
    EXPECT_EQ(c.state(), "TRIAGE");
    EXPECT_EQ(c.state("main", lead + 1), "CANCELLED");
    EXPECT_EQ(c.send("dispatch", R"({"units":["gas","power"],"lead":"gas"})", "dispatcher:d1"), "");
  }
  EXPECT_EQ(c.send("return_req", why, "unit:g1", 5), "requirement too_many_returns");
}

TEST(City, ArbitrationBinds) {
  Case c = dispatched();
  EXPECT_EQ(c.send("return_req", R"({"reason":"not_my_area","basis":"x"})", "unit:w1", 1), "");
  c.go(at("2026-11-25T00:00:00"));  // nobody decides
  EXPECT_EQ(c.state(), "ARBITRATION");
  EXPECT_EQ(c.send("arbitrate", R"({"units":["water"],"lead":"water","grounds":"管网"})", "dispatcher:d1"),
            "denied arbitrate");
  EXPECT_EQ(c.send("arbitrate", R"({"units":["water"],"lead":"water","grounds":"管网"})", "arbiter:b1"), "");
  EXPECT_EQ(c.send("return_req", R"({"reason":"not_my_area","basis":"x"})", "unit:w1", 3),
            "requirement final_decision");
}

TEST(City, ExtensionIsAskedInTimeAndSilenceIsConsent) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  const std::string ask = R"({"days":5,"grounds":"施工","citizen_informed":true})";
  EXPECT_EQ(c.send("extend_req", R"({"days":5,"grounds":"x","citizen_informed":false})", "unit:w1"),
            "requirement citizen_not_informed");
  EXPECT_EQ(c.send("extend_req", ask, "unit:w1"), "");
  EXPECT_EQ(c.send("extend_req", ask, "unit:w1"), "not_now extend_req");
  c.go(at("2026-11-26T00:00:00"));
  EXPECT_EQ(c.state("pending"), "none");
  EXPECT_EQ(local(c.clock("statutory").due), "2026-12-21T17:30:00");
  c.go(at("2026-12-22T09:00:00"));
  EXPECT_EQ(c.send("extend_req", ask, "unit:w1"), "requirement filed_late")
      << "after expiry it is overdue, not extended";
  EXPECT_EQ(c.clock("statutory").overdue_count, 1u);
}

TEST(City, SuspensionStopsOnlyTheStatutoryClockAndEndsByItself) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  EXPECT_EQ(c.send("suspend_req", R"({"reason":"appraisal","until":"2026-12-01T01:00:00Z"})", "unit:w1"), "");
  EXPECT_EQ(c.send("suspend_grant", "{}", "supervisor:w1"), "requirement own_request");
  EXPECT_EQ(c.send("suspend_grant", "{}", "supervisor:s1"), "");
  EXPECT_EQ(c.state("clock"), "suspended");
  EXPECT_EQ(c.clock("statutory").status, ClockState::Status::paused);
  EXPECT_EQ(c.clock("service").status, ClockState::Status::running);
  c.go(at("2026-12-02T00:00:00"));
  EXPECT_EQ(c.state("clock"), "running");
  EXPECT_EQ(local(c.clock("statutory").due), "2026-12-22T17:30:00") << "six working days began in the pause";
}

TEST(City, SupervisionRunsBesideTheHandling) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  EXPECT_EQ(c.send("urge", "{}", "citizen"), "");
  EXPECT_EQ(c.send("urge", "{}", "citizen"), "requirement too_soon");
  EXPECT_EQ(c.state(), "HANDLING");
  EXPECT_EQ(local(c.clock("statutory").due), "2026-12-14T17:30:00") << "urging resets no clock";
  c.go(at("2026-12-30T00:00:00"));
  EXPECT_EQ(c.state("supervision"), "escalated");
  EXPECT_EQ(c.state(), "HANDLING");
  EXPECT_NE(c.fired().find("reminder"), std::string::npos);
}

TEST(City, SubDispatchJoinsAndKnowsItsPath) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  EXPECT_EQ(c.send("sub_dispatch", R"({"units":["water"],"lead":"water","due":"2026-11-25T00:00:00Z"})", "unit:w1", 1),
            "requirement circle");
  EXPECT_EQ(
      c.send("sub_dispatch", R"({"units":["east","west"],"lead":"east","due":"2027-02-25T00:00:00Z"})", "unit:w1", 1),
      "requirement later_than_parent");
  EXPECT_EQ(
      c.send("sub_dispatch", R"({"units":["east","west"],"lead":"east","due":"2026-11-30T00:00:00Z"})", "unit:w1", 1),
      "");
  EXPECT_EQ(c.send("reply", kReply, "unit:w1", 1), "not_now reply");
  c.send("sign", "{}", "unit:e", 3);
  c.send("sign", "{}", "unit:w", 4);
  EXPECT_EQ(c.send("reply", kReply, "unit:e", 3), "");
  EXPECT_EQ(c.state("main", 1), "SUBDISPATCHED");
  EXPECT_EQ(c.send("reply", kReply, "unit:w", 4), "");
  EXPECT_EQ(c.state("main", 1), "WORKING") << "all: both have finished";
}

TEST(City, BounceStaysInsideTheOriginalDueTime) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  c.send("reply", kReply, "unit:w1", 1);
  const Time due = c.clock("statutory").due;
  EXPECT_EQ(c.send("bounce", R"({"grounds":"未答诉求"})", "reviewer:v1"), "");
  EXPECT_EQ(c.state(), "HANDLING");
  EXPECT_EQ(c.state("main", 1), "BOUNCED");
  EXPECT_EQ(c.clock("statutory").due, due);
  EXPECT_EQ(c.send("reply", kReply, "unit:w1", 1), "");
  EXPECT_EQ(c.state(), "REPLIED");
}

TEST(City, DissatisfiedIsHandledAgainAndOldOverdueFactsStay) {
  Case c = dispatched();
  c.go(at("2026-12-15T09:00:00"));
  EXPECT_EQ(c.clock("statutory").overdue_count, 1u);
  c.send("reply", kReply, "unit:w1", 1);
  c.send("review_pass", "{}", "reviewer:v1");
  EXPECT_EQ(c.send("visit_result", R"({"contacted":true,"satisfaction":"dissatisfied"})", "visitor"), "");
  EXPECT_EQ(c.state(), "REWORK");
  EXPECT_EQ(c.send("dispatch", R"({"units":["water"],"lead":"water"})", "dispatcher:d1"), "");
  EXPECT_EQ(c.clock("statutory").overdue_at, Due::never) << "a new clock";
  EXPECT_EQ(c.clock("statutory").overdue_count, 1u) << "and the old fact";
  EXPECT_EQ(c.instance().field(city(), 0, "rounds").as_int(), 2);
  c.send("sign", "{}", "unit:w1", 3);
  EXPECT_EQ(c.state(), "HANDLING");
  c.send("reply", kReply, "unit:w1", 3);
  EXPECT_EQ(c.state(), "REPLIED") << "replies of the first round do not count";
}

TEST(City, UnreachableCitizensAreNotAssessed) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  c.send("reply", kReply, "unit:w1", 1);
  c.send("review_pass", "{}", "reviewer:v1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(c.send("visit_result", R"({"contacted":false})", "visitor"), "");
  EXPECT_EQ(c.state(), "VISIT") << "three tries on one day are not enough";
  c.go(c.now() + std::chrono::hours{24});
  EXPECT_EQ(c.send("visit_result", R"({"contacted":false})", "visitor"), "");
  EXPECT_EQ(c.state(), "CLOSED");
  EXPECT_EQ(c.instance().field(city(), 0, "outcome").as_string(), "not_assessed");
}

TEST(City, DuplicatesAreRefusedUnlessSomethingIsNew) {
  Case c(city(), at("2026-11-23T10:00:00"));
  const std::string intake = R"({"channel":"web","category":"noise","level":"general"})";
  EXPECT_EQ(c.send("intake", intake, "agent:a1", 0, R"({"duplicate":true})"), "requirement duplicate");
  EXPECT_EQ(c.send("intake", intake, "agent:a1", 0, R"({"duplicate":true,"new_facts":true})"), "");
}

TEST(City, SecrecyIsLoweredByAnOfficerOnly) {
  Case c = dispatched();
  EXPECT_EQ(c.send("raise_secrecy", R"({"to":"sealed"})", "agent:a1"), "");
  EXPECT_EQ(c.send("lower_secrecy", R"({"to":"public"})", "agent:a1"), "denied lower_secrecy");
  EXPECT_EQ(c.send("lower_secrecy", R"({"to":"public"})", "secrecy_officer:o"), "");
  EXPECT_EQ(c.state("secrecy"), "public");
}

TEST(City, WithdrawMergeReopen) {
  Case c = dispatched();
  EXPECT_EQ(c.send("withdraw", "{}", "citizen"), "requirement not_authenticated");
  EXPECT_EQ(c.send("merge", R"({"into":"12345678"})", "dispatcher:d1"), "");
  EXPECT_EQ(c.state("main", 1), "CANCELLED");
  EXPECT_EQ(c.send("unmerge", "{}", "dispatcher:d1"), "");
  EXPECT_EQ(c.state(), "TRIAGE");
  EXPECT_EQ(c.send("withdraw", "{}", "citizen", 0, R"({"authenticated":true})"), "");
  EXPECT_TRUE(c.instance().finished(city()));
  EXPECT_EQ(c.send("dispatch", R"({"units":["a"],"lead":"a"})", "dispatcher:d1"), "not_now dispatch");
}

TEST(City, ReplayGivesTheSameBytes) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  c.send("suspend_req", R"({"reason":"hearing","until":"2026-12-01T01:00:00Z"})", "unit:w1");
  c.send("suspend_grant", "{}", "supervisor:s1");
  c.go(at("2027-01-05T00:00:00"));
  c.send("reply", kReply, "unit:w1", 1);
  std::vector<Record> records;
  for (const std::string& line : c.log()) records.push_back(Record::parse(city(), line).value());
  const auto again = replay(city(), records, c.calendars());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, c.instance());
  EXPECT_EQ(again->to_json(city()), c.instance().to_json(city()));
  const auto read = Instance::parse(city(), c.instance().to_json(city()));
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(*read, c.instance());
  EXPECT_EQ(read->to_json(city()), c.instance().to_json(city()));
}

TEST(City, AnEmergencyShortensTheTermsFromNow) {
  Case c = dispatched();
  c.send("sign", "{}", "unit:w1", 1);
  c.go(at("2026-11-23T15:00:00"));
  EXPECT_EQ(c.send("emergency", R"({"grounds":"燃气泄漏"})", "agent:a1"), "");
  EXPECT_EQ(local(c.clock("service").due), "2026-11-23T17:00:00");
  EXPECT_EQ(c.effects(Effect::Kind::emit), "conference");
  EXPECT_EQ(c.state(), "HANDLING");
}

TEST(City, DissatisfiedTwiceIsSupervised) {
  Case c = dispatched();
  for (const NodeId unit : {1u, 3u}) {
    c.send("sign", "{}", "unit:w1", unit);
    c.send("reply", kReply, "unit:w1", unit);
    c.send("review_pass", "{}", "reviewer:v1");
    EXPECT_EQ(c.send("visit_result", R"({"contacted":true,"satisfaction":"dissatisfied"})", "visitor"), "");
    EXPECT_EQ(c.state("supervision"), unit == 1 ? "none" : "supervised");
    c.send("dispatch", R"({"units":["water","x"],"lead":"water"})", "dispatcher:d1");
  }
}

TEST(City, EveryStateHasAPhraseForTheCitizen) {
  for (std::uint32_t s = 0; s < city().root().regions[0].states.size(); ++s) {
    ASSERT_NE(city().public_status(s), nullptr) << city().root().regions[0].states[s].name;
    EXPECT_FALSE(city().public_status(s)->phrase.zh.empty());
    EXPECT_FALSE(city().public_status(s)->phrase.en.empty());
  }
}

}  // namespace
}  // namespace hotline::workflow::test
