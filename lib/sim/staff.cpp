#include <algorithm>

#include "state.hpp"

namespace hotline::sim {

// Seconds of work up to now go to the present interval.
void Simulation::State::settle(TeamWork& team) {
  const double passed = seconds_of(now - team.since);
  team.busy_s += passed * team.busy;
  team.on_duty_s += passed * team.on_duty;
  team.since = now;
}

// Called at the border of two intervals: whatever was done so far belongs to the one that ends.
void Simulation::State::flush_work() {
  for (std::size_t i = 0; i < teams.size(); ++i) {
    TeamWork& team = teams[i];
    settle(team);
    if (interval != kNone) {
      double* cells_of = row(interval) + teams_at + i * kWorks;
      cells_of[static_cast<std::size_t>(Work::busy)] += team.busy_s;
      cells_of[static_cast<std::size_t>(Work::on_duty)] += team.on_duty_s;
      cells_of[static_cast<std::size_t>(Work::answered)] += static_cast<double>(team.answered);
    }
    team.busy_s = team.on_duty_s = 0;
    team.answered = 0;
  }
  if (!plan.agent_statistics) return;
  const double length = plan.interval_s > 0 ? plan.interval_s : plan.duration_s;
  for (std::size_t i = 0; i < agents.size(); ++i) {
    if (agents[i].active > 0) {
      if (interval != kNone)
        row(interval)[agents_at + i * kWorks + static_cast<std::size_t>(Work::busy)] += seconds_of(now - agents[i].busy_since);
      agents[i].busy_since = now;
    }
    if (interval != kNone && agents[i].on_duty)
      row(interval)[agents_at + i * kWorks + static_cast<std::size_t>(Work::on_duty)] += length;
  }
}

void Simulation::State::schedule(std::uint32_t agent, bool on) {
  AgentWork& a = agents[agent];
  a.scheduled = on;
  const bool duty = on || a.active > 0;
  if (duty == a.on_duty) return;
  settle(teams[a.team]);
  a.on_duty = duty;
  duty ? ++teams[a.team].on_duty : --teams[a.team].on_duty;
}

void Simulation::State::come(std::uint32_t agent) {
  if (agents[agent].scheduled) return;
  schedule(agent, true);
  agents[agent].idle_since = now;
  const acd::AgentId id(agent + 1);
  router.login(id, time());
  router.ready(id, time());
  pump();
}

void Simulation::State::go(std::uint32_t agent) {
  if (!agents[agent].scheduled) return;
  schedule(agent, false);
  router.logout(acd::AgentId(agent + 1), time(), acd::LogoutMode::when_free);
  pump();
}

void Simulation::State::set_number(std::uint32_t staffing, std::uint32_t number) {
  const std::uint32_t team = model.staffing[staffing].team.value - 1;
  std::vector<std::uint32_t> idle, busy, off;
  for (std::uint32_t i = 0; i < agents.size(); ++i) {
    if (agents[i].team != team) continue;
    if (!agents[i].scheduled) off.push_back(i);
    else (agents[i].active > 0 ? busy : idle).push_back(i);
  }
  const auto present = static_cast<std::uint32_t>(idle.size() + busy.size());
  std::stable_sort(off.begin(), off.end(), [&](auto a, auto b) { return agents[a].on_duty > agents[b].on_duty; });
  for (std::uint32_t i = present; i < number && i - present < off.size(); ++i) come(off[i - present]);
  for (std::uint32_t i = present; i > number; --i) {
    auto& from = idle.empty() ? busy : idle;
    go(from.back());
    from.pop_back();
  }
}

void Simulation::State::change_staff(std::uint32_t index) {
  const Change& change = timetable[index];
  switch (change.kind) {
    case Change::Kind::come: return come(change.who);
    case Change::Kind::go: return go(change.who);
    case Change::Kind::pause:
      schedule(change.who, false);
      router.not_ready(acd::AgentId(change.who + 1), time());
      return pump();
    case Change::Kind::resume:
      schedule(change.who, true);
      agents[change.who].idle_since = now;
      router.ready(acd::AgentId(change.who + 1), time());
      return pump();
    case Change::Kind::number: {
      const Staffing& s = model.staffing[change.who];
      const std::uint32_t next = change.period + 1;
      set_number(change.who, s.agents[change.period % s.agents.size()]);
      if (next < s.agents.size() || s.repeat) {
        timetable[index].period = next;
        list.push(ns_of(s.period_s * next), Happening::staff, index);
      }
      return;
    }
  }
}

void Simulation::State::plan_staff(const Snapshot* snapshot) {
  const auto& defined = model.centre.agents;
  agents.resize(defined.size());
  std::vector<bool> planned(defined.size(), false);
  for (std::size_t i = 0; i < defined.size(); ++i) agents[i].team = defined[i].team ? defined[i].team.value - 1 : 0;
  for (const Shift& shift : model.shifts) {
    const std::uint32_t who = shift.agent.value - 1;
    planned[who] = true;
    timetable.push_back({Change::Kind::come, shift.from_s, who, 0});
    for (const auto& [from, to] : shift.breaks_s) {
      timetable.push_back({Change::Kind::pause, from, who, 0});
      timetable.push_back({Change::Kind::resume, to, who, 0});
    }
    timetable.push_back({Change::Kind::go, shift.to_s, who, 0});
  }
  for (std::uint32_t i = 0; i < model.staffing.size(); ++i) {
    for (std::size_t a = 0; a < defined.size(); ++a)
      if (agents[a].team == model.staffing[i].team.value - 1) planned[a] = true;
    timetable.push_back({Change::Kind::number, 0, i, 0});
  }
  if (snapshot != nullptr)
    for (const acd::AgentId agent : snapshot->on_duty) come(agent.value - 1);
  for (std::uint32_t i = 0; i < defined.size(); ++i)
    if (!planned[i] && (snapshot == nullptr || snapshot->on_duty.empty())) come(i);
  for (std::uint32_t i = 0; i < timetable.size(); ++i) {
    if (timetable[i].at_s <= 0) change_staff(i);
    else list.push(ns_of(timetable[i].at_s), Happening::staff, i);
  }
}

// Talks and waits that are under way go on for what is left of a drawn time that is longer than what has passed.
void Simulation::State::begin_from(const Snapshot& snapshot) {
  Random random = substream(plan.seed, Purpose::residual, 0, replication);
  const auto left = [&](const Distribution& d, double passed) {
    if (d.kind() == Distribution::Kind::never) return 1e18;
    for (int i = 0; i < 10000; ++i)
      if (const double whole = d.sample(random); whole > passed) return whole - passed;
    return 1.0;
  };
  for (const Snapshot::Talking& t : snapshot.talking) {
    const std::uint32_t slot = allocate();
    Slot& s = slots[slot];
    s.stream = static_cast<std::uint32_t>(t.stream);
    s.queue = model.streams[t.stream].queue;
    s.phase = Phase::waiting;
    s.fixed_handling = true;
    s.handling_s = left(model.streams[t.stream].handling, t.since_s);
    ++in_system;
    ++lines_used[model.streams[t.stream].trunk];
    ++lines_waiting[model.streams[t.stream].trunk];
    link(slot);
    acd::Enqueue request;
    request.queue = model.streams[t.stream].queue;
    request.tag = slot + 1;
    request.prefer = t.agent;
    const auto contact = router.enqueue(request, time());
    if (contact.ok()) slots[slot].contact = *contact;
    pump();
    if (slots[slot].phase == Phase::waiting && contact.ok()) router.push(*contact, t.agent, time()), pump();
  }
  for (const Snapshot::Waiting& w : snapshot.waiting) {
    const std::uint32_t slot = allocate();
    Slot& s = slots[slot];
    s.stream = static_cast<std::uint32_t>(w.stream);
    s.queue = model.streams[w.stream].queue;
    s.phase = Phase::waiting;
    s.interval = interval;
    s.arrival = s.entered = -ns_of(w.since_s);
    s.handling_s = model.streams[w.stream].handling.sample(streams[w.stream].handling) * streams[w.stream].unit;
    s.patience_s = left(model.streams[w.stream].patience, w.since_s);
    ++in_system;
    measured_open += interval != kNone;
    count(s, Count::offered);
    ++lines_used[model.streams[w.stream].trunk];
    ++lines_waiting[model.streams[w.stream].trunk];
    link(slot);
    acd::Enqueue request;
    request.queue = model.streams[w.stream].queue;
    request.tag = slot + 1;
    request.priority = w.priority;
    request.since = time() - Duration(ns_of(w.since_s));
    const auto contact = router.enqueue(request, time());
    if (contact.ok()) slots[slot].contact = *contact;
    pump();
  }
}

Snapshot take_snapshot(const acd::Router& router, std::span<const acd::ContactId> contacts, const Model& model, Time now) {
  Snapshot snapshot;
  snapshot.at = now;
  const auto stream_of = [&](acd::QueueId queue) {
    std::size_t i = 0;
    while (i + 1 < model.streams.size() && model.streams[i].queue != queue) ++i;
    return i;
  };
  for (const acd::ContactId id : contacts) {
    const auto view = router.contact(id);
    if (!view) continue;
    if (view->state == acd::ContactState::waiting || view->state == acd::ContactState::offered)
      snapshot.waiting.push_back({stream_of(view->queue), seconds_of((now - view->since).count()), view->priority});
    else if (view->agent)
      snapshot.talking.push_back({view->agent, stream_of(view->queue), seconds_of((now - view->answered).count())});
  }
  std::stable_sort(snapshot.waiting.begin(), snapshot.waiting.end(), [](const auto& a, const auto& b) { return a.since_s > b.since_s; });
  for (std::uint32_t i = 1; i <= router.definition().agents.size(); ++i) {
    const auto view = router.agent(acd::AgentId(i));
    if (view && view->state != acd::AgentState::logged_out && view->state != acd::AgentState::not_ready)
      snapshot.on_duty.push_back(acd::AgentId(i));
  }
  return snapshot;
}

}  // namespace hotline::sim
