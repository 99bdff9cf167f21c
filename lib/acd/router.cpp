#include "hotline/acd/router.hpp"

#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

Router::Router(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

Result<Router> Router::create(Definition definition, Events& events) {
  Diagnostics diagnostics(definition.name);
  definition.validate(diagnostics);
  HOTLINE_TRY(diagnostics.status());
  return Router(std::make_unique<Engine>(std::move(definition), events));
}
Router::Router(Definition definition, Events& events) : Router(create(std::move(definition), events).value()) {}

void Router::advance(Time now) { engine_->advance(to_ns(now)); }
std::optional<Time> Router::next_deadline() const {
  const std::int64_t at = engine_->next_deadline();
  return at == kForever ? std::nullopt : std::optional<Time>(time_from_ns(at));
}
Time Router::now() const { return time_from_ns(engine_->now()); }

// Each command: what is due fires first.
#define HOTLINE_AT(now) engine_->advance(to_ns(now))

Result<ContactId> Router::enqueue(const Enqueue& request, Time now) { return HOTLINE_AT(now), engine_->enqueue(request); }
Result<RequirementId> Router::require(const Requirement& requirement) { return engine_->require(requirement); }
Result<RequirementId> Router::require(std::string_view expression) {
  HOTLINE_ASSIGN(const Requirement requirement, parse_requirement(expression, engine_->def_));
  return engine_->require(requirement);
}
Outcome Router::abandon(ContactId c, Time now) { return HOTLINE_AT(now), engine_->abandon(c); }
Outcome Router::accept(OfferId o, Time now) { return HOTLINE_AT(now), engine_->accept(o); }
Outcome Router::reject(OfferId o, Time now, HowRejected how) { return HOTLINE_AT(now), engine_->reject(o, how); }
Outcome Router::connected(ContactId c, Time now) { return HOTLINE_AT(now), engine_->connected(c); }
Outcome Router::connect_failed(ContactId c, Time now) { return HOTLINE_AT(now), engine_->connect_failed(c); }
Outcome Router::ended(ContactId c, Time now) { return HOTLINE_AT(now), engine_->ended(c); }
Outcome Router::wrap_up_done(ContactId c, Time now) { return HOTLINE_AT(now), engine_->wrap_up_done(c); }
Outcome Router::extend_wrap_up(ContactId c, Duration by, Time now) { return HOTLINE_AT(now), engine_->extend_wrap_up(c, by.count()); }
Outcome Router::to_callback(ContactId c, Time now, CallbackTimes times) { return HOTLINE_AT(now), engine_->to_callback(c, times); }
Outcome Router::returned(ContactId c, Time now) { return HOTLINE_AT(now), engine_->returned(c); }
Outcome Router::callback_failed(ContactId c, Time now) { return HOTLINE_AT(now), engine_->callback_failed(c); }

Outcome Router::login(AgentId a, Time now) { return HOTLINE_AT(now), engine_->login(a); }
Outcome Router::logout(AgentId a, Time now, LogoutMode mode) { return HOTLINE_AT(now), engine_->logout(a, mode, Reason::by_agent); }
Outcome Router::ready(AgentId a, Time now) { return HOTLINE_AT(now), engine_->ready(a, Reason::by_agent); }
Outcome Router::not_ready(AgentId a, Time now, ReasonId reason) {
  return HOTLINE_AT(now), engine_->not_ready(a, reason, Reason::by_agent);
}
Outcome Router::lost(AgentId a, Time now) { return HOTLINE_AT(now), engine_->lost(a); }
Outcome Router::request_help(AgentId a, Time now) { return HOTLINE_AT(now), engine_->request_help(a); }
Outcome Router::monitor(AgentId a, AgentId by, MonitorMode mode, Time now, NoteId note) { return HOTLINE_AT(now), engine_->monitor(a, by, mode, note); }
Outcome Router::stop_monitor(AgentId a, AgentId by, Time now, NoteId note) { return HOTLINE_AT(now), engine_->stop_monitor(a, by, note); }
Outcome Router::take_over(ContactId c, AgentId by, Time now, TakeOverMode mode, NoteId note) {
  return HOTLINE_AT(now), engine_->transfer(c, by, mode, Reason::by_supervisor, note);
}

// Commands that a supervisor may give: who and why are told when it is done.
#define HOTLINE_AUDITED(command, agent, contact, queue, act) \
  (HOTLINE_AT(now), engine_->audited(audit, SupervisorCommand::command, agent, contact, queue, [&] { return engine_->act; }))
Outcome Router::requeue(ContactId c, QueueId q, Time now, Audit audit) { return HOTLINE_AUDITED(requeue, {}, c, q, requeue(c, q)); }
Outcome Router::prioritise(ContactId c, std::int32_t p, Time now, Audit audit) { return HOTLINE_AUDITED(prioritise, {}, c, {}, prioritise(c, p)); }
Outcome Router::move(ContactId c, QueueId q, Time now, Audit audit) { return HOTLINE_AUDITED(move, {}, c, q, move(c, q)); }
Outcome Router::withdraw(ContactId c, Time now, Audit audit) { return HOTLINE_AUDITED(withdraw, {}, c, {}, withdraw(c)); }
Outcome Router::release(ContactId c, Time now, Audit audit) { return HOTLINE_AUDITED(release, {}, c, {}, release(c)); }
Outcome Router::release_agent(AgentId a, Time now, Audit audit) { return HOTLINE_AUDITED(release_agent, a, {}, {}, release_agent(a)); }
Outcome Router::pull(AgentId a, ContactId c, Time now, Audit audit) { return HOTLINE_AUDITED(pull, a, c, {}, pull(a, c)); }
Outcome Router::push(ContactId c, AgentId a, Time now, Audit audit) { return HOTLINE_AUDITED(push, a, c, {}, push(c, a)); }
Outcome Router::transfer(ContactId c, AgentId to, Time now, TakeOverMode mode, Audit audit) {
  return HOTLINE_AUDITED(transfer, to, c, {}, transfer(c, to, mode, Reason::by_agent, audit.note));
}
Outcome Router::drain(QueueId q, Time now, Audit audit) { return HOTLINE_AUDITED(drain, {}, {}, q, drain(q)); }
Outcome Router::undrain(QueueId q, Time now, Audit audit) { return HOTLINE_AUDITED(undrain, {}, {}, q, undrain(q)); }
Outcome Router::force_ready(AgentId a, AgentId by, Time now, NoteId note) {
  const Audit audit{by, note};
  return !by ? Outcome::unknown : HOTLINE_AUDITED(force_ready, a, {}, {}, ready(a, Reason::by_supervisor));
}
Outcome Router::force_not_ready(AgentId a, AgentId by, Time now, ReasonId reason, NoteId note) {
  const Audit audit{by, note};
  return !by ? Outcome::unknown : HOTLINE_AUDITED(force_not_ready, a, {}, {}, not_ready(a, reason, Reason::by_supervisor));
}
Outcome Router::force_logout(AgentId a, AgentId by, Time now, LogoutMode mode, NoteId note) {
  const Audit audit{by, note};
  return !by ? Outcome::unknown : HOTLINE_AUDITED(force_logout, a, {}, {}, logout(a, mode, Reason::by_supervisor));
}
#undef HOTLINE_AUDITED
#undef HOTLINE_AT

NoteId Router::note(std::string_view text) { return engine_->note(text); }
std::string_view Router::note_text(NoteId id) const { return engine_->note_text(id); }
void Router::set_agent_chooser(QueueId queue, AgentChooser chooser) {
  if (queue.value - 1 < engine_->queues_.size()) engine_->queues_[queue.value - 1].chooser = chooser;
}
void Router::set_contact_chooser(TeamId team, ContactChooser chooser) {
  if (team.value < engine_->team_choosers_.size()) engine_->team_choosers_[team.value] = chooser;
}

std::optional<ContactView> Router::contact(ContactId id) const { return engine_->view(id); }
std::optional<AgentView> Router::agent(AgentId id) const { return engine_->view(id); }
std::optional<QueueView> Router::queue(QueueId id) const { return engine_->view(id); }
Result<std::uint32_t> Router::position(ContactId id) const {
  HOTLINE_ASSIGN(const Standing standing, engine_->standing(id));
  return standing.position;
}
Result<Standing> Router::standing(ContactId id) const { return engine_->standing(id); }
std::uint32_t Router::waiting() const { return engine_->waiting_; }
const Definition& Router::definition() const { return engine_->def_; }
Status Router::redefine(Definition definition, Time now) {
  engine_->advance(to_ns(now));
  return engine_->redefine(std::move(definition));
}
std::string Router::save() const { return engine_->save(); }
Status Router::restore(std::string_view bytes) { return engine_->restore(bytes); }
void Router::restarted(Time now) {
  engine_->advance(to_ns(now));
  engine_->restarted();
}
Outcome Router::reclaim(ContactId c, Time now) {
  engine_->advance(to_ns(now));
  return engine_->reclaim(c);
}
void Router::redirect(Events& events) { engine_->events_ = &events; }
Status Router::check() const { return engine_->check(); }

}  // namespace hotline::acd
