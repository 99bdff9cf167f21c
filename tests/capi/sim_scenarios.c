/* The scenarios of tests/scenario/sim through the C ABI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

static void run(const char *name) {
  char path[1024], file[2048];
  snprintf(path, sizeof path, "%s/tests/scenario/sim/%s", HOTLINE_SOURCE_DIR, name);
  hl_scenario *scenario;
  assert(hl_scenario_load(path, &scenario, NULL) == HL_OK);
  snprintf(file, sizeof file, "%s/tests/scenario/sim/%s", HOTLINE_SOURCE_DIR, hl_scenario_given(scenario, 0));
  hl_experiment *experiment;
  hl_sim_session *session;
  assert(hl_experiment_load(file, &experiment, NULL) == HL_OK);
  assert(hl_sim_session_new(experiment, 0, 0, &session, NULL) == HL_OK);
  hl_experiment_free(experiment); /* the session keeps what it needs */
  int64_t at;
  const char *verb, *fields;
  for (size_t i = 0; i < hl_scenario_size(scenario); ++i) {
    const int64_t when = hl_scenario_at(scenario, i);
    const char *wanted = hl_scenario_verb(scenario, i);
    if (!hl_scenario_expected(scenario, i)) {
      assert(hl_sim_session_apply(session, when, wanted, hl_scenario_fields(scenario, i), NULL) == HL_OK);
      continue;
    }
    assert(hl_sim_session_advance(session, when, NULL) == HL_OK);
    const int came = hl_sim_session_next(session, &at, &verb, &fields);
    if (strcmp(wanted, "nothing") == 0) {
      assert(!came);
      continue;
    }
    if (!came || at != when || strcmp(verb, wanted) != 0 || !hl_scenario_matches(scenario, i, fields)) {
      fprintf(stderr, "%s:%u: %s %s\n", name, (unsigned)hl_scenario_line(scenario, i), came ? verb : "nothing", came ? fields : "");
      exit(1);
    }
  }
  assert(!hl_sim_session_next(session, &at, &verb, &fields));
  hl_error *error = NULL;
  assert(HL_CLASS(hl_sim_session_apply(session, 0, "pull", "{}", &error)) == HL_NOT_FOUND);
  hl_error_free(error);
  hl_sim_session_free(session);
  hl_scenario_free(scenario);
}

int main(void) {
  run("01_one_desk.scn");
  run("02_judge.scn");
  hl_experiment *experiment;
  hl_sim_session *session;
  const char *yaml = "experiment: c\ncentre: {queues: {a: {auto_accept: true}}}\ncrew: {t: {agents: 1, queues: {a: 1}}}\nstreams: {a: {arrivals: {per_hour: 1}, handling: 20s}}\n";
  assert(hl_experiment_parse(yaml, strlen(yaml), &experiment, NULL) == HL_OK);
  assert(HL_CLASS(hl_sim_session_new(experiment, 9, 0, &session, NULL)) == HL_INVALID && session == NULL);
  hl_experiment_free(experiment);
  puts("ok");
  return 0;
}
