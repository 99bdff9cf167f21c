#include "hotline/acd/metrics.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace hotline::acd {
namespace {

double share(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole); }

void grow(std::vector<std::uint64_t>& list, std::size_t size) {
  if (list.size() < size) list.resize(size);
}

}  // namespace

void Tally::add(const Tally& o) {
  offered += o.offered, answered += o.answered, abandoned += o.abandoned, abandoned_short += o.abandoned_short;
  overflowed += o.overflowed, refused += o.refused, requeued += o.requeued, missed += o.missed, callbacks += o.callbacks;
  in_target += o.in_target, abandoned_in_target += o.abandoned_in_target, overtakes += o.overtakes;
  wait += o.wait, abandon_wait += o.abandon_wait, talk += o.talk, wrap += o.wrap;
  wait_max = std::max(wait_max, o.wait_max);
  grow(in_targets, o.in_targets.size());
  for (std::size_t i = 0; i < o.in_targets.size(); ++i) in_targets[i] += o.in_targets[i];
}
double Tally::service_level() const { return share(in_target, offered - std::min(offered, abandoned_short)); }
double Tally::service_level_offered() const { return share(in_target, offered); }
double Tally::service_level_answered() const { return share(in_target, answered); }
double Tally::service_level_with_abandons() const { return share(in_target + abandoned_in_target, offered); }
double Tally::abandonment() const { return offered == 0 ? 0 : share(abandoned, offered); }
double Tally::abandonment_without_short() const {
  const std::uint64_t rest = offered - std::min(offered, abandoned_short);
  return rest == 0 ? 0 : share(abandoned - abandoned_short, rest);
}
Duration Tally::mean_wait() const { return answered == 0 ? Duration{0} : wait / static_cast<std::int64_t>(answered); }

double AgentTally::occupancy() const {
  const auto there = static_cast<double>((logged_in - not_ready).count());
  return there <= 0 ? 0 : static_cast<double>((busy + wrap).count()) / there;
}
double AgentTally::adherence(Duration scheduled) const {
  return scheduled.count() <= 0 ? 1 : std::min(1.0, static_cast<double>((logged_in - not_ready).count()) / static_cast<double>(scheduled.count()));
}
void AgentTally::add(const AgentTally& o) {
  answered += o.answered, missed += o.missed, rejected += o.rejected;
  logged_in += o.logged_in, ready_idle += o.ready_idle, busy += o.busy, wrap += o.wrap, not_ready += o.not_ready, offered += o.offered;
}

Metrics::Metrics(const Definition& definition, Options options)
    : def_(definition), options_(options), waiting_(def_.queues.size()), people_(def_.agents.size()), skills_of_queue_(def_.queues.size()) {
  for (std::size_t q = 0; q < def_.queues.size(); ++q) {
    std::set<std::uint32_t> named;
    for (const StepDef& step : def_.queues[q].steps)
      for (const auto& test : step.requires_.tests)
        if (test.op == Requirement::Op::skill_at_least) named.insert(test.id - 1);
    skills_of_queue_[q].assign(named.begin(), named.end());
  }
}

Metrics::Slice& Metrics::slice(Time at) {
  const std::int64_t length = options_.interval.count();
  auto& s = slices_[to_ns(at) - ((to_ns(at) % length) + length) % length];
  if (s.queues.empty()) s.queues.resize(def_.queues.size());
  if (s.skills.empty()) s.skills.resize(def_.skills.size());
  if (s.sites.empty()) s.sites.resize(def_.sites.size());
  if (s.agents.empty()) s.agents.resize(def_.agents.size());
  return s;
}

// Of the event's queue, of the skills that it asks for, of the agent's site.
template <class Visit>
void Metrics::each_tally(const Event& e, Visit&& visit) {
  const std::uint32_t agent = e.agent.value - 1, q = e.queue.value - 1;
  if (q >= def_.queues.size()) return;
  Slice& s = slice(e.at);
  visit(s.queues[q]);
  for (const std::uint32_t skill : skills_of_queue_[q]) visit(s.skills[skill]);
  if (agent < def_.agents.size() && def_.agents[agent].site) visit(s.sites[def_.agents[agent].site.value - 1]);
}

