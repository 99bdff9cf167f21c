#include "hotline/sim/replay.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace hotline::sim {
namespace {

// The calls of one day that reached the queue.
struct Day {
  std::int32_t day = 0;
  std::vector<const wfm::LoggedCall*> calls;
};

struct Work {
  const wfm::LoggedCall* call;
  double from;
};

// An agent is there from the first call of a stretch to the end of its last; a stretch ends where nothing follows for
// `gap`. Between two calls of a stretch the agent was away from the phone where somebody waited meanwhile: the next
// caller's wait says so.
void on_duty(Model& m, std::map<std::string, std::vector<Work>>& worked, std::map<const wfm::LoggedCall*, double>& after, double gap) {
  for (auto& [name, calls] : worked) {
    std::stable_sort(calls.begin(), calls.end(), [](const Work& a, const Work& b) { return a.from < b.from; });
    acd::AgentDef a;
    a.name = name.empty() ? "agent" : name;
    a.team = acd::TeamId(1);
    a.queues = {{acd::QueueId(1), 1, 1}, {acd::QueueId(2), 1, 1}};
    const acd::AgentId id = m.centre.add_agent(a);
    double from = calls.front().from, end = from;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double ends = calls[i].from + std::max(1.0, calls[i].call->handling);
      end = std::max(end, ends);
      if (i + 1 < calls.size() && calls[i + 1].from - end < gap) {
        if (calls[i + 1].call->wait > 0) after[calls[i].call] = std::clamp(calls[i + 1].from - ends, 0.0, calls[i + 1].call->wait);
        continue;
      }
      m.shifts.push_back({id, from, end + 1, {}});
      if (i + 1 < calls.size()) from = end = calls[i + 1].from;
    }
  }
}

Model model_of(const Day& day, const ReplayOptions& options, double patience, double* most) {
  Model m;
  m.centre.name = wfm::day_text(day.day);
  m.centre.channels.emplace_back().name = "voice";
  for (const char* name : {"ordinary", "priority"}) {
    acd::QueueDef q;
    q.name = name;
    q.agents = options.agents;
    q.auto_accept = true;
    if (m.centre.queues.size() == 1) q.head_start = Duration(static_cast<std::int64_t>(options.head_start_s * 1e9));
    m.centre.add_queue(q);
  }
  acd::TeamDef team;
  team.name = "agents";
  team.order = options.contacts;
  m.centre.add_team(team);

  std::map<std::string, std::vector<Work>> worked;
  for (const wfm::LoggedCall* c : day.calls)
    if (c->answered) worked[c->agent].push_back({c, c->second + c->queued + c->wait});
  std::map<const wfm::LoggedCall*, double> after;  // away from the phone after the call
  on_duty(m, worked, after, options.slot_s);
  for (std::uint32_t kind = 0; kind < 2; ++kind) {
    Stream s;
    s.name = kind == 0 ? "ordinary" : "priority";
    s.queue = acd::QueueId(kind + 1);
    s.patience = *Distribution::exponential(patience);
    for (const wfm::LoggedCall* c : day.calls) {
      if ((c->priority >= options.priority) != (kind == 1)) continue;
      const double at = c->second + c->queued;
      s.arrivals.trace.push_back({at, c->answered ? c->handling + after[c] : -1, c->answered ? -1 : c->wait, 0, 0});
    }
    std::stable_sort(s.arrivals.trace.begin(), s.arrivals.trace.end(), [](const auto& x, const auto& y) { return x.at_s < y.at_s; });
    if (s.arrivals.trace.empty()) s.arrivals.per_s = {0};
    m.streams.push_back(std::move(s));
  }
  *most = static_cast<double>(m.centre.agents.size());
  return m;
}

double mean_handling(const wfm::CallLog& log) {
  double sum = 0, n = 0;
  for (const auto& c : log.calls)
    if (c.answered) sum += c.handling, n += 1;
  return n > 0 ? std::max(1.0, sum / n) : 180;
}

}  // namespace

