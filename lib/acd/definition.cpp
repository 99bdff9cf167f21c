#include "hotline/acd/definition.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace hotline::acd {
namespace {

template <class Id, class List>
Id find_in(const List& list, std::string_view name) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].name == name) return Id{static_cast<std::uint32_t>(i + 1)};
  return Id{};
}
template <class Id, class List, class Def>
Id add_to(List& list, Def def) {
  list.push_back(std::move(def));
  return Id{static_cast<std::uint32_t>(list.size())};
}

constexpr std::int64_t kDay = 24ll * 3600 * 1000000000;
constexpr std::int64_t kWeek = 7 * kDay;

// Complaints about one thing.
class Checker {
 public:
  Checker(const Definition& def, Diagnostics& diagnostics) : def_(def), out_(diagnostics) {}

  void run() {
    names(def_.channels, "channel"), names(def_.skills, "skill"), names(def_.sites, "site"), names(def_.teams, "team");
    names(def_.queues, "queue"), names(def_.agents, "agent"), names(def_.calendars, "calendar"), names(def_.reasons, "reason"), names(def_.alarms, "alarm");
    if (def_.channels.empty()) out_.error("A101", "there is no channel", "name at least one, such as voice");
    if (def_.channels.size() > kMaxChannels) out_.error("A101", "there are more than 8 channels", "join some");
    for (const ChannelDef& c : def_.channels) {
      if (c.units == 0 || c.max == 0) out_.error("A102", "channel `" + c.name + "` takes no capacity", "give it units and a max of at least 1", {}, c.name);
      for (const ChannelId by : c.interrupted_by) in_range(by.value, def_.channels.size(), "channel", "channel `" + c.name + "`");
    }
    for (const TeamDef& t : def_.teams)
    {
      for (const QueueId q : t.serves) in_range(q.value, def_.queues.size(), "queue", "team `" + t.name + "`");
      for (const PairWeight& w : t.weights) {
        in_range(w.queue.value, def_.queues.size(), "queue", "team `" + t.name + "`");
        if (w.idle_factor < 0) out_.error("A105", "team `" + t.name + "`: idle_factor below 0", "use 0 or more", {}, t.name);
      }
    }
    for (const AlarmRule& a : def_.alarms) {
      in_range(a.queue.value, def_.queues.size(), "queue", "alarm `" + a.name + "`", 0);
      const bool low = a.measure == AlarmRule::Measure::service_level || a.measure == AlarmRule::Measure::agents_ready;
      if (low ? a.clear < a.raise : a.clear > a.raise)
        out_.error("A114", "alarm `" + a.name + "` would be cleared while it is raised", low ? "clear at or above raise" : "clear at or below raise", {}, a.name);
    }
    if (def_.emergency_per.count() <= 0) out_.error("A105", "emergency: `per` must be above 0s", "write 1m");
    for (const SiteDef& s : def_.sites) in_range(s.parent.value, def_.sites.size() , "site", "site `" + s.name + "`", 0);
    for (const AgentDef& a : def_.agents) agent(a);
    for (const QueueDef& q : def_.queues) queue(q);
    loops();
  }

