// The whole state as bytes and back. Plain records are copied as they lie (the header tells their sizes); orders and
// groups are built again from what they are made of.
#include <cstring>
#include <type_traits>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

constexpr char kMagic[8] = {'h', 'l', 'a', 'c', 'd', '0', '0', '2'};

class Writer {
 public:
  std::string out;
  void bytes(const void* data, std::size_t size) { out.append(static_cast<const char*>(data), size); }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void one(const T& value) { bytes(&value, sizeof value); }
  template <class List, class T = std::remove_cv_t<typename List::value_type>>
    requires std::is_trivially_copyable_v<T>
  void list(const List& values) {
    one(static_cast<std::uint64_t>(values.size()));
    bytes(values.data(), values.size() * sizeof(T));
  }
  void text(const std::string& value) {
    one(static_cast<std::uint64_t>(value.size()));
    out += value;
  }
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  bool good() const { return good_; }
  bool at_end() const { return in_.empty(); }
  template <class T>
  void one(T& value) {
    if (in_.size() < sizeof value) {
      good_ = false;
      return;
    }
    std::memcpy(static_cast<void*>(&value), in_.data(), sizeof value);
    in_.remove_prefix(sizeof value);
  }
  template <class T, class Allocator>
  void list(std::vector<T, Allocator>& values) {
    std::uint64_t size = 0;
    one(size);
    if (!good_ || size > in_.size() / sizeof(T)) {
      good_ = false;
      return;
    }
    values.resize(size);
    if (size > 0) std::memcpy(static_cast<void*>(values.data()), in_.data(), size * sizeof(T));
    in_.remove_prefix(size * sizeof(T));
  }
  void text(std::string& value) {
    std::uint64_t size = 0;
    one(size);
    if (!good_ || size > in_.size()) {
      good_ = false;
      return;
    }
    value.assign(in_.substr(0, size));
    in_.remove_prefix(size);
  }

 private:
  std::string_view in_;
  bool good_ = true;
};

// The agent without what is not plain. No padding: the same state is the same bytes.
struct PlainAgent {
  std::uint32_t contacts, offer;
  std::array<std::uint16_t, kMaxChannels> load;
  std::uint16_t talking, wrapping, paused, reserved;
  std::uint32_t misses, in_pools;
  ReasonId reason, pending_reason;
  AgentState mode, pending, shown;
  Reason pending_why;
  std::uint32_t reserved2;
  std::int64_t idle_since, idle_spent, blocked_until, not_ready_since, signed_on, busy_since, break_since, break_day;
  std::int64_t busy, talk, on_break, break_today, handling;
  std::uint64_t answered, last_offer;
};

static_assert(std::has_unique_object_representations_v<PlainAgent> && std::has_unique_object_representations_v<Contact> &&
              std::has_unique_object_representations_v<TreeNode> && std::has_unique_object_representations_v<Timers::Entry> && std::has_unique_object_representations_v<LaneKey>);

struct PlainQueue {
  std::uint32_t waiting, ringing, callbacks, last_agent, dialling, draining;
  std::int64_t next_offer;
};

std::uint64_t fingerprint(const Definition& def) {
  std::uint64_t h = 1469598103934665603ull;
  const auto add = [&](std::string_view s) {
    for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    h = (h ^ 0xff) * 1099511628211ull;
  };
  for (const auto& q : def.queues) add(q.name);
  for (const auto& a : def.agents) add(a.name);
  for (const auto& s : def.skills) add(s.name);
  for (const auto& c : def.channels) add(c.name);
  for (const auto& s : def.sites) add(s.name);
  for (const auto& t : def.teams) add(t.name);
  for (const auto& r : def.reasons) add(r.name);
  return h ^ def.version * 0x9E3779B97F4A7C15ull;
}

}  // namespace

