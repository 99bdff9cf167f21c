#include <algorithm>
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

std::string user_of(const url_t* url) {
  if (url == nullptr) return {};
  if (url->url_user != nullptr && url->url_user[0] != '\0') return url->url_user;
  return url->url_host != nullptr ? url->url_host : "";
}

// What may stand in the user part of an address (RFC 3261, 25.1); the rest is escaped.
std::string as_user(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || std::string_view("-_.!~*'()+").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[u >> 4];
      out += "0123456789ABCDEF"[u & 15];
    }
  }
  return out;
}

constexpr const char* kSdpType = "application/sdp";

// Holds a header of our own making; no line break may come in by a caller's text.
bool one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f;
  });
}

}  // namespace

bool Stack::open_session(Call& call) {
  auto sockets = ports_.open();
  if (!sockets.ok()) return false;
  call.local.address = options_.address;
  call.local.port = sockets->port();
  call.local.session = call.leg.value;
  call.ending = std::make_shared<Ending>();
  call.ending->leg = call.leg;
  call.ending->out = &dispatcher_;
  const auto seed = static_cast<std::uint32_t>(su_random());
  call.session = std::make_shared<Session>(call.leg, *std::move(sockets), media_->shared(), seed);
  call.session->set_lifeline(call.ending);
  call.pacer = &media_->add(call.session);
  return true;
}

void Stack::refuse(nua_handle_t* handle, int status, const char* phrase) {
  ++refused_;
  nua_respond(handle, status, phrase, NUTAG_WITH_THIS(nua_), TAG_END());
  nua_handle_destroy(handle);
}

void Stack::incoming(nua_handle_t* handle, sip_t const* sip) {
  if (stopping_ || calls_.size() >= options_.max_calls) return refuse(handle, SIP_486_BUSY_HERE);
  auto call = std::make_unique<Call>();
  call->handle = handle;
  if (const std::string_view text = body(sip); !text.empty()) {
    auto sdp = parse_sdp(text);
    if (!sdp.ok()) return refuse(handle, 400, "Bad Session Description");
    call->agreement = hotline::sip::agree(*sdp, options_.laws);
    if (!call->agreement) return refuse(handle, SIP_488_NOT_ACCEPTABLE);
    call->offer = *std::move(sdp);
  }
  call->leg = new_leg();
  if (!open_session(*call)) return refuse(handle, SIP_503_SERVICE_UNAVAILABLE);
  ++incoming_;
  ++live_;
  nua_handle_bind(handle, call.get());
  nua_respond(handle, SIP_180_RINGING, NUTAG_WITH_THIS(nua_), TAG_END());
  const url_t* asked = sip->sip_request != nullptr ? sip->sip_request->rq_url : nullptr;
  if (options_.gateway_register && sip->sip_to != nullptr && user_of(asked) == options_.gateway_user) asked = sip->sip_to->a_url;
  const url_t* from = sip->sip_from != nullptr ? sip->sip_from->a_url : nullptr;
  const std::string id = sip->sip_call_id != nullptr ? sip->sip_call_id->i_id : "";
  const LegId leg = call->leg;
  calls_.emplace(leg, std::move(call));
  dispatcher_.push(event::Incoming{leg, user_of(from), user_of(asked), id});
}

void Stack::answer(Call& call) {
  if (call.phase != Phase::ringing_here || call.outgoing) return;
  std::string sdp;
  if (call.offer) {
    sdp = make_answer(call.local, *call.offer, *call.agreement);
    apply(call, *call.agreement);
  } else {
    sdp = make_offer(call.local, options_.laws);
    call.offer_is_ours = true;
  }
  call.offer.reset();
  call.phase = Phase::up;
  nua_respond(call.handle, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR(kSdpType), SIPTAG_PAYLOAD_STR(sdp.c_str()), TAG_END());
}

void Stack::apply(Call& call, const Agreement& agreement) {
  call.agreement = agreement;
  in_session(call, [agreement](Session& session) { session.agree(agreement); });
  const bool held = !agreement.we_send;
  if (held != call.held && call.answered_event) dispatcher_.push(event::Held{call.leg, held});
  call.held = held;
}

void Stack::up(Call& call) {
  call.phase = Phase::up;
  if (call.answered_event) return;
  call.answered_event = true;
  in_session(call, [](Session& session) { session.start(); });
  dispatcher_.push(event::Answered{call.leg});
}

// A re-INVITE: hold, retrieve, another codec or address, or nothing new.
void Stack::offered_again(Call& call, sip_t const* sip) {
  ++call.local.version;
  std::string sdp;
  if (const std::string_view text = body(sip); text.empty()) {
    sdp = make_offer(call.local, options_.laws);
    call.offer_is_ours = true;
  } else {
    const auto offer = parse_sdp(text);
    const auto agreed = offer.ok() ? hotline::sip::agree(*offer, options_.laws) : std::nullopt;
    if (!agreed) {
      nua_respond(call.handle, SIP_488_NOT_ACCEPTABLE, NUTAG_WITH_THIS(nua_), TAG_END());
      return;
    }
    apply(call, *agreed);
    sdp = make_answer(call.local, *offer, *agreed);
  }
  nua_respond(call.handle, SIP_200_OK, NUTAG_WITH_THIS(nua_), SIPTAG_CONTENT_TYPE_STR(kSdpType),
              SIPTAG_PAYLOAD_STR(sdp.c_str()), TAG_END());
}

void Stack::acknowledged(Call& call, sip_t const* sip) {
  if (call.phase != Phase::up) return;
  if (call.offer_is_ours) {
    call.offer_is_ours = false;
    const auto sdp = parse_sdp(body(sip));
    const auto agreed = sdp.ok() ? hotline::sip::agree(*sdp, options_.laws) : std::nullopt;
    if (!agreed) return hang_up(call, 488);
    apply(call, *agreed);
  }
  up(call);
}

