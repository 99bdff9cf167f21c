// One day's trace with a surge (three times the load for two hours) through our router and through the rivals' ways of
// dispatching, written again from what is described of them: FreeSWITCH's SQL poll every 100 ms, Asterisk's callers who look once a
// second, OpenSIPS's timer that scans once a second. Same arrivals, same talks, same patience; 120 agents. What is compared is what
// citizens feel: answered within 15 s, mean wait, who was overtaken; and what the choice costs in CPU.
#include <algorithm>
#include <cmath>
#include <deque>

#include "bench.hpp"
#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace {

constexpr int kAgents = 120;

struct Call {
  double at, talk, patience;
};
std::vector<Call> trace() {
  Random random(12345);
  std::vector<Call> calls;
  double t = 0;
  while (t < 8 * 3600) {
    const double busy = t > 3 * 3600 && t < 5 * 3600 ? 3 : 1;
    t += random.exponential(1 / (0.36 * busy));  // 120 agents of 180 s carry 0.67 a second
    calls.push_back({t, random.exponential(180), random.exponential(240)});
  }
  return calls;
}

struct Felt {
  std::size_t answered = 0, in_15 = 0, gave_up = 0, overtaken = 0;
  double wait = 0, cpu = 0, low = 1, high = 0;
  std::vector<double> busy = std::vector<double>(kAgents);
  void served(double waited) { ++answered, wait += waited, in_15 += waited <= 15; }
  void finish(double length) {
    for (const double b : busy) low = std::min(low, b / length), high = std::max(high, b / length);
  }
};

// A rival: when it looks, and whom it takes then. `looks(t)` gives the next moment after t at which the caller at `place` is looked at.
template <class Choose>
Felt rival(const std::vector<Call>& calls, double period, bool each_caller_by_itself, bool first_of_list, Choose&& choose_cost) {
  Felt felt;
  const double start = bench::cpu_seconds();
  std::vector<double> free_at(kAgents, 0), idle_since(kAgents, 0);
  std::deque<std::size_t> waiting;
  std::size_t next = 0;
  Random phase(7);
  std::vector<double> phases;
  for (std::size_t i = 0; i < calls.size(); ++i) phases.push_back(each_caller_by_itself ? phase.uniform() * period : 0);
  // Time goes in steps of 10 ms; a caller is looked at when a multiple of the period (and of its phase) is passed.
  const double step = 0.01;
  for (double t = 0; t < 10 * 3600 && (next < calls.size() || !waiting.empty()); t += step) {
    while (next < calls.size() && calls[next].at <= t) waiting.push_back(next++);
    if (waiting.empty()) continue;
    const auto tick = [&](double shift) { return std::floor((t - shift) / period) != std::floor((t - step - shift) / period); };
    if (!each_caller_by_itself && !tick(0)) continue;
    for (std::size_t place = 0; place < waiting.size();) {
      const std::size_t c = waiting[place];
      if (calls[c].at + calls[c].patience <= t) {
        ++felt.gave_up;
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(place));
        continue;
      }
      if (each_caller_by_itself && !tick(phases[c])) {
        ++place;
        continue;
      }
      const int agent = choose_cost(free_at, idle_since, t, first_of_list);
      if (agent < 0) {
        if (!each_caller_by_itself) break;
        ++place;
        continue;
      }
      felt.served(t - calls[c].at);
      felt.overtaken += place > 0;
      felt.busy[static_cast<std::size_t>(agent)] += calls[c].talk;
      free_at[static_cast<std::size_t>(agent)] = t + calls[c].talk;
      idle_since[static_cast<std::size_t>(agent)] = t + calls[c].talk;
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(place));
    }
  }
  felt.cpu = bench::cpu_seconds() - start;
  felt.finish(8 * 3600);
  return felt;
}

int scan(const std::vector<double>& free_at, const std::vector<double>& idle_since, double t, bool first_of_list) {
  int best = -1;
  for (int a = 0; a < kAgents; ++a) {
    const auto i = static_cast<std::size_t>(a);
    if (free_at[i] > t) continue;
    if (best < 0 || (!first_of_list && idle_since[i] < idle_since[static_cast<std::size_t>(best)])) best = a;
    if (first_of_list) break;
  }
  return best;
}

