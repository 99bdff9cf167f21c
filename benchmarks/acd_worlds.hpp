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

}  // namespace hotline::acd