std::string Stack::reachable(const std::string& to) const {
  if (!one_line(to) || to.size() > 500 || to.empty()) return {};
  if (to.starts_with("sip:") || to.starts_with("sips:") || to.starts_with("tel:")) return to;
  if (auto contact = registrar_.find(to)) return *contact;
  if (options_.gateway.empty()) return {};
  const std::size_t scheme = options_.gateway.find(':');
  return options_.gateway.substr(0, scheme + 1) + as_user(to) + "@" + options_.gateway.substr(scheme + 1);
}

void Stack::dial(LegId leg, const std::string& to, const std::string& caller_id, Duration ring_timeout) {
  const std::string url = reachable(to);
  auto call = std::make_unique<Call>();
  call->leg = leg;
  call->outgoing = true;
  call->phase = Phase::ringing_there;
  if (url.empty() || stopping_ || calls_.size() >= options_.max_calls || !open_session(*call)) {
    const bool full = !url.empty();
    dispatcher_.push(event::HungUp{leg, full ? 503 : 404, full ? "no line is free" : "nobody is called `" + to + "`"});
    return;
  }
  const std::string from = "<sip:" + as_user(caller_id.empty() ? "hotline" : caller_id) + "@" + uri_.substr(4) + ">";
  const std::string sdp = make_offer(call->local, options_.laws);
  call->handle = nua_handle(nua_, call.get(), NUTAG_URL(url.c_str()), SIPTAG_TO_STR(("<" + url + ">").c_str()),
                            SIPTAG_FROM_STR(from.c_str()), TAG_END());
  ++outgoing_;
  ++live_;
  if (ring_timeout.count() > 0)
    call->ring_until = std::chrono::steady_clock::now() + std::min<Duration>(ring_timeout, std::chrono::hours(24));
  Call& dialled = *call;
  calls_.emplace(leg, std::move(call));
  if (dialled.handle == nullptr) return finish(dialled, 404, "`" + to + "` is no SIP address");
  nua_invite(dialled.handle, SIPTAG_CONTENT_TYPE_STR(kSdpType), SIPTAG_PAYLOAD_STR(sdp.c_str()), TAG_END());
}

void Stack::invite_answered(Call& call, int status, char const* phrase, sip_t const* sip) {
  if (call.phase == Phase::over) {
    if (status >= 200 && status < 300) nua_bye(call.handle, TAG_END());  // the answer crossed our giving up
    return;
  }
  const auto sdp = parse_sdp(body(sip));
  auto agreed = sdp.ok() ? hotline::sip::agree(*sdp, options_.laws) : std::nullopt;
  if (status < 200) {
    if (agreed) call.early = agreed;
    if (status == 180 || status == 183) dispatcher_.push(event::Ringing{call.leg});
    return;
  }
  if (status == 401 || status == 407) return authenticate(call, sip, status, phrase);
  if (status >= 300) return finish(call, status, phrase != nullptr ? phrase : "");
  if (call.answered_event) return;
  if (!agreed && body(sip).empty()) agreed = call.early;  // the description came with a ringing (RFC 3262, 5)
  if (!agreed) return hang_up(call, 488);
  apply(call, *agreed);
  up(call);
}

void Stack::authenticate(Call& call, sip_t const* sip, int status, char const* phrase) {
  const std::string secret = call.tried_password ? "" : secret_for(sip, status);
  if (secret.empty()) return finish(call, status, phrase != nullptr ? phrase : "a password is asked for");
  call.tried_password = true;
  nua_authenticate(call.handle, NUTAG_AUTH(secret.c_str()), TAG_END());
}

void Stack::state_changed(Call& call, int state) {
  if (state != nua_callstate_terminated) return;
  finish(call, call.phase == Phase::up ? 200 : 487, "the call ended");
  drop(call);
}

void Stack::hang_up(Call& call, int status) {
  nua_handle_t* handle = call.handle;
  const Phase phase = call.phase;
  const bool outgoing = call.outgoing;
  finish(call, status, status == 408 ? "no answer in time" : "hung up here");
  if (handle == nullptr || phase == Phase::over) return;
  if (phase == Phase::up || (outgoing && status == 488)) nua_bye(handle, TAG_END());
  else if (outgoing) nua_cancel(handle, TAG_END());
  else {
    const int code = status >= 300 && status < 700 ? status : 480;
    if (code >= 400) ++refused_;
    nua_respond(handle, code, sip_status_phrase(code), TAG_END());
  }
}

// The leg is over for the host: its sound ends now; the dialogue may take a little longer.
void Stack::finish(Call& call, int status, std::string reason) {
  if (call.phase == Phase::over) return;
  const bool accepted = call.transferring;
  call.transferring = false;
  if (accepted) dispatcher_.push(event::Transferred{call.leg, true, 202});
  call.phase = Phase::over;
  --live_;
  call.ending->status = status;
  call.ending->reason = std::move(reason);
  call.ending.reset();
  in_session(call, [](Session& session) { session.close(); });
  call.session.reset();
  call.conference.reset();
  const auto found = calls_.find(call.leg);
  over_.emplace(&call, std::move(found->second));
  calls_.erase(found);
  if (call.handle == nullptr) over_.erase(&call);
}

void Stack::drop(Call& call) {
  if (call.handle != nullptr) {
    nua_handle_bind(call.handle, nullptr);
    nua_handle_destroy(call.handle);
  }
  over_.erase(&call);
}

}  // namespace hotline::sip