AgentState Metrics::state_of(const Person& p) {
  if (!p.in) return AgentState::logged_out;
  if (p.talking > 0) return AgentState::busy;
  if (p.wrapping > 0) return AgentState::wrap;
  if (p.ringing > 0) return AgentState::offered;
  return p.ready ? AgentState::ready : AgentState::not_ready;
}

// Time in the state so far, cut at the intervals' ends; then the state that follows from what the person has.
void Metrics::charge(std::uint32_t agent, Time at) {
  Person& p = people_[agent];
  while (p.since < at && p.state != AgentState::logged_out) {
    const std::int64_t length = options_.interval.count(), begin = to_ns(p.since);
    const Time end = std::min(at, time_from_ns(begin - ((begin % length) + length) % length + length));
    const Duration spent = end - p.since;
    AgentTally& t = slice(p.since).agents[agent];
    t.logged_in += spent;
    switch (p.state) {
      case AgentState::ready: t.ready_idle += spent; break;
      case AgentState::busy: t.busy += spent; break;
      case AgentState::wrap: t.wrap += spent; break;
      case AgentState::not_ready: t.not_ready += spent; break;
      case AgentState::offered: t.offered += spent; break;
      case AgentState::logged_out: break;
    }
    p.since = end;
  }
  p.since = at;
  p.state = state_of(p);
}

void Metrics::close(Time now) {
  for (std::uint32_t a = 0; a < people_.size(); ++a) charge(a, now);
}

void Metrics::enter(const Event& e, bool waits) {
  const std::uint32_t q = e.queue.value - 1;
  const auto [found, is_new] = open_.try_emplace(e.contact.value, Open{q, e.at, false, false, kNobody, 0});
  if (is_new) each_tally(e, [](Tally& t) { ++t.offered; });
  Open& contact = found->second;
  if (!waits || contact.waiting) return;
  contact.waiting = true, contact.queue = q;
  waiting_[q].insert({to_ns(contact.since), e.contact.value});
}

void Metrics::leave(std::uint64_t contact) {
  const auto found = open_.find(contact);
  if (found == open_.end() || !found->second.waiting) return;
  waiting_[found->second.queue].erase({to_ns(found->second.since), contact});
  found->second.waiting = false;
}

void Metrics::answered(const Event& e) {
  const QueueDef& def = def_.queues[e.queue.value - 1];
  const Duration waited{e.value};
  const Time since = open_.at(e.contact.value).since;
  const auto& line = waiting_[e.queue.value - 1];
  const bool overtakes = !line.empty() && line.begin()->first < to_ns(since);
  each_tally(e, [&](Tally& t) {
    ++t.answered;
    t.wait += waited;
    t.wait_max = std::max(t.wait_max, waited);
    t.in_target += waited <= def.target;
    t.overtakes += overtakes;
    grow(t.in_targets, def.targets.size());
    for (std::size_t i = 0; i < def.targets.size(); ++i) t.in_targets[i] += waited <= def.targets[i];
  });
  ++slice(e.at).agents[e.agent.value - 1].answered;
}

// The contact is with nobody any more.
void Metrics::let_go(std::uint64_t contact) {
  const auto found = open_.find(contact);
  if (found == open_.end() || found->second.agent == kNobody) return;
  Person& p = people_[found->second.agent];
  std::uint32_t& count = found->second.wrapping ? p.wrapping : p.talking;
  if (count > 0) --count;
  found->second.agent = kNobody;
  found->second.wrapping = false;
}

