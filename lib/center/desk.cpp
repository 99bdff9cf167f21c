// Routing and desks: what the router decides becomes ringing telephones and conversations.
#include <filesystem>

#include "inner.hpp"

namespace hotline::center {
namespace {

constexpr Duration kTellEvery = std::chrono::seconds{5};

Error no_agent(const std::string& agent) {
  return Error(ErrorCode::not_found, "no agent `" + agent + "`", "use an id of the routing file");
}
Error not_talking(const std::string& agent) {
  return Error(ErrorCode::wrong_state, "agent `" + agent + "` is not talking with anybody", "try again during a conversation");
}
std::string seconds(Duration d) { return std::to_string(d / std::chrono::seconds{1}); }

}  // namespace

void Hotline::Inner::drain(Time now) {
  if (draining) return;
  draining = true;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const acd::Event event = events[i];
    journal.write(event.at, "acd", to_string(event.type), [&](JsonWriter& json) {
      json.key("event");
      router->write(event, json);
    });
    routed(event, now);
  }
  events.clear();
  draining = false;
}

void Hotline::Inner::routed(const acd::Event& event, Time now) {
  using Type = acd::EventType;
  switch (event.type) {
    case Type::offered: return ring(event, now);
    case Type::offer_ended: {
      Desk* desk = find_desk(event.agent);
      if (desk == nullptr || desk->offer != event.offer) return;
      desk->offer = {};
      if (desk->call == 0 || !desk->up) hang_up_desk(*desk);
      if (event.reason == acd::Reason::timed_out)
        note(now, "offer.missed", desk->person->id, desk->person->name.zh + " 未接听，转下一位",
             desk->person->name.en + " misses the call; the next agent is asked");
      return;
    }
    case Type::accepted:
      if (Desk* desk = find_desk(event.agent)) {
        desk->offer = {};
        desk->contact = event.contact;
        connect(*desk, now);
      }
      return;
    case Type::transferred: return transferred(event, now);
    case Type::ended:  // after a transfer the rest of the old agent's work is a contact of its own
      if (Desk* desk = find_desk(event.agent)) desk->contact = event.contact;
      return;
    case Type::wrap_ended:
    case Type::released:
      if (Desk* desk = find_desk(event.agent); desk != nullptr && desk->contact == event.contact) {
        desk->contact = {};
        note(now, "agent.free", desk->person->id, desk->person->name.zh + " 话后整理完毕，恢复空闲",
             desk->person->name.en + " has finished wrapping up");
      }
      return;
    case Type::overflowed:
      if (Call* call = find_call(event.tag)) {
        call->contact = {};
        answer(*call, std::exchange(call->request, 0), ivr::Outcome::full);
      } else if (const auto kept = callbacks.find(static_cast<std::int64_t>(event.tag & ~kCallbackTag)); (event.tag & kCallbackTag) != 0 && kept != callbacks.end()) {
        kept->second.contact = {};
        kept->second.queue_again = now + std::chrono::minutes{1};
      }
      return;
    case Type::missed: return;
    default: return;
  }
}

void Hotline::Inner::ring(const acd::Event& event, Time now) {
  Desk* desk = find_desk(event.agent);
  Call* call = find_call(event.tag);
  const auto kept = (event.tag & kCallbackTag) != 0 ? callbacks.find(static_cast<std::int64_t>(event.tag & ~kCallbackTag)) : callbacks.end();
  if (desk == nullptr || (call == nullptr && kept == callbacks.end()) || desk->person->phone.empty()) {
    router->reject(event.offer, now, acd::HowRejected::unreachable);
    return;
  }
  if (!desk->watches.empty()) {  // the telephone is in use
    router->reject(event.offer, now, acd::HowRejected::busy);
    return;
  }
  desk->offer = event.offer;
  desk->call = call != nullptr ? call->id : 0;
  desk->callback = call != nullptr ? 0 : kept->first;
  if (desk->up) {  // the line stands already (a headset that stays on)
    router->accept(event.offer, now);
    return;
  }
  note(now, "offer", desk->person->id,
       "转给空闲最久的 " + desk->person->name.zh + "（" + desk->person->number + "），话机振铃",
       "offered to " + desk->person->name.en + " (" + desk->person->number + "), the longest idle; the telephone rings");
  const Duration ring = event.value > 0 ? Duration{event.value} : Duration{std::chrono::seconds{30}};
  desk->leg = world.telephony.dial(desk->person->phone, call != nullptr ? call->record.citizen : kept->second.citizen, ring);
}