std::string Engine::save() const {
  Writer w;
  w.bytes(kMagic, sizeof kMagic);
  w.one(static_cast<std::uint32_t>(sizeof(Contact) << 16 | sizeof(PlainAgent)));
  w.one(fingerprint(def_));
  w.one(now_), w.one(seq_), w.one(waiting_), w.one(ringing_), w.one(next_offer_), w.one(emergency_at_);
  w.list(promises_), w.list(free_promises_), w.list(seen_.list());
  w.one(last_note_), w.one(static_cast<std::uint64_t>(notes_.size()));
  for (const std::string& note : notes_) w.text(note);
  w.list(contacts_), w.list(free_contacts_), w.list(offers_), w.list(free_offers_), w.list(exclusions_), w.one(free_exclusion_);
  w.one(static_cast<std::uint64_t>(requirements_.size()));
  for (const Requirement& r : requirements_) {
    w.one(static_cast<std::uint64_t>(r.tests.size()));
    for (const auto& test : r.tests) w.one(test.op), w.one(test.level), w.one(test.id);
    w.text(r.text);
  }
  for (const Agent& a : agents_) {
    w.one(PlainAgent{a.contacts, a.offer, a.load, a.talking, a.wrapping, a.paused, 0, a.misses, a.in_pools, a.reason, a.pending_reason, a.mode,
                     a.pending, a.shown, a.pending_why, 0, a.idle_since, a.idle_spent, a.blocked_until, a.not_ready_since, a.signed_on, a.busy_since,
                     a.break_since, a.break_day, a.busy, a.talk, a.on_break, a.break_today, a.handling, a.answered, a.last_offer});
    w.list(a.watches);
  }
  for (const Queue& q : queues_) w.one(PlainQueue{q.waiting, q.ringing, q.callbacks, q.last_agent, q.dialling, q.draining, q.next_offer});
  w.one(static_cast<std::uint64_t>(lanes_.size()));
  for (const Lane& lane : lanes_) w.one(lane.key);
  w.list(contact_nodes_);
  for (const Lane& lane : lanes_) w.one(lane.waiting);
  w.one(static_cast<std::uint64_t>(pools_.size()));
  for (const Pool& pool : pools_) w.one(pool.channel), w.one(pool.key), w.one(pool.window), w.list(pool.faded), w.list(pool.faded_at);
  w.list(timers_.entries()), w.one(timers_.turn());
  w.one(static_cast<std::uint64_t>(names_.size()));
  for (const std::string& name : names_) w.text(name);
  w.list(free_names_);
  w.one(static_cast<std::uint64_t>(by_name_.size()));
  for (const auto& [name, at] : by_name_) w.text(name), w.one(at);
  w.one(static_cast<std::uint64_t>(command_ring_.size()));
  for (const std::string& id : command_ring_) w.text(id), w.text(commands_.at(id));
  w.one(static_cast<std::uint64_t>(command_at_));
  return std::move(w.out);
}

