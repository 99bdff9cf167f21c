#include "hotline/sim/simulation.hpp"

#include <algorithm>

#include "state.hpp"

namespace hotline::sim {
namespace {

acd::Definition seeded(const Model& model, const Plan& plan, std::uint32_t replication) {
  Diagnostics diagnostics(model.centre.name);
  model.validate(diagnostics);
  diagnostics.status().value();
  acd::Definition centre = model.centre;
  centre.seed = substream(plan.seed ^ centre.seed, Purpose::router, 0, replication)();
  return centre;
}

double by_period(const std::vector<double>& values, const Arrivals& arrivals, std::int64_t at, double otherwise) {
  if (values.empty()) return otherwise;
  std::size_t i = arrivals.period_s > 0 ? static_cast<std::size_t>(seconds_of(at) / arrivals.period_s) : 0;
  if (arrivals.repeat) i %= values.size();
  return values[std::min(i, values.size() - 1)];
}

}  // namespace

Simulation::State::State(const Model& m, const Plan& p, std::uint32_t r, const Snapshot* snapshot, const Policies* policies)
    : model(m), plan(p), replication(r), router(seeded(m, p, r), events), pick_up(substream(p.seed, Purpose::pick_up, 0, r)) {
  const double length = plan.interval_s > 0 ? plan.interval_s : plan.duration_s;
  intervals = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::ceil(plan.duration_s / length - 1e-9)));
  threshold = ns_of(plan.threshold_s);
  end = ns_of(plan.warm_up_s + plan.duration_s);
  hard_end = ns_of(plan.warm_up_s + plan.duration_s + std::max(plan.duration_s, 86400.0));
  for (std::uint32_t i = 0; i < model.streams.size(); ++i) {
    const Stream& s = model.streams[i];
    streams.push_back({ArrivalProcess(s.arrivals, plan.seed, i, r), substream(plan.seed, Purpose::handling, i, r),
                       substream(plan.seed, Purpose::patience, i, r), substream(plan.seed, Purpose::choice, i, r),
                       substream(plan.seed, Purpose::menu, i, r)});
    if (s.handling.mean() > 0 && s.handling.kind() != Distribution::Kind::never) streams.back().unit = 1 / s.handling.mean();
  }
  for (std::uint32_t i = 0; i < model.streams.size(); ++i)
    if (!model.streams[i].requires_.empty()) streams[i].requires_ = router.require(model.streams[i].requires_).value();
  queues.resize(model.centre.queues.size());
  teams.resize(std::max<std::size_t>(1, model.centre.teams.size()));
  lines_used.resize(model.trunks.size() + 1);
  lines_waiting.resize(model.trunks.size() + 1);
  shares_at = model.streams.size() * kCounts;
  teams_at = shares_at + model.streams.size() * teams.size();
  agents_at = teams_at + teams.size() * kWorks;
  tickets_at = agents_at + (plan.agent_statistics ? model.centre.agents.size() * kWorks : 0);
  width = tickets_at + model.tickets.size() * kTicketCounts;
  for (const Stream& s : model.streams) walkers.push_back(s.ivr.walk != nullptr ? std::make_unique<Walkers>(*s.ivr.walk) : nullptr);
  for (std::uint32_t i = 0; i < model.tickets.size(); ++i) {
    tickets.emplace_back(*model.tickets[i], substream(plan.seed, Purpose::tickets, i, r));
    hard_end = std::max(hard_end, end + ns_of(model.tickets[i]->follow_s));
  }
  cells.assign(std::size_t{intervals} * width, 0.0);
  waits.resize(model.streams.size());
  if (policies != nullptr) {
    for (const auto& [queue, chooser] : policies->agents) router.set_agent_chooser(queue, chooser);
    for (const auto& [team, chooser] : policies->contacts) router.set_contact_chooser(team, chooser);
  }
  list.push(ns_of(plan.warm_up_s), Happening::interval, 0);
  if (plan.warm_up_s <= 0) happen(list.top()), list.pop();
  plan_staff(snapshot);
  if (snapshot != nullptr) begin_from(*snapshot);
  for (std::uint32_t i = 0; i < streams.size(); ++i) next_arrival(i, true);
}

std::uint32_t Simulation::State::allocate() {
  if (free == kNone) {
    slots.emplace_back();
    return static_cast<std::uint32_t>(slots.size() - 1);
  }
  const std::uint32_t slot = free;
  free = slots[slot].next;
  slots[slot] = Slot();
  return slot;
}

