// What can be proved of a definition before anybody runs it (docs/workflow.md, "Codes").
#include <algorithm>
#include <functional>

#include "workflow/explore.hpp"
#include "workflow/guard_facts.hpp"

namespace hotline::workflow {
namespace {

class Validator {
 public:
  Validator(const Definition::Data& d, Diagnostics& out) : d_(d), out_(out) {}

  void run() {
    for (machine_ = 0; machine_ < d_.machines.size(); ++machine_) {
      for (std::uint32_t r = 0; r < machine().regions.size(); ++r) region(r);
      overlaps();
      timers();
      for (std::uint32_t c = 0; c < machine().clocks.size(); ++c) clock(c);
      forks();
      unused();
    }
    phrases();
  }

 private:
  const Machine& machine() const { return d_.machines[machine_]; }
  std::string where() const { return machine().name.empty() ? "" : "task `" + machine().name + "`: "; }
  void error(std::string_view code, std::string message, std::string remedy, const Place& place, std::string subject) {
    out_.error(std::string(code), where() + message, std::move(remedy), place, std::move(subject));
  }

  void region(std::uint32_t r) {
    const Region& region = machine().regions[r];
    Exploration walk(d_, machine_, closure(d_, machine_, {r}), kNone);
    walk.run();
    if (!walk.complete())
      out_.warning("W155",
                   where() + "region `" + region.name + "`: more than 20000 configurations, not all were looked at",
                   "let its guards look at fewer regions", region.place, region.name);
    std::vector<std::uint32_t> first(region.states.size(), kNone);  // a configuration in which each state was met
    for (std::uint32_t c = 0; c < walk.found().size(); ++c)
      if (std::uint32_t& f = first[walk.state_of(c, r)]; f == kNone) f = c;
    for (std::uint32_t s = 0; s < region.states.size(); ++s) {
      const State& state = region.states[s];
      if (first[s] == kNone && walk.complete())
        error("W110",
              "state `" + state.name + "` of region `" + region.name + "` is never reached from `" +
                  region.states[region.initial].name + "`",
              "give a transition to it, or take it away", state.place, state.name);
      if (!state.final && state.owner == kNone && state.timers.empty())
        error("W112", "nobody moves state `" + state.name + "` on: it has neither an owner nor a timer",
              "add `owner: role` or `timers: name`", state.place, state.name);
    }
    dead_ends(r, walk, first);
    cycles(r);
    downgrades(r);
  }

  // From every reachable state of a region that can end, an end can be reached.
  void dead_ends(std::uint32_t r, const Exploration& walk, const std::vector<std::uint32_t>& first) {
    const Region& region = machine().regions[r];
    if (!d_.indices[machine_].can_end[r]) return;
    const auto& found = walk.found();
    std::vector<std::vector<std::uint32_t>> before(found.size());
    std::vector<bool> ends(found.size());
    std::vector<std::uint32_t> queue;
    for (std::uint32_t c = 0; c < found.size(); ++c) {
      for (const std::uint32_t n : found[c].next) before[n].push_back(c);
      if (!region.states[walk.state_of(c, r)].final) continue;
      ends[c] = true;
      queue.push_back(c);
    }
    for (std::size_t i = 0; i < queue.size(); ++i)
      for (const std::uint32_t c : before[queue[i]])
        if (!ends[c]) ends[c] = true, queue.push_back(c);
    std::vector<bool> told(region.states.size());
    for (std::uint32_t c = 0; c < found.size() && walk.complete(); ++c) {
      const std::uint32_t s = walk.state_of(c, r);
      if (ends[c] || told[s]) continue;
      told[s] = true;
      error("W111",
            "no final state can be reached from `" + region.states[s].name + "` (come there by: " + walk.path(c) + ")",
            "give a transition that leads on, or make it `final: true`", region.states[s].place, region.states[s].name);
    }
    (void)first;
  }

