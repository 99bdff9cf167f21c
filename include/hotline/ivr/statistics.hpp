// Where callers go and where they are lost: counts by node and exit, one collector a version.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "hotline/ivr/engine.hpp"

namespace hotline::ivr {

struct NodeStatistics {
  std::uint64_t entries = 0, hangups = 0, no_input = 0, no_match = 0, exhausted = 0, errors = 0;
  std::uint64_t zero_outs = 0;  // left by the key for an agent
  std::uint64_t barge_ins = 0;
  Duration barge_in_time{};     // sum: how far into the prompt
  Duration time{};              // sum over those who left or hung up
  std::map<std::string, std::uint64_t, std::less<>> exits;
};

// Confined. Feed it Engine::trace() after every step.
class Statistics {
 public:
  explicit Statistics(std::string version) : version_(std::move(version)) {}
  void add(std::span<const Trace> trace);
  void merge(const Statistics& other);

  const std::string& version() const { return version_; }
  const std::map<std::string, NodeStatistics, std::less<>>& nodes() const { return nodes_; }
  // {"version": ..., "nodes": {"main_menu": {"entries": ..., "exits": {...}}}}; exits by node are a Sankey diagram's links.
  std::string to_json() const;

 private:
  std::string version_;
  std::map<std::string, NodeStatistics, std::less<>> nodes_;
};

}  // namespace hotline::ivr
