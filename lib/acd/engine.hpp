// The router's inside. Everything is numbered from 0 here; ids of the public face are one more.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "acd/seen.hpp"
#include "acd/timers.hpp"
#include "acd/tree.hpp"
#include "hotline/acd/explain.hpp"
#include "hotline/acd/router.hpp"
#include "hotline/expr/program.hpp"

namespace hotline::acd {

using Bits = std::vector<std::uint64_t>;
inline bool test_bit(const Bits& bits, std::uint32_t i) { return i / 64 < bits.size() && (bits[i / 64] >> (i % 64) & 1); }
inline void set_bit(Bits& bits, std::uint32_t i) {
  if (i / 64 >= bits.size()) bits.resize(i / 64 + 1);
  bits[i / 64] |= std::uint64_t{1} << (i % 64);
}
inline void clear_bit(Bits& bits, std::uint32_t i) {
  if (i / 64 < bits.size()) bits[i / 64] &= ~(std::uint64_t{1} << (i % 64));
}
inline constexpr std::size_t kShortList = 24;                     // groups of a lane that are listed, not only masked
inline constexpr std::uint32_t kAnybody = 1u << (kMaxSteps - 1);  // the step that everybody matches
inline constexpr std::int64_t kForever = Timers::kNever;
// `at` + `by`, not beyond the end of time.
inline std::int64_t later(std::int64_t at, std::int64_t by) { return by >= kForever - (at > 0 ? at : 0) ? kForever : at + by; }

struct Contact {
  std::uint64_t tag = 0;
  std::uint64_t seq = 0;          // order of arrival
  std::int64_t since = 0;         // waits since
  std::int64_t step_at = kForever;  // the next step opens
  std::int64_t leave_at = kForever; // max_wait is over
  std::int64_t until = kForever;  // ring timeout, or the end of the wrap-up
  std::int64_t next_ring = kForever;
  std::int64_t answered = 0;
  std::int64_t marked = 0;        // talking, paused or wrapping since
  std::int64_t wrap_time = -1;
  std::uint32_t generation = 0;
  std::uint32_t queue = 0;
  std::uint32_t lane = kNil;      // where it stands while waiting
  std::uint32_t requirement = 0;
  std::uint32_t agent = kNil;
  std::uint32_t next = kNil, previous = kNil;  // of the agent's contacts
  std::uint32_t offers = kNil;    // pending
  std::uint32_t excluded = kNil;
  std::uint32_t steps = 0;        // mask of the open ones
  std::uint32_t prefer = kNil;
  std::uint32_t site = kNil;
  std::uint32_t came_from = kNil; // the queue it overflowed from
  std::uint32_t name = kNil;
  std::uint32_t promise = kNil;   // of a callback: where its times stand
  std::int32_t priority = 0;
  std::int32_t strict = 0;
  std::uint16_t offers_made = 0;
  std::uint16_t overflows = 0;
  std::uint8_t step = 0;
  std::uint8_t channel = 0;
  ContactState state = ContactState::none;
  std::uint8_t extensions = 0;
  bool sticky = false;            // waits for `prefer` only
  bool callback = false;
  bool announced = false;         // `queued` was emitted
  bool pending = false;           // in the list of those to match
};

// What was agreed with a citizen who is to be called back.
struct Promise {
  std::int64_t from = 0;
  std::int64_t until = kForever;
  std::int64_t due = kForever;
  std::uint32_t attempts = 0;
  std::uint32_t dialling = 0;     // 1: the host dials
};

struct Offer {
  std::uint64_t of = 0;           // the contact's id, also when the offer has ended
  std::uint32_t generation = 0;
  std::uint32_t contact = kNil;
  std::uint32_t agent = kNil;
  std::uint32_t next = kNil;      // of the same contact
  std::int64_t idle_before = 0;
  bool accepted = false;          // being connected
  Reason how = Reason::none;      // it ended
  std::array<std::uint8_t, 6> reserved{};
};

struct Exclusion {
  std::uint32_t agent = kNil;
  std::uint32_t next = kNil;
  std::int64_t until = 0;
};

struct Watch {
  std::uint32_t by = kNil;
  MonitorMode mode{};
  std::array<std::uint8_t, 3> reserved{};
};

struct Agent {
  std::uint32_t group = kNil;
  std::uint32_t team = kNil;
  std::uint32_t site = kNil;
  std::uint32_t contacts = kNil;  // talking, paused, wrapping
  std::uint32_t offer = kNil;     // at most one pending
  std::uint32_t units = 100;
  std::array<std::uint16_t, kMaxChannels> load{};  // contacts and offers by channel
  std::uint16_t talking = 0, wrapping = 0, paused = 0;
  std::uint32_t misses = 0;
  std::uint32_t in_pools = 0;     // mask of channels
  ReasonId reason, pending_reason;
  AgentState mode = AgentState::logged_out;   // logged_out, not_ready or ready
  AgentState pending = AgentState::ready;     // ready: nothing is pending
  AgentState shown = AgentState::logged_out;  // as counted in its group
  bool queued = false;            // in the list of those to feed
  std::int64_t idle_since = 0;
  std::int64_t idle_spent = 0;    // idle before a break, where the break freezes it
  std::int64_t blocked_until = 0;
  std::int64_t not_ready_since = 0;
  Reason pending_why = Reason::none;
  std::int64_t signed_on = 0, busy_since = 0, break_since = 0, break_day = 0;
  std::int64_t busy = 0, talk = 0, on_break = 0, break_today = 0;
  std::uint64_t answered = 0;
  std::int64_t handling = 0;      // expected, learned
  std::uint64_t last_offer = 0;   // its id
  std::vector<Watch> watches;     // supervisors who listen in
};

// Agents of equal skills, site, team and queues.
struct Profile {
  std::vector<std::uint8_t> levels;  // by skill
  std::vector<Membership> queues;
  std::uint32_t site = kNil, team = kNil;
  std::uint32_t agent = kNil;        // set where a requirement names the agent: then it is alone
};
struct Group {
  Profile profile;
  Bits lanes;                        // those it may serve
  std::uint32_t members = 0;
  std::uint32_t skills = 0;
  std::array<std::uint32_t, 6> in_state{};
  std::uint32_t logged_in() const { return members - in_state[0]; }
};

// Contacts with equal needs.
struct LaneKey {
  std::uint32_t queue = 0, requirement = 0, steps = 0, agent = kNil;
  std::int32_t strict = 0;
  std::uint32_t channel = 0;
  std::uint32_t site = kNil;      // of the contact, where a requirement asks for it
  bool operator==(const LaneKey&) const = default;
};
struct LaneKeyHash {
  std::size_t operator()(const LaneKey& k) const {
    std::uint64_t h = k.queue * 0x9E3779B97F4A7C15ull ^ k.requirement * 0xC2B2AE3D27D4EB4Full;
    h ^= (h >> 29) + k.steps * 0x165667B19E3779F9ull + k.agent * 0x27D4EB2F165667C5ull;
    h ^= (h >> 32) + static_cast<std::uint32_t>(k.strict) * 0x85EBCA77C2B2AE63ull + k.channel + k.site * 0x2545F4914F6CDD1Dull;
    return static_cast<std::size_t>(h ^ h >> 31);
  }
};
struct Lane {
  LaneKey key;
  Tree waiting;
  Bits groups;
  std::vector<std::uint32_t> list;   // the same, while there are few
  std::vector<std::int64_t> rank;    // by group: tier, step, score; empty: all alike
  std::uint32_t pool = 0;
  std::uint32_t possible = 0;        // agents of the definition who match
  bool reserved = false;
};

// The agents who can take a contact of a channel now, by group, in the order of one policy.
enum class PoolKey : std::uint8_t { idle, recent, contacts, talk, occupied, index, handling };
struct Pool {
  std::uint32_t channel = 0;
  PoolKey key{};
  std::int64_t window = 0;
  TreeNodes nodes;                   // by agent
  std::vector<Tree> groups;
  Bits idle;                         // groups with somebody
  std::vector<std::uint32_t> team_idle;
  std::uint32_t count = 0;
  TreeNodes all_nodes;               // everybody in one order: used where there are many groups
  Tree all;
  std::vector<double> faded;         // where a window fades: the sum, and when it was made
  std::vector<std::int64_t> faded_at;
};

struct Queue {
  std::uint32_t waiting = 0, ringing = 0, callbacks = 0;
  std::uint32_t last_agent = kNil;   // round robin
  std::int64_t next_offer = 0;       // pace
  bool draining = false;
  std::uint32_t lane = kNil;         // of an ordinary contact at step 0
  std::uint32_t first_steps = 1;     // its mask
  AgentChooser chooser;
  std::uint32_t dialling = 0;        // citizens
  bool pumping = false;              // in the list of those to pump
};

// WR: the weight of a pair of queue and team.
struct Pair {
  double constant = 0, factor = 1, idle = 0;
  double at(double wait, double idle_time) const { return constant + factor * wait + idle * idle_time; }
};

class Engine {
 public:
  Engine(Definition definition, Events& events);

