// What a contact needs of an agent: an expression over skills, site, team and agent.
//
//   skill.mandarin >= 50 && (skill.pension > 0 || agent.team == "experts") && agent.grade in ["senior", "lead"]
//
// Compiled when it is read: skills, attributes, levels, sites, teams and agents become small tests joined by and/or/not, one
// evaluation per group of equal agents and not per agent. Immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/acd/ids.hpp"

namespace hotline::acd {

struct Requirement {
  enum class Op : std::uint8_t { yes, no, skill_at_least, site_is, team_is, agent_is, site_of_contact, both, either, negated };
  struct Test {
    Op op = Op::yes;
    std::uint8_t level = 0;  // of skill_at_least: 1-100
    std::uint32_t id = 0;    // of the skill, site, team, agent
    bool operator==(const Test&) const = default;
  };
  std::vector<Test> tests;  // reverse Polish; empty: everybody
  std::string text;         // as the author wrote it

  static Requirement everybody() { return {}; }
  static Requirement nobody() { return {{{Op::no, 0, 0}}, "false"}; }
  static Requirement skill(SkillId id, std::uint8_t level = 1) { return {{{Op::skill_at_least, level, id.value}}, {}}; }
  static Requirement site(SiteId id) { return {{{Op::site_is, 0, id.value}}, {}}; }
  static Requirement team(TeamId id) { return {{{Op::team_is, 0, id.value}}, {}}; }
  static Requirement agent(AgentId id) { return {{{Op::agent_is, 0, id.value}}, {}}; }

  Requirement operator&&(const Requirement& other) const;
  Requirement operator||(const Requirement& other) const;
  Requirement operator!() const;
  bool operator==(const Requirement& other) const { return tests == other.tests; }
  bool is_everybody() const { return tests.empty(); }
};

}  // namespace hotline::acd
