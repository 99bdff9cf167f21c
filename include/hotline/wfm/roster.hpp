// Who works which shift: named people with contracts, rest, days off, skills and wishes.
#pragma once

#include <string>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"
#include "hotline/wfm/shifts.hpp"

namespace hotline::wfm {

struct Person {
  std::string name;
  std::vector<std::string> skills;
  double most_hours_a_week = 40;
  double wanted_hours_a_week = 0;        // 0: as many as needed; those below it are served first
  int most_days_a_week = 5;
  double rest_hours = 11;                // between two shifts
  std::vector<int> days_off;             // of the horizon; never
  std::vector<int> wished_days_off;      // if possible
  double earliest_hour = 0, latest_hour = 48;   // a shift must lie inside, in hours of its day
  double wished_from = 0, wished_to = 48;       // if possible
  double wished_break_from = 0, wished_break_to = 48;  // hours of the day in which the break should lie
};
struct ShiftDemand {
  int day = 0;            // from 0
  ShiftPattern pattern;   // start counted from midnight of the day
  std::string skill;      // "" : anybody
};
struct RosterRules {
  double slot_hours = 0.25;
  std::uint64_t seed = 1;
  int rounds = 20000;     // of local search
};
struct Roster {
  std::vector<int> person_of;     // by demand; -1: nobody can
  std::vector<double> hours;      // by person
  int unfilled = 0;
  int wishes = 0, wishes_granted = 0;
  // Every hard rule again, by somebody who does not trust the search; empty where all hold.
  std::vector<std::string> violations;
};

// Day by day a cheapest matching, then exchanges while they help. Errors: invalid_argument.
Result<Roster> assign(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules = {});
std::vector<std::string> check_roster(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand,
                                      const std::vector<int>& person_of, const RosterRules& rules);

// People as data: a list of {"name", "skills", "most_hours_a_week", ...}, the fields above. Errors: invalid_definition.
Result<std::vector<Person>> read_people(const Node& list);
// Shifts as `hotline wfm schedule --json` and hl_schedule write them: {"slots_per_day", "shifts": [{"start", "length", "breaks",
// "cost", "count", "skill"}]}; sets the length of a slot in `rules`. Errors: invalid_definition; limit above 1,000,000 shifts.
Result<std::vector<ShiftDemand>> read_shifts(const Node& schedule, RosterRules& rules);
// {"shifts": [{"day", "from", "to", "skill", "person"}], "hours": {name: hours}, "unfilled", "wishes", "wishes_granted", "violations"};
// hours of the day, "person" null where nobody can.
std::string to_json(const Roster& roster, const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules);

}  // namespace hotline::wfm
