// The shipped procedures beside the closed loop: difficult questions (C8), emergencies (C9), agency services (C11).
#include <gtest/gtest.h>

#include "hotline/ticket/audit.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

class Procedures : public testing::Test {
 protected:
  TicketId intake(std::string kind) {
    Intake in = complaint("1");
    in.kind = std::move(kind);
    in.citizen.phone = "13800000000";
    auto made = service.intake(in);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return made.ok() ? made->ticket : TicketId{};
  }
  std::string act(TicketId ticket, std::string event, Actor actor, Duration when, std::string fields = {}) {
    const auto outcome = test::act(service, ticket, std::move(event), std::move(actor), when, std::move(fields));
    return outcome.ok() ? outcome->state : std::string(error_name(outcome.code()));
  }
  std::vector<std::string> outgoing(Duration when) {
    std::vector<std::string> out;
    const auto items = service.claim_outbox(at(when), 1h).value();
    for (const auto& item : items) {
      out.push_back(item.recipient + "/" + item.text_template);
      EXPECT_TRUE(service.delivered(item.id, at(when)).ok());
    }
    return out;
  }

  store::Database db = store::Database::open("sqlite::memory:").value();
  Service service = Service::open(db, {}).value();
  Actor agent{"agent:1", {"agent"}, ""}, office{"office:1", {"office"}, ""}, supervisor{"s:1", {"supervisor"}, ""}, tax{"o:1", {"unit"}, "tax"};
};

}  // namespace

TEST_F(Procedures, DifficultQuestionsComeBackAndAreKept) {
  const TicketId id = intake("difficult_question");
  EXPECT_EQ(outgoing(0h), std::vector<std::string>{"role:office/question"});
  EXPECT_EQ(act(id, "ask_unit", office, 1h, R"({"unit":"tax"})"), "WITH_UNIT");
  EXPECT_EQ(act(id, "unit_answers", tax, 2h, R"({"text":"可以"})"), "BACK");
  EXPECT_EQ(act(id, "answer", office, 3h, R"({"text":"可以办理"})"), "ANSWERED");
  EXPECT_EQ(outgoing(3h), (std::vector<std::string>{"unit:tax/question", "role:agent/answered", "host/knowledge"}));
  EXPECT_EQ(act(id, "tell", agent, 4h), "TOLD");
  EXPECT_EQ(service.find(id)->reply, "可以办理");
  EXPECT_EQ(outgoing(4h), std::vector<std::string>{"citizen/answer"});
}

TEST_F(Procedures, EmergenciesReachTheSupervisorAtOnce) {
  const TicketId id = intake("emergency");
  EXPECT_EQ(outgoing(0h), (std::vector<std::string>{"role:supervisor/emergency", "host/alarm"}));
  EXPECT_EQ(service.fire_timers(at(2min)).value(), 1);
  EXPECT_EQ(outgoing(2min), (std::vector<std::string>{"role:supervisor/emergency", "host/alarm"})) << "nobody attended: again";
  EXPECT_EQ(act(id, "attend", supervisor, 3min), "ATTENDED");
  EXPECT_EQ(act(id, "end", supervisor, 4min, R"({"summary":"x"})"), "conflict") << "the citizen was not called back";
  EXPECT_EQ(act(id, "call_service", supervisor, 4min, R"({"service":"119","reference":"r1"})"), "ATTENDED");
  EXPECT_EQ(act(id, "call_service", supervisor, 4min, R"({"service":"911","reference":"r1"})"), "invalid_argument");
  EXPECT_EQ(act(id, "call_back", agent, 5min, R"({"reached":false})"), "ATTENDED");
  EXPECT_EQ(act(id, "hand_over", supervisor, 6min, R"({"to":"s:2","note":"消防在途"})"), "ATTENDED");
  EXPECT_EQ(act(id, "call_back", agent, 7min, R"({"reached":true})"), "ATTENDED");
  EXPECT_EQ(act(id, "end", supervisor, 8min, R"({"summary":"已扑灭"})"), "ENDED");
}

TEST_F(Procedures, AgencyServicesNeedTheirDocuments) {
  const TicketId id = intake("agency_service");
  EXPECT_EQ(act(id, "submit", agent, 1h, R"({"unit":"tax"})"), "conflict");
  EXPECT_EQ(act(id, "need", agent, 1h, R"({"service":"办证","documents":["身份证","申请表"]})"), "OPEN");
  EXPECT_EQ(act(id, "receive", agent, 2h, R"({"documents":["身份证"]})"), "OPEN");
  EXPECT_EQ(act(id, "submit", agent, 2h, R"({"unit":"tax"})"), "conflict");
  EXPECT_EQ(act(id, "receive", agent, 3h, R"({"documents":["申请表","身份证"]})"), "OPEN");
  EXPECT_EQ(act(id, "submit", agent, 3h, R"({"unit":"tax"})"), "WITH_UNIT");
  EXPECT_EQ(act(id, "reject_document", tax, 4h, R"({"document":"申请表","why":"未签字"})"), "OPEN");
  EXPECT_EQ(act(id, "submit", agent, 4h, R"({"unit":"tax"})"), "conflict");
  EXPECT_EQ(act(id, "receive", agent, 5h, R"({"documents":["申请表"]})"), "OPEN");
  EXPECT_EQ(act(id, "submit", agent, 5h, R"({"unit":"tax"})"), "WITH_UNIT");
  EXPECT_EQ(act(id, "decide", tax, 6h, R"({"approved":true,"text":"准予办理"})"), "DECIDED");
  EXPECT_EQ(service.find(id)->reply, "准予办理");
  EXPECT_EQ(act(id, "tell", agent, 7h), "TOLD");
  EXPECT_TRUE(verify(db)->good());
}
