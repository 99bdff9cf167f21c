// Commands as text for what C and Python have no functions of their own: the archive, and letters between sites.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "hotline/base/document.hpp"
#include "hotline/ticket/text_command.hpp"
#include "small_city.hpp"

using namespace hotline;
using namespace hotline::ticket;
using namespace hotline::ticket::test;
using namespace std::chrono_literals;

namespace {

Node run(Service& s, std::string_view verb, const std::string& fields, Duration when = Duration{0}) {
  const auto events = apply_text(s, verb, fields, at(when));
  EXPECT_TRUE(events.ok()) << events.error().text();
  return events.ok() ? parse_document(*events, "events").value() : Node::sequence();
}
std::string first(const Node& events, std::string_view name) {
  const Node* value = events.items().empty() ? nullptr : events.items()[0].find(name);
  return value == nullptr ? "-" : value->text();
}

}  // namespace

TEST(TextCommands, TheArchiveAndBack) {
  const std::string old = testing::TempDir() + "/text_archive_" + std::to_string(getpid()) + ".db";
  Service s = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  run(s, "ticket.intake", R"({"actor":"a","roles":["agent"],"category":"x"})");
  run(s, "ticket.note", R"({"ticket":1,"actor":"s","roles":["supervisor"],"text":"阅"})");
  run(s, "ticket.refuse", R"({"ticket":1,"actor":"a","roles":["agent"],"fields":{"reason":"decided","where_to_go":"x"}})", 1h);
  const Node items = run(s, "outbox.claim", "{}", 2h);
  for (const Node& item : items.items()) run(s, "outbox.delivered", "{\"item\":" + item.find("item")->text() + "}", 2h);
  const std::string move = "{\"archive\":\"" + old + "\",\"closed_before\":\"2027-01-01T00:00:00Z\"}";
  EXPECT_EQ(first(run(s, "archive.move", move, 3h), "count"), "0") << "no anchor holds it yet";
  run(s, "audit.anchor", "{}", 3h);
  EXPECT_EQ(first(run(s, "archive.move", move, 4h), "count"), "1");
  EXPECT_EQ(first(run(s, "ticket.find", R"({"ticket":1})"), "error"), "not_found");
  EXPECT_EQ(first(run(s, "archive.restore", "{\"archive\":\"" + old + "\",\"ticket\":7}"), "error"), "not_found");
  EXPECT_EQ(first(run(s, "archive.restore", "{\"archive\":\"" + old + "\",\"ticket\":1}"), "type"), "restored");
  EXPECT_EQ(first(run(s, "ticket.find", R"({"ticket":1})"), "state"), "REJECTED");
  EXPECT_EQ(first(run(s, "audit.prove", R"({"ticket":1,"of":"notes"})"), "of"), "notes");
  EXPECT_EQ(run(s, "audit.verify", "{}").items()[0].find("findings")->items().size(), 0u);
  EXPECT_EQ(apply_text(s, "archive.move", "{\"archive\":\"" + old + "\",\"closed_before\":\"long ago\"}", at(4h)).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(first(run(s, "archive.restore", R"({"archive":"sqlite::memory:","ticket":1})"), "error"), "not_found") << "an archive that is none yet";
  EXPECT_NE(apply_text(s, "archive.move", "{\"archive\":\"" + old + "\",\"closed_before\":\"long ago\"}", at(4h)).error().text().find("long ago"), std::string::npos);
  EXPECT_EQ(apply_text(s, "archive.move", "{}", at(4h)).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(apply_text(s, "archive.burn", "{}", at(4h)).code(), ErrorCode::not_found);
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(old + tail);
}

TEST(TextCommands, LettersBetweenSites) {
  Service city = Service::open(store::Database::open("sqlite::memory:").value(), {}).value(), province = Service::open(store::Database::open("sqlite::memory:").value(), {}).value();
  EXPECT_EQ(first(run(city, "sites.letters", "{}"), "error"), "wrong_state");
  const std::string city_key = first(run(city, "audit.key", "{}"), "public_key"), province_key = first(run(province, "audit.key", "{}"), "public_key");
  EXPECT_EQ(first(run(city, "sites.join", R"({"site":"city","peers":[{"site":"province","unit":"province","margin":"2h","people":"told","key":")" + province_key + "\"}]}"), "public_key"), city_key);
  run(province, "sites.join", R"({"site":"province","peers":[{"site":"city","key":")" + city_key + "\"}]}");
  run(city, "ticket.intake", R"({"actor":"a","roles":["agent"],"category":"x","title":"黑中介"})");
  run(city, "ticket.submit", R"({"ticket":1,"actor":"a","roles":["agent"]})");
  run(city, "ticket.dispatch", R"({"ticket":1,"actor":"d","roles":["dispatcher"],"fields":{"units":["province"],"lead":"province"}})");
  const auto quoted = [](const std::string& text) {
    std::string out;
    JsonWriter(out).begin_object().field("text", text).end_object();
    return out;
  };
  const Node letters = run(city, "sites.letters", R"({"lease":"1m"})", 1h);
  ASSERT_EQ(letters.items().size(), 1u);
  const Node taken = run(province, "sites.receive", quoted(first(letters, "text")), 1h);
  EXPECT_EQ(first(taken, "kind") + first(taken, "taken") + first(taken, "repeated"), "refertruefalse");
  EXPECT_EQ(first(run(city, "sites.receive", quoted(first(taken, "receipt")), 1h), "kind"), "receipt");
  EXPECT_EQ(first(run(city, "sites.links", R"({"ticket":1})"), "side"), "below");
  EXPECT_EQ(first(run(province, "sites.links", R"({"ticket":1})"), "side"), "above");
  EXPECT_EQ(first(run(city, "sites.receive", quoted("hello")), "type"), "refused");
}