void Metrics::add(const Event& e) {
  const std::uint32_t agent = e.agent.value - 1;
  const bool person = agent < people_.size();
  if (e.contact && e.queue.value - 1 >= def_.queues.size()) return;
  if (person) charge(agent, e.at);
  switch (e.type) {
    case EventType::queued: enter(e, true); break;
    case EventType::offered:
      enter(e, false);
      ++people_[agent].ringing;
      break;
    case EventType::offer_ended: {
      if (const auto c = open_.find(e.contact.value); c != open_.end() && c->second.offer == e.offer.value) let_go(e.contact.value);  // was being connected
      else if (people_[agent].ringing > 0) --people_[agent].ringing;
      AgentTally& t = slice(e.at).agents[agent];
      if (e.reason == Reason::rejected || e.reason == Reason::busy) ++t.rejected;
      if (e.reason == Reason::timed_out) {
        ++t.missed;
        each_tally(e, [](Tally& tally) { ++tally.missed; });
      }
      break;
    }
    case EventType::requeued:
      if (e.agent) let_go(e.contact.value);
      enter(e, true);
      each_tally(e, [](Tally& t) { ++t.requeued; });
      break;
    case EventType::callback_failed: let_go(e.contact.value); break;
    case EventType::callback_due: leave(e.contact.value); break;
    case EventType::returned: enter(e, open_.count(e.contact.value) == 0 || open_.at(e.contact.value).agent == kNobody); break;
    case EventType::moved: leave(e.contact.value), enter(e, true); break;
    case EventType::accepted: {
      enter(e, false);
      if (!def_.queues[e.queue.value - 1].confirm) answered(e);
      leave(e.contact.value);
      Open& c = open_.at(e.contact.value);
      c.agent = agent, c.offer = e.offer.value;
      if (people_[agent].ringing > 0) --people_[agent].ringing;
      ++people_[agent].talking;
      break;
    }
    case EventType::connected: answered(e); break;
    case EventType::transferred: {
      const auto old = static_cast<std::uint32_t>(e.value - 1);
      if (old < people_.size()) charge(old, e.at);
      let_go(e.contact.value);
      if (old < people_.size()) charge(old, e.at);
      enter(e, false);
      open_.at(e.contact.value).agent = agent;
      ++people_[agent].talking;
      break;
    }
    case EventType::ended: {
      each_tally(e, [&](Tally& t) { t.talk += Duration{e.value}; });
      let_go(e.contact.value);
      Open& c = open_.try_emplace(e.contact.value, Open{e.queue.value - 1, e.at, false, false, kNobody, 0}).first->second;
      c.agent = agent, c.wrapping = true;
      ++people_[agent].wrapping;
      break;
    }
    case EventType::wrap_ended: each_tally(e, [&](Tally& t) { t.wrap += Duration{e.value}; }); [[fallthrough]];
    case EventType::released:
      let_go(e.contact.value), leave(e.contact.value);
      open_.erase(e.contact.value);
      break;
    case EventType::abandoned:
      enter(e, false);
      leave(e.contact.value);
      each_tally(e, [&](Tally& t) {
        const Duration waited{e.value};
        ++t.abandoned;
        t.abandon_wait += waited;
        t.wait_max = std::max(t.wait_max, waited);
        t.abandoned_short += waited < options_.short_abandon;
        t.abandoned_in_target += waited <= def_.queues[e.queue.value - 1].target;
      });
      open_.erase(e.contact.value);
      break;
    case EventType::overflowed:
    case EventType::withdrawn:
      enter(e, false);
      leave(e.contact.value);
      each_tally(e, [](Tally& t) { ++t.overflowed; });
      open_.erase(e.contact.value);
      break;
    case EventType::refused: each_tally(e, [](Tally& t) { ++t.offered, ++t.refused; }); break;
    case EventType::became_callback: each_tally(e, [](Tally& t) { ++t.callbacks; }); break;
    case EventType::logged_in: people_[agent] = {AgentState::logged_out, e.at, true, false, 0, 0, 0}; break;
    case EventType::logged_out: people_[agent] = {AgentState::logged_out, e.at, false, false, 0, 0, 0}; break;
    case EventType::not_ready: people_[agent].ready = false; break;
    case EventType::ready: people_[agent].ready = true; break;
    default: break;
  }
  if (person) people_[agent].state = state_of(people_[agent]);
}

std::vector<Time> Metrics::intervals(Duration length) const {
  if (length.count() == 0) length = options_.interval;
  std::vector<Time> all;
  for (const auto& [at, s] : slices_) {
    const Time begin = time_from_ns(at - ((at % length.count()) + length.count()) % length.count());
    if (all.empty() || all.back() != begin) all.push_back(begin);
  }
  return all;
}

