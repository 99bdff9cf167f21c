// The parts of validation. Each adds to the diagnostics; codes are listed in docs/ivr.md.
#pragma once

#include "ivr/program.hpp"

namespace hotline::ivr {

class Checker {
 public:
  Checker(Program& program, Diagnostics& diagnostics) : p_(program), d_(diagnostics) {}
  void run();

 private:
  // check.cpp
  void wiring();
  void reachability();
  void idle_cycles();
  void subflows();
  void bindings();
  void hangup_path();
  void transfers();
  void schedules();
  // check_values.cpp
  void variables_set();
  void expressions();
  void secrets();
  void say_types();
  // check_speech.cpp
  void menus();
  void listening();
  void times();
  void unused();
  // check_twins.cpp
  void twins();
  void languages();

  void error(std::string code, const FlowNode& node, std::string message, std::string remedy);
  void warning(std::string code, const FlowNode& node, std::string message, std::string remedy);
  bool allowed(const std::string& code, const std::string& node) const;
  // Where a node may lead: exits, handlers, global keys; sub-flows count as a step to their start and back.
  std::vector<Index> successors(Index index, bool with_globals) const;
  // For every node, the least time until an agent speaks: following any key, or as a caller who presses nothing.
  enum class Caller : std::uint8_t { quick, silent };
  Duration until_agent(Caller caller, std::vector<int>* depth) const;
  std::string spoken(Index prompt, std::uint16_t language) const;
  Duration speaking(Index prompt, std::uint16_t language) const;
  bool waits(const FlowNode& node) const;

  Program& p_;
  Diagnostics& d_;
  std::vector<bool> reached_;
};

}  // namespace hotline::ivr