  bool bounded(const Transition& t) const {
    if (t.max != 0 || !t.loops.empty()) return true;
    if (t.guard && !bounded_count(*t.guard).empty()) return true;
    return std::any_of(t.require.begin(), t.require.end(),
                       [](const Requirement& x) { return !bounded_count(x.that).empty(); });
  }

  // A cycle of transitions none of which is counted.
  void cycles(std::uint32_t r) {
    const Region& region = machine().regions[r];
    const std::size_t n = region.states.size();
    std::vector<std::vector<const Transition*>> edges(n);
    for (const Transition& t : machine().transitions)
      if (t.region == r && t.to != kNone && !bounded(t))
        for (const std::uint32_t s : t.from) edges[s].push_back(&t);
    std::vector<int> colour(n);  // 0 new, 1 on the way, 2 done
    std::vector<std::pair<std::uint32_t, const Transition*>> way;
    const std::function<bool(std::uint32_t)> visit = [&](std::uint32_t s) {
      colour[s] = 1;
      for (const Transition* t : edges[s]) {
        way.emplace_back(s, t);
        if (colour[t->to] == 1) return report_cycle(region, way, t->to), true;
        if (colour[t->to] == 0 && visit(t->to)) return true;
        way.pop_back();
      }
      colour[s] = 2;
      return false;
    };
    for (std::uint32_t s = 0; s < n; ++s)
      if (colour[s] == 0 && visit(s)) return;
  }

  void report_cycle(const Region& region, const std::vector<std::pair<std::uint32_t, const Transition*>>& way,
                    std::uint32_t from) {
    std::string path;
    bool inside = false, spontaneous = true;
    const Transition* first = nullptr;
    for (const auto& [state, t] : way) {
      inside |= state == from;
      if (!inside) continue;
      if (first == nullptr) first = t;
      spontaneous &= t->event == kNone;
      path +=
          region.states[state].name + " -" + (t->event == kNone ? "always" : machine().events[t->event].name) + "-> ";
    }
    path += region.states[from].name;
    if (spontaneous)
      error("W122", "transitions without an event go round for ever: " + path,
            "give one of them an event or a guard that becomes false", first->place, region.states[from].name);
    else
      error("W113", "this cycle has no bound: " + path,
            "add `max: 2` to a transition of it, a guard such as count.event < 2, or say why none is needed: `loops: "
            "\"…\"`",
            first->place, region.states[from].name);
  }

  void downgrades(std::uint32_t r) {
    const Region& region = machine().regions[r];
    if (region.guarded_by.empty()) return;
    std::uint64_t right = 0;
    for (const std::uint32_t role : region.guarded_by) right |= std::uint64_t{1} << role;
    for (const Transition& t : machine().transitions) {
      if (t.region != r || t.to == kNone || t.event == kNone || t.from.back() <= t.to) continue;
      const std::uint64_t by = t.by != 0 ? t.by : machine().events[t.event].by;
      if (by == 0 || (by & ~right) != 0)
        error("W118",
              "`" + machine().events[t.event].name + "` lowers `" + region.name + "` to `" + region.states[t.to].name +
                  "` without the right",
              "restrict it: `by: [" + d_.roles[region.guarded_by.front()] + "]`", t.place, region.states[t.to].name);
    }
  }

