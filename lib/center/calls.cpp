// Calls: what telephones do, and what flows ask for.
#include <algorithm>
#include <filesystem>

#include "inner.hpp"

namespace hotline::center {
namespace {

std::vector<Utterance> utterances(const ivr::Action& action) {
  std::vector<Utterance> pieces;
  for (const ivr::Part& part : action.parts)
    pieces.push_back({.language = std::string(part.language),
                      .text = std::string(part.text),
                      .file = std::string(part.file),
                      .silence = part.silence,
                      .rate_percent = action.rate_percent});
  return pieces;
}

std::string spoken(const std::vector<Utterance>& pieces) {
  std::string text;
  for (const Utterance& piece : pieces) text += piece.text;
  return text;
}

ivr::RecordingEnd recording_end(char ended_by) {
  switch (ended_by) {
    case 's': return ivr::RecordingEnd::silence;
    case 'm': return ivr::RecordingEnd::limit;
    case 'h': return ivr::RecordingEnd::hangup;
    case 'e': return ivr::RecordingEnd::error;
    default: return ivr::RecordingEnd::key;
  }
}

// What a citizen's address says of the number: "sip:13800138000@host" -> "13800138000".
std::string number_of(std::string_view address) {
  if (const auto colon = address.find(':'); colon != address.npos && address.starts_with("sip"))
    address.remove_prefix(colon + 1);
  return std::string(address.substr(0, address.find_first_of("@;>")));
}

}  // namespace

void Hotline::Inner::handle(const audio::TelephonyEvent& event, Time now) {
  namespace e = audio::event;
  if (const auto* incoming = std::get_if<e::Incoming>(&event)) return arrived(*incoming, now);
  if (const auto* up = std::get_if<e::Answered>(&event)) return answered(up->leg, now);
  if (const auto* down = std::get_if<e::HungUp>(&event)) return hung_up(*down, now);
  if (const auto* heard = std::get_if<e::Played>(&event)) return played(*heard, now);
  if (const auto* kept = std::get_if<e::Recorded>(&event)) return recorded(*kept, now);
  if (const auto* asked = std::get_if<e::TransferAsked>(&event)) return asked_to_transfer(*asked, now);
  if (const auto* digit = std::get_if<e::Digit>(&event)) {
    Call* call = find_call(digit->leg);
    if (call == nullptr || !call->session) return;
    journal.write(now, "center", "key", [&](JsonWriter& json) {
      json.field("call", call->id).field("key", std::string_view(&digit->key, 1));
    });
    note(now, "key", call->record.citizen, std::string("按键 ") + digit->key, std::string("presses ") + digit->key);
    step(*call, ivr::Event::digit(digit->key), now);
  }
}

void Hotline::Inner::arrived(const audio::event::Incoming& event, Time now) {
  const std::string dialled = number_of(event.to);
  auto flow = setup.flows.find(dialled);
  if (flow == setup.flows.end()) flow = setup.flows.find("*");
  if (flow == setup.flows.end()) {
    world.telephony.hang_up(event.leg, 404);
    note(now, "call.refused", number_of(event.from), "号码 " + dialled + " 不存在", "no such number: " + dialled);
    return;
  }
  Call& call = calls[next_call];
  call.id = next_call++;
  call.leg = event.leg;
  call.engine = engines.at(flow->second).get();
  call.record.citizen = number_of(event.from);
  call.record.dialled = dialled;
  call.record.started = now;
  call.record.outcome = "self_service";
  call_of_leg[event.leg] = call.id;
  journal.write(now, "center", "call.arrived", [&](JsonWriter& json) {
    json.field("call", call.id).field("from", call.record.citizen).field("to", dialled);
  });
  note(now, "call.arrived", call.record.citizen, "来电 " + call.record.citizen + " → " + dialled,
       "call from " + call.record.citizen + " to " + dialled);
  world.telephony.answer(event.leg);
}

void Hotline::Inner::answered(LegId leg, Time now) {
  if (Desk* desk = find_desk(leg)) {
    desk->up = true;
    if (desk->offer) {
      const auto offer = desk->offer;
      if (router->accept(offer, now) != acd::Outcome::done) hang_up_desk(*desk);
      return drain(now);
    }
    if (!desk->watches.empty()) watch(*desk, now);
    return;
  }
  if (Desk* desk = find_third(leg)) return third_answered(*desk, now);
  Call* call = find_call(leg);
  if (call == nullptr) return;
  if (call->callback != 0) return back_on_line(*call, now);
  if (leg == call->other) {  // the outside party of a transfer
    world.telephony.stop_play(call->leg);
    world.telephony.bridge(call->leg, leg);
    call->answered = now;
    if (call->agent.empty()) step(*call, ivr::Event::answered(call->request), now);
    return;
  }
  if (call->up) return;
  call->up = true;
  call->record.outcome = call->record.direction == Direction::outbound ? "reached" : "self_service";
  start_session(*call, now);
}

void Hotline::Inner::start_session(Call& call, Time now) {
  ivr::Start start{.caller = call.record.citizen, .dialled = call.record.dialled, .seed = call.id, .variables = call.variables};
  if (auto citizen = records->citizen(call.record.citizen); citizen.ok() && *citizen) {
    start.language = (*citizen)->language;
    start.profile = (*citizen)->profile;
  }
  call.session.emplace(call.engine->open());
  const ivr::Flow before = call.session->flow();
  const auto actions = call_journal.start(*call.engine, *call.session, start, std::to_string(call.id), now);
  flow_statistics.add(before, *call.session, call.engine->trace());
  perform(call, actions, now);
}

void Hotline::Inner::step(Call& call, const ivr::Event& event, Time now) {
  if (!call.session || call.session->ended()) return;
  const ivr::Flow before = call.session->flow();
  const auto actions = call_journal.step(*call.engine, *call.session, event, std::to_string(call.id), now);
  flow_statistics.add(before, *call.session, call.engine->trace());
  perform(call, actions, now);
}

void Hotline::Inner::perform(Call& call, std::span<const ivr::Action> actions, Time now) {
  using Kind = ivr::ActionKind;
  for (const ivr::Action& action : actions) {
    switch (action.kind) {
      case Kind::play: play(call, action, now); break;
      case Kind::stop:
        ++call.play_token;
        call.play = 0;
        call.looped.clear();
        if (!call.gone) world.telephony.stop_play(call.leg);
        break;
      case Kind::record: record(call, action, now); break;
      case Kind::stop_record:
        if (!call.gone) world.telephony.stop_record(call.leg);
        break;
      case Kind::cancel: cancel(call, action.id, now); break;
      case Kind::hangup:
        if (!call.gone) world.telephony.hang_up(call.leg);
        break;
      default: request(call, action, now);
    }
  }
}

void Hotline::Inner::play(Call& call, const ivr::Action& action, Time now) {
  if (call.gone) return;
  if (call.play != 0) world.telephony.stop_play(call.leg);
  call.play = action.id;
  call.play_token = next_token++;
  call.looped.clear();
  auto pieces = utterances(action);
  if (const std::string text = spoken(pieces); !text.empty()) {
    journal.write(now, "center", "prompt", [&](JsonWriter& json) { json.field("call", call.id).field("text", text); });
    note(now, "prompt", call.record.citizen, "“" + text + "”", "hears: " + text);
  }
  const bool looped = action.repeat;
  world.speech.prepare(std::move(pieces), [this, id = call.id, token = call.play_token, looped](std::vector<audio::Clip> clips) {
    world.post([this, id, token, looped, clips = std::move(clips)]() mutable {
      Call* waiting = find_call(id);
      if (waiting == nullptr || waiting->gone || waiting->play_token != token) return;
      if (looped) waiting->looped = clips;
      world.telephony.play(waiting->leg, std::move(clips), token);
    });
  });
}

void Hotline::Inner::played(const audio::event::Played& event, Time now) {
  if ((event.play & kOwnPlay) != 0) return;
  Call* call = find_call(event.leg);
  if (call == nullptr || event.play != call->play_token || !event.complete) return;
  if (!call->looped.empty()) {
    world.telephony.play(call->leg, call->looped, call->play_token);
    return;
  }
  const std::uint32_t id = std::exchange(call->play, 0);
  step(*call, ivr::Event::played(id), now);
}

void Hotline::Inner::record(Call& call, const ivr::Action& action, Time now) {
  if (call.gone) return;
  call.recording = action.id;
  call.recording_path = "recordings/" + std::to_string(to_ns(call.record.started) / 1'000'000) + "-" +
                        std::to_string(call.id) + "-" + std::to_string(action.id) + ".wav";
  world.telephony.record(call.leg, {.path = file(call.recording_path),
                                    .max = action.limit,
                                    .end_silence = action.silence,
                                    .terminators = std::string(action.keys),
                                    .beep = action.beep});
  note(now, "recording", call.record.citizen, "开始录音", "is being recorded");
}

void Hotline::Inner::recorded(const audio::event::Recorded& event, Time now) {
  Call* call = find_call(event.leg);
  if (call == nullptr) return;
  if (!call->record.recording.empty() && event.path == file(call->record.recording)) {
    if (Desk* desk = find_desk(call->agent)) attach_talk(*desk, now);
    return;
  }
  if (call->recording == 0 || event.path != file(call->recording_path)) return;
  call->recorded.push_back(call->recording_path);
  const std::uint32_t id = std::exchange(call->recording, 0);
  note(now, "recorded", call->record.citizen,
       "留言 " + std::to_string(event.length / std::chrono::milliseconds{100} / 10.0).substr(0, 4) + " 秒",
       "speaks for " + std::to_string(event.length / std::chrono::milliseconds{100} / 10.0).substr(0, 4) + " s");
  step(*call, ivr::Event::recorded(id, call->recording_path, event.length, recording_end(event.ended_by)), now);
}

void Hotline::Inner::hung_up(const audio::event::HungUp& event, Time now) {
  if (Desk* desk = find_desk(event.leg)) {
    const auto offer = std::exchange(desk->offer, {});
    const bool was_up = std::exchange(desk->up, false);
    desk->leg = {};
    if (offer && !was_up) {
      const auto how = event.status == 486   ? acd::HowRejected::busy
                       : event.status == 603 ? acd::HowRejected::rejected
                       : event.status == 480 || event.status == 408 || event.status == 487
                           ? acd::HowRejected::no_answer
                           : acd::HowRejected::unreachable;
      router->reject(offer, now, how);
      note(now, "offer.declined", desk->person->id, desk->person->name.zh + " 未接听", desk->person->name.en + " does not answer");
    } else if (desk->call != 0) {
      part(*desk, now);
    }
    if (const std::string watched = std::exchange(desk->watches, ""); !watched.empty())
      router->stop_monitor(desks[watched].agent, desk->agent, now);
    return drain(now);
  }
  if (Desk* desk = find_third(event.leg)) return third_gone(*desk, now);
  Call* call = find_call(event.leg);
  if (call == nullptr) return;
  if (event.leg == call->other) {
    call_of_leg.erase(call->other);
    call->other = {};
    if (call->gone) return;
    const bool talked = call->answered != Time{};
    world.telephony.unbridge(call->leg);
    if (talked) call->record.talked += now - std::exchange(call->answered, Time{});
    // Whom an agent handed on has been answered, whatever came of it.
    answer(*call, std::exchange(call->request, 0),
           talked || !call->agent.empty() ? ivr::Outcome::answered
           : event.status == 486 ? ivr::Outcome::busy
           : event.status == 408 || event.status == 480 || event.status == 487 ? ivr::Outcome::no_answer
                                                                               : ivr::Outcome::failed);
    return;
  }
  call->gone = true;
  call->record.ended = now;
  if (!call->up && call->record.direction == Direction::outbound) call->record.outcome = "unreached";
  if (Desk* desk = call->contact ? find_desk(call->agent) : nullptr; desk != nullptr && desk->call == call->id) part(*desk, now);
  else if (call->contact) router->abandon(call->contact, now);
  if (call->other) world.telephony.hang_up(call->other);
  if (call->session) step(*call, ivr::Event::hangup(), now);
  drain(now);
}

void Hotline::Inner::finish(Call& call, Time now) {
  if (call.session) call.record.language = call.session->language();
  if (const auto written = records->add(call.record); !written.ok())
    note(now, "fault", call.record.citizen, "通话记录未写入：" + written.error().text(), "call record not written: " + written.error().text());
  journal.write(now, "center", "call.ended", [&](JsonWriter& json) {
    json.field("call", call.id).field("outcome", call.record.outcome);
  });
  note(now, "call.ended", call.record.citizen, "通话结束", "call ended (" + call.record.outcome + ")");
  settle_outbox(call, now);
  if (call.callback != 0) callback_over(call, now);
  set_aside(call);
  call_of_leg.erase(call.leg);
  if (call.other) call_of_leg.erase(call.other);
  for (auto& [agent, desk] : desks)
    if (desk.call == call.id) desk.call = 0;
  calls.erase(call.id);
}

// What was said and is in a ticket is marked so; what the citizen threw away is kept apart, not recovered.
void Hotline::Inner::set_aside(const Call& call) {
  std::error_code ignored;
  for (const std::string& path : call.recorded) {
    const bool kept = std::find(call.filed.begin(), call.filed.end(), path) != call.filed.end();
    const std::string folder = file(kept ? "recordings/filed" : "recordings/cancelled");
    std::filesystem::create_directories(folder, ignored);
    std::filesystem::rename(file(path), folder + "/" + std::filesystem::path(path).filename().string(), ignored);
  }
}

void Hotline::Inner::answer(Call& call, std::uint32_t id, ivr::Outcome outcome, std::vector<ivr::Field> fields) {
  if (id == 0) return;
  later.push_back([this, call_id = call.id, id, outcome, fields = std::move(fields)](Time now) {
    if (Call* waiting = find_call(call_id)) step(*waiting, ivr::Event::result(id, outcome, fields), now);
  });
}

}  // namespace hotline::center
