/* hotline C ABI, box sim: the production router on a virtual clock (docs/simulation.md). */
#ifndef HOTLINE_SIM_H
#define HOTLINE_SIM_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An experiment: a centre, who calls, who works, and variants. Immutable; any thread. */
typedef struct hl_experiment hl_experiment;
/* What its variants gave. Immutable; any thread. */
typedef struct hl_comparison hl_comparison;

/* Files that the experiment names are looked for beside it. */
HL_API hl_status hl_experiment_load(const char *path, hl_experiment **out, hl_error **error);
HL_API hl_status hl_experiment_parse(const char *text, size_t size, hl_experiment **out, hl_error **error);
HL_API size_t hl_experiment_variant_count(const hl_experiment *experiment);
HL_API const char *hl_experiment_variant_name(const hl_experiment *experiment, size_t variant);
HL_API void hl_experiment_free(hl_experiment *experiment);

/* Called from one thread at a time while replications end. May be NULL. */
typedef void (*hl_experiment_progress)(uint32_t done, uint32_t of, void *context);
/* threads 0: all cores; the result is the same for any number. */
HL_API hl_status hl_experiment_run(const hl_experiment *experiment, unsigned threads, hl_experiment_progress progress,
                                   void *context, hl_comparison **out, hl_error **error);

/* How many of each team bring every stream's `figure` ("sl_offered") to `target`, by simulation of one variant with the same
 * random numbers throughout: agents[teams] is the start and becomes the answer; *met (may be NULL) is 1 where it is reached. */
HL_API hl_status hl_experiment_staff(const hl_experiment *experiment, size_t variant, const char *figure, double target,
                                     uint32_t *agents, size_t teams, unsigned threads, int *met, hl_error **error);

/* A figure of one variant ("general.sl_offered") with its 95 % interval (low and high may be NULL). Errors: not_found. */
HL_API hl_status hl_comparison_figure(const hl_comparison *comparison, size_t variant, const char *figure, double *value,
                                      double *low, double *high, hl_error **error);
/* The figure of `variant` minus that of the first, paired. */
HL_API hl_status hl_comparison_difference(const hl_comparison *comparison, size_t variant, const char *figure, double *value,
                                          double *low, double *high, hl_error **error);
HL_API hl_status hl_comparison_text(const hl_comparison *comparison, hl_text **out, hl_error **error);
HL_API hl_status hl_comparison_json(const hl_comparison *comparison, hl_text **out, hl_error **error);
HL_API hl_status hl_comparison_csv(const hl_comparison *comparison, size_t variant, hl_text **out, hl_error **error);
HL_API void hl_comparison_free(hl_comparison *comparison);

/* One replication under a clock that the caller moves (sim/session.hpp lists commands and events). One thread at a time. Times in
 * ns since the start; texts live until the next call. */
typedef struct hl_sim_session hl_sim_session;
HL_API hl_status hl_sim_session_new(const hl_experiment *experiment, size_t variant, uint32_t replication, hl_sim_session **out,
                                    hl_error **error);
HL_API hl_status hl_sim_session_apply(hl_sim_session *session, int64_t at, const char *verb, const char *fields, hl_error **error);
HL_API hl_status hl_sim_session_advance(hl_sim_session *session, int64_t at, hl_error **error);
/* The next event: 1, or 0 where there is none. */
HL_API int hl_sim_session_next(hl_sim_session *session, int64_t *at, const char **verb, const char **fields);
HL_API void hl_sim_session_free(hl_sim_session *session);

/* Reference cases (docs/simulation.md): *accepted is 1 where all hold; the report is JSON. contacts <= 0: 4 million a case. */
HL_API hl_status hl_golden(const char *path, double contacts, uint64_t seed, unsigned threads, int *accepted, hl_text **out,
                           hl_error **error);
/* A call log (CSV; columns "time=..." or NULL), day by day, as a table. */
HL_API hl_status hl_replay(const char *csv, size_t size, const char *columns, hl_text **out, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
