#include "workflow/explore.hpp"

#include <algorithm>

namespace hotline::workflow {
namespace {

using Op = expr::Term::Op;
constexpr std::size_t kMaxConfigurations = 20'000;
constexpr std::string_view kClock[] = {"stopped", "running", "paused"};

}  // namespace

Exploration::Exploration(const Definition::Data& d, std::uint32_t machine, std::vector<std::uint32_t> regions,
                         std::uint32_t clock)
    : d_(d),
      m_(d.machines[machine]),
      index_(d.indices[machine]),
      scope_(d.scopes[machine]),
      regions_(std::move(regions)),
      clock_(clock) {}

std::uint32_t Exploration::state_of(std::uint32_t configuration, std::uint32_t region) const {
  const auto at = std::find(regions_.begin(), regions_.end(), region);
  return at == regions_.end() ? kNone : found_[configuration].states[static_cast<std::size_t>(at - regions_.begin())];
}

std::string Exploration::path(std::uint32_t configuration) const {
  std::vector<std::string> events;
  for (std::uint32_t c = configuration; found_[c].before != kNone; c = found_[c].before)
    events.push_back(found_[c].event);
  if (events.empty()) return "from the start";
  std::string out;
  for (auto e = events.rbegin(); e != events.rend(); ++e) out += (out.empty() ? "" : ", ") + *e;
  return out;
}

std::optional<std::string_view> Exploration::known(const expr::Term& t, const Configuration& c) const {
  if (t.kind() != expr::Term::Kind::variable || t.slot() >= scope_.slots.size()) return std::nullopt;
  const Slot& slot = scope_.slots[t.slot()];
  if (slot.source == Source::clock_status && slot.index == clock_) return kClock[c.clock];
  if (slot.source != Source::state) return std::nullopt;
  const auto at = std::find(regions_.begin(), regions_.end(), slot.index);
  if (at == regions_.end()) return std::nullopt;
  return m_.regions[slot.index].states[c.states[static_cast<std::size_t>(at - regions_.begin())]].name;
}

Exploration::Tri Exploration::holds(const expr::Term& t, const Configuration& c) const {
  if (t.kind() == expr::Term::Kind::literal && t.value().kind() == expr::Kind::boolean)
    return t.value().as_bool() ? Tri::yes : Tri::no;
  if (t.kind() != expr::Term::Kind::call) return Tri::unknown;
  const auto of = [](bool b) { return b ? Tri::yes : Tri::no; };
  switch (t.op()) {
    case Op::logical_not: {
      const Tri inner = holds(t.child(0), c);
      return inner == Tri::unknown ? inner : of(inner == Tri::no);
    }
    case Op::logical_and:
    case Op::logical_or: {
      const Tri decisive = t.op() == Op::logical_and ? Tri::no : Tri::yes;
      bool unknown = false;
      for (std::size_t i = 0; i < t.size(); ++i) {
        const Tri one = holds(t.child(i), c);
        if (one == decisive) return decisive;
        unknown |= one == Tri::unknown;
      }
      return unknown ? Tri::unknown : of(decisive == Tri::no);
    }
    case Op::equal:
    case Op::not_equal: {
      for (std::size_t i = 0; i < 2; ++i) {
        const auto value = known(t.child(i), c);
        const expr::Term other = t.child(1 - i);
        if (value && other.kind() == expr::Term::Kind::literal) {
          // A clock that never ran and one that was stopped are one here.
          if (*value == kClock[off] && other.value().as_string() == "idle") return Tri::unknown;
          if (known(t.child(i), c) && *value == kClock[off] && other.value().as_string() == kClock[off] &&
              scope_.slots[t.child(i).slot()].source == Source::clock_status)
            return Tri::unknown;
          return of((*value == other.value().as_string()) == (t.op() == Op::equal));
        }
      }
      return Tri::unknown;
    }
    case Op::in: {
      const auto value = known(t.child(0), c);
      if (!value || t.child(1).kind() != expr::Term::Kind::literal) return Tri::unknown;
      for (const expr::Value& v : t.child(1).value().items())
        if (v.as_string() == *value) return Tri::yes;
      return Tri::no;
    }
    default: return Tri::unknown;
  }
}

Exploration::Tri Exploration::allowed(const Transition& t, const Configuration& c) const {
  const Tri guard = t.guard ? holds(t.guard->root(), c) : Tri::yes;
  if (guard == Tri::no) return Tri::no;
  return guard == Tri::unknown || t.max != 0 || t.by != 0 ? Tri::unknown : Tri::yes;
}

void Exploration::run() {
  Configuration first;
  for (const std::uint32_t r : regions_) first.states.push_back(static_cast<std::uint16_t>(m_.regions[r].initial));
  std::vector<Configuration> branches{first};
  if (clock_ != kNone)
    for (const std::uint32_t r : regions_)
      act(branches, m_.regions[r].states[m_.regions[r].initial].entry, kNone, "the start");
  for (Configuration& c : branches) add(kNone, std::move(c));
  const auto events = static_cast<std::uint32_t>(m_.events.size());
  for (std::uint32_t c = 0; c < found_.size() && complete_; ++c)
    for (std::uint32_t e = 0; e <= events; ++e) fire(c, e);
}

// The root has ended: the kernel refuses everything.
bool Exploration::finished(const Configuration& c) const {
  if (&m_ != &d_.machines.front()) return false;
  bool any = false;
  for (std::uint32_t r = 0; r < m_.regions.size(); ++r) {
    if (!index_.can_end[r]) continue;
    const auto at = std::find(regions_.begin(), regions_.end(), r);
    if (at == regions_.end() || !m_.regions[r].states[c.states[static_cast<std::size_t>(at - regions_.begin())]].final)
      return false;
    any = true;
  }
  return any;
}

void Exploration::fire(std::uint32_t from, std::uint32_t event) {
  std::vector<std::vector<const Transition*>> options;
  const Configuration here = found_[from];
  if (finished(here)) return;
  bool any = false;
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    const Candidates c = index_.at(event, regions_[i], here.states[i]);
    std::vector<const Transition*> list;
    bool sure = false;
    for (std::uint32_t k = 0; k < c.count && !sure; ++k) {
      const Transition& t = m_.transitions[index_.order[c.first + k]];
      const Tri can = allowed(t, here);
      if (can != Tri::no) list.push_back(&t);
      sure = can == Tri::yes;
    }
    any |= !list.empty();
    if (!sure) list.push_back(nullptr);
    options.push_back(std::move(list));
  }
  if (!any) return;
  std::vector<const Transition*> chosen;
  combine(from, event, options, chosen);
}

