#include "hotline/wfm/roster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hotline/base/random.hpp"

namespace hotline::wfm {
namespace {

constexpr double kImpossible = 1e9;

bool within(const std::vector<int>& days, int day) { return std::find(days.begin(), days.end(), day) != days.end(); }

// Rules and wishes of one person about one shift, and about two.
class Rules {
 public:
  Rules(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules)
      : people_(people), demand_(demand), slot_(rules.slot_hours) {}

  double begin(int d) const { return at(d).day * 24.0 + at(d).pattern.start * slot_; }
  double end(int d) const { return begin(d) + at(d).pattern.length * slot_; }
  double hours(int d) const { return at(d).pattern.cost * slot_; }
  int week(int d) const { return at(d).day / 7; }

  bool may(int p, int d) const {
    const Person& who = people_[static_cast<std::size_t>(p)];
    const ShiftDemand& what = at(d);
    if (!what.skill.empty() && std::find(who.skills.begin(), who.skills.end(), what.skill) == who.skills.end()) return false;
    if (within(who.days_off, what.day)) return false;
    const double from = what.pattern.start * slot_, to = from + what.pattern.length * slot_;
    return from >= who.earliest_hour - 1e-9 && to <= who.latest_hour + 1e-9;
  }
  bool together(int p, int a, int b) const {
    if (at(a).day == at(b).day) return false;
    const double gap = begin(a) < begin(b) ? begin(b) - end(a) : begin(a) - end(b);
    return gap >= people_[static_cast<std::size_t>(p)].rest_hours - 1e-9;
  }
  // Wishes asked and granted by giving the shift to the person.
  std::pair<int, int> wishes(int p, int d) const {
    const Person& who = people_[static_cast<std::size_t>(p)];
    const ShiftPattern& s = at(d).pattern;
    int asked = 0, granted = 0;
    const auto wish = [&](bool has, bool good) { asked += has, granted += has && good; };
    const double from = s.start * slot_, to = from + s.length * slot_;
    wish(who.wished_from > 0 || who.wished_to < 48, from >= who.wished_from - 1e-9 && to <= who.wished_to + 1e-9);
    wish(within(who.wished_days_off, at(d).day), false);
    if (!s.breaks.empty()) {
      const double pause = from + s.breaks[0].first * slot_;
      wish(who.wished_break_from > 0 || who.wished_break_to < 48, pause >= who.wished_break_from - 1e-9 && pause <= who.wished_break_to + 1e-9);
    }
    return {asked, granted};
  }

 private:
  const ShiftDemand& at(int d) const { return demand_[static_cast<std::size_t>(d)]; }
  const std::vector<Person>& people_;
  const std::vector<ShiftDemand>& demand_;
  double slot_;
};

class Search {
 public:
  Search(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules)
      : people_(people), demand_(demand), options_(rules), rules_(people, demand, rules), of_(demand.size(), -1), has_(people.size()) {}

  Roster run() {
    std::vector<std::vector<int>> by_day;
    for (std::size_t d = 0; d < demand_.size(); ++d) {
      const auto day = static_cast<std::size_t>(demand_[d].day);
      if (day >= by_day.size()) by_day.resize(day + 1);
      by_day[day].push_back(static_cast<int>(d));
    }
    for (const auto& day : by_day) match(day);
    improve();
    Roster r;
    r.person_of = of_;
    r.hours.assign(people_.size(), 0.0);
    for (std::size_t d = 0; d < of_.size(); ++d) {
      if (of_[d] < 0) {
        ++r.unfilled;
        continue;
      }
      r.hours[static_cast<std::size_t>(of_[d])] += rules_.hours(static_cast<int>(d));
      const auto [asked, granted] = rules_.wishes(of_[d], static_cast<int>(d));
      r.wishes += asked;
      r.wishes_granted += granted;
    }
    for (std::size_t p = 0; p < people_.size(); ++p)  // a wished day off without a shift is a wish granted
      for (const int day : people_[p].wished_days_off) {
        const bool works = std::any_of(has_[p].begin(), has_[p].end(), [&](int d) { return demand_[static_cast<std::size_t>(d)].day == day; });
        if (!works) ++r.wishes, ++r.wishes_granted;
      }
    r.violations = check_roster(people_, demand_, of_, options_);
    return r;
  }

