// GeoReport v2, without a socket: the server is tried by Python's own client (tests/python/test_open311.py).
#include <gtest/gtest.h>

#include "hotline/base/document.hpp"
#include "hotline/ticket/open311.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOptions = R"(
jurisdiction: city
keys: [k]
services:
  - {code: light, name: 路灯 Street light, keywords: [dark, lamp], attributes: [{code: POLE, description: Number, required: true}]}
  - {code: water, name: Water}
)";

struct Fixture : testing::Test {
  Service service = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  Open311 adapter{service, Open311Options::parse(kOptions, "open311.yaml").value()};
  HttpAnswer get(std::string path, std::multimap<std::string, std::string> parameters = {}) {
    parameters.emplace("jurisdiction_id", "city");
    return adapter.answer({"GET", std::move(path), std::move(parameters)}, at(2h));
  }
  HttpAnswer post(std::multimap<std::string, std::string> parameters) {
    parameters.emplace("jurisdiction_id", "city");
    parameters.emplace("api_key", "k");
    return adapter.answer({"POST", "/requests.json", std::move(parameters)}, at(1h));
  }
};

Node json(const HttpAnswer& answer) { return parse_document(answer.body, "answer").value(); }

}  // namespace

using GeoReport = Fixture;

TEST_F(GeoReport, ServicesAndTheirDefinitions) {
  const Node list = json(get("/services.json"));
  ASSERT_EQ(list.items().size(), 2u);
  EXPECT_EQ(list.items()[0].find("keywords")->text(), "dark,lamp");
  EXPECT_EQ(list.items()[0].find("metadata")->as_bool(), true);
  EXPECT_NE(get("/services.xml").body.find("<services><service><service_code>light</service_code><service_name>路灯 Street light</service_name>"), std::string::npos);
  const Node definition = json(get("/v2/services/light.json"));
  EXPECT_EQ(definition.find("attributes")->items()[0].find("code")->text(), "POLE");
  EXPECT_NE(get("/services/light.xml").body.find("<service_definition><service_code>light</service_code><attributes><attribute>"), std::string::npos);
}

