// Queues, skills, teams, agents, sites, channels and rules: plain data, read from YAML or JSON or filled by a program.
// docs/acd.md shows the file; schemas/acd.schema.json describes it; codes A1xx are explained there.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/acd/ids.hpp"
#include "hotline/acd/policy.hpp"
#include "hotline/acd/requirement.hpp"
#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/time.hpp"

namespace hotline::acd {

inline constexpr std::size_t kMaxChannels = 8;
inline constexpr std::size_t kMaxSteps = 32;
inline constexpr std::uint32_t kMaxFanout = 64;
inline constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

struct ChannelDef {
  std::string name;
  std::uint32_t units = 100;        // of an agent's capacity
  std::uint32_t max = kNoLimit;     // at once for one agent
  std::vector<ChannelId> interrupted_by;  // contacts of these may pause ours
};

struct Interval {  // of a week in local time: [from, to), counted from Monday 00:00
  Duration from{};
  Duration to{};
};
struct CalendarDef {
  std::string name;
  Duration utc_offset{};              // local time = UTC + offset
  std::vector<Interval> open;         // of a normal week; empty: always closed
  std::vector<std::int32_t> closed;   // days since 1970-01-01 (local) that are closed all day
  std::vector<std::pair<std::int32_t, std::vector<Interval>>> special;  // days with hours of their own (from 00:00)
  bool is_open(Time now) const;
  // The first moment at or after `now` when it is open; empty: not within 400 days.
  std::optional<Time> next_open(Time now) const;
};

enum class IfNot : std::uint8_t {
  skip,  // the next step is considered at once
  wait,  // the step stays shut, but its time passes
};
struct TeamTier {
  TeamId team;
  std::int32_t tier = 1;
};
enum class StepMode : std::uint8_t { widen, replace };
struct StepDef {
  Requirement requires_;
  Duration wait{};  // until the next step opens; the last step's decides when after_last_step happens (0: never)
  StepMode mode = StepMode::widen;
  bool skip_if_nobody = false;  // no logged-in agent could match: open the next step at once
  std::uint32_t consider_if_waiting_below = kNoLimit;  // skip unless fewer than this wait in the queue
  // Skip unless this is true when the step's turn comes: an expression over queue.waiting, queue.ringing,
  // queue.longest_wait, step.ready, step.busy, step.logged_in (agents who meet the step), contact.waited,
  // contact.priority, contact.class, contact.channel, contact.site, contact.callback, router.waiting; empty: always.
  std::string consider_if;
  std::vector<TeamTier> tiers;      // of this step, instead of the agents' own (STAGED: a new rank vector)
  IfNot if_not = IfNot::skip;       // what happens where consider_if is false
  std::optional<std::int32_t> strict_class;  // the contact's class from this step on
};
enum class AfterLast : std::uint8_t { stay, anybody, overflow };

enum class OverflowKind : std::uint8_t { queue, external, callback, voicemail, hang_up, back };
struct OverflowDef {
  OverflowKind kind = OverflowKind::hang_up;
  QueueId queue;       // of kind queue
  std::string target;  // of kind external: what the host understands
};

enum class WrapMode : std::uint8_t { none, timed, until_released, optional };

// Who must be there for a contact to enter or to stay: a mask over the states of agents that match its requirement.
enum Presence : std::uint8_t { kPresentReady = 1, kPresentBusy = 2, kPresentWrap = 4, kPresentNotReady = 8 };

struct ReserveDef {  // a contact of this queue may take an agent of the team only while more than `keep` of it are idle
  TeamId team;
  std::uint32_t keep = 0;
};

// A citizen who does not wait on the line keeps the place (Router::to_callback).
enum class CallbackMode : std::uint8_t {
  agent_first,    // offered like any contact; the host dials when the agent has accepted
  citizen_first,  // `callback_due` tells the host to dial when the turn comes; once `returned`, the citizen goes first
};
struct CallbackDef {
  CallbackMode mode = CallbackMode::agent_first;
  std::uint32_t attempts = 3;                   // dialled in vain so often: it ends by the overflow chain
  Duration retry = std::chrono::minutes(10);    // after an attempt in vain; the key stays
  std::uint32_t ahead = 0;                      // citizen_first: dial when fewer than this stand before; 0: when an agent is there
  Duration answer_within = std::chrono::seconds(60);  // citizen_first: no word from the host counts as an attempt in vain
  std::uint32_t at_once = 1;                    // citizen_first: citizens of the queue who are dialled at the same time
  std::uint32_t calendar = 0;                   // hours in which citizens may be dialled; 0: always
};

// An entry that only distributes: who enters it enters one of the others (EXPECTED-DELAY).
enum class DistributeRule : std::uint8_t { least_delay, random };
struct DistributeDef {
  DistributeRule rule = DistributeRule::least_delay;  // smallest delay / weight; or at random in proportion to weight / delay
  std::vector<std::pair<QueueId, double>> to;         // with weights; empty: an ordinary queue
};

struct QueueDef {
  std::string name;
  ChannelId channel{1};
  std::uint32_t calendar = 0;  // 1-based; 0: always open
  std::vector<StepDef> steps;  // empty: everybody
  AfterLast after_last = AfterLast::stay;