void Simulation::State::release(std::uint32_t slot) {
  slots[slot].phase = Phase::free;
  slots[slot].deadline = kForever;
  slots[slot].next = free;
  free = slot;
}

void Simulation::State::link(std::uint32_t slot) {
  QueueList& q = queues[slots[slot].queue.value - 1];
  slots[slot].previous = q.tail;
  slots[slot].next = kNone;
  (q.tail == kNone ? q.head : slots[q.tail].next) = slot;
  q.tail = slot;
  ++q.length;
}

void Simulation::State::unlink(std::uint32_t slot) {
  const Slot& s = slots[slot];
  QueueList& q = queues[s.queue.value - 1];
  (s.previous == kNone ? q.head : slots[s.previous].next) = s.next;
  (s.next == kNone ? q.tail : slots[s.next].previous) = s.previous;
  --q.length;
  --lines_waiting[model.streams[s.stream].trunk];
}

// Called while the arrival is the top of the list, or at the beginning.
void Simulation::State::next_arrival(std::uint32_t stream, bool first) {
  StreamState& s = streams[stream];
  const auto& trace = model.streams[stream].arrivals.trace;
  double at = std::numeric_limits<double>::infinity();
  if (trace.empty()) at = s.arrivals.next();
  else if (s.traced < trace.size()) at = trace[s.traced].at_s;
  const std::int64_t ns = ns_of(at);
  const bool comes = ns != kForever && (ns < end || (plan.end == Plan::End::keep_running && (now < end || measured_open > 0)));
  if (first) {
    if (comes) list.push(ns, Happening::arrival, stream);
  } else if (comes) {
    list.replace_top(ns, Happening::arrival, stream);
  } else {
    list.pop();
  }
}

void Simulation::State::arrive(std::uint32_t stream, std::uint8_t attempts, const TraceContact* traced) {
  const Stream& kind = model.streams[stream];
  StreamState& draws = streams[stream];
  const std::uint32_t slot = allocate();
  Slot& s = slots[slot];
  s.arrival = now;
  s.stream = stream;
  s.queue = kind.queue;
  s.attempts = attempts;
  s.interval = interval;
  s.handling_s = kind.handling.sample(draws.handling) * draws.unit;
  if (kind.patience.kind() == Distribution::Kind::never) {
    s.patience_s = 1e18;
  } else {
    s.patience_s = kind.patience.sample(draws.patience);
    if (!kind.patience_by_period_s.empty())
      s.patience_s *= by_period(kind.patience_by_period_s, kind.arrivals, now, 1) / kind.patience.mean();
  }
  if (traced != nullptr) {
    s.row = traced->row;
    if (traced->handling_s >= 0) s.handling_s = traced->handling_s, s.fixed_handling = true;
    if (traced->patience_s >= 0) s.patience_s = traced->patience_s;
  }
  ++contacts;
  ++in_system;
  measured_open += interval != kNone;
  count(s, Count::offered);
  if (attempts > 0) count(s, Count::redials);
  admit(slot);
}

void Simulation::State::admit(std::uint32_t slot) {
  const Stream& kind = model.streams[slots[slot].stream];
  if (kind.trunk > 0 && lines_used[kind.trunk] >= model.trunks[kind.trunk - 1].lines) {
    ++lines_used[kind.trunk];  // leave() gives it back
    return refuse(slot);
  }
  ++lines_used[kind.trunk];
  if (kind.ivr.walk != nullptr) return begin_call(slot);
  if (!kind.ivr.used) return enter_queue(slot);
  slots[slot].phase = Phase::menu;
  list.push(now + ns_of(kind.ivr.time.sample(streams[slots[slot].stream].menu)), Happening::menu_left, slot);
}

void Simulation::State::enter_queue(std::uint32_t slot) {
  const Stream& kind = model.streams[slots[slot].stream];
  slots[slot].entered = now;
  slots[slot].phase = Phase::waiting;
  link(slot);
  ++lines_waiting[kind.trunk];
  acd::Enqueue request;
  request.queue = slots[slot].queue;
  request.tag = slot + 1;
  request.channel = kind.channel;
  request.site = kind.site;
  request.requires_ = streams[slots[slot].stream].requires_;
  request.priority = kind.priority + slots[slot].priority;
  const auto contact = router.enqueue(request, time());
  if (contact.ok()) slots[slot].contact = *contact;
  pump();
  if (!contact.ok() && slots[slot].phase == Phase::waiting) {
    unlink(slot);
    slots[slot].call != kNone ? queue_is_full(slot) : refuse(slot);
  }
}