  // Time.
  void advance(std::int64_t now);
  std::int64_t next_deadline() const { return timers_.next(); }
  std::int64_t now() const { return now_; }

  // Commands; see Router.
  Result<ContactId> enqueue(const Enqueue& request);
  Result<RequirementId> require(const Requirement& requirement);
  Outcome abandon(ContactId id);
  Outcome accept(OfferId id);
  Outcome reject(OfferId id, HowRejected how);
  Outcome connected(ContactId id);
  Outcome connect_failed(ContactId id);
  Outcome ended(ContactId id);
  Outcome wrap_up_done(ContactId id);
  Outcome extend_wrap_up(ContactId id, std::int64_t by);
  Outcome requeue(ContactId id, QueueId queue);
  Outcome to_callback(ContactId id, const CallbackTimes& times);
  Outcome returned(ContactId id);
  Outcome callback_failed(ContactId id);
  Outcome prioritise(ContactId id, std::int32_t priority);
  Outcome move(ContactId id, QueueId queue);
  Outcome withdraw(ContactId id);
  Outcome release(ContactId id);
  Outcome login(AgentId id);
  Outcome logout(AgentId id, LogoutMode mode, Reason why);
  Outcome ready(AgentId id, Reason why);
  Outcome not_ready(AgentId id, ReasonId reason, Reason why);
  Outcome lost(AgentId id);
  Outcome release_agent(AgentId id);
  Outcome pull(AgentId id, ContactId contact);
  Outcome push(ContactId id, AgentId agent);
  Outcome transfer(ContactId id, AgentId to, TakeOverMode mode, Reason why, NoteId note);
  Outcome request_help(AgentId id);
  Outcome monitor(AgentId id, AgentId by, MonitorMode mode, NoteId note);
  Outcome stop_monitor(AgentId id, AgentId by, NoteId note);
  Outcome drain(QueueId id);
  Outcome undrain(QueueId id);
  NoteId note(std::string_view text);
  std::string_view note_text(NoteId id) const;
  // Runs a supervisor's command and says who did it and why; refused where there is no such supervisor.
  template <class Act>
  Outcome audited(const Audit& audit, SupervisorCommand command, AgentId agent, ContactId contact, QueueId queue, Act&& act) {
    if (audit.by && index_of(audit.by) == kNil) return Outcome::unknown;
    Event e;
    if (const std::uint32_t at = slot_of(contact); at != kNil)
      e.contact = contact, e.tag = contacts_[at].tag, e.queue = QueueId{contacts_[at].queue + 1};
    const Outcome outcome = act();
    if (!audit.by || outcome != Outcome::done) return outcome;
    e.at = time_from_ns(now_), e.type = EventType::commanded, e.reason = Reason::by_supervisor, e.agent = audit.by, e.note = audit.note;
    if (queue) e.queue = queue;
    e.value = static_cast<std::int64_t>(command) << 32 | agent.value;
    events_->push_back(e);
    return outcome;
  }

