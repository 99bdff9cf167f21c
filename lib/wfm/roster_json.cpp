#include <cmath>

#include "hotline/base/json.hpp"
#include "hotline/wfm/roster.hpp"

namespace hotline::wfm {
namespace {

constexpr std::size_t kMostShifts = 1'000'000;

std::vector<int> whole_numbers(Fields& f, std::string_view key) {
  std::vector<int> out;
  if (const Node* n = f.get(key))
    for (const Node& item : n->items()) {
      if (const auto v = item.as_int(); v && *v >= 0 && *v < 100'000) out.push_back(static_cast<int>(*v));
      else f.complain(item, "S114", "`" + std::string(key) + "` must be a list of days from 0", "write [5, 6]");
    }
  return out;
}

}  // namespace

Result<std::vector<Person>> read_people(const Node& list) {
  Diagnostics diagnostics("people");
  std::vector<Person> people;
  if (!list.is_sequence()) return Error(ErrorCode::invalid_definition, "people are a list", "write [{\"name\": \"Li\"}, ...]", list.place("people"));
  for (const Node& item : list.items()) {
    Fields f(item, diagnostics, "person " + std::to_string(people.size() + 1));
    Person p;
    p.name = f.required_string("name");
    p.skills = f.strings("skills");
    p.most_hours_a_week = f.number("most_hours_a_week", p.most_hours_a_week, 0, 168);
    p.wanted_hours_a_week = f.number("wanted_hours_a_week", 0, 0, 168);
    p.most_days_a_week = static_cast<int>(f.integer("most_days_a_week", p.most_days_a_week, 0, 7));
    p.rest_hours = f.number("rest_hours", p.rest_hours, 0, 168);
    p.days_off = whole_numbers(f, "days_off");
    p.wished_days_off = whole_numbers(f, "wished_days_off");
    p.earliest_hour = f.number("earliest_hour", p.earliest_hour, 0, 48);
    p.latest_hour = f.number("latest_hour", p.latest_hour, 0, 48);
    p.wished_from = f.number("wished_from", p.wished_from, 0, 48);
    p.wished_to = f.number("wished_to", p.wished_to, 0, 48);
    p.wished_break_from = f.number("wished_break_from", p.wished_break_from, 0, 48);
    p.wished_break_to = f.number("wished_break_to", p.wished_break_to, 0, 48);
    f.finish();
    people.push_back(std::move(p));
  }
  HOTLINE_TRY(diagnostics.status());
  return people;
}

Result<std::vector<ShiftDemand>> read_shifts(const Node& schedule, RosterRules& rules) {
  Diagnostics diagnostics("shifts");
  const Node* slots = schedule.find("slots_per_day");
  const Node* shifts = schedule.find("shifts");
  const auto per_day = slots != nullptr ? slots->as_int().value_or(0) : 96;
  if (shifts == nullptr || !shifts->is_sequence() || per_day < 1 || per_day > 1440)
    return Error(ErrorCode::invalid_definition, "a schedule needs `slots_per_day` (1 to 1440) and a list `shifts`", "use what `hotline wfm schedule --json` writes");
  rules.slot_hours = 24.0 / static_cast<double>(per_day);
  std::vector<ShiftDemand> demand;
  for (const Node& item : shifts->items()) {
    Fields f(item, diagnostics, "shift");
    const auto start = f.integer("start", 0, 0, 1'000'000);
    ShiftDemand d;
    d.day = static_cast<int>(start / per_day);
    d.pattern.start = static_cast<int>(start % per_day);
    d.pattern.length = static_cast<int>(f.integer("length", 0, 1, 10'000));
    f.required("length");
    d.pattern.cost = f.number("cost", d.pattern.length, 0, 1e9);
    d.skill = f.string("skill");
    if (const Node* breaks = f.get("breaks"))
      for (const Node& b : breaks->items()) {
        if (b.items().size() != 2 || !b.items()[0].as_int() || !b.items()[1].as_int()) f.complain(b, "S114", "a break is [offset, length] in slots", "write [[8, 2]]");
        else d.pattern.breaks.emplace_back(static_cast<int>(*b.items()[0].as_int()), static_cast<int>(*b.items()[1].as_int()));
      }
    const auto count = f.integer("count", 1, 0, static_cast<std::int64_t>(kMostShifts));
    f.finish();
    if (demand.size() + static_cast<std::size_t>(count) > kMostShifts) return Error(ErrorCode::limit, "more than a million shifts", "plan fewer weeks at a time");
    demand.insert(demand.end(), static_cast<std::size_t>(count), d);
  }
  HOTLINE_TRY(diagnostics.status());
  return demand;
}

std::string to_json(const Roster& roster, const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("shifts").begin_array();
  for (std::size_t i = 0; i < demand.size(); ++i) {
    const ShiftPattern& p = demand[i].pattern;
    json.begin_object().field("day", demand[i].day).field("from", p.start * rules.slot_hours).field("to", (p.start + p.length) * rules.slot_hours);
    json.field("skill", demand[i].skill).key("person");
    if (roster.person_of[i] >= 0) json.value(people[static_cast<std::size_t>(roster.person_of[i])].name);
    else json.null();
    json.end_object();
  }
  json.end_array().key("hours").begin_object();
  for (std::size_t i = 0; i < people.size(); ++i) json.field(people[i].name, roster.hours[i]);
  json.end_object().field("unfilled", roster.unfilled).field("wishes", roster.wishes).field("wishes_granted", roster.wishes_granted);
  json.key("violations").begin_array();
  for (const std::string& v : roster.violations) json.value(v);
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::wfm