void Simulation::State::pump() {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const acd::Event event = events[i];  // handlers may add more
    on_event(event);
  }
  events.clear();
}

void Simulation::State::on_event(const acd::Event& event) {
  using acd::EventType;
  if (event.tag == 0) return;
  const auto slot = static_cast<std::uint32_t>(event.tag - 1);
  Slot& s = slots[slot];
  switch (event.type) {
    case EventType::queued: {
      if (s.phase != Phase::waiting || s.queued) return;
      s.contact = event.contact;
      const Stream& kind = model.streams[s.stream];
      if (kind.trunk > 0 && lines_waiting[kind.trunk] > model.trunks[kind.trunk - 1].waiting) {
        unlink(slot);
        const acd::ContactId contact = s.contact;
        router.withdraw(contact, time());
        s.call != kNone ? queue_is_full(slot) : refuse(slot);
        return;
      }
      s.queued = true;
      if (s.patience_s < 9e9) list.push(s.deadline = now + ns_of(s.patience_s), Happening::patience, slot);
      if (kind.callback.chance > 0 && !s.callback) list.push(now + ns_of(kind.callback.after_s), Happening::callback, slot);
      return;
    }
    case EventType::offered:
      if (s.phase != Phase::waiting && s.phase != Phase::ringing) return;
      s.contact = event.contact;
      if (model.centre.queues[event.queue.value - 1].auto_accept) return;
      s.offer = event.offer;
      if (!s.queued) {  // rings without having waited: patience runs all the same
        s.queued = true;
        if (s.patience_s < 9e9) list.push(s.deadline = now + ns_of(s.patience_s), Happening::patience, slot);
      }
      if (model.pick_up.kind() == Distribution::Kind::never) {
        router.accept(event.offer, time());
      } else if (pick_up.uniform() >= model.miss_chance) {
        list.push(now + ns_of(model.pick_up.sample(pick_up)), Happening::picked_up, slot);
      }
      return;
    case EventType::accepted:
      if (s.phase != Phase::waiting && s.phase != Phase::ringing) return;
      s.contact = event.contact;
      if (model.centre.queues[event.queue.value - 1].confirm) router.connected(s.contact, time());
      else start_talking(slot, event.agent);
      return;
    case EventType::connected: return start_talking(slot, event.agent);
    case EventType::wrap_ended:
    case EventType::released:
      if (s.phase != Phase::talking && s.phase != Phase::wrapping) return;
      agent_freed(s.agent);
      if (s.call != kNone) s.phase = Phase::after;
      else release(slot);
      return;
    case EventType::moved:
      if (s.phase != Phase::waiting || !event.queue) return;
      unlink(slot);
      s.queue = event.queue;
      link(slot);
      ++lines_waiting[model.streams[s.stream].trunk];
      return;
    case EventType::overflowed:
      if (s.phase != Phase::waiting) return;
      unlink(slot);
      if (s.call != kNone) hang_up(slot);
      leave(slot, Count::overflowed);
      release(slot);
      return;
    default: return;
  }
}

void Simulation::State::start_talking(std::uint32_t slot, acd::AgentId agent) {
  Slot& s = slots[slot];
  const Stream& kind = model.streams[s.stream];
  const std::uint32_t who = agent.value - 1;
  unlink(slot);
  s.phase = Phase::talking;
  s.agent = agent.value;
  s.answered = now;
  s.deadline = kForever;
  double handling = s.handling_s;
  if (!s.fixed_handling) {
    double mean = who < kind.mean_by_agent_s.size() ? kind.mean_by_agent_s[who] : 0;
    if (mean <= 0) mean = by_period(kind.mean_by_period_s, kind.arrivals, now, kind.handling.mean());
    handling *= mean;
  }
  if (s.callback) handling += kind.callback.dial_s;
  s.handling_s = handling;
  list.push(now + ns_of(handling), Happening::talk_ended, slot);
  AgentWork& a = agents[who];
  TeamWork& team = teams[a.team];
  ++team.answered;
  ++decisions;
  if (a.active++ == 0) {
    settle(team);
    ++team.busy;
    a.busy_since = now;
  }
  if (s.interval != kNone) {
    double* cells_of = row(s.interval);
    cells_of[shares_at + s.stream * teams.size() + a.team] += 1;
    if (plan.agent_statistics) cells_of[agents_at + who * kWorks + static_cast<std::size_t>(Work::answered)] += 1;
  }
  leave(slot, Count::answered);
  if (slots[slot].call != kNone) {
    walkers[s.stream]->answered(s.call, time());
    carry_on(slot);
  }
}