  AgentOrder agents = AgentOrder::longest_idle;
  Duration window{};           // half-life of fewest_contacts, least_talk, least_occupied; 0: since sign-on
  std::uint32_t fanout = 1;    // agents rung at once
  Duration fanout_every{};     // 0: all at once; else one more each (progressive)

  KeyRule key = KeyRule::arrival;
  Duration boost = std::chrono::seconds(60);   // of one point of priority
  Duration target = std::chrono::seconds(15);  // service level; also the deadline
  std::vector<Duration> targets;               // further thresholds for metrics
  Duration head_start{};       // credited to every contact's wait
  std::int32_t strict_class = 0;               // higher goes first whatever the wait (emergency); 0 is everybody's
  std::int32_t weight = 0;     // between queues, for an agent who may take from both: higher first
  double factor = 1;           // weighted_wait, gcmu, WR: the queue's a
  double constant = 0;         // WR: q
  double idle_factor = 0;      // WR: b
  double share = 0;            // FQR: p
  Duration service_time = std::chrono::seconds(180);  // expected; gcmu and estimates
  Duration aging{};            // of ContactOrder::aging

  Duration ring_timeout = std::chrono::seconds(20);  // 0: none
  Duration ring_grace{};       // longer than max_wait while ringing
  bool auto_accept = false;    // offers count as accepted at once
  bool confirm = false;        // accepted is not yet connected
  Duration exclude = std::chrono::seconds(30);       // an agent who missed or rejected, for this contact
  std::uint32_t max_offers = 0;                      // 0: no limit
  std::uint32_t max_ringing = 0;                     // offers of this queue at once; 0: no limit
  Duration pace{};             // at least this long between offers of the queue; 0: at once

  WrapMode wrap = WrapMode::none;
  Duration wrap_time{};        // of timed; the maximum of until_released and optional (0: none)
  Duration wrap_cap{};         // 0: none
  std::uint32_t wrap_extensions = 0;

  std::uint32_t max_waiting = kNoLimit;
  Duration max_wait{};         // 0: none
  std::uint8_t join = 0;       // masks of Presence; 0: not asked
  std::uint8_t stay = 0;
  std::vector<OverflowDef> overflow;
  std::vector<ReserveDef> reserves;
  std::int32_t reserve_exempt_class = 1;  // contacts of this class and above ignore reserves
  bool notify_monitored = false;          // agents are told when somebody listens
  CallbackDef callback;
  DistributeDef distribute;
};

struct SkillLevel {
  SkillId skill;
  std::uint8_t level = 100;  // 1-100
};
struct Membership {
  QueueId queue;
  std::int32_t tier = 1;  // lower is asked first
  double weight = 1;      // of AgentOrder::weighted_idle and team_ratio
};

// The weight of a pair (queue, team) is constant + factor x wait + idle_factor x idle time, in seconds. Agents of a
// team with ContactOrder::weights are matched only while it is >= 0, and at the very moment when it becomes so.
struct PairWeight {
  QueueId queue;
  double constant = 0, factor = 1, idle_factor = 0;  // idle_factor >= 0
};

struct TeamDef {
  std::string name;
  ContactOrder order = ContactOrder::first_come;
  std::vector<QueueId> serves;  // for ContactOrder::listed: first goes first; unlisted come last
  std::vector<PairWeight> weights;  // of queues that are not listed: the queue's own constant, factor, idle_factor
};

enum class IdleRule : std::uint8_t { freeze, keep, reset };  // what a break does to the idle time
enum class IfMissed : std::uint8_t { not_ready, nothing };

struct AgentDef {
  std::string name;
  TeamId team;
  SiteId site;
  std::vector<SkillLevel> skills;
  std::vector<Membership> queues;  // not empty: serves these only; empty: every queue whose requirement is met
  std::uint32_t units = 100;
  double weight = 1;               // of weighted_random
  Duration handling_time{};        // expected; 0: learned
  Duration wrap_time{-1};          // negative: the queue's
};

// An attribute of agents (grade: senior) is a skill named "@grade=senior" of weight 0; Definition::attribute makes it.
struct SkillDef {
  std::string name;
  double weight = 1;  // in best_match
  bool is_attribute() const { return !name.empty() && name[0] == '@'; }
};
struct SiteDef {
  std::string name;
  SiteId parent;
};

// A threshold with hysteresis: raised when the value has stood beyond `raise` for `hold`, cleared when beyond `clear`.
struct AlarmRule {
  enum class Measure : std::uint8_t { waiting, longest_wait_s, service_level, agents_ready, volume };
  std::string name;
  Measure measure{};
  QueueId queue;          // 0: all
  double raise = 0;       // raised at or above (service_level, agents_ready: at or below)
  double clear = 0;
  Duration hold{};
  Duration window = std::chrono::minutes(15);  // of service_level and volume, reaching back from now
};

struct ReasonDef {
  std::string name;
  bool is_break = false;  // counts against the day's break balance
};

struct Definition {
  std::string name;
  std::uint32_t version = 1;
  std::uint64_t seed = 1;
  std::vector<ChannelDef> channels;  // at least one
  std::vector<SkillDef> skills;
  std::vector<SiteDef> sites;
  std::vector<TeamDef> teams;
  std::vector<CalendarDef> calendars;
  std::vector<QueueDef> queues;
  std::vector<AgentDef> agents;
  std::vector<ReasonDef> reasons;  // for not being ready
  std::vector<AlarmRule> alarms;   // for Figures

