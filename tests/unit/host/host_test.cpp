// A host with one of our own endpoints as its telephone; what does not need a telephone is in center's tests.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "hotline/host.hpp"
#include "unit/audio/sound.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;
using audio::test::Folder;

const std::string kCity = std::string(HOTLINE_SOURCE_DIR) + "/examples/city_hotline/data";

host::Options options_in(const Folder& folder) {
  host::Options options;
  options.data = kCity;
  options.folder = (folder / "run");
  options.line.port = 0;
  options.clock = parse_time("2026-11-23T02:00:00Z").value();
  return options;
}

TEST(Host, CallsInProgressAreWrittenDownWhenItStops) {
  Folder folder;
  auto host = host::Host::start(options_in(folder)).value();
  auto phone = sip::Endpoint::start({.port = 0}, [](const audio::TelephonyEvent&) {}).value();
  const std::string number = "sip:12345@" + host->uri().substr(4);
  phone->dial(number, "13800138000", 20s);
  for (std::string event; event.find("\"call.arrived\"") == event.npos;) event = host->next_event(20s).value();
  host->stop();
  const auto calls = host->apply("calls").value();
  EXPECT_NE(calls.find("\"citizen\":\"13800138000\""), calls.npos) << calls;
  host->stop();  // once more does nothing
  while (host->next_event(0s)) {
  }
  EXPECT_FALSE(host->next_event(20s)) << "nobody waits for events of a host that has stopped";
  phone->stop();
}

TEST(Host, ManyThreadsAsk) {
  Folder folder;
  auto host = host::Host::start(options_in(folder)).value();
  std::vector<std::thread> threads;
  std::atomic<int> fine = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const std::string agent = R"({"agent":"a80)" + std::to_string(1 + t % 3) + "\"}";
      for (int i = 0; i < 50; ++i) {
        (void)host->apply(i % 2 == 0 ? "agent.sign_in" : "agent.sign_out", agent);
        if (host->apply("desks").ok() && host->apply("figures").ok()) ++fine;
        (void)host->next_event(0s);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fine, 200);
}

TEST(Host, EventsThatNobodyTakesAreCounted) {
  Folder folder;
  auto host = host::Host::start(options_in(folder)).value();
  while (host->next_event(0s)) {
  }
  host->ask([](center::Hotline& hotline, Time now) {
    hotline.sign_in("a801", now).value();
    for (int i = 0; i < 6000; ++i) {
      hotline.not_ready("a801", "", now).value();
      hotline.ready("a801", now).value();
    }
  });
  const auto first = host->next_event(0s);
  ASSERT_TRUE(first);
  EXPECT_NE(first->find("events.lost"), first->npos) << *first;
}

TEST(Host, WhatAskThrowsComesBack) {
  Folder folder;
  auto host = host::Host::start(options_in(folder)).value();
  EXPECT_THROW(host->ask([](center::Hotline&, Time) -> int { throw std::runtime_error("mine"); }), std::runtime_error);
  EXPECT_EQ(host->ask([](center::Hotline& hotline, Time) { return hotline.live_calls(); }), 0u);
}

TEST(Host, AMissingAgentAndATakenPortAreTold) {
  Folder folder;
  auto options = options_in(folder);
  options.telephones["nobody"] = "sip:1@127.0.0.1";
  EXPECT_EQ(host::Host::start(options).code(), ErrorCode::not_found);
  options.telephones.clear();
  auto first = host::Host::start(options).value();
  options.folder = (folder / "second");
  options.line.port = first->port();
  const auto second = host::Host::start(options);
  ASSERT_EQ(second.code(), ErrorCode::unavailable);
  EXPECT_NE(second.error().text().find(std::to_string(first->port())), std::string::npos) << second.error().text();
}

TEST(HostOptions, AreReadRelativeToTheirFile) {
  Folder folder;
  std::ofstream((folder / "host.yaml")) << "data: city\nfolder: /var/run/hotline\ndatabase: postgresql://db/hotline\nline: {port: 5070}\ntelephones: {a801: \"sip:801@192.0.2.1\"}\n";
  const auto options = host::load_options((folder / "host.yaml")).value();
  EXPECT_EQ(options.data, (folder / "city"));
  EXPECT_EQ(options.folder, "/var/run/hotline");
  EXPECT_EQ(options.database, "postgresql://db/hotline");
  EXPECT_EQ(options.line.port, 5070);
  EXPECT_EQ(options.telephones.at("a801"), "sip:801@192.0.2.1");
  std::ofstream((folder / "bad.yaml")) << "data: city\nfolder: run\nlines: {}\nclock: yesterday\n";
  const auto bad = host::load_options((folder / "bad.yaml"));
  ASSERT_EQ(bad.code(), ErrorCode::invalid_definition);
  EXPECT_NE(bad.error().text().find("bad.yaml:"), std::string::npos) << bad.error().text();
}

}  // namespace
