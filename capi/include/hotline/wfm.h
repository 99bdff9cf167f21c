/* hotline C ABI, box wfm: formulas, staffing, forecasts, shifts (docs/wfm.md). Seconds; rates per second.
 * Pure functions: any thread. */
#ifndef HOTLINE_WFM_H
#define HOTLINE_WFM_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of one queue in steady state; see hl_performance_get for the names. */
typedef struct hl_performance hl_performance;

/* Blocking probability of M/M/n/n; servers may be fractional. */
HL_API hl_status hl_erlang_b(double servers, double load, double *out, hl_error **error);
/* M/M/n/K+M. patience_s <= 0: nobody hangs up; capacity < 0: unlimited (both: Erlang C, which must be stable). */
HL_API hl_status hl_erlang_a(double arrivals_per_s, double handling_s, int servers, double patience_s, long capacity,
                             double threshold_s, hl_performance **out, hl_error **error);
/* "sl_offered", "sl_excluding_short_abandons", "sl_answered_only", "p_wait", "p_abandon", "p_blocked", "mean_wait_s",
 * "mean_queue", "occupancy", "offered_load", "p_abandon_within". Errors: not_found. */
HL_API hl_status hl_performance_get(const hl_performance *performance, const char *name, double *out, hl_error **error);
HL_API void hl_performance_free(hl_performance *performance);

/* The fewest agents for `metric` (names as above, also "mean_wait", "abandonment", "blocking") to reach `target`;
 * *fractional (may be NULL) is the number where one may work part of the time. */
HL_API hl_status hl_staff(double arrivals_per_s, double handling_s, double patience_s, const char *metric, double target,
                          double threshold_s, int *servers, double *fractional, hl_error **error);

/* Forecast from counts (CSV text: times and counts, or one call a line; columns "time=...,count=..." or NULL) of so
 * many days, as CSV of one level: "minute" ... "year". */
HL_API hl_status hl_forecast(const char *csv, size_t size, const char *columns, int days, const char *level, hl_text **out,
                             hl_error **error);
/* The back-test as a table. */
HL_API hl_status hl_backtest(const char *csv, size_t size, const char *columns, hl_text **out, hl_error **error);

/* Shifts (lengths in slots) that cover `required` (slots entries). JSON: shifts, cost, bound, fit, over, under. */
HL_API hl_status hl_schedule(const double *required, size_t slots, int slots_per_day, const int *lengths, size_t length_count,
                             double gap, double seconds, hl_text **out, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
