// A contact in a queue: its key, its steps, its limits, its way out.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {

Key Engine::contact_key(const Contact& c) const {
  const QueueDef& def = def_.queues[c.queue];
  std::int64_t k = c.since - def.head_start.count();
  if (def.key == KeyRule::boost) k -= def.boost.count() * static_cast<std::int64_t>(c.priority);
  if (def.key == KeyRule::deadline) k += def.target.count();
  return {-static_cast<std::int64_t>(c.strict), k, c.seq};
}

void Engine::enter_lane(std::uint32_t at) {
  Contact& c = contacts_[at];
  const std::uint32_t l = lane_for(c);
  Lane& lane = lanes_[l];
  if (lane.waiting.empty()) set_bit(nonempty_, l);
  lane.waiting.insert(contact_nodes_, at, contact_key(c));
  c.lane = l;
  ++waiting_;
  ++queues_[c.queue].waiting;
  if (c.callback) ++queues_[c.queue].callbacks;
  if (!c.announced) {
    c.announced = true;
    emit(EventType::queued, at, kNil, kNil, Reason::none, c.priority);
  }
  set_timer(at);
  touch_callbacks(l);
}

void Engine::leave_lane(std::uint32_t at) {
  Contact& c = contacts_[at];
  if (c.lane == kNil) return;
  Lane& lane = lanes_[c.lane];
  // Where the head of a line speaks for it, agents who were too dear for this one may be allowed the next.
  if (weights_matter_ && lane.waiting.first() == at) touch_queue(c.queue);
  lane.waiting.erase(contact_nodes_, at);
  if (lane.waiting.empty()) clear_bit(nonempty_, c.lane);
  touch_callbacks(c.lane);
  c.lane = kNil;
  --waiting_;
  Queue& queue = queues_[c.queue];
  --queue.waiting;
  if (c.callback) --queue.callbacks;
  if (queue.waiting == 0 && queue.draining) {
    Event e;
    e.at = time_from_ns(now_), e.type = EventType::drained, e.queue = QueueId{c.queue + 1};
    events_->push_back(e);
  }
}

bool Engine::step_applies(const Contact& c, std::uint32_t step) {
  const StepDef& def = def_.queues[c.queue].steps[step];
  if (queues_[c.queue].waiting >= def.consider_if_waiting_below) return false;
  if (const auto& condition = conditions_[c.queue][step]; condition && !condition_holds(*condition, c, step)) return false;
  if (!def.skip_if_nobody) return true;
  return logged_in(lane_for(key_for(c, 1u << step))) > 0;
}

// Opens the first step that applies; step_at tells when the next one does.
void Engine::begin_steps(std::uint32_t at) {
  Contact& c = contacts_[at];
  const auto& steps = def_.queues[c.queue].steps;
  c.sticky = false;
  c.step = 0;
  c.steps = 1;
  c.step_at = kForever;
  if (steps.empty()) return;
  const bool plain = steps[0].consider_if_waiting_below == kNoLimit && !steps[0].skip_if_nobody && !conditions_[c.queue][0];
  c.step_at = steps[0].wait.count() > 0 || steps.size() > 1 ? later(now_, steps[0].wait.count()) : kForever;
  if (!plain && !step_applies(c, 0)) {
    c.steps = 0;
    c.step_at = now_;
    open_next_step(at);
    return;
  }
  if (steps[0].strict_class) c.strict = *steps[0].strict_class;
}

// False: there is none, and the contact left the queue or stays for good.
bool Engine::open_next_step(std::uint32_t at) {
  const QueueDef& def = def_.queues[contacts_[at].queue];
  for (;;) {
    Contact& c = contacts_[at];
    const std::uint32_t next = c.step + 1u;
    if (c.steps & kAnybody || next > def.steps.size() || (next == def.steps.size() && def.after_last == AfterLast::stay)) {
      c.step_at = kForever;
      if (c.steps == 0) c.steps = 1;  // every step was skipped: the first one holds after all
      return false;
    }
    if (next == def.steps.size()) {
      c.step_at = kForever;
      if (def.after_last == AfterLast::overflow) {
        if (c.steps == 0) c.steps = 1;
        overflow(at, Reason::last_step);
        return false;
      }
      c.steps |= kAnybody;
      c.step = static_cast<std::uint8_t>(next);
    } else {
      c.step = static_cast<std::uint8_t>(next);
      const StepDef& step = def.steps[next];
      if (!step_applies(c, next)) {
        if (step.if_not == IfNot::skip) continue;  // takes no time
        c.step_at = later(c.step_at, step.wait.count());
        if (c.steps == 0) c.steps = 1;
        return true;
      }
      c.steps = step.mode == StepMode::replace ? 1u << next : c.steps | 1u << next;
      if (step.strict_class) c.strict = *step.strict_class;
      const bool more = next + 1 < def.steps.size() || (def.after_last != AfterLast::stay && step.wait.count() > 0);
      c.step_at = more ? later(c.step_at, step.wait.count()) : kForever;
    }
    emit(EventType::stepped, at, kNil, kNil, Reason::none, c.step);
    return true;
  }
}

