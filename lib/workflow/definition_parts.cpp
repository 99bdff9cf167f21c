#include <algorithm>

#include "workflow/clock_text.hpp"
#include "workflow/definition_reader.hpp"

namespace hotline::workflow {

void DefinitionReader::compile_machine(const Node& node, std::uint32_t index) {
  current_ = index;
  Machine& m = machine();
  if (m.regions.empty()) return;  // told already
  environments_.assign(m.events.size(), std::nullopt);
  if (const Node* key = node.find("key")) {
    m.key = m.field(key->text());
    if (m.key == kNone)
      unknown(*key, "field", names_of(m.fields));
    else if (m.fields[m.key].type.kind() != expr::Kind::string)
      complain(*key, "W104", "a key must be a string", "make `" + key->text() + "` a string");
  }
  if (const Node* event = node.find("on_join")) m.on_join = find_event(*event, m);
  if (const Node* event = node.find("on_empty")) m.on_empty = find_event(*event, m);
  if (const Node* timers = node.find("timers"))
    for (std::size_t i = 0; i < timers->entries().size(); ++i) compile_timer(timers->entries()[i].value, m.timers[i]);
  if (const Node* clocks = node.find("clocks"))
    for (std::size_t i = 0; i < clocks->entries().size(); ++i) {
      ClockType clock = m.clocks[i];
      compile_clock(clocks->entries()[i].key, clocks->entries()[i].value, clock);
      m.clocks[i] = clock;
      if (const Node* alarms = clocks->entries()[i].value.find("alarms"))
        for (const Node& alarm : alarms->items()) compile_alarm(alarm, m.clocks[i], static_cast<std::uint32_t>(i));
    }
  if (const Node* regions = node.find("regions")) compile_states(*regions);
  if (const Node* transitions = node.find("transitions")) {
    if (!transitions->is_sequence())
      complain(*transitions, "D003", "`transitions` must be a list", "write - {on: …, from: …, to: …}");
    for (const Node& transition : transitions->items()) compile_transition(transition);
  }
}

void DefinitionReader::compile_states(const Node& regions) {
  Machine& m = machine();
  for (std::size_t r = 0; r < m.regions.size(); ++r) {
    Region& region = m.regions[r];
    const Node& source = regions.entries()[r].value;
    Fields fields(source, diagnostics_, "region `" + region.name + "`");
    region.label = read_text(fields.get("label"));
    const Node* states = fields.get("states");
    if (const Node* initial = fields.get("initial")) {
      region.initial = region.find(initial->text());
      if (region.initial == kNone)
        unknown(*initial, "state of region `" + region.name + "`", names_of(region.states)), region.initial = 0;
    }
    if (const Node* right = fields.get("guarded_by")) {
      const std::uint64_t bits = read_roles(right);
      for (std::uint32_t role = 0; role < 64; ++role)
        if (bits >> role & 1) region.guarded_by.push_back(role);
    }
    fields.finish();
    if (states == nullptr || !states->is_mapping()) continue;
    for (std::size_t s = 0; s < region.states.size(); ++s) {
      const Node& body = states->entries()[s].value;
      if (body.is_null()) continue;
      State& state = region.states[s];
      Fields inner(body, diagnostics_, "state `" + state.name + "`");
      static constexpr std::array<std::string_view, 4> counts{"open", "done", "dropped", "past"};
      state.label = read_text(inner.get("label"));
      state.final = inner.boolean("final", false);
      state.counts = static_cast<State::Counts>(inner.choice("counts", counts, state.final ? 1 : 0));
      if (const Node* owner = inner.get("owner")) state.owner = read_role(*owner);
      if (const Node* timers = inner.get("timers")) {
        const auto one = [&](const Node& timer) {
          const std::uint32_t t = m.timer(timer.text());
          if (t == kNone)
            unknown(timer, "timer", names_of(m.timers));
          else
            state.timers.push_back(t);
        };
        if (timers->is_scalar()) one(*timers);
        for (const Node& timer : timers->items()) one(timer);
      }
      state.entry = read_actions(inner.get("entry"), data_.scopes[current_].environment);
      state.exit = read_actions(inner.get("exit"), data_.scopes[current_].environment);
      inner.finish();
    }
  }
}

Term DefinitionReader::read_term(const Node& node, std::string_view what) {
  const auto term = parse_term(node.text());
  if (!term.ok()) complain(node, "W105", std::string(what) + ": " + term.error().message(), term.error().remedy());
  return term.ok() ? *term : Term{};
}

TermRule DefinitionReader::read_term_rule(const Node& node, std::string_view what) {
  TermRule rule;
  if (node.is_scalar()) {
    rule.otherwise = read_term(node, what);
    return rule;
  }
  const Node* by = node.find("by");
  if (by == nullptr) {
    complain(node, "W105", std::string(what) + ": neither a term nor a choice",
             "write 15wd, or {by: level, urgent: 2h, otherwise: 15wd}");
    return rule;
  }
  rule.by = machine().field(by->text());
  if (rule.by == kNone) unknown(*by, "field", names_of(machine().fields));
  bool otherwise = false;
  for (const auto& [key, value] : node.entries()) {
    if (key.text() == "by") continue;
    const Term term = read_term(value, what);
    if (key.text() == "otherwise") {
      rule.otherwise = term;
      otherwise = true;
    } else {
      rule.choices.push_back({key.text(), term});
    }
    if (rule.by != kNone && key.text() != "otherwise") {
      const auto& one_of = machine().fields[rule.by].one_of;
      if (!one_of.empty() && std::find(one_of.begin(), one_of.end(), key.text()) == one_of.end())
        unknown(key, "value of `" + by->text() + "`", one_of);
    }
  }
  if (!otherwise)
    complain(node, "W105", std::string(what) + ": no `otherwise`", "say what holds for every other value");
  return rule;
}

std::uint32_t DefinitionReader::read_calendar(const Node& node) {
  const auto found = std::find(data_.calendars.begin(), data_.calendars.end(), node.text());
  if (found == data_.calendars.end()) {
    unknown(node, "calendar", data_.calendars);
    return 0;
  }
  return static_cast<std::uint32_t>(found - data_.calendars.begin());
}

void DefinitionReader::compile_clock(const Node& key, const Node& node, ClockType& clock) {
  static constexpr std::array<std::string_view, 2> first{"next_day", "before_cutoff"}, off{"next_work_day", "as_it_is"},
      end{"close", "midnight"};
  Fields fields(node, diagnostics_, "clock `" + key.text() + "`");
  clock.label = read_text(fields.get("label"));
  if (const Node* term = fields.required("term")) clock.term = read_term_rule(*term, fields.context());
  if (const Node* calendar = fields.get("calendar")) clock.calendar = read_calendar(*calendar);
  clock.deadline = fields.boolean("deadline", true);
  clock.favourable = fields.boolean("favourable", false);
  if (const Node* rule = fields.get("rule")) {
    Fields inner(*rule, diagnostics_, "rule");
    DayRule r;
    r.first = static_cast<DayRule::First>(inner.choice("first", first, 0));
    r.off_day = static_cast<DayRule::OffDay>(inner.choice("off_day", off, 0));
    r.end = static_cast<DayRule::End>(inner.choice("end", end, 0));
    if (const Node* cutoff = inner.get("cutoff")) {
      if (const auto second = read_clock(cutoff->text()))
        r.cutoff = *second;
      else
        complain(*cutoff, "W105", "`" + cutoff->text() + "` is not a time of day", "write it as 12:00");
    }
    inner.finish();
    clock.rule = r;
  }
  fields.get("alarms");
  fields.finish();
}

void DefinitionReader::compile_alarm(const Node& node, ClockType& clock, std::uint32_t clock_index) {
  Machine& m = machine();
  Fields fields(node, diagnostics_, "alarm of clock `" + clock.name + "`");
  Alarm alarm;
  TimerType timer;
  timer.clock = clock_index;
  timer.calendar = clock.calendar;
  timer.place = place(node);
  std::string name = clock.name + "@";
  if (const Node* after = fields.get("after")) {
    alarm.from = Alarm::From::start;
    alarm.offset = read_term(*after, fields.context());
    name += "start" + std::string(after->text().starts_with('-') ? "" : "+") + after->text();
  } else if (const Node* at = fields.required("at")) {
    const std::string& text = at->text();
    name += text;
    if (text == "due") {
      alarm.offset = Term{};
    } else if (text.ends_with("%")) {
      alarm.from = Alarm::From::percent;
      const auto percent = Node::scalar(text.substr(0, text.size() - 1), false).as_int();
      if (!percent || *percent < 1 || *percent > 1000)
        complain(*at, "W105", "`" + text + "` is not a share of 1% to 1000%", "write 50%");
      else
        alarm.percent = static_cast<std::uint32_t>(*percent);
    } else {
      alarm.offset = read_term(*at, fields.context());
    }
  }
  if (const Node* event = fields.required("raise")) timer.event = find_event(*event, m);
  timer.working_hours = fields.boolean("working_hours", false);
  fields.finish();
  timer.name = name;
  if (m.timer(name) != kNone) complain(node, "W102", "two alarms at `" + name + "`", "raise one event for both");
  alarm.timer = static_cast<std::uint32_t>(m.timers.size());
  m.timers.push_back(std::move(timer));
  clock.alarms.push_back(alarm);
}

void DefinitionReader::compile_timer(const Node& node, TimerType& timer) {
  static constexpr std::array<std::string_view, 3> restore{"absolute", "remaining", "restart"};
  Fields fields(node, diagnostics_, "timer `" + timer.name + "`");
  if (const Node* after = fields.required("after")) timer.after = read_term_rule(*after, fields.context());
  if (const Node* event = fields.required("raise")) timer.event = find_event(*event, machine());
  if (const Node* calendar = fields.get("calendar")) timer.calendar = read_calendar(*calendar);
  timer.working_hours = fields.boolean("working_hours", false);
  timer.restore = static_cast<TimerType::Restore>(fields.choice("restore", restore, 0));
  fields.finish();
}

void DefinitionReader::read_from(const Node& node, const Node* region, Transition& t) {
  Machine& m = machine();
  std::uint32_t chosen = kNone;
  if (region != nullptr) {
    chosen = m.region(region->text());
    if (chosen == kNone) return unknown(*region, "region", names_of(m.regions));
  }
  if (node.text() == "*") {
    if (chosen == kNone && m.regions.size() == 1) chosen = 0;
    if (chosen == kNone) return complain(node, "W101", "`*` of which region?", "add `region: name`");
    t.region = chosen;
    for (std::uint32_t s = 0; s < m.regions[chosen].states.size(); ++s)
      if (!m.regions[chosen].states[s].final) t.from.push_back(s);
    return;
  }
  const auto one = [&](const Node& item) {
    std::vector<std::uint32_t> where;
    for (std::uint32_t r = 0; r < m.regions.size(); ++r)
      if ((chosen == kNone || chosen == r) && m.regions[r].find(item.text()) != kNone) where.push_back(r);
    if (where.empty()) {
      std::vector<std::string> all;
      for (const Region& r : m.regions)
        if (chosen == kNone || &r == &m.regions[chosen])
          for (const State& s : r.states) all.push_back(s.name);
      return unknown(item, "state", all);
    }
    if (where.size() > 1)
      return complain(item, "W101", "state `" + item.text() + "` is in several regions", "add `region: name`");
    chosen = where.front();
    t.from.push_back(m.regions[chosen].find(item.text()));
  };
  if (node.is_scalar()) one(node);
  for (const Node& item : node.items()) one(item);
  if (chosen != kNone) t.region = chosen;
  std::sort(t.from.begin(), t.from.end());
  t.from.erase(std::unique(t.from.begin(), t.from.end()), t.from.end());
}

void DefinitionReader::read_requirements(const Node& node, Transition& t, const expr::Environment& environment) {
  for (const Node& item : node.items()) {
    Fields fields(item, diagnostics_, "requirement");
    Requirement r{*expr::Program::compile("true", environment), "", place(item)};
    if (const Node* that = fields.required("that"))
      if (auto program = compile(*that, environment, expr::Type::boolean())) r.that = *std::move(program);
    if (const Node* otherwise = fields.required("else")) {
      r.reason = otherwise->text();
      if (std::none_of(data_.reasons.begin(), data_.reasons.end(),
                       [&](const Reason& x) { return x.code == r.reason; })) {
        std::vector<std::string> codes;
        for (const Reason& x : data_.reasons) codes.push_back(x.code);
        unknown(*otherwise, "reason", codes);
      }
    }
    fields.finish();
    t.require.push_back(std::move(r));
  }
  if (!node.is_sequence()) complain(node, "D003", "`require` must be a list", "write [{that: …, else: reason}]");
}

void DefinitionReader::compile_transition(const Node& node) {
  Machine& m = machine();
  Transition t;
  t.place = place(node);
  const Node* on = node.find("on");
  Fields fields(node, diagnostics_, on != nullptr ? "transition on `" + on->text() + "`" : "transition");
  expr::Environment environment = data_.scopes[current_].environment;
  const std::size_t before = diagnostics_.error_count();
  if (fields.get("on") != nullptr) {
    t.event = find_event(*on, m);
    if (t.event != kNone) {
      auto& known = environments_[t.event];
      if (!known) {
        auto extended = with_event(data_.scopes[current_], m.events[t.event].fields);
        if (!extended.ok()) complain(*on, "W102", extended.error().message(), extended.error().remedy());
        known = extended.ok() ? *extended : environment;
      }
      environment = *known;
    }
  } else if (!fields.boolean("always", false)) {
    complain(node, "D004", "a transition needs `on: event`", "or `always: true`, to be taken by itself");
  }
  fields.get("always");
  const Node* region = fields.get("region");
  if (const Node* from = fields.required("from")) read_from(*from, region, t);
  if (const Node* to = fields.get("to")) {
    t.to = m.regions[t.region].find(to->text());
    if (t.to == kNone)
      unknown(*to, "state of region `" + m.regions[t.region].name + "`", names_of(m.regions[t.region].states));
  }
  t.priority = static_cast<std::int32_t>(fields.integer("priority", 0, -1000, 1000));
  if (fields.boolean("otherwise", false)) t.priority = -1001;
  t.max = static_cast<std::uint32_t>(fields.integer("max", 0, 0, 1'000'000));
  if (t.max != 0) t.counter = m.counters++;
  t.loops = fields.string("loops");
  t.by = read_roles(fields.get("by"));
  if (const Node* guard = fields.get("guard")) t.guard = compile(*guard, environment, expr::Type::boolean());
  t.guard_reason = fields.string("else");
  if (!t.guard_reason.empty() && std::none_of(data_.reasons.begin(), data_.reasons.end(),
                                              [&](const Reason& x) { return x.code == t.guard_reason; })) {
    std::vector<std::string> codes;
    for (const Reason& x : data_.reasons) codes.push_back(x.code);
    unknown(*node.find("else"), "reason", codes);
  }
  if (const Node* require = fields.get("require")) read_requirements(*require, t, environment);
  t.actions = read_actions(fields.get("do"), environment);
  fields.get("label");
  fields.finish();
  if (diagnostics_.error_count() == before) m.transitions.push_back(std::move(t));
}

}  // namespace hotline::workflow
