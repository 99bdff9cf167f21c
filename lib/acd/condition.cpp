// When a step is considered: an expression over what stands there at that moment.
#include "acd/condition.hpp"

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

using expr::Type;
using expr::Value;

enum Slot : std::uint32_t {
  queue_waiting, queue_ringing, queue_longest_wait, step_ready, step_busy, step_logged_in, contact_waited, contact_priority,
  contact_class, contact_channel, contact_site, contact_callback, router_waiting, slot_count,
};

expr::Environment environment() {
  expr::Environment names;
  const auto declare = [&](const char* name, Type type) { (void)names.declare(name, std::move(type)); };
  declare("queue.waiting", Type::integer()), declare("queue.ringing", Type::integer()), declare("queue.longest_wait", Type::duration());
  declare("step.ready", Type::integer()), declare("step.busy", Type::integer()), declare("step.logged_in", Type::integer());
  declare("contact.waited", Type::duration()), declare("contact.priority", Type::integer()), declare("contact.class", Type::integer());
  declare("contact.channel", Type::string()), declare("contact.site", Type::string()), declare("contact.callback", Type::boolean());
  declare("router.waiting", Type::integer());
  return names;
}

}  // namespace

Result<expr::Program> compile_condition(std::string_view text) {
  expr::Options options;
  options.result = Type::boolean();
  return expr::Program::compile(text, environment(), options);
}

Status check_condition(std::string_view text) {
  const auto program = compile_condition(text);
  return program.ok() ? Status{} : Status(program.error());
}

bool Engine::condition_holds(const expr::Program& condition, const Contact& c, std::uint32_t step) {
  const std::uint32_t lane = lane_for(key_for(c, 1u << step));
  const auto count = [&](std::uint8_t mask) { return static_cast<std::int64_t>(present(lane, mask)); };
  const auto longest = view(QueueId{c.queue + 1})->longest_since;
  Value slots[slot_count];
  slots[queue_waiting] = static_cast<std::int64_t>(queues_[c.queue].waiting);
  slots[queue_ringing] = static_cast<std::int64_t>(queues_[c.queue].ringing);
  slots[queue_longest_wait] = longest ? time_from_ns(now_) - *longest : Duration{0};
  slots[step_ready] = count(kPresentReady);
  slots[step_busy] = count(kPresentBusy | kPresentWrap);
  slots[step_logged_in] = static_cast<std::int64_t>(logged_in(lane));
  slots[contact_waited] = Duration{now_ - c.since};
  slots[contact_priority] = static_cast<std::int64_t>(c.priority);
  slots[contact_class] = static_cast<std::int64_t>(c.strict);
  slots[contact_channel] = std::string_view(def_.channels[c.channel].name);
  slots[contact_site] = c.site != kNil ? std::string_view(def_.sites[c.site].name) : std::string_view();
  slots[contact_callback] = c.callback;
  slots[router_waiting] = static_cast<std::int64_t>(waiting_);
  const auto holds = condition.test(slots);
  return holds.ok() && *holds;
}

}  // namespace hotline::acd
