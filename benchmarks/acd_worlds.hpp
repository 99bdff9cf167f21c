// Definitions that the benchmarks of the router share.
#pragma once

#include <string>

#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

namespace hotline::acd {

// `agents` in 100 profiles: each has 3 of `skills`; a queue asks for one skill.
inline Definition profiles_world(std::uint32_t agents, std::uint32_t skills) {
  Definition d;
  d.add_channel({.name = "voice"});
  for (std::uint32_t s = 0; s < skills; ++s) {
    const SkillId skill = d.add_skill("s" + std::to_string(s));
    QueueDef q{.name = "q" + std::to_string(s)};
    q.steps.push_back({Requirement::skill(skill, 50)});
    d.add_queue(std::move(q));
  }
  Random random(5);
  std::vector<std::vector<SkillLevel>> profiles(100);
  std::uint32_t next = 0;  // every skill somewhere
  for (auto& p : profiles)
    for (int i = 0; i < 3; ++i) {
      const SkillId skill{1 + (next < skills ? next++ : static_cast<std::uint32_t>(random.below(skills)))};
      bool had = false;
      for (const SkillLevel& s : p) had = had || s.skill == skill;
      if (!had) p.push_back({skill, 80});
    }
  for (std::uint32_t a = 0; a < agents; ++a) {
    AgentDef def{.name = "a" + std::to_string(a)};
    def.skills = profiles[a % profiles.size()];
    d.add_agent(std::move(def));
  }
  return d;
}

// Every agent a different profile; requirements of three clauses over levels.
inline Definition adversarial_world(std::uint32_t agents, std::uint32_t skills, std::vector<Requirement>& needs) {
  Definition d;
  d.add_channel({.name = "voice"});
  for (std::uint32_t s = 0; s < skills; ++s) d.add_skill("s" + std::to_string(s));
  d.add_queue({.name = "all"});
  Random random(9);
  for (std::uint32_t a = 0; a < agents; ++a) {
    AgentDef def{.name = "a" + std::to_string(a)};
    for (std::uint32_t s = 1; s <= skills; ++s)
      if (random.below(4) == 0) def.skills.push_back({SkillId{s}, static_cast<std::uint8_t>(1 + random.below(100))});
    d.add_agent(std::move(def));
  }
  const auto any = [&](std::uint8_t level) { return Requirement::skill(SkillId{static_cast<std::uint32_t>(1 + random.below(skills))}, level); };
  for (int i = 0; i < 200; ++i) needs.push_back((any(50) && any(20)) || any(80));
  return d;
}

}  // namespace hotline::acd
