#include "hotline/acd/command.hpp"

#include <cstring>
#include <iterator>

#include "acd/engine.hpp"

namespace hotline::acd {

std::string_view to_string(Verb verb) {
  static constexpr std::string_view kNames[] = {
      "advance", "enqueue", "abandon", "accept", "reject", "connected", "connect_failed", "ended", "wrap_up_done",
      "extend_wrap_up", "requeue", "to_callback", "returned", "prioritise", "move", "withdraw", "release", "login",
      "logout", "ready", "not_ready", "lost", "release_agent", "pull", "push", "transfer", "request_help", "force_ready",
      "force_not_ready", "force_logout", "monitor", "stop_monitor", "take_over", "drain", "undrain", "restarted", "reclaim",
      "callback_failed"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Verb::callback_failed) + 1);
  const auto i = static_cast<std::size_t>(verb);
  return i < std::size(kNames) ? kNames[i] : "unknown";
}

Command to_command(const Enqueue& r, Time at) {
  Command c;
  c.verb = Verb::enqueue;
  c.mode = static_cast<std::uint8_t>((r.callback ? 1 : 0) | (r.prefer_must_be_ready ? 2 : 0));
  c.priority = r.priority, c.at = to_ns(at), c.contact = r.tag, c.duration = r.max_wait.count();
  c.prefer_wait = r.prefer_wait.count(), c.since = to_ns(r.since), c.wrap_time = r.wrap_time.count();
  c.agent = r.prefer.value, c.queue = r.queue.value, c.requires_ = r.requires_.value;
  c.strict_class = r.strict_class, c.channel = r.channel.value, c.site = r.site.value;
  return c;
}

namespace {

Done enqueue(Router& router, const Command& c) {
  Enqueue r;
  r.queue = QueueId{c.queue}, r.tag = c.contact, r.priority = c.priority, r.strict_class = c.strict_class;
  r.requires_ = RequirementId{c.requires_}, r.channel = ChannelId{c.channel}, r.site = SiteId{c.site};
  r.since = time_from_ns(c.since), r.max_wait = Duration{c.duration}, r.prefer = AgentId{c.agent};
  r.prefer_wait = Duration{c.prefer_wait}, r.prefer_must_be_ready = (c.mode & 2) != 0, r.callback = (c.mode & 1) != 0;
  r.wrap_time = Duration{c.wrap_time};
  const auto id = router.enqueue(r, time_from_ns(c.at));
  if (id.ok()) return {Outcome::done, *id};
  switch (id.code()) {
    case ErrorCode::limit: return {Outcome::limit, {}};
    case ErrorCode::not_found: return {Outcome::unknown, {}};
    case ErrorCode::invalid_expression: return {Outcome::wrong_state, {}};
    default: return {Outcome::denied, {}};
  }
}

// The fields without the time: what a repeated command must have in common with the first.
std::uint64_t body_of(Command c) {
  c.at = 0;
  std::uint64_t words[sizeof c / 8], h = 1469598103934665603ull;
  std::memcpy(words, &c, sizeof c);
  for (const std::uint64_t word : words) h = (h ^ word) * 1099511628211ull, h ^= h >> 29;
  return h;
}

Done execute_once(Router& r, const Command& c) {
  const Time at = time_from_ns(c.at);
  const ContactId contact{c.contact};
  const OfferId offer{c.contact};
  const AgentId agent{c.agent}, by{c.by};
  const QueueId queue{c.queue};
  const ReasonId reason{c.reason};
  const NoteId note{c.note};
  const Audit audit{by, note};
  switch (c.verb) {
    case Verb::advance: r.advance(at); return {};
    case Verb::enqueue: return enqueue(r, c);
    case Verb::abandon: return {r.abandon(contact, at), {}};
    case Verb::accept: return {r.accept(offer, at), {}};
    case Verb::reject: return {c.mode < 4 ? r.reject(offer, at, static_cast<HowRejected>(c.mode)) : Outcome::unknown, {}};
    case Verb::connected: return {r.connected(contact, at), {}};
    case Verb::connect_failed: return {r.connect_failed(contact, at), {}};
    case Verb::ended: return {r.ended(contact, at), {}};
    case Verb::wrap_up_done: return {r.wrap_up_done(contact, at), {}};
    case Verb::extend_wrap_up: return {r.extend_wrap_up(contact, Duration{c.duration}, at), {}};
    case Verb::requeue: return {r.requeue(contact, queue, at, audit), {}};
    case Verb::to_callback: return {r.to_callback(contact, at, {time_from_ns(c.since), time_from_ns(c.duration), time_from_ns(c.prefer_wait)}), {}};
    case Verb::returned: return {r.returned(contact, at), {}};
    case Verb::prioritise: return {r.prioritise(contact, c.priority, at, audit), {}};
    case Verb::move: return {r.move(contact, queue, at, audit), {}};
    case Verb::withdraw: return {r.withdraw(contact, at, audit), {}};
    case Verb::release: return {r.release(contact, at, audit), {}};
    case Verb::login: return {r.login(agent, at), {}};
    case Verb::logout: return {r.logout(agent, at, c.mode != 0 ? LogoutMode::hard : LogoutMode::when_free), {}};
    case Verb::ready: return {r.ready(agent, at), {}};
    case Verb::not_ready: return {r.not_ready(agent, at, reason), {}};
    case Verb::lost: return {r.lost(agent, at), {}};
    case Verb::release_agent: return {r.release_agent(agent, at, audit), {}};
    case Verb::pull: return {r.pull(agent, contact, at, audit), {}};
    case Verb::push: return {r.push(contact, agent, at, audit), {}};
    case Verb::transfer: return {r.transfer(contact, agent, at, c.mode != 0 ? TakeOverMode::forced : TakeOverMode::within_capacity, audit), {}};
    case Verb::request_help: return {r.request_help(agent, at), {}};
    case Verb::force_ready: return {r.force_ready(agent, by, at, note), {}};
    case Verb::force_not_ready: return {r.force_not_ready(agent, by, at, reason, note), {}};
    case Verb::force_logout: return {r.force_logout(agent, by, at, c.mode != 0 ? LogoutMode::hard : LogoutMode::when_free, note), {}};
    case Verb::monitor: return {c.mode < 3 ? r.monitor(agent, by, static_cast<MonitorMode>(c.mode), at, note) : Outcome::unknown, {}};
    case Verb::stop_monitor: return {r.stop_monitor(agent, by, at, note), {}};
    case Verb::take_over: return {r.take_over(contact, by, at, c.mode != 0 ? TakeOverMode::forced : TakeOverMode::within_capacity, note), {}};
    case Verb::drain: return {r.drain(queue, at, audit), {}};
    case Verb::undrain: return {r.undrain(queue, at, audit), {}};
    case Verb::restarted: r.restarted(at); return {};
    case Verb::reclaim: return {r.reclaim(contact, at), {}};
    case Verb::callback_failed: return {r.callback_failed(contact, at), {}};
  }
  return {Outcome::unknown, {}};
}

}  // namespace

struct CommandAccess {
  static Seen& seen(Router& router) { return router.engine_->seen_; }
};

Done execute(Router& r, const Command& c) {
  if (c.id == 0) return execute_once(r, c);
  Seen& seen = CommandAccess::seen(r);
  if (const Seen::Record* before = seen.find(c.id))
    return before->body == body_of(c) ? Done{Outcome::done, ContactId{before->contact}} : Done{Outcome::reused, {}};
  const Done done = execute_once(r, c);
  if (done.outcome == Outcome::done) seen.add({c.id, body_of(c), done.contact.value});
  return done;
}

}  // namespace hotline::acd
