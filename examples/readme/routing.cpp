#include <hotline/acd.hpp>
#include <iostream>

int main() {
  using namespace std::chrono_literals;
  auto definition = hotline::acd::parse_definition(
      "acd: 1\n"
      "skills: [mandarin]\n"
      "queues: {general: {requires: {mandarin: 50}}}\n"
      "agents: {lin: {skills: {mandarin: 90}}, zhou: {skills: {mandarin: 70}}}\n", "routing.yaml").value();
  hotline::acd::Events events;
  hotline::acd::Router router(definition, events);
  hotline::Time now{};  // your clock, or none: the router reads no clock
  for (const char* name : {"lin", "zhou"}) {
    router.login(definition.find_agent(name), now);
    router.ready(definition.find_agent(name), now += 1s);
  }
  router.enqueue({.queue = definition.find_queue("general"), .tag = 12345}, now += 1s).value();
  std::cout << definition.agents[events.back().agent.value - 1].name << " is offered the call\n";  // lin: idle longest
}