  Result<Standing> standing(ContactId id) const;
  std::optional<ContactView> view(ContactId id) const;
  std::optional<AgentView> view(AgentId id) const;
  std::optional<QueueView> view(QueueId id) const;
  Why why(std::uint32_t contact, std::uint32_t agent, std::uint32_t* before);
  Status check() const;
  Status redefine(Definition definition);
  std::string save() const;
  Status restore(std::string_view bytes);
  void restarted();
  Outcome reclaim(ContactId id);

  // Shared by the files of this folder.
  std::uint32_t slot_of(ContactId id) const {
    const auto slot = static_cast<std::uint32_t>(id.value) - 1;
    return slot < contacts_.size() && contacts_[slot].generation == id.value >> 32 &&
                   contacts_[slot].state != ContactState::none
               ? slot
               : kNil;
  }
  std::uint32_t slot_of(OfferId id) const {
    const auto slot = static_cast<std::uint32_t>(id.value) - 1;
    return slot < offers_.size() && offers_[slot].generation == id.value >> 32 && offers_[slot].contact != kNil ? slot : kNil;
  }
  std::uint32_t index_of(AgentId id) const { return id.value - 1 < agents_.size() ? id.value - 1 : kNil; }
  ContactId id_of(std::uint32_t contact) const {
    return ContactId{static_cast<std::uint64_t>(contacts_[contact].generation) << 32 | (contact + 1)};
  }
  OfferId offer_id(std::uint32_t offer) const {
    return OfferId{static_cast<std::uint64_t>(offers_[offer].generation) << 32 | (offer + 1)};
  }
  void emit(EventType type, std::uint32_t contact, std::uint32_t agent, std::uint32_t offer, Reason reason,
            std::int64_t value);
  void emit_agent(EventType type, std::uint32_t agent, Reason reason, std::int64_t value);

