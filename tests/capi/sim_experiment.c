/* Formulas and an experiment, from C. */
#include <stdio.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

static void tell(uint32_t done, uint32_t of, void *context) {
  assert(done <= of);
  ++*(uint32_t *)context;
}

int main(void) {
  double b = 0;
  assert(hl_erlang_b(10, 7, &b, NULL) == HL_OK && b > 0.0787 && b < 0.0788);
  hl_performance *p = NULL;
  hl_error *error = NULL;
  assert(hl_erlang_a(0.8, 60, 50, 120, -1, 20, &p, &error) == HL_OK);
  double sl = 0;
  assert(hl_performance_get(p, "sl_offered", &sl, NULL) == HL_OK && sl > 0.94301 && sl < 0.94303);
  assert(HL_CLASS(hl_performance_get(p, "nothing", &sl, NULL)) == HL_NOT_FOUND);
  hl_performance_free(p);
  assert(HL_CLASS(hl_erlang_a(0.8, 60, 40, 0, -1, 20, &p, &error)) == HL_INVALID && p == NULL);
  assert(strstr(hl_error_text(error), "without bound") != NULL);
  hl_error_free(error);
  int servers = 0;
  double part = 0;
  assert(hl_staff(800.0 / 3600, 210, 150, "sl_offered", 0.85, 30, &servers, &part, NULL) == HL_OK && servers == 48 && part > 47);
  const double required[8] = {1, 2, 2, 2, 2, 2, 1, 1};
  const int lengths[2] = {4, 6};
  hl_text *text = NULL;
  assert(hl_schedule(required, 8, 8, lengths, 2, 0.001, 5, &text, NULL) == HL_OK && strstr(hl_text_data(text), "\"fit\"") != NULL);
  hl_text_free(text);

  const char *yaml =
      "experiment: c\nreplications: 4\nduration: 1h\ncentre: {queues: {a: {auto_accept: true}}}\n"
      "crew: {team: {agents: 10, queues: {a: 1}}}\nstreams: {a: {arrivals: {per_hour: 160}, handling: 200s, patience: 60s}}\n"
      "variants: {more: {crew: {team: {agents: 13}}}}\n";
  hl_experiment *experiment = NULL;
  assert(hl_experiment_parse(yaml, strlen(yaml), &experiment, NULL) == HL_OK);
  assert(hl_experiment_variant_count(experiment) == 2 && strcmp(hl_experiment_variant_name(experiment, 1), "more") == 0);
  hl_comparison *comparison = NULL;
  uint32_t told = 0;
  assert(hl_experiment_run(experiment, 2, tell, &told, &comparison, NULL) == HL_OK && told == 8);
  hl_experiment_free(experiment);
  double value = 0, low = 0, high = 0;
  assert(hl_comparison_figure(comparison, 0, "a.sl_offered", &value, &low, &high, NULL) == HL_OK && low < value && value < high);
  assert(hl_comparison_difference(comparison, 1, "a.sl_offered", &value, &low, NULL, NULL) == HL_OK && value > 0);
  assert(HL_CLASS(hl_comparison_figure(comparison, 7, "a.sl_offered", &value, NULL, NULL, NULL)) == HL_NOT_FOUND);
  assert(hl_comparison_text(comparison, &text, NULL) == HL_OK && strstr(hl_text_data(text), "more minus base") != NULL);
  hl_text_free(text);
  hl_comparison_free(comparison);
  assert(hl_experiment_parse("experiment: x", 13, &experiment, &error) != HL_OK && experiment == NULL);
  hl_error_free(error);
  puts("ok");
  return 0;
}
