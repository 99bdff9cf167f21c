// Three at one table: consulting, conferences, handing over, and supervisors who listen, whisper, barge in, take over.
#include <algorithm>

#include "inner.hpp"

namespace hotline::center {
namespace {

Error no_agent(const std::string& agent) { return Error(ErrorCode::not_found, "no agent `" + agent + "`", "use an id of the routing file"); }
Error not_talking(const std::string& agent) {
  return Error(ErrorCode::wrong_state, "agent `" + agent + "` is not talking with anybody", "try again during a conversation");
}
Error nobody_there(const std::string& agent) {
  return Error(ErrorCode::wrong_state, "agent `" + agent + "` has nobody else on the line", "consult somebody, and wait for the answer");
}

std::string user_of(std::string_view address) {
  if (address.starts_with("sip:") || address.starts_with("tel:")) address.remove_prefix(4);
  return std::string(address.substr(0, address.find_first_of("@;>?")));
}

}  // namespace

// A colleague's telephone, an extension, or an address as it stands.
std::string Hotline::Inner::address_of(const std::string& to) const {
  if (const Person* person = setup.find(to)) return person->phone;
  const auto known = setup.extensions.find(to);
  return known == setup.extensions.end() ? to : known->second;
}

Desk* Hotline::Inner::find_third(LegId leg) {
  for (auto& [agent, desk] : desks)
    if (desk.third && desk.third == leg) return &desk;
  return nullptr;
}

// ── consulting ──────────────────────────────────────────────────────────────────────────────────────────────

Status Hotline::consult(const std::string& agent, const std::string& to, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  if (desk->third) return Error(ErrorCode::wrong_state, "agent `" + agent + "` consults somebody already", "retrieve the caller first");
  const std::string address = inner_->address_of(to);
  if (address.empty()) return Error(ErrorCode::not_found, "`" + to + "` has no telephone", "give city.yaml its address");
  desk->holding = true;
  desk->colleague = setup().find(to) != nullptr ? to : "";
  inner_->world.telephony.unbridge(call->leg);
  desk->third = inner_->world.telephony.dial(address, setup().caller_id, std::chrono::seconds{30});
  inner_->note(now, "consult", agent, desk->person->name.zh + " 征询 " + to, desk->person->name.en + " consults " + to);
  return {};
}

void Hotline::Inner::third_answered(Desk& desk, Time now) {
  desk.third_up = true;
  world.telephony.bridge(desk.leg, desk.third);
  note(now, "consult.answered", desk.person->id, "征询方已接听", "the third party answers");
}

void Hotline::Inner::third_gone(Desk& desk, Time now) {
  desk.third = {};
  desk.colleague.clear();
  note(now, "consult.ended", desk.person->id, std::exchange(desk.third_up, false) ? "征询方已离开" : "征询方未接听", "the third party is gone");
}

Status Hotline::conference(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  if (!desk->third_up) return nobody_there(agent);
  desk->holding = false;
  inner_->world.telephony.bridge(desk->leg, call->leg);
  inner_->note(now, "conference", agent, "三方通话", "all three talk");
  return {};
}

Status Hotline::hand_over(const std::string& agent, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  if (!desk->third_up) return nobody_there(agent);
  if (Desk* colleague = inner_->find_desk(desk->colleague); colleague != nullptr) {
    HOTLINE_TRY(acd::to_status(inner_->router->transfer(desk->contact, colleague->agent, now), "agent `" + desk->colleague + "`"));
  } else {
    inner_->world.telephony.stop_record(call->leg);
    call->other = std::exchange(desk->third, {});
    inner_->call_of_leg[call->other] = call->id;
    inner_->world.telephony.unbridge(desk->leg);
    inner_->world.telephony.bridge(call->leg, call->other);
    call->contact = {};
    desk->call = 0;
    inner_->router->ended(desk->contact, now);
    inner_->hang_up_desk(*desk);
    inner_->note(now, "handed_over", agent, "已转交外线", "the third party has the caller now");
  }
  inner_->drain(now);
  return {};
}

Status Hotline::transfer_outside(const std::string& agent, const std::string& to, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return no_agent(agent);
  Call* call = inner_->find_call(desk->call);
  if (call == nullptr || !desk->up) return not_talking(agent);
  inner_->world.telephony.stop_record(call->leg);
  inner_->world.telephony.unbridge(call->leg);
  call->record.talked += now - std::exchange(call->answered, Time{});
  call->contact = {};
  call->other = inner_->world.telephony.dial(inner_->address_of(to), call->record.citizen, std::chrono::seconds{30});
  inner_->call_of_leg[call->other] = call->id;
  desk->call = 0;
  inner_->router->ended(desk->contact, now);
  inner_->hang_up_desk(*desk);
  inner_->note(now, "transfer", agent, "转接 " + to, "transferred to " + to);
  inner_->drain(now);
  return {};
}

// The router moved a conversation: to the colleague who was consulted, or to the supervisor who listened.
void Hotline::Inner::transferred(const acd::Event& event, Time now) {
  Desk* to = find_desk(event.agent);
  Desk* from = find_desk(acd::AgentId{static_cast<std::uint32_t>(event.value)});
  Call* call = find_call(event.tag);
  if (to == nullptr || from == nullptr || call == nullptr) return;
  if (from->third && from->colleague == to->person->id) to->leg = std::exchange(from->third, {});
  to->watches.clear();
  to->up = true;
  to->contact = event.contact;
  to->call = to->last_call = call->id;
  to->cases.clear();
  call->agent = call->record.agent = to->person->id;
  to->last = call->record;
  from->call = 0;
  hang_up_desk(*from);
  world.telephony.unbridge(to->leg);
  world.telephony.bridge(call->leg, to->leg);
  watchers_join(*to);
  note(now, "handed_over", to->person->id, to->person->name.zh + " 接手", to->person->name.en + " has the caller now");
}

// An agent's telephone has a transfer key of its own: what it asks for is done here.
void Hotline::Inner::asked_to_transfer(const audio::event::TransferAsked& event, Time now) {
  Desk* desk = find_desk(event.leg);
  if (desk == nullptr || find_call(desk->call) == nullptr) return;
  const std::string wanted = user_of(event.to), agent = desk->person->id;
  later.push_back([this, agent, wanted, to = event.to](Time at) {
    Status done;
    const auto person = std::find_if(setup.agents.begin(), setup.agents.end(), [&](const Person& p) { return p.number == wanted || p.id == wanted || p.phone == to; });
    if (person != setup.agents.end()) done = face->transfer_to_agent(agent, person->id, at);
    else if (router->definition().find_queue(wanted)) done = face->transfer_to_queue(agent, wanted, at);
    else done = face->transfer_outside(agent, to, at);
    if (!done) note(at, "fault", agent, "转接失败：" + done.error().text(), "not transferred: " + done.error().text());
  });
  note(now, "transfer.asked", agent, "话机要求转接 " + wanted, "the telephone asks to transfer to " + wanted);
}

// ── supervising ─────────────────────────────────────────────────────────────────────────────────────────────

Status Hotline::monitor(const std::string& supervisor, const std::string& agent, audio::Telephony::Join mode, Time now) {
  Desk* watcher = inner_->find_desk(supervisor);
  Desk* desk = inner_->find_desk(agent);
  if (watcher == nullptr) return no_agent(supervisor);
  if (desk == nullptr) return no_agent(agent);
  if (watcher->call != 0 || watcher->offer || (!watcher->watches.empty() && watcher->watches != agent))
    return Error(ErrorCode::wrong_state, "the telephone of `" + supervisor + "` is in use", "end that first");
  if (watcher->person->phone.empty()) return Error(ErrorCode::wrong_state, "`" + supervisor + "` has no telephone", "give city.yaml its address");
  HOTLINE_TRY(acd::to_status(inner_->router->monitor(desk->agent, watcher->agent, static_cast<acd::MonitorMode>(mode), now), "monitor"));
  watcher->watches = agent;
  watcher->mode = mode;
  if (watcher->up) inner_->watch(*watcher, now);
  else if (!watcher->leg) watcher->leg = inner_->world.telephony.dial(watcher->person->phone, desk->person->number, std::chrono::seconds{30});
  inner_->drain(now);
  return {};
}

void Hotline::Inner::watch(Desk& supervisor, Time now) {
  static constexpr const char* kZh[] = {"监听", "耳语指导", "强插"};
  static constexpr const char* kEn[] = {"listens to", "whispers to", "barges in on"};
  const Desk& desk = desks[supervisor.watches];
  const auto mode = static_cast<std::size_t>(supervisor.mode);
  if (desk.up) world.telephony.join(supervisor.leg, desk.leg, supervisor.mode);
  note(now, "monitor", supervisor.person->id, supervisor.person->name.zh + " " + kZh[mode] + " " + desk.person->name.zh,
       supervisor.person->name.en + " " + kEn[mode] + " " + desk.person->name.en);
}

void Hotline::Inner::watchers_join(Desk& desk) {
  for (auto& [agent, watcher] : desks)
    if (watcher.up && watcher.watches == desk.person->id) world.telephony.join(watcher.leg, desk.leg, watcher.mode);
}

Status Hotline::take_over(const std::string& supervisor, const std::string& agent, Time now) {
  Desk* watcher = inner_->find_desk(supervisor);
  Desk* desk = inner_->find_desk(agent);
  if (watcher == nullptr) return no_agent(supervisor);
  if (desk == nullptr) return no_agent(agent);
  if (inner_->find_call(desk->call) == nullptr || !desk->up) return not_talking(agent);
  if (!watcher->up || watcher->watches != agent)
    return Error(ErrorCode::wrong_state, "`" + supervisor + "` does not monitor `" + agent + "`", "monitor first: the supervisor's telephone must be up");
  HOTLINE_TRY(acd::to_status(inner_->router->take_over(desk->contact, watcher->agent, now, acd::TakeOverMode::forced), "taking over"));
  inner_->router->stop_monitor(desk->agent, watcher->agent, now);
  inner_->drain(now);
  return {};
}

Status Hotline::stop_monitor(const std::string& supervisor, const std::string& agent, Time now) {
  Desk* watcher = inner_->find_desk(supervisor);
  Desk* desk = inner_->find_desk(agent);
  if (watcher == nullptr) return no_agent(supervisor);
  if (desk == nullptr) return no_agent(agent);
  const Status done = acd::to_status(inner_->router->stop_monitor(desk->agent, watcher->agent, now), "monitor");
  if (watcher->watches == agent) {
    watcher->watches.clear();
    inner_->hang_up_desk(*watcher);
  }
  inner_->drain(now);
  return done;
}

}  // namespace hotline::center
