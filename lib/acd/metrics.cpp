#include "hotline/acd/metrics.hpp"

#include <algorithm>
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
    : def_(definition), options_(options), waiting_(def_.queues.size()), people_(def_.agents.size(), {AgentState::logged_out, {}}),
      work_(def_.agents.size()), skills_of_queue_(def_.queues.size()) {
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

// Time in a state, cut at the intervals' ends.
void Metrics::change(std::uint32_t agent, AgentState to, Time at) {
  Person& p = people_[agent];
  while (p.since < at) {
    Slice& s = slice(p.since);
    const std::int64_t length = options_.interval.count();
    const Time end = std::min(at, time_from_ns(to_ns(p.since) - ((to_ns(p.since) % length) + length) % length + length));
    const Duration spent = end - p.since;
    AgentTally& t = s.agents[agent];
    if (p.state != AgentState::logged_out) t.logged_in += spent;
    switch (p.state) {
      case AgentState::ready: t.ready_idle += spent; break;
      case AgentState::busy: t.busy += spent; break;
      case AgentState::wrap: t.wrap += spent; break;
      case AgentState::not_ready: t.not_ready += spent; break;
      case AgentState::offered: t.offered += spent; break;
      case AgentState::logged_out: break;
    }
    p.since = end;
    if (p.state == AgentState::logged_out) p.since = at;
  }
  p.state = to;
  p.since = at;
}

void Metrics::close(Time now) {
  for (std::uint32_t a = 0; a < people_.size(); ++a) change(a, people_[a].state, now);
}

void Metrics::add(const Event& e) {
  const std::uint32_t agent = e.agent.value - 1, q = e.queue.value - 1;
  const bool person = agent < people_.size();
  const auto tallies = [&](auto&& visit) {
    if (q >= def_.queues.size()) return;
    Slice& s = slice(e.at);
    visit(s.queues[q]);
    for (const std::uint32_t skill : skills_of_queue_[q]) visit(s.skills[skill]);
    if (person && def_.agents[agent].site) visit(s.sites[def_.agents[agent].site.value - 1]);
  };
  const auto leave = [&] {
    const auto found = open_.find(e.contact.value);
    if (found == open_.end()) return;
    if (found->second.waiting) waiting_[found->second.queue].erase({to_ns(found->second.since), e.contact.value});
    found->second.waiting = false;
  };
  const auto enter = [&](Time since, bool waits) {
    auto [found, is_new] = open_.try_emplace(e.contact.value, Open{q, since, false});
    if (is_new) tallies([](Tally& t) { ++t.offered; });
    if (waits && !found->second.waiting) {
      found->second.waiting = true;
      found->second.queue = q;
      waiting_[q][{to_ns(found->second.since), e.contact.value}] = 1;
    }
  };
  const auto state = [&] {
    if (!person || people_[agent].state == AgentState::logged_out) return;
    const auto [talking, wrapping] = work_[agent];
    if (talking > 0) change(agent, AgentState::busy, e.at);
    else if (wrapping > 0) change(agent, AgentState::wrap, e.at);
    else if (people_[agent].state == AgentState::busy || people_[agent].state == AgentState::wrap || people_[agent].state == AgentState::offered)
      change(agent, AgentState::ready, e.at);
  };
  switch (e.type) {
    case EventType::queued: enter(e.at, true); break;
    case EventType::offered:
      enter(e.at, false);
      if (person && people_[agent].state == AgentState::ready) change(agent, AgentState::offered, e.at);
      break;
    case EventType::requeued:
      enter(e.at, true);
      tallies([](Tally& t) { ++t.requeued; });
      if (e.reason == Reason::by_agent && person) {
        if (work_[agent].first > 0) --work_[agent].first;
        state();
      }
      break;
    case EventType::moved: {
      leave();
      const auto found = open_.find(e.contact.value);
      enter(found == open_.end() ? e.at : found->second.since, true);
      break;
    }
    case EventType::offer_ended:
      if (person) {
        if (e.reason == Reason::rejected || e.reason == Reason::busy) ++slice(e.at).agents[agent].rejected;
        if (e.reason == Reason::timed_out) {
          ++slice(e.at).agents[agent].missed;
          tallies([](Tally& t) { ++t.missed; });
        }
        state();
      }
      break;
    case EventType::accepted: {
      const Duration waited{e.value};
      const QueueDef& def = def_.queues[q];
      const auto found = open_.find(e.contact.value);
      const Time since = found == open_.end() ? e.at : found->second.since;
      const bool overtakes = !waiting_[q].empty() && waiting_[q].begin()->first.first < to_ns(since);
      leave();
      tallies([&](Tally& t) {
        ++t.answered;
        t.wait += waited;
        t.wait_max = std::max(t.wait_max, waited);
        if (waited <= def.target) ++t.in_target;
        if (overtakes) ++t.overtakes;
        grow(t.in_targets, def.targets.size());
        for (std::size_t i = 0; i < def.targets.size(); ++i) t.in_targets[i] += waited <= def.targets[i];
      });
      ++slice(e.at).agents[agent].answered;
      ++work_[agent].first;
      state();
      break;
    }
    case EventType::transferred: {
      const auto old = static_cast<std::uint32_t>(e.value - 1);
      ++work_[agent].first;
      state();
      if (old < work_.size()) {
        if (work_[old].first > 0) --work_[old].first;
        if (work_[old].first + work_[old].second == 0) change(old, AgentState::ready, e.at);
      }
      break;
    }
    case EventType::ended:
      if (person) {
        if (e.reason != Reason::taken_over && work_[agent].first > 0) --work_[agent].first;
        ++work_[agent].second;
        tallies([&](Tally& t) { t.talk += Duration{e.value}; });
        state();
      }
      break;
    case EventType::wrap_ended:
    case EventType::released:
      leave();
      if (person) {
        auto& [talking, wrapping] = work_[agent];
        if (e.type == EventType::wrap_ended ? wrapping > 0 : (talking == 0 && wrapping > 0)) --wrapping;
        else if (talking > 0) --talking;
        if (e.type == EventType::wrap_ended) tallies([&](Tally& t) { t.wrap += Duration{e.value}; });
        state();
      }
      open_.erase(e.contact.value);
      break;
    case EventType::abandoned:
      enter(e.at, false);
      leave();
      tallies([&](Tally& t) {
        const Duration waited{e.value};
        ++t.abandoned;
        t.abandon_wait += waited;
        t.wait_max = std::max(t.wait_max, waited);
        if (waited < options_.short_abandon) ++t.abandoned_short;
        if (waited <= def_.queues[q].target) ++t.abandoned_in_target;
      });
      open_.erase(e.contact.value);
      break;
    case EventType::overflowed:
    case EventType::withdrawn:
      enter(e.at, false);
      leave();
      tallies([](Tally& t) { ++t.overflowed; });
      open_.erase(e.contact.value);
      break;
    case EventType::refused: tallies([](Tally& t) { ++t.offered, ++t.refused; }); break;
    case EventType::became_callback: tallies([](Tally& t) { ++t.callbacks; }); break;
    case EventType::logged_in: change(agent, AgentState::not_ready, e.at); break;
    case EventType::logged_out: work_[agent] = {}, change(agent, AgentState::logged_out, e.at); break;
    case EventType::not_ready: change(agent, AgentState::not_ready, e.at); break;
    case EventType::ready: change(agent, AgentState::ready, e.at), state(); break;
    default: break;
  }
}

template <class Visit>
void Metrics::each(Time from, Duration length, Visit&& visit) const {
  if (length.count() == 0) length = options_.interval;
  for (auto s = slices_.lower_bound(to_ns(from)); s != slices_.end() && s->first < to_ns(from) + length.count(); ++s) visit(s->second);
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
Tally Metrics::queue(QueueId id, Time from, Duration length) const {
  Tally sum;
  if (id.value - 1 < def_.queues.size()) each(from, length, [&](const Slice& s) { sum.add(s.queues[id.value - 1]); });
  return sum;
}
Tally Metrics::queue(QueueId id) const {
  Tally sum;
  if (id.value - 1 < def_.queues.size())
    for (const auto& [at, s] : slices_) sum.add(s.queues[id.value - 1]);
  return sum;
}
Tally Metrics::skill(SkillId id, Time from, Duration length) const {
  Tally sum;
  if (id.value - 1 < def_.skills.size()) each(from, length, [&](const Slice& s) { sum.add(s.skills[id.value - 1]); });
  return sum;
}
Tally Metrics::site(SiteId id, Time from, Duration length) const {
  Tally sum;
  if (id.value - 1 < def_.sites.size()) each(from, length, [&](const Slice& s) { sum.add(s.sites[id.value - 1]); });
  return sum;
}
AgentTally Metrics::agent(AgentId id, Time from, Duration length) const {
  AgentTally sum;
  if (id.value - 1 < def_.agents.size()) each(from, length, [&](const Slice& s) { sum.add(s.agents[id.value - 1]); });
  return sum;
}
AgentTally Metrics::agent(AgentId id) const {
  AgentTally sum;
  if (id.value - 1 < def_.agents.size())
    for (const auto& [at, s] : slices_) sum.add(s.agents[id.value - 1]);
  return sum;
}
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

void Metrics::write(JsonWriter& json) const {
  json.begin_object().key("queues").begin_object();
  for (std::uint32_t q = 1; q <= def_.queues.size(); ++q) {
    const Tally t = queue(QueueId{q});
    json.key(def_.queues[q - 1].name).begin_object();
    json.field("offered", t.offered).field("answered", t.answered).field("abandoned", t.abandoned).field("abandoned_short", t.abandoned_short);
    json.field("overflowed", t.overflowed).field("refused", t.refused).field("missed", t.missed).field("service_level", t.service_level());
    json.field("service_level_offered", t.service_level_offered()).field("service_level_answered", t.service_level_answered());
    json.field("service_level_with_abandons", t.service_level_with_abandons()).field("abandonment", t.abandonment());
    json.field("mean_wait_s", seconds(t.mean_wait())).field("longest_wait_s", seconds(t.wait_max)).end_object();
  }
  json.end_object().key("agents").begin_object();
  for (std::uint32_t a = 1; a <= def_.agents.size(); ++a) {
    const AgentTally t = agent(AgentId{a});
    if (t.logged_in.count() == 0) continue;
    json.key(def_.agents[a - 1].name).begin_object().field("answered", t.answered).field("missed", t.missed);
    json.field("logged_in_s", seconds(t.logged_in)).field("occupancy", t.occupancy()).end_object();
  }
  const Fairness f = fairness();
  json.end_object().key("fairness").begin_object().field("occupancy_spread", f.occupancy_spread).field("occupancy_gini", f.occupancy_gini);
  json.field("overtakes_per_1000", f.overtakes_per_1000).field("longest_wait_s", seconds(f.longest_wait)).end_object().end_object();
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