Result<Replay> replay(const wfm::CallLog& log, const ReplayOptions& options, unsigned threads) {
  if (!(options.slot_s >= 60) || options.slot_s > 86400) return Error(ErrorCode::invalid_argument, "slot_s must lie between 60 and 86400", "a quarter of an hour is 900");
  double waits = 0, hung_up = 0;
  std::vector<Day> days;
  for (const auto& c : log.calls) {
    if (!c.waited) continue;  // left in the menu
    waits += c.wait;
    hung_up += !c.answered;
    if (days.empty() || days.back().day != c.day) days.push_back({c.day, {}});
    days.back().calls.push_back(&c);
  }
  if (days.empty()) return Error(ErrorCode::invalid_argument, "no call of the log reached the queue", "check the columns: --columns outcome=…,wait=…,handling=…");
  Replay out;
  out.mean_patience_s = hung_up > 0 ? std::max(1.0, waits / hung_up) : 1e9;
  const double handling = mean_handling(log);
  for (const Day& day : days) {
    ReplayDay d;
    d.day = day.day;
    d.offered = static_cast<double>(day.calls.size());
    d.logged_hourly_wait.assign(24, 0.0);
    d.simulated_hourly_wait.assign(24, 0.0);
    std::vector<double> hourly(24, 0.0);
    for (const wfm::LoggedCall* c : day.calls) {
      d.logged_sl += c->answered && c->wait <= options.threshold_s;
      d.logged_abandon += !c->answered;
      d.logged_wait += c->wait;
      const auto hour = static_cast<std::size_t>(std::clamp((c->second + c->queued) / 3600, 0.0, 23.0));
      d.logged_hourly_wait[hour] += c->wait;
      hourly[hour] += 1;
    }
    for (double* x : {&d.logged_sl, &d.logged_abandon, &d.logged_wait}) *x /= d.offered;
    Model model = model_of(day, options, out.mean_patience_s, &d.agents);
    for (Stream& s : model.streams) s.handling = *Distribution::exponential(handling);
    Plan plan;
    plan.seed = options.seed;
    plan.duration_s = 86400;
    plan.interval_s = 3600;
    plan.threshold_s = options.threshold_s;
    plan.replications = options.replications;
    HOTLINE_ASSIGN(const Report report, run(model, plan, threads));
    d.simulated_sl = report.figure("all.sl_offered")->value;
    d.simulated_abandon = report.figure("all.p_abandon")->value;
    d.simulated_wait = report.figure("all.mean_wait_all_s")->value;
    for (std::size_t h = 0; h < 24; ++h) {
      double wait = 0, n = 0;
      for (std::size_t r = 0; r < report.replications; ++r)
        for (std::size_t s = 0; s < 2; ++s) {
          wait += report.at(r * 24 + h, report.column(s, Count::wait));
          n += report.at(r * 24 + h, report.column(s, Count::offered));
        }
      d.simulated_hourly_wait[h] = n > 0 ? wait / n : 0;
      if (hourly[h] > 0) d.logged_hourly_wait[h] /= hourly[h];
    }
    out.days.push_back(std::move(d));
  }
  return out;
}

std::string Replay::to_text() const {
  std::string out = "day         offered  agents   SL log   SL sim   aband. log   aband. sim   wait log   wait sim\n";
  char line[200];
  double n = 0, sl[2] = {}, ab[2] = {}, wait[2] = {};
  const auto print = [&](const char* name, double offered, double agents, double a, double b, double c, double d, double e, double f) {
    std::snprintf(line, sizeof line, "%-10s %8.0f %7.0f %7.1f%% %7.1f%% %11.1f%% %11.1f%% %9.1fs %9.1fs\n", name, offered, agents, 100 * a, 100 * b,
                  100 * c, 100 * d, e, f);
    out += line;
  };
  for (const ReplayDay& d : days) {
    print(wfm::day_text(d.day).c_str(), d.offered, d.agents, d.logged_sl, d.simulated_sl, d.logged_abandon, d.simulated_abandon, d.logged_wait, d.simulated_wait);
    n += d.offered;
    sl[0] += d.offered * d.logged_sl, sl[1] += d.offered * d.simulated_sl;
    ab[0] += d.offered * d.logged_abandon, ab[1] += d.offered * d.simulated_abandon;
    wait[0] += d.offered * d.logged_wait, wait[1] += d.offered * d.simulated_wait;
  }
  print("all", n, 0, sl[0] / n, sl[1] / n, ab[0] / n, ab[1] / n, wait[0] / n, wait[1] / n);
  std::snprintf(line, sizeof line, "mean patience (censored exponential): %.0f s\n", mean_patience_s);
  return out + line;
}

std::string Replay::to_csv() const {
  std::string out = "day,hour,offered,agents,logged_sl,simulated_sl,logged_abandon,simulated_abandon,logged_wait_s,simulated_wait_s\n";
  char line[240];
  for (const ReplayDay& d : days) {
    std::snprintf(line, sizeof line, "%s,,%.0f,%.0f,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n", wfm::day_text(d.day).c_str(), d.offered, d.agents, d.logged_sl,
                  d.simulated_sl, d.logged_abandon, d.simulated_abandon, d.logged_wait, d.simulated_wait);
    out += line;
    for (int h = 0; h < 24; ++h) {
      std::snprintf(line, sizeof line, "%s,%d,,,,,,,%.6g,%.6g\n", wfm::day_text(d.day).c_str(), h, d.logged_hourly_wait[static_cast<std::size_t>(h)],
                    d.simulated_hourly_wait[static_cast<std::size_t>(h)]);
      out += line;
    }
  }
  return out;
}

}  // namespace hotline::sim
