// What calls can do besides beginning and ending: conversations, transfers, keys by INFO, registration.
#include <cctype>
#include <cstdlib>

#include "stack.hpp"

namespace hotline::sip {

using audio::LegId;
namespace event = audio::event;

namespace {

std::string_view body(sip_t const* sip) {
  if (sip == nullptr || sip->sip_payload == nullptr || sip->sip_payload->pl_data == nullptr) return {};
  return {sip->sip_payload->pl_data, sip->sip_payload->pl_len};
}

// "Signal=5\r\nDuration=160" (application/dtmf-relay) or "5" (application/dtmf).
struct InfoKey {
  char key = 0;
  Duration held{};
};
InfoKey parse_info(std::string_view text) {
  const auto after = [&](std::string_view name) -> std::string_view {
    const auto at = text.find(name);
    if (at == std::string_view::npos) return {};
    std::string_view rest = text.substr(at + name.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" ="), rest.size()));
    return rest;
  };
  InfoKey out;
  std::string_view signal = after("Signal");
  if (signal.empty()) signal = text;
  if (signal.empty() || code_of(signal[0]) < 0) return {};
  out.key = static_cast<char>(std::toupper(static_cast<unsigned char>(signal[0])));
  int ms = 0;
  for (const char c : after("Duration").substr(0, 6)) {
    if (c < '0' || c > '9') break;
    ms = ms * 10 + (c - '0');
  }
  out.held = std::chrono::milliseconds(ms);
  return out;
}

}  // namespace

std::shared_ptr<Conference> Stack::conference_of(Call& call) {
  if (!call.conference) seat(call, std::make_shared<Conference>(), Conference::Role::party, {});
  return call.conference;
}

void Stack::seat(Call& call, const std::shared_ptr<Conference>& conference, Conference::Role role, LegId target) {
  call.conference = conference;
  in_session(call, [conference, role, target](Session& session) { session.join(conference, role, target); });
}

void Stack::bridge(LegId a, LegId b) {
  Call* first = find(a);
  Call* second = find(b);
  if (first == nullptr || second == nullptr || first == second) return;
  seat(*second, conference_of(*first), Conference::Role::party, {});
}

void Stack::unbridge(LegId leg) {
  Call* call = find(leg);
  if (call == nullptr) return;
  call->conference.reset();
  in_session(*call, [](Session& session) { session.leave(); });
}

void Stack::join(LegId supervisor, LegId leg, Join mode) {
  Call* listener = find(supervisor);
  Call* call = find(leg);
  if (listener == nullptr || call == nullptr || listener == call) return;
  const auto role = mode == Join::listen    ? Conference::Role::listen
                    : mode == Join::whisper ? Conference::Role::whisper
                                            : Conference::Role::barge;
  seat(*listener, conference_of(*call), role, leg);
}

void Stack::transfer(Call& call, const std::string& to) {
  const std::string url = reachable(to);
  if (call.phase != Phase::up || url.empty()) {
    dispatcher_.push(event::Transferred{call.leg, false, url.empty() ? 404 : 481});
    return;
  }
  call.transferring = true;
  const std::string by = "<" + uri_ + ">";
  nua_refer(call.handle, SIPTAG_REFER_TO_STR(("<" + url + ">").c_str()), SIPTAG_REFERRED_BY_STR(by.c_str()), TAG_END());
}

// The progress of our REFER, as a status line of SIP (RFC 3515, 2.4.5).
void Stack::notified(Call& call, sip_t const* sip) {
  const std::string_view text = body(sip);
  if (!call.transferring || !text.starts_with("SIP/2.0 ") || text.size() < 11) return;
  const int status = std::atoi(std::string(text.substr(8, 3)).c_str());
  if (status < 200) return;
  call.transferring = false;
  dispatcher_.push(event::Transferred{call.leg, status < 300, status});
  if (status < 300) hang_up(call, 200);
}

// The party's telephone asks us to connect its peer elsewhere: the host decides.
void Stack::asked_to_transfer(nua_handle_t* handle, Call* call, sip_t const* sip) {
  const sip_refer_to_t* to = sip->sip_refer_to;
  if (call == nullptr || call->phase != Phase::up || to == nullptr) {
    nua_respond(handle, SIP_481_NO_TRANSACTION, NUTAG_WITH_THIS(nua_), TAG_END());
    if (call == nullptr) nua_handle_destroy(handle);
    return;
  }
  nua_respond(handle, SIP_202_ACCEPTED, NUTAG_WITH_THIS(nua_), SIPTAG_EXPIRES_STR("60"), TAG_END());
  nua_notify(handle, NUTAG_NEWSUB(1), SIPTAG_EVENT_STR("refer"), NUTAG_SUBSTATE(nua_substate_terminated),
             SIPTAG_SUBSCRIPTION_STATE_STR("terminated;reason=noresource"),
             SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"), SIPTAG_PAYLOAD_STR("SIP/2.0 200 OK\r\n"), TAG_END());
  char url[512];
  const isize_t length = url_e(url, sizeof url, to->r_url);
  if (length > 0 && static_cast<std::size_t>(length) < sizeof url)
    dispatcher_.push(event::TransferAsked{call->leg, url});
}

void Stack::info(nua_handle_t* handle, Call* call, sip_t const* sip) {
  if (call == nullptr) {
    nua_respond(handle, SIP_481_NO_TRANSACTION, NUTAG_WITH_THIS(nua_), TAG_END());
    nua_handle_destroy(handle);
    return;
  }
  nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(nua_), TAG_END());
  const char* type = sip->sip_content_type != nullptr ? sip->sip_content_type->c_type : nullptr;
  if (type == nullptr || std::string_view(type).find("dtmf") == std::string_view::npos) return;
  const InfoKey key = parse_info(body(sip));
  if (key.key != 0)
    in_session(*call, [key](Session& session) { session.key(key.key, audio::DigitSource::sip_info, key.held); });
}

void Stack::registers(nua_handle_t* handle, sip_t const* sip) {
  const Registrar::Answer answer = registrar_.handle(sip);
  const std::string contact = answer.contact.empty() ? "" : "<" + answer.contact + ">;expires=" + std::to_string(answer.expires);
  nua_respond(handle, answer.status, sip_status_phrase(answer.status), NUTAG_WITH_THIS(nua_),
              TAG_IF(!answer.challenge.empty(), SIPTAG_WWW_AUTHENTICATE_STR(answer.challenge.c_str())),
              TAG_IF(!contact.empty(), SIPTAG_CONTACT_STR(contact.c_str())), TAG_END());
  nua_handle_destroy(handle);
}

}  // namespace hotline::sip
