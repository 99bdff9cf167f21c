// Where callers go and where they are lost: counts by node and exit, by version; from live calls or from their journal.
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

// One collector a version of a flow, named "12345 2026.11" (its id and version, or fingerprint where it has none). Confined.
class StatisticsByVersion {
 public:
  static std::string name_of(const Flow& flow);
  // After every step: what the engine traced, and the session. Traces before a move to another version count for the old one.
  void add(const Flow& before, const Session& session, std::span<const Trace> trace);
  void add(const std::string& version, const Trace& trace);
  void merge(const StatisticsByVersion& other);

  const std::map<std::string, Statistics, std::less<>>& versions() const { return versions_; }
  const Statistics* find(std::string_view version) const;
  // [{"version": ..., "nodes": ...}, ...]
  std::string to_json() const;

 private:
  std::map<std::string, Statistics, std::less<>> versions_;
};

// The same from the `node.` lines of a journal (call_journal.hpp). Errors: corrupt.
Result<StatisticsByVersion> read_statistics(std::string_view journal, std::string_view file = "journal");

}  // namespace hotline::ivr
