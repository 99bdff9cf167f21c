// Two hotlines, two databases: a case goes from the city to the province and its progress comes back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "hotline/base/document.hpp"
#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/search.hpp"
#include "hotline/ticket/sites.hpp"
#include "hotline/ticket/text_command.hpp"
#include "small_city.hpp"
#include "support/postgres.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

const Actor kAgent{"agent:1", {"agent"}, ""}, kReviewer{"reviewer:1", {"reviewer"}, ""}, kArbiter{"arbiter:1", {"arbiter"}, ""};
Actor member(std::string unit) { return {"unit:" + unit, {"unit"}, unit}; }

struct Site {
  store::Database db;
  Service service;
  Sites sites;
  std::string name;

  Site(const std::string& url, const std::string& area)
      : db(store::Database::open(url).value()), service(open(db, area)), sites(service), name(area == "370000" ? "province.example" : area == "370200" ? "city.example" : "county.example") {}
  static Service open(const store::Database& db, const std::string& area) {
    Options options;
    options.area = area;
    return Service::open(db, options).value();
  }
  Result<Outcome> act(TicketId ticket, std::string event, const Actor& actor, Duration when, std::string fields = {}, std::string facts = {}) {
    return ticket::test::act(service, ticket, std::move(event), actor, when, std::move(fields), std::move(facts));
  }
  // A case that stands before dispatch, and is given to a unit.
  TicketId given_to(const std::string& unit, const std::string& command = "1") {
    Intake in = complaint(command);
    in.actor = kAgent;
    in.citizen = {"王芳", "13800138000", "", "", ""};
    in.place += command;
    const TicketId id = service.intake(in).value().ticket;
    EXPECT_TRUE(act(id, "submit", kAgent, 1min).ok());
    EXPECT_TRUE(act(id, "dispatch", kDispatcher, 2min, R"({"units":[")" + unit + R"("],"lead":")" + unit + "\"}").ok());
    return id;
  }
  std::vector<Ticket> all() const { return Desk(service).search({"s", {"supervisor"}, ""}, {}).value().tickets; }
  std::string types(TicketId id) const {
    std::string out;
    const auto history = service.history(id).value();
    for (const auto& e : history) out += (out.empty() ? "" : " ") + e.type;
    return out;
  }
  // When the other site asks for it to be done.
  Time superior_due(TicketId id) const { return parse_time(parse_document(service.find(id)->fields, "fields")->find("superior_due")->text()).value(); }
  bool good() const { return verify(db).value().good(); }
};

// Carries letters between all until there are none; `lose` of every five letters or receipts get lost.
int carry(std::vector<Site*> all, Time now, int lose = 0, int n = 0) {
  int carried = 0;
  for (bool more = true; more;) {
    more = false;
    for (Site* from : all) {
      const auto letters = from->sites.letters(now, 1min).value();
      for (const Letter& letter : letters) {
        Site* to = *std::find_if(all.begin(), all.end(), [&](Site* s) { return s->name == letter.site; });
        more = true;
        if (++n % 5 < lose) continue;
        const auto answer = to->sites.receive(letter.text, now);
        if (!answer.ok() && answer.code() == ErrorCode::not_found) continue;  // out of order: it comes again
        EXPECT_TRUE(answer.ok()) << answer.error().text();
        ++carried;
        if (++n % 5 < lose || !answer.ok()) continue;
        const auto receipt = from->sites.receive(answer->receipt, now);
        EXPECT_TRUE(receipt.ok()) << receipt.error().text();
      }
    }
  }
  return carried;
}
int carry(Site& a, Site& b, Time now, int lose = 0, int n = 0) { return carry({&a, &b}, now, lose, n); }

void join(Site& city, Site& province, Peer::People people = Peer::People::withheld) {
  const std::string city_key = public_key(city.service).value(), province_key = public_key(province.service).value();
  ASSERT_EQ(city.sites.join({"city.example", {{"province.example", "province", province_key, 4h, people}}}).value(), city_key);
  ASSERT_TRUE(province.sites.join({"province.example", {{"city.example", "", city_key, 4h, Peer::People::withheld}}}).ok());
}

