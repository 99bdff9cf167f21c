// The interpretation of a chart, appendix D of the SCXML Recommendation, on values: what one microstep does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "workflow/scxml_chart.hpp"

namespace hotline::workflow {

// Where a chart is. Conditions see nothing else, so what follows from here is known before it happens.
struct ScxmlSpot {
  std::set<std::uint32_t> configuration;  // active states without <scxml>, in document order
  std::map<std::uint32_t, std::vector<std::uint32_t>> history;
  bool finished = false;
  auto operator<=>(const ScxmlSpot&) const = default;
};

class ScxmlMachine {
 public:
  explicit ScxmlMachine(const ScxmlChart& chart) : c_(chart) {}

  // Content in the order in which it runs; conditions are resolved.
  Result<ScxmlSpot> start(ScxmlBlock& done);
  // The transitions that `event` enables ("" : those without an event), without conflicts; empty where there are none.
  Result<std::vector<const ScxmlTransition*>> select(const ScxmlSpot& at, const std::string& event);
  Result<ScxmlSpot> step(const ScxmlSpot& at, const std::vector<const ScxmlTransition*>& transitions, ScxmlBlock& done);

 private:
  using Set = std::set<std::uint32_t>;
  struct Entry {
    Set states, defaults;
    std::map<std::uint32_t, const ScxmlBlock*> histories;  // by the parent's index
  };
  bool below(std::uint32_t s, std::uint32_t above) const;
  std::vector<std::uint32_t> ancestors(std::uint32_t s, std::uint32_t until) const;
  std::vector<std::uint32_t> effective(const std::vector<std::uint32_t>& targets) const;
  std::uint32_t domain(const ScxmlTransition& t) const;
  Set exit_set(const ScxmlTransition& t) const;
  bool in_final(std::uint32_t s) const;
  void add_descendants(std::uint32_t s, Entry& e) const;
  void add_ancestors(std::uint32_t s, std::uint32_t until, Entry& e) const;
  void add_parallel(std::uint32_t s, Entry& e) const;
  Result<bool> holds(const std::string& condition) const;
  Status run(const ScxmlBlock& block, ScxmlBlock& done) const;
  Status exit(const std::vector<const ScxmlTransition*>& transitions, ScxmlBlock& done);
  Status enter(const Entry& e, ScxmlBlock& done);

  const ScxmlChart& c_;
  ScxmlSpot now_;
};

}  // namespace hotline::workflow
