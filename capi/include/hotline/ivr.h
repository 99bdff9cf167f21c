/* hotline C ABI, box ivr: flows and the calls that run through them.
 *
 * A flow is immutable and may be shared by threads. A switchboard runs many calls over one engine; it takes commands and
 * gives events as JSON (hotline/ivr/switchboard.hpp has the list). It belongs to one thread at a time.
 */
#ifndef HOTLINE_IVR_H
#define HOTLINE_IVR_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_flow hl_flow;
typedef struct hl_switchboard hl_switchboard;

/* Reads and compiles a flow. HL_INVALID with the first complaint, its place and remedy; HL_IO. */
HL_API hl_status hl_flow_load(const char *path, hl_flow **out, hl_error **error);
HL_API hl_status hl_flow_parse(const char *text, const char *name, hl_flow **out, hl_error **error);
HL_API const char *hl_flow_id(const hl_flow *flow);
HL_API const char *hl_flow_version(const hl_flow *flow);
HL_API const char *hl_flow_fingerprint(const hl_flow *flow);
HL_API size_t hl_flow_size(const hl_flow *flow); /* nodes */
/* The warnings that loading gave, as a JSON array. */
HL_API hl_status hl_flow_warnings(const hl_flow *flow, hl_text **out, hl_error **error);
/* Canonical JSON. */
HL_API hl_status hl_flow_json(const hl_flow *flow, hl_text **out, hl_error **error);
/* `format` is svg, mermaid, dot or card. */
HL_API hl_status hl_flow_draw(const hl_flow *flow, const char *format, hl_text **out, hl_error **error);
HL_API void hl_flow_free(hl_flow *flow);

/* Every complaint about a file, also one that does not load, as a JSON array. HL_IO. */
HL_API hl_status hl_flow_check(const char *path, hl_text **out, hl_error **error);

/* A flow of another system (`format`: studio, freeswitch, connect, voicexml) as YAML. `report` receives
 * {"losses": [...], "open": [...]}; either may be NULL. HL_INVALID with the place where it is no such file. */
HL_API hl_status hl_flow_import(const char *format, const char *text, const char *name, hl_text **yaml, hl_text **report, hl_error **error);

HL_API hl_status hl_switchboard_new(const hl_flow *flow, hl_switchboard **out, hl_error **error);
/* One command: its verb, its fields as a JSON object, the time. `events` receives JSON objects, one a line; may be NULL. */
HL_API hl_status hl_switchboard_apply(hl_switchboard *board, const char *verb, const char *fields, int64_t now, hl_text **events,
                                      hl_error **error);
/* Lets every deadline up to `now` strike. */
HL_API hl_status hl_switchboard_advance(hl_switchboard *board, int64_t now, hl_text **events, hl_error **error);
/* When hl_switchboard_advance must be called next; INT64_MAX for never. */
HL_API int64_t hl_switchboard_next_deadline(const hl_switchboard *board);
HL_API size_t hl_switchboard_calls(const hl_switchboard *board);
/* A call's session as a text for call.restore. HL_NOT_FOUND. */
HL_API hl_status hl_switchboard_session(const hl_switchboard *board, const char *call, hl_text **out, hl_error **error);
/* New calls run `flow`; running ones stay on theirs, or with `moves` move at their next safe point: a JSON object, old node id to
 * new; nodes that are not in it keep their name. NULL: nobody moves. call.restore finds a session's version among all published. */
HL_API hl_status hl_switchboard_publish(hl_switchboard *board, const hl_flow *flow, const char *moves, int64_t now, hl_error **error);
/* Entries, hang-ups, silences, mistakes, the agent key and time by node and version, as a JSON array. */
HL_API hl_status hl_switchboard_statistics(const hl_switchboard *board, hl_text **out, hl_error **error);
/* From now on every command, what it led to and what it asked of the host is also a journal line (hotline/ivr/call_journal.hpp).
 * `sink` gets one line at a time, valid during the call; NULL stops. It must not call into the board. */
typedef void (*hl_ivr_line_fn)(const char *line, size_t size, void *user);
HL_API hl_status hl_switchboard_journal(hl_switchboard *board, hl_ivr_line_fn sink, void *user, hl_error **error);
HL_API void hl_switchboard_free(hl_switchboard *board);

/* Plays every call of a journal again, with the version that ran where it is among `flows`, else with the last one of its id.
 * `report` receives JSON: same, calls, lines, skipped, and the first difference of each call (line, call, at, node, recorded,
 * replayed). HL_CORRUPT, HL_NOT_FOUND (no call of these flows). */
HL_API hl_status hl_ivr_replay(const hl_flow *const *flows, size_t count, const char *journal, hl_text **report, hl_error **error);
/* One call of a journal as a scenario file over the flow at `given`. HL_NOT_FOUND. */
HL_API hl_status hl_ivr_scenario(const char *journal, const char *call, const char *given, hl_text **out, hl_error **error);
/* What hl_switchboard_statistics gives, from a journal. HL_CORRUPT. */
HL_API hl_status hl_ivr_statistics(const char *journal, hl_text **out, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