template <class T>
T Metrics::sum(const std::vector<T> Slice::*list, std::uint32_t id, Time from, Duration length) const {
  T total;
  const std::int64_t begin = to_ns(from), end = length == Duration::max() ? std::numeric_limits<std::int64_t>::max()
                                                 : begin + (length.count() == 0 ? options_.interval : length).count();
  for (auto s = slices_.lower_bound(begin); s != slices_.end() && s->first < end; ++s)
    if (id - 1 < (s->second.*list).size()) total.add((s->second.*list)[id - 1]);
  return total;
}
namespace {
constexpr Time kBeginning = Time::min();
constexpr Duration kAlways = Duration::max();
}  // namespace
Tally Metrics::queue(QueueId id, Time from, Duration length) const { return sum(&Slice::queues, id.value, from, length); }
Tally Metrics::queue(QueueId id) const { return sum(&Slice::queues, id.value, kBeginning, kAlways); }
Tally Metrics::skill(SkillId id, Time from, Duration length) const { return sum(&Slice::skills, id.value, from, length); }
Tally Metrics::site(SiteId id, Time from, Duration length) const { return sum(&Slice::sites, id.value, from, length); }
AgentTally Metrics::agent(AgentId id, Time from, Duration length) const { return sum(&Slice::agents, id.value, from, length); }
AgentTally Metrics::agent(AgentId id) const { return sum(&Slice::agents, id.value, kBeginning, kAlways); }
std::uint32_t Metrics::waiting(QueueId id) const {
  return id.value - 1 < waiting_.size() ? static_cast<std::uint32_t>(waiting_[id.value - 1].size()) : 0;
}

Fairness Metrics::fairness() const {
  Fairness f;
  std::vector<double> occupancy;
  for (std::uint32_t a = 1; a <= def_.agents.size(); ++a) {
    const AgentTally t = agent(AgentId{a});
    if ((t.logged_in - t.not_ready).count() > 0) occupancy.push_back(t.occupancy());
  }
  std::sort(occupancy.begin(), occupancy.end());
  double sum = 0, weighted = 0;
  for (std::size_t i = 0; i < occupancy.size(); ++i) sum += occupancy[i], weighted += static_cast<double>(i + 1) * occupancy[i];
  const auto n = static_cast<double>(occupancy.size());
  if (!occupancy.empty()) f.occupancy_spread = occupancy.back() - occupancy.front();
  if (sum > 0) f.occupancy_gini = 2 * weighted / (n * sum) - (n + 1) / n;
  std::uint64_t answered = 0, overtakes = 0;
  for (std::uint32_t q = 1; q <= def_.queues.size(); ++q) {
    const Tally t = queue(QueueId{q});
    answered += t.answered, overtakes += t.overtakes;
    f.longest_wait = std::max(f.longest_wait, t.wait_max);
  }
  if (answered > 0) f.overtakes_per_1000 = 1000.0 * static_cast<double>(overtakes) / static_cast<double>(answered);
  return f;
}

namespace {
std::string number(double v) {
  std::string out;
  JsonWriter(out).value(v);
  return out;
}
double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-9; }
// A field of CSV: quoted where it must be, and never the beginning of a formula.
std::string csv(const std::string& text) {
  std::string out;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) out = "'";
  out += text;
  if (out.find_first_of(",\"\n\r") == out.npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}
}  // namespace

std::string Metrics::queues_csv(Duration length) const {
  std::string out = "interval,queue,offered,answered,abandoned,abandoned_short,overflowed,service_level,service_level_offered,service_level_answered,mean_wait_s,longest_wait_s,talk_s,wrap_s\n";
  for (const Time at : intervals(length))
    for (std::uint32_t q = 1; q <= def_.queues.size(); ++q) {
      const Tally t = queue(QueueId{q}, at, length);
      out += hotline::to_string(at) + "," + csv(def_.queues[q - 1].name) + "," + std::to_string(t.offered) + "," + std::to_string(t.answered) + "," +
             std::to_string(t.abandoned) + "," + std::to_string(t.abandoned_short) + "," + std::to_string(t.overflowed) + "," + number(t.service_level()) + "," +
             number(t.service_level_offered()) + "," + number(t.service_level_answered()) + "," + number(seconds(t.mean_wait())) + "," +
             number(seconds(t.wait_max)) + "," + number(seconds(t.talk)) + "," + number(seconds(t.wrap)) + "\n";
    }
  return out;
}