void Hotline::Inner::connect(Desk& desk, Time now) {
  if (desk.callback != 0) return ring_back(desk, now);
  Call* call = find_call(desk.call);
  if (call == nullptr || call->gone) return part(desk, now);
  call->agent = desk.person->id;
  call->record.agent = desk.person->id;
  call->record.outcome = "answered";
  call->record.waited = now - call->queued;
  call->answered = now;
  desk.last_call = call->id;
  desk.cases.clear();
  step(*call, ivr::Event::answered(call->request), now);
  world.telephony.stop_play(call->leg);
  // The agent's number is told to the citizen while the line is joined (自动报工号).
  const bool chinese = !call->session || call->session->language().starts_with("zh") || call->session->language().starts_with("yue");
  std::string number;
  text::speak_digits(number, chinese ? text::Tongue::mandarin : text::Tongue::english, desk.person->number);
  std::vector<Utterance> greeting(1);
  greeting[0].language = chinese ? "zh-CN" : "en-US";
  greeting[0].text = chinese ? "工号" + number + "为您服务。" : "Agent " + number + " is at your service.";
  speak(call->leg, std::move(greeting), kOwnPlay | next_token++);
  world.telephony.bridge(call->leg, desk.leg);
  call->record.recording = "recordings/" + std::to_string(to_ns(call->record.started) / 1'000'000) + "-" +
                           std::to_string(call->id) + "-talk.wav";
  world.telephony.record_call(call->leg, file(call->record.recording));
  desk.last = call->record;
  watchers_join(desk);
  note(now, "connected", desk.person->id,
       desk.person->name.zh + " 接听，市民等待 " + seconds(call->record.waited) + " 秒",
       desk.person->name.en + " answers after " + seconds(call->record.waited) + " s of waiting");
}

void Hotline::Inner::part(Desk& desk, Time now) {
  Call* call = find_call(std::exchange(desk.call, 0));
  router->ended(desk.contact, now);
  hang_up_desk(desk);
  if (call == nullptr) return;
  if (call->answered != Time{}) call->record.talked += now - std::exchange(call->answered, now);
  call->contact = {};
  note(now, "talked", desk.person->id, "通话结束，" + desk.person->name.zh + " 进入话后整理",
       "the conversation is over; " + desk.person->name.en + " wraps up");
  if (call->gone) return;
  world.telephony.stop_record(call->leg);
  world.telephony.unbridge(call->leg);
  if (call->callback != 0) return world.telephony.hang_up(call->leg);  // no flow is there to go back to
  answer(*call, std::exchange(call->request, 0), ivr::Outcome::answered);
}

void Hotline::Inner::hang_up_desk(Desk& desk) {
  if (desk.third) world.telephony.hang_up(std::exchange(desk.third, {}));
  if (desk.leg) world.telephony.hang_up(std::exchange(desk.leg, {}));
  desk.up = desk.holding = desk.third_up = false;
  desk.colleague.clear();
}

void Hotline::Inner::tell_waiting(Time now) {
  for (auto& [id, call] : calls) {
    if (!call.contact || call.request == 0 || call.gone || call.answered != Time{} || now - call.told < kTellEvery) continue;
    call.told = now;
    std::vector<ivr::Field> fields;
    if (const auto position = router->position(call.contact)) fields.push_back({"position", static_cast<std::int64_t>(*position)});
    step(call, ivr::Event::progress(call.request, fields), now);
  }
}

// ── what agents and supervisors may do ──────────────────────────────────────────────────────────────────────

namespace {
Status carried_out(acd::Outcome outcome, const std::string& what) { return acd::to_status(outcome, what); }
}  // namespace

Status Hotline::sign_in(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  HOTLINE_TRY(carried_out(inner_->router->login(desk->agent, now), "agent `" + agent + "`"));
  HOTLINE_TRY(carried_out(inner_->router->ready(desk->agent, now), "agent `" + agent + "`"));
  inner_->note(now, "agent.ready", agent, desk->person->name.zh + " 签入，就绪", desk->person->name.en + " signs in, ready");
  for (auto& [id, kept] : inner_->callbacks) kept.queue_again = {};  // somebody is there for them now
  inner_->drain(now);
  return {};
}

Status Hotline::sign_out(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  const Status done = carried_out(inner_->router->logout(desk->agent, now), "agent `" + agent + "`");
  inner_->drain(now);
  return done;
}

Status Hotline::ready(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  const Status done = carried_out(inner_->router->ready(desk->agent, now), "agent `" + agent + "`");
  if (done) inner_->note(now, "agent.ready", agent, desk->person->name.zh + " 就绪", desk->person->name.en + " is ready");
  inner_->drain(now);
  return done;
}

