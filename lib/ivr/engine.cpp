#include "hotline/ivr/engine.hpp"

#include <algorithm>

#include "ivr/runner.hpp"

namespace hotline::ivr {

struct Engine::State {
  explicit State(Flow f) : flow(std::move(f)), slots(flow.program().scratch + 1) {}
  Flow flow;
  bool migrating = false;
  Migration migration;
  std::vector<Overlay> overlays;
  std::vector<expr::Value> slots;
  std::vector<Flow> retired;
  Output output;

  Surroundings around() { return {&overlays, migrating ? &flow : nullptr, &migration, &retired}; }
  Runner runner(Session& session, Time now, const Surroundings& surroundings) {
    output.clear();
    retired.clear();
    const Index needed = std::max(session.flow().program().scratch, flow.program().scratch);
    if (slots.size() <= needed) slots.resize(needed + 1u);
    return Runner(session, output, slots, surroundings, now);
  }
};

Engine::Engine(Flow flow) : state_(std::make_unique<State>(std::move(flow))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const Flow& Engine::flow() const { return state_->flow; }

std::span<const Action> Engine::start(Session& session, const Start& start, Time now) {
  const Surroundings around = state_->around();
  state_->runner(session, now, around).start(start);
  return state_->output.finish();
}

std::span<const Action> Engine::step(Session& session, const Event& event, Time now) {
  const Surroundings around = state_->around();
  state_->runner(session, now, around).handle(event);
  return state_->output.finish();
}

std::span<const Action> Engine::resume(Session& session, Time now) {
  const Surroundings around = state_->around();
  state_->runner(session, now, around).resume();
  return state_->output.finish();
}

std::span<const Trace> Engine::trace() const { return state_->output.traced(); }

void Engine::publish(Flow next) {
  state_->flow = std::move(next);
  state_->migrating = false;
}
void Engine::publish(Flow next, Migration migration) {
  state_->flow = std::move(next);
  state_->migration = std::move(migration);
  state_->migrating = true;
}

Status Engine::lay(Overlay overlay) {
  const Program& p = state_->flow.program();
  if (overlay.node != "*" && p.find(overlay.node) == kNone)
    return Error(ErrorCode::not_found, "the flow has no node `" + overlay.node + "` to lay `" + overlay.id + "` over",
                 "give a node's id, or * for the start of every call");
  if (!overlay.go_to.empty() && overlay.go_to != "hangup" && p.find(overlay.go_to) == kNone)
    return Error(ErrorCode::not_found, "the flow has no node `" + overlay.go_to + "` to go to", "give a node's id, or hangup");
  (void)lift(overlay.id);
  state_->overlays.push_back(std::move(overlay));
  return {};
}

Status Engine::lift(std::string_view id) {
  const auto found = std::find_if(state_->overlays.begin(), state_->overlays.end(), [&](const Overlay& o) { return o.id == id; });
  if (found == state_->overlays.end())
    return Error(ErrorCode::not_found, "no overlay is called `" + std::string(id) + "`", "it may have been lifted already");
  state_->overlays.erase(found);
  return {};
}

}  // namespace hotline::ivr