std::string Metrics::agents_csv(Duration length) const {
  std::string out = "interval,agent,answered,missed,logged_in_s,busy_s,wrap_s,not_ready_s,occupancy\n";
  for (const Time at : intervals(length))
    for (std::uint32_t a = 1; a <= def_.agents.size(); ++a) {
      const AgentTally t = agent(AgentId{a}, at, length);
      out += hotline::to_string(at) + "," + csv(def_.agents[a - 1].name) + "," + std::to_string(t.answered) + "," + std::to_string(t.missed) + "," +
             number(seconds(t.logged_in)) + "," + number(seconds(t.busy)) + "," + number(seconds(t.wrap)) + "," + number(seconds(t.not_ready)) + "," +
             number(t.occupancy()) + "\n";
    }
  return out;
}

void Tally::write(JsonWriter& json) const {
  json.field("offered", offered).field("answered", answered).field("abandoned", abandoned).field("abandoned_short", abandoned_short);
  json.field("overflowed", overflowed).field("refused", refused).field("requeued", requeued).field("missed", missed).field("callbacks", callbacks);
  json.field("overtakes", overtakes).field("service_level", service_level()).field("service_level_offered", service_level_offered());
  json.field("service_level_answered", service_level_answered()).field("service_level_with_abandons", service_level_with_abandons());
  json.key("in_targets").begin_array();
  for (const std::uint64_t n : in_targets) json.value(n);
  json.end_array().field("abandonment", abandonment()).field("abandonment_without_short", abandonment_without_short());
  json.field("mean_wait_s", seconds(mean_wait())).field("longest_wait_s", seconds(wait_max)).field("talk_s", seconds(talk)).field("wrap_s", seconds(wrap));
}
void AgentTally::write(JsonWriter& json) const {
  json.field("answered", answered).field("missed", missed).field("rejected", rejected).field("logged_in_s", seconds(logged_in));
  json.field("idle_s", seconds(ready_idle)).field("busy_s", seconds(busy)).field("wrap_s", seconds(wrap)).field("not_ready_s", seconds(not_ready));
  json.field("offered_s", seconds(offered)).field("occupancy", occupancy());
}
void Fairness::write(JsonWriter& json) const {
  json.field("occupancy_spread", occupancy_spread).field("occupancy_gini", occupancy_gini).field("overtakes_per_1000", overtakes_per_1000);
  json.field("longest_wait_s", seconds(longest_wait));
}

void Metrics::write(JsonWriter& json) const {
  json.begin_object().key("queues").begin_object();
  for (std::uint32_t q = 1; q <= def_.queues.size(); ++q) {
    json.key(def_.queues[q - 1].name).begin_object();
    queue(QueueId{q}).write(json);
    json.end_object();
  }
  json.end_object().key("agents").begin_object();
  for (std::uint32_t a = 1; a <= def_.agents.size(); ++a) {
    const AgentTally t = agent(AgentId{a});
    if (t.logged_in.count() == 0) continue;
    json.key(def_.agents[a - 1].name).begin_object();
    t.write(json);
    json.end_object();
  }
  json.end_object().key("fairness").begin_object();
  fairness().write(json);
  json.end_object().end_object();
}

bool Alarms::observe(std::size_t rule, double value, Time now, Alarm& alarm) {
  const AlarmRule& r = rules_[rule];
  State& s = states_[rule];
  const bool low = r.measure == AlarmRule::Measure::service_level || r.measure == AlarmRule::Measure::agents_ready;
  if (!s.raised) {
    const bool beyond = low ? value <= r.raise : value >= r.raise;
    if (beyond && !s.beyond) s.since = now;
    s.beyond = beyond;
    if (!beyond || now - s.since < r.hold) return false;
    s.raised = true;
  } else {
    if (low ? value < r.clear : value > r.clear) return false;
    s.raised = s.beyond = false;
  }
  alarm = {rule, s.raised, value, now};
  return true;
}

}  // namespace hotline::acd