void handled(Site& province, TicketId id) {
  ASSERT_TRUE(province.act(id, "submit", kAgent, 1h).ok());
  ASSERT_TRUE(province.act(id, "dispatch", kDispatcher, 1h, R"({"units":["water"],"lead":"water"})").ok());
  ASSERT_TRUE(province.act(id, "sign", member("water"), 2h).ok());
  ASSERT_TRUE(province.act(id, "reply", member("water"), 3h, R"({"public_text":"省厅已查处。","internal_text":"x","contacted":true})").ok());
}

void whole_way(Site& city, Site& province) {
  join(city, province, Peer::People::told);
  const TicketId here = city.given_to("province");
  carry(city, province, at(5min));
  ASSERT_EQ(province.all().size(), 1u);
  const Ticket there = province.all()[0];
  EXPECT_EQ(there.title, "水管爆裂");
  EXPECT_EQ(there.place, "延安路12号1");
  EXPECT_EQ(province.service.find(there.id)->citizen->phone, "13800138000");
  EXPECT_EQ(city.service.find(here)->state, "HANDLING") << "the receipt signs for it";
  EXPECT_EQ(province.superior_due(there.id), *city.service.find(here)->due - 4h) << "the part is due before the whole";
  EXPECT_LE(*there.due, province.superior_due(there.id));

  handled(province, there.id);
  carry(city, province, at(4h));
  EXPECT_EQ(city.service.find(here)->state, "HANDLING");
  EXPECT_EQ(city.service.find(here)->reply, "") << "not reviewed yet";
  ASSERT_TRUE(province.act(there.id, "review_pass", kReviewer, 5h).ok());
  carry(city, province, at(6h));
  EXPECT_EQ(city.service.find(here)->state, "REPLIED");
  EXPECT_EQ(city.service.find(here)->reply, "省厅已查处。");
  const auto links = city.sites.links(here).value();
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].registry, there.registry);
  EXPECT_EQ(links[0].state, "replied");
  EXPECT_EQ(links[0].side, SiteLink::Side::below);
  EXPECT_EQ(province.sites.links(there.id).value()[0].registry, city.service.find(here)->registry);
  EXPECT_EQ(carry(city, province, at(30 * 24h)), 0) << "nothing is sent twice";
  EXPECT_EQ(city.types(here), "intake submit dispatch sign site.referred site.progress begin site.progress reply site.progress");
  EXPECT_TRUE(city.good());
  EXPECT_TRUE(province.good());
}

}  // namespace

TEST(Sites, ACaseGoesToTheProvinceAndItsReplyComesBack) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  whole_way(city, province);
}

TEST(Sites, TheSameWithTheProvinceOnPostgres) {
  hotline::test::PrivatePostgres server;
  if (server.url().empty()) GTEST_SKIP() << server.why();
  Site city("sqlite::memory:", "370200"), province(server.url(), "370000");
  whole_way(city, province);
}

TEST(Sites, WhatComesAgainDoesNothingAndIsAnsweredAsBefore) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  join(city, province);
  const TicketId here = city.given_to("province");
  const auto letters = city.sites.letters(at(5min), 1min).value();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_TRUE(city.sites.letters(at(5min), 1min)->empty()) << "leased";
  EXPECT_EQ(city.sites.letters(at(7min), 1min)->size(), 1u) << "no receipt: again";
  const auto first = province.sites.receive(letters[0].text, at(6min)).value(), second = province.sites.receive(letters[0].text, at(8min)).value();
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.ticket, second.ticket);
  EXPECT_EQ(province.all().size(), 1u);
  EXPECT_FALSE(province.all()[0].citizen) << "people are withheld";
  const std::string before = province.types(first.ticket);
  for (const std::string& receipt : {first.receipt, second.receipt, first.receipt}) EXPECT_TRUE(city.sites.receive(receipt, at(9min)).ok());
  EXPECT_EQ(city.types(here), "intake submit dispatch sign site.referred");
  EXPECT_EQ(province.types(first.ticket), before);
  EXPECT_TRUE(city.sites.letters(at(48h), 1min)->empty());
}