// Into a fresh engine of the same definition.
Status Engine::restore(std::string_view bytes) {
  const auto damaged = [] { return Error(ErrorCode::corrupt, "the snapshot is damaged", "recover from an older one and the log"); };
  if (bytes.size() < 20 || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) return damaged();
  Reader r(bytes.substr(sizeof kMagic));
  std::uint32_t sizes = 0;
  std::uint64_t print = 0, count = 0;
  r.one(sizes), r.one(print);
  if (sizes != (sizeof(Contact) << 16 | sizeof(PlainAgent)))
    return Error(ErrorCode::version_mismatch, "the snapshot is of another build", "start once with the build that wrote it, or from the log");
  if (print != fingerprint(def_))
    return Error(ErrorCode::version_mismatch, "the snapshot is of another definition", "start with the definition that it was written with, then redefine");
  r.one(now_), r.one(seq_), r.one(waiting_), r.one(ringing_), r.one(next_offer_), r.one(emergency_at_);
  std::vector<Seen::Record> seen;
  r.list(promises_), r.list(free_promises_), r.list(seen);
  for (const Seen::Record& record : seen)
    if (seen_.find(record.id) == nullptr) seen_.add(record);
  r.one(last_note_), r.one(count);
  if (!r.good() || count > 65536) return damaged();
  notes_.resize(count);
  for (std::string& note : notes_) r.text(note);
  for (std::uint32_t i = 0; i < notes_.size(); ++i)  // the text in slot i has the latest number that falls there
    note_index_[notes_[i]] = last_note_ - (last_note_ - 1 - i) % 65536;
  r.list(contacts_), r.list(free_contacts_), r.list(offers_), r.list(free_offers_), r.list(exclusions_), r.one(free_exclusion_);
  r.one(count);
  if (!r.good() || count == 0 || count > 65536) return damaged();
  for (std::uint64_t i = 0; i < count; ++i) {
    Requirement requirement;
    std::uint64_t tests = 0;
    r.one(tests);
    if (!r.good() || tests > bytes.size()) return damaged();
    requirement.tests.resize(tests);
    for (auto& test : requirement.tests) r.one(test.op), r.one(test.level), r.one(test.id);
    r.text(requirement.text);
    if (!r.good()) return damaged();
    if (i > 0) HOTLINE_TRY(require(requirement).ok() ? Status{} : Status(damaged()));
  }
  std::vector<std::uint32_t> free(agents_.size());
  for (std::uint32_t at = 0; at < agents_.size(); ++at) {
    Agent& a = agents_[at];
    PlainAgent p{};
    r.one(p), r.list(a.watches);
    if (!r.good()) return damaged();
    a.contacts = p.contacts, a.offer = p.offer, a.load = p.load, a.talking = p.talking, a.wrapping = p.wrapping, a.paused = p.paused;
    a.misses = p.misses, a.reason = p.reason, a.pending_reason = p.pending_reason, a.pending = p.pending, a.pending_why = p.pending_why;
    a.idle_since = p.idle_since, a.idle_spent = p.idle_spent, a.blocked_until = p.blocked_until, a.not_ready_since = p.not_ready_since;
    a.signed_on = p.signed_on, a.busy_since = p.busy_since, a.break_since = p.break_since, a.break_day = p.break_day;
    a.busy = p.busy, a.talk = p.talk, a.on_break = p.on_break, a.break_today = p.break_today, a.handling = p.handling, a.answered = p.answered;
    a.last_offer = p.last_offer;
    a.mode = p.mode;
    free[at] = p.in_pools;  // entered below, when the pools have their sums
    Group& group = groups_[a.group];
    --group.in_state[static_cast<std::size_t>(a.shown)];
    a.shown = p.shown;
    ++group.in_state[static_cast<std::size_t>(a.shown)];
    if (a.mode != AgentState::logged_out) ++team_counts_[a.team + 1].logged_in;
  }
  for (Queue& q : queues_) {
    PlainQueue p{};
    r.one(p);
    q.waiting = p.waiting, q.ringing = p.ringing, q.callbacks = p.callbacks, q.last_agent = p.last_agent, q.dialling = p.dialling, q.next_offer = p.next_offer, q.draining = p.draining != 0;
  }
  r.one(count);
  if (!r.good() || count > 10'000'000) return damaged();
  for (std::uint64_t i = 0; i < count; ++i) {
    LaneKey key;
    r.one(key);
    if (!r.good() || key.queue >= queues_.size() || key.channel >= def_.channels.size() || key.requirement >= requirements_.size()) return damaged();
    if (lane_for(key) != i) return damaged();
  }
  r.list(contact_nodes_);
  for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
    r.one(lanes_[i].waiting);
    if (!lanes_[i].waiting.empty()) set_bit(nonempty_, i);
  }
  r.one(count);
  if (!r.good() || count != pools_.size()) return damaged();
  for (Pool& pool : pools_) {
    std::uint32_t channel = 0;
    PoolKey key{};
    std::int64_t window = 0;
    r.one(channel), r.one(key), r.one(window), r.list(pool.faded), r.list(pool.faded_at);
    if (channel != pool.channel || key != pool.key || window != pool.window) return damaged();
  }
  for (std::uint32_t at = 0; at < agents_.size(); ++at) {
    enter_pools(at, free[at]);
  }
  std::vector<Timers::Entry> entries;
  std::uint64_t turn = 0;
  r.list(entries), r.one(turn);
  timers_.resize(3 * std::max({contacts_.size(), agents_.size(), queues_.size()}) + 3);
  if (!timers_.restore(std::move(entries), turn)) return damaged();
  r.one(count);
  if (!r.good() || count > bytes.size()) return damaged();
  names_.resize(count);
  for (std::string& name : names_) r.text(name);
  r.list(free_names_);
  r.one(count);
  for (std::uint64_t i = 0; r.good() && i < count; ++i) {
    std::string name;
    std::uint32_t at = 0;
    r.text(name), r.one(at);
    by_name_[name] = at;
  }
  r.one(count);
  for (std::uint64_t i = 0; r.good() && i < count; ++i) {
    std::string id, body;
    r.text(id), r.text(body);
    command_ring_.push_back(id);
    commands_[std::move(id)] = std::move(body);
  }
  r.one(count);
  command_at_ = count;
  if (!r.good() || !r.at_end() || contact_nodes_.size() != contacts_.size()) return damaged();
  return check();
}

// After a crash: offers are void, talking contacts wait for the host's word, everybody else stands as before.
void Engine::restarted() {
  for (std::uint32_t at = 0; at < contacts_.size(); ++at) {
    Contact& c = contacts_[at];
    if (c.state == ContactState::held && promises_[c.promise].dialling != 0) {  // whether it rings there nobody knows
      stop_dialling(at);
      c.state = ContactState::waiting;
      c.until = kForever;
      touch_contact(at);
    } else if (c.state == ContactState::offered || c.state == ContactState::connecting) {
      for (std::uint32_t o = c.offers; o != kNil; o = offers_[o].next) offers_[o].accepted = false;
      c.state = ContactState::offered;
      c.agent = kNil;
      drop_offers(at, Reason::restarted);
      back_to_waiting(at);
    } else if (c.state == ContactState::talking || c.state == ContactState::paused) {
      c.until = later(now_, def_.reclaim.count());
      timers_.set(timer_of_contact(at), c.until);
    }
  }
  settle();
}

Outcome Engine::reclaim(ContactId id) {
  const std::uint32_t at = slot_of(id);
  if (at == kNil) return Outcome::unknown;
  Contact& c = contacts_[at];
  if (c.state != ContactState::talking && c.state != ContactState::paused) return Outcome::wrong_state;
  c.until = kForever;
  timers_.set(timer_of_contact(at), kForever);
  return Outcome::done;
}

}  // namespace hotline::acd
