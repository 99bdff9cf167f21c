// Flows change, are closed, and ask slow hosts and databases, while calls run.

#include "fake.hpp"
#include "hotline/ivr.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;
constexpr const char* kPath = "flows/12345.yaml";

ivr::Flow flow(const std::string& version, const std::string& words) {
  return ivr::Flow::parse(R"(
flow: 1
id: city_12345
languages: [en-US]
start: m
on_error: failed
version: ")" + version + R"("
variables: {n: {type: string, default: "7"}, name: string}
nodes:
  m: {type: menu, safe_point: true, prompt: {text: )" + words + R"(}, choices: {"1": ask, "2": look}, exhausted: bye}
  ask: {type: query, query: slow, arguments: {n: n}, store: {name: name}, holding: {text: Please wait}, limit: 10s, ok: say, empty: m, timeout: late}
  look: {type: query, query: sql, arguments: {n: n}, store: {name: name}, holding: {text: Please wait}, ok: say, empty: nobody}
  say: {type: play, prompt: {text: "Name {name}"}, next: m}
  late: {type: play, prompt: {text: Too late}, next: m}
  nobody: {type: play, prompt: {text: Nobody}, next: m}
  failed: {type: play, prompt: {text: Failed}, next: m}
  bye: {type: hangup}
)", "flow.yaml").value();
}

bool heard(fake::Centre& centre, std::string_view words) {
  const bool found = centre.speech.said.find(words) != std::string::npos;
  centre.speech.said.clear();
  return found;
}

TEST(Centre, ARunningCallHearsTheNewVersionAtItsSafePoint) {
  fake::Centre centre;
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("1", "First"), {}, centre.now).ok());
  centre.hotline->answer_query("sql", [](const auto&, std::vector<ivr::Field>&) { return ivr::Outcome::empty; });
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "First"));
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("2", "Second"), ivr::Migration{}, centre.now).ok());
  EXPECT_TRUE(centre.noticed("flow.published"));
  centre.press(leg, "2");
  centre.run(3s);
  EXPECT_TRUE(heard(centre, "Second"));
  EXPECT_EQ(centre.hotline->publish_flow("flows/none.yaml", flow("2", "x"), {}, centre.now).code(), ErrorCode::not_found);
  const auto another = ivr::Flow::parse("flow: 1\nid: another\nlanguages: [en-US]\nstart: b\nnodes:\n  b: {type: hangup}\n").value();
  EXPECT_EQ(centre.hotline->publish_flow(kPath, another, {}, centre.now).code(), ErrorCode::invalid_argument);
  const ivr::Flow both[] = {flow("1", "First"), flow("2", "Second")};
  const auto replayed = ivr::replay(both, centre.journal);
  ASSERT_TRUE(replayed.ok()) << replayed.error().text();
  EXPECT_TRUE(replayed->same()) << replayed->to_text();
}

TEST(Centre, FilesThatDidNotChangeAreNotPublished) {
  fake::Centre centre;
  const auto changed = centre.hotline->reload_flows(centre.now);
  ASSERT_TRUE(changed.ok()) << changed.error().text();
  EXPECT_TRUE(changed->empty());
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("1", "First"), {}, centre.now).ok());
  EXPECT_EQ(*centre.hotline->reload_flows(centre.now), std::vector<std::string>{kPath});
}

TEST(Centre, ANoticeIsHeardByTheNextCallerAndLifted) {
  fake::Centre centre;
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("1", "First"), {}, centre.now).ok());
  ASSERT_TRUE(centre.hotline->lay_notice(kPath, {.id = "storm", .node = "*", .text = "Storm warning"}, centre.now).ok());
  centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "Storm warning"));
  ASSERT_TRUE(centre.hotline->lift_notice(kPath, "storm", centre.now).ok());
  centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  EXPECT_FALSE(heard(centre, "Storm warning"));
  EXPECT_FALSE(centre.hotline->lay_notice(kPath, {.id = "x", .node = "none", .text = "x"}, centre.now).ok());
}

TEST(Centre, ASlowQueryHoldsTheCallerAndIsGivenUpInTime) {
  fake::Centre centre;
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("1", "First"), {}, centre.now).ok());
  center::Hotline::Answered done;
  std::string asked;
  centre.hotline->answer_query_later("slow", [&](const auto& arguments, center::Hotline::Answered answered) {
    asked = arguments.at("n");
    done = std::move(answered);
  });
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "1");
  EXPECT_EQ(asked, "7");
  EXPECT_FALSE(heard(centre, "Please wait"));
  centre.run(2s);
  EXPECT_TRUE(heard(centre, "Please wait"));
  done(ivr::Outcome::ok, {{"name", std::string("Ann")}});
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "Name Ann"));
  centre.press(leg, "1");
  centre.run(11s);
  EXPECT_TRUE(heard(centre, "Too late"));
  done(ivr::Outcome::ok, {{"name", std::string("Bob")}});
  centre.run(5s);
  EXPECT_FALSE(heard(centre, "Bob")) << "a late answer does nothing";
}

TEST(Centre, AQueryIsAnsweredByTheDatabase) {
  fake::Centre centre;
  ASSERT_TRUE(centre.hotline->publish_flow(kPath, flow("1", "First"), {}, centre.now).ok());
  auto database = store::Database::open(centre.folder() + "/people.db").value();
  ASSERT_TRUE(database.migrate("people", {{1, "CREATE TABLE person (n TEXT NOT NULL, name TEXT NOT NULL)"}}).ok());
  centre.hotline->answer_query("sql", center::sql_query(database, "SELECT name FROM person WHERE n = :n AND name <> ':n'", {"name"}));
  const auto leg = centre.telephony.ring_in("13800138000", "12345");
  centre.run(1s);
  centre.press(leg, "2");
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "Nobody"));
  ASSERT_TRUE(database.write([](store::Transaction& t) { return t.post("INSERT INTO person VALUES ('7', 'Zhou')"); }).ok());
  centre.press(leg, "2");
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "Name Zhou"));
  centre.hotline->answer_query("sql", center::sql_query(database, "SELECT nothing FROM nowhere", {"name"}));
  centre.press(leg, "2");
  centre.run(1s);
  EXPECT_TRUE(heard(centre, "Failed"));
}

}  // namespace