void Simulation::State::talk_ended(std::uint32_t slot) {
  Slot& s = slots[slot];
  const Stream& kind = model.streams[s.stream];
  s.phase = Phase::wrapping;
  const acd::ContactId contact = s.contact;
  if (kind.wrap_up.kind() != Distribution::Kind::never)
    list.push(now + ns_of(kind.wrap_up.sample(streams[s.stream].handling)), Happening::wrapped_up, slot);
  if (!model.tickets.empty()) leave_tickets(slot);
  const bool walks = s.call != kNone;
  router.ended(contact, time());
  pump();
  if (!walks) return;
  walkers[slots[slot].stream]->talk_over(slots[slot].call, time());
  carry_on(slot);
}

void Simulation::State::agent_freed(std::uint32_t agent) {
  AgentWork& a = agents[agent - 1];
  if (--a.active > 0) return;
  TeamWork& team = teams[a.team];
  settle(team);
  --team.busy;
  a.idle_since = now;
  if (plan.agent_statistics && interval != kNone)
    row(interval)[agents_at + (agent - 1) * kWorks + static_cast<std::size_t>(Work::busy)] += seconds_of(now - a.busy_since);
  if (!a.scheduled && a.on_duty) {
    a.on_duty = false;
    --team.on_duty;
  }
}

void Simulation::State::refuse(std::uint32_t slot) {
  leave(slot, Count::blocked);
  maybe_redial(slot);
}

void Simulation::State::give_up(std::uint32_t slot) {
  Slot& s = slots[slot];
  const acd::ContactId contact = s.contact;
  unlink(slot);
  if (s.call != kNone) hang_up(slot);
  leave(slot, Count::abandoned);
  maybe_redial(slot);
  router.abandon(contact, time());
  pump();
}

void Simulation::State::maybe_redial(std::uint32_t slot) {
  const Slot& s = slots[slot];
  const Redial& redial = model.streams[s.stream].redial;
  if (redial.chance > 0 && s.attempts < redial.at_most && streams[s.stream].choice.uniform() < redial.chance) {
    slots[slot].phase = Phase::away;
    ++away;
    list.push(now + ns_of(redial.delay.sample(streams[s.stream].choice)), Happening::again, slot);
  } else {
    release(slot);
  }
}

// The end of waiting, one way or the other: all counts of the contact, and its line where it hangs up.
void Simulation::State::leave(std::uint32_t slot, Count outcome) {
  const Slot& s = slots[slot];
  const std::uint32_t trunk = model.streams[s.stream].trunk;
  const std::int64_t wait = s.waited_s >= 0 ? ns_of(s.waited_s) : now - s.entered;
  const bool waited = outcome == Count::answered || outcome == Count::abandoned;
  if (outcome != Count::answered) {
    --lines_used[trunk];
    --in_system;
  }
  if (s.interval != kNone) {
    --measured_open;
    double* cells_of = row(s.interval) + s.stream * kCounts;
    const auto add = [&](Count what, double by) { cells_of[static_cast<std::size_t>(what)] += by; };
    add(outcome, 1);
    if (waited) {
      const double wait_s = seconds_of(wait);
      add(Count::wait, wait_s);
      if (s.queued) add(Count::queued, 1);
      if (outcome == Count::answered) {
        add(Count::wait_answered, wait_s);
        add(Count::handling, s.handling_s);
        if (wait <= threshold) add(Count::within, 1);
      } else if (wait <= threshold) {
        add(Count::abandoned_within, 1);
      }
      waits[s.stream].add(wait);
    }
  }
  if (on_contact)
    on_contact({s.stream, outcome == Count::answered ? s.agent : 0, seconds_of(s.arrival), waited ? seconds_of(wait) : 0,
                outcome == Count::answered ? s.handling_s : 0, outcome, s.row});
}

bool Simulation::State::finished() const {
  if (now < end) return false;
  const bool keeps = plan.end == Plan::End::keep_running;
  if (keeps ? measured_open > 0 : in_system > 0 || away > 0) return false;
  return std::all_of(tickets.begin(), tickets.end(), [&](const TicketRuns& t) { return (keeps ? t.open_measured() : t.under_way()) == 0; });
}