 private:
  template <class List>
  void names(const List& list, const std::string& kind) {
    std::set<std::string_view> seen;
    for (const auto& item : list) {
      if (item.name.empty()) out_.error("A103", "a " + kind + " has no name", "name it");
      else if (!seen.insert(item.name).second) out_.error("A103", "there are two " + kind + "s `" + item.name + "`", "rename one", {}, item.name);
    }
  }
  bool in_range(std::uint32_t id, std::size_t count, const char* kind, const std::string& where, std::uint32_t low = 1) {
    if (id >= low && id <= count) return true;
    out_.error("A104", where + " names " + kind + " number " + std::to_string(id) + ", which does not exist", "use an id that add_... gave");
    return false;
  }
  void agent(const AgentDef& a) {
    const std::string where = "agent `" + a.name + "`";
    in_range(a.team.value, def_.teams.size(), "team", where, 0);
    in_range(a.site.value, def_.sites.size(), "site", where, 0);
    for (const SkillLevel& s : a.skills)
      if (in_range(s.skill.value, def_.skills.size(), "skill", where) && (s.level < 1 || s.level > 100))
        out_.error("A105", where + ": level " + std::to_string(s.level), "levels are 1 to 100", {}, a.name);
    for (const Membership& m : a.queues) {
      in_range(m.queue.value, def_.queues.size(), "queue", where);
      if (m.tier < -1000000 || m.tier > 1000000) out_.error("A105", where + ": tier " + std::to_string(m.tier), "use small numbers", {}, a.name);
    }
    if (a.units == 0 || a.units > 100000) out_.error("A105", where + ": capacity of " + std::to_string(a.units) + " units", "use 1 to 100000", {}, a.name);
    if (a.weight < 0) out_.error("A105", where + ": weight below 0", "use 0 or more", {}, a.name);
  }
  void requirement(const Requirement& r, const std::string& where) {
    for (const auto& test : r.tests) {
      using Op = Requirement::Op;
      if (test.op == Op::skill_at_least) in_range(test.id, def_.skills.size(), "skill", where);
      if (test.op == Op::site_is) in_range(test.id, def_.sites.size(), "site", where);
      if (test.op == Op::team_is) in_range(test.id, def_.teams.size(), "team", where);
      if (test.op == Op::agent_is) in_range(test.id, def_.agents.size(), "agent", where);
    }
  }
  void queue(const QueueDef& q) {
    const std::string where = "queue `" + q.name + "`";
    in_range(q.channel.value, def_.channels.size(), "channel", where);
    in_range(q.calendar, def_.calendars.size(), "calendar", where, 0);
    if (q.steps.size() >= kMaxSteps) out_.error("A106", where + " has more than 30 steps", "join some", {}, q.name);
    for (const StepDef& s : q.steps) {
      requirement(s.requires_, where);
      for (const TeamTier& t : s.tiers) in_range(t.team.value, def_.teams.size(), "team", where);
      if (s.consider_if.empty()) continue;
      if (const Status read = check_condition(s.consider_if); !read.ok()) out_.error("A123", where + ": " + read.error().message(), read.error().remedy(), {}, q.name);
    }
    in_range(q.callback.calendar, def_.calendars.size(), "calendar", where, 0);
    if (q.callback.attempts == 0 || q.callback.at_once == 0 || q.callback.retry.count() < 0 || q.callback.answer_within.count() <= 0 || q.callback.ahead > 100)
      out_.error("A105", where + ": callback is out of range", "use attempts of 1 or more, ahead up to 100, answer_within above 0s", {}, q.name);
    for (const auto& [to, weight] : q.distribute.to) {
      if (!in_range(to.value, def_.queues.size(), "queue", where)) continue;
      if (!def_.queues[to.value - 1].distribute.to.empty())
        out_.error("A113", where + " distributes to `" + def_.queues[to.value - 1].name + "`, which distributes as well", "name ordinary queues", {}, q.name);
      if (!(weight > 0)) out_.error("A105", where + ": a weight of 0 or less", "use more than 0", {}, q.name);
    }
    if (q.idle_factor < 0) out_.error("A105", where + ": idle_factor below 0", "use 0 or more", {}, q.name);
    if (q.fanout == 0 || q.fanout > kMaxFanout) out_.error("A107", where + " rings " + std::to_string(q.fanout) + " agents at once", "use 1 to 64", {}, q.name);
    if (q.agents == AgentOrder::custom && q.fanout > 1) out_.error("A107", where + ": a custom order chooses one agent", "use fanout: 1", {}, q.name);
    if (q.confirm && q.auto_accept) out_.error("A108", where + ": what is accepted at once cannot be confirmed", "choose one of them", {}, q.name);
    if (q.after_last == AfterLast::overflow && q.overflow.empty()) out_.error("A109", where + " overflows to nowhere after its last step", "add overflow:", {}, q.name);
    if ((q.max_wait.count() > 0 || q.max_waiting != kNoLimit) && q.overflow.empty())
      out_.warning("A110", where + " turns citizens away", "add overflow: with a place to go to", {}, q.name);
    if (q.aging.count() < 0 || q.ring_timeout.count() < 0 || q.target.count() < 0) out_.error("A105", where + ": a negative time", "use 0 or more", {}, q.name);
    if (q.wrap == WrapMode::timed && q.wrap_time.count() == 0) out_.warning("A111", where + ": timed wrap-up of 0s", "give it a time, or use none", {}, q.name);
    for (const OverflowDef& o : q.overflow)
      if (o.kind == OverflowKind::queue) in_range(o.queue.value, def_.queues.size(), "queue", where);
    for (const ReserveDef& r : q.reserves) in_range(r.team.value, def_.teams.size(), "team", where);
  }
  // Overflow must end: no way along the queues of the chains may come back to where it was (kind back excepted).
  void loops() {
    std::vector<int> state(def_.queues.size());
    const std::function<bool(std::uint32_t)> visit = [&](std::uint32_t q) {
      if (q >= state.size()) return false;
      if (state[q] != 0) return state[q] == 1;
      state[q] = 1;
      for (const OverflowDef& o : def_.queues[q].overflow)
        if (o.kind == OverflowKind::queue && visit(o.queue.value - 1)) {
          if (o.queue.value - 1 < def_.queues.size() && state[o.queue.value - 1] == 1)
            out_.error("A112", "queue `" + def_.queues[q].name + "` overflows in a circle to `" + def_.queues[o.queue.value - 1].name + "`",
                       "end the chain, or use `back`", {}, def_.queues[q].name);
        }
      state[q] = 2;
      return false;
    };
    for (std::uint32_t q = 0; q < def_.queues.size(); ++q) visit(q);
  }