Felt ours(const std::vector<Call>& calls) {
  Felt felt;
  const double start = bench::cpu_seconds();
  Definition d;
  d.add_channel({.name = "voice"});
  d.add_queue({.name = "q", .auto_accept = true});
  for (int a = 0; a < kAgents; ++a) d.add_agent({.name = "a" + std::to_string(a)});
  Events events;
  Router router(d, events);
  const auto at = [](double s) { return time_from_ns(1'700'000'000'000'000'000 + static_cast<std::int64_t>(s * 1e9)); };
  for (std::uint32_t a = 1; a <= kAgents; ++a) (void)router.login(AgentId{a}, at(0)), (void)router.ready(AgentId{a}, at(0));
  struct Later {
    double at;
    int kind;
    ContactId contact;
    bool operator<(const Later& o) const { return at > o.at; }
  };
  std::vector<Later> heap;
  const auto push = [&](Later l) { heap.push_back(l), std::push_heap(heap.begin(), heap.end()); };
  std::size_t next = 0, last_answered = 0;
  while (next < calls.size() || !heap.empty()) {
    events.clear();
    double t;
    if (heap.empty() || (next < calls.size() && calls[next].at <= heap.front().at)) {
      t = calls[next].at;
      const auto id = router.enqueue({.queue = QueueId{1}, .tag = next}, at(t)).value();
      if (router.contact(id)->state == ContactState::waiting) push({t + calls[next].patience, 2, id});
      ++next;
    } else {
      std::pop_heap(heap.begin(), heap.end());
      const Later l = heap.back();
      heap.pop_back();
      t = l.at;
      if (l.kind == 1) (void)router.ended(l.contact, at(t));
      else if (const auto view = router.contact(l.contact); view && view->state == ContactState::waiting) (void)router.abandon(l.contact, at(t)), ++felt.gave_up;
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].type != EventType::accepted) continue;
      felt.served(static_cast<double>(events[i].value) * 1e-9);
      felt.overtaken += events[i].tag < last_answered;
      last_answered = std::max<std::size_t>(last_answered, events[i].tag);
      felt.busy[events[i].agent.value - 1] += calls[events[i].tag].talk;
      push({t + calls[events[i].tag].talk, 1, events[i].contact});
    }
  }
  felt.cpu = bench::cpu_seconds() - start;
  felt.finish(8 * 3600);
  return felt;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (!suite.wants("acd.surge")) return 0;
  const auto calls = trace();
  const Felt mine = ours(calls);
  struct Rival {
    const char* name;
    double period;
    bool by_itself, first_of_list;
  };
  for (const Rival r : {Rival{"freeswitch", 0.1, false, false}, Rival{"asterisk", 1.0, true, false}, Rival{"opensips", 1.0, false, true}}) {
    const Felt other = rival(calls, r.period, r.by_itself, r.first_of_list, scan);
    const std::string name = std::string("acd.surge.") + r.name;
    const auto n = [](std::size_t a, std::size_t b) { return static_cast<double>(a) / static_cast<double>(std::max<std::size_t>(1, b)); };
    suite.report(name + ".mean_wait", mine.wait / static_cast<double>(mine.answered), "s", r.name, other.wait / static_cast<double>(other.answered), true);
    suite.report(name + ".in_15s", n(mine.in_15, calls.size()), "share", r.name, n(other.in_15, calls.size()));
    suite.report(name + ".gave_up", n(mine.gave_up, calls.size()), "share", r.name, n(other.gave_up, calls.size()), true);
    suite.report(name + ".overtakes_per_1000", 1000 * n(mine.overtaken, mine.answered), "1", r.name, 1000 * n(other.overtaken, other.answered), true);
    suite.report(name + ".occupancy_spread", mine.high - mine.low, "share", r.name, other.high - other.low, true);
  }
  return 0;
}
