/* hotline C ABI, box acd: the router. Contacts and agents go in, offers come out; no clock, no thread, no I/O.
 *
 *   hl_router *router;
 *   hl_router_load("queues.yaml", &router, &error);
 *   hl_router_apply(router, "agent.ready", "{\"agent\":\"a1\"}", now, &error);
 *   hl_router_enqueue(router, queue, tag, 0, now, &contact, &error);
 *   for (size_t i = 0; i < hl_router_events(router); i++) ...; hl_router_clear(router);
 *
 * Ids are numbers, 0 is nobody; queues and agents count from 1 in the definition's order (hl_router_queue, _agent).
 * A handle is used by one thread at a time. Times are nanoseconds since the epoch. */
#ifndef HOTLINE_ACD_H
#define HOTLINE_ACD_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_router hl_router;

/* A definition from a file, or from a text (`size` bytes; `name` stands in errors). */
HL_API hl_status hl_router_load(const char *path, hl_router **out, hl_error **error);
HL_API hl_status hl_router_parse(const char *text, size_t size, const char *name, hl_router **out, hl_error **error);
/* Another definition under the running router; contacts keep their places. */
HL_API hl_status hl_router_redefine(hl_router *router, const char *text, size_t size, const char *name, int64_t now, hl_error **error);
HL_API void hl_router_free(hl_router *router);

/* 0 where there is no such name. */
HL_API uint32_t hl_router_queue(const hl_router *router, const char *name);
HL_API uint32_t hl_router_agent(const hl_router *router, const char *name);
HL_API uint32_t hl_router_agent_count(const hl_router *router);
HL_API uint32_t hl_router_queue_count(const hl_router *router);

/* Any command as a verb and a JSON object (docs/acd.md lists them). */
HL_API hl_status hl_router_apply(hl_router *router, const char *verb, const char *json, int64_t now, hl_error **error);

/* Typed commands. requirement: 0, or what hl_router_require gave. */
HL_API void hl_router_advance(hl_router *router, int64_t now);
/* INT64_MAX: nothing is pending. */
HL_API int64_t hl_router_next_deadline(const hl_router *router);
HL_API hl_status hl_router_require(hl_router *router, const char *expression, uint32_t *requirement, hl_error **error);
HL_API hl_status hl_router_enqueue(hl_router *router, uint32_t queue, uint64_t tag, int32_t priority, uint32_t requirement, int64_t now, uint64_t *contact, hl_error **error);
HL_API hl_status hl_router_accept(hl_router *router, uint64_t offer, int64_t now, hl_error **error);
HL_API hl_status hl_router_reject(hl_router *router, uint64_t offer, int64_t now, hl_error **error);
HL_API hl_status hl_router_connected(hl_router *router, uint64_t contact, int64_t now, hl_error **error);
HL_API hl_status hl_router_connect_failed(hl_router *router, uint64_t contact, int64_t now, hl_error **error);
HL_API hl_status hl_router_ended(hl_router *router, uint64_t contact, int64_t now, hl_error **error);
HL_API hl_status hl_router_wrap_up_done(hl_router *router, uint64_t contact, int64_t now, hl_error **error);
HL_API hl_status hl_router_abandon(hl_router *router, uint64_t contact, int64_t now, hl_error **error);
HL_API hl_status hl_router_login(hl_router *router, uint32_t agent, int64_t now, hl_error **error);
HL_API hl_status hl_router_logout(hl_router *router, uint32_t agent, int64_t now, hl_error **error);
HL_API hl_status hl_router_ready(hl_router *router, uint32_t agent, int64_t now, hl_error **error);
HL_API hl_status hl_router_not_ready(hl_router *router, uint32_t agent, uint32_t reason, int64_t now, hl_error **error);

/* Events since the last clear, counted from 0. The getters give "" or 0 outside the range. */
HL_API size_t hl_router_events(const hl_router *router);
HL_API const char *hl_router_event_type(const hl_router *router, size_t index); /* "offered"; static */
HL_API const char *hl_router_event_reason(const hl_router *router, size_t index);
HL_API int64_t hl_router_event_at(const hl_router *router, size_t index);
HL_API uint64_t hl_router_event_contact(const hl_router *router, size_t index);
HL_API uint64_t hl_router_event_offer(const hl_router *router, size_t index);
HL_API uint64_t hl_router_event_tag(const hl_router *router, size_t index);
HL_API uint32_t hl_router_event_agent(const hl_router *router, size_t index);
HL_API uint32_t hl_router_event_queue(const hl_router *router, size_t index);
HL_API int64_t hl_router_event_value(const hl_router *router, size_t index);
/* The event with names, as a JSON object. */
HL_API hl_status hl_router_event_json(const hl_router *router, size_t index, hl_text **out, hl_error **error);
HL_API void hl_router_clear(hl_router *router);