Status Hotline::not_ready(const std::string& agent, const std::string& reason, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  const auto why = inner_->router->definition().find_reason(reason);
  if (!reason.empty() && !why)
    return Error(ErrorCode::not_found, "no reason `" + reason + "`", "use one of the routing file's reasons");
  const Status done = carried_out(inner_->router->not_ready(desk->agent, now, why), "agent `" + agent + "`");
  if (done) inner_->note(now, "agent.not_ready", agent, desk->person->name.zh + " 小休", desk->person->name.en + " takes a break");
  inner_->drain(now);
  return done;
}

Status Hotline::wrap_up_done(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  const Status done = carried_out(inner_->router->wrap_up_done(desk->contact, now), "agent `" + agent + "`");
  inner_->drain(now);
  return done;
}

Status Hotline::hang_up(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  if (desk->call == 0 || !desk->up) return not_talking(agent);
  inner_->part(*desk, now);
  inner_->drain(now);
  return {};
}

Status Hotline::hold(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up || desk->holding) return not_talking(agent);
  desk->holding = true;
  inner_->world.telephony.unbridge(call->leg);
  inner_->note(now, "hold", agent, "保持通话", "the caller is put on hold");
  return {};
}

Status Hotline::retrieve(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->holding) return not_talking(agent);
  desk->holding = false;
  if (desk->third) inner_->world.telephony.hang_up(std::exchange(desk->third, {}));
  desk->third_up = false;
  desk->colleague.clear();
  inner_->world.telephony.bridge(call->leg, desk->leg);
  inner_->note(now, "retrieve", agent, "取回通话", "the caller is back on the line");
  return {};
}

Status Hotline::back_to_flow(const std::string& agent, Time now) { return hang_up(agent, now); }

Status Hotline::transfer_to_queue(const std::string& agent, const std::string& queue, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  const auto target = inner_->router->definition().find_queue(queue);
  if (!target) return Error(ErrorCode::not_found, "no queue `" + queue + "`", "use one of the routing file's queues");
  inner_->world.telephony.stop_record(call->leg);
  inner_->world.telephony.unbridge(call->leg);
  desk->call = 0;
  inner_->router->ended(desk->contact, now);
  inner_->hang_up_desk(*desk);
  HOTLINE_ASSIGN(call->contact, inner_->router->enqueue({.queue = target, .tag = call->id}, now));
  call->queued = now;
  call->answered = {};
  inner_->note(now, "transfer", agent, "转入队列 " + queue, "transferred to queue " + queue);
  inner_->drain(now);
  return {};
}

Status Hotline::transfer_to_agent(const std::string& agent, const std::string& other, Time now) {
  Desk* desk = inner_->find_desk(agent);
  Desk* target = inner_->find_desk(other);
  if (desk == nullptr) return no_agent(agent);
  if (target == nullptr) return no_agent(other);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  const auto contact = desk->contact;
  const auto view = inner_->router->contact(contact);
  inner_->world.telephony.stop_record(call->leg);
  inner_->world.telephony.unbridge(call->leg);
  desk->call = 0;
  inner_->router->ended(contact, now);
  inner_->hang_up_desk(*desk);
  HOTLINE_ASSIGN(call->contact, inner_->router->enqueue({.queue = view->queue, .tag = call->id}, now));
  inner_->router->push(call->contact, target->agent, now);
  call->queued = now;
  call->answered = {};
  inner_->note(now, "transfer", agent, "转给 " + target->person->name.zh, "transferred to " + target->person->name.en);
  inner_->drain(now);
  return {};
}

Result<Hotline::Screen> Hotline::screen(const std::string& agent) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr) return not_talking(agent);
  Screen screen;
  HOTLINE_ASSIGN(screen.citizen, inner_->records->citizen(call->record.citizen));
  HOTLINE_ASSIGN(screen.calls, inner_->records->calls_of(call->record.citizen));
  return screen;
}

std::vector<Hotline::DeskView> Hotline::desks() const {
  std::vector<DeskView> views;
  for (const auto& [id, desk] : inner_->desks) {
    DeskView view{.person = desk.person};
    if (const auto agent = inner_->router->agent(desk.agent)) {
      view.state = to_string(agent->state);
      if (agent->reason) view.reason = inner_->router->definition().reasons[agent->reason.value - 1].name;
    }
    if (!desk.watches.empty()) view.reason = "monitors " + desk.watches;
    if (const Call* call = desk.up ? inner_->find_call(desk.call) : nullptr) view.citizen = call->record.citizen;
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<Hotline::QueueView> Hotline::queues() const {
  std::vector<QueueView> views;
  const auto& queues = inner_->router->definition().queues;
  for (std::uint32_t i = 0; i < queues.size(); ++i) {
    const auto queue = inner_->router->queue(acd::QueueId{i + 1});
    if (queue) views.push_back({queues[i].name, queue->waiting, queue->ringing, queue->callbacks, queue->open, queue->longest_since});
  }
  return views;
}

}  // namespace hotline::center