TEST(Sites, AWrongSignatureAnotherReceiverAndAnEditAreRefused) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000"), stranger("sqlite::memory:", "999999");
  join(city, province);
  (void)city.given_to("province");
  const std::string letter = city.sites.letters(at(5min), 1min).value()[0].text;
  // Somebody else who says he is the city.
  const std::string province_key = public_key(province.service).value();
  ASSERT_TRUE(stranger.sites.join({"city.example", {{"province.example", "province", province_key, 4h, Peer::People::withheld}}}).ok());
  (void)stranger.given_to("province");
  const std::string forged = stranger.sites.letters(at(5min), 1min).value()[0].text;
  const auto refused = province.sites.receive(forged, at(6min));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.code(), ErrorCode::denied);
  EXPECT_NE(refused.error().message().find("not signed"), std::string::npos);
  EXPECT_EQ(city.sites.receive(letter, at(6min)).code(), ErrorCode::denied) << "its own letter";
  // Every byte counts.
  const auto node = parse_document(letter, "letter").value();
  for (const std::string_view field : {"sealed", "signature"}) {
    std::string edited = letter;
    const auto where = edited.find(node.find(field)->text()) + 10;
    edited[where] = edited[where] == 'A' ? 'B' : 'A';
    EXPECT_EQ(province.sites.receive(edited, at(6min)).code(), ErrorCode::denied) << field;
  }
  std::string renumbered = letter;
  renumbered.replace(renumbered.find("\"number\":1"), 10, "\"number\":2");
  EXPECT_EQ(province.sites.receive(renumbered, at(6min)).code(), ErrorCode::denied);
  for (const std::string_view bad : {"", "{}", "[]", "{\"hotline\":\"letter\",\"from\":\"city.example\",\"to\":\"province.example\",\"number\":1,\"sealed\":\"*\",\"signature\":\"\"}"})
    EXPECT_FALSE(province.sites.receive(bad, at(6min)).ok()) << bad;
  EXPECT_TRUE(province.all().empty());
  EXPECT_EQ(letter.find("水管"), std::string::npos) << "the carrier cannot read it";
  EXPECT_EQ(letter.find("延安路"), std::string::npos);
  EXPECT_TRUE(province.sites.receive(letter, at(6min)).ok());
}

TEST(Sites, TheirRefusalIsARequestToReturn) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  join(city, province);
  const TicketId here = city.given_to("province");
  carry(city, province, at(5min));
  const TicketId there = province.all()[0].id;
  ASSERT_TRUE(province.act(there, "refuse", kAgent, 1h, R"({"reason":"not_competent","where_to_go":"市水务局"})").ok());
  carry(city, province, at(2h));
  EXPECT_NE(city.service.state_json(here)->find("RETURN_REQ"), std::string::npos) << *city.service.state_json(here);
  EXPECT_EQ(carry(city, province, at(3h)), 0);
  // The dispatcher insists: it goes there again, as a ticket linked to the first.
  ASSERT_TRUE(city.act(here, "return_refuse", kDispatcher, 4h).ok());
  carry(city, province, at(5h));
  ASSERT_EQ(province.all().size(), 2u);
  EXPECT_EQ(province.all()[0].parent, there);
  // Or a definition that does not know such a thing: the receipt says why.
  EXPECT_TRUE(city.good());
  EXPECT_TRUE(province.good());
}

