/* From counts to a roster, from C. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

static double of(hl_performance *p, const char *name) {
  double value = 0;
  assert(hl_performance_get(p, name, &value, NULL) == HL_OK);
  return value;
}

static void formulas(void) {
  hl_performance *p = NULL;
  hl_error *error = NULL;
  assert(hl_mmn_g(0.5, 100, 48, "{\"dist\":\"deterministic\",\"upper_s\":60}", 20, &p, NULL) == HL_OK);
  assert(fabs(of(p, "p_abandon") - 0.050534510707722864) < 1e-9);
  hl_performance_free(p);
  assert(HL_CLASS(hl_mmn_g(0.5, 100, 48, "{\"dist\":\"zeta\"}", 20, &p, &error)) == HL_INVALID && p == NULL);
  hl_error_free(error);
  assert(hl_mg1(0.005, "{\"dist\":\"lognormal\",\"mean_s\":150,\"scv\":2.25}", &p, NULL) == HL_OK);
  assert(fabs(of(p, "mean_wait_s") - 731.25) < 1e-9);
  hl_performance_free(p);
  const double rates[2] = {0.025, 0.03333333333333333};
  hl_performance *classes[2];
  assert(hl_priorities(rates, 2, 150, 10, 20, classes, NULL) == HL_OK);
  assert(fabs(of(classes[0], "mean_wait_s") - 14.328714325164006) < 1e-9 && fabs(of(classes[1], "sl_offered") - 0.48109958922260876) < 1e-9);
  hl_performance_free(classes[0]);
  hl_performance_free(classes[1]);
  assert(HL_CLASS(hl_priorities(rates, 2, 150, 5, 20, classes, &error)) == HL_INVALID && classes[0] == NULL);
  hl_error_free(error);
  int lines = 0;
  assert(hl_lines_for_blocking(50, 0.01, &lines, NULL) == HL_OK && lines == 64);
}

static void forecast(void) {
  char *csv = malloc(1 << 20);
  size_t at = (size_t)sprintf(csv, "start,calls\n");
  for (int day = 0; day < 90; ++day)
    for (int hour = 0; hour < 24; ++hour)
      at += (size_t)sprintf(csv + at, "2026-%02d-%02dT%02d:00:00,%d\n", 3 + day / 30, 1 + day % 30, hour, hour < 8 || hour > 19 ? 0 : 40 + (day * 7 + hour * 3) % 11);
  hl_text *plain = NULL, *known = NULL, *scores = NULL;
  hl_error *error = NULL;
  assert(hl_forecast(csv, at, NULL, NULL, 14, "day", &plain, &error) == HL_OK);
  const char *holidays = "name,day,value\nfair,2026-03-09,1\nfair,2026-06-01,1\n";
  assert(hl_forecast(csv, at, NULL, holidays, 14, "day", &known, NULL) == HL_OK);
  assert(strchr(hl_text_data(plain), '\n') != NULL && strcmp(hl_text_data(plain), hl_text_data(known)) != 0);
  assert(hl_backtest(csv, at, "time=start,count=calls", NULL, &scores, NULL) == HL_OK && strstr(hl_text_data(scores), "skill") != NULL);
  hl_text_free(plain);
  hl_text_free(known);
  hl_text_free(scores);
  assert(hl_forecast(csv, at, NULL, "name,day\nfair,yesterday\n", 14, "day", &plain, &error) != HL_OK && hl_error_line(error) == 2);
  hl_error_free(error);
  free(csv);
}

static void roster(void) {
  double counts[24];
  int agents[24];
  double required[24];
  for (int i = 0; i < 24; ++i) counts[i] = i < 8 || i > 19 ? 0 : 60;
  assert(hl_staff_intervals(counts, 24, 3600, 200, 120, "sl_offered", 0.85, 30, 1, agents, NULL) == HL_OK);
  assert(agents[0] == 0 && agents[12] >= 4 && agents[12] <= 8);
  for (int i = 0; i < 24; ++i) required[i] = i < 8 || i > 19 ? 0 : agents[12];
  const int lengths[2] = {4, 8};
  hl_text *schedule = NULL, *text = NULL;
  assert(hl_schedule(required, 24, 24, lengths, 2, 0.001, 5, &schedule, NULL) == HL_OK);
  double fit = 0, over = -1;
  assert(hl_schedule_fit(required, required, 24, &fit, &over, NULL, NULL) == HL_OK && fit == 1 && over == 0);
  char people[4096] = "[";
  for (int i = 0; i < 24; ++i) sprintf(people + strlen(people), "%s{\"name\":\"p%d\",\"wished_to\":17}", i ? "," : "", i);
  strcat(people, "]");
  assert(hl_roster(people, hl_text_data(schedule), 1, &text, NULL) == HL_OK);
  assert(strstr(hl_text_data(text), "\"unfilled\":0") != NULL && strstr(hl_text_data(text), "\"violations\":[]") != NULL);
  hl_text_free(text);
  hl_error *error = NULL;
  assert(hl_roster("[{\"nome\":\"x\"}]", hl_text_data(schedule), 1, &text, &error) != HL_OK && text == NULL && strlen(hl_error_text(error)) > 0);
  hl_error_free(error);
  hl_text_free(schedule);
}

static void teams(void) {
  const char *yaml =
      "experiment: c\nreplications: 3\nduration: 2h\ncentre: {queues: {a: {auto_accept: true}, b: {auto_accept: true}}}\n"
      "crew: {one: {agents: 30, queues: {a: 1}}, both: {agents: 30, queues: {b: 1, a: 2}}}\n"
      "streams: {a: {arrivals: {per_hour: 160}, handling: 200s, patience: 60s}, b: {arrivals: {per_hour: 60}, handling: 200s, patience: 60s}}\n";
  hl_experiment *experiment = NULL;
  assert(hl_experiment_parse(yaml, strlen(yaml), &experiment, NULL) == HL_OK);
  uint32_t agents[2] = {5, 4};
  int met = 0;
  assert(hl_experiment_staff(experiment, 0, "sl_offered", 0.85, agents, 2, 1, &met, NULL) == HL_OK && met);
  assert(agents[0] + agents[1] >= 12 && agents[0] + agents[1] <= 24);
  assert(HL_CLASS(hl_experiment_staff(experiment, 7, NULL, 0.85, agents, 2, 1, NULL, NULL)) == HL_NOT_FOUND);
  hl_experiment_free(experiment);
}

int main(void) {
  formulas();
  forecast();
  roster();
  teams();
  puts("ok");
  return 0;
}
