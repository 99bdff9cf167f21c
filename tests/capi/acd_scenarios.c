/* Every scenario of the router, through the C ABI; and a policy of the host. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

#define START 1795392000000000000LL /* 2026-11-23T00:00:00Z */

static int run(const char *path) {
  hl_error *error = NULL;
  hl_scenario *s = NULL;
  hl_router *r = NULL;
  char file[4096];
  size_t seen = 0;
  if (hl_scenario_load(path, &s, &error) != HL_OK) return puts(hl_error_text(error)), 1;
  snprintf(file, sizeof file, "%s/tests/scenario/acd/%s", HOTLINE_SOURCE_DIR, hl_scenario_given(s, 0));
  if (hl_router_load(file, &r, &error) != HL_OK) return puts(hl_error_text(error)), 1;
  assert(hl_router_watch(r, 0, -1, NULL) == HL_OK);
  for (size_t i = 0; i < hl_scenario_size(s); i++) {
    const int64_t at = START + hl_scenario_at(s, i);
    const char *verb = hl_scenario_verb(s, i);
    if (!hl_scenario_expected(s, i)) {
      if (seen < hl_router_events(r)) return printf("%s:%u: unasked %s\n", path, hl_scenario_line(s, i), hl_router_event_type(r, seen)), 1;
      hl_router_clear(r);
      seen = 0;
      hl_router_advance(r, at - 1);
      if (hl_router_events(r) > 0) return printf("%s:%u: unasked before %s\n", path, hl_scenario_line(s, i), hl_router_event_type(r, 0)), 1;
      /* `refused` is the scenario's own word: what the command must fail with. */
      char fields[4096];
      const char *refused = NULL;
      char name[64] = "";
      snprintf(fields, sizeof fields, "%s", hl_scenario_fields(s, i));
      char *mark = strstr(fields, ",\"refused\":\"");
      if (mark != NULL) {
        sscanf(mark + 12, "%63[a-z_]", name);
        refused = name;
        strcpy(mark, "}");
      }
      const hl_status status = hl_router_apply(r, verb, fields, at, &error);
      if (refused ? strcmp(hl_status_name(status), refused) != 0 : status != HL_OK)
        return printf("%s:%u: %s\n", path, hl_scenario_line(s, i), error ? hl_error_text(error) : "not refused"), 1;
      hl_error_free(error);
      error = NULL;
    } else {
      hl_router_advance(r, at);
      if (strcmp(verb, "nothing") == 0) {
        if (seen < hl_router_events(r)) return printf("%s:%u: expected nothing\n", path, hl_scenario_line(s, i)), 1;
        continue;
      }
      hl_text *json = NULL;
      if (strncmp(verb, "ask.", 4) == 0) {
        if (hl_router_ask(r, verb + 4, hl_scenario_fields(s, i), at, &json, &error) != HL_OK || !hl_scenario_matches(s, i, hl_text_data(json)))
          return printf("%s:%u: answered %s\n", path, hl_scenario_line(s, i), json ? hl_text_data(json) : hl_error_text(error)), 1;
        hl_text_free(json);
        continue;
      }
      if (seen >= hl_router_events(r)) return printf("%s:%u: expected %s\n", path, hl_scenario_line(s, i), verb), 1;
      assert(hl_router_event_json(r, seen, &json, NULL) == HL_OK);
      if (strcmp(hl_router_event_type(r, seen), verb) != 0 || hl_router_event_at(r, seen) != at || !hl_scenario_matches(s, i, hl_text_data(json)))
        return printf("%s:%u: expected %s, got %s %s\n", path, hl_scenario_line(s, i), verb, hl_router_event_type(r, seen), hl_text_data(json)), 1;
      hl_text_free(json);
      seen++;
    }
    assert(hl_router_check(r, NULL) == HL_OK);
  }
  hl_router_free(r);
  hl_scenario_free(s);
  return 0;
}

static int64_t last_one(const hl_candidates *c, void *context) {
  ++*(int *)context;
  assert(hl_candidates_agent(c, 0) != 0);
  return (int64_t)hl_candidates_size(c) - 1;
}