 private:
  double load(int p, int week) const {
    double h = 0;
    for (const int d : has_[static_cast<std::size_t>(p)])
      if (rules_.week(d) == week) h += rules_.hours(d);
    return h;
  }
  int days(int p, int week) const {
    return static_cast<int>(std::count_if(has_[static_cast<std::size_t>(p)].begin(), has_[static_cast<std::size_t>(p)].end(), [&](int d) { return rules_.week(d) == week; }));
  }
  // What it costs to give d to p now, `without` taken away from p first.
  double price(int p, int d, int without = -1) const {
    const Person& who = people_[static_cast<std::size_t>(p)];
    if (!rules_.may(p, d)) return kImpossible;
    for (const int other : has_[static_cast<std::size_t>(p)])
      if (other != without && !rules_.together(p, d, other)) return kImpossible;
    const int week = rules_.week(d);
    const bool same = without >= 0 && rules_.week(without) == week;
    const double hours = load(p, week) - (same ? rules_.hours(without) : 0), after = hours + rules_.hours(d);
    if (after > who.most_hours_a_week + 1e-9 || days(p, week) - same + 1 > who.most_days_a_week) return kImpossible;
    const auto [asked, granted] = rules_.wishes(p, d);
    const double wanted = who.wanted_hours_a_week > 0 ? who.wanted_hours_a_week : who.most_hours_a_week;
    const double strain = after / std::max(1.0, wanted);
    return 10.0 * (asked - granted) + 8 * strain * strain + (after > wanted ? 20 : 0);
  }

  // Cheapest matching of one day's shifts to people (Kuhn and Munkres, by shortest augmenting paths).
  void match(const std::vector<int>& shifts) {
    const std::size_t n = shifts.size(), m = people_.size() + n;  // n places for shifts nobody takes
    if (n == 0) return;
    std::vector<std::vector<double>> cost(n, std::vector<double>(m, kImpossible / 1e3));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t p = 0; p < people_.size(); ++p) cost[i][p] = price(static_cast<int>(p), shifts[i]);
    std::vector<double> u(n + 1), v(m + 1);
    std::vector<std::size_t> row(m + 1, 0), way(m + 1, 0);
    for (std::size_t i = 1; i <= n; ++i) {
      row[0] = i;
      std::size_t j = 0;
      std::vector<double> least(m + 1, std::numeric_limits<double>::infinity());
      std::vector<bool> used(m + 1, false);
      do {
        used[j] = true;
        const std::size_t i0 = row[j];
        double delta = std::numeric_limits<double>::infinity();
        std::size_t next = 0;
        for (std::size_t k = 1; k <= m; ++k) {
          if (used[k]) continue;
          const double reduced = cost[i0 - 1][k - 1] - u[i0] - v[k];
          if (reduced < least[k]) least[k] = reduced, way[k] = j;
          if (least[k] < delta) delta = least[k], next = k;
        }
        for (std::size_t k = 0; k <= m; ++k)
          if (used[k]) u[row[k]] += delta, v[k] -= delta;
          else least[k] -= delta;
        j = next;
      } while (row[j] != 0);
      do {
        row[j] = row[way[j]];
        j = way[j];
      } while (j != 0);
    }
    for (std::size_t k = 1; k <= people_.size(); ++k)
      if (row[k] != 0 && cost[row[k] - 1][k - 1] < kImpossible / 1e3) give(shifts[row[k] - 1], static_cast<int>(k - 1));
  }
  void give(int d, int p) {
    of_[static_cast<std::size_t>(d)] = p;
    has_[static_cast<std::size_t>(p)].push_back(d);
  }
  void take(int d) {
    auto& list = has_[static_cast<std::size_t>(of_[static_cast<std::size_t>(d)])];
    list.erase(std::find(list.begin(), list.end(), d));
    of_[static_cast<std::size_t>(d)] = -1;
  }

