/* tests/scenario/workflow/01_closed_loop.scn and 02_silence.scn through the C ABI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

static void fail(const char* what, hl_error* error) {
  fprintf(stderr, "%s: %s\n", what, error ? hl_error_text(error) : "");
  exit(1);
}

static int run(const char* name) {
  char path[1024], file[2048];
  snprintf(path, sizeof path, "%s/tests/scenario/workflow/%s", HOTLINE_SOURCE_DIR, name);
  hl_error* error = NULL;
  hl_scenario* scenario;
  if (hl_scenario_load(path, &scenario, &error)) fail(path, error);
  hl_workflow* workflow;
  hl_calendar* calendar;
  snprintf(file, sizeof file, "%s/tests/scenario/workflow/%s", HOTLINE_SOURCE_DIR, hl_scenario_given(scenario, 0));
  if (hl_workflow_load(file, &workflow, &error)) fail(file, error);
  snprintf(file, sizeof file, "%s/tests/scenario/workflow/%s", HOTLINE_SOURCE_DIR, hl_scenario_given(scenario, 1));
  if (hl_calendar_load(file, &calendar, &error)) fail(file, error);
  const hl_calendar* calendars[] = {calendar};
  hl_workflow_session* session;
  if (hl_workflow_session_new(workflow, calendars, 1, &session, &error)) fail("session", error);
  int matched = 0;
  for (size_t i = 0; i < hl_scenario_size(scenario); ++i) {
    if (!hl_scenario_expected(scenario, i)) {
      if (hl_workflow_session_apply(session, hl_scenario_at(scenario, i), hl_scenario_verb(scenario, i),
                                    hl_scenario_fields(scenario, i), &error))
        fail(hl_scenario_verb(scenario, i), error);
      continue;
    }
    if (hl_workflow_session_advance(session, hl_scenario_at(scenario, i), &error)) fail("advance", error);
    int64_t at;
    const char *verb, *fields;
    int found = strcmp(hl_scenario_verb(scenario, i), "nothing") == 0;
    const int nothing = found;
    while (!(found && !nothing) && hl_workflow_session_next(session, &at, &verb, &fields)) {
      if (nothing) {
        if (at == hl_scenario_at(scenario, i)) fail("something happened", NULL);
      } else if (at == hl_scenario_at(scenario, i) && strcmp(verb, hl_scenario_verb(scenario, i)) == 0 &&
                 hl_scenario_matches(scenario, i, fields)) {
        found = 1;
      }
    }
    if (!found) {
      fprintf(stderr, "%s:%u: did not come: %s\n", name, (unsigned)hl_scenario_line(scenario, i),
              hl_scenario_verb(scenario, i));
      exit(1);
    }
    ++matched;
  }
  hl_workflow_session_free(session);
  hl_calendar_free(calendar);
  hl_workflow_free(workflow);
  hl_scenario_free(scenario);
  return matched;
}

int main(void) {
  assert(run("01_closed_loop.scn") > 10);
  assert(run("02_silence.scn") > 5);
  assert(run("03_article.scn") > 3);

  hl_error* error = NULL;
  hl_workflow* workflow = (hl_workflow*)1;
  const char* bad = "workflow: w\nregions: {main: {initial: A, states: {A: {}}}}\n";
  assert(HL_CLASS(hl_workflow_parse(bad, strlen(bad), "bad.yaml", &workflow, &error)) == HL_INVALID);
  assert(workflow == NULL && strstr(hl_error_text(error), "W112") != NULL);
  hl_error_free(error);

  hl_calendar* always;
  const char* text = "calendar: office\ndays: {work: ['09:00-17:00']}\n";
  assert(hl_calendar_parse(text, strlen(text), "office.yaml", &always, NULL) == HL_OK);
  int64_t due;
  int provisional = 1, workday = 0;
  assert(hl_calendar_due(always, 1795397400000000000LL, "1wd", &due, &provisional, NULL) == HL_OK);
  assert(provisional == 0 && due > 1795397400000000000LL);
  assert(hl_calendar_due(always, 0, "1d", &due, NULL, NULL) != HL_OK);
  assert(hl_calendar_is_workday(always, "2026-11-22", &workday, NULL) == HL_OK && workday == 0);
  hl_calendar_free(always);
  hl_calendar_free(NULL), hl_workflow_free(NULL), hl_instance_free(NULL), hl_workflow_session_free(NULL);
  puts("ok");
  return 0;
}