  // profiles.cpp: groups and lanes
  void build();
  std::uint32_t group_for(const AgentDef& def, std::uint32_t agent);
  std::uint32_t lane_for(const Contact& contact);
  std::uint32_t lane_for(const LaneKey& key);
  void fit(std::uint32_t lane, std::uint32_t group);
  bool meets(const Requirement& requirement, const Profile& profile, std::uint32_t contact_site) const;
  LaneKey key_for(const Contact& c, std::uint32_t steps) const {
    return {c.queue, c.requirement, steps, kNil, c.strict, c.channel, site_matters_ ? c.site : kNil};
  }
  void isolate(const Requirement& requirement);
  std::uint32_t logged_in(std::uint32_t lane) const;
  std::uint32_t present(std::uint32_t lane, std::uint8_t mask) const;
  bool possible(const Contact& contact);
  std::uint32_t pool_for(std::uint32_t channel, AgentOrder order, std::int64_t window);

  // pools.cpp: who is free
  Key pool_key(const Pool& pool, std::uint32_t agent) const;
  void enter_pools(std::uint32_t agent, std::uint32_t channels);
  void leave_pools(std::uint32_t agent, std::uint32_t channels);
  void fade_in(PoolKey key, std::uint32_t agent, double amount);
  std::uint32_t free_channels(std::uint32_t agent) const;

  // select.cpp: the choices
  struct Scan;
  std::uint32_t select_agent(std::uint32_t contact, std::uint32_t lane);
  std::uint32_t select_contact(std::uint32_t agent, std::uint32_t channels);
  bool excludes(const Contact& contact, std::uint32_t agent) const;
  bool reserve_allows(const Queue& queue, const QueueDef& def, const Contact& contact, std::uint32_t team,
                      const Pool& pool, std::uint32_t more) const;
  bool throttled(std::uint32_t queue) const;
  bool router_throttled() const {
    return (def_.max_ringing != 0 && ringing_ >= def_.max_ringing) || next_offer_ > now_;
  }
  const Pair& pair(std::uint32_t team, std::uint32_t queue) const { return pairs_[(team + 1) * queues_.size() + queue]; }
  bool weighted(std::uint32_t team) const { return team == kNil ? def_.order == ContactOrder::weights : def_.teams[team].order == ContactOrder::weights; }
  // Whether the pair's weight is not below zero; where it is, crossing_ hears of the moment when it will be.
  bool weight_allows(const Contact& contact, std::uint32_t agent) const;
  std::uint32_t head(const Lane& lane, std::uint32_t agent) const;

