// Everything that watches a router, in one place, with questions as text: the face that C, Python, consoles and
// scenarios share. Feed it every event.
//
//   Figures figures(router.definition());
//   for (const Event& e : events) figures.add(e);
//   figures.ask(router, "wait", {queue: pension}, now);   // {"queue":"pension","p50":"40s","p80":"1m10s","samples":38,...}
//
// | question | fields | answer |
// |---|---|---|
// | position | contact | position (1 = next) |
// | explain | contact, [agent] | why, before, sentence; without agent: position, agents by cause, sentence |
// | contact | contact | state, queue, channel, agent, priority, class, step, offers, callback, waited |
// | agent | agent | state, pending, reason, contacts, units_used, misses, answered, idle, busy, on_break, break_today, break_left |
// | queue | queue | waiting, ringing, callbacks, longest_wait, open, draining |
// | wait | queue or contact | known, p50, p80, samples, from_history, of_line, mean_error |
// | announce | contact | say; position, wait, likely: what may be said now without contradicting what was said before |
// | metrics | queue, skill, site or agent; [interval], [back]; [scheduled]: of an agent, for adherence | the tally of an interval (15m, 30m ...; `back` intervals ago), or of all time |
// | fairness | | occupancy_spread, occupancy_gini, overtakes_per_1000, longest_wait_s |
// | alarm | alarm | raised, value |
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hotline/acd/estimate.hpp"
#include "hotline/acd/metrics.hpp"

namespace hotline::acd {

// Confined. Of one definition: after Router::redefine make another.
class Figures {
 public:
  explicit Figures(const Definition& definition, Metrics::Options options = {});
  void add(const Event& event);
  // The alarms of the definition that were raised or cleared since the last look. Call it now and then: `hold` counts
  // from one look to the next.
  std::vector<Alarm> look(const Router& router, Time now);
  // Errors: not_found (a name), invalid_argument (a question or field), wrong_state (a position of one who does not wait).
  Result<std::string> ask(const Router& router, std::string_view question, const Node& fields, Time now);

  Metrics& metrics() { return metrics_; }
  WaitEstimator& estimator() { return estimator_; }
  const Alarms& alarms() const { return alarms_; }

 private:
  double measure(const AlarmRule& rule, const Router& router, Time now) const;
  Definition def_;
  Metrics::Options options_;
  Metrics metrics_;
  WaitEstimator estimator_;
  Alarms alarms_;
  std::vector<double> values_;  // of the alarms, at the last look
  std::unordered_map<std::uint64_t, Announcer> announcers_;
};

}  // namespace hotline::acd