TEST(Sites, UrgingNewTermsAndARecallFollowTheCase) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  join(city, province);
  const TicketId here = city.given_to("province");
  carry(city, province, at(5min));
  const TicketId there = province.all()[0].id;
  ASSERT_TRUE(city.act(here, "urge", kAgent, 1h).ok());
  carry(city, province, at(2h));
  EXPECT_NE(province.service.state_json(there)->find("\"urged\""), std::string::npos);
  ASSERT_TRUE(city.act(here, "supervise", {"boss", {"supervisor"}, ""}, 3h, R"({"grounds":"领导批示"})").ok());
  carry(city, province, at(3h));
  EXPECT_NE(province.service.state_json(there)->find("\"supervised\""), std::string::npos);
  // Emergency: the city's terms are shorter now, and so is the part's.
  const Time before = province.superior_due(there);
  ASSERT_TRUE(city.act(here, "emergency", kAgent, 4h, R"({"grounds":"有人被困"})").ok());
  carry(city, province, at(4h));
  EXPECT_LT(province.superior_due(there), before);
  EXPECT_EQ(province.superior_due(there), *city.service.find(here)->due - 4h);
  ASSERT_TRUE(city.act(here, "withdraw", kAgent, 5h, {}, R"({"authenticated":true})").ok());
  carry(city, province, at(6h));
  EXPECT_EQ(province.service.find(there)->state, "WITHDRAWN");
  EXPECT_EQ(carry(city, province, at(7h)), 0);
  EXPECT_TRUE(city.good());
  EXPECT_TRUE(province.good());
}

TEST(Sites, ThreeLevelsInheritTheClockAndACircleIsRefused) {
  Site province("sqlite::memory:", "370000"), city("sqlite::memory:", "370200"), county("sqlite::memory:", "370202");
  const auto key = [](Site& s) { return public_key(s.service).value(); };
  ASSERT_TRUE(province.sites.join({"province.example", {{"city.example", "city", key(city), 4h, {}}, {"county.example", "", key(county), 4h, {}}}}).ok());
  ASSERT_TRUE(city.sites.join({"city.example", {{"province.example", "", key(province), 4h, {}}, {"county.example", "county", key(county), 4h, {}}}}).ok());
  ASSERT_TRUE(county.sites.join({"county.example", {{"city.example", "", key(city), 4h, {}}, {"province.example", "province", key(province), 4h, {}}}}).ok());
  const std::vector<Site*> all{&province, &city, &county};
  const TicketId top = province.given_to("city");
  carry(all, at(5min));
  const TicketId middle = city.all()[0].id;
  ASSERT_TRUE(city.act(middle, "submit", kAgent, 10min).ok());
  ASSERT_TRUE(city.act(middle, "dispatch", kDispatcher, 10min, R"({"units":["county"],"lead":"county"})").ok());
  carry(all, at(15min));
  const TicketId bottom = county.all()[0].id;
  const Time due = *province.service.find(top)->due;
  EXPECT_EQ(city.superior_due(middle), due - 4h);
  EXPECT_EQ(county.superior_due(bottom), due - 12h) << "the city's unit is due before the city, and the county before that";
  EXPECT_EQ(county.sites.links(bottom).value()[0].site, "city.example");
  // The county would send it back up to where it came from.
  ASSERT_TRUE(county.act(bottom, "submit", kAgent, 20min).ok());
  ASSERT_TRUE(county.act(bottom, "dispatch", kDispatcher, 20min, R"({"units":["province"],"lead":"province"})").ok());
  carry(all, at(25min));
  EXPECT_EQ(province.all().size(), 1u) << "no second one";
  EXPECT_NE(county.service.state_json(bottom)->find("RETURN_REQ"), std::string::npos);
  EXPECT_TRUE(county.good() && city.good() && province.good());
}