static void custom_policy(void) {
  static const char text[] = "acd: 1\nqueues: {q: {agents: custom}}\nagents: {a1: , a2: , a3: }\n";
  hl_router *r = NULL;
  int asked = 0;
  uint64_t contact = 0;
  assert(hl_router_parse(text, sizeof text - 1, "t.yaml", &r, NULL) == HL_OK);
  assert(hl_router_set_agent_chooser(r, 1, last_one, &asked, NULL) == HL_OK);
  for (uint32_t a = 1; a <= 3; a++) assert(hl_router_login(r, a, START, NULL) == HL_OK && hl_router_ready(r, a, START + a, NULL) == HL_OK);
  hl_router_clear(r);
  assert(hl_router_enqueue(r, 1, 7, 0, 0, START + 10, &contact, NULL) == HL_OK);
  assert(asked == 1 && hl_router_events(r) == 1 && hl_router_event_agent(r, 0) == 3 && hl_router_event_tag(r, 0) == 7);
  hl_text *why = NULL;
  assert(hl_router_explain(r, contact, 3, &why, NULL) == HL_OK && strstr(hl_text_data(why), "\"offered\"") != NULL);
  hl_text_free(why);
  assert(hl_router_accept(r, hl_router_event_offer(r, 0), START + 20, NULL) == HL_OK);
  assert(HL_CLASS(hl_router_accept(r, 12345, START + 20, NULL)) == HL_NOT_FOUND);
  assert(hl_router_enqueue(NULL, 1, 7, 0, 0, START, &contact, NULL) != HL_OK);
  hl_router_free(r);
}

static int64_t youngest(const hl_candidates *c, void *context) {
  int64_t best = 0;
  for (size_t i = 1; i < hl_candidates_size(c); i++)
    if (hl_candidates_since(c, i) > hl_candidates_since(c, (size_t)best)) best = (int64_t)i;
  assert(hl_candidates_agent(c, 0) == 0 && hl_candidates_contact(c, 0) != 0 && hl_candidates_queue(c, 0) != 0);
  *(uint64_t *)context = hl_candidates_tag(c, (size_t)best);
  return best;
}

static void custom_contact_policy(void) {
  static const char text[] = "acd: 1\nteams: {t: {order: custom}}\nqueues: {q: , r: }\nagents: {a1: {team: t}}\n";
  hl_router *r = NULL;
  uint64_t contact = 0, chosen = 0;
  assert(hl_router_parse(text, sizeof text - 1, "t.yaml", &r, NULL) == HL_OK);
  assert(hl_router_set_contact_chooser(r, 1, youngest, &chosen, NULL) == HL_OK);
  assert(hl_router_set_contact_chooser(r, 9, youngest, &chosen, NULL) != HL_OK);
  assert(hl_router_enqueue(r, 1, 7, 0, 0, START, &contact, NULL) == HL_OK && hl_router_enqueue(r, 2, 8, 0, 0, START + 1, &contact, NULL) == HL_OK);
  assert(hl_router_login(r, 1, START + 2, NULL) == HL_OK && hl_router_ready(r, 1, START + 2, NULL) == HL_OK);
  assert(chosen == 8 && hl_router_event_tag(r, hl_router_events(r) - 1) == 8);
  hl_router_free(r);
}

/* The last of those whom it is offered; how often it was asked is counted. */
static int64_t choose_last(const hl_candidates *candidates, void *context) {
  ++*(int *)context;
  return (int64_t)hl_candidates_size(candidates) - 1;
}
static void set_policy(hl_router *router, void *context) {
  assert(hl_router_set_agent_chooser(router, 1, choose_last, context, NULL) == HL_OK);
}

/* What a custom policy decided is decided again in the same way when the log is replayed. */
static void policy_in_recovery(void) {
  char definition[] = "/tmp/hotline_acd_c_XXXXXX", log[64];
  static const char text[] = "acd: 1\nqueues: {q: {agents: custom}}\nagents: {a1: , a2: , a3: }\n";
  const int fd = mkstemp(definition);
  assert(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)(sizeof text - 1) && close(fd) == 0);
  snprintf(log, sizeof log, "%s.log", definition);
  hl_router *r = NULL;
  hl_text *before = NULL, *after = NULL;
  int asked = 0, again = 0;
  assert(hl_router_recover(definition, log, set_policy, &asked, &r, NULL) == HL_OK);
  for (uint32_t a = 1; a <= 3; a++) assert(hl_router_login(r, a, START, NULL) == HL_OK && hl_router_ready(r, a, START, NULL) == HL_OK);
  assert(hl_router_apply(r, "contact.enqueue", "{\"contact\":\"c1\",\"queue\":\"q\"}", START + 1, NULL) == HL_OK);
  assert(hl_router_event_agent(r, hl_router_events(r) - 1) == 3 && asked == 1);
  assert(hl_router_sync(r, NULL) == HL_OK && hl_router_save(r, &before, NULL) == HL_OK);
  hl_router_free(r);
  assert(hl_router_recover(definition, log, set_policy, &again, &r, NULL) == HL_OK && again == 1);
  assert(hl_router_save(r, &after, NULL) == HL_OK && hl_text_size(after) == hl_text_size(before));
  assert(memcmp(hl_text_data(after), hl_text_data(before), hl_text_size(after)) == 0);
  hl_text_free(before), hl_text_free(after);
  hl_router_free(r);
  remove(definition), remove(log);
}