  // match.cpp: the fixpoint
  void settle();
  void match(std::uint32_t contact);
  void feed(std::uint32_t agent);
  bool pump_one(std::uint32_t queue);     // queues_.size(): all of them
  bool give(std::uint32_t contact, std::uint32_t agent);
  void touch_contact(std::uint32_t contact);
  void touch_agent(std::uint32_t agent);
  void touch_queue(std::uint32_t queue);
  void wake_queue(std::uint32_t queue, std::int64_t at) {
    if (at == kForever) return;
    const std::uint32_t timer = timer_of_queue(queue);
    if (at < timers_.at(timer)) timers_.set(timer, at);
  }

  // waiting.cpp
  Key contact_key(const Contact& contact) const;
  void enter_lane(std::uint32_t contact);
  void leave_lane(std::uint32_t contact);
  void begin_steps(std::uint32_t contact);
  bool open_next_step(std::uint32_t contact);
  bool step_applies(const Contact& contact, std::uint32_t step);
  bool condition_holds(const expr::Program& condition, const Contact& contact, std::uint32_t step);  // condition.cpp
  void overflow(std::uint32_t contact, Reason why);
  void enter_queue(std::uint32_t contact, std::uint32_t queue, std::int64_t max_wait);
  void set_timer(std::uint32_t contact);
  void on_contact_timer(std::uint32_t contact);
  void check_presence(std::uint32_t group);
  std::uint32_t distribute(std::uint32_t queue, std::uint64_t seq);
  double delay(std::uint32_t queue);
  void limit_emergency(std::uint32_t contact);

  // callback.cpp
  void promise(std::uint32_t contact, const CallbackTimes& times);
  void forget_promise(std::uint32_t contact);
  bool dials_first(const Contact& contact) const;
  // No further citizen of the queue may be dialled now: those who wait for it are passed over.
  bool passed_over(const Contact& c) const {
    if (!c.callback) return false;
    const CallbackDef& def = def_.queues[c.queue].callback;
    return def.mode == CallbackMode::citizen_first && queues_[c.queue].dialling >= std::max(def.at_once, def.ahead);
  }
  void stop_dialling(std::uint32_t contact);
  void dial(std::uint32_t contact);
  void hold(std::uint32_t contact, std::int64_t until);
  void on_held(std::uint32_t contact);
  void in_vain(std::uint32_t contact, std::uint32_t agent);
  std::int64_t may_dial_from(std::uint32_t contact, std::int64_t at) const;
  void dial_ahead(std::uint32_t lane);
  void touch_callbacks(std::uint32_t lane) {
    const std::uint32_t q = lanes_[lane].key.queue;
    const CallbackDef& def = def_.queues[q].callback;
    if (def.mode == CallbackMode::citizen_first && def.ahead > 0 && queues_[q].callbacks > 0) to_dial_.push_back(lane);
  }

  // offers.cpp
  std::uint32_t make_offer(std::uint32_t contact, std::uint32_t agent);
  void stopped_ringing(std::uint32_t queue);
  void drop_offer(std::uint32_t offer, Reason reason);    // frees the agent's capacity, tells why
  void drop_offers(std::uint32_t contact, Reason reason, std::uint32_t except = kNil);
  void missed(std::uint32_t offer, HowRejected how, Reason reason);
  void back_to_waiting(std::uint32_t contact);
  void take(std::uint32_t offer);
  void confirm(std::uint32_t contact, std::uint32_t offer);
  void exclude(std::uint32_t contact, std::uint32_t agent, std::int64_t until);
  void forget_exclusions(std::uint32_t contact);

  // talk.cpp
  void attach(std::uint32_t contact, std::uint32_t agent);
  void detach(std::uint32_t contact);
  void begin_wrap(std::uint32_t contact);
  void end_wrap(std::uint32_t contact);
  void pause_for(std::uint32_t agent, std::uint32_t channel);
  void resume_paused(std::uint32_t agent);
  std::uint32_t new_contact();
  void free_contact(std::uint32_t contact);

