// Experiments of any bytes: an answer or an error, and what is accepted runs for a moment.
#include <cstdint>
#include <string_view>

#include "hotline/sim/experiment.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline;
  const auto experiment = sim::parse_experiment({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!experiment.ok()) return 0;
  for (const sim::Variant& v : experiment->variants) {
    if (v.model.centre.agents.size() > 200 || v.model.streams.size() > 20) continue;
    sim::Plan plan = v.plan;
    plan.duration_s = std::min(plan.duration_s, 60.0);
    plan.warm_up_s = std::min(plan.warm_up_s, 10.0);
    plan.interval_s = 0;
    sim::Simulation simulation(v.model, plan, 0, v.has_snapshot ? &v.snapshot : nullptr);
    for (double t = 0; t < 70 && simulation.run_until(t); t += 1)
      if (simulation.report().contacts > 2000) break;
  }
  return 0;
}
