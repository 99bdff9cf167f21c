#include "hotline/sim/session.hpp"

#include <cmath>

#include "hotline/base/json.hpp"

namespace hotline::sim {
namespace {

// Where the rule is `custom`: whoever drives the session decides.
std::int64_t nobody(void*, acd::ContactCandidate, std::span<const acd::AgentCandidate>, Time) { return -1; }
std::int64_t nothing(void*, acd::AgentCandidate, std::span<const acd::ContactCandidate>, Time) { return -1; }

}  // namespace

struct Session::State {
  Experiment experiment;
  std::size_t variant = 0;
  Policies policies;
  std::unique_ptr<Simulation> simulation;
  std::vector<SessionEvent> events;

  const Variant& of() const { return experiment.variants[variant]; }

  void happened(const ContactRecord& c) {
    const auto time = [](double seconds) { return Duration(static_cast<std::int64_t>(std::llround(seconds * 1e9))); };
    std::string fields;
    JsonWriter json(fields);
    json.begin_object().field("stream", of().model.streams[c.stream].name);
    if (c.outcome == Count::answered) json.field("agent", of().model.centre.agents[c.agent - 1].name);
    json.field("waited", hotline::to_string(time(c.wait_s)));
    if (c.outcome == Count::answered) json.field("handling", hotline::to_string(time(c.handling_s)));
    json.end_object();
    events.push_back({time(simulation != nullptr ? simulation->now_s() : 0), std::string(to_string(c.outcome)), std::move(fields)});
  }
};

Session::Session(Experiment experiment, std::size_t variant, std::uint32_t replication) : state_(std::make_unique<State>()) {
  if (variant >= experiment.variants.size()) throw Exception(Error(ErrorCode::invalid_argument, "there is no variant " + std::to_string(variant), "variants count from 0"));
  State& s = *state_;
  s.experiment = std::move(experiment);
  s.variant = variant;
  const acd::Definition& centre = s.of().model.centre;
  for (std::uint32_t i = 1; i <= centre.queues.size(); ++i) s.policies.agents.emplace_back(acd::QueueId(i), acd::AgentChooser{nobody, nullptr});
  for (std::uint32_t i = 1; i <= centre.teams.size(); ++i) s.policies.contacts.emplace_back(acd::TeamId(i), acd::ContactChooser{nothing, nullptr});
  s.simulation = std::make_unique<Simulation>(s.of().model, s.of().plan, replication, s.of().has_snapshot ? &s.of().snapshot : nullptr, &s.policies);
  s.simulation->on_contact([state = state_.get()](const ContactRecord& c) { state->happened(c); });
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;

void Session::advance(Duration at) { state_->simulation->run_until(1e-9 * static_cast<double>(at.count())); }

Status Session::apply(Duration at, std::string_view verb, std::string_view json) {
  HOTLINE_ASSIGN(const Node node, parse_document(json.empty() ? "{}" : json, "command"));
  return apply(at, verb, node);
}

Status Session::apply(Duration at, std::string_view verb, const Node& fields) {
  advance(at);
  if (verb != "push") return Error(ErrorCode::not_found, "no command `" + std::string(verb.substr(0, 40)) + "`", "there is: push {queue, team}", fields.place("command"));
  Diagnostics diagnostics("command");
  Fields f(fields, diagnostics, "push");
  const acd::Definition& centre = state_->of().model.centre;
  const std::string queue = f.required_string("queue"), team = f.required_string("team");
  f.finish();
  HOTLINE_TRY(diagnostics.status());
  const acd::QueueId q = centre.find_queue(queue);
  const acd::TeamId t = centre.find_team(team);
  if (!q || !t) return Error(ErrorCode::not_found, "the centre has no " + (q ? "team `" + team + "`" : "queue `" + queue + "`"), "name one of the centre's", fields.place("command"));
  const acd::Outcome outcome = state_->simulation->push(q.value - 1, t.value - 1);
  if (outcome == acd::Outcome::done) return {};
  return Error(ErrorCode::wrong_state, "push: " + std::string(acd::to_string(outcome)), "somebody must wait in the queue, and somebody of the team be idle", fields.place("command"));
}

std::vector<SessionEvent> Session::take_events() {
  std::vector<SessionEvent> out;
  out.swap(state_->events);
  return out;
}

Report Session::report() const { return state_->simulation->report(); }

}  // namespace hotline::sim
