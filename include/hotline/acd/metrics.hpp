// Figures from the event stream: per queue, skill, agent, site and interval. Feed it every event; it keeps sums only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hotline/acd/definition.hpp"
#include "hotline/acd/event.hpp"
#include "hotline/acd/router.hpp"
#include "hotline/base/json.hpp"

namespace hotline::acd {

// One interval of one queue, skill or site (of the answering agent; what nobody answered counts for queues and skills).
struct Tally {
  std::uint64_t offered = 0;         // contacts that entered
  std::uint64_t answered = 0;
  std::uint64_t abandoned = 0;       // all of them
  std::uint64_t abandoned_short = 0; // within Metrics::Options::short_abandon
  std::uint64_t overflowed = 0, refused = 0, requeued = 0, missed = 0, callbacks = 0;
  std::uint64_t in_target = 0;       // answered within the queue's target
  std::uint64_t abandoned_in_target = 0;
  std::uint64_t overtakes = 0;       // answered before somebody of the same queue who came earlier
  Duration wait{}, wait_max{}, abandon_wait{}, talk{}, wrap{};
  std::vector<std::uint64_t> in_targets;  // by QueueDef::targets

  void add(const Tally& other);
  // In the published variants, 1 where there was nothing.
  double service_level() const;              // in target / (offered - short abandons)
  double service_level_offered() const;      // in target / offered
  double service_level_answered() const;     // in target / answered
  double service_level_with_abandons() const;  // (in target + abandoned in target) / offered
  double abandonment() const;                // abandoned / offered
  double abandonment_without_short() const;  // (abandoned - short) / (offered - short)
  Duration mean_wait() const;                // of the answered (ASA)
  void write(JsonWriter& json) const;        // fields of an object
};

struct AgentTally {
  std::uint64_t answered = 0, missed = 0, rejected = 0;
  Duration logged_in{}, ready_idle{}, busy{}, wrap{}, not_ready{}, offered{};
  // (busy + wrap) / (logged in - not ready); 0 where never there.
  double occupancy() const;
  // Logged in and not on a break / scheduled.
  double adherence(Duration scheduled) const;
  void add(const AgentTally& other);
  void write(JsonWriter& json) const;
};

struct Fairness {
  double occupancy_spread = 0;  // largest - smallest occupancy of agents who were there
  double occupancy_gini = 0;    // 0: all alike
  double overtakes_per_1000 = 0;
  Duration longest_wait{};      // of anybody, answered or not
  void write(JsonWriter& json) const;
};

// Confined.
class Metrics {
 public:
  struct Options {
    Duration interval = std::chrono::minutes(15);
    Duration short_abandon = std::chrono::seconds(5);
  };
  Metrics(const Definition& definition, Options options);
  explicit Metrics(const Definition& definition) : Metrics(definition, Options()) {}

  void add(const Event& event);
  // Brings the agents' times up to now; call before reading.
  void close(Time now);

  // Intervals are named by their beginning and may be 15 (Options::interval), 30, 60 ... minutes long: a multiple.
  std::vector<Time> intervals(Duration length = {}) const;
  Tally queue(QueueId id, Time interval, Duration length = {}) const;
  Tally queue(QueueId id) const;  // of all time
  Tally skill(SkillId id, Time interval, Duration length = {}) const;
  Tally site(SiteId id, Time interval, Duration length = {}) const;
  AgentTally agent(AgentId id, Time interval, Duration length = {}) const;
  AgentTally agent(AgentId id) const;
  Fairness fairness() const;

  std::uint32_t waiting(QueueId id) const;
  // A table of intervals x queues (or agents): CSV with a header line.
  std::string queues_csv(Duration length = {}) const;
  std::string agents_csv(Duration length = {}) const;
  void write(JsonWriter& json) const;  // totals

 private:
  static constexpr std::uint32_t kNobody = 0xffffffffu;
  struct Open {  // a contact that has not ended
    std::uint32_t queue = 0;
    Time since{};
    bool waiting = false;
    bool wrapping = false;               // with `agent`: else talking
    std::uint32_t agent = kNobody;
    std::uint64_t offer = 0;             // the accepted one
  };
  struct Person {
    AgentState state = AgentState::logged_out;
    Time since{};
    bool in = false, ready = false;
    std::uint32_t talking = 0, wrapping = 0, ringing = 0;
  };
  struct Slice {
    std::vector<Tally> queues, skills, sites;
    std::vector<AgentTally> agents;
  };
  Slice& slice(Time at);
  template <class Visit>
  void each_tally(const Event& event, Visit&& visit);
  template <class T>
  T sum(const std::vector<T> Slice::*list, std::uint32_t id, Time from, Duration length) const;
  static AgentState state_of(const Person& person);
  void charge(std::uint32_t agent, Time at);
  void enter(const Event& event, bool waits);
  void leave(std::uint64_t contact);
  void answered(const Event& event);
  void let_go(std::uint64_t contact);

  Definition def_;
  Options options_;
  std::map<std::int64_t, Slice> slices_;
  std::unordered_map<std::uint64_t, Open> open_;
  std::vector<std::set<std::pair<std::int64_t, std::uint64_t>>> waiting_;  // by queue, in order of arrival
  std::vector<Person> people_;
  std::vector<std::vector<std::uint32_t>> skills_of_queue_;
};

struct Alarm {
  std::size_t rule = 0;
  bool raised = false;  // or cleared
  double value = 0;
  Time at{};
};

// Confined. Values come from whoever has them (Router::queue, Metrics).
class Alarms {
 public:
  explicit Alarms(std::vector<AlarmRule> rules) : rules_(std::move(rules)), states_(rules_.size()) {}
  // Tells what changed, at most one alarm.
  bool observe(std::size_t rule, double value, Time now, Alarm& alarm);
  bool raised(std::size_t rule) const { return states_[rule].raised; }
  const std::vector<AlarmRule>& rules() const { return rules_; }

 private:
  struct State {
    bool raised = false;
    bool beyond = false;
    Time since{};
  };
  std::vector<AlarmRule> rules_;
  std::vector<State> states_;
};

}  // namespace hotline::acd