TEST_F(GeoReport, ARequestComesBackWithoutItsPerson) {
  const auto made = post({{"service_code", "light"}, {"attribute[POLE]", "17"}, {"lat", "36.0671"}, {"long", "120.3826"}, {"address_string", "延安路12号"},
                          {"description", "路灯不亮"}, {"first_name", "Wang"}, {"phone", "13800000000"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string number = json(made).items()[0].find("service_request_id")->text();
  const auto answer = get("/requests/" + number + ".json");
  const Node row = json(answer).items()[0];
  EXPECT_EQ(row.find("status")->text(), "open");
  EXPECT_EQ(row.find("service_name")->text(), "路灯 Street light");
  EXPECT_EQ(row.find("address")->text(), "延安路12号 ");
  EXPECT_NE(answer.body.find("\"lat\":36.0671,\"long\":120.3826"), std::string::npos) << answer.body;
  EXPECT_EQ(answer.body.find("138"), std::string::npos);
  EXPECT_EQ(answer.body.find("Wang"), std::string::npos);
  EXPECT_EQ(json(get("/tokens/" + number + ".json")).items()[0].find("service_request_id")->text(), number);
  EXPECT_EQ(json(get("/requests.json")).items().size(), 1u);
  EXPECT_EQ(json(get("/requests.json", {{"status", "closed"}})).items().size(), 0u);
  EXPECT_EQ(json(get("/requests.json", {{"service_code", "water"}})).items().size(), 0u);
  EXPECT_EQ(json(get("/requests.json", {{"service_code", "water,light"}, {"status", "open"}})).items().size(), 1u);
  EXPECT_EQ(json(get("/requests.json", {{"start_date", "2026-11-22T08:59:00+08:00"}, {"end_date", "2026-11-22T09:01:00+08:00"}})).items().size(), 1u);
  EXPECT_EQ(json(get("/requests.json", {{"end_date", "2026-11-21T00:00:00Z"}})).items().size(), 0u);
  EXPECT_EQ(json(get("/requests.json", {{"service_request_id", number}})).items().size(), 1u);
  // The same again while it is open.
  EXPECT_EQ(post({{"service_code", "light"}, {"attribute[POLE]", "17"}, {"lat", "36.0671"}, {"long", "120.3826"}, {"address_string", "延安路12号"}, {"phone", "13800000000"}}).status, 400);
}

TEST_F(GeoReport, SecretTicketsAreNotThere) {
  Intake in = complaint("1");
  in.actor = {"citizen", {"citizen"}, ""};
  in.secrecy = Secrecy::identity;
  const auto a = service.intake(in).value();
  EXPECT_EQ(get("/requests/" + a.number + ".json").status, 404);
  EXPECT_EQ(json(get("/requests.json")).items().size(), 0u);
}

TEST_F(GeoReport, WhatIsWrongIsSaid) {
  const auto status = [&](std::multimap<std::string, std::string> p) { return post(std::move(p)).status; };
  EXPECT_EQ(status({}), 400);
  EXPECT_EQ(status({{"service_code", "moon"}}), 404);
  EXPECT_EQ(status({{"service_code", "water"}}), 400) << "no place";
  EXPECT_EQ(status({{"service_code", "water"}, {"lat", "36"}}), 400);
  EXPECT_EQ(status({{"service_code", "water"}, {"lat", "nan"}, {"long", "1"}}), 400);
  EXPECT_EQ(status({{"service_code", "light"}, {"address_string", "x"}}), 400) << "a required attribute";
  EXPECT_EQ(adapter.answer({"POST", "/requests.json", {{"jurisdiction_id", "city"}}}, at(0h)).status, 403);
  EXPECT_EQ(adapter.answer({"POST", "/requests.json", {{"jurisdiction_id", "city"}, {"api_key", "x"}}}, at(0h)).status, 403);
  EXPECT_EQ(adapter.answer({"GET", "/services.json", {}}, at(0h)).status, 400);
  EXPECT_EQ(adapter.answer({"GET", "/services.json", {{"jurisdiction_id", "other"}}}, at(0h)).status, 404);
  EXPECT_EQ(adapter.answer({"DELETE", "/services.json", {{"jurisdiction_id", "city"}}}, at(0h)).status, 405);
  EXPECT_EQ(get("/nothing.json").status, 404);
  EXPECT_EQ(get("/services").status, 404);
  EXPECT_EQ(get("").status, 404);
  EXPECT_EQ(get("/requests/12345678.json").status, 404) << "mistyped";
  EXPECT_EQ(get("/requests.json", {{"start_date", "yesterday"}}).status, 400);
  EXPECT_EQ(get("/requests.json", {{"status", "fixed"}}).status, 400);
  EXPECT_NE(get("/services/moon.xml").body.find("<errors><error><code>404</code><description>"), std::string::npos);
  EXPECT_EQ(Open311Options::parse("services: [{code: a}, {code: a}]", "x").code(), ErrorCode::invalid_definition);
}

// FixMyStreet's extension is there only where it was asked for.
TEST_F(GeoReport, UpdatesTellWhatBecameOfARequestAndTakeWhatIsAdded) {
  const auto made = post({{"service_code", "water"}, {"address_string", "x"}, {"description", "no water"}});
  const std::string number = json(made).items()[0].find("service_request_id")->text();
  EXPECT_EQ(get("/servicerequestupdates.json").status, 404);
  Open311Options options = Open311Options::parse(std::string(kOptions) + "updates: true\n", "open311.yaml").value();
  Open311 extended{service, options};
  const auto ask = [&](std::multimap<std::string, std::string> parameters, const char* path = "/servicerequestupdates.json") {
    parameters.emplace("jurisdiction_id", "city");
    return extended.answer({"GET", path, std::move(parameters)}, at(48h));
  };
  const TicketId id = service.find(number)->id;
  const auto act = [&](const char* event, const char* role, Duration when, const char* fields) {
    Command c{"", at(when), {role, {role}, role == std::string("unit") ? "water" : ""}, id, event, fields, {}, {}, {}};
    const auto done = service.apply(c);
    EXPECT_TRUE(done.ok()) << done.error().text();
  };
  act("submit", "agent", 2h, "");
  act("dispatch", "dispatcher", 3h, R"({"units":["water"],"lead":"water"})");
  act("sign", "unit", 4h, "");
  act("reply", "unit", 5h, R"({"public_text":"pipe mended","internal_text":"x","contacted":true})");
  act("review_pass", "reviewer", 30h, "");
  act("visit_result", "visitor", 31h, R"({"contacted":true,"solved":true,"satisfaction":"satisfied"})");
  const auto answer = ask({{"start_date", to_string(at(0h))}});
  std::string told;
  const Node list = json(answer);
  for (const Node& u : list.items()) {
    EXPECT_EQ(u.find("service_request_id")->text(), number);
    told += u.find("status")->text() + " ";
  }
  EXPECT_EQ(told, "open in_progress in_progress fixed ") << answer.body;
  EXPECT_EQ(list.items().back().find("description")->text(), "closed: pipe mended");
  EXPECT_EQ(list.items().back().find("update_id")->text(), number + "-" + std::to_string(service.find(number)->version));
  EXPECT_EQ(json(ask({})).items().size(), 2u) << "of the last day";
  EXPECT_NE(ask({}, "/servicerequestupdates.xml").body.find("<service_requests_updates><request_update><update_id>"), std::string::npos);
  EXPECT_EQ(ask({{"start_date", "yesterday"}}).status, 400);
  const auto add = [&](std::multimap<std::string, std::string> parameters) {
    parameters.emplace("jurisdiction_id", "city");
    return extended.answer({"POST", "/servicerequestupdates.json", std::move(parameters)}, at(49h));
  };
  EXPECT_EQ(add({{"service_request_id", number}, {"description", "again"}}).status, 403);
  const auto first = add({{"api_key", "k"}, {"service_request_id", number}, {"update_id", "7"}, {"description", "dry again"}});
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(add({{"api_key", "k"}, {"service_request_id", number}, {"update_id", "7"}, {"description", "dry again"}}).body, first.body);
  EXPECT_EQ(add({{"api_key", "k"}, {"service_request_id", "12345678"}, {"description", "x"}}).status, 404);
  EXPECT_EQ(add({{"api_key", "k"}, {"service_request_id", number}}).status, 400);
}
