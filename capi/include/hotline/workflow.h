/* hotline C ABI, box workflow: calendars, definitions, decisions (docs/workflow.md).
 *
 *   hl_workflow *w; hl_calendar *cn; hl_instance *i; hl_text *decision;
 *   hl_workflow_load("city-12345.yaml", &w, NULL);
 *   hl_calendar_load("cn.yaml", &cn, NULL);
 *   const hl_calendar *calendars[] = {cn};
 *   hl_workflow_start(w, calendars, 1, "{\"at\":\"2026-11-23T02:00:00Z\",\"start\":true}", &i, NULL, NULL);
 *   hl_workflow_decide(w, calendars, 1, i, "{\"at\":…,\"event\":\"intake\",\"fields\":{…},\"actor\":{…}}", &decision, NULL);
 */
#ifndef HOTLINE_WORKFLOW_H
#define HOTLINE_WORKFLOW_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A working calendar. Immutable, any thread. */
typedef struct hl_calendar hl_calendar;
/* Errors: HL_IO, invalid_document, invalid_definition (C1xx), HL_NOT_FOUND (time zone). */
HL_API hl_status hl_calendar_load(const char *path, hl_calendar **out, hl_error **error);
HL_API hl_status hl_calendar_parse(const char *text, size_t size, const char *file, hl_calendar **out, hl_error **error);
/* New calendars with one more announcement or layer; `published` is when it became known. */
HL_API hl_status hl_calendar_with_holidays(const hl_calendar *calendar, const char *json, size_t size, int64_t published,
                                           hl_calendar **out, hl_error **error);
HL_API hl_status hl_calendar_with_icalendar(const hl_calendar *calendar, const char *ics, size_t size, int64_t published,
                                            hl_calendar **out, hl_error **error);
HL_API hl_status hl_calendar_with_overlay(const hl_calendar *calendar, const char *text, size_t size, hl_calendar **out,
                                          hl_error **error);
HL_API hl_status hl_calendar_as_of(const hl_calendar *calendar, int64_t at, hl_calendar **out, hl_error **error);
HL_API const char *hl_calendar_id(const hl_calendar *calendar);
HL_API const char *hl_calendar_version(const hl_calendar *calendar);
/* The calendar's definition as JSON. */
HL_API hl_status hl_calendar_json(const hl_calendar *calendar, hl_text **out, hl_error **error);
/* When a term ("15wd", "8wh", "24h", "7cd") that starts at `start` ends; INT64_MAX: never. *provisional (may be NULL) is 1
 * where it rests on a year that nobody has published. Errors: HL_INVALID (term). */
HL_API hl_status hl_calendar_due(const hl_calendar *calendar, int64_t start, const char *term, int64_t *due,
                                 int *provisional, hl_error **error);
/* Working nanoseconds from a to b; negative where b < a. */
HL_API int64_t hl_calendar_elapsed(const hl_calendar *calendar, int64_t a, int64_t b);
HL_API int64_t hl_calendar_work_days_between(const hl_calendar *calendar, int64_t a, int64_t b);
HL_API int hl_calendar_is_working(const hl_calendar *calendar, int64_t at);
HL_API int64_t hl_calendar_next_working(const hl_calendar *calendar, int64_t at); /* INT64_MAX: never */
/* Of a date such as "2026-02-14". Errors: HL_INVALID. */
HL_API hl_status hl_calendar_is_workday(const hl_calendar *calendar, const char *date, int *out, hl_error **error);
HL_API void hl_calendar_free(hl_calendar *calendar);

/* A workflow definition. Immutable, any thread. */
typedef struct hl_workflow hl_workflow;
/* Errors: HL_IO, invalid_document, invalid_definition (W1xx). */
HL_API hl_status hl_workflow_load(const char *path, hl_workflow **out, hl_error **error);
HL_API hl_status hl_workflow_parse(const char *text, size_t size, const char *file, hl_workflow **out, hl_error **error);
/* All complaints as a JSON array, also where the definition is bad. Errors: HL_IO, invalid_document. */
HL_API hl_status hl_workflow_check(const char *path, hl_text **out, hl_error **error);
HL_API const char *hl_workflow_id(const hl_workflow *workflow);
HL_API int64_t hl_workflow_version(const hl_workflow *workflow);
/* format: "svg", "mermaid" or "dot"; language: "zh" or "en". */
HL_API hl_status hl_workflow_draw(const hl_workflow *workflow, const char *format, const char *language, hl_text **out,
                                  hl_error **error);
HL_API void hl_workflow_free(hl_workflow *workflow);

/* One run. One thread at a time. */
typedef struct hl_instance hl_instance;
/* `record` is JSON (workflow/kernel.hpp, Record). `decision` may be NULL. Calendars are by the definition's list.
 * A refusal of the workflow is not an error: *decision says "refused" and why, and the instance is unchanged. */
HL_API hl_status hl_workflow_start(const hl_workflow *workflow, const hl_calendar *const *calendars, size_t count,
                                   const char *record, hl_instance **out, hl_text **decision, hl_error **error);
HL_API hl_status hl_workflow_decide(const hl_workflow *workflow, const hl_calendar *const *calendars, size_t count,
                                    hl_instance *instance, const char *record, hl_text **decision, hl_error **error);
HL_API hl_status hl_instance_json(const hl_workflow *workflow, const hl_instance *instance, hl_text **out, hl_error **error);
HL_API hl_status hl_instance_parse(const hl_workflow *workflow, const char *json, size_t size, hl_instance **out,
                                   hl_error **error);
/* The state of a region; "" where there is none. Lives as long as the workflow. */
HL_API const char *hl_instance_state(const hl_workflow *workflow, const hl_instance *instance, uint32_t node,
                                     const char *region);
HL_API void hl_instance_free(hl_instance *instance);

/* An instance under a clock that the caller moves (workflow/session.hpp lists commands and events). One thread at a time. */
typedef struct hl_workflow_session hl_workflow_session;
HL_API hl_status hl_workflow_session_new(const hl_workflow *workflow, const hl_calendar *const *calendars, size_t count,
                                         hl_workflow_session **out, hl_error **error);
HL_API hl_status hl_workflow_session_apply(hl_workflow_session *session, int64_t at, const char *verb, const char *fields,
                                           hl_error **error);
HL_API hl_status hl_workflow_session_advance(hl_workflow_session *session, int64_t at, hl_error **error);
/* The next event: 1 and its time, verb and fields (JSON), valid until the next call; 0 where there is none. */
HL_API int hl_workflow_session_next(hl_workflow_session *session, int64_t *at, const char **verb, const char **fields);
HL_API void hl_workflow_session_free(hl_workflow_session *session);

#ifdef __cplusplus
}
#endif
#endif