HL_API uint32_t hl_router_waiting(const hl_router *router, uint32_t queue); /* 0: all queues */
/* 1 = next; 0: does not wait. */
HL_API uint32_t hl_router_position(const hl_router *router, uint64_t contact);
/* Why (not) this agent; agent 0: over all agents. A JSON object with a sentence. */
HL_API hl_status hl_router_explain(const hl_router *router, uint64_t contact, uint32_t agent, hl_text **out, hl_error **error);

/* Custom policies. The choosers return an index, or a negative number for "none now". They must be pure functions of
 * what they are given and must not use the router. Candidates are read through the getters below, inside the call only. */
typedef struct hl_candidates hl_candidates;
HL_API size_t hl_candidates_size(const hl_candidates *candidates);
HL_API int64_t hl_candidates_now(const hl_candidates *candidates);
HL_API uint32_t hl_candidates_agent(const hl_candidates *candidates, size_t index);
HL_API uint64_t hl_candidates_contact(const hl_candidates *candidates, size_t index);
HL_API uint32_t hl_candidates_queue(const hl_candidates *candidates, size_t index);
HL_API uint64_t hl_candidates_tag(const hl_candidates *candidates, size_t index);
HL_API int64_t hl_candidates_since(const hl_candidates *candidates, size_t index); /* idle, or waiting, since */
HL_API int64_t hl_candidates_answered(const hl_candidates *candidates, size_t index);
typedef int64_t (*hl_chooser)(const hl_candidates *candidates, void *context);
/* For a queue with `agents: custom`: the candidates are agents. NULL takes it away. */
HL_API hl_status hl_router_set_agent_chooser(hl_router *router, uint32_t queue, hl_chooser chooser, void *context, hl_error **error);
/* For a team with `order: custom` (0: agents without a team): the candidates are contacts. */
HL_API hl_status hl_router_set_contact_chooser(hl_router *router, uint32_t team, hl_chooser chooser, void *context, hl_error **error);

/* What watches the router. hl_router_watch begins it (interval: 0 is 15 minutes; short_abandon: below 0 is 5 s); without
 * it the first question does. Questions and their fields stand in docs/acd.md ("Questions"): position, explain, contact,
 * agent, queue, wait, announce, metrics, fairness, alarm. The answer is a JSON object. */
HL_API hl_status hl_router_watch(hl_router *router, int64_t interval, int64_t short_abandon, hl_error **error);
HL_API hl_status hl_router_ask(hl_router *router, const char *question, const char *json, int64_t now, hl_text **out, hl_error **error);
/* Alarms of the definition that were raised or cleared since the last look: [{"alarm": ..., "raised": true, "value": 12}]. */
HL_API hl_status hl_router_look(hl_router *router, int64_t now, hl_text **out, hl_error **error);
/* Intervals x queues, intervals x agents; interval 0: that of the watch. */
HL_API hl_status hl_router_queues_csv(hl_router *router, int64_t interval, hl_text **out, hl_error **error);
HL_API hl_status hl_router_agents_csv(hl_router *router, int64_t interval, hl_text **out, hl_error **error);

/* A router with a log: every command above goes into it before it is carried out. Rebuilds what was there before; then
 * call hl_router_restarted. Answer a citizen or an agent after hl_router_sync. hl_router_snapshot shortens the log.
 * Custom policies took part in what happened: `prepare` (or NULL) sets the choosers before the past is replayed, and does
 * nothing else with the router. */
typedef void (*hl_router_prepare)(hl_router *router, void *context);
HL_API hl_status hl_router_recover(const char *definition, const char *log, hl_router_prepare prepare, void *context, hl_router **out, hl_error **error);
HL_API hl_status hl_router_sync(hl_router *router, hl_error **error);
HL_API hl_status hl_router_snapshot(hl_router *router, hl_error **error);

/* The whole state as bytes, for the same definition and build. */
HL_API hl_status hl_router_save(const hl_router *router, hl_text **out, hl_error **error);
HL_API hl_status hl_router_restore(hl_router *router, const char *bytes, size_t size, hl_error **error);
/* After a crash: see Router::restarted. */
HL_API void hl_router_restarted(hl_router *router, int64_t now);
/* HL_OK, or HL_INTERNAL with what is broken. For tests. */
HL_API hl_status hl_router_check(const hl_router *router, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