void Engine::set_timer(std::uint32_t at) {
  const Contact& c = contacts_[at];
  std::int64_t next = kForever;
  if (c.state == ContactState::waiting) {
    next = std::min(c.step_at, c.leave_at);
    if (c.callback) next = std::min(next, promises_[c.promise].due);
    for (std::uint32_t i = c.excluded; i != kNil; i = exclusions_[i].next) next = std::min(next, exclusions_[i].until);
  } else if (c.state == ContactState::offered) {
    next = std::min(c.until, c.next_ring);
  } else {
    next = c.state == ContactState::held && promises_[c.promise].dialling == 0 ? std::min(c.until, c.leave_at) : c.until;
  }
  timers_.set(timer_of_contact(at), next);
}

void Engine::on_contact_timer(std::uint32_t at) {
  Contact& c = contacts_[at];
  switch (c.state) {
    case ContactState::held: return on_held(at);
    case ContactState::waiting: {
      if (c.callback && promises_[c.promise].due <= now_) {  // as agreed, though the turn has not come
        promises_[c.promise].due = kForever;
        if (dials_first(c)) {
          dial(at);
          settle();
          return;
        }
      }
      const bool expired = c.excluded != kNil;
      for (std::uint32_t* link = &c.excluded; *link != kNil;) {
        Exclusion& e = exclusions_[*link];
        if (e.until > now_) {
          link = &e.next;
          continue;
        }
        const std::uint32_t gone = *link;
        *link = e.next;
        e.next = free_exclusion_;
        free_exclusion_ = gone;
      }
      if (c.step_at <= now_) {
        leave_lane(at);
        if (c.sticky) begin_steps(at);
        else open_next_step(at);
        if (contacts_[at].state == ContactState::waiting) touch_contact(at);
      } else if (expired && c.leave_at > now_) {
        leave_lane(at);
        touch_contact(at);
      }
      settle();
      Contact& after = contacts_[at];
      if (after.state == ContactState::waiting && after.leave_at <= now_) {
        overflow(at, after.callback ? Reason::callback_window : Reason::max_wait);
        settle();
      }
      if (contacts_[at].state == ContactState::waiting) set_timer(at);
      return;
    }
    case ContactState::offered: {
      if (c.until <= now_) {
        std::uint32_t offer = c.offers;
        while (offer != kNil) {
          const std::uint32_t next = offers_[offer].next;
          if (!offers_[offer].accepted) missed(offer, HowRejected::no_answer, Reason::timed_out);
          offer = next;
        }
        back_to_waiting(at);
      } else {  // ring one more
        const QueueDef& def = def_.queues[c.queue];
        c.next_ring = kForever;
        crossing_ = kForever;
        const std::uint32_t agent = throttled(c.queue) ? kNil : select_agent(at, lane_for(c));
        if (agent != kNil) make_offer(at, agent);
        std::uint32_t ringing = 0;
        for (std::uint32_t o = contacts_[at].offers; o != kNil; o = offers_[o].next) ++ringing;
        if (ringing < def.fanout && def.fanout_every.count() > 0) contacts_[at].next_ring = later(now_, def.fanout_every.count());
        set_timer(at);
      }
      settle();
      return;
    }
    case ContactState::wrap:
      end_wrap(at);
      settle();
      return;
    default:
      if (c.until <= now_) {  // nobody said after the restart that they still talk
        emit(EventType::released, at, c.agent, kNil, Reason::restarted, now_ - c.answered);
        const std::uint32_t agent = c.agent;
        detach(at);
        free_contact(at);
        became_free(agent);
      }
      settle();
  }
}

void Engine::enter_queue(std::uint32_t at, std::uint32_t q, std::int64_t max_wait) {
  Contact& c = contacts_[at];
  c.queue = q;
  c.leave_at = c.callback ? promises_[c.promise].until : max_wait > 0 ? later(now_, max_wait) : kForever;
  c.offers_made = 0;
  c.steps = 1;
  if (c.prefer != kNil && c.sticky) return;
  begin_steps(at);
}