/* Questions, alarms, and a log that survives its router. */
static void figures_and_log(void) {
  char definition[] = "/tmp/hotline_acd_c_XXXXXX", log[64];
  static const char text[] = "acd: 1\nqueues: {q: {target: 20s}}\nagents: {a1: , boss: {queues: []}}\nalarms: {long: {queue: q, measure: waiting, raise: 1}}\n";
  const int fd = mkstemp(definition);
  assert(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)(sizeof text - 1) && close(fd) == 0);
  snprintf(log, sizeof log, "%s.log", definition);
  hl_router *r = NULL;
  hl_text *answer = NULL;
  hl_error *error = NULL;
  uint64_t contact = 0;
  assert(hl_router_recover(definition, log, NULL, NULL, &r, NULL) == HL_OK);
  assert(hl_router_watch(r, 0, -1, NULL) == HL_OK);
  assert(hl_router_apply(r, "contact.enqueue", "{\"contact\":\"c1\",\"queue\":\"q\",\"id\":\"k1\"}", START, NULL) == HL_OK);
  assert(hl_router_enqueue(r, 1, 5, 0, 0, START + 1, &contact, NULL) == HL_OK);
  assert(hl_router_look(r, START + 2, &answer, NULL) == HL_OK && strstr(hl_text_data(answer), "\"long\"") != NULL);
  hl_text_free(answer);
  assert(hl_router_ask(r, "queue", "{\"queue\":\"q\"}", START + 3, &answer, NULL) == HL_OK && strstr(hl_text_data(answer), "\"waiting\":2") != NULL);
  hl_text_free(answer);
  assert(hl_router_ask(r, "wait", "{\"queue\":\"nowhere\"}", START, &answer, &error) != HL_OK && answer == NULL);
  hl_error_free(error);
  assert(hl_router_queues_csv(r, 0, &answer, NULL) == HL_OK && strstr(hl_text_data(answer), ",q,2,") != NULL);
  hl_text_free(answer);
  assert(hl_router_snapshot(r, NULL) == HL_OK && hl_router_login(r, 1, START + 4, NULL) == HL_OK && hl_router_sync(r, NULL) == HL_OK);
  hl_router_free(r);
  assert(hl_router_recover(definition, log, NULL, NULL, &r, NULL) == HL_OK);
  hl_router_restarted(r, START + 5);
  assert(hl_router_waiting(r, 0) == 2 && hl_router_position(r, contact) == 2);
  assert(hl_router_login(r, 1, START + 6, NULL) != HL_OK); /* signed on already */
  assert(hl_router_apply(r, "contact.enqueue", "{\"contact\":\"c1\",\"queue\":\"q\",\"id\":\"k1\"}", START + 7, NULL) == HL_OK);
  assert(hl_router_waiting(r, 0) == 2 && hl_router_check(r, NULL) == HL_OK);
  hl_router_free(r);
  remove(definition), remove(log);
  strcat(log, ".snapshot");
  remove(log);
}

int main(void) {
  char path[4096];
  int failed = 0, count = 0;
  DIR *folder = opendir(HOTLINE_SOURCE_DIR "/tests/scenario/acd");
  assert(folder != NULL);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    const size_t n = strlen(entry->d_name);
    if (n < 4 || strcmp(entry->d_name + n - 4, ".scn") != 0) continue;
    snprintf(path, sizeof path, "%s/tests/scenario/acd/%s", HOTLINE_SOURCE_DIR, entry->d_name);
    failed += run(path);
    count++;
  }
  closedir(folder);
  custom_policy();
  policy_in_recovery();
  custom_contact_policy();
  figures_and_log();
  printf("%d scenarios, %d failed\n", count, failed);
  return failed == 0 && count > 20 ? 0 : 1;
}