  void overlaps() {
    const Machine& m = machine();
    const MachineIndex& index = d_.indices[machine_];
    std::vector<std::pair<const Transition*, const Transition*>> told;
    for (const Candidates& c : index.table) {
      if (c.count > 64) {
        const Transition& t = m.transitions[index.order[c.first]];
        return error("W102", "more than 64 transitions on one event in one state", "merge some", t.place,
                     m.regions[t.region].name);
      }
      for (std::uint32_t i = 0; i < c.count; ++i)
        for (std::uint32_t j = i + 1; j < c.count; ++j) {
          const Transition& a = m.transitions[index.order[c.first + i]];
          const Transition& b = m.transitions[index.order[c.first + j]];
          if (a.priority != b.priority || (a.guard && b.guard && disjoint(*a.guard, *b.guard))) continue;
          if (std::find(told.begin(), told.end(), std::pair{&a, &b}) != told.end()) continue;
          told.emplace_back(&a, &b);
          error("W114",
                "two transitions on `" + (a.event == kNone ? std::string("always") : m.events[a.event].name) +
                    "` may both hold in one state (the other: " + to_string(b.place) + ")",
                "make the guards exclude each other, or give them different `priority`", a.place,
                m.regions[a.region].name);
        }
    }
    for (const Transition& t : m.transitions)
      if (t.guard && never_holds(*t.guard))
        out_.warning("W150", where() + "this guard never holds: " + t.guard->source(),
                     "it contradicts itself: look at its comparisons", t.place, m.regions[t.region].name);
  }

  bool handled(std::uint32_t event) const {
    return std::any_of(machine().transitions.begin(), machine().transitions.end(),
                       [&](const Transition& t) { return t.event == event; });
  }

  void timers() {
    const Machine& m = machine();
    for (std::uint32_t i = 0; i < m.timers.size(); ++i) {
      const TimerType& t = m.timers[i];
      if (!handled(t.event))
        error("W115", "timer `" + t.name + "` raises `" + m.events[t.event].name + "`, which nothing handles",
              "add a transition on it", t.place, t.name);
      if (t.clock != kNone) continue;
      for (const Region& region : m.regions)
        for (std::uint32_t s = 0; s < region.states.size(); ++s) {
          if (std::find(region.states[s].timers.begin(), region.states[s].timers.end(), i) ==
              region.states[s].timers.end())
            continue;
          const auto answers = [&](const Transition& x) {
            return x.event == t.event &&
                   (&m.regions[x.region] != &region || std::binary_search(x.from.begin(), x.from.end(), s));
          };
          if (std::none_of(m.transitions.begin(), m.transitions.end(), answers))
            error("W115",
                  "timer `" + t.name + "` of state `" + region.states[s].name + "`: `" + m.events[t.event].name +
                      "` does nothing there",
                  "add a transition from that state", region.states[s].place, region.states[s].name);
        }
    }
  }

  static bool touches(const std::vector<Action>& actions, std::uint32_t clock) {
    return std::any_of(actions.begin(), actions.end(), [&](const Action& a) {
      return a.kind >= Action::Kind::start && a.kind <= Action::Kind::stop && a.target == clock;
    });
  }

  void clock(std::uint32_t c) {
    const Machine& m = machine();
    std::vector<std::uint32_t> regions{0};
    for (std::uint32_t r = 1; r < m.regions.size(); ++r) {
      bool any = false;
      for (const Transition& t : m.transitions) any |= t.region == r && touches(t.actions, c);
      for (const State& s : m.regions[r].states) any |= touches(s.entry, c) || touches(s.exit, c);
      if (any) regions.push_back(r);
    }
    Exploration walk(d_, machine_, closure(d_, machine_, regions), c);
    walk.run();
    const ClockType& type = m.clocks[c];
    if (!walk.started_twice().empty()) {
      const auto& fault = walk.started_twice().front();
      error("W116",
            "clock `" + type.name + "` is started while it runs (by: " +
                (fault.configuration == kNone ? "" : walk.path(fault.configuration) + ", ") + fault.event + ")",
            "stop it first, or start it `if: clock." + type.name + ".status != \"running\"`", fault.place, type.name);
    }
    if (!d_.indices[machine_].can_end[0]) return;
    for (std::uint32_t i = 0; i < walk.found().size(); ++i) {
      const State& state = m.regions[0].states[walk.state_of(i, 0)];
      if (!state.final || walk.found()[i].clock == Exploration::off) continue;
      error("W116",
            "clock `" + type.name + "` still runs in the final state `" + state.name +
                "` (come there by: " + walk.path(i) + ")",
            "add `stop: " + type.name + "` on the way", type.place, type.name);
      return;
    }
  }