  // agents.cpp
  void set_mode(std::uint32_t agent, AgentState mode, ReasonId reason, Reason why);
  void apply_pending(std::uint32_t agent);
  void show(std::uint32_t agent);
  void begin_break(std::uint32_t agent);
  void end_break(std::uint32_t agent);
  std::int64_t break_left(std::uint32_t agent) const;
  void on_agent_timer(std::uint32_t agent);
  void set_agent_timer(std::uint32_t agent);
  void became_free(std::uint32_t agent);

  static std::uint32_t timer_of_contact(std::uint32_t i) { return i * 3; }
  static std::uint32_t timer_of_agent(std::uint32_t i) { return i * 3 + 1; }
  static std::uint32_t timer_of_queue(std::uint32_t i) { return i * 3 + 2; }

  Definition def_;
  Events* events_;
  std::int64_t now_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t seq_ = 0;
  std::uint32_t waiting_ = 0;

  std::vector<Contact, LargePages<Contact>> contacts_;
  TreeNodes contact_nodes_;
  std::vector<std::uint32_t> free_contacts_;
  std::vector<Offer> offers_;
  std::vector<std::uint32_t> free_offers_;
  std::vector<Exclusion> exclusions_;
  std::uint32_t free_exclusion_ = kNil;
  std::vector<Agent> agents_;
  std::vector<Queue> queues_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::uint32_t> group_index_;  // by profile
  std::vector<Lane> lanes_;
  std::unordered_map<LaneKey, std::uint32_t, LaneKeyHash> lane_index_;
  Bits nonempty_;  // lanes
  std::vector<std::vector<std::uint32_t>> queue_lanes_;
  std::vector<Pool> pools_;
  std::array<std::vector<std::uint32_t>, kMaxChannels> channel_pools_;
  std::array<std::uint32_t, kMaxChannels> interrupts_{};  // by channel: mask of the channels it may pause
  std::vector<Requirement> requirements_;
  std::unordered_map<std::string, std::uint32_t> requirement_index_;
  std::vector<bool> named_;  // agents whom a requirement names
  struct TeamCount {
    std::uint32_t logged_in = 0;
  };
  std::vector<std::vector<std::uint32_t>> reserving_;  // by team + 1: queues with a reserve of it
  std::vector<TeamCount> team_counts_;         // by team + 1
  std::vector<ContactChooser> team_choosers_;  // by team + 1; 0: without a team
  Timers timers_;
  std::vector<std::uint32_t> to_match_, to_feed_, to_pump_, to_dial_;  // to_dial_: lanes
  std::size_t match_at_ = 0, feed_at_ = 0;
  bool all_pumping_ = false;
  std::uint32_t ringing_ = 0;         // contacts, over all queues
  std::int64_t next_offer_ = 0;       // pace of all queues
  std::int64_t emergency_at_ = 0;     // the emergency class's limit: when its allowance is whole again
  std::vector<Promise> promises_;
  std::vector<std::uint32_t> free_promises_;
  std::vector<Pair> pairs_;           // (team + 1) x queues, where weights are used
  bool weights_matter_ = false;
  mutable std::int64_t crossing_ = kForever;
  bool explaining_ = false;           // a question: no timer is set
  std::vector<std::vector<std::optional<expr::Program>>> conditions_;  // by queue and step
  std::vector<std::string> notes_;    // a ring
  std::unordered_map<std::string, std::uint32_t> note_index_;
  std::uint32_t last_note_ = 0;
  Seen seen_;                         // ids of commands that were done
  bool presence_matters_ = false;
  bool site_matters_ = false;

  // Names of contacts that came in as text, and the command ids seen (apply.cpp).
  std::vector<std::string> names_;
  std::vector<std::uint32_t> free_names_;
  std::vector<std::pair<ContactId, std::string>> gone_names_;  // of contacts whose last events are not written yet
  std::unordered_map<std::string, std::uint32_t> by_name_;
  std::unordered_map<std::string, std::string> commands_;
  std::vector<std::string> command_ring_;  // the oldest are forgotten
  std::size_t command_at_ = 0;
  std::string next_name_;  // of the contact that enters next
  void remember(std::string id, std::string body);
};

}  // namespace hotline::acd
