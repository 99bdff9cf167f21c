// What the tests of box ivr share: flows in a few lines, the shipped flows, a fixed moment.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "hotline/ivr.hpp"

namespace hotline::ivr::testing {

using namespace std::chrono_literals;

// A Monday, 10:00 in Beijing.
inline Time monday() { return parse_time("2026-11-23T10:00:00+08:00").value(); }
inline std::string shipped(const std::string& name) {
  return std::string(HOTLINE_SOURCE_DIR) + "/examples/city_hotline/data/flows/" + name;
}

inline Flow flow(std::string_view yaml) {
  auto parsed = Flow::parse(yaml, "test.yaml");
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().text());
  if (!parsed.ok()) {
    const auto examined = examine(yaml, "test.yaml");
    ADD_FAILURE() << examined.diagnostics.to_text();
  }
  return *parsed;
}

inline Rehearsal call(const Flow& f, Answers answers = {}, Start start = {.caller = "13800138000", .dialled = "12345"}) {
  return Rehearsal(f, std::move(start), monday(), std::move(answers));
}

// A session driven by hand: sees every action.
class Hand {
 public:
  explicit Hand(const Flow& f, Start start = {}) : engine(f), session(engine.open()) { take(engine.start(session, start, now)); }

  void key(char k) { take(engine.step(session, Event::digit(k), now)); }
  void keys(std::string_view text) {
    for (const char k : text) {
      now += 100ms;
      key(k);
    }
  }
  void played() { take(engine.step(session, Event::played(last_play), now)); }
  void pass(Duration d) { now += d; }
  void timer() { take(engine.step(session, Event::timer(), now)); }
  // Goes to the deadline and lets it strike.
  void expire() {
    ASSERT_NE(session.deadline(), Time::max());
    now = session.deadline();
    timer();
  }
  void event(const Event& e) { take(engine.step(session, e, now)); }
  Duration until_deadline() const { return session.deadline() - now; }

  // Kinds of the last step's actions: "stop play".
  std::string kinds() const {
    std::string text;
    for (const auto& a : actions) text += (text.empty() ? "" : " ") + a.kind;
    return text;
  }
  std::string text() const {
    std::string all;
    for (const auto& a : actions) all += a.text;
    return all;
  }

  struct Seen {
    std::string kind, target, text;
    std::uint32_t id;
    bool barge_in;
    int rate;
    std::vector<Field> arguments;
  };
  Engine engine;
  Session session;
  Time now = monday();
  std::vector<Seen> actions;
  std::uint32_t last_play = 0, last_request = 0;

 private:
  void take(std::span<const Action> taken) {
    actions.clear();
    for (const Action& a : taken) {
      Seen seen{std::string(to_string(a.kind)), std::string(a.target), "", a.id, a.barge_in, a.rate_percent, {}};
      for (const Part& part : a.parts) seen.text += part.text.empty() ? "(" + std::string(part.file) + ")" : std::string(part.text);
      for (const Argument& argument : a.arguments) seen.arguments.push_back({std::string(argument.name), copy(argument.value)});
      if (a.kind == ActionKind::play) last_play = a.id;
      if (a.kind >= ActionKind::query && a.kind <= ActionKind::fax_receive) last_request = a.id;
      if (a.kind == ActionKind::record) last_request = a.id;
      actions.push_back(std::move(seen));
    }
  }
};

}  // namespace hotline::ivr::testing
