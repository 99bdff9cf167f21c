// The shipped closed loop, driven by names: what the tests of the kernel share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hotline/workflow.hpp"

namespace hotline::workflow::test {

inline Time at(std::string_view local) { return parse_time(std::string(local) + "+08:00").value(); }
inline std::string local(Time t) {
  if (t == Due::never) return "never";
  std::string text = to_string(t + std::chrono::hours{8});
  text.pop_back();
  return text;
}

inline std::string data(const std::string& path) { return std::string(HOTLINE_SOURCE_DIR) + "/data/" + path; }

inline const Definition& city() {
  static const Definition definition = Definition::load(data("workflows/city-12345.yaml")).value();
  return definition;
}
inline const Calendar& china() {
  static const Calendar calendar = Calendar::load(data("calendars/cn.yaml")).value();
  return calendar;
}

// One instance and its log. Fires timers itself, in order of time, when the clock is moved.
class Case {
 public:
  explicit Case(const Definition& definition, Time start, std::vector<Calendar> calendars = {china()})
      : definition_(definition), calendars_(std::move(calendars)), now_(start) {
    Decision first = workflow::start(definition_, {}, {{}, {}, calendars_}, start);
    EXPECT_TRUE(first.accepted());
    log_.push_back(Record::start_json(definition_, {}, {}, start));
    state_ = first.next;
  }

  // "" where accepted, else why not: "requirement duplicate". `who` is a role, or role:id.
  std::string send(std::string_view event, std::string fields = "{}", std::string_view who = "", NodeId node = 0,
                   std::string facts = "{}") {
    const auto colon = who.find(':');
    const std::string role(who.substr(0, colon)), id(colon == who.npos ? who : who.substr(colon + 1));
    std::string json = "{\"at\":\"" + to_string(now_) + "\",\"node\":" + std::to_string(node) + ",\"event\":\"" +
                       std::string(event) + "\",\"fields\":" + fields + ",\"facts\":" + facts +
                       ",\"actor\":{\"id\":\"" + id + "\",\"roles\":[" + (role.empty() ? "" : "\"" + role + "\"") +
                       "]}}";
    auto record = Record::parse(definition_, json, &state_);
    if (!record.ok()) return record.error().text();
    return apply(*record);
  }
  void go(Time to) {
    for (;;) {
      Event next;
      Time first = Due::never;
      for (NodeId n = 0; n < state_.nodes.size(); ++n)
        for (std::uint32_t t = 0; t < definition_.machines()[state_.nodes[n].machine].timers.size(); ++t)
          if (const TimerState& timer = state_.timer(n, t); timer.armed && timer.at < first) {
            first = timer.at;
            next = {Event::Kind::timer, n, t, timer.generation, {}};
          }
      if (first > to) break;
      now_ = std::max(now_, first);
      const std::string json = Record::to_json(definition_, state_, next, {}, now_);
      const std::string refused = apply(Record::parse(definition_, json).value());
      ASSERT_EQ(refused, "") << json;
    }
    now_ = to;
  }
  void calendars(std::vector<Calendar> calendars) {
    calendars_ = std::move(calendars);
    apply(Record::parse(definition_, "{\"at\":\"" + to_string(now_) + "\",\"calendar_changed\":true}").value());
  }

  std::string_view state(std::string_view region = "main", NodeId node = 0) const {
    return state_.state(definition_, node, region);
  }
  const ClockState& clock(std::string_view name, NodeId node = 0) const {
    return *state_.clock(definition_, node, name);
  }
  // Names of the effects of a kind in the last decision, with blanks between.
  std::string effects(Effect::Kind kind) const {
    std::string out;
    for (const Effect& e : last_.effects)
      if (e.kind == kind) out += (out.empty() ? "" : " ") + std::string(e.name);
    return out;
  }
  std::string fired() const { return fired_; }
  const Decision& last() const { return last_; }
  const Instance& instance() const { return state_; }
  const std::vector<std::string>& log() const { return log_; }
  const std::vector<Calendar>& calendars() const { return calendars_; }
  Time now() const { return now_; }

 private:
  std::string apply(const Record& record) {
    const Instance before = state_;
    record.apply(definition_, before, calendars_, last_);
    if (!last_.accepted()) {
      EXPECT_EQ(last_.next, before) << "a refusal changes nothing";
      if (last_.verdict == Verdict::stale) return "stale";
      return std::string(to_string(last_.refusal.kind)) + " " + last_.refusal.reason;
    }
    log_.push_back(Record::to_json(definition_, before, record.event(), record.context(), record.at()));
    for (const Effect& e : last_.effects)
      if (e.kind == Effect::Kind::emit || e.kind == Effect::Kind::notify || e.kind == Effect::Kind::overdue)
        fired_ += std::string(e.name) + " ";
    state_ = last_.next;
    return "";
  }

  const Definition& definition_;
  std::vector<Calendar> calendars_;
  Time now_;
  Instance state_;
  Decision last_;
  std::vector<std::string> log_;
  std::string fired_;
};

inline Case dispatched(std::string_view when = "2026-11-23T10:00:00", const std::string& level = "general") {
  Case c(city(), at(when));
  EXPECT_EQ(c.send("intake", R"({"channel":"phone","category":"complaint","level":")" + level + "\"}", "agent:a1"), "");
  EXPECT_EQ(c.send("submit", "{}", "agent:a1"), "");
  EXPECT_EQ(c.send("dispatch", R"({"units":["water","roads"],"lead":"water"})", "dispatcher:d1"), "");
  return c;
}

inline const std::string kReply = R"({"public_text":"已修复","internal_text":"更换管道","contacted":true})";

}  // namespace hotline::workflow::test
