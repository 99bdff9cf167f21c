/* hotline C ABI, box ticket: the durable ticket service. Commands and events are JSON, as in journals and scenarios
 * (include/hotline/ticket/text_command.hpp lists them). A handle may be used by any thread at any time. */
#ifndef HOTLINE_TICKET_H
#define HOTLINE_TICKET_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_tickets hl_tickets;

/* Opens (or makes) the tickets of a database: a path, "sqlite::memory:", or "postgresql://...".
 * `options` is a JSON object or NULL: {"workflow": FILE, "catalogue": FILE, "calendar": FILE, "policy": FILE, "sites": FILE, "key": FILE, "area": "370200",
 * "timezone": "Asia/Shanghai"}; without a workflow it is the shipped 12345 closed loop. */
HL_API hl_status hl_tickets_open(const char *url, const char *options, hl_tickets **out, hl_error **error);

/* One command: "ticket.intake", "ticket.dispatch", "timers.fire", "outbox.claim", "audit.verify" ... `fields` is a JSON object or
 * NULL; `events` receives a JSON array. It returns when everything is on the disk. A refusal is an event of type "refused". */
HL_API hl_status hl_tickets_apply(hl_tickets *tickets, const char *verb, const char *fields, int64_t at, hl_text **events, hl_error **error);

/* When the next timer is due; INT64_MAX where none is. */
HL_API hl_status hl_tickets_next_timer(hl_tickets *tickets, int64_t *at, hl_error **error);

/* A ticket's page: format "html" or "pdf"; kind "ticket", "letter", "supervision". `language` "zh" or "en". */
HL_API hl_status hl_tickets_document(hl_tickets *tickets, uint64_t ticket, const char *kind, const char *format, const char *language,
                                     hl_text **out, hl_error **error);
/* The whole log or all tickets as text: format "csv" or "tickets.jsonl" (tickets), "jsonl" or "xes" (events). */
HL_API hl_status hl_tickets_export(hl_tickets *tickets, const char *format, hl_text **out, hl_error **error);

/* Takes in tickets: format "csv" or "jsonl" (an object a line). `file` is for messages, or NULL. `made` receives how many tickets
 * are new: a row whose own number was imported before is none. A row without a date came `now`. */
HL_API hl_status hl_tickets_import(hl_tickets *tickets, const char *format, const char *text, const char *file, int64_t now, uint64_t *made,
                                   hl_error **error);

/* Open311 GeoReport v2 on the loopback interface (docs/ticket.md): `services` is YAML, `port` 0 is any that is free. It serves with
 * threads of its own until it is freed; the tickets stay open with it. */
typedef struct hl_open311 hl_open311;
HL_API hl_status hl_open311_start(hl_tickets *tickets, const char *services, int port, hl_open311 **out, hl_error **error);
HL_API int hl_open311_port(const hl_open311 *server);
HL_API void hl_open311_free(hl_open311 *server);

HL_API void hl_tickets_free(hl_tickets *tickets);

#ifdef __cplusplus
}
#endif
#endif
