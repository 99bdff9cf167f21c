/* hotline C ABI, box host: a whole hotline that runs (docs/host.md).
 *
 *   hl_host *host;
 *   hl_host_start("{\"data\": \"city\", \"folder\": \"run\", \"line\": {\"port\": 5060}}", &host, &error);
 *   hl_host_apply(host, "agent.sign_in", "{\"agent\": \"a801\"}", &answer, &error);
 *   while (hl_host_next_event(host, 1000000000, &event, NULL) == HL_OK) if (event != NULL) puts(hl_text_data(event)) ...
 *
 * It has threads of its own. A handle may be used by any thread at any time, except for hl_host_stop and hl_host_free,
 * which no other call may run beside. */
#ifndef HOTLINE_HOST_H
#define HOTLINE_HOST_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_host hl_host;

/* `options` is YAML or JSON as in docs/host.md, its paths relative to the process; or a file of it, relative to the file's folder.
 * Telephones can call when it returns. Errors: invalid_definition (with place), HL_UNAVAILABLE (the port is taken), HL_IO. */
HL_API hl_status hl_host_start(const char *options, hl_host **out, hl_error **error);
HL_API hl_status hl_host_load(const char *path, hl_host **out, hl_error **error);
/* Ends all calls; what was said is on the disk when it returns. Asking goes on working, events that wait can be taken. */
HL_API void hl_host_stop(hl_host *host);
HL_API void hl_host_free(hl_host *host); /* stops it first */

HL_API const char *hl_host_uri(const hl_host *host); /* "sip:127.0.0.1:5060" */
HL_API uint16_t hl_host_port(const hl_host *host);
HL_API int hl_host_open311_port(const hl_host *host); /* 0 where it was not asked for */
HL_API const char *hl_host_folder(const hl_host *host);

/* One command: "agent.sign_in", "call.place", "ticket.find", "desks", "figures" ... (docs/center.md lists them). `fields` is a
 * JSON object or NULL; `answer` receives a JSON object, and may be NULL. */
HL_API hl_status hl_host_apply(hl_host *host, const char *verb, const char *fields, hl_text **answer, hl_error **error);

/* The oldest event that was not taken yet, a JSON object {"at", "type", "party", "zh", "en"}; waits at most `timeout` ns for one.
 * *event is NULL where none came. */
HL_API hl_status hl_host_next_event(hl_host *host, int64_t timeout, hl_text **event, hl_error **error);

/* A flow's `query` node asks the program. The callback gets the question, may add fields to its answer, and returns how it
 * went. It runs on the hotline's thread: it must be quick, must not call the host, and not return by longjmp. */
#define HL_QUERY_OK 0
#define HL_QUERY_EMPTY 1 /* nothing of that kind exists */
#define HL_QUERY_ERROR 2
typedef struct hl_query hl_query; /* lives as long as the callback that it is given to */
typedef int (*hl_query_answer)(hl_query *query, void *user);
HL_API const char *hl_query_argument(const hl_query *query, const char *name); /* "" where there is none */
HL_API void hl_query_set(hl_query *query, const char *name, const char *value);
HL_API hl_status hl_host_answer_query(hl_host *host, const char *name, hl_query_answer answer, void *user, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
