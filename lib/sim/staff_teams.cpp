#include <algorithm>

#include "hotline/sim/experiment.hpp"

namespace hotline::sim {
namespace {

class Search {
 public:
  Search(const Model& model, const Plan& plan, const StaffingTarget& target, unsigned threads)
      : model_(model), plan_(plan), target_(target), threads_(threads), most_(model.centre.teams.size(), 0) {
    for (const auto& a : model.centre.agents)
      if (a.team) ++most_[a.team.value - 1];
  }

  Result<TeamStaffing> run(std::vector<std::uint32_t> agents) {
    for (std::size_t t = 0; t < agents.size(); ++t) agents[t] = std::min(agents[t], most_[t]);
    HOTLINE_ASSIGN(TeamStaffing now, evaluate(agents));
    while (!now.met && left()) {  // add where it helps most per cost
      HOTLINE_ASSIGN(TeamStaffing best, neighbour(now, +1));
      if (best.agents.empty()) break;
      now = std::move(best);
    }
    while (now.met && left()) {   // take away what is not needed
      HOTLINE_ASSIGN(TeamStaffing best, neighbour(now, -1));
      if (best.agents.empty()) break;
      now = std::move(best);
    }
    now.simulations = used_;
    return now;
  }

 private:
  bool left() const { return used_ < target_.most_simulations; }
  double wanted(std::size_t stream) const { return target_.values[std::min(stream, target_.values.size() - 1)]; }
  double cost(std::size_t team) const { return team < target_.costs.size() ? target_.costs[team] : 1; }
  double shortfall(const TeamStaffing& s) const {
    double sum = 0;
    for (std::size_t i = 0; i < s.levels.size(); ++i) sum += std::max(0.0, wanted(i) - s.levels[i]);
    return sum;
  }

  Result<TeamStaffing> evaluate(std::vector<std::uint32_t> agents) {
    ++used_;
    Model m = model_;
    m.staffing.clear();
    for (std::uint32_t t = 0; t < agents.size(); ++t) m.staffing.push_back({acd::TeamId(t + 1), 1e9, {agents[t]}, false});
    TeamStaffing s;
    HOTLINE_ASSIGN(s.report, sim::run(m, plan_, threads_));
    s.met = true;
    for (std::size_t i = 0; i < m.streams.size(); ++i) {
      HOTLINE_ASSIGN(const Estimate e, s.report.figure(m.streams[i].name + "." + target_.figure));
      s.levels.push_back(e.value);
      s.met = s.met && e.value >= wanted(i);
    }
    s.agents = std::move(agents);
    return s;
  }

  // Far from the target the steps are longer.
  std::uint32_t step(const TeamStaffing& from, std::size_t team) const {
    const double share = shortfall(from) / static_cast<double>(from.levels.size());
    return std::max(1u, static_cast<std::uint32_t>(share * 0.2 * from.agents[team]));
  }

  // The best of one more (or one fewer) of each team; agents is empty where none will do.
  Result<TeamStaffing> neighbour(const TeamStaffing& from, int sign) {
    TeamStaffing best;
    double most = -1e300;
    for (std::size_t t = 0; t < from.agents.size() && left(); ++t) {
      auto agents = from.agents;
      if (sign > 0 ? agents[t] >= most_[t] : agents[t] == 0) continue;
      agents[t] = sign > 0 ? std::min(most_[t], agents[t] + step(from, t)) : agents[t] - 1;
      HOTLINE_ASSIGN(TeamStaffing s, evaluate(agents));
      if (sign < 0 && !s.met) continue;
      double worth = 0;
      if (sign > 0) worth = (shortfall(from) - shortfall(s)) / (cost(t) * (agents[t] - from.agents[t]));
      else for (const double level : s.levels) worth += level;  // the same cost saved: keep the service
      if (sign < 0) worth += 10 * cost(t);
      if (worth > most) most = worth, best = std::move(s);
    }
    if (sign > 0 && most <= 0) return TeamStaffing();
    return best;
  }

  const Model& model_;
  const Plan& plan_;
  const StaffingTarget& target_;
  unsigned threads_;
  std::vector<std::uint32_t> most_;
  std::uint32_t used_ = 0;
};

}  // namespace

Result<TeamStaffing> staff_teams(const Model& model, const Plan& plan, const StaffingTarget& target, std::vector<std::uint32_t> agents, unsigned threads) {
  if (target.values.empty()) return Error(ErrorCode::invalid_argument, "no target was given", "give one value, or one a stream");
  if (agents.size() != model.centre.teams.size())
    return Error(ErrorCode::invalid_argument, "the start names " + std::to_string(agents.size()) + " teams of " + std::to_string(model.centre.teams.size()), "give a number for each team");
  return Search(model, plan, target, threads).run(std::move(agents));
}

}  // namespace hotline::sim
