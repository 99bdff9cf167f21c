/* The scenarios of tests/scenario/ivr through the C ABI. */
#include <stdio.h>
#include <string.h>

#include "hotline.h"

static int faults;
static const int64_t second = 1000000000;

static void fail(const char *file, uint32_t line, const char *what) {
  fprintf(stderr, "%s:%u: %s\n", file, line, what);
  ++faults;
}

static void run(const char *name) {
  char path[1024], flow_path[1024], events[65536];
  size_t i, used = 0, from = 0;
  hl_scenario *scenario = NULL;
  hl_flow *flow = NULL;
  hl_switchboard *board = NULL;
  hl_error *error = NULL;
  const int64_t start = 1795399200 * second;
  snprintf(path, sizeof path, "%s/tests/scenario/ivr/%s", HOTLINE_SOURCE_DIR, name);
  if (hl_scenario_load(path, &scenario, &error)) { fail(name, 0, hl_error_text(error)); hl_error_free(error); return; }
  snprintf(flow_path, sizeof flow_path, "%s/tests/scenario/ivr/%s", HOTLINE_SOURCE_DIR, hl_scenario_given(scenario, 0));
  if (hl_flow_load(flow_path, &flow, &error) || hl_switchboard_new(flow, &board, &error)) {
    fail(name, 0, hl_error_text(error));
    hl_error_free(error);
  }
  hl_flow_free(flow); /* the switchboard keeps its own share */
  for (i = 0; board && i < hl_scenario_size(scenario); ++i) {
    hl_text *text = NULL;
    const int64_t now = start + hl_scenario_at(scenario, i);
    hl_status status = hl_scenario_expected(scenario, i)
                           ? hl_switchboard_advance(board, now, &text, &error)
                           : hl_switchboard_apply(board, hl_scenario_verb(scenario, i), hl_scenario_fields(scenario, i), now, &text, &error);
    if (status) { fail(name, hl_scenario_line(scenario, i), hl_error_text(error)); hl_error_free(error); error = NULL; }
    if (text && used + hl_text_size(text) < sizeof events) {
      memcpy(events + used, hl_text_data(text), hl_text_size(text) + 1);
      used += hl_text_size(text);
    }
    hl_text_free(text);
    if (hl_scenario_expected(scenario, i)) {
      char *end, type[128];
      if (from >= used) { fail(name, hl_scenario_line(scenario, i), "nothing happened"); break; }
      end = strchr(events + from, '\n');
      *end = 0;
      snprintf(type, sizeof type, "\"type\":\"%s\"", hl_scenario_verb(scenario, i));
      if (!strstr(events + from, type) || !hl_scenario_matches(scenario, i, events + from)) fail(name, hl_scenario_line(scenario, i), events + from);
      from = (size_t)(end - events) + 1;
    }
  }
  if (from != used) fail(name, 0, "events are left over");
  if (board && hl_switchboard_calls(board) != 0) fail(name, 0, "calls are left over");
  hl_switchboard_free(board);
  hl_scenario_free(scenario);
}