  template <class Visit>
  void each_action(const Machine& m, Visit&& visit) {
    for (const Transition& t : m.transitions)
      for (const Action& a : t.actions) visit(a, &t);
    for (const Region& r : m.regions)
      for (const State& s : r.states) {
        for (const Action& a : s.entry) visit(a, nullptr);
        for (const Action& a : s.exit) visit(a, nullptr);
      }
  }

  void forks() {
    const Machine& m = machine();
    each_action(m, [&](const Action& a, const Transition* t) {
      if (a.kind != Action::Kind::spawn) return;
      if (m.on_join == kNone || !handled(m.on_join))
        error("W117", "tasks `" + a.name + "` are spawned, and nothing waits for them",
              "give `on_join: event` and a transition on it", a.place, a.name);
      if (t != nullptr) deadlines(*t, a);
    });
  }

  // A task that is given more time than what waits for it.
  void deadlines(const Transition& t, const Action& spawn) {
    const Machine& child = d_.machines[spawn.target];
    std::vector<const ClockType*> ours;
    for (const Action& a : t.actions)
      if (a.kind == Action::Kind::start && !a.amount && !a.has_term) ours.push_back(&machine().clocks[a.target]);
    if (ours.empty()) return;
    for (const Region& r : child.regions)
      for (const Action& a : r.states[r.initial].entry) {
        if (a.kind != Action::Kind::start || a.amount || a.has_term) continue;
        const ClockType& clock = child.clocks[a.target];
        const bool longer = std::all_of(ours.begin(), ours.end(), [&](const ClockType* x) {
          return x->term.otherwise.unit == clock.term.otherwise.unit &&
                 x->term.otherwise.amount < clock.term.otherwise.amount;
        });
        if (longer)
          out_.warning("W151",
                       where() + "clock `" + clock.name + "` of task `" + child.name + "` has " +
                           to_string(clock.term.otherwise) + ", more than the clock that waits for it",
                       "shorten it, or start it with an `amount`", clock.place, clock.name);
      }
  }

  void unused() {
    const Machine& m = machine();
    std::vector<bool> raised(m.events.size());
    const auto mark = [&](std::uint32_t e) {
      if (e < raised.size()) raised[e] = true;
    };
    for (const TimerType& t : m.timers) mark(t.event);
    mark(m.on_join), mark(m.on_empty);
    for (const Machine& other : d_.machines)
      each_action(other, [&](const Action& a, const Transition*) {
        if (a.kind == Action::Kind::raise) mark(m.event(a.name));
      });
    for (std::uint32_t e = 0; e < m.events.size(); ++e) {
      if (!handled(e))
        out_.warning("W153", where() + "event `" + m.events[e].name + "` is handled nowhere",
                     "add a transition, or take it away", m.events[e].place, m.events[e].name);
      if (m.events[e].internal && !raised[e])
        out_.warning("W154", where() + "internal event `" + m.events[e].name + "` is raised by nothing",
                     "raise it by a timer or an action", m.events[e].place, m.events[e].name);
    }
  }

  void phrases() {
    if (d_.public_statuses.empty()) return;
    const Region& main = d_.machines.front().regions.front();
    for (std::uint32_t s = 0; s < main.states.size(); ++s)
      if (d_.public_by_state[s] == kNone || (d_.public_statuses[d_.public_by_state[s]].phrase.zh.empty() &&
                                             d_.public_statuses[d_.public_by_state[s]].phrase.en.empty()))
        out_.error("W119", "no public phrase for state `" + main.states[s].name + "`",
                   "add it to `public_status`: {zh: …, en: …}", main.states[s].place, main.states[s].name);
  }

  const Definition::Data& d_;
  Diagnostics& out_;
  std::uint32_t machine_ = 0;
};

}  // namespace

void validate(const Definition::Data& definition, Diagnostics& diagnostics) {
  Validator(definition, diagnostics).run();
}

}  // namespace hotline::workflow