  const Definition& def_;
  Diagnostics& out_;
};

}  // namespace

ChannelId Definition::add_channel(ChannelDef def) { return add_to<ChannelId>(channels, std::move(def)); }
SkillId Definition::add_skill(std::string skill) { return add_to<SkillId>(skills, SkillDef{std::move(skill), 1}); }
SkillId Definition::attribute(std::string_view attribute, std::string_view value) {
  const std::string both = "@" + std::string(attribute) + "=" + std::string(value);
  if (const SkillId known = find_skill(both)) return known;
  return add_to<SkillId>(skills, SkillDef{both, 0});
}
TeamId Definition::add_team(TeamDef def) { return add_to<TeamId>(teams, std::move(def)); }
SiteId Definition::add_site(SiteDef def) { return add_to<SiteId>(sites, std::move(def)); }
QueueId Definition::add_queue(QueueDef def) { return add_to<QueueId>(queues, std::move(def)); }
AgentId Definition::add_agent(AgentDef def) { return add_to<AgentId>(agents, std::move(def)); }
QueueId Definition::find_queue(std::string_view n) const { return find_in<QueueId>(queues, n); }
AgentId Definition::find_agent(std::string_view n) const { return find_in<AgentId>(agents, n); }
SkillId Definition::find_skill(std::string_view n) const { return find_in<SkillId>(skills, n); }
TeamId Definition::find_team(std::string_view n) const { return find_in<TeamId>(teams, n); }
SiteId Definition::find_site(std::string_view n) const { return find_in<SiteId>(sites, n); }
ChannelId Definition::find_channel(std::string_view n) const { return find_in<ChannelId>(channels, n); }
ReasonId Definition::find_reason(std::string_view n) const { return find_in<ReasonId>(reasons, n); }

void Definition::validate(Diagnostics& diagnostics) const { Checker(*this, diagnostics).run(); }

bool CalendarDef::is_open(Time now) const {
  const std::int64_t local = to_ns(now) + utc_offset.count();
  const std::int64_t day = local >= 0 ? local / kDay : (local - kDay + 1) / kDay;
  const std::int64_t in_day = local - day * kDay;
  const auto inside = [](const std::vector<Interval>& list, std::int64_t at) {
    return std::any_of(list.begin(), list.end(), [&](const Interval& i) { return at >= i.from.count() && at < i.to.count(); });
  };
  for (const auto& [date, hours] : special)
    if (date == day) return inside(hours, in_day);
  if (std::find(closed.begin(), closed.end(), day) != closed.end()) return false;
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  return inside(open, (weekday * kDay + in_day) % kWeek);
}

// Hours begin at the minutes that the definition names: those of each day are looked at in turn.
std::optional<Time> CalendarDef::next_open(Time now) const {
  if (is_open(now)) return now;
  const std::int64_t local = to_ns(now) + utc_offset.count();
  const std::int64_t today = local >= 0 ? local / kDay : (local - kDay + 1) / kDay;
  for (std::int64_t day = today; day < today + 400; ++day) {
    std::int64_t first = kDay;
    const auto look = [&](const std::vector<Interval>& list, std::int64_t base) {
      for (const Interval& i : list) {
        const std::int64_t from = i.from.count() - base;
        if (from >= 0 && from < kDay && day * kDay + from > local) first = std::min(first, from);
      }
    };
    bool is_special = false;
    for (const auto& [date, hours] : special)
      if (date == day) is_special = true, look(hours, 0);
    if (!is_special && std::find(closed.begin(), closed.end(), day) == closed.end()) look(open, ((day + 3) % 7 + 7) % 7 * kDay);
    if (first < kDay) return time_from_ns(day * kDay + first - utc_offset.count());
  }
  return std::nullopt;
}

}  // namespace hotline::acd
