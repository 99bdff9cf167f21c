#include "hotline/sip.h"

#include <condition_variable>
#include <mutex>

#include "guard.hpp"
#include "hotline/sip.hpp"
#include "sound.hpp"

using namespace hotline;
using audio::LegId;

struct hl_telephony_event {
  std::string type, json;
  std::uint64_t leg = 0;
  Node fields;
};

struct hl_endpoint {
  std::unique_ptr<sip::Endpoint> endpoint;
  std::string uri;
  std::mutex mutex;
  std::condition_variable ready;
  bool started = false;  // the caller has its handle
};

namespace {

void deliver(hl_endpoint& self, hl_telephony_sink sink, void* user, const audio::TelephonyEvent& e) {
  {
    std::unique_lock lock(self.mutex);
    self.ready.wait(lock, [&] { return self.started; });
  }
  hl_telephony_event event{std::string(audio::event_name(e)), audio::to_json(e), audio::event_leg(e).value, {}};
  if (auto node = parse_document(event.json, "event"); node.ok()) event.fields = *std::move(node);
  sink(&event, user);
}

// A command: nothing for NULL, and no exception leaves.
template <class Work>
void command(hl_endpoint* e, Work work) noexcept {
  if (e == nullptr) return;
  try {
    work(*e->endpoint);
  } catch (...) {
  }
}
std::string text(const char* t) { return t != nullptr ? t : ""; }

}  // namespace

extern "C" {

const char* hl_telephony_event_type(const hl_telephony_event* e) { return capi::or_empty(e ? &e->type : nullptr); }
uint64_t hl_telephony_event_leg(const hl_telephony_event* e) { return e ? e->leg : 0; }
const char* hl_telephony_event_json(const hl_telephony_event* e) { return capi::or_empty(e ? &e->json : nullptr); }
const char* hl_telephony_event_field(const hl_telephony_event* e, const char* name) {
  const Node* field = e != nullptr && name != nullptr ? e->fields.find(name) : nullptr;
  return field != nullptr && field->is_scalar() ? field->text().c_str() : "";
}

hl_status hl_endpoint_start(const char* options, hl_telephony_sink sink, void* user, hl_endpoint** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(reinterpret_cast<const void*>(sink), "sink"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    sip::EndpointOptions chosen;
    if (options != nullptr && options[0] != '\0') {
      HOTLINE_ASSIGN(const Node node, parse_document(options, "endpoint"));
      HOTLINE_ASSIGN(chosen, sip::read_endpoint_options(node));
    }
    auto handle = std::make_unique<hl_endpoint>();
    auto started = sip::Endpoint::start(std::move(chosen), [self = handle.get(), sink, user](const audio::TelephonyEvent& e) {
      deliver(*self, sink, user, e);
    });
    if (!started.ok()) return started.error();
    handle->endpoint = *std::move(started);
    handle->uri = handle->endpoint->uri();
    *out = handle.get();
    const std::lock_guard lock(handle->mutex);
    handle->started = true;
    handle->ready.notify_all();
    handle.release();
    return {};
  });
}
const char* hl_endpoint_uri(const hl_endpoint* e) { return capi::or_empty(e ? &e->uri : nullptr); }
void hl_endpoint_answer(hl_endpoint* e, uint64_t leg) {
  command(e, [&](auto& endpoint) { endpoint.answer(LegId{leg}); });
}
uint64_t hl_endpoint_dial(hl_endpoint* e, const char* to, const char* caller_id, int64_t ring_timeout) {
  LegId leg;
  if (to != nullptr) command(e, [&](auto& endpoint) { leg = endpoint.dial(to, text(caller_id), Duration{ring_timeout}); });
  return leg.value;
}
void hl_endpoint_play(hl_endpoint* e, uint64_t leg, const hl_sound* const* sounds, size_t count, uint64_t play) {
  command(e, [&](auto& endpoint) {
    std::vector<audio::Clip> clips;
    for (size_t i = 0; sounds != nullptr && i < count; ++i)
      if (sounds[i] != nullptr) clips.push_back({sounds[i]->pcm, {}});
    endpoint.play(LegId{leg}, std::move(clips), play);
  });
}
void hl_endpoint_stop_play(hl_endpoint* e, uint64_t leg) {
  command(e, [&](auto& endpoint) { endpoint.stop_play(LegId{leg}); });
}
void hl_endpoint_record(hl_endpoint* e, uint64_t leg, const char* path, int64_t max, int64_t end_silence,
                        const char* terminators, int beep) {
  command(e, [&](auto& endpoint) {
    audio::RecordOptions options{.path = text(path), .end_silence = Duration{end_silence}, .terminators = text(terminators), .beep = beep != 0};
    if (max > 0) options.max = Duration{max};
    endpoint.record(LegId{leg}, std::move(options));
  });
}
void hl_endpoint_stop_record(hl_endpoint* e, uint64_t leg) {
  command(e, [&](auto& endpoint) { endpoint.stop_record(LegId{leg}); });
}
void hl_endpoint_record_call(hl_endpoint* e, uint64_t leg, const char* path) {
  command(e, [&](auto& endpoint) { endpoint.record_call(LegId{leg}, text(path)); });
}
void hl_endpoint_bridge(hl_endpoint* e, uint64_t a, uint64_t b) {
  command(e, [&](auto& endpoint) { endpoint.bridge(LegId{a}, LegId{b}); });
}
void hl_endpoint_unbridge(hl_endpoint* e, uint64_t leg) {
  command(e, [&](auto& endpoint) { endpoint.unbridge(LegId{leg}); });
}
void hl_endpoint_join(hl_endpoint* e, uint64_t supervisor, uint64_t leg, int mode) {
  if (mode < HL_JOIN_LISTEN || mode > HL_JOIN_BARGE) return;
  command(e, [&](auto& endpoint) {
    endpoint.join(LegId{supervisor}, LegId{leg}, static_cast<audio::Telephony::Join>(mode));
  });
}
void hl_endpoint_send_digits(hl_endpoint* e, uint64_t leg, const char* digits) {
  command(e, [&](auto& endpoint) { endpoint.send_digits(LegId{leg}, text(digits)); });
}
void hl_endpoint_transfer(hl_endpoint* e, uint64_t leg, const char* to) {
  command(e, [&](auto& endpoint) { endpoint.transfer(LegId{leg}, text(to)); });
}
void hl_endpoint_hang_up(hl_endpoint* e, uint64_t leg, int status) {
  command(e, [&](auto& endpoint) { endpoint.hang_up(LegId{leg}, status == 0 ? 200 : status); });
}
void hl_endpoint_free(hl_endpoint* e) {
  if (e != nullptr) e->endpoint->stop();  // its callbacks still reach it
  delete e;
}

}  // extern "C"