void Exploration::combine(std::uint32_t from, std::uint32_t event,
                          const std::vector<std::vector<const Transition*>>& options,
                          std::vector<const Transition*>& chosen) {
  if (budget_ == 0) {
    complete_ = false;
    return;
  }
  if (chosen.size() == options.size()) {
    --budget_;
    if (std::any_of(chosen.begin(), chosen.end(), [](const Transition* t) { return t != nullptr; }))
      apply(from, event, chosen);
    return;
  }
  for (const Transition* t : options[chosen.size()]) {
    chosen.push_back(t);
    combine(from, event, options, chosen);
    chosen.pop_back();
  }
}

void Exploration::apply(std::uint32_t from, std::uint32_t event, const std::vector<const Transition*>& chosen) {
  const Configuration here = found_[from];
  for (const Transition* t : chosen)
    if (t != nullptr)
      for (const Requirement& r : t->require)
        if (holds(r.that.root(), here) == Tri::no) return;
  const std::string name = event < m_.events.size() ? m_.events[event].name : "always";
  std::vector<Configuration> branches{here};
  branches[0].next.clear();
  const auto state = [&](std::size_t i, std::uint32_t s) -> const State& { return m_.regions[regions_[i]].states[s]; };
  if (clock_ != kNone)
    for (std::size_t i = chosen.size(); i-- > 0;)
      if (chosen[i] != nullptr && chosen[i]->to != kNone) act(branches, state(i, here.states[i]).exit, from, name);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] == nullptr) continue;
    if (clock_ != kNone) act(branches, chosen[i]->actions, from, name);
    if (chosen[i]->to != kNone)
      for (Configuration& b : branches) b.states[i] = static_cast<std::uint16_t>(chosen[i]->to);
  }
  if (clock_ != kNone)
    for (std::size_t i = 0; i < chosen.size(); ++i)
      if (chosen[i] != nullptr && chosen[i]->to != kNone) act(branches, state(i, chosen[i]->to).entry, from, name);
  for (Configuration& b : branches) {
    b.event = name;
    add(from, std::move(b));
  }
}

void Exploration::act(std::vector<Configuration>& branches, const std::vector<Action>& actions, std::uint32_t from,
                      const std::string& event) {
  for (const Action& a : actions) {
    if (a.target != clock_ || a.kind < Action::Kind::start || a.kind > Action::Kind::stop) continue;
    const std::size_t count = branches.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Configuration before = branches[i];
      const Tri condition = a.condition ? holds(a.condition->root(), before) : Tri::yes;
      if (condition == Tri::no) continue;
      Configuration& c = branches[i];
      if (a.kind == Action::Kind::start) {
        if (c.clock != off && condition == Tri::yes) faults_.push_back({from, event, a.place});
        c.clock = running;
      } else if (a.kind == Action::Kind::stop) {
        c.clock = off;
      } else if (a.kind == Action::Kind::pause && c.clock == running) {
        c.clock = paused;
      } else if (a.kind == Action::Kind::resume && c.clock == paused) {
        c.clock = running;
      }
      if (condition == Tri::unknown && branches[i].clock != before.clock && branches.size() < 64)
        branches.push_back(before);
    }
  }
}

void Exploration::add(std::uint32_t from, Configuration c) {
  std::uint64_t key = c.clock;
  for (std::size_t i = 0; i < c.states.size(); ++i)
    key = key * (m_.regions[regions_[i]].states.size() + 1) + c.states[i];
  const auto [at, fresh] = seen_.emplace(key, static_cast<std::uint32_t>(found_.size()));
  if (fresh) {
    if (found_.size() >= kMaxConfigurations) {
      complete_ = false;
      seen_.erase(at);
      return;
    }
    c.before = from;
    c.next.clear();
    found_.push_back(std::move(c));
  }
  if (from != kNone && (found_[from].next.empty() || found_[from].next.back() != at->second))
    found_[from].next.push_back(at->second);
}

std::vector<std::uint32_t> closure(const Definition::Data& d, std::uint32_t machine,
                                   std::vector<std::uint32_t> regions) {
  const Machine& m = d.machines[machine];
  const auto look = [&](const expr::Program& program) {
    for (const std::uint32_t slot : program.slots())
      if (slot < d.scopes[machine].slots.size() && d.scopes[machine].slots[slot].source == Source::state) {
        const std::uint32_t r = d.scopes[machine].slots[slot].index;
        if (std::find(regions.begin(), regions.end(), r) == regions.end()) regions.push_back(r);
      }
  };
  for (std::size_t i = 0; i < regions.size(); ++i)
    for (const Transition& t : m.transitions) {
      if (t.region != regions[i]) continue;
      if (t.guard) look(*t.guard);
      for (const Requirement& r : t.require) look(r.that);
    }
  std::sort(regions.begin(), regions.end());
  return regions;
}

}  // namespace hotline::workflow
