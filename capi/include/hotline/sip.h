/* hotline C ABI, box sip: a SIP endpoint (docs/sip.md).
 *
 *   static void on_event(const hl_telephony_event *event, void *user) {
 *     if (strcmp(hl_telephony_event_type(event), "incoming") == 0)
 *       hl_endpoint_answer(user_endpoint, hl_telephony_event_leg(event));
 *   }
 *   hl_endpoint_start("{\"port\": 5060}", on_event, user, &endpoint, NULL);
 *
 * Commands may be given from any thread, inside the callback too; they do not fail at once: what cannot be done comes
 * back as an event. Events come from one thread. Types: incoming, ringing, answered, digit, played, recorded,
 * transferred, held, transfer_asked, hung_up (the last one of a leg). */
#ifndef HOTLINE_SIP_H
#define HOTLINE_SIP_H

#include "hotline/audio.h"
#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lives as long as the callback that it is given to. */
typedef struct hl_telephony_event hl_telephony_event;
HL_API const char *hl_telephony_event_type(const hl_telephony_event *event);
HL_API uint64_t hl_telephony_event_leg(const hl_telephony_event *event);
HL_API const char *hl_telephony_event_json(const hl_telephony_event *event); /* all of it */
/* A field's text ("from", "key", "path", "status" ...); "" where there is none. */
HL_API const char *hl_telephony_event_field(const hl_telephony_event *event, const char *name);

typedef void (*hl_telephony_sink)(const hl_telephony_event *event, void *user);

/* Any thread. Must not be freed inside its own callback. */
typedef struct hl_endpoint hl_endpoint;
/* `options` is YAML or JSON as in docs/sip.md, NULL for none. Errors: invalid_definition (with place), HL_UNAVAILABLE
 * (the port is taken), HL_INVALID (address). No event comes before this returns. */
HL_API hl_status hl_endpoint_start(const char *options, hl_telephony_sink sink, void *user, hl_endpoint **out,
                                   hl_error **error);
HL_API const char *hl_endpoint_uri(const hl_endpoint *endpoint);
HL_API void hl_endpoint_answer(hl_endpoint *endpoint, uint64_t leg);
/* The new leg; 0 for NULL arguments. */
HL_API uint64_t hl_endpoint_dial(hl_endpoint *endpoint, const char *to, const char *caller_id, int64_t ring_timeout);
/* Sounds one after the other; `play` comes back with the event. */
HL_API void hl_endpoint_play(hl_endpoint *endpoint, uint64_t leg, const hl_sound *const *sounds, size_t count, uint64_t play);
HL_API void hl_endpoint_stop_play(hl_endpoint *endpoint, uint64_t leg);
/* `max` and `end_silence` in ns, 0: three minutes, and never; `terminators` may be NULL; `beep` is 0 or 1. */
HL_API void hl_endpoint_record(hl_endpoint *endpoint, uint64_t leg, const char *path, int64_t max, int64_t end_silence,
                               const char *terminators, int beep);
HL_API void hl_endpoint_stop_record(hl_endpoint *endpoint, uint64_t leg);
HL_API void hl_endpoint_record_call(hl_endpoint *endpoint, uint64_t leg, const char *path);
HL_API void hl_endpoint_bridge(hl_endpoint *endpoint, uint64_t a, uint64_t b);
HL_API void hl_endpoint_unbridge(hl_endpoint *endpoint, uint64_t leg);
#define HL_JOIN_LISTEN 0
#define HL_JOIN_WHISPER 1
#define HL_JOIN_BARGE 2
HL_API void hl_endpoint_join(hl_endpoint *endpoint, uint64_t supervisor, uint64_t leg, int mode);
HL_API void hl_endpoint_send_digits(hl_endpoint *endpoint, uint64_t leg, const char *digits);
HL_API void hl_endpoint_transfer(hl_endpoint *endpoint, uint64_t leg, const char *to);
HL_API void hl_endpoint_hang_up(hl_endpoint *endpoint, uint64_t leg, int status); /* 0: 200 */
/* Ends all legs with their events; no event comes afterwards. */
HL_API void hl_endpoint_free(hl_endpoint *endpoint);

#ifdef __cplusplus
}
#endif
#endif