/* C writes a flow as JSON text: the same document that YAML and the builders make. */
static void json_is_the_builder_of_c(void) {
  char path[1024];
  hl_flow *file = NULL, *again = NULL;
  hl_error *error = NULL;
  hl_text *text = NULL;
  snprintf(path, sizeof path, "%s/tests/scenario/ivr/every_node.yaml", HOTLINE_SOURCE_DIR);
  if (hl_flow_load(path, &file, &error) || hl_flow_json(file, &text, &error)) { fail("every_node", 0, hl_error_text(error)); hl_error_free(error); return; }
  if (hl_flow_parse(hl_text_data(text), "every_node.json", &again, &error)) { fail("every_node.json", hl_error_line(error), hl_error_text(error)); hl_error_free(error); }
  if (strcmp(hl_flow_fingerprint(file), hl_flow_fingerprint(again)) != 0 || hl_flow_size(file) != hl_flow_size(again)) fail("every_node.json", 0, "is another flow");
  hl_text_free(text);
  hl_flow_free(file);
  hl_flow_free(again);
  if (hl_flow_parse("{\"flow\": 1, \"languages\": [\"en-US\"], \"start\": \"ask\", \"nodes\": {\n"
                    "  \"ask\": {\"type\": \"menu\", \"prompt\": {\"text\": \"Press 1.\"}, \"choices\": {\"1\": \"bye\"}, \"exhausted\": \"by\"},\n"
                    "  \"bye\": {\"type\": \"hangup\", \"prompt\": {\"text\": \"Bye.\"}}}}", "desk.json", &again, &error) == HL_OK ||
      hl_error_line(error) != 2 || !strstr(hl_error_text(error), "did you mean `bye`?"))
    fail("desk.json", 2, "a wrong exit was taken");
  hl_error_free(error);
}

static void flows_of_others(void) {
  hl_text *yaml = NULL, *report = NULL;
  hl_flow *flow = NULL;
  hl_error *error = NULL;
  const char *menu = "<include><menu name=\"m\" greet-long=\"say:Press 1.\" exec-on-max-failures=\"hangup\"><entry digits=\"1\" action=\"menu-exit\"/></menu></include>";
  if (hl_flow_import("freeswitch", menu, "ivr.conf.xml", &yaml, &report, &error)) { fail("import", 0, hl_error_text(error)); hl_error_free(error); return; }
  if (!strstr(hl_text_data(report), "\"losses\":[\"menu `m`: what the dialplan does") || !strstr(hl_text_data(report), "\"open\":[]")) fail("import", 0, hl_text_data(report));
  if (hl_flow_parse(hl_text_data(yaml), "imported", &flow, &error)) { fail("import", 0, hl_error_text(error)); hl_error_free(error); error = NULL; }
  hl_flow_free(flow);
  hl_text_free(yaml);
  hl_text_free(report);
  if (HL_CLASS(hl_flow_import("connect", "{}", "x.json", &yaml, NULL, &error)) != HL_INVALID || yaml) fail("import", 0, "no flow was taken");
  hl_error_free(error);
  if (hl_flow_import("cisco", "{}", NULL, NULL, NULL, NULL) == HL_OK) fail("import", 0, "an unknown system");
}

int main(void) {
  hl_flow *flow = NULL;
  hl_error *error = NULL;
  hl_text *text = NULL;
  run("complaint.scn");
  run("silence.scn");
  json_is_the_builder_of_c();
  flows_of_others();
  if (hl_flow_parse("flow: 1\nnodes: {a: {type: menue}}\n", "broken.yaml", &flow, &error) == HL_OK || flow || HL_CLASS(hl_error_status(error)) != HL_INVALID ||
      hl_error_line(error) == 0)
    fail("broken", 0, "a broken flow was taken");
  hl_error_free(error);
  if (hl_flow_parse("flow: 1\nlanguages: [en-US]\nstart: a\nnodes: {a: {type: hangup, prompt: {text: Bye}}}\n", NULL, &flow, NULL) != HL_OK || hl_flow_size(flow) != 1)
    fail("small", 0, "a small flow was refused");
  if (hl_flow_draw(flow, "svg", &text, NULL) != HL_OK || strncmp(hl_text_data(text), "<svg", 4) != 0) fail("draw", 0, "no picture");
  hl_text_free(text);
  if (hl_flow_draw(flow, "png", &text, NULL) == HL_OK) fail("draw", 0, "png");
  if (hl_flow_draw(NULL, "svg", &text, NULL) == HL_OK || hl_flow_size(NULL) != 0) fail("draw", 0, "NULL");
  hl_flow_free(flow);
  hl_flow_free(NULL);
  hl_switchboard_free(NULL);
  return faults != 0;
}
