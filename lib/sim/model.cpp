#include "hotline/sim/model.hpp"

#include <cmath>

namespace hotline::sim {
namespace {

void check_arrivals(const Stream& s, Diagnostics& d) {
  const Arrivals& a = s.arrivals;
  const auto bad = [&](const char* code, std::string what, std::string remedy) {
    d.error(code, "stream `" + s.name + "`: " + what, std::move(remedy), {}, s.name);
  };
  if (a.per_s.empty() && a.trace.empty()) bad("S102", "nobody ever calls", "give arrivals: a rate, rates by period, or a trace");
  if (a.per_s.size() > 1 && !(a.period_s > 0)) bad("S103", "several rates but no period", "add period: 30m");
  for (const double rate : a.per_s)
    if (!(rate >= 0 && rate < 1e6)) return bad("S103", "a rate of " + std::to_string(rate) + "/s", "rates lie between 0 and a million a second");
  if (!(a.busyness_scv >= 0 && a.busyness_scv < 100)) bad("S103", "a busyness scv out of range", "give e.g. 0.03");
  if (a.busyness_scv > 0 && !(a.busyness_every_s > 0)) bad("S103", "busyness without a length of its day", "give busyness_every: 1d");
  double before = 0;
  for (const TraceContact& t : a.trace) {
    if (!(t.at_s >= before) || t.at_s > 9e9) return bad("S104", "the trace is not sorted by time, or negative", "sort it by arrival");
    before = t.at_s;
  }
}

bool chance(double p) { return p >= 0 && p <= 1; }

}  // namespace

void Model::validate(Diagnostics& d) const {
  centre.validate(d);
  const auto bad = [&](const char* code, std::string what, std::string remedy) { d.error(code, std::move(what), std::move(remedy)); };
  if (streams.empty()) bad("S102", "the model has no streams", "say who calls");
  if (streams.size() > 100'000 || centre.agents.size() > 1'000'000) bad("S105", "more than 100,000 streams or a million agents", "split the model");
  for (const Stream& s : streams) {
    const std::string name = "stream `" + s.name + "`: ";
    if (!s.queue || s.queue.value > centre.queues.size()) bad("S106", name + "its queue does not exist", "name a queue of the centre");
    if (s.channel.value > centre.channels.size() || s.site.value > centre.sites.size()) bad("S106", name + "its channel or site does not exist", "name one of the centre's");
    if (!s.requires_.empty())
      if (const auto r = acd::parse_requirement(s.requires_, centre); !r.ok()) bad("S106", name + r.error().message(), r.error().remedy());
    check_arrivals(s, d);
    if (s.handling.kind() == Distribution::Kind::never) bad("S107", name + "handling never ends", "give a handling time");
    if (s.trunk > trunks.size()) bad("S106", name + "its trunk does not exist", "name one of the trunks");
    if (!chance(s.redial.chance) || !chance(s.callback.chance) || !chance(s.ivr.finish) || !chance(s.ivr.hang_up) || !chance(s.ivr.finish + s.ivr.hang_up))
      bad("S108", name + "a chance outside 0..1", "chances lie between 0 and 1; finish + hang_up at most 1");
    for (const double mean : s.mean_by_agent_s)
      if (!(mean >= 0 && std::isfinite(mean))) bad("S107", name + "a handling time of an agent is negative", "give seconds");
  }
  if (!chance(miss_chance) || miss_chance > 0.999) bad("S108", "miss_chance outside 0..0.999", "give e.g. 0.05");
  for (const Shift& s : shifts) {
    if (!s.agent || s.agent.value > centre.agents.size()) bad("S106", "a shift of an agent who does not exist", "name an agent of the centre");
    if (!(s.from_s < s.to_s)) bad("S109", "a shift ends before it begins", "check from and to");
    for (const auto& [from, to] : s.breaks_s)
      if (!(from >= s.from_s && from < to && to <= s.to_s)) bad("S109", "a break lies outside its shift", "check the break");
  }
  for (const Staffing& s : staffing) {
    if (!s.team || s.team.value > centre.teams.size()) bad("S106", "staffing of a team that does not exist", "name a team of the centre");
    if (s.agents.empty() || !(s.period_s > 0)) bad("S109", "staffing without numbers or period", "give agents: [10, 12, …] and period: 30m");
  }
}

}  // namespace hotline::sim
