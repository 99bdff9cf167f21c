// Selection alone: one contact asks, the best of the free agents is offered, the offer is withdrawn again.
#include "acd_load.hpp"
#include "acd_rivals.hpp"
#include "bench.hpp"

// The engine's choice itself is measured through its private header: everything else of a life-cycle is left out.
#include "acd/engine.hpp"

using namespace hotline;
using namespace hotline::acd;

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  for (const std::uint32_t agents : {1000u, 100000u}) {
    const std::string name = "acd.select." + std::to_string(agents);
    if (!suite.wants(name)) continue;
    Events events;
    Engine engine(profiles_world(agents, 64), events);
    rivals::LinearScan scan;
    for (std::uint32_t a = 1; a <= agents; ++a) {
      engine.advance(1'700'000'000'000'000'000 + a);
      (void)engine.login(AgentId{a}), (void)engine.ready(AgentId{a}, Reason::by_agent);
      std::uint64_t skills = 0;
      for (const SkillLevel& s : engine.def_.agents[a - 1].skills) skills |= std::uint64_t{1} << (s.skill.value - 1);
      scan.agents.push_back({skills, a, true});
    }
    // One contact of each queue, asking again and again.
    std::vector<std::uint32_t> contacts;
    for (std::uint32_t q = 0; q < 64; ++q) {
      const std::uint32_t at = engine.new_contact();
      engine.contacts_[at].queue = q, engine.contacts_[at].steps = 1, engine.contacts_[at].state = ContactState::waiting;
      contacts.push_back(at);
    }
    std::size_t i = 0;
    const double value = bench::rate([&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) {
        const std::uint32_t at = contacts[i++ % 64];
        bench::keep(engine.select_agent(at, engine.lane_for(engine.contacts_[at])));
      }
    });
    const double baseline = bench::rate([&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) bench::keep(scan.select(std::uint64_t{1} << (i++ % 64)));
    }, 0.2);
    suite.report(name, value, "1/s", "scan over all agents", baseline);
  }
  return 0;
}
