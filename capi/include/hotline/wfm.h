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
/* M/M/n+G: patience as JSON, {"dist":"lognormal","mean_s":90,"scv":1.2} or uniform, deterministic, gamma, weibull, ... */
HL_API hl_status hl_mmn_g(double arrivals_per_s, double handling_s, int servers, const char *patience, double threshold_s,
                          hl_performance **out, hl_error **error);
/* M/G/1: handling as JSON in the same form. */
HL_API hl_status hl_mg1(double arrivals_per_s, const char *handling, hl_performance **out, hl_error **error);
/* M/M/n with non-preemptive priorities: arrivals_per_s[0] is the highest class; out[0..classes) are made, or all NULL. */
HL_API hl_status hl_priorities(const double *arrivals_per_s, size_t classes, double handling_s, int servers, double threshold_s,
                               hl_performance **out, hl_error **error);
/* "sl_offered", "sl_excluding_short_abandons", "sl_answered_only", "p_wait", "p_abandon", "p_blocked", "mean_wait_s",
 * "mean_queue", "occupancy", "offered_load", "p_abandon_within", "p_served_within", "mean_wait_of_delayed_s". Errors: not_found. */
HL_API hl_status hl_performance_get(const hl_performance *performance, const char *name, double *out, hl_error **error);
HL_API void hl_performance_free(hl_performance *performance);

/* The fewest agents for `metric` (names as above, also "mean_wait", "abandonment", "blocking") to reach `target`;
 * *fractional (may be NULL) is the number where one may work part of the time. */
HL_API hl_status hl_staff(double arrivals_per_s, double handling_s, double patience_s, const char *metric, double target,
                          double threshold_s, int *servers, double *fractional, hl_error **error);

/* The fewest lines with blocking at most `target`. */
HL_API hl_status hl_lines_for_blocking(double load, double target, int *out, hl_error **error);
/* Agents interval by interval: `counts` contacts expected in each; agents[intervals] is filled. max_occupancy 1: no cap. */
HL_API hl_status hl_staff_intervals(const double *counts, size_t intervals, double interval_s, double handling_s, double patience_s,
                                    const char *metric, double target, double threshold_s, double max_occupancy, int *agents,
                                    hl_error **error);

/* Forecast from counts (CSV text: times and counts, or one call a line; columns "time=...,count=..." or NULL) of so
 * many days, as CSV of one level: "minute" ... "year". regressors: CSV name,day[,value] of what is known of days past and
 * future, or NULL. */
HL_API hl_status hl_forecast(const char *csv, size_t size, const char *columns, const char *regressors, int days, const char *level,
                             hl_text **out, hl_error **error);
/* The back-test as a table. */
HL_API hl_status hl_backtest(const char *csv, size_t size, const char *columns, const char *regressors, hl_text **out,
                             hl_error **error);

/* Shifts (lengths in slots) that cover `required` (slots entries). JSON: slots_per_day,
 * shifts, cost, bound, fit, over, under. */
HL_API hl_status hl_schedule(const double *required, size_t slots, int slots_per_day, const int *lengths, size_t length_count,
                             double gap, double seconds, hl_text **out, hl_error **error);
/* 1 - (over + under) / required; over and under may be NULL. */
HL_API hl_status hl_schedule_fit(const double *required, const double *scheduled, size_t slots, double *fit, double *over,
                                 double *under, hl_error **error);
/* Gives shifts (JSON as of hl_schedule, with "skill" where one is needed) to people (JSON list; docs/wfm.md). JSON: shifts with
 * their person, hours, unfilled, wishes, wishes_granted, violations (empty where every rule holds). */
HL_API hl_status hl_roster(const char *people, const char *schedule, uint64_t seed, hl_text **out, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