void Simulation::State::happen(Entry entry) {
  const std::uint32_t index = entry.index();
  switch (entry.happening()) {
    case Happening::arrival: {
      const auto& trace = model.streams[index].arrivals.trace;
      const TraceContact* traced = trace.empty() ? nullptr : &trace[streams[index].traced++];
      next_arrival(index, false);
      arrive(index, 0, traced);
      return;
    }
    case Happening::talk_ended: {
      const std::uint32_t trunk = model.streams[slots[index].stream].trunk;
      list.pop();
      if (slots[index].call == kNone) --lines_used[trunk], --in_system;  // else when the flow ends
      return talk_ended(index);
    }
    case Happening::patience: {
      list.pop();
      const Slot& s = slots[index];
      if ((s.phase == Phase::waiting || s.phase == Phase::ringing) && s.deadline == entry.at && !s.callback) give_up(index);
      return;
    }
    case Happening::wrapped_up:
      list.pop();
      if (slots[index].phase == Phase::wrapping) {
        router.wrap_up_done(slots[index].contact, time());
        pump();
      }
      return;
    case Happening::picked_up:
      list.pop();
      if (slots[index].phase == Phase::waiting && slots[index].offer) {
        router.accept(slots[index].offer, time());
        pump();
      }
      return;
    case Happening::menu_left: {
      list.pop();
      Slot& s = slots[index];
      const Ivr& ivr = model.streams[s.stream].ivr;
      const double u = streams[s.stream].choice.uniform();
      if (u >= ivr.finish + ivr.hang_up) return enter_queue(index);
      s.entered = now;
      leave(index, u < ivr.finish ? Count::in_ivr_finished : Count::in_ivr_left);
      release(index);
      return;
    }
    case Happening::callback: {
      list.pop();
      Slot& s = slots[index];
      if (s.phase != Phase::waiting || !s.queued || s.callback) return;
      if (now - s.entered < ns_of(model.streams[s.stream].callback.after_s)) return;  // the slot's next citizen
      if (streams[s.stream].choice.uniform() >= model.streams[s.stream].callback.chance) return;
      if (router.to_callback(s.contact, time()) == acd::Outcome::done) {
        slots[index].callback = true;
        if (slots[index].call != kNone) hang_up(index);
        slots[index].waited_s = seconds_of(now - slots[index].entered);
        count(slots[index], Count::callbacks);
      }
      pump();
      return;
    }
    case Happening::again: {
      list.pop();
      const std::uint32_t stream = slots[index].stream;
      const auto attempts = static_cast<std::uint8_t>(slots[index].attempts + 1);
      release(index);
      --away;
      arrive(stream, attempts, nullptr);
      return;
    }
    case Happening::interval: {
      if (index == intervals && plan.end == Plan::End::drain_measured) return list.pop();
      flush_work();
      interval = index < intervals ? index : kNone;
      const double length = plan.interval_s > 0 ? plan.interval_s : plan.duration_s;
      const double next = std::min(plan.warm_up_s + plan.duration_s, plan.warm_up_s + length * (index + 1));
      if (index < intervals) {
        if (plan.warm_up_s <= 0 && index == 0) list.push(ns_of(next), Happening::interval, 1);
        else list.replace_top(ns_of(next), Happening::interval, index + 1);
      } else {
        list.pop();
      }
      return;
    }
    case Happening::staff:
      list.pop();
      return change_staff(index);
    case Happening::call:
      list.pop();
      return call_due(index, entry.at);
  }
}

bool Simulation::State::step(std::int64_t limit) {
  if (over) return false;
  const auto deadline = router.next_deadline();
  const std::int64_t listed = list.empty() ? kForever : list.top().at;
  const std::int64_t due = deadline ? (*deadline - model.start).count() : kForever;
  std::int64_t ticket = kForever;
  for (const TicketRuns& t : tickets)
    if (t.due() != Time::max()) ticket = std::min(ticket, (t.due() - model.start).count());
  const std::int64_t next = std::min({listed, due, ticket});
  if (next == kForever || finished() || next > hard_end) {
    flush_work();
    over = true;
    return false;
  }
  if (next > limit) return false;
  if (!tickets.empty() && now >= end && in_system == 0 && away == 0 && interval != kNone) {  // only tickets go on
    flush_work();
    interval = kNone;
  }
  now = std::max(now, next);
  if (ticket <= std::min(listed, due)) {
    for (TicketRuns& t : tickets) t.advance(time());
    tally_tickets();
  } else if (due <= listed) {
    router.advance(time());
    pump();
  } else {
    happen(list.top());
  }
  return true;
}

