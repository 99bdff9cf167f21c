// Walks all configurations of some regions of a machine, guards unknown unless they speak of those regions (or of the
// one clock that is watched). What it finds reachable may in truth not be; what it does not find is unreachable.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "workflow/definition_data.hpp"

namespace hotline::workflow {

class Exploration {
 public:
  // Regions looked at; kNone: no clock.
  Exploration(const Definition::Data& d, std::uint32_t machine, std::vector<std::uint32_t> regions,
              std::uint32_t clock);
  void run();

  enum Clock : std::uint8_t { off, running, paused };
  struct Configuration {
    std::vector<std::uint16_t> states;  // by the order of `regions`
    Clock clock = off;
    std::uint32_t before = kNone;  // configuration
    std::string event;             // that led here
    std::vector<std::uint32_t> next;
  };
  const std::vector<Configuration>& found() const { return found_; }
  bool complete() const { return complete_; }
  std::uint32_t state_of(std::uint32_t configuration, std::uint32_t region) const;
  // "intake, submit, dispatch": how to come there.
  std::string path(std::uint32_t configuration) const;
  // Clock faults: started while running, with the configuration and the transition's place.
  struct Fault {
    std::uint32_t configuration;
    std::string event;
    Place place;
  };
  const std::vector<Fault>& started_twice() const { return faults_; }

 private:
  enum class Tri : std::uint8_t { no, yes, unknown };
  Tri holds(const expr::Term& t, const Configuration& c) const;
  std::optional<std::string_view> known(const expr::Term& t, const Configuration& c) const;
  bool finished(const Configuration& c) const;
  Tri allowed(const Transition& t, const Configuration& c) const;
  void fire(std::uint32_t from, std::uint32_t event);
  void combine(std::uint32_t from, std::uint32_t event, const std::vector<std::vector<const Transition*>>& options,
               std::vector<const Transition*>& chosen);
  void apply(std::uint32_t from, std::uint32_t event, const std::vector<const Transition*>& chosen);
  void act(std::vector<Configuration>& branches, const std::vector<Action>& actions, std::uint32_t from,
           const std::string& event);
  void add(std::uint32_t from, Configuration c);

  const Definition::Data& d_;
  const Machine& m_;
  const MachineIndex& index_;
  const Scope& scope_;
  std::vector<std::uint32_t> regions_;
  std::uint32_t clock_;
  bool complete_ = true;
  std::uint32_t budget_ = 200'000;  // steps that may still be looked at
  std::vector<Configuration> found_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
  std::vector<Fault> faults_;
};

// The region and the regions that its guards look at, and theirs.
std::vector<std::uint32_t> closure(const Definition::Data& d, std::uint32_t machine,
                                   std::vector<std::uint32_t> regions);

}  // namespace hotline::workflow