// The first station of the queue's chain that takes the contact. It is in no lane afterwards, or it was never.
void Engine::overflow(std::uint32_t at, Reason why) {
  leave_lane(at);
  Contact& c = contacts_[at];
  const std::uint32_t from = c.queue;
  const QueueDef& def = def_.queues[from];
  const bool over = why == Reason::callback_failed || why == Reason::callback_window;  // no more waiting
  std::uint32_t index = 0;
  for (const OverflowDef& station : def.overflow) {
    ++index;
    if (over && (station.kind == OverflowKind::queue || station.kind == OverflowKind::back)) continue;
    std::uint32_t to = kNil;
    if (station.kind == OverflowKind::queue) to = station.queue.value - 1;
    if (station.kind == OverflowKind::back) to = c.came_from;
    if (station.kind == OverflowKind::callback && c.callback) continue;
    if (station.kind == OverflowKind::queue || station.kind == OverflowKind::back) {
      if (to == kNil || c.overflows >= 8) continue;
      if (station.kind == OverflowKind::queue) to = distribute(to, c.seq);
      const QueueDef& target = def_.queues[to];
      const bool open = target.calendar == 0 || def_.calendars[target.calendar - 1].is_open(time_from_ns(now_));
      if (!open || queues_[to].draining || queues_[to].waiting >= target.max_waiting) continue;
      ++c.overflows;
      c.came_from = station.kind == OverflowKind::back ? kNil : from;
      if (c.strict == def.strict_class) c.strict = target.strict_class;
      enter_queue(at, to, target.max_wait.count());
      emit(EventType::moved, at, kNil, kNil, why, from + 1);
      touch_contact(at);
      return;
    }
    if (station.kind == OverflowKind::callback) {
      promise(at, {});
      const std::int64_t dial_from = may_dial_from(at, now_);
      emit(EventType::became_callback, at, kNil, kNil, why, dial_from > now_ ? dial_from : 0);
      if (dial_from > now_) hold(at, dial_from);
      else touch_contact(at);
      return;
    }
    emit(EventType::overflowed, at, kNil, kNil, why,
         static_cast<std::int64_t>(station.kind) << 32 | static_cast<std::int64_t>(index - 1));
    free_contact(at);
    return;
  }
  if (def.overflow.empty() && (why == Reason::max_offers || why == Reason::last_step)) {
    touch_contact(at);  // nowhere to go: waits on
    return;
  }
  emit(EventType::overflowed, at, kNil, kNil, why, static_cast<std::int64_t>(OverflowKind::hang_up) << 32);
  free_contact(at);
}

// Agents of a group changed their states: contacts whose queue asks who is there may have to leave.
void Engine::check_presence(std::uint32_t g) {
  if (!presence_matters_) return;
  const std::size_t words = std::min(groups_[g].lanes.size(), nonempty_.size());
  for (std::size_t w = 0; w < words; ++w) {
    for (std::uint64_t bits = groups_[g].lanes[w] & nonempty_[w]; bits != 0; bits &= bits - 1) {
      const auto l = static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(bits));
      const std::uint8_t mask = def_.queues[lanes_[l].key.queue].stay;
      if (mask == 0 || present(l, mask) > 0) continue;
      while (!lanes_[l].waiting.empty()) overflow(lanes_[l].waiting.first(), Reason::left_empty);
    }
  }
}

void Engine::exclude(std::uint32_t contact, std::uint32_t agent, std::int64_t until) {
  Contact& c = contacts_[contact];
  for (std::uint32_t i = c.excluded; i != kNil; i = exclusions_[i].next)
    if (exclusions_[i].agent == agent) {
      exclusions_[i].until = std::max(exclusions_[i].until, until);
      return;
    }
  std::uint32_t slot = free_exclusion_;
  if (slot == kNil) {
    slot = static_cast<std::uint32_t>(exclusions_.size());
    exclusions_.emplace_back();
  } else {
    free_exclusion_ = exclusions_[slot].next;
  }
  exclusions_[slot] = {agent, c.excluded, until};
  c.excluded = slot;
}

void Engine::forget_exclusions(std::uint32_t at) {
  std::uint32_t& first = contacts_[at].excluded;
  while (first != kNil) {
    const std::uint32_t next = exclusions_[first].next;
    exclusions_[first].next = free_exclusion_;
    free_exclusion_ = first;
    first = next;
  }
}

}  // namespace hotline::acd