Simulation::Simulation(const Model& model, const Plan& plan, std::uint32_t replication, const Snapshot* snapshot, const Policies* policies)
    : state_(std::make_unique<State>(model, plan, replication, snapshot, policies)) {}
Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;

void Simulation::on_contact(std::function<void(const ContactRecord&)> callback) { state_->on_contact = std::move(callback); }
void Simulation::run() {
  while (state_->step(kForever)) {
  }
}
bool Simulation::run_until(double seconds) {
  const std::int64_t limit = ns_of(seconds);
  while (state_->step(limit)) {
  }
  if (!state_->over) state_->now = std::max(state_->now, limit);
  return !state_->over;
}
bool Simulation::run_until_choice() {
  while (!state_->choice_waits())
    if (!state_->step(kForever)) return false;
  return true;
}
double Simulation::now_s() const { return seconds_of(state_->now); }
acd::Router& Simulation::router() { return state_->router; }
std::uint32_t Simulation::waiting(std::size_t queue) const { return state_->queues[queue].length; }

double Simulation::longest_wait_s(std::size_t queue) const {
  const QueueList& q = state_->queues[queue];
  return q.head == kNone ? 0 : seconds_of(state_->now - state_->slots[q.head].entered);
}

std::uint32_t Simulation::idle(std::size_t team) const {
  std::uint32_t n = 0;
  for (const AgentWork& a : state_->agents) n += a.team == team && a.scheduled && a.active == 0;
  return n;
}

bool Simulation::State::choice_waits() const {
  for (std::uint32_t q = 0; q < queues.size(); ++q)
    if (queues[q].length > 0)
      for (std::uint32_t a = 0; a < agents.size(); ++a)
        if (agents[a].scheduled && agents[a].active == 0 && serves(a, q)) return true;
  return false;
}

bool Simulation::State::serves(std::uint32_t agent, std::uint32_t queue) const {
  const auto& memberships = model.centre.agents[agent].queues;
  return memberships.empty() || std::any_of(memberships.begin(), memberships.end(), [&](const auto& m) { return m.queue.value == queue + 1; });
}

bool Simulation::possible(std::size_t queue, std::size_t team) const {
  const State& s = *state_;
  if (s.queues[queue].length == 0) return false;
  for (std::uint32_t i = 0; i < s.agents.size(); ++i)
    if (s.agents[i].team == team && s.agents[i].scheduled && s.agents[i].active == 0 && s.serves(i, static_cast<std::uint32_t>(queue))) return true;
  return false;
}

acd::Outcome Simulation::push(std::size_t queue, std::size_t team) {
  State& s = *state_;
  const QueueList& q = s.queues[queue];
  if (q.head == kNone) return acd::Outcome::wrong_state;
  std::uint32_t best = kNone;
  for (std::uint32_t i = 0; i < s.agents.size(); ++i) {
    const AgentWork& a = s.agents[i];
    if (a.team == team && a.scheduled && a.active == 0 && s.serves(i, static_cast<std::uint32_t>(queue)) && (best == kNone || a.idle_since < s.agents[best].idle_since)) best = i;
  }
  if (best == kNone) return acd::Outcome::no_capacity;
  const acd::Outcome outcome = s.router.push(s.slots[q.head].contact, acd::AgentId(best + 1), s.time());
  s.pump();
  return outcome;
}

Report Simulation::report() const {
  State& s = *state_;
  Report report;
  for (const Stream& stream : s.model.streams) report.streams.push_back(stream.name);
  for (const auto& team : s.model.centre.teams) report.teams.push_back(team.name);
  if (s.model.centre.teams.empty()) report.teams.push_back("all");
  if (s.plan.agent_statistics)
    for (const auto& agent : s.model.centre.agents) report.agents.push_back(agent.name);
  for (const auto& kind : s.model.tickets) report.tickets.push_back(kind->name);
  report.replications = 1;
  report.intervals = s.intervals;
  report.interval_s = s.plan.interval_s > 0 ? s.plan.interval_s : s.plan.duration_s;
  report.threshold_s = s.plan.threshold_s;
  report.cells = s.cells;
  report.waits = s.waits;
  report.contacts = s.contacts;
  report.decisions = s.decisions;
  for (const Slot& slot : s.slots)
    if (slot.interval != kNone && (slot.phase == Phase::menu || slot.phase == Phase::waiting || slot.phase == Phase::ringing))
      report.cells[slot.interval * s.width + report.column(slot.stream, Count::unfinished)] += 1;
  return report;
}

}  // namespace hotline::sim
