/* hotline C ABI, box kb: the knowledge base.
 *
 * Filters are a JSON object, or NULL for none: {"channel": "citizen|agent|ivr", "jurisdiction": "440100",
 * "libraries": [...], "kinds": ["policy","qa","guide","earlier"], "audience", "department", "catalogue",
 * "regions": "own|also_others", "validity": "valid|any"}. Answers are JSON texts as hotline/kb/command.hpp has them.
 * A knowledge base may be used by several threads at once.
 */
#ifndef HOTLINE_KB_H
#define HOTLINE_KB_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_kb hl_kb;

/* `url`: a path, "sqlite::memory:" or "postgresql://...". */
HL_API hl_status hl_kb_open(const char *url, hl_kb **out, hl_error **error);
/* The same with the words kept by SQLite's FTS5 on the disk instead of in memory: what it has and has not is said at
 * hotline/kb/knowledge_base.hpp, Footprint. A database keeps its footprint; `small` 0 makes it a full one again. */
HL_API hl_status hl_kb_open_footprint(const char *url, int small, hl_kb **out, hl_error **error);
HL_API void hl_kb_free(hl_kb *kb);

/* `article` is a JSON object; state 0 is a draft, 1 published. `revision` may be NULL. */
HL_API hl_status hl_kb_put(hl_kb *kb, const char *article, int state, int64_t now, int32_t *revision, hl_error **error);
HL_API hl_status hl_kb_publish(hl_kb *kb, const char *id, int32_t revision, int64_t now, hl_error **error);
HL_API hl_status hl_kb_withdraw(hl_kb *kb, const char *id, int64_t now, hl_error **error);
/* revision 0 is the latest. */
HL_API hl_status hl_kb_article(hl_kb *kb, const char *id, int32_t revision, hl_text **out, hl_error **error);
/* Reads a file or a folder (.jsonl .csv .md .html) and publishes what is in it. `report` (may be NULL): what was left out. */
HL_API hl_status hl_kb_import(hl_kb *kb, const char *path, const char *library, int64_t now, hl_text **report, hl_error **error);

/* Any bytes are a question. */
HL_API hl_status hl_kb_search(hl_kb *kb, const char *question, size_t size, const char *filters, int64_t as_of, size_t limit,
                              hl_text **out, hl_error **error);
HL_API hl_status hl_kb_spoken_answer(hl_kb *kb, const char *question, size_t size, const char *filters, int64_t as_of, hl_text **out,
                                     hl_error **error);
HL_API hl_status hl_kb_suggest(hl_kb *kb, const char *typed, size_t size, const char *filters, int64_t as_of, size_t limit,
                               hl_text **out, hl_error **error);

/* Gives a score to each hit of the JSON array (more is better) and returns 1, or returns 0 to leave the order. Called on
 * a thread of the library's own; where it has not answered after `budget_ns`, the order stays. NULL takes it away, but a
 * call that is under way may still use `user`. */
typedef int (*hl_kb_rerank_fn)(const char *question, const char *hits, double *scores, size_t count, void *user);
HL_API hl_status hl_kb_set_reranker(hl_kb *kb, hl_kb_rerank_fn rerank, void *user, int64_t budget_ns,
                                     hl_error **error);

HL_API hl_status hl_kb_refresh(hl_kb *kb, int *changed, hl_error **error);
HL_API hl_status hl_kb_verify(hl_kb *kb, hl_text **out, hl_error **error);
HL_API hl_status hl_kb_rebuild(hl_kb *kb, hl_error **error);
/* `kind`: zero_results, low_clicks, hot_topics, trails, satisfaction, review_due, unused_synonyms. */
HL_API hl_status hl_kb_report(hl_kb *kb, const char *kind, int64_t from, int64_t to, size_t limit, hl_text **out, hl_error **error);

/* Any command of hotline/kb/command.hpp; `out` is a JSON array of {"type", ...fields}. */
HL_API hl_status hl_kb_apply(hl_kb *kb, int64_t at, const char *verb, const char *fields, hl_text **out, hl_error **error);

/* The editors' desk: drafts, review, sign-off, publication in time (hotline/kb/editing.hpp). `workflow` is the path of a
 * definition (data/workflows/article.yaml); `calendars` are paths parted by newlines, or NULL. It keeps the knowledge base
 * alive. */
typedef struct hl_editing hl_editing;
HL_API hl_status hl_editing_open(hl_kb *kb, const char *workflow, const char *calendars, hl_editing **out, hl_error **error);
HL_API void hl_editing_free(hl_editing *editing);
/* A command of hotline/kb/editing.hpp; `out` is a JSON array of {"type", ...fields}. */
HL_API hl_status hl_editing_apply(hl_editing *editing, int64_t at, const char *verb, const char *fields, hl_text **out, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
