#include "state.hpp"

namespace hotline::sim {

void Simulation::State::begin_call(std::uint32_t slot) {
  Slot& s = slots[slot];
  s.phase = Phase::menu;
  s.call = walkers[s.stream]->begin(streams[s.stream].menu(), contacts, time());
  carry_on(slot);
}

void Simulation::State::call_due(std::uint32_t slot, std::int64_t at) {
  Slot& s = slots[slot];
  if (s.call == kNone || s.call_due != at) return;  // something else came first
  s.call_due = kForever;
  walkers[s.stream]->advance(s.call, time());
  carry_on(slot);
}

// Does what the flow asks for, and notes when it will act next.
void Simulation::State::carry_on(std::uint32_t slot) {
  const std::uint32_t stream = slots[slot].stream;
  Walkers& flow = *walkers[stream];
  const Desire desire = flow.take(slots[slot].call);
  if (desire.tickets > 0) open_tickets(slot, desire.tickets);
  if (desire.leave_queue && slots[slot].phase == Phase::waiting) {
    unlink(slot);
    slots[slot].phase = Phase::menu;
    slots[slot].queued = false;
    slots[slot].deadline = kForever;
    const acd::ContactId contact = slots[slot].contact;
    router.withdraw(contact, time());
    pump();
  }
  if (desire.ended) return call_ended(slot, desire.by_caller);
  if (desire.enqueue && slots[slot].phase == Phase::menu) {
    const Walk& walk = *model.streams[stream].ivr.walk;
    Slot& s = slots[slot];
    acd::QueueId queue;
    for (const auto& [name, id] : walk.queues)
      if (name == desire.queue) queue = id;
    if (!queue) queue = model.centre.find_queue(desire.queue);
    s.queue = queue ? queue : model.streams[stream].queue;
    s.priority = desire.priority;
    enter_queue(slot);
    if (slots[slot].call == kNone) return;
  } else if (desire.enqueue) {
    return queue_is_full(slot);  // somebody who has talked already is not queued again
  }
  Slot& s = slots[slot];
  const Time due = flow.due(s.call);
  const std::int64_t at = due == Time::max() ? kForever : std::max((due - model.start).count(), now);
  if (at == s.call_due) return;
  s.call_due = at;
  if (at != kForever) list.push(at, Happening::call, slot);
}

void Simulation::State::queue_is_full(std::uint32_t slot) {
  Slot& s = slots[slot];
  if (s.phase == Phase::waiting) s.phase = Phase::menu, s.refused = true;
  walkers[s.stream]->queue_full(s.call, time());
  carry_on(slot);
}

void Simulation::State::drop_call(std::uint32_t slot) {
  Slot& s = slots[slot];
  walkers[s.stream]->release(s.call);
  s.call = kNone;
  s.call_due = kForever;
}

// The caller puts the telephone down; the slot's state is the caller's business.
void Simulation::State::hang_up(std::uint32_t slot) {
  Walkers& flow = *walkers[slots[slot].stream];
  flow.hang_up(slots[slot].call, time());
  if (const Desire desire = flow.take(slots[slot].call); desire.tickets > 0) open_tickets(slot, desire.tickets);
  drop_call(slot);
}

void Simulation::State::call_ended(std::uint32_t slot, bool by_caller) {
  drop_call(slot);
  Slot& s = slots[slot];
  switch (s.phase) {
    case Phase::waiting: {
      unlink(slot);
      const acd::ContactId contact = s.contact;
      s.phase = Phase::menu;
      router.withdraw(contact, time());
      pump();
      [[fallthrough]];
    }
    case Phase::menu:
      s.entered = now;
      if (s.refused && !by_caller) return refuse(slot);
      leave(slot, by_caller ? Count::in_ivr_left : Count::in_ivr_finished);
      return release(slot);
    case Phase::after:
      --lines_used[model.streams[s.stream].trunk];
      --in_system;
      return release(slot);
    case Phase::wrapping:
      --lines_used[model.streams[s.stream].trunk];
      --in_system;
      return;
    default: return;  // while the talk lasts, it decides
  }
}

void Simulation::State::leave_tickets(std::uint32_t slot) {
  const Slot& s = slots[slot];
  Random random = substream(plan.seed ^ static_cast<std::uint64_t>(s.arrival), Purpose::leaves_ticket, s.stream, replication);
  for (std::size_t k = 0; k < tickets.size(); ++k)
    for (const auto& [stream, share] : model.tickets[k]->from)
      if (stream == s.stream && random.uniform() < share) tickets[k].open(time(), s.interval);
  tally_tickets();
}

void Simulation::State::open_tickets(std::uint32_t slot, std::uint32_t of_flow) {
  const Slot& s = slots[slot];
  for (std::size_t k = 0; k < tickets.size(); ++k)
    for (const std::size_t stream : model.tickets[k]->from_flow)
      for (std::uint32_t i = 0; stream == s.stream && i < of_flow; ++i) tickets[k].open(time(), s.interval);
  tally_tickets();
}

void Simulation::State::tally_tickets() {
  for (std::size_t k = 0; k < tickets.size(); ++k) {
    for (const TicketRuns::Tally& t : tickets[k].tallies()) row(t.interval)[tickets_at + k * kTicketCounts + static_cast<std::size_t>(t.what)] += t.by;
    tickets[k].tallies().clear();
  }
}

}  // namespace hotline::sim
