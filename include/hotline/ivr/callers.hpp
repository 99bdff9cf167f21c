// Callers made up by the machine: how much of a flow some calls saw, callers at random with the shortest failing call,
// and many calls at once. All on the virtual clock; the same seed gives the same calls.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/rehearsal.hpp"
#include "hotline/ivr/statistics.hpp"

namespace hotline::ivr {

// What there is in a flow, and what was reached. Exits are "node/exit", of those that lead somewhere; counters are
// "node/no_input", "node/no_match" and "node/exhausted" of every node that asks for keys.
struct Coverage {
  struct Share {
    std::size_t reached = 0, total = 0;
    std::vector<std::string> missed;
    double share() const { return total == 0 ? 1.0 : static_cast<double>(reached) / static_cast<double>(total); }
  };
  Share nodes, exits, counters;

  // "nodes 100 % (40 of 40), exits 93 % (...), counters ...; missed: ..."
  std::string to_text() const;
  std::string to_json() const;
};
Coverage coverage(const Flow& flow, std::span<const std::string> nodes, std::span<const std::string> exits, std::span<const std::string> counters);

// Collects it from calls. Confined.
class CoverageMap {
 public:
  explicit CoverageMap(Flow flow) : flow_(std::move(flow)) {}
  void add(std::span<const Trace> trace);
  void add(const Rehearsal& call);
  Coverage report() const;

 private:
  Flow flow_;
  std::set<std::string, std::less<>> nodes_, exits_, counters_;
};

struct RandomCallers {
  std::size_t calls = 1000;
  std::uint64_t seed = 1;
  std::size_t moves = 25;  // at most, of the caller in one call
};
// Callers who mostly press what the flow understands, and sometimes wrong keys, nothing, too early, or hang up; and a host
// that gives each kind of answer. A call fails that ends in an error or at a limit, or does not end.
struct CallersReport {
  std::size_t calls = 0, moves = 0;
  Coverage coverage;
  std::map<std::string, std::size_t> endings;
  bool failed = false;
  std::string why;                    // "error", "limit", "endless"
  std::vector<std::string> script;    // the shortest call found that fails the same way: "2", "(silence)", "(speak)", "=error"
  std::string transcript;             // of that call

  std::string to_text() const;
  std::string to_json() const;
};
// Stops at the first call that fails and makes it short.
CallersReport random_callers(const Flow& flow, const RandomCallers& options = {});

// A load generator: calls arrive at random, each with a caller who answers the prompts; every happening is one step().
// The engine is the caller's: a version may be published meanwhile. Confined.
class CallLoad {
 public:
  struct Options {
    double calls_per_second = 10;
    std::size_t live = 100'000;  // calls at the same time, at most; who comes then is turned away
    std::uint64_t seed = 1;
    Time from{};
  };
  CallLoad(Engine& engine, const Options& options);
  ~CallLoad();

  // The next thing that happens to any of the calls.
  void step();
  // All up to `until`.
  void run(Time until);
  Time now() const;
  std::size_t live() const;
  struct Counts {
    std::size_t calls = 0, events = 0, peak = 0, turned_away = 0;
    std::map<std::string, std::size_t, std::less<>> endings;
  };
  const Counts& counts() const;
  std::string to_json() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::ivr