  ContactOrder order = ContactOrder::first_come;  // of agents without a team
  IdleRule break_rule = IdleRule::freeze;
  IfMissed if_missed = IfMissed::not_ready;
  std::uint32_t misses = 3;          // in a row, until if_missed happens
  Duration delay_busy{}, delay_reject{}, delay_no_answer{}, delay_unreachable{std::chrono::seconds(5)};
  Duration break_balance{};          // a day, in total; 0: not counted
  Duration utc_offset{};             // for the day's beginning
  // What the host can do for supervisors, as a mask of 1 << MonitorMode; other modes are refused (Outcome::denied).
  // A host whose whisper could reach the citizen's leg must leave it out.
  std::uint8_t monitor_modes = 7;
  std::uint32_t max_ringing = 0;     // contacts of all queues that ring at once; 0: no limit
  Duration pace{};                   // at least this long between any two offers; 0: at once
  // At most `emergency_most` contacts in any `emergency_per` enter with `emergency_class` or above; the next one enters
  // one class below it, and a `limited` event says so. 0: no limit.
  std::int32_t emergency_class = 1;
  std::uint32_t emergency_most = 0;
  Duration emergency_per = std::chrono::minutes(1);
  Duration reclaim = std::chrono::minutes(2);  // after a restart a talking contact waits this long for the host's word

  // Adds and returns the id; find_* give 0 where there is none. Names are unique inside a kind.
  ChannelId add_channel(ChannelDef def);
  SkillId add_skill(std::string name);
  SkillId attribute(std::string_view name, std::string_view value);  // adds it where it is new; for AgentDef::skills
  TeamId add_team(TeamDef def);
  SiteId add_site(SiteDef def);
  QueueId add_queue(QueueDef def);
  AgentId add_agent(AgentDef def);
  QueueId find_queue(std::string_view name) const;
  AgentId find_agent(std::string_view name) const;
  SkillId find_skill(std::string_view name) const;
  TeamId find_team(std::string_view name) const;
  SiteId find_site(std::string_view name) const;
  ChannelId find_channel(std::string_view name) const;
  ReasonId find_reason(std::string_view name) const;

  // All rules at once: ids in range, no overflow loop, unsatisfiable requirements ... Codes A1xx.
  void validate(Diagnostics& diagnostics) const;
};

// Reads and validates. Errors: invalid_document, invalid_definition (all complaints are in `diagnostics` where given).
Result<Definition> read_definition(const Node& document, Diagnostics& diagnostics);
Result<Definition> parse_definition(std::string_view text, std::string_view file, Diagnostics* diagnostics = nullptr);
Result<Definition> load_definition(const std::string& path, Diagnostics* diagnostics = nullptr);
// Whether a step's condition (StepDef::consider_if) compiles. Errors: invalid_expression.
Status check_condition(std::string_view text);
// Reads one requirement against a definition. Errors: invalid_expression.
Result<Requirement> parse_requirement(std::string_view text, const Definition& definition);

}  // namespace hotline::acd