  // Fills what is open where an exchange allows it, then moves and swaps that lower the price.
  void improve() {
    if (demand_.empty() || people_.empty()) return;
    Random random(options_.seed, 5);
    for (int i = 0; i < options_.rounds; ++i) {
      const int d = static_cast<int>(random.below(demand_.size())), p = static_cast<int>(random.below(people_.size()));
      const int owner = of_[static_cast<std::size_t>(d)];
      if (owner == p) continue;
      if (owner < 0) {
        if (price(p, d) < kImpossible) give(d, p);
        else relieve(d, p, random);
        continue;
      }
      const double here = price_of_own(d);
      if (price(p, d) < here - 1e-9) take(d), give(d, p);
      else if (!has_[static_cast<std::size_t>(p)].empty()) swap(d, has_[static_cast<std::size_t>(p)][random.below(has_[static_cast<std::size_t>(p)].size())]);
    }
  }
  double price_of_own(int d) const { return price(of_[static_cast<std::size_t>(d)], d, d); }
  void swap(int a, int b) {
    const int p = of_[static_cast<std::size_t>(a)], q = of_[static_cast<std::size_t>(b)];
    if (price(q, a, b) + price(p, b, a) >= price_of_own(a) + price_of_own(b) - 1e-9) return;
    take(a);
    take(b);
    give(a, q);
    give(b, p);
  }
  // p takes the open shift d and hands one of the others to somebody who can.
  void relieve(int d, int p, Random& random) {
    if (!rules_.may(p, d) || has_[static_cast<std::size_t>(p)].empty()) return;
    const int other = has_[static_cast<std::size_t>(p)][random.below(has_[static_cast<std::size_t>(p)].size())];
    if (price(p, d, other) >= kImpossible) return;
    for (int q = 0; q < static_cast<int>(people_.size()); ++q)
      if (q != p && price(q, other) < kImpossible) {
        take(other);
        give(other, q);
        give(d, p);
        return;
      }
  }

  const std::vector<Person>& people_;
  const std::vector<ShiftDemand>& demand_;
  const RosterRules& options_;
  Rules rules_;
  std::vector<int> of_;
  std::vector<std::vector<int>> has_;
};

}  // namespace

std::vector<std::string> check_roster(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand,
                                      const std::vector<int>& person_of, const RosterRules& rules) {
  std::vector<std::string> out;
  const Rules r(people, demand, rules);
  for (int p = 0; p < static_cast<int>(people.size()); ++p) {
    const Person& who = people[static_cast<std::size_t>(p)];
    std::vector<int> mine;
    std::vector<double> hours;
    std::vector<int> days;
    for (int d = 0; d < static_cast<int>(demand.size()); ++d) {
      if (person_of[static_cast<std::size_t>(d)] != p) continue;
      const std::string what = who.name + ", day " + std::to_string(demand[static_cast<std::size_t>(d)].day) + ": ";
      if (!r.may(p, d)) out.push_back(what + "skill, day off or hours do not allow the shift");
      for (const int other : mine)
        if (!r.together(p, d, other)) out.push_back(what + "less rest than " + std::to_string(who.rest_hours) + " h, or two shifts a day");
      mine.push_back(d);
      const auto week = static_cast<std::size_t>(r.week(d));
      if (week >= hours.size()) hours.resize(week + 1), days.resize(week + 1);
      hours[week] += r.hours(d);
      ++days[week];
    }
    for (std::size_t w = 0; w < hours.size(); ++w) {
      if (hours[w] > who.most_hours_a_week + 1e-9) out.push_back(who.name + ", week " + std::to_string(w) + ": " + std::to_string(hours[w]) + " h");
      if (days[w] > who.most_days_a_week) out.push_back(who.name + ", week " + std::to_string(w) + ": " + std::to_string(days[w]) + " days");
    }
  }
  return out;
}

Result<Roster> assign(const std::vector<Person>& people, const std::vector<ShiftDemand>& demand, const RosterRules& rules) {
  if (people.empty()) return Error(ErrorCode::invalid_argument, "there is nobody to work", "give people");
  if (people.size() > 20'000 || demand.size() > 200'000) return Error(ErrorCode::limit, "more than 20,000 people or 200,000 shifts", "split the roster by unit");
  for (const ShiftDemand& d : demand)
    if (d.day < 0 || d.day > 3660) return Error(ErrorCode::invalid_argument, "a shift on day " + std::to_string(d.day), "days count from 0");
  if (!(rules.slot_hours > 0)) return Error(ErrorCode::invalid_argument, "slot_hours must be positive", "a quarter of an hour is 0.25");
  return Search(people, demand, rules).run();
}

}  // namespace hotline::wfm