// Letters and receipts are lost, come twice and out of order; at the end every case is there once and every reply has come.
TEST(Sites, ALossyCarrierLosesNothing) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  join(city, province);
  std::vector<TicketId> here;
  for (int i = 0; i < 8; ++i) here.push_back(city.given_to("province", std::to_string(i)));
  Duration when = 5min;
  const auto settle = [&] {
    for (int round = 0; round < 12; ++round, when += 2min) carry(city, province, at(when), round < 10 ? 2 : 0, round);
  };
  settle();
  ASSERT_EQ(province.all().size(), here.size());
  const auto cases = province.all();
  for (const Ticket& there : cases) {
    handled(province, there.id);
    ASSERT_TRUE(province.act(there.id, "review_pass", kReviewer, 5h).ok());
  }
  when = 6h;
  settle();
  for (const TicketId id : here) {
    EXPECT_EQ(city.service.find(id)->state, "REPLIED");
    const std::string types = city.types(id);
    EXPECT_EQ(types.find(" reply"), types.rfind(" reply")) << types;
  }
  EXPECT_TRUE(city.good());
  EXPECT_TRUE(province.good());
}

// The process that carries dies after any of its steps; another goes on.
TEST(Sites, ACrashBetweenTheTwoDatabasesLosesNothing) {
  const auto folder = std::filesystem::temp_directory_path() / ("hotline_sites_" + std::to_string(getpid()));
  for (int steps = 0; steps < 9; ++steps) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::string a = folder / "city.db", b = folder / "province.db";
    TicketId here;
    {
      Site city(a, "370200"), province(b, "370000");
      join(city, province);
      here = city.given_to("province");
    }
    const pid_t child = fork();
    if (child == 0) {
      int left = steps;
      const auto step = [&] {
        if (left-- == 0) kill(getpid(), SIGKILL);
      };
      Site city(a, "370200"), province(b, "370000");
      for (auto [from, to] : {std::pair{&city, &province}, std::pair{&province, &city}}) {
        step();
        const auto letters = from->sites.letters(at(5min), 1min).value();
        for (const Letter& letter : letters) {
          step();
          const auto answer = to->sites.receive(letter.text, at(5min)).value();
          step();
          (void)from->sites.receive(answer.receipt, at(5min));
          step();
        }
      }
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    Site city(a, "370200"), province(b, "370000");
    for (int i = 0; i < 3; ++i) carry(city, province, at(10min + i * 2min));
    ASSERT_EQ(province.all().size(), 1u) << steps;
    const TicketId there = province.all()[0].id;
    handled(province, there);
    ASSERT_TRUE(province.act(there, "review_pass", kReviewer, 5h).ok());
    for (int i = 0; i < 3; ++i) carry(city, province, at(6h + i * 2min));
    EXPECT_EQ(city.service.find(here)->state, "REPLIED") << steps << " " << city.types(here);
    EXPECT_TRUE(city.good()) << steps;
    EXPECT_TRUE(province.good()) << steps;
  }
  std::filesystem::remove_all(folder);
}

TEST(Sites, MistakesAreToldApart) {
  Site city("sqlite::memory:", "370200"), province("sqlite::memory:", "370000");
  EXPECT_EQ(city.sites.letters(at(0h), 1min).code(), ErrorCode::wrong_state);
  EXPECT_EQ(city.sites.receive("{}", at(0h)).code(), ErrorCode::invalid_definition);
  const std::string key = public_key(province.service).value();
  EXPECT_EQ(city.sites.join({"two words", {}}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(city.sites.join({"city", {{"province", "p", "abcd", 4h, {}}}}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(city.sites.join({"city", {{"city", "p", key, 4h, {}}}}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(city.sites.join({"city", {{"province", "p", std::string(64, 'f'), 4h, {}}}}).code(), ErrorCode::invalid_argument) << "no point of the curve";
  EXPECT_TRUE(city.sites.join({"city", {{"province", "p", key, 4h, {}}}}).ok());
  EXPECT_EQ(city.sites.join({"town", {}}).code(), ErrorCode::conflict);
  EXPECT_TRUE(city.sites.join({"city", {}}).ok());
  EXPECT_FALSE(SiteOptions::parse("site: city\npeers: [{site: p}]\n", "sites.yaml").ok());
  EXPECT_EQ(SiteOptions::parse("site: city\npeers: [{site: p, unit: u, key: " + key + ", margin: 8h, people: told}]\n", "sites.yaml")->peers[0].margin, 8h);
}
