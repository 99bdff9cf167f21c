// A statechart as SCXML writes it: nested states, parallels, histories. Read once, then only looked at.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::workflow {

inline constexpr std::uint32_t kNowhere = 0xffffffff;

// One piece of executable content.
struct ScxmlAction {
  enum class Kind : std::uint8_t { raise, send, cancel, log, choose };
  Kind kind{};
  std::string event, delay, id, text;
  bool fails = false;  // raises error.execution, and the rest of its block is left out
  struct Branch {
    std::string condition;  // "" is else
    std::vector<ScxmlAction> actions;
  };
  std::vector<Branch> branches;
};
using ScxmlBlock = std::vector<ScxmlAction>;

struct ScxmlTransition {
  std::uint32_t source = 0;
  std::vector<std::string> events;  // descriptors; none: taken without an event
  std::string condition;
  std::vector<std::string> target_ids;
  std::vector<std::uint32_t> targets;
  bool internal = false;
  ScxmlBlock actions;
};

struct ScxmlNode {
  enum class Kind : std::uint8_t { root, state, parallel, final, history, deep_history };
  Kind kind{};
  std::string id;
  std::uint32_t parent = kNowhere;
  std::vector<std::uint32_t> children;  // without histories, in document order
  std::vector<std::uint32_t> histories;
  std::vector<std::string> initial_ids;
  std::vector<std::uint32_t> initial;
  ScxmlBlock initial_actions;  // of <initial>'s transition, or of a history's
  std::vector<ScxmlBlock> entry, exit;
  std::vector<ScxmlTransition> transitions;

  bool atomic() const { return children.empty() && kind != Kind::history && kind != Kind::deep_history; }
  bool compound() const { return (kind == Kind::state || kind == Kind::root) && !children.empty(); }
  bool is_history() const { return kind == Kind::history || kind == Kind::deep_history; }
};

// Node 0 is <scxml>. In document order.
struct ScxmlChart {
  std::string name;
  std::vector<ScxmlNode> nodes;
  std::set<std::string> events;  // named anywhere
  // Errors: invalid_document, unsupported (a data model that is used, invoke, scripts), limit.
  static Result<ScxmlChart> parse(std::string_view text, std::string_view file);
};

}  // namespace hotline::workflow
